// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_semantics.c - what a route says beyond its prefix: fib_info, made once and shared by all routes that say the same.
 *
 * DOC: fib_info
 * fib_create_info() checks a request as Linux does, in its order, with its errnos and sentences, and gives the
 * fib_info that says so: an old one if there is one, else a new one. Many thousand routes over the same gateway share
 * one. Two counts: fib_treeref counts routes (fib_alias), fib_clntref everybody else who keeps a pointer over turns.
 *
 *   made          -> in use      [fib_create_info]   treeref 1, in the hashes
 *   in use        -> in use      [fib_create_info]   found again: treeref + 1
 *   in use        -> dead        [fib_release_info]  last route lets go: out of the hashes, fib_dead
 *   dead          -> freed       [fib_info_put]      last holder lets go: memory back at the end of the turn
 *
 * Not here: next hops one by one (fib_nh.c), devices that come and go (fib_sync.c), messages (fib_nlmsg.c).
 */
#include "lib/jhash.h"
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#include "fib_semantics.h"

#define FIB_INFO_HASH_MIN 16
/* Flags that events change do not make two fib_infos differ. */
#define RTNH_STATE_FLAGS (RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD | RTNH_F_TRAP)

/* What a route type means for who looks it up, and the widest scope it may have. */
const struct fib_prop fib_props[RTN_MAX + 1] = {
	[RTN_UNSPEC] = { 0, RT_SCOPE_NOWHERE },
	[RTN_UNICAST] = { 0, RT_SCOPE_UNIVERSE },
	[RTN_LOCAL] = { 0, RT_SCOPE_HOST },
	[RTN_BROADCAST] = { 0, RT_SCOPE_LINK },
	[RTN_ANYCAST] = { 0, RT_SCOPE_LINK },
	[RTN_MULTICAST] = { 0, RT_SCOPE_UNIVERSE },
	[RTN_BLACKHOLE] = { -EINVAL, RT_SCOPE_UNIVERSE },
	[RTN_UNREACHABLE] = { -EHOSTUNREACH, RT_SCOPE_UNIVERSE },
	[RTN_PROHIBIT] = { -EACCES, RT_SCOPE_UNIVERSE },
	[RTN_THROW] = { -EAGAIN, RT_SCOPE_UNIVERSE },
	[RTN_NAT] = { -EINVAL, RT_SCOPE_NOWHERE },
	[RTN_XRESOLVE] = { -EINVAL, RT_SCOPE_NOWHERE },
};

/* ---- the hashes ---- */

/**
 * fib_info_table_init() - the empty hashes of a namespace; 0 or -ENOMEM
 */
