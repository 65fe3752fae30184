/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ecn.c - congestion told instead of felt: classic ECN (RFC 3168), and who negotiates what.
 *
 * DOC: ECN
 * net.ipv4.tcp_ecn: 0 never; 1 ask and answer; 2 answer only; 3 AccECN both ways; 4 answer AccECN, ask for classic; 5 answer
 * AccECN only. The mode is two bits of ecn_flags. A SYN that asks for AccECN leaves both set (pending) until the
 * SYN-ACK tells what the peer has. AccECN's counters are in tcp_accecn.c.
 * Classic: whoever received CE sets ECE on all it sends (DEMAND_CWR) until the sender answers with CWR (QUEUE_CWR: goes out
 * with the next new data). ECT is on new data only: not on ACKs, not on retransmissions.
 */
#include "tcp_accecn.h"

static void tcp_ecn_mark(struct sock *sk, u8 ect)
{
	inet_sk(sk)->tos = (u8)((inet_sk(sk)->tos & ~INET_ECN_MASK) | ect);
}

/* ---- handshake, ours ---- */

/**
 * tcp_ecn_send_syn() - a SYN goes out: ask for what the namespace, the route or the congestion control wants
 */
void tcp_ecn_send_syn(struct sock *sk, struct sk_buff *skb)
{
	u8 tcp_ecn = sock_net(sk)->ipv4.sysctl_tcp_ecn;
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool use_accecn = tcp_ecn == TCP_ECN_IN_ACCECN_OUT_ACCECN;
	bool use_ecn = tcp_ecn == TCP_ECN_IN_ECN_OUT_ECN || tcp_ecn == TCP_ECN_IN_ACCECN_OUT_ECN ||
		       tcp_ca_needs_ecn(sk) || use_accecn;

	if (!use_ecn && dst && (dst_metric_raw(dst, RTAX_FEATURES) & RTAX_FEATURE_ECN))
		use_ecn = true;
	tp->ecn_flags = 0;
	if (!use_ecn)
		return;
	if (tcp_ca_needs_ecn(sk))
		tcp_ecn_mark(sk, INET_ECN_ECT_0);
	TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_ECE | TCPHDR_CWR;
	if (use_accecn) {
		TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_AE;
		tcp_ecn_mode_set(tp, TCP_ECN_MODE_PENDING);
		tp->syn_ect_snt = inet_sk(sk)->tos & INET_ECN_MASK;
	} else {
		tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
	}
}

void tcp_ecn_clear_syn(struct sock *sk, struct sk_buff *skb)
{
	/* Something on the path may swallow such SYNs. What the answer says decides on ecn_flags. */
	if (sock_net(sk)->ipv4.sysctl_tcp_ecn_fallback)
		TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_ACE;
}

/* AccECN it is: counters. Without memory for them there is no ECN. */
static bool tcp_ecn_begin_accecn(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool ok = tcp_accecn_begin(sk);

	tcp_ecn_mode_set(tp, ok ? TCP_ECN_MODE_ACCECN : TCP_ECN_DISABLED);
	return ok;
}

void tcp_ecn_rcv_synack(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ace = tcp_accecn_ace(th);

	if (!tcp_ecn_mode(tp))
		return;
	switch (ace) {
	case 0:
	case 7: /* a server that reflects what it gets */
		tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
		break;
	case 1:
	case 5:
		tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
		break;
	default:
		/* Only AccECN answers so, and only if it was asked for. */
		if (tcp_ecn_mode(tp) != TCP_ECN_MODE_PENDING) {
			tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
			break;
		}
		tp->syn_ect_rcv = ip_dsfield & INET_ECN_MASK;
		if (tcp_ecn_begin_accecn(sk))
			tcp_accecn_rcv_synack(sk, th, ip_dsfield);
	}
}

/**
 * tcp_ecn_rcv_syn() - simultaneous open: the peer's SYN answers ours
 */
void tcp_ecn_rcv_syn(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_ecn_mode(tp) == TCP_ECN_MODE_PENDING) {
		if (tcp_accecn_syn_requested(th)) {
			tp->syn_ect_rcv = ip_dsfield & INET_ECN_MASK;
			tcp_ecn_begin_accecn(sk);
		} else {
			tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
		}
	}
	if (tcp_ecn_mode_rfc3168(tp) && (!th->ece || !th->cwr))
		tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
}

/**
 * tcp_ecn_send_synack() - the SYN-ACK of a full socket (simultaneous open)
 */
void tcp_ecn_send_synack(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_CWR;
	if (!tcp_ecn_mode(tp))
		TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_ECE;
	else if (tcp_ca_needs_ecn(sk))
		tcp_ecn_mark(sk, INET_ECN_ECT_0);
	if (tcp_ecn_mode_accecn(tp)) {
		TCP_SKB_CB(skb)->tcp_flags &= (u16)~TCPHDR_ACE;
		TCP_SKB_CB(skb)->tcp_flags |= tcp_accecn_reflector_flags(tp->syn_ect_rcv);
		tp->syn_ect_snt = inet_sk(sk)->tos & INET_ECN_MASK;
	}
}

/* ---- handshake, theirs ---- */

/**
 * tcp_ecn_create_request() - a SYN came: does it ask for ECN, and does it get it?
 */
