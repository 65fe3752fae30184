// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_options.c - IP options: record route, timestamps, source routes, router alert (RFC 791 3.1, RFC 2113).
 *
 * DOC: IP options
 * __ip_options_compile() reads the options of a header once and notes where the interesting ones stand (struct
 * ip_options, offsets from the IP header). For a received packet it also fills in what this node has to record: its own
 * address comes from the route back (fib_compute_spec_dst). What must wait for the output route is marked (rr_needaddr,
 * ts_needaddr) and done by ip_forward_options(). ip_options_echo() turns the options of a received packet into those of
 * the answer. Whatever was written to is marked is_changed, so that the checksum is made again.
 */
#include "net/icmp.h"
#include "net/ip.h"
#include "net/journey.h"
#include "net/route.h"
#include "net/socket.h"

/* ---- building ---- */

void ip_options_build(struct sk_buff *skb, struct ip_options *opt, __be32 daddr, struct rtable *rt)
{
	u8 *iph = skb_network_header(skb);

	/* The final destination is the last entry of a source route. */
	if (opt->srr)
		memcpy(iph + opt->srr + iph[opt->srr + 1] - 4, &daddr, 4);
	if (opt->rr_needaddr)
		ip_rt_get_source(iph + opt->rr + iph[opt->rr + 2] - 5, skb, rt);
	if (opt->ts_needaddr)
		ip_rt_get_source(iph + opt->ts + iph[opt->ts + 2] - 9, skb, rt);
	if (opt->ts_needtime) {
		__be32 ms = htonl(skiff_wall_ms_of_day(rt->net->skiff));

		memcpy(iph + opt->ts + iph[opt->ts + 2] - 5, &ms, 4);
	}
}

/* Record route and timestamp of the answer go on where those of the question stand. @len: of the option, known good */
static int echo_rr(struct ip_options *dopt, const struct ip_options *sopt, const u8 *src, u8 *dst,
		   u8 len)
{
	u8 soffset = src[IPOPT_OFFSET];

	dopt->rr = (u8)(dopt->optlen + sizeof(struct iphdr));
	memcpy(dst, src, len);
	if (!sopt->rr_needaddr || soffset > len)
		return 0;
	if (soffset + 3 > len)
		return -EINVAL;
	dst[IPOPT_OFFSET] = (u8)(soffset + 4);
	dopt->rr_needaddr = 1;
	return 0;
}

static int echo_ts(struct net *net, struct ip_options *dopt, const struct ip_options *sopt,
		   const u8 *src, u8 *dst, u8 len)
{
	u8 soffset = src[IPOPT_OFFSET];

	dopt->ts = (u8)(dopt->optlen + sizeof(struct iphdr));
	memcpy(dst, src, len);
	if (soffset > len)
		return 0;
	if (sopt->ts_needaddr) {
		if (soffset + 3 > len)
			return -EINVAL;
		dopt->ts_needaddr = 1;
		soffset = (u8)(soffset + 4);
	}
	if (sopt->ts_needtime) {
		if (soffset + 3 > len)
			return -EINVAL;
		if ((src[3] & 0xf) != IPOPT_TS_PRESPEC) {
			dopt->ts_needtime = 1;
			soffset = (u8)(soffset + 4);
		} else if (soffset + 7 <= len &&
			   inet_addr_type(net, get_unaligned32(src + soffset - 1)) != RTN_UNICAST) {
			/* The next slot is for us too; one for somebody else stays empty. */
			dopt->ts_needtime = 1;
			soffset = (u8)(soffset + 8);
		}
	}
	dst[IPOPT_OFFSET] = soffset;
	return 0;
}

