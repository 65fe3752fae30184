// SPDX-License-Identifier: BSD-2-Clause
/* net/core/net_namespace.c - birth and end of a network namespace.
 *
 * DOC: Namespaces
 * A namespace is made by running the init functions of net_pernet_ops[] in their order, and ended by running the exit
 * functions backwards; if one fails, those before it are undone and nothing is left. The last ones make the loopback
 * device, so its exit (and that of all other devices) is first, while every module still stands.
 */
#include "net/net_namespace.h"

#include <stdio.h>

static int ops_init(struct net *net)
{
	unsigned i;
	int err;

	for (i = 0; net_pernet_ops[i]; i++) {
		err = net_pernet_ops[i]->init ? net_pernet_ops[i]->init(net) : 0;
		if (err)
			goto err_undo;
	}
	return 0;
err_undo:
	while (i-- > 0) {
		if (net_pernet_ops[i]->exit)
			net_pernet_ops[i]->exit(net);
	}
	return err;
}

/**
 * net_create() - a namespace with every module started, and its loopback device down
 * @name: unique on the shard, 1..63 bytes
 * Return: it is owned by the shard; NULL: name taken or bad, or no memory
 */
struct net *net_create(struct skiff *skiff, const char *name)
{
	struct net *net;
	unsigned i;

	if (!name || !*name || strlen(name) >= sizeof(net->name) || net_find(skiff, name))
		return NULL;
	net = skiff_alloc_aligned(skiff, sizeof(*net), 64);
	if (!net)
		return NULL;
	memset(net, 0, sizeof(*net));
	net->skiff = skiff;
	snprintf(net->name, sizeof(net->name), "%s", name);
	net->cookie = ++skiff->net_cookie;
	INIT_LIST_HEAD(&net->dev_base);
	INIT_LIST_HEAD(&net->ptype_all);
	INIT_LIST_HEAD(&net->fib_rules_ops);
	for (i = 0; i < ARRAY_SIZE(net->ptype_base); i++)
		INIT_LIST_HEAD(&net->ptype_base[i]);
	if (ops_init(net)) {
		skiff_run_death_row(skiff);
		skiff_free(skiff, net);
		return NULL;
	}
	list_add_tail(&net->list, &skiff->nets);
	return net;
}

/**
 * net_destroy() - end a namespace with all that is in it; not within a turn
 * What its modules put on the death row is freed before the namespace itself.
 */
void net_destroy(struct net *net)
{
	struct skiff *skiff = net->skiff;
	unsigned i;

	NET_ASSERT(!skiff->in_turn);
	net->exiting = true;
	for (i = 0; net_pernet_ops[i]; i++)
		;
	while (i-- > 0) {
		if (net_pernet_ops[i]->exit)
			net_pernet_ops[i]->exit(net);
	}
	skiff_run_death_row(skiff);
	list_del(&net->list);
	skiff_free(skiff, net);
}

/** net_find() - the namespace called @name, NULL if there is none */
struct net *net_find(struct skiff *skiff, const char *name)
{
	struct net *net;

	list_for_each_entry(net, &skiff->nets, list) {
		if (!strcmp(net->name, name))
			return net;
	}
	return NULL;
}
