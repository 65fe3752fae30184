// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_ehash.c - what it costs to find a segment's connection: batches of 64, one by one; among few and among a million.
 *
 * bench_ehash [--json FILE] [--quick]     --quick: fewer connections and runs, for a test that all of it works
 *
 * Connections are whole tcp_socks in the shard's slab, asked for at random, so that among a million each look misses the caches twice:
 * the line of the table, the connection. Packets stay hot: they would be, having just been received. Hashing is part of it. Medians of batches, the best of some runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "lib/prandom.h"
#include "net/ipv4/inet_ehash.h"
#include "net/tcp.h"

#define ASKED (1u << 16) /* lookups of one run */

struct bench {
	struct skiff *skiff;
	struct net *net;
	struct sock **sk;
	u32 n;
	u32 runs;
	const char *suffix;
	struct prng rng;
	struct skb_batch packets;
	u32 *asked;
	struct bench_out result;
};

/* Memory in huge pages, as whoever holds a million connections would give it; never given back before the end. */
struct arena {
	u8 *base;
	size_t used, size;
};

static void *arena_alloc(void *arg, size_t size, size_t align)
{
	struct arena *a = arg;
	u8 *p = (u8 *)ALIGN_UP((uintptr_t)a->base + a->used, align < 64 ? 64 : align);

	if ((size_t)(p - a->base) + size > a->size)
		return NULL;
	a->used = (size_t)(p - a->base) + size;
	return p;
}

static void arena_free(void *arg, void *p)
{
}

static void arena_open(struct arena *a, size_t size)
{
	a->size = size;
	a->used = 0;
	a->base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED)
		exit(1);
	madvise(a->base, size, MADV_HUGEPAGE);
}

static __be32 addr_of(u32 i)
{
	return htonl(0x0a000000u + i / 50000);
}

static __be16 port_of(u32 i)
{
	return htons(1024 + i % 50000);
}

static double fill(struct bench *b)
{
	struct slab *slab = &b->skiff->sockets->slab[SLAB_TCP];
	u64 spent = 0;

	for (u32 i = 0; i < b->n; i++) {
		struct sock *sk = slab_zalloc(slab);
		u64 t;

		if (!sk)
			exit(1);
		sk->sk_handle = slab_handle(slab, sk);
		sk->sk_net_ = b->net;
		sk->sk_rcv_saddr = htonl(0xc0a80001);
		sk->sk_num = 80;
		sk->sk_daddr = addr_of(i);
		sk->sk_dport = port_of(i);
		sk->sk_state = TCP_ESTABLISHED;
		b->sk[i] = sk;
		t = bench_cycles();
		if (!inet_ehash_insert(sk, NULL, NULL))
			exit(1);
		spent += bench_cycles() - t;
	}
	return (double)spent / b->n;
}

/* The segments of a batch are those of connections @asked. */
static void address(struct bench *b, const u32 *asked)
{
	for (u32 k = 0; k < SKB_BATCH_MAX; k++) {
		struct sk_buff *skb = b->packets.p[k];
		struct tcphdr *th = (struct tcphdr *)skb_transport_header(skb);

		ip_hdr(skb)->saddr = addr_of(asked[k]);
		th->source = port_of(asked[k]);
	}
}

static void check(struct bench *b, u32 i, const struct sock *sk)
{
	if (sk != b->sk[b->asked[i]]) {
		fprintf(stderr, "bench_ehash: not found\n");
		exit(1);
	}
}

/* Time of the lookups of one batch's segments, beginning with number @i. */
static u64 run_batched(struct bench *b, u32 i)
{
	struct sock *out[SKB_BATCH_MAX];
	u64 t, spent;

	address(b, b->asked + i);
	t = bench_cycles();
	inet_lookup_established_batch(b->net, &b->packets, out);
	spent = bench_cycles() - t;
	for (u32 k = 0; k < SKB_BATCH_MAX; k++)
		check(b, i + k, out[k]);
	return spent;
}

static u64 run_single(struct bench *b, u32 i)
{
	struct sock *out[SKB_BATCH_MAX];
	u64 t, spent;

	t = bench_cycles();
	for (u32 k = 0; k < SKB_BATCH_MAX; k++) {
		u32 a = b->asked[i + k];

		out[k] = __inet_lookup_established(b->net, addr_of(a), port_of(a),
						   htonl(0xc0a80001), 80, 2, 0);
	}
	spent = bench_cycles() - t;
	for (u32 k = 0; k < SKB_BATCH_MAX; k++)
		check(b, i + k, out[k]);
	return spent;
}

