// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib4_rules.c - IPv4's part of policy rules: prefixes, tos and DSCP, tables, realms; and their words.
 *
 * DOC: IPv4 rules
 * A new namespace has three rules: 0 (table local), 32766 (main), 32767 (default). As long as nobody touches them,
 * lookups do not come here: local and main answer as one (fib_lookup() in ip_fib.h). The first rule made or deleted
 * by hand ends that for good. Rules about protocol or ports count in fib_rules_require_fldissect: then
 * received packets are dissected before they are routed.
 */
#include "net/fib_rules.h"

#include "lib/fmt.h"
#include "net/ip.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/route.h"
#include "net/rtnetlink.h"

/**
 * struct fib4_rule - a rule with IPv4's selectors
 * @src, @dst:   be, as given; @srcmask, @dstmask: be, from the lengths
 * @dscp:        in its place within the tos byte; @dscp_mask likewise
 * @dscp_full:   given as DSCP: all six bits count; else only those that RFC 1349 had
 */
struct fib4_rule {
	struct fib_rule common;
	u8 dst_len, src_len;
	u8 dscp, dscp_mask;
	bool dscp_full;
	__be32 src, srcmask;
	__be32 dst, dstmask;
	u32 tclassid;
};

#define to_rule4(rule) container_of(rule, struct fib4_rule, common)

static __be32 len_mask(u8 len)
{
	return len ? htonl(~0u << (32 - len)) : 0;
}

/* ---- lookup ---- */

/**
 * __fib_lookup() - the route of @flp where a namespace has rules of its own
 * @res: filled with the answer; res->rule is the rule that gave it, also if it was a refusal
 * Return: 0, -ENETUNREACH, -EHOSTUNREACH, -EACCES, -EINVAL
 */
int __fib_lookup(struct net *net, struct flowi4 *flp, struct fib_result *res, unsigned flags)
{
	struct fib_lookup_arg arg = { .result = res, .flags = flags };
	int err;

	journey_fn(net, NULL);
	err = fib_rules_lookup(net->ipv4.rules_ops, flp, &arg);
	res->rule = arg.rule;
	res->tclassid = arg.rule ? to_rule4(arg.rule)->tclassid : 0;
	return err == -ESRCH ? -ENETUNREACH : err;
}

static int fib4_rule_action(const struct fib_rule *rule, struct flowi4 *fl,
			    struct fib_lookup_arg *arg)
{
	struct fib_table *tb;

	switch (rule->action) {
	case FR_ACT_TO_TBL:
		tb = fib_get_table(rule->net, rule->table);
		return tb ? fib_table_lookup(tb, fl, arg->result, (int)arg->flags) : -EAGAIN;
	case FR_ACT_UNREACHABLE:
		return -ENETUNREACH;
	case FR_ACT_PROHIBIT:
		return -EACCES;
	default:
		return -EINVAL;
	}
}

static bool fib4_rule_suppress(const struct fib_rule *rule, struct fib_lookup_arg *arg)
{
	const struct fib_result *res = arg->result;
	const struct net_device *dev = NULL;

	if (res->fi)
		dev = fib_info_nhc(res->fi, 0)->nhc_dev;
	if (res->prefixlen > rule->suppress_prefixlen &&
	    (rule->suppress_ifgroup == -1 || !dev || dev->group != (u32)rule->suppress_ifgroup))
		return false;
	if (res->fi && !(arg->flags & FIB_LOOKUP_NOREF))
		fib_info_put(res->fi);
	return true;
}

static bool port_matches(const struct fib_rule_port_range *range, u16 mask, __be16 port)
{
	u16 p = ntohs(port);

	if (!range->start)
		return true;
	if (mask)
		return !((range->start ^ p) & mask);
	return p >= range->start && p <= range->end;
}

static bool dscp_matches(const struct fib4_rule *r, u8 tos)
{
	if (r->dscp_full)
		return !((r->dscp ^ tos) & r->dscp_mask);
	return !r->dscp || r->dscp == (tos & IPTOS_RT_MASK);
}

