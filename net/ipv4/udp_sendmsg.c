// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_sendmsg.c - datagrams out: where to, by which route, whole or piece by piece (MSG_MORE, UDP_CORK), or many at once (UDP_SEGMENT).
 *
 * A connected socket keeps its route; whoever names a peer, options or a source pays for a lookup. The order of checks is
 * Linux's. Errors of the way out that mean "no room" count as success unless IP_RECVERR is on, as a lost datagram would.
 */
#include "lib/checksum.h"
#include "net/journey.h"
#include "net/sock_msg.h"
#include "udp_internal.h"

/**
 * struct udp_send - one sendmsg()
 * @daddr: the peer; @faddr: where it goes first (a source route)
 * @connected: the socket's own peer, route and source; @corkreq: more is to come
 */
struct udp_send {
	struct ipcm_cookie ipc;
	__be32 daddr, faddr, saddr;
	__be16 dport;
	bool connected, corkreq, free_opt;
	struct rtable *rt;
	struct flowi4 fl4;
};

/* ---- checksum and the way out ---- */

static void udp4_hwcsum(struct sk_buff *skb, u32 len)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = (struct udphdr *)skb_transport_header(skb);

	skb->csum_start = skb->transport_header;
	skb->csum_offset = offsetof(struct udphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
	uh->check = (u16)~csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_UDP, 0);
}

/* UDP-Lite: only the first pcslen bytes are covered, if the user asked for that (RFC 3828 3.1). */
static u32 udplite_csum(struct sock *sk, struct sk_buff *skb, struct udphdr *uh, u32 len)
{
	const struct udp_sock *up = udp_sk(sk);
	u32 cover = len;

	if (udp_test_bit(UDPLITE_SEND_CC, sk) && up->pcslen < len) {
		cover = up->pcslen ? up->pcslen : len;
		uh->len = htons(up->pcslen);
	}
	return skb_checksum(skb, (u32)skb_transport_offset(skb), cover, 0);
}

