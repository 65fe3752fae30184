/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/rtnl_link.h - between rtnl_link.c and rtnl_link_set.c only. */
#ifndef CORE_RTNL_LINK_H
#define CORE_RTNL_LINK_H

#include "net/netdevice.h"
#include "net/rtnetlink.h"

#define ALT_IFNAMSIZ_ 128

extern const struct nla_policy_ ifla_policy[IFLA_MAX + 1];

/** rtnl_link_lookup() - the device that ifi_index, else IFLA_IFNAME or IFLA_ALT_IFNAME names, NULL if there is none */
struct net_device *rtnl_link_lookup(struct net *net, const struct ifinfomsg *ifm,
				    const struct nlattr **tb);
/** rtnl_link_ops_of() - the kind of a device that netlink may delete, NULL: none */
const struct rtnl_link_ops *rtnl_link_ops_find(const char *kind);
/** rtnl_attr_name() - a name attribute as a string that ends; false: longer than @size */
bool rtnl_attr_name(const struct nlattr *attr, char *name, size_t size);

int rtnl_newlink(struct rtnl_req *req);
int rtnl_setlink(struct rtnl_req *req);
int rtnl_dellink(struct rtnl_req *req);

#endif
