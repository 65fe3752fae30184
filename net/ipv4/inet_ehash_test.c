// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_ehash_test.c - lines of tags: everything is found and nothing else, through splits, merges, overflow and lack of memory. */
#include "net/ipv4/inet_ehash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/prandom.h"

#define N 50000

static long fail_after = -1;

static void *take(void *arg, size_t size, size_t align)
{
	if (fail_after == 0)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	return aligned_alloc(align < 16 ? 16 : align, ALIGN_UP(size, align < 16 ? 16 : align));
}

static void give_back(void *arg, void *p)
{
	free(p);
}

/* Entry i has hash hash[i]; there[i]: it is in the table. */
struct model {
	struct skiff skiff;
	struct inet_ehash e;
	struct prng prng;
	u32 hash[N + 1];
	bool there[N + 1];
	u32 count;
	u32 seen;
};

static u32 hash_of(void *arg, u32 entry)
{
	return ((struct model *)arg)->hash[entry];
}

static void prefetch(void *arg, u32 entry)
{
}

static struct model *model_start(u32 mask)
{
	static struct model m;
	const struct skiff_env env = { .alloc = take, .free = give_back };

	memset(&m, 0, sizeof(m));
	fail_after = -1;
	skiff_engine_init(&m.skiff, &env);
	inet_ehash_init(&m.e, &m.skiff, hash_of, prefetch, &m);
	prng_seed(&m.prng, "ehash", 5);
	for (u32 i = 1; i <= N; i++)
		m.hash[i] = (u32)prng_u64(&m.prng) & mask;
	return &m;
}

static bool find(struct model *m, u32 i)
{
	if (!m->e.nr_seg)
		return false;
	for (const struct ehash_line *l = ehash_first(&m->e, m->hash[i]); l;
	     l = ehash_more(&m->e, l)) {
		for (u64 k = ehash_match(l, m->hash[i]); k; k &= k - 1) {
			if (l->entry[ehash_slot_of(k)] == i)
				return true;
		}
	}
	return false;
}

static void check_all(struct model *m)
{
	assert_int_equal(m->e.count, m->count);
	for (u32 i = 1; i <= N; i++) {
		if (find(m, i) != m->there[i])
			fail_msg("entry %u: %d instead of %d", i, find(m, i), m->there[i]);
	}
}

static void put(struct model *m, u32 i)
{
	if (m->there[i])
		return;
	if (ehash_insert(&m->e, m->hash[i], i))
		return;
	m->there[i] = true;
	m->count++;
}

static void drop(struct model *m, u32 i)
{
	assert_int_equal(ehash_remove(&m->e, m->hash[i], i), m->there[i]);
	m->count -= m->there[i];
	m->there[i] = false;
}

static void model_end(struct model *m)
{
	for (u32 i = 1; i <= N; i++)
		drop(m, i);
	assert_int_equal(m->e.count, 0);
	assert_int_equal(ehash_lines(&m->e), 1u << EHASH_MIN_LEVEL);
	assert_int_equal(m->e.overflow.used, 0);
	inet_ehash_exit(&m->e);
	skiff_engine_exit(&m->skiff);
}

static void test_empty(void **state)
{
	struct model *m = model_start(~0u);

	assert_int_equal(ehash_bytes(&m->e), 0);
	assert_false(ehash_remove(&m->e, 5, 5));
	assert_false(ehash_replace(&m->e, 5, 5, 6));
	model_end(m);
}

/* All in, half out, in again, all out. */
static void grow_and_shrink(u32 mask)
{
	struct model *m = model_start(mask);

	for (u32 i = 1; i <= N; i++)
		put(m, i);
	check_all(m);
	assert_in_range(ehash_lines(&m->e), N / 7, N / 5);
	for (u32 i = 1; i <= N; i += 2)
		drop(m, i);
	check_all(m);
	for (u32 k = 0; k < 4 * N; k++) {
		u32 i = 1 + prng_u32_below(&m->prng, N);

		if (prng_u64(&m->prng) & 1)
			put(m, i);
		else
			drop(m, i);
	}
	check_all(m);
	model_end(m);
}

static void test_random(void **state)
{
	grow_and_shrink(~0u);
}

/* Hashes in few places: long overflow chains, equal tags. */
static void test_clustered(void **state)
{
	grow_and_shrink(0xfff001ff);
	grow_and_shrink(0x00000fff);
}

static void test_replace(void **state)
{
	struct model *m = model_start(~0u);

	for (u32 i = 1; i <= 1000; i++)
		put(m, i);
	for (u32 i = 1; i <= 1000; i++) {
		m->hash[N - i] = m->hash[i];
		assert_true(ehash_replace(&m->e, m->hash[i], i, N - i));
		assert_false(ehash_replace(&m->e, m->hash[i], i, N - i));
		m->there[i] = false;
		m->there[N - i] = true;
	}
	check_all(m);
	model_end(m);
}

static void walk_drop(void *arg, u32 entry)
{
	struct model *m = arg;

	m->seen++;
	if (entry % 3)
		drop(m, entry);
}

static void test_walk(void **state)
{
	struct model *m = model_start(0xffff3fff);

	for (u32 i = 1; i <= N; i++)
		put(m, i);
	ehash_walk(&m->e, walk_drop, m);
	assert_int_equal(m->seen, N);
	assert_int_equal(m->count, N / 3);
	check_all(m);
	model_end(m);
}

/* Whenever memory runs out, an insert fails or goes through, and the rest stays as it is. */
static void test_no_memory(void **state)
{
	struct model *m = model_start(0xffff0fff);

	for (u32 round = 0; round < 40; round++) {
		fail_after = (long)prng_u32_below(&m->prng, 3);
		for (u32 k = 0; k < N / 40; k++)
			put(m, 1 + prng_u32_below(&m->prng, N));
		for (u32 k = 0; k < N / 400; k++)
			drop(m, 1 + prng_u32_below(&m->prng, N));
	}
	check_all(m);
	fail_after = -1;
	for (u32 i = 1; i <= N; i++)
		put(m, i);
	check_all(m);
	model_end(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	  cmocka_unit_test(test_random),
		cmocka_unit_test(test_clustered), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_walk),	  cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
