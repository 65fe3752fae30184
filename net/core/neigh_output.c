// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_output.c - put the link-layer header on packets whose next hop is known.
 *
 * DOC: Output through a neighbour
 * In : a batch from ip_finish_output2(), all for one neighbour, data at the network header.
 * Out: dev_queue_xmit_list(), or the neighbour's queue (neighbour.c), or a drop.
 * The header of an Ethernet neighbour is kept ready, right-aligned in 16 bytes, so that the common case is one 16-byte
 * store in front of the packet: 2 bytes more than needed, into headroom that every packet has (SKB_HEADROOM).
 */
#include "neigh_table.h"

#include "net/journey.h"

#define HH_LEN 16

/**
 * neigh_blackhole() - output of an entry that is no longer in the table
 * Drops: SKB_DROP_REASON_NEIGH_DEAD
 */
int neigh_blackhole(struct neighbour *n, struct skb_batch *b)
{
	kfree_skb_batch_reason(n->tbl->skiff, b, SKB_DROP_REASON_NEIGH_DEAD);
	return -ENETDOWN;
}

/**
 * neigh_direct_output() - the device has no link-layer header
 */
int neigh_direct_output(struct neighbour *n, struct skb_batch *b)
{
	return dev_queue_xmit_list(b);
}

/* Ethernet II only: other header forms depend on the packet. */
static void neigh_hh_init(struct neighbour *n)
{
	struct ethhdr eth;

	if (!n->dev->header_ops || n->dev->header_ops->create != eth_header)
		return;
	memcpy(eth.h_dest, n->ha, ETH_ALEN);
	memcpy(eth.h_source, n->dev->dev_addr, ETH_ALEN);
	eth.h_proto = htons(ETH_P_IP);
	memcpy(n->hh + HH_LEN - ETH_HLEN, &eth, ETH_HLEN);
	n->hh_len = ETH_HLEN;
}

/* Room for the header in front of the network header: rare to be missing (a packet that lost its headroom). */
static bool neigh_make_room(struct neighbour *n, struct sk_buff *skb)
{
	return likely(skb_headroom(skb) >= HH_LEN) || skb_cow(n->tbl->skiff, skb, HH_LEN) == 0;
}

static bool neigh_push_header(struct neighbour *n, struct sk_buff *skb)
{
	int off = skb_network_offset(skb);

	if (off > 0)
		skb_pull(skb, (u32)off);
	if (!neigh_make_room(n, skb))
		return false;
	return dev_hard_header(skb, n->dev, ntohs(skb->protocol), n->ha, NULL, skb->len) >= 0;
}

/* Header by header_ops for each packet, then out. */
static int neigh_xmit(struct neighbour *n, struct skb_batch *b)
{
	u32 left = 0;
	int rc = NET_XMIT_SUCCESS;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (neigh_push_header(n, skb)) {
			b->p[left++] = skb;
			continue;
		}
		kfree_skb_reason(n->tbl->skiff, skb, SKB_DROP_REASON_NEIGH_HH_FILLFAIL);
		rc = -EINVAL;
	}
	b->n = left;
	return left ? dev_queue_xmit_list(b) : rc;
}

/**
 * neigh_resolve_output() - output to a next hop that may have to be asked for first
 * @b: packets for @n, consumed: sent, queued or dropped
 * Return: NET_XMIT_*, -errno. Queued packets count as sent, as in the kernel
 * Drops:  see __neigh_event_send(); NEIGH_HH_FILLFAIL
 */
int neigh_resolve_output(struct neighbour *n, struct skb_batch *b)
{
	u32 left = 0;

	journey_fn(n->tbl->net, b->p[0]);
	journey_neigh(n->tbl->net, b->p[0], n);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (!neigh_event_send(n, skb))
			b->p[left++] = skb;
	}
	b->n = left;
	if (!left)
		return NET_XMIT_SUCCESS;
	if (!n->hh_len)
		neigh_hh_init(n);
	return neigh_xmit(n, b);
}

/**
 * neigh_connected_output() - output to a next hop whose address is sure, without a ready header
 */
int neigh_connected_output(struct neighbour *n, struct skb_batch *b)
{
	journey_fn(n->tbl->net, b->p[0]);
	journey_neigh(n->tbl->net, b->p[0], n);
	return neigh_xmit(n, b);
}

/**
 * neigh_hh_output() - output with the ready header: the forwarding path
 * @n: NUD_CONNECTED with hh_len != 0
 * @b: packets for @n, data at the network header; consumed
 * Drops: NEIGH_HH_FILLFAIL if a packet has no headroom and none can be made
 */
int neigh_hh_output(struct neighbour *n, struct skb_batch *b)
{
	u64 hh[2];
	u32 left = 0, len = n->hh_len;

	journey_neigh(n->tbl->net, b->p[0], n);
	memcpy(hh, n->hh, HH_LEN);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (unlikely(!neigh_make_room(n, skb))) {
			kfree_skb_reason(n->tbl->skiff, skb, SKB_DROP_REASON_NEIGH_HH_FILLFAIL);
			continue;
		}
		memcpy(skb->data - HH_LEN, hh, HH_LEN);
		skb->data -= len;
		skb->len += len;
		b->p[left++] = skb;
	}
	b->n = left;
	return left ? dev_queue_xmit_list(b) : NET_XMIT_DROP;
}
