// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_accept.c - bind(2), listen(2), accept(2). */
#include "gap.h"

#include <sys/resource.h>

static int client(int port)
{
	int fd = tcp_socket(SOCK_NONBLOCK);

	tcp_connect(fd, port);
	return fd;
}

static void empty(void)
{
	int port, l = tcp_listener(5, &port);

	nonblock(l);
	say_ret("accept", accept(l, NULL, NULL));
	say_poll(l);
}

static void address(void)
{
	struct sockaddr_in peer, own;
	socklen_t len = sizeof(peer);
	int port, l = tcp_listener(5, &port), fd = client(port);

	memset(&peer, 0x55, sizeof(peer));
	say_ret("accept", accept(l, (struct sockaddr *)&peer, &len) >= 0);
	getsockname(fd, (struct sockaddr *)&own, &len);
	say(" same=%d len=%d", !memcmp(&peer, &own, sizeof(own)), (int)len);
}

static void address_cut(void)
{
	unsigned char buf[8];
	socklen_t len = 4;
	int port, l = tcp_listener(5, &port);

	client(port);
	memset(buf, 0x55, sizeof(buf));
	say_ret("accept", accept(l, (struct sockaddr *)buf, &len) >= 0);
	say(" len=%d family=%d untouched=%d", (int)len, buf[0], buf[4] == 0x55);
}

static void address_fault(void)
{
	socklen_t len = 16;
	int port, l = tcp_listener(5, &port), fd = client(port);
	char c;

	say_ret("accept", accept(l, nowhere(), &len));
	settle();
	say_ret("read", read(fd, &c, 1));
	nonblock(l);
	say_ret("next", accept(l, NULL, NULL));
}

static void flags(void)
{
	int port, l = tcp_listener(5, &port), fd;

	client(port);
	client(port);
	fd = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	say(" nonblock=%d cloexec=%d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD));
	nonblock(l);
	fd = accept(l, NULL, NULL);
	say(" nonblock=%d cloexec=%d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD));
	say_ret("bad", accept4(l, NULL, NULL, 1));
}

static void not_listening(void)
{
	int s[2];

	tcp_pair(s);
	say_ret("connected", accept(s[0], NULL, NULL));
	say_ret("fresh", accept(tcp_socket(0), NULL, NULL));
}

static void timeout(void)
{
	int port, l = tcp_listener(5, &port);

	set_timeout(l, SO_RCVTIMEO, 100);
	say_ret("accept", accept(l, NULL, NULL));
}

static void interrupted(void)
{
	int port, l = tcp_listener(5, &port);

	on_signal(SIGALRM, 0);
	alarm_in(50);
	say_ret("accept", accept(l, NULL, NULL));
	client(port);
	say_ret("again", accept(l, NULL, NULL) >= 0);
}

static void restarted(void)
{
	int port, l = tcp_listener(5, &port);

	on_signal(SIGALRM, SA_RESTART);
	alarm_in(50);
	if (fork() == 0) {
		usleep(150000);
		client(port);
		usleep(100000);
		_exit(0);
	}
	say_ret("accept", accept(l, NULL, NULL) >= 0);
	say(" signals=%d", signals_seen());
}

static void ready(void)
{
	int port, l = tcp_listener(5, &port);

	client(port);
	say_poll(l);
	client(port);
	say_ret("accept", accept(l, NULL, NULL) >= 0);
	say_poll(l);
	say_ret("accept", accept(l, NULL, NULL) >= 0);
	say_poll(l);
}

static void shut(void)
{
	int port, l = tcp_listener(5, &port);

	if (fork() == 0) {
		usleep(100000);
		shutdown(l, SHUT_RD);
		_exit(0);
	}
	say_ret("accept", accept(l, NULL, NULL));
	say_ret("connect", tcp_connect(tcp_socket(0), port));
}

static void shut_write(void)
{
	int port, l = tcp_listener(5, &port);

	say_ret("shutdown", shutdown(l, SHUT_WR));
	say_ret("connect", tcp_connect(tcp_socket(0), port));
	say_ret("accept", accept(l, NULL, NULL) >= 0);
}

static void shut_listen(void)
{
	int port, l = tcp_listener(5, &port);

	shutdown(l, SHUT_RDWR);
	say_ret("accept", accept(l, NULL, NULL));
	say_ret("listen", listen(l, 5));
	say_ret("connect", tcp_connect(tcp_socket(0), port));
}

static void closed(void)
{
	int port, l = tcp_listener(5, &port);

	close(l);
	settle();
	say_ret("connect", tcp_connect(tcp_socket(0), port));
}

static void closed_pending(void)
{
	int port, l = tcp_listener(5, &port), fd = client(port);
	char c;

	settle();
	close(l);
	say_poll(fd);
	say_ret("read", read(fd, &c, 1));
}

static void prefork(void)
{
	int port, l = tcp_listener(16, &port), got = 0;
	char c;

	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			for (;;) {
				int fd = accept(l, NULL, NULL);

				write(fd, "x", 1);
				close(fd);
			}
		}
	}
	settle();
	for (int i = 0; i < 12; i++) {
		int fd = tcp_socket(0);

		if (!tcp_connect(fd, port))
			got += read(fd, &c, 1) == 1;
		close(fd);
	}
	say(" served=%d", got);
}

