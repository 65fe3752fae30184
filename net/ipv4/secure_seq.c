// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/secure_seq.c - numbers that outsiders must not foresee: first sequence numbers (RFC 6528), offsets of time stamps, ports. */
#include "net/tcp.h"

void net_secret(const struct net *net, const char *use, siphash_key_t *key)
{
	const siphash_key_t *root = &net->skiff->hash_key;
	u64 what = siphash(use, strlen(use), root);

	/* No draw from the shard's random stream: its outputs are seen outside, and can be continued. */
	key->key[0] = siphash_3u64(what, net->cookie, 0, root);
	key->key[1] = siphash_3u64(what, net->cookie, 1, root);
}

static const siphash_key_t *seq_secret(const struct net *net)
{
	return &net->ipv4.net_secret;
}

u32 secure_tcp_seq(const struct net *net, __be32 saddr, __be32 daddr, __be16 sport, __be16 dport)
{
	u64 hash =
		siphash_2u64((u64)saddr << 32 | daddr, (u64)sport << 16 | dport, seq_secret(net));

	/* RFC 6528: a clock of 4 us at most, so that a connection's next life begins further on; ours ticks in 64 ns. */
	return (u32)hash + (u32)((net->skiff->now + net->skiff->wall) >> 6);
}

u32 secure_tcp_ts_off(const struct net *net, __be32 saddr, __be32 daddr)
{
	if (net->ipv4.sysctl_tcp_timestamps != 1)
		return 0;
	return (u32)siphash_2u64((u64)saddr << 32 | daddr, ~0ull, seq_secret(net));
}

u64 secure_ipv4_port_ephemeral(const struct net *net, __be32 saddr, __be32 daddr, __be16 dport)
{
	return siphash_3u64((u64)saddr << 32 | daddr, dport, 1, seq_secret(net));
}
