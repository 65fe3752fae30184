/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_abi.h - TCP in numbers and layouts that programs see: options, TCP_INFO, MD5, AO, repair. */
#ifndef NET_TCP_ABI_H
#define NET_TCP_ABI_H

#include "net/socket_abi.h"

#define TCP_NODELAY		 1
#define TCP_MAXSEG		 2
#define TCP_CORK		 3
#define TCP_KEEPIDLE		 4
#define TCP_KEEPINTVL		 5
#define TCP_KEEPCNT		 6
#define TCP_SYNCNT		 7
#define TCP_LINGER2		 8
#define TCP_DEFER_ACCEPT	 9
#define TCP_WINDOW_CLAMP	 10
#define TCP_INFO		 11
#define TCP_QUICKACK		 12
#define TCP_CONGESTION		 13
#define TCP_MD5SIG		 14
#define TCP_THIN_LINEAR_TIMEOUTS 16
#define TCP_THIN_DUPACK		 17
#define TCP_USER_TIMEOUT	 18
#define TCP_REPAIR		 19
#define TCP_REPAIR_QUEUE	 20
#define TCP_QUEUE_SEQ		 21
#define TCP_REPAIR_OPTIONS	 22
#define TCP_FASTOPEN		 23
#define TCP_TIMESTAMP		 24
#define TCP_NOTSENT_LOWAT	 25
#define TCP_CC_INFO		 26
#define TCP_SAVE_SYN		 27
#define TCP_SAVED_SYN		 28
#define TCP_REPAIR_WINDOW	 29
#define TCP_FASTOPEN_CONNECT	 30
#define TCP_ULP			 31
#define TCP_MD5SIG_EXT		 32
#define TCP_FASTOPEN_KEY	 33
#define TCP_FASTOPEN_NO_COOKIE	 34
#define TCP_ZEROCOPY_RECEIVE	 35
#define TCP_INQ			 36
#define TCP_CM_INQ		 TCP_INQ
#define TCP_TX_DELAY		 37
#define TCP_AO_ADD_KEY		 38
#define TCP_AO_DEL_KEY		 39
#define TCP_AO_INFO		 40
#define TCP_AO_GET_KEYS		 41
#define TCP_AO_REPAIR		 42
#define TCP_IS_MPTCP		 43
#define TCP_RTO_MAX_MS		 44
#define TCP_RTO_MIN_US		 45
#define TCP_DELACK_MAX_US	 46

#define TCPI_OPT_TIMESTAMPS 1
#define TCPI_OPT_SACK	    2
#define TCPI_OPT_WSCALE	    4
#define TCPI_OPT_ECN	    8
#define TCPI_OPT_ECN_SEEN   16
#define TCPI_OPT_SYN_DATA   32
#define TCPI_OPT_USEC_TS    64
#define TCPI_OPT_TFO_CHILD  128

enum tcp_ca_state { TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss };
#define TCPF_CA_Open	 (1 << TCP_CA_Open)
#define TCPF_CA_Disorder (1 << TCP_CA_Disorder)
#define TCPF_CA_CWR	 (1 << TCP_CA_CWR)
#define TCPF_CA_Recovery (1 << TCP_CA_Recovery)
#define TCPF_CA_Loss	 (1 << TCP_CA_Loss)

enum { TCP_NO_QUEUE, TCP_RECV_QUEUE, TCP_SEND_QUEUE, TCP_QUEUES_NR };
#define TCP_REPAIR_ON	     1
#define TCP_REPAIR_OFF	     0
#define TCP_REPAIR_OFF_NO_WP (-1)

enum tcp_fastopen_client_fail {
	TFO_STATUS_UNSPEC,
	TFO_COOKIE_UNAVAILABLE,
	TFO_DATA_NOT_ACKED,
	TFO_SYN_RETRANSMITTED
};

struct tcp_repair_opt {
	u32 opt_code;
	u32 opt_val;
};

struct tcp_repair_window {
	u32 snd_wl1, snd_wnd, max_window, rcv_wnd, rcv_wup;
};

