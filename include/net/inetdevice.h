/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/inetdevice.h - IPv4 side of a device: addresses and per-interface settings (net/ipv4/devinet.c). */
#ifndef NET_INETDEVICE_H
#define NET_INETDEVICE_H

#include "net/netdevice.h"
#include "net/net_namespace.h"

/* Names of net.ipv4.conf.<if>.*, in the kernel's order of numbers (<linux/ip.h>), from 1. */
enum ipv4_devconf_id {
	IPV4_DEVCONF_FORWARDING = 1,
	IPV4_DEVCONF_MC_FORWARDING,
	IPV4_DEVCONF_PROXY_ARP,
	IPV4_DEVCONF_ACCEPT_REDIRECTS,
	IPV4_DEVCONF_SECURE_REDIRECTS,
	IPV4_DEVCONF_SEND_REDIRECTS,
	IPV4_DEVCONF_SHARED_MEDIA,
	IPV4_DEVCONF_RP_FILTER,
	IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE,
	IPV4_DEVCONF_BOOTP_RELAY,
	IPV4_DEVCONF_LOG_MARTIANS,
	IPV4_DEVCONF_TAG,
	IPV4_DEVCONF_ARPFILTER,
	IPV4_DEVCONF_MEDIUM_ID,
	IPV4_DEVCONF_NOXFRM,
	IPV4_DEVCONF_NOPOLICY,
	IPV4_DEVCONF_FORCE_IGMP_VERSION,
	IPV4_DEVCONF_ARP_ANNOUNCE,
	IPV4_DEVCONF_ARP_IGNORE,
	IPV4_DEVCONF_PROMOTE_SECONDARIES,
	IPV4_DEVCONF_ARP_ACCEPT,
	IPV4_DEVCONF_ARP_NOTIFY,
	IPV4_DEVCONF_ACCEPT_LOCAL,
	IPV4_DEVCONF_SRC_VMARK,
	IPV4_DEVCONF_PROXY_ARP_PVLAN,
	IPV4_DEVCONF_ROUTE_LOCALNET,
	IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
	IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
	IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
	IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
	IPV4_DEVCONF_DROP_GRATUITOUS_ARP,
	IPV4_DEVCONF_BC_FORWARDING,
	IPV4_DEVCONF_ARP_EVICT_NOCARRIER,
	__IPV4_DEVCONF_MAX
};
#define IPV4_DEVCONF_MAX (__IPV4_DEVCONF_MAX - 1)

/**
 * struct ipv4_devconf - values of one directory of net.ipv4.conf
 * @state: bit i: data[i] was set here and does not follow default
 */
struct ipv4_devconf {
	void *sysctl;
	int data[IPV4_DEVCONF_MAX];
	u64 state;
};

struct ip_mc_list;

/**
 * struct in_device - IPv4 on one device
 * @ifa_list: addresses in the order in which they answer: primaries of wider scope first, see inet_insert_ifa()
 * @mc_list:  multicast groups joined (igmp.c)
 */
struct in_device {
	struct net_device *dev;
	struct in_ifaddr *ifa_list;
	struct ipv4_devconf cnf;
	struct neigh_parms *arp_parms;
	struct ip_mc_list *mc_list;
	u32 mc_count;
	bool dead;
	u64 mr_v1_seen, mr_v2_seen; /* ticks */
	u32 mr_maxdelay, mr_qrv, mr_qi, mr_qri;
	u8 mr_gq_running, mr_ifc_count;
	struct timer_list mr_gq_timer, mr_ifc_timer;
	struct ip_mc_list *mc_tomb;
	struct skiff *skiff;
	struct death_row_entry rcu;
};

/**
 * struct in_ifaddr - one address
 * @ifa_local: our address; @ifa_address: the other end of a point-to-point link, else the same; @ifa_mask: be
 */
struct in_ifaddr {
	struct hlist_node hash; /* in net->ipv4.inet_addr_lst, by ifa_local */
	struct in_ifaddr *ifa_next;
	struct in_device *ifa_dev;
	__be32 ifa_local, ifa_address, ifa_mask, ifa_broadcast;
	u32 ifa_rt_priority;
	u8 ifa_scope;
	u8 ifa_prefixlen;
	u8 ifa_proto;
	u32 ifa_flags; /* IFA_F_* */
	char ifa_label[IFNAMSIZ];
	u32 ifa_valid_lft, ifa_preferred_lft; /* s, INFINITY_LIFE_TIME */
	u64 ifa_cstamp, ifa_tstamp;	      /* ticks */
	struct skiff *skiff;
	struct death_row_entry rcu;
};

static inline struct in_device *in_dev_get(const struct net_device *dev)
{
	return dev->ip_ptr;
}

#define IPV4_DEVCONF(cnf, attr)	      ((cnf).data[IPV4_DEVCONF_##attr - 1])
#define IPV4_DEVCONF_ALL(net, attr)   ((net)->ipv4.devconf_all->data[IPV4_DEVCONF_##attr - 1])
#define IN_DEV_CONF_GET(in_dev, attr) IPV4_DEVCONF((in_dev)->cnf, attr)
#define IN_DEV_NET(in_dev)	      ((in_dev)->dev->net)
/* The three ways in which "all" and the interface combine. */
#define IN_DEV_ANDCONF(in_dev, attr) \
	(IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), attr) && IN_DEV_CONF_GET(in_dev, attr))
#define IN_DEV_ORCONF(in_dev, attr) \
	(IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), attr) || IN_DEV_CONF_GET(in_dev, attr))
