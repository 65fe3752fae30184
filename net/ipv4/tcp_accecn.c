/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_accecn.c - Accurate ECN (RFC 9768): how many CE marks, not just that there were some.
 *
 * DOC: AccECN
 * Each side counts the packets that arrived with CE and tells the lowest three bits of the count, plus 5, in AE, CWR, ECE of each
 * segment (ACE). If an ACK covers so many packets that the field may have wrapped, the peer's byte counters (an option, 24
 * bits for each codepoint) decide between the least and the largest number that fits. In the handshake ACE tells how the
 * SYN or SYN-ACK arrived, so a path that changes the field is found out: what failed is in fail_mode.
 */
#include "tcp_accecn.h"

#define TCPOLEN_ACCECN_BASE	2
#define TCPOLEN_ACCECN_PERFIELD 3
#define ACE_MASK		7
#define ACE_MAX_DELTA		7
#define ACCECN_SAFETY_SHIFT	1

/* ---- life ---- */

bool tcp_accecn_begin(struct sock *sk)
{
	struct tcp_rare *rare = tcp_rare_make(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!rare)
		return false;
	if (!rare->accecn)
		rare->accecn = skiff_zalloc(sock_skiff(sk), sizeof(*rare->accecn));
	if (!rare->accecn)
		return false;
	tp->received_ce = 0;
	tp->delivered_ce = 0;
	return true;
}

void tcp_ecn_release(struct sock *sk)
{
	struct tcp_rare *rare = inet_csk(sk)->icsk_rare;

	if (!rare)
		return;
	skiff_free(sock_skiff(sk), rare->accecn);
	rare->accecn = NULL;
}

/* ---- handshake ---- */

u16 tcp_accecn_reflector_flags(u8 ect)
{
	static const u16 ace[4] = { TCPHDR_CWR, TCPHDR_CWR | TCPHDR_ECE, TCPHDR_AE,
				    TCPHDR_AE | TCPHDR_CWR };

	return ace[ect & INET_ECN_MASK];
}

/* The codepoint that ACE of a handshake segment says our SYN or SYN-ACK had on arrival. */
static u8 tcp_accecn_extract_syn_ect(u8 ace)
{
	static const u8 ect[8] = {
		INET_ECN_ECT_0, INET_ECN_ECT_1, INET_ECN_NOT_ECT, INET_ECN_ECT_1,
		INET_ECN_ECT_0, INET_ECN_ECT_1, INET_ECN_CE,	  INET_ECN_ECT_1
	};

	return ect[ace & 7];
}

/* Could the codepoint have become that on its way? Only ECT may become CE. */
static bool tcp_accecn_validate_syn_feedback(struct sock *sk, u8 ace, u8 sent_ect)
{
	u8 ect = tcp_accecn_extract_syn_ect(ace);

	if (!sock_net(sk)->ipv4.sysctl_tcp_ecn_fallback)
		return true;
	if (ect == sent_ect || (ect == INET_ECN_CE && sent_ect != INET_ECN_NOT_ECT))
		return true;
	tcp_rare(tcp_sk(sk))->accecn->fail_mode |= TCP_ACCECN_ACE_FAIL_RECV;
	return false;
}

/* The option of a segment, NULL: none, or mangled. */
static const u8 *tcp_accecn_find_option(const struct tcphdr *th)
{
	const u8 *p = (const u8 *)(th + 1), *end = (const u8 *)th + th->doff * 4;

	while (p < end && *p != TCPOPT_EOL) {
		if (*p == TCPOPT_NOP) {
			p++;
			continue;
		}
		if (p + 1 >= end || p[1] < 2 || p + p[1] > end)
			return NULL;
		if (*p == TCPOPT_ACCECN0 || *p == TCPOPT_ACCECN1)
			return p;
		p += p[1];
	}
	return NULL;
}

/* What the first option of the peer tells: none of its counters can begin at 0 (E0B and E1B begin at 1). */
static u8 tcp_accecn_option_init(const u8 *opt)
{
	u32 optlen = opt[1];

	if (optlen < TCPOLEN_ACCECN_BASE + TCPOLEN_ACCECN_PERFIELD)
		return TCP_ACCECN_OPT_EMPTY_SEEN;
	if (!(opt[2] | opt[3] | opt[4]))
		return TCP_ACCECN_OPT_FAIL_SEEN;
	return TCP_ACCECN_OPT_COUNTER_SEEN;
}

