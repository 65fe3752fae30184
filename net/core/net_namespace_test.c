// SPDX-License-Identifier: BSD-2-Clause
/* net/core/net_namespace_test.c - a namespace comes whole or not at all: each allocation of its making fails once. */
#include "net/net_namespace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* @left: allocations until one fails; @live: blocks not freed */
struct memory {
	long left;
	long live;
};

static void *limited_alloc(void *arg, size_t size, size_t align)
{
	struct memory *m = arg;
	void *p;

	if (m->left-- == 0)
		return NULL;
	p = aligned_alloc(align, (size + align - 1) / align * align);
	m->live += p != NULL;
	return p;
}

static void counted_free(void *arg, void *p)
{
	struct memory *m = arg;

	m->live -= p != NULL;
	free(p);
}

static struct skiff *make_shard(struct memory *m)
{
	const struct skiff_env env = {
		.arg = m, .alloc = limited_alloc, .free = counted_free, .now_ns = 1
	};

	m->left = -1;
	m->live = 0;
	return skiff_create(&env);
}

static void test_every_allocation_fails(void **state)
{
	struct memory m;
	struct skiff *skiff = make_shard(&m);
	bool failed = true;
	long n, before = m.live;

	assert_non_null(skiff);
	for (n = 0; failed; n++) {
		struct net *net;

		m.left = n;
		net = net_create(skiff, "r");
		failed = m.left < 0;
		m.left = -1;
		assert_true(failed ? !net && list_empty(&skiff->nets) : net != NULL);
		if (net)
			net_destroy(net);
		assert_true(n < 10000);
	}
	assert_true(n > 20);
	assert_true(m.live - before < 10);
	skiff_destroy(skiff);
	assert_int_equal(m.live, 0);
}

static void test_names(void **state)
{
	char name[65];
	struct memory m;
	struct skiff *skiff = make_shard(&m);
	struct net *a = net_create(skiff, "a"), *b = net_create(skiff, "b");

	memset(name, 'x', 64);
	name[64] = 0;
	assert_non_null(a);
	assert_non_null(b);
	assert_null(net_create(skiff, "a"));
	assert_null(net_create(skiff, ""));
	assert_null(net_create(skiff, NULL));
	assert_null(net_create(skiff, name));
	net_destroy(a);
	assert_null(net_find(skiff, "a"));
	assert_ptr_equal(net_find(skiff, "b"), b);
	assert_non_null(net_create(skiff, "a"));
	skiff_destroy(skiff);
	assert_int_equal(m.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_fails),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
