// SPDX-License-Identifier: BSD-2-Clause
/* drivers/tun.c - a device whose other end is a TAP or a TUN of the host's kernel.
 *
 * DOC: TAP and TUN
 * A TAP carries Ethernet frames, a TUN bare IP packets; all else is the same.
 * Every frame has a virtio_net_hdr in front (IFF_VNET_HDR): what the host's kernel hands over may lack its checksum and may
 * be one large TCP or UDP packet to be cut later, and it takes the same from us. So a bulk transfer through the stack
 * costs one system call for up to 64 KiB. The descriptor is non-blocking and read in each turn, a batch at most; whoever turns the
 * shard waits for it (skiff_tap_fd).
 */
#include "tun_file.h"

#include <sys/uio.h>
#include <unistd.h>

#include "drivers/devices.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "skiff/tap.h"

/* The header in front of each frame: virtio 1.2, 5.1.6, the first 10 bytes, in this machine's byte order. */
struct virtio_net_hdr {
	u8 flags;
	u8 gso_type;
	u16 hdr_len;
	u16 gso_size;
	u16 csum_start;
	u16 csum_offset;
};
static_assert(sizeof(struct virtio_net_hdr) == 10, "virtio_net_hdr");

#define VIRTIO_NET_HDR_F_NEEDS_CSUM 1
#define VIRTIO_NET_HDR_F_DATA_VALID 2
#define VIRTIO_NET_HDR_GSO_NONE	    0
#define VIRTIO_NET_HDR_GSO_TCPV4    1
#define VIRTIO_NET_HDR_GSO_UDP_L4   5
#define VIRTIO_NET_HDR_GSO_ECN	    0x80

#define TAP_FRAME_MAX (65536 + 64)

struct tap {
	int fd;
	bool uso; /* the host takes large UDP packets */
	struct turn_work poll;
	struct net_device *dev;
	u8 buf[TAP_FRAME_MAX];
};

/* ---- in ---- */

static bool set_gso(struct skiff *skiff, struct sk_buff *skb, const struct virtio_net_hdr *vh)
{
	struct skb_shared_info *si;
	u32 payload;
	u8 type;

	switch (vh->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		return true;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		type = SKB_GSO_TCPV4;
		break;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		type = SKB_GSO_UDP_L4;
		break;
	default:
		return false;
	}
	if (!vh->gso_size || skb->ip_summed != CHECKSUM_PARTIAL || vh->hdr_len >= skb->len)
		return false;
	/* The transport header has to be there: it is read on the way out. */
	if (vh->csum_start + (type == SKB_GSO_TCPV4 ? 20u : 8u) > skb->len)
		return false;
	si = skb_shinfo_get(skiff, skb);
	if (!si)
		return false;
	payload = skb->len - vh->hdr_len;
	si->gso_type = type | SKB_GSO_DODGY |
		       (vh->gso_type & VIRTIO_NET_HDR_GSO_ECN ? SKB_GSO_TCP_ECN : 0);
	si->gso_size = vh->gso_size;
	si->gso_segs = (u16)((payload + vh->gso_size - 1) / vh->gso_size);
	return true;
}

/* What the host's kernel left to the device. false: its words make no sense */
static bool set_checksum(struct sk_buff *skb, const struct virtio_net_hdr *vh)
{
	if (vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		if ((u32)vh->csum_start + vh->csum_offset + 2 > skb->len)
			return false;
		skb->cold = 1;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = (u16)(skb_headroom(skb) + vh->csum_start);
		skb->csum_offset = vh->csum_offset;
	} else if (vh->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	return true;
}

static struct sk_buff *tap_skb(struct tap *t, u32 len)
{
	struct skiff *skiff = t->dev->net->skiff;
	struct virtio_net_hdr vh;
	struct sk_buff *skb;

	if (len < sizeof(vh) + max_t(u32, t->dev->hard_header_len, 1)) {
		t->dev->stats.rx_errors++;
		return NULL;
	}
	memcpy(&vh, t->buf, sizeof(vh));
	len -= (u32)sizeof(vh);
	skb = alloc_skb(skiff, len + 2);
	if (!skb) {
		t->dev->stats.rx_dropped++;
		return NULL;
	}
	skb_reserve(skb, 2); /* the IP header is aligned to 16 */
	skb_put_data(skb, t->buf + sizeof(vh), len);
	skb->journey_id = 0; /* comes from outside: a journey of its own */
	if (set_checksum(skb, &vh) && set_gso(skiff, skb, &vh))
		return skb;
	t->dev->stats.rx_errors++;
	consume_skb(skiff, skb);
	return NULL;
}

/* Return: false if a TUN's packet has no version that we know (then it is gone) */
static bool tap_type(struct net_device *dev, struct sk_buff *skb)
{
	if (dev->hard_header_len) {
		skb->protocol = eth_type_trans(skb, dev);
		return true;
	}
	skb->dev = dev;
	skb_reset_mac_header(skb);
	skb->protocol = rawip_protocol(skb->data);
	if (skb->protocol)
		return true;
	dev->stats.rx_dropped++;
	consume_skb(dev->net->skiff, skb);
	return false;
}

static unsigned tap_poll(struct turn_work *w)
{
	struct tap *t = container_of(w, struct tap, poll);
	struct net_device *dev = t->dev;
	struct skb_batch b = { .n = 0 };
	unsigned reads = 0;

	while (b.n < SKB_BATCH_MAX) {
		ssize_t n = read(t->fd, t->buf, sizeof(t->buf));
		struct sk_buff *skb;

		if (n <= 0)
			break;
		reads++;
		skb = tap_skb(t, (u32)n);
		if (!skb || !tap_type(dev, skb))
			continue;
		dev->stats.rx_packets++;
		dev->stats.rx_bytes += (u64)n - sizeof(struct virtio_net_hdr);
		skb_batch_add(&b, skb);
	}
	if (b.n)
		netif_receive_skb_list(dev->net->skiff, &b);
	return reads;
}

/* ---- out ---- */

static void fill_header(struct virtio_net_hdr *vh, const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	memset(vh, 0, sizeof(*vh));
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		vh->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh->csum_start = (u16)(skb->csum_start - skb_headroom(skb));
		vh->csum_offset = skb->csum_offset;
	}
	if (!skb_is_gso(skb))
		return;
	vh->gso_type = si->gso_type & SKB_GSO_TCPV4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
						      VIRTIO_NET_HDR_GSO_UDP_L4;
	if (si->gso_type & SKB_GSO_TCP_ECN)
		vh->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	vh->gso_size = si->gso_size;
	/* Headers up to the end of the transport header: TCP says its own length, UDP has 8 bytes. */
	vh->hdr_len = vh->csum_start;
	if (si->gso_type & SKB_GSO_TCPV4)
		vh->hdr_len = (u16)(vh->hdr_len + (skb->data[vh->csum_start + 12] >> 4) * 4);
	else
		vh->hdr_len = (u16)(vh->hdr_len + 8);
}

