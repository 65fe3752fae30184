// SPDX-License-Identifier: BSD-2-Clause
/* lab/ipwords_route.c - `ip route` and `ip nexthop` as RTM_NEWROUTE and RTM_NEWNEXTHOP. */
#include "lab/ipwords_internal.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct word_value route_types[] = {
	{ "unicast", RTN_UNICAST },
	{ "local", RTN_LOCAL },
	{ "broadcast", RTN_BROADCAST },
	{ "anycast", RTN_ANYCAST },
	{ "multicast", RTN_MULTICAST },
	{ "blackhole", RTN_BLACKHOLE },
	{ "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT },
	{ "throw", RTN_THROW },
	{ "nat", RTN_NAT },
	{ NULL, 0 },
};

static const struct word_value route_metrics[] = {
	{ "mtu", RTAX_MTU },
	{ "window", RTAX_WINDOW },
	{ "rtt", RTAX_RTT },
	{ "rttvar", RTAX_RTTVAR },
	{ "ssthresh", RTAX_SSTHRESH },
	{ "cwnd", RTAX_CWND },
	{ "advmss", RTAX_ADVMSS },
	{ "reordering", RTAX_REORDERING },
	{ "hoplimit", RTAX_HOPLIMIT },
	{ "initcwnd", RTAX_INITCWND },
	{ "rto_min", RTAX_RTO_MIN },
	{ "initrwnd", RTAX_INITRWND },
	{ "quickack", RTAX_QUICKACK },
	{ "congctl", RTAX_CC_ALGO },
	{ NULL, 0 },
};

/* What has to be known only when all words were read. */
struct route_words {
	struct rtmsg *rtm;
	uint32_t metric[RTAX_MAX + 1];
	uint32_t lock, has_metric; /* bit per RTAX_ */
	char congctl[16];
	bool gateway, hops, nhid, table, scope;
};

static bool read_metric(struct words *w, struct route_words *r)
{
	const struct word_value *m = route_metrics;
	const char *s = words_peek(w);

	while (m->name && strcmp(m->name, s))
		m++;
	if (!m->name)
		return false;
	words_take(w, s);
	if (words_take(w, "lock"))
		r->lock |= 1u << m->value;
	if (m->value == RTAX_CC_ALGO)
		snprintf(r->congctl, sizeof(r->congctl), "%s", words_next(w, m->name));
	else
		r->metric[m->value] = words_u32(w, m->name, UINT32_MAX);
	r->has_metric |= 1u << m->value;
	return true;
}

static void put_metrics(struct words *w, const struct route_words *r)
{
	struct nlattr *nest;
	unsigned int i;

	if (w->err || !(r->has_metric | r->lock))
		return;
	nest = mnl_attr_nest_start_check(w->nlh, w->size, RTA_METRICS);
	if (!nest) {
		words_fail(w, -EMSGSIZE, "too long for a message");
		return;
	}
	/* ip marks neither this nor RTA_MULTIPATH as nested */
	nest->nla_type = RTA_METRICS;
	if (r->lock)
		words_put_u32(w, RTAX_LOCK, r->lock);
	for (i = RTAX_LOCK + 1; i <= RTAX_MAX; i++)
		if (r->has_metric & 1u << i && i == RTAX_CC_ALGO)
			words_put(w, RTAX_CC_ALGO, strlen(r->congctl), r->congctl);
		else if (r->has_metric & 1u << i)
			words_put_u32(w, (uint16_t)i, r->metric[i]);
	mnl_attr_nest_end(w->nlh, nest);
}

/* nexthop [via ADDR] [dev DEV] [weight N] [onlink] [realm R], up to the next "nexthop" */
static void read_hop(struct words *w)
{
	size_t at = w->nlh->nlmsg_len;
	struct rtnexthop *hop = words_extra(w, sizeof(*hop));

	while (words_left(w) && strcmp(words_peek(w), "nexthop")) {
		if (words_take(w, "via")) {
			words_take(w, "inet");
			words_put_u32(w, RTA_GATEWAY, words_addr(w));
		} else if (words_take(w, "dev")) {
			hop->rtnh_ifindex = words_dev(w);
		} else if (words_take(w, "weight")) {
			uint32_t weight = words_u32(w, "weight", 256);

			if (!w->err && !weight)
				words_fail(w, -EINVAL, "a weight is 1 to 256");
			hop->rtnh_hops = (unsigned char)(weight - 1);
		} else if (words_take(w, "onlink")) {
			hop->rtnh_flags |= RTNH_F_ONLINK;
		} else if (words_take(w, "realm") || words_take(w, "realms")) {
			words_put_u32(w, RTA_FLOW, words_realms(w));
		} else {
			words_fail(w, -EINVAL, "unknown word \"%s\" after nexthop", words_peek(w));
		}
	}
	if (!w->err)
		hop->rtnh_len = (unsigned short)(w->nlh->nlmsg_len - at);
}

