// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev.c - the way of packets in and out of devices.
 *
 * DOC: The way in and the way out
 * In : a driver hands a batch (after eth_type_trans) to netif_receive_skb_list(); taps get copies, VLAN priority tags are
 *      taken off, and runs of equal EtherType and device go to the packet_type that registered for it.
 * Out: dev_queue_xmit_list() has a batch for one device with its link-layer header on; taps get copies, checksums and
 *      segments that the device can not make are made, and the driver consumes the batch.
 */
#include "net/netdevice.h"

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/gro.h"
#include "net/gso.h"
#include "net/sock.h"
#include "net/sock_msg.h"
#include "dev_internal.h"

/* ---- who takes frames ---- */

static struct list_head *ptype_head(struct net *net, __be16 type)
{
	if (type == htons(ETH_P_ALL))
		return &net->ptype_all;
	return &net->ptype_base[ntohs(type) % ARRAY_SIZE(net->ptype_base)];
}

void dev_add_pack(struct net *net, struct packet_type *pt)
{
	list_add_tail(&pt->list, ptype_head(net, pt->type));
	if (pt->type == htons(ETH_P_ALL))
		net->ptype_all_count++;
}

void dev_remove_pack(struct net *net, struct packet_type *pt)
{
	list_del(&pt->list);
	if (pt->type == htons(ETH_P_ALL))
		net->ptype_all_count--;
}

/* Every tap that listens on the device gets clones. */
static void deliver_to_taps(struct net *net, const struct skb_batch *b, bool outgoing)
{
	struct packet_type *pt;

	list_for_each_entry(pt, &net->ptype_all, list) {
		struct skb_batch copies = { .n = 0 };

		for (u32 i = 0; i < b->n; i++) {
			struct sk_buff *n;

			if (pt->dev && pt->dev != b->p[i]->dev)
				continue;
			n = skb_clone(net->skiff, b->p[i]);
			if (!n)
				continue;
			if (outgoing) {
				skb_reset_mac_header(n);
				n->pkt_type = PACKET_OUTGOING;
			}
			skb_batch_add(&copies, n);
		}
		if (copies.n)
			pt->list_func(&copies, pt, copies.p[0]->dev);
	}
}

/* ---- in ---- */

/* The frame carries a VLAN tag behind its Ethernet header: take it off. Return: false if the frame ends within it (then it is gone) */
static bool skb_vlan_untag(struct skiff *skiff, struct sk_buff *skb)
{
	struct vlan_hdr vh;

	/* With the two bytes behind it, by which the kernel tells 802.3 frames. */
	if (!pskb_may_pull(skiff, skb, sizeof(vh) + 2)) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
		return false;
	}
	if (skb_cow(skiff, skb, 0)) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOMEM);
		return false;
	}
	memcpy(&vh, skb->data, sizeof(vh));
	skb->cold = 1;
	skb->vlan_tci = ntohs(vh.h_vlan_TCI);
	skb->vlan_present = 1;
	skb_pull(skb, sizeof(vh));
	/* The addresses move up, so that an Ethernet header stands right in front of the payload again. */
	memmove(skb->data - ETH_HLEN, skb_mac_header(skb), 2 * ETH_ALEN);
	memcpy(skb->data - 2, &vh.h_vlan_encapsulated_proto, 2);
	skb->mac_header = (u16)(skb->data - ETH_HLEN - skb->head);
	skb->protocol = vh.h_vlan_encapsulated_proto;
	if (ntohs(skb->protocol) < ETH_P_802_3_MIN)
		skb->protocol = htons(ETH_P_802_2);
	return true;
}

static __always_inline_ void deliver_ptype(struct net *net, struct skb_batch *run,
					   struct net_device *dev)
{
	struct packet_type *pt, *last = NULL;
	__be16 type = run->p[0]->protocol;

	list_for_each_entry(pt, ptype_head(net, type), list) {
		if (pt->type != type || (pt->dev && pt->dev != dev))
			continue;
		if (last) {
			struct skb_batch copies = { .n = 0 };

			for (u32 i = 0; i < run->n; i++)
				copies.p[copies.n++] = skb_get(run->p[i]);
			last->list_func(&copies, last, dev);
		}
		last = pt;
	}
	if (last) {
		last->list_func(run, last, dev);
		return;
	}
	dev->stats.rx_nohandler += run->n;
	kfree_skb_batch_reason_at(net->skiff, run, SKB_DROP_REASON_UNHANDLED_PROTO,
				  "__netif_receive_skb_core");
}

