// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_mcast.c - broadcasts and multicasts: each socket of the port that wants them gets a copy. */
#include "net/journey.h"
#include "net/netdevice.h"
#include "udp_internal.h"

static bool udp_is_mcast_sock(const struct net *net, const struct sock *sk, const struct udphdr *uh,
			      const struct iphdr *iph, int dif)
{
	if (sk->sk_num != ntohs(uh->dest) || (sk->sk_daddr && sk->sk_daddr != iph->saddr) ||
	    (sk->sk_dport && sk->sk_dport != uh->source) ||
	    (sk->sk_rcv_saddr && sk->sk_rcv_saddr != iph->daddr) ||
	    (sk->sk_bound_dev_if && sk->sk_bound_dev_if != dif))
		return false;
	return ip_mc_sf_allow(sk, iph->daddr, iph->saddr, dif, 0);
}

/* @skb is handed over; @sk had it copied or takes the original. */
static void udp_mcast_one(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	if (udp_queue_rcv_skb(sk, skb) > 0)
		consume_skb(net->skiff, skb);
}

int __udp4_lib_mcast_deliver(struct net *net, struct sk_buff *skb, struct udp_table *t, bool lite)
{
	const struct udphdr *uh = (const struct udphdr *)skb->data;
	const struct iphdr *iph = ip_hdr(skb);
	int dif = (int)skb->dev->ifindex;
	struct sock *first = NULL;
	struct udp_sock *up;

	hlist_for_each_entry(up, &t->hash[ntohs(uh->dest) & (UDP_HTABLE_SIZE - 1)], udp_node) {
		struct sock *sk = &up->inet.sk;
		struct sk_buff *copy;

		if (!udp_is_mcast_sock(net, sk, uh, iph, dif))
			continue;
		if (!first) {
			first = sk;
			continue;
		}
		copy = skb_clone(net->skiff, skb);
		if (copy) {
			udp_mcast_one(net, sk, copy);
			continue;
		}
		sk->sk_drops++;
		UDP_INC_STATS(net, UDP_MIB_RCVBUFERRORS, lite);
		UDP_INC_STATS(net, UDP_MIB_INERRORS, lite);
	}
	if (first) {
		udp_mcast_one(net, first, skb);
		return 0;
	}
	UDP_INC_STATS(net, UDP_MIB_IGNOREDMULTI, lite);
	kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED, "__udp4_lib_rcv");
	return 0;
}
