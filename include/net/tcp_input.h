/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_input.h - segments in: tcp_rcv.c, tcp_options.c, tcp_data.c and its parts. */
#ifndef NET_TCP_INPUT_H
#define NET_TCP_INPUT_H

#include "net/tcp_sock.h"

/** tcp_parse_options() - all options of @skb (header linear); @estab: after the handshake; @foc: may be NULL */
void tcp_parse_options(const struct net *net, const struct sk_buff *skb,
		       struct tcp_options_received *opt_rx, int estab,
		       struct tcp_fastopen_cookie *foc);
/** tcp_parse_signatures() - where MD5, AO and AccECN stand; Linux's rules for mangled options */
void tcp_parse_signatures(const struct tcphdr *th, struct tcp_parsed *out);
u16 tcp_parse_mss_option(const struct tcphdr *th, u16 user_mss);

void tcp_rcv_established(struct sock *sk, struct sk_buff *skb);
/** tcp_rcv_state_process() - every state but ESTABLISHED and TIME_WAIT. SKB_NOT_DROPPED_YET: consumed or to be consumed by us; else the reason, a reset is due */
enum skb_drop_reason tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
bool tcp_validate_incoming(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th,
			   int syn_inerr);
void tcp_finish_connect(struct sock *sk, struct sk_buff *skb);
void tcp_send_challenge_ack(struct sock *sk, bool accecn_reflector);
bool tcp_oow_rate_limited(struct net *net, const struct sk_buff *skb, int mib_idx,
			  u32 *last_oow_ack_time);
/** tcp_paws_reject() - RFC 7323 5: an old duplicate */
bool tcp_paws_check(const struct sock *sk, const struct tcp_options_received *rx_opt, int paws_win);
bool tcp_paws_reject(const struct sock *sk, const struct tcp_options_received *rx_opt, int rst);
/** tcp_fast_path_on/check() - pred_flags: header prediction is allowed (again) */
void __tcp_fast_path_on(struct tcp_sock *tp, u32 snd_wnd);
void tcp_fast_path_on(struct tcp_sock *tp);
void tcp_fast_path_check(struct sock *sk);
/* data */
void tcp_data_queue(struct sock *sk, struct sk_buff *skb);
int tcp_queue_rcv(struct sock *sk, struct sk_buff *skb, bool *fragstolen);
int tcp_send_rcvq(struct sock *sk, struct iov_iter *from, size_t size); /* TCP_REPAIR */
void tcp_data_ready(struct sock *sk);
void tcp_fin(struct sock *sk);
void tcp_ofo_queue(struct sock *sk);
void tcp_data_queue_ofo(struct sock *sk, struct sk_buff *skb);
void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq);
void tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_new_ofo_skb(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_remove(struct tcp_sock *tp);
void tcp_sack_compress_send_ack(struct sock *sk);
void tcp_send_dupack(struct sock *sk, const struct sk_buff *skb);
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb);
void tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb);
void tcp_enter_quickack_mode(struct sock *sk, u32 max_quickacks);
void tcp_incr_quickack(struct sock *sk, u32 max_quickacks);
void __tcp_ack_snd_check(struct sock *sk, int ofo_possible);
void tcp_ack_snd_check(struct sock *sk);
void tcp_check_urg(struct sock *sk, const struct tcphdr *th);
void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th);
void tcp_check_space(struct sock *sk);
void tcp_new_space(struct sock *sk);
void tcp_init_buffer_space(struct sock *sk);
void tcp_initialize_rcv_mss(struct sock *sk);
void tcp_rcv_space_adjust(struct sock *sk);
void tcp_clamp_window(struct sock *sk);
void tcp_rcv_rtt_measure(struct sock *sk);
/** tcp_rcvbuf_grow() - the reader took @newval bytes in a round trip: room for what the sender may do next */
void tcp_rcvbuf_grow(struct sock *sk, u32 newval);
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb, bool adjust);
void tcp_rcv_rtt_measure_ts(struct sock *sk, const struct sk_buff *skb);
/** tcp_try_rmem_schedule() - room for @size bytes of truesize, pruning if need be. 0 or -1 */
int tcp_try_rmem_schedule(struct sock *sk, const struct sk_buff *skb, u32 size);
void tcp_rbtree_purge(struct sock *sk, struct rb_root *root);
/** tcp_ooo_purge() - what is out of order is freed */
void tcp_ooo_purge(struct sock *sk);
int tcp_space(const struct sock *sk);
int tcp_full_space(const struct sock *sk);
int tcp_win_from_space(const struct sock *sk, int space);
int tcp_space_from_win(const struct sock *sk, int win);
void tcp_set_window_clamp(struct sock *sk, u32 val);
static inline u32 tcp_receive_window(const struct tcp_sock *tp)
{
	s32 win = (s32)(tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt);

	return win < 0 ? 0 : (u32)win;
}

#endif
