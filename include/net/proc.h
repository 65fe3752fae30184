/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/proc.h - files below /proc/net: each prints itself into a text. The list of them is in net/skiff.c. */
#ifndef NET_PROC_H
#define NET_PROC_H

#include "lib/fmt.h"
#include "net/net_namespace.h"

void snmp_seq_show(struct net *net, struct strbuf *sb);	   /* net/ipv4/proc.c: snmp */
void netstat_seq_show(struct net *net, struct strbuf *sb); /* net/ipv4/proc.c: netstat */
void arp_seq_show(struct net *net, struct strbuf *sb);
void rt_cache_seq_show(struct net *net, struct strbuf *sb); /* net/ipv4/route.c: stat/rt_cache */
void igmp_mc_seq_show(struct net *net,
		      struct strbuf *sb); /* net/ipv4/igmp_proc.c: igmp, mcfilter */
void igmp_mcf_seq_show(struct net *net, struct strbuf *sb);
void raw_seq_show(struct net *net, struct strbuf *sb);	/* net/ipv4/raw.c */
void ping_seq_show(struct net *net, struct strbuf *sb); /* net/ipv4/ping.c: icmp */
void tcp4_seq_show(struct net *net, struct strbuf *sb); /* net/ipv4/tcp_proc.c: tcp */
void udp4_seq_show(struct net *net, struct strbuf *sb); /* net/ipv4/udp_proc.c: udp, udplite */
void udplite4_seq_show(struct net *net, struct strbuf *sb);
void dev_seq_show(struct net *net, struct strbuf *sb); /* net/core/net-procfs.c: dev */

void sockstat_seq_show(struct net *net, struct strbuf *sb);  /* net/ipv4/tcp_sockstat.c */
void protocols_seq_show(struct net *net, struct strbuf *sb); /* net/socket_proc.c */

void snmp_each_counter(struct net *net, void (*fn)(void *arg, const char *name, uint64_t value),
		       void *arg);

#endif
