// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_nlmsg.c - routes as RTM_NEWROUTE messages: notifications and dumps, in the kernel's order of attributes.
 *
 * DOC: Route messages
 * rtmsg, RTA_TABLE, RTA_DST (not for 0/0), RTA_PRIORITY, RTA_METRICS, RTA_PREFSRC, then the way out: RTA_NH_ID, and
 * (no object, or nexthop_compat_mode) either RTA_GATEWAY, RTA_OIF, RTA_FLOW, or RTA_MULTIPATH.
 */
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#include "fib_semantics.h"

#define ATTR_U32 (MNL_ATTR_HDRLEN + sizeof(u32))

/* ---- one route ---- */

/**
 * fib_nlmsg_size() - enough bytes for the message about a route with @fi
 */
size_t fib_nlmsg_size(struct fib_info *fi)
{
	size_t nhs = (size_t)fib_info_num_path(fi);
	size_t one = sizeof(struct rtnexthop) + 3 * ATTR_U32; /* gateway, oif, realm */

	return MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct rtmsg)) + 5 * ATTR_U32 + MNL_ATTR_HDRLEN +
	       RTAX_MAX * ATTR_U32 + MNL_ATTR_HDRLEN + nhs * one;
}

/**
 * fib_nexthop_info() - gateway and device of a next hop
 * @flags:    gets its RTNH_F_* as users are to see them
 * @skip_oif: the device stands elsewhere (struct rtnexthop)
 * Return: 0, -EMSGSIZE
 */
int fib_nexthop_info(struct nlmsghdr *nlh, size_t size, const struct fib_nh_common *nhc,
		     unsigned char *flags, bool skip_oif)
{
	const struct in_device *in_dev = nhc->nhc_dev ? in_dev_get(nhc->nhc_dev) : NULL;

	*flags |= nhc->nhc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN);
	if ((nhc->nhc_flags & RTNH_F_LINKDOWN) && in_dev &&
	    IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev))
		*flags |= RTNH_F_DEAD;
	if (nhc->nhc_gw_family && !mnl_attr_put_u32_check(nlh, size, RTA_GATEWAY, nhc->nhc_gw))
		return -EMSGSIZE;
	*flags |= nhc->nhc_flags & RTNH_F_ONLINK;
	if (!skip_oif && nhc->nhc_dev &&
	    !mnl_attr_put_u32_check(nlh, size, RTA_OIF, nhc->nhc_dev->ifindex))
		return -EMSGSIZE;
	return 0;
}

/**
 * fib_add_nexthop() - one next hop of RTA_MULTIPATH
 * @weight: 1..256; @tclassid: realm, 0: none
 * Return: 0, -EMSGSIZE
 */
int fib_add_nexthop(struct nlmsghdr *nlh, size_t size, const struct fib_nh_common *nhc, int weight,
		    u32 tclassid)
{
	struct rtnexthop *rtnh = mnl_nlmsg_get_payload_tail(nlh);
	unsigned char flags = 0;

	if (MNL_ALIGN(nlh->nlmsg_len) + sizeof(*rtnh) > size)
		return -EMSGSIZE;
	memset(rtnh, 0, sizeof(*rtnh));
	nlh->nlmsg_len = (u32)(MNL_ALIGN(nlh->nlmsg_len) + sizeof(*rtnh));
	rtnh->rtnh_hops = (u8)(weight - 1);
	rtnh->rtnh_ifindex = nhc->nhc_dev ? (int)nhc->nhc_dev->ifindex : 0;
	if (fib_nexthop_info(nlh, size, nhc, &flags, true))
		return -EMSGSIZE;
	rtnh->rtnh_flags = flags;
	if (tclassid && !mnl_attr_put_u32_check(nlh, size, RTA_FLOW, tclassid))
		return -EMSGSIZE;
	rtnh->rtnh_len = (u16)((char *)mnl_nlmsg_get_payload_tail(nlh) - (char *)rtnh);
	return 0;
}

