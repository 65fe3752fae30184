/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_recvmsg.c - bytes from the receive queue to the user, the urgent one, and the ACKs that reading causes.
 *
 * DOC: Reading
 * copied_seq is what the reader has had; the first packet of sk_receive_queue holds it. Packets that are read go at once, which
 * opens the window; tcp_cleanup_rbuf() tells the peer if that is worth a segment. One call never crosses the urgent byte.
 * Nothing here waits: what Linux would wait for is -EAGAIN, and MSG_WAITALL with part of the data returns that part.
 */
#include "tcp_input.h"

#include "tcp_sendmsg.h"
#include "net/sock_msg.h"

/**
 * struct tcp_read - one call
 * @seq:    next byte to read: copied_seq, or a number of its own that MSG_PEEK moves
 * @len:    bytes still wanted; @copied: had
 * @stamp:  time stamp of the last packet read (ns, wall), 0 none
 */
struct tcp_read {
	struct sock *sk;
	struct iov_iter *to;
	int flags;
	u32 *seq;
	u32 peek_seq;
	size_t len;
	long copied;
	u64 stamp;
	bool has_stamp;
};

void tcp_cleanup_rbuf(struct sock *sk, int copied)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool time_to_ack = false;

	if (inet_csk_ack_scheduled(sk)) {
		bool pushed = (icsk->icsk_ack.pending & ICSK_ACK_PUSHED2) ||
			      ((icsk->icsk_ack.pending & ICSK_ACK_PUSHED) &&
			       !inet_csk_in_pingpong_mode(sk));

		/* The ACK for every second segment was not sent because the window did not move; or the
		 * buffer is empty now and the last segment was a small one. */
		time_to_ack = tp->rcv_nxt - tp->rcv_wup > icsk->icsk_ack.rcv_mss ||
			      (copied > 0 && pushed && !sk->sk_rmem_alloc);
	}
	if (copied > 0 && !time_to_ack && !(sk->sk_shutdown & RCV_SHUTDOWN)) {
		u32 now = tcp_receive_window(tp);

		/* The window could be twice as large: worth telling. */
		if (2 * now <= tp->window_clamp) {
			u32 new_window = __tcp_select_window(sk);

			time_to_ack = new_window && new_window >= 2 * now;
		}
	}
	if (time_to_ack) {
		tcp_mstamp_refresh(tp);
		tcp_send_ack(sk);
	}
}

static void eat_skb(struct sock *sk, struct sk_buff *skb)
{
	skb_unlink(skb, &sk->sk_receive_queue);
	consume_skb(sock_skiff(sk), skb);
}

/* ---- SO_PEEK_OFF ---- */

static int peek_offset(const struct sock *sk)
{
	return sk->sk_side ? max_t(int, sk->sk_side->peek_off, 0) : 0;
}

static void move_peek_offset(struct sock *sk, int flags, u32 n)
{
	struct sock_side *side = sk->sk_side;

	if (!side || side->peek_off < 0)
		return;
	if (flags & MSG_PEEK)
		side->peek_off += (int)n;
	else
		side->peek_off = max_t(int, side->peek_off - (int)n, 0);
}

/* ---- urgent ---- */

static long recv_urg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 c = (u8)tp->urg_data;

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data || tp->urg_data == TCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_data & TCP_URG_VALID) {
		if (!(flags & MSG_PEEK))
			tp->urg_data = TCP_URG_READ;
		msg->msg_flags |= MSG_OOB;
		if (!to->count) {
			msg->msg_flags |= MSG_TRUNC;
			return 0;
		}
		if (!(flags & MSG_TRUNC) && copy_to_iter(&c, 1, to) != 1)
			return -EFAULT;
		return 1;
	}
	if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN))
		return 0;
	return -EAGAIN;
}

/* Bytes of @skb from @*offset on that may be read: up to the urgent one, which is stepped over. */
static u32 up_to_urgent(struct tcp_read *r, u32 *offset, u32 used)
{
	const struct tcp_sock *tp = tcp_sk(r->sk);
	u32 urg_offset = tp->urg_seq - *r->seq;

	if (urg_offset >= used)
		return used;
	if (urg_offset)
		return urg_offset;
	if (sock_flag(r->sk, SOCK_URGINLINE))
		return used;
	++*r->seq;
	++*offset;
	return used - 1;
}

/* ---- the stream ---- */

/* The packet with the next byte. NULL: none; *@fin: because the stream ends here */
static struct sk_buff *find_skb(struct tcp_read *r, u32 *offset, bool *fin)
{
	struct sk_buff *skb;

