// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp.c - UDP and UDP-Lite come in: datagrams are checked, handed to their sockets, or refused.
 *
 * DOC: UDP in
 * In : datagrams for this node, data and transport header at the UDP header (ip_local_deliver).
 * Order of checks: eight bytes of header; the length field fits into the packet (UDP: cuts it there; UDP-Lite: it is the
 * coverage of the checksum and must not reach beyond); checksum of short datagrams; broadcast and multicast apart;
 * socket; checksum; port unreachable.
 * The checksum of a datagram of up to CHECKSUM_BREAK bytes is verified at once, that of a longer one when it is needed:
 * with the copy to the user, before a filter runs, or when nobody takes it. In between stands the branch for
 * broadcasts, so a long one with a wrong sum that nobody wants is "ignored", a short one an error.
 * Broadcasts and multicasts go to every socket of the port that wants them (udp_mcast.c).
 * Out: udp_queue.c. Drops here: NO_SOCKET, PKT_TOO_SMALL, UDP_CSUM, NOT_SPECIFIED (no room for a header).
 * Specs: RFC 768; RFC 1122 4.1.3; RFC 3828.
 */
#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/netdevice.h"
#include "net/protocol.h"
#include "udp_internal.h"

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

static int udp_refuse(struct net *net, struct sk_buff *skb, bool lite)
{
	UDP_INC_STATS(net, UDP_MIB_NOPORTS, lite);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	kfree_skb_reason_at(net->skiff, skb, SKB_DROP_REASON_NO_SOCKET, "__udp4_lib_rcv");
	return 0;
}

/* IP_CHECKSUM: the user is told the sum over the payload, which follows from the verified one. */
static void udp_convert_csum(struct sk_buff *skb, const struct udp_cover *c, bool pending)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (pending || c->lite || skb->ip_summed != CHECKSUM_NONE ||
	    !((const struct udphdr *)skb->data)->check)
		return;
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = ~csum_tcpudp_nofold(iph->saddr, iph->daddr, skb->len, c->proto, 0);
}

/* What udp_queue.c and recvmsg() have to know of the checksum. Keeps the options that IP left in the control block. */
static void udp_note_cover(struct sk_buff *skb, const struct udp_cover *c, bool pending)
{
	struct udp_skb_cb *cb = UDP_SKB_CB(skb);

	cb->cscov = (u16)c->len;
	cb->partial_cov = c->len < skb->len;
	cb->csum_pending = pending;
	skb->cold = 1;
}

static int __udp4_lib_rcv(struct sk_buff *skb, u8 proto)
{
	const struct rtable *rt = skb_rtable(skb);
	struct net *net = dev_net(skb->dev);
	struct udp_cover c = { .proto = proto, .lite = proto == IPPROTO_UDPLITE };
	struct udp_table *t = c.lite ? net->ipv4.udplite_table : net->ipv4.udp_table;
	enum skb_drop_reason reason;
	const struct udphdr *uh;
	bool pending = false;
	struct sock *sk;
	int ret;

	journey_fn(net, skb);
	reason = udp_check(net, skb, &c, &pending);
	if (unlikely(reason))
		goto drop;
	udp_note_cover(skb, &c, pending);
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return __udp4_lib_mcast_deliver(net, skb, t, c.lite);
	uh = (const struct udphdr *)skb->data;
	sk = __udp4_lib_lookup(net, ip_hdr(skb)->saddr, uh->source, ip_hdr(skb)->daddr, uh->dest,
			       (int)skb->dev->ifindex, 0, t, skb);
	if (likely(sk)) {
		if (unlikely(inet_sk(sk)->convert_csum))
			udp_convert_csum(skb, &c, pending);
		ret = udp_queue_rcv_skb(sk, skb);
		return ret > 0 ? -ret : 0;
	}
	/* Nobody: a wrong checksum is no reason to answer (RFC 1122 4.1.3.4). */
	if (!pending || udp_csum_ok(skb, &c))
		return udp_refuse(net, skb, c.lite);
	reason = SKB_DROP_REASON_UDP_CSUM;
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

static const struct net_protocol udp_protocol = {
	.handler = udp_rcv,
	.err_handler = udp_err,
	.no_policy = true,
};

static const struct net_protocol udplite_protocol = {
	.handler = udplite_rcv,
	.err_handler = udplite_err,
	.no_policy = true,
};

/* ---- start and end of a namespace ---- */

static struct udp_table *udp_table_new(struct net *net)
{
	struct udp_table *t = skiff_zalloc(net->skiff, sizeof(*t));

	if (!t)
		return NULL;
	t->secret.key[0] = skiff_random64(net->skiff);
	t->secret.key[1] = skiff_random64(net->skiff);
	return t;
}

static void udp_net_exit(struct net *net)
{
	inet_del_protocol(net, &udp_protocol, IPPROTO_UDP);
	inet_del_protocol(net, &udplite_protocol, IPPROTO_UDPLITE);
	skiff_free(net->skiff, net->ipv4.udp_table);
	skiff_free(net->skiff, net->ipv4.udplite_table);
	net->ipv4.udp_table = net->ipv4.udplite_table = NULL;
}

static int udp_net_init(struct net *net)
{
	int err = udp_sysctl_register(net);

	net->ipv4.udp_table = udp_table_new(net);
	net->ipv4.udplite_table = udp_table_new(net);
	if (!net->ipv4.udp_table || !net->ipv4.udplite_table)
		err = -ENOMEM;
	if (!err && (inet_add_protocol(net, &udp_protocol, IPPROTO_UDP) ||
		     inet_add_protocol(net, &udplite_protocol, IPPROTO_UDPLITE)))
		err = -EAGAIN;
	if (err)
		udp_net_exit(net);
	return err;
}

const struct pernet_operations udp_net_ops = { "udp", udp_net_init, udp_net_exit };
