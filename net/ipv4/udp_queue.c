// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/udp_queue.c - a datagram that found its socket: encapsulation, coverage, filter, memory, the receive queue.
 *
 * DOC: UDP's receive queue
 * Datagrams stand in sk_receive_queue with their data behind the UDP header and without a route. What they occupy is
 * charged to the socket (sk_rmem_alloc against sk_rcvbuf: the first is always taken) and to the protocol (udp_mem).
 * A checksum that was not verified on the way is verified when the datagram is copied to the user.
 * Drops: UDP_CSUM, SOCKET_FILTER, SOCKET_RCVBUFF, PROTO_MEM; all count in sk_drops and Udp.InErrors.
 */
#include "lib/checksum.h"
#include "net/gso.h"
#include "net/journey.h"
#include "net/netdevice.h"
#include "net/sock_filter.h"
#include "net/sock_mem.h"
#include "net/sock_queue.h"
#include "net/udp.h"

bool udp_lib_checksum_complete(struct sk_buff *skb)
{
	struct udp_skb_cb *cb = UDP_SKB_CB(skb);
	const struct udphdr *uh = (const struct udphdr *)skb_transport_header(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u32 pulled, len, sum;

	if (!cb->csum_pending)
		return false;
	/* Data may stand behind the UDP header by now. */
	pulled = skb->data - (const u8 *)uh == sizeof(*uh) ? sizeof(*uh) : 0;
	len = skb->len + pulled;
	sum = csum_tcpudp_nofold(iph->saddr, iph->daddr, len, iph->protocol, 0);
	if (pulled)
		sum = csum_partial(uh, sizeof(*uh), sum);
	sum = skb_checksum(skb, 0, cb->cscov - pulled, sum);
	if (csum_fold(sum))
		return true;
	cb->csum_pending = 0;
	return false;
}

void udp_rmem_release(struct sock *sk, int size)
{
	sk->sk_rmem_alloc -= size;
	sk_mem_uncharge(sk, size);
}

/* Into the queue, if there is room. 0, -ENOMEM: the socket is full, -ENOBUFS: the protocol is */
static int __udp_enqueue_schedule_skb(struct sock *sk, struct sk_buff *skb)
{
	int rmem = sk->sk_rmem_alloc, size = (int)skb->truesize;

	if (unlikely((u32)(rmem + size) > (u32)sk->sk_rcvbuf)) {
		if (rmem || sk->sk_rcvbuf > INT32_MAX >> 1) {
			sk->sk_drops++;
			return -ENOMEM;
		}
	}
	sk->sk_rmem_alloc += size;
	if (unlikely(!sk_rmem_schedule(sk, skb, size))) {
		sk->sk_rmem_alloc -= size;
		sk->sk_drops++;
		return -ENOBUFS;
	}
	sk_mem_charge(sk, size);
	sock_skb_set_dropcount(sk, skb);
	skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_data_ready(sk);
	return 0;
}

static int __udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	bool lite = udp_is_lite(sk);
	int err;

	journey_fn(net, skb);
	skb->dev = NULL;
	err = __udp_enqueue_schedule_skb(sk, skb);
	if (likely(!err))
		return 0;
	UDP_INC_STATS(net, err == -ENOMEM ? UDP_MIB_RCVBUFERRORS : UDP_MIB_MEMERRORS, lite);
	UDP_INC_STATS(net, UDP_MIB_INERRORS, lite);
	kfree_skb_reason(net->skiff, skb,
			 err == -ENOMEM ? SKB_DROP_REASON_SOCKET_RCVBUFF :
					  SKB_DROP_REASON_PROTO_MEM);
	return -1;
}

static int udp_drop(struct sock *sk, struct sk_buff *skb, enum skb_drop_reason reason)
{
	struct net *net = sock_net(sk);

	if (reason == SKB_DROP_REASON_UDP_CSUM)
		UDP_INC_STATS(net, UDP_MIB_CSUMERRORS, udp_is_lite(sk));
	UDP_INC_STATS(net, UDP_MIB_INERRORS, udp_is_lite(sk));
	sk->sk_drops++;
	kfree_skb_reason_at(net->skiff, skb, reason, "udp_queue_rcv_skb");
	return -1;
}

