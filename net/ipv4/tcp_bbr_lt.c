/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_bbr_lt.c - BBR behind a policer: the rate that a token bucket lets through over some rounds.
 *
 * DOC: Policers
 * An interval begins and ends with loss (the bucket is empty then), lasts 4 to 16 rounds and has lost a fifth or more. Two
 * in a row with about the same throughput (an eighth, or 4 kbit/s): it is a policer, and that throughput is the bandwidth
 * for the next 48 rounds.
 */
#include "tcp_bbr.h"

#define USEC_PER_MSEC 1000u

enum {
	LT_INTVL_MIN_RTTS = 4,
	LT_LOSS_THRESH = 50, /* /256 */
	LT_BW_RATIO = BBR_UNIT / 8,
	LT_BW_DIFF = 4000 / 8, /* bytes/s */
	LT_BW_MAX_RTTS = 48,
};

static void bbr_reset_lt_bw_sampling_interval(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);

	bbr->lt_last_stamp = (u32)(tp->delivered_mstamp / USEC_PER_MSEC);
	bbr->lt_last_delivered = tp->delivered;
	bbr->lt_last_lost = tp->lost;
	bbr->lt_rtt_cnt = 0;
}

void bbr_reset_lt_bw_sampling(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);

	bbr->lt_bw = 0;
	bbr->lt_use_bw = 0;
	bbr->lt_is_sampling = 0;
	bbr_reset_lt_bw_sampling_interval(sk);
}

static void bbr_lt_bw_interval_done(struct sock *sk, u32 bw)
{
	struct bbr *bbr = bbr_of(sk);

	if (bbr->lt_bw) {
		u32 diff = bw > bbr->lt_bw ? bw - bbr->lt_bw : bbr->lt_bw - bw;

		if ((u64)diff * BBR_UNIT <= (u64)LT_BW_RATIO * bbr->lt_bw ||
		    bbr_rate_bytes_per_sec(sk, diff, BBR_UNIT) <= LT_BW_DIFF) {
			bbr->lt_bw = (u32)(((u64)bw + bbr->lt_bw) >> 1);
			bbr->lt_use_bw = 1;
			bbr->pacing_gain = BBR_UNIT;
			bbr->lt_rtt_cnt = 0;
			return;
		}
	}
	bbr->lt_bw = bw;
	bbr_reset_lt_bw_sampling_interval(sk);
}

/* The interval is long enough and ends with a loss: is it one to learn from? */
static void bbr_lt_bw_measure(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);
	u32 lost = tp->lost - bbr->lt_last_lost, delivered = tp->delivered - bbr->lt_last_delivered;
	u32 ms;

	if (!delivered || lost << BBR_SCALE < LT_LOSS_THRESH * delivered)
		return;
	ms = (u32)(tp->delivered_mstamp / USEC_PER_MSEC) - bbr->lt_last_stamp;
	if ((s32)ms < 1)
		return;
	if (ms >= ~0U / USEC_PER_MSEC) {
		bbr_reset_lt_bw_sampling(sk);
		return;
	}
	bbr_lt_bw_interval_done(sk, (u32)((u64)delivered * BW_UNIT / (ms * USEC_PER_MSEC)));
}

void bbr_lt_bw_sampling(struct sock *sk, const struct rate_sample *rs)
{
	struct bbr *bbr = bbr_of(sk);

	if (bbr->lt_use_bw) {
		if (bbr->mode != BBR_PROBE_BW || !bbr->round_start)
			return;
		bbr->lt_rtt_cnt = (bbr->lt_rtt_cnt + 1u) & 0x7f;
		if (bbr->lt_rtt_cnt >= LT_BW_MAX_RTTS) {
			bbr_reset_lt_bw_sampling(sk);
			bbr_reset_probe_bw_mode(sk);
		}
		return;
	}
	if (!bbr->lt_is_sampling) {
		if (!rs->losses)
			return;
		bbr_reset_lt_bw_sampling_interval(sk);
		bbr->lt_is_sampling = 1;
	}
	if (rs->is_app_limited) {
		bbr_reset_lt_bw_sampling(sk);
		return;
	}
	if (bbr->round_start)
		bbr->lt_rtt_cnt = (bbr->lt_rtt_cnt + 1u) & 0x7f;
	if (bbr->lt_rtt_cnt < LT_INTVL_MIN_RTTS)
		return;
	if (bbr->lt_rtt_cnt > 4 * LT_INTVL_MIN_RTTS) {
		bbr_reset_lt_bw_sampling(sk);
		return;
	}
	if (rs->losses)
		bbr_lt_bw_measure(sk);
}
