// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_trie_test.c - routing tables: what a change does and answers, and which route a lookup takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/inet.h"
#include "fib_changes_kernel.h"
#include "fib_fake.h"
#include "fib_table.h"

static struct fib_config request(const char *prefix, const char *gw)
{
	struct fib_config cfg = { .fc_type = RTN_UNICAST, .fc_table = RT_TABLE_MAIN };

	if (!ip4_parse_prefix(prefix, &cfg.fc_dst, &cfg.fc_dst_len))
		abort();
	if (gw && !ip4_parse(gw, &cfg.fc_gw4))
		abort();
	return cfg;
}

static int add_to(u32 table, const char *prefix, const char *gw)
{
	struct fib_config cfg = request(prefix, gw);

	cfg.fc_nlflags = NLM_F_CREATE | NLM_F_EXCL;
	return fib_table_insert(&fake.net, fib_new_table(&fake.net, table), &cfg, NULL);
}

static int del_from(u32 table, const char *prefix)
{
	struct fib_config cfg = request(prefix, NULL);

	cfg.fc_scope = RT_SCOPE_NOWHERE;
	cfg.fc_type = 0;
	return fib_table_delete(&fake.net, fib_get_table(&fake.net, table), &cfg, NULL);
}

/* Last octet of the gateway that @addr goes to, or -errno. */
static int gw_of(const char *addr)
{
	struct flowi4 fl = { 0 };
	struct fib_result res;
	int err;

	if (!ip4_parse(addr, &fl.daddr))
		abort();
	err = fib_lookup_merged(&fake.net, &fl, &res, FIB_LOOKUP_NOREF);
	return err ? err : (int)(res.nhc->nhc_gw >> 24);
}

static void test_longest(void **state)
{
	assert_int_equal(fake_start(), 0);
	assert_int_equal(gw_of("10.0.0.1"), -ENETUNREACH);
	assert_int_equal(add_to(RT_TABLE_MAIN, "0.0.0.0/0", "1.1.1.1"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "10.0.0.0/8", "1.1.1.2"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "10.0.0.0/24", "1.1.1.3"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "10.0.0.7/32", "1.1.1.4"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "10.0.0.7/32", "1.1.1.4"), -EEXIST);
	assert_int_equal(gw_of("11.0.0.1"), 1);
	assert_int_equal(gw_of("10.0.1.1"), 2);
	assert_int_equal(gw_of("10.0.0.1"), 3);
	assert_int_equal(gw_of("10.0.0.7"), 4);
	assert_int_equal(del_from(RT_TABLE_MAIN, "10.0.0.0/24"), 0);
	assert_int_equal(del_from(RT_TABLE_MAIN, "10.0.0.0/24"), -ESRCH);
	assert_int_equal(gw_of("10.0.0.1"), 2);
	assert_int_equal(gw_of("10.0.0.7"), 4);
	fib_trie_check(&fake.net);
	assert_true(fake_end());
}

/* Observed on the kernel: 192.0.2.0/24 in local, 192.0.2.128/25 in main. */
static void test_merged(void **state)
{
	assert_int_equal(fake_start(), 0);
	assert_int_equal(add_to(RT_TABLE_LOCAL, "192.0.2.0/24", "1.1.1.1"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "192.0.2.128/25", "1.1.1.2"), 0);
	assert_int_equal(add_to(RT_TABLE_MAIN, "192.0.2.0/24", "1.1.1.3"), 0);
	assert_int_equal(gw_of("192.0.2.1"), 1);
	assert_int_equal(gw_of("192.0.2.129"), 2);
	assert_int_equal(del_from(RT_TABLE_LOCAL, "192.0.2.0/24"), 0);
	assert_int_equal(gw_of("192.0.2.1"), 3);
	assert_int_equal(add_to(RT_TABLE_LOCAL, "192.0.2.0/24", "1.1.1.1"), 0);
	assert_int_equal(fib_trie_unmerge(&fake.net), 0);
	assert_int_equal(gw_of("192.0.2.1"), 3);
	fib_trie_check(&fake.net);
	assert_true(fake_end());
}

/* ---- changes recorded from the kernel ---- */

static const u32 op_flags[] = {
	[ADD] = NLM_F_CREATE | NLM_F_EXCL,
	[APPEND] = NLM_F_CREATE | NLM_F_APPEND,
	[REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
	[CHANGE] = NLM_F_REPLACE,
	[PREPEND] = NLM_F_CREATE,
};

/* As iproute2 fills in what the command line leaves open. */
static struct fib_config config_of(const struct change *c)
{
	struct fib_config cfg = {
		.fc_type = c->type,
		.fc_dst = htonl(c->plen == 25 ? 0x32000080u : 0x32000000u),
		.fc_dst_len = c->plen,
		.fc_tos = c->tos,
		.fc_priority = c->metric,
		.fc_gw4 = c->gw ? htonl(0x0a000000u | c->gw) : 0,
		.fc_protocol = c->proto,
		.fc_nlflags = op_flags[c->op % ARRAY_SIZE(op_flags)],
	};

	if (c->op == DEL)
		cfg.fc_scope = c->type <= RTN_UNICAST ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
	else if (!cfg.fc_protocol)
		cfg.fc_protocol = RTPROT_BOOT;
	return cfg;
}

static int compare_listed(void *arg, __be32 prefix, int plen, struct fib_alias *fa)
{
	unsigned *i = arg;
	const struct listed *l = &listed[*i];

	assert_true(*i < ARRAY_SIZE(listed));
	assert_int_equal(plen, l->plen);
	assert_int_equal(fa->fa_tos, l->tos);
	assert_int_equal(fa->fa_type, l->type);
	assert_int_equal(fa->fa_info->fib_priority, l->metric);
	assert_int_equal(fa->fa_info->fib_protocol, l->proto);
	assert_int_equal(fa->fa_info->fib_nh[0].fib_nh_gw4 >> 24, l->gw);
	++*i;
	return 0;
}

static void test_changes_as_kernel(void **state)
{
	struct fib_table *tb;
	unsigned n = 0;

	assert_int_equal(fake_start(), 0);
	tb = fib_new_table(&fake.net, RT_TABLE_MAIN);
	for (unsigned i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct change *c = &changes[i];
		struct fib_config cfg = config_of(c);
		int err;

		fake.last_event = 0;
		fake.last_flags = 0;
		if (c->op == DEL)
			err = fib_table_delete(&fake.net, tb, &cfg, NULL);
		else
			err = fib_table_insert(&fake.net, tb, &cfg, NULL);
		if (err != -(int)c->err)
			print_error("change %u\n", i);
		assert_int_equal(err, -(int)c->err);
		assert_int_equal(fake.last_event, c->flags < 0 ? 0 :
						  c->op == DEL ? RTM_DELROUTE :
								 RTM_NEWROUTE);
		if (c->flags >= 0)
			assert_int_equal(fake.last_flags, c->flags);
		fib_trie_check(&fake.net);
	}
	assert_int_equal(fib_table_walk(tb, compare_listed, &n), 0);
	assert_int_equal(n, ARRAY_SIZE(listed));
	assert_true(fake_end());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_changes_as_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
