// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_sockglue.c - options of SOL_IP that are set (reading them: ip_sockglue_get.c; multicast: ip_sockglue_mc.c).
 *
 * DOC: Options of IP
 * Most options take an int or a single byte; nothing at all counts as 0 unless a row says else. The order of checks, and
 * which error comes first, is Linux's. What is not supported - policies of IPsec, multicast routing, options of
 * netfilter's own - is refused as by a Linux that was built without it.
 */
#include "ip_sockglue_internal.h"

#include "net/netdevice.h"

/* Options that are one bit. */
const struct ip_sock_flag ip_sock_flags[] = {
	{ IP_PKTINFO, CMSG_WORD, IP_CMSG_PKTINFO, 0 },
	{ IP_RECVTTL, CMSG_WORD, IP_CMSG_TTL, 0 },
	{ IP_RECVOPTS, CMSG_WORD, IP_CMSG_RECVOPTS, 0 },
	{ IP_RETOPTS, CMSG_WORD, IP_CMSG_RETOPTS, 0 },
	{ IP_RECVTOS, CMSG_WORD, IP_CMSG_TOS, 0 },
	{ IP_PASSSEC, CMSG_WORD, IP_CMSG_PASSSEC, 0 },
	{ IP_RECVORIGDSTADDR, CMSG_WORD, IP_CMSG_ORIGDSTADDR, 0 },
	{ IP_RECVFRAGSIZE, CMSG_WORD, IP_CMSG_RECVFRAGSIZE, NOT_STREAM },
	{ IP_CHECKSUM, CMSG_WORD, IP_CMSG_CHECKSUM, 0 },
	{ IP_RECVERR, FLAG_WORD, BIT(INET_FLAGS_RECVERR), 0 },
	{ IP_RECVERR_RFC4884, FLAG_WORD, BIT(INET_FLAGS_RECVERR_RFC4884), ZERO_OR_ONE },
	{ IP_FREEBIND, FLAG_WORD, BIT(INET_FLAGS_FREEBIND), NOT_EMPTY },
	{ IP_HDRINCL, FLAG_WORD, BIT(INET_FLAGS_HDRINCL), RAW_ONLY },
	{ IP_MULTICAST_LOOP, FLAG_WORD, BIT(INET_FLAGS_MC_LOOP), NOT_EMPTY },
	{ IP_MULTICAST_ALL, FLAG_WORD, BIT(INET_FLAGS_MC_ALL), NOT_EMPTY | ZERO_OR_ONE },
	{ IP_TRANSPARENT, FLAG_WORD, BIT(INET_FLAGS_TRANSPARENT), PRIVILEGED | NOT_EMPTY },
	{ IP_NODEFRAG, FLAG_WORD, BIT(INET_FLAGS_NODEFRAG), RAW_ONLY },
	{ IP_BIND_ADDRESS_NO_PORT, FLAG_WORD, BIT(INET_FLAGS_BIND_ADDRESS_NO_PORT), 0 },
	{ 0, 0, 0, 0 },
};

const struct ip_sock_flag *ip_sock_flag_find(int optname)
{
	for (const struct ip_sock_flag *f = ip_sock_flags; f->optname; f++)
		if (f->optname == optname)
			return f;
	return NULL;
}

static int flag_allowed(const struct sock *sk, u8 rules, int val, u32 optlen)
{
	if ((rules & RAW_ONLY) && sk->sk_type != SOCK_RAW)
		return -ENOPROTOOPT;
	if ((rules & NOT_STREAM) && sk->sk_type != SOCK_RAW && sk->sk_type != SOCK_DGRAM)
		return -EINVAL;
	if ((rules & PRIVILEGED) && val && !sock_capable(sock_net(sk), CAP_NET_RAW) &&
	    !sock_capable(sock_net(sk), CAP_NET_ADMIN))
		return -EPERM;
	if ((rules & NOT_EMPTY) && optlen < 1)
		return -EINVAL;
	if ((rules & ZERO_OR_ONE) && val != 0 && val != 1)
		return -EINVAL;
	return 0;
}

static void errqueue_purge(struct sock *sk)
{
	struct sk_buff *skb;

	if (!sk->sk_side)
		return;
	while ((skb = skb_dequeue(&sk->sk_side->error_queue)) != NULL)
		consume_skb(sock_skiff(sk), skb);
}

static int set_flag(struct sock *sk, const struct ip_sock_flag *f, int val, u32 optlen)
{
	struct inet_sock *inet = inet_sk(sk);
	int err = flag_allowed(sk, f->rules, val, optlen);

	if (err)
		return err;
	if (f->word == CMSG_WORD)
		inet->cmsg_flags =
			(u16)(val ? inet->cmsg_flags | f->bit : inet->cmsg_flags & ~f->bit);
	else
		inet->inet_flags =
			(u16)(val ? inet->inet_flags | f->bit : inet->inet_flags & ~f->bit);
	if (f->optname == IP_CHECKSUM)
		inet->convert_csum = val != 0;
	if (f->optname == IP_RECVERR && !val)
		errqueue_purge(sk);
	return 0;
}

