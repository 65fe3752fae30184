// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_validate.c - what is this address for us, and can a packet with this source have come in here?
 *
 * DOC: Source validation
 * In : a received packet whose route is being made (route.c), its source, and where it is to go.
 * Out: 1 believable and on link (a redirect may be sent), 0 believable, or -errno and a drop reason.
 * The cheap answer suffices without rp_filter, realms and custom rules: a source that is our own address is a lie.
 * The full one looks up the way back: strict (1) wants it to leave by the interface the packet came in by, loose (2)
 * is content with any way back. Specs: RFC 3704 2.2-2.3, RFC 1812 5.3.7-5.3.8; ip-sysctl rp_filter. Seed: 2.1.
 */
#include "net/inetdevice.h"
#include "net/ip.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/route.h"

/* ---- what an address is ---- */

/* @dev: only what is local or broadcast on this device counts as such; NULL: on any */
static unsigned __inet_dev_addr_type(struct net *net, const struct net_device *dev, __be32 addr,
				     u32 tb_id)
{
	struct flowi4 fl4 = { .daddr = addr };
	struct fib_result res;
	struct fib_table *tb;

	journey_fn(net, NULL);
	if (ipv4_is_zeronet(addr) || addr == 0xffffffff)
		return RTN_BROADCAST;
	if ((addr & htonl(0xf0000000)) == htonl(0xe0000000))
		return RTN_MULTICAST;
	tb = fib_get_table(net, tb_id);
	if (!tb)
		return RTN_BROADCAST;
	if (fib_table_lookup(tb, &fl4, &res, FIB_LOOKUP_NOREF))
		return RTN_UNICAST;
	if (dev && fib_info_nhc(res.fi, 0)->nhc_dev != dev)
		return RTN_UNICAST;
	return res.type;
}

/**
 * inet_addr_type_table() - what table @tb_id says of @addr: RTN_UNICAST, LOCAL, BROADCAST, MULTICAST ...
 */
unsigned inet_addr_type_table(struct net *net, __be32 addr, u32 tb_id)
{
	return __inet_dev_addr_type(net, NULL, addr, tb_id);
}

/**
 * inet_addr_type() - what @addr is for this namespace
 */
unsigned inet_addr_type(struct net *net, __be32 addr)
{
	return __inet_dev_addr_type(net, NULL, addr, RT_TABLE_LOCAL);
}

/**
 * inet_dev_addr_type() - what @addr is on @dev; an address of another device is unicast
 */
unsigned inet_dev_addr_type(struct net *net, const struct net_device *dev, __be32 addr)
{
	return __inet_dev_addr_type(net, dev, addr, RT_TABLE_LOCAL);
}

/**
 * inet_addr_type_dev_table() - what @addr is in the table of @dev's VRF; without one, in the namespace
 */
unsigned inet_addr_type_dev_table(struct net *net, const struct net_device *dev, __be32 addr)
{
	return __inet_dev_addr_type(net, NULL, addr, RT_TABLE_LOCAL);
}

/**
 * fib_compute_spec_dst() - the address of ours that the sender of a received packet meant
 * Return: its destination if that is one of ours, else (broadcast, multicast) the source we would answer with
 */
__be32 fib_compute_spec_dst(struct sk_buff *skb)
{
	const u32 kind = RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL;
	const struct iphdr *iph = ip_hdr(skb);
	struct net_device *dev = skb->dev;
	struct in_device *in_dev = in_dev_get(dev);
	struct net *net = dev_net(dev);
	struct fib_result res;
	struct flowi4 fl4;

	if (skb->dst && (skb_rtable(skb)->rt_flags & kind) == RTCF_LOCAL)
		return iph->daddr;
	if (ipv4_is_zeronet(iph->saddr))
		return inet_select_addr(dev, iph->saddr, RT_SCOPE_LINK);
	memset(&fl4, 0, sizeof(fl4));
	fl4.flowi4_iif = LOOPBACK_IFINDEX;
	fl4.daddr = iph->saddr;
	fl4.flowi4_tos = inet_dsfield_to_dscp(iph->tos);
	if (in_dev && IN_DEV_SRC_VMARK(in_dev))
		fl4.flowi4_mark = skb->mark;
	if (!fib_lookup(net, &fl4, &res, 0) && res.nhc)
		return fib_result_prefsrc(net, &res);
	return inet_select_addr(dev, iph->saddr, RT_SCOPE_UNIVERSE);
}

/* ---- source validation ---- */

/* Names "all" when that is what makes the composed value. */
static const char *deciding_conf(const struct in_device *idev, bool all_decides)
{
	return all_decides ? "all" : idev->dev->name;
}

static int refuse_rpf(struct net *net, const struct in_device *idev, enum skb_drop_reason *reason)
{
	int own = IN_DEV_CONF_GET(idev, RP_FILTER), all = IPV4_DEVCONF_ALL(net, RP_FILTER);

	journey_setting(net, "net.ipv4.conf.%s.rp_filter=%d", deciding_conf(idev, all > own),
			all > own ? all : own);
	*reason = SKB_DROP_REASON_IP_RPFILTER;
	return -EXDEV;
}

static int refuse_local(struct net *net, const struct in_device *idev, enum skb_drop_reason *reason)
{
	journey_setting(net, "net.ipv4.conf.%s.accept_local=0", idev->dev->name);
	*reason = SKB_DROP_REASON_IP_LOCAL_SOURCE;
	return -EINVAL;
}

