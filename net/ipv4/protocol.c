// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/protocol.c - who handles which protocol number of a delivered packet.
 *
 * DOC: Transport protocols
 * A namespace has a table of 256 handlers. Each protocol enters itself when the namespace starts (its pernet
 * operations, in net/init.c) and leaves it when it ends: ICMP (icmp.c), IGMP (igmp.c), UDP and UDP-Lite (udp.c), TCP
 * (tcp_ipv4.c). A number without a handler is answered with "protocol unreachable" by ip_local_deliver().  Seed: 1.
 */
#include "net/protocol.h"

/**
 * inet_add_protocol() - @prot handles packets of @protocol from now on
 * @prot: constant; not copied
 * Return: 0, or -1 if the number is taken
 */
int inet_add_protocol(struct net *net, const struct net_protocol *prot, u8 protocol)
{
	if (net->ipv4.inet_protos[protocol])
		return -1;
	net->ipv4.inet_protos[protocol] = prot;
	return 0;
}

/**
 * inet_del_protocol() - @prot no longer handles @protocol
 * Return: 0, or -1 if somebody else does
 */
int inet_del_protocol(struct net *net, const struct net_protocol *prot, u8 protocol)
{
	if (net->ipv4.inet_protos[protocol] != prot)
		return -1;
	net->ipv4.inet_protos[protocol] = NULL;
	return 0;
}
