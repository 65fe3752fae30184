// SPDX-License-Identifier: BSD-2-Clause
/* lib/inet.c - IPv4 and MAC addresses as text.
 *
 * DOC: Addresses as text
 * The _scan functions read an address at the start of a text and return where it ended, for parsers of larger
 * texts; NULL means that no address stands there. The _parse functions want the address to be the whole text.
 * No function writes its result before all of it is right.
 */
#include "lib/inet.h"

#include <stddef.h>
#include <string.h>

/* A decimal number without leading zeros, 0..max. */
static const char *scan_number(const char *s, unsigned int max, unsigned int *out)
{
	unsigned int v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (p > s && *s == '0')
			return NULL;
		v = v * 10 + (unsigned int)(*p - '0');
		if (v > max)
			return NULL;
	}
	*out = v;
	return p > s ? p : NULL;
}

/**
 * ip4_scan() - read a dotted quad
 * @s:    text, NUL-terminated
 * @addr: be, set on success
 * Return: the first character after the address, or NULL
 */
const char *ip4_scan(const char *s, uint32_t *addr)
{
	uint8_t octets[4];

	for (int i = 0; i < 4; i++) {
		unsigned int v;

		if (i && *s++ != '.')
			return NULL;
		s = scan_number(s, 255, &v);
		if (!s)
			return NULL;
		octets[i] = (uint8_t)v;
	}
	memcpy(addr, octets, 4);
	return s;
}

/**
 * ip4_scan_prefix() - read "a.b.c.d" or "a.b.c.d/n"
 * @addr: be, set on success; host bits are kept
 * @plen: 0..32, set on success; 32 if no length is written
 * Return: the first character after the prefix, or NULL
 */
const char *ip4_scan_prefix(const char *s, uint32_t *addr, uint8_t *plen)
{
	unsigned int n = 32;
	uint32_t a;

	s = ip4_scan(s, &a);
	if (s && *s == '/')
		s = scan_number(s + 1, 32, &n);
	if (!s)
		return NULL;
	*addr = a;
	*plen = (uint8_t)n;
	return s;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/**
 * mac_scan() - read six pairs of hex digits with colons between
 * Return: the first character after the address, or NULL
 */
const char *mac_scan(const char *s, uint8_t mac[6])
{
	uint8_t m[6];

	for (int i = 0; i < 6; i++) {
		int hi, lo;

		if (i && *s++ != ':')
			return NULL;
		hi = hex_digit(s[0]);
		if (hi < 0)
			return NULL;
		lo = hex_digit(s[1]);
		if (lo < 0)
			return NULL;
		m[i] = (uint8_t)(hi << 4 | lo);
		s += 2;
	}
	memcpy(mac, m, 6);
	return s;
}

/**
 * ip4_parse() - the whole text is a dotted quad
 */
bool ip4_parse(const char *s, uint32_t *addr)
{
	uint32_t a;
	const char *end = ip4_scan(s, &a);

	if (!end || *end)
		return false;
	*addr = a;
	return true;
}

/**
 * ip4_parse_prefix() - the whole text is an address with or without a prefix length
 */
bool ip4_parse_prefix(const char *s, uint32_t *addr, uint8_t *plen)
{
	uint32_t a;
	uint8_t n;
	const char *end = ip4_scan_prefix(s, &a, &n);

	if (!end || *end)
		return false;
	*addr = a;
	*plen = n;
	return true;
}

/**
 * mac_parse() - the whole text is a MAC address
 */
bool mac_parse(const char *s, uint8_t mac[6])
{
	uint8_t m[6];
	const char *end = mac_scan(s, m);

	if (!end || *end)
		return false;
	memcpy(mac, m, 6);
	return true;
}

static char *put_number(char *p, unsigned int v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static char *put_ip4(char *p, uint32_t addr)
{
	uint8_t o[4];

	memcpy(o, &addr, 4);
	for (int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_number(p, o[i]);
	}
	*p = '\0';
	return p;
}

/**
 * ip4_print() - write a dotted quad
 * @addr: be
 * Return: @buf
 */
char *ip4_print(char buf[IP4_STRLEN], uint32_t addr)
{
	put_ip4(buf, addr);
	return buf;
}

/**
 * ip4_print_prefix() - write "a.b.c.d/n"
 * @plen: 0..32
 * Return: @buf
 */
char *ip4_print_prefix(char buf[IP4_PREFIX_STRLEN], uint32_t addr, uint8_t plen)
{
	char *p = put_ip4(buf, addr);

	*p++ = '/';
	p = put_number(p, plen > 32 ? 32 : plen);
	*p = '\0';
	return buf;
}

/**
 * mac_print() - write six pairs of lower-case hex digits with colons between
 * Return: @buf
 */
char *mac_print(char buf[MAC_STRLEN], const uint8_t mac[6])
{
	static const char digits[16] = "0123456789abcdef";

	for (int i = 0; i < 6; i++) {
		buf[3 * i] = digits[mac[i] >> 4];
		buf[3 * i + 1] = digits[mac[i] & 15];
		buf[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return buf;
}
