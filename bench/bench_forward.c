// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_forward.c - what forwarding costs: from the driver's receive to the freed buffer, in memory, one core.
 *
 * A router with two ring devices. A turn of the measured loop takes a batch of 64-byte frames that the generator has
 * written (its own cost is shown apart), runs them through eth_type_trans(), netif_receive_skb_list() and everything
 * behind it, and frees them in the output device. The best of 401 short runs: what the work costs when nobody disturbs it.
 *
 * usage: bench_forward [--rib FILE] [--json FILE] [--quick] [--only TEXT]     FILE: "prefix/len nexthop" lines, unpacked
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_ip.h"
#include "lib/checksum.h"
#include "lib/inet.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/sysctl.h"
#include "skiff/explain.h"
#include "skiff/skiff.h"

#define RUNS	401
#define N_DST	(1u << 20)
#define HOT_DST 4096u
#define N_GW	64
#define FRAME	64

struct ring {
	u64 sent;
};

struct bench {
	struct skiff *skiff;
	struct net *net;
	struct net_device *in, *out;
	struct bench_out result;
	u32 *dst; /* destinations in network byte order */
	u32 n_dst;
	u32 next;
	u32 *rib_addr;
	u8 *rib_len;
	u32 n_rib;
	bool quick;
	u32 source, sources; /* the generator's packets come from so many hosts in turn */
	const char *only;    /* names of measurements must contain it; NULL: all */
};

static void ring_xmit(struct net_device *dev, struct skb_batch *b)
{
	((struct ring *)dev->priv)->sent += b->n;
	consume_skb_batch(dev->net->skiff, b);
}

static const struct net_device_ops ring_ops = {
	.ndo_start_xmit = ring_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void ring_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &ring_ops;
}

static struct net_device *ring_create(struct net *net, const char *name)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct ring), name, ring_setup);

	if (!dev)
		exit(1);
	eth_random_addr(net->skiff, dev->dev_addr);
	if (register_netdevice(dev))
		exit(1);
	return dev;
}

static void set(struct bench *b, const char *key, const char *value)
{
	if (sysctl_set(b->net, key, value)) {
		fprintf(stderr, "bench: sysctl %s\n", key);
		exit(1);
	}
}

static void make_router(struct bench *b)
{
	struct skiff_env env = { .seed = { 1 }, .now_ns = 1 };
	char line[128];

	b->skiff = skiff_create(&env);
	b->net = (struct net *)skiff_net_create(b->skiff, "router");
	b->in = ring_create(b->net, "r0");
	b->out = ring_create(b->net, "r1");
	set(b, "net.ipv4.ip_forward", "1");
	bench_ip(b->net, "link set lo up");
	bench_ip(b->net, "link set r0 up");
	bench_ip(b->net, "link set r1 up");
	bench_ip(b->net, "addr add 10.0.0.1/24 dev r0");
	bench_ip(b->net, "addr add 10.0.1.1/24 dev r1");
	bench_ip(b->net, "neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev r0 nud permanent");
	for (int i = 0; i < N_GW; i++) {
		snprintf(line, sizeof(line),
			 "neigh add 10.0.1.%d lladdr 02:aa:00:00:01:%02x dev r1 nud permanent",
			 2 + i, 2 + i);
		bench_ip(b->net, line);
	}
}

/* ---- generator ---- */

static void write_frame(struct bench *b, struct sk_buff *skb, u32 daddr)
{
	u8 *p = skb_put(skb, FRAME);
	struct ethhdr *eth = (struct ethhdr *)p;
	struct iphdr *iph = (struct iphdr *)(p + ETH_HLEN);

	memcpy(eth->h_dest, b->in->dev_addr, ETH_ALEN);
	memcpy(eth->h_source, "\x02\xaa\x00\x00\x00\x02", ETH_ALEN);
	eth->h_proto = htons(ETH_P_IP);
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	iph->tot_len = htons(FRAME - ETH_HLEN);
	iph->saddr = htonl(0x0a000002 + b->source);
	iph->daddr = daddr;
	iph->check = ip_fast_csum(iph, 5);
}

