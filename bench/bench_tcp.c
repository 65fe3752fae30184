// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_tcp.c - what TCP costs: two hosts on a virtual cable in one shard, one core, through the calls a program makes.
 *
 * CPU time of this thread, both ends together. Frames of MTU 1500 are cut by us and their checksums are made and verified, as on
 * a wire ("software checksum"); the 64 KB rows leave both to the link, as the kernel's veth does. Best of several runs.
 * bench_tcp_kernel does the same with two network namespaces.
 *
 * usage: bench_tcp [--json FILE] [--quick] [--only TEXT] [--counters]     --counters: what each host counted, for the curious
 * TEXT is part of the names of what is to be measured; with a $ at its end it is a whole name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_ip.h"
#include "engine/handle_wheel.h"
#include "net/inet_connection_sock.h"
#include "net/ipv4/inet_ehash.h"
#include "net/netdevice.h"
#include "net/socket_internal.h"
#include "net/tcp.h"
#include "skiff/socket.h"

#define CLIENT 0x0a000001u /* 10.0.0.1 */
#define SERVER 0x0a000002u
#define PORT   5001
#define PORTS \
	40 /* half of the local ports are enough for each: beyond that connect() looks for long */
#define SEND_BYTES  65536
#define BURST_BYTES 262144

struct bench {
	struct bench_out result;
	bool quick, counters;
	const char *only;
	/* ---- of the measurement that runs */
	struct skiff *skiff;
	struct skiff_net *net[2];
	struct net_device *dev[2];
	struct net_device_ops lossy_ops;
	u64 now; /* what the shard is told; real time, or virtual where the row says so */
	bool virtual_time;
	u64 frames, dropped, drop_every;
	int listener[PORTS];
	u8 *buf;
};

static struct bench *bench_of_dev; /* the lossy device's way back; one shard at a time */
static u64 allocated;

static void die(const char *what, long err)
{
	fprintf(stderr, "bench_tcp: %s: %ld\n", what, err);
	exit(1);
}

/* ---- memory, counted ---- */

static void *count_alloc(void *arg, size_t size, size_t align)
{
	size_t room = align < 16 ? 16 : align;
	u8 *p = aligned_alloc(room, (size + room + room - 1) / room * room);

	if (!p)
		return NULL;
	allocated += size;
	*(size_t *)(void *)(p + room - 16) = size;
	*(size_t *)(void *)(p + room - 8) = room;
	return p + room;
}

static void count_free(void *arg, void *ptr)
{
	u8 *p = ptr;

	allocated -= *(size_t *)(void *)(p - 16);
	free(p - *(size_t *)(void *)(p - 8));
}

/* ---- time ---- */

/* <time.h> and the engine's timer.h both have a timer_delete(). */
static u64 cpu_ns(void)
{
	return bench_cpu_ns();
}

static u64 real_ns(void)
{
	return bench_real_ns();
}

static void turn(struct bench *b)
{
	if (!b->virtual_time)
		b->now = real_ns();
	skiff_turn(b->skiff, b->now);
}

/* ---- two hosts ---- */

static void sysctl(struct bench *b, const char *key, const char *value)
{
	for (int i = 0; i < 2; i++) {
		int err = skiff_sysctl_set(b->net[i], key, value);

		if (err)
			die(key, err);
	}
}

/* One frame in drop_every does not arrive. */
static void lossy_xmit(struct net_device *dev, struct skb_batch *in)
{
	struct bench *b = bench_of_dev;
	struct skb_batch out = { .n = 0 };

	for (u32 i = 0; i < in->n; i++) {
		if (++b->frames % b->drop_every) {
			skb_batch_add(&out, in->p[i]);
		} else {
			b->dropped++;
			consume_skb(dev->net->skiff, in->p[i]);
		}
	}
	if (out.n)
		b->dev[1]->netdev_ops->ndo_start_xmit(dev, &out);
}

static void make_lossy(struct bench *b, u64 every)
{
	bench_of_dev = b;
	b->drop_every = every;
	b->lossy_ops = *b->dev[0]->netdev_ops;
	b->lossy_ops.ndo_start_xmit = lossy_xmit;
	b->dev[0]->netdev_ops = &b->lossy_ops;
}