	*fin = false;
	skb_queue_walk(&r->sk->sk_receive_queue, skb) {
		*offset = *r->seq - TCP_SKB_CB(skb)->seq;
		NET_ASSERT(!before(*r->seq, TCP_SKB_CB(skb)->seq));
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			--*offset;
		if (*offset < skb->len)
			return skb;
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) {
			*fin = true;
			return skb;
		}
	}
	return NULL;
}

/* The queue is empty and nothing was read. 0: end of the stream */
static long nothing_there(struct sock *sk)
{
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	return sk->sk_state == TCP_CLOSE ? -ENOTCONN : -EAGAIN;
}

static void eat_fin(struct tcp_read *r, struct sk_buff *skb)
{
	++*r->seq;
	if (!(r->flags & MSG_PEEK))
		eat_skb(r->sk, skb);
}

static void urgent_passed(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(tp->urg_data) && after(tp->copied_seq, tp->urg_seq)) {
		tp->urg_data = 0;
		tcp_fast_path_check(sk);
	}
}

/* Read from one packet. Return: false: stop (end of stream, or memory that can not be written) */
static bool read_skb(struct tcp_read *r, struct sk_buff *skb, u32 offset)
{
	u32 used = (u32)min_t(size_t, skb->len - offset, r->len);
	struct sock *sk = r->sk;

	if (unlikely(tcp_sk(sk)->urg_data))
		used = up_to_urgent(r, &offset, used);
	if (used) {
		if (!(r->flags & MSG_TRUNC) && skb_copy_to_iter(skb, offset, r->to, used)) {
			if (!r->copied)
				r->copied = -EFAULT;
			return false;
		}
		*r->seq += used;
		r->copied += used;
		r->len -= used;
		move_peek_offset(sk, r->flags, used);
		tcp_rcv_space_adjust(sk);
	}
	urgent_passed(sk);
	if (TCP_SKB_CB(skb)->has_rxtstamp) {
		r->stamp = skb->tstamp;
		r->has_stamp = true;
	}
	if (used + offset < skb->len)
		return true;
	if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) {
		eat_fin(r, skb);
		return false;
	}
	if (!(r->flags & MSG_PEEK))
		eat_skb(sk, skb);
	return true;
}

static long read_stream(struct tcp_read *r)
{
	struct tcp_sock *tp = tcp_sk(r->sk);
	struct sk_buff *skb;
	u32 offset = 0;
	bool fin;

	r->seq = &tp->copied_seq;
	if (r->flags & MSG_PEEK) {
		r->peek_seq = tp->copied_seq + (u32)peek_offset(r->sk);
		r->seq = &r->peek_seq;
	}
	do {
		if (unlikely(tp->urg_data) && tp->urg_seq == *r->seq && r->copied)
			break;
		skb = find_skb(r, &offset, &fin);
		if (!skb) {
			if (!r->copied)
				r->copied = nothing_there(r->sk);
			break;
		}
		if (fin) {
			eat_fin(r, skb);
			break;
		}
	} while (read_skb(r, skb, offset) && r->len);
	tcp_cleanup_rbuf(r->sk, (int)r->copied);
	return r->copied;
}

/* ---- control messages ---- */

static void recv_timestamp(struct msghdr *msg, struct sock *sk, u64 stamp)
{
	u32 tsflags = sk->sk_side ? sk->sk_side->tsflags : 0;
	struct sock_timespec ts = { (s64)(stamp / 1000000000), (s64)(stamp % 1000000000) };
	bool new_type = sock_flag(sk, SOCK_TSTAMP_NEW);

	if (sock_flag(sk, SOCK_RCVTSTAMP) && sock_flag(sk, SOCK_RCVTSTAMPNS)) {
		put_cmsg(msg, SOL_SOCKET, new_type ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD,
			 sizeof(ts), &ts);
	} else if (sock_flag(sk, SOCK_RCVTSTAMP)) {
		struct sock_timeval tv = { ts.tv_sec, ts.tv_nsec / 1000 };

		put_cmsg(msg, SOL_SOCKET, new_type ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD,
			 sizeof(tv), &tv);
	}
	if ((tsflags & SOF_TIMESTAMPING_SOFTWARE) &&
	    ((tsflags & SOF_TIMESTAMPING_RX_SOFTWARE) ||
	     !(tsflags & SOF_TIMESTAMPING_OPT_RX_FILTER))) {
		struct scm_timestamping tss = { .ts = { ts } };

		put_cmsg(msg, SOL_SOCKET, new_type ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING_OLD,
			 sizeof(tss), &tss);
	}
}

/* TCP_INQ: bytes left to read; never 0 before the reader has seen the end. */
static void recv_inq(struct msghdr *msg, struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int inq = (int)(tp->rcv_nxt - tp->copied_seq);

	if (!inq && sock_flag(sk, SOCK_DONE))
		inq = 1;
	put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
}

