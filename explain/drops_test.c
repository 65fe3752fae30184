// SPDX-License-Identifier: BSD-2-Clause
/* explain/drops_test.c - the standing record of drops: reason, setting, flow; the latest of each namespace. */
#include "tests/stack.h"

#include "skiff/explain.h"

static struct skiff_net *net_of(struct stack *s)
{
	return (struct skiff_net *)s->net;
}

/* A datagram from @saddr to @daddr, port 7, whatever becomes of it. */
static void rx(struct stack *s, u32 saddr, u32 daddr, u8 ttl)
{
	const u8 udp[12] = { 0x13, 0x88, 0, 7, 0, 12 };
	u8 p[64];
	size_t len = stack_build(p, htonl(saddr), htonl(daddr), IPPROTO_UDP, udp, sizeof(udp));

	p[8] = ttl;
	stack_sum(p, 20, 10);
	stack_rx(s, NULL, p, len);
}

static void test_reason_setting_flow(void **state)
{
	const struct skiff_drop *d;
	struct skiff_drops *drops;
	struct stack s;
	uint64_t total;

	stack_start(&s, 1);
	stack_sysctl(&s, "net.ipv4.conf.all.rp_filter", "1");
	drops = skiff_drops_start(s.skiff, 4);
	assert_non_null(drops);
	assert_null(skiff_drops_start(s.skiff, 4));
	assert_null(skiff_drops_get(drops, net_of(&s), 0, &total));
	assert_int_equal(total, 0);
	rx(&s, 0x0a090909, 0x0a000001, 64); /* no way back */
	rx(&s, 0x0a000002, 0x0a000001, 64); /* nobody listens */
	d = skiff_drops_get(drops, net_of(&s), 1, &total);
	assert_int_equal(total, 2);
	assert_non_null(d);
	assert_string_equal(d->reason, "IP_RPFILTER");
	assert_string_equal(d->setting, "net.ipv4.conf.all.rp_filter=1");
	assert_string_equal(d->dev, "e0");
	assert_int_equal(d->proto, IPPROTO_UDP);
	assert_int_equal(d->saddr, htonl(0x0a090909));
	assert_int_equal(d->daddr, STACK_OUR);
	assert_int_equal(d->sport, 5000);
	assert_int_equal(d->dport, 7);
	assert_int_equal(d->len, 32);
	/* The setting was about the packet before. */
	d = skiff_drops_get(drops, net_of(&s), 0, NULL);
	assert_string_equal(d->reason, "NO_SOCKET");
	assert_string_equal(d->setting, "");
	assert_int_equal(d->saddr, STACK_PEER);
	assert_int_equal(d->dport, 7);
	skiff_drops_stop(drops);
	rx(&s, 0x0a000002, 0x0a000001, 64);
	stack_end(&s);
}

/* A route that refuses is named; that there is none at all is what the reason says. */
static void test_refusing_route(void **state)
{
	struct skiff_drops *drops;
	struct stack s;

	stack_start(&s, 6);
	stack_sysctl(&s, "net.ipv4.ip_forward", "1");
	stack_ip(&s, "route add prohibit 10.66.0.0/16");
	drops = skiff_drops_start(s.skiff, 8);
	rx(&s, 0x0a000002, 0x0a420001, 64);
	rx(&s, 0x0a000002, 0x0b000001, 64);
	assert_string_equal(skiff_drops_get(drops, net_of(&s), 1, NULL)->setting,
			    "10.66.0.1 -> prohibit 10.66.0.0/16 table main rule 32766");
	assert_string_equal(skiff_drops_get(drops, net_of(&s), 0, NULL)->reason, "IP_INNOROUTES");
	assert_string_equal(skiff_drops_get(drops, net_of(&s), 0, NULL)->setting, "");
	skiff_drops_stop(drops);
	stack_end(&s);
}

/* Whether there is an answer is not what became of the packet. */
static void test_rate_limits_do_not_count(void **state)
{
	struct skiff_drops *drops;
	struct stack s;
	bool named = false;
	const struct skiff_drop *d;

	stack_start(&s, 2);
	stack_sysctl(&s, "net.ipv4.ip_forward", "1");
	stack_sysctl(&s, "net.ipv4.icmp_ratelimit", "100000");
	stack_sysctl(&s, "net.ipv4.icmp_ratemask", "65535");
	drops = skiff_drops_start(s.skiff, 64);
	for (int i = 0; i < 20; i++)
		rx(&s, 0x0a000002, 0x0a000063, 1);
	for (unsigned i = 0; (d = skiff_drops_get(drops, net_of(&s), i, NULL)); i++)
		named |= strstr(d->setting, "icmp_rate") != NULL;
	assert_false(named);
	assert_non_null(skiff_drops_get(drops, net_of(&s), 19, NULL));
	skiff_drops_stop(drops);
	stack_end(&s);
}

/* The latest first, and no more than was asked for; another namespace has its own. */
static void test_ring(void **state)
{
	struct skiff_drops *drops;
	struct skiff_net *other;
	struct stack s;
	uint64_t total;

	stack_start(&s, 3);
	other = skiff_net_create(s.skiff, "other");
	drops = skiff_drops_start(s.skiff, 4);
	for (u32 i = 0; i < 10; i++)
		rx(&s, 0x0a000002 + (i << 8), 0x0a000001, 64);
	for (u32 i = 0; i < 4; i++)
		assert_int_equal(skiff_drops_get(drops, net_of(&s), i, &total)->saddr,
				 htonl(0x0a000002 + ((9 - i) << 8)));
	assert_int_equal(total, 10);
	assert_null(skiff_drops_get(drops, net_of(&s), 4, NULL));
	assert_null(skiff_drops_get(drops, other, 0, &total));
	assert_int_equal(total, 0);
	skiff_drops_stop(drops);
	stack_end(&s);
}

static void test_no_memory(void **state)
{
	struct skiff_drops *drops;
	struct stack s;

	stack_start(&s, 4);
	stack_fail_after = 0;
	assert_null(skiff_drops_start(s.skiff, 4));
	stack_fail_after = -1;
	drops = skiff_drops_start(s.skiff, 4);
	stack_fail_after = 0;
	rx(&s, 0x0a000002, 0x0a000001, 64);
	stack_fail_after = -1;
	assert_null(skiff_drops_get(drops, net_of(&s), 0, NULL));
	rx(&s, 0x0a000002, 0x0a000001, 64);
	assert_non_null(skiff_drops_get(drops, net_of(&s), 0, NULL));
	skiff_drops_stop(drops);
	stack_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reason_setting_flow),
		cmocka_unit_test(test_refusing_route),
		cmocka_unit_test(test_rate_limits_do_not_count),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