static void begin(struct bench *b, bool wire, bool virtual_time)
{
	struct skiff_env env = {
		.seed = { 1 }, .now_ns = real_ns(), .alloc = count_alloc, .free = count_free
	};
	static const char *const lines[2][4] = {
		{ "link set lo up", "link set v0 up", "addr add 10.0.0.1/24 dev v0",
		  "neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent" },
		{ "link set lo up", "link set v1 up", "addr add 10.0.0.2/24 dev v1",
		  "neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v1 nud permanent" },
	};
	static const u8 mac[2][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };

	b->now = env.now_ns;
	b->virtual_time = virtual_time;
	b->frames = b->dropped = 0;
	b->skiff = skiff_create(&env);
	b->net[0] = skiff_net_create(b->skiff, "client");
	b->net[1] = skiff_net_create(b->skiff, "server");
	if (skiff_veth_create(b->net[0], "v0", mac[0], b->net[1], "v1", mac[1]))
		die("veth", 0);
	for (int i = 0; i < 2; i++) {
		b->dev[i] = dev_get_by_name((struct net *)b->net[i], i ? "v1" : "v0");
		for (int k = 0; k < 4; k++)
			bench_ip((struct net *)b->net[i], lines[i][k]);
		if (wire)
			b->dev[i]->features &= ~(NETIF_F_TSO | NETIF_F_HW_CSUM | NETIF_F_RXCSUM);
		b->dev[i]->features |= NETIF_F_GRO;
	}
	sysctl(b, "net.ipv4.ip_local_port_range", "1024 65535");
	sysctl(b, "net.core.somaxconn", "65535");
	sysctl(b, "net.ipv4.tcp_max_syn_backlog", "65535");
	turn(b);
}

static void print_counter(void *arg, const char *name, uint64_t value)
{
	if (value && (!strncmp(name, "Tcp", 3) || strstr(name, "Drop") || strstr(name, "Discard")))
		printf("  %s %s %llu\n", (const char *)arg, name, (unsigned long long)value);
}

static void end(struct bench *b)
{
	for (int i = 0; b->counters && i < 2; i++)
		skiff_counters(b->net[i], print_counter, i ? "server" : "client");
	for (u32 i = 0; b->counters && i < ARRAY_SIZE(b->skiff->drop_counts); i++) {
		if (b->skiff->drop_counts[i])
			printf("  dropped %s %llu\n", skb_drop_reason_name((enum skb_drop_reason)i),
			       (unsigned long long)b->skiff->drop_counts[i]);
	}
	skiff_destroy(b->skiff);
	b->skiff = NULL;
}

static struct sockaddr_in address(u32 addr, u16 port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(addr);
	return a;
}

static int option(struct bench *b, int fd, int level, int name, int value)
{
	return skiff_setsockopt(b->skiff, fd, level, name, &value, sizeof(value));
}

static void listen_on(struct bench *b, int nr)
{
	struct sockaddr_in a = address(SERVER, (u16)(PORT + nr));
	int fd = skiff_socket(b->net[1], AF_INET, SOCK_STREAM, 0), err;

	if (fd < 0)
		die("socket", fd);
	err = skiff_bind(b->skiff, fd, (struct sockaddr *)&a, sizeof(a));
	if (!err)
		err = skiff_listen(b->skiff, fd, 65535);
	if (err)
		die("listen", err);
	b->listener[nr] = fd;
}

/* Connect and accept; @buf: SO_SNDBUF and SO_RCVBUF of both, 0: as they are. */
static void connect_pair(struct bench *b, int nr, int fd[2], int buf)
{
	struct sockaddr_in a = address(SERVER, (u16)(PORT + nr));
	int err;

	fd[0] = skiff_socket(b->net[0], AF_INET, SOCK_STREAM, 0);
	if (fd[0] < 0)
		die("socket", fd[0]);
	if (buf) {
		option(b, fd[0], SOL_SOCKET, SO_SNDBUF, buf);
		option(b, b->listener[nr], SOL_SOCKET, SO_RCVBUF, buf);
	}
	err = skiff_connect(b->skiff, fd[0], (struct sockaddr *)&a, sizeof(a));
	if (err && err != -EINPROGRESS)
		die("connect", err);
	turn(b);
	fd[1] = skiff_accept4(b->skiff, b->listener[nr], NULL, NULL, 0);
	if (fd[1] < 0)
		die("accept", fd[1]);
}

static void close_pair(struct bench *b, const int fd[2])
{
	skiff_close(b->skiff, fd[0]);
	turn(b);
	skiff_close(b->skiff, fd[1]);
	turn(b);
}

