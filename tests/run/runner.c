// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/runner.c - one node with loopback, one program on it; ends with the program's status.
 *
 * usage: runner [--addr A.B.C.D/N]... [--name NAME=A.B.C.D]... [--allow PATH] CMD...
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "lab/ipwords.h"
#include "skiff/run.h"

struct runner {
	struct host_loop loop;
	struct skiff *skiff;
	struct skiff_net *net;
	bool over;
	int status;
	char *names[16];
	int n_names;
};

static void on_log(void *arg, int level, const char *line)
{
	fprintf(stderr, "runner: %s\n", line);
}

/* --name: the only names there are */
static bool resolve(void *arg, struct skiff_net *net, const char *name, uint32_t *addr)
{
	const struct runner *r = arg;

	for (int i = 0; i < r->n_names; i++) {
		size_t n = strcspn(r->names[i], "=");

		if (strlen(name) == n && !strncmp(name, r->names[i], n))
			return inet_pton(AF_INET, r->names[i] + n + 1, addr) == 1;
	}
	return false;
}

static void on_exit_of(void *arg, struct skiff_program *program, int status)
{
	struct runner *r = arg;

	r->over = true;
	r->status = status;
}

static void fail(const char *what)
{
	fprintf(stderr, "runner: %s\n", what);
	exit(125);
}

static int loopback(void *arg, const char *name)
{
	return 1;
}

static void tell(struct skiff_net *net, const char *words)
{
	const struct ipwords_env env = { loopback, NULL };
	union {
		uint64_t align;
		char bytes[IPWORDS_MSG_MAX];
	} msg;
	char why[256];
	int n = ipwords_line(&msg, sizeof(msg), words, &env, why, sizeof(why));

	if (n < 0)
		fail(why);
	if (skiff_netlink(net, &msg, (size_t)n, NULL, NULL))
		fail(words);
}

static void up(struct runner *r, char **addrs, int n)
{
	struct skiff_env env = { .log = on_log };

	host_clocks(&env.now_ns, &env.wall_ns);
	if (host_random(env.seed, sizeof(env.seed)) || host_loop_open(&r->loop))
		fail("no loop");
	r->skiff = skiff_create(&env);
	r->net = r->skiff ? skiff_net_create(r->skiff, "node") : NULL;
	if (!r->net)
		fail("no node");
	tell(r->net, "link set lo up");
	for (int i = 0; i < n; i++) {
		char words[128];

		snprintf(words, sizeof(words), "addr add %s dev lo", addrs[i]);
		tell(r->net, words);
	}
}

static int turn(struct runner *r, struct skiff_run *run)
{
	uint64_t next = skiff_next(r->skiff), due = skiff_run_next(run);

	if (host_loop_wait(&r->loop, due < next ? due : next) < 0)
		return -1;
	host_loop_dispatch(&r->loop);
	for (unsigned rounds = 0; rounds < 32; rounds++) {
		uint64_t now = host_now();
		bool more = skiff_turn(r->skiff, now);

		if (!(skiff_run_due(run, now) | more))
			break;
	}
	return r->loop.stopped ? -1 : 0;
}

int main(int argc, char **argv)
{
	static struct runner r;
	char *addrs[16], why[256];
	const char *allowed[2] = { NULL, NULL };
	struct skiff_run_env env = {
		.log = on_log, .arg = &r, .resolve = resolve, .allow_unix = allowed
	};
	struct skiff_run_spec spec = { .stdio = { 0, 1, 2 },
				       .foreground = true,
				       .exited = on_exit_of };
	struct skiff_run *run;
	int n = 0, at = 1, err;

	while (at + 1 < argc && n < 16 && !strcmp(argv[at], "--addr")) {
		addrs[n++] = argv[at + 1];
		at += 2;
	}
	while (at + 1 < argc && r.n_names < 16 && !strcmp(argv[at], "--name")) {
		r.names[r.n_names++] = argv[at + 1];
		at += 2;
	}
	if (at + 1 < argc && !strcmp(argv[at], "--allow")) {
		allowed[0] = argv[at + 1];
		at += 2;
	}
	if (at >= argc)
		fail("usage: runner [--addr ADDRESS]... CMD...");
	up(&r, addrs, n);
	env.skiff = r.skiff;
	env.loop = &r.loop;
	run = skiff_run_create(&env, &err);
	if (!run)
		fail(strerror(-err));
	spec.net = r.net;
	spec.argv = argv + at;
	spec.arg = &r;
	if (!skiff_run_start(run, &spec, &err, why, sizeof(why)))
		fail(why);
	while (!r.over && !turn(&r, run)) {
	}
	skiff_run_destroy(run);
	skiff_destroy(r.skiff);
	host_loop_close(&r.loop);
	return WIFEXITED(r.status) ? WEXITSTATUS(r.status) : 128 + WTERMSIG(r.status);
}
