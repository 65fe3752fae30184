// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/route_multipath.c - the hash by which packets of one flow keep to one of several equal next hops.
 *
 * Policies of net.ipv4.fib_multipath_hash_policy: 0 addresses, 1 the 5-tuple, 2 addresses of the packet inside (for
 * tunnels and ICMP errors), 3 the fields of fib_multipath_hash_fields. An ICMP error takes the way of the flow it is
 * about (addresses of the quoted header). Keyed: an outsider can not aim at one path.
 */
#include "lib/siphash.h"
#include "net/journey.h"
#include "route_internal.h"

/* net.ipv4.fib_multipath_hash_fields */
#define FIELD_SRC_IP	     BIT(0)
#define FIELD_DST_IP	     BIT(1)
#define FIELD_IP_PROTO	     BIT(2)
#define FIELD_SRC_PORT	     BIT(4)
#define FIELD_DST_PORT	     BIT(5)
#define FIELD_INNER_SRC_IP   BIT(6)
#define FIELD_INNER_DST_IP   BIT(7)
#define FIELD_INNER_IP_PROTO BIT(8)
#define FIELD_INNER_SRC_PORT BIT(10)
#define FIELD_INNER_DST_PORT BIT(11)
#define FIELD_OUTER	     (FIELD_SRC_IP | FIELD_DST_IP | FIELD_IP_PROTO | FIELD_SRC_PORT | FIELD_DST_PORT)

struct flow_keys {
	__be32 src, dst;
	u32 ports; /* source << 16 | destination, as on the wire */
	u8 proto;
};

static u32 flow_hash(const struct net *net, const struct flow_keys *k)
{
	siphash_key_t key = net->skiff->hash_key;

	if (net->ipv4.sysctl_fib_multipath_hash_seed)
		key = (siphash_key_t){ { net->ipv4.sysctl_fib_multipath_hash_seed,
					 net->ipv4.sysctl_fib_multipath_hash_seed } };
	return (u32)siphash13_2u64((u64)k->src << 32 | k->dst, (u64)k->ports << 8 | k->proto, &key);
}

static void keys_of_flow(const struct flowi4 *fl4, struct flow_keys *k)
{
	k->src = fl4->saddr;
	k->dst = fl4->daddr;
	k->proto = fl4->flowi4_proto;
	k->ports = (u32)fl4->fl4_sport << 16 | fl4->fl4_dport;
}

static bool has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == 132 || proto == 33;
}

/* Keys of the IPv4 packet at @off bytes from skb->data. Return: offset of what follows its header, 0 if there is no whole header */
static u32 keys_of_packet(const struct sk_buff *skb, u32 off, struct flow_keys *k)
{
	struct iphdr buf;
	const struct iphdr *iph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	u8 ports[4];

	memset(k, 0, sizeof(*k));
	if (!iph || iph->ihl < 5 || iph->version != 4)
		return 0;
	k->src = iph->saddr;
	k->dst = iph->daddr;
	k->proto = iph->protocol;
	off += iph->ihl * 4u;
	if (has_ports(iph->protocol) && !ip_is_fragment(iph)) {
		const u8 *p = skb_header_pointer(skb, off, 4, ports);

		if (p)
			k->ports = (u32)get_unaligned16(p) << 16 | get_unaligned16(p + 2);
	}
	return off;
}

static bool icmp_is_err(u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

/* Addresses only; of the quoted header for an ICMP error. */
static void l3_keys(const struct sk_buff *skb, struct flow_keys *k)
{
	u32 off = (u32)skb_network_offset(skb), next;
	struct flow_keys inner;
	struct icmphdr buf;
	const struct icmphdr *icmph;

	next = keys_of_packet(skb, off, k);
	k->ports = 0;
	if (k->proto == IPPROTO_ICMP && !(ip_hdr(skb)->frag_off & htons(IP_OFFSET))) {
		icmph = skb_header_pointer(skb, next, sizeof(buf), &buf);
		if (icmph && icmp_is_err(icmph->type) &&
		    keys_of_packet(skb, next + sizeof(*icmph), &inner)) {
			/* The flow that the error is about, seen from this side. */
			k->src = inner.src;
			k->dst = inner.dst;
		}
	}
	k->proto = 0;
}

static bool inner_keys(const struct sk_buff *skb, u32 off, u8 proto, struct flow_keys *inner)
{
	return proto == 4 /* IPIP */ && keys_of_packet(skb, off, inner);
}

static u32 custom_hash(const struct net *net, const struct sk_buff *skb)
{
	u32 fields = net->ipv4.sysctl_fib_multipath_hash_fields, h = 0;
	struct flow_keys k, in;
	u32 next = keys_of_packet(skb, (u32)skb_network_offset(skb), &k);
	bool inner = next && inner_keys(skb, next, k.proto, &in);

	if (fields & FIELD_OUTER) {
		struct flow_keys sel = {
			.src = fields & FIELD_SRC_IP ? k.src : 0,
			.dst = fields & FIELD_DST_IP ? k.dst : 0,
			.proto = fields & FIELD_IP_PROTO ? k.proto : 0,
			.ports = (fields & FIELD_SRC_PORT ? k.ports & 0xffff0000u : 0) |
				 (fields & FIELD_DST_PORT ? k.ports & 0xffff : 0),
		};
		h = flow_hash(net, &sel);
	}
	if (inner && (fields & ~FIELD_OUTER)) {
		struct flow_keys sel = {
			.src = fields & FIELD_INNER_SRC_IP ? in.src : 0,
			.dst = fields & FIELD_INNER_DST_IP ? in.dst : 0,
			.proto = fields & FIELD_INNER_IP_PROTO ? in.proto : 0,
			.ports = (fields & FIELD_INNER_SRC_PORT ? in.ports & 0xffff0000u : 0) |
				 (fields & FIELD_INNER_DST_PORT ? in.ports & 0xffff : 0),
		};
		h = h * 31 + flow_hash(net, &sel);
	}
	return h;
}

/**
 * fib_multipath_hash() - of a received packet (@skb, @fl4 NULL) or of a flow of ours (@fl4)
 * Return: 31 bits
 */
int fib_multipath_hash(const struct net *net, const struct flowi4 *fl4, const struct sk_buff *skb)
{
	u8 policy = net->ipv4.sysctl_fib_multipath_hash_policy;
	struct flow_keys k, in;
	u32 h, next;

	memset(&k, 0, sizeof(k));
	if (!skb || fl4) {
		keys_of_flow(fl4, &k);
		if (policy == 0 || policy == 2) {
			k.ports = 0;
			k.proto = 0;
		}
		return (int)(flow_hash(net, &k) >> 1);
	}
	switch (policy) {
	case 1:
		keys_of_packet(skb, (u32)skb_network_offset(skb), &k);
		h = flow_hash(net, &k);
		break;
	case 2:
		next = keys_of_packet(skb, (u32)skb_network_offset(skb), &k);
		if (next && inner_keys(skb, next, k.proto, &in)) {
			k = (struct flow_keys){ .src = in.src, .dst = in.dst };
		} else {
			l3_keys(skb, &k);
		}
		h = flow_hash(net, &k);
		break;
	case 3:
		h = custom_hash(net, skb);
		break;
	default:
		l3_keys(skb, &k);
		h = flow_hash(net, &k);
	}
	return (int)(h >> 1);
}