long tcp_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	struct tcp_read r = { .sk = sk, .to = to, .flags = flags, .len = to->count };
	const struct tcp_sock *tp = tcp_sk(sk);
	int addr_len = 0;
	long ret;

	if (unlikely(flags & MSG_ERRQUEUE)) {
		ret = ip_recv_error(sk, msg, to, (int)to->count, &addr_len);
		if (ret >= 0)
			msg->msg_namelen = (u32)addr_len;
		return ret;
	}
	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	msg->msg_namelen = 0;
	if (flags & MSG_OOB) {
		ret = recv_urg(sk, msg, to, flags);
	} else if (unlikely(tp->repair) && !(flags & MSG_PEEK)) {
		ret = -EPERM;
	} else if (unlikely(tp->repair) && tp->repair_queue == TCP_SEND_QUEUE) {
		ret = tcp_peek_sndq(sk, to);
	} else if (unlikely(tp->repair) && tp->repair_queue == TCP_NO_QUEUE) {
		ret = -EINVAL;
	} else {
		ret = read_stream(&r);
	}
	if (ret < 0)
		return ret;
	if (r.has_stamp)
		recv_timestamp(msg, sk, r.stamp);
	if (tp->recvmsg_inq)
		recv_inq(msg, sk);
	return ret;
}

/* ---- by reference ---- */

/* Bytes at @off of a packet that lie together. */
static const u8 *skb_piece(const struct sk_buff *skb, u32 off, u32 *n)
{
	const struct skb_shared_info *si = skb->cold ? skb_shinfo(skb) : NULL;

	if (off < skb_headlen(skb)) {
		*n = skb_headlen(skb) - off;
		return skb->data + off;
	}
	off -= skb_headlen(skb);
	for (unsigned i = 0; si && i < si->nr_frags; i++) {
		if (off < si->frags[i].len) {
			*n = si->frags[i].len - off;
			return skb_frag_data(&si->frags[i]) + off;
		}
		off -= si->frags[i].len;
	}
	for (const struct sk_buff *f = si ? si->frag_list : NULL; f; f = f->next) {
		if (off < f->len)
			return skb_piece(f, off, n);
		off -= f->len;
	}
	*n = 0;
	return NULL;
}

long tcp_recv_refs(struct sock *sk, size_t max, long (*fn)(void *arg, const void *data, size_t len),
		   void *arg)
{
	struct tcp_read r = { .sk = sk, .len = max };
	struct tcp_sock *tp = tcp_sk(sk);
	bool fin, more = true;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	r.seq = &tp->copied_seq;
	while (r.len && more) {
		u32 offset = 0, used, n;
		struct sk_buff *skb;
		const u8 *p;
		long took;

		if (unlikely(tp->urg_data) && tp->urg_seq == *r.seq && r.copied)
			break;
		skb = find_skb(&r, &offset, &fin);
		if (!skb) {
			if (!r.copied)
				r.copied = nothing_there(sk);
			break;
		}
		if (fin) {
			eat_fin(&r, skb);
			break;
		}
		used = (u32)min_t(size_t, skb->len - offset, r.len);
		if (unlikely(tp->urg_data))
			used = up_to_urgent(&r, &offset, used);
		p = used ? skb_piece(skb, offset, &n) : NULL;
		if (p) {
			n = min_t(u32, n, used);
			took = fn(arg, p, n);
			if (took < 0) {
				if (!r.copied)
					r.copied = took;
				break;
			}
			took = min_t(long, took, n);
			more = took == (long)n;
			tp->copied_seq += (u32)took;
			r.copied += took;
			r.len -= (size_t)took;
			offset += (u32)took;
			move_peek_offset(sk, 0, (u32)took);
			tcp_rcv_space_adjust(sk);
		}
		urgent_passed(sk);
		if (offset >= skb->len && !(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN))
			eat_skb(sk, skb);
	}
	tcp_cleanup_rbuf(sk, (int)r.copied);
	return r.copied;
}

int tcp_set_rcvlowat(struct sock *sk, int val)
{
	bool locked = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	struct tcp_sock *tp = tcp_sk(sk);
	int space, cap;

	cap = (locked ? sk->sk_rcvbuf : (int)sock_net(sk)->ipv4.sysctl_tcp_rmem[2]) >> 1;
	val = min_t(int, val, cap);
	sk->sk_rcvlowat = val ? val : 1;
	/* There may be enough already. */
	tcp_data_ready(sk);
	if (locked)
		return 0;
	space = tcp_space_from_win(sk, val);
	if (space > sk->sk_rcvbuf) {
		sk->sk_rcvbuf = space;
		if (tp->window_clamp && (int)tp->window_clamp < val)
			tcp_set_window_clamp(sk, (u32)val);
	}
	return 0;
}
