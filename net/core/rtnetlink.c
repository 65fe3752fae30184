// SPDX-License-Identifier: BSD-2-Clause
/* net/core/rtnetlink.c - NETLINK_ROUTE: one request in, its answers out.
 *
 * DOC: Requests
 * A request goes to the handler that net/init.c lists for its type and family; one for AF_UNSPEC stands in for families
 * without their own. The answer is what a socket with NETLINK_EXT_ACK and NETLINK_GET_STRICT_CHK sees, and so what
 * ip(8) sees: objects, then for a dump NLMSG_DONE with the errno in it, for anything else NLMSG_ERROR if there is an
 * error or an acknowledgement was asked for. An error quotes the whole request, an acknowledgement its header only
 * (NLM_F_CAPPED); sentence, offset of the blamed attribute and missing attribute follow as attributes.
 * What attributes may hold is checked in nlattr.c.
 */
#include "net/rtnetlink.h"

#include <stdarg.h>
#include <stdio.h>

/** nl_set_err_msg_fmt() - a sentence with values in it */
void nl_set_err_msg_fmt(struct netlink_ext_ack *extack, const char *fmt, ...)
{
	va_list ap;

	if (!extack)
		return;
	va_start(ap, fmt);
	vsnprintf(extack->buf, sizeof(extack->buf), fmt, ap);
	va_end(ap);
	extack->msg = extack->buf;
}

static u32 offset_in(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
	return (u32)((const u8 *)attr - (const u8 *)nlh);
}

static bool lies_in(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
	const u8 *start = (const u8 *)nlh + NLMSG_HDRLEN, *p = (const u8 *)attr;

	return p >= start && p < (const u8 *)nlh + nlh->nlmsg_len;
}

/* put_ext_ack() - the attributes that explain an errno; true if there were any */
static bool put_ext_ack(struct nlmsghdr *out, const struct rtnl_req *req, int err)
{
	const struct netlink_ext_ack *x = req->extack;
	u32 before = out->nlmsg_len;

	if (x->msg)
		mnl_attr_put_strz(out, NLMSGERR_ATTR_MSG, x->msg);
	if (err && x->bad_attr && lies_in(req->nlh, x->bad_attr))
		mnl_attr_put_u32(out, NLMSGERR_ATTR_OFFS, offset_in(req->nlh, x->bad_attr));
	if (err && x->miss_type)
		mnl_attr_put_u32(out, NLMSGERR_ATTR_MISS_TYPE, x->miss_type);
	if (err && x->miss_nest && lies_in(req->nlh, x->miss_nest))
		mnl_attr_put_u32(out, NLMSGERR_ATTR_MISS_NEST, offset_in(req->nlh, x->miss_nest));
	if (!err && x->cookie_len)
		mnl_attr_put(out, NLMSGERR_ATTR_COOKIE, x->cookie_len, x->cookie);
	return out->nlmsg_len != before;
}

/* Room for the explanation behind a quoted request. */
#define EXT_ACK_SPACE 512

/* netlink_ack() - NLMSG_ERROR; @err 0 or -errno */
static void netlink_ack(struct rtnl_req *req, int err)
{
	struct skiff *skiff = req->net->skiff;
	const struct nlmsghdr *in = req->nlh;
	size_t quoted = err ? in->nlmsg_len : NLMSG_HDRLEN;
	struct nlmsgerr *e;
	struct nlmsghdr *out;

	if (!req->reply)
		return;
	out = skiff_zalloc(skiff, NLMSG_HDRLEN + sizeof(int) + NLMSG_ALIGN(quoted) + EXT_ACK_SPACE);
	if (!out)
		return;
	out->nlmsg_type = NLMSG_ERROR;
	out->nlmsg_seq = in->nlmsg_seq;
	out->nlmsg_pid = req->portid;
	out->nlmsg_len = (u32)(NLMSG_HDRLEN + sizeof(int) + NLMSG_ALIGN(quoted));
	e = mnl_nlmsg_get_payload(out);
	e->error = err;
	memcpy(&e->msg, in, quoted);
	if (!err)
		out->nlmsg_flags |= NLM_F_CAPPED;
	if (put_ext_ack(out, req, err))
		out->nlmsg_flags |= NLM_F_ACK_TLVS;
	rtnl_reply(req, out);
	skiff_free(skiff, out);
}

/* netlink_dump_done() - the end of a dump, with its errno */
static void netlink_dump_done(struct rtnl_req *req, int err)
{
	union {
		struct nlmsghdr nlh;
		u8 buf[NLMSG_HDRLEN + sizeof(int) + EXT_ACK_SPACE];
	} m;

	memset(&m, 0, sizeof(m));
	m.nlh.nlmsg_type = NLMSG_DONE;
	m.nlh.nlmsg_flags = NLM_F_MULTI;
	m.nlh.nlmsg_seq = req->nlh->nlmsg_seq;
	m.nlh.nlmsg_pid = req->portid;
	m.nlh.nlmsg_len = NLMSG_HDRLEN + sizeof(int);
	memcpy(mnl_nlmsg_get_payload(&m.nlh), &err, sizeof(err));
	if (put_ext_ack(&m.nlh, req, err))
		m.nlh.nlmsg_flags |= NLM_F_ACK_TLVS;
	rtnl_reply(req, &m.nlh);
}

