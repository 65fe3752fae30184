// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop_bucket.c - buckets of resilient groups as messages: RTM_NEWNEXTHOPBUCKET, RTM_GETNEXTHOPBUCKET. */
#include "net/ipv4/nexthop_internal.h"

#define TICKS_PER_CLOCK (HZ / USER_HZ)

static int refuse(struct rtnl_req *req, const char *why)
{
	NL_SET_ERR_MSG(req->extack, why);
	return -EINVAL;
}

/* What tells a message about a bucket from another. */
struct bucket_msg {
	u16 flags;
	u32 seq;
	u32 portid;
};

static void fill_bucket(struct rtnl_msg *msg, const struct nh_res_table *t, u16 index,
			const struct bucket_msg *m)
{
	const struct nh_res_bucket *bucket = &t->bucket[index];
	struct nlmsghdr *nlh = &msg->nlh;
	struct nlattr *nest;

	memset(msg->buf, 0, 128);
	mnl_nlmsg_put_header(nlh);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nhmsg));
	nlh->nlmsg_type = RTM_NEWNEXTHOPBUCKET;
	nlh->nlmsg_flags = m->flags;
	nlh->nlmsg_seq = m->seq;
	nlh->nlmsg_pid = m->portid;
	mnl_attr_put_u32(nlh, NHA_ID, t->nh->id);
	nest = mnl_attr_nest_start(nlh, NHA_RES_BUCKET);
	mnl_attr_put_u16(nlh, NHA_RES_BUCKET_INDEX, index);
	mnl_attr_put_u32(nlh, NHA_RES_BUCKET_NH_ID, bucket->nhge->nh->id);
	mnl_attr_put_u64(nlh, NHA_RES_BUCKET_IDLE_TIME,
			 nh_res_idle_time(t, bucket) / TICKS_PER_CLOCK);
	mnl_attr_nest_end(nlh, nest);
}

/**
 * nexthop_bucket_notify() - tell the listeners of RTNLGRP_NEXTHOP that a bucket moved by itself
 */
void nexthop_bucket_notify(const struct nh_res_table *t, u16 index)
{
	static const struct bucket_msg m = { .flags = NLM_F_REPLACE };
	struct rtnl_msg msg;

	fill_bucket(&msg, t, index, &m);
	rtnl_notify(t->nh->net, &msg.nlh, RTNLGRP_NEXTHOP);
}

/**
 * nh_res_put() - NHA_RES_GROUP of a group's message
 */
void nh_res_put(struct nlmsghdr *nlh, const struct nh_res_table *t)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NHA_RES_GROUP);

	mnl_attr_put_u16(nlh, NHA_RES_GROUP_BUCKETS, (u16)t->num_buckets);
	mnl_attr_put_u32(nlh, NHA_RES_GROUP_IDLE_TIMER, (u32)(t->idle_timer / TICKS_PER_CLOCK));
	mnl_attr_put_u32(nlh, NHA_RES_GROUP_UNBALANCED_TIMER,
			 (u32)(t->unbalanced_timer / TICKS_PER_CLOCK));
	mnl_attr_put_u64(nlh, NHA_RES_GROUP_UNBALANCED_TIME,
			 nh_res_unbalanced_time(t) / TICKS_PER_CLOCK);
	mnl_attr_nest_end(nlh, nest);
}

/**
 * nh_res_parse() - NHA_RES_GROUP of a request
 * @attr: NULL: nothing said
 */
int nh_res_parse(struct rtnl_req *req, const struct nlattr *attr, struct nh_config *cfg)
{
	static const struct nla_policy_ policy[NHA_RES_GROUP_UNBALANCED_TIMER + 1] = {
		[NHA_RES_GROUP_BUCKETS] = { .type = MNL_TYPE_U16 },
		[NHA_RES_GROUP_IDLE_TIMER] = { .type = MNL_TYPE_U32 },
		[NHA_RES_GROUP_UNBALANCED_TIMER] = { .type = MNL_TYPE_U32 },
	};
	const struct nlattr *tb[NHA_RES_GROUP_UNBALANCED_TIMER + 1], *a;
	int err;

	cfg->resilient = true;
	if (!attr)
		return 0;
	err = nla_parse_(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), tb,
			 NHA_RES_GROUP_UNBALANCED_TIMER, policy, true, req->extack);
	if (err)
		return err;
	a = tb[NHA_RES_GROUP_BUCKETS];
	if (a) {
		cfg->has_num_buckets = true;
		cfg->num_buckets = mnl_attr_get_u16(a);
		if (!cfg->num_buckets)
			return refuse(req, "Number of buckets needs to be non-0");
	}
	a = tb[NHA_RES_GROUP_IDLE_TIMER];
	cfg->has_idle_timer = a;
	cfg->idle_timer = a ? (u64)mnl_attr_get_u32(a) * TICKS_PER_CLOCK : 0;
	a = tb[NHA_RES_GROUP_UNBALANCED_TIMER];
	cfg->has_unbalanced_timer = a;
	cfg->unbalanced_timer = a ? (u64)mnl_attr_get_u32(a) * TICKS_PER_CLOCK : 0;
	return 0;
}

/* ---- RTM_GETNEXTHOPBUCKET ---- */

static int find_table(struct rtnl_req *req, u32 id, const struct nh_res_table **t)
{
	const struct nexthop *nh = nexthop_find_by_id(req->net, id);

	if (!nh)
		return -ENOENT;
	if (!nh->is_group)
		return refuse(req, "Not a nexthop group");
	if (!nh->nh_grp->res)
		return refuse(req, "Nexthop group not of type resilient");
	*t = nh->nh_grp->res;
	return 0;
}

