// SPDX-License-Identifier: BSD-2-Clause
/* lib/md5.h - MD5 (RFC 1321), for TCP's MD5 signatures (RFC 2385) and nothing else: it is broken as a hash. */
#ifndef LIB_MD5_H
#define LIB_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_DIGEST_SIZE 16

struct md5 {
	uint32_t h[4];
	uint64_t len; /* bytes so far */
	uint8_t block[64];
};

void md5_init(struct md5 *m);
void md5_update(struct md5 *m, const void *data, size_t len);
void md5_final(struct md5 *m, uint8_t digest[MD5_DIGEST_SIZE]);

#endif
