// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skb_frags_test.c - packets of references: always the same bytes and right sums, however they were cut; queues. */
#include "net/skbuff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/prandom.h"
#include "net/uio.h"

static long fail_after = -1, allocs;

static void *give(void *arg, size_t size, size_t align)
{
	if (!fail_after)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	allocs++;
	return aligned_alloc(align, ALIGN_UP(size, align));
}

static void take(void *arg, void *p)
{
	allocs--;
	free(p);
}

static struct skiff shard;
static u8 ref[200000];

static int setup(void **state)
{
	const struct skiff_env env = { .now_ns = 1, .alloc = give, .free = take };

	fail_after = -1;
	allocs = 0;
	skiff_engine_init(&shard, &env);
	assert_int_equal(skb_pool_init(&shard), 0);
	for (u32 i = 0; i < sizeof(ref); i++)
		ref[i] = (u8)(i * 13 + (i >> 7) * 5);
	return 0;
}

static int teardown(void **state)
{
	fail_after = -1;
	skb_pool_exit(&shard);
	assert_int_equal(allocs, 0);
	return 0;
}

/* Two representations of the same one's-complement sum. */
static bool same_sum(u32 a, u32 b)
{
	u16 x = csum_fold(a), y = csum_fold(b);

	return x == y || ((x == 0 || x == 0xffff) && (y == 0 || y == 0xffff));
}

/* @skb's paged part is ref[from ..]; each unit's sum is right, kept or taken anew. */
static void check(const struct sk_buff *skb, u32 from, u32 unit)
{
	static u8 buf[70000];

	assert_int_equal(skb->len, skb_headlen(skb) + skb->data_len);
	assert_int_equal(skb_copy_bits(skb, 0, buf, skb->len), 0);
	assert_memory_equal(buf, ref + from, skb->len);
	for (u32 off = 0; unit && off < skb->data_len; off += unit) {
		u32 n = skb->data_len - off < unit ? skb->data_len - off : unit;

		assert_true(same_sum(skb_paged_checksum(skb, off, n),
				     csum_partial(ref + from + off, n, 0)));
	}
	if (skb->data_len > 3)
		assert_true(same_sum(skb_paged_checksum(skb, 1, skb->data_len - 2),
				     csum_partial(ref + from + 1, skb->data_len - 2, 0)));
}

/* Append @n bytes of ref from @from, from pieces of random length. */
static u32 append(struct prng *r, struct sk_buff *skb, u32 from, u32 n, u32 unit)
{
	struct iovec iov[40];
	struct iov_iter it;
	u32 k = 0, at = 0;
	int got;

	for (; at < n && k < ARRAY_SIZE(iov); k++) {
		u32 len = k + 1 == ARRAY_SIZE(iov) ? n - at : prng_u32_below(r, n - at + 1);

		iov[k] = (struct iovec){ ref + from + at, len };
		at += len;
	}
	assert_int_equal(iov_iter_init(&it, &shard, iov, k), 0);
	got = skb_append_from_iter(&shard, skb, &it, at, unit);
	assert_in_range(got, 0, (int)at);
	assert_int_equal(it.count, at - (u32)got);
	return (u32)got;
}

/* Another user's bytes in the chunk, so that ours are not all in a row. */
static void others(u32 n)
{
	u32 off;

	assert_non_null(skb_chunk_reserve(&shard, n, &off));
	skb_chunk_commit(&shard, n);
}

