// SPDX-License-Identifier: BSD-2-Clause
/* tests/dut/dut.c - life and time of a device under test.
 *
 * Time is virtual and moves only in dut_advance(), from one deadline of the stack to the next, so whatever a timer
 * does happens at its own instant and nothing ever waits. The seed is fixed: the same scenario gives the same bytes.
 */
#include "tests/dut/dut.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MS	  1000000ull
#define TURNS_MAX 200000u	       /* turns at one instant: more means it never comes to rest */
#define START_NS  (100ull * 1000 * MS) /* far from 0, as on a machine that has been up for a while */
#define WALL_NS	  (1735732800ull * 1000 * MS) /* 2025-01-01 12:00 UTC */
#define TRACE_MAX 1000000u

/**
 * dut_start() - a fresh shard with the namespace "dut", lo up, no wires in it yet
 * Return: 0, or -ENOMEM with @why set
 */
int dut_start(struct dut *dut)
{
	struct skiff_env env = {
		.now_ns = START_NS, .wall_ns = WALL_NS, .alloc = dut->alloc, .free = dut->free
	};

	memcpy(env.seed, "a device under test, always same", sizeof(env.seed));
	dut->now = dut->start = env.now_ns;
	dut->trace = json_array();
	dut->skiff = skiff_create(&env);
	dut->net = dut->skiff ? skiff_net_create(dut->skiff, "dut") : NULL;
	if (dut->net && dut->record)
		dut->rec = skiff_recorder_start(dut->skiff);
	if (!dut->net || (dut->record && !dut->rec)) {
		snprintf(dut->why, sizeof(dut->why), "no memory for a shard");
		dut_stop(dut);
		return -ENOMEM;
	}
	return 0;
}

/** dut_stop() - free everything that dut_start() and the configuration made; the wires' names stay */
void dut_stop(struct dut *dut)
{
	unsigned i;

	if (dut->rec)
		skiff_recorder_stop(dut->rec);
	if (dut->skiff)
		skiff_destroy(dut->skiff);
	json_decref(dut->trace);
	dut->rec = NULL;
	dut->skiff = NULL;
	dut->net = NULL;
	dut->trace = NULL;
	for (i = 0; i < dut->n_wires; i++)
		dut->wire[i].dev = NULL;
}

/** dut_rx() - a frame arrives; what a device that is down or not configured gets is lost */
void dut_rx(struct dut *dut, unsigned wire, const void *frame, size_t len)
{
	if (dut->wire[wire].dev)
		skiff_wire_rx(dut->wire[wire].dev, frame, len);
}

/**
 * dut_run() - turn until there is nothing left to do now
 * Return: false, with @why set, if it never comes to rest
 */
bool dut_run(struct dut *dut)
{
	unsigned n;

	for (n = 0; n < TURNS_MAX; n++)
		if (!skiff_turn(dut->skiff, dut->now))
			return true;
	snprintf(dut->why, sizeof(dut->why), "still busy after %u turns at one instant", n);
	return false;
}

/**
 * dut_advance() - let @ms of virtual time pass
 * Return: as dut_run()
 */
bool dut_advance(struct dut *dut, uint64_t ms)
{
	uint64_t end = dut->now + ms * MS, next;

	if (!dut_run(dut))
		return false;
	while ((next = skiff_next(dut->skiff)) <= end) {
		if (next > dut->now)
			dut->now = next;
		else
			dut->now += MS /
				    1000; /* a deadline that stays in the past must not stop time */
		if (dut->now > end || !dut_run(dut))
			break;
	}
	dut->now = end;
	return dut_run(dut);
}
