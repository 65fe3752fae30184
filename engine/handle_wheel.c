// SPDX-License-Identifier: BSD-2-Clause
/* engine/handle_wheel.c - the wheel of handles.
 *
 * An entry sits at the level of the highest 6-bit group in which its tick differs from the wheel's time, in the slot of that
 * group, and is looked at when that slot begins: so a slot has one tick, two slots never have the same, and what moves an
 * entry to a lower level is its owner, who lists it again. A handle's object is far from the wheel in memory: the lines are
 * asked for PREFETCH entries ahead.
 */
#include "engine/handle_wheel.h"

#include "engine/skiff.h"
#include "net/journey.h"

#define PREFETCH 12
/* Farther than this (70 years) is as good as this far. */
#define WHEEL_SPAN (1ULL << (WHEEL_BITS * WHEEL_LEVELS - 1))
/* Blocks are taken from the shard so many at a time: the first few, then more. */
#define REGION_BLOCKS_MIN 15
#define REGION_BLOCKS_MAX 255

struct region {
	struct region *next;
	u8 unused[sizeof(struct handle_block) - sizeof(struct region *)];
};

static_assert(sizeof(struct region) == sizeof(struct handle_block),
	      "a region's link takes a block's place");

static unsigned level_of(u64 tick, u64 now)
{
	unsigned level = (63u - (unsigned)__builtin_clzll((tick ^ now) | 1)) / WHEEL_BITS;

	return level < WHEEL_LEVELS ? level : WHEEL_LEVELS - 1;
}

static unsigned slot_of(u64 tick, unsigned level)
{
	return (unsigned)(tick >> (WHEEL_BITS * level)) & (WHEEL_SLOTS - 1);
}

void handle_wheel_init(struct handle_wheel *w, struct skiff *skiff, u64 now)
{
	memset(w, 0, sizeof(*w));
	w->skiff = skiff;
	w->now = now;
}

void handle_wheel_exit(struct handle_wheel *w)
{
	while (w->regions) {
		struct region *r = w->regions;

		w->regions = r->next;
		skiff_free(w->skiff, r);
	}
	handle_wheel_init(w, w->skiff, w->now);
}

u32 handle_wheel_kind(struct handle_wheel *w, const struct handle_kind *kind)
{
	NET_ASSERT(w->nr_kinds < HANDLE_KINDS);
	w->kind[w->nr_kinds] = *kind;
	return w->nr_kinds++;
}

static bool blocks_grow(struct handle_wheel *w)
{
	u32 n = w->nr_blocks ? REGION_BLOCKS_MAX : REGION_BLOCKS_MIN;
	struct region *r = skiff_alloc_aligned(w->skiff, (n + 1) * sizeof(struct handle_block), 64);
	struct handle_block *b = (struct handle_block *)(r + 1);

	if (!r)
		return false;
	r->next = w->regions;
	w->regions = r;
	w->nr_blocks += n;
	while (n--) {
		b[n].next = w->free;
		w->free = &b[n];
	}
	return true;
}

/* A block for the end of @s. */
static struct handle_block *slot_grow(struct handle_wheel *w, struct handle_slot *s)
{
	struct handle_block *b;

	if (!w->free && !blocks_grow(w))
		return NULL;
	b = w->free;
	w->free = b->next;
	b->next = NULL;
	b->n = 0;
	if (s->last)
		s->last->next = b;
	else
		s->first = b;
	return s->last = b;
}

/* No memory: to be looked at too early does no harm, so any slot with room before @tick will do. */
static __noinline_cold u64 add_early(struct handle_wheel *w, u32 entry, u64 tick)
{
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		for (u64 left = w->pending[level]; left; left &= left - 1) {
			unsigned slot = (unsigned)__builtin_ctzll(left);
			struct handle_block *b = w->slot[level][slot].last;
			u64 at = (w->now >> (WHEEL_BITS * level)) - slot_of(w->now, level) + slot;

			at <<= WHEEL_BITS * level;
			if (b->n == HANDLE_BLOCK_ENTRIES || at <= w->now || at > tick)
				continue;
			b->entry[b->n++] = entry;
			w->count++;
			return at;
		}
	}
	return 0;
}

