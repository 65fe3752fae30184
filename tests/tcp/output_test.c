// SPDX-License-Identifier: BSD-2-Clause
/* tests/tcp/output_test.c - when TCP sends: Nagle, cork, delayed ACKs, probes, timeouts, MTU probing, pacing. */
#include "tcp_peer.h"

/* ---- Nagle, cork ---- */

static void nagle_holds_the_second_small_segment(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_write(&p, 100), 100);
	assert_int_equal(peer_write(&p, 100), 100);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].len, 100);
	assert_int_equal(p.seg[0].flags, PSH | ACK);
	peer_run(&p, 10000);
	peer_send(&p, ACK, 1, 101, 65535, 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.seg[1].seq, 101);
	assert_int_equal(p.seg[1].len, 100);
	peer_end(&p);
}

/* Minshall: full segments that are out do not hold back a small one behind them. */
static void nagle_lets_the_tail_of_a_write_go(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_write(&p, 1460 * 2 + 100), 3020);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.seg[2].len, 100);
	assert_int_equal(p.seg[0].flags & PSH, 0);
	assert_int_equal(p.seg[2].flags & PSH, PSH);
	peer_end(&p);
}

static void nodelay_sends_at_once(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_NODELAY, 1), 0);
	for (int i = 0; i < 3; i++)
		peer_write(&p, 10);
	assert_int_equal(p.n, 3);
	peer_end(&p);
}

static void cork_holds_until_it_is_pulled(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_CORK, 1), 0);
	peer_write(&p, 1000);
	peer_write(&p, 1000);
	/* A full segment goes. */
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].len, 1460);
	peer_send(&p, ACK, 1, 1461, 65535, 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_CORK, 0), 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.seg[1].len, 540);
	peer_end(&p);
}

/* Nothing is out that an ACK could come for: the timer of probes ends the waiting, after 200 ms at least. */
static void a_forgotten_cork_lasts_200_ms(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 1000);
	peer_option(&p, IPPROTO_TCP, TCP_CORK, 1);
	peer_write(&p, 10);
	assert_int_equal(p.n, 0);
	peer_run(&p, 190000);
	assert_int_equal(p.n, 0);
	peer_run(&p, 100000);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].len, 10);
	peer_end(&p);
}

/* ---- delayed ACKs ---- */

static void first_data_are_acknowledged_at_once(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	peer_send(&p, ACK | PSH, 1, 1, 65535, 500);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].ack, 501);
	assert_int_equal(p.seg[0].len, 0);
	peer_end(&p);
}

/* An answer makes it a dialogue; from then on an ACK waits 40 ms for data to go with. */
static void in_a_dialogue_acks_wait_for_data(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	peer_send(&p, ACK | PSH, 1, 1, 65535, 10);
	peer_write(&p, 10);
	peer_run(&p, 5000);
	peer_send(&p, ACK | PSH, 11, 11, 65535, 10);
	p.n = 0;
	p.zero = p.now;
	peer_run(&p, 20000);
	assert_int_equal(p.n, 0);
	peer_run(&p, 180000);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].ack, 21);
	assert_sent_at(&p, 0, 40);
	/* The answer carries it, if it comes in time. */
	peer_send(&p, ACK | PSH, 21, 11, 65535, 10);
	p.n = 0;
	peer_write(&p, 10);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].ack, 31);
	assert_int_equal(p.seg[0].len, 10);
	peer_end(&p);
}

/* ---- a closed window ---- */

static void zero_window_is_probed_with_doubling_intervals(void **state)
{
	/* Each counts from the answer to the one before, which comes 5 ms later. */
	static const s64 at[] = { 300, 305 + 600, 910 + 1200, 2115 + 2400, 4520 + 4800 };
	struct peer p;

	peer_start(&p);
	/* RTT 100 ms: srtt 100, variance 50 * 4 = 200: RTO 300 ms. */
	peer_connect(&p, true, 0, 100000);
	assert_int_equal(peer_write(&p, 100), 100);
	assert_int_equal(p.n, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		peer_run(&p, (u64)(at[i] + 5) * 1000 - (p.now - p.zero) / 1000);
		assert_int_equal(p.n, i + 1);
		assert_sent_at(&p, i, at[i]);
		assert_int_equal(p.seg[i].len, 0);
		assert_int_equal((int)p.seg[i].seq, 0);
		/* The peer is there, and still full. */
		peer_send(&p, ACK, 1, 1, 0, 0);
	}
	peer_send(&p, ACK, 1, 1, 1000, 0);
	assert_int_equal(p.n, ARRAY_SIZE(at) + 1);
	assert_int_equal(p.seg[ARRAY_SIZE(at)].len, 100);
	peer_end(&p);
}

