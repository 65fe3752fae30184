// SPDX-License-Identifier: BSD-2-Clause
/* tests/net/devinet_test.c - choice of addresses, lifetimes in virtual time, and IPv4 that goes with the MTU.
 *
 * Order of the list, promotion and what netlink says of it are compared with the kernel in tests/rtnl (addr.txt).
 */
#include "net/inetdevice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>

#include "lib/inet.h"
#include "net/rtnetlink.h"
#include "net/sysctl.h"
#include "tests/testnet.h" /* the words of ip(8) */

#define SECOND 1000000000ULL

struct host {
	struct skiff *skiff;
	struct net *net;
	struct net_device *e0, *e1;
	u64 now;
	unsigned news; /* RTM_NEWADDR heard */
	unsigned gone; /* RTM_DELADDR heard */
};

static int ifindex_of(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

static int ip_cmd(struct host *h, const char *line)
{
	const struct ipwords_env env = { ifindex_of, h->net };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n < 0)
		fail_msg("%s: %s", line, why);
	return rtnetlink_rcv_msg(h->net, (struct nlmsghdr *)msg, (size_t)n, NULL, NULL);
}

static void hear(struct net *net, u32 group, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	struct host *h = net->rtnl_notify_arg;

	h->news += group == RTNLGRP_IPV4_IFADDR && nlh->nlmsg_type == RTM_NEWADDR;
	h->gone += group == RTNLGRP_IPV4_IFADDR && nlh->nlmsg_type == RTM_DELADDR;
}

static int begin(void **state)
{
	const struct skiff_env env = { .now_ns = SECOND };
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->now = env.now_ns;
	h->skiff = skiff_create(&env);
	h->net = net_create(h->skiff, "r");
	assert_non_null(h->net);
	assert_int_equal(skiff_dummy_create((struct skiff_net *)h->net, "e0"), 0);
	assert_int_equal(skiff_dummy_create((struct skiff_net *)h->net, "e1"), 0);
	h->e0 = dev_get_by_name(h->net, "e0");
	h->e1 = dev_get_by_name(h->net, "e1");
	*state = h;
	return 0;
}

static int end(void **state)
{
	struct host *h = *state;

	skiff_destroy(h->skiff);
	free(h);
	return 0;
}

static u32 addr(const char *text)
{
	u32 a = 0;

	assert_true(!*text || ip4_parse(text, &a));
	return a;
}

static void run_until(struct host *h, u64 ns)
{
	while (h->now < ns) {
		u64 next = skiff_next(h->skiff);

		h->now = next < ns ? next : ns;
		while (skiff_turn(h->skiff, h->now))
			;
	}
}

static const char *const plan[] = {
	"link set lo up",
	"link set e0 up",
	"link set e1 up",
	"addr add 10.0.0.1/24 dev e0",
	"addr add 10.0.0.2/24 dev e0",
	"addr add 10.1.0.1/24 dev e0",
	"addr add 10.2.0.1/24 scope link dev e0",
	"addr add 10.3.0.1/24 scope host dev e1",
};

static void set_up(struct host *h)
{
	for (unsigned i = 0; i < ARRAY_SIZE(plan); i++)
		assert_int_equal(ip_cmd(h, plan[i]), 0);
}

