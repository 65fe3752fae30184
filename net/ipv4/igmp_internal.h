/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/igmp_internal.h - groups and their source filters, shared by igmp.c, igmp_rcv.c, igmp_v3.c and igmp_source.c (and their tests). */
#ifndef NET_IPV4_IGMP_INTERNAL_H
#define NET_IPV4_IGMP_INTERNAL_H

#include "net/igmp.h"

/* be constants */
#define IGMP_ALL_HOSTS	htonl(0xe0000001)
#define IGMP_ALL_ROUTER htonl(0xe0000002)
#define IGMPV3_ALL_MCR	htonl(0xe0000016)

#define IGMP_HOST_MEMBERSHIP_QUERY    0x11
#define IGMP_HOST_MEMBERSHIP_REPORT   0x12
#define IGMPV2_HOST_MEMBERSHIP_REPORT 0x16
#define IGMP_HOST_LEAVE_MESSAGE	      0x17
#define IGMPV3_HOST_MEMBERSHIP_REPORT 0x22

/* types of group records, RFC 3376 4.2.12 */
#define IGMPV3_MODE_IS_INCLUDE	 1
#define IGMPV3_MODE_IS_EXCLUDE	 2
#define IGMPV3_CHANGE_TO_INCLUDE 3
#define IGMPV3_CHANGE_TO_EXCLUDE 4
#define IGMPV3_ALLOW_NEW_SOURCES 5
#define IGMPV3_BLOCK_OLD_SOURCES 6

/* RFC 3376 8.2, 8.3; ticks */
#define IGMP_QUERY_INTERVAL	     (125 * HZ)
#define IGMP_QUERY_RESPONSE_INTERVAL (10 * HZ)

struct igmphdr {
	u8 type;
	u8 code;
	__sum16 csum;
	__be32 group;
};

struct igmpv3_query {
	struct igmphdr h;
	u8 qrv_s; /* robustness: low 3 bits */
	u8 qqic;
	__be16 nsrcs;
	/* sources follow */
};

struct igmpv3_report {
	u8 type;
	u8 resv1;
	__sum16 csum;
	__be16 resv2;
	__be16 ngrec;
};

struct igmpv3_grec {
	u8 grec_type;
	u8 grec_auxwords;
	__be16 grec_nsrcs;
	__be32 grec_mca;
	/* sources follow */
};

/**
 * struct ip_sf_list - one source of a group
 * @sf_count:   members (sockets) that include and that exclude it
 * @sf_crcount: change records still to be sent
 * @sf_gsresp:  to be named in the answer to a group-and-source query
 * @sf_oldin:   was it effective before the change that is going on?
 */
struct ip_sf_list {
	struct ip_sf_list *sf_next;
	__be32 sf_inaddr;
	u32 sf_count[2];
	u8 sf_gsresp;
	u8 sf_oldin;
	u8 sf_crcount;
};

/**
 * struct ip_mc_list - a group that this host listens to on one device; also a group just left, while that is being told
 * @sources:  sources that a member names; @tomb: named no longer, while that is being told
 * @sfmode:   MCAST_INCLUDE or MCAST_EXCLUDE, what routers are told; @sfcount: members of either mode
 * @users:    joins
 * @timer:    the next report; @tm_running: it is armed. @reporter: the last report for this group was ours
 * @unsolicit_count: reports still to be sent without being asked (v1, v2); @crcount: mode change records (v3)
 * @loaded:   the device's filter has the group's MAC address
 * @gsquery:  the report that is due answers a query for sources
 */
struct ip_mc_list {
	struct ip_mc_list *next;
	struct in_device *interface;
	__be32 multiaddr;
	u32 sfmode;
	struct ip_sf_list *sources, *tomb;
	u32 sfcount[2];
	u32 users;
	struct timer_list timer;
	u8 tm_running, reporter, unsolicit_count, loaded, gsquery, crcount;
};

/* igmp.c */
struct ip_mc_list *ip_mc_find(const struct in_device *in_dev, __be32 addr);
bool igmp_v1_seen(const struct in_device *in_dev);
bool igmp_v2_seen(const struct in_device *in_dev);
/** igmp_reported() - is membership of @addr told to routers at all? 224.0.0.1 never is */
bool igmp_reported(const struct in_device *in_dev, __be32 addr);
u8 igmp_qrv(const struct in_device *in_dev);
void igmp_stop_timer(struct ip_mc_list *im);
void igmp_mod_timer(struct ip_mc_list *im, u32 max_delay);
void igmp_gq_start_timer(struct in_device *in_dev);
/** igmp_ifc_event() - something changed that a v3 router has to hear of soon */
void igmp_ifc_event(struct in_device *in_dev);
/** igmp_new_packet() - IP header with router alert, to @dst, room for @size bytes behind it; NULL: no route or no memory */
struct sk_buff *igmp_new_packet(struct in_device *in_dev, __be32 dst, u32 size);
/** igmp_send_packet() - checksum over what stands behind the IP header (sum field at its third byte), and out */
void igmp_send_packet(struct net *net, struct sk_buff *skb);

/* igmp_v3.c */
void igmpv3_send_report(struct in_device *in_dev, struct ip_mc_list *pmc);
void igmpv3_send_cr(struct in_device *in_dev);
void igmpv3_add_delrec(struct in_device *in_dev, struct ip_mc_list *im);
void igmpv3_del_delrec(struct in_device *in_dev, struct ip_mc_list *im);
void igmpv3_clear_delrec(struct in_device *in_dev);

/* igmp_source.c */
void ip_sf_free(struct net *net, struct ip_sf_list **list);
void ip_sf_free_told(struct net *net, struct ip_sf_list **list);
bool igmp_marksources(struct ip_mc_list *pmc, const __be32 *srcs, u32 n);

#endif
