// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_sockglue_mc.c - options about multicast: which device, which groups, which sources. The work is done in igmp_sock.c. */
#include "ip_sockglue_internal.h"
#include "net/netdevice.h"

#define MSFILTER_HEAD	  ((u32)sizeof(struct ip_msfilter))
#define GROUP_FILTER_HEAD ((u32)sizeof(struct group_filter))

/* ip_mreqn, or the ip_mreq of old without a device. */
static struct ip_mreqn read_mreqn(const void *optval, u32 optlen)
{
	struct ip_mreqn m = { .imr_ifindex = 0 };

	memcpy(&m, optval,
	       optlen >= sizeof(struct ip_mreqn) ? sizeof(struct ip_mreqn) :
						   sizeof(struct ip_mreq));
	return m;
}

static int set_multicast_if(struct sock *sk, const void *optval, u32 optlen)
{
	struct inet_sock *inet = inet_sk(sk);
	struct ip_mreqn m = { .imr_ifindex = 0 };
	struct net_device *dev;

	if (sk->sk_type == SOCK_STREAM || optlen < sizeof(struct in_addr))
		return -EINVAL;
	if (optlen >= sizeof(struct ip_mreq))
		m = read_mreqn(optval, optlen);
	else
		memcpy(&m.imr_address, optval, sizeof(m.imr_address));
	if (m.imr_ifindex) {
		dev = dev_get_by_index(sock_net(sk), (u32)m.imr_ifindex);
	} else if (!m.imr_address.s_addr) {
		inet->mc_index = 0;
		inet_dgram(sk)->mc_addr = 0;
		return 0;
	} else {
		dev = ip_dev_find(sock_net(sk), m.imr_address.s_addr);
		if (dev)
			m.imr_ifindex = (int)dev->ifindex;
	}
	if (!dev)
		return -EADDRNOTAVAIL;
	if (sk->sk_bound_dev_if && m.imr_ifindex != sk->sk_bound_dev_if)
		return -EINVAL;
	inet->mc_index = m.imr_ifindex;
	inet_dgram(sk)->mc_addr = m.imr_address.s_addr;
	return 0;
}

static int set_membership(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct ip_mreqn m;

	if (inet_is_icsk(sk))
		return -EPROTO;
	if (optlen < sizeof(struct ip_mreq))
		return -EINVAL;
	m = read_mreqn(optval, optlen);
	return optname == IP_ADD_MEMBERSHIP ? ip_mc_join_group(sk, &m) : ip_mc_leave_group(sk, &m);
}

static int set_group(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	const struct sockaddr_in *sin;
	struct ip_mreqn m = { .imr_ifindex = 0 };
	struct group_req req;

	if (optlen < sizeof(req))
		return -EINVAL;
	memcpy(&req, optval, sizeof(req));
	sin = (const struct sockaddr_in *)&req.gr_group;
	if (sin->sin_family != AF_INET)
		return -EINVAL;
	m.imr_multiaddr = sin->sin_addr;
	m.imr_ifindex = (int)req.gr_interface;
	return optname == MCAST_JOIN_GROUP ? ip_mc_join_group(sk, &m) : ip_mc_leave_group(sk, &m);
}

/* @m.imr_ifindex: as given; one source of the group is added or taken away in @omode, joining first if @join */
static int change_source(struct sock *sk, struct ip_mreq_source *src, int ifindex, int add,
			 int omode, bool join)
{
	struct ip_mreqn m = { .imr_multiaddr.s_addr = src->imr_multiaddr,
			      .imr_address.s_addr = src->imr_interface,
			      .imr_ifindex = ifindex };
	int err;

	if (join) {
		err = ip_mc_join_group_ssm(sk, &m, MCAST_INCLUDE);
		if (err && err != -EADDRINUSE)
			return err;
		/* By index, if it was not asked for by an address. */
		if (!src->imr_interface)
			ifindex = m.imr_ifindex;
	}
	return ip_mc_source(add, omode, sk, src, ifindex);
}

static int set_source(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct ip_mreq_source src;

	if (optlen != sizeof(src))
		return -EINVAL;
	memcpy(&src, optval, sizeof(src));
	return change_source(sk, &src, 0,
			     optname == IP_BLOCK_SOURCE || optname == IP_ADD_SOURCE_MEMBERSHIP,
			     optname == IP_BLOCK_SOURCE || optname == IP_UNBLOCK_SOURCE ?
				     MCAST_EXCLUDE :
				     MCAST_INCLUDE,
			     optname == IP_ADD_SOURCE_MEMBERSHIP);
}

