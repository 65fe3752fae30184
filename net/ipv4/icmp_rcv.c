// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/icmp_rcv.c - ICMP messages that arrive: requests to answer, errors to hand to transports.
 *
 * DOC: ICMP in
 * icmp_rcv() checks the message and gives it to the handler of its type; what nobody knows is dropped without an
 * answer, as is what must not come by broadcast or multicast. A request that a setting forbids to answer is no drop:
 * it was received and read.
 * Errors carry the head of a packet of ours. The protocol that this head names gets the error, with the quote's IP
 * header at skb->data and at least 8 bytes behind it, and decides by itself whether it ever sent such a packet.
 * Drops: ICMP_CSUM, UNHANDLED_PROTO, INVALID_PROTO, PKT_TOO_SMALL, IP_INHDR, NO_SOCKET (ping.c), NOT_SPECIFIED (too
 * short for an ICMP header or a quote). Out: icmp.c.  Specs: RFC 792; RFC 1122 3.2.2; RFC 1191; RFC 8335.
 */
#include "icmp_internal.h"

#include "lib/checksum.h"
#include "net/ip_fib.h"
#include "net/netdevice.h"
#include "net/protocol.h"
#include "net/raw.h"

/* Bytes of the quoted packet's payload that every protocol's error handler may look at. */
#define ICMP_QUOTE_MIN 8

static void icmp_in_count(struct net *net, u8 type)
{
	static const u8 column[NR_ICMP_TYPES + 1] = {
		[ICMP_ECHOREPLY] = ICMP_MIB_INECHOREPS,
		[ICMP_DEST_UNREACH] = ICMP_MIB_INDESTUNREACHS,
		[ICMP_SOURCE_QUENCH] = ICMP_MIB_INSRCQUENCHS,
		[ICMP_REDIRECT] = ICMP_MIB_INREDIRECTS,
		[ICMP_ECHO] = ICMP_MIB_INECHOS,
		[ICMP_TIME_EXCEEDED] = ICMP_MIB_INTIMEEXCDS,
		[ICMP_PARAMETERPROB] = ICMP_MIB_INPARMPROBS,
		[ICMP_TIMESTAMP] = ICMP_MIB_INTIMESTAMPS,
		[ICMP_TIMESTAMPREPLY] = ICMP_MIB_INTIMESTAMPREPS,
		[ICMP_ADDRESS] = ICMP_MIB_INADDRMASKS,
		[ICMP_ADDRESSREPLY] = ICMP_MIB_INADDRMASKREPS,
	};

	ICMPMSGIN_INC_STATS(net, type);
	if (type <= NR_ICMP_TYPES && column[type])
		ICMP_INC_STATS(net, column[type]);
}

/* ---- errors about packets of ours ---- */

/* icmp_socket_deliver() - the error goes to raw sockets and to the protocol of the quoted packet at skb->data */
static void icmp_socket_deliver(struct net *net, struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct net_protocol *prot;
	u8 protocol = iph->protocol;

	/* Sockets of IPPROTO_RAW only send; a quote of that number is made up to reach them. */
	if (!pskb_may_pull(net->skiff, skb, iph->ihl * 4u + ICMP_QUOTE_MIN) ||
	    protocol == IPPROTO_RAW) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return;
	}
	raw_icmp_error(skb, protocol, info);
	prot = net->ipv4.inet_protos[protocol];
	if (prot && prot->err_handler)
		prot->err_handler(skb, info);
}

/*
 * icmp_unreach_info() - is the error for the transport, and with what word of information?
 *
 * ip_no_pmtu_disc: 0 believes a "fragmentation needed", 1 hands it on without its MTU, 2 ignores it, 3 believes it if
 * the protocol can tell that it really sent the quoted packet (TCP by its sequence number).
 */
static bool icmp_unreach_info(struct net *net, const struct icmphdr *icmph, u8 protocol, u32 *info)
{
	const struct net_protocol *prot = net->ipv4.inet_protos[protocol];

	*info = 0;
	switch (icmph->type) {
	case ICMP_TIME_EXCEEDED:
		return icmph->code != ICMP_EXC_FRAGTIME;
	case ICMP_PARAMETERPROB:
		*info = ntohl(icmph->un.gateway) >> 24;
		return true;
	case ICMP_DEST_UNREACH:
		break;
	default:
		return true;
	}
	/* Codes are told apart by their lower half, and judged afterwards. */
	if ((icmph->code & 15) == ICMP_FRAG_NEEDED) {
		u8 mode = net->ipv4.sysctl_ip_no_pmtu_disc;

		if (mode == 2 || (mode == 3 && !(prot && prot->icmp_strict_tag_validation))) {
			journey_setting(net, "net.ipv4.ip_no_pmtu_disc=%u", mode);
			return false;
		}
		if (mode != 1)
			*info = ntohs(icmph->un.frag.mtu);
	}
	return icmph->code <= NR_ICMP_UNREACH;
}

