// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skbuff.c - packets: the pool they come from, references to their bytes, and the ways they end.
 *
 * DOC: Life of a packet
 * alloc_skb() takes a slab from the pool's stack (last in, first out: warm). A slab on the stack has a pristine cold
 * line, so taking one writes the hot line only; whoever writes a cold field sets skb->cold, and freeing then wipes it.
 *
 *   owned          users 1, owner NULL            [alloc_skb]
 *   shared         users > 1                      [skb_get]          -> owned [__kfree_skb]
 *   clone          owner = slab with the bytes    [skb_clone]        -> owned [skb_cow_slow, skb_share_check]
 *   zombie         freed while clones refer to its bytes [__kfree_skb] -> pool [put_bytes of the last clone]
 */
#include "net/skbuff.h"

#include "engine/asan.h"
#include "net/dst.h"
#include "net/journey.h"
#include "skb_pool.h"

#define CLASS_POOL 0
#define CLASS_BIG  1
#define CLASS_REF  2

/* What Linux takes for a packet: its sk_buff, and a buffer with skb_shared_info at its end from the next size class. */
#define TRUESIZE_SKB   256u
#define TRUESIZE_INFO  320u
#define TRUESIZE_HEAD  576u  /* of the smallest buffer */
#define TRUESIZE_FRAME 2048u /* of what a driver receives */
#define TRUESIZE_LINK  21u   /* what a caller there asks for beyond the IP packet */

static u32 truesize_of(u32 size)
{
	u32 bytes = ALIGN_UP(size + TRUESIZE_LINK, 64u) + TRUESIZE_INFO;

	if (bytes <= TRUESIZE_HEAD)
		return TRUESIZE_SKB + TRUESIZE_HEAD;
	return TRUESIZE_SKB + (1u << (32 - __builtin_clz(bytes - 1)));
}

void skb_set_truesize(struct sk_buff *skb, u32 size)
{
	skb->cold = 1;
	skb->truesize = truesize_of(size);
}

static u32 skb_inline_size(const struct sk_buff *skb)
{
	switch (skb->alloc_class) {
	case CLASS_POOL:
		return SKB_SLAB_SIZE - sizeof(*skb);
	case CLASS_REF:
		return SKB_REF_HEADROOM;
	default:
		return 0; /* not used again */
	}
}

static void skb_make_pristine(struct sk_buff *skb, u32 size, u8 class)
{
	memset(&skb->next, 0, sizeof(*skb) - offsetof(struct sk_buff, next));
	skb->users = 1;
	skb->size = size;
	skb->alloc_class = class;
	skb->truesize = TRUESIZE_SKB + (class == CLASS_REF ? TRUESIZE_HEAD : TRUESIZE_FRAME);
}

static void pristine_slab(void *obj)
{
	skb_make_pristine(obj, SKB_SLAB_SIZE - sizeof(struct sk_buff), CLASS_POOL);
}

static void pristine_ref(void *obj)
{
	skb_make_pristine(obj, SKB_REF_HEADROOM, CLASS_REF);
}

int skb_pool_init(struct skiff *skiff)
{
	struct skb_pool *pool = skiff_zalloc(skiff, sizeof(*pool));

	skiff->skb_pool = pool;
	if (!pool)
		return -ENOMEM;
	pool->slab = (struct skb_stack){ .size = SKB_SLAB_SIZE, .make = pristine_slab };
	pool->ref = (struct skb_stack){ .size = SKB_REF_SIZE, .make = pristine_ref };
	pool->info = (struct skb_stack){ .size = SKB_INFO_SIZE };
	return 0;
}

void skb_pool_exit(struct skiff *skiff)
{
	struct skb_pool *pool = skiff->skb_pool;

	if (!pool)
		return;
	skb_chunks_exit(skiff);
	skb_stack_exit(skiff, &pool->slab);
	skb_stack_exit(skiff, &pool->ref);
	skb_stack_exit(skiff, &pool->info);
	skiff_free(skiff, pool);
	skiff->skb_pool = NULL;
}

static struct sk_buff *big_alloc(struct skiff *skiff, u32 size)
{
	u32 bytes = SKB_HEADROOM + ALIGN_UP(size, 64u);
	struct sk_buff *skb = skiff_alloc_aligned(skiff, sizeof(*skb) + bytes, 64);

	if (skb) {
		skb_make_pristine(skb, bytes, CLASS_BIG);
		skb->truesize = truesize_of(size);
	}
	return skb;
}

