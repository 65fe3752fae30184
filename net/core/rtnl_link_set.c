// SPDX-License-Identifier: BSD-2-Clause
/* net/core/rtnl_link_set.c - links are made, changed and deleted: RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK.
 *
 * A change is checked as a whole where the kernel does (link_validate()), then applied attribute by attribute in the
 * kernel's order; what comes before the one that fails stays. An attribute that we can not honour is refused before
 * anything is done. Devices do not move between namespaces.
 */
#include "rtnl_link.h"

#include "net/wire.h"

const struct rtnl_link_ops *rtnl_link_ops_find(const char *kind)
{
	for (const struct rtnl_link_ops *const *ops = rtnl_link_kinds; *ops; ops++) {
		if (!strcmp((*ops)->kind, kind))
			return *ops;
	}
	return NULL;
}

/** dev_validate_mtu() - 0, or -EINVAL with a sentence if @mtu is outside the device's limits */
int dev_validate_mtu(struct net_device *dev, u32 mtu, struct netlink_ext_ack *extack)
{
	if ((int)mtu < 0 || mtu < dev->min_mtu) {
		NL_SET_ERR_MSG(extack, "mtu less than device minimum");
		return -EINVAL;
	}
	if (dev->max_mtu && mtu > dev->max_mtu) {
		NL_SET_ERR_MSG(extack, "mtu greater than device maximum");
		return -EINVAL;
	}
	return 0;
}

/* ---- checks ---- */

/* Attributes that a change may name. */
static bool attr_is_known(u16 type)
{
	switch (type) {
	case IFLA_IFNAME:
	case IFLA_ALT_IFNAME:
	case IFLA_ADDRESS:
	case IFLA_BROADCAST:
	case IFLA_MTU:
	case IFLA_TXQLEN:
	case IFLA_LINKMODE:
	case IFLA_LINKINFO:
	case IFLA_IFALIAS:
	case IFLA_AF_SPEC:
	case IFLA_GROUP:
	case IFLA_CARRIER:
	case IFLA_EXT_MASK:
	case IFLA_MASTER:
		return true;
	default:
		return false;
	}
}

static int refuse_unknown(const struct nlattr **tb, struct netlink_ext_ack *extack)
{
	for (u16 i = 1; i <= IFLA_MAX; i++) {
		if (!tb[i] || attr_is_known(i))
			continue;
		if (i == IFLA_PROTO_DOWN)
			NL_SET_ERR_MSG(extack, "Protodown not supported by device");
		else if (i == IFLA_NET_NS_FD || i == IFLA_NET_NS_PID || i == IFLA_TARGET_NETNSID)
			NL_SET_ERR_MSG_ATTR(extack, tb[i],
					    "Devices can not move between namespaces");
		else
			NL_SET_ERR_MSG_ATTR(extack, tb[i], "Link attribute is not supported");
		return -EOPNOTSUPP;
	}
	return 0;
}

static const struct rtnl_af_ops *af_find(u16 family)
{
	for (const struct rtnl_af_ops *const *af = rtnl_af_families; *af; af++) {
		if ((*af)->family == family)
			return *af;
	}
	return NULL;
}

/* link_validate() - lengths and families, before anything is done; @dev NULL: it is not made yet */
static int link_validate(const struct net_device *dev, const struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	unsigned addr_len = dev ? dev->addr_len : ETH_ALEN;
	const struct nlattr *a;
	int err;

	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) < addr_len)
		return -EINVAL;
	if (tb[IFLA_BROADCAST] && mnl_attr_get_payload_len(tb[IFLA_BROADCAST]) < addr_len)
		return -EINVAL;
	if (!tb[IFLA_AF_SPEC])
		return 0;
	mnl_attr_for_each_nested(a, tb[IFLA_AF_SPEC])
	{
		const struct rtnl_af_ops *af = af_find(mnl_attr_get_type(a));

		err = af ? af->validate(dev, a, extack) : -EAFNOSUPPORT;
		if (err)
			return err;
	}
	return 0;
}

/* Names that are directories of net.ipv4.conf of their own. */
static bool name_is_taken_by_conf(const char *name)
{
	return !strcmp(name, "all") || !strcmp(name, "default");
}

/* ---- changes ---- */

static int set_address(struct net_device *dev, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	const u8 *mac = mnl_attr_get_payload(attr);

	if (!dev->netdev_ops->ndo_set_mac_address)
		return -EOPNOTSUPP;
	if (!is_valid_ether_addr(mac))
		return -EADDRNOTAVAIL;
	return dev_set_mac_address(dev, mac, extack);
}

