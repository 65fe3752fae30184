/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/cong_test.c - congestion controls, the estimator of the RTT and the windowed filter, fed with made-up ACKs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lab/ipwords.h"
#include "net/sysctl.h"
#include "net/ipv4/tcp_ack.h"
#include "net/ipv4/tcp_bbr.h"

static struct {
	struct skiff *skiff;
	struct net *net;
} t;

/* A socket that exists for the formulas only. */
static struct sock *fake_sock(const struct tcp_congestion_ops *ca)
{
	struct tcp_sock *tp = calloc(1, sizeof(*tp));
	struct sock *sk = (struct sock *)tp;

	sk->sk_net_ = t.net;
	sk->sk_state = TCP_ESTABLISHED;
	sk->sk_pacing_shift = 10;
	sk->sk_gso_max_size = 65536;
	tp->snd_cwnd = 10;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->mss_cache = 1000;
	tp->is_cwnd_limited = 1;
	inet_csk(sk)->icsk_rto_min = TCP_RTO_MIN;
	inet_csk(sk)->icsk_rto_max = TCP_RTO_MAX;
	minmax_reset(&tp->rtt_min, 0, ~0u);
	inet_csk(sk)->icsk_ca_ops = ca;
	tcp_mstamp_refresh(tp);
	if (ca)
		tcp_init_congestion_control(sk);
	return sk;
}

static void fake_free(struct sock *sk)
{
	tcp_cleanup_congestion_control(sk);
	tcp_loss_free(tcp_sk(sk));
	tcp_rare_free(sk);
	free(sk);
}

static void pass_us(struct sock *sk, u64 us)
{
	t.skiff->now += us * 1000;
	t.skiff->jiffies = t.skiff->now / 1000000;
	tcp_mstamp_refresh(tcp_sk(sk));
}

static int setup(void **state)
{
	const struct skiff_env env = { .now_ns = 1000000000 };

	t.skiff = skiff_create(&env);
	t.net = (struct net *)skiff_net_create(t.skiff, "t");
	return t.net ? 0 : -1;
}

static int teardown(void **state)
{
	skiff_destroy(t.skiff);
	return 0;
}

static void test_minmax(void **state)
{
	struct minmax3 m;

	minmax_reset(&m, 0, 50);
	assert_int_equal(minmax_running_min(&m, 100, 10, 60), 50);
	assert_int_equal(minmax_running_min(&m, 100, 30, 55), 50);
	assert_int_equal(minmax_running_min(&m, 100, 60, 70), 50);
	assert_int_equal(minmax_running_min(&m, 100, 101, 80),
			 55); /* the best has left the window */
	assert_int_equal(minmax_running_min(&m, 100, 110, 40), 40);
	assert_int_equal(minmax_running_min(&m, 100, 300, 90), 90); /* all have */
	assert_int_equal(minmax_running_max(&m, 100, 310, 95), 95);
}

/* RFC 6298 2, with Linux's 200 ms below the deviation. */
static void test_rtt(void **state)
{
	struct sock *sk = fake_sock(NULL);
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_rtt_estimator(sk, 100000);
	tcp_set_rto(sk);
	assert_int_equal(tp->srtt_us >> 3, 100000);
	assert_int_equal(inet_csk(sk)->icsk_rto, 300);
	/* 1/8 of the way to the new one. */
	tcp_rtt_estimator(sk, 180000);
	assert_int_equal(tp->srtt_us >> 3, 110000);
	/* A great deviation counts at once: 50, 50 + (80 - 50) / 4, 57.5 + (1000 - 57.5) / 4, times four. */
	tcp_rtt_estimator(sk, 1110000);
	tcp_set_rto(sk);
	assert_int_equal(tp->srtt_us >> 3, 235000);
	assert_int_equal(tp->rttvar_us, 1172500);
	/* A shorter one is no reason for a longer timeout. */
	u32 before_rto = inet_csk(sk)->icsk_rto;

	tcp_rtt_estimator(sk, 1000);
	tcp_set_rto(sk);
	assert_true(inet_csk(sk)->icsk_rto < before_rto);
	inet_csk(sk)->icsk_rto_max = 500;
	tcp_set_rto(sk);
	assert_int_equal(inet_csk(sk)->icsk_rto, 500);
	fake_free(sk);
}

