// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_local.c - packets that this node makes: their header, LOCAL_OUT, and the bare answers of ICMP and TCP. */
#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "net/journey.h"
#include "net/netfilter.h"
#include "net/route.h"

void ip_send_check(struct iphdr *iph)
{
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

/*
 * Checksum of a header without options that gets @tot_len. It was written just now, in pieces; a read of more than was written
 * at once would wait for all of them to arrive in the cache.
 */
static u16 ip_fresh_csum(const struct iphdr *iph, __be16 tot_len)
{
	const u8 *p = (const u8 *)iph;
	u64 sum = (u64)get_unaligned16(p) + tot_len + get_unaligned16(p + 4) +
		  get_unaligned16(p + 6) + get_unaligned16(p + 8);

	sum += (u64)get_unaligned32(p + 12) + get_unaligned32(p + 16);
	return csum_fold(csum_fold64(sum));
}

/* Length and checksum, then the hook. Return: 1 to go on, 0 if the packet is gone. */
static int __ip_local_out(struct net *net, struct sock *sk, struct skb_batch *b)
{
	struct sk_buff *skb = b->p[0];
	struct iphdr *iph = ip_hdr(skb);
	__be16 tot_len = htons(skb->len);

	IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
	if (likely(iph->ihl == 5)) {
		iph->check = ip_fresh_csum(iph, tot_len);
		iph->tot_len = tot_len;
	} else {
		iph->tot_len = tot_len;
		ip_send_check(iph);
	}
	skb->protocol = htons(ETH_P_IP);
	journey_fn(net, skb);
	return nf_hook_list(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, b, NULL, skb->dst->dev) != 0;
}

int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct skb_batch b;

	skb_batch_one(&b, skb);
	if (!__ip_local_out(net, sk, &b))
		return -EPERM;
	return dst_output_batch(net, sk, &b);
}

int ip_send_skb(struct net *net, struct sk_buff *skb)
{
	int err = ip_local_out(net, NULL, skb);

	if (err > 0)
		err = err == NET_XMIT_DROP ? -ENOBUFS : 0;
	if (err)
		IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
	return err;
}

static u8 ip_select_ttl(const struct net *net, const struct dst_entry *dst)
{
	u32 ttl = dst_metric_raw(dst, RTAX_HOPLIMIT);

	return ttl ? (u8)ttl : net->ipv4.sysctl_ip_default_ttl;
}

int ip_build_and_send_pkt(struct net *net, struct sk_buff *skb, struct sock *sk, __be32 saddr,
			  __be32 daddr, const struct ip_options_data *opt, u8 tos)
{
	struct rtable *rt = skb_rtable(skb);
	u32 optlen = opt ? opt->opt.optlen : 0;
	struct iphdr *iph = (struct iphdr *)skb_push(skb, sizeof(*iph) + optlen);

	journey_fn(net, skb);
	skb_reset_network_header(skb);
	*iph = (struct iphdr){ .version = 4, .ihl = (5 + (optlen >> 2)) & 15, .tos = tos };
	iph->ttl = ip_select_ttl(net, &rt->dst);
	iph->daddr = optlen && opt->opt.srr ? opt->opt.faddr : daddr;
	iph->saddr = saddr;
	iph->protocol = IPPROTO_TCP;
	iph->frag_off = htons(IP_DF);
	if (optlen) {
		memcpy(iph + 1, opt->data, optlen);
		skb->cold = 1;
		skb->ipflags |= IPSKB_OPTS;
		IPCB(skb)->opt = opt->opt;
		ip_options_build(skb, &IPCB(skb)->opt, daddr, rt);
	}
	return ip_local_out(net, sk, skb);
}

