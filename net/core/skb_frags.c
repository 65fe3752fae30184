// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skb_frags.c - packets of references: filled from the user, cut, shifted, read out.
 *
 * Partial sums are counted from the first byte of the paged part. A sum belongs to a whole unit, the last one to what there
 * is of it; bytes that are appended to it are added at their place.
 */
#include "net/skb_frags.h"

#include "net/uio.h"
#include "skb_pool.h"

/* ---- references ---- */

int skb_frag_add(struct skiff *skiff, struct sk_buff *skb, struct skb_chunk *c, u32 off, u32 len)
{
	struct skb_shared_info *si = skb_shinfo_get(skiff, skb);

	if (!si)
		return -ENOMEM;
	NET_ASSERT(!si->frag_list);
	if (skb_can_coalesce(si, c, off)) {
		si->frags[si->nr_frags - 1].len += len;
	} else {
		if (si->nr_frags == MAX_SKB_FRAGS)
			return -EMSGSIZE;
		if (si->nr_frags == si->max_frags) {
			si = skb_shinfo_grow(skiff, skb);
			if (!si)
				return -ENOMEM;
		}
		si->frags[si->nr_frags++] = (struct skb_frag){ skb_chunk_get(c), off, len };
	}
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	return 0;
}

/* The fragment with the paged byte *@off, which becomes an offset in it; nr_frags if there is none. */
static unsigned find_frag(const struct skb_shared_info *si, u32 *off)
{
	unsigned i = 0;

	while (i < si->nr_frags && *off >= si->frags[i].len)
		*off -= si->frags[i++].len;
	return i;
}

/* ---- partial sums ---- */

static u16 fold(u32 sum)
{
	return (u16)~csum_fold(sum);
}

/* Units that the sums are counted in are whole and at most as many as there is room for. */
static void sums_keep(struct skb_shared_info *si, u32 bytes)
{
	u32 unit = skb_sum_unit(si);

	if (unit)
		si->nr_sums = (u8)min_t(u32, si->nr_sums, bytes / unit);
}

/* Are there sums of @unit that can go on at @at, the end of what is there? */
static bool sums_go_on(struct skb_shared_info *si, u32 at, u32 unit)
{
	if (!at) {
		skb_sums(si)[0] = (u16)unit;
		si->nr_sums = 0;
		return true;
	}
	return skb_sum_unit(si) == unit && si->nr_sums == (at + unit - 1) / unit;
}

static u32 sums_room(const struct skb_shared_info *si)
{
	return si->max_frags == MAX_SKB_FRAGS ? SKB_SUMS_MAX : SKB_REF_SUMS;
}

/* @i: the unit; @within: where in it the bytes of @sum begin */
static void sum_add(struct skb_shared_info *si, u32 i, u32 within, u32 sum)
{
	u16 *sums = skb_sums(si);

	if (!within) {
		sums[1 + i] = fold(sum);
		si->nr_sums = (u8)(i + 1);
	} else {
		sums[1 + i] = fold(csum_block_add(sums[1 + i], sum, within));
	}
}

u32 skb_frags_checksum(const struct skb_shared_info *si, u32 off, u32 len)
{
	unsigned i = find_frag(si, &off);
	u32 sum = 0, done = 0;

	if (likely(len && si->frags[i].len - off >= len))
		return csum_partial(skb_frag_data(&si->frags[i]) + off, len, 0);
	for (; len; i++, off = 0) {
		u32 n = min_t(u32, si->frags[i].len - off, len);

		sum = csum_block_add(sum, csum_partial(skb_frag_data(&si->frags[i]) + off, n, 0),
				     done);
		done += n;
		len -= n;
	}
	return sum;
}

u32 skb_paged_checksum(const struct sk_buff *skb, u32 off, u32 len)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 unit = skb_sum_unit(si), sum = 0, done = 0;

	NET_ASSERT(off + len <= skb->data_len && !si->frag_list);
	if (!off && len == skb->data_len && si->nr_sums == 1 && len <= unit)
		return skb_sums(si)[1];
	if (!unit || off % unit || (len % unit && off + len != skb->data_len))
		return skb_frags_checksum(si, off, len);
	for (u32 i = off / unit; done < len && i < si->nr_sums; i++) {
		sum = csum_block_add(sum, skb_sums(si)[1 + i], done);
		done += min_t(u32, unit, len - done);
	}
	if (done < len)
		sum = csum_block_add(sum, skb_frags_checksum(si, off + done, len - done), done);
	return sum;
}

/* ---- from the user ---- */

/* Copy up to @len bytes to @to, a sum for each unit; @at: where in the paged part they will be. Return: bytes copied */
static u32 copy_units(struct skb_shared_info *si, u8 *to, struct iov_iter *from, u32 len, u32 at,
		      u32 unit)
{
	u32 done = 0, i = at ? at / unit : 0, within = at - i * unit;

	while (done < len) {
		u32 want = min_t(u32, len - done, unit - within), sum = 0, n;

		n = (u32)csum_copy_from_iter(to + done, want, from, &sum);
		if (n)
			sum_add(si, i, within, sum);
		done += n;
		if (n < want)
			break;
		i++;
		within = 0;
	}
	return done;
}

