// SPDX-License-Identifier: BSD-2-Clause
/* net/core/rtnl_link.c - what a link is, told over netlink: RTM_GETLINK and the news of RTNLGRP_LINK.
 *
 * The attributes stand in the kernel's order. Left out is what no device here has (XDP, IFLA_MAP, GSO limits, other names).
 * Changing links is in rtnl_link_set.c.
 */
#include "rtnl_link.h"

#include <linux/if_link.h>

#define ARPHRD_LOOPBACK_ 772
/* Younger than the header files. */
#define IFLA_NETNS_IMMUTABLE_ 67

/* IF_OPER_* of RFC 2863; <linux/if.h> has them, but clashes with libc's. */
enum { OPER_UNKNOWN = 0, OPER_DOWN = 2, OPER_LOWERLAYERDOWN = 3, OPER_UP = 6 };

void rtnetlink_event(struct net_device *dev, enum netdev_cmd event);
void rtnetlink_register_event(struct net_device *dev, enum netdev_cmd event);

const struct nla_policy_ ifla_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .type = MNL_TYPE_STRING, .len = IFNAMSIZ - 1 },
	[IFLA_ADDRESS] = { .type = MNL_TYPE_BINARY,
			   .len = MAX_ADDR_LEN,
			   .check = NLA_CHECK_MAXLEN },
	[IFLA_BROADCAST] = { .type = MNL_TYPE_BINARY,
			     .len = MAX_ADDR_LEN,
			     .check = NLA_CHECK_MAXLEN },
	[IFLA_MAP] = { .type = MNL_TYPE_BINARY, .len = sizeof(struct rtnl_link_ifmap) },
	[IFLA_MTU] = { .type = MNL_TYPE_U32 },
	[IFLA_LINK] = { .type = MNL_TYPE_U32 },
	[IFLA_MASTER] = { .type = MNL_TYPE_U32 },
	[IFLA_CARRIER] = { .type = MNL_TYPE_U8 },
	[IFLA_CARRIER_CHANGES] = { .type = MNL_TYPE_U32 },
	[IFLA_TXQLEN] = { .type = MNL_TYPE_U32 },
	[IFLA_WEIGHT] = { .type = MNL_TYPE_U32 },
	[IFLA_OPERSTATE] = { .type = MNL_TYPE_U8 },
	[IFLA_LINKMODE] = { .type = MNL_TYPE_U8 },
	[IFLA_LINKINFO] = { .type = MNL_TYPE_NESTED },
	[IFLA_NET_NS_PID] = { .type = MNL_TYPE_U32 },
	[IFLA_NET_NS_FD] = { .type = MNL_TYPE_U32 },
	[IFLA_IFALIAS] = { .type = MNL_TYPE_STRING, .len = 255 },
	[IFLA_AF_SPEC] = { .type = MNL_TYPE_NESTED },
	[IFLA_EXT_MASK] = { .type = MNL_TYPE_U32 },
	[IFLA_PROMISCUITY] = { .type = MNL_TYPE_U32 },
	[IFLA_NUM_TX_QUEUES] = { .type = MNL_TYPE_U32 },
	[IFLA_NUM_RX_QUEUES] = { .type = MNL_TYPE_U32 },
	[IFLA_GROUP] = { .type = MNL_TYPE_U32 },
	[IFLA_TARGET_NETNSID] = { .type = MNL_TYPE_U32 },
	[IFLA_PROTO_DOWN] = { .type = MNL_TYPE_U8 },
	[IFLA_ALT_IFNAME] = { .type = MNL_TYPE_STRING, .len = ALT_IFNAMSIZ_ - 1 },
};

bool rtnl_attr_name(const struct nlattr *attr, char *name, size_t size)
{
	size_t len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

	if (len >= size)
		return false;
	memcpy(name, mnl_attr_get_payload(attr), len);
	name[len] = 0;
	return true;
}

struct net_device *rtnl_link_lookup(struct net *net, const struct ifinfomsg *ifm,
				    const struct nlattr **tb)
{
	const struct nlattr *name = tb[IFLA_IFNAME] ? tb[IFLA_IFNAME] : tb[IFLA_ALT_IFNAME];
	char buf[ALT_IFNAMSIZ_];

	if (ifm->ifi_index > 0)
		return dev_get_by_index(net, (u32)ifm->ifi_index);
	if (!name || !rtnl_attr_name(name, buf, sizeof(buf)) || strlen(buf) >= IFNAMSIZ)
		return NULL;
	return dev_get_by_name(net, buf);
}