static int set_group_source(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	struct ip_mreq_source src = { 0 };
	struct group_source_req req;

	if (optlen < sizeof(req))
		return -EINVAL;
	memcpy(&req, optval, sizeof(req));
	if (req.gsr_group.ss_family != AF_INET || req.gsr_source.ss_family != AF_INET)
		return -EADDRNOTAVAIL;
	src.imr_multiaddr = ((const struct sockaddr_in *)&req.gsr_group)->sin_addr.s_addr;
	src.imr_sourceaddr = ((const struct sockaddr_in *)&req.gsr_source)->sin_addr.s_addr;
	return change_source(sk, &src, (int)req.gsr_interface,
			     optname == MCAST_BLOCK_SOURCE || optname == MCAST_JOIN_SOURCE_GROUP,
			     optname == MCAST_BLOCK_SOURCE || optname == MCAST_UNBLOCK_SOURCE ?
				     MCAST_EXCLUDE :
				     MCAST_INCLUDE,
			     optname == MCAST_JOIN_SOURCE_GROUP);
}

static int set_msfilter(struct sock *sk, const void *optval, u32 optlen)
{
	struct net *net = sock_net(sk);
	struct ip_msfilter *msf;
	int err;

	if (optlen < MSFILTER_HEAD)
		return -EINVAL;
	if (optlen > (u32)net->sock->sysctl_optmem_max)
		return -ENOBUFS;
	msf = skiff_alloc(net->skiff, optlen);
	if (!msf)
		return -ENOMEM;
	memcpy(msf, optval, optlen);
	if (msf->imsf_numsrc > (u32)net->ipv4.sysctl_igmp_max_msf)
		err = -ENOBUFS;
	else if (MSFILTER_HEAD + msf->imsf_numsrc * sizeof(__be32) > optlen)
		err = -EINVAL;
	else
		err = ip_mc_msfilter(sk, msf, 0);
	skiff_free(net->skiff, msf);
	return err;
}

/* @gsf: checked, its sources follow at @list (in the caller's buffer, unaligned) */
static int set_group_filter(struct sock *sk, const struct group_filter *gsf, const u8 *list)
{
	const struct sockaddr_in *group = (const struct sockaddr_in *)&gsf->gf_group;
	struct ip_msfilter *msf;
	int err = 0;

	if (group->sin_family != AF_INET)
		return -EADDRNOTAVAIL;
	msf = skiff_zalloc(sock_skiff(sk), MSFILTER_HEAD + gsf->gf_numsrc * sizeof(__be32));
	if (!msf)
		return -ENOBUFS;
	msf->imsf_multiaddr = group->sin_addr.s_addr;
	msf->imsf_fmode = gsf->gf_fmode;
	msf->imsf_numsrc = gsf->gf_numsrc;
	for (u32 i = 0; i < gsf->gf_numsrc; i++) {
		struct sockaddr_in sin;

		memcpy(&sin, list + i * sizeof(struct sockaddr_storage_abi), sizeof(sin));
		if (sin.sin_family != AF_INET)
			err = -EADDRNOTAVAIL;
		msf->imsf_slist_flex[i] = sin.sin_addr.s_addr;
	}
	if (!err)
		err = ip_mc_msfilter(sk, msf, (int)gsf->gf_interface);
	skiff_free(sock_skiff(sk), msf);
	return err;
}

static int set_mcast_msfilter(struct sock *sk, const void *optval, u32 optlen)
{
	struct net *net = sock_net(sk);
	struct group_filter gsf;

	if (optlen < GROUP_FILTER_HEAD)
		return -EINVAL;
	if (optlen > (u32)net->sock->sysctl_optmem_max)
		return -ENOBUFS;
	memcpy(&gsf, optval, GROUP_FILTER_HEAD);
	if (gsf.gf_numsrc > (u32)net->ipv4.sysctl_igmp_max_msf)
		return -ENOBUFS;
	if (GROUP_FILTER_HEAD + gsf.gf_numsrc * sizeof(struct sockaddr_storage_abi) > optlen)
		return -EINVAL;
	return set_group_filter(sk, &gsf, (const u8 *)optval + GROUP_FILTER_HEAD);
}

int ip_mc_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	switch (optname) {
	case IP_MULTICAST_IF:
		return set_multicast_if(sk, optval, optlen);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return set_membership(sk, optname, optval, optlen);
	case IP_MSFILTER:
		return set_msfilter(sk, optval, optlen);
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
		return set_source(sk, optname, optval, optlen);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return set_group(sk, optname, optval, optlen);
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		return set_group_source(sk, optname, optval, optlen);
	case MCAST_MSFILTER:
		return set_mcast_msfilter(sk, optval, optlen);
	default:
		return -ENOPROTOOPT;
	}
}

int ip_mc_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	struct group_filter gsf;
	struct ip_msfilter msf;

	switch (optname) {
	case IP_MSFILTER:
		if (*optlen < MSFILTER_HEAD)
			return -EINVAL;
		memcpy(&msf, optval, MSFILTER_HEAD);
		return ip_mc_msfget(sk, &msf, optval, optlen);
	case MCAST_MSFILTER:
		if (*optlen < GROUP_FILTER_HEAD)
			return -EINVAL;
		memcpy(&gsf, optval, GROUP_FILTER_HEAD);
		return ip_mc_gsfget(sk, &gsf, optval, optlen);
	default:
		return -ENOPROTOOPT;
	}
}
