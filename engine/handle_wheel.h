/* SPDX-License-Identifier: BSD-2-Clause */
/* engine/handle_wheel.h - timers for objects that are many: a wheel whose slots are arrays of 32-bit handles.
 *
 * DOC: Timers by handle
 * An object has no node in this wheel. It keeps its deadlines as plain numbers and is listed by its handle for the first of
 * them: setting a later one or clearing one is a store, and costs the wheel nothing. The wheel may look early: what
 * handle_wheel_add() returns is the tick at which it will, and the owner keeps that number. When the tick comes the kind's
 * run() gets the handle, and the owner's part is always the same:
 *
 *   1. the number kept is not this tick: an entry that a later listing replaced, or another object by now. Nothing to do.
 *   2. run what is due at this tick; clear what was run.
 *   3. deadlines left: list again at the first of them and keep the new number; none: keep 0.
 *
 * A deadline that moves to an earlier tick than the one kept is listed again at once (the other entry then meets case 1).
 * Nothing is ever taken off the wheel, also not when the object is freed: slabs are type-stable. Deadlines of seconds and
 * less and those of minutes and hours are best kept as two listings (two kinds): otherwise each short one that replaces a
 * long one leaves an entry behind for hours.
 *
 * Entries of one tick run in the order in which they were listed.
 */
#ifndef ENGINE_HANDLE_WHEEL_H
#define ENGINE_HANDLE_WHEEL_H

#include "engine/slab.h"
#include "engine/timer.h"

struct skiff;

#define HANDLE_KINDS	     16
#define HANDLE_BLOCK_ENTRIES 60

static_assert(HANDLE_KINDS <= 1u << (32 - SLAB_HANDLE_BITS), "kind and handle fit in 32 bits");

struct handle_block {
	struct handle_block *next;
	u32 n;
	u32 entry[HANDLE_BLOCK_ENTRIES]; /* kind above SLAB_HANDLE_BITS, handle below */
};

struct handle_slot {
	struct handle_block *first, *last;
};

/**
 * struct handle_kind - what the entries of one kind mean
 * @run:      the wheel looks at @handle at @tick; it may list it again, and list, free or make other objects
 * @prefetch: start loading what @run reads first; NULL: nothing. The handle may be stale
 */
struct handle_kind {
	void (*run)(void *arg, u32 handle, u64 tick);
	void (*prefetch)(void *arg, u32 handle);
	void *arg;
};

/**
 * struct handle_wheel - WHEEL_LEVELS levels of WHEEL_SLOTS slots, as timer_wheel, but a far entry is looked at when its slot begins
 * @now:     last tick that was run
 * @pending: bitmap of non-empty slots, a word per level
 * @count:   entries, stale ones included
 * @free:    blocks that hold nothing; @regions: memory they came from
 */
struct handle_wheel {
	u64 now;
	u64 pending[WHEEL_LEVELS];
	u64 count;
	struct skiff *skiff;
	struct handle_block *free;
	void *regions;
	u32 nr_blocks;
	u32 nr_kinds;
	struct handle_kind kind[HANDLE_KINDS];
	struct handle_slot slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void handle_wheel_init(struct handle_wheel *w, struct skiff *skiff, u64 now);
void handle_wheel_exit(struct handle_wheel *w);

/** handle_wheel_kind() - a kind of entries, for good. Return: its number, for handle_wheel_add() */
u32 handle_wheel_kind(struct handle_wheel *w, const struct handle_kind *kind);

/**
 * handle_wheel_add() - list an object
 * @tick: when to look at it (skiff->jiffies); the next tick if that has passed
 * Return: the tick at which it will be looked at, at or before @tick and after now: the owner keeps it. 0: no memory, not listed
 */
u64 handle_wheel_add(struct handle_wheel *w, u32 kind, u32 handle, u64 tick);

/** handle_wheel_run() - look at every entry listed for a tick <= @now, tick by tick. Return: how many entries, stale ones included */
unsigned handle_wheel_run(struct handle_wheel *w, u64 now);
/** handle_wheel_next() - first tick with an entry, U64_MAX if there is none */
u64 handle_wheel_next(const struct handle_wheel *w);

#endif
