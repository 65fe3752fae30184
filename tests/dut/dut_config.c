// SPDX-License-Identifier: BSD-2-Clause
/* tests/dut/dut_config.c - the configuration of a scenario, applied as netlink messages and settings.
 *
 * The order is that of data/golden/README.md: interfaces, settings, links up, addresses, neighbours, proxy entries,
 * nexthop objects, routes, rules, settings once more. Each item becomes a line in the words of ip.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"
#include "lib/fmt.h"
#include "lib/inet.h"
#include "tests/dut/dut.h"

#define MS   1000000ull
#define LINE 4000

static int fail(struct dut *dut, int err, const char *item, const char *why)
{
	snprintf(dut->why, sizeof(dut->why), "%.200s: %.150s%s%s", item, why, err ? ": " : "",
		 err ? strerror(-err) : "");
	return err ? err : -EINVAL;
}

static int ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

static int extack_attr(const struct nlattr *a, void *data)
{
	if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG && !mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
		snprintf(data, DUT_WHY, "%s", mnl_attr_get_str(a));
	return MNL_CB_OK;
}

/* Keep the sentence that a refusal comes with. */
static void keep_extack(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	size_t skip = sizeof(struct nlmsgerr);

	if (nlh->nlmsg_type != NLMSG_ERROR || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

		skip += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	}
	if (mnl_nlmsg_get_payload_len(nlh) > skip)
		mnl_attr_parse(nlh, (unsigned)skip, extack_attr, arg);
}

static int say(struct dut *dut, const char *line)
{
	static const char no_answer[] = "refused";
	struct ipwords_env env = { ifindex, dut->net };
	char why[DUT_WHY] = "";
	uint32_t msg[IPWORDS_MSG_MAX / 4];
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n < 0)
		return fail(dut, n, line, why);
	n = skiff_netlink(dut->net, msg, (size_t)n, keep_extack, why);
	return n < 0 ? fail(dut, n, line, *why ? why : no_answer) : 0;
}

/**
 * dut_try() - one line in the words of ip, apart from a configuration
 * Return: 0, or a negative errno with @why set
 */
int dut_try(struct dut *dut, const char *line)
{
	return say(dut, line);
}

static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* Append " WORD VALUE" if the object has the key; strings and numbers alike. */
static void word(struct strbuf *sb, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		strbuf_printf(sb, " %s %s", key, json_string_value(v));
	else if (json_is_integer(v))
		strbuf_printf(sb, " %s %lld", key, (long long)json_integer_value(v));
}

static void words(struct strbuf *sb, const json_t *o, const char *const *keys)
{
	for (; *keys; keys++)
		word(sb, o, *keys);
}

static int end_line(struct dut *dut, const struct strbuf *sb)
{
	return sb->cut ? fail(dut, 0, "a line", "too long") : say(dut, sb->p);
}

static int add_addr(struct dut *dut, const char *dev, const json_t *a)
{
	static const char *const keys[] = { "peer", "brd", "scope", NULL };
	char line[LINE];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_printf(&sb, "addr add %s", str(a, "local") ? str(a, "local") : "");
	words(&sb, a, keys);
	strbuf_printf(&sb, " dev %s", dev);
	return end_line(dut, &sb);
}

static int add_neigh(struct dut *dut, const json_t *n)
{
	static const char *const keys[] = { "lladdr", "dev", NULL };
	char line[LINE];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_printf(&sb, "neigh add %s", str(n, "dst") ? str(n, "dst") : "");
	words(&sb, n, keys);
	strbuf_printf(&sb, " nud %s", str(n, "state") ? str(n, "state") : "permanent");
	return end_line(dut, &sb);
}

static int add_proxy(struct dut *dut, const json_t *n)
{
	char line[LINE];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_printf(&sb, "neigh add proxy %s", str(n, "dst") ? str(n, "dst") : "");
	word(&sb, n, "dev");
	return end_line(dut, &sb);
}

