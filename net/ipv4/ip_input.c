// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_input.c - IPv4 packets come in: header checks, PRE_ROUTING, route, then deliver here or hand to forwarding.
 *
 * DOC: Input
 * In : ip_list_rcv() gets batches of one device from net/core/dev.c, data at the IP header.
 * Out: runs of packets with the same dst->input go there: ip_local_deliver, ip_forward, ip_error.
 * A packet to the destination of the packet before takes its route over (the hint) after the source has been judged.
 * Not here: routing itself (route_input.c), options (ip_options.c), reassembly (ip_fragment.c).
 * Specs: RFC 791 3.1, RFC 1122 3.2.1, RFC 1812 5.2. Seed: 二.1.
 */
#include "net/ip.h"

#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/netfilter.h"
#include "net/protocol.h"
#include "net/route.h"

const struct ip_options ip_no_options;

static __noinline_cold bool ip_rcv_drop(struct net *net, struct sk_buff *skb,
					enum skb_drop_reason reason)
{
	if (reason == SKB_DROP_REASON_OTHERHOST)
		skb->dev->stats.rx_otherhost_dropped++;
	else if (reason == SKB_DROP_REASON_PKT_TOO_SMALL)
		IP_INC_STATS(net, IPSTATS_MIB_INTRUNCATEDPKTS);
	else
		IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
	if (reason == SKB_DROP_REASON_IP_CSUM)
		IP_INC_STATS(net, IPSTATS_MIB_CSUMERRORS);
	journey_fn_named(net, skb, "ip_rcv_core");
	kfree_skb_reason_at(net->skiff, skb, reason, "ip_rcv_core");
	return false;
}

/*
 * The checks of a received header, in the seed's order. Return: false if the packet failed one (then it is gone).
 * @plain: known to be nobody else's, in one piece and with the usual first byte (constant: the compiler leaves out what
 *         such a packet cannot fail)
 */
static __always_inline_ bool ip_rcv_core(struct sk_buff **pskb, struct net *net, const bool plain)
{
	struct skiff *skiff = net->skiff;
	struct sk_buff *skb = *pskb;
	const struct iphdr *iph;
	u32 len, hlen;

	if (!plain && skb->pkt_type == PACKET_OTHERHOST)
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_OTHERHOST);
	IP_UPD_PO_STATS(net, IN, skb->len);
	if (!plain && skb_shared(skb)) {
		skb = *pskb = skb_share_check(skiff, skb);
		if (!skb) {
			IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
			return false;
		}
	}
	if (!plain && !pskb_may_pull(skiff, skb, sizeof(*iph)))
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_IP_INHDR);
	iph = ip_hdr(skb);
	if (!plain && (iph->ihl < 5 || iph->version != 4))
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_IP_INHDR);
	static_assert(IPSTATS_MIB_ECT1PKTS == IPSTATS_MIB_NOECTPKTS + INET_ECN_ECT_1 &&
			      IPSTATS_MIB_ECT0PKTS == IPSTATS_MIB_NOECTPKTS + INET_ECN_ECT_0 &&
			      IPSTATS_MIB_CEPKTS == IPSTATS_MIB_NOECTPKTS + INET_ECN_CE,
		      "counters in the order of the ECN bits");
	IP_ADD_STATS(net, IPSTATS_MIB_NOECTPKTS + (iph->tos & INET_ECN_MASK),
		     plain ? 1 : skb_gso_segs(skb));
	hlen = plain ? sizeof(*iph) : iph->ihl * 4u;
	if (!plain && hlen > sizeof(*iph)) {
		if (!pskb_may_pull(skiff, skb, hlen))
			return ip_rcv_drop(net, skb, SKB_DROP_REASON_IP_INHDR);
		iph = ip_hdr(skb);
	}
	if (unlikely(ip_fast_csum(iph, hlen / 4)))
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_IP_CSUM);
	len = ntohs(iph->tot_len);
	if (unlikely(skb->len < len))
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
	if (unlikely(len < hlen))
		return ip_rcv_drop(net, skb, SKB_DROP_REASON_IP_INHDR);
	/* What the link padded is no part of the packet. */
	if (unlikely(pskb_trim(skiff, skb, len))) {
		IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOMEM);
		return false;
	}
	skb->transport_header = (u16)(skb->network_header + hlen);
	skb->ipflags = 0;
	if (!plain)
		skb_orphan(skb);
	return true;
}

