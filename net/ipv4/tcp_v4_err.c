// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_v4_err.c - an ICMP error quotes a segment of ours: believed if its sequence number is one under way (RFC 5927).
 *
 * DOC: Errors by ICMP
 * Hard ends of a connection come from the peer or from time running out, never from ICMP once it is established: then an
 * error is kept (sk_err_soft) to explain the end, or told at once with IP_RECVERR. While connecting it ends the attempt. "Fragmentation
 * needed" lowers the path MTU (RFC 1191). "Unreachable" for the segment that times out takes back one doubling of the
 * timeout (RFC 6069): it was a broken path, not congestion.
 */
#include "net/ipv4/tcp_conn.h"

#include "net/icmp.h"

/* errno of the codes of "destination unreachable" (RFC 1122 4.2.3.9) */
static const u8 unreach_errno[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH] = ENETUNREACH,     [ICMP_HOST_UNREACH] = EHOSTUNREACH,
	[ICMP_PROT_UNREACH] = ENOPROTOOPT,    [ICMP_PORT_UNREACH] = ECONNREFUSED,
	[ICMP_FRAG_NEEDED] = EMSGSIZE,	      [ICMP_SR_FAILED] = EOPNOTSUPP,
	[ICMP_NET_UNKNOWN] = ENETUNREACH,     [ICMP_HOST_UNKNOWN] = EHOSTDOWN,
	[ICMP_HOST_ISOLATED] = ENONET,	      [ICMP_NET_ANO] = ENETUNREACH,
	[ICMP_HOST_ANO] = EHOSTUNREACH,	      [ICMP_NET_UNR_TOS] = ENETUNREACH,
	[ICMP_HOST_UNR_TOS] = EHOSTUNREACH,   [ICMP_PKT_FILTERED] = EHOSTUNREACH,
	[ICMP_PREC_VIOLATION] = EHOSTUNREACH, [ICMP_PREC_CUTOFF] = EHOSTUNREACH,
};

/* RFC 6069: the quoted segment is the one that timed out; its last doubling was for nothing. */
static void tcp_ld_RTO_revert(struct sock *sk, u32 seq)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	s64 remaining;

	if (seq != tp->snd_una || !icsk->icsk_retransmits || !icsk->icsk_backoff)
		return;
	skb = tcp_rtx_queue_head(sk);
	if (!skb)
		return;
	icsk->icsk_backoff--;
	icsk->icsk_rto = tp->srtt_us ? __tcp_set_rto(tp) : TCP_TIMEOUT_INIT;
	icsk->icsk_rto = (u32)inet_csk_rto_backoff(icsk, tcp_rto_max(sk));
	tcp_mstamp_refresh(tp);
	remaining = (s64)icsk->icsk_rto - tcp_skb_us_delta(tp, skb) / 1000;
	if (remaining > 0)
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, (u64)remaining, false);
	else
		tcp_retransmit_timer(sk);
}

/** tcp_v4_mtu_reduced() - segments of more than @mtu bytes do not get through */
void tcp_v4_mtu_reduced(struct sock *sk, u32 mtu)
{
	struct dst_entry *dst;

	if ((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE))
		return;
	dst = inet_csk_update_pmtu(sk, mtu);
	if (!dst)
		return;
	/* It may not become that small: if nothing gets through any more, this is why. */
	if (mtu < ipv4_mtu(dst) && ip_dont_fragment(sk, dst))
		sk->sk_err_soft = EMSGSIZE;
	mtu = ipv4_mtu(dst);
	if (inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT && ip_sk_accept_pmtu(sk) &&
	    inet_csk(sk)->icsk_pmtu_cookie > mtu) {
		tcp_sync_mss(sk, mtu);
		tcp_simple_retransmit(sk);
	}
}

