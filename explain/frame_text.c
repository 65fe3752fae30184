// SPDX-License-Identifier: BSD-2-Clause
/* explain/frame_text.c - an Ethernet frame in one line, for a person.
 *
 * Nothing in a frame is trusted: each length is compared with the bytes at hand before they are read.
 */
#include "lib/fmt.h"
#include "net/journey.h"
#include "net/wire.h"
#include "skiff/explain.h"

static const char *icmp_name(u8 type, u8 code)
{
	static const char *const unreach[] = { "net unreachable",      "host unreachable",
					       "protocol unreachable", "port unreachable",
					       "fragmentation needed", "source route failed" };

	switch (type) {
	case ICMP_ECHOREPLY:
		return "echo reply";
	case ICMP_DEST_UNREACH:
		if (code == 13)
			return "administratively prohibited";
		return code < ARRAY_SIZE(unreach) ? unreach[code] : "unreachable";
	case ICMP_SOURCE_QUENCH:
		return "source quench";
	case ICMP_REDIRECT:
		return "redirect";
	case ICMP_ECHO:
		return "echo request";
	case ICMP_TIME_EXCEEDED:
		return code ? "reassembly time exceeded" : "time exceeded";
	case ICMP_PARAMETERPROB:
		return "parameter problem";
	case ICMP_TIMESTAMP:
		return "timestamp request";
	case ICMP_TIMESTAMPREPLY:
		return "timestamp reply";
	default:
		return NULL;
	}
}

static void put_icmp(struct strbuf *sb, const u8 *p, size_t len)
{
	const char *name;

	strbuf_puts(sb, " icmp");
	if (len < 8)
		return;
	name = icmp_name(p[0], p[1]);
	if (name)
		strbuf_printf(sb, " %s", name);
	else
		strbuf_printf(sb, " type %u code %u", p[0], p[1]);
	if (p[0] == ICMP_ECHO || p[0] == ICMP_ECHOREPLY)
		strbuf_printf(sb, " id %u seq %u", ntohs(get_unaligned16(p + 4)),
			      ntohs(get_unaligned16(p + 6)));
	else if (p[0] == ICMP_REDIRECT)
		strbuf_printf(sb, " to " NIPFMT, NIPQUAD(get_unaligned32(p + 4)));
	else if (p[0] == ICMP_DEST_UNREACH && p[1] == ICMP_FRAG_NEEDED)
		strbuf_printf(sb, " mtu %u", ntohs(get_unaligned16(p + 6)));
}

static void put_tcp_flags(struct strbuf *sb, u8 flags)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (flags & 1u << i)
			strbuf_printf(sb, " %s", names[i]);
	}
}

/* "10.0.0.2:4000 > 10.0.1.2:9 udp ..." */
static void put_addresses(struct strbuf *sb, const struct iphdr *ip, const u8 *l4, size_t l4_len,
			  bool ports)
{
	strbuf_ip4(sb, ip->saddr);
	if (ports && l4_len >= 4)
		strbuf_printf(sb, ":%u", ntohs(get_unaligned16(l4)));
	strbuf_puts(sb, " > ");
	strbuf_ip4(sb, ip->daddr);
	if (ports && l4_len >= 4)
		strbuf_printf(sb, ":%u", ntohs(get_unaligned16(l4 + 2)));
}

static void put_l4(struct strbuf *sb, const struct iphdr *ip, const u8 *l4, size_t len)
{
	bool first = !(ip->frag_off & htons(IP_OFFSET));
	bool ports = first && (ip->protocol == IPPROTO_UDP || ip->protocol == IPPROTO_TCP);

	put_addresses(sb, ip, l4, len, ports);
	if (ip->protocol == IPPROTO_ICMP && first) {
		put_icmp(sb, l4, len);
	} else if (ip->protocol == IPPROTO_ICMP) {
		strbuf_puts(sb, " icmp");
	} else if (ip->protocol == IPPROTO_UDP) {
		strbuf_puts(sb, " udp");
	} else if (ip->protocol == IPPROTO_TCP) {
		strbuf_puts(sb, " tcp");
		if (ports && len >= 14)
			put_tcp_flags(sb, l4[13]);
	} else {
		strbuf_printf(sb, " proto %u", ip->protocol);
	}
}

