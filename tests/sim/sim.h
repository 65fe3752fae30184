/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/sim/sim.h - a small internet in virtual time, drawn from one number: hosts, bad links, programs that talk.
 *
 * DOC: One seed is one run
 * Everything that happens is drawn from the seed: the number of hosts, what each link does to frames and when it changes
 * its mind, which programs talk to whom, how much, in what pieces, with what options, and how they end. Up to four hosts
 * hang on one router; for the first part of the run links misbehave, from SIM_HEALED on they only lose a little, so every
 * connection that nobody aborts must come to its end.
 *
 * What is checked: each byte of each stream; that a stream ends where its sender ended it; what TCP_INFO says, against
 * itself and against what the program knows; that nothing is left (sockets, requests, packets, memory) when all is over;
 * that no host claims more segments than were on its cable.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lab/impair.h"
#include "lib/prandom.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define SIM_HOSTS_MAX 4
#define SIM_SECOND    1000000000ULL
#define SIM_HEALED    (40 * SIM_SECOND)
#define SIM_END	      (1500 * SIM_SECOND)

/* One direction of a link. */
struct sim_cable {
	struct impair impair;
	struct skiff_dev *to;
	bool cut;
	uint64_t tcp_frames; /* that were put on it */
	uint64_t tcp_arrived;
};

/**
 * struct sim_host - a host and its link to the router
 * @up: host to router, @down: router to host
 */
struct sim_host {
	struct skiff_net *net;
	struct skiff_dev *dev, *router_dev;
	struct sim_cable up, down;
	unsigned index;
	uint32_t addr; /* host order */
};

struct sim_flight {
	uint64_t at, seq;
	struct sim_cable *cable;
	uint8_t *frame;
	size_t len;
};

struct sim_flow;
struct sim_udp;

/**
 * struct sim
 * @gentle: no aborts, flaps or changes of MTU: then nothing may fail
 * @digest: over all frames that were sent and when: equal for equal seeds
 * @failed: what was wrong first, "" nothing
 */
struct sim {
	struct skiff *skiff;
	struct skiff_net *router;
	struct sim_host host[SIM_HOSTS_MAX];
	unsigned hosts;
	struct prng prng;
	uint64_t seed, now, seq, digest, frames, turns;
	struct sim_flight *sky;
	size_t n_sky, cap_sky;
	struct sim_flow *flow;
	unsigned flows, flows_open;
	struct sim_udp *udp;
	unsigned udps;
	uint64_t next_change;
	bool gentle, verbose, big, quiet; /* quiet: the programs have ended */
	unsigned done, refused, aborted, timed_out;
	uint64_t bytes;
	long allocs;
	FILE *pcap;
	char failed[400];
};

/* ---- chance ---- */
static inline uint32_t sim_below(struct sim *s, uint32_t n)
{
	return prng_u32_below(&s->prng, n);
}

static inline bool sim_one_in(struct sim *s, uint32_t n)
{
	return sim_below(s, n) == 0;
}

/** sim_about() - log-uniform in [1, @max]: small values are as likely as large ones */
uint32_t sim_about(struct sim *s, uint32_t max);

void sim_fail(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_log(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- sim_net.c ---- */
void sim_net_start(struct sim *s);
/** sim_net_change() - a link changes its mind */
void sim_net_change(struct sim *s);
void sim_net_heal(struct sim *s);
uint64_t sim_net_next(const struct sim *s);
/** sim_net_deliver() - frames whose time has come reach their devices */
void sim_net_deliver(struct sim *s);
void sim_net_check(struct sim *s);
void sim_net_stop(struct sim *s);
void sim_ip(struct sim *s, struct skiff_net *net, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- sim_flow.c ---- */
void sim_flows_start(struct sim *s);
/** sim_flows_run() - programs do what they can now */
void sim_flows_run(struct sim *s);
uint64_t sim_flows_next(const struct sim *s);
/** sim_flows_stop() - at the end: everything must be over */
void sim_flows_stop(struct sim *s);

/* ---- sim_udp.c ---- */
void sim_udps_start(struct sim *s);
void sim_udps_run(struct sim *s);
uint64_t sim_udps_next(const struct sim *s);
void sim_udps_stop(struct sim *s);

/** sim_pattern() - byte @off of stream @id */
static inline uint8_t sim_pattern(uint32_t id, uint64_t off)
{
	return (uint8_t)((((uint32_t)off + id * 7919u) * 2654435761u) >> 24);
}

#endif
