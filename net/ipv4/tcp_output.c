// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_output.c - what leaves the write queue, and when.
 *
 * DOC: The write queue
 * tcp_write_xmit() sends from its head until one of these says no, in this order: pacing (tcp_pacing.c), the congestion
 * window, the peer's window, Nagle (for what is smaller than the MSS), the hope for a larger piece (tcp_tso.c), and what of
 * this socket is under way below us (small queues). It is called when there is new data, an ACK, room below, or time.
 * Specs: RFC 9293 3.8.6, RFC 896 and 1122 4.2.3.4 (Nagle, with Minshall's variant), RFC 5681.
 */
#include "tcp_output.h"

/* ---- may it go? ---- */

/* Packets that the congestion window allows now; never the whole of it at once, so that ACKs come in steps. */
static u32 cwnd_test(const struct tcp_sock *tp)
{
	u32 in_flight = tcp_packets_in_flight(tp), half;

	if (in_flight >= tp->snd_cwnd)
		return 0;
	half = max_t(u32, tp->snd_cwnd >> 1, 1);
	return min_t(u32, half, tp->snd_cwnd - in_flight);
}

bool tcp_snd_wnd_test(const struct tcp_sock *tp, const struct sk_buff *skb, u32 cur_mss)
{
	u32 end_seq = TCP_SKB_CB(skb)->end_seq;

	if (skb->len > cur_mss)
		end_seq = TCP_SKB_CB(skb)->seq + cur_mss;
	return !after(end_seq, tcp_wnd_end(tp));
}

/* Minshall: is there a small segment out that was not acknowledged? */
static bool minshall_check(const struct tcp_sock *tp)
{
	return after(tp->snd_sml, tp->snd_una) && !after(tp->snd_sml, tp->snd_nxt);
}

bool tcp_nagle_check(bool partial, const struct tcp_sock *tp, int nonagle)
{
	return partial &&
	       ((nonagle & TCP_NAGLE_CORK) || (!nonagle && tp->packets_out && minshall_check(tp)));
}

static bool nagle_test(const struct tcp_sock *tp, const struct sk_buff *skb, u32 cur_mss,
		       int nonagle)
{
	if (nonagle & TCP_NAGLE_PUSH)
		return true;
	if (tcp_urg_mode(tp) || (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN))
		return true;
	return !tcp_nagle_check(skb->len < cur_mss, tp, nonagle);
}

/* ---- it went ---- */

void tcp_event_new_data_sent(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_packets = tp->packets_out;

	tp->snd_nxt = TCP_SKB_CB(skb)->end_seq;
	tcp_unlink_write_queue(skb, sk);
	tcp_rbtree_insert(&tp->tcp_rtx_queue, skb);
	if (!tp->highest_sack)
		tp->highest_sack = skb;
	tp->packets_out += (u32)tcp_skb_pcount(skb);
	if (!prior_packets || inet_csk(sk)->icsk_pending == ICSK_TIME_LOSS_PROBE)
		tcp_rearm_rto(sk);
	NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPORIGDATASENT, (u32)tcp_skb_pcount(skb));
	tcp_check_space(sk);
}

/* TCP_REPAIR: the packet counts as sent without having been. */
static void repair_sent(struct sock *sk, struct sk_buff *skb, u32 mss_now)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->tcp_wstamp_ns = sock_skiff(sk)->now;
	skb->tstamp = tp->tcp_wstamp_ns;
	if (skb->tcp_tsorted_anchor.next)
		list_del(&skb->tcp_tsorted_anchor);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->tsorted_sent_queue);
	tcp_set_skb_tso_segs(skb, mss_now);
}

static void new_data_sent(struct sock *sk, struct sk_buff *skb, u32 mss_now)
{
	tcp_event_new_data_sent(sk, skb);
	if (skb->len < (u32)tcp_skb_pcount(skb) * mss_now)
		tcp_sk(sk)->snd_sml = TCP_SKB_CB(skb)->end_seq;
}

/**
 * struct xmit - one run over the write queue
 * @push_one: 0: all that may go; 1: one packet; 2: one loss probe, past the congestion window
 */
struct xmit {
	u32 mss_now;
	u32 max_segs;
	int nonagle;
	int push_one;
	bool is_cwnd_limited, is_rwnd_limited;
};