static u32 nhc_realm(const struct fib_nh_common *nhc)
{
	return container_of(nhc, const struct fib_nh, nh_common)->nh_tclassid;
}

static int put_multipath(struct nlmsghdr *nlh, size_t size, struct fib_info *fi)
{
	struct nlattr *nest = nl_nest_start(nlh, size, RTA_MULTIPATH);

	if (!nest)
		return -EMSGSIZE;
	for (int i = 0; i < fib_info_num_path(fi); i++) {
		const struct fib_nh_common *nhc = fib_info_nhc(fi, i);

		int weight = fi->nh ? nexthop_fib_weight(fi->nh, i) : nhc->nhc_weight;

		if (fib_add_nexthop(nlh, size, nhc, weight, nhc_realm(nhc)))
			return -EMSGSIZE;
	}
	mnl_attr_nest_end(nlh, nest);
	return 0;
}

/* The way out: object, next hop or several. */
static int put_nexthops(struct nlmsghdr *nlh, size_t size, struct rtmsg *rtm, struct fib_info *fi)
{
	const struct fib_nh_common *nhc;
	unsigned char flags = 0;

	if (fi->nh) {
		if (!mnl_attr_put_u32_check(nlh, size, RTA_NH_ID, nexthop_id(fi->nh)))
			return -EMSGSIZE;
		if (nexthop_is_blackhole(fi->nh))
			rtm->rtm_type = RTN_BLACKHOLE;
		if (!fi->fib_net->ipv4.sysctl_nexthop_compat_mode)
			return 0;
	}
	if (fib_info_num_path(fi) > 1)
		return put_multipath(nlh, size, fi);
	nhc = fib_info_nhc(fi, 0);
	if (fib_nexthop_info(nlh, size, nhc, &flags, false))
		return -EMSGSIZE;
	rtm->rtm_flags = flags;
	if (nhc_realm(nhc) && !mnl_attr_put_u32_check(nlh, size, RTA_FLOW, nhc_realm(nhc)))
		return -EMSGSIZE;
	return 0;
}

static int put_route(struct nlmsghdr *nlh, size_t size, struct rtmsg *rtm,
		     const struct fib_rt_info *fri)
{
	struct fib_info *fi = fri->fi;

	if (!mnl_attr_put_u32_check(nlh, size, RTA_TABLE, fri->tb_id))
		return -EMSGSIZE;
	if (fri->dst_len && !mnl_attr_put_u32_check(nlh, size, RTA_DST, fri->dst))
		return -EMSGSIZE;
	if (fi->fib_priority && !mnl_attr_put_u32_check(nlh, size, RTA_PRIORITY, fi->fib_priority))
		return -EMSGSIZE;
	if (fib_metrics_put(nlh, size, fi->fib_metrics))
		return -EMSGSIZE;
	if (fi->fib_prefsrc && !mnl_attr_put_u32_check(nlh, size, RTA_PREFSRC, fi->fib_prefsrc))
		return -EMSGSIZE;
	return put_nexthops(nlh, size, rtm, fi);
}

/**
 * fib_dump_info() - one route as a message
 * @buf, @size: where; fib_nlmsg_size() bytes are enough
 * @event: RTM_NEWROUTE or RTM_DELROUTE; @flags: NLM_F_*
 * Return: its length, -EMSGSIZE
 */
int fib_dump_info(void *buf, size_t size, u32 portid, u32 seq, int event,
		  const struct fib_rt_info *fri, unsigned flags)
{
	struct nlmsghdr *nlh = buf;
	struct rtmsg *rtm;

	if (size < MNL_NLMSG_HDRLEN + sizeof(*rtm))
		return -EMSGSIZE;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = (u16)event;
	nlh->nlmsg_flags = (u16)flags;
	nlh->nlmsg_pid = portid;
	nlh->nlmsg_seq = seq;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = (u8)fri->dst_len;
	rtm->rtm_tos = fri->tos;
	rtm->rtm_table = fri->tb_id < 256 ? (u8)fri->tb_id : RT_TABLE_COMPAT;
	rtm->rtm_protocol = fri->fi->fib_protocol;
	rtm->rtm_scope = fri->fi->fib_scope;
	rtm->rtm_type = fri->type;
	rtm->rtm_flags = fri->fi->fib_flags;
	if (put_route(nlh, size, rtm, fri))
		return -EMSGSIZE;
	return (int)nlh->nlmsg_len;
}

