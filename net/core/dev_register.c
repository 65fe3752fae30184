// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev_register.c - devices: names and numbers, registering and leaving, up and down, flags, MTU.
 *
 * DOC: Devices
 *   allocated     [alloc_netdev]            -> registered [register_netdevice], or freed [free_netdev]
 *   registered    found by name and index; modules were told NETDEV_REGISTER; up and down [dev_open, dev_close]
 *   unregistering closed, its users told NETDEV_UNREGISTER [unregister_netdevice] -> freed at the end of the turn
 */
#include "net/netdevice.h"

#include <stdio.h>

#include "net/net_namespace.h"
#include "dev_internal.h"

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
	dev_flush_backlog(dev);
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
	dev->hw_features = dev->features | NETIF_F_GRO;
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
