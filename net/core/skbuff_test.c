// SPDX-License-Identifier: BSD-2-Clause
/* net/core/skbuff_test.c - packets: whose bytes they are, paged parts, checksums at odd places, memory that runs out. */
#include "tests/testnet.h"

#include "lib/checksum.h"
#include "lib/prandom.h"
#include "net/dst.h"
#include "net/skbuff.h"

static struct skiff shard;
static u8 ref[70000];

static int setup(void **state)
{
	const struct skiff_env env = { .now_ns = 1, .alloc = testnet_alloc, .free = testnet_free };

	testnet_fail_after = -1;
	testnet_allocs = 0;
	skiff_engine_init(&shard, &env);
	assert_int_equal(skb_pool_init(&shard), 0);
	for (u32 i = 0; i < sizeof(ref); i++)
		ref[i] = (u8)(i * 13 + (i >> 7));
	return 0;
}

static int teardown(void **state)
{
	testnet_fail_after = -1;
	skb_pool_exit(&shard);
	assert_int_equal(testnet_allocs, 0);
	return 0;
}

static struct sk_buff *make(u32 from, u32 len)
{
	struct sk_buff *skb = alloc_skb(&shard, len);

	assert_non_null(skb);
	skb_put_data(skb, ref + from, len);
	return skb;
}

/* @n bytes of ref from @from on: @linear of them linear, the rest in chunks and further packets as @rnd says. */
static struct sk_buff *make_paged(struct prng *rnd, u32 from, u32 linear, u32 n)
{
	struct sk_buff *skb = make(from, linear), **tail;
	struct skb_shared_info *si = skb_shinfo_get(&shard, skb);
	u32 at = from + linear, left = n - linear;

	assert_non_null(si);
	while (left && si->nr_frags < 3 && prng_u32_below(rnd, 3)) {
		u32 len = 1 + prng_u32_below(rnd, left), off = prng_u32_below(rnd, 5);
		struct skb_chunk *c = skb_chunk_alloc(&shard, len + off);

		memcpy(c->data + off, ref + at, len);
		si->frags[si->nr_frags++] = (struct skb_frag){ c, off, len };
		at += len;
		left -= len;
	}
	for (tail = &si->frag_list; left; tail = &(*tail)->next) {
		u32 len = 1 + prng_u32_below(rnd, left);

		*tail = make(at, len);
		(*tail)->cold = 1;
		at += len;
		left -= len;
	}
	skb->len = n;
	skb->data_len = n - linear;
	return skb;
}

static void assert_bytes(const struct sk_buff *skb, u32 from, u32 len)
{
	static u8 buf[70000];

	assert_int_equal(skb->len, len);
	assert_int_equal(skb_copy_bits(skb, 0, buf, len), 0);
	assert_memory_equal(buf, ref + from, len);
	assert_int_equal(skb_copy_bits(skb, 0, buf, len + 1), -EFAULT);
	assert_int_equal(skb_copy_bits(skb, 1, buf, UINT32_MAX), -EFAULT);
}

/* A slab comes back as new as it was, whatever was written to it. */
static void test_slab_is_wiped(void **state)
{
	struct sk_buff *skb = make(0, 100), *again;

	skb->cold = 1;
	skb->priority = 7;
	skb->vlan_present = 1;
	skb->frag_max_size = 9;
	memset(skb->cb, 0x5a, sizeof(skb->cb));
	skb->pkt_type = PACKET_OTHERHOST;
	skb->mark = 5;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	consume_skb(&shard, skb);
	again = alloc_skb(&shard, 10);
	assert_ptr_equal(again, skb);
	assert_int_equal(again->priority | again->vlan_present | again->frag_max_size |
				 again->cb[3] | again->pkt_type | again->mark | again->ip_summed |
				 again->cold | again->len | again->data_len | again->dataref,
			 0);
	assert_int_equal(again->users, 1);
	assert_int_equal(skb_headroom(again), SKB_HEADROOM);
	assert_true(skb_tailroom(again) >= SKB_SMALL_MAX);
	assert_false(skb_mac_header_was_set(again));
	consume_skb(&shard, again);
}