/* ---- timeouts ---- */

static void the_syn_is_sent_again_linearly_then_doubled(void **state)
{
	static const s64 at[] = {
		0, 1000, 2000, 3000, 4000, 5000, 7000, 11000, 19000, 35000, 67000
	};
	struct peer p;

	peer_start(&p);
	peer_connect_start(&p);
	peer_run(&p, 130000000);
	assert_int_equal(p.n, ARRAY_SIZE(at));
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		assert_int_equal(p.seg[i].flags, SYN);
		assert_sent_at(&p, i, at[i]);
	}
	assert_int_equal(peer_error(&p), 0);
	peer_run(&p, 2000000);
	assert_int_equal(peer_error(&p), ETIMEDOUT);
	assert_int_equal(p.n, ARRAY_SIZE(at));
	peer_end(&p);
}

static void syncnt_bounds_the_syns(void **state)
{
	struct peer p;

	peer_start(&p);
	skiff_socket(p.net, AF_INET, SOCK_STREAM, 0);
	p.fd = skiff_socket(p.net, AF_INET, SOCK_STREAM, 0);
	peer_sysctl(&p, "net.ipv4.tcp_syn_linear_timeouts", "0");
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_SYNCNT, 2), 0);
	peer_connect_start(&p);
	peer_run(&p, 6500000);
	assert_int_equal(p.n, 3);
	assert_sent_at(&p, 2, 3000);
	assert_int_equal(peer_error(&p), 0);
	peer_run(&p, 1000000);
	assert_int_equal(peer_error(&p), ETIMEDOUT);
	peer_end(&p);
}

static void data_are_sent_again_with_doubling_timeouts(void **state)
{
	static const s64 at[] = { 0, 300, 900, 2100, 4500, 9300, 18900 };
	struct peer p;

	peer_start(&p);
	peer_connect(&p, false, 65535, 100000);
	peer_write(&p, 100);
	peer_run(&p, 20000000);
	assert_int_equal(p.n, ARRAY_SIZE(at));
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		assert_int_equal(p.seg[i].seq, 1);
		assert_int_equal(p.seg[i].len, 100);
		assert_sent_at(&p, i, at[i]);
	}
	peer_end(&p);
}

/* With SACK the last packet goes once more after two round trips (and the time of a delayed ACK), before the timeout. */
static void the_tail_is_probed_before_the_timeout(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 20000);
	peer_write(&p, 1460 * 3);
	assert_int_equal(p.n, 3);
	/* srtt 20 ms: 40 ms + 2 ms; the RTO is 220. */
	peer_run(&p, 60000);
	assert_int_equal(p.n, 4);
	assert_int_equal(p.seg[3].seq, 1 + 1460 * 2);
	assert_sent_at(&p, 3, 42);
	peer_run(&p, 300000);
	assert_int_equal(p.seg[4].seq, 1);
	assert_sent_at(&p, 4, 42 + 220);
	peer_end(&p);
}

static void rto_max_ms_bounds_the_timeout(void **state)
{
	static const s64 at[] = { 0, 300, 900, 1900, 2900, 3900 };
	struct peer p;

	peer_start(&p);
	peer_connect(&p, false, 65535, 100000);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_RTO_MAX_MS, 1000), 0);
	peer_write(&p, 100);
	peer_run(&p, 4500000);
	assert_int_equal(p.n, ARRAY_SIZE(at));
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
		assert_sent_at(&p, i, at[i]);
	peer_end(&p);
}

static void user_timeout_ends_the_connection(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, false, 65535, 100000);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000), 0);
	peer_write(&p, 100);
	/* Retransmitted at 300, 900, 2100 ms; the next would be at 4500, but the time ends 3 s after the first. */
	peer_run(&p, 3250000);
	assert_int_equal(peer_error(&p), 0);
	peer_run(&p, 60000);
	assert_int_equal(peer_error(&p), ETIMEDOUT);
	assert_int_equal(p.n, 4);
	peer_end(&p);
}

/* ---- keepalive ---- */

