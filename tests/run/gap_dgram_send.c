// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_dgram_send.c - datagrams sent, errors that come back, addresses of sockets. */
#include "gap_dgram.h"

#include <linux/errqueue.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <sys/uio.h>

int udp_socket(int flags)
{
	return (int)must("socket", socket(AF_INET, SOCK_DGRAM | flags, 0));
}

in_port_t port_of(int fd)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	must("getsockname", getsockname(fd, (struct sockaddr *)&at, &len));
	return at.sin_port;
}

void udp_pair(int s[2])
{
	struct sockaddr_in at = loopback(0);

	s[0] = udp_socket(0);
	s[1] = udp_socket(0);
	must("bind", bind(s[1], (struct sockaddr *)&at, sizeof(at)));
	at.sin_port = port_of(s[1]);
	must("connect", connect(s[0], (struct sockaddr *)&at, sizeof(at)));
}

int closed_udp_port(void)
{
	int s[2], port;

	udp_pair(s);
	port = ntohs(port_of(s[1]));
	close(s[0]);
	close(s[1]);
	return port;
}

static int connect_to(int fd, int port)
{
	struct sockaddr_in to = loopback(port);

	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

/* ---- sending ---- */

static void with_address(void)
{
	struct sockaddr_in to = loopback(0);
	int s[2], u;
	char buf[8];

	udp_pair(s);
	to.sin_port = port_of(s[1]);
	u = udp_socket(0);
	say_ret("sendto", sendto(u, "abc", 3, 0, (struct sockaddr *)&to, sizeof(to)));
	say_ret("short", sendto(u, "abc", 3, 0, (struct sockaddr *)&to, 4));
	say_ret("fault", sendto(u, "abc", 3, 0, nowhere(), sizeof(to)));
	to.sin_family = AF_INET6;
	say_ret("family", sendto(u, "abc", 3, 0, (struct sockaddr *)&to, sizeof(to)));
	to.sin_family = AF_INET;
	to.sin_port = 0;
	say_ret("port0", sendto(u, "abc", 3, 0, (struct sockaddr *)&to, sizeof(to)));
	settle();
	say_ret("recv", recv(s[1], buf, 8, MSG_DONTWAIT));
	say(" bound=%d", port_of(u) != 0);
}

static void unconnected(void)
{
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int u = udp_socket(0);

	say_ret("sendmsg", sendmsg(u, &m, 0));
	say_ret("send", send(u, "x", 1, 0));
}

static void too_long(void)
{
	static char buf[65508];
	int s[2];
	struct sockaddr_in to = loopback(0);

	udp_pair(s);
	to.sin_port = port_of(s[1]);
	say_ret("sendto", sendto(s[0], buf, sizeof(buf), 0, (struct sockaddr *)&to, sizeof(to)));
	say_ret("send", send(s[0], buf, sizeof(buf), 0));
}

static void pieces(void)
{
	struct iovec v[3] = { { "ab", 2 }, { "", 0 }, { "cde", 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 3 };
	int s[2];
	char buf[8] = "";

	udp_pair(s);
	say_ret("sendmsg", sendmsg(s[0], &m, 0));
	say_ret("writev", writev(s[0], v, 3));
	settle();
	say_ret("recv", recv(s[1], buf, 8, MSG_DONTWAIT));
	say_ret("recv", recv(s[1], buf, 8, MSG_DONTWAIT));
	say(" %s", buf);
}

static void several(void)
{
	struct iovec v[3] = { { "a", 1 }, { "bb", 2 }, { "ccc", 3 } };
	struct mmsghdr m[3] = { 0 };
	int s[2];
	char buf[8];

	udp_pair(s);
	for (int i = 0; i < 3; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
	say_ret("sendmmsg", sendmmsg(s[0], m, 3, 0));
	say(" %u %u %u", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	settle();
	for (int i = 0; i < 4; i++)
		say_ret("recv", recv(s[1], buf, 8, MSG_DONTWAIT));
}

static void corked(void)
{
	int s[2];
	char buf[16];

	udp_pair(s);
	say_ret("more", send(s[0], "abc", 3, MSG_MORE));
	say_ret("none", recv(s[1], buf, 16, MSG_DONTWAIT));
	say_ret("send", send(s[0], "def", 3, 0));
	settle();
	say_ret("recv", recv(s[1], buf, 16, MSG_DONTWAIT));
	set_int(s[0], IPPROTO_UDP, UDP_CORK, 1);
	write(s[0], "gh", 2);
	write(s[0], "ij", 2);
	set_int(s[0], IPPROTO_UDP, UDP_CORK, 0);
	settle();
	say_ret("recv", recv(s[1], buf, 16, MSG_DONTWAIT));
}

static void segments(void)
{
	int s[2];
	char buf[1024] = "";

	udp_pair(s);
	set_int(s[0], IPPROTO_UDP, UDP_SEGMENT, 100);
	say_ret("send", send(s[0], buf, 250, 0));
	settle();
	for (int i = 0; i < 4; i++)
		say_ret("recv", recv(s[1], buf, sizeof(buf), MSG_DONTWAIT));
}

/* What is set after a native send does not change what was sent. */
static void order_of_options(void)
{
	char buf[8], room[64];
	struct iovec v = { buf, 8 };
	int s[2], ttl;

	udp_pair(s);
	set_int(s[1], IPPROTO_IP, IP_RECVTTL, 1);
	for (int i = 0; i < 2; i++) {
		set_int(s[0], IPPROTO_IP, IP_TTL, 7 + i);
		send(s[0], "x", 1, 0);
	}
	set_int(s[0], IPPROTO_IP, IP_TTL, 99);
	settle();
	for (int i = 0; i < 2; i++) {
		struct msghdr m = {
			.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = 64
		};

		must("recvmsg", recvmsg(s[1], &m, MSG_DONTWAIT));
		memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(ttl));
		say(" ttl=%d", ttl);
	}
}

static void broadcast(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(0x7fffffff) };
	int u = udp_socket(0);

	say_ret("refused", sendto(u, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	set_int(u, SOL_SOCKET, SO_BROADCAST, 1);
	say_ret("allowed", sendto(u, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
}

static void unreachable(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(0x0a636363) };
	int u = udp_socket(0);

	say_ret("sendto", sendto(u, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	say_ret("connect", connect(u, (struct sockaddr *)&to, sizeof(to)));
}

static void shut_for_writing(void)
{
	int s[2];
	char buf[8];
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	udp_pair(s);
	on_signal(SIGPIPE, 0);
	say_ret("shutdown", shutdown(s[0], SHUT_WR));
	say_ret("sendmsg", sendmsg(s[0], &m, 0));
	say(" signals=%d", signals_seen());
	say_ret("peer", recvfrom(s[1], buf, 8, MSG_DONTWAIT, (struct sockaddr *)&at, &len));
}

/* ---- errors ---- */

static void refused(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	char buf[8];
	int u = udp_socket(SOCK_NONBLOCK);

	must("connect", connect_to(u, closed_udp_port()));
	say_ret("send", send(u, "x", 1, 0));
	settle();
	say_ret("recvfrom", recvfrom(u, buf, 8, 0, (struct sockaddr *)&at, &len));
	say_ret("again", recvfrom(u, buf, 8, 0, (struct sockaddr *)&at, &len));
	send(u, "x", 1, 0);
	settle();
	say_error(u);
	say_error(u);
	say_poll(u);
}

static void refused_while_waiting(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	char buf[8];
	int u = udp_socket(0);

	must("connect", connect_to(u, closed_udp_port()));
	if (!fork()) {
		settle();
		send(u, "x", 1, 0);
		_exit(0);
	}
	say_ret("recvfrom", recvfrom(u, buf, 8, 0, (struct sockaddr *)&at, &len));
}

static void refused_then_send(void)
{
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int u = udp_socket(0);

	must("connect", connect_to(u, closed_udp_port()));
	say_ret("sendmsg", sendmsg(u, &m, 0));
	settle();
	say_ret("sendmsg", sendmsg(u, &m, 0));
	say_ret("sendmsg", sendmsg(u, &m, 0));
}

static void refused_wakes(void)
{
	struct pollfd p = { .events = POLLIN };
	int u = udp_socket(0);

	must("connect", connect_to(u, closed_udp_port()));
	send(u, "x", 1, 0);
	p.fd = u;
	say_ret("poll", poll(&p, 1, 1000));
}

static void refused_poll(void)
{
	int u = udp_socket(0);

	must("connect", connect_to(u, closed_udp_port()));
	send(u, "x", 1, 0);
	say_poll(u);
}

static void refused_native(void)
{
	int u = udp_socket(SOCK_NONBLOCK);
	char buf[8];

	must("connect", connect_to(u, closed_udp_port()));
	send(u, "x", 1, 0);
	settle();
	say_ret("recv", recv(u, buf, 8, 0));
}

static void refused_unconnected(void)
{
	struct sockaddr_in to = loopback(closed_udp_port());
	int u = udp_socket(0);

	say_ret("sendto", sendto(u, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	say_poll(u);
	say_error(u);
}

static void error_queue(void)
{
	char buf[8], room[256];
	struct iovec v = { buf, 8 };
	struct sockaddr_in at = { 0 };
	struct msghdr m = { .msg_name = &at,
			    .msg_namelen = sizeof(at),
			    .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };
	struct sock_extended_err e = { 0 };
	struct pollfd p = { .events = POLLIN };
	int u = udp_socket(0);

	set_int(u, IPPROTO_IP, IP_RECVERR, 1);
	must("connect", connect_to(u, closed_udp_port()));
	send(u, "abc", 3, 0);
	p.fd = u;
	say_ret("poll", poll(&p, 1, 1000));
	say(" err=%d", !!(p.revents & POLLERR));
	say_ret("recvmsg", recvmsg(u, &m, MSG_ERRQUEUE));
	if (CMSG_FIRSTHDR(&m))
		memcpy(&e, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(e));
	say(" %s origin=%d type=%d code=%d flags=%#x", errno_name((int)e.ee_errno), e.ee_origin,
	    e.ee_type, e.ee_code, (unsigned)m.msg_flags);
	say_ret("again", recvmsg(u, &m, MSG_ERRQUEUE));
	say_error(u);
	say_ret("send", send(u, "abc", 3, 0));
	say_poll(u);
}

/* ---- addresses ---- */

static void connect_again(void)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC }, at;
	socklen_t len = sizeof(at);
	int s[2], t[2], u;
	char buf[8];

	udp_pair(s);
	udp_pair(t);
	u = udp_socket(0);
	say_ret("connect", connect_to(u, ntohs(port_of(s[1]))));
	send(u, "a", 1, 0);
	say_ret("connect", connect_to(u, ntohs(port_of(t[1]))));
	send(u, "bb", 2, 0);
	settle();
	say_ret("first", recv(s[1], buf, 8, MSG_DONTWAIT));
	say_ret("second", recv(t[1], buf, 8, MSG_DONTWAIT));
	say_ret("peer", getpeername(u, (struct sockaddr *)&at, &len));
	say_ret("disconnect", connect(u, (struct sockaddr *)&none, sizeof(none)));
	say_ret("peer", getpeername(u, (struct sockaddr *)&at, &len));
}

static void only_from_peer(void)
{
	struct sockaddr_in to = loopback(0);
	int s[2], u = udp_socket(0);
	char buf[8];

	udp_pair(s);
	to.sin_port = port_of(s[0]);
	must("sendto", sendto(u, "other", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	must("sendto", sendto(s[1], "peer", 4, 0, (struct sockaddr *)&to, sizeof(to)));
	settle();
	say_ret("recv", recv(s[0], buf, 8, MSG_DONTWAIT));
	say_ret("recv", recv(s[0], buf, 8, MSG_DONTWAIT));
}

static void binding(void)
{
	struct sockaddr_in at = loopback(0), far = at;
	int a = udp_socket(0), b = udp_socket(0);

	say_ret("bind", bind(a, (struct sockaddr *)&at, sizeof(at)));
	at.sin_port = port_of(a);
	say_ret("taken", bind(b, (struct sockaddr *)&at, sizeof(at)));
	say_ret("twice", bind(a, (struct sockaddr *)&at, sizeof(at)));
	far.sin_addr.s_addr = htonl(0x0a636363);
	say_ret("far", bind(b, (struct sockaddr *)&far, sizeof(far)));
	say_ret("short", bind(b, (struct sockaddr *)&at, 4));
	close(a);
	settle();
	say_ret("free", bind(b, (struct sockaddr *)&at, sizeof(at)));
}

static void reuse_port(void)
{
	struct sockaddr_in at = loopback(0);
	int a = udp_socket(0), b = udp_socket(0), n = 0;
	char buf[8];

	set_int(a, SOL_SOCKET, SO_REUSEPORT, 1);
	set_int(b, SOL_SOCKET, SO_REUSEPORT, 1);
	must("bind", bind(a, (struct sockaddr *)&at, sizeof(at)));
	at.sin_port = port_of(a);
	say_ret("bind", bind(b, (struct sockaddr *)&at, sizeof(at)));
	for (int i = 0; i < 40; i++) {
		int u = udp_socket(0);

		sendto(u, "x", 1, 0, (struct sockaddr *)&at, sizeof(at));
		close(u);
	}
	settle();
	while (recv(a, buf, 8, MSG_DONTWAIT) > 0 || recv(b, buf, 8, MSG_DONTWAIT) > 0) {
		n++;
		settle();
	}
	say(" received=%d", n);
}

static void options(void)
{
	static const int names[] = { SO_TYPE,	    SO_DOMAIN, SO_PROTOCOL,
				     SO_ACCEPTCONN, SO_RCVBUF, SO_SNDBUF };
	int u = udp_socket(0), value;
	socklen_t len;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = sizeof(value);
		getsockopt(u, SOL_SOCKET, names[i], &value, &len);
		say(" %d", value);
	}
	set_int(u, SOL_SOCKET, SO_RCVBUF, 50000);
	getsockopt(u, SOL_SOCKET, SO_RCVBUF, &value, &len);
	say(" %d", value);
	say_ret("none", setsockopt(u, SOL_SOCKET, 9999, &value, sizeof(value)));
	say_ret("listen", listen(u, 1));
	say_ret("accept", accept(u, NULL, NULL));
	say_poll(u);
}

/* A descriptor that a child inherits, and one that was duplicated, are the same socket. */
static void shared(void)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int s[2], d;
	char buf[8];

	udp_pair(s);
	d = dup(s[1]);
	if (!fork()) {
		sendto(s[0], "child", 5, 0, NULL, 0);
		_exit(0);
	}
	settle();
	close(s[1]);
	say_ret("recvfrom", recvfrom(d, buf, 8, 0, (struct sockaddr *)&at, &len));
	close(d);
	settle();
	say_ret("send", send(s[0], "x", 1, 0));
	settle();
	say_error(s[0]);
}

const struct gap_check gap_dgram_send[] = {
	{ "udp_sendto", with_address },
	{ "udp_send_unconnected", unconnected },
	{ "udp_send_too_long", too_long },
	{ "udp_sendmsg_pieces", pieces },
	{ "udp_sendmmsg", several },
	{ "udp_cork", corked },
	{ "udp_segment", segments },
	{ "udp_option_order", order_of_options },
	{ "udp_broadcast", broadcast },
	{ "udp_unreachable", unreachable },
	{ "udp_shutdown_write", shut_for_writing },
	{ "udp_refused", refused },
	{ "udp_refused_waiting", refused_while_waiting },
	{ "udp_refused_send", refused_then_send },
	{ "udp_refused_wakes", refused_wakes },
	{ "udp_refused_poll", refused_poll },
	{ "udp_refused_native", refused_native },
	{ "udp_refused_unconnected", refused_unconnected },
	{ "udp_errqueue", error_queue },
	{ "udp_connect_again", connect_again },
	{ "udp_connected_filter", only_from_peer },
	{ "udp_bind", binding },
	{ "udp_reuseport", reuse_port },
	{ "udp_options", options },
	{ "udp_shared", shared },
	{ NULL, NULL },
};
