// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_proxy.c - addresses for which we answer, and requests that wait before they are answered.
 *
 * DOC: Proxy neighbours
 * A proxy entry (NTF_PROXY) says: answer for this address on this device, or on any. Answers to broadcast requests wait
 * a random part of proxy_delay, so that the real owner, if it is there, is heard first; at most proxy_qlen requests
 * of a device wait.
 */
#include "neigh_table.h"

/* In skb->cb of a request; the frame is not an IPv4 packet, so nobody else uses it. */
struct neigh_cb {
	u64 sched_next; /* ticks */
	bool locally_enqueued;
};

static struct neigh_cb *neigh_cb(const struct sk_buff *skb)
{
	return (struct neigh_cb *)(uintptr_t)skb->cb;
}

/**
 * neigh_cb_init() - @skb just arrived
 */
void neigh_cb_init(struct sk_buff *skb)
{
	memset(neigh_cb(skb), 0, sizeof(struct neigh_cb));
}

/**
 * neigh_locally_enqueued() - @skb has waited for its proxy delay
 */
bool neigh_locally_enqueued(const struct sk_buff *skb)
{
	return neigh_cb(skb)->locally_enqueued;
}

static struct hlist_head *pneigh_bucket(struct neigh_table *tbl, __be32 key)
{
	u32 h = key;

	h ^= h >> 16;
	h ^= h >> 8;
	h ^= h >> 4;
	return &tbl->phash[h & (PNEIGH_HASH_SIZE - 1)];
}

static struct pneigh_entry *pneigh_find(struct neigh_table *tbl, __be32 key, struct net_device *dev,
					bool or_any)
{
	struct pneigh_entry *p;

	hlist_for_each_entry(p, pneigh_bucket(tbl, key), hash)
		if (p->key == key && (p->dev == dev || (or_any && !p->dev)))
			return p;
	return NULL;
}

/**
 * pneigh_lookup() - proxy entry for @key on @dev, or one for any device
 * @dev: NULL finds only entries for any device
 */
struct pneigh_entry *pneigh_lookup(struct neigh_table *tbl, __be32 key, struct net_device *dev)
{
	return pneigh_find(tbl, key, dev, true);
}

/**
 * pneigh_create() - make the entry, or change the one there is
 * Return: 0, -ENOBUFS
 */
int pneigh_create(struct neigh_table *tbl, __be32 key, struct net_device *dev, u32 flags,
		  u8 protocol, bool permanent)
{
	struct pneigh_entry *p = pneigh_lookup(tbl, key, dev);

	if (!p) {
		p = skiff_zalloc(tbl->skiff, sizeof(*p));
		if (!p)
			return -ENOBUFS;
		p->key = key;
		p->dev = dev;
		hlist_add_head(&p->hash, pneigh_bucket(tbl, key));
	}
	p->flags = flags;
	p->permanent = permanent;
	if (protocol)
		p->protocol = protocol;
	return 0;
}

static void pneigh_remove(struct neigh_table *tbl, struct pneigh_entry *p)
{
	hlist_del(&p->hash);
	skiff_free(tbl->skiff, p);
}

/**
 * pneigh_delete() - forget the entry of exactly @key and @dev
 * Return: 0, -ENOENT
 */
int pneigh_delete(struct neigh_table *tbl, __be32 key, struct net_device *dev)
{
	struct pneigh_entry *p = pneigh_find(tbl, key, dev, false);

	if (!p)
		return -ENOENT;
	pneigh_remove(tbl, p);
	return 0;
}

/**
 * pneigh_ifdown() - forget the proxy entries of @dev
 * @dev: NULL: all there are
 * @skip_perm: permanent ones stay
 */
void pneigh_ifdown(struct neigh_table *tbl, struct net_device *dev, bool skip_perm)
{
	struct pneigh_entry *p;
	struct hlist_node *next;

	for (unsigned i = 0; i < PNEIGH_HASH_SIZE; i++)
		hlist_for_each_entry_safe(p, next, &tbl->phash[i], hash)
			if ((!dev || p->dev == dev) && !(skip_perm && p->permanent))
				pneigh_remove(tbl, p);
}

static void neigh_parms_qlen_dec(struct neigh_table *tbl, struct net_device *dev)
{
	struct neigh_parms *p = neigh_parms_find(tbl, dev->ifindex);

	if (p && p->qlen)
		p->qlen--;
}

/**
 * pneigh_queue_purge() - drop the requests that wait on @dev
 * @dev: NULL: all
 */
void pneigh_queue_purge(struct neigh_table *tbl, struct net_device *dev)
{
	struct sk_buff_head keep;
	struct sk_buff *skb;

	skb_queue_head_init(&keep);
	while ((skb = skb_dequeue(&tbl->proxy_queue))) {
		if (dev && skb->dev != dev) {
			skb_queue_tail(&keep, skb);
			continue;
		}
		neigh_parms_qlen_dec(tbl, skb->dev);
		kfree_skb_reason(tbl->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
	}
	tbl->proxy_queue = keep;
	if (skb_queue_empty(&keep))
		timer_delete(&tbl->proxy_timer);
}

/* Judge again the requests whose delay is over; arm for the next. */
static void neigh_proxy_process(struct timer_list *t)
{
	struct neigh_table *tbl = from_timer(tbl, t, proxy_timer);
	u64 now = tbl->skiff->jiffies, next = 0;
	struct sk_buff_head due, keep;
	struct sk_buff *skb;

	skb_queue_head_init(&due);
	skb_queue_head_init(&keep);
	while ((skb = skb_dequeue(&tbl->proxy_queue))) {
		u64 when = neigh_cb(skb)->sched_next;

		if (time_before_eq(when, now)) {
			skb_queue_tail(&due, skb);
			continue;
		}
		if (!next || time_before(when, next))
			next = when;
		skb_queue_tail(&keep, skb);
	}
	tbl->proxy_queue = keep;
	if (next)
		mod_timer(&tbl->proxy_timer, next);
	while ((skb = skb_dequeue(&due))) {
		neigh_parms_qlen_dec(tbl, skb->dev);
		if (netif_running(skb->dev))
			tbl->ops->proxy_redo(skb);
		else
			kfree_skb_reason(tbl->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
	}
}

/**
 * pneigh_enqueue() - answer @skb later, after a random part of proxy_delay
 * @p:    settings of its device
 * Owns:  consumes @skb
 * Drops: SKB_DROP_REASON_NOT_SPECIFIED when proxy_qlen requests wait
 */
void pneigh_enqueue(struct neigh_table *tbl, struct neigh_parms *p, struct sk_buff *skb)
{
	u64 when = tbl->skiff->jiffies +
		   skiff_random_below(tbl->skiff, (u32)max_t(int, NEIGH_VAR(p, PROXY_DELAY), 1));

	if (p->qlen > (u32)NEIGH_VAR(p, PROXY_QLEN)) {
		kfree_skb_reason(tbl->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
		return;
	}
	neigh_cb(skb)->sched_next = when;
	neigh_cb(skb)->locally_enqueued = true;
	skb_dst_drop(skb);
	skb_queue_tail(&tbl->proxy_queue, skb);
	p->qlen++;
	if (timer_pending(&tbl->proxy_timer) && time_before(tbl->proxy_timer.expires, when))
		when = tbl->proxy_timer.expires;
	mod_timer(&tbl->proxy_timer, when);
}

/**
 * pneigh_init() - empty tables
 */
void pneigh_init(struct neigh_table *tbl)
{
	skb_queue_head_init(&tbl->proxy_queue);
	timer_setup(&tbl->proxy_timer, tbl->skiff, neigh_proxy_process);
}
