// SPDX-License-Identifier: BSD-2-Clause
/* engine/slab.c - blocks of objects, and the list of the free ones.
 *
 * Blocks are aligned to their size. Past the first few they are taken sixteen at a time: an allocator that keeps its
 * own notes in front of each piece would otherwise leave a hole as large as the block before every one. A block's first
 * line says its number and how many blocks were taken with it.
 */
#include "engine/slab.h"

#include "engine/asan.h"
#include "engine/skiff.h"

#define REGION_MAX 16u

static_assert(sizeof(struct slab_block) <= SLAB_HEAD,
	      "a block's notes fit in front of its objects");

static u32 place_of(const struct slab *s, u32 handle)
{
	return (handle & ((1u << s->shift) - 1)) - 1;
}

static struct slab_block *block_of(const void *obj)
{
	return (struct slab_block *)((uintptr_t)obj & ~(uintptr_t)(SLAB_BLOCK_SIZE - 1));
}

/* Block @number; NULL if it was given back */
static struct slab_block *block_at(const struct slab *s, u32 number)
{
	return s->blocks[number] ? block_of(s->blocks[number]) : NULL;
}

/* Use after free is found by the sanitizer, but a look through an old handle is allowed: so it knows what lives. */
#ifdef SKIFF_ASAN
#define LIVE_WORDS(s) (((s)->per_block + 63) / 64)

static bool live_init(struct slab *s, struct slab_block *b)
{
	b->live = skiff_zalloc(s->skiff, LIVE_WORDS(s) * sizeof(u64));
	return b->live != NULL;
}

static void live_exit(struct slab *s, struct slab_block *b)
{
	skiff_free(s->skiff, b->live);
}

static void live_set(struct slab *s, void *obj, bool live)
{
	u32 place = place_of(s, slab_handle(s, obj));
	u64 *word = &block_of(obj)->live[place / 64], bit = 1ULL << (place % 64);

	NET_ASSERT(!(*word & bit) == live);
	*word = live ? *word | bit : *word & ~bit;
	if (live)
		asan_unpoison(obj, s->size);
	else
		asan_poison(obj, s->size);
}

static bool live_get(const struct slab *s, u32 handle)
{
	u32 place = place_of(s, handle);
	struct slab_block *b = block_at(s, handle >> s->shift);

	return b->live[place / 64] >> (place % 64) & 1;
}
#else
static bool live_init(struct slab *s, struct slab_block *b)
{
	return true;
}

static void live_exit(struct slab *s, struct slab_block *b)
{
}

static void live_set(struct slab *s, void *obj, bool live)
{
}

static bool live_get(const struct slab *s, u32 handle)
{
	return true;
}
#endif

void slab_init(struct slab *s, struct skiff *skiff, u32 size)
{
	memset(s, 0, sizeof(*s));
	size = ALIGN_UP(size, 16u);
	NET_ASSERT(size && size <= 32768);
	s->skiff = skiff;
	s->size = size;
	s->recip = (u32)((0x100000000ULL + size - 1) / size);
	s->per_block = (SLAB_BLOCK_SIZE - SLAB_HEAD) / size;
	s->shift = 32 - (u32)__builtin_clz(s->per_block);
	s->colours = (SLAB_BLOCK_SIZE - SLAB_HEAD - s->per_block * size) / 64 + 1;
}

static void region_free(struct slab *s, struct slab_block *b)
{
	u32 n = b->region;

	for (u32 i = 0; i < n; i++) {
		struct slab_block *x = (struct slab_block *)((u8 *)b + i * SLAB_BLOCK_SIZE);

		live_exit(s, x);
		s->blocks[x->number] = NULL;
	}
	asan_unpoison(b, (size_t)n * SLAB_BLOCK_SIZE);
	s->nr_blocks -= n;
	skiff_free(s->skiff, b);
}

void slab_exit(struct slab *s)
{
	NET_ASSERT(!s->used);
	for (u32 i = 0; i < s->top_block; i++) {
		struct slab_block *b = block_at(s, i);

		if (b && b->region)
			region_free(s, b);
	}
	skiff_free(s->skiff, s->blocks);
	memset(s, 0, sizeof(*s));
}

static bool table_grow(struct slab *s, u32 want)
{
	u32 cap = s->cap_blocks ? s->cap_blocks * 2 : 16;
	u8 **blocks;

	if (want <= s->cap_blocks)
		return true;
	blocks = skiff_zalloc(s->skiff, cap * sizeof(*blocks));
	if (!blocks)
		return false;
	if (s->top_block)
		memcpy(blocks, s->blocks, s->top_block * sizeof(*blocks));
	skiff_free(s->skiff, s->blocks);
	s->blocks = blocks;
	s->cap_blocks = cap;
	return true;
}

