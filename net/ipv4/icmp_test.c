// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/icmp_test.c - quoting, credits and peers' limits in virtual time, answers; what causes no error. */
#include "tests/stack.h"

#include "icmp_internal.h"

static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static const struct icmphdr *sent_icmp(const struct stack *s, u32 i)
{
	return (const struct icmphdr *)(s->out[i].ip + (s->out[i].ip[0] & 15) * 4);
}

/* ---- quoting ---- */

struct quote_row {
	u32 mtu, payload,
		slots; /* of the device; behind the header; of record route, 0: no option */
	u32 quoted;    /* bytes of the packet in the error, 0: no error */
};

static void test_quote(void **state)
{
	static const struct quote_row rows[] = {
		{ 1500, 0, 0, 20 },    { 1500, 1, 0, 21 },    { 1500, 527, 0, 547 },
		{ 1500, 528, 0, 548 }, { 1500, 529, 0, 548 }, { 1500, 1400, 0, 548 },
		{ 576, 540, 0, 548 },  { 575, 540, 0, 547 },  { 100, 50, 0, 70 },
		{ 100, 53, 0, 72 },    { 68, 40, 0, 40 },     { 1500, 600, 3, 532 },
		{ 1500, 600, 9, 508 }, { 108, 60, 9, 40 },    { 89, 20, 9, 21 },
		{ 88, 20, 9, 0 },
	};
	u8 ip[1500] __attribute__((aligned(4)));
	struct stack s;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct quote_row *r = &rows[i];
		u32 optlen = r->slots ? 4 + r->slots * 4 : 0;
		struct iphdr *iph = (struct iphdr *)ip;
		char line[64];
		size_t len;

		stack_start(&s, 1);
		/* Large frames still come in; the way back is what is narrow. */
		snprintf(line, sizeof(line), "link set e0 mtu %u", r->mtu);
		stack_ip(&s, line);
		memset(ip, 0xa5, sizeof(ip));
		len = stack_build(ip, STACK_PEER, STACK_OUR, 253, NULL, 0) + optlen + r->payload;
		iph->ihl = (5 + optlen / 4) & 15;
		iph->tot_len = htons(len);
		if (optlen) {
			memset(iph + 1, 0, optlen);
			ip[20] = IPOPT_NOOP;
			ip[21] = IPOPT_RR;
			ip[22] = (u8)(optlen - 1);
			ip[23] = IPOPT_MINOFF;
		}
		stack_sum(ip, iph->ihl * 4u, offsetof(struct iphdr, check));
		stack_rx(&s, NULL, ip, len);
		assert_int_equal(s.n, r->quoted != 0);
		if (s.n && s.out[0].len - 28 - optlen != r->quoted)
			fail_msg("row %u: %u", i, s.out[0].len - 28 - optlen);
		stack_end(&s);
	}
}

/* ---- credits of the node ---- */

static void test_global_credits(void **state)
{
	/* Rows: ticks since the row before, credits to begin with (99: as they are), allowed, credits then */
	static const struct {
		u32 wait;
		int credit;
		bool allowed;
		int then;
	} rows[] = {
		{ 0, 99, true, 50 },   { 0, 1, true, 1 },    { 0, 0, false, 0 },
		{ 19, 99, false, 0 },  { 1, 99, true, 20 },  { 0, 0, false, 0 },
		{ 40, 99, true, 40 },  { 60, -1, true, 50 }, { 30, -1, true, 29 },
		{ 5000, 0, true, 50 }, { 20, 3, true, 3 },
	};
	struct stack s;

	stack_start(&s, 1);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		stack_run(&s, rows[i].wait);
		if (rows[i].credit != 99)
			s.net->ipv4.icmp_global_credit = rows[i].credit;
		if (icmp_global_allow(s.net) != rows[i].allowed ||
		    s.net->ipv4.icmp_global_credit != rows[i].then)
			fail_msg("row %u: %d", i, s.net->ipv4.icmp_global_credit);
	}
	/* A message takes one credit on average, never more than two. */
	s.net->ipv4.icmp_global_credit = 0;
	for (u32 i = 0; i < 3000; i++) {
		int before = s.net->ipv4.icmp_global_credit;

		icmp_global_consume(s.net);
		assert_in_range(before - s.net->ipv4.icmp_global_credit, 0, 2);
	}
	assert_in_range(-s.net->ipv4.icmp_global_credit, 2800, 3200);
	stack_end(&s);
}

