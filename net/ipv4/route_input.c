// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_input.c - the route of a received packet: deliver, forward, or refuse.
 *
 * DOC: Input routing
 * Order of checks is the kernel's (seed 二.2): martian source and destination, table look-up, broadcast, local with its
 * source validated, forwarding allowed, unicast only. A good answer is the route cached on the next hop; one is made where
 * none is cached or none can be. A refusal that the sender should hear of is a route too, with ip_error as input.
 */
#include "lib/siphash.h"
#include "net/igmp.h"
#include "net/journey.h"
#include "fib_ahead.h"
#include "route_internal.h"

__noinline_cold void ip_handle_martian_source(struct net_device *dev, struct in_device *in_dev,
					      struct sk_buff *skb, __be32 daddr, __be32 saddr)
{
	struct skiff *skiff = dev->net->skiff;

	journey_fn(dev->net, skb);
	RT_CACHE_STAT_INC(dev->net, in_martian_src);
	if (!IN_DEV_LOG_MARTIANS(in_dev))
		return;
	skiff_log(skiff, SKIFF_LOG_WARN, "martian source " NIPFMT " from " NIPFMT ", on dev %s",
		  NIPQUAD(daddr), NIPQUAD(saddr), dev->name);
	if (dev->hard_header_len && skb_mac_header_was_set(skb)) {
		const u8 *h = skb_mac_header(skb);
		char hex[64];
		unsigned n = 0;
		static const char digit[] = "0123456789abcdef";

		for (unsigned i = 0; i < dev->hard_header_len && n + 3 < sizeof(hex); i++) {
			hex[n++] = digit[h[i] >> 4];
			hex[n++] = digit[h[i] & 15];
			hex[n++] = ' ';
		}
		hex[n ? n - 1 : 0] = '\0';
		skiff_log(skiff, SKIFF_LOG_WARN, "ll header: 00000000: %s", hex);
	}
}

/*
 * fib_validate_source(), or its answer for the packet before if source, TOS and device are the same: without rules and
 * realms of the namespace's own it depends on nothing else, and every change that matters to it moves rt_genid.
 */
static __always_inline_ int validate_source(struct sk_buff *skb, __be32 saddr, __be32 daddr, u8 tos,
					    u32 oif, struct net_device *dev,
					    struct in_device *in_dev, u32 *itag,
					    enum skb_drop_reason *reason)
{
	struct net *net = dev->net;
	struct fib_ahead *a = &net->ipv4.fib_ahead;
	int ret;

	if (likely(a->src == saddr && a->src_dev == dev && a->src_tos == tos &&
		   a->src_gen == net->ipv4.rt_genid && oif != dev->ifindex &&
		   !net->skiff->journey)) {
		*itag = 0;
		return a->src_onlink;
	}
	ret = fib_validate_source(skb, saddr, daddr, tos, oif, dev, in_dev, itag, reason);
	if (ret >= 0 && oif != dev->ifindex && !net->ipv4.fib_has_custom_rules &&
	    !net->ipv4.fib_num_tclassid_users) {
		a->src = saddr;
		a->src_tos = tos;
		a->src_dev = dev;
		a->src_onlink = (u8)ret;
		a->src_gen = net->ipv4.rt_genid;
	}
	return ret;
}

/* ---- forwarding ---- */

