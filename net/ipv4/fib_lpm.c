// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lpm.c - the compiled longest-prefix match: what most lookups read instead of the tree.
 *
 * DOC: Compiled longest-prefix match
 * A table, or local and main together while they are merged, is compiled into one of two forms.
 *
 *   small  up to 31 prefixes: at most 64 ranges, searched whole without a branch
 *   full   16-8-8: a root entry for each /16 is a leaf or a node; a node is 256 slots as a bitmap of where runs of equal
 *          leaves start, so that a popcount finds the leaf; slots with prefixes over /24 lead to a node more
 *
 * What a lookup yields is a leaf: fib_info, type, table and prefix length, shared by all prefixes that have the same. Leaf 0
 * is 0/0 or nothing, so that a new default route is one store. Prefixes with a tos have the leaf SLOW of their length; so
 * has every prefix while there are no free leaf numbers.
 *
 * STALE -> SMALL, FULL [fib_lpm_refresh, by the first lookup]
 * SMALL -> STALE       [any change]
 * FULL  -> FULL        [a change paints the range of its prefix, fib_lpm_nodes.c]
 * FULL  -> STALE       [no memory; more changes without a lookup than are worth painting; too much of the pool is free]
 *
 * The tree of record stays the truth; fib_lpm_check() compares both.
 */
#include "fib_lpm.h"

#include <stdlib.h>

#include "net/route.h"
#include "fib_table.h"

/* This many changes without a lookup in between, and an eighth of the prefixes more, cost as much as a whole build. */
#define CHANGES_TO_REBUILD 1024u
#define LEAVES_START	   64u
#define NO_LEAF		   0

/* ---- leaves ---- */

/* What decides whether two prefixes share a leaf. */
static void leaf_of(struct fib_leaf *l, const struct fib_node *n)
{
	struct fib_alias *fa = fib_first_alias(n);

	memset(l, 0, sizeof(*l));
	l->plen = n->plen;
	if (!fa) {
		l->kind = FIB_LEAF_NONE;
		return;
	}
	l->kind = FIB_LEAF_SLOW;
	if (fa->fa_tos)
		return;
	l->kind = FIB_LEAF_ASK;
	l->fi = fa->fa_info;
	if (!l->fi->nh && !fib_props[fa->fa_type].error && l->fi->fib_nhs == 1) {
		l->kind = FIB_LEAF_PLAIN;
		l->nhc = &l->fi->fib_nh[0].nh_common;
	}
	l->tb_id = fa->tb_id;
	l->type = fa->fa_type;
	l->scope = fa->fa_info->fib_scope;
}

static u32 leaf_bucket(const struct fib_lpm *lpm, const struct fib_leaf *l)
{
	u64 h = (u64)(uintptr_t)l->fi ^ ((u64)l->plen << 56) ^ ((u64)l->tb_id << 40) ^
		((u64)l->type << 32);

	h *= 0x9e3779b97f4a7c15ULL;
	return (u32)(h >> 40) & (lpm->hash_size - 1);
}

static bool leaf_same(const struct fib_leaf *a, const struct fib_leaf *b)
{
	return a->fi == b->fi && a->plen == b->plen && a->type == b->type && a->tb_id == b->tb_id;
}

/* Twice the leaves, and a hash of as many chains. */
static bool leaves_grow(struct fib_lpm *lpm)
{
	u32 max = lpm->max_leaves ? 2 * lpm->max_leaves : LEAVES_START;
	struct fib_leaf *leaves;
	u16 *hash;

	if (max > FIB_LEAF_MAX)
		return false;
	leaves = skiff_alloc_aligned(lpm->skiff, max * sizeof(*leaves), 64);
	hash = skiff_zalloc(lpm->skiff, max * sizeof(*hash));
	if (!leaves || !hash) {
		skiff_free(lpm->skiff, leaves);
		skiff_free(lpm->skiff, hash);
		return false;
	}
	if (lpm->leaves)
		memcpy(leaves, lpm->leaves, lpm->n_leaves * sizeof(*leaves));
	skiff_free(lpm->skiff, lpm->leaves);
	skiff_free(lpm->skiff, lpm->leaf_hash);
	lpm->leaves = leaves;
	lpm->leaf_hash = hash;
	lpm->max_leaves = lpm->hash_size = max;
	for (u32 i = FIB_LEAF_FIXED; i < lpm->n_leaves; i++) {
		u16 *chain = &hash[leaf_bucket(lpm, &leaves[i])];

		if (!leaves[i].refs)
			continue;
		leaves[i].next = *chain;
		*chain = (u16)i;
	}
	return true;
}

