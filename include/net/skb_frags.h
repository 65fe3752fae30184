/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/skb_frags.h - packets that hold references instead of bytes. Part of net/skbuff.h, which includes it.
 *
 * DOC: Chunks and references
 * What a user writes is copied once, into the shard's current chunk of 64 KB, and packets refer to it there. Chunks are
 * counted: a packet in a queue, its clone on the wire and the receiver's copy of the reference all hold the same bytes, and
 * nobody writes to bytes that somebody else may see (skb_append_from_iter() goes on behind the last byte given out). A
 * chunk that only the shard holds begins anew at its first byte, so a shard with little under way stays in a few warm lines.
 *
 * A packet of references has its headers, and nothing else, in its linear part.
 *
 * Partial sums: while bytes are copied in, their checksum is taken along, one 16-bit sum for each @unit bytes (the MSS) of
 * the paged part. They stand behind the fragments and make segmentation touch no payload. They hold as long as cuts
 * fall on multiples of the unit; otherwise they are forgotten, and whoever needs a sum takes it from the bytes.
 */
#ifndef NET_SKB_FRAGS_H
#define NET_SKB_FRAGS_H

#include "net/skbuff.h"

struct iov_iter;

#define SKB_CHUNK_SIZE (65536u - (u32)sizeof(struct skb_chunk))
#define SKB_SUMS_MAX   46
#define SKB_REF_SUMS   7 /* in a packet's own, small shared info */
#define SKB_PAGED_MAX \
	65500u /* the most that a packet of references holds: with all headers it fits an IP packet */

/* ---- chunks ---- */

/** skb_chunk_alloc() - @size bytes, one reference; of SKB_CHUNK_SIZE from the pool. NULL: no memory */
struct skb_chunk *skb_chunk_alloc(struct skiff *skiff, u32 size);
void skb_chunk_free(struct skb_chunk *c);
static inline struct skb_chunk *skb_chunk_get(struct skb_chunk *c)
{
	c->refs++;
	return c;
}

static inline void skb_chunk_put(struct skb_chunk *c)
{
	if (--c->refs == 0)
		skb_chunk_free(c);
}

/**
 * skb_chunk_reserve() - room in the shard's current chunk
 * @want: bytes, at most SKB_CHUNK_SIZE; if less than a useful part of it is left a new chunk is begun
 * @off:  where the room begins
 * Return: the chunk (no reference is taken), with at least min(@want, 1) bytes free; NULL: no memory. Valid until the next call
 */
struct skb_chunk *skb_chunk_reserve(struct skiff *skiff, u32 want, u32 *off);
/** skb_chunk_commit() - the first @n bytes of the room are used */
void skb_chunk_commit(struct skiff *skiff, u32 n);

/* ---- references ---- */

static inline u8 *skb_frag_data(const struct skb_frag *f)
{
	return f->chunk->data + f->off;
}

/** skb_can_coalesce() - do bytes at @off of @c continue the last fragment? */
static inline bool skb_can_coalesce(const struct skb_shared_info *si, const struct skb_chunk *c,
				    u32 off)
{
	const struct skb_frag *last = &si->frags[si->nr_frags - 1];

	return si->nr_frags && last->chunk == c && last->off + last->len == off;
}

/** skb_frag_add() - @len bytes of @c from @off behind what the packet has (nothing on frag_list); takes a reference of its own unless
 *  they continue the last fragment. Return: 0, -EMSGSIZE if there is no room for a fragment, -ENOMEM */
int skb_frag_add(struct skiff *skiff, struct sk_buff *skb, struct skb_chunk *c, u32 off, u32 len);

/**
 * skb_append_from_iter() - copy from the user, behind what the packet has (a packet of references, not cloned)
 * @len:  at most this many bytes; the iterator has them
 * @unit: bytes a partial sum is for: the MSS; 0: no sums (a device that needs none). Other than before: the sums are forgotten
 * Return: bytes appended, less than @len if fragments or memory ran out (0: nothing), -EFAULT if none could be copied. The iterator is advanced by it
 */
int skb_append_from_iter(struct skiff *skiff, struct sk_buff *skb, struct iov_iter *from, u32 len,
			 u32 unit);

/**
 * skb_clone_refs() - a small packet with headroom of its own and the same fragments, for one transmission; a few bytes it copies
 * @skb: a packet of references; its linear part is not taken. GSO parameters, partial sums, mark, priority and device are
 * Return: NULL: no memory
 */
struct sk_buff *skb_clone_refs(struct skiff *skiff, const struct sk_buff *skb);

/** skb_split() - @skb keeps @len bytes (< skb->len) of its paged part, @rest (empty, alloc_skb_ref()) gets what is behind. 0 or -ENOMEM, nothing changed */
int skb_split(struct skiff *skiff, struct sk_buff *skb, struct sk_buff *rest, u32 len);
/** skb_shift() - the first @len bytes of @skb's paged part to the end of @to's (both without linear bytes). Return: @len, or 0 if they do not fit: nothing changed */
u32 skb_shift(struct skiff *skiff, struct sk_buff *to, struct sk_buff *skb, u32 len);
/** skb_trim_head_refs() - drop the first @len bytes of the paged part; @len <= data_len */
void skb_trim_head_refs(struct sk_buff *skb, u32 len);
/** skb_trim_refs() - keep the first @len bytes of the paged part only; nothing on frag_list */
void skb_trim_refs(struct sk_buff *skb, u32 len);

/* ---- partial sums ---- */

/** skb_sums() - [0]: the unit; [1 + i]: sum of the paged bytes from i * unit on, folded, not complemented; shinfo->nr_sums of them */
static inline u16 *skb_sums(const struct skb_shared_info *si)
{
	return (u16 *)&si->frags[si->max_frags];
}

static inline u32 skb_sum_unit(const struct skb_shared_info *si)
{
	return si->nr_sums ? skb_sums(si)[0] : 0;
}

/** skb_paged_checksum() - csum_partial() over @len bytes from @off of the paged part, from partial sums where they fit, else from the bytes */
u32 skb_paged_checksum(const struct sk_buff *skb, u32 off, u32 len);

/* ---- to the user ---- */

/** skb_copy_to_iter() - @len bytes from @off (relative to data) to the user; the iterator is advanced. 0 or -EFAULT */
int skb_copy_to_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len);
/** skb_copy_and_csum_to_iter() - the same, and the bytes' sum added to *@sum (the first byte is an even one) */
int skb_copy_and_csum_to_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len,
			      u32 *sum);

/** skb_walk_frags() - each packet on frag_list */
#define skb_walk_frags(skb, iter) for (iter = skb_shinfo(skb)->frag_list; iter; iter = iter->next)

static inline bool skb_has_frag_list(const struct sk_buff *skb)
{
	return skb->cold && skb->shinfo && skb->shinfo->frag_list;
}

#endif
