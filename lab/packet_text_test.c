// SPDX-License-Identifier: BSD-2-Clause
/* lab/packet_text_test.c - words and the bytes they stand for (read back once with tshark, checksums verified), and what is said about bad ones. */
#include "lab/packet_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct packet_macs macs = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 2, 1 } };

/* Split at blanks and read. */
static int read_line(const char *line, uint8_t *frame, size_t *len, char *why, size_t why_size)
{
	const char *word[64];
	char copy[512], *s, *save;
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (s = strtok_r(copy, " ", &save); s; s = strtok_r(NULL, " ", &save))
		word[n++] = s;
	return packet_text(n, word, &macs, frame, len, why, why_size);
}

static const struct {
	const char *line, *hex;
} good[] = {
	{ "icmp 10.0.0.2 > 10.0.1.2 ttl 1 data 6162",
	  "02000000010102000000020108004500001e000100000101a4db0a0000020a0001020800969b0001"
	  "00016162" },
	{ "icmp echo-reply ident 7 seq 9 10.0.0.2 to 10.0.1.2 data 00 df",
	  "02000000010102000000020108004500001d00014000400125dc0a0000020a0001020000ffef0007"
	  "000900" },
	{ "udp 10.0.0.2:4000 > 10.0.1.2:9 data 0102 tos 0x10 id 5",
	  "02000000010102000000020108004510001e00050000401165b70a0000020a0001020fa00009000a"
	  "da2b0102" },
	{ "tcp 10.0.0.2:4000 > 10.0.1.2:80 syn ack seq 7",
	  "02000000010102000000020108004500002800010000400665cc0a0000020a0001020fa000500000"
	  "0007000000005012faf08fe70000" },
	{ "proto 253 10.0.0.2 > 224.0.0.5 frag 8+ data 00",
	  "01005e0000050200000002010800450000150001200140fd6fe30a000002e000000500" },
	{ "arp who-has 10.0.0.1 tell 10.0.0.2",
	  "ffffffffffff020000000201080600010800060400010200000002010a0000020000000000000a00"
	  "0001" },
	{ "arp reply 10.0.0.2 is-at 02:aa:00:00:00:02 tell 10.0.0.1",
	  "02000000010102aa000000020806000108000604000202aa000000020a0000020200000001010a00"
	  "0001" },
};

static void test_good(void **state)
{
	static uint8_t frame[PACKET_FRAME_MAX];

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char why[256] = "", hex[256] = "";
		size_t len = 0;

		if (read_line(good[i].line, frame, &len, why, sizeof(why)))
			fail_msg("%u: %s", i, why);
		for (size_t k = 0; k < len; k++)
			snprintf(hex + 2 * k, 3, "%02x", frame[k]);
		if (strcmp(hex, good[i].hex))
			fail_msg("%u: %s", i, hex);
	}
}

static const struct {
	const char *line, *why;
} bad[] = {
	{ "", "the packet's words end where icmp, udp, tcp, proto or arp is wanted" },
	{ "sctp 1.1.1.1 > 2.2.2.2",
	  "\"sctp\" begins no packet; icmp, udp, tcp, proto N and arp do" },
	{ "icmp 1.1.1.1",
	  "\">\" is wanted behind the source address (quoted, or the shell takes it)" },
	{ "icmp 1.1.1.1 >", "the packet's words end where an address is wanted" },
	{ "icmp 1.1.1 > 2.2.2.2", "\"1.1.1\" is no IPv4 address" },
	{ "icmp 1.1.1.1:5 > 2.2.2.2", "\"1.1.1.1:5\": only udp and tcp have ports" },
	{ "udp 1.1.1.1:99999 > 2.2.2.2",
	  "\"1.1.1.1:99999\": the port is no number from 0 to 65535" },
	{ "icmp 1.1.1.1 > 2.2.2.2 ttl 256", "ttl: \"256\" is no number from 0 to 255" },
	{ "icmp 1.1.1.1 > 2.2.2.2 frag 7",
	  "frag: \"7\" is no offset in bytes, a multiple of 8, with a + if more follow" },
	{ "icmp 1.1.1.1 > 2.2.2.2 syn", "\"syn\" is no word of such a packet" },
	{ "tcp 1.1.1.1 > 2.2.2.2 len 39", "len: the headers alone are 40 bytes" },
	{ "icmp 1.1.1.1 > 2.2.2.2 options 0701",
	  "options: their length must be a multiple of 4 bytes; fill up with 00" },
	{ "icmp 1.1.1.1 > 2.2.2.2 data 012", "data: \"012\" is not 2048 bytes or less in hex" },
	{ "arp probe", "arp: \"who-has ADDRESS tell ADDRESS\" or \"reply ADDRESS is-at MAC\"" },
};

static void test_bad(void **state)
{
	static uint8_t frame[PACKET_FRAME_MAX];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[256] = "";
		size_t len;

		assert_int_not_equal(read_line(bad[i].line, frame, &len, why, sizeof(why)), 0);
		assert_string_equal(why, bad[i].why);
	}
}

static void test_hex(void **state)
{
	static uint8_t frame[PACKET_FRAME_MAX];
	const char *const word[] = { "020000000101020000000201", "0800", "45" };
	const char *const odd[] = { "0200000001010200000002010800450" };
	size_t len;

	assert_int_equal(packet_hex(3, word, frame, &len), 0);
	assert_int_equal(len, 15);
	assert_int_not_equal(packet_hex(1, word, frame, &len), 0);
	assert_int_not_equal(packet_hex(1, odd, frame, &len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
