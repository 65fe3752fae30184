// SPDX-License-Identifier: BSD-2-Clause
/* lib/prandom.h - a reproducible stream of random numbers (xoshiro256**, Blackman and Vigna 2018).
 *
 * The same seed gives the same stream for ever: whole runs are replayed from one number. It is not
 * cryptographic: who sees outputs can compute the rest. Keys that outsiders must not guess come from
 * the embedder's random source, see skiff_env.
 */
#ifndef LIB_PRANDOM_H
#define LIB_PRANDOM_H

#include <stddef.h>
#include <stdint.h>

struct prng {
	uint64_t s[4];
};

void prng_seed(struct prng *r, const void *seed, size_t len);
uint64_t prng_u64(struct prng *r);
uint32_t prng_u32_below(struct prng *r, uint32_t n);

#endif