void udp_send_csum(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct udphdr *uh = (struct udphdr *)skb_transport_header(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u32 sum;

	if (udp_is_lite(sk)) {
		sum = udplite_csum(sk, skb, uh, len);
		skb->ip_summed = CHECKSUM_NONE;
	} else if (sk->sk_no_check_tx) {
		skb->ip_summed = CHECKSUM_NONE;
		return;
	} else if (skb->ip_summed == CHECKSUM_PARTIAL) {
		udp4_hwcsum(skb, len);
		return;
	} else {
		sum = csum_partial(uh, sizeof(*uh), skb->csum);
	}
	uh->check = csum_tcpudp_magic(iph->saddr, iph->daddr, len, (u8)sk->sk_protocol, sum);
	if (!uh->check)
		uh->check = 0xffff;
}

/* UDP_SEGMENT: @skb is many datagrams of gso_size bytes. 0, or -errno: it may not be sent like that */
static int udp_send_gso(struct sock *sk, struct sk_buff *skb, const struct inet_cork_full *cork,
			u32 datalen)
{
	u32 hlen = (u32)skb_transport_offset(skb) + sizeof(struct udphdr);
	struct skb_shared_info *si;

	if (hlen + min_t(u32, datalen, cork->gso_size) > cork->fragsize)
		return -EMSGSIZE;
	if (datalen > cork->gso_size * (u32)UDP_MAX_SEGMENTS || sk->sk_no_check_tx)
		return -EINVAL;
	if (udp_is_lite(sk))
		return -EIO;
	if (datalen <= cork->gso_size)
		return 0;
	si = skb_shinfo_get(sock_skiff(sk), skb);
	if (!si)
		return -ENOBUFS;
	si->gso_size = cork->gso_size;
	si->gso_type = SKB_GSO_UDP_L4;
	si->gso_segs = (u16)((datalen + cork->gso_size - 1) / cork->gso_size);
	skb->ip_summed = CHECKSUM_PARTIAL;
	return 0;
}

static int udp_send_skb(struct sock *sk, struct sk_buff *skb, const struct flowi4 *fl4,
			const struct inet_cork_full *cork)
{
	struct udphdr *uh = (struct udphdr *)skb_transport_header(skb);
	u32 len = skb->len - (u32)skb_transport_offset(skb);
	struct net *net = sock_net(sk);
	bool lite = udp_is_lite(sk);
	int err;

	*uh = (struct udphdr){ inet_sk(sk)->inet_sport, fl4->fl4_dport, htons(len), 0 };
	if (unlikely(cork->gso_size)) {
		err = udp_send_gso(sk, skb, cork, len - (u32)sizeof(*uh));
		if (err) {
			kfree_skb(net->skiff, skb);
			return err;
		}
	}
	udp_send_csum(sk, skb, len);
	err = ip_send_skb_sk(sk, skb);
	if (unlikely(err)) {
		if (err == -ENOBUFS && !inet_test_bit(RECVERR, sk)) {
			UDP_INC_STATS(net, UDP_MIB_SNDBUFERRORS, lite);
			err = 0;
		}
		return err;
	}
	UDP_INC_STATS(net, UDP_MIB_OUTDATAGRAMS, lite);
	return 0;
}

int udp_push_pending_frames(struct sock *sk)
{
	struct inet_cork_full *cork = inet_dgram(sk)->cork;
	struct sk_buff *skb = ip_finish_skb(sk, &cork->fl4);
	int err = skb ? udp_send_skb(sk, skb, &cork->fl4, cork) : 0;

	udp_sk(sk)->len = 0;
	udp_sk(sk)->pending = 0;
	return err;
}

void udp_flush_pending_frames(struct sock *sk)
{
	if (!udp_sk(sk)->pending)
		return;
	udp_sk(sk)->len = 0;
	udp_sk(sk)->pending = 0;
	ip_flush_pending_frames(sk);
}

/* ---- what is to be sent ---- */

/* SOL_UDP messages. 0, 1: there are messages of others too, -EINVAL */
static int udp_cmsg_send(struct msghdr *msg, u16 *gso_size)
{
	bool need_ip = false;
	size_t off = 0;

	while (msg->msg_controllen - off >= CMSG_HDRLEN) {
		const struct cmsghdr *cmsg =
			(const struct cmsghdr *)((const u8 *)msg->msg_control + off);

		if (cmsg->cmsg_len < CMSG_HDRLEN || cmsg->cmsg_len > msg->msg_controllen - off)
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_UDP) {
			need_ip = true;
		} else {
			if (cmsg->cmsg_type != UDP_SEGMENT || cmsg->cmsg_len != CMSG_LEN_(2))
				return -EINVAL;
			memcpy(gso_size, cmsg + 1, 2);
		}
		if (CMSG_ALIGN(cmsg->cmsg_len) > msg->msg_controllen - off)
			break;
		off += CMSG_ALIGN(cmsg->cmsg_len);
	}
	return need_ip;
}

/* Who is it for? */
static int udp_send_dest(struct sock *sk, const struct msghdr *msg, struct udp_send *u)
{
	const struct sockaddr_in *sin = msg->msg_name;

	if (!sin) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		u->daddr = sk->sk_daddr;
		u->dport = sk->sk_dport;
		u->connected = true;
		return 0;
	}
	if (msg->msg_namelen < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET && sin->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	u->daddr = sin->sin_addr.s_addr;
	u->dport = sin->sin_port;
	return u->dport ? 0 : -EINVAL;
}

static int udp_send_cmsgs(struct sock *sk, struct msghdr *msg, struct udp_send *u,
			  struct sockcm_cookie *sockc)
{
	int err;

	if (msg->msg_controllen) {
		err = udp_cmsg_send(msg, &u->ipc.gso_size);
		if (err > 0) {
			err = ip_cmsg_send(sk, msg, &u->ipc, sockc);
			u->connected = false;
			u->free_opt = u->ipc.opt != NULL;
		}
		if (err < 0)
			return err;
	} else if (unlikely(sockc->tsflags)) {
		ipcm_set_sockc(&u->ipc, sockc);
	}
	if (!u->ipc.opt)
		u->ipc.opt = inet_sk(sk)->inet_opt;
	return 0;
}

