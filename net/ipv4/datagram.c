// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/datagram.c - connect() of datagram sockets: peer, source address and route are fixed until the next connect(). */
#include "net/inet_sock.h"
#include "net/sock_filter.h"

struct rtable *ip_route_connect(struct flowi4 *fl4, __be32 dst, __be32 src, u32 oif, u8 protocol,
				__be16 sport, __be16 dport, const struct sock *sk, int *err)
{
	struct net *net = sock_net(sk);
	struct rtable *rt;

	flowi4_init_output(fl4, oif, sk->sk_mark, ip_sock_rt_tos(sk), ip_sock_rt_scope(sk),
			   protocol, inet_test_bit(TRANSPARENT, sk) ? FLOWI_FLAG_ANYSRC : 0, dst,
			   src, dport, sport, sk->sk_uid);
	/* Who leaves an address open gets it from a first route; the second is for the addresses that came of it. */
	if (!dst || !src) {
		rt = ip_route_output_key_hash(net, fl4, NULL, err);
		if (!rt)
			return NULL;
		ip_rt_put(rt);
		fl4->flowi4_oif = oif;
	}
	return ip_route_output_flow(net, fl4, sk, err);
}

int __ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	const struct sockaddr_in *usin = (const struct sockaddr_in *)uaddr;
	u32 oif = (u32)sk->sk_bound_dev_if;
	struct inet_sock *inet = inet_sk(sk);
	__be32 saddr = inet->inet_saddr;
	struct rtable *rt;
	struct flowi4 fl4;
	int err = 0;

	if (addr_len < (int)sizeof(*usin))
		return -EINVAL;
	if (usin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	sk_dst_reset(sk);
	if (ipv4_is_multicast(usin->sin_addr.s_addr)) {
		if (!oif)
			oif = (u32)inet->mc_index;
		if (!saddr)
			saddr = inet_dgram(sk)->mc_addr;
	} else if (!oif) {
		oif = (u32)inet->uc_index;
	}
	rt = ip_route_connect(&fl4, usin->sin_addr.s_addr, saddr, oif, (u8)sk->sk_protocol,
			      inet->inet_sport, usin->sin_port, sk, &err);
	if (!rt) {
		if (err == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	if ((rt->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		return -EACCES;
	}
	inet->inet_daddr = fl4.daddr;
	inet->inet_dport = usin->sin_port;
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4.saddr;
	if (!inet->inet_rcv_saddr) {
		inet->inet_rcv_saddr = fl4.saddr;
		if (sk->sk_prot->rehash)
			sk->sk_prot->rehash(sk);
	}
	reuseport_has_conns_set(sk);
	sk->sk_state = TCP_ESTABLISHED;
	sk->sk_txhash = skiff_random32(sock_skiff(sk)) | 1;
	inet->inet_id = (u16)skiff_random32(sock_skiff(sk));
	sk_dst_set(sk, &rt->dst);
	return 0;
}

int ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	return __ip4_datagram_connect(sk, uaddr, addr_len);
}
