// SPDX-License-Identifier: BSD-2-Clause
/* net/core/gso.c - cut a large IPv4 packet (TCP, or UDP with gso_size) into segments, at the edge of a device that can not.
 *
 * DOC: Segmentation
 * Each segment gets the headers of the large packet with its own length, id, sequence number, flags and checksums: FIN and
 * PSH only in the last, CWR only in the first (RFC 3168 6.1.2; with accurate ECN it is a bit of a counter, and stays). If the
 * device takes packets in pieces and the payload lies in chunks, a segment is a small packet with a copy of the headers
 * and references to the payload, which is not touched: its checksum comes from partial sums (net/skb_frags.h). Otherwise it
 * is a copy. Of a device that makes checksums, segments keep CHECKSUM_PARTIAL.
 */
#include "net/gso.h"

#include "lib/checksum.h"
#include "net/netdevice.h"
#include "skb_pool.h"

/* Headers of most packets: Ethernet, IP, TCP with timestamps, and a little. Copied at once, a constant size. */
#define HDR_COMMON 80u

/**
 * struct gso - a packet being cut
 * @l2, @l3, @l4: header lengths in bytes
 * @partial: segments keep CHECKSUM_PARTIAL
 * @paged:   payload lies in fragments; @by_ref: and is taken by reference; @frag, @frag_off: where the next segment's begins
 * @hdr:     the headers, at its end
 * @hot:     first line of the metadata of a segment that refers to payload
 * @ip_sum, @l4_sum: see gso_sum_common(); the latter with the pseudo header
 * @id, @seq: of the first segment, host order; @flags: TCP's word with data offset and flags, as it lies in the header
 * @index: of the segment being made; @sums, @nr_sums: partial sums of the payload, one for each segment, if there are any
 */
struct gso {
	u32 l2, l3, l4;
	u32 mss, payload;
	u8 proto;
	u8 type;
	bool partial, paged, by_ref;
	u32 frag, frag_off;
	u32 ip_sum, l4_sum;
	u16 id;
	u16 flags;
	u32 seq;
	u32 index, nr_sums;
	const u16 *sums;
	u8 hdr[SKB_REF_HEADROOM];
	union {
		struct sk_buff skb; /* only as far as @line */
		u8 line[offsetof(struct sk_buff, next)];
	} hot;
};

static bool gso_parse(const struct sk_buff *skb, struct gso *g)
{
	const struct iphdr *iph = ip_hdr(skb);
	u8 buf[20];
	const u8 *th;

	g->l2 = (u32)(skb_network_header(skb) - skb->data);
	if (g->l2 + sizeof(*iph) > skb_headlen(skb))
		return false;
	g->l3 = iph->ihl * 4u;
	g->proto = iph->protocol;
	g->mss = skb->shinfo->gso_size;
	th = skb_header_pointer(skb, g->l2 + g->l3, g->proto == IPPROTO_TCP ? 20 : 8, buf);
	if (!th || g->l3 < sizeof(*iph))
		return false;
	if (g->proto == IPPROTO_TCP)
		g->l4 = ((const struct tcphdr *)th)->doff * 4u;
	else if (g->proto == IPPROTO_UDP)
		g->l4 = sizeof(struct udphdr);
	else
		return false;
	if (g->l2 + g->l3 + g->l4 > skb->len || (g->proto == IPPROTO_TCP && g->l4 < 20))
		return false;
	g->payload = skb->len - g->l2 - g->l3 - g->l4;
	return g->mss && g->payload && g->l2 + g->l3 + g->l4 <= sizeof(g->hdr);
}

bool skb_gso_validate_network_len(const struct sk_buff *skb, u32 mtu)
{
	struct gso g;

	return gso_parse(skb, &g) && g.l3 + g.l4 + g.mss <= mtu;
}

/*
 * Sequence number and flags; what differs is written whole, since a word that was just written to in parts can not be read
 * back without waiting. Return: their sum
 */
static u64 gso_fix_tcp(u8 *th, const struct gso *g, u32 off, bool last)
{
	__be32 seq = htonl(g->seq + off);
	u16 flags = g->flags;

	if (!last)
		flags &= (u16)~htons(0x09); /* FIN, PSH */
	if (g->index && !(g->type & SKB_GSO_TCP_ACCECN))
		flags &= (u16)~htons(0x80); /* CWR */
	put_unaligned32(seq, th + 4);
	put_unaligned16(flags, th + 12);
	return (u64)seq + flags;
}

/* Sums over what all segments have in common; what differs (length, id; sequence number and flags, or length) is added to each. */
static void gso_sum_common(struct gso *g)
{
	u8 copy[sizeof(g->hdr)], *ip, *l4;
	u32 hdr = g->l3 + g->l4;

	memcpy(copy, g->hdr + sizeof(g->hdr) - hdr, hdr);
	ip = copy;
	l4 = copy + g->l3;
	g->l4_sum = csum_tcpudp_nofold(get_unaligned32(ip + 12), get_unaligned32(ip + 16), 0,
				       g->proto, 0);
	g->id = ntohs(get_unaligned16(ip + 4));
	put_unaligned32(0, ip + 2);
	put_unaligned16(0, ip + 10);
	g->ip_sum = csum_partial(ip, g->l3, 0);
	if (g->proto == IPPROTO_TCP) {
		g->seq = ntohl(get_unaligned32(l4 + 4));
		g->flags = get_unaligned16(l4 + 12);
		put_unaligned32(0, l4 + 4);
		put_unaligned16(0, l4 + 12);
		put_unaligned16(0, l4 + 16);
	} else {
		put_unaligned32(0, l4 + 4);
	}
	g->l4_sum = csum_partial(l4, g->l4, g->l4_sum);
}

