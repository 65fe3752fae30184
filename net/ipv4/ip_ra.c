// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_ra.c - router alert: packets to be forwarded that a program on this router wants to see (RFC 2113, IP_ROUTER_ALERT). */
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/raw.h"

/** struct ip_ra_chain - a socket that asked, one reference */
struct ip_ra_chain {
	struct ip_ra_chain *next;
	struct sock *sk;
};

int ip_ra_control(struct sock *sk, bool on)
{
	struct net *net = sock_net(sk);
	struct ip_ra_chain **p, *ra;

	if (sk->sk_type != SOCK_RAW || inet_sk(sk)->inet_num == IPPROTO_RAW)
		return -EINVAL;
	for (p = &net->ipv4.ra_chain; *p; p = &(*p)->next)
		if ((*p)->sk == sk)
			break;
	ra = *p;
	if (on) {
		if (ra)
			return -EADDRINUSE;
		ra = skiff_zalloc(net->skiff, sizeof(*ra));
		if (!ra)
			return -ENOMEM;
		ra->sk = sk;
		sock_hold(sk);
		*p = ra;
		return 0;
	}
	if (!ra)
		return -ENOBUFS;
	*p = ra->next;
	skiff_free(net->skiff, ra);
	sock_put(sk);
	return 0;
}

bool ip_call_ra_chain(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	u8 protocol = ip_hdr(skb)->protocol;
	int dif = (int)skb->dev->ifindex;
	struct sock *last = NULL;

	journey_fn(net, skb);
	for (const struct ip_ra_chain *ra = net->ipv4.ra_chain; ra; ra = ra->next) {
		struct sk_buff *copy;

		if (ra->sk->sk_num != protocol ||
		    (ra->sk->sk_bound_dev_if && ra->sk->sk_bound_dev_if != dif))
			continue;
		if (!last && ip_is_fragment(ip_hdr(skb)) &&
		    ip_defrag(net, &skb, IP_DEFRAG_CALL_RA_CHAIN))
			return true;
		copy = last ? skb_clone(net->skiff, skb) : NULL;
		if (copy)
			raw_rcv(last, copy);
		last = ra->sk;
	}
	if (!last)
		return false;
	raw_rcv(last, skb);
	return true;
}
