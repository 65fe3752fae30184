/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_prune.c - when the receive buffer is full: smaller window, tighter packets, and at last dropping what is out of order.
 *
 * DOC: Memory of received data
 * Each packet that is queued is charged to sk_rmem_alloc with its truesize, and to the transport's memory (tcp_mem).
 * tcp_try_rmem_schedule() is asked before. If there is no room it takes, in this order: the window is clamped; packets that
 * waste memory are copied into full ones (tcp_collapse()); out-of-order data are dropped from the far end on, an eighth of the
 * buffer at a time, with their SACKs (RFC 2018 8 allows it: the sender keeps them until acknowledged).
 */
#include "tcp_input.h"
#include "net/sock_mem.h"

/* As much as a page holds behind the metadata. */
#define COLLAPSE_MAX 3776

bool tcp_can_ingest(const struct sock *sk, const struct sk_buff *skb)
{
	return (u32)sk->sk_rmem_alloc + skb->len <= (u32)sk->sk_rcvbuf;
}

void tcp_clamp_window(struct sock *sk)
{
	const struct proto_memory *mem = sk_proto_memory(sk);
	int rmem2 = (int)sock_net(sk)->ipv4.sysctl_tcp_rmem[2];
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk(sk)->icsk_ack.quick = 0;
	if (sk->sk_rcvbuf < rmem2 && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    !tcp_under_memory_pressure(sk) && mem && mem->allocated < sk_prot_mem_limits(sk, 0))
		sk->sk_rcvbuf = min_t(int, sk->sk_rmem_alloc, rmem2);
	if (sk->sk_rmem_alloc > sk->sk_rcvbuf)
		tp->rcv_ssthresh = min_t(u32, tp->window_clamp, 2U * tp->advmss);
}

/* ---- collapsing ---- */

/* A queue of packets in sequence: the receive queue, or (list NULL) the tree of those out of order. */
struct collapse {
	struct sock *sk;
	struct sk_buff_head *list;
	struct rb_root *root;
	struct sk_buff *tail; /* not beyond this one */
	u32 start, end;
};

static struct sk_buff *collapse_next(const struct collapse *c, struct sk_buff *skb)
{
	return c->list ? skb->next : skb_rb_next(skb);
}

static struct sk_buff *collapse_one(const struct collapse *c, struct sk_buff *skb)
{
	struct sk_buff *next = collapse_next(c, skb);

	if (c->list)
		skb_unlink(skb, c->list);
	else
		rb_erase(&skb->rbnode, c->root);
	consume_skb(sock_skiff(c->sk), skb);
	NET_INC_STATS(sock_net(c->sk), LINUX_MIB_TCPRCVCOLLAPSED);
	return next;
}

static bool has_syn_fin(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->tcp_flags & (TCPHDR_SYN | TCPHDR_FIN);
}

/* The first packet from which on copying saves something; packets that hold nothing new go. NULL: none */
static struct sk_buff *collapse_find(struct collapse *c, struct sk_buff *skb)
{
	while (skb && skb != c->tail) {
		struct sk_buff *n = collapse_next(c, skb);

		if (!before(c->start, TCP_SKB_CB(skb)->end_seq)) {
			skb = collapse_one(c, skb);
			continue;
		}
		if (!has_syn_fin(skb) &&
		    (tcp_win_from_space(c->sk, (int)skb->truesize) > (int)skb->len ||
		     before(TCP_SKB_CB(skb)->seq, c->start)))
			return skb;
		if (n && n != c->tail && TCP_SKB_CB(skb)->end_seq != TCP_SKB_CB(n)->seq)
			return has_syn_fin(skb) ? NULL : skb;
		c->start = TCP_SKB_CB(skb)->end_seq;
		skb = n;
	}
	return NULL;
}

/* Fill @nskb with up to @copy bytes from *@from on. Return: false if what follows must not be merged. */
static bool collapse_fill(struct collapse *c, struct sk_buff *nskb, struct sk_buff **from, int copy)
{
	struct sk_buff *skb = *from;

	while (copy > 0) {
		u32 offset = c->start - TCP_SKB_CB(skb)->seq;
		int size = (int)(TCP_SKB_CB(skb)->end_seq - c->start);

		if (size > 0) {
			size = min_t(int, copy, size);
			skb_copy_bits(skb, offset, skb_put(nskb, (u32)size), (u32)size);
			TCP_SKB_CB(nskb)->end_seq += (u32)size;
			copy -= size;
			c->start += (u32)size;
		}
		if (!before(c->start, TCP_SKB_CB(skb)->end_seq)) {
			skb = *from = collapse_one(c, skb);
			if (!skb || skb == c->tail || has_syn_fin(skb))
				return false;
			if (before(c->start, TCP_SKB_CB(skb)->seq))
				return false;
		}
	}
	return true;
}