static bool fib4_rule_match(const struct fib_rule *rule, const struct flowi4 *fl)
{
	const struct fib4_rule *r = to_rule4(rule);

	if (((fl->saddr ^ r->src) & r->srcmask) || ((fl->daddr ^ r->dst) & r->dstmask))
		return false;
	if (!dscp_matches(r, fl->flowi4_tos))
		return false;
	if (rule->ip_proto && rule->ip_proto != fl->flowi4_proto)
		return false;
	return port_matches(&rule->sport_range, rule->sport_mask, fl->fl4_sport) &&
	       port_matches(&rule->dport_range, rule->dport_mask, fl->fl4_dport);
}

/* Where the ports of a protocol are, -1: it has none. */
static int ports_offset(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_ESP: /* the SPI stands in their place */
	case 33:	  /* DCCP */
	case 132:	  /* SCTP */
		return 0;
	case 51: /* AH: behind its length */
		return 4;
	default:
		return -1;
	}
}

/**
 * fib4_rules_flow_dissect() - protocol and ports of a packet, for rules that ask for them
 * @skb: IPv4 header valid and linear; @fl4: gets flowi4_proto and the ports; a fragment, also the first, has none
 */
void fib4_rules_flow_dissect(const struct sk_buff *skb, struct flowi4 *fl4)
{
	const struct iphdr *iph = ip_hdr(skb);
	int off = ports_offset(iph->protocol);
	const u8 *ports;
	u8 buf[4];

	fl4->flowi4_proto = iph->protocol;
	fl4->fl4_sport = 0;
	fl4->fl4_dport = 0;
	if (off < 0 || (iph->frag_off & htons(IP_MF | IP_OFFSET)))
		return;
	ports = skb_header_pointer(skb, (u32)(skb_network_offset(skb) + iph->ihl * 4 + off), 4,
				   buf);
	if (!ports)
		return;
	fl4->fl4_sport = get_unaligned16(ports);
	fl4->fl4_dport = get_unaligned16(ports + 2);
}

/* ---- requests ---- */

static int refuse_attr(const struct fib_rule_req *q, const struct nlattr *attr, const char *why)
{
	NL_SET_ERR_MSG(q->extack, why);
	if (attr)
		NL_SET_BAD_ATTR(q->extack, attr);
	return -EINVAL;
}

static int parse_dscp(struct fib4_rule *r, const struct fib_rule_req *q)
{
	const struct nlattr *dscp = q->tb[FRA_DSCP_], *mask = q->tb[FRA_DSCP_MASK_];

	if (q->frh->tos & ~INET_DSCP_MASK)
		return refuse_attr(q, NULL, "Invalid dsfield (tos): ECN bits must be 0");
	/* The upper three bits cannot be asked for by this name. */
	if (q->frh->tos & ~IPTOS_TOS_MASK)
		return refuse_attr(q, NULL, "Invalid tos");
	r->dscp = q->frh->tos;
	if (dscp && r->dscp)
		return refuse_attr(q, NULL, "Cannot specify both TOS and DSCP");
	if (dscp) {
		r->dscp = (u8)(mnl_attr_get_u8(dscp) << 2);
		r->dscp_mask = INET_DSCP_MASK;
		r->dscp_full = true;
	}
	if (!mask)
		return 0;
	if (!dscp)
		return refuse_attr(q, mask, "Cannot specify DSCP mask without DSCP value");
	r->dscp_mask = (u8)(mnl_attr_get_u8(mask) << 2);
	return r->dscp & ~r->dscp_mask ? refuse_attr(q, mask, "Invalid DSCP mask") : 0;
}

/* A rule that asks a table, but none in particular, gets an empty one. */
static int empty_table(struct net *net, u32 *table)
{
	u32 id;

	for (id = 1; id; id++) {
		if (fib_get_table(net, id))
			continue;
		*table = id;
		return fib_new_table(net, id) ? 0 : -ENOBUFS;
	}
	return -ENOBUFS;
}

static int rules_are_custom(struct net *net)
{
	int err = fib_trie_unmerge(net);

	if (!err)
		net->ipv4.fib_has_custom_rules = true;
	return err;
}

