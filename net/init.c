// SPDX-License-Identifier: BSD-2-Clause
/* net/init.c - the composition root: the only file that names every module, in start order.
 *
 * DOC: Start and end
 * A namespace starts by running net_pernet_ops[] downwards and ends by running it backwards. Device events go through
 * netdev_notifiers[], configuration requests through rtnl_tables[]. Nothing registers itself at run time, so there is
 * no mutable global and the order is what stands here (the kernel's inet_init(), seed part 一).
 */
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/rtnetlink.h"

/* One line per module; the order is the start order. */
#define PERNET_OPS(X)          \
	X(sysctl_pernet_ops)   \
	X(sock_net_ops)        \
	X(ipv4_sysctl_ops)     \
	X(tcp_sysctl_ops)      \
	X(netfilter_net_ops)   \
	X(dev_net_ops)         \
	X(arp_net_ops)         \
	X(inet_peer_net_ops)   \
	X(devinet_net_ops)     \
	X(route_net_ops)       \
	X(fib_net_ops)         \
	X(nexthop_net_ops)     \
	X(ipfrag_net_ops)      \
	X(raw_net_ops)         \
	X(ping_net_ops)        \
	X(ip_input_net_ops)    \
	X(icmp_net_ops)        \
	X(igmp_net_ops)        \
	X(pim_net_ops)         \
	X(ip_offload_net_ops)  \
	X(udp_offload_net_ops) \
	X(tcp_offload_net_ops) \
	X(udp_net_ops)         \
	X(tcp_cong_ops)        \
	X(tcp_v4_net_ops)      \
	X(loopback_net_ops)    \
	X(socket_net_ops)

#define DECLARE(ops) extern const struct pernet_operations ops;
PERNET_OPS(DECLARE)
#undef DECLARE
#define ENTRY(ops) &ops,
const struct pernet_operations *const net_pernet_ops[] = { PERNET_OPS(ENTRY) NULL };
#undef ENTRY

/* What a shard starts with, before its first namespace (each 0 or -errno; sock_shard_init() runs it). */
#define SHARD_INITS(X)          \
	X(inet_shard_init)      \
	X(tcp_timer_shard_init) \
	X(tcp_shard_init)       \
	X(udp_register)         \
	X(raw_register)         \
	X(ping_register)

#define DECLARE(fn) int fn(struct skiff *skiff);
SHARD_INITS(DECLARE)
#undef DECLARE
#define ENTRY(fn) fn,
int (*const shard_inits[])(struct skiff *skiff) = { SHARD_INITS(ENTRY) NULL };
#undef ENTRY

/* Device events reach the modules in this order (the order in which inet_init() registers their notifiers). */
#define NETDEV_NOTIFIERS(X)     \
	X(rtnetlink_event)      \
	X(fib_rules_event)      \
	X(nexthop_netdev_event) \
	X(arp_netdev_event)     \
	X(inetdev_event)        \
	X(fib_netdev_event)     \
	X(rtnetlink_register_event)

#define DECLARE(fn) void fn(struct net_device *dev, enum netdev_cmd event);
NETDEV_NOTIFIERS(DECLARE)
#undef DECLARE
#define ENTRY(fn) fn,
const netdev_notifier_fn netdev_notifiers[] = { NETDEV_NOTIFIERS(ENTRY) NULL };
#undef ENTRY

/* Tables of rtnetlink handlers. */
#define RTNL_TABLES(X)           \
	X(link_rtnl_handlers)    \
	X(devinet_rtnl_handlers) \
	X(netconf_rtnl_handlers) \
	X(neigh_rtnl)            \
	X(neightbl_rtnl)         \
	X(fib_rules_rtnl)        \
	X(nexthop_rtnl)          \
	X(nexthop_bucket_rtnl)   \
	X(ipv4_route_rtnl)

#define DECLARE(table) extern const struct rtnl_handler table[];
RTNL_TABLES(DECLARE)
#undef DECLARE
#define ENTRY(table) table,
const struct rtnl_handler *const rtnl_tables[] = { RTNL_TABLES(ENTRY) NULL };
#undef ENTRY

/* Kinds of devices that RTM_NEWLINK can make. */
#define RTNL_LINK_KINDS(X) X(dummy_link_ops) X(veth_link_ops)

#define DECLARE(ops) extern const struct rtnl_link_ops ops;
RTNL_LINK_KINDS(DECLARE)
#undef DECLARE
#define ENTRY(ops) &ops,
const struct rtnl_link_ops *const rtnl_link_kinds[] = { RTNL_LINK_KINDS(ENTRY) NULL };
#undef ENTRY

/* What address families say in IFLA_AF_SPEC. */
#define RTNL_AF_FAMILIES(X) X(inet_af_ops)

#define DECLARE(ops) extern const struct rtnl_af_ops ops;
RTNL_AF_FAMILIES(DECLARE)
#undef DECLARE
#define ENTRY(ops) &ops,
const struct rtnl_af_ops *const rtnl_af_families[] = { RTNL_AF_FAMILIES(ENTRY) NULL };
#undef ENTRY
