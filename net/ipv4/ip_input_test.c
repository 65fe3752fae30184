// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_input_test.c - a batch does what its packets would do one by one, whatever is mixed in it.
 *
 * The same random packets (good, broken, for us, to forward, groups, broadcasts, options, fragments) go into two routers
 * of the same seed, into one a packet at a turn, into the other up to 64 at a turn. Frames on each wire must be the same
 * and so must every counter. Within a batch a stage is done for all packets before the next, so frames of different
 * stages may change places (an answer to a bad header and a forwarded packet): frames are compared as a set, and those
 * passed on in order, too. Ids that the router chooses (its own answers) depend on that order and are taken out.
 */
#include "tests/router.h"

#include "net/igmp.h"
#include "net/ip.h"
#include "net/netfilter.h"
#include "skiff/explain.h"

#define MAX_LEN 1600

static struct router one, many;
static struct prng rnd;

static u32 below(u32 n)
{
	return prng_u32_below(&rnd, n);
}

static void config(struct router *r, unsigned variant)
{
	router_start(r, 4, 3);
	router_ip(r, "route add 10.9.0.0/16 via 10.0.1.2");
	router_ip(r, "route add 10.8.0.0/16 via 10.0.2.2 mtu 600");
	router_ip(r, "route add 10.7.0.0/16 nexthop via 10.0.1.2 nexthop via 10.0.3.2");
	router_ip(r, "route add unreachable 10.6.0.0/24");
	router_ip(r, "route add prohibit 10.6.1.0/24");
	router_ip(r, "route add blackhole 10.6.2.0/24");
	router_ip(r, "route add 10.5.0.0/16 via 10.0.0.9"); /* hairpin: redirects */
	router_ip(r, "neigh add 10.0.0.9 lladdr 02:aa:00:00:00:09 dev e0 nud permanent");
	router_sysctl(r, "net.ipv4.conf.all.accept_source_route", "1");
	router_sysctl(r, "net.ipv4.conf.e0.accept_source_route", "1");
	if (variant & 1)
		router_sysctl(r, "net.ipv4.conf.all.rp_filter", "1");
	if (variant & 2)
		router_ip(r, "rule add from 10.0.0.3 lookup 100");
	if (variant & 4)
		router_sysctl(r, "net.ipv4.conf.all.drop_unicast_in_l2_multicast", "1");
	router_run(r, 100);
	router_clear(r);
}

static __be32 random_saddr(void)
{
	static const u32 few[] = { 0x0a000002, 0x0a000002, 0x0a000002, 0x0a000002,
				   0x0a000003, 0x0a000003, 0x0a000004, 0x0a000005,
				   0x0a000006, 0x0a000105, 0x0a000001, 0x7f000001,
				   0xe0000001, 0,	   0xffffffff, 0x0a000063 };

	return htonl(few[below(ARRAY_SIZE(few))]);
}

static __be32 random_daddr(void)
{
	static const u32 few[] = { 0x0a000001, 0x0a000101, 0x0a000102, 0x0a090001, 0x0a090001,
				   0x0a080001, 0x0a070001, 0x0a060001, 0x0a060101, 0x0a060201,
				   0x0a050001, 0xe0000001, 0xe0000105, 0x0a0000ff, 0x0a0001ff,
				   0xffffffff, 0x7f000001, 0xc0a80001, 0,	   0x0a090002 };
	u32 d = few[below(ARRAY_SIZE(few))];

	return htonl(d >> 16 == 0x0a07 ? d + below(40) : d);
}

/* Options: RR, timestamp, both source routes (by our address or not), router alert, nonsense. Return: bytes, a multiple of 4 */
static u32 random_options(u8 *p)
{
	static const u8 kind[][12] = {
		{ 7, 7, 4, 0, 0, 0, 0, 0 },
		{ 68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0 },
		{ 131, 7, 4, 10, 0, 1, 2, 0 },
		{ 137, 7, 4, 10, 0, 1, 2, 0 },
		{ 148, 4, 0, 0 },
		{ 7, 3, 4, 0 },
		{ 1, 1, 1, 0 },
		{ 131, 7, 8, 10, 9, 0, 1, 0 },
	};
	static const u8 len[] = { 8, 12, 8, 8, 4, 4, 4, 8 };
	u32 k = below(ARRAY_SIZE(len));

	memcpy(p, kind[k], len[k]);
	return len[k];
}

