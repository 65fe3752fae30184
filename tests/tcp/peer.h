/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/peer.h - a peer of host 0 that is made of segments: what it sends is written down number by number.
 *
 * Sequence numbers are relative, as in packetdrill: 0 is the SYN's, 1 the first byte's. Include it in one file of a test program.
 */
#ifndef TESTS_TCP_PEER_H
#define TESTS_TCP_PEER_H

#include "tests/tcp/hosts.h"

#define U	 0x20
#define PEER_ISN 0xfffffff0u /* numbers wrap early */
#define PEER_TS	 1000u

/**
 * struct peer
 * @fd:    the connection on host 0; @listener: -1: none
 * @isn:   of host 0; @seq: the peer's next byte (relative); @ack: what it acknowledges
 * @ts:    with time stamps; @tsval, @tsecr: of the next segment
 * @since: segments of host 0 before this one were looked at
 */
struct peer {
	struct hosts *h;
	int fd, listener;
	u16 sport, dport;
	u32 isn;
	u32 seq, ack;
	u16 window;
	bool ts;
	u32 tsval, tsecr;
	u32 since;
	u8 opt[40];
	u8 optlen;
	u16 urg;
};

/** peer_send() - a segment; the options are the time stamp (if the peer has them) and p->opt. Nothing is run */
static __maybe_unused void peer_put(struct peer *p, u8 flags, u32 seq, u32 ack, const void *data,
				    u32 len)
{
	struct seg s = { .saddr = STRANGER(0), .sport = p->sport, .dport = p->dport, .len = len };

	s.flags = flags;
	s.seq = PEER_ISN + seq;
	s.ack = flags & A ? p->isn + ack : 0;
	s.window = p->window;
	s.urg = p->urg;
	if (p->ts) {
		const u32 v[3] = { htonl(0x0101080a), htonl(p->tsval), htonl(p->tsecr) };

		memcpy(s.opt, v, sizeof(v));
		s.optlen = sizeof(v);
	}
	memcpy(s.opt + s.optlen, p->opt, p->optlen);
	s.optlen = (u8)(s.optlen + p->optlen);
	p->optlen = 0;
	hosts_forge(p->h, 0, &s, data);
}

/** peer_send() - in sequence; settles */
static __maybe_unused void peer_send(struct peer *p, u8 flags, const void *data, u32 len)
{
	peer_put(p, flags, p->seq, p->ack, data, len);
	p->seq += len + !!(flags & S) + !!(flags & F);
	hosts_settle(p->h);
}

/** peer_at() - at this place of the stream, which does not move p->seq; settles */
static __maybe_unused void peer_at(struct peer *p, u8 flags, u32 seq, const void *data, u32 len)
{
	peer_put(p, flags, seq, p->ack, data, len);
	hosts_settle(p->h);
}

/** peer_got() - the next segment of host 0 for the peer that was not looked at, its numbers made relative; NULL: there is none */
static __maybe_unused struct seg *peer_got(struct peer *p)
{
	static struct seg s;

	while (p->since < p->h->nr_segs) {
		s = p->h->seg[p->since++];
		if (s.from || s.daddr != STRANGER(0) || s.dport != p->sport)
			continue;
		if (s.ts)
			p->tsecr = s.tsval;
		s.seq -= p->isn;
		if (s.flags & A)
			s.ack -= PEER_ISN;
		return &s;
	}
	return NULL;
}

/** peer_expect() - the next segment has these flags, numbers and length */
#define peer_expect(p, flags, seq, len, ack) peer_expect_at(p, flags, seq, len, ack, __LINE__)
static __maybe_unused struct seg *peer_expect_at(struct peer *p, u8 flags, u32 seq, u32 len,
						 u32 ack, int line)
{
	struct seg *s = peer_got(p);

	if (!s) {
		hosts_show(p->h);
		fail_msg("line %d: no segment", line);
	}
	if (s->flags != flags || s->seq != seq || s->len != len || ((flags & A) && s->ack != ack)) {
		hosts_show(p->h);
		fail_msg("line %d: flags %02x, seq %u, len %u, ack %u", line, s->flags, s->seq,
			 s->len, s->ack);
	}
	return s;
}

