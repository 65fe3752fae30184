// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_transmit.c - the header in front of a segment, and away with it.
 *
 * DOC: Transmission
 * A segment that must be kept (data, SYN, FIN) stays in its queue as it is; what leaves is a small packet with headroom of
 * its own that refers to the same bytes, made anew for each (re)transmission. Nothing is ever written into shared bytes,
 * so a retransmission may overtake a packet that still waits in a device. The checksum leaves as the pseudo header's
 * sum (CHECKSUM_PARTIAL); sums of the payload go along with the references.
 */
#include "tcp_output.h"

/* ---- what an ACK or data on their way out mean for the timers and modes ---- */

/* One of the ACKs that the quick mode promised is on its way. */
static void dec_quickack_mode(struct inet_connection_sock *icsk, bool scheduled)
{
	if (!icsk->icsk_ack.quick || !scheduled)
		return;
	if (--icsk->icsk_ack.quick == 0)
		icsk->icsk_ack.ato = TCP_ATO_MIN;
}

static void event_ack_sent(struct sock *sk, u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(tp->compressed_ack)) {
		NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPACKCOMPRESSED, tp->compressed_ack);
		tp->compressed_ack = 0;
		inet_csk(sk)->compressed_ack_deadline = 0;
	}
	/* An ACK for less than all (DCTCP tells when CE began): the one for the rest is still due. */
	if (unlikely(rcv_nxt != tp->rcv_nxt))
		return;
	dec_quickack_mode(inet_csk(sk), inet_csk_ack_scheduled(sk));
	inet_csk_clear_delack(sk);
}

static void event_data_sent(struct sock *sk, struct tcp_sock *tp)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	u32 now = tcp_jiffies32(sk);

	if (tcp_packets_in_flight(tp) == 0)
		tcp_ca_event(sk, CA_EVENT_TX_START);
	tp->lsndtime = now;
	/* An answer while an ACK would have been held back: this is a dialogue. */
	if (now - icsk->icsk_ack.lrcvtime < icsk->icsk_ack.ato)
		inet_csk_inc_pingpong_cnt(sk);
}

/* ---- header ---- */

static void write_urgent(const struct tcp_sock *tp, struct tcphdr *th, u32 seq)
{
	if (before(tp->snd_up, seq + 0x10000)) {
		th->urg_ptr = htons((u16)(tp->snd_up - seq));
		th->urg = 1;
	} else if (after(seq + 0xFFFF, tp->snd_nxt)) {
		th->urg_ptr = htons(0xFFFF);
		th->urg = 1;
	}
}

/* Fill in the signature over the finished header. false: it could not be made */
static bool sign(struct sock *sk, struct sk_buff *skb, struct tcphdr *th,
		 const struct tcp_out_options *opts)
{
	if (opts->md5) {
		sk_gso_disable(sk);
		return !tcp_v4_md5_hash_skb(opts->hash_location, opts->md5, inet_sk(sk)->inet_saddr,
					    sk->sk_daddr, th, skb);
	}
	return !tcp_ao_transmit(sk, skb, opts->ao, th, opts->hash_location);
}

static void build_header(struct sock *sk, struct sk_buff *skb, const struct tcp_skb_cb *tcb,
			 struct tcp_out_options *opts, u32 header_size, u32 rcv_nxt)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcphdr *th = (struct tcphdr *)skb_push(skb, header_size);
	u16 flags = tcb->tcp_flags;
	u8 *w = (u8 *)th;

	skb_reset_transport_header(skb);
	th->source = inet->inet_sport;
	th->dest = inet->inet_dport;
	th->seq = htonl(tcb->seq);
	th->ack_seq = htonl(rcv_nxt);
	/* More than one segment at once: the receiver may as well take them together. What is sent again, alone, may not say so. */
	if (tcb->tcp_gso_segs > 1 && !(flags & TCPHDR_SYN))
		flags |= TCPHDR_PSH;
	put_unaligned16(htons((u16)((header_size >> 2) << 12 | (flags & 0x1ff))), w + 12);
	th->check = 0;
	th->urg_ptr = 0;
	if (unlikely(tcp_urg_mode(tp) && before(tcb->seq, tp->snd_up)))
		write_urgent(tp, th, tcb->seq);
	if (likely(!(tcb->tcp_flags & TCPHDR_SYN))) {
		th->window = htons(tcp_select_window(sk));
		if (unlikely(tcp_ecn_mode(tp)))
			tcp_ecn_send(sk, skb, tcb, th, header_size);
	} else {
		/* Never scaled in a SYN (RFC 7323 2.2). */
		th->window = htons((u16)min_t(u32, tp->rcv_wnd, 65535));
	}
	tcp_options_write((u8 *)(th + 1), sk, NULL, opts);
}

