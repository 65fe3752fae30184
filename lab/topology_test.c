// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology_test.c - lab files that are right, and each mistake with its place. */
#include "lab/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lab/topology_values.h"

static const char good[] =
	"name: two\n"
	"topology:\n"
	"  nodes:\n"
	"    r1:\n"
	"      kind: skiff\n"
	"      addrs: [ e0 10.0.0.1/24, e1 10.0.1.1/24 brd + ]\n"
	"      routes: [ 10.9.0.0/16 via 10.0.1.2, default via 10.0.0.254 dev e0 ]\n"
	"      rules: [ from 10.0.0.0/24 table 100 ]\n"
	"      neigh: [ '10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0' ]\n"
	"      nexthops: [ id 7 via 10.0.1.2 dev e1 ]\n"
	"      sysctls: { net.ipv4.ip_forward: 1 }\n"
	"    h1:\n"
	"      addrs: { eth0: 10.0.0.2/24, lo: [ 10.5.5.5/32, 10.5.5.6/32 ] }\n"
	"      sysctls: [ net.ipv4.ip_forward=0, \"net.ipv4.conf.all.rp_filter = 1\" ]\n"
	"    h2:\n"
	"  links:\n"
	"    - endpoints: [ 'r1:e0', 'h1:eth0' ]\n"
	"      delay: 20ms\n"
	"      seed: 5\n"
	"      from: { 'h1:eth0': { delay: 1.5s, loss: 0.05%, rate: 10mbit } }\n"
	"    - endpoints: [ 'r1:e1', 'host:tap0' ]\n"
	"      mtu: 1400\n";

static void test_good(void **state)
{
	char why[LAB_WHY_MAX] = "";
	struct lab_topology *t =
		lab_topology_parse("lab.yml", good, strlen(good), why, sizeof(why));
	const struct lab_link *l;

	if (!t)
		fail_msg("%s", why);
	assert_string_equal(t->name, "two");
	assert_int_equal(t->n_nodes, 3);
	assert_int_equal(t->nodes[0].n_devs, 2);
	assert_string_equal(t->nodes[0].items[LAB_ADDRS].p[1].text,
			    "addr add  10.0.1.1/24 brd + dev e1");
	assert_string_equal(t->nodes[0].items[LAB_ROUTES].p[0].text,
			    "route add 10.9.0.0/16 via 10.0.1.2");
	assert_string_equal(t->nodes[1].items[LAB_ADDRS].p[2].text, "addr add 10.5.5.6/32 dev lo");
	assert_string_equal(t->nodes[1].items[LAB_SYSCTLS].p[1].text,
			    "net.ipv4.conf.all.rp_filter 1");
	assert_int_equal(t->n_links, 2);
	l = &t->links[0];
	assert_int_equal(l->end[0].impair.delay, 20000000);
	assert_int_equal(l->end[0].impair.loss, 0);
	assert_int_equal(l->end[0].impair.seed, 5);
	assert_int_equal(l->end[1].impair.delay, 1500000000);
	assert_int_equal(l->end[1].impair.loss, 500);
	assert_int_equal(l->end[1].impair.rate, 10000000);
	assert_int_equal(l->end[1].impair.seed, 6);
	assert_int_equal(t->links[1].end[1].node, -1);
	assert_string_equal(t->links[1].end[1].name, "tap0");
	assert_int_equal(t->links[1].mtu, 1400);
	lab_topology_free(t);
}

#define HEAD "topology:\n  nodes:\n    r1:\n"
#define LINK HEAD "    h1:\n  links:\n"

