// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_conn.c - a SYN at a listener becomes a request (or a cookie, or a fast open child), answered with a SYN-ACK.
 *
 * DOC: Passive open
 *   LISTEN  + SYN  -> NEW_SYN_RECV  [tcp_conn_request]        a request_sock in the table of connections; or nothing: a cookie
 *   NEW_SYN_RECV   -> SYN_RECV      [tcp_check_req]           the ACK came: a child, in the accept queue
 *   SYN_RECV       -> ESTABLISHED   [tcp_rcv_state_process]   by that same ACK
 *   LISTEN  + ACK  -> SYN_RECV      [cookie_v4_check]         the ACK brings a cookie back
 *   LISTEN  + SYN  -> SYN_RECV      [tcp_try_fastopen]        the SYN brings a fast open cookie and data
 * Bounds: requests of a listener by its backlog (then cookies, or drops), finished connections by the same backlog,
 * half of tcp_max_syn_backlog for peers that are not known when cookies are off.
 */
#include "net/ipv4/tcp_conn.h"

#define TFO_SERVER_ENABLE      2
#define TFO_SERVER_WO_SOCKOPT1 0x400

int tcp_listen(struct sock *sk, int backlog)
{
	const int tfo = TFO_SERVER_ENABLE | TFO_SERVER_WO_SOCKOPT1;
	struct request_sock_queue *q = inet_csk_queue(sk);

	if (!q)
		return -ENOMEM;
	q->max_ack_backlog = (u32)backlog;
	/* One that listens has only its backlog changed. */
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	q->rskq_defer_accept = icsk_rare(inet_csk(sk))->icsk_defer_accept;
	if ((sock_net(sk)->ipv4.sysctl_tcp_fastopen & tfo) == tfo && !q->fastopenq.max_qlen) {
		fastopen_queue_tune(sk, backlog);
		tcp_fastopen_init_key_once(sock_net(sk));
	}
	return inet_csk_listen_start(sk);
}

void tcp_listendrop(const struct sock *sk)
{
	((struct sock *)sk)->sk_drops++;
	NET_INC_STATS(sock_net(sk), LINUX_MIB_LISTENDROPS);
}

u32 dst_metric_advmss(const struct dst_entry *dst)
{
	const struct net *net = ((const struct rtable *)dst)->net;
	u32 advmss = dst_metric_raw(dst, RTAX_ADVMSS);

	if (advmss)
		return advmss;
	advmss = max_t(u32, ipv4_mtu(dst) - 40, (u32)net->ipv4.ip_rt_min_advmss);
	return min_t(u32, advmss, 65535 - 40);
}

void tcp_reqsk_address(struct request_sock *req, const struct sock *sk, const struct sk_buff *skb)
{
	req->ir_rmt_addr = ip_hdr(skb)->saddr;
	req->ir_loc_addr = ip_hdr(skb)->daddr;
	req->ir_rmt_port = tcp_hdr(skb)->source;
	req->ir_num = ntohs(tcp_hdr(skb)->dest);
	req->ir_iif = sk->sk_bound_dev_if;
	req->__req_common.skc_bound_dev_if = sk->sk_bound_dev_if;
	req->ireq_mark = sk->sk_mark;
	if (!sk->sk_mark && sock_net(sk)->ipv4.sysctl_tcp_fwmark_accept)
		req->ireq_mark = skb->mark;
	req->no_srccheck = inet_test_bit(TRANSPARENT, sk);
}

void tcp_reqsk_save_options(struct request_sock *req, struct sk_buff *skb)
{
	const struct ip_options *opt = tcp_skb_opt(skb);
	struct skiff *skiff = req->ireq_net->skiff;

	if (likely(!opt->optlen))
		return;
	req->ireq_opt = skiff_zalloc(skiff, sizeof(*req->ireq_opt));
	if (req->ireq_opt && __ip_options_echo(req->ireq_net, req->ireq_opt, skb, opt)) {
		skiff_free(skiff, req->ireq_opt);
		req->ireq_opt = NULL;
	}
}

/* A signed SYN: with which key the SYN-ACK is, and which one the peer is asked for. */
void tcp_reqsk_signature(struct request_sock *req, const struct sk_buff *skb)
{
	struct tcp_parsed auth;

	if (tcp_hdr(skb)->doff < (sizeof(struct tcphdr) + 8) / 4)
		return;
	tcp_parse_signatures(tcp_hdr(skb), &auth);
	if (auth.bad || !auth.ao)
		return;
	req->used_tcp_ao = 1;
	req->ao_rcv_next = auth.ao[2];
	req->ao_keyid = auth.ao[3];
}

