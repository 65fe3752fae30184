// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_minisocks.c - a request becomes a socket: which segments confirm it, and what the child is made of. */
#include "net/ipv4/tcp_conn.h"

/* ---- the child ---- */

static void child_sequence(struct tcp_sock *tp, const struct request_sock *req)
{
	tp->rcv_wup = tp->copied_seq = tp->rcv_nxt = req->rcv_isn + 1;
	tp->snd_sml = tp->snd_una = tp->snd_nxt = tp->snd_up = req->snt_isn + 1;
	tp->write_seq = tp->pushed_seq = req->snt_isn + 1;
	tp->snd_wl1 = req->rcv_isn;
	tp->segs_in = 1;
	tp->segs_out = tp->data_segs_in = tp->data_segs_out = 0;
}

/* What both sides agreed on. */
static void child_options(struct sock *sk, const struct request_sock *req,
			  const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_options_received *opt = &tp->rx_opt;

	opt->tstamp_ok = req->tstamp_ok;
	opt->sack_ok = req->sack_ok;
	tp->window_clamp = req->rsk_window_clamp;
	tp->rcv_ssthresh = tp->rcv_wnd = req->rsk_rcv_wnd;
	opt->wscale_ok = req->wscale_ok;
	opt->snd_wscale = req->wscale_ok ? req->snd_wscale : 0;
	opt->rcv_wscale = req->wscale_ok ? req->rcv_wscale : 0;
	if (!req->wscale_ok)
		tp->window_clamp = min_t(u32, tp->window_clamp, 65535);
	tp->snd_wnd = (u32)ntohs(tcp_hdr(skb)->window) << opt->snd_wscale;
	tp->max_window = tp->snd_wnd;
	tp->tcp_header_len = sizeof(struct tcphdr);
	tp->tcp_usec_ts = 0;
	opt->ts_recent_stamp = 0;
	if (req->tstamp_ok) {
		tp->tcp_usec_ts = req->req_usec_ts;
		opt->ts_recent = req->ts_recent;
		opt->ts_recent_stamp = tcp_clock_s(sock_net(sk));
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	}
	opt->mss_clamp = req->mss;
	tp->tsoffset = req->ts_off;
}

/* The SYN-ACK was repeated: that counts as a timeout that may turn out to have been in vain. */
static void child_timeouts(struct tcp_sock *tp, const struct request_sock *req,
			   const struct net *net)
{
	struct tcp_loss *loss = req->num_retrans || req->num_timeout ? tcp_loss_make(tp) : NULL;
	u32 took;

	if (loss)
		loss->total_retrans = req->num_retrans;
	if (!req->num_timeout)
		return;
	tp->undo_marker = req->snt_isn;
	if (tp->tcp_usec_ts) {
		tp->retrans_stamp = (u32)req->snt_synack;
		took = ((u32)tcp_clock_us(net) - tp->retrans_stamp) / 1000;
	} else {
		tp->retrans_stamp = (u32)(req->snt_synack / 1000);
		took = tcp_clock_ms(net) - tp->retrans_stamp;
	}
	if (!loss)
		return;
	loss->total_rto = req->num_timeout;
	loss->total_rto_time = took;
	loss->total_rto_recoveries = 1;
}

/* What must not be the listener's. */
static void child_own(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	INIT_LIST_HEAD(&tp->tsorted_sent_queue);
	tp->tcp_rtx_queue.rb_node = NULL;
	tp->highest_sack = NULL;
	tp->loss = NULL;
	icsk->rto_deadline = icsk->delack_deadline = icsk->keepalive_deadline = 0;
	icsk->pacing_deadline = icsk->compressed_ack_deadline = 0;
	icsk->near_listed = icsk->far_listed = 0;
	icsk->icsk_pending = 0;
}

/** tcp_create_openreq_child() - a sock in SYN_RECV for @req, two references, in no table. NULL: no memory */
struct sock *tcp_create_openreq_child(const struct sock *sk, struct request_sock *req,
				      struct sk_buff *skb)
{
	struct sock *newsk = inet_csk_clone_lock(sk, req);
	u32 now = (u32)sock_skiff(sk)->jiffies;
	struct inet_connection_sock *icsk;
	struct tcp_sock *tp;

