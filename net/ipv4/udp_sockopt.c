// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_sockopt.c - options of SOL_UDP and SOL_UDPLITE. */
#include "udp_internal.h"

void udp_encap_enable(struct sock *sk, u8 type, int (*rcv)(struct sock *sk, struct sk_buff *skb))
{
	udp_sk(sk)->encap_type = type;
	udp_sk(sk)->encap_rcv = rcv;
	udp_assign_bit(ENCAP_ENABLED, sk, true);
}

/* L2TP only marks the socket: its data path is a tunnel's, which takes the socket over. Without IPsec there is no ESP. */
static int udp_set_encap(struct sock *sk, int val)
{
	if (val != 0 && val != UDP_ENCAP_L2TPINUDP)
		return -ENOPROTOOPT;
	udp_sk(sk)->encap_type = (u8)val;
	udp_assign_bit(ENCAP_ENABLED, sk, true);
	return 0;
}

/* RFC 3828: coverage 0 is all, less than a header makes no sense */
static int udplite_set_cov(struct sock *sk, int optname, int val)
{
	if (!udp_is_lite(sk))
		return -ENOPROTOOPT;
	if (val != 0 && val < 8)
		val = 8;
	else if (val > 0xffff)
		val = 0xffff;
	if (optname == UDPLITE_SEND_CSCOV) {
		udp_sk(sk)->pcslen = (u16)val;
		udp_assign_bit(UDPLITE_SEND_CC, sk, true);
	} else {
		udp_sk(sk)->pcrlen = (u16)val;
		udp_assign_bit(UDPLITE_RECV_CC, sk, true);
	}
	return 0;
}

/* Is the datagram for a socket that takes several in one? Asked before it is routed, data at its IP header. */
static bool udp_gro_wanted(struct net *net, const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct udphdr *uh = (const struct udphdr *)(iph + 1);
	const struct sock *sk = udp4_lib_lookup(net, iph->saddr, uh->source, iph->daddr, uh->dest,
						(int)skb->dev->ifindex);

	return sk && udp_test_bit(GRO_ENABLED, sk);
}

/* UDP_GRO of a socket; as long as nobody has it, no datagram is looked up early. */
void udp_set_gro(struct sock *sk, bool on)
{
	struct udp_table *t = udp_get_table(sk);

	t->gro_users = t->gro_users - udp_test_bit(GRO_ENABLED, sk) + on;
	udp_assign_bit(GRO_ENABLED, sk, on);
	udp_assign_bit(ACCEPT_L4, sk, on);
	if (!udp_is_lite(sk))
		sock_net(sk)->ipv4.udp_gro_wanted = t->gro_users ? udp_gro_wanted : NULL;
}

static int udp_lib_setsockopt(struct sock *sk, int optname, const void *optval, u32 optlen)
{
	int val;

	if (optlen < sizeof(int))
		return -EINVAL;
	memcpy(&val, optval, sizeof(val));
	switch (optname) {
	case UDP_CORK:
		udp_assign_bit(CORK, sk, val != 0);
		if (!val && udp_sk(sk)->pending)
			udp_push_pending_frames(sk);
		return 0;
	case UDP_ENCAP:
		return udp_set_encap(sk, val);
	case UDP_NO_CHECK6_TX:
		udp_assign_bit(NO_CHECK6_TX, sk, val != 0);
		return 0;
	case UDP_NO_CHECK6_RX:
		udp_assign_bit(NO_CHECK6_RX, sk, val != 0);
		return 0;
	case UDP_SEGMENT:
		if (val < 0 || val > 0xffff)
			return -EINVAL;
		udp_sk(sk)->gso_size = (u16)val;
		return 0;
	case UDP_GRO:
		udp_set_gro(sk, val != 0);
		return 0;
	case UDPLITE_SEND_CSCOV:
	case UDPLITE_RECV_CSCOV:
		return udplite_set_cov(sk, optname, val);
	default:
		return -ENOPROTOOPT;
	}
}

int udp_setsockopt(struct sock *sk, int level, int optname, const void *optval, u32 optlen)
{
	if (level == SOL_UDP || level == SOL_UDPLITE || level == SOL_SOCKET)
		return udp_lib_setsockopt(sk, optname, optval, optlen);
	return ip_setsockopt(sk, level, optname, optval, optlen);
}

static int udp_lib_getsockopt(struct sock *sk, int optname, void *optval, u32 *optlen)
{
	const struct udp_sock *up = udp_sk(sk);
	u32 len = *optlen;
	int val;

	if ((int)len < 0)
		return -EINVAL;
	len = min_t(u32, len, sizeof(int));
	switch (optname) {
	case UDP_CORK:
		val = udp_test_bit(CORK, sk);
		break;
	case UDP_ENCAP:
		val = up->encap_type;
		break;
	case UDP_NO_CHECK6_TX:
		val = udp_test_bit(NO_CHECK6_TX, sk);
		break;
	case UDP_NO_CHECK6_RX:
		val = udp_test_bit(NO_CHECK6_RX, sk);
		break;
	case UDP_SEGMENT:
		val = up->gso_size;
		break;
	case UDP_GRO:
		val = udp_test_bit(GRO_ENABLED, sk);
		break;
	case UDPLITE_SEND_CSCOV:
		val = up->pcslen;
		break;
	case UDPLITE_RECV_CSCOV:
		val = up->pcrlen;
		break;
	default:
		return -ENOPROTOOPT;
	}
	*optlen = len;
	memcpy(optval, &val, len);
	return 0;
}

int udp_getsockopt(struct sock *sk, int level, int optname, void *optval, u32 *optlen)
{
	if (level == SOL_UDP || level == SOL_UDPLITE)
		return udp_lib_getsockopt(sk, optname, optval, optlen);
	return ip_getsockopt(sk, level, optname, optval, optlen);
}