static int parse_index(struct rtnl_req *req, const struct nlattr *attr, u16 *index)
{
	static const struct nla_policy_ policy[NHA_RES_BUCKET_INDEX + 1] = {
		[NHA_RES_BUCKET_INDEX] = { .type = MNL_TYPE_U16 },
	};
	const struct nlattr *tb[NHA_RES_BUCKET_INDEX + 1];
	int err;

	if (!attr)
		return refuse(req, "Bucket information is missing");
	err = nla_parse_(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), tb,
			 NHA_RES_BUCKET_INDEX, policy, true, req->extack);
	if (err)
		return err;
	if (!tb[NHA_RES_BUCKET_INDEX])
		return refuse(req, "Bucket index is missing");
	*index = mnl_attr_get_u16(tb[NHA_RES_BUCKET_INDEX]);
	return 0;
}

static int rtm_get_nexthop_bucket(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_RES_BUCKET + 1] = {
		[NHA_ID] = { .type = MNL_TYPE_U32 },
		[NHA_RES_BUCKET] = { .type = MNL_TYPE_NESTED },
	};
	const struct bucket_msg m = { .seq = req->nlh->nlmsg_seq, .portid = req->portid };
	const struct nlattr *tb[NHA_RES_BUCKET + 1];
	const struct nh_res_table *t;
	struct rtnl_msg msg;
	u16 index;
	u32 id;
	int err = nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_RES_BUCKET, policy, true,
			       req->extack);

	if (!err)
		err = nexthop_parse_id(req, tb, &id);
	if (!err)
		err = parse_index(req, tb[NHA_RES_BUCKET], &index);
	if (!err)
		err = find_table(req, id, &t);
	if (err)
		return err;
	if (index >= t->num_buckets) {
		NL_SET_ERR_MSG(req->extack, "Bucket index out of bounds");
		return -ENOENT;
	}
	fill_bucket(&msg, t, index, &m);
	rtnl_reply(req, &msg.nlh);
	return 0;
}

static void dump_table(struct rtnl_req *req, const struct nh_res_table *t,
		       const struct nh_dump_filter *f)
{
	const struct bucket_msg m = { .flags = NLM_F_MULTI,
				      .seq = req->nlh->nlmsg_seq,
				      .portid = req->portid };
	struct rtnl_msg msg;

	for (u32 i = 0; i < t->num_buckets; i++) {
		const struct nexthop *nh = t->bucket[i].nhge->nh;

		if ((f->nh_id && nh->id != f->nh_id) || !nexthop_dump_wants(f, nh))
			continue;
		fill_bucket(&msg, t, (u16)i, &m);
		rtnl_reply(req, &msg.nlh);
	}
}

static int parse_member(struct rtnl_req *req, const struct nlattr *attr, u32 *nh_id)
{
	static const struct nla_policy_ policy[NHA_RES_BUCKET_NH_ID + 1] = {
		[NHA_RES_BUCKET_NH_ID] = { .type = MNL_TYPE_U32 },
	};
	const struct nlattr *tb[NHA_RES_BUCKET_NH_ID + 1];
	int err = nla_parse_(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr), tb,
			     NHA_RES_BUCKET_NH_ID, policy, true, req->extack);

	if (err || !tb[NHA_RES_BUCKET_NH_ID])
		return err;
	*nh_id = mnl_attr_get_u32(tb[NHA_RES_BUCKET_NH_ID]);
	return *nh_id ? 0 : refuse(req, "Invalid nexthop id");
}

static int rtm_dump_nexthop_bucket(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NHA_RES_BUCKET + 1] = {
		[NHA_ID] = { .type = MNL_TYPE_U32 },
		[NHA_OIF] = { .type = MNL_TYPE_U32 },
		[NHA_MASTER] = { .type = MNL_TYPE_U32 },
		[NHA_RES_BUCKET] = { .type = MNL_TYPE_NESTED },
	};
	const struct nlattr *tb[NHA_RES_BUCKET + 1];
	const struct nexthop_table *all = req->net->ipv4.nexthop;
	const struct nh_res_table *t;
	struct nh_dump_filter f;
	/* The kernel does not say which of these attributes it dislikes. */
	int err = nlmsg_parse_(req->nlh, sizeof(struct nhmsg), tb, NHA_RES_BUCKET, policy, true,
			       NULL);

	if (!err)
		err = nexthop_parse_dump(req, tb, &f);
	if (!err && tb[NHA_ID] && !mnl_attr_get_u32(tb[NHA_ID]))
		err = refuse(req, "Invalid nexthop id");
	if (!err && tb[NHA_RES_BUCKET])
		err = parse_member(req, tb[NHA_RES_BUCKET], &f.nh_id);
	if (!err && tb[NHA_ID])
		err = find_table(req, mnl_attr_get_u32(tb[NHA_ID]), &t);
	if (err)
		return err;
	if (tb[NHA_ID]) {
		dump_table(req, t, &f);
		return 0;
	}
	for (u32 i = 0; i < all->count; i++) {
		if (all->nh[i]->is_group && all->nh[i]->nh_grp->res)
			dump_table(req, all->nh[i]->nh_grp->res, &f);
	}
	return 0;
}

const struct rtnl_handler nexthop_bucket_rtnl[] = {
	{ .msgtype = RTM_GETNEXTHOPBUCKET,
	  .doit = rtm_get_nexthop_bucket,
	  .dumpit = rtm_dump_nexthop_bucket },
	{ 0 },
};
