// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_close.c - shutdown(2), FIN and RST as the two programs see them. */
#include "gap.h"

static void fin(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	close(s[0]);
	say_poll(s[1]);
	say_ret("read", read(s[1], &c, 1));
	say_ret("read", read(s[1], &c, 1));
}

static void fin_behind_data(void)
{
	int s[2];
	char buf[16];

	tcp_pair(s);
	write(s[0], "hello", 5);
	close(s[0]);
	say_poll(s[1]);
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say_ret("read", read(s[1], buf, sizeof(buf)));
}

static void half(void)
{
	int s[2];
	char buf[16];

	tcp_pair(s);
	say_ret("shutdown", shutdown(s[0], SHUT_WR));
	say_poll(s[0]);
	say_poll(s[1]);
	say_ret("write", write(s[1], "hello", 5));
	settle();
	say_ret("read", read(s[0], buf, sizeof(buf)));
}

static void both(void)
{
	int s[2];

	tcp_pair(s);
	shutdown(s[0], SHUT_WR);
	shutdown(s[1], SHUT_WR);
	say_poll(s[0]);
	say_poll(s[1]);
	say_ret("shutdown", shutdown(s[0], SHUT_WR));
}

static void both_then_close(void)
{
	int s[2], port, l, fd;
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	tcp_pair(s);
	getsockname(s[1], (struct sockaddr *)&at, &len);
	shutdown(s[0], SHUT_RDWR);
	shutdown(s[1], SHUT_RDWR);
	say_poll(s[0]);
	close(s[0]);
	close(s[1]);
	settle();
	/* Nothing of it is left but TIME_WAIT. */
	l = tcp_listener(1, &port);
	fd = tcp_socket(0);
	say_ret("connect", tcp_connect(fd, port));
	say_ret("accept", accept(l, NULL, NULL) >= 0);
}

static void shut_read(void)
{
	int s[2];
	char buf[16];

	tcp_pair(s);
	write(s[1], "hello", 5);
	settle();
	say_ret("shutdown", shutdown(s[0], SHUT_RD));
	say_poll(s[0]);
	say_ret("read", read(s[0], buf, sizeof(buf)));
	say_ret("read", read(s[0], buf, sizeof(buf)));
	say_ret("write", write(s[0], "x", 1));
	settle();
	say_ret("peer", read(s[1], buf, sizeof(buf)));
}

static void shut_write(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	on_signal(SIGPIPE, 0);
	shutdown(s[0], SHUT_WR);
	say_ret("write", write(s[0], "x", 1));
	say(" signals=%d", signals_seen());
	say_ret("nosignal", send(s[0], "x", 1, MSG_NOSIGNAL));
	say(" signals=%d", signals_seen());
	settle();
	say_ret("peer", read(s[1], &c, 1));
}

static void shut_both(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	say_ret("shutdown", shutdown(s[0], SHUT_RDWR));
	say_poll(s[0]);
	say_ret("read", read(s[0], &c, 1));
	say_poll(s[1]);
	say_ret("peer", read(s[1], &c, 1));
	say_error(s[0]);
	say_ret("getpeername",
		getpeername(s[0], (struct sockaddr *)(char[16]){ 0 }, &(socklen_t){ 16 }));
}

static void shut_bad(void)
{
	int s[2];

	tcp_pair(s);
	say_ret("3", shutdown(s[0], 3));
	say_ret("-1", shutdown(s[0], -1));
	say_ret("write", write(s[0], "x", 1));
}

static void shut_behind_data(void)
{
	int s[2], sum = 0, n;
	static char buf[200000];

	tcp_pair(s);
	if (fork() == 0) {
		close(s[1]);
		write(s[0], buf, sizeof(buf));
		shutdown(s[0], SHUT_WR);
		read(s[0], buf, 1);
		_exit(0);
	}
	close(s[0]);
	while ((n = (int)read(s[1], buf, sizeof(buf))) > 0)
		sum += n;
	say(" bytes=%d", sum);
	say_ret("read", n);
}

static void close_behind_data(void)
{
	static char buf[1 << 20];
	int s[2], sum = 0, n, size = 4 << 20;

	tcp_pair(s);
	set_int(s[0], SOL_SOCKET, SO_SNDBUF, size);
	nonblock(s[0]);
	n = (int)write(s[0], buf, sizeof(buf));
	close(s[0]);
	settle();
	while ((size = (int)read(s[1], buf, 4096)) > 0)
		sum += size;
	say(" all=%d", n > 0 && sum == n);
	say_ret("read", size);
}

static void reset(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	reset_by(s[0]);
	say_poll(s[1]);
	say_ret("read", read(s[1], &c, 1));
	say_ret("read", read(s[1], &c, 1));
	say_poll(s[1]);
}

static void reset_behind_data(void)
{
	int s[2];
	char buf[16];

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	reset_by(s[0]);
	say_poll(s[1]);
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say_ret("read", read(s[1], buf, sizeof(buf)));
}

static void reset_error(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	reset_by(s[0]);
	settle();
	say_error(s[1]);
	say_error(s[1]);
	say_ret("read", read(s[1], &c, 1));
	say_poll(s[1]);
}

