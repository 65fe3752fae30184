/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_sendmsg.c - bytes from the user into the write queue.
 *
 * DOC: Sending
 * The last packet of sk_write_queue is filled up to size_goal (a multiple of the MSS, at most half of the peer's largest window)
 * with references into the shard's chunk; the checksum is taken while copying, one sum for each MSS. A packet marked eor takes no
 * more. Packets leave when they are full (the first one at once, all with PSH after half a window: forced_push()) and at the
 * end of the call (tcp_push(): Nagle, MSG_MORE and autocorking decide). No room in the send buffer: what was taken is
 * pushed and the rest refused; SOCK_NOSPACE_ has the ACK that makes room tell the user.
 */
#include "tcp_input.h"

#include "tcp_sendmsg.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"

/**
 * struct tcp_send - one call
 * @from: bytes to copy; NULL: bytes that lie in @chunk from @off on already
 * @left: bytes to go; @copied: taken
 * @zc_pieces: MSG_ZEROCOPY: pieces of the user's in @zc_skb, each of which Linux would refer to by a fragment of its own
 */
struct tcp_send {
	struct sock *sk;
	struct iov_iter *from;
	struct skb_chunk *chunk;
	u32 off;
	int flags;
	int mss_now;
	int size_goal;
	size_t left;
	long copied;
	bool zerocopy;
	u8 zc_pieces;
	const struct sk_buff *zc_skb;
};

/* ---- packets of the write queue ---- */

struct sk_buff *tcp_stream_alloc_skb(struct sock *sk, bool force_schedule)
{
	struct sk_buff *skb = alloc_skb_ref(sock_skiff(sk));

	if (!skb) {
		sk->sk_prot->enter_memory_pressure(sk);
		sk_stream_moderate_sndbuf(sk);
		return NULL;
	}
	skb->cold = 1;
	if (force_schedule) {
		sk_forced_mem_schedule(sk, (int)skb->truesize);
	} else if (!sk_wmem_schedule(sk, (int)skb->truesize)) {
		consume_skb(sock_skiff(sk), skb);
		return NULL;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	INIT_LIST_HEAD(&skb->tcp_tsorted_anchor);
	return skb;
}

void tcp_skb_entail(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);

	tcb->seq = tcb->end_seq = tp->write_seq;
	tcb->tcp_flags = TCPHDR_ACK;
	skb_queue_tail(&sk->sk_write_queue, skb);
	if (sk->sk_write_queue.first == skb)
		tcp_chrono_start(sk, TCP_CHRONO_BUSY);
	sk_wmem_queued_add(sk, (int)skb->truesize);
	sk_mem_charge(sk, (int)skb->truesize);
	tp->nonagle &= (u8)~TCP_NAGLE_PUSH & 0xf;
	tcp_slow_start_after_idle_check(sk);
}

void tcp_remove_empty_skb(struct sock *sk)
{
	struct sk_buff *skb = tcp_write_queue_tail(sk);

	if (!skb || TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq)
		return;
	skb_unlink(skb, &sk->sk_write_queue);
	if (tcp_write_queue_empty(sk))
		tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	tcp_wmem_free_skb(sk, skb);
}

/* ---- how large, and when to push ---- */

/* At most half of the window that the peer has ever offered: else a small one would be filled by one packet. */
static int bound_to_half_wnd(const struct tcp_sock *tp, int pktsize)
{
	u32 cutoff = tp->max_window;

	if (cutoff > TCP_MSS_DEFAULT)
		cutoff >>= 1;
	if (cutoff && pktsize > (int)cutoff)
		return max_t(int, cutoff, 68 - tp->tcp_header_len);
	return pktsize;
}

/* MSS and how large a packet may become, to send @left bytes. */
static int tcp_send_mss(struct sock *sk, int *size_goal, int flags, size_t left)
{
	int mss_now = (int)tcp_current_mss(sk), goal, segs;

	*size_goal = mss_now;
	/* Less than a segment, which nothing waits before: it will not become more. */
	if ((flags & MSG_OOB) || (left < (size_t)mss_now && !tcp_send_head(sk)))
		return mss_now;
	goal = min_t(int, sk->sk_gso_max_size ? sk->sk_gso_max_size : SKB_PAGED_MAX, SKB_PAGED_MAX);
	segs = bound_to_half_wnd(tcp_sk(sk), goal) / mss_now;
	if (sk->sk_gso_max_segs)
		segs = min_t(int, segs, sk->sk_gso_max_segs);
	*size_goal = max_t(int, segs *mss_now, mss_now);
	return mss_now;
}

static bool forced_push(const struct tcp_sock *tp)
{
	return after(tp->write_seq, tp->pushed_seq + (tp->max_window >> 1));
}

void tcp_mark_push(struct tcp_sock *tp, struct sk_buff *skb)
{
	TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_PSH;
	tp->pushed_seq = tp->write_seq;
}

/* A small packet waits for company while others of this socket are in the device: the first to leave it sends it. */
static bool should_autocork(const struct sock *sk, const struct sk_buff *skb, int size_goal)
{
	return (int)skb->len < size_goal && sock_net(sk)->ipv4.sysctl_tcp_autocorking &&
	       !tcp_rtx_queue_empty(sk) && sk->sk_wmem_alloc > (int)skb->truesize &&
	       !TCP_SKB_CB(skb)->eor;
}

void tcp_push(struct sock *sk, int flags, int mss_now, int nonagle, int size_goal)
{
	struct sk_buff *skb = tcp_write_queue_tail(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!skb)
		return;
	if (!(flags & MSG_MORE) || forced_push(tp))
		tcp_mark_push(tp, skb);
	if (flags & MSG_OOB)
		tp->snd_up = tp->write_seq;
	if (should_autocork(sk, skb, size_goal)) {
		if (!tp->tsq_throttled)
			NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAUTOCORKING);
		tp->tsq_throttled = 1;
		return;
	}
	__tcp_push_pending_frames(sk, (u32)mss_now, flags & MSG_MORE ? TCP_NAGLE_CORK : nonagle);
}

