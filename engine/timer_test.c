// SPDX-License-Identifier: BSD-2-Clause
/* engine/timer_test.c - the wheel against a sorted list, and its corners. */
#include "engine/skiff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct probe {
	struct timer_list t;
	u64 fired_at;
	unsigned order;
	unsigned *counter;
	u64 rearm;
	struct probe *kill;
};

static void fire(struct timer_list *t)
{
	struct probe *p = from_timer(p, t, t);

	p->fired_at = t->skiff->wheel.now;
	p->order = (*p->counter)++;
	if (p->rearm)
		mod_timer(t, p->rearm);
	p->rearm = 0;
	if (p->kill)
		timer_delete(&p->kill->t);
}

static struct skiff *shard(void)
{
	struct skiff *s = aligned_alloc(64, ALIGN_UP(sizeof(*s), 64));
	struct skiff_env env = { .now_ns = 5 };

	skiff_engine_init(s, &env);
	return s;
}

static void test_random_against_order(void **state)
{
	struct skiff *s = shard();
	static struct probe p[3000];
	unsigned counter = 0;
	u64 now = s->jiffies;

	for (unsigned i = 0; i < 3000; i++) {
		u32 bits = skiff_random_below(s, 34);

		p[i] = (struct probe){ .counter = &counter };
		timer_setup(&p[i].t, s, fire);
		mod_timer(&p[i].t, now + 1 + (skiff_random64(s) & ((1ULL << bits) - 1)));
	}
	for (unsigned i = 0; i < 3000; i += 3)
		timer_delete(&p[i].t);
	assert_int_equal(s->wheel.count, 2000);
	for (int step = 0; step < 400; step++) {
		u64 expect = UINT64_MAX;

		now += skiff_random64(s) & ((1ULL << (step / 12)) - 1);
		timer_wheel_run(&s->wheel, now);
		for (unsigned i = 0; i < 3000; i++) {
			if (i % 3 == 0)
				assert_int_equal(p[i].fired_at, 0);
			else if (p[i].t.expires <= now)
				assert_int_equal(p[i].fired_at, p[i].t.expires);
			else {
				assert_int_equal(p[i].fired_at, 0);
				expect = p[i].t.expires < expect ? p[i].t.expires : expect;
			}
		}
		/* Never late, and never stuck: it is in the future as long as a timer is. */
		assert_true(timer_wheel_next(&s->wheel) <= expect);
		assert_true(timer_wheel_next(&s->wheel) > now);
	}
	free(s);
}

static void test_order_within_tick_and_rearm(void **state)
{
	struct skiff *s = shard();
	unsigned counter = 0;
	struct probe a = { .counter = &counter }, b = a, c = a;
	u64 now = s->jiffies;

	timer_setup(&a.t, s, fire);
	timer_setup(&b.t, s, fire);
	timer_setup(&c.t, s, fire);
	/* The last one armed runs first. */
	mod_timer(&c.t, now + 100);
	mod_timer(&a.t, now + 100);
	mod_timer(&b.t, now + 100);
	a.rearm = now; /* in the past: the next tick, not this one again */
	b.kill = &c;
	assert_int_equal(timer_wheel_run(&s->wheel, now + 100), 2);
	assert_int_equal(a.order, 1);
	assert_int_equal(b.order, 0);
	assert_int_equal(c.fired_at, 0);
	assert_true(timer_wheel_next(&s->wheel) == now + 101);
	assert_int_equal(timer_wheel_run(&s->wheel, now + 101), 1);
	assert_true(timer_wheel_next(&s->wheel) == UINT64_MAX);
	free(s);
}

static void test_far_future(void **state)
{
	struct skiff *s = shard();
	unsigned counter = 0;
	struct probe a = { .counter = &counter };

	timer_setup(&a.t, s, fire);
	mod_timer(&a.t, UINT64_MAX);
	assert_int_equal(timer_wheel_run(&s->wheel, s->jiffies + (1ULL << 40)), 0);
	assert_true(timer_wheel_next(&s->wheel) > s->jiffies + (1ULL << 40));
	assert_true(timer_delete(&a.t));
	assert_true(timer_wheel_next(&s->wheel) == UINT64_MAX);
	free(s);
}

static void test_turn_deadline(void **state)
{
	struct skiff *s = shard();
	unsigned counter = 0;
	struct probe a = { .counter = &counter };

	timer_setup(&a.t, s, fire);
	assert_true(skiff_next(s) == SKIFF_NEVER);
	mod_timer(&a.t, s->jiffies + 7);
	assert_true(skiff_next(s) == 5 + 7000000);
	assert_int_equal(skiff_turn(s, 5 + 6999999), 0);
	assert_int_equal(skiff_turn(s, 5 + 7000000), 1);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_against_order),
		cmocka_unit_test(test_order_within_tick_and_rearm),
		cmocka_unit_test(test_far_future),
		cmocka_unit_test(test_turn_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
