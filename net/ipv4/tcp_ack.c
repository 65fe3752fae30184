/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ack.c - a segment's acknowledgement: what it covers leaves the queue, then the window and the timers follow.
 *
 * DOC: Acknowledgements
 * Order of work for one segment: is the number sane (RFC 9293 3.10.7.4, RFC 5961 5) - window - SACK (tcp_sacktag.c) - take
 * what is covered off the retransmit queue, with RTT and delivery rate - ECN - tail loss probe - state of recovery
 * (tcp_loss.c) - timer - congestion window - only then retransmissions and new data, since only then it is known how many.
 * With nothing outstanding an ACK can only open the window or report a duplicate.
 */
#include "tcp_ack.h"
#include "net/sock_msg.h"

/**
 * struct tcp_ack_work - one call of tcp_ack()
 * @flag: FLAG_*; @rexmit: REXMIT_*; @prior_*: before this segment; @ecn_count: CE marks that AccECN reported
 */
struct tcp_ack_work {
	struct tcp_sacktag_state sack;
	struct rate_sample rs;
	int flag;
	int rexmit;
	u32 prior_snd_una;
	u32 prior_fack;
	u32 prior_packets;
	u32 prior_delivered;
	u32 prior_lost;
	u32 ecn_count;
	bool is_sack_reneg;
};

/* ---- window ---- */

static void tcp_snd_una_update(struct tcp_sock *tp, u32 ack)
{
	tp->bytes_acked += ack - tp->snd_una;
	tp->snd_una = ack;
}

/* A window is news if the segment acknowledges more, is newer, or is as new and opens the window (or shuts it). */
static bool tcp_may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq, u32 nwin)
{
	return after(ack, tp->snd_una) || after(ack_seq, tp->snd_wl1) ||
	       (ack_seq == tp->snd_wl1 && (nwin > tp->snd_wnd || !nwin));
}

static int tcp_ack_update_window(struct sock *sk, const struct sk_buff *skb, u32 ack, u32 ack_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 nwin = ntohs(tcp_hdr(skb)->window);
	int flag = 0;

	if (likely(!tcp_hdr(skb)->syn))
		nwin <<= tp->rx_opt.snd_wscale;
	if (tcp_may_update_window(tp, ack, ack_seq, nwin)) {
		flag |= FLAG_WIN_UPDATE;
		tp->snd_wl1 = ack_seq;
		if (tp->snd_wnd != nwin) {
			tp->snd_wnd = nwin;
			/* The header prediction holds the window: predict anew. */
			tp->pred_flags = 0;
			tcp_fast_path_check(sk);
			if (!tcp_write_queue_empty(sk))
				tcp_slow_start_after_idle_check(sk);
			if (nwin > tp->max_window) {
				tp->max_window = nwin;
				tcp_sync_mss(sk, inet_csk(sk)->icsk_pmtu_cookie);
			}
		}
	}
	tcp_snd_una_update(tp, ack);
	return flag;
}

/* Nothing is out. If this ACK opened a zero window the probes end, and with them their long intervals. */
static void tcp_ack_probe(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct sk_buff *head = tcp_send_head(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!head)
		return;
	if (!after(TCP_SKB_CB(head)->end_seq, tcp_wnd_end(tp))) {
		icsk->icsk_backoff = 0;
		icsk->icsk_probes_tstamp = 0;
		inet_csk_clear_rto(sk);
		/* Sending is for the caller: tcp_data_snd_check() follows each ACK. */
	} else {
		u64 when = tcp_probe0_when(sk, tcp_rto_max(sk));

		when = tcp_clamp_probe0_to_user_timeout(sk, (u32)when);
		tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when, true);
	}
}

static int tcp_replace_ts_recent(struct sock *sk, u32 seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s32 delta;

	if (!tp->rx_opt.saw_tstamp || after(seq, tp->rcv_wup))
		return 0;
	/* A pure ACK passes PAWS with an old time stamp; that one is not to be echoed. */
	if (!tcp_paws_check(sk, &tp->rx_opt, 0))
		return 0;
	delta = (s32)(tp->rx_opt.rcv_tsval - tp->rx_opt.ts_recent);
	tcp_store_ts_recent(tp);
	return delta > 0 ? FLAG_TS_PROGRESS : 0;
}

/* ---- timers ---- */

/**
 * tcp_rearm_rto() - the retransmission timer as the head of the queue has it, off if nothing is out
 */