static __attribute__((noinline)) bool ip_rcv_core_any(struct sk_buff **pskb, struct net *net)
{
	return ip_rcv_core(pskb, net, false);
}

/* Nobody else's, in one piece, and "version 4, no options". */
static __always_inline_ bool ip_rcv_is_plain(const struct sk_buff *skb)
{
	return !skb->cold && skb->pkt_type != PACKET_OTHERHOST &&
	       skb->len >= sizeof(struct iphdr) && *skb->data == 0x45;
}

/* Options of a received packet. Return: false if it must be dropped, with *reason. */
static bool ip_rcv_options(struct sk_buff *skb, struct net_device *dev,
			   enum skb_drop_reason *reason)
{
	struct net *net = dev->net;
	const struct iphdr *iph;
	struct in_device *in_dev = in_dev_get(dev);
	struct ip_options *opt;

	/* They may be written to on the way (addresses recorded): the header has to be ours. */
	if (skb_cow(net->skiff, skb, skb_headroom(skb))) {
		IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
		return false;
	}
	iph = ip_hdr(skb);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	skb->cold = 1;
	skb->ipflags |= IPSKB_OPTS;
	opt = &IPCB(skb)->opt;
	opt->optlen = (u8)(iph->ihl * 4u - sizeof(*iph));
	if (ip_options_compile(net, opt, skb)) {
		IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
		*reason = SKB_DROP_REASON_IP_INHDR;
		return false;
	}
	if (unlikely(opt->srr)) {
		if (in_dev && !IN_DEV_SOURCE_ROUTE(in_dev)) {
			journey_setting(net, "net.ipv4.conf.%s.accept_source_route=0",
					IPV4_DEVCONF_ALL(net, ACCEPT_SOURCE_ROUTE) ? dev->name :
										     "all");
			if (IN_DEV_LOG_MARTIANS(in_dev))
				skiff_log(net->skiff, SKIFF_LOG_INFO,
					  "source route option " NIPFMT " -> " NIPFMT,
					  NIPQUAD(iph->saddr), NIPQUAD(iph->daddr));
			return false;
		}
		if (ip_options_rcv_srr(skb, dev))
			return false;
	}
	return true;
}

static __always_inline_ bool ip_can_use_hint(const struct sk_buff *skb, const struct iphdr *iph,
					     const struct sk_buff *hint)
{
	return hint && !skb->dst && ip_hdr(hint)->daddr == iph->daddr &&
	       ip_hdr(hint)->tos == iph->tos;
}

static __noinline_cold bool ip_rcv_finish_drop(struct net *net, struct sk_buff *skb,
					       enum skb_drop_reason reason)
{
	if (reason == SKB_DROP_REASON_IP_RPFILTER)
		NET_INC_STATS(net, LINUX_MIB_IPRPFILTER);
	kfree_skb_reason_at(net->skiff, skb, reason, "ip_rcv_finish_core");
	return false;
}

/* Group and broadcast packets are counted, and a unicast packet in a group's frame may be unwelcome (RFC 1122 3.3.6). */
static __noinline_cold bool ip_rcv_not_unicast(struct net *net, struct sk_buff *skb,
					       struct net_device *dev)
{
	struct rtable *rt = skb_rtable(skb);
	struct in_device *in_dev;

	if (rt->rt_type == RTN_MULTICAST) {
		IP_UPD_PO_STATS(net, INMCAST, skb->len);
	} else if (rt->rt_type == RTN_BROADCAST) {
		IP_UPD_PO_STATS(net, INBCAST, skb->len);
	} else if (skb->pkt_type == PACKET_BROADCAST || skb->pkt_type == PACKET_MULTICAST) {
		in_dev = in_dev_get(dev);
		if (in_dev && IN_DEV_ORCONF(in_dev, DROP_UNICAST_IN_L2_MULTICAST)) {
			journey_setting(net, "net.ipv4.conf.%s.drop_unicast_in_l2_multicast=1",
					IN_DEV_CONF_GET(in_dev, DROP_UNICAST_IN_L2_MULTICAST) ?
						dev->name :
						"all");
			return ip_rcv_finish_drop(net, skb,
						  SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST);
		}
	}
	return true;
}

