// SPDX-License-Identifier: BSD-2-Clause
/* lib/checksum_test.c - checksums against a byte-by-byte model and worked examples. */
#include "lib/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/prandom.h"

/* RFC 1071's definition, word by word in network order; the model everything is compared with. */
static uint16_t model(const uint8_t *p, size_t len, uint32_t sum)
{
	uint64_t acc = 0;
	uint16_t folded;
	uint8_t out[2];

	for (size_t i = 0; i < len; i++)
		acc += (uint64_t)p[i] << (i & 1 ? 0 : 8);
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	out[0] = (uint8_t)(acc >> 8);
	out[1] = (uint8_t)acc;
	memcpy(&folded, out, 2);
	return csum_fold(csum_add(sum, folded));
}

/* 0x0000 and 0xffff are the same one's-complement number. */
static bool same(uint16_t a, uint16_t b)
{
	return a == b || ((a == 0 || a == 0xffff) && (b == 0 || b == 0xffff));
}

static void fill(struct prng *r, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)prng_u64(r);
}

static void test_header_example(void **state)
{
	/* An IPv4 header whose checksum is b1e6 (RFC 1071 arithmetic by hand). */
	uint8_t h[20] = { 0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06,
			  0x00, 0x00, 0xac, 0x10, 0x0a, 0x63, 0xac, 0x10, 0x0a, 0x0c };
	const uint8_t want[2] = { 0xb1, 0xe6 };
	uint16_t c = ip_fast_csum(h, 5);

	(void)state;
	assert_memory_equal(&c, want, 2);
	memcpy(h + 10, &c, 2);
	assert_int_equal(ip_fast_csum(h, 5), 0);
	assert_int_equal(csum_fold(csum_partial(h, 20, 0)), 0);
}

static void test_partial_all_lengths(void **state)
{
	uint8_t buf[700], dst[700];
	struct prng r;

	(void)state;
	prng_seed(&r, "checksum lengths", 16);
	for (size_t len = 0; len <= 640; len++) {
		for (size_t off = 0; off < 9; off += 1 + (len & 1)) {
			uint32_t sum = (uint32_t)prng_u64(&r);

			fill(&r, buf, sizeof(buf));
			assert_true(same(csum_fold(csum_partial(buf + off, len, sum)),
					 model(buf + off, len, sum)));
			memset(dst, 0xee, sizeof(dst));
			assert_int_equal(csum_partial_copy(dst + 3, buf + off, len, sum),
					 csum_partial(buf + off, len, sum));
			assert_memory_equal(dst + 3, buf + off, len);
			assert_int_equal(dst[2], 0xee);
			assert_int_equal(dst[3 + len], 0xee);
		}
	}
}

static void test_carries(void **state)
{
	static uint8_t ones[65536 + 3];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (size_t len = 0; len <= sizeof(ones); len = len * 2 + 1) {
		assert_true(same(csum_fold(csum_partial(ones, len, 0xffffffff)),
				 model(ones, len, 0xffffffff)));
	}
}

static void test_fast_csum_all_ihl(void **state)
{
	uint8_t h[61];
	struct prng r;

	(void)state;
	prng_seed(&r, "header lengths..", 16);
	for (unsigned int n = 0; n < 2000; n++) {
		unsigned int ihl = 5 + n % 11;

		fill(&r, h, sizeof(h));
		assert_true(same(ip_fast_csum(h + 1, ihl), model(h + 1, ihl * 4, 0)));
	}
}

static void test_pseudo_header(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "pseudo header...", 16);
	for (unsigned int n = 0; n < 2000; n++) {
		uint8_t ph[12];
		uint32_t sum = (uint32_t)prng_u64(&r), s, d;
		uint16_t len = (uint16_t)prng_u64(&r);

		fill(&r, ph, sizeof(ph));
		ph[8] = 0;
		ph[10] = (uint8_t)(len >> 8);
		ph[11] = (uint8_t)len;
		memcpy(&s, ph, 4);
		memcpy(&d, ph + 4, 4);
		assert_true(same(csum_tcpudp_magic(s, d, len, ph[9], sum), model(ph, 12, sum)));
	}
}

static void test_blocks(void **state)
{
	uint8_t buf[512];
	struct prng r;

	(void)state;
	prng_seed(&r, "blocks..........", 16);
	fill(&r, buf, sizeof(buf));
	for (size_t cut = 0; cut <= sizeof(buf); cut++) {
		uint32_t whole = csum_partial(buf, sizeof(buf), 0);
		uint32_t head = csum_partial(buf, cut, 0);
		uint32_t tail = csum_partial(buf + cut, sizeof(buf) - cut, 0);

		assert_true(same(csum_fold(csum_block_add(head, tail, cut)), csum_fold(whole)));
		assert_true(same(csum_fold(csum_block_sub(whole, tail, cut)), csum_fold(head)));
		assert_true(same(csum_fold(csum_sub(whole, csum_block_sub(whole, head, 0))),
				 csum_fold(head)));
	}
}

static void test_replace(void **state)
{
	uint8_t h[20];
	struct prng r;

	(void)state;
	prng_seed(&r, "replace.........", 16);
	for (unsigned int n = 0; n < 5000; n++) {
		size_t at2 = 2 * prng_u32_below(&r, 5), at4 = 12 + 4 * prng_u32_below(&r, 2);
		uint16_t check, old2, new2 = (uint16_t)prng_u64(&r);
		uint32_t old4, new4 = (uint32_t)prng_u64(&r);

		fill(&r, h, sizeof(h));
		memset(h + 10, 0, 2);
		check = ip_fast_csum(h, 5);
		memcpy(&old2, h + at2, 2);
		memcpy(&old4, h + at4, 4);
		memcpy(h + at2, &new2, 2);
		csum_replace2(&check, old2, new2);
		assert_int_equal(check, ip_fast_csum(h, 5));
		memcpy(h + at4, &new4, 4);
		csum_replace4(&check, old4, new4);
		assert_int_equal(check, ip_fast_csum(h, 5));
	}
}

static void test_replace_rfc1624_example(void **state)
{
	/* RFC 1624 4: HC = 0xdd2f, m = 0x5555, m' = 0x3285 gives 0x0000, not 0xffff. */
	uint16_t check = 0xdd2f;

	(void)state;
	csum_replace2(&check, 0x5555, 0x3285);
	assert_int_equal(check, 0x0000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_example),
		cmocka_unit_test(test_partial_all_lengths),
		cmocka_unit_test(test_carries),
		cmocka_unit_test(test_fast_csum_all_ihl),
		cmocka_unit_test(test_pseudo_header),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_replace_rfc1624_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
