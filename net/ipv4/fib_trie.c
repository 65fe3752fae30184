// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_trie.c - routing tables: adding, removing and listing routes.
 *
 * DOC: Routing tables
 * A table is a tree of prefixes (fib_tree.c); each prefix has a list of aliases, ordered by tos downwards, then priority
 * upwards, then as the request said (append, prepend). What a route says beyond its prefix is a fib_info, shared.
 * Lookups are in fib_lookup.c; they mostly read the compiled form (fib_lpm.c), which every change here keeps current.
 *
 * local and main: until the first rule of somebody's own they answer as one trie (net->ipv4.fib_merged), then apart for
 * ever, even when the rule goes. Their trees are two all the time; merged means one compiled form over both, and
 * lookups that go up both trees side by side.
 *
 * Order of checks and errors of a change are the kernel's, tried on it: tests in fib_trie_test.c.
 */
#include "net/ip_fib.h"

#include <linux/netlink.h>

#include "net/route.h"
#include "net/rtnetlink.h"
#include "fib_lpm.h"
#include "fib_table.h"

/* ---- tables ---- */

static struct hlist_head *table_bucket(struct net *net, u32 id)
{
	return &net->ipv4.fib_table_hash[id & (FIB_TABLE_HASHSZ - 1)];
}

u32 fib_table_id(const struct fib_table *tb)
{
	return tb->tb_id;
}

int fib_table_num_default(const struct fib_table *tb)
{
	return tb->tb_num_default;
}

/**
 * fib_trie_table() - a table that is in no hash yet
 * @alias: table whose compiled form it shares (local has main's while they are merged), or NULL
 * Return: NULL when out of memory; the caller frees with fib_free_table()
 */
struct fib_table *fib_trie_table(struct net *net, u32 id, struct fib_table *alias)
{
	struct fib_table *tb = skiff_zalloc(net->skiff, sizeof(*tb));

	if (!tb)
		return NULL;
	tb->net = net;
	tb->tb_id = id;
	fib_tree_init(&tb->tree, net->skiff);
	tb->lpm = alias ? fib_lpm_share(alias->lpm, &tb->tree) :
			  fib_lpm_create(net->skiff, &tb->tree);
	if (!tb->lpm) {
		skiff_free(net->skiff, tb);
		return NULL;
	}
	return tb;
}

static void free_alias(struct fib_table *tb, struct fib_alias *fa)
{
	hlist_del(&fa->fa_list);
	fib_release_info(fa->fa_info);
	skiff_free(tb->net->skiff, fa);
}

/**
 * fib_free_table() - frees the table with what is left in it; out of the hash if it was there. Tells nobody
 */
void fib_free_table(struct fib_table *tb)
{
	struct skiff *skiff = tb->net->skiff;

	fib_lpm_release(tb->lpm, &tb->tree);
	while (tb->tree.root) {
		struct fib_node *n = tb->tree.root;
		struct fib_alias *fa;

		while (n->child[0] || n->child[1])
			n = n->child[0] ? n->child[0] : n->child[1];
		while ((fa = fib_first_alias(n)))
			free_alias(tb, fa);
		fib_tree_remove(&tb->tree, n);
	}
	hlist_del(&tb->tb_hlist);
	skiff_free(skiff, tb);
}

/**
 * fib_get_table() - the table of @id (0 means main), NULL if there is none
 */
struct fib_table *fib_get_table(struct net *net, u32 id)
{
	struct fib_table *tb;

	if (id == 0)
		id = RT_TABLE_MAIN;
	hlist_for_each_entry(tb, table_bucket(net, id), tb_hlist)
		if (tb->tb_id == id)
			return tb;
	return NULL;
}

/**
 * fib_new_table() - the table of @id, made if need be (local brings main along while they are merged); NULL: no memory
 */
struct fib_table *fib_new_table(struct net *net, u32 id)
{
	struct fib_table *alias = NULL, *tb = fib_get_table(net, id);

