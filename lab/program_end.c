// SPDX-License-Identifier: BSD-2-Clause
/* lab/program_end.c - the end of a lab's programs: asked first, then killed, and with them what they left behind. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/programs.h"

#define MS	 1000000ull
#define PATIENCE (5000 * MS)
#define KILLED	 (1000 * MS)
#define GUESTS	 (1000 * MS)

static bool is_program(const struct programs *all, pid_t pid)
{
	for (unsigned i = 0; i < all->n; i++) {
		if (all->p[i].program && skiff_program_pid(all->p[i].program) == pid)
			return true;
		if (all->p[i].probe && skiff_program_pid(all->p[i].probe) == pid)
			return true;
	}
	return false;
}

void reap_orphans(struct skiff_lab *lab)
{
	siginfo_t si = { 0 };

	while (lab->programs && !waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) && si.si_pid) {
		if (is_program(lab->programs, si.si_pid) || si.si_pid == lab->foreground)
			return; /* the supervisor's */
		waitpid(si.si_pid, NULL, WNOHANG);
		si.si_pid = 0;
	}
}

static bool any_runs(const struct programs *all)
{
	for (unsigned i = 0; i < all->n; i++) {
		if (all->p[i].program || all->p[i].probe)
			return true;
	}
	return false;
}

static void kill_all(struct programs *all, int sig)
{
	for (unsigned i = 0; i < all->n; i++) {
		if (all->p[i].program)
			skiff_program_kill(all->p[i].program, sig);
		if (all->p[i].probe)
			skiff_program_kill(all->p[i].probe, sig);
	}
}

/* The lab goes on meanwhile: programs may have something to say to each other. A second signal means: at once. */
static void wait_for_all(struct skiff_lab *lab, uint64_t patience)
{
	uint64_t until = host_now() + patience;

	lab->loop.stopped = 0;
	while (any_runs(lab->programs) && host_now() < until && !lab->loop.stopped) {
		if (skiff_lab_wait(lab, until) < 0)
			return;
	}
}

/* Daemons became our children when their parents ended (we are their subreaper). Return: how many there are */
static unsigned kill_children(int sig)
{
	char text[65536], path[64], *rest = NULL;
	unsigned n = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	for (char *s = strtok_r(text, " ", &rest); s; s = strtok_r(NULL, " ", &rest)) {
		int pid = atoi(s);

		if (pid > 0 && !kill(pid, sig))
			n++;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return n;
}

static void end_children(struct skiff_lab *lab)
{
	uint64_t begin = host_now(), now = begin;

	while (kill_children(now < begin + KILLED ? SIGTERM : SIGKILL) && now < begin + PATIENCE) {
		skiff_lab_wait(lab, now + 20 * MS);
		now = host_now();
	}
}

/* ---- guests: programs that came by skiff exec, whose parent is somebody's shell ---- */

/* Those that are gone make room. Return: how many there are */
static unsigned guests_left(struct skiff_lab *lab)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < lab->n_guests; i++) {
		struct pollfd p = { .fd = lab->guests[i], .events = POLLIN };

		if (poll(&p, 1, 0) == 1)
			close(lab->guests[i]);
		else
			lab->guests[kept++] = lab->guests[i];
	}
	return lab->n_guests = kept;
}

void guest_came(struct skiff_lab *lab, pid_t pid)
{
	int fd;

	if (guests_left(lab) == LAB_GUESTS_MAX)
		return;
	fd = (int)syscall(__NR_pidfd_open, pid, 0);
	if (fd >= 0)
		lab->guests[lab->n_guests++] = fd;
}

/* What a terminal that goes away does: a shell ends by it, and tells its jobs. */
static void end_guests(struct skiff_lab *lab)
{
	uint64_t until = host_now() + GUESTS;

	for (unsigned i = 0; i < lab->n_guests; i++)
		syscall(__NR_pidfd_send_signal, lab->guests[i], SIGHUP, NULL, 0);
	while (guests_left(lab) && host_now() < until) {
		if (skiff_lab_wait(lab, host_now() + 20 * MS) < 0)
			break;
	}
	for (unsigned i = 0; i < lab->n_guests; i++)
		close(lab->guests[i]);
	lab->n_guests = 0;
}

void programs_stop(struct skiff_lab *lab)
{
	struct programs *all = lab->programs;

	if (!all || all->stopping)
		return;
	all->stopping = true;
	end_guests(lab);
	kill_all(all, SIGTERM);
	wait_for_all(lab, PATIENCE);
	kill_all(all, SIGKILL);
	wait_for_all(lab, KILLED);
	/* Only when nobody else waits for a child. */
	if (lab->run && !any_runs(all))
		end_children(lab);
}
