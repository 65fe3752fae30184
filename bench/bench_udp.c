// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_udp.c - what a datagram of 64 bytes costs from send to receive, both ends in one process; and the kernel's figure.
 *
 * bench_udp [--kernel] [--json FILE] [--quick]
 *
 * skiff: two namespaces joined by a veth, connected sockets; skiff_send(), the turn that carries the datagrams over, skiff_recv():
 *   udp.64           64 sent, one turn, 64 received
 *   udp.64.one       one at a time: the latency of the whole way
 *   udp.64.unconnected  as the first, with sendto() and a route lookup for each
 *   udp.64.batch     as the first, by sendmmsg() and recvmmsg()
 *   udp.1400         as the first, with 1,400 bytes
 * Kernel (--kernel): the same calls on the loopback device, under the same names. Best of several runs. Every byte received is
 * counted, every 1,024th datagram is compared.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "bench_ip.h"
#include "skiff/socket.h"

#define BATCH 64

struct ends {
	struct skiff *skiff; /* NULL: the kernel's sockets */
	int from, to;
	struct sockaddr_in dest;
	unsigned batch, len;
	bool unconnected, mmsg;
	unsigned long received;
	uint64_t now;
};

/* Processor time: others use the machine, too. */
static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void fail(const char *what, long got)
{
	fprintf(stderr, "bench_udp: %s: %ld %s\n", what, got, strerror(errno));
	exit(1);
}

static void send_one(struct ends *e, const char *buf)
{
	long n;

	if (e->unconnected)
		n = e->skiff ? skiff_sendto(e->skiff, e->from, buf, e->len, 0,
					    (struct sockaddr *)&e->dest, sizeof(e->dest)) :
			       sendto(e->from, buf, e->len, 0, (struct sockaddr *)&e->dest,
				      sizeof(e->dest));
	else
		n = e->skiff ? skiff_send(e->skiff, e->from, buf, e->len, 0) :
			       send(e->from, buf, e->len, 0);
	if (n != (long)e->len)
		fail("send", n);
}

static void receive_one(struct ends *e, char *buf)
{
	long n = e->skiff ? skiff_recv(e->skiff, e->to, buf, e->len, 0) :
			    recv(e->to, buf, e->len, 0);

	if (n != (long)e->len)
		fail("recv", n);
	e->received++;
}

static void turn(struct ends *e)
{
	if (e->skiff)
		while (skiff_turn(e->skiff, e->now++))
			;
}

/* One round by the calls for many. */
static void round_mmsg(struct ends *e, struct mmsghdr *out, struct mmsghdr *in)
{
	int n;

	n = e->skiff ? skiff_sendmmsg(e->skiff, e->from, out, e->batch, 0) :
		       sendmmsg(e->from, out, e->batch, 0);
	if (n != (int)e->batch)
		fail("sendmmsg", n);
	turn(e);
	n = e->skiff ? skiff_recvmmsg(e->skiff, e->to, in, e->batch, 0) :
		       recvmmsg(e->to, in, e->batch, 0, NULL);
	if (n != (int)e->batch || in[0].msg_len != e->len)
		fail("recvmmsg", n);
	e->received += e->batch;
}

static void rounds(struct ends *e, unsigned long n, char *data, char *got)
{
	struct iovec iov_out = { data, e->len }, iov_in[BATCH];
	struct mmsghdr out[BATCH], in[BATCH];

	memset(out, 0, sizeof(out));
	memset(in, 0, sizeof(in));
	for (unsigned i = 0; i < BATCH; i++) {
		iov_in[i] = (struct iovec){ got + i * 2048, e->len };
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &iov_out, .msg_iovlen = 1 };
		in[i].msg_hdr = (struct msghdr){ .msg_iov = &iov_in[i], .msg_iovlen = 1 };
	}
	while (n--) {
		data[0] = (char)n;
		if (e->mmsg) {
			round_mmsg(e, out, in);
		} else {
			for (unsigned i = 0; i < e->batch; i++)
				send_one(e, data);
			turn(e);
			for (unsigned i = 0; i < e->batch; i++)
				receive_one(e, got + i * 2048);
		}
		if (n % 16 == 0 && memcmp(data, got + (e->batch - 1) * 2048, e->len))
			fail("another datagram came", (long)n);
	}
}

/* ns per datagram, best of the runs */
static double measure(struct ends *e, bool quick)
{
	static char data[2048], got[BATCH * 2048];
	unsigned long n = (quick ? 2000 : 200000) / e->batch;
	double best = 1e9;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (int run = 0; run < (quick ? 2 : 15); run++) {
		uint64_t start = clock_ns();
		double ns;

		rounds(e, n, data, got);
		ns = (double)(clock_ns() - start) / (double)(n * e->batch);
		best = ns < best ? ns : best;
	}
	return best;
}

