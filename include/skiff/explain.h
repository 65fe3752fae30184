/* SPDX-License-Identifier: BSD-2-Clause */
/* include/skiff/explain.h - ask the stack why: journeys of packets, live or hypothetical.
 *
 * A journey is the ordered list of what one packet met: functions (as the seed names them), hooks
 * with verdicts, the route found with table and rule, neighbour, device, counters bumped, and at a
 * drop Linux's reason, its sentence and the setting that decided.
 */
#ifndef SKIFF_EXPLAIN_H
#define SKIFF_EXPLAIN_H

#include "skiff/skiff.h"

#ifdef __cplusplus
extern "C" {
#endif

struct skiff_recorder; /* collects journeys of all packets of a shard while it lives */

enum skiff_step_kind {
	SKIFF_STEP_IN,	 /* frame arrived: dev */
	SKIFF_STEP_FN,	 /* function entered: name */
	SKIFF_STEP_HOOK, /* netfilter hook: name ("PRE_ROUTING"), text = verdict */
	SKIFF_STEP_ROUTE, /* route found: text ("10.9.0.0/16 via 10.0.1.2 dev e1 table main rule 32766") */
	SKIFF_STEP_NEIGH,   /* neighbour used: text ("10.0.1.2 lladdr 02:.. REACHABLE") */
	SKIFF_STEP_COUNTER, /* counter bumped: name ("Ip.InReceives"), value = by how much */
	SKIFF_STEP_SETTING, /* a setting decided: text ("net.ipv4.conf.e0.rp_filter=1") */
	SKIFF_STEP_OUT,	    /* frame handed to a device: dev; frame, len */
	SKIFF_STEP_DROP,    /* dropped: name = reason, fn = function, text = sentence */
	SKIFF_STEP_NOTE,    /* anything else worth a line */
};

enum skiff_fate {
	SKIFF_FATE_DELIVERED,
	SKIFF_FATE_FORWARDED,
	SKIFF_FATE_DROPPED,
	SKIFF_FATE_QUEUED
};

/**
 * struct skiff_step - one step of a journey; strings live as long as the journey
 * @depth:  0 for the packet itself, 1 for a packet that it caused (ICMP error, reply, fragment), ...
 * @later:  true if a timer did it after the frame was done
 * @at_ns:  when
 */
struct skiff_step {
	enum skiff_step_kind kind;
	unsigned depth;
	bool later;
	uint64_t at_ns;
	const char *name;
	const char *fn;
	const char *dev;
	const char *net;
	const char *text;
	uint64_t value;
	const void *frame;
	size_t len;
};

/**
 * struct skiff_journey - of one frame received (or packet sent by a local socket)
 * @setting: the setting that decided a drop, NULL if none
 */
struct skiff_journey {
	uint32_t id;
	enum skiff_fate fate;
	const char *net, *dev;
	const void *frame;
	size_t len;
	uint64_t at_ns;
	const struct skiff_step *steps;
	unsigned n_steps;
	const char *drop_reason, *drop_sentence, *drop_fn, *setting;
};

/** skiff_recorder_start() - from now on record every frame of the shard; NULL if one records already or no memory */
SKIFF_API struct skiff_recorder *skiff_recorder_start(struct skiff *skiff);
/** skiff_recorder_stop() - end and free; journeys handed out die */
SKIFF_API void skiff_recorder_stop(struct skiff_recorder *rec);
/** skiff_recorder_take() - the journeys begun since the last call, in order of arrival; valid until the next take or stop.
 *  What a timer does later to a packet of a taken journey is still appended and seen by the next walk (see skiff_recorder_later). */
SKIFF_API unsigned skiff_recorder_count(const struct skiff_recorder *rec);
SKIFF_API const struct skiff_journey *skiff_recorder_get(struct skiff_recorder *rec, unsigned i);
/** skiff_recorder_clear() - forget all journeys */
SKIFF_API void skiff_recorder_clear(struct skiff_recorder *rec);

/** skiff_journey_text() / _json() - print; return the length as snprintf does */
SKIFF_API size_t skiff_journey_text(const struct skiff_journey *j, char *buf, size_t size);
SKIFF_API size_t skiff_journey_json(const struct skiff_journey *j, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
