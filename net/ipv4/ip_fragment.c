// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_fragment.c - IPv4 reassembly: which fragments belong together, when a datagram is whole, when to give up.
 *
 * Specs: RFC 791 3.2, RFC 815, RFC 1122 3.3.2 (time-out and ICMP), RFC 3168 5.3 (ECN), RFC 5722 (overlaps).
 * Not here: order and joining (inet_fragment.c). Seed: 二.1.3.
 */
#include "net/icmp.h"
#include "net/inet_frag.h"
#include "net/inetpeer.h"
#include "net/ip.h"
#include "net/journey.h"
#include "net/route.h"
#include "net/sysctl.h"

#include <stdio.h>
#include <stdlib.h>

#define IP_FRAG_TIME_MS	 30000
#define IP_FRAG_HIGH	 (4u * 1024 * 1024)
#define IP_FRAG_LOW	 (3u * 1024 * 1024)
#define IP_FRAG_MAX_DIST 64

/* One bit for each codepoint seen among the fragments; the datagram's own, or none that fits (RFC 3168 5.3). */
#define ECN_SEEN(tos) (1u << ((tos)&INET_ECN_MASK))
#define ECN_BAD	      0xff
static const u8 ip_frag_ecn_table[16] = {
	/* CE and at least one ECT: CE. Not-ECT with anything else but itself: bad. */
	[ECN_SEEN(INET_ECN_CE) | ECN_SEEN(INET_ECN_ECT_0)] = INET_ECN_CE,
	[ECN_SEEN(INET_ECN_CE) | ECN_SEEN(INET_ECN_ECT_1)] = INET_ECN_CE,
	[ECN_SEEN(INET_ECN_CE) | ECN_SEEN(INET_ECN_ECT_0) | ECN_SEEN(INET_ECN_ECT_1)] = INET_ECN_CE,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_CE)] = ECN_BAD,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_ECT_0)] = ECN_BAD,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_ECT_1)] = ECN_BAD,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_ECT_0) | ECN_SEEN(INET_ECN_ECT_1)] =
		ECN_BAD,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_CE) | ECN_SEEN(INET_ECN_ECT_0)] = ECN_BAD,
	[ECN_SEEN(INET_ECN_NOT_ECT) | ECN_SEEN(INET_ECN_CE) | ECN_SEEN(INET_ECN_ECT_1)] = ECN_BAD,
	[0xf] = ECN_BAD,
};

/* Nobody to tell: the fragments were collected for a router's own purposes, not for this host. */
static bool frag_expire_skip_icmp(u32 user)
{
	return user != IP_DEFRAG_LOCAL_DELIVER;
}

