/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/tcp_peer.h - one connection of the stack, with a far end (10.0.0.2) that sends what a test says, in virtual time.
 *
 * Include it in one file of a test program. Sequence numbers are relative: ours begin at 1 behind our SYN, the peer's at 1.
 * What the stack sent is kept in p->seg[], with its time in us since the connection was established (or asked for).
 */
#ifndef TESTS_TCP_TCP_PEER_H
#define TESTS_TCP_TCP_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "net/tcp.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define PEER_OURS htonl(0x0a000001)
#define PEER_ADDR htonl(0x0a000002)

#define FIN TCPHDR_FIN
#define SYN TCPHDR_SYN
#define RST TCPHDR_RST
#define PSH TCPHDR_PSH
#define ACK TCPHDR_ACK

#define PEER_ISN  5000u
#define PEER_SEGS 256

struct segment {
	s64 us;
	u32 seq, ack, len;
	u16 win, flags, mss;
};

struct peer {
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *dev;
	u64 now, zero; /* ns */
	int fd;
	u32 isn; /* ours */
	u16 port, wscale;
	u32 n;
	struct segment seg[PEER_SEGS];
	u8 buf[65536];
};

/* ---- out ---- */

static void peer_xmit(void *arg, struct skiff_dev *dev, const void *packet, size_t len,
		      unsigned gso_size)
{
	struct peer *p = arg;
	const struct iphdr *iph = packet;
	const struct tcphdr *th = (const void *)((const u8 *)packet + iph->ihl * 4);
	const u8 *opt = (const u8 *)(th + 1), *end = (const u8 *)th + th->doff * 4;
	struct segment *s = &p->seg[p->n];

	if (iph->protocol != IPPROTO_TCP)
		return;
	assert_true(p->n < PEER_SEGS);
	memset(s, 0, sizeof(*s));
	s->us = (s64)(p->now - p->zero) / 1000;
	s->flags = ntohs(get_unaligned16((const u8 *)th + 12)) & 0x1ff;
	if (s->flags & SYN) {
		p->isn = ntohl(th->seq);
		p->port = ntohs(th->source);
	}
	s->seq = ntohl(th->seq) - p->isn;
	s->ack = th->ack ? ntohl(th->ack_seq) - PEER_ISN : 0;
	s->win = ntohs(th->window);
	s->len = (u32)len - iph->ihl * 4u - th->doff * 4u;
	for (; opt < end && *opt; opt += *opt == 1 ? 1 : opt[1]) {
		if (*opt == TCPOPT_MSS)
			s->mss = (u16)(opt[2] << 8 | opt[3]);
	}
	p->n++;
}

/* Everything due within @us more, one event after the other. */
static void peer_run(struct peer *p, u64 us)
{
	u64 until = p->now + us * 1000, next;

	while (skiff_turn(p->skiff, p->now))
		;
	while ((next = skiff_next(p->skiff)) <= until) {
		p->now = next > p->now ? next : p->now;
		while (skiff_turn(p->skiff, p->now))
			;
	}
	p->now = until;
	while (skiff_turn(p->skiff, p->now))
		;
}

/* ---- in ---- */

/* A segment of the peer's; @opt: @optlen bytes, a multiple of 4. */
static void peer_send_opt(struct peer *p, u16 flags, u32 seq, u32 ack, u16 win, u32 len,
			  const void *opt, u32 optlen)
{
	u8 pkt[1600] = { 0 };
	struct iphdr *iph = (void *)pkt;
	struct tcphdr *th = (void *)(iph + 1);
	u32 tlen = (u32)sizeof(*th) + optlen + len;

	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	iph->saddr = PEER_ADDR;
	iph->daddr = PEER_OURS;
	iph->tot_len = htons(20 + tlen);
	iph->check = ip_fast_csum(iph, 5);
	th->source = htons(5001);
	th->dest = htons(p->port);
	th->seq = htonl(PEER_ISN + seq);
	th->ack_seq = flags & ACK ? htonl(p->isn + ack) : 0;
	put_unaligned16(htons((u16)((20 + optlen) / 4 << 12 | flags)), (u8 *)th + 12);
	th->window = htons(win);
	memcpy(th + 1, opt, optlen);
	th->check = csum_fold(
		csum_partial(th, tlen, csum_tcpudp_nofold(iph->saddr, iph->daddr, tlen, 6, 0)));
	assert_int_equal(skiff_rawip_rx(p->dev, pkt, 20 + tlen), 0);
	peer_run(p, 0);
}

static void peer_send(struct peer *p, u16 flags, u32 seq, u32 ack, u16 win, u32 len)
{
	peer_send_opt(p, flags, seq, ack, win, len, "", 0);
}

