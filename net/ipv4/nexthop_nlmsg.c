// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop_nlmsg.c - RTM_NEWNEXTHOP, DELNEXTHOP, GETNEXTHOP: requests checked in the kernel's order, messages written.
 *
 * Buckets of resilient groups are in nexthop_bucket.c. IPv6 next hops are refused in the words of a kernel without IPv6, encapsulations likewise.
 */
#include "net/ipv4/nexthop_internal.h"

/* What older <linux/nexthop.h> lack. */
#define NHA_OP_FLAGS_	     14 /* u32 */
#define NHA_GROUP_STATS_     15
#define NHA_HW_STATS_ENABLE_ 16 /* u32 */
#define NHA_HW_STATS_USED_   17 /* u32 */
#define NHA_NEW_MAX	     NHA_HW_STATS_ENABLE_
#define NHA_GET_MAX	     NHA_OP_FLAGS_

#define NHA_OP_FLAG_DUMP_STATS	  BIT(0)
#define NHA_OP_FLAG_DUMP_HW_STATS BIT(1)
#define NHA_OP_FLAG_RESP_GRP_RESVD_0_ \
	(1u << 31) /* the fields of struct nexthop_grp that were reserved say something */

#define NHA_GROUP_STATS_ENTRY_	    1
#define NHA_GROUP_STATS_ID_	    1 /* u32 */
#define NHA_GROUP_STATS_PACKETS_    2
#define NHA_GROUP_STATS_PACKETS_HW_ 3

#define NH_MSG_HEAD 512 /* bytes for all but a group's members */
#define NH_MSG_MEMBER \
	(sizeof(struct nexthop_grp) + 3 * sizeof(struct nlattr) + 3 * 8 + sizeof(struct nlattr))

/* ---- writing ---- */

static void put_uint(struct nlmsghdr *nlh, u16 type, u64 v)
{
	if (v <= UINT32_MAX)
		mnl_attr_put_u32(nlh, type, (u32)v);
	else
		mnl_attr_put_u64(nlh, type, v);
}

static void put_stats(struct nlmsghdr *nlh, const struct nh_group *nhg, u32 op_flags)
{
	bool hw = op_flags & NHA_OP_FLAG_DUMP_HW_STATS;
	struct nlattr *all, *one;

	mnl_attr_put_u32(nlh, NHA_HW_STATS_ENABLE_, nhg->hw_stats);
	if (hw)
		mnl_attr_put_u32(nlh, NHA_HW_STATS_USED_, 0); /* no device counts for us */
	all = mnl_attr_nest_start(nlh, NHA_GROUP_STATS_);
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		one = mnl_attr_nest_start(nlh, NHA_GROUP_STATS_ENTRY_);
		mnl_attr_put_u32(nlh, NHA_GROUP_STATS_ID_, nhg->nh_entries[i].nh->id);
		put_uint(nlh, NHA_GROUP_STATS_PACKETS_, nhg->nh_entries[i].packets);
		if (hw)
			put_uint(nlh, NHA_GROUP_STATS_PACKETS_HW_, 0);
		mnl_attr_nest_end(nlh, one);
	}
	mnl_attr_nest_end(nlh, all);
}

static void put_group(struct nlmsghdr *nlh, const struct nh_group *nhg, u32 op_flags)
{
	struct nlattr *members;

	if (nhg->fdb_nh)
		mnl_attr_put(nlh, NHA_FDB, 0, NULL);
	mnl_attr_put_u16(nlh, NHA_GROUP_TYPE,
			 nhg->res ? NEXTHOP_GRP_TYPE_RES : NEXTHOP_GRP_TYPE_MPATH);
	members = mnl_nlmsg_get_payload_tail(nlh);
	members->nla_type = NHA_GROUP;
	members->nla_len = (u16)(sizeof(*members) + nhg->num_nh * sizeof(struct nexthop_grp));
	nlh->nlmsg_len += members->nla_len;
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		u8 *p = (u8 *)(members + 1) + i * sizeof(struct nexthop_grp);
		u32 weight = nhg->nh_entries[i].weight - 1;

		put_unaligned32(nhg->nh_entries[i].nh->id, p);
		p[4] = (u8)weight;
		p[5] = (u8)(weight >> 8);
	}
	if (nhg->res)
		nh_res_put(nlh, nhg->res);
	if (op_flags & NHA_OP_FLAG_DUMP_STATS)
		put_stats(nlh, nhg, op_flags);
	mnl_attr_put_u32(nlh, NHA_OP_FLAGS_, NHA_OP_FLAG_RESP_GRP_RESVD_0_);
}