static void tcp_accecn_saw_opt(struct tcp_accecn *a, u8 saw)
{
	a->saw_opt = saw;
	if (saw == TCP_ACCECN_OPT_FAIL_SEEN)
		a->fail_mode |= TCP_ACCECN_OPT_FAIL_RECV;
}

void tcp_accecn_rcv_synack(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const u8 *opt = tcp_accecn_find_option(th);
	u8 ace = tcp_accecn_ace(th);

	if (opt) {
		tcp_accecn_saw_opt(tcp_rare(tp)->accecn, tcp_accecn_option_init(opt));
		tcp_rare(tp)->accecn->opt_demand = 2;
	}
	if (tcp_accecn_validate_syn_feedback(sk, ace, tp->syn_ect_snt) &&
	    (ip_dsfield & INET_ECN_MASK) == INET_ECN_CE) {
		tp->received_ce++;
		tcp_rare(tp)->accecn->ce_pending++;
	}
}

void tcp_accecn_third_ack(struct sock *sk, const struct sk_buff *skb, u8 sent_ect)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ace = tcp_accecn_ace(tcp_hdr(skb));

	if (!tcp_rare(tp)->accecn)
		return;
	switch (ace) {
	case 0: /* never sent: something on the path wipes the bits */
		tcp_rare(tp)->accecn->fail_mode |= TCP_ACCECN_ACE_FAIL_RECV;
		break;
	case 1:
	case 5:
	case 7:
		break;
	default:
		/* The first segment after the SYN-ACK, if it is a plain ACK. */
		if (TCP_SKB_CB(skb)->seq == TCP_SKB_CB(skb)->end_seq && !TCP_SKB_CB(skb)->sacked &&
		    tcp_accecn_validate_syn_feedback(sk, ace, sent_ect) &&
		    tcp_accecn_extract_syn_ect(ace) == INET_ECN_CE && !tp->delivered_ce)
			tp->delivered_ce++;
	}
}

/* ---- what we tell ---- */

void tcp_accecn_set_ace(struct tcp_sock *tp, const struct tcp_skb_cb *tcb, struct tcphdr *th)
{
	u32 wire_ace;

	/* The end of the handshake reflects instead; the bits are in the packet's flags then. */
	if (tcb->tcp_flags & TCPHDR_ACE)
		return;
	wire_ace = tp->received_ce + TCP_ACCECN_CEP_INIT;
	th->ece = wire_ace & 1;
	th->cwr = wire_ace >> 1 & 1;
	th->ae = wire_ace >> 2 & 1;
	tcp_rare(tp)->accecn->ce_pending = 0;
}

/* Fields of the option that hold a codepoint's counter, counted from its beginning: ECT(1), CE, ECT(0). */
static u8 tcp_accecn_field_of(u8 ecn)
{
	return ecn == INET_ECN_ECT_1 ? 1 : ecn == INET_ECN_CE ? 2 : 3;
}

/**
 * tcp_accecn_received() - a segment came; @payload_len: bytes of data in it
 */
void tcp_accecn_received(struct sock *sk, const struct sk_buff *skb, u32 payload_len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_accecn *a = tcp_rare(tp)->accecn;
	u8 ecn = TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK;
	u32 pcount, old;

	if (!a || ecn == INET_ECN_NOT_ECT)
		return;
	tp->ecn_flags |= TCP_ECN_SEEN;
	pcount = ecn == INET_ECN_CE ? max_t(u32, 1, skb_gso_segs(skb)) : 0;
	tp->received_ce += pcount;
	a->ce_pending = (u8)min_t(u32, a->ce_pending + pcount, 15);
	if (!payload_len)
		return;
	old = a->received[ecn - 1];
	a->received[ecn - 1] += payload_len;
	a->minlen = (u8)max_t(u32, a->minlen, tcp_accecn_field_of(ecn));
	/* Before 24 bits can wrap. */
	if ((a->received[ecn - 1] ^ old) & 0xffc00000u)
		a->opt_demand = (u8)max_t(u32, 1, a->opt_demand);
}

