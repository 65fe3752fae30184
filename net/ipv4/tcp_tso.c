// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_tso.c - how large a segment may be that leaves at once, and cutting packets of the send queues.
 *
 * DOC: Sizes of what is sent
 * A packet of the write queue holds up to 64 KB and leaves as one, to be cut at the device. It is made smaller for the
 * congestion and receive window (always at a multiple of the MSS, so that partial sums stay good), by the pacing rate (a
 * millisecond's worth), and it waits a little when an ACK that is close would let more of it go.
 * Packets refer to their bytes, so a cut copies nothing and what the device still holds is not affected.
 */
#include "tcp_output.h"
#include "net/sock_mem.h"

#define NSEC_PER_MSEC_ 1000000ULL

/* ---- counting segments ---- */

int tcp_set_skb_tso_segs(struct sk_buff *skb, u32 mss_now)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);

	if (skb->len <= mss_now) {
		tcb->tcp_gso_size = 0;
		tcb->tcp_gso_segs = 1;
		return 1;
	}
	tcb->tcp_gso_size = (u16)mss_now;
	tcb->tcp_gso_segs = (u16)((skb->len + mss_now - 1) / mss_now);
	return tcb->tcp_gso_segs;
}

void tcp_adjust_pcount(struct sock *sk, const struct sk_buff *skb, int decr)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 sacked = TCP_SKB_CB(skb)->sacked;
	u32 n = (u32)decr;

	tp->packets_out -= n;
	if (sacked & TCPCB_SACKED_ACKED)
		tp->sacked_out -= n;
	if (sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= n;
	if (sacked & TCPCB_LOST)
		tp->lost_out -= n;
	/* Without SACK sacked_out counts duplicate ACKs: not more than is out. */
	if (tcp_is_reno(tp) && decr > 0)
		tp->sacked_out -= min_t(u32, tp->sacked_out, n);
	tcp_verify_left_out(tp);
}

/* ---- how much at once ---- */

/* A millisecond's worth at the pacing rate, more on short paths: a burst into the rack hurts nobody. */
static u32 tso_autosize(const struct sock *sk, u32 mss_now, u32 min_segs)
{
	u64 bytes = sk->sk_pacing_rate >> sk->sk_pacing_shift;
	u32 r = tcp_min_rtt(tcp_sk(sk)) >> sock_net(sk)->ipv4.sysctl_tcp_tso_rtt_log;

	if (r < 32)
		bytes += sk->sk_gso_max_size >> r;
	bytes = min_t(u64, bytes, sk->sk_gso_max_size);
	return max_t(u32, (u32)bytes / mss_now, min_segs);
}

u32 tcp_tso_segs(struct sock *sk, u32 mss_now)
{
	const struct tcp_congestion_ops *ca = inet_csk(sk)->icsk_ca_ops;
	u32 min_segs = ca->min_tso_segs ? ca->min_tso_segs(sk) :
					  sock_net(sk)->ipv4.sysctl_tcp_min_tso_segs;

	return min_t(u32, tso_autosize(sk, mss_now, min_segs), sk->sk_gso_max_segs);
}

/**
 * tcp_mss_split_point() - bytes of @skb that go now: at most @max_segs, in the window
 * A last piece below the MSS goes only if Nagle lets it; with a window that ends within a segment the part goes.
 */
u32 tcp_mss_split_point(const struct sock *sk, const struct sk_buff *skb, u32 mss_now, u32 max_segs,
			int nonagle)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 window = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	u32 max_len = mss_now * max_segs, needed, partial;

	if (likely(max_len <= window && !tcp_skb_is_last(sk, skb)))
		return max_len;
	needed = min_t(u32, skb->len, window);
	if (max_len <= needed)
		return max_len;
	partial = needed % mss_now;
	return tcp_nagle_check(partial != 0, tp, nonagle) ? needed - partial : needed;
}

