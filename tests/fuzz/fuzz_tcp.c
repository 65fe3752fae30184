// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_tcp.c - segments against connections in every state, options among them, with calls of the program and time in between.
 *
 * The input is a list of records: a byte that says what (0-3, more often segments), and its parameters. Numbers in segments are
 * relative to what the stack expects next, so that short inputs get far. After each record every connection must be sound
 * (tcp_check_invariants()), what is sent has right checksums, and at the end all memory is back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"
#include "lib/checksum.h"
#include "net/net_namespace.h"
#include "net/netdevice.h"
#include "net/tcp.h"
#include "skiff/skiff.h"
#include "skiff/socket.h"

#define SLOTS	  4
#define PORT	  80
#define PEER_PORT 5000
#define HOST	  htonl(0x0a000001)
#define PEER	  htonl(0x0a000002)
#define PEER_ISN  0xffffff00u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct in {
	const u8 *p;
	size_t left;
};

/**
 * struct slot - the peer's end of a connection
 * @fd:       ours, -1 none; @port: ours
 * @rcv_nxt:  what the stack acknowledged last; @snd_nxt: end of what it sent
 * @tsval, @tsecr: of segments with the time stamp option
 */
struct slot {
	int fd;
	u16 port;
	u32 rcv_nxt, snd_nxt;
	u32 tsval, tsecr;
};

struct run {
	struct skiff *skiff;
	struct net *net;
	struct net_device *dev;
	u64 now;
	int listener;
	struct slot slot[SLOTS];
	long allocs;
};

static void *count_alloc(void *arg, size_t size, size_t align)
{
	struct run *r = arg;
	void *p;

	align = align < 16 ? 16 : align;
	p = aligned_alloc(align, ALIGN_UP(size ? size : 1, align));
	r->allocs += p != NULL;
	return p;
}

static void count_free(void *arg, void *p)
{
	struct run *r = arg;

	r->allocs -= p != NULL;
	free(p);
}

