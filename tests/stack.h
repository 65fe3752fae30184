/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/stack.h - a whole stack for unit tests: one namespace with the wire e0, virtual time, what was sent.
 *
 * Include it in one file of a test program. Addresses: e0 is 10.0.0.1/24 with MAC 02:dd:00:00:00:00; 10.0.0.2 is known
 * as 02:aa:00:00:00:02. stack_fail_after: how many allocations succeed before all fail, -1: none does. Frames sent are kept from the IP header on (ARP is left out), with the ms at which they left.
 */
#ifndef TESTS_STACK_H
#define TESTS_STACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "net/inetdevice.h"
#include "net/net_namespace.h"
#include "skiff/skiff.h"

#define STACK_FRAMES 64
#define STACK_OUR    htonl(0x0a000001)
#define STACK_PEER   htonl(0x0a000002)

static long stack_fail_after = -1;

static void *stack_alloc(void *arg, size_t size, size_t align)
{
	if (stack_fail_after == 0)
		return NULL;
	if (stack_fail_after > 0)
		stack_fail_after--;
	return aligned_alloc(align, ALIGN_UP(size, align));
}

static void stack_free(void *arg, void *p)
{
	free(p);
}

struct stack_frame {
	u64 ms;
	u32 len;
	u8 mac[6];
	u8 ip[1500] __attribute__((aligned(4)));
};

struct stack {
	struct skiff *skiff;
	struct net *net;
	struct skiff_dev *dev;
	u64 now; /* ns */
	u32 n;
	struct stack_frame out[STACK_FRAMES];
};

static void stack_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	struct stack *s = arg;
	const u8 *p = frame;
	struct stack_frame *f = &s->out[s->n];

	if (p[12] != 8 || p[13] != 0)
		return;
	assert_true(s->n < STACK_FRAMES && len - ETH_HLEN <= sizeof(f->ip));
	f->ms = s->now / 1000000;
	f->len = (u32)len - ETH_HLEN;
	memcpy(f->mac, p, 6);
	memcpy(f->ip, p + ETH_HLEN, f->len);
	s->n++;
}

static int stack_ifindex(void *arg, const char *name)
{
	struct stack *s = arg;
	struct skiff_dev *dev = skiff_dev_find((struct skiff_net *)s->net, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

/** stack_ip() - what `ip` would be told; it must succeed */
static void stack_ip(struct stack *s, const char *line)
{
	const struct ipwords_env env = { stack_ifindex, s };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		n = skiff_netlink((struct skiff_net *)s->net, msg, (size_t)n, NULL, NULL);
	if (n < 0)
		fail_msg("%s: %d %s", line, n, why);
}

static __maybe_unused void stack_sysctl(struct stack *s, const char *key, const char *value)
{
	int err = skiff_sysctl_set((struct skiff_net *)s->net, key, value);

	if (err)
		fail_msg("%s=%s: %d", key, value, err);
}

/** stack_run() - everything that is due within @ms more */
static void stack_run(struct stack *s, u64 ms)
{
	u64 end = s->now + ms * 1000000, next;

	while (skiff_turn(s->skiff, s->now))
		;
	while ((next = skiff_next(s->skiff)) <= end) {
		s->now = next > s->now ? next : s->now;
		while (skiff_turn(s->skiff, s->now))
			;
	}
	s->now = end;
	skiff_turn(s->skiff, s->now);
}

/** stack_rx() - an IP packet of @len bytes arrives on e0 in a frame to @mac (NULL: ours); run at once */
static __maybe_unused void stack_rx(struct stack *s, const u8 *mac, const void *ip, size_t len)
{
	static const u8 ours[6] = { 2, 0xdd }, peer[6] = { 2, 0xaa, 0, 0, 0, 2 };
	u8 frame[ETH_HLEN + 1500];
	int err;

	assert_true(len <= 1500);
	memcpy(frame, mac ? mac : ours, 6);
	memcpy(frame + 6, peer, 6);
	frame[12] = 8;
	frame[13] = 0;
	memcpy(frame + ETH_HLEN, ip, len);
	err = skiff_wire_rx(s->dev, frame, ETH_HLEN + len);
	assert_true(!err || (err == -ENOBUFS && stack_fail_after == 0));
	stack_run(s, 0);
}

struct stack_counter {
	const char *name;
	u64 value;
	bool found;
};

static void stack_counter_is(void *arg, const char *name, u64 value)
{
	struct stack_counter *c = arg;

	if (!strcmp(c->name, name)) {
		c->value = value;
		c->found = true;
	}
}

static __maybe_unused u64 stack_counter(struct stack *s, const char *name)
{
	struct stack_counter c = { .name = name };

	skiff_counters((struct skiff_net *)s->net,
		       (void (*)(void *, const char *, uint64_t))stack_counter_is, &c);
	if (!c.found)
		return 0; /* IcmpMsg rows appear with their first event */
	return c.value;
}

static struct in_device *stack_in_dev(struct stack *s)
{
	return in_dev_get((struct net_device *)s->dev);
}

static void stack_start(struct stack *s, u8 seed)
{
	static const u8 mac[6] = { 2, 0xdd };
	static const struct skiff_wire_ops ops = { stack_xmit };
	struct skiff_env env = { .alloc = stack_alloc,
				 .free = stack_free,
				 .wall_ns = 1700000000000000000ull };

	memset(s, 0, sizeof(*s));
	env.seed[0] = seed;
	s->skiff = skiff_create(&env);
	assert_non_null(s->skiff);
	s->net = (struct net *)skiff_net_create(s->skiff, "test");
	assert_non_null(s->net);
	s->dev = skiff_wire_create((struct skiff_net *)s->net, "e0", mac, &ops, s);
	assert_non_null(s->dev);
	stack_ip(s, "link set lo up");
	stack_ip(s, "link set e0 up");
	stack_ip(s, "addr add 10.0.0.1/24 brd 10.0.0.255 dev e0");
	stack_ip(s, "neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev e0 nud permanent");
	stack_run(s, 10);
	s->n = 0;
	assert_non_null(stack_in_dev(s));
}

static void stack_end(struct stack *s)
{
	skiff_destroy(s->skiff);
}

/* ---- building packets ---- */

/** stack_build() - IPv4 header and @len bytes behind it at @to; checksum filled in. Return: total length */
static __maybe_unused size_t stack_build(u8 *to, __be32 saddr, __be32 daddr, u8 proto,
					 const void *payload, size_t len)
{
	struct iphdr iph = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = proto, .saddr = saddr, .daddr = daddr
	};

	iph.tot_len = htons(sizeof(iph) + len);
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(to, &iph, sizeof(iph));
	if (len)
		memcpy(to + sizeof(iph), payload, len);
	return sizeof(iph) + len;
}

/** stack_sum() - the checksum of @len bytes into the field at @at, which lies among them */
static __maybe_unused void stack_sum(void *p, size_t len, size_t at)
{
	put_unaligned16(0, (u8 *)p + at);
	put_unaligned16(csum_fold(csum_partial(p, len, 0)), (u8 *)p + at);
}

/** stack_hex() - bytes of a string of hex digits; Return: how many */
static __maybe_unused size_t stack_hex(const char *hex, u8 *to)
{
	size_t n = 0;
	unsigned v;

	for (; hex[0] && hex[1]; hex += 2, n++) {
		sscanf(hex, "%2x", &v);
		to[n] = (u8)v;
	}
	return n;
}

#endif
