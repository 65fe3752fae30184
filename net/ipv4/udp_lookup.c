// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_lookup.c - which socket gets a unicast datagram.
 *
 * DOC: Choosing a socket
 * Connected sockets of the 4-tuple first. Else all that are bound to the address, else all bound to any: among them the
 * most particular wins (peer address, peer port, device each count 4, the processor 1), the one bound last of equals. If it
 * is in a SO_REUSEPORT group the group chooses, but for connected members.
 */
#include "net/udp.h"
#include "net/sock_filter.h"

static bool udp_dev_match(const struct net *net, int bound, int dif, int sdif)
{
	if (!bound)
		return !sdif || net->ipv4.sysctl_udp_l3mdev_accept;
	return bound == dif || bound == sdif;
}

static int compute_score(const struct sock *sk, const struct net *net, __be32 saddr, __be16 sport,
			 __be32 daddr, u16 hnum, int dif, int sdif)
{
	int score = 2;

	if (sk->sk_num != hnum || sk->sk_rcv_saddr != daddr)
		return -1;
	if (sk->sk_daddr) {
		if (sk->sk_daddr != saddr)
			return -1;
		score += 4;
	}
	if (sk->sk_dport) {
		if (sk->sk_dport != sport)
			return -1;
		score += 4;
	}
	if (!udp_dev_match(net, sk->sk_bound_dev_if, dif, sdif))
		return -1;
	if (sk->sk_bound_dev_if)
		score += 4;
	/* All is done by one processor, number 0. */
	if (sk->sk_side && sk->sk_side->incoming_cpu == 0)
		score++;
	return score;
}

static struct sock *udp4_lookup4(struct net *net, struct udp_table *t, __be32 saddr, __be16 sport,
				 __be32 daddr, u16 hnum, int dif, int sdif)
{
	u32 hash = udp_ehashfn(t, daddr, hnum, saddr, sport);
	struct udp_sock *up;

	hlist_for_each_entry(up, &t->hash4[hash & (UDP_HTABLE2_SIZE - 1)], udp_lrpa_node) {
		const struct sock *sk = &up->inet.sk;

		if (sk->sk_daddr == saddr && sk->sk_rcv_saddr == daddr && sk->sk_dport == sport &&
		    sk->sk_num == hnum && udp_dev_match(net, sk->sk_bound_dev_if, dif, sdif))
			return &up->inet.sk;
	}
	return NULL;
}

static struct sock *udp4_lookup2(struct net *net, struct udp_table *t, __be32 saddr, __be16 sport,
				 __be32 daddr, u16 hnum, int dif, int sdif, __be32 bound,
				 struct sk_buff *skb)
{
	struct sock *result = NULL, *chosen;
	struct udp_sock *up;
	int badness = 0;

	hlist_for_each_entry(up, &t->hash2[udp_portaddr_slot(t, bound, hnum)], udp_portaddr_node) {
		struct sock *sk = &up->inet.sk;
		int score = compute_score(sk, net, saddr, sport, bound, hnum, dif, sdif);

		if (score <= badness)
			continue;
		badness = score;
		result = sk;
		if (sk->sk_state == TCP_ESTABLISHED || !sk->sk_reuseport)
			continue;
		chosen = reuseport_select_sock(sk, udp_ehashfn(t, daddr, hnum, saddr, sport), skb,
					       sizeof(struct udphdr));
		if (!chosen)
			continue;
		if (!reuseport_has_conns(sk))
			return chosen;
		result = chosen;
		badness = compute_score(chosen, net, saddr, sport, bound, hnum, dif, sdif);
	}
	return result;
}

struct sock *__udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
			       __be16 dport, int dif, int sdif, struct udp_table *t,
			       struct sk_buff *skb)
{
	struct udp_last *last = &t->last;
	u16 hnum = ntohs(dport);
	struct sock *sk = NULL;

	if (likely(last->sk && last->saddr == saddr && last->daddr == daddr &&
		   last->sport == sport && last->dport == dport && last->dif == dif && !sdif))
		return last->sk;
	if (!t->bound)
		return NULL;
	if (t->connected)
		sk = udp4_lookup4(net, t, saddr, sport, daddr, hnum, dif, sdif);
	if (sk && !sdif) {
		*last = (struct udp_last){ sk, saddr, daddr, sport, dport, dif };
		return sk;
	}
	if (!sk)
		sk = udp4_lookup2(net, t, saddr, sport, daddr, hnum, dif, sdif, daddr, skb);
	if (!sk)
		sk = udp4_lookup2(net, t, saddr, sport, daddr, hnum, dif, sdif, 0, skb);
	return sk;
}

struct sock *udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
			     __be16 dport, int dif)
{
	return __udp4_lib_lookup(net, saddr, sport, daddr, dport, dif, 0, net->ipv4.udp_table,
				 NULL);
}
