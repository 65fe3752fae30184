// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/calls_probe.c - calls_probe kernel|skiff: calls with wrong arguments and in wrong states, and what they answer.
 *
 * Everything happens on 127.0.0.1 of a namespace that has nothing else. Ports are fixed: what a bind may not take depends on them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

static const char *scene = "";

#define SAY(expr) printf("%s: %s -> %s\n", scene, #expr, errno_name(expr))
#define SET(fd, name, val)                                             \
	({                                                             \
		int v_ = (val);                                        \
		api_setsockopt(fd, SOL_SOCKET, name, &v_, sizeof(v_)); \
	})

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	unsigned b[4];

	sscanf(ip, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]);
	a.sin_addr.s_addr = htonl(b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]);
	return a;
}

static int sock(int type, int protocol)
{
	return api_socket(AF_INET, type | SOCK_NONBLOCK, protocol);
}

static int bind_to(int fd, const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);

	return api_bind(fd, &a, sizeof(a));
}

static int connect_to(int fd, const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);

	return api_connect(fd, &a, sizeof(a));
}

static int connect_family(int fd, int family, uint32_t len)
{
	struct sockaddr_in a = at("127.0.0.1", 9);

	a.sin_family = (sa_family_t)family;
	return api_connect(fd, &a, len);
}

static int bind_family(int fd, int family, const char *ip, uint32_t len)
{
	struct sockaddr_in a[2] = { at(ip, 0) }; /* longer than an address, for longer lengths */

	a[0].sin_family = (sa_family_t)family;
	return api_bind(fd, a, len);
}

static long send_to(int fd, size_t len, int flags, const char *ip, int port)
{
	static char buf[70000];
	struct sockaddr_in a = at(ip, port);

	return api_sendto(fd, buf, len, flags, &a, sizeof(a));
}

static long send_family(int fd, int family, uint32_t alen)
{
	struct sockaddr_in a = at("127.0.0.1", 9);

	a.sin_family = (sa_family_t)family;
	return api_sendto(fd, "\10\0\0\0\0\0\0\0", 8, 0, &a, alen);
}

static long send_n(int fd, size_t len, int flags)
{
	static char buf[70000];

	return api_sendto(fd, buf, len, flags, NULL, 0);
}

static long recv_n(int fd, size_t len, int flags)
{
	char buf[4096];

	return api_recvfrom(fd, buf, len, flags, NULL, NULL);
}

static int error_of(int fd)
{
	int val = 0;
	uint32_t len = sizeof(val);
	int err = api_getsockopt(fd, SOL_SOCKET, SO_ERROR, &val, &len);

	return err ? err : -val;
}

static int name_of(int fd, bool peer)
{
	struct sockaddr_in a;
	uint32_t len = sizeof(a);
	int err = peer ? api_getpeername(fd, &a, &len) : api_getsockname(fd, &a, &len);

	return err ? err : ntohs(a.sin_port);
}

static int name_room(int fd, uint32_t room)
{
	char a[200];
	uint32_t len = room;
	int err = api_getsockname(fd, a, &len);

	return err ? err : (int)len;
}

static int has_port(int fd)
{
	int port = name_of(fd, false);

	return port < 0 ? port : port != 0;
}

/* poll(), as letters: In Pri Out Err Hup RdHup */
static const char *ready(int fd)
{
	static char text[8];
	int ev = api_events(fd), n = 0;
	static const struct {
		int bit;
		char c;
	} bits[] = {
		{ 1, 'I' }, { 2, 'P' }, { 4, 'O' }, { 8, 'E' }, { 0x10, 'H' }, { 0x2000, 'R' }
	};

	for (unsigned i = 0; i < 6; i++)
		if (ev & bits[i].bit)
			text[n++] = bits[i].c;
	text[n] = 0;
	return text;
}

#define READY(fd) printf("%s: ready(%s) -> %s\n", scene, #fd, ready(fd))

