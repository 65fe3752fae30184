// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dst_test.c - routes end with their last reference, and not before the end of the turn. */
#include "net/dst.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "net/netdevice.h"
#include "tests/fake_engine.h"

static int destroyed;

/* Where the real one is not linked in. */
void WEAK kfree_skb_batch_reason_at(struct skiff *skiff, struct skb_batch *b,
				    enum skb_drop_reason reason, const char *where)
{
	b->n = 0;
}

static void count_destroy(struct dst_entry *dst)
{
	destroyed++;
}

static void test_release(void **state)
{
	struct skiff skiff;
	struct net net;
	struct dst_entry dst = { .skiff = &skiff, .refs = 1, .destroy = count_destroy };

	fake_shard(&skiff, &net);
	destroyed = 0;
	dst_release(NULL);
	dst_hold(&dst);
	dst_release(&dst);
	skiff_run_death_row(&skiff);
	assert_int_equal(destroyed, 0);
	dst_release(&dst);
	assert_int_equal(destroyed, 0);
	skiff_run_death_row(&skiff);
	assert_int_equal(destroyed, 1);
}

static void test_dev_put(void **state)
{
	struct skiff skiff;
	struct net net;
	struct net_device lo = { .net = &net }, e0 = { .net = &net };
	struct dst_entry dst = { .skiff = &skiff, .dev = &e0, .obsolete = DST_OBSOLETE_FORCE_CHK };

	fake_shard(&skiff, &net);
	net.loopback_dev = &lo;
	dst_dev_put(&dst);
	assert_ptr_equal(dst.dev, &lo);
	assert_int_equal(dst.obsolete, DST_OBSOLETE_DEAD);
	assert_ptr_equal(dst.input, dst_discard_input);
	assert_ptr_equal(dst.output, dst_discard_output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_dev_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
