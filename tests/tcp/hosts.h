/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/hosts.h - two hosts on a wire in virtual time, for scenarios of TCP: every segment is kept, and can be lost, held or forged.
 *
 * Include it in one file of a test program. Host i has 10.0.0.(i+1)/24 on e0. Frames take h->delay ns. h->filter sees each segment that
 * leaves a host: false loses it. Segments from or to other addresses of the net (10.0.0.9 and up, "strangers") go to h->seg only.
 */
#ifndef TESTS_TCP_HOSTS_H
#define TESTS_TCP_HOSTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/tcp.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define HOSTS_SEGS   4096
#define HOSTS_FRAMES 4096
#define HOST_IP(i)   htonl(0x0a000001u + (u32)(i))
#define STRANGER(i)  htonl(0x0a000009u + (u32)(i))

#define F 0x01
#define S 0x02
#define R 0x04
#define P 0x08
#define A 0x10

/* A segment as it left a host (from 0, 1) or came for a stranger. */
struct seg {
	u64 ms;
	int from;
	__be32 saddr, daddr;
	u16 sport, dport;
	u32 seq, ack;
	u8 flags;
	u16 window;
	u16 urg;
	u32 len; /* of data */
	u16 mss;
	int wscale; /* -1: no option */
	bool sack_perm, ts;
	u32 tsval, tsecr;
	u8 optlen;
	u8 opt[40];
	u8 ecn, ace; /* codepoint; AE, CWR, ECE */
	bool lost;
	bool mark; /* set by the filter: the network marks it CE */
};

struct hosts_frame {
	u64 due;
	int to;
	u32 len;
	u8 *bytes;
};

struct hosts {
	struct skiff *skiff;
	struct net *net[2];
	struct net_device *dev[2];
	u64 now; /* ns */
	u64 delay;
	bool (*filter)(struct hosts *h, struct seg *s);
	void *arg;
	u32 nr_segs;
	struct seg seg[HOSTS_SEGS];
	u32 head, tail; /* of frames under way */
	struct hosts_frame frame[HOSTS_FRAMES];
};

static long hosts_allocs, hosts_fail_after = -1;

static void *hosts_alloc(void *arg, size_t size, size_t align)
{
	void *p;

	if (hosts_fail_after == 0)
		return NULL;
	if (hosts_fail_after > 0)
		hosts_fail_after--;
	align = align < 16 ? 16 : align;
	p = aligned_alloc(align, ALIGN_UP(size ? size : 1, align));
	hosts_allocs += p != NULL;
	return p;
}

static void hosts_free(void *arg, void *p)
{
	hosts_allocs -= p != NULL;
	free(p);
}

static void seg_options(struct seg *s, const u8 *p, u32 left)
{
	s->optlen = (u8)left;
	memcpy(s->opt, p, left);
	s->wscale = -1;
	while (left) {
		if (*p == TCPOPT_EOL)
			return;
		if (*p == TCPOPT_NOP) {
			p++;
			left--;
			continue;
		}
		if (*p == TCPOPT_MSS)
			s->mss = ntohs(get_unaligned16(p + 2));
		if (*p == TCPOPT_WINDOW)
			s->wscale = p[2];
		if (*p == TCPOPT_SACK_PERM)
			s->sack_perm = true;
		if (*p == TCPOPT_TIMESTAMP) {
			s->ts = true;
			s->tsval = ntohl(get_unaligned32(p + 2));
			s->tsecr = ntohl(get_unaligned32(p + 6));
		}
		left -= p[1];
		p += p[1];
	}
}

/* One segment of @ip; the checksum is right. */
static void seg_parse(struct seg *s, const struct iphdr *iph)
{
	const struct tcphdr *th = (const struct tcphdr *)((const u8 *)iph + iph->ihl * 4u);
	u32 len = ntohs(iph->tot_len) - iph->ihl * 4u;

	memset(s, 0, sizeof(*s));
	assert_int_equal(csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP,
					   csum_partial(th, len, 0)),
			 0);
	s->saddr = iph->saddr;
	s->daddr = iph->daddr;
	s->sport = ntohs(th->source);
	s->dport = ntohs(th->dest);
	s->seq = ntohl(th->seq);
	s->ack = ntohl(th->ack_seq);
	s->flags = ((const u8 *)th)[13];
	s->window = ntohs(th->window);
	s->urg = ntohs(th->urg_ptr);
	s->ecn = iph->tos & INET_ECN_MASK;
	s->ace = tcp_accecn_ace(th);
	s->len = len - th->doff * 4u;
	seg_options(s, (const u8 *)(th + 1), th->doff * 4u - 20);
}

