// SPDX-License-Identifier: BSD-2-Clause
/* tests/net/shards_test.c - several stacks in one process, each a function of its seed, its input and the times it is told. */
#include "tests/router.h"

#include "net/inetdevice.h"

#define STEPS 400

/**
 * struct run - a router and what comes in
 * @traffic: stream of random packets; @tick: turned every ms, not only when skiff_next() says so
 * @start: ns on the caller's clock at which the story begins
 */
struct run {
	struct router r;
	struct prng traffic;
	bool tick;
	u64 start;
};

static struct run a, b, c;

static void begin(struct run *x, u8 seed, u8 traffic)
{
	memset(x, 0, sizeof(*x));
	router_start(&x->r, 2, seed);
	prng_seed(&x->traffic, &traffic, 1);
	/* An unknown neighbour: requests are sent by timers. IGMP reports are, too. */
	x->r.keep_arp = true;
	router_ip(&x->r, "route add 10.9.0.0/16 via 10.0.1.77");
	x->start = x->r.now;
}

static void end(struct run *x)
{
	skiff_destroy(x->r.skiff);
	router_clear(&x->r);
}

/* One packet, maybe for us (answered with an id of our choice), forwarded, or to resolve; then some time. */
static void step(struct run *x)
{
	static const u32 to[] = { 0x0a000001, 0x0a000102, 0x0a090001, 0x0a4d0001 };
	u32 ms = prng_u32_below(&x->traffic, 300);
	u8 f[1500];

	router_rx(&x->r, 0, f,
		  router_udp(f, 0, IP4(10, 0, 0, 2), htonl(to[prng_u32_below(&x->traffic, 4)]),
			     prng_u32_below(&x->traffic, 1400)));
	if (!x->tick) {
		router_run(&x->r, ms);
		return;
	}
	router_run(&x->r, 0);
	while (ms--) {
		x->r.now += 1000000;
		while (skiff_turn(x->r.skiff, x->r.now))
			;
	}
}

static bool same_frames(const struct run *x, const struct run *y)
{
	if (x->r.n != y->r.n)
		return false;
	for (u32 i = 0; i < x->r.n; i++) {
		const struct router_frame *f = &x->r.out[i], *g = &y->r.out[i];

		if (f->dev != g->dev || f->len != g->len || memcmp(f->bytes, g->bytes, f->len) ||
		    f->ms - x->start / 1000000 != g->ms - y->start / 1000000)
			return false;
	}
	return true;
}

/* What one does is the same whether it is alone or two others run in between; nothing passes between them. */
static void test_side_by_side(void **state)
{
	begin(&a, 1, 1);
	for (unsigned i = 0; i < STEPS; i++)
		step(&a);
	begin(&b, 1, 1);
	begin(&c, 2, 2);
	for (unsigned i = 0; i < STEPS; i++) {
		step(&c);
		step(&b);
		step(&c);
	}
	assert_true(a.r.n > 250);
	assert_true(same_frames(&a, &b));
	assert_int_equal(router_counter(&b.r, "Ip.InReceives"), STEPS);
	assert_int_equal(router_counter(&c.r, "Ip.InReceives"), 2 * STEPS);
	/* The end of one is no concern of another. */
	end(&c);
	step(&a);
	step(&b);
	assert_true(same_frames(&a, &b));
	end(&a);
	end(&b);
	assert_int_equal(router_allocs, 0);
}

/* The same seed gives the same bytes; another seed does not: ids and the spread of timers come from it. */
static void test_seed(void **state)
{
	begin(&a, 1, 1);
	begin(&b, 1, 1);
	begin(&c, 2, 1);
	for (unsigned i = 0; i < STEPS; i++) {
		step(&a);
		step(&b);
		step(&c);
	}
	assert_true(same_frames(&a, &b));
	assert_false(same_frames(&a, &c));
	end(&a);
	end(&b);
	end(&c);
}

/* Turned when skiff_next() says so it does the same, at the same moments, as turned every millisecond. */
static void test_next_is_enough(void **state)
{
	begin(&a, 3, 3);
	begin(&b, 3, 3);
	b.tick = true;
	for (unsigned i = 0; i < STEPS; i++) {
		step(&a);
		step(&b);
	}
	assert_true(a.r.n > 250);
	assert_true(same_frames(&a, &b));
	end(&a);
	end(&b);
}

/* Time is what the caller says: none passes between turns, however long they take, and a deadline is never early or late. */
static void test_clock_is_the_callers(void **state)
{
	u64 next, now;
	u8 f[200];

	begin(&a, 1, 1);
	router_rx(&a.r, 0, f, router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 9, 0, 1), 20));
	router_run(&a.r, 0);
	assert_int_equal(a.r.n, 1); /* the first request */
	now = a.r.now;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(skiff_turn(a.r.skiff, now), 0);
	assert_int_equal(a.r.n, 1);
	while ((next = skiff_next(a.r.skiff)) < now + 1000000000 && next != SKIFF_NEVER) {
		assert_true(next > a.r.now);
		a.r.now = next;
		while (skiff_turn(a.r.skiff, next))
			;
		assert_int_equal(a.r.n, 1);
	}
	skiff_turn(a.r.skiff, now + 999000000);
	assert_int_equal(a.r.n, 1);
	a.r.now = now + 1000000000; /* retrans_time */
	skiff_turn(a.r.skiff, a.r.now);
	assert_int_equal(a.r.n, 2);
	end(&a);
}

/* Two namespaces of one shard are two hosts: addresses, routes, settings, devices and counters of their own. */
static void test_namespaces(void **state)
{
	struct skiff_net *other;
	char text[16];
	u8 f[200];

	begin(&a, 1, 1);
	other = skiff_net_create(a.r.skiff, "other");
	assert_non_null(other);
	assert_int_equal(skiff_sysctl_get(other, "net.ipv4.ip_forward", text, sizeof(text)), 1);
	assert_string_equal(text, "0");
	assert_int_equal(skiff_sysctl_set(other, "net.ipv4.ip_default_ttl", "9"), 0);
	skiff_sysctl_get((struct skiff_net *)a.r.net, "net.ipv4.ip_default_ttl", text,
			 sizeof(text));
	assert_string_equal(text, "64");
	assert_null(skiff_dev_find(other, "e0"));
	assert_int_equal(skiff_dummy_create(other, "e0"), 0);
	assert_non_null(((struct net_device *)skiff_dev_find(other, "e0"))->ip_ptr);
	assert_ptr_not_equal(skiff_dev_find(other, "e0"), a.r.dev[0]);
	assert_null(inet_lookup_ifaddr((struct net *)other, IP4(10, 0, 0, 1)));
	assert_non_null(inet_lookup_ifaddr(a.r.net, IP4(10, 0, 0, 1)));
	router_rx(&a.r, 0, f, router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 20));
	router_run(&a.r, 0);
	assert_int_equal(a.r.n, 1);
	assert_int_equal(router_counter(&a.r, "Ip.InReceives"), 1);
	assert_int_equal(((struct net *)other)->mib.ip_statistics[IPSTATS_MIB_INPKTS], 0);
	skiff_net_destroy(other);
	router_rx(&a.r, 0, f, router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 20));
	router_run(&a.r, 0);
	assert_int_equal(a.r.n, 2);
	end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_side_by_side),   cmocka_unit_test(test_seed),
		cmocka_unit_test(test_next_is_enough), cmocka_unit_test(test_clock_is_the_callers),
		cmocka_unit_test(test_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