static int ask(int fd, unsigned long cmd)
{
	int val = -1, err = api_ioctl(fd, cmd, &val);

	return err ? err : val;
}

/* ---- what every kind of socket is asked ---- */

static void addresses(int type, int protocol)
{
	int fd = sock(type, protocol);

	SAY(api_bind(fd, NULL, 16));
	for (uint32_t len = 0; len < 20; len += len < 16 ? 4 : 1)
		SAY(bind_family(fd, AF_INET6, "1.2.3.4", len));
	SAY(bind_family(fd, AF_UNSPEC, "127.0.0.1", 16));
	SAY(bind_to(fd, "1.2.3.4", 0));
	SAY(bind_to(fd, "127.0.0.1", 0));
	SAY(bind_to(fd, "127.0.0.1", 0));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(bind_family(fd, AF_UNSPEC, "0.0.0.0", 16));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(bind_to(fd, "255.255.255.255", 0));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(bind_to(fd, "224.1.1.1", 0));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(bind_to(fd, "127.255.255.255", 0));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(api_bind(fd, "x", 129));
	SAY(api_bind(fd, "x", -1u));
	SAY(name_room(fd, 0));
	SAY(name_room(fd, 4));
	SAY(name_room(fd, 100));
	SAY(name_room(fd, -1u));
	SAY(api_getsockname(fd, NULL, NULL));
	SAY(name_of(fd, true));
	api_close(fd);
}

static void connects(int type, int protocol)
{
	int fd = sock(type, protocol);

	SAY(api_connect(fd, NULL, 16));
	SAY(connect_family(fd, AF_INET, 0));
	SAY(connect_family(fd, AF_INET, 1));
	SAY(connect_family(fd, AF_INET, 2));
	SAY(connect_family(fd, AF_INET, 15));
	SAY(connect_family(fd, AF_INET6, 16));
	SAY(connect_family(fd, AF_UNSPEC, 1));
	SAY(connect_family(fd, AF_UNSPEC, 2));
	SAY(connect_to(fd, "10.9.9.9", 9));
	SAY(connect_to(fd, "255.255.255.255", 9));
	SAY(connect_to(fd, "224.1.1.1", 9));
	SAY(name_of(fd, true));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(connect_to(fd, "127.255.255.255", 9));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(connect_to(fd, "0.0.0.0", 9));
	api_close(fd);
	fd = sock(type, protocol);
	SAY(connect_to(fd, "127.0.0.1", 0));
	api_close(fd);
}

static void states(int type, int protocol)
{
	int fd = sock(type, protocol);

	READY(fd);
	SAY(api_listen(fd, 1));
	SAY(api_accept4(fd, NULL, NULL, 0));
	SAY(api_accept4(fd, NULL, NULL, 1));
	SAY(api_close(fd));
	fd = sock(type, protocol);
	SAY(recv_n(fd, 10, 0));
	SAY(recv_n(fd, 10, MSG_OOB));
	SAY(recv_n(fd, 10, MSG_ERRQUEUE));
	SAY(recv_n(fd, 0, 0));
	SAY(send_n(fd, 8, 0));
	SAY(send_n(fd, 0, 0));
	SAY(send_n(fd, 8, MSG_OOB));
	SAY(send_family(fd, AF_INET, 0));
	SAY(send_family(fd, AF_INET, 8));
	SAY(send_family(fd, AF_INET6, 16));
	SAY(send_family(fd, AF_UNSPEC, 16));
	api_idle();
	SAY(ask(fd, 0x541B));
	SAY(ask(fd, 0x5411));
	SAY(ask(fd, 0x8905));
	SAY(ask(fd, 0x894B));
	SAY(ask(fd, 0x1234));
	SAY(api_shutdown(fd, 3));
	SAY(api_shutdown(fd, -1));
	SAY(api_shutdown(fd, SHUT_RD));
	READY(fd);
	SAY(recv_n(fd, 10, 0));
	SAY(api_shutdown(fd, SHUT_WR));
	READY(fd);
	SAY(send_n(fd, 8, 0));
	SAY(api_shutdown(fd, SHUT_RDWR));
	SAY(api_close(fd));
	SAY(api_close(fd));
	SAY(api_bind(fd, NULL, 0));
	SAY(api_listen(fd, 0));
	SAY(recv_n(fd, 1, 0));
	SAY(send_n(fd, 1, 0));
	SAY(error_of(fd));
}

