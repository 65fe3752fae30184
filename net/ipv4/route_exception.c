// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_exception.c - what is learned of single destinations: path MTUs and better gateways.
 *
 * DOC: Next hop exceptions
 * An ICMP message about a packet of ours may say that its path has a smaller MTU (RFC 1191) or that another gateway on
 * the link is nearer (RFC 1122 3.2.2.2, 3.3.1.2). That is kept at the next hop, by destination, in a table of 2,048
 * short chains keyed by siphash; a chain that grows beyond five to nine loses its oldest member. Each exception has routes of
 * its own, so nothing else of the next hop is touched. Also here: redirects that we send, with their back-off.
 */
#include "lib/siphash.h"
#include "net/icmp.h"
#include "net/inet_sock.h"
#include "net/inetpeer.h"
#include "net/journey.h"
#include "route_internal.h"

#define FNHE_HASH_SHIFT	   11
#define FNHE_HASH_SIZE	   (1 << FNHE_HASH_SHIFT)
#define FNHE_RECLAIM_DEPTH 5

struct fnhe_hash_bucket {
	struct fib_nh_exception *chain;
};

static u32 fnhe_hashfun(const struct skiff *skiff, __be32 daddr)
{
	return (u32)(siphash13_2u64(daddr, 0x66, &skiff->hash_key) >> (64 - FNHE_HASH_SHIFT));
}

static void fnhe_free_rcu(struct death_row_entry *e)
{
	struct fib_nh_exception *fnhe = container_of(e, struct fib_nh_exception, rcu);

	skiff_free(fnhe->skiff, fnhe);
}

static void fnhe_flush_routes(struct fib_nh_exception *fnhe)
{
	rt_cache_free(&fnhe->fnhe_rth_input);
	rt_cache_free(&fnhe->fnhe_rth_output);
}

static void fnhe_unlink(struct fib_nh_exception **p)
{
	struct fib_nh_exception *fnhe = *p;

	*p = fnhe->fnhe_next;
	fnhe_flush_routes(fnhe);
	fnhe->rcu.free = fnhe_free_rcu;
	skiff_defer_free(fnhe->skiff, &fnhe->rcu);
}

void fnhe_free_all(struct fib_nh_common *nhc)
{
	struct fnhe_hash_bucket *hash = nhc->nhc_exceptions;
	struct skiff *skiff = NULL;

	if (!hash)
		return;
	for (u32 i = 0; i < FNHE_HASH_SIZE; i++) {
		while (hash[i].chain) {
			skiff = hash[i].chain->skiff;
			fnhe_unlink(&hash[i].chain);
		}
	}
	/* A table exists only with something in it once; its shard stands in its first word behind the buckets. */
	if (!skiff)
		skiff = *(struct skiff **)&hash[FNHE_HASH_SIZE];
	skiff_free(skiff, hash);
	nhc->nhc_exceptions = NULL;
}

/** fnhe_walk() - @fn for each exception of @nhc that is valid now */
void fnhe_walk(struct net *net, struct fib_nh_common *nhc,
	       void (*fn)(void *arg, const struct fib_nh_exception *fnhe), void *arg)
{
	const struct fnhe_hash_bucket *hash = nhc->nhc_exceptions;
	const struct fib_nh_exception *fnhe;

	for (u32 i = 0; hash && i < FNHE_HASH_SIZE; i++)
		for (fnhe = hash[i].chain; fnhe; fnhe = fnhe->fnhe_next)
			if (fnhe->fnhe_genid == (int)net->ipv4.fnhe_genid &&
			    !(fnhe->fnhe_expires &&
			      time_after(net->skiff->jiffies, fnhe->fnhe_expires)))
				fn(arg, fnhe);
}

/** find_exception() - what is known of @daddr behind @nhc; the expired are taken out. NULL: nothing */
struct fib_nh_exception *find_exception(struct net *net, struct fib_nh_common *nhc, __be32 daddr)
{
	struct fnhe_hash_bucket *hash = nhc->nhc_exceptions;
	struct fib_nh_exception **p;

	if (!hash)
		return NULL;
	for (p = &hash[fnhe_hashfun(net->skiff, daddr)].chain; *p; p = &(*p)->fnhe_next) {
		struct fib_nh_exception *fnhe = *p;

		if (fnhe->fnhe_daddr != daddr)
			continue;
		if (fnhe->fnhe_expires && time_after(net->skiff->jiffies, fnhe->fnhe_expires)) {
			fnhe_unlink(p);
			return NULL;
		}
		return fnhe;
	}
	return NULL;
}

