/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/ip_fib.h - the forwarding information base.
 *
 * fib_trie.c       tables: prefixes and their aliases (tos, priority), lookup
 * fib_lpm.c        the compiled longest-prefix match that most lookups use
 * fib_semantics.c  fib_info: what a route says beyond its prefix, shared; next hops, multipath
 * nexthop.c        next hops as objects, groups
 * fib_rules.c      (net/core) policy rules; fib4_rules.c: their IPv4 part
 * fib_frontend.c   rtnetlink, connected routes of addresses, source validation
 */
#ifndef NET_IP_FIB_H
#define NET_IP_FIB_H

#include "net/dst.h"
#include "net/flow.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"

struct rtable;
struct nlmsghdr;
struct nlattr;
struct netlink_ext_ack;
struct nexthop;
struct fib_nh_exception;
struct fnhe_hash_bucket;
struct fib_table;
struct fib_rule;
struct in_ifaddr;
struct in_device;

/* RT_TABLE_*, RTN_*, RT_SCOPE_*, RTPROT_*, RTNH_F_*: numbers of <linux/rtnetlink.h> */
#include <linux/rtnetlink.h>

/**
 * struct fib_nh_common - a next hop, whether part of a route or an object's
 * @nhc_flags:     RTNH_F_DEAD, LINKDOWN, ONLINK
 * @nhc_gw:        be, 0 if @nhc_gw_family is 0 (on link)
 * @nhc_scope:     RT_SCOPE_LINK for a gateway, RT_SCOPE_HOST for what is on link, RT_SCOPE_NOWHERE for local
 * @nhc_upper_bound: multipath: chosen if the hash is <= this (31 bits), -1: dead
 * @nhc_rth_output, @nhc_rth_input: the cached routes; valid while rt_cache_valid()
 * @nhc_exceptions: learned PMTUs and gateways by destination (route.c), NULL while there is none
 */
struct fib_nh_common {
	struct net_device *nhc_dev;
	u32 nhc_oif;
	__be32 nhc_gw;
	u8 nhc_scope;
	u8 nhc_family;
	u8 nhc_gw_family;
	u8 nhc_flags;
	int nhc_weight;
	int nhc_upper_bound;
	struct rtable *nhc_rth_output;
	struct rtable *nhc_rth_input;
	struct fnhe_hash_bucket *nhc_exceptions;
};

struct fib_nh {
	struct fib_nh_common nh_common;
	struct hlist_node nh_hash; /* by device */
	struct fib_info *nh_parent;
	u32 nh_tclassid;
	__be32 nh_saddr;
	u32 nh_saddr_genid;
};

#define fib_nh_dev	   nh_common.nhc_dev
#define fib_nh_oif	   nh_common.nhc_oif
#define fib_nh_flags	   nh_common.nhc_flags
#define fib_nh_scope	   nh_common.nhc_scope
#define fib_nh_gw4	   nh_common.nhc_gw
#define fib_nh_weight	   nh_common.nhc_weight
#define fib_nh_upper_bound nh_common.nhc_upper_bound

/**
 * struct fib_info - what routes with equal properties share
 * @fib_treeref: aliases that use it; @fib_clntref: all holders
 * @fib_metrics: RTAX_* values, index RTAX_x - 1; NULL when all are 0 (dst_default_metrics)
 * @nh:          next hop object, or NULL and fib_nh[] holds them
 */
struct fib_info {
	struct hlist_node fib_hash;
	struct hlist_node fib_lhash;
	struct list_head nh_list;
	struct net *fib_net;
	u32 fib_treeref;
	u32 fib_clntref;
	u32 fib_flags; /* RTNH_F_DEAD when all next hops are */
	u8 fib_dead;
	u8 fib_protocol;
	u8 fib_scope;
	u8 fib_type;
	__be32 fib_prefsrc;
	u32 fib_tb_id;
	u32 fib_priority;
	u32 *fib_metrics;
	int fib_nhs;
	bool nh_updated;
	bool pfsrc_removed;
	struct nexthop *nh;
	struct skiff *skiff;
	struct death_row_entry rcu;
	struct fib_nh fib_nh[];
};

