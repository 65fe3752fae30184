/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sock_msg.h - options and control messages of every socket: net/core/sock_opts.c, sock_cmsg.c; stamps. */
#ifndef NET_SOCK_MSG_H
#define NET_SOCK_MSG_H

#include "net/sock.h"

int sock_setsockopt(struct socket *sock, int level, int optname, const void *optval, u32 optlen);
int sk_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
/** sk_getsockopt() - *@optlen: room in, length out */
int sk_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
/** sk_set_prio_allowed() - 0 to 6, others with CAP_NET_RAW or CAP_NET_ADMIN */
bool sk_set_prio_allowed(const struct sock *sk, int val);

struct sockcm_cookie {
	u64 transmit_time;
	u32 mark;
	u32 tsflags;
	u32 ts_opt_id;
	u32 priority;
};
static inline void sockcm_init(struct sockcm_cookie *c, const struct sock *sk)
{
	*c = (struct sockcm_cookie){ .mark = sk->sk_mark,
				     .tsflags = sk->sk_side ? sk->sk_side->tsflags : 0,
				     .priority = sk->sk_priority };
}
/** sock_cmsg_send() - SOL_SOCKET messages of a sendmsg(). 0 or -EINVAL */
int sock_cmsg_send(struct sock *sk, struct msghdr *msg, struct sockcm_cookie *c);
int __sock_cmsg_send(struct sock *sk, struct cmsghdr *cmsg, struct sockcm_cookie *c);

static inline bool sock_wants_stamps(const struct sock *sk)
{
	return sock_flag(sk, SOCK_TIMESTAMP) || sock_flag(sk, SOCK_TIMESTAMPING_RX_SOFTWARE);
}

/** sock_stamps() - @flag (SOCK_TIMESTAMP, SOCK_TIMESTAMPING_RX_SOFTWARE) says whether packets are to be stamped when they arrive */
void sock_stamps(struct sock *sk, enum sock_flags flag, bool on);
/** put_cmsg() - append a control message to what recvmsg() hands out; sets MSG_CTRUNC when it does not fit. 0 or -errno */
int put_cmsg(struct msghdr *msg, int level, int type, u32 len, const void *data);
/** sock_recv_cmsgs() - time stamps, drop counter, mark of a packet that is read (SO_TIMESTAMP*, SO_RXQ_OVFL, SO_RCVMARK) */
void sock_recv_cmsgs(struct msghdr *msg, struct sock *sk, struct sk_buff *skb);
void __sock_recv_timestamp(struct msghdr *msg, struct sock *sk, struct sk_buff *skb);
#define SOF_TIMESTAMPING_TX_RECORD_MASK                                                            \
	(SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED | \
	 SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_TX_COMPLETION)
#define SOCKCM_FLAG_TS_OPT_ID BIT(31) /* in sockcm_cookie.tsflags: ts_opt_id is set */
/** sock_tx_timestamp() - SKBTX_* that a datagram is sent with, for sockcm_cookie.tsflags */
static inline u8 sock_tx_timestamp(u32 tsflags)
{
	return (u8)((tsflags & SOF_TIMESTAMPING_TX_SOFTWARE ? SKBTX_SW_TSTAMP : 0) |
		    (tsflags & SOF_TIMESTAMPING_TX_SCHED ? SKBTX_SCHED_TSTAMP : 0));
}

/** skb_tstamp_tx() - a copy of @orig (or of its stamp only) to the error queue: SCM_TSTAMP_* of SO_TIMESTAMPING */
void __skb_tstamp_tx(struct sk_buff *orig, struct sock *sk, int tstype);
void sk_get_meminfo(const struct sock *sk, u32 *meminfo);
void sock_set_rcvbuf(struct sock *sk, int val);
/** sock_bindtoindex() - 0: any device. -EPERM (bound already, without CAP_NET_RAW), -EINVAL */
int sock_bindtoindex(struct sock *sk, int ifindex);

/** sock_gen_cookie() - SO_COOKIE: a number that no other socket of the shard ever has */
u64 sock_gen_cookie(struct sock *sk);

/** struct sock_exterr_skb - in skb->cb on the error queue */
struct sock_exterr_skb {
	struct ip_cb_err {
		u32 optlen;
		u32 iif;
	} header;
	struct sock_extended_err ee;
	u16 addr_offset;
	__be16 port;
	u8 opt_stats : 1, unused : 7;
};
#define SKB_EXT_ERR(skb) ((struct sock_exterr_skb *)((skb)->cb))

#endif
