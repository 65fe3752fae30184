/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_options.c - options of a segment: RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413, RFC 2385, RFC 5925.
 *
 * DOC: Options
 * One walk (next_option()) proves that an option lies within the header; what follows never looks beyond. An option that is cut
 * short, or whose length makes no sense, ends the walk: what came before it counts.
 */
#include "tcp_input.h"

/**
 * struct option_walk - the options not looked at yet
 * @kind, @size, @val: of the option found; @size counts kind and length, @val are the @size - 2 bytes behind them
 * @left: bytes of options from the next one on
 * @bad:  the walk ended at an option that makes no sense
 */
struct option_walk {
	const u8 *next;
	const u8 *val;
	int left;
	u8 kind;
	u8 size;
	bool bad;
};

static void option_walk_init(struct option_walk *w, const struct tcphdr *th)
{
	w->next = (const u8 *)(th + 1);
	w->left = th->doff * 4 - (int)sizeof(*th);
	w->bad = false;
}

static bool next_option(struct option_walk *w)
{
	while (w->left > 0 && *w->next == TCPOPT_NOP) {
		w->next++;
		w->left--;
	}
	if (w->left <= 0 || *w->next == TCPOPT_EOL)
		return false;
	if (w->left < 2 || w->next[1] < 2 || w->next[1] > w->left) {
		w->bad = true;
		return false;
	}
	w->kind = w->next[0];
	w->size = w->next[1];
	w->val = w->next + 2;
	w->next += w->size;
	w->left -= w->size;
	return true;
}

static u16 be16_at(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static u32 be32_at(const u8 *p)
{
	return ntohl(get_unaligned32(p));
}

/* @len: of the cookie, without kind, length and magic */
static void parse_fastopen(int len, const u8 *cookie, bool syn, struct tcp_fastopen_cookie *foc,
			   bool exp)
{
	/* Only with a SYN, and of an even length (RFC 7413 4.1.1). */
	if (!foc || !syn || len < 0 || (len & 1))
		return;
	if (len >= TCP_FASTOPEN_COOKIE_MIN && len <= TCP_FASTOPEN_COOKIE_MAX)
		memcpy(foc->val, cookie, (size_t)len);
	else if (len)
		len = -1;
	foc->len = (s8)len;
	foc->exp = exp;
}

static void parse_mss(const struct option_walk *w, struct tcp_options_received *rx)
{
	u16 mss = be16_at(w->val);

	if (!mss)
		return;
	if (rx->user_mss && rx->user_mss < mss)
		mss = rx->user_mss;
	rx->mss_clamp = mss;
}

/* Those that only a SYN may carry. Return: false: it is none of them */
static bool parse_syn_option(const struct net *net, const struct option_walk *w,
			     struct tcp_options_received *rx, bool syn)
{
	switch (w->kind) {
	case TCPOPT_MSS:
		if (syn && w->size == TCPOLEN_MSS)
			parse_mss(w, rx);
		return true;
	case TCPOPT_WINDOW:
		if (syn && w->size == TCPOLEN_WINDOW && net->ipv4.sysctl_tcp_window_scaling) {
			rx->wscale_ok = 1;
			/* RFC 7323 2.3: more than 14 counts as 14. */
			rx->snd_wscale = (u8)min_t(u8, w->val[0], TCP_MAX_WSCALE) & 0xf;
		}
		return true;
	case TCPOPT_SACK_PERM:
		if (syn && w->size == TCPOLEN_SACK_PERM && net->ipv4.sysctl_tcp_sack) {
			rx->sack_ok = TCP_SACK_SEEN;
			tcp_sack_reset(rx);
		}
		return true;
	default:
		return false;
	}
}

static void parse_timestamp(const struct net *net, const struct option_walk *w,
			    struct tcp_options_received *rx, int estab)
{
	if (w->size != TCPOLEN_TIMESTAMP)
		return;
	if (estab ? !rx->tstamp_ok : !net->ipv4.sysctl_tcp_timestamps)
		return;
	rx->saw_tstamp = 1;
	rx->rcv_tsval = be32_at(w->val);
	rx->rcv_tsecr = be32_at(w->val + 4);
}

void tcp_parse_options(const struct net *net, const struct sk_buff *skb,
		       struct tcp_options_received *opt_rx, int estab,
		       struct tcp_fastopen_cookie *foc)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct option_walk w;

	opt_rx->saw_tstamp = 0;
	opt_rx->saw_unknown = 0;
	for (option_walk_init(&w, th); next_option(&w);) {
		if (parse_syn_option(net, &w, opt_rx, th->syn && !estab))
			continue;
		switch (w.kind) {
		case TCPOPT_TIMESTAMP:
			parse_timestamp(net, &w, opt_rx, estab);
			break;
		case TCPOPT_SACK:
			if (w.size >= TCPOLEN_SACK_BASE + TCPOLEN_SACK_PERBLOCK &&
			    !((w.size - TCPOLEN_SACK_BASE) % TCPOLEN_SACK_PERBLOCK) &&
			    opt_rx->sack_ok)
				TCP_SKB_CB(skb)->sacked = (u8)(w.val - 2 - (const u8 *)th);
			break;
		case TCPOPT_FASTOPEN:
			parse_fastopen(w.size - TCPOLEN_FASTOPEN_BASE, w.val, th->syn, foc, false);
			break;
		case TCPOPT_EXP:
			if (w.size >= TCPOLEN_EXP_FASTOPEN_BASE &&
			    be16_at(w.val) == TCPOPT_FASTOPEN_MAGIC)
				parse_fastopen(w.size - TCPOLEN_EXP_FASTOPEN_BASE, w.val + 2,
					       th->syn, foc, true);
			else
				opt_rx->saw_unknown = 1;
			break;
		case TCPOPT_MD5SIG:
		case TCPOPT_AO:
		case TCPOPT_ACCECN0:
		case TCPOPT_ACCECN1:
			/* tcp_parse_signatures() */
			break;
		default:
			opt_rx->saw_unknown = 1;
		}
	}
}

