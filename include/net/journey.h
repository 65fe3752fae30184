/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/journey.h - the one seam by which stages report to a journey recorder.
 *
 * DOC: The journey seam
 * skiff->journey is NULL when nobody listens; every macro below is then one predictable branch. While somebody listens
 * netif_receive_skb_list() hands packets on one at a time, so that everything that happens belongs to the packet whose
 * id is journey->cur (packets made meanwhile - errors, replies, fragments - inherit it). Timers run with cur 0; a packet
 * carries its id in skb->journey_id, so what a timer does to it is filed under its own journey.
 */
#ifndef NET_JOURNEY_H
#define NET_JOURNEY_H

#include "engine/skiff.h"
#include "net/dropreason.h"

struct net;
struct net_device;
struct sk_buff;
struct neighbour;
struct fib_result;
struct sock;

/**
 * struct journey_sink - the recorder's side (explain/recorder.c)
 * @cur:     id of the packet being handled, 0 = a timer or local call
 * @begin:   a frame arrived at @skb->dev: gives it an id (sets cur and skb->journey_id); bytes from mac header on
 * @end:     the frame is done with (cur goes back to 0)
 * @fn:      function entered; @skb may be NULL
 * @hook:    netfilter hook passed, with verdict name
 * @route:   lookup result; where @err is not 0 only @res->rule means something: the rule that led to the refusal, NULL if none did
 * @neigh:   next hop resolved or not
 * @xmit:    frame handed to a driver, bytes from skb->data on
 * @drop:    packet dropped at function @where
 * @setting: @text names the sysctl (or rule) that decided, e.g. "net.ipv4.conf.e0.rp_filter=1"
 * @state:   a socket goes from one TCP state to another; NULL: not recorded
 * @sock:    what a connection found or did: a loss, a timer that fired, a recovery; NULL: not recorded
 * @note:    anything else
 */
struct journey_sink {
	u32 cur;
	void (*begin)(struct journey_sink *s, struct sk_buff *skb);
	void (*end)(struct journey_sink *s, struct net *net);
	void (*fn)(struct journey_sink *s, struct net *net, const struct sk_buff *skb,
		   const char *name);
	void (*hook)(struct journey_sink *s, struct net *net, const struct sk_buff *skb,
		     const char *hook, const char *verdict);
	void (*route)(struct journey_sink *s, struct net *net, __be32 daddr,
		      const struct fib_result *res, int err);
	void (*neigh)(struct journey_sink *s, struct net *net, const struct sk_buff *skb,
		      const struct neighbour *n);
	void (*xmit)(struct journey_sink *s, struct net_device *dev, const struct sk_buff *skb);
	void (*drop)(struct journey_sink *s, const struct sk_buff *skb, enum skb_drop_reason reason,
		     const char *where);
	void (*setting)(struct journey_sink *s, struct net *net, const char *text);
	void (*state)(struct journey_sink *s, struct net *net, const struct sock *sk, int oldstate,
		      int newstate);
	void (*sock)(struct journey_sink *s, struct net *net, const struct sock *sk,
		     const char *text);
	void (*note)(struct journey_sink *s, struct net *net, const char *text);
};

/**
 * struct drop_sink - a standing record of drops (explain/drops.c): much less than a journey, and left on
 * @drop:    as in struct journey_sink
 * @setting: as in struct journey_sink
 * @refused: as route in struct journey_sink, where @err is not 0
 */
struct drop_sink {
	void (*drop)(struct drop_sink *s, const struct sk_buff *skb, enum skb_drop_reason reason,
		     const char *where);
	void (*setting)(struct drop_sink *s, struct net *net, const char *text);
	void (*refused)(struct drop_sink *s, struct net *net, __be32 daddr,
			const struct fib_result *res, int err);
};

#define journey_on(skiff) unlikely((skiff)->journey != NULL)

/* journey_fn(net, skb): the enclosing function was entered. skb may be NULL or the first of a batch. */
#define journey_fn(net, skb) journey_fn_named(net, skb, __func__)
#define journey_fn_named(net, skb, name)                                                  \
	do {                                                                              \
		if (journey_on((net)->skiff))                                             \
			(net)->skiff->journey->fn((net)->skiff->journey, net, skb, name); \
	} while (0)

#define journey_hook(net, skb, hookname, verdict)                                              \
	do {                                                                                   \
		if (journey_on((net)->skiff))                                                  \
			(net)->skiff->journey->hook((net)->skiff->journey, net, skb, hookname, \
						    verdict);                                  \
	} while (0)

/* A record of drops only wants to know what was refused. */
#define journey_route(net, daddr, res, err)                                                        \
	do {                                                                                       \
		if (journey_on((net)->skiff))                                                      \
			(net)->skiff->journey->route((net)->skiff->journey, net, daddr, res, err); \
		if (unlikely(err) && (net)->skiff->drops)                                          \
			(net)->skiff->drops->refused((net)->skiff->drops, net, daddr, res, err);   \
	} while (0)

#define journey_neigh(net, skb, n)                                                        \
	do {                                                                              \
		if (journey_on((net)->skiff))                                             \
			(net)->skiff->journey->neigh((net)->skiff->journey, net, skb, n); \
	} while (0)

/* journey_state(net, sk, old, new): from inet_sk_set_state() and inet_sk_state_store(), before sk_state changes */
#define journey_state(net, sk, oldstate, newstate)                                             \
	do {                                                                                   \
		if (journey_on((net)->skiff) && (net)->skiff->journey->state)                  \
			(net)->skiff->journey->state((net)->skiff->journey, net, sk, oldstate, \
						     newstate);                                \
	} while (0)

/* journey_sock(net, sk, fmt, ...): formatted only when somebody listens */
#define journey_sock(net, sk, ...)                                           \
	do {                                                                 \
		if (journey_on((net)->skiff) && (net)->skiff->journey->sock) \
			journey_sock_fmt(net, sk, __VA_ARGS__);              \
	} while (0)
void journey_sock_fmt(struct net *net, const struct sock *sk, const char *fmt, ...) __printf(3, 4);

/* journey_setting(net, fmt, ...): formatted only when somebody listens */
#define journey_setting(net, ...)                                              \
	do {                                                                   \
		if (journey_on((net)->skiff) || unlikely((net)->skiff->drops)) \
			journey_printf(net, true, __VA_ARGS__);                \
	} while (0)
#define journey_note(net, ...)                                   \
	do {                                                     \
		if (journey_on((net)->skiff))                    \
			journey_printf(net, false, __VA_ARGS__); \
	} while (0)
/* knows %pI4-free printf only: format addresses with NIPQUAD ("%u.%u.%u.%u", NIPQUAD(addr)) */
void journey_printf(struct net *net, bool setting, const char *fmt, ...) __printf(3, 4);

#define NIPQUAD(be)                                                      \
	(unsigned)((u32)(be)&0xff), (unsigned)(((u32)(be) >> 8) & 0xff), \
		(unsigned)(((u32)(be) >> 16) & 0xff), (unsigned)((u32)(be) >> 24)
#define NIPFMT "%u.%u.%u.%u"

#endif