static u32 random_packet(u8 *f)
{
	u32 opts = 0, n, len = below(3) ? below(200) : below(1400), pad;
	struct iphdr iph = { .version = 4, .ttl = (u8)(below(8) ? 64 : below(3)) };
	u8 *p = f + ETH_HLEN;

	memset(f, 0, MAX_LEN);
	router_eth(f, 0);
	iph.saddr = random_saddr();
	iph.daddr = random_daddr();
	iph.tos = (u8)(below(6) ? 0 : below(256));
	iph.id = htons(1 + below(3));
	iph.protocol = (u8)(below(3) ? 17 : below(2) ? 1 : below(2) ? 2 : below(256));
	iph.frag_off = htons(below(5) ? (below(4) ? 0 : IP_DF) :
					(below(2) ? IP_MF : 0) | below(4) * (len / 8));
	if (!below(5))
		opts = random_options(p + 20);
	iph.ihl = (5 + opts / 4) & 15;
	n = 20 + opts + len;
	iph.tot_len = htons(n);
	memcpy(p, &iph, 20);
	for (u32 i = 20 + opts; i < n; i++)
		p[i] = (u8)(below(4) ? i : below(256));
	if (iph.protocol == 1 && len > 8) {
		p[20 + opts] = 8; /* echo requests that are right */
		put_unaligned16(0, p + 22 + opts);
		put_unaligned16(csum_fold(csum_partial(p + 20 + opts, len, 0)), p + 22 + opts);
	} else if (iph.protocol == 17 && len > 8) {
		put_unaligned16(htons(len), p + 24 + opts);
		put_unaligned16(0, p + 26 + opts);
	}
	router_ip_csum(f);
	if (!below(12)) /* broken by one byte of the header */
		p[below(20)] = (u8)below(256);
	if (ipv4_is_multicast(iph.daddr)) {
		f[0] = 1, f[1] = 0, f[2] = 0x5e;
		memcpy(f + 3, (u8 *)&iph.daddr + 1, 3);
	}
	if (!below(10))
		memset(f, below(2) ? 0xff : 0x03, 6); /* broadcast, somebody else's group */
	if (!below(20))
		f[5] ^= 1; /* for another host */
	if (!below(30))
		f[12] = 0x86, f[13] = 0xdd;
	pad = below(8) ? 0 : below(60);
	if (!below(20) && n > 30)
		n -= below(30);
	return ETH_HLEN + n + pad;
}

static u8 packet[64][MAX_LEN] __attribute__((aligned(16)));
static u32 packet_len[64];

static void feed(unsigned n)
{
	/* Clocks go together: a batch is one moment. */
	for (unsigned i = 0; i < n; i++) {
		router_rx(&one, 0, packet[i], packet_len[i]);
		router_run(&one, 0);
		router_rx(&many, 0, packet[i], packet_len[i]);
	}
	router_run(&many, 0);
	router_run(&one, 1);
	router_run(&many, 1);
}

/* ---- the same frames ---- */

/* Ids of our own packets, and what sums them up. */
static void normalise(struct router_frame *f)
{
	u8 *p = f->bytes + ETH_HLEN;

	if (f->bytes[12] != 8 || f->bytes[13] || p[9] != 1)
		return;
	put_unaligned16(0, p + 4);
	put_unaligned16(0, p + 10);
}

