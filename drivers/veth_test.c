// SPDX-License-Identifier: BSD-2-Clause
/* drivers/veth_test.c - pairs across namespaces: no copy, nothing of the sender's crosses, carrier, MTU, full ring, ends; dummy and lo. */
#include "tests/router.h"

#include "drivers/devices.h"

#define N_RING 1024

static struct router r;
static struct net *other;
static struct net_device *a, *b;
static struct sk_buff *seen[2 * N_RING];
static u32 n_seen;

static void see(struct skb_batch *batch, struct packet_type *pt, struct net_device *dev)
{
	for (u32 i = 0; i < batch->n; i++)
		seen[n_seen++] = batch->p[i];
}

static struct packet_type pt = { .type = htons(0x9000), .list_func = see };

static int setup(void **state)
{
	router_start(&r, 1, 5);
	other = (struct net *)skiff_net_create(r.skiff, "other");
	assert_int_equal(veth_create(r.net, "v0", NULL, other, "v1", NULL, &a, &b), 0);
	assert_false(a->carrier || b->carrier);
	assert_int_equal(dev_open(a), 0);
	assert_false(a->carrier || b->carrier);
	assert_int_equal(dev_open(b), 0);
	assert_true(a->carrier && b->carrier);
	dev_add_pack(other, &pt);
	n_seen = 0;
	router_run(&r, 10000);
	return 0;
}

static int teardown(void **state)
{
	while (n_seen)
		consume_skb(r.skiff, seen[--n_seen]);
	router_stop(&r);
	return 0;
}

static struct sk_buff *make_frame(u32 len)
{
	struct sk_buff *skb = alloc_skb(r.skiff, len);
	struct ethhdr *eth = (struct ethhdr *)skb_put_zero(skb, len);

	memcpy(eth->h_dest, b->dev_addr, 6);
	eth->h_proto = htons(0x9000);
	skb->dev = a;
	return skb;
}

static void test_zero_copy_and_scrubbed(void **state)
{
	struct sk_buff *skb = make_frame(100);
	u8 *bytes = skb->data;
	u64 before = b->stats.rx_packets;

	skb->mark = 7;
	skb->ipflags = 0xffff;
	skb->ignore_df = 1;
	skb->pkt_type = PACKET_OTHERHOST;
	skb_set_priority(skb, 3);
	dev_queue_xmit(skb);
	router_run(&r, 0);
	assert_int_equal(n_seen, 1);
	assert_ptr_equal(seen[0], skb);
	assert_ptr_equal(seen[0]->data, bytes + ETH_HLEN);
	assert_ptr_equal(seen[0]->dev, b);
	assert_int_equal(seen[0]->mark | seen[0]->ipflags | seen[0]->ignore_df | seen[0]->priority,
			 0);
	assert_int_equal(seen[0]->pkt_type, PACKET_HOST);
	assert_null(seen[0]->dst);
	assert_int_equal(b->stats.rx_packets, before + 1);
}

/* As the kernel does it: the far end's MTU with a header and a VLAN tag is the most; counted here and there. */
static void test_far_mtu(void **state)
{
	struct netdev_stats sa = a->stats, sb = b->stats;

	assert_int_equal(dev_set_mtu(b, 1000, NULL), 0);
	dev_queue_xmit(make_frame(1018));
	dev_queue_xmit(make_frame(1019));
	router_run(&r, 0);
	assert_int_equal(n_seen, 1);
	assert_int_equal(a->stats.tx_packets, sa.tx_packets + 1);
	assert_int_equal(a->stats.tx_bytes, sa.tx_bytes + 1018);
	assert_int_equal(a->stats.tx_dropped, sa.tx_dropped + 1);
	assert_int_equal(b->stats.rx_dropped, sb.rx_dropped + 1);
}

static void test_far_end_down(void **state)
{
	u64 sent = a->stats.tx_packets;

	dev_queue_xmit(make_frame(60)); /* in the ring when the far end goes down */
	dev_close(b);
	assert_false(a->carrier || b->carrier);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], 1);
	dev_queue_xmit(make_frame(60));
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], 2);
	assert_int_equal(a->stats.tx_packets, sent + 1);
	assert_int_equal(a->stats.tx_dropped, 1);
	router_run(&r, 0);
	assert_int_equal(n_seen, 0);
	dev_open(b);
	assert_true(a->carrier && b->carrier);
	/* The near end down: nothing is sent at all. */
	dev_close(a);
	assert_false(a->carrier || b->carrier);
	assert_int_equal(dev_queue_xmit(make_frame(60)), -ENETDOWN);
}

/* Between calls much that waits is received, little is left to the turn; and what was received or dropped waits no longer. */
static void test_relieve(void **state)
{
	for (u32 i = 0; i < 20; i++)
		dev_queue_xmit(make_frame(1000));
	skiff_relieve(r.skiff);
	assert_int_equal(n_seen, 0);
	assert_int_equal(r.skiff->rx_waiting, 20 * (1000 + SKIFF_RX_FRAME));
	for (u32 i = 0; i < 180; i++)
		dev_queue_xmit(make_frame(1000));
	skiff_relieve(r.skiff);
	assert_int_equal(n_seen, 200);
	assert_int_equal(r.skiff->rx_waiting, 0);
	assert_false(r.skiff->in_turn);
	dev_queue_xmit(make_frame(60));
	dev_close(b);
	assert_int_equal(r.skiff->rx_waiting, 0);
}

