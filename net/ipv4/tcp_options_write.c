// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_options_write.c - the options of outgoing segments: which, how long, in which order.
 *
 * DOC: Options out
 * Three kinds of segments: SYN (everything we want), SYN-ACK (what both want, from the request), and the others (time
 * stamp, SACK blocks). The length is known first, since it decides how much payload fits; then the same struct is written.
 * Order on the wire: signature, MSS, SACK permitted with the time stamp, AccECN, SACK permitted alone, window scale, SACK
 * blocks, Fast Open cookie; each padded to words with NOPs in front.
 * Specs: RFC 9293 3.2, RFC 7323, RFC 2018, RFC 2385, RFC 5925, RFC 7413, RFC 9768 3.2.3.
 */
#include "tcp_output.h"

/* ---- which ---- */

/* A signed segment: room taken from @remaining. */
static u32 signature_room(struct tcp_out_options *opts)
{
	if (opts->md5) {
		opts->options |= OPTION_MD5;
		return TCPOLEN_MD5SIG_ALIGNED;
	}
	if (opts->ao) {
		opts->options |= OPTION_AO;
		return tcp_ao_optlen(opts->ao);
	}
	return 0;
}

static void current_key(struct sock *sk, struct tcp_out_options *opts)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	opts->md5 = NULL;
	opts->ao = NULL;
	if (unlikely(tcp_rare(tp)->ao_info))
		opts->ao = tcp_ao_current(sk);
	else if (unlikely(tcp_rare(tp)->md5sig_info))
		opts->md5 = tcp_md5_do_lookup(sk, 0, sk->sk_daddr);
}

static u32 fastopen_len(const struct tcp_fastopen_cookie *foc)
{
	u32 len = (u32)foc->len + (foc->exp ? TCPOLEN_EXP_FASTOPEN_BASE : TCPOLEN_FASTOPEN_BASE);

	return ALIGN_UP(len, 4u);
}

static void fastopen_option(struct tcp_sock *tp, struct tcp_out_options *opts, u32 *remaining)
{
	const struct tcp_fastopen_cookie *cookie = &tcp_rare(tp)->fastopen_req->cookie;
	u32 need = fastopen_len(cookie);

	if (*remaining < need)
		return;
	opts->options |= OPTION_FAST_OPEN_COOKIE;
	opts->fastopen_cookie = cookie;
	*remaining -= need;
	tp->syn_fastopen = 1;
	tp->syn_fastopen_exp = cookie->exp;
}

u32 tcp_syn_options(struct sock *sk, struct sk_buff *skb, struct tcp_out_options *opts)
{
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct tcp_sock *tp = tcp_sk(sk);
	u32 remaining = MAX_TCP_OPTION_SPACE;

	current_key(sk, opts);
	remaining -= signature_room(opts);
	opts->mss = tcp_advertise_mss(sk);
	remaining -= TCPOLEN_MSS_ALIGNED;
	/* MD5 and time stamps leave no room for a SACK block, so MD5 goes without time stamps. */
	if (ipv4->sysctl_tcp_timestamps && !opts->md5) {
		opts->options |= OPTION_TS;
		opts->tsval = tcp_skb_timestamp_ts(tp, skb) + tp->tsoffset;
		opts->tsecr = tp->rx_opt.ts_recent;
		remaining -= TCPOLEN_TSTAMP_ALIGNED;
	}
	if (ipv4->sysctl_tcp_window_scaling) {
		opts->ws = tp->rx_opt.rcv_wscale;
		opts->options |= OPTION_WSCALE;
		remaining -= TCPOLEN_WSCALE_ALIGNED;
	}
	if (ipv4->sysctl_tcp_sack) {
		opts->options |= OPTION_SACK_ADVERTISE;
		if (!(opts->options & OPTION_TS))
			remaining -= TCPOLEN_SACKPERM_ALIGNED;
	}
	if (tcp_rare(tp)->fastopen_req && tcp_rare(tp)->fastopen_req->cookie.len >= 0)
		fastopen_option(tp, opts, &remaining);
	/* Both sides opened at once: our SYN-ACK is an answer, with the counters of what came. */
	if ((TCP_SKB_CB(skb)->tcp_flags & TCPHDR_ACK) && tcp_ecn_mode_accecn(tp)) {
		opts->accecn_len = (u8)tcp_accecn_option(sk, opts->accecn, remaining);
		remaining -= opts->accecn_len;
	}
	return MAX_TCP_OPTION_SPACE - remaining;
}