static int fib4_rule_configure(struct fib_rule *rule, const struct fib_rule_req *q)
{
	struct fib4_rule *r = to_rule4(rule);
	struct net *net = q->net;
	int err;

	if (q->tb[FRA_FLOWLABEL_] || q->tb[FRA_FLOWLABEL_MASK_])
		return refuse_attr(q, NULL, "Flow label cannot be specified for IPv4 FIB rules");
	err = parse_dscp(r, q);
	if (!err)
		err = rules_are_custom(net);
	if (!err && rule->table == RT_TABLE_UNSPEC && !rule->l3mdev &&
	    rule->action == FR_ACT_TO_TBL)
		err = empty_table(net, &rule->table);
	if (err)
		return err;
	r->src_len = q->frh->src_len;
	r->dst_len = q->frh->dst_len;
	r->srcmask = len_mask(r->src_len);
	r->dstmask = len_mask(r->dst_len);
	if (r->src_len)
		r->src = mnl_attr_get_u32(q->tb[FRA_SRC]);
	if (r->dst_len)
		r->dst = mnl_attr_get_u32(q->tb[FRA_DST]);
	if (q->tb[FRA_FLOW])
		r->tclassid = mnl_attr_get_u32(q->tb[FRA_FLOW]);
	net->ipv4.fib_num_tclassid_users += r->tclassid != 0;
	net->ipv4.fib_rules_require_fldissect += fib_rule_has_ports(rule);
	return 0;
}

static int fib4_rule_removed(struct fib_rule *rule)
{
	struct net *net = rule->net;
	int err = net->exiting ? 0 : rules_are_custom(net);

	if (err)
		return err;
	net->ipv4.fib_num_tclassid_users -= to_rule4(rule)->tclassid != 0;
	net->ipv4.fib_rules_require_fldissect -= fib_rule_has_ports(rule);
	return 0;
}

static bool compare_dscp(const struct fib4_rule *r, const struct fib_rule_req *q)
{
	const struct nlattr *dscp = q->tb[FRA_DSCP_], *mask = q->tb[FRA_DSCP_MASK_];

	if (q->frh->tos && (r->dscp_full || r->dscp != q->frh->tos))
		return false;
	if (dscp && (!r->dscp_full || r->dscp >> 2 != mnl_attr_get_u8(dscp)))
		return false;
	return !mask || (r->dscp_full && r->dscp_mask >> 2 == mnl_attr_get_u8(mask));
}

static bool fib4_rule_compare(const struct fib_rule *rule, const struct fib_rule_req *q)
{
	const struct fib4_rule *r = to_rule4(rule);
	const struct fib_rule_hdr *frh = q->frh;

	if (frh->src_len &&
	    (r->src_len != frh->src_len || r->src != mnl_attr_get_u32(q->tb[FRA_SRC])))
		return false;
	if (frh->dst_len &&
	    (r->dst_len != frh->dst_len || r->dst != mnl_attr_get_u32(q->tb[FRA_DST])))
		return false;
	if (!compare_dscp(r, q))
		return false;
	return !q->tb[FRA_FLOW] || r->tclassid == mnl_attr_get_u32(q->tb[FRA_FLOW]);
}

static void fib4_rule_fill(const struct fib_rule *rule, struct nlmsghdr *nlh)
{
	const struct fib4_rule *r = to_rule4(rule);
	struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);

	frh->dst_len = r->dst_len;
	frh->src_len = r->src_len;
	if (r->dscp_full) {
		mnl_attr_put_u8(nlh, FRA_DSCP_, r->dscp >> 2);
		mnl_attr_put_u8(nlh, FRA_DSCP_MASK_, r->dscp_mask >> 2);
	} else {
		frh->tos = r->dscp;
	}
	if (r->dst_len)
		mnl_attr_put_u32(nlh, FRA_DST, r->dst);
	if (r->src_len)
		mnl_attr_put_u32(nlh, FRA_SRC, r->src);
	if (r->tclassid)
		mnl_attr_put_u32(nlh, FRA_FLOW, r->tclassid);
}

