// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab_live.c - a lab as a service: its name among the running ones, programs on its nodes, its end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lab/names.h"
#include "lab/programs.h"
#include "lab/server.h"
#include "lib/fmt.h"

int skiff_lab_claim(struct skiff_lab *lab, const char *name, char *why, size_t why_size)
{
	return state_take(&lab->state, name ? name : skiff_lab_name(lab), why, why_size);
}

const char *skiff_lab_claimed(const struct skiff_lab *lab)
{
	return lab->state.dir >= 0 ? lab->state.name : "";
}

bool skiff_lab_folder(const struct skiff_lab *lab, const char *name, char *path, size_t size)
{
	char link[64], folder[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", lab->state.dir);
	n = lab->state.dir < 0 ? -1 : readlink(link, folder, sizeof(folder) - 1);
	if (n < 0)
		return false;
	folder[n] = '\0';
	return (size_t)snprintf(path, size, "%s/%s", folder, name) < size;
}

int skiff_lab_serve(struct skiff_lab *lab, char *why, size_t why_size)
{
	lab->came_up = lab->now;
	return server_open(lab, why, why_size);
}

/* ---- programs ---- */

static void on_run_log(void *arg, int level, const char *line)
{
	struct skiff_lab *lab = arg;

	log_line(&lab->log, level, NULL, NULL, line);
}

void skiff_lab_allow_unix(struct skiff_lab *lab, const char *const *paths)
{
	lab->allow_unix = paths;
}

struct skiff_run *skiff_lab_runner(struct skiff_lab *lab, int *err, char *why, size_t why_size)
{
	struct skiff_run_env env = { .skiff = lab->skiff,
				     .loop = &lab->loop,
				     .arg = lab,
				     .log = on_run_log,
				     .resolve = names_resolve,
				     .upstream = names_upstream,
				     .allow_unix = lab->allow_unix };

	*err = 0;
	if (lab->run)
		return lab->run;
	/* What a daemon leaves behind becomes our child, to be ended with the lab. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	lab->run = skiff_run_create(&env, err);
	if (!lab->run)
		snprintf(why, why_size,
			 "programs can not be run here: %s; skiff doctor says what is missing",
			 strerror(-*err));
	return lab->run;
}

char **skiff_lab_environ(const struct skiff_lab *lab, unsigned node)
{
	return lab_environ(lab, node, NULL);
}

void skiff_lab_environ_free(char **envp)
{
	lab_environ_free(envp);
}

void skiff_lab_foreground(struct skiff_lab *lab, int pid)
{
	lab->foreground = pid;
}

void skiff_lab_programs(const struct skiff_lab *lab, unsigned node, char *buf, size_t size)
{
	const struct programs *all = lab->programs;
	struct strbuf sb;
	char detail[100];

	strbuf_init(&sb, buf, size);
	for (unsigned i = 0; all && i < all->n; i++) {
		const struct prog *p = &all->p[i];

		if (p->node != node || p->spec->once)
			continue;
		strbuf_printf(&sb, "%s%s %s", sb.len ? ", " : "", p->spec->name,
			      program_state(p, detail, sizeof(detail)));
		if (*detail)
			strbuf_printf(&sb, " (%s)", detail);
	}
}

int skiff_lab_signal(struct skiff_lab *lab)
{
	int sig = lab->loop.stopped;

	lab->loop.stopped = 0;
	return sig;
}

void skiff_lab_stop(struct skiff_lab *lab)
{
	bool before = lab->ending;

	/* From here on waiting is not cut short by whoever asked for it. */
	lab->ending = false;
	programs_stop(lab);
	lab->ending = before;
}
