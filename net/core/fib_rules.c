// SPDX-License-Identifier: BSD-2-Clause
/* net/core/fib_rules.c - policy rules: kept in order, asked one after the other.
 *
 * DOC: Rules
 * A lookup walks the rules by preference. A rule whose selectors fit runs its action: a table is asked, a refusal is
 * the answer, nop goes on, goto goes on further down. A table that knows nothing (or a throw route) answers -EAGAIN
 * and the walk goes on; so it does when the rule suppresses what the table found. Gotos point forward only, so a walk
 * ends. A goto without a target is a nop until a rule of that preference comes; when the target goes, the next rule of
 * the same preference takes its place.
 *
 * Devices are named, not numbered: a rule keeps the name and follows the device of that name as it comes and goes.
 * What is particular to IPv4 is in net/ipv4/fib4_rules.c; parsing and writing messages in fib_rules_nlmsg.c.
 */
#include "net/core/fib_rules_internal.h"

#include "net/journey.h"

/**
 * fib_rules_lookup_ops() - the rules of @family, NULL if nobody has such rules
 */
struct fib_rules_ops *fib_rules_lookup_ops(const struct net *net, u8 family)
{
	struct fib_rules_ops *ops;

	list_for_each_entry(ops, &net->fib_rules_ops, list) {
		if (ops->family->family == family)
			return ops;
	}
	return NULL;
}

/* ---- asking ---- */

static bool rule_selects(const struct fib_rules_ops *ops, const struct fib_rule *rule,
			 const struct flowi4 *fl)
{
	if (rule->iifindex && rule->iifindex != fl->flowi4_iif)
		return false;
	if (rule->oifindex && rule->oifindex != fl->flowi4_oif)
		return false;
	if ((rule->mark ^ fl->flowi4_mark) & rule->mark_mask)
		return false;
	if (rule->tun_id && rule->tun_id != cpu_to_be64(fl->flowi4_tun_id))
		return false;
	/* Fits flows of an l3mdev only; flowi4_l3mdev names its master. */
	if (rule->l3mdev && !fl->flowi4_l3mdev)
		return false;
	if (fl->flowi4_uid < rule->uid_range.start || fl->flowi4_uid > rule->uid_range.end)
		return false;
	return ops->family->match(rule, fl);
}

static bool rule_matches(const struct fib_rules_ops *ops, const struct fib_rule *rule,
			 const struct flowi4 *fl)
{
	return rule_selects(ops, rule, fl) != !!(rule->flags & FIB_RULE_INVERT);
}

/**
 * fib_rules_lookup() - walk the rules of @ops for @fl
 * @arg: result, flags; arg->rule becomes the rule that answered
 * Return: what the deciding rule's action returned; -ESRCH if no rule decided
 */
int fib_rules_lookup(struct fib_rules_ops *ops, struct flowi4 *fl, struct fib_lookup_arg *arg)
{
	const struct list_head *pos = ops->rules_list.next;

	journey_fn(ops->net, NULL);
	arg->rule = NULL;
	while (pos != &ops->rules_list) {
		const struct fib_rule *rule = list_entry(pos, const struct fib_rule, list);
		int err;

		pos = pos->next;
		if (!rule_matches(ops, rule, fl) || rule->action == FR_ACT_NOP)
			continue;
		if (rule->action == FR_ACT_GOTO) {
			if (rule->ctarget)
				pos = &rule->ctarget->list;
			continue;
		}
		err = ops->family->action(rule, fl, arg);
		if (err == -EAGAIN || (!err && ops->family->suppress(rule, arg)))
			continue;
		arg->rule = rule;
		return err;
	}
	return -ESRCH;
}

/* ---- the list ---- */

/**
 * fib_rule_alloc() - a rule without selectors, on no list; NULL: no memory
 */
struct fib_rule *fib_rule_alloc(struct fib_rules_ops *ops)
{
	struct fib_rule *rule = skiff_zalloc(ops->net->skiff, ops->family->rule_size);

	if (!rule)
		return NULL;
	rule->net = ops->net;
	rule->uid_range.end = UINT32_MAX;
	rule->suppress_prefixlen = -1;
	rule->suppress_ifgroup = -1;
	return rule;
}

/**
 * fib_rule_free() - of a rule that never was on the list
 */
void fib_rule_free(struct fib_rule *rule)
{
	skiff_free(rule->net->skiff, rule);
}

static void rule_free_deferred(struct death_row_entry *e)
{
	fib_rule_free(container_of(e, struct fib_rule, rcu));
}

static struct fib_rule *rule_at(const struct fib_rules_ops *ops, u32 pref)
{
	struct fib_rule *r;

