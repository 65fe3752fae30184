// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_nh.c - next hops of a route request: reading them, and asking whether they can be reached.
 *
 * DOC: Next hops
 * In : struct fib_config, decoded by fib_frontend.c (nexthop.c makes one up for its objects).
 * Out: struct fib_nh with device, scope and flags, or Linux's errno and sentence.
 * A gateway must be a host on a link: the lookup of its address with a scope narrower than the route's own must
 * end at a link. Encapsulations and IPv6 gateways are refused in the words of a kernel built without them.
 * Not here: sharing and life of fib_info (fib_semantics.c), nexthop objects (nexthop.c).
 */
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/route.h"
#include "net/rtnetlink.h"

#include "fib_semantics.h"

/**
 * fib_gw_from_via() - the gateway of RTA_VIA, which names its address family
 * @cfg: fc_gw_family and fc_gw4 are set
 * Return: 0, -EINVAL with a sentence
 */
int fib_gw_from_via(struct fib_config *cfg, const struct nlattr *nla,
		    struct netlink_ext_ack *extack)
{
	const struct rtvia *via = mnl_attr_get_payload(nla);
	u32 len = mnl_attr_get_payload_len(nla);

	if (len < offsetof(struct rtvia, rtvia_addr)) {
		NL_SET_ERR_MSG(extack, "Invalid attribute length for RTA_VIA");
		return -EINVAL;
	}
	len -= (u32)offsetof(struct rtvia, rtvia_addr);
	switch (via->rtvia_family) {
	case AF_INET:
		if (len != sizeof(__be32)) {
			NL_SET_ERR_MSG(extack, "Invalid IPv4 address in RTA_VIA");
			return -EINVAL;
		}
		cfg->fc_gw_family = AF_INET;
		cfg->fc_gw4 = get_unaligned32(via->rtvia_addr);
		return 0;
	case AF_INET6:
		NL_SET_ERR_MSG(extack, "IPv6 support not enabled in kernel");
		return -EINVAL;
	default:
		NL_SET_ERR_MSG(extack, "Unsupported address family in RTA_VIA");
		return -EINVAL;
	}
}

/**
 * fib_nh_init() - a next hop as @cfg has it, not yet checked
 * @weight: 1..256
 * Owns: counts realm users of @net; fib_nh_release() is its mirror
 * Return: 0
 */
int fib_nh_init(struct net *net, struct fib_nh *nh, struct fib_config *cfg, int weight,
		struct netlink_ext_ack *extack)
{
	struct fib_nh_common *nhc = &nh->nh_common;

	nhc->nhc_family = AF_INET;
	nhc->nhc_oif = cfg->fc_oif;
	if (cfg->fc_gw_family) {
		nhc->nhc_gw_family = cfg->fc_gw_family;
		nhc->nhc_gw = cfg->fc_gw4;
	}
	nhc->nhc_flags = (u8)cfg->fc_flags;
	nhc->nhc_weight = weight;
	nh->nh_tclassid = cfg->fc_flow;
	if (nh->nh_tclassid)
		net->ipv4.fib_num_tclassid_users++;
	return 0;
}

/**
 * fib_nh_release() - what fib_nh_init() and cached routes hung on the next hop goes
 */
void fib_nh_release(struct net *net, struct fib_nh *nh)
{
	if (nh->nh_tclassid)
		net->ipv4.fib_num_tclassid_users--;
	nh->nh_tclassid = 0;
	fib_nhc_release_cache(&nh->nh_common);
}

/* ---- RTA_MULTIPATH ---- */

/**
 * fib_count_nexthops() - how many next hops the attribute holds; 0 and a sentence if it is not made of whole ones
 */
int fib_count_nexthops(const struct rtnexthop *rtnh, int remaining, struct netlink_ext_ack *extack)
{
	int n = 0;

	for (; rtnh_ok(rtnh, remaining); n++)
		rtnh = rtnh_next(rtnh, &remaining);
	if (remaining > 0) {
		NL_SET_ERR_MSG(extack, "Invalid nexthop configuration - extra data after nexthops");
		return 0;
	}
	return n;
}

struct rtnh_attrs {
	const struct nlattr *gw, *via, *flow;
};

