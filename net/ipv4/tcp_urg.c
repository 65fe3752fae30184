/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_urg.c - urgent data: one byte that may be read beside the stream (RFC 6093, net.ipv4.tcp_stdurg).
 *
 * DOC: Urgent byte
 * urg_data says whether one is announced (TCP_URG_NOTYET), here (TCP_URG_VALID, with the byte), or read with MSG_OOB
 * (TCP_URG_READ); urg_seq is its place in the stream, which reading never crosses in one call. 0: none is known of.
 */
#include "tcp_input.h"

/* The last urgent byte was read out of band and the reader stands right in front of it: it must not appear as data. */
static void skip_old_urgent(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

	tp->copied_seq++;
	if (skb && !before(tp->copied_seq, TCP_SKB_CB(skb)->end_seq)) {
		skb_unlink(skb, &sk->sk_receive_queue);
		consume_skb(sock_skiff(sk), skb);
	}
}

void tcp_check_urg(struct sock *sk, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ptr = ntohs(th->urg_ptr);

	if (ptr && !sock_net(sk)->ipv4.sysctl_tcp_stdurg)
		ptr--;
	ptr += ntohl(th->seq);
	/* Read, received, or announced before. */
	if (after(tp->copied_seq, ptr) || before(ptr, tp->rcv_nxt))
		return;
	if (tp->urg_data && !after(ptr, tp->urg_seq))
		return;
	if (tp->urg_seq == tp->copied_seq && tp->urg_data && !sock_flag(sk, SOCK_URGINLINE) &&
	    tp->copied_seq != tp->rcv_nxt)
		skip_old_urgent(sk);
	tp->urg_data = TCP_URG_NOTYET;
	tp->urg_seq = ptr;
	tp->pred_flags = 0;
}

void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ptr;
	u8 byte;

	if (unlikely(th->urg))
		tcp_check_urg(sk, th);
	if (likely(tp->urg_data != TCP_URG_NOTYET))
		return;
	ptr = tp->urg_seq - ntohl(th->seq) + th->doff * 4u - th->syn;
	if (ptr >= skb->len || skb_copy_bits(skb, ptr, &byte, 1))
		return;
	tp->urg_data = TCP_URG_VALID | byte;
	if (!sock_flag(sk, SOCK_DEAD))
		sk_data_ready(sk);
}
