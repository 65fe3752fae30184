/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ack.h - what the files that judge acknowledgements share: tcp_ack, tcp_sacktag, tcp_loss, tcp_undo, tcp_prr, tcp_reno. */
#ifndef NET_IPV4_TCP_ACK_H
#define NET_IPV4_TCP_ACK_H

#include "net/tcp.h"

/* ---- tcp_undo.c */
/** tcp_any_retrans_done() - is anything that was retransmitted still unacknowledged? */
bool tcp_any_retrans_done(const struct sock *sk);
/** tcp_retrans_stamp_cleanup() - forget when the episode's first retransmission went out, unless it may still be answered */
void tcp_retrans_stamp_cleanup(struct sock *sk);
/** tcp_tsopt_ecr_before() - the segment echoes a time stamp older than @when */
bool tcp_tsopt_ecr_before(const struct tcp_sock *tp, u32 when);
/** tcp_skb_spurious_retrans() - @skb was retransmitted, but what is acknowledged is the original */
bool tcp_skb_spurious_retrans(const struct tcp_sock *tp, const struct sk_buff *skb);
/** tcp_undo_cwnd_reduction() - the window as it was before; @unmark_loss: nothing is lost after all */
void tcp_undo_cwnd_reduction(struct sock *sk, bool unmark_loss);
/** tcp_try_undo_recovery() - everything up to high_seq arrived. Return: true: Reno, and the state has to be kept a while */
bool tcp_try_undo_recovery(struct sock *sk);
bool tcp_try_undo_dsack(struct sock *sk);
bool tcp_try_undo_loss(struct sock *sk, bool frto_undo);
/** tcp_try_undo_partial() - a hole was filled by the original. Return: true: retransmissions are out, wait for more evidence */
bool tcp_try_undo_partial(struct sock *sk, u32 prior_snd_una);
/** tcp_try_keep_open() - Open, or Disorder while something is SACKed, lost or retransmitted */
void tcp_try_keep_open(struct sock *sk);

/* ---- tcp_reno.c: without SACK */
bool tcp_limit_reno_sacked(struct tcp_sock *tp);
/** tcp_add_reno_sack() - @num_dupack duplicate ACKs stand for as many packets that arrived */
void tcp_add_reno_sack(struct sock *sk, int num_dupack, bool ece_ack);
void tcp_remove_reno_sacks(struct sock *sk, int acked, bool ece_ack);
static inline void tcp_reset_reno_sack(struct tcp_sock *tp)
{
	tp->sacked_out = 0;
}

/* ---- tcp_ack.c */
static inline void tcp_count_delivered_ce(struct tcp_sock *tp, u32 ecn_count)
{
	tp->delivered_ce += ecn_count;
}

/** tcp_count_delivered() - @delivered packets arrived; with classic ECN an echo stands for all of them */
static inline void tcp_count_delivered(struct tcp_sock *tp, u32 delivered, bool ece_ack)
{
	tp->delivered += delivered;
	if (ece_ack && tcp_ecn_mode_rfc3168(tp))
		tcp_count_delivered_ce(tp, delivered);
}

/** tcp_skb_sent_after() - was the packet sent at @t1 (us) and ending at @seq1 sent after the other? */
static inline bool tcp_skb_sent_after(u64 t1, u64 t2, u32 seq1, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && after(seq1, seq2));
}

/* ---- tcp_minmax.c: a minimum or maximum over a sliding window, in constant space */
u32 minmax_reset(struct minmax3 *m, u32 t, u32 meas);
u32 minmax_running_min(struct minmax3 *m, u32 win, u32 t, u32 meas);
u32 minmax_running_max(struct minmax3 *m, u32 win, u32 t, u32 meas);
static inline u32 minmax_get(const struct minmax3 *m)
{
	return m->s[0].v;
}

#endif
