/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/skb_pool.h - the shard's stacks of free packets, shared infos and chunks; for the skb*.c beside it. */
#ifndef NET_CORE_SKB_POOL_H
#define NET_CORE_SKB_POOL_H

#include "engine/asan.h"
#include "net/skbuff.h"

/* Header, fragments, partial sums with their unit. */
#define SKB_INFO_SIZE 384u
static_assert(sizeof(struct skb_shared_info) + MAX_SKB_FRAGS * sizeof(struct skb_frag) +
			      2 * (1 + SKB_SUMS_MAX) <=
		      SKB_INFO_SIZE,
	      "a shared info holds every fragment and sum");
static_assert(sizeof(struct skb_shared_info) + SKB_REF_FRAGS * sizeof(struct skb_frag) +
			      2 * (1 + SKB_REF_SUMS) <=
		      SKB_REF_INFO,
	      "so does the small one, with seven sums");

/* Free chunks kept: as much as lies in a cache or two. */
#define SKB_CHUNKS_KEPT 64

/**
 * struct skb_stack - free objects of one size: the one freed last is taken first
 * @cap:  objects that exist, so the stack never overflows
 * @make: how a new one begins; NULL: as it is
 */
struct skb_stack {
	void **obj;
	u32 n, cap;
	u32 size;
	void (*make)(void *obj);
	struct skb_run *runs;
};

/**
 * struct skb_pool
 * @chunk: where the next bytes of a user go, from @chunk_off on; NULL: none yet
 */
struct skb_pool {
	struct skb_stack slab, ref, info;
	struct skb_chunk *chunk;
	u32 chunk_off;
	u32 n_chunks; /* free ones */
	struct skb_chunk *chunks[SKB_CHUNKS_KEPT];
};

bool skb_stack_grow(struct skiff *skiff, struct skb_stack *s);
void skb_stack_exit(struct skiff *skiff, struct skb_stack *s);
void skb_chunks_exit(struct skiff *skiff);

static inline void *skb_stack_pop(struct skiff *skiff, struct skb_stack *s)
{
	void *obj;

	if (unlikely(!s->n) && !skb_stack_grow(skiff, s))
		return NULL;
	obj = s->obj[--s->n];
	asan_unpoison(obj, s->size);
	return obj;
}

static inline void skb_stack_push(struct skb_stack *s, void *obj)
{
	asan_poison(obj, s->size);
	s->obj[s->n++] = obj;
}

static inline u8 *skb_inline_bytes(struct sk_buff *skb)
{
	return (u8 *)(skb + 1);
}

/* The shared info in a packet of the small class. */
static inline struct skb_shared_info *skb_inline_info(struct sk_buff *skb)
{
	return (struct skb_shared_info *)(skb_inline_bytes(skb) + SKB_REF_HEADROOM);
}

/* Everything but frag_list; no references are taken, sums that do not fit are left out. */
static inline void skb_info_copy(struct skb_shared_info *to, const struct skb_shared_info *from)
{
	u8 room = to->max_frags == MAX_SKB_FRAGS ? SKB_SUMS_MAX : SKB_REF_SUMS;

	to->nr_frags = from->nr_frags;
	to->gso_type = from->gso_type;
	to->gso_size = from->gso_size;
	to->gso_segs = from->gso_segs;
	memcpy(to->frags, from->frags, from->nr_frags * sizeof(to->frags[0]));
	to->nr_sums = min_t(u8, from->nr_sums, room);
	if (to->nr_sums)
		memcpy(skb_sums(to), skb_sums(from), 2u * (1 + to->nr_sums));
}

/** skb_shinfo_grow() - the shared info, with room for MAX_SKB_FRAGS fragments; NULL: no memory, nothing changed */
struct skb_shared_info *skb_shinfo_grow(struct skiff *skiff, struct sk_buff *skb);
/** skb_drop_parts() - give fragments and frag_list back; len is the caller's business */
void skb_drop_parts(struct skiff *skiff, struct sk_buff *skb);
/** skb_walk() - calls @fn for each contiguous piece of [off, off + len). Return: false if the packet is shorter */
bool skb_walk(const struct sk_buff *skb, u32 off, u32 len,
	      void (*fn)(void *arg, const u8 *p, u32 n), void *arg);
/** skb_frags_checksum() - csum_partial() over @len paged bytes from @off, taken from the bytes; they are there */
u32 skb_frags_checksum(const struct skb_shared_info *si, u32 off, u32 len);
/** skb_move_bytes() - the linear bytes to a buffer of @skb's own, with so much room on either side. 0 or -ENOMEM */
int skb_move_bytes(struct skiff *skiff, struct sk_buff *skb, u32 headroom, u32 tailroom);

#endif
