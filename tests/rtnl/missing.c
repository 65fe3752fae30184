// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/missing.c - names of modules that are still to come; goes with the last of them. */
#include <stdlib.h>

#define MISSING(name, does)                   \
	void name(void);                      \
	void __attribute__((weak)) name(void) \
	{                                     \
		does;                         \
	}

#define MISSING_NULL(name)                     \
	void *name(void);                      \
	void *__attribute__((weak)) name(void) \
	{                                      \
		return NULL;                   \
	}

MISSING(inet_rtm_getroute, abort())
MISSING(fib_check_nexthop, abort())
MISSING(nexthop_fib_nhc, abort())
MISSING_NULL(nexthop_find_by_id)
MISSING(nexthop_id, abort())
MISSING(nexthop_is_blackhole, abort())
MISSING(nexthop_link_fib, abort())
MISSING(nexthop_num_path, abort())
MISSING(nexthop_path_fib_result, abort())
MISSING(nexthop_unlink_fib, abort())
MISSING(nexthop_uses_dev, abort())