/* Give the packet its route and read its options. Return: false if it is gone. */
static __always_inline_ bool ip_rcv_finish_core(struct net *net, const bool traced,
						struct sk_buff *skb, struct net_device *dev,
						const struct sk_buff *hint)
{
	const struct iphdr *iph = ip_hdr(skb);
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;

	if (unlikely(traced))
		journey_fn(net, skb);
	if (ip_can_use_hint(skb, iph, hint)) {
		if (unlikely(ip_route_use_hint(skb, iph->daddr, iph->saddr,
					       inet_dsfield_to_dscp(iph->tos), dev, hint, &reason)))
			return ip_rcv_finish_drop(net, skb, reason);
	}
	/* Early demux may have found a socket that knows the packet's route. */
	if (likely(!skb->dst)) {
		if (unlikely(ip_route_input_noref(skb, iph->daddr, iph->saddr,
						  inet_dsfield_to_dscp(iph->tos), dev, &reason)))
			return ip_rcv_finish_drop(net, skb, reason);
	}
	if (unlikely(*(const u8 *)iph != 0x45 && !ip_rcv_options(skb, dev, &reason)))
		return ip_rcv_finish_drop(net, skb, reason);
	if (unlikely(skb_rtable(skb)->rt_type >= RTN_BROADCAST || skb->pkt_type != PACKET_HOST))
		return ip_rcv_not_unicast(net, skb, dev);
	return true;
}

/* A route that the next packet may take over: not with rules of the namespace's own, nor if chosen by a hash, by a source
 * route in the options, or (groups) by the protocol. */
static __always_inline_ const struct sk_buff *ip_extract_route_hint(const struct net *net,
								    const struct sk_buff *skb)
{
	u16 type = skb_rtable(skb)->rt_type;

	if (unlikely(net->ipv4.fib_has_custom_rules || type == RTN_BROADCAST ||
		     type == RTN_MULTICAST || (skb->ipflags & (IPSKB_MULTIPATH | IPSKB_OPTS))))
		return NULL;
	return skb;
}

/* Packets of different fates: each run of equal input functions goes its way, in order. */
static void dst_input_runs(const struct skb_batch *b)
{
	struct skb_batch run;

	for (u32 i = 0; i < b->n;) {
		void (*input)(struct skb_batch *) = b->p[i]->dst->input;

		run.n = 0;
		while (i < b->n && b->p[i]->dst->input == input)
			run.p[run.n++] = b->p[i++];
		input(&run);
	}
}

/* From here on a batch is worth looking ahead for: fewer packets wait less than the look costs. */
#define LOOK_AHEAD_MIN 8

/* Have the routes of the batch looked up together. Return: worth it? A single flow takes its route over by the hint. */
static bool ip_look_ahead(struct net *net, const struct skb_batch *b)
{
	__be32 *daddr = net->ipv4.fib_ahead.daddr, last = 0;
	u32 flows = 0;

	for (u32 i = 0; i < b->n; i++) {
		__be32 d = ip_hdr(b->p[i])->daddr;

		daddr[i] = d;
		flows += d != last;
		last = d;
	}
	if (flows < LOOK_AHEAD_MIN)
		return false;
	fib_look_ahead(net, b->n);
	return true;
}

/* Let the transports look for the sockets of the batch, and the routes those know, before any packet is routed. */
static void ip_early_demux(struct net *net, struct skb_batch *b)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (u32 i = 0; i < ARRAY_SIZE(protocols); i++) {
		const struct net_protocol *p = net->ipv4.inet_protos[protocols[i]];

		if (p && p->early_demux)
			p->early_demux(net, b);
	}
}

static void ip_list_rcv_finish(struct net *net, struct skb_batch *b, struct net_device *dev)
{
	const bool ahead = b->n >= LOOK_AHEAD_MIN && ip_look_ahead(net, b),
		   traced = net->skiff->journey != NULL;
	const struct sk_buff *hint = NULL;
	bool mixed = false;
	u32 n = 0;

	if (net->ipv4.sysctl_ip_early_demux)
		ip_early_demux(net, b);
	if (!traced && !b->p[0]->dst && *b->p[0]->data == 0x45)
		rt_last_use(net, b->p[0], ip_hdr(b->p[0]), dev);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		net->ipv4.fib_ahead.cur = i;
		if (unlikely(!ip_rcv_finish_core(net, traced, skb, dev, hint)))
			continue;
		hint = ip_extract_route_hint(net, skb);
		b->p[n++] = skb;
		mixed |= skb->dst->input != ip_forward;
	}
	if (ahead)
		fib_look_ahead_end(net);
	b->n = n;
	if (mixed || unlikely(!n)) {
		if (n == 1)
			b->p[0]->dst->input(b);
		else
			dst_input_runs(b);
		return;
	}
	if (!ahead && !traced)
		rt_last_store(net, b->p[n - 1]);
	ip_forward(b);
}

