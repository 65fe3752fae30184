/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_close.c - how the user ends a connection: shutdown, close with its orphans, disconnect, abort. */
#include "tcp_input.h"
#include "net/sock_mem.h"

#define TCP_ACTION_FIN 0x80

/* Where close or shutdown leads from a state, and whether a FIN is to be sent (RFC 9293 3.10.4). */
static bool tcp_close_state(struct sock *sk)
{
	static const u8 next[TCP_MAX_STATES] = {
		[TCP_ESTABLISHED] = TCP_FIN_WAIT1 | TCP_ACTION_FIN,
		[TCP_SYN_SENT] = TCP_CLOSE,
		[TCP_SYN_RECV] = TCP_FIN_WAIT1 | TCP_ACTION_FIN,
		[TCP_FIN_WAIT1] = TCP_FIN_WAIT1,
		[TCP_FIN_WAIT2] = TCP_FIN_WAIT2,
		[TCP_TIME_WAIT] = TCP_CLOSE,
		[TCP_CLOSE] = TCP_CLOSE,
		[TCP_CLOSE_WAIT] = TCP_LAST_ACK | TCP_ACTION_FIN,
		[TCP_LAST_ACK] = TCP_LAST_ACK,
		[TCP_LISTEN] = TCP_CLOSE,
		[TCP_CLOSING] = TCP_CLOSING,
		[TCP_NEW_SYN_RECV] = TCP_CLOSE,
	};
	u8 n = next[sk->sk_state];

	tcp_set_state(sk, n & ~TCP_ACTION_FIN);
	return n & TCP_ACTION_FIN;
}

void tcp_shutdown(struct sock *sk, int how)
{
	/* A SYN_RECV gets its FIN once it is established: synrecv_established(). */
	if ((how & SEND_SHUTDOWN) &&
	    ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_CLOSE_WAIT)) &&
	    tcp_close_state(sk))
		tcp_send_fin(sk);
}

static bool tcp_need_reset(int state)
{
	return (1 << state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 |
			       TCPF_FIN_WAIT2 | TCPF_SYN_RECV);
}

/* ---- close ---- */

/* Return: true if there were bytes that nobody read */
static bool flush_receive_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	bool unread = false;

	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		u32 end_seq = TCP_SKB_CB(skb)->end_seq;

		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
			end_seq--;
		if (after(end_seq, tp->copied_seq))
			unread = true;
		consume_skb(sock_skiff(sk), skb);
	}
	return unread;
}

/* The connection goes on without a descriptor, or ends here. */
static void close_connection(struct sock *sk, bool unread)
{
	struct net *net = sock_net(sk);

	if (unlikely(tcp_sk(sk)->repair)) {
		tcp_disconnect(sk, 0);
	} else if (unread) {
		/* RFC 2525 2.17: the peer must learn that data were lost. */
		NET_INC_STATS(net, LINUX_MIB_TCPABORTONCLOSE);
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk, 0);
	} else if (sock_flag(sk, SOCK_LINGER) && !(sk->sk_side && sk->sk_side->lingertime)) {
		tcp_disconnect(sk, 0);
		NET_INC_STATS(net, LINUX_MIB_TCPABORTONDATA);
	} else if (tcp_close_state(sk)) {
		tcp_send_fin(sk);
	}
}

/* An orphan in FIN_WAIT_2 must not wait for ever for a FIN. Return: true if a time-wait sock took over */
static bool orphan_in_fin_wait2(struct sock *sk)
{
	int tmo;

	if (tcp_rare(tcp_sk(sk))->linger2 < 0) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk, 0);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONLINGER);
		return false;
	}
	tmo = tcp_fin_time(sk);
	if (tmo > TCP_TIMEWAIT_LEN) {
		inet_csk_reset_keepalive_timer(sk, (u64)(tmo - TCP_TIMEWAIT_LEN));
		return false;
	}
	tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
	return true;
}

static void orphan(struct sock *sk)
{
	sock_orphan(sk);
	sk_proto_memory(sk)->orphan_count++;
	if (sk->sk_state == TCP_FIN_WAIT2 && orphan_in_fin_wait2(sk))
		return;
	if (sk->sk_state != TCP_CLOSE && tcp_check_oom(sk, 0)) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk, 0);
		NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONMEMORY);
	}
	if (sk->sk_state == TCP_CLOSE) {
		struct request_sock *req = tcp_rare(tcp_sk(sk))->fastopen_rsk;

		if (req)
			reqsk_fastopen_remove(sk, req, false);
		inet_csk_destroy_sock(sk);
	}
}

void tcp_close(struct sock *sk, s64 timeout)
{
	/* Who lingers waits before he calls (skiff_bclose()). */
	(void)timeout;
	sock_hold(sk);
	sk->sk_shutdown = SHUTDOWN_MASK;
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		inet_csk_listen_stop(sk);
	} else {
		bool unread = flush_receive_queue(sk);

		if (sk->sk_state != TCP_CLOSE)
			close_connection(sk, unread);
	}
	orphan(sk);
	sock_put(sk);
}

