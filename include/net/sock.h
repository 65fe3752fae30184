/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/sock.h - the network layer's half of a socket: sock_common, sock.
 *
 * DOC: Sockets
 * One object, seen by layer: sock_common < sock < inet_sock < inet_connection_sock < tcp_sock (or udp_sock, raw_sock). Each
 * struct begins with the one below. request_sock and inet_timewait_sock begin with sock_common too, so the table of
 * connections holds all three kinds.
 *
 * One thread turns a shard, so there is no lock and no backlog: a call from outside and a packet never meet. Objects come
 * from slabs of the shard and stay readable after they are freed (a stale handle in a timer costs a look).
 *
 * Lines: 0 what a lookup compares; 1 what each segment touches; 2 what each call touches. What few sockets ever need hangs
 * on sk_side, made on first use by sk_side().
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include "engine/slab.h"
#include "net/dst.h"
#include "net/net_namespace.h"
#include "net/proto.h"
#include "net/skbuff.h"
#include "net/socket_abi.h"
#include "net/uio.h"
#include "skiff/socket.h"

struct socket;
struct proto;
struct sock_side;
struct ip_mc_socklist;
struct request_sock;
struct sk_filter;
struct sock_reuseport;

/* ---- states; UDP and raw use ESTABLISHED and CLOSE ---- */
enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
	TCP_NEW_SYN_RECV,   /* a request_sock */
	TCP_BOUND_INACTIVE, /* for dumps only */
	TCP_MAX_STATES
};
#define TCPF_ESTABLISHED  (1 << TCP_ESTABLISHED)
#define TCPF_SYN_SENT	  (1 << TCP_SYN_SENT)
#define TCPF_SYN_RECV	  (1 << TCP_SYN_RECV)
#define TCPF_FIN_WAIT1	  (1 << TCP_FIN_WAIT1)
#define TCPF_FIN_WAIT2	  (1 << TCP_FIN_WAIT2)
#define TCPF_TIME_WAIT	  (1 << TCP_TIME_WAIT)
#define TCPF_CLOSE	  (1 << TCP_CLOSE)
#define TCPF_CLOSE_WAIT	  (1 << TCP_CLOSE_WAIT)
#define TCPF_LAST_ACK	  (1 << TCP_LAST_ACK)
#define TCPF_LISTEN	  (1 << TCP_LISTEN)
#define TCPF_CLOSING	  (1 << TCP_CLOSING)
#define TCPF_NEW_SYN_RECV (1 << TCP_NEW_SYN_RECV)

/**
 * struct sock_common - what a lookup compares, and what request and time-wait sockets share with full ones
 * @skc_daddr, @skc_dport: peer, be; 0: not connected
 * @skc_rcv_saddr: own address, be; 0: any. @skc_num: own port, host order
 * @skc_hash:    of the 4-tuple while in the table of connections (secret key)
 * @skc_handle:  of the slab that the object lies in
 * @skc_prot:    operations; NULL in a time-wait socket, which keeps its bind bucket here
 * @skc_refcnt:  holders: the descriptor, the tables, timers that run, packets in flight (skb->sk)
 * @skc_listener: request: the listener; time-wait: bind bucket; TCP: bind bucket
 */
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	u32 skc_hash;
	int skc_bound_dev_if;
	u8 skc_family;
	volatile u8 skc_state;
	u8 skc_reuse : 4, skc_reuseport : 1, skc_hashed : 1;
	u8 skc_kind; /* enum sk_kind: which slab */
	u32 skc_handle;
	int skc_refcnt;
	const struct proto *skc_prot;
	struct net *skc_net;
	u32 skc_mark;
	u32 skc_flags; /* SOCK_* bits of enum sock_flags */
	union {
		struct sock *skc_listener;
		struct inet_bind_bucket *skc_tb;
	};
};
static_assert(sizeof(struct sock_common) == 64, "sock_common is one cache line");

enum sk_kind { SK_FULL, SK_REQUEST, SK_TIMEWAIT };

