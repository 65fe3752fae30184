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
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "syscall/stream.h"

#define FIRST_LOOK (20u * 1000000u)
#define LOOK_AGAIN (100u * 1000000u)
#define LOOK_EVERY (1000u * 1000000u)
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

/* What a look at all descriptors is for: one stream, or (NULL) everyone in doubt. */
struct search {
	struct skiff_run *run;
	struct stream *only;
};

/* A descriptor of a process is a socket with this inode: is it the end of somebody looked for? Return: true: that is enough */
static bool seen_at(const struct search *s, ino_t inode, int pid, int fd)
{
	struct endpoint *ep = endpoint_find(s->run, inode);
	struct stream *st = ep && ep->ops == &stream_ops ? stream_of(ep) : NULL;

	if (!st || (s->only && st != s->only))
		return false;
	st->tid = pid;
	st->fd = fd;
	st->missed = 0;
	return s->only;
}

static bool search_process(const struct search *s, int pid)
{
	char path[64], link[64];
	struct dirent *e;
	bool enough = false;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && !enough && (e = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		unsigned long long inode;

		link[n > 0 ? n : 0] = 0;
		if (sscanf(link, "socket:[%llu]", &inode) == 1)
			enough = seen_at(s, (ino_t)inode, pid, atoi(e->d_name));
	}
	if (d)
		closedir(d);
	return enough;
}

static void search(const struct search *s)
{
	int self = (int)getpid();
	struct dirent *e;
	bool enough = false;
	DIR *d = opendir("/proc");

	while (d && !enough && (e = readdir(d))) {
		int pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : self;

		if (pid != self)
			enough = search_process(s, pid);
	}
	if (d)
		closedir(d);
}

int stream_borrow(struct stream *st)
{
	const struct search only = { st->ep.run, st };
	int fd = borrow_known(st);

	if (fd >= 0)
		return fd;
	search(&only);
	return borrow_known(st);
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

/* Where each was seen last. Return: some are not there any more */
static bool look_where_seen(struct skiff_run *run)
{
	struct list_head *at;
	bool missing = false;

	list_for_each(at, &run->doubtful) {
		struct stream *st = list_entry(at, struct stream, doubt);
		int fd = borrow_known(st);

		if (fd >= 0) {
			close(fd);
			st->missed = 0;
		} else {
			st->missed++;
			missing = true;
		}
	}
	return missing;
}

bool streams_reap(struct skiff_run *run, uint64_t now)
{
	const struct search everyone = { run, NULL };
	struct list_head *at, *next;
	bool missing;

	if (!run->doubt_due || now < run->doubt_due)
		return false;
	missing = look_where_seen(run);
	if (missing)
		search(&everyone);
	for (at = run->doubtful.next; at != &run->doubtful; at = next) {
		struct stream *st = list_entry(at, struct stream, doubt);

		next = at->next;
		if (st->missed >= MISSES)
			gone(st);
	}
	run->doubt_due = list_empty(&run->doubtful) ? 0 :
			 missing		    ? now + LOOK_AGAIN :
						      now + LOOK_EVERY;
	return true;
}
