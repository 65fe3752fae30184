/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_sock.h - tcp_sock, what a packet in its queues carries, and what is counted and timed of both. */
#ifndef NET_TCP_SOCK_H
#define NET_TCP_SOCK_H

#include "net/inet_connection_sock.h"
#include "net/sock_mem.h"
#include "net/tcp_wire.h"

/* ---- a packet in TCP's hands ---- */
/**
 * struct tcp_skb_cb - in skb->cb
 * @seq, @end_seq: of the data, SYN and FIN counted; @tcp_gso_segs, @tcp_gso_size: MSS count and size (send queue)
 * @tcp_flags:     TCPHDR_* of the header
 * @sacked:        TCPCB_*
 * @tx:            when it was sent and what had been delivered then (tcp_rate.c)
 */
struct tcp_skb_cb {
	u32 seq;
	u32 end_seq;
	union {
		struct {
			u16 tcp_gso_segs;
			u16 tcp_gso_size;
		};
		u32 rcv_tstamp_spare;
	};
	u16 tcp_flags;
	u8 sacked;
	u8 ip_dsfield;
	u8 txstamp_ack : 1, eor : 1, has_rxtstamp : 1, zc_ : 1;
	u8 rtx_pad_;
	u16 frag_truesize_spare_;
	u32 ack_seq;
	union {
		struct {
			u32 is_app_limited : 1, delivered_ce : 20;
			u32 delivered;
			u32 first_tx_mstamp;  /* us, low 32 bits */
			u32 delivered_mstamp; /* us, low 32 bits */
			u32 in_flight;
		} tx;
		struct inet_skb_parm h4; /* received: IP options, if skb->ipflags has IPSKB_OPTS */
	};
};
static_assert(sizeof(struct tcp_skb_cb) <= 48, "tcp_skb_cb fits the control block");
#define TCP_SKB_CB(skb) ((struct tcp_skb_cb *)((skb)->cb))

#define TCPCB_SACKED_ACKED   0x01
#define TCPCB_SACKED_RETRANS 0x02
#define TCPCB_LOST	     0x04
#define TCPCB_TAGBITS	     0x07
#define TCPCB_REPAIRED	     0x10
#define TCPCB_EVER_RETRANS   0x80
#define TCPCB_RETRANS	     (TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS | TCPCB_REPAIRED)

static inline int tcp_skb_pcount(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->tcp_gso_segs;
}

static inline void tcp_skb_pcount_set(struct sk_buff *skb, int segs)
{
	TCP_SKB_CB(skb)->tcp_gso_segs = (u16)segs;
}

static inline int tcp_skb_mss(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->tcp_gso_size;
}

/** tcp_skb_timestamp_us() - when the packet was sent last: skb->tstamp is ns of skiff->now */
static inline u64 tcp_skb_timestamp_us(const struct sk_buff *skb)
{
	return skb->tstamp / 1000;
}

struct tcp_sack_block_wire {
	__be32 start_seq;
	__be32 end_seq;
};

struct tcp_sack_block {
	u32 start_seq;
	u32 end_seq;
};

struct tcp_fastopen_cookie {
	u8 val[TCP_FASTOPEN_COOKIE_MAX];
	s8 len; /* -1: none asked, 0: asked for */
	bool exp;
};

/**
 * struct tcp_options_received
 * @ts_recent_stamp: seconds when ts_recent was taken; @saw_tstamp: in this segment
 * @user_mss: TCP_MAXSEG; @mss_clamp: smallest of what both sides said
 */
struct tcp_options_received {
	u32 ts_recent_stamp;
	u32 ts_recent;
	u32 rcv_tsval;
	u32 rcv_tsecr;
	u16 saw_tstamp : 1, tstamp_ok : 1, dsack : 1, wscale_ok : 1, sack_ok : 3, snd_wscale : 4,
		rcv_wscale : 4;
	u8 saw_unknown : 1;
	u8 num_sacks;
	u16 user_mss;
	u16 mss_clamp;
};
#define TCP_SACK_SEEN  (1 << 0)
#define TCP_DSACK_SEEN (1 << 2)

/* What was found in the header while parsing, beyond options: pointers into the packet. */
struct tcp_parsed {
	const u8 *md5;	  /* 16 bytes, NULL none */
	const u8 *ao;	  /* option, NULL none */
	const u8 *accecn; /* option, NULL none */
	bool bad;
};

