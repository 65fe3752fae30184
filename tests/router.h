/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/router.h - a router with several wires for tests of the packet path: virtual time, every frame kept whole.
 *
 * Include it in one file of a test program. Wire eI is 10.0.I.1/24 with MAC 02:dd:00:00:00:0I; host 10.0.I.2 behind it is
 * known as 02:aa:00:00:0I:02. Forwarding is on, limits on ICMP errors are off. Memory is counted (router_allocs), and can
 * be made to run out (router_fail_after: so many allocations succeed, then none; -1: all do).
 */
#ifndef TESTS_ROUTER_H
#define TESTS_ROUTER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "lib/prandom.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "skiff/skiff.h"

#define ROUTER_WIRES	4
#define ROUTER_FRAMES	4096
#define IP4(a, b, c, d) htonl((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))

struct router_frame {
	u32 dev, len;
	u64 ms;
	u8 *bytes;
};

struct router {
	struct skiff *skiff;
	struct net *net;
	struct net_device *dev[ROUTER_WIRES];
	unsigned wires;
	u64 now; /* ns */
	bool keep_arp;
	u32 n;
	struct router_frame out[ROUTER_FRAMES];
};

static long router_fail_after = -1, router_allocs;

static void *router_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	if (router_fail_after == 0)
		return NULL;
	if (router_fail_after > 0)
		router_fail_after--;
	align = align < 16 ? 16 : align;
	p = aligned_alloc(align, ALIGN_UP(size ? size : 1, align));
	router_allocs += p != NULL;
	return p;
}

static void router_free(void *arg, void *p)
{
	router_allocs -= p != NULL;
	free(p);
}

static void router_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	struct router *r = arg;
	struct router_frame *f = &r->out[r->n];

	if (!r->keep_arp && ((const u8 *)frame)[12] == 8 && ((const u8 *)frame)[13] == 6)
		return;
	assert_true(r->n < ROUTER_FRAMES);
	for (f->dev = 0; f->dev < r->wires; f->dev++)
		if (r->dev[f->dev] == (struct net_device *)dev)
			break;
	f->ms = r->now / 1000000;
	f->len = (u32)len;
	f->bytes = (u8 *)malloc(len + 2) + 2; /* the IP header is aligned */
	memcpy(f->bytes, frame, len);
	r->n++;
}

/* Forget the frames kept so far. */
static void router_clear(struct router *r)
{
	while (r->n)
		free(r->out[--r->n].bytes - 2);
}

static __maybe_unused struct iphdr *router_out_ip(struct router *r, u32 i)
{
	assert_true(i < r->n);
	return (struct iphdr *)(r->out[i].bytes + ETH_HLEN);
}

