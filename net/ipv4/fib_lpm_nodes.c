// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lpm_nodes.c - the nodes of the compiled longest-prefix match, and how prefixes are painted into them.
 *
 * DOC: Painting
 * A brush opens a /16 (and in it a /24) into 256 plain slots, paints prefixes over ranges of them and packs them up
 * again as runs. One rule serves insertion, change and removal alike: a slot in the range of a prefix takes the new leaf if
 * the prefix length of its present leaf is not greater. So leaves must know their prefix length, and a removed prefix
 * is painted over, at its own length, with the leaf of what covers it.
 * Nodes and blocks of leaves that are given up are used again; a rebuild packs everything.
 */
#include "fib_lpm.h"

#define POOL_START_UNITS 1024u
#define NODES_START	 64u
#define NO_NODE		 (~0u)

/* ---- room for leaves and nodes ---- */

static bool grow(struct skiff *skiff, void **p, size_t used, size_t bytes)
{
	void *bigger = skiff_alloc_aligned(skiff, bytes, 64);

	if (!bigger)
		return false;
	if (*p)
		memcpy(bigger, *p, used);
	skiff_free(skiff, *p);
	*p = bigger;
	return true;
}

static bool pool_resize(struct fib_lpm *lpm, u32 units)
{
	const size_t unit = FIB_LPM_POOL_UNIT * sizeof(u16);

	if (!grow(lpm->skiff, (void **)&lpm->pool, lpm->pool_units * unit, units * unit))
		return false;
	lpm->pool_max = units;
	return true;
}

static bool nodes_resize(struct fib_lpm *lpm, u32 nodes)
{
	const size_t size = sizeof(struct fib_lpm_node);

	if (!grow(lpm->skiff, (void **)&lpm->nodes, lpm->n_nodes * size, nodes * size))
		return false;
	lpm->max_nodes = nodes;
	return true;
}

/* A block of @units; 0: no memory (unit 0 is never given away). */
static u32 block_get(struct fib_lpm *lpm, unsigned units)
{
	u32 at = lpm->free_block[units];

	if (at) {
		memcpy(&lpm->free_block[units], lpm->pool + at, sizeof(u32));
		lpm->pool_free -= units;
		return at;
	}
	if (lpm->pool_units + units > lpm->pool_max &&
	    !pool_resize(lpm, lpm->pool_max + max_t(u32, lpm->pool_max / 8, POOL_START_UNITS)))
		return 0;
	at = lpm->pool_units * FIB_LPM_POOL_UNIT;
	lpm->pool_units += units;
	return at;
}

static void block_put(struct fib_lpm *lpm, u32 at, unsigned units)
{
	if (!at)
		return;
	memcpy(lpm->pool + at, &lpm->free_block[units], sizeof(u32));
	lpm->free_block[units] = at;
	lpm->pool_free += units;
}

static u32 node_get(struct fib_lpm *lpm)
{
	u32 id = lpm->free_node;

	if (id != NO_NODE) {
		lpm->free_node = lpm->nodes[id].out;
	} else {
		if (lpm->n_nodes == lpm->max_nodes &&
		    !nodes_resize(lpm,
				  lpm->max_nodes + max_t(u32, lpm->max_nodes / 8, NODES_START)))
			return NO_NODE;
		id = lpm->n_nodes++;
	}
	lpm->nodes[id].out = 0;
	lpm->nodes[id].units = 0;
	return id;
}

static void node_put(struct fib_lpm *lpm, u32 id)
{
	struct fib_lpm_node *n = &lpm->nodes[id];

	block_put(lpm, n->out, n->units);
	n->out = lpm->free_node;
	lpm->free_node = id;
}

/**
 * fib_lpm_nodes_reset() - forget all nodes and blocks, keep their memory; the root is the caller's
 */
