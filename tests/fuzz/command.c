// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/command.c - changes of the configuration that scripts name by a number, in the words of ip where it has some.
 *
 * They are also what the mutator makes its messages from. New ones go to the end: inputs refer to the numbers.
 */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "drivers/devices.h"
#include "lab/ipwords.h"
#include "lib/inet.h"
#include "net/igmp.h"
#include "net/inetdevice.h"
#include "net/netdevice.h"
#include "tests/fuzz/fuzz.h"

/* "make KIND NAME", "remove NAME", "join GROUP NAME", "end NAMESPACE" are ours,
 * and so is "raw TYPE FLAGS HEADER ATTRIBUTE=VALUE...", all but TYPE in hexadecimal, attributes' types decimal,
 * with NLA_F_NESTED 8000 more. */
static const char *const command[] = {
	"link set e0 down",
	"link set e0 up",
	"link set e1 down",
	"link set e1 up",
	"link set e2 down",
	"link set e2 up",
	"link set v0 down",
	"link set v0 up",
	"link set lo down",
	"link set lo up",
	"link set e1 mtu 68",
	"link set e0 mtu 9000",
	"link set e0 address 02:00:00:00:00:05",
	"link set e1 arp off",
	"link set e0 promisc on",
	"link set e0 name e9",
	"link set dummy0 up",
	"make dummy d1",
	"make veth v8",
	"remove e0",
	"remove e1",
	"remove v0",
	"remove dummy0",
	"remove d1",
	"addr add 10.0.0.9/24 dev e0",
	"addr add 10.0.1.9/25 brd + dev e1 noprefixroute",
	"addr add 10.0.0.10/24 dev e0 valid_lft 5 preferred_lft 2",
	"addr add 10.0.0.1/24 dev e1",
	"join 239.1.2.3 e0",
	"addr del 10.0.0.1/24 dev e0",
	"addr del 10.0.0.4/24 dev e0",
	"addr del 10.0.1.1/24 dev e1",
	"addr del 10.6.0.1 peer 10.6.0.2 dev e2",
	"addr del 127.0.0.1/8 dev lo",
	"addr replace 10.0.0.1/24 dev e0 metric 5",
	"neigh add 10.0.0.7 lladdr 02:aa:00:00:00:07 dev e0 nud stale",
	"neigh replace 10.0.0.2 lladdr 02:aa:00:00:00:22 dev e0 nud reachable",
	"neigh replace 10.0.1.2 lladdr 02:aa:00:00:01:02 dev e1 nud delay",
	"neigh replace 10.0.0.2 dev e0 nud failed",
	"neigh del 10.0.0.2 dev e0",
	"neigh add 10.0.0.8 dev e0 use",
	"neigh add proxy 10.0.0.60 dev e0",
	"neigh del proxy 10.0.0.50 dev e0",
	"route add default via 10.0.0.2",
	"route add default via 10.0.1.2 metric 10",
	"route del default",
	"route replace 10.9.0.0/16 via 10.0.0.3",
	"route replace 10.9.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.1.2 nexthop via 10.0.2.1",
	"route append 10.9.0.0/16 via 10.0.2.1",
	"route del 10.9.0.0/16",
	"route add 10.9.3.0/24 via 10.0.0.3 table 100",
	"route add throw 10.9.4.0/24 table 100",
	"route add 10.10.0.0/16 via 10.0.0.2 src 10.0.0.4 mtu lock 600 advmss 500 realm 3/4",
	"route add 10.11.0.0/16 via 10.200.0.1 dev e0 onlink",
	"route add local 10.13.0.0/16 dev e0",
	"route add broadcast 10.14.0.255 dev e0",
	"route add prohibit 10.9.9.0/24",
	"route add blackhole 10.9.8.0/24 tos 0x10",
	"route add multicast 239.0.0.0/8 dev e0",
	"route add 10.2.0.0/17 nhid 10",
	"route replace 10.7.0.0/16 nhid 20",
	"route del 10.7.0.0/16",
	"rule add from all lookup 100 pref 300",
	"rule add from 10.0.0.0/24 goto 32766 pref 90",
	"rule add to 10.9.0.0/16 iif e0 tos 0x10 unreachable pref 4",
	"rule add oif e1 blackhole pref 5",
	"rule add fwmark 5/0xff lookup 100 pref 6",
	"rule add from all lookup main suppress_prefixlength 8 pref 7",
	"rule add not from 10.0.0.3 ipproto udp sport 5 dport 1-200 lookup 100 pref 8",
	"rule del pref 90",
	"rule del pref 300",
	"rule del pref 32766",
	"rule del pref 0",
	"nexthop add id 4 via 10.0.0.3 dev e0",
	"nexthop add id 5 dev e1",
	"nexthop replace id 1 via 10.0.0.3 dev e0",
	"nexthop replace id 2 blackhole",
	"nexthop add id 11 group 1/4,3",
	"nexthop replace id 10 group 2",
	"nexthop add id 20 group 1/2,3 type resilient buckets 8 idle_timer 1 unbalanced_timer 5",
	"nexthop replace id 20 group 2/4 type resilient",
	"nexthop del id 1",
	"nexthop del id 2",
	"nexthop del id 10",
	"nexthop del id 20",
	"addr add 255.255.255.255/32 dev e2",
	"addr add 0.0.0.0/0 dev e2",
	"link set e2 arp off",
	"link set e2 multicast off",
	"link set e1 group 7",
	"join 239.1.2.4 e0",
	"join 232.1.1.1 e1",
	"addr del 239.1.2.3/32 dev e0",
	"route add 10.15.0.0/16 nhid 20",
	"rule add from 10.0.0.2 tos 0x08 lookup main pref 9",
	"rule add from all iif lo prohibit pref 10",
	"remove e2",
	"end far",
	"addr add 192.0.2.1/24 dev e2",
	"route add 10.16.0.0/16 via 192.0.2.7 mtu 68",
	"route add 10.17.0.0/16 via 10.0.0.7",
	"route add 10.18.0.0/16 dev dummy0",
	"neigh replace 10.0.0.7 lladdr 02:aa:00:00:00:07 dev e0 nud probe",
	"route append default via 10.0.0.3",
	"route append default via 10.0.1.2",
	/* RTM_GETROUTE: plain, with input device, of the table; of a multicast group; with ports */
	"raw 26 1 022000000000000000000000 1=0a090105",
	"raw 26 1 022020000000000000000000 1=0a090105 2=0a000002 3=02000000",
	"raw 26 1 022000000000000000300000 1=0a070105 15=fe000000",
	"raw 26 1 022000000000000000200000 1=0a090105",
	"raw 26 1 022000080000000000000000 1=ef010203 4=02000000 16=05000000 27=11 28=0005 29=0064",
	"raw 26 301 020000000000000000000000 15=fe000000",
	"raw 26 301 020000000000000000020000",
	/* RTM_GETNEXTHOPBUCKET, one and filtered dumps; RTM_GETNEXTHOP */
	"raw 118 1 0000000000000000 1=14000000 8013=0600010003000000",
	"raw 118 301 0000000000000000 1=14000000",
	"raw 118 301 0000000000000000 5=02000000",
	"raw 118 301 0000000000000000 8013=0800030001000000",
	"raw 106 1 0000000000000000 1=0a000000",
	"raw 106 301 0000000000000000 9=",
	"raw 106 301 0000000000000000 5=02000000",
	/* RTM_SETNEIGHTBL: thresholds; one device's settings */
	"raw 67 5 00000000 1=6172705f636163686500 2=01000000 3=02000000 4=03000000",
	"raw 67 5 02000000 1=6172705f636163686500 8006=08000100020000000c0004000a00000000000000",
	"raw 67 5 02000000 1=6172705f636163686500 8=e803000000000000",
	/* RTM_GETNETCONF; RTM_SETLINK with IFLA_AF_SPEC; RTM_GETNEIGH; RTM_GETLINK; RTM_GETADDR; RTM_GETRULE */
	"raw 82 1 02000000 1=02000000",
	"raw 82 1 02000000 1=ffffffff",
	"raw 19 5 00000000020000000000000000000000 8026=14000280100001800800010001000000",
	"raw 19 5 00000000020000000000000000000000 8026=14000280100001800800080002000000",
	"raw 30 1 020000000200000000000000 1=0a000002",
	"raw 30 1 020000000200000000000800 1=0a000032",
	"raw 30 301 020000000000000000000000 8=02000000",
	"raw 18 1 00000000000000000000000000000000 3=653000",
	"raw 22 301 0200000002000000",
	"raw 34 301 020000000000000000000000",
};

