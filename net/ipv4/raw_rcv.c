// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/raw_rcv.c - raw sockets see packets: copies in front of the protocol's handler, errors, recvmsg(). */
#include "net/icmp.h"
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/raw.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"

static bool raw_v4_match(const struct net *net, const struct sock *sk, u16 num, __be32 raddr,
			 __be32 laddr, int dif)
{
	const struct inet_sock *inet = inet_sk(sk);

	return inet->inet_num == num && !(inet->inet_daddr && inet->inet_daddr != raddr) &&
	       !(inet->inet_rcv_saddr && inet->inet_rcv_saddr != laddr) &&
	       (!sk->sk_bound_dev_if || sk->sk_bound_dev_if == dif);
}

/* Does ICMP_FILTER of the socket keep the message away? Types beyond the mask pass. */
static bool icmp_filtered(const struct sock *sk, const struct sk_buff *skb)
{
	int off = skb_transport_offset(skb);
	const u8 *type;
	u8 buf;

	type = skb_header_pointer(skb, (u32)off, 1, &buf);
	return !type || (*type < 32 && (raw_sk(sk)->filter.data >> *type & 1));
}

void raw_rcv(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;

	skb_push(skb, (u32)(skb->data - skb_network_header(skb)));
	skb->cold = 1;
	ipv4_pktinfo_prepare(sk, skb, true);
	if (sock_queue_rcv_skb_reason(sk, skb, &reason) < 0)
		kfree_skb_reason(sock_skiff(sk), skb, reason);
}

/**
 * raw_local_deliver() - copies of a packet for the raw sockets of its protocol
 * @skb: data at the transport header; borrowed
 * Return: 1 if there is a socket for it, even one whose filter does not want it (then no protocol unreachable is sent)
 */
int raw_local_deliver(struct sk_buff *skb, int protocol)
{
	struct net *net = dev_net(skb->dev);
	struct raw_hashinfo *h = net->ipv4.raw_hash;
	const struct iphdr *iph = ip_hdr(skb);
	int dif = (int)skb->dev->ifindex, delivered = 0;
	struct raw_sock *rp;

	journey_fn(net, skb);
	if (likely(!h->count))
		return 0;
	hlist_for_each_entry(rp, &h->ht[protocol & (MAX_INET_PROTOS - 1)], node) {
		struct sock *sk = &rp->inet.sk;
		struct sk_buff *copy;

		if (!raw_v4_match(net, sk, iph->protocol, iph->saddr, iph->daddr, dif))
			continue;
		if (sk->sk_rmem_alloc >= sk->sk_rcvbuf) {
			sk->sk_drops++;
			continue;
		}
		delivered = 1;
		if ((iph->protocol == IPPROTO_ICMP && icmp_filtered(sk, skb)) ||
		    !ip_mc_sf_allow(sk, iph->daddr, iph->saddr, dif, 0))
			continue;
		copy = skb_clone(net->skiff, skb);
		if (copy)
			raw_rcv(sk, copy);
		iph = ip_hdr(skb);
	}
	return delivered;
}

/* ---- errors ---- */

/* What the error is to a socket: positive errno and *@hard; 0: nothing */
static int raw_err_convert(const struct sock *sk, const struct icmphdr *icmph, bool *hard)
{
	*hard = false;
	switch (icmph->type) {
	case ICMP_SOURCE_QUENCH:
		return 0;
	case ICMP_PARAMETERPROB:
		*hard = true;
		return EPROTO;
	case ICMP_DEST_UNREACH:
		break;
	default:
		return EHOSTUNREACH;
	}
	if (icmph->code > NR_ICMP_UNREACH)
		return EHOSTUNREACH;
	if (icmph->code == ICMP_FRAG_NEEDED) {
		*hard = inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT;
		return EMSGSIZE;
	}
	*hard = icmp_err_convert[icmph->code].fatal;
	return icmp_err_convert[icmph->code].errno_;
}

static void raw_err(struct sock *sk, struct sk_buff *skb, u32 info)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	bool recverr = inet_test_bit(RECVERR, sk), hard;
	int err;

	if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
	} else if (icmph->type == ICMP_REDIRECT) {
		ipv4_sk_redirect(skb, sk);
		return;
	}
	/* To who is not connected an error without the queue would say nothing. */
	if (!recverr && sk->sk_state != TCP_ESTABLISHED)
		return;
	err = raw_err_convert(sk, icmph, &hard);
	if (!err)
		return;
	if (recverr)
		ip_icmp_error(sk, skb, err, 0, info,
			      inet_test_bit(HDRINCL, sk) ? skb->data : skb->data + iph->ihl * 4u);
	if (recverr || hard) {
		sk->sk_err = (u16)err;
		sk_error_report(sk);
	}
}

void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info)
{
	struct net *net = dev_net(skb->dev);
	struct raw_hashinfo *h = net->ipv4.raw_hash;
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct raw_sock *rp;

	if (likely(!h->count))
		return;
	hlist_for_each_entry(rp, &h->ht[protocol & (MAX_INET_PROTOS - 1)], node)
		if (raw_v4_match(net, &rp->inet.sk, iph->protocol, iph->daddr, iph->saddr,
				 (int)skb->dev->ifindex))
			raw_err(&rp->inet.sk, skb, info);
}

/* ---- to the user ---- */

long raw_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	struct sockaddr_in *sin = msg->msg_name;
	int off = 0, err, addr_len;
	struct sk_buff *skb;
	u32 copied;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE) {
		addr_len = (int)msg->msg_namelen;
		err = ip_recv_error(sk, msg, to, (int)to->count, &addr_len);
		msg->msg_namelen = (u32)addr_len;
		return err;
	}
	off = -1;
	skb = __skb_recv_datagram(sk, flags, &off, &err);
	if (!skb)
		return err;
	copied = skb->len;
	if (to->count < copied) {
		msg->msg_flags |= MSG_TRUNC;
		copied = (u32)to->count;
	}
	err = skb_copy_datagram_iter(skb, 0, to, copied);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (sin) {
			*sin = (struct sockaddr_in){ .sin_family = AF_INET };
			sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
			msg->msg_namelen = sizeof(*sin);
		}
		if (inet_sk(sk)->cmsg_flags)
			ip_cmsg_recv_offset(msg, sk, skb, 0, 0);
		err = (int)(flags & MSG_TRUNC ? skb->len : copied);
	}
	skb_free_datagram(sk, skb);
	return err;
}
