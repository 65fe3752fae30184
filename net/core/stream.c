// SPDX-License-Identifier: BSD-2-Clause
/* net/core/stream.c - room to write on stream sockets, and their end. */
#include "net/socket.h"
#include "net/sock_mem.h"

bool sk_stream_memory_free(const struct sock *sk)
{
	if (sk->sk_wmem_queued >= sk->sk_sndbuf)
		return false;
	return !sk->sk_prot->stream_memory_free || sk->sk_prot->stream_memory_free(sk, 0);
}

bool sk_stream_is_writeable(const struct sock *sk)
{
	if (sk_stream_wspace(sk) < sk_stream_min_wspace(sk))
		return false;
	if (sk->sk_wmem_queued >= sk->sk_sndbuf)
		return false;
	return !sk->sk_prot->stream_memory_free || sk->sk_prot->stream_memory_free(sk, 1);
}

void sk_stream_write_space(struct sock *sk)
{
	if (!sk->sk_socket || !sk_stream_is_writeable(sk))
		return;
	sock_reset_flag(sk, SOCK_NOSPACE_);
	sock_wake(sk, POLLOUT | POLLWRNORM | POLLWRBAND);
}

void sk_stream_moderate_sndbuf(struct sock *sk)
{
	u32 val;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	val = min_t(u32, (u32)sk->sk_sndbuf, (u32)sk->sk_wmem_queued >> 1);
	sk->sk_sndbuf = (int)max_t(u32, val, SOCK_MIN_SNDBUF);
}

int sk_stream_error(struct sock *sk, int flags, int err)
{
	int pending;

	if (err != -EPIPE)
		return err;
	pending = sock_error(sk);
	return pending ? pending : -EPIPE;
}

void sk_stream_kill_queues(struct sock *sk)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&sk->sk_receive_queue)))
		consume_skb(skiff, skb);
	while (sk->sk_side && (skb = skb_dequeue(&sk->sk_side->error_queue)))
		consume_skb(skiff, skb);
	NET_ASSERT(skb_queue_empty(&sk->sk_write_queue));
	__sk_mem_reclaim(sk, sk->sk_forward_alloc);
	NET_ASSERT(!sk->sk_wmem_queued);
}
