// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_ifaddr.c - the routes that come with an address: local, broadcast, connected prefix.
 *
 * DOC: Routes of an address
 * For 10.0.0.1/24 brd 10.0.0.255 on an interface that is up:
 *   local     10.0.0.1     table local, scope host   the address itself (also while the interface is down)
 *   broadcast 10.0.0.255   table local, scope link   as configured, and as the prefix says (once if equal)
 *   unicast   10.0.0.0/24  table main, scope link    the connected prefix; on a loopback device it is local instead
 * All have the address as preferred source, proto kernel. A secondary address has only the first two, with the
 * primary of its subnet as preferred source. No connected prefix: for /32 without peer, for 0.0.0.0/8, and with
 * IFA_F_NOPREFIXROUTE. No prefix broadcast: /31, /32.
 * Since 5.14 the kernel makes no broadcast route for the network address (10.0.0.0).
 * Taking an address away removes a route only if no other address of the interface brings the same one.
 */
#include <linux/if_addr.h>

#include "net/arp.h"
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/rtnetlink.h"

/* 0.0.0.0/8 */
static bool zeronet(__be32 addr)
{
	return (addr & htonl(0xff000000)) == 0;
}

/* One route, by the way that requests take; what cannot be added or deleted is there or gone already. */
static void fib_magic(int cmd, u8 type, __be32 dst, u8 dst_len, const struct in_ifaddr *ifa,
		      u32 priority)
{
	struct net_device *dev = ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);
	struct fib_config cfg = {
		.fc_protocol = RTPROT_KERNEL,
		.fc_type = type,
		.fc_dst = dst,
		.fc_dst_len = dst_len,
		.fc_priority = priority,
		.fc_prefsrc = ifa->ifa_local,
		.fc_oif = dev->ifindex,
		.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND,
		.fc_table = type == RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL,
		.fc_scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
	};
	struct fib_table *tb = fib_new_table(net, cfg.fc_table);

	if (!tb)
		return;
	if (cmd == RTM_NEWROUTE)
		fib_table_insert(net, tb, &cfg, NULL);
	else
		fib_table_delete(net, tb, &cfg, NULL);
}

static u8 prefix_route_type(const struct in_ifaddr *ifa)
{
	return ifa->ifa_dev->dev->flags & IFF_LOOPBACK_ ? RTN_LOCAL : RTN_UNICAST;
}

static __be32 ifa_network(const struct in_ifaddr *ifa)
{
	return ifa->ifa_address & ifa->ifa_mask;
}

static __be32 ifa_prefix_brd(const struct in_ifaddr *ifa)
{
	return ifa->ifa_address | ~ifa->ifa_mask;
}

static bool is_secondary(const struct in_ifaddr *ifa)
{
	return ifa->ifa_flags & IFA_F_SECONDARY;
}

/* Does @ifa, a primary address, stand for a subnet? */
static bool ifa_has_subnet(const struct in_ifaddr *ifa)
{
	return !zeronet(ifa_network(ifa)) &&
	       (ifa_network(ifa) != ifa->ifa_local || ifa->ifa_prefixlen < 32);
}

/* A neighbour entry made while the address was not yet a broadcast address would be in the way. */
static void add_broadcast(const struct in_ifaddr *prim, __be32 addr)
{
	fib_magic(RTM_NEWROUTE, RTN_BROADCAST, addr, 32, prim, 0);
	arp_invalidate(prim->ifa_dev->dev, addr, false);
}

/**
 * fib_add_ifaddr() - the routes of an address that was added, or whose interface came up
 */
void fib_add_ifaddr(struct in_ifaddr *ifa)
{
	struct in_device *in_dev = ifa->ifa_dev;
	struct in_ifaddr *prim = ifa;

	if (is_secondary(ifa)) {
		prim = inet_ifa_byprefix(in_dev, ifa_network(ifa), ifa->ifa_mask);
		if (!prim) /* devinet.c makes no secondary without a primary */
			return;
	}
	fib_magic(RTM_NEWROUTE, RTN_LOCAL, ifa->ifa_local, 32, prim, 0);
	if (!(in_dev->dev->flags & IFF_UP_))
		return;
	if (ifa->ifa_broadcast && ifa->ifa_broadcast != 0xffffffff)
		add_broadcast(prim, ifa->ifa_broadcast);
	if (is_secondary(ifa) || !ifa_has_subnet(ifa))
		return;
	if (!(ifa->ifa_flags & IFA_F_NOPREFIXROUTE))
		fib_magic(RTM_NEWROUTE, prefix_route_type(ifa), ifa_network(ifa),
			  ifa->ifa_prefixlen, prim, ifa->ifa_rt_priority);
	if (ifa->ifa_prefixlen < 31)
		add_broadcast(prim, ifa_prefix_brd(ifa));
}

/**
 * fib_modify_prefix_metric() - move the connected route of @ifa to metric @new_metric
 * @ifa: ifa_rt_priority still holds the old one
 */
void fib_modify_prefix_metric(struct in_ifaddr *ifa, u32 new_metric)
{
	if (!(ifa->ifa_dev->dev->flags & IFF_UP_) || !ifa_has_subnet(ifa) ||
	    (ifa->ifa_flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE)))
		return;
	fib_magic(RTM_NEWROUTE, prefix_route_type(ifa), ifa_network(ifa), ifa->ifa_prefixlen, ifa,
		  new_metric);
	fib_magic(RTM_DELROUTE, prefix_route_type(ifa), ifa_network(ifa), ifa->ifa_prefixlen, ifa,
		  ifa->ifa_rt_priority);
}

