/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp.h - TCP: tcp_sock, what a packet in its queues carries, and who calls whom.
 *
 * DOC: TCP by file (net/ipv4)
 *   tcp.c            the calls: state of a socket from the user's side, sendmsg (tcp_sendmsg.c), recvmsg (tcp_recvmsg.c),
 *                    close (tcp_close.c), options (tcp_sockopt.c), TCP_INFO (tcp_info.c), TCP_REPAIR (tcp_repair.c)
 *   tcp_ipv4.c       segments in from IP, to their socket; connect; resets; errors by ICMP (tcp_v4_err.c)
 *   tcp_conn.c       requests: SYN to socket (tcp_conn_request); syncookies.c; tcp_minisocks.c: child, time-wait; tcp_fastopen*.c
 *   tcp_md5.c, tcp_ao.c   signatures
 *   tcp_rcv.c        segments at a socket: fast path, validity, states (tcp_rcv_established, tcp_rcv_state_process, tcp_validate_incoming)
 *   tcp_options.c    parsing of options
 *   tcp_data.c       data in: receive queue, tcp_ofo.c: out of order and SACK blocks to send, tcp_urg.c, tcp_rcvbuf.c: window, autotuning
 *   tcp_ack.c        acknowledgements: what is delivered, RTT (tcp_rtt.c); tcp_sacktag.c; tcp_loss.c: recovery, PRR, undo, F-RTO; tcp_recovery.c: RACK;
 *                    tcp_rate.c; tcp_ecn.c
 *   tcp_output.c     segments out: tcp_transmit.c (header), tcp_write_xmit, Nagle, TSO (tcp_tso.c), tcp_window.c (tcp_select_window), tcp_mtup.c,
 *                    tcp_retransmit.c, TLP; tcp_send.c: SYN, SYN-ACK, FIN, RST, ACK, probes
 *   tcp_timer.c      what the five deadlines do
 *   tcp_cong.c       registry, reno; tcp_cubic.c tcp_bbr.c tcp_dctcp.c; tcp_ulp.c; tcp_metrics.c
 *   tcp_offload.c    GSO and GRO
 * The unit of work is a segment of up to 64 KB that only refers to data; counts ("packets") are in MSS as in Linux.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/inet_connection_sock.h"
#include "net/tcp_abi.h"

#define TCP_MAX_QUICKACKS	    16U
#define MAX_TCP_WINDOW		    32767U
#define TCP_MIN_SND_MSS		    48
#define TCP_MIN_GSO_SIZE	    (TCP_MIN_SND_MSS - MAX_TCP_OPTION_SPACE)
#define TCP_MIN_MSS		    88U
#define TCP_BASE_MSS		    1024
#define TCP_PROBE_INTERVAL	    600
#define TCP_PROBE_THRESHOLD	    8
#define TCP_FASTRETRANS_THRESH	    3
#define TCP_MSS_DEFAULT		    536U
#define TCP_MAX_WSCALE		    14U
#define TCP_INIT_CWND		    10
#define TCP_DELACK_MAX		    ((u32)(HZ / 5))
#define TCP_DELACK_MIN		    ((u32)(HZ / 25))
#define TCP_ATO_MIN		    ((u32)(HZ / 25))
#define TCP_RTO_MAX_SEC		    120
#define TCP_RTO_MAX		    ((u32)(TCP_RTO_MAX_SEC * HZ))
#define TCP_RTO_MIN		    ((u32)(HZ / 5))
#define TCP_TIMEOUT_MIN		    2U
#define TCP_TIMEOUT_MIN_US	    (TCP_TIMEOUT_MIN * 1000U)
#define TCP_TIMEOUT_INIT	    ((u32)(1 * HZ))
#define TCP_TIMEOUT_FALLBACK	    ((u32)(3 * HZ))
#define TCP_RESOURCE_PROBE_INTERVAL ((u32)(HZ / 2U))
#define TCP_KEEPALIVE_TIME	    (120 * 60 * HZ)
#define TCP_KEEPALIVE_PROBES	    9
#define TCP_KEEPALIVE_INTVL	    (75 * HZ)
#define MAX_TCP_KEEPIDLE	    32767
#define MAX_TCP_KEEPINTVL	    32767
#define MAX_TCP_KEEPCNT		    127
#define MAX_TCP_SYNCNT		    127
#define TCP_SYN_RETRIES		    6
#define TCP_SYNACK_RETRIES	    5
#define TCP_RETR1		    3
#define TCP_RETR2		    15
#define TCP_FIN_TIMEOUT		    TCP_TIMEWAIT_LEN
#define TCP_FIN_TIMEOUT_MAX	    (120 * HZ)
#define TCP_PAWS_24DAYS		    (60 * 60 * 24 * 24)
#define TCP_PAWS_MSL		    60
#define TCP_PAWS_WINDOW		    1
#define TCP_INFINITE_SSTHRESH	    0x7fffffff
#define TCP_NUM_SACKS		    4
#define TCP_RACK_RECOVERY_THRESH    16
#define TCP_MAX_REORDERING_DFLT	    300

/* options on the wire */
#define TCPOPT_NOP		  1
#define TCPOPT_EOL		  0
#define TCPOPT_MSS		  2
#define TCPOPT_WINDOW		  3
#define TCPOPT_SACK_PERM	  4
#define TCPOPT_SACK		  5
#define TCPOPT_TIMESTAMP	  8
#define TCPOPT_MD5SIG		  19
#define TCPOPT_AO		  29
#define TCPOPT_MPTCP		  30
#define TCPOPT_FASTOPEN		  34
#define TCPOPT_ACCECN0		  172
#define TCPOPT_ACCECN1		  174
#define TCPOPT_EXP		  254
#define TCPOPT_FASTOPEN_MAGIC	  0xF989
#define TCPOLEN_MSS		  4
#define TCPOLEN_WINDOW		  3
#define TCPOLEN_SACK_PERM	  2
#define TCPOLEN_TIMESTAMP	  10
#define TCPOLEN_MD5SIG		  18
#define TCPOLEN_FASTOPEN_BASE	  2
#define TCPOLEN_EXP_FASTOPEN_BASE 4
#define TCPOLEN_TSTAMP_ALIGNED	  12
#define TCPOLEN_WSCALE_ALIGNED	  4
#define TCPOLEN_SACKPERM_ALIGNED  4
#define TCPOLEN_SACK_BASE	  2
#define TCPOLEN_SACK_BASE_ALIGNED 4
#define TCPOLEN_SACK_PERBLOCK	  8
#define TCPOLEN_MD5SIG_ALIGNED	  20
#define TCPOLEN_MSS_ALIGNED	  4
#define MAX_TCP_OPTION_SPACE	  40
#define MAX_TCP_HEADER		  128
#define TCP_FASTOPEN_COOKIE_MIN	  4
#define TCP_FASTOPEN_COOKIE_MAX	  16
#define TCP_FASTOPEN_COOKIE_SIZE  8

/* TCP_NAGLE_* in tp->nonagle */
#define TCP_NAGLE_OFF  1
#define TCP_NAGLE_CORK 2
#define TCP_NAGLE_PUSH 4

/* header flags as a byte (tcp_flags) */
#define TCPHDR_FIN     BIT(0)
#define TCPHDR_SYN     BIT(1)
#define TCPHDR_RST     BIT(2)
#define TCPHDR_PSH     BIT(3)
#define TCPHDR_ACK     BIT(4)
#define TCPHDR_URG     BIT(5)
#define TCPHDR_ECE     BIT(6)
#define TCPHDR_CWR     BIT(7)
#define TCPHDR_AE      BIT(8)
#define TCPHDR_ACE     (TCPHDR_ECE | TCPHDR_CWR | TCPHDR_AE)
#define TCPHDR_SYN_ECN (TCPHDR_SYN | TCPHDR_ECE | TCPHDR_CWR)

