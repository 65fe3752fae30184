// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_offload.c - which UDP datagrams may be merged on the way in: those for a socket that asked for it (UDP_GRO).
 *
 * Datagrams of one length are merged, and a shorter one ends it: so the reader can cut them again. The transport says
 * who asked: net->ipv4.udp_gro_wanted, NULL as long as nobody does.
 */
#include "ip_offload.h"

#include "lib/checksum.h"
#include "net/net_namespace.h"

#define UDP_GRO_CNT_MAX 64

static enum gro_result udp4_gro_parse(struct net *net, struct gro_packet *p)
{
	struct sk_buff *skb = p->skb;
	const struct udphdr *uh = (const struct udphdr *)(skb->data + sizeof(struct iphdr));

	if (!net->ipv4.udp_gro_wanted)
		return GRO_NORMAL;
	p->hdr = sizeof(struct iphdr) + sizeof(*uh);
	p->len = skb->len - p->hdr;
	p->ports = get_unaligned32(uh);
	p->last = false;
	if (!net->ipv4.udp_gro_wanted(net, skb))
		return GRO_NORMAL;
	if (!p->len || !uh->check || ntohs(uh->len) != skb->len - sizeof(struct iphdr) ||
	    !inet_gro_csum_ok(skb, IPPROTO_UDP))
		return GRO_CLOSE;
	return GRO_HOLD;
}

static bool udp4_gro_merges(const struct gro_flow *f, const struct gro_packet *p)
{
	return f->count < UDP_GRO_CNT_MAX;
}

static void udp4_gro_merged(struct gro_flow *f, const struct gro_packet *p)
{
}

static void udp4_gro_complete(struct gro_flow *f)
{
	struct udphdr *uh = (struct udphdr *)(f->skb->data + sizeof(struct iphdr));

	uh->len = htons((u16)(f->skb->len - sizeof(struct iphdr)));
	inet_gro_large(f, SKB_GSO_UDP_L4, IPPROTO_UDP, offsetof(struct udphdr, check));
}

static const struct net_offload udpv4_offload = {
	.parse = udp4_gro_parse,
	.merges = udp4_gro_merges,
	.merged = udp4_gro_merged,
	.complete = udp4_gro_complete,
};

static int udp_offload_net_init(struct net *net)
{
	net->ipv4.udp_offload = &udpv4_offload;
	return 0;
}

const struct pernet_operations udp_offload_net_ops = { "udp_offload", udp_offload_net_init, NULL };