static const struct fib_rules_family fib4_rules_family = {
	.family = AF_INET,
	.addr_size = sizeof(__be32),
	.nlgroup = RTNLGRP_IPV4_RULE,
	.rule_size = sizeof(struct fib4_rule),
	.match = fib4_rule_match,
	.action = fib4_rule_action,
	.suppress = fib4_rule_suppress,
	.configure = fib4_rule_configure,
	.removed = fib4_rule_removed,
	.compare = fib4_rule_compare,
	.fill = fib4_rule_fill,
	.changed = rt_cache_flush,
};

/**
 * fib4_rules_init() - the three rules of a new namespace
 * Return: 0 or -ENOMEM, then nothing is left behind
 */
int fib4_rules_init(struct net *net)
{
	struct fib_rules_ops *ops = fib_rules_register(&fib4_rules_family, net);
	int err;

	if (!ops)
		return -ENOMEM;
	err = fib_default_rule_add(ops, 0, RT_TABLE_LOCAL);
	if (!err)
		err = fib_default_rule_add(ops, 0x7ffe, RT_TABLE_MAIN);
	if (!err)
		err = fib_default_rule_add(ops, 0x7fff, RT_TABLE_DEFAULT);
	if (err) {
		fib_rules_unregister(ops);
		return err;
	}
	net->ipv4.rules_ops = ops;
	net->ipv4.fib_has_custom_rules = false;
	net->ipv4.fib_rules_require_fldissect = 0;
	return 0;
}

/**
 * fib4_rules_exit() - the namespace ends: no lookups after this
 */
void fib4_rules_exit(struct net *net)
{
	fib_rules_unregister(net->ipv4.rules_ops);
	net->ipv4.rules_ops = NULL;
}

/**
 * fib4_rules_custom() - was there ever a rule made or deleted by hand?
 */
unsigned fib4_rules_custom(const struct net *net)
{
	return net->ipv4.fib_has_custom_rules;
}

/* ---- words ---- */

static void put_prefix(struct strbuf *sb, const char *word, __be32 addr, u8 len)
{
	strbuf_puts(sb, word);
	strbuf_ip4(sb, addr);
	if (len < 32)
		strbuf_printf(sb, "/%u", len);
}

static void put_ports(struct strbuf *sb, const char *word, const struct fib_rule_port_range *r,
		      u16 mask)
{
	if (!r->start)
		return;
	strbuf_printf(sb, " %s %u", word, r->start);
	if (r->end != r->start)
		strbuf_printf(sb, "-%u", r->end);
	else if (mask != UINT16_MAX)
		strbuf_printf(sb, "/0x%x", mask);
}

static void put_device(struct strbuf *sb, const char *word, const char *name, u32 ifindex)
{
	if (name[0])
		strbuf_printf(sb, " %s %s%s", word, name,
			      ifindex == FIB_RULE_NODEV ? " [detached]" : "");
}

static void put_ipproto(struct strbuf *sb, u8 proto)
{
	static const char *const names[256] = {
		[1] = "icmp",  [2] = "igmp",   [6] = "tcp",	  [17] = "udp",
		[33] = "dccp", [47] = "gre",   [50] = "esp",	  [51] = "ah",
		[89] = "ospf", [132] = "sctp", [136] = "udplite",
	};

	if (!proto)
		return;
	if (names[proto])
		strbuf_printf(sb, " ipproto %s", names[proto]);
	else
		strbuf_printf(sb, " ipproto ipproto-%u", proto);
}

static void put_table(struct strbuf *sb, const struct fib_rule *rule)
{
	if (rule->l3mdev)
		strbuf_puts(sb, " lookup [l3mdev-table]");
	else if (rule->table == RT_TABLE_LOCAL)
		strbuf_puts(sb, " lookup local");
	else if (rule->table == RT_TABLE_MAIN)
		strbuf_puts(sb, " lookup main");
	else if (rule->table == RT_TABLE_DEFAULT)
		strbuf_puts(sb, " lookup default");
	else if (rule->table)
		strbuf_printf(sb, " lookup %u", rule->table);
}

/* "realms FROM/TO"; iproute2 knows realm 0 as cosmos */
static void put_realms(struct strbuf *sb, u32 tclassid)
{
	u32 from = tclassid >> 16, to = tclassid & 0xffff;

	if (!tclassid)
		return;
	strbuf_puts(sb, " realms ");
	if (from)
		strbuf_printf(sb, "%u/", from);
	if (to)
		strbuf_printf(sb, "%u", to);
	else
		strbuf_puts(sb, "cosmos");
}

