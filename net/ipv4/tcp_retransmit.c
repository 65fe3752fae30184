// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_retransmit.c - sending again what was marked lost, or what a timer says.
 *
 * DOC: Retransmission
 * Who decides what is lost is elsewhere (tcp_recovery.c, tcp_timer.c); here the marked packets of the tree go out again,
 * oldest first, as far as the congestion window allows. A packet may be cut to what fits the peer's window now, or small
 * ones behind each other may become one.
 */
#include "tcp_output.h"

#include "net/inet_sock.h"

/* ---- several small packets as one ---- */

static bool can_collapse(const struct sk_buff *skb)
{
	return tcp_skb_pcount(skb) <= 1 && !(TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_ACKED);
}

/* The stamp that was asked for with @next's last byte is now one of @skb's. */
static void collapse_tstamp(struct sk_buff *skb, const struct sk_buff *next)
{
	if (likely(!next->tx_flags && !TCP_SKB_CB(next)->txstamp_ack))
		return;
	skb->tx_flags |= next->tx_flags;
	skb->tskey = next->tskey;
	TCP_SKB_CB(skb)->txstamp_ack |= TCP_SKB_CB(next)->txstamp_ack;
}

static bool collapse_retrans(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *next = skb_rb_next(skb);
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb), *ncb = TCP_SKB_CB(next);
	struct tcp_sock *tp = tcp_sk(sk);

	if (next->len && !skb_shift(sock_skiff(sk), skb, next, next->len))
		return false;
	tcp_highest_sack_replace(sk, next, skb);
	tcb->end_seq = ncb->end_seq;
	tcb->tcp_flags |= ncb->tcp_flags;
	tcb->sacked |= ncb->sacked & TCPCB_EVER_RETRANS;
	tcb->eor = ncb->eor;
	if (next == tcp_loss(tp)->retransmit_skb_hint)
		tp->loss->retransmit_skb_hint = skb;
	tcp_adjust_pcount(sk, next, tcp_skb_pcount(next));
	collapse_tstamp(skb, next);
	tcp_rtx_queue_unlink_and_free(next, sk);
	return true;
}

static void retrans_try_collapse(struct sock *sk, struct sk_buff *to, int space)
{
	struct sk_buff *skb;

	if (!sock_net(sk)->ipv4.sysctl_tcp_retrans_collapse ||
	    (TCP_SKB_CB(to)->tcp_flags & TCPHDR_SYN) || !can_collapse(to))
		return;
	space -= (int)to->len;
	while ((skb = skb_rb_next(to))) {
		if (!can_collapse(skb) || !tcp_skb_can_collapse_to(to))
			return;
		space -= (int)skb->len;
		if (space < 0 || after(TCP_SKB_CB(skb)->end_seq, tcp_wnd_end(tcp_sk(sk))) ||
		    !collapse_retrans(sk, to))
			return;
	}
}

/* ---- one packet ---- */

/* What was acknowledged of it goes: a SYN or the first bytes. 0 or -EINVAL: all of it was */
static int trim_acked(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
	u32 una = tcp_sk(sk)->snd_una;

	if (before(tcb->seq, una) && (tcb->tcp_flags & TCPHDR_SYN)) {
		tcb->tcp_flags &= (u16)~TCPHDR_SYN;
		tcb->seq++;
	}
	if (!before(tcb->seq, una))
		return 0;
	if (before(tcb->end_seq, una))
		return -EINVAL;
	return tcp_trim_head(sk, skb, una - tcb->seq);
}

/* Cut @skb to @segs segments and to the window, or fill it up to one segment. */
static int fit_window(struct sock *sk, struct sk_buff *skb, u32 cur_mss, int segs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int avail = (int)(tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq), diff;
	u32 len = cur_mss * (u32)segs;

	/* The peer took its window back: only the first packet goes, as a probe. */
	if (avail <= 0) {
		if (TCP_SKB_CB(skb)->seq != tp->snd_una)
			return -EAGAIN;
		avail = (int)cur_mss;
	}
	if ((int)len > avail) {
		len = (u32)avail - (u32)avail % cur_mss;
		if (!len)
			len = (u32)avail;
	}
	if (skb->len > len)
		return tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, len, cur_mss) ? -ENOMEM : 0;
	diff = tcp_skb_pcount(skb);
	tcp_set_skb_tso_segs(skb, cur_mss);
	diff -= tcp_skb_pcount(skb);
	if (diff)
		tcp_adjust_pcount(sk, skb, diff);
	avail = min_t(int, avail, (int)cur_mss);
	if ((int)skb->len < avail)
		retrans_try_collapse(sk, skb, avail);
	return 0;
}

