// SPDX-License-Identifier: BSD-2-Clause
/* host/loop.c - wait until a descriptor is ready, a signal asks to end, or a time has come; call who waited.
 *
 * SIGINT, SIGTERM and SIGHUP (unless nohup has it ignored) are blocked and read from a signalfd, so that they arrive between two turns
 * and nowhere else.
 */
#include "host/host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define READY_MAX 256

static void on_signal(struct host_source *source, uint32_t events)
{
	struct host_loop *loop =
		(struct host_loop *)((char *)source - offsetof(struct host_loop, signals));
	struct signalfd_siginfo si;

	if (read(source->fd, &si, sizeof(si)) == sizeof(si))
		loop->stopped = (int)si.ssi_signo;
}

/**
 * host_loop_open() - from now on SIGINT, SIGTERM and SIGHUP are this loop's
 * Return: 0 or -errno
 */
int host_loop_open(struct host_loop *loop)
{
	struct sigaction hangup;
	sigset_t set;
	int fd, err;

	*loop = (struct host_loop){ .epoll = -1, .signals = { on_signal, -1, 0 } };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	loop->ready = calloc(READY_MAX, sizeof(*loop->ready));
	if (!loop->ready)
		return -ENOMEM;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	err = loop->epoll < 0 || fd < 0 ? -errno : host_loop_add(loop, &loop->signals, fd, EPOLLIN);
	if (err) {
		if (fd >= 0)
			close(fd);
		loop->signals.fd = -1;
		host_loop_close(loop);
	}
	return err;
}

/**
 * host_loop_close() - SIGINT, SIGTERM and SIGHUP stay blocked: the process is about to end
 */
void host_loop_close(struct host_loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->signals.fd >= 0)
		close(loop->signals.fd);
	free(loop->ready);
	loop->ready = NULL;
	loop->epoll = loop->signals.fd = -1;
}

/**
 * host_loop_add() - have @source->ready called when one of @events comes at @fd; @source stays the caller's
 * Return: 0 or -errno
 */
int host_loop_add(struct host_loop *loop, struct host_source *source, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = source };

	source->fd = fd;
	source->events = events;
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

/**
 * host_loop_change() - wait for other events. 0 or -errno; costs nothing if they are the same
 */
int host_loop_change(struct host_loop *loop, struct host_source *source, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = source };

	if (events == source->events)
		return 0;
	source->events = events;
	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, source->fd, &ev) < 0 ? -errno : 0;
}

/**
 * host_loop_del() - @source may be freed at once, also from within a call of its own or another's @ready. The descriptor stays open
 */
void host_loop_del(struct host_loop *loop, struct host_source *source)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	for (int i = loop->at + 1; i < loop->n_ready; i++) {
		if (loop->ready[i].data.ptr == source)
			loop->ready[i].data.ptr = NULL;
	}
}

/**
 * host_loop_wait() - sleep until something is ready or host_now() >= @until
 * @until: UINT64_MAX: no limit
 * Return: how many are ready, for host_loop_dispatch(); 0 if the time has come; or -errno
 */
int host_loop_wait(struct host_loop *loop, uint64_t until)
{
	uint64_t now = host_now(), left = until > now ? until - now : 0;
	struct timespec ts = { (time_t)(left / 1000000000u), (long)(left % 1000000000u) };
	int n;

	n = epoll_pwait2(loop->epoll, loop->ready, READY_MAX, until == UINT64_MAX ? NULL : &ts,
			 NULL);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	loop->n_ready = n;
	return n;
}

/**
 * host_loop_dispatch() - call everyone who waited for what host_loop_wait() found
 */
void host_loop_dispatch(struct host_loop *loop)
{
	for (loop->at = 0; loop->at < loop->n_ready; loop->at++) {
		struct host_source *source = loop->ready[loop->at].data.ptr;

		if (source)
			source->ready(source, loop->ready[loop->at].events);
	}
	loop->n_ready = 0;
}
