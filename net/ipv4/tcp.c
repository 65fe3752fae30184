/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/tcp.c - TCP seen by its user: a socket's birth, its states, poll, ioctl, shutdown, disconnect, its end.
 *
 * DOC: States of a connection
 * sk_state changes in tcp_set_state() (and inet_sk_state_store() for LISTEN) only.
 *
 *   CLOSE        No connection. In no table unless bound to a port. Leaves: tcp_v4_connect() -> SYN_SENT, inet_listen() -> LISTEN.
 *   LISTEN       In the table of listeners; icsk_accept_queue holds what accept() will get. Leaves: tcp_close(), tcp_disconnect(),
 *                tcp_shutdown(RCV) -> CLOSE.
 *   SYN_SENT     A SYN is in the retransmission queue; snd_una = ISN, write_seq beyond it. Leaves: tcp_rcv_synsent_state_process() ->
 *                ESTABLISHED, or SYN_RECV if the SYNs crossed; tcp_write_err(), tcp_reset(), tcp_close() -> CLOSE.
 *   SYN_RECV     A full socket whose SYN-ACK is not acknowledged: crossed SYNs, a child between its making and its first segment, or
 *                a fast open (fastopen_rsk set; data may be read and written). Leaves: synrecv_established() -> ESTABLISHED,
 *                tcp_fin() -> CLOSE_WAIT, tcp_close_state() -> FIN_WAIT1.
 *   ESTABLISHED  Both directions open. Leaves: tcp_close_state() -> FIN_WAIT1, tcp_fin() -> CLOSE_WAIT, tcp_done() -> CLOSE.
 *   FIN_WAIT1    Our FIN is in a queue or sent, not acknowledged: snd_una < write_seq. Leaves: finwait1_acked() -> FIN_WAIT2,
 *                tcp_fin() -> CLOSING.
 *   FIN_WAIT2    Our FIN is acknowledged, the peer's did not come. An orphan waits tcp_fin_time() at most, mostly as time-wait sock.
 *                Leaves: tcp_fin() -> TIME_WAIT, the keepalive timer -> TIME_WAIT or CLOSE.
 *   CLOSE_WAIT   The peer's FIN came (RCV_SHUTDOWN, SOCK_DONE); we may send. Leaves: tcp_close_state() -> LAST_ACK.
 *   CLOSING      Both FINs came, ours is not acknowledged. Leaves: process_ack() -> TIME_WAIT.
 *   LAST_ACK     As CLOSING, but the peer was first, so nobody has to wait. Leaves: process_ack() -> CLOSE.
 *   TIME_WAIT    A time-wait sock; the full one is in CLOSE and gone. Leaves: its death row, tcp_timewait_state_process().
 */
#include "tcp_input.h"
#include "net/sock_mem.h"

/* ---- birth ---- */

