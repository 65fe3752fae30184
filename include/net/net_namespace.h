/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/net_namespace.h - a network namespace: devices, tables, counters and settings of one host or router. */
#ifndef NET_NET_NAMESPACE_H
#define NET_NET_NAMESPACE_H

#include "engine/skiff.h"
#include "net/netns_ipv4.h"
#include "net/snmp.h"

struct net_device;
struct neigh_table;
struct ctl_table_root;
struct nf_hook_entries;
struct sk_buff_head;
struct netns_sock;

#define NF_MAX_HOOKS	 5
#define NET_HASH_ENTRIES 256

/**
 * struct net - a namespace
 * @dev_base:     all devices by ifindex; the hashes find them
 * @ptype_base:   packet_type by EtherType (hash of 16); @ptype_all: taps
 * @nf_hooks_ipv4, @nf_hooks_arp: per hook point, NULL while empty (net/netfilter.h)
 * @sysctls:      the tree below /proc/sys/net (net/sysctl.h)
 * @rtnl_notify:  where notifications go (RTNLGRP_*), NULL: nobody listens
 */
struct net {
	struct skiff *skiff;
	struct net_device *loopback_dev;
	struct netns_ipv4 ipv4;
	struct netns_mib mib;
	struct nf_hook_entries *nf_hooks_ipv4[NF_MAX_HOOKS];
	struct nf_hook_entries *nf_hooks_arp[3];
	const struct packet_offload *ip_offload; /* net/gro.h */
	struct list_head ptype_base[16];
	struct list_head ptype_all;
	u32 ptype_all_count;
	/* ---- cold */
	struct list_head dev_base;
	struct hlist_head dev_name_head[NET_HASH_ENTRIES];
	struct hlist_head dev_index_head[NET_HASH_ENTRIES];
	u32 ifindex; /* last one given */
	u32 dev_base_seq;
	struct list_head list; /* skiff->nets */
	char name[64];
	u32 cookie;
	struct neigh_table *arp_tbl;
	struct ctl_table_root *sysctls;
	struct list_head fib_rules_ops;
	void (*rtnl_notify)(struct net *net, u32 group, const void *msg, size_t len);
	void *rtnl_notify_arg;
	struct turn_work
		backlog_work; /* packets that come round again by netif_rx(): lo, own multicasts */
	struct sk_buff_head *backlog;
	int sysctl_netdev_max_backlog;
	struct netns_sock *sock; /* net/socket.c, net/core/sock.c */
	bool exiting;
};

/**
 * struct pernet_operations - what a module does for each namespace; the table is in net/init.c, in start order
 * @init: 0 or -errno (then those before it are undone in reverse); @exit mirrors it
 */
struct pernet_operations {
	const char *name;
	int (*init)(struct net *net);
	void (*exit)(struct net *net);
};

/* net/init.c: every module's operations, in the order in which inet_init() starts them. Exit runs them backwards. */
extern const struct pernet_operations *const net_pernet_ops[];

/* Sockets of a shard. They are named here because net/sock.h and the system's headers (libmnl's) do not go together. */
/* net/init.c: what families and protocols do when a shard starts: sock_register(), proto_register(), kinds of timers */
extern int (*const shard_inits[])(struct skiff *skiff);
/* Called by skiff_create() and skiff_destroy() */
int sock_shard_init(struct skiff *skiff);
void sock_shard_exit(struct skiff *skiff);

struct net *net_create(struct skiff *skiff, const char *name);
void net_destroy(struct net *net);
struct net *net_find(struct skiff *skiff, const char *name);

#endif
