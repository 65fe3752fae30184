// SPDX-License-Identifier: BSD-2-Clause
/* net/core/gro.c - merge segments of a flow before they meet the stack: what follows is done once for up to 64 KB.
 *
 * DOC: Receive offload
 * In : a batch as the driver has it, before taps and protocols (netif_receive_skb_list).
 * A batch is all that is waited for: nothing is held beyond it. Open flows stand in a table of 64 by a hash of addresses and
 * ports; a flow that finds its place taken ends the other one. A merge ends with a segment that has to be seen at once
 * (PSH, FIN), a shorter one, one that does not continue it, 64 KB, and the batch.
 * Which segments may be merged is the transport's to say (net/ipv4/tcp_offload.c, udp_offload.c); checksums are verified by it
 * before anything is merged, so a merged packet's is known to be right.
 */
#include "net/gro.h"

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "skb_pool.h"

#define GRO_FLOWS    64
#define GRO_MAX_SIZE 65536u

struct gro_table {
	const struct packet_offload *net_ops;
	u64 used;     /* a bit for each flow that is open */
	__be32 daddr; /* of the last packet, which was for this node */
	struct gro_flow flow[GRO_FLOWS];
};

static u32 gro_slot(const struct gro_packet *p)
{
	u32 h = (p->saddr ^ p->ports) * 0x9e3779b1u ^ p->daddr;

	return h * 0x85ebca6bu >> 26;
}

static void gro_close(struct gro_table *t, u32 slot)
{
	struct gro_flow *f = &t->flow[slot];

	t->used &= ~(1ULL << slot);
	if (f->count < 2)
		return;
	t->net_ops->complete(f);
	f->ops->complete(f);
}

static void gro_open(struct gro_table *t, u32 slot, const struct gro_packet *p)
{
	t->used |= 1ULL << slot;
	t->flow[slot] = (struct gro_flow){
		.skb = p->skb,
		.ops = p->ops,
		.saddr = p->saddr,
		.daddr = p->daddr,
		.ports = p->ports,
		.hdr = p->hdr,
		.len = p->len,
		.mss = p->len,
		.count = 1,
	};
}

static bool gro_same_flow(const struct gro_flow *f, const struct gro_packet *p)
{
	return f->ports == p->ports && f->saddr == p->saddr && f->daddr == p->daddr &&
	       f->ops == p->ops;
}

/* ---- merging ---- */

/* @skb's fragments, which are all of its payload, to the end of those of the held packet. false: no room, nothing changed */
static bool gro_move_frags(struct skiff *skiff, struct gro_flow *f, struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb), *to = skb_shinfo_get(skiff, f->skb);

	if (!to)
		return false;
	/* By far the most: it goes on where the last one ended. */
	if (likely(si->nr_frags == 1 &&
		   skb_can_coalesce(to, si->frags[0].chunk, si->frags[0].off))) {
		u32 len = si->frags[0].len;

		to->frags[to->nr_frags - 1].len += len;
		f->skb->len += len;
		f->skb->data_len += len;
		f->skb->truesize += len;
		return true;
	}
	if (to->nr_frags + si->nr_frags > MAX_SKB_FRAGS ||
	    (to->nr_frags + si->nr_frags > to->max_frags && !skb_shinfo_grow(skiff, f->skb)))
		return false;
	for (u32 i = 0; i < si->nr_frags; i++) {
		int err = skb_frag_add(skiff, f->skb, si->frags[i].chunk, si->frags[i].off,
				       si->frags[i].len);

		NET_ASSERT(!err);
		(void)err;
	}
	return true;
}

static bool gro_chain(struct skiff *skiff, struct gro_flow *f, struct gro_packet *p)
{
	struct skb_shared_info *si = skb_shinfo_get(skiff, f->skb);
	struct sk_buff *skb = p->skb, *head = f->skb;

	if (!si)
		return false;
	skb_pull(skb, p->hdr);
	skb->cold = 1;
	skb->next = NULL;
	*(f->tail ? &f->tail->next : &si->frag_list) = skb;
	f->tail = skb;
	head->len += skb->len;
	head->data_len += skb->len;
	head->truesize += skb->truesize;
	return true;
}

/* @p's payload goes to @f's packet. false: it could not be (no memory); nothing changed. */
static bool skb_gro_receive(struct skiff *skiff, struct gro_flow *f, struct gro_packet *p)
{
	struct sk_buff *skb = p->skb;

	/* With payload of its own only in fragments; and none of ours on frag_list, behind which it would have to come. */
	if (!f->tail && skb_headlen(skb) == p->hdr && gro_move_frags(skiff, f, skb)) {
		f->ops->merged(f, p);
		consume_skb(skiff, skb);
	} else if (skb_shinfo_get(skiff, f->skb)) {
		f->ops->merged(f, p);
		gro_chain(skiff, f, p);
	} else {
		return false;
	}
	f->len += p->len;
	f->count++;
	return true;
}

static __noinline_cold void gro_tell(struct net *net, struct sk_buff *skb)
{
	struct journey_sink *s = net->skiff->journey;

	s->begin(s, skb);
	journey_fn_named(net, skb, "dev_gro_receive");
	journey_fn_named(net, skb, "skb_gro_receive");
	s->end(s, net);
}

/* Return: the packet is part of another one now */
static bool gro_receive(struct net *net, struct gro_table *t, struct sk_buff *skb)
{
	struct gro_packet p = { .skb = skb, .daddr = t->daddr };
	enum gro_result r = t->net_ops->parse(net, &p);
	struct gro_flow *f;
	bool merged = false;
	u32 slot;

	if (r == GRO_NORMAL)
		return false;
	t->daddr = p.daddr;
	slot = gro_slot(&p);
	f = &t->flow[slot];
	if (t->used & 1ULL << slot) {
		if (r == GRO_HOLD && gro_same_flow(f, &p) && p.len <= f->mss &&
		    f->skb->len + p.len < GRO_MAX_SIZE && t->net_ops->merges(f, &p) &&
		    f->ops->merges(f, &p)) {
			if (journey_on(net->skiff))
				gro_tell(net, skb);
			merged = skb_gro_receive(net->skiff, f, &p);
		} else if (r == GRO_CLOSE && !gro_same_flow(f, &p)) {
			return false;
		}
		if (merged && p.len == f->mss && !p.last)
			return true;
		gro_close(t, slot);
	}
	if (!merged && r == GRO_HOLD && !p.last)
		gro_open(t, slot, &p);
	return merged;
}

void dev_gro_receive_list(struct net *net, struct skb_batch *b)
{
	struct gro_table t;
	u32 n = 0;

	/* Nothing to merge it with: its checksum is whoever's that takes it. */
	if (b->n < 2)
		return;
	t.net_ops = net->ip_offload;
	t.used = 0;
	t.daddr = 0;
	if (!t.net_ops)
		return;
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (skb->protocol == htons(ETH_P_IP) && gro_receive(net, &t, skb))
			continue;
		b->p[n++] = skb;
	}
	b->n = n;
	for (; t.used; t.used &= t.used - 1)
		gro_close(&t, (u32)__builtin_ctzll(t.used));
}
