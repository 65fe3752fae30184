// SPDX-License-Identifier: BSD-2-Clause
/* tests/explain/recorder_test.c - journeys of a small router: two wires, every report filed where it belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lab/ipwords.h"
#include "lab/packet_text.h"
#include "skiff/explain.h"

#define MS 1000000ull

struct router {
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *e0, *e1;
	struct skiff_recorder *rec;
	uint64_t now;
};

static long fail_after = -1, allocated;

static void *test_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	if (fail_after == 0)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	p = aligned_alloc(align, (size + align - 1) / align * align);
	allocated += p != NULL;
	return p;
}

static void test_free_(void *arg, void *p)
{
	allocated -= p != NULL;
	free(p);
}

static void on_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
}

static int ifindex(void *arg, const char *name)
{
	return skiff_dev_ifindex(skiff_dev_find(arg, name));
}

static void tell(struct router *r, const char *line)
{
	const struct ipwords_env env = { ifindex, r->net };
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	char why[256] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n < 0 || skiff_netlink(r->net, msg, (size_t)n, NULL, NULL))
		fail_msg("%s: %s", line, why);
}

static void run(struct router *r, uint64_t ms)
{
	for (uint64_t end = r->now + ms * MS; r->now < end; r->now += MS) {
		while (skiff_turn(r->skiff, r->now))
			;
	}
}

static struct router start(void)
{
	static const struct skiff_wire_ops ops = { on_xmit };
	static const uint8_t mac0[6] = { 2, 0, 0, 0, 0, 1 }, mac1[6] = { 2, 0, 0, 0, 0, 2 };
	const struct skiff_env env = { .alloc = test_alloc, .free = test_free_ };
	struct router r = { .skiff = skiff_create(&env) };

	r.net = skiff_net_create(r.skiff, "r1");
	r.e0 = skiff_wire_create(r.net, "e0", mac0, &ops, NULL);
	r.e1 = skiff_wire_create(r.net, "e1", mac1, &ops, NULL);
	skiff_sysctl_set(r.net, "net.ipv4.ip_forward", "1");
	tell(&r, "link set e0 up");
	tell(&r, "link set e1 up");
	tell(&r, "addr add 10.0.0.1/24 dev e0");
	tell(&r, "addr add 10.0.1.1/24 dev e1");
	tell(&r, "neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
	run(&r, 100);
	r.rec = skiff_recorder_start(r.skiff);
	return r;
}

static void end(struct router *r)
{
	skiff_recorder_stop(r->rec);
	skiff_destroy(r->skiff);
}

/* A packet in words arrives at e0 (or e1), now. */
static void arrive(struct router *r, struct skiff_dev *dev, const char *line)
{
	const struct packet_macs macs = { { 2, 0, 0, 0, 0, dev == r->e0 ? 1 : 2 },
					  { 2, 0xaa, 0, 0, 0, 2 } };
	static uint8_t frame[PACKET_FRAME_MAX];
	const char *word[32];
	char copy[256], why[256], *s, *save;
	unsigned n = 0;
	size_t len;

	snprintf(copy, sizeof(copy), "%s", line);
	for (s = strtok_r(copy, " ", &save); s; s = strtok_r(NULL, " ", &save))
		word[n++] = s;
	if (packet_text(n, word, &macs, frame, &len, why, sizeof(why)))
		fail_msg("%s", why);
	skiff_wire_rx(dev, frame, len);
	while (skiff_turn(r->skiff, r->now))
		;
}

static const struct skiff_step *find(const struct skiff_journey *j, enum skiff_step_kind kind,
				     const char *text)
{
	for (unsigned i = 0; i < j->n_steps; i++) {
		const struct skiff_step *s = &j->steps[i];

		if (s->kind == kind && (!text || (s->name && !strcmp(s->name, text)) ||
					(s->text && strstr(s->text, text))))
			return s;
	}
	return NULL;
}

static unsigned count(const struct skiff_journey *j, enum skiff_step_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < j->n_steps; i++)
		n += j->steps[i].kind == kind;
	return n;
}

