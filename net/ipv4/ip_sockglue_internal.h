/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/ip_sockglue_internal.h - what the files ip_sockglue*.c share; nobody else includes it. */
#ifndef NET_IPV4_IP_SOCKGLUE_INTERNAL_H
#define NET_IPV4_IP_SOCKGLUE_INTERNAL_H

#include "net/inet_sock.h"
#include "net/raw.h"

enum { CMSG_WORD, FLAG_WORD };

/* rules of struct ip_sock_flag, in the order in which they are asked */
#define RAW_ONLY    BIT(0) /* others: -ENOPROTOOPT */
#define NOT_STREAM  BIT(1)
#define PRIVILEGED  BIT(2) /* to switch it on takes CAP_NET_RAW or CAP_NET_ADMIN */
#define NOT_EMPTY   BIT(3)
#define ZERO_OR_ONE BIT(4)

/**
 * struct ip_sock_flag - an option that is one bit
 * @word: CMSG_WORD: inet->cmsg_flags, FLAG_WORD: inet->inet_flags
 */
struct ip_sock_flag {
	int optname;
	u8 word;
	u32 bit;
	u8 rules;
};
/* Ended by optname 0. */
extern const struct ip_sock_flag ip_sock_flags[];
const struct ip_sock_flag *ip_sock_flag_find(int optname);

/** ip_mc_setsockopt() - IP_MULTICAST_IF, memberships, sources, filters; -ENOPROTOOPT for others */
int ip_mc_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen);
/** ip_mc_getsockopt() - IP_MSFILTER, MCAST_MSFILTER; -ENOPROTOOPT for others */
int ip_mc_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen);

#endif
