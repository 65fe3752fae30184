// SPDX-License-Identifier: BSD-2-Clause
/* engine/handle_heap.c - a binary heap of (time, handle). */
#include "engine/handle_heap.h"

#include "engine/skiff.h"

void handle_heap_init(struct handle_heap *h, struct skiff *skiff,
		      void (*run)(void *arg, u32 handle, u64 now), void *arg)
{
	memset(h, 0, sizeof(*h));
	h->skiff = skiff;
	h->run = run;
	h->arg = arg;
}

void handle_heap_exit(struct handle_heap *h)
{
	skiff_free(h->skiff, h->entry);
	h->entry = NULL;
	h->n = h->cap = 0;
}

/* Equal times run in the order of their coming. */
static bool less(const struct handle_heap_entry *a, const struct handle_heap_entry *b)
{
	return a->ns < b->ns || (a->ns == b->ns && (s32)(a->seq - b->seq) < 0);
}

static bool grow(struct handle_heap *h)
{
	u32 cap = h->cap ? h->cap * 2 : 64;
	struct handle_heap_entry *e = skiff_alloc(h->skiff, cap * sizeof(*e));

	if (!e)
		return false;
	if (h->n)
		memcpy(e, h->entry, h->n * sizeof(*e));
	skiff_free(h->skiff, h->entry);
	h->entry = e;
	h->cap = cap;
	return true;
}

bool handle_heap_add(struct handle_heap *h, u64 ns, u32 handle)
{
	struct handle_heap_entry e = { ns, handle, h->seq++ };
	u32 i;

	if (h->n == h->cap && !grow(h))
		return false;
	for (i = h->n++; i && less(&e, &h->entry[(i - 1) / 2]); i = (i - 1) / 2)
		h->entry[i] = h->entry[(i - 1) / 2];
	h->entry[i] = e;
	return true;
}

static struct handle_heap_entry pop(struct handle_heap *h)
{
	struct handle_heap_entry first = h->entry[0], last = h->entry[--h->n];
	u32 i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && less(&h->entry[child + 1], &h->entry[child]))
			child++;
		if (!less(&h->entry[child], &last))
			break;
		h->entry[i] = h->entry[child];
		i = child;
	}
	if (h->n)
		h->entry[i] = last;
	return first;
}

unsigned handle_heap_run(struct handle_heap *h, u64 now)
{
	u32 end = h->seq;
	unsigned done = 0;

	/* An entry made in here is for the next call, else one that asks for now again would never let go. */
	while (h->n && h->entry[0].ns <= now && (s32)(h->entry[0].seq - end) < 0) {
		struct handle_heap_entry e = pop(h);

		h->run(h->arg, e.handle, now);
		done++;
	}
	return done;
}
