/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/fuzz/fuzz.h - what the fuzz targets share: a configured device under test, scripts for it, bytes to read from. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prandom.h"
#include "tests/dut/dut.h"

#define FUZZ_WIRES 3

/* Bytes not read yet. */
struct fuzz_in {
	const uint8_t *p;
	size_t left;
};

uint8_t fuzz_u8(struct fuzz_in *in);
uint16_t fuzz_u16(struct fuzz_in *in);
const uint8_t *fuzz_bytes(struct fuzz_in *in, size_t *len);

/* fuzz.c: a device under test whose memory is counted */
void fuzz_dut_start(struct dut *dut);
void fuzz_dut_configure(struct dut *dut);
void fuzz_dut_settings(struct dut *dut, unsigned variant);
void fuzz_dut_fail_alloc(unsigned n);
void fuzz_dut_check(struct dut *dut);
void fuzz_dut_stop(struct dut *dut);

/* command.c: changes of the configuration, by number */
#define FUZZ_MEMBERSHIP 0x100 /* from this number on: multicast sources */
unsigned fuzz_commands(void);
int fuzz_command_message(struct dut *dut, unsigned n, void *buf, size_t size);
void fuzz_command(struct dut *dut, unsigned n);

/* script.c: frames, messages, settings and time, one after another. The format is described there */
#define SCRIPT_HEAD   3 /* bytes: settings, u16; flags */
#define SCRIPT_RECORD 3 /* bytes in front of each body: op and how; length, u16 */
enum script_op {
	SCRIPT_WIRE0,
	SCRIPT_WIRE1,
	SCRIPT_WIRE2,
	SCRIPT_COMMAND,
	SCRIPT_NETLINK,
	SCRIPT_WAIT,
	SCRIPT_FAIL,
	SCRIPT_SYSCTL,
};
#define SCRIPT_HOW_HOLD \
	0x08 /* a frame: together with the next; a message: leave its length as it is */
#define SCRIPT_RECORD_JOURNEYS 0x01
#define SCRIPT_LOOK_AT_ALL     0x02
void fuzz_script(const uint8_t *data, size_t size);

/* mutate.c: new scripts from old ones, packet.c: well-formed frames to begin with */
size_t fuzz_mutate_script(uint8_t *data, size_t size, size_t max, unsigned seed, bool messages);
size_t fuzz_packet(struct prng *r, uint8_t *frame, size_t max);
void fuzz_packet_repair(uint8_t *frame, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

#endif
