// SPDX-License-Identifier: BSD-2-Clause
/* drivers/loopback.c - the device "lo": what is sent comes back in the same turn. */
#include "net/journey.h"
#include "net/net_namespace.h"
#include "drivers/devices.h"

static void loopback_xmit(struct net_device *dev, struct skb_batch *b)
{
	u64 bytes = 0;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		journey_fn(dev->net, skb);
		skb_orphan(skb);
		/* The route comes along: what was sent to ourselves needs no second look-up. */
		skb_dst_force(skb);
		/* Our own bytes need no proof. */
		if (skb->ip_summed == CHECKSUM_NONE)
			skb->ip_summed = CHECKSUM_UNNECESSARY;
		bytes += skb->len;
		skb->protocol = eth_type_trans(skb, dev);
		netif_rx(dev->net, skb);
	}
	dev->stats.rx_packets += b->n;
	dev->stats.rx_bytes += bytes;
}

static const struct net_device_ops loopback_ops = {
	.ndo_start_xmit = loopback_xmit,
};

static void loopback_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &loopback_ops;
	dev->type = ARPHRD_LOOPBACK;
	dev->mtu = 65536;
	dev->min_mtu = 0;
	dev->max_mtu = 0; /* no limit */
	dev->flags = IFF_LOOPBACK_;
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_UFO_L4 |
			NETIF_F_LOOPBACK;
	memset(dev->broadcast, 0, sizeof(dev->broadcast));
}

static int loopback_net_init(struct net *net)
{
	struct net_device *dev = alloc_netdev(net, 0, "lo", loopback_setup);
	int err;

	if (!dev)
		return -ENOMEM;
	dev->ifindex = 1;
	net->ifindex = 1;
	err = register_netdevice(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	net->loopback_dev = dev;
	return 0;
}

/* All other devices first, the newest first: routes and neighbours that lose theirs fall back on this one. */
static void loopback_net_exit(struct net *net)
{
	struct net_device *dev;

	while ((dev = list_last_entry(&net->dev_base, struct net_device, dev_list)) !=
	       net->loopback_dev)
		unregister_netdevice(dev);
	unregister_netdevice(net->loopback_dev);
}

const struct pernet_operations loopback_net_ops = {
	.name = "loopback",
	.init = loopback_net_init,
	.exit = loopback_net_exit,
};
