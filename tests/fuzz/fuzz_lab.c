// SPDX-License-Identifier: BSD-2-Clause
/* tests/fuzz/fuzz_lab.c - lab files in: whatever stands in them, a topology or one sentence; and what is one, runs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab/topology.h"
#include "skiff/lab.h"

#define NODES_MAX 8
#define RUN_NS	  (3ull * 1000 * 1000 * 1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A packet to everywhere from the first device of every node, and three seconds. */
static void run(struct skiff_lab *lab)
{
	static char words[] = "udp 10.0.0.2 > 10.9.9.9 ttl 8", *argv[1];
	struct skiff_lab_packet *p;
	char why[SKIFF_LAB_WHY_MAX], line[600], peer[96];
	unsigned i;

	for (i = 0; skiff_lab_node(lab, i); i++) {
		const char *dev = skiff_lab_dev(lab, i, 0, peer);
		int n;

		skiff_lab_describe(lab, i, line, sizeof(line));
		snprintf(line, sizeof(line), "%s %s", dev ? dev : "lo", words);
		argv[0] = line;
		n = skiff_lab_packets(lab, i, 1, argv, &p, why, sizeof(why));
		if (n <= 0)
			continue;
		skiff_lab_inject(lab, i, p);
		skiff_lab_packets_free(p, n);
	}
	skiff_lab_advance(lab, RUN_NS);
}

static void start(const uint8_t *data, size_t size)
{
	char path[40], why[SKIFF_LAB_WHY_MAX] = "";
	int fd = memfd_create("lab", MFD_CLOEXEC);
	struct skiff_lab *lab;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	lab = skiff_lab_open(path, why, sizeof(why));
	if (!lab)
		abort(); /* it could be parsed a moment ago */
	if (!skiff_lab_start(lab, false, why, sizeof(why)))
		run(lab);
	else if (!*why) /* a refusal without a reason */
		abort();
	skiff_lab_close(lab);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[LAB_WHY_MAX] = "";
	struct lab_topology *t =
		lab_topology_parse("fuzz.yml", (const char *)data, size, why, sizeof(why));

	if (!t && !*why) /* a refusal without a reason */
		abort();
	if (t) {
		unsigned nodes = t->n_nodes;

		lab_topology_node(t, "r1");
		lab_topology_free(t);
		if (nodes <= NODES_MAX)
			start(data, size);
		return 0;
	}
	lab_topology_free(t);
	return 0;
}
