/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/skiff.h - a shard: what one thread turns. Everything that other stacks keep in globals hangs here. */
#ifndef ENGINE_SKIFF_H
#define ENGINE_SKIFF_H

#include "engine/handle_heap.h"
#include "engine/handle_wheel.h"
#include "engine/timer.h"
#include "lib/list.h"
#include "lib/prandom.h"
#include "lib/siphash.h"
#include "net/types.h"
#include "skiff/skiff.h"

struct sk_buff;
struct journey_sink;
struct drop_sink;
struct skb_pool;
struct sock_shard;

/* Work that a turn runs in its "devices in" phase: a driver with input, the loopback queue. */
struct turn_work {
	struct list_head list; /* on skiff->work while there is something to do */
	unsigned (*run)(struct turn_work *w);
};

/* An object whose last users may still be in this turn: freed at its end (what call_rcu was). */
struct death_row_entry {
	struct death_row_entry *next;
	void (*free)(struct death_row_entry *e);
};

/**
 * struct skiff - one shard
 * @now:       ns on the caller's clock, constant within a turn
 * @jiffies:   @now in ms ticks, constant within a turn
 * @wall:      Unix time in ns minus @now
 * @journey:   recorder's sink, NULL when nobody listens: the only thing the hot path looks at
 * @wheel:     timers that are embedded in their owners; @handles: those of sockets and other objects in slabs;
 *           @fine: deadlines that a tick is too coarse for
 * @work:      turn_work with input pending
 * @poll:      turn_work asked every turn (drivers that must look for input)
 * @nets:      namespaces, struct net.list
 * @dst_entries: routes that exist now
 * @tstamp_users: who wants packets stamped when they arrive (SO_TIMESTAMP and such); 0: they are not
 * @drops:     who keeps a record of drops (net/journey.h), NULL: nobody
 * @turn_end:  called at the end of a turn, before the death row; NULL: nobody
 * @rx_waiting: what waits in the rings of devices of this shard, see skiff_rx_wait()
 * @in_turn:   true while skiff_turn() runs (death row is emptied at its end)
 */
struct skiff {
	u64 now;
	u64 jiffies;
	u64 wall;
	struct journey_sink *journey;
	struct skb_pool *skb_pool;
	struct sock_shard *sockets; /* net/sock.h: families, slabs, descriptors */
	struct skiff_env env;
	struct prng prng;
	siphash_key_t hash_key;
	struct timer_wheel wheel;
	struct handle_wheel handles;
	struct handle_heap fine;
	struct list_head work;
	struct list_head poll;
	struct list_head nets;
	struct death_row_entry *death_row;
	struct drop_sink *drops;
	u64 drop_counts[160]; /* by enum skb_drop_reason */
	u32 net_cookie;
	u32 dst_entries;
	u32 rx_waiting;
	u32 tstamp_users;
	void (*turn_end)(struct skiff *skiff);
	bool in_turn;
};

/** skiff_engine_init() - set up @skiff from @env; packets and namespaces come on top (net/skiff.c) */
void skiff_engine_init(struct skiff *skiff, const struct skiff_env *env);
/** skiff_engine_exit() - give back what the engine itself took; the shard's memory stays the caller's */
void skiff_engine_exit(struct skiff *skiff);
/** skiff_engine_new() - memory for a shard from @env, set up; given back with skiff_free(). NULL: no memory */
struct skiff *skiff_engine_new(const struct skiff_env *env);

/* Memory of the shard, from env.alloc. kzalloc zeroes; all return NULL when out of memory. */
void *skiff_alloc(struct skiff *skiff, size_t size);
void *skiff_zalloc(struct skiff *skiff, size_t size);
void *skiff_alloc_aligned(struct skiff *skiff, size_t size, size_t align);
void skiff_free(struct skiff *skiff, void *p);
char *skiff_strdup(struct skiff *skiff, const char *s);

u64 skiff_random64(struct skiff *skiff);
u32 skiff_random32(struct skiff *skiff);
/** skiff_random_below() - uniform in [0, n) */
u32 skiff_random_below(struct skiff *skiff, u32 n);

void skiff_log(struct skiff *skiff, int level, const char *fmt, ...) __printf(3, 4);

/** skiff_defer_free() - @e->free(@e) runs at the end of this turn (at once, if no turn runs: at the start of the next) */
void skiff_defer_free(struct skiff *skiff, struct death_row_entry *e);
void skiff_run_death_row(struct skiff *skiff);

/** skiff_work_add() - have @w->run called in this or the next turn; harmless if it is queued */
void skiff_work_add(struct skiff *skiff, struct turn_work *w);
void skiff_work_del(struct turn_work *w);

/*
 * Frames that one end of a link has sent and the other has not looked at yet. Where a kernel would run the receiver in the
 * sender's call they would wait here for the next turn: those of many calls fall out of the caches, and out of the ring.
 * So between calls skiff_relieve() has them received once they are as much as lies in a cache.
 */
#define SKIFF_RX_FRAME 512u	    /* what a frame counts for beside its bytes */
#define SKIFF_RX_MUCH  (256u << 10) /* bytes, so counted */

static inline void skiff_rx_wait(struct skiff *skiff, u32 len)
{
	skiff->rx_waiting += len + SKIFF_RX_FRAME;
}

static inline void skiff_rx_done(struct skiff *skiff, u32 len)
{
	NET_ASSERT(skiff->rx_waiting >= len + SKIFF_RX_FRAME);
	skiff->rx_waiting -= len + SKIFF_RX_FRAME;
}

void skiff_run_waiting(struct skiff *skiff);
/** skiff_relieve() - to be called where nothing of the stack is under way: between calls, between callbacks at a turn's end */
static inline void skiff_relieve(struct skiff *skiff)
{
	if (unlikely(skiff->rx_waiting >= SKIFF_RX_MUCH))
		skiff_run_waiting(skiff);
}

/** skiff_wall_ms_of_day() - ms since midnight UTC, for ICMP and IP timestamps (RFC 792) */
u32 skiff_wall_ms_of_day(const struct skiff *skiff);

static inline u64 msecs_to_jiffies(u64 ms)
{
	return ms;
}

#endif
