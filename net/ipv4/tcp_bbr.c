/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_bbr.c - BBR, version 1: send as fast as the path delivers, keep in flight what it holds; losses matter little.
 *
 * DOC: BBR
 * Two estimates: the greatest delivery rate of the last ten rounds, the least RTT of the last ten seconds; their product is what
 * the path holds (BDP). Pacing at gain times the rate is what steers, the window only bounds.
 *   Startup    gain 2.89, until three rounds brought less than 25 % more: then the pipe is full. -> Drain
 *   Drain      gain 0.35, until no more than a BDP is in flight. -> ProbeBW
 *   ProbeBW    rounds of gain 1.25, 0.75 and six times 1, begun at a random one. -> ProbeRTT if the least RTT is 10 s old
 *   ProbeRTT   four packets in flight for 200 ms and a round. -> where it came from
 * A policer shows by two intervals of like throughput that both ended in loss: then its rate is used for 48 rounds (lt_bw).
 * Bandwidth is in packets per us, 2^-24; gains are in 1/256.
 */
#include "tcp_ack.h"
#include "tcp_bbr.h"

#define USEC_PER_MSEC 1000u
#define USEC_PER_SEC  1000000u

enum {
	BBR_BW_RTTS = BBR_CYCLE_LEN + 2,
	BBR_MIN_RTT_WIN_SEC = 10,
	BBR_PROBE_RTT_MODE_MS = 200,
	BBR_MIN_TSO_RATE = 1200000,
	BBR_PACING_MARGIN_PERCENT = 1,
	BBR_HIGH_GAIN = BBR_UNIT * 2885 / 1000 + 1,
	BBR_DRAIN_GAIN = BBR_UNIT * 1000 / 2885,
	BBR_CWND_GAIN = BBR_UNIT * 2,
	BBR_CYCLE_RAND = 7,
	BBR_CWND_MIN_TARGET = 4,
	BBR_FULL_BW_THRESH = BBR_UNIT * 5 / 4,
	BBR_FULL_BW_CNT = 3,
	BBR_EXTRA_ACKED_GAIN = BBR_UNIT,
	BBR_EXTRA_ACKED_WIN_RTTS = 5,
	BBR_ACK_EPOCH_RESET = 1 << 20,
	BBR_EXTRA_ACKED_MAX_US = 100 * 1000,
	BBR_GSO_BYTES = 65536 - 1 - 320, /* the most that one packet with its headers holds */
};

static const u16 bbr_pacing_gain[BBR_CYCLE_LEN] = { BBR_UNIT * 5 / 4, BBR_UNIT * 3 / 4, BBR_UNIT,
						    BBR_UNIT,	      BBR_UNIT,		BBR_UNIT,
						    BBR_UNIT,	      BBR_UNIT };

/* ---- estimates ---- */

static u32 bbr_max_bw(const struct sock *sk)
{
	return minmax_get(&bbr_of(sk)->bw);
}

static u32 bbr_bw(const struct sock *sk)
{
	return bbr_of(sk)->lt_use_bw ? bbr_of(sk)->lt_bw : bbr_max_bw(sk);
}

static u16 bbr_extra_acked(const struct sock *sk)
{
	const struct bbr *bbr = bbr_of(sk);

	return (u16)max_t(u32, bbr->extra_acked[0], bbr->extra_acked[1]);
}

u64 bbr_rate_bytes_per_sec(const struct sock *sk, u64 rate, int gain)
{
	rate *= tcp_sk(sk)->mss_cache;
	rate *= (u64)gain;
	rate >>= BBR_SCALE;
	rate *= USEC_PER_SEC / 100 * (100 - BBR_PACING_MARGIN_PERCENT);
	return rate >> BW_SCALE;
}

static u64 bbr_bw_to_pacing_rate(const struct sock *sk, u32 bw, int gain)
{
	return min_t(u64, bbr_rate_bytes_per_sec(sk, bw, gain), sk_max_pacing_rate(sk));
}

static void bbr_init_pacing_rate_from_rtt(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 rtt_us = USEC_PER_MSEC;

	if (tp->srtt_us) {
		rtt_us = max_t(u32, tp->srtt_us >> 3, 1);
		bbr_of(sk)->has_seen_rtt = 1;
	}
	sk->sk_pacing_rate = bbr_bw_to_pacing_rate(sk, (u32)((u64)tp->snd_cwnd * BW_UNIT / rtt_us),
						   BBR_HIGH_GAIN);
}

