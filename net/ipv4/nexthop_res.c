// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/nexthop_res.c - resilient groups: flows keep their next hop while members come and go.
 *
 * DOC: Resilient groups
 * A flow's hash picks a bucket, and the bucket says which member. When members or weights change, only as many buckets
 * move as must: those of members that left at once, those of members that have more than their share when they were idle
 * for idle_timer, or when the table has been out of balance for unbalanced_timer (0: never). A bucket that was not used
 * since it moved last is idle. Moves that must wait are made by the upkeep timer, and listeners of RTNLGRP_NEXTHOP
 * are told of these.
 */
#include "net/ipv4/nexthop_internal.h"

#define UPKEEP_INTERVAL_MIN (HZ / 2) /* ticks */

static bool is_underweight(const struct nh_grp_entry *nhge)
{
	return nhge->count_buckets < nhge->wants_buckets;
}

static bool is_balanced(const struct nh_res_table *t)
{
	return list_empty(&t->underweight);
}

static struct nh_group *table_group(const struct nh_res_table *t)
{
	return t->nh->nh_grp;
}

/**
 * nh_res_unbalanced_time() - ticks since the table lost its balance, 0: it has it
 */
u64 nh_res_unbalanced_time(const struct nh_res_table *t)
{
	return is_balanced(t) ? 0 : t->skiff->jiffies - t->unbalanced_since;
}

/**
 * nh_res_idle_time() - ticks since a packet went by @bucket
 */
u64 nh_res_idle_time(const struct nh_res_table *t, const struct nh_res_bucket *bucket)
{
	return t->skiff->jiffies - bucket->used_time;
}

static void bucket_unset(struct nh_res_bucket *bucket)
{
	if (bucket->nhge)
		bucket->nhge->count_buckets--;
	bucket->nhge = NULL;
}

/* From which tick on the bucket may move. */
static u64 idle_point(const struct nh_res_table *t, const struct nh_res_bucket *bucket)
{
	if (bucket->used_time == bucket->migrated_time)
		return t->skiff->jiffies;
	return bucket->used_time + t->idle_timer;
}

/* *@deadline: gets earlier if the bucket can only move later */
static bool should_migrate(const struct nh_res_table *t, const struct nh_res_bucket *bucket,
			   u64 *deadline)
{
	u64 now = t->skiff->jiffies, idle = idle_point(t, bucket);
	u64 unbalanced = t->unbalanced_since + t->unbalanced_timer;

	if (!bucket->nhge)
		return true;
	if (bucket->nhge->count_buckets <= bucket->nhge->wants_buckets)
		return false;
	if (now >= idle || (t->unbalanced_timer && now > unbalanced))
		return true;
	if (t->unbalanced_timer && unbalanced < *deadline)
		*deadline = unbalanced;
	if (idle < *deadline)
		*deadline = idle;
	return false;
}

static void migrate(struct nh_res_table *t, u16 index, bool tell)
{
	struct nh_res_bucket *bucket = &t->bucket[index];
	struct nh_grp_entry *to;

	NET_ASSERT(!is_balanced(t));
	to = list_first_entry(&t->underweight, struct nh_grp_entry, underweight);
	bucket_unset(bucket);
	bucket->nhge = to;
	to->count_buckets++;
	bucket->used_time = bucket->migrated_time = t->skiff->jiffies;
	if (tell)
		nexthop_bucket_notify(t, index);
	if (!is_underweight(to))
		list_del_init(&to->underweight);
}

/* Moves what may move, and sets the timer for what may move later. */
static void upkeep(struct nh_res_table *t, bool tell)
{
	u64 now = t->skiff->jiffies;
	u64 deadline = now + (t->unbalanced_timer ? t->unbalanced_timer : t->idle_timer);

	for (u32 i = 0; i < t->num_buckets; i++) {
		if (should_migrate(t, &t->bucket[i], &deadline))
			migrate(t, (u16)i, tell);
	}
	if (!is_balanced(t))
		mod_timer(&t->upkeep, max_t(u64, deadline, now + UPKEEP_INTERVAL_MIN));
}

static void upkeep_timer(struct timer_list *timer)
{
	struct nh_res_table *t = container_of(timer, struct nh_res_table, upkeep);

	upkeep(t, true);
}

