// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_ahead.c - look the routes of a batch up together, so that waits for memory overlap.
 *
 * The answers lie in net->ipv4.fib_ahead while the packets are judged one by one (route_input.c). They are void as soon
 * as the table changes, and say nothing where rules, tos, several next hops or errors have a say.
 */
#include "fib_ahead.h"
#include "fib_table.h"

/**
 * fib_look_ahead() - what the compiled table says of a batch, one loop for each level of memory
 * @n: destinations stand in net->ipv4.fib_ahead.daddr (be), at most 64
 * Small tables are in the first cache anyway, and rules of the namespace's own may lead elsewhere.
 */
void fib_look_ahead(struct net *net, unsigned n)
{
	struct fib_ahead *a = &net->ipv4.fib_ahead;
	const struct fib_table *tb = net->ipv4.fib_main;
	const struct fib_lpm *lpm = tb ? tb->lpm : NULL;
	u32 addr[ARRAY_SIZE(a->daddr)];

	if (!n || !lpm || lpm->behind || lpm->form != FIB_LPM_FULL || !net->ipv4.fib_merged)
		return;
	for (unsigned i = 0; i < n; i++)
		addr[i] = ntohl(a->daddr[i]);
	fib_lpm_lookup_bulk(lpm, addr, a->leaf, n);
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(a->leaf[i]->nhc);
	for (unsigned i = 0; i < n; i++) {
		if (a->leaf[i]->kind == FIB_LEAF_PLAIN) {
			const char *rth = (const char *)a->leaf[i]->nhc->nhc_rth_input;

			if (!rth)
				continue; /* nobody came by this route yet */
			__builtin_prefetch(rth);
			__builtin_prefetch(rth + 64);
		}
	}
	a->lpm = lpm;
	a->gen = lpm->gen;
}