/* The attributes behind one rtnexthop; of several equal ones the first counts. */
static void rtnh_parse(const struct rtnexthop *rtnh, struct rtnh_attrs *a)
{
	const char *end = (const char *)rtnh + rtnh->rtnh_len;
	const struct nlattr *nla = (const void *)((const char *)rtnh + MNL_ALIGN(sizeof(*rtnh)));

	memset(a, 0, sizeof(*a));
	for (; mnl_attr_ok(nla, (int)(end - (const char *)nla)); nla = mnl_attr_next(nla)) {
		const struct nlattr **slot;

		switch (mnl_attr_get_type(nla)) {
		case RTA_GATEWAY:
			slot = &a->gw;
			break;
		case RTA_VIA:
			slot = &a->via;
			break;
		case RTA_FLOW:
			slot = &a->flow;
			break;
		default:
			continue;
		}
		if (!*slot)
			*slot = nla;
	}
}

/* Gateway and realm of one rtnexthop into @cfg. */
static int rtnh_to_config(const struct rtnexthop *rtnh, struct fib_config *cfg,
			  struct netlink_ext_ack *extack)
{
	struct rtnh_attrs a;

	cfg->fc_oif = (u32)rtnh->rtnh_ifindex;
	rtnh_parse(rtnh, &a);
	if (a.gw && a.via) {
		NL_SET_ERR_MSG(extack,
			       "Nexthop configuration can not contain both GATEWAY and VIA");
		return -EINVAL;
	}
	if (a.gw) {
		if (mnl_attr_get_payload_len(a.gw) < sizeof(__be32)) {
			NL_SET_ERR_MSG(extack, "Invalid IPv4 address in RTA_GATEWAY");
			return -EINVAL;
		}
		cfg->fc_gw4 = get_unaligned32(mnl_attr_get_payload(a.gw));
		cfg->fc_gw_family = cfg->fc_gw4 ? AF_INET : AF_UNSPEC;
	} else if (a.via) {
		int err = fib_gw_from_via(cfg, a.via, extack);

		if (err)
			return err;
	}
	if (a.flow) {
		if (mnl_attr_get_payload_len(a.flow) < sizeof(u32)) {
			NL_SET_ERR_MSG(extack, "Invalid RTA_FLOW");
			return -EINVAL;
		}
		cfg->fc_flow = get_unaligned32(mnl_attr_get_payload(a.flow));
	}
	return 0;
}

/* What stands outside of RTA_MULTIPATH, too, is to fit the first next hop (old ways of asking do that). */
static int fib_check_first_nh(const struct fib_nh *nh, const struct fib_config *cfg,
			      struct netlink_ext_ack *extack)
{
	if (cfg->fc_oif && nh->fib_nh_oif != cfg->fc_oif) {
		NL_SET_ERR_MSG(extack, "Nexthop device index does not match RTA_OIF");
		return -EINVAL;
	}
	if (cfg->fc_gw_family &&
	    (nh->nh_common.nhc_gw_family != cfg->fc_gw_family || nh->fib_nh_gw4 != cfg->fc_gw4)) {
		NL_SET_ERR_MSG(extack, "Nexthop gateway does not match RTA_GATEWAY or RTA_VIA");
		return -EINVAL;
	}
	if (cfg->fc_flow && nh->nh_tclassid != cfg->fc_flow) {
		NL_SET_ERR_MSG(extack, "Nexthop class id does not match RTA_FLOW");
		return -EINVAL;
	}
	return 0;
}

/**
 * fib_get_nhs() - the next hops of RTA_MULTIPATH into @fi->fib_nh[]
 * @fi: has room for as many as fib_count_nexthops() found
 * Return: 0, -EINVAL with a sentence; those filled so far are released with @fi
 */
int fib_get_nhs(struct net *net, struct fib_info *fi, struct fib_config *cfg,
		struct netlink_ext_ack *extack)
{
	const struct rtnexthop *rtnh = cfg->fc_mp;
	int remaining = cfg->fc_mp_len;

