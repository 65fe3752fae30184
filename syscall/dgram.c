// SPDX-License-Identifier: BSD-2-Clause
/* syscall/dgram.c - placeholder until it is written: no such socket can be made. */
#include <errno.h>

#include "syscall/supervisor.h"

static int refuse(struct endpoint *ep)
{
	return -EOPNOTSUPP;
}

const struct endpoint_ops dgram_ops = {
	.name = "dgram",
	.pair = SOCK_SEQPACKET,
	.size = sizeof(struct endpoint),
	.start = refuse,
};
