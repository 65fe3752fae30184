/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_wire.h - TCP's header, options and numbers: what is on the wire, and Linux's limits. */
#ifndef NET_TCP_WIRE_H
#define NET_TCP_WIRE_H

#include "net/skbuff.h"
#include "net/inet_connection_sock.h"
#include "net/tcp_abi.h"

#define TCP_MAX_QUICKACKS	    16U
#define MAX_TCP_WINDOW		    32767U
#define TCP_MIN_SND_MSS		    48
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
#define TCP_KEEPALIVE_PROBES	    9
#define MAX_TCP_KEEPIDLE	    32767
#define MAX_TCP_KEEPINTVL	    32767
#define MAX_TCP_KEEPCNT		    127
#define MAX_TCP_SYNCNT		    127
#define TCP_SYN_RETRIES		    6
#define TCP_SYNACK_RETRIES	    5
#define TCP_RETR1		    3
#define TCP_RETR2		    15
#define TCP_FIN_TIMEOUT_MAX	    (120 * HZ)
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

#endif
