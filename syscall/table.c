// SPDX-License-Identifier: BSD-2-Clause
/* syscall/table.c - which handler a call goes to: by its number, then by what its descriptor is. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/supervisor.h"

#define TYPE_MASK 0xf

static const struct {
	int nr;
	enum call_kind kind;
} numbers[] = {
	{ __NR_bind, CALL_BIND },
	{ __NR_connect, CALL_CONNECT },
	{ __NR_listen, CALL_LISTEN },
	{ __NR_accept, CALL_ACCEPT },
	{ __NR_accept4, CALL_ACCEPT },
	{ __NR_getsockname, CALL_GETSOCKNAME },
	{ __NR_getpeername, CALL_GETPEERNAME },
	{ __NR_setsockopt, CALL_SETSOCKOPT },
	{ __NR_getsockopt, CALL_GETSOCKOPT },
	{ __NR_shutdown, CALL_SHUTDOWN },
	{ __NR_sendto, CALL_SENDTO },
	{ __NR_recvfrom, CALL_RECVFROM },
	{ __NR_sendmsg, CALL_SENDMSG },
	{ __NR_recvmsg, CALL_RECVMSG },
	{ __NR_sendmmsg, CALL_SENDMMSG },
	{ __NR_recvmmsg, CALL_RECVMMSG },
	{ __NR_ioctl, CALL_IOCTL },
};

static int kind_of(int nr)
{
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].nr == nr)
			return (int)numbers[i].kind;
	}
	return -1;
}

static const struct endpoint_ops *ops_of(int family, int type)
{
	if (family == AF_NETLINK)
		return &netlink_ops;
	return (type & TYPE_MASK) == SOCK_STREAM ? &stream_ops : &dgram_ops;
}

/* Once each: a program may ask for it a thousand times. Every program asks for IPv6. */
static void tell_family(struct skiff_run *run, int family)
{
	uint64_t bit = 1ull << (family & 63);

	if (family == AF_INET6 || (run->families_told & bit))
		return;
	run->families_told |= bit;
	run_log(run, SKIFF_LOG_WARN, "a program asked for a socket of family %d: not supported",
		family);
}

void call_socket(struct call *c)
{
	int family = call_int(c, 0), type = call_int(c, 1), protocol = call_int(c, 2);
	struct skiff_run *run = c->run;
	int sfd = -1, theirs, err;
	struct endpoint *ep;

	if (family != AF_INET && family != AF_NETLINK) {
		tell_family(run, family);
		call_return(c, -EAFNOSUPPORT);
		return;
	}
	if (family == AF_INET) {
		sfd = skiff_socket(c->program->net, family, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC),
				   protocol);
		if (sfd < 0) {
			call_return(c, sfd);
			return;
		}
	}
	ep = endpoint_new(run, c->program->net, ops_of(family, type), sfd, family, type & TYPE_MASK,
			  protocol, &theirs, &err);
	if (!ep) {
		call_return(c, err);
		return;
	}
	if (type & SOCK_NONBLOCK)
		fcntl(theirs, F_SETFL, O_NONBLOCK);
	call_give_fd(c, theirs, type & SOCK_CLOEXEC);
	close(theirs); /* if nobody got it, our end hangs up now */
}

void call_dispatch(struct call *c)
{
	int nr = c->req.data.nr, kind = kind_of(nr), err;
	call_fn handler;

	if (call_replay(c))
		return;
	if (nr == __NR_socket || nr == __NR_socketpair) {
		if (nr == __NR_socket)
			call_socket(c);
		else
			call_return(c, call_int(c, 0) == AF_INET ? -EOPNOTSUPP : -EAFNOSUPPORT);
		return;
	}
	if (kind < 0) {
		call_return(c, -ENOSYS);
		return;
	}
	err = call_dup(c, call_int(c, 0));
	if (err) {
		if (err == -EPERM)
			run_log(c->run, SKIFF_LOG_ERR,
				"process %u can not be reached (it made itself undumpable, or ptrace is restricted): its sockets do not work; "
				"skiff doctor tells what helps",
				c->req.pid);
		call_return(c, err);
		return;
	}
	c->ep = S_ISSOCK(c->st.st_mode) ? endpoint_find(c->run, c->st.st_ino) : NULL;
	if (!c->ep) {
		unix_call(c, (enum call_kind)kind);
		return;
	}
	handler = c->ep->ops->calls[kind] ? c->ep->ops->calls[kind] : common_calls[kind];
	if (handler)
		handler(c);
	else
		call_return(c, -EOPNOTSUPP);
}
