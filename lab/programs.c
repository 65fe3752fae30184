// SPDX-License-Identifier: BSD-2-Clause
/* lab/programs.c - the programs of a lab's nodes: started in order, restarted, found ready, told about.
 *
 * DOC: Programs of a lab
 * On each node the commands of exec run one after the other; then those of run start together. Nodes do not wait for each other.
 * A lab is up when every command of exec has succeeded and every program of run was ready once; what keeps it from that ends it, with a
 * sentence. Afterwards a program that ends is restarted if the file says so, with growing pauses, or only told about.
 */
#include "lab/programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS	    1000000ull
#define SEC	    (1000 * MS)
#define CHECK_EACH  (20 * MS)
#define PAUSE_LEAST (100 * MS)
#define PAUSE_MOST  (10 * SEC)

extern char **environ;

static const char *node_name(const struct prog *p)
{
	return p->lab->t->nodes[p->node].name;
}

/* ---- the environment ---- */

static bool names_same(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return !strncmp(a, b, n) && b[n] == '=';
}

/* Replaces a variable of the same name. */
static void put_variable(char **envp, char *variable)
{
	unsigned i = 0;

	while (envp[i] && !names_same(variable, envp[i]))
		i++;
	envp[i] = variable;
}

char **lab_environ(const struct skiff_lab *lab, unsigned node, char *const *more)
{
	size_t n = 0, extra = 0;
	char **envp, *own = NULL;

	while (environ[n])
		n++;
	while (more && more[extra])
		extra++;
	/* Our own two stand behind the end, where they are found again to be freed. */
	envp = calloc(n + extra + 6, sizeof(char *));
	if (!envp)
		return NULL;
	memcpy(envp + 2, environ, n * sizeof(char *));
	if (asprintf(&own, "SKIFF_NODE=%s", lab->t->nodes[node].name) >= 0)
		put_variable(envp + 2, envp[0] = own);
	if (asprintf(&own, "SKIFF_LAB=%s", lab->state.name) >= 0)
		put_variable(envp + 2, envp[1] = own);
	for (size_t i = 0; i < extra; i++)
		put_variable(envp + 2, more[i]);
	return envp + 2;
}

void lab_environ_free(char **envp)
{
	if (!envp)
		return;
	free(envp[-2]);
	free(envp[-1]);
	free(envp - 2);
}

/* ---- starting ---- */

/* The lab can not come up. */
static void lab_fails(struct prog *p, const char *what)
{
	struct programs *all = p->lab->programs;

	p->state = PROG_FAILED;
	p->at = SKIFF_NEVER;
	log_line(&p->lab->log, SKIFF_LOG_ERR, node_name(p), p->spec->name, what);
	if (all->failed)
		return;
	all->failed = true;
	snprintf(all->why, sizeof(all->why), "%s:%u:%u: node %s, %s: %s%s%s", p->lab->t->file,
		 p->spec->pos.line, p->spec->pos.column, node_name(p), p->spec->name, what,
		 *p->last ? "; its last words: " : "", p->last);
}

static void on_exit_of(void *arg, struct skiff_program *program, int status)
{
	struct prog *p = arg;

	p->program = NULL;
	p->exited = true;
	p->status = status;
	p->at = 0;
	p->lab->programs->dirty = true;
}

static int launch(struct prog *p, char *why, size_t why_size)
{
	struct skiff_run_spec spec = {
		.net = p->lab->nodes[p->node],
		.argv = p->spec->argv,
		.cwd = p->spec->cwd,
		.arg = p,
		.exited = on_exit_of,
	};
	char **envp;
	int fd, err;

	output_close(p);
	err = output_open(p, &fd);
	if (err) {
		snprintf(why, why_size, "%s", strerror(-err));
		return err;
	}
	envp = lab_environ(p->lab, p->node, p->spec->env);
	spec.envp = envp;
	spec.stdio[0] = -1;
	spec.stdio[1] = spec.stdio[2] = fd;
	p->program = skiff_run_start(p->lab->run, &spec, &err, why, why_size);
	lab_environ_free(envp);
	close(fd);
	if (p->program) {
		p->pid = skiff_program_pid(p->program);
		return 0;
	}
	output_close(p);
	return err;
}

