// SPDX-License-Identifier: BSD-2-Clause
/* engine/handle_wheel_test.c - the wheel of handles against the deadlines themselves, lazily moved, in order, without memory. */
#include "engine/handle_wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine/skiff.h"

/* What an owner of such timers looks like. */
struct owner {
	u64 deadline, listed, ran_at;
	u32 order, looks, stale;
};

struct bed {
	struct skiff skiff;
	struct slab slab;
	u32 kind, counter, prefetched, last_prefetched;
	bool broke;
};

static void list_owner(struct bed *b, struct owner *o)
{
	o->listed =
		handle_wheel_add(&b->skiff.handles, b->kind, slab_handle(&b->slab, o), o->deadline);
}

static void look(void *arg, u32 handle, u64 tick)
{
	struct bed *b = arg;
	struct owner *o = slab_look(&b->slab, handle);

	if (!o || o->listed != tick) {
		if (o)
			o->stale++;
		return;
	}
	o->looks++;
	o->listed = 0;
	if (o->deadline == tick) {
		o->ran_at = tick;
		o->order = b->counter++;
		o->deadline = 0;
	}
	if (o->deadline)
		list_owner(b, o);
}

static void ahead(void *arg, u32 handle)
{
	struct bed *b = arg;

	b->prefetched++;
	b->last_prefetched = handle;
	slab_prefetch(&b->slab, handle, 0);
}

static bool refuse;

static void *may_refuse(void *arg, size_t size, size_t align)
{
	return refuse ? NULL : aligned_alloc(align, ALIGN_UP(size, align));
}

static void plain_free(void *arg, void *p)
{
	free(p);
}

static struct bed *bed_new(void)
{
	struct bed *b = aligned_alloc(64, ALIGN_UP(sizeof(*b), 64));
	struct skiff_env env = { .now_ns = 5, .alloc = may_refuse, .free = plain_free };

	memset(b, 0, sizeof(*b));
	skiff_engine_init(&b->skiff, &env);
	slab_init(&b->slab, &b->skiff, sizeof(struct owner));
	b->kind = handle_wheel_kind(&b->skiff.handles, &(struct handle_kind){ look, ahead, b });
	return b;
}

static void bed_free(struct bed *b)
{
	b->slab.used = 0;
	slab_exit(&b->slab);
	skiff_engine_exit(&b->skiff);
	free(b);
}

static void test_random_deadlines(void **state)
{
	enum { N = 3000 };
	struct bed *b = bed_new();
	struct handle_wheel *w = &b->skiff.handles;
	static struct owner *o[N];
	static u64 want[N];
	u64 now = w->now;

	for (unsigned i = 0; i < N; i++) {
		u32 bits = skiff_random_below(&b->skiff, 34);

		o[i] = slab_zalloc(&b->slab);
		want[i] = now + 1 + (skiff_random64(&b->skiff) & ((1ULL << bits) - 1));
		o[i]->deadline = want[i];
		list_owner(b, o[i]);
		assert_in_range(o[i]->listed, now + 1, want[i]);
	}
	for (int step = 0; step < 400; step++) {
		u64 earliest = UINT64_MAX;

		now += skiff_random64(&b->skiff) & ((1ULL << (step / 12)) - 1);
		handle_wheel_run(w, now);
		assert_int_equal(w->now, now);
		for (unsigned i = 0; i < N; i++) {
			if (want[i] <= now) {
				assert_int_equal(o[i]->ran_at, want[i]);
			} else {
				assert_int_equal(o[i]->ran_at, 0);
				earliest = want[i] < earliest ? want[i] : earliest;
			}
		}
		assert_true(handle_wheel_next(w) <= earliest);
		assert_true(handle_wheel_next(w) > now);
	}
	assert_int_equal(w->count, 0);
	for (unsigned i = 0; i < N; i++)
		assert_in_range(o[i]->looks, 1, WHEEL_LEVELS);
	bed_free(b);
}

