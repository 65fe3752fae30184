/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/neighbour.h - next hops on a link and how their addresses are found (net/core/neighbour.c, RFC 4861's states). */
#ifndef NET_NEIGHBOUR_H
#define NET_NEIGHBOUR_H

#include "net/netdevice.h"

/* States and flags: numbers of <linux/neighbour.h>, which netlink code includes too. */
#include <linux/neighbour.h>

#define NUD_IN_TIMER  (NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE)
#define NUD_VALID     (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)
#define NUD_CONNECTED (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)

/* Flags of NDA_FLAGS_EXT live in neighbour.flags above the eight of ndm_flags. */
#define NTF_EXT_SHIFT 8
#define NTF_EXT_EXT_VALIDATED_ \
	(1u << 2) /* newer than the oldest <linux/neighbour.h> that we build with */
#define NTF_MANAGED	  ((u32)NTF_EXT_MANAGED << NTF_EXT_SHIFT)
#define NTF_EXT_VALIDATED (NTF_EXT_EXT_VALIDATED_ << NTF_EXT_SHIFT)

enum neigh_var {
	NEIGH_VAR_MCAST_PROBES,
	NEIGH_VAR_UCAST_PROBES,
	NEIGH_VAR_APP_PROBES,
	NEIGH_VAR_MCAST_REPROBES,
	NEIGH_VAR_RETRANS_TIME,
	NEIGH_VAR_BASE_REACHABLE_TIME,
	NEIGH_VAR_DELAY_PROBE_TIME,
	NEIGH_VAR_INTERVAL_PROBE_TIME_MS,
	NEIGH_VAR_GC_STALETIME,
	NEIGH_VAR_QUEUE_LEN_BYTES,
	NEIGH_VAR_PROXY_QLEN,
	NEIGH_VAR_ANYCAST_DELAY,
	NEIGH_VAR_PROXY_DELAY,
	NEIGH_VAR_LOCKTIME,
	NEIGH_VAR_DATA_MAX,
	/* written through another one's place */
	NEIGH_VAR_QUEUE_LEN = NEIGH_VAR_DATA_MAX,
	NEIGH_VAR_RETRANS_TIME_MS,
	NEIGH_VAR_BASE_REACHABLE_TIME_MS,
	/* only in "default" */
	NEIGH_VAR_GC_INTERVAL,
	NEIGH_VAR_GC_THRESH1,
	NEIGH_VAR_GC_THRESH2,
	NEIGH_VAR_GC_THRESH3,
	NEIGH_VAR_MAX
};

/**
 * struct neigh_parms - settings of one device (or "default"), times in ticks
 * @reachable_time: randomised from BASE_REACHABLE_TIME (RFC 4861 6.3.2)
 */
struct neigh_parms {
	struct net *net;
	struct net_device *dev; /* NULL: default */
	struct neigh_table *tbl;
	struct list_head list;
	int reachable_time;
	u32 qlen; /* packets of this device in the proxy queue */
	bool dead;
	bool dev_noarp; /* IFF_NOARP as last seen: a change of it voids all entries */
	int data[NEIGH_VAR_DATA_MAX];
	u64 data_state; /* bit i: data[i] was set for this device and does not follow default */
	void *sysctl_header;
	struct death_row_entry rcu;
};

#define NEIGH_VAR(p, attr) ((p)->data[NEIGH_VAR_##attr])

/**
 * struct neighbour - one next hop. See net/core/neighbour.c for the states.
 * hot line: what neigh_output() reads; entries are allocated on a cache line's border
 * @hh:         link-layer header ready to copy, right-aligned: hh[16 - hh_len..15]; valid while hh_len != 0
 * @output:     neigh_resolve_output or neigh_connected_output
 * @refcnt:     the table's, an armed timer's and borrowers' beyond this turn
 * @arp_queue:  packets that wait while INCOMPLETE, at most QUEUE_LEN_BYTES of memory
 * @confirmed, @used, @updated: when reachability was known, a packet needed it, the state changed
 */
struct neighbour {
	u8 hh[16];
	u8 hh_len;
	u8 nud_state;
	u8 type; /* RTN_* of the address */
	u8 dead;
	__be32 primary_key;
	int (*output)(struct neighbour *n, struct skb_batch *b);
	struct net_device *dev;
	struct neigh_table *tbl;
	struct neigh_parms *parms;
	u32 refcnt;
	u32 flags; /* NTF_* */
	/* ---- */
	u64 used, confirmed, updated; /* ticks */
	u8 ha[MAX_ADDR_LEN] __attribute__((aligned(8)));
	u32 probes;
	u32 arp_queue_len_bytes;
	struct sk_buff_head arp_queue;
	struct timer_list timer;
	const struct neigh_ops *ops;
	struct hlist_node hash;
	struct list_head list;	       /* all entries of the table, oldest first */
	struct list_head gc_list;      /* on the table's list unless exempt from gc */
	struct list_head managed_list; /* NTF_MANAGED */
	u8 protocol;		       /* RTPROT_* */
	struct death_row_entry rcu;
};

struct neigh_ops {
	void (*solicit)(struct neighbour *n, struct sk_buff *skb);
	void (*error_report)(struct neighbour *n, struct sk_buff *skb); /* consumes skb */
	int (*output)(struct neighbour *n, struct skb_batch *b);
	int (*connected_output)(struct neighbour *n, struct skb_batch *b);
};

/**
 * struct pneigh_entry - an address for which we answer
 * @dev: on this device; NULL: on any
 */
struct pneigh_entry {
	struct hlist_node hash;
	struct net_device *dev;
	__be32 key;
	u32 flags;
	u8 protocol;
	bool permanent; /* stays when the carrier goes */
	struct death_row_entry rcu;
};

/**
 * struct neigh_table_ops - what a protocol adds to the table
 * @constructor: sets type, parms, ops, output and, where no resolution is needed, ha and nud_state; 0 or -errno
 * @proxy_redo:  a request whose proxy delay is over; consumes skb
 */
struct neigh_table_ops {
	int (*constructor)(struct neighbour *n);
	void (*proxy_redo)(struct sk_buff *skb);
};

/* neigh_update() flags */
#define NEIGH_UPDATE_F_OVERRIDE		 BIT(0)
#define NEIGH_UPDATE_F_WEAK_OVERRIDE	 BIT(1)
#define NEIGH_UPDATE_F_OVERRIDE_ISROUTER BIT(2)
#define NEIGH_UPDATE_F_USE		 BIT(3)
#define NEIGH_UPDATE_F_MANAGED		 BIT(4)
#define NEIGH_UPDATE_F_EXT_LEARNED	 BIT(5)
#define NEIGH_UPDATE_F_ISROUTER		 BIT(6)
#define NEIGH_UPDATE_F_ADMIN		 BIT(7)
#define NEIGH_UPDATE_F_EXT_VALIDATED	 BIT(8)

/* The table is per namespace (net->arp_tbl); struct neigh_table is private to net/core (neigh_table.h). */
struct neigh_table *neigh_table_create(struct net *net, const struct neigh_table_ops *ops);
void neigh_table_destroy(struct neigh_table *tbl);

/** neigh_lookup_noref() - entry of @key on @dev, NULL if none; valid this turn */
struct neighbour *__ipv4_neigh_lookup_noref(struct net_device *dev, __be32 key);
/** __neigh_create() - make (or find) the entry; NULL: no memory or table full (then *err = -ENOBUFS, -EINVAL, ...) */
struct neighbour *___neigh_create(struct neigh_table *tbl, __be32 key, struct net_device *dev,
				  int *err);
struct neighbour *ip_neigh_gw4(struct net_device *dev, __be32 key); /* lookup, else create */
/** neigh_lookup() - the table's entry of exactly this key and device, no address mapped; NULL if none; valid this turn */
struct neighbour *neigh_lookup(struct neigh_table *tbl, __be32 key, struct net_device *dev);

static inline void neigh_hold(struct neighbour *n)
{
	n->refcnt++;
}

void neigh_release(struct neighbour *n);

/** neigh_output_batch() - add the link-layer header and hand to the device, or queue for resolution; all packets use @n; consumes the batch */
int neigh_hh_output(struct neighbour *n, struct skb_batch *b);
static inline int neigh_output_batch(struct neighbour *n, struct skb_batch *b)
{
	if (likely((n->nud_state & NUD_CONNECTED) && n->hh_len))
		return neigh_hh_output(n, b);
	return n->output(n, b);
}

int neigh_resolve_output(struct neighbour *n, struct skb_batch *b);
int neigh_connected_output(struct neighbour *n, struct skb_batch *b);
/** neigh_event_send() - make sure resolution runs; true if @skb (may be NULL) was queued or dropped: not the caller's any more */
bool neigh_event_send(struct neighbour *n, struct sk_buff *skb);
/** neigh_update() - news about @n: new link-layer address or state */
int neigh_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags, u32 nlmsg_pid);
struct neighbour *neigh_event_ns(struct neigh_table *tbl, const u8 *lladdr, __be32 saddr,
				 struct net_device *dev);
