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

#include "lib/checksum.h"
#include "net/dst.h"
#include "net/journey.h"

#define POOL_GROW  64
#define CLASS_POOL 0
#define CLASS_BIG  1

struct skb_slab_run {
	struct skb_slab_run *next;
};

/**
 * struct skb_pool
 * @stack: free slabs; @cap: slabs that exist, so the stack never overflows
 */
struct skb_pool {
	struct sk_buff **stack;
	u32 n, cap;
	struct skb_slab_run *runs;
};

#if defined(__SANITIZE_ADDRESS__)
#define SKIFF_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SKIFF_ASAN 1
#endif
#endif
#ifdef SKIFF_ASAN
void __asan_poison_memory_region(void const volatile *addr, size_t size);
void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
#define slab_poison(skb)   __asan_poison_memory_region(skb, SKB_SLAB_SIZE)
#define slab_unpoison(skb) __asan_unpoison_memory_region(skb, SKB_SLAB_SIZE)
#else
#define slab_poison(skb)   ((void)0)
#define slab_unpoison(skb) ((void)0)
#endif

static u8 *skb_inline_bytes(struct sk_buff *skb)
{
	return (u8 *)(skb + 1);
}

static void skb_make_pristine(struct sk_buff *skb, u32 size, u8 class)
{
	memset(&skb->next, 0, sizeof(*skb) - offsetof(struct sk_buff, next));
	skb->users = 1;
	skb->size = size;
	skb->alloc_class = class;
}

int skb_pool_init(struct skiff *skiff)
{
	skiff->skb_pool = skiff_zalloc(skiff, sizeof(*skiff->skb_pool));
	return skiff->skb_pool ? 0 : -ENOMEM;
}

void skb_pool_exit(struct skiff *skiff)
{
	struct skb_pool *pool = skiff->skb_pool;

	if (!pool)
		return;
	NET_ASSERT(pool->n == pool->cap); /* every packet has come back */
	while (pool->runs) {
		struct skb_slab_run *run = pool->runs;

		pool->runs = run->next;
		skiff_free(skiff, run);
	}
	skiff_free(skiff, pool->stack);
	skiff_free(skiff, pool);
	skiff->skb_pool = NULL;
}

static bool pool_grow(struct skiff *skiff, struct skb_pool *pool)
{
	u32 cap = pool->cap + POOL_GROW;
	struct skb_slab_run *run;
	struct sk_buff **stack;

	/* The first line of a run holds its link; slabs follow with an odd stride. */
	run = skiff_alloc_aligned(skiff, 64 + POOL_GROW * (size_t)SKB_SLAB_SIZE, 64);
	if (!run)
		return false;
	stack = skiff_alloc(skiff, cap * sizeof(*stack));
	if (!stack) {
		skiff_free(skiff, run);
		return false;
	}
	skiff_free(skiff, pool->stack);
	pool->stack = stack;
	pool->cap = cap;
	run->next = pool->runs;
	pool->runs = run;
	for (u32 i = POOL_GROW; i-- > 0;) {
		struct sk_buff *skb =
			(struct sk_buff *)((u8 *)run + 64 + i * (size_t)SKB_SLAB_SIZE);

		skb_make_pristine(skb, SKB_SLAB_SIZE - sizeof(*skb), CLASS_POOL);
		slab_poison(skb);
		pool->stack[pool->n++] = skb;
	}
	return true;
}

static struct sk_buff *big_alloc(struct skiff *skiff, u32 size)
{
	u32 bytes = SKB_HEADROOM + ALIGN_UP(size, 64u);
	struct sk_buff *skb = skiff_alloc_aligned(skiff, sizeof(*skb) + bytes, 64);

	if (skb)
		skb_make_pristine(skb, bytes, CLASS_BIG);
	return skb;
}

struct sk_buff *alloc_skb(struct skiff *skiff, u32 size)
{
	struct skb_pool *pool = skiff->skb_pool;
	struct sk_buff *skb;

	if (unlikely(size > SKB_SMALL_MAX)) {
		skb = big_alloc(skiff, size);
		if (!skb)
			return NULL;
	} else {
		if (unlikely(!pool->n) && !pool_grow(skiff, pool))
			return NULL;
		skb = pool->stack[--pool->n];
		slab_unpoison(skb);
	}
	memset(skb, 0, offsetof(struct sk_buff, next));
	skb->head = skb_inline_bytes(skb);
	skb->data = skb->head + SKB_HEADROOM;
	skb->mac_header = (u16)~0U;
	if (journey_on(skiff)) {
		skb->journey_id = skiff->journey->cur;
		skb->cold = 1;
	}
	return skb;
}

