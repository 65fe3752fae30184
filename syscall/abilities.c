// SPDX-License-Identifier: BSD-2-Clause
/* syscall/abilities.c - what this machine allows, found out by trying it in a child. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/supervisor.h"

/* @fn in a child, which it may leave in any state. Return: 0 or -errno of it */
static int in_child(int (*fn)(void))
{
	int status, pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(-fn());
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int try_filter(void)
{
	int fd = filter_install(false);

	return fd < 0 ? fd : 0;
}

static int try_namespaces(void)
{
	int have = enter_namespaces();

	return have & ENTERED_NET ? 0 : -EPERM;
}

/* What was started in a user namespace of ours stays within reach, whatever it says of itself. */
static int try_undumpable(void)
{
	return geteuid() == 0 || (enter_namespaces() & ENTERED_USER) ? 0 : -EPERM;
}

static int try_reach(void)
{
	int pid = fork(), fd, err = 0;

	if (pid < 0)
		return -errno;
	if (!pid) {
		pause();
		_exit(0);
	}
	fd = (int)syscall(__NR_pidfd_open, pid, 0);
	if (fd < 0 || syscall(__NR_pidfd_getfd, fd, 0, 0) < 0)
		err = -errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return err;
}

static int try_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int try_tun(void)
{
	int err = try_open("/dev/net/tun");

	return err ? err : geteuid() ? -EPERM : 0;
}

static int try_fuse(void)
{
	return try_open("/dev/fuse");
}

unsigned skiff_run_abilities(struct skiff_ability *a, unsigned max)
{
	static const struct {
		struct skiff_ability what;
		int (*fn)(void);
	} all[] = {
		{ { "seccomp user notification", "no program runs on a node",
		    "Linux 5.14 or later; a container's own filter must allow seccomp(2)", 0,
		    true },
		  try_filter },
		{ { "reaching a child (pidfd_getfd, process_vm_readv)", "no program runs on a node",
		    "kernel.yama.ptrace_scope at most 1; in a container: allow ptrace(2)", 0,
		    true },
		  try_reach },
		{ { "user and network namespaces",
		    "no second wall between programs and the host's network",
		    "kernel.unprivileged_userns_clone=1, user.max_user_namespaces > 0, "
		    "kernel.apparmor_restrict_unprivileged_userns=0",
		    0, false },
		  try_namespaces },
		{ { "reaching undumpable programs",
		    "programs that hide their memory (ssh-agent, setuid) have no network",
		    "user namespaces, or root", 0, false },
		  try_undumpable },
		{ { "TAP to the host's kernel", "host: endpoints of lab files, skiff run --tap",
		    "root, and /dev/net/tun", 0, false },
		  try_tun },
		{ { "FUSE", "programs see the host's /proc/net instead of the node's", "/dev/fuse",
		    0, false },
		  try_fuse },
	};
	unsigned n = 0;

	for (; n < sizeof(all) / sizeof(all[0]) && n < max; n++) {
		a[n] = all[n].what;
		a[n].err = in_child(all[n].fn);
	}
	return n;
}
