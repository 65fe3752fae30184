// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_kernel_tcp.c - what TCP costs the kernel we run on, for comparison with bench_tcp.
 *
 * Two network namespaces without a name, a veth between them, both ends in this process on one core. Time is the
 * clock's, since the kernel's threads work for us, too; the best of several runs counts. "Wire" rows have the sums made
 * and the frames cut by software, as bench_tcp has.
 *
 * bench_kernel_tcp [--json FILE] [--quick]
 * Status 77 with a reason on the standard error output: it can not be measured here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PORT	   5001
#define SEND_BYTES 65536

struct bench {
	struct bench_out result;
	bool quick;
	int space[2];
	int listener;
	char *buf;
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

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static void enter(struct bench *b, int which)
{
	if (setns(b->space[which], CLONE_NEWNET))
		refuse("entering a network namespace: %s", strerror(errno));
}

static void __attribute__((format(printf, 1, 2))) shell(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd))
		refuse("\"%s\" failed", cmd);
}

static void feature(const char *dev, unsigned cmd, unsigned on)
{
	struct ethtool_value v = { .cmd = cmd, .data = on };
	struct ifreq ifr = { .ifr_data = (void *)&v };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		refuse("ethtool on %s: %s", dev, strerror(errno));
	close(fd);
}

static void make_spaces(struct bench *b)
{
	int pid = getpid();

	for (int i = 0; i < 2; i++) {
		if (unshare(CLONE_NEWNET))
			refuse("making a network namespace: %s", strerror(errno));
		b->space[i] = open("/proc/self/ns/net", O_RDONLY);
		if (b->space[i] < 0)
			refuse("/proc/self/ns/net: %s", strerror(errno));
		shell("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; "
		      "echo cubic > /proc/sys/net/ipv4/tcp_congestion_control; "
		      "echo '1024 65535' > /proc/sys/net/ipv4/ip_local_port_range; "
		      "echo 65535 > /proc/sys/net/core/somaxconn; ip link set lo up");
	}
	shell("ip link add v1 type veth peer name v0 netns /proc/%d/fd/%d", pid, b->space[0]);
	shell("ip link set v1 up; ip addr add 10.0.0.2/24 dev v1");
	enter(b, 0);
	shell("ip link set v0 up; ip addr add 10.0.0.1/24 dev v0");
}

static void set_link(struct bench *b, bool wire)
{
	for (int i = 0; i < 2; i++) {
		const char *dev = i ? "v1" : "v0";

		enter(b, i);
		shell("ip link set %s mtu %d", dev, wire ? 1500 : 65535);
		feature(dev, ETHTOOL_STXCSUM, !wire);
		feature(dev, ETHTOOL_STSO, !wire);
		feature(dev, ETHTOOL_SGSO, 1);
		feature(dev, ETHTOOL_SGRO, wire);
	}
}

static struct sockaddr_in server(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	a.sin_addr.s_addr = htonl(0x0a000002);
	return a;
}

static void listen_on(struct bench *b, int buf)
{
	struct sockaddr_in a = server();
	int one = 1;

	enter(b, 1);
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(b->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (buf)
		setsockopt(b->listener, SOL_SOCKET, SO_RCVBUFFORCE, &buf, sizeof(buf));
	if (bind(b->listener, (struct sockaddr *)&a, sizeof(a)) || listen(b->listener, 65535))
		refuse("listen: %s", strerror(errno));
	enter(b, 0);
}

static void connect_pair(struct bench *b, int fd[2], int buf)
{
	struct sockaddr_in a = server();

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (fd[0] < 0)
		refuse("socket: %s", strerror(errno));
	if (buf)
		setsockopt(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, &buf, sizeof(buf));
	if (connect(fd[0], (struct sockaddr *)&a, sizeof(a)))
		refuse("connect: %s", strerror(errno));
	do
		fd[1] = accept4(b->listener, NULL, NULL, SOCK_NONBLOCK);
	while (fd[1] < 0 && errno == EAGAIN);
	if (fd[1] < 0)
		refuse("accept: %s", strerror(errno));
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
}

static void result(struct bench *b, const char *name, double value, const char *unit)
{
	bench_result(&b->result, name, value, unit, -1, -1, true);
}

/* ---- bulk ---- */

static uint64_t transfer(struct bench *b, int (*fd)[2], int n, int burst, uint64_t bytes)
{
	uint64_t *left = calloc((size_t)n, sizeof(*left)), got = 0, start;

	for (int i = 0; i < n; i++)
		left[i] = bytes / (uint64_t)n;
	bytes = bytes / (uint64_t)n * (uint64_t)n;
	start = now_ns();
	while (got < bytes) {
		ssize_t res;

		for (int i = 0; i < n; i++) {
			for (int calls = 0; left[i] && calls < burst; calls++) {
				res = send(fd[i][0], b->buf,
					   left[i] < SEND_BYTES ? left[i] : SEND_BYTES, 0);
				if (res <= 0)
					break;
				left[i] -= (uint64_t)res;
			}
			while ((res = recv(fd[i][1], b->buf + SEND_BYTES, SEND_BYTES, 0)) > 0)
				got += (uint64_t)res;
		}
	}
	free(left);
	return now_ns() - start;
}

static void bulk(struct bench *b, const char *name, bool wire, int n, int buf)
{
	uint64_t bytes = b->quick ? 20000000 : 1000000000, best = UINT64_MAX;
	int(*fd)[2] = calloc((size_t)n, sizeof(*fd));

	set_link(b, wire);
	listen_on(b, buf);
	for (int i = 0; i < n; i++)
		connect_pair(b, fd[i], buf);
	for (int run = 0; run < (b->quick ? 1 : 3); run++) {
		uint64_t took = transfer(b, fd, n, buf < 262144 ? 1 : 4, bytes);

		best = took < best ? took : best;
	}
	result(b, name, (double)best / (double)bytes, "s/GB");
	for (int i = 0; i < n; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
	close(b->listener);
	free(fd);
}

/* ---- one byte there, one back ---- */

static void recv_one(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) != 1)
		;
}

