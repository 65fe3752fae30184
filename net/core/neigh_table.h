/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/neigh_table.h - the neighbour table of a namespace; for the neigh*.c files of this folder only. */
#ifndef NET_CORE_NEIGH_TABLE_H
#define NET_CORE_NEIGH_TABLE_H

#include "net/neighbour.h"
#include "net/net_namespace.h"

struct rtnl_req;
struct netlink_ext_ack;

#define PNEIGH_HASH_SIZE 16
#define NEIGH_TABLE_ID	 "arp_cache"
#define NEIGH_KEY_LEN	 4

/**
 * struct neigh_stats - what RTM_GETNEIGHTBL calls NDTA_STATS, events
 */
struct neigh_stats {
	u64 allocs, destroys, hash_grows, res_failed, lookups, hits;
	u64 periodic_gc_runs, forced_gc_runs, unres_discards, table_fulls;
};

/**
 * struct neigh_table - all neighbours of a namespace
 * @parms:      "default"; devices' copies are on @parms_list
 * @buckets:    by key and device, 1 << @hash_shift chains; grows with @entries
 * @all:        every entry, oldest first
 * @gc_list:    entries that forced gc may take, oldest first; @gc_entries of them
 * @last_flush: ticks, last forced gc; @last_rand: ticks, reachable times were drawn anew
 * @proxy_queue: requests waiting for their proxy delay
 */
struct neigh_table {
	struct net *net;
	struct skiff *skiff;
	const struct neigh_table_ops *ops;
	struct hlist_head *buckets;
	u64 hash_mult;
	u32 hash_seed;
	u32 hash_shift;
	u32 entries;
	u32 gc_entries;
	u32 gc_thresh1, gc_thresh2, gc_thresh3;
	int gc_interval;
	struct neigh_parms parms;
	struct list_head parms_list;
	struct list_head all;
	struct list_head gc_list;
	struct list_head managed_list;
	u64 last_flush, last_rand;
	u64 gc_in_vain; /* tick of the last forced run that freed nothing */
	struct timer_list gc_timer;
	struct timer_list managed_timer;
	struct timer_list proxy_timer;
	struct sk_buff_head proxy_queue;
	struct hlist_head phash[PNEIGH_HASH_SIZE];
	struct neigh_stats stats;
};

/* Keyed multiplication: the table is bounded, so a guessed collision costs an outsider more than us. */
static inline u32 neigh_hash(const struct neigh_table *tbl, __be32 key, u32 ifindex)
{
	u64 h = ((u64)ifindex << 32 | (key ^ tbl->hash_seed)) * tbl->hash_mult;

	return (u32)(h >> (64 - tbl->hash_shift));
}

static inline bool neigh_exempt_from_gc(const struct neighbour *n)
{
	return (n->nud_state & NUD_PERMANENT) || (n->flags & NTF_EXT_LEARNED);
}

/* time_in_range(): a is within [b, c] */
static inline bool neigh_time_in_range(u64 a, u64 b, u64 c)
{
	return time_after_eq(a, b) && time_before_eq(a, c);
}

/* neighbour.c */
int __neigh_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags, u32 nlmsg_pid,
		   struct netlink_ext_ack *extack);
bool __neigh_event_send(struct neighbour *n, struct sk_buff *skb, bool immediate_ok);
bool neigh_event_send_probe(struct neighbour *n, struct sk_buff *skb, bool immediate_ok);
void neigh_del_timer(struct neighbour *n);
void neigh_timer_handler(struct timer_list *t);
void neigh_purge_queue(struct neighbour *n, enum skb_drop_reason reason);
int neigh_blackhole(struct neighbour *n, struct skb_batch *b);
u32 neigh_skb_truesize(const struct sk_buff *skb);

/* neigh_table.c */
struct neighbour *___neigh_create_flags(struct neigh_table *tbl, __be32 key, struct net_device *dev,
					u32 flags, bool exempt_from_gc, int *err);
void neigh_update_gc_list(struct neighbour *n);
void neigh_update_managed_list(struct neighbour *n);

/* neigh_parms.c */
int neigh_rand_reach_time(struct skiff *skiff, int base);
struct neigh_parms *neigh_parms_find(struct neigh_table *tbl, u32 ifindex);
void neigh_parms_init_default(struct neigh_table *tbl);

/* neigh_proxy.c */
void pneigh_init(struct neigh_table *tbl);
void pneigh_ifdown(struct neigh_table *tbl, struct net_device *dev, bool skip_perm);
void pneigh_queue_purge(struct neigh_table *tbl, struct net_device *dev);

/* neigh_nlmsg.c, neigh_tblmsg.c */
void neigh_notify(struct neighbour *n, int type, u16 flags, u32 pid);

/* neigh_sysctl.c */
int neigh_sysctl_register(struct neigh_parms *p);
void neigh_sysctl_unregister(struct neigh_parms *p);
#define NEIGH_SKB_TRUESIZE_ETH 2090 /* SKB_TRUESIZE(ETH_FRAME_LEN): unres_qlen counts full frames */
void neigh_parms_set(struct neigh_parms *p, unsigned index, int value);

#endif
