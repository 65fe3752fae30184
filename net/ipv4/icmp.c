// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/icmp.c - ICMP messages that leave: errors about packets, answers to requests.
 *
 * DOC: ICMP out
 * Errors: whoever gives a packet up calls icmp_send(); what follows decides whether anybody hears of it. In order:
 * the packet came as a unicast frame and to a unicast address; it is no later fragment; it is not itself an ICMP error
 * (or an ICMP message nobody knows); the node's credits (icmp_ratelimit.c) are not used up; its IP options can be turned
 * round; there is a route back; the receiver's credits are not used up; at least its IP header fits. The error quotes
 * as much of the packet as makes 576 bytes in all.
 * Source address: the one that the packet was sent to, if that is ours; else that of the route back, or, with
 * icmp_errors_use_inbound_ifaddr, one of the interface that it came in by.
 * Answers (icmp_reply): back to the source, from the address that was asked, or for a broadcast or multicast from that
 * which fib_compute_spec_dst() names.
 * Counting: the columns of IcmpMsg and the old ones by name are kept together in icmp_out_count(), which the output
 * calls with the ICMP type of the flow. That is what the kernel's raw ICMP socket counts by, and as the flow of an answer
 * has none (0), timestamp replies and extended echo replies too appear as echo replies.
 * In: icmp_rcv.c.  Specs: RFC 792; RFC 1122 3.2.2; RFC 1812 4.3; RFC 8335.
 */
#include "icmp_internal.h"

#include "lib/checksum.h"
#include "net/ip_fib.h"
#include "net/netdevice.h"
#include "net/protocol.h"
#include "net/sysctl.h"

/* An error is at most this long (RFC 1812 4.3.2.3). */
#define ICMP_ERROR_MAX 576
/* Source of an error when the node has no address at all (RFC 7600 6). */
#define ICMP_DUMMY_SOURCE 0xc0000008U
#define IP_TOTAL_MAX	  65535u

const struct icmp_err icmp_err_convert[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH] = { ENETUNREACH, false },
	[ICMP_HOST_UNREACH] = { EHOSTUNREACH, false },
	[ICMP_PROT_UNREACH] = { ENOPROTOOPT, true },
	[ICMP_PORT_UNREACH] = { ECONNREFUSED, true },
	[ICMP_FRAG_NEEDED] = { EMSGSIZE, false },
	[ICMP_SR_FAILED] = { EOPNOTSUPP, false },
	[ICMP_NET_UNKNOWN] = { ENETUNREACH, true },
	[ICMP_HOST_UNKNOWN] = { EHOSTDOWN, true },
	[ICMP_HOST_ISOLATED] = { ENONET, true },
	[ICMP_NET_ANO] = { ENETUNREACH, true },
	[ICMP_HOST_ANO] = { EHOSTUNREACH, true },
	[ICMP_NET_UNR_TOS] = { ENETUNREACH, false },
	[ICMP_HOST_UNR_TOS] = { EHOSTUNREACH, false },
	[ICMP_PKT_FILTERED] = { EHOSTUNREACH, true },
	[ICMP_PREC_VIOLATION] = { EHOSTUNREACH, true },
	[ICMP_PREC_CUTOFF] = { EHOSTUNREACH, true },
};

#define ICMP_ERROR_TYPES                                                          \
	(1u << 1 | 1u << 2 | 1u << ICMP_DEST_UNREACH | 1u << ICMP_SOURCE_QUENCH | \
	 1u << ICMP_REDIRECT | 1u << 6 | 1u << 7 | 1u << ICMP_ROUTER_ADVERT |     \
	 1u << ICMP_ROUTER_SOLICIT | 1u << ICMP_TIME_EXCEEDED | 1u << ICMP_PARAMETERPROB)

/**
 * icmp_type_is_error() - must a message of @type never cause an error?
 * Types that nobody knows count as errors, and so do router advertisements and solicitations, as in Linux.
 * Spec: RFC 1122 3.2.2
 */
bool icmp_type_is_error(u8 type)
{
	return type > NR_ICMP_TYPES || (ICMP_ERROR_TYPES >> type & 1);
}

