/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/ping.h - ICMP sockets of unprivileged programs: echo requests out, their replies in. */
#ifndef NET_PING_H
#define NET_PING_H

#include "net/inet_sock.h"

/** struct ping_sock - @node: in the table by identifier, which is the socket's port */
struct ping_sock {
	union {
		struct inet_sock inet;
		struct inet_dgram dgram;
	};
	struct hlist_node node;
};

#define PING_HTABLE_SIZE 64u

/** struct ping_table - of a namespace; @rover: identifier given last; @count: sockets in it */
struct ping_table {
	struct hlist_head hash[PING_HTABLE_SIZE];
	u16 rover;
	u32 count;
};

extern const struct proto ping_prot;
/** ping_register() - shard init: the transport and its row of inetsw */
int ping_register(struct skiff *skiff);

/** ping_rcv() - an echo reply came in (data behind the ICMP header); consumes. 0 if a socket took it, else the drop reason */
enum skb_drop_reason ping_rcv(struct sk_buff *skb);
/** ping_err() - an error about an ICMP message of ours, quoted at skb->data; the ICMP header quoted is at @offset. Borrows */
void ping_err(struct sk_buff *skb, u32 offset, u32 info);
long ping_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
bool ping_supported(u8 type, u8 code);

#endif
