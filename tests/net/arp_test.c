// SPDX-License-Identifier: BSD-2-Clause
/* tests/net/arp_test.c - ARP of a whole node: what its devices' events do, who is answered, in virtual time.
 *
 * A node r with two wires, e0 10.0.0.1/24 and e1 10.0.1.1/24. What needs only frames is in the golden scenarios; here
 * is what happens to devices and settings in between, and tables of settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "lab/ipwords.h"
#include "net/arp.h"
#include "net/netfilter.h"
#include "net/route.h"
#include "net/rtnetlink.h"

#define FRAMES_MAX     64
#define IP(a, b, c, d) htonl((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))

static const u8 mac_r[2][6] = { { 2, 0xdd, 0, 0, 0, 0 }, { 2, 0xdd, 0, 0, 0, 1 } };
static const u8 mac_h[6] = { 2, 0xaa, 0, 0, 0, 2 };
static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

struct arp_frame {
	struct ethhdr eth;
	struct arphdr arp;
	u8 sha[6];
	__be32 sip;
	u8 tha[6];
	__be32 tip;
} __attribute__((packed));

static struct {
	struct skiff *skiff;
	struct skiff_net *r;
	struct skiff_dev *dev[2];
	struct {
		unsigned dev, len;
		u64 at; /* ms */
		union {
			u8 bytes[128];
			struct arp_frame arp;
		};
	} out[FRAMES_MAX];
	unsigned n_out;
} t;

static void on_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	assert_true(t.n_out < FRAMES_MAX);
	t.out[t.n_out].dev = dev == t.dev[1];
	t.out[t.n_out].len = (unsigned)len;
	t.out[t.n_out].at = t.skiff->jiffies;
	memcpy(t.out[t.n_out].bytes, frame, len < 128 ? len : 128);
	t.n_out++;
}

static const struct skiff_wire_ops wire_ops = { on_xmit };

static int ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(t.r, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

/* One line in the words of ip. */
static int ip(const char *line)
{
	struct ipwords_env env = { ifindex, NULL };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n < 0)
		fail_msg("%s: %s", line, why);
	return skiff_netlink(t.r, msg, (size_t)n, NULL, NULL);
}

static void ok(const char *line)
{
	int err = ip(line);

	if (err)
		fail_msg("%s: %d", line, err);
}

static void set(const char *key, const char *value)
{
	char full[100];
	int err;

	snprintf(full, sizeof(full), "net.ipv4.%s", key);
	err = skiff_sysctl_set(t.r, full, value);
	if (err)
		fail_msg("%s = %s: %d", full, value, err);
}

static void advance(u64 ms)
{
	u64 end = t.skiff->now + ms * 1000000, next;

	while ((next = skiff_next(t.skiff)) <= end)
		skiff_turn(t.skiff, next > t.skiff->now ? next : t.skiff->now);
	skiff_turn(t.skiff, end);
}

static struct net *net_of(void)
{
	return net_find(t.skiff, "r");
}

static struct net_device *dev_of(unsigned i)
{
	return dev_get_by_name(net_of(), i ? "e1" : "e0");
}

static struct neighbour *neigh_of(__be32 addr)
{
	return neigh_lookup(net_of()->arp_tbl, addr, dev_of(0));
}

static int setup(void **state)
{
	struct skiff_env env = { .seed = { 1 } };

	memset(&t, 0, sizeof(t));
	t.skiff = skiff_create(&env);
	t.r = skiff_net_create(t.skiff, "r");
	t.dev[0] = skiff_wire_create(t.r, "e0", mac_r[0], &wire_ops, NULL);
	t.dev[1] = skiff_wire_create(t.r, "e1", mac_r[1], &wire_ops, NULL);
	ok("link set lo up");
	ok("link set e0 up");
	ok("link set e1 up");
	ok("addr add 10.0.0.1/24 dev e0");
	ok("addr add 10.0.1.1/24 dev e1");
	advance(1);
	t.n_out = 0;
	return 0;
}