static bool skb_is_tagged(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_8021Q) || skb->protocol == htons(ETH_P_8021AD);
}

/* Headers found, VLAN tags off. Return: false if the packet is gone */
static __always_inline_ bool receive_prepare(struct skiff *skiff, struct sk_buff *skb)
{
	skb->skb_iif = skb->dev->ifindex;
	skb_reset_network_header(skb);
	for (u16 vid = 0; unlikely(skb_is_tagged(skb)) && !vid;) {
		if (!skb_vlan_untag(skiff, skb))
			return false;
		/* No VLAN device exists for it here; priority tags (VID 0) are as good as none, one in the other, too. */
		vid = skb->vlan_tci & VLAN_VID_MASK;
		if (vid)
			skb->pkt_type = PACKET_OTHERHOST;
		skb->vlan_present = 0;
		skb_reset_network_header(skb);
	}
	skb->transport_header = skb->network_header;
	return true;
}

static void __netif_receive_skb_list_core(struct skiff *skiff, struct skb_batch *b)
{
	struct net_device *dev0 = b->p[0]->dev;
	struct skb_batch run;
	bool mixed = false;
	__be16 type0 = b->p[0]->protocol;
	u32 n = 0;

	journey_fn_named(b->p[0]->dev->net, b->p[0], "__netif_receive_skb_core");
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (likely(receive_prepare(skiff, skb))) {
			b->p[n++] = skb;
			mixed |= skb->dev != dev0 || skb->protocol != type0;
		}
	}
	b->n = n;
	if (!n)
		return;
	if (likely(!mixed)) {
		deliver_ptype(dev0->net, b, dev0);
		return;
	}
	for (u32 i = 0; i < n;) {
		struct net_device *dev = b->p[i]->dev;
		__be16 type = b->p[i]->protocol;

		run.n = 0;
		while (i < n && b->p[i]->dev == dev && b->p[i]->protocol == type)
			run.p[run.n++] = b->p[i++];
		deliver_ptype(dev->net, &run, dev);
	}
}

/* One packet at a time, so that whatever happens belongs to it. Whether one that has a journey already (looped back, from a
 * veth) goes on in it is the recorder's to say. */
static __noinline_cold void receive_with_journeys(struct skiff *skiff, struct skb_batch *b)
{
	for (u32 i = 0; i < b->n; i++) {
		struct journey_sink *s = skiff->journey;
		struct net *net = b->p[i]->dev->net;
		struct skb_batch one;

		s->begin(s, b->p[i]);
		skb_batch_one(&one, b->p[i]);
		if (unlikely(net->ptype_all_count))
			deliver_to_taps(net, &one, false);
		__netif_receive_skb_list_core(skiff, &one);
		s->end(s, net);
	}
}

/* Somebody on the shard wants to know when packets arrived (SO_TIMESTAMP): Unix time, the turn's. */
static __noinline_cold void net_timestamp(const struct skiff *skiff, struct skb_batch *b)
{
	for (u32 i = 0; i < b->n; i++) {
		b->p[i]->cold = 1;
		b->p[i]->tstamp = skiff->wall + skiff->now;
	}
}

void netif_receive_skb_list(struct skiff *skiff, struct skb_batch *b)
{
	if (unlikely(skiff->tstamp_users))
		net_timestamp(skiff, b);
	if (b->p[0]->dev->features & NETIF_F_GRO)
		dev_gro_receive_list(b->p[0]->dev->net, b);
	if (journey_on(skiff)) {
		receive_with_journeys(skiff, b);
		return;
	}
	if (unlikely(b->p[0]->dev->net->ptype_all_count))
		deliver_to_taps(b->p[0]->dev->net, b, false);
	__netif_receive_skb_list_core(skiff, b);
}

/* ---- round again ---- */

static unsigned process_backlog(struct turn_work *w)
{
	struct net *net = container_of(w, struct net, backlog_work);
	u32 todo = net->backlog->qlen;

	journey_fn(net, NULL);
	for (u32 i = 0; i < todo; i++) {
		struct sk_buff *skb = skb_dequeue(net->backlog);

		skiff_rx_done(net->skiff, skb->len);
		netif_receive_skb(net->skiff, skb);
	}
	if (net->backlog->qlen)
		skiff_work_add(net->skiff, w);
	return todo;
}

