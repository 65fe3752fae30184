// SPDX-License-Identifier: BSD-2-Clause
/* net/netfilter/core.c - hook points: tables of functions by priority that see every packet passing.
 *
 * A hook point without functions costs one test of a pointer. With functions the whole batch goes through each in turn;
 * what a function drops or steals leaves the batch.
 */
#include "net/netfilter.h"

static struct nf_hook_entries **hook_slot(struct net *net, u8 pf, u8 hook)
{
	if (pf == NFPROTO_IPV4 && hook < ARRAY_SIZE(net->nf_hooks_ipv4))
		return &net->nf_hooks_ipv4[hook];
	if (pf == NFPROTO_ARP && hook < ARRAY_SIZE(net->nf_hooks_arp))
		return &net->nf_hooks_arp[hook];
	return NULL;
}

static const char *hook_name(u8 pf, u8 hook)
{
	static const char *const inet[] = { "PRE_ROUTING", "LOCAL_IN", "FORWARD", "LOCAL_OUT",
					    "POST_ROUTING" };
	static const char *const arp[] = { "ARP_IN", "ARP_OUT", "ARP_FORWARD" };

	return pf == NFPROTO_IPV4 ? inet[hook] : arp[hook];
}

/**
 * nf_register_net_hook() - have @ops see packets at its hook point; copied
 * Return: 0, -EINVAL (no such point), -ENOMEM
 */
int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	struct nf_hook_entries **slot = hook_slot(net, ops->pf, ops->hooknum), *old, *new;
	u16 num, at = 0;

	if (!slot)
		return -EINVAL;
	old = *slot;
	num = old ? old->num : 0;
	new = skiff_alloc(net->skiff, sizeof(*new) + (num + 1u) * sizeof(*ops));
	if (!new)
		return -ENOMEM;
	while (at < num && old->ops[at].priority <= ops->priority)
		at++;
	for (u16 i = 0; i < num; i++)
		new->ops[i + (i >= at)] = old->ops[i];
	new->ops[at] = *ops;
	new->num = (u16)(num + 1);
	*slot = new;
	skiff_free(net->skiff, old);
	return 0;
}

/** nf_unregister_net_hook() - take it out again; must not run from a hook function */
void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	struct nf_hook_entries **slot = hook_slot(net, ops->pf, ops->hooknum), *e;

	if (!slot || !*slot)
		return;
	e = *slot;
	for (u16 i = 0; i < e->num; i++) {
		if (e->ops[i].hook != ops->hook || e->ops[i].priv != ops->priv)
			continue;
		memmove(&e->ops[i], &e->ops[i + 1], (size_t)(e->num - i - 1) * sizeof(*ops));
		e->num--;
		break;
	}
	if (!e->num) {
		skiff_free(net->skiff, e);
		*slot = NULL;
	}
}

void nf_hook_journey(struct skb_batch *b, struct net *net, u8 pf, u8 hook, bool empty)
{
	for (u32 i = 0; i < b->n; i++)
		journey_hook(net, b->p[i], hook_name(pf, hook),
			     empty ? "accept (no rules)" : "accept");
}

void nf_hook_slow(struct skb_batch *b, const struct nf_hook_state *state,
		  const struct nf_hook_entries *e)
{
	journey_fn(state->net, b->p[0]);
	for (u16 i = 0; i < e->num && b->n; i++)
		e->ops[i].hook(e->ops[i].priv, b, state);
	if (journey_on(state->net->skiff))
		nf_hook_journey(b, state->net, state->pf, state->hook, false);
}

static void netfilter_net_exit(struct net *net)
{
	for (unsigned i = 0; i < ARRAY_SIZE(net->nf_hooks_ipv4); i++)
		skiff_free(net->skiff, net->nf_hooks_ipv4[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(net->nf_hooks_arp); i++)
		skiff_free(net->skiff, net->nf_hooks_arp[i]);
}

const struct pernet_operations netfilter_net_ops = {
	.name = "netfilter",
	.exit = netfilter_net_exit,
};
