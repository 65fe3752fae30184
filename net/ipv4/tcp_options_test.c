// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_options_test.c - options of a segment: what counts, what is ignored, and where a walk ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/tcp.h"

static struct {
	struct skiff skiff;
	struct net net;
} env;

/* A header with these options (zeroes follow up to a multiple of four). */
static struct {
	struct tcphdr th;
	u8 opt[40];
} seg;
static struct sk_buff skb;

static void make(bool syn, const u8 *opt, u32 len)
{
	memset(&seg, 0, sizeof(seg));
	memset(&skb, 0, sizeof(skb));
	memcpy(seg.opt, opt, len);
	seg.th.doff = (u16)((20 + ALIGN_UP(len, 4u)) / 4) & 15;
	seg.th.syn = syn;
	skb.head = skb.data = (u8 *)&seg;
	skb.len = seg.th.doff * 4u;
	env.net.ipv4.sysctl_tcp_timestamps = 1;
	env.net.ipv4.sysctl_tcp_sack = 1;
	env.net.ipv4.sysctl_tcp_window_scaling = 1;
}

#define OPTS(...) (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ })

static struct tcp_options_received parse(int estab, struct tcp_fastopen_cookie *foc)
{
	struct tcp_options_received rx = { .tstamp_ok = 1, .sack_ok = estab ? 1 : 0 };

	tcp_parse_options(&env.net, &skb, &rx, estab, foc);
	return rx;
}

static void test_syn(void **state)
{
	struct tcp_options_received rx;

	make(true, OPTS(2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7));
	rx = parse(0, NULL);
	assert_int_equal(rx.mss_clamp, 1460);
	assert_int_equal(rx.sack_ok, TCP_SACK_SEEN);
	assert_true(rx.saw_tstamp && rx.wscale_ok && !rx.saw_unknown);
	assert_int_equal(rx.rcv_tsval, 1);
	assert_int_equal(rx.rcv_tsecr, 2);
	assert_int_equal(rx.snd_wscale, 7);
	/* After the handshake only the time stamp and SACK blocks mean anything. */
	rx = parse(1, NULL);
	assert_int_equal(rx.mss_clamp, 0);
	assert_true(rx.saw_tstamp && !rx.wscale_ok);
	/* Nor in a segment that is no SYN. */
	seg.th.syn = 0;
	rx = parse(0, NULL);
	assert_int_equal(rx.mss_clamp, 0);
	assert_int_equal(rx.sack_ok, 0);
}

static void test_bounds(void **state)
{
	struct tcp_options_received rx;

	/* RFC 7323 2.3 */
	make(true, OPTS(3, 3, 15));
	assert_int_equal(parse(0, NULL).snd_wscale, 14);
	make(true, OPTS(3, 3, 255));
	assert_int_equal(parse(0, NULL).snd_wscale, 14);
	/* An MSS of 0 is none; TCP_MAXSEG is the smaller one's. */
	make(true, OPTS(2, 4, 0, 0));
	assert_int_equal(parse(0, NULL).mss_clamp, 0);
	make(true, OPTS(2, 4, 5, 180));
	rx = (struct tcp_options_received){ .user_mss = 500 };
	tcp_parse_options(&env.net, &skb, &rx, 0, NULL);
	assert_int_equal(rx.mss_clamp, 500);
	assert_int_equal(tcp_parse_mss_option(&seg.th, 500), 500);
	assert_int_equal(tcp_parse_mss_option(&seg.th, 0), 1460);
	/* Wrong lengths. */
	make(true, OPTS(2, 3, 5, 1, 4, 3, 0, 1, 3, 4, 7, 7, 8, 9, 1, 1, 1, 1, 1, 1, 1));
	rx = parse(0, NULL);
	assert_true(!rx.mss_clamp && !rx.sack_ok && !rx.wscale_ok && !rx.saw_tstamp);
}

