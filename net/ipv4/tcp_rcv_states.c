/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_rcv_states.c - a segment in every state but ESTABLISHED and TIME_WAIT: RFC 9293 3.10.7, with what RFC 1122 and RFC 5961 add.
 *
 * What holds in each state and who leaves it: the head of tcp.c.
 */
#include "tcp_input.h"

#include "tcp_ack.h"

void tcp_reset(struct sock *sk, struct sk_buff *skb)
{
	int err;

	(void)skb;
	switch (sk->sk_state) {
	case TCP_SYN_SENT:
		err = ECONNREFUSED;
		break;
	case TCP_CLOSE_WAIT:
		err = EPIPE;
		break;
	case TCP_CLOSE:
		return;
	default:
		err = ECONNRESET;
	}
	tcp_done_with_error(sk, err);
}

/* ---- a connection begins ---- */

void tcp_init_transfer(struct sock *sk, struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	(void)skb;
	tcp_mtup_init(sk);
	inet_sk_rebuild_header(sk);
	tcp_init_metrics(sk);
	/* More than one SYN or SYN-ACK was lost: RFC 5681 3.1 begins with one segment. */
	if (tcp_loss(tp)->total_retrans > 1 && tp->undo_marker)
		tcp_snd_cwnd_set(tp, 1);
	else
		tcp_snd_cwnd_set(tp, tcp_init_cwnd(tp, __sk_dst_get(sk)));
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	if (!icsk->icsk_ca_initialized)
		tcp_init_congestion_control(sk);
	tcp_init_buffer_space(sk);
}

void tcp_finish_connect(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_ao_finish_connect(sk, skb);
	tcp_set_state(sk, TCP_ESTABLISHED);
	inet_csk(sk)->icsk_ack.lrcvtime = tcp_jiffies32(sk);
	if (skb)
		inet_sk_rx_dst_set(sk, skb);
	tcp_init_transfer(sk, skb);
	/* So that the first data are not taken for a start after idleness. */
	tp->lsndtime = tcp_jiffies32(sk);
	if (sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tp));
	if (!tp->rx_opt.snd_wscale)
		__tcp_fast_path_on(tp, tp->snd_wnd);
	else
		tp->pred_flags = 0;
}

/* ---- SYN_SENT ---- */

static void clear_options(struct tcp_options_received *rx_opt, u16 mss_clamp)
{
	rx_opt->tstamp_ok = rx_opt->sack_ok = 0;
	rx_opt->wscale_ok = rx_opt->snd_wscale = 0;
	rx_opt->mss_clamp = mss_clamp;
}

/* RFC 9293 3.10.7.3, first. SKB_NOT_DROPPED_YET: our SYN is what it acknowledges */
static enum skb_drop_reason synsent_check_ack(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ack = TCP_SKB_CB(skb)->ack_seq;

	if (!after(ack, tp->snd_una) || after(ack, tp->snd_nxt)) {
		/* Something of an earlier connection is in the way: after our reset the SYN soon tries again. */
		if (!inet_csk(sk)->icsk_retransmits)
			tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, TCP_TIMEOUT_MIN, false);
		return SKB_DROP_REASON_TCP_INVALID_ACK_SEQUENCE;
	}
	if (tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr &&
	    !between(tp->rx_opt.rcv_tsecr, tp->retrans_stamp, tcp_time_stamp_ts(tp))) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_PAWSACTIVEREJECTED);
		return SKB_DROP_REASON_TCP_RFC7323_PAWS;
	}
	return SKB_NOT_DROPPED_YET;
}

/* What the peer's SYN says of sequence numbers and time stamps. */
static void take_syn(struct tcp_sock *tp, const struct sk_buff *skb, const struct tcphdr *th)
{
	tp->rcv_nxt = TCP_SKB_CB(skb)->seq + 1;
	tp->rcv_wup = tp->rcv_nxt;
	/* Never scaled in a SYN: RFC 7323 2.2. */
	tp->snd_wnd = ntohs(th->window);
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (tp->rx_opt.saw_tstamp) {
		tp->rx_opt.tstamp_ok = 1;
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
		tcp_store_ts_recent(tp);
	}
}

