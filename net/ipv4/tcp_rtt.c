/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_rtt.c - how long a round trip takes, and when to give a packet up: srtt, its variance, RTO, the least RTT.
 *
 * DOC: Round trip time
 * RFC 6298, with two deviations that go back to what measurements showed. The variance falls slowly when the RTT falls (a
 * smaller RTT must not make the timeout larger), and the greatest deviation within one window counts (rttvar_us),
 * decaying once a window. srtt_us is eight times, mdev_us and rttvar_us four times the value in us.
 * Which time is measured, best first: from sending to the cumulative ACK; from sending to the SACK; the time stamp echoed.
 * Retransmitted packets only count by time stamp (Karn).
 */
#include "tcp_ack.h"

#define USEC_PER_SEC 1000000U

/**
 * tcp_rto_min() - least RTO in ticks: the route's if locked, else the socket's
 */
u32 tcp_rto_min(const struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && dst_metric_locked(dst, RTAX_RTO_MIN))
		return dst_metric_raw(dst, RTAX_RTO_MIN);
	return inet_csk(sk)->icsk_rto_min;
}

u32 tcp_rto_min_us(const struct sock *sk)
{
	return jiffies_to_usecs(tcp_rto_min(sk));
}

u32 tcp_rto_max(const struct sock *sk)
{
	return inet_csk(sk)->icsk_rto_max;
}

/* The deviation of a later measurement; @m: its difference from srtt. */
static void tcp_rtt_deviation(struct sock *sk, long m)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (m < 0) {
		/* A shorter RTT is no reason for a longer timeout: such a deviation counts for an eighth. */
		m = -m - (long)(tp->mdev_us >> 2);
		if (m > 0)
			m >>= 3;
	} else {
		m -= (long)(tp->mdev_us >> 2);
	}
	tp->mdev_us += (u32)m;
	if (tp->mdev_us > tp->mdev_max_us) {
		tp->mdev_max_us = tp->mdev_us;
		if (tp->mdev_max_us > tp->rttvar_us)
			tp->rttvar_us = tp->mdev_max_us;
	}
	if (after(tp->snd_una, tp->rtt_seq)) {
		if (tp->mdev_max_us < tp->rttvar_us)
			tp->rttvar_us -= (tp->rttvar_us - tp->mdev_max_us) >> 2;
		tp->rtt_seq = tp->snd_nxt;
		tp->mdev_max_us = tcp_rto_min_us(sk);
	}
}

void tcp_rtt_estimator(struct sock *sk, long mrtt_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 srtt = tp->srtt_us;

	if (srtt) {
		long m = mrtt_us - (long)(srtt >> 3);

		srtt += (u32)m;
		tcp_rtt_deviation(sk, m);
	} else {
		srtt = (u32)(mrtt_us << 3);
		tp->mdev_us = (u32)(mrtt_us << 1);
		tp->rttvar_us = max_t(u32, tp->mdev_us, tcp_rto_min_us(sk));
		tp->mdev_max_us = tp->rttvar_us;
		tp->rtt_seq = tp->snd_nxt;
	}
	tp->srtt_us = max_t(u32, 1, srtt);
}

u32 __tcp_set_rto(const struct tcp_sock *tp)
{
	return usecs_to_jiffies((u64)(tp->srtt_us >> 3) + tp->rttvar_us);
}

/**
 * tcp_set_rto() - icsk_rto from what was measured (rttvar_us holds the lower bound), cut to the longest allowed
 */
void tcp_set_rto(struct sock *sk)
{
	inet_csk(sk)->icsk_rto = min_t(u32, __tcp_set_rto(tcp_sk(sk)), tcp_rto_max(sk));
}

/**
 * tcp_rto_delta_us() - us until the packet at the head of the retransmit queue times out, negative if that is past
 */
s64 tcp_rto_delta_us(const struct sock *sk)
{
	const struct sk_buff *skb = tcp_rtx_queue_head(sk);
	u64 rto_us = (u64)inet_csk(sk)->icsk_rto * 1000;

	NET_ASSERT(skb);
	if (!skb)
		return (s64)rto_us;
	return (s64)(tcp_skb_timestamp_us(skb) + rto_us - tcp_sk(sk)->tcp_mstamp);
}

/* The least RTT of the last tcp_min_rtt_wlen seconds. */
static void tcp_update_rtt_min(struct sock *sk, u32 rtt_us, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 wlen = (u32)sock_net(sk)->ipv4.sysctl_tcp_min_rtt_wlen * HZ;

	/* A peer that always delays its ACKs would end up in the filter when older measurements leave it. */
	if ((flag & FLAG_ACK_MAYBE_DELAYED) && rtt_us > tcp_min_rtt(tp))
		return;
	minmax_running_min(&tp->rtt_min, wlen, tcp_jiffies32(sk), rtt_us ? rtt_us : 1000);
}

/* RTT by the echoed time stamp, us; -1 if it can not be true. @min_delta: for a difference of 0, in stamps */
static long tcp_rtt_tsopt_us(const struct tcp_sock *tp, u32 min_delta)
{
	u32 delta = tcp_time_stamp_ts(tp) - tp->rx_opt.rcv_tsecr;

	if (tp->tcp_usec_ts)
		return delta;
	if (delta >= INT32_MAX / (USEC_PER_SEC / TCP_TS_HZ))
		return -1;
	return (long)(delta ? delta : min_delta) * (long)(USEC_PER_SEC / TCP_TS_HZ);
}

/**
 * tcp_ack_update_rtt() - an ACK gave a measurement
 * @seq_rtt_us, @sack_rtt_us: of the oldest packet acknowledged, SACKed now; @ca_rtt_us: of the newest one; all -1: none
 * @rs: rtt_us is set. Return: false: nothing could be measured
 */
bool tcp_ack_update_rtt(struct sock *sk, int flag, long seq_rtt_us, long sack_rtt_us,
			long ca_rtt_us, struct rate_sample *rs)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (seq_rtt_us < 0)
		seq_rtt_us = sack_rtt_us;
	if (seq_rtt_us < 0 && tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr && (flag & FLAG_ACKED))
		seq_rtt_us = ca_rtt_us = tcp_rtt_tsopt_us(tp, 1);
	rs->rtt_us = ca_rtt_us;
	if (seq_rtt_us < 0)
		return false;
	tcp_update_rtt_min(sk, (u32)ca_rtt_us, flag);
	tcp_rtt_estimator(sk, seq_rtt_us);
	tcp_set_rto(sk);
	/* RFC 6298 5: backing off ends with a valid measurement only. */
	inet_csk(sk)->icsk_backoff = 0;
	return true;
}

/**
 * tcp_synack_rtt_meas() - the handshake's own round trip, if the SYN-ACK went out once
 */
void tcp_synack_rtt_meas(struct sock *sk, struct request_sock *req)
{
	struct rate_sample rs;
	long rtt_us = -1;

	if (req && !req->num_retrans && req->snt_synack)
		rtt_us = tcp_stamp_us_delta(sock_skiff(sk)->now / 1000, req->snt_synack);
	tcp_ack_update_rtt(sk, FLAG_SYN_ACKED, rtt_us, -1, rtt_us, &rs);
}
