// SPDX-License-Identifier: BSD-2-Clause
/* lib/jhash_test.c - lookup3 against an independent model of hashlittle(), whose result for
 * "Four score and seven years ago" is the published 17770551. */
#include "lib/jhash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_vectors(void **state)
{
	/* n words 0x01020304 * (i + 1), initval 13. */
	static const uint32_t want[] = { 0xdeadbefc, 0x1ea3bf87, 0x5df940da, 0x2b3407b6,
					 0x880835a6, 0x73defb7e, 0xf30c2fad, 0x3e91c069 };
	uint32_t w[8];

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		w[i] = 0x01020304u * (i + 1);
	for (uint32_t n = 0; n < 8; n++)
		assert_int_equal(jhash2(w, n, 13), want[n]);
	assert_int_equal(jhash_1word(w[0], 13), want[1]);
	assert_int_equal(jhash_2words(w[0], w[1], 13), want[2]);
	assert_int_equal(jhash_3words(w[0], w[1], w[2], 13), want[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