/* ---- who may have a port that somebody has ---- */

static int bind_second(int type, const char *first, const char *second, int reuse1, int reuse2,
		       int opt, bool listening)
{
	int a = sock(type, 0), b = sock(type, 0), err;

	SET(a, opt, reuse1);
	SET(b, opt, reuse2);
	err = bind_to(a, first, 5000);
	if (!err && listening)
		err = api_listen(a, 1);
	if (!err)
		err = bind_to(b, second, 5000);
	if (!err && listening)
		err = api_listen(b, 1);
	api_close(a);
	api_close(b);
	return err;
}

static void ports(int type)
{
	static const char *const addr[] = { "0.0.0.0", "127.0.0.1", "127.0.0.2" };

	for (int opt = SO_REUSEADDR; opt; opt = opt == SO_REUSEADDR ? SO_REUSEPORT : 0)
		for (int i = 0; i < 9; i++)
			for (int reuse = 0; reuse < 4; reuse++)
				for (int l = 0; l <= (type == SOCK_STREAM); l++)
					printf("%s: %s %s then %s, %s %d %d%s -> %s\n", scene,
					       "bind", addr[i / 3], addr[i % 3],
					       opt == SO_REUSEADDR ? "reuseaddr" : "reuseport",
					       reuse & 1, reuse >> 1, l ? ", listening" : "",
					       errno_name(bind_second(type, addr[i / 3],
								      addr[i % 3], reuse & 1,
								      reuse >> 1, opt, l)));
}

/* ---- datagrams ---- */

static void udp(void)
{
	int a = sock(SOCK_DGRAM, 0), b = sock(SOCK_DGRAM, 0);

	SAY(send_to(a, 65508, 0, "127.0.0.1", 9));
	SAY(send_to(a, 70000, 0, "127.0.0.1", 9));
	SAY(send_to(a, 10, 0, "127.0.0.1", 0));
	SAY(send_to(a, 10, 0, "10.9.9.9", 9));
	SAY(send_to(a, 10, 0, "255.255.255.255", 9));
	SAY(send_to(a, 10, MSG_DONTROUTE, "127.0.0.1", 9));
	api_idle();
	SAY(error_of(a));
	SAY(bind_to(b, "127.0.0.1", 6000));
	SAY(connect_to(a, "127.0.0.1", 6001));
	SAY(send_n(a, 10, 0));
	api_idle();
	READY(a);
	SAY(recv_n(a, 10, 0));
	SAY(send_n(a, 10, 0));
	api_idle();
	SAY(send_n(a, 10, 0));
	SAY(error_of(a));
	api_idle();
	SAY(connect_to(a, "127.0.0.1", 6000));
	SAY(error_of(a));
	SAY(name_of(a, true));
	SAY(send_n(a, 10, 0));
	SAY(send_n(a, 0, 0));
	SAY(send_to(a, 3, 0, "127.0.0.1", 6000));
	api_idle();
	READY(b);
	SAY(ask(b, 0x541B));
	SAY(recv_n(b, 4, MSG_PEEK));
	SAY(recv_n(b, 4, MSG_TRUNC));
	SAY(recv_n(b, 4, 0));
	SAY(recv_n(b, 0, 0));
	SAY(recv_n(b, 4, 0));
	SAY(api_recvfrom(b, NULL, 4, 0, NULL, NULL));
	SAY(connect_family(a, AF_UNSPEC, 16));
	SAY(name_of(a, true));
	SAY(send_n(a, 1, 0));
	SAY(connect_to(b, "127.0.0.1", 6002));
	SAY(send_to(a, 1, 0, "127.0.0.1", 6000));
	api_idle();
	SAY(recv_n(b, 4, 0));
	SAY(api_shutdown(b, SHUT_RD));
	READY(b);
	SAY(api_shutdown(b, SHUT_WR));
	READY(b);
	SAY(send_n(b, 1, 0));
	SAY(api_sendto(a, NULL, 5, 0, NULL, 0));
	api_close(a);
	api_close(b);
}

