// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/missing.c - names of modules that are still to come; goes with the last of them. */
#include <stdlib.h>

#define MISSING(name, does)                   \
	void name(void);                      \
	void __attribute__((weak)) name(void) \
	{                                     \
		does;                         \
	}

MISSING(rt_cache_flush, )
MISSING(__ipv4_neigh_lookup_noref, abort())
MISSING(dev_validate_mtu, abort())
MISSING(fib_create_info, abort())
MISSING(fib_info_nhc, abort())
MISSING(fib_info_num_path, abort())
MISSING(fib_metrics_match, abort())
MISSING(fib_nh_match, abort())
MISSING(fib_props, abort())
MISSING(fib_release_info, abort())
MISSING(free_fib_info, abort())
MISSING(nexthop_is_blackhole, abort())
MISSING(rtmsg_fib, abort())