static void set_tos(struct sock *sk, int val)
{
	struct inet_sock *inet = inet_sk(sk);

	/* The ECN bits of a stream are TCP's. */
	if (sk->sk_type == SOCK_STREAM)
		val = (val & ~INET_ECN_MASK) | (inet->tos & INET_ECN_MASK);
	if (inet->tos == (u8)val)
		return;
	inet->tos = (u8)val;
	sk->sk_priority = rt_tos2priority((u8)val);
	sk_dst_reset(sk);
}

static int set_unicast_if(struct sock *sk, int val, u32 optlen)
{
	u32 ifindex = ntohl((u32)val);

	if (optlen != sizeof(int))
		return -EINVAL;
	if (ifindex && !dev_get_by_index(sock_net(sk), ifindex))
		return -EADDRNOTAVAIL;
	/* Only devices below the bound one could be meant then, and there are none. */
	if (ifindex && sk->sk_bound_dev_if)
		return -EINVAL;
	inet_sk(sk)->uc_index = (int)ifindex;
	return 0;
}

static int set_options(struct sock *sk, const void *optval, u32 optlen)
{
	struct inet_sock *inet = inet_sk(sk);
	struct ip_options_data *opt = NULL, *old = inet->inet_opt;
	int err;

	if (optlen > MAX_IPOPTLEN)
		return -EINVAL;
	err = ip_options_get(sock_net(sk), &opt, optval, optlen);
	if (err)
		return err;
	inet->inet_opt = opt;
	if (sk->sk_prot->ext_hdr_changed)
		sk->sk_prot->ext_hdr_changed(sk, opt->opt.optlen - (old ? old->opt.optlen : 0));
	skiff_free(sock_skiff(sk), old);
	return 0;
}

static int set_port_range(struct sock *sk, u32 val, u32 optlen)
{
	u16 low = (u16)val, high = (u16)(val >> 16);

	if (optlen != sizeof(u32) || (low && high && low > high))
		return -EINVAL;
	inet_sk(sk)->local_port_range = val;
	return 0;
}

/* A number within bounds; *@field is not touched otherwise. */
static int in_range(int val, int low, int high, u32 optlen)
{
	return optlen >= 1 && val >= low && val <= high ? 0 : -EINVAL;
}

/* Options of an int or a byte that are no mere bit. -ENOPROTOOPT: not one of them */
static int set_number(struct sock *sk, int optname, int val, u32 optlen)
{
	struct inet_sock *inet = inet_sk(sk);
	int err;

	switch (optname) {
	case IP_TTL:
		err = val == -1 ? in_range(1, 1, 1, optlen) : in_range(val, 1, 255, optlen);
		if (!err)
			inet->uc_ttl = (s16)val;
		return err;
	case IP_MINTTL:
		err = in_range(val, 0, 255, optlen);
		if (!err)
			inet->min_ttl = (u8)val;
		return err;
	case IP_MULTICAST_TTL:
		if (sk->sk_type == SOCK_STREAM)
			return -EINVAL;
		val = val == -1 ? 1 : val;
		err = in_range(val, 0, 255, optlen);
		if (!err)
			inet->mc_ttl = (u8)val;
		return err;
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT)
			return -EINVAL;
		inet->pmtudisc = (u8)val;
		return 0;
	case IP_TOS:
		set_tos(sk, val);
		return 0;
	case IP_ROUTER_ALERT:
		err = ip_ra_control(sk, val != 0);
		if (!err)
			inet_assign_bit(RTALERT_CHAIN, sk, val);
		return err;
	case IP_UNICAST_IF:
		return set_unicast_if(sk, val, optlen);
	case IP_LOCAL_PORT_RANGE:
		return set_port_range(sk, (u32)val, optlen);
	default:
		return -ENOPROTOOPT;
	}
}

#define XFRM_USERPOLICY_SIZE 168 /* struct xfrm_userpolicy_info */

/* IPsec: a policy that no key manager understands, as Linux says then. */
static int set_policy(const struct sock *sk, int optname, u32 optlen)
{
	if (!sock_capable(sock_net(sk), CAP_NET_ADMIN))
		return -EPERM;
	if (!optlen || optlen > 4096)
		return -EMSGSIZE;
	return optname == IP_XFRM_POLICY && optlen < XFRM_USERPOLICY_SIZE ? -EINVAL : -EOPNOTSUPP;
}

int do_ip_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	const struct ip_sock_flag *f = ip_sock_flag_find(optname);
	int val = 0, err;

	if (optlen >= sizeof(int))
		memcpy(&val, optval, sizeof(val));
	else if (optlen)
		val = *(const u8 *)optval;
	if (f)
		return set_flag(sk, f, val, optlen);
	err = set_number(sk, optname, val, optlen);
	if (err != -ENOPROTOOPT)
		return err;
	switch (optname) {
	case IP_OPTIONS:
		return set_options(sk, optval, optlen);
	case IP_IPSEC_POLICY:
	case IP_XFRM_POLICY:
		return set_policy(sk, optname, optlen);
	default:
		return ip_mc_setsockopt(sk, optname, optval, optlen);
	}
}

int ip_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	if (level != SOL_IP)
		return -ENOPROTOOPT;
	return do_ip_setsockopt(sk, level, optname, optval, optlen);
}
