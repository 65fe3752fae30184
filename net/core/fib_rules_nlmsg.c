// SPDX-License-Identifier: BSD-2-Clause
/* net/core/fib_rules_nlmsg.c - rules as rtnetlink has them: parse, compare with what is there, write. */
#include "net/core/fib_rules_internal.h"

/* Bytes: more than a rule with every attribute needs. */
#define RULE_MSG_SIZE 512

static int refuse(const struct fib_rule_req *q, const char *why)
{
	NL_SET_ERR_MSG(q->extack, why);
	return -EINVAL;
}

static int refuse_attr(const struct fib_rule_req *q, const struct nlattr *attr, const char *why)
{
	NL_SET_ERR_MSG_ATTR(q->extack, attr, why);
	return -EINVAL;
}

static void get_u32(const struct nlattr *attr, u32 *v)
{
	if (attr)
		*v = mnl_attr_get_u32(attr);
}

static void get_u8(const struct nlattr *attr, u8 *v)
{
	if (attr)
		*v = mnl_attr_get_u8(attr);
}

/* An address counts if the header gives its length; then it must be there. */
static bool address_ok(const struct fib_rules_ops *ops, const struct nlattr *attr, u8 len)
{
	u8 size = ops->family->addr_size;

	return !len || (attr && len <= size * 8 && mnl_attr_get_payload_len(attr) == size);
}

static void parse_device(const struct fib_rule_req *q, int type, u32 *ifindex, char name[IFNAMSIZ])
{
	const struct nlattr *attr = q->tb[type];
	const struct net_device *dev;

	if (!attr)
		return;
	memset(name, 0, IFNAMSIZ);
	memcpy(name, mnl_attr_get_payload(attr),
	       min_t(size_t, mnl_attr_get_payload_len(attr), IFNAMSIZ - 1));
	dev = dev_get_by_name(q->net, name);
	*ifindex = dev ? dev->ifindex : FIB_RULE_NODEV;
}

static void parse_mark(const struct fib_rule_req *q, struct fib_rule *rule)
{
	get_u32(q->tb[FRA_FWMARK], &rule->mark);
	if (rule->mark)
		rule->mark_mask = UINT32_MAX;
	get_u32(q->tb[FRA_FWMASK], &rule->mark_mask);
}

static int parse_ports(const struct fib_rule_req *q, const struct nlattr *attr,
		       const struct nlattr *mask_attr, struct fib_rule_port_range *range, u16 *mask,
		       const char *invalid)
{
	if (attr) {
		memcpy(range, mnl_attr_get_payload(attr), sizeof(*range));
		if (!range->start || range->end < range->start || range->end == UINT16_MAX)
			return refuse(q, invalid);
		*mask = range->start == range->end ? UINT16_MAX : 0;
	}
	if (!mask_attr)
		return 0;
	if (!range->start)
		return refuse_attr(q, mask_attr, "Cannot specify port mask without port value");
	if (range->start != range->end)
		return refuse_attr(q, mask_attr, "Cannot specify port mask for port range");
	*mask = mnl_attr_get_u16(mask_attr);
	if (range->start & ~*mask)
		return refuse_attr(q, mask_attr, "Invalid port mask");
	return 0;
}

static int parse_uids(const struct fib_rule_req *q, struct fib_rule *rule)
{
	struct fib_rule_uid_range *r = &rule->uid_range;

	if (!q->tb[FRA_UID_RANGE])
		return 0;
	memcpy(r, mnl_attr_get_payload(q->tb[FRA_UID_RANGE]), sizeof(*r));
	/* UINT32_MAX is nobody's id. */
	if (r->start > r->end || r->end == UINT32_MAX)
		return refuse(q, "Invalid uid range");
	return 0;
}

