// SPDX-License-Identifier: BSD-2-Clause
/* syscall/task.c - threads of programs: their descriptors and their memory, through the kernel's doors for that.
 *
 * A pidfd per thread that called lately is kept, the least recent one gives way. A number that was used again is no danger:
 * a pidfd means the thread it was opened for, and says ESRCH once that is gone.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "syscall/supervisor.h"

#define TASK_BUCKETS  256u
#define TASKS_MAX     512u
#define SWEEP_NS      50000000u
#define PIDFD_THREAD_ 0200 /* O_EXCL: Linux 6.9; Debian 12's headers do not have it */

static struct task **bucket(struct skiff_run *run, int tid)
{
	return &run->tasks[(unsigned)tid % TASK_BUCKETS];
}

static void task_forget(struct skiff_run *run, struct task *t)
{
	struct task **at = bucket(run, t->tid);

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	list_del(&t->lru);
	close(t->pidfd);
	free(t);
	run->n_tasks--;
}

/* The process of a thread, for kernels whose pidfds are of processes only. */
int task_process(int tid)
{
	char path[64], line[256];
	int tgid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	}
	if (f)
		fclose(f);
	return tgid;
}

static int open_pidfd(int tid)
{
	int fd = (int)syscall(__NR_pidfd_open, tid, PIDFD_THREAD_);

	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(__NR_pidfd_open, task_process(tid), 0);
	return fd;
}

struct task *task_find(struct skiff_run *run, int tid)
{
	struct task *t;

	if (!run->tasks) {
		run->tasks = calloc(TASK_BUCKETS, sizeof(*run->tasks));
		if (!run->tasks)
			return NULL;
	}
	for (t = *bucket(run, tid); t; t = t->next) {
		if (t->tid == tid) {
			list_del(&t->lru);
			list_add(&t->lru, &run->task_lru);
			return t;
		}
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->pidfd = open_pidfd(tid);
	if (t->pidfd < 0) {
		free(t);
		return NULL;
	}
	if (run->n_tasks >= TASKS_MAX)
		task_forget(run, list_entry(run->task_lru.prev, struct task, lru));
	t->next = *bucket(run, tid);
	*bucket(run, tid) = t;
	list_add(&t->lru, &run->task_lru);
	run->n_tasks++;
	return t;
}

int task_getfd(struct skiff_run *run, int tid, int fd)
{
	for (int again = 0; again < 2; again++) {
		struct task *t = task_find(run, tid);
		int dup;

		if (!t)
			return -ESRCH;
		dup = (int)syscall(__NR_pidfd_getfd, t->pidfd, fd, 0);
		if (dup >= 0)
			return dup;
		if (errno != ESRCH)
			return -errno;
		task_forget(run, t); /* its number may be another thread's by now */
	}
	return -ESRCH;
}

int task_read(int tid, void *buf, uint64_t addr, size_t len)
{
	struct iovec ours = { buf, len }, theirs = { (void *)(uintptr_t)addr, len };
	ssize_t n;

	if (!len)
		return 0;
	n = process_vm_readv(tid, &ours, 1, &theirs, 1, 0);
	return n == (ssize_t)len ? 0 : n < 0 && errno == EPERM ? -EPERM : -EFAULT;
}

int task_write(int tid, uint64_t addr, const void *buf, size_t len)
{
	struct iovec ours = { (void *)(uintptr_t)buf, len },
		     theirs = { (void *)(uintptr_t)addr, len };
	ssize_t n;

	if (!len)
		return 0;
	n = process_vm_writev(tid, &ours, 1, &theirs, 1, 0);
	return n == (ssize_t)len ? 0 : n < 0 && errno == EPERM ? -EPERM : -EFAULT;
}

void tasks_sweep(struct skiff_run *run, uint64_t now)
{
	struct pollfd fds[TASKS_MAX];
	struct task *all[TASKS_MAX], *t;
	unsigned n = 0;

	if (!run->n_tasks || now - run->swept < SWEEP_NS)
		return;
	run->swept = now;
	list_for_each_entry(t, &run->task_lru, lru) {
		all[n] = t;
		fds[n++] = (struct pollfd){ .fd = t->pidfd, .events = POLLIN };
	}
	if (poll(fds, n, 0) <= 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		if (fds[i].revents)
			task_forget(run, all[i]);
	}
}

void tasks_free(struct skiff_run *run)
{
	while (run->tasks && !list_empty(&run->task_lru))
		task_forget(run, list_entry(run->task_lru.next, struct task, lru));
	free(run->tasks);
	run->tasks = NULL;
}
