/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/route_internal.h - what the files route*.c and ip_id.c share; nobody else includes it. */
#ifndef NET_IPV4_ROUTE_INTERNAL_H
#define NET_IPV4_ROUTE_INTERNAL_H

#include "net/ip.h"
#include "net/route.h"

struct fib_nh_exception;

#define RT_CACHE_STAT_INC(net, field) ((void)(net)->ipv4.rt_cache_stat.field++)

/* route.c */
struct rtable *rt_dst_alloc(struct net_device *dev, u32 flags, u16 type);
void rt_cache_route(struct rtable **slot, struct rtable *rt);
void rt_add_uncached_list(struct rtable *rt);
void rt_set_nexthop(struct rtable *rt, __be32 daddr, const struct fib_result *res,
		    struct fib_nh_exception *fnhe, struct fib_info *fi, u32 itag, bool do_cache);

/* route_exception.c */
/**
 * struct fib_nh_exception - what was learned of one destination behind a next hop
 * @fnhe_pmtu: 0: none; @fnhe_gw: 0: none; @fnhe_expires: ticks, 0: never
 */
struct fib_nh_exception {
	struct fib_nh_exception *fnhe_next;
	int fnhe_genid;
	__be32 fnhe_daddr;
	u32 fnhe_pmtu;
	bool fnhe_mtu_locked;
	__be32 fnhe_gw;
	u64 fnhe_expires;
	u64 fnhe_stamp;
	struct rtable *fnhe_rth_input, *fnhe_rth_output;
	struct death_row_entry rcu;
	struct skiff *skiff;
};

struct fib_nh_exception *find_exception(struct net *net, struct fib_nh_common *nhc, __be32 daddr);
bool rt_bind_exception(struct rtable *rt, struct fib_nh_exception *fnhe, __be32 daddr,
		       bool do_cache);
void fnhe_free_all(struct fib_nh_common *nhc);
void fnhe_walk(struct net *net, struct fib_nh_common *nhc,
	       void (*fn)(void *arg, const struct fib_nh_exception *fnhe), void *arg);

/* ip_id.c */
int ip_id_net_init(struct net *net);
void ip_id_net_exit(struct net *net);

#endif
