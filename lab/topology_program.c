// SPDX-License-Identifier: BSD-2-Clause
/* lab/topology_program.c - a node's exec and run: commands, how they are restarted, when they are ready. */
#include "lab/topology_read.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/topology_values.h"

#define PROGRAMS_MAX  100
#define READY_WITHIN  (30ull * 1000000000)
#define READY_LONGEST (86400ull * 1000000000)

static char *copy(struct walk *w, const yaml_node_t *node, const char *s)
{
	char *text = strdup(s);

	if (!text)
		walk_fail(w, walk_pos(node), "out of memory");
	return text;
}

/* ---- lists of strings ---- */

struct strings {
	char **p;
	unsigned n, room;
	const char *key; /* of a pair */
};

static bool strings_begin(struct walk *w, struct strings *l, const yaml_node_t *node, size_t room)
{
	*l = (struct strings){ .room = (unsigned)room };
	l->p = calloc(room + 1, sizeof(char *));
	if (!l->p)
		walk_fail(w, walk_pos(node), "out of memory");
	return l->p;
}

static void read_word(struct walk *w, void *arg, const yaml_node_t *item)
{
	const char *s = walk_scalar(w, item, "a word of a command");
	struct strings *l = arg;

	if (!w->failed)
		l->p[l->n++] = copy(w, item, s);
}

/* "nginx -g 'daemon off;'" or [ nginx, -g, "daemon off;" ] */
static char **read_command(struct walk *w, const yaml_node_t *value)
{
	struct strings l;
	char why[160];
	char **words;

	if (value->type == YAML_SEQUENCE_NODE) {
		const yaml_node_item_t *top = value->data.sequence.items.top,
				       *start = value->data.sequence.items.start;

		if (!strings_begin(w, &l, value, (size_t)(top - start)))
			return NULL;
		walk_items(w, value, "a command", read_word, &l);
		if (!w->failed && (!l.n || !*l.p[0]))
			walk_fail(w, walk_pos(value), "no command");
		return l.p;
	}
	if (value->type != YAML_SCALAR_NODE) {
		walk_fail(w, walk_pos(value), "a command is a line or a list of words");
		return NULL;
	}
	words = lab_words(walk_scalar(w, value, "a command"), why, sizeof(why));
	if (!words)
		walk_fail(w, walk_pos(value), "%s", why);
	return words;
}

static void add_variable(struct walk *w, struct strings *l, const yaml_node_t *at, const char *name,
			 size_t len, const char *value)
{
	if (!w->failed && (!len || memchr(name, '=', len)))
		walk_fail(w, walk_pos(at), "\"%.*s\" is no name of a variable", (int)len, name);
	if (!w->failed && asprintf(&l->p[l->n], "%.*s=%s", (int)len, name, value) >= 0)
		l->n++;
	else
		l->p[l->n] = NULL;
}

static void read_env_pair(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			  const yaml_node_t *value)
{
	add_variable(w, arg, key_node, key, strlen(key),
		     walk_scalar(w, value, "the value of a variable"));
}

static void read_env_line(struct walk *w, void *arg, const yaml_node_t *item)
{
	const char *s = walk_scalar(w, item, "\"NAME=VALUE\""), *eq = strchr(s, '=');

	if (!w->failed && !eq)
		walk_fail(w, walk_pos(item), "\"%s\": a variable is written as \"NAME=VALUE\"", s);
	if (!w->failed)
		add_variable(w, arg, item, s, (size_t)(eq - s), eq + 1);
}

static char **read_env(struct walk *w, const yaml_node_t *value)
{
	size_t n = value->type == YAML_MAPPING_NODE  ? (size_t)(value->data.mapping.pairs.top -
								value->data.mapping.pairs.start) :
		   value->type == YAML_SEQUENCE_NODE ? (size_t)(value->data.sequence.items.top -
								value->data.sequence.items.start) :
						       0;
	struct strings l;

	if (!strings_begin(w, &l, value, n))
		return NULL;
	if (value->type == YAML_MAPPING_NODE)
		walk_pairs(w, value, "env", read_env_pair, &l);
	else
		walk_items(w, value, "env", read_env_line, &l);
	return l.p;
}

