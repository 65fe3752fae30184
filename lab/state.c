// SPDX-License-Identifier: BSD-2-Clause
/* lab/state.c - where running labs are found: $XDG_RUNTIME_DIR/skiff/NAME with lock, pid, control socket and log.
 *
 * DOC: Running labs
 * Whoever holds the lock of a folder is the lab; a folder whose lock is free is what a killed lab left behind, and is swept by the
 * next who looks. Looking and taking happen under one lock of the root, so that nobody sweeps a folder that is being made.
 * The root must be ours alone: the folder's owner and mode are checked, as /tmp may be the only place for it.
 */
#include "lab/state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const files[] = { "lock", "pid", "control", "log" };

/* ---- the root ---- */

static int open_private(const char *path, char *why, size_t why_size)
{
	struct stat st;
	int fd;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077)) {
		snprintf(why, why_size, "%s: must be yours, with mode 0700", path);
		close(fd);
		return -EPERM;
	}
	return fd;
}

/* The first place that there is: a runtime folder which is named must be right, a usual one may be missing. */
static int open_root(char *why, size_t why_size)
{
	const char *named = getenv("XDG_RUNTIME_DIR");
	char path[512], usual[64];
	struct stat st;
	int fd;

	snprintf(usual, sizeof(usual), "/run/user/%u", (unsigned)geteuid());
	if (named && named[0] == '/')
		snprintf(path, sizeof(path), "%s/skiff", named);
	else if (!stat(usual, &st) && st.st_uid == geteuid())
		snprintf(path, sizeof(path), "%s/skiff", usual);
	else
		snprintf(path, sizeof(path), "/tmp/skiff-%u", (unsigned)geteuid());
	snprintf(why, why_size, " ");
	fd = open_private(path, why, why_size);
	if (fd < 0 && *why == ' ')
		snprintf(why, why_size, "%s: %s", path, strerror(-fd));
	return fd;
}

/* Locks the root; closing the descriptor unlocks it. */
static int lock_root(int root)
{
	int fd = openat(root, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* ---- folders ---- */

static void remove_folder(int root, const char *name)
{
	int dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlinkat(dir, files[i], 0);
	close(dir);
	unlinkat(root, name, AT_REMOVEDIR);
}

/* Does the lab of this folder run? With the root locked. */
static bool runs(int root, const char *name)
{
	char path[SKIFF_LAB_NAME_MAX + 8];
	bool busy;
	int fd;

	snprintf(path, sizeof(path), "%s/lock", name);
	fd = openat(root, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	busy = flock(fd, LOCK_SH | LOCK_NB) < 0;
	close(fd);
	return busy;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Names of labs that run; what others left is swept. */
static unsigned look(int root, char names[][SKIFF_LAB_NAME_MAX + 1], unsigned max)
{
	int copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	unsigned n = 0;

	if (!d && copy >= 0)
		close(copy);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) > SKIFF_LAB_NAME_MAX)
			continue;
		if (!runs(root, e->d_name))
			remove_folder(root, e->d_name);
		else if (n < max)
			strcpy(names[n++], e->d_name);
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof(names[0]), by_name);
	return n;
}

unsigned skiff_labs(char names[][SKIFF_LAB_NAME_MAX + 1], unsigned max)
{
	char why[256];
	int root = open_root(why, sizeof(why)), lock;
	unsigned n = 0;

	if (root < 0)
		return 0;
	lock = lock_root(root);
	if (lock >= 0) {
		n = look(root, names, max);
		close(lock);
	}
	close(root);
	return n;
}

void state_name(char name[SKIFF_LAB_NAME_MAX + 1], const char *of)
{
	const char *slash = strrchr(of, '/');
	unsigned n = 0;
	char *dot;

	for (const char *s = slash ? slash + 1 : of; *s && n < SKIFF_LAB_NAME_MAX; s++) {
		bool good = isalnum((unsigned char)*s) || (n && strchr("._-", *s));

		name[n++] = good ? *s : '_';
	}
	name[n] = '\0';
	dot = strrchr(name, '.');
	if (dot && (!strcmp(dot, ".yml") || !strcmp(dot, ".yaml")))
		*dot = '\0';
	if (!*name)
		strcpy(name, "lab");
}

static int make_folder(struct lab_state *s)
{
	char pid[24];
	int fd;

	if (mkdirat(s->root, s->name, 0700) < 0)
		return -errno;
	s->dir = openat(s->root, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir < 0)
		return -errno;
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0 || flock(s->lock, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	fd = openat(s->dir, "pid", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (write(fd, pid, strlen(pid)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	close(fd);
	return 0;
}

int state_take(struct lab_state *s, const char *name, char *why, size_t why_size)
{
	int err, lock;

	*s = (struct lab_state){ .dir = -1, .lock = -1 };
	state_name(s->name, name);
	s->root = open_root(why, why_size);
	if (s->root < 0)
		return s->root;
	lock = lock_root(s->root);
	err = lock < 0 ? lock : 0;
	if (!err && runs(s->root, s->name)) {
		snprintf(why, why_size,
			 "a lab \"%s\" runs already; --name gives this one another name", s->name);
		close(s->root);
		close(lock);
		s->root = -1;
		return -EEXIST;
	}
	if (!err) {
		remove_folder(s->root, s->name);
		err = make_folder(s);
	}
	if (err)
		snprintf(why, why_size, "the lab's state can not be kept: %s", strerror(-err));
	if (lock >= 0)
		close(lock);
	if (err)
		state_drop(s);
	return err;
}

void state_drop(struct lab_state *s)
{
	int lock = s->root < 0 ? -1 : lock_root(s->root);

	if (s->dir >= 0) {
		remove_folder(s->root, s->name);
		close(s->dir);
	}
	if (s->lock >= 0)
		close(s->lock);
	if (lock >= 0)
		close(lock);
	if (s->root >= 0)
		close(s->root);
	s->root = s->dir = s->lock = -1;
}

/* ---- the control socket ---- */

/* A path that is short enough for an AF_UNIX address, wherever the folder is. */
static void address(struct sockaddr_un *a, int dir)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/control", dir);
}

int state_listen(const struct lab_state *s)
{
	struct sockaddr_un a;
	mode_t before;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	address(&a, s->dir);
	before = umask(0177);
	err = bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 64) < 0 ? -errno : 0;
	umask(before);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int connect_in(int dir)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;
	struct sockaddr_un a;

	if (fd < 0)
		return -errno;
	address(&a, dir);
	err = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int state_connect(const char *name, char *why, size_t why_size)
{
	int root = open_root(why, why_size), dir = -1, fd = -ENOENT;

	if (root < 0)
		return root;
	if (*name != '.' && !strchr(name, '/') && strlen(name) <= SKIFF_LAB_NAME_MAX)
		dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0) {
		fd = connect_in(dir);
		close(dir);
	}
	close(root);
	if (fd == -ECONNREFUSED)
		fd = -ENOENT;
	if (fd == -ENOENT)
		snprintf(why, why_size, "no lab \"%s\" runs", name);
	else if (fd < 0)
		snprintf(why, why_size, "lab \"%s\": %s", name, strerror(-fd));
	return fd;
}
