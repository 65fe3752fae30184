/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_conn.h - how connections begin and end: tcp_ipv4.c, tcp_conn.c, tcp_minisocks.c, syncookies.c, tcp_fastopen*.c, tcp_metrics.c. */
#ifndef NET_TCP_CONN_H
#define NET_TCP_CONN_H

#include "net/tcp_sock.h"

int tcp_v4_rcv(struct sk_buff *skb);
int tcp_v4_err(struct sk_buff *skb, u32 info);
/** tcp_v4_early_demux() - sockets (and their routes) for a whole batch, before routing */
void tcp_v4_early_demux(struct net *net, struct skb_batch *b);
int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
void tcp_v4_destroy_sock(struct sock *sk);
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb);
/** inet_sk_rx_dst_set() - remember the route that @skb came by, for early demux */
void inet_sk_rx_dst_set(struct sock *sk, const struct sk_buff *skb);
/** tcp_v4_fill_cb() / tcp_v4_restore_cb() - skb->cb from IP's to TCP's and back */
void tcp_v4_fill_cb(struct sk_buff *skb, const struct iphdr *iph, const struct tcphdr *th);
void tcp_v4_restore_cb(struct sk_buff *skb);
/** dst_metric_advmss() - the MSS to announce on a route: its metric, or what its MTU leaves (at least min_adv_mss) */
u32 dst_metric_advmss(const struct dst_entry *dst);
/** tcp_mss_clamp() - @mss, or less if TCP_MAXSEG says so */
static inline u16 tcp_mss_clamp(const struct tcp_sock *tp, u32 mss)
{
	u16 user_mss = tp->rx_opt.user_mss;

	return user_mss && user_mss < mss ? user_mss : (u16)mss;
}
/** tcp_twsk_destructor() - the key of a time-wait socket goes */
void tcp_twsk_destructor(struct inet_timewait_sock *tw);
/** tcp_listendrop() - a connection that was asked for will not be: counted */
void tcp_listendrop(const struct sock *sk);
void tcp_v4_send_ack_req(const struct sock *sk, struct sk_buff *skb, struct request_sock *req);
void tcp_v4_mtu_reduced(struct sock *sk, u32 mtu);
/** tcp_listen() - CLOSE -> LISTEN, with fast open if net.ipv4.tcp_fastopen says so for every listener. 0 or -errno */
int tcp_listen(struct sock *sk, int backlog);
/** tcp_conn_request() - a SYN at a listener; consumes nothing. 0: handled (or silently dropped), 1: answer with a reset */
int tcp_conn_request(struct sock *sk, struct sk_buff *skb);
struct sock *tcp_v4_syn_recv_sock(const struct sock *sk, struct sk_buff *skb,
				  struct request_sock *req, struct dst_entry *dst,
				  struct request_sock *req_unhash, bool *own_req);
/** tcp_check_req() - a segment for a request: the child, the listener, or NULL (dropped, or *@req_stolen) */
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			   bool fastopen, bool *lost_race, enum skb_drop_reason *reason);
enum skb_drop_reason tcp_child_process(struct sock *parent, struct sock *child,
				       struct sk_buff *skb);
struct sock *tcp_create_openreq_child(const struct sock *sk, struct request_sock *req,
				      struct sk_buff *skb);
void tcp_openreq_init_rwin(struct request_sock *req, const struct sock *sk_listener,
			   const struct dst_entry *dst);
enum tcp_tw_status { TCP_TW_SUCCESS, TCP_TW_RST, TCP_TW_ACK, TCP_TW_SYN, TCP_TW_ACK_OOW };
enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw, struct sk_buff *skb,
					      const struct tcphdr *th, u32 *tw_isn,
					      enum skb_drop_reason *reason);
/** tcp_time_wait() - the connection ends in TIME_WAIT, or waits in FIN_WAIT_2 without its sock, @timeo ticks */
void tcp_time_wait(struct sock *sk, int state, int timeo);
/** tcp_twsk_unique() - may @sk take over the 4-tuple of @sktw? @chosen: the port is ours to choose (then only with tcp_tw_reuse) */
bool tcp_twsk_unique(struct sock *sk, const struct sock *sktw, bool chosen);
/** net_secret() - a key of this namespace for @use: the same @use gives the same key */
void net_secret(const struct net *net, const char *use, siphash_key_t *key);
u32 secure_tcp_seq(const struct net *net, __be32 saddr, __be32 daddr, __be16 sport, __be16 dport);
u32 secure_tcp_ts_off(const struct net *net, __be32 saddr, __be32 daddr);
u64 secure_ipv4_port_ephemeral(const struct net *net, __be32 saddr, __be32 daddr, __be16 dport);
/* syncookies.c */
struct sock *cookie_v4_check(struct sock *sk, struct sk_buff *skb);
u32 cookie_v4_init_sequence(struct net *net, const struct sk_buff *skb, u16 *mss);
u64 cookie_init_timestamp(struct request_sock *req, u64 now_ns);
void tcp_synq_overflow(const struct sock *sk);
bool tcp_synq_no_recent_overflow(const struct sock *sk);
bool tcp_syn_flood_action(struct sock *sk, const char *proto);
/* fastopen */
bool tcp_fastopen_cookie_check(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie);
bool tcp_fastopen_defer_connect(struct sock *sk, int *err);
struct sock *tcp_try_fastopen(struct sock *sk, struct sk_buff *skb, struct request_sock *req,
			      struct tcp_fastopen_cookie *foc, const struct dst_entry *dst);
void tcp_fastopen_add_skb(struct sock *sk, struct sk_buff *skb);
int tcp_fastopen_reset_cipher(struct net *net, struct sock *sk, const void *primary_key,
			      const void *backup_key);
int tcp_fastopen_get_cipher(struct net *net, struct sock *sk, u64 *key);
void tcp_fastopen_destroy_cipher(struct sock *sk);
void tcp_fastopen_init_key_once(struct net *net);
void fastopen_queue_tune(struct sock *sk, int backlog);
void reqsk_fastopen_remove(struct sock *sk, struct request_sock *req, bool reset);
bool tcp_fastopen_active_should_disable(struct sock *sk);
void tcp_fastopen_active_disable(struct sock *sk);
void tcp_fastopen_active_disable_ofo_check(struct sock *sk);
void tcp_fastopen_active_detect_blackhole(struct sock *sk, bool expired);
bool tcp_rcv_fastopen_synack(struct sock *sk, struct sk_buff *synack,
			     struct tcp_fastopen_cookie *cookie);
void tcp_free_fastopen_req(struct tcp_sock *tp);
int tcp_sendmsg_fastopen(struct sock *sk, struct msghdr *msg, int *copied, size_t size,
			 struct iov_iter *from);
/* metrics */
void tcp_fastopen_cache_get(struct sock *sk, u16 *mss, struct tcp_fastopen_cookie *cookie);
void tcp_fastopen_cache_set(struct sock *sk, u16 mss, struct tcp_fastopen_cookie *cookie,
			    bool syn_lost, u16 try_exp);
void tcp_init_metrics(struct sock *sk);
void tcp_update_metrics(struct sock *sk);
bool tcp_peer_is_proven(struct request_sock *req, struct dst_entry *dst);

#endif