static int frame_cmp(const void *va, const void *vb)
{
	const struct router_frame *a = va, *b = vb;
	int c;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	c = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static void dump(const char *who, const struct router_frame *f)
{
	print_message("%s e%u len %u:", who, f->dev, f->len);
	for (u32 i = 0; i < f->len && i < 80; i++)
		print_message(" %02x", f->bytes[i]);
	print_message("\n");
}

/* The next frame on wire @dev from @i on that the router did not make itself. */
static u32 next_forwarded(const struct router *r, u32 dev, u32 i)
{
	for (; i < r->n; i++) {
		const u8 *p = r->out[i].bytes + ETH_HLEN;

		if (r->out[i].dev == dev && !(p[12] == 10 && !p[13] && p[15] == 1))
			break;
	}
	return i;
}

/* What is passed on keeps its order on each wire. */
static void assert_same_order(void)
{
	for (u32 dev = 0; dev < one.wires; dev++) {
		u32 a = next_forwarded(&one, dev, 0), b = next_forwarded(&many, dev, 0);

		for (; a < one.n && b < many.n;
		     a = next_forwarded(&one, dev, a + 1), b = next_forwarded(&many, dev, b + 1))
			if (frame_cmp(&one.out[a], &many.out[b])) {
				dump("one by one", &one.out[a]);
				dump("in batches", &many.out[b]);
				fail_msg("frame %u/%u of e%u is out of order", a, b, dev);
			}
		assert_true(a == one.n && b == many.n);
	}
}

static void assert_same_frames(void)
{
	u32 n = one.n < many.n ? one.n : many.n;

	for (u32 i = 0; i < one.n; i++)
		normalise(&one.out[i]);
	for (u32 i = 0; i < many.n; i++)
		normalise(&many.out[i]);
	assert_same_order();
	qsort(one.out, one.n, sizeof(one.out[0]), frame_cmp);
	qsort(many.out, many.n, sizeof(many.out[0]), frame_cmp);
	for (u32 i = 0; i < n; i++)
		if (frame_cmp(&one.out[i], &many.out[i])) {
			dump("one by one", &one.out[i]);
			dump("in batches", &many.out[i]);
			fail_msg("frame %u of %u/%u differs", i, one.n, many.n);
		}
	assert_int_equal(one.n, many.n);
	router_clear(&one);
	router_clear(&many);
}

struct counters {
	u32 n;
	struct {
		char name[40];
		u64 value;
	} c[400];
};

static void take_counter(void *arg, const char *name, uint64_t value)
{
	struct counters *c = arg;

	snprintf(c->c[c->n].name, sizeof(c->c[0].name), "%s", name);
	c->c[c->n++].value = value;
}

static void assert_same_counters(void)
{
	static struct counters a, b;

	a.n = b.n = 0;
	skiff_counters((struct skiff_net *)one.net, take_counter, &a);
	skiff_counters((struct skiff_net *)many.net, take_counter, &b);
	assert_int_equal(a.n, b.n);
	for (u32 i = 0; i < a.n; i++)
		if (strcmp(a.c[i].name, b.c[i].name) || a.c[i].value != b.c[i].value)
			fail_msg("%s: %lu one by one, %lu in batches", a.c[i].name,
				 (unsigned long)a.c[i].value, (unsigned long)b.c[i].value);
	for (u32 i = 0; i < SKB_DROP_REASON_MAX; i++)
		if (one.skiff->drop_counts[i] != many.skiff->drop_counts[i])
			fail_msg("drop reason %u: %lu one by one, %lu in batches", i,
				 (unsigned long)one.skiff->drop_counts[i],
				 (unsigned long)many.skiff->drop_counts[i]);
	for (unsigned i = 0; i < one.wires; i++)
		assert_memory_equal(&one.dev[i]->stats, &many.dev[i]->stats,
				    sizeof(one.dev[i]->stats));
}

static void test_batch_is_its_packets(void **state)
{
	for (unsigned variant = 0; variant < 8; variant++) {
		u32 frames = 0;

		prng_seed(&rnd, &variant, sizeof(variant));
		config(&one, variant);
		config(&many, variant);
		for (int round = 0; round < 100; round++) {
			unsigned n = round % 3 ? 64 : 1 + below(64);

			for (unsigned i = 0; i < n; i++) {
				u32 again = below(4) ? 0 : i;

				/* Trains of packets of one flow. */
				packet_len[i] = again ? packet_len[again - 1] :
							random_packet(packet[i]);
				if (again)
					memcpy(packet[i], packet[again - 1], MAX_LEN);
			}
			feed(n);
			frames += one.n;
			assert_same_frames();
			assert_same_counters();
		}
		print_message("variant %u: %u frames\n", variant, frames);
		assert_true(frames > 500);
		skiff_destroy(many.skiff);
		router_clear(&many);
		router_stop(&one);
	}
}

/*
 * A recorder that listens sees the long way: no batches, nothing looked up ahead or remembered of the packet before.
 * While routes, addresses, rules, settings, links and neighbours change in between, both ways give the same.
 */
static void random_change(void)
{
	static const char *const words[] = {
		"route replace 10.9.0.0/16 via 10.0.1.2",
		"route replace 10.9.0.0/16 via 10.0.2.2",
		"route replace 10.9.0.1/32 via 10.0.3.2",
		"route del 10.9.0.1/32",
		"route add 10.0.0.2/32 via 10.0.2.2",
		"route del 10.0.0.2/32",
		"route add 10.0.0.3/32 dev e3",
		"route del 10.0.0.3/32",
		"route add unreachable 10.0.0.4/32",
		"route del unreachable 10.0.0.4/32",
		"addr add 10.0.0.5/32 dev e2",
		"addr del 10.0.0.5/32 dev e2",
		"addr add 10.9.0.2/32 dev e1",
		"addr del 10.9.0.2/32 dev e1",
		"rule add from 10.0.0.6 lookup 100",
		"rule del from 10.0.0.6 lookup 100",
		"route add default via 10.0.3.2 table 100",
		"link set e3 down",
		"link set e3 up",
		"link set e1 mtu 700",
		"link set e1 mtu 1500",
		"neigh del 10.0.1.2 dev e1",
		"neigh replace 10.0.1.2 lladdr 02:bb:00:00:01:02 dev e1 nud permanent",
		"neigh replace 10.0.2.2 lladdr 02:bb:00:00:02:02 dev e2 nud permanent",
		"neigh replace 10.0.3.2 lladdr 02:bb:00:00:03:02 dev e3 nud permanent",
		"nexthop replace id 5 via 10.0.1.2 dev e1",
		"nexthop replace id 5 via 10.0.2.2 dev e2",
		"route replace 10.8.0.0/16 nhid 5",
		"route replace 10.8.0.0/16 via 10.0.2.2 mtu 600",
	};
	static const char *const keys[][2] = {
		{ "net.ipv4.conf.all.rp_filter", "0" },
		{ "net.ipv4.conf.all.rp_filter", "1" },
		{ "net.ipv4.conf.e0.rp_filter", "2" },
		{ "net.ipv4.conf.e0.rp_filter", "0" },
		{ "net.ipv4.conf.e0.accept_local", "1" },
		{ "net.ipv4.conf.e0.accept_local", "0" },
		{ "net.ipv4.conf.e0.route_localnet", "1" },
		{ "net.ipv4.conf.e0.route_localnet", "0" },
		{ "net.ipv4.conf.e0.forwarding", "0" },
		{ "net.ipv4.conf.e0.forwarding", "1" },
		{ "net.ipv4.ip_forward", "1" },
		{ "net.ipv4.conf.e0.send_redirects", "0" },
		{ "net.ipv4.conf.e0.send_redirects", "1" },
		{ "net.ipv4.ip_default_ttl", "33" },
	};
	u32 k = below(ARRAY_SIZE(words) + ARRAY_SIZE(keys));

	if (k < ARRAY_SIZE(words)) {
		int a = router_try(&one, words[k]), b = router_try(&many, words[k]);

		assert_int_equal(a, b);
		return;
	}
	k -= (u32)ARRAY_SIZE(words);
	router_sysctl(&one, keys[k][0], keys[k][1]);
	router_sysctl(&many, keys[k][0], keys[k][1]);
}

static void test_long_way_is_the_same(void **state)
{
	for (unsigned variant = 0; variant < 6; variant++) {
		struct skiff_recorder *rec;
		u32 frames = 0, seed = variant + 100;

		prng_seed(&rnd, &seed, sizeof(seed));
		config(&one, 0);
		config(&many, 0);
		rec = skiff_recorder_start(one.skiff);
		assert_non_null(rec);
		for (int round = 0; round < 150; round++) {
			unsigned n = 1 + below(64);

			random_change();
			for (unsigned i = 0; i < n; i++)
				packet_len[i] = random_packet(packet[i]);
			feed(n);
			frames += one.n;
			assert_same_frames();
			assert_same_counters();
			skiff_recorder_clear(rec);
		}
		print_message("variant %u: %u frames\n", variant, frames);
		assert_true(frames > 300);
		skiff_recorder_stop(rec);
		skiff_destroy(many.skiff);
		router_clear(&many);
		router_stop(&one);
	}
}

/* ---- what a packet before must not do to one behind it ---- */

static struct router r;

static void rx_udp(u8 *f, u32 len)
{
	router_rx(&r, 0, f, len);
}

/* A source route turns a packet for us into one to forward; the next one to us is for us. */
static void test_no_hint_from_source_route(void **state)
{
	static const u8 lsrr[8] = { 131, 7, 4, 10, 0, 1, 2, 0 };
	static u8 f[200];
	u32 len;

	config(&r, 0);
	len = router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 1), 40);
	memcpy(f + ETH_HLEN + 20, lsrr, 8);
	f[ETH_HLEN] = 0x47;
	router_ip_csum(f);
	rx_udp(f, len);
	rx_udp(f, router_udp(f, 0, IP4(10, 0, 0, 2), IP4(10, 0, 0, 1), 40));
	router_run(&r, 0);
	assert_int_equal(router_counter(&r, "Ip.ForwDatagrams"), 1);
	assert_int_equal(router_counter(&r, "Udp.NoPorts"), 1);
	router_stop(&r);
}

