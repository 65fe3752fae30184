/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/request_sock.h - a connection that a SYN asked for and nobody confirmed yet: 192 bytes instead of a sock. */
#ifndef NET_REQUEST_SOCK_H
#define NET_REQUEST_SOCK_H

#include "net/inet_sock.h"

struct tcp_fastopen_cookie;

/**
 * struct request_sock - TCP_NEW_SYN_RECV, in the table of connections under its 4-tuple
 * What holds: the listener (skc_listener) holds one count of young or old requests for it; nothing was given to accept().
 * Who leaves it: tcp_check_req() (a socket is made, or it is dropped), reqsk_timer() (given up), the listener's end.
 * @dl_next:   accept queue, once @sk is the full socket
 * @deadline:  tick of the next SYN-ACK or of giving up; @listed: tick at which the wheel looks; @num_timeout: timeouts so far, @num_retrans: SYN-ACKs sent again
 * @ts_recent: peer's time stamp; @rsk_rcv_wnd: window offered; @window_clamp
 * @snt_isn, @rcv_isn, @rcv_nxt, @snt_tsval_first, @snt_tsval_last, @last_oow_ack_time (ticks): of tcp_request_sock
 * @timeout:   ticks of the first timeout
 */
struct request_sock {
	struct sock_common __req_common;
	/* ---- */
	struct request_sock *dl_next;
	struct sock *sk;
	struct ip_options_data *ireq_opt;
	struct saved_syn *saved_syn;
	u64 deadline;
	u32 ts_recent;
	u32 rcv_isn;
	u32 snt_isn;
	u32 rcv_nxt;
	u32 rsk_rcv_wnd;
	u32 rsk_window_clamp;
	/* ---- */
	u32 ts_off;
	u32 snt_tsval_first;
	u32 snt_tsval_last;
	u32 last_oow_ack_time;
	u32 txhash;
	u64 snt_synack; /* us; 0: not known */
	u32 timeout;
	u32 ireq_mark;
	u16 mss;
	u8 num_retrans;
	u8 num_timeout;
	u16 snd_wscale : 4, rcv_wscale : 4, tstamp_ok : 1, sack_ok : 1, wscale_ok : 1, ecn_ok : 1,
		acked : 1, no_srccheck : 1, tfo_listener : 1;
	u8 req_usec_ts : 1, accecn_ok : 1;
	u8 syn_tos;
	u8 syn_ect_snt : 2, syn_ect_rcv : 2;
	u8 used_tcp_ao;
	u8 ao_rcv_next;
	u8 ao_keyid;
	int ir_iif;
	u32 listed;
};
static_assert(sizeof(struct request_sock) <= 200, "a request is at most 200 bytes");

#define rsk_listener __req_common.skc_listener
#define rsk_refcnt   __req_common.skc_refcnt
#define ir_loc_addr  __req_common.skc_rcv_saddr
#define ir_rmt_addr  __req_common.skc_daddr
#define ir_num	     __req_common.skc_num
#define ir_rmt_port  __req_common.skc_dport
#define ireq_net     __req_common.skc_net

static inline struct request_sock *inet_reqsk(const struct sock *sk)
{
	return (struct request_sock *)sk;
}

static inline struct sock *req_to_sk(struct request_sock *req)
{
	return (struct sock *)req;
}

/**
 * struct request_sock_queue - of a listener: requests counted, finished connections queued
 * @rskq_accept_head, tail: linked by dl_next, oldest first
 * @qlen: requests that wait; @young: those whose SYN-ACK was not repeated yet
 * @fastopenq: TCP_FASTOPEN on this listener
 * @listen_node: among the listeners (inet_hashinfo.lhash2) while it listens
 */
struct request_sock_queue {
	struct hlist_node listen_node;
	struct sock *listener;
	struct request_sock *rskq_accept_head, *rskq_accept_tail;
	int qlen, young;
	u32 ack_backlog, max_ack_backlog; /* children to be accepted; the limit that listen() set */
	u8 rskq_defer_accept;		  /* seconds as SYN-ACK timeouts */
	u32 synflood_warned;
	struct fastopen_queue {
		struct request_sock *rskq_rst_head, *rskq_rst_tail;
		int qlen;
		int max_qlen; /* 0: off */
		struct tcp_fastopen_context *ctx;
	} fastopenq;
};

struct request_sock *inet_reqsk_alloc(struct sock *sk_listener);
void reqsk_free(struct request_sock *req);
static inline void reqsk_put(struct request_sock *req)
{
	if (--req->rsk_refcnt == 0)
		reqsk_free(req);
}

#endif