static void bbr_set_pacing_rate(struct sock *sk, u32 bw, int gain)
{
	u64 rate = bbr_bw_to_pacing_rate(sk, bw, gain);

	if (unlikely(!bbr_of(sk)->has_seen_rtt && tcp_sk(sk)->srtt_us))
		bbr_init_pacing_rate_from_rtt(sk);
	if (bbr_of(sk)->full_bw_reached || rate > sk->sk_pacing_rate)
		sk->sk_pacing_rate = rate;
}

static u32 bbr_min_tso_segs(struct sock *sk)
{
	return sk->sk_pacing_rate < (BBR_MIN_TSO_RATE >> 3) ? 1 : 2;
}

static u32 bbr_tso_segs_goal(struct sock *sk)
{
	u64 bytes = min_t(u64, sk->sk_pacing_rate >> sk->sk_pacing_shift, BBR_GSO_BYTES);
	u32 segs = max_t(u32, (u32)(bytes / tcp_sk(sk)->mss_cache), bbr_min_tso_segs(sk));

	return min_t(u32, segs, 0x7f);
}

/* ---- window ---- */

static void bbr_save_cwnd(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);
	u32 cwnd = tcp_sk(sk)->snd_cwnd;

	if (bbr->prev_ca_state < TCP_CA_Recovery && bbr->mode != BBR_PROBE_RTT)
		bbr->prior_cwnd = cwnd;
	else
		bbr->prior_cwnd = max_t(u32, bbr->prior_cwnd, cwnd);
}

static u32 bbr_bdp(const struct sock *sk, u32 bw, int gain)
{
	const struct bbr *bbr = bbr_of(sk);
	u64 w;

	if (unlikely(bbr->min_rtt_us == ~0U))
		return TCP_INIT_CWND;
	w = (u64)bw * bbr->min_rtt_us;
	return (u32)((((w * (u64)gain) >> BBR_SCALE) + BW_UNIT - 1) / BW_UNIT);
}

/* Room for the packets that offload makes at both ends; an even number, for delayed ACKs. */
static u32 bbr_quantization_budget(struct sock *sk, u32 cwnd)
{
	const struct bbr *bbr = bbr_of(sk);

	cwnd += 3 * bbr_tso_segs_goal(sk);
	cwnd = (cwnd + 1) & ~1U;
	/* A gain of 1.25 must be more than 1 even for a small BDP. */
	if (bbr->mode == BBR_PROBE_BW && !bbr->cycle_idx)
		cwnd += 2;
	return cwnd;
}

static u32 bbr_inflight(struct sock *sk, u32 bw, int gain)
{
	return bbr_quantization_budget(sk, bbr_bdp(sk, bw, gain));
}

/* What is in the network when the next packet leaves the pacer. */
static u32 bbr_packets_in_net_at_edt(struct sock *sk, u32 inflight_now)
{
	u64 now_ns = sock_skiff(sk)->now, edt_ns = max_t(u64, tcp_sk(sk)->tcp_wstamp_ns, now_ns);
	u32 delivered = (u32)((u64)bbr_bw(sk) * ((edt_ns - now_ns) / 1000) >> BW_SCALE);
	u32 inflight = inflight_now;

	if (bbr_of(sk)->pacing_gain > BBR_UNIT)
		inflight += bbr_tso_segs_goal(sk);
	return delivered >= inflight ? 0 : inflight - delivered;
}

/* ACKs that come in clumps need more in flight than a BDP. */
static u32 bbr_ack_aggregation_cwnd(const struct sock *sk)
{
	u32 most, aggr;

	if (!bbr_of(sk)->full_bw_reached)
		return 0;
	most = (u32)((u64)bbr_bw(sk) * BBR_EXTRA_ACKED_MAX_US / BW_UNIT);
	aggr = (u32)(BBR_EXTRA_ACKED_GAIN * bbr_extra_acked(sk)) >> BBR_SCALE;
	return min_t(u32, aggr, most);
}