void netif_rx(struct net *net, struct sk_buff *skb)
{
	if (unlikely(net->backlog->qlen > (u32)net->sysctl_netdev_max_backlog)) {
		skb->dev->stats.rx_dropped++;
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_CPU_BACKLOG);
		return;
	}
	skb_queue_tail(net->backlog, skb);
	skiff_rx_wait(net->skiff, skb->len);
	skiff_work_add(net->skiff, &net->backlog_work);
}

void dev_loopback_xmit(struct net *net, struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	skb_pull(skb, (u32)skb_network_offset(skb));
	skb->pkt_type = PACKET_LOOPBACK;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_dst_force(skb);
	netif_rx(net, skb);
}

/** dev_flush_backlog() - packets that would come in by a device that leaves are dropped */
void dev_flush_backlog(struct net_device *dev)
{
	struct net *net = dev->net;
	u32 n = net->backlog->qlen;

	while (n--) {
		struct sk_buff *skb = skb_dequeue(net->backlog);

		if (skb->dev != dev) {
			skb_queue_tail(net->backlog, skb);
			continue;
		}
		skiff_rx_done(net->skiff, skb->len);
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_DEV_READY);
	}
}

static int dev_net_init(struct net *net)
{
	net->backlog = skiff_zalloc(net->skiff, sizeof(*net->backlog));
	net->backlog_work.run = process_backlog;
	net->sysctl_netdev_max_backlog = 1000;
	return net->backlog ? 0 : -ENOMEM;
}

static void dev_net_exit(struct net *net)
{
	struct sk_buff *skb;

	skiff_work_del(&net->backlog_work);
	while ((skb = skb_dequeue(net->backlog))) {
		skiff_rx_done(net->skiff, skb->len);
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_DEV_READY);
	}
	skiff_free(net->skiff, net->backlog);
}

const struct pernet_operations dev_net_ops = {
	.name = "dev",
	.init = dev_net_init,
	.exit = dev_net_exit,
};

/* ---- out ---- */

/* The device needs help with this packet: a checksum to fill in, parts to join. */
static __always_inline_ bool needs_help(const struct net_device *dev, const struct sk_buff *skb)
{
	return (skb->ip_summed == CHECKSUM_PARTIAL && !(dev->features & NETIF_F_HW_CSUM)) ||
	       (skb->cold && skb->data_len && !(dev->features & NETIF_F_SG));
}

/* Return: false if it could not be helped (then it is gone) */
static __attribute__((noinline)) bool validate_xmit(struct net_device *dev, struct sk_buff *skb)
{
	struct skiff *skiff = dev->net->skiff;

	/* Bytes that have to be copied are summed afterwards, while they are warm; unless there are sums of them already. */
	if (skb->data_len && !(dev->features & NETIF_F_SG) && !skb->shinfo->nr_sums &&
	    skb_linearize(skiff, skb) < 0) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOMEM);
		return false;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL && !(dev->features & NETIF_F_HW_CSUM) &&
	    skb_checksum_help(skiff, skb) < 0) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_SKB_CSUM);
		return false;
	}
	if (skb->data_len && !(dev->features & NETIF_F_SG) && skb_linearize(skiff, skb) < 0) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOMEM);
		return false;
	}
	return true;
}

/* Nothing is left to do to the packets, which have @bytes. */
static __always_inline_ int xmit_counted(struct net_device *dev, struct skb_batch *b, u64 bytes)
{
	struct net *net = dev->net;

	if (unlikely(net->ptype_all_count))
		deliver_to_taps(net, b, true);
	if (journey_on(net->skiff))
		for (u32 i = 0; i < b->n; i++)
			net->skiff->journey->xmit(net->skiff->journey, dev, b->p[i]);
	dev->stats.tx_packets += b->n;
	dev->stats.tx_bytes += bytes;
	dev->netdev_ops->ndo_start_xmit(dev, b);
	return NET_XMIT_SUCCESS;
}

static __always_inline_ int xmit_ready(struct net_device *dev, struct skb_batch *b)
{
	u64 bytes = 0;
	u32 n = 0;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (needs_help(dev, skb) && !validate_xmit(dev, skb))
			continue;
		bytes += skb->len;
		b->p[n++] = skb;
	}
	b->n = n;
	return likely(n) ? xmit_counted(dev, b, bytes) : NET_XMIT_DROP;
}

