// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_fragment_test.c - reassembly: every order, overlaps against a model of the rule, limits, time, nothing left. */
#include "tests/router.h"

#include "net/inet_frag.h"
#include "net/ip.h"
#include "net/netfilter.h"
#include "skiff/explain.h"

#define SRC IP4(10, 0, 0, 2)
#define DST IP4(10, 0, 0, 1)

static struct router r;
static u8 frame[2048], payload[66000];
/* What came out at LOCAL_IN. */
static struct {
	u32 n, len;
	u16 frag_off, frag_max_size;
	u8 tos;
	u8 bytes[66000];
} got;

static void catch_local(void *priv, struct skb_batch *b, const struct nf_hook_state *state)
{
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];
		const struct iphdr *iph = ip_hdr(skb);

		got.n++;
		got.len = skb->len - iph->ihl * 4u;
		got.frag_off = iph->frag_off;
		got.frag_max_size = skb->frag_max_size;
		got.tos = iph->tos;
		assert_int_equal(ntohs(iph->tot_len), skb->len);
		assert_int_equal(ip_fast_csum(iph, iph->ihl), 0);
		assert_int_equal(skb_copy_bits(skb, iph->ihl * 4u, got.bytes, got.len), 0);
		consume_skb(state->net->skiff, skb);
	}
	b->n = 0;
}

static const struct nf_hook_ops catch_ops = {
	.hook = catch_local, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN, .name = "catch"
};

static int setup(void **state)
{
	router_start(&r, 2, 2);
	assert_int_equal(nf_register_net_hook(r.net, &catch_ops), 0);
	memset(&got, 0, sizeof(got));
	for (u32 i = 0; i < sizeof(payload); i++)
		payload[i] = (u8)(i ^ i >> 8 ^ i >> 3);
	return 0;
}

static int teardown(void **state)
{
	router_run(&r, 120000);
	assert_int_equal(r.net->ipv4.fqdir->nqueues, 0);
	assert_int_equal(r.net->ipv4.fqdir->mem, 0);
	router_stop(&r);
	return 0;
}

/* One fragment of payload[off, end) arrives. */
static void put_frag(u32 off, u32 end, bool mf, u16 id, u8 tos)
{
	struct iphdr iph = { .version = 4,
			     .ihl = 5,
			     .ttl = 64,
			     .protocol = 17,
			     .saddr = SRC,
			     .daddr = DST,
			     .tos = tos };

	router_eth(frame, 0);
	iph.tot_len = htons(20 + end - off);
	iph.id = htons(id);
	iph.frag_off = htons((off >> 3) | (mf ? IP_MF : 0));
	memcpy(frame + ETH_HLEN, &iph, 20);
	memcpy(frame + ETH_HLEN + 20, payload + off, end - off);
	router_ip_csum(frame);
	router_rx(&r, 0, frame, ETH_HLEN + 20 + end - off);
	router_run(&r, 0);
}

static void assert_whole(u32 n, u32 len)
{
	assert_int_equal(got.n, n);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.bytes, payload, len);
	assert_int_equal(got.frag_off, 0);
	assert_int_equal(r.net->ipv4.fqdir->mem, 0);
	assert_int_equal(r.net->ipv4.fqdir->nqueues, 0);
}

/* Next permutation in lexical order; false after the last. */
static bool next_perm(u8 *p, int n)
{
	int i = n - 2, k = n - 1;
	u8 t;

	while (i >= 0 && p[i] > p[i + 1])
		i--;
	if (i < 0)
		return false;
	while (p[k] < p[i])
		k--;
	t = p[i], p[i] = p[k], p[k] = t;
	for (int a = i + 1, b = n - 1; a < b; a++, b--)
		t = p[a], p[a] = p[b], p[b] = t;
	return true;
}

static void test_all_orders(void **state)
{
	static const u32 cut[] = { 0, 8, 24, 624, 640, 651 };
	u32 whole = 0;

	for (int n = 1; n <= 5; n++) {
		u8 perm[5] = { 0, 1, 2, 3, 4 };
		u32 last_end = n == 5 ? 651 : cut[n];

		if (n == 1)
			continue; /* offset 0 without MF is no fragment */
		do {
			for (int i = 0; i < n; i++) {
				int k = perm[i];

				assert_int_equal(got.n, whole);
				put_frag(cut[k], k == n - 1 ? last_end : cut[k + 1], k != n - 1,
					 (u16)whole, 0);
			}
			assert_whole(++whole, last_end);
		} while (next_perm(perm, n));
	}
	assert_int_equal(router_counter(&r, "Ip.ReasmOKs"), whole);
	assert_int_equal(router_counter(&r, "Ip.ReasmFails"), 0);
}

