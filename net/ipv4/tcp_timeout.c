// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_timeout.c - the retransmission timeout: what goes again, how much later the next, and when it is enough.
 *
 * DOC: When a connection is given up
 * After tcp_retries2 timeouts, as the time that they would take with a timeout of 200 ms at first (924.6 s for 15);
 * TCP_USER_TIMEOUT says it in ms instead. SYNs: tcp_syn_retries, plus tcp_syn_linear_timeouts that are not doubled.
 * After tcp_retries1 the route is doubted: another is looked for, and with tcp_mtu_probing smaller segments are tried.
 * An orphan has fewer (tcp_orphan_retries), and none if there are too many of its kind. Specs: RFC 1122 4.2.3.5, RFC 6298, RFC 5482.
 */
#include "tcp_output.h"

#define TCP_THIN_LINEAR_RETRIES 6

/* ---- giving up ---- */

void tcp_write_err(struct sock *sk)
{
	tcp_done_with_error(sk, sk->sk_err_soft ? sk->sk_err_soft : ETIMEDOUT);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONTIMEOUT);
}

int tcp_orphan_retries(const struct sock *sk, bool alive)
{
	int retries = sock_net(sk)->ipv4.sysctl_tcp_orphan_retries;

	/* An ICMP error told that it is in vain. */
	if (sk->sk_err_soft && !alive)
		return 0;
	/* Some 100 s with the shortest timeout. */
	return retries == 0 && alive ? 8 : retries;
}

bool tcp_out_of_resources(struct sock *sk, bool do_reset)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s32 idle = (s32)(tcp_jiffies32(sk) - tp->lsndtime);
	int shift = 0;

	/* Who has been waiting for long, or is in doubt, goes first. */
	if (idle > (s32)(2 * tcp_rto_max(sk)) || !do_reset)
		shift++;
	if (sk->sk_err_soft)
		shift++;
	if (tcp_check_oom(sk, shift)) {
		if (idle <= (s32)TCP_TIMEWAIT_LEN || (!tp->snd_wnd && !tp->packets_out))
			do_reset = true;
		if (do_reset)
			tcp_send_active_reset(sk, 0);
		tcp_done(sk);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONMEMORY);
		return true;
	}
	if (sock_net(sk)->exiting) {
		tcp_done(sk);
		return true;
	}
	return false;
}

/* ms that @boundary timeouts take, doubled from @rto_base up to the greatest and equal from there on */
static u32 model_timeout(const struct sock *sk, u32 boundary, u32 rto_base)
{
	u32 rto_max = tcp_rto_max(sk);
	u32 doublings = 31 - (u32)__builtin_clz(max_t(u32, rto_max / rto_base, 1));

	if (boundary <= doublings)
		return ((2U << boundary) - 1) * rto_base;
	return ((2U << doublings) - 1) * rto_base + (boundary - doublings) * rto_max;
}

/* Has retransmission gone on for @timeout ms; 0: for as long as @boundary timeouts take? */
static bool retransmits_timed_out(struct sock *sk, u32 boundary, u32 timeout)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 delta, rto_base = TCP_RTO_MIN;

	if (!inet_csk(sk)->icsk_retransmits)
		return false;
	if (!timeout) {
		if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
			rto_base = tcp_timeout_init(sk);
		timeout = model_timeout(sk, boundary, rto_base);
	}
	delta = tcp_time_stamp_ts(tp) - tp->retrans_stamp;
	if (tp->tcp_usec_ts)
		delta = (delta + 1000) / 1000;
	return (s32)(delta - timeout) >= 0;
}

/* Packets vanish: maybe the large ones only. Smaller segments, if tcp_mtu_probing allows. */
static void mtu_probing(struct sock *sk)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct inet_connection_sock *icsk = inet_csk(sk);
	int mss;

	if (!ipv4->sysctl_tcp_mtu_probing)
		return;
	if (!icsk->icsk_mtup.enabled) {
		icsk->icsk_mtup.enabled = 1;
		icsk->icsk_mtup.probe_timestamp = tcp_jiffies32(sk);
	} else {
		mss = tcp_mtu_to_mss(sk, icsk->icsk_mtup.search_low) >> 1;
		mss = min_t(int, ipv4->sysctl_tcp_base_mss, mss);
		mss = max_t(int, mss, ipv4->sysctl_tcp_mtu_probe_floor);
		mss = max_t(int, mss, ipv4->sysctl_tcp_min_snd_mss);
		icsk->icsk_mtup.search_low = (u16)tcp_mss_to_mtu(sk, mss);
	}
	tcp_sync_mss(sk, icsk->icsk_pmtu_cookie);
}

