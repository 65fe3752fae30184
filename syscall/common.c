// SPDX-License-Identifier: BSD-2-Clause
/* syscall/common.c - calls that every kind of socket answers alike: the stack is asked, with the caller's own addresses. */
#include <errno.h>
#include <netinet/in.h>

#include "syscall/ioctl.h"
#include "syscall/supervisor.h"

void call_begin(struct call *c)
{
	c->run->caller = c;
}

void call_end(struct call *c)
{
	c->run->caller = NULL;
}

/* An address of the caller, as the stack's functions want it: they reach it by the copy function only. */
static void *user(const struct call *c, unsigned i)
{
	return (void *)(uintptr_t)call_arg(c, i);
}

static void common_bind(struct call *c)
{
	int ret;

	call_begin(c);
	ret = skiff_bind(c->run->skiff, c->ep->sfd, user(c, 1), (uint32_t)call_int(c, 2));
	call_end(c);
	call_return_once(c, ret);
}

static void common_getsockname(struct call *c)
{
	int ret;

	call_begin(c);
	ret = skiff_getsockname(c->run->skiff, c->ep->sfd, user(c, 1), user(c, 2));
	call_end(c);
	call_return(c, ret);
}

static void common_getpeername(struct call *c)
{
	int ret;

	call_begin(c);
	ret = skiff_getpeername(c->run->skiff, c->ep->sfd, user(c, 1), user(c, 2));
	call_end(c);
	call_return(c, ret);
}

/* Options that act on native reads and writes: set on the program's end, too. */
static bool is_native(int level, int name)
{
	return level == SOL_SOCKET &&
	       (name == SO_RCVTIMEO_OLD || name == SO_RCVTIMEO_NEW || name == SO_SNDTIMEO_OLD ||
		name == SO_SNDTIMEO_NEW || name == SO_RCVLOWAT || name == SO_OOBINLINE);
}

static void mirror_option(struct call *c, int name, uint32_t len)
{
	char value[16];

	if (len <= sizeof(value) && !call_read(c, value, call_arg(c, 3), len))
		setsockopt(c->dup, SOL_SOCKET, name, value, len);
}

static void common_setsockopt(struct call *c)
{
	int level = call_int(c, 1), name = call_int(c, 2), len = call_int(c, 4), ret;

	if (len < 0) {
		call_return(c, -EINVAL);
		return;
	}
	call_begin(c);
	ret = skiff_setsockopt(c->run->skiff, c->ep->sfd, level, name, user(c, 3), (uint32_t)len);
	call_end(c);
	if (!ret && is_native(level, name))
		mirror_option(c, name, (uint32_t)len);
	call_return_once(c, ret);
}

static void common_getsockopt(struct call *c)
{
	int ret;

	call_begin(c);
	ret = skiff_getsockopt(c->run->skiff, c->ep->sfd, call_int(c, 1), call_int(c, 2),
			       user(c, 3), user(c, 4));
	call_end(c);
	/* SO_ERROR is taken by being read */
	call_return_once(c, ret);
}

static void common_listen(struct call *c)
{
	call_return(c, skiff_listen(c->run->skiff, c->ep->sfd, call_int(c, 1)));
}

static void common_shutdown(struct call *c)
{
	call_return(c, skiff_shutdown(c->run->skiff, c->ep->sfd, call_int(c, 1)));
}

static void common_accept(struct call *c)
{
	call_return(c, -EOPNOTSUPP);
}

static void common_ioctl(struct call *c)
{
	int ret;

	if (ioctl_is_of_device(call_arg(c, 1))) {
		device_ioctl(c);
		return;
	}
	call_begin(c);
	ret = skiff_ioctl(c->run->skiff, c->ep->sfd, (unsigned long)call_arg(c, 1), user(c, 2));
	call_end(c);
	call_return(c, ret);
}

const call_fn common_calls[CALL_KINDS] = {
	[CALL_BIND] = common_bind,
	[CALL_LISTEN] = common_listen,
	[CALL_ACCEPT] = common_accept,
	[CALL_GETSOCKNAME] = common_getsockname,
	[CALL_GETPEERNAME] = common_getpeername,
	[CALL_SETSOCKOPT] = common_setsockopt,
	[CALL_GETSOCKOPT] = common_getsockopt,
	[CALL_SHUTDOWN] = common_shutdown,
	[CALL_IOCTL] = common_ioctl,
};