/* A request whose SYN-ACK did not get there. */
static void tcp_req_err(struct request_sock *req, u32 seq, bool abort)
{
	struct sock *listener = req->rsk_listener;

	if (seq != req->snt_isn) {
		NET_INC_STATS(req->ireq_net, LINUX_MIB_OUTOFWINDOWICMPS);
		return;
	}
	if (!abort)
		return;
	/* Silently: accept() tells no errors of networks. */
	sock_hold(listener);
	inet_csk_reqsk_queue_drop(listener, req);
	tcp_listendrop(listener);
	sock_put(listener);
}

/* What the message means for the connection: errno, 0: nothing more to do */
static int err_meaning(struct sock *sk, struct sk_buff *skb, const struct icmphdr *icmph, u32 info,
		       u32 seq)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (icmph->type) {
	case ICMP_REDIRECT:
		if (__sk_dst_check(sk, 0))
			ipv4_sk_redirect(skb, sk);
		return 0;
	case ICMP_PARAMETERPROB:
		return EPROTO;
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	case ICMP_DEST_UNREACH:
		break;
	default: /* source quench (RFC 6633) and what is no error */
		return 0;
	}
	if (icmph->code > NR_ICMP_UNREACH)
		return 0;
	if (icmph->code == ICMP_FRAG_NEEDED) {
		if (sk->sk_state != TCP_LISTEN)
			tcp_v4_mtu_reduced(sk, info);
		return 0;
	}
	if (!tcp_rare(tp)->fastopen_rsk &&
	    (icmph->code == ICMP_NET_UNREACH || icmph->code == ICMP_HOST_UNREACH))
		tcp_ld_RTO_revert(sk, seq);
	return unreach_errno[icmph->code];
}

/* A connection (or listener) of ours sent the segment that @skb quotes. */
static void err_full(struct sock *sk, struct sk_buff *skb, const struct icmphdr *icmph, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + iph->ihl * 4u);
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	const struct request_sock *fastopen = tcp_rare(tp)->fastopen_rsk;
	u32 seq = ntohl(th->seq), snd_una = fastopen ? fastopen->snt_isn : tp->snd_una;
	int err;

	if (tcp_ao_ignore_icmp(sk, icmph->type, icmph->code) || sk->sk_state == TCP_CLOSE)
		return;
	if (inet_sk(sk)->min_ttl && iph->ttl < inet_sk(sk)->min_ttl) {
		NET_INC_STATS(net, LINUX_MIB_TCPMINTTLDROP);
		return;
	}
	if (sk->sk_state != TCP_LISTEN && !between(seq, snd_una, tp->snd_nxt)) {
		NET_INC_STATS(net, LINUX_MIB_OUTOFWINDOWICMPS);
		return;
	}
	err = err_meaning(sk, skb, icmph, info, seq);
	if (!err)
		return;
	if ((sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV) &&
	    !(fastopen && !fastopen->sk)) {
		ip_icmp_error(sk, skb, err, th->dest, info, (u8 *)th);
		tcp_done_with_error(sk, err);
		return;
	}
	if (inet_test_bit(RECVERR, sk)) {
		sk->sk_err = (u16)err;
		sk_error_report(sk);
	} else {
		sk->sk_err_soft = (u16)err;
	}
}

/** tcp_v4_err() - see struct net_protocol; at least eight bytes of TCP are quoted */
int tcp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + iph->ihl * 4u);
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	u8 type = icmph->type, code = icmph->code;
	struct net *net = dev_net(skb->dev);
	struct sock *sk = __inet_lookup_established(net, iph->daddr, th->dest, iph->saddr,
						    ntohs(th->source), (int)skb->skb_iif, 0);

	journey_fn(net, skb);
	if (!sk) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	sock_hold(sk);
	if (sk->sk_kind_ == SK_FULL)
		err_full(sk, skb, icmph, info);
	else if (sk->sk_kind_ == SK_REQUEST)
		tcp_req_err(inet_reqsk(sk), ntohl(th->seq),
			    type == ICMP_PARAMETERPROB || type == ICMP_TIME_EXCEEDED ||
				    (type == ICMP_DEST_UNREACH &&
				     (code == ICMP_NET_UNREACH || code == ICMP_HOST_UNREACH)));
	sock_gen_put(sk);
	return 0;
}
