/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/gso.h - cutting a large packet into segments of its gso_size (net/core/gso.c). */
#ifndef NET_GSO_H
#define NET_GSO_H

#include "net/skbuff.h"

/**
 * skb_gso_segment() - segments of an IPv4 TCP or UDP packet, linked by next, link-layer header copied
 * @skb: data at the link-layer header, or at the IP header if that is not on yet; borrowed, not changed
 * @features: of the device that is to send them: with NETIF_F_SG payload is referred to, with NETIF_F_HW_CSUM checksums stay partial; else copied, filled in
 * Return: the list, NULL if out of memory or the headers make no sense
 */
struct sk_buff *skb_gso_segment(struct skiff *skiff, const struct sk_buff *skb, u32 features);
/** skb_gso_validate_network_len() - will each segment, from its IPv4 header on, be at most @mtu bytes? @skb is large (skb_is_gso) */
bool skb_gso_validate_network_len(const struct sk_buff *skb, u32 mtu);

#endif
