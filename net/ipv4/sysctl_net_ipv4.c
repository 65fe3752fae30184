// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/sysctl_net_ipv4.c - net.ipv4.* and net.ipv4.route.*: names, defaults and ranges of struct netns_ipv4.
 *
 * DOC: Settings of a namespace
 * One table says all. In the kernel some names (inet_peer_*, most of route.*) exist in the first namespace only; here each
 * namespace is a host of its own and has them. Settings of what we do not have do not exist: udp_early_demux, raw_l3mdev_accept,
 * fib_sync_mem (nobody waits for readers). fib_notify_on_flag_change speaks of flags that offloading hardware sets: none does.
 * route.redirect_* and route.error_* are ticks, so they show what a kernel with HZ=1000 shows.
 * Not here: tcp_* (tcp_sysctl.c), conf.* and ip_forward (devinet_sysctl.c), neigh.*, icmp_*, ipfrag_* and igmp_* (their modules).
 */
#include <limits.h>

#include "net/net_namespace.h"
#include "net/route.h"
#include "net/sysctl.h"

/**
 * struct ipv4_setting - one row
 * @offset: of the variable in struct netns_ipv4, @size: its size in bytes
 * @min, @max: NULL: what the handler allows of itself
 */
struct ipv4_setting {
	const char *dir, *name;
	proc_handler *handler;
	u32 offset, size;
	const int *min, *max;
	int dflt[2];
};

static const int zero = 0, one = 1, two = 2, three = 3, u8_max = 255;
static const int min_pmtu = IPV4_MIN_MTU, hash_fields_max = 0xfff;

/* ---- handlers of their own ---- */

/* ip_local_port_range: both within 1..65535, in order, and above the ports that need a privilege */
static int ipv4_local_port_range(struct net *net, const struct ctl_table *t, bool write, char *buf,
				 size_t size)
{
	static const int port_min = 1, port_max = 65535;
	int *range = t->data;
	int tmp[2] = { range[0], range[1] };
	struct ctl_table copy = *t;
	int err;

	copy.data = tmp;
	copy.extra1 = &port_min;
	copy.extra2 = &port_max;
	err = proc_dointvec_minmax(net, &copy, write, buf, size);
	if (!write || err)
		return err;
	if (tmp[1] < tmp[0] || tmp[0] < net->ipv4.sysctl_ip_unprivileged_port_start)
		return -EINVAL;
	range[0] = tmp[0];
	range[1] = tmp[1];
	return 0;
}

/* ip_unprivileged_port_start: at most where ip_local_port_range begins */
static int ipv4_privileged_ports(struct net *net, const struct ctl_table *t, bool write, char *buf,
				 size_t size)
{
	static const int port_max = 65535;
	int tmp = *(int *)t->data;
	struct ctl_table copy = *t;
	int err;

	copy.data = &tmp;
	copy.extra1 = &zero;
	copy.extra2 = &port_max;
	err = proc_dointvec_minmax(net, &copy, write, buf, size);
	if (!write || err)
		return err;
	if (net->ipv4.sysctl_ip_local_port_range[0] < tmp)
		return -EINVAL;
	*(int *)t->data = tmp;
	return 0;
}

/* ping_group_range: a range in the wrong order is taken as the empty one, "1 0" */
static int ipv4_ping_group_range(struct net *net, const struct ctl_table *t, bool write, char *buf,
				 size_t size)
{
	static const u64 gid_max = UINT32_MAX - 1;
	int *range = t->data;
	u64 tmp[2] = { (u32)range[0], (u32)range[1] };
	struct ctl_table copy = *t;
	int err;

	copy.data = tmp;
	copy.maxlen = sizeof(tmp);
	copy.extra1 = NULL;
	copy.extra2 = &gid_max;
	err = proc_doulongvec_minmax(net, &copy, write, buf, size);
	if (!write || err)
		return err;
	range[0] = tmp[1] < tmp[0] ? 1 : (int)tmp[0];
	range[1] = tmp[1] < tmp[0] ? 0 : (int)tmp[1];
	return 0;
}

/* route.flush: whatever is written, all that was learned or cached is forgotten */
static int ipv4_sysctl_rtcache_flush(struct net *net, const struct ctl_table *t, bool write,
				     char *buf, size_t size)
{
	if (!write)
		return -EINVAL;
	rt_cache_flush(net);
	net->ipv4.fnhe_genid++;
	return 0;
}

/* ---- the table ---- */

#define IPV4	"net/ipv4"
#define ROUTE	"net/ipv4/route"
#define AT(var) offsetof(struct netns_ipv4, var), sizeof(((struct netns_ipv4 *)0)->var)

