// SPDX-License-Identifier: BSD-2-Clause
/* net/skiff.c - the public interface (skiff/skiff.h) over the stack's inner one.
 *
 * struct skiff_net is struct net, struct skiff_dev is struct net_device; outside they have no members. With init.c this
 * is the composition side: it may know every module. Turning a shard is the engine's (engine/skiff.c).
 */
#include "skiff/skiff.h"

#include "drivers/devices.h"
#include "lib/fmt.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/proc.h"
#include "net/rtnetlink.h"
#include "net/sysctl.h"

static struct net *net_of(struct skiff_net *net)
{
	return (struct net *)net;
}

static struct skiff_net *outer(struct net *net)
{
	return (struct skiff_net *)net;
}

/* ---- a shard ---- */

struct skiff *skiff_create(const struct skiff_env *env)
{
	struct skiff *skiff = skiff_engine_new(env);

	if (!skiff)
		return NULL;
	if (skb_pool_init(skiff))
		goto err_free;
	if (sock_shard_init(skiff))
		goto err_pool;
	return skiff;
err_pool:
	skb_pool_exit(skiff);
err_free:
	skiff_engine_exit(skiff);
	skiff_free(skiff, skiff);
	return NULL;
}

void skiff_destroy(struct skiff *skiff)
{
	struct net *net;

	if (!skiff)
		return;
	while (!list_empty(&skiff->nets)) {
		net = list_first_entry(&skiff->nets, struct net, list);
		net_destroy(net);
	}
	sock_shard_exit(skiff);
	skiff_run_death_row(skiff);
	skb_pool_exit(skiff);
	skiff_engine_exit(skiff);
	skiff_free(skiff, skiff);
}

/* ---- namespaces ---- */

struct skiff_net *skiff_net_create(struct skiff *skiff, const char *name)
{
	return outer(net_create(skiff, name));
}

void skiff_net_destroy(struct skiff_net *net)
{
	if (net)
		net_destroy(net_of(net));
}

struct skiff_net *skiff_net_find(struct skiff *skiff, const char *name)
{
	return outer(net_find(skiff, name));
}

const char *skiff_net_name(const struct skiff_net *net)
{
	return ((const struct net *)net)->name;
}

int skiff_netlink(struct skiff_net *net, const void *msg, size_t len, skiff_netlink_fn reply,
		  void *arg)
{
	return rtnetlink_rcv_msg(net_of(net), msg, len, reply, arg);
}

int skiff_sysctl_set(struct skiff_net *net, const char *key, const char *value)
{
	return sysctl_set(net_of(net), key, value);
}

int skiff_sysctl_get(struct skiff_net *net, const char *key, char *buf, size_t size)
{
	return sysctl_get(net_of(net), key, buf, size);
}

void skiff_sysctl_walk(struct skiff_net *net, void (*fn)(void *arg, const char *key), void *arg)
{
	sysctl_walk(net_of(net), fn, arg);
}

/* ---- /proc ---- */

static const struct {
	const char *path;
	void (*show)(struct net *net, struct strbuf *sb);
} proc_files[] = {
	{ "net/arp", arp_seq_show },
	{ "net/dev", dev_seq_show },
	{ "net/icmp", ping_seq_show },
	{ "net/igmp", igmp_mc_seq_show },
	{ "net/mcfilter", igmp_mcf_seq_show },
	{ "net/netstat", netstat_seq_show },
	{ "net/protocols", protocols_seq_show },
	{ "net/raw", raw_seq_show },
	{ "net/snmp", snmp_seq_show },
	{ "net/sockstat", sockstat_seq_show },
	{ "net/stat/rt_cache", rt_cache_seq_show },
	{ "net/tcp", tcp4_seq_show },
	{ "net/udp", udp4_seq_show },
	{ "net/udplite", udplite4_seq_show },
};

