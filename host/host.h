/* SPDX-License-Identifier: BSD-2-Clause */
/* host/host.h - the operating system's side of a shard: clock, randomness, waiting. For layer H. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t host_now(void);
uint64_t host_wall(void);
void host_clocks(uint64_t *now, uint64_t *wall);
int host_random(void *buf, size_t len);

struct epoll_event;

/**
 * struct host_source - a descriptor that is waited for; part of its owner, who finds himself by container_of
 * @ready: called with EPOLL* events
 * @fd, @events: set by host_loop_add() and host_loop_change()
 */
struct host_source {
	void (*ready)(struct host_source *source, uint32_t events);
	int fd;
	uint32_t events;
};

/**
 * struct host_loop - descriptors and signals to wait for
 * @stopped: the signal that came: SIGINT, SIGTERM or SIGHUP; else 0
 * @ready, @n_ready, @at: what the last wait brought, and what of it is handled now
 */
struct host_loop {
	int epoll;
	int stopped;
	struct host_source signals;
	struct epoll_event *ready;
	int n_ready, at;
};

int host_loop_open(struct host_loop *loop);
void host_loop_close(struct host_loop *loop);
int host_loop_add(struct host_loop *loop, struct host_source *source, int fd, uint32_t events);
int host_loop_change(struct host_loop *loop, struct host_source *source, uint32_t events);
void host_loop_del(struct host_loop *loop, struct host_source *source);
int host_loop_wait(struct host_loop *loop, uint64_t until);
void host_loop_dispatch(struct host_loop *loop);

#endif