/* A buffer that does for any route: the caller's, or a larger one from the shard for very many next hops. */
static void *route_buf(struct net *net, struct rtnl_msg *small, size_t *size, struct fib_info *fi)
{
	size_t need = fib_nlmsg_size(fi);

	*size = sizeof(*small);
	if (need <= sizeof(*small))
		return small;
	*size = need;
	return skiff_alloc(net->skiff, need);
}

/**
 * rtmsg_fib() - tell the listeners of RTNLGRP_IPV4_ROUTE that a route came or went
 * @event: RTM_NEWROUTE or RTM_DELROUTE; @key: be, prefix
 * @portid, @seq: of the request that did it, 0 if the stack did
 */
void rtmsg_fib(int event, __be32 key, struct fib_alias *fa, int dst_len, u32 tb_id, u32 portid,
	       u32 seq, u32 nlm_flags, struct net *net)
{
	const struct fib_rt_info fri = {
		fa->fa_info, tb_id, key, dst_len, fa->fa_tos, fa->fa_type
	};
	struct rtnl_msg small;
	size_t size;
	void *buf;

	if (!net->rtnl_notify)
		return;
	buf = route_buf(net, &small, &size, fri.fi);
	if (!buf)
		return;
	if (fib_dump_info(buf, size, portid, seq, event, &fri, nlm_flags) > 0)
		rtnl_notify(net, buf, RTNLGRP_IPV4_ROUTE);
	if (buf != &small)
		skiff_free(net->skiff, buf);
}

/* ---- dumps ---- */

/**
 * struct route_dump - a RTM_GETROUTE dump under way
 * @table, @protocol, @type, @dev: only such routes; 0 or NULL: any
 * @routes, @exceptions: which of them
 * @flags: of every message
 */
struct route_dump {
	struct rtnl_req *req;
	u32 table;
	u8 protocol, type;
	struct net_device *dev;
	bool routes, exceptions;
	unsigned flags;
	u32 now_in;
};

/* The header of a strict request filters; what it cannot filter by must be 0. */
static int dump_filter_header(struct route_dump *d, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct netlink_ext_ack *extack = d->req->extack;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm)) {
		NL_SET_ERR_MSG(extack, "Invalid header for FIB dump request");
		return -EINVAL;
	}
	if (rtm->rtm_dst_len || rtm->rtm_src_len || rtm->rtm_tos || rtm->rtm_scope) {
		NL_SET_ERR_MSG(extack, "Invalid values in header for FIB dump request");
		return -EINVAL;
	}
	if (rtm->rtm_flags & ~(unsigned)(RTM_F_CLONED | RTM_F_PREFIX)) {
		NL_SET_ERR_MSG(extack, "Invalid flags for FIB dump request");
		return -EINVAL;
	}
	/* "ip route show cache" */
	d->exceptions = rtm->rtm_flags & RTM_F_CLONED;
	d->routes = !d->exceptions;
	d->protocol = rtm->rtm_protocol;
	d->type = rtm->rtm_type;
	d->table = rtm->rtm_table;
	d->flags |= NLM_F_DUMP_FILTERED;
	return 0;
}