	if (tb)
		return tb;
	if (id == 0)
		id = RT_TABLE_MAIN;
	if (id == RT_TABLE_LOCAL && net->ipv4.fib_merged) {
		alias = fib_new_table(net, RT_TABLE_MAIN);
		if (!alias)
			return NULL;
	}
	tb = fib_trie_table(net, id, alias);
	if (!tb)
		return NULL;
	if (id == RT_TABLE_LOCAL)
		net->ipv4.fib_local = tb;
	else if (id == RT_TABLE_MAIN)
		net->ipv4.fib_main = tb;
	else if (id == RT_TABLE_DEFAULT)
		net->ipv4.fib_default = tb;
	hlist_add_head(&tb->tb_hlist, table_bucket(net, id));
	return tb;
}

int fib_tables_init(struct net *net)
{
	net->ipv4.fib_table_hash =
		skiff_zalloc(net->skiff, FIB_TABLE_HASHSZ * sizeof(struct hlist_head));
	if (!net->ipv4.fib_table_hash)
		return -ENOMEM;
	net->ipv4.fib_merged = true;
	return 0;
}

void fib_tables_exit(struct net *net)
{
	struct fib_table *tb;
	struct hlist_node *next;

	net->ipv4.fib_local = net->ipv4.fib_main = net->ipv4.fib_default = NULL;
	for (int i = 0; net->ipv4.fib_table_hash && i < FIB_TABLE_HASHSZ; i++)
		hlist_for_each_entry_safe(tb, next, &net->ipv4.fib_table_hash[i], tb_hlist)
			fib_free_table(tb);
	skiff_free(net->skiff, net->ipv4.fib_table_hash);
	net->ipv4.fib_table_hash = NULL;
}

/**
 * fib_trie_unmerge() - the first custom rule came: local and main answer apart from now on
 * Return: 0, -ENOMEM (they stay merged)
 */
int fib_trie_unmerge(struct net *net)
{
	struct fib_table *local = net->ipv4.fib_local;
	struct fib_lpm *lpm;

	if (!net->ipv4.fib_merged)
		return 0;
	if (local) {
		lpm = fib_lpm_create(net->skiff, &local->tree);
		if (!lpm)
			return -ENOMEM;
		fib_lpm_release(local->lpm, &local->tree);
		local->lpm = lpm;
	}
	net->ipv4.fib_merged = false;
	return 0;
}

/* ---- aliases ---- */

/*
 * Where a route of @tos and @prio stands in the list of its prefix: the first alias that is the same in both, or before
 * which it would go; NULL: behind all.
 */
static struct fib_alias *find_alias(const struct fib_node *n, u8 tos, u32 prio)
{
	struct fib_alias *fa;

	fib_for_each_alias(fa, n)
	{
		if (fa->fa_tos > tos)
			continue;
		if (fa->fa_tos < tos || fa->fa_info->fib_priority >= prio)
			return fa;
	}
	return NULL;
}

static struct fib_alias *next_alias(const struct fib_alias *fa)
{
	return hlist_entry_safe(fa->fa_list.next, struct fib_alias, fa_list);
}

static bool valid_key(u32 key, unsigned plen, struct netlink_ext_ack *extack)
{
	if (plen > 32) {
		NL_SET_ERR_MSG(extack, "Invalid prefix length");
		return false;
	}
	if (key & ~fib_mask(plen)) {
		NL_SET_ERR_MSG(extack, "Invalid prefix for given prefix length");
		return false;
	}
	return true;
}

static struct fib_alias *alias_new(struct fib_table *tb, const struct fib_config *cfg,
				   struct fib_info *fi)
{
	struct fib_alias *fa = skiff_zalloc(tb->net->skiff, sizeof(*fa));

	if (!fa)
		return NULL;
	fa->fa_info = fi;
	fa->fa_tos = cfg->fc_tos;
	fa->fa_type = cfg->fc_type;
	fa->fa_slen = (u8)(32 - cfg->fc_dst_len);
	fa->tb_id = tb->tb_id;
	fa->fa_default = -1;
	return fa;
}

static void tell(struct fib_table *tb, int event, const struct fib_config *cfg,
		 struct fib_alias *fa, u32 flags)
{
	rtmsg_fib(event, cfg->fc_dst, fa, cfg->fc_dst_len, tb->tb_id, cfg->fc_portid,
		  cfg->fc_nlh ? cfg->fc_nlh->nlmsg_seq : 0, flags, tb->net);
}

