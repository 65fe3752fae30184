// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_connect.c - the SYN, with data if Fast Open allows it (RFC 7413), and the SYN-ACK of a simultaneous open. */
#include "tcp_output.h"

#include "net/inet_sock.h"
#include "net/sock_mem.h"
#include "net/uio.h"

u32 tcp_timeout_init(const struct sock *sk)
{
	return min_t(u32, TCP_TIMEOUT_INIT, tcp_rto_max(sk));
}

/* The window that we begin with, and how it is scaled. */
static void connect_window(struct sock *sk, const struct dst_entry *dst)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 opt_len = tp->rx_opt.ts_recent_stamp ? tp->tcp_header_len - (u32)sizeof(struct tcphdr) :
						   0;
	u8 rcv_wscale = 0;

	if (!tp->window_clamp)
		tp->window_clamp = dst_metric_raw(dst, RTAX_WINDOW);
	tp->advmss = tcp_mss_clamp(tp, dst_metric_advmss(dst));
	tcp_initialize_rcv_mss(sk);
	/* A receive buffer of the user's choice bounds the window for good. */
	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    (tp->window_clamp > (u32)tcp_full_space(sk) || !tp->window_clamp))
		tp->window_clamp = (u32)tcp_full_space(sk);
	tcp_select_initial_window(sk, tcp_full_space(sk), tp->advmss - opt_len, &tp->rcv_wnd,
				  &tp->window_clamp, sock_net(sk)->ipv4.sysctl_tcp_window_scaling,
				  &rcv_wscale, dst_metric_raw(dst, RTAX_INITRWND));
	tp->rx_opt.rcv_wscale = rcv_wscale & 15;
	tp->rcv_ssthresh = tp->rcv_wnd;
}

static void connect_init(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	tp->tcp_header_len = sizeof(struct tcphdr);
	if (sock_net(sk)->ipv4.sysctl_tcp_timestamps)
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	tcp_ao_connect_init(sk);
	if (tp->rx_opt.user_mss)
		tp->rx_opt.mss_clamp = tp->rx_opt.user_mss;
	tp->max_window = 0;
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, ipv4_mtu(dst));
	tcp_ca_set_route(sk, dst);
	connect_window(sk, dst);
	sk->sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);
	tp->snd_wnd = 0;
	tp->snd_wl1 = 0;
	tcp_write_queue_purge(sk);
	tp->snd_una = tp->write_seq;
	tp->snd_sml = tp->write_seq;
	tp->snd_up = tp->write_seq;
	tp->snd_nxt = tp->write_seq;
	if (likely(!tp->repair))
		tp->rcv_nxt = 0;
	else
		tp->rcv_tstamp = tcp_jiffies32(sk);
	tp->rcv_wup = tp->rcv_nxt;
	tp->copied_seq = tp->rcv_nxt;
	inet_csk(sk)->icsk_rto = tcp_timeout_init(sk);
	inet_csk(sk)->icsk_retransmits = 0;
	tcp_clear_retrans(tp);
}

/* Counted as out from now on; the tree has it when it was sent. */
static void connect_queue_skb(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *tcb = TCP_SKB_CB(skb);

	tcb->end_seq += skb->len;
	sk_wmem_queued_add(sk, (int)skb->truesize);
	sk_mem_charge(sk, (int)skb->truesize);
	tp->write_seq = tcb->end_seq;
	tp->packets_out += (u32)tcp_skb_pcount(skb);
}

/* ---- Fast Open ---- */

/* A copy of the SYN with as much of the user's data as fits. NULL: no memory, or none could be read */
static struct sk_buff *syn_with_data(struct sock *sk, const struct sk_buff *syn)
{
	struct tcp_fastopen_request *fo = tcp_rare(tcp_sk(sk))->fastopen_req;
	/* Options may grow on the way: boxes add theirs. */
	int space =
		__tcp_mtu_to_mss(sk, (int)inet_csk(sk)->icsk_pmtu_cookie) - MAX_TCP_OPTION_SPACE;
	struct sk_buff *skb = tcp_stream_alloc_skb(sk, false);
	int n = 0;

	if (!skb)
		return NULL;
	memcpy(skb->cb, syn->cb, sizeof(skb->cb));
	space = space < 0 ? 0 : (int)min_t(size_t, (size_t)space, fo->size);
	if (space) {
		n = skb_append_from_iter(sock_skiff(sk), skb, fo->data, (u32)space,
					 tcp_sk(sk)->mss_cache);
		if (n <= 0) {
			consume_skb(sock_skiff(sk), skb);
			return NULL;
		}
	}
	fo->copied = n;
	if ((size_t)n == fo->size)
		fo->data = NULL;
	return skb;
}

