// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_sock.c - multicast groups of sockets: joining, leaving, and which sources a socket wants.
 *
 * DOC: Memberships of sockets
 * A socket's membership is a group on one device with a filter: sources wanted (MCAST_INCLUDE) or not (MCAST_EXCLUDE).
 * All memberships of all sockets together make the filter of the device (igmp_source.c), which is what routers are told;
 * the socket's own is applied when a datagram is handed out (ip_mc_sf_allow). INCLUDE of nothing is no membership.
 * Specs: RFC 3376 3; RFC 3678.
 */
#include "igmp_internal.h"
#include "net/inet_sock.h"

/* The device that a request names: by index, by an address of it, or as the route to the group has it. */
static struct in_device *ip_mc_find_dev(struct net *net, struct ip_mreqn *imr)
{
	struct net_device *dev = NULL;
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	if (imr->imr_ifindex)
		return inetdev_by_index(net, (u32)imr->imr_ifindex);
	if (imr->imr_address.s_addr) {
		dev = ip_dev_find(net, imr->imr_address.s_addr);
		if (!dev)
			return NULL;
	} else {
		memset(&fl4, 0, sizeof(fl4));
		fl4.daddr = imr->imr_multiaddr.s_addr;
		rt = ip_route_output_key(net, &fl4, &err);
		if (rt)
			dev = rt->dst.dev;
		ip_rt_put(rt);
	}
	if (!dev)
		return NULL;
	imr->imr_ifindex = (int)dev->ifindex;
	return in_dev_get(dev);
}

static struct ip_mc_socklist *ip_mc_sk_list(const struct sock *sk)
{
	if (!inet_is_icsk(sk))
		return inet_dgram(sk)->mc_list;
	return sk->sk_side ? sk->sk_side->mc_list : NULL;
}

/* Where the list begins. NULL: no memory; never if there is one already */
static struct ip_mc_socklist **ip_mc_sk_head(struct sock *sk)
{
	struct sock_side *side;

	if (!inet_is_icsk(sk))
		return &inet_dgram(sk)->mc_list;
	side = sk_side(sk);
	return side ? &side->mc_list : NULL;
}

static struct ip_mc_socklist *ip_mc_sk_find(const struct sock *sk, __be32 group, int ifindex)
{
	struct ip_mc_socklist *iml;

	for (iml = ip_mc_sk_list(sk); iml; iml = iml->next)
		if (iml->multi.imr_multiaddr.s_addr == group && iml->multi.imr_ifindex == ifindex)
			return iml;
	return NULL;
}

static int __ip_mc_join_group(struct sock *sk, struct ip_mreqn *imr, u32 mode)
{
	struct net *net = sock_net(sk);
	__be32 addr = imr->imr_multiaddr.s_addr;
	struct ip_mc_socklist *iml, **head;
	struct in_device *in_dev;
	int count = 0;

	if (!ipv4_is_multicast(addr))
		return -EINVAL;
	in_dev = ip_mc_find_dev(net, imr);
	if (!in_dev)
		return -ENODEV;
	if (ip_mc_sk_find(sk, addr, imr->imr_ifindex))
		return -EADDRINUSE;
	for (iml = ip_mc_sk_list(sk); iml; iml = iml->next)
		count++;
	if (count >= net->ipv4.sysctl_igmp_max_memberships)
		return -ENOBUFS;
	head = ip_mc_sk_head(sk);
	if (!head)
		return -ENOBUFS;
	iml = skiff_zalloc(net->skiff, sizeof(*iml));
	if (!iml)
		return -ENOBUFS;
	iml->multi = *imr;
	iml->sfmode = mode;
	iml->next = *head;
	*head = iml;
	__ip_mc_inc_group(in_dev, addr, mode);
	return 0;
}

int ip_mc_join_group(struct sock *sk, struct ip_mreqn *imr)
{
	return __ip_mc_join_group(sk, imr, MCAST_EXCLUDE);
}