/* Four processes wait for the same listener, by turns: who is woken in vain says so. */
static void worker(int l, int tell)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = epoll_create1(0);

	nonblock(l);
	epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
	for (;;) {
		int fd;

		epoll_wait(ep, &e, 1, -1);
		fd = accept(l, NULL, NULL);
		write(tell, fd < 0 ? "-" : "+", 1);
		close(fd);
	}
}

static void exclusive(void)
{
	int port, l = tcp_listener(16, &port), tell[2], good = 0, vain = 0;
	char c;

	pipe(tell);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0)
			worker(l, tell[1]);
	}
	settle();
	for (int i = 0; i < 8; i++) {
		tcp_connect(tcp_socket(0), port);
		settle();
	}
	nonblock(tell[0]);
	while (read(tell[0], &c, 1) == 1) {
		good += c == '+';
		vain += c == '-';
	}
	say(" good=%d vain=%d", good, vain);
}

static void listen_again(void)
{
	int port, l = tcp_listener(5, &port), s[2], value = -1;
	socklen_t len = sizeof(value);

	say_ret("again", listen(l, 2));
	getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &value, &len);
	say(" accepting=%d", value);
	tcp_pair(s);
	say_ret("connected", listen(s[0], 2));
	getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &value, &len);
	say(" accepting=%d", value);
	say_ret("connect", tcp_connect(l, port));
}

static void listen_unbound(void)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int l = tcp_socket(0);

	say_ret("listen", listen(l, 1));
	getsockname(l, (struct sockaddr *)&a, &len);
	say(" %s has-port=%d", inet_ntoa(a.sin_addr), a.sin_port != 0);
	say_ret("connect", tcp_connect(tcp_socket(0), ntohs(a.sin_port)));
}

static void binds(void)
{
	struct sockaddr_in at = loopback(0);
	int port, fd = tcp_socket(0);

	tcp_listener(5, &port);
	at.sin_port = htons((uint16_t)port);
	say_ret("in-use", bind(fd, (struct sockaddr *)&at, sizeof(at)));
	at.sin_port = 0;
	say_ret("short", bind(fd, (struct sockaddr *)&at, 8));
	say_ret("fault", bind(fd, nowhere(), sizeof(at)));
	say_ret("bind", bind(fd, (struct sockaddr *)&at, sizeof(at)));
	say_ret("twice", bind(fd, (struct sockaddr *)&at, sizeof(at)));
	inet_pton(AF_INET, "192.0.2.1", &at.sin_addr);
	say_ret("foreign", bind(tcp_socket(0), (struct sockaddr *)&at, sizeof(at)));
}

static void in_order(void)
{
	int port, l = tcp_listener(5, &port), fd;
	char c;

	for (int i = 0; i < 3; i++) {
		fd = client(port);
		settle();
		write(fd, &"abc"[i], 1);
	}
	for (int i = 0; i < 3; i++) {
		fd = accept(l, NULL, NULL);
		read(fd, &c, 1);
		say(" %c", c);
	}
}

static void client_closed(void)
{
	int port, l = tcp_listener(5, &port), fd = client(port);
	char buf[8];

	settle();
	write(fd, "abc", 3);
	close(fd);
	settle();
	fd = accept(l, NULL, NULL);
	say_ret("read", read(fd, buf, sizeof(buf)));
	say_ret("read", read(fd, buf, sizeof(buf)));
	say_poll(fd);
}

static void client_reset(void)
{
	int port, l = tcp_listener(5, &port), fd = client(port);
	char c;

	settle();
	reset_by(fd);
	settle();
	fd = accept(l, NULL, NULL);
	say_ret("accept", fd >= 0);
	say_poll(fd);
	say_ret("read", read(fd, &c, 1));
	say_ret("getpeername",
		getpeername(fd, (struct sockaddr *)(char[16]){ 0 }, &(socklen_t){ 16 }));
}

static void listener_read(void)
{
	int port, l = tcp_listener(5, &port);
	char c;

	nonblock(l);
	say_ret("read", read(l, &c, 1));
}