/** icmp_out_count() - a message leaves that counts as @type */
void icmp_out_count(struct net *net, u8 type)
{
	static const u8 column[NR_ICMP_TYPES + 1] = {
		[ICMP_ECHOREPLY] = ICMP_MIB_OUTECHOREPS,
		[ICMP_DEST_UNREACH] = ICMP_MIB_OUTDESTUNREACHS,
		[ICMP_SOURCE_QUENCH] = ICMP_MIB_OUTSRCQUENCHS,
		[ICMP_REDIRECT] = ICMP_MIB_OUTREDIRECTS,
		[ICMP_ECHO] = ICMP_MIB_OUTECHOS,
		[ICMP_TIME_EXCEEDED] = ICMP_MIB_OUTTIMEEXCDS,
		[ICMP_PARAMETERPROB] = ICMP_MIB_OUTPARMPROBS,
		[ICMP_TIMESTAMP] = ICMP_MIB_OUTTIMESTAMPS,
		[ICMP_TIMESTAMPREPLY] = ICMP_MIB_OUTTIMESTAMPREPS,
		[ICMP_ADDRESS] = ICMP_MIB_OUTADDRMASKS,
		[ICMP_ADDRESSREPLY] = ICMP_MIB_OUTADDRMASKREPS,
	};

	ICMPMSGOUT_INC_STATS(net, type);
	ICMP_INC_STATS(net, ICMP_MIB_OUTMSGS);
	if (type <= NR_ICMP_TYPES && column[type])
		ICMP_INC_STATS(net, column[type]);
}

/* icmp_make_skb() - the message in a packet of its own, checksum filled in; NULL: no memory, or the quoted bytes are not there */
static struct sk_buff *icmp_make_skb(struct net *net, struct icmp_bxm *param)
{
	u32 len = param->head_len + param->data_len;
	/* Headers that were pulled off the packet lie in front of its data. */
	u32 front = param->offset < 0 ? min_t(u32, -param->offset, param->data_len) : 0;
	u32 off = param->offset < 0 ? 0 : (u32)param->offset;
	struct sk_buff *skb = alloc_skb(net->skiff, len);
	struct icmphdr *icmph;

	if (!skb)
		return NULL;
	skb_reset_transport_header(skb);
	param->data.icmph.checksum = 0;
	icmph = (struct icmphdr *)skb_put_data(skb, &param->data, param->head_len);
	if (front)
		skb_put_data(skb, param->skb->data + param->offset, front);
	if (param->data_len > front) {
		u32 rest = param->data_len - front;

		if (skb_copy_bits(param->skb, off, skb_put(skb, rest), rest) < 0) {
			consume_skb(net->skiff, skb);
			return NULL;
		}
	}
	/* From minus zero on: a message of zeros has checksum 0, as the kernel sends it, not 0xffff. */
	icmph->checksum = csum_fold(csum_partial(icmph, len, ~0u));
	return skb;
}

/* icmp_push_reply() - make the message of @param into a packet and send it by @rt (borrowed) */
static void icmp_push_reply(struct net *net, struct icmp_bxm *param, struct flowi4 *fl4,
			    struct ipcm_cookie *ipc, struct rtable *rt)
{
	u32 len = param->head_len + param->data_len;
	struct sk_buff *skb;

	if (sizeof(struct iphdr) + param->replyopts.opt.optlen + len > IP_TOTAL_MAX) {
		ICMP_INC_STATS(net, ICMP_MIB_OUTERRORS);
		return;
	}
	skb = icmp_make_skb(net, param);
	if (!skb) {
		ICMP_INC_STATS(net, ICMP_MIB_OUTERRORS);
		return;
	}
	ip_push_pending_frames_skb(net, skb, fl4, ipc, rt, 0);
}

static u32 icmp_reply_mark(const struct net *net, u32 mark)
{
	return net->ipv4.sysctl_fwmark_reflect ? mark : 0;
}

/**
 * icmp_reply() - send the answer @param to the sender of @skb
 * @param: head, and the bytes of @skb that follow it; the options are filled in here
 * @skb:   the request, with route; borrowed
 * Nothing is sent, and nothing counted but by the rate limits, if there is no way back.
 */
