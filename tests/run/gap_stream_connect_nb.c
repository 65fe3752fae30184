// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_connect_nb.c - connect(2) that does not wait. */
#include "gap.h"

static void success(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK);

	tcp_listener(5, &port);
	say_ret("connect", tcp_connect(fd, port));
	say_poll(fd);
	say_error(fd);
}

static void twice(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK);

	tcp_listener(5, &port);
	say_ret("first", tcp_connect(fd, port));
	settle();
	say_ret("second", tcp_connect(fd, port));
	say_ret("third", tcp_connect(fd, port));
}

static void bytes(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK), l = tcp_listener(5, &port);
	char buf[8] = "";

	tcp_connect(fd, port);
	l = accept(l, NULL, NULL);
	settle();
	say_ret("write", write(fd, "hello", 5));
	say_ret("read", recv(l, buf, 5, MSG_WAITALL));
	say(" %s", buf);
	say_ret("back", write(l, "world", 5));
	settle();
	say_ret("read", recv(fd, buf, 5, 0));
	say(" %s", buf);
}

static void refused_poll(void)
{
	int fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("connect", tcp_connect(fd, closed_port()));
	say_poll(fd);
	say_error(fd);
	say_error(fd);
	say_poll(fd);
}

static void refused_connect(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("connect", tcp_connect(fd, closed_port()));
	settle();
	tcp_listener(5, &port);
	say_ret("second", tcp_connect(fd, port));
	say_ret("third", tcp_connect(fd, port));
	say_poll(fd);
	say_ret("write", write(fd, "x", 1));
}

static void refused_aborted(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("connect", tcp_connect(fd, closed_port()));
	settle();
	say_error(fd);
	tcp_listener(5, &port);
	say_ret("second", tcp_connect(fd, port));
	say_ret("third", tcp_connect(fd, port));
	say_poll(fd);
}

static void refused_read(void)
{
	char c;
	int fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, closed_port());
	settle();
	say_ret("read", read(fd, &c, 1));
	say_ret("read", read(fd, &c, 1));
}

static void refused_cloexec(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK | SOCK_CLOEXEC);

	tcp_connect(fd, closed_port());
	settle();
	say_error(fd);
	tcp_listener(5, &port);
	tcp_connect(fd, port);
	tcp_connect(fd, port);
	settle();
	say(" cloexec=%d nonblock=%d", fcntl(fd, F_GETFD), !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
}

static void refused_epoll(void)
{
	int port, fd = tcp_socket(SOCK_NONBLOCK), ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT, .data.u64 = 0x1234567890 };

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	tcp_connect(fd, closed_port());
	settle();
	say_error(fd);
	tcp_listener(5, &port);
	tcp_connect(fd, port);
	say_ret("connect", tcp_connect(fd, port));
	settle();
	say_ret("epoll", epoll_wait(ep, &e, 1, 500));
	say(" events=%x data=%llx", e.events, (unsigned long long)e.data.u64);
	say_ret("mod", epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e));
	say_ret("del", epoll_ctl(ep, EPOLL_CTL_DEL, fd, &e));
}

static void already(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("connect", tcp_connect(fd, port));
	say_ret("again", tcp_connect(fd, port));
}

static void pending_poll(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, port);
	say_poll(fd);
}

static void pending_bytes(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);
	char c;

	tcp_connect(fd, port);
	settle();
	say_ret("write", write(fd, "x", 1));
	say_ret("send", send(fd, "x", 1, MSG_DONTWAIT));
	say_ret("read", read(fd, &c, 1));
}

static void pending_names(void)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, port);
	say_ret("getpeername", getpeername(fd, (struct sockaddr *)&a, &len));
	say_ret("getsockname", getsockname(fd, (struct sockaddr *)&a, &len));
	say(" %s has-port=%d", inet_ntoa(a.sin_addr), a.sin_port != 0);
	say_error(fd);
}

static void pending_shutdown(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, port);
	settle();
	say_ret("shutdown", shutdown(fd, SHUT_WR));
	say_error(fd);
}

static void pending_outq(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK), n = -1;

	tcp_connect(fd, port);
	settle();
	say_ret("SIOCOUTQ", ioctl(fd, TIOCOUTQ, &n));
	say(" %d", n);
	say_ret("FIONREAD", ioctl(fd, FIONREAD, &n));
	say(" %d", n);
}

static void say_events(int ep)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, 1000);

	say_ret("epoll", n);
	if (n == 1)
		say(" events=%x", e.events);
}

static void epoll_before(uint32_t flags, int port)
{
	int fd = tcp_socket(SOCK_NONBLOCK), ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | flags };

	/* The first event is of the unconnected socket. */
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	epoll_wait(ep, &e, 1, 0);
	tcp_connect(fd, port);
	say_events(ep);
	if (flags & EPOLLET)
		say_ret("again", epoll_wait(ep, &e, 1, 50));
}

static void epoll_level(void)
{
	int port;

	tcp_listener(5, &port);
	epoll_before(0, port);
}

static void epoll_edge(void)
{
	int port;

	tcp_listener(5, &port);
	epoll_before(EPOLLET, port);
}

static void epoll_refused(void)
{
	epoll_before(EPOLLET, closed_port());
}

static void epoll_pending(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK), ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP };

	tcp_connect(fd, port);
	settle();
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	say_ret("epoll", epoll_wait(ep, &e, 1, 50));
}

static void late(void)
{
	int l, port, fd, n = 0, s;
	struct pollfd p = { .events = POLLOUT };

	/* The queue is full until somebody accepts: then the SYN that is sent again gets through. */
	l = tcp_listener(0, &port);
	for (int i = 0; i < 2; i++) {
		tcp_connect(tcp_socket(SOCK_NONBLOCK), port);
		settle();
	}
	fd = p.fd = tcp_socket(SOCK_NONBLOCK);
	tcp_connect(fd, port);
	settle();
	listen(l, 16);
	nonblock(l);
	while ((s = accept(l, NULL, NULL)) >= 0)
		n++;
	say(" accepted=%d", n > 0);
	say_ret("poll", poll(&p, 1, 3000));
	say_error(fd);
	say_ret("write", write(fd, "x", 1));
}

static void closed_pending(void)
{
	int port = stuck_port(), fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, port);
	settle();
	say_ret("close", close(fd));
	fd = tcp_socket(SOCK_NONBLOCK);
	say_ret("connect", tcp_connect(fd, port));
}

const struct gap_check gap_stream_connect_nb[] = {
	{ "success", success },
	{ "twice", twice },
	{ "bytes", bytes },
	{ "refused-poll", refused_poll },
	{ "refused-connect", refused_connect },
	{ "refused-aborted", refused_aborted },
	{ "refused-read", refused_read },
	{ "refused-cloexec", refused_cloexec },
	{ "refused-epoll", refused_epoll },
	{ "already", already },
	{ "pending-poll", pending_poll },
	{ "pending-bytes", pending_bytes },
	{ "pending-names", pending_names },
	{ "pending-shutdown", pending_shutdown },
	{ "pending-outq", pending_outq },
	{ "epoll-level", epoll_level },
	{ "epoll-edge", epoll_edge },
	{ "epoll-refused", epoll_refused },
	{ "epoll-pending", epoll_pending },
	{ "late", late },
	{ "closed-pending", closed_pending },
	{ NULL, NULL },
};
