// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lpm_test.c - the compiled form against a list of prefixes searched one by one, through changes and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/inet.h"
#include "lib/prandom.h"
#include "fib_fake.h"
#include "fib_lpm.h"
#include "fib_table.h"

/* ---- the model: routes in a list ---- */

struct route {
	u32 table, key;
	u8 plen;
	u8 gw; /* last octet */
	u8 tos;
};

#define MAX_ROUTES 4000
static struct route model[MAX_ROUTES];
static unsigned n_model;
static struct prng rng;

static u32 rnd(u32 n)
{
	return prng_u32_below(&rng, n);
}

/* Tables in order of precedence while merged. */
static int table_rank(u32 table)
{
	return table == RT_TABLE_LOCAL ? 1 : 0;
}

/* Gateway of @addr's longest prefix in @table (0: in both). -EAGAIN if there is none. */
static int model_lookup(u32 table, u32 addr, u8 tos, unsigned *plen)
{
	const struct route *best = NULL;

	for (unsigned i = 0; i < n_model; i++) {
		const struct route *r = &model[i];

		if ((table && r->table != table) || (r->tos && r->tos != tos) ||
		    ((addr ^ r->key) & fib_mask(r->plen)))
			continue;
		if (!best || r->plen > best->plen ||
		    (r->plen == best->plen && (table_rank(r->table) > table_rank(best->table) ||
					       (r->table == best->table && r->tos > best->tos))))
			best = r;
	}
	if (!best)
		return -EAGAIN;
	*plen = best->plen;
	return best->gw;
}

static struct fib_config config_of(const struct route *r)
{
	return (struct fib_config){
		.fc_type = RTN_UNICAST,
		.fc_table = r->table,
		.fc_dst = htonl(r->key),
		.fc_dst_len = r->plen,
		.fc_gw4 = htonl(0x0a000000u | r->gw),
		.fc_tos = r->tos,
		.fc_nlflags = NLM_F_CREATE | NLM_F_EXCL,
	};
}

static int insert(const struct route *r)
{
	struct fib_config cfg = config_of(r);

	return fib_table_insert(&fake.net, fib_new_table(&fake.net, r->table), &cfg, NULL);
}

static int delete (const struct route *r)
{
	struct fib_config cfg = config_of(r);

	cfg.fc_scope = RT_SCOPE_NOWHERE;
	return fib_table_delete(&fake.net, fib_get_table(&fake.net, r->table), &cfg, NULL);
}

static void compare_at(u32 table, u32 addr, u8 tos)
{
	struct fib_table *tb = fib_get_table(&fake.net, table);
	struct flowi4 fl = { .daddr = htonl(addr), .flowi4_tos = tos };
	struct fib_result res;
	unsigned plen = 99;
	int want = model_lookup(fake.net.ipv4.fib_merged ? 0 : table, addr, tos, &plen);
	int got = fib_table_lookup(tb, &fl, &res, FIB_LOOKUP_NOREF);

	if (got == 0)
		got = (int)(res.nhc->nhc_gw >> 24);
	assert_int_equal(got, want);
	if (want >= 0) {
		assert_int_equal(res.prefixlen, plen);
		assert_int_equal(ntohl(res.prefix), addr & fib_mask(plen));
		assert_non_null(fib_result_alias(&res));
		assert_true(res.table == tb);
	}
}

static void compare_around(const struct route *r)
{
	u32 last = r->key | ~fib_mask(r->plen);

	compare_at(r->table, r->key, 0);
	compare_at(r->table, last, 0);
	compare_at(r->table, r->key - 1, r->tos);
	compare_at(r->table, last + 1, r->tos);
	compare_at(r->table, r->key + (u32)prng_u64(&rng) % (last - r->key + 1ull), r->tos);
}