/* @fields counters, kind 174: ECT(1), CE, ECT(0), padded to a multiple of 4 with NOPs. */
static u32 tcp_accecn_write(u8 *p, const u32 *bytes, u32 fields)
{
	static const u8 order[3] = { INET_ECN_ECT_1, INET_ECN_CE, INET_ECN_ECT_0 };
	u32 len = TCPOLEN_ACCECN_BASE + fields * TCPOLEN_ACCECN_PERFIELD;
	u32 padded = ALIGN_UP(len, 4u);

	if (!p)
		return padded;
	memset(p, TCPOPT_NOP, padded);
	p[0] = TCPOPT_ACCECN1;
	p[1] = (u8)len;
	for (u32 i = 0; i < fields; i++) {
		u32 v = bytes[order[i] - 1] + (order[i] != INET_ECN_CE);

		p[2 + 3 * i] = (u8)(v >> 16);
		p[3 + 3 * i] = (u8)(v >> 8);
		p[4 + 3 * i] = (u8)v;
	}
	return padded;
}

/* The most fields that fit, at least @required; else none (-1). */
static int tcp_accecn_fit(u32 required, u32 room)
{
	for (int n = 3; n >= (int)required; n--)
		if (ALIGN_UP(TCPOLEN_ACCECN_BASE + (u32)n * TCPOLEN_ACCECN_PERFIELD, 4u) <= room)
			return n;
	return -1;
}

/* Often enough, so that the peer does not take the option for lost: tcp_ecn_option_beacon times a round trip. */
static bool tcp_accecn_beacon(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 beacon = sock_net(sk)->ipv4.sysctl_tcp_ecn_option_beacon;

	return beacon &&
	       (u64)tcp_stamp_us_delta(tp->tcp_mstamp, tcp_rare(tp)->accecn->opt_tstamp) * beacon >=
		       tp->srtt_us >> 3;
}

u32 tcp_accecn_option(struct sock *sk, u8 *p, u32 room)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_accecn *a = tcp_rare(tp)->accecn;
	u8 setting = sock_net(sk)->ipv4.sysctl_tcp_ecn_option;
	int fields;

	if (!a || !tcp_ecn_mode_accecn(tp) || !setting || !a->saw_opt ||
	    (a->fail_mode & TCP_ACCECN_OPT_FAIL_SEND))
		return 0;
	if (setting < 2 && !a->opt_demand && !tcp_accecn_beacon(sk))
		return 0;
	fields = tcp_accecn_fit(a->minlen, room);
	if (fields < 0)
		return 0;
	if (p) {
		a->minlen = 0;
		a->opt_tstamp = tp->tcp_mstamp;
		if (a->opt_demand)
			a->opt_demand--;
	}
	return tcp_accecn_write(p, a->received, (u32)fields);
}

u32 tcp_accecn_synack_option(const struct request_sock *req, u8 *p, u32 room)
{
	static const u32 begin[3];
	int fields = req->accecn_ok ? tcp_accecn_fit(0, room) : -1;

	return fields < 0 ? 0 : tcp_accecn_write(p, begin, (u32)fields);
}

/* ---- what the peer tells ---- */

/* One 24-bit counter of the option. Return: by how much it grew, negative if it went back */
static s32 tcp_update_ecn_bytes(u32 *cnt, const u8 *from, u32 init)
{
	u32 wire = (u32)from[0] << 16 | (u32)from[1] << 8 | from[2];
	u32 delta = (wire - init - *cnt) & 0xffffff;
	s32 sdelta = (s32)(delta << 8) >> 8;

	*cnt += (u32)sdelta;
	return sdelta;
}

/* No option in this segment: if the peer uses one codepoint only, that one grew by all of it. */
static bool tcp_accecn_no_option(struct tcp_sock *tp, u32 delivered_bytes)
{
	struct tcp_accecn *a = tcp_rare(tp)->accecn;

	if (!a->saw_opt) {
		/* Too late for one: the counters may have wrapped unseen. */
		if (tp->bytes_sent >= (1u << 23) - 1)
			tcp_accecn_saw_opt(a, TCP_ACCECN_OPT_FAIL_SEEN);
		return false;
	}
	if (!a->est_ecnfield)
		return false;
	a->delivered[a->est_ecnfield - 1] += delivered_bytes;
	return true;
}

