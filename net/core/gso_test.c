// SPDX-License-Identifier: BSD-2-Clause
/* net/core/gso_test.c - large packets cut at the device's edge: the same bytes, flags where they belong, checksums right. */
#include "tests/router.h"

#include "net/gso.h"
#include "net/uio.h"

static struct router r;
static u8 bytes[66000];

static int setup(void **state)
{
	router_start(&r, 2, 11);
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 31 + (i >> 9));
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

/* A frame with @payload bytes of TCP or UDP behind @l3 and @l4 header bytes; some of it paged. */
static struct sk_buff *make_large(u8 proto, u32 l3, u32 l4, u32 payload, u32 mss, u8 flags)
{
	u32 hdr = ETH_HLEN + l3 + l4, linear = payload / 2;
	struct sk_buff *skb = alloc_skb(r.skiff, 2 + hdr + linear);
	struct skb_shared_info *si;
	struct skb_chunk *c;
	u8 *p;

	skb_reserve(skb, 2);
	p = skb_put_zero(skb, hdr);
	skb_put_data(skb, bytes, linear);
	p[12] = 8;
	skb->network_header = (u16)(skb->data + ETH_HLEN - skb->head);
	skb->transport_header = (u16)(skb->network_header + l3);
	p += ETH_HLEN;
	p[0] = (u8)(0x40 | l3 / 4);
	put_unaligned16(htons(l3 + l4 + payload), p + 2);
	put_unaligned16(htons(65534), p + 4);
	p[8] = 64;
	p[9] = proto;
	memset(p + 12, 10, 8);
	memset(p + 20, 1, l3 - 20); /* NOPs */
	p += l3;
	put_unaligned16(htons(1), p);
	put_unaligned16(htons(2), p + 2);
	if (proto == IPPROTO_TCP) {
		put_unaligned32(htonl(0xfffffff0), p + 4);
		p[12] = (u8)(l4 << 2);
		p[13] = flags;
		memset(p + 20, 1, l4 - 20);
	}
	si = skb_shinfo_get(r.skiff, skb);
	c = skb_chunk_alloc(r.skiff, payload - linear);
	memcpy(c->data, bytes + linear, payload - linear);
	si->frags[0] = (struct skb_frag){ c, 0, payload - linear };
	si->nr_frags = 1;
	si->gso_size = (u16)mss;
	si->gso_segs = (u16)((payload + mss - 1) / mss);
	si->gso_type = proto == IPPROTO_TCP ? SKB_GSO_TCPV4 : SKB_GSO_UDP_L4;
	skb->len += payload - linear;
	skb->data_len = payload - linear;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->transport_header;
	skb->csum_offset = proto == IPPROTO_TCP ? 16 : 6;
	skb->dev = r.dev[1];
	skb->mark = 9;
	return skb;
}

static void check_segment(const u8 *p, u32 len, u8 proto, u32 l3, u32 l4, u32 off, u32 n, u32 index,
			  u8 flags)
{
	const u8 *t = p + l3;
	__be32 s, d;

	assert_int_equal(len, l3 + l4 + n);
	assert_int_equal(p[2] << 8 | p[3], len);
	assert_int_equal(p[4] << 8 | p[5], (65534 + index) & 0xffff);
	assert_int_equal(ip_fast_csum(p, p[0] & 15), 0);
	memcpy(&s, p + 12, 4);
	memcpy(&d, p + 16, 4);
	assert_int_equal(csum_tcpudp_magic(s, d, l4 + n, proto, csum_partial(t, l4 + n, 0)), 0);
	if (proto == IPPROTO_TCP) {
		assert_int_equal(ntohl(get_unaligned32(t + 4)), 0xfffffff0 + off);
		assert_int_equal(t[13], flags);
	} else {
		assert_int_equal(t[4] << 8 | t[5], 8 + n);
	}
	assert_memory_equal(t + l4, bytes + off, n);
}

#define FIN 1
#define PSH 8
#define ACK 16
#define ECE 64
#define CWR 128

