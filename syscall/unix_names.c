// SPDX-License-Identifier: BSD-2-Clause
/* syscall/unix_names.c - which AF_UNIX addresses are those of programs, and how a program's path is reached from here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "syscall/unix.h"

#define NAMES_MAX   4096u
#define REFUSED_MAX 100u
#define PATH_AT	    (offsetof(struct sockaddr_un, sun_path))
/* A birth is told by a clock that moves on in ticks. */
#define CLOCK_SLACK_NS 20000000

/**
 * struct unix_name - an address that a program bound
 * @id: of a file; @abstract, @len: of a name without a file: its bytes
 */
struct file_id {
	uint32_t major, minor;
	uint64_t inode;
	int64_t born;
};

struct unix_name {
	struct list_head link;
	struct file_id id;
	size_t len;
	char abstract[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void remember(struct skiff_run *run, const struct file_id *id, const char *abstract,
		     size_t len)
{
	struct unix_name *n = calloc(1, sizeof(*n));

	if (!n)
		return;
	if (id)
		n->id = *id;
	n->len = len;
	memcpy(n->abstract, abstract, len);
	list_add(&n->link, &run->unix_names);
	if (++run->n_unix_names <= NAMES_MAX)
		return;
	n = list_entry(run->unix_names.prev, struct unix_name, link);
	list_del(&n->link);
	free(n);
	run->n_unix_names--;
}

void unix_free(struct skiff_run *run)
{
	while (!list_empty(&run->unix_names)) {
		struct unix_name *n = list_entry(run->unix_names.next, struct unix_name, link);

		list_del(&n->link);
		free(n);
	}
}

static bool same_file(const struct file_id *a, const struct file_id *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor &&
	       a->born == b->born;
}

static bool knows_file(struct skiff_run *run, const struct file_id *id)
{
	struct unix_name *n;

	list_for_each_entry(n, &run->unix_names, link) {
		if (!n->len && same_file(&n->id, id))
			return true;
	}
	return false;
}

static bool knows_abstract(struct skiff_run *run, const char *name, size_t len)
{
	struct unix_name *n;

	list_for_each_entry(n, &run->unix_names, link) {
		if (n->len == len && !memcmp(n->abstract, name, len))
			return true;
	}
	return false;
}

/* Of the file that is @fd (O_PATH) or @path below it. 0, -errno; -EOPNOTSUPP: the file system does not know births */
static int identify(int fd, const char *path, struct file_id *id)
{
	int flags = path[0] ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;
	struct statx st;

	if (statx(fd, path, flags, STATX_INO | STATX_BTIME | STATX_TYPE, &st))
		return -errno;
	*id = (struct file_id){ st.stx_dev_major, st.stx_dev_minor, st.stx_ino,
				st.stx_btime.tv_sec * 1000000000LL + st.stx_btime.tv_nsec };
	if (!S_ISSOCK(st.stx_mode))
		return -ECONNREFUSED;
	return st.stx_mask & STATX_BTIME ? 0 : -EOPNOTSUPP;
}

/* ---- a program's rights ---- */

/* What decides on access to files, of the calling thread. */
struct rights {
	unsigned uid, gid, umask;
};

static struct rights rights_of(const struct call *c)
{
	struct rights r = { geteuid(), getegid(), 022 };
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", c->req.pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Umask: %o", &r.umask) != 1 &&
		    sscanf(line, "Uid: %*u %*u %*u %u", &r.uid) != 1)
			sscanf(line, "Gid: %*u %*u %*u %u", &r.gid);
	}
	if (f)
		fclose(f);
	return r;
}

void unix_become(struct call *c)
{
	struct rights r;

	if (geteuid())
		return; /* who is not root has no more rights than his programs */
	r = rights_of(c);
	setfsgid(r.gid);
	setfsuid(r.uid);
}

void unix_become_ourselves(void)
{
	if (geteuid())
		return;
	setfsuid(geteuid());
	setfsgid(getegid());
}

void unix_owner(struct call *c, unsigned *uid, unsigned *gid)
{
	struct rights r = rights_of(c);

	*uid = r.uid;
	*gid = r.gid;
}

