/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/impair.h - what one direction of a link does to frames: delay, loss, rate and the rest. For lab/ only. */
#ifndef LAB_IMPAIR_H
#define LAB_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prandom.h"

#define IMPAIR_COPIES_MAX 2

/**
 * struct impair_config - one direction of a link
 * @delay:   ns that each frame is under way
 * @rate:    bits per second, 0: no limit. Counts the Ethernet frame without FCS and preamble
 * @loss, @duplicate, @corrupt, @reorder: shares, in parts per million
 * @seed:    of the random stream; equal seeds give equal fates
 * @seeded:  the file says which
 */
struct impair_config {
	uint64_t delay;
	uint64_t rate;
	uint32_t loss, duplicate, corrupt, reorder;
	uint64_t seed;
	bool seeded;
};

/**
 * struct impair - a direction at work
 * @busy_until: when the last bit of the frames so far has been sent, ns
 */
struct impair {
	struct impair_config config;
	struct prng prng;
	uint64_t busy_until;
};

/* One copy that arrives: when, and the bit that was turned over on the way (-1: none). */
struct impair_copy {
	uint64_t at;
	int64_t bit;
};

void impair_init(struct impair *im, const struct impair_config *config);
bool impair_is_plain(const struct impair_config *config);
unsigned impair_frame(struct impair *im, uint64_t now, size_t len,
		      struct impair_copy copy[IMPAIR_COPIES_MAX]);

#endif
