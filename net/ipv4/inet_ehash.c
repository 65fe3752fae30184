// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_ehash.c - lines of tags: inserting, splitting and merging. Looking up is inline, inet_ehash.h. */
#include "net/ipv4/inet_ehash.h"

#define EHASH_MEAN_MAX 6
#define EHASH_MEAN_MIN 2

void inet_ehash_init(struct inet_ehash *e, struct skiff *skiff,
		     u32 (*hash_of)(void *arg, u32 entry), void (*prefetch)(void *arg, u32 entry),
		     void *arg)
{
	memset(e, 0, sizeof(*e));
	e->level = EHASH_MIN_LEVEL;
	e->skiff = skiff;
	e->hash_of = hash_of;
	e->prefetch = prefetch;
	e->arg = arg;
	slab_init(&e->overflow, skiff, sizeof(struct ehash_line));
}

void inet_ehash_exit(struct inet_ehash *e)
{
	NET_ASSERT(!e->count && !e->overflow.used);
	for (u32 i = 0; i < e->nr_seg; i++)
		skiff_free(e->skiff, e->seg[i]);
	skiff_free(e->skiff, e->seg);
	slab_exit(&e->overflow);
}

u64 ehash_bytes(const struct inet_ehash *e)
{
	return (u64)e->nr_seg * EHASH_SEG_LINES * sizeof(struct ehash_line) +
	       e->cap_seg * sizeof(e->seg[0]) + slab_bytes(&e->overflow);
}

/* Have memory for line @i. 0 or -ENOMEM */
static int ehash_room(struct inet_ehash *e, u32 i)
{
	struct ehash_line **seg;
	u32 cap;

	if (i >> EHASH_SEG_SHIFT < e->nr_seg)
		return 0;
	if (e->nr_seg == e->cap_seg) {
		cap = e->cap_seg ? 2 * e->cap_seg : 8;
		seg = skiff_alloc(e->skiff, cap * sizeof(*seg));
		if (!seg)
			return -ENOMEM;
		if (e->nr_seg)
			memcpy(seg, e->seg, e->nr_seg * sizeof(*seg));
		skiff_free(e->skiff, e->seg);
		e->seg = seg;
		e->cap_seg = cap;
	}
	e->seg[e->nr_seg] =
		skiff_alloc_aligned(e->skiff, EHASH_SEG_LINES * sizeof(struct ehash_line), 64);
	if (!e->seg[e->nr_seg])
		return -ENOMEM;
	memset(e->seg[e->nr_seg++], 0, EHASH_SEG_LINES * sizeof(struct ehash_line));
	return 0;
}

/* One entry into the chain of @line. 0 or -ENOMEM */
static int line_add(struct inet_ehash *e, struct ehash_line *line, u32 hash, u32 entry)
{
	struct ehash_line *more;

	for (;;) {
		for (u32 i = 0; i < EHASH_SLOTS; i++) {
			if (line->entry[i])
				continue;
			line->entry[i] = entry;
			line->tag[i] = (u16)(hash >> 16);
			return 0;
		}
		if (!line->more)
			break;
		line = slab_ptr(&e->overflow, line->more);
	}
	more = slab_zalloc(&e->overflow);
	if (!more)
		return -ENOMEM;
	more->entry[0] = entry;
	more->tag[0] = (u16)(hash >> 16);
	line->more = slab_handle(&e->overflow, more);
	return 0;
}

static bool line_empty(const struct ehash_line *line)
{
	for (u32 i = 0; i < EHASH_SLOTS; i++) {
		if (line->entry[i])
			return false;
	}
	return true;
}

/* Overflow lines behind @line that hold nothing are given back. */
static void line_trim(struct inet_ehash *e, struct ehash_line *line)
{
	while (line->more) {
		struct ehash_line *next = slab_ptr(&e->overflow, line->more);

		if (!line_empty(next)) {
			line = next;
			continue;
		}
		line->more = next->more;
		slab_free(&e->overflow, next);
	}
}

static struct ehash_line *line_next(const struct inet_ehash *e, const struct ehash_line *line)
{
	return line->more ? slab_ptr(&e->overflow, line->more) : NULL;
}

/* A move from chain @to to chain @from failed half way: what has @bit in its hash goes back, into the slots it left. */
static void chain_return(struct inet_ehash *e, struct ehash_line *from, struct ehash_line *to,
			 u32 bit)
{
	for (struct ehash_line *line = from; line; line = line_next(e, line)) {
		for (u32 i = 0; i < EHASH_SLOTS; i++) {
			u32 h = line->entry[i] ? e->hash_of(e->arg, line->entry[i]) : 0;

			if (!(h & bit))
				continue;
			line_add(e, to, h, line->entry[i]);
			line->entry[i] = 0;
		}
	}
	line_trim(e, from);
}

