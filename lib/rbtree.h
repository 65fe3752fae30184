/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/rbtree.h - an intrusive red-black tree: the owner walks down and links, the tree keeps itself balanced.
 *
 * A node of zeroes is in no tree, so an object that was zeroed needs no initialization. To insert: walk from root->rb_node
 * down to the empty link where the key belongs, rb_link_node(), rb_insert_color().
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* @parent_color: the parent's address; the lowest bit is set in a black node */
struct rb_node {
	uintptr_t parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define rb_entry(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define rb_entry_safe(ptr, type, member)                  \
	({                                                \
		__typeof__(ptr) rb_ = (ptr);              \
		rb_ ? rb_entry(rb_, type, member) : NULL; \
	})

static inline bool rb_root_empty(const struct rb_root *root)
{
	return !root->rb_node;
}

/** rb_node_empty() - the node is in no tree */
static inline bool rb_node_empty(const struct rb_node *n)
{
	return !n->parent_color;
}

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_color & ~(uintptr_t)1);
}

/** rb_link_node() - put @n at the empty link @link of @parent (NULL: the root's); rb_insert_color() has to follow */
static inline void rb_link_node(struct rb_node *n, struct rb_node *parent, struct rb_node **link)
{
	n->parent_color = (uintptr_t)parent;
	n->rb_left = n->rb_right = NULL;
	*link = n;
}

void rb_insert_color(struct rb_node *n, struct rb_root *root);
/** rb_erase() - take @n out; it is then in no tree */
void rb_erase(struct rb_node *n, struct rb_root *root);
/** rb_replace_node() - @by takes the place of @old, which is then in no tree; their order is the same */
void rb_replace_node(struct rb_node *old, struct rb_node *by, struct rb_root *root);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#endif
