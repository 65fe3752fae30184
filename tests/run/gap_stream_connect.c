// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_connect.c - connect(2) that waits, and sockets that are not connected. */
#include "gap.h"

static void plain(void)
{
	int port;

	tcp_listener(5, &port);
	say_ret("connect", tcp_connect(tcp_socket(0), port));
}

static void names(void)
{
	struct sockaddr_in a, b;
	socklen_t len = sizeof(a);
	int s[2];

	tcp_pair(s);
	say_ret("getsockname", getsockname(s[0], (struct sockaddr *)&a, &len));
	say_ret("getpeername", getpeername(s[1], (struct sockaddr *)&b, &len));
	say(" same=%d len=%d family=%d", !memcmp(&a, &b, sizeof(a)), (int)len, a.sin_family);
}

static void name_cut(void)
{
	char buf[8];
	socklen_t len = 4;
	int s[2];

	tcp_pair(s);
	memset(buf, 0x55, sizeof(buf));
	say_ret("getpeername", getpeername(s[0], (struct sockaddr *)buf, &len));
	say(" len=%d untouched=%d", (int)len, buf[4] == 0x55);
	len = (socklen_t)-1;
	say_ret("negative", getpeername(s[0], (struct sockaddr *)buf, &len));
	say_ret("fault", getpeername(s[0], nowhere(), &len));
}

static void refused(void)
{
	int fd = tcp_socket(0);

	say_ret("connect", tcp_connect(fd, closed_port()));
	say_error(fd);
}

static void refused_again(void)
{
	int port, fd = tcp_socket(0), l;
	char c = 0;

	say_ret("first", tcp_connect(fd, closed_port()));
	l = tcp_listener(5, &port);
	say_ret("second", tcp_connect(fd, port));
	l = accept(l, NULL, NULL);
	say_ret("write", write(fd, "x", 1));
	say_ret("read", read(l, &c, 1));
	say(" %c", c);
}

static void is_connected(void)
{
	int port, fd = tcp_socket(0);

	tcp_listener(5, &port);
	tcp_connect(fd, port);
	say_ret("connect", tcp_connect(fd, port));
}

