/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/names_wire.h - answers to DNS queries (RFC 1035, RFC 6891), as bytes. For names.c and its tests. */
#ifndef SYSCALL_NAMES_WIRE_H
#define SYSCALL_NAMES_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_ANSWER_MAX 512u

/** names_resolve_fn - the address (network byte order) of @name, lower case, dotted, without the last dot. false: there is none */
typedef bool (*names_resolve_fn)(void *arg, const char *name, uint32_t *addr);

/**
 * names_answer() - the answer to a query of @len bytes in @out, which has NAMES_ANSWER_MAX bytes
 * Return: its length; 0: what came deserves none (too short, or an answer itself)
 */
size_t names_answer(const uint8_t *query, size_t len, names_resolve_fn resolve, void *arg,
		    uint8_t *out);
/** names_is_unknown() - does this answer say that there is no such name? */
static inline bool names_is_unknown(const uint8_t *answer)
{
	return (answer[3] & 15) == 3;
}

#endif
