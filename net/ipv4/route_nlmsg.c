// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_nlmsg.c - RTM_GETROUTE for one destination, "ip route get", and what was learned of some, "ip route show cache".
 *
 * With RTA_IIF a header of the asked-for packet is made and taken through input routing, without it output routing is
 * asked. The answer is the route found (RTM_F_CLONED), or the table's entry (RTM_F_FIB_MATCH). A dump lists the routes
 * of next hop exceptions, one by one.
 */
#include "net/rtnetlink.h"

#include "net/journey.h"
#include "fib_semantics.h"
#include "route_internal.h"

/**
 * struct route_get - one question
 * @iif, @oif, @mark, @uid, @fl4: as asked; @fl4 is completed by output routing
 * @res: what the tables said, for RTM_F_FIB_MATCH and the table's id
 * @listed: not asked for: a dump lists the route of an exception, which is in table @table
 */
struct route_get {
	struct net *net;
	const struct nlmsghdr *nlh;
	const struct rtmsg *rtm;
	struct netlink_ext_ack *extack;
	__be32 dst, src;
	u32 iif, oif, mark, uid, table;
	bool has_uid, listed;
	u8 proto;
	__be16 sport, dport;
	struct flowi4 fl4;
	struct fib_result res;
};

static u32 attr_u32(const struct nlattr *a)
{
	return a ? mnl_attr_get_u32(a) : 0;
}

static int route_get_parse(struct route_get *g)
{
	const struct nlattr *tb[RTA_MAX + 1] = { NULL };
	int err;

	if (g->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*g->rtm)) {
		NL_SET_ERR_MSG(g->extack, "ipv4: Invalid header for route get request");
		return -EINVAL;
	}
	err = nlmsg_parse_(g->nlh, sizeof(*g->rtm), tb, RTA_MAX, rtm_ipv4_policy, false, g->extack);
	if (err)
		return err;
	if (g->rtm->rtm_tos & INET_ECN_MASK) {
		NL_SET_ERR_MSG(g->extack, "ipv4: Invalid dsfield (tos): ECN bits must be 0");
		return -EINVAL;
	}
	g->dst = attr_u32(tb[RTA_DST]);
	g->src = attr_u32(tb[RTA_SRC]);
	g->iif = attr_u32(tb[RTA_IIF]);
	g->mark = attr_u32(tb[RTA_MARK]);
	g->has_uid = tb[RTA_UID] != NULL;
	g->uid = attr_u32(tb[RTA_UID]);
	g->proto = tb[RTA_IP_PROTO] ? mnl_attr_get_u8(tb[RTA_IP_PROTO]) : IPPROTO_UDP;
	if (g->proto != IPPROTO_TCP && g->proto != IPPROTO_UDP && g->proto != IPPROTO_ICMP) {
		NL_SET_ERR_MSG(g->extack, "Unsupported ip proto");
		return -EOPNOTSUPP;
	}
	g->sport = tb[RTA_SPORT] ? mnl_attr_get_u16(tb[RTA_SPORT]) : 0;
	g->dport = tb[RTA_DPORT] ? mnl_attr_get_u16(tb[RTA_DPORT]) : 0;
	g->oif = g->fl4.flowi4_oif = attr_u32(tb[RTA_OIF]);
	return 0;
}

/* A packet as asked for: enough of it for routing and rules to read. */
static struct sk_buff *route_get_packet(const struct route_get *g, struct net_device *dev)
{
	struct sk_buff *skb =
		alloc_skb(g->net->skiff, sizeof(struct iphdr) + sizeof(struct tcphdr));
	struct iphdr *iph;
	struct udphdr *uh;