/* RFC 3828: is the datagram's coverage what the socket asked for? */
static bool udplite_coverage_ok(const struct sock *sk, const struct sk_buff *skb)
{
	const struct udp_sock *up = udp_sk(sk);
	const struct udp_skb_cb *cb = UDP_SKB_CB(skb);

	if (!up->pcrlen) /* the user wants full coverage only */
		return !cb->partial_cov;
	return !cb->partial_cov || cb->cscov >= up->pcrlen;
}

/* false: not for an encapsulation. Else *@ret is what udp_queue_rcv_skb() returns. */
static __noinline_cold bool udp_encap_rcv(struct sock *sk, struct sk_buff *skb, int *ret)
{
	struct udp_sock *up = udp_sk(sk);
	int taken;

	if (!up->encap_rcv)
		return false;
	if (udp_lib_checksum_complete(skb)) {
		*ret = udp_drop(sk, skb, SKB_DROP_REASON_UDP_CSUM);
		return true;
	}
	taken = up->encap_rcv(sk, skb);
	if (taken > 0)
		return false;
	UDP_INC_STATS(sock_net(sk), UDP_MIB_INDATAGRAMS, udp_is_lite(sk));
	*ret = -taken;
	return true;
}

static int udp_queue_rcv_one(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason reason = SKB_DROP_REASON_NOT_SPECIFIED;
	int ret;

	if (unlikely(udp_sk(sk)->encap_type) && udp_encap_rcv(sk, skb, &ret))
		return ret;
	if (udp_test_bit(UDPLITE_RECV_CC, sk) && UDP_SKB_CB(skb)->partial_cov &&
	    !udplite_coverage_ok(sk, skb))
		return udp_drop(sk, skb, SKB_DROP_REASON_NOT_SPECIFIED);
	if (unlikely(sk_has_filter(sk))) {
		if (udp_lib_checksum_complete(skb))
			return udp_drop(sk, skb, SKB_DROP_REASON_UDP_CSUM);
		if (sk_filter_trim_cap(sk, skb, sizeof(struct udphdr), &reason))
			return udp_drop(sk, skb, reason);
	}
	skb_pull(skb, sizeof(struct udphdr));
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, csum_partial(skb_transport_header(skb),
							     sizeof(struct udphdr), 0));
	ipv4_pktinfo_prepare(sk, skb, true);
	return __udp_queue_rcv_skb(sk, skb);
}

/* Segments that came as one packet, for a socket that wants them one by one. */
static __noinline_cold int udp_queue_segments(struct sock *sk, struct sk_buff *skb)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sk_buff *seg, *next;

	/* From the IP header on; what a link put in front of it is of no use here. */
	skb_push(skb, (u32)(skb->data - skb_network_header(skb)));
	for (seg = skb_gso_segment(skiff, skb, NETIF_F_SG | NETIF_F_HW_CSUM); seg; seg = next) {
		next = seg->next;
		seg->next = NULL;
		seg->skb_iif = skb->skb_iif;
		seg->pkt_type = skb->pkt_type;
		seg->tstamp = skb->tstamp;
		seg->ipflags = skb->ipflags;
		memcpy(seg->cb, skb->cb, sizeof(seg->cb));
		skb_pull(seg, (u32)skb_transport_offset(seg));
		UDP_SKB_CB(seg)->cscov = (u16)seg->len;
		/* They were made here. */
		seg->ip_summed = CHECKSUM_UNNECESSARY;
		skb_dst_set_noref(seg, skb->dst);
		if (udp_queue_rcv_one(sk, seg) > 0)
			consume_skb(skiff, seg);
	}
	consume_skb(skiff, skb);
	return 0;
}

int udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	if (unlikely(skb_is_gso(skb) && !udp_test_bit(ACCEPT_L4, sk)))
		return udp_queue_segments(sk, skb);
	return udp_queue_rcv_one(sk, skb);
}