void icmp_reply(struct icmp_bxm *param, struct sk_buff *skb)
{
	struct net *net = dev_net(skb_rtable(skb)->dst.dev);
	const struct iphdr *iph = ip_hdr(skb);
	u32 mark = icmp_reply_mark(net, skb->mark);
	struct ipcm_cookie ipc = { .protocol = IPPROTO_ICMP, .tos = iph->tos, .mark = mark };
	bool apply_ratelimit = false;
	struct flowi4 fl4;
	struct rtable *rt;
	int err = 0;

	journey_fn(net, skb);
	if (__ip_options_echo(net, &param->replyopts, skb, ip_skb_opt(skb)))
		return;
	if (!icmpv4_global_allow(net, param->data.icmph.type, param->data.icmph.code,
				 &apply_ratelimit))
		return;
	ipc.addr = iph->saddr;
	memset(&fl4, 0, sizeof(fl4));
	fl4.daddr = iph->saddr;
	if (param->replyopts.opt.optlen) {
		ipc.opt = &param->replyopts;
		if (param->replyopts.opt.srr)
			fl4.daddr = param->replyopts.opt.faddr;
	}
	fl4.saddr = fib_compute_spec_dst(skb);
	fl4.flowi4_mark = mark;
	fl4.flowi4_tos = iph->tos & INET_DSCP_MASK;
	fl4.flowi4_proto = IPPROTO_ICMP;
	rt = ip_route_output_key(net, &fl4, &err);
	if (!rt)
		return;
	if (icmpv4_xrlim_allow(net, rt, fl4.daddr, apply_ratelimit))
		icmp_push_reply(net, param, &fl4, &ipc, rt);
	ip_rt_put(rt);
}

/* ---- errors ---- */

/*
 * icmp_relookup() - how would the packet that the error is about have come, had it come the way the error goes?
 *
 * The policy engine (xfrm) wants to judge the error by the policies for that packet. There are no policies yet, so
 * the answer is not used; the lookups are made as Linux makes them without policies, because they can be seen: in
 * journeys, and in the log when the source is a martian.
 */
static void icmp_relookup(struct net *net, struct sk_buff *skb_in, const struct iphdr *iph, u8 tos,
			  struct net_device *lookup_dev)
{
	struct dst_entry *orig = skb_in->dst;
	u8 orig_ref = skb_in->dst_ref;
	enum skb_drop_reason reason;
	struct flowi4 fl4;
	struct rtable *rt;
	int err = 0;

	memset(&fl4, 0, sizeof(fl4));
	if (inet_addr_type_dev_table(net, lookup_dev, iph->daddr) == RTN_LOCAL) {
		fl4.saddr = iph->daddr;
		fl4.daddr = iph->saddr;
		fl4.flowi4_proto = iph->protocol;
		fl4.flowi4_tos = iph->tos & INET_DSCP_MASK;
		fl4.flowi4_oif = skb_in->skb_iif;
		fl4.flowi4_mark = skb_in->mark;
		ip_rt_put(ip_route_output_key_hash(net, &fl4, NULL, &err));
		return;
	}
	fl4.daddr = iph->daddr;
	rt = ip_route_output_key_hash(net, &fl4, NULL, &err);
	if (!rt)
		return;
	skb_in->dst = NULL;
	skb_in->dst_ref = 0;
	ip_route_input_noref(skb_in, iph->saddr, iph->daddr, tos & INET_DSCP_MASK, rt->dst.dev,
			     &reason);
	skb_dst_drop(skb_in);
	skb_in->dst = orig;
	skb_in->dst_ref = orig_ref;
	ip_rt_put(rt);
}

/* icmp_route_lookup() - the way of an error to the sender of @skb_in, counted; completes @fl4. NULL: none */
static struct rtable *icmp_route_lookup(struct net *net, struct flowi4 *fl4, struct sk_buff *skb_in,
					const struct iphdr *iph, __be32 saddr, u8 tos, u32 mark,
					const struct icmp_bxm *param)
{
	struct net_device *lookup_dev = skb_in->dev ? skb_in->dev : skb_in->dst->dev;
	struct rtable *rt;
	int err = 0;

	journey_fn(net, skb_in);
	memset(fl4, 0, sizeof(*fl4));
	fl4->daddr = param->replyopts.opt.srr ? param->replyopts.opt.faddr : iph->saddr;
	fl4->saddr = saddr;
	fl4->flowi4_mark = mark;
	fl4->flowi4_tos = tos & INET_DSCP_MASK;
	fl4->flowi4_proto = IPPROTO_ICMP;
	fl4->fl4_icmp_type = param->data.icmph.type;
	fl4->fl4_icmp_code = param->data.icmph.code;
	rt = ip_route_output_key_hash(net, fl4, skb_in, &err);
	if (!rt)
		return NULL;
	if (inet_addr_type_dev_table(net, lookup_dev, fl4->daddr) != RTN_LOCAL)
		icmp_relookup(net, skb_in, iph, tos, lookup_dev);
	return rt;
}

