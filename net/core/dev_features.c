// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dev_features.c - what a device does for the stack, turned on and off by name as ethtool does. */
#include "net/netdevice.h"

static const struct {
	const char *name, *long_name;
	u32 feature;
	u32 needs;
} features[] = {
	{ "tx", "tx-checksumming", NETIF_F_HW_CSUM, 0 },
	{ "sg", "scatter-gather", NETIF_F_SG, 0 },
	{ "tso", "tcp-segmentation-offload", NETIF_F_TSO, NETIF_F_HW_CSUM | NETIF_F_SG },
	{ "tx-udp-segmentation", "tx-udp-segmentation", NETIF_F_UFO_L4,
	  NETIF_F_HW_CSUM | NETIF_F_SG },
	{ "gro", "generic-receive-offload", NETIF_F_GRO, 0 },
};

/* Some devices have a feature without what it needs elsewhere: it is asked for only of those that have it. */
static bool lacks(const struct net_device *dev, u32 needs)
{
	return needs & dev->hw_features & ~dev->features;
}

int dev_set_feature(struct net_device *dev, const char *name, bool on)
{
	for (u32 i = 0; i < ARRAY_SIZE(features); i++) {
		if (strcmp(name, features[i].name) && strcmp(name, features[i].long_name))
			continue;
		if (!(dev->hw_features & features[i].feature))
			return -EOPNOTSUPP;
		if (on && lacks(dev, features[i].needs))
			return -EINVAL;
		dev->features = on ? dev->features | features[i].feature :
				     dev->features & ~features[i].feature;
		for (u32 k = 0; !on && k < ARRAY_SIZE(features); k++)
			if (features[k].needs & features[i].feature)
				dev->features &= ~features[k].feature;
		return 0;
	}
	return -EOPNOTSUPP;
}
