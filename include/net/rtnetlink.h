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
	bool strict; /* NETLINK_GET_STRICT_CHK: always, as ip(8) asks for */
};

/** A handler: 0 or -errno. doit for NEW, DEL, SET and GET of one object; dumpit for NLM_F_DUMP (emits objects; the core adds NLMSG_DONE). */
typedef int (*rtnl_doit_func)(struct rtnl_req *req);
struct net_device;

/**
 * struct rtnl_newlink - a device to be made by a kind's newlink()
 * @name: valid, may hold "%d"
 * @mac:  wished address, checked; NULL: a random one
 * @data: IFLA_INFO_DATA, NULL: none
 * @dev:  newlink() puts the registered device here
 */
struct rtnl_newlink {
	struct net *net;
	const char *name;
	const u8 *mac;
	const struct nlattr *data;
	struct netlink_ext_ack *extack;
	struct net_device *dev;
};

/**
 * struct rtnl_link_ops - a kind of device that RTM_NEWLINK can make and RTM_DELLINK delete
 * @newlink: makes and registers it; mtu, flags and the rest of the request are applied after; 0 or -errno
 */
struct rtnl_link_ops {
	const char *kind;
	int (*newlink)(struct rtnl_newlink *p);
};
/* net/init.c: all kinds, ended by NULL */
extern const struct rtnl_link_ops *const rtnl_link_kinds[];

/**
 * struct rtnl_peer - the other end of a new device, from an attribute with an ifinfomsg and attributes in it (VETH_INFO_PEER)
 * rtnl_parse_peer() fills it; rtnl_configure_peer() applies the rest of it to the device made
 */
struct rtnl_peer {
	char name[16];
	const u8 *mac;
	const struct nlattr *attr;
};
int rtnl_parse_peer(const struct rtnl_newlink *p, const struct nlattr *attr,
		    struct rtnl_peer *peer);
int rtnl_configure_peer(const struct rtnl_newlink *p, const struct rtnl_peer *peer,
			struct net_device *dev);
/** rtmsg_ifinfo() - tell the listeners of RTNLGRP_LINK about @dev; @type RTM_NEWLINK or RTM_DELLINK, @change: flags that changed */
void rtmsg_ifinfo(u16 type, struct net_device *dev, u32 change);

/* What an address family adds to IFLA_AF_SPEC; the table is in net/init.c, ended by NULL. */
struct rtnl_af_ops {
	u8 family;
	/* writes its attributes into the open nest; -ENODATA: nothing to say */
	int (*fill)(struct nlmsghdr *nlh, size_t size, const struct net_device *dev);
	int (*validate)(const struct net_device *dev, const struct nlattr *attr,
			struct netlink_ext_ack *extack);
	int (*set)(struct net_device *dev, const struct nlattr *attr,
		   struct netlink_ext_ack *extack);
};
extern const struct rtnl_af_ops *const rtnl_af_families[];

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

/* What a policy row may ask beyond its type. */
enum nla_check_ {
	NLA_CHECK_NONE,
	NLA_CHECK_RANGE, /* lo <= value <= hi, else "integer out of range" (ERANGE); hi 0: no upper limit */
	NLA_CHECK_MASK,	  /* no bit outside hi, else "reserved bit set" (EINVAL) */
	NLA_CHECK_REJECT, /* never allowed: "Attribute failed policy validation" (EINVAL) */
	NLA_CHECK_EXACT, /* exactly len bytes, else "Attribute failed policy validation" (ERANGE) */
	NLA_CHECK_MAXLEN, /* at most len bytes (not at least) */
};

/**
 * struct nla_policy_ - what an attribute may be
 * @type:  MNL_TYPE_*; a number must have at least its size (strictly: exactly), a flag no payload.
 *         MNL_TYPE_UNSPEC with len 0 takes anything, but counts as unknown to a strict parse
 * @len:   least payload for MNL_TYPE_BINARY and UNSPEC, greatest length for strings; 0: any
 * @check: with @lo, @hi, see enum nla_check_
 */
struct nla_policy_ {
	u8 type;
	u16 len;
	u8 check;
	u32 lo, hi;
};

/**
 * nlmsg_parse_() - attributes behind a fixed header of @hdrlen into @tb[0..max]
 * @strict: unknown types, wrong sizes and trailing bytes are refused (else passed over, as the kernel does in old requests)
 * Return: 0, -EINVAL or -ERANGE with the kernel's sentence in @extack
 */
int nlmsg_parse_(const struct nlmsghdr *nlh, size_t hdrlen, const struct nlattr **tb, int max,
		 const struct nla_policy_ *policy, bool strict, struct netlink_ext_ack *extack);
int nla_parse_nested_(const struct nlattr *nest, const struct nlattr **tb, int max,
		      const struct nla_policy_ *policy, struct netlink_ext_ack *extack);
/** nla_parse_() - the same over @len bytes at @head */
int nla_parse_(const void *head, size_t len, const struct nlattr **tb, int max,
	       const struct nla_policy_ *policy, bool strict, struct netlink_ext_ack *extack);

/* A message under construction in a fixed buffer. */
#define RTNL_MSG_MAX 8192
struct rtnl_msg {
	union {
		struct nlmsghdr nlh;
		u8 buf[RTNL_MSG_MAX];
	};
};

/** rtnl_msg_start() - an empty message, zero to its last byte (libmnl leaves padding as it is); an answer to @req, or (NULL) news */
static inline struct nlmsghdr *rtnl_msg_start(struct rtnl_msg *m, u16 type, u16 flags,
					      const struct rtnl_req *req)
{
	struct nlmsghdr *nlh;

	memset(m, 0, sizeof(*m));
	nlh = mnl_nlmsg_put_header(m->buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = req ? req->nlh->nlmsg_seq : 0;
	nlh->nlmsg_pid = req ? req->portid : 0;
	return nlh;
}

#endif
