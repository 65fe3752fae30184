// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev_test.c - devices: who gets which frames, VLAN tags, names and numbers, what waits when one leaves. */
#include "tests/router.h"

static struct router r;
static u8 frame[2048];

static int setup(void **state)
{
	router_start(&r, 2, 4);
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

/* ---- who takes frames ---- */

struct tap {
	struct packet_type pt;
	bool keep;
	u32 batches, n;
	struct sk_buff *skb[256];
	u8 type[256];
};

static void tap_rcv(struct skb_batch *b, struct packet_type *pt, struct net_device *dev)
{
	struct tap *t = container_of(pt, struct tap, pt);

	t->batches++;
	for (u32 i = 0; i < b->n; i++) {
		assert_ptr_equal(b->p[i]->dev, dev);
		t->type[t->n] = b->p[i]->pkt_type;
		t->skb[t->n++] = t->keep ? b->p[i] : NULL;
		if (!t->keep)
			consume_skb(r.skiff, b->p[i]);
	}
}

static void tap_open(struct tap *t, u16 type, struct net_device *dev)
{
	memset(t, 0, sizeof(*t));
	t->pt = (struct packet_type){ .type = htons(type), .dev = dev, .list_func = tap_rcv };
	dev_add_pack(r.net, &t->pt);
}

static void tap_close(struct tap *t)
{
	dev_remove_pack(r.net, &t->pt);
	for (u32 i = 0; i < t->n; i++)
		if (t->skb[i])
			consume_skb(r.skiff, t->skb[i]);
}

static u32 udp(__be32 daddr, u32 len)
{
	return router_udp(frame, 0, IP4(10, 0, 0, 2), daddr, len);
}

/* A tap sees what comes in before, and what goes out after, the packet is changed; its copy stays as it was. */
static void test_taps_keep_their_bytes(void **state)
{
	struct tap all, one;
	u32 len = udp(IP4(10, 0, 1, 2), 100);
	u8 got[200];

	tap_open(&all, ETH_P_ALL, NULL);
	tap_open(&one, ETH_P_ALL, r.dev[1]);
	all.keep = one.keep = true;
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(all.n, 2);
	assert_int_equal(one.n, 1);
	assert_int_equal(all.type[0], PACKET_HOST);
	assert_int_equal(all.type[1], PACKET_OUTGOING);
	assert_int_equal(all.skb[0]->len, len - ETH_HLEN);
	skb_copy_bits(all.skb[0], 0, got, len - ETH_HLEN);
	assert_memory_equal(got, frame + ETH_HLEN, len - ETH_HLEN); /* TTL 64 still */
	assert_memory_equal(skb_mac_header(all.skb[0]), frame, ETH_HLEN);
	skb_copy_bits(one.skb[0], 0, got, len);
	assert_memory_equal(got, r.out[0].bytes, len);
	tap_close(&all);
	tap_close(&one);
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	assert_int_equal(all.n, 2);
}

/* Two for one EtherType: both get it; IPv4 itself still works; one bound to another device does not. */
static void test_several_for_one_type(void **state)
{
	struct tap a, b;
	u32 len = udp(IP4(10, 0, 1, 2), 10);

	tap_open(&a, ETH_P_IP, NULL);
	tap_open(&b, ETH_P_IP, r.dev[1]);
	a.keep = true;
	for (int i = 0; i < 3; i++)
		router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.batches, 1);
	assert_int_equal(b.n, 0);
	assert_int_equal(r.n, 3);
	assert_int_equal(router_out_ip(&r, 0)->ttl, 63);
	assert_int_equal(ip_hdr(a.skb[0])->ttl, 64);
	tap_close(&a);
	tap_close(&b);
}

