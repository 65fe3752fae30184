// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_sync.c - devices and addresses come and go: which next hops are dead, and how the living share the load.
 *
 * DOC: Dead and linkdown
 * RTNH_F_DEAD: the device is down; the route is no use, and goes with the next fib_table_flush() if all its next hops
 * are dead. RTNH_F_LINKDOWN: the carrier is away; the route stays and is used, unless ignore_routes_with_linkdown says
 * that such a next hop counts as dead. A fib_info has the flags that all of its next hops have.
 *
 *   alive    -> linkdown       [fib_sync_down_dev, NETDEV_CHANGE]
 *   alive    -> dead, linkdown [fib_sync_down_dev, NETDEV_DOWN or _UNREGISTER]
 *   dead     -> alive          [fib_sync_up, RTNH_F_DEAD]      the device is up again
 *   linkdown -> alive          [fib_sync_up, RTNH_F_LINKDOWN]  the carrier is back
 *
 * Shares: each living next hop owns the hashes (31 bits) up to its upper bound, in proportion to its weight (RFC 2992).
 */
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/neighbour.h"
#include "net/rtnetlink.h"
#include "net/route.h"

#include "fib_semantics.h"

#define FIB_HASH_SPAN (1ULL << 31)

/* A scope that no next hop has: then scope excuses none. */
#define SCOPE_NONE (-1)

/* Marks @nh; a LINKDOWN alone when only the carrier went. */
static unsigned down_flags(unsigned long event)
{
	return event == NETDEV_CHANGE ? RTNH_F_LINKDOWN : RTNH_F_DEAD | RTNH_F_LINKDOWN;
}

static bool is_down_event(unsigned long event)
{
	return event == NETDEV_DOWN || event == NETDEV_UNREGISTER || event == NETDEV_CHANGE;
}

/* Marks the next hops of @fi over @dev; returns how many are useless now. */
static int fib_mark_down(struct fib_info *fi, const struct net_device *dev, unsigned long event,
			 int spared_scope)
{
	int dead = 0;

	for_each_nh(fi, nh) {
		if (nh->fib_nh_flags & RTNH_F_DEAD) {
			dead++;
		} else if (nh->fib_nh_dev == dev && nh->fib_nh_scope != spared_scope) {
			if (is_down_event(event))
				nh->fib_nh_flags |= (u8)down_flags(event);
			dead++;
		}
		/* Nothing may point to a device that is going away. */
		if (event == NETDEV_UNREGISTER && nh->fib_nh_dev == dev)
			return fi->fib_nhs;
	}
	return dead;
}

/**
 * fib_sync_down_dev() - @dev went down (NETDEV_DOWN), away (NETDEV_UNREGISTER) or lost its carrier (NETDEV_CHANGE)
 * @force: also what leads to the node itself (scope NOWHERE: local routes)
 * Return:  fib_infos without a living next hop; their routes are for fib_flush() to remove
 */
int fib_sync_down_dev(struct net_device *dev, unsigned long event, bool force)
{
	struct hlist_head *chain = fib_dev_chain(dev_net(dev), dev->ifindex);
	struct fib_info *prev = NULL;
	struct fib_nh *at;
	int count = 0;

	hlist_for_each_entry(at, chain, nh_hash) {
		struct fib_info *fi = at->nh_parent;

		if (at->fib_nh_dev != dev || fi == prev)
			continue;
		prev = fi;
		if (fib_mark_down(fi, dev, event, force ? SCOPE_NONE : RT_SCOPE_NOWHERE) ==
		    fi->fib_nhs) {
			if (is_down_event(event))
				fi->fib_flags |= down_flags(event);
			count++;
		}
		fib_rebalance(fi);
	}
	return count;
}

/**
 * fib_sync_down_addr() - @local is no address of ours any more: routes that prefer it as source are dead
 * @dev: where it was; tells the table (that of the namespace, without a VRF)
 * Return: fib_infos marked
 */
int fib_sync_down_addr(struct net_device *dev, __be32 local)
{
	struct net *net = dev_net(dev);
	struct fib_info *fi;
	int count = 0;

	if (!local)
		return 0;
	hlist_for_each_entry(fi, fib_laddr_chain(net, local), fib_lhash) {
		if (fi->fib_prefsrc != local || fi->fib_tb_id != RT_TABLE_MAIN)
			continue;
		fi->fib_flags |= RTNH_F_DEAD;
		fi->pfsrc_removed = true;
		count++;
	}
	return count;
}