static void one_case(u8 proto, u32 l3, u32 l4, u32 payload, u32 mss)
{
	const u8 flags = FIN | PSH | ACK | ECE | CWR;
	struct sk_buff *skb = make_large(proto, l3, l4, payload, mss, flags), *seg, *next;
	u32 off = 0, index = 0;

	seg = skb_gso_segment(r.skiff, skb, 0);
	assert_non_null(seg);
	for (; seg; seg = next, index++) {
		u32 n = payload - off < mss ? payload - off : mss;
		bool last = off + n == payload;

		check_segment(seg->data + ETH_HLEN, seg->len - ETH_HLEN, proto, l3, l4, off, n,
			      index, (u8)(ACK | ECE | (index ? 0 : CWR) | (last ? FIN | PSH : 0)));
		assert_memory_equal(seg->data, skb->data, ETH_HLEN);
		assert_int_equal(seg->mark, 9);
		assert_int_equal(seg->ip_summed, CHECKSUM_NONE);
		assert_ptr_equal(seg->dev, r.dev[1]);
		off += n;
		next = seg->next;
		seg->next = NULL;
		consume_skb(r.skiff, seg);
	}
	assert_int_equal(off, payload);
	/* Which links it passes uncut. */
	assert_true(skb_gso_validate_network_len(skb, l3 + l4 + mss));
	assert_false(skb_gso_validate_network_len(skb, l3 + l4 + mss - 1));
	consume_skb(r.skiff, skb);
}

static void test_same_bytes(void **state)
{
	static const u32 payload[] = { 1, 2, 99, 100, 101, 200, 1447, 1448, 1449, 5001, 65000 };
	static const u32 mss[] = { 1, 7, 100, 536, 1448 };

	for (u32 i = 0; i < ARRAY_SIZE(payload); i++)
		for (u32 k = 0; k < ARRAY_SIZE(mss); k++) {
			if (payload[i] / mss[k] > 2000)
				continue;
			one_case(IPPROTO_TCP, 20, 20, payload[i], mss[k]);
			one_case(IPPROTO_TCP, 20, 32, payload[i], mss[k]);
			one_case(IPPROTO_TCP, 60, 60, payload[i] < 65000 ? payload[i] : 60000,
				 mss[k]);
			one_case(IPPROTO_UDP, 20, 8, payload[i], mss[k]);
			one_case(IPPROTO_UDP, 24, 8, payload[i], mss[k]);
		}
}

/* ---- payload by reference ---- */

/* As TCP makes it: headers linear, payload in chunks with a partial sum for each @unit bytes. */
static struct sk_buff *make_refs(u8 proto, u32 l4, u32 payload, u32 mss, u32 unit, u8 flags)
{
	struct sk_buff *like = make_large(proto, 20, l4, 2, mss, flags),
		       *skb = alloc_skb_ref(r.skiff);
	u32 hdr = ETH_HLEN + 20 + l4;
	struct skb_shared_info *si;

	for (u32 done = 0; done < payload;) {
		u32 n = payload - done < 5000 ? payload - done : 5000, off;
		struct iovec iov = { bytes + done, n };
		struct iov_iter it;

		iov_iter_init(&it, r.skiff, &iov, 1);
		assert_int_equal(skb_append_from_iter(r.skiff, skb, &it, n, unit), n);
		done += n;
		/* Somebody else writes, too. */
		if (done % 3 && skb_chunk_reserve(r.skiff, 10, &off))
			skb_chunk_commit(r.skiff, 10);
	}
	memcpy(skb_push(skb, hdr), like->data, hdr);
	skb->network_header = (u16)(skb->data + ETH_HLEN - skb->head);
	skb->transport_header = (u16)(skb->network_header + 20);
	put_unaligned16(htons(20 + l4 + payload), skb->data + ETH_HLEN + 2);
	si = skb_shinfo_get(r.skiff, skb);
	si->gso_size = (u16)mss;
	si->gso_segs = (u16)((payload + mss - 1) / mss);
	si->gso_type = like->shinfo->gso_type;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->transport_header;
	skb->csum_offset = like->csum_offset;
	skb->dev = r.dev[1];
	consume_skb(r.skiff, like);
	return skb;
}