/* The next hop is known: judge the source, see whether a redirect is due, take the cached route or make one. */
static __always_inline_ int __mkroute_input(struct sk_buff *skb, const struct fib_result *res,
					    struct in_device *in_dev, __be32 daddr, __be32 saddr,
					    u8 tos, enum skb_drop_reason *reason)
{
	struct fib_nh_common *nhc = res->nhc;
	struct net_device *dev = nhc->nhc_dev;
	struct in_device *out_dev = dev ? in_dev_get(dev) : NULL;
	struct fib_nh_exception *fnhe = NULL;
	struct rtable *rth;
	bool do_cache;
	u32 itag = 0;
	int err;

	if (unlikely(!out_dev))
		return -EINVAL;
	err = validate_source(skb, saddr, daddr, tos, dev->ifindex, in_dev->dev, in_dev, &itag,
			      reason);
	if (unlikely(err < 0)) {
		ip_handle_martian_source(in_dev->dev, in_dev, skb, daddr, saddr);
		return err;
	}
	do_cache = res->fi && !itag;
	if (unlikely(out_dev == in_dev) && err && IN_DEV_TX_REDIRECTS(out_dev)) {
		__be32 gw = nhc->nhc_gw_family == AF_INET_ ? nhc->nhc_gw : 0;

		if (IN_DEV_SHARED_MEDIA(out_dev) || inet_addr_onlink(out_dev, saddr, gw))
			skb->ipflags |= IPSKB_DOREDIRECT;
	}
	if (unlikely(skb->protocol != htons(ETH_P_IP))) {
		/* ARP asks whether to answer for somebody: not for the link that the question came from, unless told so. */
		if (out_dev == in_dev && !IN_DEV_PROXY_ARP_PVLAN(in_dev)) {
			*reason = SKB_DROP_REASON_ARP_PVLAN_DISABLE;
			return -EINVAL;
		}
	}
	if (unlikely(nhc->nhc_exceptions))
		fnhe = find_exception(in_dev->dev->net, nhc, daddr);
	if (likely(do_cache)) {
		rth = fnhe ? fnhe->fnhe_rth_input : nhc->nhc_rth_input;
		if (likely(rt_cache_valid(rth))) {
			skb_dst_set_noref(skb, &rth->dst);
			return 0;
		}
	}
	rth = rt_dst_alloc(dev, 0, res->type);
	if (!rth)
		return -ENOBUFS;
	rth->rt_is_input = 1;
	RT_CACHE_STAT_INC(in_dev->dev->net, in_slow_tot);
	rth->dst.input = ip_forward;
	rt_set_nexthop(rth, daddr, res, fnhe, res->fi, itag, do_cache);
	skb_dst_set(skb, &rth->dst);
	return 0;
}

static __always_inline_ int ip_mkroute_input(struct sk_buff *skb, struct fib_result *res,
					     struct in_device *in_dev, __be32 daddr, __be32 saddr,
					     u8 tos, enum skb_drop_reason *reason)
{
	if (unlikely(res->fi && fib_info_num_path(res->fi) > 1)) {
		int h = fib_multipath_hash(in_dev->dev->net, NULL, skb);

		fib_select_multipath(res, h, NULL);
		skb->ipflags |= IPSKB_MULTIPATH;
	}
	return __mkroute_input(skb, res, in_dev, daddr, saddr, tos, reason);
}

/* ---- this node, and refusals ---- */

/* disable_policy: whoever asks IPsec about this packet is to take it as it is. */
static __always_inline_ void ip_mark_policy(struct sk_buff *skb, const struct in_device *in_dev)
{
	if (unlikely(IN_DEV_ORCONF(in_dev, NOPOLICY)))
		skb->ipflags |= IPSKB_NOPOLICY;
}

/* Deliver here, or (@error) refuse with ip_error(). */
static int ip_route_local(struct sk_buff *skb, struct net *net, struct fib_result *res, u32 flags,
			  u32 itag, bool do_cache, int error)
{
	struct rtable *rth, **slot = NULL;

	do_cache = do_cache && res->fi && !itag;
	if (do_cache) {
		slot = &res->nhc->nhc_rth_input;
		rth = *slot;
		if (likely(rt_cache_valid(rth))) {
			skb_dst_set_noref(skb, &rth->dst);
			return 0;
		}
	}
	rth = rt_dst_alloc(net->loopback_dev, flags | RTCF_LOCAL, res->type);
	if (!rth)
		return -ENOBUFS;
	rth->dst.tclassid = itag;
	rth->rt_is_input = 1;
	RT_CACHE_STAT_INC(net, in_slow_tot);
	if (res->type == RTN_UNREACHABLE) {
		rth->dst.input = ip_error;
		rth->dst.error = (s16)-error;
		rth->rt_flags &= ~RTCF_LOCAL;
	}
	if (do_cache)
		rt_cache_route(slot, rth);
	else
		rt_add_uncached_list(rth);
	skb_dst_set(skb, &rth->dst);
	return 0;
}

