// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lpm_nodes.c - the nodes of the compiled longest-prefix match, and how prefixes are painted into them.
 *
 * DOC: Painting
 * A brush opens a /16 (and in it a /24) into 256 plain slots, paints prefixes over ranges of them and packs them up
 * again as runs. One rule serves insertion, change and removal alike: a slot in the range of a prefix takes the new leaf if
 * the prefix length of its present leaf is not greater. So leaves must know their prefix length, and a removed prefix
 * is painted over, at its own length, with the leaf of what covers it.
 * Nodes that are given up are used again for others of their size; a rebuild packs everything.
 */
#include "fib_lpm.h"

#define POOL_START_UNITS 256u

/* ---- room for nodes ---- */

static bool pool_resize(struct fib_lpm *lpm, u32 units)
{
	char *pool = skiff_alloc_aligned(lpm->skiff, (size_t)units * FIB_LPM_UNIT, 64);

	if (!pool)
		return false;
	if (lpm->pool)
		memcpy(pool, lpm->pool, (size_t)lpm->pool_used * FIB_LPM_UNIT);
	skiff_free(lpm->skiff, lpm->pool);
	lpm->pool = pool;
	lpm->pool_max = units;
	return true;
}

/* Entry of a new node of @units; 0: no memory (unit 0 is never given away). */
static u32 node_get(struct fib_lpm *lpm, unsigned units)
{
	u32 at = lpm->free_node[units];

	if (at) {
		memcpy(&lpm->free_node[units], fib_lpm_node_at(lpm, at), sizeof(u32));
		lpm->pool_free -= units;
		return FIB_LPM_NODE | at;
	}
	if (lpm->pool_used + units > lpm->pool_max &&
	    !pool_resize(lpm, lpm->pool_max + max_t(u32, lpm->pool_max / 8, POOL_START_UNITS)))
		return 0;
	at = lpm->pool_used;
	lpm->pool_used += units;
	return FIB_LPM_NODE | at;
}

static void node_put(struct fib_lpm *lpm, u32 e)
{
	struct fib_lpm_node *n = (struct fib_lpm_node *)fib_lpm_node_at(lpm, e);
	unsigned units = n->units;

	memcpy(n, &lpm->free_node[units], sizeof(u32));
	lpm->free_node[units] = e & ~FIB_LPM_NODE;
	lpm->pool_free += units;
}

/**
 * fib_lpm_nodes_reset() - forget all nodes, keep their memory; the root is the caller's
 */
void fib_lpm_nodes_reset(struct fib_lpm *lpm)
{
	lpm->pool_used = 1;
	lpm->pool_free = 0;
	memset(lpm->free_node, 0, sizeof(lpm->free_node));
}

void fib_lpm_nodes_free(struct fib_lpm *lpm)
{
	skiff_free(lpm->skiff, lpm->pool);
	lpm->pool = NULL;
	lpm->pool_max = 0;
	fib_lpm_nodes_reset(lpm);
}

/**
 * fib_lpm_nodes_trim() - after a whole build: give back the room beyond a thirty-second for growth
 */
void fib_lpm_nodes_trim(struct fib_lpm *lpm)
{
	u32 units = lpm->pool_used + lpm->pool_used / 32 + POOL_START_UNITS;

	/* No memory for the smaller copy: then it stays as it is. */
	if (units < lpm->pool_max)
		(void)pool_resize(lpm, units);
}

/* ---- packing and unpacking ---- */

static void fill(u32 *slot, unsigned from, unsigned to, u32 v)
{
	for (unsigned i = from; i < to; i++)
		slot[i] = v;
}

/* Slots of entry @e of the root, or of another slot. */
static void unpack(const struct fib_lpm *lpm, u32 e, u32 slot[256])
{
	const struct fib_lpm_node *n;
	const u16 *leaf;
	unsigned at = 0;
	u32 v = e;

	if (!(e & FIB_LPM_NODE)) {
		fill(slot, 0, 256, e);
		return;
	}
	n = fib_lpm_node_at(lpm, e);
	leaf = n->leaf;
	for (unsigned word = 0; word < 4; word++)
		for (u64 m = n->runs[word]; m; m &= m - 1) {
			unsigned next = word * 64 + (unsigned)__builtin_ctzll(m);

			fill(slot, at, next, v);
			at = next;
			v = *leaf++;
			if (v & FIB_LPM_KID)
				v = fib_lpm_kid(n, v);
		}
	fill(slot, at, 256, v);
}

/* Where runs start in @slot; returns how many there are. */
static unsigned find_runs(const u32 slot[256], u64 runs[4], u8 before[4])
{
	unsigned total = 0;

	for (unsigned word = 0; word < 4; word++) {
		const u32 *s = slot + word * 64;
		u64 m = word == 0 || s[0] != s[-1];

		for (unsigned i = 1; i < 64; i++)
			m |= (u64)(s[i] != s[i - 1]) << i;
		runs[word] = m;
		before[word] = (u8)total;
		total += (unsigned)__builtin_popcountll(m);
	}
	return total;
}

static unsigned count_kids(const u32 slot[256])
{
	unsigned n = 0;

	for (unsigned i = 0; i < 256; i++)
		n += slot[i] >> 31;
	return n;
}

