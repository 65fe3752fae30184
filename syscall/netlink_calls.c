// SPDX-License-Identifier: BSD-2-Clause
/* syscall/netlink_calls.c - addresses and options of a program's netlink sockets. */
#include <errno.h>
#include <linux/netlink.h>

#include "syscall/netlink.h"

#define FIRST_ODD_PORTID \
	0xfffff000u /* where the kernel begins to look when the process has a socket already */

static bool is_taken(const struct netlink *nl, uint32_t portid)
{
	struct netlink *other;

	list_for_each_entry(other, &nl->ep.run->netlinks, link) {
		if (other != nl && other->ep.net == nl->ep.net && other->portid == portid)
			return true;
	}
	return false;
}

void netlink_autobind(struct netlink *nl, int tid)
{
	uint32_t portid = tid > 0 ? (uint32_t)task_process(tid) : FIRST_ODD_PORTID;

	while (!portid || is_taken(nl, portid))
		portid = portid >= FIRST_ODD_PORTID ? portid - 1 :
			 portid < 0x80000000u	    ? FIRST_ODD_PORTID :
						      portid - 1;
	nl->portid = portid;
}

static int do_bind(struct call *c, struct netlink *nl)
{
	struct sockaddr_storage addr = { 0 };
	const struct sockaddr_nl *snl = (const struct sockaddr_nl *)&addr;
	int len = call_get_addr(c, call_arg(c, 1), call_int(c, 2), &addr);

	if (len < 0)
		return len;
	if (len < (int)sizeof(*snl) || snl->nl_family != AF_NETLINK)
		return -EINVAL;
	if (nl->bound && snl->nl_pid != nl->portid)
		return -EINVAL;
	if (snl->nl_groups) {
		run_log(c->run, SKIFF_LOG_WARN,
			"a program wants netlink notifications (groups %#x): there are none, bind() says EPERM",
			snl->nl_groups);
		return -EPERM;
	}
	if (snl->nl_pid && is_taken(nl, snl->nl_pid))
		return -EADDRINUSE;
	if (snl->nl_pid)
		nl->portid = snl->nl_pid;
	else if (!nl->portid)
		netlink_autobind(nl, (int)c->req.pid);
	nl->bound = true;
	return 0;
}

void netlink_bind(struct call *c)
{
	call_return(c, do_bind(c, netlink_of(c->ep)));
}

void netlink_connect(struct call *c)
{
	struct netlink *nl = netlink_of(c->ep);
	struct sockaddr_storage addr = { 0 };
	const struct sockaddr_nl *snl = (const struct sockaddr_nl *)&addr;
	int len = call_get_addr(c, call_arg(c, 1), call_int(c, 2), &addr), ret = 0;

	if (len < 0)
		ret = len;
	else if (len < (int)sizeof(sa_family_t))
		ret = -EINVAL;
	else if (snl->nl_family != AF_UNSPEC &&
		 (snl->nl_family != AF_NETLINK || len < (int)sizeof(*snl)))
		ret = -EINVAL;
	else if (snl->nl_family == AF_NETLINK && (snl->nl_pid || snl->nl_groups))
		ret = -EPERM;
	else if (snl->nl_family == AF_NETLINK && !nl->portid)
		netlink_autobind(nl, (int)c->req.pid);
	call_return(c, ret);
}

void netlink_getsockname(struct call *c)
{
	struct sockaddr_nl snl = { .nl_family = AF_NETLINK, .nl_pid = netlink_of(c->ep)->portid };

	call_return(c, call_put_addr(c, &snl, sizeof(snl), call_arg(c, 1), call_arg(c, 2)));
}

void netlink_getpeername(struct call *c)
{
	struct sockaddr_nl snl = { .nl_family = AF_NETLINK };

	call_return(c, call_put_addr(c, &snl, sizeof(snl), call_arg(c, 1), call_arg(c, 2)));
}

/* ---- options ---- */

static bool *flag_of(struct netlink *nl, int name)
{
	switch (name) {
	case NETLINK_PKTINFO:
		return &nl->pktinfo;
	case NETLINK_BROADCAST_ERROR:
		return &nl->broadcast_error;
	case NETLINK_NO_ENOBUFS:
		return &nl->no_enobufs;
	case NETLINK_CAP_ACK:
		return &nl->cap_ack;
	case NETLINK_EXT_ACK:
		return &nl->ext_ack;
	case NETLINK_GET_STRICT_CHK:
		return &nl->strict;
	default:
		return NULL;
	}
}

static int set_option(struct call *c, struct netlink *nl)
{
	int name = call_int(c, 2), value = 0, err = 0;
	bool *flag = flag_of(nl, name);

	if (call_int(c, 1) != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (call_int(c, 4) >= (int)sizeof(value))
		err = call_read(c, &value, call_arg(c, 3), sizeof(value));
	if (err)
		return err;
	if (flag) {
		*flag = value != 0;
		return 0;
	}
	if (name != NETLINK_ADD_MEMBERSHIP && name != NETLINK_DROP_MEMBERSHIP)
		return -ENOPROTOOPT;
	if (value <= 0 || value > 64)
		return -EINVAL;
	if (name == NETLINK_DROP_MEMBERSHIP)
		return 0;
	run_log(c->run, SKIFF_LOG_WARN,
		"a program wants netlink notifications (group %d): there are none, setsockopt() says EPERM",
		value);
	return -EPERM;
}

void netlink_setsockopt(struct call *c)
{
	/* Buffers, timeouts, filters act on the program's end as it is. */
	if (call_int(c, 1) == SOL_SOCKET)
		call_continue(c);
	else
		call_return(c, set_option(c, netlink_of(c->ep)));
}

static int get_option(struct call *c, int *value)
{
	const bool *flag = flag_of(netlink_of(c->ep), call_int(c, 2));

	if (call_int(c, 1) != SOL_NETLINK || !flag)
		return -ENOPROTOOPT;
	*value = *flag;
	return 0;
}

/* What the program's end would say of itself is not true of what it stands for. */
static bool is_ours(struct call *c, int *value)
{
	switch (call_int(c, 2)) {
	case SO_DOMAIN:
		*value = AF_NETLINK;
		return true;
	case SO_TYPE:
		*value = c->ep->type;
		return true;
	case SO_PROTOCOL:
		*value = c->ep->protocol;
		return true;
	default:
		return false;
	}
}

void netlink_getsockopt(struct call *c)
{
	int value = 0, len, err;

	if (call_int(c, 1) == SOL_SOCKET && !is_ours(c, &value)) {
		call_continue(c);
		return;
	}
	err = call_int(c, 1) == SOL_SOCKET ? 0 : get_option(c, &value);
	if (!err)
		err = call_read(c, &len, call_arg(c, 4), sizeof(len));
	if (!err && len < 0)
		err = -EINVAL;
	if (!err) {
		len = len < (int)sizeof(value) ? len : (int)sizeof(value);
		err = call_write(c, call_arg(c, 3), &value, (size_t)len);
	}
	if (!err)
		err = call_write(c, call_arg(c, 4), &len, sizeof(len));
	call_return(c, err);
}