static int router_ifindex(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

/* "route add ..." and so on. 0 or -errno */
static int router_try(struct router *r, const char *words)
{
	const struct ipwords_env env = { router_ifindex, r->net };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	if (n < 0)
		fail_msg("%s: %s", words, why);
	return skiff_netlink((struct skiff_net *)r->net, msg, (size_t)n, NULL, NULL);
}

static __maybe_unused void router_ip(struct router *r, const char *words)
{
	int err = router_try(r, words);

	if (err)
		fail_msg("%s: %d", words, err);
}

static __maybe_unused void router_sysctl(struct router *r, const char *key, const char *value)
{
	int err = skiff_sysctl_set((struct skiff_net *)r->net, key, value);

	if (err)
		fail_msg("%s=%s: %d", key, value, err);
}

/* Everything that is due within @ms more. */
static void router_run(struct router *r, u64 ms)
{
	u64 end = r->now + ms * 1000000, next;

	while (skiff_turn(r->skiff, r->now))
		;
	while ((next = skiff_next(r->skiff)) <= end) {
		r->now = next > r->now ? next : r->now;
		while (skiff_turn(r->skiff, r->now))
			;
	}
	r->now = end;
	while (skiff_turn(r->skiff, r->now))
		;
}

struct router_counter {
	const char *name;
	u64 value;
};

static void router_counter_is(void *arg, const char *name, uint64_t value)
{
	struct router_counter *c = arg;

	if (!strcmp(c->name, name))
		c->value = value;
}

static __maybe_unused u64 router_counter(struct router *r, const char *name)
{
	struct router_counter c = { name, 0 };

	skiff_counters((struct skiff_net *)r->net, router_counter_is, &c);
	return c.value;
}

/* One wire more, up, with its address and host. Return: false (memory) */
static bool router_wire(struct router *r)
{
	static const struct skiff_wire_ops ops = { router_xmit };
	const u8 mac[6] = { 2, 0xdd, 0, 0, 0, (u8)r->wires };
	unsigned i = r->wires;
	char words[128];
	int err = 0;

	snprintf(words, sizeof(words), "e%u", i);
	r->dev[i] = (struct net_device *)skiff_wire_create((struct skiff_net *)r->net, words, mac,
							   &ops, r);
	if (!r->dev[i])
		return false;
	r->wires++;
	snprintf(words, sizeof(words), "link set e%u up", i);
	err |= router_try(r, words);
	snprintf(words, sizeof(words), "addr add 10.0.%u.1/24 brd 10.0.%u.255 dev e%u", i, i, i);
	err |= router_try(r, words);
	snprintf(words, sizeof(words),
		 "neigh add 10.0.%u.2 lladdr 02:aa:00:00:%02x:02 dev e%u nud permanent", i, i, i);
	err |= router_try(r, words);
	return !err;
}

/* Return: false if memory ran out on the way; router_stop() cleans up. */
static bool router_try_start(struct router *r, unsigned wires, u8 seed)
{
	static const char *const keys[] = { "net.ipv4.ip_forward", "net.ipv4.icmp_ratemask",
					    "net.ipv4.icmp_msgs_per_sec",
					    "net.ipv4.icmp_msgs_burst" };
	static const char *const values[] = { "1", "0", "1000000", "1000000" };
	struct skiff_env env = { .wall_ns = 1700000000000000000ull,
				 .alloc = router_alloc,
				 .free = router_free };
	bool ok = true;

	memset(r, 0, sizeof(*r));
	env.seed[0] = seed;
	r->skiff = skiff_create(&env);
	if (!r->skiff)
		return false;
	r->net = (struct net *)skiff_net_create(r->skiff, "r");
	if (!r->net || router_try(r, "link set lo up"))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		ok &= !skiff_sysctl_set((struct skiff_net *)r->net, keys[i], values[i]);
	for (unsigned i = 0; ok && i < wires; i++)
		ok = router_wire(r);
	if (!ok)
		return false;
	router_run(r, 20000); /* IGMP reports of the start are over */
	router_clear(r);
	return true;
}

static __maybe_unused void router_start(struct router *r, unsigned wires, u8 seed)
{
	router_fail_after = -1;
	assert_true(router_try_start(r, wires, seed));
}

/* Everything that was allocated is free again (if no other router runs). */
static __maybe_unused void router_stop(struct router *r)
{
	skiff_destroy(r->skiff);
	r->skiff = NULL;
	router_clear(r);
	assert_int_equal(router_allocs, 0);
}

/* ---- packets ---- */

/* An Ethernet header from the host on wire @dev to us. */
static void router_eth(u8 *frame, unsigned dev)
{
	const u8 eth[ETH_HLEN] = { 2, 0xdd, 0, 0, 0, (u8)dev, 2, 0xaa, 0, 0, (u8)dev, 2, 8, 0 };

	memcpy(frame, eth, sizeof(eth));
}

static void router_ip_csum(u8 *frame)
{
	u8 *p = frame + ETH_HLEN;

	put_unaligned16(0, p + 10);
	put_unaligned16(ip_fast_csum(p, p[0] & 15), p + 10);
}

/* A whole frame with a UDP packet of @len payload bytes (a pattern). Return: length of the frame */
static __maybe_unused u32 router_udp(u8 *frame, unsigned dev, __be32 saddr, __be32 daddr, u32 len)
{
	struct iphdr iph = { .version = 4,
			     .ihl = 5,
			     .ttl = 64,
			     .protocol = IPPROTO_UDP,
			     .saddr = saddr,
			     .daddr = daddr };
	struct udphdr uh = { htons(1000), htons(2000), htons(8 + len), 0 };
	u8 *p = frame + ETH_HLEN;

	router_eth(frame, dev);
	iph.tot_len = htons(28 + len);
	memcpy(p, &iph, 20);
	memcpy(p + 20, &uh, 8);
	for (u32 i = 0; i < len; i++)
		p[28 + i] = (u8)(i * 7 + (i >> 8));
	router_ip_csum(frame);
	return ETH_HLEN + 28 + len;
}

/* @frame arrives on wire @dev; nothing is run yet. */
static __maybe_unused void router_rx(struct router *r, unsigned dev, const void *frame, u32 len)
{
	assert_int_equal(skiff_wire_rx((struct skiff_dev *)r->dev[dev], frame, len), 0);
}

#endif