u64 handle_wheel_add(struct handle_wheel *w, u32 kind, u32 handle, u64 tick)
{
	u32 entry = kind << SLAB_HANDLE_BITS | handle;
	struct handle_slot *s;
	struct handle_block *b;
	unsigned level, slot;

	NET_ASSERT(kind < w->nr_kinds && handle >> SLAB_HANDLE_BITS == 0);
	if (unlikely(tick > w->now + WHEEL_SPAN))
		tick = w->now + WHEEL_SPAN;
	if (tick <= w->now)
		tick = w->now + 1;
	level = level_of(tick, w->now);
	slot = slot_of(tick, level);
	s = &w->slot[level][slot];
	b = s->last;
	if (unlikely(!b || b->n == HANDLE_BLOCK_ENTRIES)) {
		b = slot_grow(w, s);
		if (unlikely(!b))
			return add_early(w, entry, tick);
	}
	b->entry[b->n++] = entry;
	w->pending[level] |= 1ULL << slot;
	w->count++;
	return tick >> (WHEEL_BITS * level) << (WHEEL_BITS * level);
}

/* The first slot that begins after now: of the lowest level that has any, as lower levels begin first. */
static u64 next_slot(const struct handle_wheel *w, unsigned *level)
{
	for (unsigned l = 0; l < WHEEL_LEVELS; l++) {
		unsigned at;
		u64 rot;

		if (!w->pending[l])
			continue;
		/* Only the top level can wrap. */
		at = slot_of(w->now, l);
		rot = at ? w->pending[l] >> at | w->pending[l] << (WHEEL_SLOTS - at) :
			   w->pending[l];
		*level = l;
		return ((w->now >> (WHEEL_BITS * l)) + (unsigned)__builtin_ctzll(rot))
		       << (WHEEL_BITS * l);
	}
	return UINT64_MAX;
}

u64 handle_wheel_next(const struct handle_wheel *w)
{
	unsigned level;

	return next_slot(w, &level);
}

struct cursor {
	const struct handle_block *b;
	u32 i;
};

static void prefetch_one(const struct handle_wheel *w, struct cursor *c)
{
	const struct handle_kind *k;
	u32 entry;

	if (c->b && c->i == c->b->n) {
		c->b = c->b->next;
		c->i = 0;
	}
	if (!c->b)
		return;
	entry = c->b->entry[c->i++];
	k = &w->kind[entry >> SLAB_HANDLE_BITS];
	if (k->prefetch)
		k->prefetch(k->arg, entry & ((1u << SLAB_HANDLE_BITS) - 1));
}

static unsigned run_blocks(struct handle_wheel *w, struct handle_block *b, u64 tick)
{
	struct cursor ahead = { b, 0 };
	unsigned ran = 0;

	for (unsigned i = 0; i < PREFETCH; i++)
		prefetch_one(w, &ahead);
	while (b) {
		struct handle_block *next = b->next;

		for (u32 i = 0; i < b->n; i++) {
			const struct handle_kind *k = &w->kind[b->entry[i] >> SLAB_HANDLE_BITS];

			prefetch_one(w, &ahead);
			/* No packet is being handled before and after it. */
			if (journey_on(w->skiff))
				w->skiff->journey->cur = 0;
			k->run(k->arg, b->entry[i] & ((1u << SLAB_HANDLE_BITS) - 1), tick);
		}
		ran += b->n;
		b->next = w->free;
		w->free = b;
		b = next;
	}
	if (journey_on(w->skiff))
		w->skiff->journey->cur = 0;
	return ran;
}

unsigned handle_wheel_run(struct handle_wheel *w, u64 now)
{
	unsigned level = 0, ran = 0, n;
	u64 tick;

	while ((tick = next_slot(w, &level)) <= now) {
		unsigned slot = slot_of(tick, level);
		struct handle_block *b = w->slot[level][slot].first;

		w->slot[level][slot] = (struct handle_slot){ NULL, NULL };
		w->pending[level] &= ~(1ULL << slot);
		w->now = tick;
		n = run_blocks(w, b, tick);
		w->count -= n;
		ran += n;
	}
	if (now > w->now)
		w->now = now;
	return ran;
}
