/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/rbtree.h - a red-black tree whose nodes are embedded; the caller walks down to the place and links there.
 *
 * Usage as everywhere: find @parent and @link (the child pointer to fill), rb_link_node(), rb_insert_color().
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <stddef.h>
#include <stdint.h>

struct rb_node {
	uintptr_t parent_color; /* parent, with the colour in bit 0 */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define rb_entry(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define rb_entry_safe(ptr, type, member)                    \
	({                                                  \
		__typeof__(ptr) ptr_ = (ptr);               \
		ptr_ ? rb_entry(ptr_, type, member) : NULL; \
	})

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_color & ~(uintptr_t)1);
}

static inline void rb_link_node(struct rb_node *n, struct rb_node *parent, struct rb_node **link)
{
	n->parent_color = (uintptr_t)parent;
	n->rb_left = n->rb_right = NULL;
	*link = n;
}

/** rb_insert_color() - balance after rb_link_node() */
void rb_insert_color(struct rb_node *n, struct rb_root *root);
void rb_erase(struct rb_node *n, struct rb_root *root);
/** rb_replace_node() - @new_node takes the place of @old, which has the same order */
void rb_replace_node(struct rb_node *old, struct rb_node *new_node, struct rb_root *root);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#endif
