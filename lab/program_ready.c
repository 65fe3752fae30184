// SPDX-License-Identifier: BSD-2-Clause
/* lab/program_ready.c - is a program ready? A port that is served, a line that it wrote, a command that succeeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lab/programs.h"

#define MS 1000000ull
/* A program without a check is ready when it has not ended by then. */
#define SETTLED (100 * MS)

/* As /proc/net/tcp and udp show it: is the local port of a line @port, in @state (hex)? */
static bool line_serves(const char *line, uint16_t port, unsigned state)
{
	unsigned local, st;

	return sscanf(line, " %*u: %*8x:%4x %*8x:%*4x %2x", &local, &st) == 2 && local == port &&
	       st == state;
}

/* Looking leaves no trace in the program, unlike a connection to try. */
static bool port_is_served(struct skiff_net *net, const char *path, uint16_t port, unsigned state)
{
	int len = skiff_proc_read(net, path, NULL, 0);
	char *text = len > 0 ? malloc((size_t)len + 1) : NULL, *rest;
	bool found = false;

	if (!text)
		return false;
	skiff_proc_read(net, path, text, (size_t)len + 1);
	for (char *line = strtok_r(text, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest))
		found = line_serves(line, port, state);
	free(text);
	return found;
}

static void on_probe_exit(void *arg, struct skiff_program *program, int status)
{
	struct prog *p = arg;

	p->probe = NULL;
	p->probed = true;
	p->probe_status = status;
	p->at = 0;
	p->lab->programs->dirty = true;
}

static bool command_succeeds(struct prog *p)
{
	struct skiff_run_spec spec = {
		.net = p->lab->nodes[p->node],
		.argv = p->spec->ready_argv,
		.cwd = p->spec->cwd,
		.stdio = { -1, -1, -1 },
		.arg = p,
		.exited = on_probe_exit,
	};
	char why[256];
	char **envp;
	int err;

	if (p->probe)
		return false;
	if (p->probed) {
		p->probed = false;
		if (WIFEXITED(p->probe_status) && !WEXITSTATUS(p->probe_status))
			return true;
		return false;
	}
	envp = lab_environ(p->lab, p->node, p->spec->env);
	spec.envp = envp;
	p->probe = skiff_run_start(p->lab->run, &spec, &err, why, sizeof(why));
	lab_environ_free(envp);
	if (!p->probe)
		log_printf(&p->lab->log, SKIFF_LOG_WARN, p->lab->t->nodes[p->node].name,
			   p->spec->name, "the command that says whether it is ready: %s", why);
	return false;
}

bool ready_check(struct prog *p, uint64_t now)
{
	struct skiff_net *net = p->lab->nodes[p->node];

	switch (p->spec->ready) {
	case LAB_READY_STARTED:
		return now >= p->started + SETTLED;
	case LAB_READY_TCP:
		return port_is_served(net, "net/tcp", p->spec->ready_port, 0x0a);
	case LAB_READY_UDP:
		return port_is_served(net, "net/udp", p->spec->ready_port, 0x07);
	case LAB_READY_LOG:
		return p->matched;
	case LAB_READY_CMD:
		return command_succeeds(p);
	}
	return false;
}
