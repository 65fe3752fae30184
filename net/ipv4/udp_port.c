// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_port.c - UDP's ports: who may share one, which one is given out, and the tables of bound sockets.
 *
 * DOC: Sharing a port
 * Two sockets conflict on a port if their addresses may be the same (one of them any) and neither is bound to another
 * device, unless both have SO_REUSEADDR, or both SO_REUSEPORT and the same owner. Port 0 asks for any: a random start
 * in the range and then all ports of the table's next chain in a random odd stride, so that every port can come up
 * and none can be foretold (RFC 6056).
 */
#include "net/inet_hashtables.h"
#include "net/sock_filter.h"
#include "net/udp.h"

#define PORTS_PER_CHAIN (65536 / UDP_HTABLE_SIZE)

u32 udp_portaddr_slot(const struct udp_table *t, __be32 addr, u16 port)
{
	u64 h = ((u64)addr ^ t->secret.key[0]) * 0x9e3779b97f4a7c15ULL;

	h = (h ^ port ^ t->secret.key[1]) * 0x9e3779b97f4a7c15ULL;
	return (u32)(h >> 40) & (UDP_HTABLE2_SIZE - 1);
}

u32 udp_ehashfn(const struct udp_table *t, __be32 laddr, u16 lport, __be32 faddr, __be16 fport)
{
	return (u32)siphash13_2u64((u64)laddr << 32 | faddr, (u64)lport << 16 | fport, &t->secret);
}

static u32 udp_port_slot(u16 port)
{
	return port & (UDP_HTABLE_SIZE - 1);
}

/* Could both hold the port of @sk2? */
static bool udp_may_share(const struct sock *sk, const struct sock *sk2)
{
	return sk->sk_reuseport && sk2->sk_reuseport && sk->sk_uid == sk2->sk_uid &&
	       !(sk->sk_side && sk->sk_side->reuseport_cb);
}

static bool udp_conflict(const struct sock *sk, const struct sock *sk2)
{
	return sk2 != sk && !(sk2->sk_reuse && sk->sk_reuse) &&
	       (!sk2->sk_bound_dev_if || !sk->sk_bound_dev_if ||
		sk2->sk_bound_dev_if == sk->sk_bound_dev_if) &&
	       inet_rcv_saddr_equal(sk, sk2, true);
}

/* Is @port taken? As in Linux the first other holder that could conflict decides, if it shares. */
static bool udp_lport_inuse(const struct udp_table *t, const struct sock *sk, u16 port)
{
	const struct udp_sock *up2;

	hlist_for_each_entry(up2, &t->hash[udp_port_slot(port)], udp_node) {
		const struct sock *sk2 = &up2->inet.sk;

		if (sk2->sk_num == port && udp_conflict(sk, sk2))
			return !udp_may_share(sk, sk2);
	}
	return false;
}

/* Ports of the chain of @slot that @sk can not have, by their upper bits. */
static void udp_chain_inuse(const struct udp_table *t, const struct sock *sk, u32 slot,
			    u64 taken[PORTS_PER_CHAIN / 64])
{
	const struct udp_sock *up2;

	memset(taken, 0, PORTS_PER_CHAIN / 8);
	hlist_for_each_entry(up2, &t->hash[slot], udp_node) {
		u32 bit = up2->inet.inet_num >> UDP_HTABLE_LOG;

		if (udp_conflict(sk, &up2->inet.sk) && !udp_may_share(sk, &up2->inet.sk))
			taken[bit / 64] |= 1ULL << bit % 64;
	}
}

/* A free port for @sk, 0: none. */
static u16 udp_choose_port(const struct udp_table *t, struct sock *sk)
{
	const struct net *net = sock_net(sk);
	u64 taken[PORTS_PER_CHAIN / 64];
	u32 rand, remaining;
	u16 first, last, port, stride;
	int low, high;

	inet_sk_get_local_port_range(sk, &low, &high);
	remaining = (u32)(high - low) + 1;
	rand = skiff_random32(sock_skiff(sk));
	first = (u16)(((u64)rand * remaining >> 32) + (u32)low);
	stride = (u16)((rand | 1) * UDP_HTABLE_SIZE);
	last = (u16)(first + UDP_HTABLE_SIZE);
	do {
		udp_chain_inuse(t, sk, udp_port_slot(first), taken);
		port = first;
		do {
			u32 bit = port >> UDP_HTABLE_LOG;

			if (low <= port && port <= high && !(taken[bit / 64] >> bit % 64 & 1) &&
			    !inet_is_local_reserved_port(net, port))
				return port;
			port = (u16)(port + stride);
		} while (port != first);
	} while (++first != last);
	return 0;
}

