/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/skb_queue.h - queues of packets: doubly linked, ended by NULL. Part of net/skbuff.h, which includes it. */
#ifndef NET_SKB_QUEUE_H
#define NET_SKB_QUEUE_H

#include "net/skbuff.h"

struct sk_buff_head {
	struct sk_buff *first, *last;
	u32 qlen;
};

static inline void skb_queue_head_init(struct sk_buff_head *q)
{
	q->first = q->last = NULL;
	q->qlen = 0;
}

static inline bool skb_queue_empty(const struct sk_buff_head *q)
{
	return !q->first;
}

static inline u32 skb_queue_len(const struct sk_buff_head *q)
{
	return q->qlen;
}

static inline struct sk_buff *skb_peek(const struct sk_buff_head *q)
{
	return q->first;
}

static inline struct sk_buff *skb_peek_tail(const struct sk_buff_head *q)
{
	return q->last;
}

static inline bool skb_queue_is_first(const struct sk_buff_head *q, const struct sk_buff *skb)
{
	return q->first == skb;
}

static inline bool skb_queue_is_last(const struct sk_buff_head *q, const struct sk_buff *skb)
{
	return q->last == skb;
}

/** skb_queue_insert() - between two neighbours; @prev NULL: in front, @next NULL: at the end */
static inline void skb_queue_insert(struct sk_buff_head *q, struct sk_buff *skb,
				    struct sk_buff *prev, struct sk_buff *next)
{
	skb->cold = 1;
	skb->next = next;
	skb->prev = prev;
	*(prev ? &prev->next : &q->first) = skb;
	*(next ? &next->prev : &q->last) = skb;
	q->qlen++;
}

static inline void skb_queue_tail(struct sk_buff_head *q, struct sk_buff *skb)
{
	skb_queue_insert(q, skb, q->last, NULL);
}

static inline void skb_queue_head(struct sk_buff_head *q, struct sk_buff *skb)
{
	skb_queue_insert(q, skb, NULL, q->first);
}

/** skb_queue_after() - @skb right behind @prev, which is in @q */
static inline void skb_queue_after(struct sk_buff_head *q, struct sk_buff *prev,
				   struct sk_buff *skb)
{
	skb_queue_insert(q, skb, prev, prev->next);
}

/** skb_queue_before() - @skb right in front of @next, which is in @q */
static inline void skb_queue_before(struct sk_buff_head *q, struct sk_buff *next,
				    struct sk_buff *skb)
{
	skb_queue_insert(q, skb, next->prev, next);
}

/** skb_unlink() - take @skb out of @q, in which it is */
static inline void skb_unlink(struct sk_buff *skb, struct sk_buff_head *q)
{
	*(skb->prev ? &skb->prev->next : &q->first) = skb->next;
	*(skb->next ? &skb->next->prev : &q->last) = skb->prev;
	skb->next = skb->prev = NULL;
	q->qlen--;
}

static inline struct sk_buff *skb_dequeue(struct sk_buff_head *q)
{
	struct sk_buff *skb = q->first;

	if (skb)
		skb_unlink(skb, q);
	return skb;
}

static inline struct sk_buff *skb_dequeue_tail(struct sk_buff_head *q)
{
	struct sk_buff *skb = q->last;

	if (skb)
		skb_unlink(skb, q);
	return skb;
}

/** skb_queue_splice_tail_init() - all of @from behind what is in @to; @from is left empty */
static inline void skb_queue_splice_tail_init(struct sk_buff_head *from, struct sk_buff_head *to)
{
	if (!from->first)
		return;
	from->first->prev = to->last;
	*(to->last ? &to->last->next : &to->first) = from->first;
	to->last = from->last;
	to->qlen += from->qlen;
	skb_queue_head_init(from);
}

/** skb_queue_splice_init() - all of @from in front of what is in @to; @from is left empty */
static inline void skb_queue_splice_init(struct sk_buff_head *from, struct sk_buff_head *to)
{
	if (!from->first)
		return;
	from->last->next = to->first;
	*(to->first ? &to->first->prev : &to->last) = from->last;
	to->first = from->first;
	to->qlen += from->qlen;
	skb_queue_head_init(from);
}

/** skb_queue_purge_reason() - every packet dropped; SKB_CONSUMED: freed without being counted as a drop */
void skb_queue_purge_reason_at(struct skiff *skiff, struct sk_buff_head *q,
			       enum skb_drop_reason reason, const char *where);
#define skb_queue_purge_reason(skiff, q, reason) \
	skb_queue_purge_reason_at(skiff, q, reason, __func__)

#define skb_queue_walk(q, pos)	       for (pos = (q)->first; pos; pos = pos->next)
#define skb_queue_reverse_walk(q, pos) for (pos = (q)->last; pos; pos = pos->prev)
/* @pos may be unlinked; what comes behind it may not. */
#define skb_queue_walk_safe(q, pos, n) for (pos = (q)->first; pos && (n = pos->next, true); pos = n)

#endif