static int parse_action(const struct fib_rule_req *q, struct fib_rule *rule)
{
	rule->action = q->frh->action;
	rule->flags = q->frh->flags;
	rule->table = q->frh->table;
	get_u32(q->tb[FRA_TABLE], &rule->table);
	if (q->tb[FRA_SUPPRESS_PREFIXLEN])
		rule->suppress_prefixlen = (int)mnl_attr_get_u32(q->tb[FRA_SUPPRESS_PREFIXLEN]);
	if (q->tb[FRA_SUPPRESS_IFGROUP])
		rule->suppress_ifgroup = (int)mnl_attr_get_u32(q->tb[FRA_SUPPRESS_IFGROUP]);
	if (q->tb[FRA_GOTO] && rule->action != FR_ACT_GOTO)
		return refuse(q, "Unexpected goto");
	if (!q->tb[FRA_GOTO] && rule->action == FR_ACT_GOTO)
		return refuse(q, "Missing goto target for action goto");
	get_u32(q->tb[FRA_GOTO], &rule->target);
	if (rule->l3mdev && rule->table)
		return refuse(q, "l3mdev and table are mutually exclusive");
	return 0;
}

/**
 * fib_rule_parse() - what a request says about a rule, except the family's own part
 * @rule: fresh from fib_rule_alloc()
 * Return: 0, or -EINVAL with a sentence; the order of checks is the kernel's
 */
int fib_rule_parse(struct fib_rules_ops *ops, struct fib_rule_req *q, struct fib_rule *rule)
{
	int err;

	if (!address_ok(ops, q->tb[FRA_SRC], q->frh->src_len))
		return refuse(q, "Invalid source address");
	if (!address_ok(ops, q->tb[FRA_DST], q->frh->dst_len))
		return refuse(q, "Invalid dst address");
	get_u8(q->tb[FRA_PROTOCOL], &rule->proto);
	parse_device(q, FRA_IIFNAME, &rule->iifindex, rule->iifname);
	parse_device(q, FRA_OIFNAME, &rule->oifindex, rule->oifname);
	parse_mark(q, rule);
	if (q->tb[FRA_TUN_ID])
		rule->tun_id = mnl_attr_get_u64(q->tb[FRA_TUN_ID]);
	get_u8(q->tb[FRA_L3MDEV], &rule->l3mdev);
	if (q->tb[FRA_L3MDEV] && rule->l3mdev != 1)
		return refuse(q, "Invalid l3mdev attribute");
	err = parse_action(q, rule);
	if (!err)
		err = parse_uids(q, rule);
	get_u8(q->tb[FRA_IP_PROTO], &rule->ip_proto);
	if (!err)
		err = parse_ports(q, q->tb[FRA_SPORT_RANGE], q->tb[FRA_SPORT_MASK_],
				  &rule->sport_range, &rule->sport_mask, "Invalid sport range");
	if (!err)
		err = parse_ports(q, q->tb[FRA_DPORT_RANGE], q->tb[FRA_DPORT_MASK_],
				  &rule->dport_range, &rule->dport_mask, "Invalid dport range");
	if (err)
		return err;
	q->user_priority = q->tb[FRA_PRIORITY] != NULL;
	rule->pref = q->user_priority ? mnl_attr_get_u32(q->tb[FRA_PRIORITY]) :
					fib_default_rule_pref(ops);
	if (q->tb[FRA_GOTO] && rule->target <= rule->pref)
		return refuse(q, "Backward goto not supported");
	return 0;
}

static bool same_ports(const struct fib_rule_port_range *a, const struct fib_rule_port_range *b)
{
	return a->start == b->start && a->end == b->end;
}

static bool same_uids(const struct fib_rule_uid_range *a, const struct fib_rule_uid_range *b)
{
	return a->start == b->start && a->end == b->end;
}

