/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inet_connection_sock.h - a socket with connections: timers, accept queue, congestion control. Seed 1.2.
 *
 * DOC: Timers of a connection
 * Five deadlines (RTO or probe, delayed ACK, keepalive, pacing, ACK compression) are plain fields in ticks, 0 for none. The
 * wheel holds at most one near and one far listing of the socket (engine/handle_wheel.h): setting a later deadline or clearing one is a
 * store; an earlier one lists again; when a listing fires, what is due runs and the rest is listed again. Nothing is ever unlisted.
 */
#ifndef NET_INET_CONNECTION_SOCK_H
#define NET_INET_CONNECTION_SOCK_H

#include "net/inet_hashtables.h"
#include "net/inet_timewait_sock.h"
#include "net/request_sock.h"
#include "net/tcp_rare.h"

struct tcp_congestion_ops;

#define ICSK_CA_PRIV_SIZE 64

/* icsk_pending */
#define ICSK_TIME_RETRANS     1
#define ICSK_TIME_PROBE0      3
#define ICSK_TIME_LOSS_PROBE  5
#define ICSK_TIME_REO_TIMEOUT 6

/* icsk_ack.pending */
enum inet_csk_ack_state_t {
	ICSK_ACK_SCHED = 1,
	ICSK_ACK_TIMER = 2,
	ICSK_ACK_PUSHED = 4,
	ICSK_ACK_PUSHED2 = 8,
	ICSK_ACK_NOW = 16,
	ICSK_ACK_NOMEM = 32
};

/**
 * struct inet_connection_sock
 * @icsk_bind_node: among the owners of the bind bucket (sk.__sk_common.skc_tb); icsk_bind2: address-specific conflicts are found by walking
 * @rto_deadline: of icsk_pending; @delack_deadline, @keepalive_deadline (also FIN_WAIT_2, SYN-ACK retransmission of TFO children),
 * ticks, 0 none. @pacing_deadline, @compressed_ack_deadline: us (low 32 bits of the shard's clock), 0 none
 * @near_listed, @far_listed: tick under which the wheel has the socket, 0 not
 * @icsk_rto, @icsk_rto_min, @icsk_rto_max, @icsk_delack_max: ticks; at most TCP_RTO_MAX and TCP_DELACK_MAX, so bits suffice
 * @icsk_retransmits: timeouts in a row; @icsk_backoff: doublings; @icsk_probes_out
 * @icsk_ext_hdr_len: bytes of IP options
 * @icsk_rare:    what few connections have, NULL none (net/tcp_rare.h)
 * @icsk_ca_priv: the congestion control's
 */
struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct hlist_node icsk_bind_node;
	/* ---- timers */
	u32 rto_deadline;
	u32 delack_deadline;
	u32 keepalive_deadline;
	u32 pacing_deadline;
	u32 compressed_ack_deadline;
	u32 near_listed;
	u32 far_listed;
	u32 icsk_rto;
	u32 icsk_rto_min;
	u32 icsk_rto_max : 24;
	u32 icsk_delack_max : 8;
	/* ---- */
	u8 icsk_retransmits;
	u8 icsk_pending;
	u8 icsk_backoff;
	u8 icsk_probes_out;
	u8 icsk_ca_state : 5, icsk_ca_initialized : 1, icsk_ca_setsockopt : 1,
		icsk_ca_dst_locked : 1;
	u8 spare;
	u16 icsk_ext_hdr_len;
	struct {
		u8 pending; /* ICSK_ACK_* */
		u8 quick;   /* quick ACKs left */
		u8 pingpong;
		u8 retry;
		u32 ato;      /* ticks */
		u32 lrcvtime; /* tick of the last data segment */
		u16 last_seg_size;
		u16 rcv_mss;
	} icsk_ack;
	u32 icsk_probes_tstamp;
	u32 icsk_pmtu_cookie;
	const struct tcp_congestion_ops *icsk_ca_ops;
	struct tcp_rare *icsk_rare;
	struct {
		u16 search_high;
		u16 search_low;
		u16 probe_size;
		u8 enabled;
		u32 probe_timestamp;
	} icsk_mtup;
	u64 icsk_ca_priv[ICSK_CA_PRIV_SIZE / sizeof(u64)];
};

/** icsk_rare() - to be read; tcp_rare_make() to be written */
static inline const struct tcp_rare *icsk_rare(const struct inet_connection_sock *icsk)
{
	return likely(!icsk->icsk_rare) ? &tcp_rare_none : icsk->icsk_rare;
}

static inline struct inet_connection_sock *inet_csk(const struct sock *sk)
{
	return (struct inet_connection_sock *)sk;
}

static inline void *inet_csk_ca(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ca_priv;
}

static inline void inet_csk_enter_pingpong_mode(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.pingpong = sock_net(sk)->ipv4.sysctl_tcp_pingpong_thresh;
}

static inline void inet_csk_exit_pingpong_mode(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.pingpong = 0;
}

static inline bool inet_csk_in_pingpong_mode(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ack.pingpong >= sock_net(sk)->ipv4.sysctl_tcp_pingpong_thresh;
}

static inline void inet_csk_inc_pingpong_cnt(struct sock *sk)
{
	if (inet_csk(sk)->icsk_ack.pingpong < UINT8_MAX)
		inet_csk(sk)->icsk_ack.pingpong++;
}

static inline void inet_csk_schedule_ack(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_SCHED;
}

static inline bool inet_csk_ack_scheduled(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ack.pending & ICSK_ACK_SCHED;
}

