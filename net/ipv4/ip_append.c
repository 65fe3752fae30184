// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_append.c - datagrams of sockets: bytes from the user, in one go or piece by piece, then the IP header.
 *
 * DOC: Building datagrams
 * A datagram is one packet however long it is; what the link does not take is cut by ip_do_fragment() on the way out.
 * ip_make_skb() fills it at once. With MSG_MORE or UDP_CORK it grows in sk_write_queue, one packet for each call that
 * found no room behind the last, and is joined when it is finished.
 *
 *   none     inet->cork NULL                         -> open [ip_append_data]
 *   open     cork holds route, options, ttl, tos     -> none [ip_push_pending_frames, ip_finish_skb, ip_flush_pending_frames]
 *
 * Errors: EMSGSIZE beyond 65535 bytes, or beyond the path's MTU where the socket forbids fragments (then its error queue
 * hears of the MTU too).  Specs: RFC 791 3.2; RFC 1191 3. Seed: 1.1 (cork).
 */
#include "lib/checksum.h"
#include "net/icmp.h"
#include "net/inet_sock.h"
#include "net/sock_mem.h"

int ip_generic_getfrag(void *from, u8 *to, int offset, int len, u32 *csum, bool want_csum)
{
	struct iov_iter *it = from;

	*csum = 0;
	if (!want_csum)
		return copy_from_iter(to, (size_t)len, it) == (size_t)len ? 0 : -EFAULT;
	return csum_copy_from_iter(to, (size_t)len, it, csum) == (size_t)len ? 0 : -EFAULT;
}

static u32 cork_optlen(const struct inet_cork_full *cork)
{
	return cork->flags & IPCORK_OPT ? cork->opt->opt.optlen : 0;
}

/* SOF_TIMESTAMPING_OPT_ID: the number by which the sender knows the datagram's time stamps. */
static u32 ip_cork_tskey(struct sock *sk, const struct ipcm_cookie *ipc)
{
	if (!sk->sk_side || !(sk->sk_side->tsflags & SOF_TIMESTAMPING_OPT_ID))
		return 0;
	return ipc->ts_opt_id_set ? ipc->ts_opt_id : sk->sk_tskey++;
}

/* Takes the reference of *@rtp over. */
static int ip_setup_cork(struct sock *sk, struct inet_cork_full *cork, struct ipcm_cookie *ipc,
			 struct rtable **rtp)
{
	struct rtable *rt = *rtp;

	cork->fragsize = ip_sk_use_pmtu(sk) ? ipv4_mtu(&rt->dst) : rt->dst.dev->mtu;
	if (cork->fragsize < IPV4_MIN_MTU)
		return -ENETUNREACH;
	cork->flags = 0;
	cork->opt = NULL;
	if (unlikely(ipc->opt)) {
		cork->opt = skiff_alloc(sock_skiff(sk), sizeof(*cork->opt));
		if (!cork->opt)
			return -ENOBUFS;
		*cork->opt = *ipc->opt;
		cork->flags = IPCORK_OPT;
		cork->addr = ipc->addr;
	}
	cork->gso_size = ipc->gso_size;
	cork->dst = &rt->dst;
	*rtp = NULL;
	cork->length = 0;
	cork->ttl = ipc->ttl;
	cork->tos = ipc->tos;
	cork->mark = ipc->mark;
	cork->priority = ipc->priority;
	cork->transmit_time = ipc->transmit_time;
	cork->tx_flags = ipc->tx_flags;
	if (unlikely(ipc->tx_flags))
		cork->ts_opt_id = ip_cork_tskey(sk, ipc);
	return 0;
}

static void ip_cork_release(struct sock *sk, struct inet_cork_full *cork)
{
	if (cork->flags & IPCORK_OPT)
		skiff_free(sock_skiff(sk), cork->opt);
	cork->flags = 0;
	cork->opt = NULL;
	if (cork->dst)
		dst_release(cork->dst);
	cork->dst = NULL;
}

/* May @length more bytes be added? */
static int ip_append_check(struct sock *sk, const struct flowi4 *fl4,
			   const struct inet_cork_full *cork, int length)
{
	u32 mtu = cork->gso_size ? IP_MAX_MTU : cork->fragsize;
	u32 optlen = cork_optlen(cork), hlen = sizeof(struct iphdr) + optlen;
	u32 max = ip_sk_ignore_df(sk) ? IP_MAX_MTU : mtu;

	if ((u32)cork->length + (u32)length <= max - hlen)
		return 0;
	ip_local_error(sk, EMSGSIZE, fl4->daddr, inet_sk(sk)->inet_dport, mtu - optlen);
	return -EMSGSIZE;
}

/* Whether the device, or whoever stands at its edge, makes the checksum. */
static bool ip_append_partial(const struct inet_cork_full *cork, int length, u32 flags)
{
	u32 hlen = sizeof(struct iphdr) + cork_optlen(cork);

	return (u32)length + hlen <= (cork->gso_size ? IP_MAX_MTU : cork->fragsize) &&
	       (cork->dst->dev->features & NETIF_F_HW_CSUM) &&
	       (!(flags & MSG_MORE) || cork->gso_size);
}