/* the fourth word of the header, be: offset, flags, window */
#define TCP_FLAG_AE	  htonl(0x01000000)
#define TCP_FLAG_CWR	  htonl(0x00800000)
#define TCP_FLAG_ECE	  htonl(0x00400000)
#define TCP_FLAG_URG	  htonl(0x00200000)
#define TCP_FLAG_ACK	  htonl(0x00100000)
#define TCP_FLAG_PSH	  htonl(0x00080000)
#define TCP_FLAG_RST	  htonl(0x00040000)
#define TCP_FLAG_SYN	  htonl(0x00020000)
#define TCP_FLAG_FIN	  htonl(0x00010000)
#define TCP_RESERVED_BITS htonl(0x0E000000)
#define TCP_REMNANT	  (TCP_FLAG_FIN | TCP_FLAG_URG | TCP_FLAG_SYN | TCP_FLAG_PSH)
#define TCP_HP_BITS	  (~(TCP_RESERVED_BITS | TCP_FLAG_PSH))

static inline struct tcphdr *tcp_hdr(const struct sk_buff *skb)
{
	return (struct tcphdr *)skb_transport_header(skb);
}

static inline u32 tcp_hdrlen(const struct sk_buff *skb)
{
	return tcp_hdr(skb)->doff * 4u;
}

static inline __be32 tcp_flag_word(const struct tcphdr *th)
{
	return get_unaligned32((const u8 *)th + 12);
}

/* ---- sequence numbers: RFC 9293 3.4 ---- */
static inline bool before(u32 seq1, u32 seq2)
{
	return (s32)(seq1 - seq2) < 0;
}
#define after(seq2, seq1) before(seq1, seq2)

static inline bool between(u32 seq1, u32 seq2, u32 seq3)
{
	return seq3 - seq2 >= seq1 - seq2;
}

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
			u32 tsval_; /* of the segment received */
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
	u16 saw_tstamp : 1, tstamp_ok : 1, dsack : 1, wscale_ok : 1, sack_ok : 3, smc_ok : 1,
		snd_wscale : 4, rcv_wscale : 4;
	u8 saw_unknown : 1, accecn_spare : 7;
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
 * struct tcp_sock - the whole of a connection
 * Names are the kernel's. Times: *_us in us of the shard's clock, *_stamp and *_time in ticks unless they say else.
 */
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	/* ---- each segment: what it says and what it changes */
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
	u32 rcv_tstamp; /* tick of the last ACK */
	u32 lsndtime;	/* tick of the last data sent */
	u32 window_clamp;
	u32 rcv_ssthresh;
	u16 advmss;
	u8 scaling_ratio;
	u8 compressed_ack : 8;
	/* ---- transmit */
	u32 snd_nxt;
	u32 write_seq;
	u32 pushed_seq;
	u32 snd_sml;
	u32 snd_up;
	u32 packets_out;
	u32 retrans_out;
	u32 sacked_out;
	u32 lost_out;
	u32 max_packets_out;
	u32 cwnd_usage_seq;
	u32 snd_cwnd;
	u32 snd_cwnd_cnt;
	u32 snd_cwnd_used;
	u32 snd_cwnd_stamp;
	u32 snd_ssthresh;
	u32 mss_cache;
	u32 notsent_lowat; /* 0: the namespace's */
	u32 tsoffset;
	u32 tlp_high_seq;
	u32 high_seq;
	u32 undo_marker;
	u8 rate_app_limited : 1, thin_lto : 1, syn_data : 1, syn_fastopen : 1, syn_fastopen_exp : 1,
		syn_fastopen_ch : 1, syn_data_acked : 1, fastopen_connect : 1;
	u8 fastopen_no_cookie : 1, fastopen_client_fail : 2, save_syn : 2, tcp_usec_ts : 1,
		is_sack_reneg : 1, tcp_clock_valid : 1;
	u8 chrono_type : 2, repair_queue : 2, fast_ack_mode : 2, dup_ack_counter : 2;
	u8 tlp_retrans : 1, syn_ect_snt : 2, syn_ect_rcv : 2, retransmitted_syn_ : 1,
		in_ack_event : 1, wqueue_purged : 1;
	u16 timeout_rehash;
	u8 tsq_throttled : 1,
		tsq_queued : 1; /* small queues: waits for tcp_wfree(); on the shard's list */
	u8 keepalive_probes;
	struct rb_root tcp_rtx_queue;	   /* sent, not acknowledged, by seq */
	struct rb_root out_of_order_queue; /* by seq */
	struct sk_buff *
		highest_sack; /* of the rtx queue: right behind the highest SACKed; NULL: snd_nxt */
	struct sk_buff *retransmit_skb_hint;
	struct list_head tsorted_sent_queue; /* by time of sending, for RACK */
	/* ---- time, RTT, rate, RACK */
	u64 tcp_mstamp;	   /* us: now, as of the last refresh */
	u64 tcp_wstamp_ns; /* departure of the next packet when paced */
	u32 srtt_us;	   /* << 3 */
	u32 mdev_us;	   /* << 2 */
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
	u32 delivered;
	u32 lost;
	struct tcp_rack {
		u64 mstamp; /* us: sent time of the newest delivered */
		u32 rtt_us;
		u32 end_seq;
		u32 last_delivered;
		u8 reo_wnd_steps;
		u8 reo_wnd_persist : 5, dsack_seen : 1, advanced : 1, pad_ : 1;
	} rack;
	/* ---- the receiver's buffer, counters for TCP_INFO */
	u32 rcv_rtt_last_tsecr;
	u32 chrono_start; /* tick */
	struct {
		u32 rtt_us; /* << 3 */
		u32 seq;
		u64 time; /* us */
	} rcv_rtt_est;
	struct {
		u32 space;
		u32 seq;
		u64 time; /* us */
	} rcvq_space;
	u64 bytes_received;
	u64 bytes_acked;
	u64 bytes_sent;
	u32 segs_in;
	u32 segs_out;
	u32 data_segs_in;
	u32 data_segs_out;
	u32 chrono_stat[3];
	u16 urg_data;
	struct request_sock *fastopen_rsk;
	struct tcp_md5sig_info *md5sig_info;
	struct tcp_ao_info *ao_info;
	/* ---- not on the way of a segment that comes as it should: loss, and settings of this socket (0: the namespace's) */
	struct sk_buff *ooo_last_skb;
	u32 snd_cwnd_clamp;
	u32 prior_ssthresh;
	u32 prior_cwnd;
	int undo_retrans;
	u32 retrans_stamp; /* ms or us as tcp_time_stamp_ts() */
	u32 reordering;
	u32 reord_seen;
	u32 prr_delivered;
	u32 prr_out;
	u32 total_retrans;
	u32 last_oow_ack_time;
	u32 rto_stamp;
	u16 total_rto;
	u16 total_rto_recoveries;
	u32 total_rto_time;
	u32 dsack_dups;
	u32 rate_delivered;
	u32 rate_interval_us;
	u32 delivered_ce;
	u32 received_ce;
	struct tcp_sack_block duplicate_sack[1];
	struct tcp_sack_block selective_acks[4];
	struct tcp_sack_block recv_sack_cache[4];
	u32 rcv_ooopack;
	u32 compressed_ack_rcv_nxt; /* where rcv_nxt stood when the ACKs being held back began */
	u64 bytes_retrans;
	u32 keepalive_time;
	u32 keepalive_intvl;
	int linger2;
	struct {
		u32 probe_seq_start; /* the probe of the path MTU that is out: icsk_mtup.probe_size */
		u32 probe_seq_end;
	} mtu_probe;
	u32 tcp_tx_delay; /* us */
	u32 urg_seq;
	u32 mtu_info;
	struct tcp_sock *tsq_next;
	struct tcp_fastopen_request *fastopen_req;
	struct saved_syn *saved_syn;
	struct tcp_accecn *accecn; /* AccECN counters, NULL: not negotiated */
};

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
	for (size_t off = 0; off < offsetof(struct tcp_sock, ooo_last_skb); off += 64)
		__builtin_prefetch((const char *)sk + off);
}

