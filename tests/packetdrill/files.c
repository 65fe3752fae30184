// SPDX-License-Identifier: BSD-2-Clause
/* tests/packetdrill/files.c - epoll, and pipes to splice a connection's bytes into. */
#include "pd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* As the kernel's pipes by default. */
#define PIPE_BYTES 65536

struct pd_pipe {
	size_t len;
	int ends; /* open ones */
	uint8_t bytes[PIPE_BYTES];
};

/* ---- epoll ---- */

static int pd_epoll_create(void *arg, int size)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, size > 0 ? skiff_epoll_create(pd->skiff) : -EINVAL);
}

static int pd_epoll_ctl(void *arg, int epfd, int op, int fd, struct epoll_event *event)
{
	struct pd *pd = arg;

	pd_enter(pd);
	return (int)pd_result(pd, skiff_epoll_ctl(pd->skiff, epfd, op, fd, event));
}

static int pd_epoll_wait(void *arg, int epfd, struct epoll_event *events, int max, int timeout)
{
	struct pd *pd = arg;
	uint64_t until;
	int ret;

	pd_enter(pd);
	until = timeout < 0 ? SKIFF_NEVER : pd->now + (uint64_t)timeout * 1000000;
	do
		ret = skiff_epoll_wait(pd->skiff, epfd, events, max);
	while (!ret && timeout && pd_wait(pd, until));
	return (int)pd_result(pd, ret);
}

/* ---- pipes ---- */

static struct pd_pipe *pipe_of(const struct pd *pd, int fd, bool writing)
{
	size_t i = (size_t)(fd - PD_PIPE_FD);

	if (fd < PD_PIPE_FD || i / 2 >= sizeof(pd->pipes) / sizeof(pd->pipes[0]) ||
	    (i & 1) != writing)
		return NULL;
	return pd->pipes[i / 2];
}

static int pd_pipe(void *arg, int fds[2])
{
	struct pd *pd = arg;
	int i = 0, n = sizeof(pd->pipes) / sizeof(pd->pipes[0]);

	pd_enter(pd);
	while (i < n && pd->pipes[i])
		i++;
	if (i == n)
		return (int)pd_result(pd, -EMFILE);
	pd->pipes[i] = calloc(1, sizeof(struct pd_pipe));
	if (!pd->pipes[i])
		return (int)pd_result(pd, -ENFILE);
	pd->pipes[i]->ends = 2;
	fds[0] = PD_PIPE_FD + 2 * i;
	fds[1] = fds[0] + 1;
	return (int)pd_result(pd, 0);
}

int pd_pipe_close(struct pd *pd, int fd)
{
	struct pd_pipe *p = pipe_of(pd, fd, fd & 1);

	if (!p)
		return -EBADF;
	if (!--p->ends) {
		free(p);
		pd->pipes[(fd - PD_PIPE_FD) / 2] = NULL;
	}
	return 0;
}

void pd_pipes_free(struct pd *pd)
{
	for (size_t i = 0; i < sizeof(pd->pipes) / sizeof(pd->pipes[0]); i++)
		free(pd->pipes[i]);
}

static int64_t into_pipe(void *arg, const void *data, size_t len)
{
	struct pd_pipe *p = arg;

	memcpy(p->bytes + p->len, data, len);
	p->len += len;
	return (int64_t)len;
}

/* From a connection into a pipe. At urgent data, which is not passed on, Linux gives 0 instead of waiting. */
static ssize_t splice_in(struct pd *pd, int fd, struct pd_pipe *p, size_t len)
{
	const struct skiff_loop loop = pd_loop(pd);
	int64_t ret;
	int mark;

	if (len > PIPE_BYTES - p->len)
		len = PIPE_BYTES - p->len;
	for (;;) {
		if (!skiff_ioctl(pd->skiff, fd, SIOCATMARK, &mark) && mark)
			return 0;
		ret = skiff_recv_refs(pd->skiff, fd, len, into_pipe, p);
		if (ret != -EAGAIN)
			return ret;
		ret = skiff_fcntl(pd->skiff, fd, F_GETFL, 0);
		if (ret < 0 || (ret & O_NONBLOCK))
			return ret < 0 ? ret : -EAGAIN;
		ret = skiff_wait(pd->skiff, &loop, fd, POLLIN, SKIFF_NEVER);
		if (ret < 0)
			return ret;
	}
}

static ssize_t splice_out(struct pd *pd, struct pd_pipe *p, int fd, size_t len)
{
	const struct skiff_loop loop = pd_loop(pd);
	struct iovec iov = { p->bytes, len < p->len ? len : p->len };
	const struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int64_t ret = skiff_bsendmsg(pd->skiff, &loop, fd, &msg, len < p->len ? MSG_MORE : 0);

	if (ret > 0) {
		p->len -= (size_t)ret;
		memmove(p->bytes, p->bytes + ret, p->len);
	}
	return ret;
}

static int pd_splice(void *arg, int fd_in, loff_t *off_in, int fd_out, loff_t *off_out, size_t len,
		     unsigned flags)
{
	struct pd *pd = arg;
	struct pd_pipe *to = pipe_of(pd, fd_out, true), *from = pipe_of(pd, fd_in, false);

	(void)flags;
	pd_enter(pd);
	if (off_in || off_out)
		return (int)pd_result(pd, -ESPIPE);
	if (to && !from)
		return (int)pd_result(pd, splice_in(pd, fd_in, to, len));
	if (from && !to)
		return (int)pd_result(pd, splice_out(pd, from, fd_out, len));
	return (int)pd_result(pd, -EINVAL);
}

void pd_fill_files(struct pd_iface *ifc)
{
	ifc->epoll_create = pd_epoll_create;
	ifc->epoll_ctl = pd_epoll_ctl;
	ifc->epoll_wait = pd_epoll_wait;
	ifc->pipe = pd_pipe;
	ifc->splice = pd_splice;
}
