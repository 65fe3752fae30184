// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_capture.c - skiff capture: frames of a node of a running lab as pcapng, with verdict and reason as comments. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "skiff/explain.h"

struct capturing {
	const char *lab, *path;
	char node[SKIFF_LAB_NAME_MAX + 1];
	const char *dev; /* NULL: all */
	unsigned long count;
	FILE *f;
	struct skiff_pcapng pcapng;
	bool begun;
	uint8_t frame[65536 + 18];
};

static int run_capture(int argc, char **argv);
const struct cli_verb verb_capture = { "capture",
				       "[--lab NAME] [-c COUNT] NODE[:DEV] -w FILE.pcapng [FILTER]",
				       "record what a node of a running lab receives and sends",
				       run_capture };

static int write_bytes(void *arg, const void *bytes, size_t len)
{
	return fwrite(bytes, 1, len, arg) == len ? 0 : -EIO;
}

/* -w may stand before or behind the node; what remains is node and filter. */
static bool read_arguments(struct capturing *k, int argc, char **argv)
{
	static const struct option options[] = { { "lab", required_argument, NULL, 'l' },
						 { "write", required_argument, NULL, 'w' },
						 { "count", required_argument, NULL, 'c' },
						 { 0 } };
	char *end = "";
	const char *colon;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "w:c:", options, NULL)) != -1) {
		if (c == 'l')
			k->lab = optarg;
		else if (c == 'w')
			k->path = optarg;
		else if (c == 'c')
			k->count = strtoul(optarg, &end, 10);
		else
			return false;
		if (*end || (c == 'c' && !k->count))
			return false;
	}
	if (!k->path || optind == argc)
		return false;
	colon = strchr(argv[optind], ':');
	k->dev = colon ? colon + 1 : NULL;
	return (size_t)snprintf(k->node, sizeof(k->node), "%.*s", (int)strcspn(argv[optind], ":"),
				argv[optind]) < sizeof(k->node);
}

static size_t from_hex(const char *hex, uint8_t *out, size_t max)
{
	size_t n = 0;
	unsigned byte;

	for (; n < max && hex[2 * n] && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		out[n] = (uint8_t)byte;
	return n;
}

/* Return: 1: a frame; 0: something else; -1: the file can not be written */
static int take(struct capturing *k, const json_t *o)
{
	const char *hex = json_string_value(json_object_get(o, "frame"));
	json_int_t lost = json_integer_value(json_object_get(o, "lost"));
	int err = 0;

	if (json_object_get(o, "ready")) {
		err = skiff_pcapng_begin(
			&k->pcapng, write_bytes, k->f,
			(uint64_t)json_integer_value(json_object_get(o, "wall_ns")));
		k->begun = true;
		if (!err && !fflush(k->f) && isatty(2))
			fprintf(stderr, "recording; Ctrl-C ends it\n");
	}
	if (lost)
		fprintf(stderr, "skiff: %lld frames came too fast to be recorded\n",
			(long long)lost);
	if (hex && k->begun) {
		size_t len = from_hex(hex, k->frame, sizeof(k->frame));

		err = skiff_pcapng_frame(&k->pcapng, json_string_value(json_object_get(o, "net")),
					 json_string_value(json_object_get(o, "dev")),
					 json_is_true(json_object_get(o, "out")),
					 (uint64_t)json_integer_value(json_object_get(o, "at_ns")),
					 k->frame, len,
					 json_string_value(json_object_get(o, "comment")));
	}
	return err || ferror(k->f) || fflush(k->f) ? -1 : hex != NULL;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = 1;
}

/* The end that people use is Ctrl-C: then what was recorded is a whole file. */
static int record(struct capturing *k, struct skiff_control *c)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	unsigned long n = 0;
	bool failed = false;
	int took = 0;
	json_t *o;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	while (!interrupted && took >= 0 && (!k->count || n < k->count)) {
		if (!skiff_control_wait(c))
			continue;
		o = lab_answer(c, &failed);
		if (!o)
			break;
		took = take(k, o);
		n += took > 0;
		json_decref(o);
	}
	if (took < 0)
		fprintf(stderr, "skiff: %s: writing failed\n", k->path);
	return took < 0 || failed ? CLI_FAILURE : CLI_OK;
}

static int capture(struct capturing *k, int n_words, char **words)
{
	json_t *filter = filter_compile(n_words, words), *request;
	struct skiff_control *c;
	int status = CLI_FAILURE;

	if (!filter)
		return CLI_USAGE;
	request = json_pack("{s:s, s:s, s:s?, s:o}", "do", "capture", "node", k->node, "dev",
			    k->dev, "filter", filter);
	c = lab_connect(k->lab);
	if (!c) {
		json_decref(request);
		return CLI_FAILURE;
	}
	k->f = strcmp(k->path, "-") ? fopen(k->path, "wbe") : stdout;
	if (!k->f) {
		fprintf(stderr, "skiff: %s: %s\n", k->path, strerror(errno));
		json_decref(request);
	} else if (!skiff_control_ask(c, request)) {
		status = record(k, c);
	}
	if (k->f && k->f != stdout && fclose(k->f))
		status = CLI_FAILURE;
	skiff_control_close(c);
	return status;
}

static int run_capture(int argc, char **argv)
{
	struct capturing *k = calloc(1, sizeof(*k));
	int status;

	if (!k || !read_arguments(k, argc, argv))
		status = cli_usage(&verb_capture);
	else
		status = capture(k, argc - optind - 1, argv + optind + 1);
	free(k);
	return status;
}
