// SPDX-License-Identifier: BSD-2-Clause
/* net/core/gso.c - cut a large IPv4 packet (TCP, or UDP with gso_size) into segments, at the edge of a device that can not.
 *
 * Each segment gets the headers of the large packet with its own length, id, sequence number, flags and checksums:
 * FIN and PSH only in the last, CWR only in the first (RFC 3168 6.1.2).
 */
#include "net/gso.h"

#include "lib/checksum.h"
#include "net/netdevice.h"

struct gso {
	u32 l2, l3, l4; /* header lengths in bytes */
	u32 mss, payload;
	u8 proto;
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
	return g->mss && g->payload;
}

bool skb_gso_validate_network_len(const struct sk_buff *skb, u32 mtu)
{
	struct gso g;

	return gso_parse(skb, &g) && g.l3 + g.l4 + g.mss <= mtu;
}

static void gso_fix_headers(struct sk_buff *seg, const struct gso *g, u32 index, u32 off, bool last)
{
	struct iphdr *iph = (struct iphdr *)(seg->data + g->l2);
	u8 *l4 = seg->data + g->l2 + g->l3;
	u32 len = seg->len - g->l2 - g->l3;

	iph->tot_len = htons(seg->len - g->l2);
	iph->id = htons(ntohs(iph->id) + index);
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	if (g->proto == IPPROTO_TCP) {
		struct tcphdr *th = (struct tcphdr *)l4;

		th->seq = htonl(ntohl(th->seq) + off);
		if (!last)
			th->fin = th->psh = 0;
		if (index)
			th->cwr = 0;
		th->check = 0;
		th->check = csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP,
					      csum_partial(l4, len, 0));
	} else {
		struct udphdr *uh = (struct udphdr *)l4;

		uh->len = htons(len);
		uh->check = 0;
		uh->check = csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_UDP,
					      csum_partial(l4, len, 0));
		if (!uh->check)
			uh->check = 0xffff;
	}
}

static struct sk_buff *gso_one(struct skiff *skiff, const struct sk_buff *skb, const struct gso *g,
			       u32 off)
{
	u32 hdr = g->l2 + g->l3 + g->l4;
	u32 n = min_t(u32, g->mss, g->payload - off);
	u32 pad = -g->l2 & 3; /* the IP header stays aligned */
	struct sk_buff *seg = alloc_skb(skiff, pad + hdr + n);

	if (!seg)
		return NULL;
	skb_reserve(seg, pad);
	skb_copy_bits(skb, 0, skb_put(seg, hdr), hdr);
	skb_copy_bits(skb, hdr + off, skb_put(seg, n), n);
	skb_reset_mac_header(seg);
	seg->network_header = (u16)(seg->data + g->l2 - seg->head);
	seg->transport_header = (u16)(seg->data + g->l2 + g->l3 - seg->head);
	seg->dev = skb->dev;
	seg->protocol = skb->protocol;
	seg->mark = skb->mark;
	seg->cold = 1;
	seg->priority = skb->priority;
	seg->journey_id = skb->journey_id;
	gso_fix_headers(seg, g, off / g->mss, off, off + n == g->payload);
	return seg;
}

struct sk_buff *skb_gso_segment(struct skiff *skiff, const struct sk_buff *skb)
{
	struct sk_buff *first = NULL, **tail = &first;
	struct gso g;

	if (!gso_parse(skb, &g))
		return NULL;
	for (u32 off = 0; off < g.payload; off += g.mss) {
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
