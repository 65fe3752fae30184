// SPDX-License-Identifier: BSD-2-Clause
/* lib/sha1.c - SHA-1 (RFC 3174) and HMAC with it (RFC 2104). */
#include "lib/sha1.h"

#include <string.h>

static uint32_t rotl(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const uint8_t *p)
{
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], w[80], f, k, t;

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		if (i < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (i < 40 || i >= 60) {
			f = b ^ c ^ d;
			k = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
		} else {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		}
		t = rotl(a, 5) + f + e + k + w[i];
		e = d;
		d = c;
		c = rotl(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/** sha1_init() - begin */
void sha1_init(struct sha1 *s)
{
	*s = (struct sha1){ .h = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

/** sha1_update() - @len bytes more */
void sha1_update(struct sha1 *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		size_t have = s->len % 64, n = len < 64 - have ? len : 64 - have;

		memcpy(s->block + have, p, n);
		s->len += n;
		p += n;
		len -= n;
		if (have + n == 64)
			sha1_block(s->h, s->block);
	}
}

/** sha1_final() - the digest; begin anew for another one */
void sha1_final(struct sha1 *s, uint8_t digest[SHA1_DIGEST_SIZE])
{
	static const uint8_t pad[64] = { 0x80 };
	uint64_t bits = s->len * 8;
	uint8_t be[8];

	for (int i = 0; i < 8; i++)
		be[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha1_update(s, pad, 1 + (119 - s->len % 64) % 64);
	sha1_update(s, be, 8);
	for (int i = 0; i < 20; i++)
		digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

/** hmac_sha1_init() - begin, under a key of any length */
void hmac_sha1_init(struct hmac_sha1 *h, const void *key, size_t len)
{
	uint8_t k[64] = { 0 }, pad[64];
	struct sha1 s;

	if (len > sizeof(k)) {
		sha1_init(&s);
		sha1_update(&s, key, len);
		sha1_final(&s, k);
	} else if (len) {
		memcpy(k, key, len);
	}
	for (int i = 0; i < 64; i++)
		pad[i] = k[i] ^ 0x36;
	sha1_init(&h->inner);
	sha1_update(&h->inner, pad, sizeof(pad));
	for (int i = 0; i < 64; i++)
		pad[i] = k[i] ^ 0x5c;
	sha1_init(&h->outer);
	sha1_update(&h->outer, pad, sizeof(pad));
}

/** hmac_sha1_update() - @len bytes more */
void hmac_sha1_update(struct hmac_sha1 *h, const void *data, size_t len)
{
	sha1_update(&h->inner, data, len);
}

/** hmac_sha1_final() - the code */
void hmac_sha1_final(struct hmac_sha1 *h, uint8_t mac[SHA1_DIGEST_SIZE])
{
	uint8_t inner[SHA1_DIGEST_SIZE];

	sha1_final(&h->inner, inner);
	sha1_update(&h->outer, inner, sizeof(inner));
	sha1_final(&h->outer, mac);
}