static inline void inet_csk_delack_init(struct sock *sk)
{
	memset(&inet_csk(sk)->icsk_ack, 0, sizeof(inet_csk(sk)->icsk_ack));
}

/** tcp_timer_shard_init() - the kinds of timers of a shard's connections (net/init.c) */
int tcp_timer_shard_init(struct skiff *skiff);
/* ---- timers: tcp_timer_list.c. @when: ticks from now, cut to @max_when ---- */
void inet_csk_reset_xmit_timer(struct sock *sk, int what, u64 when, u64 max_when);
void inet_csk_reset_delack(struct sock *sk, u64 when);
void inet_csk_reset_keepalive_timer(struct sock *sk, u64 when);
void inet_csk_reset_pacing(struct sock *sk, u64 when_ns);
void inet_csk_reset_compressed_ack(struct sock *sk, u64 delay_ns);
static inline void inet_csk_clear_rto(struct sock *sk)
{
	inet_csk(sk)->icsk_pending = 0;
	inet_csk(sk)->rto_deadline = 0;
}

static inline void inet_csk_clear_delack(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.pending = 0;
	inet_csk(sk)->icsk_ack.retry = 0;
	inet_csk(sk)->delack_deadline = 0;
}

void inet_csk_delete_keepalive_timer(struct sock *sk);
void inet_csk_clear_xmit_timers(struct sock *sk);
static inline u64 inet_csk_rto_backoff(const struct inet_connection_sock *icsk, u64 max_when)
{
	u64 when = (u64)icsk->icsk_rto << icsk->icsk_backoff;

	return when < max_when ? when : max_when;
}

/* ---- inet_connection_sock.c ---- */
int inet_csk_get_port(struct sock *sk, u16 snum);
int inet_csk_bind_conflict(const struct sock *sk, const struct inet_bind_bucket *tb, bool relax,
			   bool reuseport_ok);
/** inet_csk_queue() - the accept queue, made if there is none (TCP_DEFER_ACCEPT and TCP_FASTOPEN may come before listen()). NULL: no memory */
struct request_sock_queue *inet_csk_queue(struct sock *sk);
int inet_csk_listen_start(struct sock *sk);
void inet_csk_listen_stop(struct sock *sk);
struct sock *inet_csk_accept(struct sock *sk, int flags, int *err);
/** inet_csk_route_req() / inet_csk_route_child_sock() - route for a SYN-ACK, for the child. NULL: none */
struct dst_entry *inet_csk_route_req(const struct sock *sk, struct flowi4 *fl4,
				     const struct request_sock *req);
struct dst_entry *inet_csk_route_child_sock(const struct sock *sk, struct sock *newsk,
					    const struct request_sock *req);
struct dst_entry *inet_csk_update_pmtu(struct sock *sk, u32 mtu);
struct sock *inet_csk_clone_lock(const struct sock *sk, const struct request_sock *req);
void inet_csk_destroy_sock(struct sock *sk);
void inet_csk_prepare_for_destroy_sock(struct sock *sk);
void inet_csk_prepare_forced_close(struct sock *sk);
/** inet_csk_reqsk_queue_hash_add() - request into the table of connections, its timer after @timeout ticks. false: 4-tuple taken */
bool inet_csk_reqsk_queue_hash_add(struct sock *sk, struct request_sock *req, u64 timeout);
struct sock *inet_csk_reqsk_queue_add(struct sock *sk, struct request_sock *req,
				      struct sock *child);
/** inet_child_forget() - end a child that nobody will accept; reqsk_queue_remove() - the request that waits longest for accept(), NULL: none */
void inet_child_forget(struct sock *sk, struct request_sock *req, struct sock *child);
struct request_sock *reqsk_queue_remove(struct request_sock_queue *q);
bool inet_csk_reqsk_queue_drop(struct sock *sk, struct request_sock *req);
struct sock *inet_csk_complete_hashdance(struct sock *sk, struct sock *child,
					 struct request_sock *req, bool own_req);
/** reqsk_timer_run() - the wheel looks at a request (@handle may be stale) */
void reqsk_timer_run(void *skiff, u32 handle, u64 tick);
/** reqsk_timer_set() - look again @timeout ticks from now */
void reqsk_timer_set(struct request_sock *req, u64 timeout);
u64 tcp_reqsk_timeout(const struct request_sock *req);
u32 inet_csk_listen_poll(const struct sock *sk);
int inet_rtx_syn_ack(const struct sock *parent, struct request_sock *req);

/** inet_csk_accept_queue() - NULL unless inet_csk_queue() made one; who listens has it */
static inline struct request_sock_queue *inet_csk_accept_queue(const struct sock *sk)
{
	return icsk_rare(inet_csk(sk))->icsk_accept_queue;
}

static inline int inet_csk_reqsk_queue_len(const struct sock *sk)
{
	return inet_csk_accept_queue(sk)->qlen;
}

static inline bool inet_csk_reqsk_queue_is_full(const struct sock *sk)
{
	const struct request_sock_queue *q = inet_csk_accept_queue(sk);

	return q->qlen > (int)q->max_ack_backlog;
}

static inline bool sk_acceptq_is_full(const struct sock *sk)
{
	const struct request_sock_queue *q = inet_csk_accept_queue(sk);

	return q->ack_backlog > q->max_ack_backlog;
}

static inline bool reqsk_queue_empty(const struct request_sock_queue *q)
{
	return !q->rskq_accept_head;
}

#endif
