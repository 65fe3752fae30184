/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_prr.c - the congestion window while it shrinks (RFC 6937), while it idles, and the rate at which it is sent.
 *
 * DOC: Proportional rate reduction
 * From the beginning of Recovery or CWR until high_seq is acknowledged, as many packets go out as leave the network, in the
 * proportion ssthresh : prior_cwnd, so that the window arrives at ssthresh when the episode ends. If more was lost than
 * that, the window is rebuilt to ssthresh: one packet for each delivered one, and one more as long as nothing is lost.
 */
#include "tcp_ack.h"

#define USEC_PER_SEC 1000000U

void tcp_init_cwnd_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_loss *loss = tcp_loss_make(tp);

	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tp->snd_cwnd_cnt = 0;
	if (loss) {
		loss->prior_cwnd = tp->snd_cwnd;
		loss->prr_delivered = 0;
		loss->prr_out = 0;
	}
	tp->snd_ssthresh = inet_csk(sk)->icsk_ca_ops->ssthresh(sk);
	/* Nothing to count by: at once, then. */
	if (!loss)
		tcp_snd_cwnd_set(tp, max_t(u32, 1, min_t(u32, tp->snd_cwnd, tp->snd_ssthresh)));
	tcp_ecn_queue_cwr(tp);
}

/**
 * tcp_cwnd_reduction() - set the window while it is being reduced
 * @newly_acked_sacked: packets that this ACK delivered; @newly_lost: marked lost by it; @flag: FLAG_SND_UNA_ADVANCED
 */
void tcp_cwnd_reduction(struct sock *sk, int newly_acked_sacked, int newly_lost, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int delta = (int)(tp->snd_ssthresh - tcp_packets_in_flight(tp));
	struct tcp_loss *loss = tp->loss;
	int sndcnt;

	/* No prior_cwnd: there was no memory when the reduction began. */
	if (newly_acked_sacked <= 0 || !loss || !loss->prior_cwnd)
		return;
	loss->prr_delivered += (u32)newly_acked_sacked;
	if (delta < 0) {
		u64 due = (u64)tp->snd_ssthresh * loss->prr_delivered + loss->prior_cwnd - 1;

		sndcnt = (int)(due / loss->prior_cwnd) - (int)loss->prr_out;
	} else {
		sndcnt = max_t(int, (int)loss->prr_delivered - (int)loss->prr_out,
			       newly_acked_sacked);
		if ((flag & FLAG_SND_UNA_ADVANCED) && !newly_lost)
			sndcnt++;
		sndcnt = min_t(int, delta, sndcnt);
	}
	/* The first retransmission of an episode goes out at once. */
	sndcnt = max_t(int, sndcnt, loss->prr_out ? 0 : 1);
	tcp_snd_cwnd_set(tp, tcp_packets_in_flight(tp) + (u32)sndcnt);
}

void tcp_end_cwnd_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (inet_csk(sk)->icsk_ca_ops->cong_control)
		return;
	if (tp->snd_ssthresh < TCP_INFINITE_SSTHRESH &&
	    (inet_csk(sk)->icsk_ca_state == TCP_CA_CWR || tp->undo_marker)) {
		tcp_snd_cwnd_set(tp, tp->snd_ssthresh);
		tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	}
	tcp_ca_event(sk, CA_EVENT_COMPLETE_CWR);
}

/**
 * tcp_enter_cwr() - the network is full, though nothing is lost: an ECN echo, or a local queue that dropped
 */
void tcp_enter_cwr(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_forbid_undo(tp);
	if (inet_csk(sk)->icsk_ca_state < TCP_CA_CWR) {
		tp->undo_marker = 0;
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
	}
}

/**
 * tcp_init_cwnd() - the initial window in packets: the route's, else ten (RFC 6928)
 */
u32 tcp_init_cwnd(const struct tcp_sock *tp, const struct dst_entry *dst)
{
	u32 cwnd = dst ? dst_metric_raw(dst, RTAX_INITCWND) : 0;

	return min_t(u32, cwnd ? cwnd : TCP_INIT_CWND, tcp_rare(tp)->snd_cwnd_clamp);
}

/* ---- windows that were not used: RFC 2861, RFC 7661 ---- */

