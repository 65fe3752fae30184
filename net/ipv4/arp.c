// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/arp.c - ask for link-layer addresses, and follow what devices do.
 *
 * DOC: ARP
 * arp.c holds what the neighbour table (net/core/neighbour.c) calls: arp_constructor() classifies a new entry,
 * arp_solicit() asks, arp_error_report() tells a packet's sender that nobody answered. arp_rcv.c judges what arrives.
 * Requests choose their sender address by arp_announce. All packets pass the NF_ARP hooks.
 * Specs: RFC 826; RFC 1122 2.3.2; RFC 5227 2.1.1 (probes); ip-sysctl arp_*.
 */
#include "arp_internal.h"

#include "net/ip_fib.h"
#include "net/journey.h"
#include "net/netfilter.h"
#include "net/route.h"

#include <linux/rtnetlink.h>

/* ---- sending ---- */

/* Consumes @skb. */
static void arp_xmit(struct net *net, struct sk_buff *skb)
{
	struct skb_batch b;

	journey_fn(net, skb);
	skb_batch_one(&b, skb);
	if (nf_hook_list(NFPROTO_ARP, NF_ARP_OUT, net, NULL, &b, NULL, skb->dev))
		dev_queue_xmit_list(&b);
}

static u8 *put_addr(u8 *p, const u8 *addr, u32 len)
{
	if (addr)
		memcpy(p, addr, len);
	else
		memset(p, 0, len);
	return p + len;
}

/* NULL: no memory, or the device can not make a header. */
static struct sk_buff *arp_create(int type, int ptype, __be32 dest_ip, struct net_device *dev,
				  __be32 src_ip, const u8 *dest_hw, const u8 *src_hw,
				  const u8 *target_hw)
{
	struct skiff *skiff = dev->net->skiff;
	struct sk_buff *skb = alloc_skb(skiff, arp_hdr_len(dev));
	struct arphdr *arp;
	u8 *p;

	if (!skb)
		return NULL;
	src_hw = src_hw ? src_hw : dev->dev_addr;
	dest_hw = dest_hw ? dest_hw : dev->broadcast;
	skb_reset_network_header(skb);
	arp = (struct arphdr *)skb_put(skb, arp_hdr_len(dev));
	arp->ar_hrd = htons(dev->type);
	arp->ar_pro = htons(ETH_P_IP);
	arp->ar_hln = dev->addr_len;
	arp->ar_pln = ARP_PROTO_LEN;
	arp->ar_op = htons(type);
	p = put_addr((u8 *)(arp + 1), src_hw, dev->addr_len);
	p = put_addr(p, (const u8 *)&src_ip, ARP_PROTO_LEN);
	p = put_addr(p, target_hw, dev->addr_len);
	put_addr(p, (const u8 *)&dest_ip, ARP_PROTO_LEN);

	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);
	if (dev_hard_header(skb, dev, (u16)ptype, dest_hw, src_hw, skb->len) < 0) {
		kfree_skb_reason(skiff, skb, SKB_DROP_REASON_NOT_SPECIFIED);
		return NULL;
	}
	return skb;
}

/**
 * arp_send_dst() - see arp_send()
 */
void arp_send_dst(int type, int ptype, __be32 dest_ip, struct net_device *dev, __be32 src_ip,
		  const u8 *dest_hw, const u8 *src_hw, const u8 *target_hw)
{
	struct sk_buff *skb;

	if (dev->flags & IFF_NOARP_)
		return;
	journey_fn(dev->net, NULL);
	skb = arp_create(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw);
	if (skb)
		arp_xmit(dev->net, skb);
}

/**
 * arp_send() - compose an ARP packet and send it, unless the device does without ARP (see net/arp.h)
 */
void arp_send(int type, int ptype, __be32 dest_ip, struct net_device *dev, __be32 src_ip,
	      const u8 *dest_hw, const u8 *src_hw, const u8 *target_hw)
{
	arp_send_dst(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw);
}

/* ---- what the neighbour table calls ---- */

/* Whose address do we ask from? The waiting packet's, if arp_announce lets it; else the best of the device. */
static __be32 arp_announce_addr(struct in_device *in_dev, __be32 target, const struct sk_buff *skb)
{
	struct net_device *dev = in_dev->dev;
	int announce = IN_DEV_ARP_ANNOUNCE(in_dev);
	__be32 saddr = skb ? ip_hdr(skb)->saddr : 0;

	if (announce == 2)
		saddr = 0;
	else if (saddr && inet_addr_type_dev_table(dev->net, dev, saddr) != RTN_LOCAL)
		saddr = 0;
	else if (saddr && announce == 1 && !inet_addr_onlink(in_dev, target, saddr))
		saddr = 0;
	return saddr ? saddr : inet_select_addr(dev, target, RT_SCOPE_LINK);
}