/* ---- one program ---- */

static void read_port(struct walk *w, struct lab_program *p, const char *key,
		      const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, key);
	uint64_t port;

	if (w->failed)
		return;
	if (!lab_read_u64(s, &port) || !port || port > 65535)
		walk_fail(w, walk_pos(value), "%s: \"%s\" is no port", key, s);
	p->ready_port = (uint16_t)port;
}

static void read_pattern(struct walk *w, struct lab_program *p, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "a regular expression");
	char text[128];
	regex_t re;
	int err;

	if (w->failed)
		return;
	err = regcomp(&re, s, REG_EXTENDED | REG_NOSUB);
	if (err) {
		regerror(err, &re, text, sizeof(text));
		walk_fail(w, walk_pos(value), "log: \"%s\" is no regular expression: %s", s, text);
		return;
	}
	regfree(&re);
	p->ready_text = copy(w, value, s);
}

static void read_within(struct walk *w, struct lab_program *p, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "a time");

	if (!w->failed && (!lab_read_duration(s, &p->within) || p->within > READY_LONGEST))
		walk_fail(w, walk_pos(value),
			  "within: \"%s\" is no time up to a day; write for instance 10s", s);
}

static void read_ready_key(struct walk *w, void *arg, const char *key, const yaml_node_t *key_node,
			   const yaml_node_t *value)
{
	static const char *const names[] = { [LAB_READY_TCP] = "tcp",
					     [LAB_READY_UDP] = "udp",
					     [LAB_READY_LOG] = "log",
					     [LAB_READY_CMD] = "cmd" };
	struct lab_program *p = arg;
	unsigned i = LAB_READY_TCP;

	if (!strcmp(key, "within")) {
		read_within(w, p, value);
		return;
	}
	while (i <= LAB_READY_CMD && strcmp(names[i], key))
		i++;
	if (i > LAB_READY_CMD) {
		walk_fail(w, walk_pos(key_node),
			  "unknown key \"%s\"; ready has tcp, udp, log or cmd, and within", key);
		return;
	}
	if (p->ready != LAB_READY_STARTED) {
		walk_fail(w, walk_pos(key_node), "ready has one of tcp, udp, log and cmd");
		return;
	}
	p->ready = i;
	if (i == LAB_READY_LOG)
		read_pattern(w, p, value);
	else if (i == LAB_READY_CMD)
		p->ready_argv = read_command(w, value);
	else
		read_port(w, p, key, value);
}

static void read_restart(struct walk *w, struct lab_program *p, const yaml_node_t *value)
{
	static const char *const names[] = { "no", "on-failure", "always" };
	const char *s = walk_scalar(w, value, "restart");
	unsigned i = 0;

	while (i < 3 && strcmp(names[i], s))
		i++;
	if (i == 3)
		walk_fail(w, walk_pos(value), "restart: \"%s\"; it is no, on-failure or always", s);
	else
		p->restart = i;
}

static void read_name(struct walk *w, struct lab_program *p, const yaml_node_t *value)
{
	const char *s = walk_scalar(w, value, "a name");

	if (!w->failed && (!*s || strlen(s) > LAB_NAME_MAX || strpbrk(s, ":/ \t\n")))
		walk_fail(
			w, walk_pos(value),
			"\"%s\" can not name a program: 1 to %d characters, no colon, slash or blank",
			s, LAB_NAME_MAX);
	if (!w->failed)
		p->name = copy(w, value, s);
}

