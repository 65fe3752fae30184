/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_undo.c - it was no loss: take back a reduction of the window.
 *
 * DOC: Undo
 * An episode (Recovery or Loss) that may be undone has undo_marker set to where it began. Two proofs are taken that nothing
 * was lost: the receiver reported each of our retransmissions as a duplicate (undo_retrans counts down to 0 with DSACKs,
 * RFC 3708; -1: nothing was retransmitted yet), or the ACK that ends the hole echoes a time stamp from before the first
 * retransmission (retrans_stamp; Eifel, RFC 3522). prior_ssthresh 0 forbids to restore the window: the network said
 * itself, by ECN, that it is full.
 */
#include "tcp_ack.h"

bool tcp_any_retrans_done(const struct sock *sk)
{
	const struct sk_buff *skb;

	if (tcp_sk(sk)->retrans_out)
		return true;
	skb = tcp_rtx_queue_head(sk);
	return skb && (TCP_SKB_CB(skb)->sacked & TCPCB_EVER_RETRANS);
}

void tcp_retrans_stamp_cleanup(struct sock *sk)
{
	if (!tcp_any_retrans_done(sk))
		tcp_sk(sk)->retrans_stamp = 0;
}

bool tcp_tsopt_ecr_before(const struct tcp_sock *tp, u32 when)
{
	return tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr && before(tp->rx_opt.rcv_tsecr, when);
}

bool tcp_skb_spurious_retrans(const struct tcp_sock *tp, const struct sk_buff *skb)
{
	return (TCP_SKB_CB(skb)->sacked & TCPCB_RETRANS) &&
	       tcp_tsopt_ecr_before(tp, tcp_skb_timestamp_ts(tp, skb));
}

/* The original was late, not lost. */
static bool tcp_packet_delayed(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->retrans_stamp)
		return tcp_tsopt_ecr_before(tp, tp->retrans_stamp);
	/* No stamp: nothing went out again (the device's queue may hold it back) - except where the stamp was wiped although
	 * something did: without SACK at the end of a recovery, and by the ACK of a SYN. */
	if (tcp_is_reno(tp) && !before(tp->snd_una, tp->high_seq))
		return false;
	return sk->sk_state != TCP_SYN_SENT;
}

static bool tcp_may_undo(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tp->undo_marker && (!tcp_loss(tp)->undo_retrans || tcp_packet_delayed(sk));
}

/* Without SACK, duplicates of the retransmissions would start a recovery anew: the state is held until more than high_seq is
 * acknowledged (RFC 6582 3.2). */
static bool tcp_is_non_sack_preventing_reopen(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->snd_una != tp->high_seq || !tcp_is_reno(tp))
		return false;
	tcp_retrans_stamp_cleanup(sk);
	return true;
}

/**
 * tcp_init_undo() - an episode begins: what has to be reported duplicate before it can be undone
 */
void tcp_init_undo(struct tcp_sock *tp)
{
	struct tcp_loss *loss = tcp_loss_make(tp);

	tp->undo_marker = loss ? tp->snd_una : 0;
	if (!loss)
		return;
	loss->undo_retrans = (int)tp->retrans_out;
	if (tp->tlp_high_seq && tp->tlp_retrans)
		loss->undo_retrans++;
	/* 0 says that all of them were duplicates. */
	if (!loss->undo_retrans)
		loss->undo_retrans = -1;
}

void tcp_forbid_undo(struct tcp_sock *tp)
{
	if (tp->loss)
		tp->loss->prior_ssthresh = 0;
}