static void keepalive_probes_and_gives_up(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_KEEPIDLE, 10), 0);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_KEEPINTVL, 2), 0);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_KEEPCNT, 3), 0);
	assert_int_equal(peer_option(&p, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	peer_run(&p, 9990000);
	assert_int_equal(p.n, 0);
	peer_run(&p, 20000);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.seg[0].seq, 0);
	assert_int_equal(p.seg[0].flags, ACK);
	/* It lives: all begins anew. */
	peer_send(&p, ACK, 1, 1, 65535, 0);
	p.zero = p.now;
	p.n = 0;
	peer_run(&p, 15900000);
	assert_int_equal(p.n, 3);
	assert_sent_at(&p, 0, 10000);
	assert_sent_at(&p, 1, 12000);
	assert_sent_at(&p, 2, 14000);
	peer_run(&p, 200000);
	assert_int_equal(p.n, 4);
	assert_int_equal(p.seg[3].flags, RST | ACK);
	assert_sent_at(&p, 3, 16000);
	assert_int_equal(peer_error(&p), ETIMEDOUT);
	peer_end(&p);
}

/* ---- sizes ---- */

/* tcp_mtu_probing 2: begins at the base of 1024 bytes, tries the middle, and takes it when it was acknowledged. */
static void mtu_probing_finds_the_larger_size(void **state)
{
	struct peer p;
	u32 una = 1, probe = 0;

	peer_start(&p);
	peer_sysctl(&p, "net.ipv4.tcp_mtu_probing", "2");
	peer_connect(&p, true, 65535, 10000);
	peer_option(&p, IPPROTO_TCP, TCP_NODELAY, 1);
	assert_int_equal(peer_write(&p, 40000), 40000);
	/* The base was set when time stamps were still expected. */
	assert_int_equal(p.seg[0].len, 1036);
	for (int round = 0; round < 20 && una < 40001; round++) {
		for (u32 i = 0; i < p.n; i++) {
			if (p.seg[i].len > 1036 && !probe)
				probe = p.seg[i].len;
			if (p.seg[i].seq + p.seg[i].len > una)
				una = p.seg[i].seq + p.seg[i].len;
		}
		p.n = 0;
		peer_run(&p, 10000);
		peer_send(&p, ACK, 1, una, 65535, 0);
	}
	/* Halfway between an MTU of 1064 and one of 1500: 1282. */
	assert_int_equal(probe, 1242);
	peer_write(&p, 5000);
	assert_true(p.seg[0].len >= 1242);
	peer_end(&p);
}

static void maxseg_bounds_what_is_sent_and_said(void **state)
{
	struct peer p;

	peer_start(&p);
	skiff_socket(p.net, AF_INET, SOCK_STREAM, 0);
	p.fd = skiff_socket(p.net, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_MAXSEG, 500), 0);
	peer_connect(&p, true, 65535, 1000);
	assert_int_equal(p.seg[0].mss, 500);
	peer_write(&p, 1200);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.seg[0].len, 500);
	assert_int_equal(p.seg[2].len, 200);
	peer_end(&p);
}

/* ---- pacing ---- */

/* 1 MB/s: behind the first ten segments each burst leaves when the one before it has had its time, to the us. */
static void the_pacing_rate_is_kept(void **state)
{
	u32 bytes = 0, first = 10, last;
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	assert_int_equal(peer_option(&p, SOL_SOCKET, SO_MAX_PACING_RATE, 1000000), 0);
	peer_write(&p, 60000);
	for (u32 una = 1, k = 0; k < 50; k++) {
		peer_run(&p, 1000);
		for (u32 i = 0; i < p.n; i++)
			una = p.seg[i].seq + p.seg[i].len;
		peer_send(&p, ACK, 1, una, 65535, 0);
	}
	last = p.n - 1;
	assert_true(last > first);
	assert_int_equal(p.seg[first - 1].us, 0);
	assert_true(p.seg[first].us > 0);
	assert_true(p.seg[first].us % 1000 != 0);
	for (u32 i = first; p.seg[i].us < p.seg[last].us; i++)
		bytes += p.seg[i].len;
	assert_in_range(p.seg[last].us - p.seg[first].us, bytes, bytes + 20);
	peer_end(&p);
}

/* ---- settings of the timeouts ---- */

/* What was heard of the path (ICMP) makes segments smaller, and what was lost for it goes again at once. */
static void a_smaller_path_mtu_cuts_what_is_out(void **state)
{
	struct peer p;
	u32 n;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	peer_write(&p, 1460);
	assert_int_equal(p.seg[0].len, 1460);
	peer_frag_needed(&p, &p.seg[0], 1000);
	n = p.n;
	assert_true(n >= 3);
	assert_int_equal(p.seg[1].seq, 1);
	assert_int_equal(p.seg[1].len, 960);
	assert_int_equal(p.seg[2].seq, 961);
	assert_int_equal(p.seg[2].len, 500);
	peer_send(&p, ACK, 1, 1461, 65535, 0);
	peer_write(&p, 2000);
	assert_int_equal(p.seg[n].len, 960);
	peer_end(&p);
}