/* icmp_error_allowed() - does the packet's kind permit an error about it? */
static bool icmp_error_allowed(struct sk_buff *skb_in, const struct rtable *rt, u8 type)
{
	const struct iphdr *iph = ip_hdr(skb_in);
	const u8 *quoted;

	if ((const u8 *)iph < skb_in->head || (const u8 *)(iph + 1) > skb_tail_pointer(skb_in))
		return false;
	if (skb_in->pkt_type != PACKET_HOST)
		return false;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	if (!icmp_type_is_error(type) || iph->protocol != IPPROTO_ICMP)
		return true;
	quoted = (const u8 *)iph + iph->ihl * 4u;
	if (quoted >= skb_tail_pointer(skb_in)) {
		u32 off = (u32)(quoted - skb_in->data);
		u8 byte;

		return quoted >= skb_in->data && !skb_copy_bits(skb_in, off, &byte, 1) &&
		       !icmp_type_is_error(byte);
	}
	return !icmp_type_is_error(*quoted);
}

/* icmp_error_saddr() - source of an error; 0: that of the route back */
static __be32 icmp_error_saddr(struct net *net, const struct sk_buff *skb_in,
			       const struct rtable *rt)
{
	const struct iphdr *iph = ip_hdr(skb_in);
	struct net_device *dev;

	if (rt->rt_flags & RTCF_LOCAL)
		return iph->daddr;
	if (!rt_is_input_route(rt) || !net->ipv4.sysctl_icmp_errors_use_inbound_ifaddr)
		return 0;
	journey_setting(net, "net.ipv4.icmp_errors_use_inbound_ifaddr=1");
	dev = dev_get_by_index(net, skb_in->skb_iif ? skb_in->skb_iif : rt->rt_iif);
	return dev ? inet_select_addr(dev, iph->saddr, RT_SCOPE_LINK) : 0;
}

/* icmp_quote_room() - bytes of the packet that an error by @rt may quote; 0: not even its header fits */
static u32 icmp_quote_room(const struct rtable *rt, u32 optlen)
{
	u32 room = min_t(u32, ipv4_mtu(&rt->dst), ICMP_ERROR_MAX);
	u32 heads = (u32)(sizeof(struct iphdr) + sizeof(struct icmphdr)) + optlen;

	return room > heads + sizeof(struct iphdr) ? room - heads : 0;
}

/**
 * __icmp_send() - consider an error about a packet, and send it if nothing forbids
 * @skb_in: has a route and a whole IP header; borrowed, data may be before or behind that header
 * @info:   second word of the ICMP header (be): MTU, gateway, pointer
 * @opt:    options of @skb_in's header
 * Counters: OutRateLimitGlobal, OutRateLimitHost; OutMsgs and the type's own; OutErrors without memory.
 * Spec: RFC 1122 3.2.2; RFC 1812 4.3.2. See "ICMP out" above for the order of the rules.
 */