/* Realms of the way back become those of the packet's source (upper half) and destination. */
static void fib_combine_itag(u32 *itag, const struct fib_result *res)
{
	const struct fib_nh *nh;

	if (!res->nhc)
		return;
	nh = container_of(res->nhc, struct fib_nh, nh_common);
	*itag = nh->nh_tclassid << 16;
	if (*itag == 0)
		*itag = res->tclassid << 16;
	*itag |= res->tclassid >> 16;
}

static int on_link(const struct fib_result *res)
{
	return res->nhc->nhc_scope >= RT_SCOPE_HOST;
}

static void reverse_flow(struct net *net, const struct sk_buff *skb, struct flowi4 *fl4, __be32 src,
			 __be32 dst, u8 tos, u32 oif, const struct in_device *idev)
{
	memset(fl4, 0, sizeof(*fl4));
	fl4->flowi4_iif = oif ? oif : LOOPBACK_IFINDEX;
	fl4->daddr = src;
	fl4->saddr = dst;
	fl4->flowi4_tos = tos;
	fl4->flowi4_scope = RT_SCOPE_UNIVERSE;
	if (IN_DEV_SRC_VMARK(idev))
		fl4->flowi4_mark = skb->mark;
	if (fib4_rules_early_flow_dissect(net, skb, fl4)) {
		__be16 sport = fl4->fl4_sport;

		fl4->fl4_sport = fl4->fl4_dport;
		fl4->fl4_dport = sport;
	}
}

/* The way back leads elsewhere: strict mode says no, else only whether @dev has a way of its own is of interest. */
static int validate_other_dev(struct net *net, struct flowi4 *fl4, struct net_device *dev)
{
	struct fib_result res;

	fl4->flowi4_oif = dev->ifindex;
	if (fib_lookup(net, fl4, &res, FIB_LOOKUP_IGNORE_LINKSTATE) == 0 && res.type == RTN_UNICAST)
		return on_link(&res);
	return 0;
}

/* The full check; @rpf: the composed rp_filter */
static int __fib_validate_source(struct sk_buff *skb, __be32 src, __be32 dst, u8 tos, u32 oif,
				 struct net_device *dev, int rpf, struct in_device *idev, u32 *itag,
				 enum skb_drop_reason *reason)
{
	struct net *net = dev_net(dev);
	struct fib_result res;
	struct flowi4 fl4;

	journey_fn(net, skb);
	reverse_flow(net, skb, &fl4, src, dst, tos, oif, idev);
	if (fib_lookup(net, &fl4, &res, 0))
		goto no_way_back;
	if (res.type == RTN_LOCAL) {
		if (!IN_DEV_ACCEPT_LOCAL(idev))
			return refuse_local(net, idev, reason);
	} else if (res.type != RTN_UNICAST) {
		*reason = SKB_DROP_REASON_IP_INVALID_SOURCE;
		return -EINVAL;
	}
	fib_combine_itag(itag, &res);
	if (fib_info_nh_uses_dev(res.fi, dev) ||
	    (res.type == RTN_LOCAL && dev == net->loopback_dev))
		return on_link(&res);
	/* An interface without addresses has no subnet that the source could be measured by. */
	if (!idev->ifa_list)
		goto no_way_back;
	if (rpf == 1)
		return refuse_rpf(net, idev, reason);
	return validate_other_dev(net, &fl4, dev);
no_way_back:
	if (rpf)
		return refuse_rpf(net, idev, reason);
	*itag = 0;
	return 0;
}

/**
 * fib_validate_source() - can a packet from @src to @dst have come in by @dev?
 * @skb:  for its mark and ports, if rules want them
 * @tos:  DSCP bits
 * @oif:  device it is to leave by, 0 if it stays here
 * @idev: IPv4 side of @dev
 * @itag: set to the realms of the way back, 0 if there are none
 * @reason: set when refused
 * Return: 1 yes and the source is on link there, 0 yes, -EINVAL (IP_LOCAL_SOURCE, IP_INVALID_SOURCE), -EXDEV (IP_RPFILTER)
 * Spec: RFC 3704 2.2-2.3, ip-sysctl rp_filter and accept_local.   Seed: 2.1
 */
int fib_validate_source(struct sk_buff *skb, __be32 src, __be32 dst, u8 tos, u32 oif,
			struct net_device *dev, struct in_device *idev, u32 *itag,
			enum skb_drop_reason *reason)
{
	struct net *net = dev_net(dev);
	int rpf = IN_DEV_RPFILTER(idev);

	journey_fn(net, skb);
	*itag = 0;
	/* A redirect may be due if the packet is to leave where it came in: then "on link" must be known. */
	if (rpf || net->ipv4.fib_num_tclassid_users ||
	    (dev->ifindex == oif && IN_DEV_TX_REDIRECTS(idev)))
		goto full;
	if (IN_DEV_ACCEPT_LOCAL(idev))
		return 0;
	/* Custom local routes make more addresses ours, custom rules maybe fewer, than the interfaces have. */
	if (net->ipv4.fib_has_custom_local_routes || net->ipv4.fib_has_custom_rules)
		goto full;
	if (unlikely(inet_lookup_ifaddr(net, src) != NULL))
		return refuse_local(net, idev, reason);
	return 0;
full:
	return __fib_validate_source(skb, src, dst, tos, oif, dev, rpf, idev, itag, reason);
}
