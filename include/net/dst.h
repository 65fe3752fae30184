/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/dst.h - where a packet goes next: the route object with its two functions. */
#ifndef NET_DST_H
#define NET_DST_H

#include "net/skbuff.h"

struct neighbour;
struct flowi4;
struct dst_metrics;

/* dst->obsolete */
#define DST_OBSOLETE_DEAD      2
#define DST_OBSOLETE_FORCE_CHK (-1)
#define DST_OBSOLETE_KILL      (-2)

#define RTAX_MAX_ 17 /* RTAX_* of <linux/rtnetlink.h>, 1..17; metrics[i - 1] */

/**
 * struct dst_entry - first member of struct rtable
 * @input:   what to do with a received batch: ip_local_deliver, ip_forward, ip_error, ...; consumes it. All packets have this function.
 * @output:  what to do with a batch to send: ip_output, ip_mc_output, ...; consumes it. All packets have this function.
 * @dev:     output device
 * @error:   negative errno that ip_error() or a lookup reports
 * @metrics: shared with fib_info, u32[RTAX_MAX]; never written here
 * @mtu_plain: bytes that fit, if it is just the device's MTU (as it was when the route was made: a change makes new routes); 0: ask
 * @refs:    holders beyond this turn (nexthop cache, queued packets, sockets)
 */
struct dst_entry {
	void (*input)(struct skb_batch *b);
	int (*output)(struct net *net, struct sock *sk, struct skb_batch *b);
	struct net_device *dev;
	const u32 *metrics;
	s8 obsolete;
	u8 flags;
	s16 error;
	u16 header_len;
	u16 mtu_plain;
	u32 refs;
	u32 tclassid;
	u64 expires; /* ticks, 0: never */
	struct skiff *skiff;
	/* ---- */
	void (*destroy)(struct dst_entry *dst);
	struct death_row_entry rcu;
};

static inline void dst_hold(struct dst_entry *dst)
{
	dst->refs++;
}

/** dst_release() - give a counted reference back; the last one frees at the end of the turn */
void dst_release(struct dst_entry *dst);
/** dst_dev_put() - the device goes: input and output become dst_discard, dev becomes the loopback device */
void dst_dev_put(struct dst_entry *dst);
void dst_discard_input(struct skb_batch *b);
int dst_discard_output(struct net *net, struct sock *sk, struct skb_batch *b);

static inline void dst_input_batch(struct skb_batch *b)
{
	b->p[0]->dst->input(b);
}

static inline int dst_output_batch(struct net *net, struct sock *sk, struct skb_batch *b)
{
	return b->p[0]->dst->output(net, sk, b);
}

static inline int dst_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct skb_batch b;

	skb_batch_one(&b, skb);
	return skb->dst->output(net, sk, &b);
}

static inline u32 dst_metric_raw(const struct dst_entry *dst, int metric)
{
	return dst->metrics ? dst->metrics[metric - 1] : 0;
}

/** dst_metric_locked() - was the metric set with "lock"? RTAX_LOCK is 1 */
static inline bool dst_metric_locked(const struct dst_entry *dst, int metric)
{
	return dst_metric_raw(dst, 1) & (1u << metric);
}

#endif
