// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_ipv4.c - TCP over IPv4 without sockets: segments are checked, and reset.
 *
 * DOC: TCP without a socket
 * In : segments for this node, data and transport header at the TCP header (ip_local_deliver).
 * Order of checks: a unicast frame; 20 bytes of header; data offset; all of the header there; checksum; socket; reset.
 * A reset (RFC 9293 3.10.7.1) goes to whoever sent a segment to one of our unicast addresses that was no reset itself.
 * None is sent if the options are mangled so that a signature cannot be looked for, or if the segment was signed (TCP
 * MD5, RFC 2385; TCP-AO, RFC 5925): an unsigned reset would be refused anyway.
 * Where sockets come in: a lookup in tcp_v4_rcv() between checks and reset, and one in tcp_v4_err().
 * Drops: NO_SOCKET, TCP_CSUM, PKT_TOO_SMALL (data offset below 5), NOT_SPECIFIED (not unicast; shorter than its header).
 */
#include "lib/checksum.h"
#include "net/ip.h"
#include "net/ip_fib.h"
#include "net/netdevice.h"
#include "net/protocol.h"
#include "net/route.h"

#define TCPOPT_EOL     0
#define TCPOPT_NOP     1
#define TCPOPT_MD5SIG  19
#define TCPOPT_AO      29
#define TCPOLEN_MD5SIG 18

/*
 * tcp_auth_options() - is the segment signed, or may it be? As Linux looks for it
 *
 * Only as long as there is room for the shortest signature are options read at all: what is wrong in the last
 * seventeen bytes is not noticed.
 * Return: true: signed, or an option whose length cannot be
 */
static bool tcp_auth_options(const struct tcphdr *th)
{
	const u8 *p = (const u8 *)(th + 1);
	u32 left = th->doff * 4u - (u32)sizeof(*th);

	while (left >= TCPOLEN_MD5SIG) {
		if (p[0] == TCPOPT_EOL)
			return false;
		if (p[0] == TCPOPT_NOP) {
			p++;
			left--;
			continue;
		}
		if (p[1] < 2 || p[1] > left || p[0] == TCPOPT_MD5SIG || p[0] == TCPOPT_AO)
			return true;
		left -= p[1];
		p += p[1];
	}
	return false;
}

/* tcp_reset_fill() - the reset that answers @th with @len bytes from its header on (RFC 9293 3.10.7.1) */
static void tcp_reset_fill(struct tcphdr *rst, const struct tcphdr *th, u32 len)
{
	memset(rst, 0, sizeof(*rst));
	rst->source = th->dest;
	rst->dest = th->source;
	rst->doff = sizeof(*rst) / 4;
	rst->rst = 1;
	if (th->ack) {
		rst->seq = th->ack_seq;
		return;
	}
	rst->ack = 1;
	rst->ack_seq = htonl(ntohl(th->seq) + th->syn + th->fin + len - th->doff * 4u);
}

/* tcp_v4_send_reset() - answer a segment that no socket wants; @skb is borrowed, its whole header linear */
static void tcp_v4_send_reset(struct net *net, struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)skb->data;
	const struct iphdr *iph = ip_hdr(skb);
	struct tcphdr rst;

	journey_fn(net, skb);
	if (th->rst || skb_rtable(skb)->rt_type != RTN_LOCAL || tcp_auth_options(th))
		return;
	tcp_reset_fill(&rst, th, skb->len);
	ip_send_unicast_reply(net, skb, ip_skb_opt(skb), iph->saddr, iph->daddr, IPPROTO_TCP, &rst,
			      sizeof(rst), offsetof(struct tcphdr, check),
			      iph->tos & (u8)~INET_ECN_MASK, 0, 0);
	TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
	TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
}

static bool tcp_csum_ok(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return skb_csum_unnecessary(skb) ||
	       !csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, IPPROTO_TCP,
				  skb_checksum(skb, 0, skb->len, 0));
}

/* tcp_check() - is the segment whole? 0, or the reason to drop */
static enum skb_drop_reason tcp_check(struct net *net, struct sk_buff *skb)
{
	u32 hlen;

	if (!pskb_may_pull(net->skiff, skb, sizeof(struct tcphdr)))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	hlen = ((const struct tcphdr *)skb->data)->doff * 4u;
	if (hlen < sizeof(struct tcphdr))
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	if (!pskb_may_pull(net->skiff, skb, hlen))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	if (!tcp_csum_ok(skb))
		return SKB_DROP_REASON_TCP_CSUM;
	return SKB_NOT_DROPPED_YET;
}

static int tcp_v4_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;

	journey_fn(net, skb);
	if (skb->pkt_type != PACKET_HOST)
		goto discard;
	TCP_INC_STATS(net, TCP_MIB_INSEGS);
	reason = tcp_check(net, skb);
	if (reason == SKB_DROP_REASON_TCP_CSUM)
		TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
	if (reason == SKB_DROP_REASON_TCP_CSUM || reason == SKB_DROP_REASON_PKT_TOO_SMALL)
		TCP_INC_STATS(net, TCP_MIB_INERRS);
	if (reason)
		goto discard;
	/* Here a segment looks for its socket. Nobody: */
	reason = SKB_DROP_REASON_NO_SOCKET;
	tcp_v4_send_reset(net, skb);
discard:
	kfree_skb_reason(net->skiff, skb, reason);
	return 0;
}

/* tcp_v4_err() - an error about a segment of ours. No socket: nobody here sent it, an ICMP InError */
static int tcp_v4_err(struct sk_buff *skb, u32 info)
{
	ICMP_INC_STATS(dev_net(skb->dev), ICMP_MIB_INERRORS);
	return -ENOENT;
}

static const struct net_protocol tcp_protocol = {
	.handler = tcp_v4_rcv,
	.err_handler = tcp_v4_err,
	.no_policy = true,
	.icmp_strict_tag_validation = true,
};

static int tcp_v4_net_init(struct net *net)
{
	return inet_add_protocol(net, &tcp_protocol, IPPROTO_TCP) ? -EAGAIN : 0;
}

static void tcp_v4_net_exit(struct net *net)
{
	inet_del_protocol(net, &tcp_protocol, IPPROTO_TCP);
}

const struct pernet_operations tcp_v4_net_ops = { "tcp_ipv4", tcp_v4_net_init, tcp_v4_net_exit };
