/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/renew.h - the epoll sets that know a descriptor which gets a new file. For syscall/renew*.c only. */
#ifndef SYSCALL_RENEW_H
#define SYSCALL_RENEW_H

#include <sys/epoll.h>

#include "syscall/supervisor.h"

/**
 * struct epoll_set - an epoll set that has a descriptor of the program
 * @fd: duplicate of the set, ours
 */
struct epoll_set {
	int fd;
	struct epoll_event event;
};

/** epoll_sets_find() - those of the task's sets that have @fd. Return: how many, for epoll_sets_add() */
unsigned epoll_sets_find(struct skiff_run *run, int tid, int fd, struct epoll_set *sets,
			 unsigned max);
/** epoll_sets_add() - @theirs is the program's @fd now: into the sets, which are closed here */
void epoll_sets_add(struct epoll_set *sets, unsigned n, int theirs, int fd);

#endif