void neigh_confirm(struct neighbour *n);
/** neigh_remove_one() - take it out of the table unless somebody holds it. Return: it was removed */
bool neigh_remove_one(struct neighbour *n);
/** neigh_app_ns() - ask user space to resolve (RTM_GETNEIGH to RTNLGRP_NEIGH) */
void neigh_app_ns(struct neighbour *n);
/** neigh_direct_output() - for devices without link-layer header */
int neigh_direct_output(struct neighbour *n, struct skb_batch *b);

/** neigh_parms_alloc() - settings of @dev, a copy of default's, and their sysctls; NULL: no memory */
struct neigh_parms *neigh_parms_alloc(struct net_device *dev, struct neigh_table *tbl);
void neigh_parms_release(struct neigh_table *tbl, struct neigh_parms *parms);
/** neigh_parms_rename() - the device has a new name: its sysctls move */
void neigh_parms_rename(struct neigh_parms *parms);
int neigh_ifdown(struct neigh_table *tbl, struct net_device *dev);
void neigh_carrier_down(struct neigh_table *tbl, struct net_device *dev);
void neigh_changeaddr(struct neigh_table *tbl, struct net_device *dev);
/** pneigh_lookup() - proxy entry for @key on @dev (or on any); NULL if none */
struct pneigh_entry *pneigh_lookup(struct neigh_table *tbl, __be32 key, struct net_device *dev);
/** pneigh_create() - make or change the entry; -ENOBUFS when out of memory */
int pneigh_create(struct neigh_table *tbl, __be32 key, struct net_device *dev, u32 flags,
		  u8 protocol, bool permanent);
int pneigh_delete(struct neigh_table *tbl, __be32 key, struct net_device *dev);
/** pneigh_enqueue() - answer later, after a random part of proxy_delay; consumes skb */
void pneigh_enqueue(struct neigh_table *tbl, struct neigh_parms *p, struct sk_buff *skb);
/** neigh_locally_enqueued() - the packet has been through pneigh_enqueue() */
bool neigh_locally_enqueued(const struct sk_buff *skb);
void neigh_cb_init(struct sk_buff *skb);

#endif