/** fuzz_commands() - how many there are */
unsigned fuzz_commands(void)
{
	return sizeof(command) / sizeof(command[0]);
}

static int ifindex(void *arg, const char *name)
{
	static const char *const usual[] = { "", "lo", "e0", "e1", "e2", "v0", "dummy0" };
	struct skiff_dev *dev = arg ? skiff_dev_find(arg, name) : NULL;
	int i;

	for (i = 1; !arg && i < 7; i++)
		if (!strcmp(usual[i], name))
			return i;
	return dev ? skiff_dev_ifindex(dev) : 0;
}

/* RTM_NEWLINK of a kind and a name; a veth gets "x" and its name at the other end */
static int make_link(void *buf, const char *kind, const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *info, *data, *peer;
	char other[20] = "x";

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	if (!strcmp(kind, "veth")) {
		data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
		peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		mnl_attr_put_strz(nlh, IFLA_IFNAME, strcat(other, name));
		mnl_attr_nest_end(nlh, peer);
		mnl_attr_nest_end(nlh, data);
	}
	mnl_attr_nest_end(nlh, info);
	return (int)nlh->nlmsg_len;
}

static int remove_link(void *buf, int index)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = RTM_DELLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = index;
	return (int)nlh->nlmsg_len;
}

/* An address that is a multicast group, and joined. */
static int join(void *buf, const char *words, void *net)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	const char *dev = strchr(words, ' ') + 1;
	struct ifaddrmsg *ifa;
	char group[16] = "";
	uint32_t addr;

	memcpy(group, words, (size_t)(dev - 1 - words));
	if (!ip4_parse(group, &addr))
		return -1;
	nlh->nlmsg_type = RTM_NEWADDR;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	ifa->ifa_index = (unsigned)ifindex(net, dev);
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_MCAUTOJOIN);
	mnl_attr_put_u32(nlh, IFA_LOCAL, addr);
	return (int)nlh->nlmsg_len;
}