static int add_nexthop(struct dut *dut, const json_t *n)
{
	char line[LINE];
	const json_t *a;
	struct strbuf sb;
	size_t i;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_puts(&sb, "nexthop add");
	word(&sb, n, "id");
	json_array_foreach(json_object_get(n, "args"), i, a)
		strbuf_printf(&sb, " %s", json_is_string(a) ? json_string_value(a) : "?");
	return end_line(dut, &sb);
}

static int add_route(struct dut *dut, const json_t *r)
{
	static const char *const keys[] = { "tos", "via",    "dev",   "scope",
					    "src", "metric", "table", NULL };
	const json_t *hops = json_object_get(r, "nexthops"), *mtu = json_object_get(r, "mtu"), *h;
	const char *type = str(r, "type");
	char line[LINE];
	struct strbuf sb;
	size_t i;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_printf(&sb, "route add %s %s", type ? type : "unicast",
		      str(r, "dst") ? str(r, "dst") : "");
	words(&sb, r, keys);
	if (json_is_integer(mtu))
		strbuf_printf(&sb, " mtu %s%lld",
			      json_is_true(json_object_get(r, "mtu_lock")) ? "lock " : "",
			      (long long)json_integer_value(mtu));
	word(&sb, r, "nhid");
	if (json_is_true(json_object_get(r, "onlink")) && !hops)
		strbuf_puts(&sb, " onlink");
	json_array_foreach(hops, i, h)
	{
		strbuf_puts(&sb, " nexthop");
		word(&sb, h, "via");
		word(&sb, h, "dev");
		word(&sb, h, "weight");
		if (json_is_true(json_object_get(h, "onlink")))
			strbuf_puts(&sb, " onlink");
	}
	return end_line(dut, &sb);
}

static int add_rule(struct dut *dut, const json_t *r)
{
	static const char *const keys[] = { "from",    "to",	"iif",	 "oif",	 "tos", "fwmark",
					    "ipproto", "sport", "dport", "pref", NULL };
	static const char *const suppress[] = { "suppress_prefixlength", "suppress_ifgroup", NULL };
	const char *action = str(r, "action");
	char line[LINE];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_printf(&sb, "rule add%s", json_is_true(json_object_get(r, "not")) ? " not" : "");
	words(&sb, r, keys);
	if (!action || !strcmp(action, "lookup")) {
		word(&sb, r, "table");
		words(&sb, r, suppress);
	} else if (!strcmp(action, "goto")) {
		word(&sb, r, "goto");
	} else {
		strbuf_printf(&sb, " %s", action);
	}
	return end_line(dut, &sb);
}

static int for_each(struct dut *dut, const json_t *cfg, const char *key,
		    int (*add)(struct dut *dut, const json_t *item))
{
	const json_t *list = json_object_get(cfg, key), *item;
	size_t i;
	int err = 0;

	if (list && !json_is_array(list))
		return fail(dut, 0, key, "not a list");
	json_array_foreach(list, i, item)
	{
		err = add(dut, item);
		if (err)
			break;
	}
	return err;
}

static void on_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	struct dut_wire *w = arg;
	struct dut *dut = w->dut;

	(void)dev;
	json_array_append_new(dut->trace,
			      json_pack("{s:s, s:f}", "dev", w->name, "ms",
					((double)dut->now - (double)dut->start) / (double)MS));
	dut->send(dut->arg, (unsigned)(w - dut->wire), frame, len);
}

