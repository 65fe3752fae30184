// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/devinet_sysctl.c - net.ipv4.conf.{all,default,<interface>}.* and net.ipv4.ip_forward.
 *
 * DOC: all, default and the interfaces
 * How "all" and an interface's value combine is asked at use (IN_DEV_ANDCONF and friends in net/inetdevice.h), but for
 * forwarding: writing all.forwarding (or ip_forward, the same) writes it to default and every interface, and
 * sets all.accept_redirects to the opposite. A new device begins with a copy of default; a write to default goes on to
 * devices on which that setting was never written, nor (an oddity of the kernel) in default before they came, as long as
 * they have had no address.
 */
#include "devinet.h"

#include <linux/netconf.h>
#include <stdio.h>

#include "net/route.h"
#include "net/sysctl.h"

struct devinet_setting {
	const char *name;
	u8 id;
	u8 how;
};

enum { PLAIN, READ_ONLY, FLUSHING, FORWARDING };

static const struct devinet_setting devinet_settings[] = {
	{ "forwarding", IPV4_DEVCONF_FORWARDING, FORWARDING },
	{ "mc_forwarding", IPV4_DEVCONF_MC_FORWARDING, READ_ONLY },
	{ "bc_forwarding", IPV4_DEVCONF_BC_FORWARDING, PLAIN },
	{ "accept_redirects", IPV4_DEVCONF_ACCEPT_REDIRECTS, PLAIN },
	{ "secure_redirects", IPV4_DEVCONF_SECURE_REDIRECTS, PLAIN },
	{ "shared_media", IPV4_DEVCONF_SHARED_MEDIA, PLAIN },
	{ "rp_filter", IPV4_DEVCONF_RP_FILTER, PLAIN },
	{ "send_redirects", IPV4_DEVCONF_SEND_REDIRECTS, PLAIN },
	{ "accept_source_route", IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, PLAIN },
	{ "accept_local", IPV4_DEVCONF_ACCEPT_LOCAL, PLAIN },
	{ "src_valid_mark", IPV4_DEVCONF_SRC_VMARK, PLAIN },
	{ "proxy_arp", IPV4_DEVCONF_PROXY_ARP, PLAIN },
	{ "medium_id", IPV4_DEVCONF_MEDIUM_ID, PLAIN },
	{ "bootp_relay", IPV4_DEVCONF_BOOTP_RELAY, PLAIN },
	{ "log_martians", IPV4_DEVCONF_LOG_MARTIANS, PLAIN },
	{ "tag", IPV4_DEVCONF_TAG, PLAIN },
	{ "arp_filter", IPV4_DEVCONF_ARPFILTER, PLAIN },
	{ "arp_announce", IPV4_DEVCONF_ARP_ANNOUNCE, PLAIN },
	{ "arp_ignore", IPV4_DEVCONF_ARP_IGNORE, PLAIN },
	{ "arp_accept", IPV4_DEVCONF_ARP_ACCEPT, PLAIN },
	{ "arp_notify", IPV4_DEVCONF_ARP_NOTIFY, PLAIN },
	{ "arp_evict_nocarrier", IPV4_DEVCONF_ARP_EVICT_NOCARRIER, PLAIN },
	{ "proxy_arp_pvlan", IPV4_DEVCONF_PROXY_ARP_PVLAN, PLAIN },
	{ "force_igmp_version", IPV4_DEVCONF_FORCE_IGMP_VERSION, FLUSHING },
	{ "igmpv2_unsolicited_report_interval", IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
	  PLAIN },
	{ "igmpv3_unsolicited_report_interval", IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
	  PLAIN },
	{ "ignore_routes_with_linkdown", IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, PLAIN },
	{ "drop_gratuitous_arp", IPV4_DEVCONF_DROP_GRATUITOUS_ARP, PLAIN },
	{ "disable_xfrm", IPV4_DEVCONF_NOXFRM, FLUSHING },
	{ "disable_policy", IPV4_DEVCONF_NOPOLICY, FLUSHING },
	{ "promote_secondaries", IPV4_DEVCONF_PROMOTE_SECONDARIES, FLUSHING },
	{ "route_localnet", IPV4_DEVCONF_ROUTE_LOCALNET, FLUSHING },
	{ "drop_unicast_in_l2_multicast", IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST, FLUSHING },
};
static_assert(ARRAY_SIZE(devinet_settings) == IPV4_DEVCONF_MAX, "every setting has a name");

/* ---- what a write entails ---- */

static int devconf_ifindex(struct net *net, const struct ipv4_devconf *cnf)
{
	if (cnf == net->ipv4.devconf_all)
		return NETCONFA_IFINDEX_ALL;
	if (cnf == net->ipv4.devconf_dflt)
		return NETCONFA_IFINDEX_DEFAULT;
	return (int)container_of(cnf, struct in_device, cnf)->dev->ifindex;
}

