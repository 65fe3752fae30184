// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/syncookies.c - a listener under flood keeps no state: what a request would hold is in its SYN-ACK's numbers.
 *
 * DOC: SYN cookies
 * The sequence number of the SYN-ACK is hash0(4-tuple) + peer's sequence number + minute << 24 + ((hash1(4-tuple, minute) + i) mod 2^24),
 * where i chooses one of four MSS. The ACK brings it back; it is believed for two minutes after the queue of requests was full.
 * Other options live in the low six bits of the time stamp, if the peer uses them: window scale, SACK, ECN.
 * Without time stamps a connection made from a cookie has none of these.
 */
#include "net/ipv4/tcp_conn.h"

#define COOKIEBITS	     24
#define COOKIEMASK	     ((1u << COOKIEBITS) - 1)
#define TCP_SYNCOOKIE_PERIOD (60 * HZ)
#define MAX_SYNCOOKIE_AGE    2
#define TCP_SYNCOOKIE_VALID  (MAX_SYNCOOKIE_AGE * TCP_SYNCOOKIE_PERIOD)

#define TSBITS		   6
#define TS_OPT_WSCALE_MASK 0xfu
#define TS_OPT_SACK	   (1u << 4)
#define TS_OPT_ECN	   (1u << 5)

/* Close to what is seen in the wild, low to high: the largest that is not above the peer's is taken. */
static const u16 msstab[] = { 536, 1300, 1440, 1460 };

static u32 cookie_hash(const struct net *net, const struct iphdr *iph, const struct tcphdr *th,
		       u32 count, int c)
{
	return (u32)siphash_3u64((u64)iph->saddr << 32 | iph->daddr,
				 (u64)th->source << 16 | th->dest, count,
				 &net->ipv4.syncookie_secret[c]);
}

static u32 cookie_time(const struct net *net)
{
	return (u32)(net->skiff->jiffies / TCP_SYNCOOKIE_PERIOD);
}

static u32 secure_tcp_syn_cookie(const struct net *net, const struct iphdr *iph,
				 const struct tcphdr *th, u32 data)
{
	u32 count = cookie_time(net);

	return cookie_hash(net, iph, th, 0, 0) + ntohl(th->seq) + (count << COOKIEBITS) +
	       ((cookie_hash(net, iph, th, count, 1) + data) & COOKIEMASK);
}

/* The data of a cookie that came back with the ACK @th; out of range: it is none of ours, or too old. */
static u32 check_tcp_syn_cookie(const struct net *net, u32 cookie, const struct iphdr *iph,
				const struct tcphdr *th)
{
	u32 count = cookie_time(net), diff;

	cookie -= cookie_hash(net, iph, th, 0, 0) + ntohl(th->seq) - 1;
	diff = (count - (cookie >> COOKIEBITS)) & (UINT32_MAX >> COOKIEBITS);
	if (diff >= MAX_SYNCOOKIE_AGE)
		return UINT32_MAX;
	return (cookie - cookie_hash(net, iph, th, count - diff, 1)) & COOKIEMASK;
}

u32 cookie_v4_init_sequence(struct net *net, const struct sk_buff *skb, u16 *mss)
{
	u32 i = ARRAY_SIZE(msstab) - 1;

	while (i && *mss < msstab[i])
		i--;
	*mss = msstab[i];
	NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESSENT);
	return secure_tcp_syn_cookie(net, ip_hdr(skb),
				     (const struct tcphdr *)skb_transport_header(skb), i);
}

u64 cookie_init_timestamp(struct request_sock *req, u64 now_ns)
{
	u64 unit = req->req_usec_ts ? 1000 : 1000000, now = now_ns / unit, ts;
	u32 options = req->wscale_ok ? req->snd_wscale : TS_OPT_WSCALE_MASK;

	if (req->sack_ok)
		options |= TS_OPT_SACK;
	if (req->ecn_ok)
		options |= TS_OPT_ECN;
	ts = (now >> TSBITS << TSBITS) | options;
	/* A clock that has just begun has nothing to go back to. */
	if (ts > now && ts >= 1u << TSBITS)
		ts -= 1u << TSBITS;
	return ts * unit;
}

