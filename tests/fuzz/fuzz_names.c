// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_names.c - DNS queries: any bytes get an answer that fits and is the query's, or none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/names_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool resolve(void *arg, const char *name, uint32_t *addr)
{
	(void)arg;
	if (strlen(name) > 253)
		abort();
	*addr = 1;
	return name[0] == 's';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *query = malloc(size ? size : 1), *out = malloc(NAMES_ANSWER_MAX);
	size_t n;

	if (!query || !out)
		abort();
	memcpy(query, data, size);
	n = names_answer(query, size, resolve, NULL, out);
	if (n > NAMES_ANSWER_MAX || (n && (n < 12 || memcmp(out, query, 2) || !(out[2] & 0x80))))
		abort();
	free(query);
	free(out);
	return 0;
}