static __always_inline_ void skb_begin(struct skiff *skiff, struct sk_buff *skb, u32 headroom)
{
	memset(skb, 0, offsetof(struct sk_buff, next));
	skb->head = skb_inline_bytes(skb);
	skb->data = skb->head + headroom;
	skb->mac_header = (u16)~0U;
	if (journey_on(skiff)) {
		skb->journey_id = skiff->journey->cur;
		skb->cold = 1;
	}
}

struct sk_buff *alloc_skb(struct skiff *skiff, u32 size)
{
	struct sk_buff *skb;

	if (unlikely(size > SKB_SMALL_MAX))
		skb = big_alloc(skiff, size);
	else
		skb = skb_stack_pop(skiff, &skiff->skb_pool->slab);
	if (unlikely(!skb))
		return NULL;
	skb_begin(skiff, skb, SKB_HEADROOM);
	return skb;
}

struct sk_buff *alloc_skb_ref(struct skiff *skiff)
{
	struct sk_buff *skb = skb_stack_pop(skiff, &skiff->skb_pool->ref);

	if (likely(skb))
		skb_begin(skiff, skb, SKB_REF_HEADROOM);
	return skb;
}

static void slab_release(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_pool *pool = skiff->skb_pool;

	if (unlikely(skb->alloc_class == CLASS_BIG)) {
		skiff_free(skiff, skb);
	} else if (skb->alloc_class == CLASS_POOL) {
		if (skb->cold)
			pristine_slab(skb);
		skb_stack_push(&pool->slab, skb);
	} else {
		if (skb->cold)
			pristine_ref(skb);
		skb_stack_push(&pool->ref, skb);
	}
}

/* One user of @owner's bytes is gone. */
static void put_bytes(struct skiff *skiff, struct sk_buff *owner)
{
	NET_ASSERT(owner->dataref);
	if (--owner->dataref == 0 && owner->zombie)
		slab_release(skiff, owner);
}

static void shinfo_drop_parts(struct skiff *skiff, struct skb_shared_info *si)
{
	struct sk_buff *f = si->frag_list;

	for (unsigned i = 0; i < si->nr_frags; i++)
		skb_chunk_put(si->frags[i].chunk);
	while (f) {
		struct sk_buff *next = f->next;

		f->next = NULL;
		__kfree_skb(skiff, f);
		f = next;
	}
	si->frag_list = NULL;
	si->nr_frags = si->nr_sums = 0;
}

static void shinfo_free(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_shared_info *si = skb->shinfo;

	shinfo_drop_parts(skiff, si);
	if (si->max_frags != SKB_REF_FRAGS)
		skb_stack_push(&skiff->skb_pool->info, si);
	skb->shinfo = NULL;
}

void skb_drop_parts(struct skiff *skiff, struct sk_buff *skb)
{
	shinfo_drop_parts(skiff, skb->shinfo);
	skb->data_len = 0;
}

static struct skb_shared_info *shinfo_new(struct skiff *skiff)
{
	struct skb_shared_info *si = skb_stack_pop(skiff, &skiff->skb_pool->info);

	if (likely(si)) {
		memset(si, 0, sizeof(*si));
		si->max_frags = MAX_SKB_FRAGS;
	}
	return si;
}

struct skb_shared_info *skb_shinfo_get(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_shared_info *si = skb->shinfo;

	if (likely(si))
		return si;
	if (skb->alloc_class == CLASS_REF) {
		si = skb_inline_info(skb);
		memset(si, 0, sizeof(*si));
		si->max_frags = SKB_REF_FRAGS;
	} else {
		si = shinfo_new(skiff);
		if (!si)
			return NULL;
	}
	skb->cold = 1;
	return skb->shinfo = si;
}

struct skb_shared_info *skb_shinfo_grow(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_shared_info *from = skb_shinfo_get(skiff, skb), *si;

	if (!from || from->max_frags == MAX_SKB_FRAGS)
		return from;
	si = shinfo_new(skiff);
	if (!si)
		return NULL;
	skb_info_copy(si, from);
	si->frag_list = from->frag_list;
	return skb->shinfo = si;
}

