/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_sign.h - signed segments: tcp_md5.c (RFC 2385), tcp_ao.c (RFC 5925). */
#ifndef NET_TCP_SIGN_H
#define NET_TCP_SIGN_H

#include "net/tcp_sock.h"

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

#endif
