// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_golden.c - scenario files in: JSON as it comes, its configuration and its frames. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define FRAMES_MAX 64
#define WAIT_MAX   10000 /* ms between two frames */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static size_t unhex(const char *s, uint8_t *out, size_t max)
{
	size_t n = 0;

	for (; n < max && s[0] && hex_digit(s[0]) >= 0 && hex_digit(s[1]) >= 0; s += 2)
		out[n++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
	return n;
}

static void inject(struct dut *dut, const json_t *i, json_int_t *now)
{
	const char *dev = json_string_value(json_object_get(i, "dev"));
	const char *hex = json_string_value(json_object_get(i, "hexframe"));
	json_int_t t = json_integer_value(json_object_get(i, "t"));
	uint8_t frame[4096];
	unsigned w;

	if (!dev || !hex)
		return;
	if (t > *now && t - *now <= WAIT_MAX) {
		if (!dut_advance(dut, (uint64_t)(t - *now)))
			abort();
		*now = t;
	}
	for (w = 0; w < FUZZ_WIRES; w++)
		if (!strcmp(dut->wire[w].name, dev))
			dut_rx(dut, w, frame, unhex(hex, frame, sizeof(frame)));
	if (!dut_run(dut))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *scn = json_loadb((const char *)data, size, 0, NULL);
	const json_t *i;
	json_int_t now = 0;
	struct dut dut;
	size_t k;

	if (!scn)
		return 0;
	fuzz_dut_start(&dut);
	if (!dut_config(&dut, json_object_get(scn, "config"))) {
		json_array_foreach(json_object_get(scn, "inject"), k, i)
		{
			if (k == FRAMES_MAX)
				break;
			inject(&dut, i, &now);
		}
		if (!dut_advance(&dut, 5000))
			abort();
	}
	json_decref(dut_neigh(&dut));
	json_decref(dut_counters(&dut));
	fuzz_dut_stop(&dut);
	json_decref(scn);
	return 0;
}
