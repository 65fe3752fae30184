// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_test.c - joins, leaves and queries in all three versions, against what Linux 6.18 sent in the same places. */
#include "tests/stack.h"

#include "igmp_internal.h"
#include "net/ip.h"

#define G1  htonl(0xef010203) /* 239.1.2.3 */
#define G2  htonl(0xef090909) /* 239.9.9.9 */
#define SSM htonl(0xe8010101) /* 232.1.1.1 */
#define S1  htonl(0x01010101)
#define S2  htonl(0x02020202)
#define S5  htonl(0x05050505)

/* What Linux sent, from the IP header on. */
#define V3_TO_EX_G1 \
	"46c00028000040000102f9f80a000001e0000016940400002200e8f90000000104000000ef010203"
#define V3_TO_IN_G1 \
	"46c00028000040000102f9f80a000001e0000016940400002200e9f90000000103000000ef010203"
#define V3_IS_EX_G1 \
	"46c00028000040000102f9f80a000001e0000016940400002200eaf90000000102000000ef010203"
#define V3_IS_EX_G2_G1                                                                             \
	"46c00030000040000102f9f00a000001e0000016940400002200f0e50000000202000000ef09090902000000" \
	"ef010203"
#define V2_REPORT_G1 "46c00020000040000102e9120a000001ef010203940400001600f8faef010203"
#define V2_REPORT_G2 "46c00020000040000102e2040a000001ef090909940400001600f1ecef090909"
#define V2_LEAVE_G1  "46c00020000040000102fa140a000001e0000002940400001700f7faef010203"
#define V2_LEAVE_G2  "46c00020000040000102fa140a000001e0000002940400001700f0ecef090909"
#define V1_REPORT_G1 "46c00020000040000102e9120a000001ef010203940400001200fcfaef010203"
#define V3_SSM(sum, type, src)                                                             \
	"46c0002c000040000102f9f40a000001e0000016940400002200" sum "0000000" type "000001" \
	"e8010101" src
#define V3_ALLOW_S1 V3_SSM("edf8", "105", "01010101")
#define V3_ALLOW_S2 V3_SSM("ebf6", "105", "02020202")
#define V3_BLOCK_S1 V3_SSM("ecf8", "106", "01010101")
#define V3_BLOCK_S2 V3_SSM("eaf6", "106", "02020202")
#define V3_IS_IN_S2 V3_SSM("eff6", "101", "02020202")
#define V3_TO_IN_S2 V3_SSM("edf6", "103", "02020202")
#define V3_TO_EX_SSM \
	"46c00028000040000102f9f80a000001e0000016940400002200f0fb0000000104000000e8010101"

/* @n frames left within @max ms of @since: @hex each, the first no later than @first ms */
static void expect(struct stack *s, u64 since, u32 n, const char *hex, u64 first, u64 max)
{
	u8 want[128];
	size_t len = stack_hex(hex, want);

	assert_int_equal(s->n, n);
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(s->out[i].len, len);
		assert_memory_equal(s->out[i].ip, want, len);
		assert_true(s->out[i].ms - since <= (i ? max : first));
	}
	s->n = 0;
}

/* Run @ms: @n times @hex. */
static void told(struct stack *s, u64 ms, u32 n, const char *hex, u64 first, u64 max)
{
	u64 since = s->now / 1000000;

	stack_run(s, ms);
	expect(s, since, n, hex, first, max);
}

static void query_from(struct stack *s, u8 code, __be32 group, const char *v3)
{
	static const u8 all_hosts[6] = { 1, 0, 0x5e, 0, 0, 1 };
	u8 igmp[64] = { IGMP_HOST_MEMBERSHIP_QUERY, code }, ip[128];
	size_t len = 8 + stack_hex(v3, igmp + 8);

	put_unaligned32(group, igmp + 4);
	stack_sum(igmp, len, 2);
	stack_rx(s, all_hosts, ip, stack_build(ip, STACK_PEER, IGMP_ALL_HOSTS, 2, igmp, len));
}

static void report_of_other(struct stack *s, __be32 group)
{
	u8 mac[6] = { 1, 0, 0x5e, 1, 2, 3 }, igmp[8] = { IGMPV2_HOST_MEMBERSHIP_REPORT }, ip[64];

	put_unaligned32(group, igmp + 4);
	stack_sum(igmp, 8, 2);
	stack_rx(s, mac, ip, stack_build(ip, STACK_PEER, group, 2, igmp, 8));
}