enum sock_flags {
	SOCK_DEAD,
	SOCK_DONE,
	SOCK_URGINLINE,
	SOCK_KEEPOPEN,
	SOCK_LINGER,
	SOCK_DESTROY,
	SOCK_BROADCAST,
	SOCK_TIMESTAMP,
	SOCK_ZAPPED,
	SOCK_USE_WRITE_QUEUE,
	SOCK_DBG,
	SOCK_RCVTSTAMP,
	SOCK_RCVTSTAMPNS,
	SOCK_LOCALROUTE,
	SOCK_TIMESTAMPING_RX_SOFTWARE,
	SOCK_RXQ_OVFL,
	SOCK_ZEROCOPY,
	SOCK_FILTER_LOCKED,
	SOCK_SELECT_ERR_QUEUE,
	SOCK_RCU_FREE,
	SOCK_TXTIME,
	SOCK_TSTAMP_NEW,
	SOCK_RCVMARK,
	SOCK_RCVPRIORITY,
	SOCK_NOSPACE_, /* somebody wants to hear of write space (SOCK_NOSPACE of struct socket) */
	SOCK_QUEUE_SHRUNK_,
	SOCK_TIMESTAMPING_ANY, /* sk_tsflags is not 0 */
	SOCK_WRITE_PENDING, /* a sender waits for the connection: its data will carry the ACK (sk_write_pending) */
	SOCK_WIFI_STATUS,
	SOCK_NOFCS,
};

/* sk_userlocks: what the user set himself */
#define SOCK_SNDBUF_LOCK   1
#define SOCK_RCVBUF_LOCK   2
#define SOCK_BINDADDR_LOCK 4
#define SOCK_BINDPORT_LOCK 8
#define SOCK_BUF_LOCK_MASK (SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK)

/* sk_pacing_status: who keeps the pacing rate: nobody, TCP itself */
#define SK_PACING_NONE	 0
#define SK_PACING_NEEDED 1

#define SK_NO_REUSE    0
#define SK_CAN_REUSE   1
#define SK_FORCE_REUSE 2

#define RCV_SHUTDOWN  1
#define SEND_SHUTDOWN 2
#define SHUTDOWN_MASK 3

#define MAX_SCHEDULE_TIMEOUT INT64_MAX

/**
 * struct sock
 * line 1: each segment
 * @sk_receive_queue: data (TCP), datagrams, or - error queue apart - what recvmsg takes from
 * @sk_write_queue:   TCP: not sent yet (sk_send_head); UDP, raw: the datagram being corked
 * @sk_rmem_alloc, @sk_wmem_alloc: truesize of packets received and not read, sent and not yet freed (skb->destructor)
 * @sk_wmem_queued:   truesize of what is in TCP's queues; @sk_forward_alloc: bytes charged to the protocol and not used
 * line 2: each call
 * @sk_dst_cache:     route of what is sent, one reference; sk_dst_check() before use
 * @sk_side:          rare parts, NULL until needed
 * @sk_err:           positive errno to report next, @sk_err_soft: known but not fatal
 * @sk_shutdown:      RCV_SHUTDOWN | SEND_SHUTDOWN
 */
struct sock {
	struct sock_common __sk_common;
	/* ---- line 1 */
	struct sk_buff_head sk_receive_queue;
	struct sk_buff_head sk_write_queue;
	int sk_rmem_alloc;
	int sk_wmem_alloc;
	/* ---- line 2 */
	int sk_wmem_queued;
	int sk_forward_alloc;
	struct dst_entry *sk_dst_cache;
	struct socket *sk_socket;
	struct sock_side *sk_side;
	int sk_rcvbuf;
	int sk_sndbuf;
	int sk_rcvlowat;
	u16 sk_err;
	u16 sk_err_soft;
	u32 sk_priority;
	u32 sk_drops;
	u16 sk_type;
	u16 sk_protocol;
	u8 sk_shutdown : 2, sk_no_check_tx : 1, sk_userlocks : 4;
	u8 sk_pacing_status : 2, sk_hw_csum : 1, sk_txrehash : 1, sk_prefer_busy_poll : 1,
		sk_dst_pending_confirm : 1; /* the peer answers: the neighbour is reachable */
	u8 sk_pacing_shift;
	u8 sk_gso_disabled;
	u32 sk_uid;
	u32 sk_txhash;
	u16 sk_gso_max_segs;
	u32 sk_gso_max_size;
	u64 sk_pacing_rate; /* bytes a second, U64_MAX: unlimited */
	struct dst_entry
		*sk_rx_dst; /* route of the segments that arrive (early demux), one reference */
	int sk_rx_dst_ifindex;
	u32 sk_tskey;
};

#define sk_daddr	__sk_common.skc_daddr
#define sk_rcv_saddr	__sk_common.skc_rcv_saddr
#define sk_dport	__sk_common.skc_dport
#define sk_num		__sk_common.skc_num
#define sk_hash		__sk_common.skc_hash
#define sk_bound_dev_if __sk_common.skc_bound_dev_if
#define sk_family	__sk_common.skc_family
#define sk_state	__sk_common.skc_state
#define sk_reuse	__sk_common.skc_reuse
#define sk_reuseport	__sk_common.skc_reuseport
#define sk_hashed_	__sk_common.skc_hashed
#define sk_kind_	__sk_common.skc_kind
#define sk_handle	__sk_common.skc_handle
#define sk_refcnt	__sk_common.skc_refcnt
#define sk_prot		__sk_common.skc_prot
#define sk_net_		__sk_common.skc_net
#define sk_mark		__sk_common.skc_mark
#define sk_flags	__sk_common.skc_flags

