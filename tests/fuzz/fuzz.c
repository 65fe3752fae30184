// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz.c - what the fuzz targets share: reading an input, and a device under test whose memory is counted. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/core/neigh_table.h"
#include "net/inet_frag.h"
#include "net/ip_fib.h"
#include "net/net_namespace.h"

/** fuzz_u8() - the next byte, 0 at the end */
uint8_t fuzz_u8(struct fuzz_in *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

/** fuzz_u16() - the next two bytes, little-endian */
uint16_t fuzz_u16(struct fuzz_in *in)
{
	uint16_t low = fuzz_u8(in);

	return (uint16_t)(low | fuzz_u8(in) << 8);
}

/** fuzz_bytes() - the next @len bytes, or as many as there are */
const uint8_t *fuzz_bytes(struct fuzz_in *in, size_t *len)
{
	const uint8_t *p = in->p;

	if (*len > in->left)
		*len = in->left;
	in->p += *len;
	in->left -= *len;
	return p;
}

/* ---- memory: how much the shard has, and the one allocation that fails ---- */

static long live;	 /* pieces */
static unsigned fail_in; /* 0: none fails */

static void *counting_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	(void)arg;
	if (fail_in && !--fail_in)
		return NULL;
	p = aligned_alloc(align, (size + align - 1) / align * align);
	if (!p)
		abort();
	memset(p, 0xa5, size); /* nobody may count on zeroes */
	live++;
	return p;
}

static void counting_free(void *arg, void *p)
{
	(void)arg;
	live--;
	free(p);
}

/** fuzz_dut_fail_alloc() - the @n-th allocation from now on fails, once; 0: none */
void fuzz_dut_fail_alloc(unsigned n)
{
	fail_in = n;
}

/* ---- the device under test ---- */

static void swallow(void *arg, unsigned wire, const void *frame, size_t len)
{
	volatile uint8_t sum = 0;
	size_t i;

	(void)arg;
	(void)wire;
	for (i = 0; i < len; i++) /* every byte that leaves must be there */
		sum = (uint8_t)(sum + ((const uint8_t *)frame)[i]);
}

/** fuzz_dut_start() - a shard with wires e0, e1, e2 named but not configured */
void fuzz_dut_start(struct dut *dut)
{
	unsigned i;

	memset(dut, 0, sizeof(*dut));
	live = 0;
	fail_in = 0;
	dut->alloc = counting_alloc;
	dut->free = counting_free;
	dut->send = swallow;
	dut->n_wires = FUZZ_WIRES;
	for (i = 0; i < FUZZ_WIRES; i++)
		snprintf(dut->wire[i].name, sizeof(dut->wire[i].name), "e%u", i);
	if (dut_start(dut))
		abort();
}

/** fuzz_dut_stop() - free it; whatever is left over is a leak */
void fuzz_dut_stop(struct dut *dut)
{
	fail_in = 0;
	dut_stop(dut);
	if (live) {
		fprintf(stderr, "fuzz: %ld pieces of memory are left\n", live);
		abort();
	}
}

