// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop_group.c - several next hops behind one number, and the choice among them.
 *
 * DOC: Next hop groups
 * A flow's hash (31 bits) picks a member: each owns the stretch of hashes up to its upper bound, as wide as its weight
 * says. A member whose neighbour is known to be unreachable is passed over, and its stretch goes to the next good one.
 * When a member is removed the rest share anew; with its last member the group goes. Resilient groups have a table of
 * buckets in place of the stretches (nexthop_res.c).
 */
#include "net/ipv4/nexthop_internal.h"

#include "net/neighbour.h"

static void group_free_rcu(struct death_row_entry *e)
{
	struct nh_group *nhg = container_of(e, struct nh_group, rcu);

	skiff_free(nhg->skiff, nhg);
}

static struct nh_group *group_alloc(struct skiff *skiff, u16 num_nh)
{
	struct nh_group *nhg;

	nhg = skiff_zalloc(skiff, sizeof(*nhg) + num_nh * sizeof(nhg->nh_entries[0]));
	if (!nhg)
		return NULL;
	nhg->skiff = skiff;
	nhg->num_nh = num_nh;
	nhg->rcu.free = group_free_rcu;
	return nhg;
}

/**
 * nh_group_free() - a group's members are let go; the memory stays until the end of the turn
 * @nhg: its members no longer know it, see nh_group_unlink()
 */
void nh_group_free(struct nh_group *nhg)
{
	for (unsigned i = 0; i < nhg->num_nh; i++)
		nexthop_put(nhg->nh_entries[i].nh);
	if (nhg->res)
		nh_res_free(nhg->res);
	skiff_defer_free(nhg->skiff, &nhg->rcu);
}

/**
 * nh_group_unlink() - the members forget the group
 */
void nh_group_unlink(struct nh_group *nhg)
{
	for (unsigned i = 0; i < nhg->num_nh; i++)
		list_del_init(&nhg->nh_entries[i].nh_list);
}

/* Stretches of hashes by weight; rounded, so that the last one ends at 2^31 - 1. */
static void group_rebalance(struct nh_group *nhg)
{
	u64 total = 0, sum = 0;

	for (unsigned i = 0; i < nhg->num_nh; i++)
		total += nhg->nh_entries[i].weight;
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		sum += nhg->nh_entries[i].weight;
		nhg->nh_entries[i].upper_bound = (int)(((sum << 31) + total / 2) / total - 1);
	}
}

/**
 * nexthop_create_group() - a group as @cfg has it (checked: all members exist, and fit)
 * Return: one reference, not in the table; NULL: no memory
 */
struct nexthop *nexthop_create_group(struct net *net, const struct nh_config *cfg)
{
	struct nexthop *nh = nexthop_alloc(net);
	struct nh_group *nhg;

	if (!nh)
		return NULL;
	nhg = group_alloc(net->skiff, cfg->num_grp);
	if (!nhg) {
		skiff_free(net->skiff, nh);
		return NULL;
	}
	nh->is_group = true;
	nh->nh_grp = nhg;
	if (cfg->resilient) {
		nhg->res = nh_res_alloc(nh, cfg);
		if (!nhg->res) {
			skiff_free(net->skiff, nhg);
			skiff_free(net->skiff, nh);
			return NULL;
		}
	}
	nhg->fdb_nh = cfg->nh_fdb;
	nhg->hw_stats = cfg->nh_hw_stats;
	for (unsigned i = 0; i < cfg->num_grp; i++) {
		struct nh_grp_entry *nhge = &nhg->nh_entries[i];

		nhge->nh = nexthop_get(nexthop_find_by_id(net, cfg->grp[i].id));
		nhge->nh_parent = nh;
		nhge->weight = nexthop_grp_weight(&cfg->grp[i]);
		list_add(&nhge->nh_list, &nhge->nh->grp_list);
	}
	/* The buckets of a table are given out once it is clear that the group stays. */
	if (!nhg->res)
		group_rebalance(nhg);
	return nh;
}

static void set_parent(struct nh_group *nhg, struct nexthop *nh)
{
	for (unsigned i = 0; i < nhg->num_nh; i++)
		nhg->nh_entries[i].nh_parent = nh;
}

static void swap_groups(struct nexthop *a, struct nexthop *b)
{
	struct nh_group *nhg = a->nh_grp;

	a->nh_grp = b->nh_grp;
	b->nh_grp = nhg;
	set_parent(a->nh_grp, a);
	set_parent(b->nh_grp, b);
}

/* The table of buckets stays with @old; its settings are those of the request as far as it has any. */
static void keep_buckets(struct nexthop *old, struct nexthop *new, const struct nh_config *cfg)
{
	struct nh_res_table *t = new->nh_grp->res;

	new->nh_grp->res = old->nh_grp->res;
	old->nh_grp->res = t;
	t->nh = old;
	new->nh_grp->res->nh = new;
	if (cfg->has_idle_timer)
		t->idle_timer = cfg->idle_timer;
	if (cfg->has_unbalanced_timer)
		t->unbalanced_timer = cfg->unbalanced_timer;
	nh_res_move_members(t);
	nh_res_rebalance(t);
}

