// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_nlmsg.c - RTM_NEWNEIGH, DELNEIGH, GETNEIGH: entries by netlink, and what is told about them.
 *
 * DOC: Neighbours by netlink
 * Errnos, sentences and the order of checks are those of Linux 6.18, asked of a running kernel; so is the order of the
 * attributes. Only AF_INET has a table. Tables and their settings are in neigh_tblmsg.c.
 */
#include "neigh_table.h"

#include <linux/neighbour.h>

#include "net/rtnetlink.h"

#define AF_UNSPEC_ 0
#define AF_INET_   2
#define AF_BRIDGE_ 7

static const struct nla_policy_ neigh_policy[NDA_MAX + 1] = {
	[NDA_DST] = { .type = MNL_TYPE_BINARY, .len = MAX_ADDR_LEN, .check = NLA_CHECK_MAXLEN },
	[NDA_LLADDR] = { .type = MNL_TYPE_BINARY, .len = MAX_ADDR_LEN, .check = NLA_CHECK_MAXLEN },
	[NDA_CACHEINFO] = { .len = sizeof(struct nda_cacheinfo) },
	[NDA_PROBES] = { .type = MNL_TYPE_U32 },
	[NDA_VLAN] = { .type = MNL_TYPE_U16 },
	[NDA_PORT] = { .type = MNL_TYPE_U16 },
	[NDA_VNI] = { .type = MNL_TYPE_U32 },
	[NDA_IFINDEX] = { .type = MNL_TYPE_U32 },
	[NDA_MASTER] = { .type = MNL_TYPE_U32 },
	[NDA_PROTOCOL] = { .type = MNL_TYPE_U8 },
	[NDA_NH_ID] = { .type = MNL_TYPE_U32 },
	[NDA_FDB_EXT_ATTRS] = { .type = MNL_TYPE_NESTED },
	[NDA_FLAGS_EXT] = { .type = MNL_TYPE_U32,
			    .check = NLA_CHECK_MASK,
			    .hi = NTF_EXT_MANAGED | NTF_EXT_EXT_VALIDATED_ },
};

/* ---- messages ---- */

#define NEIGH_MSG_MAX 256 /* greater than any of ours */

static u32 ticks_to_clock_t(u64 ticks)
{
	return (u32)(ticks / (HZ / USER_HZ));
}

static struct ndmsg *ndm_start(struct rtnl_msg *m, int type, u16 flags, u32 pid, u32 seq)
{
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	/* libmnl leaves the padding of attributes as it finds it */
	memset(m->buf, 0, NEIGH_MSG_MAX);
	nlh = mnl_nlmsg_put_header(m->buf);
	nlh->nlmsg_type = (u16)type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_pid = pid;
	nlh->nlmsg_seq = seq;
	ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	ndm->ndm_family = AF_INET_;
	return ndm;
}

static void put_flags(struct rtnl_msg *m, struct ndmsg *ndm, u32 flags)
{
	ndm->ndm_flags = (u8)flags;
	if (flags >> NTF_EXT_SHIFT)
		mnl_attr_put_u32(&m->nlh, NDA_FLAGS_EXT, flags >> NTF_EXT_SHIFT);
}

static void neigh_fill_info(struct rtnl_msg *m, const struct neighbour *n, int type, u16 flags,
			    u32 pid, u32 seq)
{
	struct ndmsg *ndm = ndm_start(m, type, flags, pid, seq);
	u64 now = n->tbl->skiff->jiffies;
	struct nda_cacheinfo ci = {
		.ndm_used = ticks_to_clock_t(now - n->used),
		.ndm_confirmed = ticks_to_clock_t(now - n->confirmed),
		.ndm_updated = ticks_to_clock_t(now - n->updated),
		.ndm_refcnt = n->refcnt ? n->refcnt - 1 : 0,
	};

	ndm->ndm_type = n->type;
	ndm->ndm_ifindex = (int)n->dev->ifindex;
	ndm->ndm_state = n->nud_state;
	mnl_attr_put_u32(&m->nlh, NDA_DST, n->primary_key);
	if (n->nud_state & NUD_VALID)
		mnl_attr_put(&m->nlh, NDA_LLADDR, n->dev->addr_len, n->ha);
	mnl_attr_put_u32(&m->nlh, NDA_PROBES, n->probes);
	mnl_attr_put(&m->nlh, NDA_CACHEINFO, sizeof(ci), &ci);
	if (n->protocol)
		mnl_attr_put_u8(&m->nlh, NDA_PROTOCOL, n->protocol);
	put_flags(m, ndm, n->flags);
}

