/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_sacktag.c - what the receiver holds beyond the cumulative ACK: SACK (RFC 2018, 6675), duplicates: DSACK (RFC 2883).
 *
 * DOC: SACK tagging
 * Blocks are checked against what is outstanding, sorted, and each is walked through the retransmit queue; packets
 * that it covers are tagged. A packet is up to 64 KB, so a block's edge mostly falls inside of one: it is cut there,
 * at a multiple of the MSS, since a receiver reports whole segments. Parts of blocks that the last ACK reported as well
 * (recv_sack_cache) are skipped: with a growing block only its new end is looked at.
 */
#include "tcp_ack.h"

/* ---- duplicates ---- */

/* A DSACK of [start_seq, end_seq). Return: how many segments it stands for, 0: not believable */
static u32 tcp_dsack_seen(struct tcp_sock *tp, u32 start_seq, u32 end_seq,
			  struct tcp_sacktag_state *state)
{
	struct tcp_loss *loss = tcp_loss_make(tp);
	u32 seq_len = end_seq - start_seq, dup_segs = 1;

	if (!before(start_seq, end_seq) || seq_len > tp->max_window)
		return 0;
	if (seq_len > tp->mss_cache)
		dup_segs = (seq_len + tp->mss_cache - 1) / tp->mss_cache;
	else if (tp->tlp_high_seq && tp->tlp_high_seq == end_seq)
		state->flag |= FLAG_DSACK_TLP;
	if (!loss)
		return 0;
	loss->dsack_dups += dup_segs;
	/* More duplicates than we ever made: it is the network that doubles packets. */
	if (loss->dsack_dups > loss->total_retrans)
		return 0;
	tp->rx_opt.sack_ok |= TCP_DSACK_SEEN;
	/* RACK gives packets more time if it caused needless retransmissions, but not for probes, which a timer sends. */
	if (loss->reord_seen && !(state->flag & FLAG_DSACK_TLP))
		tp->rack.dsack_seen = 1;
	state->flag |= FLAG_DSACKING_ACK;
	state->sack_delivered += dup_segs;
	return dup_segs;
}

/* Is the first block a DSACK: below the cumulative ACK, or within the second block? */
static bool tcp_check_dsack(struct sock *sk, u32 ack_seq, const struct tcp_sack_block *sp,
			    int num_sacks, u32 prior_snd_una, struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	u32 dup_segs;

	if (before(sp[0].start_seq, ack_seq)) {
		NET_INC_STATS(net, LINUX_MIB_TCPDSACKRECV);
	} else if (num_sacks > 1 && !after(sp[0].end_seq, sp[1].end_seq) &&
		   !before(sp[0].start_seq, sp[1].start_seq)) {
		NET_INC_STATS(net, LINUX_MIB_TCPDSACKOFORECV);
	} else {
		return false;
	}
	dup_segs = tcp_dsack_seen(tp, sp[0].start_seq, sp[0].end_seq, state);
	if (!dup_segs) {
		NET_INC_STATS(net, LINUX_MIB_TCPDSACKIGNOREDDUBIOUS);
		return false;
	}
	NET_ADD_STATS(net, LINUX_MIB_TCPDSACKRECVSEGS, dup_segs);
	/* Of data that are no longer in the queue nothing is known but the count. */
	if (tp->undo_marker && tcp_loss(tp)->undo_retrans > 0 &&
	    !after(sp[0].end_seq, prior_snd_una) && after(sp[0].end_seq, tp->undo_marker))
		tp->loss->undo_retrans = max_t(int, 0, tp->loss->undo_retrans - (int)dup_segs);
	return true;
}

/* Can the block be about what is out (or, for a DSACK, about what was retransmitted in this episode)? Old ACKs and
 * peers that wrap or invent sequence numbers are kept out. */
static bool tcp_is_sackblock_valid(const struct tcp_sock *tp, bool is_dsack, u32 start_seq,
				   u32 end_seq)
{
	if (after(end_seq, tp->snd_nxt) || !before(start_seq, end_seq))
		return false;
	if (!before(start_seq, tp->snd_nxt))
		return false;
	if (after(start_seq, tp->snd_una))
		return true;
	if (!is_dsack || !tp->undo_marker || after(end_seq, tp->snd_una))
		return false;
	if (!before(start_seq, tp->undo_marker))
		return true;
	if (!after(end_seq, tp->undo_marker))
		return false;
	return !before(start_seq, end_seq - tp->max_window);
}

/* ---- tagging ---- */