/* What the user bound stays when the peer is forgotten, what was chosen for him goes. */
static void locks_of(const char *ip, int port)
{
	struct sockaddr_in a;
	uint32_t len = sizeof(a);
	int fd = sock(SOCK_DGRAM, 0);

	if (ip)
		SAY(bind_to(fd, ip, port));
	for (int i = 0; i < 2; i++) {
		SAY(connect_to(fd, "127.0.0.1", 9));
		SAY(connect_family(fd, AF_UNSPEC, 16));
		api_getsockname(fd, &a, &len);
		printf("%s: address %08x port %s\n", scene, ntohl(a.sin_addr.s_addr),
		       !a.sin_port		 ? "none" :
		       ntohs(a.sin_port) == port ? "bound" :
						   "chosen");
	}
	api_close(fd);
}

static void locks(void)
{
	locks_of(NULL, 0);
	locks_of("0.0.0.0", 0);
	locks_of("0.0.0.0", 6100);
	locks_of("127.0.0.1", 0);
	locks_of("127.0.0.1", 6100);
}

/* ---- streams ---- */

static int accept_at(int fd)
{
	struct sockaddr_in a;
	uint32_t len = sizeof(a);

	return api_accept4(fd, &a, &len, SOCK_NONBLOCK);
}

static void listening(void)
{
	int l = sock(SOCK_STREAM, 0);

	SAY(bind_to(l, "127.0.0.1", 7000));
	SAY(api_listen(l, 2));
	SAY(api_listen(l, -1));
	SAY(api_listen(l, 3));
	READY(l);
	SAY(accept_at(l));
	SAY(connect_to(l, "127.0.0.1", 7000));
	SAY(connect_family(l, AF_UNSPEC, 16));
	SAY(api_listen(l, 3));
	SAY(name_of(l, false));
	SAY(bind_to(l, "127.0.0.1", 7001));
	SAY(send_n(l, 1, 0));
	SAY(recv_n(l, 1, 0));
	SAY(ask(l, 0x541B));
	SAY(ask(l, 0x5411));
	SAY(ask(l, 0x8905));
	SAY(api_shutdown(l, SHUT_WR));
	READY(l);
	SAY(api_shutdown(l, SHUT_RD));
	READY(l);
	SAY(accept_at(l));
	SAY(api_listen(l, 1));
	api_close(l);
}

static void refused(void)
{
	int fd = sock(SOCK_STREAM, 0);

	SAY(connect_to(fd, "127.0.0.1", 7777));
	api_idle();
	READY(fd);
	SAY(has_port(fd));
	SAY(connect_to(fd, "127.0.0.1", 7777));
	SAY(has_port(fd));
	SAY(error_of(fd));
	SAY(connect_to(fd, "127.0.0.1", 7777));
	api_idle();
	SAY(error_of(fd));
	SAY(error_of(fd));
	SAY(has_port(fd));
	READY(fd);
	SAY(recv_n(fd, 1, 0));
	SAY(send_n(fd, 1, 0));
	SAY(connect_to(fd, "127.0.0.1", 7777));
	api_idle();
	SAY(send_n(fd, 1, 0));
	SAY(recv_n(fd, 1, 0));
	api_close(fd);
}

