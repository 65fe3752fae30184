/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_dctcp.c - DCTCP (RFC 8257): reduce in proportion to how much was marked.
 *
 * DOC: DCTCP
 * alpha, in 1/1024, is the moving average (weight 1/16) of the share of packets that were CE-marked; once a window of data
 * the window shrinks by alpha / 2. The receiver has to tell exactly which packets were marked: with classic ECN it
 * sends an ACK at once when the mark changes, for what came before, with the old echo. Without ECN on the connection
 * this is Reno.
 */
#include "net/tcp.h"

#define DCTCP_MAX_ALPHA	    1024U
#define DCTCP_SHIFT_G	    4
#define INET_DIAG_DCTCPINFO 9

/**
 * struct dctcp - in icsk_ca_priv
 * @old_delivered, @old_delivered_ce: at the beginning of the window of data that ends at @next_seq
 * @dctcp_alpha: 0..1024; @prior_rcv_nxt: before the newest segment; @ce_state: was it marked?; @loss_cwnd: before the last loss
 */
struct dctcp {
	u32 old_delivered;
	u32 old_delivered_ce;
	u32 prior_rcv_nxt;
	u32 dctcp_alpha;
	u32 next_seq;
	u32 ce_state;
	u32 loss_cwnd;
};
static_assert(sizeof(struct dctcp) <= ICSK_CA_PRIV_SIZE, "dctcp's state fits");

static void dctcp_reset(const struct tcp_sock *tp, struct dctcp *ca)
{
	ca->next_seq = tp->snd_nxt;
	ca->old_delivered = tp->delivered;
	ca->old_delivered_ce = tp->delivered_ce;
}

static void dctcp_init(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct dctcp *ca = inet_csk_ca(sk);

	if (!tcp_ecn_mode(tp) && sk->sk_state != TCP_LISTEN && sk->sk_state != TCP_CLOSE) {
		/* The peer has no ECN. */
		inet_csk(sk)->icsk_ca_ops = &tcp_dctcp_reno;
		inet_sk(sk)->tos &= (u8)~INET_ECN_MASK;
		return;
	}
	ca->prior_rcv_nxt = tp->rcv_nxt;
	ca->dctcp_alpha = DCTCP_MAX_ALPHA;
	ca->loss_cwnd = 0;
	ca->ce_state = 0;
	dctcp_reset(tp, ca);
}

static u32 dctcp_ssthresh(struct sock *sk)
{
	struct dctcp *ca = inet_csk_ca(sk);
	u32 cwnd = tcp_sk(sk)->snd_cwnd;

	ca->loss_cwnd = cwnd;
	return max_t(u32, cwnd - ((cwnd * ca->dctcp_alpha) >> 11U), 2);
}

/* Each ACK; once a window of data: the share of marks. */
static void dctcp_update_alpha(struct sock *sk, u32 flags)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct dctcp *ca = inet_csk_ca(sk);
	u32 alpha, old, delivered_ce;

	if (before(tp->snd_una, ca->next_seq))
		return;
	delivered_ce = tp->delivered_ce - ca->old_delivered_ce;
	alpha = ca->dctcp_alpha;
	/* Without marks it must get down to 0, which shifting alone does not do. */
	old = alpha >> DCTCP_SHIFT_G;
	alpha -= old ? old : alpha;
	if (delivered_ce) {
		u32 delivered = tp->delivered - ca->old_delivered;

		alpha += (delivered_ce << (10 - DCTCP_SHIFT_G)) / max_t(u32, 1, delivered);
		alpha = min_t(u32, alpha, DCTCP_MAX_ALPHA);
	}
	ca->dctcp_alpha = alpha;
	dctcp_reset(tp, ca);
}

static void dctcp_react_to_loss(struct sock *sk)
{
	struct dctcp *ca = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	ca->loss_cwnd = tp->snd_cwnd;
	tp->snd_ssthresh = max_t(u32, tp->snd_cwnd >> 1, 2);
}

