// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_data.c - bytes, and what says that there are some. */
#include "gap.h"

#include <sys/select.h>
#include <sys/uio.h>
#include <time.h>

static void echo(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	say_ret("write", write(s[0], "hello", 5));
	say_poll(s[1]);
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say(" %s", buf);
	say_poll(s[1]);
	say_ret("write", write(s[1], "you", 3));
	settle();
	say_ret("read", read(s[0], buf, 2));
	say_poll(s[0]);
	say_ret("read", read(s[0], buf, 2));
}

static unsigned hash_of(unsigned h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = h * 16777619u ^ (unsigned char)p[i];
	return h;
}

static void pour(int fd, size_t total)
{
	static char buf[70000];

	for (size_t done = 0; done < total;) {
		size_t n = total - done < sizeof(buf) ? total - done : sizeof(buf);
		ssize_t w;

		for (size_t i = 0; i < n; i++)
			buf[i] = (char)((done + i) * 2654435761u >> 13);
		w = write(fd, buf, n);
		if (w <= 0)
			break;
		done += (size_t)w;
	}
}

static void drink(int fd)
{
	static char buf[50000];
	unsigned h = 1;
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		h = hash_of(h, buf, (size_t)n);
		sum += (size_t)n;
	}
	say(" bytes=%zu hash=%x", sum, h);
	say_ret("end", n);
}

static void bulk(void)
{
	int s[2];

	tcp_pair(s);
	if (fork() == 0) {
		close(s[1]);
		pour(s[0], 10000000);
		_exit(0);
	}
	close(s[0]);
	drink(s[1]);
}

static void bulk_both_ways(void)
{
	int s[2];

	tcp_pair(s);
	if (fork() == 0) {
		close(s[1]);
		if (fork() == 0) {
			pour(s[0], 3000000);
			shutdown(s[0], SHUT_WR);
			_exit(0);
		}
		drink(s[0]);
		_exit(0);
	}
	close(s[0]);
	if (fork() == 0) {
		pour(s[1], 3000000);
		shutdown(s[1], SHUT_WR);
		_exit(0);
	}
	drink(s[1]);
}

static void peek(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	say_ret("peek", recv(s[1], buf, 3, MSG_PEEK));
	say_ret("peek", recv(s[1], buf, sizeof(buf), MSG_PEEK));
	say_ret("read", recv(s[1], buf, sizeof(buf), 0));
	say(" %s", buf);
}

static void dont_wait(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	say_ret("recv", recv(s[0], &c, 1, MSG_DONTWAIT));
	nonblock(s[0]);
	say_ret("read", read(s[0], &c, 1));
	say_poll(s[0]);
}

static void wait_all(void)
{
	int s[2];
	char buf[16] = "";

	tcp_pair(s);
	if (fork() == 0) {
		write(s[0], "hel", 3);
		usleep(50000);
		write(s[0], "lo", 2);
		pause();
	}
	say_ret("recv", recv(s[1], buf, 5, MSG_WAITALL));
	say(" %s", buf);
}

static void counts(void)
{
	int s[2], n = -1;

	tcp_pair(s);
	ioctl(s[1], FIONREAD, &n);
	say(" %d", n);
	write(s[0], "hello", 5);
	settle();
	say_ret("FIONREAD", ioctl(s[1], FIONREAD, &n));
	say(" %d", n);
	say_ret("SIOCOUTQ", ioctl(s[0], TIOCOUTQ, &n));
	say(" %d", n);
	say_ret("fault", ioctl(s[0], FIONREAD, nowhere()));
	say_ret("unknown", ioctl(s[0], 0x5499, &n));
}

static void receive_timeout(void)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);
	int s[2];
	char c;

	tcp_pair(s);
	set_timeout(s[0], SO_RCVTIMEO, 100);
	say_ret("read", read(s[0], &c, 1));
	getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &len);
	say(" %ld.%06ld", (long)tv.tv_sec, (long)tv.tv_usec);
}

static void send_timeout(void)
{
	static char buf[1 << 20];
	int s[2];
	ssize_t n;

	tcp_pair(s);
	set_timeout(s[0], SO_SNDTIMEO, 50);
	for (int i = 0; i < 40; i++) {
		n = write(s[0], buf, sizeof(buf));
		if (n < 0)
			break;
	}
	say_ret("write", n);
}

static void interrupted(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	on_signal(SIGALRM, 0);
	alarm_in(50);
	say_ret("read", read(s[0], &c, 1));
}

static void full(void)
{
	static char buf[65536];
	int s[2], sum = 0;
	ssize_t n;

	tcp_pair(s);
	nonblock(s[0]);
	nonblock(s[1]);
	for (int i = 0, failed = 0; i < 2000 && failed < 4; i++) {
		n = write(s[0], buf, sizeof(buf));
		failed = n < 0 ? failed + 1 : 0;
		if (failed)
			settle();
	}
	say_ret("write", n);
	say_poll(s[0]);
	for (int i = 0; i < 50; i++) {
		while ((n = read(s[1], buf, sizeof(buf))) > 0)
			sum += (int)n;
		usleep(2000);
	}
	say(" some=%d", sum > 100000);
	say_poll(s[0]);
}

static void full_edge(void)
{
	static char buf[65536];
	int s[2], ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLOUT | EPOLLET };

	tcp_pair(s);
	nonblock(s[0]);
	nonblock(s[1]);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &e);
	say_ret("first", epoll_wait(ep, &e, 1, 100));
	for (int i = 0, failed = 0; i < 2000 && failed < 4; i++) {
		failed = write(s[0], buf, sizeof(buf)) < 0 ? failed + 1 : 0;
		if (failed)
			settle();
	}
	/* What woke meanwhile is over. */
	for (int i = 0; i < 20 && epoll_wait(ep, &e, 1, 50) > 0; i++)
		while (write(s[0], buf, sizeof(buf)) > 0)
			;
	for (int i = 0; i < 50; i++) {
		while (read(s[1], buf, sizeof(buf)) > 0)
			;
		usleep(2000);
	}
	say_ret("room", epoll_wait(ep, &e, 1, 500));
}

