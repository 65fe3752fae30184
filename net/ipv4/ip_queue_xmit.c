// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_queue_xmit.c - IP for connected sockets: route kept in the socket, header, identification.
 *
 * DOC: Segments out
 * In : a transport packet of a connected socket (TCP), checksum begun or done, no IP header yet.
 * Out: ip_local_out(). The route comes from the packet, from sk_dst_cache while it holds, or from a lookup whose result
 * the socket keeps. Headers go to the first hop of a source route; the final address stands in the option then.
 * Specs: RFC 791 3.1, 3.2; RFC 1191 3; RFC 6864 4.1. Seed: 1.1.
 */
#include "net/inet_sock.h"

void inet_sk_init_flowi4(const struct sock *sk, struct flowi4 *fl4)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_data *opt = inet->inet_opt;

	flowi4_init_output(fl4, (u32)sk->sk_bound_dev_if, sk->sk_mark, ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk), (u8)sk->sk_protocol, inet_sk_flowi_flags(sk),
			   opt && opt->opt.srr ? opt->opt.faddr : inet->inet_daddr,
			   inet->inet_saddr, inet->inet_dport, inet->inet_sport, sk->sk_uid);
}

bool ip_mtu_locked(const struct dst_entry *dst)
{
	return ((const struct rtable *)dst)->rt_mtu_locked ||
	       dst_metric_raw(dst, RTAX_LOCK) & (1u << RTAX_MTU);
}

bool ip_dont_fragment(const struct sock *sk, const struct dst_entry *dst)
{
	u8 pmtudisc = inet_sk(sk)->pmtudisc;

	return pmtudisc == IP_PMTUDISC_DO || (pmtudisc == IP_PMTUDISC_WANT && !ip_mtu_locked(dst));
}

u8 ip_sk_select_ttl(const struct sock *sk, const struct dst_entry *dst)
{
	int ttl = inet_sk(sk)->uc_ttl;
	u32 hops;

	if (ttl >= 0)
		return (u8)ttl;
	hops = dst_metric_raw(dst, RTAX_HOPLIMIT);
	return hops ? (u8)hops : sock_net(sk)->ipv4.sysctl_ip_default_ttl;
}

/**
 * ip_select_ident_segs() - identification of a packet of @sk, whose header is complete but for it
 * A connected socket counts by itself, which tells an observer nothing about others. Else a packet that can not be cut
 * needs none (RFC 6864 4.1), and the rest draws from the namespace's counters.
 */
void ip_select_ident_segs(struct net *net, struct sk_buff *skb, struct sock *sk, u32 segs)
{
	struct iphdr *iph = ip_hdr(skb);

	if (sk && inet_sk(sk)->inet_daddr) {
		iph->id = htons(inet_sk(sk)->inet_id);
		inet_sk(sk)->inet_id = (u16)(inet_sk(sk)->inet_id + segs);
	} else if ((iph->frag_off & htons(IP_DF)) && !skb->ignore_df) {
		iph->id = 0;
	} else {
		__ip_select_ident(net, iph, segs);
	}
}

/* A route for what the socket sends, kept there. NULL: there is none */
static __noinline_cold struct rtable *ip_sk_reroute(struct sock *sk, u8 tos)
{
	struct rtable *rt;
	struct flowi4 fl4;
	int err = 0;

	inet_sk_init_flowi4(sk, &fl4);
	fl4.flowi4_tos = tos & INET_DSCP_MASK;
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk, &err);
	if (rt)
		sk_setup_caps(sk, &rt->dst);
	return rt;
}

static __noinline_cold int ip_no_route(struct net *net, struct sk_buff *skb)
{
	IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
	kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_IP_OUTNOROUTES, "ip_queue_xmit");
	return -EHOSTUNREACH;
}

void ip_build_options(struct sk_buff *skb, const struct ip_options_data *opt, __be32 daddr,
		      struct rtable *rt)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->ihl = (u8)((5 + (opt->opt.optlen >> 2)) & 15);
	memcpy(iph + 1, opt->data, opt->opt.optlen);
	skb->cold = 1;
	skb->ipflags |= IPSKB_OPTS;
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	IPCB(skb)->opt = opt->opt;
	ip_options_build(skb, &IPCB(skb)->opt, daddr, rt);
}

int ip_queue_xmit(struct sock *sk, struct sk_buff *skb, u8 tos)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_data *opt = inet->inet_opt;
	struct net *net = sock_net(sk);
	struct rtable *rt = skb_rtable(skb);
	struct iphdr *iph;

	journey_fn(net, skb);
	if (!rt) {
		rt = (struct rtable *)__sk_dst_check(sk, 0);
		if (unlikely(!rt))
			rt = ip_sk_reroute(sk, tos);
		if (unlikely(!rt))
			return ip_no_route(net, skb);
		skb_dst_set_noref(skb, &rt->dst);
	}
	if (unlikely(opt && opt->opt.is_strictroute && rt->rt_uses_gateway))
		return ip_no_route(net, skb);
	/* The peer answered what was sent before: the next hop carries it (RFC 4861 7.3.1). */
	if (sk->sk_dst_pending_confirm) {
		sk->sk_dst_pending_confirm = 0;
		dst_confirm_neigh(&rt->dst, inet->inet_daddr);
	}
	iph = (struct iphdr *)skb_push(skb, sizeof(*iph) + (opt ? opt->opt.optlen : 0u));
	skb_reset_network_header(skb);
	/* In pairs of bytes, as the checksum reads them. */
	put_unaligned16(htons((u16)(0x4500 | tos)), iph);
	iph->frag_off = ip_dont_fragment(sk, &rt->dst) && !skb->ignore_df ? htons(IP_DF) : 0;
	put_unaligned16(htons((u16)(ip_sk_select_ttl(sk, &rt->dst) << 8 | (u8)sk->sk_protocol)),
			&iph->ttl);
	iph->saddr = inet->inet_saddr;
	iph->daddr = unlikely(opt && opt->opt.srr) ? opt->opt.faddr : inet->inet_daddr;
	skb->ipflags = 0;
	if (unlikely(opt && opt->opt.optlen))
		ip_build_options(skb, opt, inet->inet_daddr, rt);
	ip_select_ident_segs(net, skb, sk, skb_is_gso(skb) ? skb->shinfo->gso_segs : 1);
	skb_set_priority(skb, sk->sk_priority);
	skb->mark = sk->sk_mark;
	return ip_local_out(net, sk, skb);
}
