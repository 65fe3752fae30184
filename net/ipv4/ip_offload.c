// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_offload.c - IPv4's part in receive offload: which packets may be merged, and the header of what comes of it. */
#include "ip_offload.h"

#include "lib/checksum.h"
#include "net/inetdevice.h"
#include "net/ip.h"
#include "net/net_namespace.h"

/* A packet in its plain form: ours to write, no large packet, header without options. */
static bool gro_plain(const struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_HOST || skb_headlen(skb) < sizeof(struct iphdr) + 8 ||
	    *skb->data != 0x45)
		return false;
	return !skb->cold || (!skb_cloned(skb) && !skb_shared(skb) && !skb_is_gso(skb) &&
			      !skb_has_frag_list(skb) && !skb->vlan_present);
}

static enum gro_result inet_gro_parse(struct net *net, struct gro_packet *p)
{
	const struct iphdr *iph = (const struct iphdr *)p->skb->data;

	if (!gro_plain(p->skb))
		return GRO_NORMAL;
	p->ops = iph->protocol == IPPROTO_TCP ? net->ipv4.tcp_offload :
		 iph->protocol == IPPROTO_UDP ? net->ipv4.udp_offload :
						NULL;
	if (!p->ops || (iph->frag_off & htons((u16)~IP_DF)) || ntohs(iph->tot_len) != p->skb->len ||
	    ip_fast_csum(iph, 5) ||
	    ((!iph->daddr || iph->daddr != p->daddr) && !inet_lookup_ifaddr(net, iph->daddr)))
		return GRO_NORMAL;
	p->saddr = iph->saddr;
	p->daddr = iph->daddr;
	return p->ops->parse(net, p);
}

/* Same treatment on the way; ids that count up, or (RFC 6864: without meaning with DF) always the same. */
static bool inet_gro_merges(struct gro_flow *f, const struct gro_packet *p)
{
	const struct iphdr *a = (const struct iphdr *)f->skb->data;
	const struct iphdr *b = (const struct iphdr *)p->skb->data;
	u16 step = (u16)(ntohs(b->id) - ntohs(a->id));
	bool fixed = f->count == 1 ? !step && (a->frag_off & htons(IP_DF)) : f->fixed_id;

	if (a->ttl != b->ttl || a->tos != b->tos || a->frag_off != b->frag_off ||
	    step != (fixed ? 0 : f->count))
		return false;
	f->fixed_id = fixed;
	return true;
}

static void inet_gro_complete(struct gro_flow *f)
{
	struct iphdr *iph = (struct iphdr *)f->skb->data;
	__be16 len = htons((u16)f->skb->len);

	csum_replace2(&iph->check, iph->tot_len, len);
	iph->tot_len = len;
}

static const struct packet_offload ip_packet_offload = {
	.parse = inet_gro_parse,
	.merges = inet_gro_merges,
	.complete = inet_gro_complete,
};

static int ip_offload_net_init(struct net *net)
{
	net->ip_offload = &ip_packet_offload;
	return 0;
}

const struct pernet_operations ip_offload_net_ops = { "ip_offload", ip_offload_net_init, NULL };

bool inet_gro_csum_ok(struct sk_buff *skb, u8 proto)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	u32 len = skb->len - (u32)sizeof(*iph), sum;

	if (skb_csum_unnecessary(skb))
		return true;
	/* A good header adds nothing to the sum of the whole packet. */
	sum = skb->ip_summed == CHECKSUM_COMPLETE ? skb->csum :
						    skb_checksum(skb, sizeof(*iph), len, 0);
	if (csum_tcpudp_magic(iph->saddr, iph->daddr, len, proto, sum))
		return false;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

void inet_gro_large(struct gro_flow *f, u8 gso_type, u8 proto, u32 check_at)
{
	struct sk_buff *skb = f->skb;
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 len = skb->len - (u32)sizeof(*iph);

	si->gso_size = (u16)f->mss;
	si->gso_segs = (u16)f->count;
	si->gso_type = gso_type;
	/* It is known to be right: as a packet of our own whose sum is not made yet. */
	put_unaligned16((u16)~csum_tcpudp_magic(iph->saddr, iph->daddr, len, proto, 0),
			skb->data + sizeof(*iph) + check_at);
	skb->cold = 1;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + sizeof(*iph));
	skb->csum_offset = (u16)check_at;
}
