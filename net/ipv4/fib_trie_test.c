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

/* ---- what a lookup passes over ---- */

static int lookup(struct flowi4 fl, const char *addr, int flags, struct fib_result *res)
{
	if (!ip4_parse(addr, &fl.daddr))
		abort();
	return fib_lookup_merged(&fake.net, &fl, res, FIB_LOOKUP_NOREF | (unsigned)flags);
}

static struct fib_info *put(struct fib_config cfg)
{
	struct fib_table *tb = fib_new_table(&fake.net, cfg.fc_table);
	struct fib_info *fi;
	int err;

	cfg.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND;
	assert_int_equal(fib_table_insert(&fake.net, tb, &cfg, NULL), 0);
	fi = fib_create_info(&fake.net, &cfg, NULL, &err); /* finds it */
	fib_release_info(fi);
	return fi;
}

/* Enough other routes to have the full form, or none for the small one. */
static void start_with(bool many)
{
	char prefix[32];

	assert_int_equal(fake_start(), 0);
	for (unsigned i = 0; many && i < 50; i++) {
		snprintf(prefix, sizeof(prefix), "100.%u.0.0/16", i);
		assert_int_equal(add_to(RT_TABLE_MAIN, prefix, "1.1.1.9"), 0);
	}
}

/* The kernel looks at tos & 0x1c only: a route with tos 0xfc is never taken, one with 0x1c is for 0xfc. */
static void test_tos(void **state)
{
	static const struct {
		u8 tos, gw;
	} rows[] = {
		{ 0xfc, 23 }, { 0x1c, 23 }, { 0xf0, 24 }, { 0x10, 24 }, { 0xe0, 25 }, { 0, 25 }
	};
	static const u8 tos[] = { 0xfc, 0x1c, 0x10, 0 };

	for (int many = 0; many < 2; many++) {
		start_with(many);
		for (unsigned i = 0; i < ARRAY_SIZE(tos); i++) {
			struct fib_config cfg = request("50.0.0.0/24", "10.0.0.22");

			cfg.fc_tos = tos[i];
			cfg.fc_gw4 = htonl(0x0a000016u + i);
			put(cfg);
		}
		for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
			struct fib_result res;

			assert_int_equal(lookup((struct flowi4){ .flowi4_tos = rows[i].tos },
						"50.0.0.9", 0, &res),
					 0);
			assert_int_equal(res.nhc->nhc_gw >> 24, rows[i].gw);
		}
		assert_true(fake_end());
	}
}

static void test_error_types(void **state)
{
	static const struct {
		const char *prefix;
		u8 type;
		int err;
	} rows[] = { { "70.0.0.0/8", RTN_BLACKHOLE, -EINVAL },
		     { "71.0.0.0/8", RTN_UNREACHABLE, -EHOSTUNREACH },
		     { "73.0.0.0/8", RTN_PROHIBIT, -EACCES },
		     { "72.0.0.0/8", RTN_THROW, -ENETUNREACH } };

	for (int many = 0; many < 2; many++) {
		start_with(many);
		for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
			struct fib_config cfg = request(rows[i].prefix, NULL);

			cfg.fc_type = rows[i].type;
			put(cfg);
			assert_int_equal(gw_of(rows[i].prefix[1] == '0' ? "70.1.1.1" :
					       rows[i].prefix[1] == '1' ? "71.1.1.1" :
					       rows[i].prefix[1] == '2' ? "72.1.1.1" :
									  "73.1.1.1"),
					 rows[i].err);
		}
		/* Table default is asked after nothing or throw, not after a refusal. */
		assert_int_equal(add_to(RT_TABLE_DEFAULT, "0.0.0.0/0", "1.1.1.8"), 0);
		assert_int_equal(gw_of("70.1.1.1"), -EINVAL);
		assert_int_equal(gw_of("72.1.1.1"), 8);
		assert_int_equal(gw_of("74.1.1.1"), 8);
		assert_true(fake_end());
	}
}