/* ecn_flags: two bits of mode (none: no ECN; both: AccECN was asked for, no answer yet) and what is going on */
#define TCP_ECN_MODE_RFC3168 1
#define TCP_ECN_QUEUE_CWR    2 /* CWR goes out with the next new data */
#define TCP_ECN_DEMAND_CWR   4 /* CE was seen: ECE goes out until the peer says CWR */
#define TCP_ECN_SEEN	     8
#define TCP_ECN_MODE_ACCECN  16
#define TCP_ECN_MODE_PENDING (TCP_ECN_MODE_RFC3168 | TCP_ECN_MODE_ACCECN)
#define TCP_ECN_MODE_ANY     TCP_ECN_MODE_PENDING
#define TCP_ECN_DISABLED     0

static inline u32 tcp_ecn_mode(const struct tcp_sock *tp)
{
	return tp->ecn_flags & TCP_ECN_MODE_ANY;
}

static inline void tcp_ecn_mode_set(struct tcp_sock *tp, u32 mode)
{
	tp->ecn_flags = (u8)((tp->ecn_flags & ~TCP_ECN_MODE_ANY) | mode);
}

static inline bool tcp_ecn_mode_rfc3168(const struct tcp_sock *tp)
{
	return tcp_ecn_mode(tp) == TCP_ECN_MODE_RFC3168;
}

static inline bool tcp_ecn_mode_accecn(const struct tcp_sock *tp)
{
	return tcp_ecn_mode(tp) == TCP_ECN_MODE_ACCECN;
}

/**
 * struct tcp_accecn - the counters of a connection that negotiated AccECN (RFC 9768)
 * @received, @delivered: payload bytes by codepoint - 1 (ECT(1), ECT(0), CE): seen here, reported by the peer
 * @opt_tstamp:  us, when the option was sent last
 * @ce_pending:  CE packets not told yet, at most 15; @minlen: fields that changed since the last option; @opt_demand: options due
 * @est_ecnfield: the one codepoint the peer uses + 1; 0: not known
 * @fail_mode:   TCP_ACCECN_*_FAIL_*; @saw_opt: TCP_ACCECN_OPT_*
 */
struct tcp_accecn {
	u32 received[3];
	u32 delivered[3];
	u64 opt_tstamp;
	u8 ce_pending;
	u8 minlen;
	u8 opt_demand;
	u8 est_ecnfield;
	u8 fail_mode;
	u8 saw_opt;
};
#define TCP_ACCECN_ACE_FAIL_SEND 1
#define TCP_ACCECN_ACE_FAIL_RECV 2
#define TCP_ACCECN_OPT_FAIL_SEND 4
#define TCP_ACCECN_OPT_FAIL_RECV 8
enum {
	TCP_ACCECN_OPT_NOT_SEEN,
	TCP_ACCECN_OPT_EMPTY_SEEN,
	TCP_ACCECN_OPT_COUNTER_SEEN,
	TCP_ACCECN_OPT_FAIL_SEEN
};
#define TCP_ACCECN_CEP_INIT 5 /* what ACE counts from */

/** tcp_accecn_ace() - the three bits AE, CWR, ECE as a number */
static inline u8 tcp_accecn_ace(const struct tcphdr *th)
{
	return (u8)(th->ae << 2 | th->cwr << 1 | th->ece);
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

/* ---- queues ---- */
struct sk_buff *tcp_rtx_queue_head(const struct sock *sk);
struct sk_buff *tcp_rtx_queue_tail(const struct sock *sk);
static inline bool tcp_rtx_queue_empty(const struct sock *sk)
{
	return !tcp_sk(sk)->tcp_rtx_queue.rb_node;
}

static inline struct sk_buff *tcp_send_head(const struct sock *sk)
{
	return sk->sk_write_queue.first;
}

static inline struct sk_buff *tcp_write_queue_tail(const struct sock *sk)
{
	return sk->sk_write_queue.last;
}

static inline bool tcp_write_queue_empty(const struct sock *sk)
{
	return tcp_sk(sk)->write_seq == tcp_sk(sk)->snd_nxt;
}

static inline bool tcp_rtx_and_write_queues_empty(const struct sock *sk)
{
	return tcp_rtx_queue_empty(sk) && tcp_write_queue_empty(sk);
}

/** skb_rb_first() … - walking a tree of packets (queues by sequence number) */
struct sk_buff *skb_rb_first(const struct rb_root *root);
struct sk_buff *skb_rb_last(const struct rb_root *root);
struct sk_buff *skb_rb_next(const struct sk_buff *skb);
struct sk_buff *skb_rb_prev(const struct sk_buff *skb);
void tcp_rbtree_insert(struct rb_root *root, struct sk_buff *skb);
void tcp_rtx_queue_unlink(struct sk_buff *skb, struct sock *sk);
/** tcp_rtx_queue_unlink_and_free() - acknowledged: out of the tree and gone */
void tcp_rtx_queue_unlink_and_free(struct sk_buff *skb, struct sock *sk);
void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb);
void tcp_write_queue_purge(struct sock *sk);

/* The packet behind the highest SACKed one; only meaningful while sacked_out is not 0. */
static inline u32 tcp_highest_sack_seq(const struct tcp_sock *tp)
{
	if (!tp->sacked_out)
		return tp->snd_una;
	return tp->highest_sack ? TCP_SKB_CB(tp->highest_sack)->seq : tp->snd_nxt;
}

static inline void tcp_highest_sack_reset(struct sock *sk)
{
	tcp_sk(sk)->highest_sack = tcp_rtx_queue_head(sk);
}

/** tcp_highest_sack_replace() - @old leaves the queue, or @new_skb took its place */
static inline void tcp_highest_sack_replace(struct sock *sk, const struct sk_buff *old,
					    struct sk_buff *new_skb)
{
	if (old == tcp_sk(sk)->highest_sack)
		tcp_sk(sk)->highest_sack = new_skb;
}

#define TCP_FRAG_IN_WRITE_QUEUE 0
#define TCP_FRAG_IN_RTX_QUEUE	1
/** tcp_fragment() - cut @skb of a queue after @len bytes into two. 0 or -ENOMEM, -EINVAL */
int tcp_fragment(struct sock *sk, int queue, struct sk_buff *skb, u32 len, u32 mss_now);
/** tcp_trim_head() - the first @len bytes are acknowledged */
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
/** tcp_set_skb_tso_segs() - how many segments of @mss_now it will be */
int tcp_set_skb_tso_segs(struct sk_buff *skb, u32 mss_now);

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

/* ---- congestion control: tcp_cong.c ---- */
#define TCP_CA_NAME_MAX		16
#define TCP_CONG_NON_RESTRICTED BIT(0)
#define TCP_CONG_NEEDS_ECN	BIT(1)
#define TCP_CONG_NEEDS_ACCECN	BIT(2)