/* Ask for @n: first its known address, then user space, then everybody. @skb waits for it, may be NULL. */
static void arp_solicit(struct neighbour *n, struct sk_buff *skb)
{
	struct net_device *dev = n->dev;
	struct in_device *in_dev = in_dev_get(dev);
	int probes = (int)n->probes;
	const u8 *dst_hw = NULL;
	u8 dst_ha[MAX_ADDR_LEN];
	__be32 saddr;

	journey_fn(dev->net, skb);
	if (!in_dev)
		return;
	saddr = arp_announce_addr(in_dev, n->primary_key, skb);
	probes -= NEIGH_VAR(n->parms, UCAST_PROBES);
	if (probes < 0) {
		memcpy(dst_ha, n->ha, sizeof(dst_ha));
		dst_hw = dst_ha;
	} else if (probes < NEIGH_VAR(n->parms, APP_PROBES)) {
		neigh_app_ns(n);
		return;
	}
	arp_send_dst(ARPOP_REQUEST, ETH_P_ARP, n->primary_key, dev, saddr, dst_hw, dev->dev_addr,
		     NULL);
}

/* Nobody answered for @skb's next hop. Consumes. */
static void arp_error_report(struct neighbour *n, struct sk_buff *skb)
{
	ipv4_link_failure(skb);
	kfree_skb_reason(n->dev->net->skiff, skb, SKB_DROP_REASON_NEIGH_FAILED);
}

/* Headers made for each packet. */
static const struct neigh_ops arp_generic_ops = {
	.solicit = arp_solicit,
	.error_report = arp_error_report,
	.output = neigh_resolve_output,
	.connected_output = neigh_connected_output,
};

/* Ethernet: the first packet through neigh_resolve_output() leaves a ready header. */
static const struct neigh_ops arp_hh_ops = {
	.solicit = arp_solicit,
	.error_report = arp_error_report,
	.output = neigh_resolve_output,
	.connected_output = neigh_resolve_output,
};

static const struct neigh_ops arp_direct_ops = {
	.solicit = arp_solicit,
	.error_report = arp_error_report,
	.output = neigh_direct_output,
	.connected_output = neigh_direct_output,
};

/**
 * arp_mc_map() - link-layer address of a multicast group
 * @dir: 1: where there is no mapping the broadcast address serves
 * Return: 0, -EINVAL. Spec: RFC 1112 6.4
 */
int arp_mc_map(__be32 addr, u8 *haddr, struct net_device *dev, int dir)
{
	u32 group = ntohl(addr);

	if (dev->type == ARPHRD_ETHER || dev->type == ARPHRD_IEEE802) {
		haddr[0] = 0x01;
		haddr[1] = 0x00;
		haddr[2] = 0x5e;
		haddr[3] = (group >> 16) & 0x7f;
		haddr[4] = (group >> 8) & 0xff;
		haddr[5] = group & 0xff;
		return 0;
	}
	if (!dir)
		return -EINVAL;
	memcpy(haddr, dev->broadcast, dev->addr_len);
	return 0;
}

/* Addresses that need no question. */
static void arp_preset_address(struct neighbour *n)
{
	struct net_device *dev = n->dev;

	if (n->type == RTN_MULTICAST) {
		n->nud_state = NUD_NOARP;
		arp_mc_map(n->primary_key, n->ha, dev, 1);
	} else if (dev->flags & (IFF_NOARP_ | IFF_LOOPBACK_)) {
		n->nud_state = NUD_NOARP;
		memcpy(n->ha, dev->dev_addr, dev->addr_len);
	} else if (n->type == RTN_BROADCAST || (dev->flags & IFF_POINTOPOINT_)) {
		n->nud_state = NUD_NOARP;
		memcpy(n->ha, dev->broadcast, dev->addr_len);
	}
}