/* The embedder's word on a datagram to somebody named in the call (Linux: cgroup BPF). It may send it elsewhere. */
static int udp_send_hook(struct sock *sk, struct msghdr *msg, struct udp_send *u)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = u->dport };
	int len = sizeof(sin), err;

	if (likely(u->connected || !sock_net(sk)->sock->policy.hook))
		return 0;
	sin.sin_addr.s_addr = u->daddr;
	err = sock_hook(sk, SOCK_HOOK_SENDMSG, (struct sockaddr *)&sin, &len);
	if (err || !msg->msg_name)
		return err;
	if (!sin.sin_port)
		return -EINVAL;
	u->daddr = sin.sin_addr.s_addr;
	u->dport = sin.sin_port;
	return 0;
}

static bool udp_send_onlink(const struct sock *sk, const struct udp_send *u, u32 flags)
{
	return sock_flag(sk, SOCK_LOCALROUTE) || (flags & MSG_DONTROUTE) ||
	       (u->ipc.opt && u->ipc.opt->opt.is_strictroute);
}

/* Out of which device, from which address, and is the socket's own route good for it? */
static int udp_send_path(struct sock *sk, struct udp_send *u, u8 *scope, u32 flags)
{
	const struct inet_sock *inet = inet_sk(sk);

	u->saddr = u->ipc.addr;
	u->ipc.addr = u->faddr = u->daddr;
	if (unlikely(u->ipc.opt && u->ipc.opt->opt.srr)) {
		if (!u->daddr)
			return -EINVAL;
		u->faddr = u->ipc.opt->opt.faddr;
		u->connected = false;
	}
	*scope = udp_send_onlink(sk, u, flags) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	if (*scope == RT_SCOPE_LINK)
		u->connected = false;
	if (ipv4_is_multicast(u->daddr)) {
		if (!u->ipc.oif)
			u->ipc.oif = (u32)inet->mc_index;
		if (!u->saddr)
			u->saddr = inet_dgram(sk)->mc_addr;
		u->connected = false;
	} else if (!u->ipc.oif) {
		u->ipc.oif = (u32)inet->uc_index;
	}
	return 0;
}