/* The first of @n numbers in a row that no block has; those of blocks that were returned are used again. */
static u32 free_numbers(const struct slab *s, u32 n)
{
	u32 run = 0;

	if (s->nr_blocks == s->top_block)
		return s->top_block;
	for (u32 i = 0; i < s->top_block; i++) {
		run = s->blocks[i] ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return s->top_block;
}

static bool region_add(struct slab *s)
{
	u32 n = s->nr_blocks < 1 ? 1 : min_t(u32, s->nr_blocks, REGION_MAX);
	u32 first = free_numbers(s, n);
	u8 *mem;

	if ((u64)(first + n) << s->shift > 1ULL << SLAB_HANDLE_BITS || !table_grow(s, first + n))
		return false;
	mem = skiff_alloc_aligned(s->skiff, (size_t)n * SLAB_BLOCK_SIZE, SLAB_BLOCK_SIZE);
	if (!mem)
		return false;
	for (u32 i = 0; i < n; i++) {
		struct slab_block *b = (struct slab_block *)(mem + (size_t)i * SLAB_BLOCK_SIZE);

		*b = (struct slab_block){ .number = first + i,
					  .first = SLAB_HEAD + (first + i) % s->colours * 64,
					  .region = i ? 0 : n };
		if (!live_init(s, b)) {
			while (i--)
				live_exit(s, (void *)(mem + (size_t)i * SLAB_BLOCK_SIZE));
			skiff_free(s->skiff, mem);
			return false;
		}
	}
	for (u32 i = 0; i < n; i++) {
		u8 *block = mem + (size_t)i * SLAB_BLOCK_SIZE;

		s->blocks[first + i] = block + ((struct slab_block *)block)->first;
		asan_poison(block + SLAB_HEAD, SLAB_BLOCK_SIZE - SLAB_HEAD);
	}
	s->fresh = first << s->shift | 1;
	s->fresh_end = first + n;
	s->top_block = max_t(u32, s->top_block, first + n);
	s->nr_blocks += n;
	return true;
}

/* The next object that was never given out; its page may not have been touched before. */
static void *fresh_object(struct slab *s)
{
	void *obj;

	if (s->fresh >> s->shift == s->fresh_end && !region_add(s))
		return NULL;
	obj = slab_ptr(s, s->fresh);
	if ((s->fresh & ((1u << s->shift) - 1)) == s->per_block)
		s->fresh = ((s->fresh >> s->shift) + 1) << s->shift | 1;
	else
		s->fresh++;
	return obj;
}

void *slab_alloc(struct slab *s)
{
	void *obj;

	if (likely(s->free)) {
		obj = slab_ptr(s, s->free);
		live_set(s, obj, true);
		s->free = *(u32 *)obj;
	} else {
		obj = fresh_object(s);
		if (unlikely(!obj))
			return NULL;
		live_set(s, obj, true);
	}
	s->used++;
	return obj;
}

void *slab_zalloc(struct slab *s)
{
	void *obj = slab_alloc(s);

	return likely(obj) ? memset(obj, 0, s->size) : NULL;
}

void slab_free(struct slab *s, void *obj)
{
	u32 handle = slab_handle(s, obj);

	NET_ASSERT(s->used && slab_ptr(s, handle) == obj);
	*(u32 *)obj = s->free;
	s->free = handle;
	s->used--;
	live_set(s, obj, false);
}

void *slab_look(const struct slab *s, u32 handle)
{
	if (unlikely(!s->blocks[handle >> s->shift]))
		return NULL;
	return live_get(s, handle) ? slab_ptr(s, handle) : NULL;
}

u64 slab_bytes(const struct slab *s)
{
	return (u64)s->nr_blocks * SLAB_BLOCK_SIZE + s->cap_blocks * sizeof(*s->blocks);
}

/* ---- giving back ---- */

static u32 next_free(struct slab *s, u32 handle)
{
	u32 *link = slab_ptr(s, handle), next;

	asan_unpoison(link, sizeof(*link));
	next = *link;
	asan_poison(link, s->size);
	return next;
}

static void set_next_free(struct slab *s, u32 handle, u32 next)
{
	u32 *link = slab_ptr(s, handle);

	asan_unpoison(link, sizeof(*link));
	*link = next;
	asan_poison(link, s->size);
}

/* Objects of a region that were given out once. */
static u32 region_given(const struct slab *s, const struct slab_block *b)
{
	u32 at = s->fresh >> s->shift, n = b->region * s->per_block;

	if (at < b->number || at >= b->number + b->region)
		return n;
	return (at - b->number) * s->per_block + place_of(s, s->fresh);
}

static const struct slab_block *region_of(const struct slab *s, u32 handle)
{
	u32 n = handle >> s->shift;

	while (!block_at(s, n)->region)
		n--;
	return block_at(s, n);
}

/* Free objects that stay keep their order; those of regions in @count that are all free leave the list. */
static void unlink_regions(struct slab *s, const u32 *count)
{
	u32 h = s->free, last = 0;

	s->free = 0;
	for (u32 next; h; h = next) {
		const struct slab_block *b = region_of(s, h);

		next = next_free(s, h);
		if (count[b->number] == region_given(s, b))
			continue;
		if (last)
			set_next_free(s, last, h);
		else
			s->free = h;
		last = h;
	}
	if (last)
		set_next_free(s, last, 0);
}

u32 slab_shrink(struct slab *s)
{
	u32 before = s->nr_blocks, *count;

	if (!s->top_block)
		return 0;
	count = skiff_zalloc(s->skiff, s->top_block * sizeof(*count));
	if (!count)
		return 0;
	for (u32 h = s->free; h; h = next_free(s, h))
		count[region_of(s, h)->number]++;
	unlink_regions(s, count);
	for (u32 i = 0; i < s->top_block; i++) {
		struct slab_block *b = block_at(s, i);

		if (!b || !b->region || count[i] != region_given(s, b))
			continue;
		if (b->number + b->region == s->fresh_end)
			s->fresh = s->fresh_end << s->shift | 1;
		region_free(s, b);
	}
	skiff_free(s->skiff, count);
	return before - s->nr_blocks;
}
