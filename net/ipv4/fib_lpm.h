/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_lpm.h - the compiled longest-prefix match. For fib_*.c, their tests and benchmarks. */
#ifndef NET_IPV4_FIB_LPM_H
#define NET_IPV4_FIB_LPM_H

#include "net/ip_fib.h"
#include "fib_tree.h"

enum fib_leaf_kind { FIB_LEAF_NONE, FIB_LEAF_PLAIN, FIB_LEAF_ASK, FIB_LEAF_SLOW };

/**
 * struct fib_leaf - what a lookup finds: shared by prefixes of one length with the same fib_info, type and table
 * @kind: NONE: no route; else the first alias decides, if it can be used: it has tos 0 and is PLAIN (@nhc is its only next hop)
 *        or one to ASK first (error type, several next hops, nexthop object); SLOW: look into the tree
 * @refs: prefixes that use it
 * @next: of the hash chain, or of the free ones
 */
struct fib_leaf {
	struct fib_info *fi;
	struct fib_nh_common *nhc;
	u32 tb_id;
	u8 kind;
	u8 type;
	u8 scope;
	u8 plen;
	u32 refs;
	u16 next;
};

/* Leaves with a fixed place: 0 is 0/0 or nothing, 1..32 are SLOW for their prefix length. 15 bits count all. */
#define FIB_LEAF_FIXED 33
#define FIB_LEAF_MAX   0x8000

/* In the root and in expanded slots: a node, not a leaf. In a node's leaves: a child, by its number. */
#define FIB_LPM_NODE 0x80000000u
#define FIB_LPM_KID  0x8000u

/* Nodes start at multiples of FIB_LPM_UNIT bytes; the largest, 256 leaves that are all children, has FIB_LPM_UNITS. */
#define FIB_LPM_UNIT  8
#define FIB_LPM_UNITS 197
/* Ranges of the small form. */
#define FIB_LPM_SMALL	       64
#define FIB_LPM_SMALL_PREFIXES ((FIB_LPM_SMALL - 1) / 2)
#define FIB_LPM_ROOT	       65536

/**
 * struct fib_lpm_node - 256 slots (/24 or /32) as runs of equal leaves
 * @runs:   bit i: a run starts at slot i (bit 0 always)
 * @before: runs that start in the words before
 * @units:  size of the node
 * @leaf:   one a run: leaf, or FIB_LPM_KID and which child. Behind them, 32-bit aligned, where the children are
 */
struct fib_lpm_node {
	u64 runs[4];
	u8 before[4];
	u16 units;
	u16 leaf[];
};

static_assert(offsetof(struct fib_lpm_node, leaf) + 256 * 2 + 256 * 4 <=
		      FIB_LPM_UNITS * FIB_LPM_UNIT,
	      "the largest node");

enum fib_lpm_form { FIB_LPM_STALE, FIB_LPM_IS_SMALL, FIB_LPM_FULL };

/**
 * struct fib_lpm - compiled form of one table, or of local and main together
 * @gen:     counts changes
 * @behind:  changes since the last lookup, at least 1 while STALE: 0 means ready
 * @pool:    the nodes, in units; @pool_used and @pool_max of them, @pool_free in free nodes
 * @root:    by the upper 16 bits of the address: leaf, or FIB_LPM_NODE and the node
 * @start, @value: small form: range i starts at start[i] (sign bit flipped) and has leaf value[i]; filled up with the last
 * @tree:    what it is compiled from, of equal prefixes the first counts
 */
struct fib_lpm {
	u32 behind;
	u32 form;
	u32 gen;
	u32 *root;
	char *pool;
	struct fib_leaf *leaves;
	/* ---- cold */
	s32 *start; /* FIB_LPM_SMALL of them, then the values (u16) */
	struct skiff *skiff;
	struct fib_tree *tree[2];
	u32 pool_used, pool_max, pool_free;
	u32 free_node[FIB_LPM_UNITS + 1]; /* by size */
	u16 *leaf_hash;
	u32 n_leaves, max_leaves, hash_size;
	u16 free_leaf;
};