static void check_refs(u8 proto, u32 l4, u32 payload, u32 mss, u32 unit, u32 features)
{
	const u8 flags = FIN | PSH | ACK | CWR;
	struct sk_buff *skb = make_refs(proto, l4, payload, mss, unit, flags), *seg, *next;
	static u8 flat[70000];
	u32 off = 0, index = 0;

	seg = skb_gso_segment(r.skiff, skb, features);
	assert_non_null(seg);
	consume_skb(r.skiff, skb); /* the segments hold what they need */
	for (; seg; seg = next, index++, off += mss) {
		u32 n = payload - off < mss ? payload - off : mss;
		bool last = off + n == payload, partial = features & NETIF_F_HW_CSUM;

		next = seg->next;
		seg->next = NULL;
		assert_int_equal(seg->data_len, features & NETIF_F_SG ? n : 0);
		assert_int_equal(seg->ip_summed, partial ? CHECKSUM_PARTIAL : CHECKSUM_NONE);
		assert_int_equal((uintptr_t)skb_network_header(seg) % 4, 0);
		assert_int_equal(skb_checksum_help(r.skiff, seg), 0);
		skb_copy_bits(seg, 0, flat, seg->len);
		check_segment(flat + ETH_HLEN, seg->len - ETH_HLEN, proto, 20, l4, off, n, index,
			      (u8)(ACK | (index ? 0 : CWR) | (last ? FIN | PSH : 0)));
		consume_skb(r.skiff, seg);
	}
	assert_true(off >= payload && off < payload + mss);
}

static void test_by_reference(void **state)
{
	static const u32 sizes[][3] = {
		/* payload, mss, unit of the partial sums */
		{ 65000, 1448, 1448 }, { 64999, 1448, 1448 }, { 65000, 1447, 1447 },
		{ 30000, 536, 536 },   { 9000, 1448, 0 },     { 9000, 1448, 1000 },
		{ 1448, 1448, 1448 },  { 1449, 1448, 1448 },  { 50, 7, 7 },
		{ 65000, 9000, 9000 },
	};
	static const u32 features[] = { 0, NETIF_F_SG, NETIF_F_SG | NETIF_F_HW_CSUM };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		for (u32 k = 0; k < ARRAY_SIZE(features); k++) {
			check_refs(IPPROTO_TCP, 32, sizes[i][0], sizes[i][1], sizes[i][2],
				   features[k]);
			check_refs(IPPROTO_TCP, 60, sizes[i][0], sizes[i][1], sizes[i][2],
				   features[k]);
			check_refs(IPPROTO_UDP, 8, sizes[i][0], sizes[i][1], sizes[i][2],
				   features[k]);
		}
}

/* With partial sums the payload is not read: bytes spoiled after the copy make a wrong checksum, which is the proof. */
static void test_payload_is_not_read(void **state)
{
	struct sk_buff *skb = make_refs(IPPROTO_TCP, 32, 14480, 1448, 1448, ACK), *seg;
	u32 wrong = 0, segs = 0;

	skb_frag_data(&skb_shinfo(skb)->frags[0])[1448 * 2 + 7] ^= 0x40;
	seg = skb_gso_segment(r.skiff, skb, NETIF_F_SG);
	for (struct sk_buff *next; seg; seg = next, segs++) {
		u32 l4 = seg->len - ETH_HLEN - 20;

		next = seg->next;
		seg->next = NULL;
		wrong += csum_tcpudp_magic(ip_hdr(seg)->saddr, ip_hdr(seg)->daddr, l4, IPPROTO_TCP,
					   skb_checksum(seg, ETH_HLEN + 20, l4, 0)) != 0;
		consume_skb(r.skiff, seg);
	}
	assert_int_equal(segs, 10);
	assert_int_equal(wrong, 1);
	consume_skb(r.skiff, skb);
}

