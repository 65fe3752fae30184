// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_write_queue.c - what was not sent yet, and where the time of sending goes. */
#include "tcp_output.h"
#include "net/sock_mem.h"

/* ---- not sent ---- */

void tcp_unlink_write_queue(struct sk_buff *skb, struct sock *sk)
{
	skb_unlink(skb, &sk->sk_write_queue);
}

void tcp_insert_write_queue_before(struct sk_buff *skb, struct sk_buff *next, struct sock *sk)
{
	skb_queue_before(&sk->sk_write_queue, next, skb);
}

void tcp_queue_skb(struct sock *sk, struct sk_buff *skb)
{
	tcp_sk(sk)->write_seq = TCP_SKB_CB(skb)->end_seq;
	skb_queue_tail(&sk->sk_write_queue, skb);
	if (skb_queue_len(&sk->sk_write_queue) == 1)
		tcp_chrono_start(sk, TCP_CHRONO_BUSY);
	sk_wmem_queued_add(sk, (int)skb->truesize);
	sk_mem_charge(sk, (int)skb->truesize);
}

/* ---- where the time goes: TCP_INFO's busy, rwnd_limited and sndbuf_limited ---- */

static void chrono_set(struct sock *sk, u32 type)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_jiffies32(sk), old = tp->chrono_type;

	if (old != TCP_CHRONO_UNSPEC)
		tp->chrono_stat[old - 1] += now - tp->chrono_start;
	tp->chrono_start = now;
	tp->chrono_type = type & 3;
}

void tcp_chrono_start(struct sock *sk, int type)
{
	/* The greater number is the more telling reason, and stands as long as it holds. */
	if (type > tcp_sk(sk)->chrono_type)
		chrono_set(sk, (u32)type);
}

void tcp_chrono_stop(struct sock *sk, int type)
{
	if (tcp_rtx_and_write_queues_empty(sk))
		chrono_set(sk, TCP_CHRONO_UNSPEC);
	else if (type == tcp_sk(sk)->chrono_type)
		chrono_set(sk, TCP_CHRONO_BUSY);
}
