/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/timer.h - timers of a shard: a hierarchical wheel with millisecond ticks. */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

#include "lib/list.h"
#include "net/types.h"

struct skiff;

/* One tick is one millisecond; the kernel's HZ as seen in sysctls and /proc (USER_HZ) is 100. */
#define HZ	1000
#define USER_HZ 100

/**
 * struct timer_list - one timer, embedded in its owner
 * @function: runs once at @expires; may re-arm or free its owner
 * @expires:  ticks (see skiff->jiffies); meaningful while pending
 */
struct timer_list {
	struct list_head entry;
	u64 expires;
	void (*function)(struct timer_list *t);
	struct skiff *skiff;
};

#define from_timer(var, t, member) container_of(t, __typeof__(*var), member)

#define WHEEL_BITS   6
#define WHEEL_SLOTS  (1 << WHEEL_BITS)
#define WHEEL_LEVELS 7

/**
 * struct timer_wheel - WHEEL_LEVELS levels of 64 slots; a timer sits exactly, not rounded: far ones cascade down
 * @now:     last tick that was run
 * @pending: bitmap of non-empty slots, a word per level
 * @count:   timers armed
 */
struct timer_wheel {
	u64 now;
	u64 pending[WHEEL_LEVELS];
	u32 count;
	struct list_head slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void timer_setup(struct timer_list *t, struct skiff *skiff, void (*function)(struct timer_list *t));
/** mod_timer() - arm @t for tick @expires (the next tick if that has passed). Return: it was pending */
bool mod_timer(struct timer_list *t, u64 expires);
/** timer_delete() - disarm; harmless if not armed. Return: it was pending */
bool timer_delete(struct timer_list *t);

static inline bool timer_pending(const struct timer_list *t)
{
	return t->entry.next != NULL;
}

void timer_wheel_init(struct timer_wheel *w, u64 now);
/** timer_wheel_run() - run every timer with expires <= @now, in order of expiry. Return: how many ran */
unsigned timer_wheel_run(struct timer_wheel *w, u64 now);
/** timer_wheel_next() - tick at which timer_wheel_run() has something to do: the earliest timer, or before it; U64_MAX if none is armed */
u64 timer_wheel_next(const struct timer_wheel *w);

#endif
