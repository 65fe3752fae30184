/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/route.h - IPv4 routes of packets: lookup for input and output, learned exceptions (net/ipv4/route.c). */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "net/dst.h"
#include "net/flow.h"
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/neighbour.h"

#define RTCF_REDIRECTED_ 0x00040000 /* RTCF_REDIRECTED of <linux/in_route.h> */
#define RTCF_BROADCAST	 0x10000000
#define RTCF_MULTICAST	 0x20000000
#define RTCF_LOCAL	 0x80000000

/**
 * struct rtable - a route of packets; one per next hop where it can be shared, else one per packet
 * @rt_gw4:  gateway (be) if @rt_gw_family, else the destination is on link
 * @rt_iif:  input ifindex a reply would have come in by, 0 = that of the packet
 * @rt_pmtu: learned, 0: none
 * @rt_neigh: of the gateway, not counted: good while @rt_neigh_genid equals the namespace's neigh_genid; NULL until first used
 */
struct rtable {
	struct dst_entry dst;
	struct neighbour *rt_neigh;
	struct net *net;
	int rt_genid;
	u32 rt_neigh_genid;
	u32 rt_flags;
	__be32 rt_gw4;
	u32 rt_pmtu;
	u16 rt_type;
	u8 rt_is_input : 1, rt_uses_gateway : 1, rt_mtu_locked : 1;
	u8 rt_gw_family;
	/* ---- cold */
	u32 rt_iif;
	struct list_head rt_uncached;
};

static_assert(offsetof(struct rtable, rt_iif) <= 128,
	      "what packets read of a route is two cache lines");

static inline struct rtable *skb_rtable(const struct sk_buff *skb)
{
	return (struct rtable *)skb->dst;
}

static inline __be32 rt_nexthop(const struct rtable *rt, __be32 daddr)
{
	return rt->rt_gw_family ? rt->rt_gw4 : daddr;
}

static inline bool rt_is_input_route(const struct rtable *rt)
{
	return rt->rt_is_input;
}

static inline bool rt_is_output_route(const struct rtable *rt)
{
	return !rt->rt_is_input;
}

#define IPTOS_RT_MASK (IPTOS_TOS_MASK & ~3)
/** ip_sock_rt_tos and friends: bits of tos that routing compares (6.18: DSCP) */
static inline u8 inet_dsfield_to_dscp(u8 tos)
{
	return tos & INET_DSCP_MASK;
}

extern const u8 ip_tos2prio[16];
static inline u32 rt_tos2priority(u8 tos)
{
	return ip_tos2prio[IPTOS_TOS(tos) >> 1];
}

/** ip_route_input_noref() - sets the route of a received packet (not counted). 0, or -errno and (6.18) a drop reason: then @reason is set */
int ip_route_input_noref(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
			 struct net_device *dev, enum skb_drop_reason *reason);
/** ip_route_input() - the same with a counted route */
int ip_route_input(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos, struct net_device *dev,
		   enum skb_drop_reason *reason);
int ip_route_use_hint(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
		      struct net_device *dev, const struct sk_buff *hint,
		      enum skb_drop_reason *reason);
/** rt_last_store() - remember the flow of @skb, a forwarded packet with an ordinary route, for the batch that comes next */
void rt_last_store(struct net *net, const struct sk_buff *skb);
void rt_last_forget(struct net *net);
static inline bool rt_cache_valid(const struct rtable *rt)
{
	return rt && rt->dst.obsolete == DST_OBSOLETE_FORCE_CHK &&
	       rt->rt_genid == (int)rt->net->ipv4.rt_genid;
}

/** rt_last_use() - give @skb, come in by @dev, the route of the flow before if it belongs to it */
static __always_inline_ bool rt_last_use(struct net *net, struct sk_buff *skb,
					 const struct iphdr *iph, const struct net_device *dev)
{
	const struct rt_last *l = &net->ipv4.rt_last;

	if (l->daddr != iph->daddr || l->saddr != iph->saddr || l->dev != dev ||
	    l->tos != iph->tos || l->mark != skb->mark || !rt_cache_valid(l->rt))
		return false;
	skb_dst_set_noref(skb, &l->rt->dst);
	skb->ipflags |= l->flags;
	return true;
}

/** ip_route_output_key() - route for a packet of ours; completes @fl4 (saddr, oif). Counted; on error *err and NULL */
struct rtable *ip_route_output_key_hash(struct net *net, struct flowi4 *fl4,
					const struct sk_buff *skb, int *err);
