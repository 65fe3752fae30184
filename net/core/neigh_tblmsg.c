// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_tblmsg.c - RTM_GETNEIGHTBL, SETNEIGHTBL: the table and the settings of its devices by netlink.
 *
 * DOC: Neighbour tables by netlink
 * A dump has one message for the table with default's settings, then one for each device. Times are milliseconds.
 * Attribute order is Linux's. Setting by netlink reaches only what it names; it does not spread from default.
 */
#include "neigh_table.h"

#include <linux/neighbour.h>

#include "net/rtnetlink.h"

#define AF_UNSPEC_ 0
#define AF_INET_   2
#ifndef NDTPA_INTERVAL_PROBE_TIME_MS
#define NDTPA_INTERVAL_PROBE_TIME_MS 19
#endif
#define NDTPA_MAX_ 19

#define TBL_MSG_MAX 1024 /* greater than any of ours */

static void tbl_start(struct rtnl_msg *m, struct rtnl_req *req)
{
	struct nlmsghdr *nlh;
	struct ndtmsg *ndt;

	/* libmnl leaves the padding of attributes as it finds it */
	memset(m->buf, 0, TBL_MSG_MAX);
	nlh = mnl_nlmsg_put_header(m->buf);
	nlh->nlmsg_type = RTM_NEWNEIGHTBL;
	nlh->nlmsg_flags = NLM_F_MULTI;
	nlh->nlmsg_pid = req->portid;
	nlh->nlmsg_seq = req->nlh->nlmsg_seq;
	ndt = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndt));
	ndt->ndtm_family = AF_INET_;
	mnl_attr_put_strz(nlh, NDTA_NAME, NEIGH_TABLE_ID);
}

/* One value of struct neigh_parms as an attribute; @is_time: ms in 64 bits. In the order of a dump. */
struct parm_attr {
	u16 type;
	u16 var;
	bool is_time;
};

static const struct parm_attr parm_attrs[] = {
	{ NDTPA_PROXY_QLEN, NEIGH_VAR_PROXY_QLEN, false },
	{ NDTPA_APP_PROBES, NEIGH_VAR_APP_PROBES, false },
	{ NDTPA_UCAST_PROBES, NEIGH_VAR_UCAST_PROBES, false },
	{ NDTPA_MCAST_PROBES, NEIGH_VAR_MCAST_PROBES, false },
	{ NDTPA_MCAST_REPROBES, NEIGH_VAR_MCAST_REPROBES, false },
	{ NDTPA_BASE_REACHABLE_TIME, NEIGH_VAR_BASE_REACHABLE_TIME, true },
	{ NDTPA_GC_STALETIME, NEIGH_VAR_GC_STALETIME, true },
	{ NDTPA_DELAY_PROBE_TIME, NEIGH_VAR_DELAY_PROBE_TIME, true },
	{ NDTPA_RETRANS_TIME, NEIGH_VAR_RETRANS_TIME, true },
	{ NDTPA_ANYCAST_DELAY, NEIGH_VAR_ANYCAST_DELAY, true },
	{ NDTPA_PROXY_DELAY, NEIGH_VAR_PROXY_DELAY, true },
	{ NDTPA_LOCKTIME, NEIGH_VAR_LOCKTIME, true },
	{ NDTPA_INTERVAL_PROBE_TIME_MS, NEIGH_VAR_INTERVAL_PROBE_TIME_MS, true },
};