static void connected(void)
{
	int l = sock(SOCK_STREAM, 0), c = sock(SOCK_STREAM, 0), s;

	SET(l, SO_REUSEADDR, 1);
	SAY(bind_to(l, "127.0.0.1", 7100));
	SAY(api_listen(l, 2));
	SAY(connect_to(c, "127.0.0.1", 7100));
	api_idle();
	READY(l);
	READY(c);
	SAY(connect_to(c, "127.0.0.1", 7100));
	SAY(connect_to(c, "127.0.0.1", 7100));
	s = accept_at(l);
	READY(s);
	SAY(accept_at(l));
	SAY(api_listen(c, 1));
	SAY(bind_to(c, "127.0.0.1", 0));
	SAY(name_of(c, true));
	SAY(name_of(s, false));
	SAY(recv_n(s, 1, 0));
	SAY(send_n(c, 100, 0));
	api_idle();
	READY(s);
	SAY(ask(s, 0x541B));
	SAY(recv_n(s, 10, MSG_PEEK));
	SAY(recv_n(s, 10, MSG_TRUNC));
	SAY(recv_n(s, 0, 0));
	SAY(recv_n(s, 10, MSG_OOB));
	SAY(api_recvfrom(s, NULL, 10, 0, NULL, NULL));
	SAY(send_n(c, 1, MSG_OOB));
	api_idle();
	READY(s);
	SAY(ask(s, 0x8905));
	SAY(recv_n(s, 10, MSG_OOB));
	SAY(recv_n(s, 10, MSG_OOB));
	SAY(recv_n(s, 1000, 0));
	SAY(ask(s, 0x8905));
	SAY(send_to(c, 5, 0, "127.0.0.1", 7100));
	SAY(api_sendto(c, NULL, 5, 0, NULL, 0));
	SAY(api_shutdown(c, SHUT_WR));
	SAY(send_n(c, 1, 0));
	api_idle();
	READY(c);
	READY(s);
	SAY(recv_n(s, 1000, 0));
	SAY(recv_n(s, 1000, 0));
	SAY(recv_n(s, 1000, 0));
	SAY(api_shutdown(c, SHUT_WR));
	SAY(send_n(s, 50, 0));
	api_idle();
	SAY(api_shutdown(c, SHUT_RD));
	READY(c);
	SAY(recv_n(c, 20, 0));
	SAY(recv_n(c, 100, 0));
	SAY(recv_n(c, 100, 0));
	SAY(api_close(s));
	api_idle();
	READY(c);
	SAY(recv_n(c, 1, 0));
	SAY(name_of(c, true));
	SAY(api_shutdown(c, SHUT_RDWR));
	api_close(c);
	api_close(l);
}

/* The peer goes with data unread: a reset. */
static void reset(void)
{
	int l = sock(SOCK_STREAM, 0), c = sock(SOCK_STREAM, 0), s;

	SET(l, SO_REUSEADDR, 1);
	bind_to(l, "127.0.0.1", 7200);
	api_listen(l, 2);
	connect_to(c, "127.0.0.1", 7200);
	api_idle();
	s = accept_at(l);
	SAY(send_n(c, 10, 0));
	SAY(send_n(s, 10, 0));
	api_idle();
	SAY(api_close(s));
	api_idle();
	READY(c);
	SAY(name_of(c, true));
	SAY(recv_n(c, 100, MSG_PEEK));
	SAY(recv_n(c, 100, 0));
	SAY(recv_n(c, 100, 0));
	SAY(send_n(c, 1, 0));
	SAY(send_n(c, 1, 0));
	SAY(api_shutdown(c, SHUT_WR));
	SAY(has_port(c));
	SAY(connect_family(c, AF_UNSPEC, 16));
	SAY(has_port(c));
	SAY(connect_to(c, "127.0.0.1", 7200));
	api_idle();
	SAY(connect_to(c, "127.0.0.1", 7200));
	api_close(c);
	api_close(l);
}

