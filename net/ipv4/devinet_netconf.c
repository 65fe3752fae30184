// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/devinet_netconf.c - settings of devices over netlink: RTM_GETNETCONF, RTM_NEWNETCONF, and IFLA_AF_SPEC of links. */
#include "devinet.h"

#include <linux/netconf.h>

#define NETCONFA_MAX_ (__NETCONFA_MAX - 1)

/* Settings that netconf tells, in its order. */
static const struct {
	s8 type;
	u8 devconf;
} netconf_settings[] = {
	{ NETCONFA_FORWARDING, IPV4_DEVCONF_FORWARDING },
	{ NETCONFA_RP_FILTER, IPV4_DEVCONF_RP_FILTER },
	{ NETCONFA_MC_FORWARDING, IPV4_DEVCONF_MC_FORWARDING },
	{ NETCONFA_BC_FORWARDING, IPV4_DEVCONF_BC_FORWARDING },
	{ NETCONFA_PROXY_NEIGH, IPV4_DEVCONF_PROXY_ARP },
	{ NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN },
};

static void inet_netconf_fill(struct nlmsghdr *nlh, int type, int ifindex,
			      const struct ipv4_devconf *cnf)
{
	struct netconfmsg *ncm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ncm));

	ncm->ncm_family = AF_INET;
	mnl_attr_put_u32(nlh, NETCONFA_IFINDEX, (u32)ifindex);
	for (unsigned i = 0; cnf && i < ARRAY_SIZE(netconf_settings); i++) {
		if (type == NETCONFA_ALL || type == netconf_settings[i].type)
			mnl_attr_put_u32(nlh, (u16)netconf_settings[i].type,
					 (u32)cnf->data[netconf_settings[i].devconf - 1]);
	}
}

/**
 * inet_netconf_notify_devconf() - tell the listeners of RTNLGRP_IPV4_NETCONF
 * @type: NETCONFA_ALL or the one that changed; @ifindex: NETCONFA_IFINDEX_ALL, _DEFAULT or a device's
 * @cnf:  NULL for RTM_DELNETCONF
 */
void inet_netconf_notify_devconf(struct net *net, int event, int type, int ifindex,
				 const struct ipv4_devconf *cnf)
{
	struct rtnl_msg m;
	struct nlmsghdr *nlh;

	if (!net->rtnl_notify)
		return;
	nlh = rtnl_msg_start(&m, (u16)event, 0, NULL);
	inet_netconf_fill(nlh, type, ifindex, cnf);
	rtnl_notify(net, nlh, RTNLGRP_IPV4_NETCONF);
}

static void netconf_reply(struct rtnl_req *req, u16 flags, int ifindex,
			  const struct ipv4_devconf *cnf)
{
	struct rtnl_msg m;
	struct nlmsghdr *nlh = rtnl_msg_start(&m, RTM_NEWNETCONF, flags, req);

	inet_netconf_fill(nlh, NETCONFA_ALL, ifindex, cnf);
	rtnl_reply(req, nlh);
}

static int inet_netconf_get_devconf(struct rtnl_req *req)
{
	static const struct nla_policy_ policy[NETCONFA_MAX_ + 1] = {
		[NETCONFA_IFINDEX] = { .len = sizeof(u32) },
		[NETCONFA_FORWARDING] = { .len = sizeof(u32) },
		[NETCONFA_RP_FILTER] = { .len = sizeof(u32) },
		[NETCONFA_PROXY_NEIGH] = { .len = sizeof(u32) },
		[NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN] = { .len = sizeof(u32) },
	};
	const struct nlattr *tb[NETCONFA_MAX_ + 1];
	const struct ipv4_devconf *cnf;
	struct in_device *in_dev;
	int ifindex, err;

	err = nlmsg_parse_(req->nlh, sizeof(struct netconfmsg), tb, NETCONFA_MAX_, policy, true,
			   req->extack);
	if (err)
		return err;
	for (int i = 0; i <= NETCONFA_MAX_; i++) {
		if (tb[i] && i != NETCONFA_IFINDEX) {
			NL_SET_ERR_MSG(req->extack,
				       "ipv4: Unsupported attribute in netconf get request");
			return -EINVAL;
		}
	}
	if (!tb[NETCONFA_IFINDEX])
		return -EINVAL;
	ifindex = (int)mnl_attr_get_u32(tb[NETCONFA_IFINDEX]);
	if (ifindex == NETCONFA_IFINDEX_ALL) {
		cnf = req->net->ipv4.devconf_all;
	} else if (ifindex == NETCONFA_IFINDEX_DEFAULT) {
		cnf = req->net->ipv4.devconf_dflt;
	} else {
		in_dev = inetdev_by_index(req->net, (u32)ifindex);
		if (!in_dev)
			return -ENODEV;
		cnf = &in_dev->cnf;
	}
	netconf_reply(req, 0, ifindex, cnf);
	return 0;
}

