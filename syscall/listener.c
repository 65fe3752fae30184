// SPDX-License-Identifier: BSD-2-Clause
/* syscall/listener.c - programs: their notifications, one a turn each, and their end. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/supervisor.h"

/* The kernel wants the struct zeroed, and may have a larger one than we know. */
static struct call *receive(struct skiff_program *p)
{
	union {
		struct seccomp_notif req;
		char room[512];
	} u;
	struct call *c;

	memset(&u, 0, sizeof(u));
	if (ioctl(p->listener.fd, SECCOMP_IOCTL_NOTIF_RECV, &u.req))
		return NULL; /* ENOENT: the thread is gone, or a signal came first */
	c = calloc(1, sizeof(*c));
	if (!c) {
		struct seccomp_notif_resp resp = { .id = u.req.id, .error = -ENOMEM };

		ioctl(p->listener.fd, SECCOMP_IOCTL_NOTIF_SEND, &resp);
		return NULL;
	}
	c->run = p->run;
	c->program = p;
	c->req = u.req;
	c->dup = -1;
	return c;
}

/* Calls of a program that is gone: nobody waits for the answers. */
static void forget_calls(struct skiff_program *p)
{
	struct skiff_run *run = p->run;

	for (unsigned i = 0; i < run->n_buckets; i++) {
		for (struct endpoint *ep = run->endpoints[i]; ep; ep = ep->next) {
			struct call *c, *next;

			list_for_each_entry_safe(c, next, &ep->parked, link) {
				if (c->program == p)
					call_free(c);
			}
		}
	}
}

static void maybe_free(struct skiff_program *p)
{
	if (!p->alive && p->process.fd < 0)
		program_free(p);
}

static void listener_ready(struct host_source *source, uint32_t events)
{
	struct skiff_program *p = container_of_source(source, struct skiff_program, listener);

	if (events & EPOLLIN) {
		struct call *c = receive(p);

		if (c)
			call_dispatch(c);
		return;
	}
	if (events & (EPOLLHUP | EPOLLERR)) {
		forget_calls(p);
		host_loop_del(p->run->loop, &p->listener);
		p->alive = false;
		maybe_free(p);
	}
}

static void process_ready(struct host_source *source, uint32_t events)
{
	struct skiff_program *p = container_of_source(source, struct skiff_program, process);
	int status = 0;

	host_loop_del(p->run->loop, &p->process);
	close(p->process.fd);
	p->process.fd = -1;
	if (p->child)
		waitpid(p->pid, &status, 0);
	p->pid = 0;
	if (p->exited)
		p->exited(p->arg, p, status);
	maybe_free(p);
}

struct skiff_program *program_new(struct skiff_run *run, struct skiff_net *net, int listener,
				  int pid, int *err)
{
	struct skiff_program *p = calloc(1, sizeof(*p));
	int pidfd = (int)syscall(__NR_pidfd_open, pid, 0);

	*err = p && pidfd >= 0 ? 0 : p ? -errno : -ENOMEM;
	if (!*err) {
		p->run = run;
		p->net = net;
		p->pid = pid;
		p->alive = true;
		p->listener.ready = listener_ready;
		p->process.ready = process_ready;
		*err = host_loop_add(run->loop, &p->listener, listener, EPOLLIN);
	}
	if (!*err) {
		*err = host_loop_add(run->loop, &p->process, pidfd, EPOLLIN);
		if (*err)
			host_loop_del(run->loop, &p->listener);
	}
	if (*err) {
		close(listener);
		if (pidfd >= 0)
			close(pidfd);
		free(p);
		return NULL;
	}
	list_add_tail(&p->link, &run->programs);
	return p;
}

void program_free(struct skiff_program *p)
{
	if (p->alive)
		host_loop_del(p->run->loop, &p->listener);
	close(p->listener.fd);
	if (p->process.fd >= 0) {
		host_loop_del(p->run->loop, &p->process);
		close(p->process.fd);
	}
	list_del(&p->link);
	free(p);
}

int skiff_program_pid(const struct skiff_program *program)
{
	return program->pid;
}

bool skiff_program_alive(const struct skiff_program *program)
{
	return program->alive;
}

int skiff_program_kill(struct skiff_program *program, int sig)
{
	if (!program->pid)
		return -ESRCH;
	return kill(program->own_session ? -program->pid : program->pid, sig) < 0 ? -errno : 0;
}
