/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_rare.h - what few connections have: listeners, signatures, Fast Open, and settings that somebody changed.
 *
 * DOC: Rare parts
 * icsk_rare is NULL until something in it is needed, and who reads gets the defaults then (icsk_rare(), tcp_rare()): reading
 * never takes memory. tcp_rare_make() does, and without memory the call that needed it fails. A child has a
 * copy if its listener has settings; what is a connection's own begins anew. The parts go with the socket.
 */
#ifndef NET_TCP_RARE_H
#define NET_TCP_RARE_H

#include "net/types.h"

struct request_sock;
struct request_sock_queue;
struct saved_syn;
struct sock;
struct tcp_accecn;
struct tcp_ao_info;
struct tcp_fastopen_request;
struct tcp_md5sig_info;
struct tcp_ulp_ops;

/**
 * struct tcp_rare - settings first: 0 is the namespace's, or none
 * @keepalive_time, @keepalive_intvl: ticks; @icsk_user_timeout: ms; @tcp_tx_delay: us
 * @linger2:         ticks in FIN_WAIT_2, -1: none at all
 * @snd_cwnd_clamp:  ~0: none
 * @icsk_defer_accept: TCP_DEFER_ACCEPT: SYN-ACK timeouts, 0 off; the listener's queue has a copy
 * @icsk_accept_queue: made by inet_csk_queue() for an option of listeners or listen()
 * @fastopen_rsk:    the request of a child that Fast Open made and that is not confirmed yet
 * @accecn:          AccECN counters, NULL: not negotiated
 * @mtu_probe:       the probe of the path MTU that is out: icsk_mtup.probe_size
 */
struct tcp_rare {
	u32 keepalive_time;
	u32 keepalive_intvl;
	u32 icsk_user_timeout;
	int linger2;
	u32 notsent_lowat;
	u32 snd_cwnd_clamp;
	u32 tcp_tx_delay;
	u8 keepalive_probes;
	u8 icsk_syn_retries;
	u8 icsk_defer_accept;
	bool is_tuned; /* one of those above was set: children have them too */
	/* ---- a connection's own */
	const struct tcp_ulp_ops *icsk_ulp_ops;
	struct request_sock_queue *icsk_accept_queue;
	struct tcp_md5sig_info *md5sig_info;
	struct tcp_ao_info *ao_info;
	struct request_sock *fastopen_rsk;
	struct tcp_fastopen_request *fastopen_req;
	struct saved_syn *saved_syn;
	struct tcp_accecn *accecn;
	struct {
		u32 probe_seq_start;
		u32 probe_seq_end;
	} mtu_probe;
};

extern const struct tcp_rare tcp_rare_none;

/** tcp_rare_make() - the rare parts of @sk to be written, made if there are none; NULL: no memory */
struct tcp_rare *tcp_rare_make(struct sock *sk);
/** tcp_tune() - the same for a setting that children have too */
struct tcp_rare *tcp_tune(struct sock *sk);
/** tcp_rare_copy() - *@copy is for a child of @sk, NULL if it needs none. false: no memory */
bool tcp_rare_copy(const struct sock *sk, struct tcp_rare **copy);
void tcp_free_saved_syn(struct sock *sk);
/** tcp_rare_free() - what the parts point to is gone already */
void tcp_rare_free(struct sock *sk);

#endif
