/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_validate.c - may a segment be believed? PAWS, window, RST and SYN of RFC 5961, challenge ACKs and their limits. */
#include "tcp_input.h"

/* Seconds after which ts_recent may have wrapped: half the range, counted in us. */
#define TCP_PAWS_WRAP (INT32_MAX / 1000000)

static u32 now_seconds(const struct sock *sk)
{
	return (u32)(sock_skiff(sk)->now / 1000000000ULL);
}

/* ---- PAWS: RFC 7323 5 ---- */

bool tcp_paws_check(const struct sock *sk, const struct tcp_options_received *rx_opt, int paws_win)
{
	if ((s32)(rx_opt->ts_recent - rx_opt->rcv_tsval) <= paws_win)
		return true;
	if (unlikely((s32)(now_seconds(sk) - (rx_opt->ts_recent_stamp + TCP_PAWS_WRAP)) >= 0))
		return true;
	/* Some begin with 0 in the SYN and go on with true time stamps. */
	return !rx_opt->ts_recent;
}

bool tcp_paws_reject(const struct sock *sk, const struct tcp_options_received *rx_opt, int rst)
{
	if (tcp_paws_check(sk, rx_opt, 0))
		return false;
	/* A reset's time stamp means little once the last good one is a segment's life old. */
	return !(rst && (s32)(now_seconds(sk) - (rx_opt->ts_recent_stamp + TCP_PAWS_MSL)) >= 0);
}

static bool may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq, u32 nwin)
{
	return after(ack, tp->snd_una) || after(ack_seq, tp->snd_wl1) ||
	       (ack_seq == tp->snd_wl1 && (nwin > tp->snd_wnd || !nwin));
}

/* How far back a time stamp may be in an ACK that changes nothing: ACKs overtake each other. */
static s32 tsval_replay(const struct sock *sk)
{
	u32 rto = inet_csk(sk)->icsk_rto;

	return (s32)(tcp_sk(sk)->tcp_usec_ts ? rto * (1000000 / HZ) : rto * 1200 / HZ);
}

/* It failed PAWS. SKB_NOT_DROPPED_YET: a harmless ACK out of order; else the reason to drop it. */
static enum skb_drop_reason disordered_ack(const struct sock *sk, const struct sk_buff *skb,
					   const struct tcphdr *th)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, ack = TCP_SKB_CB(skb)->ack_seq;

	if (!th->ack || seq != TCP_SKB_CB(skb)->end_seq)
		return SKB_DROP_REASON_TCP_RFC7323_PAWS;
	if (seq != tp->rcv_nxt)
		return before(seq, tp->rcv_nxt) ? SKB_DROP_REASON_TCP_RFC7323_PAWS_ACK :
						  SKB_DROP_REASON_TCP_RFC7323_PAWS;
	if (ack != tp->snd_una)
		return SKB_DROP_REASON_TCP_RFC7323_PAWS;
	if (may_update_window(tp, ack, seq, (u32)ntohs(th->window) << tp->rx_opt.snd_wscale))
		return SKB_DROP_REASON_TCP_RFC7323_PAWS;
	if ((s32)(tp->rx_opt.ts_recent - tp->rx_opt.rcv_tsval) > tsval_replay(sk))
		return SKB_DROP_REASON_TCP_RFC7323_PAWS;
	return SKB_NOT_DROPPED_YET;
}

/* ---- ACKs that answer what was not accepted ---- */

/* @last: tick of the last such ACK, 0 none. At most one in tcp_invalid_ratelimit ms. */
static bool oow_limited(struct net *net, int mib_idx, u32 *last)
{
	u32 now = (u32)net->skiff->jiffies;

	if (*last) {
		s32 elapsed = (s32)(now - *last);

		if (elapsed >= 0 && elapsed < net->ipv4.sysctl_tcp_invalid_ratelimit) {
			NET_INC_STATS(net, mib_idx);
			return true;
		}
	}
	*last = now;
	return false;
}