/* A retransmitted packet is reported as a duplicate. */
static void tcp_sacktag_dup(struct tcp_sock *tp, struct tcp_sacktag_state *state,
			    const struct tcp_skb_cb *scb)
{
	int pcount = scb->tcp_gso_segs;

	if (tp->undo_marker && tcp_loss(tp)->undo_retrans > 0 &&
	    after(scb->end_seq, tp->undo_marker))
		tp->loss->undo_retrans = max_t(int, 0, tp->loss->undo_retrans - pcount);
	if ((scb->sacked & TCPCB_SACKED_ACKED) && before(scb->seq, state->reord))
		state->reord = scb->seq;
}

/* A packet that was not SACKed before. */
static u8 tcp_sacktag_new(struct tcp_sock *tp, struct tcp_sacktag_state *state,
			  const struct tcp_skb_cb *scb, u8 sacked, u64 xmit_time)
{
	u32 pcount = scb->tcp_gso_segs;

	tcp_rack_advance(tp, sacked, scb->end_seq, xmit_time);
	if (sacked & TCPCB_SACKED_RETRANS) {
		/* Not marked lost: then the retransmission is believed to be still under way. */
		if (sacked & TCPCB_LOST) {
			sacked &= (u8) ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
			tp->lost_out -= pcount;
			tp->retrans_out -= pcount;
		}
	} else {
		if (!(sacked & TCPCB_RETRANS)) {
			/* The original, in a hole: reordering. */
			if (before(scb->seq, tcp_highest_sack_seq(tp)) &&
			    before(scb->seq, state->reord))
				state->reord = scb->seq;
			if (!after(scb->end_seq, tp->high_seq))
				state->flag |= FLAG_ORIG_SACK_ACKED;
			if (!state->first_sackt)
				state->first_sackt = xmit_time;
			state->last_sackt = xmit_time;
		}
		if (sacked & TCPCB_LOST) {
			sacked &= (u8)~TCPCB_LOST;
			tp->lost_out -= pcount;
		}
	}
	state->flag |= FLAG_DATA_SACKED;
	tp->sacked_out += pcount;
	state->sack_delivered += pcount;
	state->delivered_bytes += scb->end_seq - scb->seq;
	return sacked | TCPCB_SACKED_ACKED;
}

static void tcp_sacktag_one(struct sock *sk, struct sk_buff *skb, struct tcp_sacktag_state *state,
			    bool dup_sack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
	u8 sacked = scb->sacked;

	if (dup_sack && (sacked & TCPCB_RETRANS))
		tcp_sacktag_dup(tp, state, scb);
	if (after(scb->end_seq, tp->snd_una)) {
		if (!(sacked & TCPCB_SACKED_ACKED))
			sacked = tcp_sacktag_new(tp, state, scb, sacked, tcp_skb_timestamp_us(skb));
		/* Needlessly retransmitted and no longer in flight. */
		if (dup_sack && (sacked & TCPCB_SACKED_RETRANS)) {
			sacked &= (u8)~TCPCB_SACKED_RETRANS;
			tp->retrans_out -= scb->tcp_gso_segs;
		}
	}
	scb->sacked = sacked;
	tcp_rate_skb_delivered(sk, skb, state->rate);
	if (sacked & TCPCB_SACKED_ACKED)
		list_del_init(&skb->tcp_tsorted_anchor);
	if (!before(scb->seq, tcp_highest_sack_seq(tp)))
		tp->highest_sack = skb_rb_next(skb);
}

/* Does the block cover @skb? If it covers a part, cut, so that it covers the front or nothing of it (then the walk
 * comes to the rest next). Return: 1, 0, or -errno: it could not be cut */
static int tcp_match_skb_to_sack(struct sock *sk, struct sk_buff *skb, u32 start_seq, u32 end_seq)
{
	const struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
	bool in_sack = !after(start_seq, scb->seq) && !before(end_seq, scb->end_seq);
	u32 mss, cut, whole;
	int err;

	if (in_sack || tcp_skb_pcount(skb) == 1 || !after(scb->end_seq, start_seq))
		return in_sack;
	mss = (u32)tcp_skb_mss(skb);
	in_sack = !after(start_seq, scb->seq);
	cut = (in_sack ? end_seq : start_seq) - scb->seq;
	if (cut < mss) {
		if (in_sack)
			return -EINVAL;
		cut = mss;
	}
	whole = cut / mss * mss;
	if (!in_sack && whole < cut)
		whole += mss;
	if (whole >= skb->len && !in_sack)
		return 0;
	err = tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, whole, mss);
	return err < 0 ? err : in_sack;
}

