// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_output.c - the route of a packet that this node sends: source address, device, next hop.
 *
 * Order of checks is the kernel's; what the caller left open in the key (source, device) is filled in.
 * Specs: RFC 1122 3.3.1, 3.3.4. Not here: what is learned of a destination (route_exception.c).
 */
#include "net/igmp.h"
#include "net/journey.h"
#include "route_internal.h"

static bool rt_out_type(struct flowi4 *fl4, struct net_device *dev_out, struct in_device *in_dev,
			const struct fib_result *res, u16 *type)
{
	if (!IN_DEV_ROUTE_LOCALNET(in_dev) && ipv4_is_loopback(fl4->saddr) &&
	    !(dev_out->flags & IFF_LOOPBACK_))
		return false;
	*type = res->type;
	if (ipv4_is_lbcast(fl4->daddr))
		*type = RTN_BROADCAST;
	else if (ipv4_is_multicast(fl4->daddr))
		*type = RTN_MULTICAST;
	else if (ipv4_is_zeronet(fl4->daddr))
		return false;
	return true;
}

/* Everything is decided: the cached route of the next hop, or a new one. Return: counted; NULL and *err */
static struct rtable *__mkroute_output(const struct fib_result *res, const struct flowi4 *fl4_in,
				       u32 orig_oif, struct net_device *dev_out, u32 flags,
				       int *err)
{
	struct in_device *in_dev = in_dev_get(dev_out);
	struct flowi4 fl4 = *fl4_in;
	struct fib_info *fi = res->fi;
	struct fib_nh_exception *fnhe = NULL;
	struct rtable *rth, *cached;
	bool do_cache = true;
	u16 type;

	*err = -EINVAL;
	if (!in_dev || !rt_out_type(&fl4, dev_out, in_dev, res, &type))
		return NULL;
	if (dev_out->flags & IFF_LOOPBACK_)
		flags |= RTCF_LOCAL;
	if (type == RTN_BROADCAST) {
		flags |= RTCF_BROADCAST | RTCF_LOCAL;
		/* The limited one goes by no route's gateway; a directed one keeps what its route says (MTU). */
		if (ipv4_is_lbcast(fl4.daddr))
			fi = NULL;
	} else if (type == RTN_MULTICAST) {
		flags |= RTCF_MULTICAST | RTCF_LOCAL;
		if (!ip_check_mc(in_dev, fl4.daddr, fl4.saddr, fl4.flowi4_proto))
			flags &= ~RTCF_LOCAL;
		else
			do_cache = false;
		/* A default route says nothing of a group on a device that the caller chose. */
		if (fi && res->prefixlen < 4)
			fi = NULL;
	} else if (type == RTN_LOCAL && orig_oif && orig_oif != dev_out->ifindex) {
		do_cache = false;
	}
	do_cache = do_cache && fi;
	if (fi) {
		struct fib_nh_common *nhc = res->nhc;

		if (nhc->nhc_exceptions)
			fnhe = find_exception(dev_out->net, nhc, fl4.daddr);
		if (do_cache && !fnhe && (fl4.flowi4_flags & FLOWI_FLAG_KNOWN_NH) &&
		    !(nhc->nhc_gw_family && nhc->nhc_scope == RT_SCOPE_LINK))
			do_cache = false;
		if (do_cache) {
			cached = fnhe ? fnhe->fnhe_rth_output : nhc->nhc_rth_output;
			if (rt_cache_valid(cached)) {
				dst_hold(&cached->dst);
				return cached;
			}
		}
	}
	*err = -ENOBUFS;
	rth = rt_dst_alloc(dev_out, flags, type);
	if (!rth)
		return NULL;
	rth->rt_iif = orig_oif;
	RT_CACHE_STAT_INC(dev_out->net, out_slow_tot);
	if ((flags & (RTCF_BROADCAST | RTCF_MULTICAST)) && (flags & RTCF_LOCAL) &&
	    !(dev_out->flags & IFF_LOOPBACK_)) {
		rth->dst.output = ip_mc_output;
		RT_CACHE_STAT_INC(dev_out->net, out_slow_mc);
	}
	rt_set_nexthop(rth, fl4.daddr, res, fnhe, fi, 0, do_cache);
	return rth;
}

/**
 * struct rt_out - what output routing finds out step by step
 * @made: no look-up needed, the route can be made as it is
 */
struct rt_out {
	struct net *net;
	struct flowi4 *fl4;
	struct fib_result *res;
	struct net_device *dev_out;
	u32 orig_oif;
	u32 flags;
	bool made;
};

/* The caller named a source: it has to be ours. Return: 0 or -errno */
static int rt_out_source(struct rt_out *o)
{
	struct flowi4 *fl4 = o->fl4;

	if (ipv4_is_multicast(fl4->saddr) || ipv4_is_lbcast(fl4->saddr) ||
	    ipv4_is_zeronet(fl4->saddr))
		return -EINVAL;
	/* Without a device a group is reached by the device of the source (old applications count on it). */
	if (!fl4->flowi4_oif && (ipv4_is_multicast(fl4->daddr) || ipv4_is_lbcast(fl4->daddr))) {
		o->dev_out = ip_dev_find(o->net, fl4->saddr);
		if (!o->dev_out)
			return -ENETUNREACH;
		fl4->flowi4_oif = o->dev_out->ifindex;
		o->made = true;
		return 0;
	}
	if (!(fl4->flowi4_flags & FLOWI_FLAG_ANYSRC) && !ip_dev_find(o->net, fl4->saddr))
		return -ENETUNREACH;
	return 0;
}

