// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab_test.c - a lab in virtual time: what links do to frames, and the same again from the same file. */
#include "lab/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define MS 1000000ull

/* One router, a host behind a link that @what describes. */
static struct skiff_lab *start(const char *what)
{
	char path[64], why[SKIFF_LAB_WHY_MAX];
	struct skiff_lab *lab;
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/skiff-lab-test-%d.yml", (int)getpid());
	f = fopen(path, "w");
	fprintf(f,
		"topology:\n"
		"  nodes:\n"
		"    r1: { addrs: [ e0 10.0.0.1/24, e1 10.0.1.1/24 ], sysctls: { net.ipv4.ip_forward: 1 },\n"
		"          neigh: [ 10.0.1.2 lladdr 02:00:00:00:02:01 dev e1 ] }\n"
		"    h2: { addrs: [ e0 10.0.1.2/24 ], routes: [ default via 10.0.1.1 ],\n"
		"          neigh: [ 10.0.1.1 lladdr 02:00:00:00:01:02 dev e0 ] }\n"
		"  links:\n"
		"    - endpoints: [ 'r1:e0', 'host:x' ]\n"
		"    - endpoints: [ 'r1:e1', 'h2:e0' ]\n"
		"      from: { 'r1:e1': { %s } }\n",
		what);
	fclose(f);
	lab = skiff_lab_open(path, why, sizeof(why));
	unlink(path);
	if (!lab || skiff_lab_start(lab, false, why, sizeof(why)))
		fail_msg("%s", why);
	skiff_lab_advance(lab, 2000 * MS);
	return lab;
}

struct result {
	unsigned arrived;     /* at h2 */
	uint64_t first, last; /* ns after the first was sent */
	unsigned out_of_order, bad;
};

/* @n echo requests at r1, one each @gap ms; what h2 sees of them. */
static struct result send(const char *what, int n, unsigned gap)
{
	char *words = (char *)"e0 icmp 10.0.0.2 > 10.0.1.2";
	struct skiff_lab *lab = start(what);
	struct skiff_recorder *rec = skiff_recorder_start(skiff_lab_shard(lab));
	struct result res = { 0 };
	struct skiff_lab_packet *p;
	const struct skiff_journey *j;
	uint64_t began = skiff_lab_now(lab);
	unsigned before = 0, seq;
	char why[256];

	for (int i = 0; i < n; i++) {
		char line[80], *argv[1] = { line };

		snprintf(line, sizeof(line), "%s seq %d", words, i + 1);
		assert_int_equal(skiff_lab_packets(lab, 0, 1, argv, &p, why, sizeof(why)), 1);
		assert_int_equal(skiff_lab_inject(lab, 0, p), 0);
		skiff_lab_packets_free(p, 1);
		if (gap)
			skiff_lab_advance(lab, skiff_lab_now(lab) + gap * MS);
	}
	skiff_lab_advance(lab, skiff_lab_now(lab) + 1000 * MS);
	for (unsigned i = 0; (j = skiff_recorder_get(rec, i)) != NULL; i++) {
		if (strcmp(j->net, "h2") || j->len != 98)
			continue;
		res.first = res.arrived ? res.first : j->at_ns - began;
		res.last = j->at_ns - began;
		seq = ((const uint8_t *)j->frame)[40] << 8 | ((const uint8_t *)j->frame)[41];
		res.out_of_order += seq < before;
		before = seq;
		res.bad += j->fate == SKIFF_FATE_DROPPED;
		res.arrived++;
	}
	skiff_recorder_stop(rec);
	skiff_lab_close(lab);
	return res;
}

static void test_delay(void **state)
{
	struct result r = send("delay: 20ms", 10, 5);

	assert_int_equal(r.arrived, 10);
	assert_int_equal(r.first, 20 * MS);
	assert_int_equal(r.last, 65 * MS);
	assert_int_equal(r.out_of_order, 0);
}

/* 98 bytes at 98 kbit/s: 8 ms each. */
static void test_rate(void **state)
{
	struct result r = send("rate: 98kbit", 10, 0);

	assert_int_equal(r.arrived, 10);
	assert_int_equal(r.first, 8 * MS);
	assert_int_equal(r.last, 80 * MS);
}

static void test_loss_of_a_seed(void **state)
{
	struct result a = send("loss: 30%, seed: 11", 400, 1),
		      b = send("loss: 30%, seed: 11", 400, 1);
	struct result c = send("loss: 30%, seed: 12", 400, 1);

	assert_int_equal(a.arrived, b.arrived);
	assert_int_equal(a.last, b.last);
	assert_in_range(a.arrived, 240, 320);
	assert_true(a.arrived != c.arrived || a.last != c.last);
}

static void test_others(void **state)
{
	struct result r = send("duplicate: 100%", 20, 1);

	assert_int_equal(r.arrived, 40);
	r = send("delay: 50ms, reorder: 20%, seed: 3", 100, 1);
	assert_int_equal(r.arrived, 100);
	assert_in_range(r.out_of_order, 5, 40);
	r = send("corrupt: 100%", 50, 1);
	assert_in_range(r.bad, 20, 50);
}

/* More than a queue's worth at once: the rest is lost, and the lab goes on. */
static void test_full_queue(void **state)
{
	struct result r = send("rate: 100kbit", FLYING_MAX + 200, 0);

	assert_in_range(r.arrived, 100, FLYING_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay),	       cmocka_unit_test(test_rate),
		cmocka_unit_test(test_loss_of_a_seed), cmocka_unit_test(test_others),
		cmocka_unit_test(test_full_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