static void put_ip(struct strbuf *sb, const u8 *p, size_t len)
{
	struct iphdr ip;
	u16 frag;
	u32 hlen;

	if (len < sizeof(ip)) {
		strbuf_printf(sb, "ip, cut short after %zu bytes", len);
		return;
	}
	memcpy(&ip, p, sizeof(ip));
	hlen = ip.ihl * 4u;
	if (ip.version != 4 || hlen < sizeof(ip) || hlen > len) {
		strbuf_ip4(sb, ip.saddr);
		strbuf_puts(sb, " > ");
		strbuf_ip4(sb, ip.daddr);
		strbuf_printf(sb, " ip with a bad header: version %u, header length %u", ip.version,
			      hlen);
		return;
	}
	put_l4(sb, &ip, p + hlen, len - hlen);
	strbuf_printf(sb, " ttl %u", ip.ttl);
	if (ip.tos)
		strbuf_printf(sb, " tos 0x%x", ip.tos);
	frag = ntohs(ip.frag_off);
	if (frag & IP_DF)
		strbuf_puts(sb, " df");
	if (frag & (IP_MF | IP_OFFSET))
		strbuf_printf(sb, " frag %u%s id %u", (frag & IP_OFFSET) * 8u,
			      frag & IP_MF ? "+" : "", ntohs(ip.id));
	if (hlen > sizeof(ip))
		strbuf_printf(sb, " options %u", hlen - (u32)sizeof(ip));
	strbuf_printf(sb, " len %u", ntohs(ip.tot_len));
	if (ntohs(ip.tot_len) > len)
		strbuf_printf(sb, " (only %zu there)", len);
}

static void put_arp(struct strbuf *sb, const u8 *p, size_t len)
{
	u32 spa, tpa;
	u16 op;

	if (len < 28 || p[4] != 6 || p[5] != 4) {
		strbuf_puts(sb, "arp");
		return;
	}
	op = ntohs(get_unaligned16(p + 6));
	spa = get_unaligned32(p + 14);
	tpa = get_unaligned32(p + 24);
	if (op == 1) {
		strbuf_printf(sb, "arp who-has " NIPFMT " tell " NIPFMT, NIPQUAD(tpa),
			      NIPQUAD(spa));
	} else if (op == 2) {
		strbuf_printf(sb, "arp reply " NIPFMT " is-at ", NIPQUAD(spa));
		strbuf_mac(sb, p + 8);
	} else {
		strbuf_printf(sb, "arp op %u", op);
	}
}

/**
 * skiff_frame_text() - an Ethernet frame in one line
 * @frame: bytes as on the wire, without FCS; may be cut short or malformed
 * Return: length of the text as snprintf counts it, if it fits; else what was written
 */
size_t skiff_frame_text(const void *frame, size_t len, char *buf, size_t size)
{
	const u8 *p = frame;
	struct strbuf sb;
	u16 proto;

	strbuf_init(&sb, buf, size);
	if (len < ETH_HLEN) {
		strbuf_printf(&sb, "a frame of %zu bytes", len);
		return sb.len;
	}
	proto = ntohs(get_unaligned16(p + 12));
	p += ETH_HLEN;
	len -= ETH_HLEN;
	if (proto == ETH_P_8021Q && len >= VLAN_HLEN) {
		strbuf_printf(&sb, "vlan %u ", ntohs(get_unaligned16(p)) & VLAN_VID_MASK);
		proto = ntohs(get_unaligned16(p + 2));
		p += VLAN_HLEN;
		len -= VLAN_HLEN;
	}
	if (proto == ETH_P_IP)
		put_ip(&sb, p, len);
	else if (proto == ETH_P_ARP)
		put_arp(&sb, p, len);
	else
		strbuf_printf(&sb, "ethertype 0x%04x len %zu", proto, len);
	return sb.len;
}
