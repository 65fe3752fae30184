/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inet_sock.h - a socket of IPv4 (inet_sock), and what IP offers to all of them. Seed 1.1. */
#ifndef NET_INET_SOCK_H
#define NET_INET_SOCK_H

#include "net/ip.h"
#include "net/flow.h"
#include "net/route.h"
#include "net/sock_msg.h"
#include "net/socket.h"

struct ip_mc_socklist;
struct inet_cork_full;
struct strbuf;

/* cmsg_flags: what recvmsg() tells */
#define IP_CMSG_PKTINFO	     BIT(0)
#define IP_CMSG_TTL	     BIT(1)
#define IP_CMSG_TOS	     BIT(2)
#define IP_CMSG_RECVOPTS     BIT(3)
#define IP_CMSG_RETOPTS	     BIT(4)
#define IP_CMSG_PASSSEC	     BIT(5)
#define IP_CMSG_ORIGDSTADDR  BIT(6)
#define IP_CMSG_CHECKSUM     BIT(7)
#define IP_CMSG_RECVFRAGSIZE BIT(8)

/* inet_flags */
enum {
	INET_FLAGS_RECVERR,
	INET_FLAGS_RECVERR_RFC4884,
	INET_FLAGS_HDRINCL,
	INET_FLAGS_MC_LOOP,
	INET_FLAGS_MC_ALL,
	INET_FLAGS_TRANSPARENT,
	INET_FLAGS_FREEBIND,
	INET_FLAGS_NODEFRAG,
	INET_FLAGS_BIND_ADDRESS_NO_PORT,
	INET_FLAGS_DEFER_CONNECT,
	INET_FLAGS_IS_ICSK,
	INET_FLAGS_RTALERT_CHAIN,
	INET_FLAGS_MINTTL_SET,
	INET_FLAGS_CONNECT_BIND, /* connect() chose the port */
};
#define inet_test_bit(nr, sk)  ((inet_sk(sk)->inet_flags >> INET_FLAGS_##nr) & 1)
#define inet_set_bit(nr, sk)   (inet_sk(sk)->inet_flags |= (u16)BIT(INET_FLAGS_##nr))
#define inet_clear_bit(nr, sk) (inet_sk(sk)->inet_flags &= (u16)~BIT(INET_FLAGS_##nr))
#define inet_assign_bit(nr, sk, v)              \
	do {                                    \
		if (v)                          \
			inet_set_bit(nr, sk);   \
		else                            \
			inet_clear_bit(nr, sk); \
	} while (0)

/**
 * struct inet_sock
 * @inet_saddr: source of what is sent, be (differs from inet_rcv_saddr for sockets bound to a group or broadcast)
 * @inet_sport: be, 0: not bound
 * @uc_ttl:     -1: default; @mc_ttl
 * @inet_opt:   IP options of what is sent, NULL none
 * @mc_index: IP_MULTICAST_IF; TCP: device of the SYN; @uc_index: IP_UNICAST_IF, host order
 * @local_port_range: IP_LOCAL_PORT_RANGE: low | high << 16, 0: the namespace's
 * @inet_id:    next IP id of a connected socket
 */
struct inet_sock {
	struct sock sk;
	__be32 inet_saddr;
	s16 uc_ttl;
	__be16 inet_sport;
	struct ip_options_data *inet_opt;
	u16 inet_id;
	u16 inet_flags;
	u16 cmsg_flags;
	u8 tos;
	u8 min_ttl;
	u8 mc_ttl;
	u8 pmtudisc;
	u8 rcv_tos;
	u8 convert_csum;
	int uc_index;
	int mc_index;
	u32 local_port_range;
};

/**
 * struct inet_dgram - a socket of datagrams: all but those with INET_FLAGS_IS_ICSK
 * @mc_list: memberships (a socket with connections has such in sock_side); @mc_addr: IP_MULTICAST_IF by address, be
 * @cork:    a datagram under construction, NULL none
 */
struct inet_dgram {
	struct inet_sock inet;
	struct ip_mc_socklist *mc_list;
	struct inet_cork_full *cork;
	__be32 mc_addr;
};

#define inet_daddr     sk.__sk_common.skc_daddr
#define inet_rcv_saddr sk.__sk_common.skc_rcv_saddr
#define inet_dport     sk.__sk_common.skc_dport
#define inet_num       sk.__sk_common.skc_num

