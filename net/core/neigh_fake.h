/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/neigh_fake.h - a namespace with one Ethernet device that keeps what it is given, for neigh*_test.c.
 *
 * The table is the namespace's own where it has one, with operations of ours: questions are counted, not sent. Time is
 * virtual: advance() turns the shard at every tick that wants it. <cmocka.h> goes before it.
 */
#ifndef NET_CORE_NEIGH_FAKE_H
#define NET_CORE_NEIGH_FAKE_H

#include <stdlib.h>

#include "net/rtnetlink.h"
#include "neigh_table.h"

#define FRAME_MAX      256
#define IP(a, b, c, d) htonl((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))

static const u8 mac_a[6] = { 2, 0xaa, 0, 0, 0, 2 }, mac_b[6] = { 2, 0xbb, 0, 0, 0, 2 };

/* Fakes may hold state: they are no part of the stack. */
static struct {
	struct skiff *skiff;
	struct net *net;
	struct net_device *dev;
	struct neigh_table *tbl;
	bool own_tbl;
	unsigned ucast, bcast, reports,
		frames; /* questions by kind, packets reported lost, frames out */
	u8 last[FRAME_MAX];
	unsigned last_len;
	unsigned notes;
	u16 last_note;
	int alloc_left; /* -1: no allocation fails */
	char log[256];
} fake;

static void *fake_env_alloc(void *arg, size_t size, size_t align)
{
	if (fake.alloc_left == 0)
		return NULL;
	if (fake.alloc_left > 0)
		fake.alloc_left--;
	align = align < 16 ? 16 : align;
	return aligned_alloc(align, ALIGN_UP(size ? size : 1, align));
}

static void fake_env_free(void *arg, void *p)
{
	free(p);
}

static void fake_env_log(void *arg, int level, const char *line)
{
	strncpy(fake.log, line, sizeof(fake.log) - 1);
}

static void fake_xmit(struct net_device *dev, struct skb_batch *b)
{
	for (u32 i = 0; i < b->n; i++) {
		fake.frames++;
		fake.last_len = min_t(u32, b->p[i]->len, FRAME_MAX);
		skb_copy_bits(b->p[i], 0, fake.last, fake.last_len);
	}
	consume_skb_batch(fake.skiff, b);
}

static const struct net_device_ops fake_netdev_ops = { .ndo_start_xmit = fake_xmit };

static void fake_solicit(struct neighbour *n, struct sk_buff *skb)
{
	if ((int)n->probes < NEIGH_VAR(n->parms, UCAST_PROBES))
		fake.ucast++;
	else if ((int)n->probes <
		 NEIGH_VAR(n->parms, UCAST_PROBES) + NEIGH_VAR(n->parms, APP_PROBES))
		neigh_app_ns(n);
	else
		fake.bcast++;
}

static void fake_error_report(struct neighbour *n, struct sk_buff *skb)
{
	fake.reports++;
	kfree_skb_reason(fake.skiff, skb, SKB_DROP_REASON_NEIGH_FAILED);
}

static const struct neigh_ops fake_ops = {
	.solicit = fake_solicit,
	.error_report = fake_error_report,
	.output = neigh_resolve_output,
	.connected_output = neigh_resolve_output,
};

static int fake_constructor(struct neighbour *n)
{
	n->type = RTN_UNICAST;
	n->ops = &fake_ops;
	n->parms = neigh_parms_find(n->tbl, n->dev->ifindex);
	n->parms = n->parms ? n->parms : &n->tbl->parms;
	n->output = n->ops->output;
	return 0;
}

static const struct neigh_table_ops fake_table_ops = { .constructor = fake_constructor };

static void fake_note(struct net *net, u32 group, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;

	if (group != RTNLGRP_NEIGH)
		return;
	fake.notes++;
	fake.last_note = nlh->nlmsg_type;
}

static int fake_setup(void **state)
{
	struct skiff_env env = { .alloc = fake_env_alloc,
				 .free = fake_env_free,
				 .log = fake_env_log };

	memset(&fake, 0, sizeof(fake));
	fake.alloc_left = -1;
	fake.skiff = skiff_create(&env);
	assert_non_null(fake.skiff);
	fake.net = net_create(fake.skiff, "n");
	assert_non_null(fake.net);
	fake.tbl = fake.net->arp_tbl;
	if (!fake.tbl) {
		fake.own_tbl = true;
		fake.tbl = fake.net->arp_tbl = neigh_table_create(fake.net, &fake_table_ops);
	}
	fake.tbl->ops = &fake_table_ops;
	fake.dev = alloc_netdev(fake.net, 0, "e0", ether_setup);
	fake.dev->netdev_ops = &fake_netdev_ops;
	memcpy(fake.dev->dev_addr, (u8[]){ 2, 0xdd, 0, 0, 0, 0 }, 6);
	fake.dev->ifindex = 3;
	assert_int_equal(register_netdevice(fake.dev), 0);
	if (!neigh_parms_find(fake.tbl, 3))
		assert_non_null(neigh_parms_alloc(fake.dev, fake.tbl));
	netif_carrier_on(fake.dev);
	assert_int_equal(dev_open(fake.dev), 0);
	fake.net->rtnl_notify = fake_note;
	return 0;
}

static int fake_teardown(void **state)
{
	fake.alloc_left = -1;
	fake.net->rtnl_notify = NULL;
	neigh_ifdown(fake.tbl, fake.dev);
	if (!fake.dev->ip_ptr)
		neigh_parms_release(fake.tbl, neigh_parms_find(fake.tbl, 3));
	unregister_netdevice(fake.dev);
	if (fake.own_tbl) {
		neigh_table_destroy(fake.tbl);
		fake.net->arp_tbl = NULL;
	}
	net_destroy(fake.net);
	skiff_destroy(fake.skiff);
	return 0;
}

/* Let @ms pass. */
static inline void advance(u64 ms)
{
	u64 end = fake.skiff->now + ms * 1000000;

	for (;;) {
		u64 next = skiff_next(fake.skiff);

		if (next > end)
			break;
		skiff_turn(fake.skiff, next);
	}
	skiff_turn(fake.skiff, end);
}

static inline struct neighbour *entry(__be32 key)
{
	struct neighbour *n = neigh_lookup(fake.tbl, key, fake.dev);
	int err;

	return n ? n : ___neigh_create(fake.tbl, key, fake.dev, &err);
}

/* A packet of @len bytes after its network header, on its way to @n. */
static inline void send_to(struct neighbour *n, u32 len)
{
	struct sk_buff *skb = alloc_skb(fake.skiff, len);
	struct skb_batch b;

	skb_reset_network_header(skb);
	memset(skb_put(skb, len), 0x45, len);
	skb->dev = fake.dev;
	skb->protocol = htons(ETH_P_IP);
	skb_batch_one(&b, skb);
	neigh_output_batch(n, &b);
}

static inline u64 dropped(enum skb_drop_reason reason)
{
	return fake.skiff->drop_counts[reason];
}

#endif
