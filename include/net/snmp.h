/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/snmp.h - MIB counters (RFC 4293, 4022, 4113 and Linux's own), enumerated from mib.def. */
#ifndef NET_SNMP_H
#define NET_SNMP_H

#include "net/types.h"

#define MIB_IF_Ip(x)
#define MIB_IF_IpExt(x)
#define MIB_IF_Icmp(x)
#define MIB_IF_Tcp(x)
#define MIB_IF_Udp(x)
#define MIB_IF_TcpExt(x)

enum ipstats_mib {
#undef MIB_IF_Ip
#undef MIB_IF_IpExt
#define MIB_IF_Ip(x)	    x,
#define MIB_IF_IpExt(x)	    x,
#define MIB(group, x, name) MIB_IF_##group(x)
#include "net/mib.def"
	__IPSTATS_MIB_MAX
#undef MIB_IF_Ip
#undef MIB_IF_IpExt
#define MIB_IF_Ip(x)
#define MIB_IF_IpExt(x)
};

enum icmp_mib {
#undef MIB_IF_Icmp
#define MIB_IF_Icmp(x) x,
#include "net/mib.def"
	__ICMP_MIB_MAX
#undef MIB_IF_Icmp
#define MIB_IF_Icmp(x)
};

enum tcp_mib {
#undef MIB_IF_Tcp
#define MIB_IF_Tcp(x) x,
#include "net/mib.def"
	__TCP_MIB_MAX
#undef MIB_IF_Tcp
#define MIB_IF_Tcp(x)
};

enum udp_mib {
#undef MIB_IF_Udp
#define MIB_IF_Udp(x) x,
#include "net/mib.def"
	__UDP_MIB_MAX
#undef MIB_IF_Udp
#define MIB_IF_Udp(x)
};

enum linux_mib {
#undef MIB_IF_TcpExt
#define MIB_IF_TcpExt(x) x,
#include "net/mib.def"
	__LINUX_MIB_MAX
#undef MIB_IF_TcpExt
#define MIB_IF_TcpExt(x)
};
#undef MIB

#undef MIB_IF_Ip
#undef MIB_IF_IpExt
#undef MIB_IF_Icmp
#undef MIB_IF_Tcp
#undef MIB_IF_Udp
#undef MIB_IF_TcpExt

/**
 * struct netns_mib - counters of one namespace, in events or bytes (…Octets)
 * @icmpmsg: [0..255] received by type, [256..511] sent by type
 */
struct netns_mib {
	u64 ip_statistics[__IPSTATS_MIB_MAX];
	u64 icmp_statistics[__ICMP_MIB_MAX];
	u64 icmpmsg_statistics[512];
	u64 tcp_statistics[__TCP_MIB_MAX];
	u64 udp_statistics[__UDP_MIB_MAX];
	u64 udplite_statistics[__UDP_MIB_MAX];
	u64 net_statistics[__LINUX_MIB_MAX];
};

#define IP_INC_STATS(net, f)	 ((void)(net)->mib.ip_statistics[f]++)
#define IP_ADD_STATS(net, f, v)	 ((void)((net)->mib.ip_statistics[f] += (v)))
#define ICMP_INC_STATS(net, f)	 ((void)(net)->mib.icmp_statistics[f]++)
#define TCP_INC_STATS(net, f)	 ((void)(net)->mib.tcp_statistics[f]++)
#define NET_INC_STATS(net, f)	 ((void)(net)->mib.net_statistics[f]++)
#define NET_ADD_STATS(net, f, v) ((void)((net)->mib.net_statistics[f] += (v)))
#define UDP_INC_STATS(net, f, lite) \
	((void)((lite) ? (net)->mib.udplite_statistics[f]++ : (net)->mib.udp_statistics[f]++))
#define ICMPMSGIN_INC_STATS(net, type)	((void)(net)->mib.icmpmsg_statistics[(type)&0xff]++)
#define ICMPMSGOUT_INC_STATS(net, type) ((void)(net)->mib.icmpmsg_statistics[256 + ((type)&0xff)]++)
/* IP_UPD_PO_STATS(net, IN, len): ...PKTS and ...OCTETS together */
#define IP_UPD_PO_STATS(net, dir, v)                             \
	do {                                                     \
		IP_INC_STATS(net, IPSTATS_MIB_##dir##PKTS);      \
		IP_ADD_STATS(net, IPSTATS_MIB_##dir##OCTETS, v); \
	} while (0)

#endif
