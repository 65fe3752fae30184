/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/control.h - speak with a running lab over its control socket. Part of the command, not of libskiff.
 *
 * A message is one JSON object. The verb begins with a request, {"do": "inspect", ...}; the lab answers with one or several
 * objects, the last of which has "end": true, or "error": a sentence.
 */
#ifndef SKIFF_CONTROL_H
#define SKIFF_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#define SKIFF_LAB_NAME_MAX    63
#define SKIFF_LABS_MAX	      256
#define SKIFF_CONTROL_MESSAGE 200000 /* bytes of a message at most */

typedef struct json_t json_t; /* libjansson's */
struct skiff_control;	      /* a verb's connection to a lab */

/** skiff_labs() - names of the running labs of this user, sorted. Return: how many, at most @max */
unsigned skiff_labs(char names[][SKIFF_LAB_NAME_MAX + 1], unsigned max);

/** skiff_control_open() - to the lab called @name, NULL: the only one that runs. NULL: a sentence in @why */
struct skiff_control *skiff_control_open(const char *name, char *why, size_t why_size);
void skiff_control_close(struct skiff_control *c);
const char *skiff_control_lab(const struct skiff_control *c);
/** skiff_control_fd() - the socket; stays the connection's */
int skiff_control_fd(const struct skiff_control *c);
/** skiff_control_pid() - of the lab */
int skiff_control_pid(const struct skiff_control *c);
/** skiff_control_ask() - send @request, whose reference is taken. 0 or -errno */
int skiff_control_ask(struct skiff_control *c, json_t *request);
/** skiff_control_wait() - until something can be read. false: a signal came first */
bool skiff_control_wait(struct skiff_control *c);
/** skiff_control_next() - the next object, the caller's. NULL: the lab is gone, or said what is wrong: a sentence in @why */
json_t *skiff_control_next(struct skiff_control *c, char *why, size_t why_size);

#endif