static bool leaves_reset(struct fib_lpm *lpm)
{
	lpm->n_leaves = 0;
	lpm->free_leaf = NO_LEAF;
	if (!lpm->leaves && !leaves_grow(lpm))
		return false;
	memset(lpm->leaf_hash, 0, lpm->hash_size * sizeof(*lpm->leaf_hash));
	memset(lpm->leaves, 0, FIB_LEAF_FIXED * sizeof(*lpm->leaves));
	for (u8 i = 1; i < FIB_LEAF_FIXED; i++)
		lpm->leaves[i] = (struct fib_leaf){ .kind = FIB_LEAF_SLOW, .plen = i };
	lpm->n_leaves = FIB_LEAF_FIXED;
	return true;
}

/* A counted leaf for what @n says; @n has a prefix longer than 0/0. Without room: the slow one of its length. */
static u16 leaf_get(struct fib_lpm *lpm, const struct fib_node *n)
{
	struct fib_leaf want;
	u16 i, *chain;

	leaf_of(&want, n);
	if (want.kind == FIB_LEAF_SLOW)
		return n->plen;
	for (i = lpm->leaf_hash[leaf_bucket(lpm, &want)]; i; i = lpm->leaves[i].next)
		if (leaf_same(&lpm->leaves[i], &want)) {
			lpm->leaves[i].refs++;
			return i;
		}
	i = lpm->free_leaf;
	if (i) {
		lpm->free_leaf = lpm->leaves[i].next;
	} else {
		if (lpm->n_leaves == lpm->max_leaves && !leaves_grow(lpm))
			return n->plen;
		i = (u16)lpm->n_leaves++;
	}
	chain = &lpm->leaf_hash[leaf_bucket(lpm, &want)];
	want.refs = 1;
	want.next = *chain;
	lpm->leaves[i] = want;
	*chain = i;
	return i;
}

static void leaf_put(struct fib_lpm *lpm, u16 i)
{
	struct fib_leaf *l = &lpm->leaves[i];
	u16 *p;

	if (i < FIB_LEAF_FIXED || --l->refs)
		return;
	for (p = &lpm->leaf_hash[leaf_bucket(lpm, l)]; *p != i; p = &lpm->leaves[*p].next)
		;
	*p = l->next;
	l->next = lpm->free_leaf;
	lpm->free_leaf = i;
}

/* ---- which prefix counts ---- */

/* The longest prefix of at most @max_plen bits that covers @addr, in both trees; of equal ones the first tree's. */
static struct fib_node *deepest(const struct fib_lpm *lpm, u32 addr, unsigned max_plen)
{
	struct fib_node *a = fib_tree_deepest(lpm->tree[0], addr, max_plen), *b;

	if (!lpm->tree[1])
		return a;
	b = fib_tree_deepest(lpm->tree[1], addr, max_plen);
	return !b || (a && a->plen >= b->plen) ? a : b;
}

static u16 leaf_at(const struct fib_node *n)
{
	return n && n->plen ? n->leaf : 0;
}

/* Leaf 0 is what 0/0 says, or nothing. */
static void set_default(struct fib_lpm *lpm)
{
	struct fib_node *n = deepest(lpm, 0, 0);

	if (n)
		leaf_of(&lpm->leaves[0], n);
	else
		memset(&lpm->leaves[0], 0, sizeof(lpm->leaves[0]));
}

/* ---- whole builds ---- */

static u32 prefixes(const struct fib_lpm *lpm)
{
	return lpm->tree[0]->prefixes + (lpm->tree[1] ? lpm->tree[1]->prefixes : 0);
}

/* Every prefix gets its leaf. */
static bool assign_leaves(struct fib_lpm *lpm)
{
	if (!leaves_reset(lpm))
		return false;
	for (int t = 0; t < 2 && lpm->tree[t]; t++) {
		struct fib_node *root = lpm->tree[t]->root, *n;

		for (n = root; n; n = fib_tree_preorder(n, root))
			n->leaf = hlist_empty(&n->aliases) || !n->plen ? 0 : leaf_get(lpm, n);
	}
	set_default(lpm);
	return true;
}

static int cmp_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

static bool build_small(struct fib_lpm *lpm)
{
	u32 edge[FIB_LPM_SMALL + 2];
	unsigned edges = 0, n = 0;
	u16 *value;

	if (!lpm->start)
		lpm->start = skiff_alloc_aligned(
			lpm->skiff, FIB_LPM_SMALL * (sizeof(*lpm->start) + sizeof(*value)), 64);
	if (!lpm->start)
		return false;
	value = (u16 *)(lpm->start + FIB_LPM_SMALL);
	edge[edges++] = 0;
	for (int t = 0; t < 2 && lpm->tree[t]; t++) {
		struct fib_node *root = lpm->tree[t]->root, *p;

		for (p = root; p; p = fib_tree_preorder(p, root)) {
			u32 last = p->key | ~fib_mask(p->plen);

			if (hlist_empty(&p->aliases))
				continue;
			edge[edges++] = p->key;
			if (last != ~0u)
				edge[edges++] = last + 1;
		}
	}
	qsort(edge, edges, sizeof(edge[0]), cmp_u32);
	for (unsigned i = 0; i < edges; i++) {
		u16 leaf = leaf_at(deepest(lpm, edge[i], 32));

		if (n && (edge[i] == edge[i - 1] || value[n - 1] == leaf))
			continue;
		lpm->start[n] = (s32)(edge[i] ^ 0x80000000u);
		value[n++] = leaf;
	}
	for (u16 leaf = value[n - 1]; n < FIB_LPM_SMALL; n++) {
		lpm->start[n] = INT32_MAX;
		value[n] = leaf;
	}
	return true;
}