/* ---- taking an address away ---- */

/**
 * struct leaving - which routes of an address that goes are still brought by others
 * @ifa:  goes; @prim: itself or the primary of its subnet; @iprim: a primary being replaced by promotion, or NULL
 * @same: another primary with the same address was seen (the same address with two prefix lengths)
 * @last_prim: primary of the subnet last looked at
 * @still_there: @ifa itself is still on the list: it is being promoted, not removed
 */
struct leaving {
	struct in_ifaddr *ifa, *prim, *iprim, *last_prim;
	bool same, still_there;
	bool keep_local, keep_brd, keep_prefix_brd;
};

static bool same_subnet(const struct in_ifaddr *other, const struct in_ifaddr *of)
{
	return other->ifa_mask == of->ifa_mask && inet_ifa_match(other->ifa_address, of);
}

/* The primary whose address the routes of @other prefer, if that is the one that the leaving routes prefer. */
static struct in_ifaddr *shared_primary(struct leaving *l, struct in_ifaddr *other)
{
	if (!is_secondary(other)) {
		if (other->ifa_local != l->prim->ifa_local)
			return NULL;
		if (other != l->prim)
			l->same = true;
		l->last_prim = other;
		return other;
	}
	if (same_subnet(other, l->prim)) {
		l->last_prim = l->prim;
		return l->prim;
	}
	/* Primaries come before secondaries on the list: whether another one shares the address is known by now. */
	if (!l->same)
		return NULL;
	if (!l->last_prim || !same_subnet(other, l->last_prim))
		l->last_prim =
			inet_ifa_byprefix(other->ifa_dev, other->ifa_address, other->ifa_mask);
	if (!l->last_prim || l->last_prim->ifa_local != l->prim->ifa_local)
		return NULL;
	return l->last_prim;
}

/* What @other, which stays, brings itself. */
static void keep_for(struct leaving *l, struct in_ifaddr *other)
{
	const struct in_ifaddr *prim = shared_primary(l, other);
	__be32 prefix_brd = ifa_prefix_brd(l->ifa), brd1;

	if (!prim)
		return;
	if (other->ifa_local == l->ifa->ifa_local)
		l->keep_local = true;
	if (other->ifa_broadcast == l->ifa->ifa_broadcast)
		l->keep_brd = true;
	if (other->ifa_broadcast == prefix_brd)
		l->keep_prefix_brd = true;
	if (prim != other || other->ifa_prefixlen >= 31 || zeronet(ifa_network(other)))
		return;
	brd1 = ifa_prefix_brd(other);
	if (l->ifa->ifa_broadcast == brd1)
		l->keep_brd = true;
	if (prefix_brd == brd1)
		l->keep_prefix_brd = true;
}

static void look_at_others(struct leaving *l)
{
	struct in_ifaddr *other;

	in_dev_for_each_ifa(l->ifa->ifa_dev, other) {
		if (other == l->ifa)
			l->still_there = true;
		else if (!l->iprim || !same_subnet(other, l->iprim))
			keep_for(l, other);
	}
}

static void del_local(struct leaving *l)
{
	struct net_device *dev = l->ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);

	fib_magic(RTM_DELROUTE, RTN_LOCAL, l->ifa->ifa_local, 32, l->prim, 0);
	if (l->still_there || inet_addr_type_dev_table(net, dev, l->ifa->ifa_local) == RTN_LOCAL)
		return;
	/* It is nobody's now; routes must not go on preferring it. */
	if (fib_sync_down_addr(dev, l->ifa->ifa_local))
		fib_flush(net);
}

/**
 * fib_del_ifaddr() - the routes of an address that goes
 * @ifa:   already off the list, unless it is being promoted from secondary to primary
 * @iprim: the primary that goes and whose secondaries are looked at, NULL otherwise
 */
void fib_del_ifaddr(struct in_ifaddr *ifa, struct in_ifaddr *iprim)
{
	struct leaving l = { .ifa = ifa, .prim = ifa, .iprim = iprim };
	bool subnet = false;

	if (is_secondary(ifa)) {
		l.prim = inet_ifa_byprefix(ifa->ifa_dev, ifa_network(ifa), ifa->ifa_mask);
		if (!l.prim || (iprim && iprim != l.prim))
			return;
	} else if (ifa_has_subnet(ifa)) {
		if (!(ifa->ifa_flags & IFA_F_NOPREFIXROUTE))
			fib_magic(RTM_DELROUTE, prefix_route_type(ifa), ifa_network(ifa),
				  ifa->ifa_prefixlen, ifa, 0);
		subnet = true;
	}
	if (!ifa->ifa_dev->dead)
		look_at_others(&l);
	if (!l.keep_brd)
		fib_magic(RTM_DELROUTE, RTN_BROADCAST, ifa->ifa_broadcast, 32, l.prim, 0);
	if (subnet && ifa->ifa_prefixlen < 31 && !l.keep_prefix_brd)
		fib_magic(RTM_DELROUTE, RTN_BROADCAST, ifa_prefix_brd(ifa), 32, l.prim, 0);
	if (!l.keep_local)
		del_local(&l);
}
