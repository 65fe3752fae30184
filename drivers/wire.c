// SPDX-License-Identifier: BSD-2-Clause
/* drivers/wire.c - an Ethernet device whose cable the embedder holds: frames go out by a callback and come in by a call. */
#include "rx_ring.h"

#include "drivers/devices.h"
#include "net/net_namespace.h"

struct wire {
	const struct skiff_wire_ops *ops;
	void *arg;
	struct rx_ring rx;
};

static void wire_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct wire *w = dev->priv;

	for (u32 i = 0; i < b->n; i++)
		w->ops->xmit(w->arg, (struct skiff_dev *)dev, b->p[i]->data, b->p[i]->len);
	consume_skb_batch(dev->net->skiff, b);
}

static void wire_uninit(struct net_device *dev)
{
	struct wire *w = dev->priv;

	rx_ring_flush(&w->rx);
}

static void wire_stop(struct net_device *dev)
{
	wire_uninit(dev);
}

static const struct net_device_ops wire_ops = {
	.ndo_uninit = wire_uninit,
	.ndo_stop = wire_stop,
	.ndo_start_xmit = wire_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void wire_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &wire_ops;
	dev->max_mtu = ETH_MAX_MTU - ETH_HLEN;
	dev->features = NETIF_F_GRO;
}

struct net_device *wire_create(struct net *net, const char *name, const u8 *mac,
			       const struct skiff_wire_ops *ops, void *arg, int *err)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct wire), name, wire_setup);
	struct wire *w;

	*err = -ENOMEM;
	if (!dev)
		return NULL;
	w = dev->priv;
	w->ops = ops;
	w->arg = arg;
	rx_ring_init(&w->rx, dev);
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

bool netdev_is_wire(const struct net_device *dev)
{
	return dev->netdev_ops == &wire_ops;
}

int wire_rx_skb(struct net_device *dev, struct sk_buff *skb)
{
	struct wire *w = dev->priv;

	if (!netif_running(dev)) {
		kfree_skb_reason(dev->net->skiff, skb, SKB_DROP_REASON_DEV_READY);
		return -ENETDOWN;
	}
	return rx_ring_push(&w->rx, skb);
}

int wire_rx(struct net_device *dev, const void *frame, size_t len)
{
	struct skiff *skiff = dev->net->skiff;
	struct sk_buff *skb;

	if (!netif_running(dev))
		return -ENETDOWN;
	if (len < ETH_HLEN || len > ETH_MAX_MTU + ETH_HLEN) {
		dev->stats.rx_errors++;
		return -EMSGSIZE;
	}
	/* Two bytes in front keep the IP header aligned to 16. */
	skb = alloc_skb(skiff, (u32)len + 2);
	if (!skb) {
		dev->stats.rx_dropped++;
		return -ENOBUFS;
	}
	skb_reserve(skb, 2);
	skb_put_data(skb, frame, (u32)len);
	skb->journey_id = 0; /* comes from outside: a journey of its own */
	return wire_rx_skb(dev, skb);
}
