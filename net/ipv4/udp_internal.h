/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/udp_internal.h - what the files udp*.c share; nobody else includes it. */
#ifndef NET_IPV4_UDP_INTERNAL_H
#define NET_IPV4_UDP_INTERNAL_H

#include "net/udp.h"

/** __udp4_lib_mcast_deliver() - a broadcast or multicast to every socket that wants it (udp_mcast.c); consumes. Return: 0 */
int __udp4_lib_mcast_deliver(struct net *net, struct sk_buff *skb, struct udp_table *t, bool lite);
/** udp_set_gro() - UDP_GRO of @sk on or off (udp_sockopt.c) */
void udp_set_gro(struct sock *sk, bool on);
/** udp_sysctl_register() - net.ipv4.udp_*. 0 or -ENOMEM */
int udp_sysctl_register(struct net *net);
/** udp_send_csum() - the checksum of a datagram of ours, made or left to the device; data at the IP header, UDP header filled in but for it */
void udp_send_csum(struct sock *sk, struct sk_buff *skb, u32 len);

#endif
