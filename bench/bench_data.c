// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_data.c - what the way of a stream's bytes costs, piece by piece: copy and checksum, segments cut, merged, read.
 *
 * bench_data [--json FILE] [--quick]     --quick: short runs, for a test that all of it works
 *
 * The whole of it is what a TCP without any TCP would pay: 64 KB writes into packets of references, a transmission's headers,
 * cut into 1448-byte segments with checksums, merged again on the far side with checksums verified, and read. The best of
 * short runs. data.wheel is one exchange of a connection above a bare touch of it: a deadline set, two more moved, one cleared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_ip.h"
#include "engine/slab.h"
#include "lib/checksum.h"
#include "lib/prandom.h"
#include "net/gro.h"
#include "net/gso.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/uio.h"

#define MSS	1448u
#define SEGS	45u
#define LARGE	(MSS * SEGS)
#define AHEAD	16u
#define WINDOW	16u /* large packets under way: 1 MB */
#define HDR_LEN (ETH_HLEN + 20 + 32)

struct bench {
	struct skiff *skiff;
	struct net *net;
	struct net_device *dev;
	struct bench_out result;
	u32 runs;
	u8 *from, *to;
	struct prng rng;
	struct sk_buff *queue[WINDOW]; /* the writer's */
	struct sk_buff *wire;	       /* segments under way, by next */
	struct sk_buff *got[WINDOW * SEGS];
	u32 n_got;
	u32 unit, features;
	bool copied; /* the wire copies frames */
};

static void report(struct bench *b, const char *name, double value, const char *unit)
{
	bench_result(&b->result, name, value, unit, -1, -1, true);
}

static double seconds_per_gb(double cycles, double bytes)
{
	return cycles * bench_ns_per_cycle() / bytes; /* ns a byte = s a GB */
}

/* ---- single operations ---- */

static double best_of(struct bench *b, void (*work)(struct bench *b, u32 n), u32 n)
{
	double best = 1e18;

	for (u32 r = 0; r < b->runs; r++) {
		u64 took = bench_cycles();

		work(b, n);
		took = bench_cycles() - took;
		best = (double)took / n < best ? (double)took / n : best;
	}
	return best;
}

static void sum_1460(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u32 sum = csum_partial(b->from + (i & 7) * 1472, 1460, 0);

		__asm__ volatile("" ::"r"(sum) : "memory");
	}
}

static void copy_sum_1460(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u32 sum = csum_partial_copy(b->to + (i & 7) * 1472, b->from + (i & 7) * 1472, 1460,
					    0);

		__asm__ volatile("" ::"r"(sum) : "memory");
	}
}

static void copy_1460(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		memcpy(b->to + (i & 7) * 1472, b->from + (i & 7) * 1472, 1460);
		__asm__ volatile("" ::"r"(b->to) : "memory");
	}
}

static struct slab the_slab;

static void slab_pair(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		void *obj = slab_zalloc(&the_slab);

		__asm__ volatile("" ::"r"(obj) : "memory");
		slab_free(&the_slab, obj);
	}
}

static void skb_ref_pair(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++)
		consume_skb(b->skiff, alloc_skb_ref(b->skiff));
}

static void skb_pair(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++)
		consume_skb(b->skiff, alloc_skb(b->skiff, 100));
}

static void clone_pair(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++)
		consume_skb(b->skiff, skb_clone_refs(b->skiff, b->queue[0]));
}

/* ---- the stream ---- */

static void write_stream(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct iovec iov = { b->from + (size_t)i * LARGE % (1 << 20), LARGE };
		struct sk_buff *skb = alloc_skb_ref(b->skiff);
		struct iov_iter it;

		iov_iter_init(&it, b->skiff, &iov, 1);
		if (skb_append_from_iter(b->skiff, skb, &it, LARGE, b->unit) != (int)LARGE)
			abort();
		b->queue[i] = skb;
	}
}