/**
 * nh_group_replace() - @old gets the members of @new, and @new those of @old; numbers, routes and holders stay
 * Return: 0, or -EINVAL with a sentence
 */
int nh_group_replace(struct nexthop *old, struct nexthop *new, const struct nh_config *cfg,
		     struct netlink_ext_ack *extack)
{
	const struct nh_res_table *t = old->nh_grp->res;

	if (!t != !new->nh_grp->res) {
		NL_SET_ERR_MSG(extack,
			       "Can not replace a nexthop group with one of a different type.");
		return -EINVAL;
	}
	if (t && cfg->has_num_buckets && cfg->num_buckets != t->num_buckets) {
		NL_SET_ERR_MSG(extack,
			       "Can not change number of buckets of a resilient nexthop group.");
		return -EINVAL;
	}
	swap_groups(old, new);
	if (t)
		keep_buckets(old, new, cfg);
	return 0;
}

/* One entry less: those behind it move up, and so do their places in their next hops' lists. */
static void group_drop_entry(struct nh_group *nhg, unsigned at)
{
	struct nh_grp_entry *e = nhg->nh_entries;

	if (nhg->res)
		nh_res_drop_entry(nhg->res, at);
	list_del(&e[at].nh_list);
	nhg->num_nh--;
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		list_del(&e[i < at ? i : i + 1].nh_list);
		if (i >= at)
			e[i] = e[i + 1];
		/* Newest first, as if made anew: the order in which removals are told. */
		list_add(&e[i].nh_list, &e[i].nh->grp_list);
	}
	if (nhg->res)
		nh_res_rebalance(nhg->res);
	else
		group_rebalance(nhg);
}

static void remove_nh_grp_entry(struct net *net, struct nh_grp_entry *nhge,
				const struct nl_info *info)
{
	struct nexthop *parent = nhge->nh_parent, *nh = nhge->nh;
	struct nh_group *nhg = parent->nh_grp;

	if (nhg->num_nh == 1) {
		remove_nexthop(net, parent, info);
		return;
	}
	group_drop_entry(nhg, (unsigned)(nhge - nhg->nh_entries));
	nexthop_put(nh);
	if (info)
		nexthop_notify(RTM_NEWNEXTHOP, parent, info);
}

/**
 * remove_nexthop_from_groups() - a single next hop goes: its groups shrink, or go with it
 */
void remove_nexthop_from_groups(struct net *net, struct nexthop *nh, const struct nl_info *info)
{
	while (!list_empty(&nh->grp_list))
		remove_nh_grp_entry(
			net, list_first_entry(&nh->grp_list, struct nh_grp_entry, nh_list), info);
}

/* ---- choice ---- */

/* Good unless the neighbour is known and known not to answer. */
static bool nexthop_is_good(const struct nexthop *nh)
{
	const struct fib_nh *fib_nh = &nh->nh_info->fib_nh;
	const struct neighbour *n;

	if (!fib_nh->fib_nh_dev)
		return true;
	n = __ipv4_neigh_lookup_noref(fib_nh->fib_nh_dev, fib_nh->fib_nh_gw4);
	return !n || (n->nud_state & NUD_VALID);
}

static struct nexthop *choose(struct nh_grp_entry *nhge)
{
	nhge->packets++;
	return nhge->nh;
}

/**
 * nexthop_select_path() - the single next hop that a flow with @hash (31 bits) takes
 * Return: @nh itself if it is no group; if no member is good, the first
 */
struct nexthop *nexthop_select_path(struct nexthop *nh, int hash)
{
	struct nh_grp_entry *first_good = NULL, *nhge;
	struct nh_group *nhg;

	if (!nh->is_group)
		return nh;
	nhg = nh->nh_grp;
	if (nhg->res)
		return choose(nh_res_select(nhg->res, hash));
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		nhge = &nhg->nh_entries[i];
		if (!nhg->fdb_nh && !nexthop_is_good(nhge->nh))
			continue;
		if (!first_good)
			first_good = nhge;
		if (hash <= nhge->upper_bound)
			return choose(nhge);
	}
	return choose(first_good ? first_good : &nhg->nh_entries[0]);
}

/**
 * nexthop_path_fib_result() - the next hop of a route by object; res->fi is set
 */
void nexthop_path_fib_result(struct fib_result *res, int hash)
{
	res->nhc = &nexthop_select_path(res->fi->nh, hash)->nh_info->fib_nh.nh_common;
}

/**
 * nexthop_path_fdb_result() - the remote that a frame with @hash goes to; NULL if the group has none
 */
struct fib_nh_common *nexthop_path_fdb_result(struct nexthop *nh, int hash)
{
	return &nexthop_select_path(nh, hash)->nh_info->fib_nh.nh_common;
}
