/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/log.h - what a lab and the programs on its nodes say, line by line. For lab/ only. */
#ifndef LAB_LOG_H
#define LAB_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "skiff/lab.h"

/* One line is one write, which a pipe takes whole or not at all. */
#define LOG_LINE_MAX 4096

/**
 * struct lab_log - where lines go
 * @fd:    2: stderr
 * @file:  it is a file: lines begin with the time
 * @lost:  lines that nobody took (a full pipe), told with the next one that is
 */
struct lab_log {
	int fd, level;
	bool json, file;
	uint64_t lost;
};

/** log_open() - NULL @options: stderr, SKIFF_LOG_INFO, text. 0, or -errno and a sentence */
int log_open(struct lab_log *log, const struct skiff_lab_log_options *options, char *why,
	     size_t why_size);
void log_close(struct lab_log *log);
/** log_line() - @node, @program: NULL if it is not theirs */
void log_line(struct lab_log *log, int level, const char *node, const char *program,
	      const char *text);
void log_printf(struct lab_log *log, int level, const char *node, const char *program,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
