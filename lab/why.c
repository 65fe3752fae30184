// SPDX-License-Identifier: BSD-2-Clause
/* lab/why.c - what a node dropped lately, grouped by reason, setting and flow, the most frequent first.
 *
 * A flow is here what a person would call one: the port of the side that asked changes with each connection and is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/server.h"

#define GROUPS_MAX 100 /* that are told */

struct group {
	const struct skiff_drop *drop; /* the latest */
	unsigned n;
	uint64_t first;
};

/* The server's port, as far as one can tell: the lower one. */
static uint16_t service_port(const struct skiff_drop *d)
{
	return d->sport < d->dport && d->sport ? d->sport : d->dport;
}

static bool same(const struct skiff_drop *a, const struct skiff_drop *b)
{
	return a->reason == b->reason && a->fn == b->fn && !strcmp(a->setting, b->setting) &&
	       a->saddr == b->saddr && a->daddr == b->daddr && a->proto == b->proto &&
	       service_port(a) == service_port(b) && !strcmp(a->dev, b->dev);
}

static unsigned gather(struct group *groups, const struct skiff_lab *lab, unsigned node,
		       uint64_t *total)
{
	const struct skiff_drop *d;
	unsigned n = 0, k;

	for (unsigned i = 0; (d = skiff_drops_get(lab->drops, lab->nodes[node], i, total)); i++) {
		for (k = 0; k < n && !same(groups[k].drop, d); k++)
			;
		if (k == n)
			groups[n++].drop = d;
		groups[k].n++;
		groups[k].first = d->at_ns;
	}
	return n;
}

static int by_number(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->drop->at_ns < y->drop->at_ns ? 1 : -1;
}

static void address(char *buf, size_t size, uint32_t addr, uint16_t port)
{
	const uint8_t *a = (const uint8_t *)&addr;

	if (port)
		snprintf(buf, size, "%u.%u.%u.%u:%u", a[0], a[1], a[2], a[3], port);
	else
		snprintf(buf, size, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
}

static const char *proto_name(uint8_t proto, char buf[16])
{
	switch (proto) {
	case 1:
		return "icmp";
	case 2:
		return "igmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 136:
		return "udplite";
	}
	snprintf(buf, 16, "proto %u", proto);
	return buf;
}

static void flow_of(const struct skiff_drop *d, char *buf, size_t size)
{
	uint16_t port = service_port(d);
	char src[32], dst[32], proto[16];

	if (!d->proto && !d->saddr && !d->daddr) {
		snprintf(buf, size, "not IPv4");
		return;
	}
	address(src, sizeof(src), d->saddr, port == d->sport && port != d->dport ? port : 0);
	address(dst, sizeof(dst), d->daddr, port == d->dport ? port : 0);
	snprintf(buf, size, "%s > %s %s", src, dst, proto_name(d->proto, proto));
}

static void say_group(struct server_conn *c, const struct group *g)
{
	const struct skiff_drop *d = g->drop;
	char flow[96];

	flow_of(d, flow, sizeof(flow));
	conn_say(c, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "count", (int)g->n,
			      "reason", d->reason, "sentence", d->sentence, "function", d->fn,
			      "setting", d->setting, "flow", flow, "dev", d->dev, "ago_ns",
			      (json_int_t)(c->lab->now - d->at_ns), "since_ns",
			      (json_int_t)(c->lab->now - g->first)));
}

void why_run(struct server_conn *c, json_t *request)
{
	int node = request_node(c, request);
	struct group *groups;
	uint64_t total = 0;
	unsigned n;

	if (node < 0)
		return;
	groups = c->lab->drops ? calloc(LAB_DROPS_KEPT + 1, sizeof(*groups)) : NULL;
	if (!groups) {
		conn_fail(c, "no drops are kept: out of memory");
		return;
	}
	n = gather(groups, c->lab, (unsigned)node, &total);
	qsort(groups, n, sizeof(*groups), by_number);
	conn_say(c, json_pack("{s:s, s:I, s:i}", "node", c->lab->t->nodes[node].name, "total",
			      (json_int_t)total, "groups", (int)n));
	for (unsigned i = 0; i < n && i < GROUPS_MAX; i++)
		say_group(c, &groups[i]);
	free(groups);
	conn_end(c);
}
