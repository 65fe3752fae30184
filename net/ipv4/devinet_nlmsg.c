// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/devinet_nlmsg.c - addresses over netlink: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, and the news about them. */
#include "devinet.h"

#include "net/igmp.h"
#include "net/ip_fib.h"

static const struct nla_policy_ ifa_ipv4_policy[IFA_MAX + 1] = {
	[IFA_LOCAL] = { .type = MNL_TYPE_U32 },
	[IFA_ADDRESS] = { .type = MNL_TYPE_U32 },
	[IFA_BROADCAST] = { .type = MNL_TYPE_U32 },
	[IFA_LABEL] = { .type = MNL_TYPE_STRING, .len = IFNAMSIZ - 1 },
	[IFA_CACHEINFO] = { .type = MNL_TYPE_BINARY, .len = sizeof(struct ifa_cacheinfo) },
	[IFA_FLAGS] = { .type = MNL_TYPE_U32 },
	[IFA_RT_PRIORITY] = { .type = MNL_TYPE_U32 },
	[IFA_TARGET_NETNSID] = { .type = MNL_TYPE_U32 },
	[IFA_PROTO] = { .type = MNL_TYPE_U8 },
};

/* ---- requests to add ---- */

/* Lifetimes asked for; for ever if the request says nothing. */
static int parse_lifetimes(const struct nlattr *attr, u32 lft[2], struct netlink_ext_ack *extack)
{
	struct ifa_cacheinfo ci;

	lft[0] = lft[1] = UINT32_MAX;
	if (!attr)
		return 0;
	memcpy(&ci, mnl_attr_get_payload(attr), sizeof(ci));
	if (!ci.ifa_valid || ci.ifa_prefered > ci.ifa_valid) {
		NL_SET_ERR_MSG(extack, "ipv4: address lifetime invalid");
		return -EINVAL;
	}
	lft[0] = ci.ifa_valid;
	lft[1] = ci.ifa_prefered;
	return 0;
}

static int inet_validate_rtm(const struct rtnl_req *req, const struct nlattr **tb, u32 lft[2])
{
	const struct ifaddrmsg *ifm = mnl_nlmsg_get_payload(req->nlh);

	if (ifm->ifa_prefixlen > 32) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Invalid prefix length");
		return -EINVAL;
	}
	if (!tb[IFA_LOCAL]) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Local address is not supplied");
		return -EINVAL;
	}
	return parse_lifetimes(tb[IFA_CACHEINFO], lft, req->extack);
}

static void copy_label(char label[IFNAMSIZ], const struct nlattr *attr)
{
	size_t len = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

	memcpy(label, mnl_attr_get_payload(attr), min_t(size_t, len, IFNAMSIZ - 1));
}

/* inet_rtm_to_ifa() - the address that a request describes; NULL and *err */
static struct in_ifaddr *inet_rtm_to_ifa(struct rtnl_req *req, const struct nlattr **tb, int *err)
{
	const struct ifaddrmsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	struct net_device *dev = dev_get_by_index(req->net, ifm->ifa_index);
	struct in_device *in_dev;
	struct in_ifaddr *ifa;

	if (!dev) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Device not found");
		*err = -ENODEV;
		return NULL;
	}
	*err = -ENOBUFS;
	in_dev = in_dev_get(dev);
	ifa = in_dev ? inet_alloc_ifa(in_dev) : NULL;
	if (!ifa)
		return NULL;
	inet_detach_from_default(in_dev);
	ifa->ifa_prefixlen = ifm->ifa_prefixlen;
	ifa->ifa_mask = ifm->ifa_prefixlen ? htonl(~0u << (32 - ifm->ifa_prefixlen)) : 0;
	ifa->ifa_flags = tb[IFA_FLAGS] ? mnl_attr_get_u32(tb[IFA_FLAGS]) : ifm->ifa_flags;
	ifa->ifa_scope = ifm->ifa_scope;
	ifa->ifa_local = mnl_attr_get_u32(tb[IFA_LOCAL]);
	ifa->ifa_address = tb[IFA_ADDRESS] ? mnl_attr_get_u32(tb[IFA_ADDRESS]) : ifa->ifa_local;
	if (tb[IFA_BROADCAST])
		ifa->ifa_broadcast = mnl_attr_get_u32(tb[IFA_BROADCAST]);
	if (tb[IFA_LABEL])
		copy_label(ifa->ifa_label, tb[IFA_LABEL]);
	else
		memcpy(ifa->ifa_label, dev->name, IFNAMSIZ);
	if (tb[IFA_RT_PRIORITY])
		ifa->ifa_rt_priority = mnl_attr_get_u32(tb[IFA_RT_PRIORITY]);
	if (tb[IFA_PROTO])
		ifa->ifa_proto = mnl_attr_get_u8(tb[IFA_PROTO]);
	return ifa;
}

