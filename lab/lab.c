// SPDX-License-Identifier: BSD-2-Clause
/* lab/lab.c - a lab from its file to its end: one shard with all nodes, turned in virtual or in real time. */
#include "lab/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/programs.h"
#include "lab/server.h"
#include "lab/service.h"
#include "lab/watch.h"
#include "lib/fmt.h"

/* Takes @t over; NULL if it is. */
static struct skiff_lab *lab_new(struct lab_topology *t, char *why, size_t why_size)
{
	struct skiff_lab *lab = t ? calloc(1, sizeof(*lab)) : NULL;

	if (t && !lab)
		snprintf(why, why_size, "out of memory");
	if (!lab) {
		lab_topology_free(t);
		return NULL;
	}
	lab->loop = (struct host_loop){ .epoll = -1, .signals = { .fd = -1 } };
	lab->state = (struct lab_state){ .root = -1, .dir = -1, .lock = -1 };
	lab->t = t;
	log_open(&lab->log, NULL, why, why_size);
	return lab;
}

struct skiff_lab *skiff_lab_open(const char *file, char *why, size_t why_size)
{
	return lab_new(lab_topology_read(file, why, why_size), why, why_size);
}

struct skiff_lab *skiff_lab_parse(const char *file, const char *text, char *why, size_t why_size)
{
	return lab_new(lab_topology_parse(file, text, strlen(text), why, why_size), why, why_size);
}

static void stop(struct skiff_lab *lab)
{
	programs_free(lab);
	skiff_run_destroy(lab->run);
	services_free(lab);
	watch_free(lab);
	skiff_drops_stop(lab->drops);
	lab->drops = NULL;
	if (lab->skiff)
		skiff_destroy(lab->skiff);
	cable_free_all(lab);
	/* Last: whoever asked for the end sees it by this. */
	server_close(lab);
	host_loop_close(&lab->loop);
	free(lab->nodes);
	free(lab->taps);
	lab->skiff = NULL;
	lab->run = NULL;
	lab->nodes = NULL;
	lab->taps = NULL;
	lab->cables = NULL;
	lab->sky = NULL;
	lab->n_sky = lab->cap_sky = 0;
}

void skiff_lab_close(struct skiff_lab *lab)
{
	if (!lab)
		return;
	state_drop(&lab->state);
	stop(lab);
	log_close(&lab->log);
	lab_topology_free(lab->t);
	free(lab);
}

static void on_log(void *arg, int level, const char *line)
{
	struct skiff_lab *lab = arg;

	log_line(&lab->log, level, NULL, NULL, line);
}

static int start(struct skiff_lab *lab, bool real, char *why, size_t why_size)
{
	struct skiff_env env = { .arg = lab, .log = real ? on_log : NULL };
	int err = 0;

	lab->real = real;
	/* Virtual labs start at one fixed day: the same lab gives the same bytes. */
	env.wall_ns = 1700000000ull * 1000000000ull;
	if (real)
		host_clocks(&env.now_ns, &env.wall_ns);
	lab->now = env.now_ns;
	if (real)
		err = host_random(env.seed, sizeof(env.seed));
	if (real && !err)
		err = host_loop_open(&lab->loop);
	if (err) {
		snprintf(why, why_size, "%s", strerror(-err));
		return err;
	}
	lab->skiff = skiff_create(&env);
	if (!lab->skiff) {
		snprintf(why, why_size, "out of memory");
		return -ENOMEM;
	}
	if (real)
		lab->drops = skiff_drops_start(lab->skiff, LAB_DROPS_KEPT);
	err = lab_build(lab, why, why_size);
	if (!err)
		lab_turn(lab, lab->now);
	return err;
}

int skiff_lab_start(struct skiff_lab *lab, bool real, char *why, size_t why_size)
{
	/* A copy first: what the stack refuses is found before anything of the host is touched. */
	int err = start(lab, false, why, why_size);

	if (real || err)
		stop(lab);
	if (real && !err) {
		err = start(lab, true, why, why_size);
		if (err)
			stop(lab);
		/* The file is right, the copy said so: what fails now is the host's. */
		if (err == -EINVAL)
			err = -EIO;
	}
	return err;
}

int skiff_lab_set_log(struct skiff_lab *lab, const struct skiff_lab_log_options *options, char *why,
		      size_t why_size)
{
	return log_open(&lab->log, options, why, why_size);
}

void skiff_lab_set_seed(struct skiff_lab *lab, uint64_t seed)
{
	lab->seed = seed;
	lab->seeded = true;
}

const char *skiff_lab_name(const struct skiff_lab *lab)
{
	return lab->t->name ? lab->t->name : lab->t->file;
}

