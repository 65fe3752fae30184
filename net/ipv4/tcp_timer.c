// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_timer.c - what the deadlines of a connection do when they come.
 *
 * DOC: Timers of TCP
 *   RTO         the oldest packet was not acknowledged in icsk_rto: RFC 6298; 1 s at first, 200 ms to 120 s, doubled each time
 *               (tcp_timeout.c); or, instead of it, one of
 *     TLP       two round trips without an ACK: the last packet once more (tcp_tlp.c)
 *     REO       packets that may only be reordered are given up as lost (RACK)
 *     PROBE0    the peer's window is closed: ask (RFC 9293 3.8.6.1), as RTO, doubled each time
 *   DELACK      an ACK was held back, 40 to 200 ms
 *   KEEPALIVE   nothing was heard for two hours (RFC 9293 3.8.4); in FIN_WAIT_2 of an orphan its end; with Fast Open
 *               the SYN-ACK has the RTO instead
 *   PACING      the next packet's time of departure
 *   COMPRESSED  ACKs that were held back while data came out of order
 * The last two are in us, the others in ticks. tcp_timer_list.c keeps the deadlines.
 */
#include "tcp_output.h"

/* ---- RTO and what takes its place ---- */

/**
 * probe_timer() - the peer's window is closed
 * As long as it answers we ask for ever; an orphan, or one with TCP_USER_TIMEOUT, has its end.
 */
static void probe_timer(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 max_probes = sock_net(sk)->ipv4.sysctl_tcp_retries2, now = tcp_jiffies32(sk);

	if (tcp_sk(sk)->packets_out || !tcp_send_head(sk)) {
		icsk->icsk_probes_out = 0;
		icsk->icsk_probes_tstamp = 0;
		return;
	}
	if (!icsk->icsk_probes_tstamp) {
		icsk->icsk_probes_tstamp = now;
	} else if (icsk_rare(icsk)->icsk_user_timeout &&
		   (s32)(now - icsk->icsk_probes_tstamp) >=
			   (s32)icsk_rare(icsk)->icsk_user_timeout) {
		tcp_write_err(sk);
		return;
	}
	if (sock_flag(sk, SOCK_DEAD)) {
		u32 rto_max = tcp_rto_max(sk);
		bool alive = inet_csk_rto_backoff(icsk, rto_max) < rto_max;

		max_probes = (u32)tcp_orphan_retries(sk, alive);
		if (!alive && icsk->icsk_backoff >= max_probes) {
			tcp_write_err(sk);
			return;
		}
		if (tcp_out_of_resources(sk, true))
			return;
	}
	if (icsk->icsk_probes_out >= max_probes)
		tcp_write_err(sk);
	else
		tcp_send_probe0(sk);
}

void tcp_write_timer_handler(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) || !icsk->icsk_pending)
		return;
	tcp_mstamp_refresh(tcp_sk(sk));
	switch (icsk->icsk_pending) {
	case ICSK_TIME_REO_TIMEOUT:
		tcp_rack_reo_timeout(sk);
		break;
	case ICSK_TIME_LOSS_PROBE:
		tcp_send_loss_probe(sk);
		break;
	case ICSK_TIME_RETRANS:
		icsk->icsk_pending = 0;
		tcp_retransmit_timer(sk);
		break;
	case ICSK_TIME_PROBE0:
		icsk->icsk_pending = 0;
		probe_timer(sk);
		break;
	}
}

u64 tcp_probe0_when(const struct sock *sk, u64 max_when)
{
	/* More doublings than lie between the bounds of the timeout make no difference. */
	u32 backoff = min_t(u32, 10, inet_csk(sk)->icsk_backoff);

	return min_t(u64, (u64)tcp_probe0_base(sk) << backoff, max_when);
}

void tcp_check_probe_timer(struct sock *sk)
{
	if (!tcp_sk(sk)->packets_out && !inet_csk(sk)->icsk_pending)
		tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, tcp_probe0_base(sk), true);
}

u32 tcp_clamp_probe0_to_user_timeout(const struct sock *sk, u32 when)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	s32 elapsed, remaining;

	if (!icsk->icsk_probes_tstamp || !icsk_rare(icsk)->icsk_user_timeout)
		return when;
	elapsed = (s32)(tcp_jiffies32(sk) - icsk->icsk_probes_tstamp);
	remaining = (s32)icsk_rare(icsk)->icsk_user_timeout - (elapsed < 0 ? 0 : elapsed);
	return min_t(u32, (u32)max_t(s32, remaining, (s32)TCP_TIMEOUT_MIN), when);
}

void tcp_reset_xmit_timer(struct sock *sk, int what, u64 when, bool pace_delay)
{
	s64 delay = (s64)(tcp_sk(sk)->tcp_wstamp_ns - sock_skiff(sk)->now);

	/* What the timer waits for leaves only then. */
	if (pace_delay && delay > 0)
		when += (u64)delay / 1000000;
	inet_csk_reset_xmit_timer(sk, what, when, tcp_rto_max(sk));
}

/* ---- ACKs that were held back ---- */

