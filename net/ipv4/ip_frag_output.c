// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_frag_output.c - cut a packet into fragments that a link takes (RFC 791 3.2).
 *
 * Pieces are multiples of 8 bytes. The first carries all options, the others those with the copied flag. A packet that
 * is a fragment itself is cut further, its offset kept; only the end of the last one clears MF.
 */
#include "lib/checksum.h"
#include "net/ip.h"
#include "net/journey.h"
#include "net/route.h"

/**
 * struct ip_frag_state - where the cutting stands
 * @hlen: header bytes; @ptr: bytes of payload done; @left: to do; @mtu: payload bytes a piece may have
 * @offset: of the packet itself, in bytes; @not_last_frag: it had MF
 */
struct ip_frag_state {
	bool df;
	u32 hlen, ptr, left, mtu;
	u32 offset;
	__be16 not_last_frag;
};

static void ip_frag_init(struct ip_frag_state *state, const struct sk_buff *skb, u32 mtu, bool df)
{
	const struct iphdr *iph = ip_hdr(skb);

	state->df = df;
	state->hlen = iph->ihl * 4u;
	state->left = skb->len - state->hlen;
	state->ptr = 0;
	state->mtu = mtu - state->hlen;
	state->offset = (ntohs(iph->frag_off) & IP_OFFSET) << 3;
	state->not_last_frag = iph->frag_off & htons(IP_MF);
}

static void ip_copy_metadata(struct sk_buff *to, struct sk_buff *from)
{
	to->pkt_type = from->pkt_type;
	to->protocol = from->protocol;
	to->skb_iif = from->skb_iif;
	skb_dst_drop(to);
	skb_dst_set_noref(to, from->dst);
	to->dev = from->dev;
	to->mark = from->mark;
	to->ipflags = from->ipflags & (u16)~IPSKB_OPTS;
	if (from->cold) {
		to->cold = 1;
		to->priority = from->priority;
		to->hash = from->hash;
		to->journey_id = from->journey_id;
	}
}

/* The next piece, or NULL if out of memory. */
static struct sk_buff *ip_frag_next(struct skiff *skiff, struct sk_buff *skb,
				    struct ip_frag_state *state)
{
	u32 len = state->left;
	struct sk_buff *piece;
	struct iphdr *iph;

	if (len > state->mtu)
		len = state->mtu;
	/* Not the last one: a multiple of 8. */
	if (len < state->left)
		len &= ~7u;
	piece = alloc_skb(skiff, state->hlen + len);
	if (!piece)
		return NULL;
	ip_copy_metadata(piece, skb);
	skb_put(piece, state->hlen + len);
	skb_reset_network_header(piece);
	piece->transport_header = (u16)(piece->network_header + state->hlen);
	memcpy(skb_network_header(piece), skb_network_header(skb), state->hlen);
	if (skb_copy_bits(skb, state->hlen + state->ptr, skb_transport_header(piece), len) < 0) {
		kfree_skb(skiff, piece);
		return NULL;
	}
	state->left -= len;
	iph = ip_hdr(piece);
	iph->frag_off = htons(state->offset >> 3);
	if (state->df)
		iph->frag_off |= htons(IP_DF);
	if (state->left > 0 || state->not_last_frag)
		iph->frag_off |= htons(IP_MF);
	state->ptr += len;
	state->offset += len;
	iph->tot_len = htons(len + state->hlen);
	ip_send_check(iph);
	return piece;
}

/** ip_do_fragment() - see net/ip.h. Counts FragCreates per piece, FragOKs or FragFails. Consumes @skb; 0 or -errno */
int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct skb_batch *))
{
	struct skiff *skiff = net->skiff;
	struct ip_frag_state state;
	u16 max = skb->cold ? skb->frag_max_size : 0;
	u32 mtu = ip_skb_dst_mtu(sk, skb);
	int err = 0;

	journey_fn(net, skb);
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		err = skb_checksum_help(skiff, skb);
		if (err)
			goto fail;
	}
	if (max && max < mtu)
		mtu = max;
	/* Ours: a route may be told an MTU in which no piece fits. */
	if (mtu < ip_hdrlen(skb) + 8) {
		err = -EMSGSIZE;
		goto fail;
	}
	ip_frag_init(&state, skb, mtu, (skb->ipflags & IPSKB_FRAG_PMTU) != 0);
	while (state.left > 0) {
		/* Of the datagram: the pieces of a later fragment keep its options. */
		bool first = state.offset == 0;
		struct sk_buff *piece = ip_frag_next(skiff, skb, &state);
		struct skb_batch one;

		err = -ENOMEM;
		if (!piece)
			goto fail;
		/* The first piece has everything; what is left of the options is for the others. */
		if (first && (skb->ipflags & IPSKB_OPTS)) {
			if (skb_cow(skiff, skb, 0)) {
				kfree_skb(skiff, piece);
				goto fail;
			}
			ip_options_fragment(skb);
		}
		skb_batch_one(&one, piece);
		err = output(net, sk, &one);
		if (err)
			goto fail;
		IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES);
	}
	consume_skb(skiff, skb);
	IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS);
	return 0;

fail:
	kfree_skb(skiff, skb);
	IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
	return err;
}
