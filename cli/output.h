/* SPDX-License-Identifier: BSD-2-Clause */
/* cli/output.h - journeys on standard output and into capture files, for the verbs. For cli/ only. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "skiff/explain.h"

/**
 * struct capture - a pcapng file being written
 */
struct capture {
	struct skiff_pcapng pcapng;
	FILE *f;
};

bool capture_open(struct capture *c, const char *path, uint64_t wall_ns);
void capture_put(struct capture *c, const struct skiff_journey *j);
bool capture_close(struct capture *c, const char *path);
void print_journey(const struct skiff_journey *j, bool json);
void print_connection(const struct skiff_recorder *rec, unsigned i, bool json);

#endif