static void test_v3(void **state)
{
	struct stack s;

	stack_start(&s, 1);
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 2500, 2, V3_TO_EX_G1, 3, 1010);
	ip_mc_inc_group(stack_in_dev(&s), G1); /* one more member changes nothing */
	told(&s, 2500, 0, "", 0, 0);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	told(&s, 2500, 0, "", 0, 0);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	told(&s, 2500, 2, V3_TO_IN_G1, 3, 1010);
	assert_null(stack_in_dev(&s)->mc_tomb);
	/* Left and joined again before all was told: only the new state counts. */
	ip_mc_inc_group(stack_in_dev(&s), G1);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 2500, 2, V3_TO_EX_G1, 3, 1010);
	stack_end(&s);
}

static void test_v3_queries(void **state)
{
	struct stack s;

	stack_start(&s, 2);
	ip_mc_inc_group(stack_in_dev(&s), G1);
	ip_mc_inc_group(stack_in_dev(&s), G2);
	stack_run(&s, 3000);
	s.n = 0;
	query_from(&s, 10, 0, "027d0000");
	told(&s, 1500, 1, V3_IS_EX_G2_G1, 1002, 0);
	query_from(&s, 10, G1, "027d0000");
	told(&s, 1500, 1, V3_IS_EX_G1, 1002, 0);
	query_from(&s, 10, G1, "027d000101020304");
	told(&s, 1500, 1, V3_IS_EX_G1, 1002, 0);
	query_from(&s, 10, htonl(0xef777777), "027d0000");
	told(&s, 1500, 0, "", 0, 0);
	query_from(&s, 10, 0, "027d000101020304"); /* a general query names no sources */
	told(&s, 1500, 0, "", 0, 0);
	query_from(&s, 10, 0, "027d"); /* ten bytes are no query */
	told(&s, 1500, 0, "", 0, 0);
	/* 0x8c: 28 * 2^3 tenths of a second; two queries, the earlier answer does for both */
	query_from(&s, 0x8c, 0, "027d0000");
	query_from(&s, 10, 0, "027d0000");
	told(&s, 30000, 1, V3_IS_EX_G2_G1, 1002, 0);
	stack_end(&s);
}

static void test_v2(void **state)
{
	struct stack s;

	stack_start(&s, 3);
	query_from(&s, 100, 0, "");
	assert_true(igmp_v2_seen(stack_in_dev(&s)) && !igmp_v1_seen(stack_in_dev(&s)));
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 11000, 2, V2_REPORT_G1, 3, 10010);
	/* Another host tells of it: no need for ours, and no leave later. */
	query_from(&s, 10, 0, "");
	report_of_other(&s, G1);
	told(&s, 1500, 0, "", 0, 0);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	told(&s, 1500, 0, "", 0, 0);
	/* The last report was ours. */
	ip_mc_inc_group(stack_in_dev(&s), G2);
	stack_run(&s, 11000);
	s.n = 0;
	query_from(&s, 10, G2, "");
	told(&s, 1500, 1, V2_REPORT_G2, 1002, 0);
	ip_mc_dec_group(stack_in_dev(&s), G2);
	told(&s, 1500, 1, V2_LEAVE_G2, 0, 0);
	/* 2 * 125 + 10 s after the last query of version 2 nobody speaks it any more. */
	stack_run(&s, 261000);
	assert_false(igmp_v2_seen(stack_in_dev(&s)));
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 2500, 2, V3_TO_EX_G1, 3, 1010);
	stack_end(&s);
}

static void test_v1(void **state)
{
	struct stack s;

	stack_start(&s, 4);
	query_from(&s, 0, 0, "");
	assert_true(igmp_v1_seen(stack_in_dev(&s)));
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 11000, 2, V1_REPORT_G1, 3, 10010);
	query_from(&s, 0, 0, "");
	told(&s, 11000, 1, V1_REPORT_G1, 10002, 0);
	/* A v3 query while a v1 querier is about: all groups, ten seconds. */
	query_from(&s, 1, G2, "027d0000");
	told(&s, 11000, 1, V1_REPORT_G1, 10002, 0);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	told(&s, 1000, 0, "", 0, 0);
	stack_end(&s);
}

static void test_settings(void **state)
{
	struct stack s;

	stack_start(&s, 5);
	stack_sysctl(&s, "net.ipv4.conf.e0.force_igmp_version", "2");
	stack_sysctl(&s, "net.ipv4.conf.e0.igmpv2_unsolicited_report_interval", "50");
	stack_sysctl(&s, "net.ipv4.igmp_qrv", "3");
	ip_mc_inc_group(stack_in_dev(&s), G1);
	told(&s, 200, 3, V2_REPORT_G1, 3, 110);
	ip_mc_dec_group(stack_in_dev(&s), G1);
	told(&s, 200, 1, V2_LEAVE_G1, 0, 0);
	stack_sysctl(&s, "net.ipv4.igmp_link_local_mcast_reports", "0");
	ip_mc_inc_group(stack_in_dev(&s), htonl(0xe00000fb));
	told(&s, 200, 0, "", 0, 0);
	assert_int_equal(skiff_sysctl_set((struct skiff_net *)s.net, "net.ipv4.igmp_qrv", "0"),
			 -EINVAL);
	stack_end(&s);
}