/* Charge the packet to the socket until it has left. */
static void set_owner(struct sock *sk, struct sk_buff *skb)
{
	skb->sk = sk;
	skb->destructor = tcp_wfree;
	skb->cold = 1;
	sock_hold(sk);
	sk->sk_wmem_alloc += (int)skb->truesize;
}

static void count_sent(struct sock *sk, struct tcp_sock *tp, const struct tcp_skb_cb *tcb,
		       u32 payload, u32 rcv_nxt)
{
	u32 segs = tcb->tcp_gso_segs;

	if (likely(tcb->tcp_flags & TCPHDR_ACK))
		event_ack_sent(sk, rcv_nxt);
	if (payload) {
		event_data_sent(sk, tp);
		tp->data_segs_out += segs;
		tp->bytes_sent += payload;
	}
	if (after(tcb->end_seq, tp->snd_nxt) || tcb->seq == tcb->end_seq)
		sock_net(sk)->mib.tcp_statistics[TCP_MIB_OUTSEGS] += segs;
	tp->segs_out += segs;
}

static void set_gso(const struct tcp_sock *tp, struct sk_buff *skb, const struct tcp_skb_cb *tcb)
{
	struct skb_shared_info *si = skb->shinfo;

	if (!si)
		return;
	si->gso_size = tcb->tcp_gso_segs > 1 ? tcb->tcp_gso_size : 0;
	si->gso_segs = tcb->tcp_gso_segs;
	si->gso_type = tcb->tcp_gso_segs > 1 ? SKB_GSO_TCPV4 : 0;
	if (unlikely(tcp_ecn_mode(tp)) && si->gso_type)
		si->gso_type |= tcp_ecn_mode_accecn(tp) ? SKB_GSO_TCP_ACCECN : SKB_GSO_TCP_ECN;
}

/* net_xmit_eval(): a packet lost to congestion below us was sent as far as TCP can tell. */
static int xmit_result(struct sock *sk, int err)
{
	if (likely(err <= 0))
		return err;
	tcp_enter_cwr(sk);
	return err == NET_XMIT_CN ? 0 : err;
}

int __tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it, u32 rcv_nxt)
{
	struct skiff *skiff = sock_skiff(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);
	struct sk_buff *oskb = NULL;
	u64 prior_wstamp = tp->tcp_wstamp_ns;
	struct tcp_out_options opts;
	u32 options_size, payload = skb->len;
	int err;

	if (tp->tcp_wstamp_ns < skiff->now)
		tp->tcp_wstamp_ns = skiff->now;
	skb->tstamp = tp->tcp_wstamp_ns;
	if (unlikely(tcb->tcp_flags & TCPHDR_SYN)) {
		memset(&opts, 0, sizeof(opts));
		options_size = tcp_syn_options(sk, skb, &opts);
	} else {
		options_size = tcp_established_options(sk, skb, &opts);
	}
	if (clone_it) {
		oskb = skb;
		skb = skb_clone_refs(skiff, oskb);
		if (unlikely(!skb))
			return -ENOBUFS;
		skb->tstamp = 0;
	}
	skb_orphan(skb);
	set_owner(sk, skb);
	build_header(sk, skb, tcb, &opts, options_size + (u32)sizeof(struct tcphdr), rcv_nxt);
	if (unlikely((opts.md5 || opts.ao) && !sign(sk, skb, (struct tcphdr *)skb->data, &opts))) {
		kfree_skb(skiff, skb);
		return -ENOMEM;
	}
	tcp_partial_csum(skb, (struct tcphdr *)skb->data, inet_sk(sk)->inet_saddr, sk->sk_daddr);
	set_gso(tp, skb, tcb);
	count_sent(sk, tp, tcb, payload, rcv_nxt);
	err = xmit_result(sk, ip_queue_xmit(sk, skb, inet_sk(sk)->tos));
	if (likely(!err) && oskb) {
		tcp_update_skb_after_send(sk, oskb, prior_wstamp);
		tcp_rate_skb_sent(sk, oskb);
	}
	return err;
}

int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it)
{
	return __tcp_transmit_skb(sk, skb, clone_it, tcp_sk(sk)->rcv_nxt);
}
