// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/missing.c - names of modules that are still to come; goes with the last of them. */
#define MISSING(name)                        \
	int name(void);                      \
	int __attribute__((weak)) name(void) \
	{                                    \
		return 0;                    \
	}

MISSING(inet_rtm_getroute)
