// SPDX-License-Identifier: BSD-2-Clause
/* explain/recorder_mib.c - which counters changed since the last look.
 *
 * The stack bumps its counters without telling anybody. The recorder keeps a copy of a namespace's counters and
 * compares it with the present ones at each step: what differs was bumped since the step before.
 */
#include "explain/recorder.h"

#include <stdio.h>

struct mib_row {
	u16 word; /* index into struct netns_mib, taken as an array of u64 */
	const char *name;
};

#define WORD(member)   (offsetof(struct netns_mib, member) / sizeof(u64))
#define WORD_Ip(x)     (WORD(ip_statistics) + (x))
#define WORD_IpExt(x)  (WORD(ip_statistics) + (x))
#define WORD_Icmp(x)   (WORD(icmp_statistics) + (x))
#define WORD_Tcp(x)    (WORD(tcp_statistics) + (x))
#define WORD_Udp(x)    (WORD(udp_statistics) + (x))
#define WORD_TcpExt(x) (WORD(net_statistics) + (x))

static const struct mib_row mib_rows[] = {
#define MIB(group, x, text) { (u16)WORD_##group(x), #group "." text },
#include "net/mib.def"
#undef MIB
};

static void diff_icmp_types(struct netns_mib *old, const struct netns_mib *now, mib_changed_fn fn,
			    void *arg)
{
	const size_t n = ARRAY_SIZE(now->icmpmsg_statistics);

	if (!memcmp(old->icmpmsg_statistics, now->icmpmsg_statistics,
		    sizeof(now->icmpmsg_statistics)))
		return;
	for (size_t i = 0; i < n; i++) {
		u64 by = now->icmpmsg_statistics[i] - old->icmpmsg_statistics[i];
		char name[32];

		if ((s64)by <= 0)
			continue;
		snprintf(name, sizeof(name), "IcmpMsg.%sType%u", i < 256 ? "In" : "Out",
			 (unsigned)(i & 255));
		fn(arg, name, by);
	}
}

/**
 * mib_diff() - call @fn for each counter of @now that differs from @old, in the order of mib.def
 * @old: brought up to date
 * @fn:  its name argument is valid during the call only
 */
void mib_diff(struct netns_mib *old, const struct netns_mib *now, mib_changed_fn fn, void *arg)
{
	const u64 *a = (const u64 *)old, *b = (const u64 *)now;

	if (!memcmp(old, now, sizeof(*now)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(mib_rows); i++) {
		u64 by = b[mib_rows[i].word] - a[mib_rows[i].word];

		if ((s64)by > 0)
			fn(arg, mib_rows[i].name, by);
	}
	diff_icmp_types(old, now, fn, arg);
	*old = *now;
}
