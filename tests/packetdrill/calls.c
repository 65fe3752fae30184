// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/calls.c - socket calls that carry no data. */
#include "pd.h"

#include <errno.h>
#include <stdarg.h>

static int pd_socket(void *arg, int domain, int type, int protocol)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_socket(pd->net, domain, type, protocol));
}

static int pd_bind(void *arg, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_bind(pd->skiff, fd, addr, len));
}

static int pd_listen(void *arg, int fd, int backlog)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_listen(pd->skiff, fd, backlog));
}

static int pd_accept(void *arg, int fd, struct sockaddr *addr, socklen_t *len)
{
	struct pd *pd = arg;
	const struct skiff_loop loop = pd_loop(pd);

	pd_enter(pd);
	return (int)pd_result(pd, skiff_baccept4(pd->skiff, &loop, fd, addr, len, 0));
}

static int pd_connect(void *arg, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct pd *pd = arg;
	const struct skiff_loop loop = pd_loop(pd);

	pd_enter(pd);
	return (int)pd_result(pd, skiff_bconnect(pd->skiff, &loop, fd, addr, len));
}

static int pd_fcntl(void *arg, int fd, int cmd, ...)
{
	struct pd *pd = arg;
	va_list ap;
	long val;

	va_start(ap, cmd);
	val = va_arg(ap, long);
	va_end(ap);
	pd_enter(pd);
	return (int)pd_result(pd, skiff_fcntl(pd->skiff, fd, cmd, val));
}

static int pd_ioctl(void *arg, int fd, unsigned long request, ...)
{
	struct pd *pd = arg;
	va_list ap;
	void *p;

	va_start(ap, request);
	p = va_arg(ap, void *);
	va_end(ap);
	pd_enter(pd);
	return (int)pd_result(pd, skiff_ioctl(pd->skiff, fd, request, p));
}

static int pd_close(void *arg, int fd)
{
	struct pd *pd = arg;
	const struct skiff_loop loop = pd_loop(pd);

	pd_enter(pd);
	if (fd >= PD_PIPE_FD)
		return (int)pd_result(pd, pd_pipe_close(pd, fd));
	return (int)pd_result(pd, skiff_bclose(pd->skiff, &loop, fd));
}

static int pd_shutdown(void *arg, int fd, int how)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_shutdown(pd->skiff, fd, how));
}

static int pd_getsockopt(void *arg, int fd, int level, int name, void *val, socklen_t *len)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_getsockopt(pd->skiff, fd, level, name, val, len));
}

static int pd_setsockopt(void *arg, int fd, int level, int name, const void *val, socklen_t len)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_setsockopt(pd->skiff, fd, level, name, val, len));
}

static int pd_poll(void *arg, struct pollfd *fds, nfds_t n, int timeout)
{
	struct pd *pd = arg;
	uint64_t until;
	int ret;

	pd_enter(pd);
	until = timeout < 0 ? SKIFF_NEVER : pd->now + (uint64_t)timeout * 1000000;
	do
		ret = skiff_poll(pd->skiff, fds, (unsigned)n);
	while (!ret && timeout && pd_wait(pd, until));
	return (int)pd_result(pd, ret);
}

void pd_fill_calls(struct pd_iface *ifc)
{
	ifc->socket = pd_socket;
	ifc->bind = pd_bind;
	ifc->listen = pd_listen;
	ifc->accept = pd_accept;
	ifc->connect = pd_connect;
	ifc->fcntl = pd_fcntl;
	ifc->ioctl = pd_ioctl;
	ifc->close = pd_close;
	ifc->shutdown = pd_shutdown;
	ifc->getsockopt = pd_getsockopt;
	ifc->setsockopt = pd_setsockopt;
	ifc->poll = pd_poll;
}