/* A congested router. */
static void hosts_mark(u8 *ip)
{
	struct iphdr iph;

	memcpy(&iph, ip, sizeof(iph));
	if (!(iph.tos & INET_ECN_MASK))
		return;
	iph.tos |= INET_ECN_CE;
	iph.check = 0;
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(ip, &iph, sizeof(iph));
}

static void hosts_xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	struct hosts *h = arg;
	const struct ethhdr *eth = frame;
	const struct iphdr *iph = (const struct iphdr *)((const u8 *)frame + ETH_HLEN);
	int from = (struct net_device *)dev == h->dev[1];
	struct hosts_frame *f;
	u8 copy[2048] __attribute__((aligned(4)));
	struct seg *s = NULL;

	assert_true(len <= sizeof(copy) - 2);
	memcpy(copy + 2, frame, len);
	iph = (const struct iphdr *)(copy + 2 + ETH_HLEN);
	if (eth->h_proto == htons(ETH_P_IP) && iph->protocol == IPPROTO_TCP) {
		assert_true(h->nr_segs < HOSTS_SEGS);
		s = &h->seg[h->nr_segs++];
		seg_parse(s, iph);
		s->ms = h->now / 1000000;
		s->from = from;
		if (h->filter && !h->filter(h, s)) {
			s->lost = true;
			return;
		}
		if (s->daddr != HOST_IP(!from))
			return;
	}
	assert_true(h->tail - h->head < HOSTS_FRAMES);
	f = &h->frame[h->tail++ % HOSTS_FRAMES];
	f->due = h->now + h->delay;
	f->to = !from;
	f->len = (u32)len;
	f->bytes = malloc(len);
	memcpy(f->bytes, frame, len);
	if (s && s->mark)
		hosts_mark(f->bytes + ETH_HLEN);
}

