// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_recvmsg.c - datagrams to the user, and what can be asked about those that wait. */
#include "lib/checksum.h"
#include "net/journey.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"
#include "udp_internal.h"

static void udp_csum_error(struct sock *sk)
{
	UDP_INC_STATS(sock_net(sk), UDP_MIB_CSUMERRORS, udp_is_lite(sk));
	UDP_INC_STATS(sock_net(sk), UDP_MIB_INERRORS, udp_is_lite(sk));
}

static void udp_skb_discard(struct sock *sk, struct sk_buff *skb)
{
	udp_csum_error(sk);
	sk->sk_drops++;
	skb_unlink(skb, &sk->sk_receive_queue);
	udp_rmem_release(sk, (int)skb->truesize);
	kfree_skb_reason(sock_skiff(sk), skb, SKB_DROP_REASON_UDP_CSUM);
}

/* Bytes of the first datagram that is as its checksum says; -1: none. Others are thrown away on the way. */
static int first_packet_length(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = sk->sk_receive_queue.first) != NULL) {
		if (!udp_lib_checksum_complete(skb))
			return (int)skb->len;
		udp_skb_discard(sk, skb);
	}
	return -1;
}

int udp_ioctl(struct sock *sk, int cmd, int *karg)
{
	switch (cmd) {
	case SIOCOUTQ:
		*karg = sk->sk_wmem_alloc;
		return 0;
	case SIOCINQ:
		*karg = first_packet_length(sk);
		if (*karg < 0)
			*karg = 0;
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

u32 udp_poll(struct socket *sock)
{
	struct sock *sk = sock->sk;
	u32 mask = datagram_poll(sk);

	/* Nothing to read if all that waits is damaged; who does not wait finds out himself. */
	if ((mask & POLLRDNORM) && !(sock->f_flags & O_NONBLOCK_) &&
	    !(sk->sk_shutdown & RCV_SHUTDOWN) && first_packet_length(sk) == -1)
		mask &= ~(u32)(POLLIN | POLLRDNORM);
	return mask;
}

/* ---- SO_PEEK_OFF ---- */

static int udp_peek_offset(const struct sock *sk, int flags)
{
	return (flags & MSG_PEEK) && sk->sk_side ? sk->sk_side->peek_off : -1;
}

/* @n bytes were read (negative: looked at): the offset keeps pointing at the same byte, or moves on. */
static void udp_peek_offset_move(struct sock *sk, int n)
{
	struct sock_side *side = sk->sk_side;

	if (!side || side->peek_off < 0)
		return;
	side->peek_off = side->peek_off - n > 0 ? side->peek_off - n : 0;
}

/* The datagram to be read or looked at; *@off: from which byte on. It stays in the queue. NULL: *@err */
static struct sk_buff *udp_recv_find(struct sock *sk, int flags, int *off, int *err)
{
	int at = udp_peek_offset(sk, flags);
	struct sk_buff *skb;

	*off = 0;
	*err = sock_error(sk);
	if (unlikely(*err))
		return NULL;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		if (at < 0)
			return skb;
		if (at >= (int)skb->len && (at || skb->peeked)) {
			at -= (int)skb->len;
			continue;
		}
		skb->peeked |= !skb->len;
		*off = at;
		return skb;
	}
	/* Who would have waited hears of the shutdown. */
	*err = (sk->sk_shutdown & RCV_SHUTDOWN) && !(flags & MSG_DONTWAIT) ? 0 : -EAGAIN;
	return NULL;
}

/* ---- the copy ---- */

/* The whole payload is copied and its checksum is still open: both in one pass. 0, -EFAULT, -EINVAL: the sum is wrong */
static int udp_copy_and_csum(struct sk_buff *skb, struct iov_iter *to)
{
	const struct udphdr *uh = (const struct udphdr *)skb_transport_header(skb);
	const struct iphdr *iph = ip_hdr(skb);
	struct iov_iter start = *to;
	u32 sum = csum_tcpudp_nofold(iph->saddr, iph->daddr, skb->len + (u32)sizeof(*uh),
				     iph->protocol, 0);

	sum = csum_partial(uh, sizeof(*uh), sum);
	if (skb_copy_and_csum_to_iter(skb, 0, to, skb->len, &sum))
		return -EFAULT;
	if (csum_fold(sum)) {
		iov_iter_restore(to, &start);
		return -EINVAL;
	}
	UDP_SKB_CB(skb)->csum_pending = 0;
	return 0;
}

static int udp_copy(struct sk_buff *skb, struct iov_iter *to, u32 off, u32 copied, int flags)
{
	const struct udp_skb_cb *cb = UDP_SKB_CB(skb);

	if (unlikely(cb->csum_pending)) {
		if (copied == skb->len && !(flags & MSG_PEEK) && !cb->partial_cov)
			return udp_copy_and_csum(skb, to);
		if (udp_lib_checksum_complete(skb))
			return -EINVAL;
	}
	if (likely(!skb->data_len))
		return copy_to_iter(skb->data + off, copied, to) == copied ? 0 : -EFAULT;
	return skb_copy_datagram_iter(skb, off, to, copied);
}

/* ---- recvmsg ---- */

/* What is told beside the data. */
static void udp_recv_msg(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int off)
{
	struct sockaddr_in *sin = msg->msg_name;

	sock_recv_cmsgs(msg, sk, skb);
	if (sin) {
		const struct udphdr *uh = (const struct udphdr *)skb_transport_header(skb);

		*sin = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = uh->source };
		sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
		msg->msg_namelen = sizeof(*sin);
	}
	if (unlikely(udp_test_bit(GRO_ENABLED, sk)) && skb_is_gso(skb) &&
	    (skb->shinfo->gso_type & SKB_GSO_UDP_L4)) {
		int size = skb->shinfo->gso_size;

		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(size), &size);
	}
	if (inet_sk(sk)->cmsg_flags)
		ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), off);
}