/* ---- results ---- */

static bool wanted(const struct bench *b, const char *name)
{
	size_t n = b->only ? strlen(b->only) : 0;

	if (n && b->only[n - 1] == '$')
		return strlen(name) == n - 1 && !strncmp(name, b->only, n - 1);
	return !n || strstr(name, b->only);
}

static void result(struct bench *b, const char *name, double value, const char *unit, double reach,
		   double stretch)
{
	bench_result(&b->result, name, value, unit, reach, stretch, true);
}

/* ---- bulk ---- */

struct flow {
	int fd[2];
	u64 left, got, burst;
};

/* Send what goes, a quarter of a megabyte or a window at most before the receiver has its turn. Return: bytes */
static u64 pump_out(struct bench *b, struct flow *f)
{
	u64 done = 0;

	while (f->left && done < f->burst) {
		size_t n = f->left < SEND_BYTES ? (size_t)f->left : SEND_BYTES;
		s64 res = skiff_send(b->skiff, f->fd[0], b->buf, n, 0);

		if (res == -EAGAIN)
			break;
		if (res < 0)
			die("send", res);
		f->left -= (u64)res;
		done += (u64)res;
	}
	return done;
}

static u64 pump_in(struct bench *b, struct flow *f)
{
	u64 done = 0;

	for (;;) {
		s64 res = skiff_recv(b->skiff, f->fd[1], b->buf + SEND_BYTES, SEND_BYTES, 0);

		if (res == -EAGAIN)
			break;
		if (res <= 0)
			die("recv", res);
		f->got += (u64)res;
		done += (u64)res;
	}
	return done;
}

/* @bytes over @n connections. Return: CPU ns */
static u64 transfer(struct bench *b, struct flow *flows, int n, u64 bytes)
{
	u64 start = cpu_ns(), got = 0;

	for (int i = 0; i < n; i++)
		flows[i].left = bytes / (u64)n;
	bytes = bytes / (u64)n * (u64)n;
	while (got < bytes) {
		u64 before = got, sent = 0;

		/* As a program does that is told of each socket in turn. */
		for (int i = 0; i < n; i++) {
			sent += pump_out(b, &flows[i]);
			turn(b);
			got += pump_in(b, &flows[i]);
		}
		/* Nothing moves: a timer will, whenever that is. */
		if (got == before && !sent && b->virtual_time)
			b->now = skiff_next(b->skiff);
		else if (b->virtual_time)
			b->now += 20000;
	}
	return cpu_ns() - start;
}

static void bulk(struct bench *b, const char *name, bool wire, int n, int buf, u64 drop_every,
		 double reach, double stretch)
{
	u64 bytes = b->quick ? 20000000 : 1000000000, best = UINT64_MAX;
	struct flow *flows = calloc((size_t)n, sizeof(*flows));

	if (!wanted(b, name) || !flows) {
		free(flows);
		return;
	}
	/* Losses cost round trips: they are waited for in virtual time. */
	begin(b, wire, drop_every != 0);
	if (!wire) {
		bench_ip((struct net *)b->net[0], "link set v0 mtu 65535");
		bench_ip((struct net *)b->net[1], "link set v1 mtu 65535");
	}
	listen_on(b, 0);
	sysctl(b, "net.core.rmem_max", "8388608");
	sysctl(b, "net.core.wmem_max", "8388608");
	for (int i = 0; i < n; i++) {
		connect_pair(b, 0, flows[i].fd, buf);
		flows[i].burst = min_t(u64, BURST_BYTES, buf);
	}
	if (drop_every)
		make_lossy(b, drop_every);
	transfer(b, flows, n, bytes / 10);
	for (int run = 0; run < (b->quick ? 1 : 5); run++) {
		u64 took = transfer(b, flows, n, bytes);

		best = took < best ? took : best;
	}
	result(b, name, (double)best / (double)bytes, "s/GB", reach, stretch);
	for (int i = 0; i < n; i++)
		close_pair(b, flows[i].fd);
	end(b);
	free(flows);
}

/* ---- one byte there, one back ---- */

static void exchange(struct bench *b, const int fd[2])
{
	u8 byte = 1;
	s64 res = skiff_send(b->skiff, fd[0], &byte, 1, 0);

	if (res != 1)
		die("send 1", res);
	turn(b);
	res = skiff_recv(b->skiff, fd[1], &byte, 1, 0);
	if (res != 1)
		die("recv 1", res);
	res = skiff_send(b->skiff, fd[1], &byte, 1, 0);
	if (res != 1)
		die("answer 1", res);
	turn(b);
	res = skiff_recv(b->skiff, fd[0], &byte, 1, 0);
	if (res != 1)
		die("recv answer", res);
}