static void slab_release(struct skiff *skiff, struct sk_buff *skb)
{
	struct skb_pool *pool = skiff->skb_pool;

	if (unlikely(skb->alloc_class == CLASS_BIG)) {
		skiff_free(skiff, skb);
		return;
	}
	if (skb->cold)
		skb_make_pristine(skb, SKB_SLAB_SIZE - sizeof(*skb), CLASS_POOL);
	slab_poison(skb);
	pool->stack[pool->n++] = skb;
}

/* One user of @owner's bytes is gone. */
static void put_bytes(struct skiff *skiff, struct sk_buff *owner)
{
	NET_ASSERT(owner->dataref);
	if (--owner->dataref == 0 && owner->zombie)
		slab_release(skiff, owner);
}

struct skb_chunk *skb_chunk_alloc(struct skiff *skiff, u32 size)
{
	struct skb_chunk *c = skiff_alloc_aligned(skiff, sizeof(*c) + size, 64);

	if (c) {
		c->skiff = skiff;
		c->refs = 1;
		c->size = size;
	}
	return c;
}

void skb_chunk_put(struct skb_chunk *c)
{
	if (--c->refs == 0)
		skiff_free(c->skiff, c);
}

static void shinfo_free(struct skiff *skiff, struct skb_shared_info *si)
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
	skiff_free(skiff, si);
}

struct skb_shared_info *skb_shinfo_get(struct skiff *skiff, struct sk_buff *skb)
{
	if (!skb->shinfo) {
		skb->shinfo = skiff_zalloc(skiff, sizeof(*skb->shinfo));
		skb->cold = 1;
	}
	return skb->shinfo;
}

