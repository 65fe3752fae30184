/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/socket_abi.h - the socket interface in numbers and layouts: what a program compiled for Linux (x86-64) hands in.
 *
 * The structs have the tags and layouts of <sys/socket.h>, <netinet/in.h>, <linux/errqueue.h> and so on, so a caller
 * includes those and passes its own; the core includes this page instead and stays clear of the system's headers.
 * tests/sockets/abi_test.c compares every number and offset with the system's.
 */
#ifndef NET_SOCKET_ABI_H
#define NET_SOCKET_ABI_H

#include "net/types.h"
#include "net/wire.h"

/* ---- families, types, flags of socket() ---- */
#define AF_UNSPEC  0
#define AF_UNIX	   1
#define AF_INET	   2
#define AF_INET6   10
#define AF_NETLINK 16
#define AF_PACKET  17
#define AF_MAX	   46

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5
#define SOCK_DCCP      6
#define SOCK_PACKET    10
#define SOCK_MAX       11
#define SOCK_TYPE_MASK 0xf
#define SOCK_CLOEXEC   02000000
#define SOCK_NONBLOCK  00004000

#define IPPROTO_IPIP  4
#define IPPROTO_DCCP  33
#define IPPROTO_IPV6  41
#define IPPROTO_SCTP  132
#define IPPROTO_MPTCP 262

#define SHUT_RD	  0
#define SHUT_WR	  1
#define SHUT_RDWR 2
#define SOMAXCONN 4096

typedef u16 sa_family_abi;

struct sockaddr {
	u16 sa_family;
	char sa_data[14];
};

struct in_addr {
	__be32 s_addr;
};

struct sockaddr_in {
	u16 sin_family;
	__be16 sin_port;
	struct in_addr sin_addr;
	u8 sin_zero[8];
};

struct sockaddr_storage_abi {
	u16 ss_family;
	char data[126];
} __attribute__((aligned(8)));

struct iovec {
	void *iov_base;
	size_t iov_len;
};

struct msghdr {
	void *msg_name;
	u32 msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	int msg_flags;
};

struct mmsghdr {
	struct msghdr msg_hdr;
	u32 msg_len;
};

struct cmsghdr {
	size_t cmsg_len;
	int cmsg_level;
	int cmsg_type;
};

#define CMSG_ALIGN(n)  (((n) + 7UL) & ~7UL)
#define CMSG_HDRLEN    sizeof(struct cmsghdr)
#define CMSG_DATA_(c)  ((void *)((c) + 1))
#define CMSG_SPACE_(n) (CMSG_HDRLEN + CMSG_ALIGN(n))
#define CMSG_LEN_(n)   (CMSG_HDRLEN + (n))

static inline struct cmsghdr *cmsg_first(const struct msghdr *msg)
{
	return msg->msg_controllen >= CMSG_HDRLEN ? (struct cmsghdr *)msg->msg_control : NULL;
}

/** cmsg_next() - the message behind @c; NULL: there is none */
static inline struct cmsghdr *cmsg_next(const struct msghdr *msg, const struct cmsghdr *c)
{
	char *next = (char *)c + CMSG_ALIGN(c->cmsg_len), *start = (char *)msg->msg_control;

	return (size_t)(next + CMSG_HDRLEN - start) > msg->msg_controllen ? NULL :
									    (struct cmsghdr *)next;
}

/** CMSG_OK() - the length of @c is at least that of a header and stays in the buffer */
static inline bool CMSG_OK(const struct msghdr *msg, const struct cmsghdr *c)
{
	return c->cmsg_len >= CMSG_HDRLEN &&
	       c->cmsg_len <=
		       msg->msg_controllen - (size_t)((const char *)c - (char *)msg->msg_control);
}
#define for_each_cmsghdr(c, msg) for (c = cmsg_first(msg); c; c = cmsg_next(msg, c))

struct linger {
	int l_onoff;
	int l_linger;
};

struct sock_timeval {
	s64 tv_sec;
	s64 tv_usec;
};

struct sock_timespec {
	s64 tv_sec;
	s64 tv_nsec;
};

