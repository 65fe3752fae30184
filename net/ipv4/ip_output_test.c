// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_output_test.c - the way out: next hops that come and go, fragments of every size and back together. */
#include "tests/router.h"

#include "net/ip.h"
#include "net/netfilter.h"
#include "net/route.h"

static struct router r, host;
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

/* A packet that stands for segments and may be fragmented meets a link too narrow for them: first segments, each with its own id
 * and checksum, then fragments of each. */
static void test_large_packet_fragmented(void **state)
{
	u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 2500);
	struct sk_buff *skb = alloc_skb(r.skiff, len + 2);
	struct skb_shared_info *si;

	router_ip(&r, "link set e1 mtu 600");
	skb_reserve(skb, 2);
	skb_put_data(skb, frame, len);
	si = skb_shinfo_get(r.skiff, skb);
	si->gso_size = 1000;
	si->gso_segs = 3;
	si->gso_type = SKB_GSO_UDP_L4;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + ETH_HLEN + 20);
	skb->csum_offset = 6;
	skb->protocol = eth_type_trans(skb, r.dev[0]);
	netif_receive_skb(r.skiff, skb);
	router_run(&r, 0);
	/* 1008 bytes of UDP in pieces of 576 + 432, twice, and the rest of 508. */
	assert_int_equal(r.n, 5);
	for (u32 i = 0; i < 5; i++) {
		static const u32 payload[] = { 576, 432, 576, 432, 508 };
		const struct iphdr *iph = router_out_ip(&r, i);

		assert_int_equal(ntohs(iph->tot_len), 20 + payload[i]);
		assert_int_equal(ntohs(iph->id), i / 2);
		assert_int_equal(ntohs(iph->frag_off), i == 4 ? 0 : i % 2 ? 576 / 8 : IP_MF);
		assert_int_equal(ip_fast_csum(iph, 5), 0);
	}
	assert_int_equal(get_unaligned16(r.out[0].bytes + ETH_HLEN + 24), htons(1008));
	assert_memory_equal(r.out[2].bytes + ETH_HLEN + 28, frame + ETH_HLEN + 28 + 1000, 568);
	{
		const u8 *l4 = r.out[4].bytes + ETH_HLEN + 20;

		assert_int_equal(csum_tcpudp_magic(IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 508,
						   IPPROTO_UDP, csum_partial(l4, 508, 0)),
				 0);
	}
}

/* ---- fragments: cut at the router, put together at a host behind it ---- */

static struct {
	u32 n, len;
	u8 bytes[70000];
} got;

static void catch_local(void *priv, struct skb_batch *b, const struct nf_hook_state *state)
{
	for (u32 i = 0; i < b->n; i++) {
		got.n++;
		got.len = b->p[i]->len;
		assert_int_equal(skb_copy_bits(b->p[i], 0, got.bytes, got.len), 0);
		consume_skb(state->net->skiff, b->p[i]);
	}
	b->n = 0;
}

static int setup_pair(void **state)
{
	const struct nf_hook_ops ops = { .hook = catch_local,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_LOCAL_IN };

	router_start(&r, 3, 1);
	router_start(&host, 1, 2);
	router_ip(&host, "addr add 10.0.1.2/32 dev lo");
	router_sysctl(&host, "net.ipv4.conf.all.accept_source_route", "1");
	router_sysctl(&r, "net.ipv4.conf.all.accept_source_route", "1");
	router_sysctl(&host, "net.ipv4.ipfrag_max_dist", "0");
	nf_register_net_hook(host.net, &ops);
	got.n = 0;
	return 0;
}

static int teardown_pair(void **state)
{
	skiff_destroy(host.skiff);
	router_clear(&host);
	router_stop(&r);
	return 0;
}

static void set_mtu(u32 mtu)
{
	char words[40];

	snprintf(words, sizeof(words), "link set e1 mtu %u", mtu);
	router_ip(&r, words);
}

