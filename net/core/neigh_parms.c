// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_parms.c - the neighbour settings of a device: made as a copy of default's, gone with the device. */
#include "neigh_table.h"

/* Defaults of net.ipv4.neigh.default, times in ticks. */
static const int neigh_defaults[NEIGH_VAR_DATA_MAX] = {
	[NEIGH_VAR_MCAST_PROBES] = 3,	       [NEIGH_VAR_UCAST_PROBES] = 3,
	[NEIGH_VAR_RETRANS_TIME] = 1 * HZ,     [NEIGH_VAR_BASE_REACHABLE_TIME] = 30 * HZ,
	[NEIGH_VAR_DELAY_PROBE_TIME] = 5 * HZ, [NEIGH_VAR_INTERVAL_PROBE_TIME_MS] = 5 * HZ,
	[NEIGH_VAR_GC_STALETIME] = 60 * HZ,    [NEIGH_VAR_QUEUE_LEN_BYTES] = 212992,
	[NEIGH_VAR_PROXY_QLEN] = 64,	       [NEIGH_VAR_ANYCAST_DELAY] = 1 * HZ,
	[NEIGH_VAR_PROXY_DELAY] = 8 * HZ / 10, [NEIGH_VAR_LOCKTIME] = 1 * HZ,
};

/**
 * neigh_rand_reach_time() - uniform in 0.5 .. 1.5 of @base (RFC 4861 6.3.2), ticks
 */
int neigh_rand_reach_time(struct skiff *skiff, int base)
{
	return base > 0 ? (int)skiff_random_below(skiff, (u32)base) + (base >> 1) : 0;
}

/**
 * neigh_parms_find() - settings of the device with @ifindex, 0: default; NULL: none
 */
struct neigh_parms *neigh_parms_find(struct neigh_table *tbl, u32 ifindex)
{
	struct neigh_parms *p;

	if (!ifindex)
		return &tbl->parms;
	list_for_each_entry(p, &tbl->parms_list, list)
		if (p->dev && p->dev->ifindex == ifindex)
			return p;
	return NULL;
}

static void neigh_parms_free(struct death_row_entry *e)
{
	struct neigh_parms *p = container_of(e, struct neigh_parms, rcu);

	skiff_free(p->tbl->skiff, p);
}

/**
 * neigh_parms_alloc() - settings of @dev, a copy of default's, with their sysctls
 * Return: NULL when out of memory; neigh_parms_release() ends them
 */
struct neigh_parms *neigh_parms_alloc(struct net_device *dev, struct neigh_table *tbl)
{
	struct neigh_parms *p = skiff_zalloc(tbl->skiff, sizeof(*p));

	if (!p)
		return NULL;
	p->net = tbl->net;
	p->dev = dev;
	p->tbl = tbl;
	p->rcu.free = neigh_parms_free;
	p->dev_noarp = dev->flags & IFF_NOARP_;
	memcpy(p->data, tbl->parms.data, sizeof(p->data));
	p->reachable_time = neigh_rand_reach_time(tbl->skiff, NEIGH_VAR(p, BASE_REACHABLE_TIME));
	if (neigh_sysctl_register(p) < 0) {
		skiff_free(tbl->skiff, p);
		return NULL;
	}
	/* newest first, as RTM_GETNEIGHTBL shows them */
	list_add(&p->list, &tbl->parms_list);
	return p;
}

/**
 * neigh_parms_rename() - the device has a new name: its sysctls move there
 */
void neigh_parms_rename(struct neigh_parms *p)
{
	neigh_sysctl_unregister(p);
	if (neigh_sysctl_register(p) < 0)
		skiff_log(p->tbl->skiff, SKIFF_LOG_ERR, "%s: no memory for neighbour settings",
			  p->dev->name);
}

/**
 * neigh_parms_release() - the device leaves IPv4. Its neighbours are gone already (neigh_ifdown())
 */
void neigh_parms_release(struct neigh_table *tbl, struct neigh_parms *p)
{
	if (!p || p == &tbl->parms)
		return;
	neigh_sysctl_unregister(p);
	list_del(&p->list);
	p->dead = true;
	skiff_defer_free(tbl->skiff, &p->rcu);
}

/**
 * neigh_parms_init_default() - default of a new table
 */
void neigh_parms_init_default(struct neigh_table *tbl)
{
	struct neigh_parms *p = &tbl->parms;

	p->net = tbl->net;
	p->tbl = tbl;
	memcpy(p->data, neigh_defaults, sizeof(p->data));
	p->reachable_time = neigh_rand_reach_time(tbl->skiff, NEIGH_VAR(p, BASE_REACHABLE_TIME));
}