static void read_hops(struct words *w, struct route_words *r)
{
	struct nlattr *nest = mnl_attr_nest_start_check(w->nlh, w->size, RTA_MULTIPATH);

	if (!nest) {
		words_fail(w, -EMSGSIZE, "too long for a message");
		return;
	}
	nest->nla_type = RTA_MULTIPATH;
	while (words_take(w, "nexthop"))
		read_hop(w);
	mnl_attr_nest_end(w->nlh, nest);
	r->hops = true;
}

static void read_via(struct words *w, struct route_words *r)
{
	words_take(w, "inet");
	words_put_u32(w, RTA_GATEWAY, words_addr(w));
	r->gateway = true;
}

static void read_table(struct words *w, struct route_words *r)
{
	uint32_t table = words_table(w);

	r->table = true;
	r->rtm->rtm_table = table < 256 ? (unsigned char)table : RT_TABLE_UNSPEC;
	if (table >= 256)
		words_put_u32(w, RTA_TABLE, table);
}

static void read_route_word(struct words *w, struct route_words *r)
{
	if (words_take(w, "via")) {
		read_via(w, r);
	} else if (words_take(w, "dev") || words_take(w, "oif")) {
		words_put_u32(w, RTA_OIF, (uint32_t)words_dev(w));
	} else if (words_take(w, "src")) {
		words_put_u32(w, RTA_PREFSRC, words_addr(w));
	} else if (words_take(w, "metric") || words_take(w, "priority") ||
		   words_take(w, "preference")) {
		words_put_u32(w, RTA_PRIORITY, words_u32(w, "metric", UINT32_MAX));
	} else if (words_take(w, "table")) {
		read_table(w, r);
	} else if (words_take(w, "tos") || words_take(w, "dsfield")) {
		r->rtm->rtm_tos = words_dsfield(w);
	} else if (words_take(w, "scope")) {
		r->rtm->rtm_scope = words_scope(w);
		r->scope = true;
	} else if (words_take(w, "proto") || words_take(w, "protocol")) {
		r->rtm->rtm_protocol = words_protocol(w);
	} else if (words_take(w, "onlink")) {
		r->rtm->rtm_flags |= RTNH_F_ONLINK;
	} else if (words_take(w, "nhid")) {
		words_put_u32(w, RTA_NH_ID, words_u32(w, "nexthop id", UINT32_MAX));
		r->nhid = true;
	} else if (words_take(w, "realm") || words_take(w, "realms")) {
		words_put_u32(w, RTA_FLOW, words_realms(w));
	} else if (!strcmp(words_peek(w), "nexthop")) {
		read_hops(w, r);
	} else if (!read_metric(w, r)) {
		words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
	}
}

/* ip's rules for what was not said. */
static void default_scope(const struct route_words *r, bool del)
{
	struct rtmsg *rtm = r->rtm;

	switch (rtm->rtm_type) {
	case RTN_LOCAL:
	case RTN_NAT:
		rtm->rtm_scope = RT_SCOPE_HOST;
		break;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
	case RTN_ANYCAST:
		rtm->rtm_scope = RT_SCOPE_LINK;
		break;
	case RTN_UNICAST:
	case RTN_UNSPEC:
		if (del)
			rtm->rtm_scope = RT_SCOPE_NOWHERE;
		else if (!r->gateway && !r->hops && !r->nhid)
			rtm->rtm_scope = RT_SCOPE_LINK;
		break;
	default:
		break;
	}
}

/**
 * words_route() - [TYPE] PREFIX [via A] [dev D] [src A] [metric N] [table T] [tos X] [scope S] [mtu [lock] N] ...
 * @del: to be deleted: what is not said matches anything
 */
void words_route(struct words *w, bool del)
{
	struct route_words r = { .rtm = words_extra(w, sizeof(struct rtmsg)) };
	const struct word_value *t = route_types;
	struct word_prefix dst;

	if (w->err)
		return;
	r.rtm->rtm_family = AF_INET;
	r.rtm->rtm_table = RT_TABLE_MAIN;
	r.rtm->rtm_scope = del ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
	r.rtm->rtm_protocol = del ? RTPROT_UNSPEC : RTPROT_BOOT;
	r.rtm->rtm_type = del ? RTN_UNSPEC : RTN_UNICAST;
	while (t->name && strcmp(t->name, words_peek(w)))
		t++;
	if (t->name) {
		words_take(w, t->name);
		r.rtm->rtm_type = (unsigned char)t->value;
	}
	words_take(w, "to");
	dst = words_prefix(w);
	r.rtm->rtm_dst_len = dst.len;
	words_put_u32(w, RTA_DST, dst.addr);
	while (words_left(w))
		read_route_word(w, &r);
	put_metrics(w, &r);
	if (!r.table && (r.rtm->rtm_type == RTN_LOCAL || r.rtm->rtm_type == RTN_BROADCAST ||
			 r.rtm->rtm_type == RTN_NAT || r.rtm->rtm_type == RTN_ANYCAST))
		r.rtm->rtm_table = RT_TABLE_LOCAL;
	if (!r.scope)
		default_scope(&r, del);
}