static void fill_route_from_fnhe(struct rtable *rt, const struct fib_nh_exception *fnhe)
{
	rt->dst.mtu_plain = 0;
	rt->rt_pmtu = fnhe->fnhe_pmtu;
	rt->rt_mtu_locked = fnhe->fnhe_mtu_locked;
	rt->dst.expires = fnhe->fnhe_expires;
	rt->rt_neigh = NULL;
	if (fnhe->fnhe_gw) {
		rt->rt_flags |= RTCF_REDIRECTED_;
		rt->rt_uses_gateway = 1;
		rt->rt_gw_family = AF_INET_;
		rt->rt_gw4 = fnhe->fnhe_gw;
	}
}

bool rt_bind_exception(struct rtable *rt, struct fib_nh_exception *fnhe, __be32 daddr,
		       bool do_cache)
{
	if (daddr != fnhe->fnhe_daddr)
		return false;
	if (fnhe->fnhe_genid != (int)rt->net->ipv4.fnhe_genid) {
		fnhe->fnhe_genid = (int)rt->net->ipv4.fnhe_genid;
		fnhe->fnhe_gw = 0;
		fnhe->fnhe_pmtu = 0;
		fnhe->fnhe_expires = 0;
		fnhe->fnhe_mtu_locked = false;
		fnhe_flush_routes(fnhe);
	}
	fill_route_from_fnhe(rt, fnhe);
	if (!rt->rt_gw4) {
		rt->rt_gw4 = daddr;
		rt->rt_gw_family = AF_INET_;
	}
	if (do_cache)
		rt_cache_route(rt->rt_is_input ? &fnhe->fnhe_rth_input : &fnhe->fnhe_rth_output,
			       rt);
	fnhe->fnhe_stamp = rt->net->skiff->jiffies;
	return do_cache;
}

static struct fnhe_hash_bucket *fnhe_table(struct net *net, struct fib_nh_common *nhc)
{
	if (!nhc->nhc_exceptions) {
		nhc->nhc_exceptions =
			skiff_zalloc(net->skiff, FNHE_HASH_SIZE * sizeof(struct fnhe_hash_bucket) +
							 sizeof(struct skiff *));
		if (nhc->nhc_exceptions)
			*(struct skiff **)&nhc->nhc_exceptions[FNHE_HASH_SIZE] = net->skiff;
	}
	return nhc->nhc_exceptions;
}

static void fnhe_remove_oldest(struct fnhe_hash_bucket *bucket)
{
	struct fib_nh_exception **oldest = &bucket->chain;

	for (struct fib_nh_exception **p = oldest; *p; p = &(*p)->fnhe_next)
		if (time_before((*p)->fnhe_stamp, (*oldest)->fnhe_stamp))
			oldest = p;
	fnhe_unlink(oldest);
}

static void update_or_create_fnhe(struct net *net, struct fib_nh_common *nhc, __be32 daddr,
				  __be32 gw, u32 pmtu, bool lock, u64 expires)
{
	struct fnhe_hash_bucket *bucket = fnhe_table(net, nhc);
	struct fib_nh_exception *fnhe;
	u32 depth = 0, most;

	journey_fn(net, NULL);
	if (!bucket)
		return;
	if (!expires)
		expires = 1;
	bucket += fnhe_hashfun(net->skiff, daddr);
	for (fnhe = bucket->chain; fnhe; fnhe = fnhe->fnhe_next) {
		if (fnhe->fnhe_daddr == daddr)
			break;
		depth++;
	}
	if (fnhe) {
		if (fnhe->fnhe_genid != (int)net->ipv4.fnhe_genid)
			fnhe->fnhe_genid = (int)net->ipv4.fnhe_genid;
		if (gw)
			fnhe->fnhe_gw = gw;
		if (pmtu) {
			fnhe->fnhe_pmtu = pmtu;
			fnhe->fnhe_mtu_locked = lock;
		}
		fnhe->fnhe_expires = expires;
		/* Routes that exist take the news over at once. */
		if (fnhe->fnhe_rth_input)
			fill_route_from_fnhe(fnhe->fnhe_rth_input, fnhe);
		if (fnhe->fnhe_rth_output)
			fill_route_from_fnhe(fnhe->fnhe_rth_output, fnhe);
	} else {
		/* A limit by chance: who fills a chain learns nothing of who else is in it. */
		most = FNHE_RECLAIM_DEPTH + skiff_random_below(net->skiff, FNHE_RECLAIM_DEPTH);
		for (; depth > most; depth--)
			fnhe_remove_oldest(bucket);
		fnhe = skiff_zalloc(net->skiff, sizeof(*fnhe));
		if (!fnhe)
			return;
		fnhe->skiff = net->skiff;
		fnhe->fnhe_genid = (int)net->ipv4.fnhe_genid;
		fnhe->fnhe_daddr = daddr;
		fnhe->fnhe_gw = gw;
		fnhe->fnhe_pmtu = pmtu;
		fnhe->fnhe_mtu_locked = lock;
		fnhe->fnhe_expires = expires;
		fnhe->fnhe_next = bucket->chain;
		bucket->chain = fnhe;
		/* Routes cached on the next hop do not know of it: they have to be looked up again. */
		if (nhc->nhc_rth_output)
			nhc->nhc_rth_output->dst.obsolete = DST_OBSOLETE_KILL;
		if (nhc->nhc_rth_input)
			nhc->nhc_rth_input->dst.obsolete = DST_OBSOLETE_KILL;
	}
	fnhe->fnhe_stamp = net->skiff->jiffies;
}