/* What a transmission adds: 66 bytes of headers. */
static void push_headers(struct sk_buff *skb, u32 seq)
{
	u8 *p = skb_push(skb, HDR_LEN), *ip = p + ETH_HLEN, *th = ip + 20;

	memset(p, 0, HDR_LEN);
	p[12] = 8;
	ip[0] = 0x45;
	put_unaligned16(htons(20 + 32 + LARGE), ip + 2);
	ip[6] = 0x40;
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	put_unaligned32(htonl(0x7f000001), ip + 12);
	put_unaligned32(htonl(0x7f000001), ip + 16);
	put_unaligned32(htonl(0x12345678), th);
	put_unaligned32(htonl(seq), th + 4);
	th[12] = 8 << 4;
	th[13] = 16;
	skb_reset_mac_header(skb);
	skb->network_header = (u16)(skb->mac_header + ETH_HLEN);
	skb->transport_header = (u16)(skb->network_header + 20);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->transport_header;
	skb->csum_offset = 16;
	skb->protocol = htons(ETH_P_IP);
}

/* As a device that copies: one buffer a frame, its sum not known to the receiver. */
static struct sk_buff *copy_frame(struct bench *b, struct sk_buff *seg)
{
	struct sk_buff *skb = alloc_skb(b->skiff, 2 + seg->len);

	skb_reserve(skb, 2);
	skb_copy_bits(seg, 0, skb_put(skb, seg->len), seg->len);
	skb->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	consume_skb(b->skiff, seg);
	return skb;
}

static void transmit(struct bench *b, u32 n)
{
	struct sk_buff **tail = &b->wire;

	for (u32 i = 0; i < n; i++) {
		struct sk_buff *skb = skb_clone_refs(b->skiff, b->queue[i]);
		struct skb_shared_info *si = skb_shinfo(skb);

		si->gso_size = MSS;
		si->gso_segs = SEGS;
		si->gso_type = SKB_GSO_TCPV4;
		push_headers(skb, i * LARGE);
		skb->dev = b->dev;
		*tail = skb_gso_segment(b->skiff, skb, b->features);
		consume_skb(b->skiff, skb);
		for (; *tail; tail = &(*tail)->next) {
			if (b->copied) {
				struct sk_buff *next = (*tail)->next;

				*tail = copy_frame(b, *tail);
				(*tail)->cold = 1;
				(*tail)->next = next;
			}
		}
	}
}

static void receive(struct bench *b, u32 n)
{
	struct sk_buff *skb = b->wire;

	b->n_got = 0;
	while (skb) {
		struct skb_batch batch = { .n = 0 };

		for (; skb && batch.n < SKB_BATCH_MAX;) {
			struct sk_buff *next = skb->next;

			skb->next = NULL;
			skb->pkt_type = PACKET_HOST;
			skb->dev = b->dev;
			skb_pull(skb, ETH_HLEN);
			skb_reset_network_header(skb);
			skb_batch_add(&batch, skb);
			skb = next;
		}
		dev_gro_receive_list(b->net, &batch);
		for (u32 i = 0; i < batch.n; i++)
			b->got[b->n_got++] = batch.p[i];
	}
	b->wire = NULL;
}

static void read_stream(struct bench *b, u32 n)
{
	size_t done = 0;

	for (u32 i = 0; i < b->n_got; i++) {
		u32 len = b->got[i]->len - 52;
		struct iovec iov = { b->to + done % (1 << 20), len };
		struct iov_iter it;

		iov_iter_init(&it, b->skiff, &iov, 1);
		if (skb_copy_to_iter(b->got[i], 52, &it, len))
			abort();
		done += len;
		consume_skb(b->skiff, b->got[i]);
	}
	if (done != (size_t)LARGE * n)
		abort();
}

static void acknowledge(struct bench *b, u32 n)
{
	for (u32 i = 0; i < n; i++)
		consume_skb(b->skiff, b->queue[i]);
}

static void keep_less(double *best, double value)
{
	*best = value < *best ? value : *best;
}

