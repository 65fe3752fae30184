// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp.c - the groups that this host listens to on each device, and telling routers of them.
 *
 * DOC: Multicast groups
 * A device that is up has a list of groups; 224.0.0.1 is always there. The list decides which multicasts are taken in
 * (ip_check_mc) and which MAC addresses the device listens to. Routers hear of all groups but 224.0.0.1 (and, without
 * igmp_link_local_mcast_reports, the rest of 224.0.0.0/24), by the oldest version of IGMP that somebody on the link
 * speaks, or the one that force_igmp_version fixes.
 * v1, v2: each group has a timer (struct ip_mc_list.timer). Joining: a report at once and igmp_qrv in all, the others
 *   within igmpv2_unsolicited_report_interval. A query: a report within its time, unless another host's report for the
 *   same group is heard first. Leaving (v2): a leave message, if the last report was ours.
 * v3 (igmp_v3.c, igmp_source.c): two timers of the device. mr_ifc_timer: changes are told igmp_qrv times, at once and
 *   then within igmpv3_unsolicited_report_interval. mr_gq_timer: answer to a general query, all groups in one report.
 *   A query for one group arms that group's timer.
 * Hearing an older query: mr_v1_seen, mr_v2_seen say until when its version is spoken: robustness times query interval
 * plus response interval (RFC 3376 8.12).
 * Delays are drawn from the shard's random stream; two ticks are added, as Linux does, so that none is zero.
 * What is heard of routers and other hosts: igmp_rcv.c.
 * Sockets do not exist yet: groups come from device start, from addresses with autojoin, and from tests.
 * Specs: RFC 1112, 2236, 3376.
 */
#include "igmp_internal.h"

#include "lib/checksum.h"
#include "net/arp.h"
#include "net/ip.h"
#include "net/protocol.h"
#include "net/route.h"
#include "net/sysctl.h"

#define IGMP_MAX_MEMBERSHIPS 20
#define IGMP_MAX_MSF	     10
#define IGMP_ROBUSTNESS	     2
#define IGMP_TOS	     0xc0
/* TC_PRIO_CONTROL */
#define IGMP_PRIORITY	 7
#define IGMP_TIMER_SLACK 2

/* ---- which version ---- */

static bool igmp_forced(const struct in_device *in_dev, int version)
{
	return IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), FORCE_IGMP_VERSION) == version ||
	       IN_DEV_CONF_GET(in_dev, FORCE_IGMP_VERSION) == version;
}

bool igmp_v1_seen(const struct in_device *in_dev)
{
	return igmp_forced(in_dev, 1) ||
	       (in_dev->mr_v1_seen &&
		time_before(IN_DEV_NET(in_dev)->skiff->jiffies, in_dev->mr_v1_seen));
}

bool igmp_v2_seen(const struct in_device *in_dev)
{
	return igmp_forced(in_dev, 2) ||
	       (in_dev->mr_v2_seen &&
		time_before(IN_DEV_NET(in_dev)->skiff->jiffies, in_dev->mr_v2_seen));
}

static bool igmp_old_seen(const struct in_device *in_dev)
{
	return igmp_v1_seen(in_dev) || igmp_v2_seen(in_dev);
}

bool igmp_reported(const struct in_device *in_dev, __be32 addr)
{
	if (addr == IGMP_ALL_HOSTS)
		return false;
	return !ipv4_is_local_multicast(addr) || IN_DEV_NET(in_dev)->ipv4.sysctl_igmp_llm_reports;
}

/* igmp_qrv() - robustness: what the last querier said, or the setting */
u8 igmp_qrv(const struct in_device *in_dev)
{
	u32 qrv = in_dev->mr_qrv ? in_dev->mr_qrv : (u32)IN_DEV_NET(in_dev)->ipv4.sysctl_igmp_qrv;

	return (u8)qrv;
}

static u32 unsolicited_report_interval(const struct in_device *in_dev)
{
	int ms = igmp_old_seen(in_dev) ?
			 IN_DEV_CONF_GET(in_dev, IGMPV2_UNSOLICITED_REPORT_INTERVAL) :
			 IN_DEV_CONF_GET(in_dev, IGMPV3_UNSOLICITED_REPORT_INTERVAL);

	return ms > 0 ? (u32)msecs_to_jiffies((u32)ms) : 1;
}