bool tcp_oow_rate_limited(struct net *net, const struct sk_buff *skb, int mib_idx,
			  u32 *last_oow_ack_time)
{
	/* Data are no part of a loop in which two ends answer each other's ACKs. */
	if (TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq && !tcp_hdr(skb)->syn)
		return false;
	return oow_limited(net, mib_idx, last_oow_ack_time);
}

void tcp_send_challenge_ack(struct sock *sk, bool accecn_reflector)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	u32 limit = (u32)net->ipv4.sysctl_tcp_challenge_ack_limit, now;

	if (oow_limited(net, LINUX_MIB_TCPACKSKIPPEDCHALLENGE, &tp->last_oow_ack_time))
		return;
	if (limit != INT32_MAX) {
		/* The limit is blurred, or it would tell others how many were sent. */
		now = (u32)(net->skiff->jiffies / HZ);
		if (now != net->ipv4.tcp_challenge_timestamp) {
			u32 half = (limit + 1) >> 1;

			net->ipv4.tcp_challenge_timestamp = now;
			net->ipv4.tcp_challenge_count =
				half + (limit ? skiff_random_below(net->skiff, limit) : 0);
		}
		if (!net->ipv4.tcp_challenge_count)
			return;
		net->ipv4.tcp_challenge_count--;
	}
	NET_INC_STATS(net, LINUX_MIB_TCPCHALLENGEACK);
	__tcp_send_ack(sk, tp->rcv_nxt,
		       accecn_reflector ? tcp_accecn_reflector_flags(tp->syn_ect_rcv) : 0);
}

/* ---- the window ---- */

enum skb_drop_reason tcp_sequence(const struct sock *sk, u32 seq, u32 end_seq)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 edge = tp->rcv_nxt + tcp_receive_window(tp);

	if (before(end_seq, tp->rcv_wup))
		return SKB_DROP_REASON_TCP_OLD_SEQUENCE;
	if (!after(end_seq, edge))
		return SKB_NOT_DROPPED_YET;
	if (after(seq, edge))
		return SKB_DROP_REASON_TCP_INVALID_SEQUENCE;
	/* More than was offered is taken only if nothing lies there unread. */
	if (skb_queue_len(&sk->sk_receive_queue))
		return SKB_DROP_REASON_TCP_INVALID_END_SEQUENCE;
	return SKB_NOT_DROPPED_YET;
}

/* Some send their reset with the number of the FIN that we have acknowledged. */
static bool reset_after_fin(const struct sock *sk, const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->seq == tcp_sk(sk)->rcv_nxt - 1 &&
	       ((1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING));
}

/* RFC 5961 3.2, and at the end of the highest SACK block: a peer that lost our view of the hole. */
static bool reset_is_exact(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, max_sack;

	if (seq == tp->rcv_nxt || reset_after_fin(sk, skb))
		return true;
	if (!tcp_is_sack(tp) || !tp->rx_opt.num_sacks)
		return false;
	max_sack = tcp_loss(tp)->selective_acks[0].end_seq;
	for (int i = 1; i < tp->rx_opt.num_sacks; i++) {
		if (after(tcp_loss(tp)->selective_acks[i].end_seq, max_sack))
			max_sack = tcp_loss(tp)->selective_acks[i].end_seq;
	}
	return seq == max_sack;
}

/* The SYN-ACK of two that called each other. */
static bool crossed_synack(const struct sock *sk, const struct sk_buff *skb,
			   const struct tcphdr *th)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq;

	return sk->sk_state == TCP_SYN_RECV && sk->sk_socket && th->ack &&
	       seq + 1 == TCP_SKB_CB(skb)->end_seq && seq + 1 == tp->rcv_nxt &&
	       TCP_SKB_CB(skb)->ack_seq == tp->snd_nxt;
}