static int teardown(void **state)
{
	skiff_destroy(t.skiff);
	return 0;
}

/* An ARP packet arrives at e0 from mac_h. */
static void arp_in(u16 op, const u8 *dst, __be32 sip, const u8 *tha, __be32 tip)
{
	struct arp_frame f = { .eth.h_proto = htons(ETH_P_ARP),
			       .arp = { htons(1), htons(ETH_P_IP), 6, 4, htons(op) },
			       .sip = sip,
			       .tip = tip };

	memcpy(f.eth.h_dest, dst, 6);
	memcpy(f.eth.h_source, mac_h, 6);
	memcpy(f.sha, mac_h, 6);
	if (tha)
		memcpy(f.tha, tha, 6);
	assert_int_equal(skiff_wire_rx(t.dev[0], &f, sizeof(f)), 0);
	advance(0);
}

static void request(__be32 sip, __be32 tip)
{
	arp_in(ARPOP_REQUEST, broadcast, sip, NULL, tip);
}

/* The only frame since @from is an ARP packet from e0. */
static void expect_arp(unsigned from, u16 op, __be32 sip, const u8 *dst, __be32 tip)
{
	const struct arp_frame *f = &t.out[from].arp;

	assert_true(t.n_out > from);
	assert_int_equal(t.out[from].len, sizeof(*f));
	assert_memory_equal(f->eth.h_dest, dst, 6);
	assert_int_equal(f->eth.h_proto, htons(ETH_P_ARP));
	assert_int_equal(f->arp.ar_op, htons(op));
	assert_int_equal(f->sip, sip);
	assert_int_equal(f->tip, tip);
}

/* arp_notify: every address is announced when the device comes up or changes its own address. */
static void test_notify(void **state)
{
	ok("addr add 10.0.0.9/24 dev e0");
	ok("link set e0 down");
	ok("link set e0 up");
	advance(10);
	assert_int_equal(t.n_out, 0);
	set("conf.e0.arp_notify", "1");
	ok("link set e0 down");
	ok("link set e0 up");
	advance(10);
	assert_int_equal(t.n_out, 2);
	expect_arp(0, ARPOP_REQUEST, IP(10, 0, 0, 1), broadcast, IP(10, 0, 0, 1));
	expect_arp(1, ARPOP_REQUEST, IP(10, 0, 0, 9), broadcast, IP(10, 0, 0, 9));
	ok("link set e0 address 02:dd:00:00:00:77");
	advance(10);
	assert_int_equal(t.n_out, 4);
	assert_int_equal(t.out[2].arp.sha[5], 0x77);
}

