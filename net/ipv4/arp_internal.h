/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/arp_internal.h - between arp.c and arp_rcv.c. */
#ifndef NET_IPV4_ARP_INTERNAL_H
#define NET_IPV4_ARP_INTERNAL_H

#include "net/arp.h"
#include "net/inetdevice.h"
#include "net/wire.h"

#define ARP_PROTO_LEN 4

/* Length of an ARP packet for addresses of @dev. */
static inline u32 arp_hdr_len(const struct net_device *dev)
{
	return (u32)sizeof(struct arphdr) + (dev->addr_len + ARP_PROTO_LEN) * 2u;
}

/* arp.c */
void arp_send_dst(int type, int ptype, __be32 dest_ip, struct net_device *dev, __be32 src_ip,
		  const u8 *dest_hw, const u8 *src_hw, const u8 *target_hw);
/* arp_rcv.c */
void arp_list_rcv(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev);
void arp_process(struct net *net, struct sk_buff *skb);

#endif
