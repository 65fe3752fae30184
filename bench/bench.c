// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench.c - results of benchmarks, printed for a person and for bench/run. */
#include "bench.h"

#include <stdio.h>
#include <time.h>

void bench_result(const struct bench_out *out, const char *name, double value, const char *unit,
		  double reach, double stretch, bool less)
{
	FILE *f;

	printf("%-44s %12.*f %s", name, value < 1 ? 3 : 1, value, unit);
	if (reach >= 0)
		printf("   (reach %g%s)", reach,
		       (less ? value <= reach : value >= reach) ? ", met" : ", NOT met");
	printf("\n");
	fflush(stdout);
	if (!out->json)
		return;
	f = fopen(out->json, "a");
	if (!f)
		return;
	fprintf(f, "{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"%s\",\"kernel\":null,", name, value,
		unit);
	if (reach >= 0)
		fprintf(f, "\"reach\":%g,\"stretch\":%g,", reach, stretch);
	else
		fprintf(f, "\"reach\":null,\"stretch\":null,");
	fprintf(f, "\"better\":\"%s\"}\n", less ? "less" : "more");
	fclose(f);
}

double bench_ns_per_cycle(void)
{
	struct timespec a, b;
	uint64_t c0, c1;
	double ns;

	clock_gettime(CLOCK_MONOTONIC, &a);
	c0 = bench_cycles();
	do {
		clock_gettime(CLOCK_MONOTONIC, &b);
		ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
	} while (ns < 2e7);
	c1 = bench_cycles();
	return ns / (double)(c1 - c0);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

uint64_t bench_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t bench_real_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
