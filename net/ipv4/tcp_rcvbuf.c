/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_rcvbuf.c - how much the peer may send: from buffer space to window, and growing the buffer with the reader.
 *
 * DOC: Receive window
 * sk_rcvbuf bounds memory (truesize), the window counts payload. scaling_ratio / 256 says how much payload a byte of memory has
 * held lately (tcp_measure_rcv_mss() learns it). Two limits stand between the space and what is advertised: window_clamp
 * (what the user or the buffer allows) and rcv_ssthresh, which starts small and grows while the peer sends segments that fill
 * their memory well (tcp_grow_window()). Once a round trip the reader's pace is measured (rcvq_space), and the buffer
 * follows it (tcp_rcv_space_adjust()), up to tcp_rmem[2]. __tcp_select_window() (tcp_window.c) turns free space into the number
 * that goes into a header.
 */
#include "tcp_input.h"
#include "net/sock_mem.h"

int tcp_win_from_space(const struct sock *sk, int space)
{
	return (int)((s64)space * tcp_sk(sk)->scaling_ratio >> TCP_RMEM_TO_WIN_SCALE);
}

int tcp_space_from_win(const struct sock *sk, int win)
{
	u64 val = (u64)win << TCP_RMEM_TO_WIN_SCALE;

	return (int)(val / tcp_sk(sk)->scaling_ratio);
}

int tcp_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, sk->sk_rcvbuf - sk->sk_rmem_alloc);
}

int tcp_full_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, sk->sk_rcvbuf);
}

/* The threshold goes down, but not below what SO_RESERVE_MEM has set aside. */
static void lower_rcv_ssthresh(struct sock *sk, u32 to)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int unused = sk->sk_side ? (int)sk->sk_side->reserved_mem - sk->sk_rmem_alloc : 0;

	tp->rcv_ssthresh = min_t(u32, tp->rcv_ssthresh, to);
	if (unused > 0)
		tp->rcv_ssthresh =
			max_t(u32, tp->rcv_ssthresh, (u32)tcp_win_from_space(sk, unused));
}

void tcp_adjust_rcv_ssthresh(struct sock *sk)
{
	lower_rcv_ssthresh(sk, 4U * tcp_sk(sk)->advmss);
}

void tcp_set_window_clamp(struct sock *sk, u32 val)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old = tp->window_clamp, clamp = max_t(u32, SOCK_MIN_RCVBUF / 2, val);

	if (clamp == old)
		return;
	tp->window_clamp = clamp;
	if (clamp < old)
		lower_rcv_ssthresh(sk, clamp);
	else
		tp->rcv_ssthresh = max_t(u32, tp->rcv_ssthresh, min_t(u32, tp->rcv_wnd, clamp));
}

/* ---- rcv_ssthresh ---- */

/* Segments that waste memory: would this one fit if the window were smaller? */
static u32 grow_window_slowly(const struct sock *sk, const struct sk_buff *skb, u32 skbtruesize)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int truesize = tcp_win_from_space(sk, (int)skbtruesize) >> 1;
	int window = tcp_win_from_space(sk, (int)sock_net(sk)->ipv4.sysctl_tcp_rmem[2]) >> 1;

	while ((int)tp->rcv_ssthresh <= window) {
		if (truesize <= (int)skb->len)
			return 2U * inet_csk(sk)->icsk_ack.rcv_mss;
		truesize >>= 1;
		window >>= 1;
	}
	return 0;
}

/* A packet of references that is about to be merged costs its bytes only. */
static u32 truesize_adjusted(const struct sk_buff *skb, bool adjust)
{
	u32 truesize = skb->truesize, head = sizeof(struct sk_buff) + 576;

	if (adjust && !skb_headlen(skb) && truesize >= head + skb->len)
		truesize -= head;
	return truesize;
}