/* IGMP may come from 0.0.0.0 to any group, UDP only to those of the link. */
static void test_no_hint_from_group(void **state)
{
	static u8 f[200];
	u32 len;

	config(&r, 0);
	ip_mc_inc_group(in_dev_get(r.dev[0]), IP4(239, 1, 1, 1));
	len = router_udp(f, 0, 0, IP4(239, 1, 1, 1), 40);
	f[ETH_HLEN + 9] = 2;
	router_ip_csum(f);
	rx_udp(f, len);
	f[ETH_HLEN + 9] = 17;
	router_ip_csum(f);
	rx_udp(f, len);
	router_run(&r, 0);
	assert_int_equal(router_counter(&r, "Ip.InDelivers"), 1);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_IP_INVALID_SOURCE], 1);
	router_stop(&r);
}

/* What was believed of a source is not believed longer than it is true: the same packet after each change. */
static void test_source_judged_anew(void **state)
{
	static const struct {
		const char *key, *value; /* a setting, or words for ip */
		bool passes;
	} row[] = {
		{ NULL, NULL, true },
		{ "net.ipv4.conf.e0.rp_filter", "1", false },
		{ "net.ipv4.conf.e0.rp_filter", "2", true },
		{ NULL, "route add unreachable 10.0.1.5/32", false },
		{ NULL, "route del unreachable 10.0.1.5/32", true },
		{ "net.ipv4.conf.e0.rp_filter", "0", true },
		{ "net.ipv4.conf.all.rp_filter", "1", false },
		{ NULL, "route add 10.0.1.5/32 via 10.0.0.2", true },
		{ NULL, "route del 10.0.1.5/32", false },
		{ "net.ipv4.conf.all.rp_filter", "0", true },
		{ NULL, "addr add 10.0.1.5/32 dev e3", false },
		{ "net.ipv4.conf.e0.accept_local", "1", true },
		{ "net.ipv4.conf.e0.accept_local", "0", false },
		{ NULL, "addr del 10.0.1.5/32 dev e3", true },
		{ "net.ipv4.conf.e0.forwarding", "0", false },
		{ "net.ipv4.conf.e0.forwarding", "1", true },
		{ NULL, "rule add from 10.0.1.5 prohibit", false },
		{ NULL, "rule del from 10.0.1.5 prohibit", true },
	};
	static u8 f[200];

	config(&r, 0);
	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		if (row[i].key)
			router_sysctl(&r, row[i].key, row[i].value);
		else if (row[i].value)
			router_ip(&r, row[i].value);
		for (int k = 0; k < 3; k++) {
			router_rx(&r, 0, f,
				  router_udp(f, 0, IP4(10, 0, 1, 5), IP4(10, 0, 2, 2), 40));
			router_run(&r, 0);
			if (row[i].passes != (r.n == 1 && r.out[0].dev == 2))
				fail_msg("row %u packet %d", i, k);
			router_clear(&r);
		}
	}
	router_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_hint_from_source_route),
		cmocka_unit_test(test_no_hint_from_group),
		cmocka_unit_test(test_source_judged_anew),
		cmocka_unit_test(test_batch_is_its_packets),
		cmocka_unit_test(test_long_way_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
