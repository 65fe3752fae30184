/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_tree.h - the tree of record: prefixes in a path-compressed binary trie. For fib_*.c. */
#ifndef NET_IPV4_FIB_TREE_H
#define NET_IPV4_FIB_TREE_H

#include "engine/skiff.h"
#include "lib/list.h"

/**
 * struct fib_node - a prefix, or a fork without routes of its own
 * @aliases: routes of this prefix (struct fib_alias); empty at a fork, which then has two children
 * @key:     host order, bits beyond @plen are 0
 * @leaf:    result index of the compiled form (fib_lpm.c), meaningless while that is stale
 */
struct fib_node {
	struct fib_node *child[2];
	struct fib_node *parent;
	struct hlist_head aliases;
	u32 key;
	u8 plen;
	u16 leaf;
};

struct fib_tree {
	struct skiff *skiff;
	struct fib_node *root;
	u32 prefixes; /* nodes with routes */
	u32 nodes;
};

static inline u32 fib_mask(unsigned plen)
{
	return plen ? ~0u << (32 - plen) : 0;
}

static inline bool fib_node_covers(const struct fib_node *n, u32 addr)
{
	return !((addr ^ n->key) & fib_mask(n->plen));
}

/* Which child of @n leads to @addr; @n is shorter than /32. */
static inline unsigned fib_node_side(const struct fib_node *n, u32 addr)
{
	return (addr >> (31 - n->plen)) & 1;
}

void fib_tree_init(struct fib_tree *t, struct skiff *skiff);
struct fib_node *fib_tree_find(const struct fib_tree *t, u32 key, unsigned plen);
struct fib_node *fib_tree_insert(struct fib_tree *t, u32 key, unsigned plen);
void fib_tree_remove(struct fib_tree *t, struct fib_node *n);
struct fib_node *fib_tree_deepest(const struct fib_tree *t, u32 addr, unsigned max_plen);
struct fib_node *fib_tree_subtree(const struct fib_tree *t, u32 key, unsigned plen);
struct fib_node *fib_node_covering(const struct fib_node *n);
int fib_tree_walk(struct fib_node *n, int (*fn)(void *arg, struct fib_node *n), void *arg);
struct fib_node *fib_tree_preorder(struct fib_node *n, const struct fib_node *top);
struct fib_node *fib_tree_before(const struct fib_tree *t, u32 key, unsigned plen);
void fib_tree_check(const struct fib_tree *t);

#endif