	if (!skb)
		return NULL;
	iph = (struct iphdr *)skb_put_zero(skb, sizeof(*iph) + sizeof(struct tcphdr));
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->transport_header = (u16)(skb->network_header + sizeof(*iph));
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .protocol = g->proto };
	iph->saddr = g->src;
	iph->daddr = g->dst;
	iph->tos = g->rtm->rtm_tos;
	if (g->proto != IPPROTO_ICMP) {
		uh = (struct udphdr *)(iph + 1);
		uh->source = g->sport;
		uh->dest = g->dport;
	}
	skb->protocol = htons(ETH_P_IP);
	skb->dev = dev;
	skb->mark = g->mark;
	return skb;
}

/* Return: the route, counted; NULL and *err */
static struct rtable *route_get_input(struct route_get *g, int *err)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	struct net_device *dev = dev_get_by_index(g->net, g->iif);
	struct rtable *rt = NULL;
	struct sk_buff *skb;

	*err = -ENODEV;
	if (!dev)
		return NULL;
	*err = -ENOBUFS;
	skb = route_get_packet(g, dev);
	if (!skb)
		return NULL;
	*err = ip_route_input(skb, g->dst, g->src, g->rtm->rtm_tos & INET_DSCP_MASK, dev, &reason);
	if (*err)
		*err = reason == SKB_DROP_REASON_IP_RPFILTER ? -EXDEV : -EINVAL;
	else if (skb_rtable(skb)->dst.error)
		*err = -skb_rtable(skb)->dst.error;
	if (!*err) {
		rt = skb_rtable(skb);
		dst_hold(&rt->dst);
	}
	consume_skb(g->net->skiff, skb);
	return rt;
}

static struct rtable *route_get_output(struct route_get *g, int *err)
{
	g->fl4.daddr = g->dst;
	g->fl4.saddr = g->src;
	g->fl4.flowi4_tos = g->rtm->rtm_tos & INET_DSCP_MASK;
	g->fl4.flowi4_mark = g->mark;
	g->fl4.flowi4_uid = g->uid;
	g->fl4.flowi4_proto = g->proto;
	g->fl4.fl4_sport = g->sport;
	g->fl4.fl4_dport = g->dport;
	return ip_route_output_key_hash(g->net, &g->fl4, NULL, err);
}

/* What the tables say of it, the way routing asked them. */
/* Did routing ask the tables? Not for what needs no look-up: groups and broadcasts whose device is plain, nowhere. */
static bool route_get_asked_tables(const struct route_get *g)
{
	bool group = ipv4_is_multicast(g->dst) || ipv4_is_lbcast(g->dst);

	if (g->iif)
		return !group && (g->dst || g->src);
	if (g->oif)
		return g->dst && !ipv4_is_local_multicast(g->dst) && !ipv4_is_lbcast(g->dst);
	return g->dst && !(group && g->src);
}

static void route_get_lookup(struct route_get *g)
{
	struct flowi4 fl4 = g->fl4;

	memset(&g->res, 0, sizeof(g->res));
	if (!route_get_asked_tables(g))
		return;
	if (g->iif) {
		memset(&fl4, 0, sizeof(fl4));
		fl4.flowi4_mark = g->mark;
		fl4.flowi4_tos = g->rtm->rtm_tos & INET_DSCP_MASK;
	}
	fl4.daddr = g->dst;
	fl4.saddr = g->src;
	fl4.flowi4_oif = g->oif;
	fl4.flowi4_iif = g->iif ? g->iif : LOOPBACK_IFINDEX;
	if (fib_lookup(g->net, &fl4, &g->res, 0)) {
		g->res.table = NULL;
		g->res.fi = NULL;
	}
}

