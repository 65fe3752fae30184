/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_repair.c - TCP_REPAIR: take a connection out of a socket, or put one in, without a segment being sent.
 *
 * DOC: Repair
 * A socket in repair is quiet: connect() makes it ESTABLISHED at once, close() sends nothing. Its owner chooses a queue
 * (TCP_REPAIR_QUEUE), sets its sequence number while the socket is closed (TCP_QUEUE_SEQ), fills it with send() and reads it with
 * recv(MSG_PEEK), sets what the handshake agreed on (TCP_REPAIR_OPTIONS), windows and the time stamp's clock. Leaving
 * repair sends a window probe, so that the peer learns where we are.
 */
#include "tcp_input.h"

#include "tcp_sendmsg.h"
#include "tcp_sockopt.h"

bool tcp_can_repair_sock(const struct sock *sk)
{
	return sock_capable(sock_net(sk), CAP_NET_ADMIN) && sk->sk_state != TCP_LISTEN;
}

/* ---- queues ---- */

int tcp_send_rcvq(struct sock *sk, struct iov_iter *from, size_t size)
{
	struct skiff *skiff = sock_skiff(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	bool stolen;
	int n;

	if (!size)
		return 0;
	size = min_t(size_t, size, SKB_PAGED_MAX);
	skb = alloc_skb_ref(skiff);
	if (!skb)
		return -ENOMEM;
	skb->cold = 1;
	n = skb_append_from_iter(skiff, skb, from, (u32)size, 0);
	if (n <= 0 || tcp_try_rmem_schedule(sk, skb, skb->truesize)) {
		consume_skb(skiff, skb);
		return n < 0 ? n : -ENOMEM;
	}
	TCP_SKB_CB(skb)->seq = tp->rcv_nxt;
	TCP_SKB_CB(skb)->end_seq = tp->rcv_nxt + (u32)n;
	TCP_SKB_CB(skb)->ack_seq = tp->snd_una - 1;
	if (tcp_queue_rcv(sk, skb, &stolen))
		consume_skb(skiff, skb);
	return n;
}

static int peek_skb(const struct sk_buff *skb, struct iov_iter *to, long *copied)
{
	u32 n = (u32)min_t(size_t, skb->len, to->count);

	if (n && skb_copy_to_iter(skb, 0, to, n))
		return -EFAULT;
	*copied += n;
	return 0;
}

long tcp_peek_sndq(struct sock *sk, struct iov_iter *to)
{
	struct sk_buff *skb;
	long copied = 0;
	int err = 0;

	for (skb = tcp_rtx_queue_head(sk); skb && to->count && !err; skb = skb_rb_next(skb))
		err = peek_skb(skb, to, &copied);
	for (skb = tcp_send_head(sk); skb && to->count && !err; skb = skb->next)
		err = peek_skb(skb, to, &copied);
	return err ? err : copied;
}

static int set_queue_seq(struct sock *sk, u32 val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state != TCP_CLOSE)
		return -EPERM;
	if (tp->repair_queue == TCP_SEND_QUEUE) {
		if (!tcp_rtx_queue_empty(sk))
			return -EPERM;
		tp->write_seq = val;
	} else if (tp->repair_queue == TCP_RECV_QUEUE) {
		if (tp->rcv_nxt != tp->copied_seq)
			return -EPERM;
		tp->rcv_nxt = val;
		tp->copied_seq = val;
	} else {
		return -EINVAL;
	}
	return 0;
}

/* ---- into and out of repair ---- */

static int set_repair(struct sock *sk, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_can_repair_sock(sk))
		return -EPERM;
	switch (val) {
	case TCP_REPAIR_ON:
		tp->repair = 1;
		sk->sk_reuse = SK_FORCE_REUSE;
		tp->repair_queue = TCP_NO_QUEUE;
		return 0;
	case TCP_REPAIR_OFF:
		tp->repair = 0;
		sk->sk_reuse = SK_NO_REUSE;
		tcp_send_window_probe(sk);
		return 0;
	case TCP_REPAIR_OFF_NO_WP:
		tp->repair = 0;
		sk->sk_reuse = SK_NO_REUSE;
		return 0;
	default:
		return -EINVAL;
	}
}

