// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock_reuseport.c - sockets that share an address and port, and which of them gets a packet.
 *
 * DOC: Groups
 * Sockets bound with SO_REUSEPORT to the same address form a group. A packet goes to the one that a program of the group names
 * (SO_ATTACH_REUSEPORT_CBPF), else to the one that its hash falls on; connected ones are left out of that, they are found by
 * their peer.
 */
#include "filter.h"
#include "net/sock_filter.h"

#define REUSEPORT_FIRST_MAX 16
#define REUSEPORT_MAX	    UINT16_MAX

/**
 * struct sock_reuseport - a group
 * @socks: @num of them, room for @max; @prog: who decides, NULL: the hash
 * @bind_inany: bound to any address (net/ipv4 looks at it)
 * @has_conns: a member is connected: a choice by hash has to be judged again
 */
struct sock_reuseport {
	u16 num, max;
	bool bind_inany;
	bool has_conns;
	struct sk_filter *prog;
	struct sock **socks;
};

static struct sock_reuseport *group_of(const struct sock *sk)
{
	return sk->sk_side ? sk->sk_side->reuseport_cb : NULL;
}

bool reuseport_has_conns(const struct sock *sk)
{
	return group_of(sk) && group_of(sk)->has_conns;
}

void reuseport_has_conns_set(struct sock *sk)
{
	if (group_of(sk))
		group_of(sk)->has_conns = true;
}

static void group_free(struct skiff *skiff, struct sock_reuseport *g)
{
	sk_filter_put(skiff, g->prog);
	skiff_free(skiff, g->socks);
	skiff_free(skiff, g);
}

int reuseport_alloc(struct sock *sk, bool bind_inany)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sock_side *side = sk_side(sk);
	struct sock_reuseport *g;

	if (!side)
		return -ENOMEM;
	if (side->reuseport_cb) {
		side->reuseport_cb->bind_inany |= bind_inany;
		return 0;
	}
	g = skiff_zalloc(skiff, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->socks = skiff_alloc(skiff, REUSEPORT_FIRST_MAX * sizeof(*g->socks));
	if (!g->socks) {
		skiff_free(skiff, g);
		return -ENOMEM;
	}
	g->max = REUSEPORT_FIRST_MAX;
	g->num = 1;
	g->socks[0] = sk;
	g->bind_inany = bind_inany;
	side->reuseport_cb = g;
	return 0;
}

static int group_grow(struct skiff *skiff, struct sock_reuseport *g)
{
	u32 max = min_t(u32, g->max * 2u, REUSEPORT_MAX);
	struct sock **socks;

	if (g->max == REUSEPORT_MAX)
		return -ENOSPC;
	socks = skiff_alloc(skiff, max * sizeof(*socks));
	if (!socks)
		return -ENOMEM;
	memcpy(socks, g->socks, g->num * sizeof(*socks));
	skiff_free(skiff, g->socks);
	g->socks = socks;
	g->max = (u16)max;
	return 0;
}

int reuseport_add_sock(struct sock *sk, struct sock *sk2, bool bind_inany)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sock_side *side = sk_side(sk);
	struct sock_reuseport *g, *old;
	int err;

	if (!side)
		return -ENOMEM;
	if (!group_of(sk2)) {
		err = reuseport_alloc(sk2, bind_inany);
		if (err)
			return err;
	}
	g = group_of(sk2);
	old = side->reuseport_cb;
	/* One that was given a program before it was bound has a group of its own. */
	if (old && old->num != 1)
		return -EBUSY;
	if (g->num == g->max) {
		err = group_grow(skiff, g);
		if (err)
			return err;
	}
	g->socks[g->num++] = sk;
	side->reuseport_cb = g;
	if (old)
		group_free(skiff, old);
	return 0;
}

void reuseport_detach_sock(struct sock *sk)
{
	struct sock_reuseport *g = group_of(sk);

	if (!g)
		return;
	sk->sk_side->reuseport_cb = NULL;
	for (u32 i = 0; i < g->num; i++) {
		if (g->socks[i] == sk) {
			g->socks[i] = g->socks[--g->num];
			break;
		}
	}
	if (!g->num)
		group_free(sock_skiff(sk), g);
}

/* The first from where @hash falls on that is not connected; one that asked for this processor goes first. */
static struct sock *select_by_hash(const struct sock_reuseport *g, u32 hash)
{
	u32 start = (u32)((u64)hash * g->num >> 32);
	struct sock *first = NULL;
	bool cpus = false;

	for (u32 i = 0; i < g->num; i++)
		cpus |= g->socks[i]->sk_side->incoming_cpu != ~0u;
	for (u32 n = 0, i = start; n < g->num; n++, i = i + 1 == g->num ? 0 : i + 1) {
		struct sock *sk = g->socks[i];

		if (sk->sk_state == TCP_ESTABLISHED)
			continue;
		if (!cpus || sk->sk_side->incoming_cpu == 0)
			return sk;
		if (!first)
			first = sk;
	}
	return first;
}

/* The one that the program names by its number; it sees the packet from behind the transport's header on. */
static struct sock *select_by_program(struct sock_reuseport *g, struct sk_buff *skb, int hdr_len)
{
	struct skiff *skiff = sock_skiff(g->socks[0]);
	u32 index;

	if (!pskb_may_pull(skiff, skb, (u32)hdr_len))
		return NULL;
	skb_pull(skb, (u32)hdr_len);
	index = sk_filter_run(skiff, g->prog, skb);
	skb_push(skb, (u32)hdr_len);
	return index < g->num ? g->socks[index] : NULL;
}

struct sock *reuseport_select_sock(struct sock *sk, u32 hash, struct sk_buff *skb, int hdr_len)
{
	struct sock_reuseport *g = group_of(sk);
	struct sock *found = NULL;

	if (!g)
		return NULL;
	if (g->prog && skb)
		found = select_by_program(g, skb, hdr_len);
	return found ? found : select_by_hash(g, hash);
}

int reuseport_attach_prog(struct sock *sk, struct sk_filter *prog)
{
	struct sock_reuseport *g;
	int err;

	if (!sk->sk_hashed_) {
		if (!sk->sk_reuseport)
			return -EINVAL;
		err = reuseport_alloc(sk, false);
		if (err)
			return err;
	}
	g = group_of(sk);
	if (!g)
		return -EINVAL;
	sk_filter_put(sock_skiff(sk), g->prog);
	g->prog = prog;
	return 0;
}

int reuseport_detach_prog(struct sock *sk)
{
	struct sock_reuseport *g = group_of(sk);

	if (!g)
		return sk->sk_reuseport ? -ENOENT : -EINVAL;
	if (!g->prog)
		return -ENOENT;
	sk_filter_put(sock_skiff(sk), g->prog);
	g->prog = NULL;
	return 0;
}