/* A source route is walked back: what was recorded, in reverse order, then the sender. */
static void echo_srr(struct ip_options *dopt, const struct ip_options *sopt, const u8 *src, u8 *dst,
		     __be32 sender, u8 len)
{
	u8 soffset = src[IPOPT_OFFSET], doffset = 0;
	__be32 faddr, start;

	if (soffset > len)
		soffset = (u8)(len + 1);
	soffset = (u8)(soffset - 4);
	if (soffset > 3) {
		faddr = get_unaligned32(src + soffset - 1);
		for (soffset = (u8)(soffset - 4), doffset = 4; soffset > 3;
		     soffset = (u8)(soffset - 4), doffset = (u8)(doffset + 4))
			memcpy(dst + doffset - 1, src + soffset - 1, 4);
		/* The sender may stand there as the first hop already. */
		start = get_unaligned32(src + soffset + 3);
		if (sender == start)
			doffset = (u8)(doffset - 4);
	} else {
		return;
	}
	if (doffset > 3) {
		dopt->faddr = faddr;
		dst[0] = src[0];
		dst[1] = (u8)(doffset + 3);
		dst[2] = 4;
		dopt->srr = (u8)(dopt->optlen + sizeof(struct iphdr));
		dopt->is_strictroute = sopt->is_strictroute;
		dopt->optlen = (u8)(dopt->optlen + doffset + 3);
	}
}

/**
 * __ip_options_echo() - options for an answer to @skb
 * @dopt: filled in, optlen a multiple of 4; @sopt: options of @skb
 * Return: 0 or -EINVAL
 */
int __ip_options_echo(struct net *net, struct ip_options_data *d, struct sk_buff *skb,
		      const struct ip_options *sopt)
{
	const u8 *sptr = skb_network_header(skb);
	struct ip_options *dopt = &d->opt;
	u8 *dptr = d->data;

	memset(d, 0, sizeof(*d));
	if (!sopt->optlen)
		return 0;
	if (sopt->rr) {
		u8 len = sptr[sopt->rr + 1];

		if (echo_rr(dopt, sopt, sptr + sopt->rr, dptr, len))
			return -EINVAL;
		dptr += len;
		dopt->optlen = (u8)(dopt->optlen + len);
	}
	if (sopt->ts) {
		u8 len = sptr[sopt->ts + 1];

		if (echo_ts(net, dopt, sopt, sptr + sopt->ts, dptr, len))
			return -EINVAL;
		dptr += len;
		dopt->optlen = (u8)(dopt->optlen + len);
	}
	if (sopt->srr) {
		u8 before = dopt->optlen;

		echo_srr(dopt, sopt, sptr + sopt->srr, dptr, ip_hdr(skb)->saddr,
			 sptr[sopt->srr + 1]);
		dptr += dopt->optlen - before;
	}
	if (sopt->cipso) {
		u8 len = sptr[sopt->cipso + 1];

		dopt->cipso = (u8)(dopt->optlen + sizeof(struct iphdr));
		memcpy(dptr, sptr + sopt->cipso, len);
		dptr += len;
		dopt->optlen = (u8)(dopt->optlen + len);
	}
	while (dopt->optlen & 3) {
		*dptr++ = IPOPT_END;
		dopt->optlen++;
	}
	return 0;
}

/** ip_options_fragment() - the first piece is made: what is not to be copied becomes padding. The bytes are ours to write */
void ip_options_fragment(struct sk_buff *skb)
{
	u8 *ptr = skb_network_header(skb) + sizeof(struct iphdr);
	struct ip_options *opt = &IPCB(skb)->opt;
	int l = opt->optlen;

	while (l > 0) {
		u8 len;

		switch (*ptr) {
		case IPOPT_END:
			return;
		case IPOPT_NOOP:
			l--;
			ptr++;
			continue;
		}
		len = ptr[1];
		if (len < 2 || len > l)
			return;
		if (!IPOPT_COPIED(*ptr))
			memset(ptr, IPOPT_NOOP, len);
		l -= len;
		ptr += len;
	}
	opt->ts = 0;
	opt->rr = 0;
	opt->rr_needaddr = 0;
	opt->ts_needaddr = 0;
	opt->ts_needtime = 0;
}

/* ---- reading ---- */

/**
 * struct opt_parse - reading the options of one header
 * @iph:   the IP header's first byte; offsets count from it
 * @skb:   the packet, NULL if options of our own are checked
 * @rt:    its route, NULL if not received (then nothing is filled in)
 * @spec_dst: our address as the sender should see it, 0 until asked for
 */
struct opt_parse {
	struct net *net;
	struct ip_options *opt;
	u8 *iph;
	struct sk_buff *skb;
	struct rtable *rt;
	__be32 spec_dst;
};