/* Takes @nh_flags off the next hops over @dev; returns how many have none of them now. */
static int fib_mark_up(struct fib_info *fi, const struct net_device *dev, u8 nh_flags)
{
	int alive = 0;

	for_each_nh(fi, nh) {
		if (!(nh->fib_nh_flags & nh_flags)) {
			alive++;
			continue;
		}
		if (nh->fib_nh_dev != dev || !(dev->flags & IFF_UP_) || !in_dev_get(dev))
			continue;
		alive++;
		nh->fib_nh_flags &= (u8)~nh_flags;
	}
	return alive;
}

/**
 * fib_sync_up() - @dev is up (RTNH_F_DEAD) or has its carrier back (RTNH_F_LINKDOWN): next hops over it revive
 * Return: fib_infos that have a living next hop
 */
int fib_sync_up(struct net_device *dev, u8 nh_flags)
{
	struct hlist_head *chain = fib_dev_chain(dev_net(dev), dev->ifindex);
	struct fib_info *prev = NULL;
	struct fib_nh *at;
	int count = 0;

	if (!(dev->flags & IFF_UP_))
		return 0;
	if ((nh_flags & RTNH_F_DEAD) && (dev_get_flags(dev) & (IFF_RUNNING_ | IFF_LOWER_UP_)))
		nh_flags |= RTNH_F_LINKDOWN;
	hlist_for_each_entry(at, chain, nh_hash) {
		struct fib_info *fi = at->nh_parent;

		if (at->fib_nh_dev != dev || fi == prev)
			continue;
		prev = fi;
		if (fib_mark_up(fi, dev, nh_flags) > 0) {
			fi->fib_flags &= ~(u32)nh_flags;
			count++;
		}
		fib_rebalance(fi);
	}
	return count;
}

/**
 * ip_fib_check_default() - is @gw a gateway of some route over @dev that works?
 * Return: 0 if so, else -1 (secure_redirects takes news only about gateways already known)
 */
int ip_fib_check_default(__be32 gw, struct net_device *dev)
{
	const struct fib_nh *nh;

	hlist_for_each_entry(nh, fib_dev_chain(dev_net(dev), dev->ifindex), nh_hash)
		if (nh->fib_nh_dev == dev && nh->fib_nh_gw4 == gw &&
		    !(nh->fib_nh_flags & RTNH_F_DEAD))
			return 0;
	return -1;
}

/**
 * fib_sync_mtu() - the MTU of @dev changed from @orig_mtu: what was learned about paths over it follows
 */
void fib_sync_mtu(struct net_device *dev, u32 orig_mtu)
{
	struct fib_nh *nh;

	hlist_for_each_entry(nh, fib_dev_chain(dev_net(dev), dev->ifindex), nh_hash)
		if (nh->fib_nh_dev == dev)
			fib_nhc_update_mtu(&nh->nh_common, dev->mtu, orig_mtu);
}

/* ---- sharing the load ---- */

static bool fib_nh_unused(const struct fib_nh *nh)
{
	const struct in_device *in_dev;

	if (nh->fib_nh_flags & RTNH_F_DEAD)
		return true;
	if (!(nh->fib_nh_flags & RTNH_F_LINKDOWN) || !nh->fib_nh_dev)
		return false;
	in_dev = in_dev_get(nh->fib_nh_dev);
	return in_dev && IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev);
}

/**
 * fib_rebalance() - upper bounds of the next hops of @fi by weight; -1 for those that are not to be used
 */
void fib_rebalance(struct fib_info *fi)
{
	u64 total = 0, upto = 0;

	if (fib_info_num_path(fi) < 2)
		return;
	for_each_nh(fi, nh)
		if (!fib_nh_unused(nh))
			total += (u32)nh->fib_nh_weight;
	for_each_nh(fi, nh) {
		if (fib_nh_unused(nh)) {
			nh->fib_nh_upper_bound = -1;
			continue;
		}
		upto += (u32)nh->fib_nh_weight;
		nh->fib_nh_upper_bound = (int)((upto * FIB_HASH_SPAN + total / 2) / total - 1);
	}
}

