// SPDX-License-Identifier: BSD-2-Clause
/* tests/run/gap_stream_opts.c - options of TCP sockets. */
#include "gap.h"

static void get(int fd, int level, int option, const char *name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, option, &value, &len))
		say_ret(name, -1);
	else
		say(" %s=%d", name, value);
}

static void set(int fd, int level, int option, const char *name, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		say_ret(name, -1);
	else
		get(fd, level, option, name);
}

static void kinds(void)
{
	int fd = tcp_socket(0);

	get(fd, SOL_SOCKET, SO_TYPE, "type");
	get(fd, SOL_SOCKET, SO_DOMAIN, "domain");
	get(fd, SOL_SOCKET, SO_PROTOCOL, "protocol");
	get(fd, SOL_SOCKET, SO_ACCEPTCONN, "accepting");
	get(fd, SOL_SOCKET, SO_ERROR, "error");
	set(fd, SOL_SOCKET, SO_TYPE, "set", 1);
}

static void buffers(void)
{
	int fd = tcp_socket(0);

	set(fd, SOL_SOCKET, SO_SNDBUF, "sndbuf", 30000);
	set(fd, SOL_SOCKET, SO_RCVBUF, "rcvbuf", 30000);
	set(fd, SOL_SOCKET, SO_SNDBUF, "sndbuf", 1);
	set(fd, SOL_SOCKET, SO_RCVBUF, "rcvbuf", 1);
}

static void buffers_in_use(void)
{
	int s[2];

	tcp_pair(s);
	set(s[0], SOL_SOCKET, SO_SNDBUF, "sndbuf", 50000);
	say_ret("write", write(s[0], "hello", 5));
	set(s[1], SOL_SOCKET, SO_RCVBUF, "rcvbuf", 50000);
	settle();
	say_ret("read", read(s[1], (char[8]){ 0 }, 8));
}

static void of_sockets(void)
{
	int fd = tcp_socket(0);

	set(fd, SOL_SOCKET, SO_REUSEADDR, "reuseaddr", 1);
	set(fd, SOL_SOCKET, SO_REUSEPORT, "reuseport", 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, "keepalive", 7);
	set(fd, SOL_SOCKET, SO_BROADCAST, "broadcast", 1);
	set(fd, SOL_SOCKET, SO_PRIORITY, "priority", 3);
	set(fd, SOL_SOCKET, SO_DONTROUTE, "dontroute", 1);
	set(fd, SOL_SOCKET, SO_NO_CHECK, "nocheck", 1);
	set(fd, SOL_SOCKET, SO_RCVLOWAT, "rcvlowat", 9);
	set(fd, SOL_SOCKET, SO_SNDLOWAT, "sndlowat", 9);
	set(fd, SOL_SOCKET, SO_PEEK_OFF, "peekoff", 3);
}

static void of_tcp(void)
{
	int fd = tcp_socket(0);

	set(fd, IPPROTO_TCP, TCP_NODELAY, "nodelay", 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, "keepidle", 30);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, "keepintvl", 5);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, "keepcnt", 4);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, "keepcnt", 1000);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, "usertimeout", 3000);
	set(fd, IPPROTO_TCP, TCP_SYNCNT, "syncnt", 3);
	set(fd, IPPROTO_TCP, TCP_LINGER2, "linger2", 20);
	set(fd, IPPROTO_TCP, TCP_MAXSEG, "maxseg", 1000);
	set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, "defer", 5);
	set(fd, IPPROTO_TCP, TCP_QUICKACK, "quickack", 1);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, "notsent", 4096);
	set(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, "clamp", 40000);
}

static void of_ip(void)
{
	int fd = tcp_socket(0);

	set(fd, IPPROTO_IP, IP_TOS, "tos", 16);
	set(fd, IPPROTO_IP, IP_TTL, "ttl", 5);
	set(fd, IPPROTO_IP, IP_TTL, "ttl", 256);
	set(fd, IPPROTO_IP, IP_MTU_DISCOVER, "discover", IP_PMTUDISC_DO);
	get(fd, IPPROTO_IP, IP_MTU, "mtu");
	set(fd, IPPROTO_IP, IP_RECVERR, "recverr", 1);
	set(fd, IPPROTO_IP, IP_TRANSPARENT, "transparent", 0);
	set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, "noport", 1);
}

