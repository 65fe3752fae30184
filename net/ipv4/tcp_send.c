// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_send.c - segments that carry no data: ACK (at once or held back), FIN, RST, probes.
 *
 * DOC: Delayed acknowledgements (RFC 1122 4.2.3.2, RFC 9293 3.8.6.3)
 * An ACK is held back for icsk_ack.ato ticks, which follows the spacing of the data that arrive (40 ms to 200 ms, never
 * beyond the peer's least timeout), in the hope that data will carry it. Two modes turn that off: quick mode, for as many
 * ACKs as icsk_ack.quick says (beginning, after a loss or a pause), and no "ping-pong": data flow one way only.
 */
#include "tcp_output.h"
#include "net/sock_mem.h"

void tcp_init_nondata_skb(struct sk_buff *skb, u32 seq, u16 flags)
{
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);

	memset(tcb, 0, sizeof(*tcb));
	skb->cold = 1;
	tcb->tcp_flags = flags;
	tcb->tcp_gso_segs = 1;
	tcb->seq = seq;
	/* SYN and FIN take a number each. */
	tcb->end_seq = seq + (flags & (TCPHDR_SYN | TCPHDR_FIN) ? 1 : 0);
}

u32 tcp_acceptable_seq(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 end = tcp_wnd_end(tp);

	/* An end that is only off by the rounding of the scaled window is none. */
	if (!before(end, tp->snd_nxt) ||
	    (tp->rx_opt.wscale_ok && tp->snd_nxt - end < 1U << tp->rx_opt.rcv_wscale))
		return tp->snd_nxt;
	return end;
}

/* ---- ACK ---- */

/* No memory for an ACK: try again after a while, later each time. */
static __noinline_cold void ack_later(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u64 delay = (u64)icsk->icsk_delack_max << icsk->icsk_ack.retry;

	if (delay < tcp_rto_max(sk))
		icsk->icsk_ack.retry++;
	inet_csk_schedule_ack(sk);
	icsk->icsk_ack.ato = TCP_ATO_MIN;
	icsk->icsk_ack.pending |= ICSK_ACK_TIMER;
	inet_csk_reset_delack(sk, min_t(u64, delay, tcp_rto_max(sk)));
}

void __tcp_send_ack(struct sock *sk, u32 rcv_nxt, u16 flags)
{
	struct sk_buff *skb;

	if (sk->sk_state == TCP_CLOSE)
		return;
	skb = tcp_alloc_control(sk);
	if (unlikely(!skb)) {
		ack_later(sk);
		return;
	}
	/* As good as nothing in the accounts: ACKs must not hold back data. */
	skb->truesize = 2;
	tcp_init_nondata_skb(skb, tcp_acceptable_seq(sk), TCPHDR_ACK | flags);
	__tcp_transmit_skb(sk, skb, 0, rcv_nxt);
}

void tcp_send_ack(struct sock *sk)
{
	__tcp_send_ack(sk, tcp_sk(sk)->rcv_nxt, 0);
}

/* How long an ACK may be held back at most: below the least timeout that the peer may have towards us. */
static u32 delack_max(const struct sock *sk)
{
	u32 below_rto = max_t(u32, tcp_rto_min(sk), 2) - 1;

	return min_t(u32, inet_csk(sk)->icsk_delack_max, below_rto);
}

static u32 delack_time(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	u32 ato = icsk->icsk_ack.ato, max_ato = HZ / 2, srtt = tcp_sk(sk)->srtt_us;

	if (ato > TCP_DELACK_MIN) {
		if (inet_csk_in_pingpong_mode(sk) || (icsk->icsk_ack.pending & ICSK_ACK_PUSHED))
			max_ato = TCP_DELACK_MAX;
		if (srtt)
			max_ato = min_t(u32, max_ato,
					max_t(u32, usecs_to_jiffies(srtt >> 3), TCP_DELACK_MIN));
		ato = min_t(u32, ato, max_ato);
	}
	return min_t(u32, ato, delack_max(sk));
}

void tcp_send_delayed_ack(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 ato = delack_time(sk), now = tcp_jiffies32(sk), left;

	if (icsk->icsk_ack.pending & ICSK_ACK_TIMER) {
		s32 until = (s32)(icsk->delack_deadline - now);

		left = until > 0 ? (u32)until : 0;
		/* About to be sent anyway: now. */
		if (left <= ato >> 2) {
			tcp_send_ack(sk);
			return;
		}
		if (left <= ato) {
			icsk->icsk_ack.pending |= ICSK_ACK_SCHED;
			return;
		}
	}
	icsk->icsk_ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
	inet_csk_reset_delack(sk, ato);
}

/* ---- FIN ---- */

/* The FIN goes with the last data if they were not sent. Return: done */
static bool fin_on_tail(struct sock *sk)
{
	struct sk_buff *tail = tcp_write_queue_tail(sk), *skb = tail;
	struct tcp_sock *tp = tcp_sk(sk);

	/* Short of memory: on data that were sent, as if it had been with them; the retransmission will have it. */
	if (!skb && tcp_under_memory_pressure(sk))
		skb = tcp_rtx_queue_tail(sk);
	if (!skb)
		return false;
	TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_FIN;
	TCP_SKB_CB(skb)->end_seq++;
	tp->write_seq++;
	if (!tail)
		tp->snd_nxt++;
	return true;
}

