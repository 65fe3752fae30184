/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/gro.h - receive offload: segments of one flow that arrive in one batch are made one packet (net/core/gro.c). */
#ifndef NET_GRO_H
#define NET_GRO_H

#include "net/skbuff.h"

struct net;
struct gro_flow;

/* What a packet is to the flows of its batch. */
enum gro_result {
	GRO_NORMAL, /* nothing: it goes on as it is */
	GRO_CLOSE,  /* of a flow, but it can not be held: the flow ends in front of it */
	GRO_HOLD,   /* payload that may continue a flow or begin one */
};

/**
 * struct gro_packet - a packet looked at
 * @saddr, @daddr, @ports: be, the flow
 * @hdr: bytes of all headers from skb->data (the IP header) on; @len: of payload
 * @last: nothing may follow it; it can not begin a flow
 */
struct gro_packet {
	struct sk_buff *skb;
	const struct net_offload *ops;
	__be32 saddr, daddr, ports;
	u32 hdr, len;
	bool last;
};

/**
 * struct gro_flow - a packet that is held, with what was merged into it
 * @mss:   payload of the first segment; no later one is longer, a shorter one is the last
 * @count: segments
 * @len:   payload
 * @fixed_id: the second segment had the IP id of the first
 * @tail:  last packet on frag_list, NULL if there is none
 */
struct gro_flow {
	struct sk_buff *skb, *tail;
	const struct net_offload *ops;
	__be32 saddr, daddr, ports;
	u32 hdr, len, mss, count;
	bool fixed_id;
};

/**
 * struct net_offload - a transport whose segments can be merged
 * @parse:    @p's skb has a good IPv4 header without options, is no fragment and for this node; fills ports, hdr, len, last
 * @merges:   may @p continue @f? (same flow, @p->len <= mss, within 64 KB; the network layer has agreed)
 * @merged:   flags and the like of @p go to @f's headers; @p's are still there
 * @complete: @f, of more than one segment, is done: its headers become those of a large packet (skb_is_gso)
 */
struct net_offload {
	enum gro_result (*parse)(struct net *net, struct gro_packet *p);
	bool (*merges)(const struct gro_flow *f, const struct gro_packet *p);
	void (*merged)(struct gro_flow *f, const struct gro_packet *p);
	void (*complete)(struct gro_flow *f);
};

/**
 * struct packet_offload - a network layer whose packets can be merged
 * @parse:    sets ops, saddr, daddr and asks the transport; daddr comes in as an address that is known to be this node's, or 0
 * @merges:   its part of that question
 * @complete: its part of the headers, before the transport's
 */
struct packet_offload {
	enum gro_result (*parse)(struct net *net, struct gro_packet *p);
	bool (*merges)(struct gro_flow *f, const struct gro_packet *p);
	void (*complete)(struct gro_flow *f);
};

/**
 * dev_gro_receive_list() - merge what can be merged within @b
 * @b: of one device with NETIF_F_GRO, data at the network header; order is kept, a merged packet stands where its first segment stood
 *
 * Payload that lies in chunks is taken over by reference, and where it continues what is there already becomes one fragment
 * with it; other packets are chained on frag_list. Only packets for this node are merged: forwarding would cut them again.
 */
void dev_gro_receive_list(struct net *net, struct skb_batch *b);

#endif
