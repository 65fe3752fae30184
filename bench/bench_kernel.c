// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_kernel.c - what forwarding costs the kernel we run on, for comparison with bench_forward.
 *
 * bench_kernel [--rib FILE] [--json FILE] [--quick]     FILE: "prefix/len nexthop" lines, unpacked
 *
 * Three network namespaces that have no name and end with this process: generator, router, sink, on one core.
 *
 *   generator g0 ---- r0 router r1 ---- s0 sink     the frames reach s0 with another's MAC and are dropped at once
 *   generator g1 ------------------------- s1 sink     the same frames, dropped there likewise: the generator's share
 *
 * A packet socket sends by sendmmsg(2), past the queueing discipline; a veth's peer handles the frame before the call
 * returns. A run counts only if every frame has been seen at s0 (or s1) when the sending ends. Forwarding is the best
 * run over the router less the best run past it: the way from ip_rcv on, and one crossing of a veth. Both ways contain
 * making the frame, one crossing and freeing it. Runs are shorter than a time slice, so that some meet no other program.
 *
 * Status 77 with a reason on the standard error output: it can not be measured here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define FRAME	64
#define ETH_LEN 14
#define BATCH	64
#define HOT_DST 4096u
#define N_DST	(1u << 20)
#define N_GW	64

enum { GENERATOR, ROUTER, SINK, N_SPACES };

/* A way for frames: a socket on a device of the generator, and what the sink counts. */
struct way {
	int sock;
	const char *end; /* device of the sink */
	double best;	 /* cycles per packet */
	unsigned lost;	 /* runs in which frames went missing or were late */
};

struct bench {
	struct bench_out result;
	int space[N_SPACES];
	int counters; /* /proc/net/dev of the sink */
	struct way over, past;
	unsigned char frame[BATCH][FRAME];
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	uint32_t *dst; /* destinations in network byte order */
	uint32_t n_dst, next;
	uint32_t *rib_addr;
	uint8_t *rib_len;
	uint32_t n_rib;
	uint64_t rnd_state;
	unsigned runs;
	uint32_t packets; /* of a run */
};

static void __attribute__((format(printf, 1, 2))) refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(77);
}

/* ---- namespaces ---- */

static void enter(struct bench *b, int which)
{
	if (setns(b->space[which], CLONE_NEWNET))
		refuse("entering a network namespace: %s", strerror(errno));
}

static void make_space(struct bench *b, int which)
{
	if (unshare(CLONE_NEWNET))
		refuse("making a network namespace: %s", strerror(errno));
	b->space[which] = open("/proc/self/ns/net", O_RDONLY);
	if (b->space[which] < 0)
		refuse("/proc/self/ns/net: %s", strerror(errno));
}

static void write_setting(const char *key, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", key);
	f = fopen(path, "w");
	if (!f || fputs(value, f) < 0 || fclose(f))
		refuse("%s: %s", path, strerror(errno));
}

/* In the current namespace. */
static void __attribute__((format(printf, 1, 2))) ip(const char *fmt, ...)
{
	char cmd[512] = "ip ";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd + 3, sizeof(cmd) - 3, fmt, ap);
	va_end(ap);
	if (system(cmd))
		refuse("\"%s\" failed", cmd);
}

static int packet_socket(const char *dev)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		refuse("a packet socket on %s: %s", dev, strerror(errno));
	return fd;
}

static void make_neighbours(void)
{
	FILE *f = popen("ip -batch -", "w");

	for (int i = 0; f && i < N_GW; i++)
		fprintf(f, "neigh add 10.0.1.%d lladdr 02:aa:00:00:01:%02x dev r1 nud permanent\n",
			2 + i, 2 + i);
	if (!f || pclose(f))
		refuse("neighbours of the router are refused");
}

