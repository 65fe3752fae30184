// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sock_cmsg.c - control messages of SOL_SOCKET, both ways; time stamps; the error queue.
 *
 * DOC: Time stamps
 * A packet that arrives is stamped (skb->tstamp, Unix time in ns) while a socket of the shard asks for it; one that was not is
 * stamped when it is read, as Linux does. Of packets sent, a copy or just the stamp comes back on the error queue
 * (__skb_tstamp_tx): when the device gets it (SND), when the queue in front of it does (SCHED), when it is acknowledged (ACK).
 */
#include "net/sock.h"
#include "net/netdevice.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"
#include "net/socket.h"

int put_cmsg(struct msghdr *msg, int level, int type, u32 len, const void *data)
{
	size_t cmlen = CMSG_LEN_((size_t)len), space;
	struct cmsghdr *cm = msg->msg_control;

	if (!cm || msg->msg_controllen < CMSG_HDRLEN) {
		msg->msg_flags |= MSG_CTRUNC;
		return 0;
	}
	if (msg->msg_controllen < cmlen) {
		msg->msg_flags |= MSG_CTRUNC;
		cmlen = msg->msg_controllen;
	}
	cm->cmsg_level = level;
	cm->cmsg_type = type;
	cm->cmsg_len = cmlen;
	memcpy(cm + 1, data, cmlen - CMSG_HDRLEN);
	space = min_t(size_t, CMSG_SPACE_((size_t)len), msg->msg_controllen);
	msg->msg_control = (char *)msg->msg_control + space;
	msg->msg_controllen -= space;
	return 0;
}

/* ---- what a sender says ---- */

static int cmsg_u32(const struct cmsghdr *cmsg, u32 *val)
{
	if (cmsg->cmsg_len != CMSG_LEN_(sizeof(u32)))
		return -EINVAL;
	memcpy(val, CMSG_DATA_(cmsg), sizeof(*val));
	return 0;
}

static bool net_admin_or_raw(const struct sock *sk)
{
	return sock_capable(sock_net(sk), CAP_NET_RAW) || sock_capable(sock_net(sk), CAP_NET_ADMIN);
}

static int cmsg_timestamping(const struct cmsghdr *cmsg, struct sockcm_cookie *c)
{
	u32 val;

	if (cmsg_u32(cmsg, &val) || (val & ~SOF_TIMESTAMPING_TX_RECORD_MASK))
		return -EINVAL;
	c->tsflags = (c->tsflags & ~SOF_TIMESTAMPING_TX_RECORD_MASK) | val;
	return 0;
}

static int cmsg_ts_opt_id(const struct sock *sk, const struct cmsghdr *cmsg,
			  struct sockcm_cookie *c)
{
	if (sk->sk_type == SOCK_STREAM || !sk->sk_side ||
	    !(sk->sk_side->tsflags & SOF_TIMESTAMPING_OPT_ID) || cmsg_u32(cmsg, &c->ts_opt_id))
		return -EINVAL;
	c->tsflags |= (u32)SOCKCM_FLAG_TS_OPT_ID;
	return 0;
}

int __sock_cmsg_send(struct sock *sk, struct cmsghdr *cmsg, struct sockcm_cookie *c)
{
	u32 val;

	switch (cmsg->cmsg_type) {
	case SO_MARK:
		if (!net_admin_or_raw(sk))
			return -EPERM;
		return cmsg_u32(cmsg, &c->mark);
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
		return cmsg_timestamping(cmsg, c);
	case SCM_TXTIME:
		if (!sock_flag(sk, SOCK_TXTIME) || cmsg->cmsg_len != CMSG_LEN_(sizeof(u64)))
			return -EINVAL;
		memcpy(&c->transmit_time, CMSG_DATA_(cmsg), sizeof(u64));
		return 0;
	case SCM_TS_OPT_ID:
		return cmsg_ts_opt_id(sk, cmsg, c);
	case SO_PRIORITY:
		if (cmsg_u32(cmsg, &val))
			return -EINVAL;
		if (!sk_set_prio_allowed(sk, (int)val))
			return -EPERM;
		c->priority = val;
		return 0;
	case SCM_RIGHTS:
	case SCM_CREDENTIALS:
		/* Means something in AF_UNIX only; elsewhere Linux reads over it. */
		return 0;
	default:
		return -EINVAL;
	}
}

