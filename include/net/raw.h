/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/raw.h - raw IPv4 sockets (none exist yet: they come with sockets). */
#ifndef NET_RAW_H
#define NET_RAW_H

#include "net/protocol.h"

/** raw_icmp_error() - an error about a packet of @protocol, quoted at skb->data, for the raw sockets of that protocol. Borrows */
void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info);

#endif
