// SPDX-License-Identifier: BSD-2-Clause
/* tests/sockets/dgram_same.c - datagram sockets on the kernel and on skiff: the same calls, the same answers. */
#include "same.h"

#define SEG  103 /* UDP_SEGMENT */
#define GRO  104
#define ERRS 0x2000

/* ---- sending and receiving ---- */

static void case_basic(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, IPPROTO_UDP);
	char big[3000];

	memset(big, 'x', sizeof(big));
	say("bind %d", s_bind(a, "10.1.0.1", 1000));
	say("bind again %d", s_bind(a, "10.1.0.1", 1001));
	say("bind b %d", s_bind(b, "10.1.0.2", 2000));
	say("bind foreign %d", s_bind(b, "10.9.9.9", 1000));
	say("send without peer %ld", s_send(b, "x", 1, 0));
	say("port 0 %ld", s_sendto(b, "x", 1, 0, "10.1.0.1", 0));
	say("oob %ld", s_sendto(b, "x", 1, MSG_OOB, "10.1.0.1", 1000));
	say("empty %ld", s_sendto(b, "", 0, 0, "10.1.0.1", 1000));
	say("five %ld", s_sendto(b, "hello", 5, 0, "10.1.0.1", 1000));
	say("big %ld", s_sendto(b, big, sizeof(big), 0, "10.1.0.1", 1000));
	say("inq %d outq %d poll %x", s_ioctl(a, FIONREAD), s_ioctl(b, TIOCOUTQ), s_poll(a));
	say_recv("empty", a, 100, 0);
	say("inq %d", s_ioctl(a, FIONREAD));
	say_recv("peek", a, 100, MSG_PEEK);
	say_recv("peek cut", a, 2, MSG_PEEK);
	say_recv("peek cut trunc", a, 2, MSG_PEEK | MSG_TRUNC);
	say_recv("five", a, 3, 0);
	say_recv("big", a, 1000, MSG_TRUNC);
	say_recv("nothing", a, 100, 0);
	say("poll %x", s_poll(a));
	say("too long %ld", s_sendto(b, big, 0, 0, "10.1.0.1", 1000));
	say("ioctl %d", s_ioctl(a, 0x1234));
	say_recv("oob", a, 100, MSG_OOB);
	say("close %d", s_close(a));
	say("close twice %d", s_close(a));
}

static void case_length(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	static char huge[70000];

	for (unsigned i = 0; i < sizeof(huge); i++)
		huge[i] = (char)(i * 7);
	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	say("65507 %ld", s_sendto(b, huge, 65507, 0, "10.1.0.1", 1000));
	say("65508 %ld", s_sendto(b, huge, 65508, 0, "10.1.0.1", 1000));
	say("65535 %ld", s_sendto(b, huge, 65535, 0, "10.1.0.1", 1000));
	say("65536 %ld", s_sendto(b, huge, 65536, 0, "10.1.0.1", 1000));
	say_recv("65507", a, 70000, 0);
	ip("link set lo mtu 1500");
	say("do %d", s_setint(b, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO));
	say("1472 %ld", s_sendto(b, huge, 1472, 0, "10.1.0.1", 1000));
	say("1473 %ld", s_sendto(b, huge, 1473, 0, "10.1.0.1", 1000));
	s_setint(b, SOL_IP, IP_RECVERR, 1);
	say("1473 %ld", s_sendto(b, huge, 1473, 0, "10.1.0.1", 1000));
	say_recv("err", b, 100, ERRS);
	say("want %d", s_setint(b, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_WANT));
	say("5000 %ld", s_sendto(b, huge, 5000, 0, "10.1.0.1", 1000));
	say("odd 4999 %ld", s_sendto(b, huge, 4999, 0, "10.1.0.1", 1000));
	s_setint(a, SOL_IP, 25 /* IP_RECVFRAGSIZE */, 1);
	say_recv("1472", a, 70000, 0);
	say_recv("5000", a, 70000, 0);
	say_recv("4999", a, 70000, 0);
	say_recv("none", a, 70000, 0);
}

