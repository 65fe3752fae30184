// SPDX-License-Identifier: BSD-2-Clause
/* syscall/stream.c - placeholder until it is written: no such socket can be made. */
#include <errno.h>

#include "syscall/supervisor.h"

static int refuse(struct endpoint *ep)
{
	return -EOPNOTSUPP;
}

const struct endpoint_ops stream_ops = {
	.name = "stream",
	.pair = SOCK_STREAM,
	.size = sizeof(struct endpoint),
	.start = refuse,
};
