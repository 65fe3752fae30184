// SPDX-License-Identifier: BSD-2-Clause
/* lab/ipwords_test.c - the bytes behind the words of the ip command, and what is said about bad words.
 *
 * The messages were compared once with what ip of iproute2 6.1 sends (strace -e write=all), attribute by attribute.
 */
#include "lab/ipwords.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *line, *hex;
} good[] = {
	{ "addr add 10.0.0.1/24 brd 10.0.0.255 dev e0",
	  "300000001400050600000000000000000218000003000000080004000a0000ff080002000a000001"
	  "080001000a000001" },
	{ "addr add 10.5.0.1 peer 10.5.0.2 dev e0",
	  "280000001400050600000000000000000220000003000000080002000a050001080001000a050002" },
	{ "addr add 10.6.0.1 peer 10.6.0.2/24 dev e0",
	  "280000001400050600000000000000000218000003000000080002000a060001080001000a060002" },
	{ "addr add 10.7.0.1/24 brd + dev e0 scope link",
	  "30000000140005060000000000000000021800fd03000000080004000a0700ff080002000a070001"
	  "080001000a070001" },
	{ "addr add 127.0.5.1/8 dev lo",
	  "28000000140005060000000000000000020800fe01000000080002007f000501080001007f000501" },
	{ "addr add 10.98.0.1/32 dev lo scope host",
	  "28000000140005060000000000000000022000fe01000000080002000a620001080001000a620001" },
	{ "addr del 10.7.0.1/24 dev e0",
	  "280000001500050000000000000000000218000003000000080002000a070001080001000a070001" },
	{ "neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent",
	  "300000001c0005060000000000000000020000000300000080000000080001000a0000020a000200"
	  "02aa000000020000" },
	{ "neigh add 10.0.0.3 lladdr 02:aa:00:00:00:03 dev e0 nud stale",
	  "300000001c0005060000000000000000020000000300000004000000080001000a0000030a000200"
	  "02aa000000030000" },
	{ "neigh add proxy 10.0.0.9 dev e0",
	  "240000001c0005060000000000000000020000000300000080000800080001000a000009" },
	{ "nexthop add id 7 via 10.0.0.2 dev e0",
	  "3000000068000506000000000000000002000000000000000800010007000000080006000a000002"
	  "0800050003000000" },
	{ "nexthop add id 8 blackhole",
	  "240000006800050600000000000000000200000000000000080001000800000004000400" },
	{ "nexthop add id 9 dev e1",
	  "28000000680005060000000000000000020000000000000008000100090000000800050002000000" },
	{ "nexthop add id 10 group 7,3/9",
	  "340000006800050600000000000000000000000000000000080001000a0000001400020007000000"
	  "020000000900000000000000" },
	{ "route add 10.9.0.0/16 via 10.0.0.2",
	  "2c00000018000506000000000000000002100000fe03000100000000080001000a09000008000500"
	  "0a000002" },
	{ "route add 10.9.0.0/16 via 10.0.0.2 dev e0 src 10.0.0.1 metric 50 tos 0x10 mtu lock 600 advmss 500",
	  "6000000018000506000000000000000002100010fe03000100000000080001000a09000008000500"
	  "0a0000020800040003000000080007000a00000108000600320000001c0008000800010004000000"
	  "080002005802000008000800f4010000" },
	{ "route add default via 10.0.0.2 table 1000",
	  "34000000180005060000000000000000020000000003000100000000080001000000000008000500"
	  "0a00000208000f00e8030000" },
	{ "route add 10.3.0.0/16 dev e0",
	  "2c00000018000506000000000000000002100000fe03fd0100000000080001000a03000008000400"
	  "03000000" },
	{ "route add 10.3.0.0/16 dev e0 scope host table 33",
	  "2c000000180005060000000000000000021000002103fe0100000000080001000a03000008000400"
	  "03000000" },
	{ "route add blackhole 10.4.0.0/16",
	  "2400000018000506000000000000000002100000fe03000600000000080001000a040000" },
	{ "route add local 10.45.0.0/16 dev e0",
	  "2c00000018000506000000000000000002100000ff03fe0200000000080001000a2d000008000400"
	  "03000000" },
	{ "route add broadcast 10.46.0.255 dev e0",
	  "2c00000018000506000000000000000002200000ff03fd0300000000080001000a2e00ff08000400"
	  "03000000" },
	{ "route add multicast 239.0.0.0/8 dev e0",
	  "2c00000018000506000000000000000002080000fe03fd050000000008000100ef00000008000400"
	  "03000000" },
	{ "route add 10.47.0.0/16 via 10.200.0.1 dev e0 onlink",
	  "3400000018000506000000000000000002100000fe03000104000000080001000a2f000008000500"
	  "0ac800010800040003000000" },
	{ "route add 10.48.0.0/16 nhid 7",
	  "2c00000018000506000000000000000002100000fe03000100000000080001000a30000008001e00"
	  "07000000" },
	{ "route add 10.49.0.0/16 nexthop via 10.0.0.2 dev e0 weight 3 nexthop dev e1 weight 1 nexthop via 1.2.3.4 dev e1 weight 2 onlink",
	  "5000000018000506000000000000000002100000fe03000100000000080001000a3100002c000900"
	  "1000000203000000080005000a000002080000000200000010000401020000000800050001020304" },
	{ "route add 10.50.0.0/16 via 10.0.0.2 realm 3/4",
	  "3400000018000506000000000000000002100000fe03000100000000080001000a32000008000500"
	  "0a00000208000b0004000300" },
	{ "route del 10.9.0.0/16",
	  "2400000019000500000000000000000002100000fe00ff0000000000080001000a090000" },
	{ "rule add from all lookup 100 pref 300",
	  "24000000200005060000000000000000020000006400000100000000080006002c010000" },
	{ "rule add not from 10.0.0.3 to 10.9.0.0/24 iif e0 oif e1 tos 0x10 fwmark 5/0xff ipproto udp sport 5 dport 1-200 pref 7 lookup 1000",
	  "74000000200005060000000000000000021820100000000102000000080002000a00000308000100"
	  "0a0900000700030065300000070011006531000008000a000500000008001000ff00000005001600"
	  "110000000800170005000500080018000100c800080006000700000008000f00e8030000" },
	{ "rule add from 10.0.0.0/24 goto 32766 pref 100",
	  "34000000200005060000000000000000020018000000000200000000080002000a00000008000400"
	  "fe7f00000800060064000000" },
	{ "rule add to 1.2.3.4 blackhole pref 4",
	  "2c000000200005060000000000000000022000000000000600000000080001000102030408000600"
	  "04000000" },
	{ "rule add from all unreachable pref 5",
	  "240000002000050600000000000000000200000000000007000000000800060005000000" },
	{ "rule del pref 3",
	  "240000002100050000000000000000000200000000000000000000000800060003000000" },
	{ "link set dev e0 mtu 1400 up",
	  "28000000100005000000000000000000000000000300000001000000010000000800040078050000" },
	{ "link set e0 address 02:00:00:00:00:05",
	  "2c000000100005000000000000000000000000000300000000000000000000000a00010002000000"
	  "00050000" },
	{ "link set e1 down arp off",
	  "2000000010000500000000000000000000000000020000008000000081000000" },
};

