// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_lab.c - skiff lab: the words behind it. */
#include <stdio.h>
#include <string.h>

#include "cli/lab_verbs.h"
#include "skiff/lab.h"

static int run_lab(int argc, char **argv);
const struct cli_verb verb_lab = {
	"lab",
	"up [-d] [--name NAME] [--for SECONDS] [--explain drops|all|connections] [--json] [--pcap DIR] [--seed N]\n"
	"                    [--log-level LEVEL] [--log-format text|json] [--log-file FILE] FILE\n"
	"       skiff lab down [--lab NAME] | status [--lab NAME] [--json] | inspect [--lab NAME] [--json] | check FILE",
	"run the nodes, links and programs of a lab file; end, list or inspect labs that run; only check a file",
	run_lab
};

int lab_check(int argc, char **argv)
{
	char why[SKIFF_LAB_WHY_MAX];
	struct skiff_lab *lab;
	int err;

	if (argc != 2)
		return -1;
	lab = skiff_lab_open(argv[1], why, sizeof(why));
	err = lab ? skiff_lab_start(lab, false, why, sizeof(why)) : -1;
	if (err)
		fprintf(stderr, "skiff: %s\n", why);
	else
		printf("%s is right\n", argv[1]);
	skiff_lab_close(lab);
	return err ? CLI_USAGE : CLI_OK;
}

static int run_lab(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} words[] = {
		{ "up", lab_up },	  { "check", lab_check },     { "down", lab_down },
		{ "status", lab_status }, { "inspect", lab_inspect },
	};
	int status = -1;

	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(argv[1], words[i].name))
			status = words[i].run(argc - 1, argv + 1);
	}
	return status < 0 ? cli_usage(&verb_lab) : status;
}
