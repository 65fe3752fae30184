/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inetpeer.h - what is remembered per peer address: ICMP rate tokens and redirect back-off. */
#ifndef NET_INETPEER_H
#define NET_INETPEER_H

#include "net/net_namespace.h"

/**
 * struct inet_peer
 * @rate_tokens, @rate_last: token bucket of inet_peer_xrlim_allow(), ticks
 * @n_redirects: redirects sent without effect
 */
struct inet_peer {
	struct hlist_node hash;
	__be32 addr;
	u32 vif;
	u32 rate_tokens;
	u32 n_redirects;
	u64 rate_last;
	u64 dtime; /* last use, ticks */
};

/** inet_getpeer_v4() - entry of @daddr on @vif; @create makes it. Valid this turn. NULL: none or no memory */
struct inet_peer *inet_getpeer_v4(struct net *net, __be32 daddr, u32 vif, bool create);
/** inet_peer_xrlim_allow() - may another ICMP error of a kind with one per @timeout ticks go to @peer? @now in ticks */
bool inet_peer_xrlim_allow(struct net *net, struct inet_peer *peer, u32 timeout);

#endif