static void pneigh_fill_info(struct rtnl_msg *m, const struct pneigh_entry *p, u16 flags, u32 pid,
			     u32 seq)
{
	struct ndmsg *ndm = ndm_start(m, RTM_NEWNEIGH, flags, pid, seq);

	ndm->ndm_type = RTN_UNICAST;
	ndm->ndm_ifindex = p->dev ? (int)p->dev->ifindex : 0;
	ndm->ndm_state = NUD_NONE;
	mnl_attr_put_u32(&m->nlh, NDA_DST, p->key);
	if (p->protocol)
		mnl_attr_put_u8(&m->nlh, NDA_PROTOCOL, p->protocol);
	put_flags(m, ndm, p->flags | NTF_PROXY);
}

/**
 * neigh_notify() - tell RTNLGRP_NEIGH about @n
 * @type:  RTM_NEWNEIGH, RTM_DELNEIGH or RTM_GETNEIGH (user space is to resolve)
 * @flags: NLM_F_*
 * @pid:   whose request it was, 0: nobody's
 */
void neigh_notify(struct neighbour *n, int type, u16 flags, u32 pid)
{
	struct rtnl_msg m;

	if (!n->tbl->net->rtnl_notify)
		return;
	neigh_fill_info(&m, n, type, flags, pid, 0);
	rtnl_notify(n->tbl->net, &m.nlh, RTNLGRP_NEIGH);
}

/**
 * neigh_app_ns() - ask user space to resolve @n
 */
void neigh_app_ns(struct neighbour *n)
{
	neigh_notify(n, RTM_GETNEIGH, NLM_F_REQUEST, 0);
}

/* ---- new ---- */

/* A request taken apart. */
struct neigh_req {
	const struct ndmsg *ndm;
	const struct nlattr *tb[NDA_MAX + 1];
	struct net_device *dev;
	__be32 dst;
	const u8 *lladdr;
	u32 flags; /* NTF_*, ext ones included */
	u8 protocol;
};

static int refuse(struct netlink_ext_ack *extack, const char *text, int err)
{
	NL_SET_ERR_MSG(extack, text);
	return err;
}

/* The address, once the family is known. */
static int neigh_req_dst(struct neigh_req *r, const struct nlattr *dst,
			 struct netlink_ext_ack *extack)
{
	if (r->ndm->ndm_family == AF_BRIDGE_)
		return refuse(extack, "Forwarding entries of bridges are not supported",
			      -EOPNOTSUPP);
	if (r->ndm->ndm_family != AF_INET_)
		return -EAFNOSUPPORT;
	if (mnl_attr_get_payload_len(dst) < NEIGH_KEY_LEN)
		return refuse(extack, "Invalid network address", -EINVAL);
	r->dst = mnl_attr_get_u32(dst);
	return 0;
}

static int neigh_req_parse_new(struct rtnl_req *req, struct neigh_req *r)
{
	struct netlink_ext_ack *extack = req->extack;
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(*r->ndm), r->tb, NDA_MAX, neigh_policy, false, extack);
	if (err < 0)
		return err;
	r->ndm = mnl_nlmsg_get_payload(req->nlh);
	r->flags = r->ndm->ndm_flags;
	if (r->tb[NDA_FLAGS_EXT])
		r->flags |= mnl_attr_get_u32(r->tb[NDA_FLAGS_EXT]) << NTF_EXT_SHIFT;
	if (!r->tb[NDA_DST])
		return refuse(extack, "Network address not specified", -EINVAL);
	if (r->ndm->ndm_ifindex) {
		r->dev = dev_get_by_index(req->net, (u32)r->ndm->ndm_ifindex);
		if (!r->dev)
			return -ENODEV;
		if (r->tb[NDA_LLADDR] &&
		    mnl_attr_get_payload_len(r->tb[NDA_LLADDR]) < r->dev->addr_len)
			return refuse(extack, "Invalid link address", -EINVAL);
	}
	err = neigh_req_dst(r, r->tb[NDA_DST], extack);
	if (err < 0)
		return err;
	if (r->tb[NDA_LLADDR])
		r->lladdr = mnl_attr_get_payload(r->tb[NDA_LLADDR]);
	if (r->tb[NDA_PROTOCOL])
		r->protocol = mnl_attr_get_u8(r->tb[NDA_PROTOCOL]);
	return 0;
}

