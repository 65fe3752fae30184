/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/script.h - one connection whose far end is a script: the stack serves, the script plays the peer segment by segment.
 *
 * One file of a program includes it. A script is text, one step a line, times in ms, sequence numbers relative:
 *   +N                     N ms pass
 *   write N                the program sends N bytes
 *   < A [S:E ...] [ecr T]  the peer acknowledges A, with SACK blocks; T: echoes the time stamp of script time T (default: now)
 *   <ece A                 the same with ECE
 *   > S:E                  next out are the bytes S..E, in whole segments
 *   is KEY N ...           of TCP_INFO: cwnd ssthresh state unacked sacked lost retrans reord rto
 *   mib NAME N             a TcpExt counter
 * Before each step that does something all that was sent must have been expected. The peer's MSS is 1000, the handshake
 * takes the script's first number of ms. state: 0 Open 1 Disorder 2 CWR 3 Recovery 4 Loss.
 */
#ifndef TESTS_TCP_SCRIPT_H
#define TESTS_TCP_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "net/tcp.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define SCRIPT_SEGS 512
#define SCRIPT_TS   1 /* time stamps */
#define SCRIPT_RENO 2 /* no SACK */
#define SCRIPT_ECN  4 /* classic ECN */

struct script_seg {
	u32 seq, len;
	u16 flags;
};

struct script {
	struct skiff *skiff;
	struct skiff_net *net;
	struct skiff_dev *dev;
	int flags, fd;
	u64 t0, now; /* ns */
	u32 isn, ts_base, last_ack;
	bool syn_seen;
	struct script_seg seg[SCRIPT_SEGS];
	u32 first, last; /* sent and not expected yet */
	int line;
};

/* ---- wire ---- */

static void script_xmit(void *arg, struct skiff_dev *dev, const void *packet, size_t len,
			unsigned gso_size)
{
	struct script *s = arg;
	const struct iphdr *iph = packet;
	const struct tcphdr *th = (const void *)((const u8 *)packet + iph->ihl * 4);
	struct script_seg *g = &s->seg[s->last % SCRIPT_SEGS];
	u32 hlen = iph->ihl * 4u + th->doff * 4u;

	if (iph->protocol != IPPROTO_TCP)
		return;
	if (th->syn) {
		s->isn = ntohl(th->seq);
		s->syn_seen = true;
		if (s->flags & SCRIPT_TS) {
			const u8 *p = (const u8 *)(th + 1);

			while (*p != TCPOPT_TIMESTAMP)
				p += *p == TCPOPT_NOP ? 1 : p[1];
			s->ts_base =
				ntohl(get_unaligned32(p + 2)) - (u32)((s->now - s->t0) / 1000000);
		}
		return;
	}
	if (len <= hlen)
		return;
	g->seq = ntohl(th->seq) - s->isn;
	g->len = (u32)len - hlen;
	g->flags = (u16)(th->cwr ? TCPHDR_CWR : 0);
	s->last++;
}

static const struct skiff_rawip_ops script_ops = { .xmit = script_xmit };

/* A segment of the peer; @opt: @optlen bytes of options. */
static void script_rx(struct script *s, u16 flags, u32 seq, u32 ack, const u8 *opt, u32 optlen)
{
	u8 p[120] = { 0 };
	struct iphdr *iph = (void *)p;
	struct tcphdr *th = (void *)(p + 20);
	u32 len = 40 + optlen;

	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = IPPROTO_TCP;
	iph->tot_len = htons(len);
	iph->saddr = htonl(0xc0000201);
	iph->daddr = htonl(0xc0a80001);
	iph->check = csum_fold(csum_partial(iph, 20, 0));
	th->source = htons(4000);
	th->dest = htons(8080);
	th->seq = htonl(seq);
	th->ack_seq = flags & TCPHDR_ACK ? htonl(ack) : 0;
	th->doff = (u16)((20 + optlen) / 4) & 15;
	th->syn = (flags & TCPHDR_SYN) != 0;
	th->ack = (flags & TCPHDR_ACK) != 0;
	th->ece = (flags & TCPHDR_ECE) != 0;
	th->cwr = (flags & TCPHDR_CWR) != 0;
	th->window = htons(flags & TCPHDR_SYN ? 65535 : 4000);
	memcpy(th + 1, opt, optlen);
	th->check = csum_tcpudp_magic(iph->saddr, iph->daddr, 20 + optlen, IPPROTO_TCP,
				      csum_partial(th, 20 + optlen, 0));
	assert_int_equal(skiff_rawip_rx(s->dev, p, len), 0);
}

/* ---- time ---- */

static void script_settle(struct script *s)
{
	while (skiff_turn(s->skiff, s->now))
		;
}

static void script_pass(struct script *s, u64 ns)
{
	u64 end = s->now + ns;

	script_settle(s);
	while (skiff_next(s->skiff) <= end) {
		u64 next = skiff_next(s->skiff);

		s->now = next > s->now ? next : s->now;
		if (!skiff_turn(s->skiff, s->now) && skiff_next(s->skiff) <= s->now)
			break;
	}
	s->now = end;
	script_settle(s);
}

