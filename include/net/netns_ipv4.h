/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/netns_ipv4.h - IPv4 state and settings of one namespace. Settings carry the names of their sysctls. */
#ifndef NET_NETNS_IPV4_H
#define NET_NETNS_IPV4_H

#include "lib/list.h"
#include "lib/siphash.h"
#include "net/types.h"

struct ipv4_devconf;
struct fib_table;
struct fib_rules_ops;
struct inet_peer_base;
struct fqdir;
struct net_protocol;
struct sock;
struct fib_info_table;
struct nexthop_table;
struct inetaddr_table;
struct packet_type;
struct igmp_state;
struct packet_type;

struct fib_leaf;
struct inet_hashinfo;
struct net;
struct net_offload;
struct sk_buff;
struct udp_table;
struct raw_hashinfo;
struct ping_table;
struct ip_ra_chain;
struct tcp_congestion_ops;
struct tcp_fastopen_context;
struct tcp_metrics_table;
struct tcp_death_row;
struct fib_lpm;
struct net_device;
struct rtable;

/**
 * struct fib_ahead - answers of the compiled table for a batch, looked up together before its packets are routed
 * @lpm, @gen: they hold while the table is this one and has not changed; NULL: no batch
 * @cur:       packet of the batch being routed
 * @src, @src_tos, @src_dev: the last source that was found believable on its device, @src_dev NULL: none; @src_onlink: and on link
 * @src_gen:   holds while this is the namespace's rt_genid
 */
struct fib_ahead {
	const struct fib_lpm *lpm;
	u32 gen;
	u32 cur;
	__be32 daddr[64];
	const struct fib_leaf *leaf[64];
	const struct net_device *src_dev;
	__be32 src;
	u32 src_gen;
	u8 src_tos;
	u8 src_onlink;
};

/* What was done beyond taking a route from a cache: columns of /proc/net/stat/rt_cache, see rt_cache_seq_show(). */
struct rt_cache_stat {
	u32 in_slow_tot;
	u32 in_slow_mc;
	u32 in_no_route;
	u32 in_brd;
	u32 in_martian_dst;
	u32 in_martian_src;
	u32 out_slow_tot;
	u32 out_slow_mc;
};

/**
 * struct rt_last - the forwarded flow that the batch before ended with, and its route (one reference), NULL: none
 * @dev:   where it came in, NULL: void
 * @flags: of IPSKB_DOREDIRECT
 */
struct rt_last {
	struct rtable *rt;
	const struct net_device *dev;
	__be32 daddr, saddr;
	u32 mark;
	u16 flags;
	u8 tos;
};

#define FIB_TABLE_HASHSZ 256
#define MAX_INET_PROTOS	 256

/**
 * struct netns_ipv4
 * @devconf_all, @devconf_dflt: conf/all and conf/default
 * @fib_table_hash:  tables by id; @fib_main, @fib_local, @fib_default: the usual ones, NULL until made
 * @fib_merged:      no custom rule was ever added: local and main answer as one trie (FORWARDING.md, section 4)
 * @fib_has_custom_rules, @fib_has_custom_local_routes: decide the short cut in fib_validate_source()
 * @fib_num_tclassid_users: routes and rules with realms
 * @rt_genid:        routes cached on nexthops are valid while their genid equals this
 * @inet_protos:     protocol handlers by number (net/protocol.h)
 */
struct netns_ipv4 {
	struct ipv4_devconf *devconf_all, *devconf_dflt;
	/* FIB: net/ipv4/fib_*.c */
	struct hlist_head *fib_table_hash;
	struct fib_table *fib_main, *fib_default, *fib_local;
	struct fib_rules_ops *rules_ops;
	struct fib_info_table *fib_info;
	struct nexthop_table *nexthop;
	struct fib_ahead fib_ahead;
	struct rt_last rt_last;
	bool fib_merged;
	bool fib_has_custom_rules;
	bool fib_has_custom_local_routes;
	u32 fib_rules_require_fldissect;
	u32 fib_num_tclassid_users;
	u32 rt_genid;
	u32 fnhe_genid;
	u32 dev_addr_genid;
	struct packet_type *arp_packet_type; /* net/ipv4/arp.c */
	u32 neigh_genid; /* counts neighbour entries that were unlinked: pointers to them kept in routes are void */
	struct list_head rt_uncached;
	struct rt_cache_stat rt_cache_stat;
	/* addresses: net/ipv4/devinet.c */
	struct inetaddr_table *inet_addr_lst;
	/* protocols, peers, fragments, multicast */
	struct packet_type *ip_packet_type;
	const struct net_protocol *inet_protos[MAX_INET_PROTOS];
	struct inet_peer_base *peers;
	struct fqdir *fqdir;
	struct igmp_state *igmp;
	/* icmp.c: token bucket of icmp_msgs_per_sec */
	int icmp_global_credit; /* at least -1 */
	u64 icmp_global_stamp;	/* ticks */
	/* IP ids of packets without a socket's counter: ip_idents (route.c) */
	u32 *ip_idents;
	u64 *ip_tstamps;

