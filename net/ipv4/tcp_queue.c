/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_queue.c - TCP's packets in trees by sequence number, and what it takes to give them up. */
#include "net/tcp.h"
#include "net/sock_mem.h"

static struct sk_buff *rb_to_skb(struct rb_node *n)
{
	return rb_entry_safe(n, struct sk_buff, rbnode);
}

struct sk_buff *skb_rb_first(const struct rb_root *root)
{
	return rb_to_skb(rb_first(root));
}

struct sk_buff *skb_rb_last(const struct rb_root *root)
{
	return rb_to_skb(rb_last(root));
}

struct sk_buff *skb_rb_next(const struct sk_buff *skb)
{
	return rb_to_skb(rb_next(&skb->rbnode));
}

struct sk_buff *skb_rb_prev(const struct sk_buff *skb)
{
	return rb_to_skb(rb_prev(&skb->rbnode));
}

struct sk_buff *tcp_rtx_queue_head(const struct sock *sk)
{
	return skb_rb_first(&tcp_sk(sk)->tcp_rtx_queue);
}

struct sk_buff *tcp_rtx_queue_tail(const struct sock *sk)
{
	return skb_rb_last(&tcp_sk(sk)->tcp_rtx_queue);
}

/**
 * tcp_rbtree_insert() - @skb into @root by its seq, which nothing in the tree has
 */
void tcp_rbtree_insert(struct rb_root *root, struct sk_buff *skb)
{
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		parent = *p;
		if (before(TCP_SKB_CB(skb)->seq, TCP_SKB_CB(rb_to_skb(parent))->seq))
			p = &parent->rb_left;
		else
			p = &parent->rb_right;
	}
	skb->cold = 1;
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, root);
}

void tcp_rtx_queue_unlink(struct sk_buff *skb, struct sock *sk)
{
	rb_erase(&skb->rbnode, &tcp_sk(sk)->tcp_rtx_queue);
}

/**
 * tcp_wmem_free_skb() - a packet of the write or retransmit queue, unlinked, is done with: its memory is uncharged
 */
void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -(int)skb->truesize);
	sk_mem_uncharge(sk, (int)skb->truesize);
	consume_skb(sock_skiff(sk), skb);
}

void tcp_rtx_queue_unlink_and_free(struct sk_buff *skb, struct sock *sk)
{
	list_del(&skb->tcp_tsorted_anchor);
	tcp_rtx_queue_unlink(skb, sk);
	tcp_wmem_free_skb(sk, skb);
}

static void tcp_rtx_queue_purge(struct sock *sk)
{
	struct sk_buff *skb, *next;

	tcp_sk(sk)->highest_sack = NULL;
	for (skb = tcp_rtx_queue_head(sk); skb; skb = next) {
		next = skb_rb_next(skb);
		tcp_rtx_queue_unlink(skb, sk);
		tcp_wmem_free_skb(sk, skb);
	}
}

/**
 * tcp_write_queue_purge() - nothing more is sent or repeated: both queues are emptied
 */
void tcp_write_queue_purge(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	while ((skb = skb_dequeue(&sk->sk_write_queue)) != NULL)
		tcp_wmem_free_skb(sk, skb);
	tcp_rtx_queue_purge(sk);
	INIT_LIST_HEAD(&tp->tsorted_sent_queue);
	tcp_clear_all_retrans_hints(tp);
	tp->packets_out = 0;
	inet_csk(sk)->icsk_backoff = 0;
}
