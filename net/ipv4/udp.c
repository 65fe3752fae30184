// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp.c - UDP and UDP-Lite without sockets: datagrams are checked, and refused.
 *
 * DOC: UDP in
 * In : datagrams for this node, data and transport header at the UDP header (ip_local_deliver).
 * Order of checks: eight bytes of header; the length field fits into the packet (UDP: cuts it there; UDP-Lite: it is the
 * coverage of the checksum and must not reach beyond); checksum of short datagrams; broadcast and multicast apart;
 * socket; checksum; port unreachable.
 * The checksum of a datagram of up to CHECKSUM_BREAK bytes is verified at once, that of a longer one when it is needed:
 * in between stands the branch for broadcasts, so a long one with a wrong sum is "ignored", a short one an error.
 * Where sockets come in: a lookup in __udp4_lib_rcv() between checks and refusal, __udp4_lib_mcast_deliver() for
 * broadcasts and multicasts, udp_err() for errors. As long as there are none, all three find nobody.
 * Drops: NO_SOCKET, PKT_TOO_SMALL, UDP_CSUM, NOT_SPECIFIED (no room for a header; broadcast without taker).
 * Specs: RFC 768; RFC 1122 4.1.3; RFC 3828.
 */
#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/netdevice.h"
#include "net/protocol.h"
#include "net/route.h"

/* Bytes that are in the cache anyway when the header is read. */
#define CHECKSUM_BREAK 76

struct udp_cover {
	u8 proto;
	bool lite;
	u32 len; /* bytes from the UDP header on that the checksum covers */
};

/* udp_csum_ok() - does the checksum over @c->len bytes and the pseudo header verify? */
static bool udp_csum_ok(const struct sk_buff *skb, const struct udp_cover *c)
{
	const struct iphdr *iph = ip_hdr(skb);

	return !csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, c->proto,
				  skb_checksum(skb, 0, c->len, 0));
}

/* udplite_cover() - RFC 3828 3.1: the length field is the coverage, 0 all. false: not allowed */
static bool udplite_cover(const struct sk_buff *skb, const struct udphdr *uh, struct udp_cover *c)
{
	u32 cov = ntohs(uh->len);

	if (!uh->check)
		return false;
	if (cov)
		c->len = cov;
	return c->len >= sizeof(*uh) && c->len <= skb->len;
}

/* udp_csum_pending() - has the checksum still to be verified? Without one (UDP) or with the device's word for it, no */
static bool udp_csum_pending(const struct sk_buff *skb, const struct udphdr *uh,
			     const struct udp_cover *c)
{
	if (!c->lite)
		return uh->check && !skb_csum_unnecessary(skb);
	/* A device verifies the whole packet, which partial coverage does not ask for. */
	return c->len < skb->len ? skb->ip_summed != CHECKSUM_PARTIAL : !skb_csum_unnecessary(skb);
}

/* __udp4_lib_mcast_deliver() - copies for all sockets that want a broadcast or multicast; consumes */
static void __udp4_lib_mcast_deliver(struct net *net, struct sk_buff *skb, bool lite)
{
	UDP_INC_STATS(net, UDP_MIB_IGNOREDMULTI, lite);
	kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED, "__udp4_lib_rcv");
}

/*
 * udp_check() - length and coverage, and the checksum where it is verified early
 * Return: 0, or the reason to drop; NOT_SPECIFIED: no header
 */
static enum skb_drop_reason udp_check(struct net *net, struct sk_buff *skb, struct udp_cover *c,
				      bool *pending)
{
	const struct udphdr *uh;
	u32 ulen;

	if (!pskb_may_pull(net->skiff, skb, sizeof(*uh)))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	uh = (const struct udphdr *)skb->data;
	ulen = ntohs(uh->len);
	if (ulen > skb->len)
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	if (!c->lite && (ulen < sizeof(*uh) || pskb_trim(net->skiff, skb, ulen)))
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	uh = (const struct udphdr *)skb->data;
	c->len = skb->len;
	if (c->lite && !udplite_cover(skb, uh, c))
		return SKB_DROP_REASON_UDP_CSUM;
	*pending = udp_csum_pending(skb, uh, c);
	if (*pending && c->len == skb->len && skb->len <= CHECKSUM_BREAK) {
		if (!udp_csum_ok(skb, c))
			return SKB_DROP_REASON_UDP_CSUM;
		*pending = false;
	}
	return SKB_NOT_DROPPED_YET;
}

static int __udp4_lib_rcv(struct sk_buff *skb, u8 proto)
{
	const struct rtable *rt = skb_rtable(skb);
	struct net *net = dev_net(skb->dev);
	struct udp_cover c = { .proto = proto, .lite = proto == IPPROTO_UDPLITE };
	enum skb_drop_reason reason;
	bool pending = false;

	journey_fn(net, skb);
	reason = udp_check(net, skb, &c, &pending);
	if (reason)
		goto drop;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		__udp4_lib_mcast_deliver(net, skb, c.lite);
		return 0;
	}
	/* Here a unicast datagram looks for its socket. Nobody: a wrong checksum is no reason to answer (RFC 1122 4.1.3.4). */
	if (pending && !udp_csum_ok(skb, &c)) {
		reason = SKB_DROP_REASON_UDP_CSUM;
		goto drop;
	}
	UDP_INC_STATS(net, UDP_MIB_NOPORTS, c.lite);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_NO_SOCKET);
	return 0;
drop:
	if (reason == SKB_DROP_REASON_UDP_CSUM)
		UDP_INC_STATS(net, UDP_MIB_CSUMERRORS, c.lite);
	UDP_INC_STATS(net, UDP_MIB_INERRORS, c.lite);
	kfree_skb_reason(net->skiff, skb, reason);
	return 0;
}

static int udp_rcv(struct sk_buff *skb)
{
	journey_fn(dev_net(skb->dev), skb);
	return __udp4_lib_rcv(skb, IPPROTO_UDP);
}

static int udplite_rcv(struct sk_buff *skb)
{
	return __udp4_lib_rcv(skb, IPPROTO_UDPLITE);
}

/* udp_err() - an error about a datagram of ours, of UDP or UDP-Lite. No socket: nobody here sent it, an ICMP InError */
static int udp_err(struct sk_buff *skb, u32 info)
{
	ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
	return -ENOENT;
}

static const struct net_protocol udp_protocol = {
	.handler = udp_rcv,
	.err_handler = udp_err,
	.no_policy = true,
};

static const struct net_protocol udplite_protocol = {
	.handler = udplite_rcv,
	.err_handler = udp_err,
	.no_policy = true,
};

static int udp_net_init(struct net *net)
{
	if (inet_add_protocol(net, &udp_protocol, IPPROTO_UDP) ||
	    inet_add_protocol(net, &udplite_protocol, IPPROTO_UDPLITE))
		return -EAGAIN;
	return 0;
}

static void udp_net_exit(struct net *net)
{
	inet_del_protocol(net, &udp_protocol, IPPROTO_UDP);
	inet_del_protocol(net, &udplite_protocol, IPPROTO_UDPLITE);
}

const struct pernet_operations udp_net_ops = { "udp", udp_net_init, udp_net_exit };