void fib_lpm_nodes_reset(struct fib_lpm *lpm)
{
	lpm->n_nodes = 0;
	lpm->free_node = NO_NODE;
	lpm->pool_units = 1;
	lpm->pool_free = 0;
	memset(lpm->free_block, 0, sizeof(lpm->free_block));
}

void fib_lpm_nodes_free(struct fib_lpm *lpm)
{
	skiff_free(lpm->skiff, lpm->nodes);
	skiff_free(lpm->skiff, lpm->pool);
	lpm->nodes = NULL;
	lpm->pool = NULL;
	lpm->max_nodes = lpm->pool_max = 0;
	fib_lpm_nodes_reset(lpm);
}

/**
 * fib_lpm_nodes_trim() - after a whole build: give back the room beyond a thirty-second for growth
 */
void fib_lpm_nodes_trim(struct fib_lpm *lpm)
{
	u32 units = lpm->pool_units + lpm->pool_units / 32 + POOL_START_UNITS;
	u32 nodes = lpm->n_nodes + lpm->n_nodes / 32 + NODES_START;

	/* No memory for the smaller copy: then it stays as it is. */
	if (units < lpm->pool_max)
		(void)pool_resize(lpm, units);
	if (nodes < lpm->max_nodes)
		(void)nodes_resize(lpm, nodes);
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
	const struct fib_lpm_node *n = &lpm->nodes[e & ~FIB_LPM_NODE];
	const u16 *leaf;
	unsigned at = 0;
	u32 v = e;

	if (!(e & FIB_LPM_NODE)) {
		fill(slot, 0, 256, e);
		return;
	}
	leaf = n->out ? lpm->pool + n->out : n->in;
	for (unsigned word = 0; word < 4; word++)
		for (u64 m = n->runs[word]; m; m &= m - 1) {
			unsigned next = word * 64 + (unsigned)__builtin_ctzll(m);

			fill(slot, at, next, v);
			at = next;
			v = *leaf++;
			if (v & FIB_LPM_KID)
				v = FIB_LPM_NODE | fib_lpm_kids(lpm, n)[v & ~FIB_LPM_KID];
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

/* Write @slot into node @id. False: no memory, the node is unusable. */
static bool pack_node(struct fib_lpm *lpm, u32 id, const u32 slot[256])
{
	struct fib_lpm_node *n = &lpm->nodes[id];
	unsigned runs = find_runs(slot, n->runs, n->before), kids = count_kids(slot), k = 0;
	unsigned size = ALIGN_UP(runs, 2u) + 2 * kids, units = 0;
	u16 *leaf;

	if (kids || runs > FIB_LPM_INLINE)
		units = (size + FIB_LPM_POOL_UNIT - 1) / FIB_LPM_POOL_UNIT;
	if (units != n->units) {
		block_put(lpm, n->out, n->units);
		n->out = 0;
		n->units = 0;
		if (units) {
			n->out = block_get(lpm, units);
			if (!n->out)
				return false;
			n->units = (u16)units;
		}
	}
	leaf = n->out ? lpm->pool + n->out : n->in;
	for (unsigned word = 0; word < 4; word++)
		for (u64 m = n->runs[word]; m; m &= m - 1) {
			u32 v = slot[word * 64 + (unsigned)__builtin_ctzll(m)];

			if (v & FIB_LPM_NODE) {
				v &= ~FIB_LPM_NODE;
				memcpy(lpm->pool + n->out + ALIGN_UP(runs, 2u) + 2 * k, &v, 4);
				v = FIB_LPM_KID | k++;
			}
			*leaf++ = (u16)v;
		}
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
	u32 id = *e & FIB_LPM_NODE ? *e & ~FIB_LPM_NODE : NO_NODE;

	if (uniform(slot)) {
		if (id != NO_NODE)
			node_put(lpm, id);
		*e = slot[0];
		return true;
	}
	if (id == NO_NODE) {
		id = node_get(lpm);
		if (id == NO_NODE)
			return false;
		*e = FIB_LPM_NODE | id;
	}
	return pack_node(lpm, id, slot);
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