static bool same_rule(const struct fib_rule *a, const struct fib_rule *b)
{
	/* Flags are not looked at: a rule and its inversion are the same. */
	return a->action == b->action && a->table == b->table && a->pref == b->pref &&
	       !memcmp(a->iifname, b->iifname, IFNAMSIZ) &&
	       !memcmp(a->oifname, b->oifname, IFNAMSIZ) && a->mark == b->mark &&
	       a->mark_mask == b->mark_mask && a->suppress_ifgroup == b->suppress_ifgroup &&
	       a->suppress_prefixlen == b->suppress_prefixlen && a->tun_id == b->tun_id &&
	       a->l3mdev == b->l3mdev && same_uids(&a->uid_range, &b->uid_range) &&
	       a->ip_proto == b->ip_proto && a->proto == b->proto &&
	       same_ports(&a->sport_range, &b->sport_range) && a->sport_mask == b->sport_mask &&
	       same_ports(&a->dport_range, &b->dport_range) && a->dport_mask == b->dport_mask;
}

/**
 * fib_rule_exists() - is there one that @rule would double (for NLM_F_EXCL)?
 */
bool fib_rule_exists(const struct fib_rules_ops *ops, const struct fib_rule *rule,
		     const struct fib_rule_req *q)
{
	const struct fib_rule *r;

	list_for_each_entry(r, &ops->rules_list, list) {
		if (same_rule(r, rule) && ops->family->compare(r, q))
			return true;
	}
	return false;
}

static bool fits_selectors(const struct fib_rule *r, const struct fib_rule *wanted)
{
	if (wanted->iifname[0] && memcmp(r->iifname, wanted->iifname, IFNAMSIZ))
		return false;
	if (wanted->oifname[0] && memcmp(r->oifname, wanted->oifname, IFNAMSIZ))
		return false;
	if (wanted->mark && r->mark != wanted->mark)
		return false;
	if (wanted->mark_mask && r->mark_mask != wanted->mark_mask)
		return false;
	if (wanted->tun_id && r->tun_id != wanted->tun_id)
		return false;
	if (wanted->l3mdev && r->l3mdev != wanted->l3mdev)
		return false;
	if (wanted->uid_range.end != UINT32_MAX && !same_uids(&r->uid_range, &wanted->uid_range))
		return false;
	if (wanted->ip_proto && r->ip_proto != wanted->ip_proto)
		return false;
	if (wanted->sport_range.start && !same_ports(&r->sport_range, &wanted->sport_range))
		return false;
	if (wanted->sport_mask && r->sport_mask != wanted->sport_mask)
		return false;
	if (wanted->dport_range.start && !same_ports(&r->dport_range, &wanted->dport_range))
		return false;
	return !wanted->dport_mask || r->dport_mask == wanted->dport_mask;
}

/**
 * fib_rule_find() - the first rule that has all that a request to delete names, NULL if none has
 */
struct fib_rule *fib_rule_find(const struct fib_rules_ops *ops, const struct fib_rule *wanted,
			       const struct fib_rule_req *q)
{
	struct fib_rule *r;

	list_for_each_entry(r, &ops->rules_list, list) {
		if ((wanted->action && r->action != wanted->action) ||
		    (wanted->table && r->table != wanted->table) ||
		    (q->user_priority && r->pref != wanted->pref) ||
		    (wanted->proto && r->proto != wanted->proto))
			continue;
		if ((wanted->suppress_ifgroup != -1 &&
		     r->suppress_ifgroup != wanted->suppress_ifgroup) ||
		    (wanted->suppress_prefixlen != -1 &&
		     r->suppress_prefixlen != wanted->suppress_prefixlen))
			continue;
		if (fits_selectors(r, wanted) && ops->family->compare(r, q))
			return r;
	}
	return NULL;
}

static void put_u32_if(struct nlmsghdr *nlh, u16 type, u32 v)
{
	if (v)
		mnl_attr_put_u32(nlh, type, v);
}

static void put_u16_if(struct nlmsghdr *nlh, u16 type, u16 v)
{
	if (v)
		mnl_attr_put_u16(nlh, type, v);
}