static const char base[] =
	"{\"ifaces\":["
	"{\"name\":\"e0\",\"mac\":\"02:dd:00:00:00:00\",\"mtu\":1500,\"addrs\":["
	"{\"local\":\"10.0.0.1/24\",\"brd\":\"10.0.0.255\"},{\"local\":\"10.0.0.4/24\"}]},"
	"{\"name\":\"e1\",\"mac\":\"02:dd:00:00:00:01\",\"mtu\":576,\"addrs\":["
	"{\"local\":\"10.0.1.1/24\",\"brd\":\"10.0.1.255\"}]},"
	"{\"name\":\"e2\",\"mac\":\"02:dd:00:00:00:02\",\"mtu\":1500,\"addrs\":["
	"{\"local\":\"10.0.2.0/31\"},{\"local\":\"10.6.0.1\",\"peer\":\"10.6.0.2\"}]}],"
	"\"lo_addrs\":[{\"local\":\"10.99.99.1/32\"}],"
	"\"neigh\":[{\"dev\":\"e0\",\"dst\":\"10.0.0.2\",\"lladdr\":\"02:aa:00:00:00:02\"},"
	"{\"dev\":\"e0\",\"dst\":\"10.0.0.3\",\"lladdr\":\"02:aa:00:00:00:03\"},"
	"{\"dev\":\"e1\",\"dst\":\"10.0.1.2\",\"lladdr\":\"02:aa:00:00:01:02\"}],"
	"\"proxy_neigh\":[{\"dst\":\"10.0.0.50\",\"dev\":\"e0\"}],"
	"\"nexthops\":[{\"id\":1,\"args\":[\"via\",\"10.0.0.2\",\"dev\",\"e0\"]},"
	"{\"id\":2,\"args\":[\"via\",\"10.0.1.2\",\"dev\",\"e1\"]},"
	"{\"id\":3,\"args\":[\"blackhole\"]},{\"id\":10,\"args\":[\"group\",\"1,2/2\"]}],"
	"\"routes\":[{\"dst\":\"10.9.0.0/16\",\"via\":\"10.0.1.2\",\"dev\":\"e1\"},"
	"{\"dst\":\"10.8.0.0/16\",\"via\":\"10.0.0.3\"},"
	"{\"dst\":\"10.7.0.0/16\",\"nexthops\":[{\"via\":\"10.0.0.2\",\"dev\":\"e0\"},{\"via\":\"10.0.1.2\",\"dev\":\"e1\"}]},"
	"{\"dst\":\"10.4.0.0/16\",\"type\":\"unreachable\"},{\"dst\":\"10.3.0.0/16\",\"via\":\"10.0.2.1\",\"mtu\":600},"
	"{\"dst\":\"10.2.0.0/16\",\"nhid\":10},{\"dst\":\"10.1.0.0/16\",\"nhid\":3},"
	"{\"dst\":\"10.12.0.0/16\",\"via\":\"10.0.1.2\",\"tos\":\"0x10\"}],"
	"\"sysctl\":[[\"net.ipv4.ip_forward\",\"1\"],[\"net.ipv4.icmp_ratemask\",\"0\"]]}";

/* A second namespace behind a veth; it and the first send each other 10.55.0.0/16 in a circle. */
static const char *const far_lines[] = {
	"link set lo up",
	"link set v1 up",
	"addr add 10.5.0.2/24 dev v1",
	"addr add 10.5.1.1/32 dev lo",
	"route add default via 10.5.0.1",
};
static const char *const near_lines[] = {
	"link set v0 up",
	"addr add 10.5.0.1/24 dev v0",
	"route add 10.5.1.0/24 via 10.5.0.2",
	"route add 10.55.0.0/16 via 10.5.0.2",
};

/* Settings that open more code; bit n of the variant is number n. */
static const char *const extra[] = {
	"net.ipv4.conf.all.rp_filter",		"net.ipv4.conf.all.accept_source_route",
	"net.ipv4.conf.e0.proxy_arp",		"net.ipv4.conf.all.bc_forwarding",
	"net.ipv4.icmp_echo_enable_probe",	"net.ipv4.conf.all.arp_accept",
	"net.ipv4.icmp_echo_ignore_broadcasts", "net.ipv4.conf.e0.route_localnet",
	"net.ipv4.fib_multipath_hash_policy",	"net.ipv4.conf.all.accept_redirects",
	"net.ipv4.conf.e0.bc_forwarding",	"net.ipv4.ip_forward_use_pmtu",
	"net.ipv4.conf.all.log_martians",	"net.ipv4.fib_multipath_use_neigh",
	"net.ipv4.conf.all.accept_local",
};

static void lines(struct dut *dut, struct skiff_net *net, const char *const *line, size_t n)
{
	struct skiff_net *own = dut->net;

	dut->net = net;
	for (; n--; line++) {
		if (dut_try(dut, *line)) {
			fprintf(stderr, "fuzz: %s\n", dut->why);
			abort();
		}
	}
	dut->net = own;
}

