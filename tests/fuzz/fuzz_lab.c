// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_lab.c - lab files in: whatever stands in them, a topology or one sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[LAB_WHY_MAX] = "";
	struct lab_topology *t =
		lab_topology_parse("fuzz.yml", (const char *)data, size, why, sizeof(why));

	if (!t && !*why) /* a refusal without a reason */
		abort();
	if (t)
		lab_topology_node(t, "r1");
	lab_topology_free(t);
	return 0;
}
