// SPDX-License-Identifier: BSD-2-Clause
/* lab/ipwords_rule.c - `ip rule` as RTM_NEWRULE. */
#include "lab/ipwords_internal.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void read_prefix(struct words *w, uint16_t type, uint8_t *len)
{
	struct word_prefix p = words_prefix(w);

	*len = p.len;
	if (p.len)
		words_put_u32(w, type, p.addr);
}

static void read_fwmark(struct words *w)
{
	const char *s = words_next(w, "fwmark");
	char *end;
	unsigned long long mark = strtoull(s, &end, 0), mask = UINT32_MAX;
	bool masked = *end == '/';

	if (masked)
		mask = strtoull(end + 1, &end, 0);
	if (!w->err && (end == s || *end || mark > UINT32_MAX || mask > UINT32_MAX))
		words_fail(w, -EINVAL, "\"%s\" is no MARK[/MASK]", s);
	words_put_u32(w, FRA_FWMARK, (uint32_t)mark);
	if (masked)
		words_put_u32(w, FRA_FWMASK, (uint32_t)mask);
}

/* Attributes that older <linux/fib_rules.h> lack. */
#define FRA_DSCP_	25
#define FRA_SPORT_MASK_ 28
#define FRA_DPORT_MASK_ 29
#define FRA_DSCP_MASK_	30

static void read_ports(struct words *w, uint16_t type, uint16_t mask_type)
{
	const char *s = words_next(w, "port range");
	struct fib_rule_port_range r;
	char *end;
	unsigned long a = strtoul(s, &end, 0), b = a, mask = 0;
	bool masked = *end == '/';

	if (*end == '-')
		b = strtoul(end + 1, &end, 0);
	else if (masked)
		mask = strtoul(end + 1, &end, 0);
	if (!w->err && (end == s || *end || a > 0xffff || b > 0xffff || mask > 0xffff))
		words_fail(w, -EINVAL, "\"%s\" is no PORT[-PORT]", s);
	r.start = (uint16_t)a;
	r.end = (uint16_t)b;
	words_put(w, type, sizeof(r), &r);
	if (masked)
		words_put_u16(w, mask_type, (uint16_t)mask);
}

static void read_dscp(struct words *w)
{
	const char *s = words_next(w, "DSCP");
	char *end;
	unsigned long dscp = strtoul(s, &end, 0), mask = 0;
	bool masked = *end == '/';

	if (masked)
		mask = strtoul(end + 1, &end, 0);
	if (!w->err && (end == s || *end || dscp > 63 || mask > 63))
		words_fail(w, -EINVAL, "\"%s\" is no DSCP[/MASK] (0 to 63)", s);
	words_put_u8(w, FRA_DSCP_, (uint8_t)dscp);
	if (masked)
		words_put_u8(w, FRA_DSCP_MASK_, (uint8_t)mask);
}

static void read_uids(struct words *w)
{
	const char *s = words_next(w, "range of user ids");
	struct fib_rule_uid_range r;
	char *end;
	unsigned long a = strtoul(s, &end, 0), b = 0;
	bool range = end != s && *end == '-';

	if (range)
		b = strtoul(end + 1, &end, 0);
	if (!w->err && (!range || *end || a > UINT32_MAX || b > UINT32_MAX))
		words_fail(w, -EINVAL, "\"%s\" is no UID-UID", s);
	r.start = (uint32_t)a;
	r.end = (uint32_t)b;
	words_put(w, FRA_UID_RANGE, sizeof(r), &r);
}

static void read_tunnel(struct words *w)
{
	const char *s = words_next(w, "tunnel id");
	char *end;
	uint64_t id = __builtin_bswap64(strtoull(s, &end, 0));

	if (!w->err && (end == s || *end))
		words_fail(w, -EINVAL, "\"%s\" is no tunnel id", s);
	words_put(w, FRA_TUN_ID, sizeof(id), &id);
}

static void read_name(struct words *w, uint16_t type)
{
	const char *s = words_next(w, "device");

	if (strlen(s) > 15)
		words_fail(w, -EINVAL, "\"%s\" is too long for a device", s);
	words_put(w, type, strlen(s) + 1, s);
}

static void read_ipproto(struct words *w)
{
	static const struct word_value names[] = {
		{ "icmp", 1 }, { "igmp", 2 },	   { "tcp", 6 },    { "udp", 17 },
		{ "gre", 47 }, { "udplite", 136 }, { "sctp", 132 }, { NULL, 0 },
	};

	words_put_u8(w, FRA_IP_PROTO, (uint8_t)words_named(w, "ipproto", names, 255));
}

