/* SPDX-License-Identifier: BSD-2-Clause */
/* include/net/netfilter.h - the hook points of IPv4 and ARP: tables of functions by priority (net/netfilter/core.c). */
#ifndef NET_NETFILTER_H
#define NET_NETFILTER_H

#include "net/journey.h"
#include "net/net_namespace.h"
#include "net/skbuff.h"

enum nf_inet_hooks {
	NF_INET_PRE_ROUTING,
	NF_INET_LOCAL_IN,
	NF_INET_FORWARD,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
};
#define NF_ARP_IN      0
#define NF_ARP_OUT     1
#define NF_ARP_FORWARD 2

#define NFPROTO_ARP  3
#define NFPROTO_IPV4 2

struct nf_hook_state {
	u8 hook;
	u8 pf;
	struct net_device *in;
	struct net_device *out;
	struct sock *sk;
	struct net *net;
};

/**
 * struct nf_hook_ops - one function at one hook point
 * @hook:     looks at the batch: packets it drops or steals leave it (compacted, order kept); the rest go on
 * @priority: lower runs earlier; equal: in order of registration
 */
struct nf_hook_ops {
	void (*hook)(void *priv, struct skb_batch *b, const struct nf_hook_state *state);
	void *priv;
	u8 pf;
	u8 hooknum;
	int priority;
	const char *name;
};

struct nf_hook_entries {
	u16 num;
	struct nf_hook_ops ops[];
};

int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops);
void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops);

/** nf_hook_slow() - run the table; what is left in @b was accepted */
void nf_hook_slow(struct skb_batch *b, const struct nf_hook_state *state,
		  const struct nf_hook_entries *e);
void nf_hook_journey(struct skb_batch *b, struct net *net, u8 pf, u8 hook, bool empty);

/**
 * nf_hook_list() - pass @b through a hook point
 * Return: packets left in @b (those that were not accepted are consumed)
 */
static inline u32 nf_hook_list(u8 pf, u8 hook, struct net *net, struct sock *sk,
			       struct skb_batch *b, struct net_device *in, struct net_device *out)
{
	const struct nf_hook_entries *e = pf == NFPROTO_IPV4 ? net->nf_hooks_ipv4[hook] :
							       net->nf_hooks_arp[hook];

	if (unlikely(e != NULL)) {
		struct nf_hook_state st = { hook, pf, in, out, sk, net };

		nf_hook_slow(b, &st, e);
	} else if (journey_on(net->skiff)) {
		nf_hook_journey(b, net, pf, hook, true);
	}
	return b->n;
}

#endif
