/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_data.c - data that arrive: into the receive queue, and when to acknowledge them.
 *
 * DOC: Receiving
 * tcp_data_queue() sees segments that tcp_validate_incoming() let through. In sequence: to the end of sk_receive_queue, merged
 * with the packet there if it can be by reference. Ahead: tcp_ofo.c. Old, or outside of the window: dropped, and the
 * peer gets a duplicate ACK at once, with a D-SACK if that was negotiated.
 *
 * Acknowledging: at once for every second full segment whose data also moved the window, in quick-ack mode (the first
 * segments of a connection, and after anything irregular), when data are missing (then each segment, which ACK compression
 * turns into fewer), and when the state asks for it (ICSK_ACK_NOW). Otherwise after icsk_ack.ato, which follows the gaps between
 * segments; in ping-pong mode (we answer requests) the answer is expected to carry the ACK. RFC 1122 4.2.3.2, RFC 5681 4.2.
 */
#include <linux/rtnetlink.h>

#include "tcp_input.h"
#include "net/sock_mem.h"

/* ---- quick ACKs ---- */

void tcp_incr_quickack(struct sock *sk, u32 max_quickacks)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 quickacks = tcp_sk(sk)->rcv_wnd / (2U * icsk->icsk_ack.rcv_mss);

	if (!quickacks)
		quickacks = 2;
	quickacks = min_t(u32, quickacks, max_quickacks);
	if (quickacks > icsk->icsk_ack.quick)
		icsk->icsk_ack.quick = (u8)quickacks;
}

void tcp_enter_quickack_mode(struct sock *sk, u32 max_quickacks)
{
	tcp_incr_quickack(sk, max_quickacks);
	inet_csk_exit_pingpong_mode(sk);
	inet_csk(sk)->icsk_ack.ato = TCP_ATO_MIN;
}

static bool tcp_in_quickack_mode(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);

	return (dst && dst_metric_raw(dst, RTAX_QUICKACK)) ||
	       (icsk->icsk_ack.quick && !inet_csk_in_pingpong_mode(sk));
}

/* ---- what a segment says about its sender ---- */

/* The space that a byte of payload takes has changed: so does what the buffer is worth. */
static void update_scaling_ratio(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 val = ((u64)skb->len << TCP_RMEM_TO_WIN_SCALE) / skb->truesize;
	u8 old = tp->scaling_ratio;

	tp->scaling_ratio = val ? (u8)min_t(u64, val, UINT8_MAX) : 1;
	if (tp->scaling_ratio == old)
		return;
	tcp_set_window_clamp(sk, (u32)tcp_win_from_space(sk, sk->sk_rcvbuf));
	if (tp->window_clamp < tp->rcvq_space.space)
		tp->rcvq_space.space = tp->window_clamp;
}

void tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 lss = icsk->icsk_ack.last_seg_size, len;

	icsk->icsk_ack.last_seg_size = 0;
	len = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : skb->len;
	if (len >= icsk->icsk_ack.rcv_mss) {
		if (unlikely(len != icsk->icsk_ack.rcv_mss))
			update_scaling_ratio(sk, skb);
		icsk->icsk_ack.rcv_mss = (u16)min_t(u32, len, tp->advmss);
		/* Exactly one full segment with PSH: its sender may wait for the ACK before it writes on. */
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_PSH)
			icsk->icsk_ack.pending |= ICSK_ACK_PUSHED;
		return;
	}
	/* Header and payload together do not vary with the number of SACK blocks. */
	len += (u32)-skb_transport_offset(skb);
	if (len >= TCP_MSS_DEFAULT + sizeof(struct tcphdr) ||
	    (len >= TCP_MIN_MSS + sizeof(struct tcphdr) &&
	     !(tcp_flag_word(tcp_hdr(skb)) & TCP_REMNANT))) {
		/* The same size twice and below rcv_mss: the peer's segments have become smaller. */
		len -= tp->tcp_header_len;
		icsk->icsk_ack.last_seg_size = (u16)len;
		if (len == lss) {
			icsk->icsk_ack.rcv_mss = (u16)len;
			return;
		}
	}
	if (icsk->icsk_ack.pending & ICSK_ACK_PUSHED)
		icsk->icsk_ack.pending |= ICSK_ACK_PUSHED2;
	icsk->icsk_ack.pending |= ICSK_ACK_PUSHED;
}

