// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_fragment.c - fragment queues: finding them, putting fragments in order, joining them, giving up.
 *
 * DOC: Fragment queues
 *   open      in the table, timer runs, takes fragments        [inet_frag_find]
 *   killed    out of the table; freed at the end of the turn    [inet_frag_kill: complete, broken, or timed out]
 * Fragments are kept in order of offset. Those that arrived one behind the other form a run; a fragment that lies wholly
 * within a run is a duplicate, any other overlap condemns the queue (RFC 5722's rule, which Linux applies to IPv4 too).
 * What outsiders can make grow is bounded by bytes (high_thresh), and the table is keyed.
 */
#include "net/inet_frag.h"

#include "lib/siphash.h"
#include "net/ip.h"
#include "net/journey.h"

struct ipfrag_skb_cb *frag_cb(const struct sk_buff *skb)
{
	static_assert(sizeof(struct inet_skb_parm) + sizeof(struct ipfrag_skb_cb) <= 48,
		      "both fit the control block");
	return (struct ipfrag_skb_cb *)((u8 *)skb->cb + sizeof(struct inet_skb_parm));
}

static u32 frag_truesize(const struct sk_buff *skb)
{
	return skb->size + (u32)sizeof(*skb);
}

static struct hlist_head *frag_bucket(struct fqdir *fqdir, const struct frag_v4_compare_key *key)
{
	u64 h = siphash13(key, sizeof(*key), &fqdir->net->skiff->hash_key);

	return &fqdir->hash[h % FRAG_HASH_SIZE];
}

static void frag_queue_free(struct death_row_entry *e)
{
	struct inet_frag_queue *q = container_of(e, struct inet_frag_queue, rcu);

	skiff_free(q->timer.skiff, q);
}

struct inet_frag_queue *inet_frag_find(struct fqdir *fqdir, const struct frag_v4_compare_key *key,
				       void (*expire)(struct timer_list *))
{
	struct skiff *skiff = fqdir->net->skiff;
	struct hlist_head *bucket;
	struct inet_frag_queue *q;

	journey_fn(fqdir->net, NULL);
	if (!fqdir->high_thresh || fqdir->mem > fqdir->high_thresh) {
		journey_setting(fqdir->net, "net.ipv4.ipfrag_high_thresh=%llu",
				(unsigned long long)fqdir->high_thresh);
		return NULL;
	}
	bucket = frag_bucket(fqdir, key);
	hlist_for_each_entry(q, bucket, hash)
		if (!memcmp(&q->key, key, sizeof(*key)))
			return q;
	q = skiff_zalloc(skiff, sizeof(*q));
	if (!q)
		return NULL;
	q->fqdir = fqdir;
	q->key = *key;
	timer_setup(&q->timer, skiff, expire);
	mod_timer(&q->timer, skiff->jiffies + (u64)fqdir->timeout);
	hlist_add_head(&q->hash, bucket);
	fqdir->nqueues++;
	fqdir->mem += sizeof(*q);
	return q;
}

void inet_frag_purge(struct inet_frag_queue *q, enum skb_drop_reason reason)
{
	struct skiff *skiff = q->fqdir->net->skiff;
	struct sk_buff *skb = q->frags;

	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		q->fqdir->mem -= frag_cb(skb)->truesize;
		if (reason == SKB_CONSUMED)
			consume_skb(skiff, skb);
		else
			kfree_skb_reason_at(skiff, skb, reason, "inet_frag_rbtree_purge");
		skb = next;
	}
	q->frags = q->tail = NULL;
}

void inet_frag_kill(struct inet_frag_queue *q)
{
	if (q->flags & INET_FRAG_COMPLETE)
		return;
	q->flags |= INET_FRAG_COMPLETE;
	timer_delete(&q->timer);
	hlist_del(&q->hash);
	q->fqdir->nqueues--;
	q->fqdir->mem -= sizeof(*q);
	if (q->frags)
		journey_fn_named(q->fqdir->net, NULL, "inet_frag_destroy");
	inet_frag_purge(q, q->flags & INET_FRAG_DROP ? SKB_DROP_REASON_FRAG_REASM_TIMEOUT :
						       SKB_CONSUMED);
	q->rcu.free = frag_queue_free;
	skiff_defer_free(q->fqdir->net->skiff, &q->rcu);
}

