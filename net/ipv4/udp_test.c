// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_test.c - datagrams that nobody waits for: what is checked, in which order, and what is counted. */
#include "tests/stack.h"

/*
 * A datagram of 8 + @data bytes whose length field says @len (-1: as it is).
 * @sum: 'r' right, 'w' wrong, '0' none; @dest: 'u' our address, 'b' the broadcast address
 * @ends: "noports" (an error is sent), "csum", "short", "multi"
 */
struct row {
	u8 proto;
	int len;
	u32 data;
	char sum, dest;
	const char *ends;
};

static const struct row rows[] = {
	{ 17, -1, 0, 'r', 'u', "noports" },  { 17, -1, 100, 'r', 'u', "noports" },
	{ 17, -1, 5, '0', 'u', "noports" },  { 17, -1, 5, 'w', 'u', "csum" },
	{ 17, -1, 500, 'w', 'u', "csum" },   { 17, 7, 5, 'r', 'u', "short" },
	{ 17, 0, 5, 'r', 'u', "short" },     { 17, 14, 5, 'r', 'u', "short" },
	{ 17, 10, 5, 'r', 'u', "noports" }, /* what follows is cut off */
	{ 17, -1, 5, 'r', 'b', "multi" },    { 17, 14, 5, 'r', 'b', "short" },
	{ 17, -1, 68, 'w', 'b', "csum" },  /* 76 bytes: verified at once */
	{ 17, -1, 69, 'w', 'b', "multi" }, /* nobody wants it, so nobody looks */
	{ 136, -1, 5, 'r', 'u', "noports" }, { 136, 0, 5, 'r', 'u', "noports" },
	{ 136, 8, 5, 'r', 'u', "noports" },  { 136, 8, 500, 'w', 'u', "csum" },
	{ 136, 7, 5, 'r', 'u', "csum" },     { 136, 14, 5, 'r', 'u', "short" },
	{ 136, -1, 5, '0', 'u', "csum" },    { 136, 8, 5, 'w', 'b', "multi" },
	{ 136, -1, 5, 'w', 'b', "csum" },
};

static size_t build(u8 *ip, const struct row *r)
{
	__be32 daddr = r->dest == 'u' ? STACK_OUR : htonl(0x0a0000ff);
	u8 dgram[600] __attribute__((aligned(4)));
	struct udphdr *uh = (struct udphdr *)dgram;
	u32 total = 8 + r->data, len = r->len < 0 ? total : (u32)r->len, cover = total, pseudo;

	memset(dgram, 'u', sizeof(dgram));
	*uh = (struct udphdr){ htons(4000), htons(9), htons(len), 0 };
	if (r->proto == IPPROTO_UDP && len < total)
		total = cover = len;
	if (r->proto == IPPROTO_UDPLITE && len >= 8 && len < total)
		cover = len;
	pseudo = csum_tcpudp_nofold(STACK_PEER, daddr, total, r->proto, 0);
	uh->check = csum_fold(csum_partial(dgram, cover, pseudo));
	if (r->sum == 'w')
		uh->check ^= 0x1111;
	if (r->sum == '0')
		uh->check = 0;
	return stack_build(ip, STACK_PEER, daddr, r->proto, dgram, 8 + r->data);
}

static u64 counter(struct stack *s, const struct row *r, const char *name)
{
	char full[40];

	snprintf(full, sizeof(full), "%s.%s", r->proto == IPPROTO_UDP ? "Udp" : "UdpLite", name);
	return stack_counter(s, full);
}

static void test_rows(void **state)
{
	static const u8 all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	u8 ip[700];
	struct stack s;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		bool noports = !strcmp(r->ends, "noports"), csum = !strcmp(r->ends, "csum");
		bool small = !strcmp(r->ends, "short"), multi = !strcmp(r->ends, "multi");

		stack_start(&s, 1);
		stack_rx(&s, r->dest == 'u' ? NULL : all, ip, build(ip, r));
		if (s.n != noports || counter(&s, r, "NoPorts") != noports ||
		    counter(&s, r, "InErrors") != (csum || small) ||
		    counter(&s, r, "InCsumErrors") != csum ||
		    counter(&s, r, "IgnoredMulti") != multi)
			fail_msg("row %u", i);
		if (noports && (s.out[0].ip[20] != 3 || s.out[0].ip[21] != 3))
			fail_msg("row %u: no port unreachable", i);
		stack_end(&s);
	}
}

static void test_cut(void **state)
{
	const struct row r = { 17, 10, 5, 'r', 'u', "" };
	struct stack s;
	u8 ip[100];

	stack_start(&s, 1);
	stack_rx(&s, NULL, ip, build(ip, &r));
	assert_int_equal(s.n, 1);
	/* The error quotes the datagram without what the length field leaves out. */
	assert_int_equal(s.out[0].len, 28 + 20 + 10);
	stack_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_cut) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