static __noinline_cold int martian_destination(struct net *net, struct in_device *in_dev,
					       __be32 daddr, __be32 saddr,
					       enum skb_drop_reason *reason,
					       enum skb_drop_reason why)
{
	RT_CACHE_STAT_INC(net, in_martian_dst);
	*reason = why;
	if (why == SKB_DROP_REASON_IP_LOCALNET)
		journey_setting(net, "net.ipv4.conf.%s.route_localnet=0", in_dev->dev->name);
	if (IN_DEV_LOG_MARTIANS(in_dev))
		skiff_log(net->skiff, SKIFF_LOG_WARN,
			  "martian destination " NIPFMT " from " NIPFMT ", dev %s", NIPQUAD(daddr),
			  NIPQUAD(saddr), in_dev->dev->name);
	return -EINVAL;
}

static __noinline_cold int martian_source(struct sk_buff *skb, struct in_device *in_dev,
					  __be32 daddr, __be32 saddr, enum skb_drop_reason *reason,
					  enum skb_drop_reason why)
{
	if (why) {
		*reason = why;
		if (why == SKB_DROP_REASON_IP_LOCALNET)
			journey_setting(in_dev->dev->net, "net.ipv4.conf.%s.route_localnet=0",
					in_dev->dev->name);
	}
	ip_handle_martian_source(in_dev->dev, in_dev, skb, daddr, saddr);
	return -EINVAL;
}

static int ip_route_broadcast(struct sk_buff *skb, struct net *net, struct in_device *in_dev,
			      struct fib_result *res, __be32 daddr, __be32 saddr, u8 tos,
			      bool do_cache, enum skb_drop_reason *reason)
{
	u32 itag = 0;

	if (skb->protocol != htons(ETH_P_IP)) {
		*reason = SKB_DROP_REASON_INVALID_PROTO;
		return -EINVAL;
	}
	if (!ipv4_is_zeronet(saddr)) {
		int err = fib_validate_source(skb, saddr, 0, tos, 0, in_dev->dev, in_dev, &itag,
					      reason);

		if (err < 0) {
			martian_source(skb, in_dev, daddr, saddr, reason, 0);
			return err;
		}
	}
	res->type = RTN_BROADCAST;
	ip_mark_policy(skb, in_dev);
	RT_CACHE_STAT_INC(net, in_brd);
	return ip_route_local(skb, net, res, RTCF_BROADCAST, itag, do_cache, 0);
}

/* Sources and destinations that nobody may use from outside. Return: 0, or -EINVAL with *reason; 1: a broadcast for sure */
static __always_inline_ int ip_route_martians(struct sk_buff *skb, struct net *net,
					      struct in_device *in_dev, __be32 daddr, __be32 saddr,
					      enum skb_drop_reason *reason)
{
	if (unlikely(ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)))
		return martian_source(skb, in_dev, daddr, saddr, reason,
				      SKB_DROP_REASON_IP_INVALID_SOURCE);
	if (unlikely(ipv4_is_lbcast(daddr) || (!saddr && !daddr)))
		return 1;
	if (unlikely(ipv4_is_zeronet(saddr)))
		return martian_source(skb, in_dev, daddr, saddr, reason,
				      SKB_DROP_REASON_IP_INVALID_SOURCE);
	if (unlikely(ipv4_is_zeronet(daddr)))
		return martian_destination(net, in_dev, daddr, saddr, reason,
					   SKB_DROP_REASON_IP_INVALID_DEST);
	if (unlikely(ipv4_is_loopback(daddr))) {
		if (!IN_DEV_ROUTE_LOCALNET(in_dev))
			return martian_destination(net, in_dev, daddr, saddr, reason,
						   SKB_DROP_REASON_IP_LOCALNET);
	} else if (unlikely(ipv4_is_loopback(saddr))) {
		if (!IN_DEV_ROUTE_LOCALNET(in_dev))
			return martian_source(skb, in_dev, daddr, saddr, reason,
					      SKB_DROP_REASON_IP_LOCALNET);
	}
	return 0;
}

