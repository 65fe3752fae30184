/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/wire.h - headers as they are on the wire. All fields big-endian unless one byte. */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include "net/types.h"

/* AF_UNSPEC and AF_INET of <sys/socket.h>, named apart since that header is not for the core. */
#define AF_UNSPEC_ 0
#define AF_INET_   2

#define ETH_ALEN     6
#define ETH_HLEN     14
#define ETH_ZLEN     60
#define ETH_DATA_LEN 1500
#define ETH_MIN_MTU  68
#define ETH_MAX_MTU  65535
#define VLAN_HLEN    4

#define ETH_P_LOOP	0x0060
#define ETH_P_IP	0x0800
#define ETH_P_ARP	0x0806
#define ETH_P_8021Q	0x8100
#define ETH_P_8021AD	0x88A8
#define ETH_P_IPV6	0x86DD
#define ETH_P_802_3_MIN 0x0600
#define ETH_P_802_3	0x0001
#define ETH_P_ALL	0x0003
#define ETH_P_802_2	0x0004

struct ethhdr {
	u8 h_dest[ETH_ALEN];
	u8 h_source[ETH_ALEN];
	__be16 h_proto;
} __attribute__((packed));

struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};
#define VLAN_VID_MASK 0x0fff

/* IPv4 header, RFC 791 3.1 */
struct iphdr {
	u8 ihl : 4, version : 4;
	u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;
	u8 ttl;
	u8 protocol;
	__sum16 check;
	__be32 saddr;
	__be32 daddr;
};

#define IP_CE	  0x8000 /* reserved bit */
#define IP_DF	  0x4000
#define IP_MF	  0x2000
#define IP_OFFSET 0x1fff

#define IPVERSION    4
#define MAXTTL	     255
#define IPDEFTTL     64
#define MAX_IPOPTLEN 40
#define IPV4_MIN_MTU 68
#define IP_MAX_MTU   0xFFFFU

#define IPTOS_TOS_MASK		   0x1E
#define IPTOS_TOS(tos)		   ((tos)&IPTOS_TOS_MASK)
#define IPTOS_PREC_MASK		   0xE0
#define IPTOS_LOWDELAY		   0x10
#define IPTOS_PREC_INTERNETCONTROL 0xc0
#define INET_DSCP_MASK		   0xfc
#define INET_ECN_MASK		   3
#define INET_ECN_NOT_ECT	   0
#define INET_ECN_ECT_1		   1
#define INET_ECN_ECT_0		   2
#define INET_ECN_CE		   3

#define IPOPT_COPY	   0x80
#define IPOPT_COPIED(o)	   ((o)&IPOPT_COPY)
#define IPOPT_END	   0
#define IPOPT_NOOP	   1
#define IPOPT_SEC	   (2 | 0x80)
#define IPOPT_LSRR	   (3 | 0x80)
#define IPOPT_TIMESTAMP	   (4 | 0x40)
#define IPOPT_CIPSO	   (6 | 0x80)
#define IPOPT_RR	   7
#define IPOPT_SID	   (8 | 0x80)
#define IPOPT_SSRR	   (9 | 0x80)
#define IPOPT_RA	   (20 | 0x80)
#define IPOPT_OPTVAL	   0
#define IPOPT_OLEN	   1
#define IPOPT_OFFSET	   2
#define IPOPT_MINOFF	   4
#define IPOPT_TS_TSONLY	   0
#define IPOPT_TS_TSANDADDR 1
#define IPOPT_TS_PRESPEC   3

#ifndef IPPROTO_ICMP /* <netinet/in.h> has the same numbers as an enum and as defines */
#define IPPROTO_IP	0
#define IPPROTO_ICMP	1
#define IPPROTO_IGMP	2
#define IPPROTO_TCP	6
#define IPPROTO_UDP	17
#define IPPROTO_ESP	50
#define IPPROTO_UDPLITE 136
#define IPPROTO_RAW	255
#define IPPROTO_MAX	256
#endif

struct icmphdr {
	u8 type;
	u8 code;
	__sum16 checksum;
	union {
		struct {
			__be16 id;
			__be16 sequence;
		} echo;
		__be32 gateway;
		struct {
			__be16 reserved;
			__be16 mtu;
		} frag;
		u8 reserved[4];
	} un;
};