static void *engine_alloc(void *arg, size_t size, size_t align)
{
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void engine_free(void *arg, void *p)
{
	free(p);
}

static struct sockaddr_in address(const char *ip, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sin;
}

static void open_skiff(struct ends *e)
{
	static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 1 }, mac_b[6] = { 2, 0, 0, 0, 0, 2 };
	struct skiff_env env = { .alloc = engine_alloc, .free = engine_free };
	struct sockaddr_in a = address("10.0.0.1", 1000), b = address("10.0.0.2", 2000);
	struct skiff_net *na, *nb;
	int err;

	e->skiff = skiff_create(&env);
	na = skiff_net_create(e->skiff, "a");
	nb = skiff_net_create(e->skiff, "b");
	err = skiff_veth_create(na, "v", mac_a, nb, "v", mac_b);
	if (err)
		fail("veth", err);
	bench_ip((struct net *)na, "link set v up");
	bench_ip((struct net *)nb, "link set v up");
	bench_ip((struct net *)na, "addr add 10.0.0.1/24 dev v");
	bench_ip((struct net *)nb, "addr add 10.0.0.2/24 dev v");
	bench_ip((struct net *)na,
		 "neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v nud permanent");
	bench_ip((struct net *)nb,
		 "neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v nud permanent");
	e->from = skiff_socket(na, AF_INET, SOCK_DGRAM, 0);
	e->to = skiff_socket(nb, AF_INET, SOCK_DGRAM, 0);
	err = skiff_bind(e->skiff, e->from, (struct sockaddr *)&a, sizeof(a));
	if (!err)
		err = skiff_bind(e->skiff, e->to, (struct sockaddr *)&b, sizeof(b));
	if (!err)
		err = skiff_connect(e->skiff, e->from, (struct sockaddr *)&b, sizeof(b));
	if (!err)
		err = skiff_connect(e->skiff, e->to, (struct sockaddr *)&a, sizeof(a));
	if (err)
		fail("sockets", err);
	e->dest = b;
}

static void open_kernel(struct ends *e)
{
	struct sockaddr_in a = address("127.0.0.1", 0), b = a;
	socklen_t len = sizeof(a);
	int room = 1 << 20;

	e->skiff = NULL;
	e->from = socket(AF_INET, SOCK_DGRAM, 0);
	e->to = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(e->to, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(e->from, (struct sockaddr *)&a, sizeof(a)) ||
	    bind(e->to, (struct sockaddr *)&b, sizeof(b)) ||
	    getsockname(e->from, (struct sockaddr *)&a, &len) ||
	    getsockname(e->to, (struct sockaddr *)&b, &len) ||
	    connect(e->from, (struct sockaddr *)&b, sizeof(b)) ||
	    connect(e->to, (struct sockaddr *)&a, sizeof(a)))
		fail("the kernel's sockets", -1);
	e->dest = b;
}

static void one_row(struct ends *e, const struct bench_out *out, const char *name, bool quick,
		    double reach, double stretch)
{
	bench_result(out, name, measure(e, quick), "ns", reach, stretch, true);
}

static void all_rows(struct ends *e, const struct bench_out *out, bool quick)
{
	e->len = 64;
	e->batch = BATCH;
	one_row(e, out, "udp.64", quick, 150, 80);
	e->mmsg = true;
	one_row(e, out, "udp.64.batch", quick, -1, -1);
	e->mmsg = false;
	e->batch = 1;
	one_row(e, out, "udp.64.one", quick, -1, -1);
	e->batch = BATCH;
	e->unconnected = true;
	one_row(e, out, "udp.64.unconnected", quick, -1, -1);
	e->unconnected = false;
	e->len = 1400;
	one_row(e, out, "udp.1400", quick, -1, -1);
}

int main(int argc, char **argv)
{
	struct bench_out out = { 0 };
	struct ends e = { .now = 1 };
	bool quick = false, kernel = false;

	for (int i = 1; i < argc; i++) {
		quick |= !strcmp(argv[i], "--quick");
		kernel |= !strcmp(argv[i], "--kernel");
		if (!strcmp(argv[i], "--json") && i + 1 < argc)
			out.json = argv[++i];
	}
	if (kernel)
		open_kernel(&e);
	else
		open_skiff(&e);
	all_rows(&e, &out, quick);
	if (e.skiff)
		skiff_destroy(e.skiff);
	return 0;
}
