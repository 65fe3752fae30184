// SPDX-License-Identifier: BSD-2-Clause
/* lib/mac_test.c - SHA-1 (RFC 3174), HMAC-SHA-1 (RFC 2202) and AES-128-CMAC (RFC 4493) by their vectors, whole and in pieces. */
#include "lib/aes_cmac.h"
#include "lib/sha1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(const uint8_t *mac, size_t n, const char *hex)
{
	char text[64];

	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", mac[i]);
	assert_string_equal(text, hex);
}

static void sha1_is(const char *text, const char *hex)
{
	uint8_t digest[20];
	struct sha1 s;

	for (size_t cut = 0; cut <= strlen(text); cut++) {
		sha1_init(&s);
		sha1_update(&s, text, cut);
		sha1_update(&s, text + cut, strlen(text) - cut);
		sha1_final(&s, digest);
		expect(digest, 20, hex);
	}
}

static void test_sha1(void **state)
{
	sha1_is("", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	sha1_is("abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
	sha1_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

static void hmac_is(const void *key, size_t len, const char *text, const char *hex)
{
	struct hmac_sha1 h;
	uint8_t mac[20];

	hmac_sha1_init(&h, key, len);
	hmac_sha1_update(&h, text, strlen(text));
	hmac_sha1_final(&h, mac);
	expect(mac, 20, hex);
}

static void test_hmac_sha1(void **state)
{
	uint8_t key[80];

	memset(key, 0x0b, 20);
	hmac_is(key, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00");
	hmac_is("Jefe", 4, "what do ya want for nothing?",
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	memset(key, 0xaa, 80);
	hmac_is(key, 80, "Test Using Larger Than Block-Size Key - Hash Key First",
		"aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

static void test_aes_cmac(void **state)
{
	static const uint8_t key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
					 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const uint8_t text[64] = {
		0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73,
		0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7,
		0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4,
		0x11, 0xe5, 0xfb, 0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef, 0xf6, 0x9f, 0x24, 0x45,
		0xdf, 0x4f, 0x9b, 0x17, 0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10
	};
	static const struct {
		size_t len;
		const char *hex;
	} vectors[] = { { 0, "bb1d6929e95937287fa37d129b756746" },
			{ 16, "070a16b46b4d4144f79bdd9dd04a287c" },
			{ 40, "dfa66747de9ae63030ca32611497c827" },
			{ 64, "51f0bebf7e3b9d92fc49741779363cfe" } };
	struct aes_cmac c;
	uint8_t mac[16];

	for (size_t i = 0; i < 4; i++) {
		for (size_t cut = 0; cut <= vectors[i].len; cut++) {
			aes_cmac_init(&c, key);
			aes_cmac_update(&c, text, cut);
			aes_cmac_update(&c, text + cut, vectors[i].len - cut);
			aes_cmac_final(&c, mac);
			expect(mac, 16, vectors[i].hex);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sha1),
					    cmocka_unit_test(test_hmac_sha1),
					    cmocka_unit_test(test_aes_cmac) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
