/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/icmp.h - ICMP for IPv4 (RFC 792, 1122, 1812, 8335): errors sent, messages answered. */
#ifndef NET_ICMP_H
#define NET_ICMP_H

#include "net/ip.h"

/** __icmp_send() - consider an error about @skb_in and send it if nothing forbids; @skb_in stays the caller's */
void __icmp_send(struct sk_buff *skb_in, int type, int code, __be32 info,
		 const struct ip_options *opt);
static inline void icmp_send(struct sk_buff *skb_in, int type, int code, __be32 info)
{
	__icmp_send(skb_in, type, code, info, ip_skb_opt(skb_in));
}

/** struct icmp_err - what a "destination unreachable" means to a socket: @errno_ positive; @fatal: a connection ends by it */
struct icmp_err {
	int errno_;
	bool fatal;
};
/** icmp_err_convert[] - by code, 0..NR_ICMP_UNREACH (RFC 1122 4.2.3.9) */
extern const struct icmp_err icmp_err_convert[NR_ICMP_UNREACH + 1];

/** icmp_rcv() - handler of protocol 1; consumes */
int icmp_rcv(struct sk_buff *skb);
/** icmp_err() - protocol 1's error handler, see struct net_protocol */
int icmp_err(struct sk_buff *skb, u32 info);
/** icmp_out_count() - an ICMP message of @type leaves (also used by raw and ping) */
void icmp_out_count(struct net *net, u8 type);

#endif
