// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ping.c - echo replies and errors for ICMP sockets, of which there are none yet.
 *
 * DOC: Ping sockets
 * Sockets do not exist yet: an echo reply finds nobody and is dropped with the reason that the kernel gives then
 * (NO_SOCKET, no counter), an error about an echo request finds nobody either. What has to be added is the lookup by
 * identifier.
 */
#include "net/ping.h"

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"

/**
 * ping_rcv() - an echo reply, or an extended one
 * @skb: data behind the ICMP header; consumed
 * Return: the reason that @skb was dropped for
 * Drops:  NO_SOCKET
 */
enum skb_drop_reason ping_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	journey_fn(net, skb);
	kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_NO_SOCKET);
	return SKB_DROP_REASON_NO_SOCKET;
}

/** ping_err() - an error about an echo request of a socket; there is none, and the kernel counts nothing then */
void ping_err(struct sk_buff *skb, u32 offset, u32 info)
{
}