static void test_select(void **state)
{
	static const struct {
		const char *dev, *dst;
		int scope;
		const char *answer;
	} rows[] = {
		{ "e0", "10.0.0.9", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		{ "e0", "10.1.0.9", RT_SCOPE_UNIVERSE, "10.1.0.1" },
		{ "e0", "10.2.0.9", RT_SCOPE_LINK, "10.2.0.1" },
		/* not its subnet's: too narrow; the first that is wide enough */
		{ "e0", "10.2.0.9", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		{ "e0", "192.0.2.1", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		{ "e0", "", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		/* narrower scopes stand first in the list */
		{ "e0", "", RT_SCOPE_LINK, "10.2.0.1" },
		/* nothing of its own that will do: another device's, but nobody's scope link */
		{ "e1", "", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		{ "e1", "", RT_SCOPE_LINK, "10.0.0.1" },
		{ "e1", "", RT_SCOPE_HOST, "10.3.0.1" },
		{ "lo", "", RT_SCOPE_UNIVERSE, "10.0.0.1" },
		{ "lo", "", RT_SCOPE_HOST, "127.0.0.1" },
	};
	struct host *h = *state;

	set_up(h);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 got = inet_select_addr(dev_get_by_name(h->net, rows[i].dev), addr(rows[i].dst),
					   rows[i].scope);
		char text[IP4_STRLEN];

		if (got != addr(rows[i].answer))
			fail_msg("row %u: %s", i, ip4_print(text, got));
	}
}

static void test_confirm(void **state)
{
	static const struct {
		const char *dev, *dst, *local;
		int scope;
		const char *answer;
	} rows[] = {
		{ "e0", "10.0.0.9", "10.0.0.1", RT_SCOPE_HOST, "10.0.0.1" },
		{ "e0", "10.1.0.9", "10.0.0.1", RT_SCOPE_HOST, "" },
		{ "e0", "10.1.0.9", "", RT_SCOPE_UNIVERSE, "10.1.0.1" },
		{ "e0", "", "10.0.0.2", RT_SCOPE_UNIVERSE, "10.0.0.2" },
		{ "e0", "", "10.3.0.1", RT_SCOPE_HOST, "" },
		{ "", "", "10.3.0.1", RT_SCOPE_HOST, "10.3.0.1" },
		{ "", "", "10.3.0.1", RT_SCOPE_LINK, "" },
		{ "e0", "192.0.2.1", "", RT_SCOPE_UNIVERSE, "" },
	};
	struct host *h = *state;

	set_up(h);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_device *dev = *rows[i].dev ? dev_get_by_name(h->net, rows[i].dev) : NULL;
		u32 got = inet_confirm_addr(h->net, dev ? in_dev_get(dev) : NULL, addr(rows[i].dst),
					    addr(rows[i].local), rows[i].scope);
		char text[IP4_STRLEN];

		if (got != addr(rows[i].answer))
			fail_msg("row %u: %s", i, ip4_print(text, got));
	}
	assert_true(inet_addr_onlink(in_dev_get(h->e0), addr("10.0.0.7"), addr("10.0.0.8")));
	assert_false(inet_addr_onlink(in_dev_get(h->e0), addr("10.0.0.7"), addr("10.1.0.8")));
	assert_ptr_equal(ip_dev_find(h->net, addr("10.1.0.1")), h->e0);
	assert_ptr_equal(ip_dev_find(h->net, addr("127.3.2.1")), h->net->loopback_dev);
	assert_null(ip_dev_find(h->net, addr("10.0.0.9")));
	assert_null(inet_lookup_ifaddr(h->net, addr("127.3.2.1")));
}

/* RTM_NEWADDR of 10.5.0.x/24 on e0 with lifetimes in s; @flags NLM_F_* */
static int add_for(struct host *h, u8 last, u32 valid, u32 preferred, u16 flags)
{
	struct rtnl_msg m;
	struct nlmsghdr *nlh = rtnl_msg_start(&m, RTM_NEWADDR, NLM_F_REQUEST | flags, NULL);
	struct ifaddrmsg *ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	struct ifa_cacheinfo ci = { .ifa_valid = valid, .ifa_prefered = preferred };

	ifm->ifa_family = AF_INET;
	ifm->ifa_prefixlen = 24;
	ifm->ifa_index = h->e0->ifindex;
	mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(0x0a050000u | last));
	mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(ci), &ci);
	return rtnetlink_rcv_msg(h->net, nlh, nlh->nlmsg_len, NULL, NULL);
}

static void test_lifetimes(void **state)
{
	struct host *h = *state;
	const struct in_ifaddr *ifa;

	h->net->rtnl_notify = hear;
	h->net->rtnl_notify_arg = h;
	assert_int_equal(add_for(h, 1, 20, 10, NLM_F_CREATE), 0);
	assert_int_equal(add_for(h, 2, 5, 5, NLM_F_CREATE), 0);
	assert_int_equal(h->news, 2);
	ifa = inet_lookup_ifaddr(h->net, addr("10.5.0.1"));
	assert_non_null(ifa);
	run_until(h, 6 * SECOND - 1);
	assert_non_null(inet_lookup_ifaddr(h->net, addr("10.5.0.2")));
	run_until(h, 6 * SECOND);
	assert_null(inet_lookup_ifaddr(h->net, addr("10.5.0.2")));
	assert_int_equal(h->gone, 1);
	run_until(h, 11 * SECOND - 1);
	assert_false(ifa->ifa_flags & IFA_F_DEPRECATED);
	run_until(h, 11 * SECOND);
	assert_true(ifa->ifa_flags & IFA_F_DEPRECATED);
	assert_int_equal(h->news, 3);
	/* new lifetimes begin now */
	assert_int_equal(add_for(h, 1, 30, 30, NLM_F_REPLACE), 0);
	assert_false(ifa->ifa_flags & IFA_F_DEPRECATED);
	run_until(h, 41 * SECOND - 1);
	assert_ptr_equal(inet_lookup_ifaddr(h->net, addr("10.5.0.1")), ifa);
	run_until(h, 41 * SECOND);
	assert_null(inet_lookup_ifaddr(h->net, addr("10.5.0.1")));
	assert_int_equal(h->gone, 2);
	/* for ever */
	assert_int_equal(add_for(h, 1, UINT32_MAX, UINT32_MAX, NLM_F_CREATE), 0);
	run_until(h, 100000 * SECOND);
	assert_non_null(inet_lookup_ifaddr(h->net, addr("10.5.0.1")));
}

static void test_mtu(void **state)
{
	struct host *h = *state;
	char buf[16];

	set_up(h);
	h->e0->min_mtu = 0;
	assert_int_equal(ip_cmd(h, "link set e0 mtu 67"), 0);
	assert_null(in_dev_get(h->e0));
	assert_null(inet_lookup_ifaddr(h->net, addr("10.0.0.1")));
	assert_int_equal(sysctl_get(h->net, "net.ipv4.conf.e0.tag", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(ip_cmd(h, "link set e0 mtu 68"), 0);
	assert_non_null(in_dev_get(h->e0));
	assert_null(in_dev_get(h->e0)->ifa_list);
	assert_int_equal(sysctl_get(h->net, "net.ipv4.conf.e0.tag", buf, sizeof(buf)), 1);
}

static void test_bad_names(void **state)
{
	struct skiff_net *net = (struct skiff_net *)((struct host *)*state)->net;

	assert_int_equal(skiff_dummy_create(net, "all"), -EINVAL);
	assert_int_equal(skiff_dummy_create(net, "default"), -EINVAL);
	assert_null(skiff_dev_find(net, "all"));
	assert_int_equal(skiff_dummy_create(net, "e0"), -EEXIST);
	assert_int_equal(skiff_veth_create(net, "v0", NULL, net, "all", NULL), -EINVAL);
	assert_null(skiff_dev_find(net, "v0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_select, begin, end),
		cmocka_unit_test_setup_teardown(test_confirm, begin, end),
		cmocka_unit_test_setup_teardown(test_lifetimes, begin, end),
		cmocka_unit_test_setup_teardown(test_mtu, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_names, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
