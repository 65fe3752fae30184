// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_explain.c - skiff explain: a hypothetical packet through a copy of a node, and its journey.
 *
 * The lab of the file is built anew in virtual time, so nothing that runs is touched; the packet is put in at the device, and
 * the other nodes answer as they would. Time runs on until the packet's fate is known.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain_live.h"
#include "cli/output.h"
#include "skiff/lab.h"

#define MS	   1000000ull
#define SETTLE	   (2000 * MS)	/* a node that came up has announced itself by then */
#define LEAST_TIME (4000 * MS)	/* a next hop that does not answer is given up after 3 s */
#define LONGEST	   (60000 * MS) /* reassembly gives up after 30 s */
#define WALL_NS	   (1700000000ull * 1000000000ull)

struct request {
	const char *lab_file, *node_name, *pcapng;
	bool json;
	struct skiff_lab *lab;
	unsigned node;
	struct skiff_lab_packet *packets;
	int n_packets;
};

static int run_explain(int argc, char **argv);
const struct cli_verb verb_explain = {
	"explain",
	"-f LAB [--json] [-w FILE.pcapng] NODE PACKET...\n"
	"       skiff explain --live [--lab NAME] [-v] [--json] [-c COUNT] NODE [FILTER]",
	"what a node would do with a packet, or does with real ones, and why", run_explain
};

static bool read_options(struct request *r, int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "file", required_argument, NULL, 'f' },
						 { "write", required_argument, NULL, 'w' },
						 { 0 } };
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+f:w:", options, NULL)) != -1) {
		if (c == 'f')
			r->lab_file = optarg;
		else if (c == 'w')
			r->pcapng = optarg;
		else if (c == 'j')
			r->json = true;
		else
			return false;
	}
	return r->lab_file && argc - optind >= 2;
}

static void name_nodes(const struct skiff_lab *lab)
{
	struct skiff_net *n;

	for (unsigned i = 0; (n = skiff_lab_node(lab, i)) != NULL; i++)
		fprintf(stderr, "%s %s", i ? "," : "", skiff_net_name(n));
	fprintf(stderr, "\n");
}

/* The lab, the node and the packets; a sentence on stderr where something is wrong. */
static int prepare(struct request *r, int argc, char **argv)
{
	char why[SKIFF_LAB_WHY_MAX];
	int node, err;

	r->lab = skiff_lab_open(r->lab_file, why, sizeof(why));
	err = r->lab ? skiff_lab_start(r->lab, false, why, sizeof(why)) : -1;
	if (err) {
		fprintf(stderr, "skiff: %s\n", why);
		return CLI_USAGE;
	}
	r->node_name = argv[0];
	node = skiff_lab_find(r->lab, r->node_name);
	if (node < 0) {
		fprintf(stderr, "skiff: %s has no node \"%s\"; it has", r->lab_file, r->node_name);
		name_nodes(r->lab);
		return CLI_USAGE;
	}
	r->node = (unsigned)node;
	r->n_packets = skiff_lab_packets(r->lab, r->node, argc - 1, argv + 1, &r->packets, why,
					 sizeof(why));
	if (r->n_packets < 0) {
		fprintf(stderr, "skiff: %s\n", why);
		return CLI_USAGE;
	}
	return CLI_OK;
}

/* The journey of the @i-th packet: the next one after @from that begins with its frame. */
static const struct skiff_journey *journey_of(const struct request *r, struct skiff_recorder *rec,
					      int i, unsigned *from)
{
	const struct skiff_lab_packet *p = &r->packets[i];
	const struct skiff_journey *j;

	while ((j = skiff_recorder_get(rec, *from)) != NULL) {
		++*from;
		if (!strcmp(j->net, r->node_name) && !strcmp(j->dev, p->dev) && j->len == p->len &&
		    !memcmp(j->frame, p->frame, p->len))
			return j;
	}
	return NULL;
}

static bool anything_waits(const struct request *r, struct skiff_recorder *rec)
{
	const struct skiff_journey *j;
	unsigned from = 0;

	for (int i = 0; i < r->n_packets; i++) {
		j = journey_of(r, rec, i, &from);
		if (j && j->fate == SKIFF_FATE_QUEUED)
			return true;
	}
	return false;
}

