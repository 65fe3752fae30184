/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/udp.h - UDP and UDP-Lite sockets (RFC 768, 3828): their tables, their way in and out.
 *
 * DOC: UDP sockets
 * A bound socket stands in three tables of its namespace: by port (who may share a port, broadcasts), by port and
 * address (unicast), and, once connected, by the 4-tuple.
 *
 *   unbound   inet_num 0, in no table                       [udp_init_sock]     -> bound [udp_v4_get_port]
 *   bound     TCP_CLOSE; datagrams of every peer             [udp_v4_get_port]   -> connected [udp_connect], unbound [udp_disconnect]
 *   connected TCP_ESTABLISHED; datagrams of one peer         [udp_connect]       -> bound or unbound [udp_disconnect]
 *   corked    pending is set: a datagram is being written    [udp_sendmsg]       -> as before [udp_push_pending_frames, udp_flush_pending_frames]
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "net/inet_sock.h"

/* udp_flags */
enum {
	UDP_FLAGS_CORK,
	UDP_FLAGS_NO_CHECK6_TX,
	UDP_FLAGS_NO_CHECK6_RX,
	UDP_FLAGS_GRO_ENABLED,
	UDP_FLAGS_ACCEPT_FRAGLIST,
	UDP_FLAGS_ACCEPT_L4,
	UDP_FLAGS_ENCAP_ENABLED,
	UDP_FLAGS_UDPLITE_SEND_CC,
	UDP_FLAGS_UDPLITE_RECV_CC,
};
#define udp_test_bit(nr, sk) ((udp_sk(sk)->udp_flags >> UDP_FLAGS_##nr) & 1)
#define udp_assign_bit(nr, sk, v)                                                      \
	(udp_sk(sk)->udp_flags = (udp_sk(sk)->udp_flags & ~(u32)BIT(UDP_FLAGS_##nr)) | \
				 (u32)((v) ? BIT(UDP_FLAGS_##nr) : 0))

#define UDP_MAX_SEGMENTS (1 << 7)

/**
 * struct udp_sock
 * @udp_node, @udp_portaddr_node, @udp_lrpa_node: in the tables by port, by port and address, by 4-tuple
 * @pending:   a datagram is being written (AF_INET), 0: none; @len: its bytes, UDP header included
 * @gso_size:  UDP_SEGMENT, bytes; 0: off
 * @pcslen, @pcrlen: UDPLITE_SEND_CSCOV, UDPLITE_RECV_CSCOV
 * @encap_type: UDP_ENCAP
 * @encap_rcv: first to see each datagram: 0: it took the packet; > 0: not its own; < 0: to be delivered as protocol -ret
 * @encap_err_lookup: is an error about a datagram without socket its own? 0: it took it
 */
struct udp_sock {
	union {
		struct inet_sock inet;
		struct inet_dgram dgram;
	};
	struct hlist_node udp_node;
	struct hlist_node udp_portaddr_node;
	struct hlist_node udp_lrpa_node;
	u32 udp_flags;
	u16 len;
	u16 gso_size;
	int pending;
	u16 pcslen, pcrlen;
	u8 encap_type;
	int (*encap_rcv)(struct sock *sk, struct sk_buff *skb);
	int (*encap_err_lookup)(struct sock *sk, struct sk_buff *skb);
	void (*encap_err_rcv)(struct sock *sk, struct sk_buff *skb, int err, __be16 port, u32 info,
			      u8 *payload);
	void (*encap_destroy)(struct sock *sk);
};

static inline struct udp_sock *udp_sk(const struct sock *sk)
{
	return (struct udp_sock *)sk;
}

#define UDP_HTABLE_LOG	 8
#define UDP_HTABLE_SIZE	 (1u << UDP_HTABLE_LOG)
#define UDP_HTABLE2_SIZE 1024u

/* The connected socket that was found last, NULL: none; void when any socket comes, goes or changes its place. */
struct udp_last {
	struct sock *sk;
	__be32 saddr, daddr;
	__be16 sport, dport;
	int dif;
};

/**
 * struct udp_table - the bound sockets of one protocol in one namespace
 * @hash:  by port; @hash2: by port and own address; @hash4: connected, by 4-tuple
 * @bound: sockets in @hash; @connected: in @hash4; @gro_users: with UDP_GRO
 */
struct udp_table {
	struct hlist_head hash[UDP_HTABLE_SIZE];
	struct hlist_head hash2[UDP_HTABLE2_SIZE];
	struct hlist_head hash4[UDP_HTABLE2_SIZE];
	u32 bound, connected, gro_users;
	struct udp_last last;
	siphash_key_t secret;
};

/* In skb->cb of a datagram in a receive queue: what recvmsg() still has to know. */
struct udp_skb_cb {
	struct inet_skb_parm ip; /* options, if IPSKB_OPTS */
	u16 cscov;		 /* UDP-Lite: bytes that the checksum covers */
	u8 partial_cov;
	u8 csum_pending; /* not verified yet */
};
static_assert(sizeof(struct udp_skb_cb) <= 48, "udp_skb_cb fits the control block");
#define UDP_SKB_CB(skb) ((struct udp_skb_cb *)((skb)->cb))

extern const struct proto udp_prot, udplite_prot;
/** udp_register() - shard init: both protocols and their rows of inetsw */
int udp_register(struct skiff *skiff);

static inline bool udp_is_lite(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDPLITE;
}

static inline struct udp_table *udp_get_table(const struct sock *sk)
{
	return udp_is_lite(sk) ? sock_net(sk)->ipv4.udplite_table : sock_net(sk)->ipv4.udp_table;
}

/* ---- udp_port.c, udp_lookup.c ---- */
int udp_v4_get_port(struct sock *sk, u16 snum);
void udp_lib_unhash(struct sock *sk);
int udp_v4_rehash(struct sock *sk);
/** udp4_hash4() - a socket was connected: into the table by 4-tuple */
void udp4_hash4(struct sock *sk);
void udp_unhash4(struct udp_table *t, struct sock *sk);
/** __udp4_lib_lookup() - who gets a unicast datagram; ports be. @skb: for a reuseport program, may be NULL. Not counted: valid in this turn */
struct sock *__udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
			       __be16 dport, int dif, int sdif, struct udp_table *t,
			       struct sk_buff *skb);
struct sock *udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
			     __be16 dport, int dif);
u32 udp_portaddr_slot(const struct udp_table *t, __be32 addr, u16 port);
u32 udp_ehashfn(const struct udp_table *t, __be32 laddr, u16 lport, __be32 faddr, __be16 fport);

/* ---- udp.c, udp_queue.c: in ---- */
/** udp_queue_rcv_skb() - a datagram for @sk, data at its UDP header; 0 or -1: it is gone; > 0: to be delivered again as that protocol */
int udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
/** udp_rmem_release() - @size bytes of the receive queue were read or thrown away */
void udp_rmem_release(struct sock *sk, int size);
int udp_err(struct sk_buff *skb, u32 info);
int udplite_err(struct sk_buff *skb, u32 info);
/** udp_lib_checksum_complete() - verify what was put off at reception; true: it is wrong */
bool udp_lib_checksum_complete(struct sk_buff *skb);

/* ---- udp_sendmsg.c, udp_recvmsg.c ---- */
long udp_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from);
long udp_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
int udp_push_pending_frames(struct sock *sk);
void udp_flush_pending_frames(struct sock *sk);
int udp_ioctl(struct sock *sk, int cmd, int *karg);
u32 udp_poll(struct socket *sock);

/* ---- udp_sockopt.c ---- */
int udp_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
int udp_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
/** udp_encap_enable() - a tunnel of ours takes the socket over; @rcv as struct udp_sock.encap_rcv */
void udp_encap_enable(struct sock *sk, u8 type, int (*rcv)(struct sock *sk, struct sk_buff *skb));

#endif