static void put_ports(struct nlmsghdr *nlh, u16 type, const struct fib_rule_port_range *r)
{
	if (r->start)
		mnl_attr_put(nlh, type, sizeof(*r), r);
}

static void fill_devices(const struct fib_rule *rule, struct nlmsghdr *nlh,
			 struct fib_rule_hdr *frh)
{
	if (rule->iifname[0]) {
		mnl_attr_put_strz(nlh, FRA_IIFNAME, rule->iifname);
		if (rule->iifindex == FIB_RULE_NODEV)
			frh->flags |= FIB_RULE_IIF_DETACHED;
	}
	if (rule->oifname[0]) {
		mnl_attr_put_strz(nlh, FRA_OIFNAME, rule->oifname);
		if (rule->oifindex == FIB_RULE_NODEV)
			frh->flags |= FIB_RULE_OIF_DETACHED;
	}
}

static void fill_selectors(const struct fib_rule *rule, struct nlmsghdr *nlh)
{
	const struct fib_rule_uid_range *uids = &rule->uid_range;

	put_u32_if(nlh, FRA_PRIORITY, rule->pref);
	put_u32_if(nlh, FRA_FWMARK, rule->mark);
	if (rule->mark_mask || rule->mark)
		mnl_attr_put_u32(nlh, FRA_FWMASK, rule->mark_mask);
	put_u32_if(nlh, FRA_GOTO, rule->target);
	if (rule->tun_id)
		mnl_attr_put_u64(nlh, FRA_TUN_ID, rule->tun_id);
	if (rule->l3mdev)
		mnl_attr_put_u8(nlh, FRA_L3MDEV, rule->l3mdev);
	if (uids->end != UINT32_MAX)
		mnl_attr_put(nlh, FRA_UID_RANGE, sizeof(*uids), uids);
	put_ports(nlh, FRA_SPORT_RANGE, &rule->sport_range);
	put_u16_if(nlh, FRA_SPORT_MASK_, rule->sport_mask);
	put_ports(nlh, FRA_DPORT_RANGE, &rule->dport_range);
	put_u16_if(nlh, FRA_DPORT_MASK_, rule->dport_mask);
	if (rule->ip_proto)
		mnl_attr_put_u8(nlh, FRA_IP_PROTO, rule->ip_proto);
}

/**
 * fib_rule_fill() - write @rule as a message; attributes in the kernel's order
 * @msg: always large enough
 */
void fib_rule_fill(const struct fib_rules_ops *ops, const struct fib_rule *rule,
		   struct rtnl_msg *msg, u16 type, u32 seq, u32 portid, u16 flags)
{
	struct nlmsghdr *nlh = &msg->nlh;
	struct fib_rule_hdr *frh;

	/* libmnl leaves the padding of attributes as it is. */
	memset(msg->buf, 0, RULE_MSG_SIZE);
	mnl_nlmsg_put_header(nlh);
	frh = mnl_nlmsg_put_extra_header(nlh, sizeof(*frh));
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_pid = portid;
	frh->family = ops->family->family;
	frh->table = rule->table < 256 ? (u8)rule->table : RT_TABLE_COMPAT;
	frh->action = rule->action;
	frh->flags = rule->flags;
	if (rule->action == FR_ACT_GOTO && !rule->ctarget)
		frh->flags |= FIB_RULE_UNRESOLVED;
	mnl_attr_put_u32(nlh, FRA_TABLE, rule->table);
	mnl_attr_put_u32(nlh, FRA_SUPPRESS_PREFIXLEN, (u32)rule->suppress_prefixlen);
	mnl_attr_put_u8(nlh, FRA_PROTOCOL, rule->proto);
	fill_devices(rule, nlh, frh);
	fill_selectors(rule, nlh);
	if (rule->suppress_ifgroup != -1)
		mnl_attr_put_u32(nlh, FRA_SUPPRESS_IFGROUP, (u32)rule->suppress_ifgroup);
	ops->family->fill(rule, nlh);
}
