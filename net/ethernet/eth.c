// SPDX-License-Identifier: BSD-2-Clause
/* net/ethernet/eth.c - Ethernet II headers: reading them, writing them, and what makes a device an Ethernet. */
#include "net/netdevice.h"

__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev)
{
	const struct ethhdr *eth;

	skb->dev = dev;
	skb_reset_mac_header(skb);
	eth = (const struct ethhdr *)skb_pull(skb, ETH_HLEN) - 1;
	if (unlikely(!ether_addr_equal(eth->h_dest, dev->dev_addr))) {
		if (is_broadcast_ether_addr(eth->h_dest))
			skb->pkt_type = PACKET_BROADCAST;
		else if (is_multicast_ether_addr(eth->h_dest))
			skb->pkt_type = PACKET_MULTICAST;
		else
			skb->pkt_type = PACKET_OTHERHOST;
	}
	if (likely(ntohs(eth->h_proto) >= ETH_P_802_3_MIN))
		return eth->h_proto;
	/* A length: 802.2 follows, unless it is raw IPX over 802.3. */
	if (skb->len >= 2 && skb->data[0] == 0xff && skb->data[1] == 0xff)
		return htons(ETH_P_802_3);
	return htons(ETH_P_802_2);
}

int eth_header(struct sk_buff *skb, struct net_device *dev, u16 type, const void *daddr,
	       const void *saddr, u32 len)
{
	struct ethhdr *eth = (struct ethhdr *)skb_push(skb, ETH_HLEN);

	eth->h_proto = type == ETH_P_802_3 || type == ETH_P_802_2 ? htons(len) : htons(type);
	memcpy(eth->h_source, saddr ? saddr : dev->dev_addr, ETH_ALEN);
	if (daddr) {
		memcpy(eth->h_dest, daddr, ETH_ALEN);
		return ETH_HLEN;
	}
	if (dev->flags & (IFF_LOOPBACK_ | IFF_NOARP_)) {
		memset(eth->h_dest, 0, ETH_ALEN);
		return ETH_HLEN;
	}
	return -ETH_HLEN;
}

static __be16 eth_parse_protocol(const struct sk_buff *skb)
{
	return eth_hdr(skb)->h_proto;
}

static const struct header_ops eth_header_ops = {
	.create = eth_header,
	.parse_protocol = eth_parse_protocol,
};

void ether_setup(struct net_device *dev)
{
	dev->header_ops = &eth_header_ops;
	dev->type = ARPHRD_ETHER;
	dev->hard_header_len = ETH_HLEN;
	dev->addr_len = ETH_ALEN;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_DATA_LEN;
	dev->flags = IFF_BROADCAST_ | IFF_MULTICAST_;
	memset(dev->broadcast, 0xff, ETH_ALEN);
}

int eth_mac_addr(struct net_device *dev, const u8 *mac)
{
	if (!is_valid_ether_addr(mac))
		return -EADDRNOTAVAIL;
	memcpy(dev->dev_addr, mac, ETH_ALEN);
	return 0;
}

void eth_random_addr(struct skiff *skiff, u8 *mac)
{
	u64 r = skiff_random64(skiff);

	memcpy(mac, &r, ETH_ALEN);
	mac[0] = (u8)((mac[0] & 0xfe) | 0x02); /* unicast, locally administered */
}
