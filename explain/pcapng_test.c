// SPDX-License-Identifier: BSD-2-Clause
/* explain/pcapng_test.c - the blocks of a capture with reasons, byte by byte where it matters. */
#include "skiff/explain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct sink {
	uint8_t b[8192];
	size_t n;
	int err;
};

static int take(void *arg, const void *bytes, size_t len)
{
	struct sink *s = arg;

	if (s->err)
		return s->err;
	memcpy(s->b + s->n, bytes, len);
	s->n += len;
	return 0;
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* The block at @at; its length stands at both ends and is a multiple of 4. */
static size_t block(const struct sink *s, size_t at, uint32_t type)
{
	uint32_t len = u32(s->b + at + 4);

	assert_int_equal(u32(s->b + at), type);
	assert_int_equal(len % 4, 0);
	assert_in_range(at + len, at + 12, s->n);
	assert_int_equal(u32(s->b + at + len - 4), len);
	return at + len;
}

static void test_blocks(void **state)
{
	static const uint8_t frame[15] = { 2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 2, 1, 8, 0, 0x45 };
	struct skiff_pcapng p;
	struct sink s = { .n = 0 };
	size_t at, idb, epb;
	uint64_t ts;

	assert_int_equal(skiff_pcapng_begin(&p, take, &s, 1000000000), 0);
	assert_int_equal(u32(s.b + 8), 0x1a2b3c4d);
	idb = block(&s, 0, 0x0a0d0d0a);
	assert_int_equal(idb, s.n);
	assert_int_equal(skiff_pcapng_frame(&p, "r1", "e0", false, 5, frame, sizeof(frame), "why"),
			 0);
	epb = block(&s, idb, 1);
	assert_int_equal(u32(s.b + idb + 8), 1); /* Ethernet */
	assert_memory_equal(s.b + idb + 20, "r1:e0\0\0\0", 8);
	at = block(&s, epb, 6);
	assert_int_equal(u32(s.b + epb + 8), 0); /* interface */
	ts = (uint64_t)u32(s.b + epb + 12) << 32 | u32(s.b + epb + 16);
	assert_int_equal(ts, 1000000005);
	assert_int_equal(u32(s.b + epb + 20), sizeof(frame));
	assert_memory_equal(s.b + epb + 28, frame, sizeof(frame));
	assert_memory_equal(s.b + epb + 28 + 16, "\2\0\4\0\1\0\0\0\1\0\3\0why\0\0\0\0\0", 20);
	assert_int_equal(at, s.n);
	/* The interface is described once. */
	assert_int_equal(skiff_pcapng_frame(&p, "r1", "e0", true, 6, frame, 14, NULL), 0);
	assert_int_equal(block(&s, at, 6), s.n);
}

static void test_journey(void **state)
{
	static const uint8_t frame[14] = { 0 };
	const struct skiff_step steps[] = {
		{ .kind = SKIFF_STEP_IN, .net = "r1", .dev = "e0" },
		{ .kind = SKIFF_STEP_OUT, .net = "r1", .dev = "e1", .frame = frame, .len = 14 },
		{ .kind = SKIFF_STEP_OUT,
		  .net = "r1",
		  .dev = "e0",
		  .frame = frame,
		  .len = 14,
		  .depth = 1 },
		{ .kind = SKIFF_STEP_OUT,
		  .net = "r1",
		  .dev = "e0",
		  .frame = frame,
		  .len = 14,
		  .of = 7 },
	};
	const struct skiff_journey j = { .id = 3,
					 .fate = SKIFF_FATE_DROPPED,
					 .net = "r1",
					 .dev = "e0",
					 .frame = frame,
					 .len = 14,
					 .steps = steps,
					 .n_steps = 4,
					 .drop_reason = "IP_RPFILTER",
					 .drop_sentence = "no way back",
					 .drop_fn = "ip_rcv_finish_core",
					 .setting = "net.ipv4.conf.e0.rp_filter=1" };
	static const char why[] = "dropped in ip_rcv_finish_core: IP_RPFILTER, no way back "
				  "(net.ipv4.conf.e0.rp_filter=1)";
	struct skiff_pcapng p;
	struct sink s = { .n = 0 };
	unsigned frames = 0;
	size_t at;

	skiff_pcapng_begin(&p, take, &s, 0);
	assert_int_equal(skiff_pcapng_journey(&p, &j), 0);
	assert_non_null(memmem(s.b, s.n, why, sizeof(why) - 1));
	for (at = 0; at < s.n; at = block(&s, at, u32(s.b + at)))
		frames += u32(s.b + at) == 6;
	assert_int_equal(frames, 3);
}

static void test_errors(void **state)
{
	struct skiff_pcapng p;
	struct sink s = { .err = -EIO };
	char dev[16];

	assert_int_equal(skiff_pcapng_begin(&p, take, &s, 0), -EIO);
	s.err = 0;
	for (unsigned i = 0; i < SKIFF_PCAPNG_DEVS; i++) {
		snprintf(dev, sizeof(dev), "e%u", i);
		s.n = 0;
		assert_int_equal(skiff_pcapng_frame(&p, "r1", dev, false, 0, "", 0, NULL), 0);
	}
	assert_int_equal(skiff_pcapng_frame(&p, "r1", "x", false, 0, "", 0, NULL), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_journey),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
