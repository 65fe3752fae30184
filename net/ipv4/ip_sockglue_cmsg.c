// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_sockglue_cmsg.c - control messages of IP: how a datagram is to be sent, what is told of one received.
 *
 * Messages that recvmsg() hands out stand in Linux's order. What IP_PKTINFO tells of a queued packet is noted in its
 * control block when it is queued (ipv4_pktinfo_prepare), since its route is dropped then.
 */
#include "lib/checksum.h"
#include "net/inet_sock.h"
#include "net/ip_fib.h"
#include "net/sock_msg.h"

/* ---- sending ---- */

void ipcm_init_sk(struct ipcm_cookie *ipc, struct sockcm_cookie *sockc, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	sockcm_init(sockc, sk);
	*ipc = (struct ipcm_cookie){ .addr = inet->inet_saddr,
				     .oif = (u32)sk->sk_bound_dev_if,
				     .protocol = (u8)inet->inet_num,
				     .tos = inet->tos,
				     .mark = sk->sk_mark,
				     .priority = sk->sk_priority };
}

void ipcm_set_sockc(struct ipcm_cookie *ipc, const struct sockcm_cookie *sockc)
{
	ipc->mark = sockc->mark;
	ipc->priority = sockc->priority;
	ipc->transmit_time = sockc->transmit_time;
	ipc->ts_opt_id = sockc->ts_opt_id;
	ipc->ts_opt_id_set = (sockc->tsflags & SOCKCM_FLAG_TS_OPT_ID) != 0;
	ipc->tx_flags = sock_tx_timestamp(sockc->tsflags);
}

static bool cmsg_int(const struct cmsghdr *cmsg, int low, int high, int *val)
{
	if (cmsg->cmsg_len != CMSG_LEN_(sizeof(int)))
		return false;
	memcpy(val, cmsg + 1, sizeof(*val));
	return *val >= low && *val <= high;
}

static int ip_cmsg_tos(const struct cmsghdr *cmsg, struct ipcm_cookie *ipc,
		       struct sockcm_cookie *sockc)
{
	int val;

	if (cmsg->cmsg_len == CMSG_LEN_(1))
		val = *(const u8 *)(cmsg + 1);
	else if (!cmsg_int(cmsg, 0, 255, &val))
		return -EINVAL;
	ipc->tos = (s16)val;
	sockc->priority = rt_tos2priority((u8)val);
	return 0;
}

static int ip_cmsg_one(struct sock *sk, const struct cmsghdr *cmsg, struct ipcm_cookie *ipc,
		       struct sockcm_cookie *sockc)
{
	struct ip_options_data *opt = NULL;
	struct in_pktinfo info;
	int val, err;

	switch (cmsg->cmsg_type) {
	case IP_RETOPTS:
		err = ip_options_get(sock_net(sk), &opt, cmsg + 1,
				     min_t(u32, cmsg->cmsg_len - CMSG_HDRLEN, 40));
		if (err)
			return err;
		skiff_free(sock_skiff(sk), (void *)(uintptr_t)ipc->opt);
		ipc->opt = opt;
		return 0;
	case IP_PKTINFO:
		if (cmsg->cmsg_len != CMSG_LEN_(sizeof(info)))
			return -EINVAL;
		memcpy(&info, cmsg + 1, sizeof(info));
		if (info.ipi_ifindex)
			ipc->oif = (u32)info.ipi_ifindex;
		ipc->addr = info.ipi_spec_dst.s_addr;
		return 0;
	case IP_TTL:
		if (!cmsg_int(cmsg, 1, 255, &val))
			return -EINVAL;
		ipc->ttl = (u8)val;
		return 0;
	case IP_TOS:
		return ip_cmsg_tos(cmsg, ipc, sockc);
	case IP_PROTOCOL:
		if (!cmsg_int(cmsg, 1, 255, &val))
			return -EINVAL;
		ipc->protocol = (u8)val;
		return 0;
	default:
		return -EINVAL;
	}
}

int ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		 struct sockcm_cookie *sockc)
{
	size_t off = 0;
	int err = 0;

	while (!err && msg->msg_controllen - off >= CMSG_HDRLEN) {
		struct cmsghdr *cmsg = (struct cmsghdr *)((u8 *)msg->msg_control + off);

		if (cmsg->cmsg_len < CMSG_HDRLEN || cmsg->cmsg_len > msg->msg_controllen - off)
			return -EINVAL;
		if (cmsg->cmsg_level == SOL_SOCKET)
			err = __sock_cmsg_send(sk, cmsg, sockc);
		else if (cmsg->cmsg_level == SOL_IP)
			err = ip_cmsg_one(sk, cmsg, ipc, sockc);
		if (CMSG_ALIGN(cmsg->cmsg_len) > msg->msg_controllen - off)
			break;
		off += CMSG_ALIGN(cmsg->cmsg_len);
	}
	ipcm_set_sockc(ipc, sockc);
	return err;
}

/* ---- receiving ---- */