/* ---- one link ---- */

static u8 rfc2863_state(const struct net_device *dev)
{
	const char *kind = dev->netdev_ops->kind;

	if (!netif_running(dev))
		return OPER_DOWN;
	if (!netif_carrier_ok(dev))
		return dev->netdev_ops->ndo_get_iflink ? OPER_LOWERLAYERDOWN : OPER_DOWN;
	/* These never speak of their carrier, so nothing is known. */
	if (dev->type == ARPHRD_LOOPBACK_ || dev->type == ARPHRD_NONE ||
	    (kind && !strcmp(kind, "dummy")))
		return OPER_UNKNOWN;
	return OPER_UP;
}

static void fill_stats(struct nlmsghdr *nlh, const struct net_device *dev)
{
	const struct netdev_stats *d = &dev->stats;
	struct rtnl_link_stats64 s = {
		.rx_packets = d->rx_packets,
		.tx_packets = d->tx_packets,
		.rx_bytes = d->rx_bytes,
		.tx_bytes = d->tx_bytes,
		.rx_errors = d->rx_errors,
		.tx_errors = d->tx_errors,
		.rx_dropped = d->rx_dropped,
		.tx_dropped = d->tx_dropped,
		.multicast = d->multicast,
		.rx_nohandler = d->rx_nohandler,
		.rx_otherhost_dropped = d->rx_otherhost_dropped,
	};
	struct rtnl_link_stats old = {
		.rx_packets = (u32)s.rx_packets,
		.tx_packets = (u32)s.tx_packets,
		.rx_bytes = (u32)s.rx_bytes,
		.tx_bytes = (u32)s.tx_bytes,
		.rx_errors = (u32)s.rx_errors,
		.tx_errors = (u32)s.tx_errors,
		.rx_dropped = (u32)s.rx_dropped,
		.tx_dropped = (u32)s.tx_dropped,
		.multicast = (u32)s.multicast,
		.rx_nohandler = (u32)s.rx_nohandler,
	};

	mnl_attr_put(nlh, IFLA_STATS64, sizeof(s), &s);
	mnl_attr_put(nlh, IFLA_STATS, sizeof(old), &old);
}

/* A nest as the kernel writes old ones: without NLA_F_NESTED. */
static void old_nest_end(struct nlmsghdr *nlh, struct nlattr *nest)
{
	mnl_attr_nest_end(nlh, nest);
	nest->nla_type &= NLA_TYPE_MASK;
}

static void fill_linkinfo(struct nlmsghdr *nlh, const struct net_device *dev)
{
	struct nlattr *nest;

	if (!dev->netdev_ops->kind || !rtnl_link_ops_find(dev->netdev_ops->kind))
		return;
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, dev->netdev_ops->kind);
	old_nest_end(nlh, nest);
}

static void fill_af_spec(struct nlmsghdr *nlh, const struct net_device *dev)
{
	struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);

	for (const struct rtnl_af_ops *const *af = rtnl_af_families; *af; af++) {
		struct nlattr *nest = mnl_attr_nest_start(nlh, (*af)->family);

		if ((*af)->fill(nlh, RTNL_MSG_MAX, dev))
			mnl_attr_nest_cancel(nlh, nest);
		else
			old_nest_end(nlh, nest);
	}
	old_nest_end(nlh, spec);
}

static void fill_place(struct nlmsghdr *nlh, const struct net_device *dev)
{
	int iflink = dev->netdev_ops->ndo_get_iflink ? dev->netdev_ops->ndo_get_iflink(dev) :
						       (int)dev->ifindex;

	if (iflink != (int)dev->ifindex)
		mnl_attr_put_u32(nlh, IFLA_LINK, (u32)iflink);
	mnl_attr_put_strz(nlh, IFLA_QDISC, dev->has_queue ? "noqueue" : "noop");
}

