// SPDX-License-Identifier: BSD-2-Clause
/* syscall/endpoint.c - what a program's descriptor is to us: the other end of its pair, found by inode. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "syscall/supervisor.h"

#define FIRST_BUCKETS 256u
#define WATCHED	      (POLLIN | POLLOUT | POLLPRI | POLLERR | POLLHUP | POLLRDHUP)

static struct endpoint **bucket(struct skiff_run *run, ino_t inode)
{
	return &run->endpoints[inode & (run->n_buckets - 1)];
}

static void hash_add(struct skiff_run *run, struct endpoint *ep)
{
	struct endpoint **at = bucket(run, ep->inode);

	ep->next = *at;
	*at = ep;
}

static void hash_del(struct skiff_run *run, struct endpoint *ep)
{
	struct endpoint **at = bucket(run, ep->inode);

	while (*at != ep)
		at = &(*at)->next;
	*at = ep->next;
}

/* Inodes of sockets count up: they spread by themselves. */
static int hash_grow(struct skiff_run *run)
{
	unsigned old_n = run->n_buckets, n = old_n ? old_n * 2 : FIRST_BUCKETS;
	struct endpoint **old = run->endpoints, **fresh = calloc(n, sizeof(struct endpoint *));

	if (!fresh)
		return -ENOMEM;
	run->endpoints = fresh;
	run->n_buckets = n;
	for (unsigned i = 0; i < old_n; i++) {
		for (struct endpoint *ep = old[i], *next; ep; ep = next) {
			next = ep->next;
			hash_add(run, ep);
		}
	}
	free(old);
	return 0;
}

struct endpoint *endpoint_find(struct skiff_run *run, ino_t inode)
{
	struct endpoint *ep = run->n_buckets ? *bucket(run, inode) : NULL;

	while (ep && ep->inode != inode)
		ep = ep->next;
	return ep;
}

static void own_ready(struct host_source *source, uint32_t events)
{
	struct endpoint *ep = container_of_source(source, struct endpoint, own);

	ep->ops->own_ready(ep, events);
}

static void stack_ready(void *arg, int fd, unsigned events)
{
	struct endpoint *ep = arg;

	ep->ops->stack_ready(ep, events);
}

/* A pair, ours watched for its hang-up. Return: 0 or -errno */
static int make_pair(struct endpoint *ep, int *theirs)
{
	struct stat st;
	int fd[2], err;

	if (socketpair(AF_UNIX, ep->ops->pair | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	err = fcntl(fd[0], F_SETFL, O_NONBLOCK) < 0 || fstat(fd[1], &st) < 0 ? -errno : 0;
	ep->own.ready = own_ready;
	if (!err)
		err = host_loop_add(ep->run->loop, &ep->own, fd[0], EPOLLRDHUP);
	if (err) {
		close(fd[0]);
		close(fd[1]);
		ep->own.fd = -1;
		return err;
	}
	ep->inode = st.st_ino;
	*theirs = fd[1];
	return 0;
}

static void close_own(struct endpoint *ep)
{
	if (ep->own.fd < 0)
		return;
	host_loop_del(ep->run->loop, &ep->own);
	close(ep->own.fd);
	ep->own.fd = -1;
}

/* All that endpoint_new() does after it has memory. */
static int bring_up(struct endpoint *ep, int *theirs)
{
	struct skiff_run *run = ep->run;
	int err = run->n_endpoints >= run->n_buckets ? hash_grow(run) : 0;

	if (!err)
		err = make_pair(ep, theirs);
	if (err)
		return err;
	if (ep->sfd >= 0)
		err = skiff_watch(run->skiff, ep->sfd, WATCHED, stack_ready, ep);
	if (!err && ep->ops->start)
		err = ep->ops->start(ep);
	if (err) {
		close(*theirs);
		close_own(ep);
		return err;
	}
	hash_add(run, ep);
	run->n_endpoints++;
	return 0;
}

struct endpoint *endpoint_new(struct skiff_run *run, struct skiff_net *net,
			      const struct endpoint_ops *ops, int sfd, int family, int type,
			      int protocol, int *theirs, int *err)
{
	struct endpoint *ep = calloc(1, ops->size);

	*err = -ENOMEM;
	if (ep) {
		ep->run = run;
		ep->net = net;
		ep->ops = ops;
		ep->sfd = sfd;
		ep->own.fd = -1;
		ep->family = family;
		ep->type = type;
		ep->protocol = protocol;
		INIT_LIST_HEAD(&ep->parked);
		*err = bring_up(ep, theirs);
		if (!*err)
			return ep;
	}
	if (sfd >= 0)
		skiff_close(run->skiff, sfd);
	free(ep);
	return NULL;
}

int endpoint_pair(struct endpoint *ep, int *theirs)
{
	struct skiff_run *run = ep->run;
	int old = ep->own.fd, err;
	uint32_t events = ep->own.events;

	hash_del(run, ep);
	if (old >= 0)
		host_loop_del(run->loop, &ep->own);
	err = make_pair(ep, theirs);
	if (!err && old >= 0)
		close(old);
	if (err && old >= 0)
		host_loop_add(run->loop, &ep->own, old, events);
	hash_add(run, ep);
	return err;
}

void endpoint_watch(struct endpoint *ep, uint32_t events)
{
	if (ep->own.fd >= 0)
		host_loop_change(ep->run->loop, &ep->own, events);
}

void endpoint_mark(struct endpoint *ep)
{
	if (!ep->dirty.next && !ep->dead)
		list_add_tail(&ep->dirty, &ep->run->dirty);
}

void endpoint_hang_up(struct endpoint *ep)
{
	close_own(ep);
}

void endpoint_end(struct endpoint *ep)
{
	struct skiff_run *run = ep->run;

	if (ep->dead)
		return;
	ep->dead = true;
	hash_del(run, ep);
	run->n_endpoints--;
	close_own(ep);
	calls_abort(ep, -EBADF);
	if (ep->ops->stop)
		ep->ops->stop(ep);
	if (ep->sfd >= 0)
		skiff_close(run->skiff, ep->sfd);
	ep->sfd = -1;
	if (ep->dirty.next)
		list_del(&ep->dirty);
	list_add_tail(&ep->dirty, &run->dead);
}

void endpoints_free(struct skiff_run *run)
{
	for (unsigned i = 0; i < run->n_buckets; i++) {
		while (run->endpoints[i])
			endpoint_end(run->endpoints[i]);
	}
	free(run->endpoints);
	run->endpoints = NULL;
	run->n_buckets = 0;
}
