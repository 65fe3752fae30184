/* SPDX-License-Identifier: BSD-2-Clause */
/* cli/options.h - options that several verbs have. For cli/ only. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <jansson.h>

#include "skiff/control.h"
#include "skiff/lab.h"

/* For struct option: --log-level, --log-format, --log-file; for log_option(). */
#define LOG_OPTIONS                                                \
	{ "log-level", required_argument, NULL, 0x1001 },          \
		{ "log-format", required_argument, NULL, 0x1002 }, \
	{                                                          \
		"log-file", required_argument, NULL, 0x1003        \
	}
#define LOG_USAGE "[--log-level LEVEL] [--log-format text|json] [--log-file FILE]"

/** log_option() - getopt_long() found @c. false: it is none of these, or its argument is wrong */
bool log_option(struct skiff_lab_log_options *log, int c, const char *arg);

/** lab_connect() - to the running lab called @name (NULL: the only one); NULL after a sentence on stderr */
struct skiff_control *lab_connect(const char *name);
/** lab_answer() - the next object of an answer. NULL at its end; *@failed after a sentence on stderr */
json_t *lab_answer(struct skiff_control *c, bool *failed);
/** filter_compile() - libpcap's language as [[code, jt, jf, k], ...]. NULL after a sentence on stderr */
json_t *filter_compile(int n, char **words);

#endif