/* A new default reaches the devices on which setting @i was never set. */
static void devinet_copy_dflt_conf(struct net *net, unsigned i)
{
	struct net_device *dev;

	for_each_netdev(net, dev) {
		struct in_device *in_dev = in_dev_get(dev);

		if (in_dev && !(in_dev->cnf.state & BIT(i)))
			in_dev->cnf.data[i] = net->ipv4.devconf_dflt->data[i];
	}
}

static int netconf_type(unsigned id)
{
	switch (id) {
	case IPV4_DEVCONF_RP_FILTER:
		return NETCONFA_RP_FILTER;
	case IPV4_DEVCONF_PROXY_ARP:
		return NETCONFA_PROXY_NEIGH;
	case IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN:
		return NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN;
	default:
		return 0;
	}
}

/* Do routes that are cached tell something else than the new value would? */
static bool must_flush(unsigned id, int old_value, int new_value)
{
	if (id == IPV4_DEVCONF_ACCEPT_LOCAL || id == IPV4_DEVCONF_ROUTE_LOCALNET)
		return !new_value && old_value;
	return id == IPV4_DEVCONF_BC_FORWARDING && new_value != old_value;
}

/* devinet_conf_proc() - any setting; extra1 is its struct ipv4_devconf */
static int devinet_conf_proc(struct net *net, const struct ctl_table *t, bool write, char *buf,
			     size_t size)
{
	struct ipv4_devconf *cnf = (struct ipv4_devconf *)t->extra1;
	int *valp = t->data, old = *valp;
	int err = proc_dointvec(net, t, write, buf, size);
	unsigned i = (unsigned)(valp - cnf->data);

	if (!write)
		return err;
	cnf->state |= BIT(i);
	in_dev_conf_changed(net);
	if (cnf == net->ipv4.devconf_dflt)
		devinet_copy_dflt_conf(net, i);
	if (must_flush(i + 1, old, *valp))
		rt_cache_flush(net);
	if (netconf_type(i + 1) && *valp != old)
		inet_netconf_notify_devconf(net, RTM_NEWNETCONF, netconf_type(i + 1),
					    devconf_ifindex(net, cnf), cnf);
	return err;
}

/* ipv4_doint_and_flush() - a setting that cached routes depend on */
static int ipv4_doint_and_flush(struct net *net, const struct ctl_table *t, bool write, char *buf,
				size_t size)
{
	int *valp = t->data, old = *valp;
	int err = devinet_conf_proc(net, t, write, buf, size);

	if (write && *valp != old)
		rt_cache_flush(net);
	return err;
}

static void inet_forward_change(struct net *net)
{
	int on = IPV4_DEVCONF_ALL(net, FORWARDING);
	struct net_device *dev;

	IPV4_DEVCONF_ALL(net, ACCEPT_REDIRECTS) = !on;
	IPV4_DEVCONF(*net->ipv4.devconf_dflt, FORWARDING) = on;
	inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING, NETCONFA_IFINDEX_ALL,
				    net->ipv4.devconf_all);
	inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING,
				    NETCONFA_IFINDEX_DEFAULT, net->ipv4.devconf_dflt);
	for_each_netdev(net, dev) {
		struct in_device *in_dev = in_dev_get(dev);

		if (!in_dev)
			continue;
		in_dev->cnf.state |= BIT(IPV4_DEVCONF_FORWARDING - 1);
		IPV4_DEVCONF(in_dev->cnf, FORWARDING) = on;
		inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING,
					    (int)dev->ifindex, &in_dev->cnf);
	}
}

/* devinet_sysctl_forward() - forwarding, of all or one; extra1 is its struct ipv4_devconf */
static int devinet_sysctl_forward(struct net *net, const struct ctl_table *t, bool write, char *buf,
				  size_t size)
{
	const struct ipv4_devconf *cnf = t->extra1;
	int old = *(int *)t->data;
	int err = proc_dointvec(net, t, write, buf, size);

	if (!write || *(int *)t->data == old)
		return err;
	if (cnf == net->ipv4.devconf_all)
		inet_forward_change(net);
	else
		inet_netconf_notify_devconf(net, RTM_NEWNETCONF, NETCONFA_FORWARDING,
					    devconf_ifindex(net, cnf), cnf);
	if (cnf != net->ipv4.devconf_dflt)
		rt_cache_flush(net);
	return err;
}

/* ---- registering ---- */

static const struct {
	u16 mode;
	proc_handler *handler;
} devinet_how[] = {
	[PLAIN] = { 0644, devinet_conf_proc },
	[READ_ONLY] = { 0444, devinet_conf_proc },
	[FLUSHING] = { 0644, ipv4_doint_and_flush },
	[FORWARDING] = { 0644, devinet_sysctl_forward },
};

