// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ao.c - TCP-AO (RFC 5925): not supported, as a kernel without CONFIG_TCP_AO. The options are refused, so no socket ever has a key; a
 * segment that is signed is one whose key is not known. */
#include "net/ipv4/tcp_conn.h"

int tcp_ao_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	return -ENOPROTOOPT;
}

int tcp_ao_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	return -ENOPROTOOPT;
}

struct tcp_ao_key *tcp_ao_current(const struct sock *sk)
{
	return NULL;
}

u32 tcp_ao_optlen(const struct tcp_ao_key *key)
{
	return 0;
}

int tcp_ao_transmit(struct sock *sk, struct sk_buff *skb, struct tcp_ao_key *key, struct tcphdr *th,
		    u8 *hash)
{
	return -ENOKEY;
}

void tcp_ao_established(struct sock *sk)
{
}

void tcp_ao_finish_connect(struct sock *sk, struct sk_buff *skb)
{
}

void tcp_ao_connect_init(struct sock *sk)
{
}

int tcp_ao_copy_all_matching(const struct sock *sk, struct sock *newsk, struct request_sock *req,
			     struct sk_buff *skb)
{
	return 0;
}

bool tcp_ao_ignore_icmp(const struct sock *sk, int type, int code)
{
	return false;
}

void tcp_ao_destroy_sock(struct sock *sk)
{
}

bool tcp_ao_required(const struct sock *sk, __be32 saddr)
{
	return false;
}

bool tcp_ao_sign_reset(const struct sock *sk, struct sk_buff *skb, const struct tcp_parsed *auth,
		       struct tcphdr *rst, u8 *opt)
{
	return false;
}

enum skb_drop_reason tcp_inbound_ao_hash(struct sock *sk, const struct sk_buff *skb,
					 const struct request_sock *req,
					 const struct tcp_parsed *auth)
{
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAOKEYNOTFOUND);
	return SKB_DROP_REASON_TCP_AOUNEXPECTED;
}

u8 *tcp_ao_write_option(const struct sock *sk, const struct request_sock *req,
			const struct tcp_ao_key *key, u8 *p)
{
	return p;
}

struct tcp_ao_key *tcp_ao_synack_key(const struct sock *sk, const struct request_sock *req)
{
	return NULL;
}

int tcp_ao_synack_hash(const struct sock *sk, const struct request_sock *req,
		       const struct tcp_ao_key *key, struct sk_buff *skb, struct tcphdr *th,
		       u8 *hash)
{
	return -ENOKEY;
}