enum tcp_ca_event {
	CA_EVENT_TX_START,
	CA_EVENT_CWND_RESTART,
	CA_EVENT_COMPLETE_CWR,
	CA_EVENT_LOSS,
	CA_EVENT_ECN_NO_CE,
	CA_EVENT_ECN_IS_CE
};
enum tcp_ca_ack_event_flags { CA_ACK_SLOWPATH = 1, CA_ACK_WIN_UPDATE = 2, CA_ACK_ECE = 4 };

struct ack_sample {
	u32 pkts_acked;
	s32 rtt_us;
	u32 in_flight;
};

/**
 * struct rate_sample - what one ACK told about delivery
 * @interval_us: -1: invalid; @delivered: packets over it; @losses: newly marked lost; @rtt_us: -1 none
 * @prior_*: state when the newest packet delivered was sent
 */
struct rate_sample {
	u64 prior_mstamp;
	u32 prior_delivered;
	u32 prior_delivered_ce;
	s32 delivered;
	s32 delivered_ce;
	s64 interval_us;
	u32 snd_interval_us;
	u32 rcv_interval_us;
	s64 rtt_us;
	int losses;
	u32 acked_sacked;
	u32 prior_in_flight;
	u32 last_end_seq;
	bool is_app_limited;
	bool is_retrans;
	bool is_ack_delayed;
	bool is_ece;
};

/**
 * struct tcp_congestion_ops - a congestion control, immutable
 * @private_size: bytes used of icsk_ca_priv; @key: the number that a route's metric holds (RTAX_CC_ALGO)
 */
struct tcp_congestion_ops {
	const char *name;
	u32 key;
	u32 flags;
	u32 private_size;
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	void (*set_state)(struct sock *sk, u8 new_state);
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
	void (*in_ack_event)(struct sock *sk, u32 flags);
	u32 (*undo_cwnd)(struct sock *sk);
	void (*pkts_acked)(struct sock *sk, const struct ack_sample *sample);
	u32 (*min_tso_segs)(struct sock *sk);
	u32 (*sndbuf_expand)(struct sock *sk);
	void (*cong_control)(struct sock *sk, u32 ack, int flag, const struct rate_sample *rs);
	/** @attr: what it stands for (INET_DIAG_*); returns bytes */
	size_t (*get_info)(struct sock *sk, u32 ext, int *attr, union tcp_cc_info *info);
};

extern const struct tcp_congestion_ops tcp_reno, tcp_cubic, tcp_bbr, tcp_dctcp, tcp_dctcp_reno;
/** all that there are, NULL-terminated */
extern const struct tcp_congestion_ops *const tcp_cong_list[];
const struct tcp_congestion_ops *tcp_ca_find(const char *name);
const struct tcp_congestion_ops *tcp_ca_find_key(u32 key);
u32 tcp_ca_get_key_by_name(const char *name, bool *ecn_ca);
const char *tcp_ca_get_name_by_key(u32 key, char *buf);
void tcp_assign_congestion_control(struct sock *sk);
void tcp_init_congestion_control(struct sock *sk);
void tcp_cleanup_congestion_control(struct sock *sk);
/** tcp_set_congestion_control() - TCP_CONGESTION. -ENOENT, -EPERM (restricted and not @cap_net_admin) */
int tcp_set_congestion_control(struct sock *sk, const char *name, bool cap_net_admin);
void tcp_ca_set_route(struct sock *sk, const struct dst_entry *dst);
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked);
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked);
u32 tcp_reno_ssthresh(struct sock *sk);
u32 tcp_reno_undo_cwnd(struct sock *sk);
void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked);

static inline void tcp_ca_event(struct sock *sk, enum tcp_ca_event event)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_ops->cwnd_event)
		icsk->icsk_ca_ops->cwnd_event(sk, event);
}
void tcp_set_ca_state(struct sock *sk, u8 ca_state);
static inline bool tcp_ca_needs_ecn(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ca_ops->flags & TCP_CONG_NEEDS_ECN;
}

static inline bool tcp_is_cwnd_limited(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->is_cwnd_limited)
		return true;
	return tcp_in_slow_start(tp) && tp->snd_cwnd < 2 * tp->max_packets_out;
}

/* ---- calls: tcp.c and its parts ---- */
extern const struct proto tcp_prot;
/* tcp_opt_stats.c: struct proto's opt_stats and pre_connect */
struct sk_buff *tcp_get_timestamping_opt_stats(struct sock *sk, const struct sk_buff *orig);
int tcp_v4_pre_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcp_init_sock(struct sock *sk);
int tcp_v4_init_sock(struct sock *sk);
void tcp_init_transfer(struct sock *sk, struct sk_buff *skb);
long tcp_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from);
long tcp_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
/** tcp_recv_refs() - zero-copy receive: hand @fn up to @max bytes by reference, in order. Return: bytes taken, 0 at the end, -EAGAIN, -errno */
long tcp_recv_refs(struct sock *sk, size_t max, long (*fn)(void *arg, const void *data, size_t len),
		   void *arg);
/** tcp_send_buf() - room for up to *@len bytes in the shard's chunk, filled by the caller and sent by tcp_send_commit(). NULL: *@err -EAGAIN, -EPIPE, ... */
void *tcp_send_buf(struct sock *sk, size_t *len, int *err);
long tcp_send_commit(struct sock *sk, size_t len, int flags);
/** tcp_check_invariants() - NULL, or what does not hold in this connection though it must (tests, simulation) */
const char *tcp_check_invariants(const struct sock *sk);
void tcp_cleanup_rbuf(struct sock *sk, int copied);
/** tcp_zerocopy_complete() - tell the error queue which MSG_ZEROCOPY calls are acknowledged as a whole; @all: which will never be, too */
void tcp_zerocopy_complete(struct sock *sk, bool all);
/** tcp_sndbuf_expand() - send buffer follows the congestion window */
void tcp_sndbuf_expand(struct sock *sk);
/** tcp_adjust_rcv_ssthresh() - little memory: the window shrinks to four segments */
void tcp_adjust_rcv_ssthresh(struct sock *sk);
u32 tcp_poll(struct socket *sock);
int tcp_ioctl(struct sock *sk, int cmd, int *karg);
void tcp_shutdown(struct sock *sk, int how);
void tcp_close(struct sock *sk, s64 timeout);
int tcp_disconnect(struct sock *sk, int flags);
int tcp_abort(struct sock *sk, int err);
void tcp_set_state(struct sock *sk, int state);
void tcp_done(struct sock *sk);
void tcp_done_with_error(struct sock *sk, int err);
void tcp_reset(struct sock *sk, struct sk_buff *skb);
void tcp_push(struct sock *sk, int flags, int mss_now, int nonagle, int size_goal);
/** tcp_skb_entail() - a fresh packet at the end of the write queue */
void tcp_skb_entail(struct sock *sk, struct sk_buff *skb);
/** tcp_stream_alloc_skb() - empty, for the write queue, charged. NULL: no memory */
struct sk_buff *tcp_stream_alloc_skb(struct sock *sk, bool force_schedule);
int tcp_send_mss(struct sock *sk, int *size_goal, int flags);
int tcp_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
int tcp_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
void tcp_get_info(struct sock *sk, struct tcp_info *info);
int tcp_set_rcvlowat(struct sock *sk, int val);
bool tcp_stream_memory_free(const struct sock *sk, int wake);
bool tcp_check_oom(const struct sock *sk, int shift);
bool tcp_out_of_memory(const struct sock *sk);
int tcp_orphan_count_sum(const struct net *net);
void tcp_sock_set_cork(struct sock *sk, bool on);
int tcp_sock_set_keepidle(struct sock *sk, int val);
void tcp_set_keepalive(struct sock *sk, int val);
/** tcp_min_rtt() - us, of the last tcp_min_rtt_wlen seconds; ~0: not known */
static inline u32 tcp_min_rtt(const struct tcp_sock *tp)
{
	return tp->rtt_min.s[0].v;
}