/**
 * struct fib_alias - one route: a prefix together with tos, priority and a fib_info
 */
struct fib_alias {
	struct hlist_node fa_list;
	struct fib_info *fa_info;
	u8 fa_tos;
	u8 fa_type;
	u8 fa_state;
	u8 fa_slen; /* 32 - prefix length */
	u32 tb_id;
	s16 fa_default; /* fib_select_default(): which of the equal default routes answered last, -1: none yet */
};

/**
 * struct fib_result - of a lookup
 * @prefix, @prefixlen: what matched
 * @nhc:  the next hop chosen, NULL for types without
 * @table: the table asked. While local and main are one trie it is main for both, as in the kernel's answers
 * @tb_id: the table that holds the route
 * (The alias itself: fib_result_alias(). Most lookups never touch it.)
 * @rule: the policy rule that led here, NULL if the namespace has none of its own (then the usual three answered)
 */
struct fib_result {
	__be32 prefix;
	u8 prefixlen;
	u8 nh_sel;
	u8 type;
	u8 scope;
	u32 tclassid;
	u32 tb_id;
	struct fib_nh_common *nhc;
	struct fib_info *fi;
	struct fib_table *table;
	const struct fib_rule *rule;
};

#define FIB_RES_NHC(res) ((res).nhc)
#define FIB_RES_DEV(res) ((res).nhc->nhc_dev)
#define FIB_RES_OIF(res) ((res).nhc->nhc_oif)

#define FIB_LOOKUP_NOREF	    1
#define FIB_LOOKUP_IGNORE_LINKSTATE 2

/* A route request as netlink brings it, decoded by fib_frontend.c */
struct fib_config {
	u8 fc_dst_len;
	u8 fc_tos;
	u8 fc_protocol;
	u8 fc_scope;
	u8 fc_type;
	u8 fc_gw_family;
	u32 fc_table;
	__be32 fc_dst;
	__be32 fc_gw4;
	u32 fc_oif;
	u32 fc_flags;
	u32 fc_priority;
	__be32 fc_prefsrc;
	u32 fc_nh_id;
	const struct nlattr *fc_mx; /* RTA_METRICS */
	const struct rtnexthop *fc_mp;
	int fc_mp_len;
	u32 fc_flow; /* realm */
	u32 fc_nlflags;
	const struct nlmsghdr *fc_nlh;
	u32 fc_portid;
};

/* ---- fib_trie.c: tables ---- */

struct fib_table_head_; /* layout private to fib_trie.c; id and data through these: */
u32 fib_table_id(const struct fib_table *tb);
struct fib_table *fib_trie_table(struct net *net, u32 id, struct fib_table *alias);
/** fib_table_insert() - add a route as @cfg says (NLM_F_CREATE/REPLACE/APPEND/EXCL rules of the kernel). 0 or -errno */
int fib_table_insert(struct net *net, struct fib_table *tb, struct fib_config *cfg,
		     struct netlink_ext_ack *extack);
int fib_table_delete(struct net *net, struct fib_table *tb, struct fib_config *cfg,
		     struct netlink_ext_ack *extack);
/** fib_table_lookup() - longest match in one table. 0, -EAGAIN (nothing; also for throw), or the route type's error: -EINVAL (blackhole),
 *  -EHOSTUNREACH, -EACCES. Fills @res, picks the next hop (first usable; multipath is chosen later) */
int fib_table_lookup(struct fib_table *tb, const struct flowi4 *flp, struct fib_result *res,
		     int fib_flags);
/** fib_table_flush() - delete routes whose fib_info is dead (RTNH_F_DEAD), or all. Return: how many */
int fib_table_flush(struct net *net, struct fib_table *tb, bool flush_all);
void fib_free_table(struct fib_table *tb);
/** fib_table_walk() - every alias in prefix order (most significant bits first, then longer prefixes, tos and priority as the kernel dumps); stops when @fn returns non-0 */
int fib_table_walk(struct fib_table *tb,
		   int (*fn)(void *arg, __be32 prefix, int plen, struct fib_alias *fa), void *arg);