/* The route of a received packet: known from looking ahead, or asked for now. */
static __always_inline_ int ip_route_input_lookup(struct sk_buff *skb, struct net *net,
						  __be32 daddr, __be32 saddr, u8 tos,
						  struct net_device *dev, struct fib_result *res)
{
	struct flowi4 fl4;

	if (fib_answer_ahead(net, daddr, res))
		return 0;
	memset(&fl4, 0, sizeof(fl4));
	fl4.flowi4_iif = dev->ifindex;
	fl4.flowi4_mark = skb->mark;
	fl4.flowi4_tos = tos;
	fl4.flowi4_scope = RT_SCOPE_UNIVERSE;
	fl4.daddr = daddr;
	fl4.saddr = saddr;
	fib4_rules_early_flow_dissect(net, skb, &fl4);
	return fib_lookup(net, &fl4, res, 0);
}

static __always_inline_ int ip_route_input_slow(struct sk_buff *skb, __be32 daddr, __be32 saddr,
						u8 tos, struct net_device *dev,
						struct fib_result *res,
						enum skb_drop_reason *reason)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct net *net = dev->net;
	u32 itag = 0;
	int err;

	journey_fn(net, skb);
	if (unlikely(!in_dev))
		return -EINVAL;
	res->fi = NULL;
	res->table = NULL;
	err = ip_route_martians(skb, net, in_dev, daddr, saddr, reason);
	if (unlikely(err < 0))
		return err;
	if (unlikely(err > 0))
		return ip_route_broadcast(skb, net, in_dev, res, daddr, saddr, tos, true, reason);
	err = ip_route_input_lookup(skb, net, daddr, saddr, tos, dev, res);
	journey_route(net, daddr, res, err);
	if (unlikely(err)) {
		if (!IN_DEV_FORWARD(in_dev))
			err = -EHOSTUNREACH;
		goto no_route;
	}
	if (unlikely(res->type == RTN_BROADCAST)) {
		if (IN_DEV_BFORWARD(in_dev))
			return ip_mkroute_input(skb, res, in_dev, daddr, saddr, tos, reason);
		/* Not cached where forwarding of broadcasts may be switched on per interface. */
		return ip_route_broadcast(skb, net, in_dev, res, daddr, saddr, tos,
					  !IPV4_DEVCONF_ALL(net, BC_FORWARDING), reason);
	}
	if (res->type == RTN_LOCAL) {
		err = fib_validate_source(skb, saddr, daddr, tos, 0, dev, in_dev, &itag, reason);
		if (unlikely(err < 0)) {
			martian_source(skb, in_dev, daddr, saddr, reason, 0);
			return err;
		}
		ip_mark_policy(skb, in_dev);
		return ip_route_local(skb, net, res, 0, itag, true, 0);
	}
	if (unlikely(!IN_DEV_FORWARD(in_dev))) {
		err = -EHOSTUNREACH;
		goto no_route;
	}
	if (unlikely(res->type != RTN_UNICAST))
		return martian_destination(net, in_dev, daddr, saddr, reason,
					   SKB_DROP_REASON_IP_INVALID_DEST);
	return ip_mkroute_input(skb, res, in_dev, daddr, saddr, tos, reason);

no_route:
	RT_CACHE_STAT_INC(net, in_no_route);
	res->type = RTN_UNREACHABLE;
	res->fi = NULL;
	res->table = NULL;
	return ip_route_local(skb, net, res, 0, itag, true, err);
}

/* ---- groups ---- */