void __icmp_send(struct sk_buff *skb_in, int type, int code, __be32 info,
		 const struct ip_options *opt)
{
	struct rtable *rt = skb_rtable(skb_in);
	struct icmp_bxm param;
	struct ipcm_cookie ipc;
	const struct iphdr *iph;
	bool apply_ratelimit = false;
	struct flowi4 fl4;
	struct net *net;
	__be32 saddr;
	u32 mark;
	u8 tos;

	if (!rt)
		return;
	net = dev_net(rt->dst.dev);
	journey_fn(net, skb_in);
	if (!icmp_error_allowed(skb_in, rt, (u8)type))
		return;
	iph = ip_hdr(skb_in);
	if (!(skb_in->dev && (skb_in->dev->flags & IFF_LOOPBACK_)) &&
	    !icmpv4_global_allow(net, (u8)type, (u8)code, &apply_ratelimit))
		return;
	saddr = icmp_error_saddr(net, skb_in, rt);
	tos = iph->tos;
	if (icmp_type_is_error((u8)type))
		tos = IPTOS_TOS(tos) | IPTOS_PREC_INTERNETCONTROL;
	mark = icmp_reply_mark(net, skb_in->mark);
	if (__ip_options_echo(net, &param.replyopts, skb_in, opt))
		return;
	param.data.icmph = (struct icmphdr){ .type = (u8)type, .code = (u8)code };
	param.data.icmph.un.gateway = info;
	param.skb = skb_in;
	param.offset = skb_network_offset(skb_in);
	param.head_len = sizeof(struct icmphdr);
	ipc = (struct ipcm_cookie){ .protocol = IPPROTO_ICMP,
				    .addr = iph->saddr,
				    .opt = &param.replyopts,
				    .tos = tos,
				    .mark = mark };
	rt = icmp_route_lookup(net, &fl4, skb_in, iph, saddr, tos, mark, &param);
	if (!rt)
		return;
	if (!icmpv4_xrlim_allow(net, rt, fl4.daddr, apply_ratelimit))
		goto out;
	param.data_len = min_t(u32, (u32)((int)skb_in->len - param.offset),
			       icmp_quote_room(rt, param.replyopts.opt.optlen));
	if (!param.data_len)
		goto out;
	if (!fl4.saddr)
		fl4.saddr = htonl(ICMP_DUMMY_SOURCE);
	icmp_push_reply(net, &param, &fl4, &ipc, rt);
out:
	ip_rt_put(rt);
}

/* ---- settings, start and end ---- */

static const int zero = 0, one = 1;

static int icmp_sysctl_register(struct net *net)
{
	struct netns_ipv4 *ip = &net->ipv4;
#define FLAG(name)                                                                            \
	{                                                                                     \
#name, &ip->sysctl_##name, sizeof(u8), 0644, proc_dou8vec_minmax, &zero, &one \
	}
#define COUNT(name, proc)                                                       \
	{                                                                       \
#name, &ip->sysctl_##name, sizeof(int), 0644, proc, &zero, NULL \
	}
	const struct ctl_table table[] = {
		FLAG(icmp_echo_ignore_all),
		FLAG(icmp_echo_enable_probe),
		FLAG(icmp_echo_ignore_broadcasts),
		FLAG(icmp_ignore_bogus_error_responses),
		FLAG(icmp_errors_use_inbound_ifaddr),
		COUNT(icmp_ratelimit, proc_dointvec_ms_jiffies),
		{ "icmp_ratemask", &ip->sysctl_icmp_ratemask, sizeof(int), 0644, proc_dointvec,
		  NULL, NULL },
		COUNT(icmp_msgs_per_sec, proc_dointvec_minmax),
		COUNT(icmp_msgs_burst, proc_dointvec_minmax),
	};
#undef COUNT
#undef FLAG

	return register_net_sysctl(net, "net/ipv4", table, ARRAY_SIZE(table)) ? 0 : -ENOMEM;
}

static const struct net_protocol icmp_protocol = {
	.handler = icmp_rcv,
	.err_handler = icmp_err,
	.no_policy = true,
};

static int icmp_net_init(struct net *net)
{
	struct netns_ipv4 *ip = &net->ipv4;
	int err;

	ip->sysctl_icmp_echo_ignore_broadcasts = 1;
	ip->sysctl_icmp_ignore_bogus_error_responses = 1;
	ip->sysctl_icmp_ratelimit = HZ;
	ip->sysctl_icmp_ratemask = 1u << ICMP_DEST_UNREACH | 1u << ICMP_SOURCE_QUENCH |
				   1u << ICMP_TIME_EXCEEDED | 1u << ICMP_PARAMETERPROB;
	ip->sysctl_icmp_msgs_per_sec = 1000;
	ip->sysctl_icmp_msgs_burst = 50;
	/* As if silent since long: the first message finds a full bucket. */
	ip->icmp_global_credit = 0;
	ip->icmp_global_stamp = 0;
	err = icmp_sysctl_register(net);
	if (!err)
		err = inet_add_protocol(net, &icmp_protocol, IPPROTO_ICMP);
	return err;
}

static void icmp_net_exit(struct net *net)
{
	inet_del_protocol(net, &icmp_protocol, IPPROTO_ICMP);
}

const struct pernet_operations icmp_net_ops = { "icmp", icmp_net_init, icmp_net_exit };
