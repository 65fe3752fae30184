// SPDX-License-Identifier: BSD-2-Clause
/* lab/ipwords_value.c - the cursor over the words of a command and the values that words stand for.
 *
 * After the first error every reader returns 0 or "" and every put does nothing, so the callers go on
 * to their end and the sentence of the first error is what remains.
 */
#include "lab/ipwords_internal.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fmt.h"
#include "lib/inet.h"

/**
 * words_fail() - remember the first error
 * @err: negative errno
 * @fmt: the rest of the sentence, after the object's name
 */
void words_fail(struct words *w, int err, const char *fmt, ...)
{
	struct strbuf sb;
	va_list ap;

	if (w->err)
		return;
	w->err = err;
	strbuf_init(&sb, w->why, w->why_size);
	if (w->object)
		strbuf_printf(&sb, "%s: ", w->object);
	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
}

/** words_left() - is there another word, and no error so far */
bool words_left(const struct words *w)
{
	return !w->err && w->at < w->n;
}

/** words_peek() - the next word without taking it, "" if there is none */
const char *words_peek(const struct words *w)
{
	return words_left(w) ? w->word[w->at] : "";
}

/** words_next() - take the next word; if there is none, fail with "@what expected" */
const char *words_next(struct words *w, const char *what)
{
	if (w->err)
		return "";
	if (w->at >= w->n) {
		words_fail(w, -EINVAL, "%s expected after \"%s\"", what,
			   w->at ? w->word[w->at - 1] : "");
		return "";
	}
	return w->word[w->at++];
}

/** words_take() - take the next word if it is @name */
bool words_take(struct words *w, const char *name)
{
	if (!words_left(w) || strcmp(w->word[w->at], name))
		return false;
	w->at++;
	return true;
}

static bool parse_number(const char *s, int base, uint32_t max, uint32_t *v)
{
	unsigned long long x;
	char *end;

	if (!*s || *s == '-' || *s == '+')
		return false;
	errno = 0;
	x = strtoull(s, &end, base);
	*v = (uint32_t)x;
	return !errno && !*end && x <= max;
}

/** words_u32() - a number, decimal or with 0x, at most @max */
uint32_t words_u32(struct words *w, const char *what, uint32_t max)
{
	const char *s = words_next(w, what);
	uint32_t v = 0;

	if (!w->err && !parse_number(s, 0, max, &v))
		words_fail(w, -EINVAL, "\"%s\" is no %s (0 to %u)", s, what, max);
	return v;
}

/** words_dsfield() - a TOS value: hexadecimal with or without 0x, as ip reads it */
uint8_t words_dsfield(struct words *w)
{
	const char *s = words_next(w, "tos");
	uint32_t v = 0;

	if (!w->err && !parse_number(s, 16, 255, &v))
		words_fail(w, -EINVAL, "\"%s\" is no tos (hexadecimal, 0 to ff)", s);
	return (uint8_t)v;
}

/** words_named() - one of @names (ended by a NULL name), or a number up to @max */
uint32_t words_named(struct words *w, const char *what, const struct word_value *names,
		     uint32_t max)
{
	const char *s = words_next(w, what);
	uint32_t v = 0;

	for (; names->name; names++)
		if (!strcmp(s, names->name))
			return names->value;
	if (!w->err && !parse_number(s, 0, max, &v))
		words_fail(w, -EINVAL, "\"%s\" is no %s", s, what);
	return v;
}

/** words_table() - the number of a routing table */
uint32_t words_table(struct words *w)
{
	static const struct word_value names[] = {
		{ "main", RT_TABLE_MAIN },
		{ "local", RT_TABLE_LOCAL },
		{ "default", RT_TABLE_DEFAULT },
		{ NULL, 0 },
	};

	return words_named(w, "table", names, UINT32_MAX);
}

/** words_scope() - the scope of an address or route */
uint8_t words_scope(struct words *w)
{
	static const struct word_value names[] = {
		{ "global", RT_SCOPE_UNIVERSE },
		{ "universe", RT_SCOPE_UNIVERSE },
		{ "site", RT_SCOPE_SITE },
		{ "link", RT_SCOPE_LINK },
		{ "host", RT_SCOPE_HOST },
		{ "nowhere", RT_SCOPE_NOWHERE },
		{ NULL, 0 },
	};

	return (uint8_t)words_named(w, "scope", names, 255);
}

