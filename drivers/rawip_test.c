// SPDX-License-Identifier: BSD-2-Clause
/* drivers/rawip_test.c - bare IP packets in and out: an echo is answered without ARP, versions, sizes, a device that is down. */
#include "tests/router.h"

static struct router r;
static struct skiff_dev *tun;
static u8 sent[65536];
static u32 n_sent, sent_len, sent_gso;

static void tun_xmit(void *arg, struct skiff_dev *dev, const void *packet, size_t len,
		     unsigned gso_size)
{
	memcpy(sent, packet, len);
	sent_len = (u32)len;
	sent_gso = gso_size;
	n_sent++;
}

static const struct skiff_rawip_ops tun_ops = { tun_xmit };

static int setup(void **state)
{
	router_start(&r, 1, 3);
	tun = skiff_rawip_create((struct skiff_net *)r.net, "tun0", SKIFF_RAWIP_TSO, &tun_ops,
				 NULL);
	assert_non_null(tun);
	router_ip(&r, "link set tun0 up");
	router_ip(&r, "addr add 192.168.0.1/16 dev tun0");
	router_ip(&r, "route add 192.0.2.0/24 via 192.168.0.2 dev tun0");
	router_run(&r, 20000);
	n_sent = 0;
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

/* An echo request with @len bytes of payload, of zeros. Return: its length */
static u32 echo(u8 *p, u32 len)
{
	struct iphdr iph = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP };

	memset(p, 0, 28 + len);
	iph.tot_len = htons(28 + len);
	iph.saddr = IP4(192, 0, 2, 1);
	iph.daddr = IP4(192, 168, 0, 1);
	memcpy(p, &iph, 20);
	put_unaligned16(ip_fast_csum(p, 5), p + 10);
	p[20] = 8;
	put_unaligned16(csum_fold(csum_partial(p + 20, 8 + len, 0)), p + 22);
	return 28 + len;
}

static void test_echo_is_answered(void **state)
{
	static u8 p[2000];
	const struct iphdr *iph = (const struct iphdr *)sent;
	u32 len = echo(p, 56);

	assert_int_equal(skiff_rawip_rx(tun, p, len), 0);
	assert_int_equal(n_sent, 0); /* not before the next turn */
	router_run(&r, 0);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent_len, len);
	assert_int_equal(sent_gso, 0);
	assert_int_equal(iph->saddr, IP4(192, 168, 0, 1));
	assert_int_equal(iph->daddr, IP4(192, 0, 2, 1));
	assert_int_equal(sent[20], 0);
}

static void test_forwarded_to_ethernet_and_back(void **state)
{
	static u8 p[2000];
	u32 len = router_udp(p, 0, IP4(10, 0, 0, 2), IP4(192, 0, 2, 7), 100);
	struct iphdr iph;

	router_rx(&r, 0, p, len);
	router_run(&r, 0);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent_len, len - ETH_HLEN);
	memcpy(&iph, sent, 20);
	assert_int_equal(iph.ttl, 63);
	iph.saddr = IP4(192, 0, 2, 7);
	iph.daddr = IP4(10, 0, 0, 2);
	iph.check = 0;
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(sent, &iph, 20);
	assert_int_equal(skiff_rawip_rx(tun, sent, sent_len), 0);
	router_run(&r, 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(router_out_ip(&r, 0)->ttl, 62);
}

static void test_what_is_no_packet(void **state)
{
	static u8 p[70000];
	u32 len = echo(p, 8);
	struct net_device *dev = (struct net_device *)tun;

	p[0] = 0x55;
	assert_int_equal(skiff_rawip_rx(tun, p, len), -EINVAL);
	assert_int_equal(dev->stats.rx_dropped, 1);
	assert_int_equal(skiff_rawip_rx(tun, p, 0), -EMSGSIZE);
	assert_int_equal(skiff_rawip_rx(tun, p, 65536), -EMSGSIZE);
	p[0] = 0x60; /* nobody takes IPv6 */
	assert_int_equal(skiff_rawip_rx(tun, p, len), 0);
	router_run(&r, 0);
	assert_int_equal(dev->stats.rx_nohandler, 1);
	router_ip(&r, "link set tun0 down");
	assert_int_equal(skiff_rawip_rx(tun, p, len), -ENETDOWN);
	assert_int_equal(n_sent, 0);
}

static void test_full_queue(void **state)
{
	static u8 p[2000];
	u32 len = echo(p, 56);
	struct net_device *dev = (struct net_device *)tun;

	skiff_rawip_set_flags(tun, SKIFF_RAWIP_FULL);
	assert_int_equal(skiff_rawip_rx(tun, p, len), 0);
	router_run(&r, 0);
	assert_int_equal(n_sent, 0);
	assert_int_equal(dev->stats.tx_dropped, 1);
	skiff_rawip_set_flags(tun, SKIFF_RAWIP_TSO);
	assert_int_equal(skiff_rawip_rx(tun, p, len), 0);
	router_run(&r, 0);
	assert_int_equal(n_sent, 1);
}

static void test_link(void **state)
{
	const struct net_device *dev = (const struct net_device *)tun;

	assert_int_equal(dev->type, ARPHRD_NONE);
	assert_int_equal(dev->mtu, 1500);
	assert_int_equal(dev->flags & (IFF_POINTOPOINT_ | IFF_NOARP_ | IFF_BROADCAST_),
			 IFF_POINTOPOINT_ | IFF_NOARP_);
	assert_null(skiff_rawip_create((struct skiff_net *)r.net, "tun0", 0, &tun_ops, NULL));
	skiff_dev_destroy(tun);
	assert_null(skiff_dev_find((struct skiff_net *)r.net, "tun0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_echo_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forwarded_to_ethernet_and_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_packet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