static void exchange(const int fd[2])
{
	char byte = 1;

	if (send(fd[0], &byte, 1, 0) != 1)
		refuse("send: %s", strerror(errno));
	recv_one(fd[1]);
	if (send(fd[1], &byte, 1, 0) != 1)
		refuse("answer: %s", strerror(errno));
	recv_one(fd[0]);
}

static uint64_t slab_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	uint64_t kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "Slab:", 5))
			kb = strtoull(line + 5, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void request_response(struct bench *b, const char *name, int n)
{
	int(*fd)[2] = calloc((size_t)n, sizeof(*fd)), count = b->quick ? 500 : 50000;
	uint64_t best = UINT64_MAX, before;

	set_link(b, true);
	listen_on(b, 0);
	before = slab_kb();
	for (int i = 0; i < n; i++)
		connect_pair(b, fd[i], 0);
	if (n > 1)
		result(b, "tcp.100k.bytes", (double)(slab_kb() - before) * 1024 / n / 2,
		       "bytes/end");
	for (int i = 0; i < n; i++)
		exchange(fd[i]);
	for (int run = 0; run < 3; run++) {
		uint64_t start = now_ns(), took;

		for (int i = 0, k = 0; i < count; i++, k = k + 1 < n ? k + 1 : 0)
			exchange(fd[k]);
		took = now_ns() - start;
		best = took < best ? took : best;
	}
	result(b, name, (double)best / count / 1000, "us/exchange");
	for (int i = 0; i < n; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
	close(b->listener);
	free(fd);
}

static void connect_close(struct bench *b)
{
	int count = b->quick ? 200 : 10000, fd[2];
	uint64_t best = UINT64_MAX;
	char byte = 1;

	set_link(b, true);
	listen_on(b, 0);
	for (int run = 0; run < 3; run++) {
		uint64_t start = now_ns(), took;

		for (int i = 0; i < count; i++) {
			connect_pair(b, fd, 0);
			if (send(fd[0], &byte, 1, 0) != 1)
				refuse("send: %s", strerror(errno));
			recv_one(fd[1]);
			close(fd[0]);
			close(fd[1]);
		}
		took = now_ns() - start;
		best = took < best ? took : best;
	}
	result(b, "tcp.connect_close", (double)best / count / 1000, "us");
	close(b->listener);
}

static void stay_on_one_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		refuse("staying on one core: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct rlimit files;
	int most;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc) {
			b.result.json = argv[++i];
		} else if (!strcmp(argv[i], "--quick")) {
			b.quick = true;
		} else {
			fprintf(stderr, "usage: bench_kernel_tcp [--json FILE] [--quick]\n");
			return 2;
		}
	}
	if (geteuid())
		refuse("network namespaces need root");
	stay_on_one_core();
	/* As many connections of the 10,000 as we may have descriptors for. */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		refuse("descriptors: %s", strerror(errno));
	most = files.rlim_max > 20100 ? 10000 : (int)(files.rlim_max / 2) - 50;
	b.buf = calloc(2, SEND_BYTES);
	if (!b.buf)
		refuse("no memory");
	make_spaces(&b);
	bulk(&b, "tcp.bulk", true, 1, 1048576);
	bulk(&b, "tcp.bulk_64k", false, 1, 1048576);
	bulk(&b, "tcp.bulk_1000", true, b.quick ? 20 : 1000, 65536);
	request_response(&b, "tcp.request", 1);
	request_response(&b, "tcp.request_10k", b.quick ? 100 : most);
	connect_close(&b);
	free(b.buf);
	return 0;
}