static u16 gso_fold(u64 sum)
{
	return csum_fold(csum_fold64(sum));
}

/* @payload: sum of the segment's payload, unless the device makes the checksum. */
static void gso_fix_headers(struct sk_buff *seg, const struct gso *g, u32 off, bool last,
			    u32 payload)
{
	struct iphdr *iph = (struct iphdr *)(seg->data + g->l2);
	u8 *l4 = seg->data + g->l2 + g->l3;
	u32 len = seg->len - g->l2 - g->l3;
	u64 sum = (u64)g->l4_sum + payload + htons(len);
	u16 check, tot_len, id;
	u32 at = 6;

	tot_len = htons(seg->len - g->l2);
	id = htons((u16)(g->type & SKB_GSO_TCP_FIXEDID ? g->id : g->id + g->index));
	iph->tot_len = tot_len;
	iph->id = id;
	iph->check = gso_fold((u64)g->ip_sum + tot_len + id);
	if (g->proto == IPPROTO_TCP) {
		sum += gso_fix_tcp(l4, g, off, last);
		at = 16;
	} else {
		((struct udphdr *)l4)->len = htons(len);
		sum += htons(len);
	}
	if (g->partial) {
		check = (u16)~csum_tcpudp_magic(iph->saddr, iph->daddr, len, g->proto, 0);
		seg->ip_summed = CHECKSUM_PARTIAL;
		seg->csum_start = seg->transport_header;
		seg->csum_offset = (u16)at;
	} else {
		check = gso_fold(sum);
		if (!check && g->proto == IPPROTO_UDP)
			check = 0xffff;
	}
	put_unaligned16(check, l4 + at);
}

/* The cold lines; one that nothing has to be said in is not written to. */
static void gso_set_cold(struct sk_buff *seg, const struct sk_buff *skb)
{
	seg->cold = 1;
	if (skb->priority | skb->journey_id | skb->frag_max_size) {
		seg->priority = skb->priority;
		seg->journey_id = skb->journey_id;
		seg->frag_max_size = skb->frag_max_size;
	}
	if (skb->hash)
		seg->hash = skb->hash;
}

static void gso_set_hot(struct sk_buff *seg, const struct sk_buff *skb, const struct gso *g)
{
	skb_reset_mac_header(seg);
	seg->network_header = (u16)(seg->mac_header + g->l2);
	seg->transport_header = (u16)(seg->network_header + g->l3);
	seg->dev = skb->dev;
	seg->protocol = skb->protocol;
	seg->mark = skb->mark;
	seg->skb_iif = skb->skb_iif;
	seg->pkt_type = skb->pkt_type;
	seg->ignore_df = skb->ignore_df;
	seg->ipflags = skb->ipflags;
	skb_dst_set_noref(seg, skb->dst);
}

/* References to the next @n bytes of payload. */
static bool gso_take_frags(struct skiff *skiff, struct sk_buff *seg, const struct sk_buff *skb,
			   struct gso *g, u32 n)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	while (n) {
		const struct skb_frag *f = &si->frags[g->frag];
		u32 take = min_t(u32, n, f->len - g->frag_off);

		if (skb_frag_add(skiff, seg, f->chunk, f->off + g->frag_off, take))
			return false;
		n -= take;
		g->frag_off += take;
		if (g->frag_off == f->len) {
			g->frag++;
			g->frag_off = 0;
		}
	}
	return true;
}

/* What all small segments have in common in their hot line; @seg's other fields are those of the packet. */
static void gso_make_template(struct gso *g, const struct sk_buff *skb)
{
	u16 mac = (u16)(SKB_REF_HEADROOM - g->l2 - g->l3 - g->l4);

	memcpy(g->hot.line, skb, sizeof(g->hot.line));
	g->hot.skb.nfct = NULL;
	g->hot.skb.nfctinfo = 0;
	g->hot.skb.dst_ref = 0;
	g->hot.skb.cold = 1;
	g->hot.skb.ip_summed = CHECKSUM_NONE;
	g->hot.skb.mac_header = mac;
	g->hot.skb.network_header = (u16)(mac + g->l2);
	g->hot.skb.transport_header = (u16)(mac + g->l2 + g->l3);
}

/* The usual case: payload of one fragment. */
static void gso_take_one_frag(struct sk_buff *seg, const struct skb_shared_info *from,
			      struct gso *g, u32 n)
{
	struct skb_shared_info *si = skb_inline_info(seg);
	const struct skb_frag *f = &from->frags[g->frag];

