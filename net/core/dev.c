// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev.c - devices: registering them, and the way of packets in and out.
 *
 * DOC: The way in and the way out
 * In : a driver hands a batch (after eth_type_trans) to netif_receive_skb_list(); taps get copies, VLAN priority tags are
 *      taken off, and runs of equal EtherType and device go to the packet_type that registered for it.
 * Out: dev_queue_xmit_list() has a batch for one device with its link-layer header on; taps get copies, checksums and
 *      segments that the device can not make are made, and the driver consumes the batch.
 */
#include "net/netdevice.h"

#include <stdio.h>

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/gso.h"

/* ---- names and numbers ---- */

static struct hlist_head *name_head(struct net *net, const char *name)
{
	u32 h = 5381;

	for (unsigned i = 0; i < IFNAMSIZ && name[i]; i++)
		h = h * 33 + (u8)name[i];
	return &net->dev_name_head[(h ^ h >> 8) % NET_HASH_ENTRIES];
}

struct net_device *dev_get_by_index(struct net *net, u32 ifindex)
{
	struct net_device *dev;

	hlist_for_each_entry(dev, &net->dev_index_head[ifindex % NET_HASH_ENTRIES], index_hlist)
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

struct net_device *dev_get_by_name(struct net *net, const char *name)
{
	struct net_device *dev;

	hlist_for_each_entry(dev, name_head(net, name), name_hlist)
		if (!strncmp(dev->name, name, IFNAMSIZ))
			return dev;
	return NULL;
}

bool dev_valid_name(const char *name)
{
	size_t n = strnlen(name, IFNAMSIZ);

	if (!n || n >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || *name == ' ' ||
		    (*name >= '\t' && *name <= '\r'))
			return false;
	return true;
}

/* "eth%d": the lowest number that is free. */
static int dev_alloc_name(struct net *net, const char *pattern, char *out)
{
	const char *p = strchr(pattern, '%');

	if (!p) {
		if (dev_get_by_name(net, pattern))
			return -EEXIST;
		memmove(out, pattern, strlen(pattern) + 1);
		return 0;
	}
	if (p[1] != 'd' || strchr(p + 2, '%'))
		return -EINVAL;
	for (unsigned i = 0; i < 32768; i++) {
		char name[2 * IFNAMSIZ];

		snprintf(name, sizeof(name), "%.*s%u%s", (int)(p - pattern), pattern, i, p + 2);
		if (strlen(name) >= IFNAMSIZ)
			return -EINVAL;
		if (!dev_get_by_name(net, name)) {
			strcpy(out, name);
			return 0;
		}
	}
	return -ENFILE;
}

int dev_change_name(struct net_device *dev, const char *name)
{
	char final[IFNAMSIZ];
	int err;

	if (!strncmp(dev->name, name, IFNAMSIZ))
		return 0;
	if (!dev_valid_name(name))
		return -EINVAL;
	err = dev_alloc_name(dev->net, name, final);
	if (err)
		return err;
	hlist_del(&dev->name_hlist);
	memcpy(dev->name, final, IFNAMSIZ);
	hlist_add_head(&dev->name_hlist, name_head(dev->net, dev->name));
	call_netdevice_notifiers(NETDEV_CHANGENAME, dev);
	return 0;
}

/* ---- life of a device ---- */

void call_netdevice_notifiers(enum netdev_cmd event, struct net_device *dev)
{
	for (const netdev_notifier_fn *fn = netdev_notifiers; *fn; fn++)
		(*fn)(dev, event);
}

struct net_device *alloc_netdev(struct net *net, size_t priv_size, const char *name,
				void (*setup)(struct net_device *))
{
	size_t base = ALIGN_UP(sizeof(struct net_device), (size_t)64);
	struct net_device *dev = skiff_zalloc(net->skiff, base + priv_size);

	if (!dev)
		return NULL;
	dev->net = net;
	dev->priv = (u8 *)dev + base;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	INIT_LIST_HEAD(&dev->ptype_specific);
	INIT_LIST_HEAD(&dev->mc);
	dev->carrier = true;
	dev->tx_queue_len = 1000;
	dev->max_mtu = ETH_MAX_MTU;
	setup(dev);
	return dev;
}

static void netdev_free_rcu(struct death_row_entry *e)
{
	struct net_device *dev = container_of(e, struct net_device, rcu);
	struct skiff *skiff = dev->net->skiff;

	if (dev->netdev_ops->ndo_free)
		dev->netdev_ops->ndo_free(dev);
	dev_mc_flush(dev);
	skiff_free(skiff, dev);
}

void free_netdev(struct net_device *dev)
{
	dev_mc_flush(dev);
	skiff_free(dev->net->skiff, dev);
}

/* Packets that would come in by a device that leaves. */
static void flush_backlog(struct net_device *dev)
{
	struct net *net = dev->net;
	u32 n = net->backlog->qlen;

	while (n--) {
		struct sk_buff *skb = skb_dequeue(net->backlog);

		if (skb->dev == dev)
			kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_DEV_READY);
		else
			skb_queue_tail(net->backlog, skb);
	}
}