static void closed_port(struct stack *s, __be32 from)
{
	u8 udp[8] = { 0x0f, 0xa0, 0, 9, 0, 8 }, ip[64];

	stack_rx(s, NULL, ip, stack_build(ip, from, STACK_OUR, IPPROTO_UDP, udp, sizeof(udp)));
}

static void test_peer_limit(void **state)
{
	struct stack s;

	stack_start(&s, 2);
	stack_ip(&s, "neigh add 10.0.0.3 lladdr 02:aa:00:00:00:03 dev e0 nud permanent");
	for (u32 i = 0; i < 10; i++)
		closed_port(&s, STACK_PEER);
	assert_int_equal(s.n, 6);
	assert_int_equal(stack_counter(&s, "Icmp.OutRateLimitHost"), 4);
	closed_port(&s, htonl(0x0a000003));
	assert_int_equal(s.n, 7);
	stack_run(&s, 999);
	closed_port(&s, STACK_PEER);
	assert_int_equal(s.n, 7);
	stack_run(&s, 1);
	closed_port(&s, STACK_PEER);
	closed_port(&s, STACK_PEER);
	assert_int_equal(s.n, 8);
	stack_sysctl(&s, "net.ipv4.icmp_ratelimit", "0");
	for (u32 i = 0; i < 10; i++)
		closed_port(&s, STACK_PEER);
	assert_int_equal(s.n, 18);
	stack_sysctl(&s, "net.ipv4.icmp_ratelimit", "1000");
	stack_sysctl(&s, "net.ipv4.icmp_ratemask", "0");
	for (u32 i = 0; i < 10; i++)
		closed_port(&s, STACK_PEER);
	assert_int_equal(s.n, 28);
	assert_int_equal(stack_counter(&s, "Icmp.OutRateLimitHost"), 6);
	assert_int_equal(stack_counter(&s, "Icmp.OutRateLimitGlobal"), 0);
	stack_end(&s);
}

/* Many receivers: what the node sends in all follows icmp_msgs_per_sec, and is the same for the same seed. */
static u32 flood(u8 seed)
{
	u32 sent = 0;
	struct stack s;

	stack_start(&s, seed);
	stack_ip(&s, "route add 172.16.0.0/12 via 10.0.0.2");
	stack_sysctl(&s, "net.ipv4.icmp_msgs_per_sec", "200");
	stack_sysctl(&s, "net.ipv4.icmp_msgs_burst", "20");
	for (u32 i = 0; i < 5000; i++) {
		closed_port(&s, htonl(0xac100000 + i));
		stack_run(&s, 1);
		sent += s.n;
		s.n = 0;
	}
	assert_int_equal(stack_counter(&s, "Icmp.OutMsgs"), sent);
	assert_int_equal(stack_counter(&s, "Icmp.OutRateLimitGlobal"), 5000 - sent);
	stack_end(&s);
	return sent;
}

static void test_flood(void **state)
{
	u32 sent = flood(3);

	/* 20 at first, then 200 a second for five seconds; a little goes to debts that are forgiven. */
	assert_in_range(sent, 900, 1200);
	assert_int_equal(flood(3), sent);
}

/* ---- what causes no error ---- */

