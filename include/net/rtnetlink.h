/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/rtnetlink.h - NETLINK_ROUTE: one way in for all configuration (net/core/rtnetlink.c).
 *
 * A message is looked up by type in a constant table (rtnl_handlers[] in net/init.c order: link, addr, route, rule, neigh, nexthop, ...),
 * its header and attributes are checked with libmnl against the handler's policy, then the handler runs.
 */
#ifndef NET_RTNETLINK_H
#define NET_RTNETLINK_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "net/net_namespace.h"

/**
 * struct netlink_ext_ack - why a request was refused
 * @msg:      the kernel's sentence (constant string or @buf); NULL: none
 * @bad_attr: attribute that is to blame; @miss_type: attribute that is missing
 */
struct netlink_ext_ack {
	const char *msg;
	const struct nlattr *bad_attr;
	u16 miss_type;
	const struct nlattr *miss_nest;
	u8 cookie[20];
	u8 cookie_len;
	char buf[160];
};

#define NL_SET_ERR_MSG(extack, text)            \
	do {                                    \
		if (extack)                     \
			(extack)->msg = (text); \
	} while (0)
#define NL_SET_ERR_MSG_ATTR(extack, attr, text)      \
	do {                                         \
		if (extack) {                        \
			(extack)->msg = (text);      \
			(extack)->bad_attr = (attr); \
		}                                    \
	} while (0)
#define NL_SET_BAD_ATTR(extack, attr)                \
	do {                                         \
		if (extack)                          \
			(extack)->bad_attr = (attr); \
	} while (0)
void nl_set_err_msg_fmt(struct netlink_ext_ack *extack, const char *fmt, ...) __printf(2, 3);

/**
 * struct rtnl_req - one request being handled
 * @reply: sends one message (nlmsghdr complete) to the requester
 */
struct rtnl_req {
	struct net *net;
	const struct nlmsghdr *nlh;
	struct netlink_ext_ack *extack;
	skiff_netlink_fn reply;
	void *reply_arg;
	u32 portid;
	bool strict; /* NETLINK_GET_STRICT_CHK */
};

/** A handler: 0 or -errno. doit for NEW, DEL, SET and GET of one object; dumpit for NLM_F_DUMP (emits objects; the core adds NLMSG_DONE). */
typedef int (*rtnl_doit_func)(struct rtnl_req *req);
struct rtnl_handler {
	u16 msgtype;
	u8 family; /* AF_INET, AF_BRIDGE, ...; AF_UNSPEC: all others */
	rtnl_doit_func doit;
	rtnl_doit_func dumpit;
};
/* Tables of handlers, one per module, ended by msgtype 0; net/init.c lists the tables in rtnl_tables[]. */
extern const struct rtnl_handler *const rtnl_tables[];

/** rtnetlink_rcv_msg() - handle one request, reply with objects and NLMSG_ERROR/NLMSG_DONE. Returns the errno of the error message, 0 = ok */
int rtnetlink_rcv_msg(struct net *net, const struct nlmsghdr *nlh, size_t len,
		      skiff_netlink_fn reply, void *arg);

/** rtnl_reply() - hand a built message to the requester */
static inline void rtnl_reply(struct rtnl_req *req, const struct nlmsghdr *nlh)
{
	if (req->reply)
		req->reply(req->reply_arg, nlh, nlh->nlmsg_len);
}

/** rtnl_notify() - to listeners of @group (RTNLGRP_*), if any */
static inline void rtnl_notify(struct net *net, const struct nlmsghdr *nlh, u32 group)
{
	if (net->rtnl_notify)
		net->rtnl_notify(net, group, nlh, nlh->nlmsg_len);
}

/**
 * nlmsg_parse_() - attributes behind a fixed header of @hdrlen into @tb[0..max]; unknown types are refused only by @strict
 * Return: 0, -EINVAL with extack ("invalid attribute length" style messages as the kernel's)
 * The policy: minimum payload length by type (NLA types as libmnl's MNL_TYPE_*)
 */
struct nla_policy_ {
	u8 type; /* MNL_TYPE_* */
	u16 len; /* minimum for MNL_TYPE_BINARY/UNSPEC, maximum for strings; 0: any */
};
int nlmsg_parse_(const struct nlmsghdr *nlh, size_t hdrlen, const struct nlattr **tb, int max,
		 const struct nla_policy_ *policy, bool strict, struct netlink_ext_ack *extack);
int nla_parse_nested_(const struct nlattr *nest, const struct nlattr **tb, int max,
		      const struct nla_policy_ *policy, struct netlink_ext_ack *extack);

/* A message under construction in a fixed buffer. */
#define RTNL_MSG_MAX 8192
struct rtnl_msg {
	union {
		struct nlmsghdr nlh;
		u8 buf[RTNL_MSG_MAX];
	};
};

#endif
