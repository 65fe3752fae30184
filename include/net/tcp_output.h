/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_output.h - segments out: tcp_output.c and its parts, tcp_timer.c. */
#ifndef NET_TCP_OUTPUT_H
#define NET_TCP_OUTPUT_H

#include "net/tcp_queue.h"
#include "net/tcp_sock.h"

/** tcp_push_pending_frames() / __tcp_push_pending_frames() - send what Nagle, window and congestion window let go */
void __tcp_push_pending_frames(struct sock *sk, u32 cur_mss, int nonagle);
u32 tcp_current_mss(struct sock *sk);
static inline void tcp_push_pending_frames(struct sock *sk)
{
	if (tcp_send_head(sk))
		__tcp_push_pending_frames(sk, tcp_current_mss(sk), tcp_sk(sk)->nonagle);
}
void tcp_push_one(struct sock *sk, u32 mss_now);
bool tcp_write_xmit(struct sock *sk, u32 mss_now, int nonagle, int push_one);
/** __tcp_transmit_skb() - header in front of a clone (@clone_it) or of @skb itself, and away. 0 or -errno */
int __tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it, u32 rcv_nxt);
int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, int clone_it);
void tcp_event_new_data_sent(struct sock *sk, struct sk_buff *skb);
bool tcp_schedule_loss_probe(struct sock *sk, bool advancing_rto);
void tcp_send_loss_probe(struct sock *sk);
void tcp_retransmit_timer(struct sock *sk);
int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs);
int __tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs);
void tcp_xmit_retransmit_queue(struct sock *sk);
void tcp_send_fin(struct sock *sk);
void tcp_send_active_reset(struct sock *sk, int reason);
int tcp_send_synack(struct sock *sk);
int tcp_connect(struct sock *sk);
void tcp_send_ack(struct sock *sk);
void __tcp_send_ack(struct sock *sk, u32 rcv_nxt, u16 flags);
void tcp_send_delayed_ack(struct sock *sk);
void tcp_send_probe0(struct sock *sk);
int tcp_write_wakeup(struct sock *sk, int mib);
void tcp_send_window_probe(struct sock *sk);
/** tcp_make_synack() - SYN-ACK of a request, TCP header on, not sent. @foc: may be NULL */
enum tcp_synack_type { TCP_SYNACK_NORMAL, TCP_SYNACK_FASTOPEN, TCP_SYNACK_COOKIE };
struct sk_buff *tcp_make_synack(const struct sock *sk, struct dst_entry *dst,
				struct request_sock *req, struct tcp_fastopen_cookie *foc,
				enum tcp_synack_type type);
int tcp_rtx_synack(const struct sock *sk, struct request_sock *req);
/** tcp_v4_send_synack() - make and send it, @dst may be NULL. 0 or -errno */
int tcp_v4_send_synack(const struct sock *sk, struct dst_entry *dst, struct request_sock *req,
		       struct tcp_fastopen_cookie *foc, enum tcp_synack_type type);
u32 tcp_sync_mss(struct sock *sk, u32 pmtu);
/** tcp_ext_hdr_changed() - struct proto: IP options take @delta bytes more of each segment */
void tcp_ext_hdr_changed(struct sock *sk, int delta);
int tcp_mss_to_mtu(struct sock *sk, int mss);
int tcp_mtu_to_mss(struct sock *sk, int pmtu);
void tcp_mtup_init(struct sock *sk);
int tcp_mtu_probe(struct sock *sk);
void tcp_mtup_probe_success(struct sock *sk);
void tcp_mtup_probe_failed(struct sock *sk);
u16 tcp_advertise_mss(struct sock *sk);
u16 tcp_select_window(struct sock *sk);
u32 __tcp_select_window(struct sock *sk);
void tcp_select_initial_window(const struct sock *sk, int space, u32 mss, u32 *rcv_wnd,
			       u32 *window_clamp, int wscale_ok, u8 *rcv_wscale, u32 init_rcv_wnd);
void tcp_chrono_start(struct sock *sk, int type);
void tcp_chrono_stop(struct sock *sk, int type);
enum { TCP_CHRONO_UNSPEC, TCP_CHRONO_BUSY, TCP_CHRONO_RWND_LIMITED, TCP_CHRONO_SNDBUF_LIMITED };
/** tcp_wfree() - destructor of what TCP sent: a packet of skb->sk left the device, more may be sent (small queues, autocorking) */
void tcp_wfree(struct sk_buff *skb);
/** tcp_tsq_forget() - a namespace ends: none of its sockets waits for a link any more */
void tcp_tsq_forget(struct net *net);
/* ---- tcp_timer.c ---- */
/** tcp_timers_run() - the wheel says that a deadline of @sk may be due */
void tcp_timers_run(struct sock *sk);
void tcp_write_timer_handler(struct sock *sk);
void tcp_delack_timer_handler(struct sock *sk);
void tcp_keepalive_timer_handler(struct sock *sk);
void tcp_pace_kick(struct sock *sk);
void tcp_compressed_ack_kick(struct sock *sk);
void tcp_write_err(struct sock *sk);
u32 tcp_clamp_probe0_to_user_timeout(const struct sock *sk, u32 when);
u32 keepalive_time_when(const struct tcp_sock *tp);
u32 keepalive_intvl_when(const struct tcp_sock *tp);
int keepalive_probes(const struct tcp_sock *tp);
u32 keepalive_time_elapsed(const struct tcp_sock *tp);
int tcp_fin_time(const struct sock *sk);
static inline u32 tcp_probe0_base(const struct sock *sk)
{
	return max_t(u32, inet_csk(sk)->icsk_rto, TCP_RTO_MIN);
}
u64 tcp_probe0_when(const struct sock *sk, u64 max_when);
void tcp_check_probe_timer(struct sock *sk);
void tcp_reset_xmit_timer(struct sock *sk, int what, u64 when, bool pace_delay);

#endif