/* What the SYN says, into the request. */
static void tcp_openreq_init(struct request_sock *req, const struct tcp_options_received *opt,
			     struct sk_buff *skb, const struct sock *sk)
{
	req->rcv_isn = TCP_SKB_CB(skb)->seq;
	req->rcv_nxt = req->rcv_isn + 1;
	req->mss = opt->mss_clamp;
	req->ts_recent = opt->saw_tstamp ? opt->rcv_tsval : 0;
	req->tstamp_ok = opt->tstamp_ok;
	req->sack_ok = opt->sack_ok != 0;
	req->snd_wscale = opt->snd_wscale;
	req->wscale_ok = opt->wscale_ok;
	tcp_reqsk_address(req, sk, skb);
	tcp_reqsk_save_options(req, skb);
	tcp_reqsk_signature(req, skb);
}

/** tcp_openreq_init_rwin() - which window and scale the SYN-ACK offers */
void tcp_openreq_init_rwin(struct request_sock *req, const struct sock *sk_listener,
			   const struct dst_entry *dst)
{
	const struct tcp_sock *tp = tcp_sk(sk_listener);
	u32 full_space = (u32)tcp_full_space(sk_listener), clamp = tp->window_clamp;
	u32 mss = tcp_mss_clamp(tp, (u16)dst_metric_advmss(dst));
	u8 rcv_wscale = 0;

	if (!clamp)
		clamp = dst_metric_raw(dst, RTAX_WINDOW);
	if (sk_listener->sk_userlocks & SOCK_RCVBUF_LOCK && (clamp > full_space || !clamp))
		clamp = full_space;
	tcp_select_initial_window(sk_listener, (int)full_space,
				  mss - (req->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0),
				  &req->rsk_rcv_wnd, &clamp, req->wscale_ok, &rcv_wscale,
				  dst_metric_raw(dst, RTAX_INITRWND));
	req->rsk_window_clamp = clamp;
	req->rcv_wscale = rcv_wscale;
}

/* TCP_SAVE_SYN: headers of the SYN for TCP_SAVED_SYN, with the link layer's if it is 2 */
static void tcp_reqsk_record_syn(const struct sock *sk, struct request_sock *req,
				 const struct sk_buff *skb)
{
	u8 save = tcp_sk(sk)->save_syn;
	u32 mac = save == 2 ? (u32)(skb_network_header(skb) - skb_mac_header(skb)) : 0;
	u32 iph = (u32)(skb_transport_header(skb) - skb_network_header(skb));
	u32 th = tcp_hdr(skb)->doff * 4u, len = mac + iph + th;
	struct saved_syn *s;

	if (!save)
		return;
	s = skiff_alloc(sock_skiff(sk), sizeof(*s) + len);
	if (!s)
		return;
	s->mac_hdrlen = mac;
	s->network_hdrlen = iph;
	s->tcp_hdrlen = th;
	memcpy(s->data, skb_network_header(skb) - mac, len);
	req->saved_syn = s;
}

/* A SYN while it becomes a request. */
struct syn {
	struct sock *sk; /* the listener */
	struct sk_buff *skb;
	struct net *net;
	struct request_sock *req;
	struct dst_entry *dst; /* for the SYN-ACK, one reference */
	struct tcp_fastopen_cookie foc;
	u32 isn; /* given: it takes over from TIME_WAIT */
	bool want_cookie;
};

/* Is there room? Decides between a request and a cookie. */
static bool syn_admit(struct syn *s)
{
	bool always = s->net->ipv4.sysctl_tcp_syncookies == 2;

	/* What comes from TIME_WAIT takes the place of what was here already, and its peer is real. */
	if (!s->isn && (always || inet_csk_reqsk_queue_is_full(s->sk))) {
		s->want_cookie = tcp_syn_flood_action(s->sk, "TCP");
		if (!s->want_cookie)
			return false;
	}
	if (sk_acceptq_is_full(s->sk)) {
		NET_INC_STATS(s->net, LINUX_MIB_LISTENOVERFLOWS);
		return false;
	}
	return true;
}

/* Without cookies the last quarter of the room is for peers that have been here before. */
static bool syn_room_for_strangers(const struct syn *s)
{
	int max = s->net->ipv4.sysctl_max_syn_backlog;

	return s->net->ipv4.sysctl_tcp_syncookies ||
	       max - inet_csk_reqsk_queue_len(s->sk) >= max >> 2 ||
	       tcp_peer_is_proven(s->req, s->dst);
}

