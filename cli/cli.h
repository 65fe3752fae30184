/* SPDX-License-Identifier: BSD-2-Clause */
/* cli/cli.h - what the verbs of the command share. For cli/ only. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* Exit statuses. Scripts rely on them: see EXIT STATUS in docs/skiff.1. */
enum cli_status {
	CLI_OK = 0, /* done; a hypothetical packet: delivered */
	CLI_FAILURE = 1,
	CLI_USAGE = 2, /* wrong arguments or a wrong file; nothing was started */
	CLI_FORWARDED = 10,
	CLI_DROPPED = 11,
	/* run and exec, as env(1) has them; else the status is the program's */
	CLI_NOT_STARTED = 125,
	CLI_NOT_EXECUTABLE = 126,
	CLI_NOT_FOUND = 127,
};

/**
 * struct cli_verb - one verb of the command, in a file cli/cmd_<name>.c of its own
 * @name:    as typed
 * @args:    what follows it, for the usage line; "" if nothing
 * @summary: one line for skiff --help
 * @run:     argv[0] is the verb; returns an enum cli_status
 */
struct cli_verb {
	const char *name, *args, *summary;
	int (*run)(int argc, char **argv);
};

/* Verbs: one declaration here, one row in main.c's table. */
extern const struct cli_verb verb_capture;
extern const struct cli_verb verb_doctor;
extern const struct cli_verb verb_exec;
extern const struct cli_verb verb_explain;
extern const struct cli_verb verb_lab;
extern const struct cli_verb verb_run;
extern const struct cli_verb verb_why;

int cli_usage(const struct cli_verb *verb);

#endif
