// SPDX-License-Identifier: BSD-2-Clause
/* tests/drivers/pcap_test.c - a file of frames in, a file of frames out: in the file's rhythm, byte for byte. */
#include "skiff/tap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "lab/ipwords.h"

#define MS 1000000ull

/* An ARP request for 10.0.0.1 from 10.0.0.2. */
static const uint8_t request[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,	 2, 8, 6,
				     0,	   1,	 8,    0,    6,	   4,	 0, 1, 2, 0, 0,	 0, 0, 2,
				     10,   0,	 0,    2,    0,	   0,	 0, 0, 0, 0, 10, 0, 0, 1 };

static int ifindex(void *arg, const char *name)
{
	return skiff_dev_ifindex(skiff_dev_find(arg, name));
}

static void tell(struct skiff_net *net, const char *line)
{
	const struct ipwords_env env = { ifindex, net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[256];
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	assert_true(n > 0 && !skiff_netlink(net, msg, (size_t)n, NULL, NULL));
}

static char *file_name(const char *what)
{
	static char name[2][64];
	char *p = name[*what == 'o'];

	snprintf(p, sizeof(name[0]), "/tmp/skiff-pcap-test-%d-%s", (int)getpid(), what);
	return p;
}

static void write_input(const char *path)
{
	int err;
	struct skiff_capture *c = skiff_capture_write(path, &err);

	assert_non_null(c);
	skiff_capture_put(c, 5000 * MS, request, sizeof(request));
	skiff_capture_put(c, 5250 * MS, request, sizeof(request));
	skiff_capture_put(c, 4000 * MS, request, 10); /* cut short, and the clock runs back */
	skiff_capture_close(c);
}

static void test_in_and_out(void **state)
{
	const struct skiff_env env = { .wall_ns = 1700000000ull * 1000 * MS };
	struct skiff *skiff = skiff_create(&env);
	struct skiff_net *net = skiff_net_create(skiff, "n");
	char *in = file_name("in"), *out = file_name("out");
	const uint64_t at[] = { 100, 350 };
	const void *frame;
	uint64_t now, ns;
	unsigned n = 0;
	size_t len;
	int err;

	write_input(in);
	assert_non_null(skiff_pcap_create(net, "p0", NULL, in, out, &err));
	tell(net, "addr add 10.0.0.1/24 dev p0");
	for (now = 0; now < 1000 * MS; now += MS) {
		if (now == 100 * MS)
			tell(net, "link set p0 up");
		while (skiff_turn(skiff, now))
			;
	}
	skiff_destroy(skiff);

	struct skiff_capture *c = skiff_capture_read(out, &err);

	assert_non_null(c);
	while (skiff_capture_next(c, &ns, &frame, &len) == 1) {
		const uint8_t *p = frame;

		if (p[12] != 8 || p[13] != 6 || p[21] != 2)
			continue; /* what the node says about itself */
		assert_true(n < 2);
		assert_int_equal(ns, env.wall_ns + at[n] * MS);
		assert_memory_equal(p + 38, request + 28, 4);
		n++;
	}
	assert_int_equal(n, 2);
	skiff_capture_close(c);
	unlink(in);
	unlink(out);
}

static void test_bad_files(void **state)
{
	const struct skiff_env env = { 0 };
	struct skiff *skiff = skiff_create(&env);
	struct skiff_net *net = skiff_net_create(skiff, "n");
	char *in = file_name("in");
	FILE *f = fopen(in, "w");
	int err = 0;

	fputs("no capture", f);
	fclose(f);
	assert_null(skiff_pcap_create(net, "p0", NULL, in, NULL, &err));
	assert_int_equal(err, -EINVAL);
	assert_null(skiff_pcap_create(net, "p0", NULL, "/nonexistent/x", NULL, &err));
	assert_int_equal(err, -ENOENT);
	assert_null(skiff_pcap_create(net, "p0", NULL, NULL, "/nonexistent/x", &err));
	assert_int_equal(err, -ENOENT);
	assert_non_null(skiff_pcap_create(net, "p0", NULL, NULL, NULL, &err));
	assert_null(skiff_pcap_create(net, "p0", NULL, NULL, NULL, &err));
	assert_int_equal(err, -EEXIST);
	skiff_destroy(skiff);
	unlink(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_and_out),
		cmocka_unit_test(test_bad_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