/* ---- paths of a program ---- */

static int open_of(const struct call *c, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", c->req.pid, what);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Where @path begins: the program's root or its current directory. Descriptor or -errno */
static int open_start(const struct call *c, const char *path)
{
	int fd = open_of(c, path[0] == '/' ? "root" : "cwd");

	return fd < 0 ? -errno : fd;
}

/* Does the program see the same files under the same paths? */
static bool shares_root(const struct call *c)
{
	struct stat ours, theirs;
	int fd = open_of(c, "root");
	bool same = fd >= 0 && !fstat(fd, &theirs) && !stat("/", &ours) &&
		    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;

	if (fd >= 0)
		close(fd);
	return same;
}

/* "self" in a path is the program, not us. */
static const char *as_seen(const struct call *c, const char *path, char *buf, size_t size)
{
	static const char *const selves[] = { "/proc/self/", "/proc/thread-self/" };

	for (unsigned i = 0; i < 2; i++) {
		size_t n = strlen(selves[i]);

		if (strncmp(path, selves[i], n) != 0)
			continue;
		snprintf(buf, size, "/proc/%u/%s", c->req.pid, path + n);
		return buf;
	}
	return path;
}

/* @path as the program means it. O_PATH descriptor or -errno */
static int open_path(struct call *c, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags) };
	char seen[sizeof(((struct sockaddr_un *)0)->sun_path) + 16];
	int start = open_start(c, path), fd;

	if (start < 0)
		return start;
	if (path[0] == '/' && !shares_root(c))
		how.resolve = RESOLVE_IN_ROOT;
	unix_become(c);
	fd = (int)syscall(__NR_openat2, start, as_seen(c, path, seen, sizeof(seen)), &how,
			  sizeof(how));
	fd = fd < 0 ? -errno : fd;
	unix_become_ourselves();
	close(start);
	return fd;
}

/* ---- whom one may reach ---- */

static bool is_allowed(struct skiff_run *run, const struct file_id *id)
{
	const char *const *p = run->env.allow_unix;
	struct file_id allowed;

	for (; p && *p; p++) {
		int fd = open(*p, O_PATH | O_CLOEXEC), err;

		if (fd < 0)
			continue;
		err = identify(fd, "", &allowed);
		close(fd);
		if ((!err || err == -EOPNOTSUPP) && same_file(&allowed, id))
			return true;
	}
	return false;
}

static int refuse(struct call *c, const char *name)
{
	/* Who tries again and again is told of once, and a hundred names are enough. */
	if (!strncmp(c->run->unix_refused, name, sizeof(c->run->unix_refused) - 1) ||
	    c->run->n_unix_refused > REFUSED_MAX)
		return -ECONNREFUSED;
	c->run->n_unix_refused++;
	snprintf(c->run->unix_refused, sizeof(c->run->unix_refused), "%s", name);
	run_log(c->run, SKIFF_LOG_WARN,
		"process %u wants the AF_UNIX socket \"%s\" of the host: refused, as no program of the lab bound it",
		c->req.pid, name);
	return -ECONNREFUSED;
}

static int find_file(struct call *c, const char *path, struct unix_target *t)
{
	struct file_id id;
	int err;

	t->fd = open_path(c, path, 0);
	if (t->fd < 0)
		return t->fd;
	err = identify(t->fd, "", &id);
	if (err && err != -EOPNOTSUPP)
		return err;
	if (!(!err && knows_file(c->run, &id)) && !is_allowed(c->run, &id))
		return refuse(c, path);
	t->addr.sun_family = AF_UNIX;
	t->len = (socklen_t)(PATH_AT + 1 +
			     (size_t)snprintf(t->addr.sun_path, sizeof(t->addr.sun_path),
					      "/proc/self/fd/%d", t->fd));
	return 0;
}