/*
 * icmp_unreach() - unreachable, time exceeded, parameter problem, source quench
 * Return: drop reason, 0: used up
 */
static enum skb_drop_reason icmp_unreach(struct net *net, struct sk_buff *skb,
					 const struct icmphdr *icmph)
{
	const struct iphdr *iph;
	u32 info;

	journey_fn(net, skb);
	if (!pskb_may_pull(net->skiff, skb, sizeof(*iph))) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
	icmph = (const struct icmphdr *)skb_transport_header(skb);
	iph = (const struct iphdr *)skb->data;
	if (iph->ihl < 5) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return SKB_DROP_REASON_IP_INHDR;
	}
	if (!icmp_unreach_info(net, icmph, iph->protocol, &info))
		return SKB_NOT_DROPPED_YET;
	/* RFC 1122 3.2.2: nobody may answer a broadcast with an error; tell of those who do, if that is wanted. */
	if (!net->ipv4.sysctl_icmp_ignore_bogus_error_responses &&
	    inet_addr_type_dev_table(net, skb->dev, iph->daddr) == RTN_BROADCAST) {
		skiff_log(net->skiff, SKIFF_LOG_WARN,
			  NIPFMT
			  " sent an invalid ICMP type %u, code %u error to a broadcast: " NIPFMT
			  " on %s",
			  NIPQUAD(ip_hdr(skb)->saddr), icmph->type, icmph->code,
			  NIPQUAD(iph->daddr), skb->dev->name);
		return SKB_NOT_DROPPED_YET;
	}
	icmp_socket_deliver(net, skb, info);
	return SKB_NOT_DROPPED_YET;
}

static enum skb_drop_reason icmp_redirect(struct net *net, struct sk_buff *skb,
					  const struct icmphdr *icmph)
{
	journey_fn(net, skb);
	if (skb->len < sizeof(struct iphdr)) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	}
	if (!pskb_may_pull(net->skiff, skb, sizeof(struct iphdr)))
		return SKB_DROP_REASON_NOMEM;
	icmp_socket_deliver(net, skb,
			    ntohl(((struct icmphdr *)skb_transport_header(skb))->un.gateway));
	return SKB_NOT_DROPPED_YET;
}

/**
 * icmp_err() - an error about an ICMP message of ours
 * @skb: quote at data, ICMP header of the error at the transport header; borrowed
 * Echo requests belong to ping sockets. Of our own, only echo replies can be meant: their route learns.
 * Return: 0
 */
int icmp_err(struct sk_buff *skb, u32 info)
{
	struct net *net = dev_net(skb->dev);
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	u32 offset = ((const struct iphdr *)skb->data)->ihl * 4u;
	const struct icmphdr *quoted = (const struct icmphdr *)(skb->data + offset);

	journey_fn(net, skb);
	if (quoted->type != ICMP_ECHOREPLY)
		ping_err(skb, offset, info);
	else if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, net, info, 0, IPPROTO_ICMP);
	else if (icmph->type == ICMP_REDIRECT)
		ipv4_redirect(skb, net, 0, IPPROTO_ICMP);
	return 0;
}

/* ---- requests ---- */

/* RFC 4884 8 and RFC 8335 2: extension header, object header, then what names the interface. */
struct icmp_ext_hdr {
	u8 version;
	u8 reserved;
	__sum16 checksum;
};

struct icmp_extobj_hdr {
	__be16 length; /* with this header */
	u8 class_num;
	u8 class_type;
};

#define ICMP_EXT_ECHO_CTYPE_NAME  1
#define ICMP_EXT_ECHO_CTYPE_INDEX 2
#define ICMP_EXT_ECHO_CTYPE_ADDR  3
#define ICMP_AFI_IP		  1
#define ICMP_AFI_IP6		  2
/* The longest object that Linux takes: AFI, lengths and an IPv6 address. */
#define ICMP_EXT_IDENT_MAX 20
/* codes of an extended echo reply, and its status bits */
#define ICMP_EXT_CODE_MAL_QUERY	  1
#define ICMP_EXT_CODE_NO_IF	  2
#define ICMP_EXT_ECHOREPLY_IPV4	  (1 << 1)
#define ICMP_EXT_ECHOREPLY_ACTIVE (1 << 2)
/* The L bit of a request: the interface is one of the node that is asked. */
#define ICMP_EXT_ECHO_LOCAL 1