static void test_reno(void **state)
{
	struct sock *sk = fake_sock(&tcp_reno);
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_reno.cong_avoid(sk, 0, 10);
	assert_int_equal(tp->snd_cwnd, 20);
	tp->snd_ssthresh = 24;
	/* Four of the ten in slow start, six in avoidance: a quarter of a packet. */
	tcp_reno.cong_avoid(sk, 0, 10);
	assert_int_equal(tp->snd_cwnd, 24);
	assert_int_equal(tp->snd_cwnd_cnt, 6);
	tcp_reno.cong_avoid(sk, 0, 18);
	assert_int_equal(tp->snd_cwnd, 25);
	assert_int_equal(tcp_reno.ssthresh(sk), 12);
	tp->is_cwnd_limited = 0;
	tcp_reno.cong_avoid(sk, 0, 25);
	assert_int_equal(tp->snd_cwnd, 25);
	fake_free(sk);
}

/* One window of ACKs, spread over @rtt_us. */
static void round_of_acks(struct sock *sk, u32 rtt_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 n = tp->snd_cwnd;
	struct ack_sample sample = { .pkts_acked = 1, .rtt_us = (s32)rtt_us };

	for (u32 i = 0; i < n; i++) {
		tp->snd_una = tp->snd_nxt;
		tp->snd_nxt += 1000;
		pass_us(sk, rtt_us / n);
		inet_csk(sk)->icsk_ca_ops->pkts_acked(sk, &sample);
		inet_csk(sk)->icsk_ca_ops->cong_avoid(sk, 0, 1);
	}
}

/* Wmax 1000, loss: 700, then back to Wmax after K = cbrt(300 / 0.4) = 9.1 s, flat there, and beyond. */
static void test_cubic(void **state)
{
	struct sock *sk = fake_sock(&tcp_cubic);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 at[15];

	tp->snd_cwnd = 1000;
	tp->snd_ssthresh = tcp_cubic.ssthresh(sk);
	assert_int_equal(tp->snd_ssthresh, 700);
	tp->snd_cwnd = 700;
	for (int s = 0; s < 15; s++) {
		for (int i = 0; i < 10; i++)
			round_of_acks(sk, 100000);
		at[s] = tp->snd_cwnd;
	}
	assert_in_range(at[0], 775, 790); /* W(1.1) = 1000 - 0.4 (8.0)^3 = 795, one round late */
	assert_in_range(at[4], 960, 980);
	assert_in_range(at[8], 995, 1001);
	assert_in_range(at[9], 998, 1003);
	assert_in_range(at[13], 1030, 1060);
	/* The next loss comes early: Wmax is set lower, to make room. */
	tp->snd_cwnd = 800;
	assert_int_equal(tcp_cubic.ssthresh(sk), 800 * 717 / 1024);
	fake_free(sk);
}