/* A packet for @len bytes behind @hlen bytes of IP header; the transport header, @transhdrlen, is the caller's to fill in. */
static struct sk_buff *ip_append_skb(struct sock *sk, u32 hlen, u32 len, bool first, int *err)
{
	u32 room = hlen + len;
	struct sk_buff *skb;

	if (first)
		skb = sock_alloc_send_skb(sk, room, err);
	else if (sk->sk_wmem_alloc <= 2 * sk->sk_sndbuf)
		skb = sock_wmalloc(sk, room, true);
	else
		skb = NULL;
	if (!skb) {
		*err = first ? *err : -ENOBUFS;
		return NULL;
	}
	skb_put(skb, hlen);
	skb_reset_network_header(skb);
	skb->transport_header = (u16)(skb->network_header + hlen);
	return skb;
}

/* The user's bytes behind what @skb has; skb->csum is the sum of all since its transport header (of even length). */
static int ip_append_copy(struct sk_buff *skb, ip_getfrag getfrag, void *from, int len)
{
	bool want = skb->ip_summed == CHECKSUM_NONE;
	u32 csum = 0, off = (u32)((int)skb->len - skb_transport_offset(skb));
	int err = getfrag(from, skb_put(skb, (u32)len), 0, len, &csum, want);

	if (want)
		skb->csum = csum_block_add(skb->csum, csum, off);
	return err;
}

/* Add to the open datagram, whose packets are in @q. */
static int __ip_append_data(struct sock *sk, struct flowi4 *fl4, struct sk_buff_head *q,
			    struct inet_cork_full *cork, ip_getfrag getfrag, void *from, int length,
			    int transhdrlen, u32 flags)
{
	struct sk_buff *skb = q->last;
	int data = length - transhdrlen, err;
	u32 hlen = sizeof(struct iphdr) + cork_optlen(cork);

	err = ip_append_check(sk, fl4, cork, length);
	if (err)
		return err;
	if (skb && skb_tailroom(skb) >= (u32)length) {
		err = ip_append_copy(skb, getfrag, from, length);
		if (err)
			skb->len -= (u32)length;
	} else {
		bool first = !skb;

		skb = ip_append_skb(sk, first ? hlen : 0, (u32)length, first, &err);
		if (!skb)
			goto out;
		skb->ip_summed = CHECKSUM_NONE;
		skb->csum = 0;
		if (first && transhdrlen && ip_append_partial(cork, length, flags))
			skb->ip_summed = CHECKSUM_PARTIAL;
		else if (!first)
			skb->ip_summed = q->first->ip_summed;
		skb_put(skb, (u32)transhdrlen);
		err = ip_append_copy(skb, getfrag, from, data);
		if (err)
			kfree_skb(sock_skiff(sk), skb);
		else
			skb_queue_tail(q, skb);
	}
out:
	if (err) {
		IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTDISCARDS);
		return err;
	}
	cork->length += length;
	return 0;
}

int ip_append_data(struct sock *sk, struct flowi4 *fl4, ip_getfrag getfrag, void *from, int length,
		   int transhdrlen, struct ipcm_cookie *ipc, struct rtable **rtp, u32 flags)
{
	struct inet_dgram *dgram = inet_dgram(sk);
	int err;

	if (flags & MSG_PROBE)
		return 0;
	if (skb_queue_empty(&sk->sk_write_queue)) {
		if (!dgram->cork)
			dgram->cork = skiff_zalloc(sock_skiff(sk), sizeof(*dgram->cork));
		if (!dgram->cork)
			return -ENOBUFS;
		err = ip_setup_cork(sk, dgram->cork, ipc, rtp);
		if (err)
			return err;
	} else {
		transhdrlen = 0;
	}
	return __ip_append_data(sk, fl4, &sk->sk_write_queue, dgram->cork, getfrag, from, length,
				transhdrlen, flags);
}

/* Several packets of a datagram become one. NULL: no memory, all are gone */
static struct sk_buff *ip_join(struct sock *sk, struct sk_buff_head *q, u32 len)
{
	struct skiff *skiff = sock_skiff(sk);
	struct sk_buff *first = skb_dequeue(q), *part, *all;
	u32 csum = 0, hlen;

	if (!first || skb_queue_empty(q))
		return first;
	hlen = (u32)skb_transport_offset(first);
	all = sock_wmalloc(sk, len, true);
	if (!all) {
		kfree_skb(skiff, first);
		return NULL;
	}
	skb_put_data(all, first->data, first->len);
	skb_reset_network_header(all);
	all->transport_header = (u16)(all->network_header + hlen);
	all->ip_summed = first->ip_summed;
	csum = first->csum;
	consume_skb(skiff, first);
	while ((part = skb_dequeue(q)) != NULL) {
		csum = csum_block_add(csum, part->csum, all->len - hlen);
		skb_put_data(all, part->data, part->len);
		consume_skb(skiff, part);
	}
	all->csum = csum;
	return all;
}