#define ICMP_ECHOREPLY	    0
#define ICMP_DEST_UNREACH   3
#define ICMP_SOURCE_QUENCH  4
#define ICMP_REDIRECT	    5
#define ICMP_ECHO	    8
#define ICMP_ROUTER_ADVERT  9
#define ICMP_ROUTER_SOLICIT 10
#define ICMP_TIME_EXCEEDED  11
#define ICMP_PARAMETERPROB  12
#define ICMP_TIMESTAMP	    13
#define ICMP_TIMESTAMPREPLY 14
#define ICMP_INFO_REQUEST   15
#define ICMP_INFO_REPLY	    16
#define ICMP_ADDRESS	    17
#define ICMP_ADDRESSREPLY   18
#define NR_ICMP_TYPES	    18
#define ICMP_EXT_ECHO	    42
#define ICMP_EXT_ECHOREPLY  43
/* codes of ICMP_DEST_UNREACH */
#define ICMP_NET_UNREACH    0
#define ICMP_HOST_UNREACH   1
#define ICMP_PROT_UNREACH   2
#define ICMP_PORT_UNREACH   3
#define ICMP_FRAG_NEEDED    4
#define ICMP_SR_FAILED	    5
#define ICMP_NET_UNKNOWN    6
#define ICMP_HOST_UNKNOWN   7
#define ICMP_HOST_ISOLATED  8
#define ICMP_NET_ANO	    9
#define ICMP_HOST_ANO	    10
#define ICMP_NET_UNR_TOS    11
#define ICMP_HOST_UNR_TOS   12
#define ICMP_PKT_FILTERED   13
#define ICMP_PREC_VIOLATION 14
#define ICMP_PREC_CUTOFF    15
#define NR_ICMP_UNREACH	    15
/* codes of ICMP_REDIRECT, ICMP_TIME_EXCEEDED, ICMP_EXT_ECHOREPLY */
#define ICMP_REDIR_NET	   0
#define ICMP_REDIR_HOST	   1
#define ICMP_REDIR_NETTOS  2
#define ICMP_REDIR_HOSTTOS 3
#define ICMP_EXC_TTL	   0
#define ICMP_EXC_FRAGTIME  1

struct udphdr {
	__be16 source;
	__be16 dest;
	__be16 len;
	__sum16 check;
};

struct tcphdr {
	__be16 source;
	__be16 dest;
	__be32 seq;
	__be32 ack_seq;
	u16 ae : 1, res1 : 3, doff : 4, fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1,
		ece : 1, cwr : 1;
	__be16 window;
	__sum16 check;
	__be16 urg_ptr;
};

#define ARPOP_REQUEST	1
#define ARPOP_REPLY	2
#define ARPHRD_ETHER	1
#define ARPHRD_IEEE802	6
#define ARPHRD_LOOPBACK 772
#define ARPHRD_NONE	0xFFFE

/* ARP header, RFC 826; the addresses follow, their lengths depend on ar_hln and ar_pln */
struct arphdr {
	__be16 ar_hrd;
	__be16 ar_pro;
	u8 ar_hln;
	u8 ar_pln;
	__be16 ar_op;
};

#define INADDR_ANY	 0x00000000U
#define INADDR_BROADCAST 0xffffffffU
#define INADDR_LOOPBACK	 0x7f000001U

/* Classes of addresses; @addr in network byte order. */
static inline bool ipv4_is_loopback(__be32 addr)
{
	return (addr & htonl(0xff000000)) == htonl(0x7f000000);
}

static inline bool ipv4_is_multicast(__be32 addr)
{
	return (addr & htonl(0xf0000000)) == htonl(0xe0000000);
}

static inline bool ipv4_is_local_multicast(__be32 addr)
{
	return (addr & htonl(0xffffff00)) == htonl(0xe0000000);
}

static inline bool ipv4_is_lbcast(__be32 addr)
{
	return addr == 0xffffffffU;
}

static inline bool ipv4_is_zeronet(__be32 addr)
{
	return addr == 0; /* Linux since 5.3: only 0.0.0.0, 0/8 is ordinary */
}

/** inet_make_mask() - /@len as a be mask, 0..32 */
static inline __be32 inet_make_mask(int len)
{
	return len ? htonl(~0U << (32 - len)) : 0;
}

static inline bool is_zero_ether_addr(const u8 *a)
{
	return !(a[0] | a[1] | a[2] | a[3] | a[4] | a[5]);
}

static inline bool is_multicast_ether_addr(const u8 *a)
{
	return a[0] & 1;
}

static inline bool is_broadcast_ether_addr(const u8 *a)
{
	return (a[0] & a[1] & a[2] & a[3] & a[4] & a[5]) == 0xff;
}

static inline bool is_valid_ether_addr(const u8 *a)
{
	return !is_multicast_ether_addr(a) && !is_zero_ether_addr(a);
}

static inline bool ether_addr_equal(const u8 *a, const u8 *b)
{
	return get_unaligned32(a) == get_unaligned32(b) &&
	       get_unaligned16(a + 4) == get_unaligned16(b + 4);
}

#endif
