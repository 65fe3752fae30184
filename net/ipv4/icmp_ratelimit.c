// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/icmp_ratelimit.c - how many ICMP messages may leave: a bucket for the node, one per receiver.
 *
 * DOC: ICMP rate limits
 * Two buckets hold a message back, if its type is in icmp_ratemask (a "fragmentation needed" never is):
 *  - the node's, asked first, before a route is looked up: it fills by icmp_msgs_per_sec, but is only filled up when
 *    it is empty and 20 ms have gone by, and holds icmp_msgs_burst. A message takes 0, 1 or 2 credits by chance: were
 *    it exactly 1, a stranger could count our other messages by how many of his own get an answer (RFC 8085 aside,
 *    this is what "SAD DNS" did). So the bucket may be in debt by one.
 *  - the receiver's (inetpeer.c), asked when the route is known: a message per icmp_ratelimit, up to six at once.
 *    What leaves by the loopback device is free of it, and an icmp_ratelimit of 0 turns it off.
 * Credits of the node's bucket are taken last, when the receiver's has let the message pass: a flood towards one
 * address does not silence the node for all others.
 * Counters: OutRateLimitGlobal, OutRateLimitHost. Spec: RFC 1812 4.3.2.8; ip-sysctl.
 */
#include "icmp_internal.h"

#include "net/inetpeer.h"

/* Ticks between two fillings of the node's bucket, and the most of a silence that counts. */
#define ICMP_GLOBAL_FILL_MIN (HZ / 50)
#define ICMP_GLOBAL_FILL_MAX HZ

/**
 * icmp_global_allow() - are there credits in the node's bucket? Fills it if it is empty and time has gone by
 * Takes nothing: icmp_global_consume() does, when the message is really sent.
 */
bool icmp_global_allow(struct net *net)
{
	struct netns_ipv4 *ip = &net->ipv4;
	s64 credit;
	u32 delta, incr;

	if (ip->icmp_global_credit > 0)
		return true;
	delta = min_t(u32, min_t(u64, net->skiff->jiffies - ip->icmp_global_stamp, UINT32_MAX),
		      ICMP_GLOBAL_FILL_MAX);
	if (delta < ICMP_GLOBAL_FILL_MIN)
		return false;
	incr = (u32)((u64)ip->sysctl_icmp_msgs_per_sec * delta / HZ);
	if (!incr)
		return false;
	ip->icmp_global_stamp = net->skiff->jiffies;
	credit = (s64)ip->icmp_global_credit + incr;
	ip->icmp_global_credit = (int)min_t(s64, credit, ip->sysctl_icmp_msgs_burst);
	return true;
}

/** icmp_global_consume() - a message leaves: take 0..2 credits */
void icmp_global_consume(struct net *net)
{
	net->ipv4.icmp_global_credit -= (int)skiff_random_below(net->skiff, 3);
}

static bool icmpv4_mask_allow(const struct net *net, u8 type, u8 code)
{
	if (type > NR_ICMP_TYPES)
		return true;
	/* Path MTU discovery depends on every one of these. */
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED)
		return true;
	return !(net->ipv4.sysctl_icmp_ratemask & (1u << type));
}

/**
 * icmpv4_global_allow() - first question: does the node's bucket let a message of this type pass?
 * @apply_ratelimit: set if the type is limited, so that icmpv4_xrlim_allow() has to be asked too
 * Return: false: not to be sent, counted
 */
bool icmpv4_global_allow(struct net *net, u8 type, u8 code, bool *apply_ratelimit)
{
	if (icmpv4_mask_allow(net, type, code))
		return true;
	if (icmp_global_allow(net)) {
		*apply_ratelimit = true;
		return true;
	}
	ICMP_INC_STATS(net, ICMP_MIB_RATELIMITGLOBAL);
	journey_setting(net, "net.ipv4.icmp_msgs_per_sec=%u", net->ipv4.sysctl_icmp_msgs_per_sec);
	return false;
}

/**
 * icmpv4_xrlim_allow() - second question: does the receiver's bucket let it pass?
 * @rt: route that it would leave by; @daddr: receiver, or first hop of its source route
 * Return: false: not to be sent, counted; true: the node's credits are taken
 */
bool icmpv4_xrlim_allow(struct net *net, const struct rtable *rt, __be32 daddr,
			bool apply_ratelimit)
{
	u32 timeout = net->ipv4.sysctl_icmp_ratelimit;
	struct inet_peer *peer;

	if (!apply_ratelimit)
		return true;
	/* A limit of 0 refuses nothing, but takes what the bucket had: redirects and errors of routes share it. */
	if (!(rt->dst.dev->flags & IFF_LOOPBACK_)) {
		peer = inet_getpeer_v4(net, daddr, 0, true);
		if (!inet_peer_xrlim_allow(net, peer, timeout)) {
			ICMP_INC_STATS(net, ICMP_MIB_RATELIMITHOST);
			journey_setting(net, "net.ipv4.icmp_ratelimit=%u", timeout);
			return false;
		}
	}
	icmp_global_consume(net);
	return true;
}