static void synack_timestamp(struct request_sock *req, const struct sk_buff *skb,
			     struct tcp_out_options *opts)
{
	u64 us = tcp_skb_timestamp_us(skb);

	opts->options |= OPTION_TS;
	opts->tsval = (req->req_usec_ts ? (u32)us : (u32)(us / 1000)) + req->ts_off;
	if (!req->snt_tsval_first) {
		/* 0 means "none sent yet". */
		if (!opts->tsval)
			opts->tsval = ~0U;
		req->snt_tsval_first = opts->tsval;
	}
	req->snt_tsval_last = opts->tsval;
	opts->tsecr = req->ts_recent;
}

u32 tcp_synack_options(const struct sock *sk, struct request_sock *req, u16 mss,
		       const struct sk_buff *skb, struct tcp_out_options *opts,
		       const struct tcp_fastopen_cookie *foc, enum tcp_synack_type type)
{
	u32 remaining = MAX_TCP_OPTION_SPACE, need;

	remaining -= signature_room(opts);
	/*
	 * No room for SACK blocks beside a signature and a time stamp. With a cookie the stamp is where window scale and SACK are
	 * remembered: without it the peer would scale windows that are taken as they are.
	 */
	if ((opts->ao || opts->md5) && type != TCP_SYNACK_COOKIE)
		req->tstamp_ok = req->tstamp_ok && !req->sack_ok;
	opts->mss = mss;
	remaining -= TCPOLEN_MSS_ALIGNED;
	if (req->wscale_ok) {
		opts->ws = req->rcv_wscale;
		opts->options |= OPTION_WSCALE;
		remaining -= TCPOLEN_WSCALE_ALIGNED;
	}
	if (req->tstamp_ok) {
		synack_timestamp(req, skb, opts);
		remaining -= TCPOLEN_TSTAMP_ALIGNED;
	}
	if (req->sack_ok) {
		opts->options |= OPTION_SACK_ADVERTISE;
		if (!req->tstamp_ok)
			remaining -= TCPOLEN_SACKPERM_ALIGNED;
	}
	if (foc && foc->len >= 0) {
		need = fastopen_len(foc);
		if (remaining >= need) {
			opts->options |= OPTION_FAST_OPEN_COOKIE;
			opts->fastopen_cookie = foc;
			remaining -= need;
		}
	}
	/* Not in a repeated one: a box that drops the option must not stop the handshake (RFC 9768 3.2.3.2.3). */
	if (req->accecn_ok && !req->num_timeout && sock_net(sk)->ipv4.sysctl_tcp_ecn_option) {
		opts->accecn_len = (u8)tcp_accecn_synack_option(req, opts->accecn, remaining);
		remaining -= opts->accecn_len;
	}
	return MAX_TCP_OPTION_SPACE - remaining;
}

u32 tcp_established_options(struct sock *sk, struct sk_buff *skb, struct tcp_out_options *opts)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 size, blocks = tp->rx_opt.num_sacks + tp->rx_opt.dsack, room;

	opts->options = 0;
	opts->mss = 0;
	opts->num_sack_blocks = 0;
	opts->accecn_len = 0;
	opts->fastopen_cookie = NULL;
	current_key(sk, opts);
	size = signature_room(opts);
	if (likely(tp->rx_opt.tstamp_ok)) {
		opts->options |= OPTION_TS;
		opts->tsval = skb ? tcp_skb_timestamp_ts(tp, skb) + tp->tsoffset : 0;
		opts->tsecr = tp->rx_opt.ts_recent;
		size += TCPOLEN_TSTAMP_ALIGNED;
	}
	room = MAX_TCP_OPTION_SPACE - size;
	if (unlikely(blocks) && room >= TCPOLEN_SACK_BASE_ALIGNED + TCPOLEN_SACK_PERBLOCK) {
		blocks = min_t(u32, blocks,
			       (room - TCPOLEN_SACK_BASE_ALIGNED) / TCPOLEN_SACK_PERBLOCK);
		opts->num_sack_blocks = (u8)blocks;
		size += TCPOLEN_SACK_BASE_ALIGNED + blocks * TCPOLEN_SACK_PERBLOCK;
	}
	if (unlikely(tcp_ecn_mode_accecn(tp))) {
		opts->accecn_len = (u8)tcp_accecn_option(sk, skb ? opts->accecn : NULL,
							 MAX_TCP_OPTION_SPACE - size);
		size += opts->accecn_len;
	}
	return size;
}