static double exchanges(struct bench *b, int (*fd)[2], int n, int count)
{
	u64 best = UINT64_MAX;

	for (int i = 0; i < n; i++)
		exchange(b, fd[i]);
	for (int run = 0; run < 5; run++) {
		u64 start = cpu_ns(), took;

		for (int i = 0, k = 0; i < count; i++, k = k + 1 < n ? k + 1 : 0)
			exchange(b, fd[k]);
		took = cpu_ns() - start;
		best = took < best ? took : best;
	}
	return (double)best / count / 1000;
}

static void request_response(struct bench *b, const char *name, int n, double reach, double stretch)
{
	int(*fd)[2] = calloc((size_t)n, sizeof(*fd));
	int count = b->quick ? 1000 : 200000;

	if (!wanted(b, name) || !fd) {
		free(fd);
		return;
	}
	begin(b, true, false);
	listen_on(b, 0);
	for (int i = 0; i < n; i++)
		connect_pair(b, 0, fd[i], 0);
	result(b, name, exchanges(b, fd, n, count), "us/exchange", reach, stretch);
	end(b);
	free(fd);
}

/* ---- connect, one byte, close ---- */

/* Whole lives at 6 ms of virtual time each: with 60 s of TIME_WAIT some 10,000 stand at any time. */
static void one_life(struct bench *b)
{
	u8 byte = 1;
	int fd[2];
	s64 res;

	connect_pair(b, 0, fd, 0);
	res = skiff_send(b->skiff, fd[0], &byte, 1, 0);
	if (res != 1)
		die("send", res);
	turn(b);
	res = skiff_recv(b->skiff, fd[1], &byte, 1, 0);
	if (res != 1)
		die("recv", res);
	close_pair(b, fd);
	b->now += 6000000;
}

static void connect_close(struct bench *b)
{
	int count = b->quick ? 500 : 20000;
	u64 best = UINT64_MAX;
	struct sock_shard *s;

	if (!wanted(b, "tcp.connect_close"))
		return;
	begin(b, true, true);
	listen_on(b, 0);
	for (int i = 0; i < (b->quick ? 1000 : 12000); i++)
		one_life(b);
	s = b->skiff->sockets;
	if (!b->quick &&
	    (s->slab[SLAB_TIMEWAIT].used < 9000 || s->slab[SLAB_TIMEWAIT].used > 11000))
		die("sockets in TIME_WAIT", s->slab[SLAB_TIMEWAIT].used);
	for (int run = 0; run < 3; run++) {
		u64 start = cpu_ns(), took;

		for (int i = 0; i < count; i++)
			one_life(b);
		took = cpu_ns() - start;
		best = took < best ? took : best;
	}
	result(b, "tcp.connect_close", (double)best / count / 1000, "us", 3, 1.5);
	end(b);
}

/* ---- memory, and a million ---- */

/* ---- what the bytes are of ---- */

static const char *const part_name[] = { "sock",   "socket", "descriptor", "table",
					 "timers", "ports",  "loss" };

static void parts(const struct bench *b, u64 bytes[ARRAY_SIZE(part_name)])
{
	const struct sock_shard *s = b->skiff->sockets;
	const struct fd_table *fds = s->fds;

	bytes[0] = slab_bytes(&s->slab[SLAB_TCP]);
	bytes[1] = slab_bytes(&s->slab[SLAB_SOCKET]);
	bytes[2] = fds->cap * sizeof(*fds->e) + fds->cap / 8;
	bytes[3] = 0;
	for (int i = 0; i < 2; i++)
		bytes[3] += ehash_bytes(((struct net *)b->net[i])->ipv4.tcp_hashinfo->ehash);
	bytes[4] = b->skiff->handles.nr_blocks * sizeof(struct handle_block);
	bytes[5] = slab_bytes(&s->slab[SLAB_BIND]);
	bytes[6] = slab_bytes(&s->slab[SLAB_TCP_LOSS]);
}