/* ---- disconnect ---- */

static void forget_peer(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
	}
	sk_dst_reset(sk);
	if (sk->sk_rx_dst)
		dst_release(sk->sk_rx_dst);
	sk->sk_rx_dst = NULL;
}

static void purge_queues(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	skb_queue_purge_reason(sock_skiff(sk), &sk->sk_receive_queue, SKB_CONSUMED);
	tp->copied_seq = tp->rcv_nxt;
	tp->urg_data = 0;
	if (sk->sk_side)
		sk->sk_side->peek_off = -1;
	tcp_zerocopy_complete(sk, true);
	tcp_write_queue_purge(sk);
	tcp_fastopen_active_disable_ofo_check(sk);
	tcp_ooo_purge(sk);
}

/* What the next connection of this socket must find as a fresh one does; settings stay. */
static void reset_transfer_state(struct tcp_sock *tp)
{
	tp->srtt_us = 0;
	tp->mdev_us = TCP_TIMEOUT_INIT * (1000000 / HZ);
	tp->rcv_rtt_last_tsecr = 0;
	tp->write_seq += tp->max_window + 2;
	if (!tp->write_seq)
		tp->write_seq = 1;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_cwnd_cnt = 0;
	tp->is_cwnd_limited = 0;
	tp->max_packets_out = 0;
	tp->window_clamp = 0;
	tp->delivered = tp->delivered_ce = 0;
	tp->is_sack_reneg = 0;
	tp->retrans_out = tp->sacked_out = 0;
	tp->tlp_high_seq = 0;
	tp->last_oow_ack_time = 0;
	tp->app_limited = ~0U;
	tp->rate_app_limited = 1;
	tp->rack = (struct tcp_rack){ .reo_wnd_steps = 1 };
	memset(&tp->rx_opt, 0, sizeof(tp->rx_opt));
	tp->syn_data_acked = tp->syn_fastopen_ch = 0;
	tp->fastopen_client_fail = 0;
	tp->compressed_ack = 0;
}

static void reset_counters(struct tcp_sock *tp)
{
	tp->segs_in = tp->segs_out = 0;
	tp->data_segs_in = tp->data_segs_out = 0;
	tp->bytes_sent = tp->bytes_acked = tp->bytes_received = 0;
}

static void reset_connection_state(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_backoff = 0;
	icsk->icsk_probes_out = 0;
	icsk->icsk_probes_tstamp = 0;
	icsk->icsk_rto = TCP_TIMEOUT_INIT;
	icsk->icsk_rto_min = TCP_RTO_MIN;
	icsk->icsk_delack_max = TCP_DELACK_MAX;
	if (icsk->icsk_ca_initialized && icsk->icsk_ca_ops->release)
		icsk->icsk_ca_ops->release(sk);
	memset(icsk->icsk_ca_priv, 0, sizeof(icsk->icsk_ca_priv));
	icsk->icsk_ca_initialized = 0;
	tcp_set_ca_state(sk, TCP_CA_Open);
	tcp_clear_retrans(tcp_sk(sk));
	inet_csk_delack_init(sk);
	icsk->icsk_ack.rcv_mss = TCP_MIN_MSS;
}

/* What the peer and the user learn of it (RFC 9293 3.10.5). */
static void disconnect_notify(struct sock *sk, int old_state)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (old_state == TCP_LISTEN) {
		inet_csk_listen_stop(sk);
	} else if (unlikely(tp->repair)) {
		sk->sk_err = ECONNABORTED;
	} else if (tcp_need_reset(old_state) ||
		   (tp->snd_nxt != tp->write_seq &&
		    ((1 << old_state) & (TCPF_CLOSING | TCPF_LAST_ACK)))) {
		tcp_send_active_reset(sk, 0);
		sk->sk_err = ECONNRESET;
	} else if (old_state == TCP_SYN_SENT) {
		sk->sk_err = ECONNRESET;
	}
}

int tcp_disconnect(struct sock *sk, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int old_state = sk->sk_state;

	(void)flags;
	if (old_state != TCP_CLOSE)
		tcp_set_state(sk, TCP_CLOSE);
	disconnect_notify(sk, old_state);
	inet_csk_clear_xmit_timers(sk);
	purge_queues(sk);
	forget_peer(sk);
	sk->sk_shutdown = 0;
	sock_reset_flag(sk, SOCK_DONE);
	reset_connection_state(sk);
	reset_transfer_state(tp);
	reset_counters(tp);
	tcp_loss_free(tp);
	tcp_free_saved_syn(sk);
	tcp_free_fastopen_req(tp);
	inet_clear_bit(DEFER_CONNECT, sk);
	sk_error_report(sk);
	return 0;
}