/* ---- how ---- */

static u8 *put_word(u8 *p, u8 a, u8 b, u8 c, u8 d)
{
	p[0] = a;
	p[1] = b;
	p[2] = c;
	p[3] = d;
	return p + 4;
}

static u8 *put_be32(u8 *p, u32 v)
{
	put_unaligned32(htonl(v), p);
	return p + 4;
}

static u8 *write_sacks(u8 *p, struct tcp_sock *tp, unsigned n)
{
	/* What came twice is told first (RFC 2883 4). */
	unsigned dsack = tp->rx_opt.dsack ? 1 : 0;

	p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK,
		     (u8)(TCPOLEN_SACK_BASE + n * TCPOLEN_SACK_PERBLOCK));
	for (unsigned i = 0; i < n; i++) {
		const struct tcp_sack_block *b = i < dsack ?
							 &tcp_loss(tp)->duplicate_sack[0] :
							 &tcp_loss(tp)->selective_acks[i - dsack];

		p = put_be32(p, b->start_seq);
		p = put_be32(p, b->end_seq);
	}
	tp->rx_opt.dsack = 0;
	return p;
}

static void write_fastopen(u8 *p, const struct tcp_fastopen_cookie *foc)
{
	u32 len = (u32)foc->len;

	if (foc->exp) {
		len += TCPOLEN_EXP_FASTOPEN_BASE;
		p = put_word(p, TCPOPT_EXP, (u8)len, TCPOPT_FASTOPEN_MAGIC >> 8,
			     TCPOPT_FASTOPEN_MAGIC & 0xff);
	} else {
		len += TCPOLEN_FASTOPEN_BASE;
		*p++ = TCPOPT_FASTOPEN;
		*p++ = (u8)len;
	}
	memcpy(p, foc->val, (u32)foc->len);
	memset(p + foc->len, TCPOPT_NOP, ALIGN_UP(len, 4u) - len);
}

/* Signature and MSS: the rare beginning. */
static __noinline_cold u8 *write_head(u8 *p, struct sock *sk, const struct request_sock *req,
				      struct tcp_out_options *opts)
{
	if (opts->options & OPTION_MD5) {
		p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_MD5SIG, TCPOLEN_MD5SIG);
		opts->hash_location = p;
		p += 16;
	} else if (opts->options & OPTION_AO) {
		opts->hash_location = tcp_ao_write_option(sk, req, opts->ao, p);
		p += tcp_ao_optlen(opts->ao);
	}
	if (opts->mss)
		p = put_word(p, TCPOPT_MSS, TCPOLEN_MSS, (u8)(opts->mss >> 8), (u8)opts->mss);
	return p;
}

void tcp_options_write(u8 *p, struct sock *sk, const struct request_sock *req,
		       struct tcp_out_options *opts)
{
	u16 options = opts->options;

	if (unlikely(opts->mss || (options & (OPTION_MD5 | OPTION_AO))))
		p = write_head(p, sk, req, opts);
	if (likely(options & OPTION_TS)) {
		if (options & OPTION_SACK_ADVERTISE)
			p = put_word(p, TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM, TCPOPT_TIMESTAMP,
				     TCPOLEN_TIMESTAMP);
		else
			p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
				     TCPOLEN_TIMESTAMP);
		options &= (u16)~OPTION_SACK_ADVERTISE;
		p = put_be32(p, opts->tsval);
		p = put_be32(p, opts->tsecr);
	}
	if (unlikely(opts->accecn_len)) {
		memcpy(p, opts->accecn, opts->accecn_len);
		p += opts->accecn_len;
	}
	if (unlikely(options & OPTION_SACK_ADVERTISE))
		p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM);
	if (unlikely(options & OPTION_WSCALE))
		p = put_word(p, TCPOPT_NOP, TCPOPT_WINDOW, TCPOLEN_WINDOW, opts->ws);
	if (unlikely(opts->num_sack_blocks))
		p = write_sacks(p, tcp_sk(sk), opts->num_sack_blocks);
	if (unlikely(options & OPTION_FAST_OPEN_COOKIE))
		write_fastopen(p, opts->fastopen_cookie);
}
