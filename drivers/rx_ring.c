// SPDX-License-Identifier: BSD-2-Clause
/* drivers/rx_ring.c - hand waiting frames to the stack in batches, headers prefetched a few packets ahead. */
#include "rx_ring.h"

#include "net/net_namespace.h"

/* Packets ahead whose first line is fetched; 8 to 32 are alike, less is too short (docs/design.md, forwarding). */
#define PREFETCH_AHEAD 16

static unsigned rx_ring_run(struct turn_work *w)
{
	struct rx_ring *r = container_of(w, struct rx_ring, work);
	struct net_device *dev = r->dev;
	struct skiff *skiff = dev->net->skiff;
	u32 end = r->head; /* what comes in meanwhile is for the next round */
	unsigned done = 0;

	while (r->tail != end) {
		struct skb_batch b;
		u64 bytes = 0;

		/* Not the places, which are many. */
		b.n = 0;
		while (r->tail != end && b.n < SKB_BATCH_MAX) {
			struct sk_buff *skb = r->p[r->tail++ % RX_RING_SIZE];

			if (r->tail + PREFETCH_AHEAD - r->head > PREFETCH_AHEAD) {
				struct sk_buff *ahead =
					r->p[(r->tail + PREFETCH_AHEAD) % RX_RING_SIZE];

				__builtin_prefetch(ahead);
				__builtin_prefetch((u8 *)(ahead + 1) + SKB_HEADROOM);
				/* One that refers to its payload, and so does the next, probably. */
				if (unlikely(skb->cold)) {
					__builtin_prefetch(&ahead->next);
					__builtin_prefetch((u8 *)(ahead + 1) + SKB_REF_HEADROOM);
					__builtin_prefetch((u8 *)(ahead + 1) + SKB_REF_HEADROOM -
							   128);
				}
			}
			bytes += skb->len;
			skiff_rx_done(skiff, skb->len);
			if (likely(dev->hard_header_len))
				skb->protocol = eth_type_trans(skb, dev);
			else
				skb->dev = dev; /* bare IP: the driver has set the protocol */
			b.p[b.n++] = skb;
		}
		done += b.n;
		dev->stats.rx_packets += b.n;
		dev->stats.rx_bytes += bytes;
		netif_receive_skb_list(skiff, &b);
	}
	if (r->head != r->tail)
		skiff_work_add(skiff, w);
	return done;
}

void rx_ring_init(struct rx_ring *r, struct net_device *dev)
{
	r->work.run = rx_ring_run;
	r->work.list.next = NULL;
	r->dev = dev;
	r->head = r->tail = 0;
}

int rx_ring_push(struct rx_ring *r, struct sk_buff *skb)
{
	struct skiff *skiff = r->dev->net->skiff;

	if (unlikely(r->head - r->tail == RX_RING_SIZE)) {
		r->dev->stats.rx_dropped++;
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_FULL_RING);
		return -ENOBUFS;
	}
	r->p[r->head++ % RX_RING_SIZE] = skb;
	skiff_rx_wait(skiff, skb->len);
	skiff_work_add(skiff, &r->work);
	return 0;
}

void rx_ring_flush(struct rx_ring *r)
{
	struct skiff *skiff = r->dev->net->skiff;

	while (r->tail != r->head) {
		struct sk_buff *skb = r->p[r->tail++ % RX_RING_SIZE];

		skiff_rx_done(skiff, skb->len);
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_DEV_READY);
	}
	skiff_work_del(&r->work);
}
