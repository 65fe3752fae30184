// SPDX-License-Identifier: BSD-2-Clause
/* engine/timer.c - the timer wheel of a shard.
 *
 * DOC: Timers
 * Seven levels of 64 slots, one tick a millisecond. A timer sits at the level of the highest 6-bit group in which its
 * expiry differs from the wheel's time, so every timer of a lower level is due before any of a higher one. Nothing is
 * rounded: when time reaches a slot of a higher level its timers move down, so a wheel with far timers asks to be run at
 * that slot's start, which is never late and touches no timer. Timers of one tick run in reverse order of arming, as in
 * the kernel, where it shows: of two neighbours that fail in one tick the later one fails first, and its error finds the
 * other one still waiting. Arming and disarming touch one list and one bit.
 */
#include "engine/timer.h"

#include "engine/skiff.h"
#include "net/journey.h"

/* Farther than this (70 years) is as good as this far: half of what the top level tells apart. */
#define WHEEL_SPAN (1ULL << (WHEEL_BITS * WHEEL_LEVELS - 1))

static unsigned wheel_level(u64 expires, u64 now)
{
	u64 diff = (expires ^ now) | 1;
	unsigned level = (63u - (unsigned)__builtin_clzll(diff)) / WHEEL_BITS;

	return level < WHEEL_LEVELS ? level : WHEEL_LEVELS - 1;
}

static unsigned wheel_slot(u64 t, unsigned level)
{
	return (unsigned)(t >> (WHEEL_BITS * level)) & (WHEEL_SLOTS - 1);
}

static void wheel_insert(struct timer_wheel *w, struct timer_list *t)
{
	unsigned level = wheel_level(t->expires, w->now);
	unsigned slot = wheel_slot(t->expires, level);

	list_add(&t->entry, &w->slot[level][slot]);
	w->pending[level] |= 1ULL << slot;
}

void timer_wheel_init(struct timer_wheel *w, u64 now)
{
	memset(w, 0, sizeof(*w));
	w->now = now;
	for (unsigned l = 0; l < WHEEL_LEVELS; l++)
		for (unsigned s = 0; s < WHEEL_SLOTS; s++)
			INIT_LIST_HEAD(&w->slot[l][s]);
}

void timer_setup(struct timer_list *t, struct skiff *skiff, void (*function)(struct timer_list *t))
{
	t->entry.next = t->entry.prev = NULL;
	t->expires = 0;
	t->function = function;
	t->skiff = skiff;
}

bool timer_delete(struct timer_list *t)
{
	struct timer_wheel *w;
	struct list_head *prev;

	if (!timer_pending(t))
		return false;
	w = &t->skiff->wheel;
	prev = t->entry.prev;
	list_del(&t->entry);
	w->count--;
	/* The only one left in a ring of one is the slot's head itself. */
	if (prev->next == prev && prev >= &w->slot[0][0] &&
	    prev < &w->slot[0][0] + WHEEL_LEVELS * WHEEL_SLOTS) {
		size_t i = (size_t)(prev - &w->slot[0][0]);

		w->pending[i / WHEEL_SLOTS] &= ~(1ULL << (i % WHEEL_SLOTS));
	}
	return true;
}

bool mod_timer(struct timer_list *t, u64 expires)
{
	struct timer_wheel *w = &t->skiff->wheel;
	bool was = timer_delete(t);

	if (expires > w->now + WHEEL_SPAN)
		expires = w->now + WHEEL_SPAN;
	t->expires = expires > w->now ? expires : w->now + 1;
	wheel_insert(w, t);
	w->count++;
	return was;
}

u64 timer_wheel_next(const struct timer_wheel *w)
{
	for (unsigned l = 0; l < WHEEL_LEVELS; l++) {
		unsigned at, ahead;
		u64 rot, base;

		if (!w->pending[l])
			continue;
		/* Slots are in order of time from the wheel's own position on; only the top level can wrap. */
		at = wheel_slot(w->now, l);
		rot = at ? w->pending[l] >> at | w->pending[l] << (WHEEL_SLOTS - at) :
			   w->pending[l];
		ahead = (unsigned)__builtin_ctzll(rot);
		base = (w->now >> (WHEEL_BITS * l)) + ahead;
		return base << (WHEEL_BITS * l);
	}
	return UINT64_MAX;
}

/* Time is @now: what sits in the slots that it has reached moves to lower levels. */
static void wheel_advance(struct timer_wheel *w, u64 now)
{
	w->now = now;
	for (unsigned l = WHEEL_LEVELS - 1; l > 0; l--) {
		unsigned slot = wheel_slot(now, l);
		struct list_head list;

		if (!(w->pending[l] & 1ULL << slot))
			continue;
		INIT_LIST_HEAD(&list);
		list_splice_init(&w->slot[l][slot], &list);
		w->pending[l] &= ~(1ULL << slot);
		while (!list_empty(&list)) {
			struct timer_list *t = list_last_entry(&list, struct timer_list, entry);

			list_del(&t->entry);
			wheel_insert(w, t);
		}
	}
}

/* What a timer does is told apart from what others do: no packet is being handled before and after it. */
static void run_timer(struct timer_list *t)
{
	struct skiff *skiff = t->skiff;

	t->function(t);
	if (skiff && journey_on(skiff))
		skiff->journey->cur = 0;
}

unsigned timer_wheel_run(struct timer_wheel *w, u64 now)
{
	unsigned ran = 0;
	u64 next;

	while ((next = timer_wheel_next(w)) <= now) {
		struct list_head *due;

		wheel_advance(w, next);
		due = &w->slot[0][wheel_slot(next, 0)];
		/* One at a time: a timer may disarm another of the same tick. */
		while (!list_empty(due)) {
			struct timer_list *t = list_first_entry(due, struct timer_list, entry);

			timer_delete(t);
			run_timer(t);
			ran++;
		}
	}
	if (now > w->now)
		wheel_advance(w, now);
	return ran;
}
