/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp_cong.h - congestion control: what an algorithm implements, and its registry in tcp_cong.c. */
#ifndef NET_TCP_CONG_H
#define NET_TCP_CONG_H

#include "net/tcp_sock.h"

#define TCP_CA_NAME_MAX		16
#define TCP_CONG_NON_RESTRICTED BIT(0)
#define TCP_CONG_NEEDS_ECN	BIT(1)

enum tcp_ca_event {
	CA_EVENT_TX_START,
	CA_EVENT_CWND_RESTART,
	CA_EVENT_COMPLETE_CWR,
	CA_EVENT_LOSS,
	CA_EVENT_ECN_NO_CE,
	CA_EVENT_ECN_IS_CE
};
enum tcp_ca_ack_event_flags { CA_ACK_SLOWPATH = 1, CA_ACK_WIN_UPDATE = 2, CA_ACK_ECE = 4 };

struct ack_sample {
	u32 pkts_acked;
	s32 rtt_us;
	u32 in_flight;
};

/**
 * struct rate_sample - what one ACK told about delivery
 * @interval_us: -1: invalid; @delivered: packets over it; @losses: newly marked lost; @rtt_us: -1 none
 * @prior_*: state when the newest packet delivered was sent
 */
struct rate_sample {
	u64 prior_mstamp;
	u32 prior_delivered;
	u32 prior_delivered_ce;
	s32 delivered;
	s32 delivered_ce;
	s64 interval_us;
	u32 snd_interval_us;
	u32 rcv_interval_us;
	s64 rtt_us;
	int losses;
	u32 acked_sacked;
	u32 prior_in_flight;
	u32 last_end_seq;
	bool is_app_limited;
	bool is_retrans;
	bool is_ack_delayed;
};

/**
 * struct tcp_congestion_ops - a congestion control, immutable
 * @private_size: bytes used of icsk_ca_priv; @key: the number that a route's metric holds (RTAX_CC_ALGO)
 */
struct tcp_congestion_ops {
	const char *name;
	u32 key;
	u32 flags;
	u32 private_size;
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	void (*set_state)(struct sock *sk, u8 new_state);
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
	void (*in_ack_event)(struct sock *sk, u32 flags);
	u32 (*undo_cwnd)(struct sock *sk);
	void (*pkts_acked)(struct sock *sk, const struct ack_sample *sample);
	u32 (*min_tso_segs)(struct sock *sk);
	u32 (*sndbuf_expand)(struct sock *sk);
	void (*cong_control)(struct sock *sk, u32 ack, int flag, const struct rate_sample *rs);
	/** @attr: what it stands for (INET_DIAG_*); returns bytes */
	size_t (*get_info)(struct sock *sk, u32 ext, int *attr, union tcp_cc_info *info);
};

extern const struct tcp_congestion_ops tcp_reno, tcp_cubic, tcp_bbr, tcp_dctcp, tcp_dctcp_reno;
/** all that there are, NULL-terminated */
extern const struct tcp_congestion_ops *const tcp_cong_list[];
const struct tcp_congestion_ops *tcp_ca_find(const char *name);
const struct tcp_congestion_ops *tcp_ca_find_key(u32 key);
u32 tcp_ca_get_key_by_name(const char *name, bool *ecn_ca);
const char *tcp_ca_get_name_by_key(u32 key, char *buf);
void tcp_assign_congestion_control(struct sock *sk);
void tcp_init_congestion_control(struct sock *sk);
void tcp_cleanup_congestion_control(struct sock *sk);
/** tcp_set_congestion_control() - TCP_CONGESTION. -ENOENT, -EPERM (restricted and not @cap_net_admin) */
int tcp_set_congestion_control(struct sock *sk, const char *name, bool cap_net_admin);
void tcp_ca_set_route(struct sock *sk, const struct dst_entry *dst);
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked);
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked);
u32 tcp_reno_ssthresh(struct sock *sk);
u32 tcp_reno_undo_cwnd(struct sock *sk);
void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked);

static inline void tcp_ca_event(struct sock *sk, enum tcp_ca_event event)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_ops->cwnd_event)
		icsk->icsk_ca_ops->cwnd_event(sk, event);
}
void tcp_set_ca_state(struct sock *sk, u8 ca_state);
static inline bool tcp_ca_needs_ecn(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ca_ops->flags & TCP_CONG_NEEDS_ECN;
}

static inline bool tcp_is_cwnd_limited(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->is_cwnd_limited)
		return true;
	return tcp_in_slow_start(tp) && tp->snd_cwnd < 2 * tp->max_packets_out;
}

#endif
