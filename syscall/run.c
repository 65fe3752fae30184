// SPDX-License-Identifier: BSD-2-Clause
/* syscall/run.c - the supervisor's beginning, its share of each turn, its end. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscall/names.h"
#include "syscall/supervisor.h"

/* The stack reaches a program's memory for the call that it works on, ours for everything else. */
static size_t copy(void *arg, void *ours, void *theirs, size_t len, bool to_user)
{
	struct skiff_run *run = arg;
	uint64_t addr = (uint64_t)(uintptr_t)theirs;
	int err;

	if (!run->caller) {
		if (to_user)
			memcpy(theirs, ours, len);
		else
			memcpy(ours, theirs, len);
		return len;
	}
	err = to_user ? call_write(run->caller, addr, ours, len) :
			call_read(run->caller, ours, addr, len);
	return err ? 0 : len;
}

/* Two descriptors a socket: as many as we may have. */
static void raise_limit(void)
{
	struct rlimit r;

	if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

struct skiff_run *skiff_run_create(const struct skiff_run_env *env, int *err)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;
	struct skiff_run *run = calloc(1, sizeof(*run));

	*err = -ENOMEM;
	if (!run)
		return NULL;
	if (syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ||
	    syscall(__NR_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &run->sizes)) {
		*err = -ENOSYS;
		free(run);
		return NULL;
	}
	run->skiff = env->skiff;
	run->loop = env->loop;
	run->env = *env;
	INIT_LIST_HEAD(&run->programs);
	INIT_LIST_HEAD(&run->task_lru);
	INIT_LIST_HEAD(&run->timed);
	INIT_LIST_HEAD(&run->dirty);
	INIT_LIST_HEAD(&run->dead);
	INIT_LIST_HEAD(&run->doubtful);
	INIT_LIST_HEAD(&run->unix_names);
	INIT_LIST_HEAD(&run->netlinks);
	INIT_LIST_HEAD(&run->loose);
	INIT_LIST_HEAD(&run->raised);
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	skiff_set_user_copy(env->skiff, copy, run);
	*err = 0;
	return run;
}

static void bury(struct skiff_run *run)
{
	while (!list_empty(&run->dead)) {
		struct endpoint *ep = list_entry(run->dead.next, struct endpoint, dirty);

		list_del(&ep->dirty);
		free(ep);
	}
}

void skiff_run_destroy(struct skiff_run *run)
{
	if (!run)
		return;
	endpoints_free(run);
	while (!list_empty(&run->programs)) {
		struct skiff_program *p =
			list_entry(run->programs.next, struct skiff_program, link);

		skiff_program_kill(p, SIGKILL);
		program_free(p);
	}
	bury(run);
	while (!list_empty(&run->loose))
		call_free(list_entry(run->loose.next, struct call, link));
	unix_free(run);
	relays_free(run);
	tasks_free(run);
	free(run->dgram_weights);
	skiff_set_user_copy(run->skiff, NULL, NULL);
	free(run);
}

uint64_t skiff_run_next(const struct skiff_run *run)
{
	uint64_t next = run->doubt_due ? run->doubt_due : SKIFF_NEVER;

	if (run->raised_due && run->raised_due < next)
		next = run->raised_due;
	if (!list_empty(&run->dirty))
		return 0;
	if (!list_empty(&run->timed)) {
		uint64_t at = list_entry(run->timed.next, struct call, timed)->deadline;

		next = at < next ? at : next;
	}
	return next;
}

static bool expire(struct skiff_run *run, uint64_t now)
{
	bool any = false;

	while (!list_empty(&run->timed)) {
		struct call *c = list_entry(run->timed.next, struct call, timed);

		if (c->deadline > now)
			break;
		any = true;
		if (c->expired)
			c->expired(c);
		else
			call_return(c, -EAGAIN);
	}
	return any;
}

bool skiff_run_due(struct skiff_run *run, uint64_t now)
{
	bool any = expire(run, now);
	struct list_head all;

	any |= streams_reap(run, now);
	any |= dgrams_reap(run, now);
	/* Who marks himself again is for the next turn. */
	INIT_LIST_HEAD(&all);
	while (!list_empty(&run->dirty)) {
		struct list_head *at = run->dirty.next;

		list_del(at);
		list_add_tail(at, &all);
	}
	while (!list_empty(&all)) {
		struct endpoint *ep = list_entry(all.next, struct endpoint, dirty);

		list_del(&ep->dirty);
		any = true;
		ep->ops->stack_ready(ep, 0);
	}
	bury(run);
	tasks_sweep(run, now);
	return any;
}

void run_log(struct skiff_run *run, int level, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!run->env.log)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	run->env.log(run->env.arg, level, line);
}