/** words_protocol() - who installed a route */
uint8_t words_protocol(struct words *w)
{
	static const struct word_value names[] = {
		{ "unspec", RTPROT_UNSPEC }, { "redirect", RTPROT_REDIRECT },
		{ "kernel", RTPROT_KERNEL }, { "boot", RTPROT_BOOT },
		{ "static", RTPROT_STATIC }, { "ra", RTPROT_RA },
		{ "bgp", RTPROT_BGP },	     { "ospf", RTPROT_OSPF },
		{ "dhcp", RTPROT_DHCP },     { NULL, 0 },
	};

	return (uint8_t)words_named(w, "protocol", names, 255);
}

/** words_dev() - the index of a device */
int words_dev(struct words *w)
{
	const char *s = words_next(w, "device");
	int index = 0;

	if (!w->err)
		index = w->env->ifindex(w->env->arg, s);
	if (!w->err && index <= 0)
		words_fail(w, -ENODEV, "there is no device \"%s\"", s);
	return index;
}

/** words_addr() - an address; returns it in network order */
uint32_t words_addr(struct words *w)
{
	const char *s = words_next(w, "address");
	uint32_t a = 0;

	if (!w->err && !ip4_parse(s, &a))
		words_fail(w, -EINVAL, "\"%s\" is no IPv4 address", s);
	return a;
}

/** words_prefix_of() - a word as a prefix: default, all, any, 10.0.0.0/8 or 10.0.0.1 */
struct word_prefix words_prefix_of(struct words *w, const char *s)
{
	struct word_prefix p = { 0, 0, true };

	if (!strcmp(s, "default") || !strcmp(s, "all") || !strcmp(s, "any"))
		return p;
	if (ip4_parse(s, &p.addr)) {
		p.len = 32;
		p.given = false;
	} else if (!w->err && !ip4_parse_prefix(s, &p.addr, &p.len)) {
		words_fail(w, -EINVAL, "\"%s\" is no IPv4 prefix", s);
	}
	return p;
}

/** words_prefix() - the next word as a prefix */
struct word_prefix words_prefix(struct words *w)
{
	const char *s = words_next(w, "prefix");

	return words_prefix_of(w, s);
}

/** words_mac() - a link-layer address of six bytes */
void words_mac(struct words *w, uint8_t mac[6])
{
	const char *s = words_next(w, "MAC address");

	memset(mac, 0, 6);
	if (!w->err && !mac_parse(s, mac))
		words_fail(w, -EINVAL, "\"%s\" is no MAC address", s);
}

/** words_put() - append an attribute */
void words_put(struct words *w, uint16_t type, size_t len, const void *data)
{
	if (!w->err && !mnl_attr_put_check(w->nlh, w->size, type, len, data))
		words_fail(w, -EMSGSIZE, "too long for a message");
}

/** words_put_u8() - append an attribute of one byte */
void words_put_u8(struct words *w, uint16_t type, uint8_t v)
{
	words_put(w, type, sizeof(v), &v);
}

/** words_put_u16() - append an attribute of two bytes */
void words_put_u16(struct words *w, uint16_t type, uint16_t v)
{
	words_put(w, type, sizeof(v), &v);
}

/** words_put_u32() - append an attribute of four bytes */
void words_put_u32(struct words *w, uint16_t type, uint32_t v)
{
	words_put(w, type, sizeof(v), &v);
}

/** words_extra() - @len zeroed bytes at the end of the message; NULL after an error */
void *words_extra(struct words *w, size_t len)
{
	if (!w->err && w->nlh->nlmsg_len + MNL_ALIGN(len) > w->size)
		words_fail(w, -EMSGSIZE, "too long for a message");
	return w->err ? NULL : mnl_nlmsg_put_extra_header(w->nlh, len);
}

/** words_realms() - [FROM/]TO as RTA_FLOW and FRA_FLOW have it */
uint32_t words_realms(struct words *w)
{
	const char *s = words_next(w, "realm");
	char *end;
	unsigned long from = strtoul(s, &end, 0), to = 0;

	if (*end == '/') {
		to = strtoul(end + 1, &end, 0);
	} else {
		to = from;
		from = 0;
	}
	if (!w->err && (*end || from > 0xffff || to > 0xffff))
		words_fail(w, -EINVAL, "\"%s\" is no realm", s);
	return (uint32_t)(from << 16 | to);
}