/* Received, or made by somebody who may send raw packets as well. */
static bool opt_may_be_any(const struct opt_parse *p)
{
	return p->skb || sock_capable(p->net, CAP_NET_RAW);
}

static void spec_dst_fill(struct opt_parse *p)
{
	if (!p->spec_dst)
		p->spec_dst = fib_compute_spec_dst(p->skb);
}

/* Each returns NULL, or the byte that is to blame. */
static u8 *parse_srr(struct opt_parse *p, u8 *optptr, u8 optlen)
{
	struct ip_options *opt = p->opt;

	if (optlen < 3)
		return optptr + 1;
	if (optptr[2] < 4)
		return optptr + 2;
	/* There can be only one of the two. */
	if (opt->srr)
		return optptr;
	if (!p->skb) {
		if (optptr[2] != 4 || optlen < 7 || ((optlen - 3) & 3))
			return optptr + 1;
		memcpy(&opt->faddr, optptr + 3, 4);
		if (optlen > 7)
			memmove(optptr + 3, optptr + 7, optlen - 7u);
	}
	opt->is_strictroute = optptr[0] == IPOPT_SSRR;
	opt->srr = (u8)(optptr - p->iph);
	return NULL;
}

static u8 *parse_rr(struct opt_parse *p, u8 *optptr, u8 optlen)
{
	struct ip_options *opt = p->opt;

	if (opt->rr)
		return optptr;
	if (optlen < 3)
		return optptr + 1;
	if (optptr[2] < 4)
		return optptr + 2;
	if (optptr[2] <= optlen) {
		if (optptr[2] + 3 > optlen)
			return optptr + 2;
		if (p->rt) {
			spec_dst_fill(p);
			memcpy(optptr + optptr[2] - 1, &p->spec_dst, 4);
			opt->is_changed = 1;
		}
		optptr[2] = (u8)(optptr[2] + 4);
		opt->rr_needaddr = 1;
	}
	opt->rr = (u8)(optptr - p->iph);
	return NULL;
}

/* A slot is free: where the time goes (NULL: nowhere) into *timeptr. */
static u8 *parse_ts_slot(struct opt_parse *p, u8 *optptr, u8 optlen, u8 **timeptr)
{
	struct ip_options *opt = p->opt;
	__be32 addr;

	if (optptr[2] + 3 > optlen)
		return optptr + 2;
	switch (optptr[3] & 0xf) {
	case IPOPT_TS_TSONLY:
		if (p->skb)
			*timeptr = optptr + optptr[2] - 1;
		opt->ts_needtime = 1;
		optptr[2] = (u8)(optptr[2] + 4);
		return NULL;
	case IPOPT_TS_TSANDADDR:
		if (optptr[2] + 7 > optlen)
			return optptr + 2;
		if (p->rt) {
			spec_dst_fill(p);
			memcpy(optptr + optptr[2] - 1, &p->spec_dst, 4);
			*timeptr = optptr + optptr[2] + 3;
		}
		opt->ts_needaddr = 1;
		opt->ts_needtime = 1;
		optptr[2] = (u8)(optptr[2] + 8);
		return NULL;
	case IPOPT_TS_PRESPEC:
		if (optptr[2] + 7 > optlen)
			return optptr + 2;
		addr = get_unaligned32(optptr + optptr[2] - 1);
		/* Not our slot: leave it, and the pointer, alone. */
		if (inet_addr_type(p->net, addr) == RTN_UNICAST)
			return NULL;
		if (p->skb)
			*timeptr = optptr + optptr[2] + 3;
		opt->ts_needtime = 1;
		optptr[2] = (u8)(optptr[2] + 8);
		return NULL;
	default:
		/* No such flag: passed on as it came; who sends it here must be allowed to. */
		return opt_may_be_any(p) ? NULL : optptr + 3;
	}
}