static void read_program_key(struct walk *w, void *arg, const char *key,
			     const yaml_node_t *key_node, const yaml_node_t *value)
{
	struct lab_program *p = arg;
	const char *s;

	if (!strcmp(key, "cmd")) {
		p->argv = read_command(w, value);
	} else if (!strcmp(key, "env")) {
		p->env = read_env(w, value);
	} else if (!strcmp(key, "restart")) {
		read_restart(w, p, value);
	} else if (!strcmp(key, "ready")) {
		walk_pairs(w, value, "ready", read_ready_key, p);
		if (!w->failed && p->ready == LAB_READY_STARTED)
			walk_fail(w, walk_pos(value), "ready says nothing: tcp, udp, log or cmd");
	} else if (!strcmp(key, "name")) {
		read_name(w, p, value);
	} else if (!strcmp(key, "cwd")) {
		s = walk_scalar(w, value, "a folder");
		p->cwd = copy(w, value, s);
	} else {
		walk_fail(w, walk_pos(key_node),
			  "unknown key \"%s\"; a program has cmd, name, env, cwd, restart, ready",
			  key);
	}
}

/* ---- the programs of a node ---- */

static bool name_is_taken(const struct lab_node *n, const struct lab_program *p, const char *name)
{
	for (unsigned i = 0; i < n->n_programs; i++) {
		if (&n->programs[i] != p && n->programs[i].name &&
		    !strcmp(n->programs[i].name, name))
			return true;
	}
	return false;
}

/* After the command, and numbered if there are several. */
static void name_program(struct walk *w, const struct lab_node *n, struct lab_program *p)
{
	const char *slash = strrchr(p->argv[0], '/'), *base = slash ? slash + 1 : p->argv[0];
	char name[LAB_NAME_MAX + 1];

	if (p->name) {
		if (name_is_taken(n, p, p->name))
			walk_fail(w, p->pos, "node %s has two programs \"%s\"", n->name, p->name);
		return;
	}
	snprintf(name, sizeof(name), "%.50s", *base ? base : "program");
	for (unsigned i = 2; name_is_taken(n, p, name); i++)
		snprintf(name, sizeof(name), "%.50s-%u", *base ? base : "program", i);
	p->name = strdup(name);
	if (!p->name)
		walk_fail(w, p->pos, "out of memory");
}

static void read_program(struct walk *w, struct reading *r, const yaml_node_t *item, bool once)
{
	struct lab_node *n = r->node;
	struct lab_program *p;

	if (n->n_programs == PROGRAMS_MAX) {
		walk_fail(w, walk_pos(item), "node %s has more than %d programs", n->name,
			  PROGRAMS_MAX);
		return;
	}
	if (!n->programs)
		n->programs = calloc(PROGRAMS_MAX, sizeof(*p));
	if (!n->programs) {
		walk_fail(w, walk_pos(item), "out of memory");
		return;
	}
	p = &n->programs[n->n_programs++];
	*p = (struct lab_program){ .pos = walk_pos(item), .once = once, .within = READY_WITHIN };
	if (once || item->type != YAML_MAPPING_NODE)
		p->argv = read_command(w, item);
	else
		walk_pairs(w, item, "a program", read_program_key, p);
	if (!w->failed && !p->argv)
		walk_fail(w, walk_pos(item), "the program has no cmd");
	if (!w->failed)
		name_program(w, n, p);
}

static void read_once(struct walk *w, void *arg, const yaml_node_t *item)
{
	read_program(w, arg, item, true);
}

static void read_lasting(struct walk *w, void *arg, const yaml_node_t *item)
{
	read_program(w, arg, item, false);
}

/**
 * topology_exec() - commands that are run when the node starts
 */
void topology_exec(struct walk *w, struct reading *r, const yaml_node_t *value)
{
	walk_items(w, value, "exec", read_once, r);
}

/**
 * topology_run() - programs that live on the node
 */
void topology_run(struct walk *w, struct reading *r, const yaml_node_t *value)
{
	walk_items(w, value, "run", read_lasting, r);
}

void topology_programs_free(struct lab_node *n)
{
	for (unsigned i = 0; i < n->n_programs; i++) {
		struct lab_program *p = &n->programs[i];

		free(p->name);
		free(p->cwd);
		free(p->ready_text);
		lab_words_free(p->argv);
		lab_words_free(p->env);
		lab_words_free(p->ready_argv);
	}
	free(n->programs);
}
