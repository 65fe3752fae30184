/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/fake_engine.h - just enough of a shard for unit tests of one module: memory, death row, random numbers.
 *
 * Weak: where the real engine is linked in, it is used. Include it in one file of a test program.
 * fake_alloc_left counts down to an allocation that fails (-1: none fails); fake_allocs is what is still allocated.
 */
#ifndef TESTS_FAKE_ENGINE_H
#define TESTS_FAKE_ENGINE_H

#include <stdlib.h>

#include "engine/skiff.h"
#include "net/net_namespace.h"

static int fake_alloc_left = -1, fake_allocs;

static void *fake_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	if (fake_alloc_left == 0)
		return NULL;
	if (fake_alloc_left > 0)
		fake_alloc_left--;
	p = aligned_alloc(align < 16 ? 16 : align,
			  ALIGN_UP(size ? size : 1, align < 16 ? 16 : align));
	fake_allocs += p != NULL;
	return p;
}

static void fake_free(void *arg, void *p)
{
	fake_allocs -= p != NULL;
	free(p);
}

#define WEAK __attribute__((weak))
void *WEAK skiff_alloc(struct skiff *skiff, size_t size)
{
	return fake_alloc(NULL, size, 16);
}

void *WEAK skiff_zalloc(struct skiff *skiff, size_t size)
{
	void *p = fake_alloc(NULL, size, 16);

	return p ? memset(p, 0, size) : NULL;
}

void WEAK skiff_free(struct skiff *skiff, void *p)
{
	fake_free(NULL, p);
}

void WEAK skiff_defer_free(struct skiff *skiff, struct death_row_entry *e)
{
	e->next = skiff->death_row;
	skiff->death_row = e;
}

void WEAK skiff_run_death_row(struct skiff *skiff)
{
	while (skiff->death_row) {
		struct death_row_entry *e = skiff->death_row;

		skiff->death_row = e->next;
		e->free(e);
	}
}

u32 WEAK skiff_random32(struct skiff *skiff)
{
	return (u32)(skiff->now += 2654435761u);
}

/* A shard and a namespace with nothing in them. */
static void fake_shard(struct skiff *skiff, struct net *net)
{
	memset(skiff, 0, sizeof(*skiff));
	memset(net, 0, sizeof(*net));
	skiff->env.alloc = fake_alloc;
	skiff->env.free = fake_free;
	INIT_LIST_HEAD(&skiff->work);
	INIT_LIST_HEAD(&skiff->poll);
	INIT_LIST_HEAD(&skiff->nets);
	skiff->jiffies = 1000000;
	net->skiff = skiff;
	INIT_LIST_HEAD(&net->dev_base);
	INIT_LIST_HEAD(&net->fib_rules_ops);
	INIT_LIST_HEAD(&net->ptype_all);
	fake_alloc_left = -1;
}

/** fake_end() - all that was allocated is free again */
static __maybe_unused bool fake_end(struct skiff *skiff)
{
	skiff_run_death_row(skiff);
	return fake_allocs == 0;
}

#endif