/* Header in front of the transport packet at skb->data. @df: IP_DF in host order, or 0. */
static void ip_reply_header(struct net *net, struct sk_buff *skb, const struct flowi4 *fl4,
			    const struct ipcm_cookie *ipc, struct rtable *rt, u16 df)
{
	u32 optlen = ipc->opt ? ipc->opt->opt.optlen : 0;
	struct iphdr *iph;

	skb_reset_transport_header(skb);
	iph = (struct iphdr *)skb_push(skb, sizeof(*iph) + optlen);
	skb_reset_network_header(skb);
	*iph = (struct iphdr){ .version = 4, .ihl = (5 + (optlen >> 2)) & 15 };
	iph->tos = ipc->tos >= 0 ? (u8)ipc->tos : 0;
	iph->frag_off = htons(df);
	if (ipc->ttl)
		iph->ttl = ipc->ttl;
	else
		iph->ttl = rt->rt_type == RTN_MULTICAST ? 1 : ip_select_ttl(net, &rt->dst);
	iph->protocol = ipc->protocol;
	iph->saddr = fl4->saddr;
	iph->daddr = fl4->daddr;
	if (!df)
		__ip_select_ident(net, iph, 1);
	if (optlen) {
		memcpy(iph + 1, ipc->opt->data, optlen);
		skb->cold = 1;
		skb->ipflags |= IPSKB_OPTS;
		IPCB(skb)->opt = ipc->opt->opt;
		/* With a source route the first hop is where it goes, the final address stands in the option. */
		ip_options_build(skb, &IPCB(skb)->opt, ipc->addr, rt);
	}
}

int ip_push_pending_frames_skb(struct net *net, struct sk_buff *skb, struct flowi4 *fl4,
			       struct ipcm_cookie *ipc, struct rtable *rt, u8 df)
{
	journey_fn_named(net, skb, "ip_append_data");
	journey_fn_named(net, skb, "ip_push_pending_frames");
	skb->mark = ipc->mark;
	skb_set_priority(skb, ipc->priority);
	ip_reply_header(net, skb, fl4, ipc, rt, df ? IP_DF : 0);
	dst_hold(&rt->dst);
	skb_dst_set(skb, &rt->dst);
	if (ipc->protocol == IPPROTO_ICMP)
		icmp_out_count(net, fl4->fl4_icmp_type); /* 0 for an answer: see icmp.c */
	return ip_send_skb(net, skb);
}

void ip_send_unicast_reply(struct net *net, struct sk_buff *skb, const struct ip_options *sopt,
			   __be32 daddr, __be32 saddr, u8 protocol, const void *data, u32 len,
			   int csumoffset, const struct ip_reply_arg *arg)
{
	struct ip_options_data replyopts;
	struct ipcm_cookie ipc = {
		.addr = daddr, .tos = arg->tos, .protocol = protocol, .priority = arg->priority
	};
	struct flowi4 fl4;
	struct rtable *rt;
	struct sk_buff *n;
	int err;

	journey_fn(net, skb);
	if (__ip_options_echo(net, &replyopts, skb, sopt))
		return;
	if (replyopts.opt.optlen) {
		ipc.opt = &replyopts;
		if (replyopts.opt.srr)
			daddr = replyopts.opt.faddr;
	}
	ipc.mark = net->ipv4.sysctl_fwmark_reflect && skb->mark ? skb->mark : arg->mark;
	flowi4_init_output(&fl4, arg->oif, ipc.mark, arg->tos & INET_DSCP_MASK, RT_SCOPE_UNIVERSE,
			   protocol, arg->flags & IP_REPLY_ARG_NOSRCCHECK ? FLOWI_FLAG_ANYSRC : 0,
			   daddr, saddr, get_unaligned16((const u8 *)data + 2),
			   get_unaligned16(data), 0);
	rt = ip_route_output_key(net, &fl4, &err);
	if (!rt)
		return;
	/* It has DF set; one that does not fit is not even tried. */
	if (sizeof(struct iphdr) + replyopts.opt.optlen + len > ipv4_mtu(&rt->dst)) {
		ip_rt_put(rt);
		return;
	}
	n = alloc_skb(net->skiff, len);
	if (n) {
		u8 *p = skb_put_data(n, data, len);
		u16 sum;

		if (csumoffset >= 0) {
			put_unaligned16(0, p + csumoffset);
			/* Of the final destination, wherever a source route leads first. */
			sum = csum_tcpudp_magic(saddr, ipc.addr, len, protocol,
						csum_partial(p, len, 0));
			put_unaligned16(sum, p + csumoffset);
		}
		/* Answers without a socket: DF and id 0 (RFC 6864 4.1, as the kernel's control socket). */
		ip_push_pending_frames_skb(net, n, &fl4, &ipc, rt, 1);
	}
	ip_rt_put(rt);
}