	for_each_nh(fi, nh) {
		struct fib_config one = { 0 };
		int err;

		if (!rtnh_ok(rtnh, remaining)) {
			NL_SET_ERR_MSG(extack,
				       "Invalid nexthop configuration - extra data after nexthop");
			return -EINVAL;
		}
		if (rtnh->rtnh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) {
			NL_SET_ERR_MSG(
				extack,
				"Invalid flags for nexthop - can not contain DEAD or LINKDOWN");
			return -EINVAL;
		}
		one.fc_flags = (cfg->fc_flags & ~0xffu) | rtnh->rtnh_flags;
		err = rtnh_to_config(rtnh, &one, extack);
		if (!err)
			err = fib_nh_init(net, nh, &one, rtnh->rtnh_hops + 1, extack);
		if (err)
			return err;
		rtnh = rtnh_next(rtnh, &remaining);
	}
	return fib_check_first_nh(&fi->fib_nh[0], cfg, extack);
}

/* ---- is it reachable? ---- */

static void fib_nh_set_dev(struct fib_nh *nh, struct net_device *dev, u8 scope)
{
	nh->fib_nh_dev = dev;
	nh->fib_nh_scope = scope;
	if (!netif_carrier_ok(dev))
		nh->fib_nh_flags |= RTNH_F_LINKDOWN;
}

/* "onlink": the administrator vouches that the gateway is on that link. */
static int fib_check_nh_onlink(struct net *net, struct fib_nh *nh, u8 scope,
			       struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	if (scope >= RT_SCOPE_LINK) {
		NL_SET_ERR_MSG(extack, "Nexthop has invalid scope");
		return -EINVAL;
	}
	dev = dev_get_by_index(net, nh->fib_nh_oif);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "Nexthop device required for onlink");
		return -ENODEV;
	}
	if (!(dev->flags & IFF_UP_)) {
		NL_SET_ERR_MSG(extack, "Nexthop device is not up");
		return -ENETDOWN;
	}
	if (inet_addr_type_dev_table(net, dev, nh->fib_nh_gw4) != RTN_UNICAST) {
		NL_SET_ERR_MSG(extack, "Nexthop has invalid gateway");
		return -EINVAL;
	}
	fib_nh_set_dev(nh, dev, RT_SCOPE_LINK);
	return 0;
}

/* The route to the gateway: in the route's own table if that is a special one, else wherever the rules lead. */
static int fib_lookup_gw(struct net *net, struct fib_nh *nh, u32 table, u8 scope,
			 struct fib_result *res)
{
	struct flowi4 fl4 = {
		.daddr = nh->fib_nh_gw4,
		.flowi4_scope = (u8)max_t(int, scope + 1, RT_SCOPE_LINK),
		.flowi4_oif = nh->fib_nh_oif,
		.flowi4_iif = LOOPBACK_IFINDEX,
	};
	struct fib_table *tb = NULL;
	int err = -ESRCH;

	if (table && table != RT_TABLE_MAIN)
		tb = fib_get_table(net, table);
	if (table && table != RT_TABLE_MAIN)
		tb = fib_get_table(net, table);
	if (tb)
		err = fib_table_lookup(tb, &fl4, res,
				       FIB_LOOKUP_IGNORE_LINKSTATE | FIB_LOOKUP_NOREF);
	if (err)
		err = fib_lookup(net, &fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE);
	return err;
}

static int fib_check_nh_gw(struct net *net, struct fib_nh *nh, u32 table, u8 scope,
			   struct netlink_ext_ack *extack)
{
	struct fib_result res;
	int err;

	if (nh->fib_nh_flags & RTNH_F_ONLINK)
		return fib_check_nh_onlink(net, nh, scope, extack);
	memset(&res, 0, sizeof(res));
	err = fib_lookup_gw(net, nh, table, scope, &res);
	if (err) {
		NL_SET_ERR_MSG(extack, "Nexthop has invalid gateway");
		return err;
	}
	if (res.type != RTN_UNICAST && res.type != RTN_LOCAL) {
		NL_SET_ERR_MSG(extack, "Nexthop has invalid gateway");
		return -EINVAL;
	}
	nh->fib_nh_oif = FIB_RES_OIF(res);
	if (!FIB_RES_DEV(res)) {
		NL_SET_ERR_MSG(extack, "No egress device for nexthop gateway");
		return -EINVAL;
	}
	fib_nh_set_dev(nh, FIB_RES_DEV(res), res.scope);
	return FIB_RES_DEV(res)->flags & IFF_UP_ ? 0 : -ENETDOWN;
}

