// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/nexthop_select_test.c - which member of a group a hash falls to, and how buckets of resilient groups move in time.
 *
 * What the kernel says to requests is in the recordings beside; what it does with packets would need its secret hash.
 */
#include "net/ipv4/nexthop_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "drivers/devices.h"
#include "lab/ipwords.h"
#include "net/neighbour.h"

struct world {
	struct skiff skiff;
	struct net *net;
	unsigned bucket_moves; /* told to listeners */
	int alloc_left;
	int allocs;
};

static void *count_alloc(void *arg, size_t size, size_t align)
{
	struct world *w = arg;
	void *p;

	if (!w->alloc_left)
		return NULL;
	if (w->alloc_left > 0)
		w->alloc_left--;
	p = aligned_alloc(align, ALIGN_UP(size, align));
	w->allocs += p != NULL;
	return p;
}

static void count_free(void *arg, void *p)
{
	((struct world *)arg)->allocs--;
	free(p);
}

static void on_notify(struct net *net, u32 group, const void *msg, size_t len)
{
	struct world *w = net->rtnl_notify_arg;
	const struct nlmsghdr *nlh = msg;

	if (group == RTNLGRP_NEXTHOP && nlh->nlmsg_type == RTM_NEWNEXTHOPBUCKET)
		w->bucket_moves++;
}

static int find_ifindex(void *arg, const char *name)
{
	struct world *w = arg;
	struct net_device *dev = dev_get_by_name(w->net, name);

	return dev ? (int)dev->ifindex : 0;
}

static int try_ip(struct world *w, const char *line)
{
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	const struct ipwords_env env = { find_ifindex, w };
	char why[128];
	int len = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (len < 0)
		fail_msg("%s: %s", line, why);
	return rtnetlink_rcv_msg(w->net, (struct nlmsghdr *)msg, (size_t)len, NULL, NULL);
}

static void ip(struct world *w, const char *line)
{
	if (try_ip(w, line))
		fail_msg("%s is refused", line);
}

static struct world *start(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct skiff_env env = { .now_ns = 1, .arg = w, .alloc = count_alloc, .free = count_free };
	int err;

	assert_non_null(w);
	w->alloc_left = -1;
	skiff_engine_init(&w->skiff, &env);
	assert_int_equal(skb_pool_init(&w->skiff), 0);
	w->net = net_create(&w->skiff, "r");
	assert_non_null(w->net);
	w->net->rtnl_notify = on_notify;
	w->net->rtnl_notify_arg = w;
	assert_non_null(dummy_create(w->net, "e0", NULL, &err));
	ip(w, "link set lo up");
	ip(w, "link set e0 up");
	ip(w, "addr add 10.0.0.1/24 dev e0");
	ip(w, "nexthop add id 1 via 10.0.0.11 dev e0");
	ip(w, "nexthop add id 2 via 10.0.0.12 dev e0");
	ip(w, "nexthop add id 3 via 10.0.0.13 dev e0");
	return w;
}

static void end(struct world *w)
{
	w->net->rtnl_notify = NULL;
	net_destroy(w->net);
	skb_pool_exit(&w->skiff);
	assert_int_equal(w->allocs, 0);
	free(w);
}

static u32 chosen(struct world *w, u32 group, int hash)
{
	return nexthop_id(nexthop_select_path(nexthop_find_by_id(w->net, group), hash));
}

/* Rows: group, hash, member. Bounds: 31 bits of hash, shared by weight. */
static void test_bounds(void **state)
{
	static const struct {
		const char *members;
		int hash;
		u32 member;
	} rows[] = {
		{ "1/2", 0, 1 },
		{ "1/2", 0x3fffffff, 1 },
		{ "1/2", 0x40000000, 2 },
		{ "1/2", 0x7fffffff, 2 },
		{ "1,1/2,3", 0x1fffffff, 1 },
		{ "1,1/2,3", 0x20000000, 2 },
		{ "1,255/2,1", 0x7f7fffff, 1 },
		{ "1,255/2,1", 0x7f800000, 2 },
		{ "1/2/3", 715827882, 1 },
		{ "1/2/3", 715827883, 2 },
		{ "1/2/3", 1431655764, 2 },
		{ "1/2/3", 1431655765, 3 },
		{ "1/2/3", 0x7fffffff, 3 },
		{ "3", 0x12345678, 3 },
	};
	struct world *w = start();
	char line[64];

	assert_int_equal(chosen(w, 2, 77), 2);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(line, sizeof(line), "nexthop replace id 10 group %s", rows[i].members);
		ip(w, line);
		if (chosen(w, 10, rows[i].hash) != rows[i].member)
			fail_msg("row %u: %u", i, chosen(w, 10, rows[i].hash));
	}
	end(w);
}

