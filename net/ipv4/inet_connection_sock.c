// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_connection_sock.c - listening, accepting, children, routes and the end of a socket with connections.
 *
 * DOC: References of a connection's sock
 * One is the descriptor's (or, before accept(), the accept queue's); inet_csk_destroy_sock() gives it up when the protocol
 * is done with the sock. The tables of connections and ports hold none: who leaves CLOSE's opposite states leaves the tables first.
 * A child is made with two: the second is its maker's.
 */
#include "net/tcp.h"
#include "net/sock_mem.h"

struct request_sock_queue *inet_csk_queue(struct sock *sk)
{
	struct tcp_rare *rare = tcp_rare_make(sk);

	if (!rare)
		return NULL;
	if (!rare->icsk_accept_queue) {
		rare->icsk_accept_queue =
			skiff_zalloc(sock_skiff(sk), sizeof(*rare->icsk_accept_queue));
		if (rare->icsk_accept_queue)
			rare->icsk_accept_queue->listener = sk;
	}
	return rare->icsk_accept_queue;
}

int inet_csk_listen_start(struct sock *sk)
{
	struct request_sock_queue *q = inet_csk_queue(sk);
	int err = -EADDRINUSE;

	if (!q)
		return -ENOMEM;
	q->rskq_accept_head = q->rskq_accept_tail = NULL;
	q->fastopenq.rskq_rst_head = q->fastopenq.rskq_rst_tail = NULL;
	q->fastopenq.qlen = 0;
	q->ack_backlog = 0;
	inet_csk_delack_init(sk);
	/* Nobody finds it yet: get_port() may still refuse a port that was shared until now. */
	inet_sk_state_store(sk, TCP_LISTEN);
	if (!sk->sk_prot->get_port(sk, inet_sk(sk)->inet_num)) {
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
		sk_dst_reset(sk);
		err = sk->sk_prot->hash(sk);
		if (!err)
			return 0;
	}
	inet_sk_set_state(sk, TCP_CLOSE);
	return err;
}

void inet_csk_listen_stop(struct sock *sk)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);
	struct request_sock *req;

	while ((req = reqsk_queue_remove(q)) != NULL) {
		struct sock *child = req->sk;

		sock_hold(child);
		inet_child_forget(sk, req, child);
		sock_put(child);
		reqsk_put(req);
	}
	while ((req = q->fastopenq.rskq_rst_head) != NULL) {
		q->fastopenq.rskq_rst_head = req->dl_next;
		reqsk_put(req);
	}
	q->fastopenq.rskq_rst_tail = NULL;
	NET_ASSERT(!q->ack_backlog);
}

struct sock *inet_csk_accept(struct sock *sk, int flags, int *err)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);
	struct request_sock *req;
	struct sock *newsk;

	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		return NULL;
	*err = -EAGAIN;
	req = reqsk_queue_remove(q);
	if (!req)
		return NULL;
	newsk = req->sk;
	/* A fast open child is not confirmed yet: reqsk_fastopen_remove() frees the request when it is. */
	if (req->tfo_listener && tcp_rare(tcp_sk(newsk))->fastopen_rsk == req)
		req->sk = NULL;
	else
		reqsk_put(req);
	*err = 0;
	return newsk;
}

u32 inet_csk_listen_poll(const struct sock *sk)
{
	return reqsk_queue_empty(inet_csk_accept_queue(sk)) ? 0 : POLLIN | POLLRDNORM;
}

/* ---- children ---- */

struct sock *inet_csk_clone_lock(const struct sock *sk, const struct request_sock *req)
{
	struct inet_connection_sock *icsk;
	struct inet_sock *inet;
	struct tcp_rare *rare;
	struct sock *newsk;

	if (!tcp_rare_copy(sk, &rare))
		return NULL;
	newsk = sk_clone(sk);
	if (!newsk) {
		skiff_free(sock_skiff(sk), rare);
		return NULL;
	}
	icsk = inet_csk(newsk);
	icsk->icsk_rare = rare;
	inet = inet_sk(newsk);
	newsk->sk_refcnt = 2;
	newsk->sk_hashed_ = 0;
	newsk->__sk_common.skc_tb = NULL;
	memset(&icsk->icsk_bind_node, 0, sizeof(icsk->icsk_bind_node));
	inet_sk_state_store(newsk, TCP_SYN_RECV);
	inet->inet_dport = req->ir_rmt_port;
	inet->inet_num = req->ir_num;
	inet->inet_sport = htons(req->ir_num);
	inet->inet_daddr = req->ir_rmt_addr;
	inet->inet_rcv_saddr = inet->inet_saddr = req->ir_loc_addr;
	newsk->sk_bound_dev_if = req->ir_iif;
	newsk->sk_mark = req->ireq_mark;
	newsk->sk_rx_dst = NULL;
	icsk->icsk_retransmits = 0;
	icsk->icsk_backoff = 0;
	icsk->icsk_probes_out = 0;
	icsk->icsk_probes_tstamp = 0;
	if (icsk_rare(icsk)->icsk_ulp_ops && icsk_rare(icsk)->icsk_ulp_ops->clone)
		icsk_rare(icsk)->icsk_ulp_ops->clone(req, newsk);
	return newsk;
}

