// SPDX-License-Identifier: BSD-2-Clause
/* drivers/dummy.c - a device that swallows what is sent. */
#include "drivers/devices.h"

#include "net/net_namespace.h"

static void dummy_xmit(struct net_device *dev, struct skb_batch *b)
{
	consume_skb_batch(dev->net->skiff, b);
}

static const struct net_device_ops dummy_ops = {
	.ndo_start_xmit = dummy_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.kind = "dummy",
};

static void dummy_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &dummy_ops;
	dev->min_mtu = 0;
	dev->max_mtu = 0;
	dev->flags = (dev->flags | IFF_NOARP_) & ~(u32)IFF_MULTICAST_;
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_UFO_L4;
}

struct net_device *dummy_create(struct net *net, const char *name, const u8 *mac, int *err)
{
	struct net_device *dev = alloc_netdev(net, 0, name, dummy_setup);

	*err = -ENOMEM;
	if (!dev)
		return NULL;
	if (mac)
		memcpy(dev->dev_addr, mac, ETH_ALEN);
	else
		eth_random_addr(net->skiff, dev->dev_addr);
	*err = register_netdevice(dev);
	if (*err) {
		free_netdev(dev);
		return NULL;
	}
	return dev;
}
