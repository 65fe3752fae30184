// SPDX-License-Identifier: BSD-2-Clause
/* tests/rtnl/rtnl_test.c FILE... - recorded netlink talk with the kernel against a whole namespace. */
#include "tests/rtnl/replay.h"

#include <stdio.h>

#include "drivers/devices.h"
#include "lab/ipwords.h"
#include "net/fib_rules.h"
#include "net/ip_fib.h"
#include "net/netdevice.h"
#include "net/route.h"
#include "net/rtnetlink.h"
#include "net/sysctl.h"

/* The wire's far end: what the stack sends is of no interest here. */
static void swallow(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
}

static const struct skiff_wire_ops wire_ops = { .xmit = swallow };

static bool make_device(struct replay *r, const char *name, unsigned ifindex)
{
	int err;
	struct net_device *dev;

	r->net->ifindex = ifindex - 1; /* the next one to be given */
	dev = wire_create(r->net, name, NULL, &wire_ops, NULL, &err);
	return dev && dev->ifindex == ifindex;
}

static int find_ifindex(void *arg, const char *name)
{
	struct replay *r = arg;
	struct net_device *dev = dev_get_by_name(r->net, name);

	return dev ? (int)dev->ifindex : 0;
}

static bool run_ip(struct replay *r, const char *words)
{
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	const struct ipwords_env env = { find_ifindex, r };
	struct net_device *dev;
	char a[32], b[32], why[128];

	if (sscanf(words, "link set %31s name %31s", a, b) == 2) {
		dev = dev_get_by_name(r->net, a);
		return dev && !dev_change_name(dev, b);
	}
	if (sscanf(words, "link del %31s", a) == 1) {
		dev = dev_get_by_name(r->net, a);
		if (dev)
			unregister_netdevice(dev);
		return dev;
	}
	if (ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why)) < 0) {
		printf("%s: %s\n", words, why);
		return false;
	}
	return !replay_message(r, msg);
}

/* "rule N TEXT": so reads the Nth rule */
static bool check_rule(struct replay *r, unsigned n, const char *text)
{
	const struct fib_rule *rule;
	char buf[256];

	list_for_each_entry(rule, &r->net->ipv4.rules_ops->rules_list, list) {
		if (n--)
			continue;
		fib_rule_text(rule, buf, sizeof(buf));
		if (strcmp(buf, text))
			printf("rule reads \"%s\"\n", buf);
		return !strcmp(buf, text);
	}
	return false;
}

static bool run_command(struct replay *r, const char *line)
{
	struct net_device *dev;
	char name[32], key[64], value[32];
	unsigned n;
	int skip;

	if (sscanf(line, "sysctl -qw %63[^=]=%31s", key, value) == 2)
		return !sysctl_set(r->net, key, value);
	if (!strncmp(line, "ip ", 3))
		return run_ip(r, line + 3);
	if (sscanf(line, "rule %u %n", &n, &skip) == 1)
		return check_rule(r, n, line + skip);
	if (sscanf(line, "carrier %31s %u", name, &n) != 2)
		return false;
	dev = dev_get_by_name(r->net, name);
	if (!dev)
		return false;
	if (n)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	return true;
}

static int test_file(const char *path)
{
	const struct skiff_env env = { .now_ns = 1 };
	struct replay r = { .device = make_device, .command = run_command };
	struct skiff skiff;
	int err = 1;

	skiff_engine_init(&skiff, &env);
	if (skb_pool_init(&skiff))
		return 1;
	r.net = net_create(&skiff, "r");
	if (r.net) {
		err = replay_file(&r, path);
		net_destroy(r.net);
	}
	skb_pool_exit(&skiff);
	return err;
}

int main(int argc, char **argv)
{
	int bad = argc < 2;

	for (int i = 1; i < argc; i++)
		bad |= test_file(argv[i]) != 0;
	return bad;
}