void tcp_data_ecn_check(struct sock *sk, const struct sk_buff *skb)
{
	if (tcp_ecn_mode(tcp_sk(sk)))
		tcp_ecn_check_ce(sk, skb);
}

/* The delayed ACK time follows the gaps between data segments. */
static void adapt_ato(struct sock *sk, u32 now)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 m = now - icsk->icsk_ack.lrcvtime, ato = icsk->icsk_ack.ato;

	if (!ato) {
		tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
		icsk->icsk_ack.ato = TCP_ATO_MIN;
	} else if (m <= TCP_ATO_MIN / 2) {
		icsk->icsk_ack.ato = (ato >> 1) + TCP_ATO_MIN / 2;
	} else if (m < ato) {
		icsk->icsk_ack.ato = min_t(u32, (ato >> 1) + m, icsk->icsk_rto);
	} else if (m > icsk->icsk_rto) {
		/* After such a pause the sender begins anew with a small window. */
		tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
	}
}

void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb)
{
	u32 now = tcp_jiffies32(sk);

	inet_csk_schedule_ack(sk);
	tcp_measure_rcv_mss(sk, skb);
	tcp_rcv_rtt_measure(sk);
	adapt_ato(sk, now);
	inet_csk(sk)->icsk_ack.lrcvtime = now;
	tcp_data_ecn_check(sk, skb);
	if (skb->len >= 128)
		tcp_grow_window(sk, skb, true);
}

/* ---- the receive queue ---- */

/* Only references can change hands; small payloads fit behind the bytes of a packet that has room. */
static bool take_bytes(struct skiff *skiff, struct sk_buff *to, struct sk_buff *from, int *delta)
{
	u32 len = from->len, was;

	if (len <= skb_tailroom(to) && !skb_cloned(to)) {
		skb_copy_bits(from, 0, skb_put(to, len), len);
		*delta = 0;
		return true;
	}
	if (skb_headlen(from) || skb_has_frag_list(from) || skb_has_frag_list(to) || !len)
		return false;
	was = from->truesize;
	*delta = (int)to->truesize;
	if (!skb_shift(skiff, to, from, len))
		return false;
	*delta = (int)to->truesize - *delta;
	/* Empty, but its length and cost are still asked for, and it is charged with the latter. */
	from->len = from->data_len = len;
	from->truesize = was;
	return true;
}

bool tcp_try_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from)
{
	int delta;

	if (TCP_SKB_CB(from)->seq != TCP_SKB_CB(to)->end_seq)
		return false;
	if (!take_bytes(sock_skiff(sk), to, from, &delta))
		return false;
	sk->sk_rmem_alloc += delta;
	sk_mem_charge(sk, delta);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRCVCOALESCE);
	TCP_SKB_CB(to)->end_seq = TCP_SKB_CB(from)->end_seq;
	TCP_SKB_CB(to)->ack_seq = TCP_SKB_CB(from)->ack_seq;
	TCP_SKB_CB(to)->tcp_flags |= TCP_SKB_CB(from)->tcp_flags;
	if (TCP_SKB_CB(from)->has_rxtstamp) {
		TCP_SKB_CB(to)->has_rxtstamp = 1;
		to->tstamp = from->tstamp;
	}
	return true;
}

int tcp_queue_rcv(struct sock *sk, struct sk_buff *skb, bool *fragstolen)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	bool eaten = tail && tcp_try_coalesce(sk, tail, skb);

	*fragstolen = false;
	tcp_rcv_nxt_update(tcp_sk(sk), TCP_SKB_CB(skb)->end_seq);
	if (!eaten) {
		skb_queue_tail(&sk->sk_receive_queue, skb);
		skb_set_owner_r(skb, sk);
	}
	return eaten;
}

/* Somebody reads slowly and the buffer is nearly full: rather tell him now than wait for SO_RCVLOWAT bytes. */
static bool tcp_rmem_pressure(const struct sock *sk)
{
	return tcp_under_memory_pressure(sk) ||
	       sk->sk_rmem_alloc > sk->sk_rcvbuf - (sk->sk_rcvbuf >> 3);
}

