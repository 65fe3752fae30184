// SPDX-License-Identifier: BSD-2-Clause
/* lib/rbtree_test.c - random insertions and removals; after each the tree's rules and its order hold. */
#include "lib/rbtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/prandom.h"

#define N 400

struct item {
	struct rb_node node;
	uint32_t key;
	bool in;
};

static struct item items[N];
static struct rb_root root;

static void insert(struct item *it)
{
	struct rb_node **link = &root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = it->key < rb_entry(parent, struct item, node)->key ? &parent->rb_left :
									    &parent->rb_right;
	}
	rb_link_node(&it->node, parent, link);
	rb_insert_color(&it->node, &root);
	it->in = true;
}

/* Return: black nodes on every way down. */
static int check(const struct rb_node *n, const struct rb_node *parent)
{
	bool red;
	int l, r;

	if (!n)
		return 0;
	assert_ptr_equal(rb_parent(n), parent);
	red = !(n->parent_color & 1);
	assert_false(red && (!parent || !(parent->parent_color & 1)));
	l = check(n->rb_left, n);
	r = check(n->rb_right, n);
	assert_int_equal(l, r);
	return l + !red;
}

static void check_all(uint32_t count)
{
	uint32_t n = 0, last = 0;

	check(root.rb_node, NULL);
	for (struct rb_node *p = rb_first(&root); p; p = rb_next(p), n++) {
		uint32_t key = rb_entry(p, struct item, node)->key;

		assert_true(key >= last);
		assert_ptr_equal(rb_next(p) ? rb_prev(rb_next(p)) : rb_last(&root), p);
		last = key;
	}
	assert_int_equal(n, count);
	assert_int_equal(rb_root_empty(&root), !count);
}

static void test_random(void **state)
{
	struct prng r;
	uint32_t count = 0;

	(void)state;
	prng_seed(&r, "rbtree", 6);
	for (uint32_t step = 0; step < 20000; step++) {
		struct item *it = &items[prng_u32_below(&r, step % 5000 < 2500 ? N : N / 8)];

		assert_int_equal(rb_node_empty(&it->node), !it->in);
		if (it->in && step % 5 == 0) {
			/* Another node with the same key in its place. */
			struct rb_node other = { 0 };

			rb_replace_node(&it->node, &other, &root);
			assert_true(rb_node_empty(&it->node));
			rb_replace_node(&other, &it->node, &root);
		} else if (it->in) {
			rb_erase(&it->node, &root);
			it->in = false;
			count--;
		} else {
			it->key = prng_u32_below(&r, 200);
			insert(it);
			count++;
		}
		if (step % 7 == 0)
			check_all(count);
	}
	check_all(count);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
