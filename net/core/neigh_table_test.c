// SPDX-License-Identifier: BSD-2-Clause
/* net/core/neigh_table_test.c - the table's bounds and garbage collection, headers on the way out, proxies, settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "neigh_fake.h"
#include "net/sysctl.h"

#define ADMIN (NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE)

static __be32 key(u32 i)
{
	return htonl(0x0a000000 + i);
}

static void fill(u32 from, u32 to, u8 state)
{
	for (u32 i = from; i < to; i++) {
		struct neighbour *n = entry(key(i));

		assert_non_null(n);
		neigh_update(n, mac_a, state, ADMIN, 0);
	}
}

/* At gc_thresh3 a new entry is refused if all are in use or young; what was set by hand does not count. */
static void test_table_full(void **state)
{
	int err = 0;

	advance(10000);
	fill(0, 1024, NUD_STALE);
	assert_int_equal(fake.tbl->gc_entries, 1024);
	assert_null(___neigh_create(fake.tbl, key(5000), fake.dev, &err));
	assert_int_equal(err, -ENOBUFS);
	assert_int_equal(fake.tbl->stats.table_fulls, 1);
	/* Whoever asks for more in the same tick does not have the table walked again. */
	for (u32 i = 0; i < 50; i++)
		assert_null(___neigh_create(fake.tbl, key(6000 + i), fake.dev, &err));
	assert_int_equal(fake.tbl->stats.forced_gc_runs, 1);
	advance(1);
	assert_null(___neigh_create(fake.tbl, key(6000), fake.dev, &err));
	assert_int_equal(fake.tbl->stats.forced_gc_runs, 2);
	assert_non_null(strstr(fake.log, "neighbor table overflow!"));
	assert_non_null(___neigh_create_flags(fake.tbl, key(5000), fake.dev, 0, true, &err));
	neigh_update(entry(key(5)), mac_a, NUD_PERMANENT, ADMIN, 0);
	assert_int_equal(fake.tbl->gc_entries, 1023);
	assert_non_null(___neigh_create(fake.tbl, key(5001), fake.dev, &err));
}

/* Above gc_thresh2 the oldest unused make room, down to that threshold. */
static void test_forced_gc(void **state)
{
	advance(10000);
	fill(0, 512, NUD_STALE);
	advance(6000);
	fill(512, 513, NUD_STALE);
	assert_int_equal(fake.tbl->stats.forced_gc_runs, 1);
	assert_int_equal(fake.tbl->gc_entries, 512);
	assert_null(neigh_lookup(fake.tbl, key(0), fake.dev));
	assert_non_null(neigh_lookup(fake.tbl, key(1), fake.dev));
	/* not again within 5 s */
	fill(513, 600, NUD_STALE);
	assert_int_equal(fake.tbl->stats.forced_gc_runs, 1);
	advance(5001);
	fill(600, 601, NUD_STALE);
	assert_int_equal(fake.tbl->gc_entries, 512);
}

/* Entries in use are not taken: a timer or a borrower holds them. */
static void test_forced_gc_spares(void **state)
{
	struct neighbour *held;

	advance(10000);
	fill(0, 1, NUD_REACHABLE);
	held = entry(key(1));
	neigh_update(held, mac_a, NUD_STALE, ADMIN, 0);
	neigh_hold(held);
	fill(2, 512, NUD_STALE);
	advance(6000);
	fill(512, 513, NUD_STALE);
	assert_non_null(neigh_lookup(fake.tbl, key(0), fake.dev));
	assert_non_null(neigh_lookup(fake.tbl, key(1), fake.dev));
	assert_null(neigh_lookup(fake.tbl, key(2), fake.dev));
	neigh_release(held);
}

/* Below gc_thresh1 nothing is collected; above, what was unused for gc_stale_time. */
static void test_periodic_gc(void **state)
{
	fill(0, 127, NUD_STALE);
	advance(100000);
	assert_int_equal(fake.tbl->entries, 127);
	fill(127, 128, NUD_PERMANENT);
	fill(128, 130, NUD_STALE);
	advance(16000);
	/* the two new ones and the permanent one stay */
	assert_int_equal(fake.tbl->entries, 3);
	fill(200, 400, NUD_STALE);
	neigh_update(entry(key(200)), mac_a, NUD_STALE, ADMIN | NEIGH_UPDATE_F_EXT_LEARNED, 0);
	advance(76000);
	assert_int_equal(fake.tbl->gc_entries, 0);
	assert_int_equal(fake.tbl->entries, 2);
}

/* Reachable times are drawn anew every 300 s, between a half and one and a half of the base. */
static void test_reachable_times(void **state)
{
	int first = fake.tbl->parms.reachable_time;

	for (int i = 0; i < 1000; i++) {
		int t = neigh_rand_reach_time(fake.skiff, 30000);

		assert_in_range(t, 15000, 44999);
	}
	advance(316000);
	assert_int_not_equal(fake.tbl->parms.reachable_time, first);
}

