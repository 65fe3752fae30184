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
 */
struct nh_grp_entry {
	struct nexthop *nh;
	struct nexthop *nh_parent;
	struct list_head nh_list;
	u32 weight; /* 1..65535 */
	int upper_bound;
	u64 packets;
};

struct nh_group {
	struct skiff *skiff;
	struct death_row_entry rcu;
	bool fdb_nh;
	bool hw_stats;
	u16 num_nh;
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
void nh_group_swap(struct nexthop *a, struct nexthop *b);
void remove_nexthop_from_groups(struct net *net, struct nexthop *nh, const struct nl_info *info);

/* nexthop_nlmsg.c */
void nexthop_notify(u16 event, const struct nexthop *nh, const struct nl_info *info);

/* nexthop_routes.c */
void nexthop_replace_notify(struct nexthop *nh, const struct nl_info *info);

/* As <linux/nexthop.h> has it since 6.12: weight - 1, in two bytes. */
static inline u32 nexthop_grp_weight(const struct nexthop_grp *entry)
{
	return (entry->weight | (u32)((const u8 *)entry)[5] << 8) + 1;
}

#endif
