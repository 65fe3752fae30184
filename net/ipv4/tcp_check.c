/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_check.c - what must hold in a connection at the end of every call and every turn. For tests, fuzzing and simulation. */
#include "net/tcp.h"

#define MUST(x)                       \
	do {                          \
		if (!(x))             \
			return "" #x; \
	} while (0)

/* ---- what was received ---- */

static const char *check_receive_queue(const struct sock *sk, s64 *truesize)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb, *last = NULL;
	u32 n = 0;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

		MUST(skb->prev == last);
		MUST(!last || !after(cb->seq, TCP_SKB_CB(last)->end_seq));
		MUST(!last || after(cb->end_seq, TCP_SKB_CB(last)->end_seq));
		MUST(cb->end_seq - cb->seq ==
		     skb->len + !!(cb->tcp_flags & TCPHDR_FIN) + !!(cb->tcp_flags & TCPHDR_SYN));
		*truesize += skb->truesize;
		last = skb;
		n++;
	}
	MUST(sk->sk_receive_queue.last == last);
	MUST(sk->sk_receive_queue.qlen == n);
	MUST(!last || TCP_SKB_CB(last)->end_seq == tp->rcv_nxt);
	skb = sk->sk_receive_queue.first;
	MUST(!skb || !after(TCP_SKB_CB(skb)->seq, tp->copied_seq));
	return NULL;
}

static const char *check_out_of_order(const struct sock *sk, s64 *truesize)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb, *last = NULL;

	for (skb = skb_rb_first(&tcp_loss(tp)->out_of_order_queue); skb; skb = skb_rb_next(skb)) {
		const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

		MUST(after(cb->seq, tp->rcv_nxt));
		MUST(before(cb->seq, cb->end_seq));
		MUST(!last || before(TCP_SKB_CB(last)->seq, cb->seq));
		MUST(!last || before(TCP_SKB_CB(last)->end_seq, cb->end_seq));
		*truesize += skb->truesize;
		last = skb;
	}
	MUST(!last || tcp_loss(tp)->ooo_last_skb == last);
	MUST(last || !tp->rx_opt.num_sacks);
	MUST(tp->rx_opt.num_sacks <= 4);
	for (u32 i = 0; i < tp->rx_opt.num_sacks; i++) {
		MUST(after(tcp_loss(tp)->selective_acks[i].start_seq, tp->rcv_nxt));
		MUST(before(tcp_loss(tp)->selective_acks[i].start_seq,
			    tcp_loss(tp)->selective_acks[i].end_seq));
	}
	return NULL;
}

static const char *check_receiver(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s64 truesize = 0;
	const char *why;

	MUST(!after(tp->copied_seq, tp->rcv_nxt) || sock_flag(sk, SOCK_DONE) || tp->urg_data);
	why = check_receive_queue(sk, &truesize);
	if (!why)
		why = check_out_of_order(sk, &truesize);
	if (why)
		return why;
	MUST(sk->sk_rmem_alloc == truesize);
	return NULL;
}

/* ---- what is sent ---- */

struct out_sums {
	s64 truesize;
	u32 packets, sacked, lost, retrans;
	u32 next; /* sequence number expected */
};

static const char *check_rtx_queue(const struct sock *sk, struct out_sums *s)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = skb_rb_next(skb)) {
		const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		u32 pcount = (u32)tcp_skb_pcount(skb);

		MUST(cb->seq == s->next || s->next == tp->snd_una);
		MUST(after(cb->end_seq, tp->snd_una));
		MUST(before(cb->seq, cb->end_seq));
		MUST(pcount);
		s->packets += pcount;
		s->sacked += cb->sacked & TCPCB_SACKED_ACKED ? pcount : 0;
		s->lost += cb->sacked & TCPCB_LOST ? pcount : 0;
		s->retrans += cb->sacked & TCPCB_SACKED_RETRANS ? pcount : 0;
		MUST((cb->sacked & (TCPCB_SACKED_ACKED | TCPCB_LOST)) !=
		     (TCPCB_SACKED_ACKED | TCPCB_LOST));
		s->truesize += skb->truesize;
		s->next = cb->end_seq;
	}
	MUST(tcp_rtx_queue_empty(sk) || s->next == tp->snd_nxt);
	MUST(tp->packets_out == s->packets);
	MUST(!tcp_is_sack(tp) || tp->sacked_out == s->sacked);
	MUST(tp->lost_out == s->lost);
	MUST(tp->retrans_out == s->retrans);
	MUST(tp->sacked_out + tp->lost_out <= tp->packets_out);
	return NULL;
}

static const char *check_write_queue(const struct sock *sk, struct out_sums *s)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb;

	s->next = tp->snd_nxt;
	skb_queue_walk(&sk->sk_write_queue, skb) {
		MUST(TCP_SKB_CB(skb)->seq == s->next);
		MUST(!before(TCP_SKB_CB(skb)->end_seq, TCP_SKB_CB(skb)->seq));
		s->truesize += skb->truesize;
		s->next = TCP_SKB_CB(skb)->end_seq;
	}
	MUST(skb_queue_empty(&sk->sk_write_queue) || s->next == tp->write_seq);
	return NULL;
}

static const char *check_sender(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct out_sums s = { .next = tp->snd_una };
	const char *why;

	MUST(!after(tp->snd_una, tp->snd_nxt));
	MUST(!after(tp->snd_nxt, tp->write_seq));
	MUST(tp->snd_cwnd > 0);
	why = check_rtx_queue(sk, &s);
	if (!why)
		why = check_write_queue(sk, &s);
	if (why)
		return why;
	MUST(sk->sk_wmem_queued == s.truesize);
	return NULL;
}

const char *tcp_check_invariants(const struct sock *sk)
{
	const char *why;

	MUST(sk->sk_state >= TCP_ESTABLISHED && sk->sk_state <= TCP_CLOSING);
	MUST(sk->sk_refcnt > 0);
	if (sk->sk_state == TCP_LISTEN)
		return NULL;
	MUST(sk->sk_rmem_alloc >= 0);
	if (sk->sk_state == TCP_CLOSE)
		return NULL;
	if (tcp_sk(sk)->repair)
		return NULL;
	/* The SYN waits for data (TCP_FASTOPEN_CONNECT): there are no numbers yet. */
	if (inet_test_bit(DEFER_CONNECT, sk))
		return NULL;
	why = sk->sk_state == TCP_SYN_SENT ? NULL : check_receiver(sk);
	return why ? why : check_sender(sk);
}