static void test_hash_grows(void **state)
{
	u32 shift = fake.tbl->hash_shift;

	fill(0, 700, NUD_PERMANENT);
	assert_true(fake.tbl->hash_shift > shift);
	for (u32 i = 0; i < 700; i++)
		assert_non_null(neigh_lookup(fake.tbl, key(i), fake.dev));
}

/* Without memory: no entry, no leak, and all is well afterwards. */
static void test_no_memory(void **state)
{
	int err = 0;

	for (int left = 0;; left++) {
		struct neighbour *n;

		fake.alloc_left = left;
		n = ___neigh_create(fake.tbl, key(1), fake.dev, &err);
		fake.alloc_left = -1;
		if (n)
			break;
		assert_int_equal(err, -ENOBUFS);
	}
	fake.alloc_left = 0;
	fill(2, 2, NUD_STALE);
	assert_int_equal(pneigh_create(fake.tbl, key(9), fake.dev, 0, 0, false), -ENOBUFS);
	fake.alloc_left = -1;
	assert_int_equal(fake.tbl->entries, 1);
}

/* A batch to a sure neighbour: the header is ready after the first packet. */
static void test_headers(void **state)
{
	static const u8 head[16] = { 2, 0xaa, 0, 0, 0, 2, 2, 0xdd, 0, 0, 0, 0, 8, 0, 0x45, 0x45 };
	struct neighbour *n = entry(key(2));
	struct skb_batch b = { 0 };

	neigh_update(n, mac_a, NUD_PERMANENT, ADMIN, 0);
	assert_int_equal(n->hh_len, 0);
	send_to(n, 40);
	assert_int_equal(n->hh_len, 14);
	assert_int_equal(fake.last_len, 54);
	assert_memory_equal(fake.last, head, sizeof(head));
	memset(fake.last, 0, sizeof(fake.last));
	for (u32 i = 0; i < SKB_BATCH_MAX; i++) {
		struct sk_buff *skb = alloc_skb(fake.skiff, 40);

		skb_reset_network_header(skb);
		memset(skb_put(skb, 40), 0x45, 40);
		skb->dev = fake.dev;
		skb->protocol = htons(ETH_P_IP);
		skb_batch_add(&b, skb);
	}
	neigh_output_batch(n, &b);
	assert_int_equal(fake.frames, 1 + SKB_BATCH_MAX);
	assert_int_equal(fake.last_len, 54);
	assert_memory_equal(fake.last, head, sizeof(head));
	/* another address: no stale header */
	neigh_update(n, mac_b, NUD_PERMANENT, ADMIN, 0);
	send_to(n, 40);
	assert_memory_equal(fake.last, mac_b, 6);
}

/* A packet without headroom gets some. */
static void test_no_headroom(void **state)
{
	struct neighbour *n = entry(key(2));
	struct sk_buff *skb;
	struct skb_batch b;

	neigh_update(n, mac_a, NUD_PERMANENT, ADMIN, 0);
	for (int i = 0; i < 2; i++) {
		skb = alloc_skb(fake.skiff, 40);
		skb->data = skb->head;
		skb_reset_network_header(skb);
		memset(skb_put(skb, 40), 0x45, 40);
		skb->dev = fake.dev;
		skb->protocol = htons(ETH_P_IP);
		skb_batch_one(&b, skb);
		neigh_output_batch(n, &b);
		assert_int_equal(fake.last_len, 54);
		assert_memory_equal(fake.last, mac_a, 6);
	}
}

static void test_proxies(void **state)
{
	assert_int_equal(pneigh_create(fake.tbl, key(7), fake.dev, NTF_PROXY, 0, true), 0);
	assert_int_equal(pneigh_create(fake.tbl, key(8), NULL, NTF_PROXY, 0, false), 0);
	assert_int_equal(pneigh_create(fake.tbl, key(9), fake.dev, NTF_PROXY, 0, false), 0);
	assert_non_null(pneigh_lookup(fake.tbl, key(7), fake.dev));
	assert_null(pneigh_lookup(fake.tbl, key(7), NULL));
	assert_non_null(pneigh_lookup(fake.tbl, key(8), fake.dev));
	assert_int_equal(pneigh_delete(fake.tbl, key(8), fake.dev), -ENOENT);
	assert_int_equal(pneigh_delete(fake.tbl, key(8), NULL), 0);
	neigh_carrier_down(fake.tbl, fake.dev);
	assert_non_null(pneigh_lookup(fake.tbl, key(7), fake.dev));
	assert_null(pneigh_lookup(fake.tbl, key(9), fake.dev));
	neigh_ifdown(fake.tbl, fake.dev);
	assert_null(pneigh_lookup(fake.tbl, key(7), fake.dev));
}

static unsigned redone;

static void count_redo(struct sk_buff *skb)
{
	assert_true(neigh_locally_enqueued(skb));
	redone++;
	consume_skb(fake.skiff, skb);
}

