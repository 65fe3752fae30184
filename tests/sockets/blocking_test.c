// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/blocking_test.c - calls that wait: connect, accept, send, receive and close over the caller's loop, in virtual time. */
#include "tests/stack.h"

#include "net/socket_abi.h"
#include "skiff/socket.h"

static struct stack st;
static int give_up;		/* what the loop answers, 0: it goes on */
static u64 until = SKIFF_NEVER; /* from then on it gives up */
static int reader = -1;		/* read from in each round of the loop */
static size_t read_bytes;

static int run(void *arg, uint64_t deadline)
{
	u64 next = skiff_next(st.skiff);
	static char buf[65536];

	if (give_up)
		return give_up;
	if (next > deadline)
		next = deadline;
	/* Nobody would ever wake it. */
	assert_true(next != SKIFF_NEVER);
	if (next > st.now)
		st.now = next;
	while (skiff_turn(st.skiff, st.now))
		;
	if (reader >= 0) {
		int64_t n = skiff_recv(st.skiff, reader, buf, sizeof(buf), 0);

		read_bytes += n > 0 ? (size_t)n : 0;
	}
	return st.now >= until ? -EINTR : 0;
}

static uint64_t now(void *arg)
{
	return st.now;
}

static const struct skiff_loop loop = { .run = run, .now = now };

static int start(void **state)
{
	stack_start(&st, 1);
	give_up = 0;
	until = SKIFF_NEVER;
	reader = -1;
	read_bytes = 0;
	return 0;
}

static int stop(void **state)
{
	stack_end(&st);
	return 0;
}

static int tcp_socket(int flags)
{
	int fd = skiff_socket((struct skiff_net *)st.net, AF_INET, SOCK_STREAM | flags, 0);

	assert_true(fd >= 0);
	return fd;
}

static const struct sockaddr_in listener = { .sin_family = AF_INET,
					     .sin_port = 0x901f, /* 8080 */
					     .sin_addr = { 0x0100007f } };
#define ADDR (const struct sockaddr *)&listener, sizeof(listener)

static int listen_here(void)
{
	int fd = tcp_socket(0);

	assert_int_equal(skiff_bind(st.skiff, fd, ADDR), 0);
	assert_int_equal(skiff_listen(st.skiff, fd, 10), 0);
	return fd;
}

static void pair(int fd[2])
{
	int l = listen_here();

	fd[0] = tcp_socket(0);
	assert_int_equal(skiff_bconnect(st.skiff, &loop, fd[0], ADDR), 0);
	fd[1] = skiff_baccept4(st.skiff, &loop, l, NULL, NULL, 0);
	assert_true(fd[1] >= 0);
	skiff_close(st.skiff, l);
}

static void set_timeout(int fd, int name, s64 ms)
{
	struct sock_timeval tv = { ms / 1000, ms % 1000 * 1000 };

	assert_int_equal(skiff_setsockopt(st.skiff, fd, SOL_SOCKET, name, &tv, sizeof(tv)), 0);
}

static int64_t receive(int fd, size_t len, int flags)
{
	static char buf[4096];
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return skiff_brecvmsg(st.skiff, &loop, fd, &m, flags);
}

static void test_connects_and_is_refused(void **state)
{
	int fd = tcp_socket(0), l, c;

	assert_int_equal(skiff_bconnect(st.skiff, &loop, fd, ADDR), -ECONNREFUSED);
	l = listen_here();
	c = tcp_socket(0);
	assert_int_equal(skiff_bconnect(st.skiff, &loop, c, ADDR), 0);
	assert_int_equal(skiff_bconnect(st.skiff, &loop, c, ADDR), -EISCONN);
	c = tcp_socket(SOCK_NONBLOCK);
	assert_int_equal(skiff_bconnect(st.skiff, &loop, c, ADDR), -EINPROGRESS);
	assert_true(skiff_baccept4(st.skiff, &loop, l, NULL, NULL, 0) >= 0);
}

/* To somebody who never answers: SO_SNDTIMEO ends the wait, not the attempt. */
static void connect_times_out(void **state)
{
	struct sockaddr_in a = listener;
	int fd = tcp_socket(0);
	u64 begin = st.now;

	a.sin_addr.s_addr = STACK_PEER;
	set_timeout(fd, SO_SNDTIMEO_OLD, 500);
	assert_int_equal(skiff_bconnect(st.skiff, &loop, fd, (struct sockaddr *)&a, sizeof(a)),
			 -EINPROGRESS);
	assert_in_range(st.now - begin, 500000000, 501000000);
	assert_int_equal(skiff_connect(st.skiff, fd, (struct sockaddr *)&a, sizeof(a)), -EALREADY);
}