/* A batch of mixed EtherTypes: each goes to its own, runs stay together, strangers are counted. */
static void test_mixed_types(void **state)
{
	struct tap a, b;
	u32 len = udp(IP4(10, 0, 1, 2), 10);

	tap_open(&a, 0x9000, NULL);
	tap_open(&b, 0x9001, NULL);
	for (int i = 0; i < 12; i++) {
		static const u8 type[12][2] = { { 0x90, 0 }, { 0x90, 0 }, { 0x90, 1 }, { 8, 0 },
						{ 8, 0 },    { 0x90, 0 }, { 0x90, 2 }, { 8, 0 },
						{ 0x90, 1 }, { 0x90, 1 }, { 0, 4 },    { 8, 0 } };

		memcpy(frame + 12, type[i], 2);
		router_rx(&r, 0, frame, len);
	}
	router_run(&r, 0);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.batches, 2);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.batches, 2);
	assert_int_equal(r.n, 4);
	assert_int_equal(r.dev[0]->stats.rx_nohandler, 2);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_UNHANDLED_PROTO], 2);
	tap_close(&a);
	tap_close(&b);
}

/* ---- VLAN tags: rows as a kernel without VLAN devices answered them ---- */

static void test_vlan_tags(void **state)
{
	static const struct {
		const char *tags; /* hex, with the EtherType of the payload at the end */
		u32 payload;	  /* bytes of the IP packet that are there */
		u32 receives, hdr_errors, forwarded;
	} row[] = {
		{ "0800", 100, 1, 0, 1 },
		{ "810000000800", 100, 1, 0, 1 },
		{ "8100e0000800", 100, 1, 0, 1 },
		{ "88a800000800", 100, 1, 0, 1 },
		{ "81000000810000000800", 100, 1, 0, 1 },
		{ "81000000810000050800", 100, 0, 0, 0 },
		{ "810000050800", 100, 0, 0, 0 },
		{ "81000005810000000800", 100, 0, 0, 0 },
		{ "810000000800", 0, 0, 0, 0 },
		{ "810000000800", 1, 0, 0, 0 },
		{ "810000000800", 2, 1, 1, 0 },
		{ "810000000800", 3, 1, 1, 0 },
		{ "8100", 0, 0, 0, 0 },
		{ "81000000", 0, 0, 0, 0 },
		{ "0800", 0, 1, 1, 0 },
		{ "0800", 1, 1, 1, 0 },
	};
	u64 rx = router_counter(&r, "Ip.InReceives"), errors = 0;

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		u8 tagged[300], *p = tagged + 12;

		udp(IP4(10, 0, 1, 2), 72);
		memcpy(tagged, frame, 12);
		for (const char *t = row[i].tags; *t; t += 2) {
			unsigned v;

			sscanf(t, "%2x", &v);
			*p++ = (u8)v;
		}
		memcpy(p, frame + ETH_HLEN, row[i].payload);
		router_rx(&r, 0, tagged, (u32)(p - tagged) + row[i].payload);
		router_run(&r, 0);
		rx += row[i].receives;
		errors += row[i].hdr_errors;
		if (router_counter(&r, "Ip.InReceives") != rx ||
		    router_counter(&r, "Ip.InHdrErrors") != errors || r.n != row[i].forwarded)
			fail_msg("row %u", i);
		router_clear(&r);
	}
}

/* ---- names, numbers, lists ---- */

static const struct net_device_ops no_ops;

static void plain_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &no_ops;
}

