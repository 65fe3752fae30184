// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_input_test.c - routes of received packets: cached, taken over from the packet before, refused and logged. */
#include "tests/router.h"

#include "net/ip.h"
#include "net/netfilter.h"
#include "net/route.h"

static struct router r;
static char logged[2000];

static void keep_line(void *arg, int level, const char *line)
{
	assert_int_equal(level, SKIFF_LOG_WARN);
	strncat(logged, line, sizeof(logged) - strlen(logged) - 2);
	strcat(logged, "\n");
}

static int setup(void **state)
{
	router_start(&r, 3, 1);
	r.skiff->env.log = keep_line;
	logged[0] = 0;
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void queue_udp(__be32 saddr, __be32 daddr)
{
	u8 f[200];

	router_rx(&r, 0, f, router_udp(f, 0, saddr, daddr, 20));
}

static void send_udp(__be32 saddr, __be32 daddr)
{
	queue_udp(saddr, daddr);
	router_run(&r, 0);
}

#define HOST IP4(10, 0, 0, 2)
#define FAR  IP4(10, 0, 1, 2)
#define OUR  IP4(10, 0, 0, 1)

/* ---- the log ---- */

/* The words of the kernel (6.18), without the "IPv4: " in front: recorded from its log. */
static void test_log_martians(void **state)
{
	send_udp(IP4(127, 0, 0, 1), OUR);
	assert_string_equal(logged, "");
	router_sysctl(&r, "net.ipv4.conf.e0.log_martians", "1");
	send_udp(IP4(127, 0, 0, 1), OUR);
	assert_string_equal(logged,
			    "martian source 10.0.0.1 from 127.0.0.1, on dev e0\n"
			    "ll header: 00000000: 02 dd 00 00 00 00 02 aa 00 00 00 02 08 00\n");
	logged[0] = 0;
	send_udp(HOST, IP4(127, 1, 2, 3));
	assert_string_equal(logged, "martian destination 127.1.2.3 from 10.0.0.2, dev e0\n");
	logged[0] = 0;
	router_sysctl(&r, "net.ipv4.conf.e0.log_martians", "0");
	router_sysctl(&r, "net.ipv4.conf.all.log_martians", "1");
	router_sysctl(&r, "net.ipv4.conf.e0.rp_filter", "1");
	send_udp(IP4(10, 0, 1, 9), FAR);
	assert_string_equal(logged,
			    "martian source 10.0.1.2 from 10.0.1.9, on dev e0\n"
			    "ll header: 00000000: 02 dd 00 00 00 00 02 aa 00 00 00 02 08 00\n");
}

/* ---- /proc/net/stat/rt_cache ---- */

static void rt_cache(u32 col[17])
{
	char text[1000], *p;

	assert_true(skiff_proc_read((struct skiff_net *)r.net, "net/stat/rt_cache", text,
				    sizeof(text)) < (int)sizeof(text));
	p = strchr(text, '\n');
	for (unsigned i = 0; i < 17; i++)
		col[i] = (u32)strtoul(p, &p, 16);
	assert_string_equal(p, "\n");
}

enum {
	ENTRIES,
	IN_HIT,
	IN_SLOW_TOT,
	IN_SLOW_MC,
	IN_NO_ROUTE,
	IN_BRD,
	IN_MARTIAN_DST,
	IN_MARTIAN_SRC,
	OUT_HIT,
	OUT_SLOW_TOT,
	OUT_SLOW_MC
};

/* What column @i grew by while one packet came in. */
static u32 grown(unsigned i, __be32 saddr, __be32 daddr)
{
	u32 before[17], after[17];

	rt_cache(before);
	send_udp(saddr, daddr);
	rt_cache(after);
	return after[i] - before[i];
}

static void test_statistics(void **state)
{
	assert_int_equal(grown(IN_SLOW_TOT, HOST, FAR), 1);
	assert_int_equal(grown(IN_SLOW_MC, HOST, IP4(224, 0, 0, 1)), 1);
	assert_int_equal(grown(IN_NO_ROUTE, HOST, IP4(10, 77, 0, 1)), 1);
	assert_int_equal(grown(IN_NO_ROUTE, HOST, FAR), 0);
	assert_int_equal(grown(IN_BRD, HOST, IP4(10, 0, 0, 255)), 1);
	assert_int_equal(grown(IN_MARTIAN_DST, HOST, IP4(127, 0, 0, 2)), 1);
	assert_int_equal(grown(IN_MARTIAN_SRC, IP4(127, 0, 0, 1), OUR), 1);
	assert_int_equal(grown(IN_MARTIAN_SRC, HOST, FAR), 0);
	/* An answer to a host that was not answered before. */
	assert_int_equal(grown(OUT_SLOW_MC, HOST, OUR), 0);
	router_sysctl(&r, "net.ipv4.route.flush", "1");
	assert_true(grown(OUT_SLOW_TOT, HOST, OUR) >= 1);
	assert_int_equal(grown(OUT_SLOW_TOT, HOST, FAR), 0);
}

/* Routes that nothing holds any more are not counted. */
static void test_entries(void **state)
{
	u32 before[17], after[17];

	send_udp(HOST, IP4(10, 77, 0, 99)); /* the way of the answers */
	rt_cache(before);
	for (unsigned i = 0; i < 50; i++)
		send_udp(HOST, IP4(10, 77, 0, 1 + i));
	rt_cache(after);
	assert_true(before[ENTRIES] > 0);
	assert_int_equal(after[ENTRIES], before[ENTRIES]);
}

/* ---- the cache on the next hop ---- */

static void test_cached_route(void **state)
{
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	assert_int_equal(grown(IN_SLOW_TOT, HOST, IP4(10, 9, 0, 1)), 1);
	assert_int_equal(grown(IN_SLOW_TOT, HOST, IP4(10, 9, 7, 7)), 0);
	/* A change of another route makes no route invalid that is right. What it leads to is another matter. */
	router_ip(&r, "route add 10.9.7.0/24 via 10.0.2.2");
	router_clear(&r);
	send_udp(HOST, IP4(10, 9, 7, 7));
	send_udp(HOST, IP4(10, 9, 0, 1));
	assert_int_equal(r.n, 2);
	assert_int_equal(r.out[0].dev, 2);
	assert_int_equal(r.out[1].dev, 1);
	router_sysctl(&r, "net.ipv4.route.flush", "1");
	assert_int_equal(grown(IN_SLOW_TOT, HOST, IP4(10, 9, 0, 1)), 1);
	assert_int_equal(grown(IN_SLOW_TOT, HOST, IP4(10, 9, 0, 1)), 0);
	/* For this node, too. */
	send_udp(HOST, OUR);
	assert_int_equal(grown(IN_SLOW_TOT, IP4(10, 0, 0, 3), OUR), 0);
	/* And for what it sends. */
	assert_int_equal(grown(OUT_SLOW_TOT, HOST, OUR), 0);
}

/* ---- the hint ---- */

/* Routes with realms are not cached, so only the hint spares a second one: for the same destination, of the same source. */
static void test_hint_is_used(void **state)
{
	u32 before[17], after[17];

	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	router_ip(&r, "route replace 10.0.0.0/24 dev e0 realm 5");
	rt_cache(before);
	for (unsigned i = 0; i < 5; i++)
		queue_udp(HOST, IP4(10, 9, 0, 1));
	router_run(&r, 0);
	rt_cache(after);
	assert_int_equal(r.n, 5);
	assert_int_equal(after[IN_SLOW_TOT] - before[IN_SLOW_TOT], 1);
	queue_udp(HOST, IP4(10, 9, 0, 1));
	queue_udp(IP4(10, 0, 0, 3), IP4(10, 9, 0, 1));
	queue_udp(IP4(10, 0, 0, 3), IP4(10, 9, 0, 2));
	router_run(&r, 0);
	rt_cache(before);
	assert_int_equal(before[IN_SLOW_TOT] - after[IN_SLOW_TOT], 3);
	/* With rules of one's own the way hangs on more than the destination. */
	router_ip(&r, "rule add from 10.0.0.9 lookup 100");
	rt_cache(before);
	queue_udp(HOST, IP4(10, 9, 0, 1));
	queue_udp(HOST, IP4(10, 9, 0, 1));
	router_run(&r, 0);
	rt_cache(after);
	assert_int_equal(after[IN_SLOW_TOT] - before[IN_SLOW_TOT], 2);
}

/* A good packet does not vouch for the source of the next one to the same destination. */
static void test_hint_judges_the_source(void **state)
{
	queue_udp(HOST, OUR);
	queue_udp(IP4(127, 0, 0, 1), OUR);
	queue_udp(IP4(10, 0, 1, 1), OUR);
	queue_udp(HOST, OUR);
	router_run(&r, 0);
	assert_int_equal(router_counter(&r, "Ip.InDelivers"), 2);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_IP_LOCALNET], 1);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_IP_LOCAL_SOURCE], 1);
	router_sysctl(&r, "net.ipv4.conf.e0.rp_filter", "1");
	router_clear(&r);
	queue_udp(HOST, FAR);
	queue_udp(IP4(10, 0, 2, 2), FAR);
	queue_udp(HOST, FAR);
	router_run(&r, 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(router_counter(&r, "TcpExt.IPReversePathFilter"), 1);
}

