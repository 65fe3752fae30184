// SPDX-License-Identifier: BSD-2-Clause
/* net/netfilter/core_test.c - which packets meet which hook point, in which order, and what a function may do with them. */
#include "tests/router.h"

#include "net/ip.h"
#include "net/netfilter.h"
#include "net/route.h"

#define MAX_MET 32

/**
 * struct met - what the hooks saw, in order
 * @hook, @name: hook point and which function; @len: bytes of the packet; @in, @out: index of the device, 0 none
 */
static struct met {
	u8 hook, name;
	u32 len, in, out, priority;
	u16 ipflags;
	const struct dst_entry *dst;
} met[MAX_MET];
static u32 n_met;
static struct router r;

static void note(const struct skb_batch *b, u32 i, const struct nf_hook_state *st, u8 name)
{
	assert_true(n_met < MAX_MET);
	met[n_met++] = (struct met){ .hook = st->hook,
				     .name = name,
				     .len = b->p[i]->len,
				     .in = st->in ? st->in->ifindex : 0,
				     .out = st->out ? st->out->ifindex : 0,
				     .priority = b->p[i]->priority,
				     .ipflags = b->p[i]->ipflags,
				     .dst = b->p[i]->dst };
}

static void see(void *priv, struct skb_batch *b, const struct nf_hook_state *st)
{
	for (u32 i = 0; i < b->n; i++)
		note(b, i, st, *(const char *)priv);
}

/* Drops UDP to port 2001, takes away UDP to port 2002, and lets pass what is left. */
static void judge(void *priv, struct skb_batch *b, const struct nf_hook_state *st)
{
	u32 n = 0;

	for (u32 i = 0; i < b->n; i++) {
		struct sk_buff *skb = b->p[i];
		u16 port = ntohs(get_unaligned16((u8 *)ip_hdr(skb) + 22));

		if (port == 2001)
			kfree_skb_reason(st->net->skiff, skb, SKB_DROP_REASON_NETFILTER_DROP);
		else if (port == 2002)
			consume_skb(st->net->skiff, skb);
		else
			b->p[n++] = skb;
	}
	b->n = n;
}

static struct nf_hook_ops at(u8 hook, int priority, const char *name)
{
	return (struct nf_hook_ops){ .hook = see,
				     .priv = (void *)name,
				     .pf = NFPROTO_IPV4,
				     .hooknum = hook,
				     .priority = priority };
}

static void listen_everywhere(void)
{
	for (u8 h = NF_INET_PRE_ROUTING; h <= NF_INET_POST_ROUTING; h++) {
		struct nf_hook_ops ops = at(h, 0, "a");

		assert_int_equal(nf_register_net_hook(r.net, &ops), 0);
	}
}

static u32 udp_to(u8 *f, __be32 daddr, u16 port, u32 len)
{
	u32 n = router_udp(f, 0, IP4(10, 0, 0, 2), daddr, len);

	put_unaligned16(htons(port), f + ETH_HLEN + 22);
	return n;
}

static void send_to(__be32 daddr, u16 port)
{
	u8 f[200];

	router_rx(&r, 0, f, udp_to(f, daddr, port, 20));
	router_run(&r, 0);
}

static int setup(void **state)
{
	router_start(&r, 2, 1);
	n_met = 0;
	return 0;
}

static int teardown(void **state)
{
	router_stop(&r);
	return 0;
}

static void assert_met(u32 i, u8 hook, u32 in, u32 out)
{
	assert_true(i < n_met);
	assert_int_equal(met[i].hook, hook);
	assert_int_equal(met[i].in, in);
	assert_int_equal(met[i].out, out);
}

/* e0 is device 2, e1 device 3. */
static void test_forwarded(void **state)
{
	listen_everywhere();
	send_to(IP4(10, 0, 1, 2), 2000);
	assert_int_equal(n_met, 3);
	assert_met(0, NF_INET_PRE_ROUTING, 2, 0);
	assert_met(1, NF_INET_FORWARD, 2, 3);
	assert_met(2, NF_INET_POST_ROUTING, 2, 3);
	assert_null(met[0].dst);
	assert_ptr_equal(met[1].dst, met[2].dst);
	assert_int_equal(r.n, 1);
}

/* In to a closed port, and the answer out. */
static void test_local(void **state)
{
	listen_everywhere();
	send_to(IP4(10, 0, 0, 1), 2000);
	assert_int_equal(n_met, 4);
	assert_met(0, NF_INET_PRE_ROUTING, 2, 0);
	assert_met(1, NF_INET_LOCAL_IN, 2, 0);
	assert_met(2, NF_INET_LOCAL_OUT, 0, 2);
	assert_met(3, NF_INET_POST_ROUTING, 0, 2);
	assert_int_equal(r.n, 1);
}