static void bad_arguments(void)
{
	struct sockaddr_in to = loopback(closed_port());
	int fd = tcp_socket(0);

	say_ret("short", connect(fd, (struct sockaddr *)&to, 8));
	say_ret("tiny", connect(fd, (struct sockaddr *)&to, 1));
	say_ret("long", connect(fd, (struct sockaddr *)&to, 4096));
	say_ret("fault", connect(fd, nowhere(), sizeof(to)));
	to.sin_family = AF_APPLETALK;
	say_ret("family", connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static void not_sockets(void)
{
	struct sockaddr_in to = loopback(1);
	int file = open("/dev/null", O_RDWR);

	say_ret("EBADF", connect(77, (struct sockaddr *)&to, sizeof(to)));
	say_ret("file", connect(file, (struct sockaddr *)&to, sizeof(to)));
	say_ret("listen", listen(file, 1));
	say_ret("getsockopt", getsockopt(file, SOL_SOCKET, SO_TYPE, NULL, NULL));
	say_ret("recv", recv(file, &to, 1, 0));
	say_ret("shutdown", shutdown(file, SHUT_WR));
}

static void unreachable(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
	int fd = tcp_socket(0);

	inet_pton(AF_INET, "192.0.2.7", &to.sin_addr);
	say_ret("no-route", connect(fd, (struct sockaddr *)&to, sizeof(to)));
	inet_pton(AF_INET, "255.255.255.255", &to.sin_addr);
	say_ret("broadcast", connect(fd, (struct sockaddr *)&to, sizeof(to)));
	inet_pton(AF_INET, "224.0.0.1", &to.sin_addr);
	say_ret("multicast", connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static void any_address(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	int port, fd = tcp_socket(0);

	tcp_listener(5, &port);
	to.sin_port = htons((uint16_t)port);
	say_ret("connect", connect(fd, (struct sockaddr *)&to, sizeof(to)));
	getpeername(fd, (struct sockaddr *)&to, &len);
	say(" peer=%s", inet_ntoa(to.sin_addr));
}

static void port_zero(void)
{
	say_ret("connect", tcp_connect(tcp_socket(0), 0));
}

static void bound_first(void)
{
	struct sockaddr_in at = loopback(0), peer;
	socklen_t len = sizeof(at);
	int port, fd = tcp_socket(0), l = tcp_listener(5, &port);

	inet_pton(AF_INET, "127.0.0.9", &at.sin_addr);
	say_ret("bind", bind(fd, (struct sockaddr *)&at, sizeof(at)));
	say_ret("connect", tcp_connect(fd, port));
	getsockname(fd, (struct sockaddr *)&at, &len);
	accept(l, (struct sockaddr *)&peer, &len);
	say(" %s same=%d", inet_ntoa(peer.sin_addr), peer.sin_port == at.sin_port);
}

static void timeout(void)
{
	int fd, port = stuck_port();

	fd = tcp_socket(0);
	set_timeout(fd, SO_SNDTIMEO, 100);
	say_ret("connect", tcp_connect(fd, port));
	say_ret("again", tcp_connect(fd, port));
}

static void interrupted(void)
{
	int fd, port = stuck_port();

	fd = tcp_socket(0);
	on_signal(SIGALRM, 0);
	alarm_in(100);
	say_ret("connect", tcp_connect(fd, port));
	nonblock(fd);
	say_ret("again", tcp_connect(fd, port));
}

static void restarted(void)
{
	int l, port;

	l = tcp_listener(0, &port);
	for (int i = 0; i < 2; i++) {
		tcp_connect(tcp_socket(SOCK_NONBLOCK), port);
		settle();
	}
	if (fork() == 0) {
		usleep(300000);
		listen(l, 16);
		for (;;)
			accept(l, NULL, NULL);
	}
	on_signal(SIGALRM, SA_RESTART);
	alarm_in(100);
	say_ret("connect", tcp_connect(tcp_socket(0), port));
	say(" signals=%d", signals_seen());
}

static void restarted_timeout(void)
{
	int fd, port = stuck_port();

	fd = tcp_socket(0);
	on_signal(SIGALRM, SA_RESTART);
	set_timeout(fd, SO_SNDTIMEO, 300);
	alarm_in(100);
	say_ret("connect", tcp_connect(fd, port));
	say(" signals=%d", signals_seen());
}

static void disconnected(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int s[2], port;
	char c;

	tcp_pair(s);
	say_ret("disconnect", connect(s[0], &none, sizeof(none)));
	say_ret("getpeername", getpeername(s[0], &none, &(socklen_t){ sizeof(none) }));
	settle();
	say_ret("peer-read", read(s[1], &c, 1));
	tcp_listener(5, &port);
	say_ret("connect", tcp_connect(s[0], port));
	say_ret("write", write(s[0], "x", 1));
}

static void disconnect_fresh(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	say_ret("disconnect", connect(tcp_socket(0), &none, sizeof(none)));
}

static void fresh_names(void)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int fd = tcp_socket(0);

	say_ret("getpeername", getpeername(fd, (struct sockaddr *)&a, &len));
	say_ret("getsockname", getsockname(fd, (struct sockaddr *)&a, &len));
	say(" %s:%d", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
}

static void fresh_poll(void)
{
	say_poll(tcp_socket(0));
}

static void fresh_read(void)
{
	char c;
	int fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("read", read(fd, &c, 1));
}

static void fresh_recvmsg(void)
{
	struct msghdr m = { 0 };
	char c;
	int fd = tcp_socket(SOCK_NONBLOCK);

	say_ret("recvmsg", recvmsg(fd, &m, 0));
	say_ret("recv", recv(fd, &c, 1, 0));
	say_ret("recvfrom", recvfrom(fd, &c, 1, 0, (struct sockaddr *)&m, &(socklen_t){ 16 }));
}

static void fresh_write(void)
{
	on_signal(SIGPIPE, 0);
	say_ret("write", write(tcp_socket(SOCK_NONBLOCK), "x", 1));
	say(" signals=%d", signals_seen());
}

static void fresh_sendmsg(void)
{
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	on_signal(SIGPIPE, 0);
	say_ret("sendmsg", sendmsg(tcp_socket(SOCK_NONBLOCK), &m, 0));
	say(" signals=%d", signals_seen());
	say_ret("nosignal", sendmsg(tcp_socket(SOCK_NONBLOCK), &m, MSG_NOSIGNAL));
	say(" signals=%d", signals_seen());
}

static void fresh_shutdown(void)
{
	say_ret("shutdown", shutdown(tcp_socket(0), SHUT_WR));
	say_ret("bad", shutdown(tcp_socket(0), 7));
}

static void fast_open(void)
{
	struct sockaddr_in to;
	int port, l = tcp_listener(5, &port), fd = tcp_socket(0);
	char buf[8] = "";

	set_int(l, IPPROTO_TCP, TCP_FASTOPEN, 5);
	to = loopback(port);
	say_ret("sendto", sendto(fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)));
	fd = accept(l, NULL, NULL);
	say_ret("read", recv(fd, buf, 5, MSG_WAITALL));
	say(" %s", buf);
}

static void fast_open_connect(void)
{
	int port, l = tcp_listener(5, &port), fd = tcp_socket(0);
	char buf[8] = "";

	set_int(l, IPPROTO_TCP, TCP_FASTOPEN, 5);
	set_int(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	say_ret("connect", tcp_connect(fd, port));
	say_ret("write", write(fd, "hello", 5));
	fd = accept(l, NULL, NULL);
	say_ret("read", recv(fd, buf, 5, MSG_WAITALL));
	say(" %s", buf);
}

static void sockets(void)
{
	say_ret("type", socket(AF_INET, 77, 0));
	say_ret("protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	say_ret("negative", socket(AF_INET, SOCK_STREAM, -1));
	say_ret("flags", socket(AF_INET, SOCK_STREAM | 0x100000, 0));
	say_ret("family", socket(77, SOCK_STREAM, 0));
	say_ret("pair", socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){ 0 }));
}

static void socket_flags(void)
{
	int fd = tcp_socket(SOCK_NONBLOCK | SOCK_CLOEXEC), plain_fd = tcp_socket(0);

	say(" nonblock=%d cloexec=%d", !!(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD));
	say(" nonblock=%d cloexec=%d rdwr=%d", !!(fcntl(plain_fd, F_GETFL) & O_NONBLOCK),
	    fcntl(plain_fd, F_GETFD), fcntl(plain_fd, F_GETFL) & O_ACCMODE);
}

const struct gap_check gap_stream_connect[] = {
	{ "plain", plain },
	{ "names", names },
	{ "name-cut", name_cut },
	{ "refused", refused },
	{ "refused-again", refused_again },
	{ "is-connected", is_connected },
	{ "bad-arguments", bad_arguments },
	{ "not-sockets", not_sockets },
	{ "unreachable", unreachable },
	{ "any-address", any_address },
	{ "port-zero", port_zero },
	{ "bound-first", bound_first },
	{ "timeout", timeout },
	{ "interrupted", interrupted },
	{ "restarted", restarted },
	{ "restarted-timeout", restarted_timeout },
	{ "disconnected", disconnected },
	{ "disconnect-fresh", disconnect_fresh },
	{ "fresh-names", fresh_names },
	{ "fresh-poll", fresh_poll },
	{ "fresh-read", fresh_read },
	{ "fresh-recvmsg", fresh_recvmsg },
	{ "fresh-write", fresh_write },
	{ "fresh-sendmsg", fresh_sendmsg },
	{ "fresh-shutdown", fresh_shutdown },
	{ "fast-open", fast_open },
	{ "fast-open-connect", fast_open_connect },
	{ "sockets", sockets },
	{ "socket-flags", socket_flags },
	{ NULL, NULL },
};
