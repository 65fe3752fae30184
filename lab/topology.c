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

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/topology_read.h"

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
	} else if (!strcmp(key, "upstream")) {
		r->t->upstream = strdup(walk_scalar(w, value, "a node or an address"));
		r->t->upstream_pos = walk_pos(value);
	} else {
		walk_fail(w, walk_pos(key_node),
			  "unknown key \"%s\"; a lab file has name, upstream and topology", key);
	}
}

static void check_upstream(struct walk *w, const struct lab_topology *t)
{
	struct in_addr addr;

	if (t->upstream && lab_topology_node(t, t->upstream) < 0 &&
	    inet_pton(AF_INET, t->upstream, &addr) != 1)
		walk_fail(w, t->upstream_pos, "upstream: \"%s\" is no node and no address",
			  t->upstream);
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
	walk_pairs(w, r.nodes, "nodes", topology_node, &r);
	if (!w->failed)
		topology_links(w, &r);
	for (unsigned i = 0; i < t->n_nodes && !w->failed; i++)
		topology_words(w, &t->nodes[i]);
	if (!w->failed)
		check_upstream(w, t);
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
		topology_programs_free(&t->nodes[i]);
		free(t->nodes[i].name);
	}
	free(t->nodes);
	free(t->links);
	free(t->name);
	free(t->upstream);
	free(t->file);
	free(t);
}
