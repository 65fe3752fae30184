// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_fib.c - what route lookups and route changes cost, on a real BGP table.
 *
 * bench_fib RIB [--json FILE] [--quick]     RIB: text, "prefix/len number" a line (data/rib/rib.txt.gz unpacked), - for standard input
 *
 * Lookups are timed in cycles of the time stamp counter, in pieces, each with the best of several runs; loading and changes in
 * processor time (the worst change: by the clock). Changes go through fib_table_insert() and _delete(); what a route says
 * beyond its prefix (fib_info) and the notifications are stood in for by net/ipv4/fib_fake.h.
 * Next hops are 64, uncorrelated: the worst case for compression.
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h> /* <time.h> has a timer_delete() of its own */
#include <x86intrin.h>

#include "lib/inet.h"
#include "lib/prandom.h"
#include "net/ipv4/fib_fake.h"
#include "net/ipv4/fib_lpm.h"

#define RUNS	   15
#define HOT	   4096u
#define PIECE	   4096u /* lookups timed together */
#define MAX_PIECES ((1u << 20) / PIECE)

struct route {
	u32 key;
	u8 plen;
	u8 gw;
};

static struct route *rib;
static u32 n_rib;
static u32 lookups = 1u << 20, changes = 200000; /* of one run; --quick: fewer */
static struct prng rng;
static FILE *json;
static volatile u64 sink;

static double now_s(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return (double)tv.tv_sec + (double)tv.tv_usec * 1e-6;
}

/* What this program has had of the processor: others on the machine do not count. */
static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* @reach 0: no mark set. */
static void report(const char *name, double value, const char *unit, double reach, double stretch,
		   const char *better)
{
	printf("%-28s %12.2f %s", name, value, unit);
	if (reach > 0)
		printf("   (%s than %g wanted)", !strcmp(better, "less") ? "less" : "more", reach);
	putchar('\n');
	if (!json)
		return;
	fprintf(json, "{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", \"kernel\": null, ",
		name, value, unit);
	if (reach > 0)
		fprintf(json, "\"reach\": %g, \"stretch\": %g, ", reach, stretch);
	else
		fprintf(json, "\"reach\": null, \"stretch\": null, ");
	fprintf(json, "\"better\": \"%s\"}\n", better);
}

static bool read_rib(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char prefix[32];
	u32 max = 1u << 20, addr;
	unsigned gw;

	rib = malloc(max * sizeof(*rib));
	while (f && rib && n_rib < max && fscanf(f, "%31s %u", prefix, &gw) == 2) {
		if (!ip4_parse_prefix(prefix, &addr, &rib[n_rib].plen))
			return false;
		rib[n_rib].key = ntohl(addr);
		rib[n_rib++].gw = (u8)gw;
	}
	if (f && f != stdin)
		fclose(f);
	return n_rib > 0;
}

static struct fib_config config_of(const struct route *r)
{
	return (struct fib_config){
		.fc_type = RTN_UNICAST,
		.fc_dst = htonl(r->key),
		.fc_dst_len = r->plen,
		.fc_gw4 = htonl(0x0a000001u + r->gw),
		.fc_nlflags = NLM_F_CREATE | NLM_F_EXCL,
	};
}

static void insert(struct fib_table *tb, const struct route *r)
{
	struct fib_config cfg = config_of(r);

	if (fib_table_insert(&fake.net, tb, &cfg, NULL))
		abort();
}

static void delete (struct fib_table *tb, const struct route *r)
{
	struct fib_config cfg = config_of(r);

	cfg.fc_scope = RT_SCOPE_NOWHERE;
	if (fib_table_delete(&fake.net, tb, &cfg, NULL))
		abort();
}

static u32 address_in(const struct route *r)
{
	return r->key | ((u32)prng_u64(&rng) & ~fib_mask(r->plen));
}

enum traffic { T_HOT, T_SPREAD, T_UNIFORM };

