// SPDX-License-Identifier: BSD-2-Clause
/* lab/watch.c - who follows the packets of a lab: each packet in order of arrival, when its fate is settled. */
#include "lab/watch.h"

#include <stdlib.h>

/* A packet whose fate is open is waited for that long before its journey is shown. */
#define PATIENCE (5000000000ull)

static void hand_on(struct watch *w, const struct skiff_journey *j)
{
	for (struct skiff_lab_watch *s = w->all; s; s = s->next) {
		if (s->fn)
			s->fn(s->arg, j);
	}
}

static void show(struct skiff_lab *lab, bool all)
{
	struct watch *w = lab->watch;
	const struct skiff_journey *j;

	w->open = SKIFF_NEVER;
	while ((j = skiff_recorder_get(w->rec, w->shown)) != NULL) {
		if (!all && j->fate == SKIFF_FATE_QUEUED && lab->now - j->at_ns < PATIENCE) {
			w->open = j->at_ns + PATIENCE;
			return;
		}
		hand_on(w, j);
		w->shown++;
	}
	skiff_recorder_clear(w->rec);
	w->shown = 0;
}

static void end(struct skiff_lab *lab)
{
	struct watch *w = lab->watch;

	skiff_recorder_stop(w->rec);
	free(w);
	lab->watch = NULL;
}

void watch_turn(struct skiff_lab *lab, uint64_t now)
{
	struct skiff_lab_watch **at, *s;

	if (!lab->watch)
		return;
	show(lab, false);
	for (at = &lab->watch->all; (s = *at);) {
		if (s->fn) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		free(s);
	}
	if (!lab->watch->all)
		end(lab);
}

uint64_t watch_next(const struct skiff_lab *lab)
{
	return lab->watch ? lab->watch->open : SKIFF_NEVER;
}

struct skiff_lab_watch *skiff_lab_watch(struct skiff_lab *lab, skiff_lab_journey_fn fn, void *arg)
{
	struct skiff_lab_watch *s = calloc(1, sizeof(*s));
	struct watch *w = lab->watch ? lab->watch : calloc(1, sizeof(*w));

	if (s && w && !w->rec) {
		w->rec = skiff_recorder_start(lab->skiff);
		w->open = SKIFF_NEVER;
		if (w->rec)
			skiff_recorder_local(w->rec, true);
	}
	if (!s || !w || !w->rec) {
		free(s);
		if (w != lab->watch)
			free(w);
		return NULL;
	}
	lab->watch = w;
	s->fn = fn;
	s->arg = arg;
	s->next = w->all;
	w->all = s;
	return s;
}

void skiff_lab_unwatch(struct skiff_lab *lab, struct skiff_lab_watch *s)
{
	const struct skiff_journey *j;

	if (!s || !lab->watch)
		return;
	for (unsigned i = lab->watch->shown; (j = skiff_recorder_get(lab->watch->rec, i)); i++)
		s->fn(s->arg, j);
	/* Freed in the next turn: its function may be what asks for this. */
	s->fn = NULL;
}

struct skiff_recorder *skiff_lab_recorder(struct skiff_lab *lab)
{
	return lab->watch ? lab->watch->rec : NULL;
}

void watch_free(struct skiff_lab *lab)
{
	if (!lab->watch)
		return;
	show(lab, true);
	while (lab->watch->all) {
		struct skiff_lab_watch *s = lab->watch->all;

		lab->watch->all = s->next;
		free(s);
	}
	end(lab);
}