/* Nothing was sent for a while: half the window for each RTO of it, down to the initial one. @delta: ticks idle */
void tcp_cwnd_restart(struct sock *sk, s32 delta)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 restart_cwnd = tcp_init_cwnd(tp, __sk_dst_get(sk));
	u32 cwnd = tp->snd_cwnd;

	tcp_ca_event(sk, CA_EVENT_CWND_RESTART);
	tp->snd_ssthresh = tcp_current_ssthresh(sk);
	restart_cwnd = min_t(u32, restart_cwnd, cwnd);
	while ((delta -= (s32)inet_csk(sk)->icsk_rto) > 0 && cwnd > restart_cwnd)
		cwnd >>= 1;
	tcp_snd_cwnd_set(tp, max_t(u32, cwnd, restart_cwnd));
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	tp->snd_cwnd_used = 0;
}

void tcp_slow_start_after_idle_check(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s32 delta;

	if (!sock_net(sk)->ipv4.sysctl_tcp_slow_start_after_idle || tp->packets_out ||
	    inet_csk(sk)->icsk_ca_ops->cong_control)
		return;
	delta = (s32)(tcp_jiffies32(sk) - tp->lsndtime);
	if (delta > (s32)inet_csk(sk)->icsk_rto)
		tcp_cwnd_restart(sk, delta);
}

/* The window was not filled for an RTO: half-way down to what was used. */
static void tcp_cwnd_application_limited(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (inet_csk(sk)->icsk_ca_state == TCP_CA_Open && sk->sk_socket &&
	    !sock_flag(sk, SOCK_NOSPACE_)) {
		u32 init_win = tcp_init_cwnd(tp, __sk_dst_get(sk));
		u32 win_used = max_t(u32, tp->snd_cwnd_used, init_win);

		if (win_used < tp->snd_cwnd) {
			tp->snd_ssthresh = tcp_current_ssthresh(sk);
			tcp_snd_cwnd_set(tp, (tp->snd_cwnd + win_used) >> 1);
		}
		tp->snd_cwnd_used = 0;
	}
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
}

/**
 * tcp_cwnd_validate() - after something was sent: was it the window that stopped us (@is_cwnd_limited)?
 */
void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* Within one window "limited" is kept, else the most that was out. */
	if (!before(tp->snd_una, tp->cwnd_usage_seq) || is_cwnd_limited ||
	    (!tp->is_cwnd_limited && tp->packets_out > tp->max_packets_out)) {
		tp->is_cwnd_limited = is_cwnd_limited;
		tp->max_packets_out = tp->packets_out;
		tp->cwnd_usage_seq = tp->snd_nxt;
	}
	if (tcp_is_cwnd_limited(sk)) {
		tp->snd_cwnd_used = 0;
		tp->snd_cwnd_stamp = tcp_jiffies32(sk);
		return;
	}
	if (tp->packets_out > tp->snd_cwnd_used)
		tp->snd_cwnd_used = tp->packets_out;
	if (sock_net(sk)->ipv4.sysctl_tcp_slow_start_after_idle &&
	    (s32)(tcp_jiffies32(sk) - tp->snd_cwnd_stamp) >= (s32)inet_csk(sk)->icsk_rto &&
	    !inet_csk(sk)->icsk_ca_ops->cong_control)
		tcp_cwnd_application_limited(sk);
	/* All was sent, the window is open, and the application waits for room: it is the send buffer. */
	if (tcp_write_queue_empty(sk) && sk->sk_socket && sock_flag(sk, SOCK_NOSPACE_) &&
	    ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)))
		tcp_chrono_start(sk, TCP_CHRONO_SNDBUF_LIMITED);
}

/**
 * tcp_update_pacing_rate() - sk_pacing_rate, bytes a second: the window over srtt, and tcp_pacing_ss_ratio (early in slow
 * start) or tcp_pacing_ca_ratio percent of that, so that pacing never is what limits
 */
void tcp_update_pacing_rate(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	u64 rate = (u64)tp->mss_cache * ((USEC_PER_SEC / 100) << 3);

	rate *= (u64)(tp->snd_cwnd < tp->snd_ssthresh / 2 ? ipv4->sysctl_tcp_pacing_ss_ratio :
							    ipv4->sysctl_tcp_pacing_ca_ratio);
	rate *= max_t(u32, tp->snd_cwnd, tp->packets_out);
	if (tp->srtt_us)
		rate /= tp->srtt_us;
	sk->sk_pacing_rate = min_t(u64, rate, sk_max_pacing_rate(sk));
}
