/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/devinet.h - between devinet.c, devinet_lft.c, devinet_nlmsg.c, devinet_netconf.c and devinet_sysctl.c only. */
#ifndef IPV4_DEVINET_H
#define IPV4_DEVINET_H

#include "net/inetdevice.h"
#include "net/rtnetlink.h"

#define IN4_ADDR_HSIZE 256

/**
 * struct inetaddr_table - the addresses of a namespace
 * @bucket:    by ifa_local
 * @lft_timer: armed for the next end of a lifetime
 */
struct inetaddr_table {
	struct hlist_head bucket[IN4_ADDR_HSIZE];
	struct net *net;
	struct timer_list lft_timer;
	struct ctl_table_header *all_hdr, *dflt_hdr, *forward_hdr;
};

static inline bool ipv4_multicast_addr(__be32 a)
{
	return (a & htonl(0xf0000000)) == htonl(0xe0000000);
}

/* devinet.c */
struct in_ifaddr *inet_alloc_ifa(struct in_device *in_dev);
void inet_free_ifa(struct in_ifaddr *ifa);
/* inet_insert_ifa() consumes @ifa, also when it fails */
int inet_insert_ifa(struct in_ifaddr *ifa, struct rtnl_req *req, struct netlink_ext_ack *extack);
void inet_del_ifa(struct in_device *in_dev, struct in_ifaddr **ifap, struct rtnl_req *req);
void ipv4_devconf_setall(struct in_device *in_dev);
/* the device has addresses of its own: its settings do not follow default any more */
void inet_detach_from_default(struct in_device *in_dev);

/* devinet_lft.c */
void set_ifa_lifetime(struct in_ifaddr *ifa, u32 valid_lft, u32 preferred_lft);
void inet_lifetime_changed(struct net *net);
void check_lifetime(struct timer_list *t);

/* devinet_nlmsg.c */
void rtmsg_ifa(int event, struct in_ifaddr *ifa, struct rtnl_req *req);

/* devinet_netconf.c; @type -1 (NETCONFA_ALL) or one NETCONFA_* */
void inet_netconf_notify_devconf(struct net *net, int event, int type, int ifindex,
				 const struct ipv4_devconf *cnf);

/* devinet_sysctl.c */
int devinet_sysctl_register(struct in_device *in_dev);
void devinet_sysctl_unregister(struct in_device *in_dev);
int devinet_sysctl_net_init(struct net *net);
void devinet_sysctl_net_exit(struct net *net);

#endif