/* The answer to our SYN: established. Return: -1: the ACK was sent (or data were), 0: it waits for data to go with */
static int synsent_connected(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			     struct tcp_fastopen_cookie *foc)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool fastopen_fail;

	if (tcp_ecn_mode(tp))
		tcp_ecn_rcv_synack(sk, th, TCP_SKB_CB(skb)->ip_dsfield);
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	tcp_try_undo_spurious_syn(sk);
	tcp_ack(sk, skb, FLAG_SLOWPATH);
	take_syn(tp, skb, th);
	if (!tp->rx_opt.wscale_ok) {
		tp->rx_opt.snd_wscale = tp->rx_opt.rcv_wscale = 0;
		tp->window_clamp = min_t(u32, tp->window_clamp, 65535U);
	}
	if (tp->rx_opt.saw_tstamp)
		tp->advmss = (u16)(tp->advmss - TCPOLEN_TSTAMP_ALIGNED);
	tcp_sync_mss(sk, icsk->icsk_pmtu_cookie);
	tcp_initialize_rcv_mss(sk);
	tp->copied_seq = tp->rcv_nxt;
	tcp_finish_connect(sk, skb);
	fastopen_fail = (tp->syn_fastopen || tp->syn_data) && tcp_rcv_fastopen_synack(sk, skb, foc);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_state_change(sk);
	if (fastopen_fail)
		return -1;
	if (sock_flag(sk, SOCK_WRITE_PENDING) || icsk_rare(icsk)->icsk_defer_accept ||
	    inet_csk_in_pingpong_mode(sk)) {
		/* Data are about to be written, which can carry the ACK. */
		inet_csk_schedule_ack(sk);
		tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
		inet_csk_reset_delack(sk, TCP_DELACK_MAX);
		return 0;
	}
	/* With AccECN the end of the handshake tells how the SYN-ACK arrived. */
	__tcp_send_ack(sk, tp->rcv_nxt,
		       tcp_ecn_mode_accecn(tp) ? tcp_accecn_reflector_flags(tp->syn_ect_rcv) : 0);
	return -1;
}

/* Both called each other (RFC 9293 3.5, figure 7). */
static void synsent_crossed(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_set_state(sk, TCP_SYN_RECV);
	take_syn(tp, skb, th);
	tp->copied_seq = tp->rcv_nxt;
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	tp->max_window = tp->snd_wnd;
	tcp_ecn_rcv_syn(sk, th, TCP_SKB_CB(skb)->ip_dsfield);
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, inet_csk(sk)->icsk_pmtu_cookie);
	tcp_initialize_rcv_mss(sk);
	tcp_send_synack(sk);
}

int tcp_rcv_synsent_state_process(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_fastopen_cookie foc = { .len = -1 };
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	struct tcp_sock *tp = tcp_sk(sk);
	u16 saved_clamp = tp->rx_opt.mss_clamp;

	tcp_parse_options(sock_net(sk), skb, &tp->rx_opt, 0, &foc);
	if (tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr)
		tp->rx_opt.rcv_tsecr -= tp->tsoffset;
	if (th->ack) {
		reason = synsent_check_ack(sk, skb);
		if (reason) {
			clear_options(&tp->rx_opt, saved_clamp);
			return (int)reason;
		}
		if (!th->rst && th->syn) {
			if (synsent_connected(sk, skb, th, &foc) < 0)
				return -1;
			goto consume;
		}
		if (th->rst) {
			tcp_reset(sk, skb);
			goto consume;
		}
		reason = SKB_DROP_REASON_TCP_FLAGS;
	} else if (th->rst) {
		reason = SKB_DROP_REASON_TCP_RESET;
	} else if (tp->rx_opt.ts_recent_stamp && tp->rx_opt.saw_tstamp &&
		   tcp_paws_reject(sk, &tp->rx_opt, 0)) {
		reason = SKB_DROP_REASON_TCP_RFC7323_PAWS;
	} else if (th->syn) {
		synsent_crossed(sk, skb, th);
		goto consume;
	}
	clear_options(&tp->rx_opt, saved_clamp);
	tcp_drop(sk, skb, reason);
	return 0;
consume:
	consume_skb(sock_skiff(sk), skb);
	return 0;
}

static enum skb_drop_reason rcv_synsent(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	int queued;

	tp->rx_opt.saw_tstamp = 0;
	tcp_mstamp_refresh(tp);
	queued = tcp_rcv_synsent_state_process(sk, skb, th);
	if (queued >= 0)
		return (enum skb_drop_reason)queued;
	tcp_urg(sk, skb, th);
	consume_skb(sock_skiff(sk), skb);
	tcp_data_snd_check(sk);
	return SKB_NOT_DROPPED_YET;
}

/* ---- LISTEN ---- */