static void test_no_error(void **state)
{
	/* Rows: protocol, first byte behind the header, frag_off, source, frame to everybody, errors sent */
	static const struct {
		u8 proto, byte;
		u16 frag_off;
		u32 saddr;
		bool to_all;
		u32 errors;
	} rows[] = {
		{ 253, 0, 0, 0x0a000002, false, 1 },
		{ 253, 0, 0, 0x0a000002, true, 0 },
		{ 253, 0, IP_DF, 0x0a000002, false, 1 },
		{ 1, ICMP_DEST_UNREACH, 0, 0x0a000002, false, 0 },
		{ 1, ICMP_REDIRECT, 0, 0x0a000002, false, 0 },
		{ 1, ICMP_ROUTER_ADVERT, 0, 0x0a000002, false, 0 },
		{ 1, 19, 0, 0x0a000002, false, 0 },
		{ 1, ICMP_ECHO, 0, 0x0a000002, false, 1 },
		{ 1, ICMP_ECHOREPLY, 0, 0x0a000002, false, 1 },
		{ 1, ICMP_TIMESTAMP, 0, 0x0a000002, false, 1 },
		{ 17, 0, 8, 0x0a000002, false, 0 },
		{ 17, 0, IP_MF, 0x0a000002, false, 1 },
	};
	u8 ip[64] __attribute__((aligned(4))), payload[16];
	struct stack s;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iphdr *iph = (struct iphdr *)ip;
		size_t len;

		stack_start(&s, 1);
		/* Forwarded with TTL 1: time exceeded, whatever the protocol is. */
		if (rows[i].proto != 253) {
			stack_sysctl(&s, "net.ipv4.ip_forward", "1");
			stack_ip(&s, "route add 10.9.0.0/16 via 10.0.0.2");
		}
		memset(payload, 0, sizeof(payload));
		payload[0] = rows[i].byte;
		len = stack_build(ip, htonl(rows[i].saddr),
				  rows[i].proto == 253 ? STACK_OUR : htonl(0x0a090001),
				  rows[i].proto, payload, sizeof(payload));
		iph->ttl = 1;
		iph->frag_off = htons(rows[i].frag_off);
		stack_sum(ip, 20, offsetof(struct iphdr, check));
		stack_rx(&s, rows[i].to_all ? broadcast : NULL, ip, len);
		if (s.n != rows[i].errors)
			fail_msg("row %u: %u errors", i, s.n);
		stack_end(&s);
	}
}

/* ---- answers ---- */

static void test_echo(void **state)
{
	static const u32 lens[] = { 0, 1, 2, 7, 8, 55, 56, 1000, 1471, 1472 };
	u8 icmp[1480], ip[1500];
	struct stack s;

	stack_start(&s, 1);
	for (u32 i = 0; i < ARRAY_SIZE(lens); i++) {
		u32 len = 8 + lens[i];

		for (u32 k = 0; k < len; k++)
			icmp[k] = (u8)(k * 7 + i);
		icmp[0] = ICMP_ECHO;
		icmp[1] = 0;
		stack_sum(icmp, len, 2);
		stack_rx(&s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 1, icmp, len));
		assert_int_equal(s.n, 1);
		assert_int_equal(s.out[0].len, 20 + len);
		assert_int_equal(csum_fold(csum_partial(s.out[0].ip + 20, len, 0)), 0);
		assert_int_equal(s.out[0].ip[20], ICMP_ECHOREPLY);
		assert_memory_equal(s.out[0].ip + 24, icmp + 4, len - 4);
		s.n = 0;
		icmp[2] ^= 1; /* a wrong checksum is no question */
		stack_rx(&s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 1, icmp, len));
		assert_int_equal(s.n, 0);
	}
	assert_int_equal(stack_counter(&s, "Icmp.InCsumErrors"), ARRAY_SIZE(lens));
	stack_end(&s);
}

