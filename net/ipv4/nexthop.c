// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop.c - next hops as objects of their own: numbered, shared by routes, replaced under them.
 *
 * DOC: Next hop objects
 * A route may name an object by number in place of gateway and device. The object is a single next hop, a blackhole or
 * a group (nexthop_group.c). Replacing one exchanges its contents and leaves the number and all who hold it; removing
 * one takes its routes with it and shrinks its groups. A device that goes down, loses its carrier or leaves takes its
 * objects along (but not blackholes, which stand on lo), and nobody is told of those.
 * Requests and messages are in nexthop_nlmsg.c.
 */
#include "net/ipv4/nexthop_internal.h"

#include "net/inetdevice.h"
#include "net/route.h"

/* ---- table ---- */

/* Where @id is or belongs. */
static u32 table_position(const struct nexthop_table *t, u32 id)
{
	u32 lo = 0, hi = t->count;

	if (hi && t->nh[hi - 1]->id < id)
		return hi;
	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (t->nh[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * nexthop_find_by_id() - the object with number @id, NULL if there is none
 */
struct nexthop *nexthop_find_by_id(struct net *net, u32 id)
{
	const struct nexthop_table *t = net->ipv4.nexthop;
	u32 at = table_position(t, id);

	return at < t->count && t->nh[at]->id == id ? t->nh[at] : NULL;
}

static int table_insert(struct net *net, struct nexthop *nh)
{
	struct nexthop_table *t = net->ipv4.nexthop;
	u32 at = table_position(t, nh->id);

	if (t->count == t->room) {
		u32 room = t->room ? t->room * 2 : 16;
		struct nexthop **more = skiff_alloc(net->skiff, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		if (t->count)
			memcpy(more, t->nh, t->count * sizeof(*more));
		skiff_free(net->skiff, t->nh);
		t->nh = more;
		t->room = room;
	}
	memmove(t->nh + at + 1, t->nh + at, (t->count - at) * sizeof(*t->nh));
	t->nh[at] = nh;
	t->count++;
	return 0;
}

static void table_remove(struct net *net, const struct nexthop *nh)
{
	struct nexthop_table *t = net->ipv4.nexthop;
	u32 at = table_position(t, nh->id);

	NET_ASSERT(at < t->count && t->nh[at] == nh);
	t->count--;
	memmove(t->nh + at, t->nh + at + 1, (t->count - at) * sizeof(*t->nh));
}

/* A free number behind the last one chosen; 0: all are taken. */
static u32 unused_id(struct net *net)
{
	struct nexthop_table *t = net->ipv4.nexthop;
	u32 start = t->last_id;

	do {
		if (++t->last_id && !nexthop_find_by_id(net, t->last_id))
			return t->last_id;
	} while (t->last_id != start);
	return 0;
}

static struct hlist_head *dev_chain(const struct net *net, u32 ifindex)
{
	return &net->ipv4.nexthop->dev[ifindex % NH_DEV_HASH];
}

/* ---- life ---- */

static void nexthop_free_rcu(struct death_row_entry *e)
{
	struct nexthop *nh = container_of(e, struct nexthop, rcu);

	if (!nh->is_group)
		skiff_free(nh->skiff, nh->nh_info);
	skiff_free(nh->skiff, nh);
}

/**
 * nexthop_alloc() - an object with one reference, without contents; NULL: no memory
 */
struct nexthop *nexthop_alloc(struct net *net)
{
	struct nexthop *nh = skiff_zalloc(net->skiff, sizeof(*nh));

	if (!nh)
		return NULL;
	nh->net = net;
	nh->skiff = net->skiff;
	nh->refcnt = 1;
	INIT_LIST_HEAD(&nh->fi_list);
	INIT_LIST_HEAD(&nh->grp_list);
	nh->rcu.free = nexthop_free_rcu;
	return nh;
}

/**
 * nexthop_put() - a reference is given back; after the last the object stays readable until the end of the turn
 */
void nexthop_put(struct nexthop *nh)
{
	NET_ASSERT(nh->refcnt > 0);
	if (--nh->refcnt)
		return;
	if (nh->is_group)
		nh_group_free(nh->nh_grp);
	else
		fib_nh_release(nh->net, &nh->nh_info->fib_nh);
	skiff_defer_free(nh->skiff, &nh->rcu);
}

/* Where packets go: device and scope are looked up as for a route in no particular table. */
static int resolve_ipv4(struct net *net, struct nexthop *nh, const struct nh_config *cfg,
			struct netlink_ext_ack *extack)
{
	struct fib_nh *fib_nh = &nh->nh_info->fib_nh;
	struct fib_config fib_cfg = {
		.fc_oif = cfg->nh_ifindex,
		.fc_gw4 = cfg->gw,
		.fc_gw_family = cfg->gw ? AF_INET : 0,
		.fc_flags = cfg->nh_flags,
	};
	u32 table = cfg->dev ? RT_TABLE_UNSPEC : RT_TABLE_MAIN;
	u8 scope;
	int err = fib_nh_init(net, fib_nh, &fib_cfg, 1, extack);

	if (err || cfg->nh_fdb)
		return err;
	err = fib_check_nh(net, fib_nh, table, 0, extack);
	if (err) {
		fib_nh_release(net, fib_nh);
		return err;
	}
	nh->nh_flags = fib_nh->fib_nh_flags;
	scope = fib_nh->fib_nh_scope;
	fib_info_update_nhc_saddr(net, &fib_nh->nh_common, scope ? scope - 1 : 0);
	return 0;
}

static struct nexthop *create_single(struct net *net, struct nh_config *cfg,
				     struct netlink_ext_ack *extack, int *err)
{
	struct nexthop *nh = nexthop_alloc(net);
	struct nh_info *nhi = nh ? skiff_zalloc(net->skiff, sizeof(*nhi)) : NULL;

	*err = -ENOMEM;
	if (!nhi) {
		skiff_free(net->skiff, nh);
		return NULL;
	}
	nh->nh_info = nhi;
	nhi->nh_parent = nh;
	nhi->family = cfg->nh_family;
	nhi->fdb_nh = cfg->nh_fdb;
	nhi->reject_nh = cfg->nh_blackhole;
	nhi->fib_nh.fib_nh_scope = RT_SCOPE_LINK;
	if (cfg->nh_blackhole)
		cfg->nh_ifindex = net->loopback_dev->ifindex;
	if (cfg->nh_family == AF_INET) {
		*err = resolve_ipv4(net, nh, cfg, extack);
	} else {
		NL_SET_ERR_MSG(extack, "IPv6 support not enabled in kernel");
		*err = -EAFNOSUPPORT;
	}
	if (*err) {
		skiff_free(net->skiff, nhi);
		skiff_free(net->skiff, nh);
		return NULL;
	}
	if (!nhi->fdb_nh)
		hlist_add_head(&nhi->dev_hash, dev_chain(net, nhi->fib_nh.fib_nh_dev->ifindex));
	return nh;
}

/* Routes and groups of an object that is in the table no more, or never was. */
static void detach_nexthop(struct net *net, struct nexthop *nh, const struct nl_info *info)
{
	struct fib_info *fi;

	list_for_each_entry(fi, &nh->fi_list, nh_list)
		fi->fib_flags |= RTNH_F_DEAD;
	if (!list_empty(&nh->fi_list))
		fib_flush(net);
	if (nh->is_group) {
		nh_group_unlink(nh->nh_grp);
		return;
	}
	hlist_del(&nh->nh_info->dev_hash);
	remove_nexthop_from_groups(net, nh, info);
}

/**
 * remove_nexthop() - out of the table, with its routes; groups lose it
 * @info: who asked for it: listeners are told; NULL: they are not
 */
void remove_nexthop(struct net *net, struct nexthop *nh, const struct nl_info *info)
{
	table_remove(net, nh);
	if (info)
		nexthop_notify(RTM_DELNEXTHOP, nh, info);
	detach_nexthop(net, nh, info);
	nexthop_put(nh);
}

/* ---- replacing ---- */

/* Would the routes of @old live with @new in its place? */
static int check_routes(const struct nexthop *old, struct nexthop *new,
			struct netlink_ext_ack *extack)
{
	const struct fib_info *fi;

	list_for_each_entry(fi, &old->fi_list, nh_list) {
		int err = fib_check_nexthop(new, fi->fib_scope, extack);

		if (err)
			return err;
	}
	return 0;
}

static int check_groups(const struct nexthop *old, struct nexthop *new,
			struct netlink_ext_ack *extack)
{
	const struct nh_grp_entry *nhge;

	list_for_each_entry(nhge, &old->grp_list, nh_list) {
		int err;

		if (!new->is_group &&new->nh_info->reject_nh &&
		    nexthop_num_path(nhge->nh_parent) > 1) {
			NL_SET_ERR_MSG(
				extack,
				"Blackhole nexthop can not be a member of a group with more than one path");
			return -EINVAL;
		}
		err = check_routes(nhge->nh_parent, new, extack);
		if (err)
			return err;
	}
	return 0;
}

/* The contents change places: @new takes those of @old away with it. */
static int replace_single(struct nexthop *old, struct nexthop *new, struct netlink_ext_ack *extack)
{
	struct nh_info *nhi = old->nh_info;

	if (!list_empty(&old->grp_list) && nhi->fdb_nh != new->nh_info->fdb_nh) {
		NL_SET_ERR_MSG(extack, "Cannot change nexthop FDB status while in a group");
		return -EINVAL;
	}
	old->nh_info = new->nh_info;
	new->nh_info = nhi;
	old->nh_info->nh_parent = old;
	new->nh_info->nh_parent = new;
	old->protocol = new->protocol;
	old->nh_flags = new->nh_flags;
	return 0;
}

static int replace_nexthop(struct net *net, struct nexthop *old, struct nexthop *new,
			   const struct nh_config *cfg, struct netlink_ext_ack *extack)
{
	int err = check_routes(old, new, extack);

	if (!err)
		err = check_groups(old, new, extack);
	if (err)
		return err;
	if (old->is_group != new->is_group) {
		NL_SET_ERR_MSG(extack, old->is_group ?
					       "Can not replace a nexthop group with a nexthop." :
					       "Can not replace a nexthop with a nexthop group.");
		return -EINVAL;
	}
	err = old->is_group ? nh_group_replace(old, new, cfg, extack) :
			      replace_single(old, new, extack);
	if (err)
		return err;
	rt_cache_flush(net);
	detach_nexthop(net, new, NULL);
	nexthop_put(new);
	return 0;
}

static int insert_nexthop(struct net *net, struct nexthop *nh, const struct nh_config *cfg,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (cfg->resilient && !cfg->has_num_buckets) {
		NL_SET_ERR_MSG(extack,
			       "Number of buckets not specified for nexthop group insertion");
		return -EINVAL;
	}
	err = table_insert(net, nh);
	if (!err && cfg->resilient)
		nh_res_rebalance(nh->nh_grp->res);
	return err;
}

/**
 * nexthop_add() - make an object, or replace the contents of one
 * @info: who asked, for notifications
 * Return: the object with the number; NULL and *err: -EEXIST, -ENOENT, -EINVAL, -ENOMEM ...
 */
struct nexthop *nexthop_add(struct net *net, struct nh_config *cfg, const struct nl_info *info,
			    struct netlink_ext_ack *extack, int *err)
{
	struct nexthop *nh, *old;
	bool replace = cfg->nlflags & NLM_F_REPLACE;

	if (!cfg->nh_id)
		cfg->nh_id = unused_id(net);
	if (!cfg->nh_id) {
		NL_SET_ERR_MSG(extack, "No unused id");
		*err = -EINVAL;
		return NULL;
	}
	*err = -ENOMEM;
	nh = cfg->grp ? nexthop_create_group(net, cfg) : create_single(net, cfg, extack, err);
	if (!nh)
		return NULL;
	nh->id = cfg->nh_id;
	nh->protocol = cfg->nh_protocol;
	old = nexthop_find_by_id(net, nh->id);
	if (old) {
		*err = replace ? replace_nexthop(net, old, nh, cfg, extack) : -EEXIST;
	} else if (replace && !(cfg->nlflags & NLM_F_CREATE)) {
		NL_SET_ERR_MSG(extack, "Replace specified without create and no entry exists");
		*err = -ENOENT;
	} else {
		*err = insert_nexthop(net, nh, cfg, extack);
	}
	if (*err) {
		detach_nexthop(net, nh, NULL);
		nexthop_put(nh);
		return NULL;
	}
	nh = old ? old : nh;
	nexthop_notify(RTM_NEWNEXTHOP, nh, info);
	if (old && net->ipv4.sysctl_nexthop_compat_mode)
		nexthop_replace_notify(nh, info);
	return nh;
}

/* ---- what routes ask ---- */

u32 nexthop_id(const struct nexthop *nh)
{
	return nh->id;
}

/**
 * nexthop_num_path() - members of a group, else 1
 */
unsigned nexthop_num_path(const struct nexthop *nh)
{
	return nh->is_group ? nh->nh_grp->num_nh : 1;
}

/**
 * nexthop_is_blackhole() - @nh, or the only member of the group @nh
 */
bool nexthop_is_blackhole(const struct nexthop *nh)
{
	if (nh->is_group) {
		if (nh->nh_grp->num_nh > 1)
			return false;
		nh = nh->nh_grp->nh_entries[0].nh;
	}
	return nh->nh_info->reject_nh;
}

/**
 * nexthop_fib_nhc() - member @nhsel of a group, or @nh itself; NULL if there is no such member
 */
struct fib_nh_common *nexthop_fib_nhc(struct nexthop *nh, int nhsel)
{
	if (nh->is_group) {
		if (nhsel < 0 || nhsel >= nh->nh_grp->num_nh)
			return NULL;
		nh = nh->nh_grp->nh_entries[nhsel].nh;
	}
	return &nh->nh_info->fib_nh.nh_common;
}

/**
 * nexthop_fib_weight() - weight of member @nhsel of a group, else 1
 */
int nexthop_fib_weight(const struct nexthop *nh, int nhsel)
{
	return nh->is_group ? (int)nh->nh_grp->nh_entries[nhsel].weight : 1;
}

/**
 * nexthop_uses_dev() - does @nh, or a member of it, leave by @dev?
 */
bool nexthop_uses_dev(const struct nexthop *nh, const struct net_device *dev)
{
	if (!nh->is_group)
		return nh->nh_info->fib_nh.fib_nh_dev == dev;
	for (unsigned i = 0; i < nh->nh_grp->num_nh; i++) {
		if (nexthop_uses_dev(nh->nh_grp->nh_entries[i].nh, dev))
			return true;
	}
	return false;
}

static int refuse(struct netlink_ext_ack *extack, const char *why)
{
	NL_SET_ERR_MSG(extack, why);
	return -EINVAL;
}

/**
 * fib_check_nexthop() - may a route of @scope use @nh?
 * Return: 0, or -EINVAL with a sentence
 */
int fib_check_nexthop(struct nexthop *nh, u8 scope, struct netlink_ext_ack *extack)
{
	const struct fib_nh_common *nhc = nexthop_fib_nhc(nh, 0);

	if (nh->is_group ? nh->nh_grp->fdb_nh : nh->nh_info->fdb_nh)
		return refuse(extack, "Route cannot point to a fdb nexthop");
	if (nh->is_group && scope == RT_SCOPE_HOST)
		return refuse(extack, "Route with host scope can not have multiple nexthops");
	/* All members of a group have the same scope: the first stands for them. */
	if (scope == RT_SCOPE_HOST && nhc->nhc_gw_family)
		return refuse(extack, "Route with host scope can not have a gateway");
	if ((nhc->nhc_flags & RTNH_F_ONLINK) && scope >= RT_SCOPE_LINK)
		return refuse(extack, "Scope mismatch with nexthop");
	return 0;
}

/**
 * nexthop_link_fib() - a route begins to use @nh: it is counted, and told when @nh goes
 */
void nexthop_link_fib(struct nexthop *nh, struct fib_info *fi)
{
	nexthop_get(nh);
	list_add(&fi->nh_list, &nh->fi_list);
}

/**
 * nexthop_unlink_fib() - the mirror of nexthop_link_fib(); fi->nh stays readable until the end of the turn
 */
void nexthop_unlink_fib(struct fib_info *fi)
{
	list_del_init(&fi->nh_list);
	nexthop_put(fi->nh);
}

/* ---- devices ---- */

static void flush_dev(struct net_device *dev, enum netdev_cmd event)
{
	struct net *net = dev_net(dev);
	struct hlist_node *next;
	struct nh_info *nhi;

	hlist_for_each_entry_safe(nhi, next, dev_chain(net, dev->ifindex), dev_hash) {
		if (nhi->fib_nh.fib_nh_dev != dev)
			continue;
		if (nhi->reject_nh && event != NETDEV_UNREGISTER)
			continue;
		remove_nexthop(net, nhi->nh_parent, NULL);
	}
}

static void sync_mtu(struct net_device *dev)
{
	struct nh_info *nhi;

	hlist_for_each_entry(nhi, dev_chain(dev_net(dev), dev->ifindex), dev_hash) {
		if (nhi->fib_nh.fib_nh_dev == dev)
			fib_nhc_update_mtu(&nhi->fib_nh.nh_common, dev->mtu, dev->orig_mtu);
	}
}

/**
 * nexthop_netdev_event() - objects follow their device
 */
void nexthop_netdev_event(struct net_device *dev, enum netdev_cmd event)
{
	switch (event) {
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
		flush_dev(dev, event);
		break;
	case NETDEV_CHANGE:
		if (!(dev_get_flags(dev) & (IFF_RUNNING_ | IFF_LOWER_UP_)))
			flush_dev(dev, event);
		break;
	case NETDEV_CHANGEMTU:
		sync_mtu(dev);
		rt_cache_flush(dev_net(dev));
		break;
	default:
		break;
	}
}

/* ---- start and end ---- */

static int nexthop_net_init(struct net *net)
{
	net->ipv4.nexthop = skiff_zalloc(net->skiff, sizeof(struct nexthop_table));
	if (!net->ipv4.nexthop)
		return -ENOMEM;
	net->ipv4.sysctl_nexthop_compat_mode = 1;
	return 0;
}

static void nexthop_net_exit(struct net *net)
{
	struct nexthop_table *t = net->ipv4.nexthop;

	while (t->count)
		remove_nexthop(net, t->nh[t->count - 1], NULL);
	skiff_free(net->skiff, t->nh);
	skiff_free(net->skiff, t);
	net->ipv4.nexthop = NULL;
}

const struct pernet_operations nexthop_net_ops = { "nexthop", nexthop_net_init, nexthop_net_exit };
