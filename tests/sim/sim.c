// SPDX-License-Identifier: BSD-2-Clause
/* tests/sim/sim.c - runs seeds of the simulated internet, and says which one failed and how to see it again. */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "net/sock.h"

static const char usage[] =
	"sim [--seed N] [--count N] [--twice] [--big] [--pcap FILE] [-v]\n"
	"  --seed N     first seed (default 1); --count N: how many from there on (default 1)\n"
	"  --twice      run each seed twice: the same frames must be sent at the same times\n"
	"  --big        hundreds to thousands of connections\n"
	"  --pcap FILE  every frame that is sent; -v: what happens\n";

uint32_t sim_about(struct sim *s, uint32_t max)
{
	uint32_t bits = 0;

	while (max >> bits)
		bits++;
	bits = sim_below(s, bits + 1);
	return 1 + sim_below(s, bits >= 31 || 1u << bits > max ? max : 1u << bits);
}

void sim_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed[0])
		return;
	va_start(ap, fmt);
	vsnprintf(s->failed, sizeof(s->failed), fmt, ap);
	va_end(ap);
	sim_log(s, "FAILED: %s", s->failed);
}

void sim_log(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->verbose)
		return;
	printf("%10.6f ", (double)s->now / 1e9);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void *count_alloc(void *arg, size_t size, size_t align)
{
	struct sim *s = arg;
	void *p;

	align = align < 16 ? 16 : align;
	p = aligned_alloc(align, (size + align - 1) / align * align + (size ? 0 : align));
	s->allocs += p != NULL;
	return p;
}

static void count_free(void *arg, void *p)
{
	struct sim *s = arg;

	s->allocs -= p != NULL;
	free(p);
}

static void log_line(void *arg, int level, const char *line)
{
	sim_log(arg, "log: %s", line);
}

static void sim_start(struct sim *s, uint64_t seed)
{
	struct skiff_env env = { .arg = s,
				 .alloc = count_alloc,
				 .free = count_free,
				 .log = log_line,
				 .wall_ns = 1700000000ULL * SIM_SECOND };

	s->seed = seed;
	prng_seed(&s->prng, &seed, sizeof(seed));
	memcpy(env.seed, &seed, sizeof(seed));
	s->skiff = skiff_create(&env);
	if (!s->skiff)
		abort();
	s->gentle = sim_one_in(s, 3);
	sim_net_start(s);
	sim_flows_start(s);
	sim_udps_start(s);
	sim_log(s, "%u hosts, %u flows, %s", s->hosts, s->flows, s->gentle ? "gentle" : "rough");
}

/* One moment: everything that happens at s->now. */
static void sim_moment(struct sim *s)
{
	if (s->now >= SIM_HEALED && s->next_change != SKIFF_NEVER)
		sim_net_heal(s);
	else if (s->now >= s->next_change)
		sim_net_change(s);
	sim_net_deliver(s);
	for (unsigned i = 0; skiff_turn(s->skiff, s->now) && i < 10000; i++)
		s->turns++;
	sim_flows_run(s);
	sim_udps_run(s);
}

static uint64_t sim_next(const struct sim *s)
{
	const uint64_t t[] = { skiff_next(s->skiff), sim_net_next(s), sim_flows_next(s),
			       sim_udps_next(s) };
	uint64_t at = SKIFF_NEVER;

	for (unsigned i = 0; i < 4; i++)
		if (t[i] < at)
			at = t[i];
	return at;
}

/* The next moment. A stack that asks again and again for the same one, and does nothing then, would never get on. */
static void sim_step(struct sim *s, uint64_t until, unsigned *still)
{
	uint64_t at = sim_next(s);

	*still = at > s->now ? 0 : *still + 1;
	if (*still > 100000)
		sim_fail(s, "time stands still: stack %llu, net %llu, flows %llu, now %llu",
			 (unsigned long long)skiff_next(s->skiff),
			 (unsigned long long)sim_net_next(s), (unsigned long long)sim_flows_next(s),
			 (unsigned long long)s->now);
	s->now = at <= s->now ? s->now + 1000 : at < until ? at : until;
}

