/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ofo.c - data ahead of a hole: a tree by sequence number, and the SACK blocks that tell of it.
 *
 * DOC: Out of order
 * Packets in the tree do not cover each other wholly; they may overlap in part, which reading sorts out. selective_acks[] are
 * the blocks to be sent, the newest first (RFC 2018 4); more than four are forgotten. duplicate_sack is the D-SACK of the
 * next ACK (RFC 2883): what arrived although it was there already.
 */
#include "tcp_input.h"
#include "net/sock_mem.h"

#define TCP_SACK_BLOCKS_EXPECTED 2

void tcp_rbtree_purge(struct sock *sk, struct rb_root *root)
{
	struct sk_buff *skb = skb_rb_first(root);

	while (skb) {
		struct sk_buff *next = skb_rb_next(skb);

		rb_erase(&skb->rbnode, root);
		consume_skb(sock_skiff(sk), skb);
		skb = next;
	}
}

void tcp_ooo_purge(struct sock *sk)
{
	struct tcp_loss *loss = tcp_sk(sk)->loss;

	if (!loss)
		return;
	tcp_rbtree_purge(sk, &loss->out_of_order_queue);
	loss->ooo_last_skb = NULL;
}

/* ---- D-SACK ---- */

/* Grow the block by [@seq, @end_seq) if they touch. */
static bool tcp_sack_extend(struct tcp_sack_block *sp, u32 seq, u32 end_seq)
{
	if (after(seq, sp->end_seq) || after(sp->start_seq, end_seq))
		return false;
	if (before(seq, sp->start_seq))
		sp->start_seq = seq;
	if (after(end_seq, sp->end_seq))
		sp->end_seq = end_seq;
	return true;
}

void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_loss *loss;

	if (!tcp_is_sack(tp) || !sock_net(sk)->ipv4.sysctl_tcp_dsack)
		return;
	loss = tcp_loss_make(tp);
	if (!loss)
		return;
	NET_INC_STATS(sock_net(sk), before(seq, tp->rcv_nxt) ? LINUX_MIB_TCPDSACKOLDSENT :
							       LINUX_MIB_TCPDSACKOFOSENT);
	tp->rx_opt.dsack = 1;
	loss->duplicate_sack[0] = (struct tcp_sack_block){ seq, end_seq };
}

void tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->rx_opt.dsack)
		tcp_dsack_set(sk, seq, end_seq);
	else
		tcp_sack_extend(tp->loss->duplicate_sack, seq, end_seq);
}

void tcp_rcv_spurious_retrans(struct sock *sk, const struct sk_buff *skb)
{
	u32 hash;

	if (TCP_SKB_CB(skb)->seq != tcp_loss(tcp_sk(sk))->duplicate_sack[0].start_seq)
		return;
	if (!sk->sk_txhash || !sk->sk_txrehash)
		return;
	hash = skiff_random32(sock_skiff(sk));
	sk->sk_txhash = hash ? hash : 1;
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPDUPLICATEDATAREHASH);
}

void tcp_send_dupack(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;

	if (end_seq != seq && before(seq, tp->rcv_nxt)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKLOST);
		tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
		if (tcp_is_sack(tp) && sock_net(sk)->ipv4.sysctl_tcp_dsack) {
			tcp_rcv_spurious_retrans(sk, skb);
			tcp_dsack_set(sk, seq, after(end_seq, tp->rcv_nxt) ? tp->rcv_nxt : end_seq);
		}
	}
	tcp_send_ack(sk);
}

/* ---- SACK blocks ---- */

static void drop_sack(struct tcp_sock *tp, int i)
{
	tp->rx_opt.num_sacks--;
	for (; i < tp->rx_opt.num_sacks; i++)
		tp->loss->selective_acks[i] = tp->loss->selective_acks[i + 1];
}

/* The first block has grown: others may be part of it now. */
static void tcp_sack_maybe_coalesce(struct tcp_sock *tp)
{
	struct tcp_sack_block *sp = tp->loss->selective_acks;

	for (int i = 1; i < tp->rx_opt.num_sacks;) {
		if (tcp_sack_extend(sp, sp[i].start_seq, sp[i].end_seq))
			drop_sack(tp, i);
		else
			i++;
	}
}