static enum skb_drop_reason rcv_listen(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);

	if (th->ack)
		return SKB_DROP_REASON_TCP_FLAGS;
	if (th->rst) {
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_RESET);
	} else if (th->syn && !th->fin) {
		tcp_conn_request(sk, skb);
		consume_skb(sock_skiff(sk), skb);
	} else {
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_FLAGS);
	}
	return SKB_NOT_DROPPED_YET;
}

/* ---- the other states, by what an acceptable ACK does ---- */

/* A fast open is confirmed: its request is not needed any more. */
static void synrecv_fastopen(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (inet_csk(sk)->icsk_ca_state == TCP_CA_Loss && !tp->packets_out)
		tcp_try_undo_recovery(sk);
	tcp_update_rto_time(tp);
	inet_csk(sk)->icsk_retransmits = 0;
	/* A SYN-ACK timeout set it without entering loss: data have their own. */
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Loss)
		tp->retrans_stamp = 0;
	reqsk_fastopen_remove(sk, tcp_rare(tp)->fastopen_rsk, false);
	tcp_rearm_rto(sk);
}

static void synrecv_established(struct sock *sk, struct sk_buff *skb, struct request_sock *req)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);

	tp->delivered++;
	if (!tp->srtt_us)
		tcp_synack_rtt_meas(sk, req);
	if (tp->rx_opt.tstamp_ok)
		tp->advmss = (u16)(tp->advmss - TCPOLEN_TSTAMP_ALIGNED);
	if (req) {
		synrecv_fastopen(sk);
	} else {
		tcp_try_undo_spurious_syn(sk);
		tp->retrans_stamp = 0;
		tcp_init_transfer(sk, skb);
		tp->copied_seq = tp->rcv_nxt;
	}
	tcp_ao_established(sk);
	tcp_set_state(sk, TCP_ESTABLISHED);
	sk_state_change(sk);
	tp->snd_una = TCP_SKB_CB(skb)->ack_seq;
	tp->snd_wnd = (u32)ntohs(th->window) << tp->rx_opt.snd_wscale;
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	if (!inet_csk(sk)->icsk_ca_ops->cong_control)
		tcp_update_pacing_rate(sk);
	tp->lsndtime = tcp_jiffies32(sk);
	tcp_initialize_rcv_mss(sk);
	if (tcp_ecn_mode_accecn(tp))
		tcp_accecn_third_ack(sk, skb, tp->syn_ect_snt);
	tcp_fast_path_on(tp);
	/* shutdown() came before the handshake was over. */
	if (sk->sk_shutdown & SEND_SHUTDOWN)
		tcp_shutdown(sk, SEND_SHUTDOWN);
}

/* Data behind what was received, for a program that has closed. */
static bool data_after_close(const struct sock *sk, const struct sk_buff *skb)
{
	u32 end_seq = TCP_SKB_CB(skb)->end_seq;

	return end_seq != TCP_SKB_CB(skb)->seq &&
	       after(end_seq - tcp_hdr(skb)->fin, tcp_sk(sk)->rcv_nxt);
}

/* Our FIN may be acknowledged. -1: go on; else what tcp_rcv_state_process() returns (NOT_DROPPED_YET: the packet is to be consumed) */
static int finwait1_acked(struct sock *sk, struct sk_buff *skb, struct request_sock *req)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	int tmo;

	if (req)
		synrecv_fastopen(sk);
	if (tp->snd_una != tp->write_seq)
		return -1;
	tcp_set_state(sk, TCP_FIN_WAIT2);
	sk->sk_shutdown |= SEND_SHUTDOWN;
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk_state_change(sk);
		return -1;
	}
	if (tcp_rare(tp)->linger2 < 0 || data_after_close(sk, skb)) {
		if (tcp_rare(tp)->linger2 >= 0 && tp->syn_fastopen && th->fin)
			tcp_fastopen_active_disable(sk);
		tcp_done(sk);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONDATA);
		return SKB_DROP_REASON_TCP_ABORT_ON_DATA;
	}
	tmo = tcp_fin_time(sk);
	if (tmo > TCP_TIMEWAIT_LEN) {
		inet_csk_reset_keepalive_timer(sk, (u64)(tmo - TCP_TIMEWAIT_LEN));
	} else if (th->fin) {
		/* The FIN in this very segment is still to be dealt with. */
		inet_csk_reset_keepalive_timer(sk, (u64)tmo);
	} else {
		tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
		return SKB_NOT_DROPPED_YET;
	}
	return -1;
}

