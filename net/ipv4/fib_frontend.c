// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_frontend.c - where routes come from: requests by netlink, addresses, devices; and the tables' start and end.
 *
 * DOC: Ways into the FIB
 * RTM_NEWROUTE, RTM_DELROUTE -> struct fib_config -> fib_table_insert(), fib_table_delete() (fib_trie.c)
 * addresses  [fib_inetaddr_event] -> their own routes (fib_ifaddr.c)
 * devices    [fib_netdev_event]   -> next hops dead or alive (fib_sync.c), then fib_flush()
 * RTM_GETROUTE: one route of a packet is route.c's, a dump fib_nlmsg.c's.
 */
#include "net/arp.h"
#include "net/inetdevice.h"
#include "net/ip_fib.h"
#include "net/route.h"
#include "net/rtnetlink.h"

#include "fib_semantics.h"

/* ---- requests ---- */

const struct nla_policy_ rtm_ipv4_policy[RTA_MAX + 1] = {
	[RTA_DST] = { .type = MNL_TYPE_U32 },
	[RTA_SRC] = { .type = MNL_TYPE_U32 },
	[RTA_IIF] = { .type = MNL_TYPE_U32 },
	[RTA_OIF] = { .type = MNL_TYPE_U32 },
	[RTA_GATEWAY] = { .type = MNL_TYPE_U32 },
	[RTA_PRIORITY] = { .type = MNL_TYPE_U32 },
	[RTA_PREFSRC] = { .type = MNL_TYPE_U32 },
	[RTA_METRICS] = { .type = MNL_TYPE_NESTED },
	[RTA_MULTIPATH] = { .type = MNL_TYPE_BINARY, .len = sizeof(struct rtnexthop) },
	[RTA_FLOW] = { .type = MNL_TYPE_U32 },
	[RTA_ENCAP_TYPE] = { .type = MNL_TYPE_U16 },
	[RTA_ENCAP] = { .type = MNL_TYPE_UNSPEC },
	[RTA_UID] = { .type = MNL_TYPE_U32 },
	[RTA_MARK] = { .type = MNL_TYPE_U32 },
	[RTA_TABLE] = { .type = MNL_TYPE_U32 },
	[RTA_IP_PROTO] = { .type = MNL_TYPE_U8 },
	[RTA_SPORT] = { .type = MNL_TYPE_U16 },
	[RTA_DPORT] = { .type = MNL_TYPE_U16 },
	[RTA_NH_ID] = { .type = MNL_TYPE_UNSPEC }, /* exactly 4 bytes, see check_nh_id() */
};

/* The one attribute that is younger than the kernel's strictness: longer is wrong, too. */
static int check_nh_id(const struct nlattr *nla, struct netlink_ext_ack *extack)
{
	if (!nla || mnl_attr_get_payload_len(nla) == sizeof(u32))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, nla, "invalid attribute length");
	return -EINVAL;
}

static u32 attr_u32(const struct nlattr *nla, u32 otherwise)
{
	return nla ? mnl_attr_get_u32(nla) : otherwise;
}

static int refuse_encap(const struct nlattr *encap, const struct nlattr *type,
			struct netlink_ext_ack *extack)
{
	if (!type && !encap)
		return 0;
	if (!type) {
		NL_SET_ERR_MSG_ATTR(extack, encap, "Unknown LWT encapsulation type");
		return -EINVAL;
	}
	NL_SET_ERR_MSG_ATTR(extack, type, "CONFIG_LWTUNNEL is not enabled in this kernel");
	return -EOPNOTSUPP;
}

/* Encapsulation inside RTA_MULTIPATH. */
static int refuse_multipath_encap(const struct rtnexthop *rtnh, int remaining,
				  struct netlink_ext_ack *extack)
{
	for (; rtnh_ok(rtnh, remaining); rtnh = rtnh_next(rtnh, &remaining)) {
		const struct nlattr *tb[RTA_MAX + 1];
		int err;

		if (rtnh_attrlen(rtnh) <= 0)
			continue;
		nla_parse_((const char *)rtnh + MNL_ALIGN(sizeof(*rtnh)),
			   (size_t)rtnh_attrlen(rtnh), tb, RTA_MAX, NULL, false, NULL);
		err = refuse_encap(tb[RTA_ENCAP], tb[RTA_ENCAP_TYPE], extack);
		if (err)
			return err;
	}
	return 0;
}

/* The gateway, which two attributes can name, but not both. */
static int config_gateway(struct fib_config *cfg, const struct nlattr **tb,
			  struct netlink_ext_ack *extack)
{
	if (tb[RTA_GATEWAY]) {
		cfg->fc_gw4 = mnl_attr_get_u32(tb[RTA_GATEWAY]);
		cfg->fc_gw_family = cfg->fc_gw4 ? AF_INET : AF_UNSPEC;
	}
	if (tb[RTA_VIA]) {
		int err = fib_gw_from_via(cfg, tb[RTA_VIA], extack);

		if (err)
			return err;
	}
	return 0;
}

