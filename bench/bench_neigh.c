// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_neigh.c - what neighbours cost: to find, to make, to resolve by ARP and to collect, with 10,000 of them.
 *
 * bench_neigh [--json FILE] [--quick]     --quick: fewer entries and runs, for a test that all of it works
 *
 * A router with two devices of memory: r0 with one known host, r1 with a /14 of hosts. Resolving is all of it: a
 * packet arrives on r0, waits for its next hop, the request leaves by r1, the reply comes in there and the packet
 * leaves. Frames are written and freed outside of what is timed, as is the reset between runs. The best of the runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_ip.h"
#include "lib/checksum.h"
#include "lib/inet.h"
#include "lib/prandom.h"
#include "net/core/neigh_table.h"

#define FRAME	64
#define LINK	0x0a100000u /* 10.16.0.0/14: hosts of r1 */
#define LOOKUPS 65536u

struct arp_frame {
	struct ethhdr eth;
	struct arphdr arp;
	u8 sha[6];
	__be32 sip;
	u8 tha[6];
	__be32 tip;
} __attribute__((packed));

/* What left by a device since somebody last looked. */
struct port {
	u32 arps, packets;
	__be32 asked[SKB_BATCH_MAX];
};

struct bench {
	struct skiff *skiff;
	struct net *net;
	struct net_device *in, *out;
	struct bench_out result;
	struct prng rng;
	u32 n; /* entries */
	u32 runs;
	u64 now; /* ns */
};

static void fail(const char *why)
{
	fprintf(stderr, "bench_neigh: %s\n", why);
	exit(1);
}

/* ---- the router ---- */

static void port_xmit(struct net_device *dev, struct skb_batch *b)
{
	struct port *port = dev->priv;

	for (u32 i = 0; i < b->n; i++) {
		const struct arp_frame *f = (const void *)b->p[i]->data;

		if (f->eth.h_proto != htons(ETH_P_ARP))
			port->packets++;
		else if (port->arps < SKB_BATCH_MAX)
			port->asked[port->arps++] = f->tip;
	}
	consume_skb_batch(dev->net->skiff, b);
}

static const struct net_device_ops port_ops = {
	.ndo_start_xmit = port_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void port_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &port_ops;
}

static struct net_device *port_create(struct net *net, const char *name)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct port), name, port_setup);

	if (!dev)
		fail("no device");
	eth_random_addr(net->skiff, dev->dev_addr);
	if (register_netdevice(dev))
		fail("no device");
	return dev;
}

static void set(struct bench *b, const char *key, u32 value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (skiff_sysctl_set((struct skiff_net *)b->net, key, text))
		fail(key);
}

static void thresholds(struct bench *b, u32 from, u32 most)
{
	set(b, "net.ipv4.neigh.default.gc_thresh1", from);
	set(b, "net.ipv4.neigh.default.gc_thresh2", most);
	set(b, "net.ipv4.neigh.default.gc_thresh3", most);
}

static void make_router(struct bench *b)
{
	struct skiff_env env = { .seed = { 2 }, .now_ns = 1 };

	b->now = env.now_ns;
	b->skiff = skiff_create(&env);
	b->net = b->skiff ? (struct net *)skiff_net_create(b->skiff, "router") : NULL;
	if (!b->net)
		fail("no memory");
	b->in = port_create(b->net, "r0");
	b->out = port_create(b->net, "r1");
	set(b, "net.ipv4.ip_forward", 1);
	bench_ip(b->net, "link set lo up");
	bench_ip(b->net, "link set r0 up");
	bench_ip(b->net, "link set r1 up");
	bench_ip(b->net, "addr add 10.0.0.1/24 dev r0");
	bench_ip(b->net, "addr add 10.16.0.1/14 dev r1");
	bench_ip(b->net, "neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev r0 nud permanent");
}

static __be32 host(u32 i)
{
	return htonl(LINK + 2 + i);
}

static void turn(struct bench *b, u64 ms)
{
	b->now += ms * 1000000;
	while (skiff_turn(b->skiff, b->now))
		;
}

/* Only the permanent one of r0 is left. */
static void forget(struct bench *b)
{
	neigh_ifdown(b->net->arp_tbl, b->out);
	skiff_run_death_row(b->skiff);
}