void __kfree_skb(struct skiff *skiff, struct sk_buff *skb)
{
	if (unlikely(skb->cold)) {
		if (--skb->users)
			return;
		skb_orphan(skb);
		if (skb->shinfo)
			shinfo_free(skiff, skb);
		if (skb->owner)
			put_bytes(skiff, skb->owner);
		skb->owner = NULL;
	}
	skb_dst_drop(skb);
	if (unlikely(skb->cold && skb->dataref)) {
		skb->zombie = 1;
		return;
	}
	slab_release(skiff, skb);
}

void consume_skb(struct skiff *skiff, struct sk_buff *skb)
{
	__kfree_skb(skiff, skb);
}

void consume_skb_batch(struct skiff *skiff, struct skb_batch *b)
{
	for (u32 i = 0; i < b->n; i++)
		__kfree_skb(skiff, b->p[i]);
	b->n = 0;
}

void kfree_skb_reason_at(struct skiff *skiff, struct sk_buff *skb, enum skb_drop_reason reason,
			 const char *where)
{
	NET_ASSERT(reason > SKB_CONSUMED && reason < SKB_DROP_REASON_MAX);
	if (!skb_shared(skb)) {
		skiff->drop_counts[reason]++;
		if (journey_on(skiff))
			skiff->journey->drop(skiff->journey, skb, reason, where);
		if (unlikely(skiff->drops))
			skiff->drops->drop(skiff->drops, skb, reason, where);
	}
	__kfree_skb(skiff, skb);
}

void kfree_skb_batch_reason_at(struct skiff *skiff, struct skb_batch *b,
			       enum skb_drop_reason reason, const char *where)
{
	for (u32 i = 0; i < b->n; i++)
		kfree_skb_reason_at(skiff, b->p[i], reason, where);
	b->n = 0;
}

/* What a copy of the metadata has in common with its original: everything but the bytes and who holds it. */
static void copy_metadata(struct sk_buff *n, const struct sk_buff *skb)
{
	u8 *head = n->head;
	u8 was_cold = skb->cold;

	memcpy(n, skb, offsetof(struct sk_buff, next));
	n->head = head;
	n->cold = 1;
	if (n->dst_ref)
		dst_hold(n->dst);
	n->truesize = skb->truesize;
	if (!was_cold)
		return;
	memcpy(n->cb, skb->cb, offsetof(struct sk_buff, tstamp) - offsetof(struct sk_buff, cb));
	n->tstamp = skb->tstamp;
	n->hash = skb->hash;
	n->tskey = skb->tskey;
	n->tx_flags = skb->tx_flags;
	n->vlan_present = skb->vlan_present;
}

static bool clone_shinfo(struct skiff *skiff, struct sk_buff *n, const struct sk_buff *skb)
{
	const struct skb_shared_info *from = skb->shinfo;
	struct sk_buff **tail;

	if (!from)
		return true;
	if (!skb_shinfo_get(skiff, n) ||
	    (from->max_frags > n->shinfo->max_frags && !skb_shinfo_grow(skiff, n)))
		return false;
	skb_info_copy(n->shinfo, from);
	for (unsigned i = 0; i < from->nr_frags; i++)
		skb_chunk_get(from->frags[i].chunk);
	tail = &n->shinfo->frag_list;
	for (struct sk_buff *f = from->frag_list; f; f = f->next) {
		*tail = skb_clone(skiff, f);
		if (!*tail)
			return false;
		tail = &(*tail)->next;
	}
	n->data_len = skb->data_len;
	return true;
}

struct sk_buff *skb_clone(struct skiff *skiff, struct sk_buff *skb)
{
	struct sk_buff *n = alloc_skb_ref(skiff);
	struct sk_buff *owner = skb->cold && skb->owner ? skb->owner : skb;

	if (!n)
		return NULL;
	copy_metadata(n, skb);
	n->data = skb->data;
	n->head = skb->head;
	n->size = skb->size;
	n->owner = owner;
	owner->dataref++;
	owner->cold = 1;
	if (!clone_shinfo(skiff, n, skb)) {
		__kfree_skb(skiff, n);
		return NULL;
	}
	return n;
}

/* Payload of a few bytes goes where the headers are: cheaper than a reference, for all who see it. */
static bool clone_inline(struct sk_buff *n, const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb->shinfo;

	if (skb->data_len > SKB_REF_INLINE || si->nr_frags != 1)
		return false;
	n->data -= SKB_REF_INLINE;
	memcpy(n->data, skb_frag_data(&si->frags[0]), skb->data_len);
	return true;
}

struct sk_buff *skb_clone_refs(struct skiff *skiff, const struct sk_buff *skb)
{
	struct sk_buff *n = alloc_skb_ref(skiff);
	u8 *data;

