// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_run.c - skiff run: one program on one node; the lab comes up before it and goes down behind it.
 *
 * The program is in the foreground of the terminal, in our process group: an interrupt from the keyboard reaches both, and is the
 * program's. SIGTERM is handed on. When the program is stopped we stop, too, so that the shell sees its job stopped, and fg continues both.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "skiff/run.h"

#define LIST_MAX 64

/**
 * struct running - the program and its lab
 * @ended: the program is gone, with @status
 */
struct running {
	const char *file, *node_name, *tap;
	const char *addrs[LIST_MAX], *routes[LIST_MAX];
	const char *allow[LIST_MAX + 1]; /* NULL at the end */
	int keep[LIST_MAX];
	unsigned n_addrs, n_routes, n_allow, n_keep;
	struct skiff_lab_log_options log;
	char **argv;
	struct skiff_lab *lab;
	unsigned node;
	struct skiff_program *program;
	bool ended;
	int status;
};

static int run_run(int argc, char **argv);
const struct cli_verb verb_run = {
	"run",
	"[-f FILE --node NODE] [--addr ADDRESS/LENGTH]... [--route ROUTE]... [--tap NAME]\n"
	"                 [--keep FD]... [--allow-unix PATH]...\n"
	"                 " LOG_USAGE " [--] COMMAND...",
	"run a program on a node of its own, or on one of a lab file", run_run
};

/* ---- arguments ---- */

/* A descriptor that the program keeps; standard ones it has anyway. */
static bool read_keep(struct running *r, const char *arg)
{
	char *end;
	long fd = strtol(arg, &end, 10);

	if (!*arg || *end || fd < 3 || fd > 1000000 || fcntl((int)fd, F_GETFD) < 0) {
		fprintf(stderr, "skiff: --keep %s: there is no such descriptor above 2\n", arg);
		return false;
	}
	r->keep[r->n_keep++] = (int)fd;
	return r->n_keep < LIST_MAX;
}

static bool read_option(struct running *r, int c)
{
	switch (c) {
	case 'f':
		r->file = optarg;
		return true;
	case 'n':
		r->node_name = optarg;
		return true;
	case 't':
		r->tap = optarg;
		return true;
	case 'a':
		r->addrs[r->n_addrs++] = optarg;
		return r->n_addrs < LIST_MAX;
	case 'u':
		r->allow[r->n_allow++] = optarg;
		return r->n_allow < LIST_MAX;
	case 'k':
		return read_keep(r, optarg);
	case 'r':
		r->routes[r->n_routes++] = optarg;
		return r->n_routes < LIST_MAX;
	default:
		return log_option(&r->log, c, optarg);
	}
}

static bool read_arguments(struct running *r, int argc, char **argv)
{
	static const struct option options[] = { { "file", required_argument, NULL, 'f' },
						 { "node", required_argument, NULL, 'n' },
						 { "addr", required_argument, NULL, 'a' },
						 { "route", required_argument, NULL, 'r' },
						 { "tap", required_argument, NULL, 't' },
						 { "keep", required_argument, NULL, 'k' },
						 { "allow-unix", required_argument, NULL, 'u' },
						 LOG_OPTIONS,
						 { 0 } };
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+f:", options, NULL)) != -1) {
		if (!read_option(r, c))
			return false;
	}
	r->argv = argv + optind;
	if (!r->file != !r->node_name)
		return false;
	if (r->file && (r->tap || r->n_addrs || r->n_routes))
		return false;
	return optind < argc;
}

/* ---- the lab ---- */

/* One node; with a TAP its device is linked to the host. */
static struct skiff_lab *own_lab(const struct running *r, char *why, size_t why_size)
{
	char text[256];

	if (!r->tap)
		return skiff_lab_parse("skiff run", "topology: { nodes: { node: } }", why,
				       why_size);
	if (strlen(r->tap) > 15 || strpbrk(r->tap, "\"\\:/ \n")) {
		snprintf(why, why_size, "\"%s\" can not name a TAP", r->tap);
		return NULL;
	}
	snprintf(
		text, sizeof(text),
		"topology: { nodes: { node: }, links: [ { endpoints: [ \"node:eth0\", \"host:%s\" ] } ] }",
		r->tap);
	return skiff_lab_parse("skiff run", text, why, why_size);
}

static int tell(struct running *r, const char *what, const char *arg, const char *rest, char *why,
		size_t why_size)
{
	char line[256], sentence[200];
	int err;

	snprintf(line, sizeof(line), "%s %s%s", what, arg, rest);
	err = skiff_lab_tell(r->lab, r->node, line, sentence, sizeof(sentence));
	if (err)
		snprintf(why, why_size, "\"%.250s\": %.200s", line, sentence);
	return err;
}

/* Addresses without a link are those of a device that goes nowhere. */
static int configure(struct running *r, char *why, size_t why_size)
{
	const char *dev = r->tap ? " dev eth0" : " dev dummy0";
	int err = 0;

	if (r->file)
		return 0;
	if (!r->tap && (r->n_addrs || r->n_routes)) {
		err = skiff_dummy_create(skiff_lab_node(r->lab, r->node), "dummy0");
		if (err)
			snprintf(why, why_size, "dummy0: %s", strerror(-err));
		else
			err = tell(r, "link set", "dummy0", " up", why, why_size);
	}
	for (unsigned i = 0; i < r->n_addrs && !err; i++)
		err = tell(r, "addr add", r->addrs[i], dev, why, why_size);
	for (unsigned i = 0; i < r->n_routes && !err; i++)
		err = tell(r, "route add", r->routes[i], "", why, why_size);
	return err ? -EINVAL : 0;
}

