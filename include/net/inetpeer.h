/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inetpeer.h - what is remembered per peer address: ICMP rate tokens and redirect back-off. */
#ifndef NET_INETPEER_H
#define NET_INETPEER_H

#include "net/net_namespace.h"

/**
 * struct inet_peer
 * @rate_tokens, @rate_last: token bucket of inet_peer_xrlim_allow(), ticks
 * @n_redirects: redirects sent without effect
 * @lru: among the namespace's peers, least recently used first
 */
struct inet_peer {
	struct hlist_node hash;
	struct list_head lru;
	__be32 addr;
	u32 vif;
	u32 rate_tokens;
	u32 n_redirects;
	u32 rid; /* fragments received from it, see ip_frag_too_far() */
	u64 rate_last;
	u64 dtime; /* last use, ticks */
	struct skiff *skiff;
	struct death_row_entry rcu;
};

/** struct inet_peer_stats - @total: entries now; @evicted: taken away early since there were too many; @failed: no memory */
struct inet_peer_stats {
	u32 total;
	u64 evicted;
	u64 failed;
};

/** inet_getpeer_v4() - entry of @daddr on @vif; @create makes it. Valid this turn. NULL: none or no memory */
struct inet_peer *inet_getpeer_v4(struct net *net, __be32 daddr, u32 vif, bool create);
/** inet_peer_xrlim_allow() - may another message of a kind with one per @timeout ticks go to @peer? NULL: yes */
bool inet_peer_xrlim_allow(struct net *net, struct inet_peer *peer, u32 timeout);
struct inet_peer_stats inet_peer_stats(const struct net *net);

#endif
