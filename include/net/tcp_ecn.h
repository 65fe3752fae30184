/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_ecn.h - ECN (RFC 3168) and AccECN (RFC 9768): tcp_ecn.c. */
#ifndef NET_TCP_ECN_H
#define NET_TCP_ECN_H

#include "net/tcp_sock.h"

/* ecn_flags: two bits of mode (none: no ECN; both: AccECN was asked for, no answer yet) and what is going on */
#define TCP_ECN_MODE_RFC3168 1
#define TCP_ECN_QUEUE_CWR    2 /* CWR goes out with the next new data */
#define TCP_ECN_DEMAND_CWR   4 /* CE was seen: ECE goes out until the peer says CWR */
#define TCP_ECN_SEEN	     8
#define TCP_ECN_MODE_ACCECN  16
#define TCP_ECN_MODE_PENDING (TCP_ECN_MODE_RFC3168 | TCP_ECN_MODE_ACCECN)
#define TCP_ECN_MODE_ANY     TCP_ECN_MODE_PENDING
#define TCP_ECN_DISABLED     0

static inline u32 tcp_ecn_mode(const struct tcp_sock *tp)
{
	return tp->ecn_flags & TCP_ECN_MODE_ANY;
}

static inline void tcp_ecn_mode_set(struct tcp_sock *tp, u32 mode)
{
	tp->ecn_flags = (u8)((tp->ecn_flags & ~TCP_ECN_MODE_ANY) | mode);
}

static inline bool tcp_ecn_mode_rfc3168(const struct tcp_sock *tp)
{
	return tcp_ecn_mode(tp) == TCP_ECN_MODE_RFC3168;
}

static inline bool tcp_ecn_mode_accecn(const struct tcp_sock *tp)
{
	return tcp_ecn_mode(tp) == TCP_ECN_MODE_ACCECN;
}

/**
 * struct tcp_accecn - the counters of a connection that negotiated AccECN (RFC 9768)
 * @received, @delivered: payload bytes by codepoint - 1 (ECT(1), ECT(0), CE): seen here, reported by the peer
 * @opt_tstamp:  us, when the option was sent last
 * @ce_pending:  CE packets not told yet, at most 15; @minlen: fields that changed since the last option; @opt_demand: options due
 * @est_ecnfield: the one codepoint the peer uses + 1; 0: not known
 * @fail_mode:   TCP_ACCECN_*_FAIL_*; @saw_opt: TCP_ACCECN_OPT_*
 */
struct tcp_accecn {
	u32 received[3];
	u32 delivered[3];
	u64 opt_tstamp;
	u8 ce_pending;
	u8 minlen;
	u8 opt_demand;
	u8 est_ecnfield;
	u8 fail_mode;
	u8 saw_opt;
};
#define TCP_ACCECN_ACE_FAIL_SEND 1
#define TCP_ACCECN_ACE_FAIL_RECV 2
#define TCP_ACCECN_OPT_FAIL_SEND 4
#define TCP_ACCECN_OPT_FAIL_RECV 8
enum {
	TCP_ACCECN_OPT_NOT_SEEN,
	TCP_ACCECN_OPT_EMPTY_SEEN,
	TCP_ACCECN_OPT_COUNTER_SEEN,
	TCP_ACCECN_OPT_FAIL_SEEN
};
#define TCP_ACCECN_CEP_INIT 5 /* what ACE counts from */

/** tcp_accecn_ace() - the three bits AE, CWR, ECE as a number */
static inline u8 tcp_accecn_ace(const struct tcphdr *th)
{
	return (u8)(th->ae << 2 | th->cwr << 1 | th->ece);
}

void tcp_ecn_send_syn(struct sock *sk, struct sk_buff *skb);
/** tcp_ecn_clear_syn() - a SYN is sent again: without ECN, if the namespace falls back */
void tcp_ecn_clear_syn(struct sock *sk, struct sk_buff *skb);
void tcp_ecn_send_synack(struct sock *sk, struct sk_buff *skb);
void tcp_ecn_make_synack(const struct request_sock *req, struct tcphdr *th);
void tcp_ecn_create_request(struct request_sock *req, const struct sk_buff *skb,
			    const struct sock *listen_sk, const struct dst_entry *dst);
void tcp_ecn_openreq_child(struct sock *sk, const struct request_sock *req, struct sk_buff *skb);
/** tcp_ecn_rcv_synack() - the answer to a SYN that asked for ECN; @th: with its options behind it */
void tcp_ecn_rcv_synack(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield);
void tcp_ecn_rcv_syn(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield);
/** tcp_accecn_third_ack() - the ACK that ends the handshake tells how the SYN-ACK arrived */
void tcp_accecn_third_ack(struct sock *sk, const struct sk_buff *skb, u8 sent_ect);
/** tcp_accecn_reflector_flags() - TCPHDR_ACE bits that tell the peer how its SYN or SYN-ACK arrived */
u16 tcp_accecn_reflector_flags(u8 ect);
/** tcp_ecn_release() - the socket goes: give the counters back */
void tcp_ecn_release(struct sock *sk);
bool tcp_ecn_rcv_ecn_echo(const struct tcp_sock *tp, const struct tcphdr *th);
void tcp_ecn_accept_cwr(struct sock *sk, const struct sk_buff *skb);
void tcp_ecn_withdraw_cwr(struct tcp_sock *tp);
void tcp_ecn_queue_cwr(struct tcp_sock *tp);
/** tcp_ecn_send() - marks of an outgoing segment: ECT into the socket's tos, AE, CWR and ECE into @th; @tcb: of the packet in the queue */
void tcp_ecn_send(struct sock *sk, struct sk_buff *skb, const struct tcp_skb_cb *tcb,
		  struct tcphdr *th, u32 tcp_header_len);
void tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb);
void tcp_accecn_received(struct sock *sk, const struct sk_buff *skb, u32 payload_len);
/** tcp_accecn_process() - ACE and option of an ACK: newly delivered CE packets */
u32 tcp_accecn_process(struct sock *sk, const struct sk_buff *skb, u32 delivered_pkts,
		       u32 delivered_bytes, int *flag);
/** tcp_accecn_option() - write the AccECN option into @p if it is due and @room bytes allow. Return: bytes (multiple of 4) */
u32 tcp_accecn_option(struct sock *sk, u8 *p, u32 room); /* @p NULL: only how many it would be */
/** tcp_accecn_synack_option() - the same for the SYN-ACK of a request */
u32 tcp_accecn_synack_option(const struct request_sock *req, u8 *p, u32 room);

#endif
