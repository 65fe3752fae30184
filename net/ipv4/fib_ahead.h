/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_ahead.h - what fib_look_ahead() found for the packet being routed. For route_input.c. */
#ifndef NET_IPV4_FIB_AHEAD_H
#define NET_IPV4_FIB_AHEAD_H

#include "fib_lpm.h"

/**
 * fib_answer_ahead() - the look-up of @daddr (be) if the batch's look ahead answers it: one next hop, alive, no tos, no error
 * @res: filled in on true but for prefix and its length, which only a recorder wants (it makes batches of one)
 */
static __always_inline_ bool fib_answer_ahead(const struct net *net, __be32 daddr,
					      struct fib_result *res)
{
	const struct fib_ahead *a = &net->ipv4.fib_ahead;
	const struct fib_leaf *leaf;

	if (!a->lpm || a->daddr[a->cur] != daddr || unlikely(a->gen != a->lpm->gen))
		return false;
	leaf = a->leaf[a->cur];
	if (unlikely(leaf->kind != FIB_LEAF_PLAIN ||
		     (leaf->nhc->nhc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))))
		return false;
	res->nh_sel = 0;
	res->type = leaf->type;
	res->scope = leaf->scope;
	res->tclassid = 0;
	res->tb_id = leaf->tb_id;
	res->nhc = leaf->nhc;
	res->fi = leaf->fi;
	res->table = net->ipv4.fib_main;
	res->rule = NULL;
	return true;
}

#endif
