// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_packet.c - packets in words or hex, as `skiff explain` takes them, and frames as it prints them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/packet_text.h"
#include "skiff/explain.h"

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct packet_macs macs = { { 2, 0xdd }, { 2, 0xaa } };
	uint8_t *frame = malloc(PACKET_FRAME_MAX);
	char *line = malloc(size + 1), *s, *save, why[200] = "";
	const char *word[WORDS_MAX];
	unsigned n = 0;
	size_t len = 0;

	if (!frame || !line)
		abort();
	skiff_frame_text(data, size, why, sizeof(why)); /* the input as a frame */
	memcpy(line, data, size);
	line[size] = '\0';
	for (s = strtok_r(line, " \n", &save); s && n < WORDS_MAX; s = strtok_r(NULL, " \n", &save))
		word[n++] = s;
	if (n) {
		if (!packet_text(n, word, &macs, frame, &len, why, sizeof(why)) &&
		    len > PACKET_FRAME_MAX)
			abort();
		if (len)
			skiff_frame_text(frame, len, why, sizeof(why));
		if (!packet_hex(n, word, frame, &len) && len > PACKET_FRAME_MAX)
			abort();
	}
	free(line);
	free(frame);
	return 0;
}