void tcp_rearm_rto(struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 rto = icsk->icsk_rto;

	/* It repeats the SYN-ACK of a fast open. */
	if (tcp_rare(tp)->fastopen_rsk)
		return;
	if (!tp->packets_out) {
		inet_csk_clear_rto(sk);
		return;
	}
	/* It was something else meanwhile: the time since the head was sent counts. */
	if (icsk->icsk_pending == ICSK_TIME_REO_TIMEOUT ||
	    icsk->icsk_pending == ICSK_TIME_LOSS_PROBE)
		rto = usecs_to_jiffies((u64)max_t(s64, tcp_rto_delta_us(sk), 1));
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, rto, true);
}

static void tcp_set_xmit_timer(struct sock *sk)
{
	if (!tcp_schedule_loss_probe(sk, true))
		tcp_rearm_rto(sk);
}

/* ---- off the queue ---- */

/* The front of @skb is acknowledged. Return: MSS that go with it, 0 if it could not be cut */
static u32 tcp_tso_acked(struct sock *sk, struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 packets_acked = (u32)tcp_skb_pcount(skb);

	if (tcp_trim_head(sk, skb, tp->snd_una - TCP_SKB_CB(skb)->seq))
		return 0;
	return packets_acked - (u32)tcp_skb_pcount(skb);
}

/* SO_TIMESTAMPING: the byte that a stamp was asked for is acknowledged. */
static void tcp_ack_tstamp(struct sock *sk, struct sk_buff *skb, u32 prior_snd_una)
{
	if (likely(!TCP_SKB_CB(skb)->txstamp_ack))
		return;
	if (!before(skb->tskey, prior_snd_una) && before(skb->tskey, tcp_sk(sk)->snd_una))
		__skb_tstamp_tx(skb, sk, SCM_TSTAMP_ACK);
}

/**
 * struct tcp_clean - tcp_clean_rtx_queue() on its way through the queue
 * @first_ackt, @last_ackt: us, of what was neither retransmitted nor SACKed; valid if @timed
 * @reord: lowest such sequence number; @fully_acked: no packet was cut
 */
struct tcp_clean {
	u64 first_ackt, last_ackt;
	u32 reord;
	u32 pkts_acked;
	int flag;
	bool timed;
	bool fully_acked;
};

/* Take @acked_pcount packets of @skb out of the counts. */
static void tcp_clean_account(struct sock *sk, struct sk_buff *skb, u32 acked_pcount, u32 start_seq,
			      struct tcp_clean *c, struct tcp_sacktag_state *sack, bool ece_ack)
{
	const struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u8 sacked = scb->sacked;

	if (unlikely(sacked & TCPCB_RETRANS)) {
		if (sacked & TCPCB_SACKED_RETRANS)
			tp->retrans_out -= acked_pcount;
		c->flag |= FLAG_RETRANS_DATA_ACKED;
	} else if (!(sacked & TCPCB_SACKED_ACKED)) {
		c->last_ackt = tcp_skb_timestamp_us(skb);
		if (!c->timed)
			c->first_ackt = c->last_ackt;
		c->timed = true;
		if (before(start_seq, c->reord))
			c->reord = start_seq;
		if (!after(scb->end_seq, tp->high_seq))
			c->flag |= FLAG_ORIG_SACK_ACKED;
	}
	if (sacked & TCPCB_SACKED_ACKED) {
		tp->sacked_out -= acked_pcount;
		sack->delivered_bytes -= skb->len; /* counted when it was SACKed */
	} else if (tcp_is_sack(tp)) {
		tcp_count_delivered(tp, acked_pcount, ece_ack);
		if (!tcp_skb_spurious_retrans(tp, skb))
			tcp_rack_advance(tp, sacked, scb->end_seq, tcp_skb_timestamp_us(skb));
	}
	if (sacked & TCPCB_LOST)
		tp->lost_out -= acked_pcount;
	tp->packets_out -= acked_pcount;
	c->pkts_acked += acked_pcount;
	tcp_rate_skb_delivered(sk, skb, sack->rate);
	if (likely(!(scb->tcp_flags & TCPHDR_SYN))) {
		c->flag |= FLAG_DATA_ACKED;
	} else {
		c->flag |= FLAG_SYN_ACKED;
		tp->retrans_stamp = 0;
	}
}

