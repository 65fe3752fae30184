/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_rcv.c - a segment at an established connection: the predicted one on a short way, others with all checks.
 *
 * DOC: Header prediction
 * pred_flags is the fourth word of the header that the next segment should have: header length, ACK alone, and the window that
 * the peer has offered all the time. A segment with these, with the expected sequence number and a time stamp that is not older, is
 * either a pure ACK or data in sequence, and nothing else has to be looked at. pred_flags is 0 while data are out of order or urgent,
 * or our window is shut; tcp_fast_path_check() puts it back. A segment may stand for many (gso_segs).
 */
#include "tcp_input.h"

/* ---- header prediction ---- */

void __tcp_fast_path_on(struct tcp_sock *tp, u32 snd_wnd)
{
	u32 ace = 0;

	if (tcp_ecn_mode_accecn(tp))
		ace = (tp->delivered_ce + TCP_ACCECN_CEP_INIT) & 7;
	tp->pred_flags = htonl((u32)tp->tcp_header_len << 26 | ace << 22 | snd_wnd) | TCP_FLAG_ACK;
}

void tcp_fast_path_on(struct tcp_sock *tp)
{
	__tcp_fast_path_on(tp, tp->snd_wnd >> tp->rx_opt.snd_wscale);
}

void tcp_fast_path_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_ooo_empty(tp) && tp->rcv_wnd && sk->sk_rmem_alloc < sk->sk_rcvbuf && !tp->urg_data)
		tcp_fast_path_on(tp);
}

/* A pure ACK of the expected kind: consumed. */
static void rcv_predicted_ack(struct sock *sk, struct sk_buff *skb, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_rare(tp)->accecn)
		tcp_accecn_received(sk, skb, 0);
	tcp_ack(sk, skb, flag);
	consume_skb(sock_skiff(sk), skb);
	tcp_data_snd_check(sk);
	tp->rcv_rtt_last_tsecr = tp->rx_opt.rcv_tsecr;
}

/* The next data, and there is room: consumed. */
static void rcv_predicted_data(struct sock *sk, struct sk_buff *skb, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool eaten, stolen, no_ack = false;

	tcp_rcv_rtt_measure_ts(sk, skb);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPHPHITS);
	skb_dst_drop(skb);
	skb_pull(skb, tp->tcp_header_len);
	if (tcp_rare(tp)->accecn)
		tcp_accecn_received(sk, skb, skb->len);
	eaten = tcp_queue_rcv(sk, skb, &stolen);
	tcp_event_data_recv(sk, skb);
	if (TCP_SKB_CB(skb)->ack_seq != tp->snd_una) {
		tcp_ack(sk, skb, flag | FLAG_DATA);
		tcp_data_snd_check(sk);
		no_ack = !inet_csk_ack_scheduled(sk);
	} else {
		tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	}
	if (!no_ack)
		__tcp_ack_snd_check(sk, 0);
	if (eaten)
		consume_skb(sock_skiff(sk), skb);
	tcp_data_ready(sk);
}

/* ---- the long way ---- */

static void rcv_csum_error(struct sock *sk, struct sk_buff *skb)
{
	TCP_INC_STATS(sock_net(sk), TCP_MIB_CSUMERRORS);
	TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
	tcp_drop(sk, skb, SKB_DROP_REASON_TCP_CSUM);
}

/* From the ACK on (RFC 9293 3.10.7.4, fifth). */
static void rcv_step5(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	int err;

	if (tcp_rare(tcp_sk(sk))->accecn)
		tcp_accecn_received(sk, skb, skb->len - th->doff * 4u);
	err = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT);
	if (err < 0) {
		tcp_drop(sk, skb, (enum skb_drop_reason) - err);
		return;
	}
	tcp_rcv_rtt_measure_ts(sk, skb);
	tcp_urg(sk, skb, th);
	tcp_data_queue(sk, skb);
	tcp_data_snd_check(sk);
	tcp_ack_snd_check(sk);
}

static void rcv_slow(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	if (skb->len < th->doff * 4u || skb_checksum_complete(skb)) {
		rcv_csum_error(sk, skb);
		return;
	}
	if (!th->ack && !th->rst && !th->syn) {
		tcp_drop(sk, skb, SKB_DROP_REASON_TCP_FLAGS);
		return;
	}
	if (tcp_validate_incoming(sk, skb, th, 1))
		rcv_step5(sk, skb, th);
}

/* Is it what was predicted, time stamp included? *@flag, *@store: what is to become of the time stamp once the checksum is known to be right */
static bool predicted(struct tcp_sock *tp, const struct sk_buff *skb, const struct tcphdr *th,
		      int *flag, bool *store)
{
	s32 delta;

	*flag = 0;
	*store = false;
	if ((tcp_flag_word(th) & TCP_HP_BITS) != tp->pred_flags ||
	    TCP_SKB_CB(skb)->seq != tp->rcv_nxt || after(TCP_SKB_CB(skb)->ack_seq, tp->snd_nxt))
		return false;
	if (tp->tcp_header_len != sizeof(struct tcphdr) + TCPOLEN_TSTAMP_ALIGNED)
		return true;
	if (!tcp_parse_aligned_timestamp(tp, th))
		return false;
	delta = (s32)(tp->rx_opt.rcv_tsval - tp->rx_opt.ts_recent);
	if (unlikely(delta < 0))
		return false;
	if (tp->rcv_nxt == tp->rcv_wup) {
		*store = true;
		*flag = delta > 0 ? FLAG_TS_PROGRESS : 0;
	}
	return true;
}

static void rcv_established(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	bool store;
	int flag;

	if (!predicted(tp, skb, th, &flag, &store)) {
		rcv_slow(sk, skb, th);
		return;
	}
	if (unlikely(skb->len < tp->tcp_header_len)) {
		TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
		tcp_drop(sk, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
		return;
	}
	if (skb->len > tp->tcp_header_len) {
		if (skb_checksum_complete(skb)) {
			rcv_csum_error(sk, skb);
			return;
		}
		if (after(TCP_SKB_CB(skb)->end_seq, tp->rcv_nxt + tcp_receive_window(tp))) {
			if (tcp_validate_incoming(sk, skb, th, 1))
				rcv_step5(sk, skb, th);
			return;
		}
		if ((int)skb->truesize > sk->sk_forward_alloc) {
			rcv_step5(sk, skb, th);
			return;
		}
	} else if (skb_checksum_complete(skb)) {
		rcv_csum_error(sk, skb);
		return;
	}
	if (store)
		tcp_store_ts_recent(tp);
	if (skb->len > tp->tcp_header_len)
		rcv_predicted_data(sk, skb, flag);
	else
		rcv_predicted_ack(sk, skb, flag);
}

void tcp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	tcp_mstamp_refresh(tcp_sk(sk));
	tcp_sk(sk)->rx_opt.saw_tstamp = 0;
	if (unlikely(!sk->sk_rx_dst))
		inet_sk_rx_dst_set(sk, skb);
	/* What it does may be the socket's end. */
	sock_hold(sk);
	rcv_established(sk, skb);
	sock_put(sk);
}
