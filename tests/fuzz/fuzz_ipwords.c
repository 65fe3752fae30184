// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_ipwords.c - lines in the words of ip: every buffer size, never a byte too far. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ifindex(void *arg, const char *name)
{
	(void)arg;
	return name[0] == 'e' && name[1] ? name[1] - '0' : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipwords_env env = { ifindex, NULL };
	size_t room = size > 1 ? (size_t)data[0] << 3 : 0;
	void *buf = malloc(room ? room : 1);
	char *line = malloc(size + 1), why[40];
	int n;

	if (!buf || !line)
		abort();
	memcpy(line, data, size);
	line[size] = '\0';
	n = ipwords_line(buf, room, size > 1 ? line + 1 : line, &env, why, sizeof(why));
	if (n > 0 && (size_t)n > room)
		abort();
	free(line);
	free(buf);
	return 0;
}
