// SPDX-License-Identifier: BSD-2-Clause
/* lab/yaml_walk.c - walk a YAML document and complain with file, line and column. */
#include "lab/yaml_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * walk_pos() - where a node begins, counted from 1 as editors do
 */
struct lab_pos walk_pos(const yaml_node_t *node)
{
	return (struct lab_pos){ (unsigned)node->start_mark.line + 1,
				 (unsigned)node->start_mark.column + 1 };
}

/**
 * walk_fail() - note the first mistake
 */
void walk_fail(struct walk *w, struct lab_pos pos, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (w->failed)
		return;
	w->failed = true;
	n = snprintf(w->why, w->why_size, "%s:%u:%u: ", w->file, pos.line, pos.column);
	if (n < 0 || (size_t)n >= w->why_size)
		return;
	va_start(ap, fmt);
	vsnprintf(w->why + n, w->why_size - (size_t)n, fmt, ap);
	va_end(ap);
}

/**
 * walk_scalar() - the text of a scalar; a mistake and "" if it is none
 * @what: how the sentence calls it, e.g. "an address"
 */
const char *walk_scalar(struct walk *w, const yaml_node_t *node, const char *what)
{
	if (node->type != YAML_SCALAR_NODE) {
		walk_fail(w, walk_pos(node), "%s is wanted here, not a %s", what,
			  node->type == YAML_MAPPING_NODE ? "mapping" : "list");
		return "";
	}
	if (strlen((const char *)node->data.scalar.value) != node->data.scalar.length) {
		walk_fail(w, walk_pos(node), "%s must not contain a zero byte", what);
		return "";
	}
	return (const char *)node->data.scalar.value;
}

static bool is_type(struct walk *w, const yaml_node_t *node, yaml_node_type_t type,
		    const char *what, const char *kind)
{
	if (node->type == type)
		return true;
	walk_fail(w, walk_pos(node), "%s must be a %s", what, kind);
	return false;
}

bool walk_is_mapping(struct walk *w, const yaml_node_t *node, const char *what)
{
	return is_type(w, node, YAML_MAPPING_NODE, what, "mapping (key: value)");
}

bool walk_is_list(struct walk *w, const yaml_node_t *node, const char *what)
{
	return is_type(w, node, YAML_SEQUENCE_NODE, what, "list");
}

/**
 * walk_is_empty() - nothing stands behind the key
 */
bool walk_is_empty(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && !node->data.scalar.length;
}

yaml_node_t *walk_node(struct walk *w, int id)
{
	return yaml_document_get_node(w->doc, id);
}

static bool is_duplicate(struct walk *w, const yaml_node_t *map, const yaml_node_pair_t *pair,
			 const char *key)
{
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < pair; p++) {
		const yaml_node_t *k = walk_node(w, p->key);

		if (k->type == YAML_SCALAR_NODE && !strcmp((char *)k->data.scalar.value, key))
			return true;
	}
	return false;
}

void walk_pairs(struct walk *w, const yaml_node_t *map, const char *what, walk_pair_fn fn,
		void *arg)
{
	const yaml_node_pair_t *p;

	if (w->failed || !walk_is_mapping(w, map, what))
		return;
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top && !w->failed;
	     p++) {
		const yaml_node_t *key_node = walk_node(w, p->key);
		const char *key = walk_scalar(w, key_node, "a key");

		if (!w->failed && is_duplicate(w, map, p, key))
			walk_fail(w, walk_pos(key_node), "\"%s\" stands here a second time", key);
		if (!w->failed)
			fn(w, arg, key, key_node, walk_node(w, p->value));
	}
}

void walk_items(struct walk *w, const yaml_node_t *list, const char *what, walk_item_fn fn,
		void *arg)
{
	const yaml_node_item_t *i;

	if (w->failed || !walk_is_list(w, list, what))
		return;
	for (i = list->data.sequence.items.start; i < list->data.sequence.items.top && !w->failed;
	     i++)
		fn(w, arg, walk_node(w, *i));
}