struct skiff *skiff_lab_shard(const struct skiff_lab *lab)
{
	return lab->skiff;
}

struct skiff_net *skiff_lab_node(const struct skiff_lab *lab, unsigned i)
{
	return i < lab->t->n_nodes ? lab->nodes[i] : NULL;
}

int skiff_lab_find(const struct skiff_lab *lab, const char *name)
{
	return lab_topology_node(lab->t, name);
}

const char *skiff_lab_dev(const struct skiff_lab *lab, unsigned node, unsigned i, char peer[96])
{
	const struct lab_topology *t = lab->t;

	if (node >= t->n_nodes || i >= t->nodes[node].n_devs)
		return NULL;
	for (unsigned l = 0; l < t->n_links; l++) {
		for (int e = 0; e < 2; e++) {
			const struct lab_end *end = &t->links[l].end[e],
					     *far = &t->links[l].end[!e];

			if (end->node == (int)node && end->dev == i)
				snprintf(peer, 96, "%s:%s",
					 far->node < 0 ? "host" : t->nodes[far->node].name,
					 far->name);
		}
	}
	return t->nodes[node].devs[i];
}

/* The addresses that the file gives to a device: third word of "addr add ADDRESS ... dev D". */
static void put_addresses(struct strbuf *sb, const struct lab_node *n, const char *dev)
{
	for (unsigned i = 0; i < n->items[LAB_ADDRS].n; i++) {
		const char *s = n->items[LAB_ADDRS].p[i].text + strlen("addr add ");
		const char *last = strrchr(s, ' ') + 1;

		s += strspn(s, " ");
		if (!strcmp(last, dev))
			strbuf_printf(sb, " %.*s", (int)strcspn(s, " "), s);
	}
}

void skiff_lab_describe(const struct skiff_lab *lab, unsigned node, char *buf, size_t size)
{
	const struct lab_node *n = &lab->t->nodes[node];
	struct strbuf sb;

	strbuf_init(&sb, buf, size);
	strbuf_printf(&sb, "%-8s", n->name);
	for (unsigned i = 0; i < n->n_devs; i++) {
		char peer[96] = "";

		strbuf_printf(&sb, "%s %s", i ? "," : "", n->devs[i]);
		put_addresses(&sb, n, n->devs[i]);
		skiff_lab_dev(lab, node, i, peer);
		strbuf_printf(&sb, " - %s", peer);
	}
}

uint64_t skiff_lab_now(const struct skiff_lab *lab)
{
	return lab->now;
}

/* In real time input may never run dry: after so many rounds clock and signals are looked at again. */
#define ROUNDS_MAX 32
#define REAP_EACH  1000000000ull

/**
 * lab_turn() - everything that is due at @now, until nothing more happens
 */
void lab_turn(struct skiff_lab *lab, uint64_t now)
{
	unsigned rounds = 0;
	bool more;

	lab->now = now;
	do {
		cable_deliver_due(lab, now);
		more = skiff_turn(lab->skiff, now) || cable_next(lab) <= now;
		more |= services_run(lab);
		if (lab->run)
			more |= skiff_run_due(lab->run, now);
		more |= programs_turn(lab, now);
	} while (more && (!lab->real || ++rounds < ROUNDS_MAX));
	watch_turn(lab, now);
	server_turn(lab);
}

static uint64_t next_event(const struct skiff_lab *lab)
{
	const uint64_t at[] = { skiff_next(lab->skiff), cable_next(lab), programs_next(lab),
				lab->run ? skiff_run_next(lab->run) : SKIFF_NEVER,
				watch_next(lab) };
	uint64_t first = SKIFF_NEVER;

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		first = at[i] < first ? at[i] : first;
	return first;
}

void skiff_lab_advance(struct skiff_lab *lab, uint64_t until)
{
	uint64_t next;

	while ((next = next_event(lab)) <= until)
		lab_turn(lab, next > lab->now ? next : lab->now);
	if (until > lab->now)
		lab_turn(lab, until);
}

int skiff_lab_wait(struct skiff_lab *lab, uint64_t until)
{
	uint64_t next = next_event(lab);
	int n = host_loop_wait(&lab->loop, next < until ? next : until);

	if (n < 0)
		return n;
	lab->now = host_now();
	host_loop_dispatch(&lab->loop);
	/* Later than what was just sent, so that no answer is stamped before its question. */
	lab_turn(lab, host_now());
	if (lab->run && lab->now > lab->reaped + REAP_EACH) {
		lab->reaped = lab->now;
		reap_orphans(lab);
	}
	return lab->loop.stopped || lab->ending ? 0 : 1;
}