static int neigh_add_proxy(struct neigh_table *tbl, const struct neigh_req *r,
			   struct netlink_ext_ack *extack)
{
	if (r->flags & (NTF_MANAGED | NTF_EXT_VALIDATED))
		return refuse(extack, "Invalid NTF_* flag combination", -EINVAL);
	return pneigh_create(tbl, r->dst, r->dev, r->flags, r->protocol,
			     r->ndm->ndm_state & NUD_PERMANENT);
}

/* A new entry for the request. NULL: *err says why. */
static struct neighbour *neigh_add_create(struct rtnl_req *req, const struct neigh_req *r, int *err)
{
	bool permanent = r->ndm->ndm_state & NUD_PERMANENT;

	*err = -ENOENT;
	if (!(req->nlh->nlmsg_flags & NLM_F_CREATE))
		return NULL;
	*err = -EINVAL;
	if (permanent && (r->flags & NTF_MANAGED)) {
		NL_SET_ERR_MSG(req->extack, "Invalid NTF_* flag for permanent entry");
		return NULL;
	}
	if ((r->flags & NTF_EXT_VALIDATED) &&
	    ((r->flags & (NTF_USE | NTF_MANAGED)) || !(r->ndm->ndm_state & NUD_VALID))) {
		NL_SET_ERR_MSG(req->extack,
			       "Cannot create externally validated neighbor with an invalid state");
		return NULL;
	}
	return ___neigh_create_flags(req->net->arp_tbl, r->dst, r->dev,
				     r->flags & (NTF_EXT_LEARNED | NTF_MANAGED | NTF_EXT_VALIDATED),
				     permanent || (r->flags & NTF_EXT_LEARNED), err);
}

static u32 neigh_update_flags_of(u32 ntf)
{
	u32 f = NEIGH_UPDATE_F_ADMIN;

	f |= ntf & NTF_EXT_LEARNED ? NEIGH_UPDATE_F_EXT_LEARNED : 0;
	f |= ntf & NTF_ROUTER ? NEIGH_UPDATE_F_ISROUTER : 0;
	f |= ntf & NTF_MANAGED ? NEIGH_UPDATE_F_MANAGED : 0;
	f |= ntf & NTF_USE ? NEIGH_UPDATE_F_USE : 0;
	f |= ntf & NTF_EXT_VALIDATED ? NEIGH_UPDATE_F_EXT_VALIDATED : 0;
	return f;
}

static int neigh_add_entry(struct rtnl_req *req, const struct neigh_req *r)
{
	u32 flags = neigh_update_flags_of(r->flags);
	bool replace = req->nlh->nlmsg_flags & NLM_F_REPLACE;
	struct neighbour *n = neigh_lookup(req->net->arp_tbl, r->dst, r->dev);
	int err;

	if (!n) {
		n = neigh_add_create(req, r, &err);
		if (!n)
			return err;
		replace = true;
	} else if (req->nlh->nlmsg_flags & NLM_F_EXCL) {
		return -EEXIST;
	}
	if (replace)
		flags |= NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER;
	if (r->protocol)
		n->protocol = r->protocol;
	neigh_hold(n);
	err = __neigh_update(n, r->lladdr, (u8)r->ndm->ndm_state, flags, req->portid, req->extack);
	if (!err && (r->flags & (NTF_USE | NTF_MANAGED)))
		neigh_event_send(n, NULL);
	neigh_release(n);
	return err;
}

static int neigh_add(struct rtnl_req *req)
{
	struct neigh_req r = { 0 };
	int err = neigh_req_parse_new(req, &r);

	if (err < 0)
		return err;
	if (r.flags & NTF_PROXY)
		return neigh_add_proxy(req->net->arp_tbl, &r, req->extack);
	if (!r.dev)
		return refuse(req->extack, "Device not specified", -EINVAL);
	return neigh_add_entry(req, &r);
}

/* ---- delete ---- */

/* Attributes are not judged by the policy here, only the address is looked for. */
static const struct nlattr *find_dst(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh,
			  sizeof(struct ndmsg)) if (mnl_attr_get_type(attr) == NDA_DST) return attr;
	return NULL;
}