int fib_info_table_init(struct net *net)
{
	struct fib_info_table *t = skiff_zalloc(net->skiff, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->size = FIB_INFO_HASH_MIN;
	t->info = skiff_zalloc(net->skiff, 2 * t->size * sizeof(*t->info));
	if (!t->info) {
		skiff_free(net->skiff, t);
		return -ENOMEM;
	}
	t->laddr = t->info + t->size;
	net->ipv4.fib_info = t;
	return 0;
}

/**
 * fib_info_table_exit() - mirror of fib_info_table_init(); all routes are gone
 */
void fib_info_table_exit(struct net *net)
{
	struct fib_info_table *t = net->ipv4.fib_info;

	NET_ASSERT(t->count == 0);
	skiff_free(net->skiff, t->info);
	skiff_free(net->skiff, t);
	net->ipv4.fib_info = NULL;
}

static void fib_hash_nh(u32 *h, const struct fib_nh *nh)
{
	*h = jhash_3words(nh->fib_nh_oif, nh->fib_nh_gw4, *h, 0);
}

static u32 fib_hash_props(const struct fib_info *fi, u32 nh_id)
{
	const u32 key[] = {
		(u32)fi->fib_protocol << 16 | (u32)fi->fib_scope << 8 | fi->fib_type,
		fi->fib_prefsrc,
		fi->fib_priority,
		fi->fib_tb_id,
		nh_id,
	};

	return jhash2(key, ARRAY_SIZE(key), (u32)fi->fib_nhs);
}

static struct hlist_head *fib_info_chain(const struct fib_info *fi, u32 nh_id)
{
	struct fib_info_table *t = fi->fib_net->ipv4.fib_info;
	u32 h = fib_hash_props(fi, nh_id);

	for_each_nh(fi, nh)
		fib_hash_nh(&h, nh);
	return &t->info[h & (t->size - 1)];
}

static struct hlist_head *fib_info_own_chain(const struct fib_info *fi)
{
	return fib_info_chain(fi, fi->nh ? nexthop_id(fi->nh) : 0);
}

static void fib_info_rehash(struct fib_info_table *t, struct hlist_head *old, u32 old_size)
{
	for (u32 i = 0; i < old_size; i++) {
		while (old[i].first) {
			struct fib_info *fi = hlist_entry(old[i].first, struct fib_info, fib_hash);

			hlist_del(&fi->fib_hash);
			hlist_add_head(&fi->fib_hash, fib_info_own_chain(fi));
		}
	}
	for (u32 i = old_size; i < 2 * old_size; i++) {
		while (old[i].first) {
			struct fib_info *fi = hlist_entry(old[i].first, struct fib_info, fib_lhash);

			hlist_del(&fi->fib_lhash);
			hlist_add_head(&fi->fib_lhash,
				       fib_laddr_chain(fi->fib_net, fi->fib_prefsrc));
		}
	}
}

/* Without memory the chains only get longer. */
static void fib_info_grow(struct net *net)
{
	struct fib_info_table *t = net->ipv4.fib_info;
	struct hlist_head *old = t->info, *bigger;
	u32 old_size = t->size;

	if (t->count < t->size || t->size > UINT32_MAX / 4)
		return;
	bigger = skiff_zalloc(net->skiff, 4 * (size_t)t->size * sizeof(*bigger));
	if (!bigger)
		return;
	t->info = bigger;
	t->size = 2 * old_size;
	t->laddr = bigger + t->size;
	fib_info_rehash(t, old, old_size);
	skiff_free(net->skiff, old);
}

static bool fib_nh_equal(const struct fib_nh *a, const struct fib_nh *b)
{
	return a->fib_nh_oif == b->fib_nh_oif && a->fib_nh_gw4 == b->fib_nh_gw4 &&
	       a->nh_common.nhc_gw_family == b->nh_common.nhc_gw_family &&
	       a->fib_nh_scope == b->fib_nh_scope && a->fib_nh_weight == b->fib_nh_weight &&
	       a->nh_tclassid == b->nh_tclassid &&
	       !((a->fib_nh_flags ^ b->fib_nh_flags) & ~RTNH_STATE_FLAGS);
}

static bool fib_props_equal(const struct fib_info *a, const struct fib_info *b)
{
	return a->fib_nhs == b->fib_nhs && a->nh == b->nh && a->fib_protocol == b->fib_protocol &&
	       a->fib_scope == b->fib_scope && a->fib_type == b->fib_type &&
	       a->fib_prefsrc == b->fib_prefsrc && a->fib_priority == b->fib_priority &&
	       a->fib_tb_id == b->fib_tb_id &&
	       !((a->fib_flags ^ b->fib_flags) & ~RTNH_STATE_FLAGS) &&
	       fib_metrics_equal(a->fib_metrics, b->fib_metrics);
}

static bool fib_info_equal(const struct fib_info *a, const struct fib_info *b)
{
	if (!fib_props_equal(a, b))
		return false;
	for (int i = 0; i < a->fib_nhs; i++)
		if (!fib_nh_equal(&a->fib_nh[i], &b->fib_nh[i]))
			return false;
	return true;
}

static struct fib_info *fib_find_info(const struct fib_info *like)
{
	struct fib_info *fi;

	hlist_for_each_entry(fi, fib_info_own_chain(like), fib_hash)
		if (fib_info_equal(fi, like))
			return fi;
	return NULL;
}

/* ---- life ---- */

static void fib_info_free_rcu(struct death_row_entry *e)
{
	struct fib_info *fi = container_of(e, struct fib_info, rcu);

	/* Not by way of fib_net, which may be gone. */
	ip_fib_metrics_put(fi->skiff, fi->fib_metrics);
	skiff_free(fi->skiff, fi);
}

/**
 * free_fib_info() - nobody holds @fi any more; who saw it this turn may still read it until the turn's end
 */
void free_fib_info(struct fib_info *fi)
{
	NET_ASSERT(fi->fib_dead);
	for_each_nh(fi, nh)
		fib_nh_release(fi->fib_net, nh);
	skiff_defer_free(fi->skiff, &fi->rcu);
}

/**
 * fib_release_info() - a route lets go of @fi; with the last one it is unlinked
 */
void fib_release_info(struct fib_info *fi)
{
	if (!fi || --fi->fib_treeref)
		return;
	fi->fib_net->ipv4.fib_info->count--;
	hlist_del(&fi->fib_hash);
	if (fi->fib_prefsrc)
		hlist_del(&fi->fib_lhash);
	if (fi->nh)
		nexthop_unlink_fib(fi);
	for_each_nh(fi, nh)
		hlist_del(&nh->nh_hash);
	fi->fib_dead = 1;
	fib_info_put(fi);
}

static void fib_info_link(struct fib_info *fi)
{
	struct net *net = fi->fib_net;

	fi->fib_treeref = 1;
	fi->fib_clntref = 1;
	net->ipv4.fib_info->count++;
	hlist_add_head(&fi->fib_hash, fib_info_own_chain(fi));
	if (fi->fib_prefsrc)
		hlist_add_head(&fi->fib_lhash, fib_laddr_chain(net, fi->fib_prefsrc));
	if (fi->nh)
		nexthop_link_fib(fi->nh, fi);
	for_each_nh(fi, nh)
		if (nh->fib_nh_dev)
			hlist_add_head(&nh->nh_hash, fib_dev_chain(net, nh->fib_nh_dev->ifindex));
}

/* ---- making one ---- */

/* Before anything is allocated: type, scope, flags. */
static int fib_check_config(const struct fib_config *cfg, struct netlink_ext_ack *extack)
{
	if (cfg->fc_type > RTN_MAX) {
		NL_SET_ERR_MSG(extack, "Invalid route type");
		return -EINVAL;
	}
	if (fib_props[cfg->fc_type].scope > cfg->fc_scope) {
		NL_SET_ERR_MSG(extack, "Invalid scope");
		return -EINVAL;
	}
	if (cfg->fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) {
		NL_SET_ERR_MSG(extack, "Invalid rtm_flags - can not contain DEAD or LINKDOWN");
		return -EINVAL;
	}
	return 0;
}

/* Allocated and filled from the request, nothing checked against the network yet. *err on NULL. */
static struct fib_info *fib_info_alloc(struct net *net, struct fib_config *cfg, struct nexthop *nh,
				       int nhs, struct netlink_ext_ack *extack, int *err)
{
	struct fib_info *fi;

	*err = -ENOBUFS;
	fi = skiff_zalloc(net->skiff, sizeof(*fi) + (size_t)nhs * sizeof(fi->fib_nh[0]));
	if (!fi)
		return NULL;
	*err = ip_fib_metrics_init(net, cfg->fc_mx, &fi->fib_metrics, extack);
	if (*err) {
		skiff_free(net->skiff, fi);
		return NULL;
	}
	INIT_LIST_HEAD(&fi->nh_list);
	fi->rcu.free = fib_info_free_rcu;
	fi->fib_net = net;
	fi->skiff = net->skiff;
	fi->fib_protocol = cfg->fc_protocol;
	fi->fib_scope = cfg->fc_scope;
	fi->fib_flags = cfg->fc_flags;
	fi->fib_priority = cfg->fc_priority;
	fi->fib_prefsrc = cfg->fc_prefsrc;
	fi->fib_type = cfg->fc_type;
	fi->fib_tb_id = cfg->fc_table;
	fi->fib_nhs = nhs;
	fi->nh = nh;
	for_each_nh(fi, n)
		n->nh_parent = fi;
	return fi;
}

static int fib_check_host_scope(struct fib_info *fi, struct netlink_ext_ack *extack)
{
	struct fib_nh *nh = &fi->fib_nh[0];

	if (fi->fib_nhs != 1) {
		NL_SET_ERR_MSG(extack, "Route with host scope can not have multiple nexthops");
		return -EINVAL;
	}
	if (nh->nh_common.nhc_gw_family) {
		NL_SET_ERR_MSG(extack, "Route with host scope can not have a gateway");
		return -EINVAL;
	}
	nh->fib_nh_scope = RT_SCOPE_NOWHERE;
	nh->fib_nh_dev = dev_get_by_index(fi->fib_net, nh->fib_nh_oif);
	return nh->fib_nh_dev ? 0 : -ENODEV;
}

static int fib_check_nhs(struct fib_info *fi, struct fib_config *cfg,
			 struct netlink_ext_ack *extack)
{
	int linkdown = 0;

	for_each_nh(fi, nh) {
		int err = fib_check_nh(fi->fib_net, nh, cfg->fc_table, cfg->fc_scope, extack);

		if (err)
			return err;
		linkdown += (nh->fib_nh_flags & RTNH_F_LINKDOWN) != 0;
	}
	if (linkdown == fi->fib_nhs)
		fi->fib_flags |= RTNH_F_LINKDOWN;
	return 0;
}

/* The preferred source must be ours; a local route for that very address makes it so itself. */
static bool fib_valid_prefsrc(struct net *net, const struct fib_config *cfg)
{
	u32 table = cfg->fc_table == RT_TABLE_MAIN ? RT_TABLE_LOCAL : cfg->fc_table;

	if (cfg->fc_type == RTN_LOCAL && cfg->fc_dst && cfg->fc_prefsrc == cfg->fc_dst)
		return true;
	if (inet_addr_type_table(net, cfg->fc_prefsrc, table) == RTN_LOCAL)
		return true;
	return table != RT_TABLE_LOCAL &&
	       inet_addr_type_table(net, cfg->fc_prefsrc, RT_TABLE_LOCAL) == RTN_LOCAL;
}

/* Types that say no need no way out; all others do. */
static int fib_check_type(const struct fib_config *cfg, bool *says_no,
			  struct netlink_ext_ack *extack)
{
	*says_no = fib_props[cfg->fc_type].error != 0;
	if (*says_no) {
		if (!cfg->fc_gw_family && !cfg->fc_oif && !cfg->fc_mp)
			return 0;
		NL_SET_ERR_MSG(
			extack,
			"Gateway, device and multipath can not be specified for this route type");
		return -EINVAL;
	}
	if (cfg->fc_type < RTN_UNICAST || cfg->fc_type > RTN_MULTICAST) {
		NL_SET_ERR_MSG(extack, "Invalid route type");
		return -EINVAL;
	}
	if (cfg->fc_scope > RT_SCOPE_HOST) {
		NL_SET_ERR_MSG(extack, "Invalid scope");
		return -EINVAL;
	}
	return 0;
}

/* The request against the network: where do its next hops lead? */
static int fib_info_resolve(struct fib_info *fi, struct fib_config *cfg,
			    struct netlink_ext_ack *extack)
{
	bool says_no;
	int err = fib_check_type(cfg, &says_no, extack);

	if (err || says_no)
		return err;
	if (fi->nh)
		err = fib_check_nexthop(fi->nh, cfg->fc_scope, extack);
	else if (cfg->fc_scope == RT_SCOPE_HOST)
		err = fib_check_host_scope(fi, extack);
	else
		err = fib_check_nhs(fi, cfg, extack);
	if (err)
		return err;
	if (fi->fib_prefsrc && !fib_valid_prefsrc(fi->fib_net, cfg)) {
		NL_SET_ERR_MSG(extack, "Invalid prefsrc address");
		return -EINVAL;
	}
	for_each_nh(fi, nh)
		fib_info_update_nhc_saddr(fi->fib_net, &nh->nh_common, fi->fib_scope);
	fib_rebalance(fi);
	return 0;
}

/* How many next hops of its own the route will have; -errno */
static int fib_config_nhs(struct net *net, struct fib_config *cfg, struct nexthop **nh,
			  struct netlink_ext_ack *extack)
{
	int nhs;

	*nh = NULL;
	if (cfg->fc_nh_id) {
		*nh = nexthop_find_by_id(net, cfg->fc_nh_id);
		if (*nh)
			return 0;
		NL_SET_ERR_MSG(extack, "Nexthop id does not exist");
		return -EINVAL;
	}
	if (!cfg->fc_mp)
		return 1;
	nhs = fib_count_nexthops(cfg->fc_mp, cfg->fc_mp_len, extack);
	return nhs ? nhs : -EINVAL;
}

/* Not in the hashes: what fib_info_alloc() and the next hops took goes back at once. */
static void fib_info_undo(struct fib_info *fi)
{
	fi->nh = NULL;
	fi->fib_dead = 1;
	free_fib_info(fi);
}

/**
 * fib_create_info() - the fib_info that says what @cfg says
 * @err: set when NULL is returned: -EINVAL, -ENODEV, -ENETDOWN, -ENETUNREACH, -ENOBUFS ..., mostly with a sentence
 * Owns:   the caller holds one fib_treeref of the result, for fib_release_info()
 */
struct fib_info *fib_create_info(struct net *net, struct fib_config *cfg,
				 struct netlink_ext_ack *extack, int *err)
{
	struct fib_info *fi, *same;
	struct nexthop *nh;
	int nhs;

	*err = fib_check_config(cfg, extack);
	if (*err)
		return NULL;
	nhs = fib_config_nhs(net, cfg, &nh, extack);
	if (nhs < 0) {
		*err = nhs;
		return NULL;
	}
	fi = fib_info_alloc(net, cfg, nh, nhs, extack, err);
	if (!fi)
		return NULL;
	if (cfg->fc_mp)
		*err = fib_get_nhs(net, fi, cfg, extack);
	else if (!nh)
		*err = fib_nh_init(net, &fi->fib_nh[0], cfg, 1, extack);
	if (!*err)
		*err = fib_info_resolve(fi, cfg, extack);
	if (*err) {
		fib_info_undo(fi);
		return NULL;
	}
	same = fib_find_info(fi);
	if (same) {
		fib_info_undo(fi);
		same->fib_treeref++;
		return same;
	}
	fib_info_grow(net);
	fib_info_link(fi);
	return fi;
}

/**
 * fib_info_nhc() - next hop number @nhsel of @fi, whether its own or an object's
 */
struct fib_nh_common *fib_info_nhc(struct fib_info *fi, int nhsel)
{
	return fi->nh ? nexthop_fib_nhc(fi->nh, nhsel) : &fi->fib_nh[nhsel].nh_common;
}

/**
 * fib_info_num_path() - how many next hops @fi has
 */
int fib_info_num_path(const struct fib_info *fi)
{
	return fi->nh ? (int)nexthop_num_path(fi->nh) : fi->fib_nhs;
}
