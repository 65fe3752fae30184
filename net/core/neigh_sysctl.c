// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_sysctl.c - net.ipv4.neigh.{default,<if>}.*: names, units and ranges of the neighbour settings.
 *
 * DOC: Neighbour settings
 * A device starts with a copy of default's values. Writing to default reaches every device that has not set the value
 * itself. Two pairs of names share one value in different units: retrans_time (1/100 s) and retrans_time_ms,
 * base_reachable_time (s) and base_reachable_time_ms; unres_qlen counts full Ethernet frames of unres_qlen_bytes.
 */
#include "neigh_table.h"

#include <limits.h>
#include <stdio.h>

#include "net/sysctl.h"

static const int zero = 0, one = 1, int_max = INT_MAX;
static const int qlen_max = INT_MAX / NEIGH_SKB_TRUESIZE_ETH;

static struct neigh_parms *parms_of(const struct ctl_table *t)
{
	return (struct neigh_parms *)(uintptr_t)t->extra2;
}

/* Value @index of default changed: devices that did not set it follow. */
static void neigh_copy_dflt_parms(struct neigh_parms *dflt, unsigned index)
{
	struct neigh_parms *p;

	list_for_each_entry(p, &dflt->tbl->parms_list, list)
		if (!(p->data_state & BIT(index)))
			p->data[index] = dflt->data[index];
}

/**
 * neigh_parms_set() - set value @index of @p; it does not follow default any more
 */
void neigh_parms_set(struct neigh_parms *p, unsigned index, int value)
{
	p->data[index] = value;
	p->data_state |= BIT(index);
	if (index == NEIGH_VAR_BASE_REACHABLE_TIME)
		p->reachable_time = neigh_rand_reach_time(p->tbl->skiff, value);
}

/* Run @base on a copy of @t with bounds; after a write note what was set. */
static int neigh_proc(struct net *net, const struct ctl_table *t, bool write, char *buf,
		      size_t size, proc_handler *base, const int *min, const int *max)
{
	struct neigh_parms *p = parms_of(t);
	unsigned index = (unsigned)((int *)t->data - p->data);
	struct ctl_table tmp = *t;
	int ret;

	tmp.extra1 = min;
	tmp.extra2 = max;
	ret = base(net, &tmp, write, buf, size);
	if (!write || ret < 0)
		return ret;
	neigh_parms_set(p, index, p->data[index]);
	if (!p->dev)
		neigh_copy_dflt_parms(p, index);
	return ret;
}

static int neigh_proc_count(struct net *net, const struct ctl_table *t, bool write, char *buf,
			    size_t size)
{
	return neigh_proc(net, t, write, buf, size, proc_dointvec_minmax, &zero, &int_max);
}

static int neigh_proc_seconds(struct net *net, const struct ctl_table *t, bool write, char *buf,
			      size_t size)
{
	return neigh_proc(net, t, write, buf, size, proc_dointvec_jiffies, NULL, NULL);
}

static int neigh_proc_userhz(struct net *net, const struct ctl_table *t, bool write, char *buf,
			     size_t size)
{
	return neigh_proc(net, t, write, buf, size, proc_dointvec_userhz_jiffies, NULL, NULL);
}

static int neigh_proc_ms(struct net *net, const struct ctl_table *t, bool write, char *buf,
			 size_t size)
{
	return neigh_proc(net, t, write, buf, size, proc_dointvec_ms_jiffies, NULL, NULL);
}

/* Milliseconds are ticks, so the handler with bounds serves. */
static int neigh_proc_ms_positive(struct net *net, const struct ctl_table *t, bool write, char *buf,
				  size_t size)
{
	return neigh_proc(net, t, write, buf, size, proc_dointvec_minmax, &one, &int_max);
}

/* Full frames shown, bytes kept. */
static int neigh_proc_unres_qlen(struct net *net, const struct ctl_table *t, bool write, char *buf,
				 size_t size)
{
	struct neigh_parms *p = parms_of(t);
	int frames = p->data[NEIGH_VAR_QUEUE_LEN_BYTES] / NEIGH_SKB_TRUESIZE_ETH, ret;
	struct ctl_table tmp = *t;

	tmp.data = &frames;
	tmp.extra1 = &zero;
	tmp.extra2 = &qlen_max;
	ret = proc_dointvec_minmax(net, &tmp, write, buf, size);
	if (!write || ret < 0)
		return ret;
	neigh_parms_set(p, NEIGH_VAR_QUEUE_LEN_BYTES, frames * NEIGH_SKB_TRUESIZE_ETH);
	if (!p->dev)
		neigh_copy_dflt_parms(p, NEIGH_VAR_QUEUE_LEN_BYTES);
	return ret;
}

