/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/topology.h - a lab file, read and checked: nodes, links, what each node is told. For lab/ only. */
#ifndef LAB_TOPOLOGY_H
#define LAB_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/impair.h"

#define LAB_NODES_MAX 250
#define LAB_DEVS_MAX  64  /* of one node, lo apart */
#define LAB_NAME_MAX  63  /* of a node */
#define LAB_WHY_MAX   512 /* a sentence that names file, line and column */

/* Where in the file, counted from 1. */
struct lab_pos {
	unsigned line, column;
};

/* One thing that a node is told, in the words of ip ("route add ..."); a sysctl as "key value". */
struct lab_item {
	struct lab_pos pos;
	char *text;
};

struct lab_items {
	struct lab_item *p;
	unsigned n, cap;
};

/* What a node is told, in the order in which it is told. */
enum lab_section {
	LAB_SYSCTLS,
	LAB_ADDRS,
	LAB_NEIGH,
	LAB_NEXTHOPS,
	LAB_ROUTES,
	LAB_RULES,
	LAB_SERVICES,
	LAB_SECTIONS
};

enum lab_restart { LAB_RESTART_NO, LAB_RESTART_ON_FAILURE, LAB_RESTART_ALWAYS };

/* How it is known that a program is ready. */
enum lab_ready {
	LAB_READY_STARTED, /* it runs */
	LAB_READY_TCP,	   /* a socket of the node listens on the port */
	LAB_READY_UDP,	   /* a socket of the node is bound to the port */
	LAB_READY_LOG,	   /* a line of its output matches */
	LAB_READY_CMD,	   /* a command on the node ends with status 0 */
};

/**
 * struct lab_program - a command of a node
 * @name:   how the log and status call it, unique on the node
 * @once:   of exec: it must end with status 0 before the next one starts
 * @argv:   words, NULL at the end
 * @env:    "NAME=VALUE", NULL at the end; NULL: none of its own
 * @cwd:    NULL: that of skiff
 * @ready_text: LAB_READY_LOG: extended regular expression
 * @within: ns that it may take to become ready
 */
struct lab_program {
	struct lab_pos pos;
	char *name;
	bool once;
	char **argv, **env;
	char *cwd;
	enum lab_restart restart;
	enum lab_ready ready;
	uint16_t ready_port;
	char *ready_text;
	char **ready_argv;
	uint64_t within;
};

struct lab_node {
	struct lab_program *programs; /* exec in order, then run */
	unsigned n_programs;
	char *name;
	struct lab_pos pos;
	struct lab_items items[LAB_SECTIONS];
	unsigned n_devs;
	char devs[LAB_DEVS_MAX][16]; /* in the order of the links; ifindex is the place + 2 */
};

/**
 * struct lab_end - one end of a link
 * @node:   index of the node, -1: a TAP in the host's namespace
 * @dev:    the device's place in node->devs
 * @name:   of the device, or of the TAP
 * @impair: what happens to frames that leave here
 */
struct lab_end {
	struct lab_pos pos;
	int node;
	unsigned dev;
	char name[16];
	struct impair_config impair;
};

struct lab_link {
	struct lab_pos pos;
	struct lab_end end[2];
	uint32_t mtu; /* 0: left as it is */
};

struct lab_topology {
	char *file, *name;
	char *upstream; /* a node, or an address: who knows other names; NULL: nobody */
	struct lab_pos upstream_pos;
	struct lab_node *nodes;
	unsigned n_nodes;
	struct lab_link *links;
	unsigned n_links;
};

struct lab_topology *lab_topology_read(const char *file, char *why, size_t why_size);
struct lab_topology *lab_topology_parse(const char *file, const char *text, size_t len, char *why,
					size_t why_size);
void lab_topology_free(struct lab_topology *t);
/** lab_words() - free with lab_words_free(). A command's words as a shell reads them, without what a shell does with them: NULL and a sentence */
char **lab_words(const char *line, char *why, size_t why_size);
void lab_words_free(char **words);
int lab_topology_node(const struct lab_topology *t, const char *name);
void lab_mac(uint8_t mac[6], unsigned node, unsigned dev);

#endif
