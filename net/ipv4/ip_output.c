// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_output.c - IPv4 packets go out: POST_ROUTING, fragments where the link is too small, the next hop.
 *
 * DOC: Output
 * In : batches whose dst->output is ip_output or ip_mc_output: from forwarding, and from ip_local_out() after LOCAL_OUT.
 * Out: neighbour.c with the link-layer header, then the device (ip_finish_output2).
 * Not here: packets that this node makes (ip_local.c), cutting them (ip_frag_output.c).
 * Specs: RFC 791 3.2, RFC 1122 3.2.1, 3.3.
 */
#include "net/gso.h"
#include "net/icmp.h"
#include "net/inet_sock.h"
#include "net/ip.h"
#include "net/neighbour.h"
#include "net/netfilter.h"
#include "net/route.h"

struct neighbour *ip_neigh_for_gw(struct rtable *rt, const struct sk_buff *skb)
{
	return ip_neigh_gw4(rt->dst.dev, rt_nexthop(rt, ip_hdr(skb)->daddr));
}

void dst_confirm_neigh(const struct dst_entry *dst, __be32 daddr)
{
	const struct rtable *rt = (const struct rtable *)dst;
	struct neighbour *n = __ipv4_neigh_lookup_noref(dst->dev, rt_nexthop(rt, daddr));

	if (n)
		n->confirmed = rt->net->skiff->jiffies;
}

/* Nothing is ready made for this packet: room for the header, the neighbour by look-up or by making it, resolution. */
static __noinline_cold int ip_finish_output_slow(struct net *net, struct sk_buff *skb)
{
	struct net_device *dev = skb->dst->dev;
	struct neighbour *neigh;
	struct skb_batch one;

	if (skb_cow(net->skiff, skb, LL_RESERVED_SPACE(dev))) {
		kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NOMEM, "ip_finish_output2");
		return -ENOMEM;
	}
	neigh = ip_neigh_for_gw(skb_rtable(skb), skb);
	if (!neigh) {
		kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NEIGH_CREATEFAIL,
				    "ip_finish_output2");
		return -EINVAL;
	}
	skb_batch_one(&one, skb);
	return neigh_output_batch(neigh, &one);
}

static __always_inline_ void ip_count_out(struct net *net, const struct sk_buff *skb)
{
	u16 type = skb_rtable(skb)->rt_type;

	if (unlikely(type == RTN_MULTICAST))
		IP_UPD_PO_STATS(net, OUTMCAST, skb->len);
	else if (unlikely(type == RTN_BROADCAST))
		IP_UPD_PO_STATS(net, OUTBCAST, skb->len);
	/* After fragmentation: each piece counts. */
	IP_UPD_PO_STATS(net, OUT, skb->len);
}

/* The next hop's neighbour if it can be used as it is. A route with a gateway keeps it at hand. */
static __always_inline_ struct neighbour *rt_ready_neigh(const struct net *net, struct rtable *rt,
							 const struct sk_buff *skb)
{
	struct neighbour *n = rt->rt_neigh;

	if (unlikely(!n || rt->rt_neigh_genid != net->ipv4.neigh_genid)) {
		n = __ipv4_neigh_lookup_noref(rt->dst.dev, rt_nexthop(rt, ip_hdr(skb)->daddr));
		if (rt->rt_gw_family) {
			rt->rt_neigh = n;
			rt->rt_neigh_genid = net->ipv4.neigh_genid;
		}
	}
	return n && (n->nud_state & NUD_CONNECTED) && n->hh_len ? n : NULL;
}

static __always_inline_ int finish_output2(struct net *net, struct skb_batch *b)
{
	const bool traced = net->skiff->journey != NULL;
	struct skb_batch tx;
	int ret = 0;

	journey_fn_named(net, b->p[0], "ip_finish_output2");
	tx.n = 0;
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];
		struct rtable *rt = skb_rtable(skb);
		struct net_device *dev = rt->dst.dev;
		struct neighbour *n = rt_ready_neigh(net, rt, skb);

		ip_count_out(net, skb);
		if (unlikely(!n || skb_headroom(skb) < 16 || skb_cloned(skb))) {
			if (tx.n)
				ret = dev_queue_xmit_list(&tx);
			tx.n = 0;
			ret = ip_finish_output_slow(net, skb);
			continue;
		}
		if (unlikely(traced))
			journey_neigh(net, skb, n);
		memcpy(skb->data - sizeof(n->hh), n->hh, sizeof(n->hh));
		skb_push(skb, n->hh_len);
		if (tx.n && unlikely(dev != tx.p[0]->dev)) {
			ret = dev_queue_xmit_list(&tx);
			tx.n = 0;
		}
		tx.p[tx.n++] = skb;
	}
	if (tx.n)
		ret = dev_queue_xmit_list(&tx);
	return ret;
}

/**
 * ip_finish_output2() - link-layer header, then the device
 * @b: packets with routes, no larger than their links take; consumes
 * Drops: NEIGH_CREATEFAIL, and those of resolution and device
 */
int ip_finish_output2(struct net *net, struct sock *sk, struct skb_batch *b)
{
	return finish_output2(net, b);
}

