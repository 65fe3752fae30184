// SPDX-License-Identifier: BSD-2-Clause
/* lib/checksum.c - sums over long buffers, with and without a copy.
 *
 * DOC: Checksums
 * Words are added as they lie in memory, so the folded result is in network byte order on every machine
 * (RFC 1071 2 B). Long buffers are taken 128 bytes at a time in vector registers. Of each 64-bit lane the
 * whole is added to one accumulator, which loses carries, and the upper 32 bits to another, which cannot
 * overflow below 64 GiB; that one times 2^32 taken from the first leaves the sum of the lower halves, which
 * cannot overflow either, so nothing is lost. The compiler turns the vector types into whatever the target has.
 */
#include "lib/checksum.h"

typedef uint64_t v4u64 __attribute__((vector_size(32)));

struct vsum {
	v4u64 all, hi;
};

static inline v4u64 load_v4(const uint8_t *p)
{
	v4u64 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void vsum_add(struct vsum *s, v4u64 v)
{
	s->all += v;
	s->hi += v >> 32;
}

static inline uint64_t vsum_total(const struct vsum *a, const struct vsum *b)
{
	v4u64 hi = a->hi + b->hi;
	v4u64 t = a->all + b->all - (hi << 32) + hi;
	uint64_t acc = t[0];

	acc = csum_add64(acc, t[1]);
	acc = csum_add64(acc, t[2]);
	return csum_add64(acc, t[3]);
}

/* The last 0..7 bytes; an odd last byte is the first of its 16-bit word, the second is zero. */
static inline uint64_t sum_tail(const uint8_t *p, size_t len)
{
	uint64_t acc = 0;
	uint32_t w4;
	uint16_t w2;

	if (len & 4) {
		memcpy(&w4, p, 4);
		acc += w4;
		p += 4;
	}
	if (len & 2) {
		memcpy(&w2, p, 2);
		acc += w2;
		p += 2;
	}
	if (len & 1) {
		w2 = 0;
		memcpy(&w2, p, 1);
		acc += w2;
	}
	return acc;
}

/* Up to 63 bytes. */
static uint64_t sum_short(const uint8_t *p, size_t len, uint64_t acc)
{
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		acc = csum_add64(acc, w);
	}
	return len ? csum_add64(acc, sum_tail(p, len)) : acc;
}

/**
 * csum_partial() - add @len bytes to a sum
 * @buf: any alignment; an odd last byte counts as followed by a zero
 * @sum: sum so far, of an even number of bytes; 0 to begin
 * Return: unfolded sum
 * Spec:   RFC 1071
 */
uint32_t csum_partial(const void *buf, size_t len, uint32_t sum)
{
	const uint8_t *p = buf;
	uint64_t acc = sum;

	if (len >= 64) {
		struct vsum a = { 0 }, b = { 0 };

		for (; len >= 128; p += 128, len -= 128) {
			vsum_add(&a, load_v4(p));
			vsum_add(&b, load_v4(p + 32));
			vsum_add(&a, load_v4(p + 64));
			vsum_add(&b, load_v4(p + 96));
		}
		if (len >= 64) {
			vsum_add(&a, load_v4(p));
			vsum_add(&b, load_v4(p + 32));
			p += 64;
			len -= 64;
		}
		if (len >= 32) {
			vsum_add(&a, load_v4(p));
			p += 32;
			len -= 32;
		}
		acc = csum_add64(acc, vsum_total(&a, &b));
	}
	return csum_fold64(sum_short(p, len, acc));
}

/**
 * csum_partial_copy() - copy @len bytes and add them to a sum in the same pass
 * @dst: does not overlap @src
 * Return: unfolded sum, as csum_partial(@src, @len, @sum)
 */
uint32_t csum_partial_copy(void *restrict dst, const void *restrict src, size_t len, uint32_t sum)
{
	const uint8_t *p = src;
	uint8_t *d = dst;
	uint64_t acc = sum;

	if (len >= 64) {
		struct vsum a = { 0 }, b = { 0 };

		for (; len >= 64; p += 64, d += 64, len -= 64) {
			v4u64 v = load_v4(p), w = load_v4(p + 32);

			memcpy(d, &v, sizeof(v));
			memcpy(d + 32, &w, sizeof(w));
			vsum_add(&a, v);
			vsum_add(&b, w);
		}
		if (len >= 32) {
			v4u64 v = load_v4(p);

			memcpy(d, &v, sizeof(v));
			vsum_add(&a, v);
			p += 32;
			d += 32;
			len -= 32;
		}
		acc = csum_add64(acc, vsum_total(&a, &b));
	}
	if (len)
		memcpy(d, p, len);
	return csum_fold64(sum_short(p, len, acc));
}
