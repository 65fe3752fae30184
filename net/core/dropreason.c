// SPDX-License-Identifier: BSD-2-Clause
/* net/core/dropreason.c - names, sentences and counters of drop reasons, all from dropreason.def. */
#include "net/dropreason.h"

#include <assert.h>
#include <stddef.h>

#include "engine/skiff.h"

static const struct {
	const char *name, *text;
} reasons[SKB_DROP_REASON_MAX] = {
#define DROP(name, mib, text) [SKB_DROP_REASON_##name] = { #name, text },
#include "net/dropreason.def"
#undef DROP
};
static_assert(SKB_DROP_REASON_MAX <= sizeof(((struct skiff *)0)->drop_counts) / sizeof(u64),
	      "every reason has a counter");

const char *skb_drop_reason_name(enum skb_drop_reason reason)
{
	return (unsigned)reason < SKB_DROP_REASON_MAX ? reasons[reason].name : NULL;
}

const char *skb_drop_reason_sentence(enum skb_drop_reason reason)
{
	return (unsigned)reason < SKB_DROP_REASON_MAX ? reasons[reason].text : NULL;
}