static u8 take8(struct in *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static u16 take16(struct in *in)
{
	u16 v = take8(in);

	return (u16)(v << 8 | take8(in));
}

/* What the stack sends tells what it expects. */
static void xmit(void *arg, struct skiff_dev *dev, const void *frame, size_t len)
{
	u8 copy[2048] __attribute__((aligned(4)));
	const struct iphdr *iph = (const struct iphdr *)(copy + 2 + ETH_HLEN);
	const struct ethhdr *eth = frame;
	const struct tcphdr *th;
	struct run *r = arg;
	struct slot *s;
	u32 tlen;

	if (eth->h_proto != htons(ETH_P_IP) || len > sizeof(copy) - 2)
		return;
	memcpy(copy + 2, frame, len);
	if (iph->protocol != IPPROTO_TCP)
		return;
	th = (const struct tcphdr *)((const u8 *)iph + iph->ihl * 4u);
	tlen = ntohs(iph->tot_len) - iph->ihl * 4u;
	if (csum_tcpudp_magic(iph->saddr, iph->daddr, tlen, IPPROTO_TCP, csum_partial(th, tlen, 0)))
		abort();
	if (ntohs(th->dest) - PEER_PORT >= SLOTS)
		return;
	s = &r->slot[ntohs(th->dest) - PEER_PORT];
	s->port = ntohs(th->source);
	if (!th->rst)
		s->snd_nxt = ntohl(th->seq) + tlen - th->doff * 4u + th->syn + th->fin;
	if (th->ack)
		s->rcv_nxt = ntohl(th->ack_seq);
	if (th->doff >= 8 && get_unaligned32(th + 1) == htonl(0x0101080a))
		s->tsecr = ntohl(get_unaligned32((const u8 *)(th + 1) + 4));
}

static int ifindex_of(void *arg, const char *name)
{
	struct net_device *dev = dev_get_by_name(arg, name);

	return dev ? (int)dev->ifindex : 0;
}

static void ip(struct run *r, const char *words)
{
	const struct ipwords_env env = { ifindex_of, r->net };
	u32 msg[IPWORDS_MSG_MAX / 4];
	char why[200];
	int n = ipwords_line(msg, sizeof(msg), words, &env, why, sizeof(why));

	if (n <= 0 || skiff_netlink((struct skiff_net *)r->net, msg, (size_t)n, NULL, NULL))
		abort();
}

static void check_sock(void *arg, struct sock *sk)
{
	const char *why = sk->sk_kind_ == SK_FULL ? tcp_check_invariants(sk) : NULL;

	if (why) {
		fprintf(stderr, "state %d: not so: %s\n", sk->sk_state, why);
		abort();
	}
}

static void settle(struct run *r)
{
	for (int i = 0; i < 100 && skiff_turn(r->skiff, r->now); i++)
		;
	inet_ehash_walk(r->net, check_sock, NULL);
}

static void pass(struct run *r, u64 ns)
{
	u64 end = r->now + ns;

	for (int i = 0; i < 200; i++) {
		u64 next = skiff_next(r->skiff);

		if (next > end)
			break;
		r->now = next > r->now ? next : r->now;
		settle(r);
	}
	r->now = end;
	settle(r);
}

static void start(struct run *r)
{
	static const struct skiff_wire_ops ops = { xmit };
	const u8 mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct skiff_env env = { .arg = r, .alloc = count_alloc, .free = count_free };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	memset(r, 0, sizeof(*r));
	env.now_ns = r->now = 1000000000;
	env.wall_ns = 1700000000000000000ull;
	r->skiff = skiff_create(&env);
	r->net = (struct net *)skiff_net_create(r->skiff, "a");
	r->dev = (struct net_device *)skiff_wire_create((struct skiff_net *)r->net, "e0", mac, &ops,
							r);
	ip(r, "link set lo up");
	ip(r, "link set e0 up");
	ip(r, "addr add 10.0.0.1/24 brd 10.0.0.255 dev e0");
	ip(r, "neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev e0 nud permanent");
	r->listener = skiff_socket((struct skiff_net *)r->net, AF_INET, SOCK_STREAM, 0);
	if (skiff_bind(r->skiff, r->listener, (struct sockaddr *)&sin, sizeof(sin)) ||
	    skiff_listen(r->skiff, r->listener, 4))
		abort();
	for (int i = 0; i < SLOTS; i++)
		r->slot[i] = (struct slot){ .fd = -1, .port = PORT, .rcv_nxt = PEER_ISN };
	settle(r);
}

/* ---- segments ---- */

#define SEG_TS	    0x40 /* of the first byte: with a time stamp */
#define SEG_OPTIONS 0x80 /* with options from the input */

static u32 segment_options(struct in *in, struct slot *s, u8 how, u8 *opt)
{
	u32 n = 0;

	if (how & SEG_TS) {
		const u32 v[3] = { htonl(0x0101080a), htonl(s->tsval), htonl(s->tsecr) };

		memcpy(opt, v, sizeof(v));
		n = sizeof(v);
	}
	if (how & SEG_OPTIONS) {
		u32 want = take8(in) % (41 - n);

		for (u32 i = 0; i < want; i++)
			opt[n++] = take8(in);
	}
	return ALIGN_UP(n, 4u);
}

static void segment(struct run *r, struct in *in, u8 how)
{
	u8 frame[1600] __attribute__((aligned(4))) = { 0 }, *p = frame + 2, opt[44] = { 0 };
	struct iphdr iph = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP };
	const struct ethhdr eth = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, htons(ETH_P_IP) };
	struct slot *s = &r->slot[how >> 2 & (SLOTS - 1)];
	u8 flags = take8(in);
	struct tcphdr th = { 0 };
	u32 optlen, len, data;

	th.source = htons(PEER_PORT + (u16)(s - r->slot));
	th.dest = htons(s->port);
	th.seq = htonl(s->rcv_nxt + (u32)(s16)take16(in));
	th.ack_seq = htonl(s->snd_nxt + (u32)(s16)take16(in));
	th.window = htons(take16(in));
	data = take8(in);
	data = data & 0x80 ? (data & 0x7f) * 11 : data;
	if (flags & 0x20)
		th.urg_ptr = htons(take16(in));
	optlen = segment_options(in, s, how, opt);
	th.doff = (5 + optlen / 4) & 15;
	((u8 *)&th)[13] = flags;
	len = 20 + optlen + data;
	iph.tot_len = htons((u16)(20 + len));
	iph.saddr = PEER;
	iph.daddr = HOST;
	iph.check = ip_fast_csum(&iph, 5);
	memcpy(p, &eth, sizeof(eth));
	memcpy(p + ETH_HLEN, &iph, 20);
	memcpy(p + ETH_HLEN + 20, &th, 20);
	memcpy(p + ETH_HLEN + 40, opt, optlen);
	memset(p + ETH_HLEN + 40 + optlen, 'x', data);
	th.check = csum_tcpudp_magic(PEER, HOST, len, IPPROTO_TCP,
				     csum_partial(p + ETH_HLEN + 20, len, 0));
	memcpy(p + ETH_HLEN + 36, &th.check, 2);
	skiff_wire_rx((struct skiff_dev *)r->dev, p, ETH_HLEN + 20 + len);
	settle(r);
}