/* ---- tcp_ipv4.c, tcp_conn.c, tcp_minisocks.c ---- */
int tcp_v4_rcv(struct sk_buff *skb);
int tcp_v4_err(struct sk_buff *skb, u32 info);
/** tcp_v4_early_demux() - sockets (and their routes) for a whole batch, before routing */
void tcp_v4_early_demux(struct net *net, struct skb_batch *b);
int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
void tcp_v4_destroy_sock(struct sock *sk);
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb);
/** inet_sk_rx_dst_set() - remember the route that @skb came by, for early demux */
void inet_sk_rx_dst_set(struct sock *sk, const struct sk_buff *skb);
/** tcp_v4_fill_cb() / tcp_v4_restore_cb() - skb->cb from IP's to TCP's and back */
void tcp_v4_fill_cb(struct sk_buff *skb, const struct iphdr *iph, const struct tcphdr *th);
void tcp_v4_restore_cb(struct sk_buff *skb);
/** dst_metric_advmss() - the MSS to announce on a route: its metric, or what its MTU leaves (at least min_adv_mss) */
u32 dst_metric_advmss(const struct dst_entry *dst);
/** tcp_mss_clamp() - @mss, or less if TCP_MAXSEG says so */
static inline u16 tcp_mss_clamp(const struct tcp_sock *tp, u32 mss)
{
	u16 user_mss = tp->rx_opt.user_mss;

	return user_mss && user_mss < mss ? user_mss : (u16)mss;
}
/** tcp_twsk_destructor() - the key of a time-wait socket goes */
void tcp_twsk_destructor(struct inet_timewait_sock *tw);
/** tcp_listendrop() - a connection that was asked for will not be: counted */
void tcp_listendrop(const struct sock *sk);
void tcp_v4_send_ack_req(const struct sock *sk, struct sk_buff *skb, struct request_sock *req);
void tcp_v4_send_check(struct sock *sk, struct sk_buff *skb);
void tcp_v4_mtu_reduced(struct sock *sk);
/** tcp_listen() - CLOSE -> LISTEN, with fast open if net.ipv4.tcp_fastopen says so for every listener. 0 or -errno */
int tcp_listen(struct sock *sk, int backlog);
/** tcp_conn_request() - a SYN at a listener; consumes nothing. 0: handled (or silently dropped), 1: answer with a reset */
int tcp_conn_request(struct sock *sk, struct sk_buff *skb);
struct sock *tcp_v4_syn_recv_sock(const struct sock *sk, struct sk_buff *skb,
				  struct request_sock *req, struct dst_entry *dst,
				  struct request_sock *req_unhash, bool *own_req);
/** tcp_check_req() - a segment for a request: the child, the listener, or NULL (dropped, or *@req_stolen) */
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			   bool fastopen, bool *lost_race, enum skb_drop_reason *reason);
enum skb_drop_reason tcp_child_process(struct sock *parent, struct sock *child,
				       struct sk_buff *skb);
struct sock *tcp_create_openreq_child(const struct sock *sk, struct request_sock *req,
				      struct sk_buff *skb);
void tcp_openreq_init_rwin(struct request_sock *req, const struct sock *sk_listener,
			   const struct dst_entry *dst);
enum tcp_tw_status { TCP_TW_SUCCESS, TCP_TW_RST, TCP_TW_ACK, TCP_TW_SYN, TCP_TW_ACK_OOW };
enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw, struct sk_buff *skb,
					      const struct tcphdr *th, u32 *tw_isn,
					      enum skb_drop_reason *reason);
/** tcp_time_wait() - the connection ends in TIME_WAIT, or waits in FIN_WAIT_2 without its sock, @timeo ticks */
void tcp_time_wait(struct sock *sk, int state, int timeo);
/** tcp_twsk_unique() - may @sk take over the 4-tuple of @sktw? @chosen: the port is ours to choose (then only with tcp_tw_reuse) */
bool tcp_twsk_unique(struct sock *sk, const struct sock *sktw, bool chosen);
/** net_secret() - a key of this namespace for @use: the same @use gives the same key */
void net_secret(const struct net *net, const char *use, siphash_key_t *key);
u32 secure_tcp_seq(const struct net *net, __be32 saddr, __be32 daddr, __be16 sport, __be16 dport);
u32 secure_tcp_ts_off(const struct net *net, __be32 saddr, __be32 daddr);
u64 secure_ipv4_port_ephemeral(const struct net *net, __be32 saddr, __be32 daddr, __be16 dport);
/* syncookies.c */
struct sock *cookie_v4_check(struct sock *sk, struct sk_buff *skb);
u32 cookie_v4_init_sequence(struct net *net, const struct sk_buff *skb, u16 *mss);
u64 cookie_init_timestamp(struct request_sock *req, u64 now_ns);
void tcp_synq_overflow(const struct sock *sk);
bool tcp_synq_no_recent_overflow(const struct sock *sk);
bool tcp_syn_flood_action(struct sock *sk, const char *proto);
/* fastopen */
bool tcp_fastopen_cookie_check(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie);
bool tcp_fastopen_defer_connect(struct sock *sk, int *err);
struct sock *tcp_try_fastopen(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			      struct tcp_fastopen_cookie *foc, const struct dst_entry *dst);
void tcp_fastopen_add_skb(struct sock *sk, struct sk_buff *skb);
int tcp_fastopen_reset_cipher(struct net *net, struct sock *sk, const void *primary_key,
			      const void *backup_key);
int tcp_fastopen_get_cipher(struct net *net, struct sock *sk, u64 *key);
void tcp_fastopen_destroy_cipher(struct sock *sk);
void tcp_fastopen_init_key_once(struct net *net);
void fastopen_queue_tune(struct sock *sk, int backlog);
void reqsk_fastopen_remove(struct sock *sk, struct request_sock *req, bool reset);
bool tcp_fastopen_active_should_disable(struct sock *sk);
void tcp_fastopen_active_disable(struct sock *sk);
void tcp_fastopen_active_disable_ofo_check(struct sock *sk);
void tcp_fastopen_active_detect_blackhole(struct sock *sk, bool expired);
bool tcp_rcv_fastopen_synack(struct sock *sk, struct sk_buff *synack,
			     struct tcp_fastopen_cookie *cookie);
void tcp_free_fastopen_req(struct tcp_sock *tp);
int tcp_sendmsg_fastopen(struct sock *sk, struct msghdr *msg, int *copied, size_t size,
			 struct iov_iter *from);
/* metrics */
void tcp_fastopen_cache_get(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie);
void tcp_fastopen_cache_set(struct sock *sk, u16 mss, struct tcp_fastopen_cookie *cookie,
			    bool syn_lost, u16 try_exp);
void tcp_init_metrics(struct sock *sk);
void tcp_update_metrics(struct sock *sk);
bool tcp_peer_is_proven(struct request_sock *req, struct dst_entry *dst);
/* signatures: 0 = fine; else the reason to drop */
enum skb_drop_reason tcp_inbound_hash(struct sock *sk, const struct request_sock *req,
				      const struct sk_buff *skb, __be32 saddr, __be32 daddr,
				      int dif);
/** tcp_md5_do_lookup() - key for this peer, NULL none */
struct tcp_md5sig_key *tcp_md5_do_lookup(const struct sock *sk, int l3index, __be32 addr);
int tcp_md5_parse_key(struct sock *sk, int optname, const void *optval, u32 optlen);
/** tcp_v4_md5_hash_skb() - MD5 of RFC 2385 over @skb (TCP header at data, checksum and signature excluded) into 16 bytes */
int tcp_v4_md5_hash_skb(u8 *md5, const struct tcp_md5sig_key *key, __be32 saddr, __be32 daddr,
			const struct tcphdr *th, const struct sk_buff *skb);