static struct in_ifaddr *find_matching_ifa(const struct in_ifaddr *ifa)
{
	struct in_ifaddr *other;

	in_dev_for_each_ifa(ifa->ifa_dev, other) {
		if (other->ifa_mask == ifa->ifa_mask && inet_ifa_match(other->ifa_address, ifa) &&
		    other->ifa_local == ifa->ifa_local)
			return other;
	}
	return NULL;
}

/* The host listens to the group that it was given as an address (IFA_F_MCAUTOJOIN). */
static int inet_new_ifa(struct rtnl_req *req, struct in_ifaddr *ifa, const u32 lft[2])
{
	struct in_device *in_dev = ifa->ifa_dev;
	__be32 group = ifa->ifa_flags & IFA_F_MCAUTOJOIN ? ifa->ifa_local : 0;
	int err;

	set_ifa_lifetime(ifa, lft[0], lft[1]);
	if (group && !ipv4_multicast_addr(group)) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Multicast auto join failed");
		inet_free_ifa(ifa);
		return -EINVAL;
	}
	err = inet_insert_ifa(ifa, req, req->extack);
	if (!err && group)
		ip_mc_inc_group(in_dev, group);
	return err;
}

/* The address is there: NLM_F_REPLACE gives it new lifetimes, metric and protocol, anything else is refused. Frees @ifa. */
static int inet_replace_ifa(struct rtnl_req *req, struct in_ifaddr *existing, struct in_ifaddr *ifa,
			    const u32 lft[2])
{
	u32 metric = ifa->ifa_rt_priority;
	u8 proto = ifa->ifa_proto;

	inet_free_ifa(ifa);
	if ((req->nlh->nlmsg_flags & NLM_F_EXCL) || !(req->nlh->nlmsg_flags & NLM_F_REPLACE)) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Address already assigned");
		return -EEXIST;
	}
	if (existing->ifa_rt_priority != metric) {
		fib_modify_prefix_metric(existing, metric);
		existing->ifa_rt_priority = metric;
	}
	existing->ifa_proto = proto;
	set_ifa_lifetime(existing, lft[0], lft[1]);
	inet_lifetime_changed(req->net);
	rtmsg_ifa(RTM_NEWADDR, existing, req);
	return 0;
}

static int inet_rtm_newaddr(struct rtnl_req *req)
{
	const struct nlattr *tb[IFA_MAX + 1];
	struct in_ifaddr *ifa, *existing;
	u32 lft[2];
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(struct ifaddrmsg), tb, IFA_MAX, ifa_ipv4_policy, false,
			   req->extack);
	if (!err)
		err = inet_validate_rtm(req, tb, lft);
	if (err)
		return err;
	ifa = inet_rtm_to_ifa(req, tb, &err);
	if (!ifa)
		return err;
	existing = find_matching_ifa(ifa);
	if (existing)
		return inet_replace_ifa(req, existing, ifa, lft);
	return inet_new_ifa(req, ifa, lft);
}

/* ---- requests to delete ---- */

static bool label_is(const struct nlattr *attr, const char *label)
{
	size_t len = mnl_attr_get_payload_len(attr);
	const char *s = mnl_attr_get_payload(attr);

	if (len && !s[len - 1])
		len--;
	return len == strlen(label) && !memcmp(s, label, len);
}