struct ucred_abi {
	s32 pid;
	u32 uid, gid;
};

/* ---- MSG_* ---- */
#define MSG_OOB		     0x1
#define MSG_PEEK	     0x2
#define MSG_DONTROUTE	     0x4
#define MSG_CTRUNC	     0x8
#define MSG_PROBE	     0x10
#define MSG_TRUNC	     0x20
#define MSG_DONTWAIT	     0x40
#define MSG_EOR		     0x80
#define MSG_WAITALL	     0x100
#define MSG_FIN		     0x200
#define MSG_SYN		     0x400
#define MSG_CONFIRM	     0x800
#define MSG_RST		     0x1000
#define MSG_ERRQUEUE	     0x2000
#define MSG_NOSIGNAL	     0x4000
#define MSG_MORE	     0x8000
#define MSG_WAITFORONE	     0x10000
#define MSG_SENDPAGE_NOTLAST 0x20000
#define MSG_BATCH	     0x40000
#define MSG_SPLICE_PAGES     0x8000000
#define MSG_ZEROCOPY	     0x4000000
#define MSG_FASTOPEN	     0x20000000
#define MSG_CMSG_CLOEXEC     0x40000000

/* ---- levels ---- */
#define SOL_IP	    0
#define SOL_SOCKET  1
#define SOL_TCP	    6
#define SOL_UDP	    17
#define SOL_IPV6    41
#define SOL_UDPLITE 136
#define SOL_RAW	    255
#define SOL_NETLINK 270

/* ---- SOL_SOCKET ---- */
#define SO_DEBUG		 1
#define SO_REUSEADDR		 2
#define SO_TYPE			 3
#define SO_ERROR		 4
#define SO_DONTROUTE		 5
#define SO_BROADCAST		 6
#define SO_SNDBUF		 7
#define SO_RCVBUF		 8
#define SO_KEEPALIVE		 9
#define SO_OOBINLINE		 10
#define SO_NO_CHECK		 11
#define SO_PRIORITY		 12
#define SO_LINGER		 13
#define SO_BSDCOMPAT		 14
#define SO_REUSEPORT		 15
#define SO_PASSCRED		 16
#define SO_PEERCRED		 17
#define SO_RCVLOWAT		 18
#define SO_SNDLOWAT		 19
#define SO_RCVTIMEO_OLD		 20
#define SO_SNDTIMEO_OLD		 21
#define SO_BINDTODEVICE		 25
#define SO_ATTACH_FILTER	 26
#define SO_DETACH_FILTER	 27
#define SO_GET_FILTER		 SO_ATTACH_FILTER
#define SO_PEERNAME		 28
#define SO_TIMESTAMP_OLD	 29
#define SO_ACCEPTCONN		 30
#define SO_PEERSEC		 31
#define SO_SNDBUFFORCE		 32
#define SO_RCVBUFFORCE		 33
#define SO_PASSSEC		 34
#define SO_TIMESTAMPNS_OLD	 35
#define SO_MARK			 36
#define SO_TIMESTAMPING_OLD	 37
#define SO_PROTOCOL		 38
#define SO_DOMAIN		 39
#define SO_RXQ_OVFL		 40
#define SO_WIFI_STATUS		 41
#define SO_PEEK_OFF		 42
#define SO_NOFCS		 43
#define SO_LOCK_FILTER		 44
#define SO_SELECT_ERR_QUEUE	 45
#define SO_BUSY_POLL		 46
#define SO_MAX_PACING_RATE	 47
#define SO_BPF_EXTENSIONS	 48
#define SO_INCOMING_CPU		 49
#define SO_ATTACH_BPF		 50
#define SO_DETACH_BPF		 SO_DETACH_FILTER
#define SO_ATTACH_REUSEPORT_CBPF 51
#define SO_ATTACH_REUSEPORT_EBPF 52
#define SO_CNX_ADVICE		 53
#define SO_MEMINFO		 55
#define SO_INCOMING_NAPI_ID	 56
#define SO_COOKIE		 57
#define SO_PEERGROUPS		 59
#define SO_ZEROCOPY		 60
#define SO_TXTIME		 61
#define SO_BINDTOIFINDEX	 62
#define SO_TIMESTAMP_NEW	 63
#define SO_TIMESTAMPNS_NEW	 64
#define SO_TIMESTAMPING_NEW	 65
#define SO_RCVTIMEO_NEW		 66
#define SO_SNDTIMEO_NEW		 67
#define SO_DETACH_REUSEPORT_BPF	 68
#define SO_PREFER_BUSY_POLL	 69
#define SO_BUSY_POLL_BUDGET	 70
#define SO_NETNS_COOKIE		 71
#define SO_BUF_LOCK		 72
#define SO_RESERVE_MEM		 73
#define SO_TXREHASH		 74
#define SO_RCVMARK		 75
#define SO_PASSPIDFD		 76
#define SO_PEERPIDFD		 77
#define SO_DEVMEM_LINEAR	 78
#define SO_DEVMEM_DMABUF	 79
#define SO_DEVMEM_DONTNEED	 80
#define SCM_TS_OPT_ID		 81
#define SO_RCVPRIORITY		 82
#define SO_PASSRIGHTS		 83
#define SO_INQ			 84