void __kfree_skb(struct skiff *skiff, struct sk_buff *skb)
{
	if (unlikely(skb->cold)) {
		if (--skb->users)
			return;
		skb_orphan(skb);
		if (skb->shinfo)
			shinfo_free(skiff, skb->shinfo);
		skb->shinfo = NULL;
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

/* What a copy of the metadata has in common with its original: everything but the bytes. */
static void copy_metadata(struct sk_buff *n, const struct sk_buff *skb)
{
	n->dev = skb->dev;
	n->nfct = skb->nfct;
	n->len = skb->len;
	n->mark = skb->mark;
	n->skb_iif = skb->skb_iif;
	n->protocol = skb->protocol;
	n->mac_header = skb->mac_header;
	n->network_header = skb->network_header;
	n->transport_header = skb->transport_header;
	n->pkt_type = skb->pkt_type;
	n->ip_summed = skb->ip_summed;
	n->nfctinfo = skb->nfctinfo;
	n->ignore_df = skb->ignore_df;
	n->ipflags = skb->ipflags;
	n->dst = skb->dst;
	n->dst_ref = skb->dst_ref;
	if (n->dst_ref)
		dst_hold(n->dst);
	n->cold = 1;
	n->priority = skb->priority;
	n->journey_id = skb->journey_id;
	n->csum = skb->csum;
	n->frag_max_size = skb->frag_max_size;
	n->vlan_tci = skb->vlan_tci;
	n->vlan_present = skb->vlan_present;
	n->hash = skb->hash;
	memcpy(n->cb, skb->cb, sizeof(n->cb));
}

static bool clone_shinfo(struct skiff *skiff, struct sk_buff *n, const struct sk_buff *skb)
{
	const struct skb_shared_info *from = skb->shinfo;
	struct sk_buff **tail;

	if (!from)
		return true;
	if (!skb_shinfo_get(skiff, n))
		return false;
	*n->shinfo = *from;
	n->shinfo->frag_list = NULL;
	for (unsigned i = 0; i < from->nr_frags; i++)
		from->frags[i].chunk->refs++;
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
	struct sk_buff *n = alloc_skb(skiff, 0);
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

/* Have @skb use the bytes of a fresh slab, which lives on as a zombie owned by @skb alone. */
static int skb_move_bytes(struct skiff *skiff, struct sk_buff *skb, u32 headroom, u32 tailroom)
{
	u32 linear = skb_headlen(skb), old = skb_headroom(skb);
	u32 keep = old < headroom ? old : headroom;
	s32 delta = (s32)headroom - (s32)old;
	struct sk_buff *n;
	u8 *head;
	u32 size;

	if (!skb->dataref && skb->owner &&
	    headroom + linear + tailroom <= SKB_SLAB_SIZE - sizeof(*skb) &&
	    skb->alloc_class == CLASS_POOL) {
		n = NULL;
		head = skb_inline_bytes(skb);
		size = SKB_SLAB_SIZE - sizeof(*skb);
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

/* ---- bytes beyond the linear part ---- */

/* Calls @fn for each contiguous piece of [off, off + len); returns false if the packet is shorter. */
static bool skb_walk(const struct sk_buff *skb, u32 off, u32 len,
		     void (*fn)(void *arg, const u8 *p, u32 n), void *arg)
{
	u32 n = skb_headlen(skb);

	if (off + len > skb->len || off + len < off)
		return false;
	if (off < n) {
		n = min_t(u32, n - off, len);
		fn(arg, skb->data + off, n);
		off += n;
		len -= n;
	}
	if (!len)
		return true;
	off -= skb_headlen(skb);
	for (unsigned i = 0; i < skb->shinfo->nr_frags && len; i++) {
		const struct skb_frag *f = &skb->shinfo->frags[i];

		if (off < f->len) {
			n = min_t(u32, f->len - off, len);
			fn(arg, f->chunk->data + f->off + off, n);
			len -= n;
			off = 0;
		} else {
			off -= f->len;
		}
	}
	for (struct sk_buff *f = skb->shinfo->frag_list; f && len; f = f->next) {
		if (off < f->len) {
			n = min_t(u32, f->len - off, len);
			skb_walk(f, off, n, fn, arg);
			len -= n;
			off = 0;
		} else {
			off -= f->len;
		}
	}
	return !len;
}

static void copy_piece(void *arg, const u8 *p, u32 n)
{
	u8 **to = arg;

	memcpy(*to, p, n);
	*to += n;
}

int skb_copy_bits(const struct sk_buff *skb, u32 off, void *to, u32 len)
{
	u8 *p = to;

	return skb_walk(skb, off, len, copy_piece, &p) ? 0 : -EFAULT;
}

struct csum_walk {
	u32 sum, off;
};

static void csum_piece(void *arg, const u8 *p, u32 n)
{
	struct csum_walk *w = arg;

	w->sum = csum_block_add(w->sum, csum_partial(p, n, 0), w->off);
	w->off += n;
}

u32 skb_checksum(const struct sk_buff *skb, u32 off, u32 len, u32 sum)
{
	struct csum_walk w = { sum, 0 };

	if (likely(off + len <= skb_headlen(skb)))
		return csum_partial(skb->data + off, len, sum);
	skb_walk(skb, off, len, csum_piece, &w);
	return w.sum;
}

int skb_linearize(struct skiff *skiff, struct sk_buff *skb)
{
	u32 extra = skb->data_len;
	struct skb_shared_info *si;
	u32 linear = skb_headlen(skb);

	if (!extra)
		return 0;
	if (skb_cloned(skb) || skb->size - skb_headroom(skb) - linear < extra)
		if (skb_move_bytes(skiff, skb, skb_headroom(skb), extra) < 0)
			return -ENOMEM;
	si = skb->shinfo;
	skb_copy_bits(skb, linear, skb->data + linear, extra);
	skb->data_len = 0;
	if (si->gso_size) {
		u16 size = si->gso_size, segs = si->gso_segs;
		u8 type = si->gso_type;

		shinfo_free(skiff, si);
		skb->shinfo = NULL;
		if (!skb_shinfo_get(skiff, skb))
			return -ENOMEM;
		skb->shinfo->gso_size = size;
		skb->shinfo->gso_segs = segs;
		skb->shinfo->gso_type = type;
	} else {
		shinfo_free(skiff, si);
		skb->shinfo = NULL;
	}
	return 0;
}

bool __pskb_pull(struct skiff *skiff, struct sk_buff *skb, u32 n)
{
	/* Headers in the paged part are rare (reassembled datagrams with a tiny first piece): make it one buffer. */
	return n <= skb->len && skb_linearize(skiff, skb) == 0;
}

int __pskb_trim(struct skiff *skiff, struct sk_buff *skb, u32 len)
{
	if (skb_linearize(skiff, skb) < 0)
		return -ENOMEM;
	skb->len = len;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

int skb_checksum_help(struct skiff *skiff, struct sk_buff *skb)
{
	u32 start, at, sum;
	u16 folded;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	start = (u32)(skb->head + skb->csum_start - skb->data);
	at = start + skb->csum_offset;
	if (start > skb->len || at + 2 > skb->len || skb_is_gso(skb))
		return -EINVAL;
	if (!pskb_may_pull(skiff, skb, at + 2) || skb_cow(skiff, skb, 0))
		return -ENOMEM;
	sum = skb_checksum(skb, start, skb->len - start, 0);
	folded = csum_fold(sum);
	put_unaligned16(folded ? folded : 0xffff, skb->data + at);
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}