/* Down forgets everything, another own address too. */
static void test_down_and_changeaddr(void **state)
{
	ok("neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
	ok("neigh add proxy 10.0.0.77 dev e0");
	ok("link set e0 address 02:dd:00:00:00:77");
	assert_null(neigh_of(IP(10, 0, 0, 2)));
	assert_non_null(pneigh_lookup(net_of()->arp_tbl, IP(10, 0, 0, 77), dev_of(0)));
	ok("neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
	ok("link set e0 down");
	assert_null(neigh_of(IP(10, 0, 0, 2)));
	assert_null(pneigh_lookup(net_of()->arp_tbl, IP(10, 0, 0, 77), dev_of(0)));
}

/* arp_evict_nocarrier: 1 forgets what was learned when the carrier goes, 0 keeps it. */
static void test_evict_nocarrier(void **state)
{
	static const char *const values[] = { "1", "0" };

	for (unsigned i = 0; i < 2; i++) {
		set("conf.e0.arp_evict_nocarrier", values[i]);
		ok("neigh replace 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
		ok("neigh replace 10.0.0.3 lladdr 02:aa:00:00:00:03 dev e0 nud stale");
		netif_carrier_off(dev_of(0));
		assert_non_null(neigh_of(IP(10, 0, 0, 2)));
		assert_int_equal(neigh_of(IP(10, 0, 0, 3)) != NULL, i == 1);
		netif_carrier_on(dev_of(0));
	}
}

/* A device without ARP asks nobody, answers nobody, and forgets what it knew. */
static void test_noarp(void **state)
{
	struct neighbour *n;

	request(IP(10, 0, 0, 2), IP(10, 0, 0, 1));
	assert_non_null(neigh_of(IP(10, 0, 0, 2)));
	ok("link set e0 arp off");
	assert_null(neigh_of(IP(10, 0, 0, 2)));
	t.n_out = 0;
	request(IP(10, 0, 0, 2), IP(10, 0, 0, 1));
	assert_int_equal(t.n_out, 0);
	n = ip_neigh_gw4(dev_of(0), IP(10, 0, 0, 3));
	assert_non_null(n);
	assert_int_equal(n->nud_state, NUD_NOARP);
	assert_memory_equal(n->ha, mac_r[0], 6);
	ok("link set e0 arp on");
	assert_null(neigh_of(IP(10, 0, 0, 3)));
}

/* What needs no question: multicast, broadcast, loopback. */
static void test_entry_types(void **state)
{
	static const u8 group[6] = { 1, 0, 0x5e, 0x7f, 2, 3 };
	struct neighbour *n = ip_neigh_gw4(dev_of(0), IP(239, 255, 2, 3));

	assert_int_equal(n->nud_state, NUD_NOARP);
	assert_int_equal(n->type, RTN_MULTICAST);
	assert_memory_equal(n->ha, group, 6);
	n = ip_neigh_gw4(dev_of(0), IP(10, 0, 0, 255));
	assert_int_equal(n->nud_state, NUD_NOARP);
	assert_int_equal(n->type, RTN_BROADCAST);
	assert_memory_equal(n->ha, broadcast, 6);
	n = ip_neigh_gw4(dev_of(0), IP(10, 0, 0, 5));
	assert_int_equal(n->nud_state, NUD_NONE);
	assert_int_equal(n->type, RTN_UNICAST);
	n = ip_neigh_gw4(net_of()->loopback_dev, IP(127, 0, 0, 9));
	assert_int_equal(n->nud_state, NUD_NOARP);
	assert_int_equal(n->primary_key, 0);
	assert_ptr_equal(n, ip_neigh_gw4(net_of()->loopback_dev, IP(127, 0, 0, 7)));
}

/* proxy_delay: a broadcast request is answered later, a unicast one at once. */
static void test_proxy_delay(void **state)
{
	set("ip_forward", "1");
	set("conf.e0.proxy_arp", "1");
	request(IP(10, 0, 0, 2), IP(10, 0, 1, 7));
	assert_int_equal(t.n_out, 0);
	advance(801);
	assert_int_equal(t.n_out, 1);
	expect_arp(0, ARPOP_REPLY, IP(10, 0, 1, 7), mac_h, IP(10, 0, 0, 2));
	arp_in(ARPOP_REQUEST, mac_r[0], IP(10, 0, 0, 2), NULL, IP(10, 0, 1, 7));
	assert_int_equal(t.n_out, 2);
}

static unsigned hooked;

static void drop_all(void *priv, struct skb_batch *b, const struct nf_hook_state *state)
{
	hooked += b->n;
	kfree_skb_batch_reason(t.skiff, b, SKB_DROP_REASON_NETFILTER_DROP);
	b->n = 0;
}

/* Both directions pass their hooks. */
static void test_hooks(void **state)
{
	struct nf_hook_ops ops = { .hook = drop_all, .pf = NFPROTO_ARP, .hooknum = NF_ARP_IN };

	hooked = 0;
	assert_int_equal(nf_register_net_hook(net_of(), &ops), 0);
	request(IP(10, 0, 0, 2), IP(10, 0, 0, 1));
	assert_int_equal(hooked, 1);
	assert_null(neigh_of(IP(10, 0, 0, 2)));
	nf_unregister_net_hook(net_of(), &ops);
	ops.hooknum = NF_ARP_OUT;
	assert_int_equal(nf_register_net_hook(net_of(), &ops), 0);
	request(IP(10, 0, 0, 2), IP(10, 0, 0, 1));
	assert_int_equal(hooked, 2);
	assert_non_null(neigh_of(IP(10, 0, 0, 2)));
	assert_int_equal(t.n_out, 0);
	nf_unregister_net_hook(net_of(), &ops);
	request(IP(10, 0, 0, 2), IP(10, 0, 0, 1));
	assert_int_equal(t.n_out, 1);
}

/* Who is answered under which arp_ignore; a second address of scope host is on e0. */
static void test_ignore(void **state)
{
	static const struct {
		const char *value;
		__be32 sip, tip;
		bool answered;
	} rows[] = {
		{ "0", IP(10, 0, 0, 2), IP(10, 0, 0, 1), true },
		{ "0", IP(10, 0, 0, 2), IP(10, 0, 1, 1), true },
		{ "0", IP(10, 0, 0, 2), IP(10, 0, 0, 9), true },
		{ "1", IP(10, 0, 0, 2), IP(10, 0, 0, 1), true },
		{ "1", IP(10, 0, 0, 2), IP(10, 0, 1, 1), false },
		{ "1", IP(10, 9, 9, 9), IP(10, 0, 0, 1), true },
		{ "2", IP(10, 0, 0, 2), IP(10, 0, 0, 1), true },
		{ "2", IP(10, 9, 9, 9), IP(10, 0, 0, 1), false },
		{ "3", IP(10, 0, 0, 2), IP(10, 0, 0, 9), false },
		{ "3", IP(10, 0, 0, 2), IP(10, 0, 1, 1), true },
		{ "4", IP(10, 0, 0, 2), IP(10, 0, 1, 1), true },
		{ "7", IP(10, 0, 0, 2), IP(10, 0, 0, 9), true },
		{ "8", IP(10, 0, 0, 2), IP(10, 0, 0, 1), false },
		/* duplicate address probes are judged by it, too */
		{ "0", 0, IP(10, 0, 0, 1), true },
		{ "1", 0, IP(10, 0, 1, 1), false },
		{ "8", 0, IP(10, 0, 0, 1), false },
	};

	ok("addr add 10.0.0.9/32 dev e0 scope host");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		t.n_out = 0;
		set("conf.e0.arp_ignore", rows[i].value);
		request(rows[i].sip, rows[i].tip);
		if ((t.n_out == 1) != rows[i].answered)
			fail_msg("row %u: %u frames", i, t.n_out);
		if (t.n_out)
			expect_arp(0, ARPOP_REPLY, rows[i].tip, mac_h, rows[i].sip);
	}
}

/* medium_id of the two devices: is the other one's host answered for? */
static void test_medium_id(void **state)
{
	static const struct {
		const char *in, *out;
		bool answered;
	} rows[] = {
		{ "0", "0", true }, { "0", "1", true },	  { "1", "0", true },	{ "1", "1", false },
		{ "1", "2", true }, { "-1", "1", false }, { "1", "-1", false },
	};

	set("ip_forward", "1");
	set("conf.e0.proxy_arp", "1");
	set("neigh.e0.proxy_delay", "0");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		t.n_out = 0;
		set("conf.e0.medium_id", rows[i].in);
		set("conf.e1.medium_id", rows[i].out);
		request(IP(10, 0, 0, 2), IP(10, 0, 1, 7));
		if ((t.n_out == 1) != rows[i].answered)
			fail_msg("row %u: %u frames", i, t.n_out);
	}
}

/* Unanswered packets come back as host unreachable after three questions. */
static void test_host_unreachable(void **state)
{
	static const u8 udp[] = { 2,	0xdd, 0,  0,  0, 0, 2, 0xaa, 0,	 0,  0, 2, 8,  0,
				  0x45, 0,    0,  28, 0, 1, 0, 0,    64, 17, 0, 0, 10, 0,
				  0,	2,    10, 0,  1, 7, 0, 1,    0,	 2,  0, 8, 0,  0 };
	u8 frame[sizeof(udp)];
	u32 sum = 0;

	memcpy(frame, udp, sizeof(udp));
	for (unsigned i = 14; i < 34; i += 2)
		sum += (u32)(frame[i] << 8 | frame[i + 1]);
	sum = ~((sum & 0xffff) + (sum >> 16));
	frame[24] = (u8)(sum >> 8);
	frame[25] = (u8)sum;
	set("ip_forward", "1");
	ok("neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
	assert_int_equal(skiff_wire_rx(t.dev[0], frame, sizeof(frame)), 0);
	advance(4000);
	assert_int_equal(t.n_out, 4);
	for (unsigned i = 0; i < 3; i++) {
		expect_arp(i, ARPOP_REQUEST, IP(10, 0, 1, 1), broadcast, IP(10, 0, 1, 7));
		assert_int_equal(t.out[i].at - t.out[0].at, i * 1000);
	}
	assert_int_equal(t.out[3].dev, 0);
	assert_int_equal(t.out[3].at - t.out[0].at, 3000);
	assert_int_equal(t.out[3].bytes[34], ICMP_DEST_UNREACH);
	assert_int_equal(t.out[3].bytes[35], ICMP_HOST_UNREACH);
}

/* The settings follow the device's name. */
static void test_rename(void **state)
{
	char buf[32];

	set("neigh.e0.mcast_solicit", "5");
	ok("link set e0 down");
	ok("link set e0 name uplink");
	assert_int_equal(skiff_sysctl_get(t.r, "net.ipv4.neigh.e0.mcast_solicit", buf, sizeof(buf)),
			 -ENOENT);
	assert_true(skiff_sysctl_get(t.r, "net.ipv4.neigh.uplink.mcast_solicit", buf, sizeof(buf)) >
		    0);
	assert_string_equal(buf, "5");
}

/* /proc/net/arp as the kernel prints it: no NOARP entries, proxies last. */
static void test_proc(void **state)
{
	static const char want[] =
		"IP address       HW type     Flags       HW address            Mask     Device\n"
		"10.0.0.2         0x1         0x6         02:00:00:00:00:99     *        e0\n"
		"10.0.0.3         0x1         0x2         02:00:00:00:00:99     *        e0\n"
		"10.0.0.9         0x1         0x0         00:00:00:00:00:00     *        e0\n"
		"10.0.0.78        0x0         0xc         00:00:00:00:00:00     *        *\n"
		"10.0.0.77        0x1         0xc         00:00:00:00:00:00     *        e0\n";
	char buf[1000];

	ok("neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev e0 nud permanent");
	ok("neigh add 10.0.0.3 lladdr 02:00:00:00:00:99 dev e0 nud stale");
	ok("neigh add 10.0.0.4 lladdr 02:00:00:00:00:99 dev e0 nud noarp");
	neigh_event_send(ip_neigh_gw4(dev_of(0), IP(10, 0, 0, 9)), NULL);
	ok("neigh add proxy 10.0.0.77 dev e0");
	assert_int_equal(pneigh_create(net_of()->arp_tbl, IP(10, 0, 0, 78), NULL, NTF_PROXY, 0, 0),
			 0);
	assert_int_equal(skiff_proc_read(t.r, "net/arp", buf, sizeof(buf)), sizeof(want) - 1);
	assert_string_equal(buf, want);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_notify),		 T(test_down_and_changeaddr),
		T(test_evict_nocarrier), T(test_noarp),
		T(test_entry_types),	 T(test_proxy_delay),
		T(test_hooks),		 T(test_ignore),
		T(test_medium_id),	 T(test_host_unreachable),
		T(test_rename),		 T(test_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
