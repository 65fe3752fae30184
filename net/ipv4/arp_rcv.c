// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/arp_rcv.c - judge an ARP packet that arrived: answer it, stand in for somebody, or take it as news.
 *
 * DOC: Receiving ARP
 * In : frames of EtherType ARP from netif_receive_skb_list(), data at the ARP header.
 * arp_rcv() checks lengths, NF_ARP_IN follows, arp_process() judges in this order: hardware and protocol type, opcode,
 * target class, drop_gratuitous_arp, duplicate address probe, request for one of ours (arp_ignore, arp_filter), request
 * that we answer as proxy, and at last news about the sender (arp_accept, locktime).
 * A packet that makes no sense is dropped (NOT_SPECIFIED, as in Linux); one that is merely not for us ends normally.
 */
#include "arp_internal.h"

#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/netfilter.h"
#include "net/route.h"

#include <linux/rtnetlink.h>

/* An ARP packet taken apart; pointers into the skb. */
struct arp_info {
	u16 op;
	const u8 *sha, *tha;
	__be32 sip, tip;
};

static void arp_parse(const struct sk_buff *skb, const struct net_device *dev, struct arp_info *a)
{
	const struct arphdr *arp = (const struct arphdr *)skb->data;
	const u8 *p = (const u8 *)(arp + 1);

	a->op = ntohs(arp->ar_op);
	a->sha = p;
	a->sip = get_unaligned32(p + dev->addr_len);
	a->tha = p + dev->addr_len + ARP_PROTO_LEN;
	a->tip = get_unaligned32(a->tha + dev->addr_len);
}

/* Names the directory of net.ipv4.conf whose value decided, for keys where the greater one counts. */
#define arp_setting(in_dev, attr, key)                                     \
	journey_setting(IN_DEV_NET(in_dev), "net.ipv4.conf.%s." key "=%d", \
			IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), attr) >       \
					IN_DEV_CONF_GET(in_dev, attr) ?    \
				"all" :                                    \
				(in_dev)->dev->name,                       \
			IN_DEV_MAXCONF(in_dev, attr))

/* arp_ignore: is the target one that we do not answer for here? */
static bool arp_ignore(struct in_device *in_dev, __be32 sip, __be32 tip)
{
	struct net *net = IN_DEV_NET(in_dev);
	struct in_device *on = in_dev;
	int scope;

	switch (IN_DEV_ARP_IGNORE(in_dev)) {
	case 1: /* only for addresses of this device */
		sip = 0;
		scope = RT_SCOPE_HOST;
		break;
	case 2: /* and only to askers in their subnet */
		scope = RT_SCOPE_HOST;
		break;
	case 3: /* not for addresses of scope host */
		sip = 0;
		scope = RT_SCOPE_LINK;
		on = NULL;
		break;
	case 8:
		arp_setting(in_dev, ARP_IGNORE, "arp_ignore");
		return true;
	default:
		return false;
	}
	if (inet_confirm_addr(net, on, sip, tip, scope))
		return false;
	arp_setting(in_dev, ARP_IGNORE, "arp_ignore");
	return true;
}

/* arp_filter: would we send to the asker by another device? */
static bool arp_filter(struct in_device *in_dev, __be32 sip, __be32 tip)
{
	struct net *net = IN_DEV_NET(in_dev);
	struct flowi4 fl4;
	struct rtable *rt;
	bool other;
	int err;

	flowi4_init_output(&fl4, 0, 0, 0, RT_SCOPE_UNIVERSE, 0, 0, sip, tip, 0, 0, 0);
	rt = ip_route_output_key(net, &fl4, &err);
	if (!rt)
		return true;
	other = rt->dst.dev != in_dev->dev;
	if (other) {
		NET_INC_STATS(net, LINUX_MIB_ARPFILTER);
		arp_setting(in_dev, ARPFILTER, "arp_filter");
	}
	ip_rt_put(rt);
	return other;
}

/* proxy_arp: the target is behind another device, and not on the same medium (medium_id). */
static bool arp_fwd_proxy(struct in_device *in_dev, const struct rtable *rt)
{
	struct in_device *out_dev;
	int imi, omi = -1;

	if (rt->dst.dev == in_dev->dev || !IN_DEV_PROXY_ARP(in_dev))
		return false;
	imi = IN_DEV_MEDIUM_ID(in_dev);
	if (!imi)
		return true;
	if (imi == -1)
		return false;
	out_dev = in_dev_get(rt->dst.dev);
	if (out_dev)
		omi = IN_DEV_MEDIUM_ID(out_dev);
	return omi != imi && omi != -1;
}

/* proxy_arp_pvlan: hosts of this very link can not hear each other (RFC 3069); self-probes are let alone. */
static bool arp_fwd_pvlan(struct in_device *in_dev, const struct rtable *rt,
			  const struct arp_info *a)
{
	return rt->dst.dev == in_dev->dev && a->sip != a->tip && IN_DEV_PROXY_ARP_PVLAN(in_dev);
}