void ipv4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb, bool drop_dst)
{
	const struct rtable *rt = skb_rtable(skb);

	if ((inet_sk(sk)->cmsg_flags & IP_CMSG_PKTINFO) && rt) {
		struct inet_skb_parm *cb = IPCB(skb);

		if (!(skb->ipflags & IPSKB_OPTS))
			memset(&cb->opt, 0, sizeof(cb->opt));
		cb->iif = skb->dev->ifindex;
		/* By way of the loopback device: the device that it was sent to. */
		if (cb->iif == LOOPBACK_IFINDEX)
			cb->iif = rt->rt_iif ? rt->rt_iif : skb->skb_iif;
		cb->spec_dst = fib_compute_spec_dst(skb);
		skb->cold = 1;
	} else if (skb->cold) {
		IPCB(skb)->iif = 0;
		IPCB(skb)->spec_dst = 0;
	}
	/* Options may have to be turned round for the user, which takes the route. */
	if (unlikely(ip_skb_opt(skb)->optlen))
		skb_dst_force(skb);
	else if (drop_dst)
		skb_dst_drop(skb);
}

static void ip_cmsg_recv_pktinfo(struct msghdr *msg, const struct sk_buff *skb)
{
	struct in_pktinfo info = { .ipi_ifindex = (int)IPCB(skb)->iif };

	info.ipi_spec_dst.s_addr = IPCB(skb)->spec_dst;
	info.ipi_addr.s_addr = ip_hdr(skb)->daddr;
	put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

static void ip_cmsg_recv_retopts(struct net *net, struct msghdr *msg, struct sk_buff *skb)
{
	struct ip_options_data opt;

	if (!ip_skb_opt(skb)->optlen)
		return;
	if (__ip_options_echo(net, &opt, skb, ip_skb_opt(skb))) {
		msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	ip_options_undo(&opt);
	put_cmsg(msg, SOL_IP, IP_RETOPTS, opt.opt.optlen, opt.data);
}

static void ip_cmsg_recv_dstaddr(struct msghdr *msg, const struct sk_buff *skb)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	const __be16 *ports;
	__be16 buf[2];
	int off = skb_transport_offset(skb);

	/* All transports have their ports in the first four bytes; the header may have been pulled off. */
	if (off < 0)
		ports = (const __be16 *)skb_transport_header(skb);
	else
		ports = skb_header_pointer(skb, (u32)off, sizeof(buf), buf);
	if (!ports)
		return;
	sin.sin_addr.s_addr = ip_hdr(skb)->daddr;
	memcpy(&sin.sin_port, ports + 1, 2);
	put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

static void ip_cmsg_recv_checksum(struct msghdr *msg, const struct sk_buff *skb, int tlen,
				  int offset)
{
	u32 csum = skb->csum;
	int tend = skb_transport_offset(skb) + tlen;

	if (skb->ip_summed != CHECKSUM_COMPLETE || !skb->cold)
		return;
	if (offset)
		csum = csum_sub(csum, skb_checksum(skb, (u32)tend, (u32)offset, 0));
	put_cmsg(msg, SOL_IP, IP_CHECKSUM, sizeof(csum), &csum);
}

static void ip_cmsg_recv_small(struct msghdr *msg, const struct sk_buff *skb, u16 flags)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (flags & IP_CMSG_TTL) {
		int ttl = iph->ttl;

		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (flags & IP_CMSG_TOS)
		put_cmsg(msg, SOL_IP, IP_TOS, 1, &iph->tos);
}

void ip_cmsg_recv_offset(struct msghdr *msg, struct sock *sk, struct sk_buff *skb, int tlen,
			 int offset)
{
	u16 flags = inet_sk(sk)->cmsg_flags;

	if (flags & IP_CMSG_PKTINFO)
		ip_cmsg_recv_pktinfo(msg, skb);
	ip_cmsg_recv_small(msg, skb, flags);
	if ((flags & IP_CMSG_RECVOPTS) && ip_skb_opt(skb)->optlen)
		put_cmsg(msg, SOL_IP, IP_RECVOPTS, ip_skb_opt(skb)->optlen, ip_hdr(skb) + 1);
	if (flags & IP_CMSG_RETOPTS)
		ip_cmsg_recv_retopts(sock_net(sk), msg, skb);
	if (flags & IP_CMSG_ORIGDSTADDR)
		ip_cmsg_recv_dstaddr(msg, skb);
	if (flags & IP_CMSG_CHECKSUM)
		ip_cmsg_recv_checksum(msg, skb, tlen, offset);
	if ((flags & IP_CMSG_RECVFRAGSIZE) && skb->cold && skb->frag_max_size) {
		int val = skb->frag_max_size;

		put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, sizeof(val), &val);
	}
}

void ip_cmsg_recv_err(struct msghdr *msg, struct sock *sk, struct sk_buff *skb)
{
	const struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);
	u16 flags = inet_sk(sk)->cmsg_flags;

	if (flags & IP_CMSG_PKTINFO) {
		struct in_pktinfo info = { .ipi_ifindex = (int)serr->header.iif };

		if (serr->ee.ee_origin != SO_EE_ORIGIN_ICMP)
			info.ipi_spec_dst.s_addr = ip_hdr(skb)->saddr;
		info.ipi_addr.s_addr = ip_hdr(skb)->daddr;
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	ip_cmsg_recv_small(msg, skb, flags);
	if ((flags & IP_CMSG_RECVOPTS) && serr->header.optlen)
		put_cmsg(msg, SOL_IP, IP_RECVOPTS, serr->header.optlen, ip_hdr(skb) + 1);
	if (flags & IP_CMSG_ORIGDSTADDR)
		ip_cmsg_recv_dstaddr(msg, skb);
}