/** fib_trie_unmerge() - the first custom rule came: local and main answer apart from now on */
int fib_trie_unmerge(struct net *net);
/** fib_trie_check() - walk invariants, and compare the compiled form with the tree of record */
void fib_trie_check(const struct net *net);
/** fib_select_default() - of several equal default routes take one whose gateway seems alive (fib_select_path() asks for it) */
void fib_select_default(const struct flowi4 *flp, struct fib_result *res);
/** fib_table_num_default() - how many 0/0 routes the table has (the kernel's tb_num_default) */
int fib_table_num_default(const struct fib_table *tb);
/** fib_result_alias() - the alias that @res comes from, found again in the tree; NULL if it is gone */
struct fib_alias *fib_result_alias(const struct fib_result *res);

/* Routes (and rules' "tos") compare these bits of the tos only: 6.18 looks at no more, a route with tos 0xfc is never taken. */
#define FIB_TOS_MASK 0x1c
static inline bool fib_tos_match(u8 tos, const struct flowi4 *flp)
{
	return tos == (flp->flowi4_tos & FIB_TOS_MASK);
}

/** fib_tables_init() - of a new namespace: the empty hash, local and main merged. 0 or -ENOMEM */
int fib_tables_init(struct net *net);
/** fib_tables_exit() - all tables with their routes, and the hash */
void fib_tables_exit(struct net *net);
struct fib_table *fib_new_table(struct net *net, u32 id);
struct fib_table *fib_get_table(struct net *net, u32 id);
/** fib_tables_walk() - every table, as the kernel dumps them: by id & 255, newest first; stops when @fn returns non-0 */
int fib_tables_walk(struct net *net, int (*fn)(void *arg, struct fib_table *tb), void *arg);

/* ---- lookup ---- */

/** __fib_lookup() - with custom rules (fib4_rules.c) */
int __fib_lookup(struct net *net, struct flowi4 *flp, struct fib_result *res, unsigned flags);
/** fib_lookup_merged() - no custom rules: local + main as one, then default (fib_trie.c) */
int fib_lookup_merged(struct net *net, const struct flowi4 *flp, struct fib_result *res,
		      unsigned flags);
/** fib_look_ahead() - the routes of the @n <= 64 destinations in net->ipv4.fib_ahead.daddr will be asked for: fib_ahead.cur says which.
 *  fib_look_ahead_end() when that is over */
void fib_look_ahead(struct net *net, unsigned n);
static inline void fib_look_ahead_end(struct net *net)
{
	net->ipv4.fib_ahead.lpm = NULL;
}

/** fib_lookup() - the route of @flp: 0, -ENETUNREACH, -EHOSTUNREACH, -EACCES, -EINVAL */
static inline int fib_lookup(struct net *net, struct flowi4 *flp, struct fib_result *res,
			     unsigned flags)
{
	if (unlikely(net->ipv4.fib_has_custom_rules))
		return __fib_lookup(net, flp, res, flags | FIB_LOOKUP_NOREF);
	return fib_lookup_merged(net, flp, res, flags | FIB_LOOKUP_NOREF);
}

/* ---- fib_semantics.c ---- */

struct fib_info *fib_create_info(struct net *net, struct fib_config *cfg,
				 struct netlink_ext_ack *extack, int *err);
void fib_release_info(struct fib_info *fi); /* an alias lets go */
void free_fib_info(struct fib_info *fi);
static inline void fib_info_put(struct fib_info *fi)
{
	if (--fi->fib_clntref == 0)
		free_fib_info(fi);
}
/* A next hop by itself, for nexthop.c too: fib_nh_init() fills @nh from @cfg, fib_check_nh() finds device and scope, fib_nh_release() lets go */
int fib_nh_init(struct net *net, struct fib_nh *nh, struct fib_config *cfg, int weight,
		struct netlink_ext_ack *extack);