static int add_iface(struct dut *dut, const json_t *i)
{
	static const struct skiff_wire_ops ops = { .xmit = on_xmit };
	const char *name = str(i, "name"), *mac_text = str(i, "mac");
	const json_t *mtu = json_object_get(i, "mtu");
	struct dut_wire *w = dut->wire;
	char line[100];
	uint8_t mac[6];

	if (!name || !mac_text || !mac_parse(mac_text, mac))
		return fail(dut, 0, name ? name : "an interface", "needs name and mac");
	while (w < dut->wire + dut->n_wires && strcmp(w->name, name))
		w++;
	if (w == dut->wire + dut->n_wires || w->dev)
		return fail(dut, 0, name, w->dev ? "named twice" : "there is no such wire");
	w->dut = dut;
	w->dev = skiff_wire_create(dut->net, name, mac, &ops, w);
	if (!w->dev)
		return fail(dut, 0, name, "cannot be made");
	if (!json_is_integer(mtu))
		return 0;
	snprintf(line, sizeof(line), "link set %s mtu %lld", name,
		 (long long)json_integer_value(mtu));
	return say(dut, line);
}

static int up_iface(struct dut *dut, const json_t *i)
{
	char line[100];

	if (json_is_false(json_object_get(i, "up")))
		return 0;
	snprintf(line, sizeof(line), "link set %.20s up", str(i, "name"));
	return say(dut, line);
}

static int addrs_of_iface(struct dut *dut, const json_t *i)
{
	const json_t *a;
	size_t k;
	int err;

	json_array_foreach(json_object_get(i, "addrs"), k, a)
	{
		err = add_addr(dut, str(i, "name"), a);
		if (err)
			return err;
	}
	return 0;
}

static int addr_of_lo(struct dut *dut, const json_t *a)
{
	return add_addr(dut, "lo", a);
}

/* Settings of layers that skiff does not have yet are fine while they say what Linux does by default. */
static bool harmless(const char *key, const char *value)
{
	static const char *const defaults[][2] = {
		{ "net.ipv4.tcp_syncookies", "1" },    { "net.ipv4.tcp_timestamps", "1" },
		{ "net.ipv4.tcp_ecn", "2" },	       { "net.ipv4.tcp_reflect_tos", "0" },
		{ "net.ipv4.tcp_fwmark_accept", "0" },
	};
	size_t i;

	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (!strcmp(key, defaults[i][0]))
			return !strcmp(value, defaults[i][1]);
	return false;
}

static int set_sysctl(struct dut *dut, const json_t *pair)
{
	const char *key = json_string_value(json_array_get(pair, 0));
	const json_t *v = json_array_get(pair, 1);
	const char *value = json_string_value(v);
	char number[24];
	int err;

	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		value = number;
	}
	if (!key || !value)
		return fail(dut, 0, "sysctl", "[key, value] expected");
	err = skiff_sysctl_set(dut->net, key, value);
	if (err == -ENOENT && harmless(key, value))
		return 0;
	return err < 0 ? fail(dut, err, key, value) : 0;
}

/**
 * dut_config() - configure the namespace of a started device under test
 * @cfg: the config object of a scenario, with the complete list of settings
 * Return: 0, or a negative errno with @why naming the item
 */
int dut_config(struct dut *dut, const json_t *cfg)
{
	static const struct {
		const char *key;
		int (*add)(struct dut *dut, const json_t *item);
	} steps[] = {
		{ "ifaces", add_iface },      { "sysctl", set_sysctl },	   { "ifaces", up_iface },
		{ "ifaces", addrs_of_iface }, { "lo_addrs", addr_of_lo },  { "neigh", add_neigh },
		{ "proxy_neigh", add_proxy }, { "nexthops", add_nexthop }, { "routes", add_route },
		{ "rules", add_rule },	      { "sysctl", set_sysctl },
	};
	const json_t *nft = json_object_get(cfg, "nft");
	size_t i;
	int err;

	if (nft && !json_is_null(nft))
		return fail(dut, -EOPNOTSUPP, "nft", "no rules yet");
	err = say(dut, "link set lo up");
	for (i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = for_each(dut, cfg, steps[i].key, steps[i].add);
	if (!err && !dut_run(dut))
		err = -EBUSY;
	dut->start = dut->now;
	return err;
}