static bool arp_is_proxied(struct in_device *in_dev, const struct rtable *rt,
			   const struct arp_info *a)
{
	struct net_device *dev = in_dev->dev;

	return arp_fwd_proxy(in_dev, rt) || arp_fwd_pvlan(in_dev, rt, a) ||
	       (rt->dst.dev != dev && pneigh_lookup(dev->net->arp_tbl, a->tip, dev));
}

static void arp_reply(struct net_device *dev, const struct arp_info *a)
{
	arp_send_dst(ARPOP_REPLY, ETH_P_ARP, a->sip, dev, a->tip, a->sha, dev->dev_addr, a->sha);
}

/* Hardware type, protocol and opcode. */
static bool arp_is_sane(const struct net_device *dev, const struct arphdr *arp)
{
	if (arp->ar_pro != htons(ETH_P_IP))
		return false;
	if (dev->type == ARPHRD_ETHER) {
		/* 802 hosts speak of themselves as either */
		if (arp->ar_hrd != htons(ARPHRD_ETHER) && arp->ar_hrd != htons(ARPHRD_IEEE802))
			return false;
	} else if (arp->ar_hrd != htons(dev->type)) {
		return false;
	}
	return arp->ar_op == htons(ARPOP_REPLY) || arp->ar_op == htons(ARPOP_REQUEST);
}

/* Targets and gratuitous packets that are refused. */
static bool arp_is_acceptable(struct in_device *in_dev, const struct arp_info *a)
{
	if (ipv4_is_multicast(a->tip))
		return false;
	if (ipv4_is_loopback(a->tip) && !IN_DEV_ROUTE_LOCALNET(in_dev)) {
		arp_setting(in_dev, ROUTE_LOCALNET, "route_localnet");
		return false;
	}
	if (a->sip == a->tip && IN_DEV_ORCONF(in_dev, DROP_GRATUITOUS_ARP)) {
		arp_setting(in_dev, DROP_GRATUITOUS_ARP, "drop_gratuitous_arp");
		return false;
	}
	return true;
}

/* RFC 5227 2.1.1: somebody checks whether an address is free. */
static void arp_answer_probe(struct in_device *in_dev, const struct arp_info *a)
{
	struct net_device *dev = in_dev->dev;

	if (a->op == ARPOP_REQUEST &&
	    inet_addr_type_dev_table(dev->net, dev, a->tip) == RTN_LOCAL &&
	    !arp_ignore(in_dev, a->sip, a->tip))
		arp_reply(dev, a);
}

static void arp_answer_local(struct in_device *in_dev, const struct arp_info *a)
{
	struct net_device *dev = in_dev->dev;

	if (arp_ignore(in_dev, a->sip, a->tip))
		return;
	if (IN_DEV_ARPFILTER(in_dev) && arp_filter(in_dev, a->sip, a->tip))
		return;
	if (neigh_event_ns(dev->net->arp_tbl, a->sha, a->sip, dev))
		arp_reply(dev, a);
}

/* Return: false if the skb was queued and is not the caller's any more */
static bool arp_answer_proxy(struct in_device *in_dev, struct sk_buff *skb,
			     const struct arp_info *a)
{
	struct net_device *dev = in_dev->dev;

	neigh_event_ns(dev->net->arp_tbl, a->sha, a->sip, dev);
	if (!neigh_locally_enqueued(skb) && skb->pkt_type != PACKET_HOST &&
	    NEIGH_VAR(in_dev->arp_parms, PROXY_DELAY)) {
		pneigh_enqueue(dev->net->arp_tbl, in_dev->arp_parms, skb);
		return false;
	}
	arp_reply(dev, a);
	return true;
}

/* What a request is to us. */
enum arp_verdict { ARP_NEWS, ARP_DONE, ARP_QUEUED };

static enum arp_verdict arp_judge_request(struct in_device *in_dev, struct sk_buff *skb,
					  const struct arp_info *a)
{
	enum skb_drop_reason reason;
	struct rtable *rt;

	if (ip_route_input_noref(skb, a->tip, a->sip, 0, in_dev->dev, &reason) != 0)
		return ARP_NEWS;
	rt = skb_rtable(skb);
	if (rt->rt_type == RTN_LOCAL) {
		arp_answer_local(in_dev, a);
		return ARP_DONE;
	}
	if (!IN_DEV_FORWARD(in_dev) || rt->rt_type != RTN_UNICAST || !arp_is_proxied(in_dev, rt, a))
		return ARP_NEWS;
	return arp_answer_proxy(in_dev, skb, a) ? ARP_DONE : ARP_QUEUED;
}

/* arp_accept: may a packet that we did not ask for make a new entry? */
static bool arp_accept(struct in_device *in_dev, __be32 sip)
{
	switch (IN_DEV_ARP_ACCEPT(in_dev)) {
	case 1:
		return true;
	case 2: /* only for senders in a subnet of the device */
		return inet_confirm_addr(IN_DEV_NET(in_dev), in_dev, sip, 0, RT_SCOPE_LINK) != 0;
	default:
		return false;
	}
}