/* Pools grow by runs; all of it is given back; big packets come one by one. */
static void test_pool_growth(void **state)
{
	static struct sk_buff *p[1000];
	long before;

	for (int round = 0; round < 2; round++) {
		for (u32 i = 0; i < 1000; i++)
			p[i] = make(i, i % 2 ? 60 : SKB_SMALL_MAX);
		before = testnet_allocs;
		for (u32 i = 0; i < 1000; i++) {
			assert_bytes(p[i], i, i % 2 ? 60 : SKB_SMALL_MAX);
			assert_int_equal((uintptr_t)p[i] % 64, 0);
			consume_skb(&shard, p[i]);
		}
		assert_int_equal(testnet_allocs, before);
	}
	p[0] = make(0, SKB_SMALL_MAX + 1);
	p[1] = make(5, 65535);
	assert_int_equal(testnet_allocs, before + 2);
	assert_bytes(p[1], 5, 65535);
	consume_skb(&shard, p[0]);
	consume_skb(&shard, p[1]);
	assert_int_equal(testnet_allocs, before);
}

/* Original and clone end in either order; the bytes live as long as one of them. */
static void test_clone_ends(void **state)
{
	for (int order = 0; order < 6; order++) {
		struct sk_buff *a = make(0, 500), *b = skb_clone(&shard, a),
			       *c = skb_clone(&shard, b);
		struct sk_buff *p[3] = { a, b, c };
		int first = order % 3, second = (first + 1 + order / 3) % 3,
		    last = 3 - first - second;

		for (int i = 0; i < 3; i++)
			assert_true(skb_cloned(p[i]));
		consume_skb(&shard, p[first]);
		/* Slabs that are free again are written to: not the shared one. */
		for (int i = 0; i < 70; i++)
			p[first] = make(7000 + (u32)i, 60), consume_skb(&shard, p[first]);
		assert_bytes(p[second], 0, 500);
		consume_skb(&shard, p[second]);
		assert_bytes(p[last], 0, 500);
		assert_false(skb_cloned(p[last]));
		consume_skb(&shard, p[last]);
	}
}

/* Who wants to write gets bytes of its own; the others keep theirs. Headers stay where they were. */
static void test_cow(void **state)
{
	for (int who = 0; who < 2; who++)
		for (u32 room = 0; room < 600; room += 97) {
			struct sk_buff *a = make(0, 300), *b;
			struct sk_buff *w, *o;

			skb_reset_mac_header(a);
			skb_pull(a, 14);
			skb_reset_network_header(a);
			a->transport_header = (u16)(a->network_header + 20);
			b = skb_clone(&shard, a);
			w = who ? b : a;
			o = who ? a : b;
			assert_int_equal(skb_cow(&shard, w, room), 0);
			assert_true(skb_headroom(w) >= room);
			assert_false(skb_cloned(w));
			assert_ptr_equal(skb_network_header(w), w->data);
			assert_ptr_equal(skb_mac_header(w), w->data - 14);
			assert_ptr_equal(skb_transport_header(w), w->data + 20);
			assert_memory_equal(skb_mac_header(w), ref, 14);
			assert_bytes(w, 14, 286);
			memset(w->data, 0xee, w->len);
			assert_bytes(o, 14, 286);
			assert_true(!who || !skb_cloned(o));
			/* Once more, beyond what there is: the moved one moves again. */
			assert_int_equal(skb_cow(&shard, w, skb_headroom(w) + 1), 0);
			assert_int_equal(w->data[5], 0xee);
			consume_skb(&shard, who ? a : b);
			consume_skb(&shard, w);
		}
}

