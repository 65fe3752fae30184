/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_rate.c - how fast the path delivers: one sample for each ACK.
 *
 * DOC: Delivery rate
 * Each packet remembers, when it is sent, how much had been delivered by then and when. The ACK that delivers it closes the
 * sample: what was delivered in between, over the longer of the time it took to send and the time it took to acknowledge
 * (ACKs may be compressed on their way, bursts may be sent; neither is faster than the path). A sample taken while the
 * application had too little to send tells no upper bound and is marked so. draft-cheng-iccrg-delivery-rate-estimation.
 * Stamps in packets are the low 32 bits of the clock in us; 0 stands for "already counted".
 */
#include "tcp_ack.h"

#define SKB_TRUESIZE_ONE 640 /* least memory that a packet under way is charged for */

/* The whole of a stamp of the last 71 minutes. */
static u64 tcp_stamp_whole(const struct tcp_sock *tp, u32 low)
{
	return tp->tcp_mstamp - (u32)((u32)tp->tcp_mstamp - low);
}

void tcp_rate_skb_sent(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *scb = TCP_SKB_CB(skb);

	/* With nothing in flight the path's time begins now. */
	if (!tp->packets_out)
		tp->first_tx_mstamp = tp->delivered_mstamp = tcp_skb_timestamp_us(skb);
	scb->tx.first_tx_mstamp = tcp_stamp_low(tp->first_tx_mstamp);
	scb->tx.delivered_mstamp = tcp_stamp_low(tp->delivered_mstamp);
	scb->tx.delivered = tp->delivered;
	scb->tx.delivered_ce = tp->delivered_ce & 0xfffff;
	scb->tx.is_app_limited = tp->app_limited != 0;
}

/**
 * tcp_rate_skb_delivered() - @skb was acknowledged or SACKed; of several, the one sent last makes the sample
 */
void tcp_rate_skb_delivered(struct sock *sk, struct sk_buff *skb, struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
	u64 sent = tcp_skb_timestamp_us(skb);

	if (!scb->tx.delivered_mstamp)
		return;
	if (!rs->prior_delivered ||
	    tcp_skb_sent_after(sent, tp->first_tx_mstamp, scb->end_seq, rs->last_end_seq)) {
		rs->prior_delivered_ce = scb->tx.delivered_ce;
		rs->prior_delivered = scb->tx.delivered;
		rs->prior_mstamp = tcp_stamp_whole(tp, scb->tx.delivered_mstamp);
		rs->is_app_limited = scb->tx.is_app_limited;
		rs->is_retrans = scb->sacked & TCPCB_RETRANS;
		rs->last_end_seq = scb->end_seq;
		tp->first_tx_mstamp = sent;
		rs->interval_us =
			tcp_stamp_us_delta(sent, tcp_stamp_whole(tp, scb->tx.first_tx_mstamp));
	}
	/* Not once more when the cumulative ACK comes. */
	if (scb->sacked & TCPCB_SACKED_ACKED)
		scb->tx.delivered_mstamp = 0;
}

/**
 * tcp_rate_gen() - close the sample
 * @delivered, @lost: packets newly (S)ACKed, newly marked lost by this ACK; @is_sack_reneg: SACKs were taken back, no sample
 */
void tcp_rate_gen(struct sock *sk, u32 delivered, u32 lost, bool is_sack_reneg,
		  struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 snd_us, ack_us;

	if (tp->app_limited && after(tp->delivered, tp->app_limited))
		tp->app_limited = 0;
	if (delivered)
		tp->delivered_mstamp = tp->tcp_mstamp;
	rs->acked_sacked = delivered;
	rs->losses = (int)lost;
	if (!rs->prior_mstamp || is_sack_reneg) {
		rs->delivered = -1;
		rs->interval_us = -1;
		return;
	}
	rs->delivered = (s32)(tp->delivered - rs->prior_delivered);
	rs->delivered_ce = (s32)((tp->delivered_ce - rs->prior_delivered_ce) & 0xfffff);
	snd_us = (u32)rs->interval_us;
	ack_us = tcp_stamp_us_delta(tp->tcp_mstamp, rs->prior_mstamp);
	rs->interval_us = max_t(u32, snd_us, ack_us);
	rs->snd_interval_us = snd_us;
	rs->rcv_interval_us = ack_us;
	/* Shorter than any round trip: the original of a needless retransmission. */
	if (unlikely(rs->interval_us < tcp_min_rtt(tp))) {
		rs->interval_us = -1;
		return;
	}
	if (!rs->is_app_limited || (u64)rs->delivered * tp->rate_interval_us >=
					   (u64)tp->rate_delivered * (u64)rs->interval_us) {
		tp->rate_delivered = (u32)rs->delivered;
		tp->rate_interval_us = (u32)rs->interval_us;
		tp->rate_app_limited = rs->is_app_limited;
	}
}

/**
 * tcp_rate_check_app_limited() - the application asks to send: was there too little to fill the path until now?
 */
void tcp_rate_check_app_limited(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mark;

	if (tp->write_seq - tp->snd_nxt >= tp->mss_cache || sk->sk_wmem_alloc >= SKB_TRUESIZE_ONE ||
	    tcp_packets_in_flight(tp) >= tp->snd_cwnd || tp->lost_out > tp->retrans_out)
		return;
	mark = tp->delivered + tcp_packets_in_flight(tp);
	tp->app_limited = mark ? mark : 1;
}
