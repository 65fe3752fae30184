// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_timer.c - what timers cost: arm, move, cancel, expire and ask for the next, among 1 k and 1 M of them.
 *
 * bench_timer [--json FILE] [--quick]     --quick: fewer timers and runs, for a test that all of it works
 *
 * Timers are due at random within a minute and are touched in random order, as those of many connections are: among a
 * million nearly every touch misses the caches. Each sits in a cache line of its own. The best of short runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "engine/skiff.h"
#include "lib/prandom.h"

#define RANGE_MS 60000u
#define CHUNK	 (1u << 16) /* operations of one run */

struct owner {
	struct timer_list timer;
} __attribute__((aligned(64)));

struct bench {
	struct skiff *skiff;
	struct owner *o;
	u32 *order; /* a permutation of the timers */
	u32 *delay; /* ms, by position in @order */
	u32 n;
	u32 runs;
	const char *suffix;
	struct prng rng;
	struct bench_out result;
};

static void ends(struct timer_list *t)
{
}

static void report(struct bench *b, const char *what, double cycles)
{
	char name[64];

	snprintf(name, sizeof(name), "timer.%s.%s", what, b->suffix);
	bench_result(&b->result, name, cycles, "cycles/op", -1, -1, true);
}

/* A new order and new delays. */
static void shuffle(struct bench *b)
{
	for (u32 i = 0; i < b->n; i++) {
		u32 k = prng_u32_below(&b->rng, i + 1);

		b->order[i] = b->order[k];
		b->order[k] = i;
		b->delay[i] = 1 + prng_u32_below(&b->rng, RANGE_MS);
	}
}

static void arm(struct bench *b, u32 from, u32 to)
{
	u64 now = b->skiff->wheel.now;

	for (u32 i = from; i < to; i++)
		mod_timer(&b->o[b->order[i]].timer, now + b->delay[i]);
}

static void cancel(struct bench *b, u32 from, u32 to)
{
	for (u32 i = from; i < to; i++)
		timer_delete(&b->o[b->order[i]].timer);
}

/* Runs @work on all timers, a chunk at a time. Return: cycles per timer of the cheapest chunk */
static double chunks(struct bench *b, void (*work)(struct bench *, u32, u32))
{
	u32 step = b->n < CHUNK ? b->n : CHUNK;
	double best = 1e18;

	for (u32 i = 0; i + step <= b->n; i += step) {
		u64 took = bench_cycles();

		work(b, i, i + step);
		took = bench_cycles() - took;
		best = (double)took / step < best ? (double)took / step : best;
	}
	for (u32 i = b->n / step * step; i < b->n; i++)
		work(b, i, i + 1);
	return best;
}

static double ask_next(struct bench *b)
{
	u64 took = bench_cycles();

	for (u32 i = 0; i < 1000; i++) {
		u64 next = timer_wheel_next(&b->skiff->wheel);

		__asm__ volatile("" ::"r"(next) : "memory");
	}
	return (double)(bench_cycles() - took) / 1000;
}

/* All are armed: lets them run out. */
static double expire(struct bench *b)
{
	struct timer_wheel *w = &b->skiff->wheel;
	u64 took = bench_cycles();
	u32 ran = timer_wheel_run(w, w->now + RANGE_MS);

	took = bench_cycles() - took;
	if (ran != b->n || w->count) {
		fprintf(stderr, "bench_timer: %u of %u timers ran, %u are left\n", ran, b->n,
			w->count);
		exit(1);
	}
	return (double)took / b->n;
}

static void keep_less(double *best, double value)
{
	*best = value < *best ? value : *best;
}

static void bench_timers(struct bench *b)
{
	double armed = 1e18, moved = 1e18, gone = 1e18, next = 1e18, ran = 1e18;

	b->o = aligned_alloc(64, b->n * sizeof(*b->o));
	b->order = malloc(b->n * sizeof(u32));
	b->delay = malloc(b->n * sizeof(u32));
	if (!b->o || !b->order || !b->delay)
		abort();
	for (u32 i = 0; i < b->n; i++)
		timer_setup(&b->o[i].timer, b->skiff, ends);
	for (u32 r = 0; r < b->runs; r++) {
		shuffle(b);
		keep_less(&armed, chunks(b, arm));
		shuffle(b);
		keep_less(&moved, chunks(b, arm));
		keep_less(&next, ask_next(b));
		keep_less(&gone, chunks(b, cancel));
		arm(b, 0, b->n);
		keep_less(&ran, expire(b));
	}
	report(b, "arm", armed);
	report(b, "rearm", moved);
	report(b, "cancel", gone);
	report(b, "expire", ran);
	report(b, "next", next);
	free(b->o);
	free(b->order);
	free(b->delay);
}

int main(int argc, char **argv)
{
	struct skiff_env env = { .seed = { 3 }, .now_ns = 1 };
	struct bench b = { 0 };
	bool quick = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc)
			b.result.json = argv[++i];
		else if (!strcmp(argv[i], "--quick"))
			quick = true;
		else
			return fprintf(stderr, "usage: bench_timer [--json FILE] [--quick]\n"), 2;
	}
	prng_seed(&b.rng, "bench_timer", 11);
	b.skiff = skiff_create(&env);
	if (!b.skiff)
		return 1;
	bench_result(&b.result, "machine.tsc", 1 / bench_ns_per_cycle(), "GHz", -1, -1, false);
	b.n = 1000;
	b.runs = quick ? 2 : 500;
	b.suffix = "1k";
	bench_timers(&b);
	b.n = quick ? 20000 : 1000000;
	b.runs = quick ? 1 : 7;
	b.suffix = "1m";
	bench_timers(&b);
	skiff_destroy(b.skiff);
	return 0;
}