/* The header of the packet in frame[] gets @n bytes of options; the payload moves behind them. Return: length of the frame */
static u32 add_options(const u8 *opts, u32 n, u32 len)
{
	u8 *p = frame + ETH_HLEN;

	memmove(p + 20 + n, p + 20, len - ETH_HLEN - 20);
	memcpy(p + 20, opts, n);
	p[0] = (u8)(0x45 + n / 4);
	put_unaligned16(htons(len - ETH_HLEN + n), p + 2);
	router_ip_csum(frame);
	return len + n;
}

/* Pieces as they left: each fits, offsets add up. Then they go to the host, last first. */
static void check_and_deliver(u32 mtu)
{
	u32 next = 0;

	for (u32 i = 0; i < r.n; i++) {
		const struct iphdr *iph = router_out_ip(&r, i);
		u32 hlen = iph->ihl * 4u, off = (ntohs(iph->frag_off) & IP_OFFSET) * 8u;

		assert_int_equal(r.out[i].dev, 1);
		assert_int_equal(r.out[i].len, ntohs(iph->tot_len) + ETH_HLEN);
		assert_true(ntohs(iph->tot_len) <= mtu);
		assert_int_equal(ip_fast_csum(iph, iph->ihl), 0);
		assert_int_equal(off, next);
		next = off + ntohs(iph->tot_len) - hlen;
		assert_int_equal(!(iph->frag_off & htons(IP_MF)), i == r.n - 1);
		/* As much as fits, in all but the last. */
		assert_true(i == r.n - 1 || ntohs(iph->tot_len) + 8u > mtu);
	}
	for (u32 i = r.n; i-- > 0;) {
		router_eth(r.out[i].bytes, 0);
		router_rx(&host, 0, r.out[i].bytes, r.out[i].len);
		router_run(&host, 0);
	}
}

static void round_trip(u32 mtu, u32 size, const u8 *opts, u32 optlen)
{
	u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), size), before = got.n;
	static u16 id;

	put_unaligned16(htons(++id), frame + ETH_HLEN + 4);
	router_ip_csum(frame);
	if (optlen)
		len = add_options(opts, optlen, len);
	router_rx(&r, 0, frame, len);
	router_run(&r, 0);
	check_and_deliver(mtu);
	if (got.n != before + 1 || got.len != len - ETH_HLEN)
		fail_msg("mtu %u size %u: %u arrived, %u bytes", mtu, size, got.n - before,
			 got.len);
	assert_memory_equal(got.bytes + 20 + optlen, frame + ETH_HLEN + 20 + optlen,
			    got.len - 20 - optlen);
	router_clear(&r);
}

static void test_round_trip(void **state)
{
	static const u32 mtu[] = { 68, 69, 71, 72, 75, 76, 77, 100, 576, 1006, 1499, 1500 };
	static const u32 size[] = { 500, 548, 549, 1000, 1471, 1472, 1473, 2953, 4000, 65507 };
	u64 made = 0;

	for (u32 i = 0; i < ARRAY_SIZE(mtu); i++) {
		set_mtu(mtu[i]);
		for (u32 n = 0; n < 160; n++)
			round_trip(mtu[i], n, NULL, 0);
		for (u32 k = 0; k < ARRAY_SIZE(size); k++)
			round_trip(mtu[i], size[k], NULL, 0);
	}
	made = router_counter(&r, "Ip.FragCreates");
	assert_true(made > 1000);
	assert_int_equal(router_counter(&r, "Ip.FragFails"), 0);
	assert_int_equal(router_counter(&host, "Ip.ReasmOKs"), router_counter(&r, "Ip.FragOKs"));
	assert_int_equal(router_counter(&host, "Ip.ReasmReqds"), made);
}