int unix_find(struct call *c, const struct sockaddr_un *addr, int len, struct unix_target *t)
{
	*t = (struct unix_target){ .fd = -1 };
	if (len <= (int)PATH_AT || addr->sun_family != AF_UNIX)
		return -EINVAL;
	if (addr->sun_path[0])
		return find_file(c, addr->sun_path, t);
	if (!knows_abstract(c->run, addr->sun_path, (size_t)len - PATH_AT))
		return refuse(c, len > (int)PATH_AT + 1 ? addr->sun_path + 1 : "(abstract)");
	memcpy(&t->addr, addr, (size_t)len);
	t->len = (socklen_t)len;
	return 0;
}

void unix_target_end(struct unix_target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

int unix_get_addr(struct call *c, uint64_t at, int len, struct sockaddr_un *addr)
{
	struct sockaddr_storage any = { 0 };

	if (len < 0 || len > (int)sizeof(*addr))
		return -EINVAL;
	len = call_get_addr(c, at, len, &any);
	memcpy(addr, &any, sizeof(*addr));
	/* A path may fill all of its room; then nothing ends it. */
	if (len == (int)sizeof(*addr) && addr->sun_path[0] &&
	    addr->sun_path[sizeof(addr->sun_path) - 1])
		return -ENAMETOOLONG;
	return len;
}

/* ---- bind ---- */

static int64_t wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* In directory @dir, to which the path in @addr is relative (or it is absolute, and means the same here). 0 or -errno */
static int bind_in(struct call *c, int dir, const struct sockaddr_un *addr, int len)
{
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), ret;
	int64_t since = wall_now() - CLOCK_SLACK_NS;
	struct file_id id;
	mode_t mask;

	if (back < 0)
		return -errno;
	if (fchdir(dir)) {
		ret = -errno;
	} else {
		mask = umask((mode_t)rights_of(c).umask);
		unix_become(c);
		ret = bind(c->dup, (const struct sockaddr *)addr, (socklen_t)len) ? -errno : 0;
		unix_become_ourselves();
		umask(mask);
		if (!ret && !identify(AT_FDCWD, addr->sun_path, &id) && id.born >= since)
			remember(c->run, &id, "", 0);
		if (fchdir(back))
			run_log(c->run, SKIFF_LOG_ERR,
				"the way back to the working directory is lost");
	}
	close(back);
	return ret;
}

/* The program's root is not ours: by way of the directory. The name that the socket then has is not the program's. */
static int bind_elsewhere(struct call *c, const struct sockaddr_un *addr)
{
	struct sockaddr_un last = { .sun_family = AF_UNIX };
	char dir[sizeof(addr->sun_path) + 1];
	char *slash;
	int fd, ret;

	snprintf(dir, sizeof(dir), "%s", addr->sun_path);
	slash = strrchr(dir, '/');
	snprintf(last.sun_path, sizeof(last.sun_path), "%s", slash + 1);
	slash[slash == dir] = 0;
	fd = open_path(c, dir, O_DIRECTORY);
	if (fd < 0)
		return fd;
	ret = bind_in(c, fd, &last, (int)(PATH_AT + strlen(last.sun_path) + 1));
	close(fd);
	return ret;
}

static int bind_path(struct call *c, const struct sockaddr_un *addr, int len)
{
	int fd, ret;

	if (addr->sun_path[0] == '/' && (!shares_root(c) || !strncmp(addr->sun_path, "/proc/", 6)))
		return bind_elsewhere(c, addr);
	fd = open_start(c, addr->sun_path);
	if (fd < 0)
		return fd;
	ret = bind_in(c, fd, addr, len);
	close(fd);
	return ret;
}

int unix_bind(struct call *c, const struct sockaddr_un *addr, int len)
{
	struct sockaddr_un bound;
	socklen_t n = sizeof(bound);

	if (len > (int)PATH_AT && addr->sun_family == AF_UNIX && addr->sun_path[0])
		return bind_path(c, addr, len);
	if (bind(c->dup, (const struct sockaddr *)addr, (socklen_t)len))
		return -errno;
	if (!getsockname(c->dup, (struct sockaddr *)&bound, &n) && n > PATH_AT)
		remember(c->run, NULL, bound.sun_path, n - PATH_AT);
	return 0;
}