/* Gratuitous: the sender speaks of itself; in a reply the target's address must be its own too. @addr_type is filled in
 * if it had to be looked up. */
static bool arp_is_garp(struct net_device *dev, int *addr_type, const struct arp_info *a)
{
	if (a->sip != a->tip)
		return false;
	if (a->op == ARPOP_REPLY && memcmp(a->tha, a->sha, dev->addr_len))
		return false;
	*addr_type = (int)inet_addr_type_dev_table(dev->net, dev, a->sip);
	return *addr_type == RTN_UNICAST;
}

/* News about the sender. An entry that is there is brought up to date, arp_accept may make a new one. */
static void arp_learn(struct in_device *in_dev, const struct sk_buff *skb, const struct arp_info *a)
{
	struct net_device *dev = in_dev->dev;
	struct neigh_table *tbl = dev->net->arp_tbl;
	struct neighbour *n = neigh_lookup(tbl, a->sip, dev);
	bool accept = arp_accept(in_dev, a->sip), is_garp = false, override;
	int addr_type = -1, err;

	if (n || accept)
		is_garp = arp_is_garp(dev, &addr_type, a);
	if (!n && accept) {
		if (!is_garp && a->op == ARPOP_REPLY && addr_type < 0)
			addr_type = (int)inet_addr_type_dev_table(dev->net, dev, a->sip);
		if (is_garp || (a->op == ARPOP_REPLY && addr_type == RTN_UNICAST))
			n = ___neigh_create(tbl, a->sip, dev, &err);
	}
	if (!n)
		return;
	/* Several answers to one question (proxies, failover): within locktime the first one stands. */
	override = is_garp || time_after(dev->net->skiff->jiffies,
					 n->updated + (u64)NEIGH_VAR(n->parms, LOCKTIME));
	/* Only an answer to our own question proves that the neighbour hears us. */
	neigh_update(n, a->sha,
		     a->op == ARPOP_REPLY && skb->pkt_type == PACKET_HOST ? NUD_REACHABLE :
									    NUD_STALE,
		     override ? NEIGH_UPDATE_F_OVERRIDE : 0, 0);
}

/**
 * arp_process() - judge one ARP packet behind the NF_ARP_IN hook
 * @skb:  lengths checked by arp_rcv(); consumed
 * Drops: SKB_DROP_REASON_NOT_SPECIFIED for what is malformed or refused
 * Spec:  RFC 826; RFC 1122 2.3.2.1; RFC 5227
 */
void arp_process(struct net *net, struct sk_buff *skb)
{
	struct in_device *in_dev = in_dev_get(skb->dev);
	enum arp_verdict verdict = ARP_NEWS;
	struct arp_info a;

	journey_fn(net, skb);
	if (!in_dev || !arp_is_sane(skb->dev, (const struct arphdr *)skb->data))
		goto drop;
	arp_parse(skb, skb->dev, &a);
	if (!arp_is_acceptable(in_dev, &a))
		goto drop;
	if (!a.sip) {
		arp_answer_probe(in_dev, &a);
		verdict = ARP_DONE;
	} else if (a.op == ARPOP_REQUEST) {
		verdict = arp_judge_request(in_dev, skb, &a);
	}
	if (verdict == ARP_QUEUED)
		return;
	if (verdict == ARP_NEWS)
		arp_learn(in_dev, skb, &a);
	consume_skb(net->skiff, skb);
	return;
drop:
	kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
}

/* One frame: whom it is for, its lengths, the hook. */
static void arp_rcv(struct net *net, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	const struct arphdr *arp;
	struct skb_batch b;

	journey_fn(net, skb);
	if ((dev->flags & IFF_NOARP_) || skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK) {
		consume_skb(net->skiff, skb);
		return;
	}
	skb = skb_share_check(net->skiff, skb);
	if (!skb)
		return;
	if (!pskb_may_pull(net->skiff, skb, arp_hdr_len(dev)))
		goto drop;
	arp = (const struct arphdr *)skb->data;
	if (arp->ar_hln != dev->addr_len || arp->ar_pln != ARP_PROTO_LEN)
		goto drop;
	neigh_cb_init(skb);
	skb_batch_one(&b, skb);
	if (nf_hook_list(NFPROTO_ARP, NF_ARP_IN, net, NULL, &b, dev, NULL))
		arp_process(net, b.p[0]);
	return;
drop:
	kfree_skb_reason(net->skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
}

/**
 * arp_list_rcv() - packet_type.list_func of ARP
 * @b: frames from one device, data at the ARP header; consumed. They are judged one by one: each changes what the next
 *     one finds
 */
void arp_list_rcv(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev)
{
	struct net *net = b->p[0]->dev->net;

	for (u32 i = 0; i < b->n; i++)
		arp_rcv(net, b->p[i]);
}
