// SPDX-License-Identifier: BSD-2-Clause
/* cli/main.c - the skiff command: find the verb and run it.
 *
 * DOC: The command
 * Each verb is a file cli/cmd_<verb>.c with a const struct cli_verb; this file only names them. Unknown verbs
 * and wrong arguments end with CLI_USAGE and a sentence on stderr, before anything is started.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "skiff/skiff.h"

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

static const struct cli_verb verb_help = { "help", "[VERB]",
					   "what there is, or how a verb is called", run_help };
static const struct cli_verb verb_version = { "version", "", "print the version", run_version };

static const struct cli_verb *const verbs[] = {
	&verb_run,     &verb_lab,    &verb_exec, &verb_explain, &verb_why,
	&verb_capture, &verb_doctor, &verb_help, &verb_version,
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct cli_verb *find_verb(const char *name)
{
	/* The usual options are the verbs in another spelling. */
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	for (size_t i = 0; i < N_VERBS; i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}

static void print_usage(FILE *to, const struct cli_verb *v)
{
	fprintf(to, "usage: skiff %s%s%s\n", v->name, *v->args ? " " : "", v->args);
}

/**
 * cli_usage() - say on stderr how @verb is called
 * Return: CLI_USAGE, for the verb to return
 */
int cli_usage(const struct cli_verb *verb)
{
	print_usage(stderr, verb);
	return CLI_USAGE;
}

static int unknown_verb(const char *name)
{
	fprintf(stderr, "skiff: there is no verb \"%s\"; skiff --help lists them\n", name);
	return CLI_USAGE;
}

static void print_help(FILE *to)
{
	fprintf(to,
		"skiff %s - Linux's IPv4 stack in one process\n\n"
		"usage: skiff VERB [ARGUMENTS]\n\n",
		skiff_version());
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(to, "  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	fprintf(to, "\nskiff help VERB tells a verb's arguments; skiff(1) has the rest.\n");
}

static int run_help(int argc, char **argv)
{
	const struct cli_verb *v;

	if (argc > 2)
		return cli_usage(&verb_help);
	if (argc < 2) {
		print_help(stdout);
		return CLI_OK;
	}
	v = find_verb(argv[1]);
	if (!v)
		return unknown_verb(argv[1]);
	print_usage(stdout, v);
	printf("%s\n", v->summary);
	return CLI_OK;
}

static int run_version(int argc, char **argv)
{
	if (argc > 1)
		return cli_usage(&verb_version);
	printf("skiff %s\n", skiff_version());
	return CLI_OK;
}

int main(int argc, char **argv)
{
	const struct cli_verb *v;
	int status;

	if (argc < 2) {
		print_help(stderr);
		return CLI_USAGE;
	}
	v = find_verb(argv[1]);
	if (!v)
		return unknown_verb(argv[1]);
	status = v->run(argc - 1, argv + 1);
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) || ferror(stdout)) {
		perror("skiff: writing the output");
		return CLI_FAILURE;
	}
	return status;
}
