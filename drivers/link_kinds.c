// SPDX-License-Identifier: BSD-2-Clause
/* drivers/link_kinds.c - the kinds of devices that RTM_NEWLINK makes, "ip link add type KIND". */
#include <linux/veth.h>

#include "drivers/devices.h"
#include "net/rtnetlink.h"

static int dummy_newlink(struct rtnl_newlink *p)
{
	int err = 0;

	p->dev = dummy_create(p->net, p->name, p->mac, &err);
	return p->dev ? 0 : err;
}

/* Both ends in one namespace; across two it is skiff_veth_create(). */
static int veth_newlink(struct rtnl_newlink *p)
{
	const struct nlattr *tb[VETH_INFO_MAX + 1] = { NULL };
	struct rtnl_peer peer;
	struct net_device *other;
	int err = 0;

	if (p->data)
		err = nla_parse_nested_(p->data, tb, VETH_INFO_MAX, NULL, p->extack);
	if (!err)
		err = rtnl_parse_peer(p, tb[VETH_INFO_PEER], &peer);
	if (!err)
		err = veth_create(p->net, p->name, p->mac, p->net, peer.name, peer.mac, &p->dev,
				  &other);
	return err ? err : rtnl_configure_peer(p, &peer, other);
}

const struct rtnl_link_ops dummy_link_ops = { "dummy", dummy_newlink };
const struct rtnl_link_ops veth_link_ops = { "veth", veth_newlink };