/* ---- packets ---- */

struct sk_buff *igmp_new_packet(struct in_device *in_dev, __be32 dst, u32 size)
{
	struct net *net = IN_DEV_NET(in_dev);
	struct flowi4 fl4;
	struct rtable *rt;
	struct sk_buff *skb;
	struct iphdr *iph;
	u8 *option;
	int err;

	flowi4_init_output(&fl4, in_dev->dev->ifindex, 0, 0, RT_SCOPE_UNIVERSE, IPPROTO_IGMP, 0,
			   dst, 0, 0, 0, 0);
	rt = ip_route_output_key(net, &fl4, &err);
	if (!rt)
		return NULL;
	skb = alloc_skb(net->skiff, (u32)sizeof(*iph) + 4 + size);
	if (!skb) {
		ip_rt_put(rt);
		return NULL;
	}
	skb_dst_set(skb, &rt->dst);
	skb->dev = rt->dst.dev;
	skb_set_priority(skb, IGMP_PRIORITY);
	skb_reset_network_header(skb);
	iph = (struct iphdr *)skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 6;
	iph->tos = IGMP_TOS;
	iph->frag_off = htons(IP_DF);
	iph->ttl = 1;
	iph->protocol = IPPROTO_IGMP;
	iph->saddr = fl4.saddr;
	iph->daddr = fl4.daddr;
	option = skb_put_zero(skb, 4);
	option[IPOPT_OPTVAL] = IPOPT_RA;
	option[IPOPT_OLEN] = 4;
	skb->transport_header = (u16)(skb_tail_pointer(skb) - skb->head);
	return skb;
}

void igmp_send_packet(struct net *net, struct sk_buff *skb)
{
	u8 *p = skb_transport_header(skb);
	u16 sum = csum_fold(csum_partial(p, (size_t)(skb_tail_pointer(skb) - p), 0));

	put_unaligned16(sum, p + 2);
	ip_local_out(net, NULL, skb);
}

/* igmp_send_report() - a v1 or v2 report or leave for @im */
static void igmp_send_report(struct in_device *in_dev, const struct ip_mc_list *im, u8 type)
{
	__be32 dst = type == IGMP_HOST_LEAVE_MESSAGE ? IGMP_ALL_ROUTER : im->multiaddr;
	struct igmphdr *ih;
	struct sk_buff *skb;

	if (!igmp_reported(in_dev, im->multiaddr))
		return;
	skb = igmp_new_packet(in_dev, dst, sizeof(*ih));
	if (!skb)
		return;
	ih = (struct igmphdr *)skb_put_zero(skb, sizeof(*ih));
	ih->type = type;
	ih->group = im->multiaddr;
	igmp_send_packet(IN_DEV_NET(in_dev), skb);
}

/* ---- timers ---- */

static u64 igmp_delay(const struct net *net, u32 max_delay)
{
	return net->skiff->jiffies + skiff_random_below(net->skiff, max_delay) + IGMP_TIMER_SLACK;
}

static void igmp_start_timer(struct ip_mc_list *im, u32 max_delay)
{
	im->tm_running = 1;
	mod_timer(&im->timer, igmp_delay(IN_DEV_NET(im->interface), max_delay));
}

void igmp_stop_timer(struct ip_mc_list *im)
{
	timer_delete(&im->timer);
	im->tm_running = 0;
	im->reporter = 0;
	im->unsolicit_count = 0;
}

/* igmp_mod_timer() - a report is due within @max_delay; one that is due earlier anyway will do */
void igmp_mod_timer(struct ip_mc_list *im, u32 max_delay)
{
	im->unsolicit_count = 0;
	if (timer_pending(&im->timer) &&
	    time_before(im->timer.expires, im->interface->dev->net->skiff->jiffies + max_delay)) {
		im->tm_running = 1;
		return;
	}
	igmp_start_timer(im, max_delay);
}

