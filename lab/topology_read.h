/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/topology_read.h - a lab file being read, noun by noun. For lab/topology*.c only. */
#ifndef LAB_TOPOLOGY_READ_H
#define LAB_TOPOLOGY_READ_H

#include "lab/yaml_walk.h"

/**
 * struct reading - a lab file being read
 * @section: of the node's items being read
 * @dev:     of the addresses being read
 */
struct reading {
	struct lab_topology *t;
	struct lab_node *node;	     /* being read */
	struct lab_link *link;	     /* being read */
	struct lab_program *program; /* being read */
	enum lab_section section;
	const char *dev;
	const yaml_node_t *topology, *nodes, *links, *endpoints, *from;
};

/* topology_node.c */
void topology_node(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
		   const yaml_node_t *value);
/** topology_words() - check the words of @n, now that its devices are known */
void topology_words(struct walk *w, struct lab_node *n);

/* topology_link.c */
void topology_links(struct walk *w, struct reading *r);

/* topology_program.c */
void topology_exec(struct walk *w, struct reading *r, const yaml_node_t *value);
void topology_run(struct walk *w, struct reading *r, const yaml_node_t *value);
void topology_programs_free(struct lab_node *n);

#endif
