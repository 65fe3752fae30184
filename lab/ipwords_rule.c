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

static void read_ports(struct words *w, uint16_t type)
{
	const char *s = words_next(w, "port range");
	struct fib_rule_port_range r;
	char *end;
	unsigned long a = strtoul(s, &end, 0), b = a;

	if (*end == '-')
		b = strtoul(end + 1, &end, 0);
	if (!w->err && (end == s || *end || a > 0xffff || b > 0xffff))
		words_fail(w, -EINVAL, "\"%s\" is no PORT[-PORT]", s);
	r.start = (uint16_t)a;
	r.end = (uint16_t)b;
	words_put(w, type, sizeof(r), &r);
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
		read_ports(w, FRA_SPORT_RANGE);
	else if (words_take(w, "dport"))
		read_ports(w, FRA_DPORT_RANGE);
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

/**
 * words_rule() - [not] [from P] [to P] [iif D] [oif D] [tos X] [fwmark M[/M]] [ipproto P] [sport R] [dport R] [pref N] ACTION
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
		if (words_take(w, "pref") || words_take(w, "priority") || words_take(w, "order"))
			words_put_u32(w, FRA_PRIORITY, words_u32(w, "priority", UINT32_MAX));
		else if (words_take(w, "suppress_prefixlength"))
			words_put_u32(w, FRA_SUPPRESS_PREFIXLEN,
				      words_u32(w, "prefix length", INT32_MAX));
		else if (words_take(w, "suppress_ifgroup"))
			words_put_u32(w, FRA_SUPPRESS_IFGROUP, words_u32(w, "group", INT32_MAX));
		else if (words_take(w, "l3mdev"))
			words_put_u8(w, FRA_L3MDEV, 1);
		else
			words_fail(w, -EINVAL, "unknown word \"%s\"", words_peek(w));
	}
	if (!table && frh->action == FR_ACT_TO_TBL)
		frh->table = RT_TABLE_MAIN;
}
