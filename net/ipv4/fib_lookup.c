// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lookup.c - which route an address takes.
 *
 * DOC: Route lookup
 * fib_table_lookup() asks the compiled form (fib_lpm.c) first. It knows the first alias of the longest prefix, which decides
 * if it has no tos, is narrow enough in scope and has a next hop that can be used. Everything else walks the tree
 * of record, from the longest prefix to shorter ones, as the kernel does: tos, scope, error types, next hops.
 *
 * Two habits of the kernel's trie are kept, both tried on it. While local and main are merged, asking either asks both, the
 * longest prefix wins and local goes first where both have it. And a route with a nexthop object of which no next hop
 * is usable ends the search among all prefixes with the same address bits (60.0.0.0/24, /16 and /8 are one leaf there); what
 * is shorter and has another address is still tried.
 *
 * In: a table or namespace and a flow key. Out: struct fib_result or -errno.   Seed: 2.1 (ip_route_input_slow).
 */
#include "net/ip_fib.h"

#include "net/inetdevice.h"
#include "net/journey.h"
#include "net/neighbour.h"
#include "fib_lpm.h"
#include "fib_table.h"

/* Ends of the look at one prefix beside 0 (found) and -errno (refused). */
enum { TRY_SHORTER = 1, SKIP_KEY = 2 };

static bool ignore_linkdown(const struct net_device *dev)
{
	struct in_device *in_dev = dev ? in_dev_get(dev) : NULL;

	return in_dev && IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev);
}

static bool good_nhc(const struct fib_nh_common *nhc, int fib_flags, const struct flowi4 *flp)
{
	if (nhc->nhc_flags & RTNH_F_DEAD)
		return false;
	if ((nhc->nhc_flags & RTNH_F_LINKDOWN) && !(fib_flags & FIB_LOOKUP_IGNORE_LINKSTATE) &&
	    ignore_linkdown(nhc->nhc_dev))
		return false;
	return !flp->flowi4_oif || flp->flowi4_oif == nhc->nhc_oif;
}

/* The first usable next hop of @fi into @res. */
static bool usable_nexthop(struct fib_info *fi, const struct flowi4 *flp, int fib_flags,
			   struct fib_result *res)
{
	int n = fi->nh ? fib_info_num_path(fi) : fi->fib_nhs;

	for (int i = 0; i < n; i++) {
		struct fib_nh_common *nhc = fi->nh ? fib_info_nhc(fi, i) : &fi->fib_nh[i].nh_common;

		if (!nhc || !good_nhc(nhc, fib_flags, flp))
			continue;
		res->nh_sel = (u8)i;
		res->nhc = nhc;
		return true;
	}
	return false;
}

static int found(struct fib_result *res, struct fib_table *tb, struct fib_info *fi, u32 prefix,
		 u8 plen, u8 type, u32 tb_id, int fib_flags)
{
	if (!(fib_flags & FIB_LOOKUP_NOREF))
		fi->fib_clntref++;
	res->prefix = htonl(prefix);
	res->prefixlen = plen;
	res->type = type;
	res->scope = fi->fib_scope;
	res->tb_id = tb_id;
	res->fi = fi;
	res->table = tb;
	return 0;
}

static int try_node(struct fib_table *tb, const struct fib_node *n, const struct flowi4 *flp,
		    struct fib_result *res, int fib_flags)
{
	struct fib_alias *fa;

	fib_for_each_alias(fa, n)
	{
		struct fib_info *fi = fa->fa_info;

		if (fa->fa_tos && !fib_tos_match(fa->fa_tos, flp))
			continue;
		if (fi->fib_dead || fi->fib_scope < flp->flowi4_scope)
			continue;
		if (fib_props[fa->fa_type].error)
			return fib_props[fa->fa_type].error;
		if (fi->fib_flags & RTNH_F_DEAD)
			continue;
		if (fi->nh && nexthop_is_blackhole(fi->nh))
			return fib_props[RTN_BLACKHOLE].error;
		if (usable_nexthop(fi, flp, fib_flags, res))
			return found(res, tb, fi, n->key, n->plen, fa->fa_type, fa->tb_id,
				     fib_flags);
		if (fi->nh)
			return SKIP_KEY;
	}
	return TRY_SHORTER;
}

/* The table that answers together with @tb, of lower precedence in *@second; NULL: @tb answers alone. */
static const struct fib_tree *merged_trees(const struct fib_table *tb,
					   const struct fib_tree **second)
{
	const struct netns_ipv4 *ip = &tb->net->ipv4;

	*second = NULL;
	if (!ip->fib_merged || !ip->fib_local || !ip->fib_main ||
	    (tb != ip->fib_local && tb != ip->fib_main))
		return &tb->tree;
	*second = &ip->fib_main->tree;
	return &ip->fib_local->tree;
}