/* rtnl_fill_ifinfo() - header and attributes of @dev; @change: ifi_change */
static void rtnl_fill_ifinfo(struct nlmsghdr *nlh, const struct net_device *dev, u32 change)
{
	struct ifinfomsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifi_type = dev->type;
	ifm->ifi_index = (int)dev->ifindex;
	ifm->ifi_flags = dev_get_flags(dev);
	ifm->ifi_change = change;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, dev->name);
	mnl_attr_put_u32(nlh, IFLA_TXQLEN, dev->tx_queue_len);
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, rfc2863_state(dev));
	mnl_attr_put_u8(nlh, IFLA_LINKMODE, (u8)dev->link_mode);
	mnl_attr_put_u8(nlh, IFLA_NETNS_IMMUTABLE_, dev->type == ARPHRD_LOOPBACK_);
	mnl_attr_put_u32(nlh, IFLA_MTU, dev->mtu);
	mnl_attr_put_u32(nlh, IFLA_MIN_MTU, dev->min_mtu);
	mnl_attr_put_u32(nlh, IFLA_MAX_MTU, dev->max_mtu);
	mnl_attr_put_u32(nlh, IFLA_GROUP, dev->group);
	mnl_attr_put_u32(nlh, IFLA_PROMISCUITY, dev->promiscuity);
	mnl_attr_put_u32(nlh, IFLA_ALLMULTI, dev->allmulti);
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, 1);
	mnl_attr_put_u8(nlh, IFLA_CARRIER, dev->carrier);
	if (dev->ifalias[0])
		mnl_attr_put_strz(nlh, IFLA_IFALIAS, dev->ifalias);
	if (dev->addr_len) {
		mnl_attr_put(nlh, IFLA_ADDRESS, dev->addr_len, dev->dev_addr);
		mnl_attr_put(nlh, IFLA_BROADCAST, dev->addr_len, dev->broadcast);
	}
	fill_stats(nlh, dev);
	fill_linkinfo(nlh, dev);
	fill_place(nlh, dev);
	fill_af_spec(nlh, dev);
}

static void link_reply(struct rtnl_req *req, const struct net_device *dev, u16 flags)
{
	struct rtnl_msg m;
	struct nlmsghdr *nlh = rtnl_msg_start(&m, RTM_NEWLINK, flags, req);

	rtnl_fill_ifinfo(nlh, dev, 0);
	rtnl_reply(req, nlh);
}

/* ---- news ---- */

void rtmsg_ifinfo(u16 type, struct net_device *dev, u32 change)
{
	struct rtnl_msg m;
	struct nlmsghdr *nlh;

	if (!dev->net->rtnl_notify)
		return;
	nlh = rtnl_msg_start(&m, type, 0, NULL);
	rtnl_fill_ifinfo(nlh, dev, change);
	rtnl_notify(dev->net, nlh, RTNLGRP_LINK);
}

/** rtnetlink_event() - what happens to a device is told to the listeners; the first of netdev_notifiers[] */
void rtnetlink_event(struct net_device *dev, enum netdev_cmd event)
{
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
		break;
	case NETDEV_UP:
		dev->has_queue = true;
		rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP_);
		break;
	case NETDEV_DOWN:
		rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP_);
		break;
	case NETDEV_GOING_DOWN:
		break;
	default:
		rtmsg_ifinfo(RTM_NEWLINK, dev, 0);
		break;
	}
}

/** rtnetlink_register_event() - coming and going is told when all others have dealt with it; the last of netdev_notifiers[] */
void rtnetlink_register_event(struct net_device *dev, enum netdev_cmd event)
{
	if (event == NETDEV_REGISTER)
		rtmsg_ifinfo(RTM_NEWLINK, dev, UINT32_MAX);
	else if (event == NETDEV_UNREGISTER)
		rtmsg_ifinfo(RTM_DELLINK, dev, UINT32_MAX);
}

/* ---- RTM_GETLINK ---- */

/* Attributes other than those of @allowed[] are refused with @msg. */
static int only_attrs(const struct nlattr **tb, const u16 *allowed, unsigned n, const char *msg,
		      struct netlink_ext_ack *extack)
{
	for (u16 i = 0; i <= IFLA_MAX; i++) {
		unsigned k = 0;

		while (k < n && allowed[k] != i)
			k++;
		if (tb[i] && k == n) {
			NL_SET_ERR_MSG(extack, msg);
			return -EINVAL;
		}
	}
	return 0;
}

