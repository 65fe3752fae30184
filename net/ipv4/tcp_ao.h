/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_ao.h - keys and numbers of TCP-AO, shared by tcp_ao.c and tcp_ao_sockopt.c. */
#ifndef NET_IPV4_TCP_AO_H
#define NET_IPV4_TCP_AO_H

#include "net/ipv4/tcp_conn.h"

#define TCP_AO_MAC_MAX 20

enum tcp_ao_alg { TCP_AO_HMAC_SHA1, TCP_AO_AES_CMAC };

/**
 * struct tcp_ao_key - a master key tuple (RFC 5925 3.1) for a peer, or a prefix of peers
 * @sndid, @rcvid: KeyID of what is sent with it, and of what is received
 * @maclen:  bytes of the code on the wire
 */
struct tcp_ao_key {
	struct tcp_ao_key *next;
	__be32 addr;
	u8 prefixlen;
	u8 sndid, rcvid;
	u8 maclen;
	u8 keyflags;
	u8 keylen;
	u8 alg; /* enum tcp_ao_alg */
	u64 pkt_good, pkt_bad;
	u8 key[TCP_AO_MAXKEYLEN];
};

/**
 * struct tcp_ao_info - of a socket with keys
 * @current_key: what is sent is signed with it; @rnext_key: what the peer is asked to sign with
 * @lisn, @risn: first sequence numbers, own and the peer's
 * @snd_sne, @snd_ref, @rcv_sne, @rcv_ref: how often numbers wrapped, as of the number @snd_ref (@rcv_ref): RFC 5925 6.2
 */
struct tcp_ao_info {
	struct tcp_ao_key *keys;
	struct tcp_ao_key *current_key, *rnext_key;
	u32 lisn, risn;
	u32 snd_sne, snd_ref;
	u32 rcv_sne, rcv_ref;
	bool ao_required, accept_icmps;
	u64 pkt_good, pkt_bad, key_not_found, required, dropped_icmp;
};

/** tcp_ao_find() - the best key for @addr; @sndid, @rcvid: -1: any */
struct tcp_ao_key *tcp_ao_find(const struct tcp_ao_info *ao, __be32 addr, int sndid, int rcvid);

#endif