static void let_it_run(struct request *r, struct skiff_recorder *rec)
{
	uint64_t start = skiff_lab_now(r->lab), until = start + r->packets[r->n_packets - 1].at_ns;

	for (int i = 0; i < r->n_packets; i++) {
		skiff_lab_advance(r->lab, start + r->packets[i].at_ns);
		skiff_lab_inject(r->lab, r->node, &r->packets[i]);
	}
	skiff_lab_advance(r->lab, until + LEAST_TIME);
	while (anything_waits(r, rec) && skiff_lab_now(r->lab) < until + LONGEST)
		skiff_lab_advance(r->lab, skiff_lab_now(r->lab) + 1000 * MS);
}

/* What happens beyond the node is not its journey, but where the packet is then is worth a line. */
static void print_where(const struct request *r, const struct skiff_journey *j)
{
	char peer[96] = "";
	const char *dev;

	if (!j->out_dev || r->json)
		return;
	for (unsigned i = 0; (dev = skiff_lab_dev(r->lab, r->node, i, peer)) != NULL; i++) {
		if (strcmp(dev, j->out_dev))
			continue;
		printf("next: %s%s\n", peer,
		       strncmp(peer, "host:", 5) ?
			       "" :
			       ", which this copy only pretends: a stand-in answers ARP there");
	}
}

static int status_of(enum skiff_fate fate)
{
	switch (fate) {
	case SKIFF_FATE_DELIVERED:
		return CLI_OK;
	case SKIFF_FATE_FORWARDED:
	case SKIFF_FATE_SENT: /* it did not arrive, so it is none of ours */
		return CLI_FORWARDED;
	case SKIFF_FATE_DROPPED:
		return CLI_DROPPED;
	case SKIFF_FATE_QUEUED:
		break;
	}
	fprintf(stderr, "skiff: the packet still waits after a minute\n");
	return CLI_FAILURE;
}

/* Of several packets the gravest fate is the status: failure, dropped, forwarded, delivered. */
static int graver(int a, int b)
{
	if (a == CLI_FAILURE || b == CLI_FAILURE)
		return CLI_FAILURE;
	return a > b ? a : b;
}

static int print_all(const struct request *r, struct skiff_recorder *rec)
{
	struct capture capture;
	const struct skiff_journey *j;
	unsigned from = 0;
	int status = CLI_OK;

	if (r->pcapng && !capture_open(&capture, r->pcapng, WALL_NS))
		return CLI_FAILURE;
	for (int i = 0; i < r->n_packets; i++) {
		j = journey_of(r, rec, i, &from);
		if (!j) {
			fprintf(stderr, "skiff: packet %d did not reach %s\n", i + 1,
				r->packets[i].dev);
			status = CLI_FAILURE;
			continue;
		}
		if (i && !r->json)
			printf("\n");
		print_journey(j, r->json);
		print_where(r, j);
		if (r->pcapng)
			capture_put(&capture, j);
		status = graver(status, status_of(j->fate));
	}
	if (r->pcapng && !capture_close(&capture, r->pcapng))
		status = CLI_FAILURE;
	return status;
}

static int run_explain(int argc, char **argv)
{
	struct request r = { 0 };
	struct skiff_recorder *rec;
	int status;

	for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--live"))
			continue;
		status = explain_live(argc, argv);
		return status < 0 ? cli_usage(&verb_explain) : status;
	}

	if (!read_options(&r, argc, argv))
		return cli_usage(&verb_explain);
	status = prepare(&r, argc - optind, argv + optind);
	if (status == CLI_OK) {
		skiff_lab_advance(r.lab, SETTLE);
		rec = skiff_recorder_start(skiff_lab_shard(r.lab));
		status = CLI_FAILURE;
		if (rec) {
			let_it_run(&r, rec);
			status = print_all(&r, rec);
		}
		skiff_recorder_stop(rec);
	}
	skiff_lab_packets_free(r.packets, r.n_packets);
	skiff_lab_close(r.lab);
	return status;
}