static void read_table(struct words *w, struct fib_rule_hdr *frh, bool *table_given)
{
	uint32_t table = words_table(w);

	*table_given = true;
	frh->table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
	if (table >= 256)
		words_put_u32(w, FRA_TABLE, table);
}

static bool read_selector(struct words *w, struct fib_rule_hdr *frh)
{
	if (words_take(w, "not"))
		frh->flags |= FIB_RULE_INVERT;
	else if (words_take(w, "from"))
		read_prefix(w, FRA_SRC, &frh->src_len);
	else if (words_take(w, "to"))
		read_prefix(w, FRA_DST, &frh->dst_len);
	else if (words_take(w, "iif") || words_take(w, "dev"))
		read_name(w, FRA_IIFNAME);
	else if (words_take(w, "oif"))
		read_name(w, FRA_OIFNAME);
	else if (words_take(w, "tos") || words_take(w, "dsfield"))
		frh->tos = words_dsfield(w);
	else if (words_take(w, "fwmark"))
		read_fwmark(w);
	else if (words_take(w, "ipproto"))
		read_ipproto(w);
	else if (words_take(w, "sport"))
		read_ports(w, FRA_SPORT_RANGE, FRA_SPORT_MASK_);
	else if (words_take(w, "dport"))
		read_ports(w, FRA_DPORT_RANGE, FRA_DPORT_MASK_);
	else if (words_take(w, "dscp"))
		read_dscp(w);
	else if (words_take(w, "uidrange"))
		read_uids(w);
	else if (words_take(w, "tun_id"))
		read_tunnel(w);
	else
		return false;
	return true;
}

static bool read_action(struct words *w, struct fib_rule_hdr *frh, bool *table_given)
{
	static const struct word_value actions[] = {
		{ "blackhole", FR_ACT_BLACKHOLE },
		{ "unreachable", FR_ACT_UNREACHABLE },
		{ "prohibit", FR_ACT_PROHIBIT },
		{ "nop", FR_ACT_NOP },
		{ NULL, 0 },
	};
	const struct word_value *a = actions;

	if (words_take(w, "lookup") || words_take(w, "table")) {
		read_table(w, frh, table_given);
		return true;
	}
	if (words_take(w, "goto")) {
		frh->action = FR_ACT_GOTO;
		words_put_u32(w, FRA_GOTO, words_u32(w, "rule", UINT32_MAX));
		return true;
	}
	while (a->name && strcmp(a->name, words_peek(w)))
		a++;
	if (!a->name)
		return false;
	words_take(w, a->name);
	frh->action = (uint8_t)a->value;
	return true;
}

static bool read_property(struct words *w)
{
	if (words_take(w, "pref") || words_take(w, "priority") || words_take(w, "order"))
		words_put_u32(w, FRA_PRIORITY, words_u32(w, "priority", UINT32_MAX));
	else if (words_take(w, "suppress_prefixlength"))
		words_put_u32(w, FRA_SUPPRESS_PREFIXLEN, words_u32(w, "prefix length", INT32_MAX));
	else if (words_take(w, "suppress_ifgroup"))
		words_put_u32(w, FRA_SUPPRESS_IFGROUP, words_u32(w, "group", INT32_MAX));
	else if (words_take(w, "realms") || words_take(w, "realm"))
		words_put_u32(w, FRA_FLOW, words_realms(w));
	else if (words_take(w, "protocol") || words_take(w, "proto"))
		words_put_u8(w, FRA_PROTOCOL, words_protocol(w));
	else
		return false;
	return true;
}

/**
 * words_rule() - [not] [from P] [to P] [iif D] [oif D] [tos X] [fwmark M[/M]] [ipproto P] [sport R] [dport R]
 *   [dscp X] [uidrange A-B] [tun_id N] [realms R] [proto P] [pref N] ACTION
 * @del: to be deleted: what is not said matches anything
 */
void words_rule(struct words *w, bool del)
{
	struct fib_rule_hdr *frh = words_extra(w, sizeof(*frh));
	bool table = false;

	if (w->err)
		return;
	frh->family = AF_INET;
	frh->action = del ? FR_ACT_UNSPEC : FR_ACT_TO_TBL;
	while (words_left(w)) {
		if (read_selector(w, frh) || read_action(w, frh, &table))
			continue;
		if (words_take(w, "l3mdev")) {
			words_put_u8(w, FRA_L3MDEV, 1);
			table = true;
			continue;
		}
		if (!read_property(w))
			words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
	}
	if (!table && frh->action == FR_ACT_TO_TBL)
		frh->table = RT_TABLE_MAIN;
}
