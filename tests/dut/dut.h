/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/dut/dut.h - a namespace of skiff as a device under test: wires, virtual time, configuration from JSON. */
#ifndef TESTS_DUT_DUT_H
#define TESTS_DUT_DUT_H

#include <jansson.h>
#include "skiff/explain.h"
#include "skiff/skiff.h"

#define DUT_WIRES 16
#define DUT_WHY	  400

/**
 * struct dut - one shard with one namespace and its wires
 * @now, @start: ns of virtual time; @start is when the configuration was done
 * @alloc, @free: set before dut_start() to see what memory the shard takes; NULL: libc's
 * @send:        called for each frame that leaves; the frame is on wire number @wire
 * @trace:       what left since it was last asked for: wire name and ms since @start
 */
struct dut {
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_recorder *rec;
	uint64_t now, start;
	unsigned n_wires;
	struct dut_wire {
		struct dut *dut;
		char name[16];
		struct skiff_dev *dev;
	} wire[DUT_WIRES];
	void *(*alloc)(void *arg, size_t size, size_t align);
	void (*free)(void *arg, void *p);
	void (*send)(void *arg, unsigned wire, const void *frame, size_t len);
	void *arg;
	json_t *trace;
	bool record;
	char why[DUT_WHY];
};

int dut_start(struct dut *dut);
void dut_stop(struct dut *dut);
void dut_rx(struct dut *dut, unsigned wire, const void *frame, size_t len);
bool dut_run(struct dut *dut);
bool dut_advance(struct dut *dut, uint64_t ms);

int dut_config(struct dut *dut, const json_t *cfg);
int dut_try(struct dut *dut, const char *line);

json_t *dut_counters(struct dut *dut);
json_t *dut_neigh(struct dut *dut);
json_t *dut_fate(struct dut *dut);

#endif
