// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_multipath_test.c - which of several next hops: weights, what each policy looks at, errors with their flow. */
#include "tests/router.h"

#include "net/route.h"

static struct router r;
static u8 frame[300];

static int setup(void **state)
{
	router_start(&r, 4, 9);
	router_ip(&r, "route add default nexthop via 10.0.1.2 nexthop via 10.0.2.2");
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void policy(const char *p)
{
	router_sysctl(&r, "net.ipv4.fib_multipath_hash_policy", p);
}

/* A UDP packet goes through. Return: the wire by which it left */
static u32 way(u32 saddr, u32 daddr, u16 sport, u16 dport)
{
	u32 len = router_udp(frame, 0, htonl(saddr), htonl(daddr), 40), dev;
	u8 *uh = frame + ETH_HLEN + 20;

	put_unaligned16(htons(sport), uh);
	put_unaligned16(htons(dport), uh + 2);
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	dev = r.out[0].dev;
	router_clear(&r);
	return dev;
}

/* What is in frame[] goes as the payload of protocol 4 between two fixed addresses. */
static u32 way_in_tunnel(u32 saddr, u32 daddr, u16 sport)
{
	u8 inner[68], *p = frame + ETH_HLEN;
	u32 dev;

	router_udp(frame, 0, htonl(saddr), htonl(daddr), 40);
	put_unaligned16(htons(sport), p + 20);
	memcpy(inner, p, sizeof(inner));
	router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(1, 1, 1, 1), 60);
	memcpy(p + 20, inner, sizeof(inner));
	p[9] = 4;
	router_ip_csum(frame);
	router_rx(&r, 0, frame, ETH_HLEN + 88);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	dev = r.out[0].dev;
	router_clear(&r);
	return dev;
}

/* How many different ways over 64 values of what @vary names. */
enum vary { SADDR, DADDR, SPORT, DPORT, IN_SADDR, IN_DADDR, IN_SPORT };

static bool spreads(enum vary v)
{
	u32 ways = 0;

	for (u32 i = 0; i < 64; i++) {
		u32 s = 0x0a000002 + (v == SADDR ? i : 0), d = 0x01010101 + (v == DADDR ? i : 0);
		u16 sp = (u16)(5000 + (v == SPORT ? i : 0)), dp = (u16)(80 + (v == DPORT ? i : 0));

		if (v < IN_SADDR)
			ways |= 1u << way(s, d, sp, dp);
		else
			ways |= 1u << way_in_tunnel(0x05000001 + (v == IN_SADDR ? i : 0),
						    0x06000001 + (v == IN_DADDR ? i : 0),
						    (u16)(5000 + (v == IN_SPORT ? i : 0)));
	}
	return ways == 6;
}

static void test_policies(void **state)
{
	static const struct {
		const char *policy, *fields;
		bool spreads[7];
	} row[] = {
		{ "0", "7", { 1, 1, 0, 0, 0, 0, 0 } },	 { "1", "7", { 1, 1, 1, 1, 0, 0, 0 } },
		{ "2", "7", { 1, 1, 0, 0, 1, 1, 0 } },	 { "3", "1", { 1, 0, 0, 0, 0, 0, 0 } },
		{ "3", "2", { 0, 1, 0, 0, 0, 0, 0 } },	 { "3", "16", { 0, 0, 1, 0, 0, 0, 0 } },
		{ "3", "32", { 0, 0, 0, 1, 0, 0, 0 } },	 { "3", "64", { 0, 0, 0, 0, 1, 0, 0 } },
		{ "3", "128", { 0, 0, 0, 0, 0, 1, 0 } }, { "3", "1024", { 0, 0, 0, 0, 0, 0, 1 } },
	};

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		policy(row[i].policy);
		router_sysctl(&r, "net.ipv4.fib_multipath_hash_fields", row[i].fields);
		for (u32 v = 0; v < 7; v++)
			if (spreads(v) != row[i].spreads[v])
				fail_msg("policy %s fields %s: %u", row[i].policy, row[i].fields,
					 v);
	}
}

