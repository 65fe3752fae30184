/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_accecn.h - between tcp_ecn.c, which negotiates, and tcp_accecn.c, which counts. */
#ifndef NET_IPV4_TCP_ACCECN_H
#define NET_IPV4_TCP_ACCECN_H

#include "net/tcp.h"

/* net.ipv4.tcp_ecn */
enum tcp_ecn_setting {
	TCP_ECN_IN_NOECN_OUT_NOECN,
	TCP_ECN_IN_ECN_OUT_ECN,
	TCP_ECN_IN_ECN_OUT_NOECN,
	TCP_ECN_IN_ACCECN_OUT_ACCECN,
	TCP_ECN_IN_ACCECN_OUT_ECN,
	TCP_ECN_IN_ACCECN_OUT_NOECN,
};

#define DST_FEATURE_ECN_CA (1u << 31) /* RTAX_FEATURES: the route's congestion control needs ECN */

/** tcp_accecn_begin() - counters at their beginning. false: no memory */
bool tcp_accecn_begin(struct sock *sk);
/** tcp_accecn_rcv_synack() - the SYN-ACK that agreed to AccECN: how our SYN arrived, how it arrived itself, its option */
void tcp_accecn_rcv_synack(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield);
/** tcp_accecn_set_ace() - AE, CWR, ECE of a segment that goes out */
void tcp_accecn_set_ace(struct tcp_sock *tp, const struct tcp_skb_cb *tcb, struct tcphdr *th);

/** tcp_accecn_syn_requested() - does this SYN ask for AccECN? (nothing and classic ECN do not) */
static inline bool tcp_accecn_syn_requested(const struct tcphdr *th)
{
	u8 ace = tcp_accecn_ace(th);

	return ace && ace != 3;
}

#endif
