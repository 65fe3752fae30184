/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/lab.h - a running lab's parts among themselves. For lab/ only. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <sys/types.h>

#include "host/host.h"
#include "lab/impair.h"
#include "lab/log.h"
#include "lab/state.h"
#include "lab/topology.h"
#include "skiff/lab.h"

struct skiff_lab;

/**
 * struct cable_end - one end of a link whose frames the lab carries
 * @dev:    the device here, NULL if the end is the host's
 * @far:    the other end
 * @fd:     of the TAP if this end is the host's, else -1
 * @flying: frames under way from here
 */
struct cable_end {
	struct skiff_lab *lab;
	struct skiff_dev *dev;
	struct cable_end *far;
	struct impair impair;
	unsigned flying;
	int fd;
	struct host_source source; /* of @fd */
	bool stand_in;
	uint8_t stand_in_mac[6];
};

struct cable {
	struct cable_end end[2];
};

/* A frame under way: arrives at @to at time @at; equal times in the order of sending (@seq). */
struct flight {
	uint64_t at, seq;
	struct cable_end *to;
	size_t len;
	uint8_t *frame;
};

/* Programs that came by skiff exec and are asked, not only killed, when the lab ends. */
#define LAB_GUESTS_MAX 256

struct skiff_lab {
	struct lab_topology *t;
	struct skiff *skiff;
	struct skiff_net **nodes;
	struct cable *cables;	  /* by link */
	struct host_source *taps; /* by link: devices that read in their turn, and only wake us */
	struct flight *sky;	  /* heap: the earliest first */
	size_t n_sky, cap_sky;
	uint64_t seq, lost;
	uint64_t now;
	struct host_loop loop;
	struct service_conn *services; /* listeners and their connections */
	struct lab_log log;
	struct lab_state state;
	struct skiff_run *run;	   /* NULL: no program was started yet */
	struct programs *programs; /* of the file, once started */
	struct server *server;	   /* the control socket, NULL: none */
	struct watch *watch;	   /* who follows packets, NULL: nobody */
	struct skiff_drops *drops; /* what was dropped lately */
	uint64_t seed, came_up, reaped;
	const char *const *allow_unix;
	int guests[LAB_GUESTS_MAX]; /* pidfds of programs that came by skiff exec */
	unsigned n_guests;
	pid_t foreground; /* skiff run's program, or 0 */
	bool real, seeded;
	bool ending; /* somebody asked it to go down */
};

/* Drops that are kept of each node. */
#define LAB_DROPS_KEPT 1024

/* Frames of one direction under way at once; more are lost, as in a full queue. */
#define FLYING_MAX 1000

/* lab_cable.c */
extern const struct skiff_wire_ops cable_ops;
void cable_deliver_due(struct skiff_lab *lab, uint64_t now);
uint64_t cable_next(const struct skiff_lab *lab);
void cable_ready(struct host_source *source, uint32_t events);
void cable_free_all(struct skiff_lab *lab);

/* lab_build.c */
int lab_build(struct skiff_lab *lab, char *why, size_t why_size);

/* lab.c */
void lab_turn(struct skiff_lab *lab, uint64_t now);

#endif