void inet_csk_destroy_sock(struct sock *sk)
{
	struct request_sock_queue *q = inet_csk_accept_queue(sk);

	NET_ASSERT(sk->sk_state == TCP_CLOSE && sock_flag(sk, SOCK_DEAD));
	NET_ASSERT(!sk->sk_hashed_);
	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	if (sk->sk_rx_dst) {
		dst_release(sk->sk_rx_dst);
		sk->sk_rx_dst = NULL;
	}
	skiff_free(sock_skiff(sk), q);
	sk_proto_memory(sk)->orphan_count--;
	sock_put(sk);
}

void inet_csk_prepare_for_destroy_sock(struct sock *sk)
{
	sock_set_flag(sk, SOCK_DEAD);
	sk_proto_memory(sk)->orphan_count++;
}

void inet_csk_prepare_forced_close(struct sock *sk)
{
	sock_put(sk);
	inet_csk_prepare_for_destroy_sock(sk);
	inet_sk(sk)->inet_num = 0;
}

/* ---- routes ---- */

static __be32 first_hop(const struct ip_options_data *opt, __be32 daddr)
{
	return opt && opt->opt.srr ? opt->opt.faddr : daddr;
}

static struct dst_entry *route_for(const struct sock *sk, struct flowi4 *fl4,
				   const struct request_sock *req,
				   const struct ip_options_data *opt)
{
	struct net *net = sock_net(sk);
	struct rtable *rt;
	int err;

	flowi4_init_output(fl4, (u32)req->ir_iif, req->ireq_mark, ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk), IPPROTO_TCP, inet_sk_flowi_flags(sk),
			   first_hop(opt, req->ir_rmt_addr), req->ir_loc_addr, req->ir_rmt_port,
			   htons(req->ir_num), sk->sk_uid);
	rt = ip_route_output_flow(net, fl4, sk, &err);
	/* A strict source route leads over neighbours only. */
	if (rt && opt && opt->opt.is_strictroute && rt->rt_uses_gateway) {
		ip_rt_put(rt);
		rt = NULL;
	}
	if (rt)
		return &rt->dst;
	IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
	return NULL;
}

struct dst_entry *inet_csk_route_req(const struct sock *sk, struct flowi4 *fl4,
				     const struct request_sock *req)
{
	return route_for(sk, fl4, req, req->ireq_opt);
}

struct dst_entry *inet_csk_route_child_sock(const struct sock *sk, struct sock *newsk,
					    const struct request_sock *req)
{
	struct flowi4 fl4;

	return route_for(sk, &fl4, req, req->ireq_opt);
}

/* The socket's own route, made anew. NULL and *@err: none */
static struct dst_entry *rebuild_route(struct sock *sk, struct flowi4 *fl4, int *err)
{
	struct rtable *rt;

	inet_sk_init_flowi4(sk, fl4);
	rt = ip_route_output_flow(sock_net(sk), fl4, sk, err);
	if (!rt)
		return NULL;
	sk_setup_caps(sk, &rt->dst);
	return &rt->dst;
}

/* net.ipv4.ip_dynaddr: the address went while connecting; begin again with the one that routes choose now. 0 or -errno */
static int reselect_saddr(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	__be32 old = inet->inet_saddr;
	struct flowi4 fl4;
	int err = 0;

	inet->inet_saddr = 0;
	if (!rebuild_route(sk, &fl4, &err)) {
		inet->inet_saddr = old;
		return err;
	}
	inet->inet_saddr = fl4.saddr;
	if (inet->inet_saddr == old)
		return 0;
	sk->sk_prot->unhash(sk);
	inet->inet_rcv_saddr = inet->inet_saddr;
	return sk->sk_prot->hash(sk);
}

/** inet_sk_rebuild_header() - have a valid route in sk_dst_cache. 0 or -errno, kept in sk_err_soft */
int inet_sk_rebuild_header(struct sock *sk)
{
	struct flowi4 fl4;
	int err = 0;

	if (__sk_dst_check(sk, 0) || rebuild_route(sk, &fl4, &err))
		return 0;
	if (sock_net(sk)->ipv4.sysctl_ip_dynaddr && sk->sk_state == TCP_SYN_SENT &&
	    !(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		err = reselect_saddr(sk);
	if (err)
		sk->sk_err_soft = (u16)-err;
	return err;
}

/** inet_csk_update_pmtu() - packets of this connection may have @mtu bytes. Return: its route from now on, NULL: none */
struct dst_entry *inet_csk_update_pmtu(struct sock *sk, u32 mtu)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);
	struct flowi4 fl4;
	int err;

	if (!dst)
		dst = rebuild_route(sk, &fl4, &err);
	if (!dst)
		return NULL;
	inet_sk_init_flowi4(sk, &fl4);
	ip_rt_update_pmtu((struct rtable *)dst, &fl4, mtu);
	dst = __sk_dst_check(sk, 0);
	return dst ? dst : rebuild_route(sk, &fl4, &err);
}