/* icmp_probe_by_addr() - the device with the address that the object of @len bytes names; false: malformed */
static bool icmp_probe_by_addr(struct net *net, const u8 *ident, u32 len, struct net_device **dev)
{
	*dev = NULL;
	if (len < 4 || len != 4u + ident[2])
		return false;
	switch (ntohs(get_unaligned16(ident))) {
	case ICMP_AFI_IP:
		if (ident[2] != 4)
			return false;
		*dev = ip_dev_find(net, get_unaligned32(ident + 4));
		return true;
	case ICMP_AFI_IP6: /* well formed; but no interface of ours has such an address */
		return ident[2] == 16;
	default:
		return false;
	}
}

/* icmp_probe_find() - the device that the request behind the ICMP header asks for; false: malformed, *@dev NULL: none */
static bool icmp_probe_find(struct net *net, const struct sk_buff *skb, struct net_device **dev)
{
	struct icmp_extobj_hdr obj;
	u8 ident[ICMP_EXT_IDENT_MAX];
	char name[IFNAMSIZ] = "";
	u32 len;

	*dev = NULL;
	if (skb_copy_bits(skb, sizeof(struct icmp_ext_hdr), &obj, sizeof(obj)) < 0)
		return false;
	len = ntohs(obj.length);
	if (len <= sizeof(obj) || len > sizeof(obj) + sizeof(ident))
		return false;
	len -= (u32)sizeof(obj);
	if (skb_copy_bits(skb, sizeof(struct icmp_ext_hdr) + sizeof(obj), ident, len) < 0)
		return false;
	switch (obj.class_type) {
	case ICMP_EXT_ECHO_CTYPE_NAME:
		if (len >= IFNAMSIZ)
			return false;
		memcpy(name, ident, len);
		*dev = dev_get_by_name(net, name);
		return true;
	case ICMP_EXT_ECHO_CTYPE_INDEX:
		if (len != 4)
			return false;
		*dev = dev_get_by_index(net, ntohl(get_unaligned32(ident)));
		return true;
	case ICMP_EXT_ECHO_CTYPE_ADDR:
		return icmp_probe_by_addr(net, ident, len, dev);
	default:
		return false;
	}
}

/**
 * icmp_build_probe() - make the header of an extended echo request into that of its answer
 * @skb: the request, data behind its ICMP header
 * Like Linux, neither version and checksum of the extension nor the object's class number are looked at.
 * Return: false: no answer (switched off, or asked about an interface of somebody else)
 * Spec: RFC 8335
 */
bool icmp_build_probe(struct sk_buff *skb, struct icmphdr *icmph)
{
	struct net *net = dev_net(skb->dev);
	struct net_device *dev;
	u16 status = 0;

	if (!net->ipv4.sysctl_icmp_echo_enable_probe) {
		journey_setting(net, "net.ipv4.icmp_echo_enable_probe=0");
		return false;
	}
	if (!(ntohs(icmph->un.echo.sequence) & ICMP_EXT_ECHO_LOCAL))
		return false;
	icmph->type = ICMP_EXT_ECHOREPLY;
	icmph->un.echo.sequence &= htons(0xff00);
	if (!icmp_probe_find(net, skb, &dev)) {
		icmph->code = ICMP_EXT_CODE_MAL_QUERY;
		return true;
	}
	if (!dev) {
		icmph->code = ICMP_EXT_CODE_NO_IF;
		return true;
	}
	if (dev->flags & IFF_UP_)
		status |= ICMP_EXT_ECHOREPLY_ACTIVE;
	if (in_dev_get(dev) && in_dev_get(dev)->ifa_list)
		status |= ICMP_EXT_ECHOREPLY_IPV4;
	icmph->un.echo.sequence |= htons(status);
	return true;
}

static enum skb_drop_reason icmp_echo(struct net *net, struct sk_buff *skb,
				      const struct icmphdr *icmph)
{
	struct icmp_bxm param;

	if (net->ipv4.sysctl_icmp_echo_ignore_all) {
		journey_setting(net, "net.ipv4.icmp_echo_ignore_all=1");
		return SKB_NOT_DROPPED_YET;
	}
	journey_fn(net, skb);
	param.data.icmph = *icmph;
	param.skb = skb;
	param.offset = 0;
	param.data_len = skb->len;
	param.head_len = sizeof(struct icmphdr);
	if (icmph->type == ICMP_ECHO)
		param.data.icmph.type = ICMP_ECHOREPLY;
	else if (!icmp_build_probe(skb, &param.data.icmph))
		return SKB_NOT_DROPPED_YET;
	icmp_reply(&param, skb);
	return SKB_NOT_DROPPED_YET;
}