/* A router says that @s, a segment of ours, is too large for @mtu. */
static __maybe_unused void peer_frag_needed(struct peer *p, const struct segment *s, u16 mtu)
{
	u8 pkt[20 + 8 + 28] = { 0 };
	struct iphdr *iph = (void *)pkt, *inner = (void *)(pkt + 28);
	u8 *icmp = pkt + 20;
	struct tcphdr th = { .source = htons(p->port), .dest = htons(5001) };

	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP };
	iph->saddr = PEER_ADDR;
	iph->daddr = PEER_OURS;
	iph->tot_len = htons(sizeof(pkt));
	iph->check = ip_fast_csum(iph, 5);
	*inner = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	inner->saddr = PEER_OURS;
	inner->daddr = PEER_ADDR;
	inner->frag_off = htons(IP_DF);
	inner->tot_len = htons(40 + s->len);
	inner->check = ip_fast_csum(inner, 5);
	th.seq = htonl(p->isn + s->seq);
	memcpy(inner + 1, &th, 8);
	icmp[0] = 3;
	icmp[1] = 4;
	icmp[6] = (u8)(mtu >> 8);
	icmp[7] = (u8)mtu;
	put_unaligned16(csum_fold(csum_partial(icmp, sizeof(pkt) - 20, 0)), icmp + 2);
	assert_int_equal(skiff_rawip_rx(p->dev, pkt, sizeof(pkt)), 0);
	peer_run(p, 0);
}

/* ---- life ---- */

static int peer_ifindex(void *arg, const char *name)
{
	struct peer *p = arg;
	struct skiff_dev *dev = skiff_dev_find(p->net, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

static void peer_ip(struct peer *p, const char *line)
{
	const struct ipwords_env env = { peer_ifindex, p };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200] = "";
	int n = ipwords_line(msg, sizeof(msg), line, &env, why, sizeof(why));

	if (n > 0)
		n = skiff_netlink(p->net, msg, (size_t)n, NULL, NULL);
	if (n < 0)
		fail_msg("%s: %d %s", line, n, why);
}

static void peer_sysctl(struct peer *p, const char *key, const char *value)
{
	assert_int_equal(skiff_sysctl_set(p->net, key, value), 0);
}

static void peer_start(struct peer *p)
{
	static const struct skiff_rawip_ops ops = { peer_xmit };
	struct skiff_env env = { .now_ns = 1234567, .wall_ns = 1700000000000000000ull };

	memset(p, 0, sizeof(*p));
	p->now = env.now_ns;
	p->skiff = skiff_create(&env);
	assert_non_null(p->skiff);
	p->net = skiff_net_create(p->skiff, "test");
	p->dev = skiff_rawip_create(p->net, "tun0", 0, &ops, p);
	assert_non_null(p->dev);
	peer_ip(p, "link set lo up");
	peer_ip(p, "link set tun0 up");
	peer_ip(p, "addr add 10.0.0.1/24 dev tun0");
	peer_run(p, 10000);
	p->zero = p->now;
}

static int peer_option(struct peer *p, int level, int name, int value)
{
	return skiff_setsockopt(p->skiff, p->fd, level, name, &value, sizeof(value));
}

static int peer_error(struct peer *p)
{
	int err = -1;
	u32 len = sizeof(err);

	assert_int_equal(skiff_getsockopt(p->skiff, p->fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	return err;
}

static void peer_connect_start(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(5001) };
	int err;

	a.sin_addr.s_addr = PEER_ADDR;
	if (!p->fd) {
		/* Descriptor 0 is taken, so that 0 can mean none. */
		skiff_socket(p->net, AF_INET, SOCK_STREAM, 0);
		p->fd = skiff_socket(p->net, AF_INET, SOCK_STREAM, 0);
	}
	assert_true(p->fd > 0);
	p->zero = p->now;
	err = skiff_connect(p->skiff, p->fd, (struct sockaddr *)&a, sizeof(a));
	assert_int_equal(err, -EINPROGRESS);
	peer_run(p, 0);
}

/* Establish: MSS 1460, no time stamps, SACK if @sack, window @win (scaled by 0), a round trip of @rtt_us. */
static void peer_connect(struct peer *p, bool sack, u16 win, u64 rtt_us)
{
	static const u8 plain[8] = { 2, 4, 1460 >> 8, 1460 & 255, 1, 3, 3, 0 };
	static const u8 sacked[12] = { 2, 4, 1460 >> 8, 1460 & 255, 1, 1, 4, 2, 1, 3, 3, 0 };

	peer_connect_start(p);
	assert_int_equal(p->n, 1);
	assert_int_equal(p->seg[0].flags, SYN);
	peer_run(p, rtt_us);
	if (sack)
		peer_send_opt(p, SYN | ACK, 0, 1, win, 0, sacked, sizeof(sacked));
	else
		peer_send_opt(p, SYN | ACK, 0, 1, win, 0, plain, sizeof(plain));
	assert_int_equal(p->n, 2);
	assert_int_equal(p->seg[1].flags, ACK);
	p->n = 0;
	p->zero = p->now;
}

static void peer_end(struct peer *p)
{
	skiff_destroy(p->skiff);
}

static s64 peer_write(struct peer *p, size_t len)
{
	s64 n = skiff_send(p->skiff, p->fd, p->buf, len, 0);

	peer_run(p, 0);
	return n;
}

/* The segment @i was sent @ms after the zero, at most 1 ms late. */
static void assert_sent_at(const struct peer *p, u32 i, s64 ms)
{
	assert_true(i < p->n);
	if (p->seg[i].us < ms * 1000 || p->seg[i].us > ms * 1000 + 1000)
		fail_msg("segment %u was sent at %lld us, not at %lld ms", i,
			 (long long)p->seg[i].us, (long long)ms);
}

#endif