/* ---- filling ---- */

/* Bytes of @copy that memory can be had for. */
static int wmem_schedule(struct sock *sk, int copy)
{
	int left;

	if (likely(sk_wmem_schedule(sk, copy)))
		return copy;
	/* tcp_wmem[0] is for everybody, or nothing would ever be freed. */
	left = (int)sock_net(sk)->ipv4.sysctl_tcp_wmem[0] - sk->sk_wmem_queued;
	if (left > 0)
		sk_forced_mem_schedule(sk, min_t(int, left, copy));
	return min_t(int, copy, sk->sk_forward_alloc);
}

/* With MSG_ZEROCOPY a packet takes whole pieces of the user's, as many as it may have fragments. Return: bytes of the next one, 0: no more */
static int zerocopy_piece(struct tcp_send *s, struct sk_buff *skb, int copy)
{
	const struct iovec *iov = s->from->iov;
	size_t off = s->from->off;

	if (s->zc_skb != skb)
		s->zc_pieces = 0;
	s->zc_skb = skb;
	if (s->zc_pieces == MAX_SKB_FRAGS) {
		/* Nor may it be joined with the next one. */
		TCP_SKB_CB(skb)->eor = 1;
		return 0;
	}
	s->zc_pieces++;
	for (; iov->iov_len == off; iov++)
		off = 0;
	return (int)min_t(size_t, (size_t)copy, iov->iov_len - off);
}

/* Up to @copy bytes into @skb. Return: bytes, 0: no more fit, -EFAULT */
static int fill(struct tcp_send *s, struct sk_buff *skb, int copy)
{
	struct skiff *skiff = sock_skiff(s->sk);

	if (unlikely(s->zerocopy)) {
		copy = zerocopy_piece(s, skb, copy);
		if (!copy)
			return 0;
	}
	if (s->from)
		return skb_append_from_iter(skiff, skb, s->from, (u32)copy,
					    s->sk->sk_hw_csum ? 0 : (u32)s->mss_now);
	if (skb_frag_add(skiff, skb, s->chunk, s->off, (u32)copy))
		return 0;
	skb_shinfo(skb)->nr_sums = 0;
	s->off += (u32)copy;
	return copy;
}

/* A fresh packet at the end of the queue. NULL: no room or no memory */
static struct sk_buff *new_segment(struct tcp_send *s)
{
	struct sock *sk = s->sk;
	struct sk_buff *skb;

	if (!sk_stream_memory_free(sk))
		return NULL;
	skb = tcp_stream_alloc_skb(sk, tcp_rtx_and_write_queues_empty(sk));
	if (!skb)
		return NULL;
	tcp_skb_entail(sk, skb);
	/* What is restored counts as sent. */
	if (unlikely(tcp_sk(sk)->repair))
		TCP_SKB_CB(skb)->sacked |= TCPCB_REPAIRED;
	return skb;
}

