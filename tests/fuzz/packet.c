// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/packet.c - frames that get far: addresses that mean something to the router, lengths and checksums right. */
#include <string.h>

#include "lib/checksum.h"
#include "tests/fuzz/fuzz.h"

#define A(a, b, c, d)      \
	{                  \
		a, b, c, d \
	}
typedef uint8_t addr[4];

static const addr ours[] = { A(10, 0, 0, 1),   A(10, 0, 0, 4),	A(10, 0, 1, 1),
			     A(10, 0, 2, 0),   A(10, 6, 0, 1),	A(10, 5, 0, 1),
			     A(10, 99, 99, 1), A(127, 0, 0, 1), A(10, 0, 0, 50) };
static const addr theirs[] = { A(10, 0, 0, 2),	A(10, 0, 0, 3),	 A(10, 0, 0, 7), A(10, 0, 1, 2),
			       A(10, 0, 1, 77), A(10, 0, 2, 1),	 A(10, 6, 0, 2), A(10, 5, 0, 2),
			       A(10, 5, 1, 1),	A(192, 0, 2, 1), A(10, 9, 1, 5), A(0, 0, 0, 0) };
static const addr beyond[] = { A(10, 9, 1, 5),	A(10, 9, 3, 5),	 A(10, 8, 7, 6),  A(10, 7, 0, 9),
			       A(10, 4, 0, 1),	A(10, 3, 0, 1),	 A(10, 2, 1, 1),  A(10, 1, 1, 1),
			       A(10, 12, 0, 1), A(10, 55, 0, 1), A(10, 10, 0, 1), A(10, 11, 0, 1),
			       A(8, 8, 8, 8),	A(10, 5, 1, 1) };
static const addr many[] = { A(10, 0, 0, 255), A(10, 0, 1, 255), A(255, 255, 255, 255),
			     A(224, 0, 0, 1),  A(239, 1, 2, 3),	 A(224, 0, 0, 22),
			     A(10, 0, 0, 0),   A(10, 14, 0, 255) };

#define PICK(r, array) ((array)[prng_u32_below(r, sizeof(array) / sizeof((array)[0]))])

static uint8_t byte(struct prng *r)
{
	return (uint8_t)prng_u32_below(r, 256);
}