	if (!newsk)
		return NULL;
	tp = tcp_sk(newsk);
	icsk = inet_csk(newsk);
	child_own(newsk);
	child_sequence(tp, req);
	child_options(newsk, req, skb);
	child_timeouts(tp, req, sock_net(sk));
	tp->rtt_min.s[0].t = tp->rtt_min.s[1].t = tp->rtt_min.s[2].t = now;
	tp->rtt_min.s[0].v = tp->rtt_min.s[1].v = tp->rtt_min.s[2].v = ~0u;
	icsk->icsk_ack.lrcvtime = now;
	tp->lsndtime = now;
	newsk->sk_txhash = req->txhash;
	if (sock_flag(newsk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(newsk, keepalive_time_when(tp));
	if (skb->len >= TCP_MSS_DEFAULT + tp->tcp_header_len)
		icsk->icsk_ack.last_seg_size = (u16)(skb->len - tp->tcp_header_len);
	tcp_ecn_openreq_child(newsk, req, skb);
	TCP_INC_STATS(sock_net(sk), TCP_MIB_PASSIVEOPENS);
	return newsk;
}

static void child_addresses(struct sock *newsk, const struct request_sock *req,
			    const struct sk_buff *skb)
{
	struct inet_sock *inet = inet_sk(newsk);

	inet->inet_opt = req->ireq_opt;
	inet->mc_index = (int)skb->skb_iif;
	inet->mc_ttl = ip_hdr(skb)->ttl;
	inet->rcv_tos = ip_hdr(skb)->tos;
	inet_csk(newsk)->icsk_ext_hdr_len = req->ireq_opt ? req->ireq_opt->opt.optlen : 0;
	inet->inet_id = (u16)skiff_random32(sock_skiff(newsk));
	if (sock_net(newsk)->ipv4.sysctl_tcp_reflect_tos)
		inet->tos = req->syn_tos & (u8)~INET_ECN_MASK;
}

/* Route, congestion control and segment sizes. Consumes @dst's reference. */
static void child_route(const struct sock *sk, struct sock *newsk, struct dst_entry *dst)
{
	struct tcp_sock *tp = tcp_sk(newsk);

	sk_setup_caps(newsk, dst);
	if (!inet_csk(newsk)->icsk_ca_setsockopt)
		tcp_assign_congestion_control(newsk);
	tcp_ca_set_route(newsk, dst);
	tcp_set_ca_state(newsk, TCP_CA_Open);
	tcp_sync_mss(newsk, ipv4_mtu(dst));
	tp->advmss = tcp_mss_clamp(tcp_sk(sk), (u16)dst_metric_advmss(dst));
	tcp_initialize_rcv_mss(newsk);
}

/* Without memory nobody can ask for it. */
static void child_saved_syn(struct sock *newsk, struct request_sock *req)
{
	struct tcp_rare *rare = req->saved_syn ? tcp_rare_make(newsk) : NULL;

	if (!rare)
		return;
	rare->saved_syn = req->saved_syn;
	req->saved_syn = NULL;
}

/* A child that can not be finished: in no table, nothing sent. */
static void child_undo(struct sock *newsk)
{
	inet_sk(newsk)->inet_opt = NULL;
	inet_csk_prepare_forced_close(newsk);
	tcp_done(newsk);
}

/**
 * tcp_v4_syn_recv_sock() - the whole child of a request, in the tables
 * @dst: its route (consumed); NULL: look for it
 * @req_unhash: takes the place of this request in the table; NULL (cookies): of nobody
 * Return: two references; NULL: accept queue full, no memory, or (*@own_req false) somebody else was there first
 */
struct sock *tcp_v4_syn_recv_sock(const struct sock *sk, struct sk_buff *skb,
				  struct request_sock *req, struct dst_entry *dst,
				  struct request_sock *req_unhash, bool *own_req)
{
	bool found = false;
	struct sock *newsk;

	*own_req = false;
	if (sk_acceptq_is_full(sk)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_LISTENOVERFLOWS);
		goto release;
	}
	newsk = tcp_create_openreq_child(sk, req, skb);
	if (!newsk)
		goto release;
	inet_sk_rx_dst_set(newsk, skb);
	child_addresses(newsk, req, skb);
	if (!dst)
		dst = inet_csk_route_child_sock(sk, newsk, req);
	if (!dst)
		goto undo;
	child_route(sk, newsk, dst);
	dst = NULL;
	if (tcp_md5_copy_to_child(newsk, sk, req->ir_rmt_addr) ||
	    tcp_ao_copy_all_matching(sk, newsk, req, skb) || __inet_inherit_port(sk, newsk) < 0)
		goto undo;
	*own_req = inet_ehash_nolisten(newsk, req_unhash ? req_to_sk(req_unhash) : NULL,
				       req_unhash ? NULL : &found);
	if (!*own_req) {
		/* It is destroyed; the reference left is ours. */
		inet_sk(newsk)->inet_opt = NULL;
		if (req_unhash)
			return newsk;
		sock_put(newsk);
		return NULL;
	}
	child_saved_syn(newsk, req);
	req->ireq_opt = NULL;
	return newsk;
undo:
	child_undo(newsk);
release:
	if (dst)
		dst_release(dst);
	tcp_listendrop(sk);
	return NULL;
}

/* ---- which segments confirm a request ---- */

/* A segment at a request while it is judged. */
struct req_segment {
	struct sock *sk; /* the listener, or (fast open) the child */
	struct sk_buff *skb;
	struct request_sock *req;
	struct tcp_options_received opt;
	bool fastopen;
	bool paws_reject, tsecr_reject;
	enum skb_drop_reason *reason;
};

static void req_parse_options(struct req_segment *s)
{
	const struct tcphdr *th = tcp_hdr(s->skb);
	struct tcp_options_received *opt = &s->opt;
	struct request_sock *req = s->req;
	struct net *net = req->ireq_net;

	if (th->doff == sizeof(*th) / 4)
		return;
	tcp_parse_options(net, s->skb, opt, 0, NULL);
	if (!opt->saw_tstamp)
		return;
	opt->ts_recent = req->ts_recent;
	if (opt->rcv_tsecr) {
		s->tsecr_reject =
			req->tstamp_ok && !s->fastopen &&
			!between(opt->rcv_tsecr, req->snt_tsval_first, req->snt_tsval_last);
		opt->rcv_tsecr -= req->ts_off;
	}
	/* When it was taken is not kept, but it can not be longer ago than this. */
	opt->ts_recent_stamp = tcp_clock_s(net) - (u32)(tcp_reqsk_timeout(req) / HZ);
	s->paws_reject = tcp_paws_reject(s->sk, opt, th->rst);
}

/* The SYN again: so will be the SYN-ACK, but not for every one. */
static void req_syn_again(struct req_segment *s)
{
	struct request_sock *req = s->req;

	if (tcp_oow_rate_limited(req->ireq_net, s->skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV,
				 &req->last_oow_ack_time))
		return;
	if (!inet_rtx_syn_ack(s->sk, req)) {
		if (!s->fastopen && req->deadline)
			reqsk_timer_set(req, tcp_reqsk_timeout(req));
		else
			req->deadline = req->ireq_net->skiff->jiffies + tcp_reqsk_timeout(req);
	}
}

/* Out of the window, or too old: an ACK, and drop it. Return: it was so */
static bool req_out_of_window(struct req_segment *s)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(s->skb);
	struct request_sock *req = s->req;
	struct net *net = req->ireq_net;

