// SPDX-License-Identifier: BSD-2-Clause
/* lib/fmt.h - build text in a buffer of fixed size.
 *
 * The text is NUL-terminated at every moment and never longer than the buffer; what does not fit is cut off and
 * remembered in @cut, so a printer needs one check at its end.
 */
#ifndef LIB_FMT_H
#define LIB_FMT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct strbuf - text under construction
 * @p:   the buffer, the caller's
 * @len: bytes of text, without the NUL
 * @cap: bytes of the buffer; 0 is allowed and cuts everything
 * @cut: something did not fit
 */
struct strbuf {
	char *p;
	size_t len, cap;
	bool cut;
};

void strbuf_init(struct strbuf *sb, char *buf, size_t cap);
void strbuf_putc(struct strbuf *sb, char c);
void strbuf_puts(struct strbuf *sb, const char *s);
void strbuf_put(struct strbuf *sb, const void *bytes, size_t n);
void strbuf_printf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void strbuf_ip4(struct strbuf *sb, uint32_t addr);
void strbuf_ip4_prefix(struct strbuf *sb, uint32_t addr, uint8_t plen);
void strbuf_mac(struct strbuf *sb, const uint8_t mac[6]);
void strbuf_hex(struct strbuf *sb, const void *bytes, size_t n);
void strbuf_json(struct strbuf *sb, const char *s);
void strbuf_json_n(struct strbuf *sb, const char *s, size_t n);

#endif