static int fib_check_nh_nongw(struct net *net, struct fib_nh *nh, struct netlink_ext_ack *extack)
{
	struct in_device *in_dev;

	if (nh->fib_nh_flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) {
		NL_SET_ERR_MSG(extack,
			       "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set");
		return -EINVAL;
	}
	in_dev = inetdev_by_index(net, nh->fib_nh_oif);
	if (!in_dev)
		return -ENODEV;
	if (!(in_dev->dev->flags & IFF_UP_)) {
		NL_SET_ERR_MSG(extack, "Device for nexthop is not up");
		return -ENETDOWN;
	}
	fib_nh_set_dev(nh, in_dev->dev, RT_SCOPE_HOST);
	return 0;
}

/**
 * fib_check_nh() - can packets be handed to @nh? Finds its device and scope
 * @table: of the route that wants it: the gateway is looked for there first
 * @scope: of that route; the way to a gateway must be narrower
 * Return: 0; -ENETUNREACH and other lookup errors, -EINVAL, -ENODEV, -ENETDOWN, mostly with a sentence
 */
int fib_check_nh(struct net *net, struct fib_nh *nh, u32 table, u8 scope,
		 struct netlink_ext_ack *extack)
{
	if (nh->nh_common.nhc_gw_family)
		return fib_check_nh_gw(net, nh, table, scope, extack);
	return fib_check_nh_nongw(net, nh, extack);
}

/* ---- does a request to delete mean this route? ---- */

static int rtnh_match(const struct rtnexthop *rtnh, const struct fib_nh *nh,
		      struct netlink_ext_ack *extack)
{
	struct fib_config one = { 0 };
	int err;

	if (rtnh->rtnh_ifindex && (u32)rtnh->rtnh_ifindex != nh->fib_nh_oif)
		return 1;
	if (rtnh_attrlen(rtnh) <= 0)
		return 0;
	err = rtnh_to_config(rtnh, &one, extack);
	if (err)
		return err;
	if (one.fc_gw_family &&
	    (one.fc_gw_family != nh->nh_common.nhc_gw_family || one.fc_gw4 != nh->fib_nh_gw4))
		return 1;
	return one.fc_flow && one.fc_flow != nh->nh_tclassid;
}

static int fib_mp_match(struct fib_config *cfg, struct fib_info *fi, struct netlink_ext_ack *extack)
{
	const struct rtnexthop *rtnh = cfg->fc_mp;
	int remaining = cfg->fc_mp_len;

	for_each_nh(fi, nh) {
		int err;

		if (!rtnh_ok(rtnh, remaining))
			return -EINVAL;
		err = rtnh_match(rtnh, nh, extack);
		if (err)
			return err;
		rtnh = rtnh_next(rtnh, &remaining);
	}
	return 0;
}

/**
 * fib_nh_match() - is the next hop that @cfg asks for that of @fi?
 * What the request leaves open fits everything.
 * Return: 0 yes, 1 no, -EINVAL for a request that cannot be read
 */
int fib_nh_match(struct net *net, struct fib_config *cfg, struct fib_info *fi,
		 struct netlink_ext_ack *extack)
{
	bool by_hop = cfg->fc_oif || cfg->fc_gw_family;
	const struct fib_nh *nh;

	if (cfg->fc_priority && cfg->fc_priority != fi->fib_priority)
		return 1;
	if (cfg->fc_nh_id)
		return !fi->nh || nexthop_id(fi->nh) != cfg->fc_nh_id;
	if (fi->nh)
		return by_hop || cfg->fc_mp;
	if (by_hop) {
		nh = &fi->fib_nh[0];
		if (cfg->fc_oif && cfg->fc_oif != nh->fib_nh_oif)
			return 1;
		if (cfg->fc_flow && cfg->fc_flow != nh->nh_tclassid)
			return 1;
		return cfg->fc_gw_family && (cfg->fc_gw_family != nh->nh_common.nhc_gw_family ||
					     cfg->fc_gw4 != nh->fib_nh_gw4);
	}
	return cfg->fc_mp ? fib_mp_match(cfg, fi, extack) : 0;
}