static int set_mtu(struct net_device *dev, u32 mtu, struct netlink_ext_ack *extack)
{
	int err;

	if (mtu == dev->mtu)
		return 0;
	err = dev_validate_mtu(dev, mtu, extack);
	return err ? err : dev_set_mtu(dev, mtu, extack);
}

static int set_name(struct net_device *dev, const struct nlattr *attr)
{
	char name[IFNAMSIZ];

	if (!rtnl_attr_name(attr, name, sizeof(name)))
		return -EINVAL;
	if (!name[0])
		return 0;
	if (name_is_taken_by_conf(name))
		return -EINVAL;
	return dev_change_name(dev, name);
}

static int set_alias(struct net_device *dev, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	if (!rtnl_attr_name(attr, dev->ifalias, sizeof(dev->ifalias))) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "Alias is longer than 63 bytes");
		return -EINVAL;
	}
	if (netif_running(dev))
		rtmsg_ifinfo(RTM_NEWLINK, dev, 0);
	return 0;
}

static int set_flags(struct net_device *dev, const struct ifinfomsg *ifm,
		     struct netlink_ext_ack *extack)
{
	u32 flags = ifm->ifi_flags, old = dev->flags, changed;
	int err;

	if (!ifm->ifi_flags && !ifm->ifi_change)
		return 0;
	if (ifm->ifi_change)
		flags = (flags & ifm->ifi_change) | (dev->flags & ~ifm->ifi_change);
	err = dev_change_flags(dev, flags, extack);
	/* What happens to a device that is up is told by its events. */
	changed = old ^ dev->flags;
	if (changed && !((old | dev->flags) & IFF_UP_))
		rtmsg_ifinfo(RTM_NEWLINK, dev, changed);
	return err;
}

/* Only dummy's carrier can be told what to be. */
static int set_carrier(struct net_device *dev, bool on)
{
	if (!dev->netdev_ops->kind || strcmp(dev->netdev_ops->kind, "dummy"))
		return -EOPNOTSUPP;
	if (on)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	return 0;
}

static int set_af_spec(struct net_device *dev, const struct nlattr *spec,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *a;
	int err;

	mnl_attr_for_each_nested(a, spec)
	{
		err = af_find(mnl_attr_get_type(a))->set(dev, a, extack);
		if (err)
			return err;
	}
	return 0;
}

/* What needs no check: numbers that are shown again, and the broadcast address. */
static void set_plain(struct net_device *dev, const struct nlattr **tb)
{
	if (tb[IFLA_GROUP])
		dev->group = mnl_attr_get_u32(tb[IFLA_GROUP]);
	if (tb[IFLA_TXQLEN])
		dev->tx_queue_len = mnl_attr_get_u32(tb[IFLA_TXQLEN]);
	if (tb[IFLA_LINKMODE])
		dev->link_mode = mnl_attr_get_u8(tb[IFLA_LINKMODE]);
	if (tb[IFLA_BROADCAST]) {
		memcpy(dev->broadcast, mnl_attr_get_payload(tb[IFLA_BROADCAST]), dev->addr_len);
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	} else if (tb[IFLA_TXQLEN] ||
		   ((tb[IFLA_GROUP] || tb[IFLA_LINKMODE]) && netif_running(dev))) {
		rtmsg_ifinfo(RTM_NEWLINK, dev, 0);
	}
}

/* do_setlink() - apply a request that refuse_unknown() and link_validate() let pass */
static int do_setlink(struct net_device *dev, const struct ifinfomsg *ifm, const struct nlattr **tb,
		      bool rename, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (tb[IFLA_ADDRESS])
		err = set_address(dev, tb[IFLA_ADDRESS], extack);
	if (!err && tb[IFLA_MTU])
		err = set_mtu(dev, mnl_attr_get_u32(tb[IFLA_MTU]), extack);
	if (!err && rename && tb[IFLA_IFNAME])
		err = set_name(dev, tb[IFLA_IFNAME]);
	if (!err && tb[IFLA_IFALIAS])
		err = set_alias(dev, tb[IFLA_IFALIAS], extack);
	if (err)
		return err;
	set_plain(dev, tb);
	err = set_flags(dev, ifm, extack);
	if (!err && tb[IFLA_MASTER] && mnl_attr_get_u32(tb[IFLA_MASTER]))
		err = -EOPNOTSUPP;
	if (!err && tb[IFLA_CARRIER])
		err = set_carrier(dev, mnl_attr_get_u8(tb[IFLA_CARRIER]));
	if (!err && tb[IFLA_AF_SPEC])
		err = set_af_spec(dev, tb[IFLA_AF_SPEC], extack);
	return err;
}

