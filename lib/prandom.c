// SPDX-License-Identifier: BSD-2-Clause
/* lib/prandom.c - a reproducible stream of random numbers. */
#include "lib/prandom.h"

#include <string.h>

static inline uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* splitmix64 (Steele, Lea, Flood 2014): spreads seeds that differ in one bit over the whole state. */
static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/**
 * prng_seed() - start a stream
 * @seed: @len bytes, every one of which counts; 16 or 32 are usual
 */
void prng_seed(struct prng *r, const void *seed, size_t len)
{
	const uint8_t *p = seed;
	uint64_t x = len;

	while (len) {
		size_t n = len < 8 ? len : 8;
		uint64_t w = 0;

		memcpy(&w, p, n);
		x ^= w;
		x = splitmix64(&x);
		p += n;
		len -= n;
	}
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix64(&x);
}

/**
 * prng_u64() - the next 64 bits of the stream
 */
uint64_t prng_u64(struct prng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

/**
 * prng_u32_below() - a number from 0 to @n - 1, each as likely as any other
 * @n: bound; 0 gives 0
 *
 * Multiply and shift (Lemire 2019); the few low products that would favour some numbers are drawn again.
 */
uint32_t prng_u32_below(struct prng *r, uint32_t n)
{
	uint64_t m = (prng_u64(r) >> 32) * n;

	if ((uint32_t)m < n) {
		uint32_t reject = (uint32_t)-n % n;

		while ((uint32_t)m < reject)
			m = (prng_u64(r) >> 32) * n;
	}
	return (uint32_t)(m >> 32);
}
