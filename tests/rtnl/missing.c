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
MISSING(ip_mc_up, )
MISSING(ip_mc_down, )
MISSING(ip_mc_init_dev, )
MISSING(ip_mc_destroy_dev, )
MISSING(ip_mc_inc_group, )
MISSING(ip_mc_dec_group, )
MISSING(__ip_options_compile, abort())
MISSING(__ip_options_echo, abort())
MISSING(fib_check_nexthop, abort())
MISSING(fib_tables_walk, abort())
MISSING(inet_rtm_getroute, abort())
MISSING(ip_check_mc, abort())
MISSING(ip_defrag, abort())
MISSING(ip_forward_options, abort())
MISSING(ip_options_build, abort())
MISSING(ip_options_compile, abort())
MISSING(ip_options_fragment, abort())
MISSING(ip_options_rcv_srr, abort())
MISSING(nexthop_fib_nhc, abort())
MISSING(nexthop_find_by_id, abort())
MISSING(nexthop_id, abort())
MISSING(nexthop_link_fib, abort())
MISSING(nexthop_num_path, abort())
MISSING(nexthop_path_fib_result, abort())
MISSING(nexthop_unlink_fib, abort())
MISSING(nexthop_uses_dev, abort())
