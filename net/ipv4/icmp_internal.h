/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/icmp_internal.h - what icmp.c, icmp_rcv.c and icmp_ratelimit.c share. For these three and their tests only. */
#ifndef NET_IPV4_ICMP_INTERNAL_H
#define NET_IPV4_ICMP_INTERNAL_H

#include "net/icmp.h"
#include "net/ping.h"
#include "net/route.h"

/**
 * struct icmp_bxm - an ICMP message to be sent: a head made here, then bytes of another packet
 * @skb, @offset, @data_len: where those bytes are: @offset from skb->data (may be negative)
 * @head_len:  bytes of @data that are sent
 * @data:      ICMP header, then what an answer adds to it (timestamps, be)
 * @replyopts: IP options of the message
 */
struct icmp_bxm {
	struct sk_buff *skb;
	int offset;
	u32 data_len;
	u32 head_len;
	struct {
		struct icmphdr icmph;
		__be32 times[3];
	} data;
	struct ip_options_data replyopts;
};

/* A type that reports a mistake of another packet, or that nobody knows: never answered with an error. */
bool icmp_type_is_error(u8 type);
void icmp_reply(struct icmp_bxm *param, struct sk_buff *skb);

/* icmp_ratelimit.c */
bool icmpv4_global_allow(struct net *net, u8 type, u8 code, bool *apply_ratelimit);
bool icmpv4_xrlim_allow(struct net *net, const struct rtable *rt, __be32 daddr,
			bool apply_ratelimit);
bool icmp_global_allow(struct net *net);
void icmp_global_consume(struct net *net);

/* icmp_rcv.c */
bool icmp_build_probe(struct sk_buff *skb, struct icmphdr *icmph);

#endif
