/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/devices.h - making devices that need no operating system. Used by net/skiff.c and by rtnetlink's link kinds. */
#ifndef DRIVERS_DEVICES_H
#define DRIVERS_DEVICES_H

#include "net/netdevice.h"

/* All: @name may hold "%d"; @mac NULL is a random one; on failure NULL and *err = -errno. The device is registered, and down. */
struct net_device *dummy_create(struct net *net, const char *name, const u8 *mac, int *err);
/** veth_create() - two ends, back to back; zero-copy. Returns 0 or -errno */
int veth_create(struct net *net, const char *name, const u8 *mac, struct net *peer_net,
		const char *peer_name, const u8 *peer_mac, struct net_device **dev,
		struct net_device **peer);
struct net_device *wire_create(struct net *net, const char *name, const u8 *mac,
			       const struct skiff_wire_ops *ops, void *arg, int *err);
/** rawip_setup_link() - a device without link-layer header and addresses, as ARPHRD_NONE devices are */
void rawip_setup_link(struct net_device *dev);
/** rawip_protocol() - EtherType (be) by the version of the packet at @p, 0 if it is neither 4 nor 6 */
static inline __be16 rawip_protocol(const u8 *p)
{
	return p[0] >> 4 == 4 ? htons(ETH_P_IP) : p[0] >> 4 == 6 ? htons(ETH_P_IPV6) : 0;
}
struct net_device *rawip_create(struct net *net, const char *name, unsigned flags,
				const struct skiff_rawip_ops *ops, void *arg, int *err);
int rawip_rx(struct net_device *dev, const void *packet, size_t len);
void rawip_set_flags(struct net_device *dev, unsigned flags);
/** wire_rx() - a frame arrives (copied). 0, -ENETDOWN, -EMSGSIZE, -ENOBUFS */
int wire_rx(struct net_device *dev, const void *frame, size_t len);
/** wire_rx_skb() - the same without a copy: @skb's data at the Ethernet header, at least 14 bytes; consumes */
int wire_rx_skb(struct net_device *dev, struct sk_buff *skb);
bool netdev_is_wire(const struct net_device *dev);

#endif