/* Return: true: one packet for each that arrives, for the first round of a recovery */
static bool bbr_set_cwnd_to_recover_or_restore(struct sock *sk, const struct rate_sample *rs,
					       u32 acked, u32 *new_cwnd)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);
	u8 prev_state = bbr->prev_ca_state, state = inet_csk(sk)->icsk_ca_state;
	u32 cwnd = tp->snd_cwnd;

	if (rs->losses > 0)
		cwnd = (u32)max_t(s32, (s32)cwnd - rs->losses, 1);
	if (state == TCP_CA_Recovery && prev_state != TCP_CA_Recovery) {
		bbr->packet_conservation = 1;
		bbr->next_rtt_delivered = tp->delivered;
		cwnd = tcp_packets_in_flight(tp) + acked;
	} else if (prev_state >= TCP_CA_Recovery && state < TCP_CA_Recovery) {
		cwnd = max_t(u32, cwnd, bbr->prior_cwnd);
		bbr->packet_conservation = 0;
	}
	bbr->prev_ca_state = state & 7;
	*new_cwnd = cwnd;
	if (!bbr->packet_conservation)
		return false;
	*new_cwnd = max_t(u32, cwnd, tcp_packets_in_flight(tp) + acked);
	return true;
}

static u32 bbr_cwnd_toward_target(struct sock *sk, u32 cwnd, u32 acked, u32 bw, int gain)
{
	u32 target = bbr_bdp(sk, bw, gain) + bbr_ack_aggregation_cwnd(sk);

	target = bbr_quantization_budget(sk, target);
	if (bbr_of(sk)->full_bw_reached)
		cwnd = min_t(u32, cwnd + acked, target);
	else if (cwnd < target || tcp_sk(sk)->delivered < TCP_INIT_CWND)
		cwnd += acked;
	return max_t(u32, cwnd, BBR_CWND_MIN_TARGET);
}

static void bbr_set_cwnd(struct sock *sk, const struct rate_sample *rs, u32 acked, u32 bw, int gain)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 cwnd = tp->snd_cwnd;

	if (acked && !bbr_set_cwnd_to_recover_or_restore(sk, rs, acked, &cwnd))
		cwnd = bbr_cwnd_toward_target(sk, cwnd, acked, bw, gain);
	tcp_snd_cwnd_set(tp, min_t(u32, cwnd, tcp_rare(tp)->snd_cwnd_clamp));
	if (bbr_of(sk)->mode == BBR_PROBE_RTT)
		tcp_snd_cwnd_set(tp, min_t(u32, tp->snd_cwnd, BBR_CWND_MIN_TARGET));
}

/* ---- ProbeBW ---- */

static bool bbr_is_next_cycle_phase(struct sock *sk, const struct rate_sample *rs)
{
	const struct bbr *bbr = bbr_of(sk);
	bool is_full_length = tcp_stamp_us_delta(tcp_sk(sk)->delivered_mstamp, bbr->cycle_mstamp) >
			      bbr->min_rtt_us;
	u32 inflight, bw;

	if (bbr->pacing_gain == BBR_UNIT)
		return is_full_length;
	inflight = bbr_packets_in_net_at_edt(sk, rs->prior_in_flight);
	bw = bbr_max_bw(sk);
	/* Looking for more lasts until it shows, or until it does not fit; draining until it is drained. */
	if (bbr->pacing_gain > BBR_UNIT)
		return is_full_length &&
		       (rs->losses || inflight >= bbr_inflight(sk, bw, bbr->pacing_gain));
	return is_full_length || inflight <= bbr_inflight(sk, bw, BBR_UNIT);
}

static void bbr_advance_cycle_phase(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);

	bbr->cycle_idx = (bbr->cycle_idx + 1u) & (BBR_CYCLE_LEN - 1);
	bbr->cycle_mstamp = tcp_sk(sk)->delivered_mstamp;
}

static void bbr_update_cycle_phase(struct sock *sk, const struct rate_sample *rs)
{
	if (bbr_of(sk)->mode == BBR_PROBE_BW && bbr_is_next_cycle_phase(sk, rs))
		bbr_advance_cycle_phase(sk);
}

void bbr_reset_probe_bw_mode(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);
	u32 back = skiff_random_below(sock_skiff(sk), BBR_CYCLE_RAND);

	bbr->mode = BBR_PROBE_BW;
	bbr->cycle_idx = (BBR_CYCLE_LEN - 1 - back) & (BBR_CYCLE_LEN - 1);
	bbr_advance_cycle_phase(sk);
}

static void bbr_reset_mode(struct sock *sk)
{
	if (bbr_of(sk)->full_bw_reached)
		bbr_reset_probe_bw_mode(sk);
	else
		bbr_of(sk)->mode = BBR_STARTUP;
}

