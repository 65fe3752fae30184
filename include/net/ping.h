/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/ping.h - ICMP sockets of unprivileged programs (none exist yet: they come with sockets). */
#ifndef NET_PING_H
#define NET_PING_H

#include "net/skbuff.h"

/** ping_rcv() - an echo reply came in (data behind the ICMP header); consumes. 0 if a socket took it, else the drop reason */
enum skb_drop_reason ping_rcv(struct sk_buff *skb);
/** ping_err() - an error about an ICMP message of ours, quoted at skb->data; the ICMP header quoted is at @offset. Borrows */
void ping_err(struct sk_buff *skb, u32 offset, u32 info);

#endif