static void tcp_collapse(struct collapse *c, struct sk_buff *head)
{
	struct sk_buff *skb = collapse_find(c, head);
	struct sk_buff_head tmp;
	bool more = true;

	if (!skb)
		return;
	if (before(c->start, TCP_SKB_CB(skb)->seq))
		c->start = TCP_SKB_CB(skb)->seq;
	skb_queue_head_init(&tmp);
	while (more && before(c->start, c->end)) {
		int copy = min_t(int, COLLAPSE_MAX, (int)(c->end - c->start));
		struct sk_buff *nskb = alloc_skb(sock_skiff(c->sk), (u32)copy);

		if (!nskb)
			break;
		nskb->cold = 1;
		memcpy(nskb->cb, skb->cb, sizeof(skb->cb));
		nskb->tstamp = skb->tstamp;
		nskb->dev = skb->dev;
		TCP_SKB_CB(nskb)->seq = TCP_SKB_CB(nskb)->end_seq = c->start;
		if (c->list)
			skb_queue_before(c->list, skb, nskb);
		else
			skb_queue_tail(&tmp, nskb);
		skb_set_owner_r(nskb, c->sk);
		more = collapse_fill(c, nskb, &skb, copy);
	}
	while ((skb = skb_dequeue(&tmp)))
		tcp_rbtree_insert(c->root, skb);
}

/* Each run of adjoining packets in the out-of-order queue that is worth it. */
static void tcp_collapse_ofo_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = skb_rb_first(&tcp_loss(tp)->out_of_order_queue), *head;
	u32 range_truesize, sum_tiny = 0, start, end;

	if (!skb)
		return;
	while (skb) {
		start = TCP_SKB_CB(skb)->seq;
		end = TCP_SKB_CB(skb)->end_seq;
		range_truesize = skb->truesize;
		for (head = skb;;) {
			skb = skb_rb_next(skb);
			if (!skb || after(TCP_SKB_CB(skb)->seq, end) ||
			    before(TCP_SKB_CB(skb)->end_seq, start))
				break;
			range_truesize += skb->truesize;
			if (before(TCP_SKB_CB(skb)->seq, start))
				start = TCP_SKB_CB(skb)->seq;
			if (after(TCP_SKB_CB(skb)->end_seq, end))
				end = TCP_SKB_CB(skb)->end_seq;
		}
		/* Attackers send tiny runs: not more work for them than an eighth of the buffer is worth. */
		if (range_truesize != head->truesize || end - start >= COLLAPSE_MAX) {
			struct collapse c = { sk,  NULL,  &tp->loss->out_of_order_queue,
					      skb, start, end };

			tcp_collapse(&c, head);
		} else {
			sum_tiny += range_truesize;
			if ((int)sum_tiny > sk->sk_rcvbuf >> 3)
				break;
		}
	}
	tp->loss->ooo_last_skb = skb_rb_last(&tp->loss->out_of_order_queue);
}

/* ---- dropping ---- */

static bool tcp_prune_ofo_queue(struct sock *sk, const struct sk_buff *in_skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int goal = sk->sk_rcvbuf >> 3;
	struct sk_buff *skb = tcp_ooo_empty(tp) ? NULL : tp->loss->ooo_last_skb;
	bool pruned = false;

	while (skb) {
		struct sk_buff *prev = skb_rb_prev(skb);

		/* What just came would be the next to go: it is worth less than what is there. */
		if (after(TCP_SKB_CB(in_skb)->seq, TCP_SKB_CB(skb)->seq))
			break;
		pruned = true;
		rb_erase(&skb->rbnode, &tp->loss->out_of_order_queue);
		goal -= (int)skb->truesize;
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
		tp->loss->ooo_last_skb = prev;
		if (!prev || goal <= 0) {
			if (tcp_can_ingest(sk, in_skb) && !tcp_under_memory_pressure(sk))
				break;
			goal = sk->sk_rcvbuf >> 3;
		}
		skb = prev;
	}
	if (pruned) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_OFOPRUNED);
		if (tp->rx_opt.sack_ok)
			tcp_sack_reset(&tp->rx_opt);
	}
	return pruned;
}

static int tcp_prune_queue(struct sock *sk, const struct sk_buff *in_skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	NET_INC_STATS(sock_net(sk), LINUX_MIB_PRUNECALLED);
	if (!tcp_can_ingest(sk, in_skb))
		tcp_clamp_window(sk);
	else if (tcp_under_memory_pressure(sk))
		tcp_adjust_rcv_ssthresh(sk);
	if (tcp_can_ingest(sk, in_skb))
		return 0;
	tcp_collapse_ofo_queue(sk);
	if (!skb_queue_empty(&sk->sk_receive_queue)) {
		struct collapse c = { sk,   &sk->sk_receive_queue, NULL,
				      NULL, tp->copied_seq,	   tp->rcv_nxt };

		tcp_collapse(&c, skb_peek(&sk->sk_receive_queue));
	}
	if (tcp_can_ingest(sk, in_skb))
		return 0;
	tcp_prune_ofo_queue(sk, in_skb);
	if (tcp_can_ingest(sk, in_skb))
		return 0;
	/* Far beyond the buffer: the peer has to resend, and the next ACK says so. */
	NET_INC_STATS(sock_net(sk), LINUX_MIB_RCVPRUNED);
	tp->pred_flags = 0;
	return -1;
}

int tcp_try_rmem_schedule(struct sock *sk, const struct sk_buff *skb, u32 size)
{
	if (likely(tcp_can_ingest(sk, skb) && sk_rmem_schedule(sk, skb, (int)size)))
		return 0;
	if (tcp_prune_queue(sk, skb) < 0)
		return -1;
	while (!sk_rmem_schedule(sk, skb, (int)size)) {
		if (!tcp_prune_ofo_queue(sk, skb))
			return -1;
	}
	return 0;
}
