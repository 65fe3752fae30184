// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology.c - read a lab file and check everything that can be checked without starting anything.
 *
 * DOC: Lab files
 * YAML in the shape of containerlab's topology files: name, topology.nodes, topology.links[].endpoints. A node says
 * what it is told, in the words of the ip command; a link says what it does to frames, both ways, and under "from"
 * for the direction that leaves one endpoint. A mistake is one sentence with file, line and column. Whatever is not
 * known here is a mistake: a lab that means something else than it says helps nobody.
 */
#include "lab/topology.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/ipwords.h"
#include "lab/service.h"
#include "lab/topology_values.h"
#include "lab/yaml_walk.h"

#define LINKS_MAX 4096

struct reading {
	struct lab_topology *t;
	struct lab_node *node; /* being read */
	struct lab_link *link; /* being read */
	enum lab_section section;
	const char *dev; /* of the addresses being read */
	const yaml_node_t *topology, *nodes, *links, *endpoints, *from;
};

/**
 * lab_mac() - the address of the @dev-th device of the @node-th node: locally administered, the same at every start
 */
void lab_mac(uint8_t mac[6], unsigned node, unsigned dev)
{
	const uint8_t m[6] = { 2, 0, 0, 0, (uint8_t)(node + 1), (uint8_t)(dev + 1) };

	memcpy(mac, m, 6);
}

/**
 * lab_topology_node() - index of the node called @name, -1 if there is none
 */
int lab_topology_node(const struct lab_topology *t, const char *name)
{
	for (unsigned i = 0; i < t->n_nodes; i++) {
		if (!strcmp(t->nodes[i].name, name))
			return (int)i;
	}
	return -1;
}

