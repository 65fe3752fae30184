// SPDX-License-Identifier: BSD-2-Clause
/* drivers/veth.c - two devices back to back, maybe in two namespaces: what one sends the other receives, without a copy. */
#include "rx_ring.h"

#include "drivers/devices.h"
#include "net/net_namespace.h"

struct veth {
	struct net_device *peer; /* NULL once it is gone */
	struct rx_ring rx;
};

/* What must not cross: the sender's route, socket, connection; between namespaces also its mark and control block. */
static void veth_scrub(struct sk_buff *skb, bool other_net)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->nfct = NULL;
	skb->nfctinfo = 0;
	skb->ignore_df = 0;
	skb->pkt_type = PACKET_HOST;
	skb->ipflags = 0;
	skb->skb_iif = 0;
	if (other_net)
		skb->mark = 0;
	if (skb->cold)
		skb->priority = 0;
}

/* What the far end takes: frames up to its MTU with a header and a VLAN tag; large packets that are cut later pass. */
static int veth_forwardable(const struct net_device *peer, const struct sk_buff *skb)
{
	if (!peer || !netif_running(peer))
		return -ENETDOWN;
	if (unlikely(skb->len > peer->mtu + peer->hard_header_len + VLAN_HLEN) && !skb_is_gso(skb))
		return -EMSGSIZE;
	return 0;
}

static void veth_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct veth *v = dev->priv;
	struct net_device *peer = v->peer;
	struct skiff *skiff = dev->net->skiff;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];
		u32 len = skb->len;
		int err;

		err = veth_forwardable(peer, skb);
		if (likely(!err)) {
			veth_scrub(skb, peer->net != dev->net);
			err = rx_ring_push(&((struct veth *)peer->priv)->rx, skb);
		} else {
			if (peer)
				peer->stats.rx_dropped++;
			kfree_skb_reason_at(skiff, skb,
					    err == -EMSGSIZE ? SKB_DROP_REASON_PKT_TOO_BIG :
							       SKB_DROP_REASON_DEV_READY,
					    "veth_xmit");
		}
		if (unlikely(err)) {
			/* It was counted as sent. */
			dev->stats.tx_packets--;
			dev->stats.tx_bytes -= len;
			dev->stats.tx_dropped++;
		}
	}
}

static void veth_carrier(struct net_device *dev)
{
	struct veth *v = dev->priv;

	if (v->peer && netif_running(v->peer) && netif_running(dev))
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
}

static int veth_open(struct net_device *dev)
{
	struct veth *v = dev->priv;

	if (!v->peer)
		return -ENOTCONN;
	/* Both ends have a carrier once both are up. */
	dev->carrier = netif_running(v->peer);
	if (netif_running(v->peer))
		netif_carrier_on(v->peer);
	return 0;
}

static void veth_stop(struct net_device *dev)
{
	struct veth *v = dev->priv;

	rx_ring_flush(&v->rx);
	dev->carrier = false;
	if (v->peer)
		netif_carrier_off(v->peer);
}

static void veth_uninit(struct net_device *dev)
{
	struct veth *v = dev->priv;
	struct net_device *peer = v->peer;

	rx_ring_flush(&v->rx);
	if (!peer)
		return;
	v->peer = NULL;
	((struct veth *)peer->priv)->peer = NULL;
	veth_carrier(peer);
	unregister_netdevice(peer);
}

static int veth_get_iflink(const struct net_device *dev)
{
	const struct veth *v = dev->priv;

	return v->peer ? (int)v->peer->ifindex : 0;
}

static const struct net_device_ops veth_ops = {
	.ndo_uninit = veth_uninit,
	.ndo_open = veth_open,
	.ndo_stop = veth_stop,
	.ndo_start_xmit = veth_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_iflink = veth_get_iflink,
	.kind = "veth",
};

static void veth_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &veth_ops;
	dev->max_mtu = ETH_MAX_MTU;
	dev->carrier = false;
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_UFO_L4;
}

static struct net_device *veth_half(struct net *net, const char *name, const u8 *mac)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct veth), name, veth_setup);

	if (!dev)
		return NULL;
	rx_ring_init(&((struct veth *)dev->priv)->rx, dev);
	if (mac)
		memcpy(dev->dev_addr, mac, ETH_ALEN);
	else
		eth_random_addr(net->skiff, dev->dev_addr);
	return dev;
}

int veth_create(struct net *net, const char *name, const u8 *mac, struct net *peer_net,
		const char *peer_name, const u8 *peer_mac, struct net_device **devp,
		struct net_device **peerp)
{
	struct net_device *dev = veth_half(net, name, mac);
	struct net_device *peer = veth_half(peer_net, peer_name, peer_mac);
	int err = -ENOMEM;

	if (!dev || !peer)
		goto err_free;
	err = register_netdevice(peer);
	if (err)
		goto err_free;
	err = register_netdevice(dev);
	if (err) {
		unregister_netdevice(peer);
		peer = NULL;
		goto err_free;
	}
	((struct veth *)dev->priv)->peer = peer;
	((struct veth *)peer->priv)->peer = dev;
	if (devp)
		*devp = dev;
	if (peerp)
		*peerp = peer;
	return 0;

err_free:
	if (peer)
		free_netdev(peer);
	if (dev)
		free_netdev(dev);
	return err;
}
