// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_table.c - the neighbours of a namespace: found by hash, bounded by garbage collection.
 *
 * DOC: Size of the table
 * Entries that nobody set by hand count towards three thresholds. Below gc_thresh1 nothing is collected. Above
 * gc_thresh2 a new entry first makes room by neigh_forced_gc(), at most every 5 s; at gc_thresh3 always, and if that
 * finds nothing, the new entry is refused (-ENOBUFS, "neighbor table overflow!"). A periodic run, twice in a base
 * reachable time, takes entries that were unused for gc_stale_time. Entries in use (reference held, timer armed) stay.
 */
#include "neigh_table.h"

#include "net/journey.h"
#include "net/rtnetlink.h"

#define NEIGH_HASH_SHIFT_MIN 6
#define NEIGH_HASH_SHIFT_MAX 20
#define NEIGH_FLUSH_INTERVAL (5 * HZ)
#define NEIGH_RAND_INTERVAL  (300 * HZ)

/* ---- finding ---- */

/**
 * neigh_lookup() - the entry of exactly @key on @dev
 * Return: NULL if there is none; valid this turn
 */
struct neighbour *neigh_lookup(struct neigh_table *tbl, __be32 key, struct net_device *dev)
{
	struct neighbour *n;

	tbl->stats.lookups++;
	hlist_for_each_entry(n, &tbl->buckets[neigh_hash(tbl, key, dev->ifindex)], hash)
		if (n->primary_key == key && n->dev == dev) {
			tbl->stats.hits++;
			return n;
		}
	return NULL;
}

/* On these links there is one neighbour, whatever its address. */
static __be32 neigh_map_key(const struct net_device *dev, __be32 key)
{
	return dev->flags & (IFF_LOOPBACK_ | IFF_POINTOPOINT_) ? INADDR_ANY : key;
}

/**
 * __ipv4_neigh_lookup_noref() - entry of next hop @key on @dev, whose packets want to leave
 * Return: NULL if there is none; valid this turn
 */
struct neighbour *__ipv4_neigh_lookup_noref(struct net_device *dev, __be32 key)
{
	return neigh_lookup(dev->net->arp_tbl, neigh_map_key(dev, key), dev);
}

/**
 * ip_neigh_gw4() - entry of next hop @key on @dev, made if there is none
 * Return: NULL if it can not be made (table full, no memory, no IPv4 on the device)
 */
struct neighbour *ip_neigh_gw4(struct net_device *dev, __be32 key)
{
	struct neighbour *n = __ipv4_neigh_lookup_noref(dev, key);
	int err;

	return likely(n != NULL) ? n : ___neigh_create(dev->net->arp_tbl, key, dev, &err);
}

/* ---- life of an entry ---- */

static void neigh_free(struct death_row_entry *e)
{
	struct neighbour *n = container_of(e, struct neighbour, rcu);

	skiff_free(n->tbl->skiff, n);
}

/**
 * neigh_release() - give a reference back; the last one frees at the end of the turn
 */
void neigh_release(struct neighbour *n)
{
	NET_ASSERT(n->refcnt);
	if (--n->refcnt)
		return;
	NET_ASSERT(n->dead);
	n->tbl->stats.destroys++;
	timer_delete(&n->timer);
	neigh_purge_queue(n, SKB_DROP_REASON_NEIGH_DEAD);
	n->output = neigh_blackhole;
	skiff_defer_free(n->tbl->skiff, &n->rcu);
}

/* Out of every list of the table; the table's reference is still there. */
static void neigh_mark_dead(struct neighbour *n)
{
	struct neigh_table *tbl = n->tbl;

	n->dead = 1;
	tbl->net->ipv4.neigh_genid++; /* routes that remember it look again */
	hlist_del(&n->hash);
	list_del_init(&n->list);
	tbl->entries--;
	if (!list_empty(&n->gc_list)) {
		list_del_init(&n->gc_list);
		tbl->gc_entries--;
	}
	if (!list_empty(&n->managed_list))
		list_del_init(&n->managed_list);
}