/* Options, route and sequence number. Return: false: no route, or no room */
static bool syn_parse(struct syn *s)
{
	struct request_sock *req = s->req;
	struct tcp_options_received opt = { .mss_clamp = TCP_MSS_DEFAULT,
					    .user_mss = tcp_sk(s->sk)->rx_opt.user_mss };
	struct flowi4 fl4;

	tcp_parse_options(s->net, s->skb, &opt, 0, s->want_cookie ? NULL : &s->foc);
	if (s->want_cookie && !opt.saw_tstamp)
		opt.tstamp_ok = opt.sack_ok = opt.wscale_ok = opt.snd_wscale = 0;
	opt.tstamp_ok = opt.saw_tstamp;
	tcp_openreq_init(req, &opt, s->skb, s->sk);
	s->dst = inet_csk_route_req(s->sk, &fl4, req);
	if (!s->dst)
		return false;
	if (opt.tstamp_ok) {
		req->req_usec_ts =
			(dst_metric_raw(s->dst, RTAX_FEATURES) & RTAX_FEATURE_TCP_USEC_TS) != 0;
		req->ts_off = secure_tcp_ts_off(s->net, req->ir_loc_addr, req->ir_rmt_addr);
	}
	if (!s->want_cookie && !s->isn) {
		if (!syn_room_for_strangers(s))
			return false;
		s->isn = secure_tcp_seq(s->net, req->ir_loc_addr, req->ir_rmt_addr,
					htons(req->ir_num), req->ir_rmt_port);
	}
	tcp_ecn_create_request(req, s->skb, s->sk, s->dst);
	if (s->want_cookie) {
		tcp_synq_overflow(s->sk);
		s->isn = cookie_v4_init_sequence(s->net, s->skb, &req->mss);
		if (!opt.tstamp_ok)
			req->ecn_ok = 0;
	}
	req->snt_isn = s->isn;
	req->txhash = skiff_random32(s->net->skiff) | 1;
	req->syn_tos = TCP_SKB_CB(s->skb)->ip_dsfield;
	tcp_openreq_init_rwin(req, s->sk, s->dst);
	return true;
}

/* The SYN brought a valid fast open cookie: @child answers, and is accepted at once. Return: false: no room after all */
static bool syn_fastopen(struct syn *s, struct sock *child)
{
	struct sock *sk = s->sk;
	bool queued;

	dst_hold(s->dst);
	tcp_v4_send_synack(child, s->dst, s->req, &s->foc, TCP_SYNACK_FASTOPEN);
	queued = inet_csk_reqsk_queue_add(sk, s->req, child) != NULL;
	if (queued)
		sk_data_ready(sk);
	sock_put(child);
	return queued;
}

/* The answer. Consumes the route's reference. */
static void syn_answer(struct syn *s)
{
	struct request_sock *req = s->req;
	enum tcp_synack_type type = TCP_SYNACK_COOKIE;

	req->tfo_listener = 0;
	if (!s->want_cookie) {
		type = TCP_SYNACK_NORMAL;
		req->timeout = TCP_TIMEOUT_INIT;
		if (!inet_csk_reqsk_queue_hash_add(s->sk, req, req->timeout)) {
			dst_release(s->dst);
			return;
		}
	}
	tcp_v4_send_synack(s->sk, s->dst, req, &s->foc, type);
}

int tcp_conn_request(struct sock *sk, struct sk_buff *skb)
{
	struct syn s = { .sk = sk, .skb = skb, .net = sock_net(sk), .foc = { .len = -1 } };
	struct sock *child = NULL;

	/* A SYN to a group or broadcast address has no one to answer. */
	if (skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		goto drop;
	s.isn = s.net->ipv4.tcp_hashinfo->tw_isn;
	if (!syn_admit(&s))
		goto drop;
	s.req = inet_reqsk_alloc(sk);
	if (!s.req)
		goto drop;
	if (!syn_parse(&s))
		goto drop_req;
	if (!s.want_cookie) {
		tcp_reqsk_record_syn(sk, s.req, skb);
		child = tcp_try_fastopen(sk, skb, s.req, &s.foc, s.dst);
	}
	if (!child) {
		syn_answer(&s);
		reqsk_put(s.req);
		return 0;
	}
	if (syn_fastopen(&s, child)) {
		dst_release(s.dst);
		return 0;
	}
drop_req:
	if (s.dst)
		dst_release(s.dst);
	reqsk_put(s.req);
drop:
	tcp_listendrop(sk);
	return 0;
}
