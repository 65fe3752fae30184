// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_offload.c - which TCP segments may be merged on the way in.
 *
 * Consecutive bytes with one acknowledgment, window and set of options are the same news in several packets. FIN and PSH may
 * come with the last of them. All other flags are equal; CWR too, which is part of a counter with accurate ECN.
 */
#include "ip_offload.h"

#include "lib/checksum.h"
#include "net/net_namespace.h"

#define TH_FIN 0x01
#define TH_SYN 0x02
#define TH_RST 0x04
#define TH_PSH 0x08
#define TH_URG 0x20
#define TH_CWR 0x80

/* Data offset, flags and window as one word. */
#define TH_WORD_AT 12
#define TH_FLAGS   13

static const u8 *gro_th(const struct sk_buff *skb)
{
	return skb->data + sizeof(struct iphdr);
}

static enum gro_result tcp4_gro_parse(struct net *net, struct gro_packet *p)
{
	struct sk_buff *skb = p->skb;
	const u8 *th = gro_th(skb);
	u32 thlen;

	if (skb_headlen(skb) < sizeof(struct iphdr) + sizeof(struct tcphdr))
		return GRO_NORMAL;
	thlen = (th[TH_WORD_AT] >> 4) * 4u;
	p->hdr = (u32)sizeof(struct iphdr) + thlen;
	if (thlen < sizeof(struct tcphdr) || skb_headlen(skb) < p->hdr)
		return GRO_NORMAL;
	p->ports = get_unaligned32(th);
	p->len = skb->len - p->hdr;
	p->last = th[TH_FLAGS] & (TH_PSH | TH_FIN);
	if (!p->len || (th[TH_FLAGS] & (TH_SYN | TH_RST | TH_URG)) ||
	    !inet_gro_csum_ok(skb, IPPROTO_TCP))
		return GRO_CLOSE;
	return GRO_HOLD;
}

/* @n: a multiple of 4; mostly 12, for which a call takes longer than the comparison. */
static bool same_words(const u8 *a, const u8 *b, u32 n)
{
	u32 differ = 0;

	for (u32 i = 0; i < n; i += 4)
		differ |= get_unaligned32(a + i) ^ get_unaligned32(b + i);
	return !differ;
}

static bool tcp4_gro_merges(const struct gro_flow *f, const struct gro_packet *p)
{
	const u8 *a = gro_th(f->skb), *b = gro_th(p->skb);
	const u32 may_differ = (u32)(TH_FIN | TH_PSH) << 8 * (TH_FLAGS - TH_WORD_AT);

	/* Sequence number; acknowledgment; the word with the flags; options. */
	return ntohl(get_unaligned32(a + 4)) + f->len == ntohl(get_unaligned32(b + 4)) &&
	       get_unaligned32(a + 8) == get_unaligned32(b + 8) &&
	       !((get_unaligned32(a + TH_WORD_AT) ^ get_unaligned32(b + TH_WORD_AT)) &
		 ~may_differ) &&
	       same_words(a + 20, b + 20, p->hdr - 40);
}

static void tcp4_gro_merged(struct gro_flow *f, const struct gro_packet *p)
{
	f->skb->data[sizeof(struct iphdr) + TH_FLAGS] |= gro_th(p->skb)[TH_FLAGS] &
							 (TH_FIN | TH_PSH);
}

static void tcp4_gro_complete(struct gro_flow *f)
{
	u8 type = SKB_GSO_TCPV4;

	if (gro_th(f->skb)[TH_FLAGS] & TH_CWR)
		type |= SKB_GSO_TCP_ACCECN;
	if (f->fixed_id)
		type |= SKB_GSO_TCP_FIXEDID;
	inet_gro_large(f, type, IPPROTO_TCP, offsetof(struct tcphdr, check));
}

static const struct net_offload tcpv4_offload = {
	.parse = tcp4_gro_parse,
	.merges = tcp4_gro_merges,
	.merged = tcp4_gro_merged,
	.complete = tcp4_gro_complete,
};

static int tcp_offload_net_init(struct net *net)
{
	net->ipv4.tcp_offload = &tcpv4_offload;
	return 0;
}

const struct pernet_operations tcp_offload_net_ops = { "tcp_offload", tcp_offload_net_init, NULL };