static void start(struct prog *p, uint64_t now)
{
	char why[300];

	p->exited = p->probed = p->matched = false;
	*p->last = '\0';
	if (launch(p, why, sizeof(why))) {
		lab_fails(p, why);
		return;
	}
	p->state = PROG_RUNNING;
	p->started = now;
	p->deadline = now + p->spec->within;
	p->first = p->first ? p->first : p->deadline;
	p->at = p->spec->once ? SKIFF_NEVER : now;
	log_printf(&p->lab->log, SKIFF_LOG_DEBUG, node_name(p), p->spec->name, "pid %d",
		   (int)p->pid);
}

/* ---- ending ---- */

static void describe_end(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "ended with status %d", WEXITSTATUS(status));
}

static void on_end(struct prog *p, uint64_t now)
{
	bool good = WIFEXITED(p->status) && !WEXITSTATUS(p->status),
	     stopping = p->lab->programs->stopping;
	enum lab_restart restart = p->spec->restart;
	char text[100];

	/* A program that was started without a check and ends well has done its work. */
	p->was_ready |= p->spec->ready == LAB_READY_STARTED && good;
	p->exited = false;
	describe_end(p->status, text, sizeof(text));
	log_line(&p->lab->log,
		 stopping || (good && p->spec->once) ? SKIFF_LOG_DEBUG :
		 good				     ? SKIFF_LOG_INFO :
						       SKIFF_LOG_WARN,
		 node_name(p), p->spec->name, text);
	p->at = SKIFF_NEVER;
	if (stopping) {
		p->state = PROG_ENDED;
	} else if (p->spec->once) {
		p->state = PROG_ENDED;
		if (!good)
			lab_fails(p, text);
	} else if (!p->was_ready && now >= p->first) {
		lab_fails(p, text);
	} else if (restart == LAB_RESTART_ALWAYS || (restart == LAB_RESTART_ON_FAILURE && !good)) {
		if (now > p->started + PAUSE_MOST || !p->pause)
			p->pause = PAUSE_LEAST;
		else
			p->pause = p->pause * 2 < PAUSE_MOST ? p->pause * 2 : PAUSE_MOST;
		p->state = PROG_PAUSED;
		p->at = now + p->pause;
	} else {
		p->state = good ? PROG_ENDED : PROG_FAILED;
		if (!p->was_ready)
			lab_fails(p, text);
	}
}

/* ---- a turn ---- */

static void look_at(struct prog *p, uint64_t now)
{
	char text[64];

	if (p->exited)
		on_end(p, now);
	if (p->state == PROG_PAUSED && now >= p->at && !p->lab->programs->stopping) {
		p->restarts++;
		start(p, now);
	}
	if (p->state != PROG_RUNNING || p->spec->once || now < p->at)
		return;
	if (ready_check(p, now)) {
		p->state = PROG_READY;
		p->was_ready = true;
		p->at = SKIFF_NEVER;
		log_line(&p->lab->log, SKIFF_LOG_DEBUG, node_name(p), p->spec->name, "ready");
	} else if (now >= p->deadline) {
		snprintf(text, sizeof(text), "not ready after %.3g s",
			 (double)p->spec->within / 1e9);
		lab_fails(p, text);
	} else {
		p->at = now + CHECK_EACH;
	}
}

/* The next commands of exec; when all are done, those of run. */
static void start_waiting(struct skiff_lab *lab, uint64_t now)
{
	struct programs *all = lab->programs;

	for (unsigned i = 0; i < all->n && !all->failed; i++) {
		struct prog *p = &all->p[i];

		if (p->state == PROG_WAITING)
			start(p, now);
		if (!p->spec->once || p->state == PROG_ENDED)
			continue;
		/* Whoever follows on this node waits for it. */
		while (i + 1 < all->n && all->p[i + 1].node == p->node)
			i++;
	}
}

