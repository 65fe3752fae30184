/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/flow.h - the key of an IPv4 route lookup. */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include "net/types.h"

#define FLOWI_FLAG_ANYSRC   0x01
#define FLOWI_FLAG_KNOWN_NH 0x02
#define LOOPBACK_IFINDEX    1

/**
 * struct flowi4 - what a lookup is asked for; addresses and ports be
 * @flowi4_tos:   DSCP bits (tos & INET_DSCP_MASK) that routes and rules compare
 * @flowi4_scope: RT_SCOPE_*: the result must be at least this narrow
 * @fl4_icmp_type, code: in place of ports for ICMP
 * @flowi4_multipath_hash: given hash, 0: compute
 */
struct flowi4 {
	u32 flowi4_oif;
	u32 flowi4_iif;
	u32 flowi4_l3mdev;
	u32 flowi4_mark;
	u8 flowi4_tos;
	u8 flowi4_scope;
	u8 flowi4_proto;
	u8 flowi4_flags;
	u32 flowi4_uid;
	u32 flowi4_tun_id;
	u32 flowi4_multipath_hash;
	__be32 saddr;
	__be32 daddr;
	union {
		struct {
			__be16 fl4_dport;
			__be16 fl4_sport;
		};
		struct {
			u8 fl4_icmp_type;
			u8 fl4_icmp_code;
		};
		__be32 fl4_gre_key;
	};
};

static inline void flowi4_init_output(struct flowi4 *fl4, u32 oif, u32 mark, u8 tos, u8 scope,
				      u8 proto, u8 flags, __be32 daddr, __be32 saddr, __be16 dport,
				      __be16 sport, u32 uid)
{
	memset(fl4, 0, sizeof(*fl4));
	fl4->flowi4_oif = oif;
	fl4->flowi4_iif = LOOPBACK_IFINDEX;
	fl4->flowi4_mark = mark;
	fl4->flowi4_tos = tos;
	fl4->flowi4_scope = scope;
	fl4->flowi4_proto = proto;
	fl4->flowi4_flags = flags;
	fl4->flowi4_uid = uid;
	fl4->daddr = daddr;
	fl4->saddr = saddr;
	fl4->fl4_dport = dport;
	fl4->fl4_sport = sport;
}

#endif
