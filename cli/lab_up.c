// SPDX-License-Identifier: BSD-2-Clause
/* cli/lab_up.c - skiff lab up: run a lab in the foreground until a signal or skiff lab down, or put it behind. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/lab_verbs.h"
#include "cli/options.h"
#include "cli/output.h"

#define SEC 1000000000ull

enum show { SHOW_NOTHING, SHOW_DROPS, SHOW_ALL, SHOW_CONNECTIONS };

/**
 * struct lab_run - a lab that runs
 * @seconds: 0: until a signal
 * @behind:  -d: the pipe to who waits for it to be ready, else -1
 */
struct lab_run {
	const char *file, *pcap_dir, *name;
	double seconds;
	enum show show;
	bool json, detach, seeded;
	uint64_t seed;
	int behind;
	struct skiff_lab_log_options log;
	struct skiff_lab *lab;
	struct skiff_lab_watch *watch;
	struct capture *captures; /* by node, or NULL */
	uint64_t wall_ns;
};

/* ---- arguments ---- */

static bool read_show(struct lab_run *r, const char *arg)
{
	static const char *const names[] = { "", "drops", "all", "connections" };

	for (unsigned i = SHOW_DROPS; i <= SHOW_CONNECTIONS; i++) {
		if (!strcmp(names[i], arg))
			r->show = i;
	}
	return r->show != SHOW_NOTHING;
}

static bool read_option(struct lab_run *r, int c)
{
	char *end;

	switch (c) {
	case 't':
		r->seconds = strtod(optarg, &end);
		return !*end && r->seconds > 0 && r->seconds < 1e9;
	case 's':
		r->seed = strtoull(optarg, &end, 0);
		r->seeded = true;
		return *optarg >= '0' && *optarg <= '9' && !*end;
	case 'e':
		return read_show(r, optarg);
	case 'p':
		r->pcap_dir = optarg;
		return true;
	case 'n':
		r->name = optarg;
		return true;
	case 'j':
		r->json = true;
		return true;
	case 'd':
		r->detach = true;
		return true;
	default:
		return log_option(&r->log, c, optarg);
	}
}

static bool read_arguments(struct lab_run *r, int argc, char **argv)
{
	static const struct option options[] = { { "for", required_argument, NULL, 't' },
						 { "explain", required_argument, NULL, 'e' },
						 { "pcap", required_argument, NULL, 'p' },
						 { "name", required_argument, NULL, 'n' },
						 { "seed", required_argument, NULL, 's' },
						 { "json", no_argument, NULL, 'j' },
						 LOG_OPTIONS,
						 { 0 } };
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "d", options, NULL)) != -1) {
		if (!read_option(r, c))
			return false;
	}
	if (r->detach && (r->show != SHOW_NOTHING || r->json)) {
		fprintf(stderr, "skiff: with -d nothing is printed: no --explain, no --json\n");
		return false;
	}
	if (argc - optind != 1)
		return false;
	r->file = argv[optind];
	return true;
}

/* ---- what is printed ---- */

static unsigned count_nodes(const struct skiff_lab *lab)
{
	unsigned n = 0;

	while (skiff_lab_node(lab, n))
		n++;
	return n;
}

static void print_nodes(const struct lab_run *r)
{
	char line[2048], programs[2048];

	printf("%s is up, %u nodes; Ctrl-C ends it\n", skiff_lab_name(r->lab), count_nodes(r->lab));
	for (unsigned i = 0; i < count_nodes(r->lab); i++) {
		skiff_lab_describe(r->lab, i, line, sizeof(line));
		skiff_lab_programs(r->lab, i, programs, sizeof(programs));
		printf("  %s%s%s\n", line, *programs ? "; " : "", programs);
	}
	fflush(stdout);
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
	printf("%s is down\n", skiff_lab_name(r->lab));
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

/* ---- captures: a file per node, an interface per end of a link ---- */

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
	r->captures = NULL;
	return good;
}

/* ---- following packets ---- */

static void on_journey(void *arg, const struct skiff_journey *j)
{
	struct lab_run *r = arg;
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

/* The stories of connections that are over, or with @all of every one. */
static void show_connections(struct lab_run *r, bool all)
{
	struct skiff_recorder *rec = skiff_lab_recorder(r->lab);
	unsigned n = rec ? skiff_recorder_connections(rec) : 0, shown = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!all && !skiff_connection_over(rec, i))
			continue;
		print_connection(rec, i, r->json);
		shown++;
	}
	if (shown)
		fflush(stdout);
	if (rec)
		skiff_recorder_forget_connections(rec);
}

static uint64_t wall_offset(const struct skiff_lab *lab)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * SEC + (uint64_t)ts.tv_nsec - skiff_lab_now(lab);
}

static bool follow(struct lab_run *r)
{
	r->wall_ns = wall_offset(r->lab);
	if (r->pcap_dir && !open_captures(r))
		return false;
	if (!r->pcap_dir && r->show == SHOW_NOTHING)
		return true;
	r->watch = skiff_lab_watch(r->lab, on_journey, r);
	if (!r->watch)
		fprintf(stderr, "skiff: out of memory\n");
	return r->watch;
}

/* ---- its life ---- */

static int turn_until_end(struct lab_run *r)
{
	uint64_t end = r->seconds > 0 ? skiff_lab_now(r->lab) + (uint64_t)(r->seconds * 1e9) :
					SKIFF_NEVER;
	int more = 1;

	while (more > 0 && skiff_lab_now(r->lab) < end) {
		more = skiff_lab_wait(r->lab, end);
		if (r->show == SHOW_CONNECTIONS)
			show_connections(r, false);
	}
	return more < 0 ? more : 0;
}