static int inet_netconf_dump_devconf(struct rtnl_req *req)
{
	struct net_device *dev;

	if (req->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct netconfmsg)) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Invalid header for netconf dump request");
		return -EINVAL;
	}
	if (req->nlh->nlmsg_len > NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct netconfmsg))) {
		NL_SET_ERR_MSG(req->extack,
			       "ipv4: Invalid data after header in netconf dump request");
		return -EINVAL;
	}
	for_each_netdev(req->net, dev) {
		if (in_dev_get(dev))
			netconf_reply(req, NLM_F_MULTI, (int)dev->ifindex, &in_dev_get(dev)->cnf);
	}
	netconf_reply(req, NLM_F_MULTI, NETCONFA_IFINDEX_ALL, req->net->ipv4.devconf_all);
	netconf_reply(req, NLM_F_MULTI, NETCONFA_IFINDEX_DEFAULT, req->net->ipv4.devconf_dflt);
	return 0;
}

const struct rtnl_handler netconf_rtnl_handlers[] = {
	{ RTM_GETNETCONF, AF_INET, inet_netconf_get_devconf, inet_netconf_dump_devconf },
	{ 0, 0, NULL, NULL },
};

/* ---- IFLA_AF_SPEC ---- */

static int inet_fill_link_af(struct nlmsghdr *nlh, size_t size, const struct net_device *dev)
{
	const struct in_device *in_dev = in_dev_get(dev);

	if (!in_dev)
		return -ENODATA;
	return mnl_attr_put_check(nlh, size, IFLA_INET_CONF, sizeof(in_dev->cnf.data),
				  in_dev->cnf.data) ?
		       0 :
		       -EMSGSIZE;
}

static const struct nla_policy_ inet_af_policy[IFLA_INET_MAX + 1] = {
	[IFLA_INET_CONF] = { .type = MNL_TYPE_NESTED },
};

static int inet_validate_link_af(const struct net_device *dev, const struct nlattr *attr,
				 struct netlink_ext_ack *extack)
{
	const struct nlattr *tb[IFLA_INET_MAX + 1], *a;
	int err;

	if (dev && !in_dev_get(dev))
		return -EAFNOSUPPORT;
	err = nla_parse_nested_(attr, tb, IFLA_INET_MAX, inet_af_policy, extack);
	if (err || !tb[IFLA_INET_CONF])
		return err;
	mnl_attr_for_each_nested(a, tb[IFLA_INET_CONF])
	{
		u16 id = mnl_attr_get_type(a);

		if (mnl_attr_get_payload_len(a) < sizeof(u32) || !id || id > IPV4_DEVCONF_MAX)
			return -EINVAL;
	}
	return 0;
}

/* inet_set_link_af() - settings of a link; checked by inet_validate_link_af() before */
static int inet_set_link_af(struct net_device *dev, const struct nlattr *attr,
			    struct netlink_ext_ack *extack)
{
	struct in_device *in_dev = in_dev_get(dev);
	const struct nlattr *tb[IFLA_INET_MAX + 1], *a;

	if (!in_dev)
		return -EAFNOSUPPORT;
	if (nla_parse_nested_(attr, tb, IFLA_INET_MAX, inet_af_policy, extack) ||
	    !tb[IFLA_INET_CONF])
		return 0;
	mnl_attr_for_each_nested(a, tb[IFLA_INET_CONF])
	{
		unsigned i = mnl_attr_get_type(a) - 1u;

		in_dev->cnf.state |= BIT(i);
		in_dev->cnf.data[i] = (int)mnl_attr_get_u32(a);
		in_dev_conf_changed(in_dev->dev->net);
	}
	return 0;
}

const struct rtnl_af_ops inet_af_ops = { AF_INET, inet_fill_link_af, inet_validate_link_af,
					 inet_set_link_af };