/* ---- what each ACK teaches ---- */

static void bbr_update_bw(struct sock *sk, const struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);
	u64 bw;

	bbr->round_start = 0;
	if (rs->delivered < 0 || rs->interval_us <= 0)
		return;
	if (!before(rs->prior_delivered, bbr->next_rtt_delivered)) {
		bbr->next_rtt_delivered = tp->delivered;
		bbr->rtt_cnt++;
		bbr->round_start = 1;
		bbr->packet_conservation = 0;
	}
	bbr_lt_bw_sampling(sk, rs);
	bw = (u64)rs->delivered * BW_UNIT / (u64)rs->interval_us;
	if (!rs->is_app_limited || bw >= bbr_max_bw(sk))
		minmax_running_max(&bbr->bw, BBR_BW_RTTS, bbr->rtt_cnt, (u32)bw);
}

/* How much more arrived than the bandwidth allows, since the last time that it was less. */
static void bbr_update_ack_aggregation(struct sock *sk, const struct rate_sample *rs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);
	u32 expected, extra;

	if (!rs->acked_sacked || rs->delivered < 0 || rs->interval_us <= 0)
		return;
	if (bbr->round_start) {
		bbr->extra_acked_win_rtts = min_t(u32, 0x1f, bbr->extra_acked_win_rtts + 1u) & 0x1f;
		if (bbr->extra_acked_win_rtts >= BBR_EXTRA_ACKED_WIN_RTTS) {
			bbr->extra_acked_win_rtts = 0;
			bbr->extra_acked_win_idx = !bbr->extra_acked_win_idx;
			bbr->extra_acked[bbr->extra_acked_win_idx] = 0;
		}
	}
	expected = (u32)((u64)bbr_bw(sk) *
			 tcp_stamp_us_delta(tp->delivered_mstamp, bbr->ack_epoch_mstamp) / BW_UNIT);
	if (bbr->ack_epoch_acked <= expected ||
	    bbr->ack_epoch_acked + rs->acked_sacked >= BBR_ACK_EPOCH_RESET) {
		bbr->ack_epoch_acked = 0;
		bbr->ack_epoch_mstamp = tp->delivered_mstamp;
		expected = 0;
	}
	bbr->ack_epoch_acked = min_t(u32, 0xfffff, bbr->ack_epoch_acked + rs->acked_sacked) &
			       0xfffff;
	extra = min_t(u32, bbr->ack_epoch_acked - expected, tp->snd_cwnd);
	if (extra > bbr->extra_acked[bbr->extra_acked_win_idx])
		bbr->extra_acked[bbr->extra_acked_win_idx] = (u16)extra;
}

static void bbr_check_full_bw_reached(struct sock *sk, const struct rate_sample *rs)
{
	struct bbr *bbr = bbr_of(sk);
	u32 thresh;

	if (bbr->full_bw_reached || !bbr->round_start || rs->is_app_limited)
		return;
	thresh = (u32)((u64)bbr->full_bw * BBR_FULL_BW_THRESH >> BBR_SCALE);
	if (bbr_max_bw(sk) >= thresh) {
		bbr->full_bw = bbr_max_bw(sk);
		bbr->full_bw_cnt = 0;
		return;
	}
	bbr->full_bw_cnt = (bbr->full_bw_cnt + 1u) & 3;
	bbr->full_bw_reached = bbr->full_bw_cnt >= BBR_FULL_BW_CNT;
}

static void bbr_check_drain(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);

	if (bbr->mode == BBR_STARTUP && bbr->full_bw_reached) {
		bbr->mode = BBR_DRAIN;
		tp->snd_ssthresh = bbr_inflight(sk, bbr_max_bw(sk), BBR_UNIT);
	}
	if (bbr->mode == BBR_DRAIN && bbr_packets_in_net_at_edt(sk, tcp_packets_in_flight(tp)) <=
					      bbr_inflight(sk, bbr_max_bw(sk), BBR_UNIT))
		bbr_reset_probe_bw_mode(sk);
}

static void bbr_check_probe_rtt_done(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);

	if (!bbr->probe_rtt_done_stamp || !after(tcp_jiffies32(sk), bbr->probe_rtt_done_stamp))
		return;
	bbr->min_rtt_stamp = tcp_jiffies32(sk);
	tcp_snd_cwnd_set(tp, max_t(u32, tp->snd_cwnd, bbr->prior_cwnd));
	bbr_reset_mode(sk);
}

