/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/ipwords.h - the words of the ip command as rtnetlink messages.
 *
 * What `ip` is told, `route add 10.9.0.0/16 via 10.0.1.2`, becomes the message that `ip -4` would send.
 * Pure: nothing is sent here, device names are looked up by the caller's function.
 */
#ifndef LAB_IPWORDS_H
#define LAB_IPWORDS_H

#include <stddef.h>

#define IPWORDS_MSG_MAX 8192 /* bytes: enough for every message made here */

/**
 * struct ipwords_env - what the words refer to
 * @ifindex: the index of a device, or <= 0 if there is none of that name
 * @arg:     handed to it
 */
struct ipwords_env {
	int (*ifindex)(void *arg, const char *name);
	void *arg;
};

int ipwords(void *buf, size_t size, unsigned n, const char *const word[],
	    const struct ipwords_env *env, char *why, size_t why_size);
int ipwords_line(void *buf, size_t size, const char *line, const struct ipwords_env *env, char *why,
		 size_t why_size);

#endif