/* ---- adding ---- */

/**
 * struct alias_place - where a new route meets those of its prefix, tos and priority
 * @first: first of them, NULL if there is none; @end: what follows the last of them
 * @match: one that has the same type and fib_info as well
 * @next:  no equals: the alias in front of which the new one goes, NULL for the end
 */
struct alias_place {
	struct fib_alias *first, *end, *match, *next;
};

static void find_place(const struct fib_node *n, const struct fib_config *cfg,
		       const struct fib_info *fi, struct alias_place *at)
{
	struct fib_alias *fa = n ? find_alias(n, cfg->fc_tos, fi->fib_priority) : NULL;

	memset(at, 0, sizeof(*at));
	at->next = fa;
	if (!fa || fa->fa_tos != cfg->fc_tos || fa->fa_info->fib_priority != fi->fib_priority)
		return;
	at->first = fa;
	for (; fa && fa->fa_tos == cfg->fc_tos && fa->fa_info->fib_priority == fi->fib_priority;
	     fa = next_alias(fa))
		if (!at->match && fa->fa_type == cfg->fc_type && fa->fa_info == fi)
			at->match = fa;
	at->end = fa;
}

/* Replace the first of the equals; fi's reference goes to the new alias. */
static int replace_alias(struct fib_table *tb, struct fib_node *n, struct fib_config *cfg,
			 struct fib_info *fi, struct fib_alias *old)
{
	struct fib_alias *fa = alias_new(tb, cfg, fi);

	if (!fa)
		return -ENOBUFS;
	fa->fa_state = old->fa_state;
	hlist_add_before(&fa->fa_list, &old->fa_list);
	hlist_del(&old->fa_list);
	fib_lpm_update(tb->lpm, &tb->tree, n);
	tell(tb, RTM_NEWROUTE, cfg, fa, NLM_F_REPLACE);
	fib_release_info(old->fa_info);
	skiff_free(tb->net->skiff, old);
	rt_cache_flush(tb->net);
	return 0;
}

static int add_alias(struct fib_table *tb, struct fib_config *cfg, struct fib_info *fi,
		     struct fib_alias *next, u32 nlflags)
{
	struct fib_alias *last = NULL, *i, *fa = alias_new(tb, cfg, fi);
	struct fib_node *n;

	if (!fa)
		return -ENOBUFS;
	n = fib_tree_insert(&tb->tree, ntohl(cfg->fc_dst), cfg->fc_dst_len);
	if (!n) {
		skiff_free(tb->net->skiff, fa);
		return -ENOMEM;
	}
	if (hlist_empty(&n->aliases)) {
		tb->tree.prefixes++;
		n->leaf = 0;
	}
	fib_for_each_alias(i, n) last = i;
	if (next)
		hlist_add_before(&fa->fa_list, &next->fa_list);
	else if (last)
		hlist_add_behind(&fa->fa_list, &last->fa_list);
	else
		hlist_add_head(&fa->fa_list, &n->aliases);
	if (!cfg->fc_dst_len)
		tb->tb_num_default++;
	fib_lpm_update(tb->lpm, &tb->tree, n);
	rt_cache_flush(tb->net);
	tell(tb, RTM_NEWROUTE, cfg, fa, nlflags);
	return 0;
}

/**
 * fib_table_insert() - add, replace or change a route
 * @cfg: fc_nlflags say how: CREATE, EXCL, REPLACE, APPEND as `ip route add/replace/change/append/prepend` send them
 * Return: 0; -EINVAL (prefix with host bits), -EEXIST, -ENOENT (without CREATE), -ENOBUFS, -ENOMEM, or what fib_create_info() says
 */
int fib_table_insert(struct net *net, struct fib_table *tb, struct fib_config *cfg,
		     struct netlink_ext_ack *extack)
{
	u32 key = ntohl(cfg->fc_dst), nlflags = NLM_F_CREATE;
	struct alias_place at;
	struct fib_info *fi;
	struct fib_node *n;
	int err;