/* Waits for its next hop; the answer's frame sends it on: both journeys tell, each with the other's id. */
static void test_waits_then_leaves(void **state)
{
	struct router r = start();
	const struct skiff_journey *j, *arp;
	const struct skiff_step *s;

	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.1.2");
	j = skiff_recorder_get(r.rec, 0);
	assert_int_equal(skiff_recorder_count(r.rec), 1);
	assert_int_equal(j->fate, SKIFF_FATE_QUEUED);
	assert_int_equal(find(j, SKIFF_STEP_OUT, NULL)->depth, 1);
	run(&r, 10);
	arrive(&r, r.e1, "arp reply 10.0.1.2 is-at 02:bb:00:00:00:01 tell 10.0.1.1");
	j = skiff_recorder_get(r.rec, 0);
	arp = skiff_recorder_get(r.rec, 1);
	assert_int_equal(j->fate, SKIFF_FATE_FORWARDED);
	assert_string_equal(j->out_dev, "e1");
	s = &j->steps[j->n_steps - 1];
	assert_int_equal(s->kind, SKIFF_STEP_OUT);
	assert_true(s->later);
	assert_int_equal(s->by, arp->id);
	assert_int_equal(s->depth, 0);
	assert_int_equal(s->at_ns - j->at_ns, 10 * MS);
	assert_int_equal(arp->fate, SKIFF_FATE_DELIVERED);
	s = find(arp, SKIFF_STEP_OUT, NULL);
	assert_int_equal(s->of, j->id);
	assert_int_equal(s->by, 0);
	end(&r);
}

/* Nobody answers: three requests by timer, then the drop and the ICMP error, all in the packet's own journey. */
static void test_timer_belongs_to_its_packet(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;
	const struct skiff_step *s;

	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.1.9");
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.0.1");
	run(&r, 3500);
	j = skiff_recorder_get(r.rec, 0);
	assert_int_equal(j->fate, SKIFF_FATE_DROPPED);
	assert_string_equal(j->drop_reason, "NEIGH_FAILED");
	assert_int_equal(count(j, SKIFF_STEP_OUT), 4);
	s = find(j, SKIFF_STEP_DROP, NULL);
	assert_true(s->later);
	assert_int_equal(s->by, 0);
	s = find(j, SKIFF_STEP_COUNTER, "Icmp.OutDestUnreachs");
	assert_int_equal(s->value, 1);
	/* The other journey got none of it. */
	j = skiff_recorder_get(r.rec, 1);
	assert_int_equal(j->fate, SKIFF_FATE_DELIVERED);
	assert_int_equal(count(j, SKIFF_STEP_DROP), 0);
	assert_false(j->steps[j->n_steps - 1].later);
	end(&r);
}

static void test_reassembly(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;

	arrive(&r, r.e0, "udp 10.0.0.2:5 > 10.0.0.1:9 frag 0+ len 44 id 7");
	assert_int_equal(skiff_recorder_get(r.rec, 0)->fate, SKIFF_FATE_QUEUED);
	arrive(&r, r.e0, "udp 10.0.0.2 > 10.0.0.1 frag 24 len 40 id 7");
	j = skiff_recorder_get(r.rec, 1);
	assert_non_null(find(j, SKIFF_STEP_FN, "inet_frag_reasm_finish"));
	assert_non_null(find(j, SKIFF_STEP_FN, "ip_local_deliver_finish"));
	assert_int_equal(find(j, SKIFF_STEP_FN, "ip_local_deliver_finish")->depth, 0);
	assert_int_equal(j->fate, SKIFF_FATE_DROPPED);
	end(&r);
}

/* Fragments are caused packets, and the packet left when they did, even where an address had to be found first. */
static void test_fragments(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;
	unsigned fragments = 0;

	arrive(&r, r.e0, "udp 10.0.0.2 > 10.0.1.2 len 4000");
	arrive(&r, r.e1, "arp reply 10.0.1.2 is-at 02:bb:00:00:00:01 tell 10.0.1.1");
	j = skiff_recorder_get(r.rec, 0);
	for (unsigned i = 0; i < j->n_steps; i++) {
		if (j->steps[i].kind == SKIFF_STEP_OUT && j->steps[i].len > 42) {
			assert_int_equal(j->steps[i].depth, 1);
			fragments++;
		}
	}
	assert_int_equal(fragments, 3);
	assert_int_equal(j->fate, SKIFF_FATE_FORWARDED);
	end(&r);
}

