// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ping_rcv.c - ICMP sockets: replies and errors in, recvmsg(). */
#include "net/icmp.h"
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/ping.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"

bool ping_supported(u8 type, u8 code)
{
	return (type == ICMP_ECHO || type == ICMP_EXT_ECHO) && code == 0;
}

/* The socket with identifier @ident that the packet @skb, come in by its device, may be for. */
static struct sock *ping_lookup(const struct net *net, const struct sk_buff *skb, u16 ident)
{
	const struct ping_table *t = net->ipv4.ping_table;
	int dif = (int)skb->dev->ifindex;
	struct ping_sock *ps;

	if (likely(!t->count))
		return NULL;
	hlist_for_each_entry(ps, &t->hash[ident & (PING_HTABLE_SIZE - 1)], node) {
		const struct inet_sock *isk = &ps->inet;

		if (isk->inet_num == ident &&
		    (!isk->inet_rcv_saddr || isk->inet_rcv_saddr == ip_hdr(skb)->daddr) &&
		    (!isk->sk.sk_bound_dev_if || isk->sk.sk_bound_dev_if == dif))
			return &ps->inet.sk;
	}
	return NULL;
}

/**
 * ping_rcv() - an echo reply, or an extended one
 * @skb: data behind the ICMP header; consumed
 * Return: 0, or the reason that @skb was dropped for
 * Drops:  NO_SOCKET (no counter), and those of the receive queue
 */
enum skb_drop_reason ping_rcv(struct sk_buff *skb)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	enum skb_drop_reason reason = SKB_DROP_REASON_NO_SOCKET;
	struct net *net = dev_net(skb->dev);
	struct sock *sk;

	journey_fn(net, skb);
	sk = ping_lookup(net, skb, ntohs(icmph->un.echo.id));
	if (sk) {
		skb_push(skb, (u32)(skb->data - (const u8 *)icmph));
		skb->cold = 1;
		if (!(skb->ipflags & IPSKB_OPTS))
			memset(&IPCB(skb)->opt, 0, sizeof(IPCB(skb)->opt));
		/* As Linux has it: the device, and no address of ours. */
		IPCB(skb)->iif = skb->skb_iif;
		IPCB(skb)->spec_dst = 0;
		if (sock_queue_rcv_skb_reason(sk, skb, &reason) == 0)
			return SKB_NOT_DROPPED_YET;
	}
	kfree_skb_reason(net->skiff, skb, reason);
	return reason;
}

/* What the error is to a socket: positive errno and *@hard; 0: nothing. Ping wants to see what is no error to others. */
static int ping_err_convert(struct sk_buff *skb, struct sock *sk, u32 info, bool *hard)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);

	*hard = false;
	switch (icmph->type) {
	case ICMP_SOURCE_QUENCH:
		return EREMOTEIO;
	case ICMP_REDIRECT:
		ipv4_sk_redirect(skb, sk);
		return EREMOTEIO;
	case ICMP_PARAMETERPROB:
		*hard = true;
		return EPROTO;
	case ICMP_DEST_UNREACH:
		break;
	default:
		return EHOSTUNREACH;
	}
	if (icmph->code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
		*hard = true;
		return inet_sk(sk)->pmtudisc != IP_PMTUDISC_DONT ? EMSGSIZE : 0;
	}
	if (icmph->code > NR_ICMP_UNREACH)
		return EHOSTUNREACH;
	*hard = icmp_err_convert[icmph->code].fatal;
	return icmp_err_convert[icmph->code].errno_;
}

void ping_err(struct sk_buff *skb, u32 offset, u32 info)
{
	struct icmphdr *quoted = (struct icmphdr *)(skb->data + offset);
	struct sock *sk;
	bool hard;
	int err;

	if (!ping_supported(quoted->type, quoted->code))
		return;
	sk = ping_lookup(dev_net(skb->dev), skb, ntohs(quoted->un.echo.id));
	if (!sk)
		return;
	err = ping_err_convert(skb, sk, info, &hard);
	if (!err)
		return;
	if (inet_test_bit(RECVERR, sk))
		ip_icmp_error(sk, skb, err, 0, info, (u8 *)quoted);
	else if (!hard || sk->sk_state != TCP_ESTABLISHED)
		return;
	sk->sk_err = (u16)err;
	sk_error_report(sk);
}

long ping_recvmsg(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int flags)
{
	struct sockaddr_in *sin = msg->msg_name;
	int off = -1, err, addr_len;
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
		__sock_recv_timestamp(msg, sk, skb);
		if (sin) {
			*sin = (struct sockaddr_in){ .sin_family = AF_INET };
			sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
			msg->msg_namelen = sizeof(*sin);
		}
		if (inet_sk(sk)->cmsg_flags)
			ip_cmsg_recv_offset(msg, sk, skb, 0, 0);
		err = (int)copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}
