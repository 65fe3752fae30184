// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_sockglue_get.c - options of SOL_IP that are read. */
#include "ip_sockglue_internal.h"
#include "net/sock_msg.h"

/* Who has no room for an int gets a byte, if the value is one. */
static int put_value(void *optval, u32 *optlen, int val)
{
	if (*optlen < sizeof(int) && *optlen > 0 && val >= 0 && val <= 255) {
		*(u8 *)optval = (u8)val;
		*optlen = 1;
		return 0;
	}
	*optlen = min_t(u32, *optlen, sizeof(int));
	memcpy(optval, &val, *optlen);
	return 0;
}

static int get_options(const struct sock *sk, void *optval, u32 *optlen)
{
	struct ip_options_data opt;

	if (!inet_sk(sk)->inet_opt || !inet_sk(sk)->inet_opt->opt.optlen) {
		*optlen = 0;
		return 0;
	}
	opt = *inet_sk(sk)->inet_opt;
	ip_options_undo(&opt);
	*optlen = min_t(u32, *optlen, opt.opt.optlen);
	memcpy(optval, opt.data, *optlen);
	return 0;
}

/* Of a stream socket: what its last segment would have told a datagram socket. */
static int get_pktoptions(const struct sock *sk, void *optval, u32 *optlen)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct msghdr msg = { .msg_control = optval, .msg_controllen = *optlen };

	if (sk->sk_type != SOCK_STREAM)
		return -ENOPROTOOPT;
	if (inet->cmsg_flags & IP_CMSG_PKTINFO) {
		struct in_pktinfo info = { .ipi_ifindex = inet->mc_index };

		info.ipi_addr.s_addr = info.ipi_spec_dst.s_addr = inet->inet_rcv_saddr;
		put_cmsg(&msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (inet->cmsg_flags & IP_CMSG_TTL) {
		int ttl = inet->mc_ttl;

		put_cmsg(&msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (inet->cmsg_flags & IP_CMSG_TOS) {
		int tos = inet->rcv_tos;

		put_cmsg(&msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	}
	*optlen -= (u32)msg.msg_controllen;
	return 0;
}

static int get_mtu(struct sock *sk, void *optval, u32 *optlen)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	return dst ? put_value(optval, optlen, (int)ipv4_mtu(dst)) : -ENOTCONN;
}

/* The numbers. false: not one of them */
static bool get_number(const struct sock *sk, int optname, int *val)
{
	const struct inet_sock *inet = inet_sk(sk);

	switch (optname) {
	case IP_TTL:
		*val = inet->uc_ttl < 0 ? sock_net(sk)->ipv4.sysctl_ip_default_ttl : inet->uc_ttl;
		return true;
	case IP_MINTTL:
		*val = inet->min_ttl;
		return true;
	case IP_MULTICAST_TTL:
		*val = inet->mc_ttl;
		return true;
	case IP_MTU_DISCOVER:
		*val = inet->pmtudisc;
		return true;
	case IP_TOS:
		*val = inet->tos;
		return true;
	case IP_ROUTER_ALERT:
		*val = inet_test_bit(RTALERT_CHAIN, sk);
		return true;
	case IP_UNICAST_IF:
		*val = (int)htonl((u32)inet->uc_index);
		return true;
	case IP_LOCAL_PORT_RANGE:
		*val = (int)inet->local_port_range;
		return true;
	case IP_PROTOCOL:
		*val = inet->inet_num;
		return true;
	default:
		return false;
	}
}

int ip_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	const struct ip_sock_flag *f = ip_sock_flag_find(optname);
	const struct inet_sock *inet = inet_sk(sk);
	__be32 mc_addr = 0;
	int val;

	if (level != SOL_IP)
		return -EOPNOTSUPP;
	if ((int)*optlen < 0)
		return -EINVAL;
	if (f)
		return put_value(optval, optlen,
				 ((f->word == CMSG_WORD ? inet->cmsg_flags : inet->inet_flags) &
				  f->bit) != 0);
	if (get_number(sk, optname, &val))
		return put_value(optval, optlen, val);
	switch (optname) {
	case IP_OPTIONS:
		return get_options(sk, optval, optlen);
	case IP_PKTOPTIONS:
		return get_pktoptions(sk, optval, optlen);
	case IP_MTU:
		return get_mtu(sk, optval, optlen);
	case IP_MULTICAST_IF:
		*optlen = min_t(u32, *optlen, sizeof(struct in_addr));
		if (!inet_is_icsk(sk))
			mc_addr = inet_dgram(sk)->mc_addr;
		memcpy(optval, &mc_addr, *optlen);
		return 0;
	default:
		return ip_mc_getsockopt(sk, optname, optval, optlen);
	}
}