/* The least delay of a round's first eight samples has grown by an eighth (at least 4 ms): slow start ends. */
static void test_hystart_delay(void **state)
{
	struct sock *sk = fake_sock(&tcp_cubic);
	struct tcp_sock *tp = tcp_sk(sk);

	tp->snd_cwnd = 20;
	round_of_acks(sk, 80000);
	assert_int_equal(tp->snd_ssthresh, TCP_INFINITE_SSTHRESH);
	assert_int_equal(tp->snd_cwnd, 40);
	tp->snd_una = tp->snd_nxt += 1000;
	round_of_acks(sk, 85000);
	assert_int_equal(tp->snd_ssthresh, TCP_INFINITE_SSTHRESH);
	fake_free(sk);

	sk = fake_sock(&tcp_cubic);
	tp = tcp_sk(sk);
	tp->snd_cwnd = 20;
	for (int i = 0; i < 30; i++) {
		struct ack_sample sample = { .rtt_us = i ? 95000 : 80000 };

		pass_us(sk, 3000);
		tcp_cubic.pkts_acked(sk, &sample);
		if (i == 9)
			/* The round began with the short one; its least is that. */
			assert_int_equal(tp->snd_ssthresh, TCP_INFINITE_SSTHRESH);
		if (i == 10)
			tp->snd_una = tp->snd_nxt += 1000;
	}
	assert_int_equal(tp->snd_ssthresh, 20);
	fake_free(sk);
}

/* ACKs of one round that come back to back for longer than half of the least delay. */
static void test_hystart_train(void **state)
{
	struct sock *sk = fake_sock(&tcp_cubic);
	struct tcp_sock *tp = tcp_sk(sk);
	struct ack_sample sample = { .rtt_us = 40000 };
	int i;

	tp->snd_cwnd = 50;
	tp->snd_nxt = 1000000;
	tp->snd_una = 1;
	tcp_cubic.pkts_acked(sk, &sample);
	for (i = 0; i < 40 && tp->snd_ssthresh == TCP_INFINITE_SSTHRESH; i++) {
		pass_us(sk, 1000);
		tcp_cubic.pkts_acked(sk, &sample);
	}
	assert_in_range(i, 19, 22);
	assert_int_equal(tp->snd_ssthresh, 50);
	fake_free(sk);
}

static void test_dctcp(void **state)
{
	struct sock *sk = fake_sock(NULL);
	struct tcp_sock *tp = tcp_sk(sk);

	/* Without ECN it is Reno. */
	inet_csk(sk)->icsk_ca_ops = &tcp_dctcp;
	tcp_init_congestion_control(sk);
	assert_ptr_equal(inet_csk(sk)->icsk_ca_ops, &tcp_dctcp_reno);

	tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
	inet_csk(sk)->icsk_ca_ops = &tcp_dctcp;
	tcp_init_congestion_control(sk);
	assert_int_equal(inet_sk(sk)->tos & INET_ECN_MASK, INET_ECN_ECT_0);
	tp->snd_cwnd = 100;
	assert_int_equal(tcp_dctcp.ssthresh(sk), 50); /* alpha begins at 1 */
	for (int window = 0; window < 200; window++) {
		tp->snd_una = tp->snd_nxt += 1000;
		tp->delivered += 100;
		tp->delivered_ce += 25;
		tcp_dctcp.in_ack_event(sk, 0);
	}
	/* A quarter is marked: alpha is a quarter, the window goes down by an eighth. */
	assert_in_range(tcp_dctcp.ssthresh(sk), 87, 89);
	for (int window = 0; window < 200; window++) {
		tp->snd_una = tp->snd_nxt += 1000;
		tp->delivered += 100;
		tcp_dctcp.in_ack_event(sk, 0);
	}
	assert_int_equal(tcp_dctcp.ssthresh(sk), 100); /* down to 0, not to a sixteenth */
	fake_free(sk);
}

/* One ACK for @n packets on a path of 10 packets a ms and 20 ms. */
static void bbr_ack(struct sock *sk, u32 n, u32 losses)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct rate_sample rs = { .rtt_us = 20000, .acked_sacked = n, .losses = (int)losses };

	pass_us(sk, n * 100);
	tp->delivered += n;
	tp->delivered_mstamp = tp->tcp_mstamp;
	rs.prior_delivered = tp->delivered - 200;
	rs.delivered = 200;
	rs.interval_us = 20000;
	/* What is sent faster than it arrives waits in a queue. */
	rs.prior_in_flight = tp->packets_out = bbr_of(sk)->pacing_gain > BBR_UNIT ? 350 : 200;
	tp->lost += losses;
	tcp_bbr.cong_control(sk, 0, 0, &rs);
}

