/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_output.h - what the files that send segments share. For net/ipv4/tcp_*.c of the sending side only. */
#ifndef IPV4_TCP_OUTPUT_H
#define IPV4_TCP_OUTPUT_H

#include "lib/checksum.h"
#include "net/netdevice.h"
#include "net/route.h"
#include "net/tcp.h"

/* tcp_out_options.options */
#define OPTION_SACK_ADVERTISE	BIT(0)
#define OPTION_TS		BIT(1)
#define OPTION_MD5		BIT(2)
#define OPTION_WSCALE		BIT(3)
#define OPTION_FAST_OPEN_COOKIE BIT(8)
#define OPTION_AO		BIT(11)

/**
 * struct tcp_out_options - what goes behind a header, decided before its length is known
 * @mss: 0: no MSS option; @num_sack_blocks: blocks that there is room for
 * @accecn: the AccECN option as it will stand there, @accecn_len bytes (a multiple of 4)
 * @hash_location: where the signature goes, once the options are written
 */
struct tcp_out_options {
	u16 options;
	u16 mss;
	u8 ws;
	u8 num_sack_blocks;
	u8 accecn_len;
	u8 accecn[12];
	u8 *hash_location;
	u32 tsval, tsecr;
	const struct tcp_fastopen_cookie *fastopen_cookie;
	struct tcp_md5sig_key *md5;
	struct tcp_ao_key *ao;
};

/** tcp_established_options() - of a segment behind the handshake; @skb NULL: only for their length. Return: bytes */
u32 tcp_established_options(struct sock *sk, struct sk_buff *skb, struct tcp_out_options *opts);
u32 tcp_syn_options(struct sock *sk, struct sk_buff *skb, struct tcp_out_options *opts);
u32 tcp_synack_options(const struct sock *sk, struct request_sock *req, u16 mss,
		       const struct sk_buff *skb, struct tcp_out_options *opts,
		       const struct tcp_fastopen_cookie *foc, enum tcp_synack_type type);
/** tcp_options_write() - at @p, in Linux's order; @sk full sock or NULL, @req NULL or the request that is answered */
void tcp_options_write(u8 *p, struct sock *sk, const struct request_sock *req,
		       struct tcp_out_options *opts);

/** tcp_init_nondata_skb() - control part of a segment without data */
void tcp_init_nondata_skb(struct sk_buff *skb, u32 seq, u16 flags);
/** tcp_alloc_control() - a segment that will be a header only. NULL: no memory */
static inline struct sk_buff *tcp_alloc_control(struct sock *sk)
{
	return alloc_skb_ref(sock_skiff(sk));
}

/** tcp_acceptable_seq() - sequence number of a segment without data: in the peer's window even if that shrank */
u32 tcp_acceptable_seq(const struct sock *sk);
/** tcp_queue_skb() - a control segment that must be acknowledged, behind everything else in the write queue */
void tcp_queue_skb(struct sock *sk, struct sk_buff *skb);
void tcp_unlink_write_queue(struct sk_buff *skb, struct sock *sk);
void tcp_insert_write_queue_before(struct sk_buff *skb, struct sk_buff *next, struct sock *sk);
/** tcp_adjust_pcount() - @skb, already sent, counts @decr packets less */
void tcp_adjust_pcount(struct sock *sk, const struct sk_buff *skb, int decr);
/** tso_fragment() - the head of the write queue keeps @len bytes. 0 or -ENOMEM */
int tso_fragment(struct sock *sk, struct sk_buff *skb, u32 len, u32 mss_now);
u32 tcp_tso_segs(struct sock *sk, u32 mss_now);
u32 tcp_mss_split_point(const struct sock *sk, const struct sk_buff *skb, u32 mss_now, u32 max_segs,
			int nonagle);
bool tcp_nagle_check(bool partial, const struct tcp_sock *tp, int nonagle);
bool tcp_tso_should_defer(struct sock *sk, struct sk_buff *skb, bool *is_cwnd_limited,
			  bool *is_rwnd_limited, u32 max_segs);
/** tcp_grow_skb() - up to @amount bytes of the next packet of the write queue into @skb */
void tcp_grow_skb(struct sock *sk, struct sk_buff *skb, u32 amount);
bool tcp_snd_wnd_test(const struct tcp_sock *tp, const struct sk_buff *skb, u32 cur_mss);
/** tcp_small_queue_check() - enough of this socket is under way below: true, and tcp_wfree() will go on */
bool tcp_small_queue_check(struct sock *sk, const struct sk_buff *skb, u32 factor);
/** tcp_pacing_check() - it is too early for the next packet: true, and the pacing deadline is set */
bool tcp_pacing_check(struct sock *sk);
/** tcp_update_skb_after_send() - pacing clock, and the order of sending for RACK */
void tcp_update_skb_after_send(struct sock *sk, struct sk_buff *skb, u64 prior_wstamp);
int tcp_xmit_probe_skb(struct sock *sk, bool urgent, int mib);
int __tcp_mtu_to_mss(const struct sock *sk, int pmtu);
u32 tcp_timeout_init(const struct sock *sk);
/** tcp_orphan_retries() - timeouts that a socket without owner gets; @alive: its timeout has not reached the greatest */
int tcp_orphan_retries(const struct sock *sk, bool alive);
/** tcp_out_of_resources() - too many orphans, or too much memory in TCP: the connection is ended, true */
bool tcp_out_of_resources(struct sock *sk, bool do_reset);

static inline bool tcp_urg_mode(const struct tcp_sock *tp)
{
	return tp->snd_una != tp->snd_up;
}

static inline bool tcp_skb_is_last(const struct sock *sk, const struct sk_buff *skb)
{
	return sk->sk_write_queue.last == skb;
}

/* A message ended here (MSG_EOR): nothing may be put behind it. */
static inline bool tcp_skb_can_collapse_to(const struct sk_buff *skb)
{
	return !TCP_SKB_CB(skb)->eor;
}

/** tcp_partial_csum() - the pseudo header's sum into @th, the rest for whoever segments or puts it on a wire */
static inline void tcp_partial_csum(struct sk_buff *skb, struct tcphdr *th, __be32 saddr,
				    __be32 daddr)
{
	th->check = (u16)~csum_tcpudp_magic(saddr, daddr, skb->len, 6, 0);
	skb->csum_start = skb->transport_header;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->cold = 1;
}

#endif
