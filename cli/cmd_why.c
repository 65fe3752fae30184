// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_why.c - skiff why: what a node of a running lab dropped lately, the most frequent first. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

static int run_why(int argc, char **argv);
const struct cli_verb verb_why = { "why", "[--lab NAME] [--json] NODE",
				   "what a node of a running lab dropped lately, and why",
				   run_why };

static const char *word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void ago(const json_t *o, char *buf, size_t size)
{
	double s = (double)json_integer_value(json_object_get(o, "ago_ns")) / 1e9;

	if (s < 120)
		snprintf(buf, size, "%.1f s ago", s);
	else
		snprintf(buf, size, "%.0f min ago", s / 60);
}

static void print_group(const json_t *o)
{
	char when[40];

	ago(o, when, sizeof(when));
	printf("%6lld  %s in %s%s%s: %s\n",
	       (long long)json_integer_value(json_object_get(o, "count")), word(o, "reason"),
	       word(o, "function"), *word(o, "setting") ? ", " : "", word(o, "setting"),
	       word(o, "sentence"));
	printf("        %s, %s; the last one %s\n", word(o, "flow"), word(o, "dev"), when);
}

static void print(const json_t *head, const json_t *groups)
{
	json_int_t total = json_integer_value(json_object_get(head, "total"));
	json_t *o;
	size_t i;

	if (!total)
		printf("%s dropped nothing\n", word(head, "node"));
	else
		printf("%s dropped %lld packets since it came up; of the latest:\n",
		       word(head, "node"), (long long)total);
	json_array_foreach(groups, i, o) print_group(o);
}

static int ask(const char *lab, const char *node, bool json)
{
	struct skiff_control *c = lab_connect(lab);
	json_t *head = NULL, *groups = json_array(), *o;
	bool failed = true;
	char *text;

	if (c && !skiff_control_ask(c, json_pack("{s:s, s:s}", "do", "why", "node", node)))
		head = lab_answer(c, &failed);
	while (head && (o = lab_answer(c, &failed)))
		json_array_append_new(groups, o);
	if (head && !failed && json) {
		json_object_set(head, "groups", groups);
		text = json_dumps(head, JSON_INDENT(2));
		puts(text ? text : "null");
		free(text);
	} else if (head && !failed) {
		print(head, groups);
	}
	json_decref(groups);
	json_decref(head);
	skiff_control_close(c);
	return failed ? CLI_FAILURE : CLI_OK;
}

static int run_why(int argc, char **argv)
{
	static const struct option options[] = { { "lab", required_argument, NULL, 'l' },
						 { "json", no_argument, NULL, 'j' },
						 { 0 } };
	const char *lab = NULL;
	bool json = false;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l')
			lab = optarg;
		else if (c == 'j')
			json = true;
		else
			return cli_usage(&verb_why);
	}
	return argc - optind == 1 ? ask(lab, argv[optind], json) : cli_usage(&verb_why);
}
