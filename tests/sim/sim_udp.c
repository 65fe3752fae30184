// SPDX-License-Identifier: BSD-2-Clause
/* tests/sim/sim_udp.c - programs that send datagrams: each arrives whole and unchanged, or not at all. */
#include "tests/sim/sim.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define UDP_PORT 500
#define UDP_MAX	 9000

struct head {
	uint32_t id, seq, len;
};

struct sim_udp {
	int from, to;
	uint64_t next;
	uint32_t left, sent, got;
};

void sim_udps_start(struct sim *s)
{
	s->udps = sim_below(s, 4);
	s->udp = calloc(s->udps + 1, sizeof(*s->udp));
	if (!s->udp)
		abort();
	for (unsigned i = 0; i < s->udps; i++) {
		struct sim_udp *u = &s->udp[i];
		struct sim_host *a = &s->host[i % s->hosts], *b = &s->host[(i + 1) % s->hosts];
		struct sockaddr_in to = { .sin_family = AF_INET,
					  .sin_port = htons((uint16_t)(UDP_PORT + i)) };

		u->from = skiff_socket(a->net, AF_INET, SOCK_DGRAM, 0);
		u->to = skiff_socket(b->net, AF_INET, SOCK_DGRAM, 0);
		if (skiff_bind(s->skiff, u->to, (struct sockaddr *)&to, sizeof(to)))
			sim_fail(s, "udp bind");
		to.sin_addr.s_addr = htonl(b->addr);
		if (skiff_connect(s->skiff, u->from, (struct sockaddr *)&to, sizeof(to)))
			sim_fail(s, "udp connect");
		u->left = sim_about(s, 300);
		u->next = sim_about(s, 10000) * 1000000ULL;
	}
}

static void udp_send(struct sim *s, struct sim_udp *u, unsigned i)
{
	static uint8_t buf[UDP_MAX];
	struct head h = { i, u->sent++,
			  (uint32_t)sizeof(h) + sim_about(s, UDP_MAX - (uint32_t)sizeof(h)) - 1 };
	int64_t r;

	memcpy(buf, &h, sizeof(h));
	for (uint32_t k = sizeof(h); k < h.len; k++)
		buf[k] = sim_pattern(1000 + i + h.seq, k);
	r = skiff_send(s->skiff, u->from, buf, h.len, 0);
	/* What the network says of earlier ones comes as an error here. */
	if (r != h.len && r != -EAGAIN && r != -ECONNREFUSED && r != -EHOSTUNREACH &&
	    r != -ENETUNREACH && r != -EMSGSIZE && r != -ENOBUFS)
		sim_fail(s, "udp send of %u: %lld", h.len, (long long)r);
	u->next = --u->left ? s->now + sim_about(s, 500) * 1000000ULL : SKIFF_NEVER;
}

static void udp_receive(struct sim *s, struct sim_udp *u, unsigned i)
{
	static uint8_t buf[UDP_MAX + 1];
	struct head h;
	int64_t r;

	while ((r = skiff_recv(s->skiff, u->to, buf, sizeof(buf), 0)) >= 0) {
		memcpy(&h, buf, sizeof(h));
		if (r < (int64_t)sizeof(h) || h.id != i || h.len != r || h.seq >= u->sent) {
			sim_fail(s, "udp flow %u: a datagram of %lld bytes that nobody sent", i,
				 (long long)r);
			return;
		}
		for (uint32_t k = sizeof(h); k < h.len; k++)
			if (buf[k] != sim_pattern(1000 + i + h.seq, k))
				sim_fail(s, "udp flow %u datagram %u: byte %u is wrong", i, h.seq,
					 k);
		u->got++;
	}
	if (r != -EAGAIN)
		sim_fail(s, "udp receive: %lld", (long long)r);
}

void sim_udps_run(struct sim *s)
{
	for (unsigned i = 0; i < s->udps; i++) {
		if (s->udp[i].next <= s->now)
			udp_send(s, &s->udp[i], i);
		udp_receive(s, &s->udp[i], i);
	}
}

uint64_t sim_udps_next(const struct sim *s)
{
	uint64_t at = SKIFF_NEVER;

	for (unsigned i = 0; i < s->udps && !s->quiet; i++)
		if (s->udp[i].next < at)
			at = s->udp[i].next;
	return at;
}

void sim_udps_stop(struct sim *s)
{
	for (unsigned i = 0; i < s->udps; i++) {
		skiff_close(s->skiff, s->udp[i].from);
		skiff_close(s->skiff, s->udp[i].to);
	}
	free(s->udp);
	s->udp = NULL;
}