static u8 *parse_ts(struct opt_parse *p, u8 *optptr, u8 optlen)
{
	struct ip_options *opt = p->opt;
	u8 *timeptr = NULL, *bad;

	if (opt->ts)
		return optptr;
	if (optlen < 4)
		return optptr + 1;
	if (optptr[2] < 5)
		return optptr + 2;
	if (optptr[2] <= optlen) {
		bad = parse_ts_slot(p, optptr, optlen, &timeptr);
		if (bad)
			return bad;
		if (timeptr) {
			put_unaligned32(htonl(skiff_wall_ms_of_day(p->net->skiff)), timeptr);
			opt->is_changed = 1;
		}
	} else if ((optptr[3] & 0xf) != IPOPT_TS_PRESPEC) {
		u8 overflow = optptr[3] >> 4;

		if (overflow == 15)
			return optptr + 3;
		if (p->skb) {
			optptr[3] = (u8)((optptr[3] & 0xf) | ((overflow + 1) << 4));
			opt->is_changed = 1;
		}
	}
	opt->ts = (u8)(optptr - p->iph);
	return NULL;
}

/* One option of at least two bytes. */
static u8 *parse_one(struct opt_parse *p, u8 *optptr, u8 optlen)
{
	switch (*optptr) {
	case IPOPT_SSRR:
	case IPOPT_LSRR:
		return parse_srr(p, optptr, optlen);
	case IPOPT_RR:
		return parse_rr(p, optptr, optlen);
	case IPOPT_TIMESTAMP:
		return parse_ts(p, optptr, optlen);
	case IPOPT_RA:
		if (optlen < 4)
			return optptr + 1;
		if (!optptr[2] && !optptr[3])
			p->opt->router_alert = (u8)(optptr - p->iph);
		return NULL;
	case IPOPT_CIPSO:
		if (p->opt->cipso || !opt_may_be_any(p))
			return optptr;
		p->opt->cipso = (u8)(optptr - p->iph);
		/* A label of a domain that nobody defined here (CIPSO 3.2): to blame is its length, else the domain. */
		return optlen < 8 ? optptr + 1 : optptr + 2;
	default:
		/* Others pass through; who makes them here must be allowed to. */
		return opt_may_be_any(p) ? NULL : optptr;
	}
}

/**
 * __ip_options_compile() - read @opt->optlen bytes of options at @data (just behind the IP header of @skb, or a buffer of our own if @skb NULL)
 * @info: on -EINVAL the offset that is to blame, as ICMP parameter problem has it; may be NULL
 */
int __ip_options_compile(struct net *net, struct ip_options *opt, u8 *data, struct sk_buff *skb,
			 __be32 *info)
{
	struct opt_parse p = { .net = net, .opt = opt, .skb = skb };
	u8 *optptr = data, *bad = NULL;
	int l = opt->optlen;

	p.iph = data - sizeof(struct iphdr);
	p.rt = skb ? skb_rtable(skb) : NULL;
	while (l > 0) {
		u8 optlen;

		switch (*optptr) {
		case IPOPT_END:
			/* Whatever follows is wiped. */
			for (optptr++, l--; l > 0; optptr++, l--) {
				if (*optptr != IPOPT_END) {
					*optptr = IPOPT_END;
					opt->is_changed = 1;
				}
			}
			return 0;
		case IPOPT_NOOP:
			l--;
			optptr++;
			continue;
		}
		if (l < 2) {
			bad = optptr;
			break;
		}
		optlen = optptr[1];
		if (optlen < 2 || optlen > l) {
			bad = optptr;
			break;
		}
		bad = parse_one(&p, optptr, optlen);
		if (bad)
			break;
		l -= optlen;
		optptr += optlen;
	}
	if (!bad)
		return 0;
	if (info)
		*info = htonl((u32)(bad - p.iph) << 24);
	return -EINVAL;
}

int ip_options_compile(struct net *net, struct ip_options *opt, struct sk_buff *skb)
{
	u8 *data = skb_network_header(skb) + sizeof(struct iphdr);
	__be32 info = 0;
	int err;

	journey_fn(net, skb);
	err = __ip_options_compile(net, opt, data, skb, &info);
	if (err)
		icmp_send(skb, ICMP_PARAMETERPROB, 0, info);
	return err;
}

/* ---- passing on ---- */