static void put_single(struct nlmsghdr *nlh, struct nhmsg *nhm, const struct nh_info *nhi)
{
	const struct fib_nh_common *nhc = &nhi->fib_nh.nh_common;

	nhm->nh_family = nhi->family;
	if (nhi->reject_nh) {
		mnl_attr_put(nlh, NHA_BLACKHOLE, 0, NULL);
		return;
	}
	if (nhi->fdb_nh)
		mnl_attr_put(nlh, NHA_FDB, 0, NULL);
	else
		mnl_attr_put_u32(nlh, NHA_OIF, nhc->nhc_dev->ifindex);
	nhm->nh_scope = nhc->nhc_scope;
	if (nhc->nhc_gw_family)
		mnl_attr_put_u32(nlh, NHA_GATEWAY, nhc->nhc_gw);
}

struct nh_msg {
	u16 type;
	u16 flags;
	u32 seq;
	u32 portid;
	u32 op_flags;
};

/* A message about @nh in memory of its own (a group may be large); NULL: none. The caller frees it. */
static struct nlmsghdr *make_message(const struct nexthop *nh, const struct nh_msg *m)
{
	size_t members = nh->is_group ? nh->nh_grp->num_nh : 0;
	void *buf = skiff_zalloc(nh->skiff, NH_MSG_HEAD + members * NH_MSG_MEMBER);
	struct nlmsghdr *nlh;
	struct nhmsg *nhm;

	if (!buf)
		return NULL;
	nlh = mnl_nlmsg_put_header(buf);
	nhm = mnl_nlmsg_put_extra_header(nlh, sizeof(*nhm));
	nlh->nlmsg_type = m->type;
	nlh->nlmsg_flags = m->flags;
	nlh->nlmsg_seq = m->seq;
	nlh->nlmsg_pid = m->portid;
	nhm->nh_flags = nh->nh_flags;
	nhm->nh_protocol = nh->protocol;
	mnl_attr_put_u32(nlh, NHA_ID, nh->id);
	if (nh->is_group)
		put_group(nlh, nh->nh_grp, m->op_flags);
	else
		put_single(nlh, nhm, nh->nh_info);
	return nlh;
}

/**
 * nexthop_notify() - tell the listeners of RTNLGRP_NEXTHOP about @nh
 */
void nexthop_notify(u16 event, const struct nexthop *nh, const struct nl_info *info)
{
	const struct nh_msg m = { .type = event,
				  .flags = info->nlh->nlmsg_flags,
				  .seq = info->nlh->nlmsg_seq,
				  .portid = info->portid };
	struct nlmsghdr *nlh = make_message(nh, &m);

	if (!nlh)
		return;
	if (info->req && (info->nlh->nlmsg_flags & NLM_F_ECHO))
		rtnl_reply(info->req, nlh);
	rtnl_notify(nh->net, nlh, RTNLGRP_NEXTHOP);
	skiff_free(nh->skiff, nlh);
}

/* ---- requests: RTM_NEWNEXTHOP ---- */

static int refuse(struct rtnl_req *req, const char *why)
{
	NL_SET_ERR_MSG(req->extack, why);
	return -EINVAL;
}