void tcp_undo_cwnd_reduction(struct sock *sk, bool unmark_loss)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unmark_loss) {
		for (struct sk_buff *skb = tcp_rtx_queue_head(sk); skb; skb = skb_rb_next(skb))
			TCP_SKB_CB(skb)->sacked &= (u8)~TCPCB_LOST;
		tp->lost_out = 0;
		tcp_clear_all_retrans_hints(tp);
	}
	if (tcp_loss(tp)->prior_ssthresh) {
		tcp_snd_cwnd_set(tp, inet_csk(sk)->icsk_ca_ops->undo_cwnd(sk));
		if (tcp_loss(tp)->prior_ssthresh > tp->snd_ssthresh) {
			tp->snd_ssthresh = tcp_loss(tp)->prior_ssthresh;
			tcp_ecn_withdraw_cwr(tp);
		}
	}
	journey_sock(sock_net(sk), sk, "nothing had been lost: cwnd is %u again", tp->snd_cwnd);
	tp->snd_cwnd_stamp = tcp_jiffies32(sk);
	tp->undo_marker = 0;
	tp->rack.advanced = 1; /* have RACK look again at what is no longer marked */
}

bool tcp_try_undo_recovery(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_may_undo(sk)) {
		tcp_undo_cwnd_reduction(sk, false);
		NET_INC_STATS(sock_net(sk), inet_csk(sk)->icsk_ca_state == TCP_CA_Loss ?
						    LINUX_MIB_TCPLOSSUNDO :
						    LINUX_MIB_TCPFULLUNDO);
	} else if (tp->rack.reo_wnd_persist) {
		tp->rack.reo_wnd_persist--;
	}
	if (tcp_is_non_sack_preventing_reopen(sk))
		return true;
	tcp_set_ca_state(sk, TCP_CA_Open);
	tp->is_sack_reneg = 0;
	return false;
}

/**
 * tcp_try_undo_dsack() - every retransmission was reported as a duplicate: undo
 */
bool tcp_try_undo_dsack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->undo_marker || tcp_loss(tp)->undo_retrans)
		return false;
	tp->rack.reo_wnd_persist =
		(u8)min_t(u32, TCP_RACK_RECOVERY_THRESH, tp->rack.reo_wnd_persist + 1u) & 31;
	tcp_undo_cwnd_reduction(sk, false);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPDSACKUNDO);
	return true;
}

/**
 * tcp_try_undo_loss() - out of Loss if the timeout was spurious; @frto_undo: F-RTO says so
 */
bool tcp_try_undo_loss(struct sock *sk, bool frto_undo)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!frto_undo && !tcp_may_undo(sk))
		return false;
	tcp_undo_cwnd_reduction(sk, true);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSUNDO);
	if (frto_undo)
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSPURIOUSRTOS);
	inet_csk(sk)->icsk_retransmits = 0;
	if (tcp_is_non_sack_preventing_reopen(sk))
		return true;
	if (frto_undo || tcp_is_sack(tp)) {
		tcp_set_ca_state(sk, TCP_CA_Open);
		tp->is_sack_reneg = 0;
	}
	return true;
}

bool tcp_try_undo_partial(struct sock *sk, u32 prior_snd_una)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->undo_marker || !tcp_packet_delayed(sk))
		return false;
	/* The original filled the hole: reordering. */
	tcp_check_sack_reordering(sk, prior_snd_una, 1);
	if (tp->retrans_out)
		return true;
	tcp_retrans_stamp_cleanup(sk);
	tcp_undo_cwnd_reduction(sk, true);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPPARTIALUNDO);
	tcp_try_keep_open(sk);
	return false;
}

void tcp_try_keep_open(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 state = TCP_CA_Open;

	if (tcp_left_out(tp) || tcp_any_retrans_done(sk))
		state = TCP_CA_Disorder;
	if (inet_csk(sk)->icsk_ca_state != state) {
		tcp_set_ca_state(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

/**
 * tcp_try_undo_spurious_syn() - the SYN or SYN-ACK was retransmitted for nothing: the initial window stays what it would have been
 */
void tcp_try_undo_spurious_syn(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 syn_stamp = tp->retrans_stamp;

	if (tp->undo_marker && syn_stamp && tp->rx_opt.saw_tstamp &&
	    syn_stamp == tp->rx_opt.rcv_tsecr)
		tp->undo_marker = 0;
}