/* @before: parts of the shard without the connections; @total: bytes an end */
static void breakdown(struct bench *b, const char *suffix, const u64 *before, double ends,
		      double total)
{
	u64 now[ARRAY_SIZE(part_name)];
	char name[64];

	parts(b, now);
	for (size_t i = 0; i < ARRAY_SIZE(part_name); i++) {
		double each = (double)(now[i] - before[i]) / ends;

		snprintf(name, sizeof(name), "tcp.%s.bytes.%s", suffix, part_name[i]);
		result(b, name, each, "bytes/end", -1, -1);
		total -= each;
	}
	snprintf(name, sizeof(name), "tcp.%s.bytes.other", suffix);
	result(b, name, total, "bytes/end", -1, -1);
}

static void many(struct bench *b, int n, const char *suffix, bool marks)
{
	int(*fd)[2] = calloc((size_t)n, sizeof(*fd));
	int per_port = (n + PORTS - 1) / PORTS, count = b->quick ? 1000 : 200000;
	u64 before, start, part[ARRAY_SIZE(part_name)];
	char name[64];

	if (!fd)
		die("memory", n);
	begin(b, true, false);
	for (int i = 0; i < PORTS; i++)
		listen_on(b, i);
	connect_pair(b, 0, fd[0], 0);
	close_pair(b, fd[0]);
	before = allocated;
	parts(b, part);
	start = cpu_ns();
	for (int i = 0; i < n; i++)
		connect_pair(b, i / per_port, fd[i], 0);
	snprintf(name, sizeof(name), "tcp.%s.open", suffix);
	result(b, name, (double)(cpu_ns() - start) / n / 1000, "us", -1, -1);
	snprintf(name, sizeof(name), "tcp.%s.bytes", suffix);
	result(b, name, (double)(allocated - before) / n / 2, "bytes/end", marks ? 1100 : -1,
	       marks ? 1000 : -1);
	breakdown(b, suffix, part, 2.0 * n, (double)(allocated - before) / n / 2);
	snprintf(name, sizeof(name), "tcp.%s.exchange", suffix);
	result(b, name, exchanges(b, fd, n, count), "us/exchange", -1, -1);
	start = cpu_ns();
	for (int i = 0; i < n; i++)
		close_pair(b, fd[i]);
	snprintf(name, sizeof(name), "tcp.%s.close", suffix);
	result(b, name, (double)(cpu_ns() - start) / n / 1000, "us", -1, -1);
	if (marks && n <= 131072) {
		struct slab *s = &b->skiff->sockets->slab[SLAB_TIMEWAIT];

		result(b, "tcp.timewait_bytes", (double)slab_bytes(s) / s->used + 12, "bytes", 150,
		       140);
	}
	end(b);
	free(fd);
}

static void arguments(struct bench *b, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json") && i + 1 < argc) {
			b->result.json = argv[++i];
		} else if (!strcmp(argv[i], "--only") && i + 1 < argc) {
			b->only = argv[++i];
		} else if (!strcmp(argv[i], "--quick")) {
			b->quick = true;
		} else if (!strcmp(argv[i], "--counters")) {
			b->counters = true;
		} else {
			fprintf(stderr, "usage: bench_tcp [--json FILE] [--quick] [--only TEXT] "
					"[--counters]\n");
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	static struct bench b;

	arguments(&b, argc, argv);
	b.buf = calloc(2, SEND_BYTES);
	if (!b.buf)
		return 1;
	bulk(&b, "tcp.bulk", true, 1, 1048576, 0, 0.10, 0.08);
	bulk(&b, "tcp.bulk_64k", false, 1, 1048576, 0, 0.04, 0.03);
	bulk(&b, "tcp.bulk_1000", true, b.quick ? 20 : 1000, 65536, 0, 0.12, 0.10);
	bulk(&b, "tcp.bulk_loss", true, 1, 1048576, 100, 0.20, 0.15);
	request_response(&b, "tcp.request", 1, 0.45, 0.3);
	request_response(&b, "tcp.request_10k", b.quick ? 200 : 10000, 0.8, 0.5);
	connect_close(&b);
	if (wanted(&b, "tcp.1k"))
		many(&b, 1000, "1k", false);
	if (wanted(&b, "tcp.100k"))
		many(&b, b.quick ? 2000 : 100000, "100k", true);
	if (wanted(&b, "tcp.1m") && !b.quick)
		many(&b, 1000000, "1m", false);
	if (wanted(&b, "tcp.request_bytes"))
		result(&b, "tcp.request_bytes", sizeof(struct request_sock), "bytes", 200, 192);
	free(b.buf);
	return 0;
}