/* Every part of an address that a request names has to agree. */
static bool ifa_is_named(const struct in_ifaddr *ifa, const struct nlattr **tb, u8 prefixlen)
{
	if (tb[IFA_LOCAL] && ifa->ifa_local != mnl_attr_get_u32(tb[IFA_LOCAL]))
		return false;
	if (tb[IFA_LABEL] && !label_is(tb[IFA_LABEL], ifa->ifa_label))
		return false;
	return !tb[IFA_ADDRESS] || (prefixlen == ifa->ifa_prefixlen &&
				    inet_ifa_match(mnl_attr_get_u32(tb[IFA_ADDRESS]), ifa));
}

static int inet_rtm_deladdr(struct rtnl_req *req)
{
	const struct ifaddrmsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	const struct nlattr *tb[IFA_MAX + 1];
	struct in_ifaddr **ifap, *ifa;
	struct in_device *in_dev;
	int err;

	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFA_MAX, ifa_ipv4_policy, false,
			   req->extack);
	if (err)
		return err;
	in_dev = inetdev_by_index(req->net, ifm->ifa_index);
	if (!in_dev) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Device not found");
		return -ENODEV;
	}
	for (ifap = &in_dev->ifa_list; (ifa = *ifap); ifap = &ifa->ifa_next) {
		if (!ifa_is_named(ifa, tb, ifm->ifa_prefixlen))
			continue;
		if (ifa->ifa_flags & IFA_F_MCAUTOJOIN)
			ip_mc_dec_group(in_dev, ifa->ifa_local);
		inet_del_ifa(in_dev, ifap, req);
		return 0;
	}
	NL_SET_ERR_MSG(req->extack, "ipv4: Address not found");
	return -EADDRNOTAVAIL;
}

/* ---- answers and news ---- */

/* What is left of a lifetime that began at @tstamp */
static u32 lft_left(const struct in_ifaddr *ifa, u32 lft)
{
	u64 age = (ifa->skiff->jiffies - ifa->ifa_tstamp) / HZ;

	if (lft == UINT32_MAX)
		return lft;
	return lft > age ? (u32)(lft - age) : 0;
}

/* ifa_tstamp and ifa_cstamp are shown in 1/100 s */
static u32 cstamp(u64 ticks)
{
	return (u32)(ticks * USER_HZ / HZ);
}

static void put_lifetimes(struct nlmsghdr *nlh, const struct in_ifaddr *ifa)
{
	bool permanent = ifa->ifa_flags & IFA_F_PERMANENT;
	struct ifa_cacheinfo ci = {
		.ifa_prefered = permanent ? UINT32_MAX : lft_left(ifa, ifa->ifa_preferred_lft),
		.ifa_valid = permanent ? UINT32_MAX : lft_left(ifa, ifa->ifa_valid_lft),
		.cstamp = cstamp(ifa->ifa_cstamp),
		.tstamp = cstamp(ifa->ifa_tstamp),
	};

	mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(ci), &ci);
}

static void inet_fill_ifaddr(struct nlmsghdr *nlh, const struct in_ifaddr *ifa)
{
	struct ifaddrmsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));

	ifm->ifa_family = AF_INET;
	ifm->ifa_prefixlen = ifa->ifa_prefixlen;
	ifm->ifa_flags = (u8)ifa->ifa_flags;
	ifm->ifa_scope = ifa->ifa_scope;
	ifm->ifa_index = ifa->ifa_dev->dev->ifindex;
	if (ifa->ifa_address)
		mnl_attr_put_u32(nlh, IFA_ADDRESS, ifa->ifa_address);
	if (ifa->ifa_local)
		mnl_attr_put_u32(nlh, IFA_LOCAL, ifa->ifa_local);
	if (ifa->ifa_broadcast)
		mnl_attr_put_u32(nlh, IFA_BROADCAST, ifa->ifa_broadcast);
	if (ifa->ifa_label[0])
		mnl_attr_put_strz(nlh, IFA_LABEL, ifa->ifa_label);
	if (ifa->ifa_proto)
		mnl_attr_put_u8(nlh, IFA_PROTO, ifa->ifa_proto);
	mnl_attr_put_u32(nlh, IFA_FLAGS, ifa->ifa_flags);
	if (ifa->ifa_rt_priority)
		mnl_attr_put_u32(nlh, IFA_RT_PRIORITY, ifa->ifa_rt_priority);
	put_lifetimes(nlh, ifa);
}

