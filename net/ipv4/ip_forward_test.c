// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_forward_test.c - what forwarding does to a packet beside its frame: priority, and how often senders are told of a better way. */
#include "tests/router.h"

#include "net/ip.h"
#include "net/netfilter.h"

static struct router r;
static u32 seen_priority;
static char logged[500];

static void see(void *priv, struct skb_batch *b, const struct nf_hook_state *st)
{
	seen_priority = b->p[0]->priority;
}

static void keep_line(void *arg, int level, const char *line)
{
	snprintf(logged, sizeof(logged), "%s", line);
}

static int setup(void **state)
{
	router_start(&r, 2, 1);
	r.skiff->env.log = keep_line;
	logged[0] = 0;
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void send_udp(__be32 daddr, u8 tos)
{
	u8 f[200];
	u32 len = router_udp(f, 0, IP4(10, 0, 0, 2), daddr, 20);

	f[ETH_HLEN + 1] = tos;
	router_ip_csum(f);
	router_rx(&r, 0, f, len);
	router_run(&r, 0);
}

/* The TOS field says how urgent a packet is: Linux's table, of interest to queues behind us. */
static void test_update_priority(void **state)
{
	const struct nf_hook_ops ops = { .hook = see,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_POST_ROUTING };
	static const struct {
		u8 tos;
		u32 priority;
	} rows[] = { { 0, 0 }, { 0x10, 6 }, { 0x08, 2 }, { 0x18, 4 }, { 0x13, 6 }, { 0, 0 } };

	nf_register_net_hook(r.net, &ops);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		seen_priority = 99;
		send_udp(IP4(10, 0, 1, 2), rows[i].tos);
		assert_int_equal(seen_priority, rows[i].priority);
	}
	router_sysctl(&r, "net.ipv4.ip_forward_update_priority", "0");
	seen_priority = 99;
	send_udp(IP4(10, 0, 1, 2), 0x10);
	assert_int_equal(seen_priority, 0);
}

/* Nine redirects at growing distance, then silence until the host has been quiet for redirect_silence. */
static void test_redirects_end(void **state)
{
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.0.9 dev e0");
	router_ip(&r, "neigh add 10.0.0.9 lladdr 02:aa:00:00:00:09 dev e0 nud permanent");
	router_sysctl(&r, "net.ipv4.conf.e0.log_martians", "1");
	for (unsigned i = 0; i < 9; i++) {
		send_udp(IP4(10, 9, 0, 1), 0);
		router_run(&r, (20ull << (i + 1)) - 1);
		send_udp(IP4(10, 9, 0, 1), 0); /* too early by a tick or two */
		assert_int_equal(router_counter(&r, "Icmp.OutRedirects"), i + 1);
		router_run(&r, 2);
	}
	assert_string_equal(logged, "host 10.0.0.2/if2 ignores redirects for 10.9.0.1 to 10.0.0.9");
	send_udp(IP4(10, 9, 0, 1), 0);
	router_run(&r, 20000);
	send_udp(IP4(10, 9, 0, 1), 0);
	assert_int_equal(router_counter(&r, "Icmp.OutRedirects"), 9);
	router_run(&r, 20481);
	send_udp(IP4(10, 9, 0, 1), 0);
	assert_int_equal(router_counter(&r, "Icmp.OutRedirects"), 10);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_update_priority),
		T(test_redirects_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
