// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_v4_connect.c - a connection begins from here: route, addresses, port, sequence number, SYN. And its end: tcp_v4_destroy_sock(). */
#include "net/ipv4/tcp_conn.h"
#include "net/sock_mem.h"

/* The destination, and through source routing the first hop, as @fl4 asks for them. NULL and *@err: no route */
static struct rtable *connect_route(struct sock *sk, const struct sockaddr_in *to,
				    struct flowi4 *fl4, int *err)
{
	const struct inet_sock *inet = inet_sk(sk);
	const struct ip_options_data *opt = inet->inet_opt;
	__be32 nexthop = to->sin_addr.s_addr;
	struct rtable *rt;

	if (opt && opt->opt.srr) {
		*err = -EINVAL;
		if (!nexthop)
			return NULL;
		nexthop = opt->opt.faddr;
	}
	flowi4_init_output(fl4, (u32)sk->sk_bound_dev_if, sk->sk_mark, ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk), IPPROTO_TCP, inet_sk_flowi_flags(sk), nexthop,
			   inet->inet_saddr, to->sin_port, inet->inet_sport, sk->sk_uid);
	rt = ip_route_output_flow(sock_net(sk), fl4, sk, err);
	if (!rt && *err == -ENETUNREACH)
		IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
	if (rt && rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		*err = -ENETUNREACH;
		rt = NULL;
	}
	return rt;
}

/* Who is on the other end, and what of an earlier connection does not hold for him. */
static void connect_addresses(struct sock *sk, const struct sockaddr_in *to,
			      const struct flowi4 *fl4)
{
	struct inet_sock *inet = inet_sk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool source_routed = inet->inet_opt && inet->inet_opt->opt.srr;
	__be32 daddr = source_routed ? to->sin_addr.s_addr : fl4->daddr;

	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	inet->inet_rcv_saddr = inet->inet_saddr;
	if (tp->rx_opt.ts_recent_stamp && inet->inet_daddr != daddr) {
		tp->rx_opt.ts_recent = 0;
		tp->rx_opt.ts_recent_stamp = 0;
		if (!tp->repair)
			tp->write_seq = 0;
	}
	inet->inet_dport = to->sin_port;
	inet->inet_daddr = daddr;
	inet_csk(sk)->icsk_ext_hdr_len = inet->inet_opt ? inet->inet_opt->opt.optlen : 0;
	tp->rx_opt.mss_clamp = TCP_MSS_DEFAULT;
}

/* The route again, now that the ports are known (rules and multipath may ask for them). Return: false: there is none */
static bool connect_newports(struct sock *sk, struct flowi4 *fl4, struct rtable **rt, int *err)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (fl4->fl4_sport == inet->inet_sport && fl4->fl4_dport == inet->inet_dport)
		return true;
	fl4->fl4_sport = inet->inet_sport;
	fl4->fl4_dport = inet->inet_dport;
	fl4->flowi4_oif = (u32)sk->sk_bound_dev_if;
	fl4->flowi4_multipath_hash = 0;
	ip_rt_put(*rt);
	*rt = ip_route_output_flow(sock_net(sk), fl4, sk, err);
	return *rt != NULL;
}

static void connect_numbers(struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->repair) {
		if (!tp->write_seq)
			tp->write_seq = secure_tcp_seq(net, inet->inet_saddr, inet->inet_daddr,
						       inet->inet_sport, inet->inet_dport);
		tp->tsoffset = secure_tcp_ts_off(net, inet->inet_saddr, inet->inet_daddr);
	}
	inet_sk(sk)->inet_id = (u16)skiff_random32(net->skiff);
}

/**
 * tcp_v4_connect() - CLOSE -> SYN_SENT
 * Return: 0: the SYN is on its way (or waits for data: TCP_FASTOPEN_CONNECT); -errno: in CLOSE as before
 */
int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	const struct sockaddr_in *to = (const struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;
	int err = 0;

	if (addr_len < (int)sizeof(*to))
		return -EINVAL;
	if (to->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	rt = connect_route(sk, to, &fl4, &err);
	if (!rt)
		return err;
	connect_addresses(sk, to, &fl4);
	/* In SYN_SENT before the port is known, so that the sock enters the table of connections with it. */
	tcp_set_state(sk, TCP_SYN_SENT);
	err = inet_hash_connect(sk);
	if (err)
		goto failure;
	sk->sk_txhash = skiff_random32(sock_skiff(sk)) | 1;
	if (!connect_newports(sk, &fl4, &rt, &err))
		goto failure;
	tcp_sk(sk)->tcp_usec_ts =
		(dst_metric_raw(&rt->dst, RTAX_FEATURES) & RTAX_FEATURE_TCP_USEC_TS) != 0;
	sk_setup_caps(sk, &rt->dst);
	rt = NULL;
	err = 0;
	connect_numbers(sk);
	tcp_ao_connect_init(sk);
	err = 0;
	if (tcp_fastopen_defer_connect(sk, &err))
		return err;
	if (!err)
		err = tcp_connect(sk);
	if (!err)
		return 0;
failure:
	/* Out of the tables, the port given back if connect() chose it. */
	tcp_set_state(sk, TCP_CLOSE);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet->inet_saddr = inet->inet_rcv_saddr = 0;
	ip_rt_put(rt);
	inet->inet_dport = 0;
	return err;
}

/** tcp_v4_destroy_sock() - proto.destroy: what TCP itself holds for the connection goes */
void tcp_v4_destroy_sock(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_clear_xmit_timers(sk);
	tcp_cleanup_congestion_control(sk);
	tcp_cleanup_ulp(sk);
	tcp_write_queue_purge(sk);
	tcp_fastopen_active_disable_ofo_check(sk);
	tcp_ooo_purge(sk);
	tcp_md5_free(sk);
	tcp_ao_destroy_sock(sk);
	if (sk->__sk_common.skc_tb)
		inet_put_port(sk);
	NET_ASSERT(!tcp_rare(tp)->fastopen_rsk);
	tcp_free_fastopen_req(tp);
	tcp_fastopen_destroy_cipher(sk);
	tcp_free_saved_syn(sk);
	tcp_ecn_release(sk);
	tcp_loss_free(tp);
	tcp_rare_free(sk);
	sk_proto_memory(sk)->sockets_allocated--;
}
