// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_v4_reply.c - answers that no connection sends: resets, and ACKs for requests and TIME_WAIT.
 *
 * DOC: Resets
 * A reset (RFC 9293 3.10.7.1) goes to whoever sent a segment to one of our unicast addresses that was no reset itself.
 * None is sent if the options are mangled so that a signature cannot be looked for. A signed segment (TCP MD5, RFC 2385) is answered
 * with a signed reset if a socket, or a listener on its port, knows the key and its signature is right; else not at all. TCP-AO: tcp_ao.c.
 */
#include "net/ipv4/tcp_ao.h"

/* A TCP header with room for the options that these answers have: time stamps, a signature. */
struct reply_header {
	struct tcphdr th;
	u8 opt[MAX_TCP_OPTION_SPACE];
};

static u32 reply_len(const struct reply_header *rep)
{
	return rep->th.doff * 4u;
}

/* Append the signature, over the header as it is then. @len: of data that the answer does not have: 0 */
static void reply_sign(struct reply_header *rep, const struct tcp_md5sig_key *key,
		       const struct sk_buff *skb)
{
	u8 *p = (u8 *)&rep->th + reply_len(rep);

	p[0] = p[1] = TCPOPT_NOP;
	p[2] = TCPOPT_MD5SIG;
	p[3] = TCPOLEN_MD5SIG;
	rep->th.doff += TCPOLEN_MD5SIG_ALIGNED / 4;
	tcp_v4_md5_hash_hdr(p + 4, key, ip_hdr(skb)->daddr, ip_hdr(skb)->saddr, &rep->th);
}

static void reply_send(struct net *net, struct sk_buff *skb, const struct reply_header *rep,
		       const struct ip_reply_arg *arg)
{
	const struct iphdr *iph = ip_hdr(skb);

	ip_send_unicast_reply(net, skb, tcp_skb_opt(skb), iph->saddr, iph->daddr, IPPROTO_TCP, rep,
			      reply_len(rep), offsetof(struct tcphdr, check), arg);
	TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
}

/*
 * The key for a signed segment that has no socket: that of a listener on its own port, if the segment's signature is right
 * with it. NULL: no answer
 */
static const struct tcp_md5sig_key *orphan_key(struct net *net, struct sk_buff *skb,
					       const struct tcphdr *th, const u8 *md5)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct sock *sk = __inet_lookup_listener(net, NULL, 0, iph->saddr, th->source, iph->daddr,
						 ntohs(th->source), (int)skb->skb_iif, 0);
	const struct tcp_md5sig_key *key;
	u8 hash[16];

	key = sk ? tcp_md5_do_lookup(sk, 0, iph->saddr) : NULL;
	if (!key || tcp_v4_md5_hash_skb(hash, key, iph->saddr, iph->daddr, th, skb) ||
	    memcmp(hash, md5, sizeof(hash)))
		return NULL;
	return key;
}

static void reset_numbers(struct tcphdr *rst, const struct tcphdr *th, u32 len)
{
	rst->source = th->dest;
	rst->dest = th->source;
	rst->doff = sizeof(*rst) / 4;
	rst->rst = 1;
	if (th->ack) {
		rst->seq = th->ack_seq;
		return;
	}
	rst->ack = 1;
	rst->ack_seq = htonl(ntohl(th->seq) + th->syn + th->fin + len - th->doff * 4u);
}

/* A reset goes the way of the socket that refuses. */
static void reset_arg(const struct sock *sk, const struct sk_buff *skb, struct ip_reply_arg *arg)
{
	*arg = (struct ip_reply_arg){ .tos = ip_hdr(skb)->tos & (u8)~INET_ECN_MASK };
	if (!sk)
		return;
	arg->oif = (u32)sk->sk_bound_dev_if;
	arg->mark = sk->sk_mark;
	if (sk->sk_kind_ == SK_TIMEWAIT)
		arg->priority = inet_twsk(sk)->tw_priority;
	if (sk->sk_kind_ != SK_FULL)
		return;
	arg->priority = sk->sk_priority;
	if (inet_test_bit(TRANSPARENT, sk))
		arg->flags = IP_REPLY_ARG_NOSRCCHECK;
}

