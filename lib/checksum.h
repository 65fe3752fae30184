// SPDX-License-Identifier: BSD-2-Clause
/* lib/checksum.h - the Internet checksum: sum, fold, combine, update in place.
 *
 * Two forms of value, as in Linux:
 *   sum    uint32_t, a running one's-complement sum of 16-bit words as they lie in memory; never complemented
 *   check  uint16_t, folded and complemented: what stands in a header, in network byte order
 * Sums are order-free: parts may be summed apart and joined with csum_add() or csum_block_add().
 */
#ifndef LIB_CHECKSUM_H
#define LIB_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t csum_partial(const void *buf, size_t len, uint32_t sum);
uint32_t csum_partial_copy(void *restrict dst, const void *restrict src, size_t len, uint32_t sum);

/**
 * csum_add() - join two sums, carry brought round
 */
static inline uint32_t csum_add(uint32_t sum, uint32_t addend)
{
	sum += addend;
	return sum + (sum < addend);
}

/**
 * csum_sub() - take a part out of a sum again
 */
static inline uint32_t csum_sub(uint32_t sum, uint32_t part)
{
	return csum_add(sum, ~part);
}

/**
 * csum_fold() - a sum as it goes into a header
 * Return: complemented 16 bits in network byte order
 */
static inline uint16_t csum_fold(uint32_t sum)
{
	/* Adding the halves swapped leaves the folded sum with its carry in the upper half. */
	sum += sum >> 16 | sum << 16;
	return (uint16_t)(~sum >> 16);
}

/**
 * csum_unfold() - the sum that a folded, uncomplemented value stands for
 */
static inline uint32_t csum_unfold(uint16_t folded)
{
	return folded;
}

/**
 * csum_fold64() - bring the carries of a 64-bit accumulator round into a sum
 */
static inline uint32_t csum_fold64(uint64_t acc)
{
	acc += acc >> 32 | acc << 32;
	return (uint32_t)(acc >> 32);
}

/**
 * csum_add64() - add to a 64-bit accumulator, carry brought round
 */
static inline uint64_t csum_add64(uint64_t acc, uint64_t word)
{
	acc += word;
	return acc + (acc < word);
}

/**
 * ip_fast_csum() - checksum of an IPv4 header
 * @iph: the header, any alignment
 * @ihl: its length in 32-bit words, 5..15
 *
 * Inline because a forwarded packet pays for it once or twice, and 20 bytes are three loads.
 * Return: value for the checksum field; 0 if the field was part of @iph and right
 */
static inline uint16_t ip_fast_csum(const void *iph, unsigned int ihl)
{
	const uint8_t *p = iph;
	uint64_t a, b;
	uint32_t w;

	memcpy(&a, p, 8);
	memcpy(&b, p + 8, 8);
	memcpy(&w, p + 16, 4);
	a = csum_add64(a, b);
	a = csum_add64(a, w);
	for (unsigned int i = 5; __builtin_expect(i < ihl, 0); i++) {
		memcpy(&w, p + 4 * i, 4);
		a = csum_add64(a, w);
	}
	return csum_fold(csum_fold64(a));
}

/**
 * csum_tcpudp_nofold() - add the pseudo header to a sum
 * @saddr: be
 * @daddr: be
 * @len:   transport length in bytes, host order
 * @proto: IP protocol
 * @sum:   sum over the transport segment, or 0
 * Spec:   RFC 768; RFC 9293 3.1
 */
static inline uint32_t csum_tcpudp_nofold(uint32_t saddr, uint32_t daddr, uint32_t len,
					  uint8_t proto, uint32_t sum)
{
	uint64_t acc = (uint64_t)saddr + daddr + sum;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	acc += ((uint64_t)len + proto) << 8;
#else
	acc += (uint64_t)len + proto;
#endif
	return csum_fold64(acc);
}

/**
 * csum_tcpudp_magic() - csum_tcpudp_nofold(), ready for the header
 */
static inline uint16_t csum_tcpudp_magic(uint32_t saddr, uint32_t daddr, uint32_t len,
					 uint8_t proto, uint32_t sum)
{
	return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, proto, sum));
}

/**
 * csum_shift() - the sum a block has when it starts at @offset of a larger one
 *
 * At an odd offset every byte changes its place in its 16-bit word.
 */
static inline uint32_t csum_shift(uint32_t sum, size_t offset)
{
	return offset & 1 ? sum >> 8 | sum << 24 : sum;
}

/**
 * csum_block_add() - join the sum of a block that starts @offset bytes after the first's start
 */
static inline uint32_t csum_block_add(uint32_t sum, uint32_t sum2, size_t offset)
{
	return csum_add(sum, csum_shift(sum2, offset));
}

/**
 * csum_block_sub() - take the sum of a block at @offset out again
 */
static inline uint32_t csum_block_sub(uint32_t sum, uint32_t sum2, size_t offset)
{
	return csum_add(sum, csum_shift(~sum2, offset));
}

/**
 * csum_replace2() - follow the change of one 16-bit word in a checksum field
 * @check: the field, be
 * @from:  old word, be
 * @to:    new word, be
 *
 * RFC 1624 equation 3: it never turns a right checksum into the other zero.
 */
static inline void csum_replace2(uint16_t *check, uint16_t from, uint16_t to)
{
	*check = csum_fold((uint32_t)(uint16_t) ~*check + (uint16_t)~from + to);
}

/**
 * csum_replace4() - follow the change of one 32-bit word in a checksum field
 */
static inline void csum_replace4(uint16_t *check, uint32_t from, uint32_t to)
{
	uint32_t sum = csum_sub(csum_unfold((uint16_t) ~*check), from);

	*check = csum_fold(csum_add(sum, to));
}

#endif