static void test_random_cuts(void **state)
{
	static const u32 units[] = { 0, 1, 7, 100, 1448, 1449, 9000 };
	struct prng r;

	prng_seed(&r, "frags", 5);
	for (u32 round = 0; round < 3000; round++) {
		u32 unit = units[prng_u32_below(&r, ARRAY_SIZE(units))],
		    from = prng_u32_below(&r, 9);
		struct sk_buff *a = alloc_skb_ref(&shard), *b, *c;
		u32 total = 0, cut;

		for (u32 i = prng_u32_below(&r, 25) + 1; i-- > 0 && total < 40000;) {
			total += append(&r, a, from + total,
					1 + prng_u32_below(&r, round % 3 ? 3000 : 60), unit);
			if (prng_u32_below(&r, 2))
				others(1 + prng_u32_below(&r, 50));
		}
		assert_int_equal(a->data_len, total);
		check(a, from, unit);
		c = skb_clone_refs(&shard, a);
		b = alloc_skb_ref(&shard);
		cut = prng_u32_below(&r, total);
		if (unit && prng_u32_below(&r, 2))
			cut -= cut % unit;
		assert_int_equal(skb_split(&shard, a, b, cut), 0);
		assert_int_equal(a->len, cut);
		check(a, from, unit);
		check(b, from + cut, unit);
		check(c, from, unit);
		if (prng_u32_below(&r, 2)) {
			u32 n = 1 + prng_u32_below(&r, b->data_len);

			if (unit && n > unit && prng_u32_below(&r, 2))
				n -= n % unit;
			if (skb_shift(&shard, a, b, n)) {
				cut += n;
				assert_int_equal(a->len, cut);
			}
		}
		check(a, from, unit);
		check(b, from + cut, unit);
		if (a->data_len) {
			u32 n = prng_u32_below(&r, a->data_len + 1), keep;

			if (unit && prng_u32_below(&r, 2))
				n -= n % unit;
			skb_trim_head_refs(a, n);
			check(a, from + n, unit);
			keep = prng_u32_below(&r, a->data_len + 1);
			skb_trim_refs(a, keep);
			assert_int_equal(a->len, keep);
			check(a, from + n, unit);
			append(&r, a, from + n + keep, 2000, unit);
			check(a, from + n, unit);
		}
		check(c, from, unit);
		consume_skb(&shard, round % 2 ? a : c);
		consume_skb(&shard, b);
		consume_skb(&shard, round % 2 ? c : a);
	}
}

/* A bulk writer's packet: few fragments, every sum kept, so that segmentation reads no payload. */
static void test_bulk(void **state)
{
	struct prng r;
	struct sk_buff *a = alloc_skb_ref(&shard), *b;
	u32 done = 0, base = a->truesize;

	prng_seed(&r, "bulk", 4);
	while (done < 45 * 1448)
		done += append(&r, a, done, 45 * 1448 - done < 9000 ? 45 * 1448 - done : 9000,
			       1448);
	assert_true(skb_shinfo(a)->nr_frags <= 2);
	assert_int_equal(skb_shinfo(a)->nr_sums, 45);
	assert_int_equal(a->truesize, base + done);
	/* The sums are what is used: spoil the bytes. */
	skb_frag_data(&skb_shinfo(a)->frags[0])[5] ^= 1;
	assert_true(same_sum(skb_paged_checksum(a, 0, 1448), csum_partial(ref, 1448, 0)));
	assert_false(same_sum(skb_paged_checksum(a, 0, 1447), csum_partial(ref, 1447, 0)));
	skb_frag_data(&skb_shinfo(a)->frags[0])[5] ^= 1;
	/* Another MSS: they do not count. */
	b = alloc_skb_ref(&shard);
	append(&r, b, 0, 1000, 536);
	append(&r, b, 1000, 1000, 1448);
	assert_int_equal(skb_shinfo(b)->nr_sums, 0);
	check(b, 0, 1448);
	consume_skb(&shard, b);
	consume_skb(&shard, a);
	/* Nobody has the chunk any more: the next writer begins at its first byte. */
	b = alloc_skb_ref(&shard);
	append(&r, b, 0, 10, 0);
	assert_int_equal(skb_shinfo(b)->frags[0].off, 0);
	consume_skb(&shard, b);
}

/* Fragments run out: the packet is full, the iterator stands where the next begins. */
static void test_full(void **state)
{
	struct prng r;
	struct sk_buff *a = alloc_skb_ref(&shard);
	u32 n = 0;

	prng_seed(&r, "full", 4);
	for (;;) {
		u32 got = append(&r, a, n, 10, 0);

		if (!got)
			break;
		n += got;
		others(3);
	}
	assert_int_equal(skb_shinfo(a)->nr_frags, MAX_SKB_FRAGS);
	assert_int_equal(n, 10 * MAX_SKB_FRAGS);
	check(a, 0, 0);
	consume_skb(&shard, a);
}

