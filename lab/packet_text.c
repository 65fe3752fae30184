// SPDX-License-Identifier: BSD-2-Clause
/* lab/packet_text.c - a packet in words, as an Ethernet frame.
 *
 * DOC: Packets in words
 *   icmp|udp|tcp|proto N  SRC[:PORT] > DST[:PORT]  [words...]
 *   arp who-has ADDR tell ADDR  |  arp reply ADDR is-at MAC [tell ADDR]
 * Words of an IPv4 packet: ttl N, tos N, id N, df, mf, frag OFFSET[+], len N (bytes from the IPv4 header on), options HEX,
 * data HEX, badcsum (of the IPv4 header); ICMP: echo, echo-reply, type N, code N, ident N, seq N; TCP: syn ack fin rst psh urg,
 * seq N; any: src-mac MAC, dst-mac MAC, vlan N, badl4 (a wrong ICMP, UDP or TCP checksum). "to" may stand for ">", which
 * a shell wants quoted. What is not said has the value that a host would give it.
 */
#include "lab/packet_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/checksum.h"
#include "lib/inet.h"
#include "net/wire.h"

#define PACKET_DATA_MAX 2048

struct packet {
	const char *const *word;
	unsigned n, at;
	char *why;
	size_t why_size;
	bool failed;

	uint8_t src_mac[6], dst_mac[6];
	bool has_dst_mac, has_vlan, bad_ip, bad_l4, has_len, ports;
	uint16_t vlan;
	uint32_t saddr, daddr;
	uint16_t sport, dport;
	uint8_t proto, ttl, tos, tcp_flags, icmp_type, icmp_code;
	uint16_t id, frag, ident, icmp_seq;
	uint32_t len, seq;
	uint8_t options[40], data[PACKET_DATA_MAX];
	size_t options_len, data_len;
	bool has_data;
};

__attribute__((format(printf, 2, 3))) static void fail(struct packet *p, const char *fmt, ...)
{
	va_list ap;

	if (p->failed)
		return;
	p->failed = true;
	va_start(ap, fmt);
	vsnprintf(p->why, p->why_size, fmt, ap);
	va_end(ap);
}

static const char *next(struct packet *p, const char *what)
{
	if (p->at < p->n)
		return p->word[p->at++];
	fail(p, "the packet's words end where %s is wanted", what);
	return "";
}

static bool take(struct packet *p, const char *s)
{
	if (p->at >= p->n || strcmp(p->word[p->at], s))
		return false;
	p->at++;
	return true;
}

static uint32_t number(struct packet *p, const char *what, uint32_t max)
{
	const char *s = next(p, what);
	unsigned long long v;
	char *end;

	if (p->failed)
		return 0;
	v = strtoull(s, &end, 0);
	if (!isdigit((unsigned char)*s) || *end || v > max)
		fail(p, "%s: \"%s\" is no number from 0 to %u", what, s, max);
	return (uint32_t)v;
}

static void mac(struct packet *p, uint8_t addr[6])
{
	const char *s = next(p, "a MAC address");

	if (!p->failed && !mac_parse(s, addr))
		fail(p, "\"%s\" is no MAC address", s);
}

static uint32_t address(struct packet *p)
{
	const char *s = next(p, "an address");
	uint32_t addr = 0;

	if (!p->failed && !ip4_parse(s, &addr))
		fail(p, "\"%s\" is no IPv4 address", s);
	return addr;
}