static void test_ring_overflow(void **state)
{
	for (u32 i = 0; i < N_RING + 10; i++) {
		struct sk_buff *skb = make_frame(60);

		skb->data[20] = (u8)i;
		dev_queue_xmit(skb);
	}
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_FULL_RING], 10);
	assert_int_equal(b->stats.rx_dropped, 10);
	assert_int_equal(a->stats.tx_dropped, 10);
	router_run(&r, 0);
	assert_int_equal(n_seen, N_RING);
	for (u32 i = 0; i < N_RING; i++)
		assert_int_equal(seen[i]->data[6], (u8)i); /* the oldest are kept, in order */
}

/* Either end takes the other along, in whichever namespace it is; frames on the way are dropped. */
static void test_unregister_pair(void **state)
{
	u64 drops = r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY];

	dev_queue_xmit(make_frame(60));
	if (*state)
		unregister_netdevice(b);
	else
		unregister_netdevice(a);
	assert_null(dev_get_by_name(r.net, "v0"));
	assert_null(dev_get_by_name(other, "v1"));
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], drops + 1);
	router_run(&r, 100);
	assert_int_equal(n_seen, 0);
}

static void test_namespace_ends(void **state)
{
	dev_queue_xmit(make_frame(60));
	skiff_net_destroy((struct skiff_net *)other);
	assert_null(dev_get_by_name(r.net, "v0"));
	router_run(&r, 100);
}

static void test_name_taken(void **state)
{
	struct net_device *x, *y;

	assert_int_equal(veth_create(r.net, "v0", NULL, other, "v9", NULL, &x, &y), -EEXIST);
	assert_int_equal(veth_create(r.net, "v9", NULL, other, "v1", NULL, &x, &y), -EEXIST);
	assert_null(dev_get_by_name(other, "v9"));
	assert_null(dev_get_by_name(r.net, "v9"));
	router_run(&r, 1);
}

/* ---- the simple ones ---- */

static void test_dummy_swallows(void **state)
{
	int err;
	struct net_device *d = dummy_create(r.net, "d0", NULL, &err);
	struct sk_buff *skb = make_frame(60);

	assert_non_null(d);
	assert_null(dummy_create(r.net, "d0", NULL, &err));
	assert_int_equal(err, -EEXIST);
	dev_open(d);
	skb->dev = d;
	assert_int_equal(dev_queue_xmit(skb), 0);
	assert_int_equal(d->stats.tx_packets, 1);
	assert_int_equal(d->stats.tx_bytes, 60);
}

/* What goes into lo comes out of it in the same turn, checksums trusted. */
static void test_loopback(void **state)
{
	struct net_device *lo = r.net->loopback_dev;
	struct sk_buff *skb = make_frame(60);

	dev_remove_pack(other, &pt);
	dev_add_pack(r.net, &pt);
	memset(skb->data, 0, 12);
	skb->dev = lo;
	dev_queue_xmit(skb);
	router_run(&r, 0);
	assert_int_equal(n_seen, 1);
	assert_ptr_equal(seen[0], skb);
	assert_ptr_equal(seen[0]->dev, lo);
	assert_int_equal(seen[0]->ip_summed, CHECKSUM_UNNECESSARY);
	assert_int_equal(lo->stats.rx_packets, 1);
	assert_int_equal(lo->stats.rx_bytes, 60);
	dev_remove_pack(r.net, &pt);
	dev_add_pack(other, &pt);
}

static void test_wire_limits(void **state)
{
	static u8 f[66000];
	struct skiff_dev *e0 = (struct skiff_dev *)r.dev[0];

	assert_int_equal(skiff_wire_rx(e0, f, 13), -EMSGSIZE);
	assert_int_equal(skiff_wire_rx(e0, f, 65535 + 15), -EMSGSIZE);
	assert_int_equal(r.dev[0]->stats.rx_errors, 2);
	assert_int_equal(skiff_wire_rx(e0, f, 65535 + 14), 0);
	assert_int_equal(skiff_wire_rx(e0, f, 14), 0);
	for (int i = 2; i < N_RING; i++)
		assert_int_equal(skiff_wire_rx(e0, f, 60), 0);
	assert_int_equal(skiff_wire_rx(e0, f, 60), -ENOBUFS);
	dev_close(r.dev[0]);
	assert_int_equal(skiff_wire_rx(e0, f, 60), -ENETDOWN);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_DEV_READY], N_RING);
	router_fail_after = 0;
	dev_open(r.dev[0]);
	assert_int_equal(skiff_wire_rx(e0, f, 5000), -ENOBUFS);
	router_fail_after = -1;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_zero_copy_and_scrubbed),
		T(test_far_mtu),
		T(test_far_end_down),
		T(test_relieve),
		T(test_ring_overflow),
		T(test_unregister_pair),
		cmocka_unit_test_prestate_setup_teardown(test_unregister_pair, setup, teardown,
							 &pt),
		T(test_namespace_ends),
		T(test_name_taken),
		T(test_dummy_swallows),
		T(test_loopback),
		T(test_wire_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