static void listener_write(void)
{
	int port, l = tcp_listener(5, &port);

	on_signal(SIGPIPE, 0);
	say_ret("write", write(l, "x", 1));
	say(" signals=%d", signals_seen());
}

static void listener_ioctl(void)
{
	int port, l = tcp_listener(5, &port), n;

	say_ret("FIONREAD", ioctl(l, FIONREAD, &n));
	say_ret("SIOCOUTQ", ioctl(l, TIOCOUTQ, &n));
	say_ret("getpeername", getpeername(l, (struct sockaddr *)&n, &(socklen_t){ 4 }));
}

static void edge(void)
{
	int port, l = tcp_listener(5, &port), ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };

	epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
	client(port);
	say_ret("first", epoll_wait(ep, &e, 1, 500));
	say_ret("quiet", epoll_wait(ep, &e, 1, 50));
	client(port);
	say_ret("second", epoll_wait(ep, &e, 1, 500));
	nonblock(l);
	say_ret("accept", accept(l, NULL, NULL) >= 0);
	say_ret("accept", accept(l, NULL, NULL) >= 0);
	say_ret("accept", accept(l, NULL, NULL));
	say_ret("quiet", epoll_wait(ep, &e, 1, 50));
}

static void no_descriptors(void)
{
	int port, l = tcp_listener(5, &port), fd;
	struct rlimit r;

	client(port);
	settle();
	getrlimit(RLIMIT_NOFILE, &r);
	fd = dup(0);
	r.rlim_cur = (rlim_t)fd + 1;
	setrlimit(RLIMIT_NOFILE, &r);
	say_ret("accept", accept(l, NULL, NULL));
	close(fd);
	say_ret("again", accept(l, NULL, NULL) == fd);
}

static void reuseport(void)
{
	struct sockaddr_in at = loopback(0);
	socklen_t len = sizeof(at);
	int l[2] = { tcp_socket(0), tcp_socket(0) }, got = 0;

	for (int i = 0; i < 2; i++) {
		set_int(l[i], SOL_SOCKET, SO_REUSEPORT, 1);
		say_ret("bind", bind(l[i], (struct sockaddr *)&at, sizeof(at)));
		say_ret("listen", listen(l[i], 16));
		getsockname(l[i], (struct sockaddr *)&at, &len);
		nonblock(l[i]);
	}
	for (int i = 0; i < 10; i++)
		client(ntohs(at.sin_port));
	settle();
	for (int i = 0; i < 2; i++) {
		while (accept(l[i], NULL, NULL) >= 0)
			got++;
	}
	say(" accepted=%d", got);
}

static void inherits(void)
{
	int port, l = tcp_listener(5, &port), fd, value = 0;
	socklen_t len = sizeof(value);

	set_int(l, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(l, SOL_SOCKET, SO_KEEPALIVE, 1);
	client(port);
	fd = accept(l, NULL, NULL);
	getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len);
	say(" nodelay=%d", value);
	getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len);
	say(" keepalive=%d", value);
}

static void many(void)
{
	int port, l = tcp_listener(500, &port), n = 0, fd;
	struct pollfd p = { .fd = l, .events = POLLIN };

	for (int i = 0; i < 400; i++)
		client(port);
	settle();
	nonblock(l);
	while (poll(&p, 1, 300) == 1 && (fd = accept(l, NULL, NULL)) >= 0) {
		n++;
		close(fd);
	}
	say(" accepted=%d", n);
	say_poll(l);
}

const struct gap_check gap_stream_accept[] = {
	{ "empty", empty },
	{ "address", address },
	{ "address-cut", address_cut },
	{ "address-fault", address_fault },
	{ "flags", flags },
	{ "not-listening", not_listening },
	{ "timeout", timeout },
	{ "interrupted", interrupted },
	{ "restarted", restarted },
	{ "ready", ready },
	{ "shut", shut },
	{ "shut-write", shut_write },
	{ "shut-listen", shut_listen },
	{ "closed", closed },
	{ "closed-pending", closed_pending },
	{ "prefork", prefork },
	{ "exclusive", exclusive },
	{ "listen-again", listen_again },
	{ "listen-unbound", listen_unbound },
	{ "binds", binds },
	{ "in-order", in_order },
	{ "client-closed", client_closed },
	{ "client-reset", client_reset },
	{ "listener-read", listener_read },
	{ "listener-write", listener_write },
	{ "listener-ioctl", listener_ioctl },
	{ "edge", edge },
	{ "no-descriptors", no_descriptors },
	{ "reuseport", reuseport },
	{ "inherits", inherits },
	{ "many", many },
	{ NULL, NULL },
};