/* All is said: connections in TIME_WAIT and the last resets run out, then nothing may be left. */
static void sim_quiet(struct sim *s)
{
	static const char *const names[SLAB_MAX] = { "TCP",	"UDP",	     "raw",    "ping",
						     "request", "time-wait", "socket", "bind" };
	uint64_t until = s->now + 400 * SIM_SECOND;
	unsigned still = 0;

	while (s->now < until && !s->failed[0]) {
		sim_step(s, until, &still);
		sim_net_deliver(s);
		for (unsigned i = 0; skiff_turn(s->skiff, s->now) && i < 10000; i++)
			;
	}
	for (unsigned i = 0; i < SLAB_MAX; i++)
		if (s->skiff->sockets->slab[i].used)
			sim_fail(s, "%u objects of slab %s are left",
				 s->skiff->sockets->slab[i].used, names[i]);
}

static void sim_stop(struct sim *s)
{
	bool quiet = !s->failed[0];

	s->next_change = SKIFF_NEVER;
	sim_flows_stop(s);
	sim_udps_stop(s);
	if (quiet && !s->failed[0])
		sim_quiet(s);
	if (!s->failed[0])
		sim_net_check(s);
	skiff_destroy(s->skiff);
	sim_net_stop(s);
	if (s->allocs && !s->failed[0])
		sim_fail(s, "%ld allocations are left", s->allocs);
}

/* One seed. Return: its digest; s->failed says what was wrong */
static uint64_t sim_run(struct sim *s, uint64_t seed)
{
	unsigned still = 0;

	sim_start(s, seed);
	while (s->flows_open && s->now < SIM_END && !s->failed[0]) {
		sim_moment(s);
		sim_step(s, SIM_END, &still);
	}
	sim_stop(s);
	return s->digest;
}

struct options {
	uint64_t seed, count;
	bool twice, big, verbose;
	const char *pcap;
};

static bool parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			o->seed = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--count") && i + 1 < argc)
			o->count = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--pcap") && i + 1 < argc)
			o->pcap = argv[++i];
		else if (!strcmp(argv[i], "--twice"))
			o->twice = true;
		else if (!strcmp(argv[i], "--big"))
			o->big = true;
		else if (!strcmp(argv[i], "-v"))
			o->verbose = true;
		else
			return false;
	}
	return true;
}

static FILE *open_pcap(const char *name)
{
	static const uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };
	FILE *f = fopen(name, "w");

	if (f)
		fwrite(head, sizeof(head), 1, f);
	return f;
}

static bool one_seed(const struct options *o, uint64_t seed, struct sim *total)
{
	uint64_t digest[2] = { 0, 0 };

	for (unsigned i = 0; i <= o->twice; i++) {
		struct sim s = { .big = o->big, .verbose = o->verbose };

		if (o->pcap)
			s.pcap = open_pcap(o->pcap);
		digest[i] = sim_run(&s, seed);
		if (s.pcap)
			fclose(s.pcap);
		if (s.failed[0]) {
			printf("seed %llu at %.6f s: %s\n", (unsigned long long)seed,
			       (double)s.now / 1e9, s.failed);
			return false;
		}
		total->done += s.done;
		total->flows += s.flows;
		total->aborted += s.aborted;
		total->bytes += s.bytes;
		total->frames += s.frames;
	}
	if (o->twice && digest[0] != digest[1]) {
		printf("seed %llu: two runs are not the same\n", (unsigned long long)seed);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1, .count = 1 };
	uint64_t failed = 0;
	struct sim total = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!parse(argc, argv, &o)) {
		fputs(usage, stderr);
		return 2;
	}
	for (uint64_t i = 0; i < o.count; i++)
		failed += !one_seed(&o, o.seed + i, &total);
	printf("%llu seeds, %llu failed; %u connections (%u came to their own end, %u were broken off), %llu bytes, %llu frames\n",
	       (unsigned long long)o.count, (unsigned long long)failed, total.flows, total.done,
	       total.aborted, (unsigned long long)total.bytes, (unsigned long long)total.frames);
	return failed != 0;
}
