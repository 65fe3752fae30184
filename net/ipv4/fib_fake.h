/* SPDX-License-Identifier: BSD-2-Clause */
/* net/ipv4/fib_fake.h - the neighbours of routing tables, as little of them as their tests and benchmarks need.
 *
 * For fib_*_test.c and bench_fib.c: one file of a program includes it. A route request says its next hop with fc_gw4 (and fc_oif);
 * equal requests share a fib_info, as fib_semantics.c has it. An object stands for nexthop objects: fc_nh_id 1 is
 * a blackhole, others are one next hop with the number as device.
 */
#ifndef NET_IPV4_FIB_FAKE_H
#define NET_IPV4_FIB_FAKE_H

#include <stdio.h>
#include <stdlib.h>

#include "net/ip_fib.h"
#include "net/neighbour.h"
#include "net/route.h"
#include "net/rtnetlink.h"
#include "fib_table.h"

/* Fakes may hold state: they are no part of the stack. */
static struct {
	struct skiff skiff;
	struct net net;
	struct fib_info *infos[4096], *hint[256]; /* hint: by last octet of the gateway */
	unsigned n_infos, flushes;
	int last_event;
	u32 last_flags;
	struct net_device dev[8];
	u8 nud[256]; /* state of the neighbour whose address ends in this */
	struct neighbour neigh;
	long allocs, fail_after; /* fail_after: -1 never */
} fake;

const struct fib_prop fib_props[RTN_MAX + 1] = {
	[RTN_UNICAST] = { 0, RT_SCOPE_UNIVERSE },
	[RTN_LOCAL] = { 0, RT_SCOPE_HOST },
	[RTN_BROADCAST] = { 0, RT_SCOPE_LINK },
	[RTN_BLACKHOLE] = { -EINVAL, RT_SCOPE_UNIVERSE },
	[RTN_UNREACHABLE] = { -EHOSTUNREACH, RT_SCOPE_UNIVERSE },
	[RTN_PROHIBIT] = { -EACCES, RT_SCOPE_UNIVERSE },
	[RTN_THROW] = { -EAGAIN, RT_SCOPE_UNIVERSE },
};

static bool fake_same(const struct fib_info *fi, const struct fib_config *cfg)
{
	return fi->fib_priority == cfg->fc_priority && fi->fib_protocol == cfg->fc_protocol &&
	       fi->fib_scope == cfg->fc_scope && fi->fib_type == cfg->fc_type &&
	       fi->fib_nh[0].fib_nh_gw4 == cfg->fc_gw4 && fi->fib_nh[0].fib_nh_oif == cfg->fc_oif &&
	       (uintptr_t)fi->nh == cfg->fc_nh_id;
}

struct fib_info *fib_create_info(struct net *net, struct fib_config *cfg,
				 struct netlink_ext_ack *extack, int *err)
{
	struct fib_info **hint = &fake.hint[cfg->fc_gw4 >> 24], *fi = *hint;

	if (fi && fake_same(fi, cfg)) {
		fi->fib_treeref++;
		return fi;
	}
	for (unsigned i = 0; i < fake.n_infos; i++)
		if (fake_same(fake.infos[i], cfg)) {
			fake.infos[i]->fib_treeref++;
			return fake.infos[i];
		}
	fi = fake.n_infos < ARRAY_SIZE(fake.infos) ?
		     calloc(1, sizeof(*fi) + sizeof(fi->fib_nh[0])) :
		     NULL;
	if (!fi) {
		*err = -ENOBUFS;
		return NULL;
	}
	fake.infos[fake.n_infos++] = *hint = fi;
	fi->fib_net = net;
	fi->fib_treeref = 1;
	fi->fib_priority = cfg->fc_priority;
	fi->fib_protocol = cfg->fc_protocol;
	fi->fib_scope = cfg->fc_scope;
	fi->fib_type = cfg->fc_type;
	fi->nh = (struct nexthop *)(uintptr_t)cfg->fc_nh_id;
	fi->fib_nhs = fib_props[cfg->fc_type].error || fi->nh ? 0 : 1;
	fi->fib_nh[0].fib_nh_gw4 = cfg->fc_gw4;
	fi->fib_nh[0].nh_common.nhc_gw_family = cfg->fc_gw4 ? 2 : 0;
	fi->fib_nh[0].fib_nh_scope = cfg->fc_gw4 ? RT_SCOPE_LINK : RT_SCOPE_HOST;
	fi->fib_nh[0].fib_nh_oif = fi->nh ? cfg->fc_nh_id : cfg->fc_oif;
	fi->fib_nh[0].fib_nh_dev = &fake.dev[cfg->fc_oif % 8];
	return fi;
}

void fib_release_info(struct fib_info *fi)
{
	if (--fi->fib_treeref)
		return;
	for (unsigned i = 0; i < fake.n_infos; i++)
		if (fake.infos[i] == fi)
			fake.infos[i] = fake.infos[--fake.n_infos];
	for (unsigned i = 0; i < ARRAY_SIZE(fake.hint); i++)
		if (fake.hint[i] == fi)
			fake.hint[i] = NULL;
	free(fi);
}

int fib_nh_match(struct net *net, struct fib_config *cfg, struct fib_info *fi,
		 struct netlink_ext_ack *extack)
{
	if (cfg->fc_priority && cfg->fc_priority != fi->fib_priority)
		return 1;
	if (cfg->fc_gw4 && cfg->fc_gw4 != fi->fib_nh[0].fib_nh_gw4)
		return 1;
	return cfg->fc_oif && cfg->fc_oif != fi->fib_nh[0].fib_nh_oif;
}

bool fib_metrics_match(struct fib_config *cfg, struct fib_info *fi)
{
	return true;
}

void rtmsg_fib(int event, __be32 key, struct fib_alias *fa, int dst_len, u32 tb_id, u32 portid,
	       u32 seq, u32 nlm_flags, struct net *net)
{
	fake.last_event = event;
	fake.last_flags = nlm_flags;
}

void rt_cache_flush(struct net *net)
{
	fake.flushes++;
}

int fib_info_num_path(const struct fib_info *fi)
{
	return fi->nh ? 1 : fi->fib_nhs;
}

struct fib_nh_common *fib_info_nhc(struct fib_info *fi, int nhsel)
{
	return &fi->fib_nh[nhsel].nh_common;
}

bool nexthop_is_blackhole(const struct nexthop *nh)
{
	return (uintptr_t)nh == 1;
}

struct neighbour *__ipv4_neigh_lookup_noref(struct net_device *dev, __be32 key)
{
	fake.neigh.nud_state = fake.nud[key >> 24];
	return fake.neigh.nud_state ? &fake.neigh : NULL;
}

static void *fake_alloc(void *arg, size_t size, size_t align)
{
	if (fake.fail_after == 0)
		return NULL;
	if (fake.fail_after > 0)
		fake.fail_after--;
	fake.allocs++;
	return aligned_alloc(align, ALIGN_UP(size, align));
}

static void fake_free(void *arg, void *p)
{
	fake.allocs--;
	free(p);
}

static int fake_start(void)
{
	struct skiff_env env = { .alloc = fake_alloc, .free = fake_free };

	memset(&fake, 0, sizeof(fake));
	fake.fail_after = -1;
	skiff_engine_init(&fake.skiff, &env);
	fake.net.skiff = &fake.skiff;
	return fib_tables_init(&fake.net);
}

/* Frees all; true if nothing was left behind. */
static bool fake_end(void)
{
	fib_tables_exit(&fake.net);
	return fake.allocs == 0 && fake.n_infos == 0;
}

#endif