static void make_spaces(struct bench *b)
{
	int pid = getpid();

	for (int i = 0; i < N_SPACES; i++) {
		make_space(b, i);
		write_setting("ipv6/conf/default/disable_ipv6", "1");
	}
	b->counters = open("/proc/self/net/dev", O_RDONLY);
	enter(b, ROUTER);
	ip("link add r0 address 02:00:00:00:00:01 type veth peer name g0 netns /proc/%d/fd/%d", pid,
	   b->space[GENERATOR]);
	ip("link add r1 address 02:00:00:00:01:01 type veth peer name s0 netns /proc/%d/fd/%d", pid,
	   b->space[SINK]);
	ip("link set lo up; ip link set r0 up; ip link set r1 up");
	ip("addr add 10.0.0.1/24 dev r0; ip addr add 10.0.1.1/24 dev r1");
	ip("neigh add 10.0.0.2 lladdr 02:aa:00:00:00:02 dev r0 nud permanent");
	make_neighbours();
	write_setting("ipv4/ip_forward", "1");
	enter(b, GENERATOR);
	ip("link add g1 type veth peer name s1 netns /proc/%d/fd/%d", pid, b->space[SINK]);
	ip("link set g0 up; ip link set g1 up");
	enter(b, SINK);
	ip("link set s0 up; ip link set s1 up");
	enter(b, GENERATOR);
	b->over = (struct way){ .sock = packet_socket("g0"), .end = "s0:" };
	b->past = (struct way){ .sock = packet_socket("g1"), .end = "s1:" };
	enter(b, ROUTER);
}

/* ---- generator ---- */

static uint16_t header_sum(const unsigned char *p)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* Everything but destination and checksum. The destination MAC is r0's, so neither s0 nor s1 takes the frame. */
static void prepare_frames(struct bench *b)
{
	static const unsigned char head[ETH_LEN + 16] = {
		2, 0, 0, 0, 0,	1,  2, 0xaa, 0,	 0, 0, 2, 8, 0, /**/ 0x45, 0, 0, FRAME - ETH_LEN,
		0, 0, 0, 0, 64, 17, 0, 0,    10, 0, 0, 2
	};

	for (int i = 0; i < BATCH; i++) {
		memcpy(b->frame[i], head, sizeof(head));
		b->iov[i] = (struct iovec){ b->frame[i], FRAME };
		b->msg[i].msg_hdr = (struct msghdr){ .msg_iov = &b->iov[i], .msg_iovlen = 1 };
	}
}

static void write_destinations(struct bench *b)
{
	for (int i = 0; i < BATCH; i++) {
		unsigned char *iph = b->frame[i] + ETH_LEN;
		uint16_t sum;

		memcpy(iph + 16, &b->dst[b->next], 4);
		if (++b->next == b->n_dst)
			b->next = 0;
		iph[10] = iph[11] = 0;
		sum = htons(header_sum(iph));
		memcpy(iph + 10, &sum, 2);
	}
}

/* ---- measuring ---- */

static uint64_t received(struct bench *b, const char *dev)
{
	unsigned long long bytes, packets;
	char text[4096], *at;
	ssize_t n = pread(b->counters, text, sizeof(text) - 1, 0);

	if (n <= 0)
		refuse("/proc/net/dev: %s", strerror(errno));
	text[n] = 0;
	at = strstr(text, dev);
	if (!at || sscanf(at + strlen(dev), "%llu %llu", &bytes, &packets) != 2)
		refuse("/proc/net/dev does not tell of %s", dev);
	return packets;
}

/* One run. A frame that went missing, or was put off to a kernel thread, spoils it. */
static void run(struct bench *b, struct way *w)
{
	uint64_t before = received(b, w->end), took = bench_cycles();
	double each;

	for (uint32_t sent = 0; sent < b->packets; sent += BATCH) {
		write_destinations(b);
		if (sendmmsg(w->sock, b->msg, BATCH, 0) != BATCH) {
			w->lost++;
			return;
		}
	}
	took = bench_cycles() - took;
	if (received(b, w->end) - before != b->packets) {
		w->lost++;
		usleep(10000);
		return;
	}
	each = (double)took / b->packets;
	w->best = each < w->best ? each : w->best;
}

static void measure(struct bench *b, const char *name)
{
	char full[80];

	b->over.best = b->past.best = 1e18;
	b->over.lost = b->past.lost = 0;
	for (unsigned i = 0; i < b->runs + 2; i++) {
		run(b, &b->past);
		run(b, &b->over);
	}
	if (b->over.lost >= b->runs || b->past.lost >= b->runs)
		refuse("%s: frames went missing in %u of %u runs over the router, in %u past it",
		       name, b->over.lost, b->runs + 2, b->past.lost);
	printf("%-44s %12.1f over the router, %.1f past it, %u and %u runs spoiled\n", name,
	       b->over.best, b->past.best, b->over.lost, b->past.lost);
	snprintf(full, sizeof(full), "forward.%s", name);
	bench_result(&b->result, full, b->over.best - b->past.best, "cycles/packet", -1, -1, true);
	if (!strcmp(name, "one_route"))
		bench_result(&b->result, "forward.generator", b->past.best, "cycles/packet", -1, -1,
			     true);
}

