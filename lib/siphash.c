// SPDX-License-Identifier: BSD-2-Clause
/* lib/siphash.c - SipHash over bytes. */
#include "lib/siphash.h"

#include <string.h>

static inline uint64_t load_le64(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

static inline uint64_t sip_bytes(const void *data, size_t len, const siphash_key_t *key,
				 int c_rounds, int d_rounds)
{
	const uint8_t *p = data, *end = p + (len & ~(size_t)7);
	struct sip_state s = sip_start(key);
	uint64_t last = (uint64_t)len << 56;

	for (; p != end; p += 8)
		sip_word(&s, load_le64(p), c_rounds);
	for (unsigned int i = 0; i < (len & 7); i++)
		last |= (uint64_t)p[i] << 8 * i;
	return sip_end(&s, last, c_rounds, d_rounds);
}

/**
 * siphash() - SipHash-2-4 of @len bytes
 * @data: any alignment
 * @key:  secret; the shard draws it from the embedder's random source
 */
uint64_t siphash(const void *data, size_t len, const siphash_key_t *key)
{
	return sip_bytes(data, len, key, 2, 4);
}

/**
 * siphash13() - SipHash-1-3 of @len bytes, for hashes that nobody outside sees
 */
uint64_t siphash13(const void *data, size_t len, const siphash_key_t *key)
{
	return sip_bytes(data, len, key, 1, 3);
}