/* ---- what a node is told ---- */

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
	if (s == LAB_SECTIONS)
		walk_fail(
			w, walk_pos(key_node),
			"unknown key \"%s\"; a node has kind, addrs, routes, rules, neigh, nexthops, sysctls, services",
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

static bool is_empty(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && !node->data.scalar.length;
}

static void read_node(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
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
	if (!is_empty(value))
		walk_pairs(w, value, "a node", read_node_key, r);
}

/* ---- links ---- */

static bool end_is(const struct lab_end *e, int node, const char *name)
{
	return e->node == node && !strcmp(e->name, name);
}

/* Has an earlier link, or the other end of this one, the same device? */
static bool is_taken(const struct lab_topology *t, const struct lab_link *link, int which, int node,
		     const char *name)
{
	for (const struct lab_link *l = t->links; l < link; l++) {
		if (end_is(&l->end[0], node, name) || end_is(&l->end[1], node, name))
			return true;
	}
	return which == 1 && end_is(&link->end[0], node, name);
}

static void add_device(struct walk *w, struct reading *r, struct lab_end *e)
{
	struct lab_node *n = &r->t->nodes[e->node];

	if (!strcmp(e->name, "lo")) {
		walk_fail(w, e->pos, "lo is each node's loopback device; it can not be linked");
	} else if (n->n_devs == LAB_DEVS_MAX) {
		walk_fail(w, e->pos, "node %s has more than %d links", n->name, LAB_DEVS_MAX);
	} else {
		e->dev = n->n_devs;
		memcpy(n->devs[n->n_devs++], e->name, sizeof(e->name));
	}
}

/* "r1:e0" or "host:tap0" */
static void read_endpoint(struct walk *w, struct reading *r, const yaml_node_t *item, int which)
{
	const char *s = walk_scalar(w, item, "an endpoint \"NODE:DEVICE\""),
		   *colon = strchr(s, ':');
	struct lab_end *e = &r->link->end[which];
	char node[LAB_NAME_MAX + 1];

	e->pos = walk_pos(item);
	if (w->failed)
		return;
	if (!colon || colon == s || (size_t)(colon - s) > LAB_NAME_MAX) {
		walk_fail(w, e->pos, "\"%s\": an endpoint is written as NODE:DEVICE", s);
		return;
	}
	memcpy(node, s, (size_t)(colon - s));
	node[colon - s] = '\0';
	e->node = strcmp(node, "host") ? lab_topology_node(r->t, node) : -1;
	if (e->node < 0 && strcmp(node, "host"))
		walk_fail(w, e->pos, "\"%s\": there is no node \"%s\" under topology.nodes", s,
			  node);
	else if (!lab_read_ifname(colon + 1, e->name))
		walk_fail(
			w, e->pos,
			"\"%s\" can not name a device: 1 to 15 characters, no slash, colon, blank",
			colon + 1);
	else if (is_taken(r->t, r->link, which, e->node, e->name))
		walk_fail(w, e->pos, "\"%s\" is linked a second time", s);
	else if (e->node >= 0)
		add_device(w, r, e);
}

static void read_endpoints(struct walk *w, struct reading *r, const yaml_node_t *list)
{
	const yaml_node_item_t *i;

	if (!walk_is_list(w, list, "endpoints"))
		return;
	i = list->data.sequence.items.start;
	if (list->data.sequence.items.top - i != 2) {
		walk_fail(w, walk_pos(list), "a link has two endpoints, here are %d",
			  (int)(list->data.sequence.items.top - i));
		return;
	}
	read_endpoint(w, r, walk_node(w, i[0]), 0);
	read_endpoint(w, r, walk_node(w, i[1]), 1);
	if (!w->failed && r->link->end[0].node < 0 && r->link->end[1].node < 0)
		walk_fail(w, walk_pos(list),
			  "both ends are the host's: one end of a link must be a node");
}

static bool read_share(struct walk *w, const yaml_node_t *value, const char *key, uint32_t *ppm)
{
	const char *s = walk_scalar(w, value, "a share");

	if (!w->failed && !lab_read_share(s, ppm))
		walk_fail(w, walk_pos(value),
			  "%s: \"%s\" is no share; write for instance 1%% or 0.05%%", key, s);
	return true;
}

/* One impairment of a direction. Return: false if @key is none */
static bool read_impairment(struct walk *w, struct impair_config *c, const char *key,
			    const yaml_node_t *value)
{
	const char *s;

	if (!strcmp(key, "loss"))
		return read_share(w, value, key, &c->loss);
	if (!strcmp(key, "duplicate"))
		return read_share(w, value, key, &c->duplicate);
	if (!strcmp(key, "corrupt"))
		return read_share(w, value, key, &c->corrupt);
	if (!strcmp(key, "reorder"))
		return read_share(w, value, key, &c->reorder);
	if (strcmp(key, "delay") && strcmp(key, "rate") && strcmp(key, "seed"))
		return false;
	s = walk_scalar(w, value, key);
	if (w->failed)
		return true;
	if (!strcmp(key, "delay") && !lab_read_duration(s, &c->delay))
		walk_fail(w, walk_pos(value),
			  "delay: \"%s\" is no time; write for instance 20ms or 1.5s", s);
	if (!strcmp(key, "rate") && !lab_read_rate(s, &c->rate))
		walk_fail(w, walk_pos(value),
			  "rate: \"%s\" is no rate; write for instance 10mbit or 64kbit", s);
	if (!strcmp(key, "seed") && !lab_read_u64(s, &c->seed))
		walk_fail(w, walk_pos(value), "seed: \"%s\" is no whole number", s);
	return true;
}

static void read_mtu(struct walk *w, struct reading *r, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "mtu");
	uint64_t mtu;

	if (w->failed)
		return;
	if (!lab_read_u64(s, &mtu) || mtu < 68 || mtu > 65535)
		walk_fail(w, walk_pos(value), "mtu: \"%s\" is no number from 68 to 65535", s);
	else
		r->link->mtu = (uint32_t)mtu;
}

static void read_link_key(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			  const yaml_node_t *value)
{
	struct reading *r = arg;

	if (!strcmp(key, "endpoints")) {
		r->endpoints = value;
		read_endpoints(w, r, value);
	} else if (!strcmp(key, "from")) {
		r->from = value;
	} else if (!strcmp(key, "mtu")) {
		read_mtu(w, r, value);
	} else if (!read_impairment(w, &r->link->end[0].impair, key, value)) {
		walk_fail(
			w, walk_pos(key_node),
			"unknown key \"%s\"; a link has endpoints, mtu, from, delay, loss, rate, reorder, duplicate, corrupt, seed",
			key);
	}
}