bool programs_turn(struct skiff_lab *lab, uint64_t now)
{
	struct programs *all = lab->programs;

	if (!all || (!all->dirty && now < all->next))
		return false;
	all->dirty = false;
	for (unsigned i = 0; i < all->n; i++)
		look_at(&all->p[i], now);
	if (!all->stopping)
		start_waiting(lab, now);
	all->next = SKIFF_NEVER;
	for (unsigned i = 0; i < all->n; i++) {
		if (all->p[i].state != PROG_WAITING && all->p[i].at < all->next)
			all->next = all->p[i].at;
	}
	return true;
}

uint64_t programs_next(const struct skiff_lab *lab)
{
	return !lab->programs ? SKIFF_NEVER : lab->programs->dirty ? 0 : lab->programs->next;
}

/* ---- the whole ---- */

static int prepare(struct skiff_lab *lab, struct prog *p, unsigned node,
		   const struct lab_program *spec)
{
	*p = (struct prog){ .lab = lab, .node = node, .spec = spec };
	p->out.source.fd = -1;
	if (spec->ready != LAB_READY_LOG)
		return 0;
	/* The file was read: the expression is right. */
	p->re_set = !regcomp(&p->re, spec->ready_text, REG_EXTENDED | REG_NOSUB);
	return p->re_set ? 0 : -ENOMEM;
}

int skiff_lab_run(struct skiff_lab *lab, char *why, size_t why_size)
{
	const struct lab_topology *t = lab->t;
	struct programs *all = calloc(1, sizeof(*all));
	unsigned n = 0;
	int err = 0;

	for (unsigned i = 0; i < t->n_nodes; i++)
		n += t->nodes[i].n_programs;
	lab->programs = all;
	if (all)
		all->p = calloc(n + 1, sizeof(struct prog));
	if (!all || !all->p) {
		snprintf(why, why_size, "out of memory");
		return -ENOMEM;
	}
	if (n && !skiff_lab_runner(lab, &err, why, why_size))
		return err;
	for (unsigned i = 0; i < t->n_nodes && !err; i++) {
		for (unsigned k = 0; k < t->nodes[i].n_programs && !err; k++)
			err = prepare(lab, &all->p[all->n++], i, &t->nodes[i].programs[k]);
	}
	if (err)
		snprintf(why, why_size, "out of memory");
	all->dirty = true;
	return err;
}

int skiff_lab_ready(const struct skiff_lab *lab, char *why, size_t why_size)
{
	const struct programs *all = lab->programs;

	if (all && all->failed) {
		snprintf(why, why_size, "%s", all->why);
		return -ECHILD;
	}
	for (unsigned i = 0; all && i < all->n; i++) {
		const struct prog *p = &all->p[i];

		if (p->state == PROG_WAITING || p->state == PROG_RUNNING || p->state == PROG_PAUSED)
			return 0;
	}
	return 1;
}

const char *program_state(const struct prog *p, char *detail, size_t size)
{
	static const char *const names[] = {
		[PROG_WAITING] = "waiting", [PROG_RUNNING] = "starting", [PROG_READY] = "ready",
		[PROG_PAUSED] = "paused",   [PROG_ENDED] = "ended",	 [PROG_FAILED] = "failed",
	};

	*detail = '\0';
	if (p->program)
		snprintf(detail, size, "pid %d", (int)p->pid);
	else if (p->state == PROG_ENDED || p->state == PROG_FAILED || p->state == PROG_PAUSED)
		describe_end(p->status, detail, size);
	return names[p->state];
}

void programs_free(struct skiff_lab *lab)
{
	struct programs *all = lab->programs;

	for (unsigned i = 0; all && i < all->n; i++) {
		output_close(&all->p[i]);
		if (all->p[i].re_set)
			regfree(&all->p[i].re);
	}
	if (all)
		free(all->p);
	free(all);
	lab->programs = NULL;
}
