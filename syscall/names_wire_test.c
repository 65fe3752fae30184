// SPDX-License-Identifier: BSD-2-Clause
/* syscall/names_wire_test.c - answers to DNS queries, byte for byte. */
#include "syscall/names_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define A    0, 1
#define AAAA 0, 28
#define PTR  0, 12
#define IN   0, 1
#define OPT  0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0

static bool resolve(void *arg, const char *name, uint32_t *addr)
{
	static const uint8_t bytes[4] = { 10, 0, 0, 1 };

	memcpy(addr, bytes, sizeof(bytes));
	return !strcmp(name, "server") || !strcmp(name, "a.lab");
}

/* A query of @n bytes behind its header, with @extra additional records; @rcode and @n_answers are expected, then @tail. */
static void ask(const uint8_t *body, size_t n, unsigned extra, unsigned rcode, unsigned n_answers,
		const uint8_t *tail, size_t tail_len)
{
	uint8_t query[512] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, (uint8_t)extra },
		out[NAMES_ANSWER_MAX];
	size_t len;

	memcpy(query + 12, body, n);
	len = names_answer(query, 12 + n, resolve, NULL, out);
	assert_true(len >= 12 + tail_len);
	assert_memory_equal(out, query, 2);
	assert_int_equal(out[2], 0x85);
	assert_int_equal(out[3], 0x80 | rcode);
	assert_int_equal(out[7], n_answers);
	assert_memory_equal(out + len - tail_len, tail, tail_len);
	if (!n_answers && !extra)
		assert_int_equal(len, 12 + (out[5] ? n : 0));
}

#define ASK(extra, rcode, answers, tail, tail_len, ...)                                   \
	do {                                                                              \
		const uint8_t body_[] = { __VA_ARGS__ };                                  \
		ask(body_, sizeof(body_), extra, rcode, answers, (const uint8_t *)(tail), \
		    tail_len);                                                            \
	} while (0)

#define RECORD "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\0\0\1"

static void test_addresses(void **state)
{
	ASK(0, 0, 1, RECORD, 16, 6, 's', 'e', 'r', 'v', 'e', 'r', 0, A, IN);
	ASK(0, 0, 1, RECORD, 16, 6, 'S', 'e', 'R', 'v', 'E', 'r', 0, A, IN);
	ASK(0, 0, 1, RECORD, 16, 1, 'a', 3, 'l', 'a', 'b', 0, A, IN);
	ASK(0, 0, 1, RECORD, 16, 1, 'a', 3, 'l', 'a', 'b', 0, 0, 255, 0, 255);
}

static void test_no_data_and_no_name(void **state)
{
	ASK(0, 0, 0, "", 0, 6, 's', 'e', 'r', 'v', 'e', 'r', 0, AAAA, IN);
	ASK(0, 3, 0, "", 0, 4, 'n', 'o', 'p', 'e', 0, A, IN);
	ASK(0, 3, 0, "", 0, 1, '1', 7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0,
	    PTR, IN);
	/* a dot inside a label is no border of labels */
	ASK(0, 3, 0, "", 0, 5, 'a', '.', 'l', 'a', 'b', 0, A, IN);
	ASK(0, 5, 0, "", 0, 6, 's', 'e', 'r', 'v', 'e', 'r', 0, A, 0, 3);
}

static void test_edns(void **state)
{
	static const uint8_t opt[] = { OPT };

	ASK(1, 0, 1, opt, sizeof(opt), 6, 's', 'e', 'r', 'v', 'e', 'r', 0, A, IN, 0, 0, 41, 16, 0,
	    0, 0, 0, 0, 0, 0);
	ASK(1, 3, 0, opt, sizeof(opt), 1, 'x', 0, A, IN, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 3, 1, 2,
	    3);
}

static void test_malformed(void **state)
{
	ASK(0, 1, 0, "", 0, 6, 's', 'e', 'r');
	ASK(0, 1, 0, "", 0, 0xc0, 12, A, IN);
	ASK(0, 1, 0, "", 0, 1, 'x', 0, A);
	ASK(1, 1, 0, "", 0, 1, 'x', 0, A, IN, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 9);
}

/* Longer than a name may be (RFC 1035 3.1), and as long as it may. */
static void test_long(void **state)
{
	uint8_t q[12 + 300] = { 0, 0, 1, 0, 0, 1 }, out[NAMES_ANSWER_MAX];
	static const uint8_t tail[] = { 0, A, IN };
	size_t n = 12;

	for (unsigned i = 0; i < 4; i++) {
		q[n] = i < 3 ? 63 : 61;
		memset(q + n + 1, 'x', 63);
		n += q[n] + 1u;
	}
	memcpy(q + n, tail, sizeof(tail));
	assert_int_equal(names_answer(q, n + sizeof(tail), resolve, NULL, out), n + sizeof(tail));
	assert_int_equal(out[3] & 15, 3);
	q[n - 62]++;
	memcpy(q + n + 1, tail, sizeof(tail));
	assert_int_equal(names_answer(q, n + 1 + sizeof(tail), resolve, NULL, out), 12);
	assert_int_equal(out[3] & 15, 1);
}

static void test_not_answered(void **state)
{
	uint8_t q[] = { 0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, A, IN },
		out[NAMES_ANSWER_MAX];

	assert_int_equal(names_answer(q, sizeof(q), resolve, NULL, out), 0);
	assert_int_equal(names_answer(q, 11, resolve, NULL, out), 0);
	q[2] = 0x28; /* UPDATE */
	assert_int_equal(names_answer(q, sizeof(q), resolve, NULL, out), 12);
	assert_int_equal(out[3] & 15, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_no_data_and_no_name),
		cmocka_unit_test(test_edns),	  cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_long),	  cmocka_unit_test(test_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