/* RFC 9293 3.10.7.4, fifth, by state. Return as finwait1_acked() */
static int process_ack(struct sock *sk, struct sk_buff *skb, struct request_sock *req)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
		synrecv_established(sk, skb, req);
		return -1;
	case TCP_FIN_WAIT1:
		return finwait1_acked(sk, skb, req);
	case TCP_CLOSING:
		if (tp->snd_una != tp->write_seq)
			return -1;
		tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		return SKB_NOT_DROPPED_YET;
	case TCP_LAST_ACK:
		if (tp->snd_una != tp->write_seq)
			return -1;
		tcp_update_metrics(sk);
		tcp_done(sk);
		return SKB_NOT_DROPPED_YET;
	default:
		return -1;
	}
}

/* Seventh: the text. Return: reason if the connection is reset on account of it; *@queued: consumed */
static enum skb_drop_reason process_text(struct sock *sk, struct sk_buff *skb, bool *queued)
{
	switch (sk->sk_state) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		if (!before(TCP_SKB_CB(skb)->seq, tcp_sk(sk)->rcv_nxt))
			return SKB_NOT_DROPPED_YET;
		/* fallthrough */
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		/* RFC 1122 4.2.2.13: nobody will read it, and the peer has to know. */
		if ((sk->sk_shutdown & RCV_SHUTDOWN) && data_after_close(sk, skb)) {
			NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONDATA);
			tcp_reset(sk, skb);
			return SKB_DROP_REASON_TCP_ABORT_ON_DATA;
		}
		/* fallthrough */
	case TCP_ESTABLISHED:
		tcp_data_queue(sk, skb);
		*queued = true;
		return SKB_NOT_DROPPED_YET;
	default:
		return SKB_NOT_DROPPED_YET;
	}
}

/* From the text on. */
static enum skb_drop_reason rcv_text(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason;
	bool queued = false;

	tcp_urg(sk, skb, tcp_hdr(skb));
	reason = process_text(sk, skb, &queued);
	if (reason)
		return reason;
	/* It may be in TIME_WAIT by now. */
	if (sk->sk_state != TCP_CLOSE) {
		tcp_data_snd_check(sk);
		tcp_ack_snd_check(sk);
	}
	if (!queued)
		tcp_drop(sk, skb, SKB_DROP_REASON_NOT_SPECIFIED);
	return SKB_NOT_DROPPED_YET;
}

/* 1: acceptable; 0: dropped; < 0: a reset is due, -reason */
static int check_ack(struct sock *sk, struct sk_buff *skb)
{
	int ret = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT | FLAG_NO_CHALLENGE_ACK);

	if (ret > 0)
		return 1;
	if (sk->sk_state == TCP_SYN_RECV)
		return ret ? ret : -(int)SKB_DROP_REASON_TCP_OLD_ACK;
	/* While closing an old one is as good. */
	if (!ret)
		return 1;
	tcp_send_challenge_ack(sk, false);
	tcp_drop(sk, skb, (enum skb_drop_reason) - ret);
	return 0;
}

static enum skb_drop_reason rcv_synchronized(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_TCP_FASTOPEN;
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	struct request_sock *req = tcp_rare(tp)->fastopen_rsk;
	bool stolen;
	int ret;

	tcp_mstamp_refresh(tp);
	tp->rx_opt.saw_tstamp = 0;
	if (req && !tcp_check_req(sk, skb, req, true, &stolen, &reason)) {
		tcp_drop(sk, skb, reason);
		return SKB_NOT_DROPPED_YET;
	}
	if (!th->ack && !th->rst && !th->syn) {
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_FLAGS);
		return SKB_NOT_DROPPED_YET;
	}
	if (!tcp_validate_incoming(sk, skb, th, 0))
		return SKB_NOT_DROPPED_YET;
	ret = check_ack(sk, skb);
	if (ret <= 0)
		return (enum skb_drop_reason) - ret;
	ret = process_ack(sk, skb, req);
	if (ret < 0)
		return rcv_text(sk, skb);
	if (!ret)
		consume_skb(sock_skiff(sk), skb);
	return (enum skb_drop_reason)ret;
}

enum skb_drop_reason tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason = SKB_NOT_DROPPED_YET;

	sock_hold(sk);
	switch (sk->sk_state) {
	case TCP_CLOSE:
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_CLOSE);
		break;
	case TCP_LISTEN:
		reason = rcv_listen(sk, skb);
		break;
	case TCP_SYN_SENT:
		reason = rcv_synsent(sk, skb);
		break;
	default:
		reason = rcv_synchronized(sk, skb);
	}
	sock_put(sk);
	return reason;
}