/* Free what is acknowledged. Return: the packet at the head then, NULL if none is left */
static struct sk_buff *tcp_clean_walk(struct sock *sk, struct tcp_clean *c,
				      struct tcp_sacktag_state *sack, u32 prior_snd_una,
				      bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb, *next;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = next) {
		const struct tcp_skb_cb *scb = TCP_SKB_CB(skb);
		u32 start_seq = scb->seq, acked_pcount = (u32)tcp_skb_pcount(skb);

		if (after(scb->end_seq, tp->snd_una)) {
			if (acked_pcount == 1 || !after(tp->snd_una, scb->seq))
				break;
			acked_pcount = tcp_tso_acked(sk, skb);
			if (!acked_pcount)
				break;
			c->fully_acked = false;
		}
		tcp_clean_account(sk, skb, acked_pcount, start_seq, c, sack, ece_ack);
		if (!c->fully_acked)
			break;
		tcp_ack_tstamp(sk, skb, prior_snd_una);
		next = skb_rb_next(skb);
		if (unlikely(skb == tcp_loss(tp)->retransmit_skb_hint))
			tp->loss->retransmit_skb_hint = NULL;
		tcp_highest_sack_replace(sk, skb, next);
		tcp_rtx_queue_unlink_and_free(skb, sk);
	}
	return skb;
}

/* RTT of what was acknowledged. Return: true if it could be measured */
static bool tcp_clean_rtt(struct sock *sk, struct tcp_clean *c, struct tcp_sacktag_state *sack,
			  u32 prior_snd_una, u32 prior_sacked, long *sack_rtt_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	long seq_rtt_us = -1, ca_rtt_us = -1;

	*sack_rtt_us = -1;
	if (likely(c->timed) && !(c->flag & FLAG_RETRANS_DATA_ACKED)) {
		seq_rtt_us = tcp_stamp_us_delta(tp->tcp_mstamp, c->first_ackt);
		ca_rtt_us = tcp_stamp_us_delta(tp->tcp_mstamp, c->last_ackt);
		/* One small packet alone: its ACK was probably delayed. */
		if (c->pkts_acked == 1 && c->fully_acked && !prior_sacked &&
		    tp->snd_una - prior_snd_una < tp->mss_cache &&
		    sack->rate->prior_delivered + 1 == tp->delivered &&
		    !(c->flag & (FLAG_CA_ALERT | FLAG_SYN_ACKED)))
			c->flag |= FLAG_ACK_MAYBE_DELAYED;
	}
	if (sack->first_sackt) {
		*sack_rtt_us = tcp_stamp_us_delta(tp->tcp_mstamp, sack->first_sackt);
		ca_rtt_us = tcp_stamp_us_delta(tp->tcp_mstamp, sack->last_sackt);
	}
	return tcp_ack_update_rtt(sk, c->flag, seq_rtt_us, *sack_rtt_us, ca_rtt_us, sack->rate);
}

/* snd_una moved over something. */
static void tcp_clean_progress(struct sock *sk, struct tcp_clean *c, u32 prior_fack, bool ece_ack)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	c->flag |= FLAG_SET_XMIT_TIMER;
	if (unlikely(icsk->icsk_mtup.probe_size &&
		     !after(tcp_rare(tp)->mtu_probe.probe_seq_end, tp->snd_una)))
		tcp_mtup_probe_success(sk);
	if (unlikely(tcp_is_reno(tp))) {
		tcp_remove_reno_sacks(sk, (int)c->pkts_acked, ece_ack);
		/* Which of them were retransmitted can not be told apart. */
		if (c->flag & FLAG_RETRANS_DATA_ACKED)
			c->flag &= ~FLAG_ORIG_SACK_ACKED;
	} else if (before(c->reord, prior_fack)) {
		/* A hole was filled by an original. */
		tcp_check_sack_reordering(sk, c->reord, 0);
	}
	if (unlikely(sk->sk_side && sk->sk_side->zc_first))
		tcp_zerocopy_complete(sk, false);
}

/**
 * tcp_clean_rtx_queue() - what is acknowledged leaves the retransmit queue
 * @prior_fack: highest SACKed + 1 before this ACK; @sack: what its SACK blocks did. Return: FLAG_*
 */