static int ip_mc_validate_source(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
				 struct net_device *dev, struct in_device *in_dev, u32 *itag,
				 enum skb_drop_reason *reason)
{
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) {
		*reason = SKB_DROP_REASON_IP_INVALID_SOURCE;
		return -EINVAL;
	}
	if (skb->protocol != htons(ETH_P_IP)) {
		*reason = SKB_DROP_REASON_INVALID_PROTO;
		return -EINVAL;
	}
	if (ipv4_is_loopback(saddr) && !IN_DEV_ROUTE_LOCALNET(in_dev)) {
		*reason = SKB_DROP_REASON_IP_LOCALNET;
		return -EINVAL;
	}
	if (ipv4_is_zeronet(saddr)) {
		if (!ipv4_is_local_multicast(daddr) && ip_hdr(skb)->protocol != IPPROTO_IGMP) {
			*reason = SKB_DROP_REASON_IP_INVALID_SOURCE;
			return -EINVAL;
		}
		return 0;
	}
	return fib_validate_source(skb, saddr, 0, tos, 0, dev, in_dev, itag, reason) < 0 ? -EINVAL :
											   0;
}

static int ip_route_input_mc(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
			     struct net_device *dev, enum skb_drop_reason *reason)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct rtable *rth;
	u32 itag = 0;

	if (!in_dev || !ip_check_mc(in_dev, daddr, saddr, ip_hdr(skb)->protocol))
		return -EINVAL;
	if (ip_mc_validate_source(skb, daddr, saddr, tos, dev, in_dev, &itag, reason))
		return -EINVAL;
	ip_mark_policy(skb, in_dev);
	rth = rt_dst_alloc(dev->net->loopback_dev, RTCF_MULTICAST | RTCF_LOCAL, RTN_MULTICAST);
	if (!rth)
		return -ENOBUFS;
	rth->dst.tclassid = itag;
	rth->rt_is_input = 1;
	RT_CACHE_STAT_INC(dev->net, in_slow_mc);
	rt_add_uncached_list(rth);
	skb_dst_drop(skb);
	skb_dst_set(skb, &rth->dst);
	return 0;
}

int ip_route_input_noref(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
			 struct net_device *dev, enum skb_drop_reason *reason)
{
	struct fib_result res;

	journey_fn(dev->net, skb);
	if (unlikely(ipv4_is_multicast(daddr))) {
		journey_fn_named(dev->net, skb, "ip_route_input_rcu");
		return ip_route_input_mc(skb, daddr, saddr, tos, dev, reason);
	}
	return ip_route_input_slow(skb, daddr, saddr, tos, dev, &res, reason);
}

int ip_route_input(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos, struct net_device *dev,
		   enum skb_drop_reason *reason)
{
	int err = ip_route_input_noref(skb, daddr, saddr, tos, dev, reason);

	if (!err && !skb_dst_force(skb))
		err = -EINVAL;
	return err;
}

/* The route of the packet before, whose destination and TOS are the same. What depends on the source is judged again. */
int ip_route_use_hint(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
		      struct net_device *dev, const struct sk_buff *hint,
		      enum skb_drop_reason *reason)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct rtable *rt = skb_rtable(hint);
	u32 itag = 0;
	int err;

	if (unlikely(!in_dev))
		return -EINVAL;
	/* Forwarded: redirects and source checks hang on the source too, so only for the same one. */
	if (rt->rt_type != RTN_LOCAL) {
		if (ip_hdr(hint)->saddr != saddr || skb->mark != hint->mark)
			return 0;
		skb->ipflags |= hint->ipflags & IPSKB_DOREDIRECT;
		goto copy;
	}
	err = ip_route_martians(skb, dev->net, in_dev, daddr, saddr, reason);
	if (err)
		return err < 0 ? err : -EINVAL;
	err = fib_validate_source(skb, saddr, daddr, tos, 0, dev, in_dev, &itag, reason);
	if (unlikely(err < 0)) {
		martian_source(skb, in_dev, daddr, saddr, reason, 0);
		return err;
	}
	ip_mark_policy(skb, in_dev);
copy:
	journey_fn(dev->net, skb);
	if (hint->dst_ref) {
		dst_hold(&rt->dst);
		skb_dst_set(skb, &rt->dst);
	} else {
		skb_dst_set_noref(skb, &rt->dst);
	}
	return 0;
}