/* ---- options ---- */

static u32 script_put_ts(const struct script *s, u8 *p, u32 ecr_ms)
{
	p[0] = p[1] = TCPOPT_NOP;
	p[2] = TCPOPT_TIMESTAMP;
	p[3] = TCPOLEN_TIMESTAMP;
	put_unaligned32(htonl(1000 + (u32)((s->now - s->t0) / 1000000)), p + 4);
	put_unaligned32(s->syn_seen ? htonl(s->ts_base + ecr_ms) : 0, p + 8);
	return 12;
}

static u32 script_syn_options(const struct script *s, u8 *p)
{
	static const u8 base[] = { 2, 4, 3, 232, 1, 3, 3, 8 }; /* MSS 1000, NOP, window scale 8 */
	u32 n = sizeof(base);

	memcpy(p, base, n);
	if (!(s->flags & SCRIPT_RENO)) {
		p[n] = p[n + 1] = TCPOPT_NOP;
		p[n + 2] = TCPOPT_SACK_PERM;
		p[n + 3] = 2;
		n += 4;
	}
	if (s->flags & SCRIPT_TS)
		n += script_put_ts(s, p + n, 0);
	return n;
}

/* ---- steps ---- */

static void script_ack(struct script *s, char *args, u16 flags)
{
	u32 ecr = (u32)((s->now - s->t0) / 1000000), n = 0, nsack = 0, blocks[8];
	char *save = NULL, *w = strtok_r(args, " ", &save);
	u32 ack = (u32)atoi(w);
	u8 opt[40];

	while ((w = strtok_r(NULL, " ", &save))) {
		if (!strcmp(w, "ecr")) {
			ecr = (u32)atoi(strtok_r(NULL, " ", &save));
		} else {
			blocks[2 * nsack] = (u32)atoi(w);
			blocks[2 * nsack++ + 1] = (u32)atoi(strchr(w, ':') + 1);
		}
	}
	if (s->flags & SCRIPT_TS)
		n += script_put_ts(s, opt, ecr);
	if (nsack) {
		opt[n] = opt[n + 1] = TCPOPT_NOP;
		opt[n + 2] = TCPOPT_SACK;
		opt[n + 3] = (u8)(2 + 8 * nsack);
		n += 4;
		for (u32 i = 0; i < 2 * nsack; i++, n += 4)
			put_unaligned32(htonl(blocks[i] + s->isn), opt + n);
	}
	script_rx(s, flags | TCPHDR_ACK, 1, ack + s->isn, opt, n);
	script_settle(s);
}

static void script_expect(struct script *s, const char *args)
{
	u32 seq = (u32)atoi(args), end = (u32)atoi(strchr(args, ':') + 1);

	while (before(seq, end)) {
		const struct script_seg *g = &s->seg[s->first % SCRIPT_SEGS];

		if (s->first == s->last)
			fail_msg("line %d: %u:%u was not sent", s->line, seq, end);
		if (g->seq != seq || after(g->seq + g->len, end))
			fail_msg("line %d: %u:%u was sent", s->line, g->seq, g->seq + g->len);
		s->first++;
		seq += g->len;
	}
}

static u32 script_info(const struct tcp_info *i, const char *key)
{
	const struct {
		const char *key;
		u32 v;
	} row[] = {
		{ "cwnd", i->tcpi_snd_cwnd },		{ "ssthresh", i->tcpi_snd_ssthresh },
		{ "state", i->tcpi_ca_state },		{ "unacked", i->tcpi_unacked },
		{ "sacked", i->tcpi_sacked },		{ "lost", i->tcpi_lost },
		{ "retrans", i->tcpi_retrans },		{ "reord", i->tcpi_reordering },
		{ "rto", i->tcpi_rto / 1000 },		{ "srtt", i->tcpi_rtt / 1000 },
		{ "pacing", (u32)i->tcpi_pacing_rate },
	};

	for (u32 n = 0; n < ARRAY_SIZE(row); n++)
		if (!strcmp(row[n].key, key))
			return row[n].v;
	fail_msg("no key \"%s\"", key);
	return 0;
}

