// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_id.c - identification of packets that no socket counts (RFC 791 3.2, RFC 6864).
 *
 * One of 2,048 counters is picked by a keyed hash of the packet's addresses and protocol, and moves on by the number of
 * ids taken plus a random amount that grows with the time since its last use, so that an observer learns no rates.
 */
#include "lib/siphash.h"
#include "route_internal.h"

#define IP_IDENTS_SZ 2048u

int ip_id_net_init(struct net *net)
{
	net->ipv4.ip_idents = skiff_zalloc(net->skiff, IP_IDENTS_SZ * sizeof(u32));
	net->ipv4.ip_tstamps = skiff_zalloc(net->skiff, IP_IDENTS_SZ * sizeof(u64));
	if (!net->ipv4.ip_idents || !net->ipv4.ip_tstamps) {
		ip_id_net_exit(net);
		return -ENOMEM;
	}
	for (u32 i = 0; i < IP_IDENTS_SZ; i++)
		net->ipv4.ip_idents[i] = skiff_random32(net->skiff);
	return 0;
}

void ip_id_net_exit(struct net *net)
{
	skiff_free(net->skiff, net->ipv4.ip_idents);
	skiff_free(net->skiff, net->ipv4.ip_tstamps);
	net->ipv4.ip_idents = NULL;
	net->ipv4.ip_tstamps = NULL;
}

void __ip_select_ident(struct net *net, struct iphdr *iph, u32 segs)
{
	u64 h = siphash13_2u64((u64)iph->daddr << 32 | iph->saddr,
			       (u64)net->cookie << 8 | iph->protocol, &net->skiff->hash_key);
	u32 slot = (u32)h & (IP_IDENTS_SZ - 1);
	u64 now = net->skiff->jiffies, old = net->ipv4.ip_tstamps[slot];
	u32 delta = 0;

	if (old != now) {
		u64 since = old ? now - old : 1;

		net->ipv4.ip_tstamps[slot] = now;
		delta = skiff_random_below(net->skiff, (u32)min_t(u64, since, 0xffff) + 1);
	}
	iph->id = htons((u16)(net->ipv4.ip_idents[slot] + delta));
	net->ipv4.ip_idents[slot] += delta + segs;
}