static void put_parms(struct nlmsghdr *nlh, const struct neigh_parms *p)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, NDTA_PARMS);
	u32 bytes = (u32)NEIGH_VAR(p, QUEUE_LEN_BYTES);

	nest->nla_type = NDTA_PARMS; /* the kernel does not mark this one as nested */
	if (p->dev)
		mnl_attr_put_u32(nlh, NDTPA_IFINDEX, p->dev->ifindex);
	mnl_attr_put_u32(nlh, NDTPA_REFCNT, 1);
	mnl_attr_put_u32(nlh, NDTPA_QUEUE_LENBYTES, bytes);
	mnl_attr_put_u32(nlh, NDTPA_QUEUE_LEN, bytes / NEIGH_SKB_TRUESIZE_ETH);
	for (unsigned i = 0; i < ARRAY_SIZE(parm_attrs); i++) {
		const struct parm_attr *a = &parm_attrs[i];

		if (a->type == NDTPA_BASE_REACHABLE_TIME)
			mnl_attr_put_u64(nlh, NDTPA_REACHABLE_TIME, (u64)p->reachable_time);
		if (a->is_time)
			mnl_attr_put_u64(nlh, a->type, (u64)p->data[a->var]);
		else
			mnl_attr_put_u32(nlh, a->type, (u32)p->data[a->var]);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_config(struct nlmsghdr *nlh, const struct neigh_table *tbl)
{
	u64 now = tbl->skiff->jiffies;
	struct ndt_config c = {
		.ndtc_key_len = NEIGH_KEY_LEN,
		.ndtc_entry_size = sizeof(struct neighbour),
		.ndtc_entries = tbl->entries,
		.ndtc_last_flush = (u32)(now - tbl->last_flush),
		.ndtc_last_rand = (u32)(now - tbl->last_rand),
		.ndtc_hash_rnd = 0, /* the key of the hash is nobody's business */
		.ndtc_hash_mask = (1u << tbl->hash_shift) - 1,
		.ndtc_proxy_qlen = tbl->proxy_queue.qlen,
	};

	mnl_attr_put(nlh, NDTA_CONFIG, sizeof(c), &c);
}

static void put_stats(struct nlmsghdr *nlh, const struct neigh_stats *st)
{
	struct ndt_stats s = {
		.ndts_allocs = st->allocs,
		.ndts_destroys = st->destroys,
		.ndts_hash_grows = st->hash_grows,
		.ndts_res_failed = st->res_failed,
		.ndts_lookups = st->lookups,
		.ndts_hits = st->hits,
		.ndts_periodic_gc_runs = st->periodic_gc_runs,
		.ndts_forced_gc_runs = st->forced_gc_runs,
		.ndts_table_fulls = st->table_fulls,
	};

	mnl_attr_put(nlh, NDTA_STATS, sizeof(s), &s);
}

static int neightbl_check(struct rtnl_req *req)
{
	const struct ndtmsg *ndt = mnl_nlmsg_get_payload(req->nlh);
	size_t len = mnl_nlmsg_get_payload_len(req->nlh);
	const char *text = NULL;

	if (!req->strict)
		return 0;
	if (len < sizeof(*ndt))
		text = "Invalid header for neighbor table dump request";
	else if (ndt->ndtm_pad1 || ndt->ndtm_pad2)
		text = "Invalid values in header for neighbor table dump request";
	else if (len > MNL_ALIGN(sizeof(*ndt)))
		text = "Invalid data after header in neighbor table dump request";
	if (!text)
		return 0;
	NL_SET_ERR_MSG(req->extack, text);
	return -EINVAL;
}

static int neightbl_dump(struct rtnl_req *req)
{
	const struct ndtmsg *ndt = mnl_nlmsg_get_payload(req->nlh);
	struct neigh_table *tbl = req->net->arp_tbl;
	struct neigh_parms *p;
	struct rtnl_msg m;
	int err = neightbl_check(req);

	if (err < 0)
		return err;
	if (mnl_nlmsg_get_payload_len(req->nlh) && ndt->ndtm_family != AF_INET_ &&
	    ndt->ndtm_family != AF_UNSPEC_)
		return 0;
	tbl_start(&m, req);
	mnl_attr_put_u64(&m.nlh, NDTA_GC_INTERVAL, (u64)tbl->gc_interval);
	mnl_attr_put_u32(&m.nlh, NDTA_THRESH1, tbl->gc_thresh1);
	mnl_attr_put_u32(&m.nlh, NDTA_THRESH2, tbl->gc_thresh2);
	mnl_attr_put_u32(&m.nlh, NDTA_THRESH3, tbl->gc_thresh3);
	put_config(&m.nlh, tbl);
	put_stats(&m.nlh, &tbl->stats);
	put_parms(&m.nlh, &tbl->parms);
	rtnl_reply(req, &m.nlh);
	list_for_each_entry(p, &tbl->parms_list, list) {
		tbl_start(&m, req);
		put_parms(&m.nlh, p);
		rtnl_reply(req, &m.nlh);
	}
	return 0;
}

/* ---- set ---- */

static const struct nla_policy_ tbl_policy[NDTA_MAX + 1] = {
	[NDTA_NAME] = { .type = MNL_TYPE_STRING },     [NDTA_THRESH1] = { .type = MNL_TYPE_U32 },
	[NDTA_THRESH2] = { .type = MNL_TYPE_U32 },     [NDTA_THRESH3] = { .type = MNL_TYPE_U32 },
	[NDTA_GC_INTERVAL] = { .type = MNL_TYPE_U64 }, [NDTA_PARMS] = { .type = MNL_TYPE_NESTED },
};

static const struct nla_policy_ parm_policy[NDTPA_MAX_ + 1] = {
	[NDTPA_IFINDEX] = { .type = MNL_TYPE_U32 },
	[NDTPA_QUEUE_LEN] = { .type = MNL_TYPE_U32 },
	[NDTPA_QUEUE_LENBYTES] = { .type = MNL_TYPE_U32 },
	[NDTPA_PROXY_QLEN] = { .type = MNL_TYPE_U32 },
	[NDTPA_APP_PROBES] = { .type = MNL_TYPE_U32 },
	[NDTPA_UCAST_PROBES] = { .type = MNL_TYPE_U32 },
	[NDTPA_MCAST_PROBES] = { .type = MNL_TYPE_U32 },
	[NDTPA_MCAST_REPROBES] = { .type = MNL_TYPE_U32 },
	[NDTPA_BASE_REACHABLE_TIME] = { .type = MNL_TYPE_U64 },
	[NDTPA_GC_STALETIME] = { .type = MNL_TYPE_U64 },
	[NDTPA_DELAY_PROBE_TIME] = { .type = MNL_TYPE_U64 },
	[NDTPA_RETRANS_TIME] = { .type = MNL_TYPE_U64 },
	[NDTPA_ANYCAST_DELAY] = { .type = MNL_TYPE_U64 },
	[NDTPA_PROXY_DELAY] = { .type = MNL_TYPE_U64 },
	[NDTPA_LOCKTIME] = { .type = MNL_TYPE_U64 },
	[NDTPA_INTERVAL_PROBE_TIME_MS] = { .type = MNL_TYPE_U64,
					   .check = NLA_CHECK_RANGE,
					   .lo = 1 },
};

static int neightbl_set_parms(struct rtnl_req *req, const struct nlattr *nest)
{
	const struct nlattr *tb[NDTPA_MAX_ + 1] = { 0 };
	struct neigh_parms *p;
	int err = nla_parse_nested_(nest, tb, NDTPA_MAX_, parm_policy, req->extack);

	if (err < 0)
		return err;
	p = neigh_parms_find(req->net->arp_tbl,
			     tb[NDTPA_IFINDEX] ? mnl_attr_get_u32(tb[NDTPA_IFINDEX]) : 0);
	if (!p)
		return -ENOENT;
	if (tb[NDTPA_QUEUE_LEN])
		neigh_parms_set(
			p, NEIGH_VAR_QUEUE_LEN_BYTES,
			(int)(mnl_attr_get_u32(tb[NDTPA_QUEUE_LEN]) * NEIGH_SKB_TRUESIZE_ETH));
	if (tb[NDTPA_QUEUE_LENBYTES])
		neigh_parms_set(p, NEIGH_VAR_QUEUE_LEN_BYTES,
				(int)mnl_attr_get_u32(tb[NDTPA_QUEUE_LENBYTES]));
	for (unsigned i = 0; i < ARRAY_SIZE(parm_attrs); i++) {
		const struct nlattr *a = tb[parm_attrs[i].type];

		if (a)
			neigh_parms_set(p, parm_attrs[i].var,
					parm_attrs[i].is_time ? (int)mnl_attr_get_u64(a) :
								(int)mnl_attr_get_u32(a));
	}
	return 0;
}

static int neightbl_set(struct rtnl_req *req)
{
	const struct nlattr *tb[NDTA_MAX + 1] = { 0 };
	struct neigh_table *tbl = req->net->arp_tbl;
	const struct ndtmsg *ndt;
	int err =
		nlmsg_parse_(req->nlh, sizeof(*ndt), tb, NDTA_MAX, tbl_policy, false, req->extack);

	if (err < 0)
		return err;
	ndt = mnl_nlmsg_get_payload(req->nlh);
	if (!tb[NDTA_NAME])
		return -EINVAL;
	if ((ndt->ndtm_family && ndt->ndtm_family != AF_INET_) ||
	    strncmp(mnl_attr_get_payload(tb[NDTA_NAME]), NEIGH_TABLE_ID,
		    mnl_attr_get_payload_len(tb[NDTA_NAME])))
		return -ENOENT;
	if (tb[NDTA_PARMS]) {
		err = neightbl_set_parms(req, tb[NDTA_PARMS]);
		if (err < 0)
			return err;
	}
	if (tb[NDTA_THRESH1])
		tbl->gc_thresh1 = mnl_attr_get_u32(tb[NDTA_THRESH1]);
	if (tb[NDTA_THRESH2])
		tbl->gc_thresh2 = mnl_attr_get_u32(tb[NDTA_THRESH2]);
	if (tb[NDTA_THRESH3])
		tbl->gc_thresh3 = mnl_attr_get_u32(tb[NDTA_THRESH3]);
	if (tb[NDTA_GC_INTERVAL])
		tbl->gc_interval = (int)mnl_attr_get_u64(tb[NDTA_GC_INTERVAL]);
	return 0;
}

extern const struct rtnl_handler neightbl_rtnl[];
const struct rtnl_handler neightbl_rtnl[] = {
	{ RTM_GETNEIGHTBL, AF_UNSPEC_, NULL, neightbl_dump },
	{ RTM_SETNEIGHTBL, AF_UNSPEC_, neightbl_set, NULL },
	{ 0 },
};
