// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skb_pool.c - where packets, shared infos and chunks come from: stacks that grow by runs, and the current chunk. */
#include "skb_pool.h"

#define RUN_OBJECTS 64
/* Less than this at a chunk's end is not worth a fragment. */
#define CHUNK_USEFUL 512u

struct skb_run {
	struct skb_run *next;
};

bool skb_stack_grow(struct skiff *skiff, struct skb_stack *s)
{
	u32 cap = s->cap + RUN_OBJECTS;
	struct skb_run *run;
	void **obj;

	/* The first line of a run holds its link; objects follow. */
	run = skiff_alloc_aligned(skiff, 64 + RUN_OBJECTS * (size_t)s->size, 64);
	if (!run)
		return false;
	obj = skiff_alloc(skiff, cap * sizeof(*obj));
	if (!obj) {
		skiff_free(skiff, run);
		return false;
	}
	skiff_free(skiff, s->obj);
	s->obj = obj;
	s->cap = cap;
	run->next = s->runs;
	s->runs = run;
	for (u32 i = RUN_OBJECTS; i-- > 0;) {
		void *o = (u8 *)run + 64 + i * (size_t)s->size;

		if (s->make)
			s->make(o);
		skb_stack_push(s, o);
	}
	return true;
}

void skb_stack_exit(struct skiff *skiff, struct skb_stack *s)
{
	NET_ASSERT(s->n == s->cap); /* everything has come back */
	while (s->runs) {
		struct skb_run *run = s->runs;

		s->runs = run->next;
		asan_unpoison((u8 *)run + 64, RUN_OBJECTS * (size_t)s->size);
		skiff_free(skiff, run);
	}
	skiff_free(skiff, s->obj);
}

/* ---- chunks ---- */

struct skb_chunk *skb_chunk_alloc(struct skiff *skiff, u32 size)
{
	struct skb_pool *pool = skiff->skb_pool;
	struct skb_chunk *c;

	if (size == SKB_CHUNK_SIZE && pool->n_chunks)
		c = pool->chunks[--pool->n_chunks];
	else
		c = skiff_alloc_aligned(skiff, sizeof(*c) + size, 64);
	if (c) {
		c->skiff = skiff;
		c->refs = 1;
		c->size = size;
	}
	return c;
}

void skb_chunk_free(struct skb_chunk *c)
{
	struct skb_pool *pool = c->skiff->skb_pool;

	if (c->size == SKB_CHUNK_SIZE && pool->n_chunks < SKB_CHUNKS_KEPT)
		pool->chunks[pool->n_chunks++] = c;
	else
		skiff_free(c->skiff, c);
}

void skb_chunks_exit(struct skiff *skiff)
{
	struct skb_pool *pool = skiff->skb_pool;

	if (pool->chunk)
		skb_chunk_put(pool->chunk);
	pool->chunk = NULL;
	while (pool->n_chunks)
		skiff_free(skiff, pool->chunks[--pool->n_chunks]);
}

struct skb_chunk *skb_chunk_reserve(struct skiff *skiff, u32 want, u32 *off)
{
	struct skb_pool *pool = skiff->skb_pool;
	struct skb_chunk *c = pool->chunk;

	/* Nobody else looks at it: from the start again. */
	if (likely(c) && c->refs == 1)
		pool->chunk_off = 0;
	if (unlikely(!c || c->size - pool->chunk_off < min_t(u32, want, CHUNK_USEFUL))) {
		struct skb_chunk *n = skb_chunk_alloc(skiff, SKB_CHUNK_SIZE);

		if (!n)
			return NULL;
		if (c)
			skb_chunk_put(c);
		pool->chunk = c = n;
		pool->chunk_off = 0;
	}
	*off = pool->chunk_off;
	return c;
}

void skb_chunk_commit(struct skiff *skiff, u32 n)
{
	NET_ASSERT(skiff->skb_pool->chunk_off + n <= SKB_CHUNK_SIZE);
	skiff->skb_pool->chunk_off += n;
}
