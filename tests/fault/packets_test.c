// SPDX-License-Identifier: BSD-2-Clause
/* tests/fault/packets_test.c - memory runs out at allocation 1, 2, 3 ... of whole scenarios: setting up, packets, time.
 *
 * Each scenario runs again and again; in round n the n-th allocation fails, once ("one") or it and all that follow
 * ("rest"), until a round has none left to fail. After every round: nothing leaked, the shard still ends, counters fit
 * each other, and where memory is back the router forwards again.
 */
#include "tests/router.h"

#include "net/inet_frag.h"
#include "net/igmp.h"
#include "net/ip.h"

static struct router r;
static bool one_shot;
static long at; /* which allocation of this round fails; counts down */
static bool failed;

static void *fault_alloc(void *arg, size_t size, size_t align)
{
	if (at >= 0 && at-- == 0) {
		failed = true;
		if (!one_shot)
			at = 0;
		return NULL;
	}
	return router_alloc(arg, size, align);
}

static u8 frame[3000];

/* No row says more than could have happened. */
static void assert_sane(void)
{
	u64 received = router_counter(&r, "Ip.InReceives"), ended = 0;

	ended += router_counter(&r, "Ip.InDelivers");
	ended += router_counter(&r, "Ip.ForwDatagrams");
	assert_true(router_counter(&r, "Ip.InDelivers") <= received + 100);
	assert_true(ended <= received + 100);
	assert_true(router_counter(&r, "Ip.InDiscards") <= received);
	assert_true(r.net->ipv4.fqdir->mem < 1 << 22);
}

/* Memory is back: a packet goes through, if there is a router at all. */
static void assert_works(void)
{
	u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 30);

	at = -1;
	router_run(&r, 200000);
	router_clear(&r);
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	for (u32 i = 0; i < r.n; i++)
		if (r.out[i].dev == 1 && r.out[i].len == len && router_out_ip(&r, i)->ttl == 63)
			return;
	fail_msg("nothing is forwarded after memory came back");
}

static void rx(unsigned dev, u32 len)
{
	skiff_wire_rx((struct skiff_dev *)r.dev[dev], frame, len);
}

/* ---- scenarios: no assertion on what succeeds, anything may fail ---- */

static void forward(void)
{
	for (u32 i = 0; i < 70; i++)
		rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 30 + i));
	router_run(&r, 0);
}

static void routes(void)
{
	static const char *const words[] = {
		"route add 10.9.0.0/16 via 10.0.1.2",
		"route add 10.8.0.0/16 nexthop via 10.0.1.2 nexthop via 10.0.2.2",
		"route add 10.7.0.0/16 via 10.0.2.2 mtu 600",
		"rule add from 10.0.0.9 lookup 100",
		"route add default via 10.0.2.2 table 100",
		"nexthop add id 7 via 10.0.1.2 dev e1",
		"route add 10.6.0.0/16 nhid 7",
		"neigh add 10.0.1.9 lladdr 02:00:00:00:00:09 dev e1 nud permanent",
		"addr add 10.4.0.1/24 dev e2",
		"route del 10.9.0.0/16",
		"route add 10.9.0.0/16 via 10.0.2.2",
		"addr del 10.4.0.1/24 dev e2",
		"link set e2 down",
		"link set e2 up",
	};
	static const u8 net[] = { 9, 8, 7, 6, 4 };

	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		router_try(&r, words[i]);
		for (u32 k = 0; k < ARRAY_SIZE(net); k++)
			rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, net[k], 1, 1), 1000));
		router_run(&r, 1);
	}
}

/* Unresolved next hops: queue, ARP, failure, host unreachable. */
static void neighbours(void)
{
	for (u32 i = 0; i < 6; i++)
		rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 50 + i / 2), 30));
	router_run(&r, 5000);
}

static void icmp_errors(void)
{
	u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 600);

	frame[ETH_HLEN + 8] = 1;
	router_ip_csum(frame);
	rx(0, len);
	rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(192, 168, 1, 1), 600));
	rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 1), 600));
	rx(0, router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 99), 600)); /* redirect */
	router_run(&r, 10);
}

