/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_loss.c - the states of recovery: who enters them, what holds in them, who leaves them.
 *
 * DOC: Recovery
 * icsk_ca_state, from harmless to grave:
 *   Open      nothing is SACKed, lost or retransmitted. Left by tcp_try_to_open() (SACKs, duplicates: Disorder; an ECN echo:
 *             CWR), tcp_enter_recovery() (loss found), tcp_enter_loss() (timeout).
 *   Disorder  something arrived out of order or was retransmitted; nothing is known lost; new data go out for duplicate
 *             ACKs (limited transmit, RFC 3042: what is SACKed is not in flight). Left by the same.
 *   CWR       the window is being reduced because the network said so (ECN, a local queue). Nothing is retransmitted. Ends
 *             when more than high_seq is acknowledged.
 *   Recovery  fast retransmission: what is marked lost goes out again, PRR reduces the window. Ends when high_seq is
 *             acknowledged, by undo, or by timeout.
 *   Loss      a timeout: all that is not SACKed counts as lost, the window is one packet and slow start begins; as long as frto
 *             is set, new data are tried first to learn whether the timeout was spurious (F-RTO, RFC 5682). Ends when high_seq is
 *             acknowledged, or by undo.
 * A packet is (S)ACKed, (L)ost, (R)etransmitted, in flight if neither S nor L, or if R; left_out = S + L.
 */
#include "tcp_ack.h"

void tcp_clear_all_retrans_hints(struct tcp_sock *tp)
{
	if (tp->loss)
		tp->loss->retransmit_skb_hint = NULL;
}

void tcp_clear_retrans(struct tcp_sock *tp)
{
	tp->retrans_out = 0;
	tp->lost_out = 0;
	tp->undo_marker = 0;
	tp->sacked_out = 0;
	if (!tp->loss)
		return;
	tp->loss->undo_retrans = -1;
	tp->loss->rto_stamp = 0;
	tp->loss->total_rto = 0;
	tp->loss->total_rto_recoveries = 0;
	tp->loss->total_rto_time = 0;
}

/* Where tcp_xmit_retransmit_queue() begins: at the first of what is lost. */
static void tcp_verify_retransmit_hint(struct tcp_sock *tp, struct sk_buff *skb)
{
	struct tcp_loss *loss = tcp_loss_make(tp);
	const struct sk_buff *hint;

	/* Without it, all of them are looked at. */
	if (!loss)
		return;
	hint = loss->retransmit_skb_hint;
	if ((!hint && tp->retrans_out >= tp->lost_out) ||
	    (hint && before(TCP_SKB_CB(skb)->seq, TCP_SKB_CB(hint)->seq)))
		loss->retransmit_skb_hint = skb;
}

/**
 * tcp_mark_skb_lost() - @skb is lost, or its retransmission is; nothing if it is SACKed
 */
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 sacked = TCP_SKB_CB(skb)->sacked;
	u32 pcount = (u32)tcp_skb_pcount(skb);

	if (sacked & TCPCB_SACKED_ACKED)
		return;
	tcp_verify_retransmit_hint(tp, skb);
	if (!(sacked & TCPCB_LOST)) {
		tp->lost_out += pcount;
		TCP_SKB_CB(skb)->sacked |= TCPCB_LOST;
	} else if (sacked & TCPCB_SACKED_RETRANS) {
		TCP_SKB_CB(skb)->sacked &= (u8)~TCPCB_SACKED_RETRANS;
		tp->retrans_out -= pcount;
		NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPLOSTRETRANSMIT, pcount);
	} else {
		return;
	}
	tp->lost += pcount;
}

/**
 * tcp_check_sack_reordering() - a packet at @low_seq that was not retransmitted arrived after later ones; @ts: a time stamp told
 */
void tcp_check_sack_reordering(struct sock *sk, u32 low_seq, int ts)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const u32 mss = tp->mss_cache;
	u32 fack = tcp_highest_sack_seq(tp), metric;

	if (!before(low_seq, fack))
		return;
	metric = fack - low_seq;
	if (metric > tp->reordering * mss && mss)
		tp->reordering = min_t(u32, (metric + mss - 1) / mss,
				       sock_net(sk)->ipv4.sysctl_tcp_max_reordering);
	tcp_reordering_seen(tp);
	NET_INC_STATS(sock_net(sk), ts ? LINUX_MIB_TCPTSREORDER : LINUX_MIB_TCPSACKREORDER);
}

/* ---- timeout ---- */

