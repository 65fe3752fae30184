// SPDX-License-Identifier: BSD-2-Clause
/* cli/lab_ask.c - skiff lab down, status, inspect: what is asked of a lab that runs. */
#include "cli/lab_verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"

struct ask {
	const char *lab;
	bool json;
};

static bool read_arguments(struct ask *a, int argc, char **argv, bool json)
{
	static const struct option options[] = { { "lab", required_argument, NULL, 'l' },
						 { "json", no_argument, NULL, 'j' },
						 { 0 } };
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l')
			a->lab = optarg;
		else if (c == 'j' && json)
			a->json = true;
		else
			return false;
	}
	return optind == argc;
}

/* The whole answer as one object: the first with the others as its "nodes". NULL after a sentence */
static json_t *ask(const char *lab, const char *what)
{
	struct skiff_control *c = lab_connect(lab);
	json_t *first = NULL, *nodes = json_array(), *o;
	bool failed = !c;

	if (c && !skiff_control_ask(c, json_pack("{s:s}", "do", what)))
		first = lab_answer(c, &failed);
	while (first && (o = lab_answer(c, &failed)))
		json_array_append_new(nodes, o);
	skiff_control_close(c);
	if (first && !failed) {
		json_object_set_new(first, "nodes", nodes);
		return first;
	}
	json_decref(nodes);
	json_decref(first);
	return NULL;
}

static void print_json(json_t *o)
{
	char *text = json_dumps(o, JSON_INDENT(2));

	puts(text ? text : "null");
	free(text);
}

static const char *word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void print_head(const json_t *lab)
{
	printf("%s: %s, up %lld s, pid %lld, %s\n", word(lab, "lab"), word(lab, "state"),
	       (long long)(number(lab, "up_ns") / 1000000000), (long long)number(lab, "pid"),
	       word(lab, "file"));
}

/* ---- status ---- */

static bool status_of(const char *name, bool json, json_t *all)
{
	json_t *lab = ask(name, "status"), *node;
	size_t i;

	if (!lab)
		return false;
	if (json) {
		json_array_append_new(all, lab);
		return true;
	}
	print_head(lab);
	json_array_foreach(json_object_get(lab, "nodes"), i, node)
		printf("  %s%s%s\n", word(node, "line"), *word(node, "programs") ? "; " : "",
		       word(node, "programs"));
	json_decref(lab);
	return true;
}

int lab_status(int argc, char **argv)
{
	char(*names)[SKIFF_LAB_NAME_MAX + 1] = calloc(SKIFF_LABS_MAX, sizeof(*names));
	json_t *all = json_array();
	struct ask a = { 0 };
	bool good = true;
	unsigned n;

	if (!names || !read_arguments(&a, argc, argv, true)) {
		free(names);
		json_decref(all);
		return -1;
	}
	n = a.lab ? 1 : skiff_labs(names, SKIFF_LABS_MAX);
	for (unsigned i = 0; i < n; i++)
		good &= status_of(a.lab ? a.lab : names[i], a.json, all);
	if (a.json && good)
		print_json(all);
	else if (!n)
		fprintf(stderr, "skiff: no lab runs\n");
	json_decref(all);
	free(names);
	return good && (n || a.json) ? CLI_OK : CLI_FAILURE;
}

/* ---- inspect ---- */

static void print_device(const json_t *dev)
{
	json_t *addr;
	size_t i;

	printf("    %-8s", word(dev, "name"));
	json_array_foreach(json_object_get(dev, "addrs"), i, addr)
		printf(" %s", json_string_value(addr));
	if (*word(dev, "peer"))
		printf(" - %s", word(dev, "peer"));
	printf("\n");
}

static void print_program(const json_t *p)
{
	json_t *w;
	size_t i;

	printf("    %-8s %s", word(p, "name"), word(p, "state"));
	if (number(p, "pid"))
		printf(", pid %lld", (long long)number(p, "pid"));
	if (*word(p, "ended"))
		printf(", %s", word(p, "ended"));
	if (number(p, "restarts"))
		printf(", restarted %lld times", (long long)number(p, "restarts"));
	printf(":");
	json_array_foreach(json_object_get(p, "cmd"), i, w) printf(" %s", json_string_value(w));
	printf("\n");
}

static void print_node(const json_t *node)
{
	static const char *const shown[] = {
		"Ip.InReceives",  "Ip.ForwDatagrams", "Ip.InDelivers",
		"Ip.OutRequests", "Ip.InDiscards",    "Ip.OutNoRoutes"
	};
	json_t *o, *counters = json_object_get(node, "counters");
	size_t i;

	printf("  %s\n", word(node, "node"));
	json_array_foreach(json_object_get(node, "devices"), i, o) print_device(o);
	json_array_foreach(json_object_get(node, "programs"), i, o) print_program(o);
	printf("    counters");
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (number(counters, shown[i]))
			printf(" %s %lld", shown[i], (long long)number(counters, shown[i]));
	}
	printf("\n");
}

int lab_inspect(int argc, char **argv)
{
	struct ask a = { 0 };
	json_t *lab, *node;
	size_t i;

	if (!read_arguments(&a, argc, argv, true))
		return -1;
	lab = ask(a.lab, "inspect");
	if (!lab)
		return CLI_FAILURE;
	if (a.json) {
		print_json(lab);
	} else {
		print_head(lab);
		json_array_foreach(json_object_get(lab, "nodes"), i, node) print_node(node);
	}
	json_decref(lab);
	return CLI_OK;
}

/* ---- down ---- */

int lab_down(int argc, char **argv)
{
	struct skiff_control *c;
	struct ask a = { 0 };
	bool failed = true;
	char byte;

	if (!read_arguments(&a, argc, argv, false))
		return -1;
	c = lab_connect(a.lab);
	if (!c)
		return CLI_FAILURE;
	if (!skiff_control_ask(c, json_pack("{s:s}", "do", "down")))
		json_decref(lab_answer(c, &failed));
	/* It closes the connection as the last of all. */
	while (!failed && read(skiff_control_fd(c), &byte, 1) > 0)
		;
	if (!failed)
		printf("%s is down\n", skiff_control_lab(c));
	skiff_control_close(c);
	return failed ? CLI_FAILURE : CLI_OK;
}
