/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/names.h - names of nodes, and their addresses as another node should use them. For lab/ only. */
#ifndef LAB_NAMES_H
#define LAB_NAMES_H

#include "lab/lab.h"

#define NODE_ADDRS_MAX 64

/**
 * struct node_addr - an address that a node has now
 * @addr: network byte order; @scope: RT_SCOPE_*
 */
struct node_addr {
	uint32_t addr;
	uint8_t plen, scope, flags;
	char dev[16];
};

/** node_addrs() - what "ip -4 addr" shows, in its order. Return: how many, at most NODE_ADDRS_MAX */
unsigned node_addrs(struct skiff_net *net, struct node_addr addrs[NODE_ADDRS_MAX]);
/** names_resolve() - for struct skiff_run_env; @arg is the lab */
bool names_resolve(void *arg, struct skiff_net *net, const char *name, uint32_t *addr);
/** names_upstream() - for struct skiff_run_env; @arg is the lab */
bool names_upstream(void *arg, struct skiff_net *net, uint32_t *addr);

#endif