static void test_shared(void **state)
{
	struct sk_buff *a = make(0, 100), *b;

	assert_ptr_equal(skb_share_check(&shard, a), a);
	skb_get(a);
	assert_true(skb_shared(a));
	b = skb_share_check(&shard, a);
	assert_ptr_not_equal(a, b);
	assert_false(skb_shared(a) || skb_shared(b));
	assert_true(skb_cloned(a) && skb_cloned(b));
	consume_skb(&shard, a);
	assert_bytes(b, 0, 100);
	/* A dropped reference is counted once: with the last. */
	skb_get(b);
	kfree_skb_reason(&shard, b, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(shard.drop_counts[SKB_DROP_REASON_IP_CSUM], 0);
	kfree_skb_reason(&shard, b, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(shard.drop_counts[SKB_DROP_REASON_IP_CSUM], 1);
}

/* Paged packets cut, pulled, copied, cloned, summed: always the same bytes. */
static void test_paged_random(void **state)
{
	struct prng rnd;

	prng_seed(&rnd, "paged", 5);
	for (u32 round = 0; round < 2000; round++) {
		u32 from = prng_u32_below(&rnd, 50),
		    n = 2 + prng_u32_below(&rnd, round % 5 ? 200 : 6000);
		u32 linear = prng_u32_below(&rnd, n), off, len;
		struct sk_buff *a = make_paged(&rnd, from, linear, n), *b, *c;

		assert_int_equal(skb_headlen(a), linear);
		assert_bytes(a, from, n);
		for (int k = 0; k < 4; k++) {
			off = prng_u32_below(&rnd, n + 1);
			len = prng_u32_below(&rnd, n - off + 1);
			assert_int_equal(csum_fold(skb_checksum(a, off, len, 0x1234)),
					 csum_fold(csum_partial(ref + from + off, len, 0x1234)));
		}
		b = skb_clone(&shard, a);
		c = skb_copy(&shard, a);
		assert_bytes(b, from, n);
		assert_bytes(c, from, n);
		assert_int_equal(skb_headlen(c), n);
		len = prng_u32_below(&rnd, n + 1);
		switch (prng_u32_below(&rnd, 3)) {
		case 0:
			assert_int_equal(pskb_trim(&shard, b, len), 0);
			assert_bytes(b, from, len);
			break;
		case 1:
			assert_true(pskb_may_pull(&shard, b, len));
			assert_true(skb_headlen(b) >= len);
			skb_pull(b, len);
			assert_bytes(b, from + len, n - len);
			break;
		default:
			assert_int_equal(skb_linearize(&shard, b), 0);
			assert_int_equal(skb_headlen(b), n);
			assert_bytes(b, from, n);
		}
		assert_false(pskb_may_pull(&shard, a, n + 1));
		if (round % 2)
			consume_skb(&shard, b);
		assert_bytes(a, from, n);
		consume_skb(&shard, a);
		if (!(round % 2))
			consume_skb(&shard, b);
		consume_skb(&shard, c);
	}
}

/* What a socket is charged: the kernel's figures, measured with SO_MEMINFO, for UDP by lo and by a TUN. */
static void test_truesize(void **state)
{
	static const u32 row[][2] = {
		/* bytes from the IP header on, truesize */
		{ 28, 832 },	     { 28 + 207, 832 },	  { 28 + 208, 1280 },	{ 28 + 655, 1280 },
		{ 28 + 656, 2304 },  { 28 + 1679, 2304 }, { 28 + 1680, 4352 },	{ 28 + 3727, 4352 },
		{ 28 + 3728, 8448 }, { 28 + 7823, 8448 }, { 28 + 7824, 16640 },
	};
	struct sk_buff *skb = make(0, 10);

	assert_int_equal(skb->truesize, 2304);
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		skb_set_truesize(skb, row[i][0]);
		assert_int_equal(skb->truesize, row[i][1]);
	}
	skb_set_truesize(skb, 192 + 43);
	assert_int_equal(skb->truesize, 832);
	skb_set_truesize(skb, 193 + 43);
	assert_int_equal(skb->truesize, 1280);
	consume_skb(&shard, skb);
	skb = alloc_skb_ref(&shard);
	assert_int_equal(skb->truesize, 832);
	consume_skb(&shard, skb);
}

/* Only the checksum of what was covered stays trusted. */
static void test_trim_forgets_checksum(void **state)
{
	struct sk_buff *skb = make(0, 100);

	skb->ip_summed = CHECKSUM_COMPLETE;
	assert_int_equal(pskb_trim(&shard, skb, 100), 0);
	assert_int_equal(skb->ip_summed, CHECKSUM_COMPLETE);
	assert_int_equal(pskb_trim(&shard, skb, 60), 0);
	assert_int_equal(skb->ip_summed, CHECKSUM_NONE);
	assert_int_equal(skb->len, 60);
	consume_skb(&shard, skb);
}

/* CHECKSUM_PARTIAL at every parity; offsets from outside that make no sense are refused. */
static void test_checksum_help(void **state)
{
	struct prng rnd;

	prng_seed(&rnd, "csum", 4);
	for (u32 start = 0; start < 40; start++)
		for (u32 n = 30; n < 34; n++) {
			struct sk_buff *skb = make_paged(&rnd, 0, start % 7 + 1, start + n), *other;
			u8 want[100];
			u16 sum;

			skb->cold = 1;
			skb->ip_summed = CHECKSUM_PARTIAL;
			skb->csum_start = (u16)(skb_headroom(skb) + start);
			skb->csum_offset = 6;
			other = skb_clone(&shard, skb);
			memcpy(want, ref, start + n);
			sum = csum_fold(csum_partial(want + start, n, 0));
			put_unaligned16(sum ? sum : 0xffff, want + start + 6);
			assert_int_equal(skb_checksum_help(&shard, skb), 0);
			assert_int_equal(skb->ip_summed, CHECKSUM_NONE);
			assert_true(skb_headlen(skb) >= start + 8);
			assert_memory_equal(skb->data, want, start + 8);
			assert_bytes(other, 0, start + n);
			consume_skb(&shard, skb);
			/* Beyond the end, by one; far beyond; in front of the packet. */
			other->csum_offset = (u16)(n - 1);
			assert_int_equal(skb_checksum_help(&shard, other), -EINVAL);
			other->csum_offset = 65535;
			assert_int_equal(skb_checksum_help(&shard, other), -EINVAL);
			other->csum_offset = 0;
			other->csum_start = (u16)(skb_headroom(other) - 1);
			assert_int_equal(skb_checksum_help(&shard, other), -EINVAL);
			consume_skb(&shard, other);
		}
}

/* ---- the route of a packet that waits ---- */

static u32 destroyed;

static void dst_gone(struct dst_entry *dst)
{
	destroyed++;
}

/* Counted while it can be kept; a route that nobody holds any more is let go, dead or not. */
static void test_dst_force(void **state)
{
	struct dst_entry dst = { .skiff = &shard, .destroy = dst_gone, .refs = 1, .obsolete = -1 };
	struct sk_buff *a = make(0, 10), *b = make(0, 10), *c;

	destroyed = 0;
	assert_false(skb_dst_force(a));
	skb_dst_set_noref(a, &dst);
	skb_dst_set_noref(b, &dst);
	assert_true(skb_dst_force(a) && skb_dst_force(a));
	assert_int_equal(dst.refs, 2);
	c = skb_clone(&shard, a);
	assert_int_equal(dst.refs, 3);
	consume_skb(&shard, c);
	dst_release(&dst);
	consume_skb(&shard, a);
	assert_false(skb_dst_force(b));
	assert_null(skb_dst(b));
	consume_skb(&shard, b);
	assert_int_equal(destroyed, 0);
	skiff_run_death_row(&shard);
	assert_int_equal(destroyed, 1);
}

/* ---- memory runs out ---- */

static void play(bool *ok)
{
	struct prng rnd;
	struct sk_buff *a, *b, *c, *d;
	bool joined = false;

	prng_seed(&rnd, "play", 4);
	*ok = false;
	a = alloc_skb(&shard, 3000);
	if (!a)
		return;
	skb_put_data(a, ref, 2500);
	b = skb_clone(&shard, a);
	c = b ? skb_copy(&shard, b) : NULL;
	d = alloc_skb(&shard, 2000);
	if (c && d) {
		struct skb_shared_info *si = skb_shinfo_get(&shard, c);

		if (si) {
			skb_put_data(d, ref + 2500, 1900);
			si->frag_list = d;
			d->cold = 1;
			d = NULL;
			joined = true;
			c->data_len = 1900;
			c->len += 1900;
			si->gso_size = 500;
		}
	}
	if (joined) {
		struct sk_buff *e = skb_clone(&shard, c);

		if (e) {
			if (skb_cow(&shard, b, 1000) == 0 && skb_linearize(&shard, e) == 0) {
				assert_bytes(e, 0, 4400);
				*ok = skb_is_gso(e);
			}
			consume_skb(&shard, e);
		}
		assert_bytes(c, 0, 4400);
		assert_bytes(b, 0, 2500);
	}
	if (d)
		consume_skb(&shard, d);
	if (c)
		consume_skb(&shard, c);
	if (b)
		consume_skb(&shard, b);
	consume_skb(&shard, a);
}

/* Allocation 1, 2, 3 ... fails, and everything after it: nothing is lost, bytes stay right. */
static void test_out_of_memory(void **state)
{
	bool ok = false;

	for (int n = 0; !ok; n++) {
		assert_true(n < 100);
		skb_pool_exit(&shard);
		assert_int_equal(testnet_allocs, 0);
		assert_int_equal(skb_pool_init(&shard), 0);
		testnet_fail_after = n;
		play(&ok);
		testnet_fail_after = -1;
		assert_true(testnet_allocs <= 7); /* the pool, three stacks with one run each */
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_slab_is_wiped), T(test_pool_growth),
		T(test_clone_ends),    T(test_cow),
		T(test_shared),	       T(test_paged_random),
		T(test_truesize),      T(test_trim_forgets_checksum),
		T(test_checksum_help), T(test_dst_force),
		T(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
