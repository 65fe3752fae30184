// SPDX-License-Identifier: BSD-2-Clause
/* tests/net/dev_test.c - who gets a frame: packet types, taps, per-device ones; what others hold is not written to. */
#include "tests/router.h"

#include "drivers/devices.h"

#define MAX_SEEN 16

/* A listener keeps what it gets. */
struct listener {
	struct packet_type pt;
	u32 n;
	struct sk_buff *skb[MAX_SEEN];
};

static struct router r;

static void keep(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev)
{
	struct listener *l = pt->af_packet_priv;

	for (u32 i = 0; i < b->n; i++) {
		assert_true(l->n < MAX_SEEN);
		l->skb[l->n++] = b->p[i];
	}
}

static void listen_to(struct listener *l, u16 type, struct net_device *dev)
{
	*l = (struct listener){ .pt = { .type = htons(type), .dev = dev, .list_func = keep } };
	l->pt.af_packet_priv = l;
	dev_add_pack(r.net, &l->pt);
}

static void forget(struct listener *l)
{
	while (l->n)
		consume_skb(r.skiff, l->skb[--l->n]);
}

static void listen_end(struct listener *l)
{
	forget(l);
	dev_remove_pack(r.net, &l->pt);
}

static int setup(void **state)
{
	router_start(&r, 2, 1);
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static u32 forwarded(u8 *f)
{
	return router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 20);
}

static void arrive(const u8 *f, u32 len)
{
	router_rx(&r, 0, f, len);
	router_run(&r, 0);
}

/* A tap gets each frame as it came, and again as it leaves; forwarding changed only the packet, not the tap's bytes. */
static void test_tap(void **state)
{
	struct listener tap;
	u8 f[200], came[20];
	u32 len = forwarded(f);

	memcpy(came, f + ETH_HLEN, 20);
	listen_to(&tap, ETH_P_ALL, NULL);
	arrive(f, len);
	assert_int_equal(tap.n, 2);
	assert_ptr_equal(tap.skb[0]->dev, r.dev[0]);
	assert_int_equal(tap.skb[0]->pkt_type, PACKET_HOST);
	assert_memory_equal(tap.skb[0]->data, came, 20);
	assert_memory_equal(skb_mac_header(tap.skb[0]), f, ETH_HLEN);
	assert_ptr_equal(tap.skb[1]->dev, r.dev[1]);
	assert_int_equal(tap.skb[1]->pkt_type, PACKET_OUTGOING);
	assert_int_equal(r.n, 1);
	assert_memory_equal(tap.skb[1]->data, r.out[0].bytes, len);
	assert_int_equal(router_out_ip(&r, 0)->ttl, 63);
	assert_int_equal(ip_fast_csum(router_out_ip(&r, 0), 5), 0);
	listen_end(&tap);
	arrive(f, len);
	assert_int_equal(r.n, 2);
	assert_int_equal(tap.n, 0);
}

static void test_tap_of_one_device(void **state)
{
	struct listener tap;
	u8 f[200];

	listen_to(&tap, ETH_P_ALL, r.dev[1]);
	arrive(f, forwarded(f));
	assert_int_equal(tap.n, 1);
	assert_ptr_equal(tap.skb[0]->dev, r.dev[1]);
	listen_end(&tap);
}

/* A second taker of IPv4 frames: both see the packet, and IP makes its own before it writes to it (skb_share_check). */
static void test_shared_type(void **state)
{
	struct listener ip;
	u8 f[200], came[20];
	u32 len = forwarded(f);

	memcpy(came, f + ETH_HLEN, 20);
	dev_remove_pack(r.net, r.net->ipv4.ip_packet_type);
	listen_to(&ip, ETH_P_IP, NULL);
	dev_add_pack(r.net, r.net->ipv4.ip_packet_type);
	arrive(f, len);
	assert_int_equal(ip.n, 1);
	assert_memory_equal(ip.skb[0]->data, came, 20);
	assert_int_equal(ip.skb[0]->users, 1);
	assert_null(ip.skb[0]->dst);
	assert_int_equal(r.n, 1);
	assert_int_equal(router_out_ip(&r, 0)->ttl, 63);
	listen_end(&ip);
}