/* clang-format off */
static const struct ipv4_setting ipv4_settings[] = {
	{ IPV4, "ip_default_ttl", proc_dou8vec_minmax, AT(sysctl_ip_default_ttl), &one, &u8_max, { 64 } },
	{ IPV4, "ip_forward_use_pmtu", proc_dou8vec_minmax, AT(sysctl_ip_forward_use_pmtu), NULL, NULL, { 0 } },
	{ IPV4, "ip_forward_update_priority", proc_dou8vec_minmax, AT(sysctl_ip_forward_update_priority), &zero, &one, { 1 } },
	{ IPV4, "ip_nonlocal_bind", proc_dou8vec_minmax, AT(sysctl_ip_nonlocal_bind), NULL, NULL, { 0 } },
	{ IPV4, "ip_autobind_reuse", proc_dou8vec_minmax, AT(sysctl_ip_autobind_reuse), &zero, &one, { 0 } },
	{ IPV4, "ip_dynaddr", proc_dou8vec_minmax, AT(sysctl_ip_dynaddr), NULL, NULL, { 0 } },
	{ IPV4, "ip_early_demux", proc_dou8vec_minmax, AT(sysctl_ip_early_demux), NULL, NULL, { 1 } },
	{ IPV4, "ip_no_pmtu_disc", proc_dou8vec_minmax, AT(sysctl_ip_no_pmtu_disc), NULL, NULL, { 0 } },
	{ IPV4, "fwmark_reflect", proc_dou8vec_minmax, AT(sysctl_fwmark_reflect), NULL, NULL, { 0 } },
	{ IPV4, "nexthop_compat_mode", proc_dou8vec_minmax, AT(sysctl_nexthop_compat_mode), &zero, &one, { 1 } },
	{ IPV4, "fib_multipath_use_neigh", proc_dou8vec_minmax, AT(sysctl_fib_multipath_use_neigh), &zero, &one, { 0 } },
	{ IPV4, "fib_multipath_hash_policy", proc_dou8vec_minmax, AT(sysctl_fib_multipath_hash_policy), &zero, &three, { 0 } },
	{ IPV4, "fib_multipath_hash_fields", proc_douintvec_minmax, AT(sysctl_fib_multipath_hash_fields), &one, &hash_fields_max, { 7 } },
	{ IPV4, "fib_multipath_hash_seed", proc_douintvec, AT(sysctl_fib_multipath_hash_seed), NULL, NULL, { 0 } },
	{ IPV4, "fib_notify_on_flag_change", proc_dou8vec_minmax, AT(sysctl_fib_notify_on_flag_change), &zero, &two, { 0 } },
	{ IPV4, "inet_peer_threshold", proc_dointvec, AT(sysctl_inet_peer_threshold), NULL, NULL, { 65664 } },
	{ IPV4, "inet_peer_minttl", proc_dointvec_jiffies, AT(sysctl_inet_peer_minttl), NULL, NULL, { 120 * HZ } },
	{ IPV4, "inet_peer_maxttl", proc_dointvec_jiffies, AT(sysctl_inet_peer_maxttl), NULL, NULL, { 600 * HZ } },
	{ IPV4, "ip_unprivileged_port_start", ipv4_privileged_ports, AT(sysctl_ip_unprivileged_port_start), NULL, NULL, { 1024 } },
	{ IPV4, "ip_local_port_range", ipv4_local_port_range, AT(sysctl_ip_local_port_range), NULL, NULL, { 32768, 60999 } },
	{ IPV4, "ping_group_range", ipv4_ping_group_range, AT(sysctl_ping_group_range), NULL, NULL, { 1, 0 } },
	{ ROUTE, "min_pmtu", proc_dointvec_minmax, AT(ip_rt_min_pmtu), &min_pmtu, NULL, { 552 } },
	{ ROUTE, "mtu_expires", proc_dointvec_jiffies, AT(ip_rt_mtu_expires), NULL, NULL, { 600 * HZ } },
	{ ROUTE, "min_adv_mss", proc_dointvec, AT(ip_rt_min_advmss), NULL, NULL, { 256 } },
	{ ROUTE, "redirect_number", proc_dointvec, AT(ip_rt_redirect_number), NULL, NULL, { 9 } },
	{ ROUTE, "redirect_load", proc_dointvec, AT(ip_rt_redirect_load), NULL, NULL, { HZ / 50 } },
	{ ROUTE, "redirect_silence", proc_dointvec, AT(ip_rt_redirect_silence), NULL, NULL, { (HZ / 50) << 10 } },
	{ ROUTE, "error_cost", proc_dointvec, AT(ip_rt_error_cost), NULL, NULL, { HZ } },
	{ ROUTE, "error_burst", proc_dointvec, AT(ip_rt_error_burst), NULL, NULL, { 5 * HZ } },
	{ ROUTE, "gc_timeout", proc_dointvec_jiffies, AT(ip_rt_gc_timeout), NULL, NULL, { 300 * HZ } },
};
/* clang-format on */

static void set_default(void *var, u32 size, const int dflt[2])
{
	if (size == 1)
		*(u8 *)var = (u8)dflt[0];
	else
		memcpy(var, dflt, size);
}

/* The rows of one directory, and for route the one without a variable. */
static int register_dir(struct net *net, const char *dir)
{
	struct ctl_table table[ARRAY_SIZE(ipv4_settings) + 1];
	unsigned n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(ipv4_settings); i++) {
		const struct ipv4_setting *s = &ipv4_settings[i];
		void *var = (u8 *)&net->ipv4 + s->offset;

		if (strcmp(s->dir, dir))
			continue;
		set_default(var, s->size, s->dflt);
		table[n++] = (struct ctl_table){ s->name,    var,    s->size, 0644,
						 s->handler, s->min, s->max };
	}
	if (!strcmp(dir, ROUTE))
		table[n++] = (struct ctl_table){
			"flush", NULL, sizeof(int), 0200, ipv4_sysctl_rtcache_flush, NULL, NULL
		};
	return register_net_sysctl(net, dir, table, n) ? 0 : -ENOMEM;
}

static int ipv4_sysctl_init_net(struct net *net)
{
	const struct ctl_table backlog = { "netdev_max_backlog",
					   &net->sysctl_netdev_max_backlog,
					   sizeof(int),
					   0644,
					   proc_dointvec,
					   NULL,
					   NULL };
	int err = register_dir(net, IPV4);

	if (!err)
		err = register_dir(net, ROUTE);
	net->sysctl_netdev_max_backlog = 1000;
	if (!err && !register_net_sysctl(net, "net/core", &backlog, 1))
		err = -ENOMEM;
	return err;
}

/* Tables go with the tree (sysctl_pernet_ops), which ends after this. */
const struct pernet_operations ipv4_sysctl_ops = { "sysctl_net_ipv4", ipv4_sysctl_init_net, NULL };
