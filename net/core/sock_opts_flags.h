/* SPDX-License-Identifier: BSD-2-Clause */
/* net/core/sock_opts_flags.h - options of SOL_SOCKET that are one flag of the socket: for sock_opts.c and sock_opts_get.c. */
#ifndef NET_CORE_SOCK_OPTS_FLAGS_H
#define NET_CORE_SOCK_OPTS_FLAGS_H

#include "net/sock.h"

struct sock_opt_flag {
	u8 optname;
	u8 flag;
};

static inline const struct sock_opt_flag *sock_opt_flag(int optname)
{
	static const struct sock_opt_flag flags[] = {
		{ SO_BROADCAST, SOCK_BROADCAST }, { SO_OOBINLINE, SOCK_URGINLINE },
		{ SO_RXQ_OVFL, SOCK_RXQ_OVFL },	  { SO_WIFI_STATUS, SOCK_WIFI_STATUS },
		{ SO_NOFCS, SOCK_NOFCS },	  { SO_SELECT_ERR_QUEUE, SOCK_SELECT_ERR_QUEUE },
		{ SO_RCVMARK, SOCK_RCVMARK },	  { SO_RCVPRIORITY, SOCK_RCVPRIORITY },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].optname == optname)
			return &flags[i];
	}
	return NULL;
}

#endif