/* cmsg types of SOL_SOCKET: the option's number (…_OLD on x86-64) */
#define SCM_RIGHTS		   1
#define SCM_CREDENTIALS		   2
#define SCM_TXTIME		   SO_TXTIME
#define SCM_TIMESTAMPING_OPT_STATS 54
#define SCM_TIMESTAMPING_PKTINFO   58

#define SK_MEMINFO_RMEM_ALLOC  0
#define SK_MEMINFO_RCVBUF      1
#define SK_MEMINFO_WMEM_ALLOC  2
#define SK_MEMINFO_SNDBUF      3
#define SK_MEMINFO_FWD_ALLOC   4
#define SK_MEMINFO_WMEM_QUEUED 5
#define SK_MEMINFO_OPTMEM      6
#define SK_MEMINFO_BACKLOG     7
#define SK_MEMINFO_DROPS       8
#define SK_MEMINFO_VARS	       9

/* SO_TIMESTAMPING bits (<linux/net_tstamp.h>) */
#define SOF_TIMESTAMPING_TX_HARDWARE   (1 << 0)
#define SOF_TIMESTAMPING_TX_SOFTWARE   (1 << 1)
#define SOF_TIMESTAMPING_RX_HARDWARE   (1 << 2)
#define SOF_TIMESTAMPING_RX_SOFTWARE   (1 << 3)
#define SOF_TIMESTAMPING_SOFTWARE      (1 << 4)
#define SOF_TIMESTAMPING_SYS_HARDWARE  (1 << 5)
#define SOF_TIMESTAMPING_RAW_HARDWARE  (1 << 6)
#define SOF_TIMESTAMPING_OPT_ID	       (1 << 7)
#define SOF_TIMESTAMPING_TX_SCHED      (1 << 8)
#define SOF_TIMESTAMPING_TX_ACK	       (1 << 9)
#define SOF_TIMESTAMPING_OPT_CMSG      (1 << 10)
#define SOF_TIMESTAMPING_OPT_TSONLY    (1 << 11)
#define SOF_TIMESTAMPING_OPT_STATS     (1 << 12)
#define SOF_TIMESTAMPING_OPT_PKTINFO   (1 << 13)
#define SOF_TIMESTAMPING_OPT_TX_SWHW   (1 << 14)
#define SOF_TIMESTAMPING_BIND_PHC      (1 << 15)
#define SOF_TIMESTAMPING_OPT_ID_TCP    (1 << 16)
#define SOF_TIMESTAMPING_OPT_RX_FILTER (1 << 17)
#define SOF_TIMESTAMPING_TX_COMPLETION (1 << 18)
#define SOF_TIMESTAMPING_MASK	       ((1 << 19) - 1)

#define SCM_TSTAMP_SND	 0
#define SCM_TSTAMP_SCHED 1
#define SCM_TSTAMP_ACK	 2

struct scm_timestamping {
	struct sock_timespec ts[3];
};