static void test_sources(void **state)
{
	static const __be32 s1 = S1, s2 = S2;
	struct in_device *d;
	struct stack s;

	stack_start(&s, 6);
	d = stack_in_dev(&s);
	assert_int_equal(__ip_mc_inc_group(d, SSM, MCAST_INCLUDE), 0);
	assert_int_equal(ip_mc_add_src(d, SSM, MCAST_INCLUDE, &s1, 1, true), 0);
	told(&s, 2500, 2, V3_ALLOW_S1, 3, 1010);
	assert_true(ip_check_mc(d, SSM, S1, 17));
	assert_false(ip_check_mc(d, SSM, S2, 17));
	assert_true(ip_check_mc(d, SSM, S2, IPPROTO_IGMP));
	assert_true(ip_check_mc(d, SSM, 0, 17));
	ip_mc_add_src(d, SSM, MCAST_INCLUDE, &s2, 1, true);
	told(&s, 2500, 2, V3_ALLOW_S2, 3, 1010);
	ip_mc_del_src(d, SSM, MCAST_INCLUDE, &s1, 1, true);
	told(&s, 2500, 2, V3_BLOCK_S1, 3, 1010);
	query_from(&s, 10, SSM, "027d0000");
	told(&s, 1500, 1, V3_IS_IN_S2, 1002, 0);
	query_from(&s, 10, SSM, "027d000101010101");
	told(&s, 1500, 0, "", 0, 0);
	query_from(&s, 10, SSM, "027d00020101010102020202");
	told(&s, 1500, 1, V3_IS_IN_S2, 1002, 0);
	/* Somebody who wants all of it, and goes again. */
	ip_mc_inc_group(d, SSM);
	told(&s, 2500, 2, V3_TO_EX_SSM, 3, 1010);
	assert_true(ip_check_mc(d, SSM, S1, 17));
	ip_mc_del_src(d, SSM, MCAST_EXCLUDE, NULL, 0, false);
	ip_mc_dec_group(d, SSM);
	told(&s, 2500, 2, V3_TO_IN_S2, 3, 1010);
	ip_mc_del_src(d, SSM, MCAST_INCLUDE, &s2, 1, false);
	ip_mc_dec_group(d, SSM);
	told(&s, 2500, 2, V3_BLOCK_S2, 3, 1010);
	assert_null(d->mc_tomb);
	assert_int_equal(ip_mc_add_src(d, SSM, MCAST_INCLUDE, &s1, 1, true), -ENODEV);
	stack_end(&s);
}

#define V3_G5(sum, type, src)                                                              \
	"46c0002c000040000102f9f40a000001e0000016940400002200" sum "0000000" type "000001" \
	"ef050505" src

static void test_excluded_source(void **state)
{
	static const __be32 s5 = S5;
	__be32 g5 = htonl(0xef050505);
	struct in_device *d;
	struct stack s;

	stack_start(&s, 7);
	d = stack_in_dev(&s);
	ip_mc_inc_group(d, g5);
	stack_run(&s, 3000);
	s.n = 0;
	ip_mc_add_src(d, g5, MCAST_EXCLUDE, &s5, 1, true);
	told(&s, 2500, 2, V3_G5("d9e8", "106", "05050505"), 3, 1010);
	assert_false(ip_check_mc(d, g5, S5, 17));
	assert_true(ip_check_mc(d, g5, S1, 17));
	query_from(&s, 10, 0, "027d0000");
	told(&s, 1500, 1, V3_G5("dde8", "102", "05050505"), 1002, 0);
	query_from(&s, 10, g5, "027d000105050505");
	told(&s, 1500, 0, "", 0, 0);
	ip_mc_del_src(d, g5, MCAST_EXCLUDE, &s5, 1, true);
	told(&s, 2500, 2, V3_G5("dae8", "105", "05050505"), 3, 1010);
	assert_int_equal(ip_mc_del_src(d, g5, MCAST_EXCLUDE, &s5, 1, true), -ESRCH);
	assert_int_equal(ip_mc_del_src(d, g5, MCAST_INCLUDE, NULL, 0, false), -EINVAL);
	stack_end(&s);
}

