// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/igmp_proc.c - /proc/net/igmp and /proc/net/mcfilter: groups of devices and their sources. */
#include "igmp_internal.h"
#include "net/proc.h"

/** igmp_mc_seq_show() - /proc/net/igmp: groups by device, addresses as the kernel prints them (be, in hex); time to the next report in 1/100 s */
void igmp_mc_seq_show(struct net *net, struct strbuf *sb)
{
	const struct net_device *dev;

	strbuf_puts(sb, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	for_each_netdev(net, dev) {
		const struct in_device *in_dev = in_dev_get(dev);
		const struct ip_mc_list *im;

		if (!in_dev || !in_dev->mc_list)
			continue;
		strbuf_printf(sb, "%u\t%-10s: %5u %7s\n", dev->ifindex, dev->name, in_dev->mc_count,
			      igmp_v1_seen(in_dev) ? "V1" :
			      igmp_v2_seen(in_dev) ? "V2" :
						     "V3");
		for (im = in_dev->mc_list; im; im = im->next) {
			u64 now = net->skiff->jiffies;
			u64 left = im->tm_running && im->timer.expires > now ?
					   (im->timer.expires - now) / 10 :
					   0;

			strbuf_printf(sb, "\t\t\t\t%08X %5u %u:%08lX\t\t%u\n", im->multiaddr,
				      im->users, im->tm_running, (unsigned long)left, im->reporter);
		}
	}
}

/** igmp_mcf_seq_show() - /proc/net/mcfilter: sources that members of groups name */
void igmp_mcf_seq_show(struct net *net, struct strbuf *sb)
{
	const struct net_device *dev;
	const struct ip_mc_list *im;
	const struct ip_sf_list *psf;

	strbuf_puts(sb, "Idx Device        MCA        SRC    INC    EXC\n");
	for_each_netdev(net, dev) {
		for (im = in_dev_get(dev) ? in_dev_get(dev)->mc_list : NULL; im; im = im->next) {
			for (psf = im->sources; psf; psf = psf->sf_next)
				strbuf_printf(sb, "%3d %6.6s 0x%08x 0x%08x %6u %6u\n",
					      (int)dev->ifindex, dev->name, ntohl(im->multiaddr),
					      ntohl(psf->sf_inaddr), psf->sf_count[MCAST_INCLUDE],
					      psf->sf_count[MCAST_EXCLUDE]);
		}
	}
}
