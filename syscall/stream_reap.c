// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream_reap.c - streams whose close can not be seen: does any program still have their end?
 *
 * DOC: In doubt
 * When both directions of a pair are shut, or our end is gone, closing the other end says nothing more. Such streams are few and done with, but
 * for their small object. Now and then they are looked for: first where they were seen last, then among all descriptors of all processes
 * that we may look at. What was not found twice is gone; it may have been on its way from process to process the first time.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/stream.h"

#define FIRST_LOOK (20u * 1000000u)
#define LOOK_EVERY (500u * 1000000u)
#define LOOKS_MAX  64u
#define MISSES	   2u

/* ---- one descriptor ---- */

static bool is_end_of(const struct stream *st, int fd)
{
	struct stat s;

	return !fstat(fd, &s) && s.st_ino == st->ep.inode && S_ISSOCK(s.st_mode);
}

/* Duplicate of the end where it was seen last; -1: it is not there */
static int borrow_known(struct stream *st)
{
	int fd = st->fd < 0 ? -1 : task_getfd(st->ep.run, st->tid, st->fd);

	if (fd >= 0 && is_end_of(st, fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The number of the descriptor in /proc/@pid/fd that links to @want, or -1. */
static int search_process(int pid, const char *want)
{
	char path[64], link[64];
	struct dirent *e;
	int found = -1;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && found < 0 && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = 0;
		if (n > 0 && !strcmp(link, want))
			found = atoi(e->d_name);
	}
	if (d)
		closedir(d);
	return found;
}

static bool search(struct stream *st)
{
	int self = (int)getpid();
	char want[64];
	struct dirent *e;
	bool found = false;
	DIR *d = opendir("/proc");

	snprintf(want, sizeof(want), "socket:[%llu]", (unsigned long long)st->ep.inode);
	while (d && !found && (e = readdir(d))) {
		int pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : self, fd;

		if (pid == self)
			continue;
		fd = search_process(pid, want);
		found = fd >= 0;
		if (found) {
			st->tid = pid;
			st->fd = fd;
		}
	}
	if (d)
		closedir(d);
	return found;
}

int stream_borrow(struct stream *st)
{
	int fd = borrow_known(st);

	return fd < 0 && search(st) ? borrow_known(st) : fd;
}

/* ---- the list ---- */

void stream_doubt(struct stream *st)
{
	struct skiff_run *run = st->ep.run;
	uint64_t at = host_now() + FIRST_LOOK;

	if (st->ep.dead)
		return;
	if (!st->doubt.next) {
		st->missed = 0;
		list_add_tail(&st->doubt, &run->doubtful);
		stream_watch(st);
	}
	if (!run->doubt_due || at < run->doubt_due)
		run->doubt_due = at;
}

void stream_sure(struct stream *st)
{
	if (st->doubt.next)
		list_del(&st->doubt);
}

static void gone(struct stream *st)
{
	if (st->state == STREAM_OPEN) {
		stream_sure(st);
		stream_unwatch(st);
		stream_closing(st);
	} else {
		endpoint_end(&st->ep);
	}
}

/* Return: false: nobody has it */
static bool look(struct stream *st)
{
	int fd = stream_borrow(st);

	if (fd >= 0) {
		close(fd);
		st->missed = 0;
		return true;
	}
	return ++st->missed < MISSES;
}

bool streams_reap(struct skiff_run *run, uint64_t now)
{
	struct list_head *last = run->doubtful.prev, *at;

	if (!run->doubt_due || now < run->doubt_due)
		return false;
	run->doubt_due = 0;
	for (unsigned n = 0; n < LOOKS_MAX && !list_empty(&run->doubtful); n++) {
		struct stream *st;

		at = run->doubtful.next;
		st = list_entry(at, struct stream, doubt);
		list_move_tail(at, &run->doubtful);
		if (!look(st))
			gone(st);
		if (at == last)
			break;
	}
	if (!list_empty(&run->doubtful))
		run->doubt_due = now + LOOK_EVERY;
	return true;
}