/* A next hop that is dead, has lost its link or leads elsewhere: the next alias, then a shorter prefix. */
static void test_next_hops(void **state)
{
	for (int many = 0; many < 2; many++) {
		struct in_device in_dev = { .dev = &fake.dev[1] };
		struct ipv4_devconf all = { 0 };
		struct fib_config a = request("80.0.0.0/24", "1.1.1.2"), b = a;
		struct fib_result res;
		struct fib_info *fi;

		start_with(many);
		fake.net.ipv4.devconf_all = &all;
		fake.dev[1].net = &fake.net;
		fake.dev[1].ip_ptr = &in_dev;
		a.fc_oif = 1;
		b.fc_oif = 2;
		b.fc_priority = 5;
		b.fc_gw4 += 1u << 24;
		fi = put(a);
		put(b);
		assert_int_equal(add_to(RT_TABLE_MAIN, "80.0.0.0/16", "1.1.1.4"), 0);
		assert_int_equal(gw_of("80.0.0.9"), 2);
		assert_int_equal(lookup((struct flowi4){ .flowi4_oif = 2 }, "80.0.0.9", 0, &res),
				 0);
		assert_int_equal(res.nhc->nhc_gw >> 24, 3);
		assert_int_equal(lookup((struct flowi4){ .flowi4_oif = 1 }, "80.0.0.9", 0, &res),
				 0);
		assert_int_equal(res.nhc->nhc_gw >> 24, 2);
		assert_int_equal(lookup((struct flowi4){ .flowi4_oif = 3 }, "80.0.0.9", 0, &res),
				 -ENETUNREACH);
		assert_int_equal(lookup((struct flowi4){ .flowi4_scope = 1 }, "80.0.0.9", 0, &res),
				 -ENETUNREACH);
		fi->fib_nh[0].fib_nh_flags = RTNH_F_LINKDOWN;
		assert_int_equal(gw_of("80.0.0.9"), 2); /* ignore_routes_with_linkdown is 0 */
		in_dev.cnf.data[IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN - 1] = 1;
		assert_int_equal(gw_of("80.0.0.9"), 3);
		assert_int_equal(lookup((struct flowi4){ 0 }, "80.0.0.9",
					FIB_LOOKUP_IGNORE_LINKSTATE, &res),
				 0);
		assert_int_equal(res.nhc->nhc_gw >> 24, 2);
		fi->fib_nh[0].fib_nh_flags = RTNH_F_DEAD;
		fi->fib_flags = RTNH_F_DEAD;
		assert_int_equal(gw_of("80.0.0.9"), 3);
		assert_int_equal(fib_table_flush(&fake.net, fake.net.ipv4.fib_main, false), 1);
		assert_int_equal(gw_of("80.0.0.9"), 3);
		fib_trie_check(&fake.net);
		assert_true(fake_end());
	}
}

/* Seen on the kernel: an unusable nexthop object hides all shorter prefixes with the same address bits. */
static void test_nexthop_objects(void **state)
{
	for (int many = 0; many < 2; many++) {
		struct fib_config nh = request("60.0.0.0/24", NULL),
				  hole = request("61.0.0.0/24", NULL);
		struct flowi4 v0 = { .flowi4_oif = 3 };
		struct fib_config way = request("60.0.0.0/24", "1.1.1.2");
		struct fib_result res;

		start_with(many);
		nh.fc_nh_id = 7; /* its device is 7 */
		hole.fc_nh_id = 1;
		put(nh);
		put(hole);
		way.fc_oif = 3;
		way.fc_priority = 5;
		put(way);
		way.fc_dst_len = 16;
		put(way);
		way.fc_dst_len = 7;
		put(way);
		assert_int_equal(lookup((struct flowi4){ 0 }, "60.0.0.9", 0, &res), 0);
		assert_int_equal(res.nhc->nhc_oif, 7);
		assert_int_equal(lookup(v0, "60.0.0.9", 0, &res), -ENETUNREACH);
		way.fc_dst = htonl(0x30000000u);
		way.fc_dst_len = 4;
		put(way);
		assert_int_equal(lookup(v0, "60.0.0.9", 0, &res), 0);
		assert_int_equal(res.prefixlen, 4);
		assert_int_equal(gw_of("61.0.0.1"), -EINVAL);
		assert_true(fake_end());
	}
}

