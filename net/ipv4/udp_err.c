// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_err.c - ICMP errors about datagrams of ours (RFC 1122 4.1.3.3).
 *
 * With IP_RECVERR every error is queued and pending. Without, only a connected socket hears of those that are fatal;
 * what a path's MTU is, or a better gateway, the route learns in any case.
 */
#include "net/icmp.h"
#include "net/netdevice.h"
#include "udp_internal.h"

/* What the error is to a socket: positive errno, *@fatal; 0: nothing (a route learned from it, or it is ignored). */
static int udp_err_convert(struct sk_buff *skb, struct sock *sk, u32 info, bool *fatal)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);

	*fatal = false;
	switch (icmph->type) {
	case ICMP_SOURCE_QUENCH:
		return 0;
	case ICMP_REDIRECT:
		ipv4_sk_redirect(skb, sk);
		return 0;
	case ICMP_PARAMETERPROB:
		*fatal = true;
		return EPROTO;
	case ICMP_DEST_UNREACH:
		break;
	default:
		return EHOSTUNREACH;
	}
	if (icmph->code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
		if (inet_sk(sk)->pmtudisc == IP_PMTUDISC_DONT)
			return 0;
		*fatal = true;
		return EMSGSIZE;
	}
	if (icmph->code > NR_ICMP_UNREACH)
		return EHOSTUNREACH;
	*fatal = icmp_err_convert[icmph->code].fatal;
	return icmp_err_convert[icmph->code].errno_;
}

/* A tunnel's socket may know the datagram although no socket was connected to its peer. */
static bool udp_err_encap(struct sock *sk, struct sk_buff *skb)
{
	return sk && udp_sk(sk)->encap_err_lookup && !udp_sk(sk)->encap_err_lookup(sk, skb);
}

static int __udp4_lib_err(struct sk_buff *skb, u32 info, struct udp_table *t)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct udphdr *uh = (const struct udphdr *)(skb->data + iph->ihl * 4u);
	struct net *net = dev_net(skb->dev);
	struct sock *sk;
	bool fatal;
	int err;

	sk = __udp4_lib_lookup(net, iph->daddr, uh->dest, iph->saddr, uh->source,
			       (int)skb->dev->ifindex, 0, t, NULL);
	if (!sk || (udp_sk(sk)->encap_type && !udp_err_encap(sk, skb))) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	err = udp_err_convert(skb, sk, info, &fatal);
	if (!err)
		return 0;
	if (udp_sk(sk)->encap_type) {
		if (udp_sk(sk)->encap_err_rcv)
			udp_sk(sk)->encap_err_rcv(sk, skb, err, uh->dest, info,
						  skb->data + iph->ihl * 4u + sizeof(*uh));
		return 0;
	}
	if (inet_test_bit(RECVERR, sk))
		ip_icmp_error(sk, skb, err, uh->dest, info,
			      skb->data + iph->ihl * 4u + sizeof(*uh));
	else if (!fatal || sk->sk_state != TCP_ESTABLISHED)
		return 0;
	sk->sk_err = (u16)err;
	sk_error_report(sk);
	return 0;
}

int udp_err(struct sk_buff *skb, u32 info)
{
	return __udp4_lib_err(skb, info, dev_net(skb->dev)->ipv4.udp_table);
}

int udplite_err(struct sk_buff *skb, u32 info)
{
	return __udp4_lib_err(skb, info, dev_net(skb->dev)->ipv4.udplite_table);
}