static void test_lazy(void **state)
{
	struct bed *b = bed_new();
	struct handle_wheel *w = &b->skiff.handles;
	struct owner *o = slab_zalloc(&b->slab), *p = slab_zalloc(&b->slab);
	u64 now = w->now;

	/* Later: a store. The wheel looks once in vain. */
	o->deadline = now + 3;
	list_owner(b, o);
	o->deadline = now + 9;
	/* Earlier: listed again, the first entry is stale. */
	p->deadline = now + 7;
	list_owner(b, p);
	p->deadline = now + 2;
	list_owner(b, p);
	assert_int_equal(w->count, 3);
	handle_wheel_run(w, now + 3);
	assert_int_equal(p->ran_at, now + 2);
	assert_int_equal(o->ran_at, 0);
	assert_int_equal(o->listed, now + 9);
	handle_wheel_run(w, now + 20);
	assert_int_equal(o->ran_at, now + 9);
	assert_int_equal(p->stale, 1);
	/* Freed while listed: the entry finds nothing to do. */
	o->deadline = now + 25;
	list_owner(b, o);
	o->listed = 0;
	slab_free(&b->slab, o);
	assert_int_equal(handle_wheel_run(w, now + 30), 1);
	assert_true(handle_wheel_next(w) == UINT64_MAX);
	bed_free(b);
}

static void test_order_and_prefetch(void **state)
{
	enum { N = 200 };
	struct bed *b = bed_new();
	struct handle_wheel *w = &b->skiff.handles;
	struct owner *o[N];

	for (unsigned i = 0; i < N; i++) {
		o[i] = slab_zalloc(&b->slab);
		o[i]->deadline = w->now + 2;
		list_owner(b, o[i]);
	}
	assert_int_equal(handle_wheel_run(w, w->now + 2), N);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(o[i]->order, i);
	assert_int_equal(b->prefetched, N);
	assert_int_equal(b->last_prefetched, slab_handle(&b->slab, o[N - 1]));
	/* The past is the next tick. */
	o[0]->deadline = 1;
	list_owner(b, o[0]);
	assert_int_equal(o[0]->listed, w->now + 1);
	bed_free(b);
}

static void test_no_memory(void **state)
{
	struct bed *b = bed_new();
	struct handle_wheel *w = &b->skiff.handles;
	struct owner *o = slab_zalloc(&b->slab);
	u32 handle = slab_handle(&b->slab, o), n = 0;

	refuse = true;
	assert_int_equal(handle_wheel_add(w, b->kind, handle, w->now + 5), 0);
	refuse = false;
	o->deadline = w->now + 4;
	list_owner(b, o);
	refuse = true;
	/* All blocks that there are go to one far tick; the rest finds room in an earlier slot. */
	while (handle_wheel_add(w, b->kind, handle, w->now + 20) == w->now + 20)
		n++;
	assert_int_equal(n, (w->nr_blocks - 1) * HANDLE_BLOCK_ENTRIES);
	assert_int_equal(handle_wheel_add(w, b->kind, handle, w->now + 25), w->now + 4);
	assert_int_equal(handle_wheel_add(w, b->kind, handle, w->now + 3), 0);
	refuse = false;
	assert_int_equal(handle_wheel_add(w, b->kind, handle, w->now + 3), w->now + 3);
	assert_int_equal(handle_wheel_run(w, w->now + 50), n + 4);
	assert_int_equal(o->ran_at, 300004);
	bed_free(b);
}

static void test_turn_runs_both_wheels_in_step(void **state)
{
	struct bed *b = bed_new();
	struct owner *o = slab_zalloc(&b->slab);

	assert_true(skiff_next(&b->skiff) == SKIFF_NEVER);
	o->deadline = b->skiff.jiffies + 7;
	list_owner(b, o);
	assert_true(skiff_next(&b->skiff) == 5 + 7000000);
	assert_int_equal(skiff_turn(&b->skiff, 5 + 6999999), 0);
	assert_int_equal(skiff_turn(&b->skiff, 5 + 7000000), 1);
	assert_int_equal(o->ran_at, b->skiff.jiffies);
	/* A turn that comes late still sees each tick as itself. */
	o->deadline = b->skiff.jiffies + 100;
	list_owner(b, o);
	skiff_turn(&b->skiff, 5 + 500000000);
	assert_int_equal(o->ran_at, 300000 + 107);
	assert_int_equal(b->skiff.handles.now, b->skiff.jiffies);
	bed_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_deadlines),
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_order_and_prefetch),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_turn_runs_both_wheels_in_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