static int udp_send_route(struct sock *sk, struct udp_send *u, u8 scope)
{
	struct net *net = sock_net(sk);
	int err = 0;

	flowi4_init_output(&u->fl4, u->ipc.oif, u->ipc.mark, (u8)u->ipc.tos & INET_DSCP_MASK, scope,
			   (u8)sk->sk_protocol, inet_sk_flowi_flags(sk), u->faddr, u->saddr,
			   u->dport, inet_sk(sk)->inet_sport, sk->sk_uid);
	u->rt = ip_route_output_flow(net, &u->fl4, sk, &err);
	if (!u->rt) {
		if (err == -ENETUNREACH)
			IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	if ((u->rt->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST))
		return -EACCES;
	if (u->connected) {
		dst_hold(&u->rt->dst);
		sk_dst_set(sk, &u->rt->dst);
	}
	return 0;
}

/* A route: the socket's if it holds. */
static int udp_send_find_route(struct sock *sk, struct udp_send *u, u8 scope)
{
	if (likely(u->connected)) {
		u->rt = (struct rtable *)__sk_dst_check(sk, 0);
		if (likely(u->rt)) {
			dst_hold(&u->rt->dst);
			u->fl4.saddr = inet_sk(sk)->inet_saddr;
			u->fl4.daddr = u->faddr;
			u->fl4.fl4_dport = u->dport;
			u->fl4.flowi4_flags = 0;
			return 0;
		}
	}
	return udp_send_route(sk, u, scope);
}

/* ---- sendmsg ---- */

static int udp_append(struct sock *sk, struct msghdr *msg, struct iov_iter *from,
		      struct udp_send *u, int ulen)
{
	struct udp_sock *up = udp_sk(sk);
	struct inet_cork_full *cork = inet_dgram(sk)->cork;
	int err;

	up->len = (u16)(up->len + ulen);
	err = ip_append_data(sk, &cork->fl4, ip_generic_getfrag, from, ulen, sizeof(struct udphdr),
			     &u->ipc, &u->rt, (u32)msg->msg_flags | (u->corkreq ? MSG_MORE : 0));
	if (err)
		udp_flush_pending_frames(sk);
	else if (!u->corkreq)
		err = udp_push_pending_frames(sk);
	else if (skb_queue_empty(&sk->sk_write_queue))
		up->pending = 0;
	return err;
}

/* Begin a datagram that is to be continued. */
static int udp_cork(struct sock *sk, struct msghdr *msg, struct iov_iter *from, struct udp_send *u,
		    int ulen)
{
	struct inet_dgram *dgram = inet_dgram(sk);

	if (!dgram->cork)
		dgram->cork = skiff_zalloc(sock_skiff(sk), sizeof(*dgram->cork));
	if (!dgram->cork)
		return -ENOBUFS;
	dgram->cork->fl4 = (struct flowi4){ .saddr = u->fl4.saddr,
					    .daddr = u->daddr,
					    .fl4_dport = u->dport,
					    .fl4_sport = dgram->inet.inet_sport };
	udp_sk(sk)->pending = AF_INET;
	return udp_append(sk, msg, from, u, ulen);
}

static int udp_send_built(struct sock *sk, struct msghdr *msg, struct iov_iter *from,
			  struct udp_send *u, int ulen)
{
	struct inet_cork_full cork;
	struct sk_buff *skb;
	int err;

	/* MSG_CONFIRM: the neighbour is known to be there. */
	if (unlikely(msg->msg_flags & MSG_CONFIRM)) {
		if (msg->msg_flags & MSG_PROBE)
			dst_confirm_neigh(&u->rt->dst, u->fl4.daddr);
		if ((msg->msg_flags & MSG_PROBE) && ulen == sizeof(struct udphdr))
			return 0;
	}
	if (!u->ipc.addr)
		u->daddr = u->ipc.addr = u->fl4.daddr;
	if (u->corkreq)
		return udp_cork(sk, msg, from, u, ulen);
	skb = ip_make_skb(sk, &u->fl4, ip_generic_getfrag, from, ulen, sizeof(struct udphdr),
			  &u->ipc, &u->rt, (u32)msg->msg_flags, &cork, &err);
	return skb ? udp_send_skb(sk, skb, &u->fl4, &cork) : err;
}

/* All of it but the result. */
static int udp_send_new(struct sock *sk, struct msghdr *msg, struct iov_iter *from,
			struct udp_send *u, int ulen)
{
	struct sockcm_cookie sockc;
	u8 scope;
	int err;

	err = udp_send_dest(sk, msg, u);
	if (err)
		return err;
	ipcm_init_sk(&u->ipc, &sockc, sk);
	u->ipc.gso_size = udp_sk(sk)->gso_size;
	err = udp_send_cmsgs(sk, msg, u, &sockc);
	if (!err)
		err = udp_send_hook(sk, msg, u);
	if (!err)
		err = udp_send_path(sk, u, &scope, (u32)msg->msg_flags);
	if (!err)
		err = udp_send_find_route(sk, u, scope);
	if (!err)
		err = udp_send_built(sk, msg, from, u, ulen);
	return err;
}

long udp_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from)
{
	size_t len = from->count;
	struct udp_send u;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	journey_fn(sock_net(sk), NULL);
	u.connected = u.free_opt = false;
	u.rt = NULL;
	u.ipc.opt = NULL;
	u.corkreq = udp_test_bit(CORK, sk) || (msg->msg_flags & MSG_MORE);
	if (unlikely(udp_sk(sk)->pending)) {
		u.ipc = (struct ipcm_cookie){ .tos = -1 };
		err = udp_append(sk, msg, from, &u, (int)len);
	} else {
		err = udp_send_new(sk, msg, from, &u, (int)(len + sizeof(struct udphdr)));
	}
	ip_rt_put(u.rt);
	if (u.free_opt)
		skiff_free(sock_skiff(sk), (void *)(uintptr_t)u.ipc.opt);
	if (likely(!err))
		return (long)len;
	if (err == -ENOBUFS || (err == -EAGAIN && sock_flag(sk, SOCK_NOSPACE_)))
		UDP_INC_STATS(sock_net(sk), UDP_MIB_SNDBUFERRORS, udp_is_lite(sk));
	return err;
}