/** fuzz_dut_configure() - a router with a bit of everything */
void fuzz_dut_configure(struct dut *dut)
{
	static json_t *cfg;
	struct skiff_net *far_net = skiff_net_create(dut->skiff, "far");

	if (!cfg)
		cfg = json_loads(base, 0, NULL);
	if (!cfg || !far_net || dut_config(dut, cfg) ||
	    skiff_veth_create(dut->net, "v0", NULL, far_net, "v1", NULL) ||
	    skiff_dummy_create(dut->net, "dummy0")) {
		fprintf(stderr, "fuzz: %s\n", dut->why);
		abort();
	}
	skiff_sysctl_set(far_net, "net.ipv4.ip_forward", "1");
	lines(dut, far_net, far_lines, sizeof(far_lines) / sizeof(far_lines[0]));
	lines(dut, dut->net, near_lines, sizeof(near_lines) / sizeof(near_lines[0]));
}

/** fuzz_dut_settings() - turn settings on and off; bit 15 makes policy rules */
void fuzz_dut_settings(struct dut *dut, unsigned variant)
{
	unsigned i;

	for (i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		if (variant & 1u << i && skiff_sysctl_set(dut->net, extra[i], "1"))
			abort();
	for (i = 0; i < FUZZ_WIRES; i++) {
		char key[60];

		snprintf(key, sizeof(key), "net.ipv4.conf.e%u.accept_source_route", i);
		skiff_sysctl_set(dut->net, key, variant & 2 ? "1" : "0");
	}
	if (variant & 0x8000) {
		dut_try(dut, "rule add from 10.0.0.3 lookup 100 pref 100");
		dut_try(dut, "rule add to 10.9.1.0/24 ipproto udp dport 1-200 prohibit pref 101");
	}
}

/* ---- what must hold whatever came in ---- */

#define CHECK(what) ((what) ? (void)0 : failed(#what))

static void failed(const char *what)
{
	fprintf(stderr, "fuzz: not so: %s\n", what);
	abort();
}

static void check_neighbour(const struct neigh_table *tbl, const struct neighbour *n)
{
	CHECK(!n->dead && n->refcnt && n->tbl == tbl);
	/* One that a message made INCOMPLETE waits for nothing, and stays so: the kernel has it like that. */
	CHECK(!timer_pending(&n->timer) || n->nud_state & NUD_IN_TIMER);
	CHECK(timer_pending(&n->timer) || !(n->nud_state & NUD_IN_TIMER) ||
	      n->nud_state == NUD_INCOMPLETE);
	CHECK(n->nud_state == NUD_INCOMPLETE || !n->arp_queue_len_bytes);
	CHECK(n->dev->reg_state == NETREG_REGISTERED);
}

static void check_neighbours(const struct net *net)
{
	const struct neigh_table *tbl = net->arp_tbl;
	const struct list_head *l;
	struct neighbour *n;
	unsigned all = 0, gc = 0;

	list_for_each_entry(n, &tbl->all, list) {
		all++;
		check_neighbour(tbl, n);
	}
	for (l = tbl->gc_list.next; l != &tbl->gc_list; l = l->next)
		gc++;
	CHECK(all == tbl->entries && gc == tbl->gc_entries);
}

static void check_devices(struct net *net)
{
	struct net_device *dev;

	for_each_netdev(net, dev) {
		CHECK(dev->reg_state == NETREG_REGISTERED && dev->net == net);
		CHECK(dev_get_by_index(net, dev->ifindex) == dev);
		CHECK(dev_get_by_name(net, dev->name) == dev);
	}
}

static void check_fragments(const struct net *net)
{
	const struct fqdir *f = net->ipv4.fqdir;
	const struct inet_frag_queue *q;
	unsigned i, n = 0;

	for (i = 0; i < FRAG_HASH_SIZE; i++)
		hlist_for_each_entry(q, &f->hash[i], hash)
			n++;
	CHECK(n == f->nqueues && (n || !f->mem));
}

/** fuzz_dut_check() - walk what the shard has, between two turns */
void fuzz_dut_check(struct dut *dut)
{
	struct net *net;

	list_for_each_entry(net, &((struct skiff *)dut->skiff)->nets, list) {
		check_devices(net);
		check_neighbours(net);
		check_fragments(net);
		fib_trie_check(net);
	}
}
