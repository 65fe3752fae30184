// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock_mem.c - what a socket's packets are charged to: its own limits and the protocol's account.
 *
 * DOC: Memory of sockets
 * Bytes are taken from the protocol's account of the namespace (struct proto_memory) in pages and kept in
 * sk_forward_alloc; packets are charged against that. Three limits (net.ipv4.tcp_mem, udp_mem) say how the account feels:
 * below the first all is well; above the second the protocol is under pressure until the first is reached again; above
 * the third nobody gets more. In between a socket gets more while it has less than its guaranteed minimum, or not more
 * than its share.
 */
#include "net/sock.h"
#include "net/sock_mem.h"

#define SK_MEM_SHIFT 12

static s64 mem_pages(s64 bytes)
{
	return (bytes + SK_MEM_QUANTUM - 1) >> SK_MEM_SHIFT;
}

struct proto_memory *sk_proto_memory(const struct sock *sk)
{
	u8 index = sk->sk_prot->mem_index;

	return index ? &sock_net(sk)->sock->mem[index] : NULL;
}

s64 sk_prot_mem_limits(const struct sock *sk, int index)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	const u64 *limits = sk->sk_prot->mem_index == PROTO_MEM_TCP ? ipv4->sysctl_tcp_mem :
								      ipv4->sysctl_udp_mem;

	return limits[index] > INT64_MAX ? INT64_MAX : (s64)limits[index];
}

/* Bytes that a socket always gets. */
static int guaranteed(const struct sock *sk, int kind)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;

	if (sk->sk_prot->mem_index == PROTO_MEM_TCP)
		return (int)(kind == SK_MEM_RECV ? ipv4->sysctl_tcp_rmem[0] :
						   ipv4->sysctl_tcp_wmem[0]);
	return (int)(kind == SK_MEM_RECV ? ipv4->sysctl_udp_rmem_min : ipv4->sysctl_udp_wmem_min);
}

bool sk_under_memory_pressure(const struct sock *sk)
{
	const struct proto_memory *m = sk_proto_memory(sk);

	return m && m->pressure_since;
}

void sk_enter_memory_pressure(struct sock *sk)
{
	struct proto_memory *m = sk_proto_memory(sk);

	if (sk->sk_prot->enter_memory_pressure)
		sk->sk_prot->enter_memory_pressure(sk);
	else if (sk->sk_prot->leave_memory_pressure && m && !m->pressure_since)
		m->pressure_since = max_t(u32, (u32)sock_skiff(sk)->jiffies, 1);
}

void sk_leave_memory_pressure(struct sock *sk)
{
	struct proto_memory *m = sk_proto_memory(sk);

	if (sk->sk_prot->leave_memory_pressure)
		sk->sk_prot->leave_memory_pressure(sk);
	else if (m)
		m->pressure_since = 0;
}

static bool below_guarantee(const struct sock *sk, int kind)
{
	int have;

	if (kind == SK_MEM_RECV)
		have = sk->sk_rmem_alloc;
	else
		have = sk->sk_type == SOCK_STREAM ? sk->sk_wmem_queued : sk->sk_wmem_alloc;
	return have < guaranteed(sk, kind);
}

/* May the socket have what was just added to the account? */
static bool allocation_stands(struct sock *sk, const struct proto_memory *m, int kind)
{
	s64 own;

	if (m->allocated <= sk_prot_mem_limits(sk, 0)) {
		if (m->pressure_since)
			sk_leave_memory_pressure(sk);
		return true;
	}
	if (m->allocated > sk_prot_mem_limits(sk, 1))
		sk_enter_memory_pressure(sk);
	if (m->allocated > sk_prot_mem_limits(sk, 2))
		return false;
	if (below_guarantee(sk, kind))
		return true;
	/* Only TCP knows pressure; of the others nobody has a share to keep to. */
	if (sk->sk_prot->mem_index != PROTO_MEM_TCP)
		return false;
	if (!sk_under_memory_pressure(sk))
		return true;
	own = mem_pages((s64)sk->sk_wmem_queued + sk->sk_rmem_alloc + sk->sk_forward_alloc);
	return sk_prot_mem_limits(sk, 2) > (s64)m->sockets_allocated * own;
}

bool __sk_mem_schedule(struct sock *sk, int size, int kind)
{
	struct proto_memory *m = sk_proto_memory(sk);
	s64 pages = mem_pages(size);

	if (!m) {
		sk->sk_forward_alloc += (int)(pages << SK_MEM_SHIFT);
		return true;
	}
	sk->sk_forward_alloc += (int)(pages << SK_MEM_SHIFT);
	m->allocated += pages;
	if (allocation_stands(sk, m, kind))
		return true;
	if (kind == SK_MEM_SEND && sk->sk_type == SOCK_STREAM) {
		sk_stream_moderate_sndbuf(sk);
		/* One packet beyond the shrunken buffer is let through, or a writer would wait for ever. */
		if (sk->sk_wmem_queued + size >= sk->sk_sndbuf)
			return true;
	}
	sk->sk_forward_alloc -= (int)(pages << SK_MEM_SHIFT);
	m->allocated -= pages;
	return false;
}

void sk_forced_mem_schedule(struct sock *sk, int size)
{
	struct proto_memory *m = sk_proto_memory(sk);
	s64 pages;

	if (size <= sk->sk_forward_alloc)
		return;
	pages = mem_pages(size);
	sk->sk_forward_alloc += (int)(pages << SK_MEM_SHIFT);
	if (m)
		m->allocated += pages;
}

void __sk_mem_reclaim(struct sock *sk, int amount)
{
	struct proto_memory *m = sk_proto_memory(sk);
	s64 pages = amount >> SK_MEM_SHIFT;

	if (pages <= 0)
		return;
	sk->sk_forward_alloc -= (int)(pages << SK_MEM_SHIFT);
	if (!m)
		return;
	m->allocated -= pages;
	if (m->pressure_since && m->allocated < sk_prot_mem_limits(sk, 0))
		sk_leave_memory_pressure(sk);
}