int tcp_md5_copy_to_child(struct sock *newsk, const struct sock *sk, __be32 addr);
void tcp_md5_free(struct sock *sk);
struct tcp_ao_key;
int tcp_ao_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen);
int tcp_ao_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen);
struct tcp_ao_key *tcp_ao_current(const struct sock *sk);
/** tcp_ao_optlen() - bytes of the option with this key, padded to 4 */
u32 tcp_ao_optlen(const struct tcp_ao_key *key);
/** tcp_ao_transmit() - fill in the option's MAC at @hash: header @th complete, options in place, checksum 0 */
int tcp_ao_transmit(struct sock *sk, struct sk_buff *skb, struct tcp_ao_key *key, struct tcphdr *th,
		    u8 *hash);
void tcp_ao_established(struct sock *sk);
void tcp_ao_finish_connect(struct sock *sk, struct sk_buff *skb);
void tcp_ao_connect_init(struct sock *sk);
int tcp_ao_copy_all_matching(const struct sock *sk, struct sock *newsk, struct request_sock *req,
			     struct sk_buff *skb);
bool tcp_ao_ignore_icmp(const struct sock *sk, int type, int code);
void tcp_ao_destroy_sock(struct sock *sk);
/** tcp_ao_write_option() - kind, length and key ids at @p, NOPs behind the place of the MAC; @req: of a SYN-ACK, NULL: of @sk. Return: where the MAC goes */
u8 *tcp_ao_write_option(const struct sock *sk, const struct request_sock *req,
			const struct tcp_ao_key *key, u8 *p);
/** tcp_ao_synack_key() - the key that the SYN of @req was signed with; NULL: none any more */
struct tcp_ao_key *tcp_ao_synack_key(const struct sock *sk, const struct request_sock *req);
/** tcp_ao_synack_hash() - as tcp_ao_transmit(), for a SYN-ACK */
int tcp_ao_synack_hash(const struct sock *sk, const struct request_sock *req,
		       const struct tcp_ao_key *key, struct sk_buff *skb, struct tcphdr *th,
		       u8 *hash);

/* ---- tcp_options.c ---- */
/** tcp_parse_options() - all options of @skb (header linear); @estab: after the handshake; @foc: may be NULL */
void tcp_parse_options(const struct net *net, const struct sk_buff *skb,
		       struct tcp_options_received *opt_rx, int estab,
		       struct tcp_fastopen_cookie *foc);
/** tcp_parse_signatures() - where MD5, AO and AccECN stand; Linux's rules for mangled options */
void tcp_parse_signatures(const struct tcphdr *th, struct tcp_parsed *out);
u16 tcp_parse_mss_option(const struct tcphdr *th, u16 user_mss);

/* ---- segments in: tcp_rcv.c and its parts ---- */
void tcp_rcv_established(struct sock *sk, struct sk_buff *skb);
/** tcp_rcv_state_process() - every state but ESTABLISHED and TIME_WAIT. SKB_NOT_DROPPED_YET: consumed or to be consumed by us; else the reason, a reset is due */
enum skb_drop_reason tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
bool tcp_validate_incoming(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			   int syn_inerr);
void tcp_finish_connect(struct sock *sk, struct sk_buff *skb);
void tcp_send_challenge_ack(struct sock *sk, bool accecn_reflector);
bool tcp_oow_rate_limited(struct net *net, const struct sk_buff *skb, int mib_idx,
			  u32 *last_oow_ack_time);
/** tcp_paws_reject() - RFC 7323 5: an old duplicate */
bool tcp_paws_check(const struct sock *sk, const struct tcp_options_received *rx_opt, int paws_win);
bool tcp_paws_reject(const struct sock *sk, const struct tcp_options_received *rx_opt, int rst);
/** tcp_fast_path_on/check() - pred_flags: header prediction is allowed (again) */
void __tcp_fast_path_on(struct tcp_sock *tp, u32 snd_wnd);
void tcp_fast_path_on(struct tcp_sock *tp);
void tcp_fast_path_check(struct sock *sk);
/* data */
void tcp_data_queue(struct sock *sk, struct sk_buff *skb);
int tcp_queue_rcv(struct sock *sk, struct sk_buff *skb, bool *fragstolen);
int tcp_send_rcvq(struct sock *sk, struct iov_iter *from, size_t size); /* TCP_REPAIR */
void tcp_data_ready(struct sock *sk);
void tcp_fin(struct sock *sk);
void tcp_ofo_queue(struct sock *sk);
void tcp_data_queue_ofo(struct sock *sk, struct sk_buff *skb);
void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq);
void tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_new_ofo_skb(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_remove(struct tcp_sock *tp);
void tcp_sack_compress_send_ack(struct sock *sk);
void tcp_send_dupack(struct sock *sk, const struct sk_buff *skb);
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb);
void tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb);
void tcp_enter_quickack_mode(struct sock *sk, u32 max_quickacks);
void tcp_incr_quickack(struct sock *sk, u32 max_quickacks);
void __tcp_ack_snd_check(struct sock *sk, int ofo_possible);
void tcp_ack_snd_check(struct sock *sk);
void tcp_check_urg(struct sock *sk, const struct tcphdr *th);
void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th);
void tcp_check_space(struct sock *sk);
void tcp_new_space(struct sock *sk);
void tcp_init_buffer_space(struct sock *sk);
void tcp_initialize_rcv_mss(struct sock *sk);
void tcp_rcv_space_adjust(struct sock *sk);
void tcp_clamp_window(struct sock *sk);
void tcp_rcv_rtt_measure(struct sock *sk);
/** tcp_rcvbuf_grow() - the reader took @newval bytes in a round trip: room for what the sender may do next */
void tcp_rcvbuf_grow(struct sock *sk, u32 newval);
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb, bool adjust);
void tcp_rcv_rtt_measure_ts(struct sock *sk, const struct sk_buff *skb);
/** tcp_try_rmem_schedule() - room for @size bytes of truesize, pruning if need be. 0 or -1 */
int tcp_try_rmem_schedule(struct sock *sk, const struct sk_buff *skb, u32 size);
void tcp_rbtree_purge(struct sock *sk, struct rb_root *root);
int tcp_space(const struct sock *sk);
int tcp_full_space(const struct sock *sk);
int tcp_win_from_space(const struct sock *sk, int space);
int tcp_space_from_win(const struct sock *sk, int win);
void tcp_set_window_clamp(struct sock *sk, u32 val);
static inline u32 tcp_receive_window(const struct tcp_sock *tp)
{
	s32 win = (s32)(tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt);

	return win < 0 ? 0 : (u32)win;
}

/* acknowledgements */
#define FLAG_DATA		0x01
#define FLAG_WIN_UPDATE		0x02
#define FLAG_DATA_ACKED		0x04
#define FLAG_RETRANS_DATA_ACKED 0x08
#define FLAG_SYN_ACKED		0x10
#define FLAG_DATA_SACKED	0x20
#define FLAG_ECE		0x40
#define FLAG_LOST_RETRANS	0x80
#define FLAG_SLOWPATH		0x100
#define FLAG_ORIG_SACK_ACKED	0x200
#define FLAG_SND_UNA_ADVANCED	0x400
#define FLAG_DSACKING_ACK	0x800
#define FLAG_SET_XMIT_TIMER	0x1000
#define FLAG_SACK_RENEGING	0x2000
#define FLAG_UPDATE_TS_RECENT	0x4000
#define FLAG_NO_CHALLENGE_ACK	0x8000
#define FLAG_ACK_MAYBE_DELAYED	0x10000
#define FLAG_DSACK_TLP		0x20000
#define FLAG_TS_PROGRESS	0x40000
#define FLAG_ACKED		(FLAG_DATA_ACKED | FLAG_SYN_ACKED)
#define FLAG_NOT_DUP		(FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED)
#define FLAG_CA_ALERT		(FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK)
#define FLAG_FORWARD_PROGRESS	(FLAG_ACKED | FLAG_DATA_SACKED)

