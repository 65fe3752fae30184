/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/tcp.h - TCP: who calls whom, the calls of a socket; all of TCP's headers.
 *
 * DOC: TCP by file (net/ipv4)
 *   tcp.c            the calls: state of a socket from the user's side, sendmsg (tcp_sendmsg.c), recvmsg (tcp_recvmsg.c),
 *                    close (tcp_close.c), options (tcp_sockopt.c), TCP_INFO (tcp_info.c), TCP_REPAIR (tcp_repair.c)
 *   tcp_ipv4.c       segments in from IP, to their socket; connect; resets; errors by ICMP (tcp_v4_err.c)
 *   tcp_conn.c       requests: SYN to socket (tcp_conn_request); syncookies.c; tcp_minisocks.c: child, time-wait; tcp_fastopen*.c
 *   tcp_md5.c, tcp_ao.c   signatures
 *   tcp_rcv.c        segments at a socket: fast path, validity, states (tcp_rcv_established, tcp_rcv_state_process, tcp_validate_incoming)
 *   tcp_options.c    parsing of options
 *   tcp_data.c       data in: receive queue, tcp_ofo.c: out of order and SACK blocks to send, tcp_urg.c, tcp_rcvbuf.c: window, autotuning
 *   tcp_ack.c        acknowledgements: what is delivered, RTT (tcp_rtt.c); tcp_sacktag.c; tcp_loss.c: recovery, PRR, undo, F-RTO; tcp_recovery.c: RACK;
 *                    tcp_rate.c; tcp_ecn.c
 *   tcp_output.c     segments out: tcp_transmit.c (header), tcp_write_xmit, Nagle, TSO (tcp_tso.c), tcp_window.c (tcp_select_window), tcp_mtup.c,
 *                    tcp_retransmit.c, TLP; tcp_send.c: SYN, SYN-ACK, FIN, RST, ACK, probes
 *   tcp_timer.c      what the five deadlines do
 *   tcp_cong.c       registry, reno; tcp_cubic.c tcp_bbr.c tcp_dctcp.c; tcp_ulp.c; tcp_metrics.c
 *   tcp_offload.c    GSO and GRO
 * The unit of work is a segment of up to 64 KB that only refers to data; counts ("packets") are in MSS as in Linux.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/tcp_ack.h"
#include "net/tcp_cong.h"
#include "net/tcp_conn.h"
#include "net/tcp_ecn.h"
#include "net/tcp_input.h"
#include "net/tcp_output.h"
#include "net/tcp_queue.h"
#include "net/tcp_sign.h"
#include "net/tcp_sock.h"
#include "net/tcp_ulp.h"
#include "net/tcp_wire.h"

/* ---- calls: tcp.c and its parts ---- */
extern const struct proto tcp_prot;
/* tcp_opt_stats.c: struct proto's opt_stats and pre_connect */
struct sk_buff *tcp_get_timestamping_opt_stats(struct sock *sk, const struct sk_buff *orig);
int tcp_v4_pre_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcp_init_sock(struct sock *sk);
int tcp_v4_init_sock(struct sock *sk);
void tcp_init_transfer(struct sock *sk, struct sk_buff *skb);
long tcp_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from);
long tcp_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags);
/** tcp_recv_refs() - zero-copy receive: hand @fn up to @max bytes by reference, in order. Return: bytes taken, 0 at the end, -EAGAIN, -errno */
long tcp_recv_refs(struct sock *sk, size_t max, long (*fn)(void *arg, const void *data, size_t len),
		   void *arg);
/** tcp_send_buf() - room for up to *@len bytes in the shard's chunk, filled by the caller and sent by tcp_send_commit(). NULL: *@err -EAGAIN, -EPIPE, ... */
void *tcp_send_buf(struct sock *sk, size_t *len, int *err);
long tcp_send_commit(struct sock *sk, size_t len, int flags);
/** tcp_check_invariants() - NULL, or what does not hold in this connection though it must (tests, simulation) */
const char *tcp_check_invariants(const struct sock *sk);
void tcp_cleanup_rbuf(struct sock *sk, int copied);
/** tcp_zerocopy_complete() - tell the error queue which MSG_ZEROCOPY calls are acknowledged as a whole; @all: which will never be, too */
void tcp_zerocopy_complete(struct sock *sk, bool all);
/** tcp_sndbuf_expand() - send buffer follows the congestion window */
void tcp_sndbuf_expand(struct sock *sk);
/** tcp_adjust_rcv_ssthresh() - little memory: the window shrinks to four segments */
void tcp_adjust_rcv_ssthresh(struct sock *sk);
u32 tcp_poll(struct socket *sock);
int tcp_ioctl(struct sock *sk, int cmd, int *karg);
void tcp_shutdown(struct sock *sk, int how);
void tcp_close(struct sock *sk, s64 timeout);
int tcp_disconnect(struct sock *sk, int flags);
void tcp_set_state(struct sock *sk, int state);
void tcp_done(struct sock *sk);
void tcp_done_with_error(struct sock *sk, int err);
void tcp_reset(struct sock *sk, struct sk_buff *skb);
void tcp_push(struct sock *sk, int flags, int mss_now, int nonagle, int size_goal);
/** tcp_skb_entail() - a fresh packet at the end of the write queue */
void tcp_skb_entail(struct sock *sk, struct sk_buff *skb);
/** tcp_stream_alloc_skb() - empty, for the write queue, charged. NULL: no memory */
struct sk_buff *tcp_stream_alloc_skb(struct sock *sk, bool force_schedule);
int tcp_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen);
int tcp_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen);
void tcp_get_info(struct sock *sk, struct tcp_info *info);
int tcp_set_rcvlowat(struct sock *sk, int val);
bool tcp_stream_memory_free(const struct sock *sk, int wake);
bool tcp_check_oom(const struct sock *sk, int shift);
bool tcp_out_of_memory(const struct sock *sk);
int tcp_orphan_count_sum(const struct net *net);
void tcp_sock_set_cork(struct sock *sk, bool on);
int tcp_sock_set_keepidle(struct sock *sk, int val);
void tcp_set_keepalive(struct sock *sk, int val);
/** tcp_min_rtt() - us, of the last tcp_min_rtt_wlen seconds; ~0: not known */
static inline u32 tcp_min_rtt(const struct tcp_sock *tp)
{
	return tp->rtt_min.s[0].v;
}

#endif
