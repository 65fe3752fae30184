// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/bind_same.c - addresses and ports of datagram sockets, many messages at once, time stamps: the kernel's and skiff's answers. */
#include "same.h"

static void case_freebind(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0), c = s_socket(SOCK_DGRAM, 0),
	    d;

	say("foreign %d", s_bind(a, "10.7.0.1", 1000));
	say("freebind %d", s_setint(a, SOL_IP, IP_FREEBIND, 1));
	say("foreign %d", s_bind(a, "10.7.0.1", 1000));
	say_name("not ours yet", a);
	say("send from it %ld", s_sendto(a, "x", 1, 0, "10.1.0.1", 9));
	ip("addr add 10.7.0.1/32 dev lo");
	s_bind(b, "10.1.0.2", 2000);
	say("to it %ld", s_sendto(b, "x", 1, 0, "10.7.0.1", 1000));
	say_recv("it", a, 10, 0);
	say("transparent %d", s_setint(c, SOL_IP, IP_TRANSPARENT, 1));
	say("foreign %d", s_bind(c, "10.8.0.1", 1000));
	say("send from it %ld", s_sendto(c, "x", 1, 0, "10.1.0.2", 2000));
	say_recv("from a foreign address", b, 10, 0);
	set("net.ipv4.ip_nonlocal_bind", "1");
	d = s_socket(SOCK_DGRAM, 0);
	say("nonlocal %d", s_bind(d, "10.9.0.1", 1000));
	say("raw nonlocal %d", s_bind(s_socket(SOCK_RAW, 200), "10.9.0.1", 0));
}

static void case_no_port(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	struct sockaddr_in sin;

	s_setint(a, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	say("address only %d", s_bind(a, "10.1.0.1", 0));
	say_name("no port", a);
	say("connect %d", s_connect(a, "10.1.0.2", 2000));
	s_getname(a, 0, &sin);
	say("a port now %d", sin.sin_port != 0);
	say("with port %d", s_bind(b, "10.1.0.1", 1000));
	s_disconnect(a);
	s_getname(a, 0, &sin);
	say("disconnected %s %d", inet_ntoa(sin.sin_addr), sin.sin_port != 0);
}

static void case_range(void)
{
	int fd[6], seen = 0;
	struct sockaddr_in sin;

	set("net.ipv4.ip_local_port_range", "40000 40003");
	for (int i = 0; i < 6; i++) {
		fd[i] = s_socket(SOCK_DGRAM, 0);
		say("bind %d: %d", i, s_bind(fd[i], "10.1.0.1", 0));
		s_getname(fd[i], 0, &sin);
		if (sin.sin_port)
			seen |= 1 << (ntohs(sin.sin_port) - 40000);
	}
	say("ports %x", seen);
	say("autobind %ld", s_sendto(fd[5], "x", 1, 0, "10.1.0.2", 9));
	s_close(fd[0]);
	say("one is free %d", s_bind(fd[5], "10.1.0.1", 0));
	set("net.ipv4.ip_local_port_range", "40000 50000");
	fd[0] = s_socket(SOCK_DGRAM, 0);
	say("own range %d", s_setint(fd[0], SOL_IP, 51, (int)(45000u | 45000u << 16)));
	say("bind %d", s_bind(fd[0], "10.1.0.1", 0));
	say_name("in it", fd[0]);
	fd[1] = s_socket(SOCK_DGRAM, 0);
	say("own range %d", s_setint(fd[1], SOL_IP, 51, (int)(45000u | 45000u << 16)));
	say("full %d", s_bind(fd[1], "10.1.0.1", 0));
	say("reserved %d", s_bind(fd[1], "10.1.0.1", 45001));
	set("net.ipv4.ip_no_pmtu_disc", "1");
	fd[2] = s_socket(SOCK_DGRAM, 0);
	{
		int val = -1;
		uint32_t len = 4;

		s_get(fd[2], SOL_IP, IP_MTU_DISCOVER, &val, &len);
		say("pmtudisc of new sockets %d", val);
	}
}

static void case_many(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	struct iovec iov[5][2];
	struct mmsghdr m[5];
	static char buf[5][100];

	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	s_connect(b, "10.1.0.1", 1000);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 5; i++) {
		iov[i][0] = (struct iovec){ (char *)"abcdefgh" + i, 3 };
		iov[i][1] = (struct iovec){ (char *)"XYZ", (size_t)(i % 3) };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = iov[i], .msg_iovlen = 2 };
	}
	m[3].msg_hdr.msg_namelen = 3;
	m[3].msg_hdr.msg_name = buf;
	say("send %ld", SAME(skiff_sendmmsg(same.skiff, b, m, 5, 0), sendmmsg(b, m, 5, 0)));
	for (int i = 0; i < 5; i++)
		say("len %u", m[i].msg_len);
	for (int i = 0; i < 5; i++) {
		iov[i][0] = (struct iovec){ buf[i], 2 };
		iov[i][1] = (struct iovec){ buf[i] + 10, 2 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = iov[i], .msg_iovlen = 2 };
		m[i].msg_len = 0;
	}
	say("recv %ld", SAME(skiff_recvmmsg(same.skiff, a, m, 5, MSG_DONTWAIT),
			     recvmmsg(a, m, 5, MSG_DONTWAIT, NULL)));
	for (int i = 0; i < 5; i++)
		say("len %u flags %x %s", m[i].msg_len, m[i].msg_hdr.msg_flags, hex(buf[i], 14));
}

/* Control messages by kind and length: the times themselves differ. */
static void say_stamps(const char *what, int fd, int flags)
{
	char buf[100], ctl[600];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl)
	};
	long n = s_recvmsg(fd, &m, flags);

	say("%s: %ld flags %x", what, n, n < 0 ? 0 : m.msg_flags & ~MSG_CMSG_CLOEXEC);
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		say("  cmsg %d/%d of %zu, %s", c->cmsg_level, c->cmsg_type,
		    c->cmsg_len - CMSG_LEN(0), *(long *)CMSG_DATA(c) ? "a time" : "zero");
}

static void case_stamps(void)
{
	static const int opts[] = { 29, 35, 63, 64 };
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0),
	    p = s_socket(SOCK_RAW, IPPROTO_UDP);

	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	s_connect(b, "10.1.0.1", 1000);
	for (unsigned i = 0; i < 4; i++) {
		say("set %d: %d", opts[i], s_setint(a, SOL_SOCKET, opts[i], 1));
		s_setint(p, SOL_SOCKET, opts[i], 1);
		s_send(b, "x", 1, 0);
		say_stamps("stamped", a, 0);
		say_stamps("raw", p, 0);
		s_setint(a, SOL_SOCKET, opts[i], 0);
		s_setint(p, SOL_SOCKET, opts[i], 0);
	}
	/* Software stamps of reception and of sending, with a number for each datagram. */
	say("receive %d", s_setint(a, SOL_SOCKET, 37, 1 << 3 | 1 << 4));
	s_send(b, "x", 1, 0);
	say_stamps("received", a, 0);
	say("send %d", s_setint(b, SOL_SOCKET, 37, 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11));
	s_send(b, "x", 1, 0);
	s_send(b, "y", 1, 0);
	say("poll %x", s_poll(b) & POLLERR);
	say_stamps("stamped still", a, 0);
}

static const struct same_case cases[] = {
	{ "freebind", case_freebind }, { "no-port", case_no_port }, { "range", case_range },
	{ "many", case_many },	       { "stamps", case_stamps },   { NULL, NULL },
};

int main(int argc, char **argv)
{
	return same_main(cases, argc, argv);
}