static void bbr_probe_rtt(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);
	u32 mark = tp->delivered + tcp_packets_in_flight(tp);

	/* What is delivered now says nothing of the bandwidth. */
	tp->app_limited = mark ? mark : 1;
	if (!bbr->probe_rtt_done_stamp && tcp_packets_in_flight(tp) <= BBR_CWND_MIN_TARGET) {
		bbr->probe_rtt_done_stamp = tcp_jiffies32(sk) + BBR_PROBE_RTT_MODE_MS;
		bbr->probe_rtt_round_done = 0;
		bbr->next_rtt_delivered = tp->delivered;
	} else if (bbr->probe_rtt_done_stamp) {
		if (bbr->round_start)
			bbr->probe_rtt_round_done = 1;
		if (bbr->probe_rtt_round_done)
			bbr_check_probe_rtt_done(sk);
	}
}

static void bbr_update_min_rtt(struct sock *sk, const struct rate_sample *rs)
{
	struct bbr *bbr = bbr_of(sk);
	bool expired = after(tcp_jiffies32(sk), bbr->min_rtt_stamp + BBR_MIN_RTT_WIN_SEC * HZ);

	if (rs->rtt_us >= 0 && (rs->rtt_us < bbr->min_rtt_us || (expired && !rs->is_ack_delayed))) {
		bbr->min_rtt_us = (u32)rs->rtt_us;
		bbr->min_rtt_stamp = tcp_jiffies32(sk);
	}
	if (expired && !bbr->idle_restart && bbr->mode != BBR_PROBE_RTT) {
		bbr->mode = BBR_PROBE_RTT;
		bbr_save_cwnd(sk);
		bbr->probe_rtt_done_stamp = 0;
	}
	if (bbr->mode == BBR_PROBE_RTT)
		bbr_probe_rtt(sk);
	if (rs->delivered > 0)
		bbr->idle_restart = 0;
}

static void bbr_update_gains(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);

	switch (bbr->mode) {
	case BBR_STARTUP:
		bbr->pacing_gain = BBR_HIGH_GAIN;
		bbr->cwnd_gain = BBR_HIGH_GAIN;
		break;
	case BBR_DRAIN:
		bbr->pacing_gain = BBR_DRAIN_GAIN;
		bbr->cwnd_gain = BBR_HIGH_GAIN;
		break;
	case BBR_PROBE_BW:
		bbr->pacing_gain = (bbr->lt_use_bw ? BBR_UNIT : bbr_pacing_gain[bbr->cycle_idx]) &
				   0x3ff;
		bbr->cwnd_gain = BBR_CWND_GAIN;
		break;
	case BBR_PROBE_RTT:
		bbr->pacing_gain = BBR_UNIT;
		bbr->cwnd_gain = BBR_UNIT;
		break;
	}
}

static void bbr_main(struct sock *sk, u32 ack, int flag, const struct rate_sample *rs)
{
	struct bbr *bbr = bbr_of(sk);
	u32 bw;

	/* The ACK of the SYN comes before the connection begins. */
	if (!bbr)
		return;
	bbr_update_bw(sk, rs);
	bbr_update_ack_aggregation(sk, rs);
	bbr_update_cycle_phase(sk, rs);
	bbr_check_full_bw_reached(sk, rs);
	bbr_check_drain(sk);
	bbr_update_min_rtt(sk, rs);
	bbr_update_gains(sk);
	bw = bbr_bw(sk);
	bbr_set_pacing_rate(sk, bw, bbr->pacing_gain);
	bbr_set_cwnd(sk, rs, rs->acked_sacked, bw, bbr->cwnd_gain);
}

/* ---- events ---- */