static uint32_t address_and_port(struct packet *p, uint16_t *port)
{
	const char *s = next(p, "an address"), *rest;
	unsigned long v;
	uint32_t addr = 0;
	char *end;

	if (p->failed)
		return 0;
	rest = ip4_scan(s, &addr);
	if (rest && !*rest)
		return addr;
	if (!rest || *rest != ':' || !isdigit((unsigned char)rest[1])) {
		fail(p, "\"%s\" is no IPv4 address", s);
		return 0;
	}
	v = strtoul(rest + 1, &end, 10);
	if (!p->ports)
		fail(p, "\"%s\": only udp and tcp have ports", s);
	else if (*end || v > 65535)
		fail(p, "\"%s\": the port is no number from 0 to 65535", s);
	*port = (uint16_t)v;
	return addr;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* Bytes of @s appended to @buf. false: odd, not hex, or too long */
static bool read_hex(const char *s, uint8_t *buf, size_t max, size_t *len)
{
	for (; *s; s += 2) {
		int hi = hex_digit(s[0]), lo = hi < 0 ? -1 : hex_digit(s[1]);

		if (lo < 0 || *len == max)
			return false;
		buf[(*len)++] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

/**
 * packet_hex() - words of hex digits as a frame
 * @frame: PACKET_FRAME_MAX bytes
 * Return: 0; -EINVAL if the words are not whole bytes in hex, or less than an Ethernet header
 */
int packet_hex(unsigned n, const char *const word[], uint8_t *frame, size_t *len)
{
	*len = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!read_hex(word[i], frame, PACKET_FRAME_MAX, len))
			return -EINVAL;
	}
	return *len >= ETH_HLEN ? 0 : -EINVAL;
}

/* ---- words ---- */

static void read_frag(struct packet *p)
{
	const char *s = next(p, "the offset of a fragment");
	unsigned long v;
	char *end;

	if (p->failed)
		return;
	v = strtoul(s, &end, 10);
	if (!isdigit((unsigned char)*s) || v > 65528 || v % 8 || (*end && strcmp(end, "+")))
		fail(p,
		     "frag: \"%s\" is no offset in bytes, a multiple of 8, with a + if more follow",
		     s);
	p->frag |= (uint16_t)(v / 8);
	if (*end)
		p->frag |= IP_MF;
}

static void read_bytes(struct packet *p, const char *what, uint8_t *buf, size_t max, size_t *len)
{
	const char *s = next(p, what);

	*len = 0;
	if (!p->failed && !read_hex(s, buf, max, len))
		fail(p, "%s: \"%s\" is not %zu bytes or less in hex", what, s, max);
}

static bool icmp_word(struct packet *p)
{
	if (take(p, "echo")) {
		p->icmp_type = ICMP_ECHO;
	} else if (take(p, "echo-reply")) {
		p->icmp_type = ICMP_ECHOREPLY;
	} else if (take(p, "type")) {
		p->icmp_type = (uint8_t)number(p, "type", 255);
	} else if (take(p, "code")) {
		p->icmp_code = (uint8_t)number(p, "code", 255);
	} else if (take(p, "ident")) {
		p->ident = (uint16_t)number(p, "ident", 65535);
	} else if (take(p, "seq")) {
		p->icmp_seq = (uint16_t)number(p, "seq", 65535);
	} else {
		return false;
	}
	return true;
}

static bool tcp_word(struct packet *p)
{
	static const char *const flags[] = { "fin", "syn", "rst", "psh", "ack", "urg" };

	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (take(p, flags[i])) {
			p->tcp_flags |= (uint8_t)(1u << i);
			return true;
		}
	}
	if (!take(p, "seq"))
		return false;
	p->seq = number(p, "seq", UINT32_MAX);
	return true;
}

static bool frame_word(struct packet *p)
{
	if (take(p, "src-mac")) {
		mac(p, p->src_mac);
	} else if (take(p, "dst-mac")) {
		mac(p, p->dst_mac);
		p->has_dst_mac = true;
	} else if (take(p, "vlan")) {
		p->vlan = (uint16_t)number(p, "vlan", 4095);
		p->has_vlan = true;
	} else {
		return false;
	}
	return true;
}

static bool ip_word(struct packet *p)
{
	if (take(p, "ttl")) {
		p->ttl = (uint8_t)number(p, "ttl", 255);
	} else if (take(p, "tos")) {
		p->tos = (uint8_t)number(p, "tos", 255);
	} else if (take(p, "id")) {
		p->id = (uint16_t)number(p, "id", 65535);
	} else if (take(p, "df")) {
		p->frag |= IP_DF;
	} else if (take(p, "mf")) {
		p->frag |= IP_MF;
	} else if (take(p, "frag")) {
		read_frag(p);
	} else if (take(p, "len")) {
		p->len = number(p, "len", 65535);
		p->has_len = true;
	} else if (take(p, "options")) {
		read_bytes(p, "options", p->options, sizeof(p->options), &p->options_len);
	} else if (take(p, "data")) {
		read_bytes(p, "data", p->data, sizeof(p->data), &p->data_len);
		p->has_data = true;
	} else if (take(p, "badcsum")) {
		p->bad_ip = true;
	} else if (take(p, "badl4")) {
		p->bad_l4 = true;
	} else {
		return false;
	}
	return true;
}

static bool proto_word(struct packet *p)
{
	return (p->proto == IPPROTO_ICMP && icmp_word(p)) ||
	       (p->proto == IPPROTO_TCP && tcp_word(p));
}

