// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/tcp_sysctl.c - net.ipv4.tcp_*: names, defaults and ranges.
 *
 * DOC: Settings of TCP
 * One table says all. Defaults that the kernel takes from the size of the machine are those of one with 8 GB: buffers up to
 * 32 MB (receive) and 4 MB (send), tcp_mem 96 K, 128 K, 192 K pages, 131072 orphans and time-wait sockets, 2048 requests.
 * tcp_mem and tcp_max_orphans belong to a namespace here: each is a host of its own.
 * Settings of what we do not have do not exist: tcp_ehash_entries (the table grows), tcp_backlog_ack_defer (no backlog),
 * tcp_fack and tcp_adv_win_scale (without effect in the kernel, too), tcp_plb_* (paths are chosen by IPv6 flow labels),
 * tcp_l3mdev_accept, tcp_migrate_req, tcp_comp_sack_slack_ns (timers are exact).
 */
#include "lib/fmt.h"
#include "net/sysctl.h"
#include "net/tcp.h"

/**
 * struct tcp_setting - one row
 * @offset: of the variable in struct netns_ipv4, @size: its size in bytes
 * @min, @max: NULL: what the handler allows of itself
 * @dflt: as many as @size has room for
 */
struct tcp_setting {
	const char *name;
	proc_handler *handler;
	u32 offset, size;
	const void *min, *max;
	u64 dflt[3];
};

static const int zero = 0, one = 1, two = 2, three = 3, four = 4, five = 5, thousand = 1000;
static const int day = 86400, paws_ms = 60000, rto_max_ms = 120000, u8_max = 255;
static const int syncnt_max = MAX_TCP_SYNCNT, app_win_max = 31, snd_mss_max = 65535;
static const int snd_mss_min = TCP_MIN_SND_MSS, reordering_max = TCP_MAX_REORDERING_DFLT;
static const u32 probe_interval_max = UINT32_MAX / HZ;

/* ---- handlers of their own ---- */

/* tcp_fastopen_blackhole_timeout_sec: a new value forgets how often it happened */
static int blackhole_timeout(struct net *net, const struct ctl_table *t, bool write, char *buf,
			     size_t size)
{
	int res = proc_dointvec_minmax(net, t, write, buf, size);

	if (write && !res)
		net->ipv4.tfo_active_disable_times = 0;
	return res;
}

#define TFO_KEY_WORDS 4

/* One key as "%08x-%08x-%08x-%08x". Return: what is behind it, NULL: not a key */
static const char *parse_key(const char *p, u32 key[TFO_KEY_WORDS])
{
	for (int i = 0; i < TFO_KEY_WORDS; i++) {
		int digits = 0;

		if (i && *p++ != '-')
			return NULL;
		for (key[i] = 0; digits < 8; digits++, p++) {
			int c = *p | 0x20;

			if (*p >= '0' && *p <= '9')
				key[i] = key[i] << 4 | (u32)(*p - '0');
			else if (c >= 'a' && c <= 'f')
				key[i] = key[i] << 4 | (u32)(c - 'a' + 10);
			else
				break;
		}
		if (!digits)
			return NULL;
	}
	return p;
}

static void print_key(struct strbuf *sb, const u32 key[TFO_KEY_WORDS])
{
	strbuf_printf(sb, "%08x-%08x-%08x-%08x", key[0], key[1], key[2], key[3]);
}

/* tcp_fastopen_key: the key that cookies are made with, and one that they are still accepted of */
static int fastopen_key(struct net *net, const struct ctl_table *t, bool write, char *buf,
			size_t size)
{
	u32 key[2][TFO_KEY_WORDS] = { { 0 } };
	bool backup = false;
	const char *p = buf;
	struct strbuf sb;
	int n;

	(void)t;
	if (!write) {
		n = tcp_fastopen_get_cipher(net, NULL, (u64 *)(void *)key);
		strbuf_init(&sb, buf, size);
		print_key(&sb, key[0]);
		if (n > 1) {
			strbuf_puts(&sb, ",");
			print_key(&sb, key[1]);
		}
		return (int)sb.len;
	}
	p = parse_key(p, key[0]);
	if (p && *p == ',') {
		p = parse_key(p + 1, key[1]);
		backup = true;
	}
	if (!p || *p)
		return -EINVAL;
	return tcp_fastopen_reset_cipher(net, NULL, key[0], backup ? key[1] : NULL);
}

/* ---- the table ---- */

