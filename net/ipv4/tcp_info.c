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
	info->tcpi_total_retrans = tp->total_retrans;
	info->tcpi_delivered = tp->delivered;
	info->tcpi_delivered_ce = tp->delivered_ce;
	info->tcpi_dsack_dups = tp->dsack_dups;
	info->tcpi_delivery_rate_app_limited = tp->rate_app_limited;
	info->tcpi_delivery_rate = delivery_rate(tp);
	info->tcpi_rehash = tp->timeout_rehash;
	info->tcpi_total_rto = tp->total_rto;
	info->tcpi_total_rto_recoveries = tp->total_rto_recoveries;
	info->tcpi_total_rto_time = tp->total_rto_time;
	if (tp->rto_stamp)
		info->tcpi_total_rto_time += (u32)(sock_skiff(sk)->now / 1000000) - tp->rto_stamp;
	info->tcpi_fastopen_client_fail = tp->fastopen_client_fail;
}

static void get_accecn(const struct tcp_sock *tp, struct tcp_info *info)
{
	info->tcpi_received_ce = tp->received_ce;
	if (!tp->accecn)
		return;
	info->tcpi_delivered_e1_bytes = tp->accecn->delivered[0];
	info->tcpi_delivered_e0_bytes = tp->accecn->delivered[1];
	info->tcpi_delivered_ce_bytes = tp->accecn->delivered[2];
	info->tcpi_received_e1_bytes = tp->accecn->received[0];
	info->tcpi_received_e0_bytes = tp->accecn->received[1];
	info->tcpi_received_ce_bytes = tp->accecn->received[2];
	info->tcpi_accecn_fail_mode = tp->accecn->fail_mode;
	info->tcpi_accecn_opt_seen = tp->accecn->saw_opt;
}

static void get_counters(const struct tcp_sock *tp, struct tcp_info *info)
{
	u32 notsent = tp->write_seq - tp->snd_nxt;

	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tp->bytes_retrans;
	info->tcpi_notsent_bytes = (s32)notsent > 0 ? notsent : 0;
	info->tcpi_segs_out = tp->segs_out;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_data_segs_in = tp->data_segs_in;
	info->tcpi_data_segs_out = tp->data_segs_out;
	info->tcpi_rcv_ooopack = tp->rcv_ooopack;
	info->tcpi_reord_seen = tp->reord_seen;
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
	info->tcpi_max_pacing_rate = sk->sk_max_pacing_rate;
	info->tcpi_reordering = tp->reordering;
	info->tcpi_snd_cwnd = tp->snd_cwnd;
	if (sk->sk_state == TCP_LISTEN) {
		/* Accept queue and its limit stand in these, for want of others. */
		info->tcpi_unacked = sk->sk_ack_backlog;
		info->tcpi_sacked = sk->sk_max_ack_backlog;
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

/* ---- SOF_TIMESTAMPING_OPT_STATS ---- */

/* TCP_NLA_* of <linux/tcp.h> */
enum {
	NLA_BUSY = 1,
	NLA_RWND_LIMITED,
	NLA_SNDBUF_LIMITED,
	NLA_DATA_SEGS_OUT,
	NLA_TOTAL_RETRANS,
	NLA_PACING_RATE,
	NLA_DELIVERY_RATE,
	NLA_SND_CWND,
	NLA_REORDERING,
	NLA_MIN_RTT,
	NLA_RECUR_RETRANS,
	NLA_DELIVERY_RATE_APP_LMT,
	NLA_SNDQ_SIZE,
	NLA_CA_STATE,
	NLA_SND_SSTHRESH,
	NLA_DELIVERED,
	NLA_DELIVERED_CE,
	NLA_BYTES_SENT,
	NLA_BYTES_RETRANS,
	NLA_DSACK_DUPS,
	NLA_REORD_SEEN,
	NLA_SRTT,
	NLA_TIMEOUT_REHASH,
	NLA_BYTES_NOTSENT,
	NLA_EDT,
	NLA_TTL,
	NLA_REHASH,
};
#define OPT_STATS_MAX 400

/* One attribute, padded to four bytes. */
static void put_stat(struct sk_buff *skb, u16 type, const void *val, u16 size)
{
	const u16 head[2] = { (u16)(4 + size), type };

	skb_put_data(skb, head, sizeof(head));
	skb_put_data(skb, val, size);
	skb_put_zero(skb, (4u - (size & 3)) & 3);
}

static void put_u64(struct sk_buff *skb, u16 type, u64 v)
{
	put_stat(skb, type, &v, sizeof(v));
}

static void put_u32(struct sk_buff *skb, u16 type, u32 v)
{
	put_stat(skb, type, &v, sizeof(v));
}

static void put_u8(struct sk_buff *skb, u16 type, u8 v)
{
	put_stat(skb, type, &v, sizeof(v));
}

struct sk_buff *tcp_get_timestamping_opt_stats(struct sock *sk, const struct sk_buff *orig)
{
	struct sk_buff *skb = alloc_skb(sock_skiff(sk), OPT_STATS_MAX);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_info info;
	u16 rehash;

	if (!skb)
		return NULL;
	tcp_get_info(sk, &info);
	put_u64(skb, NLA_BUSY, info.tcpi_busy_time);
	put_u64(skb, NLA_RWND_LIMITED, info.tcpi_rwnd_limited);
	put_u64(skb, NLA_SNDBUF_LIMITED, info.tcpi_sndbuf_limited);
	put_u64(skb, NLA_DATA_SEGS_OUT, tp->data_segs_out);
	put_u64(skb, NLA_TOTAL_RETRANS, tp->total_retrans);
	put_u64(skb, NLA_PACING_RATE, info.tcpi_pacing_rate);
	put_u64(skb, NLA_DELIVERY_RATE, info.tcpi_delivery_rate);
	put_u32(skb, NLA_SND_CWND, info.tcpi_snd_cwnd);
	put_u32(skb, NLA_REORDERING, info.tcpi_reordering);
	put_u32(skb, NLA_MIN_RTT, info.tcpi_min_rtt);
	put_u8(skb, NLA_RECUR_RETRANS, info.tcpi_retransmits);
	put_u8(skb, NLA_DELIVERY_RATE_APP_LMT, info.tcpi_delivery_rate_app_limited);
	put_u32(skb, NLA_SND_SSTHRESH, info.tcpi_snd_ssthresh);
	put_u32(skb, NLA_DELIVERED, info.tcpi_delivered);
	put_u32(skb, NLA_DELIVERED_CE, info.tcpi_delivered_ce);
	put_u32(skb, NLA_SNDQ_SIZE, tp->write_seq - tp->snd_una);
	put_u8(skb, NLA_CA_STATE, info.tcpi_ca_state);
	put_u64(skb, NLA_BYTES_SENT, info.tcpi_bytes_sent);
	put_u64(skb, NLA_BYTES_RETRANS, info.tcpi_bytes_retrans);
	put_u32(skb, NLA_DSACK_DUPS, info.tcpi_dsack_dups);
	put_u32(skb, NLA_REORD_SEEN, info.tcpi_reord_seen);
	put_u32(skb, NLA_SRTT, info.tcpi_rtt);
	rehash = tp->timeout_rehash;
	put_stat(skb, NLA_TIMEOUT_REHASH, &rehash, sizeof(rehash));
	put_u32(skb, NLA_BYTES_NOTSENT, info.tcpi_notsent_bytes);
	put_u64(skb, NLA_EDT, orig->tstamp);
	put_u32(skb, NLA_REHASH, info.tcpi_rehash);
	return skb;
}