static void read_protocol(struct packet *p)
{
	const char *s = next(p, "icmp, udp, tcp, proto or arp");

	if (!strcmp(s, "icmp"))
		p->proto = IPPROTO_ICMP;
	else if (!strcmp(s, "udp"))
		p->proto = IPPROTO_UDP;
	else if (!strcmp(s, "tcp"))
		p->proto = IPPROTO_TCP;
	else if (!strcmp(s, "proto"))
		p->proto = (uint8_t)number(p, "proto", 255);
	else
		fail(p, "\"%s\" begins no packet; icmp, udp, tcp, proto N and arp do", s);
	p->ports = p->proto == IPPROTO_UDP || p->proto == IPPROTO_TCP;
}

static void read_ip(struct packet *p)
{
	read_protocol(p);
	while (!p->failed && proto_word(p))
		;
	p->saddr = address_and_port(p, &p->sport);
	if (!p->failed && !take(p, ">") && !take(p, "to"))
		fail(p,
		     "\">\" is wanted behind the source address (quoted, or the shell takes it)");
	p->daddr = address_and_port(p, &p->dport);
	while (!p->failed && p->at < p->n) {
		if (!proto_word(p) && !ip_word(p) && !frame_word(p))
			fail(p, "\"%s\" is no word of such a packet", p->word[p->at]);
	}
	if (p->options_len % 4)
		fail(p, "options: their length must be a multiple of 4 bytes; fill up with 00");
}

/* ---- bytes ---- */

static uint8_t *put_ethernet(struct packet *p, uint8_t *f, uint16_t type)
{
	memcpy(f, p->dst_mac, 6);
	memcpy(f + 6, p->src_mac, 6);
	f += 12;
	if (p->has_vlan) {
		put_unaligned16(htons(ETH_P_8021Q), f);
		put_unaligned16(htons(p->vlan), f + 2);
		f += 4;
	}
	put_unaligned16(htons(type), f);
	return f + 2;
}

/* The multicast or broadcast address that such a destination goes to, if the words name no other. */
static void derive_dst_mac(struct packet *p)
{
	uint32_t d = ntohl(p->daddr);

	if (p->has_dst_mac)
		return;
	if (d == UINT32_MAX) {
		memset(p->dst_mac, 0xff, 6);
	} else if (d >> 28 == 14) {
		const uint8_t m[6] = {
			1, 0, 0x5e, (uint8_t)(d >> 16 & 0x7f), (uint8_t)(d >> 8), (uint8_t)d
		};

		memcpy(p->dst_mac, m, 6);
	}
}

static size_t l4_header_len(const struct packet *p)
{
	if (p->frag & IP_OFFSET)
		return 0;
	return p->proto == IPPROTO_TCP				   ? 20 :
	       p->proto == IPPROTO_UDP || p->proto == IPPROTO_ICMP ? 8 :
								     0;
}

static void put_icmp(const struct packet *p, uint8_t *l4, size_t len)
{
	uint16_t sum;

	l4[0] = p->icmp_type;
	l4[1] = p->icmp_code;
	put_unaligned16(htons(p->ident), l4 + 4);
	put_unaligned16(htons(p->icmp_seq), l4 + 6);
	sum = csum_fold(csum_partial(l4, len, 0));
	put_unaligned16(p->bad_l4 ? (uint16_t)~sum : sum, l4 + 2);
}

static void put_ports(const struct packet *p, uint8_t *l4, size_t len)
{
	const size_t at = p->proto == IPPROTO_TCP ? 16 : 6;
	uint16_t sum;

	put_unaligned16(htons(p->sport), l4);
	put_unaligned16(htons(p->dport), l4 + 2);
	if (p->proto == IPPROTO_UDP) {
		put_unaligned16(htons(len), l4 + 4);
	} else {
		put_unaligned32(htonl(p->seq), l4 + 4);
		l4[12] = 5 << 4;
		l4[13] = p->tcp_flags ? p->tcp_flags : 0x02;
		put_unaligned16(htons(64240), l4 + 14);
	}
	sum = csum_tcpudp_magic(p->saddr, p->daddr, (uint32_t)len, p->proto,
				csum_partial(l4, len, 0));
	if (p->proto == IPPROTO_UDP && !sum)
		sum = 0xffff;
	put_unaligned16(p->bad_l4 ? (uint16_t)~sum : sum, l4 + at);
}

static void put_l4(const struct packet *p, uint8_t *l4, size_t len)
{
	size_t head = l4_header_len(p);

	for (size_t i = head; i < len; i++)
		l4[i] = p->has_data ? (i - head < p->data_len ? p->data[i - head] : 0) :
				      (uint8_t)(i - head);
	if (!head)
		return;
	if (p->proto == IPPROTO_ICMP)
		put_icmp(p, l4, len);
	else
		put_ports(p, l4, len);
}