static struct ctl_table_header *register_conf(struct net *net, const char *name,
					      struct ipv4_devconf *cnf)
{
	struct ctl_table table[ARRAY_SIZE(devinet_settings)];
	char path[48];

	for (unsigned i = 0; i < ARRAY_SIZE(devinet_settings); i++) {
		const struct devinet_setting *s = &devinet_settings[i];

		table[i] = (struct ctl_table){
			.procname = s->name,
			.data = &cnf->data[s->id - 1],
			.maxlen = sizeof(int),
			.mode = devinet_how[s->how].mode,
			.handler = devinet_how[s->how].handler,
			.extra1 = cnf,
		};
	}
	snprintf(path, sizeof(path), "net/ipv4/conf/%s", name);
	return register_net_sysctl(net, path, table, ARRAY_SIZE(table));
}

/** devinet_sysctl_register() - conf/<device>; 0 or -ENOMEM */
int devinet_sysctl_register(struct in_device *in_dev)
{
	struct net_device *dev = in_dev->dev;

	in_dev->cnf.sysctl = register_conf(dev->net, dev->name, &in_dev->cnf);
	if (!in_dev->cnf.sysctl)
		return -ENOMEM;
	inet_netconf_notify_devconf(dev->net, RTM_NEWNETCONF, NETCONFA_ALL, (int)dev->ifindex,
				    &in_dev->cnf);
	return 0;
}

/** devinet_sysctl_unregister() - takes conf/<device> away again, if it is there */
void devinet_sysctl_unregister(struct in_device *in_dev)
{
	struct net_device *dev = in_dev->dev;

	if (!in_dev->cnf.sysctl)
		return;
	unregister_net_sysctl(in_dev->cnf.sysctl);
	in_dev->cnf.sysctl = NULL;
	inet_netconf_notify_devconf(dev->net, RTM_DELNETCONF, 0, (int)dev->ifindex, NULL);
}

static struct ipv4_devconf *devconf_alloc(struct net *net)
{
	struct ipv4_devconf *cnf = skiff_zalloc(net->skiff, sizeof(*cnf));

	if (!cnf)
		return NULL;
	IPV4_DEVCONF(*cnf, ACCEPT_REDIRECTS) = 1;
	IPV4_DEVCONF(*cnf, SEND_REDIRECTS) = 1;
	IPV4_DEVCONF(*cnf, SECURE_REDIRECTS) = 1;
	IPV4_DEVCONF(*cnf, SHARED_MEDIA) = 1;
	IPV4_DEVCONF(*cnf, IGMPV2_UNSOLICITED_REPORT_INTERVAL) = 10000; /* ms */
	IPV4_DEVCONF(*cnf, IGMPV3_UNSOLICITED_REPORT_INTERVAL) = 1000;	/* ms */
	IPV4_DEVCONF(*cnf, ARP_EVICT_NOCARRIER) = 1;
	return cnf;
}

/** devinet_sysctl_net_init() - conf/all, conf/default and ip_forward, with the kernel's built-in values */
int devinet_sysctl_net_init(struct net *net)
{
	struct inetaddr_table *t = net->ipv4.inet_addr_lst;
	struct ctl_table fwd = { .procname = "ip_forward",
				 .maxlen = sizeof(int),
				 .mode = 0644,
				 .handler = devinet_sysctl_forward };

	net->ipv4.devconf_all = devconf_alloc(net);
	net->ipv4.devconf_dflt = devconf_alloc(net);
	if (!net->ipv4.devconf_all || !net->ipv4.devconf_dflt)
		goto err;
	IPV4_DEVCONF(*net->ipv4.devconf_dflt, ACCEPT_SOURCE_ROUTE) = 1;
	fwd.data = &IPV4_DEVCONF_ALL(net, FORWARDING);
	fwd.extra1 = net->ipv4.devconf_all;
	t->all_hdr = register_conf(net, "all", net->ipv4.devconf_all);
	t->dflt_hdr = register_conf(net, "default", net->ipv4.devconf_dflt);
	t->forward_hdr = register_net_sysctl(net, "net/ipv4", &fwd, 1);
	if (!t->all_hdr || !t->dflt_hdr || !t->forward_hdr)
		goto err;
	return 0;
err:
	devinet_sysctl_net_exit(net);
	return -ENOMEM;
}

void devinet_sysctl_net_exit(struct net *net)
{
	struct inetaddr_table *t = net->ipv4.inet_addr_lst;

	unregister_net_sysctl(t->forward_hdr);
	unregister_net_sysctl(t->dflt_hdr);
	unregister_net_sysctl(t->all_hdr);
	skiff_free(net->skiff, net->ipv4.devconf_dflt);
	skiff_free(net->skiff, net->ipv4.devconf_all);
	net->ipv4.devconf_all = net->ipv4.devconf_dflt = NULL;
}