/* Tag what [start_seq, end_seq) covers, from @skb on. @next_dup: the DSACK block, if it lies in this one. Return: where the walk stopped */
static struct sk_buff *tcp_sacktag_walk(struct sk_buff *skb, struct sock *sk,
					const struct tcp_sack_block *next_dup,
					struct tcp_sacktag_state *state, u32 start_seq, u32 end_seq,
					bool dup_sack_in)
{
	for (; skb && before(TCP_SKB_CB(skb)->seq, end_seq); skb = skb_rb_next(skb)) {
		bool dup_sack = dup_sack_in;
		int in_sack = 0;

		if (next_dup && before(TCP_SKB_CB(skb)->seq, next_dup->end_seq)) {
			in_sack = tcp_match_skb_to_sack(sk, skb, next_dup->start_seq,
							next_dup->end_seq);
			if (in_sack > 0)
				dup_sack = true;
		}
		if (in_sack <= 0)
			in_sack = tcp_match_skb_to_sack(sk, skb, start_seq, end_seq);
		if (in_sack < 0)
			break;
		if (in_sack)
			tcp_sacktag_one(sk, skb, state, dup_sack);
	}
	return skb;
}

/* The packet that holds @seq, NULL if none does. */
static struct sk_buff *tcp_sacktag_bsearch(struct sock *sk, u32 seq)
{
	struct rb_node *n = tcp_sk(sk)->tcp_rtx_queue.rb_node;

	while (n) {
		struct sk_buff *skb = rb_entry(n, struct sk_buff, rbnode);

		if (before(seq, TCP_SKB_CB(skb)->seq))
			n = n->rb_left;
		else if (!before(seq, TCP_SKB_CB(skb)->end_seq))
			n = n->rb_right;
		else
			return skb;
	}
	return NULL;
}

static struct sk_buff *tcp_sacktag_skip(struct sk_buff *skb, struct sock *sk, u32 seq)
{
	if (skb && after(TCP_SKB_CB(skb)->seq, seq))
		return skb;
	return tcp_sacktag_bsearch(sk, seq);
}

/* ---- one ACK's blocks ---- */

/**
 * struct sack_blocks - what is left of the option after the checks
 * @first: where the first block of the option went, -1: left out; @found_dup: it is a DSACK
 */
struct sack_blocks {
	struct tcp_sack_block sp[TCP_NUM_SACKS];
	int used;
	int first;
	bool found_dup;
};

static int tcp_sack_discard_mib(const struct tcp_sock *tp, bool dup_sack)
{
	if (!dup_sack)
		return LINUX_MIB_TCPSACKDISCARD;
	return tp->undo_marker ? LINUX_MIB_TCPDSACKIGNOREDOLD : LINUX_MIB_TCPDSACKIGNOREDNOUNDO;
}

static void tcp_sack_take_valid(struct sock *sk, struct sack_blocks *b,
				const struct tcp_sack_block *wire, int num, u32 ack_seq,
				u32 prior_snd_una)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	for (int i = 0; i < num; i++) {
		bool dup_sack = !i && b->found_dup;

		b->sp[b->used] = wire[i];
		if (!tcp_is_sackblock_valid(tp, dup_sack, wire[i].start_seq, wire[i].end_seq)) {
			/* ACKs out of order bring blocks that are acknowledged by now: not worth a count. */
			if (!dup_sack && ack_seq != tp->snd_una &&
			    !after(wire[i].end_seq, tp->snd_una))
				continue;
			NET_INC_STATS(sock_net(sk), tcp_sack_discard_mib(tp, dup_sack));
			if (i == 0)
				b->first = -1;
			continue;
		}
		if (!after(wire[i].end_seq, prior_snd_una)) {
			if (i == 0)
				b->first = -1;
			continue;
		}
		b->used++;
	}
}

/* In the order of the queue; where the first one goes is remembered. */
static void tcp_sack_sort(struct sack_blocks *b)
{
	for (int i = b->used - 1; i > 0; i--)
		for (int j = 0; j < i; j++) {
			struct tcp_sack_block tmp = b->sp[j];

			if (!after(tmp.start_seq, b->sp[j + 1].start_seq))
				continue;
			b->sp[j] = b->sp[j + 1];
			b->sp[j + 1] = tmp;
			if (j == b->first)
				b->first = j + 1;
		}
}

/**
 * struct sack_walk - where in the queue and in the last ACK's blocks we are
 */
struct sack_walk {
	struct sk_buff *skb;
	const struct tcp_sack_block *cache, *cache_end;
};

/* In a part of a block that the cache covers there may still be the DSACK to look for. */
static void tcp_maybe_skipping_dsack(struct sock *sk, struct sack_walk *w,
				     const struct tcp_sack_block *next_dup,
				     struct tcp_sacktag_state *state, u32 skip_to_seq)
{
	if (!next_dup || !before(next_dup->start_seq, skip_to_seq))
		return;
	w->skb = tcp_sacktag_skip(w->skb, sk, next_dup->start_seq);
	w->skb = tcp_sacktag_walk(w->skb, sk, NULL, state, next_dup->start_seq, next_dup->end_seq,
				  true);
}