static int check_members(struct rtnl_req *req, const struct nlattr *attr, struct nh_config *cfg)
{
	u32 len = mnl_attr_get_payload_len(attr), n = len / sizeof(*cfg->grp);

	if (!len || len % sizeof(*cfg->grp))
		return refuse(req, "Invalid length for nexthop group attribute");
	cfg->grp = mnl_attr_get_payload(attr);
	cfg->num_grp = (u16)n;
	for (u32 i = 0; i < n; i++) {
		if (cfg->grp[i].resvd2)
			return refuse(req, "Reserved field in nexthop_grp must be 0");
		if (nexthop_grp_weight(&cfg->grp[i]) > UINT16_MAX)
			return refuse(req, "Invalid value for weight");
		for (u32 j = i + 1; j < n; j++) {
			if (cfg->grp[i].id == cfg->grp[j].id)
				return refuse(req, "Nexthop id can not be used twice in a group");
		}
	}
	return 0;
}

static int parse_group(struct rtnl_req *req, const struct nlattr **tb, struct nh_config *cfg)
{
	u16 type = NEXTHOP_GRP_TYPE_MPATH;
	int err;

	if (cfg->nh_family != AF_UNSPEC)
		return refuse(req, "Invalid family for group");
	if (tb[NHA_GROUP_TYPE])
		type = mnl_attr_get_u16(tb[NHA_GROUP_TYPE]);
	if (type > NEXTHOP_GRP_TYPE_RES)
		return refuse(req, "Invalid group type");
	err = check_members(req, tb[NHA_GROUP], cfg);
	if (err)
		return err;
	for (int i = NHA_GROUP_TYPE + 1; i <= NHA_NEW_MAX; i++) {
		if (!tb[i] || i == NHA_FDB || i == NHA_HW_STATS_ENABLE_ ||
		    (i == NHA_RES_GROUP && type == NEXTHOP_GRP_TYPE_RES))
			continue;
		return refuse(req, "No other attributes can be set in nexthop groups");
	}
	cfg->nh_hw_stats = tb[NHA_HW_STATS_ENABLE_] && mnl_attr_get_u32(tb[NHA_HW_STATS_ENABLE_]);
	return type == NEXTHOP_GRP_TYPE_RES ? nh_res_parse(req, tb[NHA_RES_GROUP], cfg) : 0;
}

static int parse_gateway(struct rtnl_req *req, const struct nlattr *gw, struct nh_config *cfg)
{
	u32 want = cfg->nh_family == AF_INET6 ? 16 : sizeof(__be32);

	if (!gw) {
		if (cfg->nh_flags & RTNH_F_ONLINK)
			return refuse(req,
				      "ONLINK flag can not be set for nexthop without a gateway");
		return 0;
	}
	if (mnl_attr_get_payload_len(gw) != want)
		return refuse(req, "Invalid gateway");
	if (cfg->nh_family == AF_INET)
		cfg->gw = mnl_attr_get_u32(gw);
	return 0;
}

static int parse_single(struct rtnl_req *req, const struct nlattr **tb, struct nh_config *cfg)
{
	int err;

	if (tb[NHA_BLACKHOLE]) {
		if (tb[NHA_GATEWAY] || tb[NHA_OIF] || tb[NHA_ENCAP] || tb[NHA_ENCAP_TYPE] ||
		    tb[NHA_FDB])
			return refuse(
				req,
				"Blackhole attribute can not be used with gateway, oif, encap or fdb");
		cfg->nh_blackhole = true;
		return 0;
	}
	if (!cfg->nh_fdb && !tb[NHA_OIF])
		return refuse(req,
			      "Device attribute required for non-blackhole and non-fdb nexthops");
	err = parse_gateway(req, tb[NHA_GATEWAY], cfg);
	if (err)
		return err;
	if (tb[NHA_ENCAP] && !tb[NHA_ENCAP_TYPE])
		return refuse(req, "LWT encapsulation type is missing");
	if (!tb[NHA_ENCAP] && tb[NHA_ENCAP_TYPE])
		return refuse(req, "LWT encapsulation attribute is missing");
	if (tb[NHA_ENCAP]) {
		NL_SET_ERR_MSG(req->extack, "CONFIG_LWTUNNEL is not enabled in this kernel");
		return -EOPNOTSUPP;
	}
	if (tb[NHA_HW_STATS_ENABLE_])
		return refuse(req,
			      "Cannot enable nexthop hardware statistics for non-group nexthops");
	return 0;
}

