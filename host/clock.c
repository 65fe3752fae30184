// SPDX-License-Identifier: BSD-2-Clause
/* host/clock.c - time and chance from the operating system: the only reader of either. */
#include "host/host.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/**
 * host_now() - ns on the monotonic clock
 */
uint64_t host_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/**
 * host_wall() - Unix time in ns
 */
uint64_t host_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

/**
 * host_clocks() - both clocks at the same moment, as nearly as can be had
 */
void host_clocks(uint64_t *now, uint64_t *wall)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 16; i++) {
		uint64_t before = host_now(), w = host_wall(), after = host_now();

		/* Whoever was interrupted in between tries again. */
		if (after - before < best) {
			best = after - before;
			*now = before + best / 2;
			*wall = w;
		}
	}
}

/**
 * host_random() - fill @buf from the kernel's random source
 * Return: 0 or -errno
 */
int host_random(void *buf, size_t len)
{
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -errno;
}
