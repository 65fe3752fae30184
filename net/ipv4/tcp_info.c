/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_info.c - TCP_INFO: what a connection is doing, in the layout that programs know. */
#include "tcp_input.h"

static u32 us(u32 ticks)
{
	return jiffies_to_usecs(ticks);
}

/* Bytes a second as the last good sample of delivery has it. */
static u64 delivery_rate(const struct tcp_sock *tp)
{
	if (!tp->rate_interval_us)
		return 0;
	return (u64)tp->rate_delivered * tp->mss_cache * 1000000 / tp->rate_interval_us;
}

/* Where the time went: sending, waiting for the peer's window, for the send buffer (us). */
static void get_chrono(const struct sock *sk, struct tcp_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 stats[4], total = 0;

	for (int i = TCP_CHRONO_BUSY; i <= TCP_CHRONO_SNDBUF_LIMITED; i++) {
		stats[i] = tp->chrono_stat[i - 1];
		if (i == tp->chrono_type)
			stats[i] += tcp_jiffies32(sk) - tp->chrono_start;
		stats[i] *= 1000000 / HZ;
		total += stats[i];
	}
	info->tcpi_busy_time = total;
	info->tcpi_rwnd_limited = stats[TCP_CHRONO_RWND_LIMITED];
	info->tcpi_sndbuf_limited = stats[TCP_CHRONO_SNDBUF_LIMITED];
}

static void get_options(const struct sock *sk, struct tcp_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rx_opt.tstamp_ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tcp_is_sack(tp))
		info->tcpi_options |= TCPI_OPT_SACK;
	if (tp->rx_opt.wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = tp->rx_opt.snd_wscale & 0xf;
		info->tcpi_rcv_wscale = tp->rx_opt.rcv_wscale & 0xf;
	}
	if (tcp_ecn_mode(tp))
		info->tcpi_options |= TCPI_OPT_ECN;
	if (tp->ecn_flags & TCP_ECN_SEEN)
		info->tcpi_options |= TCPI_OPT_ECN_SEEN;
	if (tp->syn_data_acked)
		info->tcpi_options |= TCPI_OPT_SYN_DATA;
	if (tp->tcp_usec_ts)
		info->tcpi_options |= TCPI_OPT_USEC_TS;
	if (tp->syn_fastopen_ch)
		info->tcpi_options |= TCPI_OPT_TFO_CHILD;
}

static void get_times(const struct sock *sk, struct tcp_info *info)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_jiffies32(sk);

	info->tcpi_rto = us(icsk->icsk_rto);
	info->tcpi_ato = us(icsk->icsk_ack.ato);
	info->tcpi_last_data_sent = now - tp->lsndtime;
	info->tcpi_last_data_recv = now - icsk->icsk_ack.lrcvtime;
	info->tcpi_last_ack_recv = now - tp->rcv_tstamp;
	info->tcpi_rtt = tp->srtt_us >> 3;
	info->tcpi_rttvar = tp->mdev_us >> 2;
	info->tcpi_min_rtt = tcp_min_rtt(tp);
	info->tcpi_rcv_rtt = tp->rcv_rtt_est.rtt_us >> 3;
}

static void get_congestion(const struct sock *sk, struct tcp_info *info)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	info->tcpi_ca_state = icsk->icsk_ca_state;
	info->tcpi_retransmits = icsk->icsk_retransmits;
	info->tcpi_probes = icsk->icsk_probes_out;
	info->tcpi_backoff = icsk->icsk_backoff;
	info->tcpi_unacked = tp->packets_out;
	info->tcpi_sacked = tp->sacked_out;
	info->tcpi_lost = tp->lost_out;
	info->tcpi_retrans = tp->retrans_out;
	info->tcpi_snd_ssthresh = tp->snd_ssthresh;
	info->tcpi_total_retrans = tcp_loss(tp)->total_retrans;
	info->tcpi_delivered = tp->delivered;
	info->tcpi_delivered_ce = tp->delivered_ce;
	info->tcpi_dsack_dups = tcp_loss(tp)->dsack_dups;
	info->tcpi_delivery_rate_app_limited = tp->rate_app_limited;
	info->tcpi_delivery_rate = delivery_rate(tp);
	info->tcpi_rehash = tcp_loss(tp)->timeout_rehash;
	info->tcpi_total_rto = tcp_loss(tp)->total_rto;
	info->tcpi_total_rto_recoveries = tcp_loss(tp)->total_rto_recoveries;
	info->tcpi_total_rto_time = tcp_loss(tp)->total_rto_time;
	if (tcp_loss(tp)->rto_stamp)
		info->tcpi_total_rto_time +=
			(u32)(sock_skiff(sk)->now / 1000000) - tcp_loss(tp)->rto_stamp;
	info->tcpi_fastopen_client_fail = tp->fastopen_client_fail;
}

