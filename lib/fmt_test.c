// SPDX-License-Identifier: BSD-2-Clause
/* lib/fmt_test.c - text stays inside its buffer, terminated, and JSON whatever goes in. */
#include "lib/fmt.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_append(void **state)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x1f };
	const uint8_t addr[4] = { 10, 0, 0, 1 };
	struct strbuf sb;
	char buf[128];
	uint32_t a;

	(void)state;
	memcpy(&a, addr, 4);
	strbuf_init(&sb, buf, sizeof(buf));
	assert_string_equal(buf, "");
	strbuf_ip4(&sb, a);
	strbuf_putc(&sb, ' ');
	strbuf_ip4_prefix(&sb, a, 24);
	strbuf_printf(&sb, " dev %s metric %u ", "e0", 7u);
	strbuf_mac(&sb, mac);
	strbuf_puts(&sb, " ");
	strbuf_hex(&sb, "\x00\xff\x5a", 3);
	assert_string_equal(buf, "10.0.0.1 10.0.0.1/24 dev e0 metric 7 02:00:00:00:00:1f 00ff5a");
	assert_int_equal(sb.len, strlen(buf));
	assert_false(sb.cut);
}

static void test_cut(void **state)
{
	char buf[16];

	(void)state;
	for (size_t cap = 0; cap <= 12; cap++) {
		struct strbuf sb;

		memset(buf, '#', sizeof(buf));
		strbuf_init(&sb, buf, cap);
		strbuf_printf(&sb, "%s", "abcd");
		strbuf_puts(&sb, "efgh");
		strbuf_printf(&sb, "%d", 12);
		assert_int_equal(sb.cut, cap < 11);
		assert_int_equal(sb.len, cap == 0 ? 0 : cap < 11 ? cap - 1 : 10);
		assert_int_equal(buf[cap], '#');
		if (cap) {
			assert_int_equal(strlen(buf), sb.len);
			assert_memory_equal(buf, "abcdefgh12", sb.len);
		}
	}
}

static void test_no_buffer(void **state)
{
	struct strbuf sb;

	(void)state;
	strbuf_init(&sb, NULL, 0);
	strbuf_printf(&sb, "x%d", 1);
	strbuf_json(&sb, "y");
	assert_true(sb.cut);
	assert_int_equal(sb.len, 0);
}

static void test_json(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain e0", "\"plain e0\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
		{ "\xc3\xa9\xe2\x86\x92\xf0\x9f\x9b\xb6",
		  "\"\xc3\xa9\xe2\x86\x92\xf0\x9f\x9b\xb6\"" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },			    /* overlong */
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },	    /* surrogate */
		{ "\xe2\x86", "\"\\ufffd\\ufffd\"" },			    /* cut short */
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, /* beyond U+10FFFF */
		{ "\xff", "\"\\ufffd\"" },
	};
	struct strbuf sb;
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strbuf_init(&sb, buf, sizeof(buf));
		strbuf_json(&sb, rows[i].in);
		assert_string_equal(buf, rows[i].out);
	}
	strbuf_init(&sb, buf, sizeof(buf));
	strbuf_json_n(&sb, "a\0b", 3);
	assert_string_equal(buf, "\"a\\u0000b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_no_buffer),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