/* What can be said without looking at anything else. */
static int parse_new(struct rtnl_req *req, const struct nlattr **tb, struct nh_config *cfg)
{
	const struct nhmsg *nhm = mnl_nlmsg_get_payload(req->nlh);

	if (nhm->resvd || nhm->nh_scope)
		return refuse(req, "Invalid values in ancillary header");
	if (nhm->nh_flags & ~(u32)RTNH_F_ONLINK)
		return refuse(req, "Invalid nexthop flags in ancillary header");
	if (nhm->nh_family != AF_INET && nhm->nh_family != AF_INET6 &&
	    !(nhm->nh_family == AF_UNSPEC && tb[NHA_GROUP]))
		return refuse(req, "Invalid address family");
	cfg->nlflags = req->nlh->nlmsg_flags;
	cfg->nh_family = nhm->nh_family;
	cfg->nh_protocol = nhm->nh_protocol;
	cfg->nh_flags = nhm->nh_flags;
	if (tb[NHA_ID])
		cfg->nh_id = mnl_attr_get_u32(tb[NHA_ID]);
	if (tb[NHA_FDB]) {
		if (tb[NHA_OIF] || tb[NHA_BLACKHOLE] || tb[NHA_ENCAP] || tb[NHA_ENCAP_TYPE])
			return refuse(req,
				      "Fdb attribute can not be used with encap, oif or blackhole");
		if (nhm->nh_flags)
			return refuse(req, "Unsupported nexthop flags in ancillary header");
		cfg->nh_fdb = true;
	}
	return tb[NHA_GROUP] ? parse_group(req, tb, cfg) : parse_single(req, tb, cfg);
}

static int resolve_member(struct rtnl_req *req, const struct nh_config *cfg, u32 id)
{
	const struct nexthop *nh = nexthop_find_by_id(req->net, id);

	if (!nh)
		return refuse(req, "Invalid nexthop id");
	if (nh->is_group)
		return refuse(req,
			      nh->nh_grp->res ?
				      "Resilient group can not be a nexthop within a group" :
				      "Hash-threshold group can not be a nexthop within a group");
	if (nh->nh_info->reject_nh && cfg->num_grp > 1)
		return refuse(req,
			      "Blackhole nexthop can not be used in a group with more than 1 path");
	if (cfg->nh_fdb && !nh->nh_info->fdb_nh)
		return refuse(req, "FDB nexthop group can only have fdb nexthops");
	if (!cfg->nh_fdb && nh->nh_info->fdb_nh)
		return refuse(req, "Non FDB nexthop group cannot have fdb nexthops");
	return 0;
}

static int resolve_device(struct rtnl_req *req, const struct nlattr *oif, struct nh_config *cfg)
{
	cfg->nh_ifindex = mnl_attr_get_u32(oif);
	cfg->dev = cfg->nh_ifindex ? dev_get_by_index(req->net, cfg->nh_ifindex) : NULL;
	if (!cfg->dev)
		return refuse(req, "Invalid device index");
	if (!netif_running(cfg->dev)) {
		NL_SET_ERR_MSG(req->extack, "Nexthop device is not up");
		return -ENETDOWN;
	}
	if (!netif_carrier_ok(cfg->dev)) {
		NL_SET_ERR_MSG(req->extack, "Carrier for nexthop device is down");
		return -ENETDOWN;
	}
	return 0;
}

/* What the request refers to. */
static int resolve_new(struct rtnl_req *req, const struct nlattr **tb, struct nh_config *cfg)
{
	if (!cfg->grp)
		return tb[NHA_OIF] ? resolve_device(req, tb[NHA_OIF], cfg) : 0;
	for (u32 i = 0; i < cfg->num_grp; i++) {
		int err = resolve_member(req, cfg, cfg->grp[i].id);

		if (err)
			return err;
	}
	return 0;
}