int sock_cmsg_send(struct sock *sk, struct msghdr *msg, struct sockcm_cookie *c)
{
	struct cmsghdr *cmsg;
	int err;

	for_each_cmsghdr(cmsg, msg)
	{
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		err = __sock_cmsg_send(sk, cmsg, c);
		if (err)
			return err;
	}
	return 0;
}

/* ---- what a receiver is told ---- */

static u64 wall_now(const struct skiff *skiff)
{
	return skiff->wall + skiff->now;
}

static bool skb_is_err_queue(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_OUTGOING;
}

static void put_stamp(struct msghdr *msg, const struct sock *sk, u64 ns)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	struct sock_timespec ts = { (s64)(ns / 1000000000), (s64)(ns % 1000000000) };
	struct sock_timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };

	if (sock_flag(sk, SOCK_RCVTSTAMPNS))
		put_cmsg(msg, SOL_SOCKET, new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD, sizeof(ts),
			 &ts);
	else
		put_cmsg(msg, SOL_SOCKET, new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD, sizeof(tv),
			 &tv);
}

static void put_scm_timestamping(struct msghdr *msg, const struct sock *sk,
				 const struct sk_buff *skb)
{
	struct scm_timestamping tss;
	u32 flags = sk->sk_side ? sk->sk_side->tsflags : 0;

	if (!skb->tstamp || !(flags & SOF_TIMESTAMPING_SOFTWARE))
		return;
	if (!(flags & SOF_TIMESTAMPING_RX_SOFTWARE) && !skb_is_err_queue(skb) &&
	    (flags & SOF_TIMESTAMPING_OPT_RX_FILTER))
		return;
	memset(&tss, 0, sizeof(tss));
	tss.ts[0].tv_sec = (s64)(skb->tstamp / 1000000000);
	tss.ts[0].tv_nsec = (s64)(skb->tstamp % 1000000000);
	put_cmsg(msg, SOL_SOCKET,
		 sock_flag(sk, SOCK_TSTAMP_NEW) ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD,
		 sizeof(tss), &tss);
	if (skb_is_err_queue(skb) && skb->len && SKB_EXT_ERR(skb)->opt_stats)
		put_cmsg(msg, SOL_SOCKET, SCM_TIMESTAMPING_OPT_STATS, skb->len, skb->data);
}

void __sock_recv_timestamp(struct msghdr *msg, struct sock *sk, struct sk_buff *skb)
{
	if (sock_flag(sk, SOCK_RCVTSTAMP)) {
		if (!skb->tstamp) {
			skb->cold = 1;
			skb->tstamp = wall_now(sock_skiff(sk));
		}
		put_stamp(msg, sk, skb->tstamp);
	}
	put_scm_timestamping(msg, sk, skb);
}

/* sock_write_timestamp() - for SIOCGSTAMP */
static void sock_write_timestamp(struct sock *sk, u64 ns)
{
	if (sk->sk_side)
		sk->sk_side->stamp = (s64)ns;
}

void sock_recv_cmsgs(struct msghdr *msg, struct sock *sk, struct sk_buff *skb)
{
	u32 val;

	if (sock_flag(sk, SOCK_RCVTSTAMP) || sock_flag(sk, SOCK_TIMESTAMPING_ANY))
		__sock_recv_timestamp(msg, sk, skb);
	else if (unlikely(sk->sk_side))
		sock_write_timestamp(sk, sock_flag(sk, SOCK_TIMESTAMP) ? skb->tstamp : 0);
	if (sock_flag(sk, SOCK_RXQ_OVFL)) {
		val = sock_skb_dropcount(skb);
		if (val)
			put_cmsg(msg, SOL_SOCKET, SO_RXQ_OVFL, sizeof(val), &val);
	}
	if (sock_flag(sk, SOCK_RCVMARK)) {
		val = skb->mark;
		put_cmsg(msg, SOL_SOCKET, SO_MARK, sizeof(val), &val);
	}
	if (sock_flag(sk, SOCK_RCVPRIORITY)) {
		val = skb->priority;
		put_cmsg(msg, SOL_SOCKET, SO_PRIORITY, sizeof(val), &val);
	}
}

