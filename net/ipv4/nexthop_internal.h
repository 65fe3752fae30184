/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/nexthop_internal.h - next hop objects, for nexthop.c, nexthop_group.c, nexthop_nlmsg.c and their tests only. */
#ifndef NET_IPV4_NEXTHOP_INTERNAL_H
#define NET_IPV4_NEXTHOP_INTERNAL_H

#include <linux/nexthop.h>

#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#define NH_DEV_HASH 256 /* chains of next hops by device */

/**
 * struct nh_info - what a single next hop is
 * @dev_hash:  in nexthop_table.dev; on no chain for an fdb entry
 * @reject_nh: a blackhole; its device is lo
 * @fdb_nh:    for a bridge's forwarding table: a remote address, no device, no routes
 */
struct nh_info {
	struct hlist_node dev_hash;
	struct nexthop *nh_parent;
	u8 family;
	bool reject_nh;
	bool fdb_nh;
	struct fib_nh fib_nh;
};

/**
 * struct nh_grp_entry - one member of a group
 * @nh:          counted
 * @nh_list:     in nh->grp_list
 * @upper_bound: chosen if the hash is <= this (31 bits) and no member before it was
 * @packets:     how often chosen
 * @wants_buckets, @count_buckets: of a resilient group: due by weight, and had; @underweight: it has too few
 */
struct nh_grp_entry {
	struct nexthop *nh;
	struct nexthop *nh_parent;
	struct list_head nh_list;
	u32 weight; /* 1..65535 */
	int upper_bound;
	u64 packets;
	u32 wants_buckets, count_buckets;
	struct list_head underweight;
};

#define NH_RES_IDLE_TIMER (120 * HZ)

/**
 * struct nh_res_bucket - @nhge: the member it leads to; @used_time, @migrated_time: ticks
 */
struct nh_res_bucket {
	struct nh_grp_entry *nhge;
	u64 used_time;
	u64 migrated_time;
};

/**
 * struct nh_res_table - the buckets of a resilient group (nexthop_res.c)
 * @nh:          the group
 * @underweight: members with fewer buckets than they are due; empty: in balance
 * @idle_timer, @unbalanced_timer: ticks; @unbalanced_since: tick
 */
struct nh_res_table {
	struct skiff *skiff;
	struct nexthop *nh;
	struct timer_list upkeep;
	struct list_head underweight;
	u32 num_buckets;
	u64 idle_timer;
	u64 unbalanced_timer;
	u64 unbalanced_since;
	struct death_row_entry rcu;
	struct nh_res_bucket bucket[];
};

/**
 * struct nh_group
 * @res: of a resilient group, else NULL: members own stretches of hashes
 */
struct nh_group {
	struct skiff *skiff;
	struct death_row_entry rcu;
	bool fdb_nh;
	bool hw_stats;
	u16 num_nh;
	struct nh_res_table *res;
	struct nh_grp_entry nh_entries[];
};

/**
 * struct nexthop - an object that routes and groups refer to by number
 * @refcnt:   the table, each group and each fib_info that has it
 * @fi_list:  fib_info.nh_list of the routes; @grp_list: nh_grp_entry.nh_list
 * @nh_flags: RTNH_F_ONLINK
 * @nh_info, @nh_grp: one of them, by @is_group; replaced in place
 */
struct nexthop {
	struct net *net;
	u32 id;
	u32 refcnt;
	u8 protocol; /* RTPROT_* */
	u8 nh_flags;
	bool is_group;
	struct list_head fi_list;
	struct list_head grp_list;
	union {
		struct nh_info *nh_info;
		struct nh_group *nh_grp;
	};
	struct skiff *skiff;
	struct death_row_entry rcu;
};

/**
 * struct nexthop_table - of a namespace
 * @nh:      in order of their numbers, @count of @room
 * @last_id: the last number that was chosen here
 */
struct nexthop_table {
	struct nexthop **nh;
	u32 count, room;
	u32 last_id;
	struct hlist_head dev[NH_DEV_HASH];
};