static void config_numbers(struct fib_config *cfg, const struct nlattr **tb)
{
	cfg->fc_dst = attr_u32(tb[RTA_DST], 0);
	cfg->fc_oif = attr_u32(tb[RTA_OIF], 0);
	cfg->fc_priority = attr_u32(tb[RTA_PRIORITY], 0);
	cfg->fc_prefsrc = attr_u32(tb[RTA_PREFSRC], 0);
	cfg->fc_flow = attr_u32(tb[RTA_FLOW], 0);
	cfg->fc_table = attr_u32(tb[RTA_TABLE], cfg->fc_table);
	cfg->fc_nh_id = attr_u32(tb[RTA_NH_ID], 0);
	cfg->fc_mx = tb[RTA_METRICS];
	if (tb[RTA_MULTIPATH]) {
		cfg->fc_mp = mnl_attr_get_payload(tb[RTA_MULTIPATH]);
		cfg->fc_mp_len = mnl_attr_get_payload_len(tb[RTA_MULTIPATH]);
	}
}

static int config_attrs(struct fib_config *cfg, const struct nlattr **tb,
			struct netlink_ext_ack *extack)
{
	int err;

	config_numbers(cfg, tb);
	err = config_gateway(cfg, tb, extack);
	if (!err && cfg->fc_mp)
		err = refuse_multipath_encap(cfg->fc_mp, cfg->fc_mp_len, extack);
	if (!err)
		err = refuse_encap(tb[RTA_ENCAP], tb[RTA_ENCAP_TYPE], extack);
	if (err)
		return err;
	if (cfg->fc_nh_id && (cfg->fc_oif || cfg->fc_gw_family || cfg->fc_mp)) {
		NL_SET_ERR_MSG(extack,
			       "Nexthop specification and nexthop id are mutually exclusive");
		return -EINVAL;
	}
	if (tb[RTA_GATEWAY] && tb[RTA_VIA]) {
		NL_SET_ERR_MSG(extack,
			       "Nexthop configuration can not contain both GATEWAY and VIA");
		return -EINVAL;
	}
	if (!cfg->fc_table)
		cfg->fc_table = RT_TABLE_MAIN;
	return 0;
}

static int rtm_to_fib_config(struct rtnl_req *req, struct fib_config *cfg)
{
	const struct nlmsghdr *nlh = req->nlh;
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[RTA_MAX + 1];
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*rtm))
		return -EINVAL;
	err = nlmsg_parse_(nlh, sizeof(*rtm), tb, RTA_MAX, rtm_ipv4_policy, false, req->extack);
	if (!err)
		err = check_nh_id(tb[RTA_NH_ID], req->extack);
	if (err)
		return err;
	if (rtm->rtm_tos & INET_ECN_MASK) {
		NL_SET_ERR_MSG(req->extack, "Invalid dsfield (tos): ECN bits must be 0");
		return -EINVAL;
	}
	cfg->fc_tos = rtm->rtm_tos;
	cfg->fc_dst_len = rtm->rtm_dst_len;
	cfg->fc_table = rtm->rtm_table;
	cfg->fc_protocol = rtm->rtm_protocol;
	cfg->fc_scope = rtm->rtm_scope;
	cfg->fc_type = rtm->rtm_type;
	cfg->fc_flags = rtm->rtm_flags;
	cfg->fc_nlflags = nlh->nlmsg_flags;
	cfg->fc_nlh = nlh;
	cfg->fc_portid = req->portid;
	if (cfg->fc_type > RTN_MAX) {
		NL_SET_ERR_MSG(req->extack, "Invalid route type");
		return -EINVAL;
	}
	return config_attrs(cfg, tb, req->extack);
}

static int inet_rtm_newroute(struct rtnl_req *req)
{
	struct fib_config cfg;
	struct fib_table *tb;
	int err = rtm_to_fib_config(req, &cfg);

	if (err)
		return err;
	tb = fib_new_table(req->net, cfg.fc_table);
	if (!tb)
		return -ENOBUFS;
	err = fib_table_insert(req->net, tb, &cfg, req->extack);
	if (!err && cfg.fc_type == RTN_LOCAL)
		req->net->ipv4.fib_has_custom_local_routes = true;
	return err;
}

static int inet_rtm_delroute(struct rtnl_req *req)
{
	struct fib_config cfg;
	struct fib_table *tb;
	int err = rtm_to_fib_config(req, &cfg);

	if (err)
		return err;
	if (cfg.fc_nh_id && !nexthop_find_by_id(req->net, cfg.fc_nh_id)) {
		NL_SET_ERR_MSG(req->extack, "Nexthop id does not exist");
		return -EINVAL;
	}
	tb = fib_get_table(req->net, cfg.fc_table);
	if (!tb) {
		NL_SET_ERR_MSG(req->extack, "FIB table does not exist");
		return -ESRCH;
	}
	return fib_table_delete(req->net, tb, &cfg, req->extack);
}