int __tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	struct tcp_loss *loss;
	int err;

	/* Whatever becomes of the MTU probe, it would tell nothing now. */
	inet_csk(sk)->icsk_mtup.probe_size = 0;
	err = trim_acked(sk, skb);
	if (err)
		return err;
	if (inet_sk_rebuild_header(sk))
		return -EHOSTUNREACH;
	err = fit_window(sk, skb, tcp_current_mss(sk), segs);
	if (err)
		return err;
	if ((tcb->tcp_flags & TCPHDR_SYN_ECN) == TCPHDR_SYN_ECN)
		tcp_ecn_clear_syn(sk, skb);
	segs = tcp_skb_pcount(skb);
	net->mib.tcp_statistics[TCP_MIB_RETRANSSEGS] += (u32)segs;
	if (tcb->tcp_flags & TCPHDR_SYN)
		NET_INC_STATS(net, LINUX_MIB_TCPSYNRETRANS);
	loss = tcp_loss_make(tp);
	if (loss) {
		loss->total_retrans += (u32)segs;
		loss->bytes_retrans += skb->len;
	}
	err = tcp_transmit_skb(sk, skb, 1);
	if (err && err != -EBUSY)
		NET_ADD_STATS(net, LINUX_MIB_TCPRETRANSFAIL, (u32)segs);
	/* Sent or not: its time of sending is no sample of the round trip any more. */
	tcb->sacked |= TCPCB_EVER_RETRANS;
	return err;
}

int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err = __tcp_retransmit_skb(sk, skb, segs);
	struct tcp_loss *loss;

	if (!err) {
		TCP_SKB_CB(skb)->sacked |= TCPCB_RETRANS;
		tp->retrans_out += (u32)tcp_skb_pcount(skb);
	}
	if (!tp->retrans_stamp)
		tp->retrans_stamp = tcp_skb_timestamp_ts(tp, skb);
	loss = tcp_loss_make(tp);
	if (loss)
		loss->undo_retrans = max_t(int, loss->undo_retrans, 0) + tcp_skb_pcount(skb);
	return err;
}

/* ---- all that are marked ---- */

/* One packet of the walk. Return: < 0 stop, 0 passed over, 1 sent */
static int retransmit_one(struct sock *sk, struct sk_buff *skb, u32 max_segs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int segs = (int)(tp->snd_cwnd - tcp_packets_in_flight(tp));
	u8 sacked = TCP_SKB_CB(skb)->sacked;
	int mib = inet_csk(sk)->icsk_ca_state != TCP_CA_Loss ? LINUX_MIB_TCPFASTRETRANS :
							       LINUX_MIB_TCPSLOWSTARTRETRANS;

	if (segs <= 0 || tp->retrans_out >= tp->lost_out)
		return -1;
	if (!(sacked & TCPCB_LOST) || (sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS)))
		return 0;
	segs = min_t(int, segs, (int)max_segs);
	if (tcp_small_queue_check(sk, skb, 1) || tcp_retransmit_skb(sk, skb, segs))
		return -1;
	NET_ADD_STATS(sock_net(sk), mib, (u32)tcp_skb_pcount(skb));
	if (tcp_in_cwnd_reduction(sk) && tp->loss)
		tp->loss->prr_out += (u32)tcp_skb_pcount(skb);
	return 1;
}

void tcp_xmit_retransmit_queue(struct sock *sk)
{
	struct sk_buff *skb, *head, *hole = NULL;
	struct tcp_sock *tp = tcp_sk(sk);
	bool rearm_timer = false;
	u32 max_segs;
	int res;

	if (!tp->packets_out)
		return;
	head = tcp_rtx_queue_head(sk);
	skb = tcp_loss(tp)->retransmit_skb_hint ? tcp_loss(tp)->retransmit_skb_hint : head;
	max_segs = tcp_tso_segs(sk, tcp_current_mss(sk));
	for (; skb; skb = skb_rb_next(skb)) {
		if (tcp_pacing_check(sk))
			break;
		/* Where the next walk begins: here, or at the first one that may yet be marked. */
		if (!hole && tp->loss)
			tp->loss->retransmit_skb_hint = skb;
		res = retransmit_one(sk, skb, max_segs);
		if (res < 0)
			break;
		if (!res && !hole && !(TCP_SKB_CB(skb)->sacked & TCPCB_TAGBITS))
			hole = skb;
		if (res && skb == head && inet_csk(sk)->icsk_pending != ICSK_TIME_REO_TIMEOUT)
			rearm_timer = true;
	}
	if (rearm_timer)
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, inet_csk(sk)->icsk_rto, true);
}
