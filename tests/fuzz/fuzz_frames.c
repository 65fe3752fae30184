// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_frames.c - frames in, from three wires, with time passing between them.
 *
 * Input: a byte that picks settings, a byte of which bit 0 turns the recorder on; then for each frame a byte (bits 0-1: wire, 2-7: how long to wait before it), its
 * length in two bytes, little-endian, and its bytes. The mutator repairs checksums in most cases, for a fuzzer hardly
 * ever guesses one.
 *
 * Making a shard costs more than a few frames do, so INPUTS inputs share one, an hour of virtual time apart; with
 * FUZZ_FRESH in the environment each has its own.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/checksum.h"
#include "tests/fuzz/fuzz.h"

#define RECORD 3  /* bytes in front of a frame */
#define INPUTS 30 /* on one shard */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Every journey as text and as JSON, which must be JSON. */
static void print_journeys(struct dut *dut)
{
	static char buf[1 << 18];
	const struct skiff_journey *j;
	json_t *json;
	unsigned i;
	size_t n;

	for (i = 0; dut->rec && (j = skiff_recorder_get(dut->rec, i)); i++) {
		skiff_journey_text(j, buf, sizeof(buf));
		skiff_journey_sentence(j, buf, sizeof(buf));
		n = skiff_journey_json(j, buf, sizeof(buf));
		json = json_loads(buf, 0, NULL);
		if (n < sizeof(buf) && !json)
			abort();
		json_decref(json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned wait_ms[] = { 0, 0, 1, 10, 100, 1000, 5000, 35000 };
	static struct dut dut;
	static unsigned used;
	struct fuzz_in in = { data, size };

	if (!used) {
		fuzz_dut_start(&dut);
		fuzz_dut_configure(&dut);
	}
	fuzz_dut_settings(&dut, fuzz_u8(&in));
	if (fuzz_u8(&in) & 1)
		dut.rec = skiff_recorder_start(dut.skiff);
	while (in.left) {
		uint8_t how = fuzz_u8(&in);
		size_t len = fuzz_u16(&in);
		const uint8_t *frame = fuzz_bytes(&in, &len);

		if (how >> 5 && !dut_advance(&dut, wait_ms[how >> 5]))
			abort();
		dut_rx(&dut, (how & 3) % FUZZ_WIRES, frame, len);
		if (!(how & 4) && !dut_run(&dut)) /* else together with the next one */
			abort();
	}
	if (!dut_advance(&dut, 60000))
		abort();
	print_journeys(&dut);
	skiff_recorder_stop(dut.rec);
	dut.rec = NULL;
	if (++used == INPUTS || getenv("FUZZ_FRESH")) {
		fuzz_dut_stop(&dut);
		used = 0;
	} else if (!dut_advance(&dut, 3600 * 1000)) {
		abort();
	}
	json_array_clear(dut.trace);
	return 0;
}

static void put_sum(uint8_t *at, const uint8_t *p, size_t len)
{
	uint16_t sum;

	memset(at, 0, 2);
	sum = csum_fold(csum_partial(p, len, 0));
	memcpy(at, &sum, 2);
}

/* Make the checksums of one frame right, as far as it is an IPv4 packet. */
static void repair(uint8_t *frame, size_t len)
{
	uint8_t *ip = frame + 14, *l4;
	size_t ihl, total;

	if (len < 34 || frame[12] != 8 || frame[13] != 0)
		return;
	ihl = (ip[0] & 15u) * 4;
	total = (size_t)ip[2] << 8 | ip[3];
	if (ihl < 20 || ihl > len - 14)
		return;
	put_sum(ip + 10, ip, ihl);
	l4 = ip + ihl;
	if (total > len - 14 || total < ihl + 8)
		return;
	if (ip[9] == 1 || ip[9] == 2)
		put_sum(l4 + 2, l4, total - ihl);
	else if (ip[9] == 17)
		memset(l4 + 6, 0, 2);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t at = 2, len;

	size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 8 == 0)
		return size;
	while (at + RECORD < size) {
		len = (size_t)data[at + 1] | (size_t)data[at + 2] << 8;
		at += RECORD;
		if (len > size - at)
			len = size - at;
		repair(data + at, len);
		at += len;
	}
	return size;
}