#define IN_DEV_MAXCONF(in_dev, attr)                                                  \
	(IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), attr) > IN_DEV_CONF_GET(in_dev, attr) ? \
		 IPV4_DEVCONF_ALL(IN_DEV_NET(in_dev), attr) :                         \
		 IN_DEV_CONF_GET(in_dev, attr))

#define IN_DEV_FORWARD(d)	      IN_DEV_CONF_GET(d, FORWARDING)
#define IN_DEV_BFORWARD(d)	      IN_DEV_ANDCONF(d, BC_FORWARDING)
#define IN_DEV_RPFILTER(d)	      IN_DEV_MAXCONF(d, RP_FILTER)
#define IN_DEV_SRC_VMARK(d)	      IN_DEV_ORCONF(d, SRC_VMARK)
#define IN_DEV_SOURCE_ROUTE(d)	      IN_DEV_ANDCONF(d, ACCEPT_SOURCE_ROUTE)
#define IN_DEV_ACCEPT_LOCAL(d)	      IN_DEV_ORCONF(d, ACCEPT_LOCAL)
#define IN_DEV_LOG_MARTIANS(d)	      IN_DEV_ORCONF(d, LOG_MARTIANS)
#define IN_DEV_PROXY_ARP(d)	      IN_DEV_ORCONF(d, PROXY_ARP)
#define IN_DEV_PROXY_ARP_PVLAN(d)     IN_DEV_ORCONF(d, PROXY_ARP_PVLAN)
#define IN_DEV_SHARED_MEDIA(d)	      IN_DEV_ORCONF(d, SHARED_MEDIA)
#define IN_DEV_TX_REDIRECTS(d)	      IN_DEV_ORCONF(d, SEND_REDIRECTS)
#define IN_DEV_SEC_REDIRECTS(d)	      IN_DEV_ORCONF(d, SECURE_REDIRECTS)
#define IN_DEV_MEDIUM_ID(d)	      IN_DEV_CONF_GET(d, MEDIUM_ID)
#define IN_DEV_PROMOTE_SECONDARIES(d) IN_DEV_ORCONF(d, PROMOTE_SECONDARIES)
#define IN_DEV_ROUTE_LOCALNET(d)      IN_DEV_ORCONF(d, ROUTE_LOCALNET)
#define IN_DEV_RX_REDIRECTS(d)                                         \
	((IN_DEV_FORWARD(d) && IN_DEV_ANDCONF(d, ACCEPT_REDIRECTS)) || \
	 (!IN_DEV_FORWARD(d) && IN_DEV_ORCONF(d, ACCEPT_REDIRECTS)))
#define IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(d) IN_DEV_ORCONF(d, IGNORE_ROUTES_WITH_LINKDOWN)
#define IN_DEV_ARPFILTER(d)		      IN_DEV_ORCONF(d, ARPFILTER)
#define IN_DEV_ARP_ACCEPT(d)		      IN_DEV_MAXCONF(d, ARP_ACCEPT)
#define IN_DEV_ARP_ANNOUNCE(d)		      IN_DEV_MAXCONF(d, ARP_ANNOUNCE)
#define IN_DEV_ARP_IGNORE(d)		      IN_DEV_MAXCONF(d, ARP_IGNORE)
#define IN_DEV_ARP_NOTIFY(d)		      IN_DEV_MAXCONF(d, ARP_NOTIFY)
#define IN_DEV_ARP_EVICT_NOCARRIER(d)	      IN_DEV_ANDCONF(d, ARP_EVICT_NOCARRIER)

#define in_dev_for_each_ifa(in_dev, ifa) for (ifa = (in_dev)->ifa_list; ifa; ifa = ifa->ifa_next)

/** in_dev_conf_changed() - a setting of net.ipv4.conf is another now: what input routing remembers of the last packet is void */
static inline void in_dev_conf_changed(struct net *net)
{
	net->ipv4.fib_ahead.src_dev = NULL;
	net->ipv4.rt_last.dev = NULL;
}

/** inet_ifa_match() - is @addr in the subnet of @ifa */
static inline bool inet_ifa_match(__be32 addr, const struct in_ifaddr *ifa)
{
	return !((addr ^ ifa->ifa_address) & ifa->ifa_mask);
}

/** inet_lookup_ifaddr() - the address entry of @addr in the namespace, NULL if it is not ours */
struct in_ifaddr *inet_lookup_ifaddr(struct net *net, __be32 addr);
struct in_device *inetdev_init(struct net_device *dev);
struct in_device *inetdev_by_index(struct net *net, u32 ifindex);
struct net_device *ip_dev_find(struct net *net, __be32 addr);
/** inet_select_addr() - source address for @dst out of @dev (NULL: any) with at most @scope; 0 if none */
__be32 inet_select_addr(const struct net_device *dev, __be32 dst, int scope);
/** inet_confirm_addr() - an address that fits @dst/@local/@scope on @in_dev (NULL: any device) */
__be32 inet_confirm_addr(struct net *net, struct in_device *in_dev, __be32 dst, __be32 local,
			 int scope);
/** inet_addr_onlink() - both addresses (b may be 0) in one subnet of the device */
bool inet_addr_onlink(struct in_device *in_dev, __be32 a, __be32 b);
struct in_ifaddr *inet_ifa_byprefix(struct in_device *in_dev, __be32 prefix, __be32 mask);

/* address events for fib_frontend: fib_inetaddr_event(ifa, NETDEV_UP/NETDEV_DOWN) is called by devinet.c after insert and before the
 * notification of removal, as the kernel's inetaddr_chain does */

#endif