static void fill_addresses(u32 *addr, enum traffic t)
{
	u32 hot[HOT];

	for (u32 i = 0; i < HOT; i++)
		hot[i] = address_in(&rib[prng_u32_below(&rng, n_rib)]);
	for (u32 i = 0; i < lookups; i++) {
		if (t == T_HOT)
			addr[i] = hot[prng_u32_below(&rng, HOT)];
		else if (t == T_SPREAD)
			addr[i] = address_in(&rib[prng_u32_below(&rng, n_rib)]);
		else
			addr[i] = (u32)prng_u64(&rng);
	}
}

static u64 run_single(struct fib_table *tb, const u32 *addr, u32 n)
{
	u64 sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += (uintptr_t)fib_lpm_lookup(tb->lpm, addr[i]);
	return sum;
}

static u64 run_bulk(struct fib_table *tb, const u32 *addr, u32 n)
{
	const struct fib_leaf *leaf[64];
	u64 sum = 0;

	for (u32 i = 0; i < n; i += 64) {
		fib_lpm_lookup_bulk(tb->lpm, addr + i, leaf, 64);
		for (unsigned k = 0; k < 64; k++)
			sum += (uintptr_t)leaf[k];
	}
	return sum;
}

static u64 run_table(struct fib_table *tb, const u32 *addr, u32 n)
{
	struct flowi4 fl = { 0 };
	struct fib_result res;
	u64 sum = 0;

	for (u32 i = 0; i < n; i++) {
		fl.daddr = htonl(addr[i]);
		if (!fib_lookup_merged(&fake.net, &fl, &res, FIB_LOOKUP_NOREF))
			sum += res.prefixlen;
	}
	return sum;
}

/* Each piece of the work counts with its best run: all of the addresses, but no interruption. */
static double cycles(u64 (*run)(struct fib_table *, const u32 *, u32), struct fib_table *tb,
		     const u32 *addr)
{
	u64 best[MAX_PIECES], sum = 0;

	memset(best, 0xff, sizeof(best));
	for (int r = 0; r < RUNS; r++)
		for (u32 i = 0; i < lookups / PIECE; i++) {
			u64 took = __rdtsc();

			sink += run(tb, addr + i * PIECE, PIECE);
			took = __rdtsc() - took;
			best[i] = took < best[i] ? took : best[i];
		}
	for (u32 i = 0; i < lookups / PIECE; i++)
		sum += best[i];
	return (double)sum / lookups;
}

static void bench_lookups(struct fib_table *tb)
{
	static const char *const names[] = { "hot", "spread", "uniform" };
	u32 *addr = malloc(lookups * sizeof(*addr));
	char name[64];

	if (!addr || !fib_lpm_ready(tb->lpm))
		abort();
	for (int t = T_HOT; t <= T_UNIFORM; t++) {
		bool spread = t == T_SPREAD;

		fill_addresses(addr, (enum traffic)t);
		snprintf(name, sizeof(name), "fib.lookup.%s", names[t]);
		report(name, cycles(run_single, tb, addr), "cycles", spread ? 15 : 0, 8, "less");
		snprintf(name, sizeof(name), "fib.lookup_bulk.%s", names[t]);
		report(name, cycles(run_bulk, tb, addr), "cycles", 0, 0, "less");
		snprintf(name, sizeof(name), "fib.result.%s", names[t]);
		report(name, cycles(run_table, tb, addr), "cycles", 0, 0, "less");
	}
	free(addr);
}

