// SPDX-License-Identifier: BSD-2-Clause
/* cli/cmd_lab.c - skiff lab: run the nodes and links of a file in the foreground, or only check the file. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "skiff/lab.h"

#define SEC 1000000000ull
/* A packet whose fate is open is waited for that long before its journey is shown. */
#define PATIENCE (5 * SEC)

enum show { SHOW_NOTHING, SHOW_DROPS, SHOW_ALL, SHOW_CONNECTIONS };

struct lab_run {
	const char *file, *pcap_dir;
	double seconds; /* 0: until a signal */
	enum show show;
	bool json, check;
	struct skiff_lab *lab;
	struct skiff_recorder *rec;
	struct capture *captures; /* by node, or NULL */
	uint64_t wall_ns;
};

static int run_lab(int argc, char **argv);
const struct cli_verb verb_lab = {
	"lab",
	"up [--for SECONDS] [--explain drops|all|connections] [--json] [--pcap DIR] FILE | check FILE",
	"run the nodes and links of a lab file, or only check it", run_lab
};

static bool read_option(struct lab_run *r, int c)
{
	char *end;

	switch (c) {
	case 't':
		r->seconds = strtod(optarg, &end);
		return !*end && r->seconds > 0 && r->seconds < 1e9;
	case 'e':
		r->show = !strcmp(optarg, "drops")	 ? SHOW_DROPS :
			  !strcmp(optarg, "all")	 ? SHOW_ALL :
			  !strcmp(optarg, "connections") ? SHOW_CONNECTIONS :
							   SHOW_NOTHING;
		return r->show != SHOW_NOTHING;
	case 'p':
		r->pcap_dir = optarg;
		return true;
	case 'j':
		r->json = true;
		return true;
	default:
		return false;
	}
}

static bool read_arguments(struct lab_run *r, int argc, char **argv)
{
	static const struct option options[] = { { "for", required_argument, NULL, 't' },
						 { "explain", required_argument, NULL, 'e' },
						 { "pcap", required_argument, NULL, 'p' },
						 { "json", no_argument, NULL, 'j' },
						 { 0 } };
	int c;

	if (argc < 3)
		return false;
	r->check = !strcmp(argv[1], "check");
	if (!r->check && strcmp(argv[1], "up"))
		return false;
	optind = 2;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (r->check || !read_option(r, c))
			return false;
	}
	if (argc - optind != 1)
		return false;
	r->file = argv[optind];
	return true;
}

static unsigned count_nodes(const struct skiff_lab *lab)
{
	unsigned n = 0;

	while (skiff_lab_node(lab, n))
		n++;
	return n;
}

static void print_nodes(const struct lab_run *r)
{
	char line[1024];

	for (unsigned i = 0; i < count_nodes(r->lab); i++) {
		skiff_lab_describe(r->lab, i, line, sizeof(line));
		printf("  %s\n", line);
	}
}

/* ---- captures: a file per node ---- */

static void capture_path(const struct lab_run *r, unsigned i, char *path, size_t size)
{
	snprintf(path, size, "%s/%s.pcapng", r->pcap_dir,
		 skiff_net_name(skiff_lab_node(r->lab, i)));
}

static bool open_captures(struct lab_run *r)
{
	unsigned n = count_nodes(r->lab);
	char path[4096];

	r->captures = calloc(n, sizeof(struct capture));
	if (!r->captures)
		return false;
	if (mkdir(r->pcap_dir, 0777) < 0 && errno != EEXIST) {
		fprintf(stderr, "skiff: %s: %s\n", r->pcap_dir, strerror(errno));
		return false;
	}
	for (unsigned i = 0; i < n; i++) {
		capture_path(r, i, path, sizeof(path));
		if (!capture_open(&r->captures[i], path, r->wall_ns))
			return false;
	}
	return true;
}

static bool close_captures(struct lab_run *r)
{
	bool good = true;
	char path[4096];

	for (unsigned i = 0; r->captures && i < count_nodes(r->lab); i++) {
		capture_path(r, i, path, sizeof(path));
		if (r->captures[i].f)
			good &= capture_close(&r->captures[i], path);
	}
	free(r->captures);
	return good;
}

/* ---- running ---- */

static void show_journey(struct lab_run *r, const struct skiff_journey *j)
{
	int node = skiff_lab_find(r->lab, j->net);

	if (r->captures && node >= 0)
		capture_put(&r->captures[node], j);
	if (r->show == SHOW_ALL || (r->show == SHOW_DROPS && j->fate == SKIFF_FATE_DROPPED)) {
		print_journey(j, r->json);
		if (!r->json)
			printf("\n");
		fflush(stdout);
	}
}

