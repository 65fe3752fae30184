// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route.c - the route object of packets: made, cached on its next hop, made invalid, freed.
 *
 * DOC: Routes
 * A route (struct rtable) says for one next hop, or one destination where something special is known of it, what becomes
 * of a packet: its two functions, the output device, gateway, type and learned MTU. route_input.c and route_output.c
 * decide and ask for a route here; route_exception.c keeps what was learned per destination.
 *
 *   cached      on nhc_rth_input / nhc_rth_output or an exception, one counted reference  [rt_cache_route]
 *   uncached    on its device's list in the namespace, so that a leaving device finds it  [rt_add_uncached_list]
 *   invalid     genid or obsolete says so: whoever looks it up makes a new one            [rt_cache_flush]
 *   freed       last reference gone, at the end of the turn                              [dst_release]
 */
#include "net/route.h"

#include "net/icmp.h"
#include "net/inetpeer.h"
#include "net/journey.h"
#include "net/proc.h"
#include "route_internal.h"

/* Linux's mapping of the TOS field to priorities (TC_PRIO_*): best effort 0, bulk 2, interactive bulk 4, interactive 6. */
const u8 ip_tos2prio[16] = { 0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4 };

static bool ip_mtu_locked(const struct dst_entry *dst)
{
	const struct rtable *rt = (const struct rtable *)dst;

	return rt->rt_mtu_locked || (dst_metric_raw(dst, RTAX_LOCK) & (1u << RTAX_MTU));
}

u32 ip_dst_mtu_slow(const struct dst_entry *dst, bool forwarding)
{
	const struct rtable *rt = (const struct rtable *)dst;
	u32 mtu;

	if (rt->rt_pmtu && time_before(rt->net->skiff->jiffies, dst->expires) &&
	    (!forwarding || rt->net->ipv4.sysctl_ip_forward_use_pmtu || ip_mtu_locked(dst)))
		return min_t(u32, rt->rt_pmtu, IP_MAX_MTU);
	mtu = dst_metric_raw(dst, RTAX_MTU);
	if (!mtu) {
		mtu = dst->dev->mtu;
		if (ip_mtu_locked(dst) && rt->rt_uses_gateway && mtu > 576)
			mtu = 576;
	}
	return min_t(u32, mtu, IP_MAX_MTU);
}

u32 ipv4_mtu(const struct dst_entry *dst)
{
	return ip_dst_mtu_maybe_forward(dst, false);
}

/* ---- life ---- */

static void rt_destroy(struct dst_entry *dst)
{
	struct rtable *rt = (struct rtable *)dst;

	if (rt->rt_uncached.next)
		list_del(&rt->rt_uncached);
	ip_fib_metrics_put(dst->skiff, dst->metrics);
	dst->skiff->dst_entries--;
	skiff_free(dst->skiff, rt);
}

static void rt_input_bug(struct skb_batch *b)
{
	kfree_skb_batch_reason(b->p[0]->dev->net->skiff, b, SKB_DROP_REASON_NOT_SPECIFIED);
}

/** rt_dst_alloc() - a route over @dev with one reference; input ip_local_deliver if RTCF_LOCAL, output ip_output. NULL: no memory */
struct rtable *rt_dst_alloc(struct net_device *dev, u32 flags, u16 type)
{
	struct net *net = dev->net;
	struct rtable *rt = skiff_zalloc(net->skiff, sizeof(*rt));

	journey_fn(net, NULL);
	if (!rt)
		return NULL;
	net->skiff->dst_entries++;
	rt->dst.skiff = net->skiff;
	rt->dst.dev = dev;
	rt->dst.refs = 1;
	rt->dst.obsolete = DST_OBSOLETE_FORCE_CHK;
	rt->dst.mtu_plain = (u16)min_t(u32, dev->mtu, IP_MAX_MTU);
	rt->dst.input = flags & RTCF_LOCAL ? ip_local_deliver : rt_input_bug;
	rt->dst.output = ip_output;
	rt->dst.destroy = rt_destroy;
	rt->net = net;
	rt->rt_genid = (int)net->ipv4.rt_genid;
	rt->rt_flags = flags;
	rt->rt_type = type;
	return rt;
}

/** rt_cache_route() - keep @rt in @slot (with a reference of its own), in place of what was there */
void rt_cache_route(struct rtable **slot, struct rtable *rt)
{
	struct rtable *old = *slot;

	dst_hold(&rt->dst);
	*slot = rt;
	if (old) {
		old->dst.obsolete = DST_OBSOLETE_DEAD;
		rt_add_uncached_list(old);
		dst_release(&old->dst);
	}
}