/*
 * Line @split of the lower half gives those entries to its new twin whose next bit is set. If memory runs out on the way it is
 * tried again with the next insert.
 */
static void ehash_split(struct inet_ehash *e)
{
	u32 bit = 1u << e->level, from = e->split, h;
	struct ehash_line *line, *twin;

	if (ehash_room(e, from + bit))
		return;
	twin = ehash_line_at(e, from + bit);
	for (line = ehash_line_at(e, from); line; line = line_next(e, line)) {
		for (u32 i = 0; i < EHASH_SLOTS; i++) {
			if (line->entry[i])
				e->prefetch(e->arg, line->entry[i]);
		}
	}
	for (line = ehash_line_at(e, from); line; line = line_next(e, line)) {
		for (u32 i = 0; i < EHASH_SLOTS; i++) {
			if (!line->entry[i])
				continue;
			h = e->hash_of(e->arg, line->entry[i]);
			if (!(h & bit))
				continue;
			if (line_add(e, twin, h, line->entry[i]))
				goto undo;
			line->entry[i] = 0;
		}
	}
	line_trim(e, ehash_line_at(e, from));
	if (++e->split == bit) {
		e->split = 0;
		e->level++;
	}
	return;
undo:
	chain_return(e, twin, ehash_line_at(e, from), bit);
}

/* The last line goes back into its twin. */
static void ehash_merge(struct inet_ehash *e)
{
	struct ehash_line *line, *next, *twin;
	u32 level = e->split ? e->level : e->level - 1;
	u32 to = (e->split ? e->split : 1u << level) - 1;

	line = ehash_line_at(e, to + (1u << level));
	twin = ehash_line_at(e, to);
	/* An entry that finds no memory on the way stays, and with it the line. */
	for (next = line; next; next = line_next(e, next)) {
		for (u32 i = 0; i < EHASH_SLOTS; i++) {
			if (!next->entry[i])
				continue;
			if (line_add(e, twin, (u32)next->tag[i] << 16, next->entry[i]))
				goto undo;
			next->entry[i] = 0;
		}
	}
	line_trim(e, line);
	e->level = level;
	e->split = to;
	return;
undo:
	chain_return(e, twin, line, 1u << level);
}

int ehash_insert(struct inet_ehash *e, u32 hash, u32 entry)
{
	int err;

	NET_ASSERT(entry);
	if (unlikely(!e->nr_seg) && ehash_room(e, 0))
		return -ENOMEM;
	err = line_add(e, ehash_first(e, hash), hash, entry);
	if (err)
		return err;
	if (++e->count > ehash_lines(e) * EHASH_MEAN_MAX && !e->walking)
		ehash_split(e);
	return 0;
}

static u32 *ehash_slot(struct inet_ehash *e, u32 hash, u32 entry)
{
	struct ehash_line *line;

	if (!e->nr_seg)
		return NULL;
	for (line = ehash_first(e, hash); line; line = line_next(e, line)) {
		for (u64 m = ehash_match(line, hash); m; m &= m - 1) {
			u32 *slot = &line->entry[ehash_slot_of(m)];

			if (*slot == entry)
				return slot;
		}
	}
	return NULL;
}

bool ehash_replace(struct inet_ehash *e, u32 hash, u32 old, u32 new)
{
	u32 *slot = ehash_slot(e, hash, old);

	if (slot)
		*slot = new;
	return slot != NULL;
}

bool ehash_remove(struct inet_ehash *e, u32 hash, u32 entry)
{
	u32 *slot = ehash_slot(e, hash, entry);

	if (!slot)
		return false;
	*slot = 0;
	e->count--;
	line_trim(e, ehash_first(e, hash));
	if (unlikely(e->count < ehash_lines(e) * EHASH_MEAN_MIN) &&
	    ehash_lines(e) > 1u << EHASH_MIN_LEVEL && !e->walking)
		ehash_merge(e);
	return true;
}

void ehash_walk(struct inet_ehash *e, void (*fn)(void *arg, u32 entry), void *arg)
{
	u32 lines = e->nr_seg ? ehash_lines(e) : 0, handle;

	e->walking++;
	for (u32 i = 0; i < lines; i++) {
		struct ehash_line copy = *ehash_line_at(e, i);

		for (;;) {
			for (u32 k = 0; k < EHASH_SLOTS; k++) {
				if (copy.entry[k])
					fn(arg, copy.entry[k]);
			}
			handle = copy.more;
			if (!handle)
				break;
			/* It may have been emptied and given back: then it is gone with all it held. */
			copy = *(struct ehash_line *)slab_ptr(&e->overflow, handle);
		}
	}
	e->walking--;
}
