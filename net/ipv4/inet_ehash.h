/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/inet_ehash.h - lines of tags: 32-bit handles found by a 32-bit hash. For inet_hashtables.c, its test and bench.
 *
 * DOC: Lines of tags
 * A line of 64 bytes holds ten 16-bit tags and ten handles, so one cache miss decides between ten connections. The line is
 * chosen by the low bits of the hash, the tag is its upper half. A line that is full goes on in an overflow line. Whenever the mean
 * goes above six entries a line, one line is split in two (linear hashing: the one whose turn it is, not the one that is full), and
 * merged again when the mean goes below two. Hence no insert ever rehashes the table, and there is never a second one.
 *
 * The owner of the entries says what their hash is when a line is split.
 */
#ifndef NET_IPV4_INET_EHASH_H
#define NET_IPV4_INET_EHASH_H

#include "engine/slab.h"
#include "engine/skiff.h"

#define EHASH_SLOTS	10
#define EHASH_SEG_SHIFT 10
#define EHASH_SEG_LINES (1u << EHASH_SEG_SHIFT)
#define EHASH_MIN_LEVEL 4

/**
 * struct ehash_line
 * @more: handle of the overflow line, 0: none
 */
struct ehash_line {
	u16 tag[EHASH_SLOTS];
	u32 entry[EHASH_SLOTS]; /* 0: free */
	u32 more;
};
static_assert(sizeof(struct ehash_line) == 64, "a line of the table is a line of the cache");

/**
 * struct inet_ehash
 * @level: lines 0 .. 2^level - 1 are there, and of the next 2^level the first @split
 * @hash_of: the hash of an entry (looks at the object); @prefetch: start loading what @hash_of reads
 * @walking: no line moves while somebody walks
 */
struct inet_ehash {
	struct ehash_line **seg;
	u32 nr_seg, cap_seg;
	u32 level, split;
	u32 count;
	u32 walking;
	struct slab overflow;
	struct skiff *skiff;
	u32 (*hash_of)(void *arg, u32 entry);
	void (*prefetch)(void *arg, u32 entry);
	void *arg;
};

/** inet_ehash_init() - an empty table; takes no memory yet */
void inet_ehash_init(struct inet_ehash *e, struct skiff *skiff,
		     u32 (*hash_of)(void *arg, u32 entry), void (*prefetch)(void *arg, u32 entry),
		     void *arg);
void inet_ehash_exit(struct inet_ehash *e);
/** ehash_insert() - one more entry (not 0, not in the table). 0 or -ENOMEM */
int ehash_insert(struct inet_ehash *e, u32 hash, u32 entry);
/** ehash_replace() - @new stands where @old stood, with the same hash. false: @old is not there */
bool ehash_replace(struct inet_ehash *e, u32 hash, u32 old, u32 new);
bool ehash_remove(struct inet_ehash *e, u32 hash, u32 entry);
/** ehash_walk() - all entries in any order; @fn may remove or replace the one it is given */
void ehash_walk(struct inet_ehash *e, void (*fn)(void *arg, u32 entry), void *arg);
/** ehash_bytes() - memory of the table */
u64 ehash_bytes(const struct inet_ehash *e);

static inline u32 ehash_lines(const struct inet_ehash *e)
{
	return (1u << e->level) + e->split;
}

static inline struct ehash_line *ehash_line_at(const struct inet_ehash *e, u32 i)
{
	return &e->seg[i >> EHASH_SEG_SHIFT][i & (EHASH_SEG_LINES - 1)];
}

static inline u32 ehash_index(const struct inet_ehash *e, u32 hash)
{
	u32 low = hash & ((1u << e->level) - 1);

	/* No branch: which half a hash falls into can not be guessed. */
	return hash & (((2u << e->level) - 1) >> (low >= e->split));
}

/** ehash_first() - the line where @hash begins; the table is not empty */
static inline struct ehash_line *ehash_first(const struct inet_ehash *e, u32 hash)
{
	return ehash_line_at(e, ehash_index(e, hash));
}

static inline const struct ehash_line *ehash_more(const struct inet_ehash *e,
						  const struct ehash_line *line)
{
	return likely(!line->more) ? NULL : slab_ptr(&e->overflow, line->more);
}

/* 16-bit lanes of @v that are zero have their top bit set; a lane above a zero one may have it too, in vain. */
static inline u64 ehash_zero_lanes(u64 v)
{
	return (v - 0x0001000100010001ull) & ~v & 0x8000800080008000ull;
}

/**
 * ehash_match() - slots that have the tag of @hash, most probably. Free slots may match: look at the entry
 * Return: a set of bits for ehash_slot_of(), one a slot
 */
static inline u64 ehash_match(const struct ehash_line *line, u32 hash)
{
	const u64 want = (hash >> 16) * 0x0001000100010001ull;
	u64 a, b;
	u32 c;

	memcpy(&a, line->tag, 8);
	memcpy(&b, line->tag + 4, 8);
	memcpy(&c, line->tag + 8, 4);
	return ehash_zero_lanes(a ^ want) | ehash_zero_lanes(b ^ want) >> 1 |
	       (ehash_zero_lanes(c ^ want) & 0x80008000) >> 2;
}

/** ehash_slot_of() - the slot of the lowest bit of @match (not 0): the lane, and which of three words of tags */
static inline u32 ehash_slot_of(u64 match)
{
	u32 bit = (u32)__builtin_ctzll(match);

	return bit / 16 + 4 * (15 - bit % 16);
}

#endif