/* All others let go of the device, and nobody finds it any more. */
static void unlist_netdevice(struct net_device *dev)
{
	struct net *net = dev->net;

	dev->reg_state = NETREG_UNREGISTERING;
	call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
	list_del(&dev->dev_list);
	hlist_del(&dev->name_hlist);
	hlist_del(&dev->index_hlist);
	net->dev_base_seq++;
	flush_backlog(dev);
	if (dev->netdev_ops->ndo_uninit)
		dev->netdev_ops->ndo_uninit(dev);
}

int register_netdevice(struct net_device *dev)
{
	struct net *net = dev->net;
	struct net_device *other;
	int err;

	if (!dev_valid_name(dev->name))
		return -EINVAL;
	err = dev_alloc_name(net, dev->name, dev->name);
	if (err)
		return err;
	if (dev->ifindex && dev_get_by_index(net, dev->ifindex))
		return -EBUSY;
	if (dev->netdev_ops->ndo_init) {
		err = dev->netdev_ops->ndo_init(dev);
		if (err)
			return err;
	}
	if (!dev->ifindex) {
		do
			net->ifindex++;
		while (dev_get_by_index(net, net->ifindex));
		dev->ifindex = net->ifindex;
	}
	if (!dev->iflink)
		dev->iflink = dev->ifindex;
	memcpy(dev->perm_addr, dev->dev_addr, sizeof(dev->perm_addr));
	list_for_each_entry(other, &net->dev_base, dev_list)
		if (other->ifindex > dev->ifindex)
			break;
	list_add_tail(&dev->dev_list, &other->dev_list);
	hlist_add_head(&dev->name_hlist, name_head(net, dev->name));
	hlist_add_head(&dev->index_hlist, &net->dev_index_head[dev->ifindex % NET_HASH_ENTRIES]);
	net->dev_base_seq++;
	dev->reg_state = NETREG_REGISTERED;
	call_netdevice_notifiers(NETDEV_REGISTER, dev);
	/* A module that a device can not be without said no. */
	if (dev->register_err) {
		unlist_netdevice(dev);
		dev->reg_state = NETREG_UNINITIALIZED;
	}
	return dev->register_err;
}

void unregister_netdevice(struct net_device *dev)
{
	struct net *net = dev->net;

	if (dev->reg_state != NETREG_REGISTERED)
		return;
	dev_close(dev);
	unlist_netdevice(dev);
	dev->rcu.free = netdev_free_rcu;
	skiff_defer_free(net->skiff, &dev->rcu);
}

int dev_open(struct net_device *dev)
{
	int err = 0;

	if (dev->flags & IFF_UP_)
		return 0;
	if (dev->netdev_ops->ndo_open)
		err = dev->netdev_ops->ndo_open(dev);
	if (err)
		return err;
	dev->flags |= IFF_UP_;
	call_netdevice_notifiers(NETDEV_UP, dev);
	return 0;
}