static void bbr_init(struct sock *sk)
{
	struct bbr *bbr = skiff_zalloc(sock_skiff(sk), sizeof(*bbr));
	struct tcp_sock *tp = tcp_sk(sk);

	if (!bbr) {
		inet_csk(sk)->icsk_ca_ops = &tcp_reno;
		return;
	}
	*(struct bbr **)inet_csk_ca(sk) = bbr;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	bbr->next_rtt_delivered = tp->delivered;
	bbr->prev_ca_state = TCP_CA_Open;
	bbr->min_rtt_us = tcp_min_rtt(tp);
	bbr->min_rtt_stamp = tcp_jiffies32(sk);
	minmax_reset(&bbr->bw, 0, 0);
	bbr_init_pacing_rate_from_rtt(sk);
	bbr_reset_lt_bw_sampling(sk);
	bbr->mode = BBR_STARTUP;
	bbr->ack_epoch_mstamp = tp->tcp_mstamp;
	if (sk->sk_pacing_status == SK_PACING_NONE)
		sk->sk_pacing_status = SK_PACING_NEEDED;
}

static void bbr_release(struct sock *sk)
{
	skiff_free(sock_skiff(sk), bbr_of(sk));
	*(struct bbr **)inet_csk_ca(sk) = NULL;
}

static void bbr_cwnd_event(struct sock *sk, enum tcp_ca_event event)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bbr *bbr = bbr_of(sk);

	if (!bbr || event != CA_EVENT_TX_START || !tp->app_limited)
		return;
	bbr->idle_restart = 1;
	bbr->ack_epoch_mstamp = tp->tcp_mstamp;
	bbr->ack_epoch_acked = 0;
	if (bbr->mode == BBR_PROBE_BW)
		bbr_set_pacing_rate(sk, bbr_bw(sk), BBR_UNIT);
	else if (bbr->mode == BBR_PROBE_RTT)
		bbr_check_probe_rtt_done(sk);
}

static u32 bbr_sndbuf_expand(struct sock *sk)
{
	return 3; /* more than two windows: a recovery needs one more */
}

static u32 bbr_undo_cwnd(struct sock *sk)
{
	struct bbr *bbr = bbr_of(sk);

	if (bbr) {
		bbr->full_bw = 0;
		bbr->full_bw_cnt = 0;
		bbr_reset_lt_bw_sampling(sk);
	}
	return tcp_sk(sk)->snd_cwnd;
}

static u32 bbr_ssthresh(struct sock *sk)
{
	if (bbr_of(sk))
		bbr_save_cwnd(sk);
	return tcp_sk(sk)->snd_ssthresh;
}

static void bbr_set_state(struct sock *sk, u8 new_state)
{
	struct bbr *bbr = bbr_of(sk);

	if (bbr && new_state == TCP_CA_Loss) {
		const struct rate_sample rs = { .losses = 1 };

		bbr->prev_ca_state = TCP_CA_Loss;
		bbr->full_bw = 0;
		bbr->round_start = 1;
		bbr_lt_bw_sampling(sk, &rs);
	}
}

#define INET_DIAG_VEGASINFO 3
#define INET_DIAG_BBRINFO   16

static size_t bbr_get_info(struct sock *sk, u32 ext, int *attr, union tcp_cc_info *info)
{
	const struct bbr *bbr = bbr_of(sk);
	u64 bw;

	if (!bbr)
		return 0;
	if (!(ext & (1u << (INET_DIAG_BBRINFO - 1))) && !(ext & (1u << (INET_DIAG_VEGASINFO - 1))))
		return 0;
	bw = (u64)bbr_bw(sk) * tcp_sk(sk)->mss_cache * USEC_PER_SEC >> BW_SCALE;
	memset(&info->bbr, 0, sizeof(info->bbr));
	info->bbr.bbr_bw_lo = (u32)bw;
	info->bbr.bbr_bw_hi = (u32)(bw >> 32);
	info->bbr.bbr_min_rtt = bbr->min_rtt_us;
	info->bbr.bbr_pacing_gain = bbr->pacing_gain;
	info->bbr.bbr_cwnd_gain = bbr->cwnd_gain;
	*attr = INET_DIAG_BBRINFO;
	return sizeof(info->bbr);
}

const struct tcp_congestion_ops tcp_bbr = {
	.name = "bbr",
	.key = 3,
	.flags = TCP_CONG_NON_RESTRICTED,
	.private_size = sizeof(struct bbr *),
	.init = bbr_init,
	.release = bbr_release,
	.cong_control = bbr_main,
	.sndbuf_expand = bbr_sndbuf_expand,
	.undo_cwnd = bbr_undo_cwnd,
	.cwnd_event = bbr_cwnd_event,
	.ssthresh = bbr_ssthresh,
	.min_tso_segs = bbr_min_tso_segs,
	.get_info = bbr_get_info,
	.set_state = bbr_set_state,
};
