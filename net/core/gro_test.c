// SPDX-License-Identifier: BSD-2-Clause
/* net/core/gro_test.c - receive offload: what is merged, what ends a merge, and that cutting it again gives the same frames. */
#include "tests/router.h"

#include "net/gro.h"
#include "net/gso.h"
#include "net/netfilter.h"
#include "net/uio.h"

#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
#define URG 32
#define ECE 64
#define CWR 128

static struct router r;
static u8 bytes[70000];
static struct skb_batch b;

/* One segment; the fields that make flows and differences. */
struct seg {
	u32 seq, len;
	u8 flags;
	u16 port, id, window;
	u8 ttl, tos, option;
	u32 ack;
	__be32 daddr;
	bool udp, no_df, bad_csum, padded, frag, opts;
};

static const struct seg plain = {
	.seq = 1000, .len = 1448, .flags = ACK, .port = 5, .id = 7, .window = 100, .ttl = 64
};

static int setup(void **state)
{
	router_start(&r, 2, 11);
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 31 + (i >> 9) * 7);
	b.n = 0;
	return 0;
}

static int teardown(void **state)
{
	consume_skb_batch(r.skiff, &b);
	router_stop(&r);
	return 0;
}

static u32 headers(u8 *f, const struct seg *s)
{
	u32 l4 = s->udp ? 8 : 32, len = 20 + l4 + s->len;
	__be32 saddr = IP4(10, 0, 0, 2), daddr = s->daddr ? s->daddr : IP4(10, 0, 0, 1);
	u8 *p = f + ETH_HLEN, *t = p + 20;
	u32 at = s->udp ? 6 : 16;
	u16 sum;

	memset(f, 0, ETH_HLEN + 60);
	memcpy(f, r.dev[0]->dev_addr, 6);
	f[6] = 2;
	f[12] = 8;
	p[0] = 0x45;
	p[1] = s->tos;
	put_unaligned16(htons(len), p + 2);
	put_unaligned16(htons(s->id), p + 4);
	put_unaligned16(htons(s->frag ? 0x2000 : s->no_df ? 0 : 0x4000), p + 6);
	p[8] = s->ttl;
	p[9] = s->udp ? IPPROTO_UDP : IPPROTO_TCP;
	put_unaligned32(saddr, p + 12);
	put_unaligned32(daddr, p + 16);
	put_unaligned16(ip_fast_csum(p, 5), p + 10);
	put_unaligned16(htons(s->port), t);
	put_unaligned16(htons(80), t + 2);
	if (s->udp) {
		put_unaligned16(htons(8 + s->len), t + 4);
	} else {
		put_unaligned32(htonl(s->seq), t + 4);
		put_unaligned32(htonl(s->ack), t + 8);
		t[12] = 8 << 4;
		t[13] = s->flags;
		put_unaligned16(htons(s->window), t + 14);
		memcpy(t + 20, "\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02", 12);
		t[27] = s->option;
	}
	sum = csum_tcpudp_magic(saddr, daddr, l4 + s->len, p[9],
				csum_partial(bytes + s->seq % 60000, s->len,
					     csum_partial(t, l4, 0)));
	put_unaligned16((u16)(sum + s->bad_csum), t + at);
	return ETH_HLEN + 20 + l4;
}

static void received(struct sk_buff *skb)
{
	skb->journey_id = 0;
	skb->protocol = eth_type_trans(skb, r.dev[0]);
	skb_reset_network_header(skb);
	skb_batch_add(&b, skb);
}

/* As a driver has it: all bytes in one buffer. */
static void add(const struct seg *s)
{
	struct sk_buff *skb = alloc_skb(r.skiff, 2 + ETH_HLEN + 60 + s->len);
	u32 hdr;

	skb_reserve(skb, 2);
	hdr = headers(skb->data, s);
	skb_put(skb, hdr);
	skb_put_data(skb, bytes + s->seq % 60000, s->len);
	if (s->padded)
		skb_put_zero(skb, 3);
	received(skb);
}