/* LOCAL_IN sees datagrams, not their fragments; PRE_ROUTING sees fragments. */
static void test_whole_datagram(void **state)
{
	u8 f[200], part[200];
	u32 n = udp_to(f, IP4(10, 0, 0, 1), 2000, 40);

	listen_everywhere();
	memcpy(part, f, n);
	put_unaligned16(htons(20 + 24), part + ETH_HLEN + 2);
	put_unaligned16(htons(IP_MF), part + ETH_HLEN + 6);
	router_ip_csum(part);
	router_rx(&r, 0, part, ETH_HLEN + 20 + 24);
	router_run(&r, 0);
	assert_int_equal(n_met, 1);
	memcpy(part, f, ETH_HLEN + 20);
	memcpy(part + ETH_HLEN + 20, f + ETH_HLEN + 44, 24);
	put_unaligned16(htons(20 + 24), part + ETH_HLEN + 2);
	put_unaligned16(htons(3), part + ETH_HLEN + 6);
	router_ip_csum(part);
	router_rx(&r, 0, part, ETH_HLEN + 20 + 24);
	router_run(&r, 0);
	assert_met(0, NF_INET_PRE_ROUTING, 2, 0);
	assert_met(1, NF_INET_PRE_ROUTING, 2, 0);
	assert_met(2, NF_INET_LOCAL_IN, 2, 0);
	assert_int_equal(met[0].len, 44);
	assert_int_equal(met[2].len, 68);
}

/* Lower priorities first; of equal ones the one that came first; and only as long as they are registered. */
static void test_priorities(void **state)
{
	struct nf_hook_ops ops[] = { at(NF_INET_FORWARD, 5, "d"), at(NF_INET_FORWARD, -300, "a"),
				     at(NF_INET_FORWARD, 0, "b"), at(NF_INET_FORWARD, 0, "c") };
	static const u8 before[] = "abcd", after[] = "acd";

	for (unsigned i = 0; i < ARRAY_SIZE(ops); i++)
		assert_int_equal(nf_register_net_hook(r.net, &ops[i]), 0);
	send_to(IP4(10, 0, 1, 2), 2000);
	assert_int_equal(n_met, 4);
	for (u32 i = 0; i < 4; i++)
		assert_int_equal(met[i].name, before[i]);
	nf_unregister_net_hook(r.net, &ops[2]);
	n_met = 0;
	send_to(IP4(10, 0, 1, 2), 2000);
	assert_int_equal(n_met, 3);
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(met[i].name, after[i]);
}

/* Of a batch, some are dropped, some are taken, and the others go on in order; what is gone meets no later function. */
static void test_verdicts(void **state)
{
	static const u16 ports[] = { 2000, 2001, 2003, 2002, 2004 };
	static const u16 left[] = { 2000, 2003, 2004 };

	for (u8 h = NF_INET_PRE_ROUTING; h <= NF_INET_POST_ROUTING; h++) {
		struct nf_hook_ops ops = at(h, 0, "a"), later = at(h, 1, "a");
		__be32 to = h == NF_INET_LOCAL_IN ? IP4(10, 0, 0, 1) : IP4(10, 0, 1, 2);
		u64 drops = r.skiff->drop_counts[SKB_DROP_REASON_NETFILTER_DROP];

		if (h == NF_INET_LOCAL_OUT)
			continue; /* one packet at a time: below */
		ops.hook = judge;
		nf_register_net_hook(r.net, &later);
		nf_register_net_hook(r.net, &ops);
		router_clear(&r);
		n_met = 0;
		for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
			u8 f[200];

			router_rx(&r, 0, f, udp_to(f, to, ports[i], 20));
		}
		router_run(&r, 0);
		assert_int_equal(n_met, 3);
		assert_int_equal(r.n, 3);
		if (h != NF_INET_LOCAL_IN)
			for (u32 i = 0; i < 3; i++)
				assert_int_equal(
					ntohs(get_unaligned16((u8 *)router_out_ip(&r, i) + 22)),
					left[i]);
		assert_int_equal(r.skiff->drop_counts[SKB_DROP_REASON_NETFILTER_DROP], drops + 1);
		nf_unregister_net_hook(r.net, &ops);
		nf_unregister_net_hook(r.net, &later);
	}
}

static void drop_all(void *priv, struct skb_batch *b, const struct nf_hook_state *st)
{
	kfree_skb_batch_reason(st->net->skiff, b, SKB_DROP_REASON_NETFILTER_DROP);
	b->n = 0;
}

static void test_local_out_drop(void **state)
{
	struct nf_hook_ops ops = at(NF_INET_LOCAL_OUT, 0, "a");

	ops.hook = drop_all;
	nf_register_net_hook(r.net, &ops);
	send_to(IP4(10, 0, 0, 1), 2000);
	assert_int_equal(r.n, 0);
	assert_int_equal(router_counter(&r, "Ip.OutRequests"), 1);
	assert_int_equal(router_counter(&r, "IpExt.OutOctets"), 0);
}

static void test_no_such_point(void **state)
{
	struct nf_hook_ops ops = at(9, 0, "a");

	assert_int_equal(nf_register_net_hook(r.net, &ops), -EINVAL);
	ops.pf = 77;
	assert_int_equal(nf_register_net_hook(r.net, &ops), -EINVAL);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_forwarded),     T(test_local),	 T(test_whole_datagram),
		T(test_priorities),    T(test_verdicts), T(test_local_out_drop),
		T(test_no_such_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
