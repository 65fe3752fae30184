/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/ip.h - the IPv4 layer: input, forward, output, options, fragments. */
#ifndef NET_IP_H
#define NET_IP_H

#include "net/inetdevice.h"
#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/skbuff.h"

struct rtable;
struct flowi4;
struct sock;

/**
 * struct ip_options - where the options of a header are; offsets from the IP header, 0 = absent
 * @faddr:   first hop of a source route (be); @nexthop: the next one
 * @optlen:  bytes of options, 0..40
 * @is_changed: the header's checksum must be made again
 * @rr_needaddr, @ts_needaddr, @ts_needtime: to be filled in on the way out
 */
struct ip_options {
	__be32 faddr;
	__be32 nexthop;
	u8 optlen;
	u8 srr;
	u8 rr;
	u8 ts;
	u8 is_strictroute : 1, srr_is_hit : 1, is_changed : 1, rr_needaddr : 1, ts_needtime : 1,
		ts_needaddr : 1;
	u8 router_alert;
	u8 cipso;
	u8 __pad2;
};

/* Options with their bytes, for building headers. */
struct ip_options_data {
	struct ip_options opt;
	u8 data[MAX_IPOPTLEN];
};

/* In skb->cb of IPv4 packets. Options are valid only if IPSKB_OPTS is set in skb->ipflags (others have optlen 0 without touching cb). */
struct inet_skb_parm {
	struct ip_options opt;
	u32 iif;	 /* in a receive queue: for IP_PKTINFO */
	__be32 spec_dst; /* there too */
};
static_assert(sizeof(struct inet_skb_parm) <= 48, "inet_skb_parm fits the control block");
#define IPCB(skb) ((struct inet_skb_parm *)((skb)->cb))

/* skb->ipflags */
#define IPSKB_FORWARDED	 BIT(0)
#define IPSKB_REROUTED	 BIT(4)
#define IPSKB_DOREDIRECT BIT(5)
#define IPSKB_FRAG_PMTU	 BIT(6)
#define IPSKB_NOPOLICY	 BIT(8)
#define IPSKB_MULTIPATH	 BIT(9)
#define IPSKB_OPTS	 BIT(10) /* ours: IPCB(skb)->opt is filled in and optlen is not 0 */

/** ip_skb_opt() - options of the packet; a shared empty one if there are none */
extern const struct ip_options ip_no_options;
static inline const struct ip_options *ip_skb_opt(const struct sk_buff *skb)
{
	return unlikely(skb->ipflags & IPSKB_OPTS) ? &IPCB(skb)->opt : &ip_no_options;
}

static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return (iph->frag_off & htons(IP_MF | IP_OFFSET)) != 0;
}

static inline u32 ip_hdrlen(const struct sk_buff *skb)
{
	return ip_hdr(skb)->ihl * 4u;
}

/** ip_decrease_ttl() - RFC 1624 eqn. 3 with m' = m - 256 */
static inline void ip_decrease_ttl(struct iphdr *iph)
{
	u32 check = (u32)iph->check + htons(0x0100);

	iph->check = (u16)(check + (check >= 0xFFFF));
	iph->ttl--;
}

void ip_send_check(struct iphdr *iph);

/* ip_input.c */
void ip_list_rcv(struct skb_batch *b, struct packet_type *pt, struct net_device *orig_dev);
void ip_local_deliver(struct skb_batch *b);
void ip_protocol_deliver_rcu(struct net *net, struct sk_buff *skb, int protocol);

/* ip_forward.c */
void ip_forward(struct skb_batch *b);

/* ip_output.c. Batches: all packets have the same dst. */
int ip_output(struct net *net, struct sock *sk, struct skb_batch *b);
int ip_mc_output(struct net *net, struct sock *sk, struct skb_batch *b);
/** ip_finish_output2() - link-layer header, then the device; no hook, no fragments */
int ip_finish_output2(struct net *net, struct sock *sk, struct skb_batch *b);
/** ip_local_out() - header complete but for length and checksum: LOCAL_OUT hook, then dst_output. Consumes; 0 or -errno / NET_XMIT_* */
int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
/** ip_send_skb() - ip_local_out() and its error counted */
int ip_send_skb(struct net *net, struct sk_buff *skb);
/** ip_build_and_send_pkt() - transport packet at skb->data: push header with @saddr > @daddr, @opt, and send */
int ip_build_and_send_pkt(struct net *net, struct sk_buff *skb, struct sock *sk, __be32 saddr,
			  __be32 daddr, const struct ip_options_data *opt, u8 tos);