static void congestion(void)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	int fd = tcp_socket(0);

	say_ret("set", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
	say_ret("get", getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	say(" %s %d", name, (int)len);
	say_ret("unknown", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nonesuch", 8));
}

static void linger(void)
{
	struct linger l = { 1, 77 };
	socklen_t len = sizeof(l);
	int fd = tcp_socket(0);

	say_ret("set", setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	memset(&l, 0, sizeof(l));
	getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len);
	say(" %d %d", l.l_onoff, l.l_linger);
	say_ret("short", setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4));
}

static void unknown(void)
{
	int fd = tcp_socket(0);

	set(fd, SOL_SOCKET, 7777, "socket", 1);
	get(fd, SOL_SOCKET, 7777, "socket");
	set(fd, IPPROTO_TCP, 7777, "tcp", 1);
	get(fd, IPPROTO_TCP, 7777, "tcp");
	set(fd, IPPROTO_IP, 7777, "ip", 1);
	set(fd, 7777, 1, "level", 1);
	get(fd, 7777, 1, "level");
}

static void lengths(void)
{
	char room[64];
	socklen_t len = 1;
	int fd = tcp_socket(0), one = 1;

	memset(room, 0x55, sizeof(room));
	say_ret("get", getsockopt(fd, SOL_SOCKET, SO_TYPE, room, &len));
	say(" len=%d value=%d untouched=%d", (int)len, room[0], room[1] == 0x55);
	len = 64;
	say_ret("get", getsockopt(fd, SOL_SOCKET, SO_TYPE, room, &len));
	say(" len=%d", (int)len);
	len = (socklen_t)-1;
	say_ret("negative", getsockopt(fd, SOL_SOCKET, SO_TYPE, room, &len));
	say_ret("short", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, 2));
	say_ret("fault", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, nowhere(), 4));
	len = 4;
	say_ret("fault", getsockopt(fd, SOL_SOCKET, SO_TYPE, nowhere(), &len));
	say_ret("minus", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, (socklen_t)-1));
}

static int state_of(int fd)
{
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) ? -1 : i.tcpi_state;
}

static void states(void)
{
	int port, l = tcp_listener(5, &port), s[2];

	say(" fresh=%d listen=%d", state_of(tcp_socket(0)), state_of(l));
	tcp_pair(s);
	say(" established=%d", state_of(s[0]));
	shutdown(s[0], SHUT_WR);
	settle();
	say(" %d %d", state_of(s[0]), state_of(s[1]));
	shutdown(s[1], SHUT_WR);
	settle();
	say(" %d %d", state_of(s[0]), state_of(s[1]));
}

static void info(void)
{
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);
	int s[2];

	tcp_pair(s);
	write(s[0], "hello", 5);
	settle();
	say_ret("get", getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &i, &len));
	say(" options=%x unacked=%u retrans=%u", i.tcpi_options & 7, i.tcpi_unacked,
	    i.tcpi_total_retrans);
	say(" wscale=%d,%d", i.tcpi_snd_wscale, i.tcpi_rcv_wscale);
	len = 8;
	say_ret("short", getsockopt(s[0], IPPROTO_TCP, TCP_INFO, &i, &len));
	say(" len=%d", (int)len);
}

static void segment_size(void)
{
	int s[2];

	tcp_pair(s);
	get(s[0], IPPROTO_TCP, TCP_MAXSEG, "maxseg");
	get(s[0], IPPROTO_IP, IP_MTU, "mtu");
}

static void devices(void)
{
	char name[16] = "";
	socklen_t len = sizeof(name);
	int fd = tcp_socket(0);

	say_ret("lo", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len);
	say(" %s %d", name, (int)len);
	say_ret("none", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nonesuch0", 10));
}

static void cookie(void)
{
	uint64_t a = 0, b = 0;
	socklen_t len = sizeof(a);
	int s[2];

	tcp_pair(s);
	say_ret("get", getsockopt(s[0], SOL_SOCKET, SO_COOKIE, &a, &len));
	getsockopt(s[1], SOL_SOCKET, SO_COOKIE, &b, &len);
	say(" different=%d", a && b && a != b);
}

static void timeouts(void)
{
	struct timeval tv = { 1, 2000000 };
	int fd = tcp_socket(0);

	say_ret("range", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	tv = (struct timeval){ 3, 500000 };
	say_ret("set", setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	memset(&tv, 0, sizeof(tv));
	getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &(socklen_t){ sizeof(tv) });
	say(" %ld.%06ld", (long)tv.tv_sec, (long)tv.tv_usec);
	say_ret("short", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, 4));
}

static void peek_offset(void)
{
	int s[2];
	char buf[8] = "";

	tcp_pair(s);
	write(s[0], "abcdef", 6);
	settle();
	set(s[1], SOL_SOCKET, SO_PEEK_OFF, "off", 0);
	say_ret("peek", recv(s[1], buf, 2, MSG_PEEK));
	say_ret("peek", recv(s[1], buf, 2, MSG_PEEK));
	say(" %s", buf);
	get(s[1], SOL_SOCKET, SO_PEEK_OFF, "off");
	say_ret("read", recv(s[1], buf, 3, 0));
	get(s[1], SOL_SOCKET, SO_PEEK_OFF, "off");
}

const struct gap_check gap_stream_opts[] = {
	{ "kinds", kinds },
	{ "buffers", buffers },
	{ "buffers-in-use", buffers_in_use },
	{ "of-sockets", of_sockets },
	{ "of-tcp", of_tcp },
	{ "of-ip", of_ip },
	{ "congestion", congestion },
	{ "linger", linger },
	{ "unknown", unknown },
	{ "lengths", lengths },
	{ "states", states },
	{ "info", info },
	{ "segment-size", segment_size },
	{ "devices", devices },
	{ "cookie", cookie },
	{ "timeouts", timeouts },
	{ "peek-offset", peek_offset },
	{ NULL, NULL },
};