static void tap_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct tap *t = dev->priv;

	for (u32 i = 0; i < b->n; i++) {
		struct virtio_net_hdr vh;
		struct iovec iov[2] = { { &vh, sizeof(vh) }, { b->p[i]->data, b->p[i]->len } };

		fill_header(&vh, b->p[i]);
		/* The host's queue is full or its end is down: as on a cable, the frame is lost. */
		if (writev(t->fd, iov, 2) < 0)
			dev->stats.tx_dropped++;
	}
	consume_skb_batch(dev->net->skiff, b);
}

/* ---- life ---- */

static int tap_open(struct net_device *dev)
{
	struct tap *t = dev->priv;

	list_add_tail(&t->poll.list, &dev->net->skiff->poll);
	return 0;
}

static void tap_stop(struct net_device *dev)
{
	struct tap *t = dev->priv;

	skiff_work_del(&t->poll);
}

static void tap_free(struct net_device *dev)
{
	struct tap *t = dev->priv;

	close(t->fd);
}

static const struct net_device_ops tap_ops = {
	.ndo_open = tap_open,
	.ndo_stop = tap_stop,
	.ndo_start_xmit = tap_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_free = tap_free,
	.kind = "tun",
};

static const struct net_device_ops tun_ops = {
	.ndo_open = tap_open,
	.ndo_stop = tap_stop,
	.ndo_start_xmit = tap_xmit,
	.ndo_free = tap_free,
	.kind = "tun",
};

static void tap_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &tap_ops;
	/* No NETIF_F_SG: a packet in pieces is joined before it is written. */
	dev->features = NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_GRO;
}

static void tun_setup(struct net_device *dev)
{
	rawip_setup_link(dev);
	dev->netdev_ops = &tun_ops;
	dev->features = NETIF_F_HW_CSUM | NETIF_F_TSO;
}

/* @bare: a TUN */
static struct skiff_dev *tun_create(struct net *net, const char *name, const uint8_t mac[6],
				    const char *host_name, bool bare, int *err)
{
	struct net_device *dev =
		alloc_netdev(net, sizeof(struct tap), name, bare ? tun_setup : tap_setup);
	struct tap *t;

	*err = -ENOMEM;
	if (!dev)
		return NULL;
	t = dev->priv;
	t->dev = dev;
	t->poll.run = tap_poll;
	t->fd = tun_open(host_name, !bare, true);
	*err = t->fd;
	if (t->fd < 0)
		goto err_free;
	t->uso = tun_set_offload(t->fd);
	if (t->uso)
		dev->features |= NETIF_F_UFO_L4;
	if (mac)
		memcpy(dev->dev_addr, mac, ETH_ALEN);
	else if (!bare)
		eth_random_addr(net->skiff, dev->dev_addr);
	*err = register_netdevice(dev);
	if (!*err)
		return (struct skiff_dev *)dev;
	close(t->fd);
err_free:
	free_netdev(dev);
	return NULL;
}

struct skiff_dev *skiff_tap_create(struct skiff_net *net, const char *name, const uint8_t mac[6],
				   const char *host_name, int *err)
{
	return tun_create((struct net *)net, name, mac, host_name, false, err);
}

struct skiff_dev *skiff_tun_create(struct skiff_net *net, const char *name, const char *host_name,
				   int *err)
{
	return tun_create((struct net *)net, name, NULL, host_name, true, err);
}

int skiff_tap_fd(const struct skiff_dev *sdev)
{
	const struct net_device *dev = (const struct net_device *)sdev;

	return ((const struct tap *)dev->priv)->fd;
}