static const struct rtnl_handler *find_handler(u16 type, u8 family, bool dump)
{
	const struct rtnl_handler *const *table, *h;

	for (table = rtnl_tables; *table; table++) {
		for (h = *table; h->msgtype; h++) {
			if (h->msgtype == type && h->family == family &&
			    (dump ? h->dumpit : h->doit))
				return h;
		}
	}
	return NULL;
}

/* Dumps that without a family of their own run through all families. */
static bool dumps_all_families(u16 type)
{
	return type == RTM_GETADDR || type == RTM_GETROUTE || type == RTM_GETNETCONF;
}

static int dump_all_families(struct rtnl_req *req, bool *found)
{
	const struct rtnl_handler *const *table, *h;
	int err = 0;

	for (table = rtnl_tables; *table && !err; table++) {
		for (h = *table; h->msgtype && !err; h++) {
			if (h->msgtype != req->nlh->nlmsg_type || !h->dumpit)
				continue;
			*found = true;
			err = h->dumpit(req);
		}
	}
	return err;
}

/* rtnl_dump() - false if nobody dumps this type */
static bool rtnl_dump(struct rtnl_req *req, u8 family, int *err)
{
	u16 type = req->nlh->nlmsg_type;
	const struct rtnl_handler *h = find_handler(type, family, true);
	bool found = true;

	if (!h)
		h = find_handler(type, AF_UNSPEC, true);
	if (h) {
		*err = h->dumpit(req);
	} else {
		found = false;
		if (dumps_all_families(type))
			*err = dump_all_families(req, &found);
	}
	if (*err > 0)
		*err = 0;
	if (found)
		netlink_dump_done(req, *err);
	return found;
}

static int rtnl_doit(struct rtnl_req *req, u8 family)
{
	u16 type = req->nlh->nlmsg_type;
	const struct rtnl_handler *h = find_handler(type, family, false);

	if (!h)
		h = find_handler(type, AF_UNSPEC, false);
	if (h && (type & 3) == 1 && (req->nlh->nlmsg_flags & NLM_F_BULK)) {
		NL_SET_ERR_MSG(req->extack, "Bulk delete is not supported");
		return -EOPNOTSUPP;
	}
	return h ? h->doit(req) : -EOPNOTSUPP;
}

/* rtnl_dispatch() - run the request; *done: it was a dump, and its end was told */
static int rtnl_dispatch(struct rtnl_req *req, bool *done)
{
	const struct nlmsghdr *nlh = req->nlh;
	bool get = (nlh->nlmsg_type & 3) == 2;
	u8 family;
	int err = 0;

	if (nlh->nlmsg_type > RTM_MAX)
		return -EOPNOTSUPP;
	/* A request without even a family is passed over by the kernel; say so. */
	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(struct rtgenmsg)) {
		NL_SET_ERR_MSG(req->extack, "Request without a header");
		return -EINVAL;
	}
	family = *(const u8 *)mnl_nlmsg_get_payload(nlh);
	if (get && (nlh->nlmsg_flags & NLM_F_DUMP)) {
		*done = rtnl_dump(req, family, &err);
		return *done ? err : -EOPNOTSUPP;
	}
	return rtnl_doit(req, family);
}

/**
 * rtnetlink_rcv_msg() - handle one request
 * @nlh:   the request, @len bytes; read only, and only during the call
 * @reply: gets every answer; NULL: nobody reads them
 * Return: 0 or the -errno that NLMSG_ERROR or NLMSG_DONE carries; -EINVAL without an answer if @nlh is no message
 */
int rtnetlink_rcv_msg(struct net *net, const struct nlmsghdr *nlh, size_t len,
		      skiff_netlink_fn reply, void *arg)
{
	struct netlink_ext_ack extack = { 0 };
	struct rtnl_req req = {
		.net = net,
		.nlh = nlh,
		.extack = &extack,
		.reply = reply,
		.reply_arg = arg,
		.strict = true,
	};
	bool done = false;
	int err = 0;

	if (len < NLMSG_HDRLEN || nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len)
		return -EINVAL;
	req.portid = nlh->nlmsg_pid;
	/* Control messages (NLMSG_NOOP ..) and answers are not for us, but may be acknowledged. */
	if ((nlh->nlmsg_flags & NLM_F_REQUEST) && nlh->nlmsg_type >= NLMSG_MIN_TYPE)
		err = rtnl_dispatch(&req, &done);
	if (!done && (err || (nlh->nlmsg_flags & NLM_F_ACK)))
		netlink_ack(&req, err);
	return err;
}