static int arp_constructor(struct neighbour *n)
{
	struct net_device *dev = n->dev;
	struct in_device *in_dev = in_dev_get(dev);

	if (!in_dev || !in_dev->arp_parms)
		return -EINVAL;
	/* One neighbour for the whole link. */
	if (dev->flags & (IFF_LOOPBACK_ | IFF_POINTOPOINT_))
		n->primary_key = INADDR_ANY;
	n->type = (u8)inet_addr_type_dev_table(dev->net, dev, n->primary_key);
	n->parms = in_dev->arp_parms;
	if (!dev->header_ops) {
		n->nud_state = NUD_NOARP;
		n->ops = &arp_direct_ops;
		n->output = neigh_direct_output;
		return 0;
	}
	arp_preset_address(n);
	n->ops = dev->header_ops->create == eth_header ? &arp_hh_ops : &arp_generic_ops;
	n->output = n->nud_state & NUD_VALID ? n->ops->connected_output : n->ops->output;
	return 0;
}

static void arp_proxy_redo(struct sk_buff *skb)
{
	arp_process(skb->dev->net, skb);
}

static const struct neigh_table_ops arp_table_ops = {
	.constructor = arp_constructor,
	.proxy_redo = arp_proxy_redo,
};

/* ---- addresses and devices change ---- */

/**
 * arp_invalidate() - forget what is known of @ip on @dev
 * @force: also if the entry is usable
 * Return: 0, -ENXIO if there was nothing to forget
 */
int arp_invalidate(struct net_device *dev, __be32 ip, bool force)
{
	struct neighbour *n = neigh_lookup(dev->net->arp_tbl, ip, dev);
	int err = -ENXIO;

	if (!n)
		return err;
	if ((n->nud_state & NUD_VALID) && !force)
		return 0;
	if (n->nud_state & ~NUD_NOARP)
		err = neigh_update(n, NULL, NUD_FAILED,
				   NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0);
	neigh_remove_one(n);
	return err;
}

/**
 * arp_ifdown() - the device went down: its neighbours and proxies are forgotten
 */
void arp_ifdown(struct net_device *dev)
{
	neigh_ifdown(dev->net->arp_tbl, dev);
}

/* Carrier or flags changed. */
static void arp_netdev_change(struct net_device *dev, struct in_device *in_dev)
{
	bool noarp = dev->flags & IFF_NOARP_, evict = true;

	if (in_dev && in_dev->arp_parms && in_dev->arp_parms->dev_noarp != noarp) {
		in_dev->arp_parms->dev_noarp = noarp;
		neigh_changeaddr(dev->net->arp_tbl, dev);
	}
	if (in_dev)
		evict = IN_DEV_ARP_EVICT_NOCARRIER(in_dev);
	if (evict && !netif_carrier_ok(dev))
		neigh_carrier_down(dev->net->arp_tbl, dev);
}

/**
 * arp_netdev_event() - listener of device events (net/init.c)
 */
void arp_netdev_event(struct net_device *dev, enum netdev_cmd event)
{
	struct in_device *in_dev = in_dev_get(dev);

	switch (event) {
	case NETDEV_CHANGEADDR:
		neigh_changeaddr(dev->net->arp_tbl, dev);
		rt_cache_flush(dev->net);
		break;
	case NETDEV_CHANGE:
		arp_netdev_change(dev, in_dev);
		break;
	case NETDEV_CHANGENAME:
		if (in_dev && in_dev->arp_parms)
			neigh_parms_rename(in_dev->arp_parms);
		break;
	default:
		break;
	}
}

/* ---- start and end ---- */

static int arp_net_init(struct net *net)
{
	struct packet_type *pt = skiff_zalloc(net->skiff, sizeof(*pt));

	if (!pt)
		return -ENOMEM;
	net->arp_tbl = neigh_table_create(net, &arp_table_ops);
	if (!net->arp_tbl) {
		skiff_free(net->skiff, pt);
		return -ENOMEM;
	}
	pt->type = htons(ETH_P_ARP);
	pt->list_func = arp_list_rcv;
	net->ipv4.arp_packet_type = pt;
	dev_add_pack(net, pt);
	return 0;
}

static void arp_net_exit(struct net *net)
{
	dev_remove_pack(net, net->ipv4.arp_packet_type);
	skiff_free(net->skiff, net->ipv4.arp_packet_type);
	neigh_table_destroy(net->arp_tbl);
	net->arp_tbl = NULL;
}

extern const struct pernet_operations arp_net_ops;
const struct pernet_operations arp_net_ops = {
	.name = "arp",
	.init = arp_net_init,
	.exit = arp_net_exit,
};