static void test_end(void **state)
{
	struct tcp_options_received rx;

	/* What is behind EOL, a length of 0 or 1, or one beyond the header does not count. */
	make(true, OPTS(0, 2, 4, 5, 180));
	assert_int_equal(parse(0, NULL).mss_clamp, 0);
	make(true, OPTS(77, 0, 2, 4, 5, 180));
	assert_int_equal(parse(0, NULL).mss_clamp, 0);
	make(true, OPTS(77, 1, 2, 4, 5, 180));
	assert_int_equal(parse(0, NULL).mss_clamp, 0);
	make(true, OPTS(2, 4, 5, 180, 8, 10, 0, 0));
	rx = parse(0, NULL);
	assert_true(rx.mss_clamp && !rx.saw_tstamp);
	/* An unknown one is stepped over. */
	make(true, OPTS(77, 4, 1, 1, 2, 4, 5, 180));
	rx = parse(0, NULL);
	assert_int_equal(rx.mss_clamp, 1460);
	assert_true(rx.saw_unknown);
}

static void test_sack(void **state)
{
	make(false, OPTS(1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2));
	parse(1, NULL);
	assert_int_equal(TCP_SKB_CB(&skb)->sacked, 22);
	make(false, OPTS(1, 1, 5, 9, 0, 0, 0, 1, 0, 0, 0));
	parse(1, NULL);
	assert_int_equal(TCP_SKB_CB(&skb)->sacked, 0);
	make(false, OPTS(1, 1, 5, 2));
	parse(1, NULL);
	assert_int_equal(TCP_SKB_CB(&skb)->sacked, 0);
}

static void test_fastopen(void **state)
{
	struct tcp_fastopen_cookie foc = { .len = -1 };

	make(true, OPTS(34, 10, 1, 2, 3, 4, 5, 6, 7, 8));
	parse(0, &foc);
	assert_int_equal(foc.len, 8);
	assert_false(foc.exp);
	assert_int_equal(foc.val[7], 8);
	foc.len = -1;
	make(true, OPTS(34, 2));
	parse(0, &foc);
	assert_int_equal(foc.len, 0);
	foc.len = -1;
	make(true, OPTS(254, 8, 0xf9, 0x89, 1, 2, 3, 4));
	parse(0, &foc);
	assert_int_equal(foc.len, 4);
	assert_true(foc.exp);
	/* Odd, or too short. */
	foc.len = 5;
	make(true, OPTS(34, 5, 1, 2, 3));
	parse(0, &foc);
	assert_int_equal(foc.len, 5);
	make(true, OPTS(34, 4, 1, 2));
	parse(0, &foc);
	assert_int_equal(foc.len, -1);
}

static void test_signatures(void **state)
{
	u8 md5[20] = { 1, 1, 19, 18 }, two[40] = { 19, 18, [18] = 19, [19] = 18 };
	struct tcp_parsed p;

	make(false, md5, sizeof(md5));
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.md5 == seg.opt + 4 && !p.ao && !p.bad);
	make(false, OPTS(29, 16, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.ao == seg.opt && !p.md5 && !p.bad);
	/* Two of them, one of a length that it can not have, one that is cut off. */
	make(false, two, 36);
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.bad);
	make(false, (const u8[20]){ 19, 10 }, 20);
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.bad);
	make(false, (const u8[20]){ 19, 30 }, 20);
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.bad);
	/* No signature fits in what is left: it may be anything. */
	make(false, (const u8[8]){ 19, 18 }, 8);
	tcp_parse_signatures(&seg.th, &p);
	assert_false(p.bad);
	make(false, OPTS(172, 5, 1, 2, 3, 1, 1, 1));
	tcp_parse_signatures(&seg.th, &p);
	assert_true(p.accecn == seg.opt && !p.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syn),	 cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_end),	 cmocka_unit_test(test_sack),
		cmocka_unit_test(test_fastopen), cmocka_unit_test(test_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