/* As it comes by reference; @gap: somebody else's bytes in the chunk in front. */
static void add_ref(const struct seg *s, bool gap)
{
	struct sk_buff *skb = alloc_skb_ref(r.skiff);
	struct iovec iov = { bytes + s->seq % 60000, s->len };
	struct iov_iter it;
	u8 f[200];
	u32 hdr = headers(f, s), off;

	if (gap && skb_chunk_reserve(r.skiff, 8, &off))
		skb_chunk_commit(r.skiff, 8);
	iov_iter_init(&it, r.skiff, &iov, 1);
	assert_int_equal(skb_append_from_iter(r.skiff, skb, &it, s->len, 0), s->len);
	memcpy(skb_push(skb, hdr), f, hdr);
	received(skb);
}

static struct sk_buff *merge(u32 want)
{
	dev_gro_receive_list(r.net, &b);
	assert_int_equal(b.n, want);
	return b.p[0];
}

/* Cut again it is, byte for byte, the frames that @s describes: @n of them. */
static void check_round_trip(struct sk_buff *skb, const struct seg *s, u32 n)
{
	static u8 flat[70000];
	struct sk_buff *seg, *next;
	u8 f[200];

	assert_true(skb_is_gso(skb));
	assert_int_equal(skb_shinfo(skb)->gso_segs, n);
	assert_int_equal(skb_shinfo(skb)->gso_size, s[0].len);
	assert_int_equal(ntohs(ip_hdr(skb)->tot_len), skb->len);
	assert_int_equal(ip_fast_csum(ip_hdr(skb), 5), 0);
	skb_push(skb, ETH_HLEN);
	seg = skb_gso_segment(r.skiff, skb, NETIF_F_SG);
	skb_pull(skb, ETH_HLEN);
	for (u32 i = 0; i < n; i++, seg = next) {
		u32 hdr = headers(f, &s[i]);

		assert_non_null(seg);
		next = seg->next;
		seg->next = NULL;
		assert_int_equal(seg->len, hdr + s[i].len);
		skb_copy_bits(seg, 0, flat, seg->len);
		assert_memory_equal(flat, f, hdr);
		assert_memory_equal(flat + hdr, bytes + s[i].seq % 60000, s[i].len);
		consume_skb(r.skiff, seg);
	}
	assert_null(seg);
}

static void fill(struct seg *s, u32 n, const struct seg *first)
{
	for (u32 i = 0; i < n; i++) {
		s[i] = *first;
		s[i].seq += i * first->len;
		s[i].id = (u16)(s[i].id + i);
	}
}

static void test_merged(void **state)
{
	for (u32 n = 2; n <= 40; n += 19)
		for (u32 kind = 0; kind < 4; kind++) {
			struct seg s[40];
			struct sk_buff *skb;

			fill(s, n, &plain);
			s[n - 1].flags |= PSH | FIN;
			s[n - 1].len = kind & 1 ? 100 : plain.len;
			for (u32 i = 0; i < n; i++) {
				if (kind < 2)
					add(&s[i]);
				else
					add_ref(&s[i], kind == 3 && i % 3 == 1);
			}
			skb = merge(1);
			if (kind == 2)
				assert_int_equal(skb_shinfo(skb)->nr_frags,
						 (n * 1448 + 65519) / 65520);
			if (kind < 2)
				assert_true(skb_has_frag_list(skb));
			check_round_trip(skb, s, n);
			consume_skb_batch(r.skiff, &b);
		}
}