/* The route may be at fault: one that was learned is forgotten. */
static void dst_negative_advice(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	if (!dst)
		return;
	if (dst->obsolete > 0 || dst->expires ||
	    (((const struct rtable *)dst)->rt_flags & RTCF_REDIRECTED_))
		sk_dst_reset(sk);
	sk_rethink_txhash(sk);
}

/* Is it enough? Return: yes, the connection is gone */
static bool write_timeout(struct sock *sk)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct inet_connection_sock *icsk = inet_csk(sk);
	bool expired = false, alive;
	u32 retry_until, max;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		if (icsk->icsk_retransmits)
			dst_negative_advice(sk);
		retry_until = icsk_rare(icsk)->icsk_syn_retries ?
				      icsk_rare(icsk)->icsk_syn_retries :
				      ipv4->sysctl_tcp_syn_retries;
		max = retry_until;
		if (sk->sk_state == TCP_SYN_SENT)
			max += ipv4->sysctl_tcp_syn_linear_timeouts;
		expired = icsk->icsk_retransmits >= max;
	} else {
		if (retransmits_timed_out(sk, ipv4->sysctl_tcp_retries1, 0)) {
			mtu_probing(sk);
			dst_negative_advice(sk);
		}
		retry_until = ipv4->sysctl_tcp_retries2;
		if (sock_flag(sk, SOCK_DEAD)) {
			alive = icsk->icsk_rto < tcp_rto_max(sk);
			retry_until = (u32)tcp_orphan_retries(sk, alive);
			if (tcp_out_of_resources(
				    sk, alive || !retransmits_timed_out(sk, retry_until, 0)))
				return true;
		}
	}
	if (!expired)
		expired =
			retransmits_timed_out(sk, retry_until, icsk_rare(icsk)->icsk_user_timeout);
	tcp_fastopen_active_detect_blackhole(sk, expired);
	if (expired) {
		tcp_write_err(sk);
		return true;
	}
	if (sk_rethink_txhash(sk)) {
		struct tcp_loss *loss = tcp_loss_make(tcp_sk(sk));

		if (loss)
			loss->timeout_rehash++;
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPTIMEOUTREHASH);
	}
	return false;
}

/* ---- the timeout ---- */

static void update_rto_stats(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_loss *loss = tcp_loss_make(tp);

	if (loss && !icsk->icsk_retransmits) {
		loss->total_rto_recoveries++;
		loss->rto_stamp = (u32)(tp->tcp_mstamp / 1000);
	}
	icsk->icsk_retransmits++;
	if (loss)
		loss->total_rto++;
}

/* A Fast Open child: its SYN-ACK was not acknowledged, and nothing else goes before it is. */
static void fastopen_synack_timer(struct sock *sk, struct request_sock *req)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max_retries = icsk_rare(icsk)->icsk_syn_retries ?
				  icsk_rare(icsk)->icsk_syn_retries :
				  sock_net(sk)->ipv4.sysctl_tcp_synack_retries + 1U;

	if (req->num_timeout >= max_retries) {
		tcp_write_err(sk);
		return;
	}
	if (icsk->icsk_retransmits == 1)
		tcp_enter_loss(sk);
	inet_rtx_syn_ack(sk, req);
	req->num_timeout++;
	update_rto_stats(sk);
	if (!tp->retrans_stamp)
		tp->retrans_stamp = tcp_time_stamp_ts(tp);
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, (u64)req->timeout << req->num_timeout, false);
}

/* Packets are out though the window closed behind them: they serve as probes. Has that gone on for too long? */
static bool rtx_probe0_timed_out(const struct sock *sk, u32 rtx_delta)
{
	u32 user_timeout = icsk_rare(inet_csk(sk))->icsk_user_timeout;
	s32 timeout = (s32)(tcp_rto_max(sk) * 2), rcv_delta;

	if (user_timeout) {
		if (rtx_delta > user_timeout)
			return true;
		timeout = (s32)min_t(u32, (u32)timeout, user_timeout);
	}
	rcv_delta = (s32)(tcp_jiffies32(sk) - tcp_sk(sk)->rcv_tstamp);
	return rcv_delta > timeout && (s32)rtx_delta > timeout;
}

