// SPDX-License-Identifier: BSD-2-Clause
/* net/core/datagram.c - what datagram sockets have in common: the next datagram, its copy to the user, readiness. */
#include "net/sock.h"
#include "net/sock_mem.h"
#include "net/sock_queue.h"

#include "lib/checksum.h"

/* The datagram in which byte *@off of the queue lies (MSG_PEEK with an offset), counted; *@off becomes relative to it. */
static struct sk_buff *peek_at(struct sk_buff_head *q, int *off)
{
	struct sk_buff *skb;
	int at = *off;

	skb_queue_walk(q, skb) {
		if (at >= (int)skb->len && (at || skb->peeked)) {
			at -= (int)skb->len;
			continue;
		}
		skb->cold = 1;
		/* An empty datagram is shown once only when there is an offset to move on by. */
		if (!skb->len)
			skb->peeked = 1;
		*off = at;
		return skb_get(skb);
	}
	return NULL;
}

struct sk_buff *__skb_recv_from_queue(struct sk_buff_head *q, int flags, int *off)
{
	if (flags & MSG_PEEK)
		return peek_at(q, off);
	*off = 0;
	return skb_dequeue(q);
}

struct sk_buff *__skb_recv_datagram(struct sock *sk, int flags, int *off, int *err)
{
	struct sk_buff *skb;

	*err = sock_error(sk);
	if (*err)
		return NULL;
	skb = __skb_recv_from_queue(&sk->sk_receive_queue, flags, off);
	if (skb)
		return skb;
	/* Who would have waited is woken by the shutdown; who asked not to wait is not told of it. */
	*err = (sk->sk_shutdown & RCV_SHUTDOWN) && !(flags & MSG_DONTWAIT) ? 0 : -EAGAIN;
	return NULL;
}

void skb_free_datagram(struct sock *sk, struct sk_buff *skb)
{
	consume_skb(sock_skiff(sk), skb);
}

int skb_copy_datagram_iter(const struct sk_buff *skb, u32 off, struct iov_iter *to, u32 len)
{
	return skb_copy_to_iter(skb, off, to, len);
}

u32 datagram_poll(struct sock *sk)
{
	u32 mask = 0;

	if (sk->sk_err || (sk->sk_side && !skb_queue_empty(&sk->sk_side->error_queue)))
		mask |= POLLERR | (sock_flag(sk, SOCK_SELECT_ERR_QUEUE) ? POLLPRI : 0);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		mask |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (sk->sk_shutdown == SHUTDOWN_MASK)
		mask |= POLLHUP;
	if (!skb_queue_empty(&sk->sk_receive_queue))
		mask |= POLLIN | POLLRDNORM;
	if (sock_writeable(sk))
		mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
	else
		sock_set_flag(sk, SOCK_NOSPACE_);
	return mask;
}