/* ---- who is told: poll and epoll watchers of sk->sk_socket ---- */
void sk_state_change(struct sock *sk);
void sk_data_ready(struct sock *sk);
void sk_write_space(struct sock *sk);
void sk_error_report(struct sock *sk);

/**
 * struct sock_side - what few sockets have (freed with the socket)
 * @error_queue:  skbs with struct sock_exterr_skb in cb
 * @filter:       SO_ATTACH_FILTER; @reuseport: group it balances with
 * @rcvtimeo, @sndtimeo: ns, MAX_SCHEDULE_TIMEOUT none (honoured by the blocking convenience and by whoever waits for us)
 * @lingertime:   ns
 * @tsflags:      SOF_TIMESTAMPING_*; @stamp: time of the last packet read (ns, wall), -1 none
 * @max_pacing_rate: SO_MAX_PACING_RATE, bytes a second, U64_MAX: unlimited
 * @peek_off:     SO_PEEK_OFF, -1 off (kept here: most sockets have it off)
 */
struct sock_side {
	struct sk_buff_head error_queue;
	struct sk_filter *filter;
	struct sock_reuseport *reuseport_cb;
	s64 rcvtimeo, sndtimeo;
	u64 lingertime;
	u32 tsflags;
	s64 stamp;
	int peek_off;
	u64 max_pacing_rate;
	u32 zckey;
	struct zc_pending *zc_first,
		*zc_last; /* MSG_ZEROCOPY calls of TCP not acknowledged yet (net/ipv4/tcp_zerocopy.c) */
	u64 cookie;
	u32 incoming_cpu;
	u32 reserved_mem;
	int omem_alloc;
	u32 busy_poll; /* SO_BUSY_POLL, us */
	u16 busy_poll_budget;
	u8 txtime_flags;
	s32 txtime_clockid;
	void *user_data; /* encapsulation, ULP */
	struct ip_mc_socklist
		*mc_list; /* of a socket with connections: MCAST_JOIN_GROUP does not ask */
};

static inline struct net *sock_net(const struct sock *sk)
{
	return sk->sk_net_;
}

static inline struct skiff *sock_skiff(const struct sock *sk)
{
	return sk->sk_net_->skiff;
}

static inline bool sock_flag(const struct sock *sk, enum sock_flags flag)
{
	return sk->sk_flags & (1U << flag);
}

static inline void sock_set_flag(struct sock *sk, enum sock_flags flag)
{
	sk->sk_flags |= 1U << flag;
}

static inline void sock_reset_flag(struct sock *sk, enum sock_flags flag)
{
	sk->sk_flags &= ~(1U << flag);
}

static inline void sock_valbool_flag(struct sock *sk, enum sock_flags flag, bool v)
{
	if (v)
		sock_set_flag(sk, flag);
	else
		sock_reset_flag(sk, flag);
}

static inline u64 sk_max_pacing_rate(const struct sock *sk)
{
	return likely(!sk->sk_side) ? UINT64_MAX : sk->sk_side->max_pacing_rate;
}

/** sk_side() - the rare parts, made if there are none; NULL: no memory */
struct sock_side *sk_side(struct sock *sk);

/**
 * struct sock_shard - of a shard (skiff->sockets)
 * @families: sock_register(); @inetsw: struct inet_protosw by type; @protos: proto_register()
 * @slab:     by enum proto_slab; objects are type-stable
 * @cookie:   last SO_COOKIE given
 * @told:     skiff_watch() callbacks to be called at the end of the call or turn; @calls: depth of calls under way
 * @fds:      descriptors (net/socket_fd.c)
 */
struct sock_shard {
	const struct net_proto_family *families[AF_MAX];
	struct list_head inetsw[SOCK_MAX];
	const struct proto *protos[16];
	u32 nr_protos;
	struct slab slab[SLAB_MAX];
	struct fd_table *fds;
	const struct tcp_ulp_ops *ulps[8];
	struct list_head told;
	u32 calls;
	u64 cookie;
	u32 tsq_first,
		tsq_last; /* handles: sockets with room below them again (net/ipv4/tcp_pacing.c) */
	struct turn_work tsq_work;
	u32 timer_kind[4]; /* of skiff->handles: enum sock_timer_kind */
	size_t (*user_copy)(void *arg, void *ours, void *user, size_t len, bool to_user);
	void *user_copy_arg;
};
enum sock_timer_kind { SOCK_TIMER_NEAR, SOCK_TIMER_FAR, SOCK_TIMER_REQUEST };