static void rto_min_bounds_the_timeout_from_below(void **state)
{
	static const s64 at[] = { 0, 60, 180, 420 };
	struct peer p;

	peer_start(&p);
	peer_sysctl(&p, "net.ipv4.tcp_rto_min_us", "10000");
	/* srtt 20 ms, variance 4 * 10 ms. */
	peer_connect(&p, false, 65535, 20000);
	peer_write(&p, 100);
	peer_run(&p, 500000);
	assert_int_equal(p.n, ARRAY_SIZE(at));
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++)
		assert_sent_at(&p, i, at[i]);
	peer_end(&p);
}

/* TCP_QUICKACK 0 leaves quick mode: an ACK waits even at the beginning; 1 sends it now. */
static void quickack_turns_delayed_acks_on_and_off(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_connect(&p, true, 65535, 10000);
	peer_send(&p, ACK | PSH, 1, 1, 65535, 100);
	assert_int_equal(p.n, 1);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_QUICKACK, 0), 0);
	peer_send(&p, ACK | PSH, 101, 1, 65535, 100);
	assert_int_equal(skiff_recv(p.skiff, p.fd, p.buf, 1000, 0), 200);
	assert_int_equal(p.n, 1);
	assert_int_equal(peer_option(&p, IPPROTO_TCP, TCP_QUICKACK, 1), 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.seg[1].ack, 201);
	peer_end(&p);
}

/* An orphan is told off after tcp_orphan_retries timeouts, however long tcp_retries2 would let it be. */
static void an_orphan_has_fewer_timeouts(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_sysctl(&p, "net.ipv4.tcp_orphan_retries", "2");
	peer_connect(&p, false, 65535, 100000);
	peer_write(&p, 100);
	assert_int_equal(skiff_close(p.skiff, p.fd), 0);
	peer_run(&p, 60000000);
	/* Data, FIN, and the data with what was out at 300, 900, 2100 ms: 200 ms * (1 + 2 + 4) have passed by then. */
	assert_in_range(p.n, 3, 5);
	assert_true(p.seg[p.n - 1].us < 3000000);
	peer_end(&p);
}

/* What is held back goes when the last packet in front of it has left the device (here: at once, in the same call). */
static void small_queues_leave_nothing_behind(void **state)
{
	struct peer p;

	peer_start(&p);
	peer_sysctl(&p, "net.ipv4.tcp_limit_output_bytes", "1");
	peer_connect(&p, true, 65535, 10000);
	peer_write(&p, 14600);
	assert_int_equal(p.n, 10);
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nagle_holds_the_second_small_segment),
		cmocka_unit_test(nagle_lets_the_tail_of_a_write_go),
		cmocka_unit_test(nodelay_sends_at_once),
		cmocka_unit_test(cork_holds_until_it_is_pulled),
		cmocka_unit_test(a_forgotten_cork_lasts_200_ms),
		cmocka_unit_test(first_data_are_acknowledged_at_once),
		cmocka_unit_test(in_a_dialogue_acks_wait_for_data),
		cmocka_unit_test(zero_window_is_probed_with_doubling_intervals),
		cmocka_unit_test(the_syn_is_sent_again_linearly_then_doubled),
		cmocka_unit_test(syncnt_bounds_the_syns),
		cmocka_unit_test(data_are_sent_again_with_doubling_timeouts),
		cmocka_unit_test(the_tail_is_probed_before_the_timeout),
		cmocka_unit_test(rto_max_ms_bounds_the_timeout),
		cmocka_unit_test(user_timeout_ends_the_connection),
		cmocka_unit_test(keepalive_probes_and_gives_up),
		cmocka_unit_test(mtu_probing_finds_the_larger_size),
		cmocka_unit_test(maxseg_bounds_what_is_sent_and_said),
		cmocka_unit_test(the_pacing_rate_is_kept),
		cmocka_unit_test(a_smaller_path_mtu_cuts_what_is_out),
		cmocka_unit_test(rto_min_bounds_the_timeout_from_below),
		cmocka_unit_test(quickack_turns_delayed_acks_on_and_off),
		cmocka_unit_test(an_orphan_has_fewer_timeouts),
		cmocka_unit_test(small_queues_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
