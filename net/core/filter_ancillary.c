// SPDX-License-Identifier: BSD-2-Clause
/* net/core/filter_ancillary.c - what a classic BPF program may ask about a packet beyond its bytes. */
#include "filter.h"

#include "net/netdevice.h"

#define ETH_P_8021Q_ 0x8100

struct nla {
	u16 len;
	u16 type;
};
#define NLA_TYPE_MASK_ 0x3fff

/* Offset of the attribute @type among those in [@off, @end) of the packet; 0: not there */
static u32 find_attribute(const struct sk_buff *skb, u32 off, u32 end, u32 type)
{
	struct nla a;

	while (off + sizeof(a) <= end) {
		memcpy(&a, skb->data + off, sizeof(a));
		if (a.len < sizeof(a) || a.len > end - off)
			return 0;
		if ((u32)(a.type & NLA_TYPE_MASK_) == type)
			return off;
		off += ALIGN_UP((u32)a.len, 4u);
	}
	return 0;
}

static u32 nlattr(const struct sk_buff *skb, u32 a, u32 x, bool nested)
{
	struct nla outer;

	if (skb_headlen(skb) != skb->len || skb->len < sizeof(outer) ||
	    a > skb->len - sizeof(outer))
		return 0;
	if (!nested)
		return find_attribute(skb, a, skb->len, x);
	memcpy(&outer, skb->data + a, sizeof(outer));
	if (outer.len > skb->len - a)
		return 0;
	return find_attribute(skb, a + (u32)sizeof(outer), a + outer.len, x);
}

/* Bytes of the transport's header at @off (from data, may be negative); 0: not known */
static int transport_hlen(const struct sk_buff *skb, u8 protocol, int off)
{
	switch (protocol) {
	case IPPROTO_TCP:
		if (off + 20 > (int)skb_headlen(skb))
			return 0;
		return max_t(int, (skb->data[off + 12] >> 4) * 4, 20);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_ICMP:
	case IPPROTO_IGMP:
		return 8;
	case IPPROTO_DCCP:
		return 12;
	case IPPROTO_SCTP:
		return 12;
	default:
		return 0;
	}
}

/* Where the payload begins, from data on */
static u32 payload_offset(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	int off = skb_network_offset(skb);

	if (skb->protocol != htons(0x0800) || off + (int)sizeof(*iph) > (int)skb_headlen(skb) ||
	    iph->ihl < 5)
		return 0;
	off += iph->ihl * 4;
	if (iph->frag_off & htons(IP_MF | IP_OFFSET))
		return (u32)off;
	return (u32)(off + transport_hlen(skb, iph->protocol, off));
}

bool bpf_ancillary(struct skiff *skiff, const struct sk_buff *skb, u32 ad, u32 *a, u32 x)
{
	switch ((enum skf_ad)ad) {
	case SKF_AD_PROTOCOL:
		*a = ntohs(skb->protocol);
		return true;
	case SKF_AD_PKTTYPE:
		*a = skb->pkt_type;
		return true;
	case SKF_AD_IFINDEX:
		if (!skb->dev)
			return false;
		*a = skb->dev->ifindex;
		return true;
	case SKF_AD_HATYPE:
		if (!skb->dev)
			return false;
		*a = skb->dev->type;
		return true;
	case SKF_AD_NLATTR:
	case SKF_AD_NLATTR_NEST:
		*a = nlattr(skb, *a, x, ad == SKF_AD_NLATTR_NEST);
		return true;
	case SKF_AD_MARK:
		*a = skb->mark;
		return true;
	case SKF_AD_RXHASH:
		*a = skb->hash;
		return true;
	case SKF_AD_ALU_XOR_X:
		*a ^= x;
		return true;
	case SKF_AD_VLAN_TAG:
		*a = skb->vlan_tci;
		return true;
	case SKF_AD_VLAN_TAG_PRESENT:
		*a = skb->vlan_present;
		return true;
	case SKF_AD_VLAN_TPID:
		*a = skb->vlan_present ? ETH_P_8021Q_ : 0;
		return true;
	case SKF_AD_PAY_OFFSET:
		*a = payload_offset(skb);
		return true;
	case SKF_AD_RANDOM:
		*a = skiff_random32(skiff);
		return true;
	case SKF_AD_QUEUE:
	case SKF_AD_CPU:
	default:
		/* One queue, one processor. */
		*a = 0;
		return true;
	}
}
