// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skb_bytes.c - a packet's bytes wherever they lie: copied out, summed, made linear, cut. */
#include "net/skbuff.h"
#include "skb_pool.h"

bool skb_walk(const struct sk_buff *skb, u32 off, u32 len,
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
	/* What arrives is verified by its bytes, even where the sender's partial sums came along. */
	if (likely(off + len <= skb->len && off <= skb_headlen(skb) && !skb->shinfo->frag_list)) {
		u32 linear = skb_headlen(skb) - off;

		if (linear)
			sum = csum_partial(skb->data + off, linear, sum);
		return csum_block_add(sum, skb_frags_checksum(skb->shinfo, 0, len - linear),
				      linear);
	}
	skb_walk(skb, off, len, csum_piece, &w);
	return w.sum;
}

int skb_linearize(struct skiff *skiff, struct sk_buff *skb)
{
	u32 extra = skb->data_len, linear = skb_headlen(skb);

	if (!extra)
		return 0;
	if (skb_cloned(skb) || skb->size - skb_headroom(skb) - linear < extra)
		if (skb_move_bytes(skiff, skb, skb_headroom(skb), extra) < 0)
			return -ENOMEM;
	skb_copy_bits(skb, linear, skb->data + linear, extra);
	skb_drop_parts(skiff, skb);
	return 0;
}

bool __pskb_pull(struct skiff *skiff, struct sk_buff *skb, u32 n)
{
	/* Headers in the paged part are rare (reassembled datagrams with a tiny first piece): make it one buffer. */
	return n <= skb->len && skb_linearize(skiff, skb) == 0;
}

int __pskb_trim(struct skiff *skiff, struct sk_buff *skb, u32 len)
{
	if (len >= skb_headlen(skb) && !skb_has_frag_list(skb)) {
		skb_trim_refs(skb, len - skb_headlen(skb));
	} else {
		if (skb_linearize(skiff, skb) < 0)
			return -ENOMEM;
		skb->len = len;
	}
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

u16 __skb_checksum_complete(struct sk_buff *skb)
{
	u32 sum = skb_checksum(skb, 0, skb->len, 0);
	u16 wrong = csum_fold(csum_add(skb->csum, sum));

	skb->cold = 1;
	skb->csum = sum;
	if (!wrong)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return wrong;
}

int skb_checksum_help(struct skiff *skiff, struct sk_buff *skb)
{
	u32 start, at, sum, linear;
	u16 folded;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	start = (u32)(skb->head + skb->csum_start - skb->data);
	at = start + skb->csum_offset;
	if (start > skb->len || at + 2 > skb->len)
		return -EINVAL;
	if (!pskb_may_pull(skiff, skb, at + 2) || skb_cow(skiff, skb, 0))
		return -ENOMEM;
	linear = skb_headlen(skb);
	if (skb->data_len && !skb_has_frag_list(skb) && start <= linear)
		sum = csum_block_add(csum_partial(skb->data + start, linear - start, 0),
				     skb_paged_checksum(skb, 0, skb->data_len), linear - start);
	else
		sum = skb_checksum(skb, start, skb->len - start, 0);
	folded = csum_fold(sum);
	put_unaligned16(folded ? folded : 0xffff, skb->data + at);
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}
