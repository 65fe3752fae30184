// SPDX-License-Identifier: BSD-2-Clause
/* engine/slab_test.c - handles and addresses, order of reuse, growth, giving back, memory per object. */
#include "engine/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine/asan.h"
#include "engine/skiff.h"

struct budget {
	long left; /* allocations that succeed; -1: all */
	long out;
};

static void *budget_alloc(void *arg, size_t size, size_t align)
{
	struct budget *b = arg;

	if (!b->left)
		return NULL;
	if (b->left > 0)
		b->left--;
	b->out++;
	return aligned_alloc(align, ALIGN_UP(size, align));
}

static void budget_free(void *arg, void *p)
{
	((struct budget *)arg)->out--;
	free(p);
}

static struct budget unlimited = { .left = -1 };

static void shard_init(struct skiff *s, struct budget *b)
{
	struct skiff_env env = { .arg = b, .alloc = budget_alloc, .free = budget_free };

	skiff_engine_init(s, &env);
}

static void test_handles_name_objects(void **state)
{
	static const u32 sizes[] = { 16, 48, 64, 128, 192, 832, 1000, 4096, 32704 };
	struct skiff skiff;

	shard_init(&skiff, &unlimited);
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		enum { N = 5000 };
		struct slab s;
		u8 **obj = calloc(N, sizeof(*obj));

		slab_init(&s, &skiff, sizes[i]);
		assert_int_equal(slab_bytes(&s), 0);
		for (u32 n = 0; n < N; n++) {
			obj[n] = slab_zalloc(&s);
			assert_int_equal((uintptr_t)obj[n] % (sizes[i] % 64 ? 16 : 64), 0);
			memset(obj[n], (int)n & 0xff, sizes[i]);
		}
		assert_int_equal(s.used, N);
		for (u32 n = 0; n < N; n++) {
			u32 h = slab_handle(&s, obj[n]);

			assert_true(h && h < 1u << SLAB_HANDLE_BITS);
			assert_ptr_equal(slab_ptr(&s, h), obj[n]);
			assert_ptr_equal(slab_look(&s, h), obj[n]);
			/* Nobody else wrote to it. */
			assert_int_equal(obj[n][0], n & 0xff);
			assert_int_equal(obj[n][sizes[i] - 1], n & 0xff);
		}
		for (u32 n = 0; n < N; n++)
			slab_free(&s, obj[n]);
		slab_exit(&s);
		free(obj);
	}
	assert_int_equal(unlimited.out, 0);
}

static void test_last_freed_first_given(void **state)
{
	struct skiff skiff;
	struct slab s;
	u64 *a, *b, *c;

	shard_init(&skiff, &unlimited);
	slab_init(&s, &skiff, 128);
	a = slab_zalloc(&s);
	b = slab_zalloc(&s);
	c = slab_zalloc(&s);
	a[5] = 77;
	slab_free(&s, b);
	slab_free(&s, a);
#ifndef SKIFF_ASAN
	assert_int_equal(a[5], 77); /* type-stable: what it held is still there to be looked at */
	assert_ptr_equal(slab_look(&s, slab_handle(&s, a)), a);
#else
	assert_null(slab_look(&s, slab_handle(&s, a)));
#endif
	assert_ptr_equal(slab_alloc(&s), a);
	assert_ptr_equal(slab_zalloc(&s), b);
	assert_int_equal(b[0], 0);
	slab_free(&s, a);
	slab_free(&s, b);
	slab_free(&s, c);
	slab_exit(&s);
}

static void test_bytes_per_object(void **state)
{
	struct skiff skiff;
	struct slab s;
	void **obj = calloc(100000, sizeof(*obj));

	shard_init(&skiff, &unlimited);
	slab_init(&s, &skiff, 832);
	assert_int_equal(s.per_block, 78);
	for (u32 n = 0; n < 100000; n++)
		obj[n] = slab_alloc(&s);
	/* 1 % and what of the newest blocks is not used yet. */
	assert_true(slab_bytes(&s) < 100000ULL * 832 * 102 / 100 + 16 * SLAB_BLOCK_SIZE);
	for (u32 n = 0; n < 100000; n++)
		slab_free(&s, obj[n]);
	slab_exit(&s);
	free(obj);
}

static void test_shrink(void **state)
{
	enum { N = 4000 };
	struct skiff skiff;
	struct slab s;
	u32 handle[N], blocks;
	void *keep;

	shard_init(&skiff, &unlimited);
	slab_init(&s, &skiff, 832);
	assert_int_equal(slab_shrink(&s), 0);
	for (u32 n = 0; n < N; n++)
		handle[n] = slab_handle(&s, slab_zalloc(&s));
	keep = slab_ptr(&s, handle[10]);
	blocks = s.nr_blocks;
	assert_int_equal(slab_shrink(&s), 0);
	for (u32 n = 0; n < N; n++)
		if (n != 10)
			slab_free(&s, slab_ptr(&s, handle[n]));
	/* The first region has one block and an object in use. */
	assert_int_equal(slab_shrink(&s), blocks - 1);
	assert_null(slab_look(&s, handle[N - 1]));
	slab_prefetch(&s, handle[N - 1], 64);
	assert_ptr_equal(slab_look(&s, handle[10]), keep);
	/* The 77 free ones of the block that stayed come first, then new blocks with the old numbers. */
	for (u32 n = 0; n < N - 1; n++) {
		void *obj = slab_zalloc(&s);

		assert_true(obj != keep);
		assert_ptr_equal(slab_ptr(&s, slab_handle(&s, obj)), obj);
		handle[n] = slab_handle(&s, obj);
	}
	assert_int_equal(s.top_block, blocks);
	for (u32 n = 0; n < N - 1; n++)
		slab_free(&s, slab_ptr(&s, handle[n]));
	slab_free(&s, keep);
	assert_int_equal(slab_shrink(&s), blocks);
	assert_int_equal(s.nr_blocks, 0);
	keep = slab_zalloc(&s);
	assert_non_null(keep);
	slab_free(&s, keep);
	slab_exit(&s);
	assert_int_equal(unlimited.out, 0);
}

static void test_no_memory(void **state)
{
	for (long left = 0; left < 8; left++) {
		struct budget b = { .left = left };
		struct skiff skiff;
		struct slab s;
		void *obj[3000];
		u32 n = 0;

		shard_init(&skiff, &b);
		slab_init(&s, &skiff, 832);
		while (n < ARRAY_SIZE(obj) && (obj[n] = slab_zalloc(&s)))
			n++;
		assert_true(n < ARRAY_SIZE(obj));
		assert_null(slab_alloc(&s));
		b.left = -1;
		obj[n] = slab_zalloc(&s);
		assert_non_null(obj[n]);
		for (u32 i = 0; i <= n; i++)
			slab_free(&s, obj[i]);
		slab_exit(&s);
		assert_int_equal(b.out, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handles_name_objects),
		cmocka_unit_test(test_last_freed_first_given),
		cmocka_unit_test(test_bytes_per_object),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