static void tcp_timeout_mark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb, *head = tcp_rtx_queue_head(sk);
	bool is_reneg = head && (TCP_SKB_CB(head)->sacked & TCPCB_SACKED_ACKED);

	if (is_reneg) {
		/* The receiver threw away what it had SACKed (RFC 2018 8): nothing that it said holds. */
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSACKRENEGING);
		tp->sacked_out = 0;
		tp->is_sack_reneg = 1;
	} else if (tcp_is_reno(tp)) {
		tcp_reset_reno_sack(tp);
	}
	for (skb = head; skb; skb = skb_rb_next(skb)) {
		if (is_reneg)
			TCP_SKB_CB(skb)->sacked &= (u8)~TCPCB_SACKED_ACKED;
		else if (skb != head && tcp_rack_skb_timeout(tp, skb, 0) > 0)
			continue; /* sent less than a round trip ago */
		tcp_mark_skb_lost(sk, skb);
	}
	tcp_verify_left_out(tp);
	tcp_clear_all_retrans_hints(tp);
}

/**
 * tcp_enter_loss() - the retransmission timer fired
 */
void tcp_enter_loss(struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct tcp_sock *tp = tcp_sk(sk);
	bool new_recovery = icsk->icsk_ca_state < TCP_CA_Recovery;

	tcp_timeout_mark_lost(sk);
	/* Once per window. */
	if (icsk->icsk_ca_state <= TCP_CA_Disorder || !after(tp->high_seq, tp->snd_una) ||
	    (icsk->icsk_ca_state == TCP_CA_Loss && !icsk->icsk_retransmits)) {
		struct tcp_loss *loss = tcp_loss_make(tp);

		if (loss) {
			loss->prior_ssthresh = tcp_current_ssthresh(sk);
			loss->prior_cwnd = tp->snd_cwnd;
		}
		tp->snd_ssthresh = icsk->icsk_ca_ops->ssthresh(sk);
		tcp_ca_event(sk, CA_EVENT_LOSS);
		tcp_init_undo(tp);
	}
	tcp_snd_cwnd_set(tp, tcp_packets_in_flight(tp) + 1);
	tp->snd_cwnd_cnt = 0;
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	/* That much was SACKed, and still no recovery began: the degree of reordering is overestimated. */
	if (icsk->icsk_ca_state <= TCP_CA_Disorder &&
	    tp->sacked_out >= (u32)ipv4->sysctl_tcp_reordering)
		tp->reordering = min_t(u32, tp->reordering, ipv4->sysctl_tcp_reordering);
	tcp_set_ca_state(sk, TCP_CA_Loss);
	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tcp_ecn_queue_cwr(tp);
	/* F-RTO, RFC 5682 3.1 step 1: only if no other recovery is under way, or at repeated timeouts of one packet (3.2). */
	tp->frto = ipv4->sysctl_tcp_frto && (new_recovery || icsk->icsk_retransmits) &&
		   !icsk->icsk_mtup.probe_size;
}

/* The head was SACKed, but the cumulative ACK stops before it. Time for the ACKs under way, then the timer decides. */
bool tcp_check_sack_reneging(struct sock *sk, int *ack_flag)
{
	u64 delay;

	if (!(*ack_flag & FLAG_SACK_RENEGING) || !(*ack_flag & FLAG_SND_UNA_ADVANCED))
		return false;
	delay = max_t(u64, usecs_to_jiffies(tcp_sk(sk)->srtt_us >> 4), msecs_to_jiffies(10));
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, delay, false);
	*ack_flag &= ~FLAG_SET_XMIT_TIMER;
	return true;
}

/* ---- without congestion ---- */

void tcp_non_congestion_loss_retransmit(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Loss) {
		tp->high_seq = tp->snd_nxt;
		tp->snd_ssthresh = tcp_current_ssthresh(sk);
		tcp_forbid_undo(tp);
		tp->undo_marker = 0;
		tcp_set_ca_state(sk, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(sk);
}

/**
 * tcp_simple_retransmit() - the path MTU shrank: what is larger than the MSS now can not have arrived
 */
void tcp_simple_retransmit(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int mss;

	/* The SYN of a fast open and its data are two packets: if the MTU is the trouble, both are lost. */
	mss = tp->syn_data && sk->sk_state == TCP_SYN_SENT ? -1 : (int)tcp_current_mss(sk);
	for (struct sk_buff *skb = tcp_rtx_queue_head(sk); skb; skb = skb_rb_next(skb)) {
		int seglen = tcp_skb_pcount(skb) == 1 ? (int)skb->len : tcp_skb_mss(skb);

		if (seglen > mss)
			tcp_mark_skb_lost(sk, skb);
	}
	if (!tp->lost_out)
		return;
	if (tcp_is_reno(tp))
		tcp_limit_reno_sacked(tp);
	tcp_verify_left_out(tp);
	tcp_non_congestion_loss_retransmit(sk);
}

/* ---- the state machine ---- */

void tcp_enter_recovery(struct sock *sk, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_retrans_stamp_cleanup(sk);
	NET_INC_STATS(sock_net(sk),
		      tcp_is_reno(tp) ? LINUX_MIB_TCPRENORECOVERY : LINUX_MIB_TCPSACKRECOVERY);
	tcp_forbid_undo(tp);
	tcp_init_undo(tp);
	if (!tcp_in_cwnd_reduction(sk)) {
		if (!ece_ack && tp->loss)
			tp->loss->prior_ssthresh = tcp_current_ssthresh(sk);
		tcp_init_cwnd_reduction(sk);
	}
	tcp_set_ca_state(sk, TCP_CA_Recovery);
}

static void tcp_try_to_open(struct sock *sk, int flag)
{
	tcp_verify_left_out(tcp_sk(sk));
	tcp_retrans_stamp_cleanup(sk);
	if (flag & FLAG_ECE)
		tcp_enter_cwr(sk);
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_CWR)
		tcp_try_keep_open(sk);
}