/* What the time stamp that came back tells; false: options that are switched off by now. */
static bool cookie_timestamp_decode(const struct net *net, struct tcp_options_received *opt)
{
	u32 options = opt->rcv_tsecr;

	if (!opt->saw_tstamp) {
		opt->tstamp_ok = opt->wscale_ok = opt->sack_ok = 0;
		opt->snd_wscale = 0;
		return true;
	}
	if (!net->ipv4.sysctl_tcp_timestamps)
		return false;
	opt->sack_ok = options & TS_OPT_SACK ? TCP_SACK_SEEN : 0;
	if (opt->sack_ok && !net->ipv4.sysctl_tcp_sack)
		return false;
	if ((options & TS_OPT_WSCALE_MASK) == TS_OPT_WSCALE_MASK)
		return true;
	opt->wscale_ok = 1;
	opt->snd_wscale = options & TS_OPT_WSCALE_MASK;
	return net->ipv4.sysctl_tcp_window_scaling != 0;
}

static bool cookie_ecn_ok(const struct net *net, const struct tcp_options_received *opt,
			  const struct dst_entry *dst)
{
	if (!opt->saw_tstamp || !(opt->rcv_tsecr & TS_OPT_ECN))
		return false;
	return net->ipv4.sysctl_tcp_ecn || dst_metric_raw(dst, RTAX_FEATURES) & RTAX_FEATURE_ECN;
}

/* ---- when cookies are sent, and believed: ts_recent_stamp of a listener is the tick of the last overflow ---- */

void tcp_synq_overflow(const struct sock *sk)
{
	u32 now = (u32)sock_skiff(sk)->jiffies;

	tcp_sk(sk)->rx_opt.ts_recent_stamp = now ? now : 1;
}

bool tcp_synq_no_recent_overflow(const struct sock *sk)
{
	u32 last = tcp_sk(sk)->rx_opt.ts_recent_stamp, now = (u32)sock_skiff(sk)->jiffies;

	return !last || now - last + HZ > TCP_SYNCOOKIE_VALID + HZ;
}

/** tcp_syn_flood_action() - the queue of requests is full. Return: answer with a cookie; else drop the SYN */
bool tcp_syn_flood_action(struct sock *sk, const char *proto)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);
	struct net *net = sock_net(sk);
	u8 syncookies = net->ipv4.sysctl_tcp_syncookies;

	NET_INC_STATS(net, syncookies ? LINUX_MIB_TCPREQQFULLDOCOOKIES : LINUX_MIB_TCPREQQFULLDROP);
	if (!q->synflood_warned && syncookies != 2) {
		q->synflood_warned = 1;
		skiff_log(net->skiff, SKIFF_LOG_INFO,
			  "%s: Possible SYN flooding on port " NIPFMT ":%u. %s.", proto,
			  NIPQUAD(sk->sk_rcv_saddr), sk->sk_num,
			  syncookies ? "Sending cookies" : "Dropping request");
	}
	return syncookies != 0;
}

/* ---- the ACK ---- */

/* The request that the cookie stands for. NULL and *@drop: the packet is to be dropped; NULL alone: no cookie */
static struct request_sock *cookie_request(struct sock *sk, struct sk_buff *skb,
					   struct tcp_options_received *opt, bool *drop)
{
	const struct tcphdr *th = (const struct tcphdr *)skb_transport_header(skb);
	const struct iphdr *iph = ip_hdr(skb);
	struct net *net = sock_net(sk);
	struct request_sock *req;
	u32 tsoff = 0, i;

