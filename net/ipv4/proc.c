// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/proc.c - the counters as /proc/net/snmp and /proc/net/netstat print them, and one by one.
 *
 * DOC: Counters
 * The rows of mib.def are the columns, in their order. Before them stand gauges: Ip Forwarding (1 forwards, 2 does not) and DefaultTTL.
 * The constants of Tcp (RFC 4022: RtoAlgorithm, RtoMin, RtoMax, MaxConn) are columns of the group, filled in on reading.
 * IcmpMsg lists only types that were counted, and is left out while there is none. MPTcpExt does not exist here: there is no MPTCP.
 */
#include "net/proc.h"

#include <stdio.h>

#include "lib/fmt.h"
#include "net/inetdevice.h"
#include "net/snmp.h"

enum mib_group { MIB_Ip, MIB_Icmp, MIB_Tcp, MIB_Udp, MIB_TcpExt, MIB_IpExt };

struct mib_row {
	u8 group;
	u16 index;
	const char *name;
};

static const struct mib_row mib_rows[] = {
#define MIB(group, x, name) { MIB_##group, x, name },
#include "net/mib.def"
#undef MIB
};

static u64 mib_value(const struct net *net, const struct mib_row *row, bool lite)
{
	const struct netns_mib *m = &net->mib;

	switch (row->group) {
	case MIB_Ip:
	case MIB_IpExt:
		return m->ip_statistics[row->index];
	case MIB_Icmp:
		return m->icmp_statistics[row->index];
	case MIB_Udp:
		return lite ? m->udplite_statistics[row->index] : m->udp_statistics[row->index];
	case MIB_TcpExt:
		return m->net_statistics[row->index];
	default:
		break;
	}
	switch (row->index) {
	case TCP_MIB_RTOALGORITHM:
		return 1; /* other */
	case TCP_MIB_RTOMIN:
		return 200; /* ms */
	case TCP_MIB_RTOMAX:
		return 120000; /* ms */
	case TCP_MIB_MAXCONN:
		return (u64)-1;
	default:
		return m->tcp_statistics[row->index];
	}
}

/* The number of MaxConn is signed. */
static void put_value(struct strbuf *sb, const struct mib_row *row, u64 v)
{
	if (row->group == MIB_Tcp && row->index == TCP_MIB_MAXCONN)
		strbuf_printf(sb, " %lld", (long long)v);
	else
		strbuf_printf(sb, " %llu", (unsigned long long)v);
}

/* Two lines, "Name: columns" and "Name: values"; @gauges stand before the group's own. */
static void put_group(struct strbuf *sb, const struct net *net, const char *title,
		      enum mib_group group, const char *gauge_names, const char *gauges)
{
	bool lite = !strcmp(title, "UdpLite");

	strbuf_printf(sb, "%s:%s", title, gauge_names);
	for (unsigned i = 0; i < ARRAY_SIZE(mib_rows); i++) {
		if (mib_rows[i].group == group)
			strbuf_printf(sb, " %s", mib_rows[i].name);
	}
	strbuf_printf(sb, "\n%s:%s", title, gauges);
	for (unsigned i = 0; i < ARRAY_SIZE(mib_rows); i++) {
		if (mib_rows[i].group == group)
			put_value(sb, &mib_rows[i], mib_value(net, &mib_rows[i], lite));
	}
	strbuf_puts(sb, "\n");
}

static const char *icmpmsg_name(char buf[16], unsigned i)
{
	snprintf(buf, 16, "%sType%u", i < 256 ? "In" : "Out", i & 255);
	return buf;
}

/* At most 16 columns a line pair, as the kernel breaks them. */
static void put_icmpmsg(struct strbuf *sb, const struct net *net)
{
	const u64 *counts = net->mib.icmpmsg_statistics;
	unsigned i = 0;

	while (i < 512) {
		unsigned cols[16], n = 0;
		char name[16];

		for (; i < 512 && n < ARRAY_SIZE(cols); i++) {
			if (counts[i])
				cols[n++] = i;
		}
		if (!n)
			return;
		strbuf_puts(sb, "IcmpMsg:");
		for (unsigned k = 0; k < n; k++)
			strbuf_printf(sb, " %s", icmpmsg_name(name, cols[k]));
		strbuf_puts(sb, "\nIcmpMsg:");
		for (unsigned k = 0; k < n; k++)
			strbuf_printf(sb, " %llu", (unsigned long long)counts[cols[k]]);
		strbuf_puts(sb, "\n");
	}
}

static int forwarding_gauge(const struct net *net)
{
	return IPV4_DEVCONF_ALL(net, FORWARDING) ? 1 : 2;
}

/** snmp_seq_show() - /proc/net/snmp */
void snmp_seq_show(struct net *net, struct strbuf *sb)
{
	char gauges[32];

	snprintf(gauges, sizeof(gauges), " %d %u", forwarding_gauge(net),
		 net->ipv4.sysctl_ip_default_ttl);
	put_group(sb, net, "Ip", MIB_Ip, " Forwarding DefaultTTL", gauges);
	put_group(sb, net, "Icmp", MIB_Icmp, "", "");
	put_icmpmsg(sb, net);
	put_group(sb, net, "Tcp", MIB_Tcp, "", "");
	put_group(sb, net, "Udp", MIB_Udp, "", "");
	put_group(sb, net, "UdpLite", MIB_Udp, "", "");
}

/** netstat_seq_show() - /proc/net/netstat */
void netstat_seq_show(struct net *net, struct strbuf *sb)
{
	put_group(sb, net, "TcpExt", MIB_TcpExt, "", "");
	put_group(sb, net, "IpExt", MIB_IpExt, "", "");
}

static void each_of_group(const struct net *net, const char *title, enum mib_group group,
			  void (*fn)(void *arg, const char *name, uint64_t value), void *arg)
{
	char name[64];

	for (unsigned i = 0; i < ARRAY_SIZE(mib_rows); i++) {
		if (mib_rows[i].group != group)
			continue;
		snprintf(name, sizeof(name), "%s.%s", title, mib_rows[i].name);
		fn(arg, name, mib_value(net, &mib_rows[i], !strcmp(title, "UdpLite")));
	}
}

/** snmp_each_counter() - every counter and gauge as "Ip.InReceives", in the order of the files; types of IcmpMsg that were counted */
void snmp_each_counter(struct net *net, void (*fn)(void *arg, const char *name, uint64_t value),
		       void *arg)
{
	char type[16], name[32];

	fn(arg, "Ip.Forwarding", (uint64_t)forwarding_gauge(net));
	fn(arg, "Ip.DefaultTTL", net->ipv4.sysctl_ip_default_ttl);
	each_of_group(net, "Ip", MIB_Ip, fn, arg);
	each_of_group(net, "Icmp", MIB_Icmp, fn, arg);
	for (unsigned i = 0; i < 512; i++) {
		if (!net->mib.icmpmsg_statistics[i])
			continue;
		snprintf(name, sizeof(name), "IcmpMsg.%s", icmpmsg_name(type, i));
		fn(arg, name, net->mib.icmpmsg_statistics[i]);
	}
	each_of_group(net, "Tcp", MIB_Tcp, fn, arg);
	each_of_group(net, "Udp", MIB_Udp, fn, arg);
	each_of_group(net, "UdpLite", MIB_Udp, fn, arg);
	each_of_group(net, "TcpExt", MIB_TcpExt, fn, arg);
	each_of_group(net, "IpExt", MIB_IpExt, fn, arg);
}