static void script_is(struct script *s, char *args)
{
	struct tcp_info info;
	u32 len = sizeof(info);
	char *save = NULL;

	assert_int_equal(skiff_getsockopt(s->skiff, s->fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	for (char *w = strtok_r(args, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		u32 want = (u32)atoi(strtok_r(NULL, " ", &save)), have = script_info(&info, w);

		if (have != want)
			fail_msg("line %d: %s is %u, not %u", s->line, w, have, want);
	}
}

static void script_mib(struct script *s, char *args)
{
	static const char *const name[] = {
#undef MIB_IF_TcpExt
#define MIB(group, x, name) MIB_IF_##group(name)
#define MIB_IF_Ip(n)
#define MIB_IF_IpExt(n)
#define MIB_IF_Icmp(n)
#define MIB_IF_Tcp(n)
#define MIB_IF_Udp(n)
#define MIB_IF_TcpExt(n) n,
#include "net/mib.def"
	};
	const struct net *net = (const struct net *)s->net;
	char *n = strchr(args, ' ');

	*n++ = 0;
	for (u32 i = 0; i < ARRAY_SIZE(name); i++)
		if (!strcmp(name[i], args)) {
			if (net->mib.net_statistics[i] != (u64)atoi(n))
				fail_msg("line %d: %s is %d", s->line, args,
					 (int)net->mib.net_statistics[i]);
			return;
		}
	fail_msg("no counter \"%s\"", args);
}

static void script_step(struct script *s, char *line)
{
	static u8 data[1 << 20];

	if (!strncmp(line, "> ", 2)) {
		script_expect(s, line + 2);
		return;
	}
	if (!strncmp(line, "is ", 3)) {
		script_is(s, line + 3);
		return;
	}
	if (!strncmp(line, "mib ", 4)) {
		script_mib(s, line + 4);
		return;
	}
	if (s->first != s->last)
		fail_msg("line %d: before it %u:%u was sent", s->line,
			 s->seg[s->first % SCRIPT_SEGS].seq,
			 s->seg[s->first % SCRIPT_SEGS].seq + s->seg[s->first % SCRIPT_SEGS].len);
	if (line[0] == '+') {
		script_pass(s, (u64)atoi(line + 1) * 1000000);
	} else if (!strncmp(line, "write ", 6)) {
		size_t n = (size_t)atoi(line + 6);

		assert_int_equal(skiff_send(s->skiff, s->fd, data, n, 0), n);
		script_settle(s);
	} else if (!strncmp(line, "< ", 2)) {
		script_ack(s, line + 2, 0);
	} else if (!strncmp(line, "<ece ", 5)) {
		script_ack(s, line + 5, TCPHDR_ECE);
	} else {
		fail_msg("line %d: \"%s\"?", s->line, line);
	}
}

/* ---- a connection ---- */

static int script_ifindex(void *arg, const char *name)
{
	struct skiff_dev *dev = skiff_dev_find(arg, name);

	return dev ? skiff_dev_ifindex(dev) : 0;
}

static void script_ip(struct script *s, const char *words)
{
	const struct ipwords_env env = { script_ifindex, s->net };
	u8 msg[IPWORDS_MSG_MAX] __attribute__((aligned(8)));
	char why[128];
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	assert_true(n > 0);
	assert_int_equal(skiff_netlink(s->net, msg, (size_t)n, NULL, NULL), 0);
}

/* Handshake of @rtt_ms; @sysctls: "key=value key=value" below net.ipv4, NULL none. */
static void script_start(struct script *s, int flags, u64 rtt_ms, const char *sysctls)
{
	const struct skiff_env env = { .now_ns = 1000000000 };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(8080) };
	char text[256], *save = NULL;
	u8 opt[40];
	int lfd;

	memset(s, 0, sizeof(*s));
	s->flags = flags;
	s->t0 = s->now = env.now_ns;
	s->skiff = skiff_create(&env);
	s->net = skiff_net_create(s->skiff, "a");
	s->dev = skiff_rawip_create(s->net, "tun0", 0, &script_ops, s);
	script_ip(s, "link set tun0 up");
	script_ip(s, "addr add 192.168.0.1/16 dev tun0");
	script_ip(s, "route add default dev tun0");
	snprintf(text, sizeof(text), "%s", sysctls ? sysctls : "");
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char key[80], *eq = strchr(w, '=');

		snprintf(key, sizeof(key), "net.ipv4.%.*s", (int)(eq - w), w);
		assert_int_equal(skiff_sysctl_set(s->net, key, eq + 1), 0);
	}
	lfd = skiff_socket(s->net, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(skiff_bind(s->skiff, lfd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(skiff_listen(s->skiff, lfd, 1), 0);
	script_rx(s, TCPHDR_SYN | (flags & SCRIPT_ECN ? TCPHDR_ECE | TCPHDR_CWR : 0), 0, 0, opt,
		  script_syn_options(s, opt));
	script_settle(s);
	assert_true(s->syn_seen);
	script_pass(s, rtt_ms * 1000000);
	snprintf(text, sizeof(text), "1 ecr 0");
	script_ack(s, text, 0);
	s->fd = skiff_accept4(s->skiff, lfd, NULL, NULL, 0);
	assert_true(s->fd >= 0);
}

static void script_stop(struct script *s)
{
	if (s->first != s->last)
		fail_msg("at the end %u was sent", s->seg[s->first % SCRIPT_SEGS].seq);
	skiff_destroy(s->skiff);
}

static __maybe_unused void script_steps(struct script *s, const char *text)
{
	char *copy = strdup(text), *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		s->line++;
		script_step(s, line);
	}
	free(copy);
}

/* The whole of it. */
static __maybe_unused void script_run(int flags, u64 rtt_ms, const char *sysctls, const char *text)
{
	struct script s;

	script_start(&s, flags, rtt_ms, sysctls);
	script_steps(&s, text);
	script_stop(&s);
}

#endif