/* CWR of accurate ECN and an IP id that does not count are those of the large packet in every segment. */
static void test_types(void **state)
{
	struct sk_buff *skb = make_refs(IPPROTO_TCP, 20, 3000, 1000, 0, ACK | CWR), *seg;

	skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ACCECN | SKB_GSO_TCP_FIXEDID;
	seg = skb_gso_segment(r.skiff, skb, NETIF_F_SG);
	for (struct sk_buff *next; seg; seg = next) {
		next = seg->next;
		seg->next = NULL;
		assert_int_equal(ntohs(ip_hdr(seg)->id), 65534);
		assert_int_equal(skb_transport_header(seg)[13], ACK | CWR);
		consume_skb(r.skiff, seg);
	}
	consume_skb(r.skiff, skb);
}

/* Through a device that can not: its frames are the segments, in batches. */
static void test_at_the_device(void **state)
{
	struct sk_buff *skb = make_large(IPPROTO_TCP, 20, 20, 30000, 100, FIN | ACK);
	u64 sent = r.dev[1]->stats.tx_packets;

	assert_int_equal(dev_queue_xmit(skb), 0);
	assert_int_equal(r.n, 300);
	for (u32 i = 0; i < r.n; i++)
		check_segment(r.out[i].bytes + ETH_HLEN, r.out[i].len - ETH_HLEN, IPPROTO_TCP, 20,
			      20, i * 100, 100, i, (u8)(ACK | (i == 299 ? FIN : 0)));
	assert_int_equal(r.dev[1]->stats.tx_packets, sent + 300);
}

/* Headers that lie, as a TAP's other end may write them: refused, never read beyond. */
static void test_nonsense(void **state)
{
	static const struct {
		u32 at;
		u8 value;
	} row[] = {
		{ 14, 0x44 }, /* IP header of 16 bytes */
		{ 14, 0x4f }, /* of 60: the transport header lies in the payload, with doff 0 */
		{ 23, 50 },   /* no TCP, no UDP */
		{ 34 + 12, 0x40 }, /* TCP header of 16 bytes */
		{ 34 + 12, 0x00 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
		struct sk_buff *skb = make_large(IPPROTO_TCP, 20, 20, 4000, 1000, ACK);

		if (row[i].value == 0x4f)
			memset(skb->data + 54, 0, 60);
		skb->data[row[i].at] = row[i].value;
		assert_null(skb_gso_segment(r.skiff, skb, 0));
		assert_false(skb_gso_validate_network_len(skb, 1500));
		assert_int_equal(dev_queue_xmit(skb), NET_XMIT_DROP);
	}
	for (u32 cut = 0; cut < 60; cut++) {
		struct sk_buff *skb = make_large(IPPROTO_TCP, 20, 20, 10, 3, ACK), *seg;
		u32 segs = 0;

		assert_int_equal(skb_linearize(r.skiff, skb), 0);
		pskb_trim(r.skiff, skb, cut);
		seg = skb_gso_segment(r.skiff, skb, 0);
		assert_true(!seg == (cut <= 54));
		for (struct sk_buff *next; seg; seg = next, segs++) {
			next = seg->next;
			seg->next = NULL;
			consume_skb(r.skiff, seg);
		}
		assert_int_equal(segs, cut <= 54 ? 0 : (cut - 54 + 2) / 3);
		consume_skb(r.skiff, skb);
	}
	assert_int_equal(r.n, 0);
	assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_SKB_GSO_SEG], ARRAY_SIZE(row));
}

/* Memory ends somewhere between the segments: none is left behind. */
static void test_out_of_memory(void **state)
{
	struct sk_buff *skb = make_large(IPPROTO_TCP, 20, 20, 60000, 100, ACK);
	bool done = false;

	for (int n = 0; !done; n++) {
		long before = router_allocs;
		struct sk_buff *seg;

		router_fail_after = n;
		seg = skb_gso_segment(r.skiff, skb, 0);
		router_fail_after = -1;
		done = seg != NULL;
		for (struct sk_buff *next; seg; seg = next) {
			next = seg->next;
			seg->next = NULL;
			consume_skb(r.skiff, seg);
		}
		assert_true(router_allocs <= before + 2 * 10);
		assert_true(n < 100);
	}
	consume_skb(r.skiff, skb);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_same_bytes),    T(test_by_reference),  T(test_payload_is_not_read),
		T(test_types),	       T(test_at_the_device), T(test_nonsense),
		T(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
