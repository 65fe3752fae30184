/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_queue.h - the write queue and the tree of what is not acknowledged. */
#ifndef NET_TCP_QUEUE_H
#define NET_TCP_QUEUE_H

#include "net/tcp_sock.h"

struct sk_buff *tcp_rtx_queue_head(const struct sock *sk);
struct sk_buff *tcp_rtx_queue_tail(const struct sock *sk);
static inline bool tcp_rtx_queue_empty(const struct sock *sk)
{
	return !tcp_sk(sk)->tcp_rtx_queue.rb_node;
}

static inline struct sk_buff *tcp_send_head(const struct sock *sk)
{
	return sk->sk_write_queue.first;
}

static inline struct sk_buff *tcp_write_queue_tail(const struct sock *sk)
{
	return sk->sk_write_queue.last;
}

static inline bool tcp_write_queue_empty(const struct sock *sk)
{
	return tcp_sk(sk)->write_seq == tcp_sk(sk)->snd_nxt;
}

static inline bool tcp_rtx_and_write_queues_empty(const struct sock *sk)
{
	return tcp_rtx_queue_empty(sk) && tcp_write_queue_empty(sk);
}

/** skb_rb_first() … - walking a tree of packets (queues by sequence number) */
struct sk_buff *skb_rb_first(const struct rb_root *root);
struct sk_buff *skb_rb_last(const struct rb_root *root);
struct sk_buff *skb_rb_next(const struct sk_buff *skb);
struct sk_buff *skb_rb_prev(const struct sk_buff *skb);
void tcp_rbtree_insert(struct rb_root *root, struct sk_buff *skb);
void tcp_rtx_queue_unlink(struct sk_buff *skb, struct sock *sk);
/** tcp_rtx_queue_unlink_and_free() - acknowledged: out of the tree and gone */
void tcp_rtx_queue_unlink_and_free(struct sk_buff *skb, struct sock *sk);
void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb);
void tcp_write_queue_purge(struct sock *sk);

/* The packet behind the highest SACKed one; only meaningful while sacked_out is not 0. */
static inline u32 tcp_highest_sack_seq(const struct tcp_sock *tp)
{
	if (!tp->sacked_out)
		return tp->snd_una;
	return tp->highest_sack ? TCP_SKB_CB(tp->highest_sack)->seq : tp->snd_nxt;
}

static inline void tcp_highest_sack_reset(struct sock *sk)
{
	tcp_sk(sk)->highest_sack = tcp_rtx_queue_head(sk);
}

/** tcp_highest_sack_replace() - @old leaves the queue, or @new_skb took its place */
static inline void tcp_highest_sack_replace(struct sock *sk, const struct sk_buff *old,
					    struct sk_buff *new_skb)
{
	if (old == tcp_sk(sk)->highest_sack)
		tcp_sk(sk)->highest_sack = new_skb;
}

#define TCP_FRAG_IN_WRITE_QUEUE 0
#define TCP_FRAG_IN_RTX_QUEUE	1
/** tcp_fragment() - cut @skb of a queue after @len bytes into two. 0 or -ENOMEM, -EINVAL */
int tcp_fragment(struct sock *sk, int queue, struct sk_buff *skb, u32 len, u32 mss_now);
/** tcp_trim_head() - the first @len bytes are acknowledged */
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
/** tcp_set_skb_tso_segs() - how many segments of @mss_now it will be */
int tcp_set_skb_tso_segs(struct sk_buff *skb, u32 mss_now);

#endif