#define AT(var) offsetof(struct netns_ipv4, var), sizeof(((struct netns_ipv4 *)0)->var)
#define U8(name, min, max, dflt)                                         \
	{                                                                \
#name, proc_dou8vec_minmax, AT(sysctl_##name), min, max, \
		{                                                        \
			dflt                                             \
		}                                                        \
	}
#define INT(name, min, max, dflt)                                         \
	{                                                                 \
#name, proc_dointvec_minmax, AT(sysctl_##name), min, max, \
		{                                                         \
			(u32)(dflt)                                       \
		}                                                         \
	}
#define UINT(name, dflt)                                              \
	{                                                             \
#name, proc_douintvec, AT(sysctl_##name), NULL, NULL, \
		{                                                     \
			dflt                                          \
		}                                                     \
	}
#define SECONDS(name, dflt)                                                  \
	{                                                                    \
#name, proc_dointvec_jiffies, AT(sysctl_##name), NULL, NULL, \
		{                                                            \
			(dflt) * HZ                                          \
		}                                                            \
	}
#define U64S(name, ...)                                                       \
	{                                                                     \
#name, proc_doulongvec_minmax, AT(sysctl_##name), NULL, NULL, \
		{                                                             \
			__VA_ARGS__                                           \
		}                                                             \
	}

/* clang-format off */
static const struct tcp_setting tcp_settings[] = {
	U8(tcp_abort_on_overflow, NULL, NULL, 0),
	U8(tcp_app_win, &zero, &app_win_max, 31),
	U8(tcp_autocorking, &zero, &one, 1),
	INT(tcp_base_mss, NULL, NULL, TCP_BASE_MSS),
	INT(tcp_challenge_ack_limit, NULL, NULL, INT32_MAX),
	U64S(tcp_comp_sack_delay_ns, 1000000),
	U8(tcp_comp_sack_nr, &zero, &u8_max, 44),
	U8(tcp_dsack, NULL, NULL, 1),
	U8(tcp_early_demux, NULL, NULL, 1),
	U8(tcp_early_retrans, &zero, &four, 3),
	U8(tcp_ecn, &zero, &five, 2),
	U8(tcp_ecn_fallback, &zero, &one, 1),
	U8(tcp_ecn_option, &zero, &two, 2),
	U8(tcp_ecn_option_beacon, &zero, &three, 3),
	INT(tcp_fastopen, NULL, NULL, 1),
	SECONDS(tcp_fin_timeout, 60),
	U8(tcp_frto, NULL, NULL, 2),
	U8(tcp_fwmark_accept, NULL, NULL, 0),
	{ "tcp_invalid_ratelimit", proc_dointvec_ms_jiffies, AT(sysctl_tcp_invalid_ratelimit), &zero, NULL, { HZ / 2 } },
	SECONDS(tcp_keepalive_intvl, 75),
	U8(tcp_keepalive_probes, NULL, NULL, TCP_KEEPALIVE_PROBES),
	SECONDS(tcp_keepalive_time, 7200),
	INT(tcp_limit_output_bytes, NULL, NULL, 4 * 1048576),
	INT(tcp_max_orphans, NULL, NULL, 131072),
	INT(tcp_max_reordering, &one, NULL, TCP_MAX_REORDERING_DFLT),
	{ "tcp_max_syn_backlog", proc_dointvec, AT(sysctl_max_syn_backlog), NULL, NULL, { 2048 } },
	INT(tcp_max_tw_buckets, NULL, NULL, 131072),
	U64S(tcp_mem, 98304, 131072, 196608),
	INT(tcp_min_rtt_wlen, &zero, &day, 300),
	INT(tcp_min_snd_mss, &snd_mss_min, &snd_mss_max, TCP_MIN_SND_MSS),
	U8(tcp_min_tso_segs, &one, NULL, 2),
	U8(tcp_moderate_rcvbuf, NULL, NULL, 1),
	INT(tcp_mtu_probe_floor, &snd_mss_min, &snd_mss_max, TCP_MIN_SND_MSS),
	U8(tcp_mtu_probing, NULL, NULL, 0),
	U8(tcp_no_metrics_save, NULL, NULL, 0),
	U8(tcp_no_ssthresh_metrics_save, &zero, &one, 1),
	UINT(tcp_notsent_lowat, UINT32_MAX),
	U8(tcp_orphan_retries, NULL, NULL, 0),
	INT(tcp_pacing_ca_ratio, &zero, &thousand, 120),
	INT(tcp_pacing_ss_ratio, &zero, &thousand, 200),
	U8(tcp_pingpong_thresh, &one, &u8_max, 1),
	{ "tcp_probe_interval", proc_douintvec_minmax, AT(sysctl_tcp_probe_interval), NULL, &probe_interval_max, { TCP_PROBE_INTERVAL } },
	INT(tcp_probe_threshold, NULL, NULL, TCP_PROBE_THRESHOLD),
	U8(tcp_recovery, NULL, NULL, 1),
	U8(tcp_reflect_tos, &zero, &one, 0),
	INT(tcp_reordering, &one, &reordering_max, 3),
	U8(tcp_retrans_collapse, NULL, NULL, 1),
	U8(tcp_retries1, NULL, &u8_max, TCP_RETR1),
	U8(tcp_retries2, NULL, NULL, TCP_RETR2),
	U8(tcp_rfc1337, NULL, NULL, 0),
	{ "tcp_rmem", proc_dointvec_minmax, AT(sysctl_tcp_rmem), &one, NULL, { 4096, 131072, 33554432 } },
	INT(tcp_rto_max_ms, &thousand, &rto_max_ms, 120000),
	INT(tcp_rto_min_us, &one, NULL, 200000),
	U8(tcp_sack, NULL, NULL, 1),
	U8(tcp_shrink_window, &zero, &one, 0),
	U8(tcp_slow_start_after_idle, NULL, NULL, 1),
	U8(tcp_stdurg, NULL, NULL, 0),
	U8(tcp_syn_linear_timeouts, &zero, &syncnt_max, 4),
	U8(tcp_syn_retries, &one, &syncnt_max, TCP_SYN_RETRIES),
	U8(tcp_synack_retries, NULL, NULL, TCP_SYNACK_RETRIES),
	U8(tcp_syncookies, NULL, NULL, 1),
	U8(tcp_thin_linear_timeouts, NULL, NULL, 0),
	U8(tcp_timestamps, NULL, NULL, 1),
	U8(tcp_tso_rtt_log, NULL, NULL, 9),
	U8(tcp_tso_win_divisor, NULL, NULL, 3),
	U8(tcp_tw_reuse, &zero, &two, 2),
	{ "tcp_tw_reuse_delay", proc_dointvec_minmax, AT(sysctl_tcp_tw_reuse_delay), &one, &paws_ms, { 1000 } },
	U8(tcp_window_scaling, NULL, NULL, 1),
	{ "tcp_wmem", proc_dointvec_minmax, AT(sysctl_tcp_wmem), &one, NULL, { 4096, 16384, 4194304 } },
	U8(tcp_workaround_signed_windows, NULL, NULL, 0),
	{ "tcp_fastopen_blackhole_timeout_sec", blackhole_timeout, AT(sysctl_tcp_fastopen_blackhole_timeout), &zero, NULL, { 0 } },
};

