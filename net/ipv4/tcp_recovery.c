/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_recovery.c - what is lost: RACK by time (RFC 8985), NewReno by count where there is no SACK.
 *
 * DOC: RACK
 * A packet is lost if one that was sent later has arrived and the round trip of that one plus a reordering window has passed
 * since it was sent itself. tsorted_sent_queue holds what is neither SACKed nor known lost, by time of sending, so the walk
 * ends at the first packet that is younger than the newest delivered one. The window is 0 while no reordering was ever seen
 * and loss is evident (recovery under way, or as many SACKed as tcp_reordering), else a quarter of the least RTT, and one
 * more quarter for each round in which a DSACK told of a needless retransmission, up to srtt.
 */
#include "tcp_ack.h"

#define TCP_RACK_STATIC_REO_WND 2 /* net.ipv4.tcp_recovery */
#define TCP_RACK_NO_DUPTHRESH	4

static u32 tcp_rack_reo_wnd(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_loss(tp)->reord_seen) {
		if (inet_csk(sk)->icsk_ca_state >= TCP_CA_Recovery)
			return 0;
		if (tp->sacked_out >= tp->reordering &&
		    !(sock_net(sk)->ipv4.sysctl_tcp_recovery & TCP_RACK_NO_DUPTHRESH))
			return 0;
	}
	return min_t(u32, (tcp_min_rtt(tp) >> 2) * tp->rack.reo_wnd_steps, tp->srtt_us >> 3);
}

/**
 * tcp_rack_skb_timeout() - us until @skb counts as lost, 0 or less: it does
 */
s32 tcp_rack_skb_timeout(struct tcp_sock *tp, struct sk_buff *skb, u32 reo_wnd)
{
	return (s32)(tp->rack.rtt_us + reo_wnd -
		     tcp_stamp_us_delta(tp->tcp_mstamp, tcp_skb_timestamp_us(skb)));
}

/* Mark what is lost. Return: us until the last of those that are still given time, 0: none is */
static u32 tcp_rack_detect_loss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 reo_timeout = 0, reo_wnd = tcp_rack_reo_wnd(sk);
	struct list_head *pos, *n;

	for (pos = tp->tsorted_sent_queue.next; pos != &tp->tsorted_sent_queue; pos = n) {
		struct sk_buff *skb = list_entry(pos, struct sk_buff, tcp_tsorted_anchor);
		const struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
		s32 remaining;

		n = pos->next;
		if ((scb->sacked & TCPCB_LOST) && !(scb->sacked & TCPCB_SACKED_RETRANS))
			continue;
		if (!tcp_skb_sent_after(tp->rack.mstamp, tcp_skb_timestamp_us(skb),
					tp->rack.end_seq, scb->end_seq))
			break;
		remaining = tcp_rack_skb_timeout(tp, skb, reo_wnd);
		if (remaining <= 0) {
			tcp_mark_skb_lost(sk, skb);
			list_del_init(&skb->tcp_tsorted_anchor);
		} else {
			reo_timeout = max_t(u32, reo_timeout, remaining);
		}
	}
	return reo_timeout;
}

/**
 * tcp_rack_mark_lost() - after an ACK: mark what is lost
 * Return: true: the timer now waits for packets that may only be late, so RTO and TLP do not need it
 */
bool tcp_rack_mark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 timeout;

	if (!tp->rack.advanced)
		return false;
	tp->rack.advanced = 0;
	timeout = tcp_rack_detect_loss(sk);
	if (timeout)
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_REO_TIMEOUT,
					  usecs_to_jiffies((u64)timeout + TCP_TIMEOUT_MIN_US),
					  inet_csk(sk)->icsk_rto);
	return timeout != 0;
}

/**
 * tcp_rack_advance() - a packet sent at @xmit_time (us) and ending at @end_seq arrived; @sacked: its TCPCB_*
 */
void tcp_rack_advance(struct tcp_sock *tp, u8 sacked, u32 end_seq, u64 xmit_time)
{
	u32 rtt_us = tcp_stamp_us_delta(tp->tcp_mstamp, xmit_time);

	/* Faster than any round trip: not this retransmission arrived, but the original. */
	if (rtt_us < tcp_min_rtt(tp) && (sacked & TCPCB_RETRANS))
		return;
	tp->rack.advanced = 1;
	tp->rack.rtt_us = rtt_us;
	if (tcp_skb_sent_after(xmit_time, tp->rack.mstamp, end_seq, tp->rack.end_seq)) {
		tp->rack.mstamp = xmit_time;
		tp->rack.end_seq = end_seq;
	}
}

/**
 * tcp_rack_reo_timeout() - the reordering window has passed and nothing came: what was waited for is lost
 */
void tcp_rack_reo_timeout(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_inflight = tcp_packets_in_flight(tp), lost = tp->lost;

	tcp_rack_detect_loss(sk);
	if (prior_inflight != tcp_packets_in_flight(tp)) {
		if (inet_csk(sk)->icsk_ca_state != TCP_CA_Recovery) {
			tcp_enter_recovery(sk, false);
			if (!inet_csk(sk)->icsk_ca_ops->cong_control)
				tcp_cwnd_reduction(sk, 1, (int)(tp->lost - lost), 0);
		}
		tcp_xmit_retransmit_queue(sk);
	}
	if (inet_csk(sk)->icsk_pending != ICSK_TIME_RETRANS)
		tcp_rearm_rto(sk);
}

/**
 * tcp_rack_update_reo_wnd() - once a round trip: a wider window if DSACKs came, the least one after 16 recoveries without
 */
void tcp_rack_update_reo_wnd(struct sock *sk, struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((sock_net(sk)->ipv4.sysctl_tcp_recovery & TCP_RACK_STATIC_REO_WND) ||
	    !rs->prior_delivered)
		return;
	if (before(rs->prior_delivered, tp->rack.last_delivered))
		tp->rack.dsack_seen = 0;
	if (tp->rack.dsack_seen) {
		tp->rack.reo_wnd_steps = (u8)min_t(u32, 0xff, tp->rack.reo_wnd_steps + 1u);
		tp->rack.dsack_seen = 0;
		tp->rack.last_delivered = tp->delivered;
		tp->rack.reo_wnd_persist = TCP_RACK_RECOVERY_THRESH;
	} else if (!tp->rack.reo_wnd_persist) {
		tp->rack.reo_wnd_steps = 1;
	}
}

/**
 * tcp_newreno_mark_lost() - RFC 6582: the third duplicate ACK, and in recovery each partial ACK, tells that the first packet is lost
 */
void tcp_newreno_mark_lost(struct sock *sk, bool snd_una_advanced)
{
	const u8 state = inet_csk(sk)->icsk_ca_state;
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	u32 mss;

	if (!(state < TCP_CA_Recovery && tp->sacked_out >= tp->reordering) &&
	    !(state == TCP_CA_Recovery && snd_una_advanced))
		return;
	skb = tcp_rtx_queue_head(sk);
	if (TCP_SKB_CB(skb)->sacked & TCPCB_LOST)
		return;
	mss = (u32)tcp_skb_mss(skb);
	if (tcp_skb_pcount(skb) > 1 && skb->len > mss)
		tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, mss, mss);
	tcp_mark_skb_lost(sk, skb);
}