/* A SYN again on an AccECN connection: the challenge tells how it arrived (RFC 9768 3.1.5). */
static bool accecn_syn(struct sock *sk, const struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_ecn_mode_accecn(tp) || TCP_SKB_CB(skb)->seq + 1 != tp->rcv_nxt)
		return false;
	tp->syn_ect_rcv = TCP_SKB_CB(skb)->ip_dsfield & 3;
	return th->syn;
}

/* What is to become of a segment. */
enum verdict { SEG_PASS, SEG_DISCARD, SEG_RESET, SEG_SYN };

static enum verdict check_paws(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			       enum skb_drop_reason *reason)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);

	if (!tcp_fast_parse_options(net, skb, th, tp) || !tp->rx_opt.saw_tstamp ||
	    tcp_paws_check(sk, &tp->rx_opt, TCP_PAWS_WINDOW))
		return SEG_PASS;
	*reason = disordered_ack(sk, skb, th);
	if (!*reason || th->rst)
		return SEG_PASS;
	if (unlikely(th->syn))
		return SEG_SYN;
	/* Old ACKs are common, and nobody waits for an answer. */
	if (*reason == SKB_DROP_REASON_TCP_RFC7323_PAWS_ACK) {
		NET_INC_STATS(net, LINUX_MIB_PAWS_OLD_ACK);
		return SEG_DISCARD;
	}
	NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
	if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDPAWS, &tp->last_oow_ack_time))
		tcp_send_dupack(sk, skb);
	return SEG_DISCARD;
}

static enum verdict check_window(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
				 enum skb_drop_reason *reason)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);

	*reason = tcp_sequence(sk, TCP_SKB_CB(skb)->seq, TCP_SKB_CB(skb)->end_seq);
	if (likely(!*reason))
		return SEG_PASS;
	/* RFC 9293 3.10.7.4: answered by an ACK, unless it is a reset. */
	if (th->rst)
		return reset_after_fin(sk, skb) ? SEG_RESET : SEG_DISCARD;
	if (th->syn)
		return SEG_SYN;
	if (*reason != SKB_DROP_REASON_TCP_OLD_SEQUENCE)
		NET_INC_STATS(net, LINUX_MIB_BEYONDWINDOW);
	if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDSEQ, &tp->last_oow_ack_time))
		tcp_send_dupack(sk, skb);
	return SEG_DISCARD;
}

static enum verdict check_rst(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason *reason)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (reset_is_exact(sk, skb))
		return SEG_RESET;
	/* Something on the path may not like data in a SYN. */
	if (tp->syn_fastopen && !tp->data_segs_in && sk->sk_state == TCP_ESTABLISHED)
		tcp_fastopen_active_disable(sk);
	tcp_send_challenge_ack(sk, false);
	*reason = SKB_DROP_REASON_TCP_RESET;
	return SEG_DISCARD;
}

static enum verdict judge(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			  enum skb_drop_reason *reason)
{
	enum verdict v = check_paws(sk, skb, th, reason);

	if (v == SEG_PASS)
		v = check_window(sk, skb, th, reason);
	if (v != SEG_PASS)
		return v;
	if (th->rst)
		return check_rst(sk, skb, reason);
	return th->syn && !crossed_synack(sk, skb, th) ? SEG_SYN : SEG_PASS;
}

bool tcp_validate_incoming(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			   int syn_inerr)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;

	switch (judge(sk, skb, th, &reason)) {
	case SEG_PASS:
		return true;
	case SEG_RESET:
		tcp_reset(sk, skb);
		consume_skb(sock_skiff(sk), skb);
		return false;
	case SEG_SYN:
		/* RFC 5961 4.2 */
		if (syn_inerr)
			TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSYNCHALLENGE);
		tcp_send_challenge_ack(sk, accecn_syn(sk, skb, th));
		reason = SKB_DROP_REASON_TCP_INVALID_SYN;
		break;
	case SEG_DISCARD:
		break;
	}
	tcp_drop(sk, skb, reason);
	return false;
}