/* Return: 1: ready; 0: a signal came; -1: failed, a sentence in @why */
static int until_ready(struct lab_run *r, char *why, size_t why_size)
{
	int ready, more = 1;

	if (skiff_lab_run(r->lab, why, why_size))
		return -1;
	while (!(ready = skiff_lab_ready(r->lab, why, why_size)) && more > 0) {
		more = skiff_lab_wait(r->lab, SKIFF_NEVER);
		if (more < 0)
			snprintf(why, why_size, "%s", strerror(-more));
	}
	return ready ? ready : more;
}

/* The two halves of being put behind: what failed is said to who waits, success with an empty word. */
static void report_failure(struct lab_run *r, const char *sentence)
{
	if (r->behind < 0)
		fprintf(stderr, "skiff: %s\n", sentence);
	else if (write(r->behind, sentence, strlen(sentence)) < 0)
		fprintf(stderr, "skiff: %s\n", sentence);
}

/* false: nobody waits any more (Ctrl-C), so nobody wants it. */
static bool go_behind(struct lab_run *r)
{
	bool wanted;
	int fd;

	/* From now on nobody sees what is printed. */
	fflush(stdout);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 1; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	wanted = write(r->behind, "", 1) == 1;
	close(r->behind);
	r->behind = -1;
	return wanted;
}

static int live(struct lab_run *r)
{
	char why[SKIFF_LAB_WHY_MAX] = "";
	int ready, err = 0;

	ready = follow(r) ? until_ready(r, why, sizeof(why)) : -1;
	if (ready <= 0) {
		report_failure(r, ready < 0 ? why : "it was ended before it was ready");
		return CLI_FAILURE;
	}
	if (r->behind >= 0 && !go_behind(r))
		return CLI_FAILURE;
	if (!r->detach && !r->json)
		print_nodes(r);
	err = turn_until_end(r);
	if (err)
		fprintf(stderr, "skiff: %s\n", strerror(-err));
	return err ? CLI_FAILURE : CLI_OK;
}

/* The lab's own log, where no other is wanted. */
static int choose_log(struct lab_run *r, char *why, size_t why_size)
{
	char path[4200];

	if (r->detach && !r->log.file && skiff_lab_folder(r->lab, "log", path, sizeof(path)))
		r->log.file = path;
	return skiff_lab_set_log(r->lab, &r->log, why, why_size);
}

static int begin(struct lab_run *r, char *why, size_t why_size)
{
	int err;

	r->lab = skiff_lab_open(r->file, why, why_size);
	if (!r->lab)
		return -EINVAL;
	if (r->seeded)
		skiff_lab_set_seed(r->lab, r->seed);
	err = skiff_lab_claim(r->lab, r->name, why, why_size);
	/* Without a place for its state a lab still runs where it is seen, but no other verb finds it. */
	if (err && err != -EEXIST && !r->detach && !r->name) {
		fprintf(stderr, "skiff: %s\n", why);
		err = 0;
	}
	if (!err)
		err = choose_log(r, why, why_size);
	if (!err)
		err = skiff_lab_start(r->lab, true, why, why_size);
	if (err == -EPERM) {
		size_t n = strlen(why);

		snprintf(why + n, why_size - n, "; a TAP needs root or CAP_NET_ADMIN");
	}
	return err || !*skiff_lab_claimed(r->lab) ? err : skiff_lab_serve(r->lab, why, why_size);
}

static int up(struct lab_run *r)
{
	char why[SKIFF_LAB_WHY_MAX];
	int err = begin(r, why, sizeof(why)), status;

	if (err) {
		report_failure(r, why);
		status = err == -EINVAL ? CLI_USAGE : CLI_FAILURE;
	} else {
		status = live(r);
		skiff_lab_stop(r->lab);
		if (r->show == SHOW_CONNECTIONS)
			show_connections(r, true);
		skiff_lab_unwatch(r->lab, r->watch);
		if (!close_captures(r))
			status = CLI_FAILURE;
		if (!r->json && status == CLI_OK)
			print_sums(r);
	}
	skiff_lab_close(r->lab);
	return status;
}

/* ---- behind ---- */

/* A process of its own, which lives on; this one waits for the first word. */
static int put_behind(struct lab_run *r)
{
	char why[1024];
	int fd[2], status, null;
	ssize_t n;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		perror("skiff");
		return CLI_FAILURE;
	}
	if (!pid) {
		close(fd[0]);
		setsid();
		signal(SIGPIPE, SIG_IGN);
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null >= 0)
			dup2(null, 0);
		r->behind = fd[1];
		_exit(up(r));
	}
	close(fd[1]);
	n = read(fd[0], why, sizeof(why) - 1);
	close(fd[0]);
	if (n == 1 && !*why) {
		printf("%s is up, pid %d\n", r->file, (int)pid);
		return CLI_OK;
	}
	why[n > 0 ? n : 0] = '\0';
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status)) {
		fprintf(stderr, "skiff: the lab died before it was ready\n");
		return CLI_FAILURE;
	}
	fprintf(stderr, "skiff: %s\n", n > 0 ? why : "the lab did not come up");
	return WEXITSTATUS(status) ? WEXITSTATUS(status) : CLI_FAILURE;
}

int lab_up(int argc, char **argv)
{
	struct lab_run r = { .behind = -1, .log = { .level = SKIFF_LOG_INFO } };

	if (!read_arguments(&r, argc, argv))
		return -1;
	return r.detach ? put_behind(&r) : up(&r);
}