/* Out to the user in pieces, with and without the sum; linear, fragments and further packets. */
static void test_to_user(void **state)
{
	static u8 out[9000];
	struct prng r;

	prng_seed(&r, "user", 4);
	for (u32 round = 0; round < 1000; round++) {
		struct sk_buff *a = alloc_skb(&shard, 300), *f = alloc_skb(&shard, 500);
		u32 lin = prng_u32_below(&r, 300), paged = prng_u32_below(&r, 3000), off, n, at = 0,
		    k, sum = 0;
		struct iovec iov[8];
		struct iov_iter it;

		skb_put_data(a, ref, lin);
		if (paged)
			assert_int_equal(append(&r, a, lin, paged, 0), paged);
		skb_put_data(f, ref + lin + paged, 500);
		f->cold = 1;
		skb_shinfo_get(&shard, a)->frag_list = f;
		a->len += 500;
		a->data_len += 500;
		off = prng_u32_below(&r, a->len);
		n = prng_u32_below(&r, a->len - off + 1);
		for (k = 0; k < 8; k++) {
			u32 len = k == 7 ? n - at : prng_u32_below(&r, n - at + 1);

			iov[k] = (struct iovec){ out + at, len };
			at += len;
		}
		memset(out, 0xee, sizeof(out));
		iov_iter_init(&it, &shard, iov, 8);
		if (round % 2) {
			assert_int_equal(skb_copy_to_iter(a, off, &it, n), 0);
		} else {
			assert_int_equal(skb_copy_and_csum_to_iter(a, off, &it, n, &sum), 0);
			assert_true(same_sum(sum, csum_partial(ref + off, n, 0)));
		}
		assert_int_equal(it.count, 0);
		assert_memory_equal(out, ref + off, n);
		assert_int_equal(out[n], 0xee);
		/* More than the user has room for, more than there is. */
		iov_iter_init(&it, &shard, iov, 8);
		if (off + n < a->len)
			assert_int_equal(skb_copy_to_iter(a, off, &it, n + 1), -EFAULT);
		assert_int_equal(skb_copy_to_iter(a, off, &it, a->len - off + 1), -EFAULT);
		consume_skb(&shard, a);
	}
}

static void test_queue(void **state)
{
	struct sk_buff_head q, other;
	struct sk_buff *p[6], *pos, *n;
	u32 i = 0;

	skb_queue_head_init(&q);
	skb_queue_head_init(&other);
	for (u32 k = 0; k < 6; k++) {
		p[k] = alloc_skb_ref(&shard);
		p[k]->mark = k;
	}
	assert_null(skb_dequeue_tail(&q));
	skb_queue_tail(&q, p[2]);
	skb_queue_head(&q, p[0]);
	skb_queue_after(&q, p[0], p[1]);
	skb_queue_after(&q, p[2], p[5]);
	skb_queue_before(&q, p[5], p[4]);
	skb_queue_before(&q, p[4], p[3]);
	skb_queue_walk(&q, pos)
		assert_int_equal(pos->mark, i++);
	skb_queue_reverse_walk(&q, pos) assert_int_equal(pos->mark, --i);
	assert_int_equal(skb_queue_len(&q), 6);
	assert_true(skb_queue_is_last(&q, p[5]) && skb_queue_is_first(&q, p[0]));
	skb_queue_walk_safe(&q, pos, n)
	{
		if (pos->mark % 2 == 0)
			continue;
		skb_unlink(pos, &q);
		skb_queue_tail(&other, pos);
	}
	assert_ptr_equal(skb_peek(&other), p[1]);
	assert_ptr_equal(skb_peek_tail(&q), p[4]);
	skb_queue_splice_init(&other, &q);
	assert_true(skb_queue_empty(&other));
	assert_ptr_equal(skb_dequeue(&q), p[1]);
	assert_ptr_equal(p[3]->prev, NULL);
	assert_ptr_equal(p[0]->prev, p[5]);
	skb_queue_tail(&other, p[1]);
	skb_queue_splice_tail_init(&other, &q);
	assert_ptr_equal(skb_dequeue_tail(&q), p[1]);
	assert_ptr_equal(skb_peek_tail(&q), p[4]);
	assert_int_equal(q.qlen, 5);
	consume_skb(&shard, p[1]);
	skb_queue_purge_reason(&shard, &q, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(shard.drop_counts[SKB_DROP_REASON_IP_CSUM], 5);
}

/* Allocation 1, 2, 3 ... fails: what was appended is right, and nothing is lost. */
static void test_out_of_memory(void **state)
{
	for (int n = 0; n < 12; n++) {
		struct prng r;
		struct sk_buff *a, *b;
		u32 got = 0;

		prng_seed(&r, "oom", 3);
		skb_pool_exit(&shard);
		assert_int_equal(skb_pool_init(&shard), 0);
		fail_after = n;
		a = alloc_skb_ref(&shard);
		b = a ? alloc_skb_ref(&shard) : NULL;
		for (u32 i = 0; b && i < 10; i++) {
			got += append(&r, a, got, 100, 60);
			if (skb_shinfo(a)->nr_frags)
				others(2);
			check(a, 0, 60);
		}
		if (got > 60) {
			if (skb_split(&shard, a, b, 60) == 0)
				check(b, 60, 60);
			check(a, 0, 60);
		}
		if (a)
			consume_skb(&shard, a);
		if (b)
			consume_skb(&shard, b);
		fail_after = -1;
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_random_cuts), T(test_bulk),  T(test_full),
		T(test_to_user),     T(test_queue), T(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