static struct tcp_bbr_info bbr_info(struct sock *sk)
{
	union tcp_cc_info info;
	int attr;

	assert_int_equal(tcp_bbr.get_info(sk, ~0u, &attr, &info), sizeof(info.bbr));
	assert_int_equal(attr, 16);
	return info.bbr;
}

static void test_bbr(void **state)
{
	struct sock *sk = fake_sock(&tcp_bbr);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_bbr_info i;
	bool up = false, down = false;

	assert_int_equal(sk->sk_pacing_status, SK_PACING_NEEDED);
	tp->delivered = 1000;
	bbr_ack(sk, 2, 0);
	assert_int_equal(bbr_info(sk).bbr_pacing_gain, 739); /* Startup: 2 / ln 2 */
	/* Three rounds without growth: the pipe is full; with a BDP in flight the queue is drained at once. */
	for (int n = 0; n < 600; n++)
		bbr_ack(sk, 2, 0);
	i = bbr_info(sk);
	assert_int_equal(i.bbr_cwnd_gain, 512);
	assert_int_equal(i.bbr_min_rtt, 20000);
	assert_in_range(i.bbr_bw_lo, 9990000, 10000000); /* bytes/s */
	assert_in_range(tp->snd_cwnd, 400, 450);	 /* two BDP and what offload needs */
	/* The cycle of gains. */
	for (int n = 0; n < 1600; n++) {
		bbr_ack(sk, 2, 0);
		up |= bbr_info(sk).bbr_pacing_gain == 320;
		down |= bbr_info(sk).bbr_pacing_gain == 192;
	}
	assert_true(up && down);
	/* No shorter RTT for ten seconds: down to four packets. */
	for (int n = 0; n < 60000 && tp->snd_cwnd > 4; n++)
		bbr_ack(sk, 2, 0);
	assert_int_equal(tp->snd_cwnd, 4);
	assert_true(tp->app_limited);
	fake_free(sk);
}

/* A policer: two intervals of like throughput that begin and end with a fifth lost: that throughput is used. */
static void test_bbr_policer(void **state)
{
	struct sock *sk = fake_sock(&tcp_bbr);
	struct tcp_bbr_info i;

	tcp_sk(sk)->delivered = 1000;
	for (int n = 0; n < 1000; n++)
		bbr_ack(sk, 2, 0);
	for (int n = 0; n < 4000; n++)
		bbr_ack(sk, 2, n % 8 ? 0 : 8);
	i = bbr_info(sk);
	assert_int_equal(i.bbr_pacing_gain, 256);
	assert_in_range(i.bbr_bw_lo, 9900000, 10100000);
	fake_free(sk);
}

static void set_sysctl(const char *key, const char *value)
{
	assert_int_equal(sysctl_set(t.net, key, value), 0);
}

static void check_sysctl(const char *key, const char *want)
{
	char buf[128];

	assert_true(sysctl_get(t.net, key, buf, sizeof(buf)) >= 0);
	assert_string_equal(buf, want);
}