/* As many bytes as one packet takes. Return: 0, -EAGAIN, -EFAULT */
static int send_some(struct tcp_send *s)
{
	struct sk_buff *skb = tcp_write_queue_tail(s->sk);
	struct tcp_sock *tp = tcp_sk(s->sk);
	int copy = skb ? s->size_goal - (int)skb->len : 0, n;

	for (;;) {
		bool fresh = copy <= 0 || TCP_SKB_CB(skb)->eor;

		if (fresh) {
			skb = new_segment(s);
			if (!skb)
				return -EAGAIN;
			copy = s->size_goal;
		}
		copy = wmem_schedule(s->sk, (int)min_t(size_t, (size_t)copy, s->left));
		if (!copy)
			return -EAGAIN;
		n = fill(s, skb, copy);
		if (n)
			break;
		if (fresh)
			return -EAGAIN;
		tcp_mark_push(tp, skb);
		copy = 0;
	}
	if (n < 0)
		return n;
	sk_wmem_queued_add(s->sk, n);
	sk_mem_charge(s->sk, n);
	if (!s->copied)
		TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_PSH;
	tp->write_seq += (u32)n;
	TCP_SKB_CB(skb)->end_seq += (u32)n;
	tcp_skb_pcount_set(skb, 0);
	s->copied += n;
	s->left -= (size_t)n;
	if (!s->left) {
		if (unlikely(s->flags & MSG_EOR))
			TCP_SKB_CB(skb)->eor = 1;
		return 0;
	}
	if ((int)skb->len < s->size_goal || (s->flags & MSG_OOB) || unlikely(tp->repair))
		return 0;
	if (forced_push(tp)) {
		tcp_mark_push(tp, skb);
		__tcp_push_pending_frames(s->sk, (u32)s->mss_now, TCP_NAGLE_PUSH);
	} else if (skb == tcp_send_head(s->sk)) {
		tcp_push_one(s->sk, (u32)s->mss_now);
	}
	return 0;
}

/* No room. What was taken goes out; 0: that made some */
static int no_space(struct tcp_send *s)
{
	struct sock *sk = s->sk;

	sock_set_flag(sk, SOCK_NOSPACE_);
	tcp_remove_empty_skb(sk);
	if (s->copied)
		tcp_push(sk, s->flags & ~MSG_MORE, s->mss_now, TCP_NAGLE_PUSH, s->size_goal);
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
		return -EPIPE;
	return -EAGAIN;
}

static int send_all(struct tcp_send *s)
{
	struct sock *sk = s->sk;
	int err = 0;

	s->mss_now = tcp_send_mss(sk, &s->size_goal, s->flags, s->left);
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
		return -EPIPE;
	while (s->left && !err) {
		err = send_some(s);
		if (err == -EAGAIN)
			err = no_space(s);
	}
	return err;
}

/* ---- the call ---- */

/* May data be written in this state? 0, -EAGAIN while connecting, the pending error, -EPIPE */
static int wait_connect(struct sock *sk)
{
	int err;

	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		return 0;
	if (sk->sk_state == TCP_SYN_RECV && tcp_rare(tcp_sk(sk))->fastopen_rsk)
		return 0;
	err = sock_error(sk);
	if (err)
		return err;
	return (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) ? -EAGAIN : -EPIPE;
}

static void tx_timestamp(struct sock *sk, const struct sockcm_cookie *sockc)
{
	struct sk_buff *skb = tcp_write_queue_tail(sk);
	u32 tsflags = sockc->tsflags;

	if (!tsflags || !skb)
		return;
	if (tsflags & SOF_TIMESTAMPING_TX_SOFTWARE)
		skb->tx_flags |= SKBTX_SW_TSTAMP;
	if (tsflags & SOF_TIMESTAMPING_TX_SCHED)
		skb->tx_flags |= SKBTX_SCHED_TSTAMP;
	if (tsflags & SOF_TIMESTAMPING_TX_ACK)
		TCP_SKB_CB(skb)->txstamp_ack = 1;
	if (tsflags & (SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED |
		       SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_TX_HARDWARE))
		skb->tskey = TCP_SKB_CB(skb)->end_seq - 1;
}

/* The end of a call that took nothing. */
static long send_failed(struct sock *sk, int flags, int err)
{
	err = sk_stream_error(sk, flags, err);
	/* Nothing is under way whose end would report room. */
	if (unlikely(tcp_rtx_and_write_queues_empty(sk) && err == -EAGAIN)) {
		sk_write_space(sk);
		tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
	}
	return err;
}

