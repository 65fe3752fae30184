// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/rules_lookup_test.c - which rule answers which flow: a table of rules and flows.
 *
 * Refusing rules are their own answer, so no routes are needed. What the kernel says to requests about rules is in tests/rtnl.
 */
#include "net/fib_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "drivers/devices.h"
#include "lab/ipwords.h"
#include "net/ip_fib.h"
#include "net/rtnetlink.h"

#define ANSWER_NONE UINT32_MAX

struct ask {
	u32 iif, oif, mark, uid, tun_id;
	u8 tos, proto;
	u16 sport, dport;
	u32 saddr, daddr; /* host order */
};

/* Rules (ends: NULL), then a flow, and the preference of the rule that must answer. */
static const struct {
	const char *rules[6];
	struct ask ask;
	u32 pref;
	int err;
} rows[] = {
	/* addresses */
	{ { "from 10.0.0.0/8 pref 5 prohibit" }, { .saddr = 0x0a010203 }, 5, -EACCES },
	{ { "from 10.0.0.0/8 pref 5 prohibit" },
	  { .saddr = 0x0b010203 },
	  ANSWER_NONE,
	  -ENETUNREACH },
	{ { "to 10.0.0.1 pref 5 unreachable" }, { .daddr = 0x0a000001 }, 5, -ENETUNREACH },
	{ { "to 10.0.0.1 pref 5 blackhole" }, { .daddr = 0x0a000002 }, ANSWER_NONE, -ENETUNREACH },
	{ { "not to 10.0.0.1 pref 5 blackhole" }, { .daddr = 0x0a000002 }, 5, -EINVAL },
	{ { "not to 10.0.0.1 pref 5 blackhole" },
	  { .daddr = 0x0a000001 },
	  ANSWER_NONE,
	  -ENETUNREACH },
	/* order */
	{ { "pref 7 prohibit", "pref 6 blackhole", "pref 8 unreachable" }, { 0 }, 6, -EINVAL },
	{ { "pref 7 nop", "pref 8 prohibit" }, { 0 }, 8, -EACCES },
	/* devices: e0 has index 2, e1 has 3 */
	{ { "iif e0 pref 5 prohibit" }, { .iif = 2 }, 5, -EACCES },
	{ { "iif e0 pref 5 prohibit" }, { .iif = 3 }, ANSWER_NONE, -ENETUNREACH },
	{ { "oif e1 pref 5 prohibit" }, { .iif = 1, .oif = 3 }, 5, -EACCES },
	{ { "iif missing pref 5 prohibit" }, { .iif = UINT32_MAX - 1 }, ANSWER_NONE, -ENETUNREACH },
	{ { "not iif missing pref 5 prohibit" }, { .iif = 2 }, 5, -EACCES },
	/* mark */
	{ { "fwmark 5 pref 5 prohibit" }, { .mark = 5 }, 5, -EACCES },
	{ { "fwmark 5 pref 5 prohibit" }, { .mark = 0x15 }, ANSWER_NONE, -ENETUNREACH },
	{ { "fwmark 5/0xf pref 5 prohibit" }, { .mark = 0x15 }, 5, -EACCES },
	{ { "fwmark 0/1 pref 5 prohibit" }, { .mark = 2 }, 5, -EACCES },
	{ { "fwmark 0/1 pref 5 prohibit" }, { .mark = 3 }, ANSWER_NONE, -ENETUNREACH },
	/* tos: only the bits of RFC 1349 are compared */
	{ { "tos 0x10 pref 5 prohibit" }, { .tos = 0x10 }, 5, -EACCES },
	{ { "tos 0x10 pref 5 prohibit" }, { .tos = 0xf0 }, 5, -EACCES },
	{ { "tos 0x10 pref 5 prohibit" }, { .tos = 0x18 }, ANSWER_NONE, -ENETUNREACH },
	{ { "dscp 46 pref 5 prohibit" }, { .tos = 0xb8 }, 5, -EACCES },
	{ { "dscp 46 pref 5 prohibit" }, { .tos = 0x38 }, ANSWER_NONE, -ENETUNREACH },
	{ { "dscp 40/0x38 pref 5 prohibit" }, { .tos = 0xb8 }, 5, -EACCES },
	{ { "dscp 0 pref 5 prohibit" }, { .tos = 0x10 }, ANSWER_NONE, -ENETUNREACH },
	/* user, tunnel, l3mdev */
	{ { "uidrange 10-20 pref 5 prohibit" }, { .uid = 20 }, 5, -EACCES },
	{ { "uidrange 10-20 pref 5 prohibit" }, { .uid = 21 }, ANSWER_NONE, -ENETUNREACH },
	{ { "uidrange 10-20 pref 5 prohibit" }, { .uid = 9 }, ANSWER_NONE, -ENETUNREACH },
	{ { "tun_id 42 pref 5 prohibit" }, { .tun_id = 42 }, 5, -EACCES },
	{ { "tun_id 42 pref 5 prohibit" }, { 0 }, ANSWER_NONE, -ENETUNREACH },
	{ { "l3mdev pref 5", "pref 6 prohibit" }, { 0 }, 6, -EACCES },
	{ { "realms 3/4 proto static pref 5 prohibit" }, { 0 }, 5, -EACCES },
	/* ports */
	{ { "sport 0x10/0xf0 pref 5 prohibit" }, { .sport = 0x1f }, 5, -EACCES },
	{ { "sport 0x10/0xf0 pref 5 prohibit" }, { .sport = 0x2f }, ANSWER_NONE, -ENETUNREACH },
	{ { "ipproto udp pref 5 prohibit" }, { .proto = 17 }, 5, -EACCES },
	{ { "ipproto udp pref 5 prohibit" }, { .proto = 6 }, ANSWER_NONE, -ENETUNREACH },
	{ { "dport 53 pref 5 prohibit" }, { .dport = 53 }, 5, -EACCES },
	{ { "dport 53 pref 5 prohibit" }, { .sport = 53 }, ANSWER_NONE, -ENETUNREACH },
	{ { "sport 10-20 pref 5 prohibit" }, { .sport = 20 }, 5, -EACCES },
	{ { "sport 10-20 pref 5 prohibit" }, { .sport = 21 }, ANSWER_NONE, -ENETUNREACH },
	{ { "sport 10-20 pref 5 prohibit" }, { .sport = 9 }, ANSWER_NONE, -ENETUNREACH },
	/* goto */
	{ { "pref 5 goto 8", "pref 6 blackhole", "pref 8 prohibit" }, { 0 }, 8, -EACCES },
	{ { "pref 5 goto 9", "pref 6 blackhole", "pref 8 prohibit" }, { 0 }, 6, -EINVAL },
	{ { "from 1.0.0.0/8 pref 5 goto 8", "pref 6 blackhole", "pref 8 prohibit" },
	  { 0 },
	  6,
	  -EINVAL },
	{ { "pref 5 goto 7", "pref 6 blackhole", "pref 7 goto 9", "pref 8 blackhole",
	    "pref 9 prohibit" },
	  { 0 },
	  9,
	  -EACCES },
	{ { "pref 5 goto 7", "from 1.0.0.0/8 pref 7 prohibit", "pref 7 blackhole" },
	  { 0 },
	  7,
	  -EINVAL },
	/* a table without an answer: go on */
	{ { "pref 5 lookup 100", "pref 6 prohibit" }, { 0 }, 6, -EACCES },
};

