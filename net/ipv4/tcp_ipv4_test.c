// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ipv4_test.c - which segments without a socket are reset, and with what numbers. */
#include "tests/stack.h"

#define F 0x01
#define S 0x02
#define R 0x04
#define P 0x08
#define A 0x10

/*
 * A segment: flags, seq 1000, ack 77, @data bytes, options; then what comes back.
 * @kind: '-' nothing, 's' a reset with seq @number, 'a' one with ack @number, 'c' refused for its checksum or length
 */
struct row {
	const char *what;
	u8 flags;
	u8 data;
	const char *options;
	u8 doff; /* 0: as it is */
	bool bad_sum;
	char kind;
	u32 number;
};

/* 18 bytes, the shortest in which a signature is looked for, are "..." padded to 20. */
static const struct row rows[] = {
	{ "SYN", S, 0, "", 0, false, 'a', 1001 },
	{ "SYN with data", S, 3, "", 0, false, 'a', 1004 },
	{ "FIN", F, 0, "", 0, false, 'a', 1001 },
	{ "SYN FIN data", S | F, 3, "", 0, false, 'a', 1005 },
	{ "nothing set", 0, 3, "", 0, false, 'a', 1003 },
	{ "PSH", P, 1, "", 0, false, 'a', 1001 },
	{ "ACK", A, 0, "", 0, false, 's', 77 },
	{ "SYN ACK", S | A, 0, "", 0, false, 's', 77 },
	{ "FIN ACK data", F | A, 9, "", 0, false, 's', 77 },
	{ "RST", R, 0, "", 0, false, '-', 0 },
	{ "RST ACK", R | A, 0, "", 0, false, '-', 0 },
	{ "RST SYN", R | S, 0, "", 0, false, '-', 0 },
	{ "options do not count", S, 2, "020405b4", 0, false, 'a', 1003 },
	{ "MD5", S, 0,
	  "131201010101010101010101010101010101"
	  "0101",
	  0, false, '-', 0 },
	{ "MD5 of wrong length", S, 0,
	  "130a0101010101010101"
	  "01010101010101010101",
	  0, false, '-', 0 },
	{ "AO", S, 0,
	  "1d100101010101010101010101010101"
	  "01010101",
	  0, false, '-', 0 },
	{ "length 0", S, 0, "6300010101010101010101010101010101010101", 0, false, '-', 0 },
	{ "length 0 near the end", S, 0, "0101010163000101", 0, false, 'a', 1001 },
	{ "too long", S, 0, "6328010101010101010101010101010101010101", 0, false, '-', 0 },
	{ "end before a bad one", S, 0, "0063000101010101010101010101010101010101", 0, false, 'a',
	  1001 },
	{ "data offset 4", S, 0, "", 4, false, 'c', 0 },
	{ "data offset beyond", S, 0, "", 8, false, 'x', 0 },
	{ "wrong sum", S, 0, "", 0, true, 'c', 0 },
	{ "wrong sum of a RST", R, 0, "", 0, true, 'c', 0 },
};

static size_t build(u8 *ip, const struct row *r, __be32 daddr)
{
	u8 seg[128] __attribute__((aligned(4))) = { 0 };
	struct tcphdr *th = (struct tcphdr *)seg;
	u32 optlen = (u32)stack_hex(r->options, seg + sizeof(*th)), len = 20 + optlen + r->data;
	u32 pseudo = csum_tcpudp_nofold(STACK_PEER, daddr, len, IPPROTO_TCP, 0);

	th->source = htons(4000);
	th->dest = htons(80);
	th->seq = htonl(1000);
	th->ack_seq = htonl(77);
	th->doff = (r->doff ? r->doff : 5 + optlen / 4) & 15;
	seg[13] = r->flags;
	memset(seg + 20 + optlen, 'd', r->data);
	th->check = (u16)(csum_fold(csum_partial(seg, len, pseudo)) ^ (r->bad_sum ? 1 : 0));
	return stack_build(ip, STACK_PEER, daddr, IPPROTO_TCP, seg, len);
}

static bool reset_is_right(const struct stack *s, const struct row *r)
{
	const struct iphdr *iph = (const struct iphdr *)s->out[0].ip;
	const struct tcphdr *th = (const struct tcphdr *)(iph + 1);

	if (s->out[0].len != 40 || iph->saddr != STACK_OUR || iph->daddr != STACK_PEER || iph->id ||
	    iph->frag_off != htons(IP_DF))
		return false;
	if (csum_tcpudp_magic(iph->saddr, iph->daddr, 20, IPPROTO_TCP, csum_partial(th, 20, 0)))
		return false;
	if (th->source != htons(80) || th->dest != htons(4000) || th->doff != 5 || th->window)
		return false;
	if (r->kind == 's')
		return ((const u8 *)th)[13] == R && th->seq == htonl(r->number) && !th->ack_seq;
	return ((const u8 *)th)[13] == (R | A) && !th->seq && th->ack_seq == htonl(r->number);
}

static void test_rows(void **state)
{
	u8 ip[256];
	struct stack s;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		bool answered = r->kind == 's' || r->kind == 'a';

		stack_start(&s, 1);
		stack_rx(&s, NULL, ip, build(ip, r, STACK_OUR));
		if (s.n != answered || (answered && !reset_is_right(&s, r)) ||
		    stack_counter(&s, "Tcp.InSegs") != 1 ||
		    stack_counter(&s, "Tcp.InErrs") != (r->kind == 'c') ||
		    stack_counter(&s, "Tcp.InCsumErrors") != r->bad_sum ||
		    stack_counter(&s, "Tcp.OutRsts") != answered ||
		    stack_counter(&s, "Tcp.OutSegs") != answered)
			fail_msg("%s", r->what);
		stack_end(&s);
	}
}

/* Neither a broadcast frame nor a broadcast or multicast address is answered; only the frame is not even counted. */
static void test_not_unicast(void **state)
{
	static const u8 all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	u8 ip[256];
	struct stack s;

	stack_start(&s, 1);
	stack_rx(&s, all, ip, build(ip, &rows[0], STACK_OUR));
	assert_int_equal(stack_counter(&s, "Tcp.InSegs"), 0);
	stack_rx(&s, NULL, ip, build(ip, &rows[0], htonl(0x0a0000ff)));
	stack_rx(&s, NULL, ip, build(ip, &rows[0], htonl(0xe0000001)));
	assert_int_equal(stack_counter(&s, "Tcp.InSegs"), 2);
	assert_int_equal(stack_counter(&s, "Tcp.OutRsts"), 0);
	assert_int_equal(s.n, 0);
	stack_end(&s);
}

/* The reset has the segment's DSCP, and says nothing of congestion. */
static void test_tos(void **state)
{
	u8 ip[256];
	struct stack s;
	size_t len;

	stack_start(&s, 1);
	len = build(ip, &rows[0], STACK_OUR);
	ip[1] = 0xbb;
	stack_sum(ip, 20, offsetof(struct iphdr, check));
	stack_rx(&s, NULL, ip, len);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.out[0].ip[1], 0xb8);
	stack_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_not_unicast),
		cmocka_unit_test(test_tos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