static void case_connect(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0), c = s_socket(SOCK_DGRAM, 0);
	uint32_t len = 4;
	int mtu = 0;

	say_name("new", a);
	s_bind(a, "10.1.0.1", 1000);
	say("mtu before %d", s_get(a, SOL_IP, IP_MTU, &mtu, &len));
	say("connect %d", s_connect(a, "10.1.0.2", 2000));
	say("mtu %d %d", s_get(a, SOL_IP, IP_MTU, &mtu, &len), mtu);
	say_name("connected", a);
	s_bind(b, "10.1.0.2", 2000);
	s_bind(c, "10.1.0.2", 2001);
	say("from stranger %ld", s_sendto(c, "no", 2, 0, "10.1.0.1", 1000));
	say("from peer %ld", s_sendto(b, "yes", 3, 0, "10.1.0.1", 1000));
	say_recv("only peer", a, 100, 0);
	say_recv("none", a, 100, 0);
	say("stranger %ld", s_sendto(c, "no", 2, 0, "10.1.0.1", 1000));
	say("send %ld", s_send(a, "abc", 3, 0));
	say_recv("b", b, 100, 0);
	say("sendto while connected %ld", s_sendto(a, "abc", 3, 0, "10.1.0.2", 2001));
	say_recv("c", c, 100, 0);
	say("reconnect %d", s_connect(a, "10.1.0.2", 2001));
	say_name("again", a);
	say("disconnect %d", s_disconnect(a));
	say_name("disconnected", a);
	s_close(a);
	a = s_socket(SOCK_DGRAM, 0);
	say("connect unbound %d", s_connect(a, "10.1.0.2", 2000));
	say("disconnect %d", s_disconnect(a));
	say_name("all gone", a);
	say("unreachable %d", s_connect(a, "192.0.2.1", 1));
	say("broadcast %d", s_connect(a, "10.2.0.255", 1));
	s_setint(a, SOL_SOCKET, SO_BROADCAST, 1);
	say("broadcast %d", s_connect(a, "10.2.0.255", 1));
}

static void case_refused(void)
{
	int a = s_socket(SOCK_DGRAM, 0);
	int err = 0;
	uint32_t len = 4;

	s_bind(a, "10.1.0.1", 1000);
	s_connect(a, "10.1.0.2", 9);
	say("send %ld", s_send(a, "abc", 3, 0));
	say("poll %x", s_poll(a));
	say("send again %ld", s_send(a, "abc", 3, 0));
	say_recv("recv", a, 10, 0);
	say("send %ld", s_send(a, "abc", 3, 0));
	say("so_error %d %d", s_get(a, SOL_SOCKET, SO_ERROR, &err, &len), err);
	s_setint(a, SOL_IP, IP_RECVERR, 1);
	s_setint(a, SOL_IP, IP_PKTINFO, 1);
	s_setint(a, SOL_IP, IP_RECVTTL, 1);
	s_setint(a, SOL_IP, IP_RECVTOS, 1);
	say("send %ld", s_send(a, "abcdefgh", 8, 0));
	say("poll %x", s_poll(a));
	say_recv("errqueue", a, 100, ERRS);
	say("poll %x", s_poll(a));
	say_recv("errqueue", a, 100, ERRS);
	say_recv("recv", a, 10, 0);
	say("send %ld", s_send(a, "abcdefgh", 8, 0));
	say_recv("recv", a, 10, 0);
	say_recv("errqueue cut", a, 3, ERRS);
	s_disconnect(a);
	say("unconnected %ld", s_sendto(a, "abc", 3, 0, "10.1.0.2", 9));
	say_recv("recv", a, 10, 0);
	say_recv("errqueue", a, 100, ERRS);
	say("off %d", s_setint(a, SOL_IP, IP_RECVERR, 0));
	say("unconnected %ld", s_sendto(a, "abc", 3, 0, "10.1.0.2", 9));
	say_recv("recv", a, 10, 0);
	say_recv("errqueue", a, 100, ERRS);
}

static void case_shutdown(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);

	say("unconnected %ld", SAME(skiff_shutdown(same.skiff, a, SHUT_RD), shutdown(a, SHUT_RD)));
	s_bind(a, "10.1.0.1", 1000);
	s_connect(a, "10.1.0.2", 2000);
	s_bind(b, "10.1.0.2", 2000);
	say("rd %ld", SAME(skiff_shutdown(same.skiff, a, SHUT_RD), shutdown(a, SHUT_RD)));
	say_recv("after rd", a, 10, 0);
	say("poll %x", s_poll(a));
	say("send to it %ld", s_sendto(b, "x", 1, 0, "10.1.0.1", 1000));
	say_recv("after rd", a, 10, 0);
	say("wr %ld", SAME(skiff_shutdown(same.skiff, a, SHUT_WR), shutdown(a, SHUT_WR)));
	say("send %ld", s_send(a, "x", 1, 0));
	say("poll %x", s_poll(a));
	say("how %ld", SAME(skiff_shutdown(same.skiff, a, 7), shutdown(a, 7)));
}

