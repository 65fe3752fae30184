/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp_conn.h - what the files of connection life share: tcp_ipv4.c, tcp_v4_*.c, tcp_conn.c, tcp_minisocks.c, syncookies.c. */
#ifndef NET_IPV4_TCP_CONN_H
#define NET_IPV4_TCP_CONN_H

#include "net/tcp.h"

#ifndef RTAX_FEATURE_TCP_USEC_TS /* newer than the headers of some distributions */
#define RTAX_FEATURE_TCP_USEC_TS (1 << 4)
#endif

/** tcp_skb_opt() - IP options of a segment whose cb is TCP's (tcp_v4_fill_cb()) */
static inline const struct ip_options *tcp_skb_opt(const struct sk_buff *skb)
{
	return unlikely(skb->ipflags & IPSKB_OPTS) ? &TCP_SKB_CB(skb)->h4.opt : &ip_no_options;
}

static inline u32 tcp_synack_window(const struct request_sock *req)
{
	return min_t(u32, req->rsk_rcv_wnd, 65535);
}

static inline bool tcp_in_window(u32 seq, u32 end_seq, u32 s_win, u32 e_win)
{
	if (seq == s_win)
		return true;
	if (after(end_seq, s_win) && before(seq, e_win))
		return true;
	return seq == e_win && seq == end_seq;
}

/** tcp_clock_ms() / tcp_clock_us() / tcp_clock_s() - the shard's clock in the units of time stamps */
static inline u64 tcp_clock_us(const struct net *net)
{
	return net->skiff->now / 1000;
}

static inline u32 tcp_clock_ms(const struct net *net)
{
	return (u32)(net->skiff->now / 1000000);
}

static inline u32 tcp_clock_s(const struct net *net)
{
	return (u32)(net->skiff->now / 1000000000);
}

/* tcp_conn.c */
/** tcp_reqsk_address() - addresses, ports, device and mark of the segment that a request is made for */
void tcp_reqsk_address(struct request_sock *req, const struct sock *sk, const struct sk_buff *skb);
/** tcp_reqsk_save_options() - the segment's IP options, turned round, for what is sent */
void tcp_reqsk_save_options(struct request_sock *req, struct sk_buff *skb);

/** tcp_reqsk_signature() - which AO keys the segment names, for the SYN-ACK and the child */
void tcp_reqsk_signature(struct request_sock *req, const struct sk_buff *skb);

/* tcp_v4_reply.c: segments without a socket of their own */
struct tcp_ao_info;
/**
 * struct tcp_reply_ao - how a bare ACK is signed with AO
 * @ao: the keys, NULL: it is not; @lisn, @risn: first numbers, own and the peer's; @request: a request sends it, else TIME_WAIT
 */
struct tcp_reply_ao {
	const struct tcp_ao_info *ao;
	u32 lisn, risn;
	bool request;
};

/**
 * struct tcp_reply - a bare ACK
 * @tsval, @tsecr: time stamps, if @tsecr is not 0; @key: MD5; @ao: AO; @arg: how it goes
 */
struct tcp_reply {
	u32 seq, ack, win, tsval, tsecr;
	const struct tcp_md5sig_key *key;
	struct tcp_reply_ao ao;
	struct ip_reply_arg arg;
};
void tcp_v4_send_ack(struct net *net, struct sk_buff *skb, const struct tcp_reply *r);
void tcp_v4_timewait_ack(struct inet_timewait_sock *tw, struct sk_buff *skb, bool oow);

/* tcp_md5.c, tcp_ao.c */
/** tcp_v4_md5_hash_hdr() - MD5 of a header without data, as it stands but for its checksum */
void tcp_v4_md5_hash_hdr(u8 *md5, const struct tcp_md5sig_key *key, __be32 saddr, __be32 daddr,
			 const struct tcphdr *th);
/** tcp_ao_sign_reset() - append a signature to the reset @rst, which has room for options behind it. false: there is no key, send none */
bool tcp_ao_sign_reset(const struct sock *sk, struct sk_buff *skb, const struct tcp_parsed *auth,
		       struct tcphdr *rst);
/** tcp_ao_sign_ack() - the same for the bare ACK that answers @skb. false: send none */
bool tcp_ao_sign_ack(struct sk_buff *skb, const struct tcp_reply_ao *r, struct tcphdr *ack);
/** tcp_twsk_ao() - the AO keys of a time-wait socket, NULL: none */
static inline const struct tcp_ao_info *tcp_twsk_ao(const struct inet_timewait_sock *tw)
{
	return tw->tw_has_key ? NULL : tw->tw_key;
}
/** tcp_ao_time_wait() - @tw takes over the keys of @sk. false: it has none */
bool tcp_ao_time_wait(struct sock *sk, struct inet_timewait_sock *tw);
void tcp_ao_time_wait_free(struct inet_timewait_sock *tw);
/** tcp_ao_required() - must segments from @saddr be signed with AO? */
bool tcp_ao_required(const struct sock *sk, __be32 saddr);
enum skb_drop_reason tcp_inbound_ao_hash(struct sock *sk, const struct sk_buff *skb,
					 const struct request_sock *req,
					 const struct tcp_parsed *auth);
/** tcp_twsk_init_key() - the key of the connection for its time-wait socket */
void tcp_twsk_init_key(struct sock *sk, struct inet_timewait_sock *tw);

/* tcp_metrics.c, tcp_fastopen.c */
int tcp_metrics_net_init(struct net *net);
void tcp_metrics_net_exit(struct net *net);
void tcp_fastopen_net_exit(struct net *net);

/* inet_port.c */
struct ctl_table;
int ip_local_reserved_ports(struct net *net, const struct ctl_table *t, bool write, char *buf,
			    size_t size);

#endif
