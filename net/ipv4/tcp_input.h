/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_input.h - what the receiver's files (tcp_rcv*.c, tcp_validate.c, tcp_data.c, tcp_ofo.c, tcp_prune.c, tcp_urg.c, tcp_rcvbuf.c) share. */
#ifndef TCP_INPUT_H
#define TCP_INPUT_H

#include "net/tcp.h"

#define TCP_RMEM_TO_WIN_SCALE 8

/* tp->urg_data: the byte in the low half */
#define TCP_URG_VALID  0x0100
#define TCP_URG_NOTYET 0x0200
#define TCP_URG_READ   0x0400

/** tcp_drop() - @skb is of no use to @sk: counted in sk_drops, told to the journey */
#define tcp_drop(sk, skb, reason) tcp_drop_at(sk, skb, reason, __func__)
static inline void tcp_drop_at(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason reason,
			       const char *where)
{
	sk->sk_drops += skb_gso_segs(skb);
	kfree_skb_reason_at(sock_skiff(sk), skb, reason, where);
}

static inline void tcp_rcv_nxt_update(struct tcp_sock *tp, u32 seq)
{
	tp->bytes_received += seq - tp->rcv_nxt;
	tp->rcv_nxt = seq;
}

static inline struct sk_buff *rb_to_skb(struct rb_node *n)
{
	return rb_entry_safe(n, struct sk_buff, rbnode);
}

static inline void tcp_sack_reset(struct tcp_options_received *rx_opt)
{
	rx_opt->dsack = 0;
	rx_opt->num_sacks = 0;
}

/** tcp_try_coalesce() - the bytes of @from behind those of @to, which is charged to @sk. @from is left empty */
bool tcp_try_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from);
/** tcp_can_ingest() - may the receive buffer take another @skb? */
bool tcp_can_ingest(const struct sock *sk, const struct sk_buff *skb);
/** tcp_data_snd_check() - an ACK came: send what it lets go, wake who waits for room */
static inline void tcp_data_snd_check(struct sock *sk)
{
	tcp_push_pending_frames(sk);
	tcp_check_space(sk);
}

/** tcp_rcv_spurious_retrans() - the same segment again: perhaps our ACKs get lost on this path */
void tcp_rcv_spurious_retrans(struct sock *sk, const struct sk_buff *skb);
void tcp_data_ecn_check(struct sock *sk, const struct sk_buff *skb);
/** tcp_sequence() - is any of [@seq, @end_seq) in the window? SKB_NOT_DROPPED_YET or the reason */
enum skb_drop_reason tcp_sequence(const struct sock *sk, u32 seq, u32 end_seq);
/** tcp_fast_parse_options() - true if a time stamp was seen; other options only if there is no other way */
bool tcp_fast_parse_options(const struct net *net, const struct sk_buff *skb,
			    const struct tcphdr *th, struct tcp_sock *tp);
bool tcp_parse_aligned_timestamp(struct tcp_sock *tp, const struct tcphdr *th);
/** tcp_rcv_synsent_state_process() - -1: consumed; 0: ours to free after urgent data were looked at; > 0: a reset is due, the reason */
int tcp_rcv_synsent_state_process(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th);
/** tcp_epollin_ready() - @target bytes are there to be read, or there will be no more for lack of room */
bool tcp_epollin_ready(const struct sock *sk, int target);
#endif
