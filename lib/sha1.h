// SPDX-License-Identifier: BSD-2-Clause
/* lib/sha1.h - HMAC-SHA-1 (RFC 3174, RFC 2104), for TCP-AO. */
#ifndef LIB_SHA1_H
#define LIB_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_DIGEST_SIZE 20

struct sha1 {
	uint32_t h[5];
	uint64_t len; /* bytes so far */
	uint8_t block[64];
};

struct hmac_sha1 {
	struct sha1 inner, outer;
};

void sha1_init(struct sha1 *s);
void sha1_update(struct sha1 *s, const void *data, size_t len);
void sha1_final(struct sha1 *s, uint8_t digest[SHA1_DIGEST_SIZE]);
void hmac_sha1_init(struct hmac_sha1 *h, const void *key, size_t len);
void hmac_sha1_update(struct hmac_sha1 *h, const void *data, size_t len);
void hmac_sha1_final(struct hmac_sha1 *h, uint8_t mac[SHA1_DIGEST_SIZE]);

#endif