/* Make the head of the queue the piece that goes now. false: nothing goes */
static bool shape_head(struct sock *sk, struct sk_buff *skb, struct xmit *x)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 quota = cwnd_test(tp), limit = x->mss_now;
	int tso_segs;

	if (!quota) {
		if (x->push_one != 2)
			return false;
		quota = 1;
	}
	quota = min_t(u32, quota, x->max_segs);
	if (skb->len < quota * x->mss_now)
		tcp_grow_skb(sk, skb, quota * x->mss_now - skb->len);
	tso_segs = tcp_set_skb_tso_segs(skb, x->mss_now);
	if (unlikely(!tcp_snd_wnd_test(tp, skb, x->mss_now))) {
		x->is_rwnd_limited = true;
		return false;
	}
	if (tso_segs == 1) {
		int nonagle = tcp_skb_is_last(sk, skb) ? x->nonagle : TCP_NAGLE_PUSH;

		if (unlikely(!nagle_test(tp, skb, x->mss_now, nonagle)))
			return false;
	} else if (!x->push_one && tcp_tso_should_defer(sk, skb, &x->is_cwnd_limited,
							&x->is_rwnd_limited, x->max_segs)) {
		return false;
	}
	if (tso_segs > 1 && !tcp_urg_mode(tp))
		limit = tcp_mss_split_point(sk, skb, x->mss_now, quota, x->nonagle);
	return skb->len <= limit || !tso_fragment(sk, skb, limit, x->mss_now);
}

/* Send from the head. Return: packets sent */
static u32 xmit_queue(struct sock *sk, struct xmit *x)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	u32 sent = 0;

	while ((skb = tcp_send_head(sk))) {
		if (unlikely(tp->repair) && tp->repair_queue == TCP_SEND_QUEUE) {
			repair_sent(sk, skb, x->mss_now);
		} else {
			if (tcp_pacing_check(sk) || !shape_head(sk, skb, x) ||
			    tcp_small_queue_check(sk, skb, 0))
				break;
			/* Nothing in it yet: its sender ran out of memory. */
			if (TCP_SKB_CB(skb)->end_seq == TCP_SKB_CB(skb)->seq)
				break;
			if (unlikely(tcp_transmit_skb(sk, skb, 1)))
				break;
		}
		new_data_sent(sk, skb, x->mss_now);
		sent += (u32)tcp_skb_pcount(skb);
		if (x->push_one)
			break;
	}
	return sent;
}

/* Segments that one packet may have. That of a queue that holds a small one only has one. */
static u32 segs_at_once(struct sock *sk, u32 mss_now)
{
	const struct sk_buff *head = tcp_send_head(sk);

	if (head && head->len <= mss_now && tcp_skb_is_last(sk, head))
		return 1;
	return tcp_tso_segs(sk, mss_now);
}

bool tcp_write_xmit(struct sock *sk, u32 mss_now, int nonagle, int push_one)
{
	struct xmit x = { .mss_now = mss_now, .nonagle = nonagle, .push_one = push_one };
	struct tcp_sock *tp = tcp_sk(sk);
	u32 sent = 0;
	int probe;

	tcp_mstamp_refresh(tp);
	if (!push_one && unlikely(inet_csk(sk)->icsk_mtup.enabled)) {
		probe = tcp_mtu_probe(sk);
		if (!probe)
			return false;
		sent = probe > 0;
	}
	x.max_segs = segs_at_once(sk, mss_now);
	sent += xmit_queue(sk, &x);
	if (x.is_rwnd_limited)
		tcp_chrono_start(sk, TCP_CHRONO_RWND_LIMITED);
	else
		tcp_chrono_stop(sk, TCP_CHRONO_RWND_LIMITED);
	if (tcp_packets_in_flight(tp) >= tp->snd_cwnd)
		x.is_cwnd_limited = true;
	if (likely(sent || x.is_cwnd_limited))
		tcp_cwnd_validate(sk, x.is_cwnd_limited);
	if (likely(sent)) {
		if (tcp_in_cwnd_reduction(sk) && tp->loss)
			tp->loss->prr_out += sent;
		if (push_one != 2)
			tcp_schedule_loss_probe(sk, false);
		return false;
	}
	return !tp->packets_out && !tcp_write_queue_empty(sk);
}

void __tcp_push_pending_frames(struct sock *sk, u32 cur_mss, int nonagle)
{
	/* The send queue of a socket that was reset while its user was in a call. */
	if (unlikely(sk->sk_state == TCP_CLOSE))
		return;
	if (tcp_write_xmit(sk, cur_mss, nonagle, 0))
		tcp_check_probe_timer(sk);
}

void tcp_push_one(struct sock *sk, u32 mss_now)
{
	tcp_write_xmit(sk, mss_now, TCP_NAGLE_PUSH, 1);
}
