// SPDX-License-Identifier: BSD-2-Clause
/* syscall/launch.c - start a program: fork, the filter, exec; or take over a process that did so itself.
 *
 * Child and supervisor speak over two pipes: the child tells the number of its filter's descriptor, waits until somebody serves it,
 * and tells why exec failed, or closes the pipe by succeeding.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall/supervisor.h"

extern char **environ;

enum step { STEP_FILTER, STEP_STDIO, STEP_CWD, STEP_EXEC };

/* What the child tells. @value: the descriptor's number after STEP_FILTER, else -errno */
struct told {
	enum step step;
	int value;
};

static void tell(int to, enum step step, int value)
{
	struct told t = { step, value };

	if (write(to, &t, sizeof(t)) != sizeof(t))
		_exit(127);
}

static _Noreturn void fail(int to, enum step step, int value)
{
	tell(to, step, value);
	_exit(127);
}

static int is_host_socket(int fd)
{
	struct stat st;
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 || domain != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* 0, 1, 2 as @spec says; above first, so that none is overwritten before it is copied. */
static int set_stdio(const struct skiff_run_spec *spec)
{
	int fd[3];

	for (int i = 0; i < 3; i++) {
		int from = spec->stdio[i] >= 0 ? spec->stdio[i] :
						 open("/dev/null", O_RDWR | O_CLOEXEC);

		fd[i] = from < 0 ? -1 : fcntl(from, F_DUPFD_CLOEXEC, 10);
		if (fd[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++) {
		if (dup2(fd[i], i) < 0)
			return -errno;
	}
	return 0;
}

static void default_signals(void)
{
	sigset_t none;

	/* What we ignore is ours; these two may be ignored for the program's sake (nohup, a script's "&"). */
	for (int sig = 1; sig < NSIG; sig++) {
		if (sig != SIGHUP && sig != SIGINT)
			signal(sig, SIG_DFL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(const struct skiff_run_spec *spec, int up, int down)
{
	int err, n;
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	default_signals();
	if (!spec->foreground)
		setsid();
	up = fcntl(up, F_DUPFD_CLOEXEC, 10);
	down = fcntl(down, F_DUPFD_CLOEXEC, 10);
	err = set_stdio(spec);
	if (err)
		fail(up, STEP_STDIO, err);
	syscall(__NR_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (unsigned i = 0; i < spec->n_keep; i++) {
		if (fcntl(spec->keep[i], F_SETFD, 0) < 0)
			fail(up, STEP_STDIO, -errno);
	}
	if (spec->cwd && chdir(spec->cwd) < 0)
		fail(up, STEP_CWD, -errno);
	n = skiff_run_enter();
	if (n < 0)
		fail(up, STEP_FILTER, n);
	tell(up, STEP_FILTER, n);
	if (read(down, &go, 1) != 1)
		_exit(127);
	if (spec->envp)
		environ = (char **)spec->envp;
	execvp(spec->argv[0], spec->argv);
	fail(up, STEP_EXEC, -errno);
}

static void explain(const struct skiff_run_spec *spec, const struct told *t, char *why, size_t size)
{
	static const char *const what[] = { "seccomp notification", "standard descriptors" };

	if (t->step == STEP_EXEC)
		snprintf(why, size, "%s: %s", spec->argv[0], strerror(-t->value));
	else if (t->step == STEP_CWD)
		snprintf(why, size, "%s: %s", spec->cwd, strerror(-t->value));
	else
		snprintf(why, size, "%s: %s; skiff doctor tells what this machine allows",
			 what[t->step], strerror(-t->value));
}

/* The other side of become(). Return: 0 when the program runs; else what failed */
static struct told attend(struct skiff_run *run, const struct skiff_run_spec *spec, int pid, int up,
			  int down, struct skiff_program **program)
{
	struct told t = { STEP_FILTER, -EIO };
	int err;

	if (read(up, &t, sizeof(t)) != sizeof(t) || t.step != STEP_FILTER || t.value < 0)
		return t;
	*program = skiff_run_adopt(run, spec->net, pid, t.value, &err);
	if (!*program)
		return (struct told){ STEP_FILTER, err };
	if (write(down, "", 1) != 1)
		return (struct told){ STEP_FILTER, -errno };
	return read(up, &t, sizeof(t)) == sizeof(t) ? t : (struct told){ STEP_EXEC, 0 };
}

static void set_up(struct skiff_program *p, const struct skiff_run_spec *spec)
{
	p->child = true;
	p->own_session = !spec->foreground;
	p->arg = spec->arg;
	p->exited = spec->exited;
}

static int start(struct skiff_run *run, const struct skiff_run_spec *spec,
		 struct skiff_program **program, char *why, size_t why_size)
{
	int up[2], down[2], pid;
	struct told t;

	if (pipe2(up, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(down, O_CLOEXEC) < 0) {
		close(up[0]);
		close(up[1]);
		return -errno;
	}
	pid = fork();
	if (pid == 0)
		become(spec, up[1], down[0]);
	close(up[1]);
	close(down[0]);
	t = pid < 0 ? (struct told){ STEP_FILTER, -errno } :
		      attend(run, spec, pid, up[0], down[1], program);
	close(up[0]);
	close(down[1]);
	if (!t.value) {
		set_up(*program, spec);
		return 0;
	}
	explain(spec, &t, why, why_size);
	if (*program)
		program_free(*program);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	*program = NULL;
	return t.value;
}

struct skiff_program *skiff_run_start(struct skiff_run *run, const struct skiff_run_spec *spec,
				      int *err, char *why, size_t why_size)
{
	struct skiff_program *p = NULL;

	snprintf(why, why_size, "out of descriptors or memory");
	for (int i = 0; i < 3; i++) {
		*err = is_host_socket(spec->stdio[i]);
		if (*err) {
			snprintf(
				why, why_size,
				"descriptor %d is a socket of this host: a program on a node may not have it",
				i);
			return NULL;
		}
	}
	*err = start(run, spec, &p, why, why_size);
	return p;
}

struct skiff_program *skiff_run_adopt(struct skiff_run *run, struct skiff_net *net, int pid,
				      int listener, int *err)
{
	int fd = task_getfd(run, pid, listener);

	if (fd < 0) {
		*err = fd;
		return NULL;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return program_new(run, net, fd, pid, err);
}