/* What each member is due by its weight. */
static void share_out(struct nh_res_table *t)
{
	struct nh_group *nhg = table_group(t);
	u64 total = 0, sum = 0;
	u32 before = 0;

	INIT_LIST_HEAD(&t->underweight);
	for (unsigned i = 0; i < nhg->num_nh; i++)
		total += nhg->nh_entries[i].weight;
	for (unsigned i = 0; i < nhg->num_nh; i++) {
		struct nh_grp_entry *nhge = &nhg->nh_entries[i];
		u32 upper;

		sum += nhge->weight;
		upper = (u32)((t->num_buckets * sum + total / 2) / total);
		nhge->wants_buckets = upper - before;
		before = upper;
		INIT_LIST_HEAD(&nhge->underweight);
		if (is_underweight(nhge))
			list_add(&nhge->underweight, &t->underweight);
	}
}

/**
 * nh_res_rebalance() - members or weights of the table's group changed
 * Every bucket's member is one of the group, or NULL.
 */
void nh_res_rebalance(struct nh_res_table *t)
{
	bool was_balanced = is_balanced(t);

	timer_delete(&t->upkeep);
	share_out(t);
	if (was_balanced)
		t->unbalanced_since = t->skiff->jiffies;
	upkeep(t, false);
}

/**
 * nh_res_move_members() - buckets that led to members of another group lead to those of the table's group with the
 * same next hop, or to none
 */
void nh_res_move_members(struct nh_res_table *t)
{
	struct nh_group *to = table_group(t);

	for (unsigned i = 0; i < to->num_nh; i++)
		to->nh_entries[i].count_buckets = 0;
	for (u32 b = 0; b < t->num_buckets; b++) {
		const struct nexthop *nh = t->bucket[b].nhge ? t->bucket[b].nhge->nh : NULL;

		t->bucket[b].nhge = NULL;
		for (unsigned i = 0; nh && i < to->num_nh; i++) {
			if (to->nh_entries[i].nh != nh)
				continue;
			t->bucket[b].nhge = &to->nh_entries[i];
			to->nh_entries[i].count_buckets++;
		}
	}
}

/**
 * nh_res_drop_entry() - entry @at of the group is about to go, and those behind it move up by one
 */
void nh_res_drop_entry(struct nh_res_table *t, unsigned at)
{
	struct nh_grp_entry *gone = &table_group(t)->nh_entries[at];

	for (u32 b = 0; b < t->num_buckets; b++) {
		struct nh_res_bucket *bucket = &t->bucket[b];

		if (bucket->nhge == gone)
			bucket_unset(bucket);
		else if (bucket->nhge > gone)
			bucket->nhge--;
	}
}

/**
 * nh_res_select() - the member that a flow with @hash takes
 */
struct nh_grp_entry *nh_res_select(struct nh_res_table *t, int hash)
{
	struct nh_res_bucket *bucket = &t->bucket[(u32)hash % t->num_buckets];

	bucket->used_time = t->skiff->jiffies;
	return bucket->nhge;
}

static void table_free_rcu(struct death_row_entry *e)
{
	struct nh_res_table *t = container_of(e, struct nh_res_table, rcu);

	skiff_free(t->skiff, t);
}

/**
 * nh_res_alloc() - a table for the group @nh as @cfg has it, its buckets not yet given out
 * Return: NULL: no memory
 */
struct nh_res_table *nh_res_alloc(struct nexthop *nh, const struct nh_config *cfg)
{
	struct nh_res_table *t;

	t = skiff_zalloc(nh->skiff, sizeof(*t) + cfg->num_buckets * sizeof(t->bucket[0]));
	if (!t)
		return NULL;
	t->skiff = nh->skiff;
	t->nh = nh;
	t->num_buckets = cfg->num_buckets;
	t->idle_timer = cfg->has_idle_timer ? cfg->idle_timer : NH_RES_IDLE_TIMER;
	t->unbalanced_timer = cfg->has_unbalanced_timer ? cfg->unbalanced_timer : 0;
	t->rcu.free = table_free_rcu;
	INIT_LIST_HEAD(&t->underweight);
	timer_setup(&t->upkeep, nh->skiff, upkeep_timer);
	return t;
}

/**
 * nh_res_free() - the memory stays until the end of the turn
 */
void nh_res_free(struct nh_res_table *t)
{
	timer_delete(&t->upkeep);
	skiff_defer_free(t->skiff, &t->rcu);
}