/* Without a variable that the table could hold. */
static const struct ctl_table tcp_texts[] = {
	{ "tcp_fastopen_key", NULL, 0, 0600, fastopen_key, NULL, NULL },
};
/* clang-format on */

static void set_default(const struct tcp_setting *s, void *var)
{
	u32 *u = var;

	if (s->size == 1)
		*(u8 *)var = (u8)s->dflt[0];
	else if (s->handler == proc_doulongvec_minmax)
		memcpy(var, s->dflt, s->size);
	else
		for (u32 i = 0; i < s->size / sizeof(*u); i++)
			u[i] = (u32)s->dflt[i];
}

static int tcp_sysctl_init_net(struct net *net)
{
	struct ctl_table table[ARRAY_SIZE(tcp_settings) + ARRAY_SIZE(tcp_texts)];
	unsigned n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(tcp_settings); i++) {
		const struct tcp_setting *s = &tcp_settings[i];
		void *var = (u8 *)&net->ipv4 + s->offset;

		set_default(s, var);
		table[n++] = (struct ctl_table){ s->name,    var,    s->size, 0644,
						 s->handler, s->min, s->max };
	}
	memcpy(table + n, tcp_texts, sizeof(tcp_texts));
	n += ARRAY_SIZE(tcp_texts);
	return register_net_sysctl(net, "net/ipv4", table, n) ? 0 : -ENOMEM;
}

/* Tables go with the tree (sysctl_pernet_ops), which ends after this. */
const struct pernet_operations tcp_sysctl_ops = { "tcp_sysctl", tcp_sysctl_init_net, NULL };