static void case_peekoff(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	int off = 0;
	uint32_t len = 4;

	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	s_sendto(b, "abcdef", 6, 0, "10.1.0.1", 1000);
	s_sendto(b, "ghijkl", 6, 0, "10.1.0.1", 1000);
	s_sendto(b, "", 0, 0, "10.1.0.1", 1000);
	say("get %d %d", s_get(a, SOL_SOCKET, SO_PEEK_OFF, &off, &len), off);
	say("set %d", s_setint(a, SOL_SOCKET, SO_PEEK_OFF, 0));
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("peek 4", a, 4, MSG_PEEK);
	s_get(a, SOL_SOCKET, SO_PEEK_OFF, &off, &len);
	say("at %d", off);
	say_recv("read", a, 10, 0);
	s_get(a, SOL_SOCKET, SO_PEEK_OFF, &off, &len);
	say("at %d", off);
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("peek 4", a, 4, MSG_PEEK);
	say("off %d", s_setint(a, SOL_SOCKET, SO_PEEK_OFF, -1));
	say_recv("peek 4", a, 4, MSG_PEEK);
	say_recv("read", a, 10, 0);
	say_recv("read", a, 10, 0);
	say_recv("read", a, 10, 0);
}

/* ---- ports ---- */

static void case_ports(void)
{
	static const struct {
		int opt1, opt2;
		const char *addr1, *addr2;
	} rows[] = {
		{ 0, 0, "0.0.0.0", "0.0.0.0" },
		{ 0, 0, "10.1.0.1", "10.1.0.2" },
		{ 0, 0, "0.0.0.0", "10.1.0.2" },
		{ SO_REUSEADDR, 0, "10.1.0.1", "10.1.0.1" },
		{ SO_REUSEADDR, SO_REUSEADDR, "10.1.0.1", "10.1.0.1" },
		{ SO_REUSEPORT, SO_REUSEADDR, "10.1.0.1", "10.1.0.1" },
		{ SO_REUSEPORT, SO_REUSEPORT, "10.1.0.1", "10.1.0.1" },
		{ SO_REUSEPORT, SO_REUSEPORT, "0.0.0.0", "10.1.0.1" },
		{ SO_REUSEPORT, 0, "0.0.0.0", "10.1.0.1" },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);

		if (rows[i].opt1)
			s_setint(a, SOL_SOCKET, rows[i].opt1, 1);
		if (rows[i].opt2)
			s_setint(b, SOL_SOCKET, rows[i].opt2, 1);
		say("row %u: %d %d", i, s_bind(a, rows[i].addr1, 1000),
		    s_bind(b, rows[i].addr2, 1000));
		s_close(a);
		s_close(b);
	}
}