/* Show what is settled, in order; forget when everything has been shown. Return: the next one to show */
static unsigned show_settled(struct lab_run *r, unsigned next, bool all)
{
	const struct skiff_journey *j;

	while ((j = skiff_recorder_get(r->rec, next)) != NULL) {
		if (!all && j->fate == SKIFF_FATE_QUEUED &&
		    skiff_lab_now(r->lab) - j->at_ns < PATIENCE)
			return next;
		show_journey(r, j);
		next++;
	}
	skiff_recorder_clear(r->rec);
	return 0;
}

/* The stories of connections that are over, or with @all of every one. */
static void show_connections(struct lab_run *r, bool all)
{
	unsigned n = skiff_recorder_connections(r->rec), shown = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!all && !skiff_connection_over(r->rec, i))
			continue;
		print_connection(r->rec, i, r->json);
		shown++;
	}
	if (shown)
		fflush(stdout);
	skiff_recorder_forget_connections(r->rec);
}

static int turn_until_end(struct lab_run *r)
{
	uint64_t end = r->seconds > 0 ? skiff_lab_now(r->lab) + (uint64_t)(r->seconds * 1e9) :
					SKIFF_NEVER;
	unsigned next = 0;
	int more = 1;

	while (more > 0 && skiff_lab_now(r->lab) < end) {
		more = skiff_lab_wait(r->lab, end);
		if (r->rec)
			next = show_settled(r, next, false);
		if (r->show == SHOW_CONNECTIONS)
			show_connections(r, false);
	}
	if (r->rec)
		show_settled(r, next, true);
	if (r->show == SHOW_CONNECTIONS)
		show_connections(r, true);
	return more < 0 ? more : 0;
}

struct sums {
	uint64_t received, forwarded, delivered, sent;
};

static void sum_counter(void *arg, const char *name, uint64_t value)
{
	struct sums *s = arg;

	if (!strcmp(name, "Ip.InReceives"))
		s->received = value;
	else if (!strcmp(name, "Ip.ForwDatagrams"))
		s->forwarded = value;
	else if (!strcmp(name, "Ip.InDelivers"))
		s->delivered = value;
	else if (!strcmp(name, "Ip.OutRequests"))
		s->sent = value;
}

static void print_sums(const struct lab_run *r)
{
	for (unsigned i = 0; i < count_nodes(r->lab); i++) {
		struct skiff_net *net = skiff_lab_node(r->lab, i);
		struct sums s = { 0 };

		skiff_counters(net, sum_counter, &s);
		printf("  %-8s packets received %llu, forwarded %llu, delivered %llu, sent %llu\n",
		       skiff_net_name(net), (unsigned long long)s.received,
		       (unsigned long long)s.forwarded, (unsigned long long)s.delivered,
		       (unsigned long long)s.sent);
	}
}

static uint64_t wall_offset(const struct skiff_lab *lab)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * SEC + (uint64_t)ts.tv_nsec - skiff_lab_now(lab);
}

static int run_up(struct lab_run *r)
{
	int err;

	r->wall_ns = wall_offset(r->lab);
	if (r->pcap_dir && !open_captures(r))
		return CLI_FAILURE;
	if (r->pcap_dir || r->show != SHOW_NOTHING) {
		r->rec = skiff_recorder_start(skiff_lab_shard(r->lab));
		if (!r->rec)
			return CLI_FAILURE;
	}
	if (!r->json) {
		printf("%s is up, %u nodes; Ctrl-C ends it\n", skiff_lab_name(r->lab),
		       count_nodes(r->lab));
		print_nodes(r);
		fflush(stdout);
	}
	err = turn_until_end(r);
	if (err)
		fprintf(stderr, "skiff: %s\n", strerror(-err));
	skiff_recorder_stop(r->rec);
	if (!r->json) {
		printf("%s is down\n", skiff_lab_name(r->lab));
		print_sums(r);
	}
	return err ? CLI_FAILURE : CLI_OK;
}

static int run_lab(int argc, char **argv)
{
	struct lab_run r = { 0 };
	char why[SKIFF_LAB_WHY_MAX];
	int status, err;

	if (!read_arguments(&r, argc, argv))
		return cli_usage(&verb_lab);
	r.lab = skiff_lab_open(r.file, why, sizeof(why));
	err = r.lab ? skiff_lab_start(r.lab, !r.check, why, sizeof(why)) : -EINVAL;
	if (err) {
		fprintf(stderr, "skiff: %s\n", why);
		if (err == -EPERM)
			fprintf(stderr, "skiff: a TAP needs root or CAP_NET_ADMIN\n");
		status = err == -EINVAL ? CLI_USAGE : CLI_FAILURE;
	} else if (r.check) {
		printf("%s is right\n", r.file);
		status = CLI_OK;
	} else {
		status = run_up(&r);
	}
	if (r.lab && !err && !close_captures(&r))
		status = CLI_FAILURE;
	skiff_lab_close(r.lab);
	return status;
}