void tcp_ecn_create_request(struct request_sock *req, const struct sk_buff *skb,
			    const struct sock *listen_sk, const struct dst_entry *dst)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 tcp_ecn = sock_net(listen_sk)->ipv4.sysctl_tcp_ecn;
	u8 dsfield = TCP_SKB_CB(skb)->ip_dsfield;
	u32 features = dst ? dst_metric_raw(dst, RTAX_FEATURES) : 0;
	bool ecn_ok;

	if (tcp_accecn_syn_requested(th) && tcp_ecn >= TCP_ECN_IN_ACCECN_OUT_ACCECN) {
		req->ecn_ok = 1;
		req->accecn_ok = 1;
		req->syn_ect_rcv = dsfield & INET_ECN_MASK;
		return;
	}
	if (!th->ece || !th->cwr)
		return;
	/* A SYN with ECT is none that RFC 3168 knows: the mark has been put there by something that sets all packets. */
	ecn_ok = tcp_ecn || (features & RTAX_FEATURE_ECN) || (features & DST_FEATURE_ECN_CA);
	if (((!(dsfield & INET_ECN_MASK) || th->res1 || th->ae) && ecn_ok) ||
	    tcp_ca_needs_ecn(listen_sk) || (features & DST_FEATURE_ECN_CA))
		req->ecn_ok = 1;
}

void tcp_ecn_make_synack(const struct request_sock *req, struct tcphdr *th)
{
	u16 ace;

	if (req->accecn_ok) {
		ace = tcp_accecn_reflector_flags(req->syn_ect_rcv);
		th->ae = (ace & TCPHDR_AE) != 0;
		th->cwr = (ace & TCPHDR_CWR) != 0;
		th->ece = (ace & TCPHDR_ECE) != 0;
	} else if (req->ecn_ok) {
		th->ece = 1;
	}
}

/**
 * tcp_ecn_openreq_child() - the request became a socket; @skb: the ACK that did it
 */
void tcp_ecn_openreq_child(struct sock *sk, const struct request_sock *req, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!req->accecn_ok) {
		tcp_ecn_mode_set(tp, req->ecn_ok ? TCP_ECN_MODE_RFC3168 : TCP_ECN_DISABLED);
		return;
	}
	tp->syn_ect_snt = req->syn_ect_snt;
	tp->syn_ect_rcv = req->syn_ect_rcv;
	if (!tcp_ecn_begin_accecn(sk))
		return;
	tcp_accecn_third_ack(sk, skb, req->syn_ect_snt);
	tcp_rare(tp)->accecn->opt_demand = 1;
	tcp_accecn_received(sk, skb, skb->len - tcp_hdrlen(skb));
}

/* ---- data ---- */

bool tcp_ecn_rcv_ecn_echo(const struct tcp_sock *tp, const struct tcphdr *th)
{
	return th->ece && !th->syn && tcp_ecn_mode_rfc3168(tp);
}

/**
 * tcp_ecn_accept_cwr() - the sender has reduced its window: no more ECE
 */
void tcp_ecn_accept_cwr(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_ecn_mode_rfc3168(tp) || !tcp_hdr(skb)->cwr)
		return;
	tp->ecn_flags &= (u8)~TCP_ECN_DEMAND_CWR;
	/* Its window may be one packet now: it waits for this ACK. */
	if (TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq)
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
}

void tcp_ecn_withdraw_cwr(struct tcp_sock *tp)
{
	tp->ecn_flags &= (u8)~TCP_ECN_QUEUE_CWR;
}

void tcp_ecn_queue_cwr(struct tcp_sock *tp)
{
	if (tcp_ecn_mode_rfc3168(tp))
		tp->ecn_flags |= TCP_ECN_QUEUE_CWR;
}

void tcp_ecn_send(struct sock *sk, struct sk_buff *skb, const struct tcp_skb_cb *tcb,
		  struct tcphdr *th, u32 tcp_header_len)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_ecn_mode(tp))
		return;
	if (tcp_ecn_mode_accecn(tp)) {
		tcp_ecn_mark(sk, tcp_rare(tp)->accecn->fail_mode & TCP_ACCECN_ACE_FAIL_RECV ?
					 INET_ECN_NOT_ECT :
					 INET_ECN_ECT_0);
		tcp_accecn_set_ace(tp, tcb, th);
		return;
	}
	if (skb->len != tcp_header_len && !before(tcb->seq, tp->snd_nxt)) {
		tcp_ecn_mark(sk, INET_ECN_ECT_0);
		if (tp->ecn_flags & TCP_ECN_QUEUE_CWR) {
			tp->ecn_flags &= (u8)~TCP_ECN_QUEUE_CWR;
			th->cwr = 1;
		}
	} else if (!tcp_ca_needs_ecn(sk)) {
		tcp_ecn_mark(sk, INET_ECN_NOT_ECT);
	}
	if (tp->ecn_flags & TCP_ECN_DEMAND_CWR)
		th->ece = 1;
}

/**
 * tcp_ecn_check_ce() - data came: what does its IP header say?
 */
void tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ect = TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK;

	if (!tcp_ecn_mode(tp))
		return;
	if (ect == INET_ECN_NOT_ECT) {
		/* The peer marks what it sends for the first time, so this was probably sent again. */
		if (tp->ecn_flags & TCP_ECN_SEEN)
			tcp_enter_quickack_mode(sk, 2);
		return;
	}
	if (tcp_ca_needs_ecn(sk))
		tcp_ca_event(sk, ect == INET_ECN_CE ? CA_EVENT_ECN_IS_CE : CA_EVENT_ECN_NO_CE);
	if (!tcp_ecn_mode_rfc3168(tp))
		return;
	if (ect == INET_ECN_CE && !(tp->ecn_flags & TCP_ECN_DEMAND_CWR)) {
		tcp_enter_quickack_mode(sk, 2);
		tp->ecn_flags |= TCP_ECN_DEMAND_CWR;
	}
	tp->ecn_flags |= TCP_ECN_SEEN;
}
