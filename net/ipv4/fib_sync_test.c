// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_sync_test.c - shares of next hops, and which one a hash falls to while devices come and go.
 *
 * Flags and messages after such events are compared with the kernel in tests/rtnl/links.txt.
 */
#include "tests/testnet.h"

#include "net/ip_fib.h"
#include "net/route.h"

#define SPAN (1LL << 31)

static struct testnet *start(const char *route)
{
	struct testnet *t = calloc(1, sizeof(*t));

	testnet_start(t, 4);
	testnet_ip(t, "addr add 10.0.0.1/24 dev e0");
	testnet_ip(t, "addr add 10.0.1.1/24 dev e1");
	testnet_ip(t, "addr add 10.0.2.1/24 dev e2");
	testnet_ip(t, route);
	return t;
}

static void stop(struct testnet *t)
{
	testnet_stop(t);
	free(t);
}

static struct fib_result find(struct testnet *t)
{
	struct flowi4 fl4 = { .daddr = htonl(0x09000001) };
	struct fib_result res;

	assert_int_equal(fib_lookup(t->net, &fl4, &res, 0), 0);
	return res;
}

/* Device index that a hash at @percent of its range is sent to */
static u32 chosen(struct testnet *t, int percent, u32 saddr)
{
	struct flowi4 fl4 = { .saddr = htonl(saddr) };
	struct fib_result res = find(t);

	fib_select_multipath(&res, (int)((SPAN - 1) * percent / 100), saddr ? &fl4 : NULL);
	return res.nhc->nhc_oif - t->dev[0]->ifindex;
}

static void test_weights(void **state)
{
	static const struct {
		int weight[3];
		long long bound[3];
	} rows[] = {
		{ { 1, 1, 1 }, { 715827882, 1431655764, SPAN - 1 } },
		{ { 1, 2, 1 }, { SPAN / 4 - 1, SPAN / 4 * 3 - 1, SPAN - 1 } },
		{ { 256, 256, 256 }, { 715827882, 1431655764, SPAN - 1 } },
		{ { 1, 1, 254 }, { SPAN / 256 - 1, SPAN / 128 - 1, SPAN - 1 } },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		char words[160];
		struct testnet *t;
		struct fib_result res;

		snprintf(
			words, sizeof(words),
			"route add 9.0.0.0/8 nexthop via 10.0.0.2 weight %d nexthop via 10.0.1.2 weight %d "
			"nexthop via 10.0.2.2 weight %d",
			rows[i].weight[0], rows[i].weight[1], rows[i].weight[2]);
		t = start(words);
		res = find(t);
		for (int n = 0; n < 3; n++)
			assert_int_equal(res.fi->fib_nh[n].fib_nh_upper_bound, rows[i].bound[n]);
		stop(t);
	}
}

static void test_choice(void **state)
{
	struct testnet *t = start("route add 9.0.0.0/8 nexthop via 10.0.0.2 nexthop via 10.0.1.2 "
				  "nexthop via 10.0.2.2 weight 2");

	assert_int_equal(chosen(t, 0, 0), 0);
	assert_int_equal(chosen(t, 24, 0), 0);
	assert_int_equal(chosen(t, 26, 0), 1);
	assert_int_equal(chosen(t, 51, 0), 2);
	assert_int_equal(chosen(t, 100, 0), 2);
	/* A given source goes out where it belongs, whatever the hash; a foreign one by hash. */
	assert_int_equal(chosen(t, 0, 0x0a000201), 2);
	assert_int_equal(chosen(t, 100, 0x0a000101), 1);
	assert_int_equal(chosen(t, 51, 0x63000001), 2);
	stop(t);
}

static void test_links(void **state)
{
	struct testnet *t = start("route add 9.0.0.0/8 nexthop via 10.0.0.2 nexthop via 10.0.1.2 "
				  "nexthop via 10.0.2.2");

	/* Without carrier: used on, unless told otherwise. */
	netif_carrier_off(t->dev[1]);
	assert_int_equal(chosen(t, 50, 0), 1);
	netif_carrier_on(t->dev[1]);
	testnet_sysctl(t, "net.ipv4.conf.e1.ignore_routes_with_linkdown", "1");
	netif_carrier_off(t->dev[1]);
	assert_int_equal(chosen(t, 49, 0), 0);
	assert_int_equal(chosen(t, 51, 0), 2);
	netif_carrier_on(t->dev[1]);
	assert_int_equal(chosen(t, 50, 0), 1);
	/* Down: dead, and the rest shares. */
	testnet_ip(t, "link set e2 down");
	assert_int_equal(chosen(t, 49, 0), 0);
	assert_int_equal(chosen(t, 51, 0), 1);
	testnet_ip(t, "link set e2 up");
	assert_int_equal(chosen(t, 100, 0), 2);
	/* All down: the route is gone. */
	for (int i = 0; i < 3; i++) {
		char words[32];

		snprintf(words, sizeof(words), "link set e%d down", i);
		testnet_ip(t, words);
	}
	{
		struct flowi4 fl4 = { .daddr = htonl(0x09000001) };
		struct fib_result res;

		assert_int_equal(fib_lookup(t->net, &fl4, &res, 0), -ENETUNREACH);
	}
	stop(t);
}

/* fib_multipath_use_neigh: a gateway that failed to answer is passed over. */
static void test_neighbours(void **state)
{
	struct testnet *t = start("route add 9.0.0.0/8 nexthop via 10.0.0.2 nexthop via 10.0.1.2");
	struct neighbour *n = ip_neigh_gw4(t->dev[0], htonl(0x0a000002));

	assert_non_null(n);
	n->nud_state = NUD_FAILED;
	assert_int_equal(chosen(t, 10, 0), 0);
	testnet_sysctl(t, "net.ipv4.fib_multipath_use_neigh", "1");
	assert_int_equal(chosen(t, 10, 0), 1);
	n->nud_state = NUD_STALE;
	assert_int_equal(chosen(t, 10, 0), 0);
	n->nud_state = NUD_NONE;
	stop(t);
}

static void test_source(void **state)
{
	struct testnet *t = start("route add 9.0.0.0/8 via 10.0.0.2");
	struct fib_result res = find(t);
	struct flowi4 fl4 = { .daddr = htonl(0x09000001) };

	assert_int_equal(fib_result_prefsrc(t->net, &res), htonl(0x0a000001));
	/* Addresses change: the kept source is void. */
	testnet_ip(t, "addr add 10.0.0.9/16 dev e0");
	testnet_ip(t, "addr del 10.0.0.1/24 dev e0");
	testnet_ip(t, "route replace 9.0.0.0/8 via 10.0.0.2");
	res = find(t);
	assert_int_equal(fib_result_prefsrc(t->net, &res), htonl(0x0a000009));
	fib_select_path(t->net, &res, &fl4, NULL);
	assert_int_equal(fl4.saddr, htonl(0x0a000009));
	testnet_ip(t, "route replace 9.0.0.0/8 via 10.0.0.2 src 10.0.1.1");
	res = find(t);
	assert_int_equal(fib_result_prefsrc(t->net, &res), htonl(0x0a000101));
	stop(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights), cmocka_unit_test(test_choice),
		cmocka_unit_test(test_links),	cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
