// SPDX-License-Identifier: BSD-2-Clause
/* lib/siphash.h - SipHash, a keyed hash for tables that outsiders fill (Aumasson and Bernstein 2012).
 *
 * siphash*()   SipHash-2-4: where an output is seen outside (cookies, IP IDs, sequence numbers)
 * siphash13*() SipHash-1-3: half the rounds, for tables whose hashes stay inside
 * The word forms equal the byte form over the words in little-endian order.
 */
#ifndef LIB_SIPHASH_H
#define LIB_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t key[2];
} siphash_key_t;

uint64_t siphash(const void *data, size_t len, const siphash_key_t *key);
uint64_t siphash13(const void *data, size_t len, const siphash_key_t *key);

/* Private Part: rounds and the word forms, inline since the number of words is known. */

struct sip_state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t sip_rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static inline void sip_round(struct sip_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = sip_rotl(s->v1, 13) ^ s->v0;
	s->v3 = sip_rotl(s->v3, 16) ^ s->v2;
	s->v0 = sip_rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = sip_rotl(s->v1, 17) ^ s->v2;
	s->v3 = sip_rotl(s->v3, 21) ^ s->v0;
	s->v2 = sip_rotl(s->v2, 32);
}

static inline struct sip_state sip_start(const siphash_key_t *key)
{
	return (struct sip_state){
		.v0 = key->key[0] ^ 0x736f6d6570736575ULL,
		.v1 = key->key[1] ^ 0x646f72616e646f6dULL,
		.v2 = key->key[0] ^ 0x6c7967656e657261ULL,
		.v3 = key->key[1] ^ 0x7465646279746573ULL,
	};
}

static inline void sip_word(struct sip_state *s, uint64_t m, int c_rounds)
{
	s->v3 ^= m;
	for (int i = 0; i < c_rounds; i++)
		sip_round(s);
	s->v0 ^= m;
}

static inline uint64_t sip_end(struct sip_state *s, uint64_t last, int c_rounds, int d_rounds)
{
	sip_word(s, last, c_rounds);
	s->v2 ^= 0xff;
	for (int i = 0; i < d_rounds; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint64_t sip_words(const uint64_t *w, unsigned int n, const siphash_key_t *key,
				 int c_rounds, int d_rounds)
{
	struct sip_state s = sip_start(key);

	for (unsigned int i = 0; i < n; i++)
		sip_word(&s, w[i], c_rounds);
	return sip_end(&s, (uint64_t)n * 8 << 56, c_rounds, d_rounds);
}

static inline uint64_t siphash_1u64(uint64_t a, const siphash_key_t *key)
{
	return sip_words(&a, 1, key, 2, 4);
}

static inline uint64_t siphash_2u64(uint64_t a, uint64_t b, const siphash_key_t *key)
{
	const uint64_t w[] = { a, b };

	return sip_words(w, 2, key, 2, 4);
}

static inline uint64_t siphash_3u64(uint64_t a, uint64_t b, uint64_t c, const siphash_key_t *key)
{
	const uint64_t w[] = { a, b, c };

	return sip_words(w, 3, key, 2, 4);
}

static inline uint64_t siphash_4u64(uint64_t a, uint64_t b, uint64_t c, uint64_t d,
				    const siphash_key_t *key)
{
	const uint64_t w[] = { a, b, c, d };

	return sip_words(w, 4, key, 2, 4);
}

static inline uint64_t siphash13_1u64(uint64_t a, const siphash_key_t *key)
{
	return sip_words(&a, 1, key, 1, 3);
}

static inline uint64_t siphash13_2u64(uint64_t a, uint64_t b, const siphash_key_t *key)
{
	const uint64_t w[] = { a, b };

	return sip_words(w, 2, key, 1, 3);
}

/* The byte form over 12 bytes: what is left of a word goes with the length, which saves a round. */
static inline uint64_t siphash13_u64_u32(uint64_t a, uint32_t b, const siphash_key_t *key)
{
	struct sip_state s = sip_start(key);

	sip_word(&s, a, 1);
	return sip_end(&s, 12ULL << 56 | b, 1, 3);
}

static inline uint64_t siphash13_3u64(uint64_t a, uint64_t b, uint64_t c, const siphash_key_t *key)
{
	const uint64_t w[] = { a, b, c };

	return sip_words(w, 3, key, 1, 3);
}

/* ---- four at a time, in the compiler's vector types */

typedef uint64_t sip_v4 __attribute__((vector_size(32)));
typedef uint32_t sip_v8 __attribute__((vector_size(32)));

struct sip_state4 {
	sip_v4 v0, v1, v2, v3;
};

static inline sip_v4 sip_rotl4(sip_v4 x, int k)
{
	return x << k | x >> (64 - k);
}

static inline sip_v4 sip_swap4(sip_v4 x)
{
	return (sip_v4)__builtin_shufflevector((sip_v8)x, (sip_v8)x, 1, 0, 3, 2, 5, 4, 7, 6);
}

static inline void sip_round4(struct sip_state4 *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = sip_rotl4(s->v1, 13) ^ s->v0;
	s->v3 = sip_rotl4(s->v3, 16) ^ s->v2;
	s->v0 = sip_swap4(s->v0);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = sip_rotl4(s->v1, 17) ^ s->v2;
	s->v3 = sip_rotl4(s->v3, 21) ^ s->v0;
	s->v2 = sip_swap4(s->v2);
}

/* siphash13_u64_u32() of @a[i] and @b[i], lower half into @out[i]: 0 .. 3 */
static inline void siphash13_u64_u32_x4(const uint64_t *a, const uint32_t *b,
					const siphash_key_t *key, uint32_t *out)
{
	const struct sip_state one = sip_start(key);
	const sip_v4 zero = { 0 }, first = { a[0], a[1], a[2], a[3] },
		     last = { 12ULL << 56 | b[0], 12ULL << 56 | b[1], 12ULL << 56 | b[2],
			      12ULL << 56 | b[3] };
	struct sip_state4 s = { zero + one.v0, zero + one.v1, zero + one.v2, zero + one.v3 };

	s.v3 ^= first;
	sip_round4(&s);
	s.v0 ^= first;
	s.v3 ^= last;
	sip_round4(&s);
	s.v0 ^= last;
	s.v2 ^= zero + 0xff;
	for (int i = 0; i < 3; i++)
		sip_round4(&s);
	s.v0 ^= s.v1 ^ s.v2 ^ s.v3;
	for (int i = 0; i < 4; i++)
		out[i] = (uint32_t)s.v0[i];
}

#endif