static void neigh_cleanup_and_release(struct neighbour *n)
{
	neigh_notify(n, RTM_DELNEIGH, 0, 0);
	neigh_release(n);
}

/**
 * neigh_remove_one() - take @n out of the table unless somebody holds it
 * Return: it was removed (and is freed at the end of the turn)
 */
bool neigh_remove_one(struct neighbour *n)
{
	if (n->dead || n->refcnt != 1)
		return false;
	neigh_mark_dead(n);
	neigh_cleanup_and_release(n);
	return true;
}

/**
 * neigh_update_gc_list() - @n may have become exempt from gc, or subject to it
 */
void neigh_update_gc_list(struct neighbour *n)
{
	bool exempt = neigh_exempt_from_gc(n), listed = !list_empty(&n->gc_list);

	if (n->dead || exempt != listed)
		return;
	if (exempt) {
		list_del_init(&n->gc_list);
		n->tbl->gc_entries--;
	} else {
		list_add_tail(&n->gc_list, &n->tbl->gc_list);
		n->tbl->gc_entries++;
	}
}

static void neigh_managed_arm(struct neigh_table *tbl)
{
	int t = max_t(int, NEIGH_VAR(&tbl->parms, INTERVAL_PROBE_TIME_MS), HZ);

	mod_timer(&tbl->managed_timer, tbl->skiff->jiffies + (u64)t);
}

/**
 * neigh_update_managed_list() - NTF_MANAGED of @n was set or cleared
 */
void neigh_update_managed_list(struct neighbour *n)
{
	bool listed = !list_empty(&n->managed_list), managed = n->flags & NTF_MANAGED;

	if (n->dead || listed == managed)
		return;
	if (listed) {
		list_del_init(&n->managed_list);
		return;
	}
	list_add_tail(&n->managed_list, &n->tbl->managed_list);
	if (!timer_pending(&n->tbl->managed_timer))
		neigh_managed_arm(n->tbl);
}

/* Keep managed entries resolved without traffic. Runs only while there are any. */
static void neigh_managed_work(struct timer_list *t)
{
	struct neigh_table *tbl = from_timer(tbl, t, managed_timer);
	struct neighbour *n, *next;

	list_for_each_entry_safe(n, next, &tbl->managed_list, managed_list)
		neigh_event_send_probe(n, NULL, false);
	if (!list_empty(&tbl->managed_list))
		neigh_managed_arm(tbl);
}

/* ---- garbage collection ---- */

/*
 * Make room down to gc_thresh2. Return: how many entries went. A walk that found nothing is not repeated within its tick:
 * else whoever makes up next hops faster than they age would have the table walked for each.
 */
static u32 neigh_forced_gc(struct neigh_table *tbl)
{
	/* the entry about to be made counts */
	s64 max_clean = (s64)tbl->gc_entries + 1 - tbl->gc_thresh2;
	u64 now = tbl->skiff->jiffies;
	struct neighbour *n, *next;
	u32 shrunk = 0;

	if (tbl->gc_in_vain == now)
		return 0;
	tbl->stats.forced_gc_runs++;
	list_for_each_entry_safe(n, next, &tbl->gc_list, gc_list) {
		if (n->refcnt != 1)
			continue;
		if (n->nud_state != NUD_FAILED && n->nud_state != NUD_NOARP &&
		    !ipv4_is_multicast(n->primary_key) &&
		    neigh_time_in_range(n->updated, now - NEIGH_FLUSH_INTERVAL, now))
			continue;
		if (neigh_remove_one(n) && ++shrunk >= max_clean)
			break;
	}
	tbl->last_flush = now;
	if (!shrunk)
		tbl->gc_in_vain = now;
	return shrunk;
}

/* Has this entry been unused so long that it may go? */
static bool neigh_is_stale(struct neighbour *n, u64 now)
{
	if ((n->nud_state & (NUD_PERMANENT | NUD_IN_TIMER)) ||
	    (n->flags & (NTF_EXT_LEARNED | NTF_EXT_VALIDATED)))
		return false;
	if (time_before(n->used, n->confirmed) && time_before_eq(n->confirmed, now))
		n->used = n->confirmed;
	if (n->refcnt != 1)
		return false;
	return n->nud_state == NUD_FAILED || time_before(now, n->used) ||
	       time_after_eq(now, n->used + (u64)NEIGH_VAR(n->parms, GC_STALETIME));
}