static void accept_waits(void **state)
{
	int l = listen_here();
	u64 begin = st.now;

	set_timeout(l, SO_RCVTIMEO_OLD, 300);
	assert_int_equal(skiff_baccept4(st.skiff, &loop, l, NULL, NULL, 0), -EAGAIN);
	assert_in_range(st.now - begin, 300000000, 301000000);
	until = st.now + 1000;
	set_timeout(l, SO_RCVTIMEO_OLD, 0);
	/* Without a timeout nothing would wake it: the loop has a timer of its own. */
	give_up = -EINTR;
	assert_int_equal(skiff_baccept4(st.skiff, &loop, l, NULL, NULL, 0), -EINTR);
}

static void test_receive_waits(void **state)
{
	int fd[2];
	u64 begin;

	pair(fd);
	set_timeout(fd[1], SO_RCVTIMEO_OLD, 200);
	begin = st.now;
	assert_int_equal(receive(fd[1], 10, 0), -EAGAIN);
	assert_in_range(st.now - begin, 200000000, 201000000);
	assert_int_equal(receive(fd[1], 10, MSG_DONTWAIT), -EAGAIN);
	begin = st.now;
	assert_int_equal(receive(fd[1], 10, MSG_ERRQUEUE), -EAGAIN);
	assert_int_equal(st.now, begin);
	assert_int_equal(skiff_send(st.skiff, fd[0], "0123456789", 10, 0), 10);
	assert_int_equal(receive(fd[1], 4, 0), 4);
	/* MSG_WAITALL: what is there when the time is up. */
	assert_int_equal(receive(fd[1], 100, MSG_WAITALL), 6);
	assert_in_range(st.now - begin, 200000000, 203000000);
	skiff_close(st.skiff, fd[0]);
	assert_int_equal(receive(fd[1], 10, 0), 0);
}

static void send_waits_for_room(void **state)
{
	static char data[2000000];
	struct iovec iov[2] = { { data, 10 }, { data + 10, sizeof(data) - 10 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	int fd[2];
	u64 begin;
	int64_t n;

	pair(fd);
	reader = fd[1];
	assert_int_equal(skiff_bsendmsg(st.skiff, &loop, fd[0], &m, 0), sizeof(data));
	for (int i = 0; i < 100 && read_bytes < sizeof(data); i++) {
		n = skiff_recv(st.skiff, fd[1], data, sizeof(data), 0);
		read_bytes += n > 0 ? (size_t)n : 0;
		stack_run(&st, 10);
	}
	assert_int_equal(read_bytes, sizeof(data));
	/* Nobody reads any more: as much as there is room for, and no more when the time is up. */
	reader = -1;
	set_timeout(fd[0], SO_SNDTIMEO_OLD, 100);
	begin = st.now;
	for (int i = 0; i < 20; i++) {
		n = skiff_bsendmsg(st.skiff, &loop, fd[0], &m, 0);
		if (n != sizeof(data))
			break;
	}
	assert_true(n > 0 && n < (int64_t)sizeof(data));
	assert_true(st.now - begin >= 100000000);
	assert_int_equal(skiff_bsendmsg(st.skiff, &loop, fd[0], &m, 0), -EAGAIN);
}

/* SO_LINGER: close waits until the FIN is acknowledged, or its time is up. */
static void close_lingers(void **state)
{
	struct linger l = { 1, 2 };
	int fd[2];
	u64 begin;

	pair(fd);
	assert_int_equal(skiff_setsockopt(st.skiff, fd[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)),
			 0);
	assert_int_equal(skiff_send(st.skiff, fd[0], "x", 1, 0), 1);
	begin = st.now;
	assert_int_equal(skiff_bclose(st.skiff, &loop, fd[0]), 0);
	assert_true(st.now - begin < 2000000000);
	assert_int_equal(skiff_events(st.skiff, fd[0]), -EBADF);
	assert_int_equal(skiff_bclose(st.skiff, &loop, fd[0]), -EBADF);
	assert_int_equal(receive(fd[1], 10, 0), 1);
	assert_int_equal(receive(fd[1], 10, 0), 0);
}

static void test_waiting_for_events(void **state)
{
	int fd[2];
	u64 begin;

	pair(fd);
	begin = st.now;
	assert_int_equal(skiff_wait(st.skiff, &loop, fd[0], POLLIN, 5000000), 0);
	assert_int_equal(st.now - begin, 5000000);
	assert_int_equal(skiff_wait(st.skiff, &loop, fd[0], POLLOUT, SKIFF_NEVER), POLLOUT);
	assert_int_equal(skiff_wait(st.skiff, &loop, 77, POLLOUT, SKIFF_NEVER), -EBADF);
	give_up = -EINTR;
	assert_int_equal(skiff_wait(st.skiff, &loop, fd[0], POLLIN, SKIFF_NEVER), -EINTR);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_connects_and_is_refused), T(connect_times_out),	 T(accept_waits),
		T(test_receive_waits),		 T(send_waits_for_room), T(close_lingers),
		T(test_waiting_for_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