static void reassembly(void)
{
	for (u16 id = 0; id < 3; id++)
		for (u32 i = 0; i < 4; i++) {
			u32 k = (i * 3 + id) % 4, len = 400;

			router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 1), len - 8);
			put_unaligned16(htons(id + 1), frame + ETH_HLEN + 4);
			put_unaligned16(htons((k * 50) | (k < 3 ? IP_MF : 0)),
					frame + ETH_HLEN + 6);
			router_ip_csum(frame);
			if (id != 2 || k)
				rx(0, ETH_HLEN + 20 + len);
			router_run(&r, 0);
		}
	router_run(&r, 40000);
}

static void fragments(void)
{
	static const u8 opts[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	u32 len;

	router_try(&r, "link set e1 mtu 600");
	len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 1400);
	rx(0, len);
	frame[ETH_HLEN] = 0x47;
	memcpy(frame + ETH_HLEN + 20, opts, 8);
	router_ip_csum(frame);
	rx(0, len);
	put_unaligned16(htons(IP_DF), frame + ETH_HLEN + 6);
	router_ip_csum(frame);
	rx(0, len);
	router_run(&r, 0);
	router_try(&r, "link set e1 mtu 1500");
}

static void groups(void)
{
	u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(224, 0, 0, 1), 40);

	ip_mc_inc_group(in_dev_get(r.dev[0]), IP4(239, 1, 1, 1));
	rx(0, len);
	router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 255), 40);
	memset(frame, 0xff, 6);
	rx(0, len);
	router_run(&r, 20000);
	ip_mc_dec_group(in_dev_get(r.dev[0]), IP4(239, 1, 1, 1));
	router_run(&r, 1000);
}

/* The words name a device that may not exist. */
static void try_dev(const char *dev, const char *words)
{
	if (skiff_dev_find((struct skiff_net *)r.net, dev))
		router_try(&r, words);
}

static void devices(void)
{
	skiff_dummy_create((struct skiff_net *)r.net, "d0");
	try_dev("d0", "link set d0 up");
	try_dev("d0", "addr add 10.50.0.1/24 dev d0");
	skiff_veth_create((struct skiff_net *)r.net, "va", NULL, (struct skiff_net *)r.net, "vb",
			  NULL);
	try_dev("va", "link set va up");
	try_dev("vb", "link set vb up");
	try_dev("va", "addr add 10.51.0.1/24 dev va");
	router_run(&r, 3000);
	skiff_dev_destroy(skiff_dev_find((struct skiff_net *)r.net, "va"));
	skiff_dev_destroy(skiff_dev_find((struct skiff_net *)r.net, "d0"));
	skiff_net_destroy(skiff_net_create(r.skiff, "second"));
	router_run(&r, 3000);
}

/* ---- rounds ---- */

/* The router stands; the scenario meets the failure. */
static void run_rounds(void (*scenario)(void), bool single)
{
	long n = 0;

	one_shot = single;
	do {
		assert_true(n < 20000);
		at = -1;
		router_start(&r, 3, 6);
		r.skiff->env.alloc = fault_alloc;
		failed = false;
		at = n;
		scenario();
		at = -1;
		assert_sane();
		assert_works();
		router_stop(&r);
		/* Deep in a scenario one is like the other. */
		n += n < 150 ? 1 : 7;
	} while (failed);
	print_message("%ld allocations\n", n);
}

#define SCENARIO(fn)                        \
	static void test_##fn(void **state) \
	{                                   \
		run_rounds(fn, true);       \
		run_rounds(fn, false);      \
	}
SCENARIO(forward)
SCENARIO(routes)
SCENARIO(neighbours)
SCENARIO(icmp_errors)
SCENARIO(reassembly)
SCENARIO(fragments)
SCENARIO(groups)
SCENARIO(devices)

/* Failures while shard, namespace and devices are made: all or nothing, and the end is clean either way. */
static void test_start(void **state)
{
	bool ok = false;

	for (long n = 0; !ok; n++) {
		assert_true(n < 20000);
		router_fail_after = n;
		ok = router_try_start(&r, 2, 7);
		router_fail_after = -1;
		if (r.skiff)
			router_stop(&r);
		assert_int_equal(router_allocs, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),	    cmocka_unit_test(test_forward),
		cmocka_unit_test(test_routes),	    cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_icmp_errors), cmocka_unit_test(test_reassembly),
		cmocka_unit_test(test_fragments),   cmocka_unit_test(test_groups),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