static int set_option(struct sock *sk, const struct tcp_repair_opt *opt)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (opt->opt_code) {
	case TCPOPT_MSS:
		tp->rx_opt.mss_clamp = (u16)opt->opt_val;
		/* It bounds what goes out from now on. */
		tcp_mtup_init(sk);
		return 0;
	case TCPOPT_WINDOW: {
		u16 snd_wscale = opt->opt_val & 0xFFFF, rcv_wscale = (u16)(opt->opt_val >> 16);

		if (snd_wscale > TCP_MAX_WSCALE || rcv_wscale > TCP_MAX_WSCALE)
			return -EFBIG;
		tp->rx_opt.snd_wscale = snd_wscale & 0xf;
		tp->rx_opt.rcv_wscale = rcv_wscale & 0xf;
		tp->rx_opt.wscale_ok = 1;
		return 0;
	}
	case TCPOPT_SACK_PERM:
		if (opt->opt_val)
			return -EINVAL;
		tp->rx_opt.sack_ok |= TCP_SACK_SEEN;
		return 0;
	case TCPOPT_TIMESTAMP:
		if (opt->opt_val)
			return -EINVAL;
		tp->rx_opt.tstamp_ok = 1;
		return 0;
	default:
		return 0;
	}
}

static int set_options(struct sock *sk, const u8 *optval, u32 optlen)
{
	struct tcp_repair_opt opt;
	int err;

	if (!tcp_sk(sk)->repair)
		return -EINVAL;
	if (sk->sk_state != TCP_ESTABLISHED || tcp_sk(sk)->bytes_sent)
		return -EPERM;
	for (; optlen >= sizeof(opt); optlen -= (u32)sizeof(opt), optval += sizeof(opt)) {
		memcpy(&opt, optval, sizeof(opt));
		err = set_option(sk, &opt);
		if (err)
			return err;
	}
	return 0;
}

static int set_window(struct sock *sk, const void *optval, u32 optlen)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_repair_window opt;

	if (!tp->repair)
		return -EPERM;
	if (optlen != sizeof(opt))
		return -EINVAL;
	memcpy(&opt, optval, sizeof(opt));
	if (opt.max_window < opt.snd_wnd || after(opt.snd_wl1, tp->rcv_nxt + opt.rcv_wnd) ||
	    after(opt.rcv_wup, tp->rcv_nxt))
		return -EINVAL;
	tp->snd_wl1 = opt.snd_wl1;
	tp->snd_wnd = opt.snd_wnd;
	tp->max_window = opt.max_window;
	tp->rcv_wnd = opt.rcv_wnd;
	tp->rcv_wup = opt.rcv_wup;
	return 0;
}

int tcp_setsockopt_repair(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int val;

	if (optlen < sizeof(int))
		return -EINVAL;
	memcpy(&val, optval, sizeof(val));
	switch (optname) {
	case TCP_REPAIR:
		return set_repair(sk, val);
	case TCP_REPAIR_QUEUE:
		if (!tp->repair)
			return -EPERM;
		if ((u32)val >= TCP_QUEUES_NR)
			return -EINVAL;
		tp->repair_queue = (u8)val & 3;
		return 0;
	case TCP_QUEUE_SEQ:
		return set_queue_seq(sk, (u32)val);
	case TCP_REPAIR_OPTIONS:
		return set_options(sk, optval, optlen);
	case TCP_REPAIR_WINDOW:
		return set_window(sk, optval, optlen);
	default:
		return -ENOPROTOOPT;
	}
}

static int get_window(struct sock *sk, void *optval, u32 *optlen)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_repair_window opt;

	if (*optlen != sizeof(opt))
		return -EINVAL;
	if (!tp->repair)
		return -EPERM;
	opt = (struct tcp_repair_window){ tp->snd_wl1, tp->snd_wnd, tp->max_window, tp->rcv_wnd,
					  tp->rcv_wup };
	memcpy(optval, &opt, sizeof(opt));
	return 0;
}

int tcp_getsockopt_repair(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int val;

	if (optname == TCP_REPAIR_WINDOW)
		return get_window(sk, optval, optlen);
	switch (optname) {
	case TCP_REPAIR:
		val = tp->repair;
		break;
	case TCP_REPAIR_QUEUE:
		if (!tp->repair)
			return -EINVAL;
		val = tp->repair_queue;
		break;
	default:
		if (tp->repair_queue == TCP_SEND_QUEUE)
			val = (int)tp->write_seq;
		else if (tp->repair_queue == TCP_RECV_QUEUE)
			val = (int)tp->rcv_nxt;
		else
			return -EINVAL;
	}
	*optlen = min_t(u32, *optlen, sizeof(int));
	memcpy(optval, &val, *optlen);
	return 0;
}
