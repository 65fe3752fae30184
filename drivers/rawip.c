// SPDX-License-Identifier: BSD-2-Clause
/* drivers/rawip.c - a device of IP packets without a link-layer header, whose far end the embedder holds: Linux's TUN. */
#include "rx_ring.h"

#include "drivers/devices.h"
#include "net/net_namespace.h"

#define RAWIP_TX_QUEUE_LEN 500
#define RAWIP_MAX_MTU	   65535
#define RAWIP_PAD	   43 /* what Linux's TUN leaves in front, beyond other devices */

struct rawip {
	const struct skiff_rawip_ops *ops;
	void *arg;
	struct rx_ring rx;
};

static void rawip_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct rawip *w = dev->priv;

	for (u32 i = 0; i < b->n; i++) {
		const struct sk_buff *skb = b->p[i];

		w->ops->xmit(w->arg, (struct skiff_dev *)dev, skb->data, skb->len,
			     skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : 0);
	}
	consume_skb_batch(dev->net->skiff, b);
}

static void rawip_stop(struct net_device *dev)
{
	struct rawip *w = dev->priv;

	rx_ring_flush(&w->rx);
}

static const struct net_device_ops rawip_ops = {
	.ndo_uninit = rawip_stop,
	.ndo_stop = rawip_stop,
	.ndo_start_xmit = rawip_xmit,
	.kind = "tun",
};

void rawip_setup_link(struct net_device *dev)
{
	dev->type = ARPHRD_NONE;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = RAWIP_MAX_MTU;
	dev->tx_queue_len = RAWIP_TX_QUEUE_LEN;
	dev->flags = IFF_POINTOPOINT_ | IFF_NOARP_ | IFF_MULTICAST_;
}

static void rawip_setup(struct net_device *dev)
{
	rawip_setup_link(dev);
	dev->netdev_ops = &rawip_ops;
}

/* Neither NETIF_F_HW_CSUM nor NETIF_F_SG: whoever gets the packets gets them whole and summed. */
void rawip_set_flags(struct net_device *dev, unsigned flags)
{
	dev->features = (dev->features & NETIF_F_GRO) | (flags & SKIFF_RAWIP_TSO ? NETIF_F_TSO : 0);
	dev->tx_full = flags & SKIFF_RAWIP_FULL;
}

struct net_device *rawip_create(struct net *net, const char *name, unsigned flags,
				const struct skiff_rawip_ops *ops, void *arg, int *err)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct rawip), name, rawip_setup);
	struct rawip *w;

	*err = -ENOMEM;
	if (!dev)
		return NULL;
	w = dev->priv;
	w->ops = ops;
	w->arg = arg;
	rx_ring_init(&w->rx, dev);
	rawip_set_flags(dev, flags);
	*err = register_netdevice(dev);
	if (*err) {
		free_netdev(dev);
		return NULL;
	}
	return dev;
}

int rawip_rx(struct net_device *dev, const void *packet, size_t len)
{
	struct skiff *skiff = dev->net->skiff;
	struct rawip *w = dev->priv;
	struct sk_buff *skb;
	__be16 protocol;

	if (!netif_running(dev))
		return -ENETDOWN;
	if (!len || len > RAWIP_MAX_MTU) {
		dev->stats.rx_errors++;
		return -EMSGSIZE;
	}
	protocol = rawip_protocol(packet);
	if (!protocol) {
		dev->stats.rx_dropped++;
		return -EINVAL;
	}
	skb = alloc_skb(skiff, (u32)len);
	if (!skb) {
		dev->stats.rx_dropped++;
		return -ENOBUFS;
	}
	skb_put_data(skb, packet, (u32)len);
	skb_set_truesize(skb, (u32)len + RAWIP_PAD);
	skb_reset_mac_header(skb);
	skb->protocol = protocol;
	skb->journey_id = 0; /* comes from outside: a journey of its own */
	return rx_ring_push(&w->rx, skb);
}