/* A member whose neighbour has failed is passed over; with all of them failed the first is taken. */
static void test_failed_neighbours(void **state)
{
	struct world *w = start();

	ip(w, "nexthop add id 10 group 1/2/3");
	ip(w, "neigh add 10.0.0.12 dev e0 nud failed");
	assert_int_equal(chosen(w, 10, 0), 1);
	assert_int_equal(chosen(w, 10, 1000000000), 3);
	assert_int_equal(chosen(w, 10, 0x7fffffff), 3);
	ip(w, "neigh add 10.0.0.13 dev e0 nud failed");
	assert_int_equal(chosen(w, 10, 1000000000), 1);
	ip(w, "neigh add 10.0.0.11 dev e0 nud failed");
	assert_int_equal(chosen(w, 10, 1000000000), 1);
	ip(w, "neigh replace 10.0.0.12 dev e0 lladdr 02:00:00:00:00:01 nud permanent");
	assert_int_equal(chosen(w, 10, 0), 2);
	end(w);
}

/* RTM_NEWNEXTHOP of a resilient group of @members (ends with 0, weight 1), since the words know no buckets. */
static int res_group(struct world *w, u16 buckets, u32 idle, u32 unbalanced, const u32 *members)
{
	u8 buf[512] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nexthop_grp grp[8] = { 0 };
	struct nlattr *nest;
	unsigned n = 0;

	nlh->nlmsg_type = RTM_NEWNEXTHOP;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nhmsg));
	mnl_attr_put_u32(nlh, NHA_ID, 10);
	while (members[n]) {
		grp[n].id = members[n];
		n++;
	}
	mnl_attr_put(nlh, NHA_GROUP, n * sizeof(grp[0]), grp);
	mnl_attr_put_u16(nlh, NHA_GROUP_TYPE, NEXTHOP_GRP_TYPE_RES);
	nest = mnl_attr_nest_start(nlh, NHA_RES_GROUP);
	mnl_attr_put_u16(nlh, NHA_RES_GROUP_BUCKETS, buckets);
	mnl_attr_put_u32(nlh, NHA_RES_GROUP_IDLE_TIMER, idle * USER_HZ);
	mnl_attr_put_u32(nlh, NHA_RES_GROUP_UNBALANCED_TIMER, unbalanced * USER_HZ);
	mnl_attr_nest_end(nlh, nest);
	return rtnetlink_rcv_msg(w->net, nlh, nlh->nlmsg_len, NULL, NULL);
}

static void pass(struct world *w, unsigned seconds)
{
	w->skiff.jiffies += (u64)seconds * HZ;
	timer_wheel_run(&w->skiff.wheel, w->skiff.jiffies);
	skiff_run_death_row(&w->skiff);
}

static unsigned buckets_of(struct world *w, u32 member)
{
	const struct nh_res_table *t = nexthop_find_by_id(w->net, 10)->nh_grp->res;
	unsigned n = 0;

	for (u32 i = 0; i < t->num_buckets; i++)
		n += t->bucket[i].nhge->nh->id == member;
	return n;
}