static void test_choice(void **state)
{
	struct sock *sk = fake_sock(NULL);

	check_sysctl("net.ipv4.tcp_congestion_control", "cubic");
	check_sysctl("net.ipv4.tcp_available_congestion_control", "reno cubic bbr dctcp");
	check_sysctl("net.ipv4.tcp_allowed_congestion_control", "reno cubic bbr");
	assert_int_equal(sysctl_set(t.net, "net.ipv4.tcp_congestion_control", "vegas"), -ENOENT);
	tcp_assign_congestion_control(sk);
	assert_ptr_equal(inet_csk(sk)->icsk_ca_ops, &tcp_cubic);
	assert_int_equal(tcp_set_congestion_control(sk, "vegas", true), -ENOENT);
	assert_int_equal(tcp_set_congestion_control(sk, "dctcp-reno", true), -ENOENT);
	assert_int_equal(tcp_set_congestion_control(sk, "dctcp", false), -EPERM);
	assert_int_equal(tcp_set_congestion_control(sk, "dctcp", true), 0);
	assert_int_equal(sysctl_set(t.net, "net.ipv4.tcp_allowed_congestion_control", "dctcp x"),
			 -ENOENT);
	set_sysctl("net.ipv4.tcp_allowed_congestion_control", "dctcp reno");
	check_sysctl("net.ipv4.tcp_allowed_congestion_control", "reno dctcp");
	assert_int_equal(tcp_set_congestion_control(sk, "reno", false), 0);
	assert_int_equal(tcp_set_congestion_control(sk, "dctcp", false), 0);
	assert_int_equal(tcp_set_congestion_control(sk, "bbr", false), -EPERM);
	/* The default is allowed. */
	set_sysctl("net.ipv4.tcp_congestion_control", "bbr");
	check_sysctl("net.ipv4.tcp_allowed_congestion_control", "reno bbr dctcp");
	inet_csk(sk)->icsk_ca_dst_locked = 1;
	assert_int_equal(tcp_set_congestion_control(sk, "reno", true), -EPERM);
	set_sysctl("net.ipv4.tcp_congestion_control", "cubic");
	fake_free(sk);
}

static int ifindex_of(void *arg, const char *name)
{
	return skiff_dev_ifindex(skiff_dev_find(arg, name));
}

static int try_ip(const char *words)
{
	const struct ipwords_env env = { ifindex_of, t.net };
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	char why[128];
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	if (n < 0)
		fail_msg("%s: %s", words, why);
	return skiff_netlink((struct skiff_net *)t.net, msg, (size_t)n, NULL, NULL);
}

/* A route names its control; locked, it is not the socket's to choose. */
static void test_route(void **state)
{
	struct sock *sk = fake_sock(&tcp_cubic);
	u32 metrics[RTAX_MAX_] = { 0 };
	struct dst_entry dst = { .metrics = metrics };

	tcp_ca_set_route(sk, &dst);
	assert_ptr_equal(inet_csk(sk)->icsk_ca_ops, &tcp_cubic);
	metrics[RTAX_CC_ALGO - 1] = tcp_bbr.key;
	tcp_ca_set_route(sk, &dst);
	assert_ptr_equal(inet_csk(sk)->icsk_ca_ops, &tcp_bbr);
	assert_int_equal(inet_csk(sk)->icsk_ca_dst_locked, 0);
	metrics[RTAX_LOCK - 1] = 1u << RTAX_CC_ALGO;
	tcp_ca_set_route(sk, &dst);
	assert_int_equal(tcp_set_congestion_control(sk, "reno", true), -EPERM);
	assert_int_equal(try_ip("link set lo up"), 0);
	assert_int_equal(try_ip("route add 10.0.0.0/8 dev lo congctl vegas"), -EINVAL);
	assert_int_equal(try_ip("route add 10.0.0.0/8 dev lo congctl lock dctcp"), 0);
	assert_int_equal(try_ip("route del 10.0.0.0/8 dev lo congctl lock bbr"), -ESRCH);
	assert_int_equal(try_ip("route del 10.0.0.0/8 dev lo congctl lock dctcp"), 0);
	fake_free(sk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minmax),	      cmocka_unit_test(test_rtt),
		cmocka_unit_test(test_reno),	      cmocka_unit_test(test_cubic),
		cmocka_unit_test(test_hystart_delay), cmocka_unit_test(test_hystart_train),
		cmocka_unit_test(test_dctcp),	      cmocka_unit_test(test_bbr),
		cmocka_unit_test(test_bbr_policer),   cmocka_unit_test(test_choice),
		cmocka_unit_test(test_route),
	};

	return cmocka_run_group_tests_name("tcp-cong", tests, setup, teardown);
}
