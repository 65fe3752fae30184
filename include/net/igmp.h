/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/igmp.h - multicast groups of this host (RFC 1112, 2236, 3376). */
#ifndef NET_IGMP_H
#define NET_IGMP_H

#include "net/inetdevice.h"

#define MCAST_EXCLUDE 0
#define MCAST_INCLUDE 1

/** ip_mc_inc_group(), ip_mc_dec_group() - the host joins or leaves @addr on the device (counted) */
void ip_mc_inc_group(struct in_device *in_dev, __be32 addr);
int __ip_mc_inc_group(struct in_device *in_dev, __be32 addr, u32 mode);
void ip_mc_dec_group(struct in_device *in_dev, __be32 addr);
void ip_mc_init_dev(struct in_device *in_dev);
void ip_mc_destroy_dev(struct in_device *in_dev);
void ip_mc_up(struct in_device *in_dev);
void ip_mc_down(struct in_device *in_dev);
void ip_mc_remap(struct in_device *in_dev);
void ip_mc_unmap(struct in_device *in_dev);
/** ip_mc_add_src(), ip_mc_del_src() - a member of group @addr in filter mode @sfmode names @n more or fewer sources; @delta false: the
 *  member itself comes or goes. 0, -ENODEV: no such group, -ENOMEM, -EINVAL, -ESRCH: it was not there (net/ipv4/igmp_source.c) */
int ip_mc_add_src(struct in_device *in_dev, __be32 addr, u32 sfmode, const __be32 *src, u32 n,
		  bool delta);
int ip_mc_del_src(struct in_device *in_dev, __be32 addr, u32 sfmode, const __be32 *src, u32 n,
		  bool delta);
/** ip_check_mc() - do we take multicast @mc_addr from @src on this device? @proto: IGMP from any source is taken */
bool ip_check_mc(struct in_device *in_dev, __be32 mc_addr, __be32 src_addr, u8 proto);
int igmp_rcv(struct sk_buff *skb);

#endif