void tcp_sack_compress_send_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->compressed_ack)
		return;
	inet_csk(sk)->compressed_ack_deadline = 0;
	/* One of those held back is sent after all. */
	sock_net(sk)->mib.net_statistics[LINUX_MIB_TCPACKCOMPRESSED] += tp->compressed_ack - 1U;
	tp->compressed_ack = 0;
	tcp_send_ack(sk);
}

void tcp_sack_new_ofo_skb(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_sack_block *sp = tp->loss->selective_acks, hit;
	int n = tp->rx_opt.num_sacks, i;

	for (i = 0; i < n; i++) {
		if (!tcp_sack_extend(&sp[i], seq, end_seq))
			continue;
		if (i >= TCP_SACK_BLOCKS_EXPECTED)
			tcp_sack_compress_send_ack(sk);
		hit = sp[i];
		memmove(sp + 1, sp, (size_t)i * sizeof(*sp));
		sp[0] = hit;
		if (n > 1)
			tcp_sack_maybe_coalesce(tp);
		return;
	}
	if (i >= TCP_SACK_BLOCKS_EXPECTED)
		tcp_sack_compress_send_ack(sk);
	if (n == TCP_NUM_SACKS)
		n--;
	memmove(sp + 1, sp, (size_t)n * sizeof(*sp));
	sp[0] = (struct tcp_sack_block){ seq, end_seq };
	tp->rx_opt.num_sacks = (u8)(n + 1);
}

void tcp_sack_remove(struct tcp_sock *tp)
{
	if (tcp_ooo_empty(tp)) {
		tp->rx_opt.num_sacks = 0;
		return;
	}
	for (int i = 0; i < tp->rx_opt.num_sacks;) {
		if (before(tp->rcv_nxt, tp->loss->selective_acks[i].start_seq)) {
			i++;
			continue;
		}
		NET_ASSERT(!before(tp->rcv_nxt, tp->loss->selective_acks[i].end_seq));
		drop_sack(tp, i);
	}
}

/* ---- the tree ---- */

void tcp_ofo_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 dsack_high = tp->rcv_nxt;
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tcp_loss(tp)->out_of_order_queue))) {
		u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
		struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
		bool fin = TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN;

		if (after(seq, tp->rcv_nxt))
			break;
		if (before(seq, dsack_high))
			tcp_dsack_extend(sk, seq,
					 before(end_seq, dsack_high) ? end_seq : dsack_high);
		if (tp->loss->ooo_last_skb == skb)
			tp->loss->ooo_last_skb = NULL;
		rb_erase(&skb->rbnode, &tp->loss->out_of_order_queue);
		if (!after(end_seq, tp->rcv_nxt)) {
			tcp_drop(sk, skb, SKB_DROP_REASON_TCP_OFO_DROP);
			continue;
		}
		if (tail && tcp_try_coalesce(sk, tail, skb))
			consume_skb(sock_skiff(sk), skb);
		else
			skb_queue_tail(&sk->sk_receive_queue, skb);
		tcp_rcv_nxt_update(tp, end_seq);
		if (fin) {
			/* It purges the tree. */
			tcp_fin(sk);
			break;
		}
	}
}

static void ofo_merged(struct sock *sk, struct sk_buff *skb)
{
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPOFOMERGE);
	tcp_drop(sk, skb, SKB_DROP_REASON_TCP_OFOMERGE);
}

/* What lies behind @skb and is covered by it goes. */
static void merge_right(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 end_seq = TCP_SKB_CB(skb)->end_seq;
	struct sk_buff *next;

	while ((next = skb_rb_next(skb))) {
		if (!after(end_seq, TCP_SKB_CB(next)->seq))
			return;
		if (before(end_seq, TCP_SKB_CB(next)->end_seq)) {
			tcp_dsack_extend(sk, TCP_SKB_CB(next)->seq, end_seq);
			return;
		}
		rb_erase(&next->rbnode, &tp->loss->out_of_order_queue);
		tcp_dsack_extend(sk, TCP_SKB_CB(next)->seq, TCP_SKB_CB(next)->end_seq);
		ofo_merged(sk, next);
	}
	tp->loss->ooo_last_skb = skb;
}

