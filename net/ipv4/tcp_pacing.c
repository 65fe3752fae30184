// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_pacing.c - not everything at once: departure times, and how much of a socket may be under way below us.
 *
 * DOC: Pacing and small queues
 * Pacing (SO_MAX_PACING_RATE, or a congestion control that asks for it) gives each packet a time of departure that follows
 * the one before by its length at the pacing rate; before that time the queue waits for the socket's pacing deadline,
 * which is kept in ns, since a tick is too coarse for it.
 *
 * Small queues: what left a socket and is still held by a device or a queue counts in sk_wmem_alloc. Beyond the limit
 * nothing more is given down; when a packet is freed (tcp_wfree) the socket goes on later in the same turn, behind what the
 * others have to do. A link to a host of the same shard has no such queue: what waits at its other end counts for all
 * senders together. So a wire holds a few hundred packets and not whole windows, and what is in flight stays in the cache.
 */
#include "tcp_output.h"

/* What one socket has below it at most, whatever the pacing rate would allow, and what all have on links within the shard. */
#define TCP_TURN_BYTES 196608

/* ---- pacing ---- */

static bool needs_internal_pacing(const struct sock *sk)
{
	return sk->sk_pacing_status == SK_PACING_NEEDED;
}

bool tcp_pacing_check(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (likely(!needs_internal_pacing(sk)) || tp->tcp_wstamp_ns <= sock_skiff(sk)->now)
		return false;
	inet_csk_reset_pacing(sk, tp->tcp_wstamp_ns);
	return true;
}

void tcp_update_skb_after_send(struct sock *sk, struct sk_buff *skb, u64 prior_wstamp)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 rate = sk->sk_pacing_rate, len_ns, credit;

	/* The first ten packets of a connection are not paced. */
	if (unlikely(sk->sk_pacing_status != SK_PACING_NONE) && rate && rate != UINT64_MAX &&
	    tp->data_segs_out >= 10) {
		len_ns = (u64)skb->len * 1000000000ULL / rate;
		/* Late by some: half of it may be caught up. */
		credit = tp->tcp_wstamp_ns - prior_wstamp;
		tp->tcp_wstamp_ns += len_ns - min_t(u64, len_ns / 2, credit);
	}
	if (skb->tcp_tsorted_anchor.next)
		list_del(&skb->tcp_tsorted_anchor);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->tsorted_sent_queue);
}

/* ---- small queues ---- */

/* In which states there can be something to send again or first. */
#define TCPF_TSQ_STATES \
	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_CLOSE_WAIT | TCPF_LAST_ACK)

static void tsq_write(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!((1 << sk->sk_state) & TCPF_TSQ_STATES))
		return;
	if (tp->lost_out > tp->retrans_out && tp->snd_cwnd > tcp_packets_in_flight(tp)) {
		tcp_mstamp_refresh(tp);
		tcp_xmit_retransmit_queue(sk);
	}
	tcp_write_xmit(sk, tcp_current_mss(sk), tp->nonagle, 0);
}

/* Do the ends of links in this shard have enough to look at? Then those who send wait for them. */
static bool links_are_full(const struct skiff *skiff)
{
	return skiff->rx_waiting >= TCP_TURN_BYTES;
}

static unsigned tsq_run(struct turn_work *w);

static struct tcp_sock *tsq_sock(const struct sock_shard *shard, u32 handle)
{
	return slab_ptr(&shard->slab[SLAB_TCP], handle);
}

/* Have @sk go on in the next round of this turn (or the first of the next). The list holds a reference. */
static void tsq_queue(struct sock *sk)
{
	struct sock_shard *shard = sock_skiff(sk)->sockets;
	struct tcp_sock *tp = tcp_sk(sk);

	tp->tsq_throttled = 0;
	if (tp->tsq_queued)
		return;
	tp->tsq_queued = 1;
	sock_hold(sk);
	if (shard->tsq_last)
		tsq_sock(shard, shard->tsq_last)->tsq_next = sk->sk_handle;
	else
		shard->tsq_first = sk->sk_handle;
	shard->tsq_last = sk->sk_handle;
	shard->tsq_work.run = tsq_run;
	skiff_work_add(sock_skiff(sk), &shard->tsq_work);
}

void tcp_tsq_forget(struct net *net)
{
	struct sock_shard *shard = net->skiff->sockets;
	u32 *at;

	if (!shard)
		return; /* a shard without sockets */
	at = &shard->tsq_first;
	shard->tsq_last = 0;
	while (*at) {
		struct tcp_sock *tp = tsq_sock(shard, *at);
		struct sock *sk = (struct sock *)tp;

		if (sock_net(sk) != net) {
			shard->tsq_last = *at;
			at = &tp->tsq_next;
			continue;
		}
		*at = tp->tsq_next;
		tp->tsq_next = 0;
		tp->tsq_queued = 0;
		sock_put(sk);
	}
}

/* The sockets that had to wait, as many as the links take; those that come to wait again are behind the others. */
static unsigned tsq_run(struct turn_work *w)
{
	struct sock_shard *shard = container_of(w, struct sock_shard, tsq_work);
	const u32 last = shard->tsq_last;
	struct skiff *skiff = NULL;
	unsigned done = 0;

	while (shard->tsq_first) {
		struct tcp_sock *tp = tsq_sock(shard, shard->tsq_first);
		struct sock *sk = (struct sock *)tp;
		bool was_last = shard->tsq_first == last;

		skiff = sock_skiff(sk);
		if (links_are_full(skiff))
			break;
		shard->tsq_first = tp->tsq_next;
		if (!tp->tsq_next)
			shard->tsq_last = 0;
		tp->tsq_next = 0;
		tp->tsq_queued = 0;
		tsq_write(sk);
		sock_put(sk);
		done++;
		if (was_last)
			break;
	}
	if (shard->tsq_first)
		skiff_work_add(skiff, &shard->tsq_work);
	return done;
}

void tcp_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	sk->sk_wmem_alloc -= (int)skb->truesize;
	if (unlikely(tcp_sk(sk)->tsq_throttled) && sk->sk_refcnt > 1)
		tsq_queue(sk);
	sock_put(sk);
}

bool tcp_small_queue_check(struct sock *sk, const struct sk_buff *skb, u32 factor)
{
	u64 limit = max_t(u64, 2 * skb->truesize, sk->sk_pacing_rate >> sk->sk_pacing_shift);
	int cap = min_t(int, sock_net(sk)->ipv4.sysctl_tcp_limit_output_bytes, TCP_TURN_BYTES);
	const struct rb_node *root;

	if (unlikely(links_are_full(sock_skiff(sk)))) {
		tsq_queue(sk);
		return true;
	}
	limit = min_t(u64, limit, cap) << factor;
	if (likely((u64)sk->sk_wmem_alloc <= limit))
		return false;
	/* Nothing, or one packet only, in flight: never wait for a device that may be slow to tell. */
	root = tcp_sk(sk)->tcp_rtx_queue.rb_node;
	if (!root || (!root->rb_left && !root->rb_right))
		return false;
	tcp_sk(sk)->tsq_throttled = 1;
	return true;
}