void fib_nhc_update_mtu(struct fib_nh_common *nhc, u32 new, u32 orig)
{
	struct fnhe_hash_bucket *bucket = nhc->nhc_exceptions;

	for (u32 i = 0; bucket && i < FNHE_HASH_SIZE; i++) {
		for (struct fib_nh_exception *fnhe = bucket[i].chain; fnhe;
		     fnhe = fnhe->fnhe_next) {
			/* A locked one stands for a path that can not do IPV4_MIN_MTU: only news lower than that matter. */
			if (fnhe->fnhe_mtu_locked) {
				if (new <= fnhe->fnhe_pmtu) {
					fnhe->fnhe_pmtu = new;
					fnhe->fnhe_mtu_locked = false;
				}
			} else if (new < fnhe->fnhe_pmtu || orig == fnhe->fnhe_pmtu) {
				fnhe->fnhe_pmtu = new;
			}
		}
	}
}

/* ---- path MTU ---- */

static void rt_update_pmtu_nhc(struct net *net, struct fib_nh_common *nhc, __be32 daddr, u32 mtu,
			       bool lock)
{
	update_or_create_fnhe(net, nhc, daddr, 0, mtu, lock,
			      net->skiff->jiffies + (u64)net->ipv4.ip_rt_mtu_expires);
}

void ip_rt_update_pmtu(struct rtable *rt, struct flowi4 *fl4, u32 mtu)
{
	struct net *net = rt->net;
	u32 old_mtu = ipv4_mtu(&rt->dst);
	struct fib_result res;
	bool lock = false;

	journey_fn(net, NULL);
	if (rt->rt_mtu_locked || (dst_metric_raw(&rt->dst, RTAX_LOCK) & (1u << RTAX_MTU)) ||
	    old_mtu < mtu)
		return;
	if (mtu < (u32)net->ipv4.ip_rt_min_pmtu) {
		lock = true;
		mtu = min_t(u32, old_mtu, (u32)net->ipv4.ip_rt_min_pmtu);
	}
	if (rt->rt_pmtu == mtu && !lock &&
	    time_before(net->skiff->jiffies,
			rt->dst.expires - (u64)net->ipv4.ip_rt_mtu_expires / 2))
		return;
	if (fib_lookup(net, fl4, &res, 0))
		return;
	if (res.fi && fib_info_num_path(res.fi) > 1) {
		/* Whichever path the next packet takes, it must not be too large. */
		for (int i = 0; i < fib_info_num_path(res.fi); i++)
			rt_update_pmtu_nhc(net, fib_info_nhc(res.fi, i), fl4->daddr, mtu, lock);
		return;
	}
	fib_select_path(net, &res, fl4, NULL);
	if (res.nhc)
		rt_update_pmtu_nhc(net, res.nhc, fl4->daddr, mtu, lock);
}

/* The key of a packet of ours that an ICMP message quotes: its header is at skb->data. */
static void build_quoted_key(struct net *net, struct flowi4 *fl4, const struct sk_buff *skb,
			     u32 oif, u8 protocol)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	flowi4_init_output(fl4, oif, net->ipv4.sysctl_fwmark_reflect ? skb->mark : 0,
			   iph->tos & INET_DSCP_MASK, RT_SCOPE_UNIVERSE, protocol,
			   FLOWI_FLAG_ANYSRC, iph->daddr, iph->saddr, 0, 0, 0);
}