static size_t unhex(const char *s, uint8_t *out, size_t max)
{
	size_t n = 0;
	unsigned v;

	for (; n < max && sscanf(s, "%2x", &v) == 1 && s[0] != ' '; s += 2)
		out[n++] = (uint8_t)v;
	return n;
}

static int raw(void *buf, const char *s)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	unsigned type, flags, attr;
	uint8_t value[64];
	int at;
	size_t n;

	if (sscanf(s, "%u %x %n", &type, &flags, &at) != 2)
		abort();
	nlh->nlmsg_type = (uint16_t)type;
	nlh->nlmsg_flags = (uint16_t)flags;
	n = unhex(s + at, value, sizeof(value));
	memcpy(mnl_nlmsg_put_extra_header(nlh, n), value, n);
	while ((s = strchr(s + at, ' ')) && sscanf(s, " %u=%n", &attr, &at) == 1) {
		attr = attr >= 8000 ? NLA_F_NESTED + attr - 8000 : attr;
		n = unhex(s + at, value, sizeof(value));
		mnl_attr_put(nlh, (uint16_t)attr, n, value);
	}
	return (int)nlh->nlmsg_len;
}

/* Memberships with sources, which no message makes: bits say what, which group, which way, how many. */
static void membership(struct dut *dut, unsigned n)
{
	static const uint8_t groups[][4] = {
		{ 239, 1, 2, 3 }, { 239, 1, 2, 4 }, { 239, 9, 9, 9 }, { 224, 0, 0, 1 }
	};
	static const uint8_t sources[][4] = { { 10, 0, 0, 2 }, { 10, 0, 0, 3 }, { 192, 0, 2, 1 } };
	struct skiff_dev *dev = skiff_dev_find(dut->net, n & 1 ? "e1" : "e0");
	struct in_device *in_dev = dev ? in_dev_get((struct net_device *)dev) : NULL;
	uint32_t group, source[3], mode = n >> 1 & 1, count = (n >> 2 & 3) % 3 + 1;

	if (!in_dev)
		return;
	memcpy(&group, groups[n >> 4 & 3], 4);
	memcpy(source, sources, sizeof(source));
	if (n & 0x40)
		ip_mc_add_src(in_dev, group, mode, source, count, n >> 7 & 1);
	else
		ip_mc_del_src(in_dev, group, mode, source, count, n >> 7 & 1);
}

/* What only the embedder can do: take away a wire, or a namespace. */
static bool embedders(struct dut *dut, const char *s)
{
	struct skiff_dev *dev;

	if (!strncmp(s, "end ", 4)) {
		skiff_net_destroy(skiff_net_find(dut->skiff, s + 4));
		return true;
	}
	dev = strncmp(s, "remove ", 7) ? NULL : skiff_dev_find(dut->net, s + 7);
	if (!dev || !netdev_is_wire((struct net_device *)dev))
		return false;
	skiff_dev_destroy(dev);
	return true;
}

/**
 * fuzz_command_message() - command @n as a message
 * @dut: whose devices it names; NULL: they have their usual numbers
 * @size: at least IPWORDS_MSG_MAX
 * Return: its length, or negative if it cannot be said (the device is gone)
 */
int fuzz_command_message(struct dut *dut, unsigned n, void *buf, size_t size)
{
	struct ipwords_env env = { ifindex, dut ? dut->net : NULL };
	const char *s = command[n % fuzz_commands()];
	char why[200];

	if (!strncmp(s, "make dummy ", 11))
		return make_link(buf, "dummy", s + 11);
	if (!strncmp(s, "make veth ", 10))
		return make_link(buf, "veth", s + 10);
	if (!strncmp(s, "remove ", 7))
		return remove_link(buf, ifindex(env.arg, s + 7));
	if (!strncmp(s, "end ", 4))
		return -1;
	if (!strncmp(s, "raw ", 4))
		return raw(buf, s + 4);
	if (!strncmp(s, "join ", 5))
		return join(buf, s + 5, env.arg);
	return ipwords_line(buf, size, s, &env, why, sizeof(why));
}

/** fuzz_command() - carry it out; a refusal is fine. With FUZZ_VERBOSE in the environment it is told */
void fuzz_command(struct dut *dut, unsigned n)
{
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	int len;

	if (n >= FUZZ_MEMBERSHIP) {
		membership(dut, n);
		return;
	}
	if (embedders(dut, command[n % fuzz_commands()]))
		return;
	len = fuzz_command_message(dut, n, msg, sizeof(msg));
	if (len > 0)
		len = skiff_netlink(dut->net, msg, (size_t)len, NULL, NULL);
	if (getenv("FUZZ_VERBOSE"))
		fprintf(stderr, "%3u %s: %s\n", n, command[n % fuzz_commands()],
			len < 0 ? strerror(-len) : "");
}