static u64 make(struct bench *b, u32 from, u32 n)
{
	u64 took = bench_cycles();

	for (u32 i = from; i < from + n; i++)
		if (!ip_neigh_gw4(b->out, host(i)))
			fail("an entry is refused");
	return bench_cycles() - took;
}

/* ---- measuring ---- */

static void report(struct bench *b, const char *name, u64 cycles, u64 n)
{
	bench_result(&b->result, name, (double)cycles / (double)n, "cycles/op", -1, -1, true);
}

static void keep_less(u64 *best, u64 value)
{
	*best = value < *best ? value : *best;
}

/* Looks up hosts of the first @n in random order. */
static void bench_lookup(struct bench *b, const char *name, u32 n)
{
	u32 *which = malloc(LOOKUPS * sizeof(*which));
	u64 best = UINT64_MAX;

	if (!which)
		fail("no memory");
	for (u32 i = 0; i < LOOKUPS; i++)
		which[i] = prng_u32_below(&b->rng, n);
	for (u32 r = 0; r < b->runs; r++) {
		u32 found = 0;
		u64 took = bench_cycles();

		for (u32 i = 0; i < LOOKUPS; i++)
			found += __ipv4_neigh_lookup_noref(b->out, host(which[i])) != NULL;
		keep_less(&best, bench_cycles() - took);
		if (found != LOOKUPS)
			fail("an entry is not found");
	}
	free(which);
	report(b, name, best, LOOKUPS);
}

/* From an empty table, its hash small, to @n entries. */
static void bench_insert(struct bench *b)
{
	u64 best = UINT64_MAX;

	for (u32 r = 0; r < b->runs; r++) {
		keep_less(&best, make(b, 0, b->n));
		forget(b);
	}
	report(b, "neigh.insert", best, b->n);
}

/* A table with old entries up to its limit: each new one drives an old one out. */
static void bench_insert_full(struct bench *b)
{
	u64 best = UINT64_MAX;
	u32 n = b->n / 2;

	thresholds(b, 0, b->n);
	for (u32 r = 0; r < b->runs; r++) {
		make(b, 0, b->n);
		turn(b, 6000);
		keep_less(&best, make(b, b->n, n));
		if (b->net->arp_tbl->gc_entries > b->n)
			fail("the table is over its limit");
		forget(b);
	}
	report(b, "neigh.insert_full", best, n);
}

/* A table with young entries up to its limit: each new one is refused, after a look for one that may go. */
static void bench_insert_refused(struct bench *b)
{
	u64 best = UINT64_MAX;

	thresholds(b, 0, b->n);
	make(b, 0, b->n);
	for (u32 r = 0; r < b->runs * 4; r++) {
		u64 took = bench_cycles();

		if (ip_neigh_gw4(b->out, host(b->n)))
			fail("an entry too many");
		keep_less(&best, bench_cycles() - took);
	}
	forget(b);
	report(b, "neigh.insert_refused", best, 1);
}

/* All entries have been unused for longer than gc_stale_time: one periodic run takes them. */
static void bench_gc(struct bench *b)
{
	u64 best = UINT64_MAX;

	thresholds(b, 0, 2 * b->n);
	for (u32 r = 0; r < b->runs; r++) {
		u64 took;

		make(b, 0, b->n);
		b->now += 120000 * (u64)1000000;
		took = bench_cycles();
		skiff_turn(b->skiff, b->now);
		keep_less(&best, bench_cycles() - took);
		if (b->net->arp_tbl->gc_entries)
			fail("entries outlive their time");
	}
	report(b, "neigh.gc", best, b->n);
}

/* ---- resolving ---- */

static struct sk_buff *new_frame(struct bench *b, u32 len)
{
	struct sk_buff *skb = alloc_skb(b->skiff, len + 2);

	if (!skb)
		fail("no memory");
	skb_reserve(skb, 2);
	return skb;
}

static struct sk_buff *packet_to(struct bench *b, __be32 daddr)
{
	struct sk_buff *skb = new_frame(b, FRAME);
	u8 *p = skb_put(skb, FRAME);
	struct ethhdr *eth = (struct ethhdr *)p;
	struct iphdr *iph = (struct iphdr *)(p + ETH_HLEN);