void tcp_grow_window(struct sock *sk, const struct sk_buff *skb, bool adjust)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int room = min_t(int, tp->window_clamp, tcp_space(sk)) - (int)tp->rcv_ssthresh;
	u32 truesize, incr;

	if (room <= 0)
		return;
	if (tcp_under_memory_pressure(sk)) {
		tcp_adjust_rcv_ssthresh(sk);
		return;
	}
	truesize = truesize_adjusted(skb, adjust);
	if (tcp_win_from_space(sk, (int)truesize) <= (int)skb->len)
		incr = 2U * tp->advmss;
	else
		incr = grow_window_slowly(sk, skb, truesize);
	if (!incr)
		return;
	incr = max_t(u32, incr, 2 * skb->len);
	tp->rcv_ssthresh += min_t(u32, (u32)room, incr);
	inet_csk(sk)->icsk_ack.quick |= 1;
}

/* ---- start of a connection ---- */

void tcp_sndbuf_expand(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_congestion_ops *ca = inet_csk(sk)->icsk_ca_ops;
	u32 per_mss, nr_segs, sndmem;

	/* What Linux takes for a segment with all its headers, rounded up to a power of two. */
	per_mss = max_t(u32, tp->rx_opt.mss_clamp, tp->mss_cache) + MAX_TCP_HEADER + 192 + 320;
	per_mss = 1U << (32 - __builtin_clz(per_mss - 1));
	per_mss += sizeof(struct sk_buff);
	nr_segs = max_t(u32, TCP_INIT_CWND, tp->snd_cwnd);
	nr_segs = max_t(u32, nr_segs, tp->reordering + 1);
	/* Recovery needs a window of new data beside the one that is being repaired. */
	sndmem = ca->sndbuf_expand ? ca->sndbuf_expand(sk) : 2;
	sndmem *= nr_segs * per_mss;
	if (sk->sk_sndbuf < (int)sndmem)
		sk->sk_sndbuf = min_t(int, sndmem, sock_net(sk)->ipv4.sysctl_tcp_wmem[2]);
}

void tcp_init_buffer_space(struct sock *sk)
{
	int app_win = sock_net(sk)->ipv4.sysctl_tcp_app_win;
	struct tcp_sock *tp = tcp_sk(sk);
	u32 maxwin, advmss = tp->advmss;

	if (!(sk->sk_userlocks & SOCK_SNDBUF_LOCK))
		tcp_sndbuf_expand(sk);
	tcp_mstamp_refresh(tp);
	tp->rcvq_space.time = (u32)tp->tcp_mstamp;
	tp->rcvq_space.seq = tp->copied_seq;
	maxwin = (u32)tcp_full_space(sk);
	if (tp->window_clamp >= maxwin) {
		tp->window_clamp = maxwin;
		if (app_win && maxwin > 4 * advmss)
			tp->window_clamp = max_t(u32, maxwin - (maxwin >> app_win), 4 * advmss);
	}
	/* One segment stays in reserve. */
	if (app_win && tp->window_clamp > 2 * advmss && tp->window_clamp + advmss > maxwin)
		tp->window_clamp = max_t(u32, 2 * advmss, maxwin - advmss);
	tp->rcv_ssthresh = min_t(u32, tp->rcv_ssthresh, tp->window_clamp);
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	tp->rcvq_space.space =
		min_t(u32, min_t(u32, tp->rcv_ssthresh, tp->rcv_wnd), TCP_INIT_CWND * advmss);
}

void tcp_initialize_rcv_mss(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 hint = min_t(u32, tp->advmss, tp->mss_cache);

	hint = min_t(u32, hint, tp->rcv_wnd / 2);
	hint = min_t(u32, hint, TCP_MSS_DEFAULT);
	inet_csk(sk)->icsk_ack.rcv_mss = (u16)max_t(u32, hint, TCP_MIN_MSS);
}

/* ---- round trips as the receiver sees them ---- */