/* Sizes are checked as in other requests, what is unknown or left over is refused. */
static int dump_filter_attrs(struct route_dump *d, const struct nlmsghdr *nlh)
{
	struct netlink_ext_ack *extack = d->req->extack;
	const struct nlattr *tb[RTA_MAX + 1];
	int err;

	err = nlmsg_parse_(nlh, sizeof(struct rtmsg), tb, RTA_MAX, rtm_ipv4_policy, false, extack);
	if (!err)
		err = nlmsg_parse_(nlh, sizeof(struct rtmsg), tb, RTA_MAX, NULL, true, extack);
	if (err)
		return err;
	for (int i = 0; i <= RTA_MAX; i++) {
		if (!tb[i] || i == RTA_OIF || i == RTA_TABLE)
			continue;
		NL_SET_ERR_MSG(extack, "Unsupported attribute in dump request");
		return -EINVAL;
	}
	if (tb[RTA_TABLE])
		d->table = mnl_attr_get_u32(tb[RTA_TABLE]);
	if (tb[RTA_OIF]) {
		d->dev = dev_get_by_index(d->req->net, mnl_attr_get_u32(tb[RTA_OIF]));
		if (!d->dev)
			return -ENODEV;
	}
	return 0;
}

static bool dump_wants(const struct route_dump *d, const struct fib_alias *fa)
{
	if (d->type && fa->fa_type != d->type)
		return false;
	if (d->protocol && fa->fa_info->fib_protocol != d->protocol)
		return false;
	return !d->dev || fib_info_nh_uses_dev(fa->fa_info, d->dev);
}

static int dump_one(struct route_dump *d, const struct fib_rt_info *fri)
{
	struct net *net = d->req->net;
	struct rtnl_msg small;
	size_t size;
	void *buf = route_buf(net, &small, &size, fri->fi);

	if (!buf)
		return -ENOBUFS;
	if (fib_dump_info(buf, size, d->req->portid, d->req->nlh->nlmsg_seq, RTM_NEWROUTE, fri,
			  d->flags) > 0)
		rtnl_reply(d->req, buf);
	if (buf != &small)
		skiff_free(net->skiff, buf);
	return 0;
}

static int dump_route(void *arg, __be32 prefix, int plen, struct fib_alias *fa)
{
	const struct fib_rt_info fri = { fa->fa_info, fa->tb_id,  prefix,
					 plen,	      fa->fa_tos, fa->fa_type };
	struct route_dump *d = arg;
	int err = 0;

	if (fa->tb_id != d->now_in || !dump_wants(d, fa))
		return 0;
	if (d->routes)
		err = dump_one(d, &fri);
	if (!err && d->exceptions)
		fib_dump_exceptions(d->req, fa->tb_id, fa->fa_info, d->flags);
	return err;
}

static int dump_table(void *arg, struct fib_table *tb)
{
	struct route_dump *d = arg;

	d->now_in = fib_table_id(tb);
	return fib_table_walk(tb, dump_route, d);
}

/**
 * inet_dump_fib() - all routes, or those of a table, protocol, type or device
 * Return: 0 or -errno with a sentence
 */
int inet_dump_fib(struct rtnl_req *req)
{
	struct route_dump d = {
		.req = req, .flags = NLM_F_MULTI, .routes = true, .exceptions = true
	};
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(req->nlh);
	struct fib_table *tb;
	int err;

	if (req->strict) {
		err = dump_filter_header(&d, req->nlh);
		if (!err)
			err = dump_filter_attrs(&d, req->nlh);
		if (err)
			return err;
	} else if (req->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm)) {
		return fib_tables_walk(req->net, dump_table, &d);
	}
	/* No IPv4 route is made from a router's prefix announcement. */
	if (rtm->rtm_flags & RTM_F_PREFIX)
		return 0;
	if (!d.table)
		return fib_tables_walk(req->net, dump_table, &d);
	tb = fib_get_table(req->net, d.table);
	if (tb)
		return dump_table(&d, tb);
	if (rtm->rtm_family != AF_INET)
		return 0;
	NL_SET_ERR_MSG(req->extack, "ipv4: FIB table does not exist");
	return -ENOENT;
}