static int neigh_delete(struct rtnl_req *req)
{
	struct neigh_table *tbl = req->net->arp_tbl;
	struct neigh_req r = { .ndm = mnl_nlmsg_get_payload(req->nlh) };
	const struct nlattr *dst;
	struct neighbour *n;
	int err;

	if (mnl_nlmsg_get_payload_len(req->nlh) < sizeof(*r.ndm))
		return -EINVAL;
	dst = find_dst(req->nlh);
	if (!dst)
		return refuse(req->extack, "Network address not specified", -EINVAL);
	if (r.ndm->ndm_ifindex) {
		r.dev = dev_get_by_index(req->net, (u32)r.ndm->ndm_ifindex);
		if (!r.dev)
			return -ENODEV;
	}
	err = neigh_req_dst(&r, dst, req->extack);
	if (err < 0)
		return err;
	if (r.ndm->ndm_flags & NTF_PROXY)
		return pneigh_delete(tbl, r.dst, r.dev);
	if (!r.dev)
		return -EINVAL;
	n = neigh_lookup(tbl, r.dst, r.dev);
	if (!n)
		return -ENOENT;
	neigh_hold(n);
	err = __neigh_update(n, NULL, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN,
			     req->portid, req->extack);
	neigh_release(n);
	neigh_remove_one(n);
	return err;
}

/* ---- get one ---- */

static int neigh_get_attrs(struct rtnl_req *req, struct neigh_req *r)
{
	struct netlink_ext_ack *extack = req->extack;
	int err =
		nlmsg_parse_(req->nlh, sizeof(*r->ndm), r->tb, NDA_MAX, neigh_policy, true, extack);

	if (err < 0)
		return err;
	for (int i = 0; i <= NDA_MAX; i++) {
		if (!r->tb[i])
			continue;
		if (i != NDA_DST)
			return refuse(extack, "Unsupported attribute in neighbor get request",
				      -EINVAL);
		if (mnl_attr_get_payload_len(r->tb[i]) != NEIGH_KEY_LEN)
			return refuse(extack, "Invalid network address in neighbor get request",
				      -EINVAL);
		r->dst = mnl_attr_get_u32(r->tb[i]);
	}
	return 0;
}

static int neigh_get_parse(struct rtnl_req *req, struct neigh_req *r)
{
	struct netlink_ext_ack *extack = req->extack;
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(req->nlh);

	if (mnl_nlmsg_get_payload_len(req->nlh) < sizeof(*ndm))
		return refuse(extack, "Invalid header for neighbor get request", -EINVAL);
	r->ndm = ndm;
	if (ndm->ndm_pad1 || ndm->ndm_pad2 || ndm->ndm_state || ndm->ndm_type)
		return refuse(extack, "Invalid values in header for neighbor get request", -EINVAL);
	if (ndm->ndm_flags & ~NTF_PROXY)
		return refuse(extack, "Invalid flags in header for neighbor get request", -EINVAL);
	if (!(ndm->ndm_flags & NTF_PROXY) && !ndm->ndm_ifindex)
		return refuse(extack, "No device specified", -EINVAL);
	if (!find_dst(req->nlh)) {
		if (extack)
			extack->miss_type = NDA_DST;
		return -EINVAL;
	}
	if (ndm->ndm_family != AF_INET_)
		return refuse(extack, "Unsupported family in header for neighbor get request",
			      -EAFNOSUPPORT);
	return neigh_get_attrs(req, r);
}

static int neigh_get(struct rtnl_req *req)
{
	struct neigh_table *tbl = req->net->arp_tbl;
	struct neigh_req r = { 0 };
	struct pneigh_entry *p;
	struct neighbour *n;
	struct rtnl_msg m;
	int err = neigh_get_parse(req, &r);

	if (err < 0)
		return err;
	if (r.ndm->ndm_ifindex) {
		r.dev = dev_get_by_index(req->net, (u32)r.ndm->ndm_ifindex);
		if (!r.dev)
			return refuse(req->extack, "Unknown device ifindex", -ENODEV);
	}
	if (r.ndm->ndm_flags & NTF_PROXY) {
		p = pneigh_lookup(tbl, r.dst, r.dev);
		if (!p)
			return refuse(req->extack, "Proxy neighbour entry not found", -ENOENT);
		pneigh_fill_info(&m, p, 0, req->portid, req->nlh->nlmsg_seq);
	} else {
		n = neigh_lookup(tbl, r.dst, r.dev);
		if (!n)
			return refuse(req->extack, "Neighbour entry not found", -ENOENT);
		neigh_hold(n); /* shown in the count, as the kernel's own is */
		neigh_fill_info(&m, n, RTM_NEWNEIGH, 0, req->portid, req->nlh->nlmsg_seq);
		neigh_release(n);
	}
	rtnl_reply(req, &m.nlh);
	return 0;
}

/* ---- dump ---- */

