/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/protocol.h - from the network layer to transports. */
#ifndef NET_PROTOCOL_H
#define NET_PROTOCOL_H

#include "net/net_namespace.h"
#include "net/skbuff.h"

/**
 * struct net_protocol - a transport's way in
 * @handler: consumes; returns 0, or -protocol to have the packet delivered again as that protocol
 * @err_handler: an ICMP error quotes a packet of this protocol (quote's IP header at skb->data); borrows
 */
struct net_protocol {
	int (*handler)(struct sk_buff *skb);
	int (*err_handler)(struct sk_buff *skb, u32 info);
	/** NULL, or looks for the sockets (and their routes) of this protocol's packets in a batch before it is routed; borrows */
	void (*early_demux)(struct net *net, struct skb_batch *b);
	bool no_policy;
	bool icmp_strict_tag_validation;
};

/** inet_add_protocol() - 0, or -1 if the number is taken */
int inet_add_protocol(struct net *net, const struct net_protocol *prot, u8 protocol);
int inet_del_protocol(struct net *net, const struct net_protocol *prot, u8 protocol);

/* raw.c: raw_local_deliver() copies to raw sockets (none until sockets exist): true if one took it */
int raw_local_deliver(struct sk_buff *skb, int protocol);

#endif