void dev_close(struct net_device *dev)
{
	if (!(dev->flags & IFF_UP_))
		return;
	call_netdevice_notifiers(NETDEV_GOING_DOWN, dev);
	if (dev->netdev_ops->ndo_stop)
		dev->netdev_ops->ndo_stop(dev);
	dev->flags &= ~(u32)IFF_UP_;
	call_netdevice_notifiers(NETDEV_DOWN, dev);
}

u32 dev_get_flags(const struct net_device *dev)
{
	u32 f = dev->flags & ~(u32)(IFF_PROMISC_ | IFF_ALLMULTI_ | IFF_RUNNING_ | IFF_LOWER_UP_);

	if (dev->promiscuity)
		f |= IFF_PROMISC_;
	if (dev->allmulti)
		f |= IFF_ALLMULTI_;
	if ((dev->flags & IFF_UP_) && dev->carrier)
		f |= IFF_RUNNING_ | IFF_LOWER_UP_;
	return f;
}

void dev_set_promiscuity(struct net_device *dev, int inc)
{
	dev->promiscuity += (u32)inc;
}

int dev_change_flags(struct net_device *dev, u32 flags, struct netlink_ext_ack *extack)
{
	u32 settable = IFF_NOARP_ | IFF_MULTICAST_;
	u32 changed = (dev->flags ^ flags) & settable;
	int err = 0;

	dev->flags ^= changed;
	if ((dev->flags ^ flags) & IFF_UP_) {
		if (flags & IFF_UP_)
			err = dev_open(dev);
		else
			dev_close(dev);
	}
	/* One vote each from the administrator, as IFF_PROMISC and IFF_ALLMULTI in the stored flags. */
	if ((dev->flags ^ flags) & IFF_PROMISC_) {
		dev->flags ^= IFF_PROMISC_;
		dev_set_promiscuity(dev, flags & IFF_PROMISC_ ? 1 : -1);
		changed |= IFF_PROMISC_;
	}
	if ((dev->flags ^ flags) & IFF_ALLMULTI_) {
		dev->flags ^= IFF_ALLMULTI_;
		dev->allmulti += flags & IFF_ALLMULTI_ ? 1u : -1u;
		changed |= IFF_ALLMULTI_;
	}
	if (changed && (dev->flags & IFF_UP_))
		call_netdevice_notifiers(NETDEV_CHANGE, dev);
	return err;
}

static void netif_carrier_set(struct net_device *dev, bool on)
{
	if (dev->carrier == on)
		return;
	dev->carrier = on;
	if (dev->reg_state == NETREG_REGISTERED && (dev->flags & IFF_UP_))
		call_netdevice_notifiers(NETDEV_CHANGE, dev);
}

void netif_carrier_on(struct net_device *dev)
{
	netif_carrier_set(dev, true);
}

void netif_carrier_off(struct net_device *dev)
{
	netif_carrier_set(dev, false);
}

int dev_set_mac_address(struct net_device *dev, const u8 *mac, struct netlink_ext_ack *extack)
{
	int err;

	if (!dev->netdev_ops->ndo_set_mac_address)
		return -EOPNOTSUPP;
	err = dev->netdev_ops->ndo_set_mac_address(dev, mac);
	if (!err)
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	return err;
}

/* ---- link-layer multicast ---- */

struct dev_mc_entry {
	struct list_head list;
	u8 addr[MAX_ADDR_LEN];
	u32 users;
};

static struct dev_mc_entry *mc_find(struct net_device *dev, const u8 *addr)
{
	struct dev_mc_entry *e;

	list_for_each_entry(e, &dev->mc, list)
		if (!memcmp(e->addr, addr, dev->addr_len))
			return e;
	return NULL;
}