struct fib_lpm *fib_lpm_create(struct skiff *skiff, struct fib_tree *tree);
struct fib_lpm *fib_lpm_share(struct fib_lpm *lpm, struct fib_tree *tree);
void fib_lpm_release(struct fib_lpm *lpm, struct fib_tree *tree);
void fib_lpm_update(struct fib_lpm *lpm, struct fib_tree *tree, struct fib_node *n);
bool fib_lpm_refresh(struct fib_lpm *lpm);
bool fib_lpm_check(struct fib_lpm *lpm);
size_t fib_lpm_bytes(const struct fib_lpm *lpm);
void fib_lpm_lookup_bulk(const struct fib_lpm *lpm, const u32 *addr, const struct fib_leaf **leaf,
			 unsigned n);

/** fib_lpm_ready() - is it current? Makes it so if need be; false: no memory, ask the tree */
static inline bool fib_lpm_ready(struct fib_lpm *lpm)
{
	return likely(!lpm->behind) || fib_lpm_refresh(lpm);
}

/* The node of entry @e, which has FIB_LPM_NODE set. */
static inline const struct fib_lpm_node *fib_lpm_node_at(const struct fib_lpm *lpm, u32 e)
{
	return (const struct fib_lpm_node *)(lpm->pool +
					     (size_t)(e & ~FIB_LPM_NODE) * FIB_LPM_UNIT);
}

/* Leaf or child of slot @i. */
static inline u16 fib_lpm_slot(const struct fib_lpm_node *n, unsigned i)
{
	unsigned word = i >> 6;

	return n->leaf[n->before[word] - 1u +
		       (unsigned)__builtin_popcountll(n->runs[word] << (~i & 63))];
}

static inline unsigned fib_lpm_runs(const struct fib_lpm_node *n)
{
	return n->before[3] + (unsigned)__builtin_popcountll(n->runs[3]);
}

/* Where the entries of the children start, in leaves. */
static inline unsigned fib_lpm_kids_at(unsigned runs)
{
	return runs | 1; /* leaf[1] is 32-bit aligned */
}

/* Entry of the child that @v says. */
static inline u32 fib_lpm_kid(const struct fib_lpm_node *n, unsigned v)
{
	u32 e;

	memcpy(&e, &n->leaf[fib_lpm_kids_at(fib_lpm_runs(n)) + 2 * (v & ~FIB_LPM_KID)], sizeof(e));
	return e;
}

/* How many ranges start at or before @addr; without a branch, the compiler makes vectors of it. */
static inline unsigned fib_lpm_small(const struct fib_lpm *lpm, u32 addr)
{
	const s32 *start = __builtin_assume_aligned(lpm->start, 64);
	s32 key = (s32)(addr ^ 0x80000000u), n = 0;

	for (int i = 0; i < FIB_LPM_SMALL; i++)
		n -= start[i] <= key ? -1 : 0;
	return ((const u16 *)(start + FIB_LPM_SMALL))[n - 1];
}

/** fib_lpm_lookup() - the longest prefix of @addr (host order); only while fib_lpm_ready(). Never NULL */
static inline const struct fib_leaf *fib_lpm_lookup(const struct fib_lpm *lpm, u32 addr)
{
	u32 e;

	if (lpm->form == FIB_LPM_IS_SMALL)
		return &lpm->leaves[fib_lpm_small(lpm, addr)];
	e = lpm->root[addr >> 16];
	if (e & FIB_LPM_NODE) {
		const struct fib_lpm_node *n = fib_lpm_node_at(lpm, e);

		e = fib_lpm_slot(n, (addr >> 8) & 0xff);
		if (unlikely(e & FIB_LPM_KID))
			e = fib_lpm_slot(fib_lpm_node_at(lpm, fib_lpm_kid(n, e)), addr & 0xff);
	}
	return &lpm->leaves[e];
}

/* ---- fib_lpm_nodes.c: for fib_lpm.c ---- */

/**
 * struct fib_lpm_brush - a place in the full form, expanded for painting
 * @hi, @mid: which /16, and which /24 in it, are expanded; -1: none
 * @failed:   out of memory, the form is broken
 */
struct fib_lpm_brush {
	struct fib_lpm *lpm;
	int hi, mid;
	bool failed;
	u32 slot[256], sub[256];
};

void fib_lpm_nodes_reset(struct fib_lpm *lpm);
void fib_lpm_nodes_free(struct fib_lpm *lpm);
void fib_lpm_nodes_trim(struct fib_lpm *lpm);
void fib_lpm_brush_init(struct fib_lpm_brush *b, struct fib_lpm *lpm);
void fib_lpm_paint(struct fib_lpm_brush *b, u32 key, unsigned plen, u32 leaf);
void fib_lpm_brush_end(struct fib_lpm_brush *b);

#endif