/* The caller named a device. Return: 0 or -errno */
static int rt_out_device(struct rt_out *o)
{
	struct flowi4 *fl4 = o->fl4;

	o->dev_out = dev_get_by_index(o->net, fl4->flowi4_oif);
	if (!o->dev_out)
		return -ENODEV;
	if (!(o->dev_out->flags & IFF_UP_) || !in_dev_get(o->dev_out))
		return -ENETUNREACH;
	if (ipv4_is_local_multicast(fl4->daddr) || ipv4_is_lbcast(fl4->daddr) ||
	    fl4->flowi4_proto == IPPROTO_IGMP) {
		if (!fl4->saddr)
			fl4->saddr = inet_select_addr(o->dev_out, 0, RT_SCOPE_LINK);
		o->made = true;
		return 0;
	}
	if (!fl4->saddr) {
		if (ipv4_is_multicast(fl4->daddr))
			fl4->saddr = inet_select_addr(o->dev_out, 0, fl4->flowi4_scope);
		else if (!fl4->daddr)
			fl4->saddr = inet_select_addr(o->dev_out, 0, RT_SCOPE_HOST);
	}
	return 0;
}

static int rt_out_lookup(struct rt_out *o, const struct sk_buff *skb)
{
	struct flowi4 *fl4 = o->fl4;
	struct fib_result *res = o->res;
	int err = fib_lookup(o->net, fl4, res, 0);

	journey_route(o->net, fl4->daddr, res, err);
	if (err) {
		res->fi = NULL;
		res->table = NULL;
		if (!fl4->flowi4_oif)
			return err;
		/* The tables do not know it, the caller names a device: take it to be on that link. */
		if (!fl4->saddr)
			fl4->saddr = inet_select_addr(o->dev_out, 0, RT_SCOPE_LINK);
		res->type = RTN_UNICAST;
		return 0;
	}
	if (res->type == RTN_LOCAL) {
		if (!fl4->saddr)
			fl4->saddr = res->fi && res->fi->fib_prefsrc ? res->fi->fib_prefsrc :
								       fl4->daddr;
		o->orig_oif = res->nhc ? FIB_RES_OIF(*res) : 0;
		o->dev_out = o->net->loopback_dev;
		fl4->flowi4_oif = o->dev_out->ifindex;
		o->flags |= RTCF_LOCAL;
		return 0;
	}
	fib_select_path(o->net, res, fl4, skb);
	o->dev_out = FIB_RES_DEV(*res);
	return 0;
}

static struct rtable *ip_route_output_key_hash_rcu(struct net *net, struct flowi4 *fl4,
						   const struct sk_buff *skb, int *err)
{
	struct fib_result res = { .type = RTN_UNSPEC };
	struct rt_out o = { .net = net, .fl4 = fl4, .res = &res, .orig_oif = fl4->flowi4_oif };

	journey_fn(net, skb);
	*err = fl4->saddr ? rt_out_source(&o) : 0;
	if (*err)
		return NULL;
	if (!o.made && fl4->flowi4_oif) {
		*err = rt_out_device(&o);
		if (*err)
			return NULL;
	}
	if (!o.made && !fl4->daddr) {
		fl4->daddr = fl4->saddr;
		if (!fl4->daddr)
			fl4->daddr = fl4->saddr = htonl(INADDR_LOOPBACK);
		o.dev_out = net->loopback_dev;
		fl4->flowi4_oif = o.dev_out->ifindex;
		res.type = RTN_LOCAL;
		o.flags |= RTCF_LOCAL;
		o.made = true;
	}
	if (!o.made) {
		*err = rt_out_lookup(&o, skb);
		if (*err)
			return NULL;
	}
	return __mkroute_output(&res, fl4, o.orig_oif, o.dev_out, o.flags, err);
}

struct rtable *ip_route_output_key_hash(struct net *net, struct flowi4 *fl4,
					const struct sk_buff *skb, int *err)
{
	journey_fn(net, skb);
	fl4->flowi4_iif = LOOPBACK_IFINDEX;
	fl4->flowi4_tos &= INET_DSCP_MASK;
	return ip_route_output_key_hash_rcu(net, fl4, skb, err);
}

struct rtable *ip_route_output_flow(struct net *net, struct flowi4 *fl4, const struct sock *sk,
				    int *err)
{
	journey_fn(net, NULL);
	return ip_route_output_key_hash(net, fl4, NULL, err);
}

/* The address by which the next hop of @rt sees us: for options that record it. */
void ip_rt_get_source(u8 *addr, struct sk_buff *skb, struct rtable *rt)
{
	struct net *net = rt->net;
	struct iphdr *iph = ip_hdr(skb);
	struct fib_result res;
	struct flowi4 fl4;
	__be32 src;

	if (rt_is_output_route(rt)) {
		src = iph->saddr;
	} else {
		memset(&fl4, 0, sizeof(fl4));
		fl4.daddr = iph->daddr;
		fl4.saddr = iph->saddr;
		fl4.flowi4_tos = inet_dsfield_to_dscp(iph->tos);
		fl4.flowi4_oif = rt->dst.dev->ifindex;
		fl4.flowi4_iif = skb->dev->ifindex;
		fl4.flowi4_mark = skb->mark;
		if (fib_lookup(net, &fl4, &res, 0) == 0)
			src = fib_result_prefsrc(net, &res);
		else
			src = inet_select_addr(rt->dst.dev, rt_nexthop(rt, iph->daddr),
					       RT_SCOPE_UNIVERSE);
	}
	memcpy(addr, &src, 4);
}