	memset(si, 0, sizeof(*si));
	si->max_frags = SKB_REF_FRAGS;
	si->nr_frags = 1;
	si->frags[0] = (struct skb_frag){ skb_chunk_get(f->chunk), f->off + g->frag_off, n };
	g->frag_off += n;
	if (g->frag_off == f->len) {
		g->frag++;
		g->frag_off = 0;
	}
	seg->shinfo = si;
	seg->data_len = n;
	seg->len += n;
	seg->truesize += n;
}

static u32 gso_payload_sum(const struct sk_buff *skb, const struct gso *g, u32 off, u32 n)
{
	return g->index < g->nr_sums ? g->sums[g->index] : skb_paged_checksum(skb, off, n);
}

static struct sk_buff *gso_ref_segment(struct skiff *skiff, const struct sk_buff *skb,
				       struct gso *g, u32 off, u32 n, u32 *sum)
{
	u32 hdr = g->l2 + g->l3 + g->l4;
	struct sk_buff *seg = skb_stack_pop(skiff, &skiff->skb_pool->ref);
	const struct skb_shared_info *si = skb_shinfo(skb);

	if (unlikely(!seg))
		return NULL;
	memcpy(seg, g->hot.line, sizeof(g->hot.line));
	seg->head = skb_inline_bytes(seg);
	seg->data = seg->head + SKB_REF_HEADROOM - hdr;
	seg->len = hdr;
	if (likely(hdr <= HDR_COMMON))
		memcpy(seg->head + SKB_REF_HEADROOM - HDR_COMMON,
		       g->hdr + sizeof(g->hdr) - HDR_COMMON, HDR_COMMON);
	else
		memcpy(seg->data, g->hdr + sizeof(g->hdr) - hdr, hdr);
	if (likely(si->frags[g->frag].len - g->frag_off >= n)) {
		gso_take_one_frag(seg, si, g, n);
	} else if (unlikely(!gso_take_frags(skiff, seg, skb, g, n))) {
		consume_skb(skiff, seg);
		return NULL;
	}
	if (!g->partial)
		*sum = gso_payload_sum(skb, g, off, n);
	return seg;
}

static struct sk_buff *gso_copied_segment(struct skiff *skiff, const struct sk_buff *skb,
					  const struct gso *g, u32 off, u32 n, u32 *sum)
{
	u32 hdr = g->l2 + g->l3 + g->l4;
	u32 pad = -g->l2 & 3; /* the IP header stays aligned */
	struct sk_buff *seg = alloc_skb(skiff, pad + hdr + n);
	u8 *p;

	if (!seg)
		return NULL;
	skb_reserve(seg, pad);
	memcpy(skb_put(seg, hdr), g->hdr + sizeof(g->hdr) - hdr, hdr);
	p = skb_put(seg, n);
	skb_copy_bits(skb, hdr + off, p, n);
	gso_set_hot(seg, skb, g);
	if (!g->partial)
		*sum = g->paged ? gso_payload_sum(skb, g, off, n) : csum_partial(p, n, 0);
	return seg;
}

static struct sk_buff *gso_one(struct skiff *skiff, const struct sk_buff *skb, struct gso *g,
			       u32 off)
{
	u32 n = min_t(u32, g->mss, g->payload - off), sum = 0;
	struct sk_buff *seg = g->by_ref ? gso_ref_segment(skiff, skb, g, off, n, &sum) :
					  gso_copied_segment(skiff, skb, g, off, n, &sum);

	if (unlikely(!seg))
		return NULL;
	gso_set_cold(seg, skb);
	gso_fix_headers(seg, g, off, off + n == g->payload, sum);
	return seg;
}

struct sk_buff *skb_gso_segment(struct skiff *skiff, const struct sk_buff *skb, u32 features)
{
	struct sk_buff *first = NULL, **tail = &first;
	const struct skb_shared_info *si = skb_shinfo(skb);
	struct gso g;
	u32 hdr;

	if (!gso_parse(skb, &g))
		return NULL;
	hdr = g.l2 + g.l3 + g.l4;
	skb_copy_bits(skb, 0, g.hdr + sizeof(g.hdr) - hdr, hdr);
	g.type = si->gso_type;
	g.partial = skb->ip_summed == CHECKSUM_PARTIAL && (features & NETIF_F_HW_CSUM);
	g.paged = !si->frag_list && skb_headlen(skb) == hdr;
	g.by_ref = (features & NETIF_F_SG) && g.paged;
	g.frag = g.frag_off = 0;
	g.sums = g.paged ? skb_sums(si) + 1 : NULL;
	g.nr_sums = g.paged && skb_sum_unit(si) == g.mss ? si->nr_sums : 0;
	gso_sum_common(&g);
	gso_make_template(&g, skb);
	g.index = 0;
	for (u32 off = 0; off < g.payload; off += g.mss, g.index++) {
		*tail = gso_one(skiff, skb, &g, off);
		if (!*tail)
			goto err_free;
		tail = &(*tail)->next;
	}
	return first;

err_free:
	while (first) {
		struct sk_buff *next = first->next;

		first->next = NULL;
		consume_skb(skiff, first);
		first = next;
	}
	return NULL;
}