static void test_setting_and_counters(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;
	char text[256];

	skiff_sysctl_set(r.net, "net.ipv4.conf.e0.rp_filter", "1");
	arrive(&r, r.e0, "icmp 10.0.1.7 > 10.0.1.2");
	j = skiff_recorder_get(r.rec, 0);
	assert_string_equal(j->setting, "net.ipv4.conf.e0.rp_filter=1");
	assert_string_equal(j->drop_fn, "ip_rcv_finish_core");
	assert_int_equal(find(j, SKIFF_STEP_COUNTER, "Ip.InReceives")->value, 1);
	assert_int_equal(find(j, SKIFF_STEP_COUNTER, "IpExt.InOctets")->value, 84);
	assert_int_equal(find(j, SKIFF_STEP_COUNTER, "TcpExt.IPReversePathFilter")->value, 1);
	skiff_journey_sentence(j, text, sizeof(text));
	assert_non_null(strstr(text, "(net.ipv4.conf.e0.rp_filter=1)"));
	end(&r);
}

/* ip's words for rules: the rule that led to a table, the rule that refuses, the route that refuses. */
static void test_rules(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;

	tell(&r, "rule add from 10.0.0.64/26 prohibit pref 40");
	tell(&r, "rule add from 10.0.0.0/24 lookup 100 pref 50");
	tell(&r, "route add 10.9.0.0/16 via 10.0.1.2 table 100");
	tell(&r, "route add blackhole 10.8.0.0/16 table 100");
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.9.0.1");
	j = skiff_recorder_get(r.rec, 0);
	assert_non_null(find(j, SKIFF_STEP_ROUTE,
			     "10.9.0.1 -> 10.9.0.0/16 via 10.0.1.2 dev e1 table 100 rule 50"));
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.8.0.1");
	j = skiff_recorder_get(r.rec, 1);
	assert_string_equal(j->setting, "10.8.0.1 -> blackhole 10.8.0.0/16 table 100 rule 50");
	arrive(&r, r.e0, "icmp 10.0.0.65 > 10.8.0.1");
	j = skiff_recorder_get(r.rec, 2);
	assert_string_equal(j->setting, "10.8.0.1 -> prohibited by rule 40");
	end(&r);
}

static void test_start_stop(void **state)
{
	struct router r = start();

	assert_null(skiff_recorder_start(r.skiff));
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.1.9");
	skiff_recorder_clear(r.rec);
	assert_int_equal(skiff_recorder_count(r.rec), 0);
	assert_null(skiff_recorder_get(r.rec, 0));
	/* What becomes of a forgotten packet is nobody's journey. */
	run(&r, 4000);
	assert_int_equal(skiff_recorder_count(r.rec), 0);
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.0.1");
	assert_int_equal(skiff_recorder_get(r.rec, 0)->id, 2);
	skiff_recorder_stop(r.rec);
	arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.0.1");
	r.rec = skiff_recorder_start(r.skiff);
	assert_int_equal(skiff_recorder_count(r.rec), 0);
	end(&r);
}

/* Printers say how long the text would be, and never write beyond the buffer. */
static void test_small_buffers(void **state)
{
	struct router r = start();
	const struct skiff_journey *j;
	char whole[16384], part[16384];
	size_t n;

	arrive(&r, r.e0, "udp 10.0.0.2 > 10.0.0.1 ttl 3");
	j = skiff_recorder_get(r.rec, 0);
	n = skiff_journey_json(j, whole, sizeof(whole));
	assert_int_equal(n, strlen(whole));
	for (size_t size = 0; size < n; size += 37) {
		memset(part, '#', sizeof(part));
		assert_int_equal(skiff_journey_json(j, part, size), n);
		assert_int_equal(part[size], '#');
		if (size) {
			assert_int_equal(part[size - 1], 0);
			assert_memory_equal(part, whole, size - 1);
		}
	}
	assert_int_equal(skiff_journey_text(j, NULL, 0),
			 skiff_journey_text(j, whole, sizeof(whole)));
	end(&r);
}

/* Each allocation of a recorded echo fails once: the stack goes on, and nothing is lost but steps. */
static void test_out_of_memory(void **state)
{
	for (long n = 0; n < 60; n++) {
		struct router r = start();

		fail_after = n;
		arrive(&r, r.e0, "icmp 10.0.0.2 > 10.0.0.1");
		fail_after = -1;
		for (unsigned i = 0; i < skiff_recorder_count(r.rec); i++) {
			char text[8192];

			skiff_journey_text(skiff_recorder_get(r.rec, i), text, sizeof(text));
		}
		end(&r);
		assert_int_equal(allocated, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_then_leaves),
		cmocka_unit_test(test_timer_belongs_to_its_packet),
		cmocka_unit_test(test_reassembly),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_setting_and_counters),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_start_stop),
		cmocka_unit_test(test_small_buffers),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
