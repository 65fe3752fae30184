// SPDX-License-Identifier: BSD-2-Clause
/* lib/jhash.h - Jenkins' lookup3 over 32-bit words (public domain algorithm, 2006).
 *
 * For tables that only we fill. Not for what outsiders fill: it has no secret key; see lib/siphash.h.
 */
#ifndef LIB_JHASH_H
#define LIB_JHASH_H

#include <stdint.h>

static inline uint32_t jhash_rol(uint32_t x, int k)
{
	return x << k | x >> (32 - k);
}

/* Reversible mixing of three words between blocks. */
static inline void jhash_mix(uint32_t *a, uint32_t *b, uint32_t *c)
{
	*a = (*a - *c) ^ jhash_rol(*c, 4);
	*c += *b;
	*b = (*b - *a) ^ jhash_rol(*a, 6);
	*a += *c;
	*c = (*c - *b) ^ jhash_rol(*b, 8);
	*b += *a;
	*a = (*a - *c) ^ jhash_rol(*c, 16);
	*c += *b;
	*b = (*b - *a) ^ jhash_rol(*a, 19);
	*a += *c;
	*c = (*c - *b) ^ jhash_rol(*b, 4);
	*b += *a;
}

/* Last mixing: every input bit reaches every bit of the result. */
static inline uint32_t jhash_final(uint32_t a, uint32_t b, uint32_t c)
{
	c = (c ^ b) - jhash_rol(b, 14);
	a = (a ^ c) - jhash_rol(c, 11);
	b = (b ^ a) - jhash_rol(a, 25);
	c = (c ^ b) - jhash_rol(b, 16);
	a = (a ^ c) - jhash_rol(c, 4);
	b = (b ^ a) - jhash_rol(a, 14);
	return (c ^ b) - jhash_rol(b, 24);
}

static inline uint32_t jhash_start(uint32_t words, uint32_t initval)
{
	return 0xdeadbeef + (words << 2) + initval;
}

/**
 * jhash2() - hash of @n words
 * @initval: any number; other numbers give other hashes
 */
static inline uint32_t jhash2(const uint32_t *k, uint32_t n, uint32_t initval)
{
	uint32_t a = jhash_start(n, initval), b = a, c = a;

	for (; n > 3; n -= 3, k += 3) {
		a += k[0];
		b += k[1];
		c += k[2];
		jhash_mix(&a, &b, &c);
	}
	if (!n)
		return c;
	a += k[0];
	if (n > 1)
		b += k[1];
	if (n > 2)
		c += k[2];
	return jhash_final(a, b, c);
}

/**
 * jhash_3words() - jhash2() of three words
 */
static inline uint32_t jhash_3words(uint32_t a, uint32_t b, uint32_t c, uint32_t initval)
{
	uint32_t s = jhash_start(3, initval);

	return jhash_final(a + s, b + s, c + s);
}

/**
 * jhash_2words() - jhash2() of two words
 */
static inline uint32_t jhash_2words(uint32_t a, uint32_t b, uint32_t initval)
{
	uint32_t s = jhash_start(2, initval);

	return jhash_final(a + s, b + s, s);
}

/**
 * jhash_1word() - jhash2() of one word
 */
static inline uint32_t jhash_1word(uint32_t a, uint32_t initval)
{
	uint32_t s = jhash_start(1, initval);

	return jhash_final(a + s, s, s);
}

#endif
