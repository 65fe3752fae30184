/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/run.h - unmodified programs on the nodes of a shard. Part of the command, not of libskiff.
 *
 * A program runs under a seccomp filter that sends its socket calls to us (seccomp user notification); bytes go through one
 * AF_UNIX pair per socket. syscall/supervisor.h has the whole picture. Everything happens in the caller's loop; nothing waits.
 */
#ifndef SKIFF_RUN_H
#define SKIFF_RUN_H

#include "skiff/skiff.h"

struct host_loop;
struct skiff_run; /* the supervisor: programs, their sockets, their calls */
struct skiff_program;

/**
 * struct skiff_run_env - what the supervisor needs
 * @loop:     the caller's; descriptors are watched with it
 * @log:      one line without newline: what a program asked for that we lack, what was refused; may be NULL
 * @resolve:  the address (network byte order) of a name, for programs on @net. false: there is none (NXDOMAIN). NULL: no names
 * @upstream: the name server (network byte order) that programs on @net have for names which @resolve does not know, reached over the
 *            node's own network. false: none, those names do not exist. May be NULL
 * @allow_unix: paths of AF_UNIX sockets of the host that programs may connect to, the last one NULL. NULL: none
 */
struct skiff_run_env {
	struct skiff *skiff;
	struct host_loop *loop;
	void *arg;
	void (*log)(void *arg, int level, const char *line);
	bool (*resolve)(void *arg, struct skiff_net *net, const char *name, uint32_t *addr);
	bool (*upstream)(void *arg, struct skiff_net *net, uint32_t *addr);
	const char *const *allow_unix;
};

/** skiff_run_create() - NULL and *err: -ENOSYS where the kernel has no seccomp notification, -ENOMEM, ... */
struct skiff_run *skiff_run_create(const struct skiff_run_env *env, int *err);
/** skiff_run_destroy() - end all: what still runs is killed, sockets are closed. NULL is allowed */
void skiff_run_destroy(struct skiff_run *run);
/** skiff_run_next() - when skiff_run_due() wants to be called (a waiting call's timeout), SKIFF_NEVER if only descriptors wake it */
uint64_t skiff_run_next(const struct skiff_run *run);
/** skiff_run_due() - once a turn, after skiff_turn(). Return: something was done, turn again */
bool skiff_run_due(struct skiff_run *run, uint64_t now);

/* ---- programs ---- */

/**
 * struct skiff_run_spec - a program to start
 * @net:   where it lives
 * @argv, @envp: as execve; @argv[0] is looked for in PATH (of @envp). @envp NULL: ours
 * @cwd:   NULL: ours
 * @stdio: what it gets as 0, 1, 2; -1: /dev/null. Sockets other than AF_UNIX are refused with -EINVAL
 * @keep:  @n_keep further descriptors that it keeps under their numbers
 * @foreground: stays in our process group (the terminal's); else it leads a session of its own
 * @exited: called once when it is gone, with its wait status; the program and whatever it left behind may still hold sockets
 */
struct skiff_run_spec {
	struct skiff_net *net;
	char *const *argv, *const *envp;
	const char *cwd;
	int stdio[3];
	const int *keep;
	unsigned n_keep;
	bool foreground;
	void *arg;
	void (*exited)(void *arg, struct skiff_program *program, int status);
};

/** skiff_run_start() - fork and exec. NULL: *err and a sentence in @why (-ENOENT: no such command) */
struct skiff_program *skiff_run_start(struct skiff_run *run, const struct skiff_run_spec *spec,
				      int *err, char *why, size_t why_size);
int skiff_program_pid(const struct skiff_program *program);
/** skiff_program_kill() - @sig to the program; background programs: to their whole session */
int skiff_program_kill(struct skiff_program *program, int sig);
/** skiff_program_alive() - processes that it started and that still run, it included: 0 only when all are gone */
bool skiff_program_alive(const struct skiff_program *program);

/**
 * skiff_run_adopt() - supervise a process that is not our child: `skiff exec` becomes the program itself
 * @pid: put itself under the filter by skiff_run_enter() and waits; @listener: the number of the filter's descriptor there
 * Return: the program, NULL and *err
 */
struct skiff_program *skiff_run_adopt(struct skiff_run *run, struct skiff_net *net, int pid,
				      int listener, int *err);
/**
 * skiff_run_enter() - in the process that is to become the program: own namespaces where they can be had, no new privileges, the filter
 * Return: the number of the filter's descriptor (close-on-exec), for skiff_run_adopt(); -errno. From now on socket calls of this
 * process wait for the supervisor
 */
int skiff_run_enter(void);

/* ---- what this machine allows: skiff doctor ---- */

/**
 * struct skiff_ability - one thing that was tried
 * @name: "user namespaces"; @lost: what does not work without; @remedy: how to get it; both for people
 * @err:  0, or why not
 * @needed: programs do not run at all without it
 */
struct skiff_ability {
	const char *name, *lost, *remedy;
	int err;
	bool needed;
};
/** skiff_run_abilities() - try all of it. Return: how many were written, at most @max */
unsigned skiff_run_abilities(struct skiff_ability *a, unsigned max);

#endif