/**
 * struct tcp_loss - what a connection has once something was lost, sent again or out of order, on either side
 * Made by tcp_loss_make() when that happens and kept till the connection ends. Who reads gets nothing but zeroes before (tcp_loss()).
 * @out_of_order_queue: by seq; @ooo_last_skb: its last; @selective_acks: blocks to be sent, rx_opt.num_sacks of them
 * @duplicate_sack:  the D-SACK to be sent, or sent last; @compressed_ack_rcv_nxt: rcv_nxt when the ACKs being held back began
 * @recv_sack_cache: the blocks that came last
 * @retransmit_skb_hint: where retransmission goes on
 * @prior_ssthresh, @prior_cwnd: before the reduction, 0: not to be restored; @undo_retrans: -1: nothing sent again yet
 * @prr_delivered, @prr_out: packets since the reduction began
 * @rto_stamp: ms; @total_rto_time: ms
 */
struct tcp_loss {
	struct rb_root out_of_order_queue;
	struct sk_buff *ooo_last_skb;
	struct tcp_sack_block selective_acks[TCP_NUM_SACKS];
	struct tcp_sack_block duplicate_sack[1];
	u32 rcv_ooopack;
	u32 compressed_ack_rcv_nxt;
	struct sk_buff *retransmit_skb_hint;
	struct tcp_sack_block recv_sack_cache[TCP_NUM_SACKS];
	u32 prior_ssthresh;
	u32 prior_cwnd;
	u32 prr_delivered;
	u32 prr_out;
	int undo_retrans;
	u32 total_retrans;
	u64 bytes_retrans;
	u32 reord_seen;
	u32 dsack_dups;
	u32 rto_stamp;
	u32 total_rto_time;
	u16 total_rto;
	u16 total_rto_recoveries;
	u16 timeout_rehash;
};

/**
 * struct tcp_sock - the whole of a connection
 * Names are the kernel's. Times: *_us in us of the shard's clock, *_stamp and *_time in ticks unless they say else.
 * Fourteen lines of the cache with what is below it: an idle connection has these, its descriptor and its places in the
 * tables, and nothing else. What few have stands in tcp_loss and in tcp_rare.
 */
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	/* ---- line 7: each segment: what it says and what it changes */
	u32 rcv_nxt;
	u32 copied_seq;
	u32 rcv_wup;
	u32 rcv_wnd;
	u32 snd_una;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 max_window;
	u16 tcp_header_len;
	u8 nonagle : 4, repair : 1, frto : 1, recvmsg_inq : 1, is_cwnd_limited : 1;
	u8 ecn_flags;
	u32 pred_flags; /* be */
	struct tcp_options_received rx_opt;
	/* ---- line 8: and transmission */
	u32 rcv_tstamp; /* tick of the last ACK */
	u32 lsndtime;	/* tick of the last data sent */
	u32 window_clamp;
	u32 rcv_ssthresh;
	u16 advmss;
	u8 scaling_ratio;
	u8 compressed_ack;
	u32 snd_nxt;
	u32 write_seq;
	u32 pushed_seq;
	u32 snd_sml;
	u32 packets_out;
	u32 retrans_out;
	u32 sacked_out;
	u32 lost_out;
	u32 snd_cwnd;
	u32 snd_ssthresh;
	u32 mss_cache;
	/* ---- line 9: queues and clocks */
	struct tcp_loss *loss;	      /* NULL: nothing was ever lost */
	struct rb_root tcp_rtx_queue; /* sent, not acknowledged, by seq */
	struct sk_buff *
		highest_sack; /* of the rtx queue: right behind the highest SACKed; NULL: snd_nxt */
	struct list_head tsorted_sent_queue; /* by time of sending, for RACK */
	u64 tcp_mstamp;			     /* us: now, as of the last refresh */
	u64 tcp_wstamp_ns;		     /* departure of the next packet when paced */
	u8 rate_app_limited : 1, thin_lto : 1, syn_data : 1, syn_fastopen : 1, syn_fastopen_exp : 1,
		syn_fastopen_ch : 1, syn_data_acked : 1, fastopen_connect : 1;
	u8 fastopen_no_cookie : 1, fastopen_client_fail : 2, save_syn : 2, tcp_usec_ts : 1,
		is_sack_reneg : 1;
	u8 chrono_type : 2, repair_queue : 2, dup_ack_counter : 2;
	u8 tlp_retrans : 1, syn_ect_snt : 2, syn_ect_rcv : 2, in_ack_event : 1;
	u8 tsq_throttled : 1,
		tsq_queued : 1; /* small queues: waits for tcp_wfree(); on the shard's list */
	u16 urg_data;
	/* ---- line 10: RTT and rate */
	u32 srtt_us; /* << 3 */
	u32 mdev_us; /* << 2 */
	u32 mdev_max_us;
	u32 rttvar_us; /* << 2 */
	u32 rtt_seq;
	u32 app_limited;
	struct minmax3 {
		struct {
			u32 t; /* us or packets, low 32 bits */
			u32 v;
		} s[3];
	} rtt_min;
	u64 first_tx_mstamp;  /* us */
	u64 delivered_mstamp; /* us */
	/* ---- line 11: RACK and the window */
	u32 delivered;
	u32 lost;
	struct tcp_rack {
		u64 mstamp; /* us: sent time of the newest delivered */
		u32 rtt_us;
		u32 end_seq;
		u32 last_delivered;
		u8 reo_wnd_steps;
		u8 reo_wnd_persist : 5, dsack_seen : 1, advanced : 1;
	} rack;
	u32 max_packets_out;
	u32 cwnd_usage_seq;
	u32 snd_cwnd_cnt;
	u32 snd_cwnd_used;
	u32 snd_cwnd_stamp;
	u32 high_seq;
	u32 undo_marker;
	u32 tsoffset;
	/* ---- line 12: the receiver's buffer, counters for TCP_INFO */
	u32 rcv_rtt_last_tsecr;
	u32 chrono_start; /* tick */
	struct {
		u32 rtt_us; /* << 3 */
		u32 seq;
		u32 time; /* us, low 32 bits, 0: none */
	} rcv_rtt_est;
	struct {
		u32 space;
		u32 seq;
		u32 time; /* us, low 32 bits */
	} rcvq_space;
	u64 bytes_received;
	u64 bytes_acked;
	u64 bytes_sent;
	u32 segs_in;
	u32 segs_out;
	/* ---- line 13 */
	u32 data_segs_in;
	u32 data_segs_out;
	u32 chrono_stat[3];
	u32 rate_delivered;
	u32 rate_interval_us;
	u32 delivered_ce;
	u32 tlp_high_seq;
	u32 retrans_stamp; /* ms or us as tcp_time_stamp_ts() */
	u32 reordering;
	u32 last_oow_ack_time;
	u32 received_ce;
	u32 snd_up;
	u32 urg_seq;
	u32 tsq_next; /* handle: behind this one on the shard's list */
};
static_assert(TCP_RTO_MAX < 1 << 24 && TCP_DELACK_MAX < 1 << 8,
	      "limits fit the bits of icsk_rto_max and icsk_delack_max");