static int rtm_new_nexthop(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_NEW_MAX + 1] = {
		[NHA_ID] = { .type = MNL_TYPE_U32 },
		[NHA_GROUP] = { .type = MNL_TYPE_BINARY },
		[NHA_GROUP_TYPE] = { .type = MNL_TYPE_U16 },
		[NHA_BLACKHOLE] = { .type = MNL_TYPE_FLAG },
		[NHA_OIF] = { .type = MNL_TYPE_U32 },
		[NHA_GATEWAY] = { .type = MNL_TYPE_BINARY },
		[NHA_ENCAP_TYPE] = { .type = MNL_TYPE_U16 },
		[NHA_ENCAP] = { .type = MNL_TYPE_NESTED },
		[NHA_FDB] = { .type = MNL_TYPE_FLAG },
		[NHA_RES_GROUP] = { .type = MNL_TYPE_NESTED },
		[NHA_HW_STATS_ENABLE_] = { .type = MNL_TYPE_U32,
					   .check = NLA_CHECK_RANGE,
					   .hi = 1 },
	};
	const struct nlattr *tb[NHA_NEW_MAX + 1];
	const struct nl_info info = { .nlh = req->nlh, .portid = req->portid, .req = req };
	struct nh_config cfg = { 0 };
	int err = nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_NEW_MAX, policy, true,
			       req->extack);

	if (!err)
		err = parse_new(req, tb, &cfg);
	if (!err && (cfg.nlflags & NLM_F_REPLACE) && !cfg.nh_id)
		err = refuse(req, "Replace requires nexthop id");
	if (!err)
		err = resolve_new(req, tb, &cfg);
	if (!err)
		nexthop_add(req->net, &cfg, &info, req->extack, &err);
	return err;
}

/* ---- requests: RTM_DELNEXTHOP, RTM_GETNEXTHOP ---- */

/**
 * nexthop_parse_id() - the number in a request that may name nothing else
 */
int nexthop_parse_id(struct rtnl_req *req, const struct nlattr **tb, u32 *id)
{
	const struct nhmsg *nhm = mnl_nlmsg_get_payload(req->nlh);

	if (nhm->nh_protocol || nhm->resvd || nhm->nh_scope || nhm->nh_flags)
		return refuse(req, "Invalid values in header");
	if (!tb[NHA_ID])
		return refuse(req, "Nexthop id is missing");
	*id = mnl_attr_get_u32(tb[NHA_ID]);
	return *id ? 0 : refuse(req, "Invalid nexthop id");
}

static int find_nexthop(struct rtnl_req *req, const struct nlattr **tb, struct nexthop **nh)
{
	u32 id;
	int err = nexthop_parse_id(req, tb, &id);

	if (err)
		return err;
	*nh = nexthop_find_by_id(req->net, id);
	return *nh ? 0 : -ENOENT;
}

static int rtm_del_nexthop(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_ID + 1] = { [NHA_ID] = {
								       .type = MNL_TYPE_U32 } };
	const struct nl_info info = { .nlh = req->nlh, .portid = req->portid, .req = req };
	const struct nlattr *tb[NHA_ID + 1];
	struct nexthop *nh;
	int err =
		nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_ID, policy, true, req->extack);

	if (!err)
		err = find_nexthop(req, tb, &nh);
	if (!err)
		remove_nexthop(req->net, nh, &info);
	return err;
}

#define OP_FLAGS_POLICY                                                   \
	{                                                                 \
		.type = MNL_TYPE_U32, .check = NLA_CHECK_MASK,            \
		.hi = NHA_OP_FLAG_DUMP_STATS | NHA_OP_FLAG_DUMP_HW_STATS, \
	}

static u32 get_op_flags(const struct nlattr **tb)
{
	return tb[NHA_OP_FLAGS_] ? mnl_attr_get_u32(tb[NHA_OP_FLAGS_]) : 0;
}

static int reply_nexthop(struct rtnl_req *req, const struct nexthop *nh, u16 flags, u32 op_flags)
{
	const struct nh_msg m = { .type = RTM_NEWNEXTHOP,
				  .flags = flags,
				  .seq = req->nlh->nlmsg_seq,
				  .portid = req->portid,
				  .op_flags = op_flags };
	struct nlmsghdr *nlh = make_message(nh, &m);

	if (!nlh)
		return -ENOBUFS;
	rtnl_reply(req, nlh);
	skiff_free(nh->skiff, nlh);
	return 0;
}