/* Is the option that a walk is at (or ended at) one that a signature must not be looked for behind? */
static bool bad_signature(const struct option_walk *w, const struct tcp_parsed *out)
{
	if (w->bad)
		return true;
	if (w->kind == TCPOPT_MD5SIG)
		return w->size != TCPOLEN_MD5SIG || out->md5 || out->ao;
	return w->kind == TCPOPT_AO && (w->size <= 4 || out->md5 || out->ao);
}

void tcp_parse_signatures(const struct tcphdr *th, struct tcp_parsed *out)
{
	struct option_walk w;
	int left;

	*out = (struct tcp_parsed){ 0 };
	option_walk_init(&w, th);
	for (bool more = true; more;) {
		more = next_option(&w);
		left = w.left + (more ? w.size : 0);
		/* What is left may be anything once the longest signature has no room in it. */
		if ((more || w.bad) && left >= TCPOLEN_MD5SIG && bad_signature(&w, out)) {
			out->bad = true;
			return;
		}
		if (!more)
			return;
		if (w.kind == TCPOPT_MD5SIG && w.size == TCPOLEN_MD5SIG)
			out->md5 = w.val;
		else if (w.kind == TCPOPT_AO && w.size > 4)
			out->ao = w.val - 2;
		else if ((w.kind == TCPOPT_ACCECN0 || w.kind == TCPOPT_ACCECN1) && !out->accecn)
			out->accecn = w.val - 2;
	}
}

u16 tcp_parse_mss_option(const struct tcphdr *th, u16 user_mss)
{
	struct tcp_options_received rx = { .user_mss = user_mss };
	struct option_walk w;

	for (option_walk_init(&w, th); next_option(&w);) {
		if (w.kind == TCPOPT_MSS && w.size == TCPOLEN_MSS)
			parse_mss(&w, &rx);
	}
	return rx.mss_clamp;
}

bool tcp_parse_aligned_timestamp(struct tcp_sock *tp, const struct tcphdr *th)
{
	const u8 *p = (const u8 *)(th + 1);
	u32 tsecr;

	if (get_unaligned32(p) !=
	    htonl(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 | TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP))
		return false;
	tp->rx_opt.saw_tstamp = 1;
	tp->rx_opt.rcv_tsval = be32_at(p + 4);
	tsecr = be32_at(p + 8);
	tp->rx_opt.rcv_tsecr = tsecr ? tsecr - tp->tsoffset : 0;
	return true;
}

bool tcp_fast_parse_options(const struct net *net, const struct sk_buff *skb,
			    const struct tcphdr *th, struct tcp_sock *tp)
{
	if (th->doff == sizeof(*th) / 4) {
		tp->rx_opt.saw_tstamp = 0;
		return false;
	}
	if (tp->rx_opt.tstamp_ok && th->doff == (sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED) / 4 &&
	    tcp_parse_aligned_timestamp(tp, th))
		return true;
	tcp_parse_options(net, skb, &tp->rx_opt, 1, NULL);
	if (tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr)
		tp->rx_opt.rcv_tsecr -= tp->tsoffset;
	return true;
}