static int make(const char *name, u32 ifindex, struct net_device **devp)
{
	struct net_device *dev = alloc_netdev(r.net, 0, name, plain_setup);
	int err;

	dev->ifindex = ifindex;
	err = register_netdevice(dev);
	if (err)
		free_netdev(dev);
	else if (devp)
		*devp = dev;
	return err;
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		int err;
	} row[] = {
		{ "x%d", 0 },
		{ "x%d", 0 },
		{ "x1", -EEXIST },
		{ "e0", -EEXIST },
		{ "x%s", -EINVAL },
		{ "x%d%d", -EINVAL },
		{ "", -EINVAL },
		{ ".", -EINVAL },
		{ "..", -EINVAL },
		{ "a/b", -EINVAL },
		{ "a b", -EINVAL },
		{ "a:b", -EINVAL },
		{ "a\tb", -EINVAL },
		{ "...", 0 },
		{ "abcdefghijklmno", 0 },
		{ "abcdefghijklmn%d", -EINVAL },
		{ "x%dy", 0 },
		{ "x2", 0 },
		{ "x%d", 0 },
	};
	struct net_device *dev;
	u32 last = 0;

	for (u32 i = 0; i < ARRAY_SIZE(row); i++)
		if (make(row[i].name, 0, NULL) != row[i].err)
			fail_msg("row %u: %s", i, row[i].name);
	assert_non_null(dev_get_by_name(r.net, "x0"));
	assert_non_null(dev_get_by_name(r.net, "x0y"));
	assert_non_null(dev_get_by_name(r.net, "x3"));
	assert_int_equal(make("n50", 50, &dev), 0);
	assert_ptr_equal(dev_get_by_index(r.net, 50), dev);
	assert_int_equal(make("m50", 50, NULL), -EBUSY);
	/* The list is in order of numbers, whatever the order of registration. */
	assert_int_equal(make("n40", 40, NULL), 0);
	for_each_netdev(r.net, dev) {
		assert_true(dev->ifindex > last);
		last = dev->ifindex;
	}
	assert_int_equal(last, 50);
	/* A changed name is found, the old one is not. */
	dev = dev_get_by_name(r.net, "n50");
	assert_int_equal(dev_change_name(dev, "x0"), -EEXIST);
	assert_int_equal(dev_change_name(dev, "a/b"), -EINVAL);
	assert_int_equal(dev_change_name(dev, "q%d"), 0);
	assert_string_equal(dev->name, "q0");
	assert_ptr_equal(dev_get_by_name(r.net, "q0"), dev);
	assert_null(dev_get_by_name(r.net, "n50"));
	unregister_netdevice(dev);
	assert_null(dev_get_by_name(r.net, "q0"));
	assert_null(dev_get_by_index(r.net, 50));
}

/* ---- packets that wait when their device leaves ---- */

static void test_unregister_with_queues(void **state)
{
	u32 len = udp(IP4(10, 0, 1, 77), 50);

	/* In the ring of e0, and for an answer to ARP on e1. */
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	for (int i = 0; i < 5; i++)
		router_rx(&r, 0, frame, len);
	skiff_dev_destroy((struct skiff_dev *)r.dev[0]);
	skiff_dev_destroy((struct skiff_dev *)r.dev[1]);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], 5);
	router_run(&r, 5000);
	assert_int_equal(r.n, 0);
}

/* The queue of what comes back in: bounded, and a device that goes takes its own out, in order of the others. */
static void test_backlog(void **state)
{
	struct tap t;
	u32 n = 1002;

	tap_open(&t, 0x9000, NULL);
	for (u32 i = 0; i < n; i++) {
		struct sk_buff *skb = alloc_skb(r.skiff, 60);

		skb_put_zero(skb, 60);
		skb->dev = i == 1 || i > 3 ? r.dev[1] : r.dev[0];
		skb->protocol = htons(0x9000);
		skb->mark = i;
		skb_reset_mac_header(skb);
		netif_rx(r.net, skb);
	}
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_CPU_BACKLOG], 1);
	assert_int_equal(r.dev[1]->stats.rx_dropped, 1);
	skiff_dev_destroy((struct skiff_dev *)r.dev[1]);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], n - 1 - 3);
	t.keep = true;
	router_run(&r, 0);
	assert_int_equal(t.n, 3);
	assert_true(t.skb[0]->mark == 0 && t.skb[1]->mark == 2 && t.skb[2]->mark == 3);
	tap_close(&t);
}

/* A namespace ends with its devices and what is queued in it. */
static void test_net_ends_with_queues(void **state)
{
	struct sk_buff *skb = alloc_skb(r.skiff, 60);

	skb_put_zero(skb, 60);
	skb->dev = r.dev[0];
	netif_rx(r.net, skb);
	router_rx(&r, 0, frame, udp(IP4(10, 0, 1, 77), 50));
	skiff_net_destroy((struct skiff_net *)r.net);
	while (skiff_turn(r.skiff, r.now))
		;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_taps_keep_their_bytes),
		T(test_several_for_one_type),
		T(test_mixed_types),
		T(test_vlan_tags),
		T(test_names),
		T(test_unregister_with_queues),
		T(test_backlog),
		T(test_net_ends_with_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
