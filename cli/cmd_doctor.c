// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_doctor.c - skiff doctor: what this machine allows, what is lost without, and how to get it. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "skiff/run.h"

#define ABILITIES_MAX 32

static int run_doctor(int argc, char **argv);
const struct cli_verb verb_doctor = {
	"doctor", "", "what this machine allows, what is lost without it, how to get it", run_doctor
};

static int run_doctor(int argc, char **argv)
{
	struct skiff_ability a[ABILITIES_MAX];
	bool runs = true;
	unsigned n;

	if (argc > 1)
		return cli_usage(&verb_doctor);
	n = skiff_run_abilities(a, ABILITIES_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (!a[i].err) {
			printf("yes  %s\n", a[i].name);
			continue;
		}
		runs &= !a[i].needed;
		printf("%s  %s: %s\n", a[i].needed ? "NO " : "no ", a[i].name, strerror(-a[i].err));
		printf("       lost:   %s\n", a[i].lost);
		printf("       remedy: %s\n", a[i].remedy);
	}
	printf("%s\n",
	       runs ? "Programs can run on nodes here." : "Programs can not run on nodes here.");
	return runs ? CLI_OK : CLI_FAILURE;
}