void rt_cache_free(struct rtable **slot)
{
	struct rtable *rt = *slot;

	if (!rt)
		return;
	*slot = NULL;
	rt->dst.obsolete = DST_OBSOLETE_DEAD;
	rt_add_uncached_list(rt);
	dst_release(&rt->dst);
}

/** rt_add_uncached_list() - no cache knows @rt: have its device know it */
void rt_add_uncached_list(struct rtable *rt)
{
	if (!rt->rt_uncached.next)
		list_add_tail(&rt->rt_uncached, &rt->net->ipv4.rt_uncached);
}

void rt_cache_flush(struct net *net)
{
	net->ipv4.rt_genid++;
}

void rt_flush_dev(struct net_device *dev)
{
	struct rtable *rt;

	rt_last_forget(dev->net);
	list_for_each_entry(rt, &dev->net->ipv4.rt_uncached, rt_uncached) {
		if (rt->dst.dev != dev)
			continue;
		rt->rt_neigh = NULL;
		dst_dev_put(&rt->dst);
	}
}

void fib_nhc_release_cache(struct fib_nh_common *nhc)
{
	rt_cache_free(&nhc->nhc_rth_input);
	rt_cache_free(&nhc->nhc_rth_output);
	fnhe_free_all(nhc);
}

/* Realms, source's above destination's: what is not said yet is taken from @tag. */
static void set_class_tag(struct rtable *rt, u32 tag)
{
	if (!(rt->dst.tclassid & 0xffff))
		rt->dst.tclassid |= tag & 0xffff;
	if (!(rt->dst.tclassid & 0xffff0000))
		rt->dst.tclassid |= tag & 0xffff0000;
}

/* What the look-up found becomes part of @rt: gateway, metrics, exception; and @rt becomes part of the cache where it can. */
void rt_set_nexthop(struct rtable *rt, __be32 daddr, const struct fib_result *res,
		    struct fib_nh_exception *fnhe, struct fib_info *fi, u32 itag, bool do_cache)
{
	struct fib_nh_common *nhc;
	bool cached = false;

	if (fi) {
		nhc = res->nhc;
		if (nhc->nhc_gw_family && nhc->nhc_scope == RT_SCOPE_LINK) {
			rt->rt_uses_gateway = 1;
			rt->rt_gw_family = nhc->nhc_gw_family;
			rt->rt_gw4 = nhc->nhc_gw;
		}
		rt->dst.metrics = fi->fib_metrics;
		if (rt->dst.metrics)
			rt->dst.mtu_plain = 0;
		ip_fib_metrics_hold(rt->dst.metrics);
		rt->dst.tclassid = container_of(nhc, struct fib_nh, nh_common)->nh_tclassid;
		if (fnhe) {
			cached = rt_bind_exception(rt, fnhe, daddr, do_cache);
		} else if (do_cache) {
			rt_cache_route(rt->rt_is_input ? &nhc->nhc_rth_input : &nhc->nhc_rth_output,
				       rt);
			cached = true;
		}
		if (!cached && !rt->rt_gw_family) {
			rt->rt_gw_family = AF_INET_;
			rt->rt_gw4 = daddr;
		}
	}
	if (!cached)
		rt_add_uncached_list(rt);
	set_class_tag(rt, res->tclassid);
	set_class_tag(rt, itag);
}

/* ---- the flow before ---- */

void rt_last_forget(struct net *net)
{
	struct rt_last *l = &net->ipv4.rt_last;

	if (l->rt)
		dst_release(&l->rt->dst);
	l->rt = NULL;
	l->dev = NULL;
}

/* What depends on more than destination, source, TOS, mark and device is not remembered; every change moves rt_genid. */
void rt_last_store(struct net *net, const struct sk_buff *skb)
{
	struct rt_last *l = &net->ipv4.rt_last;
	const struct iphdr *iph = ip_hdr(skb);
	struct rtable *rt = skb_rtable(skb);

	if (net->ipv4.fib_has_custom_rules || net->ipv4.fib_num_tclassid_users ||
	    !rt->dst.mtu_plain || rt->dst.expires ||
	    (skb->ipflags & (IPSKB_MULTIPATH | IPSKB_OPTS)))
		return;
	if (l->rt != rt) {
		rt_last_forget(net);
		dst_hold(&rt->dst);
		l->rt = rt;
	}
	l->dev = skb->dev;
	l->daddr = iph->daddr;
	l->saddr = iph->saddr;
	l->mark = skb->mark;
	l->flags = skb->ipflags & IPSKB_DOREDIRECT;
	l->tos = iph->tos;
}

/* ---- refused destinations ---- */