static void dctcp_state(struct sock *sk, u8 new_state)
{
	/* A loss halves as ever; a timeout does so by itself (tcp_enter_loss() asked for ssthresh already). */
	if (new_state == TCP_CA_Recovery && new_state != inet_csk(sk)->icsk_ca_state)
		dctcp_react_to_loss(sk);
}

static void dctcp_ece_ack_cwr(struct sock *sk, u32 ce_state)
{
	if (ce_state)
		tcp_sk(sk)->ecn_flags |= TCP_ECN_DEMAND_CWR;
	else
		tcp_sk(sk)->ecn_flags &= (u8)~TCP_ECN_DEMAND_CWR;
}

/* A segment came whose mark may differ from the one before (RFC 8257 3.2). */
static void dctcp_ece_ack_update(struct sock *sk, enum tcp_ca_event evt)
{
	struct dctcp *ca = inet_csk_ca(sk);
	u32 new_ce_state = evt == CA_EVENT_ECN_IS_CE;

	if (ca->ce_state != new_ce_state) {
		if (inet_csk(sk)->icsk_ack.pending & ICSK_ACK_TIMER) {
			dctcp_ece_ack_cwr(sk, ca->ce_state);
			__tcp_send_ack(sk, ca->prior_rcv_nxt, 0);
		}
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
	}
	ca->prior_rcv_nxt = tcp_sk(sk)->rcv_nxt;
	ca->ce_state = new_ce_state;
	dctcp_ece_ack_cwr(sk, new_ce_state);
}

static void dctcp_cwnd_event(struct sock *sk, enum tcp_ca_event ev)
{
	switch (ev) {
	case CA_EVENT_ECN_IS_CE:
	case CA_EVENT_ECN_NO_CE:
		dctcp_ece_ack_update(sk, ev);
		break;
	case CA_EVENT_LOSS:
		dctcp_react_to_loss(sk);
		break;
	default:
		break;
	}
}

static size_t dctcp_get_info(struct sock *sk, u32 ext, int *attr, union tcp_cc_info *info)
{
	const struct dctcp *ca = inet_csk_ca(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!(ext & (1u << (INET_DIAG_DCTCPINFO - 1))) && !(ext & (1u << (3 - 1))))
		return 0;
	memset(&info->dctcp, 0, sizeof(info->dctcp));
	if (inet_csk(sk)->icsk_ca_ops != &tcp_dctcp_reno) {
		info->dctcp.dctcp_enabled = 1;
		info->dctcp.dctcp_ce_state = (u16)ca->ce_state;
		info->dctcp.dctcp_alpha = ca->dctcp_alpha;
		info->dctcp.dctcp_ab_ecn =
			tp->mss_cache * (tp->delivered_ce - ca->old_delivered_ce);
		info->dctcp.dctcp_ab_tot = tp->mss_cache * (tp->delivered - ca->old_delivered);
	}
	*attr = INET_DIAG_DCTCPINFO;
	return sizeof(info->dctcp);
}

static u32 dctcp_cwnd_undo(struct sock *sk)
{
	const struct dctcp *ca = inet_csk_ca(sk);

	return max_t(u32, tcp_sk(sk)->snd_cwnd, ca->loss_cwnd);
}

const struct tcp_congestion_ops tcp_dctcp = {
	.name = "dctcp",
	.key = 4,
	.flags = TCP_CONG_NEEDS_ECN,
	.private_size = sizeof(struct dctcp),
	.init = dctcp_init,
	.in_ack_event = dctcp_update_alpha,
	.cwnd_event = dctcp_cwnd_event,
	.ssthresh = dctcp_ssthresh,
	.cong_avoid = tcp_reno_cong_avoid,
	.undo_cwnd = dctcp_cwnd_undo,
	.set_state = dctcp_state,
	.get_info = dctcp_get_info,
};

const struct tcp_congestion_ops tcp_dctcp_reno = {
	.name = "dctcp-reno",
	.key = 5,
	.ssthresh = tcp_reno_ssthresh,
	.cong_avoid = tcp_reno_cong_avoid,
	.undo_cwnd = tcp_reno_undo_cwnd,
	.get_info = dctcp_get_info,
};
