// SPDX-License-Identifier: BSD-2-Clause
/* engine/skiff.c - one turn of a shard, and what it owns: memory, chance, deferred frees, work.
 *
 * DOC: A turn
 * Devices in, timers, deferred frees, in that order. What was rcu_read_lock() or a softirq elsewhere is "within one
 * turn": pointers found in a turn stay good until its end, and what is unlinked goes to the death row, which is emptied
 * then. Time is set once, at the start.
 */
#include "engine/skiff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Ticks start here, so that 0 can mean "never" and a difference to the past stays positive. */
#define JIFFIES_START 300000ULL
#define NSEC_PER_TICK 1000000ULL
/* Rounds of new input within a turn (loopback, veth) before the caller gets a word in. */
#define TURN_ROUNDS 64

static void *libc_alloc(void *arg, size_t size, size_t align)
{
	return aligned_alloc(align, ALIGN_UP(size, align));
}

static void libc_free(void *arg, void *p)
{
	free(p);
}

static void set_time(struct skiff *skiff, u64 now)
{
	if (now < skiff->now)
		now = skiff->now;
	skiff->now = now;
	skiff->jiffies = JIFFIES_START + (now - skiff->env.now_ns) / NSEC_PER_TICK;
}

void skiff_engine_init(struct skiff *skiff, const struct skiff_env *env)
{
	memset(skiff, 0, sizeof(*skiff));
	skiff->env = *env;
	if (!skiff->env.alloc || !skiff->env.free) {
		skiff->env.alloc = libc_alloc;
		skiff->env.free = libc_free;
	}
	skiff->now = env->now_ns;
	skiff->wall = env->wall_ns - env->now_ns;
	set_time(skiff, env->now_ns);
	prng_seed(&skiff->prng, env->seed, sizeof(env->seed));
	skiff->hash_key.key[0] = prng_u64(&skiff->prng);
	skiff->hash_key.key[1] = prng_u64(&skiff->prng);
	timer_wheel_init(&skiff->wheel, skiff->jiffies);
	handle_wheel_init(&skiff->handles, skiff, skiff->jiffies);
	INIT_LIST_HEAD(&skiff->work);
	INIT_LIST_HEAD(&skiff->poll);
	INIT_LIST_HEAD(&skiff->nets);
}

void skiff_engine_exit(struct skiff *skiff)
{
	handle_wheel_exit(&skiff->handles);
	handle_heap_exit(&skiff->fine);
}

struct skiff *skiff_engine_new(const struct skiff_env *env)
{
	size_t size = ALIGN_UP(sizeof(struct skiff), (size_t)64);
	struct skiff *skiff;

	if (env->alloc && env->free)
		skiff = env->alloc(env->arg, size, 64);
	else
		skiff = libc_alloc(NULL, size, 64);
	if (skiff)
		skiff_engine_init(skiff, env);
	return skiff;
}

void *skiff_alloc_aligned(struct skiff *skiff, size_t size, size_t align)
{
	return skiff->env.alloc(skiff->env.arg, size, align);
}

void *skiff_alloc(struct skiff *skiff, size_t size)
{
	return skiff->env.alloc(skiff->env.arg, size, 16);
}

void *skiff_zalloc(struct skiff *skiff, size_t size)
{
	void *p = skiff_alloc_aligned(skiff, size, size >= 64 ? 64 : 16);

	return p ? memset(p, 0, size) : NULL;
}

void skiff_free(struct skiff *skiff, void *p)
{
	if (p)
		skiff->env.free(skiff->env.arg, p);
}

char *skiff_strdup(struct skiff *skiff, const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = skiff_alloc(skiff, n);

	return p ? memcpy(p, s, n) : NULL;
}

u64 skiff_random64(struct skiff *skiff)
{
	return prng_u64(&skiff->prng);
}

u32 skiff_random32(struct skiff *skiff)
{
	return (u32)(prng_u64(&skiff->prng) >> 32);
}

u32 skiff_random_below(struct skiff *skiff, u32 n)
{
	return prng_u32_below(&skiff->prng, n);
}

