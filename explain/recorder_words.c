// SPDX-License-Identifier: BSD-2-Clause
/* explain/recorder_words.c - routes and neighbours in the words of the ip command. */
#include "explain/recorder.h"

#include "net/fib_rules.h"
#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/neighbour.h"

static const char *const type_words[RTN_MAX + 1] = {
	[RTN_LOCAL] = "local ",
	[RTN_BROADCAST] = "broadcast ",
	[RTN_ANYCAST] = "anycast ",
	[RTN_MULTICAST] = "multicast ",
	[RTN_BLACKHOLE] = "blackhole ",
	[RTN_UNREACHABLE] = "unreachable ",
	[RTN_PROHIBIT] = "prohibit ",
	[RTN_THROW] = "throw ",
	[RTN_NAT] = "nat ",
	[RTN_XRESOLVE] = "xresolve ",
};

static void put_table(struct strbuf *sb, u32 id)
{
	switch (id) {
	case RT_TABLE_LOCAL:
		strbuf_puts(sb, " table local");
		break;
	case RT_TABLE_MAIN:
		strbuf_puts(sb, " table main");
		break;
	case RT_TABLE_DEFAULT:
		strbuf_puts(sb, " table default");
		break;
	default:
		strbuf_printf(sb, " table %u", id);
	}
}

/* The rule that led to the table: without rules of its own a namespace has the three that come with it. */
static void put_rule(struct strbuf *sb, const struct fib_rule *rule, u32 table)
{
	if (rule)
		strbuf_printf(sb, " rule %u", rule->pref);
	else if (table == RT_TABLE_LOCAL)
		strbuf_puts(sb, " rule 0");
	else if (table == RT_TABLE_MAIN)
		strbuf_puts(sb, " rule 32766");
	else if (table == RT_TABLE_DEFAULT)
		strbuf_puts(sb, " rule 32767");
}

static void put_nexthop(struct strbuf *sb, const struct fib_result *res)
{
	const struct fib_nh_common *nhc = res->nhc;

	if (!nhc)
		return;
	if (nhc->nhc_gw_family)
		strbuf_printf(sb, " via " NIPFMT, NIPQUAD(nhc->nhc_gw));
	if (nhc->nhc_dev)
		strbuf_printf(sb, " dev %s", nhc->nhc_dev->name);
	if (nhc->nhc_flags & RTNH_F_ONLINK)
		strbuf_puts(sb, " onlink");
	if (nhc->nhc_flags & RTNH_F_LINKDOWN)
		strbuf_puts(sb, " linkdown");
	if (nhc->nhc_flags & RTNH_F_DEAD)
		strbuf_puts(sb, " dead");
}

static const char *error_words(int err)
{
	switch (err < 0 ? -err : err) {
	case ENETUNREACH:
		return "no route (network is unreachable)";
	case EHOSTUNREACH:
		return "unreachable (no route to host)";
	case EACCES:
		return "prohibited";
	case EINVAL:
		return "blackhole or invalid";
	case EAGAIN:
		return "nothing in this table";
	case ENODEV:
		return "the device is gone";
	default:
		return "no route";
	}
}

/* The longest route for an address that refuses with an error. */
struct refusal {
	__be32 daddr;
	int err;
	__be32 prefix;
	int plen;
	u8 type;
};

static int look_for_refusal(void *arg, __be32 prefix, int plen, struct fib_alias *fa)
{
	struct refusal *r = arg;
	u32 mask = plen ? ~0u << (32 - plen) : 0;

	if ((ntohl(r->daddr ^ prefix) & mask) || fib_props[fa->fa_type].error != r->err)
		return 0;
	r->prefix = prefix;
	r->plen = plen;
	r->type = fa->fa_type;
	return 0; /* prefixes come in order: a longer match is still to come */
}

/* The refusing route in @tb, which the lookup did not name. Return: false if there is none */
static bool put_refusal(struct strbuf *sb, struct fib_table *tb, __be32 daddr, int err)
{
	struct refusal r = { .daddr = daddr, .err = err, .plen = -1 };

	if (tb)
		fib_table_walk(tb, look_for_refusal, &r);
	if (r.plen < 0)
		return false;
	strbuf_puts(sb, type_words[r.type]);
	if (r.plen)
		strbuf_printf(sb, NIPFMT "/%d", NIPQUAD(r.prefix), r.plen);
	else
		strbuf_puts(sb, "default");
	return true;
}

/* A lookup that failed: the rule or the route that refused, or that there is none. */
static void put_failure(struct strbuf *sb, struct net *net, __be32 daddr,
			const struct fib_rule *rule, int err)
{
	u32 table = rule ? rule->table : RT_TABLE_MAIN;

	if (err == -ENETUNREACH && !rule) {
		strbuf_puts(sb, error_words(err));
	} else if (rule && rule->action != FR_ACT_TO_TBL) {
		strbuf_printf(sb, "%s by rule %u", error_words(err), rule->pref);
	} else if (put_refusal(sb, fib_get_table(net, table), daddr, err)) {
		put_table(sb, table);
		put_rule(sb, rule, table);
	} else {
		strbuf_puts(sb, error_words(err));
	}
}

/**
 * words_of_route() - what a lookup for @daddr found, as ip route shows it, with table and rule
 * @err: not 0: nothing was found, or a refusal; then only the rule in @res means something
 */
void words_of_route(struct strbuf *sb, struct net *net, __be32 daddr, const struct fib_result *res,
		    int err)
{
	u32 table;

	strbuf_printf(sb, NIPFMT " -> ", NIPQUAD(daddr));
	if (err) {
		put_failure(sb, net, daddr, res->rule, err);
		return;
	}
	if (res->type <= RTN_MAX && type_words[res->type])
		strbuf_puts(sb, type_words[res->type]);
	if (res->prefixlen)
		strbuf_printf(sb, NIPFMT "/%u", NIPQUAD(res->prefix), res->prefixlen);
	else
		strbuf_puts(sb, "default");
	put_nexthop(sb, res);
	if (res->fi && res->fi->fib_prefsrc)
		strbuf_printf(sb, " src " NIPFMT, NIPQUAD(res->fi->fib_prefsrc));
	if (res->fi && res->fi->fib_priority)
		strbuf_printf(sb, " metric %u", res->fi->fib_priority);
	table = res->tb_id ? res->tb_id : res->table ? fib_table_id(res->table) : 0;
	if (table) {
		put_table(sb, table);
		put_rule(sb, res->rule, table);
	}
}

static const char *nud_name(u8 state)
{
	switch (state) {
	case NUD_INCOMPLETE:
		return "INCOMPLETE";
	case NUD_REACHABLE:
		return "REACHABLE";
	case NUD_STALE:
		return "STALE";
	case NUD_DELAY:
		return "DELAY";
	case NUD_PROBE:
		return "PROBE";
	case NUD_FAILED:
		return "FAILED";
	case NUD_NOARP:
		return "NOARP";
	case NUD_PERMANENT:
		return "PERMANENT";
	default:
		return "NONE";
	}
}

/**
 * words_of_neigh() - a next hop as ip neigh shows it
 */
void words_of_neigh(struct strbuf *sb, const struct neighbour *n)
{
	strbuf_printf(sb, NIPFMT " dev %s", NIPQUAD(n->primary_key), n->dev->name);
	if (n->nud_state & NUD_VALID && n->dev->addr_len == 6) {
		strbuf_puts(sb, " lladdr ");
		strbuf_mac(sb, n->ha);
	}
	strbuf_printf(sb, " %s", nud_name(n->nud_state));
}