void fib_nh_release(struct net *net, struct fib_nh *nh);
int fib_check_nh(struct net *net, struct fib_nh *nh, u32 table, u8 scope,
		 struct netlink_ext_ack *extack);
/** fib_gw_from_via() - gateway of an RTA_VIA attribute into @cfg; -EINVAL */
int fib_gw_from_via(struct fib_config *cfg, const struct nlattr *nla,
		    struct netlink_ext_ack *extack);
/** ip_fib_metrics_init() - RTA_METRICS into *@out (NULL: nothing set), counted; 0, -EINVAL, -ENOMEM (metrics.c) */
int ip_fib_metrics_init(struct net *net, const struct nlattr *fc_mx, u32 **out,
			struct netlink_ext_ack *extack);
/* net/ipv4/tcp_cong.c, for the metric that names a congestion control: its number (0: none such), its name (NULL) */
u32 tcp_ca_get_key_by_name(const char *name, bool *ecn_ca);
const char *tcp_ca_get_name_by_key(u32 key, char *buf);
/** ip_fib_metrics_hold(), ip_fib_metrics_put() - whoever keeps dst->metrics longer than the fib_info counts itself; NULL is fine */
void ip_fib_metrics_hold(const u32 *metrics);
void ip_fib_metrics_put(struct skiff *skiff, const u32 *metrics);
int fib_nh_match(struct net *net, struct fib_config *cfg, struct fib_info *fi,
		 struct netlink_ext_ack *extack);
bool fib_metrics_match(struct fib_config *cfg, struct fib_info *fi);
/** fib_props[type]: error and scope of a route type */
struct fib_prop {
	int error;
	u8 scope;
};
extern const struct fib_prop fib_props[RTN_MAX + 1];
int fib_sync_down_dev(struct net_device *dev, unsigned long event, bool force);
int fib_sync_down_addr(struct net_device *dev, __be32 local);
int fib_sync_up(struct net_device *dev, u8 nh_flags);
int ip_fib_check_default(__be32 gw, struct net_device *dev);
void fib_sync_mtu(struct net_device *dev, u32 orig_mtu);
void fib_select_multipath(struct fib_result *res, int hash, const struct flowi4 *fl4);
void fib_select_path(struct net *net, struct fib_result *res, struct flowi4 *fl4,
		     const struct sk_buff *skb);
__be32 fib_info_update_nhc_saddr(struct net *net, struct fib_nh_common *nhc, u8 scope);
__be32 fib_result_prefsrc(struct net *net, struct fib_result *res);
bool fib_info_nh_uses_dev(struct fib_info *fi, const struct net_device *dev);
struct fib_nh_common *fib_info_nhc(struct fib_info *fi, int nhsel);
int fib_info_num_path(const struct fib_info *fi);
void fib_rebalance(struct fib_info *fi);
size_t fib_nlmsg_size(struct fib_info *fi);
void rtmsg_fib(int event, __be32 key, struct fib_alias *fa, int dst_len, u32 tb_id, u32 portid,
	       u32 seq, u32 nlm_flags, struct net *net);
/** fib_nexthop_info() - RTA_GATEWAY and (not @skip_oif) RTA_OIF of @nhc behind @nlh, its RTNH_F_* into *@flags; -EMSGSIZE */
int fib_nexthop_info(struct nlmsghdr *nlh, size_t size, const struct fib_nh_common *nhc,
		     unsigned char *flags, bool skip_oif);
/** fib_add_nexthop() - one struct rtnexthop of RTA_MULTIPATH */
int fib_add_nexthop(struct nlmsghdr *nlh, size_t size, const struct fib_nh_common *nhc, int weight,
		    u32 tclassid);