/* Return: true: the counters moved by what this ACK delivered */
static bool tcp_accecn_process_option(struct tcp_sock *tp, const struct tcphdr *th,
				      u32 delivered_bytes, int flag)
{
	static const u8 order[2][3] = { { INET_ECN_ECT_0, INET_ECN_CE, INET_ECN_ECT_1 },
					{ INET_ECN_ECT_1, INET_ECN_CE, INET_ECN_ECT_0 } };
	struct tcp_accecn *a = tcp_rare(tp)->accecn;
	const u8 *opt = flag & FLAG_SLOWPATH ? tcp_accecn_find_option(th) : NULL;
	bool first_changed = false, ambiguous = false, valid = a->est_ecnfield != 0;
	const u8 *ecn;

	if (a->fail_mode & TCP_ACCECN_OPT_FAIL_RECV)
		return false;
	if (!opt)
		return tcp_accecn_no_option(tp, delivered_bytes);
	ecn = order[opt[0] == TCPOPT_ACCECN1];
	if (a->saw_opt < TCP_ACCECN_OPT_COUNTER_SEEN)
		tcp_accecn_saw_opt(a, tcp_accecn_option_init(opt));
	for (int i = 0; i < 3 && 2 + 3 * (i + 1) <= opt[1]; i++) {
		s32 delta = tcp_update_ecn_bytes(&a->delivered[ecn[i] - 1], opt + 2 + 3 * i,
						 ecn[i] != INET_ECN_CE);

		if (!delta)
			continue;
		if (delta < 0 || first_changed) {
			valid = false;
			ambiguous = true;
		} else {
			a->est_ecnfield = ecn[i];
			first_changed = true;
		}
	}
	if (ambiguous)
		a->est_ecnfield = 0;
	return valid;
}

/* ACE may have wrapped: between @delta and @safe_delta, what do the bytes say? */
static u32 tcp_accecn_by_bytes(struct sock *sk, u32 d_ceb, u32 delta, u32 safe_delta,
			       u32 delivered_pkts, u32 delivered_bytes)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!d_ceb)
		return delta;
	if (delivered_pkts >= (ACE_MASK + 1) * 2 &&
	    (tcp_is_sack(tp) ||
	     ((1 << inet_csk(sk)->icsk_ca_state) & (TCPF_CA_Open | TCPF_CA_CWR)))) {
		u32 est_d_cep;

		if (delivered_bytes <= d_ceb)
			return safe_delta;
		est_d_cep = (u32)(((u64)d_ceb * delivered_pkts + delivered_bytes - 1) /
				  delivered_bytes);
		return min_t(u32, safe_delta, delta + (est_d_cep & ~(u32)ACE_MASK));
	}
	if (d_ceb > delta * tp->mss_cache)
		return safe_delta;
	if (d_ceb < safe_delta * tp->mss_cache >> ACCECN_SAFETY_SHIFT)
		return delta;
	return safe_delta;
}

static u32 tcp_accecn_delta(struct sock *sk, const struct sk_buff *skb, u32 delivered_pkts,
			    u32 delivered_bytes, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcphdr *th = tcp_hdr(skb);
	u32 old_ceb = tcp_rare(tp)->accecn->delivered[INET_ECN_CE - 1], delta, safe_delta;
	bool opt_deltas_valid;

	/* Perhaps an old ACK that was overtaken. */
	if (!(flag & (FLAG_FORWARD_PROGRESS | FLAG_TS_PROGRESS)))
		return 0;
	opt_deltas_valid = tcp_accecn_process_option(tp, th, delivered_bytes, flag);
	/* As predicted, ACE and all; unless so much was delivered that it is the same again. */
	if (!(flag & FLAG_SLOWPATH) && delivered_pkts <= ACE_MASK)
		return 0;
	if (flag & FLAG_SYN_ACKED)
		return 0;
	if (tcp_rare(tp)->accecn->ce_pending >= ACE_MAX_DELTA)
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
	delta = (tcp_accecn_ace(th) - TCP_ACCECN_CEP_INIT - tp->delivered_ce) & ACE_MASK;
	if (delivered_pkts <= ACE_MASK)
		return delta;
	safe_delta = delivered_pkts - ((delivered_pkts - delta) & ACE_MASK);
	if (!opt_deltas_valid)
		return safe_delta;
	return tcp_accecn_by_bytes(sk, tcp_rare(tp)->accecn->delivered[INET_ECN_CE - 1] - old_ceb,
				   delta, safe_delta, delivered_pkts, delivered_bytes);
}

u32 tcp_accecn_process(struct sock *sk, const struct sk_buff *skb, u32 delivered_pkts,
		       u32 delivered_bytes, int *flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delta = tcp_accecn_delta(sk, skb, delivered_pkts, delivered_bytes, *flag);

	if (!delta)
		return 0;
	tp->delivered_ce += delta;
	*flag |= FLAG_ECE;
	/* ACE is part of what is predicted. */
	if (tp->pred_flags)
		tcp_fast_path_on(tp);
	return delta;
}