/** rtmsg_ifa() - tell the listeners of RTNLGRP_IPV4_IFADDR; @req: the request behind it, NULL: none */
void rtmsg_ifa(int event, struct in_ifaddr *ifa, struct rtnl_req *req)
{
	struct net *net = ifa->ifa_dev->dev->net;
	struct rtnl_msg m;
	struct nlmsghdr *nlh;

	if (!net->rtnl_notify)
		return;
	nlh = rtnl_msg_start(&m, (u16)event, 0, req);
	inet_fill_ifaddr(nlh, ifa);
	rtnl_notify(net, nlh, RTNLGRP_IPV4_IFADDR);
}

static void dump_in_dev(struct rtnl_req *req, const struct in_device *in_dev, u16 flags)
{
	const struct in_ifaddr *ifa;
	struct rtnl_msg m;

	in_dev_for_each_ifa(in_dev, ifa) {
		struct nlmsghdr *nlh = rtnl_msg_start(&m, RTM_NEWADDR, flags, req);

		inet_fill_ifaddr(nlh, ifa);
		rtnl_reply(req, nlh);
	}
}

static int inet_valid_dump_ifaddr_req(const struct rtnl_req *req, const struct ifaddrmsg *ifm)
{
	const struct nlattr *tb[IFA_MAX + 1];
	int err;

	if (req->nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*ifm)) {
		NL_SET_ERR_MSG(req->extack, "ipv4: Invalid header for address dump request");
		return -EINVAL;
	}
	if (ifm->ifa_prefixlen || ifm->ifa_flags || ifm->ifa_scope) {
		NL_SET_ERR_MSG(req->extack,
			       "ipv4: Invalid values in header for address dump request");
		return -EINVAL;
	}
	err = nlmsg_parse_(req->nlh, sizeof(*ifm), tb, IFA_MAX, ifa_ipv4_policy, true, req->extack);
	if (err)
		return err;
	for (int i = 0; i <= IFA_MAX; i++) {
		if (!tb[i])
			continue;
		if (i == IFA_TARGET_NETNSID)
			NL_SET_ERR_MSG(req->extack, "ipv4: Invalid target network namespace id");
		else
			NL_SET_ERR_MSG(req->extack, "ipv4: Unsupported attribute in dump request");
		return -EINVAL;
	}
	return 0;
}

static int inet_dump_ifaddr(struct rtnl_req *req)
{
	const struct ifaddrmsg *ifm = mnl_nlmsg_get_payload(req->nlh);
	struct net_device *dev;
	int err = inet_valid_dump_ifaddr_req(req, ifm);

	if (err)
		return err;
	if (ifm->ifa_index) {
		dev = dev_get_by_index(req->net, ifm->ifa_index);
		if (!dev)
			return -ENODEV;
		if (in_dev_get(dev))
			dump_in_dev(req, in_dev_get(dev), NLM_F_MULTI | NLM_F_DUMP_FILTERED);
		return 0;
	}
	for_each_netdev(req->net, dev) {
		if (in_dev_get(dev))
			dump_in_dev(req, in_dev_get(dev), NLM_F_MULTI);
	}
	return 0;
}

const struct rtnl_handler devinet_rtnl_handlers[] = {
	{ RTM_NEWADDR, AF_INET, inet_rtm_newaddr, NULL },
	{ RTM_DELADDR, AF_INET, inet_rtm_deladdr, NULL },
	{ RTM_GETADDR, AF_INET, NULL, inet_dump_ifaddr },
	{ 0, 0, NULL, NULL },
};
