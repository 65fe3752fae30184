/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_reno.c - without SACK: duplicate ACKs stand for packets that arrived, somewhere.
 *
 * DOC: Emulated SACK
 * sacked_out then counts duplicate ACKs. No packet is marked, so what is left of the count after a cumulative ACK is guessed:
 * one of the packets acknowledged was the hole, the others were what the duplicates stood for.
 */
#include "tcp_ack.h"

/**
 * tcp_limit_reno_sacked() - no more can have arrived than is out less at least one hole. Return: true: more duplicates came than that
 */
bool tcp_limit_reno_sacked(struct tcp_sock *tp)
{
	u32 holes = max_t(u32, tp->lost_out, 1);

	holes = min_t(u32, holes, tp->packets_out);
	if (tp->sacked_out + holes <= tp->packets_out)
		return false;
	tp->sacked_out = tp->packets_out - holes;
	return true;
}

/* More duplicates than can be: the network reorders (or duplicates). */
static void tcp_check_reno_reordering(struct sock *sk, int addend)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_limit_reno_sacked(tp))
		return;
	tp->reordering = min_t(u32, tp->packets_out + (u32)addend,
			       sock_net(sk)->ipv4.sysctl_tcp_max_reordering);
	tcp_reordering_seen(tp);
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRENOREORDER);
}

void tcp_add_reno_sack(struct sock *sk, int num_dupack, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_sacked = tp->sacked_out;
	s32 delivered;

	if (!num_dupack)
		return;
	tp->sacked_out += (u32)num_dupack;
	tcp_check_reno_reordering(sk, 0);
	delivered = (s32)(tp->sacked_out - prior_sacked);
	if (delivered > 0)
		tcp_count_delivered(tp, (u32)delivered, ece_ack);
	tcp_verify_left_out(tp);
}

/**
 * tcp_remove_reno_sacks() - @acked packets were acknowledged at once
 */
void tcp_remove_reno_sacks(struct sock *sk, int acked, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (acked > 0) {
		tcp_count_delivered(tp, (u32)max_t(int, acked - (int)tp->sacked_out, 1), ece_ack);
		if ((u32)acked - 1 >= tp->sacked_out)
			tp->sacked_out = 0;
		else
			tp->sacked_out -= (u32)acked - 1;
	}
	tcp_check_reno_reordering(sk, acked);
	tcp_verify_left_out(tp);
}