bool tcp_epollin_ready(const struct sock *sk, int target)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int avail = (int)(tp->rcv_nxt - tp->copied_seq);

	if (avail <= 0)
		return false;
	return avail >= target || tcp_rmem_pressure(sk) ||
	       tcp_receive_window(tp) <= inet_csk(sk)->icsk_ack.rcv_mss;
}

void tcp_data_ready(struct sock *sk)
{
	if (tcp_epollin_ready(sk, sk->sk_rcvlowat) || sock_flag(sk, SOCK_DONE))
		sk_data_ready(sk);
}

/* In sequence and in the window. Return: the reason if there is no room */
static enum skb_drop_reason queue_in_sequence(struct sock *sk, struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool eaten, stolen;

	if (tcp_try_rmem_schedule(sk, skb, skb->truesize)) {
		icsk->icsk_ack.pending |= ICSK_ACK_NOMEM | ICSK_ACK_NOW;
		inet_csk_schedule_ack(sk);
		sk_data_ready(sk);
		if (skb_queue_len(&sk->sk_receive_queue) && skb->len) {
			NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRCVQDROP);
			return SKB_DROP_REASON_PROTO_MEM;
		}
		/* The reader has nothing to wait for but this. */
		sk_forced_mem_schedule(sk, (int)skb->truesize);
	}
	eaten = tcp_queue_rcv(sk, skb, &stolen);
	if (skb->len)
		tcp_event_data_recv(sk, skb);
	if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
		tcp_fin(sk);
	if (!tcp_ooo_empty(tp)) {
		tcp_ofo_queue(sk);
		/* The hole is filled: RFC 5681 4.2 wants an ACK at once. */
		if (tcp_ooo_empty(tp))
			icsk->icsk_ack.pending |= ICSK_ACK_NOW;
	}
	if (tp->rx_opt.num_sacks)
		tcp_sack_remove(tp);
	tcp_fast_path_check(sk);
	if (eaten)
		consume_skb(sock_skiff(sk), skb);
	if (!sock_flag(sk, SOCK_DEAD))
		tcp_data_ready(sk);
	return SKB_NOT_DROPPED_YET;
}

/* Where the segment lies. SKB_NOT_DROPPED_YET: it was queued; else why not (@quick: with an ACK at once) */
static enum skb_drop_reason place_segment(struct sock *sk, struct sk_buff *skb, bool *quick)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	u32 window = tcp_receive_window(tp);
	bool bare_fin = !skb->len && (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN);

	*quick = true;
	if (seq != tp->rcv_nxt) {
		if (!after(end_seq, tp->rcv_nxt)) {
			tcp_rcv_spurious_retrans(sk, skb);
			NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKLOST);
			tcp_dsack_set(sk, seq, end_seq);
			return SKB_DROP_REASON_TCP_OLD_DATA;
		}
		if (!before(seq, tp->rcv_nxt + window))
			return SKB_DROP_REASON_TCP_OVERWINDOW;
		if (after(seq, tp->rcv_nxt)) {
			tcp_data_queue_ofo(sk, skb);
			return SKB_NOT_DROPPED_YET;
		}
		tcp_dsack_set(sk, seq, tp->rcv_nxt);
		bare_fin = false;
	}
	/* A FIN alone takes no memory, and some peers repeat it until it is acknowledged. */
	if (!window && !bare_fin) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPZEROWINDOWDROP);
		return SKB_DROP_REASON_TCP_ZEROWINDOW;
	}
	*quick = false;
	return queue_in_sequence(sk, skb);
}

void tcp_data_queue(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason;
	bool quick;

	if (TCP_SKB_CB(skb)->seq == TCP_SKB_CB(skb)->end_seq) {
		consume_skb(sock_skiff(sk), skb);
		return;
	}
	skb_dst_drop(skb);
	skb_pull(skb, tcp_hdrlen(skb));
	tcp_sk(sk)->rx_opt.dsack = 0;
	reason = place_segment(sk, skb, &quick);
	if (reason == SKB_NOT_DROPPED_YET)
		return;
	if (quick) {
		tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
		inet_csk_schedule_ack(sk);
	}
	tcp_drop(sk, skb, reason);
}

/* ---- the peer has no more to say ---- */

