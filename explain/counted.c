// SPDX-License-Identifier: BSD-2-Clause
/* explain/counted.c - text into a buffer that may be too small, with the length it would have. */
#include "explain/counted.h"

#include <stdio.h>
#include <string.h>

#include "lib/fmt.h"

/**
 * counted_init() - begin an empty text in @buf, 0-terminated if @size is not 0
 */
void counted_init(struct counted *c, char *buf, size_t size)
{
	*c = (struct counted){ buf, size, 0 };
	if (size)
		buf[0] = '\0';
}

/**
 * counted_put() - append @n bytes
 */
void counted_put(struct counted *c, const char *s, size_t n)
{
	size_t room = c->size > c->len ? c->size - c->len - 1 : 0;
	size_t fit = n < room ? n : room;

	if (fit) {
		memcpy(c->buf + c->len, s, fit);
		c->buf[c->len + fit] = '\0';
	}
	c->len += n;
}

/**
 * counted_puts() - append a string
 */
void counted_puts(struct counted *c, const char *s)
{
	counted_put(c, s, strlen(s));
}

/**
 * counted_printf() - append formatted text of at most 511 bytes
 */
void counted_printf(struct counted *c, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		counted_put(c, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/**
 * counted_json() - append a JSON string with its quotes; NULL as null
 */
void counted_json(struct counted *c, const char *s)
{
	char quoted[1024];
	struct strbuf sb;

	if (!s) {
		counted_puts(c, "null");
		return;
	}
	strbuf_init(&sb, quoted, sizeof(quoted));
	strbuf_json(&sb, s);
	if (sb.cut) /* no name or sentence of ours comes near */
		counted_puts(c, "\"...\"");
	else
		counted_puts(c, quoted);
}

/**
 * counted_hex() - append two hex digits per byte
 */
void counted_hex(struct counted *c, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		char pair[3];

		snprintf(pair, sizeof(pair), "%02x", p[i]);
		counted_put(c, pair, 2);
	}
}