static const struct {
	const char *line;
	int err;
	const char *why;
} bad[] = {
	{ "route add 10.0.0.300", -EINVAL, "route: \"10.0.0.300\" is no IPv4 prefix" },
	{ "route add 10.0.0.0/8 via", -EINVAL, "route: address expected after \"via\"" },
	{ "route add 10.0.0.0/8 dev zz", -ENODEV, "route: there is no device \"zz\"" },
	{ "route frob", -EINVAL, "route: unknown verb \"frob\"" },
	{ "link add e0", -EINVAL, "link: unknown verb \"add\"" },
	{ "foo add", -EINVAL, "unknown object \"foo\"" },
	{ "", -EINVAL, "object expected after \"\"" },
	{ "addr add 1.2.3.4", -EINVAL, "addr: \"dev\" expected" },
	{ "route add 10.0.0.0/8 nexthop via 1.2.3.4 weight 0", -EINVAL,
	  "route: a weight is 1 to 256" },
	{ "route add 10.0.0.0/8 mtu x", -EINVAL, "route: \"x\" is no mtu (0 to 4294967295)" },
	{ "route add 10.0.0.0/8 via 1.2.3.4 bar", -EINVAL, "route: unknown word \"bar\"" },
	{ "rule add sport 1-70000", -EINVAL, "rule: \"1-70000\" is no PORT[-PORT]" },
	{ "neigh add 1.2.3.4 lladdr 1:2 dev e0", -EINVAL, "neigh: \"1:2\" is no MAC address" },
	{ "link set e0 foo", -EINVAL, "link: unknown word \"foo\"" },
	{ "nexthop add id 1 group 1,70000", -EINVAL, "nexthop: \"1,70000\" is no ID[,WEIGHT]/..." },
};

static int ifindex(void *arg, const char *name)
{
	(void)arg;
	return !strcmp(name, "lo") ? 1 : !strcmp(name, "e0") ? 3 : !strcmp(name, "e1") ? 2 : 0;
}

static const struct ipwords_env env = { ifindex, NULL };

static void test_good(void **state)
{
	uint32_t buf[IPWORDS_MSG_MAX / 4];
	char hex[2 * 512 + 1], why[160];
	unsigned int i;
	int n, k;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		n = ipwords_line(buf, sizeof(buf), good[i].line, &env, why, sizeof(why));
		if (n < 0)
			fail_msg("%s: %d %s", good[i].line, n, why);
		assert_in_range(n, 16, 512);
		for (k = 0; k < n; k++)
			sprintf(hex + 2 * k, "%02x", ((uint8_t *)buf)[k]);
		if (strcmp(hex, good[i].hex))
			fail_msg("%s:\n%s, expected\n%s", good[i].line, hex, good[i].hex);
	}
}

static void test_bad(void **state)
{
	uint32_t buf[IPWORDS_MSG_MAX / 4];
	char why[160];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		assert_int_equal(ipwords_line(buf, sizeof(buf), bad[i].line, &env, why,
					      sizeof(why)),
				 bad[i].err);
		assert_string_equal(why, bad[i].why);
	}
}

/* Every buffer that is too small is an error, never a write behind it. */
static void test_small_buffer(void **state)
{
	uint32_t buf[IPWORDS_MSG_MAX / 4];
	char why[8];
	unsigned int i;
	size_t size;
	int n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		n = (int)strlen(good[i].hex) / 2;
		for (size = 0; size < (size_t)n + 8; size++) {
			int r;

			memset(buf, 0x5a, sizeof(buf));
			r = ipwords_line(buf, size, good[i].line, &env, why, sizeof(why));
			assert_true(r == n || r == -EMSGSIZE);
			assert_true(r != n || size >= (size_t)n);
			assert_int_equal(((uint8_t *)buf)[size], 0x5a);
		}
		assert_int_equal(
			ipwords_line(buf, (size_t)n + 8, good[i].line, &env, why, sizeof(why)), n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_small_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