static const struct {
	const char *text, *why;
} bad[] = {
	/* 0 */
	{ "", "lab.yml:1:1: the file is empty" },
	{ "name: x\n", "lab.yml:1:1: there is no key \"topology\"" },
	{ "name: x\nname: y\n", "lab.yml:2:1: \"name\" stands here a second time" },
	{ "topologie: {}\n",
	  "lab.yml:1:1: unknown key \"topologie\"; a lab file has name, upstream and topology" },
	{ "topology: {nodes: {a: }, linx: []}\n",
	  "lab.yml:1:26: unknown key \"linx\"; a topology has nodes and links" },
	/* 5 */
	{ "topology: [a]\n", "lab.yml:1:11: topology must be a mapping (key: value)" },
	{ HEAD "      image: alpine\n",
	  "lab.yml:4:7: unknown key \"image\"; a node has kind, addrs, routes, rules, neigh, nexthops, sysctls, services, exec, run" },
	{ HEAD "      kind: linux\n",
	  "lab.yml:4:13: there is no kind \"linux\" of node: the only one is skiff" },
	{ HEAD "      addrs: [ lo 10.0.0.300/24 ]\n", "lab.yml:4:16: node r1, " },
	{ HEAD "      addrs: [ e7 10.0.0.3/24 ]\n", "lab.yml:4:16: node r1, " },
	/* 10 */
	{ HEAD "      addrs: [ 10.0.0.3/24 ]\n",
	  "lab.yml:4:16: \"10.0.0.3/24\": an address is written as \"DEVICE ADDRESS/LENGTH\"" },
	{ HEAD "      routes:\n      - 10.0.0.0/8 via nowhere\n", "lab.yml:5:9: node r1, " },
	{ HEAD "      routes: 10.0.0.0/8\n", "lab.yml:4:15: routes must be a list" },
	{ HEAD "      sysctls: [ a.b ]\n",
	  "lab.yml:4:18: \"a.b\": a setting is written as \"NAME=VALUE\"" },
	{ LINK "  - endpoints: [ 'r1:e0', 'h2:e0' ]\n",
	  "lab.yml:6:27: \"h2:e0\": there is no node \"h2\" under topology.nodes" },
	/* 15 */
	{ LINK "  - endpoints: [ 'r1:e0' ]\n",
	  "lab.yml:6:16: a link has two endpoints, here are 1" },
	{ LINK "  - endpoints: [ 'r1:e0', 'r1:e0' ]\n",
	  "lab.yml:6:27: \"r1:e0\" is linked a second time" },
	{ LINK "  - endpoints: [ 'r1:e0', 'h1' ]\n",
	  "lab.yml:6:27: \"h1\": an endpoint is written as NODE:DEVICE" },
	{ LINK "  - endpoints: [ 'host:a', 'host:b' ]\n",
	  "lab.yml:6:16: both ends are the host's: one end of a link must be a node" },
	{ LINK "  - endpoints: [ 'r1:lo', 'h1:e0' ]\n",
	  "lab.yml:6:18: lo is each node's loopback device; it can not be linked" },
	/* 20 */
	{ LINK "  - endpoints: [ 'r1:e0', 'h1:e0123456789abcdef' ]\n",
	  "lab.yml:6:27: \"e0123456789abcdef\" can not name a device: 1 to 15 characters, no slash, colon, blank" },
	{ LINK "  - delay: 20\n    endpoints: [ 'r1:e0', 'h1:e0' ]\n",
	  "lab.yml:6:12: delay: \"20\" is no time; write for instance 20ms or 1.5s" },
	{ LINK "  - loss: 101%\n",
	  "lab.yml:6:11: loss: \"101%\" is no share; write for instance 1% or 0.05%" },
	{ LINK "  - rate: 0mbit\n",
	  "lab.yml:6:11: rate: \"0mbit\" is no rate; write for instance 10mbit or 64kbit" },
	{ LINK "  - endpoints: [ 'r1:e0', 'h1:e0' ]\n    reorder: 5%\n",
	  "lab.yml:6:5: reorder needs a delay: a frame is reordered by skipping it" },
	/* 25 */
	{ LINK "  - endpoints: [ 'r1:e0', 'h1:e0' ]\n    from: { 'h1:e1': {loss: 1%} }\n",
	  "lab.yml:7:13: \"h1:e1\" is not an endpoint of this link; it has r1:e0 and h1:e0" },
	{ LINK "  - endpoints: [ 'r1:e0', 'h1:e0' ]\n    from: { 'h1:e0': {mtu: 1} }\n",
	  "lab.yml:7:23: unknown key \"mtu\"; a direction has delay, loss, rate, reorder, duplicate, corrupt, seed" },
	{ LINK "  - endpoints: [ 'r1:e0', 'h1:e0' ]\n    mtu: 60\n",
	  "lab.yml:7:10: mtu: \"60\" is no number from 68 to 65535" },
	{ LINK "  - {}\n", "lab.yml:6:5: the link has no endpoints" },
	{ "topology: {nodes: {'a b': }}\n",
	  "lab.yml:1:20: \"a b\" can not name a node: 1 to 63 characters, no colon, slash or blank" },
	/* 30 */
	{ "topology: {nodes: {host: }}\n",
	  "lab.yml:1:20: \"host\" can not name a node: it stands for the host's own namespace" },
	{ "topology:\n  - [\n", "lab.yml:3:1: not YAML: " },
	{ "topology:\n\tnodes:\n", "lab.yml:2:1: not YAML: " },
	{ HEAD "      run: [ 'echo a | wc' ]\n",
	  "lab.yml:4:14: | is a shell's: quote it, or write [ sh, -c, \"...\" ]" },
	{ HEAD "      exec: [ \"echo 'a\" ]\n", "lab.yml:4:15: a ' is not closed" },
	/* 35 */
	{ HEAD "      exec: [ { cmd: a } ]\n",
	  "lab.yml:4:15: a command is a line or a list of words" },
	{ HEAD "      run: [ { name: a } ]\n", "lab.yml:4:14: the program has no cmd" },
	{ HEAD "      run: [ { cmd: a, ready: { tcp: 0 } } ]\n",
	  "lab.yml:4:38: tcp: \"0\" is no port" },
	{ HEAD "      run: [ { cmd: a, ready: { log: '(' } } ]\n",
	  "lab.yml:4:38: log: \"(\" is no regular expression: " },
	{ HEAD "      run: [ { cmd: a, ready: { tcp: 1, udp: 1 } } ]\n",
	  "lab.yml:4:41: ready has one of tcp, udp, log and cmd" },
	/* 40 */
	{ HEAD "      run: [ { cmd: a, ready: { within: 1s } } ]\n",
	  "lab.yml:4:31: ready says nothing: tcp, udp, log or cmd" },
	{ HEAD "      run: [ { cmd: a, restart: maybe } ]\n",
	  "lab.yml:4:33: restart: \"maybe\"; it is no, on-failure or always" },
	{ HEAD "      run: [ { cmd: a, env: [ A ] } ]\n",
	  "lab.yml:4:31: \"A\": a variable is written as \"NAME=VALUE\"" },
	{ HEAD "      run: [ { cmd: a, image: b } ]\n",
	  "lab.yml:4:24: unknown key \"image\"; a program has cmd, name, env, cwd, restart, ready" },
	{ HEAD "      run: [ { cmd: a, name: x }, { cmd: b, name: x } ]\n",
	  "lab.yml:4:35: node r1 has two programs \"x\"" },
	{ "upstream: nobody\ntopology: {nodes: {a: }}\n",
	  "lab.yml:1:11: upstream: \"nobody\" is no node and no address" },
	/* 46 */
	{ HEAD "      run: [ '' ]\n", "lab.yml:4:14: no command" },
	{ HEAD "      ? [a]\n      : b\n", "lab.yml:4:9: a key is wanted here, not a list" },
};

