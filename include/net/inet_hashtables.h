/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inet_hashtables.h - who gets a segment: connections by 4-tuple, listeners, bound ports.
 *
 * DOC: The table of connections
 * Lines of 64 bytes hold ten 16-bit tags and ten 32-bit handles (TCP.md, section 4); the key is a siphash-1-3 of the 4-tuple
 * with the namespace's secret. It grows by linear hashing, one line at a time, so no insert ever stops to rehash.
 * Requests, full sockets and time-wait sockets stand in the same table and replace each other in place.
 */
#ifndef NET_INET_HASHTABLES_H
#define NET_INET_HASHTABLES_H

#include "net/inet_sock.h"

struct inet_ehash;  /* net/ipv4/inet_ehash.c */
struct inet_crowds; /* net/ipv4/inet_crowd.c */

/**
 * struct inet_bind_bucket - a port in use, and by whom
 * @owners: sockets bound to it, linked by inet_connection_sock.icsk_bind_node; @tw_count: time-wait sockets that hold it
 * @tw_noreuse: those of them that do not allow sharing
 * @fastreuse, @fastreuseport: every owner allows sharing (SO_REUSEADDR, SO_REUSEPORT), so no walk is needed; -1: only connect() chose it
 */
struct inet_bind_bucket {
	struct hlist_node node;
	struct hlist_head owners;
	int l3mdev;
	u32 tw_count, tw_noreuse;
	__be32 fast_rcv_saddr;
	u32 fastuid;
	u16 port;
	s8 fastreuse;
	s8 fastreuseport;
	u32 handle;
};

#define INET_BHASH_SIZE 4096
#define INET_LHASH_SIZE 64

/**
 * struct inet_hashinfo - of one namespace
 * @bhash: struct inet_bind_bucket by port; @lhash2: listeners by (port, address), by port alone for any-address
 */
struct inet_hashinfo {
	struct inet_ehash *ehash;
	siphash_key_t ehash_secret;
	struct hlist_head *bhash;
	struct hlist_head lhash2[INET_LHASH_SIZE];
	struct inet_crowds *crowds; /* destinations with many ports taken, NULL: none */
	u32 *table_perturb; /* RFC 6056 3.3.4, NULL until the first connect() without a port */
	u32 demux_last;	    /* handle of the connection that the last segment was for */
	u32 tw_isn; /* sequence number for the SYN at hand that takes over from TIME_WAIT, 0: none */
};

int inet_hashinfo_init(struct net *net);
void inet_hashinfo_exit(struct net *net);

u32 inet_ehashfn(const struct net *net, __be32 laddr, u16 lport, __be32 faddr, __be16 fport);
/** __inet_lookup_established() - request, full or time-wait sock with this 4-tuple; a counted reference is NOT taken (valid in this turn). @hnum host order, @sport be */
struct sock *__inet_lookup_established(struct net *net, __be32 saddr, __be16 sport, __be32 daddr,
				       u16 hnum, int dif, int sdif);
/** inet_lookup_established_batch() - the same for all of @b (TCP header at transport_header), lines and socks prefetched; out[i] NULL: none */
void inet_lookup_established_batch(struct net *net, const struct skb_batch *b, struct sock **out);
struct sock *__inet_lookup_listener(struct net *net, struct sk_buff *skb, int doff, __be32 saddr,
				    __be16 sport, __be32 daddr, u16 hnum, int dif, int sdif);
/** inet_ehash_insert() - into the table under the sock's 4-tuple; @osk: takes the place of this one. false: the 4-tuple is there already (*@found says so) */
bool inet_ehash_insert(struct sock *sk, struct sock *osk, bool *found);
bool inet_ehash_nolisten(struct sock *sk, struct sock *osk, bool *found);
/** inet_hash() - proto.hash: a listener into lhash2, else into the table of connections */
int inet_hash(struct sock *sk);
void inet_unhash(struct sock *sk);
/** inet_ehash_walk() - all in the table, any order; @fn may remove the one it is given */
void inet_ehash_walk(struct net *net, void (*fn)(void *arg, struct sock *sk), void *arg);
void inet_listener_walk(struct net *net, void (*fn)(void *arg, struct sock *sk), void *arg);
u32 inet_ehash_count(const struct net *net);

/** inet_hash_connect() - choose a source port (RFC 6056 algorithm 3, as Linux) if none is bound, and enter the table. 0, -EADDRNOTAVAIL */
int inet_hash_connect(struct sock *sk);
u64 inet_sk_port_offset(const struct sock *sk);
/** inet_put_port() / __inet_inherit_port() - leave the bind bucket; a child takes its listener's (or that of another port: transparent) */
void inet_put_port(struct sock *sk);
int __inet_inherit_port(const struct sock *sk, struct sock *child);
struct inet_bind_bucket *inet_bind_bucket_create(struct net *net, u16 port, int l3mdev);
struct inet_bind_bucket *inet_bind_bucket_find(struct net *net, u16 port, int l3mdev);
void inet_bind_bucket_put_if_unused(struct net *net, struct inet_bind_bucket *tb);
void inet_bind_hash(struct sock *sk, struct inet_bind_bucket *tb, u16 port);

/** inet_get_local_port_range(), inet_is_local_reserved_port(): settings, IP_LOCAL_PORT_RANGE of the socket applied */
void inet_sk_get_local_port_range(const struct sock *sk, int *low, int *high);
bool inet_is_local_reserved_port(const struct net *net, u16 port);
bool inet_rcv_saddr_equal(const struct sock *sk, const struct sock *sk2, bool match_wildcard);

#endif
