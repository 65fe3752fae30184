// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_sockstat.c - /proc/net/sockstat: how many sockets of each protocol there are, and what they hold. */
#include "net/inet_frag.h"
#include "net/proc.h"
#include "net/raw.h"
#include "net/tcp.h"
#include "net/udp.h"

/* Connections and listeners; requests and time-wait sockets are none. */
static void count_full(void *arg, struct sock *sk)
{
	if (sk->sk_kind_ == SK_FULL)
		++*(u32 *)arg;
}

void sockstat_seq_show(struct net *net, struct strbuf *sb)
{
	const struct proto_memory *tcp = &net->sock->mem[PROTO_MEM_TCP];
	const struct proto_memory *udp = &net->sock->mem[PROTO_MEM_UDP];
	const struct netns_ipv4 *ipv4 = &net->ipv4;
	u32 inuse = 0;

	inet_ehash_walk(net, count_full, &inuse);
	inet_listener_walk(net, count_full, &inuse);
	strbuf_printf(sb, "sockets: used %u\n", net->sock->sockets_used);
	strbuf_printf(sb, "TCP: inuse %u orphan %u tw %u alloc %u mem %lld\n", inuse,
		      tcp->orphan_count, ipv4->tcp_death_row->count, tcp->sockets_allocated,
		      (long long)tcp->allocated);
	strbuf_printf(sb, "UDP: inuse %u mem %lld\n", ipv4->udp_table->bound,
		      (long long)udp->allocated);
	strbuf_printf(sb, "UDPLITE: inuse %u\n", ipv4->udplite_table->bound);
	strbuf_printf(sb, "RAW: inuse %u\n", ipv4->raw_hash->count);
	strbuf_printf(sb, "FRAG: inuse %u memory %llu\n", ipv4->fqdir->nqueues,
		      (unsigned long long)ipv4->fqdir->mem);
}