/* Return: sent with a cookie (and data, if there are any); false: the plain SYN is to go */
static bool send_fastopen_syn(struct sock *sk, struct sk_buff *syn)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_fastopen_request *fo = tcp_rare(tp)->fastopen_req;
	struct sk_buff *data;
	int err;

	tp->rx_opt.mss_clamp = tp->advmss;
	if (!tcp_fastopen_cookie_check(sk, &tp->rx_opt.mss_clamp, &fo->cookie))
		return false;
	tp->rx_opt.mss_clamp = tcp_mss_clamp(tp, tp->rx_opt.mss_clamp);
	tcp_sync_mss(sk, inet_csk(sk)->icsk_pmtu_cookie);
	data = syn_with_data(sk, syn);
	if (!data)
		return false;
	connect_queue_skb(sk, data);
	if (data->len)
		tcp_chrono_start(sk, TCP_CHRONO_BUSY);
	err = tcp_transmit_skb(sk, data, 1);
	syn->tstamp = data->tstamp;
	/* Should it be lost, SYN and data go again one after the other. */
	TCP_SKB_CB(data)->seq++;
	TCP_SKB_CB(data)->tcp_flags = TCPHDR_ACK | TCPHDR_PSH;
	if (!err) {
		tp->syn_data = fo->copied > 0;
		tcp_rbtree_insert(&tp->tcp_rtx_queue, data);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPORIGDATASENT);
		return true;
	}
	skb_queue_tail(&sk->sk_write_queue, data);
	tp->packets_out -= (u32)tcp_skb_pcount(data);
	return false;
}

static int send_syn_data(struct sock *sk, struct sk_buff *syn)
{
	struct tcp_fastopen_request *fo = tcp_rare(tcp_sk(sk))->fastopen_req;
	int err = 0;

	if (!send_fastopen_syn(sk, syn)) {
		/* Ask for a cookie at least. */
		if (fo->cookie.len > 0)
			fo->cookie.len = 0;
		err = tcp_transmit_skb(sk, syn, 1);
		if (err)
			tcp_sk(sk)->syn_fastopen = 0;
	}
	/* A repeated SYN goes without the option. */
	fo->cookie.len = -1;
	return err;
}

/* ---- SYN ---- */

int tcp_connect(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	int err;

	if (inet_sk_rebuild_header(sk))
		return -EHOSTUNREACH;
	connect_init(sk);
	if (unlikely(tp->repair)) {
		tcp_finish_connect(sk, NULL);
		return 0;
	}
	skb = tcp_stream_alloc_skb(sk, true);
	if (unlikely(!skb))
		return -ENOBUFS;
	tcp_init_nondata_skb(skb, tp->write_seq, TCPHDR_SYN);
	tcp_mstamp_refresh(tp);
	tp->retrans_stamp = tcp_time_stamp_ts(tp);
	connect_queue_skb(sk, skb);
	tcp_ecn_send_syn(sk, skb);
	tcp_rbtree_insert(&tp->tcp_rtx_queue, skb);
	err = tcp_rare(tp)->fastopen_req ? send_syn_data(sk, skb) : tcp_transmit_skb(sk, skb, 1);
	if (err == -ECONNREFUSED)
		return err;
	/* After sending, so that it counts in OutSegs. */
	tp->snd_nxt = tp->write_seq;
	tp->pushed_seq = tp->write_seq;
	skb = tcp_send_head(sk);
	if (unlikely(skb)) {
		tp->snd_nxt = TCP_SKB_CB(skb)->seq;
		tp->pushed_seq = TCP_SKB_CB(skb)->seq;
	}
	TCP_INC_STATS(sock_net(sk), TCP_MIB_ACTIVEOPENS);
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, inet_csk(sk)->icsk_rto, false);
	return 0;
}

/* SYNs crossed: ours goes again with an ACK. */
int tcp_send_synack(struct sock *sk)
{
	struct sk_buff *skb = tcp_rtx_queue_head(sk);

	if (!skb || !(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN))
		return -EFAULT;
	if (!(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_ACK)) {
		TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_ACK;
		tcp_ecn_send_synack(sk, skb);
	}
	return tcp_transmit_skb(sk, skb, 1);
}