/**
 * struct neigh_filter - what a dump is limited to, 0: not
 * @master_idx: ifindex of the master; no device here has one
 */
struct neigh_filter {
	u32 dev_idx;
	int master_idx;
};

static bool neigh_filtered(const struct neigh_filter *f, const struct net_device *dev)
{
	if (f->dev_idx && (!dev || dev->ifindex != f->dev_idx))
		return true;
	return f->master_idx && f->master_idx != -1;
}

static int neigh_dump_header(struct rtnl_req *req)
{
	struct netlink_ext_ack *extack = req->extack;
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(req->nlh);

	if (mnl_nlmsg_get_payload_len(req->nlh) < sizeof(*ndm))
		return refuse(extack, "Invalid header for neighbor dump request", -EINVAL);
	if (ndm->ndm_pad1 || ndm->ndm_pad2 || ndm->ndm_ifindex || ndm->ndm_state || ndm->ndm_type)
		return refuse(extack, "Invalid values in header for neighbor dump request",
			      -EINVAL);
	if (ndm->ndm_flags & ~NTF_PROXY)
		return refuse(extack, "Invalid flags in header for neighbor dump request", -EINVAL);
	return 0;
}

/* Without strict checking anything is taken, and what makes no sense is not looked at: old user space sends it so. */
static int neigh_dump_parse(struct rtnl_req *req, struct neigh_filter *f)
{
	const struct nlattr *tb[NDA_MAX + 1] = { 0 };
	int err;

	if (req->strict) {
		err = neigh_dump_header(req);
		if (err < 0)
			return err;
	} else if (mnl_nlmsg_get_payload_len(req->nlh) < sizeof(struct ndmsg)) {
		return 0;
	}
	err = nlmsg_parse_(req->nlh, sizeof(struct ndmsg), tb, NDA_MAX, neigh_policy, req->strict,
			   req->strict ? req->extack : NULL);
	if (err < 0)
		return req->strict ? err : 0;
	for (int i = 0; i <= NDA_MAX; i++) {
		if (!tb[i])
			continue;
		if (i == NDA_IFINDEX)
			f->dev_idx = mnl_attr_get_u32(tb[i]);
		else if (i == NDA_MASTER)
			f->master_idx = (int)mnl_attr_get_u32(tb[i]);
		else if (req->strict)
			return refuse(req->extack, "Unsupported attribute in neighbor dump request",
				      -EINVAL);
	}
	return 0;
}

static void pneigh_dump(struct rtnl_req *req, const struct neigh_filter *f)
{
	struct neigh_table *tbl = req->net->arp_tbl;
	struct pneigh_entry *p;
	struct rtnl_msg m;

	for (unsigned i = 0; i < PNEIGH_HASH_SIZE; i++)
		hlist_for_each_entry(p, &tbl->phash[i], hash) {
			if (neigh_filtered(f, p->dev))
				continue;
			pneigh_fill_info(&m, p, NLM_F_MULTI, req->portid, req->nlh->nlmsg_seq);
			rtnl_reply(req, &m.nlh);
		}
}

static int neigh_dump(struct rtnl_req *req)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(req->nlh);
	struct neigh_filter f = { 0 };
	struct neighbour *n;
	struct rtnl_msg m;
	int err = neigh_dump_parse(req, &f);

	if (err < 0)
		return err;
	if (!mnl_nlmsg_get_payload_len(req->nlh) ||
	    (ndm->ndm_family != AF_INET_ && ndm->ndm_family != AF_UNSPEC_))
		return 0;
	if (mnl_nlmsg_get_payload_len(req->nlh) >= sizeof(*ndm) && ndm->ndm_flags == NTF_PROXY) {
		pneigh_dump(req, &f);
		return 0;
	}
	list_for_each_entry(n, &req->net->arp_tbl->all, list) {
		if (neigh_filtered(&f, n->dev))
			continue;
		neigh_fill_info(&m, n, RTM_NEWNEIGH, NLM_F_MULTI, req->portid, req->nlh->nlmsg_seq);
		rtnl_reply(req, &m.nlh);
	}
	return 0;
}

extern const struct rtnl_handler neigh_rtnl[];
const struct rtnl_handler neigh_rtnl[] = {
	{ RTM_NEWNEIGH, AF_UNSPEC_, neigh_add, NULL },
	{ RTM_DELNEIGH, AF_UNSPEC_, neigh_delete, NULL },
	{ RTM_GETNEIGH, AF_UNSPEC_, neigh_get, neigh_dump },
	{ 0 },
};
