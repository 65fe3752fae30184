// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_semantics_test.c - sharing of fib_info, its end, and memory that runs out at any moment. */
#include "tests/testnet.h"

#include "net/ip_fib.h"

#include "fib_semantics.h"

static struct testnet *start(void)
{
	struct testnet *t = calloc(1, sizeof(*t));

	testnet_start(t, 2);
	testnet_ip(t, "addr add 10.0.0.1/24 dev e0");
	testnet_ip(t, "addr add 10.0.1.1/24 dev e1");
	return t;
}

static void stop(struct testnet *t)
{
	testnet_stop(t);
	free(t);
	assert_int_equal(testnet_allocs, 0);
}

static u32 infos(const struct testnet *t)
{
	return t->net->ipv4.fib_info->count;
}

static struct fib_info *info_of(struct testnet *t, u32 addr)
{
	struct flowi4 fl4 = { .daddr = htonl(addr) };
	struct fib_result res;

	assert_int_equal(fib_lookup(t->net, &fl4, &res, 0), 0);
	return res.fi;
}

/* Which routes share one, and what makes a difference. */
static void test_sharing(void **state)
{
	static const char *const differs[] = {
		"route add 2.0.9.0/24 via 10.0.0.3",
		"route add 2.0.9.0/24 via 10.0.0.2 proto static",
		"route add 2.0.9.0/24 via 10.0.0.2 metric 5",
		"route add 2.0.9.0/24 via 10.0.0.2 src 10.0.1.1",
		"route add 2.0.9.0/24 via 10.0.0.2 mtu 1400",
		"route add 2.0.9.0/24 via 10.0.0.2 realm 5",
		"route add 2.0.9.0/24 via 10.0.0.2 table 50",
		"route add 2.0.9.0/24 via 10.0.0.2 dev e0 onlink",
		"route add 2.0.9.0/24 nexthop via 10.0.0.2 weight 2",
		"route add 2.0.9.0/24 nexthop via 10.0.0.2 nexthop via 10.0.0.2",
		"route add 2.0.9.0/24 dev e0",
		"route add blackhole 2.0.9.0/24",
	};
	struct testnet *t = start();
	u32 before = infos(t);

	testnet_ip(t, "route add 2.0.0.0/24 via 10.0.0.2");
	testnet_ip(t, "route add 2.0.1.0/24 via 10.0.0.2");
	testnet_ip(t, "route add 2.0.2.0/24 nexthop via 10.0.0.2");
	assert_int_equal(infos(t), before + 1);
	assert_int_equal(info_of(t, 0x02000001)->fib_treeref, 3);
	for (unsigned i = 0; i < ARRAY_SIZE(differs); i++) {
		char del[128] = "route del ";

		testnet_ip(t, differs[i]);
		if (infos(t) != before + 2)
			fail_msg("%s: shares", differs[i]);
		strncat(del, differs[i] + strlen("route add "), 100);
		testnet_ip(t, del);
		assert_int_equal(infos(t), before + 1);
	}
	stop(t);
}

/* Thousands of different ones: chains stay short, each is found again. */
static void test_growth(void **state)
{
	struct testnet *t = start();
	struct fib_info_table *tb = t->net->ipv4.fib_info;
	u32 before = infos(t);
	char words[96];

	for (int round = 0; round < 2; round++)
		for (unsigned i = 0; i < 5000; i++) {
			snprintf(words, sizeof(words),
				 "route add 2.%u.%u.%u/32 dev e0 metric %u src 10.0.0.1", round,
				 i >> 8, i & 255, i + 1);
			testnet_ip(t, words);
		}
	assert_int_equal(infos(t), before + 5000);
	assert_true(tb->size >= 4096);
	for (u32 i = 0; i < tb->size; i++) {
		struct fib_info *fi;
		int n = 0;

		hlist_for_each_entry(fi, &tb->info[i], fib_hash)
			n++;
		assert_true(n < 12);
	}
	testnet_ip(t, "addr del 10.0.0.1/24 dev e0");
	assert_true(infos(t) < before);
	fib_trie_check(t->net);
	stop(t);
}

/* Metrics that a cached route still needs outlive the fib_info. */
static void test_metrics(void **state)
{
	struct testnet *t = start();
	const u32 *m;

	testnet_ip(t, "route add 2.0.0.0/24 via 10.0.0.2 mtu lock 1400 hoplimit 9");
	m = info_of(t, 0x02000001)->fib_metrics;
	ip_fib_metrics_hold(m);
	testnet_ip(t, "route del 2.0.0.0/24");
	skiff_run_death_row(&t->skiff);
	assert_int_equal(m[RTAX_MTU - 1], 1400);
	assert_int_equal(m[RTAX_LOCK - 1], 1 << RTAX_MTU);
	assert_int_equal(m[RTAX_HOPLIMIT - 1], 9);
	ip_fib_metrics_put(&t->skiff, m);
	stop(t);
}

static void fail_each_allocation(struct testnet *t, const char *words)
{
	int err = -ENOMEM;

	for (long n = 0; err; n++) {
		u32 before = infos(t);

		testnet_fail_after = n;
		err = testnet_try(t, words);
		testnet_fail_after = -1;
		if (err && err != -ENOMEM && err != -ENOBUFS)
			fail_msg("%s, allocation %ld: %d %s", words, n, err, t->sentence);
		if (err)
			assert_int_equal(infos(t), before);
		fib_trie_check(t->net);
		if (n > 100)
			fail_msg("%s: never done", words);
	}
}

static void test_no_memory(void **state)
{
	static const char *const words[] = {
		"route add 2.0.0.0/24 via 10.0.0.2",
		"route add 2.0.1.0/24 dev e0 mtu 1400 src 10.0.1.1 realm 4",
		"route add 2.0.2.0/24 nexthop via 10.0.0.2 nexthop via 10.0.1.2",
		"route add default via 10.0.0.2 table 77",
		"route append 2.0.2.0/24 via 10.0.0.9",
		"route replace 2.0.0.0/24 via 10.0.1.2",
		"route add blackhole 2.0.0.128/25",
		"route del 2.0.2.0/24",
		"route del 2.0.0.0/24",
	};
	struct testnet *t = start();

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		fail_each_allocation(t, words[i]);
	stop(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
