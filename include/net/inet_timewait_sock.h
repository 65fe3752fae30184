/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inet_timewait_sock.h - what is left of a connection in TIME_WAIT (or FIN_WAIT_2 without owner): 128 bytes. */
#ifndef NET_INET_TIMEWAIT_SOCK_H
#define NET_INET_TIMEWAIT_SOCK_H

#include "net/inet_sock.h"

/**
 * struct inet_timewait_sock - in the table of connections, and on the death row of its timeout (a FIFO, no timer of its own)
 * What holds: both FINs were seen (or tw_substate says FIN_WAIT_2 and nobody owns it); only ACKs and resets are sent.
 * Who leaves it: tcp_timewait_state_process() (new SYN, RST), the death row after tw_timeout ticks, tcp_tw_reuse.
 * @tw_expires: tick of its end; @tw_next, @tw_prev: handles of its neighbours on the death row, ~0: none
 * @tw_ts_recent_stamp: seconds; @tw_last_oow_ack_time: ticks
 */
struct inet_timewait_sock {
	struct sock_common __tw_common; /* skc_tb: bind bucket */
	u32 tw_rcv_nxt;
	u32 tw_snd_nxt;
	u32 tw_rcv_wnd;
	u32 tw_ts_offset;
	u32 tw_ts_recent;
	u32 tw_last_oow_ack_time;
	u32 tw_ts_recent_stamp;
	u32 tw_expires;
	u32 tw_next, tw_prev;
	u8 tw_substate;
	u8 tw_tos;
	u8 tw_rcv_wscale : 4, tw_transparent : 1, tw_usec_ts : 1, tw_connect_bind : 1,
		tw_has_key : 1;
	u8 tw_row; /* which death row */
	u32 tw_priority;
	u32 tw_entry_stamp;
	void *tw_key; /* MD5 key or AO info, tw_has_key says which: net/ipv4/tcp_md5.c */
};
static_assert(sizeof(struct inet_timewait_sock) <= 128, "time-wait is two cache lines");

#define tw_daddr	__tw_common.skc_daddr
#define tw_rcv_saddr	__tw_common.skc_rcv_saddr
#define tw_state	__tw_common.skc_state
#define tw_mark		__tw_common.skc_mark
#define tw_net_		__tw_common.skc_net
#define tw_tb		__tw_common.skc_tb
#define tw_bound_dev_if __tw_common.skc_bound_dev_if
#define tw_refcnt	__tw_common.skc_refcnt

#define TCP_TIMEWAIT_LEN (60 * HZ)

static inline struct inet_timewait_sock *inet_twsk(const struct sock *sk)
{
	return (struct inet_timewait_sock *)sk;
}

#define TW_ROWS	    168
#define TW_NO_INDEX UINT32_MAX

/**
 * struct tcp_death_row - time-wait sockets of a namespace by how long they wait
 * @row:   FIFOs: all in one wait equally long, so the first ends first. Row 0: TCP_TIMEWAIT_LEN, the others by size
 * @map:   rows that are not empty
 * @count: of all of them (bounded by tcp_max_tw_buckets)
 */
struct tcp_death_row {
	struct timer_list timer;
	struct net *net;
	u32 count;
	u64 map[(TW_ROWS + 63) / 64];
	struct tw_row {
		u32 first, last; /* handles, TW_NO_INDEX: none */
	} row[TW_ROWS];
};

int inet_twsk_net_init(struct net *net);
void inet_twsk_net_exit(struct net *net);
/** inet_twsk_any() - is @fn true for one of them? */
bool inet_twsk_any(struct net *net, bool (*fn)(void *arg, const struct inet_timewait_sock *tw),
		   void *arg);
/** inet_twsk_alloc() - NULL: too many (tcp_max_tw_buckets), or no memory */
struct inet_timewait_sock *inet_twsk_alloc(const struct sock *sk, int state);
/** inet_twsk_hashdance() - take the place of @sk in the tables of connections and ports */
void inet_twsk_hashdance(struct inet_timewait_sock *tw, struct sock *sk);
/** inet_twsk_reschedule() - (again) @timeo ticks to live */
void inet_twsk_reschedule(struct inet_timewait_sock *tw, u32 timeo);
/** inet_twsk_deschedule_put() - its end, now */
void inet_twsk_deschedule_put(struct inet_timewait_sock *tw);
void inet_twsk_free(struct inet_timewait_sock *tw);
static inline void inet_twsk_put(struct inet_timewait_sock *tw)
{
	if (--tw->tw_refcnt == 0)
		inet_twsk_free(tw);
}
void inet_twsk_purge(struct net *net);

#endif
