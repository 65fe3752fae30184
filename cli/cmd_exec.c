// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_exec.c - skiff exec: become a program on a node of a running lab.
 *
 * The process itself is taken in by the lab and then becomes the command, so that exit status, signals, job control and terminal are
 * what they are without us.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sys/socket.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "skiff/run.h"

static int run_exec(int argc, char **argv);
const struct cli_verb verb_exec = { "exec", "[--lab NAME] NODE [--] COMMAND...",
				    "run a program on a node of a running lab", run_exec };

/* A socket of the host would be a way out. */
static bool is_host_socket(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode) &&
	       (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 || domain != AF_UNIX);
}

static bool stdio_is_clean(void)
{
	for (int fd = 0; fd < 3; fd++) {
		if (is_host_socket(fd)) {
			fprintf(stderr,
				"skiff: descriptor %d is a socket of this host: a program on a node may not have it\n",
				fd);
			return false;
		}
	}
	return true;
}

/* Everything but the terminal and pipes stays behind: close-on-exec, as the connection is still needed. */
static void leave_descriptors(void)
{
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* Said with write(2): it is one of the calls that do not wait for the lab. */
static bool enter(struct skiff_control *c)
{
	char number[16];
	bool failed;
	int listener, n;

	prctl(PR_SET_PTRACER, (unsigned long)skiff_control_pid(c), 0, 0, 0);
	listener = skiff_run_enter();
	if (listener < 0) {
		fprintf(stderr, "skiff: %s; skiff doctor says what is missing\n",
			strerror(-listener));
		return false;
	}
	n = snprintf(number, sizeof(number), "%d", listener);
	if (write(skiff_control_fd(c), number, (size_t)n) != n) {
		perror("skiff");
		return false;
	}
	json_decref(lab_answer(c, &failed));
	return !failed;
}

static int become(struct skiff_control *c, const char *node, char **argv)
{
	bool failed = true;

	if (!skiff_control_ask(c, json_pack("{s:s, s:s}", "do", "exec", "node", node)))
		json_decref(lab_answer(c, &failed));
	if (failed)
		return CLI_NOT_STARTED;
	setenv("SKIFF_NODE", node, 1);
	setenv("SKIFF_LAB", skiff_control_lab(c), 1);
	leave_descriptors();
	if (!enter(c))
		return CLI_NOT_STARTED;
	execvp(argv[0], argv);
	fprintf(stderr, "skiff: %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? CLI_NOT_FOUND : CLI_NOT_EXECUTABLE;
}

static int run_exec(int argc, char **argv)
{
	static const struct option options[] = { { "lab", required_argument, NULL, 'l' }, { 0 } };
	const char *lab = NULL, *node = NULL;
	struct skiff_control *c;
	int o, status;

	/* --lab may stand before or behind the node; from the command on nothing is ours. */
	for (optind = 1;;) {
		while ((o = getopt_long(argc, argv, "+", options, NULL)) == 'l')
			lab = optarg;
		if (o != -1)
			return cli_usage(&verb_exec) ? CLI_NOT_STARTED : 0;
		if (node || optind >= argc)
			break;
		node = argv[optind++];
	}
	if (!node || optind >= argc) {
		cli_usage(&verb_exec);
		return CLI_NOT_STARTED;
	}
	if (!stdio_is_clean())
		return CLI_NOT_STARTED;
	c = lab_connect(lab);
	if (!c)
		return CLI_NOT_STARTED;
	status = become(c, node, argv + optind);
	skiff_control_close(c);
	return status;
}
