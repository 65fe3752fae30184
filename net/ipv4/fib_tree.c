// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_tree.c - the tree of record: prefixes in a path-compressed binary trie.
 *
 * DOC: Tree of record
 * Every prefix that has a route is a node; a fork without routes exists only where two subtrees part. A child's prefix is
 * longer than its parent's and lies in the half that child[] says. So what covers an address are nodes on one way
 * down, and from the deepest the parents lead up through all shorter ones: that is the backtracking of a lookup.
 * The tree is the truth; fib_lpm.c compiles it into what most lookups read.
 * Keys are in host order. Nodes are freed at once: nobody keeps one over a call.
 */
#include "fib_tree.h"

void fib_tree_init(struct fib_tree *t, struct skiff *skiff)
{
	memset(t, 0, sizeof(*t));
	t->skiff = skiff;
}

/**
 * fib_tree_find() - the node of exactly @key/@plen
 * Return: NULL if there is none; a fork without routes counts
 */
struct fib_node *fib_tree_find(const struct fib_tree *t, u32 key, unsigned plen)
{
	struct fib_node *n = t->root;

	while (n && n->plen < plen && fib_node_covers(n, key))
		n = n->child[fib_node_side(n, key)];
	return n && n->plen == plen && n->key == key ? n : NULL;
}

static struct fib_node *node_new(struct fib_tree *t, u32 key, unsigned plen)
{
	struct fib_node *n = skiff_zalloc(t->skiff, sizeof(*n));

	if (!n)
		return NULL;
	n->key = key;
	n->plen = (u8)plen;
	t->nodes++;
	return n;
}

static void node_free(struct fib_tree *t, struct fib_node *n)
{
	t->nodes--;
	skiff_free(t->skiff, n);
}

static void replace_child(struct fib_tree *t, struct fib_node *parent, struct fib_node *old,
			  struct fib_node *new)
{
	if (!parent)
		t->root = new;
	else
		parent->child[parent->child[1] == old] = new;
	if (new)
		new->parent = parent;
}

/* Length of the common start of two keys, at most @max bits. */
static unsigned common_bits(u32 a, u32 b, unsigned max)
{
	unsigned same = a == b ? 32 : (unsigned)__builtin_clz(a ^ b);

	return min_t(unsigned, same, max);
}

/**
 * fib_tree_insert() - the node of @key/@plen, made if need be
 * Return: the node (its aliases may be empty: the caller adds one, or calls fib_tree_remove()); NULL: no memory, nothing changed
 */
struct fib_node *fib_tree_insert(struct fib_tree *t, u32 key, unsigned plen)
{
	struct fib_node *parent = NULL, *n = t->root, *new, *fork;
	unsigned same;

	NET_ASSERT(!(key & ~fib_mask(plen)));
	while (n && n->plen < plen && fib_node_covers(n, key)) {
		parent = n;
		n = n->child[fib_node_side(n, key)];
	}
	if (n && n->plen == plen && n->key == key)
		return n;
	new = node_new(t, key, plen);
	if (!new)
		return NULL;
	if (!n) {
		new->parent = parent;
		if (parent)
			parent->child[fib_node_side(parent, key)] = new;
		else
			t->root = new;
		return new;
	}
	same = common_bits(key, n->key, min_t(unsigned, plen, n->plen));
	if (same == plen) { /* @n goes below the new one */
		replace_child(t, parent, n, new);
		new->child[fib_node_side(new, n->key)] = n;
		n->parent = new;
		return new;
	}
	fork = node_new(t, key & fib_mask(same), same);
	if (!fork) {
		node_free(t, new);
		return NULL;
	}
	replace_child(t, parent, n, fork);
	fork->child[fib_node_side(fork, key)] = new;
	fork->child[fib_node_side(fork, n->key)] = n;
	new->parent = n->parent = fork;
	return new;
}

/**
 * fib_tree_remove() - @n lost its last alias: take out what the tree does not need any more
 */
void fib_tree_remove(struct fib_tree *t, struct fib_node *n)
{
	NET_ASSERT(hlist_empty(&n->aliases));
	while (n && hlist_empty(&n->aliases) && !(n->child[0] && n->child[1])) {
		struct fib_node *parent = n->parent;

		replace_child(t, parent, n, n->child[0] ? n->child[0] : n->child[1]);
		node_free(t, n);
		n = parent;
	}
}

/**
 * fib_tree_deepest() - the longest prefix with routes, of at most @max_plen bits, that covers @addr
 */