/* One block. Return: false: the queue ends before it */
static bool tcp_sacktag_block(struct sock *sk, struct sack_walk *w, struct tcp_sack_block b,
			      bool dup_sack, const struct tcp_sack_block *next_dup,
			      struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);

	for (;;) {
		const struct tcp_sack_block *c;

		while (w->cache < w->cache_end && !before(b.start_seq, w->cache->end_seq))
			w->cache++;
		c = w->cache;
		if (c >= w->cache_end || dup_sack || !after(b.end_seq, c->start_seq))
			break;
		if (before(b.start_seq, c->start_seq)) {
			w->skb = tcp_sacktag_skip(w->skb, sk, b.start_seq);
			w->skb = tcp_sacktag_walk(w->skb, sk, next_dup, state, b.start_seq,
						  c->start_seq, dup_sack);
		}
		if (!after(b.end_seq, c->end_seq))
			return true;
		tcp_maybe_skipping_dsack(sk, w, next_dup, state, c->end_seq);
		w->cache++;
		if (tcp_highest_sack_seq(tp) == c->end_seq) {
			w->skb = tp->highest_sack;
			if (!w->skb)
				return false;
			w->skb = tcp_sacktag_walk(w->skb, sk, next_dup, state, b.start_seq,
						  b.end_seq, dup_sack);
			return true;
		}
		w->skb = tcp_sacktag_skip(w->skb, sk, c->end_seq);
	}
	if (!before(b.start_seq, tcp_highest_sack_seq(tp))) {
		w->skb = tp->highest_sack;
		if (!w->skb)
			return false;
	}
	w->skb = tcp_sacktag_skip(w->skb, sk, b.start_seq);
	w->skb = tcp_sacktag_walk(w->skb, sk, next_dup, state, b.start_seq, b.end_seq, dup_sack);
	return true;
}

static void tcp_sacktag_blocks(struct sock *sk, const struct sack_blocks *b,
			       struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_sack_block *cache = tcp_loss(tp)->recv_sack_cache;
	struct sack_walk w = { .cache = cache, .cache_end = cache + TCP_NUM_SACKS };
	struct tcp_loss *loss;
	u32 i, unused = (u32)(TCP_NUM_SACKS - b->used);

	if (!tp->sacked_out)
		w.cache = w.cache_end;
	while (w.cache < w.cache_end && !w.cache->start_seq && !w.cache->end_seq)
		w.cache++;
	for (int n = 0; n < b->used; n++) {
		const struct tcp_sack_block *next_dup = NULL;

		if (b->found_dup && n + 1 == b->first)
			next_dup = &b->sp[n + 1];
		if (!tcp_sacktag_block(sk, &w, b->sp[n], b->found_dup && n == b->first, next_dup,
				       state))
			break;
	}
	loss = tcp_loss_make(tp);
	if (!loss)
		return;
	for (i = 0; i < unused; i++)
		loss->recv_sack_cache[i] = (struct tcp_sack_block){ 0, 0 };
	for (; i < TCP_NUM_SACKS; i++)
		loss->recv_sack_cache[i] = b->sp[i - unused];
}

/**
 * tcp_sacktag_write_queue() - the SACK option of @ack_skb (TCP_SKB_CB(ack_skb)->sacked: its offset in the header)
 * @prior_snd_una: before this ACK. Return: FLAG_*
 */
int tcp_sacktag_write_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_snd_una,
			    struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const u8 *ptr = skb_transport_header(ack_skb) + TCP_SKB_CB(ack_skb)->sacked;
	u32 ack_seq = TCP_SKB_CB(ack_skb)->ack_seq;
	int num = min_t(int, TCP_NUM_SACKS, (ptr[1] - TCPOLEN_SACK_BASE) >> 3);
	struct tcp_sack_block wire[TCP_NUM_SACKS];
	struct sack_blocks b = { .used = 0 };

	state->flag = 0;
	state->reord = tp->snd_nxt;
	for (int i = 0; i < num; i++) {
		wire[i].start_seq = ntohl(get_unaligned32(ptr + 2 + 8 * i));
		wire[i].end_seq = ntohl(get_unaligned32(ptr + 6 + 8 * i));
	}
	if (!tp->sacked_out)
		tcp_highest_sack_reset(sk);
	b.found_dup = tcp_check_dsack(sk, ack_seq, wire, num, prior_snd_una, state);
	/* Too old to hold anything that is still true. */
	if (before(ack_seq, prior_snd_una - tp->max_window))
		return 0;
	if (!tp->packets_out)
		return state->flag;
	tcp_sack_take_valid(sk, &b, wire, num, ack_seq, prior_snd_una);
	tcp_sack_sort(&b);
	state->mss_now = tcp_current_mss(sk);
	tcp_sacktag_blocks(sk, &b, state);
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Loss || tp->undo_marker)
		tcp_check_sack_reordering(sk, state->reord, 0);
	tcp_verify_left_out(tp);
	return state->flag;
}