	if (!s->paws_reject && !s->tsecr_reject &&
	    tcp_in_window(cb->seq, cb->end_seq, req->rcv_nxt,
			  req->rcv_nxt + tcp_synack_window(req)))
		return false;
	if (!(cb->tcp_flags & TCPHDR_RST) &&
	    !tcp_oow_rate_limited(net, s->skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV,
				  &req->last_oow_ack_time))
		tcp_v4_send_ack_req(s->sk, s->skb, req);
	if (s->paws_reject) {
		*s->reason = SKB_DROP_REASON_TCP_RFC7323_PAWS;
		NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
	} else if (s->tsecr_reject) {
		*s->reason = SKB_DROP_REASON_TCP_RFC7323_TSECR;
		NET_INC_STATS(net, LINUX_MIB_TSECRREJECTED);
	} else {
		*s->reason = SKB_DROP_REASON_TCP_OVERWINDOW;
	}
	return true;
}

/* The request ends here: its peer reset it, or sent what it can not have meant. */
static void req_reset(struct req_segment *s, bool *lost_race)
{
	bool unlinked;

	if (!(TCP_SKB_CB(s->skb)->tcp_flags & TCPHDR_RST)) {
		tcp_v4_send_reset(s->sk, s->skb);
	} else if (s->fastopen) {
		reqsk_fastopen_remove(s->sk, s->req, true);
		tcp_reset(s->sk, s->skb);
	}
	if (s->fastopen)
		return;
	unlinked = inet_csk_reqsk_queue_drop(s->sk, s->req);
	if (unlinked)
		NET_INC_STATS(s->req->ireq_net, LINUX_MIB_EMBRYONICRSTS);
	*lost_race = !unlinked;
}