void tcp_send_fin(struct sock *sk)
{
	struct sk_buff *skb;

	if (!fin_on_tail(sk)) {
		skb = tcp_alloc_control(sk);
		if (unlikely(!skb))
			return;
		if (sk_has_account(sk) && sk->sk_forward_alloc < (int)skb->truesize)
			sk_forced_mem_schedule(sk, (int)skb->truesize);
		tcp_init_nondata_skb(skb, tcp_sk(sk)->write_seq, TCPHDR_ACK | TCPHDR_FIN);
		tcp_queue_skb(sk, skb);
	} else if (!tcp_send_head(sk)) {
		return;
	}
	__tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
}

/* ---- RST ---- */

void tcp_send_active_reset(struct sock *sk, int reason)
{
	struct net *net = sock_net(sk);
	struct sk_buff *skb = tcp_alloc_control(sk);

	(void)reason;
	TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
	if (!skb) {
		NET_INC_STATS(net, LINUX_MIB_TCPABORTFAILED);
		return;
	}
	tcp_init_nondata_skb(skb, tcp_acceptable_seq(sk), TCPHDR_ACK | TCPHDR_RST);
	tcp_mstamp_refresh(tcp_sk(sk));
	if (tcp_transmit_skb(sk, skb, 0))
		NET_INC_STATS(net, LINUX_MIB_TCPABORTFAILED);
}

/* ---- probes: a closed window, a silent peer ---- */

int tcp_xmit_probe_skb(struct sock *sk, bool urgent, int mib)
{
	struct sk_buff *skb = tcp_alloc_control(sk);

	if (!skb)
		return -1;
	/* A number that the peer has acknowledged: it will say again what it wants and how much. */
	tcp_init_nondata_skb(skb, tcp_sk(sk)->snd_una - !urgent, TCPHDR_ACK);
	NET_INC_STATS(sock_net(sk), mib);
	return tcp_transmit_skb(sk, skb, 0);
}

void tcp_send_window_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state != TCP_ESTABLISHED)
		return;
	tp->snd_wl1 = tp->rcv_nxt - 1;
	tcp_mstamp_refresh(tp);
	tcp_xmit_probe_skb(sk, false, LINUX_MIB_TCPWINPROBE);
}

/* The part of @skb that the window has room for, which Nagle or the sender's avoidance of small segments had kept. */
static int wakeup_with_data(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
	u32 mss = tcp_current_mss(sk), seg_size = tcp_wnd_end(tp) - tcb->seq;
	int err;

	if (before(tp->pushed_seq, tcb->end_seq))
		tp->pushed_seq = tcb->end_seq;
	if (seg_size < tcb->end_seq - tcb->seq || skb->len > mss) {
		seg_size = min_t(u32, seg_size, mss);
		tcb->tcp_flags |= TCPHDR_PSH;
		if (seg_size < skb->len &&
		    tcp_fragment(sk, TCP_FRAG_IN_WRITE_QUEUE, skb, seg_size, mss))
			return -1;
	}
	if (!tcp_skb_pcount(skb))
		tcp_set_skb_tso_segs(skb, mss);
	tcb->tcp_flags |= TCPHDR_PSH;
	err = tcp_transmit_skb(sk, skb, 1);
	if (!err)
		tcp_event_new_data_sent(sk, skb);
	return err;
}

int tcp_write_wakeup(struct sock *sk, int mib)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (sk->sk_state == TCP_CLOSE)
		return -1;
	skb = tcp_send_head(sk);
	if (skb && before(TCP_SKB_CB(skb)->seq, tcp_wnd_end(tp)))
		return wakeup_with_data(sk, skb);
	if (between(tp->snd_up, tp->snd_una + 1, tp->snd_una + 0xFFFF))
		tcp_xmit_probe_skb(sk, true, mib);
	return tcp_xmit_probe_skb(sk, false, mib);
}

void tcp_send_probe0(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	int err = tcp_write_wakeup(sk, LINUX_MIB_TCPWINPROBE);
	u32 timeout;

	if (tcp_sk(sk)->packets_out || tcp_write_queue_empty(sk)) {
		icsk->icsk_probes_out = 0;
		icsk->icsk_backoff = 0;
		icsk->icsk_probes_tstamp = 0;
		return;
	}
	icsk->icsk_probes_out++;
	if (err <= 0) {
		if (icsk->icsk_backoff < sock_net(sk)->ipv4.sysctl_tcp_retries2)
			icsk->icsk_backoff++;
		timeout = (u32)tcp_probe0_when(sk, tcp_rto_max(sk));
	} else {
		/* Not sent for want of room below us: soon again. */
		timeout = TCP_RESOURCE_PROBE_INTERVAL;
	}
	timeout = tcp_clamp_probe0_to_user_timeout(sk, timeout);
	tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, timeout, true);
}
