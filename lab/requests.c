// SPDX-License-Identifier: BSD-2-Clause
/* lab/requests.c - what verbs ask of a running lab: how it is, in short and in full; to end; to take a program in. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/names.h"
#include "lab/programs.h"
#include "lab/server.h"

/* ---- in short ---- */

static json_t *about(const struct skiff_lab *lab)
{
	char why[64];
	int ready = skiff_lab_ready(lab, why, sizeof(why));

	return json_pack("{s:s, s:s, s:s, s:i, s:I, s:s, s:i}", "lab", lab->state.name, "name",
			 skiff_lab_name(lab), "file", lab->t->file, "pid", (int)getpid(), "up_ns",
			 (json_int_t)(lab->now - lab->came_up), "state",
			 lab->ending ? "ending" :
			 ready > 0   ? "ready" :
			 ready < 0   ? "failed" :
				       "starting",
			 "nodes", (int)lab->t->n_nodes);
}

static void do_status(struct server_conn *c, json_t *request)
{
	char line[2048], programs[2048];

	conn_say(c, about(c->lab));
	for (unsigned i = 0; i < c->lab->t->n_nodes; i++) {
		skiff_lab_describe(c->lab, i, line, sizeof(line));
		skiff_lab_programs(c->lab, i, programs, sizeof(programs));
		conn_say(c, json_pack("{s:s, s:s, s:s}", "node", c->lab->t->nodes[i].name, "line",
				      line, "programs", programs));
	}
	conn_end(c);
}

/* ---- in full ---- */

static json_t *device(const struct skiff_lab *lab, unsigned node, const char *name,
		      const char *peer, const struct node_addr *addrs, unsigned n)
{
	json_t *list = json_array();
	char text[32];

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *a = (const uint8_t *)&addrs[i].addr;

		if (strcmp(addrs[i].dev, name))
			continue;
		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", a[0], a[1], a[2], a[3],
			 addrs[i].plen);
		json_array_append_new(list, json_string(text));
	}
	return json_pack("{s:s, s:s?, s:o}", "name", name, "peer", peer, "addrs", list);
}

static json_t *devices(const struct skiff_lab *lab, unsigned node)
{
	struct node_addr addrs[NODE_ADDRS_MAX];
	unsigned n = node_addrs(lab->nodes[node], addrs);
	json_t *list = json_array();
	char peer[96];
	const char *name;

	json_array_append_new(list, device(lab, node, "lo", NULL, addrs, n));
	for (unsigned i = 0; (name = skiff_lab_dev(lab, node, i, peer)); i++)
		json_array_append_new(list, device(lab, node, name, peer, addrs, n));
	return list;
}

static json_t *programs(const struct skiff_lab *lab, unsigned node)
{
	json_t *list = json_array();

	for (unsigned i = 0; lab->programs && i < lab->programs->n; i++) {
		const struct prog *p = &lab->programs->p[i];
		json_t *argv = json_array(), *o;
		char detail[100];
		const char *state = program_state(p, detail, sizeof(detail));

		if (p->node != node) {
			json_decref(argv);
			continue;
		}
		for (char **word = p->spec->argv; *word; word++)
			json_array_append_new(argv, json_string(*word));
		o = json_pack("{s:s, s:o, s:b, s:s, s:i}", "name", p->spec->name, "cmd", argv,
			      "exec", p->spec->once, "state", state, "restarts", (int)p->restarts);
		if (p->program)
			json_object_set_new(o, "pid", json_integer(p->pid));
		else if (*detail)
			json_object_set_new(o, "ended", json_string(detail));
		json_array_append_new(list, o);
	}
	return list;
}

static void put_counter(void *arg, const char *name, uint64_t value)
{
	if (value)
		json_object_set_new(arg, name, json_integer((json_int_t)value));
}

static void do_inspect(struct server_conn *c, json_t *request)
{
	const struct skiff_lab *lab = c->lab;

	conn_say(c, about(lab));
	for (unsigned i = 0; i < lab->t->n_nodes; i++) {
		json_t *counters = json_object();

		skiff_counters(lab->nodes[i], put_counter, counters);
		conn_say(c, json_pack("{s:s, s:o, s:o, s:o}", "node", lab->t->nodes[i].name,
				      "devices", devices(lab, i), "programs", programs(lab, i),
				      "counters", counters));
	}
	conn_end(c);
}

/* ---- its end, and programs from outside ---- */

static void do_down(struct server_conn *c, json_t *request)
{
	c->lab->ending = true;
	conn_say(c, about(c->lab));
}

int request_node(struct server_conn *c, json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "node"));
	int node = name ? skiff_lab_find(c->lab, name) : -1;
	char text[800];
	int at = 0;

	if (node >= 0)
		return node;
	text[0] = '\0';
	for (unsigned i = 0; i < c->lab->t->n_nodes && at < 700; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s %s", i ? "," : "",
			       c->lab->t->nodes[i].name);
	conn_fail(c, "lab %s has no node \"%s\"; it has%s", c->lab->state.name, name ? name : "",
		  text);
	return -1;
}

static void do_exec(struct server_conn *c, json_t *request)
{
	int node = request_node(c, request), err;
	char why[300];

	if (node < 0)
		return;
	if (!skiff_lab_runner(c->lab, &err, why, sizeof(why))) {
		conn_fail(c, "%s", why);
		return;
	}
	c->node = (unsigned)node;
	c->adopting = true;
	conn_say(c, json_pack("{s:b}", "ready", 1));
}

/* Who asks is the process to take in: the kernel says which, it could not name another's. */
void request_adopt(struct server_conn *c, int listener)
{
	int err;

	c->adopting = false;
	if (!skiff_run_adopt(c->lab->run, c->lab->nodes[c->node], c->pid, listener, &err)) {
		conn_fail(c, "the program can not be taken in: %s", strerror(-err));
		return;
	}
	guest_came(c->lab, c->pid);
	log_printf(&c->lab->log, SKIFF_LOG_DEBUG, c->lab->t->nodes[c->node].name, NULL,
		   "pid %d came by skiff exec", (int)c->pid);
	conn_end(c);
}

static void do_explain(struct server_conn *c, json_t *request)
{
	stream_begin(c, request, false);
}

static void do_capture(struct server_conn *c, json_t *request)
{
	stream_begin(c, request, true);
}

void request_run(struct server_conn *c, json_t *request)
{
	static const struct {
		const char *name;
		void (*run)(struct server_conn *c, json_t *request);
	} all[] = {
		{ "status", do_status }, { "inspect", do_inspect }, { "down", do_down },
		{ "exec", do_exec },	 { "explain", do_explain }, { "capture", do_capture },
		{ "why", why_run },
	};
	const char *name = json_string_value(json_object_get(request, "do"));

	for (size_t i = 0; name && i < sizeof(all) / sizeof(all[0]); i++) {
		if (!strcmp(all[i].name, name)) {
			all[i].run(c, request);
			return;
		}
	}
	conn_fail(c, "there is no request \"%s\"", name ? name : "");
}
