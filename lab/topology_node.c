// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology_node.c - a node of a lab file: its name and what it is told. */
#include "lab/topology_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"
#include "lab/service.h"

__attribute__((format(printf, 4, 5))) static void add_item(struct walk *w, struct lab_items *l,
							   struct lab_pos pos, const char *fmt, ...)
{
	struct lab_item *p;
	va_list ap;
	char *text;
	int n;

	if (w->failed)
		return;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		p = realloc(l->p, l->cap * sizeof(*p));
		if (p)
			l->p = p;
	} else {
		p = l->p;
	}
	if (n < 0 || !p) {
		if (n >= 0)
			free(text);
		walk_fail(w, pos, "out of memory");
		return;
	}
	l->p[l->n++] = (struct lab_item){ pos, text };
}

static void read_addr_of_dev(struct walk *w, void *arg, const yaml_node_t *item)
{
	struct reading *r = arg;
	const char *s = walk_scalar(w, item, "an address");

	add_item(w, &r->node->items[LAB_ADDRS], walk_pos(item), "addr add %s dev %s", s, r->dev);
}

static void read_addrs_of_dev(struct walk *w, void *arg, const char *key,
			      const yaml_node_t *key_node, const yaml_node_t *value)
{
	struct reading *r = arg;

	r->dev = key;
	if (value->type == YAML_SEQUENCE_NODE)
		walk_items(w, value, "the addresses of a device", read_addr_of_dev, r);
	else
		read_addr_of_dev(w, r, value);
}

/* "e0 10.0.0.1/24 brd +" */
static void read_addr_line(struct walk *w, void *arg, const yaml_node_t *item)
{
	struct reading *r = arg;
	const char *s = walk_scalar(w, item, "\"DEVICE ADDRESS/LENGTH\"");
	size_t dev = strcspn(s, " \t");

	if (!w->failed && (!dev || !s[dev]))
		walk_fail(w, walk_pos(item),
			  "\"%s\": an address is written as \"DEVICE ADDRESS/LENGTH\"", s);
	add_item(w, &r->node->items[LAB_ADDRS], walk_pos(item), "addr add %s dev %.*s", s + dev,
		 (int)dev, s);
}

static const char *const add_words[LAB_SECTIONS] = {
	[LAB_NEIGH] = "neigh add",
	[LAB_NEXTHOPS] = "nexthop add",
	[LAB_ROUTES] = "route add",
	[LAB_RULES] = "rule add",
};

static void read_words(struct walk *w, void *arg, const yaml_node_t *item)
{
	struct reading *r = arg;
	const char *s = walk_scalar(w, item, "a line in the words of the ip command");

	add_item(w, &r->node->items[r->section], walk_pos(item), "%s %s", add_words[r->section], s);
}

static void read_service(struct walk *w, void *arg, const yaml_node_t *item)
{
	const char *s = walk_scalar(w, item, "\"NAME [PORT]\"");
	struct reading *r = arg;
	char why[128];

	if (!w->failed && !service_check(s, why, sizeof(why)))
		walk_fail(w, walk_pos(item), "%s", why);
	add_item(w, &r->node->items[LAB_SERVICES], walk_pos(item), "%s", s);
}

static void add_sysctl(struct walk *w, struct reading *r, struct lab_pos pos, const char *key,
		       size_t key_len, const char *value)
{
	if (!w->failed && (!key_len || memchr(key, ' ', key_len)))
		walk_fail(w, pos, "\"%.*s\" is no name of a setting", (int)key_len, key);
	add_item(w, &r->node->items[LAB_SYSCTLS], pos, "%.*s %s", (int)key_len, key, value);
}

static void read_sysctl_pair(struct walk *w, void *arg, const char *key,
			     const yaml_node_t *key_node, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "the value of a setting");

	add_sysctl(w, arg, walk_pos(key_node), key, strlen(key), s);
}

static void read_sysctl_line(struct walk *w, void *arg, const yaml_node_t *item)
{
	const char *s = walk_scalar(w, item, "\"NAME=VALUE\""), *eq = strchr(s, '=');
	size_t key = eq ? (size_t)(eq - s) : 0;

	if (!w->failed && !eq)
		walk_fail(w, walk_pos(item), "\"%s\": a setting is written as \"NAME=VALUE\"", s);
	if (w->failed)
		return;
	while (key && s[key - 1] == ' ')
		key--;
	add_sysctl(w, arg, walk_pos(item), s, key, eq + 1 + strspn(eq + 1, " "));
}

