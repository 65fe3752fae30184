// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_rcv.c - IGMP messages that arrive: queries of routers, reports of other hosts.
 *
 * DOC: IGMP in
 * A query of eight bytes is one of version 1 or 2, from then on that version is spoken; a longer one is of version 3 and
 * tells the querier's numbers. It arms the timers that igmp.c describes. A report of another host (versions 1 and 2)
 * stops the timer of its group. All else is for multicast routers, and dropped.   Specs: RFC 2236 6; RFC 3376 5.2, 7.
 */
#include "igmp_internal.h"

#include "lib/checksum.h"
#include "net/ip.h"
#include "net/route.h"

/* Units of the response time in a query per second. */
#define IGMP_TIMER_SCALE 10
#define IGMP_TICKS(code) ((u32)(code) * (HZ / IGMP_TIMER_SCALE))

/* igmp_float() - RFC 3376 4.1.1, 4.1.7: from 128 on 4 bits of mantissa and 3 of exponent */
static u32 igmp_float(u8 v)
{
	return v < 0x80 ? v : (u32)((v & 0xf) | 0x10) << (((v >> 4) & 7) + 3);
}

/* igmp_heard_old_query() - eight bytes: a v1 query (no time given) or a v2 query. Return: time to answer in */
static u32 igmp_heard_old_query(struct in_device *in_dev, const struct igmphdr *ih, __be32 *group)
{
	u64 until = IN_DEV_NET(in_dev)->skiff->jiffies + in_dev->mr_qrv * in_dev->mr_qi +
		    in_dev->mr_qri;

	in_dev->mr_ifc_count = 0;
	timer_delete(&in_dev->mr_ifc_timer);
	igmpv3_clear_delrec(in_dev);
	if (ih->code) {
		in_dev->mr_v2_seen = until;
		return IGMP_TICKS(ih->code);
	}
	in_dev->mr_v1_seen = until;
	*group = 0;
	return IGMP_QUERY_RESPONSE_INTERVAL;
}

/* igmp_learn_query() - what a v3 query says of the querier: time to answer, robustness, interval (RFC 3376 4.1.6, 4.1.7) */
static void igmp_learn_query(struct in_device *in_dev, const struct igmpv3_query *q)
{
	u32 delay = IGMP_TICKS(igmp_float(q->h.code)), qi = igmp_float(q->qqic) * HZ;

	in_dev->mr_maxdelay = delay ? delay : 1;
	in_dev->mr_qrv = q->qrv_s & 7 ? q->qrv_s & 7u :
					(u32)IN_DEV_NET(in_dev)->ipv4.sysctl_igmp_qrv;
	in_dev->mr_qi = qi ? qi : IGMP_QUERY_INTERVAL;
	/* RFC 3376 8.3: the response interval is the shorter one. */
	if (in_dev->mr_qri >= in_dev->mr_qi)
		in_dev->mr_qri = in_dev->mr_qi - HZ;
}

/* igmp_query_groups() - reports for @group (0: all) within @max_delay; @srcs: the query names sources */
static void igmp_query_groups(struct in_device *in_dev, __be32 group, u32 max_delay,
			      const __be32 *srcs, u32 nsrcs)
{
	struct ip_mc_list *im;

	for (im = in_dev->mc_list; im; im = im->next) {
		bool mark = nsrcs != 0;

		if ((group && group != im->multiaddr) || !igmp_reported(in_dev, im->multiaddr))
			continue;
		/* A report for the whole group that is due is not narrowed down. */
		im->gsquery = im->tm_running ? im->gsquery && mark : mark;
		if (!im->gsquery || igmp_marksources(im, srcs, nsrcs))
			igmp_mod_timer(im, max_delay);
	}
}

/* igmp_heard_query() - Return: false: the packet is no query that makes sense */
static bool igmp_heard_query(struct in_device *in_dev, struct sk_buff *skb)
{
	struct skiff *skiff = IN_DEV_NET(in_dev)->skiff;
	const struct igmpv3_query *q = (const struct igmpv3_query *)skb->data;
	__be32 group = q->h.group;
	const __be32 *srcs = NULL;
	u32 max_delay, nsrcs = 0;

	if (skb->len == sizeof(struct igmphdr)) {
		max_delay = igmp_heard_old_query(in_dev, &q->h, &group);
	} else if (skb->len < sizeof(*q)) {
		return false;
	} else if (igmp_v1_seen(in_dev)) {
		max_delay = IGMP_QUERY_RESPONSE_INTERVAL;
		group = 0;
	} else if (igmp_v2_seen(in_dev)) {
		max_delay = IGMP_TICKS(igmp_float(q->h.code));
		max_delay = max_delay ? max_delay : 1;
	} else {
		if (!pskb_may_pull(skiff, skb, sizeof(*q)))
			return false;
		nsrcs = ntohs(((const struct igmpv3_query *)skb->data)->nsrcs);
		if (!pskb_may_pull(skiff, skb, (u32)sizeof(*q) + nsrcs * 4))
			return false;
		q = (const struct igmpv3_query *)skb->data;
		srcs = (const __be32 *)(q + 1);
		igmp_learn_query(in_dev, q);
		max_delay = in_dev->mr_maxdelay;
		if (!group) {
			if (nsrcs)
				return false;
			igmp_gq_start_timer(in_dev);
			return true;
		}
	}
	igmp_query_groups(in_dev, group, max_delay, srcs, nsrcs);
	return true;
}

/* igmp_heard_report() - another host told of the group: nobody needs to hear it from us too */
static void igmp_heard_report(struct in_device *in_dev, __be32 group)
{
	struct ip_mc_list *im;

	if (!igmp_reported(in_dev, group))
		return;
	im = ip_mc_find(in_dev, group);
	if (im)
		igmp_stop_timer(im);
}

/* igmp_handle() - Return: the message was used */
static bool igmp_handle(struct net *net, struct sk_buff *skb)
{
	struct in_device *in_dev = in_dev_get(skb->dev);
	const struct igmphdr *ih;

	if (!in_dev || !pskb_may_pull(net->skiff, skb, sizeof(*ih)))
		return false;
	if (!skb_csum_unnecessary(skb) && csum_fold(skb_checksum(skb, 0, skb->len, 0)))
		return false;
	ih = (const struct igmphdr *)skb->data;
	switch (ih->type) {
	case IGMP_HOST_MEMBERSHIP_QUERY:
		return igmp_heard_query(in_dev, skb);
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
		/* Our own, looped back; or one that routers would not have heard. */
		if (rt_is_output_route(skb_rtable(skb)) ||
		    (skb->pkt_type != PACKET_MULTICAST && skb->pkt_type != PACKET_BROADCAST))
			return false;
		igmp_heard_report(in_dev, ih->group);
		return true;
	default:
		return false;
	}
}

/**
 * igmp_rcv() - handler of protocol 2
 * @skb: data at the IGMP header; consumed
 * Return: 0
 * Drops:  NOT_SPECIFIED, for all that is no query and no report of another host
 */
int igmp_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	journey_fn(net, skb);
	if (igmp_handle(net, skb))
		consume_skb(net->skiff, skb);
	else
		kfree_skb(net->skiff, skb);
	return 0;
}