static void ip_drop_queue(struct sock *sk, struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(q)) != NULL)
		kfree_skb(sock_skiff(sk), skb);
}

static u8 ip_icmp_type_out(const struct sock *sk, const struct flowi4 *fl4,
			   const struct sk_buff *skb)
{
	/* What a raw socket sends is not looked at: its flow says what it is. */
	if (sk->sk_type == SOCK_RAW && !(fl4->flowi4_flags & FLOWI_FLAG_KNOWN_NH))
		return fl4->fl4_icmp_type;
	return *skb_transport_header(skb);
}

/* The IP header; the cork's route goes with the packet, the cork is closed. */
static void ip_finish_header(struct sock *sk, const struct flowi4 *fl4, struct sk_buff *skb,
			     struct inet_cork_full *cork)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt = (struct rtable *)cork->dst;
	struct iphdr *iph = ip_hdr(skb);
	u16 df = 0;

	/* Unless the user wants to know the path's MTU, what is too long may be cut here, DF or not. */
	skb->ignore_df = ip_sk_ignore_df(sk);
	if (inet->pmtudisc == IP_PMTUDISC_DO || inet->pmtudisc == IP_PMTUDISC_PROBE ||
	    (skb->len <= ipv4_mtu(&rt->dst) && ip_dont_fragment(sk, &rt->dst)))
		df = IP_DF;
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .frag_off = htons(df) };
	iph->tos = cork->tos >= 0 ? (u8)cork->tos : inet->tos;
	if (cork->ttl)
		iph->ttl = cork->ttl;
	else
		iph->ttl = rt->rt_type == RTN_MULTICAST ? inet->mc_ttl :
							  ip_sk_select_ttl(sk, &rt->dst);
	iph->protocol = (u8)sk->sk_protocol;
	iph->saddr = fl4->saddr;
	iph->daddr = fl4->daddr;
	ip_select_ident_segs(sock_net(sk), skb, sk, 1);
	skb->ipflags = 0;
	if (unlikely(cork->flags & IPCORK_OPT))
		ip_build_options(skb, cork->opt, cork->addr, rt);
	skb->priority = cork->priority;
	skb->mark = cork->mark;
	skb->tx_flags = cork->tx_flags;
	if (unlikely(cork->tx_flags))
		skb->tskey = cork->ts_opt_id;
	skb_dst_set(skb, &rt->dst);
	cork->dst = NULL;
	if (iph->protocol == IPPROTO_ICMP)
		icmp_out_count(sock_net(sk), ip_icmp_type_out(sk, fl4, skb));
	ip_cork_release(sk, cork);
}

struct sk_buff *ip_finish_skb(struct sock *sk, struct flowi4 *fl4)
{
	struct inet_cork_full *cork = inet_dgram(sk)->cork;
	struct sk_buff *skb;

	if (skb_queue_empty(&sk->sk_write_queue))
		return NULL;
	skb = ip_join(sk, &sk->sk_write_queue,
		      (u32)sizeof(struct iphdr) + cork_optlen(cork) + (u32)cork->length);
	if (!skb) {
		ip_flush_pending_frames(sk);
		return NULL;
	}
	ip_finish_header(sk, fl4, skb, cork);
	return skb;
}

struct sk_buff *ip_make_skb(struct sock *sk, struct flowi4 *fl4, ip_getfrag getfrag, void *from,
			    int length, int transhdrlen, struct ipcm_cookie *ipc,
			    struct rtable **rtp, u32 flags, struct inet_cork_full *cork, int *err)
{
	struct sk_buff_head q;
	struct sk_buff *skb;

	*err = 0;
	if (flags & MSG_PROBE)
		return NULL;
	skb_queue_head_init(&q);
	*err = ip_setup_cork(sk, cork, ipc, rtp);
	if (*err)
		return NULL;
	*err = __ip_append_data(sk, fl4, &q, cork, getfrag, from, length, transhdrlen, flags);
	if (*err) {
		ip_drop_queue(sk, &q);
		ip_cork_release(sk, cork);
		return NULL;
	}
	skb = skb_dequeue(&q);
	ip_finish_header(sk, fl4, skb, cork);
	return skb;
}

int ip_send_skb_sk(struct sock *sk, struct sk_buff *skb)
{
	int err = ip_local_out(sock_net(sk), sk, skb);

	if (err > 0)
		err = err == NET_XMIT_DROP ? -ENOBUFS : 0;
	if (unlikely(err))
		IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTDISCARDS);
	return err;
}

int ip_push_pending_frames(struct sock *sk, struct flowi4 *fl4)
{
	struct sk_buff *skb = ip_finish_skb(sk, fl4);

	return skb ? ip_send_skb_sk(sk, skb) : 0;
}

void ip_flush_pending_frames(struct sock *sk)
{
	ip_drop_queue(sk, &sk->sk_write_queue);
	if (inet_dgram(sk)->cork)
		ip_cork_release(sk, inet_dgram(sk)->cork);
}
