/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/ip_offload.h - what the transports' offloads share; for ip_offload.c, tcp_offload.c and udp_offload.c. */
#ifndef IPV4_IP_OFFLOAD_H
#define IPV4_IP_OFFLOAD_H

#include "net/gro.h"

/** inet_gro_csum_ok() - is the transport checksum right? Then the packet says so from now on (ip_summed) */
bool inet_gro_csum_ok(struct sk_buff *skb, u8 proto);
/** inet_gro_large() - @f's packet becomes one of @gso_type whose checksum, @check_at in its transport header, is to be made */
void inet_gro_large(struct gro_flow *f, u8 gso_type, u8 proto, u32 check_at);

#endif