/** fib_dump_info() - write one RTM_NEWROUTE message at @buf (size @size). Length or -EMSGSIZE */
struct fib_rt_info {
	struct fib_info *fi;
	u32 tb_id;
	__be32 dst;
	int dst_len;
	u8 tos;
	u8 type;
};
int fib_dump_info(void *buf, size_t size, u32 portid, u32 seq, int event,
		  const struct fib_rt_info *fri, unsigned flags);

/* ---- fib_frontend.c ---- */

/** fib_validate_source() - is @src believable on @dev? 1: yes, and on link; 0: yes; -EINVAL, -EXDEV: no, and @reason says why (IP_LOCAL_SOURCE,
 *  IP_INVALID_SOURCE, IP_RPFILTER). @oif: where the packet is to go, 0 for local delivery. @itag: realms */
int fib_validate_source(struct sk_buff *skb, __be32 src, __be32 dst, u8 tos, u32 oif,
			struct net_device *dev, struct in_device *idev, u32 *itag,
			enum skb_drop_reason *reason);
/** inet_addr_type() - RTN_UNICAST, LOCAL, BROADCAST or MULTICAST: what @addr is for us */
unsigned inet_addr_type(struct net *net, __be32 addr);
unsigned inet_addr_type_table(struct net *net, __be32 addr, u32 tb_id);
unsigned inet_dev_addr_type(struct net *net, const struct net_device *dev, __be32 addr);
unsigned inet_addr_type_dev_table(struct net *net, const struct net_device *dev, __be32 addr);
__be32 fib_compute_spec_dst(struct sk_buff *skb);
void fib_add_ifaddr(struct in_ifaddr *ifa);
void fib_del_ifaddr(struct in_ifaddr *ifa, struct in_ifaddr *iprim);
/** fib_modify_prefix_metric() - the connected route of @ifa gets metric @new_metric; ifa_rt_priority still holds the old one */
void fib_modify_prefix_metric(struct in_ifaddr *ifa, u32 new_metric);
/** fib_inetaddr_event() - an address came (NETDEV_UP) or goes (NETDEV_DOWN); called by devinet.c */
void fib_inetaddr_event(struct in_ifaddr *ifa, enum netdev_cmd event);
void fib_netdev_event(struct net_device *dev, enum netdev_cmd event);
void fib_flush(struct net *net);

/* ---- fib4_rules.c ---- */
int fib4_rules_init(struct net *net);
void fib4_rules_exit(struct net *net);
unsigned fib4_rules_custom(const struct net *net);
/** fib4_rules_flow_dissect() - protocol and ports of @skb into @fl4, for rules that ask for them */
void fib4_rules_flow_dissect(const struct sk_buff *skb, struct flowi4 *fl4);
static inline bool fib4_rules_early_flow_dissect(const struct net *net, const struct sk_buff *skb,
						 struct flowi4 *fl4)
{
	if (likely(!net->ipv4.fib_rules_require_fldissect))
		return false;
	fib4_rules_flow_dissect(skb, fl4);
	return true;
}

/* ---- nexthop.c ---- */
struct nexthop *nexthop_find_by_id(struct net *net, u32 id);
struct fib_nh_common *nexthop_path_fdb_result(struct nexthop *nh, int hash);
unsigned nexthop_num_path(const struct nexthop *nh);
struct fib_nh_common *nexthop_fib_nhc(struct nexthop *nh, int nhsel);
int nexthop_fib_weight(const struct nexthop *nh, int nhsel);
struct nexthop *nexthop_select_path(struct nexthop *nh, int hash);
void nexthop_path_fib_result(struct fib_result *res, int hash);
bool nexthop_uses_dev(const struct nexthop *nh, const struct net_device *dev);
bool nexthop_is_blackhole(const struct nexthop *nh);
u32 nexthop_id(const struct nexthop *nh);
int fib_check_nexthop(struct nexthop *nh, u8 scope, struct netlink_ext_ack *extack);
void nexthop_link_fib(struct nexthop *nh, struct fib_info *fi);
void nexthop_unlink_fib(struct fib_info *fi);
void nexthop_netdev_event(struct net_device *dev, enum netdev_cmd event);

#endif
