// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ipmr_pim.c - PIM messages (protocol 103) on a node without multicast routing.
 *
 * DOC: PIM
 * Multicast routing does not exist yet. The kernel, while no routing daemon has made a register interface, takes PIM
 * messages and drops every one of them: no "protocol unreachable" goes back. A PIM register carries a packet for that
 * interface; everything else is for the daemon's raw socket, which got its copy before.   Spec: RFC 7761 4.9.3.
 */
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/protocol.h"

#define IPPROTO_PIM_ 103

/* Drops: NOT_SPECIFIED */
static int pim_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	journey_fn(net, skb);
	kfree_skb(net->skiff, skb);
	return 0;
}

static const struct net_protocol pim_protocol = { .handler = pim_rcv };

static int pim_net_init(struct net *net)
{
	return inet_add_protocol(net, &pim_protocol, IPPROTO_PIM_) ? -EAGAIN : 0;
}

static void pim_net_exit(struct net *net)
{
	inet_del_protocol(net, &pim_protocol, IPPROTO_PIM_);
}

const struct pernet_operations pim_net_ops = { "pim", pim_net_init, pim_net_exit };