/* Bytes from the IPv4 header on, as a host would send: a ping's 84, a bare TCP header, a little of others. */
static uint32_t usual_len(const struct packet *p, size_t head)
{
	if (p->has_data)
		return (uint32_t)(head + p->data_len);
	return (uint32_t)head + (p->proto == IPPROTO_ICMP ? 56 : p->proto == IPPROTO_TCP ? 0 : 18);
}

static void put_ip(struct packet *p, uint8_t *frame, size_t *len)
{
	size_t hlen = 20 + p->options_len, least = hlen + l4_header_len(p);
	struct iphdr ip = { .version = 4, .ihl = (uint8_t)(hlen / 4) & 15 };
	uint8_t *start;

	if (!p->has_len)
		p->len = usual_len(p, least);
	if (p->len < least || p->len > 65535) {
		fail(p, "len: the headers alone are %zu bytes", least);
		return;
	}
	derive_dst_mac(p);
	start = put_ethernet(p, frame, ETH_P_IP);
	ip.tos = p->tos;
	ip.tot_len = htons(p->len);
	ip.id = htons(p->id);
	ip.frag_off = htons(p->frag);
	ip.ttl = p->ttl;
	ip.protocol = p->proto;
	ip.saddr = p->saddr;
	ip.daddr = p->daddr;
	memcpy(start, &ip, sizeof(ip));
	memcpy(start + 20, p->options, p->options_len);
	put_unaligned16(ip_fast_csum(start, ip.ihl) ^ (p->bad_ip ? 0xffff : 0), start + 10);
	memset(start + hlen, 0, p->len - hlen);
	put_l4(p, start + hlen, p->len - hlen);
	*len = (size_t)(start - frame) + p->len;
}

static void read_arp(struct packet *p, uint8_t *frame, size_t *len)
{
	static const uint8_t head[6] = { 0, 1, 8, 0, 6, 4 };
	uint8_t sha[6], tha[6] = { 0 };
	uint32_t spa, tpa;
	bool reply = false;
	uint8_t *a;

	memcpy(sha, p->src_mac, 6);
	if (take(p, "who-has")) {
		tpa = address(p);
		if (!p->failed && !take(p, "tell"))
			fail(p, "\"tell ADDRESS\" is wanted behind who-has");
		spa = address(p);
		memset(p->dst_mac, 0xff, 6); /* a dst-mac that follows wins */
	} else if (take(p, "reply")) {
		reply = true;
		spa = tpa = address(p);
		if (!p->failed && !take(p, "is-at"))
			fail(p, "\"is-at MAC\" is wanted behind reply");
		mac(p, sha);
		memcpy(p->src_mac, sha, 6);
		memcpy(tha, p->dst_mac, 6);
		if (take(p, "tell"))
			tpa = address(p);
	} else {
		fail(p, "arp: \"who-has ADDRESS tell ADDRESS\" or \"reply ADDRESS is-at MAC\"");
		return;
	}
	while (!p->failed && p->at < p->n) {
		if (!frame_word(p))
			fail(p, "\"%s\" is no word of an ARP packet", p->word[p->at]);
	}
	a = put_ethernet(p, frame, ETH_P_ARP);
	memcpy(a, head, 6);
	put_unaligned16(htons(reply ? 2 : 1), a + 6);
	memcpy(a + 8, sha, 6);
	put_unaligned32(spa, a + 14);
	memcpy(a + 18, tha, 6);
	put_unaligned32(tpa, a + 24);
	*len = (size_t)(a + 28 - frame);
}

/**
 * packet_text() - a packet in words
 * @frame: PACKET_FRAME_MAX bytes
 * @len:   set to the frame's length
 * @why:   on failure a sentence that names the bad word
 * Return: 0 or -EINVAL
 */
int packet_text(unsigned n, const char *const word[], const struct packet_macs *macs,
		uint8_t *frame, size_t *len, char *why, size_t why_size)
{
	struct packet *p = calloc(1, sizeof(*p));
	bool failed;

	if (!p)
		return -ENOMEM;
	*p = (struct packet){ .word = word, .n = n, .why = why, .why_size = why_size };
	p->ttl = 64;
	p->id = p->ident = p->icmp_seq = 1;
	p->icmp_type = ICMP_ECHO;
	p->sport = 40000;
	p->dport = 9;
	memcpy(p->src_mac, macs->src, 6);
	memcpy(p->dst_mac, macs->dst, 6);
	if (take(p, "arp")) {
		read_arp(p, frame, len);
	} else {
		read_ip(p);
		if (!p->failed)
			put_ip(p, frame, len);
	}
	failed = p->failed;
	free(p);
	return failed ? -EINVAL : 0;
}