void ipv4_update_pmtu(struct sk_buff *skb, struct net *net, u32 mtu, u32 oif, u8 protocol)
{
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	journey_fn(net, skb);
	build_quoted_key(net, &fl4, skb, oif, protocol);
	fl4.flowi4_flags = 0;
	rt = ip_route_output_key_hash(net, &fl4, NULL, &err);
	if (!rt)
		return;
	ip_rt_update_pmtu(rt, &fl4, mtu);
	ip_rt_put(rt);
}

/* The key of what @sk sends to the destination of the packet quoted at skb->data. */
static void build_sk_key(struct flowi4 *fl4, const struct sk_buff *skb, const struct sock *sk)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	flowi4_init_output(fl4, (u32)sk->sk_bound_dev_if, sk->sk_mark, ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk),
			   inet_test_bit(HDRINCL, sk) ? IPPROTO_RAW : (u8)sk->sk_protocol,
			   inet_sk_flowi_flags(sk), iph->daddr, iph->saddr, 0, 0, sk->sk_uid);
}

void ipv4_sk_update_pmtu(struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	struct rtable *rt = (struct rtable *)__sk_dst_get(sk);
	bool cached = rt != NULL;
	struct flowi4 fl4;
	int err = 0;

	if (!ip_sk_accept_pmtu(sk))
		return;
	build_sk_key(&fl4, skb, sk);
	if (rt_cache_valid(rt))
		dst_hold(&rt->dst);
	else
		rt = ip_route_output_flow(sock_net(sk), &fl4, sk, &err);
	if (!rt)
		return;
	ip_rt_update_pmtu(rt, &fl4, mtu);
	/* What was learned has a route of its own. */
	if (cached && !rt_cache_valid(rt)) {
		ip_rt_put(rt);
		rt = ip_route_output_flow(sock_net(sk), &fl4, sk, &err);
	}
	if (cached && rt && &rt->dst != __sk_dst_get(sk))
		sk_dst_set(sk, &rt->dst);
	else
		ip_rt_put(rt);
}

/* ---- redirects received ---- */

static __noinline_cold void reject_redirect(struct net *net, struct in_device *in_dev,
					    const struct sk_buff *skb, __be32 old_gw, __be32 new_gw)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	if (IN_DEV_LOG_MARTIANS(in_dev))
		skiff_log(net->skiff, SKIFF_LOG_INFO,
			  "Redirect from " NIPFMT " on %s about " NIPFMT
			  " ignored, advised path = " NIPFMT " -> " NIPFMT,
			  NIPQUAD(old_gw), in_dev->dev->name, NIPQUAD(new_gw), NIPQUAD(iph->saddr),
			  NIPQUAD(iph->daddr));
}

/* May this message move our traffic to @new_gw? */
static bool redirect_trusted(struct net *net, struct in_device *in_dev, struct rtable *rt,
			     __be32 old_gw, __be32 new_gw)
{
	if (new_gw == old_gw || !IN_DEV_RX_REDIRECTS(in_dev)) {
		if (new_gw != old_gw)
			journey_setting(net, "net.ipv4.conf.%s.accept_redirects=%d",
					in_dev->dev->name,
					IN_DEV_CONF_GET(in_dev, ACCEPT_REDIRECTS));
		return false;
	}
	if (ipv4_is_multicast(new_gw) || ipv4_is_lbcast(new_gw) || ipv4_is_zeronet(new_gw))
		return false;
	if (!IN_DEV_SHARED_MEDIA(in_dev)) {
		if (!inet_addr_onlink(in_dev, new_gw, old_gw))
			return false;
		if (IN_DEV_SEC_REDIRECTS(in_dev) && ip_fib_check_default(new_gw, in_dev->dev))
			return false;
		return true;
	}
	return inet_addr_type(net, new_gw) == RTN_UNICAST;
}

static void __ip_do_redirect(struct net *net, struct rtable *rt, struct sk_buff *skb,
			     struct flowi4 *fl4)
{
	/* The ICMP header stands in front of the quoted packet, the IP header of the message in front of that. */
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	__be32 new_gw = icmph->un.gateway, old_gw = ip_hdr(skb)->saddr;
	struct net_device *dev = skb->dev;
	struct in_device *in_dev = in_dev_get(dev);
	struct fib_result res;
	struct neighbour *n;

