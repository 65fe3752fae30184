// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inetpeer_test.c - peers: token bucket, bound, forgetting, failing allocation. */
#include "net/inetpeer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/fake_engine.h"

extern const struct pernet_operations inet_peer_net_ops;

struct peers {
	struct skiff skiff;
	struct net net;
};

static void start(struct peers *p)
{
	fake_shard(&p->skiff, &p->net);
	assert_int_equal(inet_peer_net_ops.init(&p->net), 0);
}

static void end(struct peers *p)
{
	inet_peer_net_ops.exit(&p->net);
	assert_true(fake_end(&p->skiff));
}

static void test_find(void **state)
{
	struct peers p;
	struct inet_peer *a, *b;

	start(&p);
	assert_null(inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, false));
	a = inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, true);
	b = inet_getpeer_v4(&p.net, htonl(0x0a000001), 7, true);
	assert_non_null(a);
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, false), a);
	assert_ptr_equal(inet_getpeer_v4(&p.net, htonl(0x0a000001), 7, true), b);
	assert_int_equal(inet_peer_stats(&p.net).total, 2);
	end(&p);
}

/* Rows: ms since the row before, timeout, allowed. */
static void test_tokens(void **state)
{
	static const struct {
		u32 wait, timeout;
		bool allowed;
	} rows[] = {
		{ 0, 1000, true },  { 0, 1000, true },	  { 0, 1000, true },
		{ 0, 1000, true },  { 0, 1000, true },	  { 0, 1000, true },
		{ 0, 1000, false }, { 999, 1000, false }, { 1, 1000, true },
		{ 0, 1000, false }, { 2500, 1000, true }, { 0, 1000, true },
		{ 0, 1000, false }, { 100000, 10, true }, { 0, 10, true },
		{ 0, 50, false },   { 10, 50, true },	  { 0, 0, true },
	};
	struct peers p;
	struct inet_peer *peer;

	start(&p);
	assert_true(inet_peer_xrlim_allow(&p.net, NULL, 1000));
	peer = inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, true);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		p.skiff.jiffies += rows[i].wait;
		if (inet_peer_xrlim_allow(&p.net, peer, rows[i].timeout) != rows[i].allowed)
			fail_msg("row %u", i);
	}
	end(&p);
}

static void test_bound(void **state)
{
	struct peers p;

	start(&p);
	p.net.ipv4.sysctl_inet_peer_threshold = 1000;
	for (u32 i = 0; i < 5000; i++) {
		assert_non_null(inet_getpeer_v4(&p.net, htonl(0x0a000000 + i), 0, true));
		assert_non_null(inet_getpeer_v4(&p.net, htonl(0x0a000000), 0, true));
		assert_true(inet_peer_stats(&p.net).total <= 1000);
	}
	assert_int_equal(inet_peer_stats(&p.net).total, 1000);
	assert_int_equal(inet_peer_stats(&p.net).evicted, 4000);
	/* The one in use was kept, the oldest other is gone, the newest is there. */
	assert_non_null(inet_getpeer_v4(&p.net, htonl(0x0a000000), 0, false));
	assert_null(inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, false));
	assert_non_null(inet_getpeer_v4(&p.net, htonl(0x0a000000 + 4999), 0, false));
	end(&p);
}

static void test_old_ones_go(void **state)
{
	struct peers p;

	start(&p);
	for (u32 i = 0; i < 100; i++)
		inet_getpeer_v4(&p.net, htonl(0x0a000000 + i), 0, true);
	p.skiff.jiffies += 599 * HZ;
	inet_getpeer_v4(&p.net, htonl(0x0b000000), 0, true);
	assert_int_equal(inet_peer_stats(&p.net).total, 101);
	p.skiff.jiffies += 2 * HZ;
	for (u32 i = 0; i < 4; i++)
		inet_getpeer_v4(&p.net, htonl(0x0c000000 + i), 0, true);
	assert_int_equal(inet_peer_stats(&p.net).total, 5);
	assert_int_equal(inet_peer_stats(&p.net).evicted, 0);
	end(&p);
}

static void test_no_memory(void **state)
{
	struct peers p;

	for (int n = 0; n < 2; n++) {
		fake_shard(&p.skiff, &p.net);
		fake_alloc_left = n;
		assert_int_equal(inet_peer_net_ops.init(&p.net), -ENOMEM);
		assert_true(fake_end(&p.skiff));
	}
	start(&p);
	fake_alloc_left = 0;
	assert_null(inet_getpeer_v4(&p.net, htonl(0x0a000001), 0, true));
	assert_int_equal(inet_peer_stats(&p.net).failed, 1);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),	  cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_bound),	  cmocka_unit_test(test_old_ones_go),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