int tcp_clean_rtx_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_fack,
			u32 prior_snd_una, struct tcp_sacktag_state *sack, bool ece_ack)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_clean c = { .reord = tp->snd_nxt, .fully_acked = true };
	u32 prior_sacked = tp->sacked_out;
	struct sk_buff *skb;
	bool rtt_update;
	long sack_rtt_us;

	skb = tcp_clean_walk(sk, &c, sack, prior_snd_una, ece_ack);
	if (!skb)
		tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	if (likely(between(tp->snd_up, prior_snd_una, tp->snd_una)))
		tp->snd_up = tp->snd_una;
	if (skb) {
		tcp_ack_tstamp(sk, skb, prior_snd_una);
		if (TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_ACKED)
			c.flag |= FLAG_SACK_RENEGING;
	}
	rtt_update = tcp_clean_rtt(sk, &c, sack, prior_snd_una, prior_sacked, &sack_rtt_us);
	if (c.flag & FLAG_ACKED) {
		tcp_clean_progress(sk, &c, prior_fack, ece_ack);
		sack->delivered_bytes += tp->snd_una - prior_snd_una;
	} else if (skb && rtt_update && sack_rtt_us >= 0 &&
		   (u32)sack_rtt_us > tcp_skb_us_delta(tp, skb)) {
		/* What was SACKed is older than the head's last transmission, else the timer would be put off for ever in recovery. */
		c.flag |= FLAG_SET_XMIT_TIMER;
	}
	if (icsk->icsk_ca_ops->pkts_acked) {
		struct ack_sample sample = { .pkts_acked = c.pkts_acked,
					     .rtt_us = (s32)sack->rate->rtt_us };

		sample.in_flight = tp->mss_cache * (tp->delivered - sack->rate->prior_delivered);
		icsk->icsk_ca_ops->pkts_acked(sk, &sample);
	}
	return c.flag;
}

/* ---- tail loss probe ---- */

/**
 * tcp_process_tlp_ack() - a probe is out: was something lost that only the probe repaired (RFC 8985 7.4)?
 */
void tcp_process_tlp_ack(struct sock *sk, u32 ack, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (before(ack, tp->tlp_high_seq))
		return;
	if (!tp->tlp_retrans || (flag & FLAG_DSACK_TLP)) {
		/* New data, or both copies arrived. */
		tp->tlp_high_seq = 0;
	} else if (after(ack, tp->tlp_high_seq)) {
		/* No duplicate was reported: there was a loss, and the window has to know. */
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
		tcp_end_cwnd_reduction(sk);
		tcp_try_keep_open(sk);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSPROBERECOVERY);
	} else if (!(flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DATA_SACKED))) {
		/* A plain duplicate: both copies arrived. */
		tp->tlp_high_seq = 0;
	}
}

/* ---- congestion window ---- */

static bool tcp_may_raise_cwnd(const struct sock *sk, int flag)
{
	/* Where the network reorders, SACKs are as good as progress. */
	if (tcp_sk(sk)->reordering > (u32)sock_net(sk)->ipv4.sysctl_tcp_reordering)
		return flag & FLAG_FORWARD_PROGRESS;
	return flag & FLAG_DATA_ACKED;
}

static void tcp_cong_control(struct sock *sk, u32 ack, u32 acked_sacked, int flag,
			     const struct rate_sample *rs)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_ops->cong_control) {
		icsk->icsk_ca_ops->cong_control(sk, ack, flag, rs);
		return;
	}
	if (tcp_in_cwnd_reduction(sk)) {
		tcp_cwnd_reduction(sk, (int)acked_sacked, rs->losses, flag);
	} else if (tcp_may_raise_cwnd(sk, flag)) {
		icsk->icsk_ca_ops->cong_avoid(sk, ack, acked_sacked);
		tcp_sk(sk)->snd_cwnd_stamp = tcp_jiffies32(sk);
	}
	tcp_update_pacing_rate(sk);
}

/**
 * tcp_xmit_recovery() - the window is known: send what tcp_fastretrans_alert() asked for
 */
void tcp_xmit_recovery(struct sock *sk, int rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (rexmit == REXMIT_NONE || sk->sk_state == TCP_SYN_SENT)
		return;
	if (unlikely(rexmit == REXMIT_NEW)) {
		__tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
		if (after(tp->snd_nxt, tp->high_seq))
			return;
		tp->frto = 0;
	}
	tcp_xmit_retransmit_queue(sk);
}

/* Packets delivered since @prior_delivered, counted. */
static u32 tcp_newly_delivered(struct sock *sk, const struct tcp_ack_work *w)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 delivered = tp->delivered - w->prior_delivered, ecn_count = w->ecn_count;

	NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPDELIVERED, delivered);
	if (w->flag & FLAG_ECE) {
		if (tcp_ecn_mode_rfc3168(tp))
			ecn_count = delivered;
		NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPDELIVEREDCE, ecn_count);
	}
	return delivered;
}

