/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/raw.h - raw IPv4 sockets: a protocol's packets with their IP headers, and packets made by programs; the router alert chain. */
#ifndef NET_RAW_H
#define NET_RAW_H

#include "net/inet_sock.h"
#include "net/protocol.h"

/**
 * struct raw_sock
 * @node:   among the sockets of its protocol (inet_num)
 * @filter: ICMP_FILTER: bit i: ICMP type i is not wanted
 */
struct raw_sock {
	union {
		struct inet_sock inet;
		struct inet_dgram dgram;
	};
	struct hlist_node node;
	struct icmp_filter filter;
};

static inline struct raw_sock *raw_sk(const struct sock *sk)
{
	return (struct raw_sock *)sk;
}

/** struct raw_hashinfo - raw sockets of a namespace, by protocol; @count: of all */
struct raw_hashinfo {
	struct hlist_head ht[MAX_INET_PROTOS];
	u32 count;
};

extern const struct proto raw_prot;
/** raw_register() - shard init: the transport and its row of inetsw */
int raw_register(struct skiff *skiff);

long raw_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from);
long raw_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
/** raw_rcv() - a packet for @sk, IP header in front of its data; consumes */
void raw_rcv(struct sock *sk, struct sk_buff *skb);
/** raw_icmp_error() - an error about a packet of @protocol, quoted at skb->data, for the raw sockets of that protocol. Borrows */
void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info);

/* ---- router alert (RFC 2113): ip_ra.c ---- */
struct ip_ra_chain;
/** ip_ra_control() - IP_ROUTER_ALERT: packets to be forwarded that carry the option go to @sk, a raw socket of their protocol. 0 or -errno */
int ip_ra_control(struct sock *sk, bool on);
/** ip_call_ra_chain() - a packet to be forwarded carries router alert: hand it to who asked. true: it is gone */
bool ip_call_ra_chain(struct sk_buff *skb);

#endif