static int hosts_ifindex(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

/** hosts_ip() - what `ip` would be told on host @i */
static void hosts_ip(struct hosts *h, int i, const char *words)
{
	const struct ipwords_env env = { hosts_ifindex, h->net[i] };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	if (n > 0)
		n = skiff_netlink((struct skiff_net *)h->net[i], msg, (size_t)n, NULL, NULL);
	if (n < 0)
		fail_msg("%s: %d %s", words, n, why);
}

static __maybe_unused void hosts_sysctl(struct hosts *h, int i, const char *key, const char *value)
{
	int err = skiff_sysctl_set((struct skiff_net *)h->net[i], key, value);

	if (err)
		fail_msg("%s=%s: %d", key, value, err);
}

/* Frames whose time has come arrive. */
static bool hosts_arrive(struct hosts *h)
{
	bool any = false;

	while (h->head != h->tail && h->frame[h->head % HOSTS_FRAMES].due <= h->now) {
		struct hosts_frame *f = &h->frame[h->head++ % HOSTS_FRAMES];

		skiff_wire_rx((struct skiff_dev *)h->dev[f->to], f->bytes, f->len);
		free(f->bytes);
		any = true;
	}
	return any;
}

static void hosts_check_sock(void *arg, struct sock *sk)
{
	const char *why = sk->sk_kind_ == SK_FULL ? tcp_check_invariants(sk) : NULL;

	if (why)
		fail_msg("state %d, port %u: not so: %s", sk->sk_state, sk->sk_num, why);
}

static void hosts_settle(struct hosts *h)
{
	do {
		while (skiff_turn(h->skiff, h->now))
			;
	} while (hosts_arrive(h));
	for (int i = 0; i < 2; i++)
		inet_ehash_walk(h->net[i], hosts_check_sock, NULL);
}

/** hosts_run() - everything that happens within @ms more */
static void hosts_run(struct hosts *h, u64 ms)
{
	u64 end = h->now + ms * 1000000, next;

	hosts_settle(h);
	for (;;) {
		next = skiff_next(h->skiff);
		if (h->head != h->tail)
			next = min_t(u64, next, h->frame[h->head % HOSTS_FRAMES].due);
		if (next > end)
			break;
		h->now = max_t(u64, next, h->now);
		hosts_settle(h);
	}
	h->now = end;
	hosts_settle(h);
}

struct hosts_counter {
	const char *name;
	u64 value;
};

static void hosts_counter_is(void *arg, const char *name, uint64_t value)
{
	struct hosts_counter *c = arg;

	if (!strcmp(c->name, name))
		c->value = value;
}

static __maybe_unused u64 hosts_counter(struct hosts *h, int i, const char *name)
{
	struct hosts_counter c = { name, 0 };

	skiff_counters((struct skiff_net *)h->net[i], hosts_counter_is, &c);
	return c.value;
}

static void hosts_start(struct hosts *h, u8 seed)
{
	static const struct skiff_wire_ops ops = { hosts_xmit };
	struct skiff_env env = { .alloc = hosts_alloc,
				 .free = hosts_free,
				 .now_ns = 1000000000,
				 .wall_ns = 1700000000000000000ull };
	char words[96];

	memset(h, 0, sizeof(*h));
	hosts_fail_after = -1;
	hosts_allocs = 0;
	env.seed[0] = seed;
	h->now = env.now_ns;
	h->delay = 1000000;
	h->skiff = skiff_create(&env);
	assert_non_null(h->skiff);
	for (int i = 0; i < 2; i++) {
		const u8 mac[6] = { 2, 0, 0, 0, 0, (u8)(i + 1) };

		h->net[i] = (struct net *)skiff_net_create(h->skiff, i ? "b" : "a");
		assert_non_null(h->net[i]);
		h->dev[i] = (struct net_device *)skiff_wire_create((struct skiff_net *)h->net[i],
								   "e0", mac, &ops, h);
		assert_non_null(h->dev[i]);
		hosts_ip(h, i, "link set lo up");
		hosts_ip(h, i, "link set e0 up");
		snprintf(words, sizeof(words), "addr add 10.0.0.%d/24 brd 10.0.0.255 dev e0",
			 i + 1);
		hosts_ip(h, i, words);
		snprintf(words, sizeof(words),
			 "neigh add 10.0.0.%d lladdr 02:00:00:00:00:%02x dev e0 nud permanent",
			 2 - i, 2 - i);
		hosts_ip(h, i, words);
		for (int k = 9; k < 20; k++) {
			snprintf(
				words, sizeof(words),
				"neigh add 10.0.0.%d lladdr 02:00:00:00:00:%02x dev e0 nud permanent",
				k, k);
			hosts_ip(h, i, words);
		}
	}
	hosts_run(h, 20000); /* IGMP reports are over */
	h->nr_segs = 0;
}

/* Everything that was allocated is free again. */
static __maybe_unused void hosts_stop(struct hosts *h)
{
	skiff_destroy(h->skiff);
	while (h->head != h->tail)
		free(h->frame[h->head++ % HOSTS_FRAMES].bytes);
	assert_int_equal(hosts_allocs, 0);
}

/* ---- calls ---- */

static __maybe_unused int hosts_socket(struct hosts *h, int i)
{
	int fd = skiff_socket((struct skiff_net *)h->net[i], AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	return fd;
}

static __maybe_unused int hosts_bind(struct hosts *h, int fd, __be32 addr, u16 port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr = { addr } };

	return skiff_bind(h->skiff, fd, (struct sockaddr *)&sin, sizeof(sin));
}

/** hosts_listen() - a listener of host @i on @port. Return: its descriptor */
static __maybe_unused int hosts_listen(struct hosts *h, int i, u16 port, int backlog)
{
	int fd = hosts_socket(h, i), one = 1;

	skiff_setsockopt(h->skiff, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(hosts_bind(h, fd, 0, port), 0);
	assert_int_equal(skiff_listen(h->skiff, fd, backlog), 0);
	return fd;
}

static __maybe_unused int hosts_try_connect(struct hosts *h, int fd, __be32 addr, u16 port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr = { addr } };

	return skiff_connect(h->skiff, fd, (struct sockaddr *)&sin, sizeof(sin));
}

/** hosts_connect() - begin to connect host @i to @port of the other one. Return: the descriptor */
static __maybe_unused int hosts_connect(struct hosts *h, int i, u16 port)
{
	int fd = hosts_socket(h, i);

	assert_int_equal(hosts_try_connect(h, fd, HOST_IP(!i), port), -EINPROGRESS);
	return fd;
}

static __maybe_unused int hosts_accept(struct hosts *h, int fd)
{
	return skiff_accept4(h->skiff, fd, NULL, NULL, 0);
}

/** hosts_sk() - the sock behind a descriptor */
struct socket *sockfd_lookup(struct skiff *skiff, int fd, int *err);

/** hosts_forge() - a segment arrives at host @to from @saddr; @opt: @optlen bytes (a multiple of four) of options. Nothing is run */
static __maybe_unused void hosts_forge(struct hosts *h, int to, const struct seg *s,
				       const void *data)
{
	u8 frame[2048] __attribute__((aligned(4))) = { 0 }, *p = frame + 2;
	struct iphdr iph = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	struct tcphdr th = { 0 };
	u32 len = 20u + s->optlen + s->len;
	const struct ethhdr eth = { { 2, 0, 0, 0, 0, (u8)(to + 1) },
				    { 2, 0, 0, 0, 0, 9 },
				    htons(ETH_P_IP) };

	memcpy(p, &eth, sizeof(eth));
	iph.tot_len = htons(20 + len);
	iph.saddr = s->saddr;
	iph.daddr = s->daddr ? s->daddr : HOST_IP(to);
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(p + ETH_HLEN, &iph, 20);
	th.source = htons(s->sport);
	th.dest = htons(s->dport);
	th.seq = htonl(s->seq);
	th.ack_seq = htonl(s->ack);
	th.doff = (5 + s->optlen / 4) & 15;
	((u8 *)&th)[13] = s->flags;
	th.window = htons(s->window);
	th.urg_ptr = htons(s->urg);
	memcpy(p + ETH_HLEN + 20, &th, 20);
	memcpy(p + ETH_HLEN + 40, s->opt, s->optlen);
	if (s->len)
		memcpy(p + ETH_HLEN + 40 + s->optlen, data, s->len);
	th.check = csum_tcpudp_magic(iph.saddr, iph.daddr, len, IPPROTO_TCP,
				     csum_partial(p + ETH_HLEN + 20, len, 0));
	memcpy(p + ETH_HLEN + 36, &th.check, 2);
	assert_int_equal(skiff_wire_rx((struct skiff_dev *)h->dev[to], p, ETH_HLEN + 20 + len), 0);
}

/** hosts_last() - the last segment that left host @i; NULL: none since nr_segs was @since */
static __maybe_unused struct seg *hosts_last(struct hosts *h, int i, u32 since)
{
	for (u32 k = h->nr_segs; k > since; k--) {
		if (h->seg[k - 1].from == i)
			return &h->seg[k - 1];
	}
	return NULL;
}

/** hosts_show() - all segments kept, for a look while writing a test */
static __maybe_unused void hosts_show(const struct hosts *h)
{
	for (u32 k = 0; k < h->nr_segs; k++) {
		const struct seg *s = &h->seg[k];

		printf("%8llu %c %u>%u %s%s%s%s%s seq %u ack %u win %u len %u opt %u%s\n",
		       (unsigned long long)s->ms, 'a' + s->from, s->sport, s->dport,
		       s->flags & S ? "S" : "", s->flags & F ? "F" : "", s->flags & R ? "R" : "",
		       s->flags & P ? "P" : "", s->flags & A ? "." : "", s->seq, s->ack, s->window,
		       s->len, s->optlen, s->lost ? " LOST" : "");
	}
}

#endif