/* What the second of two segments has different, and what comes of it: packets, is the first a large one. */
static void test_what_ends_it(void **state)
{
	static const struct {
		struct seg d;
		u32 packets;
		const char *why;
	} row[] = {
		{ { .len = 1448 }, 1, "nothing" },
		{ { .len = 100 }, 1, "shorter" },
		{ { .len = 1448, .flags = PSH }, 1, "PSH" },
		{ { .len = 1448, .flags = FIN }, 1, "FIN" },
		{ { .len = 1449 }, 2, "longer" },
		{ { .len = 0 }, 2, "bare acknowledgment" },
		{ { .len = 1448, .flags = SYN }, 2, "SYN" },
		{ { .len = 1448, .flags = RST }, 2, "RST" },
		{ { .len = 1448, .flags = URG }, 2, "URG" },
		{ { .len = 1448, .flags = ECE }, 2, "ECE" },
		{ { .len = 1448, .flags = CWR }, 2, "CWR" },
		{ { .len = 1448, .seq = 1 }, 2, "a hole" },
		{ { .len = 1448, .seq = (u32)-1448 }, 2, "again" },
		{ { .len = 1448, .ack = 1 }, 2, "acknowledgment" },
		{ { .len = 1448, .window = 1 }, 2, "window" },
		{ { .len = 1448, .option = 1 }, 2, "time stamp" },
		{ { .len = 1448, .ttl = 1 }, 2, "TTL" },
		{ { .len = 1448, .tos = 1 }, 2, "TOS" },
		{ { .len = 1448, .id = 1 }, 2, "a hole in the ids" },
		{ { .len = 1448, .port = 1 }, 2, "another flow" },
		{ { .len = 1448, .no_df = true }, 2, "DF" },
		{ { .len = 1448, .bad_csum = true }, 2, "wrong checksum" },
		{ { .len = 1448, .padded = true }, 2, "padding" },
		{ { .len = 1448, .frag = true }, 2, "a fragment" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		const struct seg *d = &row[i].d;
		struct seg s[2];

		fill(s, 2, &plain);
		s[1].seq += d->seq;
		s[1].len = d->len;
		s[1].flags |= d->flags;
		s[1].ack += d->ack;
		s[1].window = (u16)(s[1].window + d->window);
		s[1].option = (u8)(s[1].option + d->option);
		s[1].ttl = (u8)(s[1].ttl + d->ttl);
		s[1].tos = (u8)(s[1].tos + d->tos);
		s[1].id = (u16)(s[1].id + d->id);
		s[1].port = (u16)(s[1].port + d->port);
		s[1].no_df = d->no_df;
		s[1].bad_csum = d->bad_csum;
		s[1].padded = d->padded;
		s[1].frag = d->frag;
		add(&s[0]);
		add(&s[1]);
		dev_gro_receive_list(r.net, &b);
		if (b.n != row[i].packets)
			fail_msg("%s: %u packets", row[i].why, b.n);
		assert_int_equal(skb_is_gso(b.p[0]), b.n == 1);
		if (b.n == 1)
			check_round_trip(b.p[0], s, 2);
		else
			assert_int_equal(b.p[0]->len, 52 + 1448);
		consume_skb_batch(r.skiff, &b);
	}
}

/* Behind what ended it nothing is merged any more; a new merge begins. */
static void test_begins_anew(void **state)
{
	struct seg s[7];

	fill(s, 7, &plain);
	s[2].flags |= PSH;
	for (u32 i = 0; i < 7; i++)
		add(&s[i]);
	merge(2);
	check_round_trip(b.p[0], s, 3);
	check_round_trip(b.p[1], s + 3, 4);
	consume_skb_batch(r.skiff, &b);
	/* A bare acknowledgment in between stays in between. */
	fill(s, 5, &plain);
	s[2].len = 0;
	for (u32 i = 3; i < 5; i++)
		s[i].seq -= 1448;
	for (u32 i = 0; i < 5; i++)
		add(&s[i]);
	merge(3);
	assert_int_equal(b.p[1]->len, 52);
	check_round_trip(b.p[2], s + 3, 2);
	consume_skb_batch(r.skiff, &b);
	/* 64 KB. */
	fill(s, 1, &plain);
	s[0].len = 4000;
	for (u32 i = 0; i < 20; i++) {
		add_ref(&s[0], false);
		s[0].seq += 4000;
		s[0].id++;
	}
	merge(2);
	assert_int_equal(b.p[0]->len, 52 + 16 * 4000);
	assert_int_equal(b.p[1]->len, 52 + 4 * 4000);
}

/* Same id with DF (RFC 6864): all have it, then they are cut so; not once so and once so. */
static void test_ids(void **state)
{
	struct seg s[3];

	fill(s, 3, &plain);
	s[1].id = s[2].id = s[0].id;
	for (u32 i = 0; i < 3; i++)
		add(&s[i]);
	check_round_trip(merge(1), s, 3);
	assert_true(skb_shinfo(b.p[0])->gso_type & SKB_GSO_TCP_FIXEDID);
	consume_skb_batch(r.skiff, &b);
	s[2].id = (u16)(s[0].id + 2);
	for (u32 i = 0; i < 3; i++)
		add(&s[i]);
	merge(2);
	consume_skb_batch(r.skiff, &b);
	for (u32 i = 0; i < 3; i++) {
		s[i].id = s[0].id;
		s[i].no_df = true;
		add(&s[i]);
	}
	merge(3);
}

/* CWR in all segments is a counter's bit: it is cut as it came. */
static void test_accecn(void **state)
{
	struct seg s[3];

	fill(s, 3, &plain);
	for (u32 i = 0; i < 3; i++) {
		s[i].flags |= CWR;
		add(&s[i]);
	}
	check_round_trip(merge(1), s, 3);
}

/* Flows in turn each become one packet, where the first segment stood. */
static void test_flows(void **state)
{
	struct seg s[8][8];

	for (u32 f = 0; f < 8; f++) {
		struct seg first = plain;

		first.port = (u16)(100 + f);
		first.seq += f * 77;
		fill(s[f], 8, &first);
	}
	for (u32 i = 0; i < 8; i++)
		for (u32 f = 0; f < 8; f++) {
			if (f % 2)
				add(&s[f][i]);
			else
				add_ref(&s[f][i], false);
		}
	/* Two that fall on one place of the table end each other: more packets, the same bytes. */
	dev_gro_receive_list(r.net, &b);
	assert_in_range(b.n, 8, 24);
	for (u32 i = 0; i < b.n; i++) {
		u32 f = ntohs(get_unaligned16(b.p[i]->data + 20)) - 100u;

		if (i < 8)
			assert_int_equal(f, i);
		if (skb_is_gso(b.p[i]) && skb_shinfo(b.p[i])->gso_segs == 8)
			check_round_trip(b.p[i], s[f], 8);
	}
}

/* Packets that go on to somebody else, that were large before, that others see too: left alone. */
static void test_left_alone(void **state)
{
	struct seg s[2];
	struct sk_buff *other;

	fill(s, 2, &plain);
	s[0].daddr = s[1].daddr = IP4(10, 0, 1, 2);
	add(&s[0]);
	add(&s[1]);
	merge(2);
	consume_skb_batch(r.skiff, &b);
	fill(s, 2, &plain);
	add(&s[0]);
	add(&s[1]);
	other = skb_clone(r.skiff, b.p[1]);
	merge(2);
	consume_skb(r.skiff, other);
	consume_skb_batch(r.skiff, &b);
	add(&s[0]);
	add(&s[1]);
	skb_shinfo_get(r.skiff, b.p[1])->gso_size = 1000;
	merge(2);
	consume_skb_batch(r.skiff, &b);
	add(&s[0]);
	add(&s[1]);
	b.p[0]->pkt_type = PACKET_OTHERHOST;
	merge(2);
}

static bool wanted(struct net *net, const struct sk_buff *skb)
{
	return get_unaligned16(skb->data + 20) == htons(5);
}

/* UDP: for who asked, equal lengths, a shorter one at the end. */
static void test_udp(void **state)
{
	struct seg first = plain, s[5];

	first.udp = true;
	first.len = 500;
	fill(s, 5, &first);
	s[3].len = 30;
	for (u32 i = 0; i < 5; i++)
		add(&s[i]);
	merge(5);
	r.net->ipv4.udp_gro_wanted = wanted;
	merge(2);
	check_round_trip(b.p[0], s, 4);
	consume_skb_batch(r.skiff, &b);
	for (u32 i = 0; i < 5; i++) {
		s[i].port = 6;
		add(&s[i]);
	}
	merge(5);
}

/* ---- the whole way over a veth ---- */

static struct {
	u32 n, bytes, frags, chained, last_len;
	u8 ip_summed;
} local;

static void catch_local(void *priv, struct skb_batch *batch, const struct nf_hook_state *state)
{
	for (u32 i = 0; i < batch->n; i++) {
		const struct sk_buff *skb = batch->p[i];
		static u8 flat[70000];

		assert_int_equal(skb_copy_bits(skb, 0, flat, skb->len), 0);
		assert_memory_equal(flat + 52, bytes + 1000 + local.bytes, skb->len - 52);
		local.n++;
		local.bytes += skb->len - 52;
		local.last_len = skb->len;
		local.frags += skb->cold && skb->shinfo ? skb_shinfo(skb)->nr_frags : 0;
		local.chained += skb_has_frag_list(skb);
		local.ip_summed = skb->ip_summed;
		consume_skb(state->net->skiff, batch->p[i]);
	}
	batch->n = 0;
}

/* A large packet of references of @payload bytes leaves by @dev; headers as headers() makes them. */
static void send_large(struct net_device *dev, struct net_device *peer, u32 payload, u32 unit)
{
	struct sk_buff *skb = alloc_skb_ref(r.skiff);
	struct seg s = plain;
	struct iov_iter it;
	u8 f[200];
	u32 hdr;

	s.daddr = IP4(10, 7, 0, 2);
	s.len = payload;
	hdr = headers(f, &s);
	memcpy(f, peer->dev_addr, 6);
	iov_iter_init(&it, r.skiff, &(struct iovec){ bytes + 1000, payload }, 1);
	assert_int_equal(skb_append_from_iter(r.skiff, skb, &it, payload, unit), payload);
	memcpy(skb_push(skb, hdr), f, hdr);
	skb->network_header = (u16)(skb->data + ETH_HLEN - skb->head);
	skb->transport_header = (u16)(skb->network_header + 20);
	put_unaligned16((u16)~csum_tcpudp_magic(IP4(10, 0, 0, 2), s.daddr, payload + 32,
						IPPROTO_TCP, 0),
			skb_transport_header(skb) + 16);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->transport_header;
	skb->csum_offset = 16;
	skb->protocol = htons(ETH_P_IP);
	skb->dev = dev;
	skb_shinfo(skb)->gso_size = 1448;
	skb_shinfo(skb)->gso_segs = (u16)((payload + 1447) / 1448);
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	memset(&local, 0, sizeof(local));
	assert_int_equal(dev_queue_xmit(skb), 0);
	router_run(&r, 0);
	assert_int_equal(local.bytes, payload);
}

static void set(struct net_device *dev, const char *name, bool on)
{
	assert_int_equal(skiff_dev_set_feature((struct skiff_dev *)dev, name, on), 0);
}

static void test_veth(void **state)
{
	const struct nf_hook_ops ops = { .hook = catch_local,
					 .pf = NFPROTO_IPV4,
					 .hooknum = NF_INET_LOCAL_IN };
	struct skiff_net *other = skiff_net_create(r.skiff, "other");
	struct net_device *a, *z;
	u64 frames;

	nf_register_net_hook((struct net *)other, &ops);
	assert_int_equal(
		skiff_veth_create((struct skiff_net *)r.net, "va", NULL, other, "vz", NULL), 0);
	a = dev_get_by_name(r.net, "va");
	z = dev_get_by_name((struct net *)other, "vz");
	router_ip(&r, "link set va up");
	{
		struct net *mine = r.net;

		r.net = (struct net *)other;
		router_ip(&r, "link set vz up");
		router_ip(&r, "addr add 10.7.0.2/24 dev vz");
		router_ip(&r, "route add 10.0.0.0/8 dev vz");
		r.net = mine;
	}
	router_run(&r, 1);
	/* As it comes: whole, no sum made. */
	send_large(a, z, 60000, 1448);
	assert_int_equal(local.n, 1);
	assert_int_equal(local.ip_summed, CHECKSUM_PARTIAL);
	/* Segments, sums left to the other end. */
	set(a, "tso", false);
	frames = a->stats.tx_packets;
	send_large(a, z, 60000, 1448);
	assert_int_equal(a->stats.tx_packets - frames, 42);
	assert_int_equal(local.n, 42);
	assert_int_equal(local.ip_summed, CHECKSUM_PARTIAL);
	/* Merged there: the references become what they were. */
	set(z, "gro", true);
	send_large(a, z, 60000, 1448);
	assert_int_equal(local.n, 1);
	assert_in_range(local.frags, 1, 2);
	/* With sums on the wire, made while the bytes were copied in, verified when they are merged. */
	set(a, "tx", false);
	send_large(a, z, 60000, 1448);
	assert_int_equal(local.n, 1);
	assert_in_range(local.frags, 1, 2);
	send_large(a, z, 60000, 0);
	assert_int_equal(local.n, 1);
	/* A wire that takes no pieces copies. */
	set(a, "sg", false);
	send_large(a, z, 60000, 1448);
	assert_int_equal(local.n, 1);
	assert_int_equal(local.chained, 1);
}

/* What is on depends on what it needs; what a device never could is refused. */
static void test_features(void **state)
{
	struct skiff_dev *dev = (struct skiff_dev *)r.dev[0];
	struct net_device *a;

	assert_int_equal(skiff_dev_set_feature(dev, "tso", true), -EOPNOTSUPP);
	assert_int_equal(skiff_dev_set_feature(dev, "lro", false), -EOPNOTSUPP);
	assert_int_equal(skiff_dev_set_feature(dev, "generic-receive-offload", false), 0);
	assert_int_equal(r.dev[0]->features & NETIF_F_GRO, 0);
	assert_int_equal(skiff_veth_create((struct skiff_net *)r.net, "va", NULL,
					   (struct skiff_net *)r.net, "vz", NULL),
			 0);
	a = dev_get_by_name(r.net, "va");
	assert_int_equal(a->features & NETIF_F_GRO, 0);
	set(a, "tx", false);
	assert_int_equal(a->features, NETIF_F_SG);
	assert_int_equal(skiff_dev_set_feature((struct skiff_dev *)a, "tso", true), -EINVAL);
	set(a, "tx-checksumming", true);
	set(a, "tso", true);
	set(a, "sg", false);
	assert_int_equal(a->features, NETIF_F_HW_CSUM);
}

/* Allocation 1, 2, 3 ... fails: what is not merged goes on alone. */
static void test_out_of_memory(void **state)
{
	for (int n = 0; n < 6; n++) {
		struct seg s[8];
		u32 len = 0;

		fill(s, 8, &plain);
		for (u32 i = 0; i < 8; i++) {
			if (n % 2)
				add(&s[i]);
			else
				add_ref(&s[i], true);
		}
		router_fail_after = n / 2;
		dev_gro_receive_list(r.net, &b);
		router_fail_after = -1;
		for (u32 i = 0; i < b.n; i++)
			len += b.p[i]->len - 52;
		assert_int_equal(len, 8 * 1448);
		consume_skb_batch(r.skiff, &b);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_merged), T(test_what_ends_it), T(test_begins_anew),   T(test_ids),
		T(test_accecn), T(test_flows),	      T(test_veth),	     T(test_features),
		T(test_udp),	T(test_left_alone),   T(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