int tcp_init_sock(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct net *net = sock_net(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	INIT_LIST_HEAD(&tp->tsorted_sent_queue);
	icsk->icsk_rto = TCP_TIMEOUT_INIT;
	icsk->icsk_rto_max = (u32)msecs_to_jiffies(net->ipv4.sysctl_tcp_rto_max_ms);
	icsk->icsk_rto_min = net->ipv4.sysctl_tcp_rto_min_us / (1000000 / HZ);
	icsk->icsk_delack_max = TCP_DELACK_MAX;
	tp->mdev_us = TCP_TIMEOUT_INIT * (1000000 / HZ);
	tp->rtt_min.s[0].t = tp->rtt_min.s[1].t = tp->rtt_min.s[2].t = tcp_jiffies32(sk);
	tp->rtt_min.s[0].v = tp->rtt_min.s[1].v = tp->rtt_min.s[2].v = ~0U;
	/* RFC 5681 3.1: until the handshake tells; the SYN counts as one. */
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->app_limited = ~0U;
	tp->rate_app_limited = 1;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->mss_cache = TCP_MSS_DEFAULT;
	tp->reordering = (u32)net->ipv4.sysctl_tcp_reordering;
	tcp_assign_congestion_control(sk);
	tp->scaling_ratio = 1 << (TCP_RMEM_TO_WIN_SCALE - 1);
	tp->rack.reo_wnd_steps = 1;
	sk->sk_state = TCP_CLOSE;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_sndbuf = (int)net->ipv4.sysctl_tcp_wmem[1];
	sk->sk_rcvbuf = (int)net->ipv4.sysctl_tcp_rmem[1];
	sk_proto_memory(sk)->sockets_allocated++;
	return 0;
}

int tcp_v4_init_sock(struct sock *sk)
{
	return tcp_init_sock(sk);
}

/* ---- states ---- */

void tcp_set_state(struct sock *sk, int state)
{
	struct net *net = sock_net(sk);
	int oldstate = sk->sk_state;

	switch (state) {
	case TCP_ESTABLISHED:
		if (oldstate != TCP_ESTABLISHED)
			TCP_INC_STATS(net, TCP_MIB_CURRESTAB);
		break;
	case TCP_CLOSE_WAIT:
		if (oldstate == TCP_SYN_RECV)
			TCP_INC_STATS(net, TCP_MIB_CURRESTAB);
		break;
	case TCP_CLOSE:
		if (oldstate == TCP_CLOSE_WAIT || oldstate == TCP_ESTABLISHED)
			TCP_INC_STATS(net, TCP_MIB_ESTABRESETS);
		sk->sk_prot->unhash(sk);
		if (sk->__sk_common.skc_tb && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			inet_put_port(sk);
		/* fallthrough */
	default:
		if (oldstate == TCP_ESTABLISHED || oldstate == TCP_CLOSE_WAIT)
			net->mib.tcp_statistics[TCP_MIB_CURRESTAB]--;
	}
	inet_sk_state_store(sk, state);
}

void tcp_done(struct sock *sk)
{
	struct request_sock *req = tcp_rare(tcp_sk(sk))->fastopen_rsk;

	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		TCP_INC_STATS(sock_net(sk), TCP_MIB_ATTEMPTFAILS);
	tcp_set_state(sk, TCP_CLOSE);
	inet_csk_clear_xmit_timers(sk);
	if (req)
		reqsk_fastopen_remove(sk, req, false);
	sk->sk_shutdown = SHUTDOWN_MASK;
	if (!sock_flag(sk, SOCK_DEAD))
		sk_state_change(sk);
	else
		inet_csk_destroy_sock(sk);
}

void tcp_done_with_error(struct sock *sk, int err)
{
	sock_hold(sk);
	sk->sk_err = (u16)err;
	tcp_zerocopy_complete(sk, true);
	tcp_write_queue_purge(sk);
	tcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
	sock_put(sk);
}

/* ---- poll ---- */

bool tcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 lowat = tcp_rare(tp)->notsent_lowat;

	if (!lowat)
		lowat = sock_net(sk)->ipv4.sysctl_tcp_notsent_lowat;
	return (u64)(tp->write_seq - tp->snd_nxt) << wake < lowat;
}

/* Connected, or a fast open that is not confirmed yet. */
static u32 poll_connected(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int target = sock_rcvlowat(sk, 0, INT32_MAX);
	u32 mask = 0;

	if (unlikely(tp->urg_data) && tp->urg_seq == tp->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE))
		target++;
	if (tcp_epollin_ready(sk, target))
		mask |= POLLIN | POLLRDNORM;
	if ((sk->sk_shutdown & SEND_SHUTDOWN) || sk_stream_is_writeable(sk))
		mask |= POLLOUT | POLLWRNORM;
	else
		sock_set_flag(sk, SOCK_NOSPACE_);
	if (tp->urg_data & TCP_URG_VALID)
		mask |= POLLPRI;
	return mask;
}

u32 tcp_poll(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int state = sk->sk_state;
	u32 mask = 0;

	if (state == TCP_LISTEN)
		return inet_csk_listen_poll(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= POLLHUP;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		mask |= POLLIN | POLLRDNORM | POLLRDHUP;
	if (state != TCP_SYN_SENT && (state != TCP_SYN_RECV || tcp_rare(tcp_sk(sk))->fastopen_rsk))
		mask |= poll_connected(sk);
	else if (state == TCP_SYN_SENT && inet_test_bit(DEFER_CONNECT, sk))
		/* The first write makes the SYN. */
		mask |= POLLOUT | POLLWRNORM;
	if (sk->sk_err || (sk->sk_side && !skb_queue_empty(&sk->sk_side->error_queue)))
		mask |= POLLERR;
	return mask;
}

/* ---- ioctl ---- */

/* Bytes that a read would get, up to the urgent one. */
static int tcp_inq(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int n;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	if (!sock_flag(sk, SOCK_URGINLINE) && tp->urg_data &&
	    !before(tp->urg_seq, tp->copied_seq) && before(tp->urg_seq, tp->rcv_nxt))
		return (int)(tp->urg_seq - tp->copied_seq);
	n = (int)(tp->rcv_nxt - tp->copied_seq);
	/* The FIN has a number, too. */
	return n && sock_flag(sk, SOCK_DONE) ? n - 1 : n;
}

int tcp_ioctl(struct sock *sk, int cmd, int *karg)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool handshake = (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);

	if (cmd == SIOCATMARK) {
		*karg = tp->urg_data && tp->urg_seq == tp->copied_seq;
		return 0;
	}
	if (cmd != SIOCINQ && cmd != SIOCOUTQ && cmd != SIOCOUTQNSD)
		return -ENOTTY;
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	if (cmd == SIOCINQ)
		*karg = tcp_inq(sk);
	else
		*karg = handshake ? 0 :
				    (int)(tp->write_seq -
					  (cmd == SIOCOUTQ ? tp->snd_una : tp->snd_nxt));
	return 0;
}

