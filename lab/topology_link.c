// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology_link.c - a link of a lab file: its two ends and what it does to frames. */
#include "lab/topology_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/topology_values.h"

#define LINKS_MAX 4096

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
	c->seeded |= !strcmp(key, "seed");
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
	walk_pairs(w, item, "a link", read_link_key, r);
	if (!w->failed && !r->endpoints)
		walk_fail(w, walk_pos(item), "the link has no endpoints");
	if (w->failed)
		return;
	t->n_links++;
	/* Both directions get what stands at the link; each its own stream of chance. */
	if (!l->end[0].impair.seeded)
		l->end[0].impair.seed = seed;
	l->end[1].impair = l->end[0].impair;
	l->end[1].impair.seed++;
	if (r->from)
		walk_pairs(w, r->from, "from", read_direction, r);
	check_direction(w, l, &l->end[0]);
	check_direction(w, l, &l->end[1]);
}

/**
 * topology_links() - the list topology.links, when the nodes are known
 */
void topology_links(struct walk *w, struct reading *r)
{
	size_t n = 0;

	if (!r->links || walk_is_empty(r->links))
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
