/* SPDX-License-Identifier: BSD-2-Clause */
/* explain/counted.h - text into a buffer that may be too small, with the length it would have. For explain/ only. */
#ifndef EXPLAIN_COUNTED_H
#define EXPLAIN_COUNTED_H

#include <stdarg.h>
#include <stddef.h>

/**
 * struct counted - text under construction
 * @len: of the whole text; what lies beyond @size was not written
 */
struct counted {
	char *buf;
	size_t size, len;
};

void counted_init(struct counted *c, char *buf, size_t size);
void counted_puts(struct counted *c, const char *s);
void counted_put(struct counted *c, const char *s, size_t n);
void counted_printf(struct counted *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void counted_json(struct counted *c, const char *s);
void counted_hex(struct counted *c, const void *bytes, size_t n);

#endif