	if (!valid_key(key, cfg->fc_dst_len, extack))
		return -EINVAL;
	fi = fib_create_info(net, cfg, extack, &err);
	if (!fi)
		return err;
	n = fib_tree_find(&tb->tree, key, cfg->fc_dst_len);
	find_place(n, cfg, fi, &at);
	err = -EEXIST;
	if (at.first) {
		if (cfg->fc_nlflags & NLM_F_EXCL)
			goto out;
		if (cfg->fc_nlflags & NLM_F_REPLACE) {
			if (at.match == at.first)
				err = 0;
			if (at.match)
				goto out;
			err = replace_alias(tb, n, cfg, fi, at.first);
			if (err)
				goto out;
			return 0;
		}
		if (at.match)
			goto out;
		if (cfg->fc_nlflags & NLM_F_APPEND) {
			at.next = at.end;
			nlflags |= NLM_F_APPEND;
		}
	} else {
		nlflags |= NLM_F_EXCL;
	}
	err = -ENOENT;
	if (!(cfg->fc_nlflags & NLM_F_CREATE))
		goto out;
	err = add_alias(tb, cfg, fi, at.next, nlflags);
	if (!err)
		return 0;
out:
	fib_release_info(fi);
	return err;
}

/* ---- removing ---- */

/* Take @fa out of the table and free it; frees @n with its last alias. */
static void remove_alias(struct fib_table *tb, struct fib_node *n, struct fib_alias *fa)
{
	if (!n->plen)
		tb->tb_num_default--;
	hlist_del(&fa->fa_list);
	if (hlist_empty(&n->aliases))
		tb->tree.prefixes--;
	fib_lpm_update(tb->lpm, &tb->tree, n);
	if (hlist_empty(&n->aliases))
		fib_tree_remove(&tb->tree, n);
	fib_release_info(fa->fa_info);
	skiff_free(tb->net->skiff, fa);
}

static bool alias_wanted(struct net *net, struct fib_config *cfg, const struct fib_alias *fa,
			 struct netlink_ext_ack *extack)
{
	struct fib_info *fi = fa->fa_info;

	return (!cfg->fc_type || fa->fa_type == cfg->fc_type) &&
	       (cfg->fc_scope == RT_SCOPE_NOWHERE || fi->fib_scope == cfg->fc_scope) &&
	       (!cfg->fc_prefsrc || fi->fib_prefsrc == cfg->fc_prefsrc) &&
	       (!cfg->fc_protocol || fi->fib_protocol == cfg->fc_protocol) &&
	       fib_nh_match(net, cfg, fi, extack) == 0 && fib_metrics_match(cfg, fi);
}

/**
 * fib_table_delete() - remove the first route that fits @cfg; what @cfg leaves open fits all
 * Return: 0; -EINVAL (prefix with host bits), -ESRCH
 */
int fib_table_delete(struct net *net, struct fib_table *tb, struct fib_config *cfg,
		     struct netlink_ext_ack *extack)
{
	u32 key = ntohl(cfg->fc_dst);
	struct fib_alias *fa;
	struct fib_node *n;

	if (!valid_key(key, cfg->fc_dst_len, extack))
		return -EINVAL;
	n = fib_tree_find(&tb->tree, key, cfg->fc_dst_len);
	fa = n ? find_alias(n, cfg->fc_tos, 0) : NULL;
	while (fa && fa->fa_tos == cfg->fc_tos && !alias_wanted(net, cfg, fa, extack))
		fa = next_alias(fa);
	if (!fa || fa->fa_tos != cfg->fc_tos)
		return -ESRCH;
	tell(tb, RTM_DELROUTE, cfg, fa, 0);
	remove_alias(tb, n, fa);
	rt_cache_flush(net);
	return 0;
}

/* Routes of error types (blackhole and the like) have no next hop to die of; their preferred source may go. */
static bool alias_is_dead(const struct fib_alias *fa)
{
	if (!(fa->fa_info->fib_flags & RTNH_F_DEAD))
		return false;
	return fa->fa_info->pfsrc_removed || !fib_props[fa->fa_type].error;
}