/* Link @skb behind @prev (NULL: in front of all). */
static void frag_link(struct inet_frag_queue *q, struct sk_buff *skb, struct sk_buff *prev)
{
	struct sk_buff **p = prev ? &prev->next : &q->frags;

	skb->next = *p;
	*p = skb;
	skb->cold = 1;
}

/* The fragment that begins the run in which @skb stands is known by walking from the front. */
static int frag_insert_middle(struct inet_frag_queue *q, struct sk_buff *skb, u32 offset, u32 end)
{
	struct sk_buff *prev = NULL;

	for (struct sk_buff *f = q->frags; f; prev = f, f = f->next) {
		const struct ipfrag_skb_cb *cb = frag_cb(f);

		if (cb->in_run || offset >= cb->run_end)
			continue;
		if (end <= cb->offset)
			break;
		return offset >= cb->offset && end <= cb->run_end ? IPFRAG_DUP : IPFRAG_OVERLAP;
	}
	frag_cb(skb)->run_end = end;
	frag_link(q, skb, prev);
	return IPFRAG_OK;
}

int inet_frag_queue_insert(struct inet_frag_queue *q, struct sk_buff *skb, u32 offset, u32 end)
{
	struct ipfrag_skb_cb *cb = frag_cb(skb);
	struct sk_buff *tail = q->tail;
	int ret = IPFRAG_OK;

	*cb = (struct ipfrag_skb_cb){
		.offset = offset, .end = end, .run_end = end, .truesize = frag_truesize(skb)
	};
	if (!tail) {
		frag_link(q, skb, NULL);
		q->tail = skb;
	} else if (frag_cb(tail)->end < end) {
		/* The usual case: it goes to the end. */
		if (offset < frag_cb(tail)->end)
			return IPFRAG_OVERLAP;
		if (offset == frag_cb(tail)->end) {
			cb->in_run = true;
			if (!frag_cb(tail)->in_run)
				q->run_head = tail;
			frag_cb(q->run_head)->run_end = end;
		}
		frag_link(q, skb, tail);
		q->tail = skb;
	} else {
		ret = frag_insert_middle(q, skb, offset, end);
	}
	if (ret == IPFRAG_OK)
		q->fqdir->mem += cb->truesize;
	return ret;
}

struct sk_buff *inet_frag_pull_head(struct inet_frag_queue *q)
{
	struct sk_buff *head = q->frags;

	if (!head)
		return NULL;
	q->frags = head->next;
	if (q->tail == head)
		q->tail = NULL;
	head->next = NULL;
	q->fqdir->mem -= frag_cb(head)->truesize;
	return head;
}

struct sk_buff *inet_frag_reasm(struct inet_frag_queue *q)
{
	struct fqdir *fqdir = q->fqdir;
	struct skiff *skiff = fqdir->net->skiff;
	struct sk_buff *head = q->frags, *rest = head->next;

	journey_fn_named(fqdir->net, head, "inet_frag_reasm_finish");
	if (skb_cow(skiff, head, skb_headroom(head)))
		return NULL;
	if (rest && !skb_shinfo_get(skiff, head))
		return NULL;
	head->next = NULL;
	fqdir->mem -= frag_cb(head)->truesize;
	/* Back to the IP header, which the first fragment has in front of its payload. */
	skb_push(head, (u32)(head->data - skb_network_header(head)));
	for (struct sk_buff *f = rest; f; f = f->next) {
		fqdir->mem -= frag_cb(f)->truesize;
		head->len += f->len;
		head->data_len += f->len;
		if (head->ip_summed != f->ip_summed)
			head->ip_summed = CHECKSUM_NONE;
	}
	if (head->ip_summed == CHECKSUM_COMPLETE)
		head->ip_summed = CHECKSUM_NONE;
	if (rest)
		head->shinfo->frag_list = rest;
	q->frags = q->tail = NULL;
	return head;
}