static int find_node(struct running *r, char *why, size_t why_size)
{
	int node = r->file ? skiff_lab_find(r->lab, r->node_name) : 0;

	if (node < 0) {
		snprintf(why, why_size, "%s has no node \"%s\"", r->file, r->node_name);
		return -EINVAL;
	}
	r->node = (unsigned)node;
	return 0;
}

/* Found by the other verbs if there is a place for its state; else it does without. */
static void publish(struct running *r)
{
	char why[SKIFF_LAB_WHY_MAX];

	if (*skiff_lab_claimed(r->lab) && skiff_lab_serve(r->lab, why, sizeof(why)))
		fprintf(stderr, "skiff: %s\n", why);
}

static int bring_up(struct running *r, char *why, size_t why_size)
{
	char name[32];
	int err, ready;

	r->lab = r->file ? skiff_lab_open(r->file, why, why_size) : own_lab(r, why, why_size);
	if (!r->lab)
		return -EINVAL;
	err = find_node(r, why, why_size);
	if (!err)
		err = skiff_lab_set_log(r->lab, &r->log, why, why_size);
	snprintf(name, sizeof(name), "run-%d", (int)getpid());
	if (!err)
		skiff_lab_claim(r->lab, name, why, why_size);
	skiff_lab_allow_unix(r->lab, r->allow);
	if (!err)
		err = skiff_lab_start(r->lab, true, why, why_size);
	if (!err)
		err = configure(r, why, why_size);
	if (err)
		return err;
	publish(r);
	err = skiff_lab_run(r->lab, why, why_size);
	while (!err && !(ready = skiff_lab_ready(r->lab, why, why_size))) {
		if (skiff_lab_wait(r->lab, SKIFF_NEVER) <= 0) {
			snprintf(why, why_size, "ended before the lab was ready");
			return -EINTR;
		}
	}
	return err ? err : ready < 0 ? ready : 0;
}

/* ---- the program ---- */

static void on_exited(void *arg, struct skiff_program *program, int status)
{
	struct running *r = arg;

	r->program = NULL;
	r->ended = true;
	r->status = status;
}

static int start(struct running *r, char *why, size_t why_size)
{
	struct skiff_run_spec spec = { .net = skiff_lab_node(r->lab, r->node),
				       .argv = r->argv,
				       .stdio = { 0, 1, 2 },
				       .keep = r->keep,
				       .n_keep = r->n_keep,
				       .foreground = true,
				       .arg = r,
				       .exited = on_exited };
	struct skiff_run *run;
	char **envp;
	int err;

	run = skiff_lab_runner(r->lab, &err, why, why_size);
	if (!run)
		return CLI_NOT_STARTED;
	envp = skiff_lab_environ(r->lab, r->node);
	spec.envp = envp;
	r->program = skiff_run_start(run, &spec, &err, why, why_size);
	skiff_lab_environ_free(envp);
	if (r->program) {
		skiff_lab_foreground(r->lab, skiff_program_pid(r->program));
		return CLI_OK;
	}
	return err == -ENOENT ? CLI_NOT_FOUND :
	       err == -EACCES ? CLI_NOT_EXECUTABLE :
				CLI_NOT_STARTED;
}

/* Stopped together, continued together. */
static void stop_with_it(struct running *r)
{
	siginfo_t si = { 0 };

	if (!r->program)
		return;
	if (waitid(P_PID, (id_t)skiff_program_pid(r->program), &si, WSTOPPED | WNOHANG) ||
	    si.si_code != CLD_STOPPED)
		return;
	raise(SIGSTOP);
	/* Who continued only us means the program. */
	if (r->program)
		skiff_program_kill(r->program, SIGCONT);
}

static void attend(struct running *r)
{
	while (!r->ended) {
		int more = skiff_lab_wait(r->lab, skiff_lab_now(r->lab) + 100000000ull), sig;

		stop_with_it(r);
		if (more < 0) {
			fprintf(stderr, "skiff: %s\n", strerror(-more));
			break;
		}
		if (more)
			continue;
		sig = skiff_lab_signal(r->lab);
		/* The keyboard's interrupt reached the program, too; skiff lab down did not. */
		if (sig != SIGINT && r->program)
			skiff_program_kill(r->program, sig ? sig : SIGTERM);
		if (!sig && r->program)
			break;
	}
}

/* The shell should see the same end as without us. */
static int end_like(int status)
{
	struct rlimit none = { 0, 0 };
	sigset_t set;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

static int run_run(int argc, char **argv)
{
	struct running r = { .log = { .level = SKIFF_LOG_WARN } };
	char why[SKIFF_LAB_WHY_MAX] = "";
	int status = CLI_NOT_STARTED;

	if (!read_arguments(&r, argc, argv)) {
		cli_usage(&verb_run);
		return CLI_NOT_STARTED;
	}
	if (!bring_up(&r, why, sizeof(why))) {
		/* Of the keyboard's signals these two, as well, are the program's. */
		signal(SIGTSTP, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		status = start(&r, why, sizeof(why));
	}
	if (status == CLI_OK) {
		attend(&r);
	} else {
		fprintf(stderr, "skiff: %s\n", why);
	}
	if (r.lab)
		skiff_lab_stop(r.lab);
	skiff_lab_close(r.lab);
	return r.ended ? end_like(r.status) : status ? status : CLI_NOT_STARTED;
}
