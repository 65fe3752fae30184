// SPDX-License-Identifier: BSD-2-Clause
/* host/loop.c - wait until a descriptor is readable, a signal asks to end, or a time has come.
 *
 * SIGINT and SIGTERM are blocked and read from a signalfd, so that they arrive between two turns and nowhere else.
 */
#include "host/host.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define TAG_SIGNAL UINT64_MAX

/**
 * host_loop_open() - from now on SIGINT and SIGTERM are this loop's
 * Return: 0 or -errno
 */
int host_loop_open(struct host_loop *loop)
{
	sigset_t set;
	int err;

	*loop = (struct host_loop){ -1, -1, false };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	err = loop->epoll < 0 || loop->signals < 0 ? -errno :
						     host_loop_add(loop, loop->signals, TAG_SIGNAL);
	if (err)
		host_loop_close(loop);
	return err;
}

/**
 * host_loop_close() - SIGINT and SIGTERM stay blocked: the process is about to end
 */
void host_loop_close(struct host_loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->signals >= 0)
		close(loop->signals);
	loop->epoll = loop->signals = -1;
}

/**
 * host_loop_add() - wait for @fd to be readable, too
 * @tag: handed back by host_loop_wait()
 */
int host_loop_add(struct host_loop *loop, int fd, uint64_t tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = tag };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

/**
 * host_loop_wait() - sleep until something is readable or host_now() >= @until
 * @until: UINT64_MAX: no limit
 * @tags:  of readable descriptors, up to @max (at most HOST_FDS_MAX)
 * Return: how many tags, 0 if the time has come or a signal (see @loop->stopped); or -errno
 */
int host_loop_wait(struct host_loop *loop, uint64_t until, uint64_t *tags, unsigned max)
{
	struct epoll_event ev[HOST_FDS_MAX];
	uint64_t now = host_now(), left = until > now ? until - now : 0;
	struct timespec ts = { (time_t)(left / 1000000000u), (long)(left % 1000000000u) };
	int n, k = 0;

	n = epoll_pwait2(loop->epoll, ev, (int)(max < HOST_FDS_MAX ? max : HOST_FDS_MAX),
			 until == UINT64_MAX ? NULL : &ts, NULL);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (ev[i].data.u64 == TAG_SIGNAL)
			loop->stopped = true;
		else
			tags[k++] = ev[i].data.u64;
	}
	return k;
}