static void igmp_timer_expire(struct timer_list *t)
{
	struct ip_mc_list *im = from_timer(im, t, timer);
	struct in_device *in_dev = im->interface;

	im->tm_running = 0;
	if (im->unsolicit_count && --im->unsolicit_count)
		igmp_start_timer(im, unsolicited_report_interval(in_dev));
	im->reporter = 1;
	if (igmp_v1_seen(in_dev))
		igmp_send_report(in_dev, im, IGMP_HOST_MEMBERSHIP_REPORT);
	else if (igmp_v2_seen(in_dev))
		igmp_send_report(in_dev, im, IGMPV2_HOST_MEMBERSHIP_REPORT);
	else
		igmpv3_send_report(in_dev, im);
}

static void igmp_gq_timer_expire(struct timer_list *t)
{
	struct in_device *in_dev = from_timer(in_dev, t, mr_gq_timer);

	in_dev->mr_gq_running = 0;
	igmpv3_send_report(in_dev, NULL);
}

/* igmp_gq_start_timer() - a general v3 query is to be answered; an earlier answer that is due stays */
void igmp_gq_start_timer(struct in_device *in_dev)
{
	u64 expires = igmp_delay(IN_DEV_NET(in_dev), in_dev->mr_maxdelay);

	if (in_dev->mr_gq_running && time_after_eq(expires, in_dev->mr_gq_timer.expires))
		return;
	in_dev->mr_gq_running = 1;
	mod_timer(&in_dev->mr_gq_timer, expires);
}

static void igmp_ifc_start_timer(struct in_device *in_dev, u32 max_delay)
{
	mod_timer(&in_dev->mr_ifc_timer, igmp_delay(IN_DEV_NET(in_dev), max_delay));
}

static void igmp_ifc_timer_expire(struct timer_list *t)
{
	struct in_device *in_dev = from_timer(in_dev, t, mr_ifc_timer);

	igmpv3_send_cr(in_dev);
	if (in_dev->mr_ifc_count) {
		in_dev->mr_ifc_count--;
		igmp_ifc_start_timer(in_dev, unsolicited_report_interval(in_dev));
	}
}

void igmp_ifc_event(struct in_device *in_dev)
{
	if (igmp_old_seen(in_dev))
		return;
	in_dev->mr_ifc_count = igmp_qrv(in_dev);
	igmp_ifc_start_timer(in_dev, 1);
}

/* ---- groups ---- */

struct ip_mc_list *ip_mc_find(const struct in_device *in_dev, __be32 addr)
{
	struct ip_mc_list *im = in_dev->mc_list;

	while (im && im->multiaddr != addr)
		im = im->next;
	return im;
}

static void ip_mc_filter(struct ip_mc_list *im, bool on)
{
	struct net_device *dev = im->interface->dev;
	u8 mac[MAX_ADDR_LEN];

	if (im->loaded == on)
		return;
	im->loaded = on;
	if (arp_mc_map(im->multiaddr, mac, dev, 0))
		return;
	if (on)
		dev_mc_add(dev, mac);
	else
		dev_mc_del(dev, mac);
}

static void igmp_group_added(struct ip_mc_list *im)
{
	struct in_device *in_dev = im->interface;

	ip_mc_filter(im, true);
	if (!igmp_reported(in_dev, im->multiaddr) || in_dev->dead)
		return;
	im->unsolicit_count = (u8)IN_DEV_NET(in_dev)->ipv4.sysctl_igmp_qrv;
	if (igmp_old_seen(in_dev)) {
		igmp_start_timer(im, 1);
		return;
	}
	/* RFC 3376 5.1: from nothing to INCLUDE is no change of mode. */
	if (im->sfmode == MCAST_EXCLUDE)
		im->crcount = igmp_qrv(in_dev);
	igmp_ifc_event(in_dev);
}

static void igmp_group_dropped(struct ip_mc_list *im)
{
	struct in_device *in_dev = im->interface;
	bool reporter = im->reporter;

	ip_mc_filter(im, false);
	if (!igmp_reported(in_dev, im->multiaddr))
		return;
	igmp_stop_timer(im);
	if (in_dev->dead || igmp_v1_seen(in_dev))
		return;
	if (igmp_v2_seen(in_dev)) {
		if (reporter)
			igmp_send_report(in_dev, im, IGMP_HOST_LEAVE_MESSAGE);
		return;
	}
	igmpv3_add_delrec(in_dev, im);
	igmp_ifc_event(in_dev);
}

