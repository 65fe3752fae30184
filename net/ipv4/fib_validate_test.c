// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/fib_validate_test.c - rp_filter, accept_local and martian sources, row by row. */
#include "tests/testnet.h"

#include "lib/inet.h"
#include "net/inetdevice.h"
#include "net/ip_fib.h"

/* e0 10.0.0.1/24, e1 10.0.1.1/24, e2 without address; 10.9.0.0/16 via e1, 10.8.0.0/16 via both */
static const char *const network[] = {
	"addr add 10.0.0.1/24 brd 10.0.0.255 dev e0",
	"addr add 10.0.1.1/24 brd 10.0.1.255 dev e1",
	"route add 10.9.0.0/16 via 10.0.1.2",
	"route add 10.8.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2",
	"route add blackhole 10.7.0.0/16",
	"route add 10.6.0.0/16 dev e2",
};

#define LOCAL_SOURCE   SKB_DROP_REASON_IP_LOCAL_SOURCE
#define INVALID_SOURCE SKB_DROP_REASON_IP_INVALID_SOURCE
#define RPFILTER       SKB_DROP_REASON_IP_RPFILTER
#define NONE	       SKB_NOT_DROPPED_YET

/* rp_filter of all and of the device; a source that comes in by device @in and is to leave by @out (-1: stays) */
static const struct {
	const char *all, *own, *accept_local;
	const char *src;
	int in, out;
	int ret;
	enum skb_drop_reason reason;
	const char *setting;
} rows[] = {
	/* off: only our own addresses are refused */
	{ "0", "0", "0", "10.0.0.7", 0, 3, 0, NONE, "" },
	{ "0", "0", "0", "10.9.0.7", 0, 3, 0, NONE, "" },
	{ "0", "0", "0", "99.0.0.1", 0, 3, 0, NONE, "" },
	{ "0", "0", "0", "10.0.0.1", 0, 3, -EINVAL, LOCAL_SOURCE,
	  "net.ipv4.conf.e0.accept_local=0" },
	{ "0", "0", "0", "10.0.1.1", 0, -1, -EINVAL, LOCAL_SOURCE,
	  "net.ipv4.conf.e0.accept_local=0" },
	{ "0", "0", "1", "10.0.1.1", 0, 3, 0, NONE, "" },
	/* off, but a redirect may be due: whether it is on link must be known, and broadcasts are found out */
	{ "0", "0", "0", "10.0.0.7", 0, 0, 1, NONE, "" },
	{ "0", "0", "0", "10.9.0.7", 0, 0, 0, NONE, "" },
	{ "0", "0", "0", "10.0.0.255", 0, 0, -EINVAL, INVALID_SOURCE, "" },
	{ "0", "0", "0", "99.0.0.1", 0, 0, 0, NONE, "" },
	/* strict */
	{ "0", "1", "0", "10.0.0.7", 0, 3, 1, NONE, "" },
	{ "0", "1", "0", "10.9.0.7", 1, 3, 0, NONE, "" },
	{ "0", "1", "0", "10.9.0.7", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=1" },
	{ "1", "0", "0", "10.9.0.7", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.all.rp_filter=1" },
	{ "1", "1", "0", "10.9.0.7", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=1" },
	{ "0", "1", "0", "10.8.0.7", 0, 3, 0, NONE, "" },
	{ "0", "1", "0", "10.8.0.7", 1, -1, 0, NONE, "" },
	{ "0", "1", "0", "10.8.0.7", 2, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e2.rp_filter=1" },
	{ "0", "1", "0", "99.0.0.1", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=1" },
	{ "0", "1", "0", "10.7.0.1", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=1" },
	{ "0", "1", "0", "10.6.0.1", 2, 3, 1, NONE, "" },
	{ "0", "1", "0", "10.0.0.255", 0, 3, -EINVAL, INVALID_SOURCE, "" },
	{ "0", "1", "0", "10.0.1.1", 0, 3, -EINVAL, LOCAL_SOURCE,
	  "net.ipv4.conf.e0.accept_local=0" },
	{ "0", "1", "1", "10.0.1.1", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=1" },
	{ "0", "1", "1", "10.0.0.1", 0, 3, 1, NONE, "" },
	/* loose */
	{ "0", "2", "0", "10.9.0.7", 0, 3, 0, NONE, "" },
	{ "2", "1", "0", "10.9.0.7", 0, 3, 0, NONE, "" },
	{ "0", "2", "0", "99.0.0.1", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e0.rp_filter=2" },
	{ "2", "1", "0", "99.0.0.1", 0, 3, -EXDEV, RPFILTER, "net.ipv4.conf.all.rp_filter=2" },
	/* an interface without addresses has nothing to measure a source by */
	{ "0", "0", "0", "10.9.0.7", 2, 2, 0, NONE, "" },
	{ "0", "2", "0", "10.9.0.7", 2, 3, -EXDEV, RPFILTER, "net.ipv4.conf.e2.rp_filter=2" },
};

static void set_conf(struct testnet *t, const char *dev, const char *name, const char *value)
{
	char key[64];

	snprintf(key, sizeof(key), "net.ipv4.conf.%s.%s", dev, name);
	testnet_sysctl(t, key, value);
}

static void check_row(struct testnet *t, unsigned i)
{
	struct net_device *dev = t->dev[rows[i].in];
	enum skb_drop_reason reason = NONE;
	u32 itag = 99, src;
	int ret;

	set_conf(t, "all", "rp_filter", rows[i].all);
	set_conf(t, dev->name, "rp_filter", rows[i].own);
	set_conf(t, dev->name, "accept_local", rows[i].accept_local);
	t->setting[0] = 0;
	assert_true(ip4_parse(rows[i].src, &src));
	ret = fib_validate_source(NULL, src, htonl(0x0a090009), 0,
				  rows[i].out < 0 ? 0 : t->dev[rows[i].out]->ifindex, dev,
				  dev->ip_ptr, &itag, &reason);
	if (ret != rows[i].ret || reason != rows[i].reason || strcmp(t->setting, rows[i].setting))
		fail_msg("row %u (%s by e%d): %d, %s, \"%s\"", i, rows[i].src, rows[i].in, ret,
			 reason ? skb_drop_reason_name(reason) : "-", t->setting);
	if (ret >= 0)
		assert_int_equal(itag, 0);
}

static void start(struct testnet *t)
{
	testnet_start(t, 4);
	for (unsigned i = 0; i < ARRAY_SIZE(network); i++)
		testnet_ip(t, network[i]);
	testnet_listen(t);
}

static void test_rows(void **state)
{
	struct testnet *t = calloc(1, sizeof(*t));

	start(t);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(t, i);
	testnet_stop(t);
	free(t);
	assert_int_equal(testnet_allocs, 0);
}

/* Realms of the way back: the route's own is the source's. */
static void test_realms(void **state)
{
	struct testnet *t = calloc(1, sizeof(*t));
	enum skb_drop_reason reason;
	u32 itag = 0;

	start(t);
	testnet_ip(t, "route add 10.5.0.0/16 via 10.0.0.2 realm 7");
	assert_int_equal(t->net->ipv4.fib_num_tclassid_users, 1);
	assert_int_equal(fib_validate_source(NULL, htonl(0x0a050001), htonl(0x0a090009), 0, 0,
					     t->dev[0], t->dev[0]->ip_ptr, &itag, &reason),
			 0);
	assert_int_equal(itag, 7 << 16);
	testnet_ip(t, "route del 10.5.0.0/16");
	assert_int_equal(t->net->ipv4.fib_num_tclassid_users, 0);
	testnet_stop(t);
	free(t);
}

static void test_address_types(void **state)
{
	static const struct {
		u32 addr;
		unsigned any, on_e0;
	} types[] = {
		{ 0x0a000001, RTN_LOCAL, RTN_LOCAL },
		{ 0x0a000101, RTN_LOCAL, RTN_UNICAST },
		{ 0x0a0000ff, RTN_BROADCAST, RTN_BROADCAST },
		{ 0x0a0001ff, RTN_BROADCAST, RTN_UNICAST },
		{ 0x0a000000, RTN_UNICAST, RTN_UNICAST },
		{ 0x0a090001, RTN_UNICAST, RTN_UNICAST },
		{ 0x63000001, RTN_UNICAST, RTN_UNICAST },
		{ 0x7f000001, RTN_LOCAL, RTN_UNICAST },
		{ 0xe0000001, RTN_MULTICAST, RTN_MULTICAST },
		{ 0xffffffff, RTN_BROADCAST, RTN_BROADCAST },
		{ 0x00000005, RTN_UNICAST, RTN_UNICAST },
	};
	struct testnet *t = calloc(1, sizeof(*t));

	start(t);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		__be32 a = htonl(types[i].addr);

		if (inet_addr_type(t->net, a) != types[i].any ||
		    inet_dev_addr_type(t->net, t->dev[0], a) != types[i].on_e0)
			fail_msg("%08x: %u, %u on e0", types[i].addr, inet_addr_type(t->net, a),
				 inet_dev_addr_type(t->net, t->dev[0], a));
	}
	assert_int_equal(inet_addr_type_table(t->net, htonl(0x0a000001), 4711), RTN_BROADCAST);
	testnet_stop(t);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_realms),
		cmocka_unit_test(test_address_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