/* One piece, in one chunk. Return: bytes copied, 0: no fragment or no memory, -EFAULT */
static int append_piece(struct skiff *skiff, struct sk_buff *skb, struct iov_iter *from, u32 len,
			u32 unit)
{
	struct skb_shared_info *si = skb->shinfo;
	u32 off, n;
	struct skb_chunk *c = skb_chunk_reserve(skiff, len, &off);

	if (!c)
		return 0;
	len = min_t(u32, len, c->size - off);
	if (si->nr_frags == si->max_frags && !skb_can_coalesce(si, c, off)) {
		si = si->nr_frags < MAX_SKB_FRAGS ? skb_shinfo_grow(skiff, skb) : NULL;
		if (!si)
			return 0;
	}
	n = unit ? copy_units(si, c->data + off, from, len, skb->data_len, unit) :
		   (u32)copy_from_iter(c->data + off, len, from);
	if (!n)
		return -EFAULT;
	skb_frag_add(skiff, skb, c, off, n);
	skb_chunk_commit(skiff, n);
	return (int)n;
}

/* The first bytes of a packet, less than a unit, where the chunk has room for them: one fragment, one sum. Return: 0: not so */
static u32 append_first(struct skiff *skiff, struct sk_buff *skb, struct iov_iter *from, u32 len,
			u32 unit)
{
	struct skb_shared_info *si = skb->shinfo;
	u32 off, n, sum = 0;
	struct skb_chunk *c = skb_chunk_reserve(skiff, len, &off);

	if (unlikely(!c || c->size - off < len))
		return 0;
	n = (u32)csum_copy_from_iter(c->data + off, len, from, &sum);
	if (unlikely(!n))
		return 0;
	si->frags[0] = (struct skb_frag){ skb_chunk_get(c), off, n };
	si->nr_frags = 1;
	skb_sums(si)[0] = (u16)unit;
	skb_sums(si)[1] = fold(sum);
	si->nr_sums = 1;
	skb->len += n;
	skb->data_len = n;
	skb->truesize += n;
	skb_chunk_commit(skiff, n);
	return n;
}

int skb_append_from_iter(struct skiff *skiff, struct sk_buff *skb, struct iov_iter *from, u32 len,
			 u32 unit)
{
	struct skb_shared_info *si = skb_shinfo_get(skiff, skb);
	u32 done = 0;

	if (!si)
		return 0;
	if (len < unit && !si->nr_frags) {
		done = append_first(skiff, skb, from, len, unit);
		if (likely(done))
			return (int)done;
	}
	/* More sums than the small info holds: rather move it now than begin without them. */
	if (unit && skb->data_len + len > sums_room(si) * unit) {
		struct skb_shared_info *more = skb_shinfo_grow(skiff, skb);

		if (more)
			si = more;
		else
			unit = 0;
	}
	if (!unit || !sums_go_on(si, skb->data_len, unit)) {
		si->nr_sums = 0;
		unit = 0;
	}
	while (done < len) {
		u32 want = len - done, room = sums_room(skb->shinfo) * unit;
		int n;

		/* Sums that there is no room for are taken when they are needed. */
		if (unit && skb->data_len >= room)
			unit = 0;
		if (unit)
			want = min_t(u32, want, room - skb->data_len);
		n = append_piece(skiff, skb, from, want, unit);
		if (n <= 0)
			return done ? (int)done : n;
		done += (u32)n;
	}
	return (int)done;
}

/* ---- cutting ---- */

void skb_trim_refs(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 cut = skb->data_len - len, off = len;
	unsigned i;

	if (!cut)
		return;
	i = find_frag(si, &off);
	if (off)
		si->frags[i++].len = off;
	while (si->nr_frags > i)
		skb_chunk_put(si->frags[--si->nr_frags].chunk);
	sums_keep(si, len);
	skb->len -= cut;
	skb->data_len -= cut;
	skb->truesize -= cut;
}

void skb_trim_head_refs(struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 off = len, unit = skb_sum_unit(si);
	unsigned gone;

	if (!len)
		return;
	gone = find_frag(si, &off);
	for (unsigned i = 0; i < gone; i++)
		skb_chunk_put(si->frags[i].chunk);
	si->nr_frags = (u8)(si->nr_frags - gone);
	memmove(si->frags, si->frags + gone, si->nr_frags * sizeof(si->frags[0]));
	if (off) {
		si->frags[0].off += off;
		si->frags[0].len -= off;
	}
	if (unit && len % unit == 0 && len / unit < si->nr_sums) {
		u16 *sums = skb_sums(si);

		si->nr_sums = (u8)(si->nr_sums - len / unit);
		memmove(sums + 1, sums + 1 + len / unit, si->nr_sums * sizeof(*sums));
	} else {
		si->nr_sums = 0;
	}
	skb->len -= len;
	skb->data_len -= len;
	skb->truesize -= len;
}