/* ---- error queue (<linux/errqueue.h>) ---- */
struct sock_ee_data_rfc4884 {
	u16 len;
	u8 flags;
	u8 reserved;
};
#define SO_EE_RFC4884_FLAG_INVALID 1

struct sock_extended_err {
	u32 ee_errno;
	u8 ee_origin;
	u8 ee_type;
	u8 ee_code;
	u8 ee_pad;
	u32 ee_info;
	union {
		u32 ee_data;
		struct sock_ee_data_rfc4884 ee_rfc4884;
	};
};
#define SO_EE_ORIGIN_NONE	   0
#define SO_EE_ORIGIN_LOCAL	   1
#define SO_EE_ORIGIN_ICMP	   2
#define SO_EE_ORIGIN_ICMP6	   3
#define SO_EE_ORIGIN_TIMESTAMPING  4
#define SO_EE_ORIGIN_ZEROCOPY	   5
#define SO_EE_ORIGIN_TXTIME	   6
#define SO_EE_CODE_ZEROCOPY_COPIED 1

/* ---- IPPROTO_IP ---- */
#define IP_TOS			  1
#define IP_TTL			  2
#define IP_HDRINCL		  3
#define IP_OPTIONS		  4
#define IP_ROUTER_ALERT		  5
#define IP_RECVOPTS		  6
#define IP_RETOPTS		  7
#define IP_PKTINFO		  8
#define IP_PKTOPTIONS		  9
#define IP_MTU_DISCOVER		  10
#define IP_RECVERR		  11
#define IP_RECVTTL		  12
#define IP_RECVTOS		  13
#define IP_MTU			  14
#define IP_FREEBIND		  15
#define IP_IPSEC_POLICY		  16
#define IP_XFRM_POLICY		  17
#define IP_PASSSEC		  18
#define IP_TRANSPARENT		  19
#define IP_ORIGDSTADDR		  20
#define IP_RECVORIGDSTADDR	  IP_ORIGDSTADDR
#define IP_MINTTL		  21
#define IP_NODEFRAG		  22
#define IP_CHECKSUM		  23
#define IP_BIND_ADDRESS_NO_PORT	  24
#define IP_RECVFRAGSIZE		  25
#define IP_RECVERR_RFC4884	  26
#define IP_MULTICAST_IF		  32
#define IP_MULTICAST_TTL	  33
#define IP_MULTICAST_LOOP	  34
#define IP_ADD_MEMBERSHIP	  35
#define IP_DROP_MEMBERSHIP	  36
#define IP_UNBLOCK_SOURCE	  37
#define IP_BLOCK_SOURCE		  38
#define IP_ADD_SOURCE_MEMBERSHIP  39
#define IP_DROP_SOURCE_MEMBERSHIP 40
#define IP_MSFILTER		  41
#define MCAST_JOIN_GROUP	  42
#define MCAST_BLOCK_SOURCE	  43
#define MCAST_UNBLOCK_SOURCE	  44
#define MCAST_LEAVE_GROUP	  45
#define MCAST_JOIN_SOURCE_GROUP	  46
#define MCAST_LEAVE_SOURCE_GROUP  47
#define MCAST_MSFILTER		  48
#define IP_MULTICAST_ALL	  49
#define IP_UNICAST_IF		  50
#define IP_LOCAL_PORT_RANGE	  51
#define IP_PROTOCOL		  52
#define IP_DEFAULT_MULTICAST_TTL  1
#define IP_DEFAULT_MULTICAST_LOOP 1
#define IP_PMTUDISC_DONT	  0
#define IP_PMTUDISC_WANT	  1
#define IP_PMTUDISC_DO		  2
#define IP_PMTUDISC_PROBE	  3
#define IP_PMTUDISC_INTERFACE	  4
#define IP_PMTUDISC_OMIT	  5
#define MCAST_EXCLUDE		  0
#define MCAST_INCLUDE		  1

struct ip_mreq {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
};

struct ip_mreqn {
	struct in_addr imr_multiaddr;
	struct in_addr imr_address;
	int imr_ifindex;
};

struct ip_mreq_source {
	__be32 imr_multiaddr;
	__be32 imr_interface;
	__be32 imr_sourceaddr;
};