/* Shares of 4,000 flows as the weights say, within four standard deviations. */
static void test_weights(void **state)
{
	static const struct {
		const char *words;
		u32 weight[3];
	} row[] = {
		{ "route replace default nexthop via 10.0.1.2 nexthop via 10.0.2.2", { 1, 1, 0 } },
		{ "route replace default nexthop via 10.0.1.2 weight 3 nexthop via 10.0.2.2",
		  { 3, 1, 0 } },
		{ "route replace default nexthop via 10.0.1.2 weight 10 nexthop via 10.0.2.2 weight 1 "
		  "nexthop via 10.0.3.2 weight 5",
		  { 10, 1, 5 } },
	};

	policy("1");
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		u32 n[4] = { 0 }, sum = row[i].weight[0] + row[i].weight[1] + row[i].weight[2];

		router_ip(&r, row[i].words);
		for (u32 k = 0; k < 4000; k++)
			n[way(0x0a000002, 0x01010101 + k / 100, (u16)(1024 + k), 80)]++;
		for (u32 k = 0; k < 3; k++) {
			double p = (double)row[i].weight[k] / sum, mean = 4000 * p;
			double off = n[k + 1] - mean;

			if (off * off > 16 * mean * (1 - p))
				fail_msg("row %u: %u over e%u, expected %.0f", i, n[k + 1], k + 1,
					 mean);
		}
	}
}

/* An ICMP error takes the way of the packets that it is about; an echo does not look inside. */
static void test_errors_follow_flow(void **state)
{
	static const u8 error[] = { 3, 4, 5, 11, 12 };
	u32 ways = 0;

	policy("0");
	for (u32 i = 0; i < 100; i++) {
		u32 s = 0x02020200 + i, d = 0x03030300 + i * 7, flow, dev;
		u8 quoted[28], *p = frame + ETH_HLEN;

		flow = way(s, d, 1, 2);
		ways |= 1u << flow;
		memcpy(quoted, p, 28);
		router_udp(frame, 0, IP4(9, 9, 9, 9), htonl(s), 28);
		p[9] = 1;
		router_ip_csum(frame);
		memset(p + 20, 0, 8);
		p[20] = error[i % 5];
		memcpy(p + 28, quoted, 28);
		put_unaligned16(0, p + 22);
		put_unaligned16(csum_fold(csum_partial(p + 20, 36, 0)), p + 22);
		router_rx(&r, 0, frame, ETH_HLEN + 56);
		router_run(&r, 0);
		assert_int_equal(r.n, 1);
		dev = r.out[0].dev;
		router_clear(&r);
		assert_int_equal(dev, flow);
	}
	assert_int_equal(ways, 6);
}

/* What we send ourselves, a reset to a client that knocked at a closed port. Return: the wire by which it left */
static u32 way_of_reset(u32 client, u16 port)
{
	u32 len = router_udp(frame, 0, htonl(client), IP4(10, 0, 0, 1), 12), dev;
	u8 *tcp = frame + ETH_HLEN + 20;

	frame[ETH_HLEN + 9] = IPPROTO_TCP;
	router_ip_csum(frame);
	memset(tcp, 0, 20);
	put_unaligned16(htons(port), tcp);
	put_unaligned16(htons(9), tcp + 2);
	tcp[12] = 0x50;
	tcp[13] = 2; /* SYN */
	put_unaligned16(csum_tcpudp_magic(htonl(client), IP4(10, 0, 0, 1), 20, IPPROTO_TCP,
					  csum_partial(tcp, 20, 0)),
			tcp + 16);
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	dev = r.out[0].dev;
	router_clear(&r);
	return dev;
}

/* Our own packets go by the same policies. */
static void test_own(void **state)
{
	u32 by_port = 0, by_client = 0;

	for (u32 i = 0; i < 64; i++) {
		by_port |= 1u << way_of_reset(0x0b000001, (u16)(1024 + i));
		by_client |= 1u << way_of_reset(0x0b000001 + i, 1024);
	}
	assert_true(by_port == 2 || by_port == 4);
	assert_int_equal(by_client, 6);
	policy("1");
	for (u32 i = 0; i < 64; i++)
		by_port |= 1u << way_of_reset(0x0b000001, (u16)(1024 + i));
	assert_int_equal(by_port, 6);
}

static u64 ways_of_seed(u8 seed, const char *hash_seed)
{
	u64 ways = 0;

	router_stop(&r);
	router_start(&r, 4, seed);
	router_ip(&r, "route add default nexthop via 10.0.1.2 nexthop via 10.0.2.2");
	router_sysctl(&r, "net.ipv4.fib_multipath_hash_seed", hash_seed);
	for (u32 i = 0; i < 64; i++)
		ways |= (u64)(way(0x0a000002, 0x0b000000 + i, 1, 2) == 1) << i;
	return ways;
}

/* A seed of the administrator's makes routers agree; without one each has its own, which nobody can guess. */
static void test_hash_seed(void **state)
{
	u64 five = ways_of_seed(1, "5");

	assert_true(ways_of_seed(2, "5") == five);
	assert_true(ways_of_seed(2, "6") != five);
	assert_true(ways_of_seed(1, "0") != ways_of_seed(2, "0"));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_policies), T(test_weights),   T(test_errors_follow_flow),
		T(test_own),	  T(test_hash_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
