// SPDX-License-Identifier: BSD-2-Clause
/* lab/impair_test.c - delay, rate and the exact statistics of a seed. */
#include "lab/impair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MS 1000000ull

static void test_plain(void **state)
{
	struct impair_config c = { .seed = 1 };
	struct impair_copy copy[2];
	struct impair im;

	assert_true(impair_is_plain(&c));
	impair_init(&im, &c);
	for (uint64_t t = 0; t < 1000; t++) {
		assert_int_equal(impair_frame(&im, t, 100, copy), 1);
		assert_int_equal(copy[0].at, t);
		assert_int_equal(copy[0].bit, -1);
	}
}

static void test_delay_keeps_order(void **state)
{
	struct impair_config c = { .delay = 20 * MS, .seed = 1 };
	struct impair_copy copy[2];
	struct impair im;

	impair_init(&im, &c);
	for (uint64_t t = 0; t < 100 * MS; t += MS) {
		assert_int_equal(impair_frame(&im, t, 100, copy), 1);
		assert_int_equal(copy[0].at, t + 20 * MS);
	}
}

/* 10 Mbit/s: 1250 bytes take 1 ms. Frames handed over at once leave one after the other; an idle link starts anew. */
static void test_rate(void **state)
{
	struct impair_config c = { .rate = 10000000, .delay = 5 * MS };
	struct impair_copy copy[2];
	struct impair im;

	impair_init(&im, &c);
	for (unsigned i = 1; i <= 10; i++) {
		assert_int_equal(impair_frame(&im, 0, 1250, copy), 1);
		assert_int_equal(copy[0].at, i * MS + 5 * MS);
	}
	impair_frame(&im, 9 * MS, 625, copy);
	assert_int_equal(copy[0].at, 10 * MS + MS / 2 + 5 * MS);
	impair_frame(&im, 50 * MS, 1250, copy);
	assert_int_equal(copy[0].at, 51 * MS + 5 * MS);
}

struct tally {
	unsigned lost, doubled, corrupt, overtook;
};

static struct tally run(const struct impair_config *c, unsigned frames)
{
	struct impair_copy copy[2];
	struct tally t = { 0 };
	struct impair im;

	impair_init(&im, c);
	for (unsigned i = 0; i < frames; i++) {
		unsigned n = impair_frame(&im, i, 100, copy);

		t.lost += !n;
		t.doubled += n == 2;
		t.corrupt += n && copy[0].bit >= 0;
		t.overtook += n && copy[0].at == i && c->delay;
		if (n && copy[0].bit >= 0)
			assert_in_range(copy[0].bit, 0, 799);
	}
	return t;
}

/* The same seed gives the same counts for ever; these were written down once and are near the shares. */
static void test_exact_counts(void **state)
{
	struct impair_config c = { .loss = 10000,
				   .duplicate = 20000,
				   .corrupt = 1000,
				   .reorder = 250000,
				   .delay = MS,
				   .seed = 42 };
	struct tally t = run(&c, 100000), again = run(&c, 100000);

	assert_memory_equal(&t, &again, sizeof(t));
	assert_int_equal(t.lost, 1020);
	assert_int_equal(t.doubled, 1947);
	assert_int_equal(t.corrupt, 102);
	assert_int_equal(t.overtook, 24857);
}

/* Another share changed: who is lost stays the same. */
static void test_choices_are_apart(void **state)
{
	struct impair_config c = { .loss = 100000, .seed = 7 };
	struct impair_copy copy[2];
	struct impair a, b;

	impair_init(&a, &c);
	c.corrupt = 500000;
	impair_init(&b, &c);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(impair_frame(&a, i, 60, copy), impair_frame(&b, i, 60, copy));
}

static void test_certain_and_never(void **state)
{
	struct impair_config c = { .loss = 1000000, .seed = 3 };

	assert_int_equal(run(&c, 1000).lost, 1000);
	c = (struct impair_config){ .duplicate = 1000000, .seed = 3 };
	assert_int_equal(run(&c, 1000).doubled, 1000);
	c = (struct impair_config){ .corrupt = 1000000, .seed = 3 };
	assert_int_equal(run(&c, 1000).corrupt, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_delay_keeps_order),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_exact_counts),
		cmocka_unit_test(test_choices_are_apart),
		cmocka_unit_test(test_certain_and_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