static int send_prepare(struct sock *sk, struct msghdr *msg, struct sockcm_cookie *sockc)
{
	int err;

	tcp_rate_check_app_limited(sk);
	err = wait_connect(sk);
	if (err)
		return err;
	if (unlikely(tcp_sk(sk)->repair) && tcp_sk(sk)->repair_queue == TCP_NO_QUEUE)
		return -EINVAL;
	if (msg->msg_controllen && sock_cmsg_send(sk, msg, sockc))
		return -EINVAL;
	return 0;
}

long tcp_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from)
{
	struct tcp_send s = { .sk = sk, .from = from, .flags = msg->msg_flags };
	struct tcp_sock *tp = tcp_sk(sk);
	bool zerocopy = (s.flags & MSG_ZEROCOPY) && from->count && sock_flag(sk, SOCK_ZEROCOPY);
	struct sockcm_cookie sockc;
	int copied_syn = 0, err;

	tcp_sock_prefetch(sk);
	sockcm_init(&sockc, sk);
	if (zerocopy && !tcp_zerocopy_prepare(sk))
		return -ENOBUFS;
	if (unlikely((s.flags & MSG_FASTOPEN) || inet_test_bit(DEFER_CONNECT, sk)) && !tp->repair) {
		err = tcp_sendmsg_fastopen(sk, msg, &copied_syn, from->count, from);
		if (err == -EINPROGRESS && copied_syn > 0)
			goto out;
		if (err)
			goto failed;
	}
	err = send_prepare(sk, msg, &sockc);
	if (err)
		goto failed;
	if (unlikely(tp->repair) && tp->repair_queue == TCP_RECV_QUEUE)
		return tcp_send_rcvq(sk, from, from->count);
	s.left = from->count;
	s.zerocopy = zerocopy;
	err = send_all(&s);
	if (err)
		tcp_remove_empty_skb(sk);
	if (!s.copied && !copied_syn && err)
		goto failed;
out:
	if (s.copied) {
		tx_timestamp(sk, &sockc);
		if (zerocopy)
			tcp_zerocopy_add(sk);
		tcp_push(sk, s.flags, s.mss_now, tp->nonagle, s.size_goal);
	} else if (zerocopy && copied_syn) {
		tcp_zerocopy_add(sk);
	} else if (zerocopy) {
		tcp_zerocopy_cancel(sk);
	}
	return s.copied + copied_syn;
failed:
	if (zerocopy)
		tcp_zerocopy_cancel(sk);
	return copied_syn ? copied_syn : send_failed(sk, s.flags, err);
}

/* ---- without copying: the caller writes into the shard's chunk ---- */

void *tcp_send_buf(struct sock *sk, size_t *len, int *err)
{
	size_t want = min_t(size_t, *len, SKB_CHUNK_SIZE);
	struct skb_chunk *c;
	u32 off;

	*err = wait_connect(sk);
	if (!*err && (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)))
		*err = -EPIPE;
	if (!*err && !sk_stream_memory_free(sk)) {
		sock_set_flag(sk, SOCK_NOSPACE_);
		*err = -EAGAIN;
	}
	if (*err) {
		*err = (int)send_failed(sk, MSG_NOSIGNAL, *err);
		return NULL;
	}
	c = skb_chunk_reserve(sock_skiff(sk), (u32)want, &off);
	if (!c) {
		*err = -ENOBUFS;
		return NULL;
	}
	*len = min_t(size_t, want, c->size - off);
	return c->data + off;
}

long tcp_send_commit(struct sock *sk, size_t len, int flags)
{
	struct tcp_send s = { .sk = sk, .flags = flags, .left = len };
	int err = wait_connect(sk);

	if (flags & ~(MSG_MORE | MSG_EOR | MSG_OOB | MSG_NOSIGNAL | MSG_DONTWAIT))
		return -EINVAL;
	if (err)
		return send_failed(sk, flags, err);
	if (!len)
		return 0;
	s.chunk =
		skb_chunk_reserve(sock_skiff(sk), (u32)min_t(size_t, len, SKB_CHUNK_SIZE), &s.off);
	if (!s.chunk || len > s.chunk->size - s.off)
		return -EINVAL;
	/* Nobody may write there again while packets refer to it: taken before the first of them leaves. */
	skb_chunk_get(s.chunk);

	skb_chunk_commit(sock_skiff(sk), (u32)len);
	err = send_all(&s);
	skb_chunk_put(s.chunk);
	if (err)
		tcp_remove_empty_skb(sk);
	if (!s.copied)
		return send_failed(sk, flags, err);
	tcp_push(sk, flags, s.mss_now, tcp_sk(sk)->nonagle, s.size_goal);
	return s.copied;
}
