/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/watch.h - who follows the packets of a lab; the recorder runs while there is somebody. For lab/ only. */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

#include "lab/lab.h"

struct skiff_lab_watch {
	struct skiff_lab_watch *next;
	skiff_lab_journey_fn fn; /* NULL: gone, to be freed */
	void *arg;
};

/**
 * struct watch - the recorder and who follows
 * @shown: journeys that everyone has seen
 * @open:  when the oldest of the others is shown as it is
 */
struct watch {
	struct skiff_recorder *rec;
	struct skiff_lab_watch *all;
	unsigned shown;
	uint64_t open;
};

/** watch_turn() - hand on what is settled */
void watch_turn(struct skiff_lab *lab, uint64_t now);
uint64_t watch_next(const struct skiff_lab *lab);
void watch_free(struct skiff_lab *lab);

#endif