/* What to tell the sender. Return: false: nothing; the counters are bumped, *reason may be made more precise. */
static bool ip_error_code(struct net *net, struct in_device *in_dev, int error, int *code,
			  enum skb_drop_reason *reason)
{
	if (!IN_DEV_FORWARD(in_dev)) {
		if (error == EHOSTUNREACH) {
			*reason = SKB_DROP_REASON_IP_INADDRERRORS;
			IP_INC_STATS(net, IPSTATS_MIB_INADDRERRORS);
			journey_setting(net, "net.ipv4.conf.%s.forwarding=0", in_dev->dev->name);
		} else if (error == ENETUNREACH) {
			*reason = SKB_DROP_REASON_IP_INNOROUTES;
			IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
		}
		return false;
	}
	switch (error) {
	case EHOSTUNREACH:
		*code = ICMP_HOST_UNREACH;
		return true;
	case ENETUNREACH:
		*code = ICMP_NET_UNREACH;
		*reason = SKB_DROP_REASON_IP_INNOROUTES;
		IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
		return true;
	case EACCES:
		*code = ICMP_PKT_FILTERED;
		return true;
	default:
		return false;
	}
}

/* One answer per error_cost ticks to a peer, error_burst ticks saved up. */
static bool ip_error_allowed(struct net *net, __be32 saddr, u32 vif)
{
	struct inet_peer *peer = inet_getpeer_v4(net, saddr, vif, true);
	u64 now = net->skiff->jiffies;

	if (!peer)
		return true;
	peer->rate_tokens +=
		(u32)min_t(u64, now - peer->rate_last, (u64)net->ipv4.ip_rt_error_burst);
	if (peer->rate_tokens > (u32)net->ipv4.ip_rt_error_burst)
		peer->rate_tokens = (u32)net->ipv4.ip_rt_error_burst;
	peer->rate_last = now;
	if (peer->rate_tokens < (u32)net->ipv4.ip_rt_error_cost) {
		journey_setting(net, "net.ipv4.route.error_cost=%d", net->ipv4.ip_rt_error_cost);
		return false;
	}
	peer->rate_tokens -= (u32)net->ipv4.ip_rt_error_cost;
	return true;
}

static void ip_error_one(struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net *net = rt->net;
	struct in_device *in_dev = in_dev_get(skb->dev);
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	int code = 0;

	if (in_dev && ip_error_code(net, in_dev, rt->dst.error, &code, &reason) &&
	    ip_error_allowed(net, ip_hdr(skb)->saddr, 0))
		icmp_send(skb, ICMP_DEST_UNREACH, code, 0);
	kfree_skb_reason_at(net->skiff, skb, reason, "ip_error");
}

/** ip_error() - dst->input of refused destinations: unreachable, prohibited, blackhole, no route, forwarding off; consumes */
void ip_error(struct skb_batch *b)
{
	journey_fn(b->p[0]->dev->net, b->p[0]);
	for (u32 i = 0; i < b->n; i++)
		ip_error_one(b->p[i]);
}

/**
 * rt_cache_seq_show() - /proc/net/stat/rt_cache: a line of names, then one line (a shard is one processor)
 *
 * Columns without a counter belong to the route cache that Linux no longer has; they stay 0 there too.
 */
void rt_cache_seq_show(struct net *net, struct strbuf *sb)
{
	const struct rt_cache_stat *st = &net->ipv4.rt_cache_stat;

	strbuf_puts(sb, "entries  in_hit   in_slow_tot in_slow_mc in_no_route in_brd   "
			"in_martian_dst in_martian_src out_hit  out_slow_tot out_slow_mc gc_total "
			"gc_ignored gc_goal_miss gc_dst_overflow in_hlist_search "
			"out_hlist_search\n");
	strbuf_printf(sb,
		      "%08x %08x %08x    %08x   %08x    %08x %08x       %08x       %08x %08x     "
		      "%08x    %08x %08x   %08x     %08x        %08x        %08x\n",
		      net->skiff->dst_entries, 0, st->in_slow_tot, st->in_slow_mc, st->in_no_route,
		      st->in_brd, st->in_martian_dst, st->in_martian_src, 0, st->out_slow_tot,
		      st->out_slow_mc, 0, 0, 0, 0, 0, 0);
}

/* ---- namespace ---- */

static int route_net_init(struct net *net)
{
	INIT_LIST_HEAD(&net->ipv4.rt_uncached);
	net->ipv4.rt_genid = skiff_random32(net->skiff);
	return ip_id_net_init(net);
}

static void route_net_exit(struct net *net)
{
	rt_last_forget(net);
	ip_id_net_exit(net);
}

const struct pernet_operations route_net_ops = {
	.name = "route",
	.init = route_net_init,
	.exit = route_net_exit,
};