#define REXMIT_NONE 0
#define REXMIT_LOST 1
#define REXMIT_NEW  2

/**
 * struct tcp_sacktag_state - what the SACK blocks and the cumulative ACK of one segment did
 */
struct tcp_sacktag_state {
	u64 first_sackt; /* us: sent time of the first and last packet SACKed now, never retransmitted ones */
	u64 last_sackt;
	u32 reord;
	u32 sack_delivered;
	u32 delivered_bytes; /* that this segment newly acknowledged, for AccECN */
	int flag;
	u32 mss_now;
	struct rate_sample *rate;
};

/** tcp_ack() - Return: > 0 fine, 0 old, < 0: -reason, the segment is to be dropped (too old or beyond what was sent) */
int tcp_ack(struct sock *sk, const struct sk_buff *skb, int flag);
int tcp_sacktag_write_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_snd_una,
			    struct tcp_sacktag_state *state);
int tcp_clean_rtx_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_fack,
			u32 prior_snd_una, struct tcp_sacktag_state *sack, bool ece_ack);
void tcp_fastretrans_alert(struct sock *sk, u32 prior_snd_una, int num_dupack, int *ack_flag,
			   int *rexmit);
void tcp_enter_loss(struct sock *sk);
void tcp_enter_cwr(struct sock *sk);
void tcp_enter_recovery(struct sock *sk, bool ece_ack);
void tcp_init_cwnd_reduction(struct sock *sk);
void tcp_cwnd_reduction(struct sock *sk, int newly_acked_sacked, int newly_lost, int flag);
void tcp_simple_retransmit(struct sock *sk);
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb);
void tcp_skb_mark_lost_uncond_verify(struct tcp_sock *tp, struct sk_buff *skb);
void tcp_clear_retrans(struct tcp_sock *tp);
void tcp_rearm_rto(struct sock *sk);
u32 tcp_init_cwnd(const struct tcp_sock *tp, const struct dst_entry *dst);
void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited);
void tcp_cwnd_restart(struct sock *sk, s32 delta);
/** tcp_slow_start_after_idle_check() - data are to go out after a pause: the window may have to shrink */
void tcp_slow_start_after_idle_check(struct sock *sk);
/** tcp_enter_recovery() - a loss was found: fast recovery begins */
void tcp_enter_recovery(struct sock *sk, bool ece_ack);
/** tcp_non_congestion_loss_retransmit() - what was marked lost (path MTU, SYN data) goes out again without a smaller window */
void tcp_non_congestion_loss_retransmit(struct sock *sk);
/** tcp_init_cwnd_reduction() - PRR begins, ssthresh is what the congestion control says */
void tcp_init_cwnd_reduction(struct sock *sk);
void tcp_end_cwnd_reduction(struct sock *sk);
void tcp_init_undo(struct tcp_sock *tp);
void tcp_clear_all_retrans_hints(struct tcp_sock *tp);
/** tcp_rto_delta_us() - until the oldest packet's timeout, us; may be negative */
s64 tcp_rto_delta_us(const struct sock *sk);
/** tcp_rtt_estimator() - RFC 6298 with Linux's filter of the variance; @mrtt_us: measured */
void tcp_rtt_estimator(struct sock *sk, long mrtt_us);
u32 tcp_rto_min_us(const struct sock *sk);
void tcp_try_undo_spurious_syn(struct sock *sk);
void tcp_synack_rtt_meas(struct sock *sk, struct request_sock *req);
bool tcp_ack_update_rtt(struct sock *sk, int flag, long seq_rtt_us, long sack_rtt_us,
			long ca_rtt_us, struct rate_sample *rs);
void tcp_set_rto(struct sock *sk);
void tcp_update_pacing_rate(struct sock *sk);
void tcp_process_tlp_ack(struct sock *sk, u32 ack, int flag);
void tcp_check_sack_reordering(struct sock *sk, u32 low_seq, int ts);
bool tcp_check_sack_reneging(struct sock *sk, int *ack_flag);
void tcp_xmit_recovery(struct sock *sk, int rexmit);
u32 __tcp_set_rto(const struct tcp_sock *tp);
u32 tcp_rto_min(const struct sock *sk);
u32 tcp_rto_max(const struct sock *sk);
/* RACK: tcp_recovery.c */
bool tcp_rack_mark_lost(struct sock *sk);
void tcp_rack_advance(struct tcp_sock *tp, u8 sacked, u32 end_seq, u64 xmit_time);
void tcp_rack_reo_timeout(struct sock *sk);
void tcp_rack_update_reo_wnd(struct sock *sk, struct rate_sample *rs);
s32 tcp_rack_skb_timeout(struct tcp_sock *tp, struct sk_buff *skb, u32 reo_wnd);
void tcp_newreno_mark_lost(struct sock *sk, bool snd_una_advanced);
/* rate */
void tcp_rate_skb_sent(struct sock *sk, struct sk_buff *skb);
void tcp_rate_skb_delivered(struct sock *sk, struct sk_buff *skb, struct rate_sample *rs);
void tcp_rate_gen(struct sock *sk, u32 delivered, u32 lost, bool is_sack_reneg,
		  struct rate_sample *rs);
void tcp_rate_check_app_limited(struct sock *sk);
/* ECN and AccECN: tcp_ecn.c */
void tcp_ecn_send_syn(struct sock *sk, struct sk_buff *skb);
/** tcp_ecn_clear_syn() - a SYN is sent again: without ECN, if the namespace falls back */
void tcp_ecn_clear_syn(struct sock *sk, struct sk_buff *skb);
void tcp_ecn_send_synack(struct sock *sk, struct sk_buff *skb);
void tcp_ecn_make_synack(const struct request_sock *req, struct tcphdr *th);
void tcp_ecn_create_request(struct request_sock *req, const struct sk_buff *skb,
			    const struct sock *listen_sk, const struct dst_entry *dst);
void tcp_ecn_openreq_child(struct sock *sk, const struct request_sock *req, struct sk_buff *skb);
/** tcp_ecn_rcv_synack() - the answer to a SYN that asked for ECN; @th: with its options behind it */
void tcp_ecn_rcv_synack(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield);
void tcp_ecn_rcv_syn(struct sock *sk, const struct tcphdr *th, u8 ip_dsfield);
/** tcp_accecn_third_ack() - the ACK that ends the handshake tells how the SYN-ACK arrived */
void tcp_accecn_third_ack(struct sock *sk, const struct sk_buff *skb, u8 sent_ect);
/** tcp_accecn_reflector_flags() - TCPHDR_ACE bits that tell the peer how its SYN or SYN-ACK arrived */
u16 tcp_accecn_reflector_flags(u8 ect);
/** tcp_ecn_release() - the socket goes: give the counters back */
void tcp_ecn_release(struct sock *sk);
bool tcp_ecn_rcv_ecn_echo(const struct tcp_sock *tp, const struct tcphdr *th);
void tcp_ecn_accept_cwr(struct sock *sk, const struct sk_buff *skb);
void tcp_ecn_withdraw_cwr(struct tcp_sock *tp);
void tcp_ecn_queue_cwr(struct tcp_sock *tp);
/** tcp_ecn_send() - marks of an outgoing segment: ECT into the socket's tos, AE, CWR and ECE into @th; @tcb: of the packet in the queue */
void tcp_ecn_send(struct sock *sk, struct sk_buff *skb, const struct tcp_skb_cb *tcb,
		  struct tcphdr *th, u32 tcp_header_len);
void tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb);
void tcp_accecn_received(struct sock *sk, const struct sk_buff *skb, u32 payload_len);
/** tcp_accecn_process() - ACE and option of an ACK: newly delivered CE packets */
u32 tcp_accecn_process(struct sock *sk, const struct sk_buff *skb, u32 delivered_pkts,
		       u32 delivered_bytes, int *flag);
/** tcp_accecn_option() - write the AccECN option into @p if it is due and @room bytes allow. Return: bytes (multiple of 4) */
u32 tcp_accecn_option(struct sock *sk, u8 *p, u32 room); /* @p NULL: only how many it would be */
/** tcp_accecn_synack_option() - the same for the SYN-ACK of a request */
u32 tcp_accecn_synack_option(const struct request_sock *req, u8 *p, u32 room);

/* ---- segments out: tcp_output.c and its parts ---- */
/** tcp_push_pending_frames() / __tcp_push_pending_frames() - send what Nagle, window and congestion window let go */
void __tcp_push_pending_frames(struct sock *sk, u32 cur_mss, int nonagle);
u32 tcp_current_mss(struct sock *sk);
static inline void tcp_push_pending_frames(struct sock *sk)
{
	if (tcp_send_head(sk))
		__tcp_push_pending_frames(sk, tcp_current_mss(sk), tcp_sk(sk)->nonagle);
}
void tcp_push_one(struct sock *sk, u32 mss_now);
bool tcp_write_xmit(struct sock *sk, u32 mss_now, int nonagle, int push_one);
/** __tcp_transmit_skb() - header in front of a clone (@clone_it) or of @skb itself, and away. 0 or -errno */
int __tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it, u32 rcv_nxt);
int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it);
void tcp_event_new_data_sent(struct sock *sk, struct sk_buff *skb);
bool tcp_schedule_loss_probe(struct sock *sk, bool advancing_rto);
void tcp_send_loss_probe(struct sock *sk);
void tcp_retransmit_timer(struct sock *sk);
int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs);
int __tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs);
void tcp_xmit_retransmit_queue(struct sock *sk);
void tcp_send_fin(struct sock *sk);
void tcp_send_active_reset(struct sock *sk, int reason);
int tcp_send_synack(struct sock *sk);
int tcp_connect(struct sock *sk);
void tcp_send_ack(struct sock *sk);
void __tcp_send_ack(struct sock *sk, u32 rcv_nxt, u16 flags);
void tcp_send_delayed_ack(struct sock *sk);
void tcp_send_probe0(struct sock *sk);
int tcp_write_wakeup(struct sock *sk, int mib);
void tcp_send_window_probe(struct sock *sk);
/** tcp_make_synack() - SYN-ACK of a request, TCP header on, not sent. @foc: may be NULL */
enum tcp_synack_type { TCP_SYNACK_NORMAL, TCP_SYNACK_FASTOPEN, TCP_SYNACK_COOKIE };
struct sk_buff *tcp_make_synack(const struct sock *sk, struct dst_entry *dst,
				struct request_sock *req, struct tcp_fastopen_cookie *foc,
				enum tcp_synack_type type);
int tcp_rtx_synack(const struct sock *sk, struct request_sock *req);
/** tcp_v4_send_synack() - make and send it, @dst may be NULL. 0 or -errno */
int tcp_v4_send_synack(const struct sock *sk, struct dst_entry *dst, struct request_sock *req,
		       struct tcp_fastopen_cookie *foc, enum tcp_synack_type type);
u32 tcp_sync_mss(struct sock *sk, u32 pmtu);
int tcp_mss_to_mtu(struct sock *sk, int mss);
int tcp_mtu_to_mss(struct sock *sk, int pmtu);
void tcp_mtup_init(struct sock *sk);
int tcp_mtu_probe(struct sock *sk);
void tcp_mtup_probe_success(struct sock *sk);
void tcp_mtup_probe_failed(struct sock *sk);
u16 tcp_advertise_mss(struct sock *sk);
u16 tcp_select_window(struct sock *sk);
u32 __tcp_select_window(struct sock *sk);
void tcp_select_initial_window(const struct sock *sk, int space, u32 mss, u32 *rcv_wnd,
			       u32 *window_clamp, int wscale_ok, u8 *rcv_wscale, u32 init_rcv_wnd);
void tcp_chrono_start(struct sock *sk, int type);
void tcp_chrono_stop(struct sock *sk, int type);
enum { TCP_CHRONO_UNSPEC, TCP_CHRONO_BUSY, TCP_CHRONO_RWND_LIMITED, TCP_CHRONO_SNDBUF_LIMITED };
/** tcp_wfree() - destructor of what TCP sent: a packet of skb->sk left the device, more may be sent (small queues, autocorking) */
void tcp_wfree(struct sk_buff *skb);
/** tcp_tsq_forget() - a namespace ends: none of its sockets waits for a link any more */
void tcp_tsq_forget(struct net *net);
/** tcp_tsq_throttle() - tcp_wfree() is to go on sending (autocorking: something is under way) */
static inline void tcp_tsq_throttle(struct sock *sk)
{
	tcp_sk(sk)->tsq_throttled = 1;
}

/* ---- tcp_timer.c ---- */
/** tcp_timers_run() - the wheel says that a deadline of @sk may be due */
void tcp_timers_run(struct sock *sk);
void tcp_write_timer_handler(struct sock *sk);
void tcp_delack_timer_handler(struct sock *sk);
void tcp_keepalive_timer_handler(struct sock *sk);
void tcp_pace_kick(struct sock *sk);
void tcp_compressed_ack_kick(struct sock *sk);
void tcp_write_err(struct sock *sk);
u32 tcp_clamp_probe0_to_user_timeout(const struct sock *sk, u32 when);
u32 keepalive_time_when(const struct tcp_sock *tp);
u32 keepalive_intvl_when(const struct tcp_sock *tp);
int keepalive_probes(const struct tcp_sock *tp);
u32 keepalive_time_elapsed(const struct tcp_sock *tp);
int tcp_fin_time(const struct sock *sk);
static inline u32 tcp_probe0_base(const struct sock *sk)
{
	return max_t(u32, inet_csk(sk)->icsk_rto, TCP_RTO_MIN);
}
u64 tcp_probe0_when(const struct sock *sk, u64 max_when);
void tcp_check_probe_timer(struct sock *sk);
void tcp_reset_xmit_timer(struct sock *sk, int what, u64 when, bool pace_delay);

/* ---- ULP: tcp_ulp.c ---- */
#define TCP_ULP_NAME_MAX 16
struct tcp_ulp_ops {
	const char *name;
	int (*init)(struct sock *sk);
	void (*update)(struct sock *sk, const struct proto *p);
	void (*release)(struct sock *sk);
	int (*get_info)(struct sock *sk, void *buf, u32 len);
	void (*clone)(const struct request_sock *req, struct sock *newsk);
	void (*clean_acked)(
		struct sock *sk,
		u32 acked_seq); /* icsk_clean_acked: tcp_ack() moved snd_una; NULL: not asked for */
};
int tcp_register_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp);
void tcp_unregister_ulp(struct skiff *skiff, const struct tcp_ulp_ops *ulp);
int tcp_set_ulp(struct sock *sk, const char *name);
void tcp_cleanup_ulp(struct sock *sk);

#endif
