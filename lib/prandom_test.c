// SPDX-License-Identifier: BSD-2-Clause
/* lib/prandom_test.c - the stream is xoshiro256**, repeats from its seed, and is even below a bound. */
#include "lib/prandom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_known_stream(void **state)
{
	/* Published outputs of xoshiro256** from the state 1, 2, 3, 4. */
	static const uint64_t want[] = { 11520,
					 0,
					 1509978240,
					 1215971899390074240ULL,
					 1216172134540287360ULL,
					 607988272756665600ULL,
					 16172922978634559625ULL,
					 8476171486693032832ULL };
	struct prng r = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(prng_u64(&r), want[i]);
}

static void test_seed(void **state)
{
	uint8_t seed[32] = { 0 };
	struct prng a, b;

	(void)state;
	prng_seed(&a, seed, 32);
	prng_seed(&b, seed, 32);
	assert_memory_equal(&a, &b, sizeof(a));
	prng_seed(&b, seed, 16);
	assert_memory_not_equal(&a, &b, sizeof(a));
	for (unsigned int i = 0; i < 32; i++) {
		seed[i] ^= 1;
		prng_seed(&b, seed, 32);
		assert_memory_not_equal(&a, &b, sizeof(a));
		seed[i] ^= 1;
	}
	assert_true(a.s[0] | a.s[1] | a.s[2] | a.s[3]);
}

static void test_below(void **state)
{
	enum { N = 7, DRAWS = 70000 };
	unsigned int seen[N] = { 0 };
	struct prng r;

	(void)state;
	prng_seed(&r, "below", 5);
	for (unsigned int i = 0; i < DRAWS; i++) {
		uint32_t v = prng_u32_below(&r, N);

		assert_in_range(v, 0, N - 1);
		seen[v]++;
	}
	/* 10000 expected, standard deviation 93. */
	for (unsigned int i = 0; i < N; i++)
		assert_in_range(seen[i], 9500, 10500);
	assert_int_equal(prng_u32_below(&r, 0), 0);
	assert_int_equal(prng_u32_below(&r, 1), 0);
	/* A bound where a plain modulo would give the lower third twice as often. */
	seen[0] = seen[1] = 0;
	for (unsigned int i = 0; i < DRAWS; i++)
		seen[prng_u32_below(&r, 0xc0000000u) >= 0x60000000u]++;
	assert_in_range(seen[0], 34300, 35700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_stream),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
