/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/fuzz/fuzz.h - what the fuzz targets share: a configured device under test and bytes to read from. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

void fuzz_dut_start(struct dut *dut);
void fuzz_dut_configure(struct dut *dut);
void fuzz_dut_settings(struct dut *dut, unsigned variant);
void fuzz_dut_stop(struct dut *dut);
void fuzz_line(struct dut *dut, const char *line);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