/* Requests wait a part of proxy_delay; more than proxy_qlen are dropped; a device that goes down drops its own. */
static void test_proxy_queue(void **state)
{
	static const struct neigh_table_ops ops = { fake_constructor, count_redo };
	struct neigh_parms *p = neigh_parms_find(fake.tbl, fake.dev->ifindex);

	fake.tbl->ops = &ops;
	redone = 0;
	for (int i = 0; i < 70; i++) {
		struct sk_buff *skb = alloc_skb(fake.skiff, 28);

		skb->dev = fake.dev;
		neigh_cb_init(skb);
		pneigh_enqueue(fake.tbl, p, skb);
	}
	assert_int_equal(p->qlen, 65); /* qlen > proxy_qlen drops, as the kernel has it */
	assert_int_equal(dropped(SKB_DROP_REASON_NOT_SPECIFIED), 5);
	advance(400);
	assert_in_range(redone, 1, 64);
	neigh_ifdown(fake.tbl, fake.dev);
	assert_int_equal(redone + dropped(SKB_DROP_REASON_NOT_SPECIFIED), 70);
	assert_int_equal(p->qlen, 0);
	advance(1000);
	assert_true(skb_queue_empty(&fake.tbl->proxy_queue));
}

static void expect_sysctl(const char *name, const char *value)
{
	char buf[64] = "", full[128] = "net.ipv4.neigh.";

	strcat(full, name);
	assert_true(sysctl_get(fake.net, full, buf, sizeof(buf)) >= 0);
	assert_string_equal(buf, value);
}

static int set_sysctl(const char *name, const char *value)
{
	char full[128] = "net.ipv4.neigh.";

	return sysctl_set(fake.net, strcat(full, name), value);
}

/* Defaults and units are those of Linux 6.18. */
static void test_sysctl_defaults(void **state)
{
	static const char *const rows[][2] = {
		{ "mcast_solicit", "3" },
		{ "ucast_solicit", "3" },
		{ "app_solicit", "0" },
		{ "mcast_resolicit", "0" },
		{ "retrans_time", "100" },
		{ "retrans_time_ms", "1000" },
		{ "base_reachable_time", "30" },
		{ "base_reachable_time_ms", "30000" },
		{ "delay_first_probe_time", "5" },
		{ "interval_probe_time_ms", "5000" },
		{ "gc_stale_time", "60" },
		{ "unres_qlen", "101" },
		{ "unres_qlen_bytes", "212992" },
		{ "proxy_qlen", "64" },
		{ "anycast_delay", "100" },
		{ "proxy_delay", "80" },
		{ "locktime", "100" },
	};
	char name[64];

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(name, sizeof(name), "default.%s", rows[i][0]);
		expect_sysctl(name, rows[i][1]);
		snprintf(name, sizeof(name), "e0.%s", rows[i][0]);
		expect_sysctl(name, rows[i][1]);
	}
	expect_sysctl("default.gc_interval", "30");
	expect_sysctl("default.gc_thresh1", "128");
	expect_sysctl("default.gc_thresh2", "512");
	expect_sysctl("default.gc_thresh3", "1024");
	assert_int_equal(set_sysctl("e0.gc_thresh1", "1"), -ENOENT);
}

/* A write to default reaches devices that have not set the value themselves. */
static void test_sysctl_default_spreads(void **state)
{
	assert_int_equal(set_sysctl("e0.mcast_solicit", "5"), 0);
	assert_int_equal(set_sysctl("default.mcast_solicit", "7"), 0);
	assert_int_equal(set_sysctl("default.ucast_solicit", "8"), 0);
	expect_sysctl("e0.mcast_solicit", "5");
	expect_sysctl("e0.ucast_solicit", "8");
	assert_int_equal(set_sysctl("e0.retrans_time", "25"), 0);
	expect_sysctl("e0.retrans_time_ms", "250");
	assert_int_equal(set_sysctl("e0.unres_qlen", "3"), 0);
	expect_sysctl("e0.unres_qlen_bytes", "6270");
	assert_int_equal(set_sysctl("e0.base_reachable_time_ms", "2000"), 0);
	expect_sysctl("e0.base_reachable_time", "2");
	assert_in_range(neigh_parms_find(fake.tbl, 3)->reachable_time, 1000, 2999);
}

static void test_sysctl_ranges(void **state)
{
	assert_int_equal(set_sysctl("e0.mcast_solicit", "-1"), -EINVAL);
	assert_int_equal(set_sysctl("e0.unres_qlen", "-1"), -EINVAL);
	assert_int_equal(set_sysctl("e0.unres_qlen", "2000000"), -EINVAL);
	assert_int_equal(set_sysctl("e0.interval_probe_time_ms", "0"), -EINVAL);
	assert_int_equal(set_sysctl("default.gc_thresh3", "-1"), -EINVAL);
	assert_int_equal(set_sysctl("e0.proxy_delay", "x"), -EINVAL);
	expect_sysctl("e0.mcast_solicit", "3");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_table_full),
		T(test_forced_gc),
		T(test_forced_gc_spares),
		T(test_periodic_gc),
		T(test_reachable_times),
		T(test_hash_grows),
		T(test_no_memory),
		T(test_headers),
		T(test_no_headroom),
		T(test_proxies),
		T(test_proxy_queue),
		T(test_sysctl_defaults),
		T(test_sysctl_default_spreads),
		T(test_sysctl_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