/* ---- the error queue ---- */

int sock_queue_err_skb(struct sock *sk, struct sk_buff *skb)
{
	struct sock_side *side = sk_side(sk);

	if (!side || sk->sk_rmem_alloc + (int)skb->truesize >= sk->sk_rcvbuf)
		return -ENOMEM;
	skb_orphan(skb);
	skb->cold = 1;
	skb->sk = sk;
	skb->destructor = sock_rmem_free;
	skb->pkt_type = PACKET_OUTGOING;
	sk->sk_rmem_alloc += (int)skb->truesize;
	skb_dst_force(skb);
	skb_queue_tail(&side->error_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
	return 0;
}

struct sk_buff *sock_dequeue_err_skb(struct sock *sk)
{
	struct sk_buff *skb, *next;
	u8 origin;

	if (!sk->sk_side)
		return NULL;
	skb = skb_dequeue(&sk->sk_side->error_queue);
	next = skb ? skb_peek(&sk->sk_side->error_queue) : NULL;
	if (!skb)
		return NULL;
	/* The error that the next entry stands for is what SO_ERROR tells from now on; none: what this one stood for is over. */
	if (next && (origin = SKB_EXT_ERR(next)->ee.ee_origin, origin == SO_EE_ORIGIN_ICMP))
		sk->sk_err = (u16)SKB_EXT_ERR(next)->ee.ee_errno;
	else if (SKB_EXT_ERR(skb)->ee.ee_origin == SO_EE_ORIGIN_ICMP)
		sk->sk_err = 0;
	if (next)
		sk_error_report(sk);
	return skb;
}

/* The packet that a stamp comes back in; NULL: no memory */
static struct sk_buff *stamp_carrier(struct sk_buff *orig, struct sock *sk, bool *opt_stats)
{
	struct skiff *skiff = sock_skiff(sk);
	u32 flags = sk->sk_side->tsflags;
	struct sk_buff *skb;

	*opt_stats = false;
	if (!(flags & SOF_TIMESTAMPING_OPT_TSONLY))
		return skb_clone(skiff, orig);
	if ((flags & SOF_TIMESTAMPING_OPT_STATS) && sk->sk_prot->opt_stats) {
		*opt_stats = true;
		skb = sk->sk_prot->opt_stats(sk, orig);
	} else {
		skb = alloc_skb(skiff, 0);
	}
	if (skb) {
		skb->cold = 1;
		skb->tx_flags = orig->tx_flags;
		skb->tskey = orig->tskey;
	}
	return skb;
}

void __skb_tstamp_tx(struct sk_buff *orig, struct sock *sk, int tstype)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	bool opt_stats;
	u32 flags;

	if (!sk || !sk->sk_side)
		return;
	flags = sk->sk_side->tsflags;
	if (!sock_net(sk)->sock->sysctl_tstamp_allow_data &&
	    !(flags & SOF_TIMESTAMPING_OPT_TSONLY) && !sock_capable(sock_net(sk), CAP_NET_RAW))
		return;
	skb = stamp_carrier(orig, sk, &opt_stats);
	if (!skb)
		return;
	skb->cold = 1;
	skb->tstamp = wall_now(sock_skiff(sk));
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = ENOMSG;
	serr->ee.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
	serr->ee.ee_info = (u32)tstype;
	serr->opt_stats = opt_stats;
	serr->header.iif = skb->dev ? skb->dev->ifindex : 0;
	if (flags & SOF_TIMESTAMPING_OPT_ID) {
		serr->ee.ee_data = orig->tskey;
		if (sk->sk_type == SOCK_STREAM)
			serr->ee.ee_data -= sk->sk_tskey;
	}
	if (sock_queue_err_skb(sk, skb))
		kfree_skb_reason(sock_skiff(sk), skb, SKB_DROP_REASON_SOCKET_RCVBUFF);
}