/** proto_register() - make the transport known to the shard: its slab, its name in /proc/net/protocols. 0 or -ENOBUFS */
int proto_register(struct skiff *skiff, const struct proto *prot);

/**
 * struct netns_sock - of a namespace (net->sock)
 * @policy: who calls, and hooks; @mem: by enum proto_mem
 * @sysctl_*: net.core.*
 */
struct netns_sock {
	struct skiff_socket_policy policy;
	struct proto_memory mem[PROTO_MEM_MAX];
	u32 sockets_used; /* socks, children and abandoned ones too, for /proc/net/sockstat */
	u32 sysctl_wmem_max, sysctl_rmem_max, sysctl_wmem_default, sysctl_rmem_default;
	int sysctl_somaxconn, sysctl_optmem_max;
	u8 sysctl_tstamp_allow_data, sysctl_txrehash;
};

/* ---- life ---- */

/** sk_alloc() - a zeroed sock of @prot, one reference */
struct sock *sk_alloc(struct net *net, int family, const struct proto *prot);
/** sock_init_data() - defaults, and joined to @sock (may be NULL) */
void sock_init_data(struct socket *sock, struct sock *sk);
/** sk_destruct_common() - what every family's destruct does last: queues, routes, rare parts */
void sk_destruct_common(struct sock *sk);
/** sk_clone() - the child of a listener: everything but queues, counts and references is copied */
struct sock *sk_clone(const struct sock *sk);
void sk_free(struct sock *sk);
/** sk_common_release() - unhash, destroy and give up the descriptor's reference (datagram sockets) */
void sk_common_release(struct sock *sk);

static inline void sock_hold(struct sock *sk)
{
	sk->sk_refcnt++;
}

static inline void sock_put(struct sock *sk)
{
	if (--sk->sk_refcnt == 0)
		sk_free(sk);
}

void sock_graft(struct sock *sk, struct socket *parent);
void sock_orphan(struct sock *sk);

/* ---- routes ---- */
/* __sk_dst_check() and sk_setup_caps() ask a route of the family: net/ipv4/af_inet_dst.c */
/** __sk_dst_check() - the cached route if it still holds, else NULL and forgotten */
struct dst_entry *__sk_dst_check(struct sock *sk, u32 cookie);
static inline struct dst_entry *__sk_dst_get(const struct sock *sk)
{
	return sk->sk_dst_cache;
}
static inline void sk_dst_confirm(struct sock *sk)
{
	sk->sk_dst_pending_confirm = 1;
}

/** sk_dst_set() - hands a counted route over; the old one is released */
void sk_dst_set(struct sock *sk, struct dst_entry *dst);
void sk_dst_reset(struct sock *sk);
/** sk_setup_caps() - sk_dst_set() and what the device can do: GSO sizes */
void sk_setup_caps(struct sock *sk, struct dst_entry *dst);

/** sk_set_txhash() - another hash for the choice of a path; sk_rethink_txhash(): if SO_TXREHASH lets it. Return: changed */
static inline void sk_set_txhash(struct sock *sk)
{
	sk->sk_txhash = skiff_random32(sock_skiff(sk)) | 1;
}

static inline bool sk_rethink_txhash(struct sock *sk)
{
	if (!sk->sk_txhash || !sk->sk_txrehash)
		return false;
	sk_set_txhash(sk);
	return true;
}

/** sk_gso_disable() - each segment is to be made by the protocol itself, for good: it is signed */
static inline void sk_gso_disable(struct sock *sk)
{
	sk->sk_gso_disabled = 1;
	sk->sk_gso_max_segs = 1;
}

/* ---- errors ---- */
static inline int sock_error(struct sock *sk)
{
	int err = sk->sk_err;

	sk->sk_err = 0;
	return -err;
}

/** sk_stream_error() - EPIPE turns into the pending error; (no signals here: MSG_NOSIGNAL is the caller's business) */
int sk_stream_error(struct sock *sk, int flags, int err);

static inline int sock_rcvlowat(const struct sock *sk, int waitall, int len)
{
	int v = waitall ? len : min_t(int, sk->sk_rcvlowat, len);

	return v ? v : 1;
}

/** sock_gen_put() - sock_put() for a socket that may be a request or a time-wait one */
void sock_gen_put(struct sock *sk);
/** sock_efree() - destructor of a packet that holds a counted reference to a socket of any kind */
void sock_efree(struct sk_buff *skb);
static inline void sock_edemux(struct sk_buff *skb)
{
	sock_efree(skb);
}

#endif
