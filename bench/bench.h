/* SPDX-License-Identifier: BSD-2-Clause */
/* bench/bench.h - what the benchmarks share: cycles, results as lines and as JSON. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct bench_out - where results go
 * @json: file to append objects to, one a line; NULL: none (bench/run makes the array of them)
 */
struct bench_out {
	const char *json;
};

/** bench_result() - print one figure. @reach, @stretch: aims, negative: none; @less: smaller is better */
void bench_result(const struct bench_out *out, const char *name, double value, const char *unit,
		  double reach, double stretch, bool less);
static inline uint64_t bench_cycles(void)
{
	uint64_t t;

	/* Nothing from before is still under way, nothing from after has begun. */
	__builtin_ia32_lfence();
	t = __builtin_ia32_rdtsc();
	__builtin_ia32_lfence();
	return t;
}

/** bench_ns_per_cycle() - of the time stamp counter, measured once against the monotonic clock (20 ms) */
double bench_ns_per_cycle(void);
/** bench_cpu_ns() - CPU time of this thread; bench_real_ns(): the monotonic clock */
uint64_t bench_cpu_ns(void);
uint64_t bench_real_ns(void);

#endif
