// SPDX-License-Identifier: BSD-2-Clause
/* lib/inet_test.c - which texts are addresses, and that printing gives them back. */
#include "lib/inet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/prandom.h"

static uint32_t quad(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t o[4] = { a, b, c, d };
	uint32_t v;

	memcpy(&v, o, 4);
	return v;
}

static void test_ip4_refused(void **state)
{
	static const char *const bad[] = {
		"",	     ".",	 "1",	      "1.2",	    "1.2.3",
		"1.2.3.",    "1.2.3.4.", "1.2.3.4.5", "256.0.0.1",  "1.2.3.256",
		"01.2.3.4",  "1.2.3.00", " 1.2.3.4",  "1.2.3.4 ",   "1..2.3",
		"1.2.3.-4",  "+1.2.3.4", "0x1.2.3.4", "1.2.3.4/24", "4294967297.0.0.0",
		"1.2.3.4\n", "a.b.c.d",
	};
	uint32_t a = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(ip4_parse(bad[i], &a));
		assert_int_equal(a, 42);
	}
}

static void test_ip4_round_trip(void **state)
{
	char buf[IP4_STRLEN];
	struct prng r;
	uint32_t a;

	(void)state;
	assert_true(ip4_parse("0.0.0.0", &a));
	assert_int_equal(a, 0);
	assert_true(ip4_parse("255.255.255.255", &a));
	assert_int_equal(a, 0xffffffff);
	assert_true(ip4_parse("192.0.2.10", &a));
	assert_int_equal(a, quad(192, 0, 2, 10));
	assert_string_equal(ip4_print(buf, a), "192.0.2.10");
	prng_seed(&r, "addresses", 9);
	for (int i = 0; i < 20000; i++) {
		uint32_t want = (uint32_t)prng_u64(&r);

		assert_true(ip4_parse(ip4_print(buf, want), &a));
		assert_int_equal(a, want);
	}
}

static void test_prefix(void **state)
{
	static const char *const bad[] = { "10.0.0.0/",	   "10.0.0.0/33", "10.0.0.0/-1",
					   "10.0.0.0/024", "10.0.0.0/8 ", "10.0.0/8",
					   "/8",	   "10.0.0.0/a" };
	char buf[IP4_PREFIX_STRLEN];
	uint8_t n = 77;
	uint32_t a = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ip4_parse_prefix(bad[i], &a, &n));
	assert_int_equal(a, 42);
	assert_int_equal(n, 77);
	assert_true(ip4_parse_prefix("10.1.2.3", &a, &n));
	assert_int_equal(n, 32);
	assert_true(ip4_parse_prefix("10.1.2.3/0", &a, &n));
	assert_int_equal(n, 0);
	assert_int_equal(a, quad(10, 1, 2, 3));
	assert_true(ip4_parse_prefix("255.255.255.255/32", &a, &n));
	assert_string_equal(ip4_print_prefix(buf, a, n), "255.255.255.255/32");
}

static void test_scan_end(void **state)
{
	const char *text = "10.0.0.2 > 10.0.1.2", *end;
	uint32_t a;
	uint8_t n;

	(void)state;
	end = ip4_scan(text, &a);
	assert_ptr_equal(end, text + 8);
	assert_null(ip4_scan(end, &a));
	end = ip4_scan_prefix("10.0.0.0/8,x", &a, &n);
	assert_int_equal(*end, ',');
	assert_int_equal(n, 8);
}

static void test_mac(void **state)
{
	static const char *const bad[] = { "",
					   "02:00:00:00:00",
					   "02:00:00:00:00:0",
					   "02:00:00:00:00:01:",
					   "2:0:0:0:0:1",
					   "02-00-00-00-00-01",
					   "02:00:00:00:00:0g",
					   "020000000001" };
	const uint8_t want[6] = { 0x02, 0xdd, 0, 0xfe, 0x10, 0xff };
	uint8_t mac[6] = { 0 };
	char buf[MAC_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mac_parse(bad[i], mac));
	assert_int_equal(mac[0], 0);
	assert_true(mac_parse("02:DD:00:fe:10:fF", mac));
	assert_memory_equal(mac, want, 6);
	assert_string_equal(mac_print(buf, mac), "02:dd:00:fe:10:ff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip4_refused), cmocka_unit_test(test_ip4_round_trip),
		cmocka_unit_test(test_prefix),	    cmocka_unit_test(test_scan_end),
		cmocka_unit_test(test_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