/* Shorter prefixes come first in a tree, and what has the same length in the first tree goes over the second's. */
static bool build_full(struct fib_lpm *lpm)
{
	struct fib_lpm_brush b;

	if (!lpm->root)
		lpm->root = skiff_alloc_aligned(lpm->skiff, FIB_LPM_ROOT * sizeof(*lpm->root), 64);
	if (!lpm->root)
		return false;
	memset(lpm->root, 0, FIB_LPM_ROOT * sizeof(*lpm->root));
	fib_lpm_nodes_reset(lpm);
	fib_lpm_brush_init(&b, lpm);
	for (int t = 1; t >= 0; t--) {
		struct fib_node *root = lpm->tree[t] ? lpm->tree[t]->root : NULL, *n;

		for (n = root; n && !b.failed; n = fib_tree_preorder(n, root))
			if (n->plen && !hlist_empty(&n->aliases))
				fib_lpm_paint(&b, n->key, n->plen, n->leaf);
	}
	fib_lpm_brush_end(&b);
	if (b.failed)
		return false;
	fib_lpm_nodes_trim(lpm);
	return true;
}

/**
 * fib_lpm_refresh() - a lookup comes after changes: build if the form is stale
 * Return: false: no memory, the caller asks the tree
 */
bool fib_lpm_refresh(struct fib_lpm *lpm)
{
	bool small;

	if (lpm->form == FIB_LPM_STALE) {
		if (!assign_leaves(lpm))
			return false;
		small = prefixes(lpm) <= FIB_LPM_SMALL_PREFIXES;
		if (!(small ? build_small(lpm) : build_full(lpm)))
			return false;
		lpm->form = small ? FIB_LPM_IS_SMALL : FIB_LPM_FULL;
	}
	lpm->behind = 0;
	return true;
}

/* ---- single changes ---- */

/* Repaint the range of @n's prefix with what now counts there. */
static bool repaint(struct fib_lpm *lpm, const struct fib_node *n)
{
	struct fib_lpm_brush b;

	fib_lpm_brush_init(&b, lpm);
	fib_lpm_paint(&b, n->key, n->plen, leaf_at(deepest(lpm, n->key, n->plen)));
	fib_lpm_brush_end(&b);
	return !b.failed;
}

/**
 * fib_lpm_update() - the aliases of @n have changed
 * @tree: the one that @n is in; @n is still in it, even without aliases
 */
void fib_lpm_update(struct fib_lpm *lpm, struct fib_tree *tree, struct fib_node *n)
{
	u16 old = n->leaf;

	lpm->gen++;
	lpm->behind++;
	if (lpm->form != FIB_LPM_FULL || lpm->behind > CHANGES_TO_REBUILD + prefixes(lpm) / 8 ||
	    lpm->pool_free > lpm->pool_used / 3 + CHANGES_TO_REBUILD) {
		lpm->form = FIB_LPM_STALE;
		return;
	}
	if (!n->plen) {
		set_default(lpm);
		return;
	}
	n->leaf = hlist_empty(&n->aliases) ? 0 : leaf_get(lpm, n);
	if (n->leaf != old && !repaint(lpm, n)) {
		lpm->form = FIB_LPM_STALE;
		return;
	}
	leaf_put(lpm, old);
}

/* ---- life ---- */

/**
 * fib_lpm_create() - a form of @tree alone, stale
 * Return: NULL: no memory; the caller owns a share, given back with fib_lpm_release()
 */
struct fib_lpm *fib_lpm_create(struct skiff *skiff, struct fib_tree *tree)
{
	struct fib_lpm *lpm = skiff_zalloc(skiff, sizeof(*lpm));

	if (!lpm)
		return NULL;
	lpm->skiff = skiff;
	lpm->tree[0] = tree;
	lpm->gen++;
	lpm->behind = 1;
	return lpm;
}

static void make_stale(struct fib_lpm *lpm)
{
	lpm->form = FIB_LPM_STALE;
	lpm->gen++;
	lpm->behind++;
}

/**
 * fib_lpm_share() - compile @tree together with the one that @lpm has; of equal prefixes @tree's count
 */
