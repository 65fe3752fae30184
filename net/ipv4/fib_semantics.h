/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_semantics.h - what the fib_*.c files of this folder share about fib_info. Only they and metrics.c include it. */
#ifndef NET_IPV4_FIB_SEMANTICS_H
#define NET_IPV4_FIB_SEMANTICS_H

#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#define FIB_DEV_HASH 256 /* chains of next hops by device */

/**
 * struct fib_info_table - every fib_info of a namespace
 * @info:  by what it says (fib_info.fib_hash), @laddr: by preferred source (fib_info.fib_lhash); both have @size chains
 * @size:  a power of two, doubled when @count reaches it
 * @dev:   next hops of routes (fib_nh.nh_hash) by device; nexthop objects keep their own
 */
struct fib_info_table {
	struct hlist_head *info;
	struct hlist_head *laddr;
	u32 size;
	u32 count;
	struct hlist_head dev[FIB_DEV_HASH];
};

int fib_info_table_init(struct net *net);
void fib_info_table_exit(struct net *net);

static inline struct hlist_head *fib_dev_chain(const struct net *net, u32 ifindex)
{
	return &net->ipv4.fib_info->dev[ifindex % FIB_DEV_HASH];
}

static inline struct hlist_head *fib_laddr_chain(const struct net *net, __be32 addr)
{
	struct fib_info_table *t = net->ipv4.fib_info;

	return &t->laddr[(ntohl(addr) * 0x9e3779b1u) & (t->size - 1)];
}

#define for_each_nh(fi, nh)                                                                     \
	for (__typeof__(&(fi)->fib_nh[0]) nh = (fi)->fib_nh; nh < (fi)->fib_nh + (fi)->fib_nhs; \
	     nh++)

/* fib_nh.c */
int fib_count_nexthops(const struct rtnexthop *rtnh, int remaining, struct netlink_ext_ack *extack);
int fib_get_nhs(struct net *net, struct fib_info *fi, struct fib_config *cfg,
		struct netlink_ext_ack *extack);

/* fib_frontend.c */
extern const struct nla_policy_ rtm_ipv4_policy[RTA_MAX + 1];

/* route_nlmsg.c */
void fib_dump_exceptions(struct rtnl_req *req, u32 table, struct fib_info *fi, unsigned flags);

/* fib_nlmsg.c */
int inet_dump_fib(struct rtnl_req *req);

/* metrics.c */
bool fib_metrics_equal(const u32 *a, const u32 *b);
int fib_metrics_put(struct nlmsghdr *nlh, size_t size, const u32 *metrics);
int fib_metric_put(struct nlmsghdr *nlh, size_t size, u16 type, u32 value);

/* rtnetlink's struct rtnexthop, within the attribute that holds several */
static inline bool rtnh_ok(const struct rtnexthop *rtnh, int remaining)
{
	return remaining >= (int)sizeof(*rtnh) && rtnh->rtnh_len >= sizeof(*rtnh) &&
	       rtnh->rtnh_len <= remaining;
}

static inline const struct rtnexthop *rtnh_next(const struct rtnexthop *rtnh, int *remaining)
{
	int step = (int)MNL_ALIGN(rtnh->rtnh_len);

	*remaining -= step;
	return (const struct rtnexthop *)((const char *)rtnh + step);
}

static inline int rtnh_attrlen(const struct rtnexthop *rtnh)
{
	return rtnh->rtnh_len - (int)MNL_ALIGN(sizeof(*rtnh));
}

/* A nest without NLA_F_NESTED, as the kernel writes the older ones; NULL if @size does not do. */
static inline struct nlattr *nl_nest_start(struct nlmsghdr *nlh, size_t size, u16 type)
{
	struct nlattr *nest = mnl_nlmsg_get_payload_tail(nlh);

	if (MNL_ALIGN(nlh->nlmsg_len) + sizeof(*nest) > size)
		return NULL;
	nest->nla_type = type;
	nest->nla_len = sizeof(*nest);
	nlh->nlmsg_len = (u32)(MNL_ALIGN(nlh->nlmsg_len) + sizeof(*nest));
	return nest;
}

#endif