static int rtm_get_nexthop(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_GET_MAX + 1] = {
		[NHA_ID] = { .type = MNL_TYPE_U32 },
		[NHA_OP_FLAGS_] = OP_FLAGS_POLICY,
	};
	const struct nlattr *tb[NHA_GET_MAX + 1];
	struct nexthop *nh;
	int err = nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_GET_MAX, policy, true,
			       req->extack);

	if (!err)
		err = find_nexthop(req, tb, &nh);
	return err ? err : reply_nexthop(req, nh, 0, get_op_flags(tb));
}

/**
 * nexthop_parse_dump() - what a request to dump asks for
 * @tb: at least up to NHA_MASTER
 */
int nexthop_parse_dump(struct rtnl_req *req, const struct nlattr **tb, struct nh_dump_filter *f)
{
	const struct nhmsg *nhm = mnl_nlmsg_get_payload(req->nlh);

	f->dev_idx = tb[NHA_OIF] ? mnl_attr_get_u32(tb[NHA_OIF]) : 0;
	f->master_idx = tb[NHA_MASTER] ? mnl_attr_get_u32(tb[NHA_MASTER]) : 0;
	f->groups = tb[NHA_GROUPS];
	f->nh_id = 0;
	f->family = nhm->nh_family;
	if (f->dev_idx > INT32_MAX)
		return refuse(req, "Invalid device index");
	if (f->master_idx > INT32_MAX)
		return refuse(req, "Invalid master device index");
	if (nhm->nh_protocol || nhm->resvd || nhm->nh_scope || nhm->nh_flags)
		return refuse(req, "Invalid values in header for nexthop dump request");
	return 0;
}

/**
 * nexthop_dump_wants() - is @nh one of those?
 */
bool nexthop_dump_wants(const struct nh_dump_filter *f, const struct nexthop *nh)
{
	const struct net_device *dev;

	if (f->groups && !nh->is_group)
		return false;
	if (!f->dev_idx && !f->master_idx && !f->family)
		return true;
	if (nh->is_group || (f->family && nh->nh_info->family != f->family))
		return false;
	dev = nh->nh_info->fib_nh.fib_nh_dev;
	if (f->dev_idx && (!dev || dev->ifindex != f->dev_idx))
		return false;
	return !f->master_idx; /* no device has a master */
}

static int rtm_dump_nexthop(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_GET_MAX + 1] = {
		[NHA_OIF] = { .type = MNL_TYPE_U32 },
		[NHA_GROUPS] = { .type = MNL_TYPE_FLAG },
		[NHA_MASTER] = { .type = MNL_TYPE_U32 },
		[NHA_FDB] = { .type = MNL_TYPE_FLAG }, /* taken, and selects nothing */
		[NHA_OP_FLAGS_] = OP_FLAGS_POLICY,
	};
	const struct nlattr *tb[NHA_GET_MAX + 1];
	const struct nexthop_table *t = req->net->ipv4.nexthop;
	struct nh_dump_filter f;
	int err = nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_GET_MAX, policy, true,
			       req->extack);

	if (!err)
		err = nexthop_parse_dump(req, tb, &f);
	for (u32 i = 0; !err && i < t->count; i++) {
		if (nexthop_dump_wants(&f, t->nh[i]))
			err = reply_nexthop(req, t->nh[i], NLM_F_MULTI, get_op_flags(tb));
	}
	return err;
}

const struct rtnl_handler nexthop_rtnl[] = {
	{ .msgtype = RTM_NEWNEXTHOP, .doit = rtm_new_nexthop },
	{ .msgtype = RTM_DELNEXTHOP, .doit = rtm_del_nexthop },
	{ .msgtype = RTM_GETNEXTHOP, .doit = rtm_get_nexthop, .dumpit = rtm_dump_nexthop },
	{ 0 },
};