/* 64 at once: near the model's prefixes and anywhere. */
static bool bulk_agrees(const struct fib_lpm *lpm)
{
	const struct fib_leaf *leaf[64];
	bool ok = true;
	u32 addr[64];

	for (unsigned i = 0; i < 64; i++)
		addr[i] = (u32)prng_u64(&rng) & (i % 2 && n_model ? 0xff : ~0u);
	for (unsigned i = 1; i < 64 && n_model; i += 2)
		addr[i] += model[rnd(n_model)].key;
	fib_lpm_lookup_bulk(lpm, addr, leaf, 64);
	for (unsigned i = 0; i < 64; i++)
		ok &= leaf[i] == fib_lpm_lookup(lpm, addr[i]);
	return ok;
}

static bool lpms_agree(void)
{
	bool ok = true;

	for (u32 t = RT_TABLE_MAIN; t <= RT_TABLE_LOCAL; t++) {
		struct fib_table *tb = fib_get_table(&fake.net, t);

		if (tb)
			ok &= fib_lpm_check(tb->lpm) && bulk_agrees(tb->lpm);
	}
	return ok;
}

/* ---- random tables ---- */

/**
 * struct shape - what random routes look like
 * @bits: of the address that vary, from @low up
 */
struct shape {
	unsigned routes, changes, low, bits, min_plen, max_plen, gateways;
	bool local, tos;
};

static const struct shape shapes[] = {
	{ 10, 200, 0, 32, 0, 32, 5, true, true },
	{ 31, 300, 20, 6, 0, 32, 3, true, false },
	{ 40, 300, 0, 32, 0, 32, 5, true, false },
	{ 300, 1500, 0, 12, 8, 32, 4, true, false },
	{ 300, 1500, 8, 10, 12, 26, 2, true, true },
	{ 600, 2000, 4, 14, 0, 32, 200, false, false },
	{ 1200, 2000, 0, 32, 0, 32, 250, true, false },
	{ 1500, 1500, 0, 9, 24, 32, 3, true, false },
	{ 800, 1500, 16, 8, 9, 16, 3, true, false },
};

static struct route random_route(const struct shape *s)
{
	u32 vary = s->bits == 32 ? ~0u : ((1u << s->bits) - 1) << s->low;
	struct route r = {
		.table = s->local && rnd(3) == 0 ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
		.plen = (u8)(s->min_plen + rnd(s->max_plen - s->min_plen + 1)),
		.gw = (u8)(1 + rnd(s->gateways)),
		.tos = s->tos && rnd(4) == 0 ? 8 : 0,
	};

	r.key = ((0x0a5a0000u & ~vary) | ((u32)prng_u64(&rng) & vary)) & fib_mask(r.plen);
	return r;
}

static bool in_model(const struct route *r)
{
	for (unsigned i = 0; i < n_model; i++)
		if (model[i].table == r->table && model[i].key == r->key &&
		    model[i].plen == r->plen && model[i].tos == r->tos)
			return true;
	return false;
}

static struct route add_random(const struct shape *s)
{
	struct route r = random_route(s);
	bool known = in_model(&r);

	assert_int_equal(insert(&r), known ? -EEXIST : 0);
	if (!known) {
		assert_true(n_model < MAX_ROUTES);
		model[n_model++] = r;
	}
	return r;
}

static struct route remove_random(void)
{
	unsigned i = rnd(n_model);
	struct route r = model[i];

	assert_int_equal(delete (&r), 0);
	model[i] = model[--n_model];
	return r;
}

static void run_shape(const struct shape *s)
{
	assert_int_equal(fake_start(), 0);
	n_model = 0;
	for (unsigned i = 0; i < s->routes; i++)
		add_random(s);
	for (unsigned i = 0; i < n_model; i++)
		compare_around(&model[i]);
	for (unsigned i = 0; i < s->changes; i++) {
		struct route r = rnd(2) && n_model ? remove_random() : add_random(s);

		if (i % 4 == 0) /* else some changes go by without a lookup */
			compare_around(&r);
		if (i == s->changes / 2)
			assert_int_equal(fib_trie_unmerge(&fake.net), 0);
	}
	for (unsigned i = 0; i < n_model; i++)
		compare_around(&model[i]);
	fib_trie_check(&fake.net);
	assert_true(lpms_agree());
	while (n_model) {
		struct route r = remove_random();

		if (n_model % 16 == 0)
			compare_around(&r);
	}
	for (int i = 0; i < 100; i++)
		compare_at(RT_TABLE_MAIN, (u32)prng_u64(&rng), 0);
	assert_true(fake_end());
}