static int change_one(struct rtnl_req *req, struct net_device *dev, const struct nlattr **tb)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	int err = link_validate(dev, tb, req->extack);

	if (!err)
		err = refuse_unknown(tb, req->extack);
	if (err)
		return err;
	return do_setlink(dev, ifm, tb, ifm->ifi_index > 0, req->extack);
}

/* Every device of a group; none is no error. */
static int change_group(struct rtnl_req *req, u32 group, const struct nlattr **tb)
{
	struct net_device *dev;
	int err;

	for_each_netdev(req->net, dev) {
		if (dev->group != group)
			continue;
		err = change_one(req, dev, tb);
		if (err)
			return err;
	}
	return 0;
}

int rtnl_setlink(struct rtnl_req *req)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	const struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFLA_MAX, ifla_policy, false, req->extack);
	if (err)
		return err;
	if (ifm->ifi_index <= 0 && !tb[IFLA_IFNAME] && !tb[IFLA_ALT_IFNAME])
		return -EINVAL;
	dev = rtnl_link_lookup(req->net, ifm, tb);
	return dev ? change_one(req, dev, tb) : -ENODEV;
}

/* ---- making ---- */

/* The name of a new link: as asked for, else the kind and a number. */
static int new_name(const struct nlattr *attr, const char *kind, char name[IFNAMSIZ])
{
	name[0] = 0;
	if (attr && !rtnl_attr_name(attr, name, IFNAMSIZ))
		return -EINVAL;
	if (!name[0]) {
		size_t len = min_t(size_t, strlen(kind), IFNAMSIZ - 3);

		memcpy(name, kind, len);
		memcpy(name + len, "%d", 3);
	}
	return dev_valid_name(name) && !name_is_taken_by_conf(name) ? 0 : -EINVAL;
}

static int new_address(const struct nlattr *attr, const u8 **mac)
{
	*mac = attr ? mnl_attr_get_payload(attr) : NULL;
	if (!attr)
		return 0;
	if (mnl_attr_get_payload_len(attr) != ETH_ALEN)
		return -EINVAL;
	return is_valid_ether_addr(*mac) ? 0 : -EADDRNOTAVAIL;
}

/* configure_new() - the rest of the request; the device goes again if that fails */
static int configure_new(struct net_device *dev, const struct ifinfomsg *ifm,
			 const struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct nlattr *rest[IFLA_MAX + 1];
	int err;

	memcpy(rest, tb, sizeof(rest));
	rest[IFLA_ADDRESS] = NULL;
	err = do_setlink(dev, ifm, rest, false, extack);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int check_new(const struct ifinfomsg *ifm, const struct nlattr **tb,
		     struct netlink_ext_ack *extack)
{
	int err = link_validate(NULL, tb, extack);

	if (!err)
		err = refuse_unknown(tb, extack);
	if (!err && ifm->ifi_index) {
		NL_SET_ERR_MSG(extack, "The index of a new link can not be chosen");
		err = -EOPNOTSUPP;
	}
	return err;
}

static int create_link(struct rtnl_req *req, const struct nlattr **tb, const struct nlattr **info)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	struct rtnl_newlink p = { .net = req->net, .extack = req->extack };
	const struct rtnl_link_ops *ops = NULL;
	char kind[32], name[IFNAMSIZ];
	int err;

	if (info[IFLA_INFO_KIND] && rtnl_attr_name(info[IFLA_INFO_KIND], kind, sizeof(kind)))
		ops = rtnl_link_ops_find(kind);
	if (!ops) {
		NL_SET_ERR_MSG(req->extack, "Unknown device type");
		return -EOPNOTSUPP;
	}
	err = check_new(ifm, tb, req->extack);
	if (!err)
		err = new_address(tb[IFLA_ADDRESS], &p.mac);
	if (!err)
		err = new_name(tb[IFLA_IFNAME], kind, name);
	if (err)
		return err;
	p.name = name;
	p.data = info[IFLA_INFO_DATA];
	err = ops->newlink(&p);
	return err ? err : configure_new(p.dev, ifm, tb, req->extack);
}

/* An existing link is named: NEWLINK changes it. */
static int newlink_existing(struct rtnl_req *req, struct net_device *dev, const struct nlattr **tb,
			    const struct nlattr **info)
{
	if (req->nlh->nlmsg_flags & NLM_F_EXCL)
		return -EEXIST;
	if (req->nlh->nlmsg_flags & NLM_F_REPLACE)
		return -EOPNOTSUPP;
	if (info[IFLA_INFO_DATA] || info[IFLA_INFO_SLAVE_KIND])
		return -EOPNOTSUPP;
	return change_one(req, dev, tb);
}