/* @n large packets are written, then sent, then received, then read. */
static void stream(struct bench *b, const char *name, u32 n, bool parts)
{
	static void (*const step[])(struct bench *, u32) = { write_stream, transmit, receive,
							     read_stream, acknowledge };
	double cost[ARRAY_SIZE(step)], whole = 1e18;
	char line[64];

	for (u32 k = 0; k < ARRAY_SIZE(step); k++)
		cost[k] = 1e18;
	for (u32 r = 0; r < b->runs; r++) {
		u64 start = bench_cycles(), t = start, u;

		for (u32 k = 0; k < ARRAY_SIZE(step); k++, t = u) {
			step[k](b, n);
			u = bench_cycles();
			keep_less(&cost[k], (double)(u - t));
		}
		keep_less(&whole, (double)(t - start));
	}
	snprintf(line, sizeof(line), "data.stream.%s", name);
	report(b, line, seconds_per_gb(whole, (double)LARGE * n), "s/GB");
	if (!parts)
		return;
	report(b, "data.write", seconds_per_gb(cost[0], (double)LARGE * n), "s/GB");
	report(b, "data.gso", cost[1] / (SEGS * n), "cycles/segment");
	report(b, "data.gro", cost[2] / (SEGS * n), "cycles/segment");
	report(b, "data.read", seconds_per_gb(cost[3], (double)LARGE * n), "s/GB");
}

static void streams(struct bench *b)
{
	b->unit = MSS;
	b->features = NETIF_F_SG;
	stream(b, "reference", WINDOW, true);
	stream(b, "reference.bounded", 4, false);
	b->copied = true;
	stream(b, "copied", WINDOW, false);
	b->copied = false;
	b->unit = 0;
	stream(b, "reference.sum_late", WINDOW, false);
	b->features = NETIF_F_SG | NETIF_F_HW_CSUM;
	stream(b, "reference.no_sum", WINDOW, false);
}

/* ---- the wheel ---- */

struct conn {
	u64 rto, keepalive, near, far;
	u32 handle; /* beside the deadlines: to ask the slab for it would touch another line */
	u8 other[832 - 36];
};

static struct {
	struct slab slab;
	struct handle_wheel *wheel;
	u32 near, far;
	u64 ran;
} conns;

static void conn_list(struct conn *c, bool far)
{
	if (far)
		c->far = handle_wheel_add(conns.wheel, conns.far, c->handle, c->keepalive);
	else
		c->near = handle_wheel_add(conns.wheel, conns.near, c->handle, c->rto);
}

static void near_run(void *arg, u32 handle, u64 tick)
{
	struct conn *c = slab_ptr(&conns.slab, handle);

	conns.ran++;
	if (c->near != tick)
		return;
	c->near = 0;
	if (c->rto > tick)
		conn_list(c, false);
}

static void far_run(void *arg, u32 handle, u64 tick)
{
	struct conn *c = slab_ptr(&conns.slab, handle);

	conns.ran++;
	if (c->far != tick)
		return;
	c->far = 0;
	if (c->keepalive > tick)
		conn_list(c, true);
}

static void conn_prefetch(void *arg, u32 handle)
{
	slab_prefetch(&conns.slab, handle, 0);
}

/* Data go out: the retransmission timer is set, the keepalive one moved; the acknowledgment clears the former. */
static void exchange(struct conn *c, u64 now)
{
	c->rto = now + 204;
	if (!c->near || c->rto < c->near)
		conn_list(c, false);
	c->keepalive = now + 7200000;
	if (!c->far)
		conn_list(c, true);
	__asm__ volatile("" ::: "memory");
	c->rto = 0;
}

/* 1000 exchanges a millisecond, of connections at random, which are fetched ahead as a batch's are. Return: cycles an exchange */
static double exchanges(struct bench *b, struct conn **c, u32 n, u32 ms, bool timers)
{
	u64 took = bench_cycles();
	static struct conn *order[1000 + AHEAD];

	for (u32 t = 0; t < ms; t++) {
		u64 now = conns.wheel->now + 1;

		handle_wheel_run(conns.wheel, now);
		for (u32 i = 0; i < 1000 + AHEAD; i++)
			order[i] = c[(u64)prng_u64(&b->rng) % n];
		for (u32 i = 0; i < 1000; i++) {
			struct conn *x = order[i];

			__builtin_prefetch(order[i + AHEAD]);

			if (timers)
				exchange(x, now);
			else if (*(volatile u64 *)&x->near == 0)
				*(volatile u64 *)&x->rto = 0;
		}
	}
	return (double)(bench_cycles() - took) / ms / 1000;
}