static void test_bad(void **state)
{
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[LAB_WHY_MAX] = "";
		struct lab_topology *t = lab_topology_parse("lab.yml", bad[i].text,
							    strlen(bad[i].text), why, sizeof(why));

		if (t)
			fail_msg("%u: accepted", i);
		if (strncmp(why, bad[i].why, strlen(bad[i].why)))
			fail_msg("%u: \"%s\", wanted \"%s\"", i, why, bad[i].why);
		/* A sentence that is given whole is the whole sentence. */
		if (why[strlen(bad[i].why)] && bad[i].why[strlen(bad[i].why) - 1] != ' ')
			fail_msg("%u: \"%s\" goes on", i, why);
	}
}

static const char programs[] = HEAD
	"      exec: [ mkdir -p '/tmp/a b', [ sh, -c, 'echo $HOME' ] ]\n"
	"      run:\n"
	"      - nginx -g \"daemon \\\"off;\" x\\ y ''\n"
	"      - cmd: [ /usr/bin/redis-server ]\n"
	"        env: { A: 1, B: x y }\n"
	"        cwd: /srv\n"
	"        restart: on-failure\n"
	"        ready: { tcp: 6379, within: 5s }\n"
	"      - { cmd: redis-server, env: [ C=d=e ], ready: { log: '^ready' } }\n"
	"      - { cmd: a, restart: always, ready: { cmd: test -e /tmp/x } }\n";

