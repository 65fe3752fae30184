/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_cubic.c - CUBIC (RFC 9438) with HyStart: the window as a cubic function of the time since the last loss.
 *
 * DOC: CUBIC
 * After a reduction at window Wmax the window follows W(t) = C (t - K)^3 + Wmax, so that it comes back to Wmax after K,
 * flat there, and looks for more beyond. Times are in 1/1024 s, C = 41 / 1024 / 10. What grows faster, this or what
 * Reno with the same multiplicative decrease would have, counts (the Reno-friendly region).
 *
 * HyStart ends slow start before it overshoots: when the ACKs of one round arrive back to back for longer than half of
 * the least delay (their train is as long as the pipe), or when the least delay of a round's first eight samples has
 * grown by an eighth (between 4 and 16 ms).
 */
#include "net/tcp.h"

#define BICTCP_BETA_SCALE 1024
#define BICTCP_BETA	  717 /* what is left of the window: 717/1024 */
#define BICTCP_HZ	  10  /* times are in 2^-10 s */
#define BIC_SCALE	  41

#define HYSTART_MIN_SAMPLES  8
#define HYSTART_DELAY_MIN    4000  /* us */
#define HYSTART_DELAY_MAX    16000 /* us */
#define HYSTART_LOW_WINDOW   16
#define HYSTART_ACK_DELTA_US 2000

#define CUBE_RTT_SCALE (BIC_SCALE * 10)
#define CUBE_FACTOR    ((1ULL << (10 + 3 * BICTCP_HZ)) / (BIC_SCALE * 10))
/* 3 (1 - beta) / (1 + beta) packets a round, as eighths of ACKs for one packet */
#define BETA_SCALE (8 * (BICTCP_BETA_SCALE + BICTCP_BETA) / 3 / (BICTCP_BETA_SCALE - BICTCP_BETA))

/**
 * struct bictcp - in icsk_ca_priv
 * @cnt:       ACKs for one more packet; @tcp_cwnd, @ack_cnt: what Reno would have, ACKs since it grew
 * @last_cwnd, @last_time: of the last computation (ticks)
 * @bic_origin_point, @bic_K: Wmax, and when it is reached (2^-10 s after epoch_start, ticks; 0: the epoch begins with the next ACK)
 * @delay_min: us
 * HyStart: @round_start, @last_ack, @curr_rtt: us; @end_seq: of the round; @found: slow start was ended
 */
struct bictcp {
	u32 cnt;
	u32 last_max_cwnd;
	u32 last_cwnd;
	u32 last_time;
	u32 bic_origin_point;
	u32 bic_K;
	u32 delay_min;
	u32 epoch_start;
	u32 ack_cnt;
	u32 tcp_cwnd;
	u8 sample_cnt;
	u8 found;
	u32 round_start;
	u32 end_seq;
	u32 last_ack;
	u32 curr_rtt;
};
static_assert(sizeof(struct bictcp) <= ICSK_CA_PRIV_SIZE, "cubic's state fits");

static void bictcp_hystart_reset(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bictcp *ca = inet_csk_ca(sk);

	ca->round_start = ca->last_ack = (u32)tp->tcp_mstamp;
	ca->end_seq = tp->snd_nxt;
	ca->curr_rtt = ~0U;
	ca->sample_cnt = 0;
}

static void cubictcp_init(struct sock *sk)
{
	memset(inet_csk_ca(sk), 0, sizeof(struct bictcp));
	bictcp_hystart_reset(sk);
}

static void cubictcp_cwnd_event(struct sock *sk, enum tcp_ca_event event)
{
	struct bictcp *ca = inet_csk_ca(sk);
	u32 now = tcp_jiffies32(sk);
	s32 delta;

	if (event != CA_EVENT_TX_START)
		return;
	/* Nothing was sent for a while: that time does not count, the curve goes on where it was. */
	delta = (s32)(now - tcp_sk(sk)->lsndtime);
	if (ca->epoch_start && delta > 0) {
		ca->epoch_start += (u32)delta;
		if (after(ca->epoch_start, now))
			ca->epoch_start = now;
	}
}

