// SPDX-License-Identifier: BSD-2-Clause
/* engine/handle_heap_test.c - deadlines in ns run in order, once, and late ones wait for the next call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/skiff.h"

struct log {
	struct handle_heap *h;
	u32 handle[2000];
	unsigned n;
	u32 again; /* list this one again at the same time */
};

static void note(void *arg, u32 handle, u64 now)
{
	struct log *l = arg;

	l->handle[l->n++] = handle;
	if (handle == l->again)
		assert_true(handle_heap_add(l->h, now, handle));
}

static struct skiff *new_skiff(void)
{
	const struct skiff_env env = { .now_ns = 1000 };
	struct skiff *skiff = skiff_engine_new(&env);

	assert_non_null(skiff);
	return skiff;
}

static void runs_in_order_of_time(void **state)
{
	struct skiff *skiff = new_skiff();
	struct handle_heap *h = &skiff->fine;
	struct log l = { .h = h };

	handle_heap_init(h, skiff, note, &l);
	assert_int_equal(handle_heap_next(h), UINT64_MAX);
	for (u32 i = 0; i < 1000; i++)
		assert_true(handle_heap_add(h, 5000 + (i * 7919u) % 1000 / 2, i + 1));
	assert_int_equal(handle_heap_next(h), 5000);
	assert_int_equal(handle_heap_run(h, 4999), 0);
	assert_int_equal(handle_heap_run(h, 5249), 500);
	assert_int_equal(handle_heap_next(h), 5250);
	assert_int_equal(handle_heap_run(h, 10000), 500);
	assert_int_equal(l.n, 1000);
	for (unsigned i = 1; i < l.n; i++) {
		u32 a = (l.handle[i - 1] - 1) * 7919u % 1000 / 2;
		u32 b = (l.handle[i] - 1) * 7919u % 1000 / 2;

		assert_true(a < b || (a == b && l.handle[i - 1] < l.handle[i]));
	}
	skiff_engine_exit(skiff);
	skiff_free(skiff, skiff);
}

/* One that asks for now again comes in the next call, so that a turn ends. */
static void an_entry_made_in_a_run_waits(void **state)
{
	struct skiff *skiff = new_skiff();
	struct handle_heap *h = &skiff->fine;
	struct log l = { .h = h, .again = 7 };

	handle_heap_init(h, skiff, note, &l);
	handle_heap_add(h, 10, 7);
	handle_heap_add(h, 11, 8);
	assert_int_equal(handle_heap_run(h, 20), 2);
	assert_int_equal(handle_heap_next(h), 20);
	assert_int_equal(handle_heap_run(h, 20), 1);
	skiff_engine_exit(skiff);
	skiff_free(skiff, skiff);
}

/* The shard says in ns when it wants to be turned, and is not held to ticks. */
static void a_shard_wakes_between_ticks(void **state)
{
	struct skiff *skiff = new_skiff();
	struct log l = { .h = &skiff->fine };

	handle_heap_init(&skiff->fine, skiff, note, &l);
	handle_heap_add(&skiff->fine, 1000 + 333, 3);
	assert_int_equal(skiff_next(skiff), 1333);
	skiff_turn(skiff, 1332);
	assert_int_equal(l.n, 0);
	skiff_turn(skiff, 1333);
	assert_int_equal(l.n, 1);
	assert_int_equal(skiff_next(skiff), SKIFF_NEVER);
	skiff_engine_exit(skiff);
	skiff_free(skiff, skiff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_in_order_of_time),
		cmocka_unit_test(an_entry_made_in_a_run_waits),
		cmocka_unit_test(a_shard_wakes_between_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