/**
 * tcp_v4_send_reset() - answer a segment that is refused
 * @sk: socket, request or time-wait socket that refuses it; NULL: there is none
 * @skb: borrowed, its whole header linear, cb TCP's
 */
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)skb->data;
	const struct tcp_md5sig_key *key = NULL;
	struct reply_header rep = { 0 };
	struct net *net = sk ? sock_net(sk) : dev_net(skb->dev);
	struct tcp_parsed auth;
	struct ip_reply_arg arg;
	bool full = sk && sk->sk_kind_ == SK_FULL;

	journey_fn(net, skb);
	if (th->rst || (!sk && skb_rtable(skb)->rt_type != RTN_LOCAL))
		return;
	tcp_parse_signatures(th, &auth);
	if (auth.bad)
		return;
	reset_numbers(&rep.th, th, skb->len);
	if (auth.ao) {
		if (!tcp_ao_sign_reset(sk, skb, &auth, &rep.th))
			return;
	} else if (full) {
		key = tcp_md5_do_lookup(sk, 0, ip_hdr(skb)->saddr);
	} else if (auth.md5) {
		key = orphan_key(net, skb, th, auth.md5);
		if (!key)
			return;
	}
	if (key)
		reply_sign(&rep, key, skb);
	reset_arg(sk, skb, &arg);
	reply_send(net, skb, &rep, &arg);
	TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
}

/** tcp_v4_send_ack() - a bare ACK to the sender of @skb (borrowed) */
void tcp_v4_send_ack(struct net *net, struct sk_buff *skb, const struct tcp_reply *r)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct reply_header rep = { 0 };

	journey_fn(net, skb);
	rep.th.source = th->dest;
	rep.th.dest = th->source;
	rep.th.doff = sizeof(struct tcphdr) / 4;
	rep.th.seq = htonl(r->seq);
	rep.th.ack_seq = htonl(r->ack);
	rep.th.ack = 1;
	rep.th.window = htons(r->win);
	if (r->tsecr) {
		rep.opt[0] = rep.opt[1] = TCPOPT_NOP;
		rep.opt[2] = TCPOPT_TIMESTAMP;
		rep.opt[3] = TCPOLEN_TIMESTAMP;
		put_unaligned32(htonl(r->tsval), rep.opt + 4);
		put_unaligned32(htonl(r->tsecr), rep.opt + 8);
		rep.th.doff += TCPOLEN_TSTAMP_ALIGNED / 4;
	}
	if (r->ao.ao && !tcp_ao_sign_ack(skb, &r->ao, &rep.th))
		return;
	if (r->key)
		reply_sign(&rep, r->key, skb);
	reply_send(net, skb, &rep, &r->arg);
}

void tcp_v4_timewait_ack(struct inet_timewait_sock *tw, struct sk_buff *skb, bool oow)
{
	const struct tcp_ao_info *ao = tcp_twsk_ao(tw);
	struct net *net = tw->tw_net_;
	struct tcp_reply r = {
		.seq = tw->tw_snd_nxt,
		.ack = tw->tw_rcv_nxt,
		.win = tw->tw_rcv_wnd >> tw->tw_rcv_wscale,
		.tsval = (tw->tw_usec_ts ? (u32)tcp_clock_us(net) : tcp_clock_ms(net)) +
			 tw->tw_ts_offset,
		.tsecr = tw->tw_ts_recent,
		.key = tw->tw_has_key ? tw->tw_key : NULL,
		.ao = { ao, ao ? ao->lisn : 0, ao ? ao->risn : 0, false },
		.arg = {
			.oif = (u32)tw->tw_bound_dev_if,
			.mark = tw->tw_mark,
			.priority = tw->tw_priority,
			.flags = tw->tw_transparent ? IP_REPLY_ARG_NOSRCCHECK : 0,
			/* An answer to what is out of the window shows nothing of ECN. */
			.tos = oow ? tw->tw_tos & (u8)~INET_ECN_MASK : tw->tw_tos,
		},
	};

	tcp_v4_send_ack(net, skb, &r);
}

/** tcp_v4_send_ack_req() - the ACK that a request (@sk its listener, or the fast open child) sends to what is out of its window */
void tcp_v4_send_ack_req(const struct sock *sk, struct sk_buff *skb, struct request_sock *req)
{
	struct net *net = sock_net(sk);
	struct tcp_reply r = {
		.seq = sk->sk_state == TCP_LISTEN ? req->snt_isn + 1 : tcp_sk(sk)->snd_nxt,
		.ack = req->rcv_nxt,
		.win = tcp_synack_window(req) >> req->rcv_wscale,
		.tsval = (req->req_usec_ts ? (u32)tcp_clock_us(net) : tcp_clock_ms(net)) +
			 req->ts_off,
		.tsecr = req->ts_recent,
		.key = req->used_tcp_ao ? NULL : tcp_md5_do_lookup(sk, 0, ip_hdr(skb)->saddr),
		.ao = { req->used_tcp_ao ? tcp_rare(tcp_sk(sk))->ao_info : NULL, req->snt_isn, req->rcv_isn, true },
		.arg = {
			.mark = sk->sk_mark,
			.priority = sk->sk_priority,
			.flags = req->no_srccheck ? IP_REPLY_ARG_NOSRCCHECK : 0,
			.tos = ip_hdr(skb)->tos & (u8)~INET_ECN_MASK,
		},
	};

	tcp_v4_send_ack(net, skb, &r);
}