/* The integer part of the cube root, bit by bit. */
static u32 cubic_root(u64 a)
{
	u64 root = 0;

	for (int bit = 21; bit >= 0; bit--) {
		u64 t = root | 1ULL << bit;

		if (t * t * t <= a)
			root = t;
	}
	return (u32)root;
}

/* What the curve says for now, plus the least round trip. */
static u32 bictcp_target(const struct bictcp *ca, u32 now)
{
	u64 t = (u64)(s64)(s32)(now - ca->epoch_start) + usecs_to_jiffies(ca->delay_min);
	u64 offs, delta;

	t = (t << BICTCP_HZ) / HZ;
	offs = t < ca->bic_K ? ca->bic_K - t : t - ca->bic_K;
	delta = (CUBE_RTT_SCALE * offs * offs * offs) >> (10 + 3 * BICTCP_HZ);
	return t < ca->bic_K ? ca->bic_origin_point - (u32)delta :
			       ca->bic_origin_point + (u32)delta;
}

static void bictcp_begin_epoch(struct bictcp *ca, u32 now, u32 cwnd, u32 acked)
{
	ca->epoch_start = now;
	ca->ack_cnt = acked;
	ca->tcp_cwnd = cwnd;
	if (ca->last_max_cwnd <= cwnd) {
		ca->bic_K = 0;
		ca->bic_origin_point = cwnd;
	} else {
		ca->bic_K = cubic_root(CUBE_FACTOR * (ca->last_max_cwnd - cwnd));
		ca->bic_origin_point = ca->last_max_cwnd;
	}
}

static void bictcp_curve(struct bictcp *ca, u32 now, u32 cwnd, u32 acked)
{
	u32 target;

	ca->last_cwnd = cwnd;
	ca->last_time = now;
	if (!ca->epoch_start)
		bictcp_begin_epoch(ca, now, cwnd, acked);
	target = bictcp_target(ca, now);
	ca->cnt = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
	/* No loss yet, so nothing is known of the path: 5 % a round at least. */
	if (!ca->last_max_cwnd && ca->cnt > 20)
		ca->cnt = 20;
}

static void bictcp_update(struct bictcp *ca, u32 now, u32 cwnd, u32 acked)
{
	u32 delta;

	ca->ack_cnt += acked;
	if (ca->last_cwnd == cwnd && (s32)(now - ca->last_time) <= HZ / 32)
		return;
	/* The curve is looked at once a tick; an epoch that ended has to begin anew at once. */
	if (!ca->epoch_start || now != ca->last_time)
		bictcp_curve(ca, now, cwnd, acked);

	delta = (cwnd * BETA_SCALE) >> 3;
	while (ca->ack_cnt > delta) {
		ca->ack_cnt -= delta;
		ca->tcp_cwnd++;
	}
	if (ca->tcp_cwnd > cwnd)
		ca->cnt = min_t(u32, ca->cnt, cwnd / (ca->tcp_cwnd - cwnd));
	/* At most half a packet for each that arrives. */
	ca->cnt = max_t(u32, ca->cnt, 2);
}

static void cubictcp_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bictcp *ca = inet_csk_ca(sk);

	if (!tcp_is_cwnd_limited(sk))
		return;
	if (tcp_in_slow_start(tp)) {
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	bictcp_update(ca, tcp_jiffies32(sk), tp->snd_cwnd, acked);
	tcp_cong_avoid_ai(tp, ca->cnt, acked);
}

static u32 cubictcp_recalc_ssthresh(struct sock *sk)
{
	const u32 cwnd = tcp_sk(sk)->snd_cwnd;
	struct bictcp *ca = inet_csk_ca(sk);

	ca->epoch_start = 0;
	/* Less than last time: somebody else wants a share, leave it sooner (fast convergence). */
	if (cwnd < ca->last_max_cwnd)
		ca->last_max_cwnd =
			(cwnd * (BICTCP_BETA_SCALE + BICTCP_BETA)) / (2 * BICTCP_BETA_SCALE);
	else
		ca->last_max_cwnd = cwnd;
	return max_t(u32, (cwnd * BICTCP_BETA) / BICTCP_BETA_SCALE, 2);
}