	list_for_each_entry(r, &ops->rules_list, list) {
		if (r->pref == pref)
			return r;
	}
	return NULL;
}

/* Gotos that waited for the preference of @rule. */
static void resolve_gotos(struct fib_rules_ops *ops, struct fib_rule *rule)
{
	struct fib_rule *r;

	if (!ops->unresolved_rules)
		return;
	list_for_each_entry(r, &ops->rules_list, list) {
		if (r->action != FR_ACT_GOTO || r->ctarget || r->target != rule->pref)
			continue;
		r->ctarget = rule;
		ops->unresolved_rules--;
	}
}

/**
 * fib_rule_link() - put a rule behind those of the same or a lower preference, and gotos in order
 */
void fib_rule_link(struct fib_rules_ops *ops, struct fib_rule *rule)
{
	struct list_head *behind = &ops->rules_list;
	struct fib_rule *r;

	if (rule->action == FR_ACT_GOTO)
		rule->ctarget = rule_at(ops, rule->target);
	list_for_each_entry(r, &ops->rules_list, list) {
		if (r->pref > rule->pref)
			break;
		behind = &r->list;
	}
	list_add(&rule->list, behind);
	resolve_gotos(ops, rule);
	if (rule->action != FR_ACT_GOTO)
		return;
	ops->nr_goto_rules++;
	ops->unresolved_rules += !rule->ctarget;
}

/* Gotos that led to @rule lead to the next of its preference, or nowhere. */
static void redirect_gotos(struct fib_rules_ops *ops, struct fib_rule *rule)
{
	struct fib_rule *next = NULL, *r;

	if (!ops->nr_goto_rules)
		return;
	if (rule->list.next != &ops->rules_list) {
		next = list_entry(rule->list.next, struct fib_rule, list);
		if (next->pref != rule->pref)
			next = NULL;
	}
	list_for_each_entry(r, &ops->rules_list, list) {
		if (r->ctarget != rule)
			continue;
		r->ctarget = next;
		ops->unresolved_rules += !next;
	}
}

/**
 * fib_rule_unlink() - take a rule off the list; it stays readable until the end of the turn
 */
void fib_rule_unlink(struct fib_rules_ops *ops, struct fib_rule *rule)
{
	if (rule->action == FR_ACT_GOTO) {
		ops->nr_goto_rules--;
		ops->unresolved_rules -= !rule->ctarget;
	}
	redirect_gotos(ops, rule);
	list_del(&rule->list);
	rule->rcu.free = rule_free_deferred;
	skiff_defer_free(ops->net->skiff, &rule->rcu);
}

/**
 * fib_default_rule_pref() - for a rule without a preference: right in front of the second one
 */
u32 fib_default_rule_pref(const struct fib_rules_ops *ops)
{
	const struct list_head *first = ops->rules_list.next, *second = first->next;
	const struct fib_rule *rule;

	if (first == &ops->rules_list || second == &ops->rules_list)
		return 0;
	rule = list_entry(second, const struct fib_rule, list);
	return rule->pref ? rule->pref - 1 : 0;
}

/**
 * fib_default_rule_add() - one of the rules that a new namespace has: everything to @table
 * Return: 0 or -ENOMEM
 */
int fib_default_rule_add(struct fib_rules_ops *ops, u32 pref, u32 table)
{
	struct fib_rule *rule = fib_rule_alloc(ops);

	if (!rule)
		return -ENOMEM;
	rule->action = FR_ACT_TO_TBL;
	rule->pref = pref;
	rule->table = table;
	rule->proto = RTPROT_KERNEL;
	fib_rule_link(ops, rule);
	return 0;
}

/**
 * fib_rules_register() - a family without rules yet; NULL: no memory
 */
struct fib_rules_ops *fib_rules_register(const struct fib_rules_family *family, struct net *net)
{
	struct fib_rules_ops *ops = skiff_zalloc(net->skiff, sizeof(*ops));

	if (!ops)
		return NULL;
	ops->family = family;
	ops->net = net;
	INIT_LIST_HEAD(&ops->rules_list);
	list_add_tail(&ops->list, &net->fib_rules_ops);
	return ops;
}

/**
 * fib_rules_unregister() - the family's rules end, and nobody is told
 */
void fib_rules_unregister(struct fib_rules_ops *ops)
{
	struct fib_rule *rule, *next;

	list_for_each_entry_safe(rule, next, &ops->rules_list, list) {
		ops->family->removed(rule);
		fib_rule_unlink(ops, rule);
	}
	list_del(&ops->list);
	skiff_free(ops->net->skiff, ops);
}