/* ---- calls ---- */

static void call_connect(struct run *r, struct slot *s)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { PEER } };

	if (s->fd >= 0)
		return;
	sin.sin_port = htons(PEER_PORT + (u16)(s - r->slot));
	s->fd = skiff_socket((struct skiff_net *)r->net, AF_INET, SOCK_STREAM, 0);
	skiff_connect(r->skiff, s->fd, (struct sockaddr *)&sin, sizeof(sin));
}

static void call_sockopt(struct run *r, struct in *in, struct slot *s)
{
	u8 name = take8(in) % 48, level = take8(in) & 1;
	char val[300] = "";
	u32 len = sizeof(val);
	int v = (s16)take16(in);

	/* TCP_REPAIR lets the caller break what must hold, and TCP_ULP needs modules. */
	if (level && (name == TCP_REPAIR || name == TCP_ULP))
		return;
	if (v & 1)
		skiff_setsockopt(r->skiff, s->fd, level ? SOL_TCP : SOL_SOCKET, name, &v,
				 sizeof(v));
	else
		skiff_getsockopt(r->skiff, s->fd, level ? SOL_TCP : SOL_SOCKET, name, val, &len);
}

static void call(struct run *r, struct in *in, u8 how)
{
	static char buf[1 << 16];
	struct slot *s = &r->slot[how >> 2 & (SLOTS - 1)];
	const struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	u8 what = take8(in);
	u16 n = take16(in);

	switch (what % 10) {
	case 0:
	case 1:
		skiff_send(r->skiff, s->fd, buf, n,
			   MSG_NOSIGNAL | (what & 0x80 ? MSG_OOB : 0) |
				   (what & 0x40 ? MSG_MORE : 0) | (what & 0x20 ? MSG_ZEROCOPY : 0) |
				   (what & 0x10 ? MSG_EOR : 0));
		break;
	case 2:
	case 3:
		skiff_recv(r->skiff, s->fd, buf, n,
			   (what & 0x80 ? MSG_OOB : 0) | (what & 0x40 ? MSG_PEEK : 0) |
				   (what & 0x20 ? MSG_TRUNC : 0) |
				   (what & 0x10 ? MSG_ERRQUEUE : 0));
		break;
	case 4:
		skiff_shutdown(r->skiff, s->fd, n % 3);
		break;
	case 5:
		skiff_close(r->skiff, s->fd);
		s->fd = -1;
		break;
	case 6:
		if (s->fd < 0)
			s->fd = skiff_accept4(r->skiff, r->listener, NULL, NULL, 0);
		break;
	case 7:
		call_connect(r, s);
		break;
	case 8:
		call_sockopt(r, in, s);
		break;
	case 9:
		skiff_connect(r->skiff, s->fd, &unspec, sizeof(unspec));
		break;
	}
	settle(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct in in = { data, size };
	static struct run r;

	start(&r);
	for (int i = 0; in.left && i < 400; i++) {
		u8 how = take8(&in);

		switch (how & 3) {
		case 0:
		case 1:
			segment(&r, &in, how);
			break;
		case 2:
			call(&r, &in, how);
			break;
		case 3:
			r.slot[how >> 2 & (SLOTS - 1)].tsval += take8(&in);
			pass(&r, (u64)take16(&in) * (how & 0x80 ? 100000000 : 1000000));
			break;
		}
	}
	skiff_destroy(r.skiff);
	if (r.allocs) {
		fprintf(stderr, "%ld pieces of memory are not given back\n", r.allocs);
		abort();
	}
	return 0;
}
