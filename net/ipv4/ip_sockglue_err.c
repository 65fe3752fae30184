// SPDX-License-Identifier: BSD-2-Clause
/* net/ipv4/ip_sockglue_err.c - the error queue: what ICMP and this node itself say about datagrams of a socket.
 *
 * DOC: Error queue
 * With IP_RECVERR each error is queued as the packet that it is about, from its payload on, with a struct
 * sock_exterr_skb in the control block; recvmsg(MSG_ERRQUEUE) hands out payload, destination and, as a control message,
 * the error with its offender. RFC 4884: an ICMP error may carry extensions behind a quote whose length it states; with
 * IP_RECVERR_RFC4884 that length is told, and whether what follows makes sense.
 */
#include "lib/checksum.h"
#include "net/inet_sock.h"
#include "net/sock_msg.h"
#include "net/sock_queue.h"

/* RFC 4884 8 */
struct icmp_ext_head {
	u8 version_rsvd;
	u8 reserved;
	__sum16 checksum;
};
#define ICMP_EXT_VERSION 2
#define ICMP_EXT_MIN	 128 /* the shortest quote in front of extensions */

struct icmp_ext_object {
	__be16 length;
	u8 class_num;
	u8 class_type;
};

static bool icmp_extension_valid(const struct sk_buff *skb, u32 off)
{
	const struct icmp_ext_object *obj;
	const struct icmp_ext_head *ext;
	struct icmp_ext_object obj_buf;
	struct icmp_ext_head ext_buf;

	ext = skb_header_pointer(skb, off, sizeof(ext_buf), &ext_buf);
	if (!ext)
		return false;
	if (ext->version_rsvd >> 4 != ICMP_EXT_VERSION)
		return true;
	if (ext->checksum && csum_fold(skb_checksum(skb, off, skb->len - off, 0)))
		return false;
	for (off += sizeof(*ext); off < skb->len; off += ntohs(obj->length)) {
		obj = skb_header_pointer(skb, off, sizeof(obj_buf), &obj_buf);
		if (!obj || ntohs(obj->length) < sizeof(*obj) ||
		    off + ntohs(obj->length) > skb->len)
			return false;
	}
	return true;
}

/* @skb: data at the payload of the quoted packet, transport header at the ICMP header */
static void ip_icmp_error_rfc4884(const struct sk_buff *skb, struct sock_ee_data_rfc4884 *out)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	int headers = -skb_transport_offset(skb) - (int)sizeof(*icmph);
	int off = icmph->un.reserved[1] * 4;

	if (icmph->type != ICMP_DEST_UNREACH && icmph->type != ICMP_TIME_EXCEEDED &&
	    icmph->type != ICMP_PARAMETERPROB)
		return;
	if (off < ICMP_EXT_MIN || off < headers)
		return;
	off -= headers;
	if ((u32)off + sizeof(struct icmp_ext_head) > skb->len)
		return;
	out->len = (u16)off;
	if (!icmp_extension_valid(skb, (u32)off))
		out->flags |= SO_EE_RFC4884_FLAG_INVALID;
}

void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port, u32 info,
		   u8 *payload)
{
	const struct icmphdr *icmph = (const struct icmphdr *)skb_transport_header(skb);
	u32 skip = (u32)(payload - skb->data), optlen = ip_skb_opt(skb)->optlen;
	struct sock_exterr_skb *serr;
	struct sk_buff *n = skb_clone(sock_skiff(sk), skb);

	if (!n)
		return;
	n->ipflags &= (u16)~IPSKB_OPTS;
	serr = SKB_EXT_ERR(n);
	memset(serr, 0, sizeof(*serr));
	serr->header.optlen = optlen;
	serr->header.iif = skb->dev ? skb->dev->ifindex : 0;
	serr->ee.ee_errno = (u32)err;
	serr->ee.ee_origin = SO_EE_ORIGIN_ICMP;
	serr->ee.ee_type = icmph->type;
	serr->ee.ee_code = icmph->code;
	serr->ee.ee_info = info;
	serr->addr_offset = (u16)((const u8 *)(icmph + 1) + offsetof(struct iphdr, daddr) -
				  skb_network_header(skb));
	serr->port = port;
	if (skip <= skb_headlen(n)) {
		skb_pull(n, skip);
		if (inet_test_bit(RECVERR_RFC4884, sk))
			ip_icmp_error_rfc4884(n, &serr->ee.ee_rfc4884);
		skb_reset_transport_header(n);
		skb_dst_drop(n);
		if (sock_queue_err_skb(sk, n) == 0)
			return;
	}
	kfree_skb(sock_skiff(sk), n);
}

void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 dport, u32 info)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	struct iphdr *iph;

	if (!inet_test_bit(RECVERR, sk))
		return;
	skb = alloc_skb(sock_skiff(sk), sizeof(*iph));
	if (!skb)
		return;
	skb->cold = 1;
	iph = (struct iphdr *)skb_put_zero(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->daddr = daddr;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = (u32)err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->ee.ee_info = info;
	serr->addr_offset = offsetof(struct iphdr, daddr);
	serr->port = dport;
	skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(sock_skiff(sk), skb);
}

/* Do control messages about the packet itself make sense? */
static bool err_has_packet(const struct sock *sk, const struct sock_exterr_skb *serr)
{
	if (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP)
		return true;
	if (serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL)
		return false;
	return sk->sk_side && (sk->sk_side->tsflags & SOF_TIMESTAMPING_OPT_CMSG) &&
	       serr->header.iif;
}

int ip_recv_error(struct sock *sk, struct msghdr *msg, struct iov_iter *to, int len, int *addr_len)
{
	struct sk_buff *skb = sock_dequeue_err_skb(sk);
	struct sockaddr_in *sin = msg->msg_name;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} errhdr;
	struct sock_exterr_skb *serr;
	u32 copied;

	if (!skb)
		return -EAGAIN;
	copied = skb->len;
	if (copied > (u32)len) {
		msg->msg_flags |= MSG_TRUNC;
		copied = (u32)len;
	}
	if (skb_copy_datagram_iter(skb, 0, to, copied)) {
		kfree_skb(sock_skiff(sk), skb);
		return -EFAULT;
	}
	__sock_recv_timestamp(msg, sk, skb);
	serr = SKB_EXT_ERR(skb);
	if (sin && (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP ||
		    serr->ee.ee_origin == SO_EE_ORIGIN_LOCAL || serr->port)) {
		*sin = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = serr->port };
		memcpy(&sin->sin_addr, skb_network_header(skb) + serr->addr_offset, 4);
		*addr_len = sizeof(*sin);
	}
	memset(&errhdr, 0, sizeof(errhdr));
	errhdr.ee = serr->ee;
	if (err_has_packet(sk, serr)) {
		errhdr.offender.sin_family = AF_INET;
		errhdr.offender.sin_addr.s_addr = ip_hdr(skb)->saddr;
		if (inet_sk(sk)->cmsg_flags)
			ip_cmsg_recv_err(msg, sk, skb);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(errhdr), &errhdr);
	msg->msg_flags |= MSG_ERRQUEUE;
	consume_skb(sock_skiff(sk), skb);
	return (int)copied;
}
