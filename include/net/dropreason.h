/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/dropreason.h - why a packet was dropped: enum, names and sentences, all from dropreason.def. */
#ifndef NET_DROPREASON_H
#define NET_DROPREASON_H

enum skb_drop_reason {
	SKB_NOT_DROPPED_YET,
	SKB_CONSUMED, /* not a drop */
#define DROP(name, mib, text) SKB_DROP_REASON_##name,
#include "net/dropreason.def"
#undef DROP
	SKB_DROP_REASON_MAX
};

/** skb_drop_reason_name() - "IP_RPFILTER"; NULL for a number out of range */
const char *skb_drop_reason_name(enum skb_drop_reason reason);
const char *skb_drop_reason_sentence(enum skb_drop_reason reason);

#endif