/* 1/2,3/4: ids with weights */
static void read_group(struct words *w)
{
	const char *s = words_next(w, "nexthop group");
	struct nexthop_grp grp[64] = { 0 };
	unsigned int n = 0;

	while (!w->err && *s) {
		char *end;
		unsigned long weight = 1;

		if (n == sizeof(grp) / sizeof(grp[0])) {
			words_fail(w, -EINVAL, "more than %u nexthops in a group", n);
			return;
		}
		grp[n].id = (uint32_t)strtoul(s, &end, 0);
		if (end != s && *end == ',')
			weight = strtoul(end + 1, &end, 0);
		if (end == s || (*end && *end != '/') || weight < 1 || weight > 65535) {
			words_fail(w, -EINVAL, "\"%s\" is no ID[,WEIGHT]/...", s);
			return;
		}
		/* The byte behind it has the high bits. */
		grp[n].weight = (uint8_t)(weight - 1);
		((uint8_t *)&grp[n++])[5] = (uint8_t)((weight - 1) >> 8);
		s = *end ? end + 1 : end;
	}
	words_put(w, NHA_GROUP, n * sizeof(grp[0]), grp);
}

#define USER_HZ_ 100 /* netlink's unit of time here */

/* What a resilient group is told. */
struct group_words {
	bool has_buckets, has_idle, has_unbalanced;
	uint16_t buckets;
	uint32_t idle, unbalanced; /* s */
};

static void put_resilience(struct words *w, const struct group_words *g)
{
	struct nlattr nest[8];
	size_t n = 0;

	if (g->has_buckets) {
		nest[n] = (struct nlattr){ sizeof(struct nlattr) + 2, NHA_RES_GROUP_BUCKETS };
		memcpy(&nest[n + 1], (uint16_t[2]){ g->buckets }, 4);
		n += 2;
	}
	if (g->has_idle) {
		nest[n] = (struct nlattr){ sizeof(struct nlattr) + 4, NHA_RES_GROUP_IDLE_TIMER };
		memcpy(&nest[n + 1], (uint32_t[1]){ g->idle * USER_HZ_ }, 4);
		n += 2;
	}
	if (g->has_unbalanced) {
		nest[n] = (struct nlattr){ sizeof(struct nlattr) + 4,
					   NHA_RES_GROUP_UNBALANCED_TIMER };
		memcpy(&nest[n + 1], (uint32_t[1]){ g->unbalanced * USER_HZ_ }, 4);
		n += 2;
	}
	if (n)
		words_put(w, NHA_RES_GROUP | NLA_F_NESTED, n * sizeof(nest[0]), nest);
}

static void read_nexthop_word(struct words *w, struct nhmsg *nhm, struct group_words *g)
{
	if (words_take(w, "id")) {
		words_put_u32(w, NHA_ID, words_u32(w, "nexthop id", UINT32_MAX));
	} else if (words_take(w, "via")) {
		words_take(w, "inet");
		words_put_u32(w, NHA_GATEWAY, words_addr(w));
	} else if (words_take(w, "dev")) {
		words_put_u32(w, NHA_OIF, (uint32_t)words_dev(w));
	} else if (words_take(w, "blackhole")) {
		words_put(w, NHA_BLACKHOLE, 0, NULL);
	} else if (words_take(w, "onlink")) {
		nhm->nh_flags |= RTNH_F_ONLINK;
	} else if (words_take(w, "group")) {
		/* a group has no family of its own */
		nhm->nh_family = AF_UNSPEC;
		read_group(w);
	} else if (words_take(w, "type")) {
		static const struct word_value types[] = {
			{ "mpath", NEXTHOP_GRP_TYPE_MPATH },
			{ "resilient", NEXTHOP_GRP_TYPE_RES },
			{ NULL, 0 },
		};

		words_put_u16(w, NHA_GROUP_TYPE,
			      (uint16_t)words_named(w, "group type", types, UINT16_MAX));
	} else if (words_take(w, "buckets")) {
		g->buckets = (uint16_t)words_u32(w, "number of buckets", UINT16_MAX);
		g->has_buckets = true;
	} else if (words_take(w, "idle_timer")) {
		g->idle = words_u32(w, "time in s", UINT32_MAX / USER_HZ_);
		g->has_idle = true;
	} else if (words_take(w, "unbalanced_timer")) {
		g->unbalanced = words_u32(w, "time in s", UINT32_MAX / USER_HZ_);
		g->has_unbalanced = true;
	} else if (words_take(w, "fdb")) {
		words_put(w, NHA_FDB, 0, NULL);
	} else if (words_take(w, "proto") || words_take(w, "protocol")) {
		nhm->nh_protocol = words_protocol(w);
	} else {
		words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
	}
}

/**
 * words_nexthop() - id N [via A] [dev D] [onlink] | blackhole | group ID[,WEIGHT]/... [type resilient buckets N ...]
 * @del: only the id counts
 */
void words_nexthop(struct words *w, bool del)
{
	struct nhmsg *nhm = words_extra(w, sizeof(*nhm));
	struct group_words g = { 0 };

	if (w->err)
		return;
	nhm->nh_family = del ? AF_UNSPEC : AF_INET;
	while (words_left(w))
		read_nexthop_word(w, nhm, &g);
	put_resilience(w, &g);
}
