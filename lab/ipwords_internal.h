/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/ipwords_internal.h - reading words one by one, and their values; for lab/ipwords*.c only. */
#ifndef LAB_IPWORDS_INTERNAL_H
#define LAB_IPWORDS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

#include "lab/ipwords.h"

/**
 * struct words - a command being read and the message being built of it
 * @word:   the words, @n of them; @at is the next one
 * @object: "route", "addr", ...: begins every sentence
 * @err:    0, or the first error (negative errno); @why then says which word
 * @nlh:    the message; attributes go behind it, up to @size bytes
 */
struct words {
	const char *const *word;
	unsigned n, at;
	const char *object;
	const struct ipwords_env *env;
	int err;
	char *why;
	size_t why_size;
	struct nlmsghdr *nlh;
	size_t size;
};

/* A name for a number, e.g. of a scope. */
struct word_value {
	const char *name;
	uint32_t value;
};

struct word_prefix {
	uint32_t addr; /* be */
	uint8_t len;
	bool given; /* with a length, or default */
};

void words_fail(struct words *w, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool words_left(const struct words *w);
const char *words_peek(const struct words *w);
const char *words_next(struct words *w, const char *what);
bool words_take(struct words *w, const char *name);

uint32_t words_u32(struct words *w, const char *what, uint32_t max);
uint8_t words_dsfield(struct words *w);
uint32_t words_named(struct words *w, const char *what, const struct word_value *names,
		     uint32_t max);
uint32_t words_table(struct words *w);
uint8_t words_scope(struct words *w);
uint8_t words_protocol(struct words *w);
uint32_t words_realms(struct words *w);
int words_dev(struct words *w);
uint32_t words_addr(struct words *w);
struct word_prefix words_prefix(struct words *w);
struct word_prefix words_prefix_of(struct words *w, const char *s);
void words_mac(struct words *w, uint8_t mac[6]);

void words_put(struct words *w, uint16_t type, size_t len, const void *data);
void words_put_u8(struct words *w, uint16_t type, uint8_t v);
void words_put_u16(struct words *w, uint16_t type, uint16_t v);
void words_put_u32(struct words *w, uint16_t type, uint32_t v);
void *words_extra(struct words *w, size_t len);

void words_route(struct words *w, bool del);
void words_nexthop(struct words *w, bool del);
void words_rule(struct words *w, bool del);

#endif
