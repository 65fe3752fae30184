/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_bbr.h - what BBR remembers of a connection; tcp_bbr.c and, for policers, tcp_bbr_lt.c. */
#ifndef NET_IPV4_TCP_BBR_H
#define NET_IPV4_TCP_BBR_H

#include "net/tcp.h"

#define BW_SCALE      24
#define BW_UNIT	      (1u << BW_SCALE)
#define BBR_SCALE     8
#define BBR_UNIT      (1 << BBR_SCALE)
#define BBR_CYCLE_LEN 8

enum bbr_mode { BBR_STARTUP, BBR_DRAIN, BBR_PROBE_BW, BBR_PROBE_RTT };

/**
 * struct bbr - more than icsk_ca_priv has room for, so that is a pointer to it
 * @min_rtt_us; @min_rtt_stamp, @probe_rtt_done_stamp: ticks, 0: not yet
 * @bw:         greatest of the last rounds; @rtt_cnt: rounds; @next_rtt_delivered: tp->delivered that ends this one
 * @cycle_mstamp: us, begin of this phase of ProbeBW; @ack_epoch_mstamp: us
 * @lt_*:       policer: packets and ms (stamp) at the begin of the interval; @lt_rtt_cnt: rounds of it
 * @prior_cwnd: before recovery or ProbeRTT; @full_bw: greatest bw of Startup so far, @full_bw_cnt: rounds without growth
 * @extra_acked: packets, of two windows of five rounds
 */
struct bbr {
	u32 min_rtt_us;
	u32 min_rtt_stamp;
	u32 probe_rtt_done_stamp;
	struct minmax3 bw;
	u32 rtt_cnt;
	u32 next_rtt_delivered;
	u64 cycle_mstamp;
	u32 mode : 3, prev_ca_state : 3, packet_conservation : 1, round_start : 1, idle_restart : 1,
		probe_rtt_round_done : 1, lt_is_sampling : 1, lt_rtt_cnt : 7, lt_use_bw : 1;
	u32 lt_bw;
	u32 lt_last_delivered;
	u32 lt_last_stamp;
	u32 lt_last_lost;
	u32 pacing_gain : 10, cwnd_gain : 10, full_bw_reached : 1, full_bw_cnt : 2, cycle_idx : 3,
		has_seen_rtt : 1;
	u32 prior_cwnd;
	u32 full_bw;
	u64 ack_epoch_mstamp;
	u16 extra_acked[2];
	u32 ack_epoch_acked : 20, extra_acked_win_rtts : 5, extra_acked_win_idx : 1;
};

/** bbr_of() - NULL before the connection begins */
static inline struct bbr *bbr_of(const struct sock *sk)
{
	return *(struct bbr **)inet_csk_ca(sk);
}

/** bbr_rate_bytes_per_sec() - @rate (bandwidth) times @gain, less 1 % */
u64 bbr_rate_bytes_per_sec(const struct sock *sk, u64 rate, int gain);
void bbr_reset_probe_bw_mode(struct sock *sk);

/* ---- tcp_bbr_lt.c */
void bbr_reset_lt_bw_sampling(struct sock *sk);
/** bbr_lt_bw_sampling() - once for each ACK */
void bbr_lt_bw_sampling(struct sock *sk, const struct rate_sample *rs);

#endif
