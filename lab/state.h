/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/state.h - where running labs are found: a folder for each, with lock, pid, control socket and log. For lab/ only. */
#ifndef LAB_STATE_H
#define LAB_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "skiff/control.h"

/**
 * struct lab_state - the folder of a lab
 * @root: of all labs of this user; @dir: of this one; @lock: held while it runs. -1: none
 */
struct lab_state {
	int root, dir, lock;
	char name[SKIFF_LAB_NAME_MAX + 1];
};

/** state_name() - a name that a folder can have, made of the lab's */
void state_name(char name[SKIFF_LAB_NAME_MAX + 1], const char *of);
/** state_take() - be the lab called @name. -EEXIST: it runs already; a sentence in @why */
int state_take(struct lab_state *s, const char *name, char *why, size_t why_size);
/** state_drop() - the lab is over: its folder goes */
void state_drop(struct lab_state *s);
/** state_listen() - the control socket; a descriptor or -errno */
int state_listen(const struct lab_state *s);
/** state_connect() - to the lab called @name; a descriptor or -errno (-ENOENT: no such lab runs) */
int state_connect(const char *name, char *why, size_t why_size);

#endif