static_assert(offsetof(struct tcp_sock, rcv_nxt) == 7 * 64,
	      "what each segment reads begins a line");
static_assert(sizeof(struct tcp_sock) == 14 * 64, "an idle connection is paid for by the line");

struct saved_syn {
	u32 mac_hdrlen;
	u32 network_hdrlen;
	u32 tcp_hdrlen;
	u8 data[];
};

struct tcp_fastopen_request {
	struct tcp_fastopen_cookie cookie;
	struct iov_iter *data;
	size_t size;
	int copied;
};

static inline struct tcp_sock *tcp_sk(const struct sock *sk)
{
	return (struct tcp_sock *)sk;
}

/** tcp_sock_prefetch() - start loading what a segment of an ordinary connection, or a call, will look at: they come together, not one after the other */
static inline void tcp_sock_prefetch(const struct sock *sk)
{
	for (size_t off = 0; off < sizeof(struct tcp_sock); off += 64)
		__builtin_prefetch((const char *)sk + off);
}

/* ---- parts that few have: tcp_parts.c ---- */
/** tcp_rare() - to be read; tcp_rare_make() to be written */
static inline const struct tcp_rare *tcp_rare(const struct tcp_sock *tp)
{
	return icsk_rare(&tp->inet_conn);
}

extern const struct tcp_loss tcp_loss_none;

/** tcp_loss() - to be read; tcp_loss_make() to be written */
static inline const struct tcp_loss *tcp_loss(const struct tcp_sock *tp)
{
	return likely(!tp->loss) ? &tcp_loss_none : tp->loss;
}

/** tcp_loss_make() - made if there is none; NULL: no memory, and the connection does without what it would have remembered */
struct tcp_loss *tcp_loss_make(struct tcp_sock *tp);
/** tcp_loss_free() - its queue is empty */
void tcp_loss_free(struct tcp_sock *tp);

/** tcp_reordering_seen() - counted */
void tcp_reordering_seen(struct tcp_sock *tp);