/* The sums behind @len, if it is a cut between units. */
static void split_sums(struct skb_shared_info *si, struct skb_shared_info *to, u32 len)
{
	u32 unit = skb_sum_unit(si), first = unit ? len / unit : 0;

	to->nr_sums = 0;
	if (unit && len % unit == 0 && si->nr_sums > first) {
		to->nr_sums = (u8)min_t(u32, si->nr_sums - first, sums_room(to));
		skb_sums(to)[0] = (u16)unit;
		memcpy(skb_sums(to) + 1, skb_sums(si) + 1 + first, to->nr_sums * sizeof(u16));
	}
	sums_keep(si, len);
}

int skb_split(struct skiff *skiff, struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(skb), *to = skb_shinfo_get(skiff, rest);
	u32 off = len, moved = skb->data_len - len;
	unsigned cut = find_frag(si, &off);

	NET_ASSERT(len < skb->data_len && !rest->len);
	if (to && (si->nr_frags - cut > to->max_frags || si->nr_sums > SKB_REF_SUMS))
		to = skb_shinfo_grow(skiff, rest);
	if (!to)
		return -ENOMEM;
	split_sums(si, to, len);
	to->nr_frags = (u8)(si->nr_frags - cut);
	memcpy(to->frags, si->frags + cut, to->nr_frags * sizeof(to->frags[0]));
	si->nr_frags = (u8)cut;
	if (off) {
		/* Both have part of it. */
		skb_chunk_get(to->frags[0].chunk);
		si->frags[cut].len = off;
		si->nr_frags++;
		to->frags[0].off += off;
		to->frags[0].len -= off;
	}
	skb->len -= moved;
	skb->data_len -= moved;
	skb->truesize -= moved;
	rest->len += moved;
	rest->data_len += moved;
	rest->truesize += moved;
	return 0;
}

/* Fragments of @si that hold its first @len bytes. */
static unsigned frags_for(const struct skb_shared_info *si, u32 len)
{
	u32 off = len - 1;

	return find_frag(si, &off) + 1;
}

/* The sums of @len bytes go along if both count in the same unit and both cuts are between units. */
static void shift_sums(struct sk_buff *to, struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *dst = to->shinfo, *si = skb->shinfo;
	u32 unit = skb_sum_unit(si), have = unit ? to->data_len / unit : 0, n;

	if (!unit || skb_sum_unit(dst) != unit || to->data_len % unit || dst->nr_sums != have) {
		sums_keep(dst, to->data_len);
		return;
	}
	n = min_t(u32, len / unit, si->nr_sums);
	n = min_t(u32, n, sums_room(dst) - have);
	memcpy(skb_sums(dst) + 1 + have, skb_sums(si) + 1, n * sizeof(u16));
	dst->nr_sums = (u8)(have + n);
}

u32 skb_shift(struct skiff *skiff, struct sk_buff *to, struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *dst = skb_shinfo_get(skiff, to), *si = skb_shinfo(skb);
	u32 left = len;
	unsigned n;

	if (!dst || !si || !len || len > skb->data_len || si->frag_list || dst->frag_list)
		return 0;
	n = frags_for(si, len);
	if (dst->nr_frags + n >
	    dst->max_frags +
		    (skb_can_coalesce(dst, si->frags[0].chunk, si->frags[0].off) ? 1u : 0u)) {
		dst = skb_shinfo_grow(skiff, to);
		if (!dst || dst->nr_frags + n > MAX_SKB_FRAGS)
			return 0;
	}
	shift_sums(to, skb, len);
	for (unsigned i = 0; i < n; i++) {
		struct skb_frag *f = &si->frags[i];
		u32 bytes = min_t(u32, f->len, left);

		skb_frag_add(skiff, to, f->chunk, f->off, bytes);
		left -= bytes;
	}
	skb_trim_head_refs(skb, len);
	return len;
}

/* ---- to the user ---- */

struct to_user {
	struct iov_iter *to;
	bool csum, fault;
	u32 sum, done;
};

static void give_piece(void *arg, const u8 *p, u32 n)
{
	struct to_user *u = arg;
	size_t got;
	u32 sum = 0;

	if (u->fault)
		return;
	if (u->csum) {
		got = csum_copy_to_iter(p, n, u->to, &sum);
		u->sum = csum_block_add(u->sum, sum, u->done);
	} else {
		got = copy_to_iter(p, n, u->to);
	}
	u->done += n;
	u->fault = got != n;
}

int skb_copy_to_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len)
{
	struct to_user u = { .to = to };

	if (likely(off + len <= skb_headlen(skb)))
		return copy_to_iter(skb->data + off, len, to) == len ? 0 : -EFAULT;
	return skb_walk(skb, off, len, give_piece, &u) && !u.fault ? 0 : -EFAULT;
}

int skb_copy_and_csum_to_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len,
			      u32 *sum)
{
	struct to_user u = { .to = to, .csum = true };

	if (!skb_walk(skb, off, len, give_piece, &u) || u.fault)
		return -EFAULT;
	*sum = csum_add(*sum, u.sum);
	return 0;
}