static void ofo_link(struct sock *sk, struct sk_buff *skb, struct rb_node *parent,
		     struct rb_node **p)
{
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &tcp_sk(sk)->loss->out_of_order_queue);
	merge_right(sk, skb);
}

/* What became of the packet: it is in the tree, its bytes are in another one, or they were there before (freed). */
enum ofo_result { OFO_QUEUED, OFO_COALESCED, OFO_DUPLICATE };

/* Walk down to its place, dealing with overlaps on the way. */
static enum ofo_result ofo_insert(struct sock *sk, struct sk_buff *skb)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	struct rb_root *root = &tcp_sk(sk)->loss->out_of_order_queue;
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		struct sk_buff *at = rb_to_skb(*p);
		u32 at_seq = TCP_SKB_CB(at)->seq, at_end = TCP_SKB_CB(at)->end_seq;

		parent = *p;
		if (before(seq, at_seq)) {
			p = &parent->rb_left;
			continue;
		}
		if (!before(seq, at_end)) {
			if (tcp_try_coalesce(sk, at, skb))
				return OFO_COALESCED;
		} else if (!after(end_seq, at_end)) {
			ofo_merged(sk, skb);
			tcp_dsack_set(sk, seq, end_seq);
			return OFO_DUPLICATE;
		} else if (after(seq, at_seq)) {
			tcp_dsack_set(sk, seq, at_end);
		} else {
			rb_replace_node(&at->rbnode, &skb->rbnode, root);
			tcp_dsack_extend(sk, at_seq, at_end);
			ofo_merged(sk, at);
			merge_right(sk, skb);
			return OFO_QUEUED;
		}
		p = &parent->rb_right;
	}
	ofo_link(sk, skb, parent, p);
	return OFO_QUEUED;
}

static enum ofo_result ofo_place(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *last = tp->loss->ooo_last_skb;

	if (tcp_ooo_empty(tp)) {
		ofo_link(sk, skb, NULL, &tp->loss->out_of_order_queue.rb_node);
		return OFO_QUEUED;
	}
	/* Mostly it comes last. */
	if (tcp_try_coalesce(sk, last, skb))
		return OFO_COALESCED;
	if (!before(TCP_SKB_CB(skb)->seq, TCP_SKB_CB(last)->end_seq)) {
		ofo_link(sk, skb, &last->rbnode, &last->rbnode.rb_right);
		return OFO_QUEUED;
	}
	return ofo_insert(sk, skb);
}

void tcp_data_queue_ofo(struct sock *sk, struct sk_buff *skb)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	struct tcp_sock *tp = tcp_sk(sk);
	enum ofo_result what;

	tcp_data_ecn_check(sk, skb);
	if (unlikely(!tcp_loss_make(tp) || tcp_try_rmem_schedule(sk, skb, skb->truesize))) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPOFODROP);
		sk_data_ready(sk);
		tcp_drop(sk, skb, SKB_DROP_REASON_PROTO_MEM);
		return;
	}
	tcp_measure_rcv_mss(sk, skb);
	tp->pred_flags = 0;
	inet_csk_schedule_ack(sk);
	tp->loss->rcv_ooopack += skb_gso_segs(skb);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPOFOQUEUE);
	what = ofo_place(sk, skb);
	if (tcp_is_sack(tp))
		tcp_sack_new_ofo_skb(sk, seq, end_seq);
	/* Without SACK the window stays as it is, so that duplicate ACKs are recognized as such. */
	if (what != OFO_DUPLICATE && tcp_is_sack(tp))
		tcp_grow_window(sk, skb, what == OFO_COALESCED);
	if (what == OFO_COALESCED)
		consume_skb(sock_skiff(sk), skb);
	else if (what == OFO_QUEUED)
		skb_set_owner_r(skb, sk);
	/* Not for a connection that nobody has accepted, or that nobody reads any more. */
	if (sk->sk_socket)
		tcp_rcvbuf_grow(sk, tp->rcvq_space.space);
}
