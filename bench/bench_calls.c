// SPDX-License-Identifier: BSD-2-Clause
/* bench/bench_calls.c - what control calls cost a program: run it on the kernel and on a node.
 *
 * Prints "NAME NS" a line: getsockopt, and socket, connect (refused) and close of TCP on loopback. The best of several rounds.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 7

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void getsockopts(int n)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), value;
	socklen_t len = sizeof(value);

	for (int i = 0; i < n; i++) {
		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len))
			exit(1);
	}
	close(fd);
}

static void connects(int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < n; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || !connect(fd, (struct sockaddr *)&a, sizeof(a)))
			exit(1);
		close(fd);
	}
}

static void measure(const char *name, void (*fn)(int), int n)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = now(), took;

		fn(n);
		took = (now() - start) / (uint64_t)n;
		if (took < best)
			best = took;
	}
	printf("%s %llu\n", name, (unsigned long long)best);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 2000;

	measure("getsockopt", getsockopts, n);
	measure("socket_connect_close", connects, n);
	return 0;
}