	/* sockets */
	struct inet_hashinfo *tcp_hashinfo;
	struct udp_table *udp_table, *udplite_table;
	/* receive offload (net/gro.h); @udp_gro_wanted: is the datagram (data at its IP header) for a socket with UDP_GRO? NULL: no socket has it */
	const struct net_offload *tcp_offload, *udp_offload;
	bool (*udp_gro_wanted)(struct net *net, const struct sk_buff *skb);
	struct raw_hashinfo *raw_hash;
	struct ping_table *ping_table;
	struct ip_ra_chain *ra_chain; /* router alert */
	struct tcp_death_row *tcp_death_row;
	struct tcp_metrics_table *tcp_metrics;
	const struct tcp_congestion_ops *tcp_congestion_control; /* default of new sockets */
	u64 tcp_cong_allowed; /* bit i: tcp_cong_list[i] may be chosen without CAP_NET_ADMIN */
	struct tcp_fastopen_context *tcp_fastopen_ctx;
	u64 tfo_active_disable_stamp; /* ticks */
	u32 tfo_active_disable_times;
	u32 tcp_challenge_timestamp, tcp_challenge_count;
	siphash_key_t syncookie_secret[2];
	siphash_key_t net_secret; /* ISN, time stamp offsets, ports */

	/* ---- sysctls, net.ipv4.<name> */
	u8 sysctl_ip_default_ttl;
	u8 sysctl_ip_forward_use_pmtu;
	u8 sysctl_ip_forward_update_priority;
	u8 sysctl_ip_nonlocal_bind;
	u8 sysctl_ip_autobind_reuse;
	u8 sysctl_ip_dynaddr;
	u8 sysctl_ip_early_demux;
	u8 sysctl_tcp_early_demux;
	u8 sysctl_ip_no_pmtu_disc;
	u8 sysctl_fwmark_reflect;
	u8 sysctl_tcp_fwmark_accept;
	u8 sysctl_nexthop_compat_mode;
	u8 sysctl_icmp_echo_ignore_all;
	u8 sysctl_icmp_echo_enable_probe;
	u8 sysctl_icmp_echo_ignore_broadcasts;
	u8 sysctl_icmp_ignore_bogus_error_responses;
	u8 sysctl_icmp_errors_use_inbound_ifaddr;
	u8 sysctl_fib_multipath_use_neigh;
	u8 sysctl_fib_multipath_hash_policy;
	u8 sysctl_fib_notify_on_flag_change;
	u8 sysctl_tcp_ecn;
	u8 sysctl_tcp_timestamps;
	u8 sysctl_tcp_syncookies;
	u8 sysctl_tcp_reflect_tos;
	u8 sysctl_igmp_llm_reports;
	u8 sysctl_tcp_ecn_fallback;
	u8 sysctl_tcp_ecn_option;
	u8 sysctl_tcp_ecn_option_beacon;
	u8 sysctl_tcp_abort_on_overflow;
	u8 sysctl_tcp_app_win;
	u8 sysctl_tcp_autocorking;
	u8 sysctl_tcp_dsack;
	u8 sysctl_tcp_early_retrans;
	u8 sysctl_tcp_frto;
	u8 sysctl_tcp_keepalive_probes;
	u8 sysctl_tcp_l3mdev_accept;
	u8 sysctl_tcp_min_tso_segs;
	u8 sysctl_tcp_tso_rtt_log;
	u8 sysctl_tcp_tso_win_divisor;
	u8 sysctl_tcp_moderate_rcvbuf;
	u8 sysctl_tcp_mtu_probing;
	u8 sysctl_tcp_no_metrics_save;
	u8 sysctl_tcp_no_ssthresh_metrics_save;
	u8 sysctl_tcp_orphan_retries;
	u8 sysctl_tcp_recovery;
	u8 sysctl_tcp_retrans_collapse;
	u8 sysctl_tcp_retries1;
	u8 sysctl_tcp_retries2;
	u8 sysctl_tcp_rfc1337;
	u8 sysctl_tcp_sack;
	u8 sysctl_tcp_slow_start_after_idle;
	u8 sysctl_tcp_stdurg;
	u8 sysctl_tcp_syn_linear_timeouts;
	u8 sysctl_tcp_syn_retries;
	u8 sysctl_tcp_synack_retries;
	u8 sysctl_tcp_thin_linear_timeouts;
	u8 sysctl_tcp_tw_reuse;
	u8 sysctl_tcp_window_scaling;
	u8 sysctl_tcp_workaround_signed_windows;
	u8 sysctl_tcp_comp_sack_nr;
	u8 sysctl_tcp_shrink_window;
	u8 sysctl_tcp_pingpong_thresh;
	u8 sysctl_udp_l3mdev_accept;
	u32 sysctl_tcp_tw_reuse_delay;
	int sysctl_max_syn_backlog;
	int sysctl_tcp_base_mss;
	int sysctl_tcp_min_snd_mss;
	int sysctl_tcp_mtu_probe_floor;
	u32 sysctl_tcp_probe_interval;
	int sysctl_tcp_probe_threshold;
	int sysctl_tcp_challenge_ack_limit;
	u64 sysctl_tcp_comp_sack_delay_ns;
	int sysctl_tcp_fastopen;
	u32 sysctl_tcp_fastopen_blackhole_timeout;
	int sysctl_tcp_fin_timeout;	  /* ticks */
	int sysctl_tcp_invalid_ratelimit; /* ms */
	int sysctl_tcp_keepalive_time;	  /* ticks */
	int sysctl_tcp_keepalive_intvl;	  /* ticks */
	int sysctl_tcp_limit_output_bytes;
	int sysctl_tcp_max_orphans;
	int sysctl_tcp_max_reordering;
	int sysctl_tcp_max_tw_buckets;
	u64 sysctl_tcp_mem[3]; /* pages */
	int sysctl_tcp_min_rtt_wlen;
	u32 sysctl_tcp_notsent_lowat;
	int sysctl_tcp_pacing_ca_ratio;
	int sysctl_tcp_pacing_ss_ratio;
	int sysctl_tcp_reordering;
	u32 sysctl_tcp_rmem[3];
	u32 sysctl_tcp_wmem[3];
	u32 sysctl_tcp_rto_min_us;
	u32 sysctl_tcp_rto_max_ms;
	u64 sysctl_udp_mem[3]; /* pages */
	u32 sysctl_udp_rmem_min;
	u32 sysctl_udp_wmem_min;
	u64 *sysctl_local_reserved_ports; /* bitmap of 65536, NULL: none */
	u32 sysctl_fib_multipath_hash_fields;
	u32 sysctl_fib_multipath_hash_seed;
	u32 sysctl_icmp_ratelimit; /* ms */
	u32 sysctl_icmp_ratemask;
	u32 sysctl_icmp_msgs_per_sec;
	u32 sysctl_icmp_msgs_burst;
	int sysctl_igmp_max_memberships;
	int sysctl_igmp_max_msf;
	int sysctl_igmp_qrv;
	int sysctl_inet_peer_threshold;
	int sysctl_inet_peer_minttl; /* ticks */
	int sysctl_inet_peer_maxttl; /* ticks */
	int sysctl_ip_unprivileged_port_start;
	int sysctl_ip_local_port_range[2];
	int sysctl_ping_group_range[2];
	/* net.ipv4.route.* */
	int ip_rt_min_pmtu;    /* bytes */
	int ip_rt_mtu_expires; /* ticks */
	int ip_rt_min_advmss;  /* bytes */
	int ip_rt_redirect_number;
	int ip_rt_redirect_load;    /* ticks */
	int ip_rt_redirect_silence; /* ticks */
	int ip_rt_error_cost;	    /* ticks */
	int ip_rt_error_burst;	    /* ticks */
	int ip_rt_gc_timeout;	    /* ticks */
};

#endif