static int rtnl_valid_getlink_req(struct rtnl_req *req, const struct nlattr **tb)
{
	static const u16 allowed[] = { IFLA_IFNAME, IFLA_ALT_IFNAME, IFLA_EXT_MASK,
				       IFLA_TARGET_NETNSID };
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	int err;

	if (req->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifm)) {
		NL_SET_ERR_MSG(req->extack, "Invalid header for get link");
		return -EINVAL;
	}
	if (ifm->__ifi_pad || ifm->ifi_type || ifm->ifi_flags || ifm->ifi_change) {
		NL_SET_ERR_MSG(req->extack, "Invalid values in header for get link request");
		return -EINVAL;
	}
	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFLA_MAX, ifla_policy, false, req->extack);
	if (err)
		return err;
	return only_attrs(tb, allowed, ARRAY_SIZE(allowed),
			  "Unsupported attribute in get link request", req->extack);
}

static int rtnl_getlink(struct rtnl_req *req)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	const struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	int err = rtnl_valid_getlink_req(req, tb);

	if (err)
		return err;
	if (tb[IFLA_TARGET_NETNSID]) {
		NL_SET_ERR_MSG_ATTR(req->extack, tb[IFLA_TARGET_NETNSID],
				    "Invalid target network namespace id");
		return -EINVAL;
	}
	if (ifm->ifi_index <= 0 && !tb[IFLA_IFNAME] && !tb[IFLA_ALT_IFNAME])
		return -EINVAL;
	dev = rtnl_link_lookup(req->net, ifm, tb);
	if (!dev)
		return -ENODEV;
	link_reply(req, dev, 0);
	return 0;
}

static int rtnl_valid_dump_req(struct rtnl_req *req, const struct nlattr **tb)
{
	static const u16 allowed[] = { IFLA_EXT_MASK, IFLA_MASTER, IFLA_LINKINFO };
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	int err;

	if (req->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifm)) {
		NL_SET_ERR_MSG(req->extack, "Invalid header for link dump");
		return -EINVAL;
	}
	if (ifm->__ifi_pad || ifm->ifi_type || ifm->ifi_flags || ifm->ifi_change) {
		NL_SET_ERR_MSG(req->extack, "Invalid values in header for link dump request");
		return -EINVAL;
	}
	if (ifm->ifi_index) {
		NL_SET_ERR_MSG(req->extack, "Filter by device index not supported for link dumps");
		return -EINVAL;
	}
	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFLA_MAX, ifla_policy, false, req->extack);
	if (err)
		return err;
	return only_attrs(tb, allowed, ARRAY_SIZE(allowed),
			  "Unsupported attribute in link dump request", req->extack);
}

/* The kind that a dump is filtered by, "" if it is not */
static int dump_kind(struct rtnl_req *req, const struct nlattr *linkinfo, char *kind, size_t size)
{
	const struct nlattr *tb[IFLA_INFO_MAX + 1];
	int err;

	kind[0] = 0;
	if (!linkinfo)
		return 0;
	err = nla_parse_nested_(linkinfo, tb, IFLA_INFO_MAX, NULL, req->extack);
	if (!err && tb[IFLA_INFO_KIND] && !rtnl_attr_name(tb[IFLA_INFO_KIND], kind, size))
		err = -EINVAL;
	return err;
}

static int rtnl_dump_ifinfo(struct rtnl_req *req)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	u16 flags = NLM_F_MULTI;
	struct net_device *dev;
	char kind[32];
	int err = rtnl_valid_dump_req(req, tb);

	if (!err)
		err = dump_kind(req, tb[IFLA_LINKINFO], kind, sizeof(kind));
	if (err)
		return err;
	if (kind[0])
		flags |= NLM_F_DUMP_FILTERED;
	/* No device here has a master. */
	if (tb[IFLA_MASTER] && mnl_attr_get_u32(tb[IFLA_MASTER]))
		return 0;
	for_each_netdev(req->net, dev) {
		const char *k = dev->netdev_ops->kind;

		if (!kind[0] || (k && !strcmp(k, kind)))
			link_reply(req, dev, flags);
	}
	return 0;
}

const struct rtnl_handler link_rtnl_handlers[] = {
	{ RTM_GETLINK, AF_UNSPEC, rtnl_getlink, rtnl_dump_ifinfo },
	{ RTM_NEWLINK, AF_UNSPEC, rtnl_newlink, NULL },
	{ RTM_SETLINK, AF_UNSPEC, rtnl_setlink, NULL },
	{ RTM_DELLINK, AF_UNSPEC, rtnl_dellink, NULL },
	{ 0, 0, NULL, NULL },
};