/* A packet larger than the device's MTU that is to be cut: its segments go out in its place. */
static int xmit_gso(struct net_device *dev, struct sk_buff *skb)
{
	struct skiff *skiff = dev->net->skiff;
	struct sk_buff *seg = skb_gso_segment(skiff, skb, dev->features);
	int ret = NET_XMIT_SUCCESS;
	struct skb_batch b;

	if (!seg) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_SKB_GSO_SEG);
		return NET_XMIT_DROP;
	}
	consume_skb(skiff, skb);
	b.n = 0;
	while (seg) {
		struct sk_buff *next = seg->next;

		seg->next = NULL;
		skb_batch_add(&b, seg);
		seg = next;
		if (b.n == SKB_BATCH_MAX || !seg) {
			ret = xmit_ready(dev, &b);
			b.n = 0;
		}
	}
	return ret;
}

static bool needs_gso(const struct net_device *dev, const struct sk_buff *skb)
{
	u32 feature;

	if (likely(!skb_is_gso(skb)))
		return false;
	feature = skb->shinfo->gso_type & SKB_GSO_TCPV4 ? NETIF_F_TSO : NETIF_F_UFO_L4;
	return !(dev->features & feature);
}

/* skb_tx_timestamp() - who sent it is told that the queue and the device have it; there is nothing in between */
static __noinline_cold void skb_tx_timestamp(struct sk_buff *skb)
{
	if (skb->tx_flags & SKBTX_SCHED_TSTAMP)
		__skb_tstamp_tx(skb, skb->sk, SCM_TSTAMP_SCHED);
	if (skb->tx_flags & SKBTX_SW_TSTAMP)
		__skb_tstamp_tx(skb, skb->sk, SCM_TSTAMP_SND);
	skb->tx_flags &= (u8) ~(SKBTX_SCHED_TSTAMP | SKBTX_SW_TSTAMP) & 31;
}

/* What a packet of a socket's carries for its sender's sake ends here; its cold lines are in use. */
static __always_inline_ void leave_sender(struct sk_buff *skb)
{
	if (unlikely(skb->tx_flags & (SKBTX_SCHED_TSTAMP | SKBTX_SW_TSTAMP)))
		skb_tx_timestamp(skb);
	/* When it was to leave is not when it arrives at a far end on this shard. */
	skb->tstamp = 0;
}

int dev_queue_xmit_list(struct skb_batch *b)
{
	struct net_device *dev = b->p[0]->dev;
	struct net *net = dev->net;
	struct skb_batch plain;
	int ret = NET_XMIT_SUCCESS;
	bool gso = false, plain_all = true;
	u64 bytes = 0;

	journey_fn_named(net, b->p[0], "__dev_queue_xmit");
	if (unlikely(!(dev->flags & IFF_UP_))) {
		dev->stats.tx_dropped += b->n;
		kfree_skb_batch_reason_at(net->skiff, b, SKB_DROP_REASON_DEV_READY,
					  "__dev_queue_xmit");
		return -ENETDOWN;
	}
	if (unlikely(dev->tx_full)) {
		dev->stats.tx_dropped += b->n;
		kfree_skb_batch_reason_at(net->skiff, b, SKB_DROP_REASON_QDISC_DROP,
					  "__dev_queue_xmit");
		return NET_XMIT_DROP;
	}
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		skb_reset_mac_header(skb);
		bytes += skb->len;
		if (likely(!skb->cold)) {
			plain_all &= skb->ip_summed != CHECKSUM_PARTIAL;
			continue;
		}
		plain_all = false;
		leave_sender(skb);
		gso |= needs_gso(dev, skb);
	}
	if (likely(plain_all))
		return xmit_counted(dev, b, bytes);
	if (likely(!gso))
		return xmit_ready(dev, b);
	plain.n = 0;
	for (u32 i = 0; i < b->n; i++) {
		if (!needs_gso(dev, b->p[i])) {
			skb_batch_add(&plain, b->p[i]);
			continue;
		}
		if (plain.n)
			ret = xmit_ready(dev, &plain);
		plain.n = 0;
		ret = xmit_gso(dev, b->p[i]);
	}
	if (plain.n)
		ret = xmit_ready(dev, &plain);
	return ret;
}

int dev_queue_xmit(struct sk_buff *skb)
{
	struct skb_batch b;

	skb_batch_one(&b, skb);
	return dev_queue_xmit_list(&b);
}