/* RFC 791 3.1: record route in the first piece only (padding in the others), source routes in each. */
static void test_options(void **state)
{
	static const u8 rr[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	static const u8 lsrr[8] = { 131, 7, 8, 10, 0, 0, 9, 0 };
	static const u8 both[16] = { 7, 7, 4, 0, 0, 0, 0, 131, 7, 8, 10, 0, 0, 9, 1, 0 };
	static const struct {
		const u8 *opts;
		u32 len;
		bool rr, lsrr;
	} row[] = { { rr, 8, true, false }, { lsrr, 8, false, true }, { both, 16, true, true } };

	set_mtu(200);
	for (u32 k = 0; k < ARRAY_SIZE(row); k++) {
		u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 500);

		router_rx(&r, 0, frame, add_options(row[k].opts, row[k].len, len));
		router_run(&r, 0);
		assert_true(r.n > 2);
		for (u32 i = 0; i < r.n; i++) {
			const u8 *o = (const u8 *)router_out_ip(&r, i) + 20;

			assert_int_equal(router_out_ip(&r, i)->ihl, 5 + row[k].len / 4);
			assert_int_equal(o[0] == 7, row[k].rr && !i);
			assert_int_equal(memchr(o, 131, row[k].len) != NULL, row[k].lsrr);
		}
		check_and_deliver(200);
		assert_int_equal(got.n, k + 1);
		router_clear(&r);
	}
	/* Cut again: what is no first piece keeps the options that it has. */
	for (u32 off = 0; off < 2; off++) {
		u32 len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 500);

		put_unaligned16(htons(IP_MF | off * 100), frame + ETH_HLEN + 6);
		router_rx(&r, 0, frame, add_options(rr, 8, len));
		router_run(&r, 0);
		assert_true(r.n > 2);
		for (u32 i = 0; i < r.n; i++)
			assert_int_equal(((u8 *)router_out_ip(&r, i))[20] == 7, off || !i);
		router_clear(&r);
	}
}

/* Pieces of pieces of pieces: offsets are kept, the datagram is the same. */
static void test_fragments_of_fragments(void **state)
{
	static struct router_frame keep[400];
	static const u32 mtu[] = { 1500, 700, 333, 68 };
	u32 n = 1, len = router_udp(frame, 0, IP4(10, 0, 0, 2), IP4(10, 0, 1, 2), 5000);

	keep[0].bytes = malloc(len + 2) + 2;
	keep[0].len = len;
	memcpy(keep[0].bytes, frame, len);
	for (u32 k = 0; k < ARRAY_SIZE(mtu); k++) {
		set_mtu(mtu[k]);
		for (u32 i = 0; i < n; i++) {
			router_eth(keep[i].bytes, 0);
			router_rx(&r, 0, keep[i].bytes, keep[i].len);
			router_run(&r, 0);
			free(keep[i].bytes - 2);
		}
		n = r.n;
		assert_true(n < ARRAY_SIZE(keep));
		memcpy(keep, r.out, n * sizeof(keep[0]));
		r.n = 0;
	}
	for (u32 i = n; i-- > 0;) {
		router_eth(keep[i].bytes, 0);
		router_rx(&host, 0, keep[i].bytes, keep[i].len);
		free(keep[i].bytes - 2);
	}
	router_run(&host, 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.len, len - ETH_HLEN);
	assert_memory_equal(got.bytes + 20, frame + ETH_HLEN + 20, got.len - 20);
}

/* A route whose MTU has no room for 8 bytes: an end of it, not a loop. */
static void test_no_room(void **state)
{
	router_ip(&r, "route add 10.9.0.0/16 via 10.0.1.2 mtu 27");
	send_udp(IP4(10, 9, 0, 1), 100);
	assert_int_equal(r.n, 0);
	assert_int_equal(router_counter(&r, "Ip.FragFails"), 1);
	router_ip(&r, "route add 10.8.0.0/16 via 10.0.1.2 mtu 28");
	send_udp(IP4(10, 8, 0, 1), 100);
	assert_int_equal(r.n, 14);
	router_ip(&r, "route add 10.7.0.0/16 via 10.0.1.2 mtu 10");
	send_udp(IP4(10, 7, 0, 1), 100);
	assert_int_equal(router_counter(&r, "Ip.FragFails"), 2);
}

#define PAIR(fn) cmocka_unit_test_setup_teardown(fn, setup_pair, teardown_pair)
int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR(test_round_trip),
		PAIR(test_options),
		PAIR(test_fragments_of_fragments),
		PAIR(test_no_room),
		cmocka_unit_test_setup_teardown(test_gateway_neighbour_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gateway_neighbour_flushed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_packet_fragmented, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