static int by_time(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The best of some runs, each the median of its batches: what else runs on the machine stays out of it, as far as it can. */
static void best_of(struct bench *b, const char *what, u64 (*run)(struct bench *b, u32 i),
		    double reach, double stretch)
{
	static u64 spent[ASKED / SKB_BATCH_MAX];
	const u32 n = ARRAY_SIZE(spent);
	u64 best = UINT64_MAX;
	char name[64];

	for (u32 r = 0; r < b->runs; r++) {
		for (u32 i = 0; i < ASKED; i++)
			b->asked[i] = prng_u32_below(&b->rng, b->n);
		for (u32 i = 0; i < n; i++)
			spent[i] = run(b, i * SKB_BATCH_MAX);
		qsort(spent, n, sizeof(spent[0]), by_time);
		best = spent[n / 2] < best ? spent[n / 2] : best;
	}
	snprintf(name, sizeof(name), "ehash.%s.%s", what, b->suffix);
	bench_result(&b->result, name, (double)best / SKB_BATCH_MAX, "cycles/lookup", reach,
		     stretch, true);
}

static void packets(struct bench *b)
{
	for (u32 k = 0; k < SKB_BATCH_MAX; k++) {
		struct sk_buff *skb = alloc_skb(b->skiff, 64);
		struct tcphdr *th;

		memset(skb_put(skb, 40), 0, 40);
		skb_reset_network_header(skb);
		skb->transport_header = (u16)(skb->network_header + 20);
		ip_hdr(skb)->daddr = htonl(0xc0a80001);
		th = (struct tcphdr *)skb_transport_header(skb);
		th->dest = htons(80);
		skb->skb_iif = 2;
		b->packets.p[k] = skb;
	}
	b->packets.n = SKB_BATCH_MAX;
}

static void measure(struct bench *b, u32 n, const char *suffix, double reach, double stretch)
{
	struct arena arena;
	const struct skiff_env env = {
		.seed = { 1 }, .arg = &arena, .alloc = arena_alloc, .free = arena_free
	};
	double insert;
	char name[64];

	b->n = n;
	b->suffix = suffix;
	arena_open(&arena, (size_t)n * 2048 + ((size_t)64 << 20));
	b->skiff = skiff_create(&env);
	b->net = (struct net *)skiff_net_create(b->skiff, "bench");
	b->sk = malloc(n * sizeof(*b->sk));
	b->asked = malloc(ASKED * sizeof(*b->asked));
	if (!b->net || !b->sk || !b->asked)
		exit(1);
	packets(b);
	insert = fill(b);
	best_of(b, "batch", run_batched, reach, stretch);
	best_of(b, "single", run_single, -1, -1);
	snprintf(name, sizeof(name), "ehash.insert.%s", suffix);
	bench_result(&b->result, name, insert, "cycles/insert", -1, -1, true);
	snprintf(name, sizeof(name), "ehash.bytes.%s", suffix);
	bench_result(&b->result, name, (double)ehash_bytes(b->net->ipv4.tcp_hashinfo->ehash) / n,
		     "bytes/connection", -1, -1, true);
	for (u32 i = 0; i < n; i++) {
		inet_unhash(b->sk[i]);
		slab_free(&b->skiff->sockets->slab[SLAB_TCP], b->sk[i]);
	}
	for (u32 k = 0; k < SKB_BATCH_MAX; k++)
		consume_skb(b->skiff, b->packets.p[k]);
	free(b->sk);
	free(b->asked);
	skiff_destroy(b->skiff);
	munmap(arena.base, arena.size);
}

int main(int argc, char **argv)
{
	struct bench b = { .runs = 15 };
	bool quick = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc)
			b.result.json = argv[++i];
		else if (!strcmp(argv[i], "--quick"))
			quick = true;
	}
	prng_seed(&b.rng, "ehash", 5);
	if (quick)
		b.runs = 2;
	measure(&b, 4096, "4k", -1, -1);
	measure(&b, quick ? 20000 : 1000000, quick ? "20k" : "1M", quick ? -1 : 90,
		quick ? -1 : 70);
	return 0;
}