static inline struct inet_sock *inet_sk(const struct sock *sk)
{
	return (struct inet_sock *)sk;
}

static inline bool inet_is_icsk(const struct sock *sk)
{
	return inet_test_bit(IS_ICSK, sk);
}

static inline struct inet_dgram *inet_dgram(const struct sock *sk)
{
	NET_ASSERT(!inet_is_icsk(sk));
	return (struct inet_dgram *)sk;
}

/* ---- af_inet.c ---- */
extern const struct proto_ops inet_stream_ops, inet_dgram_ops, inet_sockraw_ops;
int inet_create(struct net *net, struct socket *sock, int protocol, int kern);
/** inet_register_protosw() - one more (type, protocol) for a shard; a permanent entry is not overridden */
int inet_register_protosw(struct skiff *skiff, const struct inet_protosw *p);
int inet_bind_sk(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int __inet_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len, u32 flags);
#define BIND_WITH_LOCK		     1
#define BIND_FORCE_ADDRESS_NO_PORT   2
#define BIND_NO_CAP_NET_BIND_SERVICE 4
int inet_autobind(struct sock *sk);
int inet_release(struct socket *sock);
/** __inet_stream_connect() - @uaddr NULL: see how far an earlier one came; @is_sendmsg: on behalf of MSG_FASTOPEN */
int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags,
			  int is_sendmsg);
int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int addr_len, int flags);
int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len);
long inet_sendmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *from);
long inet_recvmsg(struct socket *sock, struct msghdr *msg, struct iov_iter *to, int flags);
int inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int inet_shutdown(struct socket *sock, int how);
int inet_ioctl(struct socket *sock, u32 cmd, void *arg);
int inet_send_prepare(struct sock *sk);
int inet_sk_rebuild_header(struct sock *sk);
void inet_sock_destruct(struct sock *sk);
/** inet_free_mini() - the last reference to a request or a time-wait socket went (tcp_ipv4.c) */
void inet_free_mini(struct sock *sk);
bool inet_addr_valid_or_nonlocal(struct net *net, struct inet_sock *inet, __be32 addr,
				 int addr_type);

/** inet_sk_set_state() - every change of sk_state goes through here: it is told to the journey recorder (net/journey.h) */
void inet_sk_set_state(struct sock *sk, int state);
/** inet_sk_state_store() - the same for states whose hash and counts the caller looks after */
void inet_sk_state_store(struct sock *sk, int state);

/* ---- datagram.c (net/ipv4) ---- */
/** ip_route_connect() - route of a socket that connects; completes @fl4 (addresses left open). Counted; NULL and *@err */
struct rtable *ip_route_connect(struct flowi4 *fl4, __be32 dst, __be32 src, u32 oif, u8 protocol,
				__be16 sport, __be16 dport, const struct sock *sk, int *err);
int ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int __ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
/** udp_disconnect() / __udp_disconnect() - AF_UNSPEC: forget the peer; address and port stay if the user bound them */
int __udp_disconnect(struct sock *sk, int flags);
int udp_disconnect(struct sock *sk, int flags);

/* ---- ip_sockglue*.c: SOL_IP options, control messages, error queue ---- */
int ip_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
int do_ip_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
int ip_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
/** ip_cmsg_recv_offset() - all that cmsg_flags ask for; @tlen: transport header, @offset: where the payload begins in the packet */
void ip_cmsg_recv_offset(struct msghdr *msg, struct sock *sk, struct sk_buff *skb, int tlen,
			 int offset);
/** ipcm_init_sk() - how @sk sends unless a message says else */
void ipcm_init_sk(struct ipcm_cookie *ipc, struct sockcm_cookie *sockc, const struct sock *sk);
/** ip_cmsg_send() - IP_PKTINFO, IP_TTL, IP_TOS, IP_RETOPTS, IP_PROTOCOL of a sendmsg(), and SOL_SOCKET's; @sockc's word is in @ipc afterwards.
 *  ipc->opt not NULL: the caller frees it, also on error. 0 or -errno */
int ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		 struct sockcm_cookie *sockc);
/** ipcm_set_sockc() - what SOL_SOCKET says about a datagram (mark, priority, time stamps) into @ipc */
void ipcm_set_sockc(struct ipcm_cookie *ipc, const struct sockcm_cookie *sockc);
/** ip_cmsg_recv_err() - the same about the packet of an entry of the error queue */
void ip_cmsg_recv_err(struct msghdr *msg, struct sock *sk, struct sk_buff *skb);
/** ip_icmp_error() - an ICMP error to the error queue; @payload: in @skb, where the user's data begin */
void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port, u32 info,
		   u8 *payload);
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 dport, u32 info);
int ip_recv_error(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int len, int *addr_len);
/** ip_options_get() - options that a user gave, checked, padded and with room to be built; NULL in *@optp before. 0, -EINVAL, -ENOMEM */
int ip_options_get(struct net *net, struct ip_options_data **optp, const void *data, u32 optlen);
/** ip_options_undo() - as the user gave them: what is written on the way out is taken back */
void ip_options_undo(struct ip_options_data *opt);
/** ipv4_pktinfo_prepare() - keep what IP_PKTINFO will tell, before the route is dropped from a queued packet */
void ipv4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb, bool drop_dst);

static inline bool ip_sk_use_pmtu(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc < IP_PMTUDISC_PROBE;
}

static inline bool ip_sk_accept_pmtu(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc != IP_PMTUDISC_INTERFACE &&
	       inet_sk(sk)->pmtudisc != IP_PMTUDISC_OMIT;
}

static inline bool ip_sk_ignore_df(const struct sock *sk)
{
	return inet_sk(sk)->pmtudisc < IP_PMTUDISC_DO || inet_sk(sk)->pmtudisc == IP_PMTUDISC_OMIT;
}

static inline u8 ip_sock_rt_tos(const struct sock *sk)
{
	return inet_sk(sk)->tos & INET_DSCP_MASK;
}

static inline u8 ip_sock_rt_scope(const struct sock *sk)
{
	return sock_flag(sk, SOCK_LOCALROUTE) ? 253 /* RT_SCOPE_LINK */ : 0;
}

static inline u8 inet_sk_flowi_flags(const struct sock *sk)
{
	return inet_test_bit(HDRINCL, sk) || inet_test_bit(TRANSPARENT, sk) ? FLOWI_FLAG_ANYSRC : 0;
}

/** inet_seq_line() - a datagram socket's line in /proc/net/{udp,udplite,raw,icmp}: @bucket printed @width wide, filled up to @pad characters */
void inet_seq_line(struct strbuf *sb, const struct sock *sk, int width, int bucket, size_t pad);

/* ---- multicast memberships of sockets: igmp_sock.c ---- */
/** struct ip_sf_socklist - sources, unordered; @sl_max: room, @sl_count: used */
struct ip_sf_socklist {
	u32 sl_max, sl_count;
	__be32 sl_addr[];
};
#define IP_SFBLOCK 10 /* a list grows by so many */

/**
 * struct ip_mc_socklist - one group a socket is in
 * @sflist: sources, NULL none; @sfmode: MCAST_INCLUDE or MCAST_EXCLUDE
 */
struct ip_mc_socklist {
	struct ip_mc_socklist *next;
	struct ip_mreqn multi;
	u32 sfmode;
	struct ip_sf_socklist *sflist;
};
int ip_mc_join_group(struct sock *sk, struct ip_mreqn *imr);
int ip_mc_join_group_ssm(struct sock *sk, struct ip_mreqn *imr, u32 mode);
int ip_mc_leave_group(struct sock *sk, struct ip_mreqn *imr);
int ip_mc_source(int add, int omode, struct sock *sk, struct ip_mreq_source *mreqs, int ifindex);
int ip_mc_msfilter(struct sock *sk, struct ip_msfilter *msf, int ifindex);
/** ip_mc_msfget() / ip_mc_gsfget() - read a filter into @optval; *@optlen in and out */
int ip_mc_msfget(struct sock *sk, const struct ip_msfilter *msf, void *optval, u32 *optlen);
int ip_mc_gsfget(struct sock *sk, const struct group_filter *gsf, void *optval, u32 *optlen);
/** ip_mc_sf_allow() - does the socket want this group from this source? */
bool ip_mc_sf_allow(const struct sock *sk, __be32 local, __be32 rmt, int dif, int sdif);
void ip_mc_drop_socket(struct sock *sk);

