/* SPDX-License-Identifier: BSD-2-Clause */
/* host/host.h - the operating system's side of a shard: clock, randomness, waiting. For layer H. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t host_now(void);
uint64_t host_wall(void);
int host_random(void *buf, size_t len);

#define HOST_FDS_MAX 256

/**
 * struct host_loop - descriptors and signals to wait for
 * @stopped: SIGINT or SIGTERM came
 */
struct host_loop {
	int epoll, signals;
	bool stopped;
};

int host_loop_open(struct host_loop *loop);
void host_loop_close(struct host_loop *loop);
int host_loop_add(struct host_loop *loop, int fd, uint64_t tag);
int host_loop_wait(struct host_loop *loop, uint64_t until, uint64_t *tags, unsigned max);

#endif
