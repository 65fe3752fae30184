/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/slab.h - objects of one size that have a 32-bit name beside their address.
 *
 * DOC: Slabs
 * Objects stand in blocks of 64 KB, so an address gives its block and a handle is block number and place. 0 is no handle,
 * and a handle needs at most SLAB_HANDLE_BITS bits: who stores it has room for a few of its own. Objects are type-stable:
 * a freed one stays memory of this slab (its first four bytes link it, the others are as they were left), and the one that
 * was freed last is the next to be given. So a handle kept too long costs a look at an object that is no longer, or not the
 * same one; whoever keeps handles finds out from the object's fields.
 *
 * What is left over in a block stands in front of its objects, in each block another part of it: else objects of, say, 20 lines
 * would have their first lines in a quarter of the caches' sets.
 */
#ifndef ENGINE_SLAB_H
#define ENGINE_SLAB_H

#include "net/types.h"

struct skiff;

#define SLAB_BLOCK_SIZE	 65536u
#define SLAB_HANDLE_BITS 28
/* In front of a block's objects: one line, so that objects of whole lines stay aligned. */
#define SLAB_HEAD 64u

/**
 * struct slab - objects of @size bytes
 * @blocks:    the first object of each, by number; NULL where one was given back
 * @size:      bytes from one object to the next
 * @recip:     2^32 / @size, rounded up: division of an offset in a block
 * @shift:     bits of a handle that tell the place within its block (1 .. @per_block)
 * @free:      handle of the object freed last, 0 if none
 * @fresh, @fresh_end: handles never given yet in the newest block
 * @used:      objects that are out
 * @colours:   places where the first object of a block may stand, a line apart
 * @nr_blocks: blocks that exist; @top_block: numbers given out; @cap_blocks: room in @blocks
 */
struct slab {
	u8 **blocks;
	u32 size;
	u32 shift;
	u32 recip;
	u32 per_block;
	u32 free;
	u32 fresh, fresh_end;
	u32 used;
	u32 nr_blocks, top_block, cap_blocks;
	u32 colours;
	struct skiff *skiff;
};

/**
 * struct slab_block - the first line of a block
 * @number: index in slab.blocks
 * @first:  offset of the first object
 * @region: in the first of the blocks that were taken together: how many; else 0
 * @live:   under a sanitizer: a bit for each object in use, by place
 */
struct slab_block {
	u32 number;
	u32 first;
	u32 region;
	u64 *live;
};

/** slab_init() - @size: 16 .. 32768 bytes, rounded up to 16; objects of a multiple of 64 bytes are aligned to 64. Takes no memory yet */
void slab_init(struct slab *s, struct skiff *skiff, u32 size);
/** slab_exit() - gives all blocks back; every object has been freed */
void slab_exit(struct slab *s);
/** slab_alloc() - an object with arbitrary contents; NULL: no memory */
void *slab_alloc(struct slab *s);
/** slab_zalloc() - an object of zeroes; NULL: no memory */
void *slab_zalloc(struct slab *s);
/** slab_free() - give an object back; it stays readable */
void slab_free(struct slab *s, void *obj);
/** slab_shrink() - return blocks without an object in use to the shard. Return: how many. Their handles name nothing from then on */
u32 slab_shrink(struct slab *s);

/** slab_handle() - the object's handle: never 0, below 2^SLAB_HANDLE_BITS. Looks at the block's first line */
static inline u32 slab_handle(const struct slab *s, const void *obj)
{
	uintptr_t at = (uintptr_t)obj, base = at & ~(uintptr_t)(SLAB_BLOCK_SIZE - 1);
	const struct slab_block *b = (const struct slab_block *)base;
	u32 off = (u32)(at - base) - b->first;

	return b->number << s->shift | ((u32)((u64)off * s->recip >> 32) + 1);
}

/** slab_ptr() - the object that @handle names, in use or not; it has been given out and its block was not returned */
static inline void *slab_ptr(const struct slab *s, u32 handle)
{
	u32 place = (handle & ((1u << s->shift) - 1)) - 1;

	return s->blocks[handle >> s->shift] + (size_t)place * s->size;
}

/**
 * slab_look() - the object behind a handle that may be out of date
 * Return: NULL if its block is gone (under a sanitizer: also if the object is free); else the object, which may be a freed or another one
 */
void *slab_look(const struct slab *s, u32 handle);

/** slab_prefetch() - start loading one line of an object, @off bytes into it; harmless for a stale handle */
static inline void slab_prefetch(const struct slab *s, u32 handle, u32 off)
{
	if (likely(s->blocks[handle >> s->shift]))
		__builtin_prefetch((u8 *)slab_ptr(s, handle) + off);
}

/** slab_bytes() - memory that the slab holds, bytes */
u64 slab_bytes(const struct slab *s);

#endif
