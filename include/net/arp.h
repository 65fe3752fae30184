/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/arp.h - address resolution on Ethernet (RFC 826, 5227). */
#ifndef NET_ARP_H
#define NET_ARP_H

#include "net/neighbour.h"

/**
 * arp_send() - compose an ARP packet and send it, unless the device does without ARP
 * @type: ARPOP_*; @ptype: EtherType
 * @dest_hw: link-layer destination, NULL: broadcast; @src_hw: sender, NULL: the device's
 * @target_hw: target address in the packet, NULL: zeros
 */
void arp_send(int type, int ptype, __be32 dest_ip, struct net_device *dev, __be32 src_ip,
	      const u8 *dest_hw, const u8 *src_hw, const u8 *target_hw);
/** arp_ifdown() - the device went down */
void arp_ifdown(struct net_device *dev);
void arp_netdev_event(struct net_device *dev, enum netdev_cmd event);
/** arp_mc_map() - link-layer address of a multicast group; @dir 1: broadcast where there is no mapping. 0 or -EINVAL */
int arp_mc_map(__be32 addr, u8 *haddr, struct net_device *dev, int dir);
/** arp_invalidate() - forget the entry of @ip (a new local address, or admin); 0 or -ENXIO */
int arp_invalidate(struct net_device *dev, __be32 ip, bool force);

#endif