/* With a duplicate of each at each place: dropped as one, harmless. */
static void test_duplicates(void **state)
{
	u8 perm[4] = { 0, 1, 2, 3 };
	u32 whole = 0, dups = 0;

	do {
		for (int dup_at = 0; dup_at < 3; dup_at++) {
			for (int i = 0; i < 4; i++) {
				int k = perm[i];

				put_frag((u32)k * 80, (u32)k * 80 + 80, k != 3, (u16)whole, 0);
				if (i == dup_at) {
					put_frag((u32)k * 80, (u32)k * 80 + 80, k != 3, (u16)whole,
						 0);
					dups++;
				}
			}
			assert_whole(++whole, 320);
		}
	} while (next_perm(perm, 4));
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DUP_FRAG], dups);
}

/* ---- the rule, as a model over pieces in the order in which they came ---- */

struct model {
	struct {
		u32 from, to;
	} run[64];
	u32 runs, last; /* index of the run that ends the data so far */
	u32 len, meat, tail;
	bool first_in, last_in;
};

enum verdict { KEPT, WHOLE, DUP, BROKEN };

static enum verdict model_insert(struct model *m, u32 from, u32 to)
{
	u32 hits = 0, hit = 0;

	if (m->runs && to > m->tail) {
		if (from < m->tail)
			return BROKEN;
		if (from == m->tail)
			m->run[m->last].to = to;
	}
	if (!m->runs || (to > m->tail && from > m->tail)) {
		m->last = m->runs;
		m->run[m->runs].from = from;
		m->run[m->runs++].to = to;
	}
	if (to > m->tail) {
		m->tail = to;
		return KEPT;
	}
	for (u32 i = 0; i < m->runs; i++)
		if (from < m->run[i].to && to > m->run[i].from)
			hits++, hit = i;
	if (hits) {
		bool within = from >= m->run[hit].from && to <= m->run[hit].to;

		return hits == 1 && within ? DUP : BROKEN;
	}
	m->run[m->runs].from = from;
	m->run[m->runs++].to = to;
	return KEPT;
}

static enum verdict model_frag(struct model *m, u32 from, u32 to, bool mf)
{
	enum verdict v;

	if (!mf) {
		if (to < m->len || (m->last_in && to != m->len))
			return BROKEN;
		m->last_in = true;
		m->len = to;
	} else {
		to &= ~7u;
		if (to > m->len) {
			if (m->last_in)
				return BROKEN;
			m->len = to;
		}
	}
	if (to == from)
		return BROKEN;
	v = model_insert(m, from, to);
	if (v != KEPT)
		return v;
	m->meat += to - from;
	m->first_in |= !from;
	return m->first_in && m->last_in && m->meat == m->len ? WHOLE : KEPT;
}

static void test_overlaps_against_model(void **state)
{
	struct prng rnd;
	u32 whole = 0, fails = 0, dups = 0;

	prng_seed(&rnd, "overlap", 7);
	router_sysctl(&r, "net.ipv4.ipfrag_max_dist", "0");
	for (u32 round = 0; round < 3000; round++) {
		struct model m = { .runs = 0 };

		for (int i = 0; i < 12; i++) {
			u32 from = prng_u32_below(&rnd, 6) * 8,
			    n = (1 + prng_u32_below(&rnd, 2)) * 8;
			bool mf = from + n < 40 + prng_u32_below(&rnd, 32);
			enum verdict v;

			if (prng_u32_below(&rnd, 8) == 0)
				n = prng_u32_below(&rnd, 30);
			if (!from && !mf)
				continue;
			put_frag(from, from + n, mf, (u16)round, 0);
			v = model_frag(&m, from, from + n, mf);
			dups += v == DUP;
			fails += v == BROKEN;
			whole += v == WHOLE;
			assert_int_equal(got.n, whole);
			if (v == WHOLE)
				assert_memory_equal(got.bytes, payload, got.len);
			assert_int_equal(router_counter(&r, "Ip.ReasmFails"), fails);
			assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DUP_FRAG], dups);
			if (v == BROKEN || v == WHOLE)
				break;
		}
	}
	print_message("%u whole, %u broken, %u duplicates\n", whole, fails, dups);
	assert_true(whole > 50 && fails > 500 && dups > 500);
}

/* A datagram of 65,515 bytes of payload is the largest; 8 more are refused. */
static void test_largest(void **state)
{
	u32 off = 0;

	for (; off + 1480 < 65515; off += 1480)
		put_frag(off, off + 1480, true, 1, 0);
	put_frag(off, 65515, false, 1, 0);
	assert_whole(1, 65515);
	for (off = 0; off + 1480 < 65520; off += 1480)
		put_frag(off, off + 1480, true, 2, 0);
	put_frag(off, 65520, false, 2, 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(router_counter(&r, "Ip.ReasmFails"), 1);
}

/* RFC 3168 5.3: what the datagram gets from what its fragments had; -1: it is dropped. */
static void test_ecn(void **state)
{
	static const struct {
		u8 a, b;
		int want;
	} row[] = {
		{ 0, 0, 0 }, { 0, 1, -1 }, { 0, 2, -1 }, { 0, 3, -1 }, { 1, 1, 1 },
		{ 1, 2, 1 }, { 1, 3, 3 },  { 2, 1, 2 },	 { 2, 2, 2 },  { 2, 3, 3 },
		{ 3, 1, 3 }, { 3, 2, 3 },  { 3, 3, 3 },
	};
	u32 whole = 0;

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		put_frag(0, 80, true, (u16)i, row[i].a);
		put_frag(80, 90, false, (u16)i, row[i].b);
		if (row[i].want < 0) {
			assert_int_equal(got.n, whole);
			continue;
		}
		assert_whole(++whole, 90);
		assert_int_equal(got.tos, row[i].want);
	}
}

