/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_lpm.h - the compiled longest-prefix match. For fib_*.c. */
#ifndef NET_IPV4_FIB_LPM_H
#define NET_IPV4_FIB_LPM_H

#include "net/ip_fib.h"
#include "fib_tree.h"

enum fib_leaf_kind { FIB_LEAF_NONE, FIB_LEAF_ROUTE, FIB_LEAF_SLOW };

/**
 * struct fib_leaf - what a lookup finds: shared by prefixes of one length with the same fib_info, type and table
 * @kind: NONE: no route; ROUTE: the first alias has tos 0, a next hop (@nhc the first of them) and no error; SLOW: ask the tree
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

struct fib_lpm;

struct fib_lpm *fib_lpm_create(struct skiff *skiff, struct fib_tree *tree);
struct fib_lpm *fib_lpm_share(struct fib_lpm *lpm, struct fib_tree *tree);
void fib_lpm_release(struct fib_lpm *lpm, struct fib_tree *tree);
void fib_lpm_update(struct fib_lpm *lpm, struct fib_tree *tree, struct fib_node *n);
bool fib_lpm_ready(struct fib_lpm *lpm);
const struct fib_leaf *fib_lpm_lookup(const struct fib_lpm *lpm, u32 addr);
void fib_lpm_check(struct fib_lpm *lpm);

#endif