static void neigh_draw_reach_times(struct neigh_table *tbl)
{
	struct neigh_parms *p;

	tbl->last_rand = tbl->skiff->jiffies;
	tbl->parms.reachable_time =
		neigh_rand_reach_time(tbl->skiff, NEIGH_VAR(&tbl->parms, BASE_REACHABLE_TIME));
	list_for_each_entry(p, &tbl->parms_list, list)
		p->reachable_time =
			neigh_rand_reach_time(tbl->skiff, NEIGH_VAR(p, BASE_REACHABLE_TIME));
}

static void neigh_periodic_arm(struct neigh_table *tbl)
{
	int half = NEIGH_VAR(&tbl->parms, BASE_REACHABLE_TIME) >> 1;

	mod_timer(&tbl->gc_timer, tbl->skiff->jiffies + (u64)max_t(int, half, 1));
}

static void neigh_periodic_work(struct timer_list *t)
{
	struct neigh_table *tbl = from_timer(tbl, t, gc_timer);
	u64 now = tbl->skiff->jiffies;
	struct neighbour *n, *next;

	tbl->stats.periodic_gc_runs++;
	if (time_after(now, tbl->last_rand + NEIGH_RAND_INTERVAL))
		neigh_draw_reach_times(tbl);
	if (tbl->gc_entries >= tbl->gc_thresh1) {
		list_for_each_entry_safe(n, next, &tbl->all, list)
			if (neigh_is_stale(n, now))
				neigh_remove_one(n);
	}
	neigh_periodic_arm(tbl);
}

/* ---- making an entry ---- */

static bool neigh_table_has_room(struct neigh_table *tbl)
{
	u32 entries = tbl->gc_entries;
	u64 now = tbl->skiff->jiffies;

	if (entries < tbl->gc_thresh3 &&
	    (entries < tbl->gc_thresh2 || !time_after(now, tbl->last_flush + NEIGH_FLUSH_INTERVAL)))
		return true;
	if (neigh_forced_gc(tbl) || entries < tbl->gc_thresh3)
		return true;
	skiff_log(tbl->skiff, SKIFF_LOG_INFO, NEIGH_TABLE_ID ": neighbor table overflow!");
	tbl->stats.table_fulls++;
	return false;
}

static struct neighbour *neigh_alloc(struct neigh_table *tbl, struct net_device *dev, __be32 key,
				     u32 flags)
{
	struct neighbour *n = skiff_alloc_aligned(tbl->skiff, sizeof(*n), 64);

	if (!n)
		return NULL;
	memset(n, 0, sizeof(*n));
	n->tbl = tbl;
	n->dev = dev;
	n->primary_key = key;
	n->flags = flags;
	n->rcu.free = neigh_free;
	n->dead = 1; /* until it is in the table */
	n->refcnt = 1;
	n->used = n->updated = tbl->skiff->jiffies;
	n->nud_state = NUD_NONE;
	n->output = neigh_blackhole;
	skb_queue_head_init(&n->arp_queue);
	timer_setup(&n->timer, tbl->skiff, neigh_timer_handler);
	INIT_LIST_HEAD(&n->list);
	INIT_LIST_HEAD(&n->gc_list);
	INIT_LIST_HEAD(&n->managed_list);
	n->parms = &tbl->parms;
	tbl->stats.allocs++;
	return n;
}

/* Twice as many chains. Without memory the old ones serve on. */
static void neigh_hash_grow(struct neigh_table *tbl)
{
	u32 shift = tbl->hash_shift + 1;
	struct hlist_head *buckets;
	struct neighbour *n;

	if (shift > NEIGH_HASH_SHIFT_MAX)
		return;
	buckets = skiff_zalloc(tbl->skiff, sizeof(*buckets) << shift);
	if (!buckets)
		return;
	skiff_free(tbl->skiff, tbl->buckets);
	tbl->buckets = buckets;
	tbl->hash_shift = shift;
	tbl->stats.hash_grows++;
	list_for_each_entry(n, &tbl->all, list)
		hlist_add_head(&n->hash,
			       &buckets[neigh_hash(tbl, n->primary_key, n->dev->ifindex)]);
}