/* The whole truth: from the longest prefix up, in both trees side by side where they are merged. */
static __attribute__((noinline)) int lookup_tree(struct fib_table *tb, const struct flowi4 *flp,
						 struct fib_result *res, int fib_flags)
{
	const struct fib_tree *second, *first = merged_trees(tb, &second);
	u32 addr = ntohl(flp->daddr), skip = 0;
	struct fib_node *a = fib_tree_deepest(first, addr, 32);
	struct fib_node *b = second ? fib_tree_deepest(second, addr, 32) : NULL;
	bool skipping = false;

	while (a || b) {
		struct fib_node *n;
		int err;

		if (!b || (a && a->plen >= b->plen)) {
			n = a;
			a = fib_node_covering(a);
		} else {
			n = b;
			b = fib_node_covering(b);
		}
		if (skipping && n->key == skip)
			continue;
		err = try_node(tb, n, flp, res, fib_flags);
		if (err <= 0)
			return err;
		if (err == SKIP_KEY) {
			skipping = true;
			skip = n->key;
		}
	}
	return -EAGAIN;
}

/* A fib_info is dead when its next hops are, and they carry the mark themselves: their line is read anyway. */
static bool leaf_answers(const struct fib_leaf *leaf, const struct flowi4 *flp)
{
	return leaf->kind == FIB_LEAF_PLAIN && !flp->flowi4_oif &&
	       leaf->scope >= flp->flowi4_scope &&
	       !(leaf->nhc->nhc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
}

static int leaf_found(struct fib_result *res, struct fib_table *tb, const struct fib_leaf *leaf,
		      const struct flowi4 *flp, int fib_flags)
{
	return found(res, tb, leaf->fi, ntohl(flp->daddr) & fib_mask(leaf->plen), leaf->plen,
		     leaf->type, leaf->tb_id, fib_flags);
}

/* The compiled form knows the first alias of the longest prefix. If that can not be used, the tree must say what else. */
static __attribute__((noinline)) int lookup_closer(struct fib_table *tb,
						   const struct fib_leaf *leaf,
						   const struct flowi4 *flp, struct fib_result *res,
						   int fib_flags)
{
	struct fib_info *fi = leaf->fi;

	if (leaf->kind == FIB_LEAF_NONE)
		return -EAGAIN;
	if (leaf->kind == FIB_LEAF_SLOW || fi->fib_dead || leaf->scope < flp->flowi4_scope)
		return lookup_tree(tb, flp, res, fib_flags);
	if (fib_props[leaf->type].error)
		return fib_props[leaf->type].error;
	if (fi->fib_flags & RTNH_F_DEAD)
		return lookup_tree(tb, flp, res, fib_flags);
	if (fi->nh && nexthop_is_blackhole(fi->nh))
		return fib_props[RTN_BLACKHOLE].error;
	if (usable_nexthop(fi, flp, fib_flags, res))
		return leaf_found(res, tb, leaf, flp, fib_flags);
	return lookup_tree(tb, flp, res, fib_flags);
}

/**
 * fib_table_lookup() - longest match in one table (in local and main together while they are merged)
 * @fib_flags: FIB_LOOKUP_NOREF: res->fi is not counted; FIB_LOOKUP_IGNORE_LINKSTATE
 * @res: tclassid and rule are left alone; undefined on error
 * Return: 0, -EAGAIN (nothing; also for throw), -EINVAL (blackhole), -EHOSTUNREACH, -EACCES
 */
int fib_table_lookup(struct fib_table *tb, const struct flowi4 *flp, struct fib_result *res,
		     int fib_flags)
{
	const struct fib_leaf *leaf;

	journey_fn(tb->net, NULL);
	if (unlikely(!fib_lpm_ready(tb->lpm)))
		return lookup_tree(tb, flp, res, fib_flags);
	leaf = fib_lpm_lookup(tb->lpm, ntohl(flp->daddr));
	if (unlikely(!leaf_answers(leaf, flp)))
		return lookup_closer(tb, leaf, flp, res, fib_flags);
	res->nh_sel = 0;
	res->nhc = leaf->nhc;
	return leaf_found(res, tb, leaf, flp, fib_flags);
}

/**
 * fib_lookup_merged() - no custom rules: local and main as one, then default
 * Return: 0, -ENETUNREACH, or the error of a route's type
 */
int fib_lookup_merged(struct net *net, const struct flowi4 *flp, struct fib_result *res,
		      unsigned flags)
{
	int err = -ENETUNREACH;

	res->tclassid = 0;
	res->rule = NULL;
	if (likely(net->ipv4.fib_main))
		err = fib_table_lookup(net->ipv4.fib_main, flp, res, (int)flags);
	if (!err || (err != -EAGAIN && net->ipv4.fib_main))
		return err;
	if (net->ipv4.fib_default)
		err = fib_table_lookup(net->ipv4.fib_default, flp, res, (int)flags);
	return err == -EAGAIN ? -ENETUNREACH : err;
}

/* ---- the alias behind a result; several default routes ---- */

/* The node that @res was found at, in the table that holds it. */
static struct fib_node *result_node(const struct fib_result *res)
{
	struct fib_table *tb = res->table;

	if (tb && tb->tb_id != res->tb_id)
		tb = fib_get_table(tb->net, res->tb_id);
	return tb ? fib_tree_find(&tb->tree, ntohl(res->prefix), res->prefixlen) : NULL;
}

struct fib_alias *fib_result_alias(const struct fib_result *res)
{
	struct fib_node *n = result_node(res);
	struct fib_alias *fa;

	if (!n)
		return NULL;
	fib_for_each_alias(fa, n) if (fa->fa_info == res->fi && fa->fa_type == res->type) return fa;
	return NULL;
}

/**
 * struct candidates - default routes with a gateway, in order, while fib_select_default() looks for one that lives
 * @chosen:   alias whose fa_default remembers the last answer (that of the first candidate)
 * @fi:       candidate not yet judged, @order its number from 0
 * @fallback: the best that is not known to be good, @fallback_order its number, -1: none
 */
struct candidates {
	struct fib_alias *chosen;
	struct fib_info *fi, *fallback;
	int order, fallback_order;
};

/* Is the gateway of the candidate worth using? RFC 1122 3.3.1.5; who was never asked counts as alive (seen on 6.18). */
static bool gateway_lives(struct candidates *c)
{
	struct fib_nh_common *nhc = fib_info_nhc(c->fi, 0);
	struct neighbour *n = nhc->nhc_dev ? __ipv4_neigh_lookup_noref(nhc->nhc_dev, nhc->nhc_gw) :
					     NULL;
	unsigned state = n ? n->nud_state : NUD_REACHABLE;
	int last = c->chosen->fa_default;

	if (state == NUD_REACHABLE)
		return true;
	/* Valid but unproven: take it, unless it is the one that was used before. */
	if ((state & NUD_VALID) && c->order != last)
		return true;
	if ((state & NUD_VALID) ||
	    (c->fallback_order < 0 && c->order > last && state != NUD_INCOMPLETE)) {
		c->fallback = c->fi;
		c->fallback_order = c->order;
	}
	return false;
}

static void assign(struct fib_result *res, struct fib_info *fi, struct candidates *c, int order)
{
	if (fi && fi != res->fi) {
		res->fi = fi;
		res->nhc = fib_info_nhc(fi, 0);
		res->nh_sel = 0;
	}
	c->chosen->fa_default = (s16)order;
}

/* May @fa stand in for the route of @res, so far as it says itself? */
static bool is_candidate(const struct fib_alias *fa, const struct fib_result *res)
{
	struct fib_nh_common *nhc;

	if (fa->fa_info->fib_scope != res->scope || fa->fa_type != RTN_UNICAST)
		return false;
	nhc = fib_info_nhc(fa->fa_info, 0);
	return nhc && nhc->nhc_gw_family && nhc->nhc_scope == RT_SCOPE_LINK;
}

void fib_select_default(const struct flowi4 *flp, struct fib_result *res)
{
	struct candidates c = { .order = -1, .fallback_order = -1 };
	struct fib_node *n = result_node(res);
	u32 prio = res->fi->fib_priority;
	struct fib_alias *fa;
	u8 tos = 0;

	if (!n)
		return;
	fib_for_each_alias(fa, n)
	{
		struct fib_info *fi = fa->fa_info;

		if (fa->fa_tos && !fib_tos_match(fa->fa_tos, flp))
			continue;
		if (fi->fib_priority > prio && fa->fa_tos == tos) {
			if (tos)
				continue;
			break;
		}
		if (fi->fib_flags & RTNH_F_DEAD)
			continue;
		tos = fa->fa_tos;
		prio = fi->fib_priority;
		if (!is_candidate(fa, res))
			continue;
		if (!c.fi) {
			if (fi != res->fi)
				break;
			c.chosen = fa;
		} else if (gateway_lives(&c)) {
			assign(res, c.fi, &c, c.order);
			return;
		}
		c.fi = fi;
		c.order++;
	}
	if (c.order <= 0 || !c.fi) { /* none, or no choice */
		if (c.chosen)
			c.chosen->fa_default = -1;
		return;
	}
	if (gateway_lives(&c))
		assign(res, c.fi, &c, c.order);
	else
		assign(res, c.fallback, &c, c.fallback_order);
}