/* A request, decoded by nexthop_nlmsg.c. */
struct nh_config {
	u32 nh_id;
	u8 nh_family;
	u8 nh_protocol;
	u32 nh_flags;
	bool nh_blackhole;
	bool nh_fdb;
	bool nh_hw_stats;
	__be32 gw;
	struct net_device *dev;
	u32 nh_ifindex;
	const struct nexthop_grp *grp;
	u16 num_grp;
	u16 nlflags;
	bool resilient, has_num_buckets, has_idle_timer, has_unbalanced_timer;
	u16 num_buckets;
	u64 idle_timer, unbalanced_timer; /* ticks */
};

/* Who asked, for notifications; NULL where nobody is told. */
struct nl_info {
	const struct nlmsghdr *nlh;
	u32 portid;
	struct rtnl_req *req; /* answered if it asked for NLM_F_ECHO */
};

/* nexthop.c */
struct nexthop *nexthop_add(struct net *net, struct nh_config *cfg, const struct nl_info *info,
			    struct netlink_ext_ack *extack, int *err);
void remove_nexthop(struct net *net, struct nexthop *nh, const struct nl_info *info);
struct nexthop *nexthop_alloc(struct net *net);
void nexthop_put(struct nexthop *nh);
static inline struct nexthop *nexthop_get(struct nexthop *nh)
{
	nh->refcnt++;
	return nh;
}

/* nexthop_group.c */
struct nexthop *nexthop_create_group(struct net *net, const struct nh_config *cfg);
void nh_group_free(struct nh_group *nhg);
void nh_group_unlink(struct nh_group *nhg);
void remove_nexthop_from_groups(struct net *net, struct nexthop *nh, const struct nl_info *info);

int nh_group_replace(struct nexthop *old, struct nexthop *new, const struct nh_config *cfg,
		     struct netlink_ext_ack *extack);

/* nexthop_res.c */
struct nh_res_table *nh_res_alloc(struct nexthop *nh, const struct nh_config *cfg);
void nh_res_free(struct nh_res_table *t);
void nh_res_rebalance(struct nh_res_table *t);
void nh_res_move_members(struct nh_res_table *t);
void nh_res_drop_entry(struct nh_res_table *t, unsigned at);
struct nh_grp_entry *nh_res_select(struct nh_res_table *t, int hash);
u64 nh_res_unbalanced_time(const struct nh_res_table *t);
u64 nh_res_idle_time(const struct nh_res_table *t, const struct nh_res_bucket *bucket);

/* Which objects a dump is to show: 0 and false: all. @nh_id: buckets that lead to it */
struct nh_dump_filter {
	u32 dev_idx, master_idx;
	u32 nh_id;
	bool groups;
	u8 family;
};

/* nexthop_bucket.c */
void nh_res_put(struct nlmsghdr *nlh, const struct nh_res_table *t);
int nh_res_parse(struct rtnl_req *req, const struct nlattr *attr, struct nh_config *cfg);
void nexthop_bucket_notify(const struct nh_res_table *t, u16 index);

/* nexthop_nlmsg.c */
int nexthop_parse_id(struct rtnl_req *req, const struct nlattr **tb, u32 *id);
int nexthop_parse_dump(struct rtnl_req *req, const struct nlattr **tb, struct nh_dump_filter *f);
bool nexthop_dump_wants(const struct nh_dump_filter *f, const struct nexthop *nh);
void nexthop_notify(u16 event, const struct nexthop *nh, const struct nl_info *info);

/* nexthop_routes.c */
void nexthop_replace_notify(struct nexthop *nh, const struct nl_info *info);

/* As <linux/nexthop.h> has it since 6.12: weight - 1, in two bytes. */
static inline u32 nexthop_grp_weight(const struct nexthop_grp *entry)
{
	return (entry->weight | (u32)((const u8 *)entry)[5] << 8) + 1;
}

#endif