/* RFC 792: the sender's time is sent back, then when we received and answered, in ms since midnight UTC. */
static enum skb_drop_reason icmp_timestamp(struct net *net, struct sk_buff *skb,
					   const struct icmphdr *icmph)
{
	struct icmp_bxm param;

	journey_fn(net, skb);
	if (skb_copy_bits(skb, 0, &param.data.times[0], sizeof(__be32)) < 0) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	}
	param.data.icmph = *icmph;
	param.data.icmph.type = ICMP_TIMESTAMPREPLY;
	param.data.icmph.code = 0;
	param.data.times[1] = htonl(skiff_wall_ms_of_day(net->skiff));
	param.data.times[2] = param.data.times[1];
	param.skb = skb;
	param.offset = 0;
	param.data_len = 0;
	param.head_len = sizeof(param.data);
	icmp_reply(&param, skb);
	return SKB_NOT_DROPPED_YET;
}

/* ---- the way in ---- */

static enum skb_drop_reason icmp_handle(struct net *net, struct sk_buff *skb,
					const struct icmphdr *icmph)
{
	switch (icmph->type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return icmp_unreach(net, skb, icmph);
	case ICMP_REDIRECT:
		return icmp_redirect(net, skb, icmph);
	case ICMP_ECHO:
	case ICMP_EXT_ECHO:
		return icmp_echo(net, skb, icmph);
	case ICMP_TIMESTAMP:
		return icmp_timestamp(net, skb, icmph);
	default: /* known, and of no interest: router discovery, address masks, timestamp replies */
		return SKB_NOT_DROPPED_YET;
	}
}

/* icmp_mcast_allowed() - may a message of @type come to a broadcast or multicast address? (RFC 1122 3.2.2.6, 3.2.2.8) */
static bool icmp_mcast_allowed(struct net *net, u8 type)
{
	switch (type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
		if (!net->ipv4.sysctl_icmp_echo_ignore_broadcasts)
			return true;
		journey_setting(net, "net.ipv4.icmp_echo_ignore_broadcasts=1");
		return false;
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
	case ICMP_EXT_ECHO: /* Linux answers these before it looks at the address */
		return true;
	default:
		return false;
	}
}

/* icmp_check() - is the message, data at its ICMP header, one that is to be handled? Pulls the header. 0, or the reason why not */
static enum skb_drop_reason icmp_check(struct net *net, struct sk_buff *skb)
{
	const struct icmphdr *icmph;

	if (!skb_csum_unnecessary(skb) && csum_fold(skb_checksum(skb, 0, skb->len, 0))) {
		ICMP_INC_STATS(net, ICMP_MIB_CSUMERRORS);
		return SKB_DROP_REASON_ICMP_CSUM;
	}
	if (!pskb_may_pull(net->skiff, skb, sizeof(*icmph)))
		return SKB_DROP_REASON_NOT_SPECIFIED;
	skb_pull(skb, sizeof(*icmph));
	icmph = (const struct icmphdr *)skb_transport_header(skb);
	icmp_in_count(net, icmph->type);
	if ((skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) &&
	    !icmp_mcast_allowed(net, icmph->type))
		return SKB_DROP_REASON_INVALID_PROTO;
	if (icmph->type > NR_ICMP_TYPES && icmph->type != ICMP_EXT_ECHO &&
	    icmph->type != ICMP_EXT_ECHOREPLY)
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	return SKB_NOT_DROPPED_YET;
}

/**
 * icmp_rcv() - handler of protocol 1
 * @skb: data and transport header at the ICMP header; consumed
 * Return: 0 (NET_RX_SUCCESS) or NET_RX_DROP
 * Drops:  see "ICMP in" above; all but NO_SOCKET and NOMEM count in InErrors
 */
int icmp_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb_rtable(skb)->dst.dev);
	const struct icmphdr *icmph;
	enum skb_drop_reason reason;

	journey_fn(net, skb);
	ICMP_INC_STATS(net, ICMP_MIB_INMSGS);
	reason = icmp_check(net, skb);
	if (reason) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		goto drop;
	}
	icmph = (const struct icmphdr *)skb_transport_header(skb);
	if (icmph->type == ICMP_ECHOREPLY || icmph->type == ICMP_EXT_ECHOREPLY)
		return ping_rcv(skb) ? NET_RX_DROP : NET_RX_SUCCESS;
	reason = icmp_handle(net, skb, icmph);
	if (reason)
		goto drop;
	consume_skb(net->skiff, skb);
	return NET_RX_SUCCESS;
drop:
	kfree_skb_reason(net->skiff, skb, reason);
	return NET_RX_DROP;
}
