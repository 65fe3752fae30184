/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sock_mem.h - what a socket's packets are charged to: its buffers, and the account of its protocol. */
#ifndef NET_SOCK_MEM_H
#define NET_SOCK_MEM_H

#include "net/sock.h"

#define SOCK_MIN_SNDBUF (2 * (2048 + 256))
#define SOCK_MIN_RCVBUF (2048 + 256)
#define SK_MEM_QUANTUM	4096

/** sk_forced_mem_schedule() - charge @size whatever the limits say: a FIN must go */
void sk_forced_mem_schedule(struct sock *sk, int size);
bool __sk_mem_schedule(struct sock *sk, int size, int kind);
#define SK_MEM_SEND 0
#define SK_MEM_RECV 1
void __sk_mem_reclaim(struct sock *sk, int amount);
struct proto_memory *sk_proto_memory(const struct sock *sk);
/** sk_prot_mem_limits() - pages: 0 low, 1 pressure, 2 high (net.ipv4.tcp_mem, udp_mem) */
s64 sk_prot_mem_limits(const struct sock *sk, int index);
bool sk_under_memory_pressure(const struct sock *sk);
void sk_enter_memory_pressure(struct sock *sk);
void sk_leave_memory_pressure(struct sock *sk);

static inline bool sk_has_account(const struct sock *sk)
{
	return sk->sk_prot->has_memory_accounting;
}

static inline bool sk_wmem_schedule(struct sock *sk, int size)
{
	return !sk_has_account(sk) || size <= sk->sk_forward_alloc ||
	       __sk_mem_schedule(sk, size - sk->sk_forward_alloc, SK_MEM_SEND);
}

static inline bool sk_rmem_schedule(struct sock *sk, const struct sk_buff *skb, int size)
{
	return !sk_has_account(sk) || size <= sk->sk_forward_alloc ||
	       __sk_mem_schedule(sk, size - sk->sk_forward_alloc, SK_MEM_RECV);
}

static inline void sk_mem_charge(struct sock *sk, int size)
{
	if (sk_has_account(sk))
		sk->sk_forward_alloc -= size;
}

static inline void sk_mem_reclaim(struct sock *sk)
{
	if (sk_has_account(sk) && sk->sk_forward_alloc >= SK_MEM_QUANTUM)
		__sk_mem_reclaim(sk, sk->sk_forward_alloc);
}

static inline void sk_mem_uncharge(struct sock *sk, int size)
{
	if (!sk_has_account(sk))
		return;
	sk->sk_forward_alloc += size;
	sk_mem_reclaim(sk);
}

/** sock_rmem_free() - destructor of packets in the error queue: charged to the buffer, not to the protocol */
void sock_rmem_free(struct sk_buff *skb);
/** skb_set_owner_r() / skb_set_owner_w() - charge @skb->truesize to the socket until it is freed (destructor) */
void skb_set_owner_r(struct sk_buff *skb, struct sock *sk);
void skb_set_owner_w(struct sk_buff *skb, struct sock *sk);
void sock_rfree(struct sk_buff *skb);
void sock_wfree(struct sk_buff *skb);

static inline int sk_stream_wspace(const struct sock *sk)
{
	return sk->sk_sndbuf - sk->sk_wmem_queued;
}

static inline int sk_stream_min_wspace(const struct sock *sk)
{
	return sk->sk_wmem_queued >> 1;
}

static inline void sk_wmem_queued_add(struct sock *sk, int val)
{
	sk->sk_wmem_queued += val;
}

/** sock_writeable() - datagram sockets: less than half of the send buffer is in use */
static inline bool sock_writeable(const struct sock *sk)
{
	return sk->sk_wmem_alloc < sk->sk_sndbuf >> 1;
}

bool sk_stream_memory_free(const struct sock *sk);
/** sk_stream_is_writeable() - a third of the send buffer is free: worth telling who waits */
bool sk_stream_is_writeable(const struct sock *sk);
/** sk_stream_write_space() - struct proto: who found no room hears of it once */
void sk_stream_write_space(struct sock *sk);
void sk_stream_moderate_sndbuf(struct sock *sk);
/** sk_stream_kill_queues() - the end of a stream socket: what nobody will read or send is freed */
void sk_stream_kill_queues(struct sock *sk);

/** sock_alloc_send_skb() - a packet charged to the send buffer. NULL: *@err is -EAGAIN (no room), -EPIPE, -ENOBUFS or the pending error */
struct sk_buff *sock_alloc_send_skb(struct sock *sk, u32 size, int *err);
struct sk_buff *sock_wmalloc(struct sock *sk, u32 size, bool force);

#endif