/* ---- disable_policy ---- */

static u16 seen_flags;

static void see(void *priv, struct skb_batch *b, const struct nf_hook_state *st)
{
	for (u32 i = 0; i < b->n; i++)
		seen_flags = b->p[i]->ipflags;
}

static void test_disable_policy(void **state)
{
	const struct nf_hook_ops ops = { .hook = see,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_LOCAL_IN };
	static const char *const key[] = { "net.ipv4.conf.e0.disable_policy",
					   "net.ipv4.conf.all.disable_policy" };

	nf_register_net_hook(r.net, &ops);
	send_udp(HOST, OUR);
	assert_int_equal(seen_flags & IPSKB_NOPOLICY, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(key); i++) {
		router_sysctl(&r, key[i], "1");
		send_udp(HOST, OUR);
		assert_int_equal(seen_flags & IPSKB_NOPOLICY, IPSKB_NOPOLICY);
		seen_flags = 0;
		queue_udp(HOST, OUR);
		queue_udp(HOST, OUR);
		router_run(&r, 0);
		assert_int_equal(seen_flags & IPSKB_NOPOLICY, IPSKB_NOPOLICY);
		router_sysctl(&r, key[i], "0");
	}
	send_udp(HOST, OUR);
	assert_int_equal(seen_flags & IPSKB_NOPOLICY, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_log_martians),	T(test_statistics),   T(test_entries),
		T(test_cached_route),	T(test_hint_is_used), T(test_hint_judges_the_source),
		T(test_disable_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
