// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inetpeer.c - what is remembered about an address that we talk to.
 *
 * DOC: Peers
 * ICMP errors and redirects are limited per receiver, so that a stranger cannot make this node flood a third one. The
 * entries are made by what strangers send; therefore they sit in a table keyed by siphash with the shard's key, and
 * there are never more than net.ipv4.inet_peer_threshold of them. An entry is forgotten after a time without use
 * that shrinks from inet_peer_maxttl (empty table) to inet_peer_minttl (full table); a full table forgets the least
 * recently used one at once. Looking for old entries is work of the lookup that adds one, PEER_GC_BATCH at most.
 */
#include "net/inetpeer.h"

#define PEER_THRESHOLD	   (65536 + 128)
#define PEER_MINTTL	   (120 * HZ)
#define PEER_MAXTTL	   (10 * 60 * HZ)
#define PEER_GC_BATCH	   32
#define PEER_BUCKETS_FIRST 64u
#define PEER_BUCKETS_MAX   65536u
#define PEER_SALT	   0x70656572u /* sets this use of the shard key apart */

/* Messages that may leave at once after a long silence (ip-sysctl, icmp_ratelimit). */
#define XRLIM_BURST_FACTOR 6

/**
 * struct inet_peer_base - the peers of one namespace
 * @lru: all entries, least recently used first
 */
struct inet_peer_base {
	struct hlist_head *bucket;
	u32 mask;
	struct inet_peer_stats stats;
	struct list_head lru;
};

static struct hlist_head *peer_bucket(const struct net *net, __be32 addr, u32 vif)
{
	const struct inet_peer_base *base = net->ipv4.peers;
	u64 hash = siphash13_2u64((u64)vif << 32 | addr, PEER_SALT, &net->skiff->hash_key);

	return &base->bucket[(u32)hash & base->mask];
}

static void peer_free(struct death_row_entry *e)
{
	struct inet_peer *peer = container_of(e, struct inet_peer, rcu);

	skiff_free(peer->skiff, peer);
}

static void peer_forget(struct net *net, struct inet_peer *peer)
{
	hlist_del(&peer->hash);
	list_del(&peer->lru);
	net->ipv4.peers->stats.total--;
	skiff_defer_free(net->skiff, &peer->rcu);
}

/* How long an unused entry may stay, by how full the table is. */
static u64 peer_ttl(const struct net *net)
{
	s64 min = net->ipv4.sysctl_inet_peer_minttl, max = net->ipv4.sysctl_inet_peer_maxttl;
	s64 threshold = max_t(s64, net->ipv4.sysctl_inet_peer_threshold, 1);
	s64 ttl = max - (max - min) * net->ipv4.peers->stats.total / threshold;

	return ttl > 0 ? (u64)ttl : 0;
}

/* Makes room for one more entry, and forgets a few old ones on the way. */
static void peer_gc(struct net *net)
{
	struct inet_peer_base *base = net->ipv4.peers;
	u32 limit = (u32)max_t(int, net->ipv4.sysctl_inet_peer_threshold, 1);
	struct inet_peer *peer, *next;
	unsigned left = PEER_GC_BATCH;

	list_for_each_entry_safe(peer, next, &base->lru, lru) {
		bool full = base->stats.total >= limit;

		if (!left-- || (!full && net->skiff->jiffies - peer->dtime < peer_ttl(net)))
			return;
		base->stats.evicted += full;
		peer_forget(net, peer);
	}
}

/* A longer bucket array when there are more entries than buckets; without memory the chains grow instead. */
static void peer_grow(struct net *net)
{
	struct inet_peer_base *base = net->ipv4.peers;
	struct hlist_head *old = base->bucket, *more;
	struct inet_peer *peer;

	if (base->stats.total <= base->mask || base->mask + 1 >= PEER_BUCKETS_MAX)
		return;
	more = skiff_zalloc(net->skiff, sizeof(*more) * (base->mask + 1) * 2);
	if (!more)
		return;
	base->bucket = more;
	base->mask = base->mask * 2 + 1;
	list_for_each_entry(peer, &base->lru, lru) {
		hlist_del(&peer->hash);
		hlist_add_head(&peer->hash, peer_bucket(net, peer->addr, peer->vif));
	}
	skiff_free(net->skiff, old);
}

