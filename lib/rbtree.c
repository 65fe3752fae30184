// SPDX-License-Identifier: BSD-2-Clause
/* lib/rbtree.c - keeping a binary tree balanced with one bit a node.
 *
 * What holds: the root is black; a red node has no red child; every way from a node down to an empty link meets the same
 * number of black nodes. Empty links count as black. Each repair below moves the one place where this does not hold
 * towards the root, or ends it with at most three rotations.
 */
#include "lib/rbtree.h"

#define BLACK ((uintptr_t)1)

static bool is_black(const struct rb_node *n)
{
	return !n || (n->parent_color & BLACK);
}

static void set_black(struct rb_node *n, bool black)
{
	n->parent_color = black ? n->parent_color | BLACK : n->parent_color & ~BLACK;
}

static void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->parent_color = (uintptr_t)parent | (n->parent_color & BLACK);
}

/* The link that points to @n. */
static struct rb_node **link_to(struct rb_root *root, struct rb_node *parent,
				const struct rb_node *n)
{
	if (!parent)
		return &root->rb_node;
	return parent->rb_left == n ? &parent->rb_left : &parent->rb_right;
}

static struct rb_node **child(struct rb_node *n, bool left)
{
	return left ? &n->rb_left : &n->rb_right;
}

/* @n goes down to the @left or right, its child on the other side comes up into its place. */
static void rotate(struct rb_root *root, struct rb_node *n, bool left)
{
	struct rb_node *up = *child(n, !left), *parent = rb_parent(n);
	struct rb_node *middle = *child(up, left);

	*link_to(root, parent, n) = up;
	set_parent(up, parent);
	*child(up, left) = n;
	set_parent(n, up);
	*child(n, !left) = middle;
	if (middle)
		set_parent(middle, n);
}

void rb_insert_color(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *parent;

	set_black(n, false);
	while ((parent = rb_parent(n)) && !is_black(parent)) {
		struct rb_node *grand = rb_parent(parent);
		bool left = parent == grand->rb_left;
		struct rb_node *uncle = *child(grand, !left);

		if (!is_black(uncle)) {
			set_black(parent, true);
			set_black(uncle, true);
			set_black(grand, false);
			n = grand;
			continue;
		}
		if (n == *child(parent, !left)) {
			rotate(root, parent, left);
			parent = n;
		}
		set_black(parent, true);
		set_black(grand, false);
		rotate(root, grand, !left);
		break;
	}
	set_black(root->rb_node, true);
}

/* The ways through @n (maybe empty, below @parent) are one black node short. */
static void erase_fix(struct rb_root *root, struct rb_node *n, struct rb_node *parent)
{
	while (parent && is_black(n)) {
		bool left = n == parent->rb_left;
		struct rb_node *sibling = *child(parent, !left);

		if (!is_black(sibling)) {
			set_black(sibling, true);
			set_black(parent, false);
			rotate(root, parent, left);
			sibling = *child(parent, !left);
		}
		if (is_black(sibling->rb_left) && is_black(sibling->rb_right)) {
			set_black(sibling, false);
			n = parent;
			parent = rb_parent(n);
			continue;
		}
		if (is_black(*child(sibling, !left))) {
			set_black(*child(sibling, left), true);
			set_black(sibling, false);
			rotate(root, sibling, !left);
			sibling = *child(parent, !left);
		}
		set_black(sibling, is_black(parent));
		set_black(parent, true);
		set_black(*child(sibling, !left), true);
		rotate(root, parent, left);
		n = root->rb_node;
		break;
	}
	if (n)
		set_black(n, true);
}

void rb_erase(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(n), *low;
	bool black = is_black(n);

	if (n->rb_left && n->rb_right) {
		/* Its successor, which has no left child, takes its place and color. */
		struct rb_node *next = rb_next(n);

		black = is_black(next);
		low = next->rb_right;
		if (rb_parent(next) == n) {
			parent = next;
		} else {
			parent = rb_parent(next);
			parent->rb_left = low;
			if (low)
				set_parent(low, parent);
			next->rb_right = n->rb_right;
			set_parent(n->rb_right, next);
		}
		next->rb_left = n->rb_left;
		set_parent(n->rb_left, next);
		*link_to(root, rb_parent(n), n) = next;
		next->parent_color = n->parent_color;
	} else {
		low = n->rb_left ? n->rb_left : n->rb_right;
		*link_to(root, parent, n) = low;
		if (low)
			set_parent(low, parent);
	}
	if (black)
		erase_fix(root, low, parent);
	n->parent_color = 0;
	n->rb_left = n->rb_right = NULL;
}

void rb_replace_node(struct rb_node *old, struct rb_node *by, struct rb_root *root)
{
	*by = *old;
	*link_to(root, rb_parent(old), old) = by;
	if (by->rb_left)
		set_parent(by->rb_left, by);
	if (by->rb_right)
		set_parent(by->rb_right, by);
	old->parent_color = 0;
	old->rb_left = old->rb_right = NULL;
}

static struct rb_node *far_end(struct rb_node *n, bool left)
{
	while (n && *child(n, left))
		n = *child(n, left);
	return n;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return far_end(root->rb_node, true);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return far_end(root->rb_node, false);
}

static struct rb_node *neighbour(const struct rb_node *n, bool left)
{
	struct rb_node *below = left ? n->rb_left : n->rb_right, *parent;

	if (below)
		return far_end(below, !left);
	while ((parent = rb_parent(n)) && n == *child(parent, left))
		n = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *n)
{
	return neighbour(n, false);
}

struct rb_node *rb_prev(const struct rb_node *n)
{
	return neighbour(n, true);
}