static void reset_read_error(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	reset_by(s[0]);
	settle();
	say_ret("read", read(s[1], &c, 1));
	say_error(s[1]);
	say_ret("getpeername",
		getpeername(s[1], (struct sockaddr *)(char[16]){ 0 }, &(socklen_t){ 16 }));
}

static void reset_write(void)
{
	int s[2];

	tcp_pair(s);
	on_signal(SIGPIPE, 0);
	reset_by(s[0]);
	settle();
	say_ret("write", write(s[1], "x", 1));
	say(" signals=%d", signals_seen());
	say_ret("write", write(s[1], "x", 1));
	say(" signals=%d", signals_seen());
}

static void reset_epoll(void)
{
	int s[2], ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };

	tcp_pair(s);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e);
	reset_by(s[0]);
	say_ret("epoll", epoll_wait(ep, &e, 1, 500));
	say(" events=%x", e.events);
}

static void reset_reader(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	if (fork() == 0) {
		close(s[1]);
		usleep(100000);
		reset_by(s[0]);
		_exit(0);
	}
	close(s[0]);
	say_ret("read", read(s[1], &c, 1));
}

static void close_unread(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	close(s[1]);
	say_poll(s[0]);
	say_ret("read", read(s[0], &c, 1));
}

static void close_partly_read(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	read(s[1], &c, 1);
	close(s[1]);
	settle();
	say_ret("read", read(s[0], &c, 1));
}

static void close_then_write(void)
{
	int s[2];

	tcp_pair(s);
	close(s[1]);
	settle();
	on_signal(SIGPIPE, 0);
	say_ret("first", write(s[0], "x", 1));
	settle();
	say_ret("second", write(s[0], "x", 1));
	say(" signals=%d", signals_seen());
}

static void fin_then_reset(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	close(s[1]);
	settle();
	write(s[0], "x", 1);
	say_poll(s[0]);
	say_ret("read", read(s[0], &c, 1));
	say_error(s[0]);
}

static void linger(void)
{
	struct linger l = { 1, 2 };
	static char buf[100000];
	int s[2], sum = 0, n;

	tcp_pair(s);
	setsockopt(s[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	if (fork() == 0) {
		close(s[0]);
		while ((n = (int)read(s[1], buf, sizeof(buf))) > 0)
			sum += n;
		_exit(sum == 100000 ? 0 : 1);
	}
	close(s[1]);
	say_ret("write", write(s[0], buf, sizeof(buf)));
	say_ret("close", close(s[0]));
	wait(&n);
	say(" all=%d", n == 0);
}

static void linger_none(void)
{
	int s[2];
	char c;

	tcp_pair(s);
	reset_by(s[0]);
	settle();
	say_ret("read", read(s[1], &c, 1));
}

static void exit_closes(void)
{
	int s[2];
	char buf[8];

	tcp_pair(s);
	if (fork() == 0) {
		write(s[0], "bye", 3);
		_exit(0);
	}
	close(s[0]);
	wait(NULL);
	settle();
	say_ret("read", read(s[1], buf, sizeof(buf)));
	say_ret("read", read(s[1], buf, sizeof(buf)));
}

static void killed_closes(void)
{
	int s[2], pid;
	char c;

	tcp_pair(s);
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	close(s[0]);
	kill(pid, SIGKILL);
	wait(NULL);
	settle();
	say_ret("read", read(s[1], &c, 1));
}

static void epoll_fin(void)
{
	int s[2], ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
	char c;

	tcp_pair(s);
	epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e);
	write(s[0], "x", 1);
	say_ret("data", epoll_wait(ep, &e, 1, 500));
	say(" events=%x", e.events);
	read(s[1], &c, 1);
	shutdown(s[0], SHUT_WR);
	say_ret("fin", epoll_wait(ep, &e, 1, 500));
	say(" events=%x", e.events);
}

const struct gap_check gap_stream_close[] = {
	{ "fin", fin },
	{ "fin-behind-data", fin_behind_data },
	{ "half", half },
	{ "both", both },
	{ "both-then-close", both_then_close },
	{ "shut-read", shut_read },
	{ "shut-write", shut_write },
	{ "shut-both", shut_both },
	{ "shut-bad", shut_bad },
	{ "shut-behind-data", shut_behind_data },
	{ "close-behind-data", close_behind_data },
	{ "reset", reset },
	{ "reset-behind-data", reset_behind_data },
	{ "reset-error", reset_error },
	{ "reset-read-error", reset_read_error },
	{ "reset-write", reset_write },
	{ "reset-epoll", reset_epoll },
	{ "reset-reader", reset_reader },
	{ "close-unread", close_unread },
	{ "close-partly-read", close_partly_read },
	{ "close-then-write", close_then_write },
	{ "fin-then-reset", fin_then_reset },
	{ "linger", linger },
	{ "linger-none", linger_none },
	{ "exit-closes", exit_closes },
	{ "killed-closes", killed_closes },
	{ "epoll-fin", epoll_fin },
	{ NULL, NULL },
};
