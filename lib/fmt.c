// SPDX-License-Identifier: BSD-2-Clause
/* lib/fmt.c - build text in a buffer of fixed size. */
#include "lib/fmt.h"

#include <stdio.h>
#include <string.h>

#include "lib/inet.h"

/**
 * strbuf_init() - begin an empty text
 * @buf: stays the caller's and must outlive @sb; may be NULL if @cap is 0
 */
void strbuf_init(struct strbuf *sb, char *buf, size_t cap)
{
	*sb = (struct strbuf){ .p = buf, .cap = cap };
	if (cap)
		buf[0] = '\0';
}

/* Room for text, the NUL apart. */
static size_t strbuf_room(const struct strbuf *sb)
{
	return sb->cap > sb->len ? sb->cap - sb->len - 1 : 0;
}

/**
 * strbuf_put() - append @n bytes
 */
void strbuf_put(struct strbuf *sb, const void *bytes, size_t n)
{
	size_t room = strbuf_room(sb);

	if (n > room) {
		sb->cut = true;
		n = room;
	}
	if (!n)
		return;
	memcpy(sb->p + sb->len, bytes, n);
	sb->len += n;
	sb->p[sb->len] = '\0';
}

/**
 * strbuf_putc() - append a character
 */
void strbuf_putc(struct strbuf *sb, char c)
{
	strbuf_put(sb, &c, 1);
}

/**
 * strbuf_puts() - append a string
 */
void strbuf_puts(struct strbuf *sb, const char *s)
{
	strbuf_put(sb, s, strlen(s));
}

/**
 * strbuf_vprintf() - append formatted text
 */
void strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap)
{
	size_t room = strbuf_room(sb);
	int n = vsnprintf(sb->cap ? sb->p + sb->len : NULL, sb->cap ? room + 1 : 0, fmt, ap);

	if (n < 0 || (size_t)n > room)
		sb->cut = true;
	if (n > 0)
		sb->len += (size_t)n > room ? room : (size_t)n;
}

/**
 * strbuf_printf() - append formatted text
 */
void strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(sb, fmt, ap);
	va_end(ap);
}

/**
 * strbuf_ip4() - append a dotted quad
 * @addr: be
 */
void strbuf_ip4(struct strbuf *sb, uint32_t addr)
{
	char buf[IP4_STRLEN];

	strbuf_puts(sb, ip4_print(buf, addr));
}

/**
 * strbuf_ip4_prefix() - append "a.b.c.d/n"
 */
void strbuf_ip4_prefix(struct strbuf *sb, uint32_t addr, uint8_t plen)
{
	char buf[IP4_PREFIX_STRLEN];

	strbuf_puts(sb, ip4_print_prefix(buf, addr, plen));
}

/**
 * strbuf_mac() - append a MAC address
 */
void strbuf_mac(struct strbuf *sb, const uint8_t mac[6])
{
	char buf[MAC_STRLEN];

	strbuf_puts(sb, mac_print(buf, mac));
}

static const char hex_digits[16] = "0123456789abcdef";

/**
 * strbuf_hex() - append two lower-case hex digits per byte
 */
void strbuf_hex(struct strbuf *sb, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++) {
		char pair[2] = { hex_digits[p[i] >> 4], hex_digits[p[i] & 15] };

		strbuf_put(sb, pair, 2);
	}
}

/**
 * utf8_len() - length of the well-formed UTF-8 character at @p
 * @n: bytes at hand, at least 1
 * Return: 1..4, or 0 if there is none (overlong, surrogate, beyond U+10FFFF, cut short)
 */
static size_t utf8_len(const uint8_t *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 :
		     p[0] < 0xc2 ? 0 :
		     p[0] < 0xe0 ? 2 :
		     p[0] < 0xf0 ? 3 :
		     p[0] < 0xf5 ? 4 :
				   0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

static void json_ascii(struct strbuf *sb, uint8_t c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *e = names; *e; e += 2) {
		if ((uint8_t)*e == c) {
			strbuf_putc(sb, '\\');
			strbuf_putc(sb, e[1]);
			return;
		}
	}
	if (c < 0x20 || c == 0x7f)
		strbuf_printf(sb, "\\u%04x", c);
	else
		strbuf_putc(sb, (char)c);
}

/**
 * strbuf_json_n() - append a JSON string, quotes included
 * @s: any bytes; what is not UTF-8 becomes U+FFFD byte by byte, so the result is JSON whatever comes in
 */
void strbuf_json_n(struct strbuf *sb, const char *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;

	strbuf_putc(sb, '"');
	while (n) {
		size_t len = utf8_len(p, n);

		if (len == 1)
			json_ascii(sb, *p);
		else if (len)
			strbuf_put(sb, p, len);
		else
			strbuf_puts(sb, "\\ufffd");
		p += len ? len : 1;
		n -= len ? len : 1;
	}
	strbuf_putc(sb, '"');
}

/**
 * strbuf_json() - append a NUL-terminated string as a JSON string
 */
void strbuf_json(struct strbuf *sb, const char *s)
{
	strbuf_json_n(sb, s, strlen(s));
}