static void test_programs(void **state)
{
	char why[LAB_WHY_MAX] = "";
	struct lab_topology *t =
		lab_topology_parse("lab.yml", programs, strlen(programs), why, sizeof(why));
	const struct lab_program *p;

	if (!t)
		fail_msg("%s", why);
	assert_int_equal(t->nodes[0].n_programs, 6);
	p = t->nodes[0].programs;
	assert_true(p[0].once && p[1].once && !p[2].once);
	assert_string_equal(p[0].argv[2], "/tmp/a b");
	assert_null(p[0].argv[3]);
	assert_string_equal(p[1].argv[2], "echo $HOME");
	assert_string_equal(p[2].name, "nginx");
	assert_string_equal(p[2].argv[2], "daemon \"off;");
	assert_string_equal(p[2].argv[3], "x y");
	assert_string_equal(p[2].argv[4], "");
	assert_null(p[2].argv[5]);
	assert_string_equal(p[3].name, "redis-server");
	assert_string_equal(p[3].env[1], "B=x y");
	assert_string_equal(p[3].cwd, "/srv");
	assert_int_equal(p[3].restart, LAB_RESTART_ON_FAILURE);
	assert_int_equal(p[3].ready, LAB_READY_TCP);
	assert_int_equal(p[3].ready_port, 6379);
	assert_int_equal(p[3].within, 5000000000);
	assert_string_equal(p[4].name, "redis-server-2");
	assert_string_equal(p[4].env[0], "C=d=e");
	assert_string_equal(p[4].ready_text, "^ready");
	assert_int_equal(p[5].ready, LAB_READY_CMD);
	assert_string_equal(p[5].ready_argv[2], "/tmp/x");
	lab_topology_free(t);
}

static void test_values(void **state)
{
	uint64_t v;
	uint32_t s;

	assert_true(lab_read_duration("0.1s", &v) && v == 100000000);
	assert_true(lab_read_duration("1ns", &v) && v == 1);
	assert_false(lab_read_duration("0.5ns", &v));
	assert_false(lab_read_duration("1.s", &v));
	assert_false(lab_read_duration("-1s", &v));
	assert_false(lab_read_duration("99999999999999999999s", &v));
	assert_true(lab_read_share("100%", &s) && s == 1000000);
	assert_true(lab_read_share("0.0001%", &s) && s == 1);
	assert_true(lab_read_share("0", &s) && s == 0);
	assert_false(lab_read_share("0.5", &s));
	assert_true(lab_read_rate("1.5mbit", &v) && v == 1500000);
	assert_false(lab_read_rate("1MB", &v));
	assert_false(lab_read_u64("1.0", &v));
}

static void test_read_file(void **state)
{
	char why[LAB_WHY_MAX];

	assert_null(lab_topology_read("/nonexistent/lab.yml", why, sizeof(why)));
	assert_string_equal(why, "/nonexistent/lab.yml: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	  cmocka_unit_test(test_bad),
		cmocka_unit_test(test_programs),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_read_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
