/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sock_queue.h - packets that wait at a socket: received, reported as errors, taken as datagrams. */
#ifndef NET_SOCK_QUEUE_H
#define NET_SOCK_QUEUE_H

#include "net/sock.h"

/* SO_RXQ_OVFL: what sk_drops stood at when the packet was queued, in the last word of its control block */
static inline void sock_skb_set_dropcount(const struct sock *sk, struct sk_buff *skb)
{
	u32 drops = sock_flag(sk, SOCK_RXQ_OVFL) ? sk->sk_drops : 0;

	memcpy(skb->cb + sizeof(skb->cb) - sizeof(drops), &drops, sizeof(drops));
}

static inline u32 sock_skb_dropcount(const struct sk_buff *skb)
{
	return get_unaligned32(skb->cb + sizeof(skb->cb) - sizeof(u32));
}

/** __sock_queue_rcv_skb() - accounting and the receive queue, no filter. 0, -ENOMEM (buffer full), -ENOBUFS; the caller keeps @skb on failure */
int __sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
/** sock_queue_rcv_skb_reason() - filter first; *@reason set on failure */
int sock_queue_rcv_skb_reason(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason *reason);
/** sock_queue_err_skb() - onto the error queue, and told. 0 or -ENOMEM, then freed by the caller */
int sock_queue_err_skb(struct sock *sk, struct sk_buff *skb);
struct sk_buff *sock_dequeue_err_skb(struct sock *sk);

/* ---- datagrams: net/core/datagram.c ---- */
/** __skb_recv_datagram() - the next datagram (left in the queue with MSG_PEEK; *@off: peek offset within it). NULL: *@err -EAGAIN, pending error, 0 at shutdown */
struct sk_buff *__skb_recv_datagram(struct sock *sk, int flags, int *off, int *err);
/** __skb_recv_from_queue() - the same from any queue, without asking for errors. NULL: empty, or nothing at the offset */
struct sk_buff *__skb_recv_from_queue(struct sk_buff_head *q, int flags, int *off);
void skb_free_datagram(struct sock *sk, struct sk_buff *skb);
/** skb_copy_datagram_iter() - @len bytes from @off. 0 or -EFAULT */
int skb_copy_datagram_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len);
u32 datagram_poll(struct sock *sk);

#endif