int rtnl_newlink(struct rtnl_req *req)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1] = { NULL };
	struct net_device *dev;
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFLA_MAX, ifla_policy, false, req->extack);
	if (!err && tb[IFLA_LINKINFO])
		err = nla_parse_nested_(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX, NULL, req->extack);
	if (err)
		return err;
	if (ifm->ifi_index < 0) {
		NL_SET_ERR_MSG(req->extack, "ifindex can't be negative");
		return -EINVAL;
	}
	dev = rtnl_link_lookup(req->net, ifm, tb);
	if (dev)
		return newlink_existing(req, dev, tb, info);
	if (req->nlh->nlmsg_flags & NLM_F_CREATE)
		return create_link(req, tb, info);
	if (!ifm->ifi_index && !tb[IFLA_IFNAME] && !tb[IFLA_ALT_IFNAME] && tb[IFLA_GROUP])
		return change_group(req, mnl_attr_get_u32(tb[IFLA_GROUP]), tb);
	return -ENODEV;
}

static int peer_attrs(const struct rtnl_newlink *p, const struct nlattr *attr,
		      const struct ifinfomsg **ifm, const struct nlattr **tb)
{
	size_t len = mnl_attr_get_payload_len(attr);
	const u8 *data = mnl_attr_get_payload(attr);

	if (len < sizeof(**ifm))
		return -EINVAL;
	*ifm = (const struct ifinfomsg *)data;
	return nla_parse_(data + sizeof(**ifm), len - sizeof(**ifm), tb, IFLA_MAX, ifla_policy,
			  false, p->extack);
}

/** rtnl_parse_peer() - name and address of the other end; the name is @p's kind's pattern if none is given. 0 or -errno */
int rtnl_parse_peer(const struct rtnl_newlink *p, const struct nlattr *attr, struct rtnl_peer *peer)
{
	const struct nlattr *tb[IFLA_MAX + 1] = { NULL };
	const struct ifinfomsg none = { 0 }, *ifm = &none;
	int err = attr ? peer_attrs(p, attr, &ifm, tb) : 0;

	static_assert(sizeof(peer->name) == IFNAMSIZ, "a device's name");
	peer->attr = attr;
	if (!err)
		err = check_new(ifm, tb, p->extack);
	if (!err)
		err = new_address(tb[IFLA_ADDRESS], &peer->mac);
	if (!err)
		err = new_name(tb[IFLA_IFNAME], "veth", peer->name);
	return err;
}

/** rtnl_configure_peer() - mtu, flags and the rest of what the attribute says; on failure both ends are gone */
int rtnl_configure_peer(const struct rtnl_newlink *p, const struct rtnl_peer *peer,
			struct net_device *dev)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *ifm;

	if (!peer->attr || peer_attrs(p, peer->attr, &ifm, tb))
		return 0;
	return configure_new(dev, ifm, tb, p->extack);
}

/* ---- deleting ---- */

static bool can_delete(const struct net_device *dev)
{
	return dev->netdev_ops->kind && rtnl_link_ops_find(dev->netdev_ops->kind);
}

static struct net_device *first_of_group(struct net *net, u32 group)
{
	struct net_device *dev;

	for_each_netdev(net, dev) {
		if (dev->group == group)
			return dev;
	}
	return NULL;
}

static int delete_group(struct net *net, u32 group)
{
	struct net_device *dev;

	if (!group)
		return -EPERM;
	if (!first_of_group(net, group))
		return -ENODEV;
	for_each_netdev(net, dev) {
		if (dev->group == group && !can_delete(dev))
			return -EOPNOTSUPP;
	}
	/* One may take its peer along. */
	while ((dev = first_of_group(net, group)))
		unregister_netdevice(dev);
	return 0;
}

int rtnl_dellink(struct rtnl_req *req)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	const struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFLA_MAX, ifla_policy, false, req->extack);
	if (err)
		return err;
	if (ifm->ifi_index <= 0 && !tb[IFLA_IFNAME] && !tb[IFLA_ALT_IFNAME])
		return tb[IFLA_GROUP] ? delete_group(req->net, mnl_attr_get_u32(tb[IFLA_GROUP])) :
					-EINVAL;
	dev = rtnl_link_lookup(req->net, ifm, tb);
	if (!dev)
		return -ENODEV;
	if (!can_delete(dev))
		return -EOPNOTSUPP;
	unregister_netdevice(dev);
	return 0;
}
