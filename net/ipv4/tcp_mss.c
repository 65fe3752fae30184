// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_mss.c - how large a segment may be: ours by path MTU and peer, and what we tell the peer.
 *
 * mss_cache is for a header of tcp_header_len bytes, that is with the options that every segment has; tcp_current_mss()
 * takes off what this one has beyond that. It is for payload only (RFC 6691).
 */
#include "tcp_output.h"

u16 tcp_advertise_mss(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 metric;

	if (dst) {
		metric = dst_metric_advmss(dst);
		if (metric < tp->advmss)
			tp->advmss = (u16)metric;
	}
	return tp->advmss;
}

/* Without what options take. */
int __tcp_mtu_to_mss(const struct sock *sk, int pmtu)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int mss = pmtu - (int)sizeof(struct iphdr) - (int)sizeof(struct tcphdr);

	mss = min_t(int, mss, tp->rx_opt.mss_clamp);
	mss -= inet_csk(sk)->icsk_ext_hdr_len;
	return max_t(int, mss, sock_net(sk)->ipv4.sysctl_tcp_min_snd_mss);
}

int tcp_mtu_to_mss(struct sock *sk, int pmtu)
{
	return __tcp_mtu_to_mss(sk, pmtu) -
	       (tcp_sk(sk)->tcp_header_len - (int)sizeof(struct tcphdr));
}

int tcp_mss_to_mtu(struct sock *sk, int mss)
{
	return mss + tcp_sk(sk)->tcp_header_len + inet_csk(sk)->icsk_ext_hdr_len +
	       (int)sizeof(struct iphdr);
}

/* With a window of one segment there would be no second to wait for: at least two in a window. */
static u32 bound_to_half_wnd(const struct tcp_sock *tp, u32 mss)
{
	u32 cutoff = tp->max_window;

	if (tp->max_window > TCP_MSS_DEFAULT)
		cutoff >>= 1;
	if (!cutoff || mss <= cutoff)
		return mss;
	return max_t(u32, cutoff, 68U - tp->tcp_header_len);
}

u32 tcp_sync_mss(struct sock *sk, u32 pmtu)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss;

	if (icsk->icsk_mtup.search_high > pmtu)
		icsk->icsk_mtup.search_high = (u16)pmtu;
	mss = bound_to_half_wnd(tp, (u32)tcp_mtu_to_mss(sk, (int)pmtu));
	icsk->icsk_pmtu_cookie = pmtu;
	if (icsk->icsk_mtup.enabled)
		mss = min_t(u32, mss, (u32)tcp_mtu_to_mss(sk, icsk->icsk_mtup.search_low));
	tp->mss_cache = mss;
	return mss;
}

void tcp_ext_hdr_changed(struct sock *sk, int delta)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_ext_hdr_len = (u16)(icsk->icsk_ext_hdr_len + delta);
	tcp_sync_mss(sk, icsk->icsk_pmtu_cookie);
}

u32 tcp_current_mss(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tp->mss_cache, header_len = sizeof(struct tcphdr), mtu;
	struct tcp_out_options opts;

	if (likely(dst)) {
		mtu = likely(dst->mtu_plain) ? dst->mtu_plain : ipv4_mtu(dst);
		if (unlikely(mtu != inet_csk(sk)->icsk_pmtu_cookie))
			mss = tcp_sync_mss(sk, mtu);
	}
	header_len += tcp_established_options(sk, NULL, &opts);
	return mss - (header_len - tp->tcp_header_len);
}
