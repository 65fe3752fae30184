/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_ack.h - acknowledgements: tcp_ack.c, SACK, loss recovery, RTT, rate. */
#ifndef NET_TCP_ACK_H
#define NET_TCP_ACK_H

#include "net/tcp_sock.h"

#define FLAG_DATA		0x01
#define FLAG_WIN_UPDATE		0x02
#define FLAG_DATA_ACKED		0x04
#define FLAG_RETRANS_DATA_ACKED 0x08
#define FLAG_SYN_ACKED		0x10
#define FLAG_DATA_SACKED	0x20
#define FLAG_ECE		0x40
#define FLAG_LOST_RETRANS	0x80
#define FLAG_SLOWPATH		0x100
#define FLAG_ORIG_SACK_ACKED	0x200
#define FLAG_SND_UNA_ADVANCED	0x400
#define FLAG_DSACKING_ACK	0x800
#define FLAG_SET_XMIT_TIMER	0x1000
#define FLAG_SACK_RENEGING	0x2000
#define FLAG_UPDATE_TS_RECENT	0x4000
#define FLAG_NO_CHALLENGE_ACK	0x8000
#define FLAG_ACK_MAYBE_DELAYED	0x10000
#define FLAG_DSACK_TLP		0x20000
#define FLAG_TS_PROGRESS	0x40000
#define FLAG_ACKED		(FLAG_DATA_ACKED | FLAG_SYN_ACKED)
#define FLAG_NOT_DUP		(FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED)
#define FLAG_CA_ALERT		(FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK)
#define FLAG_FORWARD_PROGRESS	(FLAG_ACKED | FLAG_DATA_SACKED)

#define REXMIT_NONE 0
#define REXMIT_LOST 1
#define REXMIT_NEW  2

/**
 * struct tcp_sacktag_state - what the SACK blocks and the cumulative ACK of one segment did
 */
struct tcp_sacktag_state {
	u64 first_sackt; /* us: sent time of the first and last packet SACKed now, never retransmitted ones */
	u64 last_sackt;
	u32 reord;
	u32 sack_delivered;
	u32 delivered_bytes; /* that this segment newly acknowledged, for AccECN */
	int flag;
	u32 mss_now;
	struct rate_sample *rate;
};

/** tcp_ack() - Return: > 0 fine, 0 old, < 0: -reason, the segment is to be dropped (too old or beyond what was sent) */
int tcp_ack(struct sock *sk, const struct sk_buff *skb, int flag);
int tcp_sacktag_write_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_snd_una,
			    struct tcp_sacktag_state *state);
int tcp_clean_rtx_queue(struct sock *sk, const struct sk_buff *ack_skb, u32 prior_fack,
			u32 prior_snd_una, struct tcp_sacktag_state *sack, bool ece_ack);
void tcp_fastretrans_alert(struct sock *sk, u32 prior_snd_una, int num_dupack, int *ack_flag,
			   int *rexmit);
void tcp_enter_loss(struct sock *sk);
void tcp_enter_cwr(struct sock *sk);
void tcp_enter_recovery(struct sock *sk, bool ece_ack);
void tcp_init_cwnd_reduction(struct sock *sk);
void tcp_cwnd_reduction(struct sock *sk, int newly_acked_sacked, int newly_lost, int flag);
void tcp_simple_retransmit(struct sock *sk);
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb);
void tcp_clear_retrans(struct tcp_sock *tp);
void tcp_rearm_rto(struct sock *sk);
u32 tcp_init_cwnd(const struct tcp_sock *tp, const struct dst_entry *dst);
void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited);
void tcp_cwnd_restart(struct sock *sk, s32 delta);
/** tcp_slow_start_after_idle_check() - data are to go out after a pause: the window may have to shrink */
void tcp_slow_start_after_idle_check(struct sock *sk);
/** tcp_enter_recovery() - a loss was found: fast recovery begins */
void tcp_enter_recovery(struct sock *sk, bool ece_ack);
/** tcp_non_congestion_loss_retransmit() - what was marked lost (path MTU, SYN data) goes out again without a smaller window */
void tcp_non_congestion_loss_retransmit(struct sock *sk);
/** tcp_init_cwnd_reduction() - PRR begins, ssthresh is what the congestion control says */
void tcp_init_cwnd_reduction(struct sock *sk);
void tcp_end_cwnd_reduction(struct sock *sk);
void tcp_init_undo(struct tcp_sock *tp);
/** tcp_forbid_undo() - the window that was before is not to come back */
void tcp_forbid_undo(struct tcp_sock *tp);
/** tcp_update_rto_time() - a loss ended: how long it took, for TCP_INFO */
void tcp_update_rto_time(struct tcp_sock *tp);
void tcp_clear_all_retrans_hints(struct tcp_sock *tp);
/** tcp_rto_delta_us() - until the oldest packet's timeout, us; may be negative */
s64 tcp_rto_delta_us(const struct sock *sk);
/** tcp_rtt_estimator() - RFC 6298 with Linux's filter of the variance; @mrtt_us: measured */
void tcp_rtt_estimator(struct sock *sk, long mrtt_us);
u32 tcp_rto_min_us(const struct sock *sk);
void tcp_try_undo_spurious_syn(struct sock *sk);
void tcp_synack_rtt_meas(struct sock *sk, struct request_sock *req);
bool tcp_ack_update_rtt(struct sock *sk, int flag, long seq_rtt_us, long sack_rtt_us,
			long ca_rtt_us, struct rate_sample *rs);
void tcp_set_rto(struct sock *sk);
void tcp_update_pacing_rate(struct sock *sk);
void tcp_process_tlp_ack(struct sock *sk, u32 ack, int flag);
void tcp_check_sack_reordering(struct sock *sk, u32 low_seq, int ts);
bool tcp_check_sack_reneging(struct sock *sk, int *ack_flag);
void tcp_xmit_recovery(struct sock *sk, int rexmit);
u32 __tcp_set_rto(const struct tcp_sock *tp);
u32 tcp_rto_min(const struct sock *sk);
u32 tcp_rto_max(const struct sock *sk);
/* RACK: tcp_recovery.c */
bool tcp_rack_mark_lost(struct sock *sk);
void tcp_rack_advance(struct tcp_sock *tp, u8 sacked, u32 end_seq, u64 xmit_time);
void tcp_rack_reo_timeout(struct sock *sk);
void tcp_rack_update_reo_wnd(struct sock *sk, struct rate_sample *rs);
s32 tcp_rack_skb_timeout(struct tcp_sock *tp, struct sk_buff *skb, u32 reo_wnd);
void tcp_newreno_mark_lost(struct sock *sk, bool snd_una_advanced);
/* rate */
void tcp_rate_skb_sent(struct sock *sk, struct sk_buff *skb);
void tcp_rate_skb_delivered(struct sock *sk, struct sk_buff *skb, struct rate_sample *rs);
void tcp_rate_gen(struct sock *sk, u32 delivered, u32 lost, bool is_sack_reneg,
		  struct rate_sample *rs);
void tcp_rate_check_app_limited(struct sock *sk);

#endif
