// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/raw.c - where raw sockets will see packets: the two places at which input offers them one.
 *
 * DOC: Raw sockets
 * Sockets do not exist yet, so no packet has a taker and both functions have nothing to do. The calls stand where the
 * kernel has them (ip_protocol_deliver_rcu() before the protocol's handler, the reception of an ICMP error before the
 * protocol's error handler), so that a table of sockets is all that has to be added.
 */
#include "net/raw.h"

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"

/**
 * raw_local_deliver() - copies of a packet for the raw sockets of its protocol
 * @skb: borrowed
 * Return: 1 if a socket took a copy (then no protocol unreachable is sent), 0 if there is none
 */
int raw_local_deliver(struct sk_buff *skb, int protocol)
{
	journey_fn(dev_net(skb->dev), skb);
	return 0;
}

/** raw_icmp_error() - tell the raw sockets of @protocol about an error; there are none */
void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info)
{
}