static void tcp_in_ack_event(struct sock *sk, int flag)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	u32 ack_ev_flags = 0;

	if (!icsk->icsk_ca_ops->in_ack_event)
		return;
	if (flag & FLAG_WIN_UPDATE)
		ack_ev_flags |= CA_ACK_WIN_UPDATE;
	if (flag & FLAG_SLOWPATH) {
		ack_ev_flags |= CA_ACK_SLOWPATH;
		if (flag & FLAG_ECE)
			ack_ev_flags |= CA_ACK_ECE;
	}
	icsk->icsk_ca_ops->in_ack_event(sk, ack_ev_flags);
}

/* ---- one segment ---- */

static bool tcp_ack_is_dubious(const struct sock *sk, int flag)
{
	return !(flag & FLAG_NOT_DUP) || (flag & FLAG_CA_ALERT) ||
	       inet_csk(sk)->icsk_ca_state != TCP_CA_Open;
}

/* Older than what is acknowledged: its SACK blocks may still be news. */
static int tcp_old_ack(struct sock *sk, const struct sk_buff *skb, struct tcp_ack_work *w)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max_window = (u32)min_t(u64, tp->max_window, tp->bytes_acked);

	/* RFC 5961 5.2: nobody who sees the connection would send this. */
	if (before(TCP_SKB_CB(skb)->ack_seq, w->prior_snd_una - max_window)) {
		if (!(w->flag & FLAG_NO_CHALLENGE_ACK))
			tcp_send_challenge_ack(sk, false);
		return -SKB_DROP_REASON_TCP_TOO_OLD_ACK;
	}
	if (TCP_SKB_CB(skb)->sacked) {
		w->flag |= tcp_sacktag_write_queue(sk, skb, w->prior_snd_una, &w->sack);
		tcp_fastretrans_alert(sk, w->prior_snd_una, 0, &w->flag, &w->rexmit);
		tcp_newly_delivered(sk, w);
		tcp_xmit_recovery(sk, w->rexmit);
	}
	return 0;
}

/* Window, SACK and ECN echo. */
static void tcp_ack_take(struct sock *sk, const struct sk_buff *skb, struct tcp_ack_work *w)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ack_seq = TCP_SKB_CB(skb)->seq, ack = TCP_SKB_CB(skb)->ack_seq;

	if ((w->flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) == FLAG_SND_UNA_ADVANCED) {
		/* As predicted: the window is what it was. */
		tp->snd_wl1 = ack_seq;
		tcp_snd_una_update(tp, ack);
		w->flag |= FLAG_WIN_UPDATE;
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPHPACKS);
		return;
	}
	if (ack_seq != TCP_SKB_CB(skb)->end_seq)
		w->flag |= FLAG_DATA;
	else
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPPUREACKS);
	w->flag |= tcp_ack_update_window(sk, skb, ack, ack_seq);
	if (TCP_SKB_CB(skb)->sacked)
		w->flag |= tcp_sacktag_write_queue(sk, skb, w->prior_snd_una, &w->sack);
	if (tcp_ecn_rcv_ecn_echo(tp, tcp_hdr(skb)))
		w->flag |= FLAG_ECE;
	if (w->sack.sack_delivered)
		tcp_count_delivered(tp, w->sack.sack_delivered, w->flag & FLAG_ECE);
}

static void tcp_ack_ecn(struct sock *sk, const struct sk_buff *skb, struct tcp_ack_work *w)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(tcp_ecn_mode_accecn(tp)))
		w->ecn_count = tcp_accecn_process(sk, skb, tp->delivered - w->prior_delivered,
						  w->sack.delivered_bytes, &w->flag);
	tcp_in_ack_event(sk, w->flag);
}

/* Nothing was out. */
static void tcp_ack_no_queue(struct sock *sk, const struct sk_buff *skb, struct tcp_ack_work *w)
{
	tcp_ack_ecn(sk, skb, w);
	/* A duplicate was reported: a reduction may be undone. */
	if (w->flag & FLAG_DSACKING_ACK) {
		tcp_fastretrans_alert(sk, w->prior_snd_una, 0, &w->flag, &w->rexmit);
		tcp_newly_delivered(sk, w);
	}
	tcp_ack_probe(sk);
	if (tcp_sk(sk)->tlp_high_seq)
		tcp_process_tlp_ack(sk, TCP_SKB_CB(skb)->ack_seq, w->flag);
}