	if (tcp_synq_no_recent_overflow(sk))
		return NULL;
	i = check_tcp_syn_cookie(net, ntohl(th->ack_seq) - 1, iph, th);
	if (i >= ARRAY_SIZE(msstab)) {
		NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESFAILED);
		return NULL;
	}
	NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESRECV);
	tcp_parse_options(net, skb, opt, 0, NULL);
	if (opt->saw_tstamp && opt->rcv_tsecr) {
		tsoff = secure_tcp_ts_off(net, iph->daddr, iph->saddr);
		opt->rcv_tsecr -= tsoff;
	}
	if (!cookie_timestamp_decode(net, opt))
		return NULL;
	*drop = true;
	req = inet_reqsk_alloc(sk);
	if (!req)
		return NULL;
	req->mss = msstab[i];
	req->rcv_isn = ntohl(th->seq) - 1;
	req->snt_isn = ntohl(th->ack_seq) - 1;
	req->rcv_nxt = ntohl(th->seq);
	req->ts_off = tsoff;
	req->txhash = skiff_random32(net->skiff) | 1;
	req->ts_recent = opt->saw_tstamp ? opt->rcv_tsval : 0;
	req->snd_wscale = opt->snd_wscale;
	req->sack_ok = opt->sack_ok != 0;
	req->wscale_ok = opt->wscale_ok;
	req->tstamp_ok = opt->saw_tstamp;
	tcp_reqsk_address(req, sk, skb);
	return req;
}

/* Windows as tcp_openreq_init_rwin() chose them for the SYN-ACK, unless the buffer changed since. */
static void cookie_windows(struct sock *sk, struct request_sock *req, const struct dst_entry *dst)
{
	u32 full_space = (u32)tcp_full_space(sk), clamp = tcp_sk(sk)->window_clamp;
	u8 rcv_wscale = 0;

	if (!clamp)
		clamp = dst_metric_raw(dst, RTAX_WINDOW);
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK && (clamp > full_space || !clamp))
		clamp = full_space;
	tcp_select_initial_window(sk, (int)full_space, req->mss, &req->rsk_rcv_wnd, &clamp,
				  req->wscale_ok, &rcv_wscale, dst_metric_raw(dst, RTAX_INITRWND));
	req->rsk_window_clamp = clamp;
	req->rcv_wscale = rcv_wscale;
}

/* The child, in the accept queue at once. NULL: no room, no memory, or it is there already; the request is gone then */
static struct sock *tcp_get_cookie_sock(struct sock *sk, struct sk_buff *skb,
					struct request_sock *req, struct dst_entry *dst)
{
	bool own_req;
	struct sock *child = tcp_v4_syn_recv_sock(sk, skb, req, dst, NULL, &own_req);

	if (child) {
		if (inet_csk_reqsk_queue_add(sk, req, child))
			return child;
		sock_put(child);
	}
	reqsk_put(req);
	return NULL;
}

/**
 * cookie_v4_check() - a segment without SYN at a listener: does it bring a cookie back?
 * Return: the child; @sk itself: no, go on; NULL: the segment was dropped
 */
struct sock *cookie_v4_check(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)skb_transport_header(skb);
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	struct net *net = sock_net(sk);
	struct tcp_options_received opt = { 0 };
	struct request_sock *req;
	struct dst_entry *dst;
	struct flowi4 fl4;
	struct sock *child;
	bool drop = false;

	if (!net->ipv4.sysctl_tcp_syncookies || !th->ack || th->rst)
		return sk;
	req = cookie_request(sk, skb, &opt, &drop);
	if (!req && !drop)
		return sk;
	if (!req)
		goto discard;
	tcp_reqsk_save_options(req, skb);
	tcp_reqsk_signature(req, skb);
	dst = inet_csk_route_req(sk, &fl4, req);
	if (!dst) {
		reason = SKB_DROP_REASON_IP_OUTNOROUTES;
		reqsk_put(req);
		goto discard;
	}
	cookie_windows(sk, req, dst);
	req->ecn_ok = cookie_ecn_ok(net, &opt, dst);
	child = tcp_get_cookie_sock(sk, skb, req, dst);
	if (child)
		return child;
	reason = SKB_DROP_REASON_NO_SOCKET;
discard:
	kfree_skb_reason(net->skiff, skb, reason);
	return NULL;
}