struct fib_node *fib_tree_deepest(const struct fib_tree *t, u32 addr, unsigned max_plen)
{
	struct fib_node *n = t->root, *best = NULL;

	while (n && n->plen <= max_plen && fib_node_covers(n, addr)) {
		if (n->aliases.first)
			best = n;
		if (n->plen == 32)
			break;
		n = n->child[fib_node_side(n, addr)];
	}
	return best;
}

/**
 * fib_tree_subtree() - the top node of all that lies in @key/@plen (that prefix itself included), NULL if nothing does
 */
struct fib_node *fib_tree_subtree(const struct fib_tree *t, u32 key, unsigned plen)
{
	struct fib_node *n = t->root;

	while (n && n->plen < plen && fib_node_covers(n, key))
		n = n->child[fib_node_side(n, key)];
	return n && n->plen >= plen && !((n->key ^ key) & fib_mask(plen)) ? n : NULL;
}

/**
 * fib_node_covering() - the next shorter prefix with routes
 */
struct fib_node *fib_node_covering(const struct fib_node *n)
{
	struct fib_node *up = n->parent;

	while (up && hlist_empty(&up->aliases))
		up = up->parent;
	return up;
}

/**
 * fib_tree_walk() - calls @fn for each prefix with routes, by address, of equal addresses the longest prefix first
 * @n:  top of the part to walk; @fn must not change the tree
 * Return: what @fn returned as soon as that is not 0
 *
 * Prefixes with the address of @n hang on its chain of 0 children: the chain comes from its end, then what branches off it.
 */
int fib_tree_walk(struct fib_node *n, int (*fn)(void *arg, struct fib_node *n), void *arg)
{
	struct fib_node *chain[33];
	int len = 0, err = 0;

	if (!n)
		return 0;
	for (;;) {
		chain[len++] = n;
		if (n->plen == 32 || !n->child[0] || n->child[0]->key != n->key)
			break;
		n = n->child[0];
	}
	for (int i = len - 1; i >= 0 && !err; i--)
		if (!hlist_empty(&chain[i]->aliases))
			err = fn(arg, chain[i]);
	if (!err)
		err = fib_tree_walk(chain[len - 1]->child[0], fn, arg);
	for (int i = len - 1; i >= 0 && !err; i--)
		err = fib_tree_walk(chain[i]->child[1], fn, arg);
	return err;
}

/**
 * fib_tree_preorder() - the node after @n in the subtree of @top: shorter prefixes before those inside them
 */
struct fib_node *fib_tree_preorder(struct fib_node *n, const struct fib_node *top)
{
	if (n->child[0])
		return n->child[0];
	if (n->child[1])
		return n->child[1];
	while (n != top) {
		struct fib_node *up = n->parent;

		if (up->child[0] == n && up->child[1])
			return up->child[1];
		n = up;
	}
	return NULL;
}

/* Is @n, which may be NULL, in front of @key/@plen in the order of fib_tree_preorder()? */
static bool fib_node_precedes(const struct fib_node *n, u32 key, unsigned plen)
{
	return n && (n->key < key || (n->key == key && n->plen < plen));
}

/**
 * fib_tree_before() - the last node in front of the prefix @key/@plen in the order of fib_tree_preorder(); that prefix need not exist
 */
struct fib_node *fib_tree_before(const struct fib_tree *t, u32 key, unsigned plen)
{
	struct fib_node *n = t->root, *last = NULL;

	while (fib_node_precedes(n, key, plen)) {
		last = n;
		n = n->child[fib_node_precedes(n->child[1], key, plen)];
	}
	return last;
}

/**
 * fib_tree_check() - every node lies in the right half of its parent, no fork is needless, the counts are right
 */
void fib_tree_check(const struct fib_tree *t)
{
	__maybe_unused u32 nodes = 0, prefixes = 0;

	for (struct fib_node *n = t->root; n; n = fib_tree_preorder(n, t->root)) {
		nodes++;
		prefixes += !hlist_empty(&n->aliases);
		NET_ASSERT(!(n->key & ~fib_mask(n->plen)));
		NET_ASSERT(!hlist_empty(&n->aliases) || (n->child[0] && n->child[1]));
		for (unsigned side = 0; side < 2; side++) {
			__maybe_unused struct fib_node *c = n->child[side];

			NET_ASSERT(!c || (c->parent == n && c->plen > n->plen &&
					  fib_node_covers(n, c->key) &&
					  fib_node_side(n, c->key) == side));
		}
	}
	NET_ASSERT(nodes == t->nodes && prefixes == t->prefixes);
}
