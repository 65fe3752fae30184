// SPDX-License-Identifier: BSD-2-Clause
/* syscall/renew.c - a fresh end in the place of a program's old one, which looks the same to the program. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "syscall/renew.h"

#define SETS_MAX 8

/* Is the caller's descriptor @fd closed by exec? That is a property of the descriptor, which a duplicate does not share. */
static bool is_cloexec(const struct call *c, int fd)
{
	char path[64], text[512], *flags;
	ssize_t n;
	int f;

	snprintf(path, sizeof(path), "/proc/%u/fdinfo/%d", c->req.pid, fd);
	f = open(path, O_RDONLY | O_CLOEXEC);
	if (f < 0)
		return false;
	n = read(f, text, sizeof(text) - 1);
	close(f);
	text[n > 0 ? n : 0] = 0;
	flags = strstr(text, "flags:");
	return flags && (strtoul(flags + 6, NULL, 8) & O_CLOEXEC);
}

/* What the program set on its old end and what acts there. */
static void copy_settings(int from, int to)
{
	static const int names[] = { SO_RCVTIMEO_OLD, SO_SNDTIMEO_OLD, SO_RCVLOWAT, SO_OOBINLINE };
	char value[16];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		socklen_t len = sizeof(value);

		if (!getsockopt(from, SOL_SOCKET, names[i], value, &len))
			setsockopt(to, SOL_SOCKET, names[i], value, len);
	}
	fcntl(to, F_SETFL, fcntl(from, F_GETFL) & (O_NONBLOCK | O_ASYNC));
}

int call_renew_fd(struct call *c, int theirs)
{
	struct epoll_set sets[SETS_MAX];
	int fd = call_int(c, 0), err;
	unsigned n = epoll_sets_find(c->run, (int)c->req.pid, fd, sets, SETS_MAX);

	copy_settings(c->dup, theirs);
	err = call_replace_fd(c, theirs, fd, is_cloexec(c, fd));
	epoll_sets_add(sets, n, err ? -1 : theirs, fd);
	if (err) {
		close(theirs);
		return err;
	}
	close(c->dup);
	c->dup = theirs;
	c->flags = fcntl(theirs, F_GETFL);
	return 0;
}