/* F-RTO, RFC 5682 3.1 in its SACK-enhanced form. Return: true: it decided what happens with this ACK */
static bool tcp_process_frto(struct sock *sk, int flag, int num_dupack, int *rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* Step 3.b: something that was never retransmitted arrived. */
	if ((flag & FLAG_ORIG_SACK_ACKED) && tcp_try_undo_loss(sk, true))
		return true;
	if (after(tp->snd_nxt, tp->high_seq)) {
		if ((flag & FLAG_DATA_SACKED) || num_dupack)
			tp->frto = 0; /* step 3.a: the loss was real */
	} else if ((flag & FLAG_SND_UNA_ADVANCED) && before(tp->snd_una, tp->high_seq)) {
		/* Step 2.b: two new packets, if there are any and they may go out; else as ever. */
		tp->high_seq = tp->snd_nxt;
		if (!tcp_write_queue_empty(sk) && after(tcp_wnd_end(tp), tp->snd_nxt)) {
			*rexmit = REXMIT_NEW;
			return true;
		}
		tp->frto = 0;
	}
	return false;
}

static void tcp_process_loss(struct sock *sk, int flag, int num_dupack, int *rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool recovered = !before(tp->snd_una, tp->high_seq);

	if (((flag & FLAG_SND_UNA_ADVANCED) || tcp_rare(tp)->fastopen_rsk) &&
	    tcp_try_undo_loss(sk, false))
		return;
	if (tp->frto && tcp_process_frto(sk, flag, num_dupack, rexmit))
		return;
	if (recovered) {
		tcp_try_undo_recovery(sk);
		return;
	}
	if (tcp_is_reno(tp)) {
		/* A duplicate now means that the new data of F-RTO arrived. */
		if (after(tp->snd_nxt, tp->high_seq) && num_dupack)
			tcp_add_reno_sack(sk, num_dupack, flag & FLAG_ECE);
		else if (flag & FLAG_SND_UNA_ADVANCED)
			tcp_reset_reno_sack(tp);
	}
	*rexmit = REXMIT_LOST;
}

static void tcp_identify_packet_loss(struct sock *sk, int *ack_flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_retrans = tp->retrans_out;

	if (tcp_rtx_queue_empty(sk))
		return;
	if (unlikely(tcp_is_reno(tp))) {
		tcp_newreno_mark_lost(sk, *ack_flag & FLAG_SND_UNA_ADVANCED);
		return;
	}
	if (tcp_rack_mark_lost(sk))
		*ack_flag &= ~FLAG_SET_XMIT_TIMER;
	if (prior_retrans > tp->retrans_out)
		*ack_flag |= FLAG_LOST_RETRANS;
}

static bool tcp_time_to_recover(const struct tcp_sock *tp)
{
	return tp->lost_out != 0;
}

void tcp_update_rto_time(struct tcp_sock *tp)
{
	struct tcp_loss *loss = tp->loss;

	if (loss && loss->rto_stamp) {
		loss->total_rto_time += (u32)(tp->tcp_mstamp / 1000) - loss->rto_stamp;
		loss->rto_stamp = 0;
	}
}

/* All that was out when the episode began is acknowledged. Return: true: nothing more to do for this ACK */
static bool tcp_end_of_episode(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (inet_csk(sk)->icsk_ca_state) {
	case TCP_CA_CWR:
		/* Something above high_seq has to arrive, so that the receiver has seen CWR. */
		if (tp->snd_una != tp->high_seq) {
			tcp_end_cwnd_reduction(sk);
			tcp_set_ca_state(sk, TCP_CA_Open);
		}
		break;
	case TCP_CA_Recovery:
		if (tcp_is_reno(tp))
			tcp_reset_reno_sack(tp);
		if (tcp_try_undo_recovery(sk))
			return true;
		tcp_end_cwnd_reduction(sk);
		break;
	}
	return false;
}