/**
 * fib_table_flush() - delete routes whose fib_info is dead, or all; last prefixes first
 *
 * As in the kernel listeners are told only of routes that go since their preferred source did.
 * Return: how many were deleted
 */
int fib_table_flush(struct net *net, struct fib_table *tb, bool flush_all)
{
	struct fib_node *n = fib_tree_before(&tb->tree, UINT32_MAX, 33), *prev;
	struct hlist_node *tmp;
	struct fib_alias *fa;
	int found = 0;

	for (; n; n = prev) {
		u32 key = n->key;
		u8 plen = n->plen;

		hlist_for_each_entry_safe(fa, tmp, &n->aliases, fa_list) {
			if (!flush_all && !alias_is_dead(fa))
				continue;
			if (fa->fa_info->pfsrc_removed)
				rtmsg_fib(RTM_DELROUTE, htonl(key), fa, plen, tb->tb_id, 0, 0, 0,
					  net);
			remove_alias(tb, n, fa);
			found++;
		}
		prev = fib_tree_before(&tb->tree, key, plen); /* @n may be gone */
	}
	return found;
}

/**
 * fib_tables_walk() - every table: by id & 255, newest first
 * Return: what @fn returned if not 0, else 0
 */
int fib_tables_walk(struct net *net, int (*fn)(void *arg, struct fib_table *tb), void *arg)
{
	for (int i = 0; i < FIB_TABLE_HASHSZ; i++) {
		struct hlist_node *next;
		struct fib_table *tb;

		hlist_for_each_entry_safe(tb, next, &net->ipv4.fib_table_hash[i], tb_hlist) {
			int err = fn(arg, tb);

			if (err)
				return err;
		}
	}
	return 0;
}

/* ---- listing ---- */

struct walk_arg {
	int (*fn)(void *arg, __be32 prefix, int plen, struct fib_alias *fa);
	void *arg;
};

static int walk_node(void *arg, struct fib_node *n)
{
	struct walk_arg *w = arg;
	struct fib_alias *fa;
	int err = 0;

	fib_for_each_alias(fa, n)
	{
		err = w->fn(w->arg, htonl(n->key), n->plen, fa);
		if (err)
			break;
	}
	return err;
}

/**
 * fib_table_walk() - every route, by address, of equal addresses the longest prefix first, then tos downwards and priority upwards
 * @fn: must not change the table
 */
int fib_table_walk(struct fib_table *tb,
		   int (*fn)(void *arg, __be32 prefix, int plen, struct fib_alias *fa), void *arg)
{
	struct walk_arg w = { fn, arg };

	return fib_tree_walk(tb->tree.root, walk_node, &w);
}

static void check_node(const struct fib_table *tb, const struct fib_node *n, int *defaults)
{
	__maybe_unused const struct fib_alias *prev = NULL;
	struct fib_alias *fa;

	fib_for_each_alias(fa, n)
	{
		NET_ASSERT(fa->fa_info && fa->tb_id == tb->tb_id && fa->fa_slen == 32 - n->plen);
		NET_ASSERT(!prev || prev->fa_tos > fa->fa_tos ||
			   (prev->fa_tos == fa->fa_tos &&
			    prev->fa_info->fib_priority <= fa->fa_info->fib_priority));
		prev = fa;
		*defaults += !n->plen;
	}
}

/**
 * fib_trie_check() - invariants of all tables, and the compiled forms against the trees (asserts in debug builds)
 */
void fib_trie_check(const struct net *net)
{
	struct fib_table *tb;

	for (int i = 0; i < FIB_TABLE_HASHSZ; i++)
		hlist_for_each_entry(tb, &net->ipv4.fib_table_hash[i], tb_hlist) {
			struct fib_node *n;
			int defaults = 0;

			fib_tree_check(&tb->tree);
			for (n = tb->tree.root; n; n = fib_tree_preorder(n, tb->tree.root))
				check_node(tb, n, &defaults);
			NET_ASSERT(defaults == tb->tb_num_default);
			if (!fib_lpm_check(tb->lpm))
				NET_ASSERT(!"the compiled form differs from the tree");
		}
}