/* An echo reply of zeros: of the two zeros that one's complement has, the checksum is the one with no bit set. */
static void test_echo_of_zeros(void **state)
{
	static const u8 zeros[16];
	u8 icmp[16] = { ICMP_ECHO }, ip[64];
	struct stack s;

	stack_start(&s, 1);
	stack_sum(icmp, sizeof(icmp), 2);
	stack_rx(&s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 1, icmp, sizeof(icmp)));
	assert_int_equal(s.n, 1);
	assert_memory_equal(s.out[0].ip + 20, zeros, sizeof(zeros));
	stack_end(&s);
}

static void test_timestamp(void **state)
{
	u8 icmp[20] = { ICMP_TIMESTAMP, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 }, ip[64];
	const struct icmphdr *icmph;
	struct stack s;

	stack_start(&s, 1);
	stack_run(&s, 12345);
	stack_sum(icmp, 20, 2);
	stack_rx(&s, NULL, ip, stack_build(ip, STACK_PEER, STACK_OUR, 1, icmp, 20));
	assert_int_equal(s.n, 1);
	icmph = sent_icmp(&s, 0);
	assert_int_equal(icmph->type, ICMP_TIMESTAMPREPLY);
	assert_memory_equal(s.out[0].ip + 24, icmp + 4, 8);
	/* 1700000000 s is 22:13:20; started there, 10 ms and 12345 ms ago */
	assert_int_equal(ntohl(get_unaligned32(s.out[0].ip + 32)), 80000000 + 10 + 12345);
	assert_memory_equal(s.out[0].ip + 32, s.out[0].ip + 36, 4);
	stack_end(&s);
}

static void test_settings(void **state)
{
	static const struct {
		const char *key, *value;
		int err;
	} rows[] = {
		{ "icmp_echo_ignore_all", "2", -EINVAL },
		{ "icmp_echo_enable_probe", "2", -EINVAL },
		{ "icmp_echo_ignore_broadcasts", "0", 0 },
		{ "icmp_ratelimit", "-1", -EINVAL },
		{ "icmp_ratemask", "-1", 0 },
		{ "icmp_msgs_per_sec", "-1", -EINVAL },
		{ "icmp_msgs_burst", "100000", 0 },
		{ "icmp_errors_use_inbound_ifaddr", "1", 0 },
		{ "icmp_ignore_bogus_error_responses", "x", -EINVAL },
	};
	char key[80];
	struct stack s;

	stack_start(&s, 1);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(key, sizeof(key), "net.ipv4.%s", rows[i].key);
		assert_int_equal(skiff_sysctl_set((struct skiff_net *)s.net, key, rows[i].value),
				 rows[i].err);
	}
	stack_end(&s);
}

/* However early memory runs out: an answer is whole or not sent, and what was not sent is no message out. */
static void test_no_memory(void **state)
{
	u8 icmp[1400] = { ICMP_ECHO }, ip[1500];
	struct stack s;
	size_t len;

	stack_sum(icmp, sizeof(icmp), 2);
	len = stack_build(ip, STACK_PEER, STACK_OUR, 1, icmp, sizeof(icmp));
	for (long n = 0; n < 12; n++) {
		stack_start(&s, 1);
		stack_fail_after = n;
		for (u32 i = 0; i < 5; i++) {
			stack_rx(&s, NULL, ip, len);
			closed_port(&s, STACK_PEER);
		}
		stack_fail_after = -1;
		assert_int_equal(s.n + stack_counter(&s, "Ip.OutDiscards"),
				 stack_counter(&s, "Icmp.OutMsgs"));
		for (u32 i = 0; i < s.n; i++)
			assert_true(s.out[i].len == len || s.out[i].len == 56);
		s.n = 0;
		stack_rx(&s, NULL, ip, len);
		assert_int_equal(s.n, 1);
		stack_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote),	      cmocka_unit_test(test_global_credits),
		cmocka_unit_test(test_peer_limit),    cmocka_unit_test(test_flood),
		cmocka_unit_test(test_no_error),      cmocka_unit_test(test_echo),
		cmocka_unit_test(test_echo_of_zeros), cmocka_unit_test(test_timestamp),
		cmocka_unit_test(test_settings),      cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