/* In Recovery. Return: true: what is lost may be retransmitted */
static bool tcp_process_recovery(struct sock *sk, u32 prior_snd_una, int num_dupack, int flag,
				 int *ack_flag)
{
	bool ece_ack = flag & FLAG_ECE;

	if (!(flag & FLAG_SND_UNA_ADVANCED)) {
		if (tcp_is_reno(tcp_sk(sk)))
			tcp_add_reno_sack(sk, num_dupack, ece_ack);
	} else if (tcp_try_undo_partial(sk, prior_snd_una)) {
		return false;
	}
	if (tcp_try_undo_dsack(sk))
		tcp_try_to_open(sk, flag);
	tcp_identify_packet_loss(sk, ack_flag);
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Recovery) {
		if (!tcp_time_to_recover(tcp_sk(sk)))
			return false;
		/* Undone, but loss is evident: the next recovery. */
		tcp_enter_recovery(sk, ece_ack);
	}
	return true;
}

/* In Open, Disorder or CWR, or just out of Loss. Return: true: what is lost may be retransmitted */
static bool tcp_process_disorder(struct sock *sk, int num_dupack, int flag, int *ack_flag)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool ece_ack = flag & FLAG_ECE;

	if (tcp_is_reno(tp)) {
		if (flag & FLAG_SND_UNA_ADVANCED)
			tcp_reset_reno_sack(tp);
		tcp_add_reno_sack(sk, num_dupack, ece_ack);
	}
	if (icsk->icsk_ca_state <= TCP_CA_Disorder)
		tcp_try_undo_dsack(sk);
	tcp_identify_packet_loss(sk, ack_flag);
	if (!tcp_time_to_recover(tp)) {
		tcp_try_to_open(sk, flag);
		return false;
	}
	/* It was the probe of the path MTU that got lost: no congestion, and the window that the probe took is given back. */
	if (icsk->icsk_ca_state < TCP_CA_CWR && icsk->icsk_mtup.probe_size &&
	    tp->snd_una == tcp_rare(tp)->mtu_probe.probe_seq_start) {
		tcp_mtup_probe_failed(sk);
		tcp_snd_cwnd_set(tp, tp->snd_cwnd + 1);
		tcp_simple_retransmit(sk);
		return false;
	}
	tcp_enter_recovery(sk, ece_ack);
	return true;
}

/**
 * tcp_fastretrans_alert() - an ACK that is not plain progress in Open: what it means for the state of recovery
 * @prior_snd_una: before this ACK; @num_dupack: duplicates that it stands for
 * @ack_flag: FLAG_*, FLAG_SET_XMIT_TIMER is taken out if the timer is set here
 * @rexmit: REXMIT_*: what tcp_xmit_recovery() is to do once the window is known
 */
void tcp_fastretrans_alert(struct sock *sk, u32 prior_snd_una, int num_dupack, int *ack_flag,
			   int *rexmit)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	int flag = *ack_flag;

	if (!tp->packets_out && tp->sacked_out)
		tp->sacked_out = 0;
	/* The network is full for certain: nothing will be undone. */
	if (flag & FLAG_ECE)
		tcp_forbid_undo(tp);
	if (tcp_check_sack_reneging(sk, ack_flag))
		return;
	tcp_verify_left_out(tp);
	if (icsk->icsk_ca_state == TCP_CA_Open)
		tp->retrans_stamp = 0;
	else if (!before(tp->snd_una, tp->high_seq) && tcp_end_of_episode(sk))
		return;

	switch (icsk->icsk_ca_state) {
	case TCP_CA_Recovery:
		if (!tcp_process_recovery(sk, prior_snd_una, num_dupack, flag, ack_flag))
			return;
		break;
	case TCP_CA_Loss:
		tcp_process_loss(sk, flag, num_dupack, rexmit);
		if (icsk->icsk_ca_state != TCP_CA_Loss)
			tcp_update_rto_time(tp);
		tcp_identify_packet_loss(sk, ack_flag);
		if (icsk->icsk_ca_state != TCP_CA_Open && !(*ack_flag & FLAG_LOST_RETRANS))
			return;
		/* Undone, or retransmissions are lost: as if out of Open. */
		if (!tcp_process_disorder(sk, num_dupack, flag, ack_flag))
			return;
		break;
	default:
		if (!tcp_process_disorder(sk, num_dupack, flag, ack_flag))
			return;
	}
	*rexmit = REXMIT_LOST;
}
