// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_forward.c - carry a packet from one interface to another.
 *
 * DOC: Forwarding
 * In : batches whose dst->input is ip_forward (the route is decided; the header is valid, see ip_rcv_core).
 * Out: dst_output() after the FORWARD hook, or a drop with a reason, or an ICMP error (icmp.c).
 * Not here: fragmentation (ip_output.c), options (ip_options.c).
 * Specs: RFC 1812 5.2-5.3; RFC 1191 4. Seed: 二.3.
 */
#include "net/gso.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "net/netfilter.h"
#include "net/raw.h"
#include "net/route.h"

/* Does @mtu stop the packet? Only if it may not be cut. */
static bool ip_exceeds_mtu(const struct sk_buff *skb, u32 mtu)
{
	if (likely(skb->len <= mtu))
		return false;
	if (!(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	if (skb->cold && skb->frag_max_size > mtu)
		return true;
	if (skb->ignore_df)
		return false;
	if (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu))
		return false;
	return true;
}

static __noinline_cold void ip_forward_refuse(struct net *net, struct sk_buff *skb, int type,
					      int code, u32 info, enum skb_drop_reason reason)
{
	icmp_send(skb, type, code, htonl(info));
	kfree_skb_reason_at(net->skiff, skb, reason, "ip_forward");
}

/* Checks and changes of one packet. Return: false if it is gone. */
static __always_inline_ bool ip_forward_one(struct net *net, struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct iphdr *iph;
	u32 mtu;

	__builtin_prefetch(rt->rt_neigh);
	/* Only what was sent to us as a machine is passed on. */
	if (unlikely(skb->pkt_type != PACKET_HOST)) {
		kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED, "ip_forward");
		return false;
	}
	if (unlikely(skb->ipflags & IPSKB_OPTS) && ip_skb_opt(skb)->router_alert &&
	    ip_call_ra_chain(skb))
		return false;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	iph = ip_hdr(skb);
	if (unlikely(iph->ttl <= 1)) {
		IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
		ip_forward_refuse(net, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0,
				  SKB_DROP_REASON_IP_INHDR);
		return false;
	}
	if (unlikely(ip_skb_opt(skb)->is_strictroute && rt->rt_uses_gateway)) {
		ip_forward_refuse(net, skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0,
				  SKB_DROP_REASON_NOT_SPECIFIED);
		return false;
	}
	IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
	skb->ipflags |= IPSKB_FORWARDED;
	mtu = ip_dst_mtu_maybe_forward(&rt->dst, true);
	if (unlikely(ip_exceeds_mtu(skb, mtu))) {
		IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
		journey_setting(net, "mtu %u of the route over %s", mtu, rt->dst.dev->name);
		ip_forward_refuse(net, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu,
				  SKB_DROP_REASON_PKT_TOO_BIG);
		return false;
	}
	/* It is written to from here on: taps and clones keep the old bytes. */
	if (unlikely(skb_cloned(skb) || skb_headroom(skb) < LL_MAX_HEADER) &&
	    skb_cow(net->skiff, skb, LL_RESERVED_SPACE(rt->dst.dev) + rt->dst.header_len)) {
		kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NOMEM, "ip_forward");
		return false;
	}
	iph = ip_hdr(skb); /* maybe elsewhere now */
	ip_decrease_ttl(iph);
	if (unlikely((skb->ipflags & IPSKB_DOREDIRECT) && !ip_skb_opt(skb)->srr))
		ip_rt_send_redirect(skb);
	if (net->ipv4.sysctl_ip_forward_update_priority)
		skb_set_priority(skb, rt_tos2priority(iph->tos));
	return true;
}

static void ip_forward_finish(struct net *net, struct skb_batch *b)
{
	struct skb_batch run;

	journey_fn(net, b->p[0]);
	for (u32 i = 0; i < b->n;) {
		int (*output)(struct net *, struct sock *, struct skb_batch *) =
			b->p[i]->dst->output;

		run.n = 0;
		for (; i < b->n && b->p[i]->dst->output == output; i++) {
			if (unlikely(b->p[i]->ipflags & IPSKB_OPTS))
				ip_forward_options(b->p[i]);
			run.p[run.n++] = b->p[i];
		}
		output(net, NULL, &run);
	}
}

/* With functions at the hook, each run of equal output devices passes it by itself. */
static __noinline_cold void ip_forward_hook(struct net *net, struct skb_batch *b,
					    struct net_device *in)
{
	u32 i = 0, n = b->n;

	while (i < n) {
		struct net_device *out = b->p[i]->dst->dev;
		struct skb_batch run = { .n = 0 };

		while (i < n && b->p[i]->dst->dev == out)
			run.p[run.n++] = b->p[i++];
		if (nf_hook_list(NFPROTO_IPV4, NF_INET_FORWARD, net, NULL, &run, in, out))
			ip_forward_finish(net, &run);
	}
}

/** ip_forward() - dst->input of packets that go on; consumes. Drops: IP_INHDR, PKT_TOO_BIG, NOT_SPECIFIED (not for us, strict route) */
void ip_forward(struct skb_batch *b)
{
	int (*output)(struct net *, struct sock *, struct skb_batch *) = b->p[0]->dst->output;
	struct net_device *in = b->p[0]->dev;
	struct net *net = in->net;
	bool special = false;
	u32 n = 0;

	journey_fn(net, b->p[0]);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		special |= skb->dst->output != output || (skb->ipflags & IPSKB_OPTS);
		if (likely(ip_forward_one(net, skb)))
			b->p[n++] = skb;
	}
	b->n = n;
	if (!n)
		return;
	if (unlikely(net->nf_hooks_ipv4[NF_INET_FORWARD] || net->skiff->journey))
		ip_forward_hook(net, b, in);
	else if (likely(!special))
		output(net, NULL, b);
	else
		ip_forward_finish(net, b);
}
