/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/handle_heap.h - deadlines in ns, for the few objects that a tick is too coarse for: a binary heap of (time, handle).
 *
 * As with the wheel of handles (engine/handle_wheel.h) an entry is never taken out: the owner looks whether it still wants
 * anything at that time. Entries of one time run in no particular, but always the same, order.
 */
#ifndef ENGINE_HANDLE_HEAP_H
#define ENGINE_HANDLE_HEAP_H

#include "net/types.h"

struct skiff;

struct handle_heap_entry {
	u64 ns;
	u32 handle;
	u32 seq;
};

/**
 * struct handle_heap - the least time first
 * @run: the time of @handle has come; may add entries, only later ones run in the same call of handle_heap_run() if they are due
 */
struct handle_heap {
	struct handle_heap_entry *entry;
	u32 n, cap;
	u32 seq;
	struct skiff *skiff;
	void (*run)(void *arg, u32 handle, u64 now);
	void *arg;
};

void handle_heap_init(struct handle_heap *h, struct skiff *skiff,
		      void (*run)(void *arg, u32 handle, u64 now), void *arg);
void handle_heap_exit(struct handle_heap *h);
/** handle_heap_add() - look at @handle at @ns (the shard's clock). false: no memory */
bool handle_heap_add(struct handle_heap *h, u64 ns, u32 handle);
/** handle_heap_run() - every entry that was due at @now when this began. Return: how many */
unsigned handle_heap_run(struct handle_heap *h, u64 now);
/** handle_heap_next() - ns of the first entry, U64_MAX if there is none */
static inline u64 handle_heap_next(const struct handle_heap *h)
{
	return h->n ? h->entry[0].ns : UINT64_MAX;
}

#endif