static void read_direction_key(struct walk *w, void *arg, const char *key,
			       const yaml_node_t *key_node, const yaml_node_t *value)
{
	struct lab_end *e = arg;

	if (!read_impairment(w, &e->impair, key, value))
		walk_fail(
			w, walk_pos(key_node),
			"unknown key \"%s\"; a direction has delay, loss, rate, reorder, duplicate, corrupt, seed",
			key);
}

static void end_name(const struct lab_topology *t, const struct lab_end *e, char *buf, size_t size)
{
	snprintf(buf, size, "%s:%s", e->node < 0 ? "host" : t->nodes[e->node].name, e->name);
}

/* from: { "r1:e0": { delay: 5ms } } */
static void read_direction(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			   const yaml_node_t *value)
{
	struct reading *r = arg;
	char name[2][LAB_NAME_MAX + 20];

	for (int i = 0; i < 2; i++) {
		end_name(r->t, &r->link->end[i], name[i], sizeof(name[i]));
		if (!strcmp(key, name[i])) {
			walk_pairs(w, value, "a direction", read_direction_key, &r->link->end[i]);
			return;
		}
	}
	walk_fail(w, walk_pos(key_node), "\"%s\" is not an endpoint of this link; it has %s and %s",
		  key, name[0], name[1]);
}

static void check_direction(struct walk *w, const struct lab_link *l, const struct lab_end *e)
{
	if (e->impair.reorder && !e->impair.delay)
		walk_fail(w, l->pos, "reorder needs a delay: a frame is reordered by skipping it");
}

static void read_link(struct walk *w, void *arg, const yaml_node_t *item)
{
	struct reading *r = arg;
	struct lab_topology *t = r->t;
	struct lab_link *l = &t->links[t->n_links];
	uint64_t seed = t->n_links * 2u + 1;

	r->link = l;
	r->endpoints = r->from = NULL;
	l->pos = walk_pos(item);
	l->end[0].impair.seed = UINT64_MAX;
	walk_pairs(w, item, "a link", read_link_key, r);
	if (!w->failed && !r->endpoints)
		walk_fail(w, walk_pos(item), "the link has no endpoints");
	if (w->failed)
		return;
	t->n_links++;
	/* Both directions get what stands at the link; each its own stream of chance. */
	if (l->end[0].impair.seed == UINT64_MAX)
		l->end[0].impair.seed = seed;
	l->end[1].impair = l->end[0].impair;
	l->end[1].impair.seed++;
	if (r->from)
		walk_pairs(w, r->from, "from", read_direction, r);
	check_direction(w, l, &l->end[0]);
	check_direction(w, l, &l->end[1]);
}

/* ---- the whole ---- */

static void read_topology_key(struct walk *w, void *arg, const char *key,
			      const yaml_node_t *key_node, const yaml_node_t *value)
{
	struct reading *r = arg;

	if (!strcmp(key, "nodes"))
		r->nodes = value;
	else if (!strcmp(key, "links"))
		r->links = value;
	else
		walk_fail(w, walk_pos(key_node),
			  "unknown key \"%s\"; a topology has nodes and links", key);
}

static void read_top_key(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			 const yaml_node_t *value)
{
	struct reading *r = arg;

	if (!strcmp(key, "topology")) {
		r->topology = value;
	} else if (!strcmp(key, "name")) {
		const char *s = walk_scalar(w, value, "a name");

		free(r->t->name);
		r->t->name = strdup(s);
	} else {
		walk_fail(w, walk_pos(key_node),
			  "unknown key \"%s\"; a lab file has name and topology", key);
	}
}