	if (!n)
		return NULL;
	NET_ASSERT(!skb_has_frag_list(skb));
	data = n->data;
	memcpy(n, skb, offsetof(struct sk_buff, next));
	n->head = skb_inline_bytes(n);
	n->data = data;
	n->len = skb->data_len;
	n->mac_header = (u16)~0U;
	n->dst = NULL;
	n->dst_ref = 0;
	n->cold = 1;
	n->truesize = skb->truesize;
	n->priority = skb->priority;
	n->journey_id = skb->journey_id;
	n->tstamp = skb->tstamp;
	n->hash = skb->hash;
	n->tskey = skb->tskey;
	n->tx_flags = skb->tx_flags;
	if (skb->shinfo && !clone_inline(n, skb) && !clone_shinfo(skiff, n, skb)) {
		__kfree_skb(skiff, n);
		return NULL;
	}
	return n;
}

struct sk_buff *skb_copy(struct skiff *skiff, const struct sk_buff *skb)
{
	u32 headroom = skb_headroom(skb);
	struct sk_buff *n = alloc_skb(
		skiff, skb->len + (headroom > SKB_HEADROOM ? headroom - SKB_HEADROOM : 0));

	if (!n)
		return NULL;
	copy_metadata(n, skb);
	n->data = n->head + headroom;
	skb_copy_bits(skb, 0, n->data, skb->len);
	memcpy(n->head, skb->head, headroom);
	return n;
}

/* The fresh slab lives on as a zombie owned by @skb alone. */
int skb_move_bytes(struct skiff *skiff, struct sk_buff *skb, u32 headroom, u32 tailroom)
{
	u32 linear = skb_headlen(skb), old = skb_headroom(skb);
	u32 keep = old < headroom ? old : headroom;
	s32 delta = (s32)headroom - (s32)old;
	struct sk_buff *n;
	u8 *head;
	u32 size;

	if (!skb->dataref && skb->owner && headroom + linear + tailroom <= skb_inline_size(skb)) {
		n = NULL;
		head = skb_inline_bytes(skb);
		size = skb_inline_size(skb);
	} else {
		n = alloc_skb(skiff,
			      linear + tailroom +
				      (headroom > SKB_HEADROOM ? headroom - SKB_HEADROOM : 0));
		if (!n)
			return -ENOMEM;
		n->cold = 1;
		n->zombie = 1;
		n->dataref = 1;
		head = n->head;
		size = n->size;
	}
	memcpy(head + headroom - keep, skb->data - keep, keep + linear);
	if (skb->owner)
		put_bytes(skiff, skb->owner);
	skb->cold = 1;
	skb->owner = n;
	skb->head = head;
	skb->size = size;
	skb->data = head + headroom;
	skb->network_header = (u16)(skb->network_header + delta);
	skb->transport_header = (u16)(skb->transport_header + delta);
	if (skb_mac_header_was_set(skb))
		skb->mac_header = (u16)(skb->mac_header + delta);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->csum_start = (u16)(skb->csum_start + delta);
	return 0;
}

int skb_cow_slow(struct skiff *skiff, struct sk_buff *skb, u32 headroom)
{
	u32 have = skb_headroom(skb);

	return skb_move_bytes(skiff, skb, have > headroom ? have : ALIGN_UP(headroom, 16u), 0);
}

struct sk_buff *skb_share_check(struct skiff *skiff, struct sk_buff *skb)
{
	struct sk_buff *n;

	if (likely(!skb_shared(skb)))
		return skb;
	n = skb_clone(skiff, skb);
	__kfree_skb(skiff, skb); /* our reference only: others hold it */
	return n;
}

bool skb_dst_force(struct sk_buff *skb)
{
	if (!skb->dst || skb->dst_ref)
		return skb->dst != NULL;
	/* On the death row already: a reference would not keep it. */
	if (!skb->dst->refs) {
		skb->dst = NULL;
		return false;
	}
	dst_hold(skb->dst);
	skb->dst_ref = 1;
	return true;
}

void skb_queue_purge_reason_at(struct skiff *skiff, struct sk_buff_head *q,
			       enum skb_drop_reason reason, const char *where)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(q))) {
		if (reason == SKB_CONSUMED)
			__kfree_skb(skiff, skb);
		else
			kfree_skb_reason_at(skiff, skb, reason, where);
	}
}