static void write_leaves(struct fib_lpm_node *n, const u32 slot[256], unsigned kids_at)
{
	u16 *leaf = n->leaf;
	unsigned k = 0;

	for (unsigned word = 0; word < 4; word++)
		for (u64 m = n->runs[word]; m; m &= m - 1) {
			u32 v = slot[word * 64 + (unsigned)__builtin_ctzll(m)];

			if (v & FIB_LPM_NODE) {
				memcpy(&n->leaf[kids_at + 2 * k], &v, sizeof(v));
				v = FIB_LPM_KID | k++;
			}
			*leaf++ = (u16)v;
		}
}

/* Write @slot into the node of *@e, or a new one if the size does not fit. False: no memory, the form is broken. */
static bool pack_node(struct fib_lpm *lpm, u32 *e, const u32 slot[256])
{
	struct fib_lpm_node head, *n;
	unsigned runs = find_runs(slot, head.runs, head.before), kids = count_kids(slot);
	unsigned leaves = kids ? fib_lpm_kids_at(runs) + 2 * kids : runs;
	size_t size = offsetof(struct fib_lpm_node, leaf) + leaves * sizeof(u16);
	u16 units = (u16)((size + FIB_LPM_UNIT - 1) / FIB_LPM_UNIT);

	if (!(*e & FIB_LPM_NODE) || fib_lpm_node_at(lpm, *e)->units != units) {
		if (*e & FIB_LPM_NODE)
			node_put(lpm, *e);
		*e = node_get(lpm, units);
		if (!*e)
			return false;
	}
	n = (struct fib_lpm_node *)fib_lpm_node_at(lpm, *e);
	head.units = units;
	memcpy(n, &head, offsetof(struct fib_lpm_node, leaf));
	write_leaves(n, slot, fib_lpm_kids_at(runs));
	return true;
}

static bool uniform(const u32 slot[256])
{
	u32 diff = 0;

	for (unsigned i = 1; i < 256; i++)
		diff |= slot[i] ^ slot[0];
	return !diff;
}

/* Pack @slot into the entry *@e, which was unpacked from it. */
static bool pack(struct fib_lpm *lpm, u32 *e, const u32 slot[256])
{
	if (!uniform(slot))
		return pack_node(lpm, e, slot);
	if (*e & FIB_LPM_NODE)
		node_put(lpm, *e);
	*e = slot[0];
	return true;
}

/* ---- the brush ---- */

void fib_lpm_brush_init(struct fib_lpm_brush *b, struct fib_lpm *lpm)
{
	b->lpm = lpm;
	b->hi = b->mid = -1;
	b->failed = false;
}

static void close_sub(struct fib_lpm_brush *b)
{
	if (b->mid >= 0 && !pack(b->lpm, &b->slot[b->mid], b->sub))
		b->failed = true;
	b->mid = -1;
}

/**
 * fib_lpm_brush_end() - pack up what is open
 */
void fib_lpm_brush_end(struct fib_lpm_brush *b)
{
	close_sub(b);
	if (b->hi >= 0 && !pack(b->lpm, &b->lpm->root[b->hi], b->slot))
		b->failed = true;
	b->hi = -1;
}

static void open_slots(struct fib_lpm_brush *b, int hi)
{
	if (b->hi == hi)
		return;
	fib_lpm_brush_end(b);
	unpack(b->lpm, b->lpm->root[hi], b->slot);
	b->hi = hi;
}

static void open_sub(struct fib_lpm_brush *b, int mid)
{
	if (b->mid == mid)
		return;
	close_sub(b);
	unpack(b->lpm, b->slot[mid], b->sub);
	b->mid = mid;
}

/* The rule: not over what is longer. */
static void dab(const struct fib_lpm *lpm, u32 *slot, unsigned plen, u32 leaf)
{
	if (lpm->leaves[*slot].plen <= plen)
		*slot = leaf;
}

static void paint_sub(struct fib_lpm_brush *b, unsigned from, unsigned to, unsigned plen, u32 leaf)
{
	for (unsigned i = from; i <= to; i++)
		dab(b->lpm, &b->sub[i], plen, leaf);
}

static void paint_slots(struct fib_lpm_brush *b, unsigned from, unsigned to, unsigned plen,
			u32 leaf)
{
	close_sub(b);
	for (unsigned i = from; i <= to; i++) {
		if (!(b->slot[i] & FIB_LPM_NODE)) {
			dab(b->lpm, &b->slot[i], plen, leaf);
			continue;
		}
		open_sub(b, (int)i);
		paint_sub(b, 0, 255, plen, leaf);
		close_sub(b);
	}
}

/**
 * fib_lpm_paint() - give the range of @key/@plen (1..32) the leaf @leaf, but for what is longer in it
 */
void fib_lpm_paint(struct fib_lpm_brush *b, u32 key, unsigned plen, u32 leaf)
{
	u32 *root = b->lpm->root, last = key | ~fib_mask(plen);

	if (plen <= 16) {
		fib_lpm_brush_end(b);
		for (unsigned hi = key >> 16; hi <= last >> 16; hi++) {
			if (!(root[hi] & FIB_LPM_NODE)) {
				dab(b->lpm, &root[hi], plen, leaf);
				continue;
			}
			open_slots(b, (int)hi);
			paint_slots(b, 0, 255, plen, leaf);
		}
		fib_lpm_brush_end(b);
		return;
	}
	open_slots(b, (int)(key >> 16));
	if (plen <= 24) {
		paint_slots(b, (key >> 8) & 0xff, (last >> 8) & 0xff, plen, leaf);
		return;
	}
	open_sub(b, (int)((key >> 8) & 0xff));
	paint_sub(b, key & 0xff, last & 0xff, plen, leaf);
}
