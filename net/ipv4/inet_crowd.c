// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_crowd.c - which ports are taken towards a destination that many connections go to. */
#include "net/ipv4/inet_crowd.h"

#include "net/inet_sock.h"

#define SETS 16
#define WAYS 4

/**
 * struct port_crowd - towards one destination
 * @set: how many bits of @taken are set
 */
struct port_crowd {
	__be32 saddr, daddr;
	__be16 dport;
	u32 set;
	u64 taken[65536 / 64];
};

/* A set that is full gives up the one with the fewest ports. */
struct inet_crowds {
	u32 count;
	struct port_crowd *of[SETS][WAYS];
};

static struct port_crowd **crowd_set(const struct sock *sk)
{
	const struct net *net = sock_net(sk);
	u32 hash = inet_ehashfn(net, sk->sk_rcv_saddr, 0, sk->sk_daddr, sk->sk_dport);

	return net->ipv4.tcp_hashinfo->crowds->of[hash % SETS];
}

static bool is_of(const struct port_crowd *c, const struct sock *sk)
{
	return c && c->daddr == sk->sk_daddr && c->dport == sk->sk_dport &&
	       c->saddr == sk->sk_rcv_saddr;
}

static void crowd_drop(struct net *net, struct port_crowd **at)
{
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;

	skiff_free(net->skiff, *at);
	*at = NULL;
	if (--h->crowds->count)
		return;
	skiff_free(net->skiff, h->crowds);
	h->crowds = NULL;
}

struct port_crowd *inet_crowd_find(const struct sock *sk)
{
	struct port_crowd **set;

	if (!sock_net(sk)->ipv4.tcp_hashinfo->crowds)
		return NULL;
	set = crowd_set(sk);
	for (u32 i = 0; i < WAYS; i++) {
		if (is_of(set[i], sk))
			return set[i];
	}
	return NULL;
}

struct port_crowd *inet_crowd_get(const struct sock *sk)
{
	struct net *net = sock_net(sk);
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;
	struct port_crowd *c = inet_crowd_find(sk), **set, **at;

	if (c)
		return c;
	c = skiff_zalloc(net->skiff, sizeof(*c));
	if (c && !h->crowds)
		h->crowds = skiff_zalloc(net->skiff, sizeof(*h->crowds));
	if (!c || !h->crowds) {
		skiff_free(net->skiff, c);
		return NULL;
	}
	h->crowds->count++;
	set = at = crowd_set(sk);
	for (u32 i = 0; i < WAYS && *at; i++) {
		if (!set[i] || set[i]->set < (*at)->set)
			at = &set[i];
	}
	if (*at)
		crowd_drop(net, at);
	c->saddr = sk->sk_rcv_saddr;
	c->daddr = sk->sk_daddr;
	c->dport = sk->sk_dport;
	*at = c;
	return c;
}

void inet_crowd_taken(struct port_crowd *c, u16 port)
{
	u64 bit = 1ull << (port % 64);

	c->set += !(c->taken[port / 64] & bit);
	c->taken[port / 64] |= bit;
}

u32 inet_crowd_run(const struct port_crowd *c, int port, int high, u32 step)
{
	/* Of those between, at odd distances, nothing is asked. */
	const u64 between = step == 2 ? 0xaaaaaaaaaaaaaaaaull : 0;
	u32 at = (u32)port % 64, run;
	u64 free;

	if (!c)
		return 0;
	free = ~(c->taken[port / 64] >> at | between) & (~0ull >> at);
	run = free ? (u32)__builtin_ctzll(free) : 64 - at;
	run = min_t(u32, run, (u32)(high - port));
	return run + run % step;
}

void __inet_crowd_leave(const struct sock *sk)
{
	struct port_crowd **set = crowd_set(sk), *c;
	u64 bit = 1ull << (sk->sk_num % 64);

	for (u32 i = 0; i < WAYS; i++) {
		c = set[i];
		if (!is_of(c, sk) || !(c->taken[sk->sk_num / 64] & bit))
			continue;
		c->taken[sk->sk_num / 64] &= ~bit;
		if (!--c->set)
			crowd_drop(sock_net(sk), &set[i]);
		return;
	}
}

void inet_crowd_exit(struct net *net)
{
	struct inet_hashinfo *h = net->ipv4.tcp_hashinfo;

	for (u32 i = 0; h->crowds && i < SETS * WAYS; i++) {
		if (h->crowds->of[i / WAYS][i % WAYS])
			crowd_drop(net, &h->crowds->of[i / WAYS][i % WAYS]);
	}
}
