/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/yaml_walk.h - walk a YAML document and complain with file, line and column. For lab/ only. */
#ifndef LAB_YAML_WALK_H
#define LAB_YAML_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "lab/topology.h"

/**
 * struct walk - a document being read
 * @failed: @why holds the first mistake; everything later does nothing
 */
struct walk {
	const char *file;
	yaml_document_t *doc;
	char *why;
	size_t why_size;
	bool failed;
};

struct lab_pos walk_pos(const yaml_node_t *node);
void walk_fail(struct walk *w, struct lab_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *walk_scalar(struct walk *w, const yaml_node_t *node, const char *what);
bool walk_is_mapping(struct walk *w, const yaml_node_t *node, const char *what);
bool walk_is_list(struct walk *w, const yaml_node_t *node, const char *what);
bool walk_is_empty(const yaml_node_t *node);
yaml_node_t *walk_node(struct walk *w, int id);

/* For each key of the mapping @map: @key is its scalar, @value the node; duplicates and non-scalar keys are mistakes. */
typedef void (*walk_pair_fn)(struct walk *w, void *arg, const char *key,
			     const yaml_node_t *key_node, const yaml_node_t *value);
void walk_pairs(struct walk *w, const yaml_node_t *map, const char *what, walk_pair_fn fn,
		void *arg);
/* For each element of the list @list. */
typedef void (*walk_item_fn)(struct walk *w, void *arg, const yaml_node_t *item);
void walk_items(struct walk *w, const yaml_node_t *list, const char *what, walk_item_fn fn,
		void *arg);

#endif