/* A text is built in a buffer that doubles until it holds all of it. */
static int proc_print(struct net *net, void (*show)(struct net *net, struct strbuf *sb), char *buf,
		      size_t size)
{
	size_t cap = 16384, n;
	struct strbuf sb;
	char *text;

	for (;; cap *= 2) {
		text = skiff_alloc(net->skiff, cap);
		if (!text)
			return -ENOMEM;
		strbuf_init(&sb, text, cap);
		show(net, &sb);
		if (!sb.cut)
			break;
		skiff_free(net->skiff, text);
	}
	if (size) {
		n = min_t(size_t, sb.len, size - 1);
		memcpy(buf, text, n);
		buf[n] = 0;
	}
	skiff_free(net->skiff, text);
	return (int)sb.len;
}

int skiff_proc_read(struct skiff_net *net, const char *path, char *buf, size_t size)
{
	for (unsigned i = 0; i < ARRAY_SIZE(proc_files); i++) {
		if (!strcmp(proc_files[i].path, path))
			return proc_print(net_of(net), proc_files[i].show, buf, size);
	}
	return -ENOENT;
}

void skiff_counters(struct skiff_net *net, void (*fn)(void *arg, const char *name, uint64_t value),
		    void *arg)
{
	snmp_each_counter(net_of(net), fn, arg);
}

/* ---- devices ---- */

struct skiff_dev *skiff_dev_find(struct skiff_net *net, const char *name)
{
	return (struct skiff_dev *)dev_get_by_name(net_of(net), name);
}

int skiff_dev_ifindex(const struct skiff_dev *dev)
{
	return (int)((const struct net_device *)dev)->ifindex;
}

const char *skiff_dev_name(const struct skiff_dev *dev)
{
	return ((const struct net_device *)dev)->name;
}

struct skiff_dev *skiff_wire_create(struct skiff_net *net, const char *name, const uint8_t mac[6],
				    const struct skiff_wire_ops *ops, void *arg)
{
	int err;

	if (!dev_valid_name(name))
		return NULL;
	return (struct skiff_dev *)wire_create(net_of(net), name, mac, ops, arg, &err);
}

struct skiff_dev *skiff_rawip_create(struct skiff_net *net, const char *name, unsigned flags,
				     const struct skiff_rawip_ops *ops, void *arg)
{
	int err;

	if (!name || !ops || !dev_valid_name(name))
		return NULL;
	return (struct skiff_dev *)rawip_create(net_of(net), name, flags, ops, arg, &err);
}

int skiff_rawip_rx(struct skiff_dev *dev, const void *packet, size_t len)
{
	return rawip_rx((struct net_device *)dev, packet, len);
}

void skiff_rawip_set_flags(struct skiff_dev *dev, unsigned flags)
{
	rawip_set_flags((struct net_device *)dev, flags);
}

int skiff_wire_rx(struct skiff_dev *dev, const void *frame, size_t len)
{
	return wire_rx((struct net_device *)dev, frame, len);
}

int skiff_veth_create(struct skiff_net *a, const char *name_a, const uint8_t mac_a[6],
		      struct skiff_net *b, const char *name_b, const uint8_t mac_b[6])
{
	struct net_device *dev, *peer;

	if (!dev_valid_name(name_a) || !dev_valid_name(name_b) ||
	    net_of(a)->skiff != net_of(b)->skiff)
		return -EINVAL;
	return veth_create(net_of(a), name_a, mac_a, net_of(b), name_b, mac_b, &dev, &peer);
}

int skiff_dummy_create(struct skiff_net *net, const char *name)
{
	int err = 0;

	if (!dev_valid_name(name))
		return -EINVAL;
	return dummy_create(net_of(net), name, NULL, &err) ? 0 : err;
}

int skiff_dev_set_feature(struct skiff_dev *dev, const char *name, bool on)
{
	return dev_set_feature((struct net_device *)dev, name, on);
}

void skiff_dev_destroy(struct skiff_dev *dev)
{
	if (dev)
		unregister_netdevice((struct net_device *)dev);
}
