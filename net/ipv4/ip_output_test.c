// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_output_test.c - the way out: next hops that come and go, fragments of every size and back together. */
#include "tests/router.h"

#include "net/ip.h"
#include "net/route.h"

static struct router r;
static u8 frame[70000];

static int setup(void **state)
{
	router_start(&r, 3, 1);
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void send_udp(__be32 daddr, u32 len)
{
	router_rx(&r, 0, frame, router_udp(frame, 0, IP4(10, 0, 0, 2), daddr, len));
	router_run(&r, 0);
}

/* A route remembers the neighbour of its gateway: not beyond the neighbour's end. */
static void test_gateway_neighbour_replaced(void **state)
{
	static const u8 other[6] = { 2, 0xbb, 0, 0, 0, 9 };

	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	send_udp(IP4(10, 9, 0, 1), 10);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.out[0].bytes[4], 1);
	router_ip(&r, "neigh del 10.0.1.2 dev e1");
	router_run(&r, 1);
	router_ip(&r, "neigh add 10.0.1.2 lladdr 02:bb:00:00:00:09 dev e1 nud permanent");
	send_udp(IP4(10, 9, 0, 1), 10);
	assert_int_equal(r.n, 2);
	assert_memory_equal(r.out[1].bytes, other, 6);
}

/* Flushed by the device going down and up: asked for anew. */
static void test_gateway_neighbour_flushed(void **state)
{
	router_ip(&r, "neigh replace 10.0.1.2 lladdr 02:aa:00:00:01:02 dev e1 nud reachable");
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	send_udp(IP4(10, 9, 0, 1), 10);
	assert_int_equal(r.n, 1);
	router_ip(&r, "link set e1 down");
	router_run(&r, 1);
	router_ip(&r, "link set e1 up");
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2");
	router_clear(&r);
	r.keep_arp = true;
	send_udp(IP4(10, 9, 0, 1), 10);
	router_run(&r, 100);
	assert_true(r.n >= 1);
	for (u32 i = 0; i < r.n; i++)
		assert_int_equal(r.out[i].bytes[13], 6); /* ARP requests only */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_gateway_neighbour_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gateway_neighbour_flushed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