/** ip_do_fragment() - cut @skb (has route) and hand each piece to @output */
int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct skb_batch *));

/**
 * struct ipcm_cookie - how a datagram of ours is to be sent
 * @ttl:  0 = default; @tos: -1 = socket's; @opt: options incl. source route; NULL = none
 */
struct ipcm_cookie {
	__be32 addr; /* source */
	u32 oif;
	const struct ip_options_data *opt;
	u8 protocol;
	u8 ttl;
	s16 tos;
	u16 gso_size; /* UDP_SEGMENT */
	u8 tx_flags;  /* SKBTX_*: time stamps wanted */
	u8 ts_opt_id_set;
	u32 mark;
	u32 priority;
	u32 ts_opt_id;
	u64 transmit_time;
};

/** ip_push_pending_frames_skb() - send an answer of the stack's own (ICMP, TCP reset): what ip_append_data() and ip_push_pending_frames() do for a
 *  socket. @skb holds the transport packet, checksum included, and is consumed; @rt is borrowed. Counts ICMP messages (icmp_out_count). 0 or -errno */
int ip_push_pending_frames_skb(struct net *net, struct sk_buff *skb, struct flowi4 *fl4,
			       struct ipcm_cookie *ipc, struct rtable *rt, u8 df);
/**
 * struct ip_reply_arg - how a bare answer goes
 * @oif:   0: any device; @mark: unless fwmark_reflect gives it the mark of what it answers
 * @flags: IP_REPLY_ARG_*
 */
struct ip_reply_arg {
	u32 oif;
	u32 mark;
	u32 priority;
	u16 flags;
	u8 tos;
};
#define IP_REPLY_ARG_NOSRCCHECK 1
/** ip_send_unicast_reply() - bare answer (TCP RST) to @skb: @data of @len goes back with transport checksum filled in by the callee at @csumoffset */
void ip_send_unicast_reply(struct net *net, struct sk_buff *skb, const struct ip_options *sopt,
			   __be32 daddr, __be32 saddr, u8 protocol, const void *data, u32 len,
			   int csumoffset, const struct ip_reply_arg *arg);

/* ip_options.c */
/** ip_options_compile() - parse the header's options into IPCB (input) or @opt; sends parameter problem where due. 0 or -EINVAL */
int ip_options_compile(struct net *net, struct ip_options *opt, struct sk_buff *skb);
int __ip_options_compile(struct net *net, struct ip_options *opt, u8 *data, struct sk_buff *skb,
			 __be32 *info);
int ip_options_rcv_srr(struct sk_buff *skb, struct net_device *dev);
void ip_forward_options(struct sk_buff *skb);
void ip_options_fragment(struct sk_buff *skb);
/** ip_options_echo() - options for an answer to @skb: routes reversed, RR and TS continued. 0 or -EINVAL */
int __ip_options_echo(struct net *net, struct ip_options_data *dopt, struct sk_buff *skb,
		      const struct ip_options *sopt);
void ip_options_build(struct sk_buff *skb, struct ip_options *opt, __be32 daddr, struct rtable *rt);

/* ip_fragment.c */
enum ip_defrag_users {
	IP_DEFRAG_LOCAL_DELIVER,
	IP_DEFRAG_CALL_RA_CHAIN,
	IP_DEFRAG_CONNTRACK_IN,
	IP_DEFRAG_CONNTRACK_OUT,
	IP_DEFRAG_VS_IN,
};
/** ip_defrag() - take a fragment in. 0: *@pskb is the whole datagram now (another packet than came in); else it was kept or dropped */
int ip_defrag(struct net *net, struct sk_buff **pskb, u32 user);

#endif