struct fib_lpm *fib_lpm_share(struct fib_lpm *lpm, struct fib_tree *tree)
{
	NET_ASSERT(!lpm->tree[1]);
	lpm->tree[1] = lpm->tree[0];
	lpm->tree[0] = tree;
	make_stale(lpm);
	return lpm;
}

/**
 * fib_lpm_release() - @tree leaves; the last one frees the form
 */
void fib_lpm_release(struct fib_lpm *lpm, struct fib_tree *tree)
{
	if (lpm->tree[0] == tree)
		lpm->tree[0] = lpm->tree[1];
	lpm->tree[1] = NULL;
	make_stale(lpm);
	if (lpm->tree[0])
		return;
	fib_lpm_nodes_free(lpm);
	skiff_free(lpm->skiff, lpm->root);
	skiff_free(lpm->skiff, lpm->start);
	skiff_free(lpm->skiff, lpm->leaves);
	skiff_free(lpm->skiff, lpm->leaf_hash);
	skiff_free(lpm->skiff, lpm);
}

/* ---- many lookups, size, check ---- */

/**
 * fib_lpm_lookup_bulk() - fib_lpm_lookup() of @n addresses (at most 64), one loop per level of memory
 */
void fib_lpm_lookup_bulk(const struct fib_lpm *lpm, const u32 *addr, const struct fib_leaf **leaf,
			 unsigned n)
{
	unsigned nodes = 0;
	u8 at_node[64];
	u32 e[64];

	NET_ASSERT(n <= ARRAY_SIZE(e));
	if (lpm->form == FIB_LPM_IS_SMALL) {
		for (unsigned i = 0; i < n; i++)
			leaf[i] = fib_lpm_lookup(lpm, addr[i]);
		return;
	}
	/* Which of them need a node is as good as random: listed without a branch. A prefetch of nothing does no harm. */
	for (unsigned i = 0; i < n; i++) {
		e[i] = lpm->root[addr[i] >> 16];
		__builtin_prefetch((const void *)((uintptr_t)lpm->pool +
						  (size_t)(e[i] & ~FIB_LPM_NODE) * FIB_LPM_UNIT));
		at_node[nodes] = (u8)i;
		nodes += e[i] >> 31;
	}
	for (unsigned k = 0; k < nodes; k++) {
		unsigned i = at_node[k];
		const struct fib_lpm_node *node = fib_lpm_node_at(lpm, e[i]);

		e[i] = fib_lpm_slot(node, (addr[i] >> 8) & 0xff);
		if (unlikely(e[i] & FIB_LPM_KID))
			e[i] = fib_lpm_slot(fib_lpm_node_at(lpm, fib_lpm_kid(node, e[i])),
					    addr[i] & 0xff);
	}
	for (unsigned i = 0; i < n; i++) {
		leaf[i] = &lpm->leaves[e[i]];
		__builtin_prefetch(leaf[i]);
	}
}

/**
 * fib_lpm_bytes() - memory of the form, all that is allocated
 */
size_t fib_lpm_bytes(const struct fib_lpm *lpm)
{
	size_t bytes = sizeof(*lpm);

	if (lpm->root)
		bytes += FIB_LPM_ROOT * sizeof(*lpm->root);
	if (lpm->start)
		bytes += FIB_LPM_SMALL * (sizeof(s32) + sizeof(u16));
	bytes += (size_t)lpm->pool_max * FIB_LPM_UNIT;
	bytes += lpm->max_leaves * (sizeof(struct fib_leaf) + sizeof(u16));
	return bytes;
}

static bool agrees(const struct fib_lpm *lpm, u32 addr)
{
	const struct fib_leaf *got = fib_lpm_lookup(lpm, addr);
	struct fib_node *n = deepest(lpm, addr, 32);
	struct fib_leaf want = { 0 };

	if (n)
		leaf_of(&want, n);
	if (got->kind == FIB_LEAF_SLOW)
		return n && got->plen == want.plen;
	return got->kind == want.kind && got->nhc == want.nhc && leaf_same(got, &want);
}

/**
 * fib_lpm_check() - does the form say what the trees say, at both edges of every prefix and beside them?
 */
bool fib_lpm_check(struct fib_lpm *lpm)
{
	if (!fib_lpm_ready(lpm))
		return true; /* nobody reads it */
	for (int t = 0; t < 2 && lpm->tree[t]; t++) {
		struct fib_node *root = lpm->tree[t]->root, *n;

		for (n = root; n; n = fib_tree_preorder(n, root)) {
			u32 last = n->key | ~fib_mask(n->plen);

			if (!agrees(lpm, n->key) || !agrees(lpm, last) ||
			    !agrees(lpm, n->key - 1) || !agrees(lpm, last + 1))
				return false;
		}
	}
	return true;
}