struct tcp_info {
	u8 tcpi_state;
	u8 tcpi_ca_state;
	u8 tcpi_retransmits;
	u8 tcpi_probes;
	u8 tcpi_backoff;
	u8 tcpi_options;
	u8 tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4;
	u8 tcpi_delivery_rate_app_limited : 1, tcpi_fastopen_client_fail : 2;
	u32 tcpi_rto;
	u32 tcpi_ato;
	u32 tcpi_snd_mss;
	u32 tcpi_rcv_mss;
	u32 tcpi_unacked;
	u32 tcpi_sacked;
	u32 tcpi_lost;
	u32 tcpi_retrans;
	u32 tcpi_fackets;
	u32 tcpi_last_data_sent;
	u32 tcpi_last_ack_sent;
	u32 tcpi_last_data_recv;
	u32 tcpi_last_ack_recv;
	u32 tcpi_pmtu;
	u32 tcpi_rcv_ssthresh;
	u32 tcpi_rtt;
	u32 tcpi_rttvar;
	u32 tcpi_snd_ssthresh;
	u32 tcpi_snd_cwnd;
	u32 tcpi_advmss;
	u32 tcpi_reordering;
	u32 tcpi_rcv_rtt;
	u32 tcpi_rcv_space;
	u32 tcpi_total_retrans;
	u64 tcpi_pacing_rate;
	u64 tcpi_max_pacing_rate;
	u64 tcpi_bytes_acked;
	u64 tcpi_bytes_received;
	u32 tcpi_segs_out;
	u32 tcpi_segs_in;
	u32 tcpi_notsent_bytes;
	u32 tcpi_min_rtt;
	u32 tcpi_data_segs_in;
	u32 tcpi_data_segs_out;
	u64 tcpi_delivery_rate;
	u64 tcpi_busy_time;
	u64 tcpi_rwnd_limited;
	u64 tcpi_sndbuf_limited;
	u32 tcpi_delivered;
	u32 tcpi_delivered_ce;
	u64 tcpi_bytes_sent;
	u64 tcpi_bytes_retrans;
	u32 tcpi_dsack_dups;
	u32 tcpi_reord_seen;
	u32 tcpi_rcv_ooopack;
	u32 tcpi_snd_wnd;
	u32 tcpi_rcv_wnd;
	u32 tcpi_rehash;
	u16 tcpi_total_rto;
	u16 tcpi_total_rto_recoveries;
	u32 tcpi_total_rto_time;
	u32 tcpi_received_ce;
	u32 tcpi_delivered_e1_bytes;
	u32 tcpi_delivered_e0_bytes;
	u32 tcpi_delivered_ce_bytes;
	u32 tcpi_received_e1_bytes;
	u32 tcpi_received_e0_bytes;
	u32 tcpi_received_ce_bytes;
	u16 tcpi_accecn_fail_mode;
	u16 tcpi_accecn_opt_seen;
};

#define TCP_MD5SIG_MAXKEYLEN	80
#define TCP_MD5SIG_FLAG_PREFIX	1
#define TCP_MD5SIG_FLAG_IFINDEX 2

struct tcp_md5sig {
	struct sockaddr_storage_abi tcpm_addr;
	u8 tcpm_flags;
	u8 tcpm_prefixlen;
	u16 tcpm_keylen;
	int tcpm_ifindex;
	u8 tcpm_key[TCP_MD5SIG_MAXKEYLEN];
};

#define TCP_AO_MAXKEYLEN	80
#define TCP_AO_KEYF_IFINDEX	1
#define TCP_AO_KEYF_EXCLUDE_OPT 2

struct tcp_ao_add {
	struct sockaddr_storage_abi addr;
	char alg_name[64];
	s32 ifindex;
	u32 set_current : 1, set_rnext : 1, reserved : 30;
	u16 reserved2;
	u8 prefix;
	u8 sndid;
	u8 rcvid;
	u8 maclen;
	u8 keyflags;
	u8 keylen;
	u8 key[TCP_AO_MAXKEYLEN];
} __attribute__((aligned(8)));

struct tcp_ao_del {
	struct sockaddr_storage_abi addr;
	s32 ifindex;
	u32 set_current : 1, set_rnext : 1, del_async : 1, reserved : 29;
	u16 reserved2;
	u8 prefix;
	u8 sndid;
	u8 rcvid;
	u8 current_key;
	u8 rnext;
	u8 keyflags;
} __attribute__((aligned(8)));

struct tcp_ao_info_opt {
	u32 set_current : 1, set_rnext : 1, ao_required : 1, set_counters : 1, accept_icmps : 1,
		reserved : 27;
	u16 reserved2;
	u8 current_key;
	u8 rnext;
	u64 pkt_good;
	u64 pkt_bad;
	u64 pkt_key_not_found;
	u64 pkt_ao_required;
	u64 pkt_dropped_icmp;
} __attribute__((aligned(8)));

struct tcp_ao_getsockopt {
	struct sockaddr_storage_abi addr;
	char alg_name[64];
	u8 key[TCP_AO_MAXKEYLEN];
	u32 nkeys;
	u16 is_current : 1, is_rnext : 1, get_all : 1, reserved : 13;
	u8 sndid;
	u8 rcvid;
	u8 prefix;
	u8 maclen;
	u8 keyflags;
	u8 keylen;
	s32 ifindex;
	u64 pkt_good;
	u64 pkt_bad;
} __attribute__((aligned(8)));

struct tcp_ao_repair {
	__be32 snt_isn;
	__be32 rcv_isn;
	u32 snd_sne;
	u32 rcv_sne;
} __attribute__((aligned(8)));

/* TCP_CC_INFO */
struct tcpvegas_info {
	u32 tcpv_enabled, tcpv_rttcnt, tcpv_rtt, tcpv_minrtt;
};

struct tcp_dctcp_info {
	u16 dctcp_enabled;
	u16 dctcp_ce_state;
	u32 dctcp_alpha;
	u32 dctcp_ab_ecn;
	u32 dctcp_ab_tot;
};

struct tcp_bbr_info {
	u32 bbr_bw_lo, bbr_bw_hi, bbr_min_rtt, bbr_pacing_gain, bbr_cwnd_gain;
};

union tcp_cc_info {
	struct tcpvegas_info vegas;
	struct tcp_dctcp_info dctcp;
	struct tcp_bbr_info bbr;
};

struct tcp_zerocopy_receive {
	u64 address;
	u32 length;
	u32 recv_skip_hint;
	u32 inq;
	s32 err;
	u64 copybuf_address;
	s32 copybuf_len;
	u32 flags;
	u64 msg_control;
	u64 msg_controllen;
	u32 msg_flags;
	u32 reserved;
};

#endif
