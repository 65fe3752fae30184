/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ulp.c - protocols that sit between a TCP socket and its user (TCP_ULP), by name.
 *
 * skiff itself has none; an embedder registers what it brings. Asking for another is ENOENT, as where no module is.
 */
#include "net/tcp.h"

static struct sock_shard *shard_of(const struct sock *sk)
{
	return sock_skiff(sk)->sockets;
}

static const struct tcp_ulp_ops **tcp_ulp_find(struct sock_shard *shard, const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(shard->ulps); i++)
		if (shard->ulps[i] && !strcmp(shard->ulps[i]->name, name))
			return &shard->ulps[i];
	return NULL;
}

/**
 * tcp_register_ulp() - make @ulp known to the shard (it stays the caller's). 0, -EEXIST, -ENOSPC
 */
int tcp_register_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp)
{
	struct sock_shard *shard = skiff->sockets;

	if (tcp_ulp_find(shard, ulp->name))
		return -EEXIST;
	for (u32 i = 0; i < ARRAY_SIZE(shard->ulps); i++)
		if (!shard->ulps[i]) {
			shard->ulps[i] = ulp;
			return 0;
		}
	return -ENOSPC;
}

/**
 * tcp_unregister_ulp() - no socket may use it any more
 */
void tcp_unregister_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp)
{
	const struct tcp_ulp_ops **p = tcp_ulp_find(skiff->sockets, ulp->name);

	if (p)
		*p = NULL;
}

/**
 * tcp_set_ulp() - TCP_ULP. -EEXIST: there is one already; -ENOENT: unknown; -ENOTCONN: a listener whose ULP has no clone(); what init() says
 */
int tcp_set_ulp(struct sock *sk, const char *name)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_ulp_ops **ulp;
	struct tcp_rare *rare;
	int err;

	if (icsk_rare(icsk)->icsk_ulp_ops)
		return -EEXIST;
	ulp = tcp_ulp_find(shard_of(sk), name);
	if (!ulp)
		return -ENOENT;
	if (sk->sk_state == TCP_LISTEN && !(*ulp)->clone)
		return -ENOTCONN;
	rare = tcp_rare_make(sk);
	if (!rare)
		return -ENOMEM;
	err = (*ulp)->init(sk);
	if (err)
		return err;
	rare->icsk_ulp_ops = *ulp;
	return 0;
}

/**
 * tcp_cleanup_ulp() - the socket goes
 */
void tcp_cleanup_ulp(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	const struct tcp_ulp_ops *ulp = icsk_rare(icsk)->icsk_ulp_ops;

	if (!ulp)
		return;
	if (ulp->release)
		ulp->release(sk);
	icsk->icsk_rare->icsk_ulp_ops = NULL;
}
