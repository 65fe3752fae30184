// SPDX-License-Identifier: BSD-2-Clause
/* lib/aes_cmac.h - AES-128-CMAC (RFC 4493), for TCP-AO. */
#ifndef LIB_AES_CMAC_H
#define LIB_AES_CMAC_H

#include <stddef.h>
#include <stdint.h>

struct aes_cmac {
	uint8_t round_keys[176];
	uint8_t state[16];
	uint8_t block[16];
	size_t have; /* bytes in @block */
};

void aes_cmac_init(struct aes_cmac *c, const uint8_t key[16]);
void aes_cmac_update(struct aes_cmac *c, const void *data, size_t len);
void aes_cmac_final(struct aes_cmac *c, uint8_t mac[16]);

#endif