static void bench_wheel(struct bench *b, const char *name, u32 n, u32 ms)
{
	struct conn **c = malloc(n * sizeof(*c));
	double bare, with;

	slab_init(&conns.slab, b->skiff, sizeof(struct conn));
	for (u32 i = 0; i < n; i++) {
		c[i] = slab_zalloc(&conns.slab);
		c[i]->handle = slab_handle(&conns.slab, c[i]);
	}
	exchanges(b, c, n, ms / 4, false);
	bare = exchanges(b, c, n, ms, false);
	exchanges(b, c, n, ms / 4, true);
	with = exchanges(b, c, n, ms, true);
	report(b, name, with > bare ? with - bare : 0, "cycles/exchange");
	/* What is still listed looks at connections that are no more. */
	for (u32 i = 0; i < n; i++)
		memset(c[i], 0, sizeof(**c));
	handle_wheel_run(conns.wheel, conns.wheel->now + 8000000);
	for (u32 i = 0; i < n; i++)
		slab_free(&conns.slab, c[i]);
	slab_exit(&conns.slab);
	free(c);
}

static void wheels(struct bench *b, bool quick)
{
	const struct handle_kind near = { near_run, conn_prefetch, NULL };
	const struct handle_kind far = { far_run, conn_prefetch, NULL };

	conns.wheel = &b->skiff->handles;
	conns.near = handle_wheel_kind(conns.wheel, &near);
	conns.far = handle_wheel_kind(conns.wheel, &far);
	bench_wheel(b, "data.wheel.1k", 1000, quick ? 40 : 4000);
	bench_wheel(b, "data.wheel.10k", 10000, quick ? 40 : 4000);
	bench_wheel(b, "data.wheel.1m", quick ? 20000 : 1000000, quick ? 40 : 4000);
}

static void operations(struct bench *b)
{
	report(b, "data.csum.1460", best_of(b, sum_1460, 1000), "cycles");
	report(b, "data.copy.1460", best_of(b, copy_1460, 1000), "cycles");
	report(b, "data.copy_csum.1460", best_of(b, copy_sum_1460, 1000), "cycles");
	slab_init(&the_slab, b->skiff, 832);
	report(b, "data.slab.zalloc_free.832", best_of(b, slab_pair, 1000), "cycles");
	slab_exit(&the_slab);
	report(b, "data.skb.alloc_free", best_of(b, skb_pair, 1000), "cycles");
	report(b, "data.skb.alloc_free_ref", best_of(b, skb_ref_pair, 1000), "cycles");
	b->unit = MSS;
	write_stream(b, 1);
	report(b, "data.skb.clone_free", best_of(b, clone_pair, 1000), "cycles");
	acknowledge(b, 1);
}

int main(int argc, char **argv)
{
	struct skiff_env env = { .seed = { 3 }, .now_ns = 1 };
	struct bench b = { .runs = 400 };
	bool quick = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc)
			b.result.json = argv[++i];
		else if (!strcmp(argv[i], "--quick"))
			quick = true;
		else
			return fprintf(stderr, "usage: bench_data [--json FILE] [--quick]\n"), 2;
	}
	b.runs = quick ? 3 : b.runs;
	prng_seed(&b.rng, "bench_data", 10);
	b.skiff = skiff_create(&env);
	b.net = b.skiff ? (struct net *)skiff_net_create(b.skiff, "host") : NULL;
	b.from = calloc(1, (1 << 20) + LARGE);
	b.to = calloc(1, (1 << 20) + LARGE);
	if (!b.net || !b.from || !b.to)
		return 1;
	bench_ip(b.net, "link set lo up");
	b.dev = dev_get_by_name(b.net, "lo");
	for (u32 i = 0; i < (1 << 20) + LARGE; i++)
		b.from[i] = (u8)prng_u64(&b.rng);
	operations(&b);
	streams(&b);
	wheels(&b, quick);
	skiff_destroy(b.skiff);
	free(b.from);
	free(b.to);
	return 0;
}