static void neigh_insert(struct neigh_table *tbl, struct neighbour *n, bool exempt_from_gc)
{
	n->dead = 0;
	if (tbl->entries >> tbl->hash_shift)
		neigh_hash_grow(tbl);
	hlist_add_head(&n->hash, &tbl->buckets[neigh_hash(tbl, n->primary_key, n->dev->ifindex)]);
	list_add_tail(&n->list, &tbl->all);
	tbl->entries++;
	if (!exempt_from_gc) {
		list_add_tail(&n->gc_list, &tbl->gc_list);
		tbl->gc_entries++;
	}
	neigh_update_managed_list(n);
}

/**
 * ___neigh_create_flags() - make the entry of @key on @dev, or find the one that stands for it
 * @flags: NTF_EXT_LEARNED, NTF_MANAGED, NTF_EXT_VALIDATED
 * @exempt_from_gc: it does not count towards the thresholds
 * @err:   set when NULL comes back: -ENOBUFS (table full, no memory), -EINVAL (no IPv4 on the device)
 * Return: valid this turn
 */
struct neighbour *___neigh_create_flags(struct neigh_table *tbl, __be32 key, struct net_device *dev,
					u32 flags, bool exempt_from_gc, int *err)
{
	struct neighbour *n, *old;

	journey_fn_named(tbl->net, NULL, "___neigh_create");
	*err = -ENOBUFS;
	if (!exempt_from_gc && !neigh_table_has_room(tbl))
		return NULL;
	n = neigh_alloc(tbl, dev, key, flags);
	if (!n)
		return NULL;
	*err = tbl->ops->constructor(n);
	if (*err < 0)
		goto free;
	n->confirmed = tbl->skiff->jiffies - 2 * (u64)NEIGH_VAR(n->parms, BASE_REACHABLE_TIME);
	*err = -EINVAL;
	if (n->parms->dead)
		goto free;
	*err = 0;
	/* The constructor may have mapped the key to one that is there. */
	old = neigh_lookup(tbl, n->primary_key, dev);
	if (old) {
		neigh_release(n);
		return old;
	}
	neigh_insert(tbl, n, exempt_from_gc);
	return n;
free:
	neigh_release(n);
	return NULL;
}

/**
 * ___neigh_create() - ___neigh_create_flags() for an ordinary entry
 */
struct neighbour *___neigh_create(struct neigh_table *tbl, __be32 key, struct net_device *dev,
				  int *err)
{
	return ___neigh_create_flags(tbl, key, dev, 0, false, err);
}

/* ---- devices go ---- */

/* Who still holds the entry finds it harmless. */
static void neigh_neutralise(struct neighbour *n)
{
	neigh_purge_queue(n, SKB_DROP_REASON_NEIGH_DEAD);
	n->output = neigh_blackhole;
	n->hh_len = 0;
	n->parms = &n->tbl->parms; /* its device's go with the device */
	n->nud_state = n->nud_state & NUD_VALID ? NUD_NOARP : NUD_NONE;
}

/* @skip_perm: the link is only lost for now, what was set by hand stays */
static void neigh_flush_dev(struct neigh_table *tbl, struct net_device *dev, bool skip_perm)
{
	struct neighbour *n, *next;

	list_for_each_entry_safe(n, next, &tbl->all, list) {
		if (n->dev != dev)
			continue;
		if (skip_perm && ((n->nud_state & NUD_PERMANENT) || (n->flags & NTF_EXT_VALIDATED)))
			continue;
		neigh_del_timer(n);
		neigh_mark_dead(n);
		if (n->refcnt != 1)
			neigh_neutralise(n);
		neigh_cleanup_and_release(n);
	}
}

