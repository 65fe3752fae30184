// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_ip.c - configure a benchmark's router in the words of ip(8). */
#include "bench_ip.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/ipwords.h"
#include "net/netdevice.h"
#include "skiff/skiff.h"

static int find_ifindex(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

void bench_ip(struct net *net, const char *line)
{
	union {
		u64 align;
		char buf[IPWORDS_MSG_MAX];
	} msg;
	struct ipwords_env env = { find_ifindex, net };
	char why[200] = "";
	int len = ipwords_line(&msg, sizeof(msg), line, &env, why, sizeof(why));
	int err = len < 0 ? len :
			    skiff_netlink((struct skiff_net *)net, &msg, (size_t)len, NULL, NULL);

	if (err) {
		fprintf(stderr, "bench: ip %s: %d %s\n", line, err, why);
		exit(1);
	}
}