int ip_mc_join_group_ssm(struct sock *sk, struct ip_mreqn *imr, u32 mode)
{
	return __ip_mc_join_group(sk, imr, mode);
}

/* The membership's sources go out of the device's filter. @in_dev may be NULL: gone */
static void ip_mc_leave_src(struct sock *sk, struct ip_mc_socklist *iml, struct in_device *in_dev)
{
	struct ip_sf_socklist *psf = iml->sflist;

	if (in_dev)
		ip_mc_del_src(in_dev, iml->multi.imr_multiaddr.s_addr, iml->sfmode,
			      psf ? psf->sl_addr : NULL, psf ? psf->sl_count : 0, false);
	skiff_free(sock_skiff(sk), psf);
	iml->sflist = NULL;
}

static void ip_mc_unlink(struct sock *sk, struct ip_mc_socklist **p, struct in_device *in_dev)
{
	struct ip_mc_socklist *iml = *p;

	ip_mc_leave_src(sk, iml, in_dev);
	*p = iml->next;
	if (in_dev)
		ip_mc_dec_group(in_dev, iml->multi.imr_multiaddr.s_addr);
	skiff_free(sock_skiff(sk), iml);
}

int ip_mc_leave_group(struct sock *sk, struct ip_mreqn *imr)
{
	struct in_device *in_dev = ip_mc_find_dev(sock_net(sk), imr);
	struct ip_mc_socklist *none = NULL, **p;

	if (!imr->imr_ifindex && !imr->imr_address.s_addr && !in_dev)
		return -ENODEV;
	for (p = ip_mc_sk_list(sk) ? ip_mc_sk_head(sk) : &none; *p; p = &(*p)->next) {
		const struct ip_mreqn *m = &(*p)->multi;

		if (m->imr_multiaddr.s_addr != imr->imr_multiaddr.s_addr)
			continue;
		if (imr->imr_ifindex ? m->imr_ifindex != imr->imr_ifindex :
				       imr->imr_address.s_addr &&
					       imr->imr_address.s_addr != m->imr_address.s_addr)
			continue;
		ip_mc_unlink(sk, p, in_dev);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

void ip_mc_drop_socket(struct sock *sk)
{
	const struct ip_mc_socklist *iml;

	while ((iml = ip_mc_sk_list(sk)))
		ip_mc_unlink(sk, ip_mc_sk_head(sk),
			     inetdev_by_index(sock_net(sk), (u32)iml->multi.imr_ifindex));
}

/* ---- sources ---- */

static u32 sf_index(const struct ip_sf_socklist *psl, __be32 addr)
{
	u32 i = 0;

	while (psl && i < psl->sl_count && psl->sl_addr[i] != addr)
		i++;
	return i;
}

/* One source more. 0, -ENOBUFS, -EADDRNOTAVAIL: it is there already */
static int sf_add(struct sock *sk, struct ip_mc_socklist *pmc, __be32 addr)
{
	struct ip_sf_socklist *psl = pmc->sflist, *n;
	u32 max = psl ? psl->sl_max : 0;

	if (psl && psl->sl_count >= (u32)sock_net(sk)->ipv4.sysctl_igmp_max_msf)
		return -ENOBUFS;
	if (!psl || psl->sl_count == max) {
		n = skiff_zalloc(sock_skiff(sk), sizeof(*n) + (max + IP_SFBLOCK) * sizeof(__be32));
		if (!n)
			return -ENOBUFS;
		n->sl_max = max + IP_SFBLOCK;
		if (psl) {
			n->sl_count = psl->sl_count;
			memcpy(n->sl_addr, psl->sl_addr, psl->sl_count * sizeof(__be32));
		}
		skiff_free(sock_skiff(sk), psl);
		pmc->sflist = psl = n;
	}
	if (sf_index(psl, addr) < psl->sl_count)
		return -EADDRNOTAVAIL;
	/* The newest stands last, as a dump of the filter shows. */
	psl->sl_addr[psl->sl_count++] = addr;
	return 0;
}

int ip_mc_source(int add, int omode, struct sock *sk, struct ip_mreq_source *mreqs, int ifindex)
{
	struct ip_mreqn imr = { .imr_multiaddr.s_addr = mreqs->imr_multiaddr,
				.imr_address.s_addr = mreqs->imr_interface,
				.imr_ifindex = ifindex };
	__be32 group = mreqs->imr_multiaddr, src = mreqs->imr_sourceaddr;
	struct ip_mc_socklist *pmc;
	struct in_device *in_dev;
	u32 i;
	int err;

	if (!ipv4_is_multicast(group))
		return -EINVAL;
	in_dev = ip_mc_find_dev(sock_net(sk), &imr);
	if (!in_dev)
		return -ENODEV;
	pmc = ip_mc_sk_find(sk, group, imr.imr_ifindex);
	if (!pmc || (pmc->sflist && pmc->sfmode != (u32)omode))
		return -EINVAL;
	/* The mode may change while nothing is in the filter. */
	if (pmc->sfmode != (u32)omode) {
		ip_mc_add_src(in_dev, group, (u32)omode, NULL, 0, false);
		ip_mc_del_src(in_dev, group, pmc->sfmode, NULL, 0, false);
		pmc->sfmode = (u32)omode;
	}
	if (add) {
		err = sf_add(sk, pmc, src);
		if (!err)
			ip_mc_add_src(in_dev, group, (u32)omode, &src, 1, true);
		return err;
	}
	i = sf_index(pmc->sflist, src);
	if (!pmc->sflist || i == pmc->sflist->sl_count)
		return -EADDRNOTAVAIL;
	if (pmc->sflist->sl_count == 1 && omode == MCAST_INCLUDE)
		return ip_mc_leave_group(sk, &imr);
	ip_mc_del_src(in_dev, group, (u32)omode, &src, 1, true);
	pmc->sflist->sl_count--;
	memmove(&pmc->sflist->sl_addr[i], &pmc->sflist->sl_addr[i + 1],
		(pmc->sflist->sl_count - i) * sizeof(__be32));
	return 0;
}

int ip_mc_msfilter(struct sock *sk, struct ip_msfilter *msf, int ifindex)
{
	struct ip_mreqn imr = { .imr_multiaddr.s_addr = msf->imsf_multiaddr,
				.imr_address.s_addr = msf->imsf_interface,
				.imr_ifindex = ifindex };
	struct ip_sf_socklist *psl = NULL;
	struct ip_mc_socklist *pmc;
	struct in_device *in_dev;
	u32 n = msf->imsf_numsrc;
	int err;

	if (!ipv4_is_multicast(msf->imsf_multiaddr) || msf->imsf_fmode > MCAST_INCLUDE)
		return -EINVAL;
	in_dev = ip_mc_find_dev(sock_net(sk), &imr);
	if (!in_dev)
		return -ENODEV;
	if (msf->imsf_fmode == MCAST_INCLUDE && !n)
		return ip_mc_leave_group(sk, &imr);
	pmc = ip_mc_sk_find(sk, msf->imsf_multiaddr, imr.imr_ifindex);
	if (!pmc)
		return -EINVAL;
	if (n) {
		psl = skiff_zalloc(sock_skiff(sk), sizeof(*psl) + n * sizeof(__be32));
		if (!psl)
			return -ENOBUFS;
		psl->sl_max = psl->sl_count = n;
		memcpy(psl->sl_addr, msf->imsf_slist_flex, n * sizeof(__be32));
	}
	err = ip_mc_add_src(in_dev, msf->imsf_multiaddr, msf->imsf_fmode, psl ? psl->sl_addr : NULL,
			    n, false);
	if (err && n) {
		skiff_free(sock_skiff(sk), psl);
		return err;
	}
	ip_mc_leave_src(sk, pmc, in_dev);
	pmc->sflist = psl;
	pmc->sfmode = msf->imsf_fmode;
	return 0;
}

int ip_mc_msfget(struct sock *sk, const struct ip_msfilter *msf, void *optval, u32 *optlen)
{
	struct ip_mreqn imr = { .imr_multiaddr.s_addr = msf->imsf_multiaddr,
				.imr_address.s_addr = msf->imsf_interface };
	struct ip_msfilter out = *msf;
	const struct ip_mc_socklist *pmc;
	u32 count, copy;

	if (!ipv4_is_multicast(msf->imsf_multiaddr))
		return -EINVAL;
	if (!ip_mc_find_dev(sock_net(sk), &imr))
		return -ENODEV;
	pmc = ip_mc_sk_find(sk, msf->imsf_multiaddr, imr.imr_ifindex);
	if (!pmc)
		return -EADDRNOTAVAIL;
	count = pmc->sflist ? pmc->sflist->sl_count : 0;
	copy = min_t(u32, count, msf->imsf_numsrc);
	/* The caller's number of sources is believed only as far as there is room for them. */
	copy = min_t(u32, copy, (*optlen - (u32)sizeof(out)) / (u32)sizeof(__be32));
	out.imsf_fmode = pmc->sfmode;
	out.imsf_numsrc = count;
	memcpy(optval, &out, sizeof(out));
	if (copy)
		memcpy((u8 *)optval + sizeof(out), pmc->sflist->sl_addr, copy * sizeof(__be32));
	*optlen = (u32)sizeof(out) + copy * (u32)sizeof(__be32);
	return 0;
}

int ip_mc_gsfget(struct sock *sk, const struct group_filter *gsf, void *optval, u32 *optlen)
{
	const struct sockaddr_in *group = (const struct sockaddr_in *)&gsf->gf_group;
	const struct ip_mc_socklist *pmc;
	struct group_filter out = *gsf;
	u32 count, copy;

	if (group->sin_family != AF_INET || !ipv4_is_multicast(group->sin_addr.s_addr))
		return -EINVAL;
	pmc = ip_mc_sk_find(sk, group->sin_addr.s_addr, (int)gsf->gf_interface);
	if (!pmc)
		return -EADDRNOTAVAIL;
	count = pmc->sflist ? pmc->sflist->sl_count : 0;
	copy = min_t(u32, count, gsf->gf_numsrc);
	copy = min_t(u32, copy,
		     (*optlen - (u32)sizeof(out)) / (u32)sizeof(struct sockaddr_storage_abi));
	out.gf_fmode = pmc->sfmode;
	out.gf_numsrc = count;
	memcpy(optval, &out, sizeof(out));
	*optlen = (u32)sizeof(out);
	for (u32 i = 0; i < copy; i++) {
		struct sockaddr_storage_abi ss = { .ss_family = AF_INET };

		((struct sockaddr_in *)&ss)->sin_addr.s_addr = pmc->sflist->sl_addr[i];
		memcpy((u8 *)optval + *optlen, &ss, sizeof(ss));
		*optlen += (u32)sizeof(ss);
	}
	return 0;
}

bool ip_mc_sf_allow(const struct sock *sk, __be32 local, __be32 rmt, int dif, int sdif)
{
	const struct ip_mc_socklist *pmc;
	const struct ip_sf_socklist *psl;
	bool named;

	if (!ipv4_is_multicast(local))
		return true;
	for (pmc = ip_mc_sk_list(sk); pmc; pmc = pmc->next)
		if (pmc->multi.imr_multiaddr.s_addr == local &&
		    (pmc->multi.imr_ifindex == dif || (sdif && pmc->multi.imr_ifindex == sdif)))
			break;
	if (!pmc)
		return inet_test_bit(MC_ALL, sk);
	psl = pmc->sflist;
	if (!psl)
		return pmc->sfmode == MCAST_EXCLUDE;
	named = sf_index(psl, rmt) < psl->sl_count;
	return (pmc->sfmode == MCAST_INCLUDE) == named;
}