/* Time is up: the first fragment, if it is here, says whom to tell. */
static void ip_expire(struct timer_list *t)
{
	struct inet_frag_queue *q = from_timer(q, t, timer);
	struct net *net = q->fqdir->net;
	enum skb_drop_reason reason = SKB_DROP_REASON_FRAG_REASM_TIMEOUT,
			     why = SKB_DROP_REASON_NOT_SPECIFIED;
	struct sk_buff *head = NULL;
	const struct iphdr *iph;
	u32 iif = q->iif;

	journey_setting(net, "net.ipv4.ipfrag_time=%d", q->fqdir->timeout / 1000);
	q->flags |= INET_FRAG_DROP;
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	IP_INC_STATS(net, IPSTATS_MIB_REASMTIMEOUT);
	if (q->flags & INET_FRAG_FIRST_IN)
		head = inet_frag_pull_head(q);
	inet_frag_kill(q);
	if (!head)
		return;
	journey_fn(net, head);
	head->dev = dev_get_by_index(net, iif);
	if (!head->dev)
		goto out;
	iph = ip_hdr(head);
	if (ip_route_input(head, iph->daddr, iph->saddr, inet_dsfield_to_dscp(iph->tos), head->dev,
			   &why)) {
		reason = why;
		goto out;
	}
	if (frag_expire_skip_icmp(q->key.user) && skb_rtable(head)->rt_type != RTN_LOCAL)
		goto out;
	icmp_send(head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
out:
	kfree_skb_reason(net->skiff, head, reason);
}

static struct inet_frag_queue *ip_find(struct net *net, const struct iphdr *iph, u32 user, u32 vif)
{
	struct frag_v4_compare_key key = {
		.saddr = iph->saddr,
		.daddr = iph->daddr,
		.user = user,
		.vif = vif,
		.id = iph->id,
		.protocol = iph->protocol,
	};

	return inet_frag_find(net->ipv4.fqdir, &key, ip_expire);
}

/* So many other fragments of the same source came in between that the id may have come round again. */
static bool ip_frag_too_far(struct net *net, struct inet_frag_queue *q)
{
	u32 max = (u32)q->fqdir->max_dist, start, end;
	struct inet_peer *peer;

	if (!max)
		return false;
	peer = inet_getpeer_v4(net, q->key.saddr, q->key.vif, true);
	if (!peer)
		return false;
	start = q->rid;
	end = ++peer->rid;
	q->rid = end;
	if (!q->frags || end - start <= max)
		return false;
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	journey_setting(net, "net.ipv4.ipfrag_max_dist=%u", max);
	return true;
}

static void ip_frag_reinit(struct inet_frag_queue *q)
{
	mod_timer(&q->timer, q->timer.skiff->jiffies + (u64)q->fqdir->timeout);
	inet_frag_purge(q, SKB_DROP_REASON_FRAG_TOO_FAR);
	q->flags = 0;
	q->len = q->meat = 0;
	q->max_size = q->max_df_size = 0;
	q->iif = 0;
	q->ecn = 0;
}

/* All is here. Return: the datagram, or NULL (the queue still holds everything) */
static struct sk_buff *ip_frag_reasm(struct net *net, struct inet_frag_queue *q,
				     const struct sk_buff *last)
{
	u8 ecn = ip_frag_ecn_table[q->ecn];
	u32 len = ip_hdrlen(q->frags) + q->len;
	struct sk_buff *head;
	struct iphdr *iph;

	if (ecn == ECN_BAD)
		goto fail;
	if (len > 65535) {
		skiff_log(net->skiff, SKIFF_LOG_INFO, "Oversized IP packet from " NIPFMT,
			  NIPQUAD(q->key.saddr));
		goto fail;
	}
	head = inet_frag_reasm(q);
	if (!head)
		goto fail;
	head->dev = last->dev;
	head->skb_iif = last->skb_iif;
	head->journey_id = last->journey_id;
	head->frag_max_size = (u16)(q->max_df_size > q->max_size ? q->max_df_size : q->max_size);
	head->cold = 1;
	iph = ip_hdr(head);
	iph->tot_len = htons(len);
	iph->tos |= ecn;
	/* The largest piece said DF: so does the whole, and it is not to be cut smaller than that again (RFC 791, 1191). */
	if (q->max_df_size == q->max_size) {
		head->ipflags |= IPSKB_FRAG_PMTU;
		iph->frag_off = htons(IP_DF);
	} else {
		iph->frag_off = 0;
	}
	ip_send_check(iph);
	IP_INC_STATS(net, IPSTATS_MIB_REASMOKS);
	inet_frag_kill(q);
	return head;

fail:
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	inet_frag_kill(q);
	return NULL;
}

/* Where the fragment ends. Return: false if it contradicts those before */
static bool ip_frag_end(struct inet_frag_queue *q, struct sk_buff *skb, u32 offset, u32 *endp)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 end = offset + skb->len - (u32)skb_network_offset(skb) - iph->ihl * 4u;

	if (!(iph->frag_off & htons(IP_MF))) {
		if (end < q->len || ((q->flags & INET_FRAG_LAST_IN) && end != q->len))
			return false;
		q->flags |= INET_FRAG_LAST_IN;
		q->len = end;
	} else {
		if (end & 7) {
			end &= ~7u;
			if (skb->ip_summed != CHECKSUM_UNNECESSARY)
				skb->ip_summed = CHECKSUM_NONE;
		}
		if (end > q->len) {
			if (q->flags & INET_FRAG_LAST_IN)
				return false;
			q->len = end;
		}
	}
	*endp = end;
	return end != offset;
}

static void ip_frag_account(struct inet_frag_queue *q, const struct sk_buff *skb, u32 offset)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 fragsize = skb->len + iph->ihl * 4u;

	q->iif = skb->dev->ifindex;
	q->meat += skb->len;
	q->ecn |= (u8)ECN_SEEN(iph->tos);
	if (!offset)
		q->flags |= INET_FRAG_FIRST_IN;
	if (fragsize > q->max_size)
		q->max_size = fragsize;
	if ((iph->frag_off & htons(IP_DF)) && fragsize > q->max_df_size)
		q->max_df_size = fragsize;
}