/**
 * __ip_mc_inc_group() - a member in filter mode @mode joins a group on a device
 * Counted: the first join starts listening and reporting, further ones add a member. A member in mode MCAST_INCLUDE
 * hears nothing until ip_mc_add_src() (with delta) names its sources.
 * Return: 0 or -ENOMEM
 */
int __ip_mc_inc_group(struct in_device *in_dev, __be32 addr, u32 mode)
{
	struct net *net = IN_DEV_NET(in_dev);
	struct ip_mc_list *im = ip_mc_find(in_dev, addr);

	if (im) {
		im->users++;
		return ip_mc_add_src(in_dev, addr, mode, NULL, 0, false);
	}
	im = skiff_zalloc(net->skiff, sizeof(*im));
	if (!im)
		return -ENOMEM;
	im->users = 1;
	im->interface = in_dev;
	im->multiaddr = addr;
	im->sfmode = mode;
	im->sfcount[mode] = 1;
	timer_setup(&im->timer, net->skiff, igmp_timer_expire);
	im->next = in_dev->mc_list;
	in_dev->mc_list = im;
	in_dev->mc_count++;
	igmpv3_del_delrec(in_dev, im);
	igmp_group_added(im);
	if (!in_dev->dead)
		rt_cache_flush(net);
	return 0;
}

/** ip_mc_inc_group() - the host joins a group, from whatever source. Without memory it stays outside: nobody can be told */
void ip_mc_inc_group(struct in_device *in_dev, __be32 addr)
{
	__ip_mc_inc_group(in_dev, addr, MCAST_EXCLUDE);
}

static void ip_mc_free(struct ip_mc_list *im)
{
	struct net *net = IN_DEV_NET(im->interface);

	timer_delete(&im->timer);
	ip_sf_free(net, &im->sources);
	ip_sf_free(net, &im->tomb);
	skiff_free(net->skiff, im);
}

/**
 * ip_mc_dec_group() - one join less; with the last one the host leaves the group
 */
void ip_mc_dec_group(struct in_device *in_dev, __be32 addr)
{
	struct ip_mc_list **p = &in_dev->mc_list, *im;

	while (*p && (*p)->multiaddr != addr)
		p = &(*p)->next;
	im = *p;
	if (!im || --im->users)
		return;
	*p = im->next;
	in_dev->mc_count--;
	igmp_group_dropped(im);
	if (!in_dev->dead)
		rt_cache_flush(IN_DEV_NET(in_dev));
	ip_mc_free(im);
}

/** ip_mc_unmap(), ip_mc_remap() - the device's type or address changes: leave all groups, and take them up again */
void ip_mc_unmap(struct in_device *in_dev)
{
	struct ip_mc_list *im;

	for (im = in_dev->mc_list; im; im = im->next)
		igmp_group_dropped(im);
}

void ip_mc_remap(struct in_device *in_dev)
{
	struct ip_mc_list *im;

	for (im = in_dev->mc_list; im; im = im->next) {
		igmpv3_del_delrec(in_dev, im);
		igmp_group_added(im);
	}
}

static void ip_mc_reset(struct in_device *in_dev)
{
	in_dev->mr_qi = IGMP_QUERY_INTERVAL;
	in_dev->mr_qri = IGMP_QUERY_RESPONSE_INTERVAL;
	in_dev->mr_qrv = (u32)IN_DEV_NET(in_dev)->ipv4.sysctl_igmp_qrv;
}

/** ip_mc_init_dev() - a device gets IPv4: no groups yet */
void ip_mc_init_dev(struct in_device *in_dev)
{
	struct skiff *skiff = IN_DEV_NET(in_dev)->skiff;

	timer_setup(&in_dev->mr_gq_timer, skiff, igmp_gq_timer_expire);
	timer_setup(&in_dev->mr_ifc_timer, skiff, igmp_ifc_timer_expire);
	ip_mc_reset(in_dev);
}

