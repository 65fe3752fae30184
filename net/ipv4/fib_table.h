/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_table.h - what a routing table is made of. For fib_trie.c, fib_lpm.c, fib_default.c and their tests. */
#ifndef NET_IPV4_FIB_TABLE_H
#define NET_IPV4_FIB_TABLE_H

#include "net/ip_fib.h"
#include "fib_tree.h"

struct fib_lpm;

/**
 * struct fib_table - a routing table
 * @tb_num_default: routes of 0/0
 * @lpm:            compiled form; local and main share main's while they are merged
 */
struct fib_table {
	struct hlist_node tb_hlist; /* in net->ipv4.fib_table_hash, by id */
	struct net *net;
	u32 tb_id;
	int tb_num_default;
	struct fib_tree tree;
	struct fib_lpm *lpm;
};

#define fib_for_each_alias(fa, node) hlist_for_each_entry(fa, &(node)->aliases, fa_list)

static inline struct fib_alias *fib_first_alias(const struct fib_node *n)
{
	return hlist_entry_safe(n->aliases.first, struct fib_alias, fa_list);
}

#endif