/* @win_dep: measured over a window of data, so it is an upper bound only */
static void rcv_rtt_update(struct tcp_sock *tp, u32 sample, bool win_dep)
{
	u32 old = tp->rcv_rtt_est.rtt_us;
	s64 m = (s64)sample << 3;

	if (old && m >= (s64)old) {
		/* Data that lie in the queue make the echo of a time stamp late. */
		if (win_dep || tp->rcv_nxt != tp->copied_seq)
			return;
		m = (s64)old - (old >> 3) + sample;
	}
	tp->rcv_rtt_est.rtt_us = (u32)m;
}

void tcp_rcv_rtt_measure(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rcv_rtt_est.time) {
		u32 delta;

		if (before(tp->rcv_nxt, tp->rcv_rtt_est.seq))
			return;
		delta = (u32)tp->tcp_mstamp - tp->rcv_rtt_est.time;
		rcv_rtt_update(tp, delta ? delta : 1, true);
	}
	tp->rcv_rtt_est.seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_est.time = tcp_stamp_low(tp->tcp_mstamp);
}

/* us since the time stamp that this segment echoes was sent; 0: too short to tell, or no use */
static u32 rtt_tsopt_us(const struct tcp_sock *tp)
{
	u32 delta = tcp_time_stamp_ts(tp) - tp->rx_opt.rcv_tsecr;

	if (tp->tcp_usec_ts)
		return (s32)delta > 0 ? delta : 0;
	return delta < INT32_MAX / 1000 ? delta * 1000 : 0;
}

void tcp_rcv_rtt_measure_ts(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delta;

	if (tp->rx_opt.rcv_tsecr == tp->rcv_rtt_last_tsecr)
		return;
	tp->rcv_rtt_last_tsecr = tp->rx_opt.rcv_tsecr;
	if (TCP_SKB_CB(skb)->end_seq - TCP_SKB_CB(skb)->seq < inet_csk(sk)->icsk_ack.rcv_mss)
		return;
	delta = rtt_tsopt_us(tp);
	if (delta)
		rcv_rtt_update(tp, delta, false);
}

/* ---- growing the buffer ---- */

void tcp_rcvbuf_grow(struct sock *sk, u32 newval)
{
	const struct net *net = sock_net(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 rcvwin, rcvbuf, oldval = tp->rcvq_space.space;

	tp->rcvq_space.space = newval;
	if (!net->ipv4.sysctl_tcp_moderate_rcvbuf || (sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		return;
	/* What was measured is a round trip old, and the sender may double its rate in each. */
	rcvwin = newval << 1;
	if (oldval)
		rcvwin += (u32)((u64)rcvwin * (newval - oldval) / oldval) << 1;
	if (!tcp_ooo_empty(tp))
		rcvwin += TCP_SKB_CB(tcp_loss(tp)->ooo_last_skb)->end_seq - tp->rcv_nxt;
	rcvbuf = min_t(u32, (u32)tcp_space_from_win(sk, (int)rcvwin), net->ipv4.sysctl_tcp_rmem[2]);
	if ((int)rcvbuf > sk->sk_rcvbuf) {
		sk->sk_rcvbuf = (int)rcvbuf;
		tp->window_clamp = (u32)tcp_win_from_space(sk, (int)rcvbuf);
	}
}

void tcp_rcv_space_adjust(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int copied, inq;
	u32 time;

	tcp_mstamp_refresh(tp);
	time = (u32)tp->tcp_mstamp - tp->rcvq_space.time;
	if (!tp->rcv_rtt_est.rtt_us || time < tp->rcv_rtt_est.rtt_us >> 3)
		return;
	copied = (int)(tp->copied_seq - tp->rcvq_space.seq);
	inq = (int)(tp->rcv_nxt - tp->copied_seq);
	copied -= inq;
	if (copied > (int)tp->rcvq_space.space)
		tcp_rcvbuf_grow(sk, (u32)copied);
	tp->rcvq_space.seq = tp->copied_seq;
	tp->rcvq_space.time = (u32)tp->tcp_mstamp;
}
