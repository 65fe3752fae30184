// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop_routes.c - routes over an object that was replaced are told anew.
 *
 * A listener that knows nothing of objects (nexthop_compat_mode) sees gateways and devices in its routes, and these
 * have changed. The order is the kernel's: the object's own routes, then those of each group it is in; prefixes
 * from the highest down.
 */
#include "net/ipv4/nexthop_internal.h"

#define UPDATES_AT_ONCE 64

struct route_update {
	__be32 prefix;
	int plen;
	u32 table;
	struct fib_alias *fa;
};

/* Walked in ascending order of prefixes, told in descending order, so collect one table's first. */
struct route_updates {
	struct net *net;
	const struct nl_info *info;
	struct route_update *u;
	u32 count, room;
	u32 table;
};

static int collect_update(void *arg, __be32 prefix, int plen, struct fib_alias *fa)
{
	struct route_updates *all = arg;
	struct route_update *more;

	if (!fa->fa_info->nh_updated || fa->tb_id != all->table)
		return 0;
	if (all->count == all->room) {
		u32 room = all->room ? all->room * 2 : UPDATES_AT_ONCE;

		more = skiff_alloc(all->net->skiff, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		if (all->count)
			memcpy(more, all->u, all->count * sizeof(*more));
		skiff_free(all->net->skiff, all->u);
		all->u = more;
		all->room = room;
	}
	all->u[all->count++] = (struct route_update){ prefix, plen, all->table, fa };
	return 0;
}

static void tell_range(const struct route_updates *all, u32 from, u32 to)
{
	for (; from < to; from++) {
		const struct route_update *u = &all->u[from];

		rtmsg_fib(RTM_NEWROUTE, u->prefix, u->fa, u->plen, u->table, all->info->portid,
			  all->info->nlh->nlmsg_seq, NLM_F_REPLACE, all->net);
	}
}

static int tell_table(void *arg, struct fib_table *tb)
{
	struct route_updates *all = arg;
	u32 end, start;

	all->count = 0;
	all->table = fib_table_id(tb);
	fib_table_walk(tb, collect_update, all);
	/* Prefixes backwards, but the routes of one prefix address in their order. */
	for (end = all->count; end; end = start) {
		start = end - 1;
		while (start && all->u[start - 1].prefix == all->u[end - 1].prefix)
			start--;
		tell_range(all, start, end);
	}
	return 0;
}

static void tell_routes_of(struct nexthop *nh, struct route_updates *all)
{
	struct fib_info *fi;

	if (list_empty(&nh->fi_list))
		return;
	list_for_each_entry(fi, &nh->fi_list, nh_list)
		fi->nh_updated = true;
	fib_tables_walk(all->net, tell_table, all);
	list_for_each_entry(fi, &nh->fi_list, nh_list)
		fi->nh_updated = false;
}

/**
 * nexthop_replace_notify() - listeners of routes hear that those over @nh are others now (nexthop_compat_mode)
 */
void nexthop_replace_notify(struct nexthop *nh, const struct nl_info *info)
{
	struct route_updates all = { .net = nh->net, .info = info };
	struct nh_grp_entry *nhge;

	tell_routes_of(nh, &all);
	list_for_each_entry(nhge, &nh->grp_list, nh_list)
		tell_routes_of(nhge->nh_parent, &all);
	skiff_free(nh->skiff, all.u);
}
