// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram_raise.c - POLLERR for programs that read the error queue (IP_RECVERR).
 *
 * DOC: Raising
 * traceroute and others learn of an error by POLLERR alone. A pair shows it only when our end is closed over unread data; so that is done, with
 * a byte put there by a duplicate of the program's end. The program's next call - it reads the error queue - finds a fresh
 * pair in the place of the old one. Until then the pair is broken for native sends, so where there was more than one it is done while the program sleeps in poll() or
 * select(): when it wakes it looks at what it was told. Not done where the socket is in an epoll set, which would lose it: there
 * the mark has to do. Until that next call the program's close is not noticed; so it is looked for now and then.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/dgram.h"

#define LOOK_EVERY 500000000u
#define TRY_EVERY  100000u
#define TRIES_MAX  1000u

/* The program's end where a call came from last; -1: it is not there. */
static int borrow(struct dgram *d)
{
	struct stat st;
	int fd = d->seen_tid ? task_getfd(d->ep.run, d->seen_tid, d->seen_fd) : -1;

	if (fd >= 0 && !fstat(fd, &st) && st.st_ino == d->ep.inode)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Does the text of an fdinfo tell of an epoll set with inode @inode in it? */
static bool is_watched_by(int dir, const char *name, ino_t inode)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned long long found;
	char line[256], *at;
	bool watched = false;

	while (f && !watched && fgets(line, sizeof(line), f)) {
		at = strncmp(line, "tfd:", 4) ? NULL : strstr(line, " ino:");
		watched = at && sscanf(at, " ino:%llx", &found) == 1 && found == inode;
	}
	if (f)
		fclose(f);
	return watched;
}

static bool is_in_epoll(const struct dgram *d)
{
	char path[64];
	struct dirent *e;
	bool watched = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", d->seen_tid);
	dir = opendir(path);
	while (dir && !watched && (e = readdir(dir))) {
		if (isdigit((unsigned char)e->d_name[0]))
			watched = is_watched_by(dirfd(dir), e->d_name, d->ep.inode);
	}
	if (dir)
		closedir(dir);
	return watched;
}

/* Does the thread that called last wait for descriptors? */
static bool is_polling(const struct dgram *d)
{
	static const long calls[] = {
#ifdef __NR_poll
		__NR_poll, __NR_select,
#endif
		__NR_ppoll, __NR_pselect6
	};
	char path[64], text[32] = "";
	bool polls = false;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", d->seen_tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) > 0 && isdigit((unsigned char)text[0])) {
		for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			polls = polls || atol(text) == calls[i];
	}
	close(fd);
	return polls;
}

static void look_again(struct dgram *d, uint64_t after)
{
	struct skiff_run *run = d->ep.run;

	d->look_at = host_now() + after;
	if (!d->raised.next)
		list_add_tail(&d->raised, &run->raised);
	if (!run->raised_due || d->look_at < run->raised_due)
		run->raised_due = d->look_at;
}

bool dgram_raise(struct dgram *d)
{
	int fd;

	if (!d->recverr || !list_empty(&d->ep.parked) || d->tries >= TRIES_MAX || is_in_epoll(d))
		return false;
	if ((d->sent > 1 || !dgram_is_udp(d)) && !is_polling(d)) {
		d->tries++;
		look_again(d, TRY_EVERY);
		return true;
	}
	fd = borrow(d);
	if (fd < 0)
		return false;
	dgram_pump(d);
	if (send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		endpoint_hang_up(&d->ep);
	close(fd);
	if (d->ep.own.fd >= 0)
		return false;
	look_again(d, LOOK_EVERY);
	return true;
}

void dgram_calm(struct dgram *d)
{
	d->tries = 0;
	if (d->raised.next)
		list_del(&d->raised);
}

void dgram_entered(struct call *c)
{
	struct dgram *d = dgram_of(c->ep);
	int theirs;

	d->seen_tid = (int)c->req.pid;
	d->seen_fd = call_int(c, 0);
	d->tries = 0;
	if (d->ep.own.fd >= 0 || endpoint_pair(&d->ep, &theirs))
		return;
	dgram_calm(d);
	call_renew_fd(c, theirs); /* in vain: our end hangs up, and all is over */
	d->n = d->first = d->sent = 0;
	d->bytes = d->queued = 0;
	mirror_fill(d);
}

static void look(struct dgram *d)
{
	int fd;

	list_del(&d->raised);
	if (d->ep.own.fd >= 0) {
		mirror_fill(d);
		return;
	}
	fd = borrow(d);
	if (fd < 0) {
		endpoint_end(&d->ep);
		return;
	}
	close(fd);
	look_again(d, LOOK_EVERY);
}

bool dgrams_reap(struct skiff_run *run, uint64_t now)
{
	struct dgram *d, *next;

	if (!run->raised_due || now < run->raised_due)
		return false;
	run->raised_due = 0;
	list_for_each_entry_safe(d, next, &run->raised, raised) {
		if (d->look_at <= now)
			look(d);
		else if (!run->raised_due || d->look_at < run->raised_due)
			run->raised_due = d->look_at;
	}
	return true;
}