static int put_metrics(struct nlmsghdr *nlh, size_t size, const struct rtable *rt, u64 now)
{
	bool fresh = rt->dst.expires && time_before(now, rt->dst.expires);
	struct nlattr *nest = NULL;

	for (u16 i = 1; i <= RTAX_MAX; i++) {
		u32 v = dst_metric_raw(&rt->dst, i);

		if (i == RTAX_MTU && rt->rt_pmtu && fresh)
			v = rt->rt_pmtu;
		if (i == RTAX_LOCK && rt->rt_mtu_locked && fresh)
			v |= 1u << RTAX_MTU;
		if (!v)
			continue;
		if (!nest)
			nest = nl_nest_start(nlh, size, RTA_METRICS);
		if (!nest || fib_metric_put(nlh, size, i, v))
			return -EMSGSIZE;
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
	return 0;
}

static int put_cacheinfo(struct nlmsghdr *nlh, size_t size, const struct rtable *rt, u64 now)
{
	struct rta_cacheinfo ci = { .rta_error = (u32)rt->dst.error };

	if (rt->dst.expires)
		ci.rta_expires = (s32)(((s64)rt->dst.expires - (s64)now) * USER_HZ / HZ);
	return mnl_attr_put_check(nlh, size, RTA_CACHEINFO, sizeof(ci), &ci) ? 0 : -EMSGSIZE;
}

static u32 route_get_table(const struct route_get *g)
{
	u32 id = g->res.table ? fib_table_id(g->res.table) : 0;

	if (g->listed)
		return g->table;
	if (!(g->rtm->rtm_flags & RTM_F_LOOKUP_TABLE))
		return RT_TABLE_MAIN;
	/* While nobody has rules of his own, local and main are one. */
	return id == RT_TABLE_LOCAL && g->net->ipv4.fib_merged ? RT_TABLE_MAIN : id;
}

/* That of the route which answered, not of the question. */
static u8 route_get_tos(const struct route_get *g)
{
	const struct fib_alias *fa = g->res.table && g->res.fi ? fib_result_alias(&g->res) : NULL;

	return fa ? fa->fa_tos : 0;
}

#define PUT_U32(type, v)                                         \
	do {                                                     \
		if (!mnl_attr_put_u32_check(nlh, size, type, v)) \
			return -EMSGSIZE;                        \
	} while (0)

static int put_attrs(const struct route_get *g, const struct rtable *rt, struct nlmsghdr *nlh,
		     size_t size, struct rtmsg *rtm, u32 table)
{
	bool input = rt_is_input_route(rt);
	u64 now = g->net->skiff->jiffies;

	PUT_U32(RTA_TABLE, table);
	PUT_U32(RTA_DST, g->dst);
	if (g->src) {
		rtm->rtm_src_len = 32;
		PUT_U32(RTA_SRC, g->src);
	}
	if (rt->dst.dev)
		PUT_U32(RTA_OIF, rt->dst.dev->ifindex);
	if (rt->dst.tclassid)
		PUT_U32(RTA_FLOW, rt->dst.tclassid);
	if (!input && !g->listed && g->fl4.saddr != g->src)
		PUT_U32(RTA_PREFSRC, g->fl4.saddr);
	if (rt->rt_uses_gateway)
		PUT_U32(RTA_GATEWAY, rt->rt_gw4);
	if (put_metrics(nlh, size, rt, now))
		return -EMSGSIZE;
	if (g->listed)
		return put_cacheinfo(nlh, size, rt, now);
	if (g->mark)
		PUT_U32(RTA_MARK, g->mark);
	if (!input)
		PUT_U32(RTA_UID, g->uid);
	if (input)
		PUT_U32(RTA_IIF, g->iif);
	return put_cacheinfo(nlh, size, rt, now);
}

/* The route as a message. Return: its length or -EMSGSIZE */
static int rt_fill_info(const struct route_get *g, const struct rtable *rt, void *buf, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	u32 table = route_get_table(g);
	struct rtmsg *rtm;
	int err;

	nlh->nlmsg_type = RTM_NEWROUTE;
	nlh->nlmsg_seq = g->nlh->nlmsg_seq;
	nlh->nlmsg_pid = g->nlh->nlmsg_pid;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET_;
	rtm->rtm_dst_len = 32;
	rtm->rtm_tos = route_get_tos(g);
	rtm->rtm_table = table < 256 ? (u8)table : RT_TABLE_COMPAT;
	rtm->rtm_type = (u8)rt->rt_type;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_protocol = RTPROT_UNSPEC;
	rtm->rtm_flags = (rt->rt_flags & ~0xFFFFu) | RTM_F_CLONED;
	err = put_attrs(g, rt, nlh, size, rtm, table);
	return err ? err : (int)nlh->nlmsg_len;
}

/* The route itself: which of its prefix's it was, the tree knows (in local too while that answers as main). */
static int fib_match_info(const struct route_get *g, const struct rtable *rt, void *buf,
			  size_t size)
{
	struct fib_rt_info fri = {
		.fi = g->res.fi,
		.tb_id = route_get_table(g),
		.dst = g->res.prefix,
		.dst_len = g->res.prefixlen,
		.type = (u8)rt->rt_type, /* what the destination is, whatever the route calls it */
	};
	const struct fib_alias *fa;

	if (!g->res.fi || !g->res.table)
		return -EHOSTUNREACH;
	fa = fib_result_alias(&g->res);
	if (fa)
		fri.tos = fa->fa_tos;
	return fib_dump_info(buf, size, g->nlh->nlmsg_pid, g->nlh->nlmsg_seq, RTM_NEWROUTE, &fri,
			     0);
}

struct fnhe_list {
	struct rtnl_req *req;
	u32 table;
	unsigned flags;
};

static void list_exception(void *arg, const struct fib_nh_exception *fnhe)
{
	const struct rtable *rt = fnhe->fnhe_rth_input ? fnhe->fnhe_rth_input :
							 fnhe->fnhe_rth_output;
	const struct fnhe_list *list = arg;
	const struct route_get g = {
		.net = list->req->net,
		.nlh = list->req->nlh,
		.dst = fnhe->fnhe_daddr,
		.listed = true,
		.table = list->table,
	};
	struct rtnl_msg msg;

	if (!rt || rt_fill_info(&g, rt, &msg, sizeof(msg)) < 0)
		return;
	msg.nlh.nlmsg_flags = (u16)list->flags;
	rtnl_reply(list->req, &msg.nlh);
}

/**
 * fib_dump_exceptions() - list what was learned behind the next hops of @fi, a route in table @table
 * @flags: NLM_F_* of each message
 */
void fib_dump_exceptions(struct rtnl_req *req, u32 table, struct fib_info *fi, unsigned flags)
{
	struct fnhe_list list = { req, table, flags };

	for (int i = 0; i < fib_info_num_path(fi); i++) {
		struct fib_nh_common *nhc = fib_info_nhc(fi, i);

		if (nhc && !(nhc->nhc_flags & RTNH_F_DEAD))
			fnhe_walk(req->net, nhc, list_exception, &list);
	}
}

/**
 * inet_rtm_getroute() - answer one RTM_GETROUTE; nothing in the namespace changes but cached routes
 * Return: 0, or -errno: of the question (-EINVAL, -ENODEV, -EOPNOTSUPP) or of the route (-ENETUNREACH, -EHOSTUNREACH, ...)
 */
int inet_rtm_getroute(struct net *net, const struct nlmsghdr *nlh, struct netlink_ext_ack *extack,
		      skiff_netlink_fn reply, void *arg)
{
	struct route_get g = {
		.net = net, .nlh = nlh, .rtm = mnl_nlmsg_get_payload(nlh), .extack = extack
	};
	struct rtnl_msg msg;
	struct rtable *rt;
	int err;

	err = route_get_parse(&g);
	if (err)
		return err;
	rt = g.iif ? route_get_input(&g, &err) : route_get_output(&g, &err);
	if (!rt)
		return err;
	route_get_lookup(&g);
	if (g.rtm->rtm_flags & RTM_F_FIB_MATCH)
		err = fib_match_info(&g, rt, &msg, sizeof(msg));
	else
		err = rt_fill_info(&g, rt, &msg, sizeof(msg));
	if (err > 0 && reply)
		reply(arg, &msg, msg.nlh.nlmsg_len);
	ip_rt_put(rt);
	return err > 0 ? 0 : err;
}