/* The copy that IP needs of a shared packet can not be had: counted, and the other's is unharmed. */
static void test_share_without_memory(void **state)
{
	struct listener ip;
	struct sk_buff *all[4096];
	u8 f[200], came[20];
	u32 len = forwarded(f), n = 0;

	memcpy(came, f + ETH_HLEN, 20);
	dev_remove_pack(r.net, r.net->ipv4.ip_packet_type);
	listen_to(&ip, ETH_P_IP, NULL);
	dev_add_pack(r.net, r.net->ipv4.ip_packet_type);
	router_rx(&r, 0, f, len);
	router_fail_after = 0;
	while (n < ARRAY_SIZE(all) && (all[n] = alloc_skb(r.skiff, 64)))
		n++;
	assert_true(n < ARRAY_SIZE(all));
	router_run(&r, 0);
	router_fail_after = -1;
	assert_int_equal(router_counter(&r, "Ip.InDiscards"), 1);
	assert_int_equal(r.n, 0);
	assert_int_equal(ip.n, 1);
	assert_memory_equal(ip.skb[0]->data, came, 20);
	while (n)
		consume_skb(r.skiff, all[--n]);
	listen_end(&ip);
}

/* Frames of a type nobody takes, and frames for another host. */
static void test_nobody(void **state)
{
	struct listener mine;
	u8 f[200];
	u32 len = forwarded(f);

	f[12] = 0x90;
	f[13] = 0x01;
	arrive(f, len);
	assert_int_equal(r.dev[0]->stats.rx_nohandler, 1);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_UNHANDLED_PROTO], 1);
	listen_to(&mine, 0x9001, NULL);
	arrive(f, len);
	assert_int_equal(mine.n, 1);
	assert_int_equal(r.dev[0]->stats.rx_nohandler, 1);
	listen_end(&mine);
	len = forwarded(f);
	f[5] ^= 0x40;
	arrive(f, len);
	assert_int_equal(r.dev[0]->stats.rx_otherhost_dropped, 1);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_OTHERHOST], 1);
	assert_int_equal(router_counter(&r, "Ip.InReceives"), 0);
	assert_int_equal(r.n, 0);
}

/* What goes through a veth is the same buffer at the other end, in another namespace, and without the sender's marks. */
static void test_veth(void **state)
{
	struct net *other = (struct net *)skiff_net_create(r.skiff, "other");
	struct listener tap = { .n = 0 };
	struct net_device *a, *b;
	struct sk_buff *skb;
	const u8 *head;

	assert_non_null(other);
	assert_int_equal(veth_create(r.net, "v0", NULL, other, "v1", NULL, &a, &b), 0);
	assert_int_equal(dev_open(a), 0);
	assert_false(a->carrier);
	assert_int_equal(dev_open(b), 0);
	assert_true(a->carrier && b->carrier);
	tap.pt = (struct packet_type){ .type = htons(0x9001),
				       .list_func = keep,
				       .af_packet_priv = &tap };
	dev_add_pack(other, &tap.pt);
	skb = alloc_skb(r.skiff, 64);
	memset(skb_put(skb, 60), 0, 60);
	memcpy(skb->data, b->dev_addr, 6);
	skb->data[12] = 0x90;
	skb->data[13] = 0x01;
	skb->mark = 7;
	skb->dev = a;
	head = skb->head;
	assert_int_equal(dev_queue_xmit(skb), 0);
	router_run(&r, 0);
	assert_int_equal(tap.n, 1);
	assert_ptr_equal(tap.skb[0]->head, head);
	assert_ptr_equal(tap.skb[0]->dev, b);
	assert_int_equal(tap.skb[0]->mark, 0);
	assert_int_equal(a->stats.tx_packets, 1);
	assert_int_equal(b->stats.rx_packets, 1);
	dev_close(b);
	assert_false(a->carrier);
	forget(&tap);
	dev_remove_pack(other, &tap.pt);
	/* One end goes, and the other with it. */
	unregister_netdevice(b);
	assert_null(dev_get_by_name(r.net, "v0"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_tap),	T(test_tap_of_one_device),    T(test_shared_type),
		T(test_nobody), T(test_share_without_memory), T(test_veth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