/* ---- building datagrams: ip_append.c (the kernel's ip_output.c second half) ---- */
/**
 * struct inet_cork_full - a datagram between sendmsg() with MSG_MORE and its end
 * @fragsize: bytes a fragment may have; @length: bytes of IP payload so far; @gso_size: UDP_SEGMENT
 */
struct inet_cork_full {
	u32 flags;
	__be32 addr;
	struct ip_options_data *opt;
	u32 fragsize;
	int length;
	struct dst_entry *dst; /* one reference */
	u8 tx_flags;
	u8 ttl;
	s16 tos;
	u32 priority;
	u16 gso_size;
	u32 ts_opt_id;
	u64 transmit_time;
	u32 mark;
	struct flowi4 fl4;
};
#define IPCORK_OPT 1

/** getfrag - fill @len bytes at @to from what the caller sends, @offset into it; @want_csum: *@csum is their sum. 0 or -EFAULT */
typedef int (*ip_getfrag)(void *from, u8 *to, int offset, int len, u32 *csum, bool want_csum);
/** ip_generic_getfrag() - @from is an iov_iter */
int ip_generic_getfrag(void *from, u8 *to, int offset, int len, u32 *csum, bool want_csum);
/** ip_append_data() - add @length bytes to the datagram being built in sk_write_queue (opened on first use; *@rt's reference is taken then). 0 or -errno */
int ip_append_data(struct sock *sk, struct flowi4 *fl4, ip_getfrag getfrag, void *from, int length,
		   int transhdrlen, struct ipcm_cookie *ipc, struct rtable **rt, u32 flags);
/** __ip_make_skb() - what was built, with its IP header, not sent yet; the cork is closed */
struct sk_buff *ip_finish_skb(struct sock *sk, struct flowi4 *fl4);
/** ip_make_skb() - build in one go, without the socket's queue; @cork is the caller's and needs no start. NULL and *@err on failure, or 0 with MSG_PROBE */
struct sk_buff *ip_make_skb(struct sock *sk, struct flowi4 *fl4, ip_getfrag getfrag, void *from,
			    int length, int transhdrlen, struct ipcm_cookie *ipc,
			    struct rtable **rt, u32 flags, struct inet_cork_full *cork, int *err);
int ip_push_pending_frames(struct sock *sk, struct flowi4 *fl4);
void ip_flush_pending_frames(struct sock *sk);
/** ip_send_skb_sk() - ip_local_out() of a socket's packet; NET_XMIT_DROP is -ENOBUFS (who has no IP_RECVERR takes that as success), errors count in OutDiscards */
int ip_send_skb_sk(struct sock *sk, struct sk_buff *skb);

/** ip_queue_xmit() - a connected socket's packet (TCP): route from or into sk_dst_cache, IP header, out. Consumes; 0 or -errno / NET_XMIT_* */
int ip_queue_xmit(struct sock *sk, struct sk_buff *skb, u8 tos);
/** inet_sk_init_flowi4() - the key of the route to a connected socket's peer, or to the first hop of its source route */
void inet_sk_init_flowi4(const struct sock *sk, struct flowi4 *fl4);
/** ip_mtu_locked() - is the route's MTU fixed (ip route ... mtu lock), or learned below min_pmtu? */
bool ip_mtu_locked(const struct dst_entry *dst);
/** ip_dont_fragment() - does IP_MTU_DISCOVER of @sk ask for DF on this route? */
bool ip_dont_fragment(const struct sock *sk, const struct dst_entry *dst);
/** ip_sk_select_ttl() - IP_TTL, else the route's hop limit, else ip_default_ttl */
u8 ip_sk_select_ttl(const struct sock *sk, const struct dst_entry *dst);
/** ip_build_options() - @opt into the header of @skb, which has room for it behind its first 20 bytes; @daddr: the final destination */
void ip_build_options(struct sk_buff *skb, const struct ip_options_data *opt, __be32 daddr,
		      struct rtable *rt);
/** ip_select_ident_segs() - id of a packet of @sk (connected and DF: its own counter), @segs of them */
void ip_select_ident_segs(struct net *net, struct sk_buff *skb, struct sock *sk, u32 segs);

#endif