static void test_random(void **state)
{
	prng_seed(&rng, "fib_lpm", 7);
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++)
		run_shape(&shapes[i]);
}

/* ---- the BGP table ---- */

/* data/rib beside the source; NULL if it is not there or can not be unpacked. */
static FILE *open_rib(void)
{
	char command[600], *end;
	char here[512] = __FILE__;

	end = strstr(here, "net/ipv4/");
	if (!end)
		return NULL;
	*end = 0;
	snprintf(command, sizeof(command), "gzip -dc %sdata/rib/rib.txt.gz 2>/dev/null", here);
	return popen(command, "r");
}

/* Loaded, compared at the edges of every prefix, changed at random, compared, changed back, compared. */
static void test_bgp(void **state)
{
	const unsigned changes = 20000;
	struct route *rib = calloc(1u << 20, sizeof(*rib)), r = { .table = RT_TABLE_MAIN };
	unsigned n = 0, gw;
	char prefix[32];
	FILE *f = open_rib();

	assert_int_equal(fake_start(), 0);
	while (f && n < 1u << 20 && fscanf(f, "%31s %u", prefix, &gw) == 2) {
		assert_true(ip4_parse_prefix(prefix, &r.key, &r.plen));
		r.key = ntohl(r.key);
		r.gw = (u8)gw;
		rib[n++] = r;
		assert_int_equal(insert(&r), 0);
	}
	if (f)
		pclose(f);
	if (!n) {
		free(rib);
		assert_true(fake_end());
		skip();
	}
	assert_true(lpms_agree());
	assert_true(fib_lpm_bytes(fake.net.ipv4.fib_main->lpm) < 6ul * n);
	prng_seed(&rng, "bgp", 3);
	for (unsigned i = 0; i < changes; i++) { /* the first ones go, and come back as others */
		unsigned k = i + rnd(n - i);
		struct flowi4 fl = { .daddr = htonl(rib[k].key) };
		struct fib_result res;

		r = rib[k];
		rib[k] = rib[i];
		rib[i] = r;
		assert_int_equal(delete (&r), 0);
		fib_lookup_merged(&fake.net, &fl, &res, FIB_LOOKUP_NOREF);
		r.gw ^= 1;
		if (i % 2)
			assert_int_equal(insert(&r), 0);
	}
	assert_true(lpms_agree());
	for (unsigned i = changes; i-- > 0;) {
		r = rib[i];
		r.gw ^= 1;
		if (i % 2)
			assert_int_equal(delete (&r), 0);
		r.gw ^= 1;
		fib_lpm_ready(fake.net.ipv4.fib_main->lpm);
		assert_int_equal(insert(&r), 0);
	}
	assert_true(lpms_agree());
	fib_trie_check(&fake.net);
	free(rib);
	assert_true(fake_end());
}

/* Each allocation fails once: changes are refused or done, lookups stay right. */
static void test_no_memory(void **state)
{
	prng_seed(&rng, "memory", 6);
	for (long fail = 0; fail < 400; fail++) {
		assert_int_equal(fake_start(), 0);
		assert_non_null(fib_new_table(&fake.net, RT_TABLE_LOCAL));
		n_model = 0;
		fake.fail_after = fail;
		for (unsigned i = 0; i < 60; i++) {
			struct route r = random_route(&shapes[3]);

			if (!in_model(&r) && insert(&r) == 0)
				model[n_model++] = r;
			if (i > 35)
				compare_around(&r);
			if (fake.fail_after == 0)
				fake.fail_after = i % 2 ? -1 : 0;
		}
		for (unsigned i = 0; i < n_model; i++)
			compare_around(&model[i]);
		fake.fail_after = -1;
		assert_true(lpms_agree());
		assert_true(fake_end());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_bgp),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