/**
 * neigh_changeaddr() - the device's own address (or need of ARP) changed: all entries are void
 */
void neigh_changeaddr(struct neigh_table *tbl, struct net_device *dev)
{
	neigh_flush_dev(tbl, dev, false);
}

static void __neigh_ifdown(struct neigh_table *tbl, struct net_device *dev, bool skip_perm)
{
	neigh_flush_dev(tbl, dev, skip_perm);
	pneigh_ifdown(tbl, dev, skip_perm);
	pneigh_queue_purge(tbl, dev);
}

/**
 * neigh_carrier_down() - the cable is out: forget what was learned
 */
void neigh_carrier_down(struct neigh_table *tbl, struct net_device *dev)
{
	__neigh_ifdown(tbl, dev, true);
}

/**
 * neigh_ifdown() - the device goes down: forget everything of it, proxies too
 * Return: 0
 */
int neigh_ifdown(struct neigh_table *tbl, struct net_device *dev)
{
	__neigh_ifdown(tbl, dev, false);
	return 0;
}

/* ---- start and end ---- */

/**
 * neigh_table_create() - the empty table of a namespace, with net.ipv4.neigh.default
 * @ops: constant, outlives the table
 * Return: NULL when out of memory
 */
struct neigh_table *neigh_table_create(struct net *net, const struct neigh_table_ops *ops)
{
	struct skiff *skiff = net->skiff;
	struct neigh_table *tbl = skiff_zalloc(skiff, sizeof(*tbl));

	if (!tbl)
		return NULL;
	tbl->net = net;
	tbl->skiff = skiff;
	tbl->ops = ops;
	tbl->hash_shift = NEIGH_HASH_SHIFT_MIN;
	tbl->hash_mult = skiff_random64(skiff) | 1;
	tbl->hash_seed = skiff_random32(skiff);
	tbl->gc_interval = 30 * HZ;
	tbl->gc_thresh1 = 128;
	tbl->gc_thresh2 = 512;
	tbl->gc_thresh3 = 1024;
	tbl->last_flush = tbl->last_rand = skiff->jiffies;
	INIT_LIST_HEAD(&tbl->parms_list);
	INIT_LIST_HEAD(&tbl->all);
	INIT_LIST_HEAD(&tbl->gc_list);
	INIT_LIST_HEAD(&tbl->managed_list);
	neigh_parms_init_default(tbl);
	tbl->buckets = skiff_zalloc(skiff, sizeof(*tbl->buckets) << tbl->hash_shift);
	if (!tbl->buckets)
		goto err_tbl;
	if (neigh_sysctl_register(&tbl->parms) < 0)
		goto err_buckets;
	timer_setup(&tbl->gc_timer, skiff, neigh_periodic_work);
	timer_setup(&tbl->managed_timer, skiff, neigh_managed_work);
	pneigh_init(tbl);
	neigh_periodic_arm(tbl);
	return tbl;
err_buckets:
	skiff_free(skiff, tbl->buckets);
err_tbl:
	skiff_free(skiff, tbl);
	return NULL;
}

/**
 * neigh_table_destroy() - the namespace ends; its devices are gone
 */
void neigh_table_destroy(struct neigh_table *tbl)
{
	struct neighbour *n, *next;
	struct neigh_parms *p, *pnext;

	timer_delete(&tbl->gc_timer);
	timer_delete(&tbl->managed_timer);
	list_for_each_entry_safe(n, next, &tbl->all, list) {
		neigh_del_timer(n);
		neigh_mark_dead(n);
		neigh_release(n);
	}
	pneigh_ifdown(tbl, NULL, false);
	pneigh_queue_purge(tbl, NULL);
	timer_delete(&tbl->proxy_timer);
	list_for_each_entry_safe(p, pnext, &tbl->parms_list, list)
		neigh_parms_release(tbl, p);
	neigh_sysctl_unregister(&tbl->parms);
	/* What is on the death row looks at the table once more. */
	skiff_run_death_row(tbl->skiff);
	skiff_free(tbl->skiff, tbl->buckets);
	skiff_free(tbl->skiff, tbl);
}
