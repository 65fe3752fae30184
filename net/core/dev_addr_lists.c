// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev_addr_lists.c - link-layer groups that a device listens to, each with a count of its users. */
#include "net/net_namespace.h"
#include "net/netdevice.h"

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
