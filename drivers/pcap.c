// SPDX-License-Identifier: BSD-2-Clause
/* drivers/pcap.c - a device that receives the frames of a capture file, and writes what is sent to another.
 *
 * The first frame arrives when the device comes up, the others as much later as the file says, to the millisecond. A
 * file whose clock runs backwards loses nothing: such a frame arrives with the one before it.
 */
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "skiff/tap.h"

/**
 * struct pcap_dev - a device's files
 * @in, @out: NULL: none
 * @frame, @len, @at_ns: the next frame of @in, valid until the next read; @frame NULL: there is none
 * @first_ns: its file's time of the first frame; @start: tick at which that one arrived
 */
struct pcap_dev {
	struct net_device *dev;
	struct skiff_capture *in, *out;
	struct timer_list timer;
	const void *frame;
	size_t len;
	u64 at_ns, first_ns, start;
	bool started;
};

static void read_next(struct pcap_dev *p)
{
	p->frame = NULL;
	if (p->in && skiff_capture_next(p->in, &p->at_ns, &p->frame, &p->len) != 1)
		p->frame = NULL;
}

static void receive(struct pcap_dev *p)
{
	struct net_device *dev = p->dev;
	struct skiff *skiff = dev->net->skiff;
	u32 len = (u32)p->len;
	struct sk_buff *skb;

	if (len < ETH_HLEN || len > ETH_MAX_MTU + ETH_HLEN) {
		dev->stats.rx_errors++;
		return;
	}
	skb = alloc_skb(skiff, len + 2);
	if (!skb) {
		dev->stats.rx_dropped++;
		return;
	}
	skb_reserve(skb, 2);
	skb_put_data(skb, p->frame, len);
	skb->journey_id = 0;
	dev->stats.rx_packets++;
	dev->stats.rx_bytes += len;
	skb->protocol = eth_type_trans(skb, dev);
	netif_receive_skb(skiff, skb);
}

static u64 due_tick(const struct pcap_dev *p)
{
	return p->start + (p->at_ns > p->first_ns ? (p->at_ns - p->first_ns) / 1000000 : 0);
}

static void pcap_timer(struct timer_list *t)
{
	struct pcap_dev *p = from_timer(p, t, timer);
	u64 now = p->dev->net->skiff->jiffies;

	if (!p->started) {
		p->started = true;
		p->first_ns = p->at_ns;
		p->start = now;
	}
	while (p->frame && due_tick(p) <= now && netif_running(p->dev)) {
		receive(p);
		read_next(p);
	}
	if (p->frame && netif_running(p->dev))
		mod_timer(&p->timer, due_tick(p));
}

static void pcap_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct pcap_dev *p = dev->priv;
	struct skiff *skiff = dev->net->skiff;
	u64 now = skiff->now + skiff->wall;

	for (u32 i = 0; i < b->n && p->out; i++)
		skiff_capture_put(p->out, now, b->p[i]->data, b->p[i]->len);
	consume_skb_batch(skiff, b);
}

static int pcap_open_dev(struct net_device *dev)
{
	struct pcap_dev *p = dev->priv;

	if (p->frame)
		mod_timer(&p->timer, p->started ? due_tick(p) : dev->net->skiff->jiffies);
	return 0;
}

static void pcap_stop(struct net_device *dev)
{
	struct pcap_dev *p = dev->priv;

	timer_delete(&p->timer);
	if (p->out)
		skiff_capture_flush(p->out);
}

static void close_files(struct pcap_dev *p)
{
	skiff_capture_close(p->out);
	skiff_capture_close(p->in);
}

static void pcap_free(struct net_device *dev)
{
	close_files(dev->priv);
}

static const struct net_device_ops pcap_ops = {
	.ndo_open = pcap_open_dev,
	.ndo_stop = pcap_stop,
	.ndo_start_xmit = pcap_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_free = pcap_free,
};

static void pcap_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &pcap_ops;
}

static int open_files(struct pcap_dev *p, const char *in, const char *out)
{
	int err = 0;

	if (in)
		p->in = skiff_capture_read(in, &err);
	if (!err)
		read_next(p);
	if (!err && out)
		p->out = skiff_capture_write(out, &err);
	return err;
}

struct skiff_dev *skiff_pcap_create(struct skiff_net *snet, const char *name, const uint8_t mac[6],
				    const char *in, const char *out, int *err)
{
	struct net *net = (struct net *)snet;
	struct net_device *dev = alloc_netdev(net, sizeof(struct pcap_dev), name, pcap_setup);
	struct pcap_dev *p;

	*err = -ENOMEM;
	if (!dev)
		return NULL;
	p = dev->priv;
	p->dev = dev;
	timer_setup(&p->timer, net->skiff, pcap_timer);
	if (mac)
		memcpy(dev->dev_addr, mac, ETH_ALEN);
	else
		eth_random_addr(net->skiff, dev->dev_addr);
	*err = open_files(p, in, out);
	if (!*err)
		*err = register_netdevice(dev);
	if (!*err)
		return (struct skiff_dev *)dev;
	close_files(p);
	free_netdev(dev);
	return NULL;
}
