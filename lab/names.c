// SPDX-License-Identifier: BSD-2-Clause
/* lab/names.c - names of nodes, and their addresses as another node should use them.
 *
 * DOC: Names
 * A node's name, with or without the domain "lab" or the lab's own name behind it and with or without the last dot, in any case, is
 * an address of that node: one on a network that the asking node is on, too, else its first one that is not the host's own (lo), else
 * the first on lo that can be routed. The asking node's own name is its own address; localhost is 127.0.0.1 as everywhere.
 * Other names do not exist, unless the lab names an upstream: a node, or an address, whose name server is asked then. The upstream's own
 * programs do not ask it in this way: it would ask itself for ever.
 * Addresses are those that the node has at the moment of asking, however it came by them.
 */
#include "lab/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- what a node has ---- */

struct addr_list {
	struct node_addr *p;
	unsigned n;
};

static void on_addr(void *arg, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct addr_list *l = arg;
	struct node_addr *a = &l->p[l->n];
	const struct nlattr *attr;
	bool local = false;

	if (nlh->nlmsg_type != RTM_NEWADDR || l->n == NODE_ADDRS_MAX)
		return;
	*a = (struct node_addr){ .plen = ifa->ifa_prefixlen,
				 .scope = ifa->ifa_scope,
				 .flags = ifa->ifa_flags };
	mnl_attr_for_each(attr, nlh, sizeof(*ifa))
	{
		unsigned type = mnl_attr_get_type(attr);

		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !local))
			a->addr = mnl_attr_get_u32(attr);
		local |= type == IFA_LOCAL;
		/* The label is "e0" or "e0:1". */
		if (type == IFA_LABEL)
			snprintf(a->dev, sizeof(a->dev), "%.*s",
				 (int)strcspn(mnl_attr_get_str(attr), ":"), mnl_attr_get_str(attr));
	}
	l->n++;
}

unsigned node_addrs(struct skiff_net *net, struct node_addr addrs[NODE_ADDRS_MAX])
{
	struct {
		struct nlmsghdr nlh;
		struct ifaddrmsg ifa;
	} req = { { sizeof(req), RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { 0 } };
	struct addr_list l = { addrs, 0 };

	req.ifa.ifa_family = AF_INET;
	if (skiff_netlink(net, &req, sizeof(req), on_addr, &l))
		return 0;
	return l.n;
}

/* ---- which of them ---- */

static bool same_network(const struct node_addr *a, const struct node_addr *b)
{
	uint32_t mask = b->plen ? htonl(~0u << (32 - b->plen)) : 0;

	/* An address for itself (/32) is on no network, whatever its number looks like. */
	return a->plen < 32 && b->plen < 32 && !((a->addr ^ b->addr) & mask);
}

/* How good an address of a node is for one who has @own; 0: useless. */
static unsigned rate(const struct node_addr *a, const struct node_addr *own, unsigned n_own)
{
	if (a->scope >= RT_SCOPE_HOST)
		return 0;
	for (unsigned i = 0; i < n_own; i++) {
		if (own[i].scope < RT_SCOPE_LINK && same_network(a, &own[i]))
			return 3;
	}
	return strcmp(a->dev, "lo") ? 2 : 1;
}

static bool choose(struct skiff_net *of, struct skiff_net *asking, uint32_t *addr)
{
	struct node_addr have[NODE_ADDRS_MAX], own[NODE_ADDRS_MAX];
	unsigned n = node_addrs(of, have), n_own = node_addrs(asking, own), best = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned good = rate(&have[i], own, n_own);

		if (good <= best)
			continue;
		best = good;
		*addr = have[i].addr;
	}
	return best > 0;
}

/* ---- whose ---- */

/* Does @name end in ".@domain"? Then it is cut off. */
static bool cut_domain(char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	if (!d || n < d + 2 || name[n - d - 1] != '.' || strcasecmp(name + n - d, domain))
		return false;
	name[n - d - 1] = '\0';
	return true;
}

static int find_node(const struct skiff_lab *lab, const char *name)
{
	for (unsigned i = 0; i < lab->t->n_nodes; i++) {
		if (!strcasecmp(lab->t->nodes[i].name, name))
			return (int)i;
	}
	return -1;
}

bool names_resolve(void *arg, struct skiff_net *net, const char *name, uint32_t *addr)
{
	const struct skiff_lab *lab = arg;
	char text[256];
	size_t n = strlen(name);
	int node;

	if (!n || n >= sizeof(text))
		return false;
	memcpy(text, name, n + 1);
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	if (!strcasecmp(text, "localhost")) {
		*addr = htonl(INADDR_LOOPBACK);
		return true;
	}
	node = find_node(lab, text);
	if (node < 0 && (cut_domain(text, "lab") || cut_domain(text, skiff_lab_name(lab))))
		node = find_node(lab, text);
	return node >= 0 && choose(lab->nodes[node], net, addr);
}

static bool has_address(struct skiff_net *net, uint32_t addr)
{
	struct node_addr have[NODE_ADDRS_MAX];
	unsigned n = node_addrs(net, have);

	for (unsigned i = 0; i < n; i++) {
		if (have[i].addr == addr)
			return true;
	}
	return false;
}

bool names_upstream(void *arg, struct skiff_net *net, uint32_t *addr)
{
	const struct skiff_lab *lab = arg;
	int node;

	if (!lab->t->upstream)
		return false;
	node = lab_topology_node(lab->t, lab->t->upstream);
	if (node >= 0)
		return lab->nodes[node] != net && choose(lab->nodes[node], net, addr);
	return inet_pton(AF_INET, lab->t->upstream, addr) == 1 && !has_address(net, *addr);
}
