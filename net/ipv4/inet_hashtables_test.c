// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/inet_hashtables_test.c - a batch finds what its segments find one by one: in lines, overflow lines, or nowhere. */
#include "net/inet_hashtables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/prandom.h"
#include "net/tcp.h"

#define N 3000 /* so many that some lines have gone over, and not half of them are split */

static void number(struct sock *sk, struct net *net, u32 i)
{
	sk->sk_net_ = net;
	sk->sk_rcv_saddr = htonl(0xc0a80001 + i % 3);
	sk->sk_num = (u16)(80 + i % 7);
	sk->sk_daddr = htonl(0x0a000000 + i % 11);
	sk->sk_dport = htons((u16)(1024 + i));
	sk->sk_state = TCP_ESTABLISHED;
}

/* A segment to connection @i, which there may be not. */
static void address(struct sk_buff *skb, u32 i)
{
	struct tcphdr *th = (struct tcphdr *)skb_transport_header(skb);

	ip_hdr(skb)->daddr = htonl(0xc0a80001 + i % 3);
	th->dest = htons((u16)(80 + i % 7));
	ip_hdr(skb)->saddr = htonl(0x0a000000 + i % 11);
	th->source = htons((u16)(1024 + i));
}

static struct sk_buff *segment(struct skiff *skiff)
{
	struct sk_buff *skb = alloc_skb(skiff, 64);

	memset(skb_put(skb, 40), 0, 40);
	skb_reset_network_header(skb);
	skb->transport_header = (u16)(skb->network_header + 20);
	skb->skb_iif = 2;
	return skb;
}

static void *take(void *arg, size_t size, size_t align)
{
	return aligned_alloc(align < 16 ? 16 : align, ALIGN_UP(size, align < 16 ? 16 : align));
}

static void give_back(void *arg, void *p)
{
	free(p);
}

static void test_batches(void **state)
{
	const struct skiff_env env = { .seed = { 3 }, .alloc = take, .free = give_back };
	struct skiff *skiff = skiff_create(&env);
	struct net *net = (struct net *)skiff_net_create(skiff, "n");
	struct slab *slab = &skiff->sockets->slab[SLAB_TCP];
	static struct sock *sk[N];
	struct sock *out[SKB_BATCH_MAX];
	struct skb_batch b;
	struct prng prng;
	u32 found = 0, asked[SKB_BATCH_MAX];

	for (u32 i = 0; i < N; i++) {
		sk[i] = slab_zalloc(slab);
		sk[i]->sk_handle = slab_handle(slab, sk[i]);
		number(sk[i], net, i);
		/* Every fifth is bound to a device: to the right one, or another one. */
		sk[i]->sk_bound_dev_if = i % 5 ? 0 : i % 2 ? 2 : 3;
		assert_true(inet_ehash_insert(sk[i], NULL, NULL));
	}
	for (u32 i = 0; i < SKB_BATCH_MAX; i++)
		b.p[i] = segment(skiff);
	prng_seed(&prng, "batches", 7);
	for (u32 round = 0; round < 2000; round++) {
		b.n = 1 + prng_u32_below(&prng, SKB_BATCH_MAX);
		for (u32 i = 0; i < b.n; i++) {
			asked[i] = prng_u32_below(&prng, N + N / 10);
			address(b.p[i], asked[i]);
		}
		memset(out, 0xff, sizeof(out));
		inet_lookup_established_batch(net, &b, out);
		for (u32 i = 0; i < b.n; i++) {
			u32 a = asked[i];
			bool there = a < N && (a % 5 || a % 2);

			assert_ptr_equal(out[i], there ? sk[a] : NULL);
			found += there;
		}
	}
	assert_true(found > 40000);
	for (u32 i = 0; i < N; i++) {
		inet_unhash(sk[i]);
		slab_free(slab, sk[i]);
	}
	for (u32 i = 0; i < SKB_BATCH_MAX; i++)
		consume_skb(skiff, b.p[i]);
	skiff_destroy(skiff);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_batches) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