/* With fib_multipath_use_neigh: not over a gateway that is known not to answer. */
static bool fib_good_nh(const struct fib_nh *nh)
{
	const struct neighbour *n = NULL;

	if (nh->fib_nh_scope == RT_SCOPE_LINK && nh->nh_common.nhc_gw_family)
		n = __ipv4_neigh_lookup_noref(nh->fib_nh_dev, nh->fib_nh_gw4);
	return !n || (n->nud_state & NUD_VALID);
}

/**
 * fib_select_multipath() - the next hop of @res->fi that @hash (31 bits) falls to
 * @fl4: a given source address prefers a next hop that has it; NULL or none: hash alone
 */
void fib_select_multipath(struct fib_result *res, int hash, const struct flowi4 *fl4)
{
	struct fib_info *fi = res->fi;
	struct net *net = fi->fib_net;
	__be32 saddr = fl4 ? fl4->saddr : 0;
	int best = -1;

	journey_fn(net, NULL);
	if (unlikely(fi->nh)) {
		nexthop_path_fib_result(res, hash);
		return;
	}
	for (int i = 0; i < fi->fib_nhs; i++) {
		struct fib_nh *nh = &fi->fib_nh[i];
		int points;

		if (nh->fib_nh_upper_bound == -1)
			continue;
		if (net->ipv4.sysctl_fib_multipath_use_neigh && !fib_good_nh(nh))
			continue;
		points = (saddr && nh->nh_saddr == saddr ? 2 : 0) +
			 (hash <= nh->fib_nh_upper_bound ? 1 : 0);
		if (points <= best)
			continue;
		best = points;
		res->nh_sel = (u8)i;
		res->nhc = &nh->nh_common;
		if (points == (saddr ? 3 : 1))
			return;
	}
}

/**
 * fib_select_path() - after a lookup for a packet of ours: next hop, and source address if @fl4 has none
 * @skb: of which the hash may be taken, NULL: of @fl4
 */
void fib_select_path(struct net *net, struct fib_result *res, struct flowi4 *fl4,
		     const struct sk_buff *skb)
{
	/* A given device leaves no choice. */
	if (!fl4->flowi4_oif) {
		if (fib_info_num_path(res->fi) > 1)
			fib_select_multipath(res, fib_multipath_hash(net, fl4, skb), fl4);
		else if (!res->prefixlen && res->type == RTN_UNICAST &&
			 fib_table_num_default(res->table) > 1)
			fib_select_default(fl4, res);
	}
	if (!fl4->saddr)
		fl4->saddr = fib_result_prefsrc(net, res);
}

/* ---- source address of a route ---- */

/**
 * fib_info_update_nhc_saddr() - the source that packets over @nhc get when nothing else says; kept until addresses change
 * @scope: of the route: the widest scope the address must have
 */
__be32 fib_info_update_nhc_saddr(struct net *net, struct fib_nh_common *nhc, u8 scope)
{
	struct fib_nh *nh = container_of(nhc, struct fib_nh, nh_common);

	if (!nhc->nhc_dev)
		return 0;
	nh->nh_saddr = inet_select_addr(nhc->nhc_dev, nhc->nhc_gw, scope);
	nh->nh_saddr_genid = net->ipv4.dev_addr_genid;
	return nh->nh_saddr;
}

/**
 * fib_result_prefsrc() - source address for a packet that takes @res
 */
__be32 fib_result_prefsrc(struct net *net, struct fib_result *res)
{
	const struct fib_nh *nh;

	if (res->fi->fib_prefsrc)
		return res->fi->fib_prefsrc;
	nh = container_of(res->nhc, struct fib_nh, nh_common);
	if (nh->nh_saddr_genid == net->ipv4.dev_addr_genid)
		return nh->nh_saddr;
	return fib_info_update_nhc_saddr(net, res->nhc, res->fi->fib_scope);
}

/**
 * fib_info_nh_uses_dev() - does one of the next hops of @fi leave by @dev?
 */
bool fib_info_nh_uses_dev(struct fib_info *fi, const struct net_device *dev)
{
	if (fi->nh)
		return nexthop_uses_dev(fi->nh, dev);
	for_each_nh(fi, nh)
		if (nh->fib_nh_dev == dev)
			return true;
	return false;
}