static inline bool tcp_ooo_empty(const struct tcp_sock *tp)
{
	return rb_root_empty(&tcp_loss(tp)->out_of_order_queue);
}

/* ---- counting ---- */
static inline u32 tcp_left_out(const struct tcp_sock *tp)
{
	return tp->sacked_out + tp->lost_out;
}

static inline u32 tcp_packets_in_flight(const struct tcp_sock *tp)
{
	return tp->packets_out - tcp_left_out(tp) + tp->retrans_out;
}

static inline bool tcp_is_sack(const struct tcp_sock *tp)
{
	return tp->rx_opt.sack_ok;
}

static inline bool tcp_is_reno(const struct tcp_sock *tp)
{
	return !tcp_is_sack(tp);
}

static inline bool tcp_in_slow_start(const struct tcp_sock *tp)
{
	return tp->snd_cwnd < tp->snd_ssthresh;
}

static inline bool tcp_in_initial_slowstart(const struct tcp_sock *tp)
{
	return tp->snd_ssthresh >= TCP_INFINITE_SSTHRESH;
}

static inline bool tcp_in_cwnd_reduction(const struct sock *sk)
{
	return (TCPF_CA_CWR | TCPF_CA_Recovery) & (1 << inet_csk(sk)->icsk_ca_state);
}

static inline u32 tcp_current_ssthresh(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_in_cwnd_reduction(sk))
		return tp->snd_ssthresh;
	return max_t(u32, tp->snd_ssthresh, (tp->snd_cwnd >> 1) + (tp->snd_cwnd >> 2));
}

static inline u32 tcp_wnd_end(const struct tcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}

static inline void tcp_snd_cwnd_set(struct tcp_sock *tp, u32 val)
{
	NET_ASSERT((int)val > 0);
	tp->snd_cwnd = val;
}

/** tcp_verify_left_out() - no more is counted as SACKed or lost than is out */
static inline void tcp_verify_left_out(const struct tcp_sock *tp)
{
	NET_ASSERT(tcp_left_out(tp) <= tp->packets_out);
}

static inline bool tcp_under_memory_pressure(const struct sock *sk)
{
	return sk_under_memory_pressure(sk);
}

/* ---- time ---- */
/** tcp_mstamp_refresh() - tp->tcp_mstamp = now */
static inline void tcp_mstamp_refresh(struct tcp_sock *tp)
{
	tp->tcp_mstamp = sock_skiff((struct sock *)tp)->now / 1000;
}

#define tcp_jiffies32(sk) ((u32)sock_skiff(sk)->jiffies)
static inline u32 tcp_stamp_us_delta(u64 t1, u64 t0)
{
	return (s64)(t1 - t0) > 0 ? (u32)(t1 - t0) : 0;
}

/** tcp_stamp_low() - a stamp of which 71 minutes are enough; never 0 */
static inline u32 tcp_stamp_low(u64 us)
{
	return (u32)us ? (u32)us : 1;
}

static inline u32 tcp_skb_us_delta(const struct tcp_sock *tp, const struct sk_buff *skb)
{
	return tcp_stamp_us_delta(tp->tcp_mstamp, tcp_skb_timestamp_us(skb));
}

/** tcp_time_stamp_ts() - what goes into the time stamp option (without tsoffset): ms, or us where the route says so */
static inline u32 tcp_time_stamp_ts(const struct tcp_sock *tp)
{
	return tp->tcp_usec_ts ? (u32)tp->tcp_mstamp : (u32)(tp->tcp_mstamp / 1000);
}
#define TCP_TS_HZ 1000

/** tcp_skb_timestamp_ts() - the same clock at the time @skb was sent */
static inline u32 tcp_skb_timestamp_ts(const struct tcp_sock *tp, const struct sk_buff *skb)
{
	return tp->tcp_usec_ts ? (u32)tcp_skb_timestamp_us(skb) : (u32)(skb->tstamp / 1000000);
}

/** tcp_store_ts_recent() - the segment's time stamp is the one to echo */
static inline void tcp_store_ts_recent(struct tcp_sock *tp)
{
	tp->rx_opt.ts_recent = tp->rx_opt.rcv_tsval;
	tp->rx_opt.ts_recent_stamp = (u32)(sock_skiff((struct sock *)tp)->now / 1000000000);
}

/* Ticks that cover @us. */
static inline u32 usecs_to_jiffies(u64 us)
{
	return (u32)((us + 999) / 1000);
}

static inline u32 jiffies_to_usecs(u32 ticks)
{
	return ticks * 1000;
}

#endif