void skiff_log(struct skiff *skiff, int level, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (!skiff->env.log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	skiff->env.log(skiff->env.arg, level, line);
}

u32 skiff_wall_ms_of_day(const struct skiff *skiff)
{
	return (u32)((skiff->now + skiff->wall) / 1000000ULL % 86400000ULL);
}

void skiff_defer_free(struct skiff *skiff, struct death_row_entry *e)
{
	e->next = skiff->death_row;
	skiff->death_row = e;
}

void skiff_run_death_row(struct skiff *skiff)
{
	/* A free may put others on the row (a route gives back its device). */
	while (skiff->death_row) {
		struct death_row_entry *e = skiff->death_row;

		skiff->death_row = NULL;
		while (e) {
			struct death_row_entry *next = e->next;

			e->free(e);
			e = next;
		}
	}
}

void skiff_work_add(struct skiff *skiff, struct turn_work *w)
{
	if (!w->list.next)
		list_add_tail(&w->list, &skiff->work);
}

void skiff_work_del(struct turn_work *w)
{
	if (w->list.next)
		list_del(&w->list);
}

/* What is on the list now; what comes meanwhile is for the next round. */
static unsigned run_round(struct skiff *skiff)
{
	struct list_head todo;
	unsigned done = 0;

	INIT_LIST_HEAD(&todo);
	list_splice_init(&skiff->work, &todo);
	while (!list_empty(&todo)) {
		struct turn_work *w = list_first_entry(&todo, struct turn_work, list);

		list_del(&w->list);
		done += w->run(w);
	}
	return done;
}

static unsigned run_work(struct skiff *skiff)
{
	struct turn_work *w, *n;
	unsigned done = 0;

	list_for_each_entry_safe(w, n, &skiff->poll, list)
		done += w->run(w);
	for (int round = 0; round < TURN_ROUNDS && !list_empty(&skiff->work); round++)
		done += run_round(skiff);
	return done;
}

/** skiff_run_waiting() - receive until little waits: answers go back and forth, the last of them are left to the turn */
void skiff_run_waiting(struct skiff *skiff)
{
	bool was = skiff->in_turn;

	skiff->in_turn = true;
	for (int round = 0; round < TURN_ROUNDS && skiff->rx_waiting >= SKIFF_RX_MUCH / 4 &&
			    !list_empty(&skiff->work);
	     round++)
		run_round(skiff);
	skiff->in_turn = was;
	if (!was)
		skiff_run_death_row(skiff);
}

static u64 next_tick(const struct skiff *skiff)
{
	u64 a = timer_wheel_next(&skiff->wheel), b = handle_wheel_next(&skiff->handles);

	return a < b ? a : b;
}

/* Both wheels in step, so that what is due earlier runs earlier in whichever it is. */
static unsigned run_timers(struct skiff *skiff)
{
	unsigned done = 0;
	u64 tick;

	/* Within a tick nothing comes due: what is armed is for a later one. */
	if (likely(skiff->wheel.now == skiff->jiffies && skiff->handles.now == skiff->jiffies))
		return handle_heap_run(&skiff->fine, skiff->now);
	while ((tick = next_tick(skiff)) < skiff->jiffies) {
		done += timer_wheel_run(&skiff->wheel, tick);
		done += handle_wheel_run(&skiff->handles, tick);
	}
	done += timer_wheel_run(&skiff->wheel, skiff->jiffies);
	done += handle_wheel_run(&skiff->handles, skiff->jiffies);
	return done + handle_heap_run(&skiff->fine, skiff->now);
}

unsigned skiff_turn(struct skiff *skiff, uint64_t now_ns)
{
	unsigned done;

	set_time(skiff, now_ns);
	skiff->in_turn = true;
	done = run_work(skiff);
	done += run_timers(skiff);
	done += run_work(skiff);
	if (skiff->turn_end)
		skiff->turn_end(skiff);
	skiff->in_turn = false;
	skiff_run_death_row(skiff);
	return done;
}

uint64_t skiff_next(const struct skiff *skiff)
{
	u64 tick, fine, ns;

	if (!list_empty(&skiff->work))
		return skiff->now;
	fine = handle_heap_next(&skiff->fine);
	tick = next_tick(skiff);
	if (tick == UINT64_MAX)
		return fine == UINT64_MAX ? SKIFF_NEVER : fine;
	ns = skiff->env.now_ns + (tick - JIFFIES_START) * NSEC_PER_TICK;
	return ns < fine ? ns : fine;
}

const char *skiff_version(void)
{
	return SKIFF_VERSION;
}