struct rtable *ip_route_output_flow(struct net *net, struct flowi4 *fl4, const struct sock *sk,
				    int *err);
static inline struct rtable *ip_route_output_key(struct net *net, struct flowi4 *fl4, int *err)
{
	return ip_route_output_flow(net, fl4, NULL, err);
}

static inline void ip_rt_put(struct rtable *rt)
{
	if (rt)
		dst_release(&rt->dst);
}

void ip_rt_send_redirect(struct sk_buff *skb);
void ip_rt_get_source(u8 *addr, struct sk_buff *skb, struct rtable *rt);
/** ipv4_update_pmtu() / ipv4_redirect() - an ICMP error about a packet of ours (quoted header at skb->data) */
void ipv4_update_pmtu(struct sk_buff *skb, struct net *net, u32 mtu, u32 oif, u8 protocol);
/** ip_rt_update_pmtu() - packets of the flow @fl4, routed by @rt, may have @mtu bytes: learned for the next hop's destination */
void ip_rt_update_pmtu(struct rtable *rt, struct flowi4 *fl4, u32 mtu);
void ipv4_redirect(struct sk_buff *skb, struct net *net, u32 oif, u8 protocol);
/** ipv4_sk_update_pmtu() / ipv4_sk_redirect() - the same for a packet of @sk, by its routing key; its cached route follows */
void ipv4_sk_update_pmtu(struct sk_buff *skb, struct sock *sk, u32 mtu);
void ipv4_sk_redirect(struct sk_buff *skb, struct sock *sk);
/** ipv4_link_failure() - the next hop can not be resolved: host unreachable */
void ipv4_link_failure(struct sk_buff *skb);
u32 ipv4_mtu(const struct dst_entry *dst);
u32 ip_dst_mtu_slow(const struct dst_entry *dst, bool forwarding);
/** ip_dst_mtu_maybe_forward() - bytes that fit the route: learned (not when @forwarding, unless ip_forward_use_pmtu or locked), set, or the device's */
static __always_inline_ u32 ip_dst_mtu_maybe_forward(const struct dst_entry *dst, bool forwarding)
{
	return likely(dst->mtu_plain) ? dst->mtu_plain : ip_dst_mtu_slow(dst, forwarding);
}

static __always_inline_ u32 ip_skb_dst_mtu(struct sock *sk, const struct sk_buff *skb)
{
	return ip_dst_mtu_maybe_forward(skb->dst,
					(skb->ipflags & BIT(0) /* IPSKB_FORWARDED */) != 0);
}

int fib_multipath_hash(const struct net *net, const struct flowi4 *fl4, const struct sk_buff *skb);
/** __ip_select_ident() - fills iph->id for a packet without socket counter; @segs ids are taken */
void __ip_select_ident(struct net *net, struct iphdr *iph, u32 segs);
void ip_handle_martian_source(struct net_device *dev, struct in_device *in_dev, struct sk_buff *skb,
			      __be32 daddr, __be32 saddr);
/** rt_cache_flush() - all cached routes become invalid */
void rt_cache_flush(struct net *net);
/** rt_flush_dev() - @dev goes: uncached routes leave it */
void rt_flush_dev(struct net_device *dev);
void rt_cache_free(struct rtable **slot);
/** free_nh_exceptions() - a next hop dies (fib_semantics.c, nexthop.c call it; also drops nhc_rth_*) */
void fib_nhc_release_cache(struct fib_nh_common *nhc);
/** fib_nhc_update_mtu() - the device's MTU went from @orig to @mtu: learned PMTUs of the next hop follow */
void fib_nhc_update_mtu(struct fib_nh_common *nhc, u32 mtu, u32 orig);
/** ip_error() - dst->input of refused destinations; consumes */
void ip_error(struct skb_batch *b);
int inet_rtm_getroute(struct net *net, const struct nlmsghdr *nlh, struct netlink_ext_ack *extack,
		      skiff_netlink_fn reply, void *arg);

/** dst_confirm_neigh() - the next hop of @dst for @daddr is known to be there (MSG_CONFIRM, progress of a connection) */
void dst_confirm_neigh(const struct dst_entry *dst, __be32 daddr);
/* neighbour of a route, for the daddr of a packet */
struct neighbour *ip_neigh_for_gw(struct rtable *rt, const struct sk_buff *skb);

#endif