static void single_bytes(void)
{
	int s[2], n = 0, failed = 0;

	tcp_pair(s);
	nonblock(s[0]);
	for (int i = 0; i < 2000 && n < 2000; i++) {
		struct pollfd p = { s[0], POLLOUT, 0 };

		if (poll(&p, 1, 200) == 1 && write(s[0], "x", 1) == 1)
			n++;
		else
			failed++;
	}
	say(" written=%d", n);
	usleep(300000); /* a delayed ACK lies in between */
	ioctl(s[1], FIONREAD, &n);
	say(" there=%d", n);
}

static void small_buffers(void)
{
	static char buf[4096];
	int s[2], port, l = tcp_listener(1, &port), sum = 0, got = 0;
	ssize_t n;

	set_int(l, SOL_SOCKET, SO_RCVBUF, 4096);
	s[0] = tcp_socket(0);
	set_int(s[0], SOL_SOCKET, SO_SNDBUF, 4096);
	tcp_connect(s[0], port);
	s[1] = accept(l, NULL, NULL);
	nonblock(s[0]);
	for (int i = 0; i < 50; i++) {
		n = write(s[0], buf, sizeof(buf));
		if (n > 0)
			sum += (int)n;
		else
			usleep(1000);
	}
	say(" bounded=%d", sum < 100000);
	shutdown(s[0], SHUT_WR);
	while ((n = read(s[1], buf, sizeof(buf))) > 0)
		got += (int)n;
	say(" all=%d", got == sum);
}

static void low_water(void)
{
	int s[2], value = 0;
	socklen_t len = sizeof(value);
	char buf[16];

	tcp_pair(s);
	set_int(s[1], SOL_SOCKET, SO_RCVLOWAT, 5);
	getsockopt(s[1], SOL_SOCKET, SO_RCVLOWAT, &value, &len);
	say(" lowat=%d", value);
	write(s[0], "abc", 3);
	say_poll(s[1]);
	write(s[0], "def", 3);
	say_poll(s[1]);
	say_ret("read", read(s[1], buf, sizeof(buf)));
}

static void with_select(void)
{
	struct timeval tv = { 0, 100000 };
	fd_set in, out;
	int s[2];

	tcp_pair(s);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(s[1], &in);
	FD_SET(s[1], &out);
	say_ret("select", select(s[1] + 1, &in, &out, NULL, &tv));
	say(" in=%d out=%d", !!FD_ISSET(s[1], &in), !!FD_ISSET(s[1], &out));
	write(s[0], "x", 1);
	settle();
	FD_SET(s[1], &in);
	say_ret("select", select(s[1] + 1, &in, NULL, NULL, &tv));
}

static void one_shot(void)
{
	int s[2], ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };

	tcp_pair(s);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e);
	write(s[0], "x", 1);
	say_ret("first", epoll_wait(ep, &e, 1, 500));
	write(s[0], "x", 1);
	say_ret("second", epoll_wait(ep, &e, 1, 50));
	e.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(ep, EPOLL_CTL_MOD, s[1], &e);
	say_ret("third", epoll_wait(ep, &e, 1, 500));
}

static void vectors(void)
{
	char a[4] = "", b[8] = "";
	struct iovec out[] = { { "abc", 3 }, { "", 0 }, { "defg", 4 } };
	struct iovec in[] = { { a, 3 }, { b, 7 } };
	int s[2];

	tcp_pair(s);
	say_ret("writev", writev(s[0], out, 3));
	settle();
	say_ret("readv", readv(s[1], in, 2));
	say(" %s %s", a, b);
}

static void nothing(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	say_ret("write", write(s[0], "", 0));
	say_ret("send", send(s[0], NULL, 0, 0));
	nonblock(s[1]);
	settle();
	say_ret("read", read(s[1], &c, 1));
	say_ret("nothing", read(s[1], &c, 0));
}

static void faults(void)
{
	int s[2];

	tcp_pair(s);
	say_ret("write", write(s[0], nowhere(), 5));
	write(s[0], "hello", 5);
	settle();
	say_ret("read", read(s[1], nowhere(), 5));
	say_ret("read", read(s[1], (char[8]){ 0 }, 5));
}

static void read_wakes(void)
{
	struct timespec from, to;
	int s[2];
	char c;

	tcp_pair(s);
	if (fork() == 0) {
		usleep(60000);
		write(s[0], "x", 1);
		pause();
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	say_ret("read", read(s[1], &c, 1));
	clock_gettime(CLOCK_MONOTONIC, &to);
	say(" slept=%d",
	    (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 > 40);
}

const struct gap_check gap_stream_data[] = {
	{ "echo", echo },
	{ "bulk", bulk },
	{ "bulk-both-ways", bulk_both_ways },
	{ "peek", peek },
	{ "dont-wait", dont_wait },
	{ "wait-all", wait_all },
	{ "counts", counts },
	{ "receive-timeout", receive_timeout },
	{ "send-timeout", send_timeout },
	{ "interrupted", interrupted },
	{ "full", full },
	{ "full-edge", full_edge },
	{ "single-bytes", single_bytes },
	{ "small-buffers", small_buffers },
	{ "low-water", low_water },
	{ "select", with_select },
	{ "one-shot", one_shot },
	{ "vectors", vectors },
	{ "nothing", nothing },
	{ "faults", faults },
	{ "read-wakes", read_wakes },
	{ NULL, NULL },
};
