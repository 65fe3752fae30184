// SPDX-License-Identifier: BSD-2-Clause
/* net/socket_sysctl.c - net.core.*: limits and defaults of sockets; /proc/net/sockstat and protocols. */
#include "net/socket_internal.h"

#include "net/proc.h"
#include "net/sock_mem.h"
#include "net/sysctl.h"

int sock_sysctl_init(struct net *net)
{
	static const int zero = 0, one = 1, min_snd = SOCK_MIN_SNDBUF, min_rcv = SOCK_MIN_RCVBUF;
	struct netns_sock *ns = net->sock;
	const struct ctl_table table[] = {
		{ "wmem_max", &ns->sysctl_wmem_max, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_snd, NULL },
		{ "rmem_max", &ns->sysctl_rmem_max, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_rcv, NULL },
		{ "wmem_default", &ns->sysctl_wmem_default, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_snd, NULL },
		{ "rmem_default", &ns->sysctl_rmem_default, sizeof(int), 0644, proc_dointvec_minmax,
		  &min_rcv, NULL },
		{ "somaxconn", &ns->sysctl_somaxconn, sizeof(int), 0644, proc_dointvec_minmax,
		  &zero, NULL },
		{ "optmem_max", &ns->sysctl_optmem_max, sizeof(int), 0644, proc_dointvec_minmax,
		  &zero, NULL },
		{ "tstamp_allow_data", &ns->sysctl_tstamp_allow_data, sizeof(u8), 0644,
		  proc_dou8vec_minmax, &zero, &one },
		{ "txrehash", &ns->sysctl_txrehash, sizeof(u8), 0644, proc_dou8vec_minmax, &zero,
		  &one },
	};

	return register_net_sysctl(net, "net/core", table, ARRAY_SIZE(table)) ? 0 : -ENOMEM;
}