static const uint8_t *some_address(struct prng *r)
{
	static addr host = A(10, 0, 0, 0);

	switch (prng_u32_below(r, 9)) {
	case 0:
	case 1:
		return PICK(r, ours);
	case 8: /* somebody on e0 or e1 */
		host[2] = (uint8_t)prng_u32_below(r, 2);
		host[3] = byte(r);
		return host;
	case 2:
		return PICK(r, many);
	case 3:
	case 4:
		return PICK(r, theirs);
	default:
		return PICK(r, beyond);
	}
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_sum(uint8_t *at, const uint8_t *p, size_t len)
{
	uint16_t sum;

	memset(at, 0, 2);
	sum = csum_fold(csum_partial(p, len, 0));
	memcpy(at, &sum, 2);
}

/** fuzz_packet_repair() - make the checksums of one frame right, as far as it is an IPv4 packet */
void fuzz_packet_repair(uint8_t *frame, size_t len)
{
	uint8_t *ip = frame + 14, *l4;
	size_t ihl, total;

	if (len < 34 || frame[12] != 8 || frame[13] != 0)
		return;
	ihl = (ip[0] & 15u) * 4;
	total = (size_t)ip[2] << 8 | ip[3];
	if (ihl < 20 || ihl > len - 14)
		return;
	put_sum(ip + 10, ip, ihl);
	l4 = ip + ihl;
	if (total > len - 14 || total < ihl + 8)
		return;
	if (ip[9] == 1 || ip[9] == 2)
		put_sum(l4 + 2, l4, total - ihl);
	else if (ip[9] == 17)
		memset(l4 + 6, 0, 2);
}

/* Options of up to 40 bytes; returns their length, a multiple of 4. */
static size_t options(struct prng *r, uint8_t *p)
{
	static const uint8_t kinds[] = { 7, 68, 131, 137, 148, 1, 130, 0 };
	size_t n = 0, room = 4 * (1 + prng_u32_below(r, 10)), len;

	memset(p, 0, room);
	while (n + 4 <= room && prng_u32_below(r, 8)) {
		uint8_t kind = PICK(r, kinds);

		p[n] = kind;
		if (kind < 2) {
			n++;
			continue;
		}
		len = kind == 148 ? 4 : 3 + (kind == 68) + 4 * prng_u32_below(r, 10);
		if (len > room - n)
			len = room - n;
		p[n + 1] = (uint8_t)len;
		p[n + 2] = (uint8_t)(kind == 148 ? 0 : 4 + (kind == 68) + 4 * prng_u32_below(r, 3));
		for (size_t i = n + 3; i + 4 <= n + len; i += 4)
			memcpy(p + i, some_address(r), 4);
		if (kind == 68)
			p[n + 3] = (uint8_t)PICK(r, ((const uint8_t[]){ 0, 1, 3, 0xf1 }));
		n += len;
	}
	return room;
}

/* 20 bytes at least; the caller fills in lengths and checksums */
static void ip_header(struct prng *r, uint8_t *ip, size_t ihl, size_t total, uint8_t proto)
{
	static const uint8_t ttls[] = { 64, 64, 64, 1, 2, 0, 255 };

	ip[0] = (uint8_t)(0x40 | ihl / 4);
	ip[1] = prng_u32_below(r, 4) ? 0 : byte(r);
	put16(ip + 2, (unsigned)total);
	put16(ip + 4, prng_u32_below(r, 3));
	put16(ip + 6, prng_u32_below(r, 4) ? 0 : 0x4000);
	ip[8] = PICK(r, ttls);
	ip[9] = proto;
	memcpy(ip + 12, prng_u32_below(r, 8) ? PICK(r, theirs) : some_address(r), 4);
	memcpy(ip + 16, some_address(r), 4);
}

/* What an ICMP error quotes: one of our packets, more or less. */
static size_t quote(struct prng *r, uint8_t *p)
{
	static const uint8_t protos[] = { 1, 1, 1, 6, 17, 47 };

	ip_header(r, p, 20, 28 + prng_u32_below(r, 1000), PICK(r, protos));
	if (prng_u32_below(r, 4))
		memcpy(p + 12, PICK(r, ours), 4);
	put_sum(p + 10, p, 20);
	for (int i = 20; i < 28; i++)
		p[i] = byte(r);
	if (p[9] == 1 &&
	    prng_u32_below(r, 4)) /* an echo reply: the only thing that we may have sent */
		p[20] = 0;
	return 28;
}

static size_t icmp(struct prng *r, uint8_t *p)
{
	static const uint8_t asks[] = { 8, 8, 0, 13, 14, 15, 17, 42, 9, 10 };
	static const uint8_t errors[] = { 3, 3, 5, 5, 11, 12, 4 };
	size_t n;

	memset(p, 0, 8);
	if (prng_u32_below(r, 2)) {
		p[0] = PICK(r, asks);
		n = 8 + prng_u32_below(r, 64);
		for (size_t i = 8; i < n; i++)
			p[i] = byte(r);
		p[7] = (uint8_t)prng_u32_below(r, 2);
		if (p[0] == 42) { /* RFC 8335: an object that names an interface */
			p[8] = 0x20;
			put16(p + 12, 8);
			p[14] = 3;
			p[15] = (uint8_t)(1 + prng_u32_below(r, 3));
			memcpy(p + 16, p[15] == 2 ? "\0\0\0\2" : "e0\0", 4);
			n = 20;
			put_sum(p + 10, p + 8, 12);
		}
		return n;
	}
	p[0] = PICK(r, errors);
	p[1] = (uint8_t)(p[0] == 3 ? prng_u32_below(r, 17) : prng_u32_below(r, 4));
	if (p[0] == 5)
		memcpy(p + 4, PICK(r, theirs), 4);
	else
		put16(p + 6, prng_u32_below(r, 1600));
	return 8 + quote(r, p + 8);
}

static size_t igmp(struct prng *r, uint8_t *p)
{
	static const uint8_t types[] = { 0x11, 0x11, 0x11, 0x12, 0x16, 0x17, 0x22, 0x13, 0x14 };
	size_t n = prng_u32_below(r, 2) ? 8 : 12 + 4 * prng_u32_below(r, 4);

	memset(p, 0, n);
	p[0] = PICK(r, types);
	p[1] = prng_u32_below(r, 3) ? byte(r) : 0;
	if (prng_u32_below(r, 2))
		memcpy(p + 4, PICK(r, many), 4);
	if (n > 8) {
		p[8] = byte(r);
		p[9] = byte(r);
		put16(p + 10, (unsigned)(n - 12) / 4);
		for (size_t i = 12; i < n; i += 4)
			memcpy(p + i, PICK(r, theirs), 4);
	}
	return n;
}

static size_t payload(struct prng *r, uint8_t *p, uint8_t proto)
{
	size_t n;

	if (proto == 1)
		return icmp(r, p);
	if (proto == 2)
		return igmp(r, p);
	n = 20 + (prng_u32_below(r, 4) ? 0 : prng_u32_below(r, 1400));
	for (size_t i = 0; i < 20; i++)
		p[i] = byte(r);
	memset(p + 20, 0, n - 20);
	put16(p + 2, prng_u32_below(r, 300));
	if (proto == 6)
		p[12] = 0x50;
	else
		put16(p + 4, (unsigned)n);
	return n;
}

static size_t arp(struct prng *r, uint8_t *p)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0 };

	memcpy(p, head, sizeof(head));
	p[7] = (uint8_t)(1 + prng_u32_below(r, 2));
	memcpy(p + 8, "\x02\xaa\0\0\0", 5);
	p[13] = (uint8_t)prng_u32_below(r, 8);
	memcpy(p + 14, prng_u32_below(r, 4) ? PICK(r, theirs) : some_address(r), 4);
	memset(p + 18, 0, 6);
	memcpy(p + 24, some_address(r), 4);
	return 28;
}