static void generate(struct bench *b, struct skb_batch *batch, u32 n)
{
	batch->n = 0;
	for (u32 i = 0; i < n; i++) {
		struct sk_buff *skb = alloc_skb(b->skiff, FRAME + 2);

		skb_reserve(skb, 2);
		write_frame(b, skb, b->dst[b->next]);
		if (++b->next == b->n_dst)
			b->next = 0;
		if (++b->source >= b->sources)
			b->source = 0;
		batch->p[batch->n++] = skb;
	}
}

static void receive(struct bench *b, struct skb_batch *batch)
{
	for (u32 i = 0; i < batch->n; i++)
		batch->p[i]->protocol = eth_type_trans(batch->p[i], b->in);
	netif_receive_skb_list(b->skiff, batch);
}

/* ---- measuring ---- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure_once(struct bench *b, u32 batch, u32 packets, double *gen, double *fwd)
{
	u64 t_gen = 0, t_fwd = 0, overhead = UINT64_MAX,
	    before = ((struct ring *)b->out->priv)->sent;
	struct skb_batch sb;
	u32 done = 0;

	for (int i = 0; i < 1000; i++) {
		u64 a = bench_cycles(), c = bench_cycles();

		if (c - a < overhead)
			overhead = c - a;
	}
	while (done < packets) {
		u64 a = bench_cycles(), m, e;

		generate(b, &sb, batch);
		m = bench_cycles();
		receive(b, &sb);
		e = bench_cycles();
		t_gen += m - a - overhead;
		t_fwd += e - m - overhead;
		done += batch;
	}
	if (((struct ring *)b->out->priv)->sent - before != done) {
		fprintf(stderr, "bench: %llu of %u packets came out\n",
			(unsigned long long)(((struct ring *)b->out->priv)->sent - before), done);
		exit(1);
	}
	*gen = (double)t_gen / done;
	*fwd = (double)t_fwd / done;
	skiff_run_death_row(b->skiff);
}

static void measure(struct bench *b, const char *name, u32 batch, double reach, double stretch)
{
	static double gen[RUNS], fwd[RUNS];
	u32 packets = b->quick ? 1u << 8 : 1u << 13;
	char full[100];

	if (b->only && !strstr(name, b->only))
		return;
	measure_once(b, batch, packets, gen, fwd);
	for (int i = 0; i < RUNS; i++)
		measure_once(b, batch, packets, &gen[i], &fwd[i]);
	qsort(gen, RUNS, sizeof(*gen), compare);
	qsort(fwd, RUNS, sizeof(*fwd), compare);
	snprintf(full, sizeof(full), "forward.%s", name);
	bench_result(&b->result, full, fwd[0], "cycles/packet", reach, stretch, true);
	if (!strcmp(name, "one_route"))
		bench_result(&b->result, "forward.generator", gen[0], "cycles/packet", -1, -1,
			     true);
}

static void with_recorder(struct bench *b, const char *name)
{
	double gen, fwd, best = 1e9;
	char full[100];

	if (b->only && !strstr(name, b->only))
		return;
	for (int i = 0; i < 21; i++) {
		struct skiff_recorder *rec = skiff_recorder_start(b->skiff);

		measure_once(b, 64, 1 << 12, &gen, &fwd);
		skiff_recorder_stop(rec);
		best = fwd < best ? fwd : best;
	}
	snprintf(full, sizeof(full), "forward.%s", name);
	bench_result(&b->result, full, best, "cycles/packet", -1, -1, true);
}

static void rp_filter(struct bench *b, const char *value)
{
	set(b, "net.ipv4.conf.all.rp_filter", value);
}

/* ---- destinations ---- */

static void one_destination(struct bench *b)
{
	b->n_dst = 1;
	b->dst[0] = htonl(0x0a090001);
	b->next = 0;
}

static u64 rnd_state = 88172645463325252ULL;
static u32 rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return (u32)(rnd_state >> 32);
}