	memcpy(eth->h_dest, b->in->dev_addr, ETH_ALEN);
	memcpy(eth->h_source, "\x02\xaa\x00\x00\x00\x02", ETH_ALEN);
	eth->h_proto = htons(ETH_P_IP);
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	iph->tot_len = htons(FRAME - ETH_HLEN);
	iph->saddr = htonl(0x0a000002);
	iph->daddr = daddr;
	iph->check = ip_fast_csum(iph, 5);
	return skb;
}

static struct sk_buff *reply_of(struct bench *b, __be32 addr)
{
	struct sk_buff *skb = new_frame(b, sizeof(struct arp_frame));
	struct arp_frame *f = (struct arp_frame *)skb_put(skb, sizeof(*f));

	memcpy(f->eth.h_dest, b->out->dev_addr, ETH_ALEN);
	f->sha[0] = 2;
	f->sha[1] = 0xbb;
	memcpy(f->sha + 2, &addr, 4);
	memcpy(f->eth.h_source, f->sha, ETH_ALEN);
	f->eth.h_proto = htons(ETH_P_ARP);
	f->arp = (struct arphdr){ htons(1), htons(ETH_P_IP), 6, 4, htons(2) };
	f->sip = addr;
	memcpy(f->tha, b->out->dev_addr, ETH_ALEN);
	f->tip = htonl(LINK + 1);
	return skb;
}

static u64 receive(struct bench *b, struct net_device *dev, struct skb_batch *batch)
{
	u64 took = bench_cycles();

	for (u32 i = 0; i < batch->n; i++)
		batch->p[i]->protocol = eth_type_trans(batch->p[i], dev);
	netif_receive_skb_list(b->skiff, batch);
	return bench_cycles() - took;
}

/* A batch of packets to hosts @from on, none of them known. Return: cycles from their arrival to their leaving */
static u64 resolve(struct bench *b, u32 from, u32 n)
{
	struct port *port = b->out->priv;
	struct skb_batch batch = { 0 };
	u64 took;

	*port = (struct port){ 0 };
	for (u32 i = 0; i < n; i++)
		batch.p[batch.n++] = packet_to(b, host(from + i));
	took = receive(b, b->in, &batch);
	if (port->arps != n || port->packets)
		fail("not one request for each packet");
	batch.n = 0;
	for (u32 i = 0; i < n; i++)
		batch.p[batch.n++] = reply_of(b, port->asked[i]);
	took += receive(b, b->out, &batch);
	if (port->packets != n)
		fail("not every packet left");
	return took;
}

static void bench_resolve(struct bench *b)
{
	u32 n = b->n / SKB_BATCH_MAX * SKB_BATCH_MAX;
	u64 best = UINT64_MAX;

	thresholds(b, 0, 2 * b->n);
	for (u32 r = 0; r < b->runs; r++) {
		u64 took = 0;

		for (u32 i = 0; i < n; i += SKB_BATCH_MAX)
			took += resolve(b, i, SKB_BATCH_MAX);
		keep_less(&best, took);
		forget(b);
		turn(b, 1000);
	}
	report(b, "neigh.resolve", best, n);
	bench_result(&b->result, "neigh.resolve.rate",
		     1e9 / ((double)best / n * bench_ns_per_cycle()), "resolved/s", -1, -1, false);
}

int main(int argc, char **argv)
{
	struct bench b = { .n = 10000, .runs = 15 };

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc)
			b.result.json = argv[++i];
		else if (!strcmp(argv[i], "--quick"))
			b.n = 1024, b.runs = 2;
		else
			return fprintf(stderr, "usage: bench_neigh [--json FILE] [--quick]\n"), 2;
	}
	prng_seed(&b.rng, "bench_neigh", 11);
	make_router(&b);
	thresholds(&b, 0, 2 * b.n);
	bench_insert(&b);
	make(&b, 0, b.n);
	bench_lookup(&b, "neigh.lookup.64", 64);
	bench_lookup(&b, "neigh.lookup.10k", b.n);
	forget(&b);
	bench_insert_full(&b);
	bench_insert_refused(&b);
	bench_gc(&b);
	bench_resolve(&b);
	skiff_destroy(b.skiff);
	return 0;
}
