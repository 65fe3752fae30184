// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_timewait.c - TIME_WAIT, and FIN_WAIT_2 without its owner: what such a connection still does.
 *
 * DOC: TIME_WAIT
 *   FIN_WAIT_2 (sock)   -> FIN_WAIT_2 (tw)  [tcp_time_wait]                 nobody has the descriptor any more
 *   FIN_WAIT_2 (tw)     -> TIME_WAIT        [tcp_timewait_state_process]    the FIN came
 *   FIN_WAIT_2, CLOSING -> TIME_WAIT        [tcp_time_wait]                 from the sock
 *   TIME_WAIT           -> gone             60 s; a reset (unless tcp_rfc1337); a new SYN; a connect() from here (tcp_tw_reuse)
 * Specs: RFC 9293 3.10.7.4, RFC 6191, RFC 1337.
 */
#include "net/ipv4/tcp_conn.h"

void tcp_time_wait(struct sock *sk, int state, int timeo)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	struct inet_timewait_sock *tw = inet_twsk_alloc(sk, state);
	/* Long enough for our last ACK to be lost twice. */
	const u32 rto = (icsk->icsk_rto << 2) - (icsk->icsk_rto >> 1);
	u32 wait = max_t(u32, (u32)timeo, rto);

	if (tw) {
		tw->tw_rcv_wscale = tp->rx_opt.rcv_wscale;
		tw->tw_entry_stamp = tcp_clock_ms(net);
		tw->tw_rcv_nxt = tp->rcv_nxt;
		tw->tw_snd_nxt = tp->snd_nxt;
		tw->tw_rcv_wnd = tcp_receive_window(tp);
		tw->tw_ts_recent = tp->rx_opt.ts_recent;
		tw->tw_ts_recent_stamp = tp->rx_opt.ts_recent_stamp;
		tw->tw_ts_offset = tp->tsoffset;
		tw->tw_usec_ts = tp->tcp_usec_ts;
		tcp_twsk_init_key(sk, tw);
		if (state == TCP_TIME_WAIT)
			wait = TCP_TIMEWAIT_LEN;
		NET_INC_STATS(net,
			      wait <= 4 * HZ ? LINUX_MIB_TIMEWAITKILLED : LINUX_MIB_TIMEWAITED);
		inet_twsk_hashdance(tw, sk);
		inet_twsk_reschedule(tw, wait);
	} else {
		/* Too many, or no memory: then the connection is just over. */
		NET_INC_STATS(net, LINUX_MIB_TCPTIMEWAITOVERFLOW);
	}
	tcp_update_metrics(sk);
	tcp_done(sk);
}

/* An ACK is due, but not for every segment. */
static enum tcp_tw_status oow_ack(struct inet_timewait_sock *tw, struct sk_buff *skb, int mib)
{
	return tcp_oow_rate_limited(tw->tw_net_, skb, mib, &tw->tw_last_oow_ack_time) ?
		       TCP_TW_SUCCESS :
		       TCP_TW_ACK_OOW;
}

/* FIN_WAIT_2: the peer may still send its FIN, and nothing else. */
static enum tcp_tw_status fin_wait2(struct inet_timewait_sock *tw, struct sk_buff *skb,
				    const struct tcphdr *th, const struct tcp_options_received *opt,
				    bool paws_reject)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u32 rcv_nxt = tw->tw_rcv_nxt;

	if (paws_reject || !tcp_in_window(cb->seq, cb->end_seq, rcv_nxt, rcv_nxt + tw->tw_rcv_wnd))
		return oow_ack(tw, skb, LINUX_MIB_TCPACKSKIPPEDFINWAIT2);
	if (th->rst) {
		inet_twsk_deschedule_put(tw);
		return TCP_TW_SUCCESS;
	}
	if (th->syn && !before(cb->seq, rcv_nxt))
		return TCP_TW_RST;
	if (!th->ack || !after(cb->end_seq, rcv_nxt) || cb->end_seq == cb->seq)
		return TCP_TW_SUCCESS;
	/* Data for nobody. */
	if (!th->fin || cb->end_seq != rcv_nxt + 1)
		return TCP_TW_RST;
	tw->tw_substate = TCP_TIME_WAIT;
	tw->tw_rcv_nxt = cb->end_seq;
	if (opt->saw_tstamp) {
		tw->tw_entry_stamp = tcp_clock_ms(tw->tw_net_);
		tw->tw_ts_recent_stamp = tcp_clock_s(tw->tw_net_);
		tw->tw_ts_recent = opt->rcv_tsval;
	}
	inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
	return TCP_TW_ACK;
}