/* ---- devices ---- */

static void rule_attach(struct fib_rule *rule, const struct net_device *dev)
{
	if (rule->iifindex == FIB_RULE_NODEV && !strcmp(rule->iifname, dev->name))
		rule->iifindex = dev->ifindex;
	if (rule->oifindex == FIB_RULE_NODEV && !strcmp(rule->oifname, dev->name))
		rule->oifindex = dev->ifindex;
}

static void rule_detach(struct fib_rule *rule, const struct net_device *dev)
{
	if (rule->iifindex == dev->ifindex)
		rule->iifindex = FIB_RULE_NODEV;
	if (rule->oifindex == dev->ifindex)
		rule->oifindex = FIB_RULE_NODEV;
}

/**
 * fib_rules_event() - rules that name @dev find or lose it
 */
void fib_rules_event(struct net_device *dev, enum netdev_cmd event)
{
	struct fib_rules_ops *ops;
	struct fib_rule *rule;

	if (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME && event != NETDEV_UNREGISTER)
		return;
	list_for_each_entry(ops, &dev_net(dev)->fib_rules_ops, list) {
		list_for_each_entry(rule, &ops->rules_list, list) {
			if (event != NETDEV_REGISTER)
				rule_detach(rule, dev);
			if (event != NETDEV_UNREGISTER)
				rule_attach(rule, dev);
		}
	}
}

/* ---- requests ---- */

/* Header and attributes into @q, and whose rules it is about. */
static int rule_request(struct rtnl_req *req, struct fib_rule_req *q, struct fib_rules_ops **ops)
{
	static const struct nla_policy_ policy[FRA_MAX_ + 1] = {
		[FRA_IIFNAME] = { .type = MNL_TYPE_STRING, .len = IFNAMSIZ - 1 },
		[FRA_OIFNAME] = { .type = MNL_TYPE_STRING, .len = IFNAMSIZ - 1 },
		[FRA_PRIORITY] = { .type = MNL_TYPE_U32 },
		[FRA_FWMARK] = { .type = MNL_TYPE_U32 },
		[FRA_FLOW] = { .type = MNL_TYPE_U32 },
		[FRA_TUN_ID] = { .type = MNL_TYPE_U64 },
		[FRA_FWMASK] = { .type = MNL_TYPE_U32 },
		[FRA_TABLE] = { .type = MNL_TYPE_U32 },
		[FRA_SUPPRESS_PREFIXLEN] = { .type = MNL_TYPE_U32 },
		[FRA_SUPPRESS_IFGROUP] = { .type = MNL_TYPE_U32 },
		[FRA_GOTO] = { .type = MNL_TYPE_U32 },
		[FRA_L3MDEV] = { .type = MNL_TYPE_U8 },
		[FRA_UID_RANGE] = { .len = sizeof(struct fib_rule_uid_range) },
		[FRA_PROTOCOL] = { .type = MNL_TYPE_U8 },
		[FRA_IP_PROTO] = { .type = MNL_TYPE_U8 },
		[FRA_SPORT_RANGE] = { .len = sizeof(struct fib_rule_port_range) },
		[FRA_DPORT_RANGE] = { .len = sizeof(struct fib_rule_port_range) },
		[FRA_DSCP_] = { .type = MNL_TYPE_U8, .check = NLA_CHECK_RANGE, .hi = 63 },
		[FRA_FLOWLABEL_] = { .type = MNL_TYPE_U32 },
		[FRA_FLOWLABEL_MASK_] = { .type = MNL_TYPE_U32 },
		[FRA_SPORT_MASK_] = { .type = MNL_TYPE_U16 },
		[FRA_DPORT_MASK_] = { .type = MNL_TYPE_U16 },
		[FRA_DSCP_MASK_] = { .type = MNL_TYPE_U8, .check = NLA_CHECK_MASK, .hi = 63 },
	};
	int err;

	q->net = req->net;
	q->extack = req->extack;
	if (req->nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*q->frh))) {
		NL_SET_ERR_MSG(req->extack, "Invalid msg length");
		return -EINVAL;
	}
	q->frh = mnl_nlmsg_get_payload(req->nlh);
	*ops = fib_rules_lookup_ops(req->net, q->frh->family);
	if (!*ops) {
		NL_SET_ERR_MSG(req->extack, "Rule family not supported");
		return -EAFNOSUPPORT;
	}
	err = nlmsg_parse_(req->nlh, sizeof(*q->frh), q->tb, FRA_MAX_, policy, false, req->extack);
	if (err)
		NL_SET_ERR_MSG(req->extack, "Error parsing msg");
	return err;
}