/** ip_mc_up() - the device is up: join 224.0.0.1, report what was joined before */
void ip_mc_up(struct in_device *in_dev)
{
	ip_mc_reset(in_dev);
	ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS);
	ip_mc_remap(in_dev);
}

/** ip_mc_down() - the device goes down: groups stay joined, but nothing is reported any more */
void ip_mc_down(struct in_device *in_dev)
{
	ip_mc_unmap(in_dev);
	in_dev->mr_ifc_count = 0;
	timer_delete(&in_dev->mr_ifc_timer);
	in_dev->mr_gq_running = 0;
	timer_delete(&in_dev->mr_gq_timer);
	ip_mc_dec_group(in_dev, IGMP_ALL_HOSTS);
}

/** ip_mc_destroy_dev() - IPv4 leaves the device: all groups are freed */
void ip_mc_destroy_dev(struct in_device *in_dev)
{
	struct ip_mc_list *im;

	ip_mc_down(in_dev);
	igmpv3_clear_delrec(in_dev);
	while ((im = in_dev->mc_list)) {
		in_dev->mc_list = im->next;
		in_dev->mc_count--;
		ip_mc_free(im);
	}
}

/**
 * ip_check_mc() - is a multicast for this host?
 * @src_addr: be; 0: not known yet, then any source will do
 * @proto:    IGMP is taken from sources that no member wants, too
 */
bool ip_check_mc(struct in_device *in_dev, __be32 mc_addr, __be32 src_addr, u8 proto)
{
	const struct ip_mc_list *im = ip_mc_find(in_dev, mc_addr);
	const struct ip_sf_list *psf;

	if (!im)
		return false;
	if (proto == IPPROTO_IGMP || !src_addr)
		return true;
	for (psf = im->sources; psf; psf = psf->sf_next) {
		if (psf->sf_inaddr == src_addr)
			return psf->sf_count[MCAST_INCLUDE] ||
			       psf->sf_count[MCAST_EXCLUDE] != im->sfcount[MCAST_EXCLUDE];
	}
	return im->sfcount[MCAST_EXCLUDE] != 0;
}

/* ---- settings, start and end ---- */

static const int one = 1;

static int igmp_sysctl_register(struct net *net)
{
	struct netns_ipv4 *ip = &net->ipv4;
	const struct ctl_table table[] = {
		{ "igmp_max_memberships", &ip->sysctl_igmp_max_memberships, sizeof(int), 0644,
		  proc_dointvec, NULL, NULL },
		{ "igmp_max_msf", &ip->sysctl_igmp_max_msf, sizeof(int), 0644, proc_dointvec, NULL,
		  NULL },
		{ "igmp_qrv", &ip->sysctl_igmp_qrv, sizeof(int), 0644, proc_dointvec_minmax, &one,
		  NULL },
		{ "igmp_link_local_mcast_reports", &ip->sysctl_igmp_llm_reports, sizeof(u8), 0644,
		  proc_dou8vec_minmax, NULL, NULL },
	};

	return register_net_sysctl(net, "net/ipv4", table, ARRAY_SIZE(table)) ? 0 : -ENOMEM;
}

static const struct net_protocol igmp_protocol = { .handler = igmp_rcv };

static int igmp_net_init(struct net *net)
{
	int err;

	net->ipv4.sysctl_igmp_max_memberships = IGMP_MAX_MEMBERSHIPS;
	net->ipv4.sysctl_igmp_max_msf = IGMP_MAX_MSF;
	net->ipv4.sysctl_igmp_qrv = IGMP_ROBUSTNESS;
	net->ipv4.sysctl_igmp_llm_reports = 1;
	err = igmp_sysctl_register(net);
	if (!err)
		err = inet_add_protocol(net, &igmp_protocol, IPPROTO_IGMP);
	return err;
}

static void igmp_net_exit(struct net *net)
{
	inet_del_protocol(net, &igmp_protocol, IPPROTO_IGMP);
}

const struct pernet_operations igmp_net_ops = { "igmp", igmp_net_init, igmp_net_exit };