static int inet_rtm_get(struct rtnl_req *req)
{
	return inet_rtm_getroute(req->net, req->nlh, req->extack, req->reply, req->reply_arg);
}

const struct rtnl_handler ipv4_route_rtnl[] = {
	{ RTM_NEWROUTE, AF_INET, inet_rtm_newroute, NULL },
	{ RTM_DELROUTE, AF_INET, inet_rtm_delroute, NULL },
	{ RTM_GETROUTE, AF_INET, inet_rtm_get, inet_dump_fib },
	{ 0 },
};

/* ---- what happens to addresses and devices ---- */

static int flush_table(void *arg, struct fib_table *tb)
{
	struct net *net = ((struct net **)arg)[0];
	int *flushed = ((void **)arg)[1];

	*flushed += fib_table_flush(net, tb, false);
	return 0;
}

/**
 * fib_flush() - delete every route whose next hops are all dead, or whose preferred source is gone
 */
void fib_flush(struct net *net)
{
	int flushed = 0;
	void *arg[] = { net, &flushed };

	fib_tables_walk(net, flush_table, arg);
	if (flushed)
		rt_cache_flush(net);
}

/* Nothing goes by @dev any more; @force: nothing ends at its addresses either. */
static void fib_disable_ip(struct net_device *dev, enum netdev_cmd event, bool force)
{
	if (fib_sync_down_dev(dev, event, force))
		fib_flush(dev_net(dev));
	else
		rt_cache_flush(dev_net(dev));
	arp_ifdown(dev);
}

/**
 * fib_inetaddr_event() - an address came (NETDEV_UP) or goes (NETDEV_DOWN)
 * @ifa: on its interface's list, or just taken off it
 */
void fib_inetaddr_event(struct in_ifaddr *ifa, enum netdev_cmd event)
{
	struct net_device *dev = ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);

	switch (event) {
	case NETDEV_UP:
		fib_add_ifaddr(ifa);
		fib_sync_up(dev, RTNH_F_DEAD);
		net->ipv4.dev_addr_genid++;
		rt_cache_flush(net);
		break;
	case NETDEV_DOWN:
		fib_del_ifaddr(ifa, NULL);
		net->ipv4.dev_addr_genid++;
		if (!ifa->ifa_dev->ifa_list)
			fib_disable_ip(dev, event, true);
		else
			rt_cache_flush(net);
		break;
	default:
		break;
	}
}

static void fib_dev_up(struct net_device *dev, struct in_device *in_dev)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa(in_dev, ifa)
		fib_add_ifaddr(ifa);
	fib_sync_up(dev, RTNH_F_DEAD);
	dev_net(dev)->ipv4.dev_addr_genid++;
	rt_cache_flush(dev_net(dev));
}

static void fib_dev_change(struct net_device *dev)
{
	if (dev_get_flags(dev) & (IFF_RUNNING_ | IFF_LOWER_UP_))
		fib_sync_up(dev, RTNH_F_LINKDOWN);
	else
		fib_sync_down_dev(dev, NETDEV_CHANGE, false);
	rt_cache_flush(dev_net(dev));
}

/**
 * fib_netdev_event() - a device came up, went down or away, changed carrier or MTU
 */
void fib_netdev_event(struct net_device *dev, enum netdev_cmd event)
{
	struct in_device *in_dev = in_dev_get(dev);

	if (event == NETDEV_UNREGISTER) {
		fib_disable_ip(dev, event, true);
		rt_flush_dev(dev);
		return;
	}
	if (!in_dev)
		return;
	switch (event) {
	case NETDEV_UP:
		fib_dev_up(dev, in_dev);
		break;
	case NETDEV_DOWN:
		fib_disable_ip(dev, event, false);
		break;
	case NETDEV_CHANGE:
		fib_dev_change(dev);
		break;
	case NETDEV_CHANGEMTU:
		fib_sync_mtu(dev, dev->orig_mtu);
		rt_cache_flush(dev_net(dev));
		break;
	default:
		break;
	}
}

/* ---- start and end ---- */

static int fib_net_init(struct net *net)
{
	int err = fib_info_table_init(net);

	if (err)
		return err;
	err = fib_tables_init(net);
	if (err)
		goto err_info;
	err = fib4_rules_init(net);
	if (err)
		goto err_tables;
	return 0;
err_tables:
	fib_tables_exit(net);
err_info:
	fib_info_table_exit(net);
	return err;
}

static void fib_net_exit(struct net *net)
{
	fib4_rules_exit(net);
	fib_tables_exit(net);
	fib_info_table_exit(net);
}

const struct pernet_operations fib_net_ops = { "fib", fib_net_init, fib_net_exit };
