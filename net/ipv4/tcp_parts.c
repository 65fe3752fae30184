// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_parts.c - the parts of a connection that few have: tcp_rare (net/tcp_rare.h) and tcp_loss (net/tcp_sock.h). */
#include "net/tcp.h"

const struct tcp_rare tcp_rare_none = { .snd_cwnd_clamp = ~0U };
const struct tcp_loss tcp_loss_none = { .undo_retrans = -1 };

/* ---- rare ---- */

struct tcp_rare *tcp_rare_make(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (!icsk->icsk_rare) {
		icsk->icsk_rare = skiff_alloc(sock_skiff(sk), sizeof(*icsk->icsk_rare));
		if (icsk->icsk_rare)
			*icsk->icsk_rare = tcp_rare_none;
	}
	return icsk->icsk_rare;
}

struct tcp_rare *tcp_tune(struct sock *sk)
{
	struct tcp_rare *rare = tcp_rare_make(sk);

	if (rare)
		rare->is_tuned = true;
	return rare;
}

bool tcp_rare_copy(const struct sock *sk, struct tcp_rare **copy)
{
	const struct tcp_rare *from = icsk_rare(inet_csk(sk));
	struct tcp_rare *to;

	*copy = NULL;
	if (!from->is_tuned && !from->icsk_ulp_ops)
		return true;
	to = skiff_alloc(sock_skiff(sk), sizeof(*to));
	if (!to)
		return false;
	*to = *from;
	to->icsk_accept_queue = NULL;
	to->md5sig_info = NULL;
	to->ao_info = NULL;
	to->fastopen_rsk = NULL;
	to->fastopen_req = NULL;
	to->saved_syn = NULL;
	to->accecn = NULL;
	*copy = to;
	return true;
}

void tcp_rare_free(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	skiff_free(sock_skiff(sk), icsk->icsk_rare);
	icsk->icsk_rare = NULL;
}

void tcp_free_saved_syn(struct sock *sk)
{
	struct tcp_rare *rare = inet_csk(sk)->icsk_rare;

	if (!rare)
		return;
	skiff_free(sock_skiff(sk), rare->saved_syn);
	rare->saved_syn = NULL;
}

/* ---- loss ---- */

static struct slab *loss_slab(const struct tcp_sock *tp)
{
	return &sock_skiff((const struct sock *)tp)->sockets->slab[SLAB_TCP_LOSS];
}

struct tcp_loss *tcp_loss_make(struct tcp_sock *tp)
{
	if (!tp->loss) {
		tp->loss = slab_alloc(loss_slab(tp));
		if (tp->loss)
			*tp->loss = tcp_loss_none;
	}
	return tp->loss;
}

void tcp_loss_free(struct tcp_sock *tp)
{
	NET_ASSERT(tcp_ooo_empty(tp));
	if (tp->loss)
		slab_free(loss_slab(tp), tp->loss);
	tp->loss = NULL;
}

void tcp_reordering_seen(struct tcp_sock *tp)
{
	struct tcp_loss *loss = tcp_loss_make(tp);

	if (loss)
		loss->reord_seen++;
}