static void count_failure(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 state = inet_csk(sk)->icsk_ca_state;
	int mib = 0;

	if (state == TCP_CA_Recovery)
		mib = tcp_is_sack(tp) ? LINUX_MIB_TCPSACKRECOVERYFAIL :
					LINUX_MIB_TCPRENORECOVERYFAIL;
	else if (state == TCP_CA_Loss)
		mib = LINUX_MIB_TCPLOSSFAILURES;
	else if (state == TCP_CA_Disorder || tp->sacked_out)
		mib = tcp_is_sack(tp) ? LINUX_MIB_TCPSACKFAILURES : LINUX_MIB_TCPRENOFAILURES;
	if (mib)
		NET_INC_STATS(sock_net(sk), mib);
}

/* Not beyond what TCP_USER_TIMEOUT leaves. */
static u32 clamp_rto_to_user_timeout(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 elapsed;
	s32 remaining;

	if (!icsk_rare(icsk)->icsk_user_timeout)
		return icsk->icsk_rto;
	elapsed = tcp_time_stamp_ts(tp) - tp->retrans_stamp;
	if (tp->tcp_usec_ts)
		elapsed /= 1000;
	remaining = (s32)(icsk_rare(icsk)->icsk_user_timeout - elapsed);
	return remaining <= 0 ? 1 : min_t(u32, icsk->icsk_rto, (u32)remaining);
}

static bool stream_is_thin(const struct tcp_sock *tp)
{
	return tp->packets_out < 4 && !tcp_in_initial_slowstart(tp);
}

static void backoff_and_rearm(struct sock *sk)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 rto_max = tcp_rto_max(sk);

	if (sk->sk_state == TCP_ESTABLISHED &&
	    (tp->thin_lto || ipv4->sysctl_tcp_thin_linear_timeouts) && stream_is_thin(tp) &&
	    icsk->icsk_retransmits <= TCP_THIN_LINEAR_RETRIES) {
		icsk->icsk_backoff = 0;
		icsk->icsk_rto =
			min_t(u32, max_t(u32, __tcp_set_rto(tp), tcp_rto_min(sk)), rto_max);
	} else if (sk->sk_state != TCP_SYN_SENT ||
		   tcp_loss(tp)->total_rto > ipv4->sysctl_tcp_syn_linear_timeouts) {
		icsk->icsk_backoff++;
		icsk->icsk_rto = min_t(u32, icsk->icsk_rto << 1, rto_max);
	}
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, clamp_rto_to_user_timeout(sk), false);
	if (retransmits_timed_out(sk, ipv4->sysctl_tcp_retries1 + 1U, 0))
		sk_dst_reset(sk);
}

/* The window was closed behind what is out. Return: the connection is gone */
static bool closed_window(struct sock *sk, struct sk_buff *head)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 since = tp->retrans_stamp ? tp->retrans_stamp : tcp_skb_timestamp_ts(tp, head);
	u32 delta = tcp_time_stamp_ts(tp) - since;

	if (tp->tcp_usec_ts)
		delta /= 1000;
	if (rtx_probe0_timed_out(sk, delta)) {
		tcp_write_err(sk);
		return true;
	}
	tcp_enter_loss(sk);
	tcp_retransmit_skb(sk, head, 1);
	sk_dst_reset(sk);
	return false;
}

void tcp_retransmit_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (tcp_rare(tp)->fastopen_rsk) {
		fastopen_synack_timer(sk, tcp_rare(tp)->fastopen_rsk);
		return;
	}
	if (!tp->packets_out)
		return;
	skb = tcp_rtx_queue_head(sk);
	if (unlikely(!skb))
		return;
	if (!tp->snd_wnd && !sock_flag(sk, SOCK_DEAD) &&
	    !((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))) {
		if (!closed_window(sk, skb))
			backoff_and_rearm(sk);
		return;
	}
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPTIMEOUTS);
	journey_sock(sock_net(sk), sk, "the retransmission timer fired, after %u ms",
		     inet_csk(sk)->icsk_rto);
	if (write_timeout(sk))
		return;
	if (!inet_csk(sk)->icsk_retransmits)
		count_failure(sk);
	tcp_enter_loss(sk);
	update_rto_stats(sk);
	if (tcp_retransmit_skb(sk, tcp_rtx_queue_head(sk), 1) > 0)
		/* No room below us: soon again, and no longer each time. */
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, TCP_RESOURCE_PROBE_INTERVAL, false);
	else
		backoff_and_rearm(sk);
}
