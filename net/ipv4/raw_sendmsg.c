// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/raw_sendmsg.c - what programs send by raw sockets: a payload behind an IP header of ours, or packets with headers of their own (IP_HDRINCL). */
#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/netfilter.h"
#include "net/raw.h"
#include "net/sock_mem.h"
#include "net/sock_msg.h"

/* ---- IP_HDRINCL ---- */

/* What we fill in of a header that the program made: length, checksum, and source and id if they are 0. 0 or -EINVAL */
static int raw_fix_header(struct net *net, struct sk_buff *skb, const struct flowi4 *fl4)
{
	struct iphdr *iph = ip_hdr(skb);
	u32 iphlen = iph->ihl * 4u;

	if (iphlen > skb->len || iphlen < sizeof(*iph))
		return -EINVAL;
	if (!iph->saddr)
		iph->saddr = fl4->saddr;
	iph->tot_len = htons(skb->len);
	if (!iph->id)
		ip_select_ident_segs(net, skb, NULL, 1);
	ip_send_check(iph);
	skb->transport_header = (u16)(skb->transport_header + iphlen);
	if (iph->protocol == IPPROTO_ICMP && skb->len >= iphlen + sizeof(struct icmphdr))
		icmp_out_count(net, *skb_transport_header(skb));
	return 0;
}

static int raw_send_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct skb_batch b;
	int err;

	skb_batch_one(&b, skb);
	if (!nf_hook_list(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, &b, NULL, skb->dst->dev))
		return -EPERM;
	err = dst_output_batch(net, sk, &b);
	return err > 0 ? err == NET_XMIT_DROP ? -ENOBUFS : 0 : err;
}

static int raw_send_hdrinc(struct sock *sk, const struct flowi4 *fl4, struct iov_iter *from,
			   struct rtable **rtp, u32 flags, const struct ipcm_cookie *ipc)
{
	struct net *net = sock_net(sk);
	struct rtable *rt = *rtp;
	size_t length = from->count;
	struct sk_buff *skb;
	int err;

	if (length > rt->dst.dev->mtu) {
		ip_local_error(sk, EMSGSIZE, fl4->daddr, inet_sk(sk)->inet_dport, rt->dst.dev->mtu);
		return -EMSGSIZE;
	}
	if (length < sizeof(struct iphdr))
		return -EINVAL;
	if (flags & MSG_PROBE)
		return 0;
	skb = sock_alloc_send_skb(sk, (u32)length, &err);
	if (!skb)
		goto error;
	skb->protocol = htons(ETH_P_IP);
	skb->priority = ipc->priority;
	skb->mark = ipc->mark;
	skb->tx_flags = ipc->tx_flags;
	if (ipc->tx_flags && sk->sk_side && (sk->sk_side->tsflags & SOF_TIMESTAMPING_OPT_ID))
		skb->tskey = ipc->ts_opt_id_set ? ipc->ts_opt_id : sk->sk_tskey++;
	skb_dst_set(skb, &rt->dst);
	*rtp = NULL;
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header;
	skb->ip_summed = CHECKSUM_NONE;
	err = copy_from_iter(skb_put(skb, (u32)length), length, from) == length ? 0 : -EFAULT;
	if (!err)
		err = raw_fix_header(net, skb, fl4);
	if (err) {
		kfree_skb(net->skiff, skb);
		goto error;
	}
	err = raw_send_out(net, sk, skb);
	if (!err)
		return 0;
error:
	IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
	return err == -ENOBUFS && !inet_test_bit(RECVERR, sk) ? 0 : err;
}

/* ---- sendmsg ---- */

