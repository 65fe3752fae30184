// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dst.c - the end of routes: references, devices that leave, packets that meet a dead one.
 *
 * DOC: Life of a route
 * Packets of this turn use a route without counting it. Who keeps it longer (a nexthop's cache, a queued packet, a
 * socket) holds a reference. The last reference given back sends the route to the death row: it is destroyed at the
 * end of the turn, when no packet can point at it any more. dst->destroy() gives back what the route holds, and the route.
 */
#include "net/dst.h"

#include "net/net_namespace.h"
#include "net/netdevice.h"

static void dst_destroy(struct death_row_entry *e)
{
	struct dst_entry *dst = container_of(e, struct dst_entry, rcu);

	dst->destroy(dst);
}

/**
 * dst_release() - give a counted reference back
 * @dst: NULL is harmless; after the last reference it stays valid until the end of the turn
 */
void dst_release(struct dst_entry *dst)
{
	if (!dst)
		return;
	NET_ASSERT(dst->refs > 0);
	if (--dst->refs)
		return;
	dst->rcu.free = dst_destroy;
	skiff_defer_free(dst->skiff, &dst->rcu);
}

/**
 * dst_dev_put() - the route's device goes away
 * @dst: may live on in sockets and queued packets; whoever checks it finds it dead, whoever uses it unchecked drops
 */
void dst_dev_put(struct dst_entry *dst)
{
	dst->obsolete = DST_OBSOLETE_DEAD;
	dst->input = dst_discard_input;
	dst->output = dst_discard_output;
	dst->dev = dev_net(dst->dev)->loopback_dev;
}

/**
 * dst_discard_input() - dst->input of a route that leads nowhere
 * Drops: SKB_DROP_REASON_NOT_SPECIFIED
 */
void dst_discard_input(struct skb_batch *b)
{
	kfree_skb_batch_reason(b->p[0]->dst->skiff, b, SKB_DROP_REASON_NOT_SPECIFIED);
}

/**
 * dst_discard_output() - dst->output of a route that leads nowhere
 * Return: 0, the sender is not told
 * Drops:  SKB_DROP_REASON_NOT_SPECIFIED
 */
int dst_discard_output(struct net *net, struct sock *sk, struct skb_batch *b)
{
	kfree_skb_batch_reason(net->skiff, b, SKB_DROP_REASON_NOT_SPECIFIED);
	return 0;
}
