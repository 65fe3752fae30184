/* SPDX-License-Identifier: BSD-2-Clause */
/* cli/lab_verbs.h - the words behind skiff lab. Each gets its own name as argv[0]; -1: called in a wrong way. For cli/ only. */
#ifndef CLI_LAB_VERBS_H
#define CLI_LAB_VERBS_H

#include "cli/cli.h"

int lab_up(int argc, char **argv);
int lab_check(int argc, char **argv);
int lab_down(int argc, char **argv);
int lab_status(int argc, char **argv);
int lab_inspect(int argc, char **argv);

#endif