/** ip_list_rcv() - packets of one device, data at the IP header; consumes. Drops: those of ip_rcv_core() and of routing */
void ip_list_rcv(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev)
{
	struct net_device *dev = b->p[0]->dev;
	struct net *net = dev->net;
	u32 n = 0;

	journey_fn_named(net, b->p[0], "ip_rcv");
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (likely(ip_rcv_is_plain(skb)) ? ip_rcv_core(&skb, net, true) :
						   ip_rcv_core_any(&skb, net))
			b->p[n++] = skb;
	}
	b->n = n;
	if (n && nf_hook_list(NFPROTO_IPV4, NF_INET_PRE_ROUTING, net, NULL, b, dev, NULL))
		ip_list_rcv_finish(net, b, dev);
}

/* ---- local delivery ---- */

/** ip_protocol_deliver_rcu() - raw sockets first, then the protocol's handler, which may ask for another protocol (resubmit) */
void ip_protocol_deliver_rcu(struct net *net, struct sk_buff *skb, int protocol)
{
	struct skiff *skiff = net->skiff;
	const struct net_protocol *ipprot;
	int raw, ret;

	journey_fn(net, skb);
	for (;;) {
		raw = raw_local_deliver(skb, protocol);
		ipprot = net->ipv4.inet_protos[protocol & (MAX_INET_PROTOS - 1)];
		if (!ipprot)
			break;
		ret = ipprot->handler(skb);
		if (ret >= 0) {
			IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
			return;
		}
		protocol = -ret;
	}
	if (raw) {
		IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
		consume_skb(skiff, skb);
		return;
	}
	IP_INC_STATS(net, IPSTATS_MIB_INUNKNOWNPROTOS);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	kfree_skb_reason(skiff, skb, SKB_DROP_REASON_IP_NOPROTO);
}

static void ip_local_deliver_finish(struct net *net, struct sk_buff *skb)
{
	journey_fn(net, skb);
	skb_pull(skb, ip_hdrlen(skb));
	skb->transport_header = (u16)(skb->data - skb->head);
	ip_protocol_deliver_rcu(net, skb, ip_hdr(skb)->protocol);
}

/** ip_local_deliver() - dst->input of packets for this node: reassemble, LOCAL_IN, hand to the protocol; consumes */
void ip_local_deliver(struct skb_batch *b)
{
	struct net_device *dev = b->p[0]->dev;
	struct net *net = dev->net;
	u32 n = 0;

	journey_fn(net, b->p[0]);
	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];

		if (unlikely(ip_is_fragment(ip_hdr(skb))) &&
		    ip_defrag(net, &skb, IP_DEFRAG_LOCAL_DELIVER))
			continue;
		b->p[n++] = skb;
	}
	b->n = n;
	if (!n || !nf_hook_list(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, b, dev, NULL))
		return;
	for (u32 i = 0; i < b->n; i++)
		ip_local_deliver_finish(net, b->p[i]);
}

static struct packet_type *ip_packet_type(struct net *net)
{
	return net->ipv4.ip_packet_type;
}

static int ip_input_net_init(struct net *net)
{
	struct packet_type *pt = skiff_zalloc(net->skiff, sizeof(*pt));

	if (!pt)
		return -ENOMEM;
	pt->type = htons(ETH_P_IP);
	pt->list_func = ip_list_rcv;
	net->ipv4.ip_packet_type = pt;
	dev_add_pack(net, pt);
	return 0;
}

static void ip_input_net_exit(struct net *net)
{
	dev_remove_pack(net, ip_packet_type(net));
	skiff_free(net->skiff, ip_packet_type(net));
}

const struct pernet_operations ip_input_net_ops = {
	.name = "ip_input",
	.init = ip_input_net_init,
	.exit = ip_input_net_exit,
};