/* Is there a good part of what could ever be sent at once? Then it goes. */
static bool tso_enough(const struct sock *sk, const struct sk_buff *skb, u32 limit, u32 max_segs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 divisor = sock_net(sk)->ipv4.sysctl_tcp_tso_win_divisor;
	u32 chunk;

	if (limit >= max_segs * tp->mss_cache)
		return true;
	if (!tcp_skb_is_last(sk, skb) && limit >= skb->len)
		return true;
	if (!divisor)
		return limit > 3 * tp->mss_cache;
	chunk = min_t(u32, tp->snd_wnd, tp->snd_cwnd * tp->mss_cache) / divisor;
	return limit >= chunk;
}

/* Will the ACK that is expected next come within a millisecond, or half a round trip? */
static bool ack_is_near(const struct sock *sk)
{
	const struct sk_buff *head = tcp_rtx_queue_head(sk);
	u64 srtt_ns = (u64)tcp_sk(sk)->srtt_us * (1000 / 8), limit;

	if (!head)
		return false;
	limit = min_t(u64, srtt_ns >> 1, NSEC_PER_MSEC_);
	return (s64)(head->tstamp + srtt_ns - sock_skiff(sk)->now - limit) <= 0;
}

/**
 * tcp_tso_should_defer() - better wait for an ACK and send @skb in larger pieces?
 * Sets why, for the congestion control's and TCP_INFO's sake, if it is the window that holds it back.
 */
bool tcp_tso_should_defer(struct sock *sk, struct sk_buff *skb, bool *is_cwnd_limited,
			  bool *is_rwnd_limited, u32 max_segs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 in_flight = tcp_packets_in_flight(tp), send_win, cong_win;

	if (inet_csk(sk)->icsk_ca_state >= TCP_CA_Recovery)
		return false;
	/* After a pause, waiting would only make a burst. */
	if ((s64)(sock_skiff(sk)->now - tp->tcp_wstamp_ns - NSEC_PER_MSEC_) > 0)
		return false;
	NET_ASSERT(tp->snd_cwnd > in_flight);
	send_win = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	cong_win = (tp->snd_cwnd - in_flight) * tp->mss_cache;
	if (tso_enough(sk, skb, min_t(u32, send_win, cong_win), max_segs) || !ack_is_near(sk))
		return false;
	if (cong_win < send_win) {
		if (cong_win <= skb->len) {
			*is_cwnd_limited = true;
			return true;
		}
	} else if (send_win <= skb->len) {
		*is_rwnd_limited = true;
		return true;
	}
	/* The application is what we wait for, unless it has said that this is all. */
	return !(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) && !TCP_SKB_CB(skb)->eor;
}

void tcp_grow_skb(struct sock *sk, struct sk_buff *skb, u32 amount)
{
	struct sk_buff *next = skb->next;
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb), *ncb;
	u32 n;

	if (!next || !tcp_skb_can_collapse_to(skb))
		return;
	n = min_t(u32, amount, next->len);
	if (skb->len + n > SKB_PAGED_MAX || !n || !skb_shift(sock_skiff(sk), skb, next, n))
		return;
	ncb = TCP_SKB_CB(next);
	tcb->end_seq += n;
	ncb->seq += n;
	if (next->len)
		return;
	/* All of it, and its FIN. */
	tcb->end_seq = ncb->end_seq;
	tcb->eor = ncb->eor;
	tcb->tcp_flags |= ncb->tcp_flags;
	tcp_unlink_write_queue(next, sk);
	tcp_wmem_free_skb(sk, next);
}

/* ---- cutting ---- */

/* A packet asked to be told about when it is sent or acknowledged: that is its last byte. */
static void fragment_tstamp(struct sk_buff *skb, struct sk_buff *rest)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb), *rcb = TCP_SKB_CB(rest);

	if (likely(!skb->tx_flags && !tcb->txstamp_ack) || before(skb->tskey, rcb->seq))
		return;
	rest->tx_flags |= skb->tx_flags;
	skb->tx_flags = 0;
	rest->tskey = skb->tskey;
	skb->tskey = 0;
	rcb->txstamp_ack = tcb->txstamp_ack;
	tcb->txstamp_ack = 0;
}