/* Delete and insert random routes, @lookup after each change or only at the end. */
static void bench_changes(struct fib_table *tb, const char *name, bool lookup)
{
	const u32 n = changes;
	double start, worst = 0, at, best = 0;
	struct flowi4 fl = { 0 };
	struct fib_result res;

	for (int r = 0; r < 3; r++) {
		start = cpu_s();
		for (u32 i = 0; i < n; i++) {
			const struct route *p = &rib[prng_u32_below(&rng, n_rib)];

			at = now_s();
			fl.daddr = htonl(p->key);
			delete (tb, p);
			if (lookup)
				sink += (u64)fib_lookup_merged(&fake.net, &fl, &res,
							       FIB_LOOKUP_NOREF);
			insert(tb, p);
			if (lookup)
				sink += (u64)fib_lookup_merged(&fake.net, &fl, &res,
							       FIB_LOOKUP_NOREF);
			at = now_s() - at;
			worst = at > worst ? at : worst;
		}
		sink += (u64)fib_lookup_merged(&fake.net, &fl, &res, FIB_LOOKUP_NOREF);
		start = cpu_s() - start;
		best = 2 * n / start > best ? 2 * n / start : best;
	}
	report(name, best, "changes/s", 300000, 700000, "more");
	if (lookup)
		report("fib.changes.worst", worst / 2 * 1e6, "us", 0, 0, "less");
}

static void bench_table(void)
{
	struct fib_table *tb = fib_new_table(&fake.net, RT_TABLE_MAIN);
	double start = cpu_s();

	for (u32 i = 0; i < n_rib; i++)
		insert(tb, &rib[i]);
	report("fib.load", n_rib / (cpu_s() - start), "routes/s", 0, 0, "more");
	start = cpu_s();
	if (!fib_lpm_ready(tb->lpm))
		abort();
	report("fib.build", (cpu_s() - start) * 1e3, "ms", 0, 0, "less");
	report("fib.bytes", (double)fib_lpm_bytes(tb->lpm) / n_rib, "bytes/route", 6, 5, "less");
	bench_lookups(tb);
	bench_changes(tb, "fib.changes", true);
	bench_changes(tb, "fib.changes_bulk", false);
	report("fib.bytes_after", (double)fib_lpm_bytes(tb->lpm) / n_rib, "bytes/route", 6, 5,
	       "less");
	if (!fib_lpm_check(tb->lpm)) {
		fprintf(stderr, "bench_fib: the compiled form is wrong\n");
		exit(1);
	}
}

static void bench_few(void)
{
	const struct route few[] = { { 0, 0, 1 },	    { 0x0a000000, 24, 2 },
				     { 0x0a000001, 32, 3 }, { 0x0a0000ff, 32, 4 },
				     { 0x0a000100, 24, 5 }, { 0x0a000101, 32, 6 },
				     { 0x0a0001ff, 32, 7 }, { 0x7f000000, 8, 8 } };
	struct fib_table *tb = fib_new_table(&fake.net, RT_TABLE_MAIN);
	u32 *addr = malloc(lookups * sizeof(*addr));

	for (unsigned i = 0; i < ARRAY_SIZE(few); i++)
		insert(tb, &few[i]);
	if (!addr || !fib_lpm_ready(tb->lpm))
		abort();
	for (u32 i = 0; i < lookups; i++)
		addr[i] = 0xc0000000u | (u32)prng_u64(&rng);
	report("fib.lookup.few", cycles(run_single, tb, addr), "cycles", 0, 0, "less");
	report("fib.result.few", cycles(run_table, tb, addr), "cycles", 0, 0, "less");
	free(addr);
}

int main(int argc, char **argv)
{
	const char *out = NULL;
	int at = 2;

	if (at + 1 < argc && !strcmp(argv[at], "--json")) {
		out = argv[at + 1];
		at += 2;
	}
	if (at < argc && !strcmp(argv[at], "--quick")) {
		lookups = 1u << 12;
		changes = 1000;
		at++;
	}
	if (out)
		json = fopen(out, "a");
	if (argc < 2 || at != argc || (out && !json) || !read_rib(argv[1])) {
		fprintf(stderr, "usage: bench_fib RIB [--json FILE] [--quick]\n");
		return 2;
	}
	prng_seed(&rng, "bench_fib", 9);
	if (fake_start())
		return 1;
	bench_few();
	fake_end();
	if (fake_start())
		return 1;
	bench_table();
	fake_end();
	if (json)
		fclose(json);
	free(rib);
	return 0;
}