/* 30 s after the first: an ICMP message if the first piece is here, none else; a late piece does not prolong it. */
static void test_timeout(void **state)
{
	put_frag(0, 80, true, 1, 0);
	router_run(&r, 20000);
	put_frag(160, 240, true, 1, 0);
	put_frag(80, 160, true, 2, 0);
	router_run(&r, 9990);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.net->ipv4.fqdir->nqueues, 2);
	router_run(&r, 20);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.out[0].bytes[ETH_HLEN + 20], 11);
	assert_int_equal(r.out[0].bytes[ETH_HLEN + 21], 1);
	router_run(&r, 30000);
	assert_int_equal(r.n, 1);
	assert_int_equal(router_counter(&r, "Ip.ReasmTimeout"), 2);
	assert_int_equal(router_counter(&r, "Ip.ReasmFails"), 2);
}

/* The limit is on bytes, and what is given back can be used again. */
static void test_memory_limit(void **state)
{
	struct fqdir *f = r.net->ipv4.fqdir;

	router_sysctl(&r, "net.ipv4.ipfrag_low_thresh", "10000");
	router_sysctl(&r, "net.ipv4.ipfrag_high_thresh", "20000");
	for (u16 id = 0; id < 100; id++)
		put_frag(0, 80, true, id, 0);
	assert_true(f->mem > 20000 && f->mem < 25000);
	assert_true(f->nqueues > 4 && f->nqueues < 12);
	assert_true(router_counter(&r, "Ip.ReasmFails") > 80);
	router_run(&r, 31000);
	assert_int_equal(f->mem, 0);
	put_frag(0, 80, true, 1000, 0);
	put_frag(80, 160, false, 1000, 0);
	assert_whole(1, 160);
	router_sysctl(&r, "net.ipv4.ipfrag_low_thresh", "0");
	router_sysctl(&r, "net.ipv4.ipfrag_high_thresh", "0");
	put_frag(0, 80, true, 1001, 0);
	assert_int_equal(f->nqueues, 0);
}

/* More than 64 other fragments of the sender in between: what is there is given up. */
static void test_too_far(void **state)
{
	put_frag(0, 80, true, 1, 0);
	for (u16 id = 100; id < 164; id++)
		put_frag(0, 80, true, id, 0);
	put_frag(80, 160, false, 1, 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_FRAG_TOO_FAR], 1);
	put_frag(0, 80, true, 1, 0);
	assert_int_equal(got.n, 1);
}

/* ---- buffers that are not ours alone, devices that go ---- */

static struct sk_buff *held[8];
static u32 n_held;

static void hold_tap(struct skb_batch *b, struct packet_type *pt, struct net_device *dev)
{
	for (u32 i = 0; i < b->n; i++)
		held[n_held++] = b->p[i];
}

/* A tap holds clones, the frame was padded to far beyond its packet: the account of memory comes out even. */
static void test_account_of_moved_bytes(void **state)
{
	static u8 big[6014] __attribute__((aligned(16)));
	struct packet_type tap = { .type = htons(ETH_P_ALL), .list_func = hold_tap };

	dev_add_pack(r.net, &tap);
	put_frag(80, 160, false, 1, 0);
	router_eth(big, 0);
	memcpy(big + ETH_HLEN, frame + ETH_HLEN, 20);
	put_unaligned16(htons(IP_MF), big + ETH_HLEN + 6);
	memcpy(big + ETH_HLEN + 20, payload, 80);
	router_ip_csum(big);
	router_rx(&r, 0, big, sizeof(big));
	router_run(&r, 0);
	assert_whole(1, 160);
	while (n_held)
		consume_skb(r.skiff, held[--n_held]);
	dev_remove_pack(r.net, &tap);
}

/* The device that brought them is gone when their time is up, and somebody listens. */
static void test_device_gone(void **state)
{
	struct skiff_recorder *rec = skiff_recorder_start(r.skiff);

	assert_non_null(rec);
	put_frag(8, 80, true, 1, 0);
	put_frag(80, 160, true, 1, 0);
	skiff_dev_destroy((struct skiff_dev *)r.dev[0]);
	router_run(&r, 31000);
	assert_int_equal(router_counter(&r, "Ip.ReasmTimeout"), 1);
	skiff_recorder_stop(rec);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_all_orders),   T(test_duplicates), T(test_overlaps_against_model),
		T(test_largest),      T(test_ecn),	  T(test_timeout),
		T(test_memory_limit), T(test_too_far),	  T(test_account_of_moved_bytes),
		T(test_device_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