	journey_fn(net, skb);
	if ((icmph->code & 7) > ICMP_REDIR_HOSTTOS) /* as the kernel reads it */
		return;
	if (rt->rt_gw_family != AF_INET_ || rt->rt_gw4 != old_gw || !in_dev)
		return;
	if (!redirect_trusted(net, in_dev, rt, old_gw, new_gw)) {
		reject_redirect(net, in_dev, skb, old_gw, new_gw);
		return;
	}
	n = ip_neigh_gw4(rt->dst.dev, new_gw);
	if (!n)
		return;
	if (!(n->nud_state & NUD_VALID)) {
		/* First see whether it is there; the redirect will come again. */
		neigh_event_send(n, NULL);
		return;
	}
	if (fib_lookup(net, fl4, &res, 0))
		return;
	fib_select_path(net, &res, fl4, skb);
	if (res.nhc)
		update_or_create_fnhe(net, res.nhc, fl4->daddr, new_gw, 0, false,
				      net->skiff->jiffies + (u64)net->ipv4.ip_rt_gc_timeout);
}

void ipv4_redirect(struct sk_buff *skb, struct net *net, u32 oif, u8 protocol)
{
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	journey_fn(net, skb);
	build_quoted_key(net, &fl4, skb, oif, protocol);
	fl4.flowi4_mark = 0;
	fl4.flowi4_flags = 0;
	rt = ip_route_output_key_hash(net, &fl4, NULL, &err);
	if (!rt)
		return;
	__ip_do_redirect(net, rt, skb, &fl4);
	ip_rt_put(rt);
}

void ipv4_sk_redirect(struct sk_buff *skb, struct sock *sk)
{
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	build_sk_key(&fl4, skb, sk);
	rt = ip_route_output_key_hash(sock_net(sk), &fl4, NULL, &err);
	if (!rt)
		return;
	__ip_do_redirect(sock_net(sk), rt, skb, &fl4);
	ip_rt_put(rt);
}

/* ---- redirects sent ---- */

/* The packet leaves the way it came: tell its sender, less and less often if it does not listen. */
void ip_rt_send_redirect(struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net *net = rt->net;
	struct in_device *in_dev = in_dev_get(rt->dst.dev);
	u64 now = net->skiff->jiffies;
	struct inet_peer *peer;
	__be32 gw = rt_nexthop(rt, ip_hdr(skb)->daddr);

	journey_fn(net, skb);
	if (!in_dev || !IN_DEV_TX_REDIRECTS(in_dev))
		return;
	peer = inet_getpeer_v4(net, ip_hdr(skb)->saddr, 0, true);
	if (!peer) {
		icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
		return;
	}
	if (time_after(now, peer->rate_last + (u64)net->ipv4.ip_rt_redirect_silence)) {
		peer->rate_tokens = 0;
		peer->n_redirects = 0;
	}
	/* It has ignored enough of them: only note that packets still come. */
	if (peer->n_redirects >= (u32)net->ipv4.ip_rt_redirect_number) {
		peer->rate_last = now;
		return;
	}
	if (peer->n_redirects == 0 ||
	    time_after(now, peer->rate_last +
				    ((u64)net->ipv4.ip_rt_redirect_load << peer->n_redirects))) {
		icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
		peer->rate_last = now;
		peer->n_redirects++;
		if (IN_DEV_LOG_MARTIANS(in_dev) &&
		    peer->n_redirects == (u32)net->ipv4.ip_rt_redirect_number)
			skiff_log(net->skiff, SKIFF_LOG_WARN,
				  "host " NIPFMT "/if%u ignores redirects for " NIPFMT
				  " to " NIPFMT,
				  NIPQUAD(ip_hdr(skb)->saddr), skb->skb_iif,
				  NIPQUAD(ip_hdr(skb)->daddr), NIPQUAD(gw));
	}
}

/* ---- the next hop can not be reached ---- */

void ipv4_link_failure(struct sk_buff *skb)
{
	struct net *net = skb->dst ? skb_rtable(skb)->net : skb->dev->net;
	struct ip_options_data opt;
	u32 hlen;

	memset(&opt, 0, sizeof(opt));
	/* The packet may have come here by a layer that used the control block for something else: parse again. */
	if (!pskb_may_pull(net->skiff, skb, sizeof(struct iphdr)) || ip_hdr(skb)->version != 4 ||
	    ip_hdr(skb)->ihl < 5)
		return;
	hlen = ip_hdrlen(skb);
	if (hlen > sizeof(struct iphdr)) {
		if (!pskb_may_pull(net->skiff, skb, hlen))
			return;
		opt.opt.optlen = (u8)(hlen - sizeof(struct iphdr));
		if (__ip_options_compile(net, &opt.opt,
					 skb_network_header(skb) + sizeof(struct iphdr), skb, NULL))
			return;
	}
	__icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, &opt.opt);
	if (skb->dst)
		skb->dst->expires = net->skiff->jiffies;
}