void tcp_fin(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_schedule_ack(sk);
	sk->sk_shutdown |= RCV_SHUTDOWN;
	sock_set_flag(sk, SOCK_DONE);
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		tcp_set_state(sk, TCP_CLOSE_WAIT);
		inet_csk_enter_pingpong_mode(sk);
		break;
	case TCP_FIN_WAIT1:
		/* Both close at once: ours is not acknowledged yet. */
		tcp_send_ack(sk);
		tcp_set_state(sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		tcp_send_ack(sk);
		tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		break;
	default:
		/* CLOSE_WAIT, CLOSING, LAST_ACK: the FIN once more. */
		break;
	}
	/* What was out of order lies behind the end. */
	tcp_ooo_purge(sk);
	if (tcp_is_sack(tp))
		tcp_sack_reset(&tp->rx_opt);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_state_change(sk);
}

/* ---- acknowledging ---- */

/* 5 % of the round trip, at most tcp_comp_sack_delay_ns */
static u64 compressed_ack_delay(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 rtt = tp->rcv_rtt_est.rtt_us;

	if (tp->srtt_us && tp->srtt_us < rtt)
		rtt = tp->srtt_us;
	return min_t(u64, sock_net(sk)->ipv4.sysctl_tcp_comp_sack_delay_ns, rtt * (1000 >> 3) / 20);
}

/* Data are missing. Return: true if this ACK is held back */
static bool compress_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_sack(tp) || tp->compressed_ack >= sock_net(sk)->ipv4.sysctl_tcp_comp_sack_nr)
		return false;
	if (tcp_loss(tp)->compressed_ack_rcv_nxt != tp->rcv_nxt) {
		tp->loss->compressed_ack_rcv_nxt = tp->rcv_nxt;
		tp->dup_ack_counter = 0;
	}
	/* The first three duplicates are what fast retransmit waits for. */
	if (tp->dup_ack_counter < TCP_FASTRETRANS_THRESH) {
		tp->dup_ack_counter++;
		return false;
	}
	tp->compressed_ack++;
	if (!inet_csk(sk)->compressed_ack_deadline)
		inet_csk_reset_compressed_ack(sk, compressed_ack_delay(sk));
	return true;
}

void __tcp_ack_snd_check(struct sock *sk, int ofo_possible)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	/* More than a full segment, and either the reader took some or it waits for more than there is. */
	if ((tp->rcv_nxt - tp->rcv_wup > icsk->icsk_ack.rcv_mss &&
	     ((int)(tp->rcv_nxt - tp->copied_seq) < sk->sk_rcvlowat ||
	      __tcp_select_window(sk) >= tp->rcv_wnd)) ||
	    tcp_in_quickack_mode(sk) || (icsk->icsk_ack.pending & ICSK_ACK_NOW)) {
		tcp_send_ack(sk);
		return;
	}
	if (!ofo_possible || tcp_ooo_empty(tp))
		tcp_send_delayed_ack(sk);
	else if (!compress_ack(sk))
		tcp_send_ack(sk);
}

void tcp_ack_snd_check(struct sock *sk)
{
	/* Sent with data already, or nothing to acknowledge. */
	if (inet_csk_ack_scheduled(sk))
		__tcp_ack_snd_check(sk, 1);
}

/* ---- room to write ---- */

static bool tcp_should_expand_sndbuf(const struct sock *sk)
{
	const struct proto_memory *mem = sk_proto_memory(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return false;
	if (tcp_under_memory_pressure(sk) || (mem && mem->allocated >= sk_prot_mem_limits(sk, 0)))
		return false;
	/* Filling the window from one end while it is not used at the other does not make it faster. */
	return tcp_packets_in_flight(tp) < tp->snd_cwnd;
}

void tcp_new_space(struct sock *sk)
{
	if (tcp_should_expand_sndbuf(sk)) {
		tcp_sndbuf_expand(sk);
		tcp_sk(sk)->snd_cwnd_stamp = tcp_jiffies32(sk);
	}
	sk_write_space(sk);
}

void tcp_check_space(struct sock *sk)
{
	if (unlikely(sk->sk_side && sk->sk_side->zc_first))
		tcp_zerocopy_complete(sk, false);
	if (!sk->sk_socket || !sock_flag(sk, SOCK_NOSPACE_))
		return;
	tcp_new_space(sk);
	if (!sock_flag(sk, SOCK_NOSPACE_))
		tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
}
