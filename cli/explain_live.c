// SPDX-License-Identifier: BSD-2-Clause
/* cli/explain_live.c - skiff explain --live: follow the real traffic of a node of a running lab. */
#include "cli/explain_live.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/options.h"

struct live {
	const char *lab, *node;
	bool verbose, json;
	unsigned long count; /* 0: no end */
};

static bool read_arguments(struct live *l, int argc, char **argv)
{
	static const struct option options[] = {
		{ "live", no_argument, NULL, 'L' },	   { "lab", required_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },	   { "verbose", no_argument, NULL, 'v' },
		{ "count", required_argument, NULL, 'c' }, { 0 }
	};
	char *end = "";
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+vc:", options, NULL)) != -1) {
		if (c == 'l')
			l->lab = optarg;
		else if (c == 'j')
			l->json = true;
		else if (c == 'v')
			l->verbose = true;
		else if (c == 'c')
			l->count = strtoul(optarg, &end, 10);
		else if (c != 'L')
			return false;
		if (*end || (c == 'c' && !l->count))
			return false;
	}
	l->node = argv[optind];
	return l->node;
}

static void print(const struct live *l, const json_t *o, json_int_t wall_ns)
{
	json_int_t lost = json_integer_value(json_object_get(o, "lost")), ns;
	const char *text = json_string_value(json_object_get(o, "text"));
	char stamp[32];
	struct tm tm;
	time_t t;

	if (lost)
		fprintf(stderr, "skiff: %lld packets came too fast to be shown\n", (long long)lost);
	if (!text)
		return;
	if (l->json || l->verbose) {
		printf("%s\n", text);
	} else {
		ns = wall_ns + json_integer_value(json_object_get(o, "at_ns"));
		t = (time_t)(ns / 1000000000);
		localtime_r(&t, &tm);
		strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm);
		printf("%s.%06lld %s\n", stamp, (long long)(ns % 1000000000 / 1000), text);
	}
	fflush(stdout);
}

int explain_live(int argc, char **argv)
{
	struct live l = { 0 };
	struct skiff_control *c;
	bool failed = true;
	unsigned long n = 0;
	json_int_t wall_ns = 0;
	json_t *filter, *o;

	if (!read_arguments(&l, argc, argv))
		return -1;
	filter = filter_compile(argc - optind - 1, argv + optind + 1);
	if (!filter)
		return CLI_USAGE;
	c = lab_connect(l.lab);
	if (!c) {
		json_decref(filter);
		return CLI_FAILURE;
	}
	if (!skiff_control_ask(c, json_pack("{s:s, s:s, s:b, s:b, s:o}", "do", "explain", "node",
					    l.node, "verbose", l.verbose, "json", l.json, "filter",
					    filter))) {
		while ((!l.count || n < l.count) && (o = lab_answer(c, &failed))) {
			if (json_object_get(o, "ready")) {
				wall_ns = json_integer_value(json_object_get(o, "wall_ns"));
				fprintf(stderr, "skiff: following %s\n", l.node);
			}
			n += json_object_get(o, "text") != NULL;
			print(&l, o, wall_ns);
			json_decref(o);
		}
	}
	skiff_control_close(c);
	return l.count && n == l.count ? CLI_OK : CLI_FAILURE;
}