static void cubictcp_state(struct sock *sk, u8 new_state)
{
	if (new_state == TCP_CA_Loss)
		cubictcp_init(sk);
}

/* ---- HyStart ---- */

/* Time that offload alone keeps ACKs apart: four of the largest packets at the pacing rate, at most 1 ms. */
static u32 hystart_ack_delay(const struct sock *sk)
{
	if (!sk->sk_pacing_rate)
		return 0;
	return (u32)min_t(u64, 1000, (u64)sk->sk_gso_max_size * 4 * 1000000 / sk->sk_pacing_rate);
}

static void hystart_end(struct sock *sk, int detect_mib, int cwnd_mib)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct bictcp *ca = inet_csk_ca(sk);

	ca->found = 1;
	NET_INC_STATS(sock_net(sk), detect_mib);
	NET_ADD_STATS(sock_net(sk), cwnd_mib, tp->snd_cwnd);
	tp->snd_ssthresh = tp->snd_cwnd;
}

static void hystart_ack_train(struct sock *sk)
{
	struct bictcp *ca = inet_csk_ca(sk);
	u32 now = (u32)tcp_sk(sk)->tcp_mstamp, threshold;

	if ((s32)(now - ca->last_ack) > HYSTART_ACK_DELTA_US)
		return;
	ca->last_ack = now;
	threshold = ca->delay_min + hystart_ack_delay(sk);
	/* Pacing spreads a window over half a round trip by itself. */
	if (!sk->sk_pacing_status)
		threshold >>= 1;
	if ((s32)(now - ca->round_start) > (s32)threshold)
		hystart_end(sk, LINUX_MIB_TCPHYSTARTTRAINDETECT, LINUX_MIB_TCPHYSTARTTRAINCWND);
}

static void hystart_delay(struct sock *sk, u32 delay)
{
	struct bictcp *ca = inet_csk_ca(sk);
	u32 more;

	if (ca->curr_rtt > delay)
		ca->curr_rtt = delay;
	if (ca->sample_cnt < HYSTART_MIN_SAMPLES) {
		ca->sample_cnt++;
		return;
	}
	more = ca->delay_min >> 3;
	more = min_t(u32, max_t(u32, more, HYSTART_DELAY_MIN), HYSTART_DELAY_MAX);
	if (ca->curr_rtt > ca->delay_min + more)
		hystart_end(sk, LINUX_MIB_TCPHYSTARTDELAYDETECT, LINUX_MIB_TCPHYSTARTDELAYCWND);
}

static void hystart_update(struct sock *sk, u32 delay)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct bictcp *ca = inet_csk_ca(sk);

	if (after(tp->snd_una, ca->end_seq))
		bictcp_hystart_reset(sk);
	if (tp->snd_cwnd < HYSTART_LOW_WINDOW)
		return;
	hystart_ack_train(sk);
	hystart_delay(sk, delay);
}

static void cubictcp_acked(struct sock *sk, const struct ack_sample *sample)
{
	struct bictcp *ca = inet_csk_ca(sk);
	u32 delay;

	if (sample->rtt_us < 0)
		return;
	/* Right after a recovery delays say little. */
	if (ca->epoch_start && (s32)(tcp_jiffies32(sk) - ca->epoch_start) < HZ)
		return;
	delay = max_t(u32, (u32)sample->rtt_us, 1);
	if (!ca->delay_min || ca->delay_min > delay)
		ca->delay_min = delay;
	if (!ca->found && tcp_in_slow_start(tcp_sk(sk)))
		hystart_update(sk, delay);
}

const struct tcp_congestion_ops tcp_cubic = {
	.name = "cubic",
	.key = 2,
	.private_size = sizeof(struct bictcp),
	.init = cubictcp_init,
	.ssthresh = cubictcp_recalc_ssthresh,
	.cong_avoid = cubictcp_cong_avoid,
	.set_state = cubictcp_state,
	.undo_cwnd = tcp_reno_undo_cwnd,
	.cwnd_event = cubictcp_cwnd_event,
	.pkts_acked = cubictcp_acked,
};