static void notify_rule_change(struct rtnl_req *req, const struct fib_rules_ops *ops,
			       const struct fib_rule *rule, u16 type)
{
	struct rtnl_msg msg;

	fib_rule_fill(ops, rule, &msg, type, req->nlh->nlmsg_seq, req->portid, 0);
	if (req->nlh->nlmsg_flags & NLM_F_ECHO)
		rtnl_reply(req, &msg.nlh);
	rtnl_notify(req->net, &msg.nlh, ops->family->nlgroup);
}

static int fib_newrule(struct rtnl_req *req)
{
	struct fib_rules_ops *ops;
	struct fib_rule_req q;
	struct fib_rule *rule;
	int err = rule_request(req, &q, &ops);

	if (err)
		return err;
	rule = fib_rule_alloc(ops);
	if (!rule)
		return -ENOMEM;
	err = fib_rule_parse(ops, &q, rule);
	if (!err && (req->nlh->nlmsg_flags & NLM_F_EXCL) && fib_rule_exists(ops, rule, &q))
		err = -EEXIST;
	if (!err)
		err = ops->family->configure(rule, &q);
	if (err) {
		fib_rule_free(rule);
		return err;
	}
	fib_rule_link(ops, rule);
	ops->family->changed(req->net);
	notify_rule_change(req, ops, rule, RTM_NEWRULE);
	return 0;
}

static int fib_delrule(struct rtnl_req *req)
{
	struct fib_rules_ops *ops;
	struct fib_rule_req q;
	struct fib_rule *wanted, *rule;
	int err = rule_request(req, &q, &ops);

	if (err)
		return err;
	wanted = fib_rule_alloc(ops);
	if (!wanted)
		return -ENOMEM;
	err = fib_rule_parse(ops, &q, wanted);
	rule = err ? NULL : fib_rule_find(ops, wanted, &q);
	fib_rule_free(wanted);
	if (err)
		return err;
	if (!rule)
		return -ENOENT;
	if (rule->flags & FIB_RULE_PERMANENT)
		return -EPERM;
	err = ops->family->removed(rule);
	if (err)
		return err;
	fib_rule_unlink(ops, rule);
	notify_rule_change(req, ops, rule, RTM_DELRULE);
	ops->family->changed(req->net);
	return 0;
}

static int refuse_dump(struct rtnl_req *req, const char *why)
{
	NL_SET_ERR_MSG(req->extack, why);
	return -EINVAL;
}

/* A strict request names a family, and nothing else. */
static int check_dump_request(struct rtnl_req *req)
{
	static const struct fib_rule_hdr nothing;
	struct fib_rule_hdr frh;

	if (req->nlh->nlmsg_len < NLMSG_LENGTH(sizeof(frh)))
		return refuse_dump(req, "Invalid header for fib rule dump request");
	memcpy(&frh, mnl_nlmsg_get_payload(req->nlh), sizeof(frh));
	frh.family = 0;
	if (memcmp(&frh, &nothing, sizeof(frh)))
		return refuse_dump(req, "Invalid values in header for fib rule dump request");
	if (req->nlh->nlmsg_len > NLMSG_LENGTH(sizeof(frh)))
		return refuse_dump(req, "Invalid data after header in fib rule dump request");
	return 0;
}

static int fib_nl_dumprule(struct rtnl_req *req)
{
	const struct rtgenmsg *gen = mnl_nlmsg_get_payload(req->nlh);
	int err = req->strict ? check_dump_request(req) : 0;
	struct fib_rules_ops *ops;
	struct fib_rule *rule;
	struct rtnl_msg msg;

	if (err)
		return err;
	if (gen->rtgen_family && !fib_rules_lookup_ops(req->net, gen->rtgen_family))
		return -EAFNOSUPPORT;
	list_for_each_entry(ops, &req->net->fib_rules_ops, list) {
		if (gen->rtgen_family && ops->family->family != gen->rtgen_family)
			continue;
		list_for_each_entry(rule, &ops->rules_list, list) {
			fib_rule_fill(ops, rule, &msg, RTM_NEWRULE, req->nlh->nlmsg_seq,
				      req->portid, NLM_F_MULTI);
			rtnl_reply(req, &msg.nlh);
		}
	}
	return 0;
}

const struct rtnl_handler fib_rules_rtnl[] = {
	{ .msgtype = RTM_NEWRULE, .doit = fib_newrule },
	{ .msgtype = RTM_DELRULE, .doit = fib_delrule },
	{ .msgtype = RTM_GETRULE, .dumpit = fib_nl_dumprule },
	{ 0 },
};