/* More groups and sources than fit into one packet: every one is told, no packet is longer than the MTU. */
static void test_large(void **state)
{
	u32 groups = 0, sources = 0;
	__be32 src[600];
	struct stack s;

	stack_start(&s, 8);
	for (u32 i = 0; i < 300; i++)
		ip_mc_inc_group(stack_in_dev(&s), htonl(0xef100000 + i));
	for (u32 i = 0; i < ARRAY_SIZE(src); i++)
		src[i] = htonl(0x0b000000 + i);
	__ip_mc_inc_group(stack_in_dev(&s), SSM, MCAST_INCLUDE);
	ip_mc_add_src(stack_in_dev(&s), SSM, MCAST_INCLUDE, src, ARRAY_SIZE(src), true);
	stack_run(&s, 5000);
	s.n = 0;
	query_from(&s, 10, 0, "027d0000");
	stack_run(&s, 1500);
	for (u32 i = 0; i < s.n; i++) {
		const u8 *p = s.out[i].ip + 24, *end = s.out[i].ip + s.out[i].len;
		u32 n = (u32)p[6] << 8 | p[7];

		assert_int_equal(csum_fold(csum_partial(p, (size_t)(end - p), 0)), 0);
		for (p += 8; n--;) {
			u32 nsrcs = (u32)p[2] << 8 | p[3];

			groups += nsrcs == 0;
			sources += nsrcs;
			p += 8 + nsrcs * 4;
		}
		assert_ptr_equal(p, end);
	}
	assert_int_equal(groups, 300);
	assert_int_equal(sources, ARRAY_SIZE(src));
	stack_end(&s);
}

static void test_device(void **state)
{
	struct net_device *dev;
	struct stack s;

	stack_start(&s, 9);
	dev = (struct net_device *)s.dev;
	assert_true(ip_check_mc(stack_in_dev(&s), IGMP_ALL_HOSTS, S1, 17));
	assert_false(ip_check_mc(stack_in_dev(&s), G1, S1, 17));
	ip_mc_inc_group(stack_in_dev(&s), G1);
	stack_run(&s, 3000);
	s.n = 0;
	assert_int_equal(stack_in_dev(&s)->mc_count, 2);
	stack_ip(&s, "link set e0 down");
	assert_int_equal(stack_in_dev(&s)->mc_count, 1);
	assert_true(list_empty(&dev->mc));
	told(&s, 3000, 0, "", 0, 0);
	stack_ip(&s, "link set e0 up");
	stack_ip(&s, "addr replace 10.0.0.1/24 brd 10.0.0.255 dev e0");
	assert_false(list_empty(&dev->mc));
	told(&s, 3000, 2, V3_TO_EX_G1, 3, 1010);
	stack_end(&s);
}

/* However early memory runs out: nothing breaks, nothing is lost, and when there is memory again it goes on. */
static void test_no_memory(void **state)
{
	static const __be32 src[] = { S1, S2 };
	struct in_device *d;
	struct stack s;

	for (long n = 0; n < 30; n++) {
		stack_start(&s, 10);
		d = stack_in_dev(&s);
		stack_fail_after = n;
		__ip_mc_inc_group(d, SSM, MCAST_INCLUDE);
		ip_mc_add_src(d, SSM, MCAST_INCLUDE, src, 2, true);
		ip_mc_inc_group(d, G1);
		ip_mc_add_src(d, G1, MCAST_EXCLUDE, src, 2, true);
		stack_run(&s, 500);
		query_from(&s, 10, SSM, "027d000101010101");
		ip_mc_del_src(d, G1, MCAST_EXCLUDE, src, 1, true);
		ip_mc_del_src(d, SSM, MCAST_INCLUDE, src, 2, false);
		ip_mc_dec_group(d, SSM);
		stack_run(&s, 500);
		ip_mc_dec_group(d, G1);
		stack_run(&s, 100);
		stack_fail_after = -1;
		stack_run(&s, 5000);
		assert_int_equal(d->mc_count, 1);
		assert_null(d->mc_tomb);
		s.n = 0;
		ip_mc_inc_group(d, G1);
		told(&s, 2500, 2, V3_TO_EX_G1, 3, 1010);
		stack_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v3),	 cmocka_unit_test(test_v3_queries),
		cmocka_unit_test(test_v2),	 cmocka_unit_test(test_v1),
		cmocka_unit_test(test_settings), cmocka_unit_test(test_sources),
		cmocka_unit_test(test_large),	 cmocka_unit_test(test_excluded_source),
		cmocka_unit_test(test_device),	 cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