struct neigh_key {
	const char *name;
	u32 var;
	proc_handler *handler;
};

static const struct neigh_key neigh_keys[] = {
	{ "mcast_solicit", NEIGH_VAR_MCAST_PROBES, neigh_proc_count },
	{ "ucast_solicit", NEIGH_VAR_UCAST_PROBES, neigh_proc_count },
	{ "app_solicit", NEIGH_VAR_APP_PROBES, neigh_proc_count },
	{ "mcast_resolicit", NEIGH_VAR_MCAST_REPROBES, neigh_proc_count },
	{ "retrans_time", NEIGH_VAR_RETRANS_TIME, neigh_proc_userhz },
	{ "base_reachable_time", NEIGH_VAR_BASE_REACHABLE_TIME, neigh_proc_seconds },
	{ "delay_first_probe_time", NEIGH_VAR_DELAY_PROBE_TIME, neigh_proc_seconds },
	{ "interval_probe_time_ms", NEIGH_VAR_INTERVAL_PROBE_TIME_MS, neigh_proc_ms_positive },
	{ "gc_stale_time", NEIGH_VAR_GC_STALETIME, neigh_proc_seconds },
	{ "unres_qlen", NEIGH_VAR_QUEUE_LEN_BYTES, neigh_proc_unres_qlen },
	{ "unres_qlen_bytes", NEIGH_VAR_QUEUE_LEN_BYTES, neigh_proc_count },
	{ "proxy_qlen", NEIGH_VAR_PROXY_QLEN, neigh_proc_count },
	{ "anycast_delay", NEIGH_VAR_ANYCAST_DELAY, neigh_proc_userhz },
	{ "proxy_delay", NEIGH_VAR_PROXY_DELAY, neigh_proc_userhz },
	{ "locktime", NEIGH_VAR_LOCKTIME, neigh_proc_userhz },
	{ "retrans_time_ms", NEIGH_VAR_RETRANS_TIME, neigh_proc_ms },
	{ "base_reachable_time_ms", NEIGH_VAR_BASE_REACHABLE_TIME, neigh_proc_ms },
};

#define NEIGH_GC_KEYS 4

/* Keys of the table itself, only in default. Return: how many */
static unsigned neigh_gc_keys(struct neigh_table *tbl, struct ctl_table *t)
{
	const struct ctl_table keys[NEIGH_GC_KEYS] = {
		{ "gc_interval", &tbl->gc_interval, sizeof(int), 0644, proc_dointvec_jiffies, NULL,
		  NULL },
		{ "gc_thresh1", &tbl->gc_thresh1, sizeof(int), 0644, proc_dointvec_minmax, &zero,
		  &int_max },
		{ "gc_thresh2", &tbl->gc_thresh2, sizeof(int), 0644, proc_dointvec_minmax, &zero,
		  &int_max },
		{ "gc_thresh3", &tbl->gc_thresh3, sizeof(int), 0644, proc_dointvec_minmax, &zero,
		  &int_max },
	};

	memcpy(t, keys, sizeof(keys));
	return NEIGH_GC_KEYS;
}

/**
 * neigh_sysctl_register() - make the directory of @p appear
 * Return: 0, -ENOBUFS when out of memory
 */
int neigh_sysctl_register(struct neigh_parms *p)
{
	struct ctl_table t[ARRAY_SIZE(neigh_keys) + NEIGH_GC_KEYS] = { 0 };
	char path[32 + IFNAMSIZ];
	unsigned n;

	for (n = 0; n < ARRAY_SIZE(neigh_keys); n++)
		t[n] = (struct ctl_table){ .procname = neigh_keys[n].name,
					   .data = &p->data[neigh_keys[n].var],
					   .maxlen = sizeof(int),
					   .mode = 0644,
					   .handler = neigh_keys[n].handler,
					   .extra2 = p };
	if (!p->dev)
		n += neigh_gc_keys(p->tbl, t + n);
	snprintf(path, sizeof(path), "net/ipv4/neigh/%s", p->dev ? p->dev->name : "default");
	p->sysctl_header = register_net_sysctl(p->net, path, t, n);
	return p->sysctl_header ? 0 : -ENOBUFS;
}

/**
 * neigh_sysctl_unregister() - the directory of @p goes; harmless if it is not there
 */
void neigh_sysctl_unregister(struct neigh_parms *p)
{
	if (p->sysctl_header)
		unregister_net_sysctl(p->sysctl_header);
	p->sysctl_header = NULL;
}
