// SPDX-License-Identifier: BSD-2-Clause
/* syscall/renew_epoll.c - a descriptor gets a new file under its number: the epoll sets that had the old one get the new one.
 *
 * A set knows a descriptor by its file and its number in whoever added it, so it is added by a child that has it under the program's number for
 * a moment. This is for programs that connect again after a failure, on the descriptor that their event loop knows.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/renew.h"

/* What a line of /proc/PID/fdinfo/EPOLL says of @fd. */
static bool parse(const char *line, int fd, struct epoll_event *event)
{
	unsigned long long data;
	unsigned events;
	int tfd;

	if (sscanf(line, "tfd: %d events: %x data: %llx", &tfd, &events, &data) != 3 || tfd != fd)
		return false;
	*event = (struct epoll_event){ .events = events, .data.u64 = data };
	return true;
}

/* Does the set @ep of the task have @fd? */
static bool has(int tid, int ep, int fd, struct epoll_event *event)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", tid, ep);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = parse(line, fd, event);
	if (f)
		fclose(f);
	return found;
}

unsigned epoll_sets_find(struct skiff_run *run, int tid, int fd, struct epoll_set *sets,
			 unsigned max)
{
	char path[64], link[64];
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", tid);
	d = opendir(path);
	while (d && n < max && (e = readdir(d))) {
		ssize_t len = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		int ep = atoi(e->d_name);

		link[len > 0 ? len : 0] = 0;
		if (strcmp(link, "anon_inode:[eventpoll]") != 0 ||
		    !has(tid, ep, fd, &sets[n].event))
			continue;
		sets[n].fd = task_getfd(run, tid, ep);
		n += sets[n].fd >= 0;
	}
	if (d)
		closedir(d);
	return n;
}

/* Both numbers are above @fd, which is nobody's in the child. */
static void add_as(int ep, int file, int fd, struct epoll_event *event)
{
	int pid = vfork();

	if (pid == 0) {
		if (dup2(file, fd) == fd)
			epoll_ctl(ep, EPOLL_CTL_ADD, fd, event);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

void epoll_sets_add(struct epoll_set *sets, unsigned n, int theirs, int fd)
{
	int file = n && theirs >= 0 ? fcntl(theirs, F_DUPFD_CLOEXEC, fd + 1) : -1;

	for (unsigned i = 0; i < n; i++) {
		int ep = fcntl(sets[i].fd, F_DUPFD_CLOEXEC, fd + 1);

		if (ep >= 0 && file >= 0)
			add_as(ep, file, fd, &sets[i].event);
		if (ep >= 0)
			close(ep);
		close(sets[i].fd);
	}
	if (file >= 0)
		close(file);
}