/* What is behind @len bytes of @skb, as a packet of its own that is in no queue yet. NULL: no memory */
static struct sk_buff *cut(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct sk_buff *rest = tcp_stream_alloc_skb(sk, true);
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb), *rcb;
	int before_cut;

	if (!rest)
		return NULL;
	before_cut = (int)skb->truesize;
	if (skb_split(sock_skiff(sk), skb, rest, len)) {
		consume_skb(sock_skiff(sk), rest);
		return NULL;
	}
	before_cut = (int)skb->truesize + (int)rest->truesize - before_cut;
	sk_wmem_queued_add(sk, before_cut);
	sk_mem_charge(sk, before_cut);
	rcb = TCP_SKB_CB(rest);
	rcb->seq = tcb->seq + len;
	rcb->end_seq = tcb->end_seq;
	tcb->end_seq = rcb->seq;
	rcb->tcp_flags = tcb->tcp_flags;
	/* What ends the data stands in the second part. */
	tcb->tcp_flags &= (u16) ~(TCPHDR_FIN | TCPHDR_PSH);
	rcb->eor = tcb->eor;
	tcb->eor = 0;
	fragment_tstamp(skb, rest);
	return rest;
}

int tso_fragment(struct sock *sk, struct sk_buff *skb, u32 len, u32 mss_now)
{
	struct sk_buff *rest = cut(sk, skb, len);

	if (!rest)
		return -ENOMEM;
	tcp_set_skb_tso_segs(skb, mss_now);
	tcp_set_skb_tso_segs(rest, mss_now);
	skb_queue_after(&sk->sk_write_queue, skb, rest);
	return 0;
}

/* An attacker's SACKs may cut our queue into crumbs (CVE-2019-11478); a small send buffer must not stop the first and last packet. */
static bool too_many_pieces(const struct sock *sk, const struct sk_buff *skb)
{
	int limit = sk->sk_sndbuf + 2 * 0x10000 + 2 * (int)SKB_REF_SIZE;

	return unlikely(sk->sk_wmem_queued >> 1 > limit) && skb != tcp_rtx_queue_head(sk) &&
	       skb != tcp_rtx_queue_tail(sk);
}

int tcp_fragment(struct sock *sk, int queue, struct sk_buff *skb, u32 len, u32 mss_now)
{
	struct sk_buff *rest;
	int old_factor = tcp_skb_pcount(skb), diff;

	NET_ASSERT(len < skb->len);
	if (queue == TCP_FRAG_IN_RTX_QUEUE && too_many_pieces(sk, skb)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPWQUEUETOOBIG);
		return -ENOMEM;
	}
	rest = cut(sk, skb, len);
	if (!rest)
		return -ENOMEM;
	TCP_SKB_CB(rest)->sacked = TCP_SKB_CB(skb)->sacked;
	TCP_SKB_CB(rest)->tx = TCP_SKB_CB(skb)->tx;
	rest->tstamp = skb->tstamp;
	tcp_set_skb_tso_segs(skb, mss_now);
	tcp_set_skb_tso_segs(rest, mss_now);
	if (!before(tcp_sk(sk)->snd_nxt, TCP_SKB_CB(rest)->end_seq)) {
		diff = old_factor - tcp_skb_pcount(skb) - tcp_skb_pcount(rest);
		if (diff)
			tcp_adjust_pcount(sk, skb, diff);
	}
	if (queue == TCP_FRAG_IN_WRITE_QUEUE) {
		skb_queue_after(&sk->sk_write_queue, skb, rest);
		return 0;
	}
	tcp_rbtree_insert(&tcp_sk(sk)->tcp_rtx_queue, rest);
	if (skb->tcp_tsorted_anchor.next) {
		if (rest->tcp_tsorted_anchor.next)
			list_del(&rest->tcp_tsorted_anchor);
		list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	}
	return 0;
}

int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len)
{
	int gone = (int)skb->truesize;

	skb_trim_head_refs(skb, len);
	TCP_SKB_CB(skb)->seq += len;
	gone -= (int)skb->truesize;
	sk_wmem_queued_add(sk, -gone);
	sk_mem_uncharge(sk, gone);
	if (tcp_skb_pcount(skb) > 1)
		tcp_set_skb_tso_segs(skb, (u32)tcp_skb_mss(skb));
	return 0;
}