static int udp_recv_one(struct sock *sk, struct msghdr *msg, struct iov_iter *to,
			struct sk_buff *skb, int off, int flags)
{
	bool peeking = flags & MSG_PEEK;
	u32 ulen = skb->len, copied = (u32)min_t(size_t, to->count, ulen - (u32)off);
	int err;

	if (to->count < ulen - (u32)off || (!off && to->count < ulen))
		msg->msg_flags |= MSG_TRUNC;
	if (off && to->count >= ulen - (u32)off)
		msg->msg_flags &= ~MSG_TRUNC;
	err = udp_copy(skb, to, (u32)off, copied, flags);
	if (unlikely(err == -EINVAL)) {
		udp_skb_discard(sk, skb);
		msg->msg_flags &= ~MSG_TRUNC;
		return err;
	}
	if (!peeking) {
		skb_unlink(skb, &sk->sk_receive_queue);
		udp_rmem_release(sk, (int)skb->truesize);
	}
	if (unlikely(err)) {
		if (peeking)
			return err;
		sk->sk_drops++;
		UDP_INC_STATS(sock_net(sk), UDP_MIB_INERRORS, udp_is_lite(sk));
		kfree_skb(sock_skiff(sk), skb);
		return err;
	}
	udp_recv_msg(sk, msg, skb, off);
	err = (int)(flags & MSG_TRUNC ? ulen : copied);
	udp_peek_offset_move(sk, peeking ? -err : err);
	if (!peeking) {
		UDP_INC_STATS(sock_net(sk), UDP_MIB_INDATAGRAMS, udp_is_lite(sk));
		consume_skb(sock_skiff(sk), skb);
	}
	return err;
}

long udp_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	struct sk_buff *skb;
	int off, err;

	if (unlikely(flags & MSG_ERRQUEUE)) {
		int addr_len = (int)msg->msg_namelen;

		err = ip_recv_error(sk, msg, to, (int)to->count, &addr_len);
		msg->msg_namelen = (u32)addr_len;
		return err;
	}
	do {
		skb = udp_recv_find(sk, flags, &off, &err);
		if (unlikely(!skb))
			return err;
		err = udp_recv_one(sk, msg, to, skb, off, flags);
	} while (unlikely(err == -EINVAL));
	return err;
}