struct ip_msfilter {
	__be32 imsf_multiaddr;
	__be32 imsf_interface;
	u32 imsf_fmode;
	u32 imsf_numsrc;
	__be32 imsf_slist_flex[];
};

struct group_req {
	u32 gr_interface;
	struct sockaddr_storage_abi gr_group;
};

struct group_source_req {
	u32 gsr_interface;
	struct sockaddr_storage_abi gsr_group;
	struct sockaddr_storage_abi gsr_source;
};

struct group_filter {
	u32 gf_interface;
	struct sockaddr_storage_abi gf_group;
	u32 gf_fmode;
	u32 gf_numsrc;
	struct sockaddr_storage_abi gf_slist_flex[];
};

struct in_pktinfo {
	int ipi_ifindex;
	struct in_addr ipi_spec_dst;
	struct in_addr ipi_addr;
};

/* ---- IPPROTO_UDP, SOL_RAW ---- */
#define UDP_CORK		   1
#define UDP_ENCAP		   100
#define UDP_NO_CHECK6_TX	   101
#define UDP_NO_CHECK6_RX	   102
#define UDP_SEGMENT		   103
#define UDP_GRO			   104
#define UDPLITE_SEND_CSCOV	   10
#define UDPLITE_RECV_CSCOV	   11
#define UDP_ENCAP_ESPINUDP_NON_IKE 1
#define UDP_ENCAP_ESPINUDP	   2
#define UDP_ENCAP_L2TPINUDP	   3
#define ICMP_FILTER		   1

struct icmp_filter {
	u32 data;
};

/* ---- ioctl ---- */
#define FIONREAD	 0x541B
#define SIOCINQ		 FIONREAD
#define TIOCOUTQ	 0x5411
#define SIOCOUTQ	 TIOCOUTQ
#define FIONBIO		 0x5421
#define FIOASYNC	 0x5452
#define SIOCATMARK	 0x8905
#define SIOCGSTAMP_OLD	 0x8906
#define SIOCGSTAMPNS_OLD 0x8907
#define SIOCOUTQNSD	 0x894B
#define SIOCSPGRP	 0x8902
#define FIOSETOWN	 0x8901
#define SIOCGPGRP	 0x8904
#define FIOGETOWN	 0x8903

/* ---- poll and epoll ---- */
#define POLLIN	       0x0001
#define POLLPRI	       0x0002
#define POLLOUT	       0x0004
#define POLLERR	       0x0008
#define POLLHUP	       0x0010
#define POLLNVAL       0x0020
#define POLLRDNORM     0x0040
#define POLLRDBAND     0x0080
#define POLLWRNORM     0x0100
#define POLLWRBAND     0x0200
#define POLLMSG	       0x0400
#define POLLRDHUP      0x2000
#define EPOLLEXCLUSIVE (1U << 28)
#define EPOLLONESHOT   (1U << 30)
#define EPOLLET	       (1U << 31)
#define EPOLL_CTL_ADD  1
#define EPOLL_CTL_DEL  2
#define EPOLL_CTL_MOD  3

struct pollfd {
	int fd;
	short events;
	short revents;
};

struct epoll_event {
	u32 events;
	u64 data;
} __attribute__((packed));

/* ---- classic BPF (<linux/filter.h>) ---- */
struct sock_filter {
	u16 code;
	u8 jt;
	u8 jf;
	u32 k;
};

/* SO_TXTIME (<linux/net_tstamp.h>) */
struct sock_txtime {
	s32 clockid;
	u32 flags;
};
#define SOF_TXTIME_DEADLINE_MODE (1 << 0)
#define SOF_TXTIME_REPORT_ERRORS (1 << 1)
#define SOF_TXTIME_FLAGS_MASK	 3

struct so_timestamping {
	int flags;
	int bind_phc;
};

struct sock_fprog {
	unsigned short len;
	struct sock_filter *filter;
};

#define UIO_MAXIOV 1024

/* fcntl */
#define F_GETFL_    3
#define F_SETFL_    4
#define O_RDWR_	    02
#define O_NONBLOCK_ 04000
#define FASYNC_	    020000

#endif