static void read_kind(struct walk *w, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "a kind");

	if (strcmp(s, "skiff"))
		walk_fail(w, walk_pos(value),
			  "there is no kind \"%s\" of node: the only one is skiff", s);
}

static void read_node_key(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			  const yaml_node_t *value)
{
	static const char *const names[LAB_SECTIONS] = {
		[LAB_SYSCTLS] = "sysctls",   [LAB_ADDRS] = "addrs",   [LAB_NEIGH] = "neigh",
		[LAB_NEXTHOPS] = "nexthops", [LAB_ROUTES] = "routes", [LAB_RULES] = "rules",
		[LAB_SERVICES] = "services",
	};
	struct reading *r = arg;
	unsigned s = 0;

	if (!strcmp(key, "kind")) {
		read_kind(w, value);
		return;
	}
	while (s < LAB_SECTIONS && strcmp(names[s], key))
		s++;
	r->section = s;
	if (!strcmp(key, "exec"))
		topology_exec(w, r, value);
	else if (!strcmp(key, "run"))
		topology_run(w, r, value);
	else if (s == LAB_SECTIONS)
		walk_fail(
			w, walk_pos(key_node),
			"unknown key \"%s\"; a node has kind, addrs, routes, rules, neigh, nexthops, sysctls, services, exec, run",
			key);
	else if (s == LAB_SYSCTLS && value->type == YAML_MAPPING_NODE)
		walk_pairs(w, value, key, read_sysctl_pair, r);
	else if (s == LAB_ADDRS && value->type == YAML_MAPPING_NODE)
		walk_pairs(w, value, key, read_addrs_of_dev, r);
	else
		walk_items(w, value, key,
			   s == LAB_SYSCTLS  ? read_sysctl_line :
			   s == LAB_ADDRS    ? read_addr_line :
			   s == LAB_SERVICES ? read_service :
					       read_words,
			   r);
}

/**
 * topology_node() - one pair of topology.nodes
 */
void topology_node(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
		   const yaml_node_t *value)
{
	struct reading *r = arg;
	struct lab_topology *t = r->t;

	if (!*key || strlen(key) > LAB_NAME_MAX || strpbrk(key, ":/ \t\n"))
		walk_fail(
			w, walk_pos(key_node),
			"\"%s\" can not name a node: 1 to %d characters, no colon, slash or blank",
			key, LAB_NAME_MAX);
	else if (!strcmp(key, "host"))
		walk_fail(w, walk_pos(key_node),
			  "\"host\" can not name a node: it stands for the host's own namespace");
	else if (t->n_nodes == LAB_NODES_MAX)
		walk_fail(w, walk_pos(key_node), "more than %d nodes", LAB_NODES_MAX);
	if (w->failed)
		return;
	r->node = &t->nodes[t->n_nodes];
	r->node->name = strdup(key);
	r->node->pos = walk_pos(key_node);
	if (!r->node->name) {
		walk_fail(w, walk_pos(key_node), "out of memory");
		return;
	}
	t->n_nodes++;
	if (!walk_is_empty(value))
		walk_pairs(w, value, "a node", read_node_key, r);
}

static int index_of_device(void *arg, const char *name)
{
	const struct lab_node *n = arg;

	if (!strcmp(name, "lo"))
		return 1;
	for (unsigned i = 0; i < n->n_devs; i++) {
		if (!strcmp(n->devs[i], name))
			return (int)i + 2;
	}
	return 0;
}

void topology_words(struct walk *w, struct lab_node *n)
{
	const struct ipwords_env env = { index_of_device, n };
	union {
		uint32_t align;
		char bytes[IPWORDS_MSG_MAX];
	} msg;
	char why[256];

	for (unsigned s = LAB_ADDRS; s <= LAB_RULES; s++) {
		for (unsigned i = 0; i < n->items[s].n && !w->failed; i++) {
			const struct lab_item *item = &n->items[s].p[i];

			snprintf(why, sizeof(why), "not understood");
			if (ipwords_line(&msg, sizeof(msg), item->text, &env, why, sizeof(why)) < 0)
				walk_fail(w, item->pos, "node %s, \"%s\": %s", n->name, item->text,
					  why);
		}
	}
}