int dev_mc_add(struct net_device *dev, const u8 *addr)
{
	struct dev_mc_entry *e = mc_find(dev, addr);

	if (!e) {
		e = skiff_zalloc(dev->net->skiff, sizeof(*e));
		if (!e)
			return -ENOMEM;
		memcpy(e->addr, addr, dev->addr_len);
		list_add_tail(&e->list, &dev->mc);
	}
	e->users++;
	return 0;
}

int dev_mc_del(struct net_device *dev, const u8 *addr)
{
	struct dev_mc_entry *e = mc_find(dev, addr);

	if (!e)
		return -ENOENT;
	if (--e->users == 0) {
		list_del(&e->list);
		skiff_free(dev->net->skiff, e);
	}
	return 0;
}

void dev_mc_flush(struct net_device *dev)
{
	struct dev_mc_entry *e, *n;

	list_for_each_entry_safe(e, n, &dev->mc, list) {
		list_del(&e->list);
		skiff_free(dev->net->skiff, e);
	}
}

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

static void deliver_ptype(struct net *net, struct skb_batch *run, struct net_device *dev)
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

void netif_receive_skb_list(struct skiff *skiff, struct skb_batch *b)
{
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
	for (u32 i = 0; i < todo; i++)
		netif_receive_skb(net->skiff, skb_dequeue(net->backlog));
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
	while ((skb = skb_dequeue(net->backlog)))
		kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_DEV_READY);
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
static __noinline_cold bool validate_xmit(struct net_device *dev, struct sk_buff *skb)
{
	struct skiff *skiff = dev->net->skiff;

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

static int xmit_ready(struct net_device *dev, struct skb_batch *b)
{
	struct net *net = dev->net;
	u64 bytes = 0;
	u32 n = 0;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (unlikely(needs_help(dev, skb)) && !validate_xmit(dev, skb))
			continue;
		bytes += skb->len;
		b->p[n++] = skb;
	}
	b->n = n;
	if (unlikely(!n))
		return NET_XMIT_DROP;
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

/* A packet larger than the device's MTU that is to be cut: its segments go out in its place. */
static int xmit_gso(struct net_device *dev, struct sk_buff *skb)
{
	struct skiff *skiff = dev->net->skiff;
	struct sk_buff *seg = skb_gso_segment(skiff, skb);
	struct skb_batch b = { .n = 0 };
	int ret = NET_XMIT_SUCCESS;

	if (!seg) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_SKB_GSO_SEG);
		return NET_XMIT_DROP;
	}
	consume_skb(skiff, skb);
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

int dev_queue_xmit_list(struct skb_batch *b)
{
	struct net_device *dev = b->p[0]->dev;
	struct net *net = dev->net;
	struct skb_batch plain;
	int ret = NET_XMIT_SUCCESS;
	bool gso = false;

	journey_fn_named(net, b->p[0], "__dev_queue_xmit");
	if (unlikely(!(dev->flags & IFF_UP_))) {
		dev->stats.tx_dropped += b->n;
		kfree_skb_batch_reason_at(net->skiff, b, SKB_DROP_REASON_DEV_READY,
					  "__dev_queue_xmit");
		return -ENETDOWN;
	}
	for (u32 i = 0; i < b->n; i++) {
		skb_reset_mac_header(b->p[i]);
		gso |= needs_gso(dev, b->p[i]);
	}
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

int dev_set_mtu(struct net_device *dev, u32 mtu, struct netlink_ext_ack *extack)
{
	int err;

	if (mtu == dev->mtu)
		return 0;
	err = dev_validate_mtu(dev, mtu, extack);
	if (!err && dev->netdev_ops->ndo_change_mtu)
		err = dev->netdev_ops->ndo_change_mtu(dev, mtu);
	if (err)
		return err;
	dev->orig_mtu = dev->mtu;
	dev->mtu = mtu;
	call_netdevice_notifiers(NETDEV_CHANGEMTU, dev);
	return 0;
}