/* ---- memory of the transport ---- */

int tcp_orphan_count_sum(const struct net *net)
{
	return (int)net->sock->mem[PROTO_MEM_TCP].orphan_count;
}

bool tcp_out_of_memory(const struct sock *sk)
{
	const struct proto_memory *mem = sk_proto_memory(sk);

	return sk->sk_wmem_queued > SOCK_MIN_SNDBUF && mem->allocated > sk_prot_mem_limits(sk, 2);
}

bool tcp_check_oom(const struct sock *sk, int shift)
{
	const struct net *net = sock_net(sk);
	bool orphans = tcp_orphan_count_sum(net) << shift > net->ipv4.sysctl_tcp_max_orphans;
	bool memory = tcp_out_of_memory(sk);

	if (orphans)
		skiff_log(net->skiff, SKIFF_LOG_INFO, "TCP: too many orphaned sockets");
	if (memory)
		skiff_log(net->skiff, SKIFF_LOG_INFO,
			  "TCP: out of memory -- consider tuning tcp_mem");
	return orphans || memory;
}

static void tcp_enter_memory_pressure(struct sock *sk)
{
	struct proto_memory *mem = sk_proto_memory(sk);
	u32 now = tcp_jiffies32(sk);

	if (mem->pressure_since)
		return;
	mem->pressure_since = now ? now : 1;
	NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMEMORYPRESSURES);
}

static void tcp_leave_memory_pressure(struct sock *sk)
{
	struct proto_memory *mem = sk_proto_memory(sk);

	if (!mem->pressure_since)
		return;
	sock_net(sk)->mib.net_statistics[LINUX_MIB_TCPMEMORYPRESSURESCHRONO] +=
		tcp_jiffies32(sk) - mem->pressure_since;
	mem->pressure_since = 0;
}

/* Keys of time stamps count from here: what the user writes next (SOF_TIMESTAMPING_OPT_ID_TCP), or what is not acknowledged. */
static u32 tcp_tskey(const struct sock *sk, bool write)
{
	return write ? tcp_sk(sk)->write_seq : tcp_sk(sk)->snd_una;
}

const struct proto tcp_prot = {
	.name = "TCP",
	.obj_size = sizeof(struct tcp_sock),
	.no_autobind = 1,
	.has_memory_accounting = true,
	.stream = 1,
	.write_space = sk_stream_write_space,
	.close = tcp_close,
	.pre_connect = tcp_v4_pre_connect,
	.connect = tcp_v4_connect,
	.disconnect = tcp_disconnect,
	.accept = inet_csk_accept,
	.ioctl = tcp_ioctl,
	.listen = tcp_listen,
	.poll = tcp_poll,
	.set_rcvlowat = tcp_set_rcvlowat,
	.init = tcp_v4_init_sock,
	.destroy = tcp_v4_destroy_sock,
	.shutdown = tcp_shutdown,
	.setsockopt = tcp_setsockopt,
	.getsockopt = tcp_getsockopt,
	.keepalive = tcp_set_keepalive,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.send_buf = tcp_send_buf,
	.send_commit = tcp_send_commit,
	.recv_refs = tcp_recv_refs,
	.hash = inet_hash,
	.unhash = inet_unhash,
	.get_port = inet_csk_get_port,
	.put_port = inet_put_port,
	.stream_memory_free = tcp_stream_memory_free,
	.enter_memory_pressure = tcp_enter_memory_pressure,
	.leave_memory_pressure = tcp_leave_memory_pressure,
	.ext_hdr_changed = tcp_ext_hdr_changed,
	.tskey = tcp_tskey,
	.opt_stats = tcp_get_timestamping_opt_stats,
	.max_header = MAX_TCP_HEADER,
	.mem_index = PROTO_MEM_TCP,
	.slab_index = SLAB_TCP,
};