static void read_links(struct walk *w, struct reading *r)
{
	size_t n = 0;

	if (!r->links || is_empty(r->links))
		return;
	if (r->links->type == YAML_SEQUENCE_NODE)
		n = (size_t)(r->links->data.sequence.items.top -
			     r->links->data.sequence.items.start);
	if (n > LINKS_MAX) {
		walk_fail(w, walk_pos(r->links), "more than %d links", LINKS_MAX);
		return;
	}
	r->t->links = calloc(n + 1, sizeof(struct lab_link));
	if (!r->t->links)
		walk_fail(w, walk_pos(r->links), "out of memory");
	walk_items(w, r->links, "links", read_link, r);
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

/* The words of one node, now that its devices are known. */
static void check_words(struct walk *w, struct lab_node *n)
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

static void read_document(struct walk *w, struct lab_topology *t)
{
	const yaml_node_t *root = yaml_document_get_root_node(w->doc);
	struct reading r = { .t = t };

	if (!root) {
		walk_fail(w, (struct lab_pos){ 1, 1 }, "the file is empty");
		return;
	}
	walk_pairs(w, root, "a lab file", read_top_key, &r);
	if (!w->failed && !r.topology)
		walk_fail(w, walk_pos(root), "there is no key \"topology\"");
	if (!w->failed)
		walk_pairs(w, r.topology, "topology", read_topology_key, &r);
	if (!w->failed && !r.nodes)
		walk_fail(w, walk_pos(r.topology), "there is no key \"nodes\" under topology");
	if (w->failed)
		return;
	t->nodes = calloc(LAB_NODES_MAX, sizeof(struct lab_node));
	if (!t->nodes)
		walk_fail(w, walk_pos(root), "out of memory");
	walk_pairs(w, r.nodes, "nodes", read_node, &r);
	if (!w->failed)
		read_links(w, &r);
	for (unsigned i = 0; i < t->n_nodes && !w->failed; i++)
		check_words(w, &t->nodes[i]);
}

/* What libyaml found wrong, in our form. */
static void parser_failed(struct walk *w, const yaml_parser_t *p)
{
	struct lab_pos pos = { (unsigned)p->problem_mark.line + 1,
			       (unsigned)p->problem_mark.column + 1 };

	walk_fail(w, pos, "not YAML: %s%s%s", p->problem ? p->problem : "unreadable",
		  p->context ? ", " : "", p->context ? p->context : "");
}

/**
 * lab_topology_parse() - a lab file's text
 * @file: its name, for sentences
 * @why:  on failure a sentence with file, line and column; LAB_WHY_MAX is enough for most
 * Return: to be freed with lab_topology_free(); NULL on a mistake
 */
struct lab_topology *lab_topology_parse(const char *file, const char *text, size_t len, char *why,
					size_t why_size)
{
	struct walk w = { .file = file, .why = why, .why_size = why_size };
	struct lab_topology *t = calloc(1, sizeof(*t));
	yaml_document_t doc;
	yaml_parser_t parser;

	if (!t || !yaml_parser_initialize(&parser)) {
		free(t);
		walk_fail(&w, (struct lab_pos){ 1, 1 }, "out of memory");
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	t->file = strdup(file);
	if (yaml_parser_load(&parser, &doc)) {
		w.doc = &doc;
		read_document(&w, t);
		yaml_document_delete(&doc);
	} else {
		parser_failed(&w, &parser);
	}
	yaml_parser_delete(&parser);
	if (!w.failed && t->file)
		return t;
	lab_topology_free(t);
	return NULL;
}

/**
 * lab_topology_read() - a lab file
 * @why: as lab_topology_parse(); a file that can not be read is named with the reason
 */
struct lab_topology *lab_topology_read(const char *file, char *why, size_t why_size)
{
	struct lab_topology *t = NULL;
	size_t len = 0, size = 1 << 20;
	char *text = malloc(size);
	FILE *f = fopen(file, "re");

	if (!f || !text) {
		snprintf(why, why_size, "%s: %s", file, strerror(errno));
	} else {
		len = fread(text, 1, size, f);
		if (ferror(f))
			snprintf(why, why_size, "%s: %s", file, strerror(errno));
		else if (len == size)
			snprintf(why, why_size, "%s: larger than a lab file may be (1 MiB)", file);
		else
			t = lab_topology_parse(file, text, len, why, why_size);
	}
	if (f)
		fclose(f);
	free(text);
	return t;
}

/**
 * lab_topology_free() - NULL is allowed
 */
void lab_topology_free(struct lab_topology *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n_nodes; i++) {
		for (unsigned s = 0; s < LAB_SECTIONS; s++) {
			for (unsigned k = 0; k < t->nodes[i].items[s].n; k++)
				free(t->nodes[i].items[s].p[k].text);
			free(t->nodes[i].items[s].p);
		}
		free(t->nodes[i].name);
	}
	free(t->nodes);
	free(t->links);
	free(t->name);
	free(t->file);
	free(t);
}