/* How many duplicates this ACK stands for. */
static int tcp_ack_num_dupack(const struct sk_buff *skb, int flag)
{
	if (flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DSACKING_ACK))
		return 0;
	return flag & FLAG_DATA ? 1 : (int)max_t(u32, 1, skb_gso_segs(skb));
}

/* What was out, is now acknowledged, and what follows from it. */
static void tcp_ack_queue(struct sock *sk, const struct sk_buff *skb, struct tcp_ack_work *w)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delivered;

	w->flag |= tcp_clean_rtx_queue(sk, skb, w->prior_fack, w->prior_snd_una, &w->sack,
				       w->flag & FLAG_ECE);
	tcp_rack_update_reo_wnd(sk, &w->rs);
	tcp_ack_ecn(sk, skb, w);
	if (tp->tlp_high_seq)
		tcp_process_tlp_ack(sk, TCP_SKB_CB(skb)->ack_seq, w->flag);
	if (tcp_ack_is_dubious(sk, w->flag))
		tcp_fastretrans_alert(sk, w->prior_snd_una, tcp_ack_num_dupack(skb, w->flag),
				      &w->flag, &w->rexmit);
	if (w->flag & FLAG_SET_XMIT_TIMER)
		tcp_set_xmit_timer(sk);
	if ((w->flag & FLAG_FORWARD_PROGRESS) || !(w->flag & FLAG_NOT_DUP))
		sk_dst_confirm(sk);
	delivered = tcp_newly_delivered(sk, w);
	w->rs.is_ack_delayed = w->flag & FLAG_ACK_MAYBE_DELAYED;
	tcp_rate_gen(sk, delivered, tp->lost - w->prior_lost, w->is_sack_reneg, &w->rs);
	tcp_cong_control(sk, TCP_SKB_CB(skb)->ack_seq, delivered, w->flag, &w->rs);
	tcp_xmit_recovery(sk, w->rexmit);
}

int tcp_ack(struct sock *sk, const struct sk_buff *skb, int flag)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ack = TCP_SKB_CB(skb)->ack_seq;
	struct tcp_ack_work w = {
		.flag = flag,
		.rexmit = REXMIT_NONE,
		.prior_snd_una = tp->snd_una,
		.prior_packets = tp->packets_out,
		.prior_delivered = tp->delivered,
		.prior_lost = tp->lost,
		.is_sack_reneg = tp->is_sack_reneg,
	};

	w.sack.rate = &w.rs;
	if (before(ack, w.prior_snd_una))
		return tcp_old_ack(sk, skb, &w);
	if (after(ack, tp->snd_nxt)) {
		/* RFC 5961 5.2 */
		if (!(flag & FLAG_NO_CHALLENGE_ACK))
			tcp_send_challenge_ack(sk, false);
		return -SKB_DROP_REASON_TCP_ACK_UNSENT_DATA;
	}
	if (after(ack, w.prior_snd_una)) {
		w.flag |= FLAG_SND_UNA_ADVANCED;
		icsk->icsk_retransmits = 0;
		if (unlikely(icsk_rare(icsk)->icsk_ulp_ops &&
			     icsk_rare(icsk)->icsk_ulp_ops->clean_acked))
			icsk_rare(icsk)->icsk_ulp_ops->clean_acked(sk, ack);
	}
	w.prior_fack = tcp_is_sack(tp) ? tcp_highest_sack_seq(tp) : tp->snd_una;
	w.rs.prior_in_flight = tcp_packets_in_flight(tp);
	/* Only now is it certain that the segment is in the window. */
	if (w.flag & FLAG_UPDATE_TS_RECENT)
		w.flag |= tcp_replace_ts_recent(sk, TCP_SKB_CB(skb)->seq);
	tcp_ack_take(sk, skb, &w);
	/* With data only, says RFC 3168 6.1.2; but many set it on pure ACKs. */
	tcp_ecn_accept_cwr(sk, skb);
	/* Something works. */
	sk->sk_err_soft = 0;
	icsk->icsk_probes_out = 0;
	tp->rcv_tstamp = tcp_jiffies32(sk);
	if (w.prior_packets)
		tcp_ack_queue(sk, skb, &w);
	else
		tcp_ack_no_queue(sk, skb, &w);
	return 1;
}