/* A busy bucket stays with its member until it was idle for long enough. */
static void test_idle_timer(void **state)
{
	static const u32 two[] = { 1, 2, 0 }, three[] = { 1, 2, 3, 0 };
	struct world *w = start();
	u32 before;

	assert_int_equal(res_group(w, 6, 10, 0, two), 0);
	assert_int_equal(buckets_of(w, 1), 3);
	pass(w, 1);
	before = chosen(w, 10, 4);
	for (int hash = 0; hash < 6; hash++)
		chosen(w, 10, hash);
	assert_int_equal(res_group(w, 6, 10, 0, three), 0);
	assert_int_equal(buckets_of(w, 3), 0);
	pass(w, 9);
	assert_int_equal(buckets_of(w, 3), 0);
	assert_int_equal(chosen(w, 10, 4), before);
	pass(w, 2);
	/* All but the one that was just used were idle for 10 s. */
	assert_int_equal(buckets_of(w, 3), 2);
	assert_int_equal(buckets_of(w, 1), 2);
	assert_int_equal(chosen(w, 10, 4), before);
	assert_int_equal(w->bucket_moves, 2);
	end(w);
}

/* Busy buckets move all the same when the table is out of balance for too long. */
static void test_unbalanced_timer(void **state)
{
	static const u32 two[] = { 1, 2, 0 }, three[] = { 1, 2, 3, 0 };
	struct world *w = start();

	assert_int_equal(res_group(w, 6, 10, 30, two), 0);
	pass(w, 1);
	for (int hash = 0; hash < 6; hash++)
		chosen(w, 10, hash);
	assert_int_equal(res_group(w, 6, 10, 30, three), 0);
	for (int s = 0; s < 30; s++) {
		pass(w, 1);
		for (int hash = 0; hash < 6; hash++)
			assert_int_not_equal(chosen(w, 10, hash), 3);
	}
	pass(w, 2);
	assert_int_equal(buckets_of(w, 3), 2);
	end(w);
}

/* A member that leaves gives up its buckets at once, and only those move. */
static void test_member_leaves(void **state)
{
	static const u32 three[] = { 1, 2, 3, 0 };
	struct world *w = start();
	u32 was[9];

	assert_int_equal(res_group(w, 9, 100, 0, three), 0);
	for (int hash = 0; hash < 9; hash++)
		was[hash] = chosen(w, 10, hash);
	ip(w, "nexthop del id 2");
	for (int hash = 0; hash < 9; hash++) {
		if (was[hash] != 2)
			assert_int_equal(chosen(w, 10, hash), was[hash]);
		else
			assert_int_not_equal(chosen(w, 10, hash), 2);
	}
	ip(w, "nexthop del id 3");
	assert_int_equal(buckets_of(w, 1), 9);
	ip(w, "nexthop del id 1");
	assert_null(nexthop_find_by_id(w->net, 10));
	end(w);
}

/* The nth allocation fails, for each n: a refusal, nothing lost, and the same works afterwards. */
static void test_no_memory(void **state)
{
	static const char *const lines[] = {
		"nexthop add id 20 via 10.0.0.14 dev e0",
		"nexthop add id 21 blackhole",
		"nexthop add id 22 group 1/2,5",
		"nexthop replace id 1 via 10.0.0.15 dev e0",
		"nexthop replace id 22 group 2/3",
		"nexthop add id 23 group 1,3/3,300 type resilient buckets 8 idle_timer 10 unbalanced_timer 60",
		"rule add from 10.1.0.0/16 table 100 pref 10",
		"rule add goto 20 pref 11",
		"nexthop del id 2",
		"rule del pref 11",
	};
	static const u32 one[] = { 1, 0 };
	struct world *w = start();

	for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
		int n = 0, err;

		do {
			w->alloc_left = n++;
			err = try_ip(w, lines[i]);
			w->alloc_left = -1;
			if (err && err != -ENOMEM && err != -ENOBUFS)
				fail_msg("%s: %d with %d allocations", lines[i], err, n - 1);
		} while (err);
	}
	for (int n = 0, err = -1; err; n++) {
		w->alloc_left = n;
		err = res_group(w, 4, 1, 1, one);
		w->alloc_left = -1;
		assert_true(!err || err == -ENOMEM);
	}
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),	      cmocka_unit_test(test_failed_neighbours),
		cmocka_unit_test(test_idle_timer),    cmocka_unit_test(test_unbalanced_timer),
		cmocka_unit_test(test_member_leaves), cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