/* Data for a peer that closed: it answers with a reset. */
static void broken(void)
{
	int l = sock(SOCK_STREAM, 0), c = sock(SOCK_STREAM, 0), s;

	SET(l, SO_REUSEADDR, 1);
	bind_to(l, "127.0.0.1", 7300);
	api_listen(l, 2);
	connect_to(c, "127.0.0.1", 7300);
	api_idle();
	s = accept_at(l);
	SAY(api_close(s));
	api_idle();
	READY(c);
	SAY(send_n(c, 10, 0));
	api_idle();
	READY(c);
	SAY(send_n(c, 10, 0));
	SAY(send_n(c, 10, 0));
	SAY(recv_n(c, 10, 0));
	SAY(recv_n(c, 10, 0));
	READY(c);
	api_close(c);
	/* A backlog of 0 takes one. */
	api_listen(l, 0);
	for (int i = 0; i < 2; i++) {
		int x = sock(SOCK_STREAM, 0);

		SAY(connect_to(x, "127.0.0.1", 7300));
		api_idle();
		READY(x);
	}
	api_close(l);
}

static void kinds(void)
{
	static const struct {
		int type, protocol;
	} k[] = { { SOCK_STREAM, 0 },
		  { SOCK_STREAM, 6 },
		  { SOCK_STREAM, 17 },
		  { SOCK_STREAM, 1 },
		  { SOCK_STREAM, 132 },
		  { SOCK_STREAM, 255 },
		  { SOCK_DGRAM, 0 },
		  { SOCK_DGRAM, 17 },
		  { SOCK_DGRAM, 1 },
		  { SOCK_DGRAM, 6 },
		  { SOCK_DGRAM, 136 },
		  { SOCK_DGRAM, 300 },
		  { SOCK_DGRAM, -1 },
		  { SOCK_RAW, 0 },
		  { SOCK_RAW, 1 },
		  { SOCK_RAW, 6 },
		  { SOCK_RAW, 255 },
		  { SOCK_RAW, 256 },
		  { SOCK_RAW, 262 },
		  { SOCK_RAW, 263 },
		  { SOCK_RDM, 0 },
		  { SOCK_SEQPACKET, 0 },
		  { SOCK_SEQPACKET, 132 },
		  { SOCK_DCCP, 0 },
		  { 7, 0 },
		  { 9, 0 },
		  { 11, 0 },
		  { 15, 0 },
		  { -1, 0 },
		  { 0, 0 },
		  { SOCK_DGRAM | 0x10, 0 } };

	for (unsigned i = 0; i < sizeof(k) / sizeof(k[0]); i++) {
		int fd = api_socket(AF_INET, k[i].type, k[i].protocol);

		printf("socket %d %d -> %s\n", k[i].type, k[i].protocol,
		       fd < 0 ? errno_name(fd) : "ok");
		if (fd >= 0)
			api_close(fd);
	}
	for (int family = -1; family <= 50; family += family < 4 ? 1 : 23) {
		int fd;

		if (family == AF_UNIX || family == 3 || family == 27)
			continue;
		fd = api_socket(family, SOCK_DGRAM, 0);
		printf("family %d -> %s\n", family, fd < 0 ? errno_name(fd) : "ok");
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int type, protocol;
	} all[] = { { "tcp", SOCK_STREAM, 0 },
		    { "udp", SOCK_DGRAM, 0 },
		    { "udplite", SOCK_DGRAM, 136 },
		    { "raw", SOCK_RAW, IPPROTO_ICMP },
		    { "ping", SOCK_DGRAM, IPPROTO_ICMP } };
	static const struct {
		const char *name;
		void (*fn)(void);
	} scenes[] = {
		{ "udp", udp },		{ "locks", locks },	    { "listening", listening },
		{ "refused", refused }, { "connected", connected }, { "reset", reset },
		{ "broken", broken }
	};

	if (argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	api_start(argv[1]);
	kinds();
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		scene = all[i].name;
		addresses(all[i].type, all[i].protocol);
		connects(all[i].type, all[i].protocol);
		states(all[i].type, all[i].protocol);
	}
	scene = "tcp ports";
	ports(SOCK_STREAM);
	scene = "udp ports";
	ports(SOCK_DGRAM);
	for (unsigned i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		scene = scenes[i].name;
		scenes[i].fn();
	}
	api_end();
	return 0;
}