static void put_selectors(struct strbuf *sb, const struct fib4_rule *r)
{
	const struct fib_rule *rule = &r->common;

	if (r->src_len)
		put_prefix(sb, "from ", r->src, r->src_len);
	else
		strbuf_puts(sb, "from all");
	if (r->dst_len)
		put_prefix(sb, " to ", r->dst, r->dst_len);
	if (r->dscp_full)
		strbuf_printf(sb, " dscp %u", r->dscp >> 2);
	if (r->dscp_full && r->dscp_mask != INET_DSCP_MASK)
		strbuf_printf(sb, "/0x%x", r->dscp_mask >> 2);
	if (!r->dscp_full && r->dscp)
		strbuf_printf(sb, " tos 0x%02x", r->dscp);
	if (rule->mark || rule->mark_mask)
		strbuf_printf(sb, rule->mark ? " fwmark 0x%x" : " fwmark %u", rule->mark);
	if (rule->mark_mask && rule->mark_mask != UINT32_MAX)
		strbuf_printf(sb, "/0x%x", rule->mark_mask);
	put_device(sb, "iif", rule->iifname, rule->iifindex);
	put_device(sb, "oif", rule->oifname, rule->oifindex);
	if (rule->uid_range.end != UINT32_MAX)
		strbuf_printf(sb, " uidrange %u-%u", rule->uid_range.start, rule->uid_range.end);
	put_ipproto(sb, rule->ip_proto);
	put_ports(sb, "sport", &rule->sport_range, rule->sport_mask);
	put_ports(sb, "dport", &rule->dport_range, rule->dport_mask);
	if (rule->tun_id)
		strbuf_printf(sb, " tun_id %llu", (unsigned long long)cpu_to_be64(rule->tun_id));
}

static void put_action(struct strbuf *sb, const struct fib_rule *rule)
{
	switch (rule->action) {
	case FR_ACT_TO_TBL:
		return;
	case FR_ACT_GOTO:
		strbuf_printf(sb, " goto %u%s", rule->target, rule->ctarget ? "" : " [unresolved]");
		return;
	case FR_ACT_NOP:
		strbuf_puts(sb, " nop");
		return;
	case FR_ACT_UNREACHABLE:
		strbuf_puts(sb, " unreachable");
		return;
	case FR_ACT_PROHIBIT:
		strbuf_puts(sb, " prohibit");
		return;
	case FR_ACT_BLACKHOLE:
		strbuf_puts(sb, " blackhole");
		return;
	default:
		strbuf_printf(sb, " %u", rule->action);
	}
}

/**
 * fib_rule_text() - an IPv4 rule in iproute2's words, a space where it has a tab
 * Return: length of the text in @buf, never more than @size - 1
 */
int fib_rule_text(const struct fib_rule *rule, char *buf, size_t size)
{
	static const char *const protos[] = { [3] = "boot", [4] = "static", [16] = "dhcp" };
	const struct fib4_rule *r = to_rule4(rule);
	struct strbuf sb;

	strbuf_init(&sb, buf, size);
	strbuf_printf(&sb, "%u: %s", rule->pref, rule->flags & FIB_RULE_INVERT ? "not " : "");
	put_selectors(&sb, r);
	put_table(&sb, rule);
	if (rule->suppress_prefixlen != -1)
		strbuf_printf(&sb, " suppress_prefixlength %d", rule->suppress_prefixlen);
	if (rule->suppress_ifgroup != -1)
		strbuf_printf(&sb, " suppress_ifgroup %d", rule->suppress_ifgroup);
	put_realms(&sb, r->tclassid);
	put_action(&sb, rule);
	if (rule->proto < ARRAY_SIZE(protos) && protos[rule->proto])
		strbuf_printf(&sb, " proto %s", protos[rule->proto]);
	else if (rule->proto && rule->proto != RTPROT_KERNEL)
		strbuf_printf(&sb, " proto %u", rule->proto);
	return (int)sb.len;
}