static void ip_forward_srr(struct net *net, struct sk_buff *skb, struct rtable *rt)
{
	struct ip_options *opt = &IPCB(skb)->opt;
	u8 *raw = skb_network_header(skb), *optptr = raw + opt->srr;
	int srrptr, srrspace;

	/* The slot of the hop we are takes the address by which we send on. */
	for (srrptr = optptr[2], srrspace = optptr[1]; srrptr <= srrspace; srrptr += 4) {
		if (srrptr + 3 > srrspace)
			break;
		if (!memcmp(&opt->nexthop, &optptr[srrptr - 1], 4))
			break;
	}
	if (srrptr + 3 <= srrspace) {
		opt->is_changed = 1;
		ip_hdr(skb)->daddr = opt->nexthop;
		ip_rt_get_source(&optptr[srrptr - 1], skb, rt);
		optptr[2] = (u8)(srrptr + 4);
	} else {
		skiff_log(net->skiff, SKIFF_LOG_ERR, "ip_forward(): Argh! Destination lost!");
	}
}

/** ip_forward_options() - this node writes itself into the options of a packet that it forwards; the header is ours to write */
void ip_forward_options(struct sk_buff *skb)
{
	struct ip_options *opt = &IPCB(skb)->opt;
	u8 *raw = skb_network_header(skb);
	struct rtable *rt = skb_rtable(skb);

	journey_fn(rt->net, skb);
	if (opt->rr_needaddr) {
		u8 *optptr = raw + opt->rr;

		ip_rt_get_source(&optptr[optptr[2] - 5], skb, rt);
		opt->is_changed = 1;
	}
	/* Without a source route a timestamp keeps the address by which the packet came in. */
	if (opt->srr_is_hit) {
		ip_forward_srr(rt->net, skb, rt);
		if (opt->ts_needaddr) {
			u8 *optptr = raw + opt->ts;

			ip_rt_get_source(&optptr[optptr[2] - 9], skb, rt);
			opt->is_changed = 1;
		}
	}
	if (opt->is_changed) {
		opt->is_changed = 0;
		ip_send_check(ip_hdr(skb));
	}
}

/**
 * ip_options_rcv_srr() - the packet's source route has this node as a hop: take the next address and route again
 * Return: 0, or -EINVAL (then the caller drops)
 */
int ip_options_rcv_srr(struct sk_buff *skb, struct net_device *dev)
{
	struct ip_options *opt = &IPCB(skb)->opt;
	struct iphdr *iph = ip_hdr(skb);
	u8 *optptr = skb_network_header(skb) + opt->srr;
	struct rtable *rt = skb_rtable(skb);
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	int srrptr, srrspace, err;
	__be32 nexthop;

	journey_fn(dev->net, skb);
	if (!rt)
		return 0;
	if (skb->pkt_type != PACKET_HOST)
		return -EINVAL;
	if (rt->rt_type == RTN_UNICAST) {
		if (!opt->is_strictroute)
			return 0;
		icmp_send(skb, ICMP_PARAMETERPROB, 0, htonl(16u << 24));
		return -EINVAL;
	}
	if (rt->rt_type != RTN_LOCAL)
		return -EINVAL;
	for (srrptr = optptr[2], srrspace = optptr[1]; srrptr <= srrspace; srrptr += 4) {
		struct dst_entry *old = skb->dst;
		bool old_ref = skb->dst_ref;

		if (srrptr + 3 > srrspace) {
			icmp_send(skb, ICMP_PARAMETERPROB, 0, htonl((u32)(opt->srr + 2) << 24));
			return -EINVAL;
		}
		memcpy(&nexthop, &optptr[srrptr - 1], 4);
		skb_dst_set_noref(skb, NULL);
		err = ip_route_input(skb, nexthop, iph->saddr, inet_dsfield_to_dscp(iph->tos), dev,
				     &reason);
		rt = skb_rtable(skb);
		if (err || (rt->rt_type != RTN_UNICAST && rt->rt_type != RTN_LOCAL)) {
			skb_dst_drop(skb);
			skb->dst = old;
			skb->dst_ref = old_ref;
			return -EINVAL;
		}
		if (old_ref)
			dst_release(old);
		if (rt->rt_type != RTN_LOCAL)
			break;
		/* The next hop is us again: go on to the one after it. */
		iph->daddr = nexthop;
		opt->is_changed = 1;
	}
	if (srrptr <= srrspace) {
		opt->srr_is_hit = 1;
		opt->nexthop = nexthop;
		opt->is_changed = 1;
	}
	return 0;
}
