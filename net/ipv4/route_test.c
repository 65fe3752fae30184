// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_test.c - routes of packets over time: shared, made invalid, learned and forgotten, without their device. */
#include "tests/router.h"

#include "net/netfilter.h"
#include "net/route.h"

static struct router r;
static u8 frame[3000];
/* Routes of what passed FORWARD. */
static struct {
	u32 n;
	struct rtable *rt[64];
	int genid[64];
} seen;

static void see(void *priv, struct skb_batch *b, const struct nf_hook_state *state)
{
	for (u32 i = 0; i < b->n && seen.n < 64; i++) {
		seen.rt[seen.n] = skb_rtable(b->p[i]);
		seen.genid[seen.n++] = skb_rtable(b->p[i])->rt_genid;
	}
}

static int setup(void **state)
{
	const struct nf_hook_ops ops = { .hook = see,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_FORWARD };

	router_start(&r, 3, 8);
	nf_register_net_hook(r.net, &ops);
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	seen.n = 0;
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void forward_to(__be32 daddr)
{
	router_rx(&r, 0, frame, router_udp(frame, 0, IP4(10, 0, 0, 2), daddr, 100));
	router_run(&r, 0);
}

static void assert_valid(u32 i)
{
	assert_true(i < seen.n);
	assert_int_equal(seen.genid[i], (int)r.net->ipv4.rt_genid);
}

/* One route for a next hop, whatever the destination; a change anywhere makes a new one. */
static void test_cache_and_genid(void **state)
{
	long allocs;

	forward_to(IP4(10, 9, 0, 1));
	forward_to(IP4(10, 9, 7, 7));
	allocs = router_allocs;
	for (int i = 0; i < 20; i++)
		forward_to(IP4(10, 9, 1, i));
	assert_int_equal(router_allocs, allocs);
	for (u32 i = 1; i < seen.n; i++)
		assert_ptr_equal(seen.rt[i], seen.rt[0]);
	router_ip(&r, "route add 10.10.0.0/16 via 10.0.2.2");
	seen.n = 0;
	forward_to(IP4(10, 9, 0, 1));
	assert_valid(0);
	rt_cache_flush(r.net);
	forward_to(IP4(10, 9, 0, 1));
	assert_valid(1);
	assert_true(seen.genid[1] != seen.genid[0]);
	assert_int_equal(router_allocs <= allocs + 20, 1);
}

/* A more specific route, a change of gateway, its end: each counts from the next packet on. */
static void test_changes_count_at_once(void **state)
{
	static const struct {
		const char *words;
		int dev;
	} row[] = {
		{ NULL, 1 },
		{ "route add 10.9.0.1/32 via 10.0.2.2", 2 },
		{ "route del 10.9.0.1/32", 1 },
		{ "route replace 10.9.0.0/16 via 10.0.2.2", 2 },
		{ "route replace 10.9.0.0/16 via 10.0.1.2", 1 },
		{ "rule add to 10.9.0.1 lookup 100", 1 },
		{ "route add default via 10.0.2.2 table 100", 2 },
		{ "rule del to 10.9.0.1 lookup 100", 1 },
		{ "route del 10.9.0.0/16", 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		if (row[i].words)
			router_ip(&r, row[i].words);
		forward_to(IP4(10, 9, 0, 1));
		/* Without a route it is told on e0. */
		if (r.n != 1 || r.out[0].dev != (u32)row[i].dev)
			fail_msg("row %u: %u frames, e%u", i, r.n, r.n ? r.out[0].dev : 99);
		router_clear(&r);
	}
}

/* ---- learned ---- */

/* An ICMP error from @from about an echo reply of ours (10.0.1.1 > @daddr) arrives on e1. */
static void icmp_error(__be32 from, u8 type, u8 code, u32 info, __be32 daddr)
{
	u8 *p = frame + ETH_HLEN, *icmp = p + 20, *quoted = icmp + 8;
	struct iphdr iph = { .version = 4,
			     .ihl = 5,
			     .ttl = 64,
			     .protocol = 1,
			     .saddr = from,
			     .daddr = IP4(10, 0, 1, 1),
			     .tot_len = htons(56) };

	router_eth(frame, 1);
	memcpy(p, &iph, 20);
	router_ip_csum(frame);
	memset(icmp, 0, 36);
	icmp[0] = type;
	icmp[1] = code;
	put_unaligned32(htonl(info), icmp + 4);
	iph = (struct iphdr){ .version = 4,
			      .ihl = 5,
			      .ttl = 60,
			      .protocol = 1,
			      .daddr = daddr,
			      .saddr = IP4(10, 0, 1, 1),
			      .tot_len = htons(1500) };
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(quoted, &iph, 20);
	put_unaligned16(csum_fold(csum_partial(icmp, 36, 0)), icmp + 2);
	router_rx(&r, 1, frame, ETH_HLEN + 56);
	router_run(&r, 0);
}

/* @saddr pings us: what comes back is kept in r.out. */
static void echo_from(__be32 saddr, u32 len)
{
	u32 n = router_udp(frame, 1, saddr, IP4(10, 0, 1, 1), len);
	u8 *p = frame + ETH_HLEN;

	router_clear(&r);
	p[9] = 1;
	router_ip_csum(frame);
	memset(p + 20, 0, 8);
	p[20] = 8;
	put_unaligned16(csum_fold(csum_partial(p + 20, len + 8, 0)), p + 22);
	router_rx(&r, 1, frame, n);
	router_run(&r, 0);
}

static void test_pmtu_learned_and_expires(void **state)
{
	__be32 far = IP4(10, 9, 0, 1), other = IP4(10, 9, 0, 2);

	echo_from(far, 1000);
	assert_int_equal(r.n, 1);
	icmp_error(IP4(10, 0, 1, 2), 3, 4, 700, far);
	echo_from(far, 1000);
	assert_int_equal(r.n, 2);
	assert_true(r.out[0].len <= 714);
	echo_from(other, 1000);
	assert_int_equal(r.n, 1);
	/* Forwarded packets do not believe it, unless told to. */
	forward_to(far);
	router_sysctl(&r, "net.ipv4.ip_forward_use_pmtu", "1");
	router_clear(&r);
	router_udp(frame, 0, IP4(10, 0, 0, 2), far, 1000);
	put_unaligned16(htons(IP_DF), frame + ETH_HLEN + 6);
	router_ip_csum(frame);
	router_rx(&r, 0, frame, ETH_HLEN + 1028);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.out[0].dev, 0);
	assert_int_equal(r.out[0].bytes[ETH_HLEN + 21], 4);
	assert_int_equal(r.out[0].bytes[ETH_HLEN + 26] << 8 | r.out[0].bytes[ETH_HLEN + 27], 700);
	/* Not larger by a message, smaller yes, never below min_pmtu. */
	icmp_error(IP4(10, 0, 1, 2), 3, 4, 900, far);
	echo_from(far, 1000);
	assert_int_equal(r.n, 2);
	icmp_error(IP4(10, 0, 1, 2), 3, 4, 600, far);
	echo_from(far, 1000);
	assert_true(r.n == 2 && r.out[0].len <= 614 && r.out[0].len > 580);
	icmp_error(IP4(10, 0, 1, 2), 3, 4, 68, far);
	echo_from(far, 1000);
	assert_true(r.n == 2 && r.out[0].len <= 552 + 14 && r.out[0].len > 530);
	/* mtu_expires is 600 s. */
	router_run(&r, 599000);
	echo_from(far, 1000);
	assert_int_equal(r.n, 2);
	router_run(&r, 1100);
	echo_from(far, 1000);
	assert_int_equal(r.n, 1);
}

static void test_redirect_learned_and_expires(void **state)
{
	__be32 far = IP4(10, 9, 0, 1);

	router_sysctl(&r, "net.ipv4.conf.all.accept_redirects", "1");
	router_ip(&r, "neigh add 10.0.1.3 lladdr 02:aa:00:00:01:03 dev e1 nud permanent");
	/* Not from somebody who is not the gateway. */
	icmp_error(IP4(10, 0, 1, 9), 5, 1, 0x0a000103, far);
	echo_from(far, 100);
	assert_int_equal(r.out[0].bytes[5], 2);
	icmp_error(IP4(10, 0, 1, 2), 5, 1, 0x0a000103, far);
	echo_from(far, 100);
	assert_int_equal(r.out[0].bytes[5], 3);
	echo_from(IP4(10, 9, 0, 2), 100);
	assert_int_equal(r.out[0].bytes[5], 2);
	/* gc_timeout is 300 s. */
	router_run(&r, 299000);
	echo_from(far, 100);
	assert_int_equal(r.out[0].bytes[5], 3);
	router_run(&r, 2000);
	echo_from(far, 100);
	assert_int_equal(r.out[0].bytes[5], 2);
	/* A new route knows nothing of what hung on the old next hop. */
	icmp_error(IP4(10, 0, 1, 2), 5, 1, 0x0a000103, far);
	router_ip(&r, "route del 10.9.0.0/16");
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	echo_from(far, 100);
	assert_int_equal(r.out[0].bytes[5], 2);
}

/* Outsiders can not make the table of exceptions grow without end; the last ones told are kept. */
static void test_exceptions_are_bounded(void **state)
{
	long before, used;

	icmp_error(IP4(10, 0, 1, 2), 3, 4, 700, IP4(10, 9, 0, 1));
	router_run(&r, 1);
	before = router_allocs;
	for (u32 i = 0; i < 40000; i++)
		icmp_error(IP4(10, 0, 1, 2), 3, 4, 700, htonl(0x0a090000 + i));
	router_run(&r, 1);
	used = router_allocs - before;
	print_message("%ld exceptions kept\n", used);
	assert_true(used > 2048 * 4 && used < 2048 * 11);
	echo_from(htonl(0x0a090000 + 39999), 1000);
	assert_int_equal(r.n, 2);
	router_ip(&r, "route del 10.9.0.0/16");
	router_run(&r, 1);
	assert_true(router_allocs < before + 200);
}

/* ---- devices that go ---- */

/* Packets wait for a neighbour with their routes; the routes change, or their device goes. */
static void test_queued_packets(void **state)
{
	static const u8 reply[42] = { 2,  0xdd, 0, 0,  0, 1,	2, 0xaa, 0, 0,	  1,  77, 8, 6,
				      0,  1,	8, 0,  6, 4,	0, 2,	 2, 0xaa, 0,  0,  1, 77,
				      10, 0,	1, 77, 2, 0xdd, 0, 0,	 0, 1,	  10, 0,  1, 1 };

	router_ip(&r, "route add 10.8.0.0/16 via 10.0.1.77");
	forward_to(IP4(10, 8, 0, 1));
	forward_to(IP4(10, 0, 1, 77));
	assert_int_equal(r.n, 0);
	router_ip(&r, "route del 10.8.0.0/16");
	rt_cache_flush(r.net);
	router_run(&r, 1);
	router_rx(&r, 1, reply, sizeof(reply));
	router_run(&r, 1);
	assert_int_equal(r.n, 2);
	router_clear(&r);
	for (int i = 0; i < 3; i++)
		forward_to(IP4(10, 0, 1, 80 + i));
	skiff_dev_destroy((struct skiff_dev *)r.dev[1]);
	router_run(&r, 5000);
	forward_to(IP4(10, 9, 0, 1));
	for (u32 i = 0; i < r.n; i++)
		assert_int_equal(r.out[i].dev, 0); /* unreachable, all of them */
}

/* Link down and up with everything cached: nothing by the old routes. */
static void test_link_down(void **state)
{
	forward_to(IP4(10, 9, 0, 1));
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.2.2 metric 10");
	forward_to(IP4(10, 9, 0, 1));
	router_ip(&r, "link set e1 down");
	forward_to(IP4(10, 9, 0, 1));
	assert_int_equal(r.n, 3);
	assert_true(r.out[0].dev == 1 && r.out[1].dev == 1 && r.out[2].dev == 2);
	router_ip(&r, "link set e1 up");
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	router_ip(&r, "neigh replace 10.0.1.2 lladdr 02:aa:00:00:01:02 dev e1 nud permanent");
	forward_to(IP4(10, 9, 0, 1));
	assert_int_equal(r.out[3].dev, 1);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_cache_and_genid),
		T(test_changes_count_at_once),
		T(test_pmtu_learned_and_expires),
		T(test_redirect_learned_and_expires),
		T(test_exceptions_are_bounded),
		T(test_queued_packets),
		T(test_link_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
