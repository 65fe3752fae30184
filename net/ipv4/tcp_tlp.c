// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_tlp.c - tail loss probe: the last packet once more, so that its SACK starts recovery before the timeout. RFC 8985 7. */
#include "tcp_output.h"

bool tcp_schedule_loss_probe(struct sock *sk, bool advancing_rto)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 mode = sock_net(sk)->ipv4.sysctl_tcp_early_retrans;
	u32 timeout = TCP_TIMEOUT_INIT, us;
	s64 rto_us;

	/* Before the handshake of a Fast Open child ends its SYN-ACK is what is sent again. */
	if (tcp_rare(tp)->fastopen_rsk)
		return false;
	if ((mode != 3 && mode != 4) || !tp->packets_out || !tcp_is_sack(tp) ||
	    (icsk->icsk_ca_state != TCP_CA_Open && icsk->icsk_ca_state != TCP_CA_CWR))
		return false;
	/* Two round trips; a single packet may have to wait for a delayed ACK. */
	if (likely(tp->srtt_us)) {
		us = (tp->srtt_us >> 2) +
		     (tp->packets_out == 1 ? tcp_rto_min_us(sk) : TCP_TIMEOUT_MIN_US);
		timeout = usecs_to_jiffies(us);
	}
	rto_us = advancing_rto ? (s64)jiffies_to_usecs(icsk->icsk_rto) : tcp_rto_delta_us(sk);
	if (rto_us > 0)
		timeout = min_t(u32, timeout, usecs_to_jiffies((u64)rto_us));
	tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, timeout, true);
	return true;
}

/* New data if there is any that the window takes. Return: sent, or NULL-like false with *@none set if there was none */
static bool probe_with_new_data(struct sock *sk, u32 mss, bool *none)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb = tcp_send_head(sk);
	u32 packets = tp->packets_out;

	*none = !skb || !tcp_snd_wnd_test(tp, skb, mss);
	if (*none)
		return false;
	tcp_write_xmit(sk, mss, TCP_NAGLE_OFF, 2);
	return tp->packets_out > packets;
}

/* The last segment of the last packet. */
static bool probe_with_old_data(struct sock *sk, u32 mss)
{
	struct sk_buff *skb = tcp_rtx_queue_tail(sk);
	u32 pcount;

	pcount = (u32)tcp_skb_pcount(skb);
	if (pcount > 1 && skb->len > (pcount - 1) * mss) {
		if (tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, (pcount - 1) * mss, mss))
			return false;
		skb = skb_rb_next(skb);
	}
	if (!skb || __tcp_retransmit_skb(sk, skb, 1))
		return false;
	tcp_sk(sk)->tlp_retrans = 1;
	return true;
}

void tcp_send_loss_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tcp_current_mss(sk);
	bool none, sent;

	/* One at a time. */
	if (tp->tlp_high_seq) {
		tcp_rearm_rto(sk);
		return;
	}
	tp->tlp_retrans = 0;
	sent = probe_with_new_data(sk, mss, &none);
	if (none) {
		if (tcp_rtx_queue_empty(sk)) {
			inet_csk(sk)->icsk_pending = 0;
			return;
		}
		sent = probe_with_old_data(sk, mss);
	}
	if (sent) {
		tp->tlp_high_seq = tp->snd_nxt;
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSPROBES);
		journey_sock(sock_net(sk), sk, "no ACK for the tail: a loss probe was sent");
		/* So that the timeout counts from now. */
		inet_csk(sk)->icsk_pending = 0;
	}
	tcp_rearm_rto(sk);
}