/* The ACK is right: the child, in the accept queue. NULL: no room, or no memory */
static struct sock *req_confirmed(struct req_segment *s, bool *lost_race)
{
	struct request_sock *req = s->req;
	bool own_req;
	struct sock *child = tcp_v4_syn_recv_sock(s->sk, s->skb, req, NULL, req, &own_req);

	if (child) {
		if (own_req && s->opt.saw_tstamp && !after(TCP_SKB_CB(s->skb)->seq, req->rcv_nxt))
			tcp_sk(child)->rx_opt.ts_recent = s->opt.rcv_tsval;
		tcp_synack_rtt_meas(child, req);
		*lost_race = !own_req;
		return inet_csk_complete_hashdance(s->sk, child, req, own_req);
	}
	*s->reason = SKB_DROP_REASON_TCP_LISTEN_OVERFLOW;
	/* The peer will send its ACK, or data, again; unless it is to be told at once. */
	if (req->ireq_net->ipv4.sysctl_tcp_abort_on_overflow)
		req_reset(s, lost_race);
	else
		req->acked = 1;
	return NULL;
}

struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			   bool fastopen, bool *lost_race, enum skb_drop_reason *reason)
{
	struct req_segment s = {
		.sk = sk, .skb = skb, .req = req, .fastopen = fastopen, .reason = reason
	};
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u16 flags = cb->tcp_flags & (TCPHDR_RST | TCPHDR_SYN | TCPHDR_ACK);

	req_parse_options(&s);
	if (cb->seq == req->rcv_isn && flags == TCPHDR_SYN && !s.paws_reject) {
		req_syn_again(&s);
		return NULL;
	}
	/* An ACK of something else: the listener knows what to do with it (a reset). */
	if (flags & TCPHDR_ACK && !fastopen && cb->ack_seq != req->snt_isn + 1)
		return sk;
	if (req_out_of_window(&s))
		return NULL;
	if (cb->seq == req->rcv_isn)
		flags &= (u16)~TCPHDR_SYN; /* it lies before the window */
	if (flags & (TCPHDR_RST | TCPHDR_SYN)) {
		*reason = SKB_DROP_REASON_TCP_RESET;
		TCP_INC_STATS(req->ireq_net, TCP_MIB_ATTEMPTFAILS);
		req_reset(&s, lost_race);
		return NULL;
	}
	if (!(flags & TCPHDR_ACK))
		return NULL;
	if (fastopen)
		return sk;
	/* TCP_DEFER_ACCEPT: wait for data, as long as it takes a few timeouts. */
	if (req->num_timeout < inet_csk_accept_queue(sk)->rskq_defer_accept &&
	    cb->end_seq == req->rcv_isn + 1) {
		req->acked = 1;
		NET_INC_STATS(req->ireq_net, LINUX_MIB_TCPDEFERACCEPTDROP);
		return NULL;
	}
	return req_confirmed(&s, lost_race);
}

enum skb_drop_reason tcp_child_process(struct sock *parent, struct sock *child, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(child);
	enum skb_drop_reason reason;
	int state = child->sk_state;

	tp->segs_in += max_t(u32, 1, skb_gso_segs(skb));
	if (skb->len > tcp_hdr(skb)->doff * 4u)
		tp->data_segs_in += max_t(u32, 1, skb_gso_segs(skb));
	reason = tcp_rcv_state_process(child, skb);
	if (state == TCP_SYN_RECV && child->sk_state != state)
		sk_data_ready(parent);
	sock_put(child);
	return reason;
}