static void case_choose(void)
{
	int any = s_socket(SOCK_DGRAM, 0), addr = s_socket(SOCK_DGRAM, 0),
	    conn = s_socket(SOCK_DGRAM, 0), dev = s_socket(SOCK_DGRAM, 0),
	    src = s_socket(SOCK_DGRAM, 0);
	int all[] = { any, addr, conn, dev };

	for (int i = 0; i < 4; i++)
		s_setint(all[i], SOL_SOCKET, SO_REUSEADDR, 1);
	s_bind(src, "10.1.0.2", 5);
	for (int i = 0; i < 4; i++) {
		if (i == 0)
			s_bind(any, "0.0.0.0", 1000);
		if (i == 1)
			s_bind(addr, "10.1.0.1", 1000);
		if (i == 2) {
			s_bind(conn, "10.1.0.1", 1000);
			s_connect(conn, "10.1.0.2", 5);
		}
		if (i == 3) {
			say("device %d", s_set(dev, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
			s_bind(dev, "10.1.0.1", 1000);
		}
		s_sendto(src, "x", 1, 0, "10.1.0.1", 1000);
		for (int j = 0; j < 4; j++) {
			if (s_poll(all[j]) & POLLIN) {
				say("with %d sockets: number %d", i + 1, j);
				say_recv("it", all[j], 10, 0);
			}
		}
	}
	s_close(conn);
	s_sendto(src, "x", 1, 0, "10.1.0.1", 1000);
	say("dev %x addr %x any %x", s_poll(dev), s_poll(addr), s_poll(any));
	s_close(dev);
	s_sendto(src, "x", 1, 0, "10.1.0.1", 1000);
	say("addr %x any %x", s_poll(addr), s_poll(any));
	s_sendto(src, "x", 1, 0, "10.1.0.2", 1000);
	say("addr %x any %x", s_poll(addr), s_poll(any));
}

static void case_rcvbuf(void)
{
	static const unsigned sizes[] = { 1, 100, 600, 1500, 4000, 9000 };

	for (unsigned i = 0; i < 6; i++) {
		int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0), got = 0;
		static char buf[9000];

		s_setint(a, SOL_SOCKET, SO_RCVBUF, 10000);
		s_bind(a, "10.1.0.1", 1000);
		s_bind(b, "10.1.0.2", 2000);
		for (int n = 0; n < 40; n++)
			s_sendto(b, buf, sizes[i], 0, "10.1.0.1", 1000);
		while (s_poll(a) & POLLIN) {
			struct iovec iov = { buf, sizeof(buf) };
			struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

			s_recvmsg(a, &m, 0);
			got++;
		}
		say("%u bytes: %d of 40", sizes[i], got);
		s_close(a);
		s_close(b);
	}
}

/* ---- control messages ---- */

static long send_cmsg(int fd, const char *addr, int port, int level, int type, const void *data,
		      size_t len)
{
	struct sockaddr_in sin = at(addr, port);
	char ctl[200] = "";
	struct iovec iov = { (char *)"data", 4 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_name = addr ? &sin : NULL,
			    .msg_namelen = addr ? sizeof(sin) : 0,
			    .msg_control = ctl,
			    .msg_controllen = CMSG_SPACE(len) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return s_sendmsg(fd, &m, 0);
}

static long send_cmsg_int(int fd, int level, int type, int val)
{
	return send_cmsg(fd, "10.1.0.1", 1000, level, type, &val, sizeof(val));
}

static void case_cmsg(void)
{
	static const int flags[] = { IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS,
				     IP_RETOPTS, 20,	     23 };
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	struct in_pktinfo info = { 0 };
	unsigned char tos = 0x48;
	static const unsigned char rr[] = { 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char ra[] = { 148, 4, 0, 0 };

	for (unsigned i = 0; i < 7; i++)
		say("set %d: %d", flags[i], s_setint(a, SOL_IP, flags[i], 1));
	s_bind(a, "0.0.0.0", 1000);
	s_bind(b, "0.0.0.0", 2000);
	say("plain %ld", s_sendto(b, "x", 1, 0, "10.1.0.1", 1000));
	say_recv("plain", a, 100, 0);
	say("ttl 77 %ld", send_cmsg_int(b, SOL_IP, IP_TTL, 77));
	say_recv("ttl", a, 100, 0);
	say("ttl 0 %ld", send_cmsg_int(b, SOL_IP, IP_TTL, 0));
	say("ttl 256 %ld", send_cmsg_int(b, SOL_IP, IP_TTL, 256));
	say("tos %ld", send_cmsg_int(b, SOL_IP, IP_TOS, 0x1c));
	say_recv("tos", a, 100, 0);
	say("tos byte %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_TOS, &tos, 1));
	say_recv("tos", a, 100, 0);
	say("tos short %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_TOS, "ab", 2));
	say("tos 256 %ld", send_cmsg_int(b, SOL_IP, IP_TOS, 256));
	inet_pton(AF_INET, "10.1.0.2", &info.ipi_spec_dst);
	say("source %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_PKTINFO, &info, sizeof(info)));
	say_recv("source", a, 100, 0);
	info.ipi_ifindex = 1;
	say("device %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_PKTINFO, &info, sizeof(info)));
	say_recv("device", a, 100, 0);
	info.ipi_ifindex = 99;
	say("no device %ld",
	    send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_PKTINFO, &info, sizeof(info)));
	inet_pton(AF_INET, "10.9.9.9", &info.ipi_spec_dst);
	info.ipi_ifindex = 0;
	say("foreign %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_PKTINFO, &info, sizeof(info)));
	say("pktinfo short %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_PKTINFO, &info, 8));
	say("rr %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_RETOPTS, rr, sizeof(rr)));
	say_recv("rr", a, 100, 0);
	say("ra %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_RETOPTS, ra, sizeof(ra)));
	say_recv("ra", a, 100, 0);
	say("bad opt %ld",
	    send_cmsg(b, "10.1.0.1", 1000, SOL_IP, IP_RETOPTS, "\x07\x01\x02\x03", 4));
	say("protocol %ld", send_cmsg_int(b, SOL_IP, 52, 17));
	say_recv("protocol", a, 100, 0);
	say("unknown ip %ld", send_cmsg_int(b, SOL_IP, 99, 17));
	say("unknown socket %ld", send_cmsg_int(b, SOL_SOCKET, 99, 17));
	say("unknown level %ld", send_cmsg_int(b, 77, 99, 17));
	say_recv("unknown level", a, 100, 0);
	say("unknown udp %ld", send_cmsg_int(b, SOL_UDP, 99, 17));
	say("mark %ld", send_cmsg_int(b, SOL_SOCKET, SO_MARK, 17));
	say_recv("mark", a, 100, 0);
	say("prio %ld", send_cmsg_int(b, SOL_SOCKET, SO_PRIORITY, 3));
	say_recv("prio", a, 100, 0);
}

static void case_cmsg_short(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	struct sockaddr_in sin = at("10.1.0.1", 1000);
	struct iovec iov = { (char *)"data", 4 };
	char ctl[64] = "";

	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	for (size_t len = 0; len < 40; len += 4) {
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_name = &sin,
				    .msg_namelen = sizeof(sin),
				    .msg_control = ctl,
				    .msg_controllen = len };
		struct cmsghdr *c = (struct cmsghdr *)ctl;

		c->cmsg_level = SOL_IP;
		c->cmsg_type = IP_TTL;
		c->cmsg_len = 20;
		say("control %zu: %ld", len, s_sendmsg(b, &m, 0));
		c->cmsg_len = 24;
		say("control %zu: %ld", len, s_sendmsg(b, &m, 0));
		c->cmsg_len = 3;
		say("control %zu: %ld", len, s_sendmsg(b, &m, 0));
	}
	s_setint(a, SOL_IP, IP_RECVTTL, 1);
	s_setint(a, SOL_IP, IP_RECVTOS, 1);
	while (s_poll(a) & POLLIN)
		say_recv("drain", a, 10, 0);
	for (size_t len = 0; len < 48; len += 3) {
		struct msghdr m = { .msg_control = ctl, .msg_controllen = len };

		s_sendto(b, "x", 1, 0, "10.1.0.1", 1000);
		memset(ctl, 0, sizeof(ctl));
		say("room %zu: %ld flags %x used %zu %s", len, s_recvmsg(a, &m, 0),
		    m.msg_flags & MSG_CTRUNC, m.msg_controllen, hex(ctl, m.msg_controllen));
	}
}

/* ---- corking and segments ---- */

static void case_cork(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	static char big[40000];

	for (unsigned i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 13 + i / 256);
	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	say("more %ld", s_sendto(b, "abc", 3, MSG_MORE, "10.1.0.1", 1000));
	say("poll %x", s_poll(a));
	say("other peer meanwhile %ld", s_sendto(b, "de", 2, MSG_MORE, "10.1.0.1", 1111));
	say("last %ld", s_sendto(b, "f", 1, 0, "10.1.0.1", 1000));
	say_recv("joined", a, 100, 0);
	s_connect(b, "10.1.0.1", 1000);
	say("cork %d", s_setint(b, SOL_UDP, UDP_CORK, 1));
	for (int i = 0; i < 5; i++)
		say("part %ld", s_send(b, big + i * 1001, 1001, 0));
	say("outq %d", s_ioctl(b, TIOCOUTQ) > 0);
	say("uncork %d", s_setint(b, SOL_UDP, UDP_CORK, 0));
	say_recv("5005", a, 40000, 0);
	say("cork %d", s_setint(b, SOL_UDP, UDP_CORK, 1));
	say("part %ld", s_send(b, big, 40000, 0));
	say("too much %ld", s_send(b, big, 30000, 0));
	say("uncork %d", s_setint(b, SOL_UDP, UDP_CORK, 0));
	say_recv("dropped", a, 40000, 0);
	say("empty more %ld", s_send(b, "", 0, MSG_MORE));
	say("empty end %ld", s_send(b, "", 0, 0));
	say_recv("empty", a, 10, 0);
	ip("link set lo mtu 1500");
	say("more %ld", s_send(b, big, 999, MSG_MORE));
	say("more %ld", s_send(b, big + 999, 998, MSG_MORE));
	say("more %ld", s_send(b, big + 1997, 1, MSG_MORE));
	say("end %ld", s_send(b, big + 1998, 1003, 0));
	say_recv("3001", a, 40000, 0);
	say("more %ld", s_send(b, big, 999, MSG_MORE));
	say("close %d", s_close(b));
	say_recv("nothing", a, 40000, 0);
}

static void case_gso(void)
{
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0), val = 0;
	unsigned short seg = 300;
	static char big[65000];
	uint32_t len = 4;

	for (unsigned i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 13 + i / 256);
	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	s_connect(b, "10.1.0.1", 1000);
	say("set %d get %d %d", s_setint(b, SOL_UDP, SEG, 100), s_get(b, SOL_UDP, SEG, &val, &len),
	    val);
	say("bad %d %d", s_setint(b, SOL_UDP, SEG, -1), s_setint(b, SOL_UDP, SEG, 65536));
	say("350 %ld", s_send(b, big, 350, 0));
	for (int i = 0; i < 5; i++)
		say_recv("segment", a, 1000, 0);
	say("100 %ld", s_send(b, big, 100, 0));
	say_recv("whole", a, 1000, 0);
	say("many %ld", s_send(b, big, 12801, 0));
	say_recv("none", a, 1000, 0);
	say("gro %d", s_setint(a, SOL_UDP, GRO, 1));
	say("1050 %ld", s_send(b, big, 1050, 0));
	say_recv("in one", a, 2000, 0);
	say_recv("none", a, 2000, 0);
	say("50 %ld", s_send(b, big, 50, 0));
	say_recv("small", a, 2000, 0);
	say("off %d", s_setint(b, SOL_UDP, SEG, 0));
	say("cmsg %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_UDP, SEG, &seg, 2));
	say_recv("cmsg", a, 2000, 0);
	say("cmsg int %ld", send_cmsg_int(b, SOL_UDP, SEG, 3));
	seg = 1;
	say("cmsg %ld", send_cmsg(b, "10.1.0.1", 1000, SOL_UDP, SEG, &seg, 2));
	say_recv("cmsg", a, 2000, 0);
	ip("link set lo mtu 1500");
	s_setint(b, SOL_UDP, SEG, 1472);
	say("1472 %ld", s_send(b, big, 3000, 0));
	say_recv("3000", a, 9000, 0);
	s_setint(b, SOL_UDP, SEG, 1473);
	say("1473 %ld", s_send(b, big, 3000, 0));
	s_setint(b, SOL_UDP, SEG, 1000);
	s_setint(b, SOL_SOCKET, SO_NO_CHECK, 1);
	say("no check %ld", s_send(b, big, 3000, 0));
}

/* ---- options ---- */

static void case_ip_options(void)
{
	static const unsigned char opts[][40] = {
		{ 7, 7, 4, 0, 0, 0, 0 },
		{ 1, 1, 1, 1 },
		{ 68, 12, 5, 0 },
		{ 68, 12, 5, 1 },
		{ 68, 12, 5, 3, 10, 1, 0, 1 },
		{ 68, 12, 5, 2 },
		{ 148, 4, 0, 0 },
		{ 130, 11, 0 },
		{ 131, 7, 4, 10, 1, 0, 1 },
		{ 131, 11, 4, 10, 1, 0, 1, 10, 1, 0, 2 },
		{ 137, 7, 4, 10, 1, 0, 1 },
		{ 131, 7, 8, 10, 1, 0, 1 },
		{ 200, 4, 1, 2 },
		{ 7, 3, 4, 0 },
		{ 7, 2, 0, 0 },
		{ 134, 8, 0, 0, 0, 0, 0, 0 },
	};
	static const int lens[] = { 7, 4, 12, 12, 12, 12, 4, 11, 7, 11, 7, 7, 4, 3, 2, 8 };
	int a = s_socket(SOCK_DGRAM, 0), b = s_socket(SOCK_DGRAM, 0);
	unsigned char back[60];
	uint32_t len;

	s_setint(a, SOL_IP, IP_RECVOPTS, 1);
	s_setint(a, SOL_IP, IP_RETOPTS, 1);
	s_bind(a, "10.1.0.1", 1000);
	s_bind(b, "10.1.0.2", 2000);
	for (unsigned i = 0; i < 16; i++) {
		memset(back, 0, sizeof(back));
		len = sizeof(back);
		say("set %u: %d", i, s_set(b, SOL_IP, IP_OPTIONS, opts[i], (uint32_t)lens[i]));
		say("get %d len %u %s", s_get(b, SOL_IP, IP_OPTIONS, back, &len), len,
		    hex(back, len));
		/* Time stamps differ. */
		if (opts[i][0] == 68)
			continue;
		say("send %ld", s_sendto(b, "x", 1, 0, "10.1.0.1", 1000));
		say_recv("got", a, 100, 0);
	}
	say("too long %d", s_set(b, SOL_IP, IP_OPTIONS, opts, 41));
	say("none %d", s_set(b, SOL_IP, IP_OPTIONS, NULL, 0));
	len = 60;
	say("get %d len %u", s_get(b, SOL_IP, IP_OPTIONS, back, &len), len);
	say("send %ld", s_sendto(b, "x", 1, 0, "10.1.0.1", 1000));
	say_recv("got", a, 100, 0);
}

/* All options of a level: what they say, what they take, what they say then. */
static void walk_level(const char *what, int fd, int level, int last)
{
	static const int vals[] = { -2, -1, 0, 1, 2, 5, 8, 64, 255, 256, 65535, 65536, 0x10001 };

	for (int name = 0; name <= last; name++) {
		unsigned char buf[300];
		uint32_t len = 4;
		int err;

		if (level == SOL_IP && name == IP_OPTIONS)
			continue;
		for (uint32_t l = 0; l <= 5; l++) {
			memset(buf, 0xee, sizeof(buf));
			len = l;
			err = s_get(fd, level, name, buf, &len);
			say("%s %d get/%u: %d len %u %s", what, name, l, err, err ? 0 : len,
			    err ? "" : hex(buf, len < 8 ? len : 8));
		}
		for (unsigned i = 0; i < sizeof(vals) / sizeof(vals[0]); i++) {
			/* ESP in UDP takes IPsec, which is not there: refused as by a Linux without it. */
			if (level == SOL_UDP && name == UDP_ENCAP && vals[i] == UDP_ENCAP_ESPINUDP)
				continue;
			err = s_setint(fd, level, name, vals[i]);
			len = 4;
			memset(buf, 0xee, sizeof(buf));
			say("%s %d set %d: %d", what, name, vals[i], err);
			err = s_get(fd, level, name, buf, &len);
			if (!err)
				say("  then %s", hex(buf, len < 8 ? len : 8));
		}
		for (uint32_t l = 0; l <= 9; l++) {
			memset(buf, 1, sizeof(buf));
			say("%s %d set/%u: %d", what, name, l, s_set(fd, level, name, buf, l));
		}
	}
}

static void case_walk_ip_udp(void)
{
	walk_level("ip", s_socket(SOCK_DGRAM, 0), SOL_IP,
		   60); /* beyond: iptables and multicast routing */
}

static void case_walk_ip_raw(void)
{
	int fd = s_socket(SOCK_RAW, IPPROTO_ICMP);

	walk_level("ip", fd, SOL_IP, 60); /* beyond: iptables and multicast routing */
	walk_level("raw", fd, SOL_RAW, 5);
	fd = s_socket(SOCK_RAW, 200);
	walk_level("raw", fd, SOL_RAW, 5);
}

static void case_walk_udp(void)
{
	int fd = s_socket(SOCK_DGRAM, 0);

	walk_level("udp", fd, SOL_UDP, 110);
	walk_level("other", fd, 77, 3);
	walk_level("raw level", fd, SOL_RAW, 3);
	fd = s_socket(SOCK_DGRAM, 136);
	walk_level("udplite", fd, 136, 14);
}

static const struct same_case cases[] = {
	{ "basic", case_basic },
	{ "length", case_length },
	{ "connect", case_connect },
	{ "refused", case_refused },
	{ "shutdown", case_shutdown },
	{ "peekoff", case_peekoff },
	{ "ports", case_ports },
	{ "choose", case_choose },
	{ "rcvbuf", case_rcvbuf },
	{ "cmsg", case_cmsg },
	{ "cmsg-short", case_cmsg_short },
	{ "cork", case_cork },
	{ "gso", case_gso },
	{ "ip-options", case_ip_options },
	{ "walk-ip-udp", case_walk_ip_udp },
	{ "walk-ip-raw", case_walk_ip_raw },
	{ "walk-udp", case_walk_udp },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return same_main(cases, argc, argv);
}