static void measure_rp_filters(struct bench *b, const char *name)
{
	static const char *const suffix[] = { "", ".rp_filter_strict", ".rp_filter_loose" };
	char full[64];

	for (int i = 0; i < 3; i++) {
		char value[2] = { (char)('0' + i), 0 };

		write_setting("ipv4/conf/all/rp_filter", value);
		write_setting("ipv4/conf/r0/rp_filter", value);
		snprintf(full, sizeof(full), "%s%s", name, suffix[i]);
		measure(b, full);
	}
}

/* ---- destinations: those of bench_forward ---- */

static uint32_t rnd(struct bench *b)
{
	b->rnd_state ^= b->rnd_state << 13;
	b->rnd_state ^= b->rnd_state >> 7;
	b->rnd_state ^= b->rnd_state << 17;
	return (uint32_t)(b->rnd_state >> 32);
}

static void table_destinations(struct bench *b, uint32_t n)
{
	for (uint32_t i = 0; i < n;) {
		uint32_t k = rnd(b) % b->n_rib;
		uint32_t a = b->rib_addr[k] | (b->rib_len[k] < 32 ? rnd(b) >> b->rib_len[k] : 0);

		if ((a >> 24) == 127 || (a >> 28) >= 14 || (a >> 24) == 10 || (a >> 24) == 0)
			continue;
		b->dst[i++] = htonl(a);
	}
	b->n_dst = n;
	b->next = 0;
}

static void load_rib(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "r"), *cmd = popen("ip -batch -", "w");
	unsigned a, c, d, e, len, nh;
	char line[128];

	b->rib_addr = malloc(sizeof(uint32_t) * 2000000);
	b->rib_len = malloc(2000000);
	if (!f || !cmd || !b->rib_addr || !b->rib_len)
		refuse("%s: %s", path, strerror(errno));
	while (b->n_rib < 2000000 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u.%u.%u.%u/%u %u", &a, &c, &d, &e, &len, &nh) != 6)
			continue;
		b->rib_addr[b->n_rib] = a << 24 | c << 16 | d << 8 | e;
		b->rib_len[b->n_rib++] = (uint8_t)len;
		fprintf(cmd, "route append %u.%u.%u.%u/%u via 10.0.1.%u dev r1\n", a, c, d, e, len,
			2 + nh % N_GW);
	}
	fclose(f);
	if (pclose(cmd))
		refuse("ip -batch does not load the table");
}

/* ---- */

static void stay_on_one_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		refuse("staying on one core: %s", strerror(errno));
}

static const char *arguments(struct bench *b, int argc, char **argv)
{
	const char *rib = NULL;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--rib") && i + 1 < argc) {
			rib = argv[++i];
		} else if (!strcmp(argv[i], "--json") && i + 1 < argc) {
			b->result.json = argv[++i];
		} else if (!strcmp(argv[i], "--quick")) {
			b->runs = 20;
		} else {
			fprintf(stderr,
				"usage: bench_kernel [--rib FILE] [--json FILE] [--quick]\n");
			exit(2);
		}
	}
	return rib;
}

int main(int argc, char **argv)
{
	static struct bench b = { .runs = 1500, .packets = 512, .rnd_state = 88172645463325252u };
	const char *rib = arguments(&b, argc, argv);

	if (geteuid())
		refuse("network namespaces need root");
	stay_on_one_core();
	b.dst = malloc(N_DST * sizeof(*b.dst));
	if (!b.dst)
		refuse("no memory");
	make_spaces(&b);
	prepare_frames(&b);
	ip("route add default via 10.0.1.2 dev r1");
	b.n_dst = 1;
	b.dst[0] = htonl(0x0a090001);
	measure_rp_filters(&b, "one_route");
	if (rib) {
		load_rib(&b, rib);
		table_destinations(&b, HOT_DST);
		measure_rp_filters(&b, "bgp_hot");
		table_destinations(&b, N_DST);
		measure_rp_filters(&b, "bgp_spread");
	}
	free(b.rib_addr);
	free(b.rib_len);
	free(b.dst);
	return 0;
}