/* Larger than the link takes. */
static __noinline_cold int ip_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
				       u32 mtu)
{
	u16 max = skb->cold ? skb->frag_max_size : 0;

	journey_fn(net, skb);
	if (!(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return ip_do_fragment(net, sk, skb, ip_finish_output2);
	if (!skb->ignore_df || (max && max > mtu)) {
		IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_PKT_TOO_BIG);
		return -EMSGSIZE;
	}
	return ip_do_fragment(net, sk, skb, ip_finish_output2);
}

/* A packet that stands for segments is cut into them first: fragments are of what would have been on the wire. */
static __noinline_cold int ip_finish_output_gso(struct net *net, struct sock *sk,
						struct sk_buff *skb, u32 mtu)
{
	struct sk_buff *seg = skb_gso_segment(net->skiff, skb, skb->dev->features), *next;
	int ret = 0, err;

	journey_fn(net, skb);
	if (!seg) {
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
		return -ENOMEM;
	}
	consume_skb(net->skiff, skb);
	for (; seg; seg = next) {
		next = seg->next;
		seg->next = NULL;
		err = ip_fragment(net, sk, seg, mtu);
		if (err && !ret)
			ret = err;
	}
	return ret;
}

static __always_inline_ bool ip_needs_fragments(const struct sk_buff *skb, u32 mtu)
{
	if (unlikely(skb->cold)) {
		if (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu))
			return false;
		if (skb->frag_max_size)
			return true;
	}
	return skb->len > mtu;
}

/* One of them is too large: what stands before it on the way leaves before it. */
static __noinline_cold int ip_finish_output_frags(struct net *net, struct sock *sk,
						  struct skb_batch *b)
{
	struct skb_batch fits;
	int ret = 0;

	fits.n = 0;
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];
		u32 mtu = ip_skb_dst_mtu(sk, skb);

		if (!ip_needs_fragments(skb, mtu)) {
			fits.p[fits.n++] = skb;
			continue;
		}
		if (fits.n)
			ip_finish_output2(net, sk, &fits);
		fits.n = 0;
		ret = skb_is_gso(skb) ? ip_finish_output_gso(net, sk, skb, mtu) :
					ip_fragment(net, sk, skb, mtu);
	}
	return fits.n ? ip_finish_output2(net, sk, &fits) : ret;
}

/* After POST_ROUTING. */
static int ip_finish_output(struct net *net, struct sock *sk, struct skb_batch *b)
{
	bool large = false;

	for (u32 i = 0; i < b->n; i++)
		large |= ip_needs_fragments(b->p[i], ip_skb_dst_mtu(sk, b->p[i]));
	return unlikely(large) ? ip_finish_output_frags(net, sk, b) : ip_finish_output2(net, sk, b);
}

static __noinline_cold int ip_post_routing(struct net *net, struct sock *sk, struct skb_batch *b,
					   struct net_device *in)
{
	u32 i = 0, n = b->n;
	int ret = 0;

	while (i < n) {
		struct net_device *out = b->p[i]->dev;
		struct skb_batch run = { .n = 0 };

		while (i < n && b->p[i]->dev == out)
			run.p[run.n++] = b->p[i++];
		if (nf_hook_list(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, &run, in, out))
			ret = ip_finish_output(net, sk, &run);
	}
	return ret;
}

/** ip_output() - dst->output of unicast packets, own and forwarded; consumes. Return: 0 or what the last one met */
int ip_output(struct net *net, struct sock *sk, struct skb_batch *b)
{
	struct net_device *in = b->p[0]->dev;
	bool large = false;

	journey_fn(net, b->p[0]);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		skb->dev = skb->dst->dev;
		skb->protocol = htons(ETH_P_IP);
		large |= ip_needs_fragments(skb, ip_skb_dst_mtu(sk, skb));
	}
	if (unlikely(net->nf_hooks_ipv4[NF_INET_POST_ROUTING] || net->skiff->journey))
		return ip_post_routing(net, sk, b, in);
	return unlikely(large) ? ip_finish_output_frags(net, sk, b) : finish_output2(net, b);
}

/* A copy for this node itself, which belongs to the group or is reached by the broadcast. */
static void ip_mc_loop_copy(struct net *net, struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *copy = skb_clone(net->skiff, skb);
	struct skb_batch one;

	if (!copy)
		return;
	skb_batch_one(&one, copy);
	if (nf_hook_list(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, NULL, &one, NULL, dev))
		dev_loopback_xmit(net, one.p[0]);
}

static int ip_mc_output_one(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net_device *dev = rt->dst.dev;
	struct skb_batch one;

	skb->dev = dev;
	skb->protocol = htons(ETH_P_IP);
	if (rt->rt_flags & RTCF_MULTICAST) {
		if ((rt->rt_flags & RTCF_LOCAL) && (!sk || inet_test_bit(MC_LOOP, sk)))
			ip_mc_loop_copy(net, skb, dev);
		/* TTL 0 does not leave the node (RFC 1112 6.1). */
		if (!ip_hdr(skb)->ttl) {
			consume_skb(net->skiff, skb);
			return 0;
		}
	}
	if (rt->rt_flags & RTCF_BROADCAST)
		ip_mc_loop_copy(net, skb, dev);
	skb_batch_one(&one, skb);
	if (!(skb->ipflags & IPSKB_REROUTED) &&
	    !nf_hook_list(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, &one, NULL, dev))
		return 0;
	return ip_finish_output(net, sk, &one);
}

/** ip_mc_output() - dst->output of multicasts and broadcasts that this node wants too; consumes */
int ip_mc_output(struct net *net, struct sock *sk, struct skb_batch *b)
{
	int ret = 0;

	journey_fn(net, b->p[0]);
	for (u32 i = 0; i < b->n; i++)
		ret = ip_mc_output_one(net, sk, b->p[i]);
	return ret;
}
