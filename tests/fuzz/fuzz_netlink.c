// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_netlink.c - netlink messages in, one after another, on a configured namespace, with frames in between. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_script(data, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	return fuzz_mutate_script(data, size, max_size, seed, true);
}