/* @n addresses within random prefixes of the table, as often as a prefix is drawn. */
static void table_destinations(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n;) {
		u32 k = rnd() % b->n_rib;
		u32 host = b->rib_len[k] < 32 ? rnd() >> b->rib_len[k] : 0;
		u32 a = b->rib_addr[k] | host;

		/* Loopback, groups and class E are no destinations to forward to; our own links would not leave by r1. */
		if ((a >> 24) == 127 || (a >> 28) >= 14 || (a >> 24) == 10 || (a >> 24) == 0)
			continue;
		b->dst[i++] = htonl(a);
	}
	b->n_dst = n;
	b->next = 0;
}

static void load_rib(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[128], cmd[200], prefix[64];
	unsigned a, c, d, e, len, nh;

	if (!f) {
		perror(path);
		exit(1);
	}
	b->rib_addr = malloc(sizeof(u32) * 2000000);
	b->rib_len = malloc(2000000);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u.%u.%u.%u/%u %u", &a, &c, &d, &e, &len, &nh) != 6)
			continue;
		b->rib_addr[b->n_rib] = a << 24 | c << 16 | d << 8 | e;
		b->rib_len[b->n_rib++] = (u8)len;
		snprintf(prefix, sizeof(prefix), "%u.%u.%u.%u/%u", a, c, d, e, len);
		snprintf(cmd, sizeof(cmd), "route append %s via 10.0.1.%u dev r1", prefix,
			 2 + nh % N_GW);
		bench_ip(b->net, cmd);
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	const char *rib = NULL;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--rib") && i + 1 < argc)
			rib = argv[++i];
		else if (!strcmp(argv[i], "--json") && i + 1 < argc)
			b.result.json = argv[++i];
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			b.only = argv[++i];
		else if (!strcmp(argv[i], "--quick"))
			b.quick = true;
		else
			return fprintf(stderr,
				       "usage: bench_forward [--rib FILE] [--json FILE] [--quick] [--only TEXT]\n"),
			       2;
	}
	b.sources = 1;
	b.dst = malloc(N_DST * sizeof(u32));
	make_router(&b);
	rp_filter(&b, "0");
	bench_ip(b.net, "route add default via 10.0.1.2 dev r1");
	one_destination(&b);
	measure(&b, "one_route", 64, 70, 45);
	measure(&b, "one_route.batch_1", 1, 110, 80);
	measure(&b, "one_route.batch_8", 8, -1, -1);
	measure(&b, "one_route.batch_32", 32, -1, -1);
	rp_filter(&b, "1");
	measure(&b, "one_route.rp_filter_strict", 64, 85, 56);
	rp_filter(&b, "2");
	measure(&b, "one_route.rp_filter_loose", 64, -1, -1);
	rp_filter(&b, "0");
	with_recorder(&b, "one_route.recorder_on");
	measure(&b, "one_route.recorder_off_again", 64, -1, -1);
	if (rib) {
		load_rib(&b, rib);
		table_destinations(&b, HOT_DST);
		measure(&b, "bgp_hot", 64, 80, 50);
		rp_filter(&b, "1");
		measure(&b, "bgp_hot.rp_filter_strict", 64, 95, 61);
		rp_filter(&b, "0");
		table_destinations(&b, N_DST);
		measure(&b, "bgp_spread", 64, 100, 65);
		rp_filter(&b, "1");
		measure(&b, "bgp_spread.rp_filter_strict", 64, 115, 76);
		b.sources = 200;
		measure(&b, "bgp_spread.rp_filter_strict.sources_200", 64, 115, 76);
		rp_filter(&b, "0");
		measure(&b, "bgp_spread.sources_200", 64, 100, 65);
		table_destinations(&b, HOT_DST);
		measure(&b, "bgp_hot.sources_200", 64, 80, 50);
		rp_filter(&b, "1");
		measure(&b, "bgp_hot.rp_filter_strict.sources_200", 64, 95, 61);
	}
	skiff_destroy(b.skiff);
	free(b.dst);
	free(b.rib_addr);
	free(b.rib_len);
	return 0;
}