static void get_accecn(const struct tcp_sock *tp, struct tcp_info *info)
{
	info->tcpi_received_ce = tp->received_ce;
	if (!tcp_rare(tp)->accecn)
		return;
	info->tcpi_delivered_e1_bytes = tcp_rare(tp)->accecn->delivered[0];
	info->tcpi_delivered_e0_bytes = tcp_rare(tp)->accecn->delivered[1];
	info->tcpi_delivered_ce_bytes = tcp_rare(tp)->accecn->delivered[2];
	info->tcpi_received_e1_bytes = tcp_rare(tp)->accecn->received[0];
	info->tcpi_received_e0_bytes = tcp_rare(tp)->accecn->received[1];
	info->tcpi_received_ce_bytes = tcp_rare(tp)->accecn->received[2];
	info->tcpi_accecn_fail_mode = tcp_rare(tp)->accecn->fail_mode;
	info->tcpi_accecn_opt_seen = tcp_rare(tp)->accecn->saw_opt;
}

static void get_counters(const struct tcp_sock *tp, struct tcp_info *info)
{
	u32 notsent = tp->write_seq - tp->snd_nxt;

	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tcp_loss(tp)->bytes_retrans;
	info->tcpi_notsent_bytes = (s32)notsent > 0 ? notsent : 0;
	info->tcpi_segs_out = tp->segs_out;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_data_segs_in = tp->data_segs_in;
	info->tcpi_data_segs_out = tp->data_segs_out;
	info->tcpi_rcv_ooopack = tcp_loss(tp)->rcv_ooopack;
	info->tcpi_reord_seen = tcp_loss(tp)->reord_seen;
	info->tcpi_snd_wnd = tp->snd_wnd;
	info->tcpi_rcv_wnd = tp->rcv_wnd;
}

void tcp_get_info(struct sock *sk, struct tcp_info *info)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	memset(info, 0, sizeof(*info));
	if (sk->sk_type != SOCK_STREAM)
		return;
	info->tcpi_state = sk->sk_state;
	info->tcpi_pacing_rate = sk->sk_pacing_rate;
	info->tcpi_max_pacing_rate = sk_max_pacing_rate(sk);
	info->tcpi_reordering = tp->reordering;
	info->tcpi_snd_cwnd = tp->snd_cwnd;
	if (sk->sk_state == TCP_LISTEN) {
		/* Accept queue and its limit stand in these, for want of others. */
		info->tcpi_unacked = inet_csk_accept_queue(sk)->ack_backlog;
		info->tcpi_sacked = inet_csk_accept_queue(sk)->max_ack_backlog;
		return;
	}
	get_congestion(sk, info);
	get_options(sk, info);
	get_times(sk, info);
	get_chrono(sk, info);
	get_counters(tp, info);
	get_accecn(tp, info);
	info->tcpi_snd_mss = tp->mss_cache;
	info->tcpi_rcv_mss = icsk->icsk_ack.rcv_mss;
	info->tcpi_pmtu = icsk->icsk_pmtu_cookie;
	info->tcpi_rcv_ssthresh = tp->rcv_ssthresh;
	info->tcpi_advmss = tp->advmss;
	info->tcpi_rcv_space = tp->rcvq_space.space;
}