static int find_ifindex(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

static void add_rule(struct net *net, const char *words)
{
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	const struct ipwords_env env = { find_ifindex, net };
	char line[128], why[128];

	snprintf(line, sizeof(line), "rule add %s", words);
	if (ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why)) < 0)
		fail_msg("%s: %s", line, why);
	if (rtnetlink_rcv_msg(net, (struct nlmsghdr *)msg, sizeof(msg), NULL, NULL))
		fail_msg("%s is refused", line);
}

static struct flowi4 flow_of(const struct ask *a)
{
	return (struct flowi4){
		.flowi4_iif = a->iif ? a->iif : LOOPBACK_IFINDEX,
		.flowi4_oif = a->oif,
		.flowi4_mark = a->mark,
		.flowi4_uid = a->uid,
		.flowi4_tun_id = a->tun_id,
		.flowi4_tos = a->tos,
		.flowi4_proto = a->proto,
		.saddr = htonl(a->saddr),
		.daddr = htonl(a->daddr),
		.fl4_sport = htons(a->sport),
		.fl4_dport = htons(a->dport),
	};
}

static void check_row(struct skiff *skiff, unsigned i)
{
	struct net *net = net_create(skiff, "r");
	struct fib_result res = { 0 };
	struct flowi4 fl = flow_of(&rows[i].ask);
	u32 pref;
	int err;

	assert_non_null(net);
	assert_non_null(dummy_create(net, "e0", NULL, &err));
	assert_non_null(dummy_create(net, "e1", NULL, &err));
	for (unsigned n = 0; n < ARRAY_SIZE(rows[i].rules) && rows[i].rules[n]; n++)
		add_rule(net, rows[i].rules[n]);
	assert_true(fib4_rules_custom(net));
	err = __fib_lookup(net, &fl, &res, FIB_LOOKUP_NOREF);
	pref = res.rule ? res.rule->pref : ANSWER_NONE;
	if (err != rows[i].err || pref != rows[i].pref)
		fail_msg("row %u (%s ...): rule %u, %d instead of rule %u, %d", i, rows[i].rules[0],
			 pref, err, rows[i].pref, rows[i].err);
	net_destroy(net);
}

static void test_rows(void **state)
{
	const struct skiff_env env = { .now_ns = 1 };
	struct skiff *skiff = calloc(1, sizeof(*skiff));

	assert_non_null(skiff);
	skiff_engine_init(skiff, &env);
	assert_int_equal(skb_pool_init(skiff), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(skiff, i);
	skb_pool_exit(skiff);
	free(skiff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
