// SPDX-License-Identifier: BSD-2-Clause
/* syscall/call.c - a call that waits for our answer: answering it, reaching the caller's memory and descriptors, parking it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "syscall/supervisor.h"

static void unpark(struct call *c)
{
	if (!c->parked)
		return;
	list_del(&c->link);
	if (c->timed.next)
		list_del(&c->timed);
	c->parked = false;
}

static void drop_dup(struct call *c)
{
	if (c->dup >= 0)
		close(c->dup);
	c->dup = -1;
}

void call_free(struct call *c)
{
	unpark(c);
	drop_dup(c);
	free(c->state);
	free(c);
}

static int send_answer(struct call *c, struct seccomp_notif_resp *resp)
{
	int err;

	/* The program runs on at once: nothing of it may be held any more when it does. */
	drop_dup(c);
	resp->id = c->req.id;
	err = ioctl(c->program->listener.fd, SECCOMP_IOCTL_NOTIF_SEND, resp) ? -errno : 0;
	call_free(c);
	return err;
}

int call_return(struct call *c, int64_t value)
{
	struct seccomp_notif_resp resp = { 0 };

	if (value < 0)
		resp.error = (int32_t)value;
	else
		resp.val = value;
	return send_answer(c, &resp);
}

int call_return_once(struct call *c, int64_t value)
{
	struct task *t = task_find(c->run, (int)c->req.pid);
	struct seccomp_data data = c->req.data;
	int err = call_return(c, value);

	if (err == -ENOENT && t) {
		t->lost = data;
		t->lost_value = value;
		t->has_lost = true;
	}
	return err;
}

bool call_replay(struct call *c)
{
	struct task *t = task_find(c->run, (int)c->req.pid);

	if (!t || !t->has_lost)
		return false;
	t->has_lost = false;
	if (t->lost.nr != c->req.data.nr ||
	    memcmp(t->lost.args, c->req.data.args, sizeof(t->lost.args)) != 0)
		return false;
	call_return_once(c, t->lost_value);
	return true;
}

void call_continue(struct call *c)
{
	struct seccomp_notif_resp resp = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	send_answer(c, &resp);
}

int call_give_fd(struct call *c, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = { .id = c->req.id,
					   .srcfd = (uint32_t)fd,
					   .flags = SECCOMP_ADDFD_FLAG_SEND,
					   .newfd_flags = cloexec ? O_CLOEXEC : 0 };
	int ret;

	drop_dup(c);
	ret = ioctl(c->program->listener.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	ret = ret < 0 ? -errno : ret;
	if (ret < 0 && ret != -ENOENT)
		call_return(c, ret); /* EMFILE and the like are the program's */
	else
		call_free(c);
	return ret;
}

int call_replace_fd(struct call *c, int fd, int target, bool cloexec)
{
	struct seccomp_notif_addfd add = { .id = c->req.id,
					   .srcfd = (uint32_t)fd,
					   .newfd = (uint32_t)target,
					   .flags = SECCOMP_ADDFD_FLAG_SETFD,
					   .newfd_flags = cloexec ? O_CLOEXEC : 0 };

	return ioctl(c->program->listener.fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 ? -errno : 0;
}

bool call_valid(const struct call *c)
{
	uint64_t id = c->req.id;

	return ioctl(c->program->listener.fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

int call_read(struct call *c, void *buf, uint64_t addr, size_t len)
{
	return task_read((int)c->req.pid, buf, addr, len);
}

int call_write(struct call *c, uint64_t addr, const void *buf, size_t len)
{
	return task_write((int)c->req.pid, addr, buf, len);
}

int call_dup(struct call *c, int fd)
{
	drop_dup(c);
	if (fd < 0)
		return -EBADF;
	c->dup = task_getfd(c->run, (int)c->req.pid, fd);
	if (c->dup < 0)
		return c->dup;
	c->flags = fcntl(c->dup, F_GETFL);
	return fstat(c->dup, &c->st) < 0 ? -errno : 0;
}

static void park_timed(struct call *c)
{
	struct list_head *at;

	for (at = c->run->timed.prev; at != &c->run->timed; at = at->prev) {
		if (list_entry(at, struct call, timed)->deadline <= c->deadline)
			break;
	}
	list_add(&c->timed, at);
}

/* A thread makes one call at a time: what else of it waits here was interrupted by a signal. */
static void forget_interrupted(struct endpoint *ep, uint32_t tid)
{
	struct call *c, *next;

	list_for_each_entry_safe(c, next, &ep->parked, link) {
		if (c->req.pid == tid)
			call_free(c);
	}
}

void call_park(struct call *c, call_fn resume, call_fn expired, uint64_t deadline)
{
	drop_dup(c);
	c->resume = resume;
	c->expired = expired;
	if (c->parked)
		return; /* it was tried again, and waits on */
	forget_interrupted(c->ep, c->req.pid);
	c->parked = true;
	c->deadline = deadline;
	list_add_tail(&c->link, &c->ep->parked);
	if (deadline != SKIFF_NEVER)
		park_timed(c);
}

void call_later(struct call *c, call_fn again, uint64_t when)
{
	drop_dup(c);
	unpark(c);
	c->resume = c->expired = again;
	c->parked = true;
	c->deadline = when;
	list_add_tail(&c->link, &c->run->loose);
	park_timed(c);
}

uint64_t call_timeout(struct call *c, int optname)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);

	if (c->dup < 0 || getsockopt(c->dup, SOL_SOCKET, optname, &tv, &len) ||
	    (!tv.tv_sec && !tv.tv_usec))
		return SKIFF_NEVER;
	return host_now() + (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
}

bool call_nonblock(const struct call *c, int flags)
{
	return (flags & MSG_DONTWAIT) || (c->flags & O_NONBLOCK);
}

int call_get_addr(struct call *c, uint64_t addr, int len, struct sockaddr_storage *to)
{
	int err;

	if (len < 0 || len > (int)sizeof(*to))
		return -EINVAL;
	err = call_read(c, to, addr, (size_t)len);
	return err ? err : len;
}

int call_put_addr(struct call *c, const void *from, uint32_t len, uint64_t addr, uint64_t lenp)
{
	int room, err = call_read(c, &room, lenp, sizeof(room));

	if (err)
		return err;
	if (room < 0)
		return -EINVAL;
	err = call_write(c, addr, from, (uint32_t)room < len ? (uint32_t)room : len);
	return err ? err : call_write(c, lenp, &len, sizeof(len));
}

void calls_resume(struct endpoint *ep)
{
	/* Who parks again does so at the end; each is tried once. */
	struct list_head all;

	INIT_LIST_HEAD(&all);
	while (!list_empty(&ep->parked)) {
		struct list_head *at = ep->parked.next;

		list_del(at);
		list_add_tail(at, &all);
	}
	while (!list_empty(&all)) {
		struct call *c = list_entry(all.next, struct call, link);

		list_del(&c->link);
		list_add_tail(&c->link, &ep->parked);
		if (ep->dead)
			call_return(c, -EBADF);
		else if (call_valid(c))
			c->resume(c);
		else
			call_free(c);
	}
}

void calls_abort(struct endpoint *ep, int err)
{
	while (!list_empty(&ep->parked))
		call_return(list_entry(ep->parked.next, struct call, link), err);
}
