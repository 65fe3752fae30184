// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_lpm.c - the compiled longest-prefix match: not compiled yet, every lookup walks the tree of record. */
#include "fib_lpm.h"

struct fib_lpm {
	struct skiff *skiff;
	u32 users;
};

struct fib_lpm *fib_lpm_create(struct skiff *skiff, struct fib_tree *tree)
{
	struct fib_lpm *lpm = skiff_zalloc(skiff, sizeof(*lpm));

	if (!lpm)
		return NULL;
	lpm->skiff = skiff;
	lpm->users = 1;
	return lpm;
}

struct fib_lpm *fib_lpm_share(struct fib_lpm *lpm, struct fib_tree *tree)
{
	lpm->users++;
	return lpm;
}

void fib_lpm_release(struct fib_lpm *lpm, struct fib_tree *tree)
{
	if (--lpm->users == 0)
		skiff_free(lpm->skiff, lpm);
}

void fib_lpm_update(struct fib_lpm *lpm, struct fib_tree *tree, struct fib_node *n)
{
}

bool fib_lpm_ready(struct fib_lpm *lpm)
{
	return false;
}

const struct fib_leaf *fib_lpm_lookup(const struct fib_lpm *lpm, u32 addr)
{
	return NULL;
}

void fib_lpm_check(struct fib_lpm *lpm)
{
}