/** peer_silence() - host 0 sent nothing more */
#define peer_silence(p) peer_silence_at(p, __LINE__)
static __maybe_unused void peer_silence_at(struct peer *p, int line)
{
	struct seg *s = peer_got(p);

	if (s) {
		hosts_show(p->h);
		fail_msg("line %d: flags %02x, seq %u, len %u, ack %u", line, s->flags, s->seq,
			 s->len, s->ack);
	}
}

/** peer_sack() - number and blocks of a segment's SACK option (relative) */
static __maybe_unused u32 peer_sack(const struct seg *s, u32 block[4][2])
{
	for (u32 i = 0; i < s->optlen;) {
		if (s->opt[i] == TCPOPT_EOL)
			break;
		if (s->opt[i] == TCPOPT_NOP) {
			i++;
			continue;
		}
		if (s->opt[i] == TCPOPT_SACK) {
			u32 n = (s->opt[i + 1] - 2u) / 8;

			for (u32 k = 0; k < 2 * n; k++)
				block[k / 2][k % 2] =
					ntohl(get_unaligned32(s->opt + i + 2 + 4 * k)) - PEER_ISN;
			return n;
		}
		i += s->opt[i + 1];
	}
	return 0;
}

/* Options of a SYN: MSS 1000, SACK, window scale 7 (or without). */
static void peer_syn_options(struct peer *p, bool sack, bool wscale)
{
	static const u8 mss[4] = { 2, 4, 1000 >> 8, 1000 & 0xff };
	static const u8 sackok[4] = { 1, 1, 4, 2 }, scale[4] = { 1, 3, 3, 7 };

	memcpy(p->opt, mss, 4);
	p->optlen = 4;
	if (sack) {
		memcpy(p->opt + p->optlen, sackok, 4);
		p->optlen += 4;
	}
	if (wscale) {
		memcpy(p->opt + p->optlen, scale, 4);
		p->optlen += 4;
	}
}

/** peer_init() - a peer at STRANGER(0) for @dport of host 0 */
static __maybe_unused struct peer peer_init(struct hosts *h, u16 dport)
{
	return (struct peer){ .h = h,
			      .fd = -1,
			      .listener = -1,
			      .sport = 5000,
			      .dport = dport,
			      .window = 60000,
			      .ts = true,
			      .tsval = PEER_TS,
			      .since = h->nr_segs };
}

/** peer_syn() - it asks for a connection and gets the SYN-ACK */
static __maybe_unused void peer_syn(struct peer *p)
{
	struct seg *s;

	peer_syn_options(p, true, false);
	peer_send(p, S, NULL, 0);
	s = peer_got(p);
	assert_non_null(s);
	p->isn = p->h->seg[p->since - 1].seq;
	assert_int_equal(s->flags, S | A);
	assert_int_equal(s->ack, 1);
	p->ack = 1;
}

/** peer_accepted() - a connection that host 0 accepted */
static __maybe_unused struct peer peer_accepted(struct hosts *h, u16 dport)
{
	struct peer p = peer_init(h, dport);

	p.listener = hosts_listen(h, 0, dport, 8);
	peer_syn(&p);
	peer_send(&p, A, NULL, 0);
	p.fd = hosts_accept(h, p.listener);
	assert_true(p.fd >= 0);
	return p;
}

/** peer_info() - TCP_INFO of the connection */
static __maybe_unused struct tcp_info peer_info(const struct peer *p)
{
	struct tcp_info info;
	u32 len = sizeof(info);

	assert_int_equal(skiff_getsockopt(p->h->skiff, p->fd, SOL_TCP, TCP_INFO, &info, &len), 0);
	assert_int_equal(len, sizeof(info));
	return info;
}

static __maybe_unused long peer_read(const struct peer *p, char *buf, size_t size, int flags)
{
	return skiff_recv(p->h->skiff, p->fd, buf, size, flags);
}

#endif