/* Turn the packet into one of its fragments. */
static size_t fragment(struct prng *r, uint8_t *ip, size_t ihl, size_t n)
{
	static const uint16_t offsets[] = { 0, 0, 1, 2, 3, 5, 72, 185, 8189, 8191 };
	unsigned off = PICK(r, offsets), more = prng_u32_below(r, 2) ? 0x2000 : 0;

	put16(ip + 6, off | more | (prng_u32_below(r, 8) ? 0 : 0x4000));
	return more && n > ihl + 8 ? ihl + ((n - ihl) & ~7u) : n;
}

/* Sometimes with one or two tags of priority or VLAN. */
static size_t tag(struct prng *r, uint8_t *frame, size_t n)
{
	while (!prng_u32_below(r, 16)) {
		memmove(frame + 16, frame + 12, n - 12);
		put16(frame + 12, prng_u32_below(r, 4) ? 0x8100 : 0x88a8);
		put16(frame + 14, prng_u32_below(r, 4) ? 0xa000 : byte(r));
		n += 4;
		if (n > 1900)
			break;
	}
	return n;
}

/** fuzz_packet() - one for a wire of the router; @max at least 2000. Return: its length */
size_t fuzz_packet(struct prng *r, uint8_t *frame, size_t max)
{
	static const uint8_t protos[] = { 1, 1, 1, 2, 6, 17, 17, 47, 103, 132, 253, 0 };
	uint8_t *ip = frame + 14, proto = PICK(r, protos);
	size_t ihl = 20, n;

	(void)max;
	memcpy(frame, "\x02\xdd\0\0\0", 5);
	frame[5] = (uint8_t)prng_u32_below(r, 3);
	if (!prng_u32_below(r, 8))
		memset(frame, 0xff, 6);
	else if (!prng_u32_below(r, 8))
		memcpy(frame, "\x01\0\x5e\0\0\x01", 6);
	memcpy(frame + 6, "\x02\xaa\0\0\0\x02", 6);
	put16(frame + 12, 0x0800);
	if (!prng_u32_below(r, 10)) {
		put16(frame + 12, 0x0806);
		return 14 + arp(r, ip);
	}
	if (!prng_u32_below(r, 4))
		ihl += options(r, ip + 20);
	n = ihl + payload(r, ip + ihl, proto);
	ip_header(r, ip, ihl, n, proto);
	if (proto == 1 && prng_u32_below(r, 2))
		memcpy(ip + 16, PICK(r, ours), 4);
	if (proto == 1 || proto == 2)
		put_sum(ip + ihl + 2, ip + ihl, n - ihl);
	if (!prng_u32_below(r, 4)) {
		n = fragment(r, ip, ihl, n);
		put16(ip + 2, (unsigned)n);
	}
	put_sum(ip + 10, ip, ihl);
	return tag(r, frame, 14 + n);
}