static void test_bad_prefix(void **state)
{
	struct fib_config cfg = request("10.0.0.0/8", "1.1.1.1");
	struct netlink_ext_ack ack = { 0 };
	struct fib_table *tb;

	assert_int_equal(fake_start(), 0);
	tb = fib_new_table(&fake.net, RT_TABLE_MAIN);
	cfg.fc_nlflags = NLM_F_CREATE;
	cfg.fc_dst |= htonl(1);
	assert_int_equal(fib_table_insert(&fake.net, tb, &cfg, &ack), -EINVAL);
	assert_string_equal(ack.msg, "Invalid prefix for given prefix length");
	cfg.fc_dst_len = 33;
	assert_int_equal(fib_table_delete(&fake.net, tb, &cfg, &ack), -EINVAL);
	assert_string_equal(ack.msg, "Invalid prefix length");
	assert_true(fake_end());
}

/* ---- several default routes ---- */

/*
 * Three default routes by 10.0.0.2 to .4; state of these neighbours (n none, r reachable, s stale, f failed) and which
 * gateways five lookups in a row take. Recorded from the kernel with `ip route get`.
 */
static const char *const defaults[][2] = {
	{ "nnn", "22222" }, { "nns", "22222" }, { "nnr", "22222" }, { "nrn", "22222" },
	{ "nrs", "22222" }, { "nrr", "22222" }, { "nsn", "22222" }, { "nss", "22222" },
	{ "nsr", "22222" }, { "nfn", "22222" }, { "nfs", "22222" }, { "nfr", "22222" },
	{ "rnn", "22222" }, { "rns", "22222" }, { "rnr", "22222" }, { "rrn", "22222" },
	{ "rrs", "22222" }, { "rrr", "22222" }, { "rsn", "22222" }, { "rss", "22222" },
	{ "rsr", "22222" }, { "rfn", "22222" }, { "rfs", "22222" }, { "rfr", "22222" },
	{ "snn", "23232" }, { "sns", "23232" }, { "snr", "23232" }, { "srn", "23232" },
	{ "srs", "23232" }, { "srr", "23232" }, { "ssn", "23232" }, { "sss", "23232" },
	{ "ssr", "23232" }, { "sfn", "24242" }, { "sfs", "24242" }, { "sfr", "24242" },
	{ "fnn", "33333" }, { "fns", "33333" }, { "fnr", "33333" }, { "frn", "33333" },
	{ "frs", "33333" }, { "frr", "33333" }, { "fsn", "34343" }, { "fss", "34343" },
	{ "fsr", "34343" }, { "ffn", "44444" }, { "ffs", "44444" }, { "ffr", "44444" },
};

static void test_select_default(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(defaults); i++) {
		char got[6] = "";

		assert_int_equal(fake_start(), 0);
		for (u8 k = 2; k <= 4; k++) {
			struct fib_config cfg = request("0.0.0.0/0", "10.0.0.0");
			char nud = defaults[i][0][k - 2];

			cfg.fc_gw4 |= htonl(k);
			put(cfg);
			fake.nud[k] = nud == 'r' ? NUD_REACHABLE :
				      nud == 's' ? NUD_STALE :
				      nud == 'f' ? NUD_FAILED :
						   0;
		}
		assert_int_equal(fib_table_num_default(fake.net.ipv4.fib_main), 3);
		for (int k = 0; k < 5; k++) {
			struct flowi4 fl = { 0 };
			struct fib_result res;

			assert_int_equal(lookup(fl, "8.8.8.8", 0, &res), 0);
			fib_select_default(&fl, &res);
			got[k] = (char)('0' + (res.nhc->nhc_gw >> 24));
		}
		assert_string_equal(got, defaults[i][1]);
		assert_true(fake_end());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_changes_as_kernel),
		cmocka_unit_test(test_bad_prefix),
		cmocka_unit_test(test_tos),
		cmocka_unit_test(test_error_types),
		cmocka_unit_test(test_next_hops),
		cmocka_unit_test(test_nexthop_objects),
		cmocka_unit_test(test_select_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