void tcp_delack_timer_handler(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (tp->compressed_ack) {
		tcp_mstamp_refresh(tp);
		tcp_sack_compress_send_ack(sk);
		return;
	}
	if (!(icsk->icsk_ack.pending & ICSK_ACK_TIMER))
		return;
	icsk->icsk_ack.pending &= (u8)~ICSK_ACK_TIMER;
	if (!inet_csk_ack_scheduled(sk))
		return;
	if (!inet_csk_in_pingpong_mode(sk)) {
		/* It was in vain: wait longer next time. */
		icsk->icsk_ack.ato = min_t(u32, icsk->icsk_ack.ato << 1, icsk->icsk_rto);
	} else {
		/* Not a dialogue after all. */
		inet_csk_exit_pingpong_mode(sk);
		icsk->icsk_ack.ato = TCP_ATO_MIN;
	}
	tcp_mstamp_refresh(tp);
	tcp_send_ack(sk);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKS);
}

void tcp_compressed_ack_kick(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->compressed_ack)
		return;
	/* One of them is sent now. */
	tp->compressed_ack--;
	tcp_mstamp_refresh(tp);
	tcp_send_ack(sk);
}

/* ---- the far deadline ---- */

u32 keepalive_time_when(const struct tcp_sock *tp)
{
	const struct net *net = sock_net((const struct sock *)tp);

	return tcp_rare(tp)->keepalive_time ? tcp_rare(tp)->keepalive_time :
					      (u32)net->ipv4.sysctl_tcp_keepalive_time;
}

u32 keepalive_intvl_when(const struct tcp_sock *tp)
{
	const struct net *net = sock_net((const struct sock *)tp);

	return tcp_rare(tp)->keepalive_intvl ? tcp_rare(tp)->keepalive_intvl :
					       (u32)net->ipv4.sysctl_tcp_keepalive_intvl;
}

int keepalive_probes(const struct tcp_sock *tp)
{
	const struct net *net = sock_net((const struct sock *)tp);

	return tcp_rare(tp)->keepalive_probes ? tcp_rare(tp)->keepalive_probes :
						net->ipv4.sysctl_tcp_keepalive_probes;
}

u32 keepalive_time_elapsed(const struct tcp_sock *tp)
{
	u32 now = tcp_jiffies32((const struct sock *)tp);

	return min_t(u32, now - tp->inet_conn.icsk_ack.lrcvtime, now - tp->rcv_tstamp);
}

int tcp_fin_time(const struct sock *sk)
{
	int time = tcp_rare(tcp_sk(sk))->linger2;
	u32 rto = inet_csk(sk)->icsk_rto;

	if (!time)
		time = sock_net(sk)->ipv4.sysctl_tcp_fin_timeout;
	/* Long enough for the peer to repeat its FIN. */
	return max_t(int, time, (int)((rto << 2) - (rto >> 1)));
}

void tcp_set_keepalive(struct sock *sk, int val)
{
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (val && !sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tcp_sk(sk)));
	else if (!val)
		inet_csk_delete_keepalive_timer(sk);
}

/* The peer's FIN did not come, and nobody waits for it. */
static void fin_wait2_timeout(struct sock *sk)
{
	int tmo;

	if (tcp_rare(tcp_sk(sk))->linger2 >= 0) {
		tmo = tcp_fin_time(sk) - (int)TCP_TIMEWAIT_LEN;
		if (tmo > 0) {
			tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
			return;
		}
	}
	tcp_send_active_reset(sk, 0);
	tcp_done(sk);
}

/* Silent for long enough that we ask, or give up. Return: ticks until the next look, 0: there is none */
static u32 keepalive_probe(struct sock *sk, u32 elapsed)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 user_timeout = icsk_rare(icsk)->icsk_user_timeout;
	bool dead;

	if (user_timeout)
		dead = elapsed >= user_timeout && icsk->icsk_probes_out > 0;
	else
		dead = icsk->icsk_probes_out >= keepalive_probes(tcp_sk(sk));
	if (dead) {
		tcp_send_active_reset(sk, 0);
		tcp_write_err(sk);
		return 0;
	}
	if (tcp_write_wakeup(sk, LINUX_MIB_TCPKEEPALIVE) <= 0) {
		icsk->icsk_probes_out++;
		return keepalive_intvl_when(tcp_sk(sk));
	}
	return TCP_RESOURCE_PROBE_INTERVAL;
}

void tcp_keepalive_timer_handler(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 next, elapsed;

	if (sk->sk_state == TCP_LISTEN)
		return;
	tcp_mstamp_refresh(tp);
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
		fin_wait2_timeout(sk);
		return;
	}
	if (!sock_flag(sk, SOCK_KEEPOPEN) || ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)))
		return;
	next = keepalive_time_when(tp);
	/* With data under way their timeout looks after it. */
	if (!tp->packets_out && tcp_write_queue_empty(sk)) {
		elapsed = keepalive_time_elapsed(tp);
		next = elapsed >= next ? keepalive_probe(sk, elapsed) : next - elapsed;
	}
	if (next)
		inet_csk_reset_keepalive_timer(sk, next);
}

/* ---- pacing ---- */

void tcp_pace_kick(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!((1 << sk->sk_state) &
	      (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_CLOSE_WAIT | TCPF_LAST_ACK)))
		return;
	tcp_mstamp_refresh(tp);
	if (tp->lost_out > tp->retrans_out && tp->snd_cwnd > tcp_packets_in_flight(tp))
		tcp_xmit_retransmit_queue(sk);
	tcp_write_xmit(sk, tcp_current_mss(sk), tp->nonagle, 0);
}
