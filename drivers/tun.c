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

struct tap {
	int fd;
	bool uso; /* the host takes large UDP packets */
	struct turn_work poll;
	struct net_device *dev;
	struct sk_buff *skb;	 /* the next frame goes in here */
	struct skb_chunk *chunk; /* and what is beyond it in here */
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

/* Buffers for the next frame. false: no memory */
static bool tap_buffers(struct tap *t)
{
	struct skiff *skiff = t->dev->net->skiff;

	if (!t->chunk)
		t->chunk = skb_chunk_alloc(skiff, SKB_CHUNK_SIZE);
	if (!t->skb) {
		t->skb = alloc_skb(skiff, SKB_SMALL_MAX);
		if (t->skb)
			/* The IP header is aligned to 16, behind an Ethernet header or without one. */
			skb_reserve(t->skb, t->dev->type == ARPHRD_ETHER ? 2 : 0);
	}
	return t->skb && t->chunk;
}

/* Bytes beyond the packet's buffer: many of them keep the chunk they are in, few are put where others are, too. */
static bool tap_take_rest(struct tap *t, struct sk_buff *skb, u32 rest)
{
	struct skiff *skiff = t->dev->net->skiff;
	u32 off = 0;
	struct skb_chunk *c;
	bool ok;

	if (rest > SKB_CHUNK_SIZE / 4) {
		ok = skb_frag_add(skiff, skb, t->chunk, 0, rest) == 0;
		skb_chunk_put(t->chunk);
		t->chunk = NULL;
		return ok;
	}
	c = skb_chunk_reserve(skiff, rest, &off);
	if (c && c->size - off < rest) {
		skb_chunk_commit(skiff, c->size - off);
		c = skb_chunk_reserve(skiff, rest, &off);
	}
	if (!c || skb_frag_add(skiff, skb, c, off, rest))
		return false;
	memcpy(c->data + off, t->chunk->data, rest);
	skb_chunk_commit(skiff, rest);
	return true;
}

/* A frame of @len bytes with @vh in front has been read. NULL: it is no good (or no memory) */
static struct sk_buff *tap_skb(struct tap *t, const struct virtio_net_hdr *vh, u32 len)
{
	struct sk_buff *skb = t->skb;
	u32 room = skb_tailroom(skb);

	if (len < max_t(u32, t->dev->hard_header_len, 1)) {
		t->dev->stats.rx_errors++;
		return NULL;
	}
	t->skb = NULL;
	skb->journey_id = 0; /* comes from outside: a journey of its own */
	skb_put(skb, min_t(u32, len, room));
	if (unlikely(len > room) && !tap_take_rest(t, skb, len - room)) {
		t->dev->stats.rx_dropped++;
		consume_skb(t->dev->net->skiff, skb);
		return NULL;
	}
	if (set_checksum(skb, vh) && set_gso(t->dev->net->skiff, skb, vh))
		return skb;
	t->dev->stats.rx_errors++;
	consume_skb(t->dev->net->skiff, skb);
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

	while (b.n < SKB_BATCH_MAX && tap_buffers(t)) {
		struct virtio_net_hdr vh;
		struct iovec iov[3] = { { &vh, sizeof(vh) },
					{ t->skb->data, skb_tailroom(t->skb) },
					{ t->chunk->data, SKB_CHUNK_SIZE } };
		ssize_t n = readv(t->fd, iov, 3);
		struct sk_buff *skb;

		if (n < (ssize_t)sizeof(vh))
			break;
		reads++;
		n -= (ssize_t)sizeof(vh);
		skb = tap_skb(t, &vh, (u32)n);
		if (!skb || !tap_type(dev, skb))
			continue;
		dev->stats.rx_packets++;
		dev->stats.rx_bytes += (u64)n;
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

/* Where the packet's bytes are. Return: pieces, 0 if they can not be had (no memory) */
static int tap_pieces(struct skiff *skiff, struct sk_buff *skb, struct iovec *iov)
{
	int n = 0;

	if (unlikely(skb_has_frag_list(skb)) && skb_linearize(skiff, skb) < 0)
		return 0;
	iov[n++] = (struct iovec){ skb->data, skb_headlen(skb) };
	for (u32 i = 0; skb->cold && skb->data_len && i < skb_shinfo(skb)->nr_frags; i++) {
		const struct skb_frag *f = &skb_shinfo(skb)->frags[i];

		iov[n++] = (struct iovec){ skb_frag_data(f), f->len };
	}
	return n;
}

static void tap_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct tap *t = dev->priv;

	for (u32 i = 0; i < b->n; i++) {
		struct virtio_net_hdr vh;
		struct iovec iov[2 + MAX_SKB_FRAGS] = { { &vh, sizeof(vh) } };
		int n = tap_pieces(dev->net->skiff, b->p[i], iov + 1);

		fill_header(&vh, b->p[i]);
		/* The host's queue is full or its end is down: as on a cable, the frame is lost. */
		if (!n || writev(t->fd, iov, n + 1) < 0)
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
	if (t->skb)
		consume_skb(dev->net->skiff, t->skb);
	if (t->chunk)
		skb_chunk_put(t->chunk);
	t->skb = NULL;
	t->chunk = NULL;
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
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_GRO;
}

static void tun_setup(struct net_device *dev)
{
	rawip_setup_link(dev);
	dev->netdev_ops = &tun_ops;
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO;
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