static int raw_send_dest(const struct sock *sk, const struct msghdr *msg, __be32 *daddr)
{
	const struct sockaddr_in *sin = msg->msg_name;

	if (!msg->msg_namelen) {
		*daddr = sk->sk_daddr;
		return sk->sk_state == TCP_ESTABLISHED ? 0 : -EDESTADDRREQ;
	}
	if (msg->msg_namelen < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET && sin->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	*daddr = sin->sin_addr.s_addr;
	return 0;
}

/* Of ICMP the route lookup knows type and code. 0, or -EFAULT: there are no two bytes */
static int raw_probe_proto_opt(struct flowi4 *fl4, const struct iov_iter *from)
{
	struct iov_iter it = *from;
	u8 head[2];

	if (fl4->flowi4_proto != IPPROTO_ICMP)
		return 0;
	if (copy_from_iter(head, sizeof(head), &it) != sizeof(head))
		return -EFAULT;
	fl4->fl4_icmp_type = head[0];
	fl4->fl4_icmp_code = head[1];
	return 0;
}

static struct rtable *raw_send_route(struct sock *sk, struct ipcm_cookie *ipc, __be32 daddr,
				     __be32 saddr, u32 flags, struct flowi4 *fl4,
				     const struct iov_iter *from, int *err)
{
	const struct inet_sock *inet = inet_sk(sk);
	bool hdrincl = inet_test_bit(HDRINCL, sk);
	bool onlink = sock_flag(sk, SOCK_LOCALROUTE) || (flags & MSG_DONTROUTE) ||
		      (ipc->opt && ipc->opt->opt.is_strictroute);
	struct rtable *rt;

	if (ipv4_is_multicast(daddr)) {
		if (!ipc->oif)
			ipc->oif = (u32)inet->mc_index;
		if (!saddr)
			saddr = inet_dgram(sk)->mc_addr;
	} else if (!ipc->oif) {
		ipc->oif = (u32)inet->uc_index;
	}
	flowi4_init_output(fl4, ipc->oif, ipc->mark, (u8)ipc->tos & INET_DSCP_MASK,
			   onlink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
			   hdrincl ? ipc->protocol : (u8)sk->sk_protocol,
			   inet_sk_flowi_flags(sk) | (hdrincl ? FLOWI_FLAG_KNOWN_NH : 0), daddr,
			   saddr, 0, 0, sk->sk_uid);
	*err = hdrincl ? 0 : raw_probe_proto_opt(fl4, from);
	if (*err)
		return NULL;
	rt = ip_route_output_flow(sock_net(sk), fl4, sk, err);
	if (rt && (rt->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		*err = -EACCES;
		return NULL;
	}
	return rt;
}

static int raw_send_built(struct sock *sk, struct iov_iter *from, struct ipcm_cookie *ipc,
			  struct rtable **rt, u32 flags, struct flowi4 *fl4)
{
	size_t len = from->count;
	int err;

	if (flags & MSG_CONFIRM) {
		if (flags & MSG_PROBE)
			dst_confirm_neigh(&(*rt)->dst, fl4->daddr);
		if ((flags & MSG_PROBE) && !len)
			return 0;
	}
	if (inet_test_bit(HDRINCL, sk))
		return raw_send_hdrinc(sk, fl4, from, rt, flags, ipc);
	if (!ipc->addr)
		ipc->addr = fl4->daddr;
	err = ip_append_data(sk, fl4, ip_generic_getfrag, from, (int)len, 0, ipc, rt, flags);
	if (err) {
		ip_flush_pending_frames(sk);
		return err;
	}
	if (flags & MSG_MORE)
		return 0;
	err = ip_push_pending_frames(sk, fl4);
	return err == -ENOBUFS && !inet_test_bit(RECVERR, sk) ? 0 : err;
}

/* Source, options and way. The reference to the route, and the options if they came in a message, are the caller's to give back. */
static int raw_send(struct sock *sk, struct msghdr *msg, struct iov_iter *from,
		    struct ipcm_cookie *ipc, struct rtable **rt)
{
	bool hdrincl = inet_test_bit(HDRINCL, sk);
	struct sockcm_cookie sockc;
	__be32 daddr, saddr;
	struct flowi4 fl4;
	int err;

	err = raw_send_dest(sk, msg, &daddr);
	if (err)
		return err;
	ipcm_init_sk(ipc, &sockc, sk);
	if (hdrincl)
		ipc->protocol = IPPROTO_RAW;
	if (msg->msg_controllen)
		err = ip_cmsg_send(sk, msg, ipc, &sockc);
	else
		ipcm_set_sockc(ipc, &sockc);
	if (err)
		return err;
	saddr = ipc->addr;
	ipc->addr = daddr;
	if (!ipc->opt)
		ipc->opt = inet_sk(sk)->inet_opt;
	if (ipc->opt) {
		/* The program's own header has its own options. */
		if (hdrincl || (ipc->opt->opt.srr && !daddr))
			return -EINVAL;
		if (ipc->opt->opt.srr)
			daddr = ipc->opt->opt.faddr;
	}
	*rt = raw_send_route(sk, ipc, daddr, saddr, (u32)msg->msg_flags, &fl4, from, &err);
	return *rt ? raw_send_built(sk, from, ipc, rt, (u32)msg->msg_flags, &fl4) : err;
}

long raw_sendmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *from)
{
	size_t len = from->count;
	struct ipcm_cookie ipc = { .opt = NULL };
	struct rtable *rt = NULL;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	journey_fn(sock_net(sk), NULL);
	err = raw_send(sk, msg, from, &ipc, &rt);
	ip_rt_put(rt);
	if (ipc.opt && ipc.opt != inet_sk(sk)->inet_opt)
		skiff_free(sock_skiff(sk), (void *)(uintptr_t)ipc.opt);
	return err < 0 ? err : (long)len;
}