/* Add one fragment. Return: 0 and the datagram in *pskb, or -errno: kept (-EINPROGRESS) or dropped */
static int ip_frag_queue(struct net *net, struct inet_frag_queue *q, struct sk_buff **pskb)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	struct skiff *skiff = net->skiff;
	struct sk_buff *skb = *pskb, *whole;
	u32 offset = (ntohs(ip_hdr(skb)->frag_off) & IP_OFFSET) << 3, end;
	struct dst_entry *dst;
	bool dst_ref;

	if (ip_frag_too_far(net, q))
		ip_frag_reinit(q);
	if (!ip_frag_end(q, skb, offset, &end) ||
	    !pskb_may_pull(skiff, skb, (u32)skb_network_offset(skb) + ip_hdrlen(skb)))
		goto discard_qp;
	skb_pull(skb, (u32)skb_network_offset(skb) + ip_hdrlen(skb));
	if (pskb_trim(skiff, skb, end - offset))
		goto discard_qp;
	skb->cold = 1;
	switch (inet_frag_queue_insert(q, skb, offset, end)) {
	case IPFRAG_DUP:
		reason = SKB_DROP_REASON_DUP_FRAG;
		goto drop;
	case IPFRAG_OVERLAP:
		IP_INC_STATS(net, IPSTATS_MIB_REASMOVERLAPS);
		goto discard_qp;
	}
	ip_frag_account(q, skb, offset);
	if (!((q->flags & INET_FRAG_FIRST_IN) && (q->flags & INET_FRAG_LAST_IN) &&
	      q->meat == q->len)) {
		skb_dst_drop(skb);
		skb_orphan(skb);
		skb->dev = NULL; /* it may wait longer than the device lives; q->iif knows it */
		return -EINPROGRESS;
	}
	/* The datagram goes on by the route of the fragment that made it whole. */
	dst = skb->dst;
	dst_ref = skb->dst_ref;
	skb->dst = NULL;
	skb->dst_ref = 0;
	whole = ip_frag_reasm(net, q, skb);
	if (!whole) {
		if (dst_ref)
			dst_release(dst);
		return -EINVAL;
	}
	whole->dst = dst;
	whole->dst_ref = dst_ref;
	*pskb = whole;
	return 0;

discard_qp:
	inet_frag_kill(q);
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
drop:
	kfree_skb_reason_at(skiff, skb, reason, "ip_defrag");
	return -EINVAL;
}

int ip_defrag(struct net *net, struct sk_buff **pskb, u32 user)
{
	struct sk_buff *skb = *pskb;
	struct inet_frag_queue *q;

	IP_INC_STATS(net, IPSTATS_MIB_REASMREQDS);
	journey_fn(net, skb);
	q = ip_find(net, ip_hdr(skb), user, 0);
	if (q)
		return ip_frag_queue(net, q, pskb);
	IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
	kfree_skb(net->skiff, skb);
	return -ENOMEM;
}

/* ---- settings ---- */

static int frag_register_sysctls(struct net *net, struct fqdir *f)
{
	static const int zero;
	const struct ctl_table table[] = {
		{ "ipfrag_high_thresh", &f->high_thresh, sizeof(u64), 0644, proc_doulongvec_minmax,
		  &f->low_thresh, NULL },
		{ "ipfrag_low_thresh", &f->low_thresh, sizeof(u64), 0644, proc_doulongvec_minmax,
		  NULL, &f->high_thresh },
		{ "ipfrag_time", &f->timeout, sizeof(int), 0644, proc_dointvec_jiffies, NULL,
		  NULL },
		{ "ipfrag_max_dist", &f->max_dist, sizeof(int), 0644, proc_dointvec_minmax, &zero,
		  NULL },
		{ "ipfrag_secret_interval", &f->secret_interval, sizeof(int), 0644,
		  proc_dointvec_jiffies, NULL, NULL },
	};

	f->hdr = register_net_sysctl(net, "net/ipv4", table, ARRAY_SIZE(table));
	return f->hdr ? 0 : -ENOMEM;
}

int fqdir_init(struct net *net)
{
	struct fqdir *f = skiff_zalloc(net->skiff, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->net = net;
	f->high_thresh = IP_FRAG_HIGH;
	f->low_thresh = IP_FRAG_LOW;
	f->timeout = IP_FRAG_TIME_MS;
	f->max_dist = IP_FRAG_MAX_DIST;
	net->ipv4.fqdir = f;
	if (frag_register_sysctls(net, f)) {
		skiff_free(net->skiff, f);
		return -ENOMEM;
	}
	return 0;
}

void fqdir_exit(struct net *net)
{
	struct fqdir *f = net->ipv4.fqdir;
	struct inet_frag_queue *q;
	struct hlist_node *n;

	for (unsigned i = 0; i < FRAG_HASH_SIZE; i++)
		hlist_for_each_entry_safe(q, n, &f->hash[i], hash)
			inet_frag_kill(q);
	skiff_run_death_row(net->skiff);
	unregister_net_sysctl(f->hdr);
	skiff_free(net->skiff, f);
}

const struct pernet_operations ipfrag_net_ops = {
	.name = "ipfrag",
	.init = fqdir_init,
	.exit = fqdir_exit,
};
