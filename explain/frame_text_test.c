// SPDX-License-Identifier: BSD-2-Clause
/* explain/frame_text_test.c - frames in one line: good ones, and bytes that are none. */
#include "skiff/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ETH "020000000101020000000201"

static const struct {
	const char *hex, *text;
} rows[] = {
	{ ETH "08004500001e0001000001 01a4da0a0000020a0001020800969b000100016162",
	  "10.0.0.2 > 10.0.1.2 icmp echo request id 1 seq 1 ttl 1 len 30" },
	{ ETH "08004510001e00050000401165b70a0000020a0001020fa00009000ada2b0102",
	  "10.0.0.2:4000 > 10.0.1.2:9 udp ttl 64 tos 0x10 len 30" },
	{ ETH
	  "08004500002800010000400665cc0a0000020a0001020fa0005000000007000000005012faf08fe70000",
	  "10.0.0.2:4000 > 10.0.1.2:80 tcp syn ack ttl 64 len 40" },
	{ ETH "0800450000150001200140fd6fe30a000002e000000500",
	  "10.0.0.2 > 224.0.0.5 proto 253 ttl 64 frag 8+ id 1 len 21" },
	{ ETH "080600010800060400010200000002010a0000020000000000000a000001",
	  "arp who-has 10.0.0.1 tell 10.0.0.2" },
	{ ETH "0806000108000604000202aa000000020a0000020200000001010a000001",
	  "arp reply 10.0.0.2 is-at 02:aa:00:00:00:02" },
	{ ETH "8100000508060001", "vlan 5 arp" },
	{ ETH "0800", "ip, cut short after 0 bytes" },
	{ ETH "08006f00001e000100000101a4da0a0000020a000102",
	  "10.0.0.2 > 10.0.1.2 ip with a bad header: version 6, header length 60" },
	{ ETH "08004500006400010000010100000a0000020a000102",
	  "10.0.0.2 > 10.0.1.2 icmp ttl 1 len 100 (only 20 there)" },
	{ ETH "86dd6000", "ethertype 0x86dd len 2" },
	{ "0200", "a frame of 2 bytes" },
};

static size_t bytes_of(const char *hex, uint8_t *buf)
{
	size_t n = 0;
	unsigned v;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		sscanf(hex++, "%2x", &v);
		buf[n++] = (uint8_t)v;
	}
	return n;
}

static void test_rows(void **state)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t frame[256];
		char text[256];

		skiff_frame_text(frame, bytes_of(rows[i].hex, frame), text, sizeof(text));
		if (strcmp(text, rows[i].text))
			fail_msg("%u: \"%s\"", i, text);
	}
}

/* Every frame cut short everywhere: nothing may be read beyond its end (sanitizers watch). */
static void test_cut_short(void **state)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t whole[256];
		size_t n = bytes_of(rows[i].hex, whole);

		for (size_t len = 0; len <= n; len++) {
			uint8_t *cut = malloc(len ? len : 1);
			char text[64];

			memcpy(cut, whole, len);
			skiff_frame_text(cut, len, text, sizeof(text));
			assert_in_range(strlen(text), 1, sizeof(text) - 1);
			free(cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