/* In the window: a reset, or a bare ACK. */
static enum tcp_tw_status in_window(struct inet_timewait_sock *tw, const struct tcphdr *th,
				    const struct tcp_options_received *opt)
{
	if (!th->rst) {
		inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
	} else if (!tw->tw_net_->ipv4.sysctl_tcp_rfc1337) {
		inet_twsk_deschedule_put(tw);
		return TCP_TW_SUCCESS;
	}
	if (opt->saw_tstamp) {
		tw->tw_ts_recent = opt->rcv_tsval;
		tw->tw_ts_recent_stamp = tcp_clock_s(tw->tw_net_);
	}
	return TCP_TW_SUCCESS;
}

/* A new connection (RFC 6191): a SYN beyond what was received, by its number or by its time stamp. */
static bool new_syn(const struct inet_timewait_sock *tw, const struct sk_buff *skb,
		    const struct tcphdr *th, const struct tcp_options_received *opt)
{
	return th->syn && !th->rst && !th->ack &&
	       (after(TCP_SKB_CB(skb)->seq, tw->tw_rcv_nxt) ||
		(opt->saw_tstamp && (s32)(tw->tw_ts_recent - opt->rcv_tsval) < 0));
}

enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw, struct sk_buff *skb,
					      const struct tcphdr *th, u32 *tw_isn,
					      enum skb_drop_reason *reason)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_options_received opt = { 0 };
	bool paws_reject = false;

	if (th->doff > sizeof(*th) / 4 && tw->tw_ts_recent_stamp) {
		tcp_parse_options(tw->tw_net_, skb, &opt, 0, NULL);
		if (opt.saw_tstamp) {
			if (opt.rcv_tsecr)
				opt.rcv_tsecr -= tw->tw_ts_offset;
			opt.ts_recent = tw->tw_ts_recent;
			opt.ts_recent_stamp = tw->tw_ts_recent_stamp;
			paws_reject = tcp_paws_reject((struct sock *)tw, &opt, th->rst);
		}
	}
	if (tw->tw_substate == TCP_FIN_WAIT2)
		return fin_wait2(tw, skb, th, &opt, paws_reject);
	if (!paws_reject && cb->seq == tw->tw_rcv_nxt && (cb->seq == cb->end_seq || th->rst))
		return in_window(tw, th, &opt);
	if (!paws_reject && new_syn(tw, skb, th, &opt)) {
		*tw_isn = tw->tw_snd_nxt + 65535 + 2;
		if (!*tw_isn)
			*tw_isn = 1;
		return TCP_TW_SYN;
	}
	if (paws_reject) {
		*reason = SKB_DROP_REASON_TCP_RFC7323_TW_PAWS;
		NET_INC_STATS(tw->tw_net_, LINUX_MIB_PAWSTIMEWAIT);
	}
	if (th->rst)
		return TCP_TW_SUCCESS;
	/* A SYN may be an old duplicate as well as a new one with an unlucky number: that alone keeps nothing alive. */
	if (paws_reject || th->ack)
		inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
	return oow_ack(tw, skb, LINUX_MIB_TCPACKSKIPPEDTIMEWAIT);
}

bool tcp_twsk_unique(struct sock *sk, const struct sock *sktw, bool chosen)
{
	const struct inet_timewait_sock *tw = inet_twsk(sktw);
	const struct netns_ipv4 *v4 = &sock_net(sk)->ipv4;
	struct tcp_sock *tp = tcp_sk(sk);
	int reuse = v4->sysctl_tcp_tw_reuse;
	bool rested = (s32)(tcp_clock_ms(sock_net(sk)) -
			    (tw->tw_entry_stamp + v4->sysctl_tcp_tw_reuse_delay)) > 0;

	if (tw->tw_substate == TCP_FIN_WAIT2)
		reuse = 0;
	if (reuse == 2 && tw->tw_bound_dev_if != LOOPBACK_IFINDEX &&
	    !ipv4_is_loopback(tw->tw_daddr) && !ipv4_is_loopback(tw->tw_rcv_saddr))
		reuse = 0;
	/* Time stamps keep old duplicates out (RFC 7323 5); without them nothing does. */
	if (!tw->tw_ts_recent_stamp || (chosen && (!reuse || !rested)))
		return false;
	if (!tp->repair) {
		tp->write_seq = tw->tw_snd_nxt + 65535 + 2;
		if (!tp->write_seq)
			tp->write_seq = 1;
		tp->rx_opt.ts_recent = tw->tw_ts_recent;
		tp->rx_opt.ts_recent_stamp = tw->tw_ts_recent_stamp;
	}
	return true;
}