/* Join the group of sockets that share address and port by SO_REUSEPORT, or begin one. */
static int udp_reuseport_add_sock(struct udp_table *t, struct sock *sk)
{
	bool any = !sk->sk_rcv_saddr;
	struct udp_sock *up2;

	hlist_for_each_entry(up2, &t->hash[udp_port_slot(sk->sk_num)], udp_node) {
		struct sock *sk2 = &up2->inet.sk;

		if (sk2 != sk && sk2->sk_num == sk->sk_num &&
		    sk2->sk_bound_dev_if == sk->sk_bound_dev_if && sk2->sk_reuseport &&
		    sk2->sk_uid == sk->sk_uid && inet_rcv_saddr_equal(sk, sk2, false))
			return reuseport_add_sock(sk, sk2, any);
	}
	return reuseport_alloc(sk, any);
}

int udp_v4_get_port(struct sock *sk, u16 snum)
{
	struct udp_table *t = udp_get_table(sk);
	struct udp_sock *up = udp_sk(sk);

	if (!snum)
		snum = udp_choose_port(t, sk);
	else if (udp_lport_inuse(t, sk, snum))
		return 1;
	if (!snum)
		return 1;
	sk->sk_num = snum;
	if (!hlist_unhashed(&up->udp_node))
		return 0;
	t->last.sk = NULL;
	if (sk->sk_reuseport && udp_reuseport_add_sock(t, sk)) {
		sk->sk_num = 0;
		return 1;
	}
	hlist_add_head(&up->udp_node, &t->hash[udp_port_slot(snum)]);
	hlist_add_head(&up->udp_portaddr_node,
		       &t->hash2[udp_portaddr_slot(t, sk->sk_rcv_saddr, snum)]);
	t->bound++;
	sk->sk_hashed_ = 1;
	return 0;
}

void udp_lib_unhash(struct sock *sk)
{
	struct udp_table *t = udp_get_table(sk);
	struct udp_sock *up = udp_sk(sk);

	if (hlist_unhashed(&up->udp_node))
		return;
	t->last.sk = NULL;
	if (sk->sk_side && sk->sk_side->reuseport_cb)
		reuseport_detach_sock(sk);
	hlist_del(&up->udp_node);
	hlist_del(&up->udp_portaddr_node);
	udp_unhash4(t, sk);
	t->bound--;
	sk->sk_num = 0;
	sk->sk_hashed_ = 0;
}

/** udp_v4_rehash() - the own address changed (connect, disconnect): into the chain of the new one */
int udp_v4_rehash(struct sock *sk)
{
	struct udp_table *t = udp_get_table(sk);
	struct udp_sock *up = udp_sk(sk);

	if (hlist_unhashed(&up->udp_node))
		return 0;
	t->last.sk = NULL;
	hlist_del(&up->udp_portaddr_node);
	hlist_add_head(&up->udp_portaddr_node,
		       &t->hash2[udp_portaddr_slot(t, sk->sk_rcv_saddr, sk->sk_num)]);
	if (sk->sk_side && sk->sk_side->reuseport_cb)
		reuseport_detach_sock(sk);
	return 0;
}

void udp4_hash4(struct sock *sk)
{
	struct udp_table *t = udp_get_table(sk);
	struct udp_sock *up = udp_sk(sk);
	u32 hash;

	udp_unhash4(t, sk);
	t->last.sk = NULL;
	if (hlist_unhashed(&up->udp_node) || !sk->sk_rcv_saddr)
		return;
	hash = udp_ehashfn(t, sk->sk_rcv_saddr, sk->sk_num, sk->sk_daddr, sk->sk_dport);
	hlist_add_head(&up->udp_lrpa_node, &t->hash4[hash & (UDP_HTABLE2_SIZE - 1)]);
	t->connected++;
}

void udp_unhash4(struct udp_table *t, struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	if (hlist_unhashed(&up->udp_lrpa_node))
		return;
	hlist_del(&up->udp_lrpa_node);
	t->last.sk = NULL;
	t->connected--;
}