static struct inet_peer *peer_create(struct net *net, __be32 addr, u32 vif)
{
	struct inet_peer_base *base = net->ipv4.peers;
	struct inet_peer *peer;

	peer_gc(net);
	peer = skiff_zalloc(net->skiff, sizeof(*peer));
	if (!peer) {
		base->stats.failed++;
		return NULL;
	}
	peer->skiff = net->skiff;
	peer->addr = addr;
	peer->vif = vif;
	peer->rcu.free = peer_free;
	/* As if silent for a minute: the first messages find a full bucket. */
	peer->rate_last = net->skiff->jiffies - 60 * HZ;
	peer->dtime = net->skiff->jiffies;
	hlist_add_head(&peer->hash, peer_bucket(net, addr, vif));
	list_add_tail(&peer->lru, &base->lru);
	base->stats.total++;
	peer_grow(net);
	return peer;
}

/**
 * inet_getpeer_v4() - the entry of @daddr on @vif
 * @vif:    l3mdev master's ifindex, 0 outside of any
 * @create: make it if there is none
 * Owns:    nothing; the entry is valid for this turn
 * Return:  NULL if there is none or no memory for it
 */
struct inet_peer *inet_getpeer_v4(struct net *net, __be32 daddr, u32 vif, bool create)
{
	struct inet_peer *peer;

	hlist_for_each_entry(peer, peer_bucket(net, daddr, vif), hash) {
		if (peer->addr != daddr || peer->vif != vif)
			continue;
		peer->dtime = net->skiff->jiffies;
		list_move_tail(&peer->lru, &net->ipv4.peers->lru);
		return peer;
	}
	return create ? peer_create(net, daddr, vif) : NULL;
}

/**
 * inet_peer_xrlim_allow() - take a token of @peer's bucket
 * @peer:    NULL: nothing is remembered, so nothing is refused
 * @timeout: ticks that one message costs; the bucket holds XRLIM_BURST_FACTOR of them and fills by a tick per tick
 * Return:   the message may be sent
 * Spec:     RFC 1812 4.3.2.8
 */
bool inet_peer_xrlim_allow(struct net *net, struct inet_peer *peer, u32 timeout)
{
	u64 tokens, most = (u64)timeout * XRLIM_BURST_FACTOR, silent;

	if (!peer)
		return true;
	silent = net->skiff->jiffies - peer->rate_last;
	tokens = peer->rate_tokens;
	if (silent) {
		/* A smaller @timeout than the last one's trims what was saved, but only as time passes. */
		tokens = min_t(u64, tokens + silent, most);
		peer->rate_last = net->skiff->jiffies;
	}
	if (tokens < timeout) {
		peer->rate_tokens = (u32)tokens;
		return false;
	}
	peer->rate_tokens = (u32)(tokens - timeout);
	return true;
}

/**
 * inet_peer_stats() - how many peers there are, and what their bound has cost
 */
struct inet_peer_stats inet_peer_stats(const struct net *net)
{
	return net->ipv4.peers->stats;
}

static int inet_peer_net_init(struct net *net)
{
	struct inet_peer_base *base = skiff_zalloc(net->skiff, sizeof(*base));

	if (!base)
		return -ENOMEM;
	base->mask = PEER_BUCKETS_FIRST - 1;
	base->bucket = skiff_zalloc(net->skiff, sizeof(*base->bucket) * PEER_BUCKETS_FIRST);
	if (!base->bucket) {
		skiff_free(net->skiff, base);
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&base->lru);
	net->ipv4.peers = base;
	net->ipv4.sysctl_inet_peer_threshold = PEER_THRESHOLD;
	net->ipv4.sysctl_inet_peer_minttl = PEER_MINTTL;
	net->ipv4.sysctl_inet_peer_maxttl = PEER_MAXTTL;
	return 0;
}

static void inet_peer_net_exit(struct net *net)
{
	struct inet_peer_base *base = net->ipv4.peers;
	struct inet_peer *peer, *next;

	list_for_each_entry_safe(peer, next, &base->lru, lru)
		peer_forget(net, peer);
	skiff_free(net->skiff, base->bucket);
	skiff_free(net->skiff, base);
	net->ipv4.peers = NULL;
}

const struct pernet_operations inet_peer_net_ops = {
	.name = "inetpeer",
	.init = inet_peer_net_init,
	.exit = inet_peer_net_exit,
};
